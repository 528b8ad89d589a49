"""What a payer's answer fills in a request: what was used so far, with where each figure stood and why it was chosen.

What could not be filled says why. Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from estimator.eligibility.choosing import (
    COUNTS,
    DOLLARS,
    THERAPY_CODES,
    Chosen,
    authorization_for,
    bucket_for,
    is_of_the_year,
    off_rhythm,
    referral_for,
    service_of,
    share_for,
)
from estimator.eligibility.messages import counts_in_words, speaks_of_needling, tells_of_use
from estimator.eligibility.statements import (
    ACCUMULATING,
    EVERY,
    OF_THERAPY,
    SHARES,
    UNUSUAL_SHARE,
    Benefit,
    Bucket,
    Eligibility,
    Kind,
    Level,
    Network,
    Origin,
)
from estimator.engine.plan import Ceiling, Every, Limit, Measure, Plan
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.engine.values import Money, Unknown
from estimator.insurers.matching import Match, find_insurer

OWN_LIMIT, OWN_DOLLARS = "therapy-visits", "therapy-dollars"
_EXERCISE = "97110"
_MOST_PLACES = 6
_MEASURES = {
    "visits": (Measure.VISITS, Measure.DAYS, Measure.SESSIONS),
    "days": (Measure.DAYS, Measure.VISITS),
    "dollars": (Measure.DOLLARS,),
}
# Three visits a week are none of a year.
_EVERY = {
    "week": (Every.WEEK,),
    "month": (Every.MONTH,),
    "episode": (Every.EPISODE, Every.CONDITION),
    "lifetime": (Every.LIFETIME,),
}
_A_YEAR = (
    Every.BENEFIT_YEAR,
    Every.CALENDAR_YEAR,
    Every.YEAR_FROM_FIRST,
    Every.ROLLING_DAYS,
    Every.ROLLING_MONTHS,
)
SUMS = (
    ("deductible_paid", Kind.DEDUCTIBLE, Level.PERSON),
    ("out_of_pocket_paid", Kind.OUT_OF_POCKET_MAX, Level.PERSON),
    ("family_deductible_paid", Kind.DEDUCTIBLE, Level.FAMILY),
    ("family_out_of_pocket_paid", Kind.OUT_OF_POCKET_MAX, Level.FAMILY),
)
NETWORKS = ((Network.IN, IN_NETWORK), (Network.OUT, OUT_OF_NETWORK))


@dataclass(frozen=True, slots=True)
class Filled:
    """One field of a request with its value, why it was chosen, and where it stood.

    `is_yearly` tells that it counts for the year, as all do but a limit of another time.
    """

    field: str
    words: str
    value: str
    why: tuple[str, ...]
    origins: tuple[Origin, ...]
    is_yearly: bool = True


@dataclass(frozen=True, slots=True)
class Open:
    """Something that an estimate needs and the answer does not settle, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        """Return both as one line."""
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Unused:
    """A statement that was read and is not used, and why."""

    statement: Benefit
    why: str


@dataclass(frozen=True, slots=True)
class Fill:
    """Everything that an answer fills in; `left_open` says what it does not, and why."""

    filled: tuple[Filled, ...]
    left_open: tuple[Open, ...] = ()
    used: Mapping[str, Any] = field(default_factory=dict)


