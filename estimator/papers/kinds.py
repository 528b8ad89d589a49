"""The documents by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from estimator.papers.call_script import call_script_paper
from estimator.papers.case import Case
from estimator.papers.estimate import estimate_paper
from estimator.papers.good_faith import good_faith_paper
from estimator.papers.layout import Paper, typeset
from estimator.papers.notice import notice_paper

KINDS: Mapping[str, Callable[[Case], Paper]] = {
    "estimate": estimate_paper,
    "good-faith-estimate": good_faith_paper,
    "notice": notice_paper,
    "call-script": call_script_paper,
}


def paper_pdf(kind: str, case: Case) -> bytes:
    """Return a paper as a PDF; raise PaperRefused where it does not fit the plan and course."""
    return typeset(KINDS[kind](case))
