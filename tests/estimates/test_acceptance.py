"""Acceptance: whole requests in the documented words, with plans defined inline and answers worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from estimator.engine.prices import ClinicPrices
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.prices.books import service_codes
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json

TODAY = date(2026, 11, 23)
NAMES = {code: service.words for code, service in service_codes().items()}


def line(code="97110", allowed="100.00", **more):
    """Write one service with its allowed amount."""
    return {"code": code, "allowed": allowed, **more}


def weekly(count, *lines, first="2026-03-02", days=7):
    """Write so many visits, some days apart."""
    start = date.fromisoformat(first)
    services = list(lines) or [line()]
    return [{"day": str(start + timedelta(days=days * at)), "services": services} for at in range(count)]


def on(day, *lines, **more):
    """Write one visit."""
    return {"day": day, "services": list(lines) or [line()], **more}


def plan_of(share, *, network=None, limits=None, **benefit):
    """Write a plan with one network, one benefit over all therapy and needling, and its limits."""
    therapy = {"services": ["all-therapy"], "cost_share": {"in-network": share}, **benefit}
    if limits:
        therapy.setdefault("limits", list(limits))
    return {"networks": {"in-network": network or {}}, "benefits": {"therapy": therapy}, "limits": limits or {}}


def needling_plan(**policy):
    """Write a plan with a copay of 20.00 whose only policy speaks of needling."""
    plan = plan_of({"copay": "20.00"}, services=["physical-therapy"])
    return {**plan, "policies": [{"policy": "needling", "services": ["dry-needling"], **policy}]}


def answered(plan, visits, **more):
    """Return the JSON answer of a request."""
    written = {"plan": plan, "as_of": "2026-01-02", "visits": visits, **more}
    estimate, read = estimate_asked(read_request(written, TODAY), clinic=ClinicPrices())
    return answer_json(answer_of(estimate, read, NAMES))


def seen(answer):
    """Return what the cases below speak of."""
    owes = answer["patient_owes"]
    return {
        "owes": owes["typical"],
        "range": (owes["low"], owes["high"]),
        "plan": answer["plan_pays"],
        "clinic": answer["provider_absorbs"],
        "visits": [visit["patient_owes"] for visit in answer["visits"]],
        "statuses": [each["status"] for each in answer["visits"][0]["lines"]],
        "last": [each["status"] for each in answer["visits"][-1]["lines"]],
        "needs": [
            (each["needs"], each["from_visit"], each["visits"], each["if_not"], each["clinic_if_not"])
            for each in answer["conditions"]
        ],
        "points": [(each["about"], each["adds"]["usual"], each["adds"]["most"]) for each in answer["open_points"]],
        "turns": [(each["kind"], each["visit"]) for each in answer["crossing_points"]],
        "units": [each["units"] for each in answer["visits"][0]["lines"]],
        "allowed": [each["allowed"] for each in answer["visits"][0]["lines"]],
        "notices": [each["finding"] for each in answer["notices"]],
        "asks": sorted({each["asks"] for each in answer["questions"]}),
        "assumes": sorted({each["assumes"] for each in answer["assumptions"]}),
    }


# fmt: off
DEDUCTIBLE = {"deductible": {"person": "150.00"}}
C40 = {"copay": "40.00", "deductible": "waived"}
C20P = {"coinsurance": "20%", "deductible": "applies"}
BOTH = [line(allowed="60.00"), line("97140", "40.00")]
TWO = {"networks": {"in-network": {}}, "benefits": {
    "therapy": {"services": ["physical-therapy"], "cost_share": {"in-network": {"copay": "60.00",
        "not_above": "office"}}},
    "office": {"services": ["office-visit"], "cost_share": {"in-network": {"copay": "35.00"}}}}}
SAME = {"networks": {"in-network": {}}, "benefits": {
    "therapy": {"services": ["physical-therapy"], "cost_share": {"in-network": {"same_as": "office"}}},
    "office": {"services": ["office-visit"], "cost_share": {"in-network": {"copay": "35.00"}}}}}
GROUP = {"networks": {"in-network": {}}, "benefits": {
    "therapy": {"services": ["physical-therapy"], "cost_share": {"in-network": {"copay": "30.00",
        "copay_group": "one"}}},
    "needling": {"services": ["dry-needling"], "cost_share": {"in-network": {"copay": "30.00",
        "copay_group": "one"}}}}}
CREDIT = {"networks": {"in-network": DEDUCTIBLE}, "benefits": {
    "evaluation": {"services": ["pt-evaluation"], "cost_share": {"in-network": {"copay": "50.00",
        "deductible": "waived", "counts_toward_deductible": True}}},
    "therapy": {"services": ["physical-therapy"], "cost_share": {"in-network": C20P}}}}

def family(**ceiling):
    """Write a plan with a fifth after a deductible of 100.00 a person and so much a family."""
    return plan_of(C20P, network={"deductible": {"person": "100.00", **ceiling}})

FAM = {"person": {"family": True}}

def two_networks(inside, outside, share=None):
    """Write a plan with a fifth within its network and a share outside of it."""
    plan = plan_of(C20P, network=inside)
    plan["networks"]["out-of-network"] = outside
    plan["benefits"]["therapy"]["cost_share"]["out-of-network"] = share or {"coinsurance": "40%"}
    return plan

OUT = {"provider": {"network": "out-of-network"}}
BILLED = line(billed="150.00")

def limited(limit, share=None, network=None):
    """Write a plan with one limit; a visit of 100.00 costs 40.00 where nothing else is said."""
    return plan_of(share or C40, network=network, limits={"therapy": limit})

BILLABLE, ABSORBED = "not-covered-patient-may-be-billed", "not-covered-provider-absorbs"
NESTED = {"networks": {"in-network": {}}, "limits": {"all": {"visits": 3, "per": "benefit-year"}, "pt": {"visits": 2,
    "per": "benefit-year"}}, "benefits": {
    "therapy": {"services": ["physical-therapy"], "limits": ["pt", "all"], "cost_share": {"in-network": C40}},
    "acupuncture": {"services": ["acupuncture"], "limits": ["all"],
        "cost_share": {"in-network": {"copay": "10.00"}}}}}
ACU = line("97810", "70.00")
SPLIT = {"networks": {"in-network": {}}, "limits": {"needles": {"visits": 1, "per": "benefit-year",
    "services": ["dry-needling"]}, "pt": {"visits": 2, "per": "benefit-year", "not_counted": ["dry-needling"]}},
    "benefits": {
    "therapy": {"services": ["all-therapy"], "limits": ["needles", "pt"],
        "cost_share": {"in-network": {"copay": "10.00", "per": "line"}}}}}
NEEDLE = line("20560", "50.00")

def ruled(rule, limits=None, network=None, **more):
    """Write a plan with a copay of 40.00 and a rule on authorization."""
    return plan_of(C40, limits=limits, authorization=rule, network=network, **more)

NONE_ON_FILE = {"authorization": {"on_file": False}}
OUTSIDE = two_networks({}, {"balance_bill": False})
OUTSIDE["benefits"]["therapy"]["authorization"] = {"from_visit": 1}
N = line("20561", "38.08", billed="60.00")
ALONE, BESIDE = weekly(1, N), weekly(1, line(), N)
SIGNED = {"signed_consent": True}
UNDER = {"under": "therapy"}

def second(method, share="10%"):
    """Write a second plan with a coinsurance."""
    return {"secondary": {"plan": plan_of({"coinsurance": share}), "method": method}}

FIRST = plan_of({"coinsurance": "20%"})
OPEN = plan_of({"copay": "0.00"})

def case(name, plan, visits, asked=None, /, **expected):
    """Write one case: further keys of the request, and what its answer says."""
    return pytest.param(plan, visits, asked or {}, expected, id=name)

CASES = ("plan", "visits", "asked", "expected")

SHARES = [
    case("one copay covers all lines of a visit", plan_of(C40), weekly(2, *BOTH), visits=["40.00", "40.00"],
         plan="120.00"),  # 40 a visit of 60 + 40; the plan pays 2 × 60
    case("a copay above the price is the price", plan_of(C40), weekly(1, line(allowed="30.00")), owes="30.00",
         plan="0.00"),
    case("a copay owed even if the service costs less", plan_of({**C40, "never_above_allowed": False}), weekly(1,
         line(allowed="30.00")), owes="40.00"),
    case("per visit, two visits a day pay twice", plan_of(C40), [on("2026-03-02"), on("2026-03-02")],
         visits=["40.00", "40.00"]),
    case("per day, two visits a day pay once", plan_of({**C40, "per": "day"}), [on("2026-03-02"), on("2026-03-02")],
         visits=["40.00", "0.00"]),
    case("per line", plan_of({"copay": "15.00", "per": "line"}), weekly(1, *BOTH), owes="30.00"),  # 2 × 15
    case("per unit", plan_of({"copay": "10.00", "per": "unit"}), weekly(1, line(units=3, allowed="90.00")),  # 3 × 10
         owes="30.00"),
    case("waived", plan_of(C40, network=DEDUCTIBLE), weekly(3), owes="120.00"),  # 3 × 40
    # 150 = 100 + 50; visit 2: 50 of deductible and 40
    case("deductible then copay", plan_of({"copay": "40.00", "deductible": "applies"}, network=DEDUCTIBLE),
         weekly(3), visits=["100.00", "90.00", "40.00"], turns=[("deductible-met", 2)]),
    # 40 and 60 of deductible, twice; then the last 30 of 150 and 40
    case("copay before deductible", plan_of({"copay": "40.00", "deductible": "after-copay"}, network=DEDUCTIBLE),
         weekly(4), visits=["100.00", "100.00", "70.00", "40.00"]),
    # the copay fills it too: 150 = 100 + 50; visit 2: 40 and the last 10
    case("copay with deductible", plan_of({"copay": "40.00", "deductible": "with-copay"}, network=DEDUCTIBLE),
         weekly(3), visits=["100.00", "50.00", "40.00"]),
    case("coinsurance after deductible", plan_of(C20P, network=DEDUCTIBLE), weekly(3), visits=["100.00", "60.00",
         "20.00"]),  # 100; 50 + 20% × 50; 20% × 100
    # 20 + 20% × 80
    case("copay and coinsurance of the rest", plan_of({"copay": "20.00", "coinsurance": "20%"}), weekly(1),
         owes="36.00"),
    case("copay and coinsurance of all", plan_of({"copay": "20.00", "coinsurance": "20%",
         "coinsurance_of": "allowed"}), weekly(1), owes="40.00"),  # 20 + 20% × 100
    # 100; 50 + 20 + 20% × 30; 20 + 20% × 80
    case("deductible, copay and coinsurance", plan_of({"copay": "20.00", "coinsurance": "20%",
         "deductible": "applies"}, network=DEDUCTIBLE), weekly(3), visits=["100.00", "76.00", "36.00"]),
    # 100 = 40 + 40 + 20
    case("the maximum stops copays", plan_of(C40, network={"out_of_pocket_max": {"person": "100.00"}}), weekly(4),
         visits=["40.00", "40.00", "20.00", "0.00"], turns=[("out-of-pocket-max-reached", 3)]),
    case("the deductible counts toward the maximum", plan_of(C20P, network={**DEDUCTIBLE,
         "out_of_pocket_max": {"person": "200.00"}}), weekly(6), visits=["100.00", "60.00", "20.00", "20.00", "0.00",
         "0.00"]),  # 200 = 100 + 60 + 20 + 20
    case("the deductible does not count toward the maximum", plan_of(C20P, network={**DEDUCTIBLE,
         "out_of_pocket_max": {"person": "30.00", "includes_deductible": False}}), weekly(4), visits=["100.00",
         "60.00", "20.00", "0.00"]),  # 30 = 10 + 20, beside 150 of deductible
    case("a share that does not count toward the maximum", plan_of({**C40, "counts_toward_maximum": False},
         network={"out_of_pocket_max": {"person": "60.00"}}), weekly(3), owes="120.00"),
    # 5.015 is 5.02, twice
    case("each line is rounded half up", plan_of({"coinsurance": "50%"}), weekly(1, line(allowed="10.03"),
         line("97140", "10.03")), owes="10.04"),
    # 2.504
    case("coinsurance just below half a cent", plan_of({"coinsurance": "20%"}), weekly(1, line(allowed="12.52")),
         owes="2.50"),
    case("the first two visits are free", plan_of({"by_visit": [{"through_visit": 2, "copay": "0.00"},
         {"copay": "40.00"}]}), weekly(4), visits=["0.00", "0.00", "40.00", "40.00"]),
    case("rising steps", plan_of({"by_visit": [{"through_visit": 1, "copay": "10.00"}, {"through_visit": 2,
         "copay": "20.00"}, {"copay": "30.00"}]}), weekly(4), visits=["10.00", "20.00", "30.00", "30.00"]),
    # visits 2 and 3 of the year
    case("steps follow a limit with an opening count", plan_of({"by_visit": [{"through_visit": 2, "copay": "0.00"},
         {"copay": "40.00"}], "counter": "therapy"}, limits={"therapy": {"visits": 30, "per": "benefit-year"}}),
         weekly(2), {"used": {"limits": {"therapy": 1}}}, visits=["0.00", "40.00"]),
    case("free first visits under a deductible apply after it", plan_of({"by_visit": [{"through_visit": 1,
         "copay": "0.00", "deductible": "waived"}, {"copay": "40.00", "deductible": "applies"}]},
         network=DEDUCTIBLE), weekly(3), visits=["0.00", "100.00", "90.00"]),  # 0; 100 of 150; 50 + 40
    # 50% × 80 = 40; of 60 only 10 more
    case("a ceiling on the patient's share a visit", plan_of({"coinsurance": "50%", "max_per_visit": "50.00"}),
         weekly(1, line(allowed="80.00"), line("97140", "120.00")), owes="50.00", plan="150.00"),
    # 120 − 20 = 100, of which the plan pays 70
    case("a ceiling on the plan's payment a visit", plan_of({"copay": "20.00", "plan_pays_at_most": "70.00"}),
         weekly(1, line(allowed="120.00")), owes="50.00", plan="70.00"),
    case("a copay known only as a range", plan_of({"copay": {"from": "10.00", "to": "40.00"}}), weekly(1),
         range=("10.00", "40.00"), owes="10.00", points=[("cost-share", "0.00", "30.00")]),
    case("an unknown copay may be the whole price", plan_of({"copay": "unknown"}), weekly(1), range=("0.00",
         "100.00"), asks=["cost-share"]),
    case("a benefit's own deductible", plan_of(C20P, network={"deductible": {"person": "500.00"}},
         deductible={"person": "50.00"}), weekly(2), visits=["60.00", "20.00"]),  # 50 + 20% × 50
    case("a copay not above another benefit's", TWO, weekly(1), owes="35.00"),
    case("another benefit's copay", SAME, weekly(1), owes="35.00"),
    case("two benefits that share one copay", GROUP, weekly(1, line(), line("20560", "50.00")), owes="30.00"),
    # 50 of 150 by the evaluation's copay, then 100, then 20%
    case("a copay that counts toward the deductible", CREDIT, [on("2026-03-02", line("97161")), on("2026-03-09"),
         on("2026-03-16")], visits=["50.00", "100.00", "20.00"]),
]

CEILINGS = [
    case("opening past the deductible", plan_of(C20P, network=DEDUCTIBLE), weekly(1),
         {"used": {"deductible_paid": "500.00"}}, owes="20.00"),
    case("opening past the maximum", plan_of(C20P, network={"out_of_pocket_max": {"person": "50.00"}}), weekly(1),
         {"used": {"out_of_pocket_paid": "5000.00"}}, owes="0.00", plan="100.00"),
    # 30 of 150 is left: 30 + 20% × 70
    case("embedded, the family's part ends first", family(family="150.00"), weekly(1), {**FAM,
         "used": {"deductible_paid": "20.00", "family_deductible_paid": "120.00"}}, owes="44.00"),
    case("embedded, the person's part ends first", family(family="150.00"), weekly(2), {**FAM}, visits=["100.00",
         "20.00"]),  # the person's 100 of 150
    case("aggregate", family(family="150.00", family_rule="aggregate"), weekly(2), {**FAM}, visits=["100.00",
         "60.00"]),  # 100 of 150; 50 + 20% × 50
    case("aggregate without family cover", family(family="150.00", family_rule="aggregate"), weekly(2),
         visits=["100.00", "20.00"]),
    case("per person only", family(family="150.00", family_rule="per-person"), weekly(1), {**FAM,
         "used": {"family_deductible_paid": "150.00"}}, owes="100.00"),
    case("another amount within family cover", family(family="500.00", family_member="60.00"), weekly(1), FAM,
         owes="68.00"),  # 60 + 20% × 40
    case("a family past its maximum", plan_of(C20P, network={"out_of_pocket_max": {"person": "50.00",
         "family": "100.00"}}), weekly(1), {**FAM, "used": {"family_out_of_pocket_paid": "900.00"}}, owes="0.00"),
    # 100 + 50 fill 150; the new year starts at zero
    case("the benefit year restarts in the course", plan_of(C20P, network=DEDUCTIBLE), [on("2026-12-14"),
         on("2026-12-21"), on("2027-01-04")], visits=["100.00", "60.00", "100.00"], turns=[("deductible-met", 2),
         ("benefit-year-restarts", 3)]),
    case("a benefit year from July", {**plan_of(C20P, network=DEDUCTIBLE), "benefit_year": {"starts": "07-01"}},
         [on("2026-06-30"), on("2026-07-01")], {"used": {"deductible_paid": "150.00"}}, visits=["20.00", "100.00"]),
    case("balances of an earlier benefit year", {**plan_of(C20P, network=DEDUCTIBLE),
         "benefit_year": {"starts": "07-01"}}, [on("2026-07-01")], {"used": {"deductible_paid": "150.00"}},
         visits=["100.00"], assumes=["used-amounts-expired"]),
    case("what was paid in the last three months carries over", plan_of(C20P,
         network={"deductible": {"person": "150.00", "carry_over_months": 3}}), [on("2026-12-14"), on("2027-01-04")],
         visits=["100.00", "60.00"]),  # 100 of 150 carried: 50 + 20% × 50
]

NETWORKS = [
    case("a balance bill", two_networks({}, {"balance_bill": True}), weekly(1, BILLED), OUT, owes="90.00",
         plan="60.00", range=("90.00", "90.00")),  # 40% × 100 + 50
    case("no balance bill", two_networks({}, {"balance_bill": False}), weekly(1, BILLED), OUT, owes="40.00"),
    # 40, or 40 + 50
    case("nobody knows of a balance bill", two_networks({}, {}), weekly(1, BILLED), OUT, range=("40.00", "90.00"),
         owes="40.00", asks=["balance-bill"], points=[("balance-bill", "0.00", "50.00")]),
    # 60 = 40 + 20, and 50 beside it each time
    case("a balance bill fills no maximum", two_networks({}, {"balance_bill": True,
         "out_of_pocket_max": {"person": "60.00"}}), weekly(3, BILLED), OUT, visits=["90.00", "70.00", "50.00"]),
    case("out of network is not covered", two_networks({}, "not-covered"), weekly(1, BILLED), OUT, owes="150.00",
         statuses=["not-covered-patient-may-be-billed"]),
    case("a percentage of the charge", two_networks({}, {"allowed": {"basis": "charges", "percent": "60%"},
         "balance_bill": True}, {"coinsurance": "50%"}), weekly(1, {"code": "97110", "billed": "200.00"}), OUT,
         owes="140.00", plan="60.00"),  # 60% × 200 = 120; 60 + the other 80
    case("both networks fill one deductible", two_networks({"deductible": {"person": "150.00"}},
         {"deductible": {"person": "150.00", "combined_with": "in-network"}, "balance_bill": False},
         {"coinsurance": "40%", "deductible": "applies"}), [on("2026-03-02"), on("2026-03-09",
         network="out-of-network"), on("2026-03-16")], visits=["100.00", "70.00", "20.00"]),  # 100; 50 + 40% × 50; 20%
    case("separate deductibles", two_networks({"deductible": {"person": "150.00"}},
         {"deductible": {"person": "150.00"}, "balance_bill": False}, {"coinsurance": "40%",
         "deductible": "applies"}), [on("2026-03-02"), on("2026-03-09", network="out-of-network"), on("2026-03-16")],
         visits=["100.00", "100.00", "60.00"]),  # 100; 100; 50 + 20% × 50
    # 100; 50 + 40% × 50; 50 + 20% × 50, as nothing comes back
    case("in-network dollars also credit the outer deductible", two_networks({"deductible": {"person": "150.00",
         "also_credits": ["out-of-network"]}}, {"deductible": {"person": "150.00"}, "balance_bill": False},
         {"coinsurance": "40%", "deductible": "applies"}), [on("2026-03-02"), on("2026-03-09",
         network="out-of-network"), on("2026-03-16")], visits=["100.00", "70.00", "60.00"]),
    case("an unnamed outer tier is unknown", plan_of(C20P), weekly(1, BILLED), OUT, statuses=["unknown"],
         range=("0.00", "150.00")),
]

LIMITS = [
    # 40 + 40, then all 100
    case("a hard limit", limited({"visits": 2, "per": "benefit-year"}), weekly(3), visits=["40.00", "40.00",
         "100.00"], last=[BILLABLE], plan="120.00", turns=[("limit-reached", 2), ("limit-passed", 3)]),
    case("past the limit the clinic absorbs", limited({"visits": 1, "per": "benefit-year",
         "past": "provider-absorbs"}), weekly(2), visits=["40.00", "0.00"], clinic="100.00", last=[ABSORBED]),
    case("opening past the limit", limited({"visits": 2, "per": "benefit-year"}), weekly(1),  # 5 of 2
         {"used": {"limits": {"therapy": 5}}}, owes="100.00"),
    # 40 of 50, and 100 twice
    case("what is past a limit fills no maximum", limited({"visits": 1, "per": "benefit-year"},
         network={"out_of_pocket_max": {"person": "50.00"}}), weekly(3), visits=["40.00", "100.00", "100.00"]),
    case("an unknown end of a limit", limited({"visits": 1, "per": "benefit-year", "past": "unknown"}), weekly(2),
         range=("40.00", "140.00"), asks=["past-limit"]),
    case("an outer bucket filled by another benefit", NESTED, [on("2026-03-02", ACU), on("2026-03-09", ACU),
         on("2026-03-16"), on("2026-03-23")], visits=["10.00", "10.00", "40.00", "100.00"]),
    case("an inner bucket filled first", NESTED, [on("2026-03-02"), on("2026-03-09"), on("2026-03-16"),
         on("2026-03-23", ACU)], visits=["40.00", "40.00", "100.00", "10.00"]),
    # 10 + 10; 10 + 50; 100 + 50
    case("one benefit split in two buckets", SPLIT, weekly(3, line(), NEEDLE), visits=["20.00", "60.00", "150.00"]),
    # April 4 is day 90 from January 5, April 5 is not
    case("any 90 days", limited({"visits": 2, "per": {"rolling_days": 90}}), [on("2026-01-05"), on("2026-02-02"),
         on("2026-04-04"), on("2026-04-05")], visits=["40.00", "40.00", "100.00", "40.00"]),
    case("any 90 days with earlier days", limited({"visits": 2, "per": {"rolling_days": 90}}), [on("2026-04-04"),
         on("2026-04-05")], {"as_of": "2026-04-01", "used": {"limit_days": {"therapy": ["2026-01-05",
         "2026-02-02"]}}}, visits=["100.00", "40.00"]),
    case("a limit starts again with the benefit year", limited({"visits": 1, "per": "benefit-year"}),
         [on("2026-12-21"), on("2026-12-28"), on("2027-01-04")], visits=["40.00", "100.00", "40.00"]),
    case("a lifetime limit does not", limited({"visits": 1, "per": "lifetime"}), [on("2026-12-28"),
         on("2027-01-04")], visits=["40.00", "100.00"]),
    case("an opening count ends with its year", limited({"visits": 2, "per": "benefit-year"}), [on("2026-12-28"),
         on("2027-01-04")], {"as_of": "2026-11-23", "used": {"limits": {"therapy": 2}}}, visits=["100.00", "40.00"]),
    case("a calendar-year limit beside a benefit year from July", {**limited({"visits": 1, "per": "calendar-year"}),
         "benefit_year": {"starts": "07-01"}}, [on("2026-06-30"), on("2026-07-01"), on("2027-01-04")],
         visits=["40.00", "100.00", "40.00"]),
    case("once a week", limited({"visits": 1, "per": "week"}), [on("2026-03-02"), on("2026-03-08"),
         on("2026-03-09")], visits=["40.00", "100.00", "40.00"]),
    case("once a month", limited({"visits": 1, "per": "month"}), [on("2026-03-02"), on("2026-03-31"),
         on("2026-04-01")], visits=["40.00", "100.00", "40.00"]),
    case("dollars allowed", limited({"dollars": "150.00", "per": "benefit-year"}), weekly(3), visits=["40.00",
         "90.00", "100.00"], plan="70.00"),  # 40; 40 for the last 50 and 50 beyond; 100
    # 60, then the last 40 of 100
    case("dollars paid", limited({"dollars": "100.00", "per": "benefit-year", "dollars_of": "paid"}), weekly(3),
         visits=["40.00", "60.00", "100.00"], plan="100.00"),
    case("dollars already spent", limited({"dollars": "150.00", "per": "benefit-year"}), weekly(1),
         {"used": {"limits": {"therapy": "900.00"}}}, owes="100.00"),
    # 4 of 6 units are 80: 40 + 40 beyond
    case("units a visit", limited({"units": 4, "per": "visit"}), weekly(1, line(units=6, allowed="120.00")),
         owes="80.00", plan="40.00"),
    # 60 of 90 minutes used: one visit of 30 is left
    case("hours", limited({"hours": "1.5", "per": "benefit-year"}, {"copay": "10.00"}), weekly(3, line(minutes=30)),
         {"used": {"limits": {"therapy": 1}}}, visits=["10.00", "100.00", "100.00"]),
    # 10 and 30 for the third
    case("modalities a day", limited({"modalities": 2, "per": "day"}, {"copay": "10.00"}), weekly(1, line(),
         line("97112", "50.00"), line("97035", "30.00")), owes="40.00"),
    case("two visits on a date use one", limited({"visits": 2, "per": "benefit-year"}), [on("2026-03-02"),
         on("2026-03-02"), on("2026-03-03")], visits=["40.00", "40.00", "40.00"]),
    case("two visits on a date use two", limited({"visits": 2, "per": "benefit-year", "counts": "one-per-visit"}),
         [on("2026-03-02"), on("2026-03-02"), on("2026-03-03")], visits=["40.00", "40.00", "100.00"]),
    # one copay a visit; both visits of the limit
    case("two disciplines on a date use two", limited({"visits": 2, "per": "benefit-year",
         "counts": "one-per-discipline-per-date"}), [on("2026-03-02", line(modifiers=["GP"]), line("97530", "50.00",
         modifiers=["GO"])), on("2026-03-09")], visits=["40.00", "100.00"]),
    case("evaluations use nothing", limited({"visits": 1, "per": "benefit-year", "not_counted": ["pt-evaluation"]}),
         [on("2026-03-02", line("97161")), on("2026-03-09"), on("2026-03-16")], visits=["40.00", "40.00", "100.00"]),
    case("a diagnosis exempts", limited({"visits": 1, "per": "benefit-year",
         "exempt_when": {"diagnoses": ["F84*"]}}), weekly(2), {"diagnoses": ["F84.0"]}, owes="80.00"),
    case("another diagnosis does not", limited({"visits": 1, "per": "benefit-year",
         "exempt_when": {"diagnoses": ["F84*"]}}), weekly(2), {"diagnoses": ["M54.50"]}, owes="140.00"),
    case("no diagnosis said", limited({"visits": 1, "per": "benefit-year", "exempt_when": {"diagnoses": ["F84*"]}}),
         weekly(2), range=("80.00", "140.00"), asks=["limit-exemption"]),
    case("a visit under the deductible counts where the plan is silent", limited({"visits": 1,
         "per": "benefit-year"}, C20P, DEDUCTIBLE), weekly(2), visits=["100.00", "100.00"]),
    case("a visit under the deductible does not count", limited({"visits": 1, "per": "benefit-year",
         "deductible_visits_count": False}, C20P, {"deductible": {"person": "100.00"}}), weekly(3), visits=["100.00",
         "20.00", "100.00"]),
    # 3 × 40; refused: 40 less, and the clinic loses 100
    case("a soft limit", limited({"visits": 2, "per": "benefit-year", "past": "needs-authorization"}), weekly(3),
         owes="120.00", last=["needs-authorization"], needs=[("authorization", 3, 1, "-40.00", "100.00")]),
    case("more on improvement", limited({"visits": 1, "per": "benefit-year", "extension": {"visits": 1,
         "needs": "improvement"}}), weekly(3), visits=["40.00", "40.00", "100.00"], needs=[("improvement", 2, 1,
         "60.00", "0.00")]),  # without it visit 2 costs 100 instead of 40
    case("no improvement", limited({"visits": 1, "per": "benefit-year", "extension": {"visits": 1,
         "needs": "improvement"}}), weekly(2), {"person": {"improving": False}}, visits=["40.00", "100.00"],
         needs=[]),
    # 200 passes 150 at visit 2
    case("a marker changes no share", limited({"dollars": "150.00", "per": "benefit-year", "past": "continues",
         "modifier": "KX"}, C20P), weekly(3), visits=["20.00", "20.00", "20.00"], turns=[("modifier-from", 2)]),
    case("an unconfirmed limit counts in the high estimate alone", limited({"visits": 1, "per": "benefit-year",
         "confirmed": False}), weekly(2), owes="80.00", range=("80.00", "140.00")),
    case("an unread limit", limited({"visits": "unknown", "per": "benefit-year"}), weekly(2), owes="80.00",
         range=("80.00", "200.00")),  # 2 × 40, or 2 × 100 if it is reached
    # the next year begins on March 1 (NCD 30.3.3)
    case("a year from the first service", limited({"visits": 2, "per": "year-from-first-service"}),
         [on("2026-03-21"), on("2026-04-01"), on("2027-02-28"), on("2027-03-01")], visits=["40.00", "40.00",
         "100.00", "40.00"]),
]

AUTHORIZATIONS = [
    case("none needed", ruled("none"), weekly(2), needs=[]),
    case("never", ruled({"from_visit": "never"}), weekly(2), NONE_ON_FILE, owes="80.00"),
    # refused: 2 × 40 less, the clinic loses 2 × 100
    case("after two visits", ruled({"from_visit": 3}), weekly(4), owes="160.00", needs=[("authorization", 3, 2,
         "-80.00", "200.00")], statuses=["payable"], last=["needs-authorization"], turns=[("authorization-from", 3)]),
    case("after two visits, of which a limit counted one before", ruled({"from_visit": 3}, {"therapy": {"visits": 30,
         "per": "benefit-year"}}), weekly(3), {"used": {"limits": {"therapy": 1}}}, needs=[("authorization", 2, 2,
         "-80.00", "200.00")]),  # visit 2 is the third of the year
    case("none will come, the clinic absorbs", ruled({"from_visit": 3}), weekly(3), NONE_ON_FILE, visits=["40.00",
         "40.00", "0.00"], clinic="100.00", last=[ABSORBED], needs=[]),
    case("none will come, the patient pays", ruled({"from_visit": 1, "if_missing": "patient-pays"}), weekly(1),
         NONE_ON_FILE, owes="100.00", statuses=[BILLABLE]),
    # 3 × (100 − 40)
    case("the price of a refusal that the patient bears", ruled({"from_visit": 1, "if_missing": "patient-pays"}),
         weekly(3), owes="120.00", needs=[("authorization", 1, 3, "180.00", "0.00")]),
    case("a penalty once", ruled({"from_visit": 1, "if_missing": {"penalty": "50.00"}}), weekly(2), NONE_ON_FILE,
         visits=["90.00", "40.00"], plan="70.00"),  # 40 + 50, then 40; the plan pays 10 + 60
    # 100 = 90 + 10
    case("a penalty that fills the maximum", ruled({"from_visit": 1, "if_missing": {"penalty": "50.00",
         "counts_toward_maximum": True}}, network={"out_of_pocket_max": {"person": "100.00"}}), weekly(3),
         NONE_ON_FILE, visits=["90.00", "10.00", "0.00"]),
    case("a penalty that fills no maximum", ruled({"from_visit": 1, "if_missing": {"penalty": "50.00"}},
         network={"out_of_pocket_max": {"person": "100.00"}}), weekly(3), NONE_ON_FILE, visits=["90.00", "40.00",
         "20.00"]),  # 40 + 40 + 20, and 50
    case("half of the payment", ruled({"from_visit": 1, "if_missing": {"pays": "50%"}}), weekly(1), NONE_ON_FILE,
         owes="70.00", plan="30.00"),  # 60 × 50% = 30
    case("another cost share", ruled({"from_visit": 1, "if_missing": "other-cost-share"},
         without_authorization={"coinsurance": "50%"}), weekly(1), NONE_ON_FILE, owes="50.00"),
    case("an unknown consequence", ruled({"from_visit": 1, "if_missing": "unknown"}), weekly(1), NONE_ON_FILE,
         range=("0.00", "100.00")),
    case("evaluations are exempt", ruled({"from_visit": 1, "exempt": ["pt-evaluation"]}), [on("2026-03-02",
         line("97161")), on("2026-03-09")], NONE_ON_FILE, visits=["40.00", "0.00"]),
    case("only for needling", ruled({"from_visit": 1, "only_for": ["dry-needling"]}), weekly(1, line(), NEEDLE),
         NONE_ON_FILE, statuses=["payable", ABSORBED], owes="40.00", clinic="50.00"),
    case("a grant of one visit", ruled({"from_visit": 1}), weekly(2), {"authorization": {"on_file": True,
         "visits": 1}}, statuses=["payable"], last=["needs-authorization"], turns=[("authorization-ends", 1)],
         needs=[("authorization", 2, 1, "-40.00", "100.00")]),
    case("a grant that ends on a day", ruled({"from_visit": 1}), weekly(2), {"authorization": {"on_file": True,
         "last_day": "2026-03-08"}}, statuses=["payable"], last=["needs-authorization"]),
    case("a grant up to the day itself", ruled({"from_visit": 1}), weekly(2), {"authorization": {"on_file": True,
         "first_day": "2026-03-02", "last_day": "2026-03-09"}}, needs=[]),
    # 2 units a visit, 4 in all
    case("a grant of units", ruled({"from_visit": 1}), weekly(3, line(units=2)), {"authorization": {"on_file": True,
         "units": 4}}, last=["needs-authorization"], needs=[("authorization", 3, 1, "-40.00", "100.00")]),
    case("a grant of other codes", ruled({"from_visit": 1}), weekly(1, line(), NEEDLE),
         {"authorization": {"on_file": True, "codes": ["97110"]}}, statuses=["payable", "needs-authorization"]),
    case("waiver visits need a request only", ruled({"from_visit": 1, "waiver_visits": 2}), weekly(3),
         statuses=["payable"], last=["needs-authorization"], needs=[("authorization", 3, 1, "-40.00", "100.00")]),
    # day 14 is past them
    case("waiver visits within their days", ruled({"from_visit": 1, "waiver_visits": 6, "waiver_days": 14}),
         weekly(3), needs=[("authorization", 3, 1, "-40.00", "100.00")]),
    # June 1 is visit 1 again
    case("a gap starts the count again", ruled({"from_visit": 2, "restart_gap_days": 60}), [on("2026-03-02"),
         on("2026-03-09"), on("2026-06-01")], needs=[("authorization", 2, 1, "-40.00", "100.00")]),
    case("nobody knows whether it is needed", ruled("unknown"), weekly(1), statuses=["payable"],
         asks=["authorization-needed"], needs=[("authorization", 1, 1, "-40.00", "100.00")]),
    case("a referral", plan_of(C40, referral={"from_visit": 1, "if_missing": "patient-pays"}), weekly(1),
         {"referral": {"on_file": False}}, owes="100.00"),
    case("a referral on file", plan_of(C40, referral={"from_visit": 1, "if_missing": "patient-pays"}), weekly(1),
         {"referral": {"on_file": True}}, owes="40.00", needs=[]),
    case("out of network the patient pays for a missing one", OUTSIDE, weekly(1), {**OUT, **NONE_ON_FILE},
         owes="100.00"),
]

NEEDLING = [
    case("covered alone", needling_plan(position="covered", **UNDER), ALONE, owes="20.00", plan="18.08",
         statuses=["payable"]),  # 38.08 − 20
    # one copay for the visit; 138.08 − 20
    case("covered beside", needling_plan(position="covered", **UNDER), BESIDE, owes="20.00", plan="118.08"),
    case("within therapy, beside", needling_plan(position="covered-in-therapy"), BESIDE, owes="20.00",
         statuses=["payable", "payable"]),
    # signed, the patient owes the charge of 60
    case("within therapy, alone", needling_plan(position="covered-in-therapy"), ALONE, owes="0.00", clinic="38.08",
         statuses=[ABSORBED], points=[("consent", "0.00", "60.00")]),
    case("bundled", needling_plan(position="bundled"), BESIDE, owes="20.00", statuses=["payable", "bundled"],
         clinic="0.00"),
    case("investigational without consent", needling_plan(position="investigational"), BESIDE, owes="20.00",
         clinic="38.08", statuses=["payable", ABSORBED], points=[("consent", "0.00", "60.00")]),
    case("investigational with consent", needling_plan(position="investigational"), BESIDE, SIGNED, owes="80.00",
         clinic="0.00", statuses=["payable", BILLABLE], needs=[]),  # 20 + 60
    case("not medically necessary without consent", needling_plan(position="not-medically-necessary"), ALONE,
         owes="0.00", clinic="38.08"),
    case("not medically necessary with consent", needling_plan(position="not-medically-necessary"), ALONE, SIGNED,
         owes="60.00"),
    # 20, and 60 more if the fee was agreed to
    case("excluded", needling_plan(position="excluded"), BESIDE, owes="20.00", statuses=["payable", ABSORBED],
         points=[("consent", "0.00", "60.00")]),
    case("excluded, the clinic may not bill", needling_plan(position="excluded", liable="provider"), BESIDE,
         owes="20.00", statuses=["payable", ABSORBED]),
    case("excluded as sole service", needling_plan(position="excluded", as_sole_service="visit-not-paid"), ALONE,
         owes="0.00", plan="0.00", points=[("consent", "0.00", "60.00")]),
    case("excluded, nobody knows who bears it", needling_plan(position="excluded", liable="unknown"), BESIDE,
         range=("20.00", "80.00"), statuses=["payable", ABSORBED]),
    case("unknown", needling_plan(position="unknown"), BESIDE, range=("20.00", "80.00"), statuses=["payable",
         "unknown"]),  # 20, or 20 + 60
    case("no policy and no benefit", {**plan_of(C40, services=["physical-therapy"])}, BESIDE, range=("40.00",
         "100.00"), statuses=["payable", "unknown"]),
    case("a policy not yet in force", needling_plan(position="excluded", in_force={"first_day": "2026-06-01"}),
         BESIDE, statuses=["payable", "unknown"]),
    case("a policy for another provider", needling_plan(position="excluded", when={"providers": ["physician"]}),
         BESIDE, statuses=["payable", "unknown"]),
    case("out of network the patient bears what is investigational", {**OUTSIDE, "policies": [{"policy": "needling",
         "services": ["dry-needling"], "position": "investigational"}]}, ALONE, OUT, owes="60.00"),
    case("California lets no therapist needle", needling_plan(position="covered", **UNDER), BESIDE, {"state": "CA"},
         owes="20.00", statuses=["payable", ABSORBED], clinic="0.00"),
    case("Oregon waits for its rules", needling_plan(position="covered", **UNDER), BESIDE, {"state": "OR"},
         statuses=["payable", ABSORBED]),
    case("Connecticut is silent", needling_plan(position="covered", **UNDER), BESIDE, {"state": "CT"},
         statuses=["payable", "payable"]),
    case("an acupuncturist in California", needling_plan(position="covered", **UNDER), BESIDE, {"state": "CA",
         "provider": {"type": "acupuncturist"}}, statuses=["payable", "payable"]),
]

SECONDS = [
    # it would pay 90 of the 20 that are left
    case("standard", FIRST, weekly(1), second("standard"), owes="0.00", plan="100.00"),
    case("standard, a smaller second plan", FIRST, weekly(1), second("standard", "90%"), owes="10.00"),  # 20 − 10
    case("non-duplication", FIRST, weekly(1), second("non-duplication"), owes="10.00", plan="90.00"),  # 90 − 80 = 10
    # 80 − 80
    case("non-duplication, the same share", FIRST, weekly(1), second("non-duplication", "20%"), owes="20.00"),
    # 10% of the 20 that are left
    case("maintenance of benefits", FIRST, weekly(1), second("maintenance-of-benefits"), owes="2.00"),
]

CODING = [
    case("both needling codes", OPEN, weekly(1, line("20560", "30.00"), N), statuses=["bundled", "payable"]),
    case("a group beside exercise", OPEN, weekly(1, line("97150", "20.00"), line()), statuses=["payable", "bundled"]),
    case("a group beside exercise, parted", OPEN, weekly(1, line("97150", "20.00"), line(modifiers=["59"])),
         statuses=["payable", "payable"]),
    case("an evaluation beside a re-evaluation, never parted", OPEN, weekly(1, line("97161"), line("97164",
         modifiers=["59"])), statuses=["payable", "bundled"]),
    case("needling beside exercise has no edit", OPEN, weekly(1, N, line(), line("97140"), line("97530")),
         statuses=["payable"] * 4),
]

def medicare(**more):
    """Write a plan that pays a fifth less than Medicare's amount."""
    return plan_of({"coinsurance": "20%"}, network={"allowed": {"basis": "medicare", **more}})

