"""Sentences on where a price comes from."""

from __future__ import annotations

from typing import assert_never

from estimator.domain.money import WHOLE, Rate
from estimator.domain.price_findings import (
    PriceCash,
    PriceContracted,
    PriceGiven,
    PriceList,
    PriceMedicare,
    PriceRate,
    PriceRegional,
)
from estimator.wording.telling import Telling, plain

Prices = PriceGiven | PriceContracted | PriceMedicare | PriceRate | PriceRegional | PriceList | PriceCash

_RATES = {
    "per-visit": "one price a visit",
    "case-rate": "one price for the whole course",
    "fee-schedule": "a price list of its own",
    "charges": "a part of what the clinic charges",
}


def price_for_patient(finding: Prices, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case PriceGiven():
            return "This price was given with the question."
        case PriceContracted():
            return f"This is the price in the clinic's contract with {telling.payer}."
        case PriceMedicare(percent, locality, _, reduced):
            less = " It counts one service a day in full, and the rest at a lower price, as here." if reduced else ""
            return f"Your plan goes by {_of_medicare(percent)} in {locality}.{less}"
        case PriceRate(basis):
            return f"Your plan goes by {_RATES.get(basis, plain(basis))}."
        case PriceRegional(low, typical, high, locality, _, experience, factor):
            return (
                f"An estimate: insurers around {locality} pay about {typical} of Medicare's price, "
                f"mostly between {low} and {high}.{_experience(experience, factor)} Your clinic's contract may differ."
            )
        case PriceList():
            return "This is the clinic's own price without insurance."
        case PriceCash(experience, factor):
            return f"An estimate of what clinics ask without insurance.{_experience(experience, factor)} Ask yours."
        case _:
            assert_never(finding)


def price_for_biller(finding: Prices, telling: Telling) -> str:
    """Return the sentence for billing staff."""
    match finding:
        case PriceGiven():
            return "Allowed amount given in the request."
        case PriceContracted(party):
            return f"Contracted rate: {party or telling.payer}."
        case PriceMedicare(percent, locality, book, reduced):
            return f"{percent} of the Medicare fee schedule, {locality}, {book}{'; MPPR applied' if reduced else ''}."
        case PriceRate(basis):
            return f"Plan rate: {plain(basis)}."
        case PriceRegional(low, typical, high, locality, book, experience, factor):
            at = "" if factor == WHOLE else f"; experience {experience} × {factor}"
            return f"Regional estimate: {low} / {typical} / {high} of Medicare, {locality}, {book}{at}."
        case PriceList():
            return "Self-pay list of the clinic."
        case PriceCash(experience, factor):
            at = "" if factor == WHOLE else f"; experience {experience} × {factor}"
            return f"Cited range of cash prices{at}."
        case _:
            assert_never(finding)


def _of_medicare(percent: Rate) -> str:
    return "Medicare's price" if percent == WHOLE else f"{percent} of Medicare's price"


def _experience(experience: str, factor: Rate) -> str:
    if factor == WHOLE:
        return ""
    return f" We count {factor} of it for a {plain(experience)} provider, which is our assumption."
