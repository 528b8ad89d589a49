"""Shapes that payers really send, each with what must come of it: what qualifies a statement chooses it."""

import json
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner

from estimator.cli import main
from estimator.plans.folder import library
from estimator.settings import plans_folder
from tests.eligibility.answers import answer

PPO = ("EB*1**30**PPO", "EB*1**PT")
THERAPY_OF_2026 = "DTP*292*RD8*20260101-20261231"


def read(*benefits: str, plan: str = "", **parts: Any) -> dict[str, Any]:
    """Return the record of an answer with these segments."""
    options = ["--plan", plan] if plan else []
    written = answer(*benefits, **parts)
    result = CliRunner().invoke(main, ["eligibility", "-", "--json", *options], input=written, catch_exceptions=False)
    record: dict[str, Any] = json.loads(result.stdout)
    return record


def share(record: dict[str, Any], network: str = "in-network") -> Any:
    """Return what a visit costs by the plan that an answer describes."""
    told = record["plan"]["benefits"]["physical-therapy"]["cost_share"][network]
    return {key: value for key, value in told.items() if key in ("copay", "coinsurance")} if told != "unknown" else told


def dropped(record: dict[str, Any]) -> dict[str, str]:
    """Return what was dropped, by its segment."""
    return {each["statement"]["text"]: each["why"] for each in record["dropped"]}


def test_placeholder_money_beside_a_count_is_a_limit_on_visits() -> None:
    """Nines in dollars say that dollars are not limited; sixty visits stay sixty."""
    record = read(*PPO, "EB*F*IND*PT***23*999999.99**VS*60", "EB*F*IND*PT***29*999999.99**VS*44")

    assert {"limits": {"therapy-visits": "16"}} == record["used"]
    assert ["60"] == [limit["visits"] for limit in record["plan"]["limits"].values()]


def test_a_pattern_of_ninety_nine_clears_only_its_own_quantity() -> None:
    """Visits without limit; what a visit costs stands."""
    record = read(*PPO, "EB*F*IND*PT********N*Y", "HSD*VS*99***23*1", "EB*B*IND*PT***27*40*****Y")

    assert ({}, {"copay": "40.00"}) == (record["plan"]["limits"], share(record))


def test_a_copay_in_percent_is_coinsurance() -> None:
    """A share is never cents, and one of this network never holds in the other."""
    record = read(*PPO, "EB*B*IND*PT***27**.3****Y")
    (told,) = [each for each in record["statements"] if each["kind"] == "coinsurance"]

    assert ({"coinsurance": "30%"}, "unknown") == (share(record), share(record, "out-of-network"))
    assert ["EB01 says copay and EB08 holds a percentage, which is unusual. Read as coinsurance."] == told["doubts"]


@pytest.mark.parametrize(
    "limited",
    [
        ("EB*B*IND*PT***27*10**S7*18**Y",),
        ("EB*B*IND*PT***27*10*****Y", "MSG*COPAY UP TO AGE 18"),
        ("EB*B*IND*PT***27*10*****Y", "HSD*S7*18"),
        ("EB*B*IND*PT***27*10**S8*65**Y",),
    ],
)
def test_a_copay_of_another_age_is_not_the_patients(limited: tuple[str, ...]) -> None:
    """She was born in 1984: what holds for the plan as a whole is assumed."""
    record = read(*PPO, *limited, "EB*A*IND*30***27**.2****Y")

    assert {"coinsurance": "20%"} == share(record)
    assert "age" in dropped(record)[limited[0]]


def test_without_a_date_of_birth_nobody_can_tell() -> None:
    """The reason says so."""
    record = read(*PPO, "EB*B*IND*PT***27*10**S7*18**Y", person="NM1*IL*1*DOE*PAT~")

    assert "unknown" == share(record)
    assert "children up to age 18; the patient’s age isn’t known" == dropped(record)["EB*B*IND*PT***27*10**S7*18**Y"]


