"""Answers as other payers write them, made up by hand: what is chosen of each, and what is left open instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from time import process_time
from typing import Any

import pytest

from estimator.eligibility.read import read_eligibility
from estimator.estimates.eligibility import Reading, market_of, reading_of
from estimator.estimates.eligibility_fill import insurer_of
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from tests.eligibility.answers import NAMED, answer

PPO = ("EB*1**30**PPO", "EB*1**PT")
TODAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Habit:
    """Segments, and what must be concluded of them; what isn't named here stays unknown."""

    habit: str
    segments: tuple[str, ...]
    share: Any = "unknown"
    outside: Any = "unknown"
    used: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=lambda: {"therapy-visits": "unknown"})
    deductible: Any = "unknown"
    authorization: str = "unknown"
    left_open: tuple[str, ...] = ()
    unused: Mapping[int, str] = field(default_factory=dict)


def of_ppo(*segments: str) -> tuple[str, ...]:
    """Return the segments of an answer of a PPO that is active."""
    return (*PPO, *segments)


HABITS = (
    Habit(
        "a total out of place beside what is left",
        of_ppo("EB*C*IND*30**23*1500****Y", "EB*C*IND*30***29*300*****Y"),
        left_open=("deductible",),
        unused={2: "out of place: confirm it with the payer", 3: "left open"},
    ),
    Habit(
        "a total in its place, and what is left out of place",
        of_ppo("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30**29*400*****Y"),
        deductible={"person": "1500.00"},
        left_open=("how much of it is used is not said", "segment 19 (EB)) has its figure out of place"),
        unused={3: "out of place: confirm it with the payer"},
    ),
    Habit(
        "one share stated twice, with a mark and without one",
        of_ppo(*(f"EB*A*IND*PT***27**.2***{mark}*Y*HC:97010::::::97799" for mark in "UY")),
        share={"coinsurance": "20%"},
        authorization="from visit 1",
        unused={2: None, 3: None},
    ),
    Habit(
        "totals without a network, and what is left in network",
        of_ppo(
            *("EB*C*IND*30***23*1500", "EB*C*IND*30***29*400*****Y"),
            *("EB*F*IND*PT***23***VS*30", "EB*F*IND*PT***29***VS*20**Y"),
        ),
        used={"deductible_paid": "1100.00", "limits": {"therapy-visits": "10"}},
        limits={"therapy-visits": "30"},
        deductible={"person": "1500.00"},
    ),
    Habit(
        "days without a network, and visits left in network: two limits",
        of_ppo("EB*F*IND*PT***23***DY*30", "EB*F*IND*PT***29***VS*20**Y"),
        left_open=("Limit",),
    ),
    Habit(
        "visits for both networks, and those left in network",
        of_ppo("EB*F*IND*PT***23***VS*30**W", "EB*F*IND*PT***29***VS*20**Y"),
        used={"limits": {"therapy-visits": "10"}},
        limits={"therapy-visits": "30"},
    ),
    Habit(
        "primary care and specialists under 98, therapy by itself",
        of_ppo(
            *("EB*B*IND*98***27*25*****Y", "MSG*PRIMARY CARE", "EB*B*IND*98***27*50*****Y", "MSG*SPECIALIST"),
            "EB*B*IND*PT***27*30*****Y",
        ),
        {"copay": "30.00"},
        unused={2: "a primary care visit", 4: "general: a more specific statement holds"},
    ),
    Habit(
        "shares of other visits under the whole plan, and nothing of therapy",
        of_ppo(
            *("EB*B*IND*98***27*20*****Y", "MSG*PRIMARY CARE", "EB*B*IND*30***27*0*****Y", "MSG*PREVENTIVE VISIT"),
            *("EB*B*IND*98***27*60*****Y", "MSG*SPECIALIST", "EB*A*IND*98***27**.3****Y", "MSG*URGENT CARE"),
        ),
        {"copay": "60.00"},
        unused={2: "a primary care visit", 4: "a preventive visit", 8: "urgent care"},
    ),
    Habit(
        "one copay for primary care and specialists alike, after a referral",
        of_ppo("EB*B*IND*98***27*35*****Y", "MSG*PCP REFERRAL REQUIRED", "MSG*PRIMARY CARE OR SPECIALIST"),
        {"copay": "35.00"},
    ),
    Habit(
        "one copay for an office, one for a hospital",
        of_ppo("EB*B*IND*PT***27*35*****Y", "III*ZZ*11", "EB*B*IND*PT***27*60*****Y", "III*ZZ*22"),
        {"copay": "35.00"},
        unused={4: "outpatient hospital (22)"},
    ),
    Habit(
        "tiers that only messages name",
        of_ppo("EB*B*IND*PT***27*20*****Y", "MSG*TIER 1", "EB*B*IND*PT***27*45*****Y", "MSG*TIER 2"),
        left_open=("“TIER 1”", "“TIER 2”"),
        unused={2: "left open", 4: "left open"},
    ),
    Habit(
        "the first visits for nothing",
        of_ppo("EB*B*IND*PT***27*0*****Y", "MSG*FIRST 3 VISITS", "EB*B*IND*PT***27*45*****Y", "MSG*AFTER 3 VISITS"),
        left_open=("“FIRST 3 VISITS”", "“AFTER 3 VISITS”"),
        unused={2: "left open", 4: "left open"},
    ),
    Habit(
        "the total and the rest in delivery patterns alone",
        of_ppo("EB*F*IND*PT********Y*Y", "HSD*VS*30***23*1", "EB*F*IND*PT********Y*Y", "HSD*VS*14***29*1"),
        used={"limits": {"therapy-visits": "16"}},
        limits={"therapy-visits": "30"},
        authorization="from visit 1",
    ),
    Habit(
        "one visit a day beside sixty a year, whose mark still holds",
        of_ppo("EB*F*IND*PT***7***VS*1*Y*Y", "EB*F*IND*PT***23***VS*60**Y", "EB*F*IND*PT***29***VS*51**Y"),
        used={"limits": {"therapy-visits": "9"}},
        limits={"therapy-visits": "60"},
        authorization="from visit 1",
        left_open=("also states 1 visit per day",),
    ),
    Habit(
        "three visits a week beside sixty a year",
        of_ppo("EB*F*IND*PT***35***VS*3*N*Y", "EB*F*IND*PT***23***VS*60*N*Y"),
        limits={"therapy-visits": "60"},
        authorization="none",
        left_open=("also states 3 visits per week",),
    ),
    Habit(
        "one visit a day and nothing of the year",
        of_ppo("EB*F*IND*PT********N*Y", "HSD*VS*1*DA"),
        authorization="none",
        left_open=("also states 1 visit per day",),
    ),
    Habit(
        "dollars for each visit, for the year and for life",
        of_ppo(*(f"EB*F*IND*PT***{each}*****Y" for each in ("27*100", "23*2000", "29*1500", "32*50000"))),
        used={"limits": {"therapy-dollars": "500.00"}},
        limits={"therapy-visits": "unknown", "therapy-dollars": "2000.00"},
        left_open=("also states $100.00 per visit", "also states $50000.00 per lifetime"),
        unused={2: "per visit"},
    ),
    Habit("a limit for life alone", of_ppo("EB*F*IND*PT***32***VS*200**Y"), limits={"therapy-visits": "200"}),
    Habit(
        "a copay for each admission",
        of_ppo("EB*B*IND*AE***36*500*****Y", "EB*A*IND*AE***27**.2****Y"),
        {"coinsurance": "20%"},
        left_open=("It is stated only for: per admission",),
        unused={2: "per admission"},
    ),
    Habit(
        "the most that copays come to in a year",
        of_ppo("EB*B*IND*PT***27*40*****Y", "EB*B*IND*PT***23*1000*****Y", "MSG*COPAY MAXIMUM"),
        {"copay": "40.00"},
        unused={3: "general: a more specific statement holds"},
    ),
    Habit(
        "a copay in both networks, and a percentage outside",
        of_ppo("EB*B*IND*PT***27*40*****W", "EB*A*IND*PT***27**.5****N"),
        {"copay": "40.00"},
        {"coinsurance": "50%"},
    ),
    Habit(
        "networks in messages alone",
        of_ppo("EB*B*IND*PT***27*40", "MSG*IN NETWORK", "EB*B*IND*PT***27*60", "MSG*OUT OF NETWORK"),
        {"copay": "40.00"},
        {"copay": "60.00"},
    ),
    Habit(
        "drugs by mail, under their own service type and under the plan's",
        of_ppo(
            *("EB*C*IND*88***23*250*****Y", "EB*B*IND*90***27*30*****Y", "HSD*DA*90"),
            *("EB*B*IND*30***27*10*****Y", "MSG*MAIL ORDER GENERIC"),
            *("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*900*****Y", "EB*A*IND*30***27**.2****Y"),
        ),
        {"coinsurance": "20%"},
        used={"deductible_paid": "600.00"},
        deductible="1500.00",
        unused={2: "another service: pharmacy (88)", 5: "drugs, dental or vision"},
    ),
    Habit(
        "a deductible for each admission beside that of the year",
        of_ppo("EB*C*IND*30***36*300*****Y", "EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***24*400*****Y"),
        used={"deductible_paid": "400.00"},
        deductible="1500.00",
        unused={2: "per admission"},
    ),
    Habit(
        "no deductible for therapy alone",
        of_ppo("EB*C*IND*30***23*1500*****Y", "EB*C*IND*PT***23*0*****Y", "EB*B*IND*PT***27*30*****Y"),
        {"copay": "30.00"},
        deductible="none",
    ),
    Habit(
        "a family's deductible that is met, and a tenth",
        of_ppo("EB*C*FAM*30***23*3000*****Y", "EB*C*FAM*30***29*0*****Y", "EB*A*IND*PT*****.1****Y"),
        {"coinsurance": "10%"},
        used={"family_deductible_paid": "3000.00"},
        deductible={"person": "unknown", "family": "3000.00"},
    ),
    Habit(
        "cover that ended, then cover that holds, under one name",
        (
            *("EB*6**30**PPO", "DTP*291*RD8*20240101-20251231"),
            *("EB*1**30**PPO", "DTP*291*D8*20260101", "EB*B*IND*PT***27*30*****Y"),
        ),
        {"copay": "30.00"},
        unused={0: "period 2024-01-01 to 2025-12-31"},
    ),
    Habit(
        "the year before in a block of its own",
        (
            *("EB*1**30**PPO 2025", "DTP*346*RD8*20250101-20251231", "EB*F*IND*PT***29***VS*0*Y*Y"),
            *("EB*1**30**PPO 2026", "DTP*346*RD8*20260101-20261231"),
            *("EB*F*IND*PT***23***VS*30*Y*Y", "EB*F*IND*PT***29***VS*28*Y*Y"),
        ),
        used={"limits": {"therapy-visits": "2"}},
        limits={"therapy-visits": "30"},
        authorization="from visit 1",
        unused={2: "another plan (PPO 2025)"},
    ),
    Habit(
        "a benefit year from July to June",
        of_ppo(
            *("EB*C*IND*30***22*1500*****Y", "DTP*292*RD8*20250701-20260630"),
            *("EB*C*IND*30***29*100*****Y", "DTP*292*RD8*20250701-20260630"),
        ),
        used={"deductible_paid": "1400.00"},
        deductible="1500.00",
    ),
    Habit(
        "several services in one line, and limits of two networks",
        of_ppo(
            *("EB*F*IND*PT^AD^AF***23***VS*60**Y", "EB*F*IND*PT^AD^AF***29***VS*41**Y"),
            "EB*F*IND*PT***23***VS*10**N",
        ),
        used={"limits": {"therapy-visits": "19"}},
        limits={"therapy-visits": "60"},
        unused={4: "out of network, where an estimate counts no limit"},
    ),
    Habit(
        "visits at home and needles of acupuncture beside those of an office",
        of_ppo(
            *("EB*F*IND*AE***23***VS*100**Y", "MSG*HOME HEALTH"),
            *("EB*F*IND*PT***23***VS*25**Y", "EB*F*IND*64***23***VS*12**Y"),
        ),
        limits={"therapy-visits": "25"},
        unused={2: "home", 5: "another service: acupuncture (64)"},
    ),
    Habit(
        "an authorization in words alone",
        of_ppo("EB*B*IND*PT***27*40*****Y", "MSG*PRECERTIFICATION REQUIRED AFTER 12 VISITS"),
        {"copay": "40.00"},
        left_open=("“PRECERTIFICATION REQUIRED AFTER 12 VISITS”",),
    ),
    Habit(
        "a mark that a message speaks against",
        of_ppo("EB*B*IND*PT***27*40****N*Y", "MSG*PRIOR AUTHORIZATION REQUIRED"),
        {"copay": "40.00"},
        left_open=("marked as not needed, and a message says",),
    ),
    Habit(
        "a mark, and in words that none is needed",
        of_ppo("EB*B*IND*PT***27*40****N*Y", "MSG*PRIOR AUTHORIZATION NOT REQUIRED"),
        {"copay": "40.00"},
        authorization="none",
    ),
    Habit(
        "authorization marked as not known",
        of_ppo("EB*B*IND*PT***27*40****U*Y"),
        {"copay": "40.00"},
        left_open=("The payer marks authorization as not known",),
    ),
    Habit(
        "what isn't covered only as a message says",
        of_ppo("EB*I*IND*PT*********Y", "MSG*MAINTENANCE THERAPY", "EB*B*IND*PT***27*40*****Y"),
        {"copay": "40.00"},
        unused={2: "not covered only as its message says: Maintenance therapy"},
    ),
    Habit(
        "copays by code",
        of_ppo(*(f"EB*B*IND****27*40*****Y*HC:{code}" for code in (97110, 97140))),
        left_open=("only code by code",),
        unused={2: "only for code 97110", 3: "only for code 97140"},
    ),
    Habit(
        "an employee's copay and that of dependents, for the employee",
        of_ppo("EB*B*EMP*PT***27*20*****Y", "EB*B*DEP*PT***27*40*****Y"),
        {"copay": "20.00"},
        unused={3: "other members of the family"},
    ),
    Habit(
        "how many visits in words alone, under a description",
        of_ppo("EB*D*IND*PT*********Y", "MSG*LIMITED TO 30 VISITS PER BENEFIT PERIOD", "EB*B*IND*PT***27*30*****Y"),
        {"copay": "30.00"},
        left_open=("in words: “LIMITED TO 30 VISITS PER BENEFIT PERIOD” (segment 19 (MSG)). No number is taken",),
    ),
    Habit(
        "a limit without a figure, and its number in a message",
        of_ppo("EB*F*IND*PT*********Y", "MSG*VISIT LIMIT: 35"),
        left_open=("in words: “VISIT LIMIT: 35”",),
        unused={2: "it states no figure"},
    ),
    Habit(
        "visits of rehabilitation beside those of habilitation",
        of_ppo(
            *("EB*F*IND*PT***23***VS*30**Y", "MSG*HABILITATIVE SERVICES"),
            *("EB*F*IND*PT***29***VS*30**Y", "MSG*HABILITATIVE SERVICES"),
            *("EB*F*IND*PT***23***VS*30**Y", "MSG*REHABILITATIVE SERVICES"),
            *("EB*F*IND*PT***29***VS*12**Y", "MSG*REHABILITATIVE SERVICES"),
        ),
        used={"limits": {"therapy-visits": "18"}},
        limits={"therapy-visits": "30"},
    ),
    Habit(
        "services of other therapists under rehabilitation, named by messages alone",
        of_ppo(
            *("EB*F*IND*A9***23***VS*60**Y", "MSG*PHYSICAL AND OCCUPATIONAL THERAPY"),
            *(
                "EB*F*IND*A9***23***VS*20**Y",
                "MSG*SPEECH THERAPY VISITS",
                "EB*F*IND*A9***23***VS*36**Y",
                "MSG*CARDIAC REHAB",
            ),
            *("EB*B*IND*PT***27*30*****Y", "EB*B*IND*PT***27*15*****Y", "MSG*CHIROPRACTIC MANIPULATION"),
        ),
        {"copay": "30.00"},
        limits={"therapy-visits": "60"},
        unused={4: "speech therapy", 6: "cardiac rehabilitation", 9: "chiropractic care"},
    ),
    Habit(
        "a limit combined with other services stays one of therapy",
        of_ppo("EB*F*IND*PT***23***VS*25**Y", "MSG*COMBINED WITH CHIROPRACTIC CARE", "MSG*EXCLUDES CARDIAC REHAB"),
        limits={"therapy-visits": "25"},
    ),
    Habit(
        "the year and what is left in two patterns of one line",
        of_ppo("EB*F*IND*PT********Y*Y", "HSD*VS*30***23*1", "HSD*VS*12***29*1"),
        used={"limits": {"therapy-visits": "18"}},
        limits={"therapy-visits": "30"},
        authorization="from visit 1",
    ),
    Habit(
        "sixty a year and one a day in two patterns of one line",
        of_ppo("EB*F*IND*PT********N*Y", "HSD*VS*60***23*1", "HSD*VS*1*DA"),
        limits={"therapy-visits": "60"},
        authorization="none",
        left_open=("also states 1 visit per day (segment 20 (HSD))",),
    ),
    Habit(
        "no visit left, and nobody says of how many",
        of_ppo("EB*F*IND*PT***29***VS*0*N*Y", "EB*G*IND*30***29*0*****Y"),
        limits={"therapy-visits": "0"},
        authorization="none",
        left_open=("Nothing is left of it", "Person out-of-pocket maximum, in-network: It is met"),
    ),
    Habit(
        "the medical plan's figures after the line of a drug plan, told apart by the insurance type",
        (
            *("EB*1**30*C1*CHOICE PPO", "EB*1**88*OT*CHOICE RX", "EB*C*IND*88*OT**23*590*****Y"),
            *("EB*C*IND*30*C1**23*400*****Y", "EB*C*IND*30*C1**29*100*****Y", "EB*B*IND*PT*C1**27*30*****Y"),
        ),
        {"copay": "30.00"},
        used={"deductible_paid": "300.00"},
        deductible="400.00",
        unused={2: "drug plan"},
    ),
    Habit(
        "therapy named by a message under office visits",
        of_ppo(
            *("EB*B*IND*98***27*60*****Y", "MSG*SPECIALIST", "EB*B*IND*98***27*30*****Y", "MSG*PHYSICAL THERAPY"),
            *("EB*B*IND*98***27*45*****Y", "MSG*AFTER HOURS"),
        ),
        {"copay": "30.00"},
        unused={2: "general: a more specific statement holds", 6: "general: a more specific statement holds"},
    ),
    Habit(
        "one plan in two blocks, named by its network",
        (
            *("EB*1**30**BLUE PPO IN NETWORK", "EB*C*IND*30***23*1000", "EB*B*IND*PT***27*30"),
            *("EB*1**30**BLUE PPO OUT OF NETWORK", "EB*C*IND*30***23*3000", "EB*A*IND*PT***27**.4"),
        ),
        {"copay": "30.00"},
        {"coinsurance": "40%"},
        deductible="1000.00",
    ),
    Habit(
        "a family's deductible that anybody may pay alone, and nines for the person",
        of_ppo(
            *("EB*C*IND*30***23*999999.99*****Y", "EB*C*FAM*30***23*3300*****Y", "EB*C*FAM*30***29*3000*****Y"),
            "EB*A*IND*PT***27**.2****Y",
        ),
        {"coinsurance": "20%"},
        used={"family_deductible_paid": "300.00"},
        deductible={"person": "3300.00", "family": "3300.00"},
    ),
    Habit(
        "nines for person and family",
        of_ppo("EB*C*IND*30***23*999999.99*****Y", "EB*C*FAM*30***23*999999.99*****Y", "EB*A*IND*PT***27**.2****Y"),
        {"coinsurance": "20%"},
        deductible="none",
    ),
    Habit(
        "a cover of employee and spouse, whose amount is the family's",
        ("EB*1*ESP*30**PPO", "EB*C*ESP*30***23*3000*****Y", "EB*C*ESP*30***29*1000*****Y", "EB*C*ECH*30***23*9*****Y"),
        used={"family_deductible_paid": "2000.00"},
        deductible={"person": "unknown", "family": "3000.00"},
        unused={3: "other members of the family"},
    ),
    Habit(
        "a copay and a share in one line",
        of_ppo("EB*B*IND*PT***27*20*.2****Y"),
        {"copay": "20.00", "coinsurance": "20%"},
    ),
    Habit(
        "dollars in a line and visits in its pattern, then one visit a day",
        of_ppo("EB*F*IND*PT***23*2000*****Y", "HSD*VS*20***23*1", "EB*F*IND*PT***23*3000*****N", "HSD*VS*1*DA"),
        limits={"therapy-visits": "20", "therapy-dollars": "2000.00"},
    ),
    Habit(
        "more visits for one diagnosis",
        of_ppo(
            "EB*F*IND*PT***23***VS*30**Y", "EB*F*IND*PT***29***VS*12**Y", "EB*F*IND*PT***23***VS*100**Y", "III*ABK*F840"
        ),
        used={"limits": {"therapy-visits": "18"}},
        limits={"therapy-visits": "30"},
        unused={4: "only for diagnosis F840"},
    ),
    Habit(
        "a level of no standard",
        of_ppo("EB*C*XXX*30***23*1500*****Y"),
        left_open=("level XXX, which isn’t understood",),
    ),
    Habit(
        "messages of a deductible that name what it isn't for",
        of_ppo(
            *(
                "EB*C*IND*30***23*1500*****Y",
                "MSG*DOES NOT APPLY TO PRESCRIPTION DRUGS",
                "MSG*WAIVED FOR EMERGENCY CARE",
            ),
            *("EB*C*IND*30***29*200*****Y", "MSG*INCLUDES 4TH QUARTER CARRYOVER FROM PRIOR YEAR"),
            *("EB*B*IND*98***27*40*****Y", "MSG*EXCEPT TELEHEALTH AND PREVENTIVE"),
            *("EB*B*IND*98***27*0*****Y", "MSG*COPAY WAIVED FOR PREVENTIVE VISITS"),
        ),
        {"copay": "40.00"},
        used={"deductible_paid": "1300.00"},
        deductible="1500.00",
        unused={9: "a preventive visit"},
    ),
    Habit(
        "no authorization and no referral for the first visits",
        of_ppo(
            *("EB*B*IND*PT***27*40****N*Y", "MSG*NO AUTH REQUIRED FOR FIRST 12 VISITS"),
            "MSG*NO REFERRAL REQUIRED UNTIL VISIT 7",
        ),
        {"copay": "40.00"},
        left_open=("“NO AUTH REQUIRED FOR FIRST 12 VISITS”. Ask.", "“NO REFERRAL REQUIRED UNTIL VISIT 7” (segment 20"),
    ),
    Habit(
        "messages about the other network in passing",
        of_ppo(
            *("EB*B*IND*PT***27*40****N*Y", "MSG*OUT OF NETWORK CLINICS MAY BALANCE BILL"),
            "MSG*REFERRAL AND PRECERTIFICATION REQUIRED FOR OUT OF NETWORK SERVICES",
        ),
        {"copay": "40.00"},
        authorization="none",
    ),
    Habit(
        "figures that are named after another payer's plan",
        of_ppo("EB*R**30*12*SPOUSE GHP", "EB*C*IND*30*12*SPOUSE GHP*23*500*****Y", "EB*C*IND*30***23*1500*****Y"),
        deductible={"person": "1500.00"},
        unused={3: "another payer’s plan (SPOUSE GHP)"},
    ),
    Habit(
        "what is left of the plan's deductible, once more under therapy",
        of_ppo(
            *("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*400*****Y", "EB*C*IND*PT***29*400*****Y"),
            *("EB*G*IND*30***23*6000*****Y", "EB*G*IND*30***29*600*****Y", "EB*G*IND*PT***29*500*****Y"),
        ),
        used={"deductible_paid": "1100.00"},
        deductible="1500.00",
        left_open=("Person out-of-pocket maximum, in-network: how much of it is used is not said",),
    ),
    Habit(
        "days without limit beside visits with one",
        of_ppo("EB*F*IND*AE***23***VS*40**Y", "EB*F*IND*PT***23***DY*999**Y"),
        limits={"therapy-visits": "40"},
    ),
    Habit("unlimited by its own code", of_ppo("EB*H*IND*PT*********Y"), limits={}),
    Habit(
        "a family without a deductible",
        of_ppo("EB*C*FAM*30***23*0*****Y", "EB*B*IND*PT***27*30*****Y"),
        {"copay": "30.00"},
        deductible="none",
    ),
    Habit(
        "therapy that is not active out of network",
        of_ppo("EB*6**PT*********N", "EB*B*IND*PT***27*30*****Y"),
        {"copay": "30.00"},
        "not-covered",
    ),
    Habit(
        "elements that can't be read, beside others that stand validly",
        of_ppo(
            *("EB*F*IND*PT***99***VS*30**Y", "EB*B*IND*PT***27*30*****X"),
            *("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*-100.00*****Y"),
        ),
        deductible={"person": "1500.00"},
        left_open=("VS*30**Y (segment 18 (EB)) has a figure", "*X (segment 19 (EB)) has", "-100.00*****Y (segment 21"),
        unused=dict.fromkeys((2, 3, 5), "its figure can’t be read: ask the payer"),
    ),
    Habit(
        "a pattern beside a limit and beside a copay",
        of_ppo(
            *("EB*F*IND*PT***23***VS*24**Y", "HSD*VS*3*WK", "EB*B*IND*PT***27*0*****Y", "HSD*VS*5"),
            *("EB*A*IND*PT***27**.8****N",),
        ),
        {"copay": "0.00"},
        {"coinsurance": "80%"},
        limits={"therapy-visits": "24"},
        left_open=(
            "states 3 visits per week",
            "Copay: With EB*B*IND*PT***27*0*****Y (segment 20 (EB)) the payer states 5 visits",
        ),
    ),
    Habit(
        "a share that may be the plan's own",
        of_ppo("EB*A*IND*PT***27**.8****Y"),
        {"coinsurance": "80%"},
        left_open=("So large a share for the patient is unusual",),
    ),
    Habit(
        "marks that disagree beside figures that don't",
        of_ppo("EB*B*IND*PT***27*20****Y*Y", "EB*A*IND*PT***27**.1***N*Y"),
        {"copay": "20.00", "coinsurance": "10%"},
        left_open=("Authorization is marked as needed and as not needed",),
    ),
    Habit(
        "figures that disagree beside marks that don't",
        of_ppo("EB*B*IND*PT***27*20****Y*Y", "EB*B*IND*PT***27*30****Y*Y"),
        authorization="from visit 1",
        left_open=("What a visit costs is contradicted",),
    ),
    Habit(
        "how many visits are used, in words alone",
        of_ppo("EB*F*IND*PT***23***VS*30**Y", "MSG*12 VISITS USED"),
        limits={"therapy-visits": "30"},
        left_open=("in words: “12 VISITS USED” (segment 19 (MSG)). No number is taken",),
    ),
    Habit(
        "therapy with an administrator of its own, named before the plan",
        (
            *("EB*1**PT**ASH PT NETWORK", "EB*B*IND*PT***27*25*****Y"),
            *("EB*F*IND*PT***23***VS*30**Y", "EB*F*IND*PT***29***VS*10**Y"),
            *("EB*1**30**BLUE PPO", "EB*C*IND*30***23*1000*****Y", "EB*C*IND*30***29*200*****Y"),
        ),
        {"copay": "25.00"},
        used={"deductible_paid": "800.00", "limits": {"therapy-visits": "20"}},
        limits={"therapy-visits": "30"},
        deductible="1000.00",
    ),
    Habit(
        "a network's therapy beside what the plan itself says of it",
        (
            *("EB*1**30**BLUE PPO", "EB*B*IND*PT***27*40*****Y"),
            *("EB*1**PT**ASH PT NETWORK", "EB*B*IND*PT***27*25*****Y"),
        ),
        {"copay": "40.00"},
        unused={3: "another plan (ASH PT NETWORK)"},
    ),
    Habit(
        "a share that its own message calls the plan's",
        of_ppo("EB*A*IND*PT***27**.8****Y", "MSG*PLAN PAYS 80% AFTER DEDUCTIBLE"),
        left_open=("It is stated only for: the plan’s own part (80%), by its message (segment 18 (EB)).",),
    ),
    Habit(
        "a share of the patient beside the plan's",
        of_ppo("EB*A*IND*PT***27**.2****Y", "MSG*PLAN PAYS 80%"),
        {"coinsurance": "20%"},
    ),
    Habit(
        "a family's deductible in which no person's own counts",
        of_ppo("EB*C*IND*30***23*1700*****Y", "MSG*NON-EMBEDDED", "EB*C*FAM*30***23*3400*****Y"),
        deductible={"person": "3400.00", "family": "3400.00"},
    ),
    Habit(
        "a deductible at each visit beside that of the year",
        of_ppo("EB*C*IND*PT***27*100*****Y", "EB*C*IND*30***23*1000*****Y", "EB*C*IND*30***29*0*****Y"),
        used={"deductible_paid": "1000.00"},
        deductible="1000.00",
        left_open=("also states $100.00 per visit (segment 18 (EB))",),
    ),
    Habit(
        "offices of primary care and of specialists, as one payer names them",
        of_ppo("EB*B*IND*98***27*30*****Y", "MSG*PRIMARY OFFICE", "EB*B*IND*98***27*50*****Y", "MSG*SPECIALIST OFFICE"),
        {"copay": "50.00"},
        unused={2: "a primary care visit"},
    ),
    Habit(
        "a limit of services, of which a visit holds several",
        of_ppo("EB*F*IND*PT***23***P6*30**Y", "EB*F*IND*PT***29***P6*20**Y"),
        left_open=("EB*F*IND*PT***23***P6*30**Y",),
    ),
    Habit(
        "an authorization in words for the whole plan",
        ("EB*1**30**PPO", "MSG*SERVICES REQUIRE AUTHORIZATION"),
        left_open=("says of the whole plan: “SERVICES REQUIRE AUTHORIZATION” (segment 17 (MSG)). Ask",),
    ),
    Habit(
        "an authorization marked for the whole plan",
        ("EB*1**30**PPO******Y",),
        left_open=("marked as needed for the plan as a whole (segment 16 (EB))",),
    ),
    Habit(
        "an authorization marked code by code",
        of_ppo(*(f"EB*CB*IND*********Y*Y*HC:{code}" for code in (97110, 97140))),
        left_open=("marked as needed for 97110, 97140 alone (segment 18 (EB), segment 19 (EB))",),
    ),
    Habit(
        "an authorization out of network alone",
        of_ppo("EB*CB*IND*PT********Y*N", "EB*B*IND*PT***27*30*****Y"),
        {"copay": "30.00"},
        unused={2: "authorization out of network, which an estimate doesn’t count"},
    ),
    Habit(
        "dry needling in words",
        of_ppo("EB*E**PT", "MSG*DRY NEEDLING 20560 20561 EXCLUDED"),
        left_open=("Dry needling: The payer says in words: “DRY NEEDLING 20560 20561 EXCLUDED”",),
    ),
)


