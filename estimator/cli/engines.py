"""The database that an import compares with, or publishes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.errors import DatabaseNotReady

if TYPE_CHECKING:
    from sqlalchemy import Engine


def engine_to_compare() -> Engine | None:
    """Return the database to compare with; one without any tables has nothing to compare."""
    from estimator.db.connection import is_meant, open_engine, require_ready

    if not is_meant():
        return None
    engine = open_engine()
    try:
        require_ready(engine)
    except DatabaseNotReady as error:
        if not error.found:
            return None
        raise
    return engine


def upgraded_engine() -> Engine:
    """Return the database that is meant, with its tables brought up to date."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import upgrade

    engine = open_engine()
    upgrade(engine)
    return engine
