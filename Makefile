# tcma: everything a person or CI does here. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
DONE := .venv/.done
LOG := .venv/.done/log
T ?= tests
JOBS ?= 3

# Whatever the shell says, compiled modules are kept: each of the many processes here starts in half
# the time.
export PYTHONDONTWRITEBYTECODE :=

# One line per step: what it is, how long it took; its own words only when it fails.
define step
@begun=$$(date +%s); printf '  %-34s' $(1); \
if ( $(2) ) >$(LOG) 2>&1; then printf '%4d s\n' $$(( $$(date +%s) - begun )); \
else printf 'failed\n\n'; tail -n 40 $(LOG); exit 1; fi
endef

.PHONY: help
help:  ## list what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: ready
ready: $(DONE)/project $(DONE)/npm
	$(call step,'typefaces',$(BIN)/python brand_assets/fonts.py)
	$(call step,'front-end bundle',$(BIN)/python -m tcma.embedded.node run $(BIN)/python -m tcma.web.bundle)

.PHONY: setup
setup: ready  ## environment, packages, bundle, database; safe to repeat
	$(call step,'database',$(BIN)/tcma migrate)

$(DONE)/venv:
	@if [ -z "$(PYTHON)" ]; then \
		echo 'No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3'; exit 1; fi
	@echo 'Setting up in .venv (the first time takes some minutes)'
	@if ! $(PYTHON) -m venv .venv 2>.venv-words; then \
		cat .venv-words; rm -f .venv-words; rm -rf .venv; \
		echo; echo 'Python cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv'; exit 1; fi
	@rm -f .venv-words; mkdir -p $(DONE); touch $@

$(DONE)/packages: requirements.lock | $(DONE)/venv
	$(call step,'Python packages',$(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes -r requirements.lock)
	@touch $@

$(DONE)/project: pyproject.toml $(DONE)/packages
	$(call step,'the project itself',$(BIN)/python -m pip install --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .)
	@touch $@

$(DONE)/npm: package-lock.json package.json $(DONE)/project
	$(call step,'front-end packages',$(BIN)/python -m tcma.embedded.node npm ci)
	@touch $@

.PHONY: run
run: ready  ## start the product on http://127.0.0.1:8000 (PORT=…); Ctrl-C stops all of it
	@exec $(BIN)/tcma up

.PHONY: demo
demo: ready  ## make the demo world in an empty installation (TCMA_DATA=… names another)
	@$(BIN)/tcma demo

.PHONY: test
test: ready  ## all tests, or some: make test T=tests/workers
	$(call step,'Chromium',$(BIN)/python -m tcma.embedded.chromium)
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations=10 $(T)

.PHONY: check
check: ready  ## what CI asks of every file, fastest first
	$(call step,'format',$(BIN)/ruff format --check .)
	$(call step,'lint',$(BIN)/ruff check .)
	$(call step,'imports',$(BIN)/lint-imports)
	$(call step,'types',$(BIN)/mypy)
	$(call step,'HTML templates',$(BIN)/djlint --quiet --lint tcma/web/templates)
	$(call step,'spelling',$(BIN)/codespell)
	$(call step,'campaign templates',for c in campaign_templates/*/campaign.toml; do $(BIN)/tcma template check "$$(dirname "$$c")"; done)
	$(call step,'migrations up down and drift',$(BIN)/python -m pytest -q -p no:randomly tests/architecture/test_migrations.py)
	$(call step,'bundle budgets',$(BIN)/python -m tcma.embedded.node run $(BIN)/python -m tcma.web.bundle)

.PHONY: bench
bench: ready  ## measure and write bench.json; never a test
	@$(BIN)/python -m tests.bench $(T:tests=)

.PHONY: soak
soak: ready  ## a million mails under random faults, and a million in peace (SOAK="--messages 30000 --seed 7" for less)
	@$(BIN)/python -m tests.soak $(SOAK)
	@$(BIN)/python -m tests.soak --calm --workers 1 $(SOAK)

.PHONY: tree
tree: ready  ## the tree of the README, from the docstrings
	@$(BIN)/python -m tests.architecture.tree

.PHONY: lock
lock: $(DONE)/project  ## pin every package anew in requirements.lock
	$(call step,'uv',$(BIN)/python -m pip install --disable-pip-version-check uv)
	@{ echo '# Every package with its hashes, for Linux and macOS, Python 3.11 to 3.13. Made by `make lock`.'; \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-header --no-emit-index-url --no-emit-find-links --upgrade --extra dev pyproject.toml; } > requirements.lock.new
	@mv requirements.lock.new requirements.lock

.PHONY: clean
clean:  ## remove what was made; the data in .data stays
	rm -rf .venv node_modules tcma/built build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
