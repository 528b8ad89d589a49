"""The grammar of single cells: copays, coinsurance, money of attributes, and limits.

Every form that the official files use is read; what is not one of them raises Unreadable, and the plan is refused with
its row. An amount that is not stated is None, never zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from estimator.errors import EstimatorError

WAIVED, APPLIES, WITH_COPAY, AFTER_COPAY = "waived", "applies", "with-copay", "after-copay"
NOT_COVERED, UNKNOWN = "not-covered", "unknown"
Definition = dict[str, Any]

_MONEY = r"\$([0-9][0-9,]*(?:\.[0-9]{1,2})?)"
_COPAY = re.compile(rf"{_MONEY}(?: copay(?: per (day|stay))?)?(?: (after|with|before) deductible)?", re.IGNORECASE)
_COINSURANCE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)%(?: coinsurance)?( after deductible)?", re.IGNORECASE)
_NO_CHARGE = re.compile(r"no charge( after deductible)?", re.IGNORECASE)
_NOTHING = ("", "not applicable")
_AMOUNT = re.compile(rf"{_MONEY}\s*(?:per (?:person|group))?", re.IGNORECASE)
_NO_AMOUNT = re.compile(r"(?:per (?:person|group) )?not applicable|", re.IGNORECASE)
_ORDERS = {None: WAIVED, "after": APPLIES, "with": WITH_COPAY, "before": AFTER_COPAY}
_QUANTITY = re.compile(r"([0-9]{1,6})(?:\.0+)?")

_THINGS = {
    "visit(s)": "visits", "days": "days", "hours": "hours", "months": "months", "dollars": "dollars",
    "item(s)": "units", "exam(s)": "sessions", "procedure(s)": "sessions", "treatment(s)": "sessions",
}  # fmt: skip
_PERIODS: dict[str, Any] = {
    "year": "benefit-year", "benefit period": "benefit-year", "month": "month", "week": "week", "day": "day",
    "6 months": {"rolling_months": "6"}, "2 years": {"rolling_months": "24"}, "3 years": {"rolling_months": "36"},
    "episode": "episode", "stay": "episode", "admission": "episode", "procedure": "episode",
    "transplant": "episode", "lifetime": "lifetime",
}  # fmt: skip


@dataclass(eq=False)
class Unreadable(EstimatorError):
    """A cell that is none of the forms that we know."""

    text: str
    wanted: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one column says: an amount or a percentage, and its place beside the deductible."""

    figure: str
    order: str
    per: str = ""

    @property
    def is_zero(self) -> bool:
        """Tell whether nothing is owed."""
        return not self.figure.strip("0.,")


def copay(text: str) -> Charge | None:
    """Read a copay cell.

    >>> copay("$1,250.00 Copay per Day after deductible")
    Charge(figure='1250.00', order='applies', per='day')
    >>> copay("Not Applicable") is None
    True
    """
    free = _NO_CHARGE.fullmatch(text)
    if free:
        return Charge("0.00", APPLIES if free[1] else WAIVED)
    if text.lower() in _NOTHING:
        return None
    found = _COPAY.fullmatch(text)
    if not found:
        raise Unreadable(text, "a copay such as '$40.00 Copay after deductible'")
    return Charge(_plain(found[1]), _ORDERS[found[3] and found[3].lower()], (found[2] or "").lower())


def coinsurance(text: str) -> Charge | None:
    """Read a coinsurance cell.

    >>> coinsurance("50.00% Coinsurance after deductible")
    Charge(figure='50', order='applies', per='')
    """
    free = _NO_CHARGE.fullmatch(text)
    if free:
        return Charge("0", APPLIES if free[1] else WAIVED)
    if text.lower() in _NOTHING:
        return None
    found = _COINSURANCE.fullmatch(text)
    if not found:
        raise Unreadable(text, "a coinsurance such as '50.00% Coinsurance after deductible'")
    figure = found[1].rstrip("0").rstrip(".") if "." in found[1] else found[1]
    return Charge(figure or "0", APPLIES if found[2] else WAIVED)


@lru_cache(maxsize=10_000)
def amount(text: str) -> str | None:
    """Read money of the attributes; None where none is stated.

    >>> amount("$12000 per group"), amount("$6,000"), amount("per person not applicable")
    ('12000.00', '6000.00', None)
    """
    if _NO_AMOUNT.fullmatch(text):
        return None
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise Unreadable(text, "an amount such as '$6,000' or '$12000 per group'")
    return _plain(found[1])


def limit(quantity: str, unit: str) -> Definition:
    """Read a limit.

    >>> limit("35.0", "Visit(s) per Benefit Period")
    {'visits': '35', 'per': 'benefit-year'}
    """
    thing, _, period = unit.lower().partition(" per ")
    number = _QUANTITY.fullmatch(quantity)
    if number is None or thing not in _THINGS or period not in _PERIODS:
        raise Unreadable(f"{quantity} {unit}".strip(), "a limit such as '35.0' and 'Visit(s) per Year'")
    measure = _THINGS[thing]
    return {measure: f"{number[1]}.00" if measure == "dollars" else number[1], "per": _PERIODS[period]}


def share(copays: str, rates: str, *, in_network: bool = True) -> Definition | str:
    """Return the cost share that two cells state together, or `not-covered` or `unknown`.

    >>> share("$40.00", "20.00% Coinsurance after deductible")
    {'copay': '40.00', 'coinsurance': '20%', 'deductible': 'after-copay'}
    >>> share("Not Applicable", "100.00%", in_network=False)
    'not-covered'
    """
    fixed, part = copay(copays), coinsurance(rates)
    if fixed is None and part is None:
        return UNKNOWN
    if not in_network and part == Charge("100", WAIVED) and (fixed is None or fixed.is_zero):
        return NOT_COVERED
    if fixed is None or part is None:
        return _alone(fixed, part)
    return _together(fixed, part)


def _alone(fixed: Charge | None, part: Charge | None) -> Definition:
    if part is not None and not part.is_zero:
        return {"coinsurance": f"{part.figure}%", "deductible": part.order}
    said = fixed or part
    assert said is not None
    if said.is_zero:
        return {"copay": "0.00", "deductible": WAIVED if said.order == WAIVED else APPLIES}
    return {"copay": _over_a_stay(said), **_per(said), "deductible": said.order}


def _together(fixed: Charge, part: Charge) -> Definition:
    if fixed.is_zero:
        later = APPLIES if APPLIES in (fixed.order, part.order) or fixed.order != WAIVED else WAIVED
        return _alone(None, Charge(part.figure, later))
    # A copay at once beside a coinsurance after the deductible: the copay, then the deductible, then the rest.
    order = AFTER_COPAY if fixed.order == WAIVED and part.order == APPLIES else fixed.order
    if part.is_zero:
        return {"copay": _over_a_stay(fixed), **_per(fixed), "deductible": order}
    return {"copay": _over_a_stay(fixed), **_per(fixed), "coinsurance": f"{part.figure}%", "deductible": order}


def _per(charge: Charge) -> Definition:
    return {"per": "day"} if charge.per == "day" else {}


def _over_a_stay(charge: Charge) -> Any:
    # A copay for a whole stay says nothing of one visit: at most the whole of it.
    return {"from": "0.00", "to": charge.figure} if charge.per == "stay" else charge.figure


def _plain(figure: str) -> str:
    whole, _, cents = figure.replace(",", "").partition(".")
    return f"{int(whole)}.{(cents + '00')[:2]}"