@pytest.mark.parametrize(
    "of_last_year",
    [
        ("DTP*292*RD8*20250101-20251231",),
        ("DTP*292*D8*20250101",),
        ("DTP*349*D8*20251231",),
        ("MSG*BENEFIT YEAR 2025",),
    ],
)
def test_nothing_of_last_year_is_used(of_last_year: tuple[str, ...]) -> None:
    """The period is shown, and what is used this year stays open."""
    lines = ("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*0*****Y", "EB*F*IND*PT***29***VS*0")
    record = read(*PPO, *(each for line in lines for each in (line, *of_last_year)))

    assert ({}, "unknown") == (record["used"], record["plan"]["networks"]["in-network"]["deductible"])
    assert set(lines) == set(dropped(record))
    assert ["Deductible", "Limit"] == [each["what"] for each in record["left_open"]]


@pytest.mark.parametrize("name", ["VISION PLAN", "DELTA DENTAL PPO", "RX PLAN"])
def test_what_stands_under_another_plan_is_not_of_the_medical_one(name: str) -> None:
    """An answer may hold several plans, each from its EB*1 on."""
    zero = ("EB*C*IND*30***23*0*****W", "EB*G*IND*30***23*0*****W", "EB*B*IND*PT***27*0*****W")
    medical = ("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*200*****Y", "EB*A*IND*PT***27**.2****W")
    record = read(*PPO, *medical, f"EB*1**30**{name}", *zero)

    assert ("1300.00", "unknown") == (record["used"]["deductible_paid"], record["plan"]["networks"]["out-of-network"])
    assert {"coinsurance": "20%"} == share(record)
    assert set(zero) < set(dropped(record))


def test_a_service_named_after_a_vision_plan_is_medical_again() -> None:
    """Where all plans are listed first, an EB*1 for physical therapy leads back to the medical one."""
    record = read("EB*1**30**PPO", "EB*1**30**VISION PLAN", "EB*1**PT", "EB*B*IND*PT***27*40*****Y")

    assert {"copay": "40.00"} == share(record)


def test_not_covered_out_of_network_is_said_of_the_plan() -> None:
    """Silence would look like a deductible of nothing."""
    lines = ("EB*1**PT**PPO*******Y", "EB*I**PT**PPO*******N", "EB*B*IND*PT***27*30*****Y")
    record = read(*lines)
    told = [answers["answers"][0] for answers in read(*lines, plan="evergreen-ppo-silver")["told"]]

    assert ("not-covered", []) == (record["plan"]["networks"]["out-of-network"], record["contradictions"])
    assert {"asks": "network-cover", "subject": "out-of-network", "answer": "no"} in told


def test_part_a_alone_pays_for_no_therapy() -> None:
    """Its deductible is that of a hospital; nothing contradicts anything."""
    record = read("EB*1**30*MA", "DTP*291*D8*20200101", "EB*6**30*MB", "EB*C**30*MA**26*1736")

    assert (False, {}, []) == (record["coverage"]["active"], record["used"], record["contradictions"])
    assert record["coverage"]["says"].startswith("Part B isn’t active")
    assert "Part A (hospital care); therapy is Part B" == dropped(record)["EB*C**30*MA**26*1736"]


def test_part_b_with_nothing_left_is_met() -> None:
    """By the answer's own total, or by the plan's."""
    part_b = ("EB*1**30*MA", "EB*1**30*MB", "EB*C**30*MB**29*0", THERAPY_OF_2026)
    alone = read(*part_b, "EB*C**30*MB**23*283", THERAPY_OF_2026)
    named = read(*part_b, plan="original-medicare-2026")

    assert ("283.00", "283.00") == (alone["used"]["deductible_paid"], named["used"]["deductible_paid"])
    assert "medicare" == alone["coverage"]["market"]


