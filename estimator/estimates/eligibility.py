"""What a payer's answer says of a plan's rules, and everything of it that is not used, statement by statement.

Nothing is kept. What is filled in from it stands in `eligibility_fill`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from estimator.eligibility.buckets import assembled
from estimator.eligibility.choosing import (
    DOLLARS,
    Chosen,
    Mark,
    Share,
    authorization_for,
    bucket_for,
    is_of_the_year,
    needling_refused,
    not_covered,
    off_rhythm,
    referral_for,
    service_of,
    share_for,
)
from estimator.eligibility.messages import deductible_in, is_not_embedded
from estimator.eligibility.read import read_eligibility
from estimator.eligibility.statements import (
    ACCUMULATING,
    COVERING,
    EVERY,
    FIGURED,
    NO_FIGURE,
    OF_THERAPY,
    Aspect,
    Benefit,
    Bucket,
    Eligibility,
    Kind,
    Level,
    Network,
    Note,
    Origin,
    named,
    touched,
)
from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.plan import Plan
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.engine.values import Money
from estimator.estimates.eligibility_fill import (
    NETWORKS,
    OWN_DOLLARS,
    OWN_LIMIT,
    SUMS,
    Fill,
    Open,
    Unused,
    fill_from,
    insurer_of,
    limit_of,
)

# ----------------------------------------------------------------------------
# The plan that a payer's answer describes, in the plan language, so that a plan that is not listed can be estimated.
#
# What the answer does not say is written `unknown`. Every rule cites the place of the answer that it rests on.
# ----------------------------------------------------------------------------

_UNKNOWN = "unknown"
_SERVICES = ["pt-evaluation", "pt-timed", "pt-untimed"]
NONE, NOT_COVERED = "none", "not-covered"
_NOBODY_KNOWS = "commercial-needling-unknown"
_PROGRAMS = ("medicare", "medicaid", "tricare", "va", "fehb", "workers-comp")
# The positions on needling that hold for everybody in a market, with any payer.
_OF_MARKETS = {
    "medicare": ("medicare-pt-needling", "medicare-needling-other"),
    "medicare-advantage": ("medicare-advantage-dry-needling",),
    "medicaid": ("medicaid-dry-needling",),
    "tricare": ("tricare-dry-needling",),
    "va": ("va-community-care-dry-needling",),
}
_PERIODS = {
    "calendar year": "calendar-year",
    "month": "month",
    "week": "week",
    "episode": "episode",
    "lifetime": "lifetime",
}


def plan_of(answer: Eligibility, today: date) -> dict[str, Any]:
    """Return the definition of the plan that an answer describes, with the keys of a plan file."""
    limits = {name: limit for name, limit in ((OWN_LIMIT, _limit(answer)), (OWN_DOLLARS, _dollars(answer))) if limit}
    day = (answer.answered_on or today).isoformat()
    market = market_of(answer)
    therapy = {
        "services": _SERVICES,
        "limits": list(limits),
        "authorization": _asked_for(authorization_for(answer)),
        "referral": _asked_for(referral_for(answer)),
        "cost_share": {
            "in-network": _share(answer, Network.IN),
            "out-of-network": _share(answer, Network.OUT),
        },
        "cite": "answer physical therapy",
    }
    return {
        "plan": "answered-plan",
        "title": f"{answer.coverage.plan or answer.plan or 'The plan'}, as the payer answered on {day}",
        "payer": _payer(answer),
        "kind": "published",
        **({"market": market} if market else {}),
        "sources": {
            "answer": {"title": f"{answer.form} of {day}", "url": "none", "read_on": day, "confidence": "medium"}
        },
        "networks": {"in-network": _network(answer, Network.IN), "out-of-network": _network(answer, Network.OUT)},
        "limits": limits,
        "benefits": {"physical-therapy": therapy},
        "policies": _policies(answer),
    }


def order_of(share: Share) -> str:
    """Return whether the deductible comes first, which only a message tells."""
    comes_first = deductible_in(message.text for benefit in share.stated for message in benefit.messages)
    return _UNKNOWN if comes_first is None else "applies" if comes_first else "waived"


def _network(answer: Eligibility, network: Network) -> Any:
    if network is Network.OUT and not_covered(answer, network) is not None:
        return NOT_COVERED
    ceilings = {
        "deductible": _ceiling(answer, Kind.DEDUCTIBLE, network),
        "out_of_pocket_max": _ceiling(answer, Kind.OUT_OF_POCKET_MAX, network),
    }
    is_silent = all(ceiling == _UNKNOWN for ceiling in ceilings.values())
    return _UNKNOWN if network is Network.OUT and is_silent else ceilings


def is_met(answer: Eligibility, network: Network, kind: Kind = Kind.DEDUCTIBLE) -> bool:
    """Tell whether nothing is left of the deductible, or the maximum, of the person's own or of the family's."""
    levels = (Level.PERSON, Level.FAMILY)
    buckets = [bucket_for(answer, kind, level, network).bucket for level in levels]
    return any(bucket is not None and bucket.remaining == 0 for bucket in buckets)


def is_of_all(person: Bucket | None, family: Bucket | None) -> bool:
    """Tell whether a family has one amount together, and nobody one of their own: nines, or words, for the person.

    A family that has no deductible leaves none for anybody of whom nothing is said.
    """
    if family is None:
        return False
    if person is None:
        return family.kind is Kind.DEDUCTIBLE and family.total == 0
    return bool(family.total) and (person.is_unlimited or is_not_embedded((*person.messages, *family.messages)))


def _ceiling(answer: Eligibility, kind: Kind, network: Network) -> Any:
    person = bucket_for(answer, kind, Level.PERSON, network).bucket
    family = bucket_for(answer, kind, Level.FAMILY, network).bucket
    known = [bucket for bucket in (person, family) if bucket is not None]
    met = next((bucket for bucket in known if bucket.total is None and bucket.remaining == 0), None)
    if met is not None:
        # Nothing is left of it until it starts again, however large it is: a maximum of nothing is reached.
        return NONE if kind is Kind.DEDUCTIBLE else {"person": "0.00", "cite": _cite(met.origins)}
    if is_of_all(person, family):
        # The family's amount alone counts, so that one person can pay it all.
        person = family
    if person is not None and (person.is_unlimited or (person.total == 0 and kind is Kind.DEDUCTIBLE)):
        return NONE
    totals = [bucket for bucket in known if bucket.total is not None]
    if not totals:
        return _UNKNOWN
    has_own = person is not None and person.total is not None
    amounts = {"person": str(Money(person.total or 0)) if has_own and person is not None else _UNKNOWN}
    if family is not None and family.total is not None:
        amounts["family"] = str(Money(family.total))
    if network is Network.OUT and all(bucket.network is Network.BOTH for bucket in totals):
        amounts["combined_with"] = IN_NETWORK
    return {**amounts, "cite": _cite(totals[0].origins)}


def _share(answer: Eligibility, network: Network) -> Any:
    if not_covered(answer, network) is not None:
        return NOT_COVERED
    share = share_for(answer, network)
    written: dict[str, Any] = {}
    if share.copay is not None and share.copay.amount is not None:
        written |= {"copay": str(share.copay.amount), "per": "day" if share.copay.period == "day" else "visit"}
    if share.coinsurance is not None and share.coinsurance.rate is not None:
        written["coinsurance"] = str(share.coinsurance.rate)
    if not written:
        return _UNKNOWN
    ceiling = _ceiling(answer, Kind.DEDUCTIBLE, network)
    return {**written, "deductible": "waived" if ceiling == NONE else order_of(share), "cite": _cite(share.origins)}


def total_of(bucket: Bucket | None) -> int | None:
    """Return what a bucket holds in all; nothing where nothing is left of it and nobody says of how much."""
    if bucket is None or (bucket.total is None and bucket.remaining != 0):
        return None
    return bucket.total or 0


def _limit(answer: Eligibility) -> dict[str, Any]:
    """Return the limit on visits; one that nobody names is not known, and there is none where the payer says so."""
    limit = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN).bucket
    if limit is not None and limit.is_unlimited:
        return {}
    # Where nothing is left, of however many, none is covered until the limit starts again.
    amount = total_of(limit)
    if limit is None or amount is None:
        return {"visits": _UNKNOWN, "per": "benefit-year", "cite": "answer limit of therapy"}
    measure = "days" if limit.unit == "days" else "visits"
    return {measure: str(amount), "per": _PERIODS.get(limit.period, "benefit-year"), "cite": _cite(limit.origins)}


def _dollars(answer: Eligibility) -> dict[str, Any]:
    """Return a limit in dollars where the answer states one; where it states none, or no limit, there is none."""
    limit = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN, DOLLARS).bucket
    if limit is None or limit.total is None or limit.is_unlimited:
        return {}
    per = _PERIODS.get(limit.period, "benefit-year")
    return {"dollars": str(Money(limit.total)), "per": per, "cite": _cite(limit.origins)}


def _asked_for(mark: Mark) -> Any:
    """Return an authorization or a referral in the plan language."""
    if mark.needed is None or mark.origin is None:
        return _UNKNOWN
    return {"from_visit": "1", "cite": _cite((mark.origin,))} if mark.needed else NONE


def market_of(answer: Eligibility) -> str:
    """Return the market: what the answer says, else the only one of a public program; never employer by default."""
    insurer = insurer_of(answer).insurer
    only = insurer.markets[0] if insurer is not None and len(insurer.markets) == 1 else ""
    return answer.coverage.market or (only if only in _PROGRAMS else "")


def _payer(answer: Eligibility) -> str:
    insurer = insurer_of(answer).insurer
    return insurer.name if insurer is not None else answer.coverage.payer or answer.payer or "Your insurer"


def _policies(answer: Eligibility) -> list[Any]:
    refused = needling_refused(answer)
    if not refused:
        return list(_positions(answer))
    return [
        {
            "policy": "answered-needling",
            "payer": _payer(answer),
            "services": ["dry-needling"],
            "position": "excluded",
            "under": "physical-therapy",
            "cite": _cite(benefit.origin for benefit in refused),
        }
    ]


def _positions(answer: Eligibility) -> tuple[str, ...]:
    """Return the insurer's own position on needling, where it is one for the market; else the market's."""
    market, insurer = market_of(answer), insurer_of(answer).insurer
    if market == "medicare":
        return _OF_MARKETS[market]
    markets = (market,) if market else insurer.markets if insurer is not None else ()
    own = {insurer.policy(each) for each in markets} if insurer is not None else set()
    policy = own.pop() if len(own) == 1 else None
    return (policy,) if policy and policy != _NOBODY_KNOWS else _OF_MARKETS.get(market, (_NOBODY_KNOWS,))


def _cite(origins: Iterable[Origin]) -> str:
    """Return a citation of places in the answer."""
    return f"answer {', '.join(origin.place for origin in origins)}"


# ----------------------------------------------------------------------------
# What a payer's answer says of the rules of a listed plan, as answers of the plan itself (`told` in a request).
#
# An answer isn't a guarantee: it fills what nobody has read, and what contradicts the plan widens the range. Each fact
# is a call of its own, whose reference is the place where it stood. What was only assumed (from 98 or 30) is not told.
# ----------------------------------------------------------------------------

_CEILINGS = (("deductible", Kind.DEDUCTIBLE), ("out-of-pocket-max", Kind.OUT_OF_POCKET_MAX))
_FIRST = {"applies": "yes", "waived": "no"}
_LONGEST_REFERENCE = 120


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer to a question about the plan, and where it stood."""

    asks: str
    subject: str
    answer: str
    origins: tuple[Origin, ...]
    family: str = ""