def concluded(*segments: str, **parts: Any) -> Reading:
    """Read an answer with these segments."""
    return reading_of(read_eligibility(answer(*segments, **parts).encode()), None, TODAY)


def told(part: Any, *keys: str) -> Any:
    """Return these keys of a part of a plan, without citation; words as they are."""
    return part if isinstance(part, str) else {key: str(part[key]) for key in keys if key in part}


def shares(reading: Reading) -> list[Any]:
    """Return what a visit costs in and out of network."""
    every = reading.request["plan"]["benefits"]["physical-therapy"]["cost_share"]
    return [told(each, "copay", "coinsurance") for each in every.values()]


@pytest.mark.parametrize("habit", HABITS, ids=[habit.habit for habit in HABITS])
def test_what_is_chosen_of_a_payers_habit(habit: Habit) -> None:
    """The right figure, and everything else with its reason."""
    reading = concluded(*habit.segments)
    plan = reading.request["plan"]
    limits = {name: limit.get("visits") or limit.get("dollars") for name, limit in plan["limits"].items()}
    asked = plan["benefits"]["physical-therapy"]["authorization"]
    deductible = told(plan["networks"]["in-network"]["deductible"], "person", "family")
    reasons = {each.statement.origin.text: each.why for each in reading.unused}
    left_open = " ".join(map(str, reading.fill.left_open))

    assert [habit.share, habit.outside] == shares(reading)
    assert (habit.used, habit.limits) == (reading.request["used"], limits)
    assert habit.authorization == (asked if isinstance(asked, str) else f"from visit {asked['from_visit']}")
    assert deductible in (habit.deductible, {"person": habit.deductible})
    assert [] == [words for words in habit.left_open if words not in left_open]
    assert habit.unused == {at: reasons.get(habit.segments[at]) for at in habit.unused}