def test_dollars_used_of_part_b_feed_both_marks() -> None:
    """KX and medical review count the same dollars; occupational therapy counts its own."""
    used = ("EB*D**AE*MB**24*1234.5", "MSG*USED AMOUNT", "EB*D**AD*MB**24*900", "MSG*USED AMOUNT")
    record = read("EB*1**30*MB", *used, plan="original-medicare-2026")

    assert {"kx-threshold": "1234.50", "medical-review": "1234.50"} == record["used"]["limits"]


def test_medicare_advantage_pays_in_place_of_part_b() -> None:
    """Original Medicare's own figures are not those of the plan that pays."""
    record = read("EB*1**30*MB", "EB*C**30*MB**29*0", "EB*R**30*HN", "LS*2120", "NM1*PRP*2*ABC PLAN", "LE*2120")

    assert ({}, "medicare-advantage") == (record["used"], record["coverage"]["market"])
    assert record["coverage"]["says"].startswith("A Medicare Advantage plan (ABC PLAN) pays in place of")


@pytest.mark.parametrize(
    "there", [("III*ZZ*21",), ("MSG*INPATIENT ONLY",), ("III*ZZ*22",), ("MSG*OUTPATIENT HOSPITAL",)]
)
def test_a_limit_of_another_place_is_none_of_an_office(there: tuple[str, ...]) -> None:
    """Sixty days in a hospital, and thirty visits of the plan."""
    lines = ("EB*F*IND*PT***23***DY*60", *there, "EB*F*IND*PT***29***DY*60", *there)
    record = read(*PPO, *lines)
    told = read(*PPO, *lines, plan="evergreen-ppo-silver")["told"]

    assert ("unknown", [], {}) == (record["plan"]["limits"]["therapy-visits"]["visits"], told, record["used"])


def test_equal_figures_are_no_single_bucket() -> None:
    """Unless a message says so; a reader is told that they may be one."""
    limit = ["EB*F*IND*{}***22***VS*30*N*W", "MSG*Rehabilitative", "EB*F*IND*{}***29***VS*30*N*W", "MSG*Rehabilitative"]
    record = read(*PPO[:1], *(line.format(service) for service in ("AD", "AE") for line in limit))

    assert 2 == len(record["buckets"])
    assert "one bucket, counted once" not in json.dumps(record)
    assert "the two may be one" in " ".join(record["filled"][0]["why"])


def test_a_limit_on_a_range_of_procedures_is_one_of_therapy() -> None:
    """12 visits for 97010 to 97799, 5 left."""
    lines = ["EB*F*IND****23***VS*12**Y*HC:97010::::::97799", "EB*F*IND****29***VS*5**Y*HC:97010::::::97799"]
    record = read("EB*1**30**PPO", *lines)

    assert {"limits": {"therapy-visits": "7"}} == record["used"]
    assert "12" == record["plan"]["limits"]["therapy-visits"]["visits"]
    assert ["97010", "97799"] == [record["statements"][1]["procedures"][0], record["statements"][1]["through"]]


def test_two_copays_are_left_open_with_both_segments() -> None:
    """Not in silence."""
    both = ("EB*B*IND*PT***27*15*****Y", "MSG*PRIMARY CARE", "EB*B*IND*PT***27*50*****Y", "MSG*SPECIALIST")
    record = read(*PPO, *both)
    (left_open,) = record["left_open"]

    assert ("What a visit costs, in-network", "unknown") == (left_open["what"], share(record))
    assert [] == [text for text in both[::2] if text not in left_open["why"]]


def test_what_is_left_and_the_plans_own_total_give_what_is_used() -> None:
    """And the answer says that it rests on the plan."""
    rests = ("EB*C*IND*30***29*700*****Y", "EB*G*IND*30***29*6100*****Y", "EB*F*IND*PT***29***VS*12**Y")
    record = read(*PPO, *rests, plan="evergreen-ppo-silver")
    expected = {"deductible_paid": "1800.00", "out_of_pocket_paid": "1900.00", "limits": {"therapy-visits": "18"}}

    assert expected == record["used"]
    assert ["It rests on the plan."] * 3 == [each["why"][0].rpartition(": ")[2][-21:] for each in record["filled"]]


