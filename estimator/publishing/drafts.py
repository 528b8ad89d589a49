"""Work on the text of a plan, check it, publish it by hand, and roll back: who, why, and based on which revision.

Saving names the version that was opened, so nothing that another person saved meanwhile is overwritten.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from secrets import randbelow

from sqlalchemy import Connection, Engine

from estimator.accounts.audit import note_done
from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.db.tables import next_id, plan_drafts
from estimator.errors import (
    ConflictingDraft,
    ConflictingRevision,
    EditRefused,
    PlanFileRefused,
    Problem,
    UnknownDraft,
    UnknownPlan,
)
from estimator.plans.edit_text import changed, merged
from estimator.plans.folder import Library, heading
from estimator.plans.lint import lint, warnings_of
from estimator.plans.read import PlanFile
from estimator.plans.schema_values import name
from estimator.plans.shelf import YAML, Draft, Shelf, folder_shelf
from estimator.plans.store import (
    Key,
    Occurrence,
    PlanDraft,
    Publication,
    Revision,
    find_draft,
    find_drafts,
    find_history,
    find_revision,
    insert_draft,
    insert_pointers,
    keep_publications,
    pointers,
    publications_of,
    recent_publications,
    remove_draft,
    remove_pointers,
    replace_draft,
)
from estimator.plans.text import document, plain, yaml_of
from estimator.publishing.check import check_example
from estimator.publishing.publish import BY_HAND, Occasion, publish_within

MOST_CHARACTERS = 200_000
# As many as a column of whole numbers holds.
_VERSIONS = 2**31 - 1


def text_of(revision: Revision) -> str:
    """Return a revision as the text of a plan file; what a program read from official files is written as one."""
    return revision.definition if revision.form == YAML else yaml_of(json.loads(revision.definition))


def start_draft(engine: Engine, revision_id: int, by: str, account: int | None = None) -> PlanDraft:
    """Start to work on a plan from one of its revisions; what is published is based on what is active now."""
    with writing(engine) as connection:
        revision = find_revision(connection, revision_id)
        draft = _added(connection, text_of(revision), revision.key, by)
        _note(connection, "draft-started", draft, account)
        connection.commit()
    return draft


def start_copy(engine: Engine, revision_id: int, plan_id: str, by: str, account: int | None = None) -> PlanDraft:
    """Start a plan of another id from a template or another plan; raise EditRefused where the id is none, or in use."""
    if not re.fullmatch(name().pattern, plan_id):
        raise EditRefused((Problem("plan", "Enter lower-case words joined by dashes, such as alder-ppo-2027."),))
    with writing(engine) as connection:
        if find_history(connection, plan_id):
            words = f"There is a plan {plan_id} already: enter another id, or work on that plan."
            raise EditRefused((Problem("plan", words),))
        revision = find_revision(connection, revision_id)
        text = changed(text_of(revision), {("plan",): plan_id})
        if revision.kind == "template":
            text = changed(text, {("kind",): "published"})
        draft = _added(connection, text, (plan_id, revision.first_day), by)
        _note(connection, "draft-started", draft, account)
        connection.commit()
    return draft


def start_text(engine: Engine, text: str, by: str, account: int | None = None) -> PlanDraft:
    """Start a plan from its text; raise EditRefused where there is one of its id already, under `title`."""
    key = key_of(text, "")
    with writing(engine) as connection:
        if find_history(connection, key[0]):
            words = f"There is a plan {key[0]} already: enter another name, or work on that plan."
            raise EditRefused((Problem("title", words),))
        draft = _added(connection, text, key, by)
        _note(connection, "draft-started", draft, account)
        connection.commit()
    return draft


def start_year(engine: Engine, text: str, key: Key, by: str, account: int | None = None) -> PlanDraft:
    """Start a draft from a plan's text for another year."""
    with writing(engine) as connection:
        draft = _added(connection, text, key, by)
        _note(connection, "draft-started", draft, account)
        connection.commit()
    return draft


def save_draft(
    engine: Engine, draft_id: int, version: int, text: str, by: str, *, note: str = "", account: int | None = None
) -> PlanDraft:
    """Keep another text of a draft; raise ConflictingDraft where somebody saved it since, with what they saved."""
    if len(text) > MOST_CHARACTERS:
        raise EditRefused((Problem("text", f"Keep the plan below {MOST_CHARACTERS:,} characters."),))
    with writing(engine) as connection:
        draft = _seen(connection, draft_id, version)
        draft = _replaced(connection, replace(draft, text=our_lines(text), saved_by=by, note=note))
        _note(connection, "draft-saved", draft, account)
        connection.commit()
    return draft


def rebase_draft(
    engine: Engine, draft_id: int, version: int, by: str, account: int | None = None
) -> tuple[PlanDraft, int]:
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
        _note(connection, "draft-rebased", draft, account)
        connection.commit()
    return draft, clashes


