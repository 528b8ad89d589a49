"""Plans that are being worked on, and what people published by hand, which is only inserted into."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "plan_drafts",
        *_required(("id", sa.Integer()), ("plan_id", sa.String()), ("first_day", sa.Date()), ("text", sa.Text())),
        sa.Column("based_on", sa.Integer()),
        *_required(("version", sa.Integer()), ("saved_by", sa.String()), ("updated_at", _MOMENT)),
        *_required(("note", sa.String())),
        sa.PrimaryKeyConstraint("id", name="pk_plan_drafts"),
        sa.ForeignKeyConstraint(["based_on"], ["plan_revisions.id"], name="fk_plan_drafts_based_on"),
    )
    op.create_table(
        "plan_publications",
        *_required(("id", sa.Integer()), ("plan_id", sa.String()), ("first_day", sa.Date())),
        *_required(("revision_id", sa.Integer())),
        sa.Column("replaced", sa.Integer()),
        *_required(("did", sa.String()), ("published_at", _MOMENT), ("published_by", sa.String())),
        *_required(("note", sa.String())),
        sa.PrimaryKeyConstraint("id", name="pk_plan_publications"),
        sa.ForeignKeyConstraint(["revision_id"], ["plan_revisions.id"], name="fk_plan_publications_revision_id"),
        sa.ForeignKeyConstraint(["replaced"], ["plan_revisions.id"], name="fk_plan_publications_replaced"),
    )
    op.create_index("ix_plan_publications_plan_id_id", "plan_publications", ["plan_id", "id"])
    for statement in refusals("plan_publications", op.get_bind().dialect.name):
        op.execute(statement)


def _required(*columns: tuple[str, Any]) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name, kind in columns]
