"""Publish plans and price books: revisions are added and pointers moved, in one transaction.

A revision whose fingerprint is known is not added again: the pointer moves back to it, which is how to roll back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine

from estimator.clock import now_utc
from estimator.db.connection import writing
from estimator.db.tables import next_id, plan_revisions, price_books
from estimator.errors import ConflictingBook, ConflictingRevision, PlanFileRefused, Problem
from estimator.plans.folder import Library
from estimator.plans.shelf import Draft, fingerprint, read_draft, shared_content
from estimator.plans.store import (
    Import,
    Key,
    Revision,
    find_revision,
    insert_pointers,
    insert_revisions,
    keep_import,
    keep_shared,
    keys_of,
    known_revisions,
    pointers,
    remove_pointers,
)
from estimator.prices.store import BookRevision, active_book, insert_book, known_book, move_book_pointer

_AT_ONCE = 500
BY_HAND = "by hand"
COUNTED = ADDED, MOVED, UNCHANGED, LEFT, WITHDRAWN = "added", "moved", "unchanged", "left", "withdrawn"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Under what name, by whom and how plans are published.

    With `leaves_others`, plans that were last published under another name are left alone; what a person published
    `BY_HAND` is left alone by every other name. With `withdraws_rest`, what
    stood under this name and is not among the drafts is no longer active. `is_checked` vouches for definitions that a
    program wrote by the thousand; all others are read before anything is changed. `fingerprint` is that of the files
    that they came from, and `problems` are what was wrong there.
    """

    origin: str
    by: str = ""
    note: str = ""
    leaves_others: bool = False
    withdraws_rest: bool = False
    is_checked: bool = False
    fingerprint: str = ""
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """How many revisions were added, and pointers moved, unchanged, left to others or withdrawn."""

    added: int = 0
    moved: int = 0
    unchanged: int = 0
    left: int = 0
    withdrawn: int = 0
    problems: Sequence[Problem] = ()

    @property
    def has_changed(self) -> bool:
        """Tell whether anything is active that was not, or no longer."""
        return bool(self.moved or self.withdrawn)


def publish(
    engine: Engine,
    drafts: Iterable[Draft],
    plans: Library,
    occasion: Occasion,
    based_on: Mapping[Key, int | None] | None = None,
) -> Published:
    """Make these plans the active ones, all or none; what is active already stays as it is.

    `based_on` names the active revision of each plan that the author saw, None where there was none. Raises
    ConflictingRevision where another has become active since, and PlanFileRefused with the mistakes of a draft.
    """
    with writing(engine) as connection:
        published = publish_within(connection, drafts, plans, occasion, based_on or {})
        connection.commit()
    return published


def publish_within(
    connection: Connection,
    drafts: Iterable[Draft],
    plans: Library,
    occasion: Occasion,
    based_on: Mapping[Key, int | None],
) -> Published:
    """Do the same as a part of a larger transaction, which its own use case commits."""
    _require_bases(connection, based_on)
    published = _Publishing(connection, plans, occasion, now_utc()).all(drafts)
    if published.has_changed or occasion.fingerprint:
        keep_import(connection, _report(published, occasion))
    return published


def _require_bases(connection: Connection, based_on: Mapping[Key, int | None]) -> None:
    active = pointers(connection, [plan for plan, _ in based_on])
    for key, base in based_on.items():
        now = active[key].revision_id if key in active else None
        if now != base:
            raise ConflictingRevision(*key, base, now)


def _report(published: Published, occasion: Occasion) -> Import:
    counts = {name: getattr(published, name) for name in COUNTED}
    problems = [str(problem) for problem in published.problems]
    return Import(occasion.origin, occasion.fingerprint, now_utc(), occasion.by, counts, problems)


