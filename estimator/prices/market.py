"""What payers' own files say that clinics of an area are paid: the tables that ship, by insurer, place and code.

Each row has its payer, network, day of the file and number of clinics, and goes back to the source that its file
names. `estimator import rates` makes such figures anew from a payer's files, and `estimator import hospital` those of
hospitals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE, MarketPrice, Place, PriceEntry
from estimator.engine.values import Citation, Money, Source
from estimator.insurers.matching import insurer_named
from estimator.prices.books import read_carried
from estimator.prices.rates import quantile

# Whom these files are about: plans sold to people and employers. Public programs pay by rules of their own.
_MARKETS = frozenset(("marketplace", "employer"))
EVERYWHERE = ("000", "999")


@dataclass(frozen=True, slots=True)
class MarketRow:
    """One code of one payer in one area: five quantiles over clinics. `zips` are first three digits, ends included.

    `own` is what this clinic is paid by the same files: the least, the median and the most.
    """

    insurer: str
    payer: str
    network: str
    dated: date
    area: str
    state: str
    zips: tuple[str, str]
    code: str
    clinics: int
    quantiles: tuple[Money, Money, Money, Money, Money]
    citation: Citation
    own: tuple[Money, Money, Money] | None = None

    @property
    def is_regional(self) -> bool:
        """Tell whether the area is a part of its state."""
        return self.zips != EVERYWHERE

    def holds(self, place: Place) -> bool:
        """Tell whether a place lies in the area."""
        return place.state == self.state and self.zips[0] <= place.zip[:3] <= self.zips[1]


@dataclass(frozen=True, slots=True)
class HospitalRate:
    """What one payer pays one hospital for a unit of a code: the median of the prices of its plans of one market.

    `insurer` is "" where no insurer that we know is meant, and `payer` where this is what the hospital asks of people
    without insurance.
    """

    hospital: str
    area: str
    state: str
    zips: tuple[str, str]
    dated: date
    insurer: str
    payer: str
    market: str
    code: str
    amount: Money
    citation: Citation

    def holds(self, place: Place) -> bool:
        """Tell whether a place lies in the area of the hospital."""
        return place.state == self.state and self.zips[0] <= place.zip[:3] <= self.zips[1]


@dataclass(frozen=True, slots=True)
class LearnedAmount:
    """What a payer was seen to allow this clinic for one unit of a code under one plan, in so many paid lines."""

    payer: str
    plan: str
    code: str
    lines: int
    last_seen: date
    low: Money
    median: Money
    high: Money
    citation: Citation


@dataclass(frozen=True, eq=False, slots=True)
class PublishedRates:
    """The rows of the tables that were published here, the more general ones first."""

    rows: tuple[MarketRow, ...]
    hospitals: tuple[HospitalRate, ...] = ()
    learned: tuple[LearnedAmount, ...] = ()


@cache
def market_rows() -> tuple[MarketRow, ...]:
    """Return every row that ships."""
    carried = read_carried("market-rates.csv")
    return tuple(_row(row, Citation(carried.source, _place(row))) for row in carried.rows)


def _row(row: Mapping[str, Any], citation: Citation) -> MarketRow:
    first, last = row["zips"].split("-")
    least, p25, median, p75, most = (Money.parse(row[name]) for name in ("min", "p25", "median", "p75", "max"))
    own = [Money.parse(amount) for amount in row.get("own", ())]
    return MarketRow(
        insurer=row["insurer"],
        payer=row["payer"],
        network=row["network"],
        dated=date.fromisoformat(row["dated"]),
        area=row["area"],
        state=row["state"],
        zips=(first, last),
        code=row["code"],
        clinics=int(row["clinics"]),
        quantiles=(least, p25, median, p75, most),
        citation=citation,
        own=(own[0], own[1], own[2]) if own else None,
    )


def _place(row: Mapping[str, str]) -> str:
    quarters = f"quarters ${row['p25']} and ${row['p75']}"
    return f"{row['payer']}, {row['network']}, file of {row['dated']}, {row['clinics']} clinics, {quarters}"


def rows_near(place: Place, published: PublishedRates | None = None) -> tuple[MarketRow, ...]:
    """Return one row of every payer and code whose area holds a place: what was published before what ships."""
    rows = (*market_rows(), *(published.rows if published else ()))
    return tuple({(row.insurer, row.code): row for row in rows if row.holds(place)}.values())


def rates_near(place: Place, published: PublishedRates | None) -> tuple[HospitalRate, ...]:
    """Return what payers pay the hospitals around a place, and what those ask for cash, by what was published."""
    return tuple(rate for rate in (published.hospitals if published else ()) if rate.holds(place))


def published_rows(says: Mapping[str, Any], read_on: date) -> tuple[MarketRow, ...]:
    """Return the rows of a table that was published from a payer's files."""
    dated = date.fromisoformat(says["dated"] or read_on.isoformat())
    network = says["networks"][0] if len(says["networks"]) == 1 else f"{len(says['networks'])} networks"
    first, last = says["zips"]
    named = {
        "insurer": says["insurer"],
        "payer": says["payer"],
        "network": network,
        "dated": dated.isoformat(),
        "area": says["area"] if (first, last) == EVERYWHERE else f"{says['area']} ({first}–{last})",
        "state": says["state"],
        "zips": f"{first}-{last}",
    }
    source = Source(f"{says['payer']}: in-network files {', '.join(one['file'] for one in says['files'])}", "", read_on)
    rows = ({**named, **row} for row in says["rows"])
    return tuple(_row(row, Citation(source, _place(row))) for row in rows)