def delete_draft(engine: Engine, draft_id: int, account: int | None = None) -> None:
    """Throw a draft away."""
    with writing(engine) as connection:
        draft = _found(connection, draft_id)
        remove_draft(connection, draft_id)
        _note(connection, "draft-deleted", draft, account)
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
    plan_id, first_day = key
    draft = PlanDraft(
        id=number,
        plan_id=plan_id,
        first_day=first_day,
        text=text,
        based_on=active_id(connection, key),
        version=new_version(),
        saved_by=by,
        updated_at=now_utc(),
        note="",
    )
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
        draft, plan_id=key[0], first_day=key[1], based_on=based_on, version=new_version(), updated_at=now_utc()
    )
    replace_draft(connection, saved)
    return saved


def new_version() -> int:
    """Return a version that no page showed before: a count would come again in another draft, and be guessed."""
    return 1 + randbelow(_VERSIONS)


def _note(connection: Connection, did: str, draft: PlanDraft, account: int | None) -> None:
    note_done(connection, by=account, did=did, subject=f"{draft.plan_id} draft {draft.id}", now=now_utc())


def our_lines(text: str) -> str:
    """Return text as a browser sends it with our ends of lines."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain if plain.endswith("\n") else f"{plain}\n"


# ----------------------------------------------------------------------------
# Check the text of a plan that is being worked on: everything that stops it from being published, with its line.
# ----------------------------------------------------------------------------

_EXAMPLES = "examples"


@dataclass(frozen=True, slots=True)
class Checked:
    """A text with what is to be corrected, what is worth a look, and the plan where it can be read as one."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    plan: PlanFile | None = None

    @property
    def is_ready(self) -> bool:
        """Tell whether it may be published."""
        return self.plan is not None and not self.problems


def check_text(text: str, file: str, folder: Library) -> Checked:
    """Read a plan file, lint it and run its examples.

    A plan from an official catalogue has no examples, so that their number stops nobody here.
    """
    try:
        read = folder.read(text, file)
    except PlanFileRefused as refused:
        return Checked(refused.problems)
    linted = lint(read)
    failed: list[Problem] = []
    if read.examples:
        shelf = folder_shelf(folder.folder)
        failed = [problem for example in read.examples for problem in check_example(read, example, shelf)]
    problems = [problem for problem in linted if problem.path != _EXAMPLES] + failed
    few = [problem for problem in linted if problem.path == _EXAMPLES]
    return Checked(_by_line(problems), _by_line([*warnings_of(read, folder.shared, folder.yearly), *few]), read)


def _by_line(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))


# ----------------------------------------------------------------------------
# Publish a plan by hand, or bring an older revision back: who, why, and based on which revision they saw.
#
# What is published here outlasts imports: the catalogues and the folder of plans leave it alone.
# ----------------------------------------------------------------------------

PUBLISHED, ROLLED_BACK, CONFIRMED, REJECTED = "published", "rolled-back", "confirmed", "rejected"
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Signed:
    """Who publishes, why, and from which account; without one, by a command."""

    by: str
    note: str
    account: int | None = None


def publish_text(
    engine: Engine, text: str, file: str, based_on: int | None, signed: Signed, folder: Library
) -> Publication:
    """Make a plan file the active revision of its plan.

    Raises PlanFileRefused with everything that is wrong with it, ConflictingRevision where another has become active
    since, and EditRefused where nothing that an estimate rests on has changed, or name or reason are missing.
    """
    require_signed(signed)
    _require_ready(text, file, folder)
    with writing(engine) as connection:
        publication = _published(connection, text, file, based_on, signed, folder)
        connection.commit()
    return publication


def publish_draft(engine: Engine, draft: PlanDraft, signed: Signed, folder: Library) -> Publication:
    """Publish a draft and throw it away, as one thing; raises what `publish_text` raises, and ConflictingDraft."""
    require_signed(signed)
    file = file_of(draft.plan_id)
    _require_ready(draft.text, file, folder)
    with writing(engine) as connection:
        kept = find_draft(connection, draft.id)
        if kept is None or kept.version != draft.version:
            last = kept or draft
            raise ConflictingDraft(draft.id, draft.version, last.version, last.saved_by)
        publication = _published(connection, draft.text, file, draft.based_on, signed, folder)
        remove_draft(connection, draft.id)
        connection.commit()
    return publication


def roll_back(engine: Engine, plan_id: str, revision_id: int, signed: Signed, seen: int | None = None) -> Publication:
    """Make an older revision the active one again, with what it shared then.

    `seen` is the revision that was active when this was decided; raises ConflictingRevision where it no longer is.
    """
    require_signed(signed)
    with writing(engine) as connection:
        found = [one for one in find_history(connection, plan_id) if one.id == revision_id]
        if not found:
            words = f"The plan {plan_id} has no revision {revision_id}: enter one from its history."
            raise EditRefused((Problem("revision", words),))
        active = active_id(connection, found[0].key)
        if seen is not None and seen != active:
            raise ConflictingRevision(plan_id, found[0].first_day, seen, active)
        if active == revision_id:
            raise EditRefused((Problem("revision", f"The revision {revision_id} is the active one already."),))
        remove_pointers(connection, [found[0].key])
        insert_pointers(connection, found, BY_HAND)
        [publication] = keep_moves(connection, {found[0].key: active}, ROLLED_BACK, signed)
        connection.commit()
    return publication


