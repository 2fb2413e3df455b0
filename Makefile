# Everything that a developer or a machine runs. Needs only Python 3.11 or newer, make and git.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
# What differs from machine to machine: how many rounds of chaos, whether to prove the guards, what to pass on.
RUNS ?= 200
GUARDS ?=
KIND ?=
ARGS ?=

PROJECTS := libs/contracts libs/normal-forms libs/servicekit libs/sandbox libs/devstack \
            services/limego-connector services/fortnox-connector services/matcher services/sync-coordinator
# What no test runs is held together by its types; what runs in an environment of its own (build/) is not seen from here.
PLAYED := -p benchmarks -p chaos -m browser.run -m clients.run -m mutation.run
PACKAGES := contracts normal_forms servicekit sandbox devstack limego_connector fortnox_connector matcher sync_coordinator

.PHONY: help
help: ## list what can be made
	@grep -hE '^[.a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([.a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

.PHONY: .venv
.venv: $(BIN)/.installed ## the virtual environment, with the pinned packages and ours

# `touch`ed last: an interrupted installation is done again.
$(BIN)/.installed: requirements/dev.txt $(addsuffix /pyproject.toml,$(PROJECTS))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not: name one by 'make PYTHON=python3.x ...'" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(PYTHON) has no venv module: install it (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@echo "installing the pinned packages into .venv (a minute or two, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements/dev.txt \
		| sed -nuE 's/^Collecting ([^ ]+).*/  \1/p'
	@echo "installing our own packages"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation $(addprefix -e ,$(PROJECTS))
	@touch $@

.PHONY: demo
demo: .venv ## run the whole system here and play the main job in front of you (DEMO_ONCE=1: play, check, end)
	@$(BIN)/python -m devstack demo

.PHONY: up
up: .venv ## run the whole system here until Ctrl-C
	@$(BIN)/python -m devstack up $(ARGS)

.PHONY: test
test: .venv ## all tests, on a Kafka and a Postgres of their own (ARGS="-n0 tests/devstack -k kafka")
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

.PHONY: check check-style check-format check-types check-imports
check: .venv ## style, format, types and import rules
	@$(MAKE) --jobs 2 --output-sync=target --keep-going check-types check-imports check-style check-format
check-style:
	@$(BIN)/ruff check .
check-format:
	@$(BIN)/ruff format --check .
check-types:
	@MYPYPATH=tests $(BIN)/mypy $(addprefix -p ,$(PACKAGES)) $(PLAYED)
check-imports:
	@$(BIN)/lint-imports

.PHONY: format
format: .venv ## put the code into its format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: bench
bench: .venv ## measure speed and size against their goals, into build/reports/
	@$(BIN)/python tests/benchmarks/run.py $(ARGS)

build/matching/.installed: requirements/matching.txt
	@echo "installing the linkers to compare with into build/matching (a minute or two, once)"
	@$(PYTHON) -m venv build/matching
	@build/matching/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r $<
	@touch $@

.PHONY: bench-matching
bench-matching: .venv build/matching/.installed ## measure the matching beside other linkers (ARGS="dirty --scale 0.1 --seeds 2")
	@$(BIN)/python tests/benchmarks/matching/run.py $(ARGS)

.PHONY: chaos
chaos: .venv ## kill and disturb the system and check its promises (RUNS=200, GUARDS=1, KIND=1)
	@$(BIN)/python tests/chaos/run.py --runs $(RUNS) $(if $(GUARDS),--guards) $(if $(KIND),--kind) $(ARGS)
	@$(if $(GUARDS)$(ARGS),,STEPS_RUNS=1000 $(BIN)/python -m pytest -q --timeout 900 tests/sandbox/fortnox/test_machine.py)

.PHONY: test-compose
test-compose: .venv ## the main job against docker compose, with Kafka and Postgres restarted in the middle
	@$(BIN)/python -m pytest -m compose tests/deploy $(ARGS)

build/clients/.installed: requirements/clients.txt
	@$(PYTHON) -m venv build/clients
	@build/clients/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r $<
	@touch $@

.PHONY: test-clients
test-clients: .venv build/clients/.installed ## clients that others wrote for Fortnox, against the sandbox
	@$(BIN)/python tests/clients/run.py

build/browser/.installed: requirements/browser.txt
	@$(PYTHON) -m venv build/browser
	@build/browser/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r $<
	@touch $@

.PHONY: test-browser
test-browser: .venv build/browser/.installed ## the main job by clicks in Chromium, on the pages of both systems; screenshots in build/
	@$(BIN)/python tests/browser/run.py

build/mutation/.installed: requirements/mutation.txt
	@$(PYTHON) -m venv build/mutation
	@build/mutation/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r $<
	@touch $@

.PHONY: test-mutation
test-mutation: .venv build/mutation/.installed ## break changed lines on purpose; a test must fail (ARGS="--all", "--all --sample 200")
	@PYTHONPATH=tests $(BIN)/python tests/mutation/run.py $(ARGS)

.PHONY: docs
docs: .venv ## generate docs/events.md, the message schemas and the sandbox's checklists from the code
	@$(BIN)/python -m contracts
	@$(BIN)/python tests/support/checklist.py

UV_COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet
.PHONY: lock
lock: .venv ## pin all packages anew, with hashes (ARGS=--upgrade)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	@$(UV_COMPILE) pyproject.toml --group dev --output-file requirements/dev.txt $(ARGS)
	@$(UV_COMPILE) pyproject.toml --output-file requirements/runtime.txt $(ARGS)
	@$(UV_COMPILE) requirements/clients.in --output-file requirements/clients.txt $(ARGS)
	@$(UV_COMPILE) requirements/browser.in --output-file requirements/browser.txt $(ARGS)
	@$(UV_COMPILE) requirements/matching.in --output-file requirements/matching.txt $(ARGS)
	@$(UV_COMPILE) requirements/mutation.in --output-file requirements/mutation.txt $(ARGS)

.PHONY: clean
clean: ## remove what was built here: .venv, build/, caches (not Kafka's jars in ~/.cache/dubbelsynk)
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
