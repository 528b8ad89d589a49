"""Telling one more fact keeps the new range inside the old one, for courses of every market by chance.

Plans are files of every market and imported ones; courses cross New Year, states, professions, networks and second
plans. A seed makes one request; its open points and assumed figures are answered one by one, each way.
"""

from datetime import date, timedelta
from functools import cache
from itertools import islice
from random import Random

import pytest

from estimator.engine.estimate import Estimate
from estimator.engine.prices import ClinicPrices
from estimator.engine.values import Money
from estimator.errors import RequestRefused
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.catalogue_file import catalogues, read_catalogue
from estimator.settings import plans_folder
from tests.estimates.test_answering_open_points import ANSWERS

TODAY = date(2026, 11, 29)
SUPPLEMENTS = ("medigap-k", "medigap-n", "qmb", "tricare-for-life")
FILES = (
    "template-employer-ppo", "template-employer-hdhp-hsa", "template-employer-hmo", "template-employer-pos-tiers",
    "template-marketplace-silver", "template-medicaid", "tricare-prime-2026", "tricare-select-e1-e4-2026",
    "fep-blue-basic-2026", "fep-blue-focus", "uhc-ma-2026-authorization", "va-community-care", "wa-lni",
    "original-medicare-2026", "evergreen-ppo-silver", "example-unknowns", "example-tiers", "example-past-the-limit",
    "example-auto-medical", "example-hours-and-dollars", *SUPPLEMENTS,
)  # fmt: skip
ZIPS = ("98101", "85001", "75201", "33101", "27601", "10001", "90001", "97201", "35203")
FACTS = {
    "diagnosis": [{"diagnoses": [code]} for code in ("M54.50", "M17.11")],
    "symptom-weeks": [{"person": {"symptom_weeks": weeks}} for weeks in (4, 20)],
    "age": [{"person": {"age": age}} for age in (10, 40, 70)],
    "purpose": [{"person": {"purpose": purpose}} for purpose in ("rehabilitative", "habilitative")],
    "indian-health": [{"person": {"indian_health": said}} for said in (True, False)],
    "consent": [{"signed_consent": signed} for signed in (True, False)],
}
_UNBOUNDED = 10**9


@cache
def imported():
    """Some plans of each official file."""
    files = (read_catalogue(path)[1] for path in catalogues(plans_folder()))
    return [each.definition for found in files for each in islice(found, 0, 600, 25)]


def made(seed):
    """Write one request by chance."""
    chance = Random(seed)
    often = lambda part: chance.random() < part  # noqa: E731
    plan = chance.choice(FILES if often(0.55) else imported())
    first = chance.choice((date(2026, 3, 2), date(2026, 6, 15), date(2026, 11, 30), date(2026, 12, 7)))
    lines = [{"code": "97110", "minutes": chance.choice((15, 30, 38))}]
    lines += [{"code": "97140", "minutes": 15}] if often(0.4) else []
    lines = [{"code": "20561"}] if often(0.15) else [*lines, {"code": chance.choice(("20560", "20561"))}]
    days = [first + timedelta(days=chance.choice((2, 7)) * at) for at in range(chance.randint(1, 10))]
    written = {
        "plan": plan,
        "as_of": str(min(first, TODAY)),
        "zip": chance.choice(ZIPS),
        "visits": [{"day": str(day), "services": lines} for day in sorted(days)],
        "used": {"deductible_paid": chance.choice(("0.00", "250.00", "2000.00"))} if often(0.5) else {},
        "provider": {"network": "out-of-network"} if often(0.2) else {},
    }
    if often(0.25):
        written["provider"]["type"] = chance.choice(("physical-therapist-assistant", "physician", "chiropractor"))
    if often(0.3):
        written["signed_consent"] = chance.choice((True, False))
    if often(0.4):
        written["diagnoses"] = [chance.choice(("M54.50", "M54.2"))]
    if often(0.2) and plan not in SUPPLEMENTS:
        written["secondary"] = {"plan": chance.choice(("template-employer-ppo", "template-medicaid", "example-tiers"))}
    return written


