"""Visits made ready for one course are those of the next of its kind, and of no other."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from unittest import mock

import pytest

from estimator.engine import estimate as estimate_file
from estimator.engine import visits as visits_file
from estimator.engine.answer import AssumptionKind
from estimator.engine.coverage import Scope
from estimator.engine.estimate import estimate
from estimator.engine.plan import Position, When
from estimator.engine.request import Grant, Person, Provider
from estimator.engine.values import BenefitYear
from estimator.engine.visits import Compiled, Given, PreparedVisits, compiled_for
from tests.build import (
    TABLES,
    benefit,
    book,
    ceiling,
    course,
    limit,
    line,
    network,
    percent,
    plan,
    policy,
    prices,
    request,
    share,
    tables,
    used,
)
from tests.engine.strategies import plans, requests
from tests.properties import holds_for

VISITS = course(4, line("97110", None, minutes=30), line("20561", None))
HERE = When(
    states=frozenset({"WA"}), settings=frozenset({"office"}), providers=frozenset({"physical-therapist"})
)  # fmt: skip
PLAN = plan(
    benefit(share(coinsurance="20%", deductible="applies"), limits=("therapy-visits",), when=HERE),
    limits=[limit(3)],
    networks=[network(deductible=ceiling("150.00"))],
    policies=[policy(Position.INVESTIGATIONAL)],
)
ASKED = request(VISITS, state="WA"), PLAN, prices(), TABLES


def anew(asked):
    """Estimate with nothing made ready before."""
    with mock.patch.object(estimate_file, "compiled_for", Compiled.anew):
        return estimate(*asked, {})


def of(request=None, plan=None, sheet=None, known=None):
    """Return what is asked with some of it otherwise."""
    return tuple(
        mine if each is None else each for mine, each in zip(ASKED, (request, plan, sheet, known), strict=True)
    )


def asking(**other):
    """Return what is asked with something of the request otherwise."""
    return of(replace(ASKED[0], **other))


def of_plan(**other):
    """Return what is asked with something of the plan otherwise."""
    return of(plan=replace(PLAN, **other))


RATIOS = prices().ratios["office"]
OTHERS = {
    "another share": of_plan(benefits=(benefit(share("15.00")),)),
    "another limit": of_plan(limits={"therapy-visits": limit(1)}),
    "another deductible": of_plan(networks={"in-network": network(deductible=ceiling("90.00"))}),
    "another policy": of_plan(policies=(policy(Position.COVERED),)),
    "other words": of_plan(benefits=tuple(replace(each, name=f"{each.name}!") for each in PLAN.benefits)),
    "another book": of(sheet=prices(book(factor=2_000_000))),
    "other ratios": of(sheet=prices(ratios={"office": replace(RATIOS, typical=RATIOS.high)})),
    "a state": of(known=tables(Scope.PROHIBITED)),
    "other usual rules": of(known=replace(TABLES, usual={})),
    "a clinic over the border": asking(state="OR"),
    "a setting": asking(provider=Provider(setting="hospital-outpatient")),
    "an assistant": asking(provider=Provider(type="physical-therapist-assistant")),
    "an experience": asking(provider=Provider(experience_factor=percent("200%"))),
    "a signed consent": asking(signed_consent=True),
    "other services": asking(visits=course(4, line("97110", None, minutes=30))),
    "other minutes": asking(visits=course(4, line("97110", None, minutes=15), line("20561", None))),
    "one day": asking(visits=tuple(replace(each, day=VISITS[0].day) for each in VISITS)),
    "days beyond the book": asking(visits=tuple(replace(each, day=each.day.replace(year=2027)) for each in VISITS)),
    "what was paid": asking(used=used("150.00", limits={"therapy-visits": 2})),
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_course_of_another_kind_is_answered_as_if_none_was_before(other):
    """Whatever the answer hangs on is told apart, and each of these has an answer of its own."""
    first = anew(ASKED)

    assert estimate(*ASKED, {}) == first
    assert estimate(*OTHERS[other], {}) == anew(OTHERS[other]) != first
    assert estimate(*ASKED, {}) == first


def test_an_equal_course_is_not_made_ready_again():
    """Other days, balances and grants leave it as it was, and so do equal plans and prices that were read anew."""
    later = tuple(replace(each, day=each.day + timedelta(days=3)) for each in VISITS)
    read_anew = replace(PLAN, benefits=tuple(replace(each) for each in PLAN.benefits))
    estimate(*ASKED, {})
    with mock.patch.object(PreparedVisits, "_make", side_effect=AssertionError):
        estimate(*asking(visits=later, used=used("20.00"), authorization=Grant(True), as_of=later[0].day), {})
        estimate(*of(plan=read_anew, sheet=replace(ASKED[2])), {})


@pytest.mark.parametrize(
    "told",
    [
        {"diagnoses": ("M54.50",)},
        {"person": Person(age=41)},
        {"person": Person(symptom_weeks=3)},
        {"person": Person(purpose="sports")},
        {"person": Person(indian_health=True)},
    ],
)
def test_nothing_is_kept_that_a_person_told(told):
    """It is made ready anew each time: an age, a complaint and a diagnosis outlast no answer."""

    def kept_for(request):
        found = compiled_for(Given(request, PLAN, ASKED[2], TABLES, BenefitYear()))
        return any(found is each for each in visits_file._kept.values())

    assert kept_for(ASKED[0])
    assert not kept_for(replace(ASKED[0], **told))


def test_visits_of_several_threads_never_share_a_number():
    """Two kinds of visits under one number would have each other's prices."""
    given = Given(ASKED[0], PLAN, ASKED[2], TABLES, BenefitYear())
    compiled = Compiled.anew(given)

    def prepare(minutes):
        visits = [course(1, line("97110", None, minutes=each))[0] for each in (minutes, minutes + 5000)]
        return PreparedVisits(replace(given, request=request(visits)), compiled)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(prepare, range(8, 2000)))
    finally:
        sys.setswitchinterval(before)

    for numbered in (compiled.alike, compiled.services):
        assert len(numbered) == len(set(numbered.values()))


