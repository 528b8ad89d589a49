"""What people pay without insurance where the clinic's own prices are not known.

The ranges are cited, wide and of low confidence, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from estimator.engine.prices import CashRange
from estimator.engine.values import Citation, Money, Source
from estimator.prices.carried import read_carried
from estimator.prices.codes import service_codes

_WHOLE_COUNTRY = "US"
# Acupuncture is cited by the visit, so that its price goes with the code for the first minutes alone.
_FURTHER_ACUPUNCTURE = frozenset({"97811", "97814"})


@cache
def clinic_cash() -> Mapping[str, CashRange]:
    """Return the range of every code in a clinic; codes without a source (untimed modalities) are missing."""
    ranges = _ranges()
    by_code = {}
    for code, service in service_codes().items():
        group = "timed-therapy" if service.kind == "therapy" and service.timed else service.kind
        if group in ranges and code not in _FURTHER_ACUPUNCTURE:
            by_code[code] = ranges[group]
    return by_code


def visit_cash() -> CashRange:
    """Return the range for a whole follow-up visit of physical therapy."""
    return _ranges()["visit"]


@cache
def hospital_cash(state: str | None) -> Mapping[str, CashRange]:
    """Return the quartiles of hospitals' posted prices by code: the state's, else the whole country's.

    Unsure: the files do not state units. A timed code is taken as priced by the unit, as claims are.
    """
    carried = read_carried("hospital-cash.csv")
    by_code = {}
    for wanted in (_WHOLE_COUNTRY, state):
        for row in carried.rows:
            if row["state"] == wanted:
                by_code[row["code"]] = _quartiles(row, carried.source)
    return by_code


def _quartiles(row: dict[str, str], source: Source) -> CashRange:
    service = service_codes().get(row["code"])
    low, middle, high = (Money.parse(row[name]) for name in ("quarter", "median", "three_quarters"))
    citation = Citation(source, f"{row['state']}, {row['hospitals']} hospitals, quartiles")
    return CashRange(low, middle, high, service is not None and service.timed, citation)


@cache
def _ranges() -> dict[str, CashRange]:
    carried = read_carried("cash-ranges.csv")
    read_on = date.fromisoformat(carried.facts["read"])
    return {row["class"]: _range(row, read_on) for row in carried.rows}


def _range(row: dict[str, str], read_on: date) -> CashRange:
    low, high = Money.parse(row["low"]), Money.parse(row["high"])
    typical = Money.parse(row["typical"]) if row["typical"] else Money((low + high) // 2)
    source = Source(row["title"], row["address"], read_on, row["confidence"])
    return CashRange(low, typical, high, row["basis"] == "per-unit", Citation(source, _place(row)))


def _place(row: dict[str, str]) -> str:
    outer = f"widest seen ${row['outer_low']} to ${row['outer_high']}"
    middle = "" if row["typical"] else "typical is the middle of low and high"
    return "; ".join(part for part in (row["year"], outer, middle) if part)
