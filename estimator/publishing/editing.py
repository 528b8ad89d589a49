"""Work on the text of a plan before anybody is answered from it: start, save, bring up to date, throw away.

Whoever saves names the version that they saw: what another person saved meanwhile is never written over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, Engine

from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.db.tables import next_id, plan_drafts
from estimator.errors import ConflictingDraft, EditRefused, Problem, UnknownDraft
from estimator.plans.edit_text import changed, merged
from estimator.plans.folder import heading
from estimator.plans.schema_values import name
from estimator.plans.shelf import YAML
from estimator.plans.store import (
    Key,
    PlanDraft,
    Revision,
    find_draft,
    find_drafts,
    find_history,
    find_revision,
    insert_draft,
    pointers,
    remove_draft,
    replace_draft,
)
from estimator.plans.text import yaml_of

MOST_CHARACTERS = 200_000


def text_of(revision: Revision) -> str:
    """Return a revision as the text of a plan file; what a program read from official files is written as one."""
    return revision.definition if revision.form == YAML else yaml_of(json.loads(revision.definition))


def start_draft(engine: Engine, revision_id: int, by: str) -> PlanDraft:
    """Start to work on a plan from one of its revisions; what is published is based on what is active now."""
    with writing(engine) as connection:
        revision = find_revision(connection, revision_id)
        draft = _added(connection, text_of(revision), revision.key, by)
        connection.commit()
    return draft


def start_copy(engine: Engine, revision_id: int, plan_id: str, by: str) -> PlanDraft:
    """Start a plan of another id from a template or another plan; raise EditRefused where the id is none, or in use."""
    if not re.fullmatch(name().pattern, plan_id):
        raise EditRefused((Problem("plan", "Write lower-case words joined by dashes, such as alder-ppo-2027."),))
    with writing(engine) as connection:
        if find_history(connection, plan_id):
            words = f"There is a plan {plan_id} already: write another id, or work on that plan."
            raise EditRefused((Problem("plan", words),))
        revision = find_revision(connection, revision_id)
        text = changed(text_of(revision), {("plan",): plan_id})
        if revision.kind == "template":
            text = changed(text, {("kind",): "published"})
        draft = _added(connection, text, (plan_id, revision.first_day), by)
        connection.commit()
    return draft


def save_draft(engine: Engine, draft_id: int, version: int, text: str, by: str, note: str = "") -> PlanDraft:
    """Keep another text of a draft; raise ConflictingDraft where somebody saved it since, with what they saved."""
    if len(text) > MOST_CHARACTERS:
        raise EditRefused((Problem("text", f"Keep the plan below {MOST_CHARACTERS:,} characters."),))
    with writing(engine) as connection:
        draft = _seen(connection, draft_id, version)
        draft = _replaced(connection, replace(draft, text=_lines(text), saved_by=by, note=note))
        connection.commit()
    return draft


def rebase_draft(engine: Engine, draft_id: int, version: int, by: str) -> tuple[PlanDraft, int]:
    """Take into a draft what was published since it was started; return it with the number of clashes in its text."""
    with writing(engine) as connection:
        draft = _seen(connection, draft_id, version)
        active = active_id(connection, draft.key)
        text, clashes = draft.text, 0
        if active is not None and active != draft.based_on:
            theirs = text_of(find_revision(connection, active))
            base = theirs if draft.based_on is None else text_of(find_revision(connection, draft.based_on))
            text, clashes = merged(base, draft.text, theirs)
        draft = _replaced(connection, replace(draft, text=text, based_on=active, saved_by=by))
        connection.commit()
    return draft, clashes


def delete_draft(engine: Engine, draft_id: int) -> None:
    """Throw a draft away."""
    with writing(engine) as connection:
        remove_draft(connection, draft_id)
        connection.commit()


def draft_of(engine: Engine, draft_id: int) -> PlanDraft:
    """Return a draft; raise UnknownDraft where there is none."""
    with reading(engine) as connection:
        return _found(connection, draft_id)


def drafts_of(engine: Engine, plan_id: str | None = None) -> Sequence[PlanDraft]:
    """Return the drafts of a plan, or of all, the last saved first."""
    with reading(engine) as connection:
        return find_drafts(connection, plan_id)


def active_id(connection: Connection, key: Key) -> int | None:
    """Return the revision that is active for a plan and its first day."""
    pointer = pointers(connection, [key[0]]).get(key)
    return pointer.revision_id if pointer else None


def _added(connection: Connection, text: str, key: Key, by: str) -> PlanDraft:
    number = next_id(connection, plan_drafts)
    draft = PlanDraft(number, *key, text, active_id(connection, key), 1, by, now_utc(), "")
    insert_draft(connection, draft)
    return draft


def _seen(connection: Connection, draft_id: int, version: int) -> PlanDraft:
    draft = _found(connection, draft_id)
    if draft.version != version:
        raise ConflictingDraft(draft_id, version, draft.version, draft.saved_by)
    return draft


def _found(connection: Connection, draft_id: int) -> PlanDraft:
    draft = find_draft(connection, draft_id)
    if draft is None:
        raise UnknownDraft(draft_id)
    return draft


def _replaced(connection: Connection, draft: PlanDraft) -> PlanDraft:
    """Keep a draft under the plan and the first day that its text names; another plan's base is none of it."""
    head = heading(draft.text.encode())
    key = (head.id, head.in_force.first_day or date.min) if head else draft.key
    based_on = draft.based_on if key == draft.key else None
    saved = replace(
        draft, plan_id=key[0], first_day=key[1], based_on=based_on, version=draft.version + 1, updated_at=now_utc()
    )
    replace_draft(connection, saved)
    return saved


def _lines(text: str) -> str:
    """Return text as a browser sends it with our ends of lines."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain if plain.endswith("\n") else f"{plain}\n"
