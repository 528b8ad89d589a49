"""What a payer's answer fills in an estimate, why, and what it leaves open."""

from datetime import date
from typing import Any

import pytest

from estimator.eligibility.read import read_eligibility
from estimator.eligibility.statements import Eligibility, Network
from estimator.engine.plan import Plan
from estimator.estimates.contract import read_request
from estimator.estimates.eligibility import calls_from, plan_of, request_from, share_for
from estimator.estimates.eligibility_fill import Fill, fill_from
from estimator.estimates.run import estimate_asked
from estimator.plans.folder import library
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from tests.eligibility.answers import PLAIN, answer, as_bytes, fhir

TODAY = date(2026, 3, 2)
EXERCISE = {"code": "97110", "minutes": 30, "allowed": "100.00"}
NEEDLING = {"code": "20560", "allowed": "60.00", "billed": "75.00"}


def read(*benefits: str) -> Eligibility:
    """Read an answer with these segments."""
    return read_eligibility(answer(*benefits).encode())


def said(fill: Fill) -> tuple[str, ...]:
    """Return what is left open, each on one line."""
    return tuple(map(str, fill.left_open))


def plan_with(**limits: Any) -> Plan:
    """Return a plan whose therapy has these limits."""
    therapy = {
        "services": ["pt-timed"],
        "limits": list(limits),
        "cost_share": {"in-network": {"copay": "40.00", "deductible": "waived", "cite": "card"}},
        "cite": "card",
    }
    source = {"title": "Card", "url": "none", "read_on": "2026-01-01", "confidence": "high"}
    definition = {
        "sources": {"card": source},
        "networks": {"in-network": {"deductible": "none", "out_of_pocket_max": "none", "cite": "card"}},
        "limits": {name.replace("_", "-"): {**limit, "cite": "card"} for name, limit in limits.items()},
        "benefits": {"physical-therapy": {**therapy, "limits": [name.replace("_", "-") for name in limits]}},
    }
    return library(plans_folder()).plan_from(definition, TODAY)


LIMIT = ("EB*F*IND*PT***23***VS*30*N*Y", "EB*F*IND*PT***29***VS*22*N*Y")


def test_what_was_used_is_filled_in() -> None:
    """Sums of the person and of the family, and visits."""
    used = fill_from(read_eligibility(PLAIN.encode())).used

    assert {
        "deductible_paid": "310.55",
        "out_of_pocket_paid": "499.45",
        "family_deductible_paid": "400.00",
        "limits": {"therapy-visits": "8"},
    } == used


def test_each_field_says_where_it_stood_and_how_it_was_worked_out() -> None:
    """Two segments, and the subtraction."""
    filled = fill_from(read_eligibility(PLAIN.encode())).filled[0]

    assert [18, 19] == [origin.number for origin in filled.origins]
    assert ("$1500.00 in all, $1189.45 left: $310.55 used.", "It belongs to the plan as a whole.") == filled.why


def test_a_shared_limit_is_filled_in_once() -> None:
    """Eight visits, not sixteen, though the payer states them under two service types."""
    (limit,) = [each for each in fill_from(read_eligibility(PLAIN.encode())).filled if "limits" in each.field]

    assert "8" == limit.value
    assert any("one bucket, counted once" in reason for reason in limit.why)


def test_what_is_contradicted_is_left_open() -> None:
    """Nothing is filled in that the payer says both ways."""
    fill = fill_from(read("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*500*****Y", "EB*C*IND*30***29*700*****Y"))

    assert {} == fill.used
    assert ("Person deductible, in-network: The deductible is contradicted: see the contradictions.",) == said(fill)


def test_a_total_alone_does_not_say_what_was_used() -> None:
    """Unknown is not zero."""
    fill = fill_from(read("EB*C*IND*30***23*1500*****Y"))

    words = "Person deductible, in-network: how much of it is used is not said (segment 16 (EB))."
    assert ({}, (words,)) == (fill.used, said(fill))


