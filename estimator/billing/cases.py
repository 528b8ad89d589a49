"""Cases: a course of care under a label of the clinic's own, and everything that happened in it, only ever added to.

A case carries no identity. What it is on a day is folded from its entries: the care, what payers stated, grants and
visits. A correction is another entry that names the one it corrects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Row, Select, exists, func, insert, select, update

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing.calls import label_problems
from estimator.billing.schedule_cells import (
    COUNTS,
    MONEY,
    looks_like_a_name,
    meant,
    services_of,
    yes_or_no,
)
from estimator.billing.schedule_file import NAMES, Cells, read_schedule
from estimator.clock import now_utc, today
from estimator.db.connection import reading, writing
from estimator.db.tables import accounts, case_entries, cases, next_id
from estimator.engine.request import Grant
from estimator.engine.values import ZERO, Money, Span
from estimator.errors import Problem, RequestRefused, UnknownCase
from estimator.estimates.contract_values import FIRST_DAY, LAST_DAY

OPEN, CLOSED, MERGED = "open", "closed", "merged"
# What an entry can be about. Only the first ones change what a case is; the others are told in its timeline.
CARE, STATED, GRANT, VISIT = "care", "stated", "grant", "visit"
NOTE, ASSIGNED, PAID = "note", "assigned", "paid"
CLOSING, REOPENING, MERGING = "closed", "reopened", "merged"
KINDS = (CARE, STATED, GRANT, VISIT, NOTE, ASSIGNED, PAID, CLOSING, REOPENING, MERGING)
# What nobody adds to a case that is over; a payment, a note or a correction may come later.
_OF_CARE = (CARE, STATED, GRANT, VISIT)
REQUESTED, GRANTED = "requested", ("approved", "partly")
STATUSES = (REQUESTED, *GRANTED, "denied", "expired")
# What the columns of a schedule say about the care itself, and about what was used before.
CARE_CELLS = (
    *(
        "plan",
        "insurer",
        "second_plan",
        "zip",
        "per_week",
        "visits",
        "services",
        "provider",
        "therapist",
        "location",
        "network",
        "setting",
    ),
    *("diagnoses", "age", "referral", "consent"),
)
STATED_CELLS = (
    *("visits_used", "kx_dollars_used", "needling_90_days", "needling_12_months"),
    *("deductible_paid", "out_of_pocket_paid"),
)
_MOST_WORDS = 500


@dataclass(frozen=True, slots=True)
class Case:
    """A case as lists show it; `entries` counts what happened in it."""

    id: int
    label: str
    opened_at: datetime
    state: str
    merged_into: int | None
    plan_id: str
    therapist: str
    location: str
    entries: int


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One thing that happened on a day; `corrects` is the number of the entry of this case that it stands for."""

    number: int
    kind: str
    day: date
    content: Mapping[str, Any]
    corrects: int | None
    by: str
    entered_at: datetime


class NewEntry(NamedTuple):
    """What somebody adds to a case."""

    kind: str
    day: date
    content: Mapping[str, Any]
    corrects: int | None = None


# ----------------------------------------------------------------------------
# What a case is on a day, folded from its entries.
# ----------------------------------------------------------------------------


class Visit(NamedTuple):
    """A visit that was given; `allowed` are cents by place of its services, None where nobody told them."""

    number: int
    day: date
    services: str
    allowed: Sequence[int] | None
    source: str
    is_priced_by_us: bool = False


class GrantOnFile(NamedTuple):
    """An authorization of a case; `used_before` and `units_before` of it were used before the case was opened here."""

    entry: int
    number: str
    status: str
    grant: Grant
    requested_on: date | None
    requested_visits: int | None
    used_before: int
    units_before: int
    on: date


class Stated(NamedTuple):
    """What somebody stated as used so far, on a day: the columns of a schedule that say so.

    A visit of that day that was entered later, under a higher number, is not in it.
    """

    day: date
    cells: Mapping[str, str]
    entry: int


