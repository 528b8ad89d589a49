"""Mistakes in a request are told in the language that is spoken, down to those that marshmallow finds."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from estimator.errors import RequestRefused
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import read_json
from estimator.language import SPANISH, speaking
from tests.estimates.test_contract_refusals import OF_A_SERVICE, with_part, with_service, with_visits

TODAY = date(2026, 11, 23)
REQUESTS: list[dict[str, Any]] = [
    *(with_service(**parts) for parts, _ in OF_A_SERVICE),
    with_part(zip="{zip}", state="Washington", signed_consent="maybe", plan=[], as_of="tomorrow", telephone="1"),
    with_part(provider={"experience_factor": "9000%", "network": " "}, diagnoses="M54", contract=[{"code": "*"}]),
    with_part(person={"age": "{age}", "symptom_weeks": -1}, used={"limits": {"visits": "many"}, "networks": 3}),
    with_part(authorization={"first_day": "2026-03-02", "last_day": "2026-03-01"}, secondary={}, as_of="1999-01-01"),
    with_visits({"day": "2026-03-02", "services": []}, {"day": "2026-03-01"}, 7, [None]),
    {"plan": "evergreen-ppo", "visits": [None], "course": {"first_day": "2100-12-30", "visits": 9, "each_visit": [{}]}},
    {"plan": "evergreen-ppo"},
    {},
]
TEXTS = [
    "[1",
    "3",
    '{"a": NaN}',
    '{"a": 1, "a": 2}',
    "[" * 40 + "]" * 40,
    '{"a": 1e9999999999999999999}',
    "x" * 1_000_001,
]


def said() -> Iterator[tuple[str, str]]:
    """Yield the path and the message of every mistake."""
    for request in REQUESTS:
        with pytest.raises(RequestRefused) as refused:
            read_request(request, TODAY)
        yield from ((problem.path, problem.message) for problem in refused.value.problems)
    for text in TEXTS:
        with pytest.raises(RequestRefused) as refused:
            read_json(text)
        yield from ((problem.path, problem.message) for problem in refused.value.problems)


def test_every_mistake_is_told_in_spanish_at_the_same_place() -> None:
    """Keys and what was written stay as they are, with their braces."""
    english = list(said())
    with speaking(SPANISH):
        spanish = list(said())

    assert [path for path, _ in english] == [path for path, _ in spanish]
    assert [] == [one for (_, one), (_, other) in zip(english, spanish, strict=True) if one == other]
    assert "Escriba un código postal (ZIP) de 5 dígitos, como 98101." in {message for _, message in spanish}


def test_no_mistake_is_told_past_the_catalogues(pseudo_language: None) -> None:
    """The whole message stands in brackets."""
    assert [] == [words for _, words in said() if not (words.startswith("⟦") and words.endswith("⟧"))]
