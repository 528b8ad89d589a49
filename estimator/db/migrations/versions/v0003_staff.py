"""Accounts, what signs them in, and the log of what was done, which is only inserted into."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from estimator.db.migrations.triggers import refusals

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)
_SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables of those who work here."""
    _accounts()
    _sessions()
    _tokens()
    _audit_log()
    for statement in refusals("audit_log", op.get_bind().dialect.name):
        op.execute(statement)


def _accounts() -> None:
    op.create_table(
        "accounts",
        *_required(("id", sa.Integer()), ("name", _SORTED), ("role", sa.String())),
        sa.Column("password", sa.String()),
        sa.Column("person", sa.String()),
        *_required(("made_at", _MOMENT)),
        sa.Column("disabled_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
        sa.UniqueConstraint("person", name="uq_accounts_person"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        *_required(("mark", sa.String()), ("account_id", sa.Integer()), ("started_at", _MOMENT), ("seen_at", _MOMENT)),
        sa.PrimaryKeyConstraint("mark", name="pk_sessions"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    op.create_table(
        "password_links",
        *_required(("mark", sa.String()), ("account_id", sa.Integer()), ("ends_at", _MOMENT)),
        sa.PrimaryKeyConstraint("mark", name="pk_password_links"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_password_links_account_id"),
    )
    op.create_table(
        "signing_keys",
        *_required(("id", sa.Integer()), ("key", sa.String()), ("made_at", _MOMENT)),
        sa.PrimaryKeyConstraint("id", name="pk_signing_keys"),
    )


def _tokens() -> None:
    op.create_table(
        "api_tokens",
        *_required(("name", _SORTED), ("mark", sa.String()), ("purpose", sa.String()), ("role", sa.String())),
        *_required(("account_id", sa.Integer()), ("made_at", _MOMENT), ("ends_at", _MOMENT)),
        sa.Column("revoked_at", _MOMENT),
        sa.Column("last_used_on", sa.Date()),
        sa.PrimaryKeyConstraint("name", name="pk_api_tokens"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_api_tokens_account_id"),
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        *_required(("id", sa.Integer()), ("at", _MOMENT)),
        sa.Column("account_id", sa.Integer()),
        *_required(("did", sa.String()), ("subject", sa.String())),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_audit_log_account_id"),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"])


def _required(*columns: tuple[str, Any]) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name, kind in columns]
