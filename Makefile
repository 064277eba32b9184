# Anso - everything a developer or an operator starts. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
STORE ?= directory
PORT ?= 8080
UV_COMPILE := uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-emit-package opencv-python --quiet
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONDONTWRITEBYTECODE := # a container may set it; every process that a test starts would compile us anew

.PHONY: help setup setup-test demo run test test-fast check format lint types imports soak bench certs migrate lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

# --- set-up: each step leaves a mark in .setup/ and is skipped while its inputs stand ---
setup: .setup/debian-service .setup/venv .setup/web ## what the service needs
setup-test: .setup/debian-test .setup/venv-test .setup/web ## adds what the tests need

.setup/debian-service: .ci/debian-packages.sh
	@mkdir -p .setup && .ci/debian-packages.sh service && touch $@
.setup/debian-test: .ci/debian-packages.sh
	@mkdir -p .setup && .ci/debian-packages.sh test && touch $@

.setup/venv: requirements.lock pyproject.toml | .setup/debian-service
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing Python packages (service)"
	@$(BIN)/python -m pip install -qq --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $@
.setup/venv-test: requirements-test.lock .setup/venv
	@echo "Installing Python packages (tests)"
	@$(BIN)/python -m pip install -qq --no-deps --require-hashes -r requirements-test.lock
	@touch $@
.setup/web: package.json package-lock.json api/ui/assets.py api/rendering/fonts.py .setup/venv
	@echo "Installing web assets and fonts"
	@npm ci --silent --no-audit --no-fund
	@$(BIN)/python -m api.ui.assets
	@$(BIN)/python -m api.rendering.fonts
	@touch $@

# --- using it ---
demo: setup ## the main job once, on real documents, over HTTP (STORE=s3 for a real S3 server)
ifeq ($(STORE),s3)
	@$(MAKE) --no-print-directory setup-test
endif
	@$(BIN)/python demo/run.py --store $(STORE)

run: setup ## serve at http://127.0.0.1:8080 with demo data
	$(BIN)/anso serve --data demo-data --port $(PORT) --demo

certs: setup ## make a throw-away development PKI in certs-dev/out
	$(BIN)/python certs-dev/generate.py

migrate: setup ## bring the database of ANSO_DATA to the newest schema
	$(BIN)/anso db upgrade

# --- proving it ---
test: setup-test ## the whole test suite with the real services
	@rm -f .coverage .coverage.*
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser and not soak and not bench" --cov --cov-report= --cov-fail-under=0
	$(BIN)/pytest tests/e2e -m browser -p no:randomly --cov --cov-append --cov-report= --cov-fail-under=0
	$(BIN)/coverage report --ignore-errors

test-fast: setup-test ## what needs no service beside us, without coverage
	$(BIN)/pytest -n 2 -q -m "not browser and not soak and not bench and not service and not journey"

check: setup-test format lint types imports ## what CI runs: format, lint, types, import rules, then the tests
	@$(MAKE) --no-print-directory test

format: setup-test
	$(BIN)/ruff format --check .
lint: setup-test
	$(BIN)/ruff check .
types: setup-test
	$(BIN)/mypy
imports: setup-test
	$(BIN)/lint-imports

soak: setup-test ## long fuzz, kill and load runs
	$(BIN)/pytest -m soak -p no:randomly --timeout=0

bench: setup-test ## side-by-side benchmarks -> tests/bench/results.json and a table
	$(BIN)/pytest -m bench -p no:randomly --timeout=0 -s

lock: ## resolve requirements*.lock anew (needs uv)
	$(UV_COMPILE) -o requirements.lock
	$(UV_COMPILE) --extra test -c requirements.lock -o requirements-test.lock

clean: ## remove what runs left behind (not the environment)
	rm -rf demo-output demo-data certs-dev/out .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
