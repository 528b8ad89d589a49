"""FHIR is read as payers send it: figures with their paths, what the standard lacks or does not know as notes."""

import sys
from collections import Counter
from datetime import date
from typing import Any

import pytest

from estimator.eligibility.choosing import share_for
from estimator.eligibility.read import read_eligibility
from estimator.eligibility.statements import Aspect, Authorization, Eligibility, Kind, Level, Network
from estimator.engine.values import Money
from estimator.errors import EligibilityRefused
from estimator.estimates.eligibility import market_of, reading_of
from tests.eligibility.answers import as_bytes, concept, fhir

COVERAGE: dict[str, Any] = {
    "resourceType": "Coverage",
    "status": "active",
    "beneficiary": {"reference": "Patient/1"},
    "payor": [{"display": "Evergreen Mutual"}],
    "period": {"start": "2026-01-01", "end": "2026-12-31"},
    "class": [{"type": {"coding": [{"code": "plan"}]}, "value": "1", "name": "Evergreen PPO"}],
}


def cost(code: str, **value: Any) -> dict[str, Any]:
    """Return what a Coverage says of one cost to the beneficiary."""
    return {"type": concept(code), **value}


def read(resource: Any) -> Eligibility:
    """Read a resource."""
    return read_eligibility(as_bytes(resource))


def with_row(**parts: Any) -> dict[str, Any]:
    """Return a response whose one row has other parts; None takes one out."""
    response = fhir()
    row = response["insurance"][0]["item"][0]
    row.update(parts)
    for key in [key for key, value in row.items() if value is None]:
        del row[key]
    return response


def test_a_response_is_read() -> None:
    """Limit, copay and deductible, with what was used."""
    answer = read(fhir())

    assert ("FHIR", "Evergreen Mutual", True, ()) == (answer.form, answer.payer, answer.is_active, answer.notes)
    assert [(30, 8, 22), (150_000, 31_055, 118_945)] == [
        (bucket.total, bucket.used, bucket.remaining) for bucket in answer.buckets
    ]
    assert [(Money(4000), "")] == [(benefit.amount, benefit.period) for benefit in answer.stated(Kind.COPAY)]


def test_a_figure_names_its_path() -> None:
    """Down to the element that holds it."""
    used = next(benefit for benefit in read(fhir()).stated(Kind.DEDUCTIBLE) if benefit.aspect is Aspect.USED)

    assert "insurance.0.item.0.benefit.2.usedMoney" == used.origin.place
    assert (Network.IN, Level.PERSON, ("PT",)) == (used.network, used.level, used.services)


@pytest.mark.parametrize(
    ("written", "needed"), [(True, [Authorization.NEEDED]), (False, [Authorization.NOT_NEEDED]), (None, [])]
)
def test_authorization_that_is_not_said_is_not_known(written: bool | None, needed: list[Authorization]) -> None:
    """A missing element is no no."""
    stated = read(with_row(authorizationRequired=written)).stated(Kind.AUTHORIZATION)

    assert needed == [benefit.authorization for benefit in stated]


def test_what_the_row_leaves_out_is_not_known() -> None:
    """Network and unit are unsaid, and a service that nobody names is the plan, told as such."""
    (copay,) = read(with_row(network=None, unit=None, category=None)).stated(Kind.COPAY)

    assert (Network.UNSAID, Level.UNSAID, ("30",)) == (copay.network, copay.level, copay.services)
    assert ("It names no category of service. Read as said of the plan as a whole.",) == copay.doubts


def test_a_category_in_words_is_read() -> None:
    """Some payers have no code."""
    (copay,) = read(with_row(category={"text": "Physical Therapy Services"})).stated(Kind.COPAY)

    assert ("PT",) == copay.services


def test_an_excluded_row_is_not_covered() -> None:
    """For the procedure that it names."""
    row = with_row(excluded=True, productOrService={"coding": [{"code": "20560"}]}, benefit=None, category=None)

    (stated,) = read(row).stated(Kind.NOT_COVERED)

    assert ("20560",) == stated.procedures


