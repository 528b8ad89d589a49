"""Coding edits and plan crosswalks from official files; the table takes new rows only."""

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals

revision = "0012"
down_revision = "0011"

_TABLE = "official_tables"
_WORDS = ("kind", "name")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _WORDS),
        sa.Column("first_day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("fingerprint", "files")),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_official_tables"),
    )
    op.create_index("ix_official_tables_kind_name_id", _TABLE, [*_WORDS, "id"])
    for statement in refusals(_TABLE, op.get_bind().dialect.name):
        op.execute(statement)