def based(**allowed):
    """Write a plan with a coinsurance of a fifth on amounts of this basis."""
    return plan_of({"coinsurance": "20%"}, network={"allowed": allowed})

EXERCISE, MANUAL = {"code": "97110", "minutes": 30}, {"code": "97140", "minutes": 15}
SEATTLE = {"zip": "98101"}
CONTRACT = {"code": "97110", "amount": "31.50", "basis": "per-unit"}
PRICES = [
    # (0.31 × 1.050 + 0.42 × 1.227 + 0.01 × 0.817) × 33.4009 = 28.36; 2 × 32.86; 20% of each: 5.67 + 13.14
    case("Medicare's amounts in Seattle", medicare(), weekly(1, {"code": "20560"}, EXERCISE), SEATTLE,
         allowed=["28.36", "65.72"], owes="18.81"),
    # needling stays whole; exercise 32.86 + 24.46; manual therapy with half its practice expense 23.35
    case("the reduction for several procedures", medicare(multiple_procedure_reduction=True),
         weekly(1, {"code": "20560"}, EXERCISE, MANUAL), SEATTLE, allowed=["28.36", "57.32", "23.35"]),
    case("nobody knows of a reduction", medicare(multiple_procedure_reduction="unknown"), weekly(1, EXERCISE), SEATTLE,
         range=("11.46", "13.14"), asks=["multiple-procedure-reduction"]),
    case("a percentage of Medicare", medicare(percent="140%"), weekly(1, {"code": "97110", "minutes": 15}), SEATTLE,
         allowed=["46.00"]),  # 140% × 32.86 = 46.004
    case("the contract goes before the plan's basis", medicare(), weekly(1, EXERCISE, MANUAL),
         {**SEATTLE, "contract": [CONTRACT]}, allowed=["63.00", "31.34"]),
    case("an amount given goes before the contract", medicare(), weekly(1, {**EXERCISE, "allowed": "99.00"}),
         {**SEATTLE, "contract": [CONTRACT]}, allowed=["99.00"]),
    case("a contract that has ended", medicare(), weekly(1, EXERCISE),
         {**SEATTLE, "contract": [{**CONTRACT, "last_day": "2026-03-01"}]}, allowed=["65.72"]),
    case("a contract out of network counts for nothing", two_networks({}, {"allowed": {"basis": "medicare"},
         "balance_bill": False}), weekly(1, EXERCISE), {**SEATTLE, **OUT, "contract": [CONTRACT]}, allowed=["65.72"]),
    case("a rate for each visit", based(basis="per-visit", amount="95.00"), weekly(2, EXERCISE, MANUAL),
         visits=["19.00", "19.00"], statuses=["payable", "bundled"]),
    case("a rate for the whole case", based(basis="case-rate", amount="300.00"), weekly(2, EXERCISE, MANUAL),
         visits=["60.00", "0.00"], last=["bundled", "bundled"]),
    case("a schedule of fees", based(basis="fee-schedule", fees={"97110": "31.50"}), weekly(1, EXERCISE),
         allowed=["63.00"], owes="12.60"),
    case("the lesser of the fee and the charge", based(basis="fee-schedule", fees={"97110": "31.50"},
         lesser_of_billed=True), weekly(1, {**EXERCISE, "billed": "50.00"}), allowed=["50.00"], owes="10.00"),
    case("eight minutes of the day", OPEN, weekly(1, {"code": "97112", "minutes": 24},
         {"code": "97110", "minutes": 23}), SEATTLE, units=[2, 1]),  # 24 + 23 = 47 minutes are three units
    case("the midpoint of each code", plan_of({"copay": "0.00"}, network={"allowed": {"basis": "contract",
         "minutes_rule": "midpoint"}}), weekly(1, {"code": "97112", "minutes": 24}, {"code": "97110", "minutes": 23}),
         SEATTLE, units=[2, 2]),
    # 18 + 13 + 10 + 8 = 49 minutes are three units: none for the shortest
    case("too few minutes of a fourth code", OPEN, weekly(1, {"code": "97110", "minutes": 18},
         {"code": "97140", "minutes": 13}, {"code": "97116", "minutes": 10}, {"code": "97035", "minutes": 8}), SEATTLE,
         units=[1, 1, 1, 0], statuses=["payable", "payable", "payable", "bundled"]),
    case("an untimed code is one unit", OPEN, weekly(1, {"code": "97161", "units": 3}), SEATTLE, units=[1],
         notices=["units-corrected"]),
    case("a diagnosis that claims no longer take", OPEN, weekly(1), {"diagnoses": ["M54.5"]},
         notices=["diagnosis-invalid"]),
    case("a list of one's own without insurance", "self-pay", weekly(1, EXERCISE, {"code": "20561"}),
         {"self_pay_prices": [{**CONTRACT, "amount": "45.00"}, {"code": "20561", "amount": "50.00"}]}, owes="140.00"),
    case("state law comes as a notice", OPEN, weekly(1, NEEDLE), {"state": "CT"}, notices=["state-notice"]),
]
# fmt: on