def test_what_the_standard_does_not_know_is_told_and_hinders_nothing() -> None:
    """An element of the payer's own, one that is missing, and an extension of a strange shape."""
    response = fhir(payerScore=7, extension=[{"url": "https://example.org/x", "valueStrange": 1}])
    del response["patient"]

    answer = read(response)

    assert 2 == len(answer.buckets)
    assert [
        ("extension.0.valueStrange", "The standard has no such element here. It was not read."),
        ("patient", "The standard needs an element here; it is missing."),
        ("payerScore", "The standard has no such element here. It was not read."),
    ] == sorted((note.place, note.says) for note in answer.notes)


@pytest.mark.parametrize(
    ("benefit", "words"),
    [
        ({"allowedMoney": {"value": 40, "currency": "CAD"}}, "The currency is not USD. Not read."),
        ({"allowedMoney": {"value": -4}}, "What stands here is below zero; an amount such as 25.00 was expected."),
        ({"allowedMoney": {"value": 1e300}}, "What stands here was found where an amount such as 25.00 was expected."),
        ({"allowedMoney": "40"}, "What stands here was found where an amount such as 25.00 was expected."),
    ],
)
def test_a_figure_that_is_no_dollars_is_told(benefit: dict[str, Any], words: str) -> None:
    """And nothing is made of it."""
    answer = read(with_row(benefit=[{"type": {"coding": [{"code": "copay"}]}, **benefit}]))

    assert () == answer.stated(Kind.COPAY)
    assert ("insurance.0.item.0.benefit.0.allowedMoney", words) in [(note.place, note.says) for note in answer.notes]


def test_a_benefit_of_an_unknown_type_is_told() -> None:
    """With its path."""
    answer = read(with_row(benefit=[{"type": {"coding": [{"code": "hearing-aid"}]}, "allowedUnsignedInt": 1}]))

    words = "Its type is none that we know, such as deductible, copay or visit. Not read."
    assert [("insurance.0.item.0.benefit.0", words)] == [(note.place, note.says) for note in answer.notes]


def test_a_percentage_is_the_patients() -> None:
    """As a whole number, or as text."""
    kind = {"type": {"coding": [{"code": "copay-percent"}]}}
    answer = read(with_row(benefit=[{**kind, "allowedUnsignedInt": 20}, {**kind, "allowedString": "20%"}]))

    assert ["20%", "20%"] == [str(benefit.rate) for benefit in answer.stated(Kind.COINSURANCE)]


def test_a_coverage_is_read_as_it_stands_on_a_card() -> None:
    """Deductibles and maximums by network and family; drugs are left out."""
    card = {
        **COVERAGE,
        "costToBeneficiary": [
            cost("FamInDed", valueMoney={"value": 3000}),
            cost("IndOutMax", valueMoney={"value": 9000}),
            cost("FamRxInDed", valueMoney={"value": 100}),
            cost("copaypct", valueQuantity={"value": 20}),
        ],
    }

    answer = read(card)

    assert ("Evergreen PPO", "2026-12-31", True) == (answer.plan, str(answer.dates.last_day), answer.is_active)
    assert [
        (Kind.DEDUCTIBLE, Network.IN, Level.FAMILY, 300_000),
        (Kind.OUT_OF_POCKET_MAX, Network.OUT, Level.PERSON, 900_000),
    ] == [(bucket.kind, bucket.network, bucket.level, bucket.total) for bucket in answer.buckets]
    assert ["20%"] == [str(benefit.rate) for benefit in answer.stated(Kind.COINSURANCE)]
    assert ["costToBeneficiary.2"] == [note.place for note in answer.notes]


def test_a_cancelled_coverage_is_not_active() -> None:
    """Whatever it costs."""
    assert read({**COVERAGE, "status": "cancelled"}).is_active is False


def test_a_bundle_is_read_together() -> None:
    """A response and the coverage that it speaks of; the payer by its reference."""
    organization = {"resourceType": "Organization", "id": "9", "name": "Evergreen Mutual"}
    response = fhir(insurer={"reference": "Organization/9"})
    entries = [{"resource": resource} for resource in (organization, response, COVERAGE)]

    answer = read({"resourceType": "Bundle", "type": "collection", "entry": entries})

    assert ("Evergreen Mutual", "Evergreen PPO", True) == (answer.payer, answer.plan, answer.is_active)
    assert "entry.1.resource.insurance.0.item.0.benefit.0.allowedUnsignedInt" == answer.buckets[0].origins[0].place


