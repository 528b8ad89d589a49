"""The tables of what was told: calls with payers, and estimates as they were given to patients.

Text that somebody writes freely stands in `note` and `case_label` alone; no column is for a patient's name.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table

from estimator.db.metadata import metadata, row_id
from estimator.db.types import Moment

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
