"""Blocks to a tagged PDF (PDF/UA-1), the same bytes for the same paper.

The paper travels to typst as JSON text, so that nothing a person typed is read as markup. Only typst's own fonts are
used; what they cannot show is shown as a square, since PDF/UA refuses a page with an unreadable character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import typst

from estimator.papers.blocks import Paper

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


def typeset(paper: Paper) -> bytes:
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
