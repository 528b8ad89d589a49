"""What the clinic's lists, their columns and their changes are called for whoever keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from estimator.engine.findings import Finding, PriceCash
from estimator.engine.prices import ExperienceFactor
from estimator.engine.values import Span
from estimator.prices.clinic_lists import Entry, Kind, cells_of
from estimator.publishing.clinic_lists import Moved
from estimator.wording.words import short_day, signed_share

TITLES: Mapping[Kind, str] = {
    Kind.CONTRACT: "Contracts with payers",
    Kind.SELF_PAY: "Self-pay list",
    Kind.FACTORS: "Factors for experience and length",
}
SAYS: Mapping[Kind, str] = {
    Kind.CONTRACT: "What a plan or payer allows for a code.",
    Kind.SELF_PAY: "What a person without a plan is asked.",
    Kind.FACTORS: "What counts for a new or a senior provider, or a long visit, where a price has to be estimated.",
}
EXAMPLES: Mapping[Kind, str] = {
    Kind.CONTRACT: "plan,code,amount,basis,first_day,last_day\nEvergreen Health Plan,97110,38.50,per-unit,2026-01-01,",
    Kind.SELF_PAY: "code,amount,basis,first_day,last_day\n20561,75.00,per-line,2026-01-01,",
    Kind.FACTORS: "experience,percent,from_minutes,first_day,last_day\nsenior,120%,,2026-07-01,\nstandard,130%,60,,",
}
_BASES = {"per-unit": "a unit", "per-line": "a line", "per-visit": "a visit"}


def figure(entry: Entry) -> str:
    """Return the figure of a row with what it is for."""
    if isinstance(entry, ExperienceFactor):
        return str(entry.rate)
    return f"${entry.amount} {_BASES[entry.basis]}"


def subject(entry: Entry) -> str:
    """Return what a row prices."""
    return " · ".join(filter(None, entry.subject))


def days(span: Span) -> str:
    """Return from when until when a row counts."""
    first, last = span.first_day, span.last_day
    if first and last:
        return f"{short_day(first)} to {short_day(last)}"
    if first:
        return f"from {short_day(first)}"
    return f"to {short_day(last)}" if last else "always"


def state(span: Span, today: date) -> str:
    """Return whether a row counts today."""
    if today in span:
        return "in force"
    return "not yet" if span.first_day and today < span.first_day else "over"


def move(moved: Moved) -> str:
    """Return by how much a row moves."""
    if moved.per_mille is None:
        return "another basis"
    return signed_share(moved.per_mille) if moved.difference else "days only"


def source(finding: Finding) -> str:
    """Return where a price comes from that is none of the clinic's."""
    return "cited range of cash prices" if isinstance(finding, PriceCash) else "regional estimate"


def searched(entry: Entry) -> str:
    """Return the text in which a search looks."""
    return " ".join(cells_of(entry).values()).casefold()
