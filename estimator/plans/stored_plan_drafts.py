"""Plans that are being worked on: text that nobody is answered from until it is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, update

from estimator.db.tables import plan_drafts
from estimator.plans.stored_plans import Key


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan file in the making; `based_on` is the revision that its author saw, None where there was none."""

    id: int
    plan_id: str
    first_day: date
    text: str
    based_on: int | None
    version: int
    saved_by: str
    updated_at: datetime
    note: str

    @property
    def key(self) -> Key:
        """Return the plan and the first day that it is for."""
        return self.plan_id, self.first_day


def insert_draft(connection: Connection, draft: PlanDraft) -> None:
    """Add a draft."""
    connection.execute(insert(plan_drafts), asdict(draft))


def replace_draft(connection: Connection, draft: PlanDraft) -> None:
    """Write a draft in the place of what it was."""
    connection.execute(update(plan_drafts).where(plan_drafts.c.id == draft.id).values(**asdict(draft)))


def remove_draft(connection: Connection, draft_id: int) -> None:
    """Throw a draft away."""
    connection.execute(delete(plan_drafts).where(plan_drafts.c.id == draft_id))


def find_draft(connection: Connection, draft_id: int) -> PlanDraft | None:
    """Return a draft by its id."""
    row = connection.execute(select(plan_drafts).where(plan_drafts.c.id == draft_id)).mappings().first()
    return PlanDraft(**row) if row else None


def find_drafts(connection: Connection, plan_id: str | None = None) -> Sequence[PlanDraft]:
    """Return the drafts of a plan, or of all, the last saved first."""
    asked = select(plan_drafts).order_by(plan_drafts.c.updated_at.desc(), plan_drafts.c.id.desc())
    if plan_id is not None:
        asked = asked.where(plan_drafts.c.plan_id == plan_id)
    return [PlanDraft(**row) for row in connection.execute(asked).mappings()]