def test_a_payer_that_answers_an_error_is_told() -> None:
    """With its code."""
    response = fhir(outcome="error", error=[{"code": {"coding": [{"code": "not-covered"}]}}])
    del response["insurance"]

    assert ["The payer refused: not-covered."] == [rejection.says for rejection in read(response).rejections]


def test_an_answer_without_benefits_is_refused_with_all_that_is_missing() -> None:
    """Nothing can be used, so that everything is said."""
    with pytest.raises(EligibilityRefused) as caught:
        read({"resourceType": "CoverageEligibilityResponse", "status": "active"})

    assert {"file", "insurer", "patient", "request"} == {problem.path for problem in caught.value.problems}


def benefit(name: str, **figures: Any) -> dict[str, Any]:
    """Return a benefit whose type is words alone."""
    return {"type": {"text": name}, **figures}


def test_x12s_own_names_of_what_is_said_are_read() -> None:
    """With percentages as text, and services by their names in X12."""
    rows = [
        {"name": "Dental Care", "benefit": [benefit("Deductible", allowedMoney={"value": 50, "currency": "USD"})]},
        {
            "name": "Health Benefit Plan Coverage",
            "benefit": [
                benefit("Active Coverage"),
                benefit("Deductible (Incomplete information)"),
                benefit("Out of Pocket (Stop Loss)", allowedMoney={"value": 6900}, usedMoney={"value": 0.0}),
            ],
        },
        {
            "name": "Professional (Physician) Visit - Office",
            "benefit": [
                benefit("Co-Payment", allowedMoney={"value": 33}),
                benefit("Co-Insurance", allowedString="10.0%"),
                benefit("Non-Covered (Incomplete information)"),
            ],
        },
    ]
    answer = read(fhir(insurance=[{"coverage": {"reference": "Coverage/1"}, "item": rows}]))
    said = [(each.kind, each.services[0], each.figure, str(each.rate or "")) for each in answer.benefits]

    assert answer.is_active
    assert [
        (Kind.DEDUCTIBLE, "35", 5_000, ""),
        (Kind.ACTIVE, "30", None, ""),
        (Kind.DEDUCTIBLE, "30", None, ""),
        (Kind.OUT_OF_POCKET_MAX, "30", 690_000, ""),
        (Kind.OUT_OF_POCKET_MAX, "30", 0, ""),
        (Kind.COPAY, "98", 3_300, ""),
        (Kind.COINSURANCE, "98", None, "10%"),
        (Kind.OTHER, "98", None, ""),
    ] == said


def test_figures_of_another_benefit_period_are_dropped() -> None:
    """The period of the insurance holds for everything in it."""
    response = fhir()
    response["insurance"][0] |= {"inforce": None, "benefitPeriod": {"start": "2025-01-01", "end": "2025-12-31"}}
    del response["insurance"][0]["inforce"]
    answer = read(response)

    assert () == answer.buckets
    assert {"benefit year 2025"} == {each.why for each in answer.dropped}


def test_an_insurance_that_is_not_in_force_fills_nothing() -> None:
    """And one that is in force beside it is used."""
    response = fhir()
    ended = {**response["insurance"][0], "inforce": False}
    both = [{**ended, "coverage": {"reference": "Coverage/9"}}, response["insurance"][0]]

    assert (False, ()) == ((one := read(fhir(insurance=[ended]))).is_active, one.usable)
    assert (True, 2) == ((two := read(fhir(insurance=both))).is_active, len(two.buckets))


def test_many_people_and_rows_take_work_in_proportion() -> None:
    """Eight times as much takes no more than sixteen times as many calls; calls are counted, for time is not ours."""

    def calls(count: int) -> int:
        entries = [{"resource": fhir(identifier=[{"value": f"XQ{at}99887"}])} for at in range(count)]
        written = as_bytes({"resourceType": "Bundle", "type": "collection", "entry": entries})
        made: Counter[str] = Counter()
        sys.setprofile(lambda frame, event, _: made.update([event]))
        try:
            read_eligibility(written)
        finally:
            sys.setprofile(None)
        return made["call"] + made["c_call"]

    assert 0 < calls(6)
    assert calls(48) < 16 * calls(6)


