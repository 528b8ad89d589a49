"""Every mistake in a request is told at once, with its path and with what to write instead."""

import time
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from marshmallow import ValidationError

from estimator.engine.coding import STATES
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract import RequestPart, read_request
from estimator.estimates.contract_values import Asked
from tests.properties import holds_for

TODAY = date(2026, 11, 23)
EXERCISE: dict[str, Any] = {"code": "97110", "minutes": 30}
VISIT: dict[str, Any] = {"day": "2026-03-02", "services": [EXERCISE]}
COURSE: dict[str, Any] = {"first_day": "2026-03-02", "visits": 12, "per_week": 2, "each_visit": [EXERCISE]}


def problems(request: Any) -> list[str]:
    """Read a request that must be refused, and return its problems as they are printed."""
    with pytest.raises(RequestRefused) as refused:
        read_request(request, TODAY)
    return [str(problem) for problem in refused.value.problems]


def with_visits(*visits: Any) -> dict[str, Any]:
    """Write a request of these visits."""
    return {"plan": "evergreen-ppo", "visits": list(visits)}


def with_service(**parts: Any) -> dict[str, Any]:
    """Write a request of one service with other parts."""
    return with_visits({**VISIT, "services": [{**EXERCISE, **parts}]})


def with_part(**parts: Any) -> dict[str, Any]:
    """Write a good request with one more part."""
    return {**with_visits(VISIT), **parts}


FACTOR = "provider.experience_factor: Enter a percentage from 10% to 500%, like 110%."
OF_A_SERVICE = [
    ({"allowed": "-5.00"}, "allowed: Enter an amount of 0.00 or more."),
    ({"allowed": "1000000.01"}, "allowed: Enter an amount up to 1000000.00."),
    ({"allowed": "NaN"}, "allowed: Enter an amount, like 40.00."),
    ({"allowed": Decimal("NaN")}, "allowed: Enter an amount, like 40.00, not NaN."),
    ({"allowed": Decimal("1E+999999")}, "allowed: Enter an amount, like 40.00, not 1E+999999."),
    ({"allowed": Decimal("40.125")}, "allowed: Enter an amount, like 40.00, not 40.125."),
    ({"allowed": 0.1}, "allowed: Enter an amount, like 40.00, not 0.1."),
    ({"allowed": True}, "allowed: Enter an amount, like 40.00, not true."),
    (
        {"minutes": 1500},
        "minutes: A service lasts 480 minutes (8 hours) at most. Enter a whole number from 0 to 480, not 1500.",
    ),
    ({"units": 0}, "units: Enter a whole number from 1 to 99, not 0."),
    ({"units": 1.5}, "units: Enter a whole number from 1 to 99, not 1.5."),
    ({"units": "²"}, "units: Enter a whole number from 1 to 99."),
    ({"code": 97110}, "code: Enter 97110, not 97110."),
    ({"code": "g0283"}, "code: Enter G0283."),
    ({"code": "9711"}, "code: Enter a 5-character code, like 97110."),
    ({"modifiers": ["59", "x"]}, "modifiers.1: Enter a 2-character modifier, like 59."),
    ({"minuts": 30}, "minuts: There’s no such key. Use minutes."),
]
OF_A_REQUEST = [
    (
        {"plan": ""},
        "plan: Enter a plan ID, as `estimator plans list` shows it, or a whole plan definition.",
    ),
    ({"as_of": "23/11/2026"}, "as_of: Enter a date, like 2026-03-02."),
    ({"as_of": "2026-02-30"}, "as_of: Enter a date, like 2026-03-02."),
    ({"as_of": "1999-12-31"}, "as_of: Enter a date between 2000-01-01 and 2100-12-31."),
    ({"zip": "9810"}, "zip: Enter a 5-digit ZIP code, like 98101."),
    ({"zip": 98101}, "zip: Enter a 5-digit ZIP code, like 98101, not 98101."),
    ({"locality": "01"}, "locality: Enter the carrier and locality numbers, like 02102-01."),
    ({"diagnoses": ["724.2"]}, "diagnoses.0: Enter an ICD-10 code, like M54.50."),
    ({"provider": {"type": "physical-therpist"}}, "provider.type: Enter physical-therapist."),
    (
        {"provider": {"experience_factor": "5%"}},
        "provider.experience_factor: Enter a percentage from 10% to 500%, like 110%.",
    ),
    (
        {"provider": {"experience_factor": 1}},
        "provider.experience_factor: Enter a percentage from 10% to 500%, like 110%, not 1.",
    ),
    ({"provider": {"network": ""}}, "provider.network: Enter a name."),
    ({"provider": []}, "provider: Enter an object, like {…}."),
    ({"signed_consent": 1}, "signed_consent: Enter true or false, not 1."),
    ({"used": {"deductible_paid": "-1.00"}}, "used.deductible_paid: Enter an amount of 0.00 or more."),
    ({"used": {"limits": []}}, "used.limits: Enter an object in braces, with the plan’s names as keys, not a list."),
    (
        {"used": {"limits": {"therapy-visits": -1}}},
        "used.limits.therapy-visits: Enter a count, like 4, or an amount, like 900.00, if the limit is in dollars, "
        "not -1.",
    ),
    (
        {"used": {"limits": {f"limit-{number}": 1 for number in range(51)}}},
        "used.limits: Enter at most 50 names; there are 51.",
    ),
    ({"used": {"limits": {"x" * 201: 1}}}, f"used.limits.{'x' * 60}: Enter a name of at most 200 characters."),
    ({"person": {"age": 10**50}}, "person.age: Enter a whole number from 0 to 130, not a number of many digits."),
    ({"state": "Ohio"}, f"state: Choose one of these: {', '.join(STATES)}."),
    ({"provider": {"experience_factor": "x" * 50}}, FACTOR),
    (
        {"authorization": {"first_day": "2026-06-30", "last_day": "2026-06-29"}},
        "authorization.last_day: Enter a date on or after the first day, 2026-06-30.",
    ),
    ({"contract": [{"code": "97110"}]}, "contract.0.amount: This key is required."),
    ({"secondary": {"method": "standard"}}, "secondary.plan: This key is required."),
    ({"course": COURSE}, "course: Give either visits or a course, not both."),
    ({"diagnosis": ["M54.50"]}, "diagnosis: There’s no such key. Use diagnoses."),
]
OF_A_COURSE = [
    ({"visits": 10**9}, "course.visits: Enter a whole number from 1 to 366, not 1000000000."),
    ({"visits": Decimal("1E+9")}, "course.visits: Enter a whole number from 1 to 366, not 1E+9."),
    ({"visits": 0}, "course.visits: Enter a whole number from 1 to 366, not 0."),
    ({"per_week": 8}, "course.per_week: Enter a whole number from 1 to 7, not 8."),
    ({"each_visit": []}, "course.each_visit: This list is empty. Enter at least one of the services."),
    ({"first_day": "2100-12-01"}, "course.visits: Enter fewer visits: the last one would be on 2101-01-08."),
]


