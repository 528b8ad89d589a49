"""The pieces of a page: headings, sentences, tables, blank lines, boxes to tick. `paper.typ` draws each kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from estimator.language import spoken

Block = dict[str, Any]
# A cell that is None is a blank line to write on.
Cell = str | None


@dataclass(frozen=True)
class Paper:
    """A whole paper in the language that is spoken; `page_words` holds {page} and {pages}."""

    title: str
    subtitle: str
    footer: str
    page_words: str
    blocks: Sequence[Block]
    lang: str = field(default_factory=spoken)


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


@dataclass(frozen=True)
class Chart:
    """Cents after each visit, with the amounts to mark and the visits (from 0) to number."""

    low: Sequence[int]
    typical: Sequence[int]
    high: Sequence[int]
    most: int
    ticks: Sequence[dict[str, Any]]
    visits: Sequence[int]
    alt: str
    caption: str
    kind: str = field(default="chart", init=False)


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


def together(blocks: Iterable[Block]) -> Block:
    """Keep blocks on one page."""
    return {"kind": "together", "blocks": list(blocks)}
