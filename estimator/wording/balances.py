"""Deductible, maximum and limits after a visit, as the answer writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from estimator.engine.answer import Balance
from estimator.engine.plan import Measure
from estimator.engine.values import Money

_CENTS = "cents"


def accumulators(balances: Iterable[Balance]) -> dict[str, Any]:
    """Return the balances by name; sums of the plan stand beside `limits`, which holds the limits."""
    sums = {
        balance.name.replace("-", "_"): _amounts(balance, as_money=True)
        for balance in balances
        if balance.measure == _CENTS
    }
    limits = {balance.name: _limit(balance) for balance in balances if balance.measure != _CENTS}
    return {**sums, "limits": limits}


def _limit(balance: Balance) -> dict[str, Any]:
    # Hours are counted in minutes, so that half an hour is not lost.
    measure = "minutes" if balance.measure == Measure.HOURS else balance.measure
    return {**_amounts(balance, as_money=balance.measure == Measure.DOLLARS), "measure": measure}


def _amounts(balance: Balance, *, as_money: bool) -> dict[str, Any]:
    left = None if balance.of is None else max(0, balance.of - balance.used)
    parts = {"used": balance.used, "of": balance.of, "left": left}
    return {key: str(Money(part)) if as_money and part is not None else part for key, part in parts.items()}