def test_more_left_than_the_plan_has_fills_nothing() -> None:
    """The answer is of another plan, or the plan file is old."""
    assert {} == read(*PPO, "EB*C*IND*30***29*2700*****Y", plan="evergreen-ppo-silver")["used"]


def test_managed_medicaid_names_whom_to_ask() -> None:
    """Another organization has the benefits."""
    managed = ("EB*MC**30*HM*SAMPLE CARE", "LS*2120", "NM1*PR*2*MANAGED CARE PLAN", "LE*2120", "EB*U**30")
    record = read("EB*1**30*MC*MEDICAID", *managed)

    assert "medicaid" == record["coverage"]["market"] == record["plan"]["market"]
    assert "A managed-care plan (MANAGED CARE PLAN) runs this Medicaid cover" in record["coverage"]["says"]


def test_one_accumulator_for_both_networks_is_one() -> None:
    """W: the network does not matter, so that what is paid in one counts in the other."""
    lines = ("EB*C*IND*30***23*1000*****W", "EB*C*IND*30***29*1000*****W", "EB*A*IND*PT***27**.2****W")
    networks = read(*PPO, *lines)["plan"]["networks"]

    assert {"person": "1000.00", "combined_with": "in-network"}.items() <= networks["out-of-network"][
        "deductible"
    ].items()


@pytest.mark.parametrize(
    ("before", "lines", "says"),
    [
        ("DTP*347*D8*20260131~", ("EB*1**30**PPO",), "Coverage ended on 2026-01-31."),
        ("", ("EB*1**30**PPO", "DTP*291*RD8*20250101-20251231"), "Coverage ended on 2025-12-31."),
        ("DTP*346*D8*20260401~", ("EB*1**30**PPO",), "Coverage starts on 2026-04-01."),
        ("", ("EB*6**30**PPO",), "Coverage isn’t active (segment 16 (EB))."),
        ("", ("EB*1**30**PPO", "EB*6**PT"), "Coverage isn’t active for physical therapy (PT) (segment 17 (EB))."),
    ],
)
def test_cover_that_is_not_in_force_fills_nothing(before: str, lines: tuple[str, ...], says: str) -> None:
    """And says so first."""
    figures = ("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*200*****Y", "EB*B*IND*PT***27*40*****Y")
    record = read(*lines, *figures, before=before)

    assert (False, says, {}) == (record["coverage"]["active"], record["coverage"]["says"], record["used"])
    assert set(figures) <= set(dropped(record))


def test_a_plan_that_ended_gives_way_to_the_one_in_force() -> None:
    """Last year's block is listed, this year's is used."""
    old = ("EB*1**30**PPO 2025", "DTP*291*RD8*20250101-20251231", "EB*B*IND*PT***27*20*****Y")
    new = ("EB*1**30**PPO 2026", "DTP*291*RD8*20260101-20261231", "EB*B*IND*PT***27*40*****Y")
    record = read(*old, *new)

    assert (True, {"copay": "40.00"}) == (record["coverage"]["active"], share(record))


def test_an_authorization_holds_for_the_services_of_its_own_line() -> None:
    """Physical therapy stands elsewhere, without a mark."""
    marked = "EB*F*IND*A9***23***VS*60*Y*Y"
    of_others = read(*PPO, marked, "EB*B*IND*PT***27*40*****Y")
    own = read(*PPO, "EB*B*IND*PT***27*40****Y*Y")

    assert "unknown" == of_others["plan"]["benefits"]["physical-therapy"]["authorization"]
    assert "Authorization" in [each["what"] for each in of_others["left_open"]]
    assert "1" == own["plan"]["benefits"]["physical-therapy"]["authorization"]["from_visit"]


