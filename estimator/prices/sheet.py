"""Gathers the figures for one place: books with its locality, commercial ratios, cash ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.plan import CodeRule
from estimator.engine.prices import (
    HOSPITAL_OUTPATIENT,
    OFFICE,
    CashRange,
    ExperienceFactor,
    Place,
    PriceBook,
    PriceEntry,
    PriceSheet,
    Ratios,
    Region,
)
from estimator.engine.pricing import LONG_SESSION, SHORT_SESSION
from estimator.engine.values import Citation, Money, Rate, Source
from estimator.prices.books import books, read_carried, service_codes
from estimator.prices.market import PublishedRates, market_prices


def gather_prices(
    place: Place | None,
    setting: str = OFFICE,
    *,
    locality: tuple[str, str] | None = None,
    contract: Sequence[PriceEntry] = (),
    self_pay: Sequence[PriceEntry] = (),
    factors: Sequence[ExperienceFactor] = (),
    known: Sequence[PriceBook] | None = None,
    plan: tuple[str, str] | None = None,
    published: PublishedRates | None = None,
    codes: tuple[CodeRule, ...] = (),
) -> PriceSheet:
    """Return what prices may rest on at a place, None where it is not known.

    `locality` is one of the place's candidates where the person chose among them. In a hospital outpatient
    department posted hospital prices take the place of a clinic's cash range, code by code. `known` are the price books
    of a database in the place of those that ship. `plan` is the payer and the market of a plan: its payer may have
    published what it pays clinics of the place, and hospitals what it pays them; `published` are such figures of a
    database, which go before those that ship. `codes` are the codes that somebody published.
    """
    key = locality or (place.locality if place else None)
    priced = books() if known is None else known
    regions = tuple(Region(book, book.localities[key]) for book in priced if key in book.localities) if key else ()
    posted = hospital_cash(place.state if place else None) if setting == HOSPITAL_OUTPATIENT else {}
    return PriceSheet(
        regions=regions,
        contract=tuple(contract),
        self_pay=tuple(self_pay),
        ratios={**ratios_by_name(), **_medicaid_ratio(place.state if place else None)},
        cash={**clinic_cash(codes), **posted},
        factors=tuple(factors),
        market=market_prices(*plan, place, published, setting) if plan and place else {},
    )


# ----------------------------------------------------------------------------
# Commercial prices as a percentage of Medicare's: the cited low, typical and high for a setting.
# ----------------------------------------------------------------------------

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

    The source is that of the typical figure; the place names all three, and `cited_ratios` has each with its own.
    """
    return _ranged(cited_ratios(setting))


@cache
def ratios_by_name() -> Mapping[str, Ratios]:
    """Return every range by its name: `market:setting:family`, where a market or a family has rows of its own."""
    carried = read_carried("commercial-ratios.csv")
    read_on = date.fromisoformat(carried.facts["read"])
    rows: dict[str, list[CitedRatio]] = {}
    for row in carried.rows:
        name = ":".join(part for part in (row["market"], row["setting"], row["family"]) if part)
        rows.setdefault(name, []).append(_ratio(row, read_on))
    return {name: _ranged(tuple(ratios)) for name, ratios in rows.items()}


@cache
def _medicaid_ratio(state: str | None) -> Mapping[str, Ratios]:
    """Return what a state's Medicaid pays of Medicare's fees, by the index of its other services; one figure."""
    carried = read_carried("medicaid-index.csv")
    return {
        f"medicaid:{OFFICE}": Ratios(rate, rate, rate, Citation(carried.source, f"{row['state']}, other services"))
        for row in carried.rows
        if row["state"] == state
        for rate in (Rate.parse(row["percent"]),)
    }


def _ranged(ratios: Sequence[CitedRatio]) -> Ratios:
    by_level = {ratio.level: ratio for ratio in ratios}
    low, typical, high = (by_level[level] for level in _LEVELS)
    place = "; ".join(f"{ratio.rate}: {ratio.what}, {ratio.year}" for ratio in (low, typical, high))
    return Ratios(low.rate, typical.rate, high.rate, Citation(typical.citation.source, place))


@cache
def cited_ratios(setting: str) -> tuple[CitedRatio, ...]:
    """Return every figure for a setting with its own source, those for comparison among them."""
    carried = read_carried("commercial-ratios.csv")
    read_on = date.fromisoformat(carried.facts["read"])
    wanted = HOSPITAL_OUTPATIENT if setting == HOSPITAL_OUTPATIENT else OFFICE
    own = (row for row in carried.rows if row["setting"] == wanted and not row["market"] and not row["family"])
    return tuple(_ratio(row, read_on) for row in own)


def _ratio(row: dict[str, str], read_on: date) -> CitedRatio:
    source = Source(row["title"], row["address"], read_on, row["confidence"])
    citation = Citation(source, row["what"])
    return CitedRatio(row["level"], Rate.parse(row["percent"]), row["what"], int(row["year"]), citation)


# ----------------------------------------------------------------------------
# What people pay without insurance where the clinic's own prices are not known.
#
# The ranges are cited, wide and of low confidence, and say so.
# ----------------------------------------------------------------------------

_KEPT_CODES = 16
_WHOLE_COUNTRY = "US"
# Acupuncture is cited by the visit, so that its price goes with the code for the first minutes alone.
_FURTHER_ACUPUNCTURE = frozenset({"97811", "97814"})


@lru_cache(_KEPT_CODES)
def clinic_cash(codes: tuple[CodeRule, ...] = ()) -> Mapping[str, CashRange]:
    """Return the range of every code in a clinic; codes without a source (untimed modalities) are missing."""
    ranges = _ranges()
    by_code = {}
    for code, service in service_codes(codes).items():
        group = "timed-therapy" if service.kind == "therapy" and service.timed else service.kind
        if group in ranges and code not in _FURTHER_ACUPUNCTURE:
            by_code[code] = ranges[group]
    return by_code | {name: ranges[name] for name in (SHORT_SESSION, LONG_SESSION)}


@cache
def hospital_cash(state: str | None) -> Mapping[str, CashRange]:
    """Return the quartiles of hospitals' posted prices by code: the state's, else the whole country's.

    Unsure: the files do not state units. A timed code is taken as priced by the unit, as claims are. Where a state's
    prices of needling are those of a procedure room, the whole country's stand in for them.
    """
    carried = read_carried("hospital-cash.csv")
    nation, own = (
        {row["code"]: _quartiles(row, carried.source) for row in carried.rows if row["state"] == wanted}
        for wanted in (_WHOLE_COUNTRY, state)
    )
    needling = [own[code] for code in sorted(NEEDLING_CODES & own.keys())]
    if any(each.typical > _OF_A_ROOM or each.high > 3 * _OF_A_ROOM for each in needling):
        own = {code: posted for code, posted in own.items() if code not in NEEDLING_CODES}
    return nation | own


_OF_A_ROOM = Money(10000)
"""A state's median for needling above this, or its upper quartile above three times as much, is no needling's price."""


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
