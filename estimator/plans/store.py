"""Plan revisions in the database, the pointers to the active ones, drafts, and what was published when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select, update

from estimator.db.connection import remembered
from estimator.db.tables import (
    active_plans,
    imports,
    next_id,
    plan_drafts,
    plan_publications,
    plan_revisions,
    shared_texts,
)

Key = tuple[str, date]
_AT_ONCE = 500
_SAME = ("plan_id", "first_day", "last_day", "title", "payer", "kind", "market", "states", "metal_level")


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a plan as it is kept; `form` says whether `definition` is a plan file or JSON."""

    id: int
    plan_id: str
    fingerprint: str
    title: str
    payer: str
    kind: str
    market: str
    states: tuple[str, ...]
    metal_level: str | None
    also_called: str
    first_day: date
    last_day: date | None
    origin: str
    form: str
    file: str
    definition: str
    shared_id: int
    based_on: int | None
    published_at: datetime
    published_by: str
    note: str

    @property
    def key(self) -> Key:
        """Return what is one pointer: the plan and its first day."""
        return self.plan_id, self.first_day


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which revision of a plan is active from a first day on, and whose publishing made it so."""

    revision_id: int
    origin: str


def known_revisions(connection: Connection, fingerprints: Sequence[str]) -> Mapping[str, int]:
    """Return the ids of the revisions that are there already, by fingerprint."""
    asked = select(plan_revisions.c.fingerprint, plan_revisions.c.id)
    found: dict[str, int] = {}
    for some in _in_turn(fingerprints):
        rows = connection.execute(asked.where(plan_revisions.c.fingerprint.in_(some)))
        found |= {row.fingerprint: row.id for row in rows}
    return found


def pointers(connection: Connection, plan_ids: Sequence[str]) -> Mapping[Key, Pointer]:
    """Return the pointers of these plans."""
    columns = active_plans.c
    asked = select(columns.plan_id, columns.first_day, columns.revision_id, columns.origin)
    found: dict[Key, Pointer] = {}
    for some in _in_turn(plan_ids):
        rows = connection.execute(asked.where(columns.plan_id.in_(some)))
        found |= {(plan, day): Pointer(number, origin) for plan, day, number, origin in rows}
    return found


def insert_revisions(connection: Connection, revisions: Sequence[Revision]) -> None:
    """Add revisions."""
    names = Revision.__dataclass_fields__
    if revisions:
        connection.execute(insert(plan_revisions), [{name: getattr(one, name) for name in names} for one in revisions])


def insert_pointers(connection: Connection, revisions: Sequence[Revision], origin: str) -> None:
    """Make these revisions the active ones of their plans and first days, for which none is."""
    if revisions:
        connection.execute(insert(active_plans), [_pointer(one, origin) for one in revisions])


def remove_pointers(connection: Connection, keys: Iterable[Key]) -> None:
    """Let no revision be active for these plans and first days."""
    columns = active_plans.c
    gone = and_(columns.plan_id == bindparam("plan"), columns.first_day == bindparam("day"))
    if rows := [{"plan": plan, "day": day} for plan, day in keys]:
        connection.execute(delete(active_plans).where(gone), rows)


def keys_of(connection: Connection, origin: str) -> frozenset[Key]:
    """Return what was last published under this origin and is active."""
    asked = select(active_plans.c.plan_id, active_plans.c.first_day).where(active_plans.c.origin == origin)
    return frozenset((plan, day) for plan, day in connection.execute(asked))


def find_revision(connection: Connection, revision_id: int) -> Revision:
    """Return a revision by its id."""
    asked = select(plan_revisions).where(plan_revisions.c.id == revision_id)
    return _revision(connection.execute(asked).one())


def definitions_of(connection: Connection, revision_ids: Collection[int]) -> Mapping[int, tuple[str, str, int]]:
    """Return of each of these revisions how it is kept, its definition, and the id of what it shares with others."""
    columns = plan_revisions.c
    asked = select(columns.id, columns.form, columns.definition, columns.shared_id).where(columns.id.in_(revision_ids))
    return {number: (form, text, shared) for number, form, text, shared in connection.execute(asked)}


def find_history(connection: Connection, plan_id: str) -> tuple[Revision, ...]:
    """Return every revision of a plan, the newest first."""
    asked = select(plan_revisions).where(plan_revisions.c.plan_id == plan_id).order_by(plan_revisions.c.id.desc())
    return tuple(map(_revision, connection.execute(asked)))


def keep_shared(connection: Connection, content: str, now: datetime) -> int:
    """Return the id of what plans share, which is added where it is new."""
    fingerprint = sha256(content.encode()).hexdigest()
    asked = select(shared_texts.c.id).where(shared_texts.c.fingerprint == fingerprint)
    found = connection.execute(asked).scalar()
    if found is not None:
        return int(found)
    number = next_id(connection, shared_texts)
    row = {"id": number, "fingerprint": fingerprint, "content": content, "published_at": now}
    connection.execute(insert(shared_texts), row)
    return number


def find_shared(connection: Connection, shared_id: int) -> str:
    """Return what plans shared, as JSON of each file's text by its path."""
    asked = select(shared_texts.c.content).where(shared_texts.c.id == shared_id)
    return str(connection.execute(asked).scalar_one())


