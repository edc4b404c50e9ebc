# make: the environment and the main job.  make test, make check, make benchmark: see README.md.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(or $(shell for one in python3 python3.13 python3.12 python3.11; do \
  $$one -c '$(FITS)' 2>/dev/null && echo $$one && break; done),python3)
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN := .venv/bin
READY := .venv/.ready
SOURCES := workflow/scripts tests benchmarks

.DEFAULT_GOAL := main
.PHONY: main claims report gallery api digests env cluster browser test contract test-slurm check format format-check lint types benchmark growth gpu-check lock clean

main: env  ## every figure and table, at the papers' scale; with MNIST where it is there or can be downloaded
	@test -n "$$CONVBIAS_MNIST" || ! grep -q '^mnist: null' config.yaml || \
	  $(BIN)/snakemake --quiet all --cores 1 mnist || echo 'Going on without MNIST.' >&2
	look=; test -t 1 && look='--logger rich'; \
	$(BIN)/snakemake --cores $(CORES) --resources gpu=$$($(BIN)/python -m pipeline.devices config.yaml) $$look

claims: env  ## decide the claims anew from the tables that are there, in seconds
	$(BIN)/snakemake --cores $(CORES) --forcerun check_claims --allowed-rules claims check_claims plot_figure -- claims

report: main  ## results/report.html: all figures, claims, settings, costs and origin, in one page that needs no network
	$(BIN)/snakemake --cores 1 --quiet rules progress -- report

api: env  ## build/api/index.html: all modules, classes and functions of the core, from their docstrings
	$(BIN)/pdoc --docformat google --output-directory build/api convbias '!.*[.]_'

gallery: env  ## docs/figures from results/figures, for the README and the gallery
	$(BIN)/python -m pipeline.gallery results/figures docs/figures

digests: env  ## of the rows of each table: the same configuration gives the same on one machine
	@$(BIN)/python -m pipeline.digest results/tables/*.parquet

env: $(READY)  ## .venv with the locked versions

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c '$(FITS)' || { echo 'convbias needs Python 3.11 to 3.13, and $(PYTHON) is' \
	  "$$(command -v $(PYTHON) >/dev/null && $(PYTHON) --version 2>&1 || echo 'not there')"'; name another with: make PYTHON=python3.11' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { test "$$(id -u)" = 0 && apt-get update && apt-get install --yes python3-venv; } || \
	  { echo "$(PYTHON) cannot make virtual environments. On Debian: sudo apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]' || \
	  { echo 'The environment is not made; pip says above why. It needs a network the first time, and 2 GB; the same command tries again.' >&2; exit 1; }
	touch $@

cluster: env  ## what sending jobs to SLURM, or by a command of your own, needs
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[cluster,dev]'

browser: env  ## Chromium, in which the tests open the report
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	  { test "$$(id -u)" = 0 && command -v apt-get && apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes chromium; } || \
	  echo 'The tests of the report are left out: there is no Chromium, and only root on Debian can install one here.'

test: env  ## all tests but test-slurm
	$(BIN)/pytest --numprocesses auto --dist loadgroup

NAME ?=
contract: env  ## what every task and model must do; NAME=own asks tasks/own.py, models/own.py or their like alone
	@$(BIN)/pytest --quiet tests/test_contract.py -k '$(NAME)' || { status=$$?; test $$status != 5 || \
	  echo 'Nothing is called $(NAME): a task or a model is a file of that name in tasks/, models/ or patterns/ of workflow/scripts/convbias.' >&2; \
	  exit $$status; }

test-slurm: cluster  ## the profile for SLURM on a real SLURM, which this starts; as root on Debian
	@if test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null; then \
	  echo 'test-slurm is left out: only root can start a SLURM, and only on Debian can this install one.'; exit 0; fi; \
	command -v slurmctld >/dev/null || { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes slurm-wlm munge; } || \
	  { echo 'test-slurm is left out: SLURM could not be installed.'; exit 0; }; \
	$(BIN)/pytest -m slurm

check: env browser format-check lint types test  ## what continuous integration runs

format: env  ## rewrite the sources in the house style
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/snakefmt Snakefile workflow/rules

format-check: env
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/snakefmt --check Snakefile workflow/rules

lint: env
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/snakemake --lint

types: env
	$(BIN)/mypy

benchmark: env  ## training against its peers, which are installed for this alone
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[benchmark]'
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/patterns.py

growth: env  ## what a run costs as its work grows from 10^3 to 10^6 networks
	$(BIN)/python benchmarks/growth.py

PRESET ?= tests/config.yaml
gpu-check: env  ## a GPU against the cores: the same rows within tolerances, networks per second, memory
	$(BIN)/python benchmarks/gpu.py --preset $(PRESET)

lock: env  ## newest versions that pyproject.toml allows (run in a fresh clone)
	$(BIN)/pip install --quiet --upgrade --upgrade-strategy eager --editable '.[cluster,dev]'
	(head -1 requirements.lock; $(BIN)/pip freeze --exclude-editable | sed 's/+[a-z0-9]*$$//') > requirements.new
	mv requirements.new requirements.lock

clean:  ## remove results and the environment
	rm -rf .venv .snakemake results/*