def request_from(
    answer: Eligibility, plan: Plan | None, today: date, used: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the parts of a request that an answer fills: what was used, and the plan or what it says of the plan."""
    used = fill_from(answer, plan).used if used is None else used
    if plan is None:
        return {"plan": plan_of(answer, today), "used": used}
    return {"plan": plan.id, "used": used, "told": calls_from(answer, plan, today)}


def calls_from(answer: Eligibility, plan: Plan, today: date) -> list[dict[str, Any]]:
    """Return the facts of an answer as calls of a request."""
    day = min(answer.answered_on or today, today).isoformat()
    return [_call(fact, answer.form, day) for fact in facts_from(answer, plan)]


def facts_from(answer: Eligibility, plan: Plan) -> Iterator[Fact]:
    """Yield what an answer says of a plan's rules in network, as far as nothing in it disagrees."""
    for asks, kind in _CEILINGS:
        yield from _told_ceiling(answer, asks, kind)
    yield from _told_share(answer)
    bucket = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN).bucket
    name = limit_of(bucket, plan) if bucket is not None else ""
    if bucket is not None and name and (bucket.is_unlimited or bucket.total is not None):
        yield Fact("limit", name, NONE if bucket.is_unlimited else str(bucket.total), bucket.origins)
    for asks, mark in (("authorization-needed", authorization_for(answer)), ("referral-needed", referral_for(answer))):
        if mark.needed is not None and mark.origin is not None:
            yield Fact(asks, "", "yes" if mark.needed else "no", (mark.origin,))
    if OUT_OF_NETWORK in plan.networks and (outside := not_covered(answer, Network.OUT)) is not None:
        yield Fact("network-cover", OUT_OF_NETWORK, "no", (outside.origin,))
    refused = needling_refused(answer)
    for code in sorted(NEEDLING_CODES):
        if naming := next((benefit for benefit in refused if benefit.names((code,))), None):
            yield Fact("payable", code, "excluded", (naming.origin,))


