# make: the environment and the main run. For the other targets see README.md.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
PYTHON ?= $(or $(shell for one in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$one -c '$(FITS)' 2>/dev/null && echo $$one && break; done),python3)
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN := .venv/bin
RUN := $(BIN)/python -P -m convbias_pipeline
READY := .venv/.ready
DEVELOPMENT := .venv/.development
# The build of torch: cpu, cuda, or auto, which takes cuda if nvidia-smi finds a GPU
TORCH ?= auto
PIP := $(BIN)/pip install --disable-pip-version-check --constraint requirements.lock
# Install an extra of pyproject.toml. The filter shows the names of the packages as pip gets them.
NAMES := import re, sys; [print(found[1], end=" ", flush=True) for line in sys.stdin if (found := re.match(r"Collecting ([\w.-]+)", line))]; print()
install = set -o pipefail; echo 'Installing the packages for $1:'; $(PIP) --progress-bar off --editable '.[$1]' | $(BIN)/python -c '$(NAMES)'
SOURCES := workflow/scripts tests benchmarks docs/site
SHELL := bash

.DEFAULT_GOAL := main
.PHONY: main claims report gallery docs api config-readme digests verify env cluster browser test test-plugin test-slurm check format format-check lint types benchmark scaling gpu-check lock clean torture dev archive figures compare

main: env  ## all figures and tables, at the papers' scale; the first run tries to download MNIST
	@test -n "$$CONVBIAS_MNIST" || test -e results/datasets/digits.txt || \
	  ! grep -q '^mnist: null' config.yaml || ! grep -q '^digits: auto' config.yaml || \
	  $(BIN)/snakemake --quiet all --cores 1 mnist || echo "Continuing without MNIST (using scikit-learn's 8x8 digits)." >&2
	logger=; test -t 1 && logger='--logger rich'; \
	$(BIN)/snakemake --cores $(CORES) --resources gpu=$$($(RUN).run.devices config.yaml) $$logger

claims: env  ## decide the claims again from the existing tables, in seconds
	$(BIN)/snakemake --cores $(CORES) --forcerun check_claims --allowed-rules check_claims write_page -- check_claims $(wildcard results/index.html)

report: main  ## results/report.html: one page with all figures, claims, settings, costs and environments; it works offline
	$(BIN)/snakemake --cores 1 --quiet rules progress -- report

docs: api  ## build/docs/index.html: all pages and the reference of the package, as a site that works offline
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs/site --doctree-dir build/doctrees . build/docs

api: dev  ## build/docs/api/index.html: the reference of all modules, classes and functions, from their docstrings
	$(BIN)/pdoc --docformat google --output-directory build/docs/api convbias '!.*[.]_'

gallery: env  ## copy results/figures to docs/figures, and write the reference, the verdicts and the digests of results
	$(RUN).report.gallery results/figures docs/figures
	$(RUN).report.reference results docs/reference
	$(RUN).report.fill results README.md CHANGELOG.md docs/claims.md docs/reruns.md

config-readme: env  ## write config/README.md from workflow/schemas/config.schema.yaml
	$(RUN).configuration.reference > config/README.md

