"""What a new list of the clinic's prices changes: rows added, gone and moved, and days that nothing prices.

A row is compared with what the other list has for the same thing on its first day, so that a rise from January on shows
as a rise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from estimator.engine.prices import ExperienceFactor
from estimator.engine.values import Span
from estimator.prices.clinic_lists import Entry

_A_DAY = timedelta(days=1)
_SOON = timedelta(days=90)
_PER_MILLE = 1000
Subject = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Moved:
    """A row whose figure, basis or days differ from what was there before."""

    before: Entry
    after: Entry

    @property
    def difference(self) -> int:
        """Return by how much the figure moves: cents, or of a factor parts per million."""
        return _figure(self.after) - _figure(self.before)

    @property
    def per_mille(self) -> int | None:
        """Return the same in tenths of a percent of before, half-up; None where both are for different things."""
        if _basis(self.before) != _basis(self.after):
            return None
        before = _figure(self.before)
        size = (2 * abs(self.difference) * _PER_MILLE + before) // (2 * before)
        return size if self.difference >= 0 else -size


@dataclass(frozen=True, slots=True)
class Lapse:
    """Days on which a list has no price for something that it prices before and after."""

    subject: Subject
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Drift:
    """What one list changes in another. `ending` counts the rows that end soon, or have ended, with nothing after."""

    added: tuple[Entry, ...]
    gone: tuple[Entry, ...]
    moved: tuple[Moved, ...]
    same: int
    lapses: tuple[Lapse, ...]
    ending: Mapping[date, int]

    @property
    def changes(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.added or self.gone or self.moved)


def drift_between(before: Sequence[Entry], after: Sequence[Entry], as_of: date) -> Drift:
    """Return what `after` changes, the largest moves first."""
    old, new = _by_subject(before), _by_subject(after)
    pairs = [(_before(entry, old.get(entry.subject, ())), entry) for entry in after]
    moved = [Moved(was, entry) for was, entry in pairs if was is not None and not _is_same(was, entry)]
    return Drift(
        added=tuple(entry for was, entry in pairs if was is None),
        gone=tuple(entry for entry in before if not _any_overlaps(entry, new.get(entry.subject, ()))),
        moved=tuple(sorted(moved, key=_largest_first)),
        same=len(pairs) - len(moved) - sum(was is None for was, _ in pairs),
        lapses=tuple(_lapses(new)),
        ending=_ending(new, as_of + _SOON),
    )


def _by_subject(entries: Iterable[Entry]) -> dict[Subject, list[Entry]]:
    found: defaultdict[Subject, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.span.first_day or date.min):
        found[entry.subject].append(entry)
    return dict(found)


def _before(entry: Entry, old: Sequence[Entry]) -> Entry | None:
    first = entry.span.first_day or date.min
    overlapping = [each for each in old if _overlap(each.span, entry.span)]
    return next((each for each in overlapping if first in each.span), overlapping[0] if overlapping else None)


def _any_overlaps(entry: Entry, others: Sequence[Entry]) -> bool:
    return any(_overlap(entry.span, other.span) for other in others)


def _overlap(one: Span, other: Span) -> bool:
    return max(one.first_day or date.min, other.first_day or date.min) <= min(
        one.last_day or date.max, other.last_day or date.max
    )


def _is_same(one: Entry, other: Entry) -> bool:
    return (_figure(one), _basis(one), one.span) == (_figure(other), _basis(other), other.span)


def _largest_first(moved: Moved) -> tuple[bool, int, int, Subject]:
    share = moved.per_mille
    return share is not None, -abs(share or 0), -abs(moved.difference), moved.after.subject


def _lapses(by_subject: Mapping[Subject, Sequence[Entry]]) -> Iterator[Lapse]:
    for subject, entries in by_subject.items():
        for one, following in pairwise(entries):
            ends, begins = one.span.last_day, following.span.first_day
            if ends and begins and ends + _A_DAY < begins:
                yield Lapse(subject, ends + _A_DAY, begins - _A_DAY)


def _ending(by_subject: Mapping[Subject, Sequence[Entry]], until: date) -> dict[date, int]:
    last = (entries[-1].span.last_day for entries in by_subject.values())
    return dict(sorted(Counter(day for day in last if day and day <= until).items()))


def _figure(entry: Entry) -> int:
    return entry.rate.per_million if isinstance(entry, ExperienceFactor) else int(entry.amount)


def _basis(entry: Entry) -> str:
    return "" if isinstance(entry, ExperienceFactor) else entry.basis
