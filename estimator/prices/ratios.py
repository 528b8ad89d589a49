"""Commercial prices as a percentage of Medicare's: the cited low, typical and high for a setting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE, Ratios
from estimator.engine.values import Citation, Rate, Source
from estimator.prices.carried import read_carried

_LEVELS = ("low", "typical", "high")


@dataclass(frozen=True, slots=True)
class CitedRatio:
    """A percentage of the Medicare amount: the level it is used for (`context` is for comparison only)."""

    level: str
    rate: Rate
    what: str
    year: int
    citation: Citation


@cache
def commercial_ratios(setting: str) -> Ratios:
    """Return the range for a hospital outpatient department or, for any other setting, for a clinic.

    None of the studies is of physical therapy alone. The range spans states, and is not narrowed for one:
    only the lowest and the highest state have figures. The source is that of the typical figure; the
    place names all three, and `cited_ratios` has each with its own.
    """
    by_level = {ratio.level: ratio for ratio in cited_ratios(setting)}
    low, typical, high = (by_level[level] for level in _LEVELS)
    place = "; ".join(f"{ratio.rate}: {ratio.what}, {ratio.year}" for ratio in (low, typical, high))
    return Ratios(low.rate, typical.rate, high.rate, Citation(typical.citation.source, place))


@cache
def cited_ratios(setting: str) -> tuple[CitedRatio, ...]:
    """Return every figure for a setting with its own source, those for comparison among them."""
    carried = read_carried("commercial-ratios.csv")
    read_on = date.fromisoformat(carried.facts["read"])
    wanted = HOSPITAL_OUTPATIENT if setting == HOSPITAL_OUTPATIENT else OFFICE
    return tuple(_ratio(row, read_on) for row in carried.rows if row["setting"] == wanted)


def _ratio(row: dict[str, str], read_on: date) -> CitedRatio:
    source = Source(row["title"], row["address"], read_on, row["confidence"])
    citation = Citation(source, row["what"])
    return CitedRatio(row["level"], Rate.parse(row["percent"]), row["what"], int(row["year"]), citation)