def test_what_is_told_of_coding_and_of_old_prices_is_told_again():
    """Both came up as the visits were made ready, which the second course is spared."""
    cut = course(2, line("20561", None, units=3), first_day=date(2027, 3, 1))
    asked = asking(visits=cut, as_of=date(2027, 3, 1))
    once, again = estimate(*asked, {}), estimate(*asked, {})

    assert once == again
    assert once.notices
    assert AssumptionKind.LATEST_PRICE_BOOK in [each.assumes for each in again.assumptions]


def test_only_so_much_is_kept():
    """Of so many plans the last ones, and of each so many kinds of visits."""
    for number in range(visits_file._MOST_KEPT + 5):
        estimate(*of_plan(id=f"plan-{number}"), {})
    for minutes in range(8, 8 + 2 * visits_file._MOST_ALIKE):
        estimate(*asking(visits=course(1, line("97110", None, minutes=minutes))), {})

    assert visits_file._MOST_KEPT == len(visits_file._kept)
    assert max(len(each.alike) for each in visits_file._kept.values()) <= visits_file._MOST_ALIKE + 1


def test_threads_share_what_is_kept():
    """Courses of all kinds at once have the answers that each has alone."""
    alone = {name: anew(asked) for name, asked in OTHERS.items()}
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda name: (name, estimate(*OTHERS[name], {})), [*OTHERS] * 6))

    assert all(answer == alone[name] for name, answer in found)


@holds_for(40, 400, is_drawn_at_length=True, one=requests(), other=requests(), plan=plans())
def test_what_one_course_leaves_changes_no_other(one, other, plan):
    """Under one plan, in either order."""
    asked = [(each, plan, prices(), TABLES) for each in (one, other)]
    alone = [anew(each) for each in asked]

    assert [estimate(*each, {}) for each in asked] == alone
    assert [estimate(*each, {}) for each in reversed(asked)] == alone[::-1]