def fill_from(answer: Eligibility, plan: Plan | None = None) -> Fill:
    """Return what was used so far by an answer, by the names of this plan's limits where there is one."""
    if not answer.coverage.fills:
        return Fill((), (Open("Coverage", f"{answer.coverage.says[0]} Nothing is filled in."),))
    filled: list[Filled] = []
    left_open: list[Open] = []
    for network, words in NETWORKS:
        for name, kind, level in SUMS:
            chosen = bucket_for(answer, kind, level, network)
            if network is Network.OUT and (chosen.bucket is None or chosen.bucket.network is not Network.OUT):
                continue
            prefix = "used" if network is Network.IN else f"used.networks.{words}"
            total = _total_of(plan, words, kind, level)
            _add_sum(f"{prefix}.{name}", chosen, f"{level} {kind}, {words}", total, filled, left_open)
    _add_limit(bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN), plan, filled, left_open)
    _add_dollars(bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN, DOLLARS), plan, filled, left_open)
    left_open += _open_points(answer)
    if plan is not None and OUT_OF_NETWORK not in plan.networks:
        filled = [each for each in filled if not each.field.startswith("used.networks")]
    return Fill(tuple(filled), tuple(left_open), _used(filled))


def _total_of(plan: Plan | None, network: str, kind: Kind, level: Level) -> Money | None:
    """Return the amount of a plan's own ceiling, where it is known."""
    tier = plan.networks.get(network) if plan is not None else None
    if tier is None:
        return None
    ceiling = tier.deductible if kind is Kind.DEDUCTIBLE else tier.out_of_pocket_max
    if not isinstance(ceiling, Ceiling):
        return None
    amount = ceiling.family if level is Level.FAMILY else ceiling.person
    return amount if isinstance(amount, Money) else None


def _add_sum(
    path: str, chosen: Chosen, words: str, total: Money | None, filled: list[Filled], left_open: list[Open]
) -> None:
    bucket = chosen.bucket
    what = words.capitalize()
    if bucket is None or bucket.is_unlimited:
        left_open += [Open(what, each) for each in chosen.why if bucket is None]
        return
    used, how = bucket.used, ""
    if used is None and bucket.total is None and bucket.remaining is not None and total is not None:
        used, how = _from_plan(bucket, total)
    if used is not None:
        why = (how or _arithmetic(bucket), *chosen.why)
        filled.append(Filled(path, f"{what}: paid so far", str(Money(used)), why, bucket.origins))
    elif bucket.total == 0 and bucket.kind is Kind.DEDUCTIBLE:
        return
    elif bucket.remaining == 0:
        words = "It is met; how large it is isn’t said. It starts again with the next benefit year."
        left_open.append(Open(what, f"{words} ({_places(bucket)})"))
    else:
        left_open.append(Open(what, f"how much of it is used is not said ({_places(bucket)})."))


def _from_plan(bucket: Bucket, total: int) -> tuple[int | None, str]:
    """Work out what is used by what is left and the plan's own total."""
    rest = bucket.remaining or 0
    if rest > total:
        return None, ""
    shown = [_shown(bucket, figure) for figure in (rest, total, total - rest)]
    return total - rest, f"{shown[0]} left; the plan’s own total is {shown[1]}: {shown[2]} used. It rests on the plan."


def _add_limit(chosen: Chosen, plan: Plan | None, filled: list[Filled], left_open: list[Open]) -> None:
    bucket = chosen.bucket
    if bucket is None or bucket.is_unlimited:
        left_open += [Open("Limit", each) for each in chosen.why if bucket is None]
        return
    name, how = _matched(bucket, plan)
    used, worked_out = bucket.used, ""
    limit = plan.limits.get(name) if plan is not None else None
    is_rest_alone = used is None and bucket.total is None and bucket.remaining is not None
    if is_rest_alone and limit is not None and isinstance(limit.amount, int):
        used, worked_out = _from_plan(bucket, limit.amount)
    if plan is not None and not name and bucket.total is not None and not is_of_the_year(bucket):
        left_open.append(Open("Limit", f"The payer states {_shown(bucket, bucket.total)} per {bucket.period}. {how}"))
    elif used is None and bucket.remaining == 0:
        words = "Nothing is left of it, and how large it is isn’t said: visits are not covered until it starts again"
        left_open.append(Open("Limit", f"{words} ({_places(bucket)})."))
    elif used is None:
        left_open.append(Open("Limit", f"how much of it is used is not said ({_places(bucket)})."))
    elif not name:
        left_open.append(Open("Limit", f"{used} {bucket.unit} are used. {how}"))
    else:
        why = (worked_out or _arithmetic(bucket), how, *chosen.why)
        words = f"{bucket.unit.capitalize()} used so far"
        is_yearly = is_of_the_year(bucket)
        filled.append(Filled(f"used.limits.{name}", words, str(used), why, bucket.origins, is_yearly))


