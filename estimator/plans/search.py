"""Finds active plans by words, state, market, payer, metal level and day, among tens of thousands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, func, or_, select, type_coerce

from estimator.db.tables import active_plans

_MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class PlanRow:
    """An active plan as a list shows it; `states` empty means that it is sold everywhere."""

    plan_id: str
    first_day: date
    last_day: date | None
    title: str
    payer: str
    kind: str
    market: str
    states: tuple[str, ...]
    metal_level: str | None
    revision_id: int
    origin: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is left out may be anything. Every word of `text` must stand somewhere."""

    text: str = ""
    state: str | None = None
    market: str | None = None
    kind: str | None = None
    payer: str | None = None
    metal: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class PayerRow:
    """A payer with the number of its plans."""

    payer: str
    plans: int


def search(connection: Connection, wanted: Wanted, limit: int | None = None, start: int = 0) -> tuple[PlanRow, ...]:
    """Return the plans that fit, by title."""
    columns = active_plans.c
    asked = select(*(columns[name] for name in PlanRow.__dataclass_fields__)).where(*_conditions(wanted))
    asked = asked.order_by(columns.search, columns.first_day).limit(limit).offset(start)
    return tuple(PlanRow(*row) for row in connection.execute(asked))


def count(connection: Connection, wanted: Wanted) -> int:
    """Return how many plans fit."""
    asked = select(func.count()).select_from(active_plans).where(*_conditions(wanted))
    return int(connection.execute(asked).scalar_one())


def payers(connection: Connection, wanted: Wanted) -> tuple[PayerRow, ...]:
    """Return the payers of the plans that fit, by name."""
    payer = active_plans.c.payer
    asked = select(payer, func.count()).where(*_conditions(wanted)).group_by(payer).order_by(payer)
    return tuple(PayerRow(*row) for row in connection.execute(asked))


def find_spans(connection: Connection, plan_id: str) -> tuple[tuple[date, date | None, int], ...]:
    """Return first day, last day and revision of each active revision of a plan, the latest first."""
    columns = active_plans.c
    asked = select(columns.first_day, columns.last_day, columns.revision_id)
    rows = connection.execute(asked.where(columns.plan_id == plan_id).order_by(columns.first_day.desc()))
    return tuple((first, last, number) for first, last, number in rows)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    columns = active_plans.c
    exact: tuple[tuple[str, Any], ...] = (
        ("market", wanted.market),
        ("kind", wanted.kind),
        ("payer", wanted.payer),
        ("metal_level", wanted.metal),
    )
    yield from (columns[name] == value for name, value in exact if value is not None)
    if wanted.state is not None:
        states = type_coerce(columns.states, Text)
        yield or_(states == "", states.contains(f" {wanted.state} ", autoescape=True))
    if wanted.day is not None:
        yield columns.first_day <= wanted.day
        yield or_(columns.last_day.is_(None), columns.last_day >= wanted.day)
    for word in wanted.text.casefold().split()[:_MOST_WORDS]:
        yield columns.search.contains(word, autoescape=True)
