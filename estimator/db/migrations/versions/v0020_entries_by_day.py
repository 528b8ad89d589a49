"""Entries of cases by kind and day, and cases by what they were merged into: neither reads all the others.

Reports of a year read payments and no visits; the labels of one case are found without looking at every case.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_TABLE = "case_entries"


def upgrade() -> None:
    """Make the indexes, one of them in place of that of days alone."""
    op.create_index("ix_case_entries_kind_day", _TABLE, ["kind", "day"])
    op.drop_index("ix_case_entries_day", _TABLE)
    only = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_cases_merged_into", "cases", ["merged_into"], sqlite_where=only, postgresql_where=only)
