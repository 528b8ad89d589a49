"""Every table. Rows of the tables in `INSERT_ONLY` never change; pointers to the active rows may move.

The tables of one subject stand in one file; `tables` names them all.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# The same order on both engines, whatever language a server of PostgreSQL was set up in.
SORTED = String().with_variant(String(collation="C"), "postgresql")


def row_id() -> Column[int]:
    """Return the column of an id that the one writer gives."""
    return Column("id", Integer, primary_key=True, autoincrement=False)


def next_id(connection: Connection, table: Table) -> int:
    """Return the id for a new row, which no row ever had; only the one writer may ask."""
    highest = int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one())
    if table in INSERT_ONLY:
        return highest + 1
    here = last_ids.c.of_table == table.name
    last = connection.execute(select(last_ids.c.id).where(here)).scalar()
    number = max(highest, last or 0) + 1
    if last is None:
        connection.execute(insert(last_ids).values(of_table=table.name, id=number))
    else:
        connection.execute(update(last_ids).where(here).values(id=number))
    return number


# ----------------------------------------------------------------------------
# Kinds of columns that keep on SQLite what PostgreSQL keeps by itself.
# ----------------------------------------------------------------------------


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, which comes back as UTC; SQLite forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a time zone, which could be any of 24."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(value)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[tuple[str, ...]]):
    """Some short words, kept as ` WA OR `, so that `% WA %` finds one of them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Write the words with a space on both sides of each."""
        if value is None:
            return None
        return f" {' '.join(value)} " if value else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Return the words."""
        return None if value is None else tuple(value.split())


# ----------------------------------------------------------------------------
# The tables of those who work here: accounts, what signs them in, and the log of what was done.
#
# No secret is kept as it is: of passwords there is an Argon2 hash, and of tokens that are random anyway their
# SHA-256.
# ----------------------------------------------------------------------------

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

