"""Page, PDF and command line say the same figures, which are the engine's, in every language."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from estimator.cli import main
from estimator.language import ENGLISH, SPANISH, speaking
from estimator.web.patient.form import answers_of
from estimator.web.patient.reply import reply_to, request_asked
from estimator.wording.answer import Answer
from estimator.wording.answer_schema import answer_json
from estimator.wording.words import dollars, page_usd, whole_usd
from tests.papers.papers import words_of
from tests.web.conftest import TODAY, Pages
from tests.web.reading import AMOUNT, Element

SAVED = [
    {"zip": "98101", "plan": "template-employer-ppo", "visits": "12"},
    {"zip": "28202", "plan": "original-medicare-2026", "visits": "8"},
    {"zip": "60601", "plan": "template-employer-hdhp-hsa", "visits": "10", "deductible_paid": "1250.00"},
    {"zip": "48201", "plan": "example-unknowns", "visits": "4"},
    {"zip": "98101", "plan": "self-pay", "visits": "6", "experience": "senior"},
]
_ROW = re.compile(
    rf"\b(\d+) [^$]{{9,28}}? ({AMOUNT.pattern})(?: (?:de )?{AMOUNT.pattern} \w+ {AMOUNT.pattern})? ({AMOUNT.pattern})"
)
in_each_language = pytest.mark.parametrize("language", [ENGLISH, SPANISH])
any_saved = pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved["plan"])


class Row(NamedTuple):
    """What is owed for a visit, and up to it."""

    number: int
    owes: str
    so_far: str


def engine(pages: Pages, saved: dict[str, str]) -> tuple[Mapping[str, Any], Answer]:
    """Return the request that saved answers make, and the engine's answer."""
    today, answers = date.fromisoformat(TODAY), answers_of(saved, date.fromisoformat(TODAY))
    with pages.client.application.app_context():
        return {"as_of": TODAY, **request_asked(answers, today)}, reply_to(answers, today).answer


def rows_of(answer: Answer) -> list[Row]:
    """Return the visits of an answer, as they are settled."""
    return [
        Row(visit.number, page_usd(visit.patient_owes), page_usd(visit.cumulative.typical))
        for visit in answer.settled_visits
    ]


def rows_in(words: str) -> list[Row]:
    """Return the visits of a text, by the lines of its table."""
    table = words[max(words.find("So far"), words.find("Hasta ahora")) :]
    return [Row(int(number), owes, so_far) for number, owes, so_far in _ROW.findall(table)]


def rows_on(page: Element) -> Iterator[Row]:
    """Yield the visits of a page, by its table."""
    for row in page.one("table", class_="usa-table").one("tbody").all("tr"):
        owes, _low, so_far, _high = row.amounts
        yield Row(int(row.one("th").text), owes, so_far)


@in_each_language
@any_saved
def test_page_pdf_and_command_line_say_what_the_engine_says(pages: Pages, saved: dict[str, str], language: str) -> None:
    """The total, its range, and what is owed for each visit."""
    with speaking(language):
        asked, answer = engine(pages, saved)
    prefix = "" if language == ENGLISH else f"/{language}"
    page = pages.send(to=f"{prefix}/estimate", **saved)
    paper = words_of(pages.client.post(f"{prefix}/paper/estimate", data=saved).data)
    text, as_json = (_command(asked, language, *options) for options in (["--text"], []))
    written, plain = json.loads(as_json), " ".join(text.split())
    headline = page.one("main").text

    assert json.loads(json.dumps(answer_json(answer)))["settled"] == written["settled"]
    assert [str(visit.settled.typical) for visit in answer.visits] == [
        visit["settled"]["typical"] for visit in written["visits"]
    ]
    assert all(whole_usd(amount) in headline or dollars(amount) in headline for amount in set(answer.settled))
    assert answer.summary.replace("– ", "–") in paper.replace("– ", "–")
    assert answer.summary in plain
    assert rows_of(answer) == rows_in(plain) == list(rows_on(page))
    assert all(whole_usd(visit.settled.typical) in paper for visit in answer.settled_visits)


@any_saved
def test_the_spanish_page_has_the_amounts_of_the_english_one(pages: Pages, saved: dict[str, str]) -> None:
    """Every one of them, as often."""
    english, spanish = (pages.send(to=to, **saved).one("main").amounts for to in ("/estimate", "/es/estimate"))

    assert english
    assert sorted(english) == sorted(spanish)


def _command(asked: Mapping[str, Any], language: str, *options: str) -> str:
    words = ["estimate", "-", "--language", language, *options]
    result = CliRunner().invoke(main, words, input=json.dumps(asked), catch_exceptions=False)
    assert 0 == result.exit_code, result.stderr
    return result.stdout
