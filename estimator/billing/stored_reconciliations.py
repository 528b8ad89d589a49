"""What EOBs said of given estimates: rows are added, and the last one about a visit holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from estimator.db.tables import accounts, next_id, reconciliations


@dataclass(frozen=True, slots=True)
class KeptReconciliation:
    """One visit of an estimate beside its EOB, in cents; `lines` hold the part of each cause."""

    id: int
    entered_at: datetime
    by: str
    given_id: int
    visit: int
    plan_id: str
    month: date
    estimated: int
    paid: int
    low: int
    high: int
    lines: Sequence[Mapping[str, Any]]

    @property
    def parts(self) -> Mapping[str, int]:
        """Return the part of each cause in the visit, in cents; only those that moved something."""
        causes = dict.fromkeys(cause for line in self.lines for cause in line["parts"])
        sums = {cause: sum(line["parts"].get(cause, 0) for line in self.lines) for cause in causes}
        return {cause: cents for cause, cents in sums.items() if cents}


def insert_reconciliation(connection: Connection, row: Mapping[str, Any]) -> int:
    """Add what an EOB said and return its number."""
    number = next_id(connection, reconciliations)
    connection.execute(insert(reconciliations), {**row, "id": number})
    return number


def last_given_id(connection: Connection) -> int:
    """Return the highest number of an estimate that anything here is about, 0 where there is nothing."""
    return int(connection.execute(select(func.coalesce(func.max(reconciliations.c.given_id), 0))).scalar_one())


def find_reconciliations(connection: Connection, given_id: int) -> tuple[KeptReconciliation, ...]:
    """Return what holds for the visits of an estimate, in their order."""
    asked = _holding().where(reconciliations.c.given_id == given_id).order_by(reconciliations.c.visit)
    return tuple(KeptReconciliation(**row._mapping) for row in connection.execute(asked))


def find_all(connection: Connection) -> tuple[KeptReconciliation, ...]:
    """Return all that holds, by plan and month."""
    asked = _holding().order_by(reconciliations.c.plan_id, reconciliations.c.month, reconciliations.c.id)
    return tuple(KeptReconciliation(**row._mapping) for row in connection.execute(asked))


def _holding() -> Select[Any]:
    columns = reconciliations.c
    last = select(func.max(columns.id)).group_by(columns.given_id, columns.visit)
    own = [each for each in columns if each.name != "account_id"]
    asked = select(*own, accounts.c.name.label("by")).select_from(reconciliations.join(accounts))
    return asked.where(columns.id.in_(last))
