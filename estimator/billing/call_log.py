"""Keep what a payer said about a plan as dated evidence, and find it again.

An entry is never changed: what was wrong is entered again, and names the entry in whose place it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing import stored_call_log as store
from estimator.billing.labels import label_problems
from estimator.billing.stored_call_log import CallEntry, SoughtCalls
from estimator.db.connection import reading, writing
from estimator.engine.request import Call, Told, written
from estimator.errors import Problem, RequestRefused

MOST_NOTE = 500
_OLD = timedelta(days=90)
_NEWEST = 3


@dataclass(frozen=True, slots=True)
class NewCall:
    """What somebody enters: what was told about which plan, under a label of the clinic's own, with a note."""

    plan_id: str
    payer: str
    call: Call
    case_label: str = ""
    note: str = ""
    corrects: int | None = None


def enter_call(engine: Engine, new: NewCall, by: Person, now: datetime) -> int:
    """Keep an entry and return its number; raise RequestRefused with everything that cannot be kept."""
    if problems := tuple(_problems(new)):
        raise RequestRefused(problems)
    with writing(engine) as connection:
        if new.corrects is not None:
            _check_correction(new, store.find_call(connection, new.corrects))
        number = store.insert_call(connection, {**_row(new), "entered_at": now, "account_id": by.id})
        note_done(connection, by=by.id, did="call-entered", subject=f"{number} {new.plan_id}", now=now)
        connection.commit()
    return number


def calls_of(engine: Engine, sought: SoughtCalls) -> tuple[CallEntry, ...]:
    """Return the entries that are meant, the last day first."""
    with reading(engine) as connection:
        return store.find_calls(connection, sought)


def call_of(engine: Engine, number: int) -> CallEntry | None:
    """Return an entry, None where there is none of this number."""
    with reading(engine) as connection:
        return store.find_call(connection, number)


def newest_calls(engine: Engine, plan_id: str) -> tuple[CallEntry, ...]:
    """Return the last entries about a plan that hold."""
    with reading(engine) as connection:
        return store.valid_calls(connection, plan_id, _NEWEST)


def payers_called(engine: Engine) -> tuple[str, ...]:
    """Return the payers that were called."""
    with reading(engine) as connection:
        return store.payers_of_calls(connection)


def is_old(entry: CallEntry, today: date) -> bool:
    """Tell whether so much time has passed that the plan should be asked again."""
    return today - entry.told_on > _OLD


def call_written(entry: CallEntry) -> dict[str, Any]:
    """Return an entry as a request tells it, so that an estimate can count with it."""
    said = {"reference": entry.reference, "representative": entry.representative}
    known = {key: words for key, words in said.items() if words}
    return {"on": entry.told_on.isoformat(), "source": entry.source, **known, "answers": list(entry.answers)}


def _problems(new: NewCall) -> Iterator[Problem]:
    yield from label_problems(new.case_label)
    if len(new.note) > MOST_NOTE:
        yield Problem("note", f"Write at most {MOST_NOTE} characters; these are {len(new.note):,}.")


def _check_correction(new: NewCall, corrected: CallEntry | None) -> None:
    if corrected is None or corrected.plan_id != new.plan_id:
        raise RequestRefused((Problem("corrects", "Correct an entry about the same plan."),))
    if corrected.corrected_by is not None:
        words = f"Entry {corrected.id} was corrected already: correct entry {corrected.corrected_by}."
        raise RequestRefused((Problem("corrects", words),))


def _row(new: NewCall) -> dict[str, Any]:
    return {
        "plan_id": new.plan_id,
        "payer": new.payer,
        "case_label": new.case_label,
        "told_on": new.call.on,
        "source": new.call.source,
        "reference": new.call.reference,
        "representative": new.call.representative,
        "answers": [_answer(told) for told in new.call.answers],
        "note": new.note,
        "corrects": new.corrects,
    }


def _answer(told: Told) -> dict[str, Any]:
    said = {
        "asks": told.asks,
        "subject": told.subject,
        "answer": written(told.answer),
        "from_visit": told.from_visit,
        "family": None if told.family is None else written(told.family),
    }
    return {key: value for key, value in said.items() if value not in ("", None)}
