"""Confirm or reject what was read out of insurers' free text, for every plan of an insurer with the same quote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.errors import EditRefused, Problem
from estimator.plans.folder import Library
from estimator.plans.marketplace.benefits import OPEN, Quoted, quotes_in, settled
from estimator.plans.shelf import JSON, Draft, read_draft
from estimator.plans.store import Revision, active_saying, payers_saying
from estimator.publishing.drafts import CONFIRMED, REJECTED, Signed, keep_moves, require_signed
from estimator.publishing.publish import BY_HAND, Occasion, publish_within


@dataclass(frozen=True, slots=True)
class Proposed:
    """A quote with our reading and our rules, and the plans that carry it."""

    quoted: Quoted
    plans: tuple[str, ...]


def payers_with_proposals(engine: Engine) -> Sequence[tuple[str, int]]:
    """Return the payers that have proposals nobody has answered, with the number of their plans."""
    with reading(engine) as connection:
        return payers_saying(connection, JSON, OPEN)


def proposals_of(engine: Engine, payer: str) -> list[Proposed]:
    """Return the open proposals of a payer: those that a rule rests on first, and of these those of most plans."""
    with reading(engine) as connection:
        revisions = active_saying(connection, payer, JSON, OPEN)
    found: dict[tuple[str, tuple[str, ...]], tuple[Quoted, list[str]]] = {}
    for revision in revisions:
        for quoted in quotes_in(json.loads(revision.definition)):
            found.setdefault((quoted.text, quoted.rules), (quoted, []))[1].append(revision.plan_id)
    proposed = [Proposed(quoted, tuple(plans)) for quoted, plans in found.values()]
    return sorted(proposed, key=lambda one: (not one.quoted.rules, -len(one.plans), one.quoted.text))


def settle(engine: Engine, payer: str, text: str, signed: Signed, folder: Library, *, confirmed: bool) -> int:
    """Make what a quote proposes firm, or take it away, in every plan of the payer that carries it; return how many.

    All of them or none. Raises EditRefused where somebody has answered it already.
    """
    require_signed(signed)
    with writing(engine) as connection:
        revisions = active_saying(connection, payer, JSON, OPEN)
        definitions = [(revision, json.loads(revision.definition)) for revision in revisions]
        carrying = [pair for pair in definitions if any(one.text == text for one in quotes_in(pair[1]))]
        if not carrying:
            words = "Nobody needs to answer this any more: no active plan of this payer carries it as open."
            raise EditRefused((Problem("proposal", words),))
        day = now_utc().date()
        drafts = [
            _draft(revision, settled(definition, text, confirmed=confirmed, by=signed.by, day=day))
            for revision, definition in carrying
        ]
        _require_readable(drafts, folder)
        occasion = Occasion(BY_HAND, by=signed.by, note=signed.note, is_checked=True)
        before = {revision.key: revision.id for revision, _ in carrying}
        publish_within(connection, drafts, folder, occasion, before)
        moved = keep_moves(connection, before, CONFIRMED if confirmed else REJECTED, signed)
        connection.commit()
    return len(moved)


def _draft(revision: Revision, definition: Mapping[str, Any]) -> Draft:
    return Draft(definition, revision.file, metal_level=revision.metal_level, also_called=revision.also_called)


def _require_readable(drafts: Iterable[Draft], folder: Library) -> None:
    """Read one of each shape: thousands of variants differ in nothing but their name."""
    seen = set()
    for draft in drafts:
        shape = json.dumps({key: value for key, value in draft.definition.items() if key not in ("plan", "title")})
        if shape not in seen:
            seen.add(shape)
            read_draft(draft, folder.shared)