@pytest.mark.parametrize(("code", "period"), [("32", "lifetime"), ("35", "week"), ("34", "month"), ("26", "episode")])
def test_a_limit_of_another_time_is_none_of_the_plans_year(code: str, period: str) -> None:
    """Evergreen has 30 visits a year: three a week are neither told of it nor counted as used."""
    read = read_eligibility(answer(*PPO, f"EB*F*IND*PT***{code}***VS*3**Y").encode())
    reading = reading_of(read, folder_shelf(plans_folder()).find("evergreen-ppo-silver", TODAY), TODAY)
    [left_open] = [each.why for each in reading.fill.left_open if each.what == "Limit"]

    assert ([], {}) == (reading.request["told"], reading.request["used"])
    assert left_open.startswith(f"The payer states 3 visits per {period}. The plan has no one limit")


@pytest.mark.parametrize(
    ("relation", "copay"), [("INS*N*19~", "15.00"), ("INS*N*01~", "25.00"), ("", "35.00")], ids=["child", "spouse", "?"]
)
def test_a_dependent_has_what_is_said_of_dependents(relation: str, copay: str) -> None:
    """By what the answer says the patient is to the subscriber; never what is the employee's."""
    of_each = [f"EB*B*{level}*PT***27*{amount}*****Y" for level, amount in (("EMP", 5), ("CHD", 15), ("SPO", 25))]
    of_all = [] if relation else ["EB*B*DEP*PT***27*35*****Y"]
    reading = concluded(*PPO, *of_each, *of_all, level="23", before=relation)

    assert {"copay": copay} == shares(reading)[0]


