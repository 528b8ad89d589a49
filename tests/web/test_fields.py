"""The table of questions: each stands in it once, and everything that it names exists."""

from collections import Counter

import pytest
from marshmallow import Schema, fields

from estimator.estimates.contract import RequestPart
from estimator.web.patient.fields import (
    FIELDS,
    GROUPS,
    AskedOn,
    Field,
    Kind,
    field_at,
    field_named,
    fields_elsewhere,
    fields_of,
)
from estimator.web.patient.form import field_of
from tests.web.conftest import Pages

ASKED = [field for field in FIELDS if field.kind is not Kind.CARRIED]
# Which clinic is no part of a request: its ZIP code and its prices are.
CLINIC = "location"
IN_A_REQUEST = [field for field in FIELDS if field.path and not field.path.startswith("plan.") and field.name != CLINIC]


def test_every_field_has_a_name_of_its_own() -> None:
    """Two fields of one name would overwrite each other in what is sent."""
    assert {1} == set(Counter(field.name for field in FIELDS).values())


def test_no_two_fields_answer_for_one_place() -> None:
    """A problem of a request belongs to one field."""
    paths = [path for field in FIELDS for path in (field.path, *field.more_paths) if path]

    assert sorted(set(paths)) == sorted(paths)


def test_every_field_is_of_a_known_group() -> None:
    """A field of no group would be asked nowhere."""
    assert {group.name for group in GROUPS} == {field.group for field in FIELDS}


@pytest.mark.parametrize("page", list(AskedOn))
def test_a_page_asks_or_carries_every_field(page: AskedOn) -> None:
    """No answer is lost between two pages."""
    assert {field.name for field in FIELDS} == {field.name for field in (*fields_of(page), *fields_elsewhere(page))}


@pytest.mark.parametrize("field", IN_A_REQUEST, ids=lambda field: field.name)
def test_every_path_is_a_place_of_the_contract(field: Field) -> None:
    """An answer that went anywhere else would be refused as an unknown key."""
    part: Schema = RequestPart()
    *around, last = field.path.split(".")
    for key in around:
        inner = part.fields[key]
        assert isinstance(inner, fields.Nested)
        part = inner.schema

    assert last in part.fields


@pytest.mark.parametrize("field", [each for each in ASKED if each.path], ids=lambda field: field.name)
def test_a_problem_comes_back_to_the_field_that_asked(field: Field) -> None:
    """Also where the contract names something within the answer."""
    assert field.name == field_of(field.path, {}) == field_of(f"{field.path}.0.unknown", {})


def test_what_no_field_asks_has_none() -> None:
    """Nobody is led to a field that they cannot see."""
    assert [None, None] == [field_at(path) for path in ("told.0.on", "contract.0.code")]


@pytest.mark.parametrize("field", [each for each in ASKED if each.choices], ids=lambda field: field.name)
def test_a_list_starts_on_one_of_its_choices(field: Field) -> None:
    """A start that is not in the list would leave every choice empty."""
    assert field.start in [value for value, _ in field.choices]


@pytest.mark.parametrize(("page", "address"), [(AskedOn.FORM, "/"), (AskedOn.MY_PLAN, "/my-plan")])
def test_a_page_draws_what_it_asks_and_hides_the_rest(pages: Pages, page: AskedOn, address: str) -> None:
    """Every field of the table is on the page, seen or carried; price area and clinic only where there are several.

    What only some plans turn on is there once it was answered.
    """
    shown = pages.send(to=address, zip="02339", indian_health="yes").one("main")
    named = {
        element.attributes["name"]: element.attributes.get("type", "")
        for tag in ("input", "select")
        for element in shown.all(tag)
        if element.attributes.get("name")
    }

    one_clinic = {CLINIC} if page is AskedOn.FORM else set()
    assert {field.name for field in FIELDS} - one_clinic <= named.keys()
    hidden = {name for name, kind in named.items() if kind == "hidden"}
    assert {field.name for field in fields_elsewhere(page)} == hidden


def test_every_optional_answer_is_told_back(pages: Pages) -> None:
    """Anyone who reads the answer sees what it rests on, in words."""
    answers = {
        "family": "yes",
        "authorization": "yes",
        "authorization_first_day": "2026-11-30",
        "authorization_last_day": "2026-12-31",
        "purpose": "maintenance",
        "diagnosis": "M54.50",
        "deductible_paid": "100",
    }
    page = pages.send(zip="98101", plan="original-medicare-2026", visits="3", **answers)
    told = page.one("dl", id="told-us").text

    assert [] == [name for name in answers if field_named(name).told not in told]
    assert [] == [words for words in ("$100", "M54.50", "Dec 31, 2026", "To keep what I have") if words not in told]
