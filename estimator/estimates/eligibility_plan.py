"""The plan that a payer's answer describes, in the plan language, so that a plan that is not listed can be estimated.

What the answer does not say is written `unknown`. Every rule cites the place of the answer that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from estimator.eligibility.benefit import Authorization, Benefit, Kind, Level, Network, Origin
from estimator.eligibility.result import Eligibility
from estimator.eligibility.service_types import OF_THERAPY, speaking
from estimator.engine.request import NEEDLING_CODES
from estimator.engine.values import Money
from estimator.estimates.eligibility import OWN_LIMIT
from estimator.estimates.eligibility_choosing import Share, bucket_for, share_for

_UNKNOWN = "unknown"
_SERVICES = ["pt-evaluation", "pt-timed", "pt-untimed"]
_NOBODY_KNOWS = "commercial-needling-unknown"
_WAIVED = ("DEDUCTIBLE WAIVED", "DEDUCTIBLE DOES NOT APPLY", "NOT SUBJECT TO DEDUCTIBLE", "NO DEDUCTIBLE")
_APPLIES = ("AFTER DEDUCTIBLE", "SUBJECT TO DEDUCTIBLE", "DEDUCTIBLE APPLIES")
_PERIODS = {
    "calendar year": "calendar-year",
    "month": "month",
    "week": "week",
    "episode": "episode",
    "lifetime": "lifetime",
}


def plan_of(answer: Eligibility, today: date) -> dict[str, Any]:
    """Return the definition of the plan that an answer describes, with the keys of a plan file."""
    limit = _limit(answer)
    day = (answer.answered_on or today).isoformat()
    therapy = {
        "services": _SERVICES,
        "limits": [OWN_LIMIT] if limit else [],
        "authorization": _authorization(answer),
        "referral": _UNKNOWN,
        "cost_share": {
            "in-network": _share(answer, Network.IN),
            "out-of-network": _share(answer, Network.OUT),
        },
        "cite": "answer physical therapy",
    }
    return {
        "plan": "answered-plan",
        "title": f"{answer.plan or 'The plan'}, as the payer answered on {day}",
        "payer": answer.payer or "Your insurer",
        "kind": "published",
        "market": "employer",
        "sources": {
            "answer": {"title": f"{answer.form} of {day}", "url": "none", "read_on": day, "confidence": "medium"}
        },
        "networks": {"in-network": _network(answer, Network.IN), "out-of-network": _network(answer, Network.OUT)},
        "limits": {OWN_LIMIT: limit} if limit else {},
        "benefits": {"physical-therapy": therapy},
        "policies": [_policy(answer)],
    }


def authorization_of(answer: Eligibility) -> Benefit | None:
    """Return the statement that says whether therapy needs authorization; None where nobody says, or both are said."""
    stated = [
        benefit
        for benefit in answer.benefits
        if benefit.authorization in (Authorization.NEEDED, Authorization.NOT_NEEDED)
        and benefit.network is not Network.OUT
        and not benefit.procedures
    ]
    service = speaking((benefit.services for benefit in stated), OF_THERAPY)
    fitting = [benefit for benefit in stated if service in benefit.services]
    answers = {benefit.authorization for benefit in fitting}
    return fitting[0] if len(answers) == 1 else None


def needling_refused(answer: Eligibility) -> Benefit | None:
    """Return the statement that dry needling is not covered, where there is one that nothing contradicts."""
    for benefit in answer.stated(Kind.NOT_COVERED):
        if NEEDLING_CODES.intersection(benefit.procedures) and not answer.is_contradicted(benefit.origin):
            return benefit
    return None


def order_of(share: Share) -> str:
    """Return whether the deductible comes first, which only a message tells."""
    said = " ".join(message.text.upper() for benefit in share.stated for message in benefit.messages)
    if any(words in said for words in _WAIVED):
        return "waived"
    return "applies" if any(words in said for words in _APPLIES) else _UNKNOWN


def _network(answer: Eligibility, network: Network) -> Any:
    ceilings = {
        "deductible": _ceiling(answer, Kind.DEDUCTIBLE, network),
        "out_of_pocket_max": _ceiling(answer, Kind.OUT_OF_POCKET_MAX, network),
    }
    is_silent = all(ceiling == _UNKNOWN for ceiling in ceilings.values())
    return _UNKNOWN if network is Network.OUT and is_silent else ceilings


def _ceiling(answer: Eligibility, kind: Kind, network: Network) -> Any:
    person = bucket_for(answer, kind, Level.PERSON, network).bucket
    if person is None or (person.total is None and not person.is_unlimited):
        return _UNKNOWN
    if person.is_unlimited or (person.total == 0 and kind is Kind.DEDUCTIBLE):
        return "none"
    family = bucket_for(answer, kind, Level.FAMILY, network).bucket
    amounts = {"person": str(Money(person.total or 0))}
    if family is not None and family.total is not None:
        amounts["family"] = str(Money(family.total))
    return {**amounts, "cite": _cite(person.origins)}


def _share(answer: Eligibility, network: Network) -> Any:
    share = share_for(answer, network)
    written: dict[str, Any] = {}
    if share.copay is not None and share.copay.amount is not None:
        written |= {"copay": str(share.copay.amount), "per": "day" if share.copay.period == "day" else "visit"}
    if share.coinsurance is not None and share.coinsurance.rate is not None:
        written["coinsurance"] = str(share.coinsurance.rate)
    if not written:
        return _UNKNOWN
    ceiling = _ceiling(answer, Kind.DEDUCTIBLE, network)
    return {**written, "deductible": "waived" if ceiling == "none" else order_of(share), "cite": _cite(share.origins)}


def _limit(answer: Eligibility) -> dict[str, Any]:
    """Return the limit on visits; one that nobody names is not known, and there is none where the payer says so."""
    limit = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN).bucket
    if limit is not None and limit.is_unlimited:
        return {}
    if limit is None or limit.total is None:
        return {"visits": _UNKNOWN, "per": "benefit-year", "cite": "answer limit of therapy"}
    measure = "days" if limit.unit == "days" else "visits"
    return {measure: str(limit.total), "per": _PERIODS.get(limit.period, "benefit-year"), "cite": _cite(limit.origins)}


def _authorization(answer: Eligibility) -> Any:
    stated = authorization_of(answer)
    if stated is None:
        return _UNKNOWN
    if stated.authorization is Authorization.NOT_NEEDED:
        return "none"
    return {"from_visit": "1", "cite": _cite((stated.origin,))}


def _policy(answer: Eligibility) -> Any:
    refused = needling_refused(answer)
    if refused is None:
        return _NOBODY_KNOWS
    return {
        "policy": "answered-needling",
        "payer": answer.payer or "Your insurer",
        "services": ["dry-needling"],
        "position": "excluded",
        "under": "physical-therapy",
        "cite": _cite((refused.origin,)),
    }


def _cite(origins: Iterable[Origin]) -> str:
    """Return a citation of places in the answer."""
    return f"answer {', '.join(origin.place for origin in origins)}"
