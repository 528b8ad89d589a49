"""Every patient page in the language of brackets: what no catalogue reaches shows."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from estimator.plans.folder import library
from estimator.settings import plans_folder
from tests.language.pseudo import left_in_english, pseudo_spoken
from tests.web.conftest import Pages
from tests.web.reading import Element

COURSE = {"zip": "98101", "plan": "template-employer-hdhp-hsa", "visits": "24"}
KNOWN = {
    "described": "yes",
    "my_deductible": "1500",
    "my_maximum_unknown": "yes",
    "my_copay": "40",
    "my_limit": "number",
    "my_visits": "30",
    "my_shared": "all",
    "my_authorization": "later",
    "my_authorization_from": "13",
}
SENT = {
    "answer": ("/estimate", COURSE),
    "answer of Medicare": ("/estimate", {**COURSE, "plan": "original-medicare-2026", "age": "70", "referral": "yes"}),
    "answer of a described plan": ("/my-plan", {**COURSE, **KNOWN}),
    "answer without insurance": ("/estimate", {**COURSE, "plan": "self-pay", "experience": "senior"}),
    "answer where needling is forbidden": ("/estimate", {**COURSE, "zip": "10001"}),
    "answer where the plan has ended": ("/estimate", {**COURSE, "plan": "original-medicare-2025"}),
    "what matters": ("/what-matters", COURSE),
    "comparison": ("/compare", {**COURSE, "other_plan": "nobodys"}),
    "form to change": ("/", {**COURSE, "plan": "template-employer-pos-tiers", "find": "age"}),
    "described plan with mistakes": ("/my-plan", {**COURSE, "described": "yes", "my_deductible": "1e9"}),
    "form with nothing in it": ("/estimate", {}),
    "form with mistakes": ("/estimate", {**COURSE, "zip": "981", "visits": "0", "age": "999", "exercise": "7000"}),
    "paper that does not fit": ("/paper/good-faith-estimate", COURSE),
}
OPENED = ["/", "/about-dry-needling", "/how-it-works", "/plans", "/my-plan", "/choose-plan?state=NC", "/nowhere"]
# Read aloud or shown though it is no text of the page.
_SAID = ("aria-label", "data-name", "alt", "label")
# Days of the week as Spanish writes them, and what has no translation.
_NAMES = ("lun", "mar", "mié", "jue", "vie", "sáb", "dom", "typ")


def said(page: Element) -> Iterator[str]:
    """Yield what a reader sees or hears of a page but what it marks as English: names and documents of others."""
    for part in page.parts:
        if isinstance(part, str):
            yield part
        elif part.attributes.get("lang") != "en":
            yield from (part.attributes[name] for name in _SAID if name in part.attributes)
            yield from said(part)


def names() -> set[str]:
    """Return what keeps its name in every language."""
    plans = library(plans_folder())
    heads = plans.catalogue()
    states = plans.states.values()
    return {
        *(head.title for head in heads),
        *(head.payer for head in heads),
        *(head.id for head in heads),
        *(state.name for state in states),
        *(state.law for state in states),
        *(state.board for state in states),
        *_NAMES,
    }


def untranslated(page: Element) -> list[str]:
    """Return what is left in English outside of citations, whose documents keep their names."""
    without = Element("page", parts=list(_without_citations(page)))
    return left_in_english(" | ".join(said(without)), names())


def _without_citations(page: Element) -> Iterator[Element | str]:
    for part in page.parts:
        if isinstance(part, str):
            yield part
        elif not {"source", "ledger__code"} & set(part.attributes.get("class", "").split()):
            is_list_of_documents = part.attributes.get("id", "").startswith("source-")
            if not is_list_of_documents:
                yield Element(part.tag, part.attributes, list(_without_citations(part)))


@pytest.mark.parametrize("address", OPENED)
def test_nothing_on_a_page_is_left_in_english(pages: Pages, address: str) -> None:
    """Headings, hints, choices, charts and what is read aloud."""
    with pseudo_spoken(), patch("estimator.web.common.remembered", lambda connection, key, read: read()):
        page = pages.get(f"/es{address}", 404 if address == "/nowhere" else 200)

    assert [] == untranslated(page)


@pytest.mark.parametrize("name", SENT)
def test_nothing_on_a_page_that_was_sent_for_is_left_in_english(pages: Pages, name: str) -> None:
    """Answers of several plans, comparisons, mistakes."""
    path, form = SENT[name]
    with pseudo_spoken():
        page = pages.send(pages.client.post(f"/es{path}", data=form).status_code, f"/es{path}", **form)

    assert [] == untranslated(page)


def test_the_rules_of_every_plan_are_said_in_spanish(pages: Pages) -> None:
    """A new kind of rule needs its sentence in every language."""
    left: dict[str, list[str]] = {}
    with pseudo_spoken():
        for head in library(plans_folder()).catalogue():
            if found := untranslated(pages.get(f"/es/plans/{head.id}")):
                left[head.id] = found

    assert {} == left
