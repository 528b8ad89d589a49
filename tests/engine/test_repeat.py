"""A visit that comes out as the one before it isn't settled anew: each thing that may turn ends that, to the visit."""

import pickle
from dataclasses import replace
from datetime import date
from unittest import mock

import pytest

from estimator.engine import course as course_file
from estimator.engine.answer import Visits
from estimator.engine.estimate import Course
from estimator.engine.plan import Counting, DollarsOf, Every, Extension, Past, Per, Position, When
from estimator.engine.prices import PriceSheet
from estimator.engine.request import Grant, Person, Provider
from estimator.engine.values import UNKNOWN, BenefitYear, Span
from tests.build import (
    TABLES,
    authorization,
    benefit,
    ceiling,
    consequence,
    course,
    days,
    estimate_of,
    limit,
    line,
    maximum,
    network,
    on,
    plan,
    policy,
    request,
    share,
    under,
    usd,
    used,
)

SIX = course(6)
NONE = {"authorization": Grant(False)}


def wanting(rule, *limits, **more):
    """Build a plan of one benefit at a copay with this authorization rule, and these limits."""
    names = tuple(each.name for each in limits)
    return plan(benefit(authorization=rule, limits=names, **more), limits=limits)


def grant(**more):
    """Build a grant on file."""
    return {"authorization": Grant(True, **more)}


def sharing(**more):
    """Build a plan of one benefit with this share, a deductible of 250.00 and a maximum of 500.00."""
    tiers = [network(deductible=ceiling("250.00"), out_of_pocket_max=maximum("500.00"))]
    return plan(benefit(share(**more)), networks=tiers)


EXTENDED = Extension(2, "justification", When(), "KX")
CHANGES = share("10.00", by_visit=((2, share("10.00")), (None, share("60.00"))))
GIVES_BACK = {"counts_deductible_visits": False, "past": Past.PATIENT_PAYS}

