"""The one sentence of an estimate: the number, its range and what it is for."""

from __future__ import annotations

from estimator.engine.answer import Estimate
from estimator.engine.values import Money
from estimator.language import _
from estimator.wording.figures import counted, roughly, together, usd
from estimator.wording.telling import PATIENT, Telling


def summary_of(estimate: Estimate, telling: Telling) -> str:
    """Return the number, and the range where there is one."""
    low, typical, high = estimate.low.owes, estimate.typical.owes, estimate.high.owes
    visits = counted(len(estimate.typical.visits), "visit")
    if telling.reader != PATIENT:
        words = (
            _("{visits}: patient {typical}, plan {plan}, provider write-off {lost}.")
            if low == high
            else _("{visits}: patient {typical} (range {low} to {high}), plan {plan}, provider write-off {lost}.")
        )
        plan, lost = usd(estimate.typical.plan_pays), usd(estimate.typical.provider_absorbs)
        return words.format(visits=visits, typical=usd(typical), low=usd(low), high=usd(high), plan=plan, lost=lost)
    amount = roughly(low, typical, high)
    owes = _owes(typical, telling).format(amount=amount, visits=visits, plan=telling.plan_named)
    return together(owes, _between(low, typical, high))


def _owes(typical: Money, telling: Telling) -> str:
    if telling.is_self_pay:
        return (
            _("You will owe {amount} for {visits} without insurance.")
            if typical
            else _("You will owe nothing for {visits} without insurance.")
        )
    return (
        _("You will owe {amount} for {visits} with {plan}.")
        if typical
        else _("You will owe nothing for {visits} with {plan}.")
    )


def _between(low: Money, typical: Money, high: Money) -> str:
    """Say how far the number could be off, in the directions in which it could be."""
    if low < typical < high:
        words = _("It could be as little as {low} or as much as {high}.")
    elif low < typical:
        words = _("It could be as little as {low}.")
    else:
        words = _("It could be as much as {high}.") if high > typical else ""
    return words.format(low=usd(low), high=usd(high))
