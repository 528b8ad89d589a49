"""Papers for the tests: a request becomes a PDF, and the PDF becomes text and tags again."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from estimator.billing.clinic import Clinic
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.papers.case import Case
from estimator.papers.case import case_of as case_made
from estimator.papers.kinds import document_pdf
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from estimator.wording.answer import Answer
from estimator.wording.answer_schema import answer_json

NEEDLING = {"code": "20561"}
EXERCISE = {"code": "97110", "minutes": 30}
COURSE = {
    "first_day": "2026-03-02",
    "visits": 3,
    "per_week": 2,
    "first_visit": [{"code": "97161"}, NEEDLING],
    "each_visit": [EXERCISE, NEEDLING],
}
REQUEST: dict[str, Any] = {
    "plan": "template-employer-ppo",
    "as_of": "2026-02-02",
    "zip": "98101",
    "diagnoses": ["M54.50", "M54.2"],
    "course": COURSE,
}
PRICES = [
    {"code": "97161", "amount": "151.00"},
    {"code": "97110", "amount": "42.50"},
    {"code": "20561", "amount": "47.00"},
]
CLINIC = Clinic(
    name="Evergreen Physical Therapy",
    npi="1234567893",
    tin="12-3456789",
    street="1200 Fifth Avenue",
    city="Seattle",
    state="WA",
    zip="98101",
    phone="206-555-0142",
    contact="Billing desk",
    modifier="GX",
)
_AMOUNT = re.compile(r"-?\$[\d,]+\.\d\d")
_SPACES = re.compile(r"\s+")


def case_of(clinic: Clinic = CLINIC, **parts: Any) -> Case:
    """Answer a request with other parts for a patient."""
    asked = read_request({**REQUEST, **parts}, date(2026, 2, 2))
    plans = folder_shelf(plans_folder())
    estimate, plan = estimate_asked(asked, plans)
    names = {code: service.name for code, service in plans.shared.services.codes.items()}
    return case_made(asked, plan, estimate, names, clinic)


def pdf(kind: str, clinic: Clinic = CLINIC, **parts: Any) -> bytes:
    """Write a paper."""
    return document_pdf(kind, case_of(clinic, **parts))


def words_of(written: bytes) -> str:
    """Read a PDF, with one space between words."""
    pages = PdfReader(BytesIO(written)).pages
    return _SPACES.sub(" ", " ".join(page.extract_text() for page in pages)).strip()


def amounts_in(words: str) -> set[str]:
    """Return every amount of money with cents, as the JSON answer writes it."""
    return {amount.replace("$", "").replace(",", "") for amount in _AMOUNT.findall(words)}


def amounts_of(answer: Answer) -> set[str]:
    """Return every text of an answer that is an amount, and every amount within its sentences."""
    return set(_texts(answer_json(answer)))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
            yield from amounts_in(value)
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)


def tags_of(written: bytes) -> list[str]:
    """Return the kinds of all tags of a PDF, in reading order."""
    return list(_tags(PdfReader(BytesIO(written)).trailer["/Root"]["/StructTreeRoot"]))


def _tags(node: Any) -> Iterator[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for inner in node:
            yield from _tags(inner)
    elif isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"])
        if "/K" in node:
            yield from _tags(node["/K"])


@cache
def written_papers() -> dict[str, bytes]:
    """Return one paper of each kind."""
    return {
        "estimate": pdf("estimate"),
        "good-faith-estimate": pdf("good-faith-estimate", plan="self-pay", self_pay_prices=PRICES),
        "notice": pdf("notice"),
        "call-script": pdf("call-script"),
    }
