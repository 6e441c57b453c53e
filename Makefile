# Every target sets up what it needs: Python 3.11 or later, pip and make are enough to start with.
#
#   make test EXTRAS="fast formula"    with these extras only, for example without torch
#   make test PYTHON=python3.12        with this Python

EXTRAS ?= all
PYTHON ?=

BIN := .venv/bin
find_python = python=$$(sh tools/find_python.sh $(if $(PYTHON),"$(PYTHON)"))
set_up = @$(find_python) && "$$python" tools/setup_env.py $(if $(PYTHON),--this-python) --extras "$(1)"

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help env demo test lint types fix docs bench simulate fuzz clean

help:  ## List the targets.
	@awk -F '## ' '/^[a-z]+:.*## / {sub(/:.*/, "", $$1); printf "make %-8s %s\n", $$1, $$2}' Makefile
	@echo 'EXTRAS="fast formula" names the extras to test with (all of them by default), PYTHON=... the Python to use.'

env:  ## Make .venv with every extra; nothing happens where it is up to date.
	$(call set_up,dev $(EXTRAS))

demo:  ## Go from real data to a decision; needs no extra and ends with the path of a report.
	$(call set_up,)
	$(BIN)/riskdec demo

# One BLAS thread per process: two test processes on two cores otherwise wait for each other.
test: export OPENBLAS_NUM_THREADS = 1
test: export OMP_NUM_THREADS = 1
test: export MKL_NUM_THREADS = 1
test:  ## Set up with every extra, check style, types and imports, and run all tests.
	@$(find_python) && "$$python" tools/timed_steps.py \
		"set-up" 4 "$(MAKE) --no-print-directory env" \
		"lint and types" 3 "$(MAKE) --no-print-directory lint" \
		"tests" 12 "$(BIN)/pytest -n 2"

lint: env  ## Check style, spelling, the direction of imports, and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python tools/check_types.py

types: env  ## Check the types alone.
	$(BIN)/python tools/check_types.py

fix:  ## Repair what can be repaired by a tool: formatting, the order of imports, simple findings.
	$(call set_up,dev)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs:  ## Build the documentation in docs/_build; a warning is an error.
	$(call set_up,docs)
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build

bench: env  ## Time the main jobs on this machine.
	$(BIN)/python benchmarks/run.py

simulate: export OPENBLAS_NUM_THREADS = 1
simulate: env  ## Repeat the simulations behind the claims and write docs/simulations (half an hour).
	$(BIN)/python simulations/run.py

fuzz: env  ## Load 100,000 damaged model files of all kinds (nightly; about two minutes).
	$(BIN)/python tools/fuzz_model_files.py

clean:  ## Remove .venv and everything else that was built.
	rm -rf .venv build dist docs/_build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
