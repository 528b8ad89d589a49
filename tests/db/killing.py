"""What the children of a test do before they are killed: they end themselves, with SIGKILL, at a given statement."""

import os
import signal
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, make_url

from estimator.db.connection import engine_at
from estimator.db.official import MARKET_RATES, NewTable
from estimator.publishing import publish
from estimator.publishing.database import backup, prepare, restore
from estimator.publishing.official_tables import publish_table
from tests.db.sample import CATALOGUE, drafts, published

PLANS = 12
AT_ONCE = 3


def publish_and_die(address: str, copay: str, at: int) -> None:
    """Publish some plans in small parts."""
    publish._AT_ONCE = AT_ONCE
    published(_mortal(address, at), drafts(copay, PLANS), CATALOGUE)


def start_and_die(address: str, folder: str, at: int) -> None:
    """Make the database and fill it."""
    os.environ["ESTIMATOR_PLANS"] = folder
    prepare(_mortal(address, at))


def restore_and_die(address: str, path: str, at: int) -> None:
    """Put a backup in the place of what is there."""
    restore(_mortal(address, at), Path(path), replace=True)


def backup_and_die(address: str, path: str, at: int) -> None:
    """Write a backup over an older one."""
    backup(_mortal(address, at), Path(path))


def figures(amount: str) -> NewTable:
    """Return what a payer pays clinics for a unit of exercise, as its files would say."""
    row = {"code": "97110", "min": amount, "p25": amount, "median": amount, "p75": amount, "max": amount, "clinics": 1}
    says = {
        "insurer": "bcbs-mn",
        "state": "MN",
        "area": "Minnesota",
        "zips": ["000", "999"],
        "payer": "Blue",
        "networks": [],
    }
    return NewTable(
        MARKET_RATES, "bcbs-mn MN", date(2026, 10, 1), "rates.json", {**says, "dated": None, "files": [], "rows": [row]}
    )


def import_rates_and_die(address: str, amount: str, at: int) -> None:
    """Publish what a payer pays clinics."""
    publish_table(_mortal(address, at), figures(amount))


def _mortal(address: str, at: int) -> Engine:
    """Return an engine that is killed before its nth statement or commit; at 0 it lives."""
    engine = engine_at(make_url(address))
    done = count(1)

    def step(*_: Any, **__: Any) -> None:
        if next(done) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", step)
    event.listen(engine, "commit", step)
    return engine
