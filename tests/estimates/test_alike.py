"""Requests that are alike in plan and course are answered together, whatever was paid and whatever the prices are."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from estimator.engine.prices import ClinicPrices, PriceSheet
from estimator.engine.values import Money, Rate
from estimator.errors import TooMuchWork
from estimator.estimates import alike
from estimator.estimates.alike import ALONE, REFUSED, WRITTEN_APART, Alike, Sums, written
from estimator.estimates.contract import read_request
from estimator.estimates.kernel_prices import but_prices_and_sums
from estimator.estimates.run import estimate_asked
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from tests.build import TABLES, course, line, plan, request

TODAY = date(2026, 11, 23)
COURSE: dict[str, Any] = {
    "plan": "evergreen-ppo-silver",
    "zip": "98101",
    "visits": [
        {"day": f"2026-03-{day:02}", "services": [{"code": "97110", "minutes": 30}, {"code": "97140"}]}
        for day in (2, 9, 16)
    ],
}
PAID = ({"used": {}}, {"used": {"deductible_paid": "1400.00"}}, {"used": {"out_of_pocket_paid": "3990.00"}})
SHELF = folder_shelf(plans_folder())


def answered(*requests: dict[str, Any], by: Alike | None = None) -> dict[int, str]:
    """Hold what is answered together against the engine, one by one; return why the others are left to it."""
    by = by or Alike(SHELF, ClinicPrices((), ()), None, TODAY)
    found, left = by.totals((number, json.dumps(asked).encode()) for number, asked in enumerate(requests))

    assert set(range(len(requests))) == found.keys() ^ left.keys()
    for number, row in found.items():
        whole, plan = estimate_asked(read_request(requests[number], TODAY), SHELF, ClinicPrices((), ()))
        runs = (*whole.settled, whole.low, whole.typical, whole.high)
        expected = [plan.id, *(int(run.owes) for run in runs), *map(int, whole.open_total)]
        assert expected == [row.plan, *row.settled, *row.totals, *row.still_open]
    return left


def at(*prices: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the course at each of these prices, each for people who have paid otherwise."""
    return [{**COURSE, **each, **paid} for each in prices for paid in PAID]


def test_rows_of_one_state_at_other_prices_are_answered_together() -> None:
    """Another ZIP code, a contract, an experienced therapist and given amounts: alone with each price, too."""
    services = [{"code": "97110", "minutes": 30, "allowed": "88.10"}, {"code": "97140", "allowed": 12}]
    given = [{**visit, "services": services} for visit in COURSE["visits"]]
    dearer = json.loads(json.dumps(given).replace("88.10", "130.00"))
    prices = ({"zip": "98101"}, {"zip": "99201"}, {"zip": "98801"})

    assert {} == answered(*at(*prices), *at({"visits": given}, {"visits": dearer}))
    assert {} == answered(*at(*prices)[::4])
    factor = ({"provider": {"experience_factor": each}} for each in ("90%", "150%"))
    contract = ({"contract": [{"code": "97110", "amount": each}]} for each in ("40.00", "75.50"))
    assert {} == answered(*at(*factor), *at(*contract))


def test_rows_of_two_states_are_two_courses() -> None:
    """The law differs: those of each are answered together, and what stands alone in one is the engine's."""
    assert {} == answered(*at({"zip": "98101"}, {"zip": "10001"}))
    assert {3: ALONE} == answered(*at({"zip": "98101"}), {**COURSE, **PAID[0], "zip": "10001"})
    assert {0: ALONE, 1: ALONE} == answered(*at({"zip": "98101"})[:1], *at({"zip": "10001"})[:1])


def test_a_second_one_that_comes_later_is_compiled() -> None:
    """The first one of its plan and course was the engine's."""
    by = Alike(SHELF, ClinicPrices((), ()), None, TODAY)

    assert {0: ALONE} == answered({**COURSE, **PAID[0]}, by=by)
    assert {} == answered({**COURSE, **PAID[1]}, by=by)
    assert {} == answered({**COURSE, **PAID[0], "zip": "99201"}, by=by)


def test_where_more_hangs_on_prices_each_price_is_compiled_by_itself() -> None:
    """Out of network the clinic may bill beyond what is allowed; a price with one row is the engine's."""
    outside = {"provider": {"network": "out-of-network"}}
    rows = at({**outside, "zip": "98101"}, {**outside, "zip": "99201"})
    by = Alike(SHELF, ClinicPrices((), ()), None, TODAY)

    assert {} == answered(*rows, by=by)
    assert {} == answered(*rows, by=by)
    assert {6: ALONE} == answered(*rows, {**COURSE, **PAID[0], **outside, "zip": "98801"}, by=by)


def test_a_price_that_decides_something_else_is_a_course_of_its_own() -> None:
    """One rate for a whole visit makes its services parts of one; two rows of it are answered together."""
    contract = [{"code": "97110", "amount": "40.00"}], [{"code": "*", "basis": "per-visit", "amount": "90.00"}]
    rows = at(*({"contract": each} for each in contract))
    by = Alike(SHELF, ClinicPrices((), ()), None, TODAY)

    assert {} == answered(*rows, by=by)
    assert {} == answered(*rows[::-1], by=by)
    assert {3: "its prices decide something else"} == answered(*rows[:4])


