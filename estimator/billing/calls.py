"""Keep what a payer said about a plan as dated evidence, and find it again.

An entry is never changed: what was wrong is entered again, and names the entry in whose place it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, insert, select

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing.schedule_cells import identity_in
from estimator.db.connection import reading, writing
from estimator.db.tables import accounts, call_log, next_id
from estimator.engine.request import Call, Told, written
from estimator.errors import Problem, RequestRefused

# What only a desk asks: no estimate counts with it. What is used goes to the case, the others to the rules' keeper.
TURNAROUND, HOW_TO_ASK, USED_SO_FAR = "turnaround", "how-to-ask", "used-so-far"
DESK_ASKS = (TURNAROUND, HOW_TO_ASK, USED_SO_FAR)
MOST_NOTE = 500
_OLD = timedelta(days=90)
_NEWEST = 3


@dataclass(frozen=True, slots=True)
class NewCall:
    """What somebody enters: what was told about which plan, under a label of the clinic's own, with a note.

    `beside` are answers that only the desk asked for.
    """

    plan_id: str
    payer: str
    call: Call
    case_label: str = ""
    note: str = ""
    corrects: int | None = None
    beside: Sequence[Mapping[str, str]] = ()


def enter_call(engine: Engine, new: NewCall, by: Person, now: datetime) -> int:
    """Keep an entry and return its number; raise RequestRefused with everything that cannot be kept."""
    with writing(engine) as connection:
        number = keep_call(connection, new, by, now)
        connection.commit()
    return number


def keep_call(connection: Connection, new: NewCall, by: Person, now: datetime) -> int:
    """Do as `enter_call` does, within what else is written."""
    if problems := tuple(_problems(new)):
        raise RequestRefused(problems)
    if new.corrects is not None:
        _check_correction(new, find_call(connection, new.corrects))
    number = insert_call(connection, {**_row(new), "entered_at": now, "account_id": by.id})
    note_done(connection, by=by.id, did="call-entered", subject=f"{number} {new.plan_id}", now=now)
    return number


def calls_of(engine: Engine, sought: SoughtCalls) -> tuple[CallEntry, ...]:
    """Return the entries that are meant, the last day first."""
    with reading(engine) as connection:
        return find_calls(connection, sought)


def call_of(engine: Engine, number: int) -> CallEntry | None:
    """Return an entry, None where there is none of this number."""
    with reading(engine) as connection:
        return find_call(connection, number)


def newest_calls(engine: Engine, plan_id: str) -> tuple[CallEntry, ...]:
    """Return the last entries about a plan that hold."""
    with reading(engine) as connection:
        return valid_calls(connection, plan_id, _NEWEST)


def payers_called(engine: Engine) -> tuple[str, ...]:
    """Return the payers that were called."""
    with reading(engine) as connection:
        return payers_of_calls(connection)


def is_old(entry: CallEntry, today: date) -> bool:
    """Tell whether so much time has passed that the plan should be asked again."""
    return today - entry.told_on > _OLD


def call_written(entry: CallEntry) -> dict[str, Any]:
    """Return an entry as a request tells it, so that an estimate can count with it."""
    said = {"reference": entry.reference, "representative": entry.representative}
    known = {key: words for key, words in said.items() if words}
    return {"on": entry.told_on.isoformat(), "source": entry.source, **known, "answers": _for_estimates(entry)}


def _for_estimates(entry: CallEntry) -> list[Mapping[str, Any]]:
    return [answer for answer in entry.answers if answer["asks"] not in DESK_ASKS]


def told_for(engine: Engine, label: str, plan_id: str, today: date) -> list[dict[str, Any]]:
    """Return what a plan said on calls about a case, as a request tells it: those that hold and are not old."""
    calls = calls_of(engine, SoughtCalls(plan_id=plan_id, case_label=label)) if label else ()
    holding = [entry for entry in calls if entry.corrected_by is None and not is_old(entry, today)]
    return [call_written(entry) for entry in holding if _for_estimates(entry)]


def _problems(new: NewCall) -> Iterator[Problem]:
    yield from label_problems(new.case_label)
    if len(new.note) > MOST_NOTE:
        yield Problem("note", f"Enter at most {MOST_NOTE} characters; these are {len(new.note):,}.")


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
        "answers": [*(_answer(told) for told in new.call.answers), *new.beside],
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


# ----------------------------------------------------------------------------
# The label under which a clinic finds a case again: its own, short, and never a name.
# ----------------------------------------------------------------------------

MOST_LABEL = 60


def label_problems(label: str) -> Iterator[Problem]:
    """Find what is wrong with a label."""
    if len(label) > MOST_LABEL:
        yield Problem("case_label", f"Enter a label of at most {MOST_LABEL} characters; these are {len(label):,}.")
    if kind := identity_in(label):
        yield Problem("case_label", f"Enter a label of your own: this one holds {kind}.")


# ----------------------------------------------------------------------------
# The log of calls: entries are added, found by what they are about, and never changed.
# ----------------------------------------------------------------------------

_later = call_log.alias("later")


@dataclass(frozen=True, slots=True)
class CallEntry:
    """One entry; `by` is the account that made it, `corrected_by` the entry that stands in its place now."""

    id: int
    entered_at: datetime
    by: str
    plan_id: str
    payer: str
    case_label: str
    told_on: date
    source: str
    reference: str
    representative: str
    answers: Sequence[Mapping[str, Any]]
    note: str
    corrects: int | None
    corrected_by: int | None


@dataclass(frozen=True, slots=True)
class SoughtCalls:
    """Which entries are meant; what is None or empty restricts nothing. Both days are included."""

    plan_id: str = ""
    payer: str = ""
    case_label: str = ""
    since: date | None = None
    until: date | None = None


def insert_call(connection: Connection, row: Mapping[str, Any]) -> int:
    """Add an entry and return its number."""
    number = next_id(connection, call_log)
    connection.execute(insert(call_log), {**row, "id": number})
    return number


def find_call(connection: Connection, number: int) -> CallEntry | None:
    """Return an entry by its number."""
    row = connection.execute(_entries().where(call_log.c.id == number)).first()
    return None if row is None else _entry(row)


def find_calls(connection: Connection, sought: SoughtCalls, limit: int | None = None) -> tuple[CallEntry, ...]:
    """Return the entries that are meant, the last day first."""
    order = (call_log.c.told_on.desc(), call_log.c.id.desc())
    return tuple(map(_entry, connection.execute(_entries().where(*_conditions(sought)).order_by(*order).limit(limit))))


def valid_calls(connection: Connection, plan_id: str, limit: int) -> tuple[CallEntry, ...]:
    """Return the newest entries about a plan in whose place no other stands."""
    asked = _entries().where(call_log.c.plan_id == plan_id, _later.c.id.is_(None))
    order = (call_log.c.told_on.desc(), call_log.c.id.desc())
    return tuple(map(_entry, connection.execute(asked.order_by(*order).limit(limit))))


def payers_of_calls(connection: Connection) -> tuple[str, ...]:
    """Return the payers of whom there are entries."""
    return tuple(connection.scalars(select(call_log.c.payer).distinct().order_by(call_log.c.payer)))


def _entries() -> Select[Any]:
    own = [each for each in call_log.c if each.name != "account_id"]
    joined = call_log.join(accounts).outerjoin(_later, _later.c.corrects == call_log.c.id)
    return select(*own, accounts.c.name.label("by"), _later.c.id.label("corrected_by")).select_from(joined)


def _entry(row: Row[Any]) -> CallEntry:
    return CallEntry(**row._mapping)


def _conditions(sought: SoughtCalls) -> Iterator[Any]:
    for column, wanted in (
        (call_log.c.plan_id, sought.plan_id),
        (call_log.c.payer, sought.payer),
        (call_log.c.case_label, sought.case_label),
    ):
        if wanted:
            yield column == wanted
    if sought.since:
        yield call_log.c.told_on >= sought.since
    if sought.until:
        yield call_log.c.told_on <= sought.until
