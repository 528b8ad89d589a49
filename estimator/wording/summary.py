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
    with_plan = "without insurance" if telling.is_self_pay else f"with {telling.plan.title}"
    owes = f"about {usd(typical)}" if typical else "nothing"
    return f"You will owe {owes} for {visits} {with_plan}.{between}"
