# Everything works on a bare Debian 12 with Python 3.11, git and make; each target does its own set-up.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
JOBS ?= 2
PORT ?= 8000

.PHONY: help env demo serve test lint format servers unit coverage bench-grid bench-import bench-export bench-duplicates clean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 20

env: $(READY) ## Make .venv with the locked dependencies

$(READY): uv.lock pyproject.toml .ci/environment.py
	@$(PYTHON) .ci/environment.py
	@touch $@

demo: env ## Serve a demo installation with plausible data on http://127.0.0.1:8000/ (PORT=...)
	$(BIN)/gecko demo --port $(PORT)

serve: env ## Serve the installation in instance/
	$(BIN)/gecko serve --port $(PORT)

test: env servers ## Check everything: style, types, floors, and all tests on real servers
	@$(MAKE) --no-print-directory --jobs 2 lint unit

lint: env ## Style, formatting, types and the floors of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

servers: ## Install what the tests drive: PostgreSQL, Redis and Chromium
	@.ci/servers

unit: env servers ## All tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

coverage: env servers ## All tests with coverage over code and tests, which takes them nearly twice as long
	$(BIN)/coverage erase
	PYTHONDONTWRITEBYTECODE= $(BIN)/coverage run -m pytest -n $(JOBS) --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

format: env ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-grid bench-import bench-export: bench-%: env ## Measure against the peers (ROWS=...)
	$(BIN)/gecko bench $* --rows $(or $(ROWS),100000) --json

bench-duplicates: env ## Measure finding duplicates beside Splink, in an environment of its own (ROWS=...)
	@$(PYTHON) .ci/environment.py --folder .venv-bench --extra bench
	$(BIN)/gecko bench duplicates --rows $(or $(ROWS),100000) --peer splink --json

clean: ## Remove what can be made again (never instance/)
	rm -rf .venv .venv-bench build dist *.egg-info .coverage* htmlcov .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find gecko/translations -name '*.mo' -delete