def _revision(row: Row[Any]) -> Revision:
    return Revision(**row._mapping)


def _pointer(revision: Revision, origin: str) -> dict[str, Any]:
    row = {column: getattr(revision, column) for column in _SAME}
    words = (revision.title, revision.payer, revision.plan_id, revision.metal_level or "", revision.also_called)
    return {**row, "revision_id": revision.id, "origin": origin, "search": " ".join(words).casefold()}


def _in_turn(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))


def payers_saying(connection: Connection, form: str, words: str) -> Sequence[tuple[str, int]]:
    """Return the payers whose active definitions of this form hold these words, with how many of them do."""
    joined = active_plans.join(plan_revisions, active_plans.c.revision_id == plan_revisions.c.id)
    asked = select(active_plans.c.payer, func.count()).select_from(joined)
    asked = asked.where(plan_revisions.c.form == form, plan_revisions.c.definition.contains(words, autoescape=True))
    rows = connection.execute(asked.group_by(active_plans.c.payer).order_by(active_plans.c.payer))
    return [(payer, number) for payer, number in rows]


def active_saying(connection: Connection, payer: str, form: str, words: str) -> Sequence[Revision]:
    """Return the active revisions of a payer whose definitions of this form hold these words."""
    joined = active_plans.join(plan_revisions, active_plans.c.revision_id == plan_revisions.c.id)
    asked = select(plan_revisions).select_from(joined).where(active_plans.c.payer == payer)
    asked = asked.where(plan_revisions.c.form == form, plan_revisions.c.definition.contains(words, autoescape=True))
    return tuple(map(_revision, connection.execute(asked.order_by(plan_revisions.c.id))))


# ----------------------------------------------------------------------------
# What was published when: one row for each time, with its counts and the problems that were met.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Import:
    """One time that something was published; `fingerprint` is that of the files it came from, where there were any."""

    origin: str
    fingerprint: str
    ran_at: datetime
    published_by: str
    counts: Mapping[str, int]
    problems: Sequence[str] = ()


def keep_import(connection: Connection, report: Import) -> None:
    """Add a row."""
    connection.execute(
        insert(imports),
        {
            "id": next_id(connection, imports),
            "origin": report.origin,
            "fingerprint": report.fingerprint,
            "ran_at": report.ran_at,
            "published_by": report.published_by,
            "counts": dict(report.counts),
            "problems": list(report.problems),
        },
    )


def last_published(connection: Connection) -> tuple[int, int]:
    """Return a mark that is another one whenever plans or prices were published, by an import or by hand."""

    def read() -> tuple[int, int]:
        ids = (imports.c.id, plan_publications.c.id)
        by_import, by_hand = (connection.execute(select(func.coalesce(func.max(each), 0))).scalar_one() for each in ids)
        return by_import, by_hand

    return remembered(connection, "last published", read)


