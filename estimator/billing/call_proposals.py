"""Rules that calls say otherwise than our plans: grouped by payer with their evidence, and taken into a draft.

A call proposes and never decides: accepting puts the answer, with the call as its source, into a draft of the plan,
whose preview shows the impact before anybody publishes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from sqlalchemy import Engine

from estimator.billing.calls import CallEntry, SoughtCalls, calls_of
from estimator.db.connection import reading
from estimator.engine.coding import is_service_code
from estimator.engine.request import COULD_NOT_SAY
from estimator.errors import EditRefused, Problem
from estimator.plans.edit_text import CommonField, changed, common_fields, with_members, with_typed
from estimator.plans.shelf import Shelf
from estimator.plans.store import PlanDraft, find_revision, pointers
from estimator.publishing.drafts import save_draft, start_draft, text_of

_TEMPLATE = "template"
_FIELDS: Mapping[tuple[str, str], str] = {
    ("authorization-needed", ""): "authorization",
    ("referral-needed", ""): "referral",
    ("turnaround", ""): "turnaround",
    ("how-to-ask", ""): "how_to_ask",
    ("deductible", ""): "deductible",
    ("out-of-pocket-max", ""): "out_of_pocket_max",
    ("cost-share", "copay"): "copay",
    ("cost-share", "coinsurance"): "coinsurance",
}
_FROM_VISIT = ("authorization", "referral")


@dataclass(frozen=True, slots=True)
class CallProposal:
    """A value of a plan that calls say otherwise: what our text has, what was said, and the calls that said so."""

    payer: str
    plan_id: str
    title: str
    revision: int
    field: CommonField
    said: str
    calls: tuple[CallEntry, ...]
    against: tuple[CallEntry, ...]

    @property
    def key(self) -> str:
        """Return what tells it from others of its plan."""
        return f"{self.field.name}:{self.said}"


def call_proposals(shelf: Shelf) -> Mapping[str, Sequence[CallProposal]]:
    """Return the open proposals of each payer: those of most calls first, and of these those of the newest call."""
    entries = [one for one in calls_of(shelf.engine, SoughtCalls()) if one.corrected_by is None]
    by_plan: dict[str, list[CallEntry]] = {}
    for entry in entries:
        by_plan.setdefault(entry.plan_id, []).append(entry)
    found = [each for plan_id, calls in by_plan.items() for each in _of_plan(shelf, plan_id, calls)]
    found.sort(key=lambda one: (one.payer, -len(one.calls), -one.calls[0].told_on.toordinal(), one.key))
    return {payer: [one for one in found if one.payer == payer] for payer in dict.fromkeys(one.payer for one in found)}


def accept(shelf: Shelf, plan_id: str, key: str, by: str, account: int | None = None) -> PlanDraft:
    """Start a draft of the plan with what the calls said; raise EditRefused where nobody proposes it any more."""
    calls = [one for one in calls_of(shelf.engine, SoughtCalls(plan_id=plan_id)) if one.corrected_by is None]
    proposal = next((one for one in _of_plan(shelf, plan_id, calls) if one.key == key), None)
    if proposal is None:
        words = "Nothing to accept any more: the plan says so by now, or the call was corrected."
        raise EditRefused((Problem("proposal", words),))
    call = proposal.calls[0]
    place = f"reference {call.reference}" if call.reference else "without a reference"
    evidence = Evidence(f"call-{call.told_on.isoformat()}", place, f"{call.payer}, on a call", call.told_on)
    return into_draft(shelf, proposal, evidence, by, account)


class Evidence(NamedTuple):
    """What a value is taken from: the name of its source in the plan, the place in it, its title, and its day."""

    source: str
    place: str
    title: str
    day: date


class Proposal(Protocol):
    """A value for a field of a revision of a plan."""

    @property
    def revision(self) -> int:
        """Return the revision that it is for."""

    @property
    def field(self) -> CommonField:
        """Return the field as it stands."""

    @property
    def said(self) -> str:
        """Return the value that is proposed."""


def into_draft(shelf: Shelf, proposal: Proposal, evidence: Evidence, by: str, account: int | None = None) -> PlanDraft:
    """Start a draft of a plan with what is proposed, and where it is from."""
    draft = start_draft(shelf.engine, proposal.revision, by, account)
    text = _with_said(draft.text, proposal, evidence, shelf)
    return save_draft(shelf.engine, draft.id, draft.version, text, by, account=account)


def _with_said(text: str, proposal: Proposal, evidence: Evidence, shelf: Shelf) -> str:
    cite = f"{evidence.source} {evidence.place}"
    text = with_typed(text, {proposal.field.name: proposal.said}, cite, shelf.shared)
    block = proposal.field.block or proposal.field.path[:-1]
    is_block = any(one.name == proposal.field.name and one.value not in ("none", "") for one in common_fields(text))
    if is_block:
        text = changed(text, {(*block, "cite"): cite})
    document = {"title": evidence.title, "url": "none", "read_on": evidence.day.isoformat(), "confidence": "low"}
    known = f"{evidence.source}:" in text
    return text if known else with_members(text, "sources", {evidence.source: document}, "networks")


def _of_plan(shelf: Shelf, plan_id: str, calls: Sequence[CallEntry]) -> Iterator[CallProposal]:
    newest = max(entry.told_on for entry in calls) if calls else None
    found = active_text(shelf, plan_id, newest) if newest else None
    if found is None:
        return
    revision, text, title, payer = found
    fields = {one.name: one for one in common_fields(text)}
    answers: dict[str, dict[str, list[CallEntry]]] = {}
    for entry in calls:
        for name, said in _answers(entry):
            answers.setdefault(name, {}).setdefault(said, []).append(entry)
    for name, by_said in answers.items():
        for said, entries in by_said.items():
            field = fields.get(name)
            if field is not None and not _same(field.value, said):
                others = tuple(one for other, those in by_said.items() if other != said for one in those)
                yield CallProposal(
                    payer, plan_id, title, revision, field=field, said=said, calls=tuple(entries), against=others
                )


def _answers(entry: CallEntry) -> Iterator[tuple[str, str]]:
    """Yield the field of a plan and its value by what was said; answers of other kinds have no one field."""
    for answer in entry.answers:
        asks, subject, said = str(answer["asks"]), str(answer.get("subject", "")), str(answer["answer"])
        if said == COULD_NOT_SAY:
            continue
        if asks == "limit" and subject and said.isdigit():
            yield f"visits_{subject}", said
            continue
        about = subject if asks == "cost-share" else ""
        name = _FIELDS.get((asks, about), "")
        if name in _FROM_VISIT and not is_service_code(subject):
            yield name, str(answer.get("from_visit") or 1) if said == "yes" else "none"
        elif name and name not in _FROM_VISIT:
            yield name, said


def _same(value: str, said: str) -> bool:
    return value == said or (value in ("", "none") and said in ("none", "0.00"))


def active_text(shelf: Shelf, plan_id: str, day: date) -> tuple[int, str, str, str] | None:
    """Return the revision in force on a day with its text, title and payer; None where there is none, or a template."""
    with reading(shelf.engine) as connection:
        active = [pointer.revision_id for pointer in pointers(connection, [plan_id]).values()]
    for number in active:
        plan = shelf.file_of(number).plan
        if day in plan.in_force and plan.kind != _TEMPLATE:
            return number, _text(shelf.engine, number), plan.title, plan.payer
    return None


def _text(engine: Engine, number: int) -> str:
    with reading(engine) as connection:
        return text_of(find_revision(connection, number))
