"""Layers as somebody published them: rows that are only added, and the layers that are in force with them.

Of the layers of one name that hold on a day, the one that was published last decides, and the folder's where none was.
A row that takes an older one back lets what was there before it decide again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from estimator.db.tables import layer_revisions, shared_texts
from estimator.engine.values import Span
from estimator.plans.layers import Layer

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LayerRevision:
    """One layer as it was published, or, with `withdraws`, that an older one was taken back.

    `text` is the whole file, of which `fingerprint` tells this layer; `shared_id` names what plans shared then.
    """

    id: int
    layer: str
    first_day: date
    fingerprint: str
    file: str
    text: str
    shared_id: int
    withdraws: int | None
    published_at: datetime
    published_by: str
    note: str


def insert_layer_revisions(connection: Connection, revisions: Iterable[LayerRevision]) -> None:
    """Add rows."""
    if rows := [asdict(one) for one in revisions]:
        connection.execute(insert(layer_revisions), rows)


def newest_layer_revision(connection: Connection) -> int:
    """Return the id of the newest row, 0 where none was ever published."""
    return int(connection.execute(select(func.coalesce(func.max(layer_revisions.c.id), 0))).scalar_one())


def layer_history(connection: Connection, layer: str | None = None) -> tuple[LayerRevision, ...]:
    """Return every row of a layer, or of all, the newest first."""
    asked = select(layer_revisions).order_by(layer_revisions.c.id.desc())
    if layer is not None:
        asked = asked.where(layer_revisions.c.layer == layer)
    return tuple(LayerRevision(**row._mapping) for row in connection.execute(asked))


def not_withdrawn(history: Sequence[LayerRevision]) -> tuple[LayerRevision, ...]:
    """Return the rows of a history that were not taken back, and take none back."""
    gone = {one.withdraws for one in history}
    return tuple(one for one in history if one.withdraws is None and one.id not in gone)


def shared_ids(connection: Connection) -> tuple[int, ...]:
    """Return the ids of all that plans ever shared, the newest first."""
    return tuple(connection.execute(select(shared_texts.c.id).order_by(shared_texts.c.id.desc())).scalars())


def laid_over(newest_first: Iterable[Layer], older: Iterable[Layer]) -> tuple[Layer, ...]:
    """Return the layers that are in force: each on its days without those on which a newer one of its name holds."""
    found: list[Layer] = []
    taken: dict[str, list[Span]] = {}
    for layer in newest_first:
        found += _without(layer, taken.get(layer.id, []))
        taken.setdefault(layer.id, []).append(layer.in_force)
    for layer in older:
        found += _without(layer, taken.get(layer.id, []))
    return tuple(found)


def _without(layer: Layer, taken: Sequence[Span]) -> Iterator[Layer]:
    spans = [layer.in_force]
    for other in taken:
        spans = [left for span in spans for left in _left_of(span, other)]
    yield from (replace(layer, in_force=span) for span in spans)


def _left_of(span: Span, other: Span) -> Iterator[Span]:
    """Return the days of a span before and after those of another."""
    first, last = span.first_day or date.min, span.last_day or date.max
    from_day, to_day = other.first_day or date.min, other.last_day or date.max
    if to_day < first or last < from_day:
        yield span
        return
    if first < from_day:
        yield Span(span.first_day, from_day - _DAY)
    if to_day < last:
        yield Span(to_day + _DAY, span.last_day)