# A plan, the visits, what else is asked, and how many visits the first reading repeats at typical prices.
TURNS = {
    "nothing": (plan(), SIX, {}, 5),
    "a hard limit": (under(limit(3, past=Past.PATIENT_PAYS)), SIX, {}, 4),
    "an absorbed limit": (under(limit(3, past=Past.PROVIDER_ABSORBS)), SIX, {}, 4),
    "a limit in dollars that cuts a line": (under(limit(350_00, measure="dollars")), SIX, {}, 3),
    "a limit in units": (under(limit(7, measure="units")), course(6, line(units=2)), {}, 3),
    "a limit of paid dollars": (
        under(limit(250_00, measure="dollars", dollars_of=DollarsOf.PAID), cost=share("40.00")), SIX, {}, 3,
    ),
    "a marker": (under(limit(3, past=Past.CONTINUES, modifier="KX")), SIX, {}, 4),
    "a soft limit": (under(limit(3, past=Past.NEEDS_AUTHORIZATION)), SIX, {}, 2),
    "a soft limit that nobody has read": (under(limit(UNKNOWN, past=Past.NEEDS_AUTHORIZATION)), SIX, {}, 0),
    "an extension": (under(limit(2, past=Past.PATIENT_PAYS, extension=EXTENDED)), SIX, {}, 1),
    "a limit a calendar year": (
        under(limit(4, every=Every.CALENDAR_YEAR, past=Past.PATIENT_PAYS), benefit_year=BenefitYear(7, 1)),
        course(6, first_day=date(2026, 12, 10)), {}, 4,
    ),
    "a limit a month": (under(limit(3, every=Every.MONTH, past=Past.PATIENT_PAYS)), SIX, {}, 0),
    "a limit of months": (under(limit(4, measure="months", past=Past.PATIENT_PAYS)), course(12), {}, 0),
    "a rolling limit that nothing uses": (
        plan(
            benefit(), benefit(name="chiropractic", services=("98940",), limits=("therapy-visits",)),
            limits=[limit(3, every=Every.ROLLING_MONTHS)],
        ), SIX, {}, 5,
    ),
    "a marker with an extension": (under(limit(3, past=Past.CONTINUES, extension=EXTENDED)), course(8), {}, 2),
    "a limit a day": (under(limit(1, every=Every.DAY, measure="units")), course(6, line(units=2)), {}, 5),
    "a soft limit a day": (
        under(limit(1, every=Every.DAY, measure="units", past=Past.NEEDS_AUTHORIZATION)),
        course(6, line(units=2)), {}, 0,
    ),
    "a limit that counts each line": (
        wanting(authorization(5), limit(20, counting=Counting.ONE_PER_LINE)), course(6, line(), line("97140")), {}, 0,
    ),
    "a visit that the deductible takes": (
        plan(
            benefit(share(coinsurance="20%", deductible="applies"), limits=("therapy-visits",)),
            limits=[limit(3, **GIVES_BACK)], networks=[network(deductible=ceiling("200.00"))],
        ), SIX, {}, 3,
    ),
    "the deductible and the maximum": (sharing(coinsurance="50%", deductible="applies"), course(9), {}, 4),
    "a deductible that a visit ends": (
        plan(
            benefit(share(coinsurance="20%", deductible="applies")),
            networks=[network(deductible=ceiling("300.00"), out_of_pocket_max=maximum("9000.00"))],
        ), SIX, {}, 4,
    ),
    "a deductible of a family": (
        plan(
            benefit(share(coinsurance="20%", deductible="applies")),
            networks=[network(deductible=ceiling("300.00", "500.00"), out_of_pocket_max=maximum("900.00", "1800.00"))],
        ), SIX, {"used": used(family="250.00"), "person": Person(family=True)}, 3,
    ),
    "a deductible that copays fill": (sharing(copay="30.00", deductible="with-copay"), SIX, {}, 3),
    "a deductible after copays": (
        sharing(copay="30.00", deductible="after-copay", credits_deductible=True), SIX, {}, 3,
    ),
    "a deductible of two lines": (
        sharing(coinsurance="20%", deductible="applies"), course(6, line(), line("97140", "20.00")), {}, 3,
    ),
    "a deductible of the benefit's own": (
        plan(
            benefit(
                share(coinsurance="20%", deductible="applies"),
                deductible=ceiling("310.00", name="therapy", also_credits=("deductible",)),
            ),
            benefit(share(deductible="applies"), name="needling", services=("20561",)),
            networks=[network(deductible=ceiling("250.00"), out_of_pocket_max=maximum("9000.00"))],
        ), course(6, line(), line("20561", "20.00")), {}, 2,
    ),
    "a deductible over New Year": (
        sharing(coinsurance="20%", deductible="applies"), course(9, first_day=date(2026, 12, 17)), {}, 4,
    ),
    "a deductible under a cap": (
        sharing(coinsurance="20%", deductible="applies", max_per_visit="60.00"), course(9), {}, 3,
    ),
    "a deductible that the maximum forgives": (
        plan(
            benefit(share(coinsurance="20%", deductible="applies", credits_out_of_pocket=False)),
            benefit(share(coinsurance="20%", deductible="applies"), name="other", services=("20561",)),
            networks=[network(deductible=ceiling("240.00"), out_of_pocket_max=maximum("500.00"))],
        ), course(6, line(), line("20561")), {"used": used(out_of_pocket="500.00")}, 2,
    ),
    "a deductible that bounds a copay": (
        plan(
            benefit(share(coinsurance="20%", deductible="applies")),
            benefit(
                share("60.00", not_above=share(coinsurance="20%", deductible="applies")),
                name="other", services=("20561",),
            ),
            networks=[network(deductible=ceiling("240.00"))],
        ), course(6, line(), line("20561")), {}, 3,
    ),
    "the maximum within a visit": (sharing(copay="70.00"), course(9), {}, 6),
    "a new benefit year": (sharing(copay="70.00"), course(9, first_day=date(2026, 12, 3)), {}, 7),
    "a benefit year from July": (
        plan(
            benefit(share("70.00")), networks=[network(out_of_pocket_max=maximum("500.00"))],
            benefit_year=BenefitYear(7, 1),
        ), course(9, first_day=date(2026, 6, 3)), {}, 7,
    ),
    "a share that changes with the visit": (plan(benefit(CHANGES)), SIX, {}, 0),
    "a share that another one bounds": (plan(benefit(share("40.00", not_above=CHANGES))), SIX, {}, 0),
    "a share without authorization": (
        plan(
            benefit(
                share("5.00"), authorization=authorization(1, consequence("other-cost-share")),
                without_authorization=CHANGES,
            )
        ), SIX, NONE, 0,
    ),
    "an authorization from the fourth visit": (wanting(authorization(4)), SIX, {}, 4),
    "an authorization from the fourth visit as a limit counts": (
        wanting(authorization(4), limit(20)), SIX, {"used": used(limits={"therapy-visits": 1})}, 4,
    ),
    "an authorization by visits past their limit": (
        wanting(authorization(3), limit(3, past=Past.PROVIDER_ABSORBS)), SIX, {}, 3,
    ),
    "an authorization behind a limit": (
        wanting(authorization(4, counter="course"), limit(2, past=Past.PATIENT_PAYS)), SIX, {}, 4,
    ),
    "an authorization by visits of each day": (wanting(authorization(1), limit(2, every=Every.DAY)), SIX, {}, 5),
    "visits without review": (wanting(authorization(1, waiver_visits=3)), SIX, {}, 0),
    "a count that starts again": (
        wanting(authorization(3, restart_gap_days=20)), [*course(4), *course(3, first_day=date(2026, 5, 4))], {}, 0,
    ),
    "a grant of three visits": (wanting(authorization(1)), SIX, grant(visits=3), 4),
    "a grant of units": (wanting(authorization(1)), course(6, line(units=2)), grant(units=7), 0),
    "a grant for some days": (
        wanting(authorization(1)), SIX, grant(valid=Span(date(2026, 3, 9), date(2026, 3, 23))), 3,
    ),
    "a grant that others have used": (wanting(authorization(1)), SIX, grant(visits=5, used_visits=3), 4),
    "a penalty": (
        wanting(authorization(1, consequence("penalty", penalty=usd("100.00")))), SIX, NONE, 3,
    ),
    "two visits on one day": (
        plan(
            benefit(share("40.00", per=Per.DAY), outside=share("40.00", per=Per.DAY)),
            networks=[network(), network("out-of-network")],
        ),
        [
            on("2026-03-02", network="out-of-network"), *days("2026-03-02", "2026-03-09", "2026-03-16"),
            on("2026-03-16", network="out-of-network"),
        ], {}, 0,
    ),
    "visits of two kinds": (
        under(limit(4, past=Past.PATIENT_PAYS)),
        [*course(3), on("2026-03-25", line("97161")), *course(4, first_day=date(2026, 4, 1))], {}, 5,
    ),
    "two networks": (
        plan(
            benefit(share("40.00"), outside=share(coinsurance="50%")),
            networks=[
                network(out_of_pocket_max=maximum("100.00", name="both", also_credits=("outside",))),
                network("out-of-network", out_of_pocket_max=maximum("200.00", name="outside")),
            ],
        ),
        [*course(2), *(replace(each, network="out-of-network") for each in course(4, first_day=date(2026, 4, 1)))],
        {}, 2,
    ),
    "an assistant": (plan(), SIX, {"provider": Provider(type="physical-therapist-assistant")}, 5),
}  # fmt: skip


