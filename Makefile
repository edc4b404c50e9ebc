# make: the environment and the main run. For the other targets see README.md.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(or $(shell for one in python3 python3.13 python3.12 python3.11; do \
  $$one -c '$(FITS)' 2>/dev/null && echo $$one && break; done),python3)
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN := .venv/bin
RUN := $(BIN)/python -P -m convbias_pipeline
READY := .venv/.ready
SOURCES := workflow/scripts tests benchmarks

.DEFAULT_GOAL := main
.PHONY: main claims report gallery api config-readme digests verify env cluster browser test test-plugin test-slurm check format format-check lint types benchmark scaling gpu-check lock clean torture

main: env  ## all figures and tables, at the papers' scale; the first run tries to download MNIST
	@test -n "$$CONVBIAS_MNIST" || test -e results/datasets/digits.txt || \
	  ! grep -q '^mnist: null' config.yaml || ! grep -q '^digits: auto' config.yaml || \
	  $(BIN)/snakemake --quiet all --cores 1 mnist || echo "Continuing without MNIST (using scikit-learn's 8x8 digits)." >&2
	logger=; test -t 1 && logger='--logger rich'; \
	$(BIN)/snakemake --cores $(CORES) --resources gpu=$$($(RUN).run.devices config.yaml) $$logger

claims: env  ## decide the claims again from the existing tables, in seconds
	$(BIN)/snakemake --cores $(CORES) --forcerun check_claims --allowed-rules check_claims -- check_claims

report: main  ## results/report.html: one page with all figures, claims, settings, costs and environments; it works offline
	$(BIN)/snakemake --cores 1 --quiet rules progress -- report

api: env  ## build/api/index.html: the reference of all modules, classes and functions, from their docstrings
	$(BIN)/pdoc --docformat google --output-directory build/api convbias '!.*[.]_'

gallery: env  ## copy results/figures to docs/figures, and write the reference, the verdicts and the digests of results
	$(RUN).report.gallery results/figures docs/figures
	$(RUN).report.reference results docs/reference
	$(RUN).report.fill results README.md docs/claims.md

config-readme: env  ## write config/README.md from workflow/schemas/config.schema.yaml
	$(RUN).configuration.reference > config/README.md

digests: env  ## print a digest of each table; on one machine, the same configuration gives the same digests
	@$(RUN).store.digest results/tables/*.parquet

RESULTS ?= results
verify: env  ## compare a run with the published reference: figures, claims and digests; RESULTS=folder chooses the run
	@$(RUN).report.verify $(RESULTS) docs/reference

env: $(READY)  ## install the locked versions in .venv

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c '$(FITS)' || { echo 'convbias needs Python 3.11 to 3.13, but $(PYTHON) is' \
	  "$$(command -v $(PYTHON) >/dev/null && $(PYTHON) --version 2>&1 || echo 'not found')"'. Choose another: make PYTHON=python3.11' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { test "$$(id -u)" = 0 && apt-get update && apt-get install --yes python3-venv; } || \
	  { echo "$(PYTHON) cannot create virtual environments. On Debian: sudo apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]' || \
	  { echo 'Could not create the environment; see the pip error above. The first install needs network access and 2 GB. Run make to retry.' >&2; exit 1; }
	touch $@

cluster: env  ## install the plugins that submit jobs to SLURM or by your own command
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[cluster,dev]'

browser: env  ## install Chromium, in which the tests open the report
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	  { test "$$(id -u)" = 0 && command -v apt-get && apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes chromium; } || \
	  echo 'Skipping the tests of the report: Chromium is missing, and only root on Debian can install it here.'

test: env  ## all tests except test-slurm
	$(BIN)/pytest --numprocesses auto

NAME ?=
test-plugin: env  ## the interface tests of all tasks and models; NAME=own tests only those named own
	@$(BIN)/pytest --quiet tests/test_interfaces.py -k '$(NAME)' || { status=$$?; test $$status != 5 || \
	  echo 'No task or model is named "$(NAME)". Expected a file $(NAME).py in tasks/ or models/ of linear/ or detection/ in workflow/scripts/convbias.' >&2; \
	  exit $$status; }

test-slurm: cluster  ## test the SLURM profile on a real SLURM, which this installs and starts; needs root on Debian
	@if test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null; then \
	  echo 'Skipping test-slurm: it needs root and Debian.'; exit 0; fi; \
	command -v slurmctld >/dev/null || { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes slurm-wlm munge; } || \
	  { echo 'Skipping test-slurm: SLURM could not be installed.'; exit 0; }; \
	$(BIN)/pytest -m slurm

N ?= 100
SEED ?= 0
MINUTES ?= 120
torture: env  ## N random sequences of edits, kills and copies; after each, the results must equal those of a fresh run
	$(BIN)/python tests/helpers/torture.py --sequences $(N) --seed $(SEED) --minutes $(MINUTES)

check: env browser format-check lint types test  ## all checks of continuous integration except test-slurm

format: env  ## format the sources
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/snakefmt Snakefile workflow/Snakefile workflow/rules

format-check: env
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile workflow/rules

lint: env
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/snakemake --lint

types: env
	$(BIN)/mypy

benchmark: env  ## compare the training time with baselines, which this installs
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[benchmark]'
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/detection.py

scaling: env  ## measure run time and memory from 10^3 to 10^6 networks
	$(BIN)/python benchmarks/scaling.py

PRESET ?= tests/config.yaml
gpu-check: env  ## compare GPU and CPU: rows within tolerances, networks per second, memory
	$(BIN)/python benchmarks/gpu.py --preset $(PRESET)

lock: env  ## update requirements.lock to the newest versions that pyproject.toml allows (run in a fresh clone)
	$(BIN)/pip install --quiet --upgrade --upgrade-strategy eager --editable '.[cluster,dev]'
	(head -1 requirements.lock; $(BIN)/pip freeze --exclude-editable | sed 's/+[a-z0-9]*$$//') > requirements.new
	mv requirements.new requirements.lock

clean:  ## remove results and the environment
	rm -rf .venv .snakemake results/*
