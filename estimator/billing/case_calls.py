"""A call about a case: what the payer said counts in the case's next visits, and what is used lands in its ledger.

Answers on rules stay in the log of calls, where the keeper of the rules finds them as proposals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine

from estimator.accounts.sign_in import Person
from estimator.billing.calls import HOW_TO_ASK, TURNAROUND, USED_SO_FAR, NewCall, keep_call
from estimator.billing.cases import GRANT, STATED, NewEntry, keep_worked_out
from estimator.billing.schedule_cells import column_of_limit, is_count
from estimator.db.connection import writing
from estimator.engine.plan import Plan
from estimator.errors import Problem, RequestRefused

_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_MOST_BUSINESS_DAYS, _MOST_LETTERS = 99, 200


class Heard(NamedTuple):
    """What was said on a call beside its answers on rules, as typed: by question of the desk, and of a new grant."""

    desk: Mapping[tuple[str, str], str]
    grant: Mapping[str, str]


def desk_field(asks: str, subject: str) -> str:
    """Return the name of the field for a question of the desk.

    >>> desk_field("turnaround", "Your plan's reviewer")
    'call.turnaround.your-plan-s-reviewer'
    """
    return f"call.{asks}.{_NO_LETTERS.sub('-', subject.casefold())}"


def answers_of_desk(heard: Heard) -> Sequence[Mapping[str, str]]:
    """Return what the log of calls keeps of it; raise RequestRefused for what can't be read, by question."""
    problems = tuple(_problems(heard))
    if problems:
        raise RequestRefused(problems)
    return [{"asks": asks, "subject": subject, "answer": said} for (asks, subject), said in heard.desk.items()]


def _problems(heard: Heard) -> Iterator[Problem]:
    for (asks, subject), said in heard.desk.items():
        path = desk_field(asks, subject)
        if asks == TURNAROUND and not (is_count(said) and int(said) <= _MOST_BUSINESS_DAYS):
            yield Problem(path, f"Enter a number of business days, 0 to {_MOST_BUSINESS_DAYS}.")
        if asks == HOW_TO_ASK and len(said) > _MOST_LETTERS:
            yield Problem(path, f"Enter at most {_MOST_LETTERS} characters.")
    if heard.grant.get("visits") and not is_count(heard.grant["visits"]):
        yield Problem("grant.visits", "Enter a whole number, like 12.")
    for name in ("first_day", "last_day"):
        try:
            date.fromisoformat(heard.grant.get(name) or "2026-01-01")
        except ValueError:
            yield Problem(f"grant.{name}", "Enter a day, like 2026-12-01.")


def entries_of(heard: Heard, plan: Plan, day: date) -> Sequence[NewEntry]:
    """Return what a call adds to its case: the counts that the payer stated, and the authorization that it gave."""
    stated = {
        column: said
        for (asks, subject), said in heard.desk.items()
        if asks == USED_SO_FAR and subject in plan.limits and (column := column_of_limit(plan.limits[subject], plan))
    }
    grant: dict[str, Any] = {name: said for name, said in heard.grant.items() if said}
    if "visits" in grant:
        grant["visits"] = int(grant["visits"])
    found = [NewEntry(STATED, day, stated)] if stated else []
    return [*found, NewEntry(GRANT, day, {"status": "approved", **grant})] if grant else found


def enter_case_call(
    engine: Engine, new: NewCall, case_id: int, entries: Sequence[NewEntry], by: Person, now: datetime
) -> int:
    """Keep a call under its case's label, and add to the case what it said; return the number of the call.

    Both are written or neither; raises as `enter_call` and `add_entries` do.
    """
    with writing(engine) as connection:
        number = keep_call(connection, new, by, now)
        said = [each._replace(content={**each.content, "call": number}) for each in entries]
        keep_worked_out(connection, case_id, lambda _entries: said, by)
        connection.commit()
    return number