@pytest.mark.parametrize(CASES, SHARES)
def test_what_a_patient_pays_of_a_covered_line(plan, visits, asked, expected):
    """Copay, coinsurance and deductible, alone and together."""
    answer = seen(answered(plan, visits, **asked))

    assert expected == {key: answer[key] for key in expected}


@pytest.mark.parametrize(CASES, CEILINGS)
def test_deductibles_and_maximums_of_a_person_and_a_family(plan, visits, asked, expected):
    """Opening balances, family rules and the start of a benefit year."""
    answer = seen(answered(plan, visits, **asked))

    assert expected == {key: answer[key] for key in expected}


@pytest.mark.parametrize(CASES, NETWORKS)
def test_what_a_network_changes(plan, visits, asked, expected):
    """Balance bills, tiers that are not covered or not known, and shared ceilings."""
    answer = seen(answered(plan, visits, **asked))

    assert expected == {key: answer[key] for key in expected}


@pytest.mark.parametrize(CASES, LIMITS)
def test_what_uses_a_limit_up_and_what_lies_past_it(plan, visits, asked, expected):
    """Buckets, periods, measures, ways to count, and each end of a limit."""
    answer = seen(answered(plan, visits, **asked))

    assert expected == {key: answer[key] for key in expected}


@pytest.mark.parametrize(CASES, AUTHORIZATIONS)
def test_who_bears_a_missing_authorization(plan, visits, asked, expected):
    """When one is needed, what a grant covers, and each consequence."""
    answer = seen(answered(plan, visits, **asked))

    assert expected == {key: answer[key] for key in expected}


