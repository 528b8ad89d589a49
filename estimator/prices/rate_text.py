"""Read the rates of an item from its text, where a file writes the same few terms around millions of amounts.

A price says the same as thousands of others but for its amount and its clinics. So the text before and after an amount
is read as JSON once, and after that only compared. What is written in another way is parsed whole.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from estimator.prices.rate_stream import Allowance

_RATES = re.compile(rb'"negotiated_rates"\s*:\s*\[(?=\s*\{)')
_RATE = re.compile(
    rb'\s*\{\s*"provider_references"\s*:\s*(\[\s*\d[\d\s,]*\])\s*,\s*"negotiated_prices"\s*:\s*\[\s*(?=\{)'
)
_AMOUNT_KEY = b'"negotiated_rate"'
_AMOUNT = re.compile(rb'"negotiated_rate"\s*:\s*(-?(?:0|[1-9]\d*)(?:\.\d+)?|"[\d.]+")(?=[\s,}])')
_NEXT_PRICE = re.compile(rb"\s*,\s*(?=\{)")
_END_OF_RATE = re.compile(rb"\s*\]\s*\}\s*([,\]])")
_END_OF_ITEM = re.compile(rb"\s*\}\s*\Z")
# A file that writes more terms than this in one item writes each price anew.
_MOST_TERMS = 400
_LONGEST_PRICE = 4_000
_MANY_NUMBERS = 50_000


@dataclass(slots=True)
class Held:
    """The clinics of one amount, by number, and how many prices said so."""

    numbers: array[int]
    count: int = 0
    _full: int = _MANY_NUMBERS

    def add(self, numbers: Sequence[int], count: int = 1) -> None:
        """Take the clinics of more prices; a group counts once, however often a file repeats it."""
        self.numbers.extend(numbers)
        self.count += count
        if len(self.numbers) > self._full:
            self.numbers = array("l", sorted(set(self.numbers)))
            self._full = max(_MANY_NUMBERS, 2 * len(self.numbers))


class Priced(NamedTuple):
    """What an item says beside its rates, and its prices: terms, and the clinics of each amount as it is written."""

    service: Mapping[str, Any]
    prices: Sequence[tuple[Mapping[str, Any], Mapping[bytes, Held]]]


class _AnotherWay(Exception):
    """The item is not written so."""


def priced_text(text: bytes, allowance: Allowance, numbers_of: Callable[[list[Any]], list[int]]) -> Priced | None:
    """Return what an item says, or None where it must be parsed; the text may also be no JSON then."""
    start = _RATES.search(text)
    if start is None:
        return None
    before = allowance.left
    try:
        service = _parsed(text[: start.end()] + b"]}", "negotiated_rates", [])
        found: dict[tuple[bytes, bytes], dict[bytes, Held]] = {}
        place = _all_rates(text, start.end(), found, allowance, numbers_of)
        if not _END_OF_ITEM.match(text, place):
            raise _AnotherWay
        allowance.take_values(text)
        # A brace within a text ended a price too early; its halves are no JSON then.
        prices = [
            (_parsed(begun + _AMOUNT_KEY + b':"?"' + ended, "negotiated_rate", "?"), held)
            for (begun, ended), held in found.items()
        ]
    except (_AnotherWay, ValueError):
        allowance.left = before
        return None
    return Priced(service, prices)


def _all_rates(
    text: bytes,
    place: int,
    found: dict[tuple[bytes, bytes], dict[bytes, Held]],
    allowance: Allowance,
    numbers_of: Callable[[list[Any]], list[int]],
) -> int:
    """Take rates up to the bracket that ends them, and return the place behind it."""
    find, loads = text.find, orjson.loads
    while rate := _RATE.match(text, place):
        place = rate.end()
        numbers = numbers_of(loads(rate[1]))
        several = 0
        while True:
            several += 1
            key = find(_AMOUNT_KEY, place, place + _LONGEST_PRICE)
            written = _AMOUNT.match(text, key) if key >= 0 else None
            if written is None:
                raise _AnotherWay
            end = find(b"}", written.end()) + 1
            terms = text[place:key], text[written.end() : end]
            by_amount = found.get(terms)
            if by_amount is None:
                if len(found) >= _MOST_TERMS or _AMOUNT_KEY in terms[1]:
                    raise _AnotherWay
                by_amount = found[terms] = {}
            held = by_amount.get(written[1])
            if held is None:
                held = by_amount[written[1]] = Held(array("l"))
            held.add(numbers)
            place = end
            more = _NEXT_PRICE.match(text, place)
            if more is None:
                break
            place = more.end()
        allowance.take(several)
        allowance.pair(several, len(numbers))
        after = _END_OF_RATE.match(text, place)
        if after is None:
            raise _AnotherWay
        place = after.end()
        if after[1] == b"]":
            return place
    raise _AnotherWay


def _parsed(text: bytes, key: str, value: Any) -> Mapping[str, Any]:
    """Return what a text says; its key must come to this value: the same key, escaped, may stand after it."""
    parsed = orjson.loads(text)
    if not isinstance(parsed, dict) or parsed.get(key) != value:
        raise _AnotherWay
    return parsed
