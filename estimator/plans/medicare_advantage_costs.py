"""What one cell of the table says: a copay, a range of copays, a percentage, a deductible.

A range stays a range. A percentage that the table gives as a range, and a copay beside a percentage, leave open what
holds for a visit: they are unknown, and the quote is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Definition = dict[str, Any]
UNKNOWN = "unknown"

_DOLLARS = r"\$([0-9][0-9,]*(?:\.[0-9]{2})?)"
_COPAY = re.compile(rf"{_DOLLARS}(?:(?: or |-){_DOLLARS})?(?:-{_DOLLARS})? copay")
_RATE = re.compile(r"([0-9]{1,3})%(?:(?: or |-)([0-9]{1,3})%)?(?:-([0-9]{1,3})%)? coinsurance")
_DEDUCTIBLE = re.compile(rf"(\$0 or )?{_DOLLARS}(.*)")
_BOTH = ("", "Annual deductible", "In and out-of-network", "per year from in-network and out-of-network providers")
_INSIDE = ("In-network", "per year for in-network services")
_OUTSIDE = ("Out-of-network",)


@dataclass(frozen=True, slots=True)
class Cost:
    """The share that a cell states, and whether it leaves anything open; `share` is None where nothing is stated."""

    share: Definition | str | None
    is_open: bool = False


def cost(text: str) -> Cost:
    """Read a cost share.

    >>> cost("$0 or $25-$50 copay").share, cost("20% coinsurance").share
    ({'copay': {'from': '0.00', 'to': '50.00'}}, {'coinsurance': '20%'})
    >>> cost("0%-20% coinsurance")
    Cost(share={'coinsurance': 'unknown'}, is_open=True)
    """
    if not text:
        return Cost(None)
    if text == "$0 copay, 0% coinsurance":
        return Cost({"copay": "0.00"})
    if found := _COPAY.fullmatch(text):
        amounts = sorted((_cents(one) for one in found.groups() if one), key=_order)
        low, high = amounts[0], amounts[-1]
        return Cost({"copay": low}) if low == high else Cost({"copay": {"from": low, "to": high}}, is_open=True)
    if found := _RATE.fullmatch(text):
        rates = {int(one) for one in found.groups() if one}
        return Cost({"coinsurance": f"{rates.pop()}%"}) if len(rates) == 1 else Cost({"coinsurance": UNKNOWN}, True)
    return Cost(UNKNOWN, is_open=True)


def by_tier(text: str) -> tuple[str, str]:
    """Split a cell that names both tiers.

    >>> by_tier("In-network: $30 copayOut-of-network: 50% coinsurance")
    ('$30 copay', '50% coinsurance')
    """
    inside, _, outside = text.partition("Out-of-network:")
    return inside.removeprefix("In-network:").strip(), outside.strip()


@dataclass(frozen=True, slots=True)
class Deductible:
    """The amount of a deductible (None: none), and whether it holds inside, outside, or for both together."""

    amount: Any
    inside: bool
    outside: bool
    is_open: bool = False


def deductible(text: str) -> Deductible:
    """Read the plan's deductible.

    >>> deductible("$500In-network")
    Deductible(amount='500.00', inside=True, outside=False, is_open=False)
    >>> deductible("$0 or $283per year for in-network services").amount
    {'from': '0.00', 'to': '283.00'}
    """
    found = _DEDUCTIBLE.fullmatch(text)
    where = found[3].strip() if found else None
    if found is None or where not in (*_BOTH, *_INSIDE, *_OUTSIDE):
        return Deductible(UNKNOWN, True, True, is_open=True)
    high = _cents(found[2])
    amount = {"from": "0.00", "to": high} if found[1] else high
    if amount == "0.00":
        return Deductible(None, True, True)
    return Deductible(amount, where not in _OUTSIDE, where not in _INSIDE, is_open=bool(found[1]))


def maximum(text: str) -> str:
    """Read the out-of-pocket maximum; none is of nothing.

    >>> maximum("9,250"), maximum("0")
    ('9250.00', 'unknown')
    """
    return _cents(text) if re.fullmatch(r"[0-9][0-9,]*", text) and text.strip("0,") else UNKNOWN


def _cents(figure: str) -> str:
    whole, _, cents = figure.replace(",", "").partition(".")
    return f"{int(whole)}.{cents or '00'}"


def _order(amount: str) -> int:
    return int(amount.replace(".", ""))
