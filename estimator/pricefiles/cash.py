"""What people pay without insurance where the clinic's own prices are not known.

The ranges are cited, wide and of low confidence, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from estimator.domain.citation import Citation, Source
from estimator.domain.money import Money
from estimator.pricefiles.carried import read_carried
from estimator.pricefiles.codes import service_codes

_WHOLE_COUNTRY = "US"


@dataclass(frozen=True, slots=True)
class CashRange:
    """A range of self-pay prices, in cents.

    `basis` is per-unit, per-line or per-visit. `outer_low` and `outer_high` are the widest figures seen.
    `typical_is_midpoint` owns up to a typical price that is only the middle of the two ends.
    """

    basis: str
    low: Money
    typical: Money
    high: Money
    outer_low: Money
    outer_high: Money
    typical_is_midpoint: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class HospitalCash:
    """Quartiles over hospitals of the posted cash price of a code; `state` is US where the state has none."""

    state: str
    hospitals: int
    quarter: Money
    median: Money
    three_quarters: Money
    citation: Citation


def cash_range(code: str) -> CashRange | None:
    """Return the range for a code in a clinic, or None where no source has a figure (untimed modalities)."""
    service = service_codes().get(code)
    if service is None:
        return None
    group = "timed-therapy" if service.kind == "therapy" and service.timed else service.kind
    return _ranges().get(group)


def cash_visit_range() -> CashRange:
    """Return the range for a whole follow-up visit of physical therapy."""
    return _ranges()["visit"]


def hospital_cash(code: str, state: str | None) -> HospitalCash | None:
    """Return the posted prices for a code in a state's hospitals, else in all the country's, else None."""
    posted = _posted()
    return posted.get((state or _WHOLE_COUNTRY, code)) or posted.get((_WHOLE_COUNTRY, code))


@cache
def _ranges() -> dict[str, CashRange]:
    carried = read_carried("cash-ranges.csv")
    read_on = date.fromisoformat(carried.facts["read"])
    return {row["class"]: _range(row, read_on) for row in carried.rows}


def _range(row: dict[str, str], read_on: date) -> CashRange:
    low, high = Money.parse(row["low"]), Money.parse(row["high"])
    source = Source(row["title"], row["address"], read_on, row["confidence"])
    return CashRange(
        basis=row["basis"],
        low=low,
        typical=Money.parse(row["typical"]) if row["typical"] else Money((low + high) // 2),
        high=high,
        outer_low=Money.parse(row["outer_low"]),
        outer_high=Money.parse(row["outer_high"]),
        typical_is_midpoint=not row["typical"],
        citation=Citation(source, row["year"]),
    )


@cache
def _posted() -> dict[tuple[str, str], HospitalCash]:
    carried = read_carried("hospital-cash.csv")
    citation = Citation(carried.source)
    return {
        (row["state"], row["code"]): HospitalCash(
            row["state"],
            int(row["hospitals"]),
            Money.parse(row["quarter"]),
            Money.parse(row["median"]),
            Money.parse(row["three_quarters"]),
            citation,
        )
        for row in carried.rows
    }
