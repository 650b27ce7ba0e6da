# One way to do each thing. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
UV  := $(BIN)/uv
UV_VERSION := 0.13.9
INSTALL := $(UV) pip install -q --compile-bytecode -p $(BIN)/python
PROJECT := pyproject.toml requirements/run.in

# Tests start Odoo and the receiver hundreds of times, and each would compile all its code again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help serve test test-fast odoo-tests test-oca check format messages terms pictures vendor-check bench bench-reports lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: .venv/.run ## set up what is missing and run the receiver on 127.0.0.1:8000
	@exec $(BIN)/monitr serve

test: .venv/.dev ## run every test: real Odoo 14 and 19, PostgreSQL, containers (PYTEST_ARGS=...)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-fast: .venv/.dev ## run what needs no Odoo, browser, containers or PostgreSQL
	$(BIN)/python -m pytest -n auto -k "not postgres" tests/wire tests/receiver tests/test_docs.py tests/test_series.py $(PYTEST_ARGS)

odoo-tests: .venv/.dev ## run all of Odoo's own account tests with the addon installed
	MONITR_TEST_ODOOS_OWN=all $(BIN)/python -m pytest tests/odoo/test_odoos_own_tests.py $(PYTEST_ARGS)

test-oca: .venv/.dev ## install twenty of OCA's addons beside ours on 14 and 19, and work with them
	MONITR_TEST_OCA=all $(BIN)/python -m pytest tests/odoo/test_oca.py $(PYTEST_ARGS)

# env._ is new in 18, and the addon's page is static/description rather than OCA's README.
check: .venv/.dev ## format, lint, types, import rules and Odoo's own linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
		$(BIN)/pylint --disable=prefer-env-translation,missing-readme odoo_addon/monitr_connector

format: .venv/.dev ## format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

TRANSLATIONS := receiver/web/translations

messages: .venv/.dev ## take the pages' texts into the catalogs and compile them
	$(BIN)/python -m babel.messages.frontend -q extract -F babel.cfg -k _l --no-location --omit-header -o build.pot .
	for language in nl fr de; do $(BIN)/pybabel -q update -i build.pot -d $(TRANSLATIONS) -l $$language \
	  --no-fuzzy-matching --ignore-obsolete -w 110; done
	rm build.pot
	$(BIN)/pybabel -q compile -d $(TRANSLATIONS)

terms: .venv/.dev ## take the addon's texts from a real Odoo into its catalogs
	$(BIN)/python -m tools.addon_terms

PICTURES := build/pictures

pictures: .venv/.dev ## take the README's pictures again, two of them of a real Odoo 19
	mkdir -p $(PICTURES)
	MONITR_TEST_SCREENSHOTS=$(PICTURES) $(BIN)/python -m pytest tests/browser/test_push_of_odoo.py tests/browser/test_reports.py -k "not 14.0"
	cp $(PICTURES)/odoo-tied-out-19.0.png docs/odoo-settings.png
	cp $(PICTURES)/push-outstanding-Receivables-Acme-19.0.png docs/outstanding-items.png
	cp $(PICTURES)/profit-and-loss.png docs/profit-and-loss.png

vendor-check: .venv/.dev ## pack the vendored files by npm again and compare them
	$(BIN)/python -m tools.vendored_files

bench: .venv/.dev ## push a ledger end to end beside its peers (ITEMS=100000)
	$(BIN)/python -m tests.bench.push

bench-reports: .venv/.dev ## time every page of a large ledger beside its bare SQL (ITEMS=1000000)
	$(BIN)/python -m tests.bench.reports

lock: $(UV) ## renew requirements/*.txt from requirements/*.in
	$(UV) pip compile -q --upgrade --universal --generate-hashes --no-header --no-annotate --python-version 3.11 requirements/run.in -o requirements/run.txt
	$(UV) pip compile -q --upgrade --universal --generate-hashes --no-header --no-annotate --python-version 3.11 requirements/dev.in -o requirements/dev.txt

clean: ## remove what make made, but not data/
	rm -rf .venv build *.egg-info

.venv/.run: requirements/run.txt $(PROJECT) | $(UV)
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps -e .
	@touch $@

.venv/.dev: requirements/dev.txt $(PROJECT) | $(UV)
	$(INSTALL) --require-hashes -r requirements/dev.txt
	$(INSTALL) --no-deps -e .
	mkdir -p .venv/monitr_wire_for_mypy
	ln -sfn ../../odoo_addon/monitr_connector/wire .venv/monitr_wire_for_mypy/monitr_wire
	@touch $@ .venv/.run

$(UV):
	@$(PYTHON) -c 'import ensurepip, sys; assert sys.version_info >= (3, 11)' 2>/dev/null || \
	  { echo "Monitr needs Python 3.11 or newer with venv: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check uv==$(UV_VERSION)
