"""A payer's answer as a table and as text, for billing staff: what, how much, for whom, and where it stood.

Only staff read this, so that it is said in English.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from estimator.eligibility.choosing import (
    COUNTS,
    DOLLARS,
    authorization_for,
    bucket_for,
    needling_refused,
    not_covered,
    referral_for,
    share_for,
)
from estimator.eligibility.filters import period_named
from estimator.eligibility.statements import (
    Aspect,
    Authorization,
    Benefit,
    Bucket,
    Eligibility,
    Kind,
    Level,
    Network,
    named,
)
from estimator.engine.values import ALWAYS, Money
from estimator.estimates.eligibility import Fact, Reading, market_of
from estimator.estimates.eligibility_fill import insurer_of
from estimator.wording.words import usd

NOT_A_PROMISE = "A payer’s answer isn’t a guarantee of payment."
_ASKED = {
    "deductible": "Deductible",
    "out-of-pocket-max": "Out-of-pocket maximum",
    "cost-share": "Share of a visit, {subject}",
    "limit": "Limit {subject}",
    "authorization-needed": "Authorization needed",
    "referral-needed": "Referral needed",
    "network-cover": "Covered {subject}",
    "payable": "Is {subject} paid",
}
_FORMS = {"271": "X12 271", "FHIR": "FHIR"}


class Row(NamedTuple):
    """One statement in words."""

    what: str
    amount: str
    network: str
    who: str
    period: str
    services: str
    place: str
    text: str
    messages: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]
    only: str = ""


def rows(answer: Eligibility) -> list[Row]:
    """Return every statement of an answer in its order."""
    return [_row(benefit) for benefit in answer.benefits]


def bucket_rows(answer: Eligibility) -> list[Row]:
    """Return every deductible, maximum and limit once, with what is used and left of it."""
    return [_bucket_row(bucket) for bucket in answer.buckets]


def heading(answer: Eligibility) -> list[tuple[str, str]]:
    """Return what an answer is, by name."""
    facts = [
        ("Format", _FORMS[answer.form]),
        ("Payer", answer.payer or "not named"),
        ("Plan", answer.coverage.plan or answer.plan or "not named"),
        ("Answered on", _day(answer.answered_on)),
        ("Coverage", " ".join(answer.coverage.says)),
        ("From", _day(answer.dates.first_day)),
        ("To", _day(answer.dates.last_day)),
    ]
    return [*facts, ("Patient", "a dependent of the subscriber")] if answer.is_dependent else facts


def as_values(reading: Reading) -> dict[str, Any]:
    """Return one record of a reading for a program."""
    answer, fill = reading.answer, reading.fill
    insurer = insurer_of(answer).insurer
    buckets = [{**_values(row), **_figures(one)} for row, one in zip(bucket_rows(answer), answer.buckets, strict=True)]
    return {
        "format": answer.form,
        "payer": answer.payer,
        "answered_on": answer.answered_on and answer.answered_on.isoformat(),
        "asked_for": answer.day and answer.day.isoformat(),
        "coverage": {
            "active": answer.coverage.is_active,
            "from": answer.dates.first_day and answer.dates.first_day.isoformat(),
            "to": answer.dates.last_day and answer.dates.last_day.isoformat(),
            "says": " ".join(answer.coverage.says),
            "plan": answer.coverage.plan or answer.plan,
            "market": market_of(answer) or None,
            "insurer": insurer.id if insurer is not None else None,
        },
        "statements": [_statement(benefit) for benefit in answer.benefits],
        "buckets": buckets,
        "used": reading.request["used"],
        "plan": reading.request["plan"],
        "told": reading.request.get("told", []),
        "filled": [
            {"field": each.field, "value": each.value, "why": each.why, "from": list(map(_origin, each.origins))}
            for each in fill.filled
        ],
        "left_open": [{"what": each.what, "why": each.why} for each in fill.left_open],
        "contradictions": [
            {"says": each.says, "first": _origin(each.first), "second": _origin(each.second)}
            for each in answer.contradictions
        ],
        "dropped": [{"statement": _origin(each.statement.origin), "why": each.why} for each in reading.unused],
        "rejections": [
            {"says": each.says, "then": each.then, "place": each.origin.place} for each in answer.rejections
        ],
        "notes": [{"place": note.place, "says": note.says} for note in answer.notes],
    }


def _statement(benefit: Benefit) -> dict[str, Any]:
    """Return a statement with everything that qualifies it; what isn't said is left out."""
    dates = benefit.dates
    said = {
        "kind": str(benefit.kind),
        "part": "" if benefit.aspect is Aspect.TOTAL else str(benefit.aspect),
        "amount": "" if benefit.amount is None else str(benefit.amount),
        "percent": "" if benefit.rate is None else str(benefit.rate),
        "quantity": "" if benefit.quantity is None else str(benefit.quantity),
        "unit": benefit.unit,
        "no_limit": benefit.is_unlimited or "",
        "plan": benefit.plan,
        "plan_for": benefit.block.carved,
        "insurance_type": benefit.insurance,
        "period": benefit.period,
        "from": dates.first_day.isoformat() if dates.first_day else "",
        "to": dates.last_day.isoformat() if dates.last_day else "",
        "network": "" if benefit.network is Network.UNSAID else str(benefit.network),
        "who": "" if benefit.level is Level.UNSAID else str(benefit.level),
        "age": str(benefit.ages or ""),
        "places": list(benefit.places),
        "setting": benefit.setting,
        "procedures": list(benefit.procedures),
        "through": benefit.procedure_last,
        "modifiers": list(benefit.modifiers),
        "diagnoses": list(benefit.diagnoses),
        "unclear": benefit.unclear,
        "services": list(benefit.services),
        "authorization": "" if benefit.authorization is Authorization.UNSAID else str(benefit.authorization),
        "delivery": benefit.delivery,
        "organization": benefit.entity,
        "messages": [message.text for message in benefit.messages],
        "doubts": list(benefit.doubts),
        "repaired": benefit.is_repaired or "",
    }
    return {**{key: value for key, value in said.items() if value not in ("", [])}, "source": _origin(benefit.origin)}