@pytest.mark.parametrize(CASES, NEEDLING)
def test_needling_under_each_position_of_a_payer(plan, visits, asked, expected):
    """Alone and beside other therapy, with a signed consent and without."""
    answer = seen(answered(plan, visits, **asked))

    assert expected == {key: answer[key] for key in expected}


@pytest.mark.parametrize(CASES, SECONDS)
def test_a_second_plan_by_each_method(plan, visits, asked, expected):
    """The first plan pays 80 of 100; the second one would pay 90 unless it says otherwise."""
    answer = seen(answered(plan, visits, **asked))

    assert expected == {key: answer[key] for key in expected}


@pytest.mark.parametrize(CASES, CODING)
def test_which_lines_coding_rules_bundle(plan, visits, asked, expected):
    """One needling code a visit, and Medicare's pairs with and without a modifier."""
    answer = seen(answered(plan, visits, **asked))

    assert expected == {key: answer[key] for key in expected}


@pytest.mark.parametrize(CASES, PRICES)
def test_what_a_price_rests_on_and_how_minutes_become_units(plan, visits, asked, expected):
    """The amount given, the contract, the plan's basis, the region; units by each rule."""
    answer = seen(answered(plan, visits, **asked))

    assert expected == {key: answer[key] for key in expected}


EVERY = [*SHARES, *CEILINGS, *NETWORKS, *LIMITS, *AUTHORIZATIONS, *NEEDLING, *SECONDS, *CODING, *PRICES]


@pytest.mark.parametrize(CASES, EVERY)
def test_steps_sum_to_lines_lines_to_visits_and_visits_to_the__total(plan, visits, asked, expected):
    """There is no second place for a total, whatever the plan."""
    answer = answered(plan, visits, **asked)
    lines = [each for visit in answer["visits"] for each in visit["lines"]]

    assert [Decimal(each["patient_owes"]) for each in lines] == [
        _total(step["amount"] for step in each["steps"]) for each in lines
    ]
    assert [Decimal(visit["patient_owes"]) for visit in answer["visits"]] == [
        _total(each["patient_owes"] for each in visit["lines"]) for visit in answer["visits"]
    ]
    assert Decimal(answer["patient_owes"]["typical"]) == _total(visit["patient_owes"] for visit in answer["visits"])


def _total(amounts):
    return sum(map(Decimal, amounts), Decimal(0))
