"""What the templates of the schedule are given, and the rows of the list as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine

from estimator.billing.schedule import (
    COLUMNS,
    KEPT_DAYS,
    NAMES,
    STATES,
    Work,
    counts,
    narrowed,
    schedule_of,
    schedules_of,
    worklist,
)
from estimator.engine.values import Money
from estimator.web.staff.schedule_words import LABELS, need_says
from estimator.web.whole_numbers import page_within
from estimator.wording.words import usd

ON_A_PAGE = 100
# What a list that is sent out says beside the columns that came in.
_ADDED = ("needs", "first_visit_owes", "typical", "low", "high", "clinic_absorbs", "what_to_do")


def list_page(engine: Engine, problems: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the page with every schedule shows."""
    return {"schedules": schedules_of(engine), "columns": COLUMNS, "problems": problems, "kept_days": KEPT_DAYS}


def one_page(engine: Engine, schedule_id: int, wanted: str, number: int) -> dict[str, Any]:
    """Return what the page of a schedule shows: its rows by what needs action; raise UnknownSchedule."""
    schedule, rows = schedule_of(engine, schedule_id)
    chosen = wanted if wanted in STATES else ""
    everything = worklist(rows)
    shown = narrowed(everything, chosen)
    page, pages = page_within(number, len(shown), ON_A_PAGE)
    counted = [(state, LABELS[state], found) for state, found in counts(everything).items()]
    return {
        "schedule": schedule,
        "percent": 100 * schedule.answered // max(1, schedule.rows),
        "counted": counted,
        "wanted": chosen,
        "labels": LABELS,
        "works": [_shown(work) for work in shown[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]],
        "page": page,
        "pages": pages,
    }


def csv_rows(engine: Engine, schedule_id: int, wanted: str) -> Sequence[Sequence[str]]:
    """Return the header and the rows of the list as it is shown, for a spreadsheet; raise UnknownSchedule."""
    _, rows = schedule_of(engine, schedule_id)
    works = narrowed(worklist(rows), wanted if wanted in STATES else "")
    return [("line", *NAMES, *_ADDED), *(_line(work) for work in works)]


def _line(work: Work) -> list[str]:
    outcome = work.outcome
    sums = [_dollars(outcome, name) for name in ("first_visit", "typical", "low", "high", "clinic_absorbs")]
    needs = "; ".join(LABELS[kind] for kind in dict.fromkeys(work.kinds))
    return [str(work.line), *(work.cells[name] for name in NAMES), needs, *sums, " ".join(_says(outcome))]


def _shown(work: Work) -> dict[str, Any]:
    outcome = work.outcome
    needs = [
        {"label": LABELS[need["kind"]], "says": need_says(need)}
        for need in outcome.get("needs", ())
        if need["kind"] != "refused"
    ]
    sums = {name: usd(Money(outcome[name])) for name in ("first_visit", "typical", "low", "high") if name in outcome}
    plan = outcome.get("plan", work.cells["plan"])
    return {"work": work, "plan": plan, "needs": needs, "sums": sums, "problems": outcome.get("problems", ())}


def _says(outcome: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{problem['column']}: {problem['words']}" for problem in outcome.get("problems", ()))
    yield from (need_says(need) for need in outcome.get("needs", ()) if need["kind"] != "refused")


def _dollars(outcome: Mapping[str, Any], name: str) -> str:
    return str(Money(outcome[name])) if name in outcome else ""
