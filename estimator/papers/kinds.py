"""The documents by name, and each as a PDF; one that does not fit its case is refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from estimator.errors import Problem, Refused
from estimator.papers.call_script import call_script_document
from estimator.papers.case import Case, why_not
from estimator.papers.estimate import estimate_document
from estimator.papers.good_faith import good_faith_document
from estimator.papers.layout import Document, typeset
from estimator.papers.notice import notice_document

KINDS: Mapping[str, Callable[[Case], Document]] = {
    "estimate": estimate_document,
    "good-faith-estimate": good_faith_document,
    "notice": notice_document,
    "call-script": call_script_document,
}


class DocumentRefused(Refused):
    """A document does not fit the plan and course; the problem says why, and what to do instead."""


def document_pdf(kind: str, case: Case) -> bytes:
    """Return a document as a PDF; raise DocumentRefused where it does not fit the plan and course."""
    if why := why_not(kind, case):
        raise DocumentRefused((Problem("", why),))
    return typeset(KINDS[kind](case))