def _told_ceiling(answer: Eligibility, asks: str, kind: Kind) -> Iterator[Fact]:
    person = bucket_for(answer, kind, Level.PERSON, Network.IN).bucket
    family = bucket_for(answer, kind, Level.FAMILY, Network.IN).bucket
    if is_of_all(person, family):
        person = family
    if person is None or (person.total is None and not person.is_unlimited):
        return
    if person.is_unlimited or (person.total == 0 and kind is Kind.DEDUCTIBLE):
        yield Fact(asks, "", NONE, person.origins)
    else:
        whole = str(Money(family.total)) if family is not None and family.total else ""
        yield Fact(asks, "", str(Money(person.total or 0)), person.origins, whole)


def _told_share(answer: Eligibility) -> Iterator[Fact]:
    share = share_for(answer, Network.IN)
    if share.service in EVERY and share.service not in OF_THERAPY:
        return
    if share.copay is not None:
        yield Fact("cost-share", "copay", str(share.copay.amount), (share.copay.origin,))
    if share.coinsurance is not None:
        yield Fact("cost-share", "coinsurance", str(share.coinsurance.rate), (share.coinsurance.origin,))
    if (first := _FIRST.get(order_of(share))) is not None:
        messages = [message for benefit in share.stated for message in benefit.messages]
        yield Fact("cost-share", "deductible", first, tuple(messages))