def test_two_deductibles_that_both_may_hold_are_left_open() -> None:
    """A person decides."""
    both = ("EB*C*IND*30***23*1500*****Y", "MSG*TIER 1", "EB*C*IND*30***23*2500*****Y", "MSG*TIER 2")

    words = "More than one deductible is stated (segment 16 (EB), segment 18 (EB)). Decide which one holds for therapy."
    assert (f"Person deductible, in-network: {words}",) == said(fill_from(read(*both)))


def test_a_deductible_for_drugs_is_not_the_one() -> None:
    """Its message says that it is another."""
    medical = ("EB*C*IND*30***23*1500*****Y", "MSG*MEDICAL", "EB*C*IND*30***29*500*****Y", "MSG*MEDICAL")
    drugs = ("EB*C*IND*30***23*200*****Y", "MSG*PHARMACY", "EB*C*IND*30***29*200*****Y", "MSG*PHARMACY")

    assert {"deductible_paid": "1000.00"} == fill_from(read(*medical, *drugs)).used


def test_another_network_is_filled_in_by_its_name() -> None:
    """What was paid out of network is no payment in network."""
    out = ("EB*C*IND*30***23*4000*****N", "EB*C*IND*30***29*3900*****N")

    assert {"networks": {"out-of-network": {"deductible_paid": "100.00"}}} == fill_from(read(*out)).used


def test_a_limit_is_matched_by_its_number() -> None:
    """With the one of the plan's limits that is as large."""
    plan = plan_with(combined={"visits": "60", "per": "benefit-year"}, pt_only={"visits": "30", "per": "benefit-year"})

    fill = fill_from(read(*LIMIT), plan)

    assert {"limits": {"pt-only": "8"}} == fill.used
    assert "Matched with the plan’s “pt-only”: both are 30 visits." in fill.filled[0].why


def test_the_only_limit_of_therapy_is_matched_and_a_difference_told() -> None:
    """The plan file may be old, or the payer wrong."""
    fill = fill_from(read(*LIMIT), plan_with(therapy_visits={"visits": "20", "per": "benefit-year"}))

    assert {"limits": {"therapy-visits": "8"}} == fill.used
    assert fill.filled[0].why[1].endswith("The answer says 30 visits, the plan 20: ask the payer.")


def test_a_limit_that_fits_none_is_left_open() -> None:
    """Two of another size: a person writes it in."""
    plan = plan_with(one={"visits": "20", "per": "benefit-year"}, two={"visits": "60", "per": "benefit-year"})

    fill = fill_from(read(*LIMIT), plan)

    assert {} == fill.used
    assert said(fill)[0].startswith("Limit: 8 visits are used. The plan has no one limit of therapy that fits")


@pytest.mark.parametrize(
    ("services", "amount", "reason"),
    [
        (("PT", "98"), "10.00", "It speaks of physical therapy by name."),
        (("AE", "98"), "10.00", "Nothing is said of physical therapy by name; physical medicine holds it."),
        (("A9", "30"), "10.00", "Nothing is said of physical therapy by name; rehabilitation holds it."),
        (("98", "30"), "10.00", "an office visit is assumed to cost the same. Ask."),
        (("30", "UC"), "10.00", "what holds for the plan as a whole is assumed. Ask."),
    ],
)
def test_the_nearest_service_type_speaks_and_says_why(services: tuple[str, str], amount: str, reason: str) -> None:
    """The first of each pair goes before the second, in whichever order the payer writes them."""
    nearer, farther = services
    share = share_for(read(f"EB*B*IND*{farther}***27*99*****Y", f"EB*B*IND*{nearer}***27*10*****Y"), Network.IN)

    assert share.copay is not None
    assert amount == str(share.copay.amount)
    assert share.why[0].endswith(reason)


def test_a_zero_beside_the_share_that_holds_is_left_out() -> None:
    """Some payers write a copay of nothing beside the percentage."""
    share = share_for(read("EB*B*IND*PT***27*0*****Y", "EB*A*IND*PT*****.2****Y"), Network.IN)

    assert (None, "20%") == (share.copay, str(share.coinsurance and share.coinsurance.rate))


