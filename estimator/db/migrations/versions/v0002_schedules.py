"""The schedules that a clinic sends, and their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of schedules."""
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
    )
    op.create_table(
        "schedule_rows",
        sa.Column("schedule_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("line", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON()),
        sa.Column("answered_at", _MOMENT),
        sa.PrimaryKeyConstraint("schedule_id", "line", name="pk_schedule_rows"),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name="fk_schedule_rows_schedule_id"),
    )
