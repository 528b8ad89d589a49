# make serve    opens the product at http://127.0.0.1:8000
# make test     is what .ci/run calls

PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve test format words goldens lock bench load

serve: .venv/ready
	$(BIN)/estimator serve

# The domain's tests are counted for coverage, and its report is shown only when it falls short. The others come last; a
# file of theirs stays in one of the two processes, so that what it sets up is set up once.
test: .venv/ready
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy --strict estimator
	$(BIN)/lint-imports --no-logo
	$(BIN)/estimator plans check
	$(BIN)/pytest -q --numprocesses 2 --cov --cov-report= estimator/engine tests/engine
	@report=$$($(BIN)/coverage report --include='estimator/engine/*' --fail-under=95) \
		|| { echo "$$report"; exit 1; }
	$(BIN)/pytest -q --numprocesses 2 --dist loadfile --ignore estimator/engine --ignore tests/engine

format: .venv/ready
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# Adds new sentences to the catalogues of the other languages, with nothing beside them yet.
words: .venv/ready
	$(BIN)/python -m tests.language.catalogues

# Answers the saved requests anew. A changed answer needs a line in the changelog that says why.
goldens: .venv/ready
	$(BIN)/python -m tests.goldens.answers

bench: .venv/ready
	$(BIN)/python bench/run.py $(OFFICIAL)

# Fifty people on the form for a minute; prints how long they waited.
load: .venv/ready
	$(BIN)/python bench/load.py

# Needs uv. Written with hashes and without addresses, so that plain pip installs it from any index.
lock:
	uv lock --upgrade
	uv export --no-emit-project --no-header --all-groups >requirements.lock

# Made again only when what it holds has changed.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
