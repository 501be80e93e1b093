# What can be done here. `make` alone lists it; make only calls the programs that do it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
LOCK := requirements/dev.txt
STAMP := .venv/installed
CORES ?= 2
# Compiled imports are kept: every process starts in a third of the time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test faults fuzz check bench screens lighthouse lock

help: ## List what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make the environment in .venv from the hashed lock

$(STAMP): $(LOCK) requirements/uv.txt
	@portfolio/up/setup.sh "$(PYTHON)" "$(LOCK)"
	@touch $(STAMP)

demo: setup ## Run everything with invented data; PORT=8001, VAR=folder, INVENTORY=your-file.csv
	@$(BIN)/python -m portfolio.up --demo

test: setup ## Install what tests need and run them; ARGS="tests/spend -x" chooses
	@portfolio/up/test_tools.sh
	@$(BIN)/python -m pytest -n $(CORES) --dist loadfile --no-loadscope-reorder $(ARGS)

faults: setup ## Kill worker, database and broker in mid-work, again and again; ARGS chooses
	@portfolio/up/test_tools.sh
	@$(BIN)/python -m pytest -m fault tests/faults $(ARGS)

fuzz: setup ## Make up requests and broken files by the thousand; FUZZ_EXAMPLES=500 says how many
	@portfolio/up/test_tools.sh
	@FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),500) $(BIN)/python -m pytest -m fuzz tests/fuzz $(ARGS)

check: setup ## Format, lint, types, import contracts, migrations, templates, addresses, docker
	@portfolio/up/check.sh

screens: setup ## Look at every page of the whole demo company; pictures in var/screens and docs/screens
	@portfolio/up/test_tools.sh
	@SCREENS=1 SCREENS_INITIATIVES=1200 $(BIN)/python -m pytest tests/flows/test_screens.py

lighthouse: setup ## Lighthouse over the main pages of a running demo; URL=http://127.0.0.1:8000
	@portfolio/up/test_tools.sh && portfolio/up/lighthouse.sh
	@$(BIN)/python -m tests.flows.lighthouse $(or $(URL),http://127.0.0.1:8000)

bench: setup ## Measure this machine: ratios and their bounds; ARGS="--only spend --lines 200000"
	@$(BIN)/python manage.py bench $(ARGS)

lock: setup ## Write requirements/ anew after pyproject.toml changed
	@echo uv | $(BIN)/uv pip compile --quiet --universal --generate-hashes - -o requirements/uv.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes pyproject.toml -o requirements/run.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --group dev pyproject.toml -c requirements/run.txt -o requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements/peers.in -o requirements/peers.txt