def _row(benefit: Benefit) -> Row:
    return Row(
        what=_what(benefit),
        amount=_amount(benefit),
        network=_network(benefit.network),
        who=_who(benefit.level),
        period=_period(benefit),
        services=_services(benefit.services, benefit.procedures, benefit.procedure_last),
        place=benefit.origin.place,
        text=benefit.origin.text,
        messages=tuple((message.place, message.text) for message in benefit.messages),
        doubts=benefit.doubts,
        only=_only(benefit),
    )


def _bucket_row(bucket: Bucket) -> Row:
    return Row(
        what=bucket.kind.capitalize(),
        amount=_of_bucket(bucket),
        network=_network(bucket.network),
        who=_who(bucket.level),
        period=f"per {bucket.period}" if bucket.period else "",
        services=_services(bucket.services, bucket.procedures, bucket.procedure_last),
        place=", ".join(origin.place for origin in bucket.origins),
        text="",
        messages=tuple(("Message", words) for words in bucket.messages),
        doubts=bucket.why,
    )


def _what(benefit: Benefit) -> str:
    part = "" if benefit.aspect is Aspect.TOTAL else f", {benefit.aspect}"
    return f"{benefit.kind.capitalize()}{part}"


def _amount(benefit: Benefit) -> str:
    parts = [
        "no limit" if benefit.is_unlimited else "",
        usd(benefit.amount) if benefit.amount is not None else "",
        str(benefit.rate) if benefit.rate is not None else "",
        f"{benefit.quantity} {benefit.unit}".strip() if benefit.quantity is not None else "",
        f"({benefit.delivery})" if benefit.delivery else "",
        "" if benefit.authorization is Authorization.UNSAID else f"authorization {benefit.authorization}",
    ]
    return " ".join(filter(None, parts))


def _period(benefit: Benefit) -> str:
    return benefit.period if benefit.period in ("", "year to date") else f"per {benefit.period}"


def _of_bucket(bucket: Bucket) -> str:
    if bucket.is_unlimited:
        return "no limit"
    parts = (("in all", bucket.total), ("used", bucket.used), ("left", bucket.remaining))
    return (
        ", ".join(f"{_shown(bucket, figure)} {words}" for words, figure in parts if figure is not None) or "not clear"
    )


def _shown(bucket: Bucket, figure: int) -> str:
    return usd(Money(figure)) if bucket.unit == "dollars" else f"{figure} {bucket.unit}"


# ----------------------------------------------------------------------------
# The answer by benefit: what there is for a person and a family, what is used and left, when it starts again.
# ----------------------------------------------------------------------------


class Cell(NamedTuple):
    """A value, and the place of the answer that it rests on."""

    words: str
    place: str = ""


NOTHING = Cell("not said")


class Line(NamedTuple):
    """One benefit in one network."""

    benefit: str
    network: str
    person: Cell = NOTHING
    family: Cell = NOTHING
    used: Cell = NOTHING
    left: Cell = NOTHING
    resets: Cell = NOTHING


_TABLE = (
    ("Deductible", Kind.DEDUCTIBLE, COUNTS),
    ("Out-of-pocket maximum", Kind.OUT_OF_POCKET_MAX, COUNTS),
    ("Therapy visits", Kind.LIMIT, COUNTS),
    ("Therapy dollars", Kind.LIMIT, DOLLARS),
)


