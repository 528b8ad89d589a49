"""What the plan answered, in a request: read by the kind of its question, refused with what to write instead."""

from datetime import date
from typing import Any

import pytest

from estimator.engine.request import Call, Told
from estimator.engine.values import Money, Rate
from estimator.estimates.contract import read_request
from tests.estimates.test_contract_refusals import problems, with_part

TODAY = date(2026, 11, 23)


def read(told: Any) -> tuple[Call, ...]:
    """Read a request in which this was told."""
    return read_request(with_part(told=told), TODAY).told


def answered(**parts: Any) -> dict[str, Any]:
    """Write a call with one answer."""
    return {"on": "2026-11-20", "answers": [{"asks": "payable", "subject": "20561", "answer": "covered", **parts}]}


def test_one_call_needs_no_list():
    """An object and a list of one object say the same."""
    expected = (Call(date(2026, 11, 20), (Told("payable", "20561", "covered"),)),)

    assert (expected, expected) == (read(answered()), read([answered()]))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"asks": "code-valid", "answer": "yes"}, True),
        ({"asks": "cost-share", "subject": "copay", "answer": "$25"}, Money(2500)),
        ({"asks": "cost-share", "subject": "coinsurance", "answer": "20%"}, Rate.parse("20%")),
        ({"asks": "cost-share", "subject": "coinsurance", "answer": "none"}, "none"),
        ({"asks": "cost-share", "subject": "deductible", "answer": "no"}, False),
        ({"asks": "limit", "subject": "visits", "answer": "30"}, 30),
        ({"asks": "limit", "subject": "visits", "answer": "900.00"}, Money(90000)),
        ({"asks": "deductible", "answer": "could-not-say"}, "could-not-say"),
    ],
)
def test_an_answer_is_read_by_the_kind_of_its_question(parts, expected):
    """Yes, amounts, percentages and counts are told apart by the question, not by their look."""
    answer = read(answered(**parts))[0].answers[0].answer

    assert (type(expected), expected) == (type(answer), answer)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("yes", "told: Enter a list of calls in brackets."),
        ({"answers": []}, "told.0.answers: This list is empty. Enter at least one of the answers."),
        ({**answered(), "on": "2026-11-24"},
         "told.0.on: Enter a date up to 2026-11-23; 2026-11-24 is in the future."),
        ({**answered(), "source": "fax"},
         "told.0.source: Choose one of these: telephone, letter, member-site, eligibility."),
        ({**answered(), "reference": "9" * 201}, "told.0.reference: Enter at most 200 characters; there are 201."),
        (answered(asks="payabel"), "told.0.answers.0.asks: Enter payable."),
        (answered(answer="maybe"), "told.0.answers.0.answer: Choose one of these: covered, bundled, "
         "investigational, not-medically-necessary, excluded, not-paid."),
        (answered(answer=["covered"]), "told.0.answers.0.answer: Choose one of these: covered, bundled, "
         "investigational, not-medically-necessary, excluded, not-paid, not a list."),
        (answered(answer="none"), "told.0.answers.0.answer: Choose one of these: covered, bundled, "
         "investigational, not-medically-necessary, excluded, not-paid."),
        (answered(asks="cost-share"), "told.0.answers.0.subject: Choose one of these: copay, coinsurance, deductible."),
        (answered(asks="code-valid", subject="needling", answer="yes"),
         'told.0.answers.0.subject: Enter a 5-character code, like 97110.'),
        (answered(asks="past-limit", subject=None, answer="yes"),
         "told.0.answers.0.subject: Add this key; it says what the answer is about."),
        (answered(asks="cost-share", subject="coinsurance", answer="20"),
         "told.0.answers.0.answer: Enter a percentage from 0% to 100%, like 110%."),
        ({"on": "2026-11-20", "answers": answered()["answers"] * 2},
         "told.0.answers.1.asks: Answer this question only once; it appears more than once."),
    ],
)  # fmt: skip
def test_a_mistake_in_what_was_told_is_named(told, expected):
    """Each with its place and what to write instead."""
    assert expected in problems(with_part(told=told))


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "'; DROP TABLE plans; --", "{{7*7}}", "\u202e", "=1+1"]
)
def test_hostile_text_is_kept_as_text_or_refused(hostile):
    """A reference is text whatever it holds; where a word is chosen it is refused."""
    [call] = read({**answered(), "reference": hostile})

    assert hostile == call.reference
    assert problems(with_part(told=answered(asks=hostile)))