def test_an_amount_that_dependents_share_is_none_of_one_dependent() -> None:
    """Nobody says whether it's each one's or theirs together."""
    lines = ("EB*C*DEP*30***23*1500*****Y", "EB*C*DEP*30***29*0*****Y", "EB*C*IND*30***23*700*****Y")
    reading = concluded(*PPO, *lines, level="23")

    assert "700.00" == reading.request["plan"]["networks"]["in-network"]["deductible"]["person"]


def test_needling_that_is_refused_code_by_code_is_refused_for_both() -> None:
    """One statement for each code, as payers answer a question about two codes."""
    reading = concluded(*PPO, *(f"EB*I*IND*********N*Y*HC:{code}" for code in (20560, 20561)))
    (policy,) = reading.request["plan"]["policies"]

    assert ("excluded", "answer segment 18 (EB), segment 19 (EB)") == (policy["position"], policy["cite"])
    assert [] == [each for each in reading.unused if each.statement.procedures]


@pytest.mark.parametrize(
    ("payer", "plan", "market"),
    [
        ("AETNA", "AETNA MEDICARE ELITE (PPO)", "medicare-advantage"),
        ("AETNA", "AETNA MEDICARE SUPPLEMENT PLAN G", ""),
        ("CIGNA", "PPO (MEDICARE ELIGIBLE RETIREES)", ""),
        ("TRIWEST HEALTHCARE ALLIANCE", "VA CCN REGION 4", "va"),
        ("TRIWEST HEALTHCARE ALLIANCE", "TRICARE PRIME", "tricare"),
    ],
)
def test_the_market_follows_the_plans_own_name(payer: str, plan: str, market: str) -> None:
    """A Medicare Advantage plan bears its type; one company may run several programs."""
    written = answer(f"EB*1**30**{plan}", "EB*B*IND*PT***27*35*****Y").replace("EVERGREEN MUTUAL", payer)

    assert market == market_of(read_eligibility(written.encode()))


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("DEDUCTIBLE NOT APPLICABLE", "waived"),
        ("NOT SUBJECT TO PLAN DEDUCTIBLE", "waived"),
        ("DEDUCTIBLE APPLIES: N", "waived"),
        ("SUBJECT TO PLAN DEDUCTIBLE", "applies"),
        ("20% AFTER THE DEDUCTIBLE", "applies"),
        ("DEDUCTIBLE WAIVED FOR VISIT 1, THEN AFTER DEDUCTIBLE", "unknown"),
        ("DEDUCTIBLE", "unknown"),
    ],
)
def test_whether_the_deductible_comes_first_follows_the_message(words: str, order: str) -> None:
    """What says both says neither."""
    share = concluded(*PPO, "EB*A*IND*PT***27**.2****Y", f"MSG*{words}").request["plan"]["benefits"]["physical-therapy"]

    assert order == share["cost_share"]["in-network"]["deductible"]


