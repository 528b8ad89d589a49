"""Estimates that people asked to keep for a time; rows go when their time is over, or before."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "saved_estimates",
        *_required(("id", sa.Integer()), ("link", sa.String()), ("removal", sa.String())),
        *_required(("form", sa.JSON()), ("request", sa.JSON()), ("answer", sa.JSON())),
        sa.Column("revision_id", sa.Integer()),
        *_required(("fingerprint", sa.String()), ("books", sa.JSON()), ("as_of", sa.Date()), ("engine", sa.String())),
        *_required(("created_at", _MOMENT), ("expires_at", _MOMENT)),
        sa.PrimaryKeyConstraint("id", name="pk_saved_estimates"),
        sa.UniqueConstraint("link", name="uq_saved_estimates_link"),
        sa.ForeignKeyConstraint(["revision_id"], ["plan_revisions.id"], name="fk_saved_estimates_revision_id"),
    )
    op.create_index("ix_saved_estimates_expires_at", "saved_estimates", ["expires_at"])


def _required(*columns: tuple[str, Any]) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name, kind in columns]
