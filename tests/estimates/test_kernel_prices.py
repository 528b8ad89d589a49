"""Courses that differ in their prices share the engine's runs of one of them, where prices decide nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from estimator.engine.estimate import estimate
from estimator.engine.plan import Benefit, DollarsOf, Past, Plan, Position
from estimator.engine.prices import PriceSheet
from estimator.engine.request import OUT_OF_NETWORK, Grant, Provider, Request, Used
from estimator.engine.values import Money, Rate
from estimator.estimates.kernel import Paid, Shape
from estimator.estimates.kernel_prices import NotCompiled, PricesDecide
from tests.build import (
    TABLES,
    authorization,
    benefit,
    book,
    ceiling,
    course,
    limit,
    line,
    maximum,
    network,
    plan,
    policy,
    prices,
    request,
    share,
    usd,
)
from tests.engine.strategies import plans, requests
from tests.estimates.test_kernel import cents_in, cents_of
from tests.properties import holds_for

PAID = [
    Used(usd(deductible), usd(paid))
    for deductible in ("0.00", "110.00", "299.00", "300.00")
    for paid in ("0.00", "390.00")
]
APPLIES = share(coinsurance="20%", deductible="applies")
BOTH = network(deductible=ceiling("300.00"), out_of_pocket_max=maximum("450.00"))
ALLOWED = (("100.00", "60.00"), ("33.33", "170.01"), ("0.00", "95.00"), ("24.00", "12.50"))

Priced = tuple[Request, PriceSheet]


def at_amounts(*amounts: str) -> Priced:
    """A course of four visits of two services with these allowed amounts."""
    return request(course(4, *map(line, ("97110", "97140"), amounts))), PriceSheet()


def compared(chosen: Plan, courses: Sequence[Priced]) -> None:
    """Hold each course, with each sum that was paid, against the engine's answer; they don't all come to the same."""
    (first, sheet), rows = courses[0], [(each, used) for each in range(len(courses)) for used in PAID]
    shape = Shape(first, chosen, sheet, TABLES)
    priced = [shape.priced(*each) for each in courses]
    which = np.array([each for each, _used in rows])
    totals = shape.totals(Paid.of([used for _each, used in rows]), True, priced, which)

    expected = [
        cents_of(estimate(replace(courses[each][0], used=used), chosen, courses[each][1], TABLES, {}))
        for each, used in rows
    ]
    assert expected == [cents_in(totals, row) for row in range(len(rows))]
    assert 1 < len(set(map(tuple, expected[:: len(PAID)])))


def left(chosen: Plan, courses: Sequence[Priced]) -> str:
    """Return why the courses share no runs."""
    with pytest.raises(NotCompiled) as refused:
        compared(chosen, courses)
    return refused.value.reason


SHARES = (
    APPLIES,
    share("25.00", deductible="applies"),
    share("40.00"),
    share("20.00", "50%", "with-copay", max_per_visit="60.00"),
    share("20.00", "20%", "applies", plan_pays_at_most="50.00"),
    share("50.00", not_above=APPLIES),
)


@pytest.mark.parametrize("number", range(len(SHARES)))
def test_given_amounts_of_each_row_are_its_own(number: int) -> None:
    """Under every kind of share, below and above its copay, deductible and maximum."""
    compared(plan(benefit(SHARES[number]), networks=[BOTH]), [at_amounts(*each) for each in ALLOWED])


def test_the_region_s_three_prices_are_each_row_s_own() -> None:
    """With a charge that no plan pays, at its low, its typical and its high price."""
    visits = course(3, line("97110", None, units=2), line("97140", None), line("20561", None))
    chosen = plan(benefit(APPLIES), networks=[BOTH], policies=[policy(Position.EXCLUDED)])
    cash = replace(prices().cash["20561"], high=usd("200.00"))
    sheets = [prices(), prices(book(factor=1_370_000)), prices(cash={"20561": cash})]

    compared(chosen, [(request(visits), sheet) for sheet in sheets])
    unread = plan(benefit(APPLIES), networks=[BOTH])
    compared(unread, [(request(visits), sheet) for sheet in sheets])


def test_a_factor_of_experience_is_each_row_s_own() -> None:
    """It raises what is estimated from the region."""
    visits = course(2, line("97110", None), line("97140", None))
    provider = [Provider(experience_factor=factor and Rate.parse(factor)) for factor in (None, "90%", "130%")]

    compared(plan(benefit(APPLIES), networks=[BOTH]), [(request(visits, provider=each), prices()) for each in provider])


def test_what_lies_past_a_limit_costs_each_row_its_own_price() -> None:
    """The third visit and the fourth are the patient's own."""
    visits = limit(2, past=Past.PATIENT_PAYS)
    chosen = plan(benefit(APPLIES, limits=(visits.name,)), networks=[BOTH], limits=[visits])

    compared(chosen, [at_amounts(*each) for each in ALLOWED if "0.00" not in each])


@pytest.mark.parametrize(
    "cuts",
    [
        limit(150_00, measure="dollars", dollars_of=DollarsOf.ALLOWED),
        limit(3, measure="units"),
        limit(50, measure="hours"),
    ],
)
def test_a_limit_that_lets_a_part_through_is_not_shared(cuts) -> None:
    """One of dollars, units or minutes may cut a line in two; where it only marks a line, prices are shared."""
    chosen = plan(benefit(APPLIES, limits=(cuts.name,)), networks=[BOTH], limits=[cuts])
    marker = replace(cuts, past=Past.CONTINUES)

    assert "prices differ, and a limit may cut through a line" == left(chosen, [at_amounts(*each) for each in ALLOWED])
    compared(replace(chosen, limits={marker.name: marker}), [at_amounts(*each) for each in ALLOWED])


