"""Statements put together: buckets that a payer repeats counted once, contradictions shown in pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from estimator.eligibility.filters import filtered
from estimator.eligibility.messages import is_shared, network_labelled
from estimator.eligibility.statements import (
    ACCUMULATING,
    COVERING,
    SHARES,
    Aspect,
    Authorization,
    Benefit,
    Bucket,
    Contradiction,
    Eligibility,
    Kind,
    Network,
    named,
    touched,
)
from estimator.engine.values import ALWAYS, Money


def assembled(read: Eligibility, day: date | None = None) -> Eligibility:
    """Return the same with all that follows from its statements on the day asked about, else on the answer's own."""
    ordered = tuple(sorted(read.benefits, key=lambda benefit: benefit.origin))
    told = filtered(replace(read, benefits=ordered, day=day or read.day))
    buckets, of_buckets = buckets_of(told.kept)
    found = sorted(
        {*of_buckets, *contradictions_of(told.kept)},
        key=lambda each: (each.first.number, each.second.number, each.says),
    )
    return replace(told, buckets=buckets, contradictions=tuple(found), is_active=told.coverage.is_active)


# ----------------------------------------------------------------------------
# Statements about one deductible, maximum or limit are put together; a bucket that a payer repeats is counted once.
#
# Where two statements about the same figure disagree, neither wins: both are shown, and the figure is left open.
# ----------------------------------------------------------------------------

# What a subject, and two statements that contradict each other, must have in common.
Qualifiers = tuple[object, ...]
_OTHER_RHYTHMS = ("hour", "day", "24 hours", "visit", "week", "month", "episode", "admission", "lifetime")
_REPEATED = "The same amount, rest and message are under {services}: one bucket, counted once."
_SHARED = "Its message says that several services fill it together."


def buckets_of(benefits: Iterable[Benefit]) -> tuple[tuple[Bucket, ...], tuple[Contradiction, ...]]:
    """Return the buckets that benefits speak of, and which of their statements cannot both be right."""
    speaking = sorted(filter(_counts, benefits), key=_subject)
    found = [_read(family) for _, alike in groupby(speaking, key=_subject) for family in _families(list(alike))]
    buckets = [bucket for bucket, _ in found]
    return tuple(_merged(buckets)), tuple(contradiction for _, all in found for contradiction in all)


def _counts(benefit: Benefit) -> bool:
    return benefit.kind in ACCUMULATING and (benefit.figure is not None or benefit.is_unlimited)


def _subject(benefit: Benefit) -> tuple[str, ...]:
    """Return what a statement is about; two about the same can complete each other."""
    rhythm = benefit.period if benefit.period in _OTHER_RHYTHMS else "year"
    unit = "dollars" if benefit.amount is not None or not benefit.unit else benefit.unit
    lists = ("^".join(sorted(each)) for each in (benefit.services, benefit.procedures, benefit.places))
    ages = str(benefit.ages or "")
    return benefit.kind, benefit.network, benefit.level, unit, rhythm, *lists, benefit.procedure_last, ages


def _families(alike: list[Benefit], steps: Sequence[Callable[[Benefit], str]] | None = None) -> Iterator[list[Benefit]]:
    """Part statements about one subject by what else tells them apart, as long as they would disagree otherwise."""
    step, *more = _STEPS if steps is None else steps or (None,)
    if step is None or not _disagreeing(alike):
        yield alike
        return
    parted = [list(same) for _, same in groupby(sorted(alike, key=step), key=step)]
    helps = sum(len(_disagreeing(part)) for part in parted) < len(_disagreeing(alike))
    for part in parted if helps else [alike]:
        yield from _families(part, more)


def _words(benefit: Benefit) -> str:
    return benefit.words


def _days(benefit: Benefit) -> str:
    return f"{benefit.dates.first_day or ''}/{benefit.dates.last_day or ''}"


def _year_meant(benefit: Benefit) -> str:
    """Return which year a total is of. What is left of it names none, so that nobody can tell of which it is."""
    return benefit.period if benefit.aspect is Aspect.TOTAL else ""


def _insured(benefit: Benefit) -> str:
    return benefit.insurance


# Qualifiers that a total and its rest need not share, so that they part only what would disagree.
_STEPS = (_words, _days, _insured, _year_meant)


def _disagreeing(alike: Sequence[Benefit]) -> list[tuple[Benefit, Benefit]]:
    """Return pairs of statements of the same part of an amount with different figures."""
    return list(_pairs((benefit.aspect, _figure(benefit), benefit) for benefit in alike))


def _figure(benefit: Benefit) -> int | None:
    return None if benefit.is_unlimited else benefit.figure


