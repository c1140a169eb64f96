# Needs python3 (3.11 or later), pip and make; everything else is installed into .venv from the
# hashed lock. `make` alone lists the targets.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cat requirements.lock pyproject.toml | cksum | cut -d' ' -f1)
export REGISTER_HOME ?= $(CURDIR)/.register
export DO_NOT_TRACK := 1
export SEND_ANONYMOUS_USAGE_STATS := no
# Modules are compiled when they are first imported, and kept, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=
# Where drills are looked for: folders or files of tests.
DRILLS ?= tests
# Test processes; a machine with more cores and 3 GB for each may take more.
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup setup-spark demo demo-release test test-all drills coverage release same lint ui docs dashboard bench mutants bench-build nations lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## Install everything into .venv

$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.installed-*
	@touch $@

setup-spark: setup ## Install Spark and its adapter of dbt into .venv as well; needs a Java runtime to run
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation \
		--require-hashes --requirement requirements-spark.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
		--editable engines/spark/dbt_adapter
	@$(BIN)/python -c 'from engines.spark import missing_for_spark; print(missing_for_spark() or "Spark is ready")'

demo: setup ## Simulate a small nation, load its feeds, publish the register and measure it
	$(BIN)/register simulate
	$(BIN)/register load

demo-release: setup ## Release the statistics of what `make demo` loaded
	$(BIN)/register statistics announce 2026 --at now --by "Head of profession" --reason "Demonstration"
	$(BIN)/register statistics draft 2026 --provisional "A demonstration with dirty deliveries"
	$(BIN)/register statistics check 2026
	$(BIN)/register statistics sign 2026 --by "Producer"
	$(BIN)/register statistics approve 2026 --by "Head of profession"
	$(BIN)/register statistics publish 2026

# What one process makes and others only read is shared (tests/once.py); `test` leaves out drills.
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder --durations=12 \
	$(if $(COVERAGE),--cov --cov-append --cov-report= --cov-fail-under=0)

test: setup ## Run every test but the drills
	$(PYTEST) -m "not drill"

test-all: setup ## Run every test, and measure coverage
	rm -f .coverage
	$(MAKE) test drills coverage COVERAGE=yes

drills: setup ## Run the drills alone: kills, other orders, other validators
	$(PYTEST) -m drill $(DRILLS)

coverage: setup # What the tests since the last `rm .coverage` ran, held to the floor
	$(BIN)/coverage report --skip-covered $(if $(FLOOR),--fail-under=$(FLOOR))

# ADVISORIES= a folder or zip file of OSV records, such as osv.dev's export of PyPI.
release: setup ## Build both packages, the bill of materials and licences; check ADVISORIES=<folder or zip>
	rm -rf build/release
	$(BIN)/uv build --quiet --python $(BIN)/python --no-build-isolation --out-dir build/release .
	$(BIN)/uv build --quiet --python $(BIN)/python --no-build-isolation --out-dir build/release suppression_attack
	$(BIN)/cyclonedx-py environment $(VENV) --pyproject pyproject.toml --output-reproducible \
		--gather-license-texts --output-format JSON --output-file build/release/sbom.cdx.json
	$(BIN)/python -m interfaces.documentation.bill_of_materials build/release \
		$(ADVISORIES:%=--advisories %) $(ACCEPTED:%=--accept %)

same: setup ## Prove that REF=<commit> and the working tree publish the same
	$(BIN)/python -m benchmarks.same $(or $(REF),$(error say which commit to compare with: REF=))

lint: setup ## Check style, types, SQL, the dbt project and the Dagster definitions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	.ci/dbt-tool $(BIN)/dbt parse --project-dir dbt_project --quiet --warn-error
	.ci/dbt-tool $(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models dbt_project/tests
	.ci/dbt-tool $(BIN)/dagster definitions validate --module-name orchestration.definitions --log-level warning

ui: setup ## Open the Dagster UI on the loopback address
	$(BIN)/register ui

docs: setup ## Build the documents as a site, the quality site and the documentation of the models
	$(BIN)/register docs

dashboard: setup ## Build the dashboard of the current generation into the home; needs Node 20 and npm
	cd docs/dashboard && npm ci --no-progress
	ln -sfn "$$($(BIN)/register generations path)/national_register_coarse.duckdb" docs/dashboard/sources/register/
	mkdir -p docs/dashboard/static && cp register/appearance/tokens.css docs/dashboard/static/
	cd docs/dashboard && npm run --silent sources && npm run --silent build
	rm -rf "$(REGISTER_HOME)/quality/dashboard"
	cp -r docs/dashboard/build "$(REGISTER_HOME)/quality/dashboard"
	@echo "dashboard: $(REGISTER_HOME)/quality/dashboard; serve it, for its pages are no files to open"

# Sizes one after the other in build/bench, where a run that was ended goes on: YEARS="1 2 5 10", of a
# part of each authority's children: SHARE=0.05.
bench: setup ## Measure speed and memory beside their floors, or of YEARS=<national years> alone
	$(BIN)/python -m benchmarks --folder build/bench $(YEARS:%=--years %) $(SHARE:%=--share %)
ifndef YEARS
	$(BIN)/python -m benchmarks.linkage.sizes
	$(BIN)/python -m benchmarks.publication
	$(if $(REF),$(BIN)/python -m benchmarks.build $(REF))
endif

nations: setup ## Load simulated nations of both profiles and compare what was measured on each
	$(BIN)/python -m benchmarks.nations

mutants: setup ## Break each expression of FOLDER= (models or modules), and list the breaks that no test notices
	$(BIN)/python -m tests.mutants $(or $(FOLDER),dbt_project/models/marts) $(if $(SAMPLE),--sample $(SAMPLE))

bench-build: setup ## Measure the build alone, of REF=<commit> and of the working tree
	$(BIN)/python -m benchmarks.build $(or $(REF),$(error say which commit to measure: REF=)) \
		$(if $(AUTHORITIES),--authorities $(AUTHORITIES))

lock: setup ## Resolve pyproject.toml and that of Spark's adapter again into requirements.lock and requirements-spark.lock
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --group dev \
		--no-annotate --no-header --upgrade --quiet --output-file requirements.lock
	$(BIN)/uv pip compile engines/spark/dbt_adapter/pyproject.toml --universal --generate-hashes \
		--constraint requirements.lock --no-annotate --no-header --quiet \
		--output-file requirements-spark.lock

clean: ## Remove what was built, and keep the home
	rm -rf docs/dashboard/node_modules docs/dashboard/build docs/dashboard/.evidence
	rm -rf $(VENV) .venv-validator build dbt_project/target dbt_project/logs .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