def test_what_is_kept_is_bounded(monkeypatch: Any) -> None:
    """Courses and prices that were let go are compiled again."""
    monkeypatch.setattr(alike, "_KEPT", 1)
    monkeypatch.setattr(alike, "_KEPT_PRICES", 2)
    by = Alike(SHELF, ClinicPrices((), ()), None, TODAY)
    rows = at(*({"zip": each} for each in ("98101", "99201", "98801", "98402")))
    others = [{**row, "plan": "template-employer-ppo"} for row in rows]

    for _ in range(2):
        assert {} == answered(*rows, *others, by=by)
        assert (1, 2) == (len(by._families), len(by._places))


@pytest.mark.parametrize(
    "line_of_file",
    [
        b'{"plan": "caf\\u00e9", "used": {}}',
        b'{"plan": "a", "secondary": {"plan": "b"}}',
        b'{"plan": "a", "told": []}',
        b'{"plan": "a", "used": {"networks": {}}}',
        b'{"plan": "a", "used": {}, "course": {"used": {}}}',
        b'{"plan": "a", "used": null}',
        b'{"plan": "a", "used": {"deductible_paid" 1}}',
        b'{"plan": "a", "used": {"note": "\xff"}}',
        b'{"plan": "a", "used": {"deductible_paid": "much"}}',
        b'{"plan": "a", "used": {"deductible_paid": "-1.00"}}',
        b'{"plan": "a", "used": {"deductible_paid": "9999999999.00"}}',
    ],
)
def test_a_line_whose_sums_its_text_alone_does_not_tell_is_the_engine_s(line_of_file: bytes) -> None:
    """Such as one with escaped letters, which could hide a key, or with a sum that no request may have."""
    assert written(line_of_file) is None


def test_a_family_s_sums_make_another_course() -> None:
    """Who has paid for a family has a family's cover."""
    own, of_family = (
        written(json.dumps({"plan": "a", "used": {name: "5.00"}}).encode())
        for name in ("deductible_paid", "family_deductible_paid")
    )

    assert own is not None
    assert of_family is not None
    assert own.key != of_family.key


def test_what_the_request_says_goes_before_what_its_text_seems_to() -> None:
    """Where the two differ, and where something was told or a second plan pays, the engine answers."""
    by, paid = Alike(SHELF, ClinicPrices((), ()), None, TODAY), Sums(100, 0, 0, 0)
    call = {"on": "2026-03-01", "answers": [{"asks": "cost-share", "subject": "copay", "answer": "25.00"}]}
    one = {**COURSE, "used": {"deductible_paid": "1.00"}}

    def given(asked: dict[str, Any], sums: Sums = paid) -> object:
        return by._given(alike._Row(0, json.dumps(asked).encode(), sums))

    assert not isinstance(given(one), str)
    assert WRITTEN_APART == given(one, Sums(101, 0, 0, 0))
    assert WRITTEN_APART == given({**one, "told": [call]})
    assert WRITTEN_APART == given({**one, "secondary": {"plan": "template-employer-ppo"}})


def test_what_is_refused_is_left_to_the_engine_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that nobody knows, a line that is no text, and a course that takes the engine too long."""
    by = Alike(SHELF, ClinicPrices((), ()), None, TODAY)
    nowhere = [{**COURSE, **paid, "plan": "nowhere"} for paid in PAID]
    unreadable = json.dumps(COURSE).encode().replace(b"evergreen", b"\xff")

    assert dict.fromkeys(range(3), REFUSED) == answered(*nowhere, by=by)
    assert ({}, {1: REFUSED, 2: REFUSED}) == by.totals([(1, unreadable), (2, unreadable)])

    def too_long(*_: Any) -> None:
        raise TooMuchWork(1)

    monkeypatch.setattr(alike, "estimate", too_long)
    assert dict.fromkeys(range(3), REFUSED) == answered(*at({}), by=by)


def test_requests_are_alike_in_all_but_prices_and_sums() -> None:
    """And in the plan and the law under which they are answered."""
    first = request(course(2, line()))
    one = alike._Given(first, plan(), PriceSheet(), TABLES)
    [visit, *more] = first.visits
    services = (replace(visit.services[0], allowed=Money(1), billed=Money(2)),)
    provider = replace(first.provider, experience="expert", experience_factor=Rate.parse("110%"))
    used = replace(first.used, deductible_paid=Money(7), out_of_pocket_paid=Money(8))
    priced = replace(
        first, provider=provider, used=used, visits=(replace(visit, services=services, rate=Money(3)), *more)
    )

    assert one.is_alike(one._replace(request=priced))
    assert not one.is_alike(one._replace(request=request(course(2, line(units=2)))))
    assert not one.is_alike(one._replace(plan=replace(plan(), payer="Another")))
    assert not one.is_alike(one._replace(tables=replace(TABLES, codes={})))
    of_family = replace(first, used=replace(used, family_deductible_paid=Money(9)))
    assert but_prices_and_sums(first) != but_prices_and_sums(of_family)