digests: env  ## print a digest of each table; on one machine, the same configuration gives the same digests
	@$(RUN).store.digest results/tables/*.parquet

RESULTS ?= results
verify: env  ## compare a run with the published reference: figures, claims and digests; RESULTS=folder chooses the run
	@$(RUN).report.verify $(RESULTS) docs/reference

archive: env  ## build/convbias-COMMIT.crate.zip: code, lock, tables, figures, claims, provenance and checksums, for a deposit
	@$(RUN).report.archive $(RESULTS) build

FROM ?= .
CONFIGFILE ?=
figures: env  ## draw all figures and decide all claims from existing tables; FROM=archive.zip takes those of an archive
	@folder=$$($(RUN).report.unpack '$(FROM)' build/archive) && \
	$(BIN)/snakemake --cores $(CORES) --directory "$$folder" $(addprefix --configfile ,$(CONFIGFILE)) --config digits=recorded \
	  --forcerun check_claims plot_figure --allowed-rules check_claims plot_figure \
	  -- check_claims $$(cd "$$folder" && ls results/figures/*.csv) && echo "The figures are in $$folder/results/figures."

A ?=
B ?= results
PAGE ?= build/compare.html
compare: env  ## compare two runs, A=folder and B=folder (results): settings, verdicts, numbers, versions; writes build/compare.html
	@test -n '$(A)' || { echo 'Name the folder of another run: make compare A=folder B=$(B)' >&2; exit 1; }
	@$(RUN).report.compare '$(A)' '$(B)' '$(PAGE)'

env: $(READY)  ## install the locked versions in .venv; TORCH=cpu or TORCH=cuda chooses the build of torch

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c '$(FITS)' || { echo 'convbias needs Python 3.11 to 3.14, but $(PYTHON) is' \
	  "$$(command -v $(PYTHON) >/dev/null && $(PYTHON) --version 2>&1 || echo 'not found')"'. Choose another: make PYTHON=python3.11' >&2; exit 1; }
	@case '$(TORCH)' in auto|cpu|cuda) ;; *) echo 'TORCH is $(TORCH). Set it to auto, cpu or cuda.' >&2; exit 1;; esac
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { test "$$(id -u)" = 0 && apt-get update && apt-get install --yes python3-venv; } || \
	  { echo "$(PYTHON) cannot create virtual environments. On Debian: sudo apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@test $(TORCH) = cuda || { test $(TORCH) = auto && { test "$$(uname -s)" != Linux || nvidia-smi -L >/dev/null 2>&1; }; } || \
	  $(PIP) --no-deps --retries 1 --index-url https://download.pytorch.org/whl/cpu torch || \
	  echo 'Could not get the CPU build of torch. Continuing with the build on PyPI, which brings CUDA: several GB.' >&2
	@$(call install,workflow) || \
	  { echo 'Could not create the environment; see the pip error above. The first install needs network access and 2 GB. Run make to retry.' >&2; exit 1; }
	@touch $@

dev: $(DEVELOPMENT)  ## install the tools for tests and checks, too

$(DEVELOPMENT): $(READY)
	@$(call install,dev)
	@touch $@

cluster: env  ## install the plugins that submit jobs to SLURM or by your own command
	@$(call install,cluster)

browser: dev  ## install Chromium, in which the tests open the report
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	  { test "$$(id -u)" = 0 && command -v apt-get && apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes chromium; } || \
	  echo 'Skipping the tests of the report: Chromium is missing, and only root on Debian can install it here.'

test: dev  ## all tests except test-slurm
	$(BIN)/pytest --numprocesses auto --dist worksteal

NAME ?=
test-plugin: dev  ## the interface tests of all tasks and models; NAME=own tests only those named own
	@$(BIN)/pytest --quiet tests/test_interfaces.py -k '$(NAME)' || { status=$$?; test $$status != 5 || \
	  echo 'No task or model is named "$(NAME)". Expected a file $(NAME).py in tasks/ or models/ of linear/ or detection/ in workflow/scripts/convbias.' >&2; \
	  exit $$status; }

test-slurm: dev cluster  ## test the SLURM profile on a real SLURM, which this installs and starts; needs root on Debian
	@if test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null; then \
	  echo 'Skipping test-slurm: it needs root and Debian.'; exit 0; fi; \
	command -v slurmctld >/dev/null || { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes slurm-wlm munge; } || \
	  { echo 'Skipping test-slurm: SLURM could not be installed.'; exit 0; }; \
	$(BIN)/pytest -m slurm

N ?= 100
SEED ?= 0
MINUTES ?= 120
torture: dev  ## N random sequences of edits, kills and copies; after each, the results must equal those of a fresh run
	$(BIN)/python tests/helpers/torture.py --sequences $(N) --seed $(SEED) --minutes $(MINUTES)

check: dev browser format-check lint types test  ## all checks of continuous integration except test-slurm

format: dev  ## format the sources
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/snakefmt Snakefile workflow/Snakefile workflow/rules

format-check: dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile workflow/rules

lint: dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/snakemake --lint

types: dev
	$(BIN)/mypy

benchmark: env  ## compare the training time with baselines, which this installs
	@$(call install,benchmark)
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/detection.py

scaling: env  ## measure run time and memory from 10^3 to 10^6 networks
	$(BIN)/python benchmarks/scaling.py

PRESET ?= tests/config.yaml
gpu-check: env  ## compare GPU and CPU: rows within tolerances, networks per second, memory
	$(BIN)/python benchmarks/gpu.py --preset $(PRESET)

lock: env  ## update requirements.lock to the newest versions (run in a fresh clone); change the line of torch by hand
	$(BIN)/pip install --quiet --upgrade --upgrade-strategy eager --editable '.[cluster,dev]' "$$(grep '^torch==' requirements.lock)"
	(head -1 requirements.lock; $(BIN)/pip freeze --exclude-editable | sed 's/+[a-z0-9]*$$//') > requirements.new
	mv requirements.new requirements.lock

clean:  ## remove results and the environment
	rm -rf .venv .snakemake results/*
