"""Plans that somebody wants to publish, on the way to becoming revisions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from estimator.errors import PlanFileRefused, Problem
from estimator.plans.from_json import block_of
from estimator.plans.reading import PlanFile, fingerprint_of, read_definition, read_plan
from estimator.plans.shared import Shared
from estimator.plans.stored_plans import Key
from estimator.plans.tree import plain

YAML, JSON = "yaml", "json"
_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True)
class Draft:
    """A plan to be published: its definition, with the keys of a plan file.

    `text` is the plan file that the definition was read from, kept as it is with its comments and lines; `file` is
    where that file, or an official one, is shown to lie. `metal_level` and `also_called` are for searches: other
    names and numbers by which people look for the plan.
    """

    definition: Mapping[str, Any]
    file: str = ""
    text: str = ""
    metal_level: str | None = None
    also_called: str = ""

    @cached_property
    def worded(self) -> Mapping[str, Any]:
        """Return the definition with every scalar as text, as in a plan file."""
        return self.definition if self.text or self._as_json else plain(block_of(self.definition))

    @cached_property
    def key(self) -> Key:
        """Return the plan's own name and its first day."""
        return self.worded["plan"], date.fromisoformat(self.worded["in_force"]["first_day"])

    @property
    def last_day(self) -> date | None:
        """Return the last day that the plan holds for; None where there is no end."""
        written = self.worded["in_force"].get("last_day")
        return date.fromisoformat(written) if written else None

    @property
    def form(self) -> str:
        """Return what is kept: the text of a plan file, or JSON."""
        return YAML if self.text else JSON

    @property
    def kept(self) -> str:
        """Return the text that is kept."""
        return self.text or self._as_json or _COMPACT.encode(self.worded)

    @cached_property
    def _as_json(self) -> str:
        """Return the definition as JSON, or nothing where it holds more than text."""
        try:
            written = _COMPACT.encode(self.definition)
        except TypeError:  # Such as a Decimal.
            return ""
        return written if _is_text(written) else ""


def read_draft(draft: Draft, shared: Shared) -> PlanFile:
    """Read a draft as a plan; raise PlanFileRefused with every mistake in it."""
    return read_kept(draft.form, draft.kept, draft.file, shared)


def read_kept(form: str, definition: str, file: str, shared: Shared) -> PlanFile:
    """Read a definition the way that it is kept; raise PlanFileRefused with every mistake in it."""
    if form == YAML:
        return read_plan(definition, file, shared)
    return read_definition(json.loads(definition), file, shared)


def fingerprint(draft: Draft, shared: Shared) -> str:
    """Return the fingerprint that the plan will have; raise PlanFileRefused where it names a policy there is not."""
    try:
        return fingerprint_of(draft.worded, shared)
    except KeyError as missing:
        words = f"There is no policy {missing}. Write one of those in the folder of plans."
        raise PlanFileRefused((Problem("policies", words, draft.file),)) from missing


def _is_text(written: str) -> bool:
    """Tell whether compact JSON holds nothing but text.

    >>> _is_text('{"services":["97110"],"waived":"yes"}'), _is_text('{"services":[97110]}'), _is_text('{"is":"1,2"}')
    (True, False, True)
    """
    # Without escaped quotes, every other piece between quotes stands outside of them: much faster than a pattern.
    outside = _STRINGS.sub("", written) if "\\" in written else "".join(set(written.split('"')[::2]))
    return not outside.strip("{}[]:,")
