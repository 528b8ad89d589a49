"""Rates read from their text: what is put together, and what is parsed whole because it is written in another way."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from estimator.prices import rates
from estimator.prices.rate_stream import Allowance
from estimator.prices.rate_text import priced_text
from estimator.prices.rates import read_rates
from tests.prices.test_rates import file_of, price, service


def rate(*prices: dict[str, Any], references: Any = (1,)) -> dict[str, Any]:
    """Return a rate of groups."""
    return {"provider_references": list(references), "negotiated_prices": list(prices)}


def text_of(*rates: dict[str, Any]) -> str:
    """Return an item of these rates as a file writes it."""
    return json.dumps({**service("97110"), "negotiated_rates": rates})


def test_rates_that_say_the_same_are_put_together() -> None:
    """Whatever their groups and amounts; a rate of several prices gives several."""
    hospital = {"billing_class": "institutional"}
    text = text_of(
        rate(price(30.5), references=(1, 2)),
        rate(price(31), price(90, **hospital)),
        rate(price("32.10"), references=()),
        rate(price(33), price(91, **hospital), references=(3,)),
    )

    found = priced_text(text.encode(), Allowance(0))

    assert found is not None
    assert "97110" == found.service["billing_code"]
    assert [
        ("professional", [30.5, "32.10"], [[1, 2], []]),
        ("professional", [31, 33], [[1], [3]]),
        ("institutional", [90, 91], [[1], [3]]),
    ] == [(terms["billing_class"], list(amounts), list(groups)) for terms, amounts, groups in found.prices]


TWO = text_of(rate(price(30.5)), rate(price(31)))
ODD = {
    "another key of the rate": TWO.replace('"negotiated_prices"', '"a": 1, "negotiated_prices"', 1),
    "something between rates": TWO.replace('}, {"provider', '}, 5, {"provider', 1),
    "a key before the groups": TWO.replace('}, {"provider', '}, {"a": 1, "provider', 1),
    "groups twice": TWO.replace('"provider_references": [1]', '"provider_references": [1], "provider_references": [2]'),
    "rates twice": TWO[:-1] + f", {TWO[TWO.index(chr(34) + 'negotiated_rates') :]}",
    "an amount twice": TWO.replace("31,", '31, "negotiated_rate": 5,'),
    "an amount written in another way": TWO.replace("31,", '31, "negotiated_rate" : 5,'),
    "a key that is escaped": TWO.replace("31,", '31, "negotiated\\u005frate": 5,'),
    "an amount that is last": TWO.replace('"negotiated_rate": 31, ', "").replace(
        "[]}]}]", '[], "negotiated_rate": 31}]}]'
    ),
    "an amount of several": TWO.replace("30.5,", "[30.5, 31],"),
    "amounts across rates": TWO.replace("30.5,", "[30.5,").replace("31,", "31],"),
    "groups across rates": TWO.replace("[1]", '["a]', 1).replace("[1]", '[b"]', 1),
    "a group of several": TWO.replace("[1]", "[[1], 2]", 1),
    "something behind the rates": TWO[:-1] + ', "bundled_codes": []}',
    "something behind the item": TWO + "5",
    "no end": TWO[:-1],
    "no JSON in it": TWO.replace("31,", "31, oops"),
    "no JSON before it": TWO.replace("{", "{oops", 1),
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_is_written_in_another_way_is_left_to_be_parsed(text: str) -> None:
    """And what was counted of it is counted anew then."""
    assert text != TWO
    allowance = Allowance(0)
    before = allowance.left

    assert priced_text(text.encode(), allowance) is None
    assert before == allowance.left


def test_a_key_in_words_of_a_file_is_no_key() -> None:
    """Neither that of the groups nor that of an amount, however a payer quotes it; nothing else is read then."""
    for words in ('"provider_references": [5', 'an "negotiated_rate": 5, ', "]}]}, {", '"negotiated_rates": [{'):
        text = text_of(rate(price(30.5, additional_information=words)), rate(price(31)))

        found = priced_text(text.encode(), Allowance(0))

        assert found is not None
        told = orjson.loads(text)["negotiated_rates"]
        assert [one["negotiated_prices"][0]["negotiated_rate"] for one in told] == [
            amount for _, amounts, _ in found.prices for amount in amounts
        ]


def test_groups_that_are_named_again_and_again_are_held_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as they are many; nothing that is kept or counted changes by it."""
    item = {**service("97110"), "negotiated_rates": [rate(price(30.5), references=(1, 2))] * 50}
    path = file_of(tmp_path, item, item, service("97140", price(31)))
    many = read_rates(path)
    monkeypatch.setattr(rates, "_MANY_NUMBERS", 5)

    few = read_rates(path)

    assert [201, 2] == [sum(len(numbers) for _, numbers in many.prices), few_of(few, "97110")]
    assert {(one, tuple(sorted(set(numbers)))) for one, numbers in many.prices} == {
        (one, tuple(numbers)) for one, numbers in few.prices
    }
    assert many.provenance == few.provenance


def few_of(read: rates.FileRates, code: str) -> int:
    """Return how many groups are held of a code."""
    return sum(len(numbers) for one, numbers in read.prices if one.code == code)
