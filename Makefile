# graphflow: everything that is done with the project. `make help` lists it.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
FOUND = $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PYTHON ?= $(FOUND)
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Installed again only when what is wanted has changed.
RUN_READY := $(VENV)/.run-ready
DEV_READY := $(VENV)/.dev-ready
BENCH_READY := $(VENV)/.bench-ready

.DEFAULT_GOAL := help
.PHONY: run test check format bench tiny docs pictures pins clean help

run: $(RUN_READY)  ## set everything up and run a saved workflow on a picture
	@$(BIN)/graphflow run workflows/touch-up.json --out outputs
	@made=$$(ls -t outputs | head -n 1); \
	echo "The picture is $(CURDIR)/outputs/$$made. Next: $(BIN)/graphflow nodes, or $(BIN)/graphflow run --help."

test: $(DEV_READY)  ## every test that is not slow, on two cores
	@$(BIN)/python -m pytest -n 2 -m "not slow"

check: $(DEV_READY)  ## style, types, floors, and that what is generated is fresh
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/pyright --warnings
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python docs/make_nodes.py --check
	@$(BIN)/python -m graphflow.graph.schema --check

format: $(DEV_READY)  ## put the code into the project's style
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(BENCH_READY)  ## the benchmarks, beside dask, Hamilton and joblib in the same run
	@$(BIN)/python tests/benchmarks

tiny: $(DEV_READY)  ## the five-second truth, for the commit hook
	@$(BIN)/python -m pytest -q tests/test_tiny.py

docs: $(DEV_READY)  ## write what is generated: docs/nodes/ and docs/workflow.schema.json
	@$(BIN)/python docs/make_nodes.py
	@$(BIN)/python -m graphflow.graph.schema

pictures: $(RUN_READY)  ## draw what the example workflows read, run them, and write their pictures and page
	@$(BIN)/python docs/draw_inputs.py
	@$(BIN)/python docs/make_pictures.py

pins: $(DEV_READY)  ## write constraints.txt anew from the newest versions that fit
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "torch==2.13.0" > $(VENV)/torch.txt
	@# Lines for one accelerator's libraries would make an install for another fail.
	@$(BIN)/uv pip compile --quiet --no-header --no-annotate --universal --python-version 3.11 --upgrade \
		-c $(VENV)/torch.txt --all-extras pyproject.toml | grep -vE '^(nvidia-|cuda-|triton)' > $(VENV)/pins.txt
	@mv $(VENV)/pins.txt constraints.txt

clean:  ## remove all that these commands made here
	@rm -rf $(VENV) outputs dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@echo "make COMMAND, with:"
	@sed -nE 's/^([a-z-]+):.*  ## (.*)$$/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "graphflow needs Python 3.11 or later with venv (on Debian: apt install python3-venv); or name one: make PYTHON=/path/to/python $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than Python 3.11, which graphflow needs."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUN_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing graphflow into $(VENV) (once; torch is large, so this takes some minutes) ..."
	@$(PIP) -e .
	@touch $@

$(DEV_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing graphflow and its test tools into $(VENV) (once; some minutes) ..."
	@$(PIP) -e ".[dev]"
	@touch $@ $(RUN_READY)

$(BENCH_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing graphflow and what it is compared with into $(VENV) (once; some minutes) ..."
	@$(PIP) -e ".[dev,bench]"
	@touch $@ $(DEV_READY) $(RUN_READY)
