"""What lies past a limit, and who bears it: hard, soft, absorbed, a marker, extended, not read."""

import pytest

from estimator.engine.plan import DollarsOf, Extension, Past, When
from estimator.engine.request import Grant, Person
from estimator.engine.values import UNKNOWN
from tests.build import (
    CITED,
    authorization,
    benefit,
    ceiling,
    consequence,
    course,
    estimate_of,
    findings,
    kinds,
    limit,
    line,
    lines_of,
    maximum,
    network,
    on,
    owes,
    plan,
    ranged,
    share,
    statuses,
    under,
    usd,
)


def past(kind, amount=1, **more):
    """Build a limit of one visit with this end."""
    return limit(amount, past=Past(kind) if isinstance(kind, str) else kind, **more)


@pytest.mark.parametrize(
    ("kind", "status", "owed", "absorbed"),
    [
        ("patient-pays", "not-covered-patient-may-be-billed", "100.00", "0.00"),
        ("provider-absorbs", "not-covered-provider-absorbs", "0.00", "100.00"),
        ("needs-authorization", "needs-authorization", "0.00", "0.00"),
        ("continues", "payable", "0.00", "0.00"),
    ],
)
def test_the_second_visit_ends_as_its_limit_says(kind, status, owed, absorbed):
    """One visit is covered; the second is the patient's, the clinic's, a request's, or nobody's matter."""
    typical = estimate_of(under(past(kind)), course(2)).typical

    assert ["payable", status] == statuses(typical)
    assert (owed, absorbed) == (str(typical.owes), str(typical.provider_absorbs))


def test_what_is_paid_past_a_limit_fills_no_accumulator():
    """100 past the limit leaves deductible and maximum as they were."""
    tier = network(deductible=ceiling("500.00"), out_of_pocket_max=maximum("900.00"))
    typical = estimate_of(under(past("patient-pays"), networks=[tier]), course(2)).typical

    assert [0, 0] == [balance.used for balance in typical.visits[1].balances[:2]]


@pytest.mark.parametrize(("bills", "owed"), [(True, "150.00"), (False, "100.00")])
def test_past_a_limit_out_of_network_the_clinic_may_ask_its_charge(bills, owed):
    """Unless the network's rule says that it may not bill the rest."""
    stated = plan(
        benefit(outside=share("0.00"), limits=("therapy-visits",)), limits=[past("patient-pays", 0)],
        networks=[network(), network("out-of-network", balance_bill=bills)],
    )  # fmt: skip

    assert [owed] == owes(stated, [on("2026-03-02", line(billed="150.00"), network="out-of-network")])


def test_a_line_may_lie_partly_beyond_a_limit():
    """Four units with three left, at 20% of what is inside: 15 and 25."""
    stated = under(past("patient-pays", 3, measure="units"), cost=share(coinsurance="20%"))
    answer = estimate_of(stated, course(1, line(units=4)))

    assert ["CoinsuranceCharged 15.00", "LimitPassed 25.00"] == findings(answer.typical)


def test_what_lies_beyond_a_limit_may_be_the_clinics():
    """A quarter of the line is written off."""
    stated = under(past("provider-absorbs", 3, measure="units"), cost=share(coinsurance="20%"))
    typical = estimate_of(stated, course(1, line(units=4))).typical

    assert ("15.00", "60.00", "25.00") == tuple(map(str, (typical.owes, typical.plan_pays, typical.provider_absorbs)))


def test_a_line_that_crosses_a_soft_limit_needs_the_authorization_for_the_whole():
    """Nobody authorizes three quarters of a line."""
    typical = estimate_of(under(past("needs-authorization", 3, measure="units")), course(1, line(units=4))).typical

    assert (["needs-authorization"], "0.00") == (statuses(typical), str(typical.owes))


