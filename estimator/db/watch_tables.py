"""The table of what the watch found, one row for each time that it looked."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Table

from estimator.db.metadata import metadata, row_id
from estimator.db.types import Moment

# `reports` is a list, one for each job: its name, what it found, and why it failed where it did.
watch_runs = Table(
    "watch_runs",
    metadata,
    row_id(),
    Column("ran_at", Moment, nullable=False),
    Column("reports", JSON, nullable=False),
)
