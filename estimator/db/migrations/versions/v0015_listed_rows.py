"""What lists show of the rows of a schedule, and the days of what happened in cases, so that a list opens no row."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_LISTED = ("label", "time", "payer", "therapist", "location", "kinds")


def upgrade() -> None:
    """Add the columns; rows that are there are answered again, which fills them."""
    op.add_column("schedule_rows", sa.Column("day", sa.Date()))
    for name in _LISTED:
        op.add_column("schedule_rows", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("schedule_rows", sa.Column("at_risk", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_schedule_rows_day", "schedule_rows", ["day"])
    op.create_index("ix_case_entries_day", "case_entries", ["day"])
    op.execute("UPDATE schedule_rows SET outcome = NULL, answered_at = NULL, tries = 0, set_aside = NULL")
    op.execute("UPDATE schedules SET state = 'running' WHERE state = 'done'")
