"""Commercial prices as a percentage of Medicare's: the cited low, typical and high for a setting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from estimator.domain.citation import Citation, Source
from estimator.domain.fees import HOSPITAL_OUTPATIENT, OFFICE
from estimator.domain.money import Rate
from estimator.pricefiles.carried import Carried, read_carried


@dataclass(frozen=True, slots=True)
class CitedRatio:
    """A percentage of the Medicare amount, what it was measured on and in which year."""

    rate: Rate
    what: str
    year: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class RatioRange:
    """What commercial plans pay beside Medicare. `context` holds other studies, for comparison only."""

    low: CitedRatio
    typical: CitedRatio
    high: CitedRatio
    context: tuple[CitedRatio, ...]


@cache
def commercial_ratios(setting: str) -> RatioRange:
    """Return the range for a hospital outpatient department or, for any other setting, for a clinic.

    None of the studies is of physical therapy alone. The range spans states, and is not narrowed for one:
    only the lowest and the highest state have figures.
    """
    carried = read_carried("commercial-ratios.csv")
    wanted = HOSPITAL_OUTPATIENT if setting == HOSPITAL_OUTPATIENT else OFFICE
    by_level: dict[str, list[CitedRatio]] = {}
    for row in carried.rows:
        if row["setting"] == wanted:
            by_level.setdefault(row["level"], []).append(_ratio(row, carried))
    (low,), (typical,), (high,) = by_level["low"], by_level["typical"], by_level["high"]
    return RatioRange(low, typical, high, tuple(by_level["context"]))


def _ratio(row: dict[str, str], carried: Carried) -> CitedRatio:
    read_on = date.fromisoformat(carried.facts["read"])
    source = Source(row["title"], row["address"], read_on, row["confidence"])
    return CitedRatio(
        Rate.parse(row["percent"]), row["what"], int(row["year"]), Citation(source, row["what"])
    )
