# Everything a person types. `make help` lists it.
# Both main targets install what they need: Debian packages and a virtual environment in .venv.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# One more than there are cores: a test that waits for a process leaves its core to another.
WORKERS ?= $(shell echo $$(($$(nproc) + 1)))

.DEFAULT_GOAL := help
.PHONY: help demo story test test-tamper check fix test-case bench bench-evidence bench-notices bench-exercises lock audit clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.runtime ## a small Slack with Tocsin in it, on http://127.0.0.1:8072
	$(BIN)/tocsin demo

story: $(VENV)/.runtime ## play a 72-hour breach in under a minute; leaves papers in out/story
	rm -rf out/story
	$(BIN)/tocsin demo --story --out out/story

test: $(VENV)/.develop ## all tests
	@$(BIN)/python -m compileall -q bot evidence_store # once, not in each process that a test starts
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

test-tamper: $(VENV)/.develop ## the tamper suite, and the verifier with each check removed
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/evidence_store -k "tamper or verify or time or live or disclos"
	$(BIN)/python -m tests.evidence_store.evidence_removal

check: $(VENV)/.develop ## format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

fix: $(VENV)/.develop ## format, and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python scripts/write_reference_pages.py

bench: $(VENV)/.develop ## measure; prints ratios of one run
	$(BIN)/python -m benchmarks

test-case: $(VENV)/.case ## check data/case.jsonld against the CASE ontology (220 MB more)
	$(BIN)/python -m pytest -q -p no:xdist tests/evidence_store/case_check.py

bench-evidence: $(VENV)/.develop ## measure the evidence store beside the raw limits
	$(BIN)/python -m benchmarks.evidence

bench-notices: $(VENV)/.develop ## measure letters beside bare WeasyPrint
	$(BIN)/python -m benchmarks.notices

bench-exercises: $(VENV)/.develop ## measure prompt injects, a run without people, its report
	$(BIN)/python -m benchmarks.exercises

audit: $(VENV)/.develop ## known vulnerabilities in what we pin
	$(BIN)/pip-audit --require-hashes -r requirements.lock

lock: $(VENV)/.develop ## pin anew what pyproject.toml asks for (needs uv)
	uv pip compile pyproject.toml --extra build --extra s3 $(LOCK_OPTIONS) -o requirements.lock
	uv pip compile pyproject.toml --extra build --extra s3 --extra dev -c requirements.lock $(LOCK_OPTIONS) -o requirements-dev.lock
	uv pip compile pyproject.toml --extra build --extra s3 --extra dev --extra case -c requirements-dev.lock $(LOCK_OPTIONS) -o requirements-case.lock

LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q

clean: ## remove everything that make made
	rm -rf $(VENV) out dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/.python:
	scripts/debian-packages venv
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements.lock pyproject.toml
	scripts/debian-packages runtime
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.develop: $(VENV)/.runtime requirements-dev.lock
	scripts/debian-packages test
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.case: $(VENV)/.develop requirements-case.lock
	$(PIP) --require-hashes -r requirements-case.lock
	@touch $@
