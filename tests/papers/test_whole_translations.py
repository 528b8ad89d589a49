"""No sentence of a paper passes by the catalogues, and no number changes on the way into another language."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from estimator.language import SPANISH, speaking
from estimator.papers.case import Case
from estimator.papers.kinds import KINDS
from tests.language.pseudo import left_in_english
from tests.papers.papers import CLINIC, PRICES, case_of

PLANS = ["template-employer-ppo", "original-medicare-2026", "example-unknowns", "self-pay"]
FITTING = {
    "estimate": PLANS,
    "good-faith-estimate": ["fep-blue-basic-2026", "self-pay"],
    "notice": ["template-employer-ppo", "original-medicare-2026"],
    "call-script": ["template-employer-ppo", "original-medicare-2026", "example-unknowns"],
}
# Ids and the names of layouts are no words, and what is read out stays English.
_NO_WORDS = frozenset({"kind", "style", "aloud"})
_NUMBER = re.compile(r"\d+(?:[.,/-]\d+)*")
_BRACKETS = re.compile("⟦[^⟧]*⟧")
# Names of numbers and of laws, as every language has them.
_EVERYWHERE = ("NPI", "TIN", "CFR", "CPT", "GX", "RVU26C", "medicare-2026-RVU26C")


every_paper = pytest.mark.parametrize(
    ("kind", "plan"), [(kind, plan) for kind, plans in FITTING.items() for plan in plans]
)


@every_paper
@pytest.mark.usefixtures("pseudo_language")
def test_every_sentence_of_a_paper_can_be_translated(kind: str, plan: str) -> None:
    """Names, codes, numbers and documents stay as they are."""
    case = case_of(plan=plan, self_pay_prices=PRICES)
    told = _told(kind, case)
    names = [*_EVERYWHERE, *_names(case)]

    assert told
    assert [] == [words for text in told for words in left_in_english(text, names)]


@every_paper
def test_every_number_of_the_spanish_paper_is_that_of_the_english_one(kind: str, plan: str) -> None:
    """Amounts, counts, days, codes and sections of law: each as often."""
    english = _told(kind, case_of(plan=plan, self_pay_prices=PRICES))
    with speaking(SPANISH):
        spanish = _told(kind, case_of(plan=plan, self_pay_prices=PRICES))

    assert english != spanish
    assert _numbers(english) == _numbers(spanish)


def _numbers(told: list[str]) -> list[str]:
    return sorted(number for text in told for number in _NUMBER.findall(text))


def _told(kind: str, case: Case) -> list[str]:
    paper = KINDS[kind](case)
    return [paper.title, paper.subtitle, paper.footer, paper.page_words, *_texts(paper.blocks)]


def _texts(block: Any) -> Iterator[str]:
    match block:
        case str():
            yield block
        case dict():
            for key, inner in block.items():
                if key not in _NO_WORDS:
                    yield from _texts(inner)
        case list() | tuple():
            for inner in block:
                yield from _texts(inner)


def _names(case: Case) -> Iterator[str]:
    """Yield what has a name of its own: clinic, payer, documents with their places, and what figures are made from."""
    yield from (str(name) for name in vars(CLINIC).values() if name)
    yield from (
        CLINIC.place,
        case.plan.payer,
        *(value for value in case.answer.inputs.values() if isinstance(value, str)),
        *case.answer.inputs["plan"].split("@"),
    )
    for citation in case.answer.citations:
        yield from filter(None, (citation.title, citation.place, citation.url))
    # The script takes out what stands between quotation marks, and its bracket stays behind; the estimate has both.
    for each in case.answer.questions:
        yield from _BRACKETS.split(each.says.partition("“")[2].partition("”")[0])
