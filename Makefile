PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Sources of which scoring/ is compiled, where a C compiler is.
COMPILED := $(VENV)/.compiled
SOURCES := compile_scoring.py $(wildcard scoring/*.py ingest/*.py)

.PHONY: venv compiled demo test check format bench soak clean

venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Earful needs Python 3.11 or newer; try: make PYTHON=python3.12 venv")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python compile_scoring.py || true
	touch $(STAMP) $(COMPILED)

compiled: $(COMPILED)

$(COMPILED): $(SOURCES) | $(STAMP)
	$(BIN)/python compile_scoring.py || true
	touch $(COMPILED)

demo: venv
	$(BIN)/earful demo

test: venv
	$(BIN)/python -m pytest

check: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test

format: venv
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: compiled
	$(BIN)/python -m benchmarks

soak: venv
	$(BIN)/python -m pytest -m soak -n 0

clean:
	rm -rf $(VENV) scoring/built .mypy_cache .ruff_cache .pytest_cache build dist