def estimated(written) -> Estimate:
    """Return the estimate of a request."""
    return estimate_asked(read_request(written, TODAY), clinic=ClinicPrices())[0]


def more(written, fact):
    """Return the request with one more fact."""
    parts = {key: {**written.get(key, {}), **said} if isinstance(said, dict) else said for key, said in fact.items()}
    return {**written, **parts}


def answers(point):
    """Yield the keys of a request that answer a point's question, each way that can be told."""
    if point.about in FACTS:
        yield from FACTS[point.about]
    elif point.question is not None and not point.of_second and point.about in (*ANSWERS, "liability"):
        asks, subject = str(point.question.asks), point.question.subject
        is_choice = asks in ("needling-policy", "benefit-lists-service")
        for answer in ANSWERS["needling-cover"] if is_choice else (True, False) if _is_yes_or_no(asks, subject) else ():
            said = {"asks": asks, "answer": answer} | ({"subject": subject} if subject else {})
            yield {"told": [{"on": "2026-01-02", "answers": [said]}]}


def _is_yes_or_no(asks, subject):
    yes_or_no = ("limit-shared", "past-limit", "balance-bill", "authorization-needed", "referral-needed", "liability")
    return asks in yes_or_no or (asks, subject) == ("cost-share", "deductible")


def figures(estimate):
    """Yield what would replace an assumed figure, at each of its bounds."""
    asks = {
        "assumed-copay": ("cost-share", "copay"),
        "assumed-coinsurance": ("cost-share", "coinsurance"),
        "assumed-deductible": ("deductible", ""),
        "assumed-out-of-pocket-max": ("out-of-pocket-max", ""),
    }
    for each in estimate.assumptions:
        for figure in each.figures:
            about, subject = asks[each.assumes]
            if not isinstance(figure, Money) or figure < _UNBOUNDED:
                said = {"asks": about, "subject": subject or each.subject, "answer": str(figure)}
                yield {"told": [{"on": "2026-01-02", "answers": [said]}]}


def named(estimate):
    """Return what the open points are about."""
    return {each.fork for each in estimate.open_points}


def borne(forks):
    """Return forks, and those on who bears what isn't paid: parts of the one on pay, and on paper, until it is told."""
    on_pay = [fork for fork in forks if fork.about in ("needling-cover", "service-cover", "consent")]
    return forks | {fork._replace(about=about) for fork in on_pay for about in ("consent", "liability")}


def check(seed):
    """Check one request and each answer to what it leaves open."""
    written = made(seed)
    try:
        before = estimated(written)
    except RequestRefused:
        return  # No price, or no such network: nothing to compare.
    low, middle, high = (run.owes for run in before.settled)
    known, folded = named(before), {each.subject for each in before.assumptions if each.assumes == "small-uncertainty"}

    assert before.low.owes == low <= middle <= before.typical.owes <= before.high.owes
    assert middle <= high <= before.high.owes
    for point in before.open_points:
        assert 0 <= point.adds.usual <= point.adds.most <= before.open_total.most, (seed, point.about)
        for fact in answers(point):
            after = estimated(more(written, fact))

            assert point.fork not in named(after), (seed, fact)
            new = named(after) - borne(known | set(point.holds))
            assert {"supplement" if fork.of_second else fork.about for fork in new} <= folded, (seed, fact, new)
            assert before.low.owes <= after.low.owes <= after.high.owes <= before.high.owes, (seed, fact)
    for fact in figures(before):
        after = estimated(more(written, fact))

        assert before.low.owes <= after.low.owes <= after.high.owes <= before.high.owes, (seed, fact)


@pytest.mark.parametrize("seed", range(8))
def test_one_more_fact_keeps_the_range_within_the_one_before(seed):
    """And answers its point, or leaves one that only the answer brings up."""
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8, 400))
def test_one_more_fact_keeps_the_range_within_the_one_before_often(seed):
    """The same for many courses."""
    check(seed)
