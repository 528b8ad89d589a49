"""The papers to take along: which of them fit an answer, and each as a PDF."""

import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.language import N_, _
from estimator.papers.case import Case, Clinic, PaperRefused, case_of, read_clinic
from estimator.papers.kinds import KINDS, paper_pdf
from estimator.web import shelf
from estimator.web.patient.questions import Answers
from estimator.web.patient.reply import Reply, request_asked

TITLES: Mapping[str, str] = {
    "estimate": N_("The estimate"),
    "call-script": N_("Questions for your insurer"),
    "good-faith-estimate": N_("Good Faith Estimate"),
    "notice": N_("Notice to sign before care"),
}


def fitting(reply: Reply) -> list[tuple[str, str]]:
    """Return the papers that fit an answer, each with its name; those that do not are not offered."""
    return list(fitting_case(Case(reply.asked, reply.plan, reply.answer, reply.answer)))


def paper_of(kind: str, answers: Answers, today: date) -> bytes:
    """Return a paper in the patient's words; raise PaperRefused where it does not fit, ClinicRefused, RequestRefused.

    The clinic's settings are those of the file that ESTIMATOR_CLINIC names; what it does not say is a blank line.
    """
    asked = read_request(request_asked(answers, today), today)
    estimate, plan = estimate_asked(asked, shelf.shelf(), prices=shelf.prices())
    return paper_pdf(kind, case_of(asked, plan, estimate, shelf.names(), treating()))


def treating() -> Clinic:
    """Return the clinic of the settings file, a nameless one without a file; raise ClinicRefused."""
    settings = os.environ.get("ESTIMATOR_CLINIC")
    return read_clinic(Path(settings) if settings else None)


def fitting_case(case: Case) -> Iterator[tuple[str, str]]:
    """Yield the papers that fit a case, each with its name."""
    for kind, title in TITLES.items():
        try:
            KINDS[kind](case)
        except PaperRefused:
            continue
        yield kind, _(title)