def _add_dollars(chosen: Chosen, plan: Plan | None, filled: list[Filled], left_open: list[Open]) -> None:
    """Fill the limits in dollars: Medicare's marks for KX and for review count the same dollars."""
    bucket = chosen.bucket
    if bucket is None or bucket.is_unlimited:
        left_open += [Open("Limit in dollars", each) for each in chosen.why if bucket is None]
        return
    limits = list(_therapy_limits(plan, bucket)) if plan is not None else []
    amounts = [limit.amount for limit in limits if isinstance(limit.amount, int)]
    used, how = bucket.used, _arithmetic(bucket) if bucket.used is not None else ""
    if used is None and bucket.total is None and bucket.remaining is not None and amounts:
        used, how = _from_plan(bucket, min(amounts))
    names = [limit.name for limit in limits] if plan is not None else [OWN_DOLLARS] if bucket.total is not None else []
    if used is None or not names:
        told = f"{_shown(bucket, used)} are used, and no limit in dollars is known" if used is not None else "not said"
        left_open.append(Open("Limit in dollars", f"How much of it is used: {told} ({_places(bucket)})."))
        return
    for name in names:
        words = f"Dollars used so far of {name}"
        filled.append(Filled(f"used.limits.{name}", words, str(Money(used)), (how, *chosen.why), bucket.origins))


def _open_points(answer: Eligibility) -> Iterator[Open]:
    for network, words in NETWORKS:
        share = share_for(answer, network)
        if share.why and not share.stated:
            yield from (Open(f"What a visit costs, {words}", each) for each in share.why)
        rate = share.coinsurance
        if rate is not None and network is Network.IN and UNUSUAL_SHARE in rate.doubts:
            yield Open(f"What a visit costs, {words}", f"{UNUSUAL_SHARE} ({rate.origin.place})")
    yield from _only_dropped(answer)
    yield from _patterns_beside(answer)
    yield from _of_other_rhythms(answer)
    yield from _deductibles_each_time(answer)
    yield from _counted_in_words(answer)
    yield from _of_needling(answer)
    yield from _code_by_code(answer)
    if choices := insurer_of(answer).choices:
        names = " or ".join(each.insurer.name for each in choices[:_MOST_PLACES])
        payer = answer.coverage.payer or answer.payer
        yield Open("Insurer", f"“{payer}” may be {names}. Its own rules on needling depend on which one it is.")
    for what, mark in (("Authorization", authorization_for(answer)), ("Referral", referral_for(answer))):
        if mark.why:
            yield Open(what, mark.why)


_NEEDED = (*ACCUMULATING, *SHARES)


def _only_dropped(answer: Eligibility) -> Iterator[Open]:
    """Tell of each figure that is stated, but only for another plan, year, age or place than the one asked about."""
    why = {each.origin: each.why for each in answer.dropped}
    usable = (each for each in answer.usable if each.kind is not Kind.LIMIT)
    why |= {each.origin: rhythm for each in usable if (rhythm := off_rhythm(each))}
    for kind in _NEEDED:
        among = OF_THERAPY if kind is Kind.LIMIT else EVERY
        stated = [each for each in answer.benefits if each.kind is kind and service_of(each, among)]
        elsewhere = [each for each in stated if each.origin in why]
        if elsewhere and len(elsewhere) == len(stated):
            reasons = ", ".join(dict.fromkeys(why[each.origin] for each in elsewhere))
            places = ", ".join(dict.fromkeys(each.origin.place for each in elsewhere[:_MOST_PLACES]))
            yield Open(kind.capitalize(), f"It is stated only for: {reasons} ({places}).")


