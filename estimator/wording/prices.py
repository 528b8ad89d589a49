"""Sentences on where a price comes from."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from estimator.engine.findings import (
    PriceCash,
    PriceContracted,
    PriceGiven,
    PriceList,
    PriceMedicare,
    PriceRate,
    PriceRegional,
)
from estimator.engine.values import WHOLE, Rate
from estimator.language import N_, _
from estimator.wording.figures import long_day, together
from estimator.wording.places import place
from estimator.wording.telling import Telling, plain

Prices = PriceGiven | PriceContracted | PriceMedicare | PriceRate | PriceRegional | PriceList | PriceCash

_RATES = {
    "per-visit": N_("Your plan goes by one price a visit."),
    "case-rate": N_("Your plan goes by one price for the whole course."),
    "fee-schedule": N_("Your plan goes by a price list of its own."),
    "charges": N_("Your plan goes by a part of what the clinic charges."),
}
_RATE = N_("Your plan goes by {basis}.")


def price_for_patient(finding: Prices, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case PriceGiven():
            return _("You gave us this price.")
        case PriceContracted():
            return _("This is the price in the clinic's contract with {payer}.").format(payer=telling.payer)
        case PriceMedicare(percent, locality, _, reduced):
            return _of_medicare(percent, locality, reduced)
        case PriceRate(basis):
            return _(_RATES.get(basis, _RATE)).format(basis=plain(basis))
        case PriceRegional(low, typical, high, locality, _, experience, factor, set_on, minutes):
            words = _(
                "An estimate: insurers in {locality} pay about {typical} of Medicare's price, "
                "mostly between {low} and {high}."
            ).format(locality=place(locality), typical=typical, low=low, high=high)
            return together(
                words, _experience(experience, factor, set_on, minutes), _("Your clinic's contract may differ.")
            )
        case PriceList():
            return _("This is the clinic's own price without insurance.")
        case PriceCash(experience, factor, set_on, minutes):
            words = _("An estimate of what clinics ask without insurance.")
            return together(words, _experience(experience, factor, set_on, minutes), _("Ask yours."))
        case _:
            assert_never(finding)


def price_for_biller(finding: Prices, telling: Telling) -> str:
    """Return the sentence for billing staff."""
    match finding:
        case PriceGiven():
            return _("Allowed amount given in the request.")
        case PriceContracted(party):
            return _("Contracted rate: {party}.").format(party=party or telling.payer)
        case PriceMedicare(percent, locality, book, reduced):
            words = (
                _("{percent} of the Medicare fee schedule, {locality}, {book}; MPPR applied.")
                if reduced
                else _("{percent} of the Medicare fee schedule, {locality}, {book}.")
            )
            return words.format(percent=percent, locality=place(locality), book=book)
        case PriceRate(basis):
            return _("Plan rate: {basis}.").format(basis=plain(basis))
        case PriceRegional(low, typical, high, locality, book, experience, factor, set_on, minutes):
            words = _("Regional estimate: {low} / {typical} / {high} of Medicare, {locality}, {book}{factor}.")
            at = _factor(experience, factor, set_on, minutes)
            return words.format(low=low, typical=typical, high=high, locality=place(locality), book=book, factor=at)
        case PriceList():
            return _("Self-pay list of the clinic.")
        case PriceCash(experience, factor, set_on, minutes):
            return _("Cited range of cash prices{factor}.").format(factor=_factor(experience, factor, set_on, minutes))
        case _:
            assert_never(finding)


def _of_medicare(percent: Rate, locality: str, reduced: bool) -> str:
    words = (
        _("Your plan goes by Medicare's price in {locality}.")
        if percent == WHOLE
        else _("Your plan goes by {percent} of Medicare's price in {locality}.")
    ).format(percent=percent, locality=place(locality))
    less = _("It counts one service a day in full, and the rest at a lower price, as here.")
    return together(words, less if reduced else "")


def _experience(experience: str, factor: Rate, set_on: date | None, minutes: int | None) -> str:
    if factor == WHOLE:
        return ""
    if set_on and minutes:
        words = _(
            "The clinic counts {factor} of it for a {experience} provider and a visit of {minutes} minutes or more: "
            "its own figure, set on {day}."
        )
        return words.format(factor=factor, experience=plain(experience), minutes=minutes, day=long_day(set_on))
    if set_on:
        words = _("The clinic counts {factor} of it for a {experience} provider: its own figure, set on {day}.")
        return words.format(factor=factor, experience=plain(experience), day=long_day(set_on))
    words = _("We count {factor} of it for a {experience} provider, which is our assumption.")
    return words.format(factor=factor, experience=plain(experience))


def _factor(experience: str, factor: Rate, set_on: date | None, minutes: int | None) -> str:
    if factor == WHOLE:
        return ""
    if set_on and minutes:
        words = _(
            "; experience {experience}, from {minutes} minutes on × {factor}, the clinic's own figure, set on {day}"
        )
        return words.format(experience=plain(experience), minutes=minutes, factor=factor, day=long_day(set_on))
    if set_on:
        words = _("; experience {experience} × {factor}, the clinic's own figure, set on {day}")
        return words.format(experience=plain(experience), factor=factor, day=long_day(set_on))
    return _("; experience {experience} × {factor}").format(experience=plain(experience), factor=factor)