@pytest.mark.parametrize(
    ("words", "answered"),
    [("PCP TO SUBMIT A SPECIALIST REFERRAL", "yes"), ("NO REFERRAL REQUIRED", "no"), ("REFERRAL NOT NEEDED", "no")],
)
def test_a_message_answers_the_question_of_a_referral(words: str, answered: str) -> None:
    """With its segment."""
    told = read("EB*1**30**PPO", f"MSG*{words}", plan="evergreen-ppo-silver")["told"]

    assert [[{"asks": "referral-needed", "answer": answered}]] == [call["answers"] for call in told]


def test_a_repaired_figure_is_shown_and_never_filled() -> None:
    """A person confirms it with the payer."""
    record = read(*PPO, "EB*C*IND*30*PO*23*1000*****N", "EB*F*IND*PT*PO*23*20****VS")
    deductible = next(each for each in record["statements"] if each["kind"] == "deductible")

    assert ("1000.00", True) == (deductible["amount"], deductible["repaired"])
    assert ({}, "unknown") == (record["used"], record["plan"]["limits"]["therapy-visits"]["visits"])
    assert 2 == len([each for each in record["left_open"] if "out of place" in each["why"]])


def test_the_most_specific_statement_wins_and_the_general_one_is_listed() -> None:
    """A range before physical therapy, that before an office visit, whatever their networks."""
    general = ("EB*B*IND*98***27*25*****Y", "EB*B*IND*PT***27*40*****W")
    named = read(*PPO, *general)
    ranged = read(*PPO, *general, "EB*B*IND****27*35*****Y*HC:97010::::::97799")

    assert ({"copay": "40.00"}, {"copay": "35.00"}) == (share(named), share(ranged))
    assert "general: a more specific statement holds" == dropped(named)[general[0]]
    assert ({"copay": "40.00"}, general[0]) == (share(ranged, "out-of-network"), next(iter(dropped(ranged))))


def test_the_market_is_never_employer_by_default() -> None:
    """Nothing says who sells the plan."""
    assert "market" not in read(*PPO)["plan"]
    assert "employer" == read("EB*1**30*GP*PPO")["plan"]["market"]


@pytest.mark.parametrize(
    ("payer", "opening", "insurer", "policy"),
    [
        ("UNITEDHEALTHCARE", "EB*1**30*HN*MA PLAN", "unitedhealthcare", "uhc-medicare-advantage-dry-needling"),
        ("UHC", "EB*1**30**PPO", "unitedhealthcare", "commercial-needling-unknown"),
        ("AETNA", "EB*1**30**PPO", "aetna", "aetna-dry-needling"),
        ("EVERGREEN MUTUAL", "EB*1**30*MC*MEDICAID", None, "medicaid-dry-needling"),
        ("MEDICARE", "EB*1**30*MB", "medicare", "medicare-pt-needling"),
    ],
)
def test_the_insurers_own_position_follows_the_payer_and_the_market(
    payer: str, opening: str, insurer: str | None, policy: str
) -> None:
    """By the registry; where its positions differ by market and none is said, nobody knows."""
    written = answer(opening).replace("EVERGREEN MUTUAL", payer)
    result = CliRunner().invoke(main, ["eligibility", "-", "--json"], input=written, catch_exceptions=False)
    record = json.loads(result.stdout)

    assert (insurer, policy) == (record["coverage"]["insurer"], record["plan"]["policies"][0])
    assert "answered-plan" == library(plans_folder()).plan_from(record["plan"], date(2026, 3, 2)).id


def test_every_statement_is_used_or_listed_with_a_reason() -> None:
    """Nothing is dropped in silence."""
    lines = (
        "EB*B*IND*33***27*15*****Y",
        "EB*F*IND*98***23***VS*9*N*Y",
        "EB*D*IND*30",
        "EB*B*IND****27*9*****Y*HC:97140",
    )
    record = read(*PPO, *lines)

    assert {
        lines[0]: "another service: chiropractic care (33)",
        lines[1]: "a limit, but not one of therapy",
        lines[2]: "it states no figure that an estimate uses",
        lines[3]: "only for code 97140",
    } == dropped(record)