def test_a_balance_bill_comes_on_top_of_what_lies_beyond_a_limit():
    """Of 150 charged 100 is allowed, 75 of it inside: nothing, 25 beyond, 50 the rest of the charge."""
    stated = plan(
        benefit(outside=share("0.00"), limits=("therapy-visits",)),
        limits=[past("patient-pays", 3, measure="units")], networks=[network("out-of-network")],
    )  # fmt: skip

    assert ["75.00"] == owes(stated, [on("2026-03-02", line(units=4, billed="150.00"), network="out-of-network")])


@pytest.mark.parametrize(
    ("kind", "expected"), [("patient-pays", ("20.00", "0.00")), ("provider-absorbs", ("0.00", "20.00"))]
)
def test_a_limit_of_paid_dollars_stops_the_plan_in_the_middle_of_a_line(kind, expected):
    """80 of 100 is left to pay; the rest falls on whom the limit names."""
    typical = estimate_of(under(past(kind, 80_00, measure="dollars", dollars_of=DollarsOf.PAID))).typical

    assert expected == (str(typical.owes), str(typical.provider_absorbs))


@pytest.mark.parametrize("kind", ["continues", "needs-authorization"])
def test_a_payment_that_crosses_a_marker_or_a_soft_limit_of_paid_dollars_goes_through(kind):
    """What comes after it is marked, or needs the authorization."""
    stated = under(past(kind, 80_00, measure="dollars", dollars_of=DollarsOf.PAID))

    assert "200.00" == str(estimate_of(stated, course(2)).typical.plan_pays)


def kx_threshold():
    """Build Medicare's threshold in small: 250.00 of allowed amounts, 20% coinsurance."""
    marker = limit(250_00, "kx", measure="dollars", past=Past.CONTINUES, modifier="KX")
    return under(marker, cost=share(coinsurance="20%"))


def test_a_marker_goes_on_counting_allowed_amounts_and_asks_for_its_modifier():
    """100 a visit: the third crosses 250 and carries KX, as does every one after it; the share never changes."""
    answer = estimate_of(kx_threshold(), course(4))
    marked = [
        any("ModifierNeeded" in type(step.finding).__name__ for step in each.steps) for each in lines_of(answer.typical)
    ]

    assert [False, False, True, True] == marked
    assert ["20.00"] * 4 == [str(visit.owes) for visit in answer.typical.visits]
    assert [100_00, 200_00, 300_00, 400_00] == [visit.balances[0].used for visit in answer.typical.visits]
    assert [("modifier-from", 3)] == [(point.kind, point.visit) for point in answer.crossing_points]


def test_exactly_at_the_marker_no_modifier_is_needed():
    """250.00 of 250.00."""
    assert ["CoinsuranceCharged 50.00"] == findings(
        estimate_of(kx_threshold(), course(1, line(allowed="250.00"))).typical
    )


def extended(needs, **more):
    """Build a limit of one visit with one more on a need."""
    return under(limit(1, extension=Extension(1, needs, modifier="KX", citation=CITED, **more)))


@pytest.mark.parametrize("needs", ["improvement", "justification"])
@pytest.mark.parametrize(
    ("said", "expected"),
    [(True, ["0.00", "0.00", "100.00"]), (False, ["0.00", "100.00", "100.00"]), (None, ["0.00", "0.00", "100.00"])],
)
def test_an_extension_is_given_where_what_it_needs_is_shown(needs, said, expected):
    """One more visit, and past it the limit stands. What nobody has said is taken as shown, and priced."""
    person = Person(**{"improving" if needs == "improvement" else "justified": said})
    answer = estimate_of(extended(needs), course(3), person=person)

    assert expected == [str(visit.owes) for visit in answer.typical.visits]
    assert ([(needs, usd("100.00"))] if said is None else []) == [
        (each.needs, each.difference) for each in answer.conditions
    ]


