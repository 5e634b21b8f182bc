# Everything a developer runs. A fresh machine needs Python 3.11 to 3.13, git, make and package registries.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup
PROJECTS := pyproject.toml $(wildcard serving/pyproject.toml providers/*/pyproject.toml)

# Tests wait for processes more than they compute: one more than there are cores.
WORKERS ?= 3
COVERAGE_MIN ?= 90
# More words for pytest, for instance: make test TESTS="tests/unit -x"
TESTS ?=

# Hundreds of processes of a run import the same SDKs; without their bytecode each compiles them anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo lint test soak live-azure live-aws live-gcp bench docs clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv from the lock file and obtain the Pulumi engine
	@$(BIN)/python -m mlstack.engine.install

$(STAMP): uv.lock $(PROJECTS) tools/setup.sh
	@PYTHON="$(PYTHON)" tools/setup.sh
	@touch $@

demo: setup ## Train, register and serve a model on this machine, and ask it
	$(BIN)/python examples/digits/demo.py

lint: $(STAMP) ## Style, types, layers
	$(BIN)/uv lock --check --quiet
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup ## The whole suite, with coverage (COVERAGE_MIN, WORKERS, TESTS)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist loadfile $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=$(COVERAGE_MIN)

soak: setup ## The long tables of faults and properties
	$(BIN)/python -m pytest -m soak -n $(WORKERS) --dist loadfile $(TESTS)

live-azure: ## The life of a stack on a real Azure subscription: an hour, a few euros (AZURE_SUBSCRIPTION_ID)
live-aws: ## The same on a real AWS account (AWS_PROFILE)
live-gcp: ## The same in a real Google Cloud project (GOOGLE_CLOUD_PROJECT)
live-azure live-aws live-gcp: setup
	$(BIN)/python -m pytest -m live -rs tests/live/$(@:live-%=%) $(TESTS)

bench: setup ## Measure, print, and keep as dated JSON
	$(BIN)/python bench/run.py

docs: setup ## Write the generated pages of the docs anew
	$(BIN)/python tools/docs.py

clean: ## Remove what tools left in the checkout; .venv and the engine's cache stay
	rm -rf dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
