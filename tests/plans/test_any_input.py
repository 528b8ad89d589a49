"""Whatever is written, a plan file is read or refused with sentences; nothing else ever happens."""

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estimator.plans.text import block_of
from tests.plans import sample

DEFINITION = sample.given()
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=12),
    st.binary(max_size=4),
    st.dates(),
    st.sampled_from(
        ["unknown", "none", "never", "40.00", "20%", "eoc p. 1", "in-network", "physical-therapy", "pt-timed"]
    ),
)
KEYS = st.sampled_from(
    ["copay", "coinsurance", "same_as", "not_above", "by_visit", "deductible", "person", "from", "to", "when", "cite"]
)
ANYTHING = st.recursive(
    ODD,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, st.text(max_size=5)), inner)),
    max_leaves=8,
)


def places(written: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything below the top."""
    if isinstance(written, dict):
        children = list(written.items())
    elif isinstance(written, list):
        children = list(enumerate(written))
    else:
        children = []
    return [place for key, child in children for place in [(*path, key), *places(child, (*path, key))]]


def with_odd_value(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return the sample's definition with something else at one place."""
    definition = deepcopy(DEFINITION)
    here: Any = definition
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return definition


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(places(DEFINITION)), ANYTHING)
def test_anything_at_any_place_of_a_plan_is_read_or_refused(path: tuple[Any, ...], value: Any) -> None:
    """Every problem is one line that names a place."""
    problems = sample.mistakes_in_request(with_odd_value(path, value))

    assert all("\n" not in problem for problem in problems)


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_anything_in_place_of_a_plan_is_refused(value: Any) -> None:
    """No odd mapping is a plan by accident."""
    assert [] != sample.mistakes_in_request(value)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(sample.SAMPLE)), st.text(alphabet="{}[]&*!'\":-?|>%#\t\n a\\x0<", max_size=6))
def test_anything_written_into_a_file_is_read_or_refused(place: int, text: str) -> None:
    """Problems of a file have lines."""
    problems = sample.mistakes(sample.SAMPLE[:place] + text + sample.SAMPLE[place:])

    assert all(problem.startswith("plan.yaml:") for problem in problems)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """A picture is no plan, and no accident."""
    assert [] != sample.mistakes(content)


def test_what_was_read_from_json_is_read_the_same_again() -> None:
    """Making words of words changes nothing."""
    once = block_of(DEFINITION)

    assert once == block_of(once)
