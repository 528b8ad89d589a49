"""What EOBs said of given estimates; the table takes new rows only."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals

revision = "0009"
down_revision = "0008"

_TABLE = "reconciliations"
_WHOLE = ("given_id", "visit")
_CENTS = ("estimated", "paid", "low", "high")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        _TABLE,
        *_required(("id", sa.Integer()), ("entered_at", sa.DateTime(timezone=True)), ("account_id", sa.Integer())),
        *_required(*((name, sa.Integer()) for name in _WHOLE)),
        *_required(("plan_id", sa.String()), ("month", sa.Date())),
        *_required(*((name, sa.Integer()) for name in _CENTS), ("lines", sa.JSON())),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliations"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_reconciliations_account_id"),
    )
    op.create_index("ix_reconciliations_given_id", _TABLE, ["given_id"])
    for statement in refusals(_TABLE, op.get_bind().dialect.name):
        op.execute(statement)


def _required(*columns: tuple[str, Any]) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name, kind in columns]