class Settled(NamedTuple):
    """What a payer settled for a day: what it paid, left to the patient and took off, each with group and reason."""

    day: date
    entry: int
    is_first_payer: bool
    paid: int
    patient: int
    adjustments: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class CaseNow:
    """A case on a day: the care in force then, what was last stated by column, its grants and its visits by day.

    `covers` are the plan and the insurer from each day on which they changed, `covers_ahead` those that are entered for
    a day to come; `given_before` counts visits that are left out, since they were given under another payer, and
    `next_payer_on` is the day from which on another one pays.
    """

    case: Case
    day: date
    care: Mapping[str, str]
    stated: Mapping[str, Stated] = field(default_factory=dict)
    grants: tuple[GrantOnFile, ...] = ()
    visits: tuple[Visit, ...] = ()
    assigned: str = ""
    covers: tuple[tuple[date, str, str], ...] = ()
    covers_ahead: tuple[tuple[date, str, str], ...] = ()
    given_before: int = 0
    next_payer_on: date | None = None
    settled: tuple[Settled, ...] = ()

    @property
    def planned(self) -> int:
        """Return how many visits of those planned are still to come."""
        whole = self.care.get("visits", "")
        return max(0, int(whole) - len(self.visits) - self.given_before) if whole.isdecimal() else 0


def case_now(case: Case, entries: Iterable[CaseEntry], day: date) -> CaseNow:
    """Return what a case is on a day; what was corrected or is still to come counts for nothing."""
    now = CaseNow(case, day, dict.fromkeys(CARE_CELLS, ""))
    there = sorted(standing(entries), key=lambda entry: (entry.day, entry.number))
    for entry in (each for each in there if each.day <= day):
        match entry.kind:
            case "care":
                now = replace(now, care={**now.care, **entry.content})
                now = replace(now, covers=_covered(now.covers, entry.day, now.care))
            case "stated":
                told = Stated(entry.day, entry.content, entry.number)
                columns = [name for name in STATED_CELLS if entry.content.get(name)]
                now = replace(now, stated={**now.stated, **dict.fromkeys(columns, told)})
            case "grant":
                now = replace(now, grants=(*now.grants, _grant(entry)))
            case "visit":
                now = replace(now, visits=(*now.visits, _visit(entry)))
            case "paid":
                now = replace(now, settled=(*now.settled, _settled(entry)))
            case "assigned":
                now = replace(now, assigned=str(entry.content.get("to", "")))
    care, covers = now.care, now.covers
    for entry in (each for each in there if each.kind == CARE and each.day > day):
        care = {**care, **entry.content}
        covers = _covered(covers, entry.day, care)
    return replace(now, covers_ahead=covers[len(now.covers) :])


def _covered(
    covers: tuple[tuple[date, str, str], ...], day: date, care: Mapping[str, str]
) -> tuple[tuple[date, str, str], ...]:
    """Return the covers with that of a day, if it is another one."""
    plan, insurer = care["plan"], care["insurer"]
    return covers if covers and covers[-1][1:] == (plan, insurer) else (*covers, (day, plan, insurer))


def _visit(entry: CaseEntry) -> Visit:
    said = entry.content
    return Visit(
        entry.number, entry.day, said["services"], said.get("allowed"), said.get("source", ""), bool(said.get("priced"))
    )


def _settled(entry: CaseEntry) -> Settled:
    said = entry.content
    sums = {name: int(said.get(name, 0)) for name in ("paid", "patient")}
    is_first = bool(said.get("is_first_payer", True))
    return Settled(entry.day, entry.number, is_first, **sums, adjustments=said.get("adjustments", ()))


