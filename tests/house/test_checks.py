"""Every check catches an example of what it forbids, and leaves the right way of writing alone."""

import pytest

from tests.house import outcomes, shape, words
from tests.house.sources import Check, Source, breaches

PROOFS = [
    (shape.floats, "price: float", "price: Money"),
    (shape.floats, "rate = 0.2", "rate = percent('20%')"),
    (shape.floats, "cents = float(text)", "cents = int(text)"),
    (shape.long_calls, "look(1, 2, 3, 4, 5, 6, 7)", "look(1, 2, 3, 4, 5, 6, last=7)"),
    (shape.long_calls, "look(1, 2, 3, 4, 5, 6, 7)", "select(1, 2, 3, 4, 5, 6, 7)"),
    (shape.unformatted_code, "look(\n    1, 2,\n)  # fmt: skip", "NAMES = (\n    1, 2,\n)  # fmt: skip"),
    (shape.imports_beyond_the_standard_library, "import flask", "import decimal"),
    (shape.imports_beyond_the_standard_library, "from ruamel.yaml import YAML", "from datetime import date"),
    (
        shape.imports_beyond_the_standard_library,
        "from estimator import clock",
        "from estimator.engine.values import Money",
    ),
    (
        shape.imports_beyond_the_standard_library,
        "def read():\n    import click",
        "from estimator.errors import Problem",
    ),
    (shape.clock_readings, "as_of = date.today()", "as_of = clock.today()"),
    (shape.clock_readings, "at = datetime.datetime.now(UTC)", "at = clock.now_utc()"),
    (shape.clock_readings, "field(default_factory=date.today)", "field(default_factory=tuple)"),
    (shape.measured_too_soon, "found = Axe().run(page)\nfrom axe import Axe", "found = heard(page)"),
    (shape.measured_too_soon, 'self.page.evaluate("document.title")', 'measured(self.page, "document.title")'),
    (shape.environment_readings, 'os.environ.get("DATABASE_URL")', "DATABASE_URL.value()"),
    (shape.environment_readings, 'os.getenv("DATABASE_URL")', "DATABASE_URL.value()"),
    (shape.environment_readings, 'option("--to", envvar="TO")', 'option("--to")'),
    (shape.commits, "session.commit()", "session.flush()"),
    (words.empty_names, "data = read()", "visits = read()"),
    (words.empty_names, "def handler(): ...", "def answer(): ..."),
    (words.empty_names, "class PlanManager: ...", "class PlanManagement: ..."),
    (words.empty_names, "def price(item): ...", "def price(line): ..."),
    (words.empty_names, "def price_helper(): ...", "def price_of_helper_visit(): ..."),
    (words.empty_names, "for obj in visits: ...", "for visit in visits: visit.data"),
    (words.empty_names, "class Reading:\n    info: str", "class Reading:\n    source: str"),
    (words.empty_names, "self.val = 1", "self.amount = 1"),
    (words.empty_names, "import plans as utils", "import plans"),
    (words.empty_names, "def charge(data): ...", "def _serialize(self, value, attr, obj): ..."),
    (words.banned_phrases, "Which library " + "spares us", "What each library replaces"),
    (words.banned_phrases, "colo" + "urs", "colors"),
    (words.banned_phrases, "Lead whoever kept it back", "Redirect anyone who kept it"),
    (words.old_fashioned_phrases, "a plan that there is not", "a plan that doesn't exist"),
    (words.modules_without_docstring, "import os", '"""Where the plans lie."""'),
    (words.public_names_without_docstring, "def settle(): ...", 'def settle():\n    """Charge."""'),
    (words.public_names_without_docstring, "class Visit: ...", "class _Visit: ..."),
    (
        words.tests_that_say_nothing,
        "def test_cap_is_exact(): ...",
        'def test_cap_is_exact():\n    """Both sides."""',
    ),
    (
        words.tests_that_say_nothing,
        'def test_cap():\n    """Both sides."""',
        'def test_the_cap_is_exact():\n    """Both sides."""',
    ),
    (
        outcomes.wide_catches,
        "try: ...\nexcept Exception: ...",
        "try: ...\nexcept ValueError: ...",
    ),
    (outcomes.wide_catches, "try: ...\nexcept: ...", "try: ...\nfinally: ..."),
    (
        outcomes.wide_catches,
        "try: ...\nexcept (ValueError, BaseException): ...",
        "try: ...\nexcept (ValueError, KeyError): ...",
    ),
    (outcomes.wide_exceptions, "class Stop(BaseException): ...", "class Stop(EstimatorError): ..."),
    (outcomes.traces_of_a_machine, "plans: /" + "tmp/plans", "plans: https://example.org/" + "tmp/plans"),
    (outcomes.traces_of_a_machine, "--index" + "-url https://py" + "pi.org/simple", "--require-hashes"),
]


@pytest.mark.parametrize(
    ("check", "bad", "good"), PROOFS, ids=[f"{proof[0].__name__}-{n}" for n, proof in enumerate(PROOFS)]
)
def test_a_check_catches_the_bad_example_and_not_the_good_one(check: Check, bad: str, good: str) -> None:
    """A check that cannot fail proves nothing."""
    caught = breaches(check, [Source("estimator/engine/example.py", bad)])
    let_through = breaches(check, [Source("estimator/engine/example.py", good)])

    assert caught
    assert [] == let_through


def test_a_module_name_that_says_nothing_is_caught() -> None:
    """The name of the file counts as a name."""
    caught = breaches(words.empty_names, [Source("estimator/db/utils.py", "")])

    assert ["estimator/db/utils.py:1: the module's name utils says nothing"] == caught
