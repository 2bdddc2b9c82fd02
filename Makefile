# The project's commands; `make` alone lists them.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check
BENCHES = $(basename $(notdir $(shell grep -l '^def main' bench/*.py)))

.PHONY: help setup run test test-all tools bench lint weights

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 16

setup: $(VENV)/installed ## make .venv with all that the app needs

run: setup ## set everything up, then start the app, which prints its address
	@$(RUN) -m models.weights pull || echo "Envo starts without them, and tries again when they are needed."
	@$(RUN) app.py

# Files as they come, which is browser first: the short ones at the end leave no process waiting for another.
# Where CI is set, pytest ends with each failure in full, and the end of a log says not which tests failed.
TEST := env -u CI -u BUILD_NUMBER $(RUN) -m pytest --timeout 180 --numprocesses 2 --dist loadfile --no-loadscope-reorder --max-worker-restart 1

test: $(VENV)/installed-dev weights lint tools ## set everything up, then run every check and test that a change needs
	$(TEST) --changed

test-all: $(VENV)/installed-dev weights lint tools ## run all tests, which takes hours
	$(TEST) --hours

tools: $(VENV)/installed-dev
	@$(RUN) tests/chromium.py --install
	@$(RUN) tests/exiftool.py --install
	@$(RUN) tests/axe.py --install
	@$(RUN) -m tests.postgres --install
	@$(RUN) -m tests.caddy --install

# As modules: run by its path, a script would have its own folder searched first, where `select` is another one.
bench: $(VENV)/installed-dev weights ## measure: a table of each script in bench/; DATA=folder of photos, ALL=1: all are held back
	@for name in $(BENCHES); do \
		echo "bench.$$name"; \
		$(RUN) -m bench.$$name $(if $(DATA),--data '$(DATA)') $(if $(ALL),--all) || exit 1; \
	done

lint: $(VENV)/installed-dev ## check the code's style
	$(RUN) -m ruff check .

weights: setup ## fetch the models' weights
	@$(RUN) -m models.weights pull

# A changed requirements file is newer than its stamp, which makes the next command install again.
$(VENV)/installed: requirements.txt requirements-cuda.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Envo needs Python 3.11 or later. Name one: make $(MAKECMDGOALS) PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	@# Ultralytics asks for opencv-python: the same module as opencv-python-headless, but one that needs a screen's
	@# libraries. It comes without what it asks for, all of which is here already as far as it is used.
	@# onnxruntime and onnxruntime-gpu are one module in two packages, and only one of them may be there.
	@if nvidia-smi >/dev/null 2>&1; then \
		grep -v -e '^ultralytics=' -e '^onnxruntime=' requirements.txt >$(VENV)/requirements.txt && \
		$(PIP) uninstall -y onnxruntime && \
		$(PIP) install -r $(VENV)/requirements.txt -r requirements-cuda.txt; \
	else \
		grep -v '^ultralytics=' requirements.txt >$(VENV)/requirements.txt && \
		$(PIP) install -r $(VENV)/requirements.txt; \
	fi
	@grep '^ultralytics=' requirements.txt >$(VENV)/requirements-alone.txt
	$(PIP) install --no-deps -r $(VENV)/requirements-alone.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt requirements-train.txt $(VENV)/installed
	$(PIP) install -r requirements-dev.txt
	@touch $@
