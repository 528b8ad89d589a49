"""Plan revisions, price books and imports, which are only inserted, and the pointers to the active ones."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)
_PUBLISHED = (("published_at", _MOMENT), ("published_by", sa.String()), ("note", sa.String()))


def upgrade() -> None:
    """Make the first tables."""
    _shared_texts()
    _plan_revisions()
    _active_plans()
    _price_books()
    _imports()
    for table in ("shared_texts", "plan_revisions", "price_books", "imports"):
        for statement in refusals(table, op.get_bind().dialect.name):
            op.execute(statement)


def _shared_texts() -> None:
    op.create_table(
        "shared_texts",
        *_required(("id", sa.Integer()), ("fingerprint", sa.String()), ("content", sa.Text())),
        *_required(("published_at", _MOMENT)),
        sa.PrimaryKeyConstraint("id", name="pk_shared_texts"),
        sa.UniqueConstraint("fingerprint", name="uq_shared_texts_fingerprint"),
    )


def _plan_revisions() -> None:
    op.create_table(
        "plan_revisions",
        *_required(("id", sa.Integer()), ("plan_id", sa.String()), ("fingerprint", sa.String())),
        *_required(("title", sa.String()), ("payer", sa.String()), ("kind", sa.String()), ("market", sa.String())),
        *_required(("states", sa.Text())),
        sa.Column("metal_level", sa.String()),
        *_required(("also_called", sa.String()), ("first_day", sa.Date())),
        sa.Column("last_day", sa.Date()),
        *_required(("origin", sa.String()), ("form", sa.String()), ("file", sa.String()), ("definition", sa.Text())),
        *_required(("shared_id", sa.Integer())),
        sa.Column("based_on", sa.Integer()),
        *_required(*_PUBLISHED),
        sa.PrimaryKeyConstraint("id", name="pk_plan_revisions"),
        sa.UniqueConstraint("fingerprint", name="uq_plan_revisions_fingerprint"),
        sa.ForeignKeyConstraint(["shared_id"], ["shared_texts.id"], name="fk_plan_revisions_shared_id"),
        sa.ForeignKeyConstraint(["based_on"], ["plan_revisions.id"], name="fk_plan_revisions_based_on"),
    )
    op.create_index("ix_plan_revisions_plan_id_first_day", "plan_revisions", ["plan_id", "first_day"])


def _active_plans() -> None:
    op.create_table(
        "active_plans",
        *_required(("plan_id", sa.String()), ("first_day", sa.Date())),
        sa.Column("last_day", sa.Date()),
        *_required(("revision_id", sa.Integer()), ("origin", sa.String()), ("title", sa.String())),
        *_required(("payer", sa.String()), ("kind", sa.String()), ("market", sa.String()), ("states", sa.Text())),
        sa.Column("metal_level", sa.String()),
        *_required(("search", sa.String().with_variant(sa.String(collation="C"), "postgresql"))),
        sa.PrimaryKeyConstraint("plan_id", "first_day", name="pk_active_plans"),
        sa.ForeignKeyConstraint(["revision_id"], ["plan_revisions.id"], name="fk_active_plans_revision_id"),
    )
    op.create_index("ix_active_plans_market_payer", "active_plans", ["market", "payer"])
    op.create_index("ix_active_plans_origin", "active_plans", ["origin"])


def _price_books() -> None:
    op.create_table(
        "price_books",
        *_required(("id", sa.Integer()), ("year", sa.Integer()), ("release", sa.String())),
        *_required(("fingerprint", sa.String()), ("origin", sa.String()), ("content", sa.Text())),
        sa.Column("based_on", sa.Integer()),
        *_required(*_PUBLISHED),
        sa.PrimaryKeyConstraint("id", name="pk_price_books"),
        sa.UniqueConstraint("fingerprint", name="uq_price_books_fingerprint"),
        sa.ForeignKeyConstraint(["based_on"], ["price_books.id"], name="fk_price_books_based_on"),
    )
    op.create_table(
        "active_price_books",
        *_required(("year", sa.Integer()), ("book_id", sa.Integer())),
        sa.PrimaryKeyConstraint("year", name="pk_active_price_books"),
        sa.ForeignKeyConstraint(["book_id"], ["price_books.id"], name="fk_active_price_books_book_id"),
    )


def _imports() -> None:
    op.create_table(
        "imports",
        *_required(("id", sa.Integer()), ("origin", sa.String()), ("fingerprint", sa.String()), ("ran_at", _MOMENT)),
        *_required(("published_by", sa.String()), ("counts", sa.JSON()), ("problems", sa.JSON())),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_origin_id", "imports", ["origin", "id"])


def _required(*columns: tuple[str, Any]) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name, kind in columns]
