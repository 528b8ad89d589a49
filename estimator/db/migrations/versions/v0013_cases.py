"""Cases with their entries and alerts, and the columns of a clinic's own files."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals

revision = "0013"
down_revision = "0012"

_MOMENT = sa.DateTime(timezone=True)
_SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; what happened in a case is only inserted."""
    _cases()
    _case_entries()
    _case_alerts()
    op.create_table(
        "schedule_columns",
        *_required(
            ("header", sa.String()), ("mapping", sa.JSON()), ("account_id", sa.Integer()), ("saved_at", _MOMENT)
        ),
        sa.PrimaryKeyConstraint("header", name="pk_schedule_columns"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_schedule_columns_account_id"),
    )
    for statement in refusals("case_entries", op.get_bind().dialect.name):
        op.execute(statement)


def _cases() -> None:
    op.create_table(
        "cases",
        *_required(("id", sa.Integer()), ("label", _SORTED), ("opened_at", _MOMENT), ("state", sa.String())),
        sa.Column("merged_into", sa.Integer()),
        *_required(*((name, sa.String()) for name in ("plan_id", "therapist", "location")), ("entries", sa.Integer())),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("label", name="uq_cases_label"),
        sa.ForeignKeyConstraint(["merged_into"], ["cases.id"], name="fk_cases_merged_into"),
    )
    op.create_index("ix_cases_state", "cases", ["state"])


def _case_entries() -> None:
    op.create_table(
        "case_entries",
        *_required(*((name, sa.Integer()) for name in ("id", "case_id", "number")), ("kind", sa.String())),
        *_required(("day", sa.Date()), ("content", sa.JSON())),
        sa.Column("corrects", sa.Integer()),
        *_required(("account_id", sa.Integer()), ("entered_at", _MOMENT)),
        sa.PrimaryKeyConstraint("id", name="pk_case_entries"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_entries_case_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_case_entries_account_id"),
    )
    op.create_index("uq_case_entries_case_id_number", "case_entries", ["case_id", "number"], unique=True)


def _case_alerts() -> None:
    op.create_table(
        "case_alerts",
        *_required(("id", sa.Integer()), ("case_id", sa.Integer()), ("kind", sa.String()), ("subject", sa.String())),
        *_required(("raised_on", sa.Date()), ("content", sa.JSON())),
        sa.Column("done_at", _MOMENT),
        sa.Column("done_by", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_case_alerts"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_alerts_case_id"),
        sa.ForeignKeyConstraint(["done_by"], ["accounts.id"], name="fk_case_alerts_done_by"),
    )
    op.create_index("uq_case_alerts_case_id_kind_subject", "case_alerts", ["case_id", "kind", "subject"], unique=True)


def _required(*columns: tuple[str, Any]) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name, kind in columns]
