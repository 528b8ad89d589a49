"""Lines that come back visit after visit, told once: with the visits they are in and what they cost together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from estimator.engine.answer import Status
from estimator.engine.values import Money
from estimator.papers.case import Line
from estimator.wording.figures import usd


@dataclass(frozen=True)
class Row:
    """One service at one price, over the visits that have it."""

    lines: tuple[Line, ...]

    @property
    def first(self) -> Any:
        """Return the line of the first of these visits."""
        return self.lines[0].line

    @property
    def code(self) -> str:
        """Return the service code."""
        return str(self.first["code"])

    @property
    def name(self) -> str:
        """Return the plain words for the service."""
        return str(self.first["name"])

    @property
    def units(self) -> int:
        """Return the units of all these visits together."""
        return sum(one.line["units"] for one in self.lines)

    @property
    def each(self) -> Money:
        """Return what is asked for the line in one visit."""
        return asked_for(self.first)

    @property
    def total(self) -> Money:
        """Return what is asked for all these visits together."""
        return Money(sum(asked_for(one.line) for one in self.lines))


def asked_for(line: Any) -> Money:
    """Return what the clinic would ask the patient for a line: what is owed, or its charge where a consent decides.

    Where a limit is past, a contract may hold the price below the charge; what is owed says so.
    """
    owes = Money.parse(line["patient_owes"])
    asks_charge = line["status"] in (Status.PROVIDER_ABSORBS, Status.UNKNOWN) or owes == 0
    return Money.parse(line["charge"]) if asks_charge else owes


def rows_of(lines: Iterable[Line]) -> list[Row]:
    """Put lines of the same service, units, price and reason together, in order of their first visit."""
    alike: dict[tuple[Any, ...], list[Line]] = {}
    for one in lines:
        line = one.line
        reason = line["steps"][0]["finding"] if line["steps"] else ""
        alike.setdefault((line["code"], line["units"], asked_for(line), line["status"], reason), []).append(one)
    return [Row(tuple(same)) for same in alike.values()]


def total_of(rows: Iterable[Row]) -> str:
    """Return what all rows cost together, as people read it."""
    return usd(Money(sum(row.total for row in rows)))