def _read(family: Sequence[Benefit]) -> tuple[Bucket, list[Contradiction]]:
    contradictions = [
        Contradiction(one.origin, other.origin, _disagree(one, other)) for one, other in _disagreeing(family)
    ]
    disagreeing = touched(contradictions)
    parts: dict[Aspect, Benefit] = {}
    # A figure out of place isn't used, and one in its place beside it is.
    family = [benefit for benefit in family if not benefit.is_repaired] or family
    for benefit in family:
        if benefit.origin not in disagreeing:
            parts.setdefault(benefit.aspect, benefit)
    contradictions += _impossible(parts)
    disagreeing = touched(contradictions)
    parts = {aspect: benefit for aspect, benefit in parts.items() if benefit.origin not in disagreeing}
    return _bucket(family, parts), contradictions


def _impossible(parts: dict[Aspect, Benefit]) -> list[Contradiction]:
    """Find a total, a rest and what was used that cannot be true together."""
    total, rest, used = (parts.get(aspect) for aspect in (Aspect.TOTAL, Aspect.REMAINING, Aspect.USED))
    if total is None or total.is_unlimited or total.figure is None:
        return []
    found = []
    for part, words in ((rest, "more is left than there is in all"), (used, "more is used than there is in all")):
        if part is not None and (part.figure or 0) > total.figure:
            found.append(Contradiction(total.origin, part.origin, f"{_shown(part)} of {_shown(total)}: {words}."))
    if not found and rest is not None and used is not None and rest.figure is not None and used.figure is not None:
        sum_of_both = rest.figure + used.figure
        if sum_of_both != total.figure:
            says = f"{_shown(used)} used and {_shown(rest)} left do not make {_shown(total)}."
            found.append(Contradiction(used.origin, rest.origin, says))
    return found


def _bucket(family: Sequence[Benefit], parts: dict[Aspect, Benefit]) -> Bucket:
    first = family[0]
    total, rest, used = (
        parts[aspect].figure if aspect in parts else None for aspect in (Aspect.TOTAL, Aspect.REMAINING, Aspect.USED)
    )
    if total is not None:
        used = total - rest if used is None and rest is not None else used
        rest = total - used if rest is None and used is not None else rest
    texts = tuple(sorted({message.text for benefit in family for message in benefit.messages}))
    period = next(
        (benefit.period for benefit in family if benefit.aspect is Aspect.TOTAL and benefit.period), first.period
    )
    return Bucket(
        kind=first.kind,
        network=first.network,
        level=first.level,
        services=first.services,
        unit=first.unit or ("dollars" if first.amount is not None else ""),
        period=period,
        procedures=first.procedures,
        total=total,
        remaining=rest,
        used=used,
        is_unlimited=Aspect.TOTAL in parts and parts[Aspect.TOTAL].is_unlimited,
        messages=texts,
        origins=tuple(sorted({benefit.origin for benefit in family})),
        why=(_SHARED,) if is_shared(texts) else (),
        procedure_last=first.procedure_last,
        places=first.places,
        ages=first.ages,
        dates=next((benefit.dates for benefit in family if benefit.dates != ALWAYS), ALWAYS),
        is_repaired=any(benefit.is_repaired for benefit in family),
    )


def _merged(buckets: Sequence[Bucket]) -> Iterator[Bucket]:
    """Put buckets together that a payer repeats under several service types."""
    kept: dict[object, Bucket] = {}
    for at, bucket in enumerate(buckets):
        same = _sameness(bucket) or at
        earlier = kept.get(same)
        kept[same] = bucket if earlier is None else _together(earlier, bucket)
    yield from sorted(kept.values(), key=lambda bucket: bucket.origins)


def _sameness(bucket: Bucket) -> tuple[object, ...] | None:
    """Return what two buckets must have in common to be one; None where too little is said to tell."""
    if not bucket.why or (bucket.total is None and bucket.remaining is None and not bucket.is_unlimited):
        return None
    words = tuple(text.upper() for text in bucket.messages)
    what = bucket.kind, bucket.network, bucket.level, bucket.unit, bucket.procedures, bucket.places, bucket.ages
    return *what, bucket.total, bucket.remaining, bucket.is_unlimited, bucket.dates, words


def _together(one: Bucket, other: Bucket) -> Bucket:
    services = tuple(dict.fromkeys((*one.services, *other.services)))
    why = (*(reason for reason in one.why if reason == _SHARED), _REPEATED.format(services=named(services)))
    return replace(one, services=services, origins=tuple(sorted({*one.origins, *other.origins})), why=why)


