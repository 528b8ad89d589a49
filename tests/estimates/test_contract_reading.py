"""A request turns into the domain's question, with what is left out left unknown."""

from datetime import date
from typing import Any

from estimator.engine.prices import PriceEntry
from estimator.engine.request import Grant, Person, Provider, Request, Service, Used, Visit
from estimator.engine.values import Money, Rate, Span
from estimator.estimates.contract import read_request

TODAY = date(2026, 11, 23)
EXERCISE = {"code": "97110", "minutes": 30}
NEEDLING = {"code": "20561", "allowed": "38.08", "billed": "60.00"}
SMALLEST: dict[str, Any] = {
    "plan": "evergreen-ppo",
    "visits": [{"day": "2026-03-02", "services": [EXERCISE, NEEDLING]}],
}
SERVICES = (
    Service("97110", minutes=30),
    Service("20561", allowed=Money(3808), billed=Money(6000)),
)


def course(**parts: Any) -> tuple[Visit, ...]:
    """Read the visits of a course of exercise from Monday, March 2, 2026 on."""
    written = {"first_day": "2026-03-02", "visits": 4, "each_visit": [EXERCISE], **parts}
    return read_request({"plan": "evergreen-ppo", "course": written}, TODAY).request.visits


def test_the_smallest_request_leaves_everything_else_unknown() -> None:
    """A plan and a visit are enough; the question is asked today."""
    asked = read_request(SMALLEST, TODAY)

    assert Request(TODAY, (Visit(date(2026, 3, 2), SERVICES),)) == asked.request
    assert ("evergreen-ppo", None, None, None) == (asked.plan, asked.zip, asked.locality, asked.secondary)
    assert () == asked.contract == asked.self_pay_prices


def test_every_key_of_the_contract_is_read() -> None:
    """What is written arrives as the domain's own values."""
    written = {
        **SMALLEST,
        "as_of": "2026-02-01",
        "zip": "02134",
        "locality": "14212-01",
        "state": "MA",
        "provider": {
            "type": "physician",
            "network": "tier-2",
            "setting": "hospital-outpatient",
            "experience": "senior",
            "experience_factor": "110%",
        },
        "diagnoses": ["M54.50", "m7911"],
        "person": {
            "age": 41,
            "family": True,
            "symptom_weeks": 12,
            "purpose": "maintenance",
            "improving": False,
            "justified": True,
        },
        "authorization": {"on_file": True, "visits": 12, "units": 40, "codes": ["97110"], "last_day": "2026-06-30"},
        "referral": {"on_file": False},
        "signed_consent": True,
    }

    asked = read_request(written, TODAY)

    assert asked.request == Request(
        as_of=date(2026, 2, 1),
        visits=(Visit(date(2026, 3, 2), SERVICES),),
        provider=Provider("physician", "tier-2", "hospital-outpatient", "senior", Rate.parse("110%")),
        person=Person(41, True, 12, "maintenance", False, True),
        diagnoses=("M54.50", "M79.11"),
        authorization=Grant(True, 12, 40, frozenset({"97110"}), Span(None, date(2026, 6, 30))),
        referral=Grant(False),
        signed_consent=True,
        state="MA",
    )
    assert ("02134", "14212-01") == (asked.zip, asked.locality)


def test_what_was_used_is_read_by_network_and_by_limit() -> None:
    """A limit's count stays a count, and what is written with cents is money."""
    sums = {"deductible_paid": "100.00", "out_of_pocket_paid": 150}
    written = {
        **sums,
        "family_deductible_paid": "300",
        "limits": {"therapy-visits": 4, "therapy-dollars": "900.00"},
        "limit_days": {"needling": ["2026-02-09", "2026-02-02"]},
        "networks": {"out-of-network": sums},
    }

    request = read_request({**SMALLEST, "used": written}, TODAY).request

    assert Money(10000) == request.used.deductible_paid
    assert Money(30000) == request.used.family_deductible_paid
    assert {"therapy-visits": 4, "therapy-dollars": Money(90000)} == request.used.limits
    assert isinstance(request.used.limits["therapy-dollars"], Money)
    assert not isinstance(request.used.limits["therapy-visits"], Money)
    assert {"needling": (date(2026, 2, 2), date(2026, 2, 9))} == request.used.limit_days
    assert {"out-of-network": Used(Money(10000), Money(15000))} == request.used_elsewhere