def test_the_age_of_covered_dependents_is_none_of_the_cover() -> None:
    """The patient is 42, and the plan is hers."""
    reading = concluded("EB*1**30**PPO", "MSG*DEPENDENT CHILDREN COVERED TO AGE 26")

    assert reading.answer.coverage.is_active


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("DTP*347*D8*20260131", "Coverage ended on 2026-01-31."),
        ("DTP*348*D8*20270101", "Coverage starts on 2027-01-01."),
    ],
)
def test_therapy_without_dates_has_those_of_its_plan(when: str, says: str) -> None:
    """A payer dates the plan and not each service of it."""
    reading = concluded("EB*1**30**PPO", when, "EB*1**PT", "EB*B*IND*PT***27*30*****Y")

    assert says == reading.answer.coverage.says[0]
    assert "unknown" == shares(reading)[0]


@pytest.mark.parametrize(
    ("other", "beneath"),
    [
        ("EB*R**30*HN", ("LS*2120", "NM1*PRP*2*HUMANA", "LE*2120")),
        ("EB*R**30*HN*HUMANA GOLD PLUS H5619-123 (HMO)", ()),
    ],
)
def test_a_medicare_advantage_plan_is_not_the_answering_payers(other: str, beneath: tuple[str, ...]) -> None:
    """Medicare answers, and names the plan that pays in its place: by its name, or by its organization's."""
    sent = answer("EB*1**30*MA", "EB*1**30*MB", other, *beneath).replace("EVERGREEN MUTUAL", "CMS")
    reading = reading_of(read_eligibility(sent.encode()), None, TODAY)
    found = insurer_of(reading.answer).insurer

    assert ("medicare-advantage", "Humana") == (market_of(reading.answer), reading.request["plan"]["payer"])
    assert "humana" == (found and found.id)
    assert "CMS" not in " ".join(map(str, reading.fill.left_open))