@lru_cache(256)
def market_prices(
    payer: str, market: str, place: Place, published: PublishedRates | None = None, setting: str = OFFICE
) -> Mapping[str, MarketPrice]:
    """Return what a plan's payer pays clinics or hospitals around a place, by code; nothing where no file is known.

    The middle figure is the median over clinics; low and high are the least and the most that a clinic is paid. Where
    the files name this clinic, its own prices are the figures. What was published here goes before what ships, and
    what this clinic was seen to be paid before both.
    """
    if setting == HOSPITAL_OUTPATIENT:
        return _hospital_prices(payer, market, place, published.hospitals if published else ())
    if setting != OFFICE:
        return MappingProxyType({})
    near = rows_near(place, published) if market in _MARKETS else ()
    learned = published.learned if published and market in _MARKETS else ()
    if not near and not learned:
        return MappingProxyType({})
    meant = insurer_named(payer, place.state)
    if meant is None:
        return MappingProxyType({})
    of_clinics = {row.code: _price(row) for row in near if row.insurer == meant.id}
    own = [one for one in learned if insurer_named(one.payer, place.state) == meant]
    return MappingProxyType({**of_clinics, **_observed(own)})


FEWEST_LINES = 20
"""Fewer paid lines than this are no range: the evidence stays."""


_MOST_NAMED = 3


def _observed(learned: Iterable[LearnedAmount]) -> dict[str, MarketPrice]:
    """Return what enough lines show, by code; of several plans of a payer, the one with the most lines."""
    enough = sorted((one for one in learned if one.lines >= FEWEST_LINES), key=lambda one: (one.lines, one.last_seen))
    return {
        one.code: MarketPrice(
            low=one.low,
            typical=one.median,
            high=one.high,
            payer=one.payer,
            network=one.plan,
            area="",
            dated=one.last_seen,
            clinics=one.lines,
            citation=one.citation,
            is_observed=True,
        )
        for one in enough
    }


def learned_amounts(says: Mapping[str, Any], read_on: date) -> tuple[LearnedAmount, ...]:
    """Return the amounts of a table that was learned from remittances."""
    names = [one["file"] for one in says["files"]]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    source = Source(f"This clinic’s remittances: {', '.join(names[:_MOST_NAMED])}{more}", "", read_on)
    return tuple(
        LearnedAmount(
            payer=row["payer"],
            plan=row["plan"],
            code=row["code"],
            lines=row["lines"],
            last_seen=date.fromisoformat(row["last_seen"]),
            low=Money.parse(row["low"]),
            median=Money.parse(row["median"]),
            high=Money.parse(row["high"]),
            citation=Citation(source, f"{row['payer']}, {row['plan']}, {row['lines']} lines to {row['last_seen']}"),
        )
        for row in says["rows"]
    )


