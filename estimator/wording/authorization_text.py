"""An authorization check as billing staff read it in a terminal, at most 100 columns wide.

Sources are numbered where they are used and listed once at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from textwrap import wrap
from typing import Any

from estimator.wording.figures import long_day
from estimator.wording.sources import Sources
from estimator.wording.text import WIDTH

DISCLAIMER = "A check is information from the rules we read, not a payer's promise to pay."
FACTS = (("code_valid", "Code valid"), ("authorization_needed", "Authorization needed"), ("payable", "Payable"))

Part = Mapping[str, Any]


def check_text(check: Part) -> str:
    """Return the check as text: the lines, the authorization over time, what is left, what to ask."""
    sources = Sources(date.fromisoformat(check["as_of"]))
    parts = [
        f"{check['plan']['title']} ({check['plan']['payer']}), asked on {_long(check['as_of'])}",
        *_section("Before anything else", _points(check["notices"], sources)),
        *("\n".join(_line(line, sources)) for line in check["lines"]),
        *_section("Authorization over the course", _timeline(check["timeline"], sources)),
        *_section("What the plan says of it", _points(check["rules"], sources)),
        *_section("What is left", _points(check["buckets"], sources)),
        *_section("What the payment rests on", _points(check["conditions"], sources)),
        *_section("What to ask", _points(check["questions"], sources)),
        *_section("What we took for granted", _points(check["assumptions"], sources)),
        *_section("Sources", (_folded(source, "", "    ") for source in sources.listed())),
        DISCLAIMER,
    ]
    return "\n\n".join(parts) + "\n"


def _section(heading: str, rows: Iterable[str]) -> Iterator[str]:
    lines = list(rows)
    if lines:
        yield "\n".join([heading, *lines])


def _line(line: Part, sources: Sources) -> Iterator[str]:
    written = f", written with {', '.join(line['written_modifiers'])}" if line["written_modifiers"] else ""
    yield f"{line['code']} {line['name']}{written}"
    yield _fact("Code valid", line["code_valid"], sources)
    for spell in line["spells"]:
        yield f"  {spell['visits_says']}, from {_long(spell['first_day'])}: {spell['status_says']}"
        for key, label in FACTS[1:]:
            yield _fact(label, spell[key], sources)
        for modifier in spell["modifiers"]:
            told = {**modifier, "says": f"{' / '.join(modifier['codes'])} ({modifier['use']}): {modifier['says']}"}
            yield _folded(sources.cited(told), "    Modifier ")
        if spell["with_assistant"]:
            yield _folded(spell["with_assistant"]["says"], "    ")
        for liability in spell["liability"]:
            yield _folded(sources.cited(liability), "    ")


def _fact(label: str, fact: Part, sources: Sources) -> str:
    told = {**fact, "says": f"{label}: {fact['answer']}. {fact['says']}"}
    return _folded(sources.cited(told), "    ")


def _timeline(timeline: Part, sources: Sources) -> Iterator[str]:
    for stage in timeline["stages"]:
        yield _folded(f"{stage['visits_says']}, from {_long(stage['first_day'])}: {stage['says']}", "- ")
    if timeline["last_granted_visit"]:
        last = f", which ends on {_long(timeline['grant_last_day'])}" if timeline["grant_last_day"] else ""
        yield _folded(f"Visit {timeline['last_granted_visit']} is the last that the grant on file covers{last}.", "- ")
    for sending in timeline["send"]:
        whom = f" Administrator: {sending['administrator']}." if sending["administrator"] else ""
        how = f" {sending['how_to_ask']}." if sending["how_to_ask"] else ""
        yield _folded(sources.cited({**sending, "says": f"{sending['says']}{whom}{how}"}), "- ")


def _points(parts: Iterable[Part], sources: Sources) -> Iterator[str]:
    for part in parts:
        yield _folded(sources.cited(part), "- ")


def _folded(words: str, first: str, rest: str | None = None) -> str:
    below = " " * (len(first) - len(first.lstrip()) + 2) if rest is None else rest
    folded = wrap(
        words,
        WIDTH,
        initial_indent=first,
        subsequent_indent=below,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return "\n".join(folded)


def _long(day: str) -> str:
    return long_day(date.fromisoformat(day))
