"""The three kinds of list that a clinic keeps: how each is read, what its rows say by column, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from estimator.engine.prices import ExperienceFactor, PriceEntry
from estimator.engine.values import Citation, Money, Rate, Source, Span
from estimator.errors import Problem
from estimator.prices import contract, factors, pricelist

Entry = PriceEntry | ExperienceFactor
Cells = Mapping[str, str]
LINE = "line"


class Kind(StrEnum):
    """What a list is for."""

    CONTRACT = "contract"
    SELF_PAY = "self-pay"
    FACTORS = "factors"


COLUMNS: Mapping[Kind, Sequence[str]] = {
    Kind.CONTRACT: contract.COLUMNS,
    Kind.SELF_PAY: pricelist.COLUMNS,
    Kind.FACTORS: factors.COLUMNS,
}
_READERS: Mapping[Kind, Callable[[bytes, str, date], tuple[Sequence[Entry], Sequence[Problem]]]] = {
    Kind.CONTRACT: contract.read_contract,
    Kind.SELF_PAY: pricelist.read_price_list,
    Kind.FACTORS: factors.read_factors,
}


def read_list_file(
    kind: Kind, content: bytes, file: str, read_on: date
) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Return the entries of a CSV file or a workbook, and every mistake in it."""
    entries, problems = _READERS[kind](content, file, read_on)
    return tuple(entries), tuple(problems)


def cells_of(entry: Entry) -> dict[str, str]:
    """Return what an entry says by column; a list has some of these columns."""
    span = {"first_day": _written(entry.span.first_day), "last_day": _written(entry.span.last_day)}
    match entry:
        case ExperienceFactor():
            length = {"from_minutes": str(entry.from_minutes or "")}
            return {"experience": entry.experience, "percent": str(entry.rate), **length, **span}
        case PriceEntry():
            priced = {"code": entry.code, "amount": str(entry.amount), "basis": entry.basis}
            return {"plan": entry.party, **priced, **span}


def kept_rows(kind: Kind, entries: Iterable[Entry]) -> list[Cells]:
    """Return the rows of a list as they are kept, each with the line that it stood in."""
    return [
        {name: cells[name] for name in COLUMNS[kind]} | {LINE: str(entry.citation.line if entry.citation else 0)}
        for entry in entries
        for cells in (cells_of(entry),)
    ]


def entries_of(rows: Iterable[Cells], file: str, set_on: date) -> tuple[Entry, ...]:
    """Return the entries that kept rows hold; a list cites its file and the day on which the clinic published it."""
    source = Source(file, "", set_on)
    return tuple(_entry(row, Citation(source, "", file, int(row[LINE]))) for row in rows)


def _entry(row: Cells, citation: Citation) -> Entry:
    span = Span(_day(row["first_day"]), _day(row["last_day"]))
    if "percent" in row:
        rate = Rate.parse(row["percent"])
        length = int(row["from_minutes"]) if row.get("from_minutes") else None
        return ExperienceFactor(row["experience"], rate, citation.source.read_on, span, citation, length)
    amount = Money.parse(row["amount"])
    return PriceEntry(row["code"], amount, row["basis"], row.get("plan", ""), span, citation)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""
