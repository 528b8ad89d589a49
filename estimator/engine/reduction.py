"""The multiple procedure payment reduction for therapy: one full unit a day, half practice expense after it.

Medicare applies it to every always-therapy unit of one patient on one day, across disciplines and
settings (Claims Processing Manual, chapter 5, section 10.7); some commercial plans copy it.
"""

from __future__ import annotations

from functools import lru_cache

from estimator.engine.fees import Fee, Locality, PriceBook, medicare_amount, schedule_amount
from estimator.engine.money import Money, Rate

HALF = Rate(500_000)


@lru_cache(maxsize=4096)
def day_amounts(
    lines: tuple[tuple[str, int], ...],
    locality: Locality,
    book: PriceBook,
    *,
    setting: str,
    reduction: Rate | None = HALF,
    unpaid_too: bool = False,
) -> tuple[Money | None, ...]:
    """Return the amount of each line (code, units) of one day; each unit is rounded to the cent.

    `reduction` is the part of practice expense taken off: 50% since April 2013, None where the plan does
    not reduce. A line is None where the code is not in the book or, unless `unpaid_too`, where Medicare
    does not pay it. The unit with the highest non-facility practice expense is paid in full; ties go to
    the higher full amount, then to the earlier line.
    """
    amount = schedule_amount if unpaid_too else medicare_amount
    fees = [book.fees.get(code) for code, _ in lines]
    full = [None if fee is None else amount(fee, locality, book, setting=setting) for fee in fees]
    top = _highest(lines, fees, full) if reduction is not None else None
    totals: list[Money | None] = []
    for place, (fee, each, (_, units)) in enumerate(zip(fees, full, lines, strict=True)):
        if fee is None or each is None or reduction is None or not fee.always_therapy or not units:
            totals.append(None if each is None else Money(each * units))
            continue
        paid = Rate(1_000_000 - reduction.per_million)
        later = amount(fee, locality, book, setting=setting, practice_expense=paid) or 0
        totals.append(Money(later * units + (each - later if place == top else 0)))
    return tuple(totals)


def _highest(lines: tuple[tuple[str, int], ...], fees: list[Fee | None], full: list[Money | None]) -> int | None:
    ranked = [
        (fee.pe_nonfacility, each, -place)
        for place, (fee, each, (_, units)) in enumerate(zip(fees, full, lines, strict=True))
        if fee is not None and each is not None and fee.always_therapy and units
    ]
    return -max(ranked)[2] if ranked else None