# The second step of a sign-in: the secret that an app on a phone makes codes from, and the last code's number, so that
# none is taken twice. It's asked for once `confirmed_at` is set.
second_steps = Table(
    "second_steps",
    metadata,
    Column("account_id", Integer, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("secret", String, nullable=False),
    Column("confirmed_at", Moment),
    Column("last_code", Integer, nullable=False),
)

# Codes for a person whose phone is gone, each once; `mark` is the SHA-256.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("mark", String, primary_key=True),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Index(None, "account_id"),
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

sign_in_tables = (sessions, password_links, recovery_codes, api_tokens, signing_keys)


# ----------------------------------------------------------------------------
# The tables of plans that are being worked on, and of what people published by hand.
#
# A draft may change and go; who published what and why is only inserted.
# ----------------------------------------------------------------------------

# `version` counts the times it was saved, so that a person who would save over another's words is told.
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


# ----------------------------------------------------------------------------
# The tables of what was told: calls with payers, and estimates as they were given to patients.
#
# Text that somebody writes freely stands in `note` and `case_label` alone; no column is for a patient's name.
# ----------------------------------------------------------------------------

# One answer of a payer about a plan; `answers` are those of a request's `told`. What was entered wrongly is entered
# again, and `corrects` names the entry in whose place that stands.
call_log = Table(
    "call_log",
    metadata,
    row_id(),
    Column("entered_at", Moment, nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("plan_id", String, nullable=False),
    Column("payer", String, nullable=False),
    Column("case_label", String, nullable=False),
    Column("told_on", Date, nullable=False),
    Column("source", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("representative", String, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("note", String, nullable=False),
    Column("corrects", Integer, ForeignKey("call_log.id")),
    Index(None, "plan_id", "told_on"),
)

# An estimate as a patient was given it; `receipt` is the SHA-256 of its request and answer, `books` and `price_lists`
# what was active of either. Rows are never changed, and go when their time is over or somebody deletes them.
given_estimates = Table(
    "given_estimates",
    metadata,
    row_id(),
    Column("case_label", String, nullable=False),
    Column("plan_id", String, nullable=False),
    Column("request", JSON, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("receipt", String, nullable=False),
    Column("revision_id", Integer, ForeignKey("plan_revisions.id")),
    Column("fingerprint", String, nullable=False),
    Column("books", JSON, nullable=False),
    Column("price_lists", JSON, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("engine", String, nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index(None, "expires_at"),
)

# What a payer's EOB said of one visit of a given estimate, in whole cents. It outlasts the estimate, for the accuracy
# of a plan: so it holds no label and no day but the month, and its `given_id`, never given twice, refers to a row that
# may be gone. A later row for the same visit stands in the place of an earlier one.
reconciliations = Table(
    "reconciliations",
    metadata,
    row_id(),
    Column("entered_at", Moment, nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("given_id", Integer, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("plan_id", String, nullable=False),
    Column("month", Date, nullable=False),
    Column("estimated", Integer, nullable=False),
    Column("paid", Integer, nullable=False),
    Column("low", Integer, nullable=False),
    Column("high", Integer, nullable=False),
    Column("lines", JSON, nullable=False),
    Index(None, "given_id"),
)


# ----------------------------------------------------------------------------
# The table of estimates that people asked to keep: no name, no link itself, and no row past its last day.
# ----------------------------------------------------------------------------

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
    Column("opened_at", Moment),
    Index(None, "expires_at"),
)


# ----------------------------------------------------------------------------
# The table of what the watch found, one row for each time that it looked.
# ----------------------------------------------------------------------------

# `reports` is a list, one for each job: its name, what it found, and why it failed where it did.
watch_runs = Table(
    "watch_runs",
    metadata,
    row_id(),
    Column("ran_at", Moment, nullable=False),
    Column("reports", JSON, nullable=False),
)


# ----------------------------------------------------------------------------
# The tables. Those in `INSERT_ONLY` refuse every change of a row; the pointers to the active rows may move.
#
# Money is whole cents inside definitions and price books, days are dates, and moments are UTC. Ids are given by the
# one writer at a time, so that they are the same in a backup and on either engine. Changed by a migration, never by
# itself.
# ----------------------------------------------------------------------------

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
    Index(None, "kind"),
    Index(None, "revision_id"),
    Index("ix_active_plans_search", "search", "first_day"),
    Index("ix_active_plans_market_search", "market", "search", "first_day"),
    Index("ix_active_plans_states_market", "states", "market"),
)

# Rules that many plans rest on as somebody published them, of the kinds in `plans/rule_revisions.py`: of those of one
# name that hold on a day the newest row decides, and without one the folder's file. `text` is the whole file and
# `fingerprint` tells the rule in it; a row with `withdraws` takes an older one back.
rule_revisions = Table(
    "rule_revisions",
    metadata,
    row_id(),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("file", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("shared_id", Integer, ForeignKey("shared_texts.id"), nullable=False),
    Column("withdraws", Integer, ForeignKey("rule_revisions.id")),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String, nullable=False),
    Column("note", String, nullable=False),
    Index(None, "kind", "name", "id"),
)

# Drafts of such rules. `base` is the text that the work started from, and `based_on` the newest row of the rule then.
rule_drafts = Table(
    "rule_drafts",
    metadata,
    row_id(),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("based_on", Integer, ForeignKey("rule_revisions.id")),
    Column("version", Integer, nullable=False),
    Column("saved_by", String, nullable=False),
    Column("updated_at", Moment, nullable=False),
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

# What official files say that is no plan and no price: coding edits by edition, plan crosswalks by market and year.
# The newest row of a kind and name is the one in use; `content` is JSON of what was read.
official_tables = Table(
    "official_tables",
    metadata,
    row_id(),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("files", String, nullable=False),
    Column("content", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String, nullable=False),
    Index(None, "kind", "name", "id"),
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
# outcome is written once, and all of it is deleted when its time is over, or before. `tries` counts how often a worker
# began with a row, and `set_aside` says why one could not be answered.
schedules = Table(
    "schedules",
    metadata,
    row_id(),
    Column("sent_by", String, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("state", String, nullable=False),
)

_LISTED = ("label", "time", "payer", "therapist", "location", "kinds")

schedule_rows = Table(
    "schedule_rows",
    metadata,
    Column("schedule_id", Integer, ForeignKey("schedules.id"), primary_key=True, autoincrement=False),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("cells", JSON, nullable=False),
    Column("outcome", JSON),
    Column("answered_at", Moment),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("set_aside", String),
    # What lists show of a row, so that they open none; a day that can't be read is none.
    Column("day", Date),
    *(Column(name, String, nullable=False, server_default="") for name in _LISTED),
    Column("at_risk", Integer, nullable=False, server_default="0"),
    Index(None, "day"),
)

# Which workers live, by machine and process.
workers = Table(
    "workers",
    metadata,
    Column("name", String, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

# How often a stranger did what is limited: `mark` is a keyed hash of what and who, so that no address stands here.
tries = Table(
    "tries",
    metadata,
    Column("mark", String, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Index(None, "ends_at"),
)

# The last id that a table gave whose rows may be removed: another row under the same id would be taken for it, by a
# page that is still open or by the log. It's in every backup, even where the table itself isn't.
last_ids = Table(
    "last_ids",
    metadata,
    Column("of_table", String, primary_key=True),
    Column("id", Integer, nullable=False),
)

# ----------------------------------------------------------------------------
# The tables of cases: a course of care under a label of the clinic's own, without anything that tells who it is.
#
# What happened is only inserted; the row of a case and its alerts say how far it is, so that lists are quick.
# ----------------------------------------------------------------------------

cases = Table(
    "cases",
    metadata,
    row_id(),
    Column("label", SORTED, nullable=False, unique=True),
    Column("opened_at", Moment, nullable=False),
    Column("state", String, nullable=False),
    Column("merged_into", Integer, ForeignKey("cases.id")),
    Column("plan_id", String, nullable=False),
    Column("therapist", String, nullable=False),
    Column("location", String, nullable=False),
    Column("entries", Integer, nullable=False),
    Index(None, "state"),
    Index(
        "ix_cases_merged_into",
        "merged_into",
        sqlite_where=text("merged_into IS NOT NULL"),
        postgresql_where=text("merged_into IS NOT NULL"),
    ),
)

# `number` counts the entries of one case: two people who add to it at once get two numbers, and neither is lost.
case_entries = Table(
    "case_entries",
    metadata,
    row_id(),
    Column("case_id", Integer, ForeignKey("cases.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("content", JSON, nullable=False),
    Column("corrects", Integer),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("entered_at", Moment, nullable=False),
    Index("ix_case_entries_kind_day", "kind", "day"),
    Index("uq_case_entries_case_id_number", "case_id", "number", unique=True),
    Index("ix_case_entries_kind_case_id_day", "kind", "case_id", "day"),
    Index(
        "ix_case_entries_case_id_corrects",
        "case_id",
        "corrects",
        sqlite_where=text("corrects IS NOT NULL"),
        postgresql_where=text("corrects IS NOT NULL"),
    ),
)

# `subject` names what an alert is about and in which period, so that the same thing is never raised twice.
case_alerts = Table(
    "case_alerts",
    metadata,
    row_id(),
    Column("case_id", Integer, ForeignKey("cases.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("raised_on", Date, nullable=False),
    Column("content", JSON, nullable=False),
    Column("done_at", Moment),
    Column("done_by", Integer, ForeignKey("accounts.id")),
    Index("uq_case_alerts_case_id_kind_subject", "case_id", "kind", "subject", unique=True),
)

# Where the clinic treats. `settings` has the keys of the clinic's file, and `time_zone` and `consent_version`; a list
# of prices that is named here prices there, else the newest of its kind. Nothing is deleted: cases name a location.
clinic_locations = Table(
    "clinic_locations",
    metadata,
    row_id(),
    Column("name", SORTED, nullable=False, unique=True),
    Column("settings", JSON, nullable=False),
    Column("contract_id", Integer, ForeignKey("clinic_price_lists.id")),
    Column("self_pay_id", Integer, ForeignKey("clinic_price_lists.id")),
    Column("closed_at", Moment),
)

# Who treats, under initials or a code of the clinic's own, and what they may do. `trained` is yes, no or unknown.
therapists = Table(
    "therapists",
    metadata,
    row_id(),
    Column("code", SORTED, nullable=False, unique=True),
    Column("provider", String, nullable=False),
    Column("state", String, nullable=False),
    Column("trained", String, nullable=False),
    Column("training", String, nullable=False),
    Column("training_ends_on", Date),
    Column("consent_version", String, nullable=False),
    Column("left_at", Moment),
)

# Which of our columns a column of a clinic's own files is: `header` is its name there, in plain words.
schedule_columns = Table(
    "schedule_columns",
    metadata,
    Column("header", String, primary_key=True),
    Column("mapping", JSON, nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("saved_at", Moment, nullable=False),
)

INSERT_ONLY = (
    case_entries,
    shared_texts,
    plan_revisions,
    rule_revisions,
    price_books,
    clinic_price_lists,
    official_tables,
    imports,
    audit_log,
    plan_publications,
    call_log,
    reconciliations,
)
# What opens a door is not carried about in a backup: see docs/staff.md. Nor is what is soon deleted anyway.
IN_NO_BACKUP = (*sign_in_tables, schedules, schedule_rows, watch_runs, workers, tries)
