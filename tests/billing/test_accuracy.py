"""The board of accuracy counts how often the range that was given held what the payer allowed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from estimator.billing.accuracy import BASES, FEWEST, GOAL, Board, board
from estimator.billing.case_payments import add_payments, payments_in
from estimator.billing.cases import merge_cases, open_case
from estimator.billing.given_estimates import NewGiven, give_estimate
from tests.billing.test_cases import ANA, cells
from tests.billing.test_cases import desk as desk
from tests.billing.test_remittance import read

GIVEN_ON = datetime(2026, 9, 1, 12, tzinfo=UTC)
FIRST, LAST = date(2026, 9, 1), date(2026, 12, 31)
Line = tuple[str, int, tuple[str, str, str], str]
EXERCISE: Line = ("97110", 2, ("60.00", "80.00", "100.00"), "price-regional")
MANUAL: Line = ("97140", 1, ("30.00", "30.00", "30.00"), "price-contracted")


def give(
    engine: Engine,
    label: str,
    lines: Sequence[Line],
    given_at: datetime = GIVEN_ON,
    status: str = "payable",
    **numbers: str,
) -> None:
    """Give an estimate of one visit on September 14 with these lines: code, units, low to high, and what priced it."""
    told = [
        {
            "code": code,
            "units": units,
            "status": status,
            "allowed": typical,
            "allowed_range": {"low": low, "high": high},
            "price": {"finding": finding, "numbers": numbers},
        }
        for code, units, (low, typical, high), finding in lines
    ]
    answer = {
        "inputs": {"plan": "limited@x", "as_of": "2026-09-01", "engine": "1"},
        "plan": {"id": "limited", "payer": "Evergreen"},
        "visits": [{"number": 1, "day": "2026-09-14", "lines": told}],
    }
    give_estimate(engine, NewGiven(label, {}, answer), ANA, given_at)


def pay(engine: Engine, label: str, *lines: tuple[str, int, int | Decimal], day: str = "20260914") -> None:
    """Post a payment of lines: code, units, and the dollars that were allowed of $200 each."""
    segments = [
        segment
        for code, units, allowed in lines
        for segment in (f"SVC*HC:{code}:GP*200*{allowed}**{units}", f"DTM*472*{day}", f"CAS*CO*45*{200 - allowed}")
    ]
    paid = sum(allowed for _, _, allowed in lines)
    found = read(f"{paid}", f"CLP*{label}*1*{200 * len(lines)}*{paid}**12", *segments)
    add_payments(engine, [(each, label) for each in payments_in(found)], ANA)


@pytest.fixture
def case(desk: Engine) -> Engine:
    """A database with one case, and the estimate that was given for it."""
    open_case(desk, "A-1", cells(), ANA, FIRST)
    give(desk, "A-1", [EXERCISE, MANUAL])
    return desk


def counted(found: Board) -> list[tuple[object, ...]]:
    """Return the rows by payer and code."""
    return [(*one.of, one.lines, one.inside, one.above, one.below, int(one.off)) for one in found.by_code]


def test_a_line_is_within_its_range_above_or_below_it(case: Engine) -> None:
    """By payer and code, with what it is off a unit; the line of another visit has the same range."""
    pay(case, "A-1", ("97110", 2, 90), ("97140", 1, 31))
    pay(case, "A-1", ("97110", 2, 101), day="20260921")
    pay(case, "A-1", ("97110", 2, 59), day="20260928")
    found = board(case, FIRST, LAST)

    assert [("Evergreen", "97110", 3, 1, 1, 1, 500), ("Evergreen", "97140", 1, 0, 1, 0, 100)] == counted(found)
    assert [(BASES["price-contracted"], 1), (BASES["price-regional"], 3)] == [
        (*one.of, one.lines) for one in found.by_basis
    ]
    assert found.all
    assert (4, 1, None, None) == (found.all.lines, found.all.inside, found.all.percent, found.all.is_met)
    assert [] == counted(board(case, date(2026, 10, 1), LAST))


def test_a_share_is_told_from_twenty_lines_on(case: Engine) -> None:
    """And whether it meets the goal."""
    for day in range(1, FEWEST + 1):
        pay(case, "A-1", ("97110", 2, 80 if day > 2 else 120), day=f"202610{day:02d}")
    found = board(case, FIRST, LAST).all

    assert found
    assert (GOAL, True) == (found.percent, found.is_met)


def test_a_line_that_no_estimate_has_is_counted_apart(case: Engine) -> None:
    """Another code, other units, the second of two where one was estimated, and an estimate given only afterward."""
    pay(case, "A-1", ("97112", 1, 30), ("97110", 1, 40), ("97140", 1, 30), ("97140", 1, 25))
    open_case(case, "B-2", cells(), ANA, FIRST)
    give(case, "B-2", [EXERCISE], datetime(2026, 10, 1, tzinfo=UTC))
    pay(case, "B-2", ("97110", 2, 80))
    found = board(case, FIRST, LAST)

    assert (3, [("Evergreen", "97140", 1, 1, 0, 0, 0)]) == (found.unmatched, counted(found))


def test_the_newest_estimate_before_the_visit_counts_also_of_a_merged_case(case: Engine) -> None:
    """An estimate follows its case; what this clinic's remittances priced is told as such."""
    old = open_case(case, "OLD-1", cells(), ANA, FIRST)
    new = open_case(case, "NEW-1", cells(), ANA, FIRST)
    give(case, "OLD-1", [("97110", 2, ("10.00", "10.00", "10.00"), "price-regional")])
    give(case, "OLD-1", [("97110", 2, ("70.00", "75.00", "80.00"), "price-market")], is_observed="true")
    merge_cases(case, old, new, ANA)
    pay(case, "NEW-1", ("97110", 2, 77))
    found = board(case, FIRST, LAST)

    assert [("Evergreen", "97110", 1, 1, 0, 0, 100)] == counted(found)
    assert [(BASES["price-observed"],)] == [one.of for one in found.by_basis]


def test_no_payment_and_no_estimate_is_an_empty_board(desk: Engine) -> None:
    """Nothing is made up of nothing."""
    assert Board(None, (), (), 0) == board(desk, FIRST, LAST)
