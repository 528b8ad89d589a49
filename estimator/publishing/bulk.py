"""Change one value of many plans at once: what each would say, all of them published or none, and taken back together.

What is seen before publishing names the revision of each plan that was active then; where another has become active
since, nothing is published. Rules that an insurer or a market has for all its plans are layers (`layers.py`); this is
for values that every plan states itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from estimator.db.connection import reading, writing
from estimator.errors import EditRefused, PlanFileRefused, Problem
from estimator.plans.edit_text import POLICY, common_fields, needling_policy, with_typed
from estimator.plans.folder import read_samples
from estimator.plans.read import PlanFile
from estimator.plans.shelf import Draft, PlanRow, Shelf, Wanted
from estimator.plans.store import (
    Key,
    Pointer,
    Publication,
    find_revision,
    insert_pointers,
    pointers,
    publications_at,
    remove_pointers,
)
from estimator.plans.text import document, plain
from estimator.publishing.drafts import (
    PUBLISHED,
    ROLLED_BACK,
    Signed,
    check_text,
    file_of,
    keep_moves,
    require_signed,
    text_of,
)
from estimator.publishing.impact import Course, course_under
from estimator.publishing.made_true import with_examples
from estimator.publishing.publish import BY_HAND, Occasion, publish_within

MOST_PLANS = 50
"""So many plans are changed at once: each is read, checked and estimated before anybody publishes."""
NEEDLING = "needling"
_NEEDLING_LABEL = "Policy on dry needling"
_NOT_CHANGED = frozenset({"title", "first_day", "last_day"})
"""Fields that tell one plan from another."""
_GONE = "The plan {plan} was changed since you looked at it. Look again, then publish."


@dataclass(frozen=True, slots=True)
class Change:
    """What is to stand in a field of every plan.

    `only` limits it to plans in which that stands now; None means whatever stands there. `cite` is the source of a
    block that is new. `takes_examples`: a plan's examples expect afterward what the engine answers then.
    """

    field: str
    value: str
    only: str | None = None
    cite: str = ""
    takes_examples: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan of many: the field and what stands in it, its text after the change, and what is wrong with that.

    `course` is what a sample course costs before and after; None where the text can't be read as a plan.
    """

    row: PlanRow
    label: str
    before: str
    text: str
    problems: tuple[Problem, ...]
    course: Course | None = None

    @property
    def key(self) -> Key:
        """Return the plan and its first day."""
        return self.row.plan_id, self.row.first_day

    @property
    def mark(self) -> str:
        """Return what names this plan and what was active of it when it was looked at."""
        return f"{self.row.plan_id}:{self.row.first_day}:{self.row.revision_id}"


def plans_found(shelf: Shelf, wanted: Wanted) -> tuple[tuple[PlanRow, ...], int]:
    """Return the active plans that fit, at most MOST_PLANS of them, and how many fit in all."""
    return shelf.search(wanted, MOST_PLANS), shelf.count(wanted)


def fields_of(shelf: Shelf, rows: Sequence[PlanRow]) -> dict[str, str]:
    """Return the fields that any of these plans has, with the label of each; those that name a plan are left out."""
    found: dict[str, str] = {}
    with reading(shelf.engine) as connection:
        for row in rows:
            for field in common_fields(text_of(find_revision(connection, row.revision_id))):
                if field.name not in _NOT_CHANGED:
                    found.setdefault(field.name, field.label)
    return {**found, NEEDLING: _NEEDLING_LABEL}


def planned(shelf: Shelf, rows: Iterable[PlanRow], change: Change) -> tuple[Planned, ...]:
    """Return what a change makes of each of these plans that has the field, with `only` in it where that is given.

    Raises EditRefused where no field is chosen. A plan in which the value stands already is left out.
    """
    if not change.field:
        raise EditRefused((Problem("field", "Choose what to change."),))
    with reading(shelf.engine) as connection:
        texts = [(row, text_of(find_revision(connection, row.revision_id))) for row in rows]
    return tuple(one for row, text in texts if (one := _planned(shelf, row, text, change)) is not None)


def _planned(shelf: Shelf, row: PlanRow, text: str, change: Change) -> Planned | None:
    shared = shelf.folder.shared
    if change.field == NEEDLING:
        name, label, before = POLICY, _NEEDLING_LABEL, needling_policy(text, shared)
    else:
        name = change.field
        field = next((one for one in common_fields(text) if one.name == name), None)
        if field is None:
            return None
        label, before = field.label, field.value
    value = " ".join(change.value.split())
    if value == before or (change.only is not None and " ".join(change.only.split()) != before):
        return None
    after = with_typed(text, {name: value}, change.cite, shared)
    if change.takes_examples:
        after = with_examples(after, shelf.folder)
    checked = check_text(after, "", shelf.folder)
    course = None if checked.plan is None else _course(shelf, row, checked.plan)
    return Planned(row, label, before, after, checked.problems, course)


