"""The tables of plans that are being worked on, and of what people published by hand.

A draft may change and go; who published what and why is only inserted.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text

from estimator.db.metadata import metadata, row_id
from estimator.db.types import Moment

# `version` counts the times it was saved, so that whoever saves over another's words is told.
plan_drafts = Table(
    "plan_drafts",
    metadata,
    row_id(),
    Column("plan_id", String, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("based_on", Integer, ForeignKey("plan_revisions.id")),
    Column("version", Integer, nullable=False),
    Column("saved_by", String, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("note", String, nullable=False),
)

# One row for each time that a person moved a pointer; `replaced` is what was active before.
plan_publications = Table(
    "plan_publications",
    metadata,
    row_id(),
    Column("plan_id", String, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("revision_id", Integer, ForeignKey("plan_revisions.id"), nullable=False),
    Column("replaced", Integer, ForeignKey("plan_revisions.id")),
    Column("did", String, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String, nullable=False),
    Column("note", String, nullable=False),
    Index(None, "plan_id", "id"),
)
