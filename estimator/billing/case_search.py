"""Find cases for a list, by label, state, therapist, location and plan, each as it is today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select
from sqlalchemy import case as sql_case

from estimator.billing.cases import CARE, KEPT_CELLS, OPEN, Case, cared_twice, cases_as_of_today, stands
from estimator.clock import today
from estimator.db.connection import reading
from estimator.db.tables import case_entries, cases


@dataclass(frozen=True, slots=True)
class SoughtCases:
    """Which cases are meant; what is empty restricts nothing."""

    text: str = ""
    state: str = OPEN
    therapist: str = ""
    location: str = ""
    plan_id: str = ""


def cases_of(engine: Engine, sought: SoughtCases, limit: int | None = None, start: int = 0) -> tuple[Case, ...]:
    """Return the cases that are meant, by label."""
    asked = select(*cases.c).where(*_conditions(sought)).order_by(cases.c.label).limit(limit).offset(start)
    with reading(engine) as connection:
        return tuple(case for case, _ in cases_as_of_today(connection, asked, case_entries.c.kind == CARE))


def count_cases(engine: Engine, sought: SoughtCases) -> int:
    """Return how many cases are meant."""
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(cases).where(*_conditions(sought))).scalar_one())


def names_in_cases(engine: Engine) -> dict[str, list[str]]:
    """Return the therapists and the locations that open cases name, to choose from."""
    found = {}
    with reading(engine) as connection:
        for name in ("therapist", "location"):
            asked = select(cases.c[name]).where(cases.c.state == OPEN, cases.c[name] != "").distinct()
            found[f"{name}s"] = sorted(connection.execute(asked).scalars())
    return found


def _conditions(sought: SoughtCases) -> Iterator[Any]:
    columns = cases.c
    if sought.state:
        yield columns.state == sought.state
    for cell, name in KEPT_CELLS.items():
        if wanted := getattr(sought, name):
            yield _named_now(cell, columns[name], today()) == wanted
    if sought.text:
        yield func.lower(columns.label).contains(sought.text.casefold(), autoescape=True)


def _named_now(cell: str, kept: ColumnElement[str], day: date) -> ColumnElement[str]:
    """Return a case's plan, therapist or location of a day, as `_on_day` has it; only what has two cares is opened.

    Its row has that of the day on which its care was last entered, so that next year's plan would be missed in January.
    """
    entries = case_entries.alias()
    care = entries.c
    said = care.content[cell].as_string()
    holds = (care.case_id == cases.c.id, care.kind == CARE, care.day <= day, said.is_not(None), stands(entries))
    last = select(said).where(*holds).order_by(care.day.desc(), care.number.desc()).limit(1).scalar_subquery()
    return sql_case((cases.c.id.in_(cared_twice()), func.coalesce(func.nullif(last, ""), kept)), else_=kept)
