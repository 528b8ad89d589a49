"""The tables. Those in `INSERT_ONLY` refuse every change of a row; the pointers to the active rows may move.

Money is whole cents inside definitions and price books, days are dates, and moments are UTC. Ids are given by the one
writer at a time, so that they are the same in a backup and on either engine. Changed by a migration, never by itself.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from estimator.db.draft_tables import plan_publications
from estimator.db.metadata import SORTED, row_id
from estimator.db.metadata import metadata as metadata  # Whoever asks for all tables gets them from here.
from estimator.db.record_tables import call_log, reconciliations
from estimator.db.record_tables import given_estimates as given_estimates
from estimator.db.saved_tables import saved_estimates as saved_estimates
from estimator.db.staff_tables import audit_log, sign_in_tables
from estimator.db.types import Moment, Words
from estimator.db.watch_tables import watch_runs

# What plans share, as it was: services, sources and policies; `content` is JSON of each file's text by its path.
shared_texts = Table(
    "shared_texts",
    metadata,
    row_id(),
    Column("fingerprint", String, nullable=False, unique=True),
    Column("content", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
)

# `definition` is the whole text of a plan file where `form` is yaml, and compact JSON with the same keys where it is
# json. With the shared texts that the row names it says everything that the plan rests on.
plan_revisions = Table(
    "plan_revisions",
    metadata,
    row_id(),
    Column("plan_id", String, nullable=False),
    Column("fingerprint", String, nullable=False, unique=True),
    Column("title", String, nullable=False),
    Column("payer", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("market", String, nullable=False),
    Column("states", Words, nullable=False),
    Column("metal_level", String),
    Column("also_called", String, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date),
    Column("origin", String, nullable=False),
    Column("form", String, nullable=False),
    Column("file", String, nullable=False),
    Column("definition", Text, nullable=False),
    Column("shared_id", Integer, ForeignKey("shared_texts.id"), nullable=False),
    Column("based_on", Integer, ForeignKey("plan_revisions.id")),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String, nullable=False),
    Column("note", String, nullable=False),
    Index(None, "plan_id", "first_day"),
)

# One row for each plan and first day, with what a search looks at, so that no search reads the definitions.
# `origin` is whose publishing moved the pointer here, which may be another than wrote the revision.
active_plans = Table(
    "active_plans",
    metadata,
    Column("plan_id", String, primary_key=True),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date),
    Column("revision_id", Integer, ForeignKey("plan_revisions.id"), nullable=False),
    Column("origin", String, nullable=False),
    Column("title", String, nullable=False),
    Column("payer", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("market", String, nullable=False),
    Column("states", Words, nullable=False),
    Column("metal_level", String),
    Column("search", SORTED, nullable=False),
    Index(None, "market", "payer"),
    Index(None, "origin"),
)

price_books = Table(
    "price_books",
    metadata,
    row_id(),
    Column("year", Integer, nullable=False),
    Column("release", String, nullable=False),
    Column("fingerprint", String, nullable=False, unique=True),
    Column("origin", String, nullable=False),
    Column("content", Text, nullable=False),
    Column("based_on", Integer, ForeignKey("price_books.id")),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String, nullable=False),
    Column("note", String, nullable=False),
)

active_price_books = Table(
    "active_price_books",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("book_id", Integer, ForeignKey("price_books.id"), nullable=False),
)

# Contracts, self-pay lists and factors for experience of the clinic. The newest row of a kind is the one that prices:
# rolling back adds the older rows again. `content` is JSON of cells by column, amounts as text.
clinic_price_lists = Table(
    "clinic_price_lists",
    metadata,
    row_id(),
    Column("kind", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("file", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("based_on", Integer, ForeignKey("clinic_price_lists.id")),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String, nullable=False),
    Column("note", String, nullable=False),
    Index(None, "kind", "id"),
)

# One row for each time that something was published: `fingerprint` is that of the files it came from.
imports = Table(
    "imports",
    metadata,
    row_id(),
    Column("origin", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("ran_at", Moment, nullable=False),
    Column("published_by", String, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("problems", JSON, nullable=False),
    Index(None, "origin", "id"),
)

# A clinic's schedule with its rows. `cells` is what a row says by column; no column is for a person's name. An
# outcome is written once, and all of it is deleted when its time is over, or before.
schedules = Table(
    "schedules",
    metadata,
    row_id(),
    Column("sent_by", String, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("state", String, nullable=False),
)

schedule_rows = Table(
    "schedule_rows",
    metadata,
    Column("schedule_id", Integer, ForeignKey("schedules.id"), primary_key=True, autoincrement=False),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("cells", JSON, nullable=False),
    Column("outcome", JSON),
    Column("answered_at", Moment),
)

INSERT_ONLY = (
    shared_texts,
    plan_revisions,
    price_books,
    clinic_price_lists,
    imports,
    audit_log,
    plan_publications,
    call_log,
    reconciliations,
)
# What opens a door is not carried about in a backup: see docs/staff.md. Nor is what is soon deleted anyway.
IN_NO_BACKUP = (*sign_in_tables, schedules, schedule_rows, watch_runs)
