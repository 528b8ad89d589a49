"""The clinic's own lists of prices in the database: read from a file, published, rolled back, and what prices now.

A list is published whole, in one transaction, by somebody who saw the one that it takes the place of.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, Engine

from estimator.accounts.audit import note_done
from estimator.clock import now_utc, today
from estimator.db.connection import reading, writing
from estimator.errors import ClinicPricesRefused, ConflictingList, Problem, UnknownList
from estimator.prices import store
from estimator.prices.clinic_lists import LINE, Cells, Entry, Kind, kept_rows, read_list_file
from estimator.prices.store import PriceListRow, Publication, list_entries
from estimator.publishing.releasing import Signed, require_signed

MOST_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class PriceList:
    """A list of the clinic that was published, with its entries."""

    kept: PriceListRow
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class NewList:
    """A list that was read without a mistake, to be published."""

    kind: Kind
    file: str
    entries: tuple[Entry, ...]


def read_new_list(kind: Kind, content: bytes, file: str) -> NewList:
    """Return the list in a file, or raise ClinicPricesRefused with every mistake in it."""
    if len(content) > MOST_BYTES:
        words = f"Send at most {MOST_BYTES // 1_000_000} MB of prices."
        raise ClinicPricesRefused((Problem("", words, file),))
    entries, problems = read_list_file(kind, content, file, today())
    if problems:
        raise ClinicPricesRefused(problems)
    return NewList(kind, file, entries)


def publish_list(engine: Engine, new: NewList, based_on: int | None, signed: Signed) -> int:
    """Let this list price from now on, and return its number; the same rows again change nothing.

    `based_on` is the list that the author saw, None where there was none. Raises ConflictingList where another prices
    by now, and EditRefused where nobody signed or no reason is given.
    """
    require_signed(signed)
    with writing(engine) as connection:
        active = _based(connection, new.kind, based_on)
        rows = kept_rows(new.kind, new.entries)
        mark = _mark(new.kind, rows)
        if active and active.fingerprint == mark:
            return active.id
        content = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        number = _insert(connection, (new.kind, mark, new.file, len(rows), content), active, signed)
        connection.commit()
    return number


def roll_back_to(engine: Engine, number: int, based_on: int | None, signed: Signed) -> int:
    """Let an older list price again, and return the number under which it now stands.

    Raises UnknownList, and what `publish_list` raises.
    """
    require_signed(signed)
    with writing(engine) as connection:
        older = next(iter(store.lists_of(connection, [number])), None)
        if older is None:
            raise UnknownList(number)
        active = _based(connection, older.kind, based_on)
        if active and active.fingerprint == older.fingerprint:
            return active.id
        same = (older.kind, older.fingerprint, older.file, older.rows, older.content)
        again = _insert(connection, same, active, signed)
        connection.commit()
    return again


def active_list(engine: Engine, kind: Kind) -> PriceList | None:
    """Return the list of a kind that prices, None where none was ever published."""
    with reading(engine) as connection:
        kept = store.active_list(connection, kind)
    return PriceList(kept, list_entries(kept)) if kept else None


def list_of(engine: Engine, number: int) -> PriceList:
    """Return a list that was ever published; raise UnknownList."""
    with reading(engine) as connection:
        for kept in store.lists_of(connection, [number]):
            return PriceList(kept, list_entries(kept))
    raise UnknownList(number)


def history_of(engine: Engine, kind: Kind) -> tuple[Publication, ...]:
    """Return every publication of a kind, the newest first, which is the one that prices."""
    with reading(engine) as connection:
        return store.history_of(connection, kind)


def _based(connection: Connection, kind: str, based_on: int | None) -> PriceListRow | None:
    active = store.active_list(connection, kind)
    number = active.id if active else None
    if number != based_on:
        raise ConflictingList(kind, based_on, number)
    return active


def _insert(
    connection: Connection, said: tuple[str, str, str, int, str], active: PriceListRow | None, signed: Signed
) -> int:
    now = now_utc()
    row = PriceListRow(*said, active.id if active else None, now, signed.by, signed.note)
    number = store.insert_list(connection, row)
    note_done(connection, by=signed.account, did="prices-published", subject=f"{row.kind} {number}", now=now)
    return number


def _mark(kind: Kind, rows: Sequence[Cells]) -> str:
    """Return what tells rows from others, wherever in a file they stood."""
    plain = sorted(json.dumps({**row, LINE: ""}, sort_keys=True) for row in rows)
    return sha256(f"{kind} {plain}".encode()).hexdigest()
