# make lab    everything a student needs, then JupyterLab on lesson 00
# make test   everything the tests need, then the tests
# Both set up .venv the first time, and again only when pyproject.toml or constraints.txt has changed.

PYTHON ?= python3
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable
.DEFAULT_GOAL := help

.PHONY: help lab test lint types bench lessons site lite lite-check clean

help:
	@sed -n '1,3p' Makefile; echo "# make lint, make bench, make lessons, make site, make lite, make lite-check, make clean"

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "nasedu needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/student: .venv/python pyproject.toml constraints.txt
	@echo "Installing what a student needs into .venv (a few minutes, once)"
	$(PIP_INSTALL) .
	@# JupyterLab would ask for news and look for updates at every start: nothing here phones home.
	@$(BIN)/jupyter labextension disable --level=sys_prefix @jupyterlab/apputils-extension:announcements >/dev/null 2>&1
	@touch $@

.venv/developer: .venv/student
	@echo "Installing what the tests need into .venv (once)"
	$(PIP_INSTALL) '.[dev]'
	@touch $@

lab: .venv/student
	$(BIN)/nasedu lab

test: .venv/developer
	$(BIN)/python -m pytest -n 2 --dist loadscope tests
	@# Two lessons side by side, each with one thread: two threads each would wait for one another.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope --nbval-lax --nbval-current-env --nbval-cell-timeout 600 --nbval-sanitize-with tests/notebooks/sanitize.cfg -p no:warnings notebooks

lint: .venv/developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/developer
	$(BIN)/python -m tests.benchmarks

lessons: .venv/developer
	$(BIN)/python -m tools.lessons build

site: .venv/developer
	$(BIN)/python -m tools.site

build/lite-venv/installed: .venv/developer tools/lite/requirements.txt tools/lite/browser.txt
	$(PYTHON) -m venv build/lite-venv
	build/lite-venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement tools/lite/requirements.txt
	@touch $@

lite: build/lite-venv/installed
	$(BIN)/python -m tools.lite

lite-check: .venv/developer
	$(BIN)/python -m tools.lite check

clean:
	rm -rf .venv build dist site
