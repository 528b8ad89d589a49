"""Rules that many plans rest on, of any kind, in one table that takes new rows only; and drafts of them.

Layers had a table of their own; their rows keep their ids.
"""

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals

revision = "0018"
down_revision = "0017"

_TABLE = "rule_revisions"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and move the layers."""
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "name")),
        sa.Column("first_day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("fingerprint", "file")),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shared_id", sa.Integer(), nullable=False),
        sa.Column("withdraws", sa.Integer()),
        sa.Column("published_at", _MOMENT, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("published_by", "note")),
        sa.PrimaryKeyConstraint("id", name="pk_rule_revisions"),
        sa.ForeignKeyConstraint(["shared_id"], ["shared_texts.id"], name="fk_rule_revisions_shared_id"),
        sa.ForeignKeyConstraint(["withdraws"], ["rule_revisions.id"], name="fk_rule_revisions_withdraws"),
    )
    op.create_index("ix_rule_revisions_kind_name_id", _TABLE, ["kind", "name", "id"])
    columns = "first_day, fingerprint, file, text, shared_id, withdraws, published_at, published_by, note"
    op.execute(
        f"INSERT INTO {_TABLE} (id, kind, name, {columns}) "
        f"SELECT id, 'layer', layer, {columns} FROM layer_revisions ORDER BY id"
    )
    op.drop_table("layer_revisions")
    for statement in refusals(_TABLE, op.get_bind().dialect.name):
        op.execute(statement)
    op.create_table(
        "rule_drafts",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "name")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("text", "base")),
        sa.Column("based_on", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_drafts"),
        sa.ForeignKeyConstraint(["based_on"], ["rule_revisions.id"], name="fk_rule_drafts_based_on"),
    )
