# Two commands matter: `make demo` and `make test`. Each sets up what it needs in .venv, from the package index alone.
PYTHON ?= python3
export PIP_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo test lint bench docs record-demo clean

demo: $(STAMP)
	$(BIN)/taskseed demo

test: $(STAMP)
	$(BIN)/pytest

lint: $(STAMP)
	$(BIN)/ruff format --check src tests bench docs
	$(BIN)/ruff check src tests bench docs
	$(BIN)/mypy
	$(BIN)/lint-imports

# docs/tasks.md from the catalogue and its data files, docs/prompts.md from the prompt blocks, docs/first-run.md from what the
# demo makes
docs: $(STAMP)
	$(BIN)/python docs/make_tasks.py
	$(BIN)/python docs/make_prompts.py
	$(BIN)/python docs/make_first_run.py

# the demo's recorded answers, anew: one call per round of requests (docs/record_demo.py says how)
record-demo: $(STAMP)
	$(BIN)/python docs/record_demo.py

bench: $(STAMP)
	$(BIN)/python bench/client.py

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "taskseed needs Python 3.11 or newer; try: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) runs .mypy_cache .ruff_cache .pytest_cache .hypothesis
