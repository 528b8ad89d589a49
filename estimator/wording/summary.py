"""The one sentence of an estimate: the number, its range and what it is for."""

from __future__ import annotations

from estimator.domain.estimate import Estimate
from estimator.wording.figures import counted, usd
from estimator.wording.telling import PATIENT, Telling


def summary_of(estimate: Estimate, telling: Telling) -> str:
    """Return the number, and the range where there is one."""
    low, typical, high = estimate.low.owes, estimate.typical.owes, estimate.high.owes
    visits = counted(len(estimate.typical.visits), "visit")
    between = "" if low == high else f" It could be as little as {usd(low)} or as much as {usd(high)}."
    if telling.reader != PATIENT:
        plan, lost = usd(estimate.typical.plan_pays), usd(estimate.typical.provider_absorbs)
        spread = "" if low == high else f" (range {usd(low)} to {usd(high)})"
        return f"{visits}: patient {usd(typical)}{spread}, plan {plan}, provider write-off {lost}."
    if telling.plan.market == "self-pay":
        return f"You will owe about {usd(typical)} for {visits} without insurance.{between}"
    return f"You will owe about {usd(typical)} for {visits} with {telling.plan.title}.{between}"
