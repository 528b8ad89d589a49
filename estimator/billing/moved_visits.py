"""Visits that a newer schedule has on another day: seen by themselves where it is plain, asked about where it isn't.

A schedule speaks for the days and places of which it has a visit. Where it leaves out a visit that an older one has,
it isn't given then; where it has another day in its place, the visit was moved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from estimator.billing.schedule_cells import CANCELED
from estimator.billing.sent_schedules import Work, kept_ids
from estimator.clock import today
from estimator.db.tables import schedule_rows


class Moved(NamedTuple):
    """A visit that a newer schedule leaves out; `days` are those that it has in its place, none where it has none.

    Where it isn't sure, somebody says whether the visit was moved.
    """

    days: tuple[date, ...]
    is_sure: bool


@dataclass(slots=True)
class _Sent:
    """What a schedule speaks for: days by place, therapists, and the days of each label that is looked for."""

    id: int
    places: set[tuple[date, str]] = field(default_factory=set)
    therapists: set[str] = field(default_factory=set)
    days: dict[str, set[date]] = field(default_factory=lambda: defaultdict(set))

    def is_within(self, day: date) -> bool:
        """Tell whether a day is not before its first visit and not after its last one."""
        days = [each for each, _ in self.places]
        return bool(days) and min(days) <= day <= max(days)


def moved_visits(connection: Connection, works: Iterable[Work]) -> Mapping[tuple[int, int], Moved]:
    """Return those of these rows that a newer schedule leaves out, by schedule and line."""
    newest = connection.scalar(select(func.max(kept_ids().subquery().c.id))) or 0
    older = [
        work for work in works if work.label and work.day and work.schedule_id < newest and CANCELED not in work.kinds
    ]
    if not older:
        return {}
    sent = _sent_since(connection, min(work.schedule_id for work in older), {work.label for work in older})
    found = ((work, _moved(work, work.day, sent)) for work in older if work.day)
    return {(work.schedule_id, work.line): moved for work, moved in found if moved}


def _sent_since(connection: Connection, first: int, labels: Collection[str]) -> Sequence[_Sent]:
    """Return the kept schedules from one on, the newest first."""
    row = schedule_rows.c
    are_kept = (row.schedule_id >= first, row.schedule_id.in_(kept_ids()), row.day.is_not(None))
    sent: dict[int, _Sent] = {}
    for number, *place, therapist in connection.execute(
        select(row.schedule_id, row.day, row.location, row.therapist).where(*are_kept).distinct()
    ):
        one = sent.setdefault(number, _Sent(number))
        one.places.add((place[0], place[1]))
        one.therapists.add(therapist)
    asked = select(row.schedule_id, row.label, row.day, row.kinds).where(*are_kept, row.label.in_(labels))
    for number, label, day, kinds in connection.execute(asked):
        if CANCELED not in kinds.split():
            sent[number].days[label].add(day)
    return sorted(sent.values(), key=lambda each: -each.id)


def _moved(work: Work, day: date, sent: Sequence[_Sent]) -> Moved | None:
    """Return what became of a visit by the newest schedule that says so; None where it stands."""
    own = next(each for each in sent if each.id == work.schedule_id)
    newer = [each for each in sent if each.id > work.schedule_id]
    speaks = next((each for each in newer if (day, work.location) in each.places), None)
    if speaks is None:
        # A schedule of later days alone can't say that this one didn't happen.
        later = next((each for each in newer if each.days[work.label] - own.days[work.label]), None)
        added = _within(own, later.days[work.label] - own.days[work.label]) if later and day < today() else ()
        return Moved(added, is_sure=False) if added else None
    there = speaks.days[work.label]
    if day in there:
        return None
    lost = sorted(each for each in own.days[work.label] - there if (each, work.location) in speaks.places)
    gained = tuple(sorted(there - own.days[work.label]))
    inside = _within(own, gained)
    # Days past those of the older schedule are the next ones of the course as well as moved ones.
    if len(inside) < len(lost) or not speaks.therapists.issuperset({work.therapist}):
        return Moved(gained, is_sure=False)
    return Moved((inside[lost.index(day)],) if len(inside) == len(lost) else inside, is_sure=True)


def _within(own: _Sent, days: Iterable[date]) -> tuple[date, ...]:
    return tuple(sorted(day for day in days if own.is_within(day)))
