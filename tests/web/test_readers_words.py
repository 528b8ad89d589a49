"""What only editors, files and programs say reaches no reader: on any page, document or answer of any plan or state."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest

from estimator.errors import PlanNotInForce
from estimator.language import speaking
from estimator.papers.case import why_not
from estimator.papers.kinds import KINDS
from estimator.plans.folder import library
from estimator.settings import plans_folder
from tests.papers.papers import case_of
from tests.web.conftest import Pages
from tests.web.reading import page_of

_EDITORS = (
    r"\(verify|to verify|split to|kept \d|title not kept|text pattern",
    r"not checked this address|not confirmed|to be checked",
    r"(?:not|n['’]t) (?:been )?read\b|\bunread\b|unverified|\binferred\b|secondary source|not seen\b|\bbackground\b",
    r"(?-i:\bTODO\b|\bFIXME\b)",
    r"a template\b|cost shares unknown|example\.(?:org|com)",
)
_PROGRAMS = (
    r"\b[0-9a-f]{32,64}\b",  # a hash
    r"(?<![\w’'])'[^'\n]{0,60}'(?!\w)|\[\]|\{\}|(?-i:\bNone[,\])])|<class|datetime\.|Decimal\(|object at 0x",
)
MARKS = re.compile("|".join((*_EDITORS, *_PROGRAMS)), re.IGNORECASE)
WAYS = {"en": "", "es": "/es"}
_HEADS = library(plans_folder()).catalogue()
PLANS = sorted({head.id for head in _HEADS})
# Those that are no fiction, to try things out.
CHOSEN = sorted({head.id for head in _HEADS if head.kind != "example"})
STATES = sorted(library(plans_folder()).states)
COURSE = {"zip": "98101", "visits": "8"}
OTHERS = ("/", "/about-dry-needling", "/how-it-works", "/plans", "/my-plan", "/choose-plan?state=NC&kind=marketplace")


def marks(text: str) -> list[str]:
    """Return every mark of an editor or a program, with some words around it."""
    return [text[max(0, found.start() - 60) : found.end() + 30] for found in MARKS.finditer(text)]


@pytest.mark.parametrize("language", WAYS)
def test_no_page_shows_what_is_not_for_readers(pages: Pages, language: str) -> None:
    """Every plan's rules, every state's law, and the pages that lead to them."""
    addresses = [*(f"/plans/{plan}" for plan in PLANS), *(f"/about-dry-needling/{state}" for state in STATES), *OTHERS]
    found = {address: marks(pages.get(f"{WAYS[language]}{address}").text) for address in addresses}

    assert {} == {address: said for address, said in found.items() if said}


def test_no_page_of_a_plan_leads_to_an_address_that_is_a_placeholder(pages: Pages) -> None:
    """Only fictional plans cite fictional documents."""
    found = {
        plan: [
            link.attributes["href"]
            for link in pages.get(f"/plans/{plan}").all("a")
            if "example." in str(link.attributes)
        ]
        for plan in CHOSEN
    }

    assert {} == {plan: links for plan, links in found.items() if links}


@pytest.mark.parametrize("language", WAYS)
def test_no_answer_shows_what_is_not_for_readers(pages: Pages, language: str) -> None:
    """Every plan; where its year is another, the form that says so."""
    found = {}
    for plan in PLANS if language == "en" else CHOSEN:
        response = pages.client.post(f"{WAYS[language]}/estimate", data={**COURSE, "plan": plan})
        found[plan] = marks(page_of(response.text).text)

    assert {} == {plan: said for plan, said in found.items() if said}


@pytest.mark.parametrize("language", WAYS)
def test_no_document_shows_what_is_not_for_readers(language: str) -> None:
    """Every document of every plan, as it is before it is typeset."""
    found = {}
    with speaking(language):
        for plan in CHOSEN:
            for kind, words in _documents(plan):
                if said := [mark for text in words for mark in marks(text)]:
                    found[plan, kind] = said

    assert {} == found


@pytest.mark.parametrize(
    "answers",
    [
        {"zip": "981"},
        {"zip": "98101", "visits": "many"},
        {"zip": "98101", "visits": "4", "age": "old", "first_day": "x"},
    ],
)
def test_no_mistake_is_told_with_what_a_program_says(pages: Pages, answers: dict[str, str]) -> None:
    """Errors say what to enter, and quote nothing."""
    response = pages.client.post("/estimate", data={"plan": "template-employer-ppo", **answers})

    assert 422 == response.status_code
    assert [] == marks(page_of(response.text).text)


def test_the_marks_are_found() -> None:
    """A scan that finds nothing anywhere would be worth nothing."""
    assert 1 == len(marks("referral required per text pattern"))
    assert 1 == len(marks("Write five digits, not 'abcde'."))
    assert 1 == len(marks("18b8028102dc02e4351c8e6faf391fc0aa"))
    assert [] == marks("Physical therapists can't needle; that's the state's law.")


def _documents(plan: str) -> Iterator[tuple[str, list[str]]]:
    network = "tier-1" if plan == "template-employer-pos-tiers" else "in-network"
    for day in ("2026-03-02", "2025-03-03", "2027-03-01"):
        try:
            case = case_of(plan=plan, as_of="2026-02-02", course=_course(day), provider={"network": network})
        except PlanNotInForce:
            continue
        for kind in KINDS:
            if not why_not(kind, case):
                yield kind, list(_texts(asdict(KINDS[kind](case))))
        return


def _course(day: str) -> dict[str, Any]:
    each = [{"code": "97110", "minutes": 30}, {"code": "20561"}]
    return {"first_day": date.fromisoformat(day).isoformat(), "visits": 3, "per_week": 2, "each_visit": each}


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