def _call(fact: Fact, form: str, day: str) -> dict[str, Any]:
    written = {"asks": fact.asks, "subject": fact.subject, "answer": fact.answer, "family": fact.family}
    answers = [{key: value for key, value in written.items() if value}]
    return {"on": day, "source": "eligibility", "reference": _reference(form, day, fact.origins), "answers": answers}


def _reference(form: str, day: str, origins: Iterable[Origin]) -> str:
    """Return the place of a fact: the first segment with its text, which holds nothing that tells who somebody is."""
    first, *others = origins
    more = "".join(f", {origin.place}" for origin in others[:1])
    return f"{form} of {day}, {first.place}: {first.text}{more}"[:_LONGEST_REFERENCE]


# ----------------------------------------------------------------------------
# Everything that was read and is not used, statement by statement with the reason.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """One record of a reading: what fills a request, what it says of a plan, and all that is not used."""

    answer: Eligibility
    fill: Fill
    request: Mapping[str, Any]
    facts: tuple[Fact, ...] = ()
    unused: tuple[Unused, ...] = ()


_OLD_AFTER = 31


def answer_in(content: bytes, today: date, day: date | None = None, which: int | None = None) -> Eligibility:
    """Read a payer's answer for the day of service asked about: the one given, else that of the answer, else today.

    `which` is the number of the answer in a file that holds several.
    """
    read = read_eligibility(content, which)
    answer = read if day is None and read.answered_on is not None else assembled(read, day or today)
    notes = tuple(Note("file", each) for each in _of_its_age(answer, today))
    return replace(answer, notes=(*notes, *answer.notes))


