# Everything a newcomer types. Each target says what it does: `make help`.
PYTHON ?= python3
BIN := .venv/bin
CLINICALL := $(BIN)/clinicall
.DEFAULT_GOAL := help
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard clinicall/locale/*/LC_MESSAGES/*.po))
.PHONY: help run test deep fuzz simulate check format bench bench-compare bench-growth bench-storms screens messages pseudo lock browser wrk

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | sort | expand -t 10

run: .venv/app.stamp clinicall/web/static/built/.vite/manifest.json $(CATALOGUES)  ## Install, build, load the demo into an empty database, and serve
	@$(CLINICALL) migrate --verbosity 0
	@$(CLINICALL) demo --if-empty $(CLINICALL_DEMO)
	@exec $(CLINICALL) serve

test: check browser clinicall/web/static/built/.vite/manifest.json  ## Check everything and run the tests (12 to 15 minutes on two cores)
	npm test
	$(BIN)/pytest -m "not deep" tests/journeys & browsers=$$!; \
	$(BIN)/pytest -m "not deep" $(PROCESSES) & processes=$$!; \
	$(BIN)/pytest -m "not deep" $(patsubst %,--ignore=%,tests/journeys $(PROCESSES)); others=$$?; \
	wait $$browsers; browsers=$$?; \
	wait $$processes && exit $$((browsers | others))
# What starts clinics, races or lives through histories: much of it waits, for others or for time to pass.
PROCESSES := tests/faults tests/live tests/races tests/server tests/simulator
# Hundreds of processes are started; each would compile all that it imports, and pytest rewrite it.
unexport PYTHONDONTWRITEBYTECODE

deep: .venv/dev.stamp browser clinicall/web/static/built/.vite/manifest.json  ## Run the long campaigns
	$(BIN)/pytest -m deep --timeout=1800

fuzz: .venv/dev.stamp  ## Make up FUZZ=400 requests for each operation and caller: some 25,000 in all
	FUZZ=$(or $(FUZZ),400) $(BIN)/pytest --timeout=1800 tests/bad_input/test_any_request.py

simulate: .venv/dev.stamp  ## Live through ROUNDS=100 random histories of the clinic, from SEED=1 on; ROUNDS=1 tells the whole one
	$(BIN)/python -m tests.simulator $(or $(SEED),1) $(or $(ROUNDS),100)

check: .venv/dev.stamp node_modules/.stamp  ## Lint, types, import rules, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(CLINICALL) makemigrations --check --dry-run
	npm run check

format: .venv/dev.stamp node_modules/.stamp  ## Rewrite the sources in the house style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	npm run format

bench: browser wrk clinicall/web/static/built/.vite/manifest.json  ## Measure reading, booking, publishing and sockets against plain PostgreSQL, and pages (10 minutes)
	$(BIN)/python -m bench $(TO)

bench-compare: .venv/dev.stamp  ## Compare two results of `make bench`: A=bench-results/OLD.json B=bench-results/NEW.json
	$(BIN)/python -m bench.compare "$(A)" "$(B)"

bench-growth: .venv/dev.stamp clinicall/web/static/built/.vite/manifest.json  ## Ask grown clinics, up to 100,000 doctors and 10 million slots (8 GB of disk, half an hour)
	$(BIN)/python -m bench.growth

bench-storms: .venv/dev.stamp clinicall/web/static/built/.vite/manifest.json  ## Stand 2,000 live pages, 900 slow clients and a soak with faults: 20 minutes, or SOAK=MINUTES
	$(BIN)/python -m bench.storms $(TO)

messages: .venv/app.stamp  ## Collect what is to be translated into clinicall/locale (needs GNU gettext)
	$(CLINICALL) makemessages --all --keep-pot --no-wrap --add-location file $(SOURCES) -d django -e html,py,txt
	$(CLINICALL) makemessages --all --keep-pot --no-wrap --add-location file $(SOURCES) -d djangojs -e ts
	sed -i '/^"POT-Creation-Date/d' clinicall/locale/*.pot
SOURCES := $(addprefix -i ,node_modules .venv tests bench data clinicall/web/static/built vite.config.ts '*.test.ts')

pseudo: .venv/dev.stamp  ## Offer two made-up languages, a long one and one from right to left, to see pages in
	$(BIN)/python -m tests.pseudo_locales $(or $(CLINICALL_DATA),data)/locale

screens: browser node_modules/.stamp clinicall/web/static/built/.vite/manifest.json  ## Take pictures of every screen in every look, or of those with ONLY=doctor in their names
	$(BIN)/python -m tests.screens "$(ONLY)"

lock: .venv/dev.stamp  ## Renew the locked requirements from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile $(LOCK) -q -o requirements/app.txt pyproject.toml
	$(BIN)/uv pip compile $(LOCK) -q --group dev -o requirements/dev.txt pyproject.toml
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --extra embedded --upgrade

# --- what the targets above rest on ---
.venv/app.stamp: requirements/app.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements/app.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/app.stamp
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

node_modules/.stamp: package-lock.json
	npm ci
	@touch $@

clinicall/web/static/built/.vite/manifest.json: node_modules/.stamp vite.config.ts $(shell find frontend -type f 2>/dev/null) | .venv/app.stamp
	npm run build
	$(BIN)/python -m whitenoise.compress --quiet clinicall/web/static/built/assets

%.mo: %.po .venv/app.stamp
	$(BIN)/python -c "import polib; polib.pofile('$<').save_as_mofile('$@')"

# The browser of the journeys: CLINICALL_BROWSER, else Debian's, else one that Playwright brings.
browser: .venv/dev.stamp
	@test -x "$${CLINICALL_BROWSER:-/usr/bin/chromium}" || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	else $(BIN)/playwright install chromium; fi

# What asks over HTTP in `make bench`.
wrk:
	@command -v wrk >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq wrk >/dev/null; \
	else echo "Install wrk (Debian, Ubuntu: apt install wrk)." >&2; exit 1; fi
