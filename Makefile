# run      install and open the dashboard with the sample, on 127.0.0.1:8501
# test     every test, a real browser included      browser  only those in the browser
# check    format, lint, types, import rule, README  fix      what of it can be mended by itself
# prove    kills and flipped bits, 50 of each kind   bench    measurements
# screenshots  the pictures of the README

PYTHON ?= $(shell for p in python3.11 python3 python3.13 python3.12; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
WITH_CHROMIUM = CHROMIUM="$$(tests/browser/get_chromium.sh $(BIN)/python)" && export CHROMIUM

# Every process that is started would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

ON_ALL_CORES = --numprocesses auto --dist worksteal
PROOFS = tests/unit/store/test_kills.py tests/unit/workflows/test_judging.py tests/browser/test_review_proofs.py

.PHONY: run test check fix browser prove bench screenshots
.DELETE_ON_ERROR:

run: .venv/run.stamp
	@$(BIN)/passfail serve --demo

test: .venv/dev.stamp
	@$(WITH_CHROMIUM) && $(BIN)/python -m pytest $(ON_ALL_CORES)

browser: .venv/dev.stamp
	@$(WITH_CHROMIUM) && $(BIN)/python -m pytest tests/browser $(ON_ALL_CORES)

prove: .venv/dev.stamp
	@$(WITH_CHROMIUM) && PASSFAIL_TRIALS=50 $(BIN)/python -m pytest $(PROOFS) -k "killed or flipped" --capture=no --quiet

bench: .venv/dev.stamp
	@$(WITH_CHROMIUM) && $(BIN)/python -m pytest tests/benchmarks -m benchmark --capture=no --quiet -p no:randomly

screenshots: .venv/dev.stamp
	@$(WITH_CHROMIUM) && $(BIN)/python -m tests.browser.screenshots

check: .venv/dev.stamp
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/python -m tests.rules.readme --check

fix: .venv/dev.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/python -m tests.rules.readme

.venv/run.stamp: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "passfail needs Python 3.11 or newer; set PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv; this takes a minute the first time." >&2
	@$(INSTALL) --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp
	@$(INSTALL) --editable '.[dev]'
	@touch $@
