# Every command of the project. `make help` explains them.
PYTHON ?= python3.11
ifeq (,$(shell command -v $(PYTHON) 2>/dev/null))
PYTHON := python3
endif
AIRFLOW := .venv/airflow/bin
SUPERSET := .venv/superset/bin
UI := superset_kpi_plugin/ui
DEMO ?= .demo

.DEFAULT_GOAL := help
.PHONY: new-platform new-kpi glossary help demo test test-quick test-faults test-oracle test-matrix bench lint format lock venv wheel clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Set up and run everything: databases, sandbox, Airflow, KPI layer, Superset (Ctrl-C stops it)
	@exec $(PYTHON) -m demo.run --folder $(DEMO)

test: ## Set up everything afresh and run every test, the browser's too
	@$(PYTHON) -m tests.run

test-quick: ## Every test that needs no running demo
	@$(PYTHON) -m tests.run --quick

test-faults: ## All 500 kills, 100,000 hostile files, and alerts killed at each step (an hour), of which `make test` takes a sample
	@$(PYTHON) -m tests.run --faults

test-oracle: ## All 200 random businesses against the oracle, the tiny one against its truth, and mutations of the SQL, of which `make test` takes a sample
	@$(PYTHON) -m tests.run --oracle

test-matrix: ## The plugin and every chart's query on Superset 4.1, 5.0 and 6.0 as well
	@$(PYTHON) -m tests.run --matrix

bench: venv ## The benchmarks, as ratios measured side by side in one run
	@$(PYTHON) -m tests.run --bench

lint: venv ## Style, types and SQL: ruff, mypy, sqlfluff, biome, tsc
	$(AIRFLOW)/ruff check .
	$(AIRFLOW)/ruff format --check .
	$(AIRFLOW)/mypy
	$(AIRFLOW)/python -m sql.tools.style
	$(AIRFLOW)/python -m sql.tools.glossary --check
	$(AIRFLOW)/sqlfluff lint --processes 2 sql/models sql/tests/reconciliation
	@PATH="$$($(SUPERSET)/python $(UI)/build.py --print-path):$$PATH" npm --prefix $(UI) run --silent lint

format: venv ## Rewrite Python and TypeScript in the house style
	$(AIRFLOW)/ruff check --fix .
	$(AIRFLOW)/ruff format .
	@PATH="$$($(SUPERSET)/python $(UI)/build.py --print-path):$$PATH" npm --prefix $(UI) run --silent format

lock: ## Resolve the two lock files anew from setup.py
	@$(PYTHON) -m demo.lock

venv: ## Both environments and the compiled user interface
	@$(PYTHON) -m demo.environments

wheel: ## Build the wheel into dist/
	$(PYTHON) -m pip wheel --no-deps --wheel-dir dist .

new-platform: ## Lay out a new platform: make new-platform NAME=etsy
	@$(PYTHON) -m airflow_dags.new_platform $(NAME)

new-kpi: ## Lay out a new KPI: make new-kpi NAME=return_cost DOMAIN=finance [MEASURE=x | RATIO=x/y]
	@$(AIRFLOW)/python -m sql.tools.new_kpi $(NAME) $(DOMAIN) --measure "$(MEASURE)" --ratio "$(RATIO)"

glossary: ## Write docs/glossary.en.md and docs/glossary.zh.md from the KPI definitions
	@$(AIRFLOW)/python -m sql.tools.glossary

clean: ## Remove the demo's and the tests' state; the environments stay
	@$(PYTHON) -m demo.run --folder $(DEMO) --forget
	@$(PYTHON) -m demo.run --folder .test/demo --forget
	@$(PYTHON) -m demo.run --folder .test/unit --forget
	rm -rf build dist *.egg-info
