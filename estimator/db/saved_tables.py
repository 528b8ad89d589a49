"""The table of estimates that people asked to keep: no name, no link itself, and no row past its last day."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table

from estimator.db.metadata import metadata, row_id
from estimator.db.types import Moment

# `link` and `removal` are hashes of the two secrets of a saved estimate. `form` is what was typed, `request` the same
# as the contract reads it, `answer` what it came to, in English; `books` are the price books that were active, and
# `price_lists` the clinic's own lists.
saved_estimates = Table(
    "saved_estimates",
    metadata,
    row_id(),
    Column("link", String, nullable=False, unique=True),
    Column("removal", String, nullable=False),
    Column("form", JSON, nullable=False),
    Column("request", JSON, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("revision_id", Integer, ForeignKey("plan_revisions.id")),
    Column("fingerprint", String, nullable=False),
    Column("books", JSON, nullable=False),
    Column("price_lists", JSON, nullable=False, server_default="[]"),
    Column("as_of", Date, nullable=False),
    Column("engine", String, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index(None, "expires_at"),
)