def _of_other_rhythms(answer: Eligibility) -> Iterator[Open]:
    """Tell of limits that no estimate counts: one for each visit or day, or one beside that of the year."""
    limits = [each for each in answer.of(Kind.LIMIT) if service_of(each, OF_THERAPY)]
    chosen = {
        origin
        for units in (COUNTS, DOLLARS)
        if (bucket := bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN, units).bucket) is not None
        for origin in bucket.origins
    }
    for bucket in limits:
        is_beside = not is_of_the_year(bucket) and chosen.isdisjoint(bucket.origins)
        if is_beside and bucket.network is not Network.OUT and bucket.total is not None:
            words = f"{_shown(bucket, bucket.total)} per {bucket.period} ({_places(bucket)})"
            yield Open("Limit", f"The payer also states {words}, which the estimate doesn’t count.")


def _deductibles_each_time(answer: Eligibility) -> Iterator[Open]:
    """Tell of a deductible that is owed at each visit, beside that of the year."""
    for each in answer.usable:
        is_inside = each.kind is Kind.DEDUCTIBLE and each.network is not Network.OUT and service_of(each)
        if is_inside and each.period in ("visit", "day") and each.amount:
            words = f"The payer also states ${each.amount} per {each.period} ({each.origin.place})"
            yield Open("Deductible", f"{words}, which the estimate doesn’t count. Ask.")


def _patterns_beside(answer: Eligibility) -> Iterator[Open]:
    """Tell of a count of visits (HSD) that stands with a figure or a mark of therapy and isn't its limit."""
    kinds = (Kind.LIMIT, *SHARES, Kind.AUTHORIZATION)
    stated = [each for each in answer.usable if each.kind in kinds and each.network is not Network.OUT]
    counted: dict[Origin, tuple[str, ...]] = {}
    for each in stated:
        counted[each.origin] = (*counted.get(each.origin, ()), f"{each.quantity} {each.unit}")
    for each in stated:
        if not each.is_unlimited and service_of(each, OF_THERAPY):
            patterns = filter(None, each.delivery.split("; "))
            if beside := [told for told in patterns if not told.startswith(counted[each.origin])]:
                words = f"With {each.origin.text} ({each.origin.place}) the payer states {', '.join(beside)}"
                yield Open(str(each.kind).capitalize(), f"{words}, which the estimate doesn’t count. Ask.")


def _counted_in_words(answer: Eligibility) -> Iterator[Open]:
    """Quote what the payer says of a limit, or of what is used of it, in words alone."""
    limit = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN).bucket
    has_total = limit is not None and limit.total is not None
    if limit is not None and (limit.is_unlimited or (has_total and limit.used is not None)):
        return
    speaking = (each for each in answer.usable if each.network is not Network.OUT and service_of(each, OF_THERAPY))
    counted = [said for each in speaking for said in each.messages if counts_in_words(said.text)]
    # Beside a total only what is used, or left, isn't known yet.
    words = {said.text: said for said in counted if not has_total or tells_of_use(said.text)}
    for said in list(words.values())[:_MOST_PLACES]:
        told = f"The payer says in words: “{said.text}” ({said.place})."
        yield Open("Limit", f"{told} No number is taken from words: enter it by hand.")


def _of_needling(answer: Eligibility) -> Iterator[Open]:
    """Quote what the payer says of dry needling in words, which no rule is taken from."""
    words = {said.text: said for each in answer.usable for said in each.messages if speaks_of_needling(said.text)}
    for said in list(words.values())[:_MOST_PLACES]:
        yield Open("Dry needling", f"The payer says in words: “{said.text}” ({said.place}). Ask about 20560 and 20561.")