@pytest.mark.parametrize(("parts", "said"), OF_A_SERVICE)
def test_a_wrong_service_is_refused_with_a_sentence(parts: dict[str, Any], said: str) -> None:
    """Money, minutes, units, codes and keys of one line."""
    assert [f"visits.0.services.0.{said}"] == problems(with_service(**parts))


@pytest.mark.parametrize(("parts", "said"), OF_A_REQUEST)
def test_a_wrong_part_is_refused_with_a_sentence(parts: dict[str, Any], said: str) -> None:
    """Every part of a request says what to write instead."""
    assert [said] == problems(with_part(**parts))


@pytest.mark.parametrize(("parts", "said"), OF_A_COURSE)
def test_a_wrong_course_is_refused_with_a_sentence(parts: dict[str, Any], said: str) -> None:
    """Both ends of the number of visits, and the calendar's."""
    assert [said] == problems({"plan": "evergreen-ppo", "course": {**COURSE, **parts}})


def test_an_empty_visit_is_refused() -> None:
    """A visit without services costs nothing and means nothing."""
    said = "visits.0.services: This list is empty. Enter at least one of the services."

    assert [said] == problems(with_visits({**VISIT, "services": []}))


def test_visits_out_of_order_are_refused_where_the_order_breaks() -> None:
    """Each visit that stands after a later one is named."""
    days = ("2026-03-09", "2026-03-02", "2026-03-16", "2026-03-10")
    said = problems(with_visits(*({**VISIT, "day": day} for day in days)))

    assert [
        "visits.1.day: List the visits in date order: 2026-03-02 comes after 2026-03-09.",
        "visits.3.day: List the visits in date order: 2026-03-10 comes after 2026-03-16.",
    ] == said


def test_care_is_needed() -> None:
    """A plan alone is no question."""
    assert ["visits: Add visits or a course; one of the two is needed."] == problems({"plan": "evergreen-ppo"})


def test_all_problems_are_told_at_once() -> None:
    """Nobody has to correct and try again once a mistake."""
    request = {
        "zip": "x",
        "visits": [{"day": "soon", "services": [{"code": "?"}, 3, None]}, {**VISIT, "day": "2026-13-01"}],
    }

    assert {"plan", "zip", "visits.0.day", "visits.1.day"} < {path(said) for said in problems(request)}
    assert {f"visits.0.services.{line}" for line in (1, 2)} < {path(said) for said in problems(request)}
    assert "visits.0.services.0.code" in {path(said) for said in problems(request)}


