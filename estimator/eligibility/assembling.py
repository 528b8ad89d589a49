"""What was read becomes whole: buckets are put together, contradictions found, and active or not is decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from estimator.eligibility.benefit import Benefit, Kind
from estimator.eligibility.buckets import buckets_of
from estimator.eligibility.contradictions import contradictions_of
from estimator.eligibility.result import Contradiction, Eligibility
from estimator.eligibility.service_types import ORDER

_MOST_CONTRADICTIONS = 200


def assembled(read: Eligibility) -> Eligibility:
    """Return the same with all that follows from its statements."""
    ordered = tuple(sorted(read.benefits, key=lambda benefit: benefit.origin))
    buckets, of_buckets = buckets_of(ordered)
    found = sorted(
        {*of_buckets, *contradictions_of(ordered)}, key=lambda each: (each.first.number, each.second.number, each.says)
    )
    contradictions = tuple(found[:_MOST_CONTRADICTIONS])
    active = read.is_active if read.is_active is not None else _is_active(ordered, contradictions)
    return replace(read, benefits=ordered, buckets=buckets, contradictions=contradictions, is_active=active)


def _is_active(benefits: Iterable[Benefit], contradictions: Iterable[Contradiction]) -> bool | None:
    """Decide by what speaks for therapy or the plan; what is said both ways, or not at all, stays open."""
    speaking = {code for code, _ in ORDER}
    said = {
        benefit.kind is Kind.ACTIVE
        for benefit in benefits
        if benefit.kind in (Kind.ACTIVE, Kind.INACTIVE)
        and (speaking.intersection(benefit.services) or not benefit.services)
        and not any(contradiction.touches(benefit.origin) for contradiction in contradictions)
    }
    return said.pop() if len(said) == 1 else None
