# What a newcomer types. Every target sets itself up: Python 3.11+ and make are enough.
# The first Python that is new enough; PYTHON=/path/to/python chooses another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(or $(firstword $(foreach python,python3 python3.13 python3.12 python3.11,\
  $(shell $(python) -c '$(NEW_ENOUGH)' 2>/dev/null && echo $(python)))),python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.test-installed
PORT ?= 8000

.PHONY: help setup demo test check format translations bench lock clean
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with the lti-tool command

demo: $(STAMP) ## Run everything with made-up data and a small LMS to launch from
	$(BIN)/lti-tool demo --port $(PORT)

test: $(TEST_STAMP) ## Run all tests (those in a browser need Chromium; one is skipped without LibreOffice)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(TEST_STAMP) ## Format, lint, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(TEST_STAMP) ## Put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

BABEL := $(BIN)/pybabel --quiet
translations: $(TEST_STAMP) ## Take new texts into the catalogues, and compile them
	$(BABEL) extract -F babel.cfg -k lazy_gettext --omit-header --no-location -o messages.pot lti_tool
	$(BABEL) update -i messages.pot -d lti_tool/translations --no-fuzzy-matching --ignore-obsolete -w 100
	$(BABEL) compile -d lti_tool/translations
	rm messages.pot

bench: $(TEST_STAMP) ## Measure, each figure beside its peer
	$(BIN)/python -m benchmarks

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: $(VENV)/bin/python ## Write the lock files anew
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --all-extras --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean: ## Remove the virtual environment and all caches
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make a virtual environment with pip." \
	  "On Debian and Ubuntu: apt-get install python3-venv. Then type make again." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(STAMP): requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP_INSTALL) --require-hashes -r requirements.lock
	$(PIP_INSTALL) --no-deps -e .
	@touch $@

$(TEST_STAMP): $(STAMP) requirements-dev.lock
	$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
