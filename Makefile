# Needs Python 3.11 or newer and make, nothing else: database and broker come with the dependencies.
PYTHON ?= python3
IN = .venv/bin/python
# For tools that read the settings and need no service.
OFFLINE = SECRET_KEY=offline DATABASE_URL=postgres://offline@localhost/offline

# A run has many processes of the same modules: each would compile them again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run backup restore test check soak tour lint migrations format lock

run: ## Start everything, print the address; Ctrl-C stops it and keeps the data.
	@$(PYTHON) -m trial.local.bootstrap
	@exec $(IN) -m trial.local.launch

backup: ## Copy the data of `make run`, running or not, into var/backups, and check the copy.
	@$(PYTHON) -m trial.local.bootstrap
	@exec $(IN) -m trial.operations.backup backup

restore: ## Put FILE=var/backups/….tar.gz in place of the data, which are kept beside.
	@$(PYTHON) -m trial.local.bootstrap
	@exec $(IN) -m trial.operations.backup restore "$(FILE)"

# Two that compute beside one that waits: tests/scheduling.py.
SHARED = -n 3 --dist loadfile --no-loadscope-reorder

test: ## The suite; ARGS="tests/trial -k ledger" for a part of it.
	@$(PYTHON) -m trial.local.bootstrap --tests
	@exec $(IN) -m pytest -m "not long" $(SHARED) $(ARGS)

check: ## Lint, types and the tests of what changed since BASE (HEAD~1), by room.
	@$(PYTHON) -m trial.local.bootstrap --tests
	$(IN) -m ruff check .
	$(IN) -m ruff format --check .
	$(OFFLINE) $(IN) -m mypy
	$(IN) -m pytest -q -m "not long" $(SHARED) $$($(IN) -m tests.changed)

soak: ## What the suite has no time for: every address as everybody, the demo, and for SOAK times as long (20) the property
      ## tests and the loop that kills each process of `make run` under load.
	@$(PYTHON) -m trial.local.bootstrap --tests
	@SOAK=$${SOAK:-20} $(IN) -m pytest -q $(SHARED) -m "hypothesis or soak or long" $(ARGS)

tour: ## docs/tour.md and its pictures anew, from a demo of its own.
	@$(PYTHON) -m trial.local.bootstrap --tests
	@exec $(IN) -m trial.local.tour

lint:
	@$(PYTHON) -m trial.local.bootstrap --tests
	$(IN) -m ruff check .
	$(IN) -m ruff format --check .
	$(OFFLINE) $(IN) -m mypy

migrations: ## Fails when a model has changed without one.
	@$(PYTHON) -m trial.local.bootstrap --tests
	@$(OFFLINE) $(IN) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

format:
	$(IN) -m ruff check --fix .
	$(IN) -m ruff format .

lock: ## After a change of a requirements*.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements-test.in -o requirements-test.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements-uv.in -o requirements-uv.txt
