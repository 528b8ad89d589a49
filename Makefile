# make serve    opens the product at http://127.0.0.1:8000
# make test     is what .ci/run calls; make test-slow is for what takes minutes by its nature

PYTHON ?= python3
BIN := .venv/bin
# Tests start many processes: without compiled files each would compile the product anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: serve test tests test-slow format words goldens lock bench truth load hurry desk

serve: .venv/ready
	$(BIN)/estimator serve

# Types are checked beside the tests. The engine's own tests are counted for coverage, and the report is shown only when
# it falls short; its properties hold without being counted, in half the time, and run with all the others.
test: .venv/ready
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/estimator plans check
	@$(BIN)/mypy --strict estimator & types=$$!; \
		$(MAKE) --no-print-directory tests; tests=$$?; \
		wait $$types || { echo "mypy found mistakes: see above."; exit 1; }; exit $$tests

tests: .venv/ready
	$(BIN)/pytest -q -n 2 --cov --cov-report= estimator/engine tests/engine --ignore tests/engine/properties
	@report=$$($(BIN)/coverage report --include='estimator/engine/*' --fail-under=95) \
		|| { echo "$$report"; exit 1; }
	$(BIN)/pytest -q -n 2 --dist worksteal --ignore estimator/engine --ignore-glob 'tests/engine/test_*.py'

# What takes minutes by its nature: kills on PostgreSQL, hundreds of requests an operation, axe at the second width.
test-slow: .venv/ready
	$(BIN)/pytest -q -n 2 --dist worksteal -m slow

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

# Measures how accurate the number is and writes docs/accuracy.md; `make truth RATES=folder FILED=folder` measures more.
truth: .venv/ready
	RATES="$(RATES)" FILED="$(FILED)" $(BIN)/python bench/truth.py

# A clinic of 20,000 cases, 60,000 payments and 5,000 visits a day: how long each page of the staff takes.
desk: .venv/ready
	$(BIN)/python bench/desk.py

# Fifty people on the form for a minute; prints how long they waited. With AT=https://… at a service that runs already.
load: .venv/ready
	$(BIN)/python bench/load.py $(AT)

# Answers a second with eight clients and two processes, and what an answer costs them.
hurry: .venv/ready
	$(BIN)/python bench/load.py --hurry

# Needs uv. Written with hashes and without addresses, so that plain pip installs it from any index.
lock:
	uv lock --upgrade
	uv export --no-emit-project --no-header --all-groups >requirements.lock
	uv export --no-emit-project --no-header --no-annotate --no-dev --all-extras >deploy/requirements.txt

# Made again only when what it holds has changed.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