def benefit_lines(answer: Eligibility) -> list[Line]:
    """Return what was chosen, a line for each benefit and network; where nothing is said at all, no line."""
    lines = []
    for network in (Network.IN, Network.OUT):
        for title, kind, units in _TABLE:
            person, family = (
                bucket_for(answer, kind, level, network, units).bucket for level in (Level.PERSON, Level.FAMILY)
            )
            if person is not None or family is not None:
                lines.append(_ceiling_line(title, network, person, family, answer))
        lines += _share_lines(answer, network)
        if (refused := not_covered(answer, network)) is not None:
            lines.append(Line("Therapy", str(network), person=Cell("not covered", refused.origin.place)))
    for title, mark in (("Authorization", authorization_for(answer)), ("Referral", referral_for(answer))):
        if mark.needed is not None and mark.origin is not None:
            lines.append(
                Line(title, str(Network.IN), Cell("needed" if mark.needed else "not needed", mark.origin.place))
            )
    if needling := needling_refused(answer):
        places = ", ".join(benefit.origin.place for benefit in needling)
        lines.append(Line("Dry needling", str(Network.IN), Cell("not covered", places)))
    return lines


def _ceiling_line(
    title: str, network: Network, person: Bucket | None, family: Bucket | None, answer: Eligibility
) -> Line:
    known = person or family
    assert known is not None
    name = network if known.network is not Network.BOTH else Network.BOTH
    return Line(
        title,
        str(name),
        person=_total_cell(person),
        family=_total_cell(family),
        used=_both(person, family, "used"),
        left=_both(person, family, "remaining"),
        resets=_resets(known, answer),
    )


def _total_cell(bucket: Bucket | None) -> Cell:
    if bucket is None:
        return NOTHING
    if bucket.is_unlimited:
        return Cell("no limit", _where(bucket))
    return NOTHING if bucket.total is None else Cell(_shown(bucket, bucket.total), _where(bucket))


def _both(person: Bucket | None, family: Bucket | None, part: str) -> Cell:
    """Return a figure of the person, and the family's beside it where it is said as well."""
    told = [(bucket, getattr(bucket, part), who) for bucket, who in ((person, ""), (family, " (family)")) if bucket]
    said = [(f"{_shown(bucket, figure)}{who}", _where(bucket)) for bucket, figure, who in told if figure is not None]
    if not said:
        return NOTHING
    return Cell("; ".join(words for words, _ in said), "; ".join(dict.fromkeys(place for _, place in said)))


def _where(bucket: Bucket) -> str:
    return ", ".join(dict.fromkeys(origin.place for origin in bucket.origins))


def _resets(bucket: Bucket, answer: Eligibility) -> Cell:
    """Return the first day of the next benefit year, by the days of the statement, else by the calendar."""
    if bucket.dates.last_day is not None:
        return Cell((bucket.dates.last_day + timedelta(days=1)).isoformat(), _where(bucket))
    day = answer.day or answer.answered_on
    if bucket.period == "calendar year" and day is not None:
        return Cell(date(day.year + 1, 1, 1).isoformat(), _where(bucket))
    return Cell("never", _where(bucket)) if bucket.period == "lifetime" else NOTHING


def _share_lines(answer: Eligibility, network: Network) -> Iterator[Line]:
    share = share_for(answer, network)
    for title, stated in (("Copay a visit", share.copay), ("Coinsurance", share.coinsurance)):
        if stated is not None:
            words = usd(stated.amount) if stated.kind is Kind.COPAY and stated.amount is not None else str(stated.rate)
            yield Line(title, str(network), person=Cell(words, stated.origin.place))


def told_rows(facts: Iterable[Fact]) -> list[tuple[str, str, str]]:
    """Return what an answer says of a plan's rules: the question, the answer, and where it stood."""
    return [
        (
            _ASKED[fact.asks].format(subject=fact.subject),
            _answered(fact),
            ", ".join(each.place for each in fact.origins),
        )
        for fact in facts
    ]


def _answered(fact: Fact) -> str:
    return f"{fact.answer}, for the family {fact.family}" if fact.family else fact.answer


def figure_of(bucket: Bucket, figure: int) -> str:
    """Return a figure of a bucket as a request holds it."""
    return str(Money(figure)) if bucket.unit == "dollars" else str(figure)


def _figures(bucket: Bucket) -> dict[str, str | None]:
    figures = {"total": bucket.total, "remaining": bucket.remaining, "used": bucket.used}
    return {name: None if figure is None else figure_of(bucket, figure) for name, figure in figures.items()}


def _network(network: Network) -> str:
    return str(network)


def _who(level: Level) -> str:
    return {Level.PERSON: "one person", Level.FAMILY: "family", Level.OTHER: "others", Level.UNSAID: ""}[level]


