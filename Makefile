# `make run` and `make test`, each from nothing. `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8050
export PORT
# what was compiled is kept: the tests start hundreds of processes of the product
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: audit help run test check format unit faults bench bench-optimiser bench-homes bench-forecast bench-numbers lock clean system-packages

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: $(VENV)/installed ## create what is missing and serve http://127.0.0.1:$(PORT)
	@$(BIN)/python app.py

# the advisory database is asked while the checks run; pytest's summary stands last
test: system-packages $(VENV)/installed-dev ## every check and test
	@$(BIN)/python -m tests.audit --report >$(VENV)/audit.txt 2>&1 & audit=$$!; \
	 $(MAKE) --no-print-directory check || exit 1; \
	 wait $$audit; licences=$$?; grep -v '^   ' $(VENV)/audit.txt; \
	 echo "Every package's licence: $(VENV)/audit.txt"; \
	 [ $$licences = 0 ] || exit 1; \
	 exec $(MAKE) --no-print-directory unit

check: $(VENV)/installed-dev ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/installed-dev ## all tests with coverage of rota/
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not faults" --cov --cov-report=term:skip-covered --cov-fail-under=85

faults: $(VENV)/installed-dev ## break servers under saves and load: about ten minutes
	$(BIN)/python -m pytest -m faults tests/deploy

format: $(VENV)/installed-dev ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

system-packages:
	@tests/system-packages

bench: $(VENV)/installed-dev ## report the speed of the screens
	$(BIN)/python -m tests.benchmarks.bench

bench-optimiser: $(VENV)/installed-dev ## INSTANCES=folder [SECONDS=60]
	$(BIN)/python -m tests.benchmarks.bench_optimiser $(INSTANCES) $(if $(SECONDS),--seconds $(SECONDS))

bench-homes: $(VENV)/installed-dev ## homes of DATABASE_URL optimised, the gap over time
	$(BIN)/python -m tests.benchmarks.bench_homes

bench-forecast: $(VENV)/installed-dev ## SERIES=folder [SECTIONS=accuracy,speed,growth] [UNITS=42,420,4200]
	$(BIN)/python -m tests.benchmarks.bench_forecast $(SERIES) $(if $(SECTIONS),--sections $(SECTIONS)) $(if $(UNITS),--units $(UNITS))

bench-numbers: $(VENV)/installed-dev ## costs, dashboards and reports; [SCALE=10]
	$(BIN)/python -m tests.benchmarks.bench_numbers --scale $(or $(SCALE),1)

audit: $(VENV)/installed-dev ## known vulnerabilities and licences of what is installed
	@$(BIN)/python -m tests.audit

lock: ## compile requirements*.in (needs uv)
	uv pip compile -q --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	uv pip compile -q --python-version 3.11 --generate-hashes -c requirements.txt requirements-dev.in -o requirements-dev.txt

clean: ## remove the environment (not the data)
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "Python 3.11 is needed; PYTHON=/path/to/python3.11 make …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || tests/system-packages python3-venv
	$(PYTHON) -m venv $(VENV)

# The lists are complete: --no-deps, so that a release published since cannot get in the way.
$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --no-deps --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --no-deps --disable-pip-version-check --quiet -r requirements-dev.txt
	@touch $@ $(VENV)/installed