def daily(visits: int, services: int = 1) -> dict[str, Any]:
    """Return a request with a visit on every day."""
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(visits)]
    return with_visits(*({"day": f"{day}", "services": VISIT["services"] * services} for day in days))


def test_both_ends_of_the_number_of_visits_hold() -> None:
    """366 visits are read, 367 are refused."""
    read_request(daily(366), TODAY)

    assert ["visits: Enter at most 366 visits; there are 367."] == problems(daily(367))


def test_a_day_and_a_request_hold_no_more_than_care_can_have() -> None:
    """The lines of a day are priced together for each of its visits: 366 visits of one day took a minute and a half."""
    read_request(with_visits(*[VISIT] * 4), TODAY)
    read_request(daily(100, 5), TODAY)

    assert ["visits: Enter at most 4 visits on one day; there are 5 on 2026-03-02."] == problems(
        with_visits(*[VISIT] * 5)
    )
    assert ["visits: Enter fewer visits or fewer services: at most 500 services in all; these are 505."] == problems(
        daily(101, 5)
    )
    course = {**COURSE, "visits": 366, "each_visit": VISIT["services"] * 5}
    [said] = problems({"plan": "evergreen-ppo", "course": course})
    assert "these are 1,830" in said


def test_a_billion_visits_are_refused_at_once() -> None:
    """Nothing is built before it is counted."""
    started = time.process_time()
    problems({"plan": "evergreen-ppo", "course": {**COURSE, "visits": 10**9}})
    problems(with_visits(*[VISIT] * 100_000))

    assert 5 > time.process_time() - started


def test_a_megabyte_in_a_field_is_refused_in_a_short_sentence() -> None:
    """What was written is shown shortened, and is not lost for the person who wrote it."""
    long = "x" * 1_000_000
    for request in (with_part(zip=long), with_part(plan=long), with_service(code=long), with_part(**{long: 1})):
        [said] = problems(request)
        assert 400 > len(said)


def test_thousands_of_problems_end_in_a_count() -> None:
    """An answer stays readable, and quick."""
    said = problems(with_part(**{f"key{number}": 1 for number in range(20_000)}))

    assert 101 == len(said)
    assert "There are 19900 more problems like these." == said[-1]


@pytest.mark.parametrize("request_", [[], "text", 7, None, True, Decimal("NaN")])
def test_what_is_no_object_is_refused(request_: Any) -> None:
    """A list, a text or nothing is no request."""
    assert ["Enter an object, like {…}."] == problems(request_)


KEYS = sorted(
    {name for part in (RequestPart(), RequestPart().fields["course"].schema) for name in part.fields}  # type: ignore[attr-defined]
    | {"day", "services", "code", "minutes", "units", "limits", "networks", "type", "on_file"}
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.text(max_size=12),
    st.sampled_from(["2026-03-02", "97110", "40.00", "20%", "98101", "M54.50", "in-network"]),
)
ANY_VALUE = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=8)), inner, max_size=5),
    ),
    max_leaves=25,
)


@holds_for(80, 1000, value=ANY_VALUE)
def test_any_value_is_read_or_refused_with_sentences(value: Any) -> None:
    """Whatever JSON holds, the answer is a question or problems in words."""
    assert_read_or_refused(value)


@holds_for(100, 1000, part=st.sampled_from(sorted(RequestPart().fields)), value=ANY_VALUE)
def test_any_value_in_any_part_is_read_or_refused_with_sentences(part: str, value: Any) -> None:
    """The same within a request that is good but for one part."""
    assert_read_or_refused(with_part(**{part: value}))


def assert_read_or_refused(value: Any) -> None:
    """Read a request, and look at the problems of one that is refused."""
    found: tuple[Problem, ...] = ()
    try:
        assert isinstance(read_request(value, TODAY), Asked)
    except RequestRefused as refused:
        found = refused.problems or (Problem("", "Nothing was said"),)

    assert all(is_said_well(problem) for problem in found)


def is_said_well(problem: Problem) -> bool:
    """Tell whether a problem is a whole sentence of ours, and not one of the schema library."""
    theirs = ("Not a valid", "Invalid", "Unknown field", "Field may not", "Missing data")
    return problem.message.endswith(".") and not problem.message.startswith(theirs)


def path(said: str) -> str:
    """Return the path of a printed problem."""
    return said.partition(": ")[0]


