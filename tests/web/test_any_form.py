"""Forms filled in at random, by patients and by staff: whatever is sent, no page fails."""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter

from estimator.accounts.roles import Role
from estimator.settings import templates_folder
from estimator.web import common
from estimator.web.patient.choices import MY_PLAN
from estimator.web.patient.fields import FIELDS
from estimator.web.patient.form import answers_of
from tests.web.conftest import TODAY
from tests.web.staff.conftest import StaffClient
from tests.web.staff.conftest import app as app
from tests.web.staff.conftest import engine as engine
from tests.web.staff.conftest import made_once as made_once
from tests.web.staff.conftest import staff as staff
from tests.web.staff.conftest import staffed as staffed

FEW, MANY = 100, 10_000
ROUTES = (
    "/", "/estimate", "/choose-plan", "/my-plan", "/compare", "/open-enrollment", "/what-matters", "/call-answers",
    "/save", "/paper/estimate", "/paper/call-script", "/es/estimate", "/calendar", "/prices-near-you",
)  # fmt: skip
PLANS = (
    "template-employer-ppo",
    "template-medicare",
    "self-pay",
    MY_PLAN,
    "describe",
    "find:marketplace",
    "no-such-plan",
)
HOSTILE = (
    "", " ", "0", "-1", "1", "6", "30", "40.00", "1e9", "9" * 30, "NaN", "inf", "²", "٣", "20%", "110", "1,000.00",
    "9" * 5_000,
    "\0", "a\0b", "\ud7ff\uffff", "😀", "<b>&\"'", "{}", "[]", "null", '{"plan": "x", "calls": []}', '{"calls": [1]}',
    '{"plan": "template-employer-ppo", "calls": [{}]}', "yes", "no", "unknown", "none", "first", "number", "2026-12-01",
    "$40", "2026-02-30", "0001-01-01", "9999-12-31", "98101", "00000", "M54.50", "x" * 3_000, "20560", "20561", "abc",
    "biller", "../..", "%s%n", "{0}", "ISA*00*", "a,b\n1,2", "plan: x\nkind: y",
)  # fmt: skip
_NAME = re.compile(r"""\bname="([\w.-]+)"|form(?:\.get|\.getlist)?[(\[]\s*"([\w.-]+)\"""")
_SOURCES = [*Path(common.__file__).parent.rglob("*.py"), *templates_folder().rglob("*.html")]
NAMES = sorted({name for path in _SOURCES for pair in _NAME.findall(path.read_text("utf-8")) for name in pair if name})
# What signs out, and so ends the work of the test, is tried elsewhere.
NOT_SENT = ("/staff/sign-out", "/staff/watch/", "/staff/sign-in")


def patient_form(chance: random.Random) -> dict[str, str]:
    """Return a form that is mostly sensible, so that some answers are wrong and others are used."""
    form = {**answers_of({}, date.fromisoformat(TODAY)), "zip": "98101", "visits": "6", "plan": chance.choice(PLANS)}
    for field in chance.sample(FIELDS, chance.randint(0, 12)):
        choices = [value for value, _ in field.choices]
        form[field.name] = chance.choice(choices) if choices and chance.random() < 0.6 else chance.choice(HOSTILE)
    for name in chance.sample(NAMES, chance.randint(0, 3)):
        form[name] = chance.choice(HOSTILE)
    for name in chance.sample(list(form), chance.randint(0, 3)):
        del form[name]
    return form


def staff_forms(app: Flask, chance: random.Random, count: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield addresses of staff that take a form, each with a form of any field there is."""
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/staff") and "POST" in (rule.methods or ()) and rule.rule not in NOT_SENT
    ]
    for _ in range(count):
        rule = chance.choice(rules)
        kinds = rule._converters.items()
        values = {
            name: chance.randint(1, 6) if isinstance(kind, IntegerConverter) else chance.choice((*PLANS, "contract"))
            for name, kind in kinds
        }
        built = rule.build(values)
        assert built
        form = {name: chance.choice((*HOSTILE, *PLANS)) for name in chance.sample(NAMES, chance.randint(0, 25))}
        yield built[1], form


def failures(post: Callable[..., object], forms: Iterator[tuple[str, Mapping[str, str]]]) -> list[object]:
    """Return each form at which a page failed."""
    found = []
    for address, form in forms:
        status = getattr(post(address, data=form), "status_code", 0)
        if status >= 500:
            found.append((address, status, form))
    return found


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_no_form_of_a_patient_makes_a_page_fail(client: FlaskClient, count: int) -> None:
    """Answers that never enter the request are shown as well, and so must be read with care."""
    chance = random.Random(count)

    assert [] == failures(client.post, ((chance.choice(ROUTES), patient_form(chance)) for _ in range(count)))


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_no_form_of_staff_makes_a_page_fail(
    app: Flask, staff: Callable[[str], StaffClient], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever field is sent to whatever page, by somebody who may do everything."""
    monkeypatch.setitem(app.config, "WTF_CSRF_METHODS", set())
    client = staff(Role.ADMIN)

    assert [] == failures(client.post_without_mark, staff_forms(app, random.Random(count), count))


def test_a_price_for_needling_that_is_not_chosen_makes_no_page_fail(client: FlaskClient) -> None:
    """It enters no request, so nothing but the page reads it: what is no amount is asked for again."""
    form = {
        "zip": "98101",
        "plan": "template-employer-ppo",
        "visits": "6",
        "needling": "none",
        "needling_price": "forty",
    }

    answer = client.post("/estimate", data=form)
    assert (422, True) == (answer.status_code, "Enter an amount, like" in answer.text)


def test_an_amount_that_is_none_in_a_described_plan_makes_no_page_fail(client: FlaskClient) -> None:
    """The year after it is looked for before anything else reads the plan."""
    form = {"zip": "98101", "plan": MY_PLAN, "visits": "6", "my_deductible": "abc"}
    answer = client.post("/open-enrollment", data=form)

    assert (422, True) == (answer.status_code, "Enter an amount, like 40.00" in answer.text)


def test_rolling_a_plan_into_no_year_makes_no_page_fail(staff: Callable[[str], StaffClient]) -> None:
    """What is typed into the field, or nothing."""
    client = staff(Role.RULES)
    for year in ("", "abc", "0", "1", "99999999"):
        answer = client.post("/staff/plans/dogwood/roll", data={"year": year})
        assert (422, True) == (answer.status_code, "Enter a year from 2001 to 2100" in answer.text), year


def test_looking_up_no_plan_makes_no_page_fail(app: Flask, staff: Callable[[str], StaffClient]) -> None:
    """The button beside an empty field of the eligibility page."""
    answer = staff(Role.BILLING).post("/staff/eligibility", data={"look-up": "yes"})

    assert 422 == answer.status_code
    assert "Enter the plan’s id" in answer.text
