"""The first start: a database made, and filled with the plan files and the catalogues that ship."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from estimator.publishing.database import prepare
from estimator.publishing.importing import fill_from_catalogues
from estimator.publishing.publishing import Published


def make_ready(engine: Engine, told: Callable[[str], None] = lambda words: None) -> Published:
    """Bring a database up to date however it was found; where nothing is new this takes milliseconds.

    `told` gets a line before each catalogue that takes seconds to publish.
    """
    from_files = prepare(engine)
    filled = [from_files, *fill_from_catalogues(engine, told=told).values()]
    return Published(
        added=sum(one.added for one in filled),
        moved=sum(one.moved for one in filled),
        unchanged=sum(one.unchanged for one in filled),
        left=sum(one.left for one in filled),
        withdrawn=sum(one.withdrawn for one in filled),
        problems=tuple(problem for one in filled for problem in one.problems),
    )
