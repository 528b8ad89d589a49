"""The pieces of a page, lines that come back told once, and blocks made into a tagged PDF."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unicodedata import normalize

import typst

from estimator.engine.answer import Status
from estimator.engine.values import Money
from estimator.language import spoken
from estimator.papers.case import Line
from estimator.wording.answer import AnswerLine
from estimator.wording.words import usd

Block = dict[str, Any]
# A cell that is None is a blank line to write on.
Cell = str | None


@dataclass(frozen=True)
class Document:
    """A whole paper in the language that is spoken; `page_words` holds {page} and {pages}.

    One that `is_dense` says everything twice, and still fits on the page it would take once.
    """

    title: str
    subtitle: str
    footer: str
    page_words: str
    blocks: Sequence[Block]
    lang: str = field(default_factory=spoken)
    is_dense: bool = False


class Column(NamedTuple):
    """A column of a table; `width` is a share of the page, 0 as wide as its words."""

    head: str
    width: int = 0
    is_amount: bool = False


class Entry(NamedTuple):
    """A label with its value, or with a blank line; `span` columns wide."""

    label: str
    value: str = ""
    span: int = 1


class Answered(NamedTuple):
    """A question on the telephone: why it is asked, boxes to tick, and a line for what was answered.

    `aloud` is what to read out in English where only English is understood, under its `label`.
    """

    asks: str
    why: str
    answers: Sequence[str]
    answer: str
    aloud: str = ""
    label: str = ""


def heading(text: str, level: int = 1) -> Block:
    """Start a section."""
    return {"kind": "heading", "text": text, "level": level}


def text(words: str, style: Literal["lead", "plain", "small"] = "plain") -> Block:
    """Write a paragraph."""
    return {"kind": "text", "text": words, "style": style}


def bullets(texts: Iterable[str]) -> Block:
    """List sentences."""
    return {"kind": "bullets", "texts": list(texts)}


def note(texts: Iterable[str], title: str = "") -> Block:
    """Set sentences apart, so that nobody misses them."""
    return {"kind": "note", "title": title, "texts": list(texts)}


def table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], total: Sequence[str] = ()) -> Block:
    """Write rows under a head, which comes back on every page."""
    return {
        "kind": "table",
        "columns": [column._asdict() for column in columns],
        "rows": [list(row) for row in rows],
        "total": list(total),
    }


def fields(entries: Iterable[Entry], across: int = 2) -> Block:
    """Write labels with values or blank lines, so many side by side."""
    return {"kind": "fields", "across": across, "fields": [entry._asdict() for entry in entries]}


def choices(texts: Iterable[str], across: int = 1) -> Block:
    """Write sentences with a box to tick before each, so many side by side."""
    return {"kind": "choices", "across": across, "texts": list(texts)}


def question(answered: Answered) -> Block:
    """Write a question with room for its answer."""
    return {"kind": "question", **answered._asdict(), "answers": list(answered.answers)}


def aloud(english: str, label: str) -> Block:
    """Write what to read out in English, under a label in the reader's own language."""
    return {"kind": "aloud", "aloud": english, "label": label}


def checklist(texts: Iterable[str]) -> Block:
    """Write questions with a box to tick before each, close together."""
    return {"kind": "checklist", "texts": list(texts)}


def columns(left: Iterable[Block], right: Iterable[Block]) -> Block:
    """Set two runs of blocks side by side."""
    return {"kind": "columns", "left": list(left), "right": list(right)}


def number(
    *, eyebrow: str, amount: str, more: str, why: str, parts: tuple[Money, Money, Money], left: str, right: str
) -> Block:
    """Draw a large amount with what may be added, and both on a bar: what is known, a range of prices, what is open."""
    return {
        "kind": "number",
        "eyebrow": eyebrow,
        "amount": amount,
        "more": more,
        "why": why,
        "parts": [int(part) for part in parts],
        "left": left,
        "right": right,
    }


def together(blocks: Iterable[Block]) -> Block:
    """Keep blocks on one page."""
    return {"kind": "together", "blocks": list(blocks)}