@pytest.mark.parametrize("turn", TURNS)
def test_visits_are_repeated_until_something_turns(turn):
    """Every amount, reason, balance and turning point is the one that settling each visit gives."""
    stated, visits, more, _ = TURNS[turn]
    with mock.patch.object(course_file, "repeat", return_value=None):
        all_settled = estimate_of(stated, visits, **more)

    assert estimate_of(stated, visits, **more) == all_settled


@pytest.mark.parametrize("turn", TURNS)
def test_visits_that_can_be_told_are_not_settled(turn):
    """Of the first reading at typical prices."""
    stated, visits, more, repeated = TURNS[turn]
    found = []

    def counted(*asked):
        found.append(repeat(*asked))
        return found[-1]

    repeat = course_file.repeat
    with mock.patch.object(course_file, "repeat", counted):
        Course(request(visits, **more), stated, PriceSheet(), TABLES).run(1, {})

    assert repeated == sum(len(each.days) for each in found)


def test_visits_that_nobody_reads_are_not_put_together():
    """The totals are those of the visits, read or not."""
    stated, visits, more, _ = TURNS["a deductible that a visit ends"]

    def run():
        return Course(request(visits, **more), stated, PriceSheet(), TABLES).run(1, {})[0]

    read = run()
    by_hand = sum(step.owes for visit in read.visits for each in visit.lines for step in each.steps)
    with mock.patch.object(course_file, "_alike", side_effect=AssertionError):
        unread = run()

        assert (by_hand, read.plan_pays) == (unread.owes, unread.plan_pays)
        with pytest.raises(AssertionError):
            len(unread.visits)


def test_visits_are_a_sequence_that_can_be_sent_to_another_process():
    """Like the tuple that they were."""
    run = estimate_of(plan(), SIX).typical
    sent = pickle.loads(pickle.dumps(run))

    assert sent == run
    assert hash(sent.visits) == hash(run.visits) == hash(tuple(run.visits))
    assert tuple(run.visits) == run.visits == Visits(tuple(run.visits))
    assert repr(tuple(run.visits)) == repr(run.visits)
    assert run.visits[1:3] == (run.visits[1], run.visits[2])
    assert run.visits[-1].number == len(run.visits) == 6
    assert run.visits != run.visits[:5]


def test_a_run_made_from_another_swaps_the_uncounted_lines_of_each_visit():
    """Where a reading changes only what no benefit covers, later visits have it too."""
    stated = plan(benefit(share("40.00")), policies=[policy(Position.INVESTIGATIONAL)])
    answer = estimate_of(stated, course(4, line(), line("20561")))
    needling = [visit.lines[1].owes for visit in answer.high.visits]

    assert [usd("100.00")] * 4 == needling
    assert answer.high.owes == sum(visit.owes for visit in answer.high.visits) == usd("560.00")