def _grant(entry: CaseEntry) -> GrantOnFile:
    said = entry.content
    grant = Grant(
        on_file=said["status"] in GRANTED,
        visits=said.get("visits"),
        units=said.get("units"),
        codes=frozenset(said.get("codes", ())),
        valid=Span(_day(said.get("first_day")), _day(said.get("last_day"))),
    )
    return GrantOnFile(
        entry=entry.number,
        number=said.get("number", ""),
        status=said["status"],
        grant=grant,
        requested_on=_day(said.get("requested_on")),
        requested_visits=said.get("requested_visits"),
        used_before=said.get("used_before", 0),
        units_before=said.get("units_before", 0),
        on=entry.day,
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


# ----------------------------------------------------------------------------
# What people do: open a case, add to it, close it, merge it into another. Each is one transaction.
# ----------------------------------------------------------------------------


def open_case(engine: Engine, label: str, cells: Cells, by: Person, day: date | None = None) -> int:
    """Open a case with the cells of a row: its care, what was used before, and the authorization on file.

    Returns its id; an empty label is generated. Raises RequestRefused with everything that cannot be kept.
    """
    asked = _checked(label, cells)
    with writing(engine) as connection:
        number = _opened(connection, label, asked, by, day or today())
        connection.commit()
    return number


def add_entries(engine: Engine, case_id: int, new: Sequence[NewEntry], by: Person) -> int:
    """Add to a case what happened; return the number of the last entry.

    Anyone who adds at the same time gets other numbers. Raises UnknownCase, or RequestRefused for what cannot be kept.
    """
    return add_worked_out(engine, case_id, lambda _entries: new, by)


def add_worked_out(
    engine: Engine, case_id: int, work_out: Callable[[Sequence[CaseEntry]], Sequence[NewEntry]], by: Person
) -> int:
    """Add to a case what follows from all that stands in it, which nobody changes meanwhile; 0 where nothing does.

    Raises as `add_entries` does.
    """
    with writing(engine) as connection:
        last = keep_worked_out(connection, case_id, work_out, by)
        connection.commit()
    return last


def keep_worked_out(
    connection: Connection,
    case_id: int,
    work_out: Callable[[Sequence[CaseEntry]], Sequence[NewEntry]],
    by: Person,
) -> int:
    """Do as `add_worked_out` does, within what else is written."""
    case = _must_find(connection, case_id)
    there = _entries(connection, case_id)
    new = work_out(there)
    if not new:
        return 0
    check_entries(new)
    if case.state != OPEN and any(each.kind in _OF_CARE and each.corrects is None for each in new):
        raise RequestRefused((Problem("state", f"Open the case {case.label} again first: it is {case.state}."),))
    _check_once(there, new)
    last = _insert(connection, case, _corrections_of(there, new), by)
    note_done(connection, by=by.id, did="case-entered", subject=f"{case_id} {new[-1].kind}", now=now_utc())
    return last


def _check_once(there: Iterable[CaseEntry], new: Iterable[NewEntry]) -> None:
    """Raise RequestRefused where a visit or an authorization is there already: somebody sent it twice."""
    known = {_told_by(entry.kind, entry.day, entry.content): entry.number for entry in standing(there)}
    for each in new:
        told = _told_by(each.kind, each.day, each.content)
        if told and each.corrects is None and told in known:
            what = "visit" if each.kind == VISIT else "authorization"
            words = f"This {what} is there already, as entry {known[told]}. Enter another day, or leave it."
            raise RequestRefused((Problem("day", words),))


def _told_by(kind: str, day: date, content: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what tells that two entries are one visit or one authorization; nothing of other kinds."""
    if kind == VISIT and content.get("services"):
        return _visit_told(day, content)
    return (kind, day.isoformat(), *sorted(map(repr, content.items()))) if kind == GRANT else ()


def _visit_told(day: date, content: Mapping[str, Any]) -> tuple[str, ...]:
    return (VISIT, day.isoformat(), *sorted(service["code"] for service in services_of(content["services"])))


def check_entries(new: Sequence[NewEntry]) -> None:
    """Raise RequestRefused with everything that cannot be kept of what is to be added."""
    if problems := [problem for each in new for problem in _problems_of(each)]:
        raise RequestRefused(tuple(problems))


def set_case_state(engine: Engine, case_id: int, state: str, by: Person) -> None:
    """Close a case or open it again; raise RequestRefused for one that goes on in another."""
    kind = CLOSING if state == CLOSED else REOPENING
    with writing(engine) as connection:
        case = _must_find(connection, case_id)
        if case.state == MERGED:
            raise RequestRefused((Problem("state", f"The case {case.label} was merged: open the other one."),))
        _insert(connection, case, [NewEntry(kind, today(), {})], by)
        connection.execute(update(cases).where(cases.c.id == case_id).values(state=state))
        note_done(connection, by=by.id, did=f"case-{kind}", subject=str(case_id), now=now_utc())
        connection.commit()


def merge_cases(engine: Engine, case_id: int, into: int, by: Person) -> None:
    """Add everything of one case to another and close the first.

    Raises RequestRefused for a case merged before, and for an open case that would go on in a closed one.

    What stands in both, such as one visit or one authorization, is there once.
    """
    with writing(engine) as connection:
        gone, kept = _must_find(connection, case_id), _must_find(connection, into)
        if gone.id == kept.id or MERGED in (gone.state, kept.state):
            raise RequestRefused((Problem("into", "Enter another case, one that was not merged itself."),))
        if gone.state == OPEN != kept.state:
            raise RequestRefused((Problem("into", f"Open the case {kept.label} again first: it is {kept.state}."),))
        there = {_same(entry) for entry in standing(_entries(connection, kept.id))} - {None}
        carried = [
            NewEntry(entry.kind, entry.day, {**entry.content, "from_case": gone.label})
            for entry in standing(_entries(connection, gone.id))
            if entry.kind in (STATED, GRANT, VISIT, PAID, NOTE) and _same(entry) not in there
        ]
        _insert(connection, kept, [*carried, NewEntry(MERGING, today(), {"from": gone.label})], by)
        _insert(connection, gone, [NewEntry(MERGING, today(), {"into": kept.label})], by)
        connection.execute(update(cases).where(cases.c.id == gone.id).values(state=MERGED, merged_into=kept.id))
        note_done(connection, by=by.id, did="case-merged", subject=f"{gone.id} {kept.id}", now=now_utc())
        connection.commit()


def standing(entries: Iterable[CaseEntry]) -> Iterator[CaseEntry]:
    """Return the entries that nobody corrected or took back."""
    there = list(entries)
    corrected = {entry.corrects for entry in there}
    return (entry for entry in there if entry.number not in corrected and not entry.content.get("void"))


def _same(entry: CaseEntry) -> tuple[str, ...] | None:
    """Return what tells that two cases mean one thing: a visit's day and codes, the number of an authorization."""
    said = entry.content
    if entry.kind == VISIT:
        return _visit_told(entry.day, said)
    return (GRANT, said["number"], said["status"]) if entry.kind == GRANT and said.get("number") else None


class Imported(NamedTuple):
    """What an import of open cases did: the ids of new cases, and what keeps a line from being one."""

    opened: tuple[int, ...]
    problems: tuple[Problem, ...]


def import_cases(
    engine: Engine,
    content: bytes,
    file: str,
    by: Person,
    chosen: Mapping[str, str] | None = None,
    clinic_zip: str = "",
    zips: Mapping[str, str] | None = None,
) -> Imported:
    """Open a case for every row of a file with the columns of a schedule; a row with a problem stops no other.

    `first_day` is the day as of which the row is true; left empty, today. `chosen` are columns chosen by hand.
    """
    opened, problems = [], []
    for row in read_schedule(content, file, chosen, clinic_zip, zips).rows:
        cells = meant(row.cells).cells
        try:
            day = date.fromisoformat(cells["first_day"]) if cells["first_day"] else today()
            label = row.cells["label"]
            if looks_like_a_name(label):
                problems.append(
                    Problem("label", "It looks like a person's name; the case got a number.", file, row.line)
                )
            opened.append(open_case(engine, "" if looks_like_a_name(label) else label, row.cells, by, day))
        except ValueError:
            problems.append(Problem("first_day", "Enter a day, like 2026-12-01.", file, row.line))
        except RequestRefused as refused:
            problems += [replace(problem, file=file, line=row.line) for problem in refused.problems]
    return Imported(tuple(opened), tuple(problems))


def _checked(label: str, cells: Cells) -> Cells:
    row = meant({**cells, "label": label})
    problems = [replace(problem, path="label") for problem in label_problems(label)]
    problems += [Problem(column, words) for column, words in row.asks if column != "label"]
    if not row.cells["plan"]:
        problems.append(Problem("plan", "Enter the id of a plan."))
    problems += _unread(row.cells)
    if problems:
        raise RequestRefused(tuple(problems))
    return row.cells


def _unread(cells: Cells) -> Iterator[Problem]:
    """Yield the cells of counts, amounts, days and codes that cannot be read, of those that there are."""
    said = {name: cell for name, cell in cells.items() if cell}
    for name in COUNTS:
        if name in said and not (said[name].isdecimal() and len(said[name]) <= _MOST_DIGITS):
            yield Problem(name, "Enter a whole number, like 12.")
    for name in MONEY:
        if name in said and not _is_amount(said[name]):
            yield Problem(name, "Enter an amount, like 600.00.")
    for name in ("authorization_first_day", "authorization_last_day"):
        try:
            _day(said.get(name))
        except ValueError:
            yield Problem(name, "Enter a day, like 2026-12-01.")
    for name in ("authorization", "referral", "consent"):
        if isinstance(yes_or_no(said.get(name, "")), str):
            yield Problem(name, "Enter yes, no or unknown.")
    if any(len(service["code"]) != _LETTERS_OF_A_CODE for service in services_of(said.get("services", ""))):
        yield Problem("services", "Enter codes of 5 characters, like 97110.")


def _is_amount(written: str) -> bool:
    try:
        return Money.parse(written) >= ZERO
    except ValueError:
        return False


_MOST_DIGITS = 4
_LETTERS_OF_A_CODE = 5


def _opened(connection: Connection, label: str, cells: Cells, by: Person, day: date) -> int:
    number = next_id(connection, cases)
    label = label or f"Case {number}"
    if connection.execute(select(cases.c.id).where(cases.c.label == label)).first():
        raise RequestRefused((Problem("label", f"Enter another label: there is a case {label} already."),))
    row = {"id": number, "label": label, "opened_at": now_utc(), "state": OPEN, "merged_into": None, "entries": 0}
    named = {"plan_id": cells["plan"], "therapist": cells["therapist"], "location": cells["location"]}
    first = list(_first_entries(cells, day))
    check_entries(first)
    connection.execute(insert(cases), {**row, **named})
    _insert(connection, _must_find(connection, number), first, by)
    note_done(connection, by=by.id, did="case-opened", subject=str(number), now=now_utc())
    return number


def _first_entries(cells: Cells, day: date) -> Iterator[NewEntry]:
    yield NewEntry(CARE, day, {name: cells[name] for name in CARE_CELLS if cells[name]})
    if stated := {name: cells[name] for name in STATED_CELLS if cells[name]}:
        yield NewEntry(STATED, day, stated)
    if yes_or_no(cells["authorization"]) is True:
        yield NewEntry(GRANT, day, grant_content(cells))


def grant_content(cells: Cells) -> Mapping[str, Any]:
    """Return what an entry about an authorization holds, from the columns of a schedule."""
    visits, left = cells["authorization_visits"], cells["authorization_left"]
    used = cells["authorization_used"] or (str(int(visits) - int(left)) if visits and left else "")
    written = {
        "number": cells["authorization_number"],
        "status": "approved",
        "visits": int(visits or left) if visits or left else None,
        "codes": [service["code"] for service in services_of(cells["authorization_codes"])] or None,
        "units": int(cells["authorization_units"]) if cells["authorization_units"] else None,
        "first_day": cells["authorization_first_day"],
        "last_day": cells["authorization_last_day"],
        "used_before": int(used) if used else None,
        "units_before": int(cells["authorization_units_used"]) if cells["authorization_units_used"] else None,
    }
    return {name: value for name, value in written.items() if value not in ("", None)}


def _problems_of(new: NewEntry) -> Iterator[Problem]:
    if new.kind not in KINDS:
        yield Problem("kind", f"Choose one of {', '.join(KINDS)}.")
    if new.kind == VISIT and not new.content.get("void") and not new.content.get("services"):
        yield Problem("services", "Enter the codes of the visit, like 97110:30.")
    if new.kind in (CARE, STATED, VISIT):
        yield from _unread({name: cell for name, cell in new.content.items() if name in NAMES})
    if new.kind == CARE and not any(new.content.values()):
        yield Problem("care", "Enter what changes.")
    if new.kind == STATED and not any(new.content.get(name) for name in STATED_CELLS):
        yield Problem("stated", "Enter at least one count.")
    if new.kind == NOTE and not str(new.content.get("says", "")).strip():
        yield Problem("note", "Enter a note.")
    if new.kind == GRANT and new.content.get("status") not in STATUSES:
        yield Problem("status", f"Choose one of {', '.join(STATUSES)}.")
    first, last = new.content.get("first_day"), new.content.get("last_day")
    if new.kind == GRANT and first and last and last < first:
        yield Problem("last_day", f"Enter a day that is not before {first}.")
    if new.kind != PAID and not new.content.get("void"):
        yield from _days_too_far(new)
    if new.kind == GRANT:
        yield from (
            Problem(name, f"Enter at most {_LONGEST_TEXT} characters.")
            for name in ("number", "reason")
            if len(str(new.content.get(name, ""))) > _LONGEST_TEXT
        )
        if not all(each.isalnum() and len(each) == _LETTERS_OF_A_CODE for each in new.content.get("codes") or ()):
            yield Problem("codes", "Enter codes of 5 characters, like 97110.")
    if len(str(new.content.get("says", ""))) > _MOST_WORDS:
        yield Problem("says", f"Enter at most {_MOST_WORDS} characters.")


def _days_too_far(new: NewEntry) -> Iterator[Problem]:
    """Yield the days of an entry that nobody can mean: counting on from one would leave the calendar."""
    days = {"day": new.day, **{name: _day(new.content.get(name)) for name in _DAYS_OF_A_GRANT}}
    for name, day in days.items():
        if day and not FIRST_DAY <= day <= LAST_DAY:
            yield Problem(name, f"Enter a day from {FIRST_DAY.year} to {LAST_DAY.year}.")


_DAYS_OF_A_GRANT = ("first_day", "last_day", "requested_on")
_LONGEST_TEXT = 200


# ----------------------------------------------------------------------------
# Cases in the database.
# ----------------------------------------------------------------------------


def case_of_id(engine: Engine, case_id: int) -> tuple[Case, tuple[CaseEntry, ...]]:
    """Return a case with its entries; raise UnknownCase."""
    with reading(engine) as connection:
        case, entries = _must_find(connection, case_id), _entries(connection, case_id)
    return _on_day(case, entries, today()), entries


def label_of(engine: Engine, case_id: int) -> str:
    """Return the label of a case; empty where there is none."""
    with reading(engine) as connection:
        found = connection.scalar(select(cases.c.label).where(cases.c.id == case_id))
    return found or ""


def labels_of(engine: Engine, case_id: int) -> tuple[str, ...]:
    """Return the label of a case, and those of the cases that were merged into it."""
    merged = select(cases.c.id, cases.c.label).where(cases.c.id == case_id).cte(recursive=True)
    # Also those that were merged into a case which was merged into this one.
    merged = merged.union(select(cases.c.id, cases.c.label).join(merged, cases.c.merged_into == merged.c.id))
    with reading(engine) as connection:
        return tuple(connection.scalars(select(merged.c.label).order_by(merged.c.id == case_id, merged.c.id)))


def case_labeled(engine: Engine, label: str) -> Case | None:
    """Return the case of a label, the one it was merged into where it was; None where there is none."""
    with reading(engine) as connection:
        return _labeled(connection, label)


def open_case_labeled(engine: Engine, label: str) -> tuple[Case, tuple[CaseEntry, ...]] | None:
    """Return the open case of a label with its entries; None where there is none."""
    if not label:
        return None
    with reading(engine) as connection:
        case = _labeled(connection, label)
        return (case, _entries(connection, case.id)) if case and case.state == OPEN else None


def _labeled(connection: Connection, label: str) -> Case | None:
    found = connection.execute(select(*cases.c).where(cases.c.label == label)).first()
    case = _case(found) if found else None
    while case is not None and case.merged_into is not None:
        case = _must_find(connection, case.merged_into)
    return case


def open_cases(engine: Engine, after: int = 0, most: int = 500) -> tuple[tuple[Case, tuple[CaseEntry, ...]], ...]:
    """Return open cases with their entries, those after an id, so many at a time."""
    asked = select(*cases.c).where(cases.c.state == OPEN, cases.c.id > after).order_by(cases.c.id).limit(most)
    with reading(engine) as connection:
        return tuple(cases_as_of_today(connection, asked))


def cases_as_of_today(
    connection: Connection, asked: Select[Any], *only: ColumnElement[bool]
) -> Iterator[tuple[Case, tuple[CaseEntry, ...]]]:
    """Yield the cases that are asked for as they are today, with their entries, or `only` some of those."""
    found = [_case(row) for row in connection.execute(asked)]
    by_case: dict[int, list[CaseEntry]] = {case.id: [] for case in found}
    for row in connection.execute(_entry_rows().where(case_entries.c.case_id.in_(by_case), *only)):
        by_case[row.case_id].append(_entry(row))
    day = today()
    for case in found:
        yield _on_day(case, by_case[case.id], day), tuple(by_case[case.id])


def stands(entries: FromClause) -> ColumnElement[bool]:
    """Tell of an entry that none corrects it, on whatever day."""
    entry, later = entries.c, case_entries.alias().c
    return ~exists().where(later.case_id == entry.case_id, later.corrects == entry.number)


def cared_twice() -> Select[Any]:
    """Return the question for cases whose care was entered more than once."""
    care = case_entries.alias().c
    return select(care.case_id).where(care.kind == CARE).group_by(care.case_id).having(func.count() > 1)


def _must_find(connection: Connection, case_id: int) -> Case:
    row = connection.execute(select(*cases.c).where(cases.c.id == case_id)).first()
    if row is None:
        raise UnknownCase(case_id)
    return _case(row)


def _entries(connection: Connection, case_id: int) -> tuple[CaseEntry, ...]:
    rows = connection.execute(_entry_rows().where(case_entries.c.case_id == case_id))
    return tuple(_entry(row) for row in rows)


def _entry_rows() -> Any:
    columns = (*case_entries.c, accounts.c.name.label("by"))
    asked = select(*columns).join(accounts, accounts.c.id == case_entries.c.account_id)
    return asked.order_by(case_entries.c.case_id, case_entries.c.number)


def _insert(connection: Connection, case: Case, new: Sequence[NewEntry], by: Person) -> int:
    """Add entries under the next numbers of a case, which only the one writer takes; keep its row in step."""
    now, first = now_utc(), next_id(connection, case_entries)
    number = connection.execute(select(cases.c.entries).where(cases.c.id == case.id)).scalar_one()
    rows = [
        {
            "id": first + place,
            "case_id": case.id,
            "number": number + place + 1,
            "kind": each.kind,
            "day": each.day,
            "content": dict(each.content),
            "corrects": each.corrects,
            "account_id": by.id,
            "entered_at": now,
        }
        for place, each in enumerate(new)
    ]
    if rows:
        connection.execute(insert(case_entries), rows)
    kept = _on_day(case, _entries(connection, case.id), today()) if any(each.kind == CARE for each in new) else case
    named = {column: getattr(kept, column) for column in KEPT_CELLS.values()}
    connection.execute(update(cases).where(cases.c.id == case.id).values(entries=number + len(rows), **named))
    return int(number) + len(rows)


KEPT_CELLS = {"plan": "plan_id", "therapist": "therapist", "location": "location"}
"""What of its care a case keeps in its own row, by the cell of a schedule."""


def _on_day(case: Case, entries: Iterable[CaseEntry], day: date) -> Case:
    """Return a case with the plan, therapist and location of a day; those to come, such as next year's, aren't yet.

    Its row has those of the day on which its care was last entered.
    """
    care = case_now(case, entries, day).care
    named = {column: care[cell] or getattr(case, column) for cell, column in KEPT_CELLS.items()}
    return replace(case, plan_id=named["plan_id"], therapist=named["therapist"], location=named["location"])


def _corrections_of(entries: Sequence[CaseEntry], new: Sequence[NewEntry]) -> Sequence[NewEntry]:
    """Return the entries with what they keep of those that they correct.

    Raises RequestRefused where an entry corrects none of its kind, or one that somebody corrected meanwhile.
    """
    there = {entry.number: entry for entry in entries}
    corrected = {entry.corrects for entry in there.values()}
    for each in new:
        if each.corrects is None:
            continue
        meant_by = there.get(each.corrects)
        if meant_by is None or meant_by.kind != each.kind:
            raise RequestRefused((Problem("corrects", "Enter the number of an entry of the same kind."),))
        if each.corrects in corrected:
            raise RequestRefused((Problem("corrects", "Somebody corrected this entry meanwhile: look again."),))
    return [
        each._replace(content={**_kept_of_grant(there[each.corrects], each.content), **each.content})
        if each.corrects is not None and each.kind == GRANT
        else each
        for each in new
    ]


def _kept_of_grant(before: CaseEntry, now: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an answer keeps of the request that it answers: when it was sent, for how much, what was used.

    A request that corrects a request is the one that was sent, so nothing is kept of how the other was written.
    """
    said = before.content
    kept = {name: said[name] for name in _OF_A_REQUEST if name in said}
    if said["status"] == REQUESTED and now["status"] != REQUESTED:
        asked = {"requested_on": before.day.isoformat(), "requested_visits": said.get("visits")}
        kept = {name: value for name, value in asked.items() if value is not None} | kept
    return kept


_OF_A_REQUEST = ("requested_on", "requested_visits", "used_before", "units_before")


def _case(row: Row[Any]) -> Case:
    return Case(**row._mapping)


def _entry(row: Row[Any]) -> CaseEntry:
    return CaseEntry(**{name: getattr(row, name) for name in CaseEntry.__dataclass_fields__})
