"""The tables of those who work here: accounts, what signs them in, and the log of what was done.

No secret is kept as it is: of passwords there is an Argon2 hash, and of tokens that are random anyway their SHA-256.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table

from estimator.db.metadata import SORTED, metadata, row_id
from estimator.db.types import Moment

# Never deleted, so that the log can name everyone who ever did something. `person` is how an identity provider names
# somebody; without a password only that way leads in.
accounts = Table(
    "accounts",
    metadata,
    row_id(),
    Column("name", SORTED, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("password", String),
    Column("person", String, unique=True),
    Column("made_at", Moment, nullable=False),
    Column("disabled_at", Moment),
)

# `mark` is the SHA-256 of what the browser holds.
sessions = Table(
    "sessions",
    metadata,
    Column("mark", String, primary_key=True),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index(None, "account_id"),
)

# A link that sets a password, once.
password_links = Table(
    "password_links",
    metadata,
    Column("mark", String, primary_key=True),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("ends_at", Moment, nullable=False),
)

# `name` is the part of a token that may be shown; `account_id` is who made it, and it ends with that account.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("name", SORTED, primary_key=True),
    Column("mark", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("role", String, nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("last_used_on", Date),
)

# Signs what browsers send back, such as the mark in a form; one row.
signing_keys = Table(
    "signing_keys",
    metadata,
    row_id(),
    Column("key", String, nullable=False),
    Column("made_at", Moment, nullable=False),
)

# There is no account where nobody was signed in: a command, or a sign-in that failed.
audit_log = Table(
    "audit_log",
    metadata,
    row_id(),
    Column("at", Moment, nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id")),
    Column("did", String, nullable=False),
    Column("subject", String, nullable=False),
    Index(None, "at"),
)

sign_in_tables = (sessions, password_links, api_tokens, signing_keys)
