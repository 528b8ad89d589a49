"""What all tables have in common: where they are listed, how their ids are given, and the order in which text sorts.

The tables of one subject stand in one file; `tables` names them all.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, select

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# The same order on both engines, whatever language a server of PostgreSQL was set up in.
SORTED = String().with_variant(String(collation="C"), "postgresql")


def row_id() -> Column[int]:
    """Return the column of an id that the one writer gives."""
    return Column("id", Integer, primary_key=True, autoincrement=False)


def next_id(connection: Connection, table: Table) -> int:
    """Return the id for a new row; only the one writer may ask."""
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1
