"""Layers as somebody published them; the table takes new rows only."""

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals

revision = "0014"
down_revision = "0013"

_TABLE = "layer_revisions"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("layer", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("fingerprint", "file")),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shared_id", sa.Integer(), nullable=False),
        sa.Column("withdraws", sa.Integer()),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("published_by", "note")),
        sa.PrimaryKeyConstraint("id", name="pk_layer_revisions"),
        sa.ForeignKeyConstraint(["shared_id"], ["shared_texts.id"], name="fk_layer_revisions_shared_id"),
        sa.ForeignKeyConstraint(["withdraws"], ["layer_revisions.id"], name="fk_layer_revisions_withdraws"),
    )
    op.create_index("ix_layer_revisions_layer_id", _TABLE, ["layer", "id"])
    for statement in refusals(_TABLE, op.get_bind().dialect.name):
        op.execute(statement)