def _of_its_age(answer: Eligibility, today: date) -> Iterator[str]:
    """Warn of an old answer, whose amounts may have changed since, and of cover that has ended since."""
    answered, last = answer.answered_on, answer.dates.last_day
    if answered is not None and (today - answered).days > _OLD_AFTER:
        yield f"This answer is from {answered}, and its figures are of that day. Ask again before relying on it."
    if answer.coverage.is_active and last is not None and last < today:
        yield f"Coverage ended on {last}. It was in force on the day asked about, and isn’t today."


def reading_of(answer: Eligibility, plan: Plan | None, today: date) -> Reading:
    """Return the record of an answer, for the plan that is named or the one that it describes."""
    fill = fill_from(answer, plan)
    facts = tuple(facts_from(answer, plan)) if plan is not None else ()
    unused = tuple(_unused(answer))
    fill = replace(fill, left_open=(*fill.left_open, *_not_told_yet(fill, unused)))
    return Reading(answer, fill, request_from(answer, plan, today, fill.used), facts, unused)


_LEFT_OPEN, _OUT_OF_PLACE = "left open", "out of place: confirm it with the payer"
_UNREAD = "its figure can’t be read: ask the payer"
_SAID_OF = {
    _LEFT_OPEN: "speaks of it and can’t be used",
    _OUT_OF_PLACE: "has its figure out of place, so that it isn’t used",
    _UNREAD: "has a figure or a qualifier that can’t be read",
}


_NOT_UNDERSTOOD = "speaks of it in words that aren’t understood"


def _is_unclear(statement: Benefit) -> bool:
    """Tell whether a statement may be about therapy and has a qualifier that nobody here understands."""
    return bool(statement.unclear and service_of(statement))


def _not_told_yet(fill: Fill, unused: Iterable[Unused]) -> Iterator[Open]:
    """Yield a point for each statement that is left open and of which no other point speaks."""
    told = " ".join(point.why for point in fill.left_open)
    for each in unused:
        place = each.statement.origin.place
        says = _SAID_OF.get(each.why) or (_NOT_UNDERSTOOD if _is_unclear(each.statement) else "")
        if says and not re.search(rf"{re.escape(place)}(?!\d)", told):
            words = f"{each.statement.origin.text} ({place}) {says}. Ask the payer what it means."
            kind = each.statement.kind
            yield Open("Benefit" if kind is Kind.OTHER else kind.capitalize(), words)