def test_two_copays_with_messages_of_their_own_are_left_open() -> None:
    """An office visit and a specialist."""
    both = ("EB*B*IND*98***27*25*****Y", "MSG*OFFICE VISIT", "EB*B*IND*98***27*50*****Y", "MSG*SPECIALIST")

    share = share_for(read(*both), Network.IN)

    assert (None, None) == (share.copay, share.coinsurance)
    assert share.why[0].startswith("More than one share is stated for office visit (98)")


def estimated(written: Eligibility, services: list[dict[str, Any]], visits: int = 1) -> dict[str, Any]:
    """Estimate a course with nothing but what an answer says."""
    asked = {
        "as_of": "2026-03-02",
        "course": {"first_day": "2026-03-09", "visits": visits, "each_visit": services},
        **request_from(written, None, TODAY),
    }
    found, _ = estimate_asked(read_request(asked, TODAY))
    runs = {"low": found.low, "typical": found.typical, "high": found.high}
    return {name: str(run.owes) for name, run in runs.items()}


def test_a_plan_that_is_not_listed_is_estimated_from_an_answer() -> None:
    """A copay of $40 without the deductible; nobody says who bears needling, which the payer does not pay."""
    assert {"40.00"} == set(estimated(read_eligibility(PLAIN.encode()), [EXERCISE]).values())
    both = estimated(read_eligibility(PLAIN.encode()), [EXERCISE, NEEDLING])
    assert {"low": "40.00", "typical": "40.00", "high": "115.00"} == both


def test_the_visits_that_are_left_bound_the_estimate() -> None:
    """Eight of thirty are used: the last two of twenty-four are past the limit, at $100 each."""
    assert "1080.00" == estimated(read_eligibility(PLAIN.encode()), [EXERCISE], visits=24)["typical"]


def test_fhir_is_estimated_as_well() -> None:
    """Nobody says whether the deductible comes first, so that the answer is a range."""
    answered = estimated(read_eligibility(as_bytes(fhir())), [EXERCISE])

    assert ("40.00", "100.00") == (answered["low"], answered["high"])


def test_an_answer_that_says_little_leaves_the_rest_unknown() -> None:
    """No invented rule: every key that was not said is unknown."""
    plan = plan_of(read("EB*1*IND*30"), TODAY)

    assert {"deductible": "unknown", "out_of_pocket_max": "unknown"} == plan["networks"]["in-network"]
    assert "unknown" == plan["networks"]["out-of-network"]
    assert "unknown" == plan["benefits"]["physical-therapy"]["cost_share"]["in-network"]
    assert "unknown" == plan["benefits"]["physical-therapy"]["authorization"]
    assert "unknown" == plan["limits"]["therapy-visits"]["visits"]


def test_every_rule_of_the_plan_cites_its_segment() -> None:
    """So that an estimate shows where a figure came from."""
    plan = plan_of(read_eligibility(PLAIN.encode()), TODAY)

    assert "answer segment 18 (EB), segment 19 (EB)" == plan["networks"]["in-network"]["deductible"]["cite"]
    assert "answer segment 35 (EB)" == plan["policies"][0]["cite"]


def test_what_an_answer_says_of_a_plan_is_told_with_its_segment() -> None:
    """Each fact is a call of its own."""
    plan = plan_with(therapy_visits={"visits": "20", "per": "benefit-year"})
    calls = calls_from(read_eligibility(PLAIN.encode()), plan, TODAY)

    assert [
        {"asks": "deductible", "answer": "1500.00", "family": "3000.00"},
        {"asks": "out-of-pocket-max", "answer": "6000.00"},
        {"asks": "cost-share", "subject": "copay", "answer": "40.00"},
        {"asks": "cost-share", "subject": "deductible", "answer": "no"},
        {"asks": "limit", "subject": "therapy-visits", "answer": "30"},
        {"asks": "authorization-needed", "answer": "yes"},
        {"asks": "payable", "subject": "20560", "answer": "excluded"},
    ] == [call["answers"][0] for call in calls]
    assert "271 of 2026-03-01, segment 24 (EB): EB*B*IND*PT***27*40*****Y" == calls[2]["reference"]
    assert {("2026-03-01", "eligibility")} == {(call["on"], call["source"]) for call in calls}


