"""The one sentence of an estimate: the number, its range and what it is for."""

from __future__ import annotations

from estimator.domain.estimate import Estimate
from estimator.domain.money import Money
from estimator.wording.figures import counted, usd
from estimator.wording.telling import PATIENT, Telling


def summary_of(estimate: Estimate, telling: Telling) -> str:
    """Return the number, and the range where there is one."""
    low, typical, high = estimate.low.owes, estimate.typical.owes, estimate.high.owes
    visits = counted(len(estimate.typical.visits), "visit")
    if telling.reader != PATIENT:
        plan, lost = usd(estimate.typical.plan_pays), usd(estimate.typical.provider_absorbs)
        spread = "" if low == high else f" (range {usd(low)} to {usd(high)})"
        return f"{visits}: patient {usd(typical)}{spread}, plan {plan}, provider write-off {lost}."
    with_plan = "without insurance" if telling.is_self_pay else f"with {telling.plan_named}"
    owes = f"about {usd(typical)}" if typical else "nothing"
    return f"You will owe {owes} for {visits} {with_plan}.{_between(low, typical, high)}"


def _between(low: Money, typical: Money, high: Money) -> str:
    """Say how far the number could be off, in the directions in which it could be."""
    ends = [
        *([f"as little as {usd(low)}"] if low < typical else []),
        *([f"as much as {usd(high)}"] if high > typical else []),
    ]
    return f" It could be {' or '.join(ends)}." if ends else ""
