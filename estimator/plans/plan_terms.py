"""What plain answers mean in the terms of one plan: which network is meant, and which limits earlier visits used up."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.engine.plan import Measure, Plan
from estimator.engine.request import IN_NETWORK

_EXERCISE = "97110"
_COUNTED = (Measure.VISITS, Measure.DAYS, Measure.SESSIONS)


def network_meant(plan: Plan, network: str) -> str:
    """Return the network of the plan that an answer means: its first, where none is simply in network."""
    if network == IN_NETWORK and IN_NETWORK not in plan.networks:
        return next(iter(plan.networks), network)
    return network


def visit_limits(plan: Plan) -> tuple[str, ...]:
    """Return the limits that ordinary visits of therapy use up."""
    return tuple(dict.fromkeys(_visit_limits(plan)))


def _visit_limits(plan: Plan) -> Iterator[str]:
    for benefit in plan.benefits:
        if _EXERCISE in benefit.services:
            yield from (name for name in benefit.limits if plan.limits[name].measure in _COUNTED)