def _course(shelf: Shelf, row: PlanRow, after: PlanFile) -> Course | None:
    """Return the first sample course that costs otherwise after the change, else the last that both texts answer."""
    before, last = shelf.file_of(row.revision_id), None
    for sample in read_samples(shelf.folder.folder):
        found = course_under(sample, before, after, shelf)
        if found.before is not None and found.after is not None:
            last = found
            if found.has_changed:
                break
    return last


def publish_all(shelf: Shelf, some: Sequence[Planned], seen: Sequence[str], signed: Signed) -> Sequence[Publication]:
    """Make these texts the active revisions of their plans, in one transaction: all of them or none.

    `seen` are the marks that were looked at. Raises EditRefused where one of them is not among the plans as they are
    now, where none is chosen, or where name or reason are missing; PlanFileRefused with what is wrong in the texts;
    ConflictingRevision where another became active meanwhile.
    """
    require_signed(signed)
    by_mark = {one.mark: one for one in some}
    gone = [mark for mark in seen if mark not in by_mark]
    if gone:
        raise EditRefused((Problem("plan", _GONE.format(plan=gone[0].partition(":")[0])),))
    chosen = [by_mark[mark] for mark in dict.fromkeys(seen)]
    if not chosen:
        raise EditRefused((Problem("plan", "Choose at least one plan."),))
    problems = tuple(_of_plan(chosen))
    if problems:
        raise PlanFileRefused(problems)
    based_on: dict[Key, int | None] = {one.key: one.row.revision_id for one in chosen}
    with writing(shelf.engine) as connection:
        drafts = [_draft(connection, one) for one in chosen]
        occasion = Occasion(BY_HAND, by=signed.by, note=signed.note)
        publish_within(connection, drafts, shelf.folder, occasion, based_on)
        moved = keep_moves(connection, based_on, PUBLISHED, signed)
        if not moved:
            raise EditRefused((Problem("plan", "Nothing that an estimate rests on would change."),))
        connection.commit()
    return moved


def _of_plan(some: Iterable[Planned]) -> Iterator[Problem]:
    for one in some:
        for problem in one.problems:
            yield Problem(f"{one.row.plan_id}: {problem.path}", problem.message, file_of(one.row.plan_id), problem.line)


def _draft(connection: Connection, one: Planned) -> Draft:
    file = file_of(one.row.plan_id)
    base = find_revision(connection, one.row.revision_id)
    written, _ = document(one.text, file)
    return Draft(plain(written), file, one.text, metal_level=base.metal_level, also_called=base.also_called)


# ----------------------------------------------------------------------------
# What was published together, and the way back.
# ----------------------------------------------------------------------------


def published_together(engine: Engine, at: datetime) -> Sequence[Publication]:
    """Return what one person published at one moment, by plan."""
    with reading(engine) as connection:
        return publications_at(connection, at)


def take_back(engine: Engine, at: datetime, signed: Signed) -> Sequence[Publication]:
    """Make active again what was so before a publication of many plans: for all of them, or for none.

    Raises EditRefused where one of them has moved on since, or had nothing before; it names each of those.
    """
    require_signed(signed)
    with writing(engine) as connection:
        done = [one for one in publications_at(connection, at) if one.did == PUBLISHED]
        active = pointers(connection, [one.plan_id for one in done])
        wrong = [one.plan_id for one in done if not _can_go_back(one, active)]
        if wrong or not done:
            words = "These plans were changed since, or are new: {plans}. Take them back one by one."
            nothing = "Nothing was published at that moment."
            raise EditRefused((Problem("plan", words.format(plans=", ".join(wrong)) if wrong else nothing),))
        before: dict[Key, int | None] = {(one.plan_id, one.first_day): one.revision_id for one in done}
        older = [find_revision(connection, one.replaced) for one in done if one.replaced is not None]
        remove_pointers(connection, list(before))
        insert_pointers(connection, older, BY_HAND)
        moved = keep_moves(connection, before, ROLLED_BACK, signed)
        connection.commit()
    return moved


def _can_go_back(one: Publication, active: Mapping[Key, Pointer]) -> bool:
    pointer = active.get((one.plan_id, one.first_day))
    return one.replaced is not None and pointer is not None and pointer.revision_id == one.revision_id