@pytest.mark.parametrize(("diagnoses", "expected"), [(("M54.50",), "0.00"), (("S33.5XXA",), "100.00"), (None, "0.00")])
def test_an_extension_may_hang_on_the_diagnosis(diagnoses, expected):
    """Not said: a range with a question."""
    answer = estimate_of(extended("diagnosis", when=When(diagnoses=("M54*",))), course(2), diagnoses=diagnoses)

    assert expected == str(answer.typical.owes)
    assert "0.00" == str(answer.low.owes) or diagnoses == ("S33.5XXA",)
    assert (diagnoses is None) == ("diagnosis" in kinds(answer.questions))


@pytest.mark.parametrize(
    ("on_file", "expected", "status"),
    [
        (None, "0.00", "needs-authorization"),
        (True, "0.00", "payable"),
        (False, "100.00", "not-covered-patient-may-be-billed"),
    ],
)
def test_an_extension_that_is_not_authorized_leaves_the_limit_as_it_stands(on_file, expected, status):
    """The hard limit: the patient pays, whatever a missing authorization would bring elsewhere."""
    typical = estimate_of(extended("authorization"), course(2), authorization=Grant(on_file)).typical

    assert (expected, status) == (str(typical.owes), statuses(typical)[1])


def test_refusing_an_extension_is_priced_as_the_limit_would_have_it():
    """A condition of 100.00 for the patient and nothing for the clinic."""
    condition = estimate_of(extended("authorization"), course(2)).conditions[0]

    assert ("authorization", 2, "100.00", "0.00") == (
        condition.needs, condition.from_visit, str(condition.difference), str(condition.clinic_difference)
    )  # fmt: skip


def test_a_soft_limit_follows_the_benefits_own_authorization_rule():
    """The rule's consequence and administrator, though it would begin only at the fortieth visit."""
    rule = authorization(40, consequence("patient-pays"), administrator="A reviewer")
    stated = plan(
        benefit(share("0.00"), limits=("therapy-visits",), authorization=rule), limits=[past("needs-authorization")]
    )
    condition = estimate_of(stated, course(3)).conditions[0]

    assert ("A reviewer", 2, 2, "200.00") == (
        condition.administrator, condition.from_visit, condition.visits, str(condition.difference)
    )  # fmt: skip


def test_what_lies_past_a_limit_may_be_unknown():
    """The clinic's at best, the patient's at worst, and a question."""
    answer = estimate_of(under(past(UNKNOWN)), course(2))

    assert ("0.00", "0.00", "100.00") == ranged(answer)
    assert "past-limit" in kinds(answer.questions)


def test_a_limit_that_nobody_has_read_is_not_reached_but_at_the_high_end():
    """A range with a question, and an open point with the price of its being reached already."""
    answer = estimate_of(under(limit(UNKNOWN)), course(2))

    assert ("0.00", "0.00", "200.00") == ranged(answer)
    assert {"limit"} == kinds(answer.questions)
    assert [("limit", usd("0.00"), usd("200.00"))] == [(each.about, *each.adds) for each in answer.open_points]


def test_a_marker_that_nobody_has_read_changes_nothing():
    """It never stops a line, so that there is nothing to ask."""
    answer = estimate_of(under(past("continues", UNKNOWN)), course(2))

    assert ("0.00", "0.00", "0.00") == ranged(answer)


def test_a_limit_that_is_not_confirmed_counts_in_the_high_run_alone():
    """Read out of free text: a range with a question, whole lines and parts of lines alike."""
    visits = estimate_of(under(limit(1, confirmed=False)), course(2))
    units = estimate_of(under(limit(3, measure="units", confirmed=False)), course(1, line(units=4)))

    assert (("0.00", "0.00", "100.00"), ("0.00", "0.00", "25.00")) == (ranged(visits), ranged(units))
    assert {"limit"} == kinds(visits.questions)


def test_a_limit_is_told_as_reached_before_it_is_told_as_passed():
    """A limit of 150 dollars is reached and passed within one visit."""
    stated = under(limit(150_00, measure="dollars"))
    points = estimate_of(stated, course(1, line(), line("97140"))).crossing_points

    assert [("limit-reached", 1), ("limit-passed", 1)] == [(each.kind, each.visit) for each in points]
