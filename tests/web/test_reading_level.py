"""The prose that patients read is plain: about grade 8 in English, and as plain in Spanish.

Measured over what stands in sentences; titles of documents, lists of states and names of fields are left out.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest

from estimator.language import speaking
from estimator.papers.kinds import KINDS
from estimator.papers.layout import Block
from estimator.plans.folder import library
from estimator.settings import plans_folder
from tests.papers.papers import case_of
from tests.web.conftest import Pages
from tests.web.reading import Element

PAGES = ("/", "/about-dry-needling", "/how-it-works", "/plans", "/my-plan", "/choose-plan?state=NC&kind=marketplace")
COURSE = {"zip": "98101", "plan": "template-employer-ppo", "visits": "12"}
SENT = ("/estimate", "/compare", "/open-enrollment", "/what-matters", "/call-answers")
_FOLDER = library(plans_folder())
STATES = sorted(_FOLDER.states)
PLANS = sorted({head.id for head in _FOLDER.catalogue() if head.kind != "example"})
# December 7, 2026, or the first day on which a plan has rules.
FIRST_DAYS = {
    head.id: max("2026-12-07", head.in_force.first_day.isoformat() if head.in_force.first_day else "")
    for head in sorted(_FOLDER.catalogue(), key=lambda head: head.in_force.first_day or date.min, reverse=True)
}
GRADE, INFLESZ = 8, 55
_SENTENCE = re.compile(r"[.?!](?=\s|$)")
_WORD = re.compile(r"[^\W\d_]+(?:’[^\W\d_]+)?")
_NOT_PROSE = {"source", "usa-select", "site-nav", "form__send", "scrolling"}
_SPANISH_SYLLABLE = re.compile(r"[iuü]?[aeoáéó][iuy]?|[íú]|[iuü]+|y\b", re.IGNORECASE)
_ENGLISH_SYLLABLE = re.compile(r"[aeiouy]+", re.IGNORECASE)
_SILENT = re.compile(r"(?:[^laeiouy]es|[^aeioutdy]ed|[^laeiouy]e)$", re.IGNORECASE)


def prose(page: Element) -> Iterator[str]:
    """Yield the paragraphs, hints and lines of lists that are sentences."""
    for part in page.parts:
        if isinstance(part, str) or _NOT_PROSE & set(part.attributes.get("class", "").split()):
            continue
        if part.tag in ("p", "li") or "usa-hint" in part.attributes.get("class", ""):
            words = " ".join(_texts(part))
            if _SENTENCE.search(words):
                yield words
        else:
            yield from prose(part)


def _texts(part: Element) -> Iterator[str]:
    for piece in part.parts:
        if isinstance(piece, str):
            yield piece
        elif not _NOT_PROSE & set(piece.attributes.get("class", "").split()):
            yield from _texts(piece)


def counted(page: Element) -> tuple[int, list[str]]:
    """Return the number of sentences of a page's prose, and its words."""
    said = [words for part in prose(page.one("main")) for words in _SENTENCE.split(part) if _WORD.search(words)]
    return len(said), [word for words in said for word in _WORD.findall(words)]