def last_import(connection: Connection, origin: str) -> Import | None:
    """Return the last time that something was published under this origin."""
    asked = select(imports).where(imports.c.origin == origin).order_by(imports.c.id.desc()).limit(1)
    row = connection.execute(asked).mappings().first()
    return None if row is None else Import(**{key: value for key, value in row.items() if key != "id"})


# ----------------------------------------------------------------------------
# Plans that are being worked on: text that nobody is answered from until it is published.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan file in the making; `based_on` is the revision that its author saw, None where there was none."""

    id: int
    plan_id: str
    first_day: date
    text: str
    based_on: int | None
    version: int
    saved_by: str
    updated_at: datetime
    note: str

    @property
    def key(self) -> Key:
        """Return the plan and the first day that it is for."""
        return self.plan_id, self.first_day


def insert_draft(connection: Connection, draft: PlanDraft) -> None:
    """Add a draft."""
    connection.execute(insert(plan_drafts), asdict(draft))


def replace_draft(connection: Connection, draft: PlanDraft) -> None:
    """Write a draft in the place of what it was."""
    connection.execute(update(plan_drafts).where(plan_drafts.c.id == draft.id).values(**asdict(draft)))


def remove_draft(connection: Connection, draft_id: int) -> None:
    """Throw a draft away."""
    connection.execute(delete(plan_drafts).where(plan_drafts.c.id == draft_id))


def find_draft(connection: Connection, draft_id: int) -> PlanDraft | None:
    """Return a draft by its id."""
    row = connection.execute(select(plan_drafts).where(plan_drafts.c.id == draft_id)).mappings().first()
    return PlanDraft(**row) if row else None


def find_drafts(connection: Connection, plan_id: str | None = None) -> Sequence[PlanDraft]:
    """Return the drafts of a plan, or of all, the last saved first."""
    asked = select(plan_drafts).order_by(plan_drafts.c.updated_at.desc(), plan_drafts.c.id.desc())
    if plan_id is not None:
        asked = asked.where(plan_drafts.c.plan_id == plan_id)
    return [PlanDraft(**row) for row in connection.execute(asked).mappings()]


# ----------------------------------------------------------------------------
# What people published by hand, and why: one row for each plan and time.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Publication:
    """A revision that a person made the active one; `replaced` is what was active before, None where nothing was."""

    plan_id: str
    first_day: date
    revision_id: int
    replaced: int | None
    did: str
    published_at: datetime
    published_by: str
    note: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What one person published at one moment: a plan, or many at once."""

    did: str
    published_at: datetime
    published_by: str
    note: str
    plan_id: str
    plans: int


def keep_publications(connection: Connection, some: Iterable[Publication]) -> None:
    """Add rows."""
    first = next_id(connection, plan_publications)
    rows = [{"id": first + place, **asdict(one)} for place, one in enumerate(some)]
    if rows:
        connection.execute(insert(plan_publications), rows)


def publications_of(connection: Connection, plan_id: str) -> Sequence[Publication]:
    """Return what was published of a plan, the newest first."""
    columns = [plan_publications.c[name] for name in Publication.__dataclass_fields__]
    asked = select(*columns).where(plan_publications.c.plan_id == plan_id).order_by(plan_publications.c.id.desc())
    return [Publication(*row) for row in connection.execute(asked)]


def publications_at(connection: Connection, at: datetime) -> Sequence[Publication]:
    """Return what was published at one moment, by plan."""
    columns = [plan_publications.c[name] for name in Publication.__dataclass_fields__]
    order = plan_publications.c.plan_id, plan_publications.c.first_day
    rows = connection.execute(select(*columns).where(plan_publications.c.published_at == at).order_by(*order))
    return [Publication(*row) for row in rows]


def recent_publications(connection: Connection, most: int) -> Sequence[Occurrence]:
    """Return what was published last; plans that were published together count as one."""
    columns = plan_publications.c
    together = (columns.did, columns.published_at, columns.published_by, columns.note)
    asked = select(*together, func.min(columns.plan_id), func.count()).group_by(*together)
    rows = connection.execute(asked.order_by(columns.published_at.desc()).limit(most))
    return [Occurrence(*row) for row in rows]
