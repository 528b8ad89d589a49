"""What a payer's answer says of the rules of a listed plan, as answers of the plan itself (`told` in a request).

An answer is no promise: it fills what nobody has read, and what contradicts the plan widens the range. Each fact is a
call of its own, whose reference is the place where it stood. What was only assumed (from 98 or 30) is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.eligibility.benefit import Authorization, Kind, Level, Network, Origin
from estimator.eligibility.result import Eligibility
from estimator.eligibility.service_types import OF_THERAPY
from estimator.engine.plan import Plan
from estimator.engine.request import NEEDLING_CODES
from estimator.engine.values import Money
from estimator.estimates.eligibility import fill_from, limit_of
from estimator.estimates.eligibility_choosing import bucket_for, share_for
from estimator.estimates.eligibility_plan import authorization_of, needling_refused, order_of, plan_of

_CEILINGS = (("deductible", Kind.DEDUCTIBLE), ("out-of-pocket-max", Kind.OUT_OF_POCKET_MAX))
_FIRST = {"applies": "yes", "waived": "no"}
_LONGEST_REFERENCE = 120
NONE = "none"


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer to a question about the plan, and where it stood."""

    asks: str
    subject: str
    answer: str
    origins: tuple[Origin, ...]
    family: str = ""


def request_from(answer: Eligibility, plan: Plan | None, today: date) -> dict[str, Any]:
    """Return the parts of a request that an answer fills: what was used, and the plan or what it says of the plan."""
    used = fill_from(answer, plan).used
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
        yield from _ceiling(answer, asks, kind)
    yield from _share(answer)
    bucket = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN).bucket
    name = limit_of(bucket, plan) if bucket is not None else ""
    if bucket is not None and name and (bucket.is_unlimited or bucket.total is not None):
        yield Fact("limit", name, NONE if bucket.is_unlimited else str(bucket.total), bucket.origins)
    if (stated := authorization_of(answer)) is not None:
        needed = "yes" if stated.authorization is Authorization.NEEDED else "no"
        yield Fact("authorization-needed", "", needed, (stated.origin,))
    if (refused := needling_refused(answer)) is not None:
        for code in sorted(NEEDLING_CODES.intersection(refused.procedures)):
            yield Fact("payable", code, "excluded", (refused.origin,))


def _ceiling(answer: Eligibility, asks: str, kind: Kind) -> Iterator[Fact]:
    person = bucket_for(answer, kind, Level.PERSON, Network.IN).bucket
    family = bucket_for(answer, kind, Level.FAMILY, Network.IN).bucket
    if person is None or (person.total is None and not person.is_unlimited):
        return
    if person.is_unlimited or (person.total == 0 and kind is Kind.DEDUCTIBLE):
        yield Fact(asks, "", NONE, person.origins)
    else:
        whole = str(Money(family.total)) if family is not None and family.total else ""
        yield Fact(asks, "", str(Money(person.total or 0)), person.origins, whole)


def _share(answer: Eligibility) -> Iterator[Fact]:
    share = share_for(answer, Network.IN)
    if share.service not in OF_THERAPY:
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
