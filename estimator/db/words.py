"""The index of three letters in a row, by which a word is found among hundreds of thousands of plans.

On SQLite it is a table of FTS5, kept up to date by triggers; on PostgreSQL an index of the extension `pg_trgm`, which
its planner uses by itself. Where neither can be made, a search reads the words of every plan: it finds the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from estimator.db.connection import SQLITE, remembered

NAME = "plan_words"
_LETTERS = 3
_ROW = "INSERT INTO plan_words (rowid, search) VALUES (NEW.revision_id, NEW.search);"
_GONE = "INSERT INTO plan_words (plan_words, rowid, search) VALUES ('delete', OLD.revision_id, OLD.search);"
_ON_SQLITE = (
    f"CREATE VIRTUAL TABLE {NAME} USING fts5(search, content='', tokenize='trigram')",
    f"INSERT INTO {NAME} (rowid, search) SELECT revision_id, search FROM active_plans",
    f"CREATE TRIGGER {NAME}_insert AFTER INSERT ON active_plans BEGIN {_ROW} END",
    f"CREATE TRIGGER {NAME}_delete AFTER DELETE ON active_plans BEGIN {_GONE} END",
    f"CREATE TRIGGER {NAME}_update AFTER UPDATE ON active_plans BEGIN {_GONE} {_ROW} END",
)
_ON_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    f"CREATE INDEX {NAME} ON active_plans USING gin (search gin_trgm_ops)",
)
_HOLDING = text(f"SELECT rowid FROM {NAME} WHERE {NAME} MATCH :words LIMIT :most")  # our own name


def index_words(connection: Connection) -> bool:
    """Make the index within the transaction at hand; tell whether that was possible."""
    if has_index(connection):
        return True
    try:
        with connection.begin_nested():
            for statement in _ON_SQLITE if connection.dialect.name == SQLITE else _ON_POSTGRESQL:
                connection.execute(text(statement))
    except DBAPIError:
        # SQLite without FTS5, PostgreSQL without the files of the extension or without the right to make one.
        return False
    return True


def has_index(connection: Connection) -> bool:
    """Tell whether the index is there."""
    if connection.dialect.name == SQLITE:
        return remembered(connection, NAME, lambda: inspect(connection).has_table(NAME))
    return any(one["name"] == NAME for one in inspect(connection).get_indexes("active_plans"))


def drop_index(connection: Connection) -> None:
    """Remove what of the index doesn't go with the table of plans."""
    if connection.dialect.name == SQLITE:
        connection.execute(text(f"DROP TABLE IF EXISTS {NAME}"))


def revisions_holding(connection: Connection, words: Sequence[str], most: int) -> tuple[int, ...] | None:
    """Return the active revisions among which all are whose text for searches holds each word.

    None where there are more than `most`, where no word is long enough for the index, or where SQLite has none.
    """
    long = ['"{}"'.format(word.replace('"', '""')) for word in words if len(word) >= _LETTERS and "\0" not in word]
    if not long or connection.dialect.name != SQLITE or not has_index(connection):
        return None
    found = connection.execute(_HOLDING, {"words": " ".join(long), "most": most + 1}).scalars().all()
    return tuple(found) if len(found) <= most else None
