"""The clinic's own lists of prices, which are only inserted into, and which of them a saved estimate rests on."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals

revision = "0006"
down_revision = "0005"

_TABLE = "clinic_price_lists"


def upgrade() -> None:
    """Make the table, and the column of saved estimates."""
    op.create_table(
        _TABLE,
        *_required(("id", sa.Integer()), ("kind", sa.String()), ("fingerprint", sa.String()), ("file", sa.String())),
        *_required(("rows", sa.Integer()), ("content", sa.Text())),
        sa.Column("based_on", sa.Integer()),
        *_required(("published_at", sa.DateTime(timezone=True)), ("published_by", sa.String()), ("note", sa.String())),
        sa.PrimaryKeyConstraint("id", name="pk_clinic_price_lists"),
        sa.ForeignKeyConstraint(["based_on"], ["clinic_price_lists.id"], name="fk_clinic_price_lists_based_on"),
    )
    op.create_index("ix_clinic_price_lists_kind_id", _TABLE, ["kind", "id"])
    for statement in refusals(_TABLE, op.get_bind().dialect.name):
        op.execute(statement)
    op.add_column("saved_estimates", sa.Column("price_lists", sa.JSON(), nullable=False, server_default="[]"))


def _required(*columns: tuple[str, Any]) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name, kind in columns]
