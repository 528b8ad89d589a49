"""The way in: bytes become an eligibility, whichever of the two formats they hold.

Nothing but EligibilityRefused escapes, with everything that is wrong and where; no problem quotes what may tell who
somebody is.
"""

from __future__ import annotations

import codecs

from estimator.eligibility.fhir import read_fhir
from estimator.eligibility.statements import Eligibility
from estimator.eligibility.x12_271 import read_271
from estimator.errors import EligibilityRefused, Problem

MOST_BYTES = 1_000_000
_EMPTY = "Enter the payer’s answer: an X12 271, or FHIR as JSON."
_TOO_LARGE = "Give a file of at most 1 MB."
_NO_TEXT = "This is no text. Give the payer’s answer as text: an X12 271, or FHIR as JSON."
_XML = "This is XML. Give FHIR as JSON, or an X12 271."
_PDF = "This is a PDF. Give the payer’s answer itself: an X12 271, or FHIR as JSON."


def read_eligibility(content: bytes, which: int | None = None) -> Eligibility:
    """Return what a payer answered; raise EligibilityRefused with every problem where nothing can be used.

    A file that answers about several people is read for one of them, by its number; without it, SeveralAnswers lists
    them.
    """
    text = _text(content)
    if text.startswith(("{", "[")):
        return read_fhir(text, which)
    if text.startswith("<"):
        raise _refused(_XML)
    return read_271(text, which)


def _text(content: bytes) -> str:
    """Return the text that bytes hold: UTF-8, else the old Western code of some payers."""
    if len(content) > MOST_BYTES:
        raise _refused(_TOO_LARGE)
    if content.startswith(b"%PDF"):
        raise _refused(_PDF)
    if b"\0" in content:
        raise _refused(_NO_TEXT)
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if not text.strip():
        raise _refused(_EMPTY)
    return text.strip(" \t\r\n\v\f")


def _refused(words: str) -> EligibilityRefused:
    return EligibilityRefused((Problem("file", words),))
