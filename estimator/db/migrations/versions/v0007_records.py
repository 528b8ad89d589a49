"""The log of calls, and estimates as they were given: the one takes new rows only, the others are never changed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals, refusals_of_updates

revision = "0007"
down_revision = "0006"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _call_log()
    _given_estimates()
    dialect = op.get_bind().dialect.name
    for statement in (*refusals("call_log", dialect), *refusals_of_updates("given_estimates", dialect)):
        op.execute(statement)


def _call_log() -> None:
    op.create_table(
        "call_log",
        *_required(("id", sa.Integer()), ("entered_at", _MOMENT), ("account_id", sa.Integer())),
        *_texts("plan_id", "payer", "case_label"),
        *_required(("told_on", sa.Date())),
        *_texts("source", "reference", "representative"),
        *_required(("answers", sa.JSON())),
        *_texts("note"),
        sa.Column("corrects", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_call_log"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_call_log_account_id"),
        sa.ForeignKeyConstraint(["corrects"], ["call_log.id"], name="fk_call_log_corrects"),
    )
    op.create_index("ix_call_log_plan_id_told_on", "call_log", ["plan_id", "told_on"])


def _given_estimates() -> None:
    op.create_table(
        "given_estimates",
        *_required(("id", sa.Integer())),
        *_texts("case_label", "plan_id"),
        *_required(("request", sa.JSON()), ("answer", sa.JSON())),
        *_texts("receipt"),
        sa.Column("revision_id", sa.Integer()),
        *_texts("fingerprint"),
        *_required(("books", sa.JSON()), ("price_lists", sa.JSON())),
        *_required(("as_of", sa.Date()), ("engine", sa.String()), ("given_at", _MOMENT)),
        *_required(("account_id", sa.Integer()), ("expires_at", _MOMENT)),
        sa.PrimaryKeyConstraint("id", name="pk_given_estimates"),
        sa.ForeignKeyConstraint(["revision_id"], ["plan_revisions.id"], name="fk_given_estimates_revision_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_given_estimates_account_id"),
    )
    op.create_index("ix_given_estimates_expires_at", "given_estimates", ["expires_at"])


def _texts(*names: str) -> list[sa.Column[Any]]:
    return _required(*((name, sa.String()) for name in names))


def _required(*columns: tuple[str, Any]) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name, kind in columns]