def _disagree(one: Benefit, other: Benefit) -> str:
    if one.period != other.period and one.period and other.period:
        return f"{_shown(one)} a {one.period} against {_shown(other)} a {other.period}, for the same thing."
    return f"{_shown(one)} against {_shown(other)}, for the same thing."


def _shown(benefit: Benefit) -> str:
    if benefit.is_unlimited or benefit.figure is None:
        return "no limit"
    return f"${Money(benefit.figure)}" if benefit.amount is not None else f"{benefit.figure} {benefit.unit}".strip()


# ----------------------------------------------------------------------------
# Statements other than accumulators that cannot both be right: shown in pairs, never averaged, never chosen from.
# ----------------------------------------------------------------------------

_PAID = (*SHARES, Kind.LIMIT)
# A subject, what is said of it, and where.
Told = Iterable[tuple[object, object, Benefit]]
_YES_OR_NO = (Authorization.NEEDED, Authorization.NOT_NEEDED)


def contradictions_of(benefits: Sequence[Benefit]) -> Iterator[Contradiction]:
    """Find each pair of statements that disagree, the first of them against every other."""
    yield from _networks(benefits)
    for told, says in (
        (_active(benefits), "The coverage is active and not active for the same service."),
        (_by(benefits, _share), "Two different shares for the same service, network and period."),
        (_covered(benefits), "Not covered, and yet with a share or a limit, for the same service and network."),
    ):
        yield from (Contradiction(one.origin, two.origin, says) for one, two in _pairs(told))
    for one, two in _pairs(_by(benefits, _authorization)):
        says = "Authorization is needed and is not needed for the same service."
        yield Contradiction(one.origin, two.origin, says, is_of_marks=True, is_of_figures=False)


def _pairs(told: Told) -> Iterator[tuple[Benefit, Benefit]]:
    """Yield each statement about a subject with the first that says something else about it, so that none is left."""
    every = list(told)
    first: dict[object, tuple[object, Benefit]] = {}
    other: dict[object, Benefit] = {}
    for subject, answer, benefit in every:
        said, _ = first.setdefault(subject, (answer, benefit))
        if said != answer:
            other.setdefault(subject, benefit)
    for subject, answer, benefit in every:
        said, earlier = first[subject]
        against = earlier if said != answer else other.get(subject)
        if against is not None and benefit is not earlier:
            one, two = sorted((against, benefit), key=lambda each: each.origin)
            yield one, two


def _networks(benefits: Iterable[Benefit]) -> Iterator[Contradiction]:
    """Find an EB whose own message speaks of the other network."""
    for benefit in benefits:
        for message in benefit.messages:
            said = network_labelled(message.text)
            if {said, benefit.network} == {Network.IN, Network.OUT}:
                words = f"The benefit is {benefit.network}; its message says {said}."
                yield Contradiction(benefit.origin, message, words, is_of_marks=True)


def _active(benefits: Iterable[Benefit]) -> Told:
    for benefit in benefits:
        if benefit.kind in COVERING:
            for service in benefit.services or ("",):
                yield (service, benefit.network, *_equal(benefit)), benefit.kind, benefit


def _by(benefits: Iterable[Benefit], answer: Callable[[Benefit], Told]) -> Told:
    for benefit in benefits:
        yield from answer(benefit)


def _share(benefit: Benefit) -> Told:
    figure = benefit.figure if benefit.kind is Kind.COPAY else benefit.rate
    if benefit.kind not in SHARES or figure is None:
        return []
    circumstances = benefit.kind, benefit.network, benefit.level, benefit.period, benefit.words, *_equal(benefit)
    services = benefit.services or ("",)
    return [((service, *circumstances), str(figure), benefit) for service in services]


def _authorization(benefit: Benefit) -> Told:
    if benefit.authorization not in _YES_OR_NO:
        return []
    services = benefit.procedures or benefit.services
    words = benefit.words if benefit.kind is Kind.AUTHORIZATION else ""
    return [
        ((service, benefit.network, words, *_equal(benefit)), benefit.authorization, benefit) for service in services
    ]


def _covered(benefits: Iterable[Benefit]) -> Told:
    for benefit in benefits:
        if benefit.kind is Kind.NOT_COVERED or benefit.kind in _PAID:
            answer = "no" if benefit.kind is Kind.NOT_COVERED else "yes"
            for service in benefit.services:
                if not (benefit.kind is Kind.NOT_COVERED and benefit.messages):
                    yield (service, benefit.network, *_equal(benefit)), answer, benefit


def _equal(benefit: Benefit) -> Qualifiers:
    """Return what two statements must have in common before they can contradict each other."""
    procedures = benefit.procedures, benefit.procedure_last, benefit.modifiers
    return benefit.insurance, benefit.dates, benefit.ages, benefit.places, *procedures
