# Two commands: `make demo` runs the main job on the sample lesson, `make test` passes the tests. Both set everything up.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# Extra arguments for pip, e.g. PIP_ARGS="--index-url ..." for a mirror.
PIP_ARGS ?=
# Test processes; each holds TensorFlow and torch (about 2 GB).
JOBS ?= 2
PYTEST_ARGS ?=
# A command that ends pytest when it takes too long (CI).
UNTIL ?=

.PHONY: demo web test test-all check lint types setup system docs site boris exchange soak clean-demo

setup: $(VENV)/.ready system

# The program alone: what `pip install classroom-fer` brings. Analysis needs no training framework.
$(VENV)/.product: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "error: classroom-fer needs Python 3.11, 3.12 or 3.13; this is `$(PYTHON) --version`"; \
	  echo "hint: make $(MAKECMDGOALS) PYTHON=python3.11 (Debian/Ubuntu: apt-get install python3.11 python3.11-venv)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "error: Python's venv module is missing"; echo "hint: apt-get install python3-venv"; exit 1; }
	@echo "setting up $(VENV): the program (about 200 MB the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -e .
	@touch $@

# Everything: tests, and the training frameworks (PyTorch, TensorFlow).
$(VENV)/.ready: $(VENV)/.product
	@echo "setting up $(VENV): tests and training (some gigabytes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -e '.[dev,docs,train,web]'
	@touch $@

# WeasyPrint needs Pango; a fresh Debian or Ubuntu server has none.
system: $(VENV)/.product
	@sh scripts/system-libraries $(BIN)/python

demo: system
	@mkdir -p demo
	$(BIN)/classroom-fer analyze sample_videos/lesson.mp4 --tasks sample_videos/tasks.csv --db demo/lesson.sqlite --out demo
	@echo
	@echo "The PDF for the teacher:        demo/lesson.pdf"
	@echo "The database for the researcher: demo/lesson.sqlite"
	@echo "  for example: $(BIN)/classroom-fer query 'SELECT task, n, coverage, grade, engagement FROM v_task' --db demo/lesson.sqlite"

# The browser app on the sample lesson.
$(VENV)/.web: $(VENV)/.product
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -e '.[web]'
	@touch $@

demo/lesson.sqlite:
	@$(MAKE) --no-print-directory demo

web: $(VENV)/.web system demo/lesson.sqlite
	$(BIN)/classroom-fer web --db demo/lesson.sqlite --root sample_videos

# One thread a process: on few cores the frameworks' threads of several processes wait for each other (67 -> 50 s for the runs,
# search and shipping tests of training).
test: export OMP_NUM_THREADS ?= 1
test: export TF_NUM_INTRAOP_THREADS ?= 1
test: export TF_NUM_INTEROP_THREADS ?= 1
test: setup
	$(UNTIL) $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

# Benchmarks too.
test-all: setup
	@$(MAKE) --no-print-directory test PYTEST_ARGS='-m "soak or not soak" $(PYTEST_ARGS)'

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

check: lint types test

docs: setup
	$(BIN)/python -m classroom_fer.store.dictionary > docs/data-dictionary.md
	$(BIN)/python scripts/commands_page.py
	$(BIN)/python scripts/settings_page.py

# The documents as a website: build/site/index.html.
site: setup
	$(BIN)/python -m sphinx -q -W --keep-going -b html -c docs/site . build/site

# BORIS (GPL-3, Qt) in an environment of its own; its functions read back what is written for it.
BORIS = $(CURDIR)/build/boris/bin/python
boris:
	@test -x $(BORIS) || $(PYTHON) -m venv build/boris
	@$(BORIS) -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) 'boris-behav-obs>=8.27,<9'
	@cd scripts && $(BORIS) -c 'import boris_reader; boris_reader.module("export_observation")'

# The sample lesson through every export and back by each program's own reader (minutes).
exchange: setup boris
	CLASSROOM_FER_BORIS=$(BORIS) $(BIN)/python -m pytest -q tests/exchange
	$(BIN)/python scripts/exchange_round.py --boris $(BORIS)

# Runs killed at random moments, or hit by a fault, and begun again end in the same tables (about twelve minutes).
soak: $(VENV)/.product
	$(BIN)/python scripts/soak.py

clean-demo:
	rm -rf demo