# ----------------------------------------------------------------------------
# Lines that come back visit after visit, told once: with the visits they are in and what they cost together.
# ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One service at one price, over the visits that have it."""

    lines: tuple[Line, ...]

    @property
    def first(self) -> AnswerLine:
        """Return the line of the first of these visits."""
        return self.lines[0].line

    @property
    def code(self) -> str:
        """Return the service code."""
        return self.first.code

    @property
    def name(self) -> str:
        """Return the plain words for the service."""
        return self.first.name

    @property
    def units(self) -> int:
        """Return the units of all these visits together."""
        return sum(one.line.units for one in self.lines)

    @property
    def each(self) -> Money:
        """Return what is asked for the line in one visit."""
        return asked_for(self.first)

    @property
    def total(self) -> Money:
        """Return what is asked for all these visits together."""
        return Money(sum(asked_for(one.line) for one in self.lines))


def asked_for(line: AnswerLine) -> Money:
    """Return what the clinic would ask the patient for a line: what is owed, or its charge where a consent decides.

    Where a limit is past, a contract may hold the price below the charge; what is owed says so.
    """
    asks_charge = line.status in (Status.PROVIDER_ABSORBS, Status.UNKNOWN) or line.patient_owes == 0
    return line.charge if asks_charge else line.patient_owes


def rows_of(lines: Iterable[Line]) -> list[Row]:
    """Put lines of the same service, units, price and reason together, in order of their first visit."""
    alike: dict[tuple[object, ...], list[Line]] = {}
    for one in lines:
        line = one.line
        reason = line.steps[0].finding if line.steps else ""
        alike.setdefault((line.code, line.units, asked_for(line), line.status, reason), []).append(one)
    return [Row(tuple(same)) for same in alike.values()]


def total_of(rows: Iterable[Row]) -> str:
    """Return what all rows cost together, as people read it."""
    return usd(Money(sum(row.total for row in rows)))


# ----------------------------------------------------------------------------
# Blocks to a tagged PDF (PDF/UA-1), the same bytes for the same paper.
#
# The paper travels to typst as JSON text, so that nothing a person typed is read as markup. Only typst's own fonts
# are used; what they cannot show is shown as a square, since PDF/UA refuses a page with an unreadable character.
# ----------------------------------------------------------------------------

UNSHOWABLE = "□"
# Latin, Greek and Cyrillic with their marks, and the signs of print. A test sets every one of them.
SHOWABLE = (
    "\n\u0020-\u007e\u00a0-\u017f\u0218-\u021b\u0300-\u0304\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f"
    "\u2010-\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u20ac\u2122\u2190-\u2193\u2212\u2248\u2260\u2264\u2265\u25a1"
)
_OTHER = re.compile(f"[^{SHOWABLE}]")
# Signs that no page shows: controls, and marks that would turn the direction of the words after them.
_SILENT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_ENDLESS = re.compile(r"\S{70}")
_MAY_BREAK = "\u200b"


def typeset(paper: Document) -> bytes:
    """Return the PDF of a paper."""
    written = json.dumps(_shown(asdict(paper)), ensure_ascii=False)
    made = typst.compile(
        _template(), sys_inputs={"paper": written}, format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True
    )
    assert isinstance(made, bytes)
    return made


def showable(words: str) -> str:
    """Return text that our fonts can show, with places to break where a word would not fit on a line.

    >>> showable("caf\u00e9 \u0007\u65e5")
    'café  □'
    """
    known = _OTHER.sub(UNSHOWABLE, _SILENT.sub(" ", normalize("NFC", words)))
    return _ENDLESS.sub(lambda run: run.group() + _MAY_BREAK, known)


def _shown(value: Any) -> Any:
    match value:
        case str():
            return showable(value)
        case Mapping():
            return {key: _shown(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_shown(inner) for inner in value]
        case _:
            return value


@cache
def _template() -> bytes:
    return Path(__file__).with_name("paper.typ").read_bytes()