def test_what_is_only_assumed_is_not_told() -> None:
    """An office visit may cost something else than therapy."""
    calls = calls_from(read("EB*B*IND*98***27*40*****Y"), plan_with(), TODAY)

    assert [] == calls


def test_a_copay_that_contradicts_the_plan_widens_the_range() -> None:
    """The plan file says $40, the payer $55."""
    plan = folder_shelf(plans_folder()).find("evergreen-ppo-silver", TODAY)
    asked = {
        "as_of": "2026-03-02",
        "visits": [{"day": "2026-03-09", "services": [EXERCISE]}],
        **request_from(read("EB*B*IND*PT***27*55*****Y"), plan, TODAY),
    }

    found, _ = estimate_asked(read_request(asked, TODAY))

    assert ("40.00", "55.00") == (str(found.low.owes), str(found.high.owes))


def test_a_family_deductible_that_is_met_is_met() -> None:
    """Family amounts only, nothing left, 10%: two visits of $80 are $16."""
    limit = ("EB*F*IND*PT***23***VS*30*N*Y", "EB*F*IND*PT***29***VS*30*N*Y")
    family = (
        *limit,
        "EB*1**30**PPO",
        "EB*C*FAM*30***23*1500*****Y",
        "EB*C*FAM*30***29*0*****Y",
        "EB*A*IND*PT***27**.1****Y",
    )
    evaluated = {"code": "97110", "minutes": 30, "allowed": "80.00"}

    assert {"16.00"} == set(estimated(read(*family), [evaluated], visits=2).values())
    assert {"16.00"} == set(estimated(read(*family[:3], *family[4:]), [evaluated], visits=2).values())


@pytest.mark.parametrize(
    ("line", "owed"),
    [
        ("EB*G*IND*30***29*0*****Y", "0.00"),
        ("EB*G*FAM*30***29*0*****Y", "0.00"),
        ("EB*G*IND*30***29*500*****Y", "80.00"),
        ("EB*F*IND*PT***29***VS*0*N*Y", "160.00"),
    ],
)
def test_of_what_nothing_is_left_nothing_is_counted_whatever_its_size(line: str, owed: str) -> None:
    """A maximum that is reached costs nothing more, and past a limit the price is the patient's: two visits of $80."""
    limit = () if "*F*" in line else ("EB*F*IND*PT***23***VS*30*N*Y", "EB*F*IND*PT***29***VS*30*N*Y")
    written = read("EB*1**30**PPO", *limit, "EB*C*IND*30***23*0*****Y", "EB*B*IND*PT***27*40*****Y", line)

    assert {owed} == set(estimated(written, [{"code": "97110", "minutes": 30, "allowed": "80.00"}], visits=2).values())


def test_what_is_paid_in_one_network_counts_in_both_where_the_payer_keeps_one_accumulator() -> None:
    """$1,000 in network is the deductible; $1,000 out of network then costs 20%."""
    both = ("EB*1**30**PPO", "EB*C*IND*30***23*1000*****W", "EB*C*IND*30***29*1000*****W", "EB*A*IND*PT***27**.2****W")
    exercise = {"code": "97110", "minutes": 30, "allowed": "1000.00", "billed": "1000.00"}
    parts = request_from(read(*both, "MSG*AFTER DEDUCTIBLE"), None, TODAY)
    visits = [
        {"day": "2026-03-09", "services": [exercise]},
        {"day": "2026-03-10", "services": [exercise], "network": "out-of-network"},
    ]

    found, _ = estimate_asked(read_request({"as_of": "2026-03-02", "visits": visits, **parts}, TODAY))

    assert "1200.00" == str(found.typical.owes)
