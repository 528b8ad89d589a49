"""Entries of cases by kind and case, and those that correct another, for reports over tens of thousands of them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_TABLE = "case_entries"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_case_entries_kind_case_id_day", _TABLE, ["kind", "case_id", "day"])
    only = sa.text("corrects IS NOT NULL")
    name = "ix_case_entries_case_id_corrects"
    op.create_index(name, _TABLE, ["case_id", "corrects"], sqlite_where=only, postgresql_where=only)