def test_the_clinics_own_prices_are_read() -> None:
    """A price may hold for some days only, per unit unless it says otherwise."""
    contract = [{"code": "97110", "amount": "31.50", "first_day": "2026-01-01"}]
    own = [{"code": "20561", "amount": "60.00", "basis": "per-line"}]

    asked = read_request({**SMALLEST, "contract": contract, "self_pay_prices": own}, TODAY)

    assert (PriceEntry("97110", Money(3150), span=Span(date(2026, 1, 1))),) == asked.contract
    assert (PriceEntry("20561", Money(6000), "per-line"),) == asked.self_pay_prices


def test_a_second_plan_brings_its_own_balances() -> None:
    """It has a plan, a method and what was paid toward it."""
    second = {"plan": "harbor-hmo", "method": "non-duplication", "used": {"deductible_paid": "20.00"}}

    asked = read_request({**SMALLEST, "secondary": second}, TODAY)

    assert asked.secondary is not None
    assert ("harbor-hmo", "non-duplication") == (asked.secondary.plan, asked.secondary.method)
    assert Used(Money(2000)) == asked.secondary.used


def test_a_whole_plan_definition_is_passed_on_unread() -> None:
    """The plan files' own reader checks it."""
    definition = {"plan": "mine", "networks": {}}

    assert definition == read_request({**SMALLEST, "plan": definition}, TODAY).plan


def test_null_is_the_same_as_nothing() -> None:
    """A program may write every key it knows."""
    assert read_request(SMALLEST, TODAY) == read_request({**SMALLEST, "zip": None, "person": None}, TODAY)


def test_words_of_forms_and_plan_files_are_read_like_numbers() -> None:
    """There, counts and answers are text."""
    as_text = {
        **SMALLEST,
        "signed_consent": "yes",
        "person": {"age": "41", "family": "no"},
        "visits": [{"day": "2026-03-02", "services": [{"code": "97110", "minutes": "30", "allowed": "$1,250"}]}],
    }

    request = read_request(as_text, TODAY).request

    assert (True, 41, False) == (request.signed_consent, request.person.age, request.person.family)
    assert Service("97110", 30, allowed=Money(125000)) == request.visits[0].services[0]


def test_equal_services_are_one_tuple() -> None:
    """The engine keeps what it knows of a visit by the identity of its services."""
    visits = [{"day": f"2026-03-0{day}", "services": [EXERCISE]} for day in (2, 3)]

    first, second = read_request({**SMALLEST, "visits": visits}, TODAY).request.visits
    whole = course(first_visit=[EXERCISE])

    assert first.services is second.services
    assert whole[0].services is whole[1].services


def test_a_course_is_spread_over_its_weeks() -> None:
    """Two a week from a Monday fall on Mondays and Thursdays."""
    assert [2, 9, 16, 23] == [visit.day.day for visit in course()]
    assert [2, 5, 9, 12] == [visit.day.day for visit in course(per_week=2)]
    assert [2, 4, 6, 9] == [visit.day.day for visit in course(per_week=3)]
    assert [2, 3, 5, 6] == [visit.day.day for visit in course(per_week=4)]
    assert [2, 3, 4, 5] == [visit.day.day for visit in course(per_week=7)]


def test_the_first_visit_of_a_course_may_be_another() -> None:
    """An evaluation comes before the treatments."""
    codes = [visit.services[0].code for visit in course(first_visit=[{"code": "97161"}])]

    assert ["97161", "97110", "97110", "97110"] == codes


def test_needling_at_some_visits_begins_with_the_second() -> None:
    """The first is for the evaluation; what is done besides goes on."""
    both = [EXERCISE, {"code": "20561"}]
    codes = [[service.code for service in visit.services] for visit in course(each_visit=both, needling_visits=2)]

    assert [["97110"], ["97110", "20561"], ["97110", "20561"], ["97110"]] == codes
    assert course(each_visit=both) == course(each_visit=both, needling_visits=4)


def test_several_visits_may_fall_on_one_day() -> None:
    """Two appointments of a day are in order."""
    visits = [{"day": "2026-03-02", "services": [EXERCISE]}] * 2

    assert 2 == len(read_request({**SMALLEST, "visits": visits}, TODAY).request.visits)
