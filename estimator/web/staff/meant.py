"""Which plan somebody at the desk means, who writes its id or words of its name.

One plan that fits is taken; of several the page offers the first, to be chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.engine.plan import Plan
from estimator.plans.search import PlanRow, Wanted
from estimator.web import shelf
from estimator.web.patient import plans

NOT_FOUND = "No plan has this id, and none holds all of these words. Try fewer words."
SEVERAL = "Choose one of the plans below, or write more words."
_MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Named:
    """The plan that was meant, or those that may be; `total` counts all of them."""

    plan: Plan | None
    found: Sequence[PlanRow] = ()
    total: int = 0


def plan_meant(typed: str, day: str, state: str | None = None) -> Named:
    """Find the plan by its id, or by words of its name among those of a state."""
    if not typed:
        return Named(None)
    exact = plans.plan_named(typed, day)
    if exact is not None:
        return Named(exact)
    wanted = Wanted(text=typed, state=state)
    found, total = shelf.search(wanted, _MOST_FOUND), shelf.count(wanted)
    one = plans.plan_named(found[0].plan_id, day) if total == 1 else None
    return Named(one, () if one else found, total)
