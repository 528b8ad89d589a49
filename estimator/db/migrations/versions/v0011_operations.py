"""Heartbeats of workers, counted tries of strangers, rows that are set aside, and when a saved estimate was opened."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and add the columns."""
    op.create_table(
        "workers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )
    op.create_table(
        "tries",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_tries"),
    )
    op.create_index("ix_tries_ends_at", "tries", ["ends_at"])
    op.add_column("saved_estimates", sa.Column("opened_at", _MOMENT))
    op.add_column("schedule_rows", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("schedule_rows", sa.Column("set_aside", sa.String()))
