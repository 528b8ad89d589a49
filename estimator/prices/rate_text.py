"""Read the rates of an item from its text, where a file writes the same few terms around millions of amounts.

A rate says the same as thousands of others but for its clinics and its amounts. So these are cut out, and what is left,
the frame of the rate, is read as JSON once for all rates that share it; clinics and amounts are read together. The
parts of an item are cut apart without a gap, and each is read as JSON: what is written in another way, or is no JSON,
fits none of this and is parsed whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from estimator.prices.rate_stream import Allowance

_FIRST_RATE = re.compile(rb'"negotiated_rates"\s*:\s*\[\s*\{\s*("provider_references"\s*:\s*\[)')
_AMOUNT = re.compile(rb'"negotiated_rate"\s*:\s*')
_KEYS_OF_RATE = {"provider_references", "negotiated_prices"}
# A file that frames rates in more ways than this in one item writes each anew.
_MOST_FRAMES = 400


class Priced(NamedTuple):
    """What an item says beside its rates, and its prices: terms, the amounts with them, and the groups of each."""

    service: Mapping[str, Any]
    prices: Sequence[tuple[Mapping[str, Any], Sequence[Any], Sequence[list[Any]]]]


@dataclass(slots=True)
class _Rates:
    """Rates of one frame, as they are written: the groups of each, and the amount of each of its prices in turn."""

    groups: list[bytes] = field(default_factory=list)
    amounts: list[bytes] = field(default_factory=list)


class _AnotherWay(Exception):
    """The item is not written so."""


def priced_text(text: bytes, allowance: Allowance) -> Priced | None:
    """Return what an item says, or None where it must be parsed; the text may also be no JSON then."""
    first = _FIRST_RATE.search(text)
    key = _AMOUNT.search(text, first.end()) if first else None
    if first is None or key is None:
        return None
    before = allowance.left
    try:
        allowance.take_values(text)
        head, *rates = text.split(first[1])
        if len(head) != first.start(1):
            raise _AnotherWay
        service = orjson.loads(head + b"}]}")
        if not isinstance(service, dict) or service.get("negotiated_rates") != [{}]:
            raise _AnotherWay
        rates[-1] = _without_end(rates[-1])
        allowance.take(len(rates))
        prices: list[tuple[Mapping[str, Any], Sequence[Any], Sequence[list[Any]]]] = []
        for frame, same in _framed(rates, key[0], allowance).items():
            terms = _terms(frame, first[1], key[0])
            groups = _groups(same.groups)
            allowance.pair(len(terms), sum(map(len, groups)))
            amounts = _amounts(same.amounts)
            prices.extend((one, amounts[number :: len(terms)], groups) for number, one in enumerate(terms))
    except (_AnotherWay, ValueError):
        allowance.left = before
        return None
    return Priced(service, prices)


def _without_end(rate: bytes) -> bytes:
    """Return the last rate of an item as if another came after it."""
    for end in (b"}", b"]"):
        rate = rate.rstrip()
        if not rate.endswith(end):
            raise _AnotherWay
        rate = rate[:-1]
    return rate.rstrip() + b", {"


def _framed(rates: Sequence[bytes], key: bytes, allowance: Allowance) -> Mapping[tuple[bytes, ...], _Rates]:
    """Cut groups and amounts out of rates; put those together that say the same without them."""
    framed: dict[tuple[bytes, ...], _Rates] = {}
    for rate in rates:
        groups, _, prices = rate.partition(b"]")
        before, _, rest = prices.partition(key)
        amount, _, after = rest.partition(b",")
        same = framed.get((before, after))
        if same is None:
            # Seen for the first time, or a rate of several prices.
            frame, amounts = _cut(prices, key)
            allowance.take(len(amounts) - 1)
            same = framed.setdefault(frame, _Rates())
            if len(framed) > _MOST_FRAMES:
                raise _AnotherWay
            same.groups.append(groups)
            same.amounts.extend(amounts)
        else:
            same.groups.append(groups)
            same.amounts.append(amount)
    return framed


def _cut(prices: bytes, key: bytes) -> tuple[tuple[bytes, ...], list[bytes]]:
    """Cut every amount out of the prices of a rate: return what is left, and the amounts."""
    before, *rest = prices.split(key)
    cut = [one.partition(b",") for one in rest]
    return (before, *(after for _, _, after in cut)), [amount for amount, _, _ in cut]


def _terms(frame: tuple[bytes, ...], first: bytes, key: bytes) -> Sequence[Mapping[str, Any]]:
    """Return what each price of a frame says but for its amount, for which "?" stands."""
    between = b"".join((key, b'"?",'))
    read = orjson.loads(b"".join((b"[{", first, b"]", between.join(frame), b"}]")))
    # The brace of the next rate stands at the end of each.
    if len(read) != 2 or read[1] != {} or read[0].keys() != _KEYS_OF_RATE or read[0]["provider_references"] != []:
        raise _AnotherWay
    prices = read[0]["negotiated_prices"]
    if not isinstance(prices, list) or len(prices) != len(frame) - 1:
        raise _AnotherWay
    # The same key, escaped, may stand behind the amount.
    if not all(isinstance(one, dict) and one.get("negotiated_rate") == "?" for one in prices):
        raise _AnotherWay
    return prices


def _groups(written: Sequence[bytes]) -> list[list[Any]]:
    """Return the groups of rates; none has a closing bracket in it, so that as many lists are these."""
    groups: list[list[Any]] = orjson.loads(b"".join((b"[[", b"],[".join(written), b"]]")))
    if len(groups) != len(written) or not all(isinstance(one, list) for one in groups):
        raise _AnotherWay
    return groups


def _amounts(written: Sequence[bytes]) -> list[Any]:
    """Return amounts; none has a comma in it, so that as many values are these."""
    amounts: list[Any] = orjson.loads(b"".join((b"[", b",".join(written), b"]")))
    if len(amounts) != len(written):
        raise _AnotherWay
    return amounts