def test_a_plans_name_keeps_its_brackets() -> None:
    """The type of a Medicare Advantage plan stands in them."""
    reading = concluded("EB*1**30**AETNA MEDICARE ELITE (PPO)", "EB*B*IND*PT***27*35*****Y")

    assert "AETNA MEDICARE ELITE (PPO)" == reading.answer.coverage.plan


def test_nothing_that_is_contradicted_is_used_however_much_is() -> None:
    """Three hundred pairs of other services stand before the pair of therapy."""
    others = [f"EB*B*IND*{code}***27*{amount}****{mark}*Y" for code in ("AL", "86") for mark in "YN" for amount in
              range(1, 80)]  # fmt: skip
    reading = concluded(*PPO, *others, "EB*B*IND*PT***27*20*****Y", "EB*B*IND*PT***27*30*****Y")

    assert len(reading.answer.contradictions) > 300
    assert "unknown" == shares(reading)[0]


def test_another_payers_plan_does_not_name_this_one() -> None:
    """Medicare names the plan of an employer beside its own cover; CMS is no insurer to guess."""
    dated = ("EB*1**30*MB", "DTP*291*D8*20190201")
    sent = answer(*dated, "EB*R**30*12*EMPLOYER GHP", "DTP*290*D8*20200101").replace("EVERGREEN MUTUAL", "CMS")
    reading = reading_of(read_eligibility(sent.encode()), None, TODAY)

    assert ("", "Original Medicare (Part B)") == (reading.answer.coverage.plan, reading.request["plan"]["payer"])
    assert "insurer" not in " ".join(point.what.casefold() for point in reading.fill.left_open)


