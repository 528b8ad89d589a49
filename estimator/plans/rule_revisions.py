"""Rules that many plans rest on, as somebody published them, and the drafts of those that are being worked on.

A rule has a kind and a name: a payer's layer and its id. Rows are only added. Of the rows of one rule that hold on a
day the one that was published last decides, and the folder's file where none was; a row that takes an older one back
lets what was there before it decide again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from estimator.db.tables import rule_drafts, rule_revisions, shared_texts

# A payer's layer by its id, the law of a state by its two letters, what is usual in a market by its name, a procedure
# code by itself.
LAYER, STATE_LAW, USUAL, CODE = "layer", "state-law", "usual", "code"


@dataclass(frozen=True, slots=True)
class RuleRevision:
    """One rule as it was published, or, with `withdraws`, that an older one was taken back.

    `text` is the whole file, of which `fingerprint` tells this rule; `shared_id` names what plans shared then.
    """

    id: int
    kind: str
    name: str
    first_day: date
    fingerprint: str
    file: str
    text: str
    shared_id: int
    withdraws: int | None
    published_at: datetime
    published_by: str
    note: str


def insert_rule_revisions(connection: Connection, revisions: Iterable[RuleRevision]) -> None:
    """Add rows."""
    if rows := [asdict(one) for one in revisions]:
        connection.execute(insert(rule_revisions), rows)


def newest_of_rule(connection: Connection, kind: str, name: str) -> int | None:
    """Return the id of the newest row of a rule, one that takes back included; None where there is none."""
    here = (rule_revisions.c.kind == kind) & (rule_revisions.c.name == name)
    return connection.execute(select(func.max(rule_revisions.c.id)).where(here)).scalar()


def rule_history(connection: Connection, kind: str | None = None, name: str | None = None) -> tuple[RuleRevision, ...]:
    """Return every row of a rule, of a kind, or of all, the newest first."""
    asked = select(rule_revisions).order_by(rule_revisions.c.id.desc())
    if kind is not None:
        asked = asked.where(rule_revisions.c.kind == kind)
    if name is not None:
        asked = asked.where(rule_revisions.c.name == name)
    return tuple(RuleRevision(**row._mapping) for row in connection.execute(asked))


def not_withdrawn(history: Sequence[RuleRevision]) -> tuple[RuleRevision, ...]:
    """Return the rows of a history that were not taken back, and take none back."""
    gone = {one.withdraws for one in history}
    return tuple(one for one in history if one.withdraws is None and one.id not in gone)


def shared_ids(connection: Connection) -> tuple[int, ...]:
    """Return the ids of all that plans ever shared, the newest first."""
    return tuple(connection.execute(select(shared_texts.c.id).order_by(shared_texts.c.id.desc())).scalars())


# ----------------------------------------------------------------------------
# Drafts: text that nobody is answered from until it is published.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """The text of a rule in the making; `base` is what it was started from, `based_on` the rule's newest row then."""

    id: int
    kind: str
    name: str
    text: str
    base: str
    based_on: int | None
    version: int
    saved_by: str
    updated_at: datetime


def insert_rule_draft(connection: Connection, draft: RuleDraft) -> None:
    """Keep a draft under the id that it brings."""
    connection.execute(insert(rule_drafts), asdict(draft))


def replace_rule_draft(connection: Connection, draft: RuleDraft) -> None:
    """Keep another text of a draft."""
    connection.execute(update(rule_drafts).where(rule_drafts.c.id == draft.id).values(**asdict(draft)))


def remove_rule_draft(connection: Connection, draft_id: int) -> None:
    """Remove a draft."""
    connection.execute(delete(rule_drafts).where(rule_drafts.c.id == draft_id))


def find_rule_draft(connection: Connection, draft_id: int) -> RuleDraft | None:
    """Return a draft, None where there is none of this id."""
    row = connection.execute(select(rule_drafts).where(rule_drafts.c.id == draft_id)).first()
    return None if row is None else RuleDraft(**row._mapping)


def find_rule_drafts(connection: Connection, kind: str | None = None, name: str | None = None) -> Sequence[RuleDraft]:
    """Return the drafts of a rule, or of all, the last saved first."""
    asked = select(rule_drafts).order_by(rule_drafts.c.updated_at.desc(), rule_drafts.c.id.desc())
    if kind is not None:
        asked = asked.where(rule_drafts.c.kind == kind)
    if name is not None:
        asked = asked.where(rule_drafts.c.name == name)
    return [RuleDraft(**row._mapping) for row in connection.execute(asked)]