def _services(services: tuple[str, ...], procedures: tuple[str, ...], last: str = "") -> str:
    codes = [f"codes {procedures[0]} to {last}"] if last and procedures else [f"code {code}" for code in procedures]
    return ", ".join(filter(None, (named(services), *codes)))


def _only(benefit: Benefit) -> str:
    """Return what else limits a statement: its plan, days, ages, place and diagnoses, and what isn't understood."""
    parts = (
        f"{benefit.block.carved} plan" if benefit.block.carved else "",
        period_named(benefit.dates) if benefit.dates != ALWAYS else "",
        str(benefit.ages or ""),
        f"place {', '.join(benefit.places)}" if benefit.places else benefit.setting,
        f"diagnosis {', '.join(benefit.diagnoses)}" if benefit.diagnoses else "",
        f"{benefit.unclear}, which isn’t understood" if benefit.unclear else "",
    )
    return "; ".join(filter(None, parts))


def _values(row: Row) -> dict[str, Any]:
    return {key: value for key, value in row._asdict().items() if value not in ("", ())}


def _origin(origin: Any) -> dict[str, str]:
    return {"place": origin.place, "text": origin.text}


def _day(day: date | None) -> str:
    return day.isoformat() if day else "not said"


# ----------------------------------------------------------------------------
# A payer's answer as text for a terminal: contradictions first, then every statement with its segment.
#
# Only staff read this, so that it is said in English.
# ----------------------------------------------------------------------------

WIDTH = 100


def text_of(reading: Reading) -> str:
    """Return an answer, what of it an estimate would use, what it tells of a plan's rules, and what isn't used."""
    return "\n".join(line.rstrip() for line in _lines(reading)) + "\n"


def _lines(reading: Reading) -> Iterator[str]:
    answer, fill, facts = reading.answer, reading.fill, reading.facts
    for name, words in heading(answer):
        yield f"{name + ':':<13}{words}"
    for rejection in answer.rejections:
        yield from _wrapped(f"Refused: {rejection.says} {rejection.then} ({rejection.origin.place})")
    yield from _part("Contradictions: ask the payer; none of these is used", _contradictions(answer))
    yield from _part("What the payer said", (line for row in rows(answer) for line in _told(row)))
    yield from _part(
        "Deductibles, maximums and limits, each once", (line for row in bucket_rows(answer) for line in _told(row))
    )
    filled = [f"{each.field} = {each.value}. {' '.join(each.why)}" for each in fill.filled]
    yield from _part("What an estimate uses", (line for each in filled for line in _wrapped(each)))
    told = (f"{asked}: {answered} ({place})" for asked, answered, place in told_rows(facts))
    yield from _part("What it says of the plan’s rules", (line for each in told for line in _wrapped(each)))
    yield from _part("Left open", (line for each in fill.left_open for line in _wrapped(str(each))))
    unused = (f"{opened(each.why)}: {_what(each.statement)} ({each.statement.origin.place})" for each in reading.unused)
    yield from _part("Read and not used", (line for each in unused for line in _wrapped(each)))
    notes = (f"{note.place}: {note.says}" for note in answer.notes)
    yield from _part("Worth a look", (line for note in notes for line in _wrapped(note)))
    yield from ("", NOT_A_PROMISE)


# What a reader is shown of them. None is used, shown or not.
MOST_CONTRADICTIONS = 200


def opened(words: str) -> str:
    """Return words with a capital letter first, and the rest as it is."""
    return words[:1].upper() + words[1:]


def _part(title: str, lines: Iterator[str]) -> Iterator[str]:
    told = list(lines)
    if told:
        yield from ("", title, *told)


def _contradictions(answer: Eligibility) -> Iterator[str]:
    for each in answer.contradictions[:MOST_CONTRADICTIONS]:
        yield from _wrapped(each.says)
        for origin in (each.first, each.second):
            yield f"      {origin.place}: {origin.text}"
    if (more := len(answer.contradictions) - MOST_CONTRADICTIONS) > 0:
        yield from _wrapped(f"{more} more like these aren’t used either.")


def _told(row: Row) -> Iterator[str]:
    said = ", ".join(filter(None, (row.amount, row.network, row.who, row.period, row.only)))
    yield from _wrapped(f"{row.what}: {said}" + (f". {row.services}" if row.services else ""))
    yield f"      {row.place}: {row.text}" if row.text else f"      {row.place}"
    for place, words in row.messages:
        yield f"      {place}: {words}".rstrip(": ")
    for doubt in row.doubts:
        yield from textwrap.wrap(doubt, WIDTH, initial_indent="      ! ", subsequent_indent="        ")


def _wrapped(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_long_words=False)