@pytest.mark.parametrize("insurance", ["", "C1"])
def test_another_payers_insurance_is_not_this_ones(insurance: str) -> None:
    """Medicaid, or Medicare and a plan in its place, of an answer whose own plan has no name."""
    others = ("EB*R**30*MC*MEDICAID", "EB*R**30*MB", "EB*R**30*HN*GOLD (HMO)")
    reading = concluded(f"EB*1**30*{insurance}", "EB*B*IND*PT***27*30*****Y", *others)

    assert ("", {"copay": "30.00"}) == (market_of(reading.answer), shares(reading)[0])
    assert ("Coverage is active.",) == reading.answer.coverage.says


def test_medicare_names_a_program_that_pays_the_rest_and_care_in_force() -> None:
    """Neither is one more deductible; both are told first."""
    part_b = ("EB*1**30*MB", "EB*C**30*MB**23*283", "EB*C**30*MB**29*100", "EB*A**30*MB**27**.2")
    program = ("EB*1**30*QM", "DTP*291*D8*20260101", "EB*C**30*QM**23*0", "EB*A**30*QM**27**0")
    stays = ("EB*X**45*MA**26", "DTP*292*D8*20260115", "EB*X**42*MA**26", "DTP*292*RD8*20250101-20250301")
    reading = concluded(*part_b, *program, *stays)
    says = " ".join(reading.answer.coverage.says)

    assert ({"coinsurance": "20%"}, {"deductible_paid": "183.00"}) == (shares(reading)[0], reading.request["used"])
    assert "Qualified Medicare Beneficiary" in says
    assert "hospice care from 2026-01-15: ask" in says
    assert "home health" not in says