def _price(row: MarketRow) -> MarketPrice:
    least, _, median, _, most = row.quantiles
    low, middle, high = row.own or (least, median, most)
    return MarketPrice(
        low=low,
        typical=middle,
        high=high,
        payer=row.payer,
        network=row.network,
        area=row.area,
        dated=row.dated,
        clinics=row.clinics,
        citation=row.citation,
        is_own=row.own is not None,
    )


# ----------------------------------------------------------------------------
# Hospitals: each counts once, with what this payer pays it.
# ----------------------------------------------------------------------------


def published_charges(says: Mapping[str, Any], read_on: date) -> tuple[HospitalRate, ...]:
    """Return the prices of a unit in a table that was published from a hospital's file."""
    dated = date.fromisoformat(says["dated"] or read_on.isoformat())
    source = Source(
        f"{says['hospital']}: standard charges, {', '.join(one['file'] for one in says['files'])}", "", read_on
    )
    first, last = says["zips"]
    return tuple(
        HospitalRate(
            hospital=says["hospital"],
            area=says["area"],
            state=says["state"],
            zips=(first, last),
            dated=dated,
            insurer=row["insurer"],
            payer=row["payer"],
            market=row["market"],
            code=row["code"],
            amount=Money.parse(row["median"]),
            citation=Citation(source, f"{row['payer'] or 'cash'}, file of {dated}"),
        )
        for row in says["rows"]
    )


def _hospital_prices(payer: str, market: str, place: Place, rates: Iterable[HospitalRate]) -> Mapping[str, MarketPrice]:
    """Return the median over hospitals by code, between the least and the most that one is paid."""
    meant = insurer_named(payer, place.state)
    found: dict[str, list[HospitalRate]] = defaultdict(list)
    for rate in rates:
        if meant is not None and rate.insurer == meant.id and rate.market == market and rate.holds(place):
            found[rate.code].append(rate)
    return MappingProxyType({code: _over_hospitals(here) for code, here in found.items()})


def _over_hospitals(rates: list[HospitalRate]) -> MarketPrice:
    ordered = sorted(int(one.amount) for one in rates)
    oldest = min(rates, key=lambda one: one.dated)
    names = ", ".join(sorted({one.hospital for one in rates}))
    return MarketPrice(
        low=Money(ordered[0]),
        typical=quantile(ordered, 1, 2),
        high=Money(ordered[-1]),
        payer=oldest.payer,
        network=names,
        area=oldest.area,
        dated=oldest.dated,
        clinics=len(rates),
        citation=oldest.citation,
        in_hospitals=True,
    )


# ----------------------------------------------------------------------------
# A clinic's contract against what the same payer pays other clinics of the area.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgainstMarket:
    """On which codes a contract is below the payer's median, and on how many it could be compared."""

    payer: str
    area: str
    network: str
    dated: date
    clinics: int
    below: tuple[str, ...]
    compared: int


def against_market(
    contract: Iterable[PriceEntry], place: Place, day: date, published: PublishedRates | None = None
) -> tuple[AgainstMarket, ...]:
    """Compare the prices of a unit in force on a day with the payer's own file, payer by payer.

    Rows of a visit, of a percentage or of no payer in particular are left out; of several prices of a code the lowest
    counts.
    """
    near = {(row.insurer, row.code): row for row in rows_near(place, published)}
    agreed: dict[tuple[str, str], Money] = {}
    for entry in contract:
        if not entry.party or entry.basis != "per-unit" or day not in entry.span:
            continue
        meant = insurer_named(entry.party, place.state)
        if meant is None or (meant.id, entry.code) not in near:
            continue
        key = meant.id, entry.code
        agreed[key] = min(entry.amount, agreed.get(key, entry.amount))
    return tuple(
        _against(insurer, [near[key] for key in agreed if key[0] == insurer], agreed)
        for insurer in dict.fromkeys(insurer for insurer, _ in agreed)
    )


def _against(insurer: str, rows: list[MarketRow], agreed: Mapping[tuple[str, str], Money]) -> AgainstMarket:
    first = rows[0]
    below = tuple(sorted(row.code for row in rows if agreed[insurer, row.code] < row.quantiles[2]))
    return AgainstMarket(
        first.payer, first.area, first.network, first.dated, first.clinics, below=below, compared=len(rows)
    )
