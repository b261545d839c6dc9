# Everything a fresh machine needs is Python (3.11 or newer) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup demo test test-failed check bench bench-dashboard year kills soak daemons workers decay stories outlets-table screenshots lock clean

setup: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "pantau needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m crawler.rendering.installing
	@touch $@

demo: setup  ## crawl every outlet of the bundled news world over real sockets, store, report
	@$(BIN)/python -m tests.newsworld.demo

# The suite starts many processes, each the sooner for compiled modules.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup check  ## the whole test suite
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

test-failed: setup  ## what failed last, one test at a time
	$(BIN)/python -m pytest -q -n 0 --last-failed --last-failed-no-failures none

check: setup  ## linters, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## speed, printed as figures, side by side with the common tools
	@$(BIN)/python -m tests.bench

bench-dashboard: setup  ## how long each page takes over 100,000 articles, on SQLite and PostgreSQL
	@$(BIN)/python -m tests.bench_dashboard

kills: setup  ## kill crawls at some 170 named points and 50 random moments; nothing may be lost
	@$(BIN)/python -m tests.kills --points 4 --random 85  # a third of the random ones falls after the end

year: setup  ## a simulated year of daily crawls, held against the news world's truth (takes long)
	@$(BIN)/python -m tests.year

soak: setup  ## 480 runs of one service; nothing of it may grow
	@$(BIN)/python -m tests.soak

daemons: setup  ## eight services on one database, twenty due times, leaders killed; each time once
	@$(BIN)/python -m tests.daemons

workers: setup  ## fifteen crawls by one, two, four workers on PostgreSQL, and with one of two killed
	@$(BIN)/python -m tests.workers

outlets-table: setup  ## the README's table of outlets anew, from what their files declare
	@$(BIN)/python -m crawler.cli.main outlets --into README.md

stories: setup  ## whether wire copies are found, and what 100,000 articles cost
	@$(BIN)/python -m tests.stories

decay: setup  ## how soon a redesign is noticed, how often one is that is none
	@$(BIN)/python -m tests.decay

screenshots: setup  ## a picture of each page of the dashboard, for the README
	@$(BIN)/python -m tests.screenshots

lock: setup  ## write requirements.txt anew from pyproject.toml; it holds versions and hashes, no hosts
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev pyproject.toml -o requirements.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