def test_a_long_message_is_read_in_no_time() -> None:
    """Words that begin what a message excepts or carries over, again and again."""
    messages = [f"MSG*{word * 1_500}" for word in ("WITH ", "INCLUDES ", "EXCEPT ", "WAIVED FOR ", "IN AND OUT OF ")]
    began = process_time()
    concluded(*PPO, "EB*B*IND*PT***27*20*****Y", *messages)

    assert process_time() - began < 1


def test_a_managed_plan_of_last_year_is_nobody_to_contact() -> None:
    """What a plan held once says nothing of today."""
    now = ("EB*1**30*MC*MEDICAID", "DTP*291*RD8*20260101-20261231", "EB*U**30*HM*MOLINA")

    assert "contact that plan" in " ".join(concluded("EB*1**30*MC", "EB*MC**30*HM*MOLINA").answer.coverage.says)
    assert "contact that plan" in " ".join(concluded(*now).answer.coverage.says)
    assert "contact" not in " ".join(concluded(*now, "DTP*290*RD8*20250101-20251231").answer.coverage.says)


def test_days_of_the_person_are_told_first() -> None:
    """The day of a death isn't shown; a subscriber's death is none of the dependent who is asked about."""
    days = "DTP*442*D8*20251224~DTP*343*D8*20260131~DTP*341*D8*20260630~"
    reading = concluded(*PPO, before=days)
    says = " ".join(reading.answer.coverage.says)

    assert [] == [
        words
        for words in ("a date of death", "Premiums are paid to 2026-01-31", "COBRA cover ends on 2026-06-30")
        if words not in says
    ]
    assert "2025-12-24" not in says
    assert "death" not in " ".join(concluded(*PPO, person=f"{NAMED}{days}", level="23").answer.coverage.says)


def test_a_supplement_is_told_as_a_second_plan() -> None:
    """Its deductible is Medicare's, which it pays or doesn't."""
    says = concluded("EB*1**30*SP*SUPPLEMENT PLAN G", "EB*C*IND*30***23*283").answer.coverage.says

    assert "choose it as the second plan" in " ".join(says)


def test_what_may_end_a_cover_is_quoted_first() -> None:
    """Active, and in a grace period of which nothing may be paid."""
    reading = concluded("EB*1**30**PPO", "MSG*MEMBER IN GRACE PERIOD", "EB*B*IND*PT***27*20*****Y")

    assert "The payer says: “MEMBER IN GRACE PERIOD” (segment 17 (MSG))." in reading.answer.coverage.says
    assert {"copay": "20.00"} == shares(reading)[0]
