"""What the patient has paid after each visit, from low to high, as a chart of a paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from estimator.engine.values import Money
from estimator.language import _
from estimator.papers import estimate_words as words
from estimator.papers.blocks import Block, Chart
from estimator.wording.figures import counted, usd

_MOST_STEPS = 5
_MOST_NUMBERED = 15
_DOLLAR = 100


def chart_of(answer: Mapping[str, Any]) -> Block | None:
    """Draw a course of at least two visits that costs anything, else None."""
    sums = [visit["cumulative"] for visit in answer["visits"]]
    low, typical, high = ([int(Money.parse(each[level])) for each in sums] for level in ("low", "typical", "high"))
    reached = max((*low, *typical, *high))
    if len(sums) < 2 or reached <= 0:
        return None
    step = round_step(reached)
    most = -(-reached // step) * step
    every = -(-len(sums) // _MOST_NUMBERED)
    chart = Chart(
        low=low,
        typical=typical,
        high=high,
        most=most,
        ticks=[{"cents": cents, "label": usd(Money(cents)).removesuffix(".00")} for cents in range(0, most + 1, step)],
        visits=[at for at in range(len(sums)) if at % every == 0],
        alt=_(words.CHART_ALT).format(
            visits=counted(len(sums), "visit"),
            first=usd(Money(typical[0])),
            last=usd(Money(typical[-1])),
            low=usd(Money(low[-1])),
            high=usd(Money(high[-1])),
        ),
        caption=_(words.CHART_CAPTION),
    )
    return asdict(chart)


def round_step(reached: int) -> int:
    """Return the least of 1, 2, 5, 10, 20 … dollars, in cents, that reaches an amount in at most five steps.

    >>> round_step(228_000), round_step(1)
    (50000, 100)
    """
    step, power = _DOLLAR, _DOLLAR
    while step * _MOST_STEPS < reached:
        step = next((power * factor for factor in (2, 5) if power * factor > step), power * 10)
        power = step if step == power * 10 else power
    return step
