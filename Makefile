# make run and make test do everything on a fresh machine with Python 3.11+.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test corpus bench handbook day load schema faults machine containers lint lock

run: $(VENV)/.run
	@IMMUNO_ENV=development $(BIN)/python manage.py start_demo

test: $(VENV)/.test
	$(BIN)/python -m pytest $(ARGS)

# On PostgreSQL and Redis with DATABASE_URL and REDIS_URL.
corpus: $(VENV)/.test
	$(BIN)/python -m pytest -p tests.corpus -m corpus $(ARGS)

# Twenty requests at the desk in a real browser, and the clicks of each task. Needs Chromium.
day: $(VENV)/.test
	$(BIN)/python -m pytest -n 0 -s tests/browser/day.py $(ARGS)

# Tools on PostgreSQL too with DATABASE_URL, kept pages in Redis with REDIS_URL.
bench: $(VENV)/.test
	$(BIN)/python -m tests.bench
	$(BIN)/python -W ignore -m tests.bench.desk
	$(BIN)/python -W ignore -m tests.bench.editors

# Takes the pictures of the handbook anew, from the running admin.
handbook: $(VENV)/.test
	HANDBOOK=take $(BIN)/python -m pytest -n 0 tests/browser/test_handbook.py

load: $(VENV)/.test
	$(BIN)/python -m tests.load $(ARGS)

# Open data against its own documentation: make schema ARGS="--max-examples=500" asks more.
schema: $(VENV)/.test
	$(BIN)/python -m tests.live.schema $(ARGS)

# As root, for the small disks it mounts: make faults ARGS=X3 for one of them.
faults: $(VENV)/.test
	$(BIN)/python -m tests.faults $(ARGS)

# As root, with debootstrap and systemd-container: the operator's handbook on an empty Debian that is booted for it.
machine: $(VENV)/.test
	$(BIN)/python -m tests.machine $(ARGS)

# As root, with podman and podman-compose beside those: the same in containers.
containers: $(VENV)/.test
	$(BIN)/python -m tests.machine.containers

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy content immuno_site
	git ls-files -z -- 'templates/*.html' | xargs -0 $(BIN)/djade --check --target-version 5.2
	IMMUNO_ENV=development $(BIN)/python manage.py makemigrations --check --dry-run
	IMMUNO_ENV=development $(BIN)/python manage.py check_library --quiet

lock: $(VENV)/.test
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade --group test -c requirements.lock -o tests/requirements.lock
	@$(BIN)/python -m tests.bill

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

$(VENV)/.test: tests/requirements.lock $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.lock
	touch $@