def keep_moves(
    connection: Connection, before: Mapping[Key, int | None], did: str, signed: Signed
) -> Sequence[Publication]:
    """Write down which pointers moved, and from where, in the transaction that moved them."""
    now = now_utc()
    after = pointers(connection, [plan for plan, _ in before])
    moved = [
        Publication(
            plan_id=plan_id,
            first_day=first_day,
            revision_id=after[plan_id, first_day].revision_id,
            replaced=was,
            did=did,
            published_at=now,
            published_by=signed.by,
            note=signed.note,
        )
        for (plan_id, first_day), was in before.items()
        if after[plan_id, first_day].revision_id != was
    ]
    keep_publications(connection, moved)
    marks = {one.id: one.fingerprint for one in _revisions(connection, moved)}
    for one in moved:
        subject = f"{one.plan_id}@{marks[one.revision_id]}"
        note_done(connection, by=signed.account, did=f"plan-{did}", subject=subject, now=now)
    return moved


def plan_history(engine: Engine, plan_id: str) -> tuple[Sequence[Revision], Sequence[Publication], Mapping[date, int]]:
    """Return a plan's revisions and what people published of it, the newest first, and what is active from which day.

    Raises UnknownPlan where there never was one.
    """
    with reading(engine) as connection:
        revisions = find_history(connection, plan_id)
        if not revisions:
            raise UnknownPlan(plan_id)
        active = {day: one.revision_id for (_, day), one in pointers(connection, [plan_id]).items()}
        return revisions, publications_of(connection, plan_id), active


def published_lately(engine: Engine, most: int = 20) -> Sequence[Occurrence]:
    """Return what people published last."""
    with reading(engine) as connection:
        return recent_publications(connection, most)


def active_revision(engine: Engine, key: Key) -> int | None:
    """Return which revision is active for a plan and its first day."""
    with reading(engine) as connection:
        return active_id(connection, key)


def active_text(shelf: Shelf, key: Key) -> tuple[PlanFile | None, str]:
    """Return the active revision for a plan and its first day as it was read, and its text; nothing of a new plan."""
    active = active_revision(shelf.engine, key)
    if active is None:
        return None, ""
    with reading(shelf.engine) as connection:
        text = text_of(find_revision(connection, active))
    return shelf.file_of(active), text


def key_of(text: str, file: str) -> Key:
    """Return the plan and the first day that a plan file is for; raise PlanFileRefused where it names none."""
    head = heading(text.encode())
    if head is None or head.in_force.first_day is None:
        raise PlanFileRefused((Problem("in_force", "Enter `plan` and the first day that it holds.", file),))
    return head.id, head.in_force.first_day


def file_of(plan_id: str) -> str:
    """Return the name under which problems show a plan that lies in no file."""
    return f"{plan_id}.yaml"


def _published(
    connection: Connection, text: str, file: str, based_on: int | None, signed: Signed, folder: Library
) -> Publication:
    key = key_of(text, file)
    before = active_id(connection, key)
    written, _ = document(text, file)
    base = find_revision(connection, based_on) if based_on is not None else None
    # A plan file says nothing of these; they stay what they were.
    level, also = (base.metal_level, base.also_called) if base else (None, "")
    draft = Draft(plain(written), file, text, metal_level=level, also_called=also)
    occasion = Occasion(BY_HAND, by=signed.by, note=signed.note)
    publish_within(connection, [draft], folder, occasion, {key: based_on})
    moved = keep_moves(connection, {key: before}, PUBLISHED, signed)
    if not moved:
        words = "Nothing that an estimate rests on differs from what is active; comments and examples make no revision."
        raise EditRefused((Problem("text", words),))
    return moved[0]


def _require_ready(text: str, file: str, folder: Library) -> None:
    checked = check_text(text, file, folder)
    if checked.problems:
        raise PlanFileRefused(checked.problems)


def require_signed(signed: Signed) -> None:
    """Raise EditRefused where the name or the reason is missing."""
    problems = []
    if not signed.by.strip():
        problems.append(Problem("by", "Enter who publishes."))
    if not signed.note.strip():
        problems.append(Problem("note", "Enter why, such as: booklet of 2027, p. 12."))
    elif len(signed.note) > LONGEST_NOTE:
        problems.append(Problem("note", f"Enter a reason of at most {LONGEST_NOTE} characters."))
    if problems:
        raise EditRefused(tuple(problems))


def _revisions(connection: Connection, moved: Iterable[Publication]) -> list[Revision]:
    return [find_revision(connection, one.revision_id) for one in moved]
