# sugeup: every recipe has its sentence above it. Needs Python 3.11+ with venv, and make; everything else is installed.
PYTHON ?= python3
SCALE ?= ci
ARGS ?=
MARKET ?=
ONLY ?=
NAMESPACE ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Modules are compiled once and kept: the tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo quick test check torture bench evaluate docs sample dist clean
.DEFAULT_GOAL := help

# Lists the recipes.
help:
	@awk '/^# /{said=substr($$0,3)} /^[a-z]+:/{split($$1,name,":"); printf "%-9s %s\n", name[1], said}' $(MAKEFILE_LIST)

# Makes .venv with everything from the committed lock, development tools included.
setup: $(STAMP)
$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit("sugeup needs Python 3.11 to 3.14; this is " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11") if not (3, 11) <= sys.version_info[:2] <= (3, 14) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv sync --quiet --locked --active --inexact --python $(BIN)/python
	@touch $@

# MARKET=simulated: an invented market, collected from a sandbox, in place of the sample. MARKET=both: one after the other.
# Sets up, loads the bundled sample of real figures, answers two questions and serves; ARGS=--once answers and exits.
demo: setup
	@$(BIN)/sugeup demo $(if $(MARKET),--market $(MARKET)) $(ARGS)

# Runs the fast everyday tests (at most a minute).
quick: setup
	@$(BIN)/pytest -n 2 --dist worksteal -m "not slow and not torture" $(ARGS)

# Runs every test and holds branch coverage at 80% or more.
test: setup
	@rm -f .coverage .coverage.*
	@$(BIN)/pytest -n 2 --dist worksteal -m "(not slow or thorough) and not torture" --cov --cov-report= $(ARGS)
	@$(BIN)/pytest -n 2 --dist worksteal -m "slow and not thorough and not torture" $(ARGS)
	@$(BIN)/coverage report --format=total --precision=1 | sed 's/^/branch coverage %: /'

# Checks style, security rules, types, import layers, file length and freshness of the generated documents.
check: setup
	@$(BIN)/ruff format --check --quiet src tests scripts bench evals
	@$(BIN)/ruff check --quiet src tests scripts bench evals
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python scripts/file_length.py
	@$(BIN)/python scripts/generate_docs.py --check

# Kills, faults, fuzz, and several vendors side by side; SCALE=ci or SCALE=full.
torture: setup
	@SCALE=$(SCALE) $(BIN)/pytest -m torture $(ARGS)

# Measures speed as ratios against bare libraries in the same run; ONLY=prefix chooses.
bench: setup
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

# Measures whether signals find planted events and whether anything follows; writes docs/accuracy. ARGS=--quick: a try.
evaluate: setup
	@$(BIN)/sugeup evaluate $(if $(findstring --quick,$(ARGS)),,--ship) $(ARGS)

# Writes the generated documents anew.
docs: setup
	@$(BIN)/python scripts/generate_docs.py

# Rebuilds the bundled sample from a folder of source files: make sample ARGS="--data DIR".
sample: setup
	@$(BIN)/python scripts/build_sample.py $(ARGS)

# Builds wheel, sdist, the .mcpb bundle and server.json into dist/; NAMESPACE=io.github.OWNER to publish.
dist: setup
	@$(BIN)/python scripts/build_dist.py $(if $(NAMESPACE),--namespace $(NAMESPACE)) $(ARGS)

# Removes everything that was built.
clean:
	@rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.*
