"""The kernel comes to what the engine comes to, row by row and to the cent, or says why it leaves a course to it."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from bench.kernel import Differs, hold
from estimator.engine.estimate import estimate
from estimator.engine.prices import PriceSheet
from estimator.engine.request import Request, Service, Used, Visit
from estimator.engine.values import Money, Rate
from estimator.estimates.kernel import NotCompiled, Paid, Shape, lane, part_of
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from tests.build import TABLES
from tests.engine.strategies import plans, requests
from tests.properties import holds_for

SHEET = PriceSheet()
SUMS = ("deductible_paid", "out_of_pocket_paid", "family_deductible_paid", "family_out_of_pocket_paid")


def rows_of(request, seed):
    """Return the request with what others have paid: small and large sums, and none."""
    random = Random(seed)

    def cents():
        return Money(random.choice((0, random.randrange(5_000), random.randrange(200_000))))

    is_family = request.is_family
    rows = [replace(request, used=replace(request.used, **{name: cents() for name in SUMS})) for _ in range(6)]
    return [request, *(row for row in rows if row.is_family == is_family)]


def cents_of(answer):
    """Return what the engine comes to: the totals, and each visit at each level."""
    runs = (answer.low, answer.typical, answer.high)
    totals = [run.owes for run in (*answer.settled, *runs)]
    return [*totals, *answer.open_total, *(visit.owes for run in runs for visit in run.visits)]


def cents_in(totals, row):
    """Return the same of one row of the kernel's."""
    found = (*totals.settled, totals.low, totals.typical, totals.high, totals.open_usual, totals.open_most)
    return [each[row] for each in (*found, *(visit for level in totals.visits for visit in level))]


def compared(request, plan, seed=0):
    """Compare each row with the engine's answer; return why the kernel leaves them to it, or nothing."""
    rows = rows_of(request, seed)
    try:
        totals = Shape(request, plan, SHEET, TABLES).totals(Paid.of([row.used for row in rows]), by_visit=True)
    except NotCompiled as left:
        return left.reason
    for number, row in enumerate(rows):
        assert cents_of(estimate(row, plan, SHEET, TABLES, {})) == cents_in(totals, number)
    return ""


def test_a_part_is_rounded_as_money_is():
    """Half a cent goes up, in every row and in the one number of all."""
    cents = list(range(2_000))
    for rate in map(Rate.parse, ("20%", "12.5%", "33.33%", "50%", "109.25%")):
        expected = [int(Money(each).share(rate)) for each in cents]

        assert expected == part_of(lane(np.array(cents, np.int64)), rate).cents.tolist()
        assert expected == [part_of(each, rate) for each in cents]


def test_a_deductible_ends_at_any_line_and_so_does_a_maximum():
    """A shipped plan, two prices of a visit, what was paid so far in steps that cut through its lines."""
    plan = folder_shelf(plans_folder()).find("example-hdhp-embedded", date(2026, 3, 2))
    services = (Service("97110", units=1, allowed=Money(7_333)), Service("97035", units=1, allowed=Money(2_001)))
    visits = tuple(Visit(date(2026, 12, 29) + timedelta(days=place), services) for place in range(5))
    request = Request(date(2026, 12, 29), visits)
    paid = [Used(Money(170_000 - left), Money(400_000 - left * 2)) for left in range(0, 40_000, 1_951)]
    totals = Shape(request, plan, SHEET, TABLES).totals(Paid.of(paid), by_visit=True)

    expected = [cents_of(estimate(replace(request, used=used), plan, SHEET, TABLES, {})) for used in paid]
    assert expected == [cents_in(totals, row) for row in range(len(paid))]
    assert len(set(map(tuple, expected))) > len(paid) // 2


def test_the_benchmark_fails_where_a_cent_differs():
    """In a total or in a visit of one row: `make bench` then writes no results."""
    plan = folder_shelf(plans_folder()).find("example-hdhp-embedded", date(2026, 3, 2))
    visits = (Visit(date(2026, 12, 29), (Service("97110", units=1, allowed=Money(7_333)),)),)
    paid = [Used(Money(sum_)) for sum_ in (0, 168_000, 400_000)]
    rows = [(Request(date(2026, 12, 29), visits, used=used), plan, SHEET, TABLES) for used in paid]
    totals = Shape(*rows[0]).totals(Paid.of(paid), by_visit=True)
    a_cent = np.array([0, 0, 1])
    low, *others = totals.visits

    hold(totals, rows, {})
    for wrong in ({"open_most": totals.open_most + a_cent}, {"visits": ((low[0] + a_cent,), *others)}):
        with pytest.raises(Differs):
            hold(totals._replace(**wrong), rows, {})


@holds_for(20, 5_000, is_drawn_at_length=True, request=requests(), plan=plans())
def test_every_row_owes_what_the_engine_says(request, plan):
    """Any plan, any course, any balances: totals, what is open, and each visit."""
    compared(request, plan)


@holds_for(20, 2_000, is_drawn_at_length=True, request=requests(), plan=plans(unknown=False))
def test_every_row_owes_what_the_engine_says_where_all_is_known(request, plan):
    """The same without open points."""
    compared(request, plan)
