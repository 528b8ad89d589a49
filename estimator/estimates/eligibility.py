"""What a payer's answer fills in a request: what was used so far, and the plan itself where it is not listed.

Nothing is kept. Each figure that is filled in says where it stood and why it was chosen; what could not be
filled says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from estimator.eligibility.benefit import Kind, Level, Network, Origin
from estimator.eligibility.result import Bucket, Eligibility
from estimator.engine.plan import Limit, Measure, Plan
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.engine.values import Money, Unknown
from estimator.estimates.eligibility_choosing import Chosen, bucket_for

OWN_LIMIT = "therapy-visits"
_EXERCISE = "97110"
_MEASURES = {"visits": (Measure.VISITS, Measure.DAYS, Measure.SESSIONS), "days": (Measure.DAYS, Measure.VISITS)}
_SUMS = (
    ("deductible_paid", Kind.DEDUCTIBLE, Level.PERSON),
    ("out_of_pocket_paid", Kind.OUT_OF_POCKET_MAX, Level.PERSON),
    ("family_deductible_paid", Kind.DEDUCTIBLE, Level.FAMILY),
    ("family_out_of_pocket_paid", Kind.OUT_OF_POCKET_MAX, Level.FAMILY),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """One field of a request with its value, why it was chosen, and where it stood."""

    field: str
    words: str
    value: str
    why: tuple[str, ...]
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Fill:
    """Everything that an answer fills in; `left_open` says what it does not, and why."""

    filled: tuple[Filled, ...]
    left_open: tuple[str, ...] = ()
    used: Mapping[str, Any] = field(default_factory=dict)


def fill_from(answer: Eligibility, plan: Plan | None = None) -> Fill:
    """Return what was used so far by an answer, by the names of this plan's limits where there is one."""
    filled: list[Filled] = []
    left_open: list[str] = []
    for network, words, prefix in ((Network.IN, IN_NETWORK, "used"), (Network.OUT, OUT_OF_NETWORK, None)):
        for name, kind, level in _SUMS:
            chosen = bucket_for(answer, kind, level, network)
            if network is Network.OUT and (chosen.bucket is None or chosen.bucket.network is not Network.OUT):
                continue
            path = f"{prefix or f'used.networks.{words}'}.{name}"
            _add_sum(path, chosen, f"{level} {kind}, {words}", filled, left_open)
    _add_limit(bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN), plan, filled, left_open)
    if plan is not None and OUT_OF_NETWORK not in plan.networks:
        filled = [each for each in filled if not each.field.startswith("used.networks")]
    return Fill(tuple(filled), tuple(left_open), _used(filled))


def _add_sum(path: str, chosen: Chosen, words: str, filled: list[Filled], left_open: list[str]) -> None:
    bucket = chosen.bucket
    if bucket is None or bucket.is_unlimited:
        left_open += [f"{words.capitalize()}: {each}" for each in chosen.why if bucket is None]
    elif bucket.used is None:
        left_open.append(f"{words.capitalize()}: how much of it is used is not said ({_places(bucket)}).")
    else:
        why = (_arithmetic(bucket), *chosen.why)
        filled.append(Filled(path, f"{words.capitalize()}: paid so far", str(Money(bucket.used)), why, bucket.origins))


def _add_limit(chosen: Chosen, plan: Plan | None, filled: list[Filled], left_open: list[str]) -> None:
    bucket = chosen.bucket
    if bucket is None or bucket.is_unlimited:
        left_open += [f"Limit: {each}" for each in chosen.why if bucket is None]
        return
    if bucket.used is None:
        left_open.append(f"Limit: how much of it is used is not said ({_places(bucket)}).")
        return
    name, how = _matched(bucket, plan)
    if not name:
        left_open.append(f"Limit: {bucket.used} {bucket.unit} are used. {how}")
        return
    why = (_arithmetic(bucket), how, *chosen.why)
    filled.append(
        Filled(f"used.limits.{name}", f"{bucket.unit.capitalize()} used so far", str(bucket.used), why, bucket.origins)
    )


def limit_of(bucket: Bucket, plan: Plan) -> str:
    """Return the name of the plan's limit that a bucket is, "" where none fits."""
    return _matched(bucket, plan)[0]


def _matched(bucket: Bucket, plan: Plan | None) -> tuple[str, str]:
    """Return the plan's limit that a bucket is, and how the two were matched."""
    if plan is None:
        return OWN_LIMIT, "It is the limit of the plan that the answer describes."
    limits = list(_therapy_limits(plan, bucket.unit))
    same = [limit for limit in limits if limit.amount == bucket.total]
    if len(same) == 1:
        return same[0].name, f"Matched with the plan’s “{same[0].name}”: both are {bucket.total} {bucket.unit}."
    if len(limits) == 1 and bucket.total is None:
        return limits[0].name, f"Matched with the plan’s “{limits[0].name}”: it is the only one of therapy."
    if len(limits) == 1:
        stated = "does not say" if isinstance(limits[0].amount, Unknown) else f"{limits[0].amount}: ask the payer"
        says = f"The answer says {bucket.total} {bucket.unit}, the plan {stated}."
        return limits[0].name, f"Matched with the plan’s “{limits[0].name}”, the only one of therapy. {says}"
    known = ", ".join(limit.name for limit in limits) or "none"
    return "", f"The plan has no one limit of therapy that fits (it has: {known}). Write it in by hand."


def _therapy_limits(plan: Plan, unit: str) -> Iterator[Limit]:
    names = {name for benefit in plan.benefits if _EXERCISE in benefit.services for name in benefit.limits}
    measures = _MEASURES.get(unit, (Measure.VISITS,))
    return (limit for name, limit in plan.limits.items() if name in names and limit.measure in measures)


def _arithmetic(bucket: Bucket) -> str:
    shown = [_shown(bucket, figure) for figure in (bucket.used, bucket.total, bucket.remaining)]
    if None in (bucket.total, bucket.remaining):
        return f"{shown[0]} is stated as used."
    return f"{shown[1]} in all, {shown[2]} left: {shown[0]} used."


def _shown(bucket: Bucket, figure: int | None) -> str:
    return f"${Money(figure or 0)}" if bucket.unit == "dollars" else f"{figure} {bucket.unit}"


def _places(bucket: Bucket) -> str:
    return ", ".join(origin.place for origin in bucket.origins)


def _used(filled: list[Filled]) -> dict[str, Any]:
    """Return the `used` of a request from the paths of its fields."""
    used: dict[str, Any] = {}
    for each in filled:
        *above, last = each.field.split(".")[1:]
        inner = used
        for step in above:
            inner = inner.setdefault(step, {})
        inner[last] = each.value
    return used