def grade(sentences: int, words: list[str]) -> float:
    """Return the school grade of English prose, by Flesch and Kincaid."""
    syllables = sum(max(1, len(_ENGLISH_SYLLABLE.findall(word)) - bool(_SILENT.search(word))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def inflesz(sentences: int, words: list[str]) -> float:
    """Return how easy Spanish prose is, by Szigriszt and Barrio: 55 and more is normal or easier."""
    syllables = sum(max(1, len(_SPANISH_SYLLABLE.findall(word))) for word in words)
    return 206.835 - 62.3 * syllables / len(words) - len(words) / sentences


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_for_a_reader_of_about_grade_eight(pages: Pages, address: str) -> None:
    """Short words and short sentences."""
    assert grade(*counted(pages.get(address))) <= GRADE


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_as_plain_in_spanish(pages: Pages, address: str) -> None:
    """Spanish words are longer, so it has a measure of its own."""
    assert inflesz(*counted(pages.get(f"/es{address}"))) >= INFLESZ


@pytest.mark.parametrize("address", SENT)
def test_what_comes_back_is_for_the_same_reader(pages: Pages, address: str) -> None:
    """The answer, and the pages that it leads to, in both languages."""
    assert grade(*counted(pages.send(to=address, **COURSE))) <= GRADE
    assert inflesz(*counted(pages.send(to=f"/es{address}", **COURSE))) >= INFLESZ


FEW_PLANS = ("original-medicare-2026", "self-pay", "wa-lni", "template-medicaid", "tricare-prime-2026")


@pytest.mark.parametrize(
    "plan", [pytest.param(one, marks=() if one in FEW_PLANS else pytest.mark.slow) for one in PLANS]
)
def test_the_answer_for_every_plan_is_for_the_same_reader(pages: Pages, plan: str) -> None:
    """What one plan asks is no excuse for harder words; reasons and notes of the folded parts count as well."""
    asked = {**COURSE, "plan": plan, "visits": "8", "first_day": FIRST_DAYS[plan]}

    assert grade(*counted(pages.send(to="/estimate", **asked))) <= GRADE
    assert inflesz(*counted(pages.send(to="/es/estimate", **asked))) >= INFLESZ


@pytest.mark.parametrize("kind", ["estimate", "call-script"])
@pytest.mark.parametrize("plan", ["template-employer-ppo", "original-medicare-2026"])
def test_a_paper_to_take_along_is_for_the_same_reader(kind: str, plan: str) -> None:
    """What is printed is read without the page beside it."""
    case = case_of(plan=plan)
    english = sentences_of(KINDS[kind](case).blocks)
    with speaking("es"):
        spanish = sentences_of(KINDS[kind](case_of(plan=plan)).blocks)

    assert grade(*english) <= GRADE
    assert inflesz(*spanish) >= INFLESZ


def sentences_of(blocks: Sequence[Block]) -> tuple[int, list[str]]:
    """Return the number of sentences in a paper, and their words."""
    texts = [words for block in blocks for words in _written(block) if _SENTENCE.search(words)]
    said = [words for text in texts for words in _SENTENCE.split(text) if _WORD.search(words)]
    return len(said), [word for words in said for word in _WORD.findall(words)]


def _written(block: Any) -> Iterator[str]:
    match block:
        case str():
            yield block
        case dict():
            # What is read out in English is in no other language.
            for name, inner in block.items():
                if name not in ("aloud", "kind"):
                    yield from _written(inner)
        case list():
            for inner in block:
                yield from _written(inner)


def test_the_law_of_every_state_is_for_the_same_reader(pages: Pages) -> None:
    """Law, in words that anybody reads."""
    english = {state: grade(*counted(pages.get(f"/about-dry-needling/{state}"))) for state in STATES}
    spanish = {state: inflesz(*counted(pages.get(f"/es/about-dry-needling/{state}"))) for state in STATES}

    assert {} == {state: found for state, found in english.items() if found > GRADE}
    assert {} == {state: found for state, found in spanish.items() if found < INFLESZ}


def test_the_rules_of_every_plan_are_for_the_same_reader(pages: Pages) -> None:
    """What a plan pays, in words that anybody reads."""
    english = {plan: grade(*counted(pages.get(f"/plans/{plan}"))) for plan in PLANS}
    spanish = {plan: inflesz(*counted(pages.get(f"/es/plans/{plan}"))) for plan in PLANS}

    assert {} == {plan: found for plan, found in english.items() if found > GRADE}
    assert {} == {plan: found for plan, found in spanish.items() if found < INFLESZ}


def test_the_measures_tell_plain_from_hard() -> None:
    """A measure that calls everything plain would be worth nothing."""
    plain = _WORD.findall("The cat sat on the mat")
    hard = _WORD.findall("Reimbursement determinations necessitate comprehensive documentation")
    difficult = _WORD.findall("Las determinaciones administrativas necesitan documentación comprensible")
    easy = _WORD.findall("El gato come pan en la casa")

    assert grade(1, plain) < 3 < 15 < grade(1, hard)
    assert inflesz(1, difficult) < 20 < 90 < inflesz(1, easy)