def _code_by_code(answer: Eligibility) -> Iterator[Open]:
    """Tell of shares that are stated for single codes alone: what a visit of several codes costs, they don't say."""
    if share_for(answer, Network.IN).stated:
        return
    stated = [
        each
        for each in answer.usable
        if each.kind in SHARES and each.network is not Network.OUT and not service_of(each)
    ]
    single = [each for each in stated if any(code in THERAPY_CODES for code in each.procedures)]
    if single:
        told = "; ".join(f"{each.origin.place}: {each.origin.text}" for each in single[:_MOST_PLACES])
        words = "It is stated only code by code, and not what a visit of several codes costs"
        yield Open("What a visit costs, in-network", f"{words} ({told}). Ask.")


def limit_of(bucket: Bucket, plan: Plan) -> str:
    """Return the name of the plan's limit that a bucket is, "" where none fits."""
    return _matched(bucket, plan)[0]


def _matched(bucket: Bucket, plan: Plan | None) -> tuple[str, str]:
    """Return the plan's limit that a bucket is, and how the two were matched."""
    if plan is None:
        return OWN_LIMIT, "It is the limit of the plan that the answer describes."
    limits = list(_therapy_limits(plan, bucket))
    same = [limit for limit in limits if limit.amount == bucket.total]
    if len(same) == 1:
        return same[0].name, f"Matched with the plan’s “{same[0].name}”: both are {bucket.total} {bucket.unit}."
    if len(limits) == 1 and bucket.total is None:
        return limits[0].name, f"Matched with the plan’s “{limits[0].name}”: it is the only one of therapy."
    if len(limits) == 1:
        stated = "does not say" if isinstance(limits[0].amount, Unknown) else f"{limits[0].amount}: ask the payer"
        says = f"The answer says {bucket.total} {bucket.unit}, the plan {stated}."
        return limits[0].name, f"Matched with the plan’s “{limits[0].name}”, the only one of therapy. {says}"
    known = ", ".join(sorted(_of_therapy(plan))) or "none"
    return "", f"The plan has no one limit of therapy that fits (it has: {known}). Enter it by hand."


def _of_therapy(plan: Plan) -> set[str]:
    return {name for benefit in plan.benefits if _EXERCISE in benefit.services for name in benefit.limits}


def _therapy_limits(plan: Plan, bucket: Bucket) -> Iterator[Limit]:
    """Yield the plan's limits of therapy in the unit and over the time of what the payer states."""
    names = _of_therapy(plan)
    measures = _MEASURES.get(bucket.unit, (Measure.VISITS,))
    every = _EVERY.get(bucket.period, _A_YEAR)
    return (
        limit
        for name, limit in plan.limits.items()
        if name in names and limit.measure in measures and limit.every in every
    )


def _arithmetic(bucket: Bucket) -> str:
    shown = [_shown(bucket, figure) for figure in (bucket.used, bucket.total, bucket.remaining)]
    if None in (bucket.total, bucket.remaining):
        return f"{shown[0]} is stated as used."
    return f"{shown[1]} in all, {shown[2]} left: {shown[0]} used."


def _shown(bucket: Bucket, figure: int | None) -> str:
    if bucket.unit == "dollars":
        return f"${Money(figure or 0)}"
    return f"{figure} {bucket.unit.removesuffix('s') if figure == 1 else bucket.unit}"


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


def insurer_of(answer: Eligibility) -> Match:
    """Return the insurer that the payer's name means, by the registry; Original Medicare is one under any name."""
    coverage = answer.coverage
    payer = _ORIGINAL_MEDICARE if coverage.market == "medicare" else coverage.payer or answer.payer
    return _meant(payer) if payer else Match(None)


_ORIGINAL_MEDICARE = "Medicare"


@lru_cache(maxsize=32)
def _meant(payer: str) -> Match:
    """Look a payer's name up once; a reading asks for it at several places, and an unknown name takes a while."""
    return find_insurer(payer)
