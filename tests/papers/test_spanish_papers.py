"""The papers in Spanish: tagged so, with the same figures, and with English beside what is read out on the call."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from estimator.language import SPANISH, _, speaking
from estimator.papers.call_script import ALOUD, ANSWER, APPROVAL, INTERPRETER
from estimator.papers.kinds import KINDS
from tests.papers.papers import PRICES, amounts_in, pdf, tags_of, words_of, written_papers


def spanish(kind: str, **parts: Any) -> bytes:
    """Write a paper in Spanish."""
    with speaking(SPANISH):
        return pdf(kind, **parts)


def parts_of(kind: str) -> dict[str, Any]:
    """Return what the English paper of a kind was asked with."""
    return {"plan": "self-pay", "self_pay_prices": PRICES} if kind == "good-faith-estimate" else {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_spanish_paper_is_tagged_as_spanish(kind: str) -> None:
    """With the tags of the English one."""
    written = spanish(kind, **parts_of(kind))
    root: Any = PdfReader(BytesIO(written)).trailer["/Root"]

    assert "es-US" == root["/Lang"]
    assert {"/H1", "/P"} <= set(tags_of(written))


@pytest.mark.parametrize("kind", KINDS)
def test_a_spanish_paper_has_the_amounts_of_the_english_one(kind: str) -> None:
    """Dollars are written alike in both languages of the United States."""
    assert amounts_in(words_of(written_papers()[kind])) == amounts_in(words_of(spanish(kind, **parts_of(kind))))


def test_each_question_of_the_call_stands_in_english_beside_the_spanish() -> None:
    """A representative may speak English alone; the reader is told of interpreters too."""
    english, told = words_of(written_papers()["call-script"]), words_of(spanish("call-script"))
    with speaking(SPANISH):
        asked, beside = _(APPROVAL).format(code="20561"), _(ALOUD)
        interpreter = _(INTERPRETER)

    assert f"{asked} {beside} {APPROVAL.format(code='20561')}" in told
    assert english.count(ANSWER) == told.count(beside) - 1  # What to say first has no answer.
    assert interpreter in told
    assert ALOUD not in english


@pytest.mark.parametrize("plan", ["template-employer-ppo", "template-employer-hmo"])
def test_a_spanish_call_script_is_one_page_too(plan: str) -> None:
    """It says everything twice, and still goes to the call as one sheet."""
    assert 1 == len(PdfReader(BytesIO(spanish("call-script", plan=plan))).pages)