_EVERGREEN = "Evergreen PPO"


def rows_of(*rows: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a response of one insurance with these rows."""
    insurance = {"coverage": {"reference": "Coverage/1"}, "inforce": True, "item": list(rows)}
    return fhir(insurance=[{**insurance, **parts}])


def row(category: str, kind: str, **parts: Any) -> dict[str, Any]:
    """Return a row with one benefit; what belongs to the benefit is told by its name."""
    figures = {key: value for key, value in parts.items() if key.startswith(("allowed", "used"))}
    around = {key: value for key, value in parts.items() if key not in figures}
    benefit = {"type": {"text": kind}, **figures}
    return {
        "category": concept(category),
        "network": concept("in"),
        "unit": concept("individual"),
        "benefit": [benefit],
        **around,
    }


DOLLARS = {"value": 1500, "currency": "USD"}
LEFT = {"value": 400, "currency": "USD"}

# Rows as payers and vendors write them, and what must come of them: the share of a visit, or what is used.
WRITTEN: tuple[tuple[str, dict[str, Any], Any], ...] = (
    ("a decimal as in X12", rows_of(row("PT", "coinsurance", allowedString=".2")), "20%"),
    ("a percentage in words", rows_of(row("PT", "coinsurance", allowedString="20 percent")), "20%"),
    ("the plan's own part in words", rows_of(
        row("PT", "coinsurance", allowedString="80%", description="Plan pays 80%")), None),
    ("a copay named with its visit", rows_of(row("PT", "Copay per visit", allowedMoney=LEFT)), "400.00"),
    ("a copay named with therapy", rows_of(row("PT", "Physical Therapy Co-Payment", allowedMoney=LEFT)), "400.00"),
    ("a deductible of each visit", rows_of(row("PT", "Deductible per visit", allowedMoney=LEFT)), None),
    ("a percentage of less than one", rows_of(row("PT", "coinsurance", allowedString="0.5%")), "0.5%"),
    ("dollars with words", rows_of(row("PT", "copay", allowedString="$40 per visit")), "40.00"),
    ("nothing in words", rows_of(row("PT", "copay", allowedString="No charge")), "0.00"),
    ("words that hold no figure", rows_of(row("PT", "copay", allowedString="$40 or 20%")), None),
    ("a display without a code", rows_of({**row("PT", "", allowedMoney=LEFT), "benefit": [
        {"type": {"coding": [{"display": "Copay"}]}, "allowedMoney": LEFT}]}), "400.00"),
    ("a copay in a row of the calendar year",
     rows_of(row("PT", "copay", allowedMoney=LEFT, term=concept("calendar-year"))), "400.00"),
    ("networks by X12's codes", rows_of(
        row("PT", "copay", allowedMoney=LEFT, network=concept("N")),
        row("PT", "copay", allowedString="$15", network=concept("Y"))), "15.00"),
    ("what is left as the term of a row", rows_of(
        row("30", "deductible", allowedMoney=DOLLARS, term=concept("calendar-year")),
        row("30", "deductible", allowedMoney=LEFT, term={"text": "Remaining"})), {"deductible_paid": "1100.00"}),
    ("what is left by X12's code", rows_of(
        row("30", "deductible", allowedMoney=DOLLARS, term=concept("23")),
        row("30", "deductible", allowedMoney=LEFT, term=concept("29"))), {"deductible_paid": "1100.00"}),
    ("what is left in the name of the benefit", rows_of(
        row("30", "Deductible", allowedMoney=DOLLARS), row("30", "Deductible Remaining", allowedMoney=LEFT)),
     {"deductible_paid": "1100.00"}),
    ("what is met in the name of the benefit", rows_of(
        row("30", "Deductible", allowedMoney=DOLLARS), row("30", "Deductible Met", allowedMoney=LEFT)),
     {"deductible_paid": "400.00"}),
    ("a plan year", rows_of(row("30", "deductible", allowedMoney=DOLLARS, usedMoney=LEFT, term=concept("plan-year"))),
     {"deductible_paid": "400.00"}),
    ("networks in words", rows_of(
        row("PT", "copay", allowedMoney=LEFT, network={"text": "Out-of-Network Providers"}),
        row("PT", "copay", allowedString="$15", network={"text": "In-Network Providers"})), "15.00"),
    ("X12's words of a network and a term", rows_of(
        row("30", "deductible", allowedMoney=DOLLARS, network={"text": "Not Applicable"}, term={"text": "Contract"}),
        row("30", "deductible", allowedMoney=LEFT, network={"text": "Not Applicable"},
            term={"text": "Calendar Year Remaining"})), {"deductible_paid": "1100.00"}),
    ("a network that is not understood",
     rows_of(row("PT", "copay", allowedMoney=LEFT, network={"text": "Tier 2"})), None),
    ("people who are not understood", rows_of(
        row("30", "deductible", allowedMoney=DOLLARS, usedMoney=LEFT, unit={"text": "Employee and spouse"})), {}),
    ("a time that is not understood", rows_of(
        row("PT", "visit", allowedUnsignedInt=12, usedUnsignedInt=3, term={"text": "per quarter"})), {}),
    ("all medical care", rows_of(row("medical", "deductible", allowedMoney=DOLLARS, usedMoney=LEFT)),
     {"deductible_paid": "400.00"}),
    ("a vision plan by the name of its coverage", fhir(insurance=[
        {"coverage": {"display": "VSP Vision"}, "inforce": True, "item": [row("PT", "copay", allowedString="$7")]},
        {"coverage": {"display": _EVERGREEN}, "inforce": True, "item": [row("PT", "copay", allowedString="$30")]},
     ]), "30.00"),
    ("last year beside this one", fhir(insurance=[
        {"coverage": {"reference": "Coverage/1"}, "inforce": True, "benefitPeriod": {"start": f"{year}-01-01",
         "end": f"{year}-12-31"}, "item": [row("PT", "copay", allowedString=f"${copay}")]}
        for year, copay in ((2025, 7), (2026, 30))
     ]), "30.00"),
)  # fmt: skip


def test_figures_are_read_as_payers_and_vendors_write_them() -> None:
    """Each way with what comes of it; words that hold no one figure give none, and are noted."""
    for way, resource, expected in WRITTEN:
        request = reading_of(read(resource), None, date(2026, 3, 2)).request
        share = request["plan"]["benefits"]["physical-therapy"]["cost_share"]["in-network"]
        told = share if isinstance(share, str) else str(share.get("copay") or share.get("coinsurance"))
        found = request["used"] if isinstance(expected, dict) else told

        assert (way, "unknown" if expected is None else expected) == (way, found)


_PLAN_OF = {
    "ended": (2025, True),
    "not in force": (2026, False),
    "in force": (2026, True),
    "without days": (0, True),
    "silent of this year": (2026, None),
    "silent of last year": (2025, None),
}


@pytest.mark.parametrize(
    ("insurances", "says", "copay", "last"),
    [
        (("ended", "not in force"), "Coverage ended on 2025-12-31.", "unknown", date(2025, 12, 31)),
        (("ended", "in force"), "Coverage is active.", "20", date(2026, 12, 31)),
        (("not in force", "in force"), "Coverage is active.", "20", date(2026, 12, 31)),
        (("ended", "without days"), "Coverage is active.", "20", None),
        (("silent of last year", "silent of this year"), "Whether coverage is active isn’t said: ask", "20", None),
    ],
)
def test_the_days_of_cover_are_those_of_the_insurance_that_counts(
    insurances: tuple[str, ...], says: str, copay: str, last: date | None
) -> None:
    """Several insurances of one answer each have their own, and none lends another its last day."""
    items = []
    for at, kind in enumerate(insurances, start=1):
        year, inforce = _PLAN_OF[kind]
        days = {"start": f"{year}-01-01", "end": f"{year}-12-31"} if year else {}
        told = {} if inforce is None else {"inforce": inforce}
        copays = [row("PT", "copay", allowedString=f"${at}0")]
        items.append({"coverage": {"reference": f"Coverage/{at}"}, "benefitPeriod": days, "item": copays, **told})
    reading = reading_of(read(fhir(insurance=items)), None, date(2026, 3, 2))
    share = reading.request["plan"]["benefits"]["physical-therapy"]["cost_share"]["in-network"]

    assert reading.answer.coverage.says[0].startswith(says)
    assert f"{copay}.00".replace("unknown.00", "unknown") == (share if isinstance(share, str) else share["copay"])
    assert last == reading.answer.dates.last_day


def test_unlimited_in_words_is_no_limit() -> None:
    """Of visits, and of what a patient pays in all."""
    limits = [row("PT", "visit", allowedString="Unlimited"), row("30", "moop", allowedString="None")]

    assert [True, True] == [bucket.is_unlimited for bucket in read(rows_of(*limits)).buckets]


@pytest.mark.parametrize(
    ("kind", "market"),
    [
        ({"coding": [{"system": "https://nahdo.org/sopt", "code": "211"}]}, "medicaid"),
        ({"coding": [{"system": "https://nahdo.org/sopt", "code": "112"}]}, "medicare-advantage"),
        ({"coding": [{"system": "https://x12.org/codes/insurance", "code": "12"}]}, ""),
        ({"coding": [{"code": "WCBPOL"}]}, "workers-comp"),
        ({"text": "Medicare Advantage HMO"}, "medicare-advantage"),
        ({"text": "PPO"}, ""),
    ],
)
def test_the_market_follows_the_type_of_the_coverage(kind: dict[str, Any], market: str) -> None:
    """By the typology of payers or in words; a number of another list means nothing here."""
    coverage = {**COVERAGE, "id": "1", "type": kind}

    assert market == market_of(read({**rows_of(row("PT", "copay", allowedMoney=LEFT)), "contained": [coverage]}))


def test_a_specialists_copay_stands_for_therapy_and_a_general_practitioners_does_not() -> None:
    """By HL7's codes of a card: gpvisit and spvisit."""
    costs = [
        cost(code, valueMoney={"value": value, "currency": "USD"}) for code, value in (("gpvisit", 20), ("spvisit", 45))
    ]
    share = share_for(read({"resourceType": "Coverage", "status": "active", "costToBeneficiary": costs}), Network.IN)

    assert [Money(4500)] == [benefit.amount for benefit in share.stated]


def test_a_benefit_in_words_that_nobody_knows_is_left_open_where_it_may_be_about_therapy() -> None:
    """It is quoted; one for teeth is only listed."""
    fee = {"type": {"text": "Specialist Fee"}, "allowedMoney": LEFT}
    rows = [{**row("PT", "copay"), "benefit": [fee]}, {**row("35", "copay"), "benefit": [fee]}]
    reading = reading_of(read(rows_of(*rows)), None, date(2026, 3, 2))
    left_open = [str(each) for each in reading.fill.left_open]

    assert 1 == len([each for each in left_open if "Specialist Fee" in each and "aren’t understood" in each])
    assert ["type “Specialist Fee”, which isn’t understood"] * 2 == [each.why for each in reading.unused]


def test_an_office_visit_is_told_from_one_of_primary_care_by_its_category() -> None:
    """One alone for primary care is none of therapy."""
    visits = {name: {**row("98", "copay", allowedMoney=money), "category": {"text": name}} for name, money in (
        ("Specialist Office Visit", LEFT), ("Primary Care Office Visit", DOLLARS))}  # fmt: skip
    copays = [share_for(read(rows_of(*rows)), Network.IN).copay for rows in (visits.values(), [*visits.values()][1:])]

    assert [Money(400_00), None] == [copay and copay.amount for copay in copays]


@pytest.mark.parametrize(("death", "is_told"), [({"deceasedBoolean": True}, True), ({"deceasedBoolean": False}, False)])
def test_a_death_is_told(death: dict[str, Any], is_told: bool) -> None:
    """Of the one patient of a Bundle."""
    entries = [{"resource": fhir()}, {"resource": {"resourceType": "Patient", "id": "1", **death}}]
    says = read({"resourceType": "Bundle", "type": "collection", "entry": entries}).coverage.says

    assert is_told == ("date of death" in " ".join(says))
