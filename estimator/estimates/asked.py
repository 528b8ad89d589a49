"""What a request turns into: the domain's question, and what a use case still has to look up for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from estimator.engine.prices import ClinicPrices, ExperienceFactor, PriceEntry
from estimator.engine.request import Call, Request, Used

# The id of a plan, or a whole definition with the keys of a plan file.
PlanNamed = str | Mapping[str, Any]


@dataclass(frozen=True)
class SecondPlan:
    """A second plan; `method` is standard, non-duplication or maintenance-of-benefits."""

    plan: PlanNamed
    method: str = "standard"
    used: Used = field(default_factory=Used)


@dataclass(frozen=True)
class Asked:
    """One request. `request.state` holds what the person wrote; a ZIP code's state is looked up later.

    In `request.used.limits` a value is `Money` where it was written with cents, and a plain count elsewhere:
    only the plan says which of the two a limit takes.
    """

    plan: PlanNamed
    request: Request
    zip: str | None = None
    locality: str | None = None
    contract: tuple[PriceEntry, ...] = ()
    self_pay_prices: tuple[PriceEntry, ...] = ()
    factors: tuple[ExperienceFactor, ...] = ()
    secondary: SecondPlan | None = None
    told: tuple[Call, ...] = ()

    def priced_by(self, own: ClinicPrices) -> Asked:
        """Return the same with the clinic's prices behind those that the request itself gives."""
        return replace(
            self,
            contract=(*self.contract, *own.contract),
            self_pay_prices=(*self.self_pay_prices, *own.self_pay),
            factors=own.factors,
        )
