"""Every plan that a person could choose, by what one course of care would cost under it: open enrollment.

Nothing was paid or approved under a plan that somebody only thinks of choosing, so each begins anew. A Marketplace plan
stands here once: in the variant of reduced cost sharing (CSR) that the person has, else as it is sold to everyone.
Premiums are not counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.engine.answer import Estimate
from estimator.engine.values import Money
from estimator.errors import NoPrice, PlanNotInForce, Refused, Stopped, UnknownPlan
from estimator.estimates.compare import under_other_plan
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked, prices_of_clinic
from estimator.plans.shelf import PlanRow, Shelf, Wanted
from estimator.prices.books import Prices

CSR = {"73": "04", "87": "05", "94": "06"}
"""The variant of a silver plan by the share of costs that it pays, in percent (45 CFR 156.420)."""
_FOR_EVERYONE = ("01", "00")  # As sold on the exchange, else as sold off it.
_VARIANT = re.compile(r"(.+)-([0-9]{2})")
_MARKETPLACE = "marketplace"


@dataclass(frozen=True, slots=True)
class Ranked:
    """What the course costs the patient under one plan, premiums left out."""

    row: PlanRow
    estimate: Estimate

    @property
    def typical(self) -> Money:
        """Return the total as what is open usually turns out."""
        return self.estimate.typical.owes

    @property
    def order(self) -> tuple[Money, Money, str]:
        """Return what comes first: the lower typical total, the lower most, the name."""
        return self.typical, self.estimate.high.owes, self.row.plan_id


@dataclass(frozen=True, slots=True)
class Ranking:
    """The plans from the one that costs least on, and those that no estimate can be made for, with what stopped it."""

    ranked: tuple[Ranked, ...]
    left_out: tuple[tuple[PlanRow, Stopped], ...]


def rank(
    written: Mapping[str, Any],
    wanted: Wanted,
    today: date,
    shelf: Shelf,
    prices: Prices | None = None,
    csr: str | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Ranking:
    """Return the plans that fit, by what the request would cost under each; `told` hears how many of how many are done.

    `csr` is a key of CSR. Raises RequestRefused where the request itself cannot be read.
    """
    asked = read_request(written, today)
    first_day = asked.request.visits[0].day
    rows = choosable(shelf.search(wanted), first_day, csr)
    own = prices_of_clinic(shelf, prices)
    ranked: list[Ranked] = []
    left_out: list[tuple[PlanRow, Stopped]] = []
    for done, row in enumerate(rows, 1):
        try:
            plan = shelf.find(row.plan_id, min(first_day, row.last_day or first_day))
            changed = under_other_plan(written, asked, row.plan_id, plan, None)
            estimate, _ = estimate_asked(read_request(changed.request, today), shelf, own, prices)
        except (Refused, UnknownPlan, PlanNotInForce, NoPrice) as stopped:
            left_out.append((row, stopped))
        else:
            ranked.append(Ranked(row, estimate))
        told(done, len(rows))
    return Ranking(tuple(sorted(ranked, key=lambda each: each.order)), tuple(left_out))


def choosable(rows: Iterable[PlanRow], day: date, csr: str | None = None) -> Sequence[PlanRow]:
    """Return each plan once: its newest year that has begun by a day, and of its variants the one that fits."""
    by_id: dict[str, PlanRow] = {}
    for row in rows:
        known = by_id.get(row.plan_id)
        if row.first_day <= day and (known is None or known.first_day < row.first_day):
            by_id[row.plan_id] = row
    variants: dict[str, dict[str, PlanRow]] = {}
    for row in by_id.values():
        base, variant = _parts(row)
        variants.setdefault(base, {})[variant] = row
    return tuple(_fitting(variants.values(), csr))


def _parts(row: PlanRow) -> tuple[str, str]:
    found = _VARIANT.fullmatch(row.plan_id) if row.market == _MARKETPLACE else None
    return (found[1], found[2]) if found else (row.plan_id, "")


def _fitting(plans: Iterable[Mapping[str, PlanRow]], csr: str | None) -> Iterator[PlanRow]:
    wanted = (*((CSR[csr],) if csr else ()), *_FOR_EVERYONE, "")
    for variants in plans:
        yield from [variants[variant] for variant in wanted if variant in variants][:1]