def _unused(answer: Eligibility) -> Iterator[Unused]:
    filtered = {each.origin.number: each.why for each in answer.dropped}
    choices, shares = tuple(_choices(answer)), {network: share_for(answer, network) for network, _ in NETWORKS}
    resting = {origin.number for origin in _resting_on(answer, choices, shares)}
    chosen: tuple[Chosen | Share, ...] = (*choices, *shares.values())
    general = {origin.number for each in chosen for origin in each.general}
    is_settled = bool(shares[Network.IN].stated)
    contradicted = {origin.number for origin in touched(answer.contradictions)}
    seen: set[int] = set()
    for benefit in answer.benefits:
        number = benefit.origin.number
        if number in seen or number in resting:
            continue
        seen.add(number)
        if number in filtered:
            yield Unused(benefit, filtered[number])
        elif number in contradicted:
            yield Unused(benefit, "contradicted")
        elif (why := _why_unused(answer, benefit, number in general, is_settled)) is not None:
            yield Unused(benefit, why)


def _why_unused(answer: Eligibility, benefit: Benefit, is_general: bool, is_settled: bool) -> str | None:
    """Return why a statement that counts is not used; None where it only says that the plan is active.

    `is_general` tells that a more specific one holds, `is_settled` that what a visit costs in network is known.
    """
    if benefit.kind in COVERING and (not benefit.services or service_of(benefit)):
        return None
    if not answer.coverage.fills:
        return answer.coverage.says[0]
    if benefit.is_repaired:
        return _OUT_OF_PLACE
    if is_general:
        return "general: a more specific statement holds"
    if benefit.kind is Kind.OTHER:
        return "it states no figure that an estimate uses"
    if benefit.procedures and not service_of(benefit):
        return f"only for code {', '.join(benefit.procedures)}"
    if benefit.services and not service_of(benefit):
        return f"another service: {named(benefit.services)}"
    if benefit.kind is Kind.LIMIT and not service_of(benefit, OF_THERAPY):
        return "a limit, but not one of therapy"
    if benefit.kind is Kind.NOT_COVERED and benefit.messages:
        return f"not covered only as its message says: {benefit.words.capitalize()}"
    if benefit.kind is Kind.AUTHORIZATION:
        is_outside = benefit.network is Network.OUT
        return "authorization out of network, which an estimate doesn’t count" if is_outside else _LEFT_OPEN
    if benefit.figure is None and benefit.rate is None and not benefit.is_unlimited:
        is_unread = benefit.kind in FIGURED and any(NO_FIGURE in doubt for doubt in benefit.doubts)
        return _UNREAD if is_unread else "it states no figure"
    if rhythm := off_rhythm(benefit):
        return rhythm
    if benefit.kind is Kind.LIMIT and not is_of_the_year(benefit) and benefit.aspect is not Aspect.REMAINING:
        return f"per {benefit.period}, beside the limit of the year"
    if benefit.kind in ACCUMULATING and benefit.network is Network.OUT:
        return "out of network, where an estimate counts no limit" if benefit.kind is Kind.LIMIT else "out of network"
    if is_settled and benefit.is_nothing:
        return "a zero beside the share that holds"
    return _LEFT_OPEN if not benefit.is_unlimited else "it says that there is no limit"


def _resting_on(answer: Eligibility, choices: Iterable[Chosen], shares: Mapping[Network, Share]) -> Iterator[Origin]:
    """Yield every place that something rests on."""
    for chosen in choices:
        if chosen.bucket is not None:
            yield from chosen.bucket.origins
    for network, share in shares.items():
        yield from (*share.origins, *share.repeated)
        if (refused := not_covered(answer, network)) is not None:
            yield refused.origin
    for mark in (authorization_for(answer), referral_for(answer)):
        if mark.needed is not None and mark.origin is not None:
            yield mark.origin
    yield from (benefit.origin for benefit in needling_refused(answer))


def _choices(answer: Eligibility) -> Iterator[Chosen]:
    for network, _ in NETWORKS:
        for _, kind, level in SUMS:
            yield bucket_for(answer, kind, level, network)
    yield bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN)
    yield bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN, DOLLARS)