@dataclass
class _Publishing:
    """One publication under way, within its transaction."""

    connection: Connection
    plans: Library
    occasion: Occasion
    now: datetime
    counts: Counter[str] = field(default_factory=Counter)
    seen: set[Key] = field(default_factory=set)
    shared_id: int = 0
    next_id: int = 0

    def all(self, drafts: Iterable[Draft]) -> Published:
        """Publish some at a time, so that tens of thousands need not be in memory together."""
        self.next_id = next_id(self.connection, plan_revisions)
        if not self.occasion.is_checked:
            drafts = list(drafts)
            _read_all(drafts, self.plans)
        # Each fingerprint is taken as its draft arrives, while the definition is still in the processor's cache.
        coming = ((draft, fingerprint(draft, self.plans.shared)) for draft in drafts)
        while some := list(islice(coming, _AT_ONCE)):
            self._some(some)
        if self.occasion.withdraws_rest:
            gone = keys_of(self.connection, self.occasion.origin) - self.seen
            remove_pointers(self.connection, gone)
            self.counts[WITHDRAWN] = len(gone)
        counts = {name: self.counts[name] for name in COUNTED}
        return Published(problems=self.occasion.problems, **counts)

    def _some(self, marked: Sequence[tuple[Draft, str]]) -> None:
        known = known_revisions(self.connection, [mark for _, mark in marked])
        active = pointers(self.connection, [draft.key[0] for draft, _ in marked])
        added: list[Revision] = []
        moved: list[Revision] = []
        for draft, mark in marked:
            self._see(draft)
            pointer, revision_id = active.get(draft.key), known.get(mark)
            if pointer and pointer.revision_id == revision_id:
                self.counts[UNCHANGED] += 1
            elif pointer and self._is_others(pointer.origin):
                self.counts[LEFT] += 1
            elif revision_id:
                moved.append(find_revision(self.connection, revision_id))
            else:
                added.append(self._revision(draft, mark, pointer.revision_id if pointer else None))
        insert_revisions(self.connection, added)
        remove_pointers(self.connection, [one.key for one in added + moved if one.key in active])
        insert_pointers(self.connection, added + moved, self.occasion.origin)
        self.counts.update({ADDED: len(added), MOVED: len(added) + len(moved)})

    def _is_others(self, origin: str) -> bool:
        """Tell whether what stands there is left alone: by hand is what no import writes over."""
        return origin != self.occasion.origin and (self.occasion.leaves_others or origin == BY_HAND)

    def _see(self, draft: Draft) -> None:
        if draft.key in self.seen:
            plan, first_day = draft.key
            words = f"The plan {plan} from {first_day} is here twice: keep one, or choose another first day."
            raise PlanFileRefused((Problem("plan", words, draft.file),))
        self.seen.add(draft.key)

    def _revision(self, draft: Draft, mark: str, based_on: int | None) -> Revision:
        if not self.shared_id:
            content = shared_content(self.plans.folder)
            self.shared_id = keep_shared(self.connection, content, self.now)
        definition = draft.worded
        plan_id, first_day = draft.key
        self.next_id += 1
        return Revision(
            id=self.next_id - 1,
            plan_id=plan_id,
            fingerprint=mark,
            title=_line(definition["title"]),
            payer=_line(definition["payer"]),
            kind=definition["kind"],
            market=definition["market"],
            states=tuple(definition.get("states", ())),
            metal_level=draft.metal_level,
            also_called=draft.also_called,
            first_day=first_day,
            last_day=draft.last_day,
            origin=self.occasion.origin,
            form=draft.form,
            file=draft.file,
            definition=draft.kept,
            shared_id=self.shared_id,
            based_on=based_on,
            published_at=self.now,
            published_by=self.occasion.by,
            note=self.occasion.note,
        )


def _read_all(drafts: Iterable[Draft], plans: Library) -> None:
    problems = tuple(problem for draft in drafts for problem in _problems(draft, plans))
    if problems:
        raise PlanFileRefused(problems)


def _problems(draft: Draft, plans: Library) -> Iterator[Problem]:
    try:
        read_draft(draft, plans.shared)
    except PlanFileRefused as refused:
        yield from refused.problems


def _mark(content: str) -> str:
    return sha256(content.encode()).hexdigest()


def _line(words: str) -> str:
    return " ".join(words.split())


# ----------------------------------------------------------------------------
# Publish a price book: it is added where it is new, and becomes the active one of its year, in one transaction.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewBook:
    """A price book to be published; `content` is what its reader needs, without any number that is not whole."""

    year: int
    release: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Base:
    """The active book that the author saw; None where there was none."""

    book_id: int | None


def publish_book(engine: Engine, book: NewBook, occasion: Occasion, based_on: Base | None = None) -> int:
    """Make this the active book of its year, and return its id; the same content again changes nothing.

    Raises ConflictingBook where another has become active since the one that it is based on.
    """
    content = json.dumps(book.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    mark = sha256(f"{book.year} {book.release} {content}".encode()).hexdigest()
    with writing(engine) as connection:
        active = active_book(connection, book.year)
        if based_on and based_on.book_id != active:
            raise ConflictingBook(book.year, based_on.book_id, active)
        known = known_book(connection, mark)
        number = known or next_id(connection, price_books)
        now = now_utc()
        if not known:
            row = (number, book.year, book.release, mark, occasion.origin, content, active, now)
            insert_book(connection, BookRevision(*row, occasion.by, occasion.note))
        if number != active:
            move_book_pointer(connection, book.year, number)
        counts = {ADDED: int(not known), MOVED: int(number != active), UNCHANGED: int(number == active)}
        if number != active or occasion.fingerprint:
            problems = [str(problem) for problem in occasion.problems]
            report = Import(occasion.origin, occasion.fingerprint, now, occasion.by, counts, problems)
            keep_import(connection, report)
        connection.commit()
    return number