DOLLARS = limit(150_00, measure="dollars", dollars_of=DollarsOf.ALLOWED, past=Past.CONTINUES)
BY_DOLLARS = share(by_visit=((150_00, share("10.00")), (None, share("40.00"))), counter=DOLLARS.name)
COUNTED = {"limits": (DOLLARS.name,)}


@pytest.mark.parametrize(
    "benefits",
    [
        (benefit(BY_DOLLARS, **COUNTED),),
        (benefit(share("60.00", not_above=BY_DOLLARS), **COUNTED),),
        (benefit(share(by_visit=((1, BY_DOLLARS), (None, share("30.00")))), **COUNTED),),
        (benefit(BY_DOLLARS), benefit(share("5.00"), "chiropractic", ("98940",), **COUNTED)),
        (benefit(APPLIES, authorization=authorization(200_00, counter=DOLLARS.name), **COUNTED),),
    ],
    ids=["a share", "a share that bounds another", "a step of a share", "by another benefit", "an authorization"],
)
def test_what_dollars_count_is_not_shared(benefits: tuple[Benefit, ...]) -> None:
    """A step of a share, or an authorization from a visit on, that is counted by what visits cost."""
    courses = [
        (
            replace(request(course(4, line("97110", one), line("98940", other))), authorization=Grant(on_file=False)),
            sheet,
        )
        for (one, other), sheet in ((each, PriceSheet()) for each in ALLOWED if "0.00" not in each)
    ]
    chosen = plan(*benefits, networks=[BOTH], limits=[DOLLARS])

    assert "prices differ, and a limit of what visits cost counts them" == left(chosen, courses)
    compared(plan(benefit(APPLIES, **COUNTED), networks=[BOTH], limits=[DOLLARS]), courses)


def test_what_a_clinic_may_bill_beyond_is_not_shared() -> None:
    """It hangs on two prices; where the plan forbids it, prices are shared."""
    outside = network(OUT_OF_NETWORK, deductible=ceiling("300.00"))
    asked = [
        (replace(each, provider=Provider(network=OUT_OF_NETWORK)), sheet)
        for each, sheet in (at_amounts(*each) for each in ALLOWED)
    ]
    chosen = plan(benefit(APPLIES, outside=APPLIES), networks=[BOTH, outside])
    closed = replace(chosen, networks={**chosen.networks, OUT_OF_NETWORK: replace(outside, balance_bill=False)})

    assert "prices differ, and the clinic may bill beyond what the plan allows" == left(chosen, asked)
    compared(closed, asked)
    compared(replace(chosen, networks={**chosen.networks, OUT_OF_NETWORK: replace(outside, contracted=True)}), asked)


def test_a_line_that_costs_nothing_in_the_first_row_is_not_shared() -> None:
    """Whether it is owed can't be told from it."""
    visits = limit(2, past=Past.PATIENT_PAYS)
    chosen = plan(benefit(APPLIES, limits=(visits.name,)), networks=[BOTH], limits=[visits])

    assert "prices differ, and something else hangs on them" == left(
        chosen, [at_amounts("0.00", "95.00"), at_amounts(*ALLOWED[0])]
    )


def test_a_price_that_decides_more_is_told_apart() -> None:
    """A code without a price at one of the places, and one rate for a whole visit."""
    visits = request(course(2, line("97110", None), line("97140", None)))
    shape = Shape(visits, plan(benefit(APPLIES), networks=[BOTH]), prices(), TABLES)
    without = shape.priced(visits, PriceSheet())
    rated = shape.priced(request(tuple(replace(each, rate=usd("80.00")) for each in visits.visits)), prices())

    for each in (without, rated):
        with pytest.raises(PricesDecide) as apart:
            shape.totals(Paid.of(PAID[:2]), priced=[shape.priced(visits, prices()), each], which=np.array([0, 1]))
        assert each is apart.value.priced


def test_visits_that_are_equal_in_one_row_may_differ_in_another() -> None:
    """Each visit has its own price."""
    first, second = at_amounts(*ALLOWED[0])[0], at_amounts(*ALLOWED[1])[0]
    mixed = replace(first, visits=(*first.visits[:2], *second.visits[2:]))

    compared(plan(benefit(APPLIES), networks=[BOTH]), [(first, PriceSheet()), (mixed, PriceSheet())])


@holds_for(20, 3_000, is_drawn_at_length=True, asked=requests(), chosen=plans())
def test_every_row_owes_what_the_engine_says_at_its_own_prices(asked: Request, chosen: Plan) -> None:
    """Any plan, any course, any balances, any given amounts."""
    random = Random(len(asked.visits))

    def priced() -> Request:
        lines = [
            tuple(replace(each, allowed=Money(random.randrange(20_000))) for each in visit.services)
            for visit in asked.visits
        ]
        visits = tuple(replace(visit, services=services) for visit, services in zip(asked.visits, lines, strict=True))
        return replace(asked, visits=visits)

    rows = [asked, *(priced() for _ in range(4))]
    shape = Shape(asked, chosen, PriceSheet(), TABLES)
    try:
        courses = [shape.priced(row, PriceSheet()) for row in rows]
        totals = shape.totals(Paid.of([row.used for row in rows]), True, courses, np.arange(len(rows)))
    except NotCompiled:
        return
    for number, row in enumerate(rows):
        assert cents_of(estimate(row, chosen, PriceSheet(), TABLES, {})) == cents_in(totals, number)
