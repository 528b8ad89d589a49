"""Keep what an EOB said of a given estimate, and tell how near the estimates of a plan come over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Engine

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing import stored_reconciliations as store
from estimator.billing.eob import Cause, LineDifference, Reconciled
from estimator.billing.stored_given import GivenEstimate
from estimator.billing.stored_reconciliations import KeptReconciliation
from estimator.db.connection import reading, writing
from estimator.engine.values import Money

NEAR = Money(500)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How near the estimates of a plan came in the visits of a month; the mean is of differences without their sign."""

    plan_id: str
    month: date
    visits: int
    mean_difference: Money
    near: int
    in_range: int

    @property
    def near_percent(self) -> int:
        """Return the share of visits within five dollars, in whole percent."""
        return 100 * self.near // self.visits

    @property
    def in_range_percent(self) -> int:
        """Return the share of visits within the range that was given, in whole percent."""
        return 100 * self.in_range // self.visits


def keep_reconciliation(engine: Engine, given: GivenEstimate, found: Reconciled, by: Person, now: datetime) -> int:
    """Keep the differences of a visit, in the place of those that were kept for it before; return the number."""
    day = date.fromisoformat(given.answer["visits"][found.visit - 1]["day"])
    row = {
        "entered_at": now,
        "account_id": by.id,
        "given_id": given.id,
        "visit": found.visit,
        "plan_id": given.plan_id,
        "month": day.replace(day=1),
        **{name: int(getattr(found, name)) for name in ("estimated", "paid", "low", "high")},
        "lines": [_line(line) for line in found.lines],
    }
    with writing(engine) as connection:
        number = store.insert_reconciliation(connection, row)
        note_done(connection, by=by.id, did="estimate-reconciled", subject=f"{given.id} visit {found.visit}", now=now)
        connection.commit()
    return number


def reconciliations_of(engine: Engine, given_id: int) -> tuple[KeptReconciliation, ...]:
    """Return what is kept about the visits of an estimate."""
    with reading(engine) as connection:
        return store.find_reconciliations(connection, given_id)


def accuracy_by_month(engine: Engine) -> tuple[Accuracy, ...]:
    """Return how near the estimates came, for each plan and month of care."""
    with reading(engine) as connection:
        kept = store.find_all(connection)
    grouped = groupby(kept, key=lambda one: (one.plan_id, one.month))
    return tuple(_accuracy(plan_id, month, tuple(some)) for (plan_id, month), some in grouped)


def _accuracy(plan_id: str, month: date, some: Sequence[KeptReconciliation]) -> Accuracy:
    off = [abs(one.paid - one.estimated) for one in some]
    # Half-up, to the cent.
    mean = Money((2 * sum(off) + len(off)) // (2 * len(off)))
    near = sum(difference <= NEAR for difference in off)
    return Accuracy(plan_id, month, len(off), mean, near, sum(one.low <= one.paid <= one.high for one in some))


def _line(line: LineDifference) -> dict[str, Any]:
    parts = {str(cause): int(line.parts[cause]) for cause in Cause}
    amounts = {"estimated": int(line.estimated), "paid": int(line.paid)}
    return {"code": line.code, "units": line.units, **amounts, "parts": parts}
