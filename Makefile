# Every target does its own set-up; only python3 (3.11 or newer) has to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?=
STORE ?= $(if $(DATA),data/own,data/store)
PORT ?= 8501
CODE := app.py settings.py ingest queries ui charts pages tests

.PHONY: help run demo setup test quick lint format types bench golden docs clean

help:
	@echo "make run             set up, load the demo on first start, serve the dashboard on localhost:$(PORT)"
	@echo "make run DATA=path   the same with your own files (in a store of their own)"
	@echo "make test            set up and run every test"
	@echo "make quick           format, lint, types and the fast tests"
	@echo "make bench           sizes and ratios of generating, loading and asking the demo"
	@echo "make golden          rewrite the golden files, to be read as a diff"
	@echo "make docs            rewrite the generated tables of the README"

$(VENV)/run.stamp: requirements.txt constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing packages (first start only) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $@

setup: $(VENV)/dev.stamp

$(STORE)/CURRENT: | $(VENV)/run.stamp
	@$(if $(DATA),true,$(BIN)/python -m ingest.demo data/demo && $(BIN)/python -m ingest data/demo --store $(STORE))

run: $(VENV)/run.stamp $(if $(DATA),,$(STORE)/CURRENT)
	@$(if $(DATA),$(BIN)/python -m ingest "$(DATA)" --store $(STORE) || test $$? -eq 1)
	OPSDASH_STORE=$(STORE) $(BIN)/python -m streamlit run app.py --server.port $(PORT) --server.headless true

demo: $(VENV)/run.stamp
	rm -rf data/store
	$(BIN)/python -m ingest.demo data/demo
	$(BIN)/python -m ingest data/demo --store data/store

test: $(VENV)/dev.stamp lint types
	$(BIN)/python -m pytest -n 2 --dist loadgroup

quick: $(VENV)/dev.stamp lint types
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

format: $(VENV)/dev.stamp
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)

types: $(VENV)/dev.stamp
	$(BIN)/mypy

bench: $(VENV)/dev.stamp
	$(BIN)/python -m tests.bench

golden: $(VENV)/dev.stamp
	GOLDEN=write $(BIN)/python -m pytest -q -m "not slow" -k golden

docs: $(VENV)/dev.stamp
	$(BIN)/python -m tests.readme

clean:
	rm -rf $(VENV) data/demo data/store data/own
