"""Rules of a day hold for all its visits in one network: needling once, edits, untimed codes, minutes, reduction."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.engine.plan import Allowed, Basis, Extension, Position, When
from estimator.engine.prices import ExperienceFactor, PriceEntry, PriceSheet
from estimator.engine.request import Grant, Used
from estimator.engine.values import UNKNOWN, Money, Span, days_of_change
from estimator.errors import NoPrice
from tests.build import (
    authorization,
    benefit,
    book,
    ceiling,
    consequence,
    course,
    estimate_of,
    findings,
    limit,
    line,
    lines_of,
    network,
    on,
    percent,
    plan,
    policy,
    prices,
    share,
    statuses,
)

DAY = "2026-03-02"
NONE_ON_FILE = Grant(on_file=False)
COVERED = [policy(Position.COVERED, under="physical-therapy")]


def paying(reduces=True):
    """Build a plan that pays what Medicare would, in two networks, and pays for needling."""
    allowed = Allowed(Basis.MEDICARE, percent("100%"), reduces_multiple_procedures=reduces)
    tiers = [network(allowed=allowed), network("tier-2", allowed=allowed)]
    return plan(networks=tiers, policies=COVERED)


def split(*visits):
    """Return the allowed amounts of visits of one day, each one line or several."""
    answer = estimate_of(paying(), [on(DAY, *lines) for lines in visits], prices())
    return [str(each.allowed) for each in lines_of(answer.typical)]


def test_the_therapy_reduction_ranks_all_the_units_of_a_day():
    """97140 in the second visit loses half of its practice expense of 40.00: 100 less 20."""
    assert ["100.00", "80.00"] == split([line(allowed=None)], [line("97140", None)])


def test_the_reduction_is_of_a_day_and_of_a_network():
    """On another day, and in another network, a line is the first of its own."""
    days = [on(DAY, line(allowed=None)), on("2026-03-03", line("97140", None))]
    networks = [on(DAY, line(allowed=None)), on(DAY, line("97140", None), network="tier-2")]
    for visits in (days, networks):
        run = estimate_of(paying(), visits, prices()).typical

        assert ["100.00", "100.00"] == [str(each.allowed) for each in lines_of(run)]


@pytest.mark.parametrize("order", [("20560", "20561"), ("20561", "20560")])
def test_two_visits_of_a_day_have_one_needling_line_between_them(order):
    """The one for more muscles, wherever it stands."""
    run = estimate_of(plan(policies=COVERED), [on(DAY, line(), line(code)) for code in order]).typical
    needled = {each.code: str(each.status) for each in lines_of(run) if each.code in order}

    assert {"20561": "payable", "20560": "bundled"} == needled


def test_the_same_needling_on_another_day_is_another_line():
    """One a day, not one a course."""
    visits = [on(DAY, line("20561")), on("2026-03-03", line("20561"))]

    assert ["payable", "payable"] == statuses(estimate_of(plan(policies=COVERED), visits).typical)


def test_edits_and_untimed_codes_are_of_a_day():
    """Group therapy takes the exercise of the morning with it; a second evaluation is not paid."""
    grouped = estimate_of(plan(), [on(DAY), on(DAY, line("97150"))]).typical
    twice = estimate_of(plan(), [on(DAY, line("97161")), on(DAY, line("97161"))]).typical

    assert "bundled" == statuses(grouped)[0]
    assert ["payable", "bundled"] == statuses(twice)
    assert "Bundled 0.00" in findings(twice)


def test_minutes_of_a_day_are_added_up_before_they_become_units():
    """7 and 8 minutes of two visits are 15: one unit, of the longer."""
    visits = [on(DAY, line(minutes=7, allowed=None)), on(DAY, line("97140", None, minutes=8))]
    run = estimate_of(paying(), visits, prices()).typical

    assert [0, 1] == [each.units for each in lines_of(run)]
    assert ["bundled", "payable"] == statuses(run)


def test_equal_visits_of_unequal_days_are_not_taken_for_each_other():
    """Alone in March, twice on a day in April, and alone again."""
    each = line("97140", None)
    visits = [on(DAY, each), on("2026-04-01", each), on("2026-04-01", each), on("2026-04-02", each)]
    run = estimate_of(paying(), visits, prices()).typical

    assert ["100.00", "100.00", "80.00", "100.00"] == [str(line.allowed) for line in lines_of(run)]


def test_a_line_without_a_price_is_named_by_its_own_visit_and_place():
    """The second visit of the day, its second line."""
    visits = [on(DAY), on(DAY, line(), line("97140", None))]

    with pytest.raises(NoPrice) as refused:
        estimate_of(plan(), visits)

    assert (1, 1) == (refused.value.visit, refused.value.line)


services = st.lists(
    st.builds(
        lambda code, minutes, units, modifiers: line(code, None, minutes=minutes, units=units, modifiers=modifiers),
        st.sampled_from(("97110", "97110", "97140", "20560", "20561")),
        st.sampled_from((None, 5, 8, 20, 40)),
        st.sampled_from((None, None, 1, 3)),
        st.sampled_from(((), ("59",), ("GO",))),
    ),
    min_size=2,
    max_size=6,
)
BOTH = replace(
    book(), id="both", fees={**book().fees, "20560": replace(book().fees["20561"], code="20560", pe_nonfacility=20)}
)


@settings(max_examples=60, deadline=None)
@given(services, st.integers(1, 5), st.sampled_from((True, False, UNKNOWN)), st.booleans())
def test_a_visit_split_in_two_on_one_day_is_allowed_the_same_line_by_line(lines, at, reduces, is_medicare):
    """Status, units and allowed amount, at each price: a second entry of a day is no way round a rule of the day."""
    basis = Basis.MEDICARE if is_medicare else Basis.CONTRACT
    allowed = Allowed(basis, percent("100%"), reduces_multiple_procedures=reduces)
    stated = plan(networks=[network(allowed=allowed)], policies=COVERED)
    parts = [part for part in (lines[:at], lines[at:]) if part]
    whole = estimate_of(stated, course(1, *lines), prices(BOTH))
    parted = estimate_of(stated, [on(DAY, *part) for part in parts], prices(BOTH))

    for one, two in zip((whole.low, whole.typical, whole.high), (parted.low, parted.typical, parted.high), strict=True):
        assert [(line.status, line.units, line.allowed) for line in lines_of(one)] == [
            (line.status, line.units, line.allowed) for line in lines_of(two)
        ]


def test_a_rule_of_one_code_starts_on_its_day_within_a_course():
    """Eight visits owe in one course what they owe one by one with the balances that the course has reached."""
    chosen, visits = dated_by_code(), course(8)
    whole = estimate_of(chosen, visits, authorization=NONE_ON_FILE).typical
    alone = []
    for place, visit in enumerate(visits):
        before = whole.visits[place - 1].balances if place else ()
        reached = {balance.name: balance.used for balance in before}
        brought = Used(Money(reached.get("deductible", 0)), limits={"therapy-visits": reached.get("therapy-visits", 0)})
        [single] = estimate_of(chosen, [visit], used=brought, authorization=NONE_ON_FILE).typical.visits
        alone.append(str(single.owes))

    assert ["100.00"] * 2 + ["70.00", "40.00"] + ["100.00"] * 4 == alone
    assert alone == [str(visit.owes) for visit in whole.visits]


def dated_by_code():
    """Build a plan that asks for authorization of 97110 from the fifth of eight weekly visits on."""
    needed = authorization(if_missing=consequence("patient-pays"), when=When(span=Span(date(2026, 3, 30))))
    paid = benefit(
        share("40.00", deductible="applies"), limits=("therapy-visits",), authorization_by_code={"97110": needed}
    )
    return plan(paid, networks=[network(deductible=ceiling("230.00"))], limits=[limit(30)])


DATED = (
    "benefit", "authorization", "by code", "referral", "exemption", "extension", "policy", "policy when",
    "contract", "self-pay", "factor",
)  # fmt: skip


def test_every_dated_rule_of_a_plan_and_a_price_sheet_is_a_day_of_change():
    """The days follow from the types: a span is found in each place that can hold one."""
    spans = {name: Span(date(2026, 1, 1 + place)) for place, name in enumerate(DATED)}
    when = {name: When(span=span) for name, span in spans.items()}
    paid = benefit(
        when=when["benefit"],
        authorization=authorization(when=when["authorization"]),
        authorization_by_code={"97110": authorization(when=when["by code"])},
        referral=authorization(when=when["referral"]),
    )
    limited = limit(30, exempt=when["exemption"], extension=Extension(5, "diagnosis", when["extension"]))
    chosen = plan(
        paid,
        limits=[limited],
        policies=[policy(Position.COVERED, in_force=spans["policy"], when=when["policy when"])],
    )
    sheet = PriceSheet(
        contract=(PriceEntry("97110", Money(1), span=spans["contract"]),),
        self_pay=(PriceEntry("97110", Money(1), span=spans["self-pay"]),),
        factors=(ExperienceFactor("new", percent("90%"), date(2025, 1, 1), spans["factor"]),),
    )
    found = {date.fromordinal(day) for part in (chosen, sheet) for day in days_of_change(part)}

    assert {span.first_day for span in spans.values()} == found


def test_a_price_book_changes_prices_on_its_first_day_and_after_its_last():
    """A book for 2026 is in force from January 1 on; the next day after it is January 1, 2027."""
    found = [date.fromordinal(day) for day in days_of_change(prices(book(2026)))]

    assert [date(2026, 1, 1), date(2027, 1, 1)] == found
