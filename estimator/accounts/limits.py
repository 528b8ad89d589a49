"""How often somebody nobody knows may do something: counted before the work, by all processes, across restarts.

What is kept of a network or a name is a hash under the key of this database, for as long as its count lasts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import new as keyed
from threading import Lock

from sqlalchemy import Connection, Engine, delete, insert, select, update

from estimator.accounts.sign_in import signing_key
from estimator.db.connection import writing
from estimator.db.tables import tries


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be done within a span, which begins with the first time."""

    what: str
    most: int
    span: timedelta

    def of(self, who: str, times: int = 1) -> Counted:
        """Return the limit for a network or a name; a wider network may do it so many times as often."""
        return Counted(Limit(self.what, self.most * times, self.span), who)


@dataclass(frozen=True, slots=True)
class Counted:
    """A limit, and who is counted under it."""

    limit: Limit
    who: str


def count_try(engine: Engine, counted: Sequence[Counted], now: datetime, tries_of: int = 1) -> timedelta | None:
    """Count a try under every limit; where one of them is reached, count nothing and return how long to wait.

    One that is as much work as several counts as so many tries.
    """
    marks = dict(_marks(engine, counted))
    with writing(engine) as connection:
        connection.execute(delete(tries).where(tries.c.ends_at <= now))
        found = _found(connection, marks)
        waits = [found[mark][1] - now for mark, one in marks.items() if found.get(mark, (0,))[0] >= one.limit.most]
        if waits:
            return max(waits)
        for mark, one in marks.items():
            if mark in found:
                connection.execute(update(tries).where(tries.c.mark == mark).values(count=tries.c.count + tries_of))
            else:
                connection.execute(insert(tries), {"mark": mark, "count": tries_of, "ends_at": now + one.limit.span})
        connection.commit()
    return None


_BLOCK = 10
_MOST_KNOWN = 10_000


@dataclass(slots=True)
class Sparingly:
    """Counts what is done often by writing every tenth try: the few of an ordinary person are not written at all.

    Each process may so let through nine more from each network than the limit says.
    """

    _unwritten: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def count(self, engine: Engine, counted: Sequence[Counted], now: datetime, tries_of: int) -> timedelta | None:
        """Count as `count_try` does."""
        waits = [self._count(engine, one, now, tries_of) for one in counted]
        return max((wait for wait in waits if wait is not None), default=None)

    def _count(self, engine: Engine, one: Counted, now: datetime, tries_of: int) -> timedelta | None:
        with self._lock:
            so_far = self._unwritten.get(one.who, 0) + tries_of
            if len(self._unwritten) >= _MOST_KNOWN:
                self._unwritten.clear()
            self._unwritten[one.who] = so_far if so_far < _BLOCK else 0
        if so_far < _BLOCK:
            return None
        wait = count_try(engine, [one], now, so_far)
        if wait is not None:
            # Each further try asks the database again, until it lets one through.
            with self._lock:
                self._unwritten[one.who] = _BLOCK
        return wait


def take_back(engine: Engine, counted: Sequence[Counted]) -> None:
    """Count a try no longer, because it was a right one."""
    marks = [mark for mark, _ in _marks(engine, counted)]
    with writing(engine) as connection:
        meant = tries.c.mark.in_(marks) & (tries.c.count > 0)
        connection.execute(update(tries).where(meant).values(count=tries.c.count - 1))
        connection.commit()


def _found(connection: Connection, marks: dict[str, Counted]) -> dict[str, tuple[int, datetime]]:
    asked = select(tries.c.mark, tries.c.count, tries.c.ends_at).where(tries.c.mark.in_(marks))
    return {mark: (count, ends_at) for mark, count, ends_at in connection.execute(asked)}


def _marks(engine: Engine, counted: Sequence[Counted]) -> Iterator[tuple[str, Counted]]:
    key = signing_key(engine).encode()
    for one in counted:
        yield keyed(key, f"{one.limit.what} {one.who}".encode(), sha256).hexdigest(), one
