"""JSON text with traps in it is refused, and numbers never pass through binary floating point."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract_values import MOST_CHARACTERS, read_json


def problems(text: str) -> list[str]:
    """Read text that must be refused, and return its problems as they are printed."""
    with pytest.raises(RequestRefused) as refused:
        read_json(text)
    return [str(problem) for problem in refused.value.problems]


def test_numbers_stay_exact() -> None:
    """A tenth is a tenth."""
    assert {"amount": Decimal("0.10"), "count": 3} == read_json('{"amount": 0.10, "count": 3}')


def test_a_byte_order_mark_is_passed_over() -> None:
    """Some editors write one."""
    assert {} == read_json("\ufeff{}")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_refused_at_its_place(number: str) -> None:
    """JSON has no such numbers, though programs write them."""
    said = ["visits.0.allowed: Enter a number; NaN and Infinity aren’t numbers."]

    assert said == problems(f'{{"visits": [{{"allowed": {number}}}]}}')


def test_a_repeated_key_is_refused_at_its_place() -> None:
    """The second would silently win."""
    said = ["person.age: Use this key only once; it appears more than once."]

    assert said == problems('{"person": {"age": 41, "family": true, "age": 14}}')


def test_several_traps_are_told_at_once() -> None:
    """Repeated keys and numbers that are none, in the order of the text."""
    said = problems('{"zip": NaN, "plan": "a", "plan": "b", "person": {"age": Infinity}}')

    assert ["plan", "zip", "person.age"] == [line.partition(":")[0] for line in said]


def test_what_is_no_json_is_refused_with_its_line() -> None:
    """A person finds the place again."""
    [said] = problems('{\n "plan": "a",\n}')

    assert said.startswith("Line 3, column 1 is not JSON: ")


@pytest.mark.parametrize("text", ["[]", '"text"', "7", "null"])
def test_what_is_no_object_is_refused(text: str) -> None:
    """A request has keys."""
    assert ['Send one object: {"plan": …, "visits": […]}.'] == problems(text)


def test_more_than_a_megabyte_is_refused() -> None:
    """Both sides of the limit."""
    around = '{"plan": ""}'
    most = '{"plan": "' + "x" * (MOST_CHARACTERS - len(around)) + '"}'
    read_json(most)

    assert ["Send a request of at most 1 MB."] == problems(f"{most} ")


@pytest.mark.parametrize("depth", [33, 1_000, 400_000])
def test_endless_nesting_is_refused(depth: int) -> None:
    """However deep, it ends in a sentence and not in a full stack."""
    [said] = problems('{"a":' + "[" * depth + "]" * depth + "}")

    assert said.endswith("Send a request nested at most 32 levels deep.")


def test_a_plan_definition_is_not_too_deep() -> None:
    """The deepest real request has far fewer levels."""
    read_json('{"a":' + "[" * 31 + "]" * 31 + "}")


def test_half_of_a_surrogate_pair_is_refused() -> None:
    """No output could print it."""
    assert ["plan: Enter whole characters; half of a surrogate pair isn’t one."] == problems('{"plan": "\\ud800"}')


def test_numbers_of_many_digits_are_read_and_not_expanded() -> None:
    """The schema refuses them by their size."""
    read = read_json('{"visits": ' + "9" * 5_000 + ', "units": 1e999999}')

    assert Decimal("9" * 5_000) == read["visits"]


def test_an_exponent_beyond_all_numbers_is_refused() -> None:
    """Even exact decimals end somewhere."""
    said = ["Enter a smaller number; this one has too large an exponent."]

    assert said == problems('{"visits": 1e99999999999999999999}')


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='{}[]":,.0123456789eENa-nulltrue \n', max_size=60))
def test_any_text_is_an_object_or_refused(text: str) -> None:
    """Whatever is typed, the answer is an object or problems."""
    found: tuple[Problem, ...] = (Problem("", "Read."),)
    try:
        assert isinstance(read_json(text), dict)
    except RequestRefused as refused:
        found = refused.problems

    assert found
