"""A rule as a file, taken from one installation to another: from test to production, from clinic to clinic.

The file is the rule's own text below a comment that names what it says and what it was before. So the other side knows
whether somebody there said something else in the meantime; then nothing is published, and both are shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from estimator.errors import EditRefused, PlanFileRefused, Problem
from estimator.plans.rule_revisions import CODE, LAYER, STATE_LAW, USUAL, RuleDraft
from estimator.plans.shelf import Shelf
from estimator.plans.text import Block, Listing, documents
from estimator.publishing.drafts import MOST_CHARACTERS, Signed, require_signed
from estimator.publishing.rules import (
    check_rule,
    history_of_rule,
    newest_row,
    publish_rule_text,
    rules_now,
    start_rule_text,
    text_of_rule,
)

_HEAD = "# A rule of the therapy cost estimator. It was, at some time:"
_MARK = re.compile(r"[0-9a-f]{64}")
_NO_RULE = (
    "Enter a file with one rule: an insurer's (`layer:`), the law of a state (`- state: AL`), what is usual in a "
    "market (`markets:`), or a procedure code (`code:`)."
)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule that came as a file: what it says, what is in force here, and whether both sides changed it.

    `based_on` is the newest row of the rule here when it was compared.
    """

    kind: str
    name: str
    text: str
    ours: str
    is_conflict: bool
    is_same: bool
    based_on: int | None
    is_published: bool = False


def exported_rule(shelf: Shelf, kind: str, name: str) -> str:
    """Return a rule in force as a file; raise EditRefused where nothing of it is."""
    now = rules_now(shelf, kind, name)
    if not now:
        raise EditRefused((Problem("name", f"Nothing of {name} is in force: enter one of the rules listed."),))
    shipped = shelf.folder.layers if kind == LAYER else shelf.folder_common_once(kind)
    known = dict.fromkeys(one.fingerprint for one in shipped if one.id == name)
    known |= dict.fromkeys(one.fingerprint for one, _ in history_of_rule(shelf.engine, kind, name))
    # A list of states can't hold one twice; the rule of its latest days goes along.
    parts = now if kind == LAYER else now[-1:]
    marks = "".join(f"#   {mark}\n" for mark in known)
    return f"{_HEAD}\n{marks}" + "---\n".join(text_of_rule(shelf, one) for one in parts)


def read_rule_file(shelf: Shelf, text: str) -> RuleFile:
    """Read a file with a rule, and compare it with what is in force; raise PlanFileRefused with every mistake."""
    if len(text) > MOST_CHARACTERS:
        raise PlanFileRefused((Problem("file", f"Keep the file below {MOST_CHARACTERS:,} characters."),))
    kind, name = _meant(text)
    checked = check_rule(shelf, kind, name, text)
    if checked.problems:
        raise PlanFileRefused(checked.problems)
    lines = text.splitlines(keepends=True)
    start = 1 + next((number for number, line in enumerate(lines) if line.startswith(_HEAD)), -1)
    marks = [mark for line in lines[start:] if (mark := _mark_of(line))] if start else []
    body = "".join(line for number, line in enumerate(lines) if not start or (number >= start and not _mark_of(line)))
    based_on = newest_row(shelf.engine, kind, name)
    now = rules_now(shelf, kind, name)
    said = {one.fingerprint for one in checked.rules}
    in_force = {one.rule.fingerprint for one in now}
    ours = "---\n".join(text_of_rule(shelf, one) for one in now)
    return RuleFile(kind, name, body, ours, not in_force <= {*marks, *said}, said <= in_force, based_on=based_on)


def import_rule(shelf: Shelf, text: str, signed: Signed) -> RuleFile:
    """Publish a rule that came as a file, unless somebody here changed it meanwhile; return what was found.

    Raises PlanFileRefused with every mistake, and EditRefused where name or reason are missing.
    """
    require_signed(signed)
    found = read_rule_file(shelf, text)
    if found.is_conflict or found.is_same:
        return found
    publish_rule_text(shelf, found.kind, found.name, found.text, found.based_on, signed)
    return replace(found, is_published=True)


def draft_of_file(shelf: Shelf, found: RuleFile, by: str, account: int | None = None) -> RuleDraft:
    """Start a draft with the text of a file, over what is in force here."""
    return start_rule_text(
        shelf.engine, found.kind, found.name, found.text, found.ours, based_on=found.based_on, by=by, account=account
    )


def _mark_of(line: str) -> str:
    return line.removeprefix("#").strip() if line.startswith("#   ") and _MARK.fullmatch(line[1:].strip()) else ""


def _meant(text: str) -> tuple[str, str]:
    """Return kind and name of the rule that a file holds."""
    written, problems = documents(text.encode())
    if problems:
        raise PlanFileRefused(tuple(problems))
    first = written[0] if written else None
    if isinstance(first, Block) and "layer" in first:
        return LAYER, str(first["layer"])
    if isinstance(first, Block) and isinstance(markets := first.get("markets"), Block):
        return USUAL, next(iter(markets), "")
    if isinstance(first, Block) and "code" in first:
        return CODE, str(first["code"])
    states: Sequence[object] = first if isinstance(first, Listing) else ()
    if states and isinstance(states[0], Block) and "state" in states[0]:
        return STATE_LAW, str(states[0]["state"])
    raise PlanFileRefused((Problem("file", _NO_RULE),))
