"""What the watch found, one row for each time that it looked."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "watch_runs",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reports", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_runs"),
    )
