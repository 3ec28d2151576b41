# `make run` gives the whole product; `make test` passes the tests; `make check` is what a change must pass first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
PAGE := frontend-v2
PAGE_SOURCES := $(shell find $(PAGE)/pages $(PAGE)/styles $(PAGE)/components $(PAGE)/hooks $(PAGE)/lib $(PAGE)/public -type f 2>/dev/null) \
    $(wildcard $(PAGE)/*.ts $(PAGE)/*.mjs $(PAGE)/package.json)
PYTHON_PATHS := backend tests
# One process for each core; a file's tests stay together, since they share what they set up.
PYTEST := $(BIN)/pytest -q --numprocesses auto --dist loadfile
# Where this is set every start would compile all packages anew: seconds, each time.
unexport PYTHONDONTWRITEBYTECODE
export NEXT_TELEMETRY_DISABLED := 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.PHONY: help install run dev check check-python check-page page test claims faults soak bench format lock clean

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(BIN)/.installed supabase/node_modules/.installed $(PAGE)/node_modules/.installed ## everything the project needs, and no more

run: $(BIN)/.installed supabase/node_modules/.installed page ## the whole product on this machine
	@exec $(BIN)/rundown serve

dev: install ## the backend, and the page with hot reload on port 3000
	@trap 'kill %1 2>/dev/null; wait' EXIT; $(BIN)/rundown serve & cd $(PAGE) && npm run dev

check: install ## format, lint, types, unit tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-python check-page
	$(PYTEST) tests/unit
	cd $(PAGE) && npm run --silent test

# One process each: they go beside each other.
check-python:
	$(BIN)/ruff format --check $(PYTHON_PATHS)
	$(BIN)/ruff check $(PYTHON_PATHS)
	$(BIN)/mypy

check-page:
	cd $(PAGE) && npm run --silent format:check && npm run --silent lint && npm run --silent typecheck

page: $(PAGE)/out/index.html ## the page as it is served

# With AFTER_CHECK=1, as in CI, the units that `make check` has just run are not run a second time, and processes are
# not killed: CI has fifteen minutes.
test: install page ## every test: units, the embedded stack, the page in Chromium
	$(PYTEST) $(if $(AFTER_CHECK),,tests/unit tests/claims tests/faults) tests/integration
	$(PYTEST) tests/e2e
	$(if $(AFTER_CHECK),,cd $(PAGE) && npm run --silent test)

claims: $(BIN)/.installed ## how often verdicts and marks are right and wrong, into docs/claims.md
	$(BIN)/python -m tests.claims.verdicts
	$(BIN)/python -m tests.claims.measured

bench: install ## what things cost, as ratios measured side by side
	$(BIN)/python -m tests.bench

format: install ## put every file in the house style
	$(BIN)/ruff check --fix --quiet $(PYTHON_PATHS) || true
	$(BIN)/ruff format $(PYTHON_PATHS)
	cd $(PAGE) && npm run --silent format

lock: $(BIN)/uv ## resolve requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --group dev pyproject.toml -o requirements.lock

clean: ## remove what was installed and built, but no data
	rm -rf .venv $(PAGE)/node_modules $(PAGE)/out $(PAGE)/.next supabase/node_modules

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3 -m venv failed: on Debian and Ubuntu install the package python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(BIN)/.installed: $(BIN)/uv requirements.lock pyproject.toml
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

%/node_modules/.installed: %/package-lock.json %/package.json
	@command -v npm >/dev/null || { echo "Node 20 or newer with npm is needed: install it and try again" >&2; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "Node 20 or newer is needed; this is $$(node --version)" >&2; exit 1; }
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE)/out/index.html: $(PAGE)/node_modules/.installed $(PAGE_SOURCES)
	cd $(PAGE) && npm run --silent build
	@touch $@