def test_the_services_of_a_visit_fit_into_a_day():
    """Four services of eight hours are no visit, and no day has 99 units."""
    long = {**VISIT, "services": [{**EXERCISE, "minutes": 480}] * 4}
    many = {**VISIT, "services": [{"code": "97110", "units": 99}]}

    assert [
        "visits.0.services: A visit lasts 480 minutes (8 hours) at most; these add up to 1920.",
        "visits.1.services: A day has 96 units of 15 minutes; these add up to 99.",
    ] == problems(with_visits(long, many))


def test_a_price_of_any_service_is_one_of_a_visit():
    """The star has no units."""
    price = {"code": "*", "amount": "95.00"}

    assert ["contract.0.basis: Use per-visit with the code *, or name the code."] == problems(
        with_part(contract=[price])
    )
    assert "*" == read_request(with_part(contract=[{**price, "basis": "per-visit"}]), TODAY).contract[0].code


def test_services_that_visits_share_are_read_once_and_told_at_each() -> None:
    """What only looks alike is read by itself: 1 is a number of minutes, and `true` is not."""
    days = ("2026-03-02", "2026-03-03", "2026-03-04")
    shared = [{"day": day, "services": [{**EXERCISE, "modifiers": ["GP"]}]} for day in days]
    first, *others = read_request(with_visits(*shared), TODAY).request.visits
    mistaken = [
        {"day": day, "services": [{**EXERCISE, "minutes": minutes}]}
        for day, minutes in zip(days, (-1, -1, 1), strict=True)
    ]
    is_yes = [
        {"day": day, "services": [{**EXERCISE, "minutes": minutes}]}
        for day, minutes in zip(days, (1, True, 1), strict=True)
    ]

    assert all(visit.services is first.services for visit in others)
    assert ["visits.0.services.0.minutes", "visits.1.services.0.minutes"] == [
        problem.partition(":")[0] for problem in problems(with_visits(*mistaken))
    ]
    assert ["visits.1.services.0.minutes"] == [each.partition(":")[0] for each in problems(with_visits(*is_yes))]


# ----------------------------------------------------------------------------
# A request in which nothing is wrong is read in one go; one in which something may be is read again, for its problems.
# ----------------------------------------------------------------------------

WHOLE: dict[str, Any] = {
    **with_visits(VISIT, {**VISIT, "day": "2026-03-05"}, {"day": "2026-03-09", "services": [{"code": "20561"}]}),
    "as_of": "2026-02-01",
    "provider": {"type": "physician", "experience_factor": "110%"},
    "person": {"age": 41, "family": True},
    "used": {"deductible_paid": "100.00", "limits": {"therapy-visits": 4}},
    "authorization": {"on_file": True, "first_day": "2026-01-01", "last_day": "2026-06-30"},
    "told": [{"on": "2026-01-20", "answers": [{"asks": "cost-share", "subject": "copay", "answer": "35.00"}]}],
    "secondary": {"plan": "medigap-g"},
}
OF_A_COURSE: dict[str, Any] = {
    "plan": "evergreen-ppo",
    "course": {**COURSE, "needling_visits": 4, "first_visit": [{"code": "97161"}]},
}
ANYTHING = st.sampled_from(
    [None, True, 0, 1, "1", "", "x", Decimal("1.5"), [], {}, [None], "97110", "2026-03-02", [EXERCISE] * 21, VISIT]
)


def places(written: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything that a request holds."""
    inner = written.items() if isinstance(written, dict) else enumerate(written) if isinstance(written, list) else ()
    for key, value in inner:
        yield (*way, key)
        yield from places(value, (*way, key))


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a good request in which up to two things are something else, or have a name that isn't theirs."""
    written: dict[str, Any] = deepcopy(draw(st.sampled_from([WHOLE, OF_A_COURSE])))
    for _ in range(draw(st.integers(0, 2))):
        *around, key = draw(st.sampled_from(list(places(written))))
        inner: Any = written
        for step in around:
            inner = inner[step]
        if isinstance(inner, dict) and draw(st.booleans()):
            inner[draw(st.sampled_from(["services", "network", "minutes", "last_day", "nonsense"]))] = deepcopy(
                draw(ANYTHING)
            )
        else:
            inner[key] = deepcopy(draw(ANYTHING))
    return written


@holds_for(100, 3_000, written=nearly_right())
def test_reading_in_one_go_reads_what_the_schema_reads(written: dict[str, Any]) -> None:
    """It gives up where anything may be wrong, and never reads something else."""
    try:
        read = RequestPart().surely(written)
    except ValidationError:
        return

    assert RequestPart().load(written) == read


def test_good_requests_are_read_in_one_go() -> None:
    """It doesn't give up on them."""
    for written in (WHOLE, OF_A_COURSE):
        assert RequestPart().load(written) == RequestPart().surely(written)
