"""What a new fee schedule would change, and the form in which the database keeps one.

Codes are compared by what they come to where every index is 1, in an office and in a hospital.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE, Fee, Locality, PriceBook, schedule_amount
from estimator.engine.values import Money, Rate, Source
from estimator.prices.books import ALWAYS_THERAPY, Content, books, carried_zips, fee_of
from estimator.prices.cms_files import FeeSchedule, RelativeValue, county_names, runs

_MILLION = 1_000_000
_NATION = Locality(mac="00000", number="00", state="US", name="Nation", work=1000, pe=1000, mp=1000)
Code = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Moved:
    """A code whose national amount in a setting moves by more than was asked for; None is no amount there."""

    code: Code
    setting: str
    before: Money | None
    after: Money | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are of before and now that came, went, or are no longer the same."""

    added: int
    gone: int
    changed: int


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two fee schedules; `restated` are codes with another status, as before and after."""

    added: tuple[Code, ...]
    gone: tuple[Code, ...]
    moved: tuple[Moved, ...]
    restated: tuple[tuple[Code, str, str], ...]
    factor: tuple[int, int]
    localities: Counted
    zips: Counted

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing that is shown here differs."""
        same = self.factor[0] == self.factor[1] and Counted(0, 0, 0) == self.localities == self.zips
        return same and not (self.added or self.gone or self.moved or self.restated)


def changes(before: Content, after: Content, more_than: Rate) -> Change:
    """Return what differs from one content to another, amounts that move by more than this."""
    old, new = _fees(before), _fees(after)
    both = [code for code in new if code in old]
    scales = _scale(before), _scale(after)

    def moves(code: Code) -> Iterator[Moved]:
        return _moves(code, _amounts(old[code], scales[0]), _amounts(new[code], scales[1]), more_than)

    return Change(
        added=tuple(code for code in new if code not in old),
        gone=tuple(code for code in old if code not in new),
        moved=tuple(moved for code in both for moved in moves(code)),
        restated=tuple(
            (code, old[code].status, new[code].status) for code in both if old[code].status != new[code].status
        ),
        factor=(before["factor"], after["factor"]),
        localities=_counted(_localities(before), _localities(after)),
        zips=_counted(_zips(before), _zips(after)),
    )


def _fees(content: Content) -> dict[Code, Fee]:
    return {(row[0], row[1]): fee_of(row) for row in content["fees"]}


def _localities(content: Content) -> dict[object, object]:
    return {(row[0], row[1]): (row[2], *row[4:7]) for row in content["localities"]}


def _zips(content: Content) -> dict[object, object]:
    places: dict[object, object] = {}
    for line in content["zips"]:
        first, last, *place = line.split()
        places.update(dict.fromkeys(range(int(first), int(last) + 1), tuple(place)))
    return places


def _counted(before: Mapping[object, object], after: Mapping[object, object]) -> Counted:
    changed = sum(1 for key, value in after.items() if key in before and before[key] != value)
    return Counted(len(after.keys() - before.keys()), len(before.keys() - after.keys()), changed)


def _scale(content: Content) -> PriceBook:
    """Return a book with nothing but the factor, which is all that an amount asks of it."""
    nothing = Source("", "", date.min)
    return PriceBook(
        id="",
        year=content["year"],
        release="",
        first_day=date.min,
        last_day=date.max,
        factor=content["factor"],
        fees={},
        localities={},
        source=nothing,
    )


def _amounts(fee: Fee, scale: PriceBook) -> dict[str, Money | None]:
    return {setting: schedule_amount(fee, _NATION, scale, setting=setting) for setting in (OFFICE, HOSPITAL_OUTPATIENT)}


def _moves(
    code: Code, before: Mapping[str, Money | None], after: Mapping[str, Money | None], more_than: Rate
) -> Iterator[Moved]:
    """Yield the settings whose amount moves; one that moves as the office does is not told twice."""
    told = None
    for setting, amount in before.items():
        move = amount, after[setting]
        if move != told and _is_beyond(*move, more_than):
            told = move
            yield Moved(code, setting, *move)


def _is_beyond(before: Money | None, after: Money | None, more_than: Rate) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(after - before) * _MILLION > before * more_than.per_million


# ----------------------------------------------------------------------------
# A fee schedule as the database keeps it, in whole numbers and text: all codes, localities, counties and ZIP codes.
# ----------------------------------------------------------------------------


def content_of(schedule: FeeSchedule) -> dict[str, Any]:
    """Return what is kept of a fee schedule; the same figures give the same content, whatever files they came in."""
    states = {locality.key: locality.state for locality in schedule.gpcis.localities}
    areas = schedule.areas.by_key
    return {
        "id": f"medicare-{schedule.year}-{schedule.rvus.name}",
        "year": schedule.year,
        "release": schedule.release,
        "factor": schedule.rvus.factor,
        "fees": [_fee_row(value) for value in schedule.rvus.rows],
        "localities": [_locality_row(locality) for locality in schedule.gpcis.localities],
        "counties": sorted(
            [*key, *county] for key in areas for county in county_names(areas[key].counties, states[key])
        ),
        "zips": list(runs(schedule.zips.rows)),
        "zips of": f"{schedule.zips.year} Q{schedule.zips.quarter}",
    }


def carried_content(year: int) -> dict[str, Any] | None:
    """Return the book that ships with the product for this year in the same form, or None."""
    book = next((book for book in books() if book.year == year), None)
    if book is None:
        return None
    return {
        "id": book.id,
        "year": book.year,
        "release": book.release,
        "factor": book.factor,
        "fees": [_carried_row(fee) for fee in book.fees.values()],
        "localities": [_locality_row(locality) for locality in book.localities.values()],
        "zips": list(carried_zips()),
    }


def _fee_row(value: RelativeValue) -> list[Any]:
    expenses = [value.pe_nonfacility, int(value.nonfacility_na), value.pe_facility, int(value.facility_na)]
    return [value.code, value.modifier, value.status, value.work, *expenses, value.mp, value.multiple]


def _carried_row(fee: Fee) -> list[Any]:
    multiple = ALWAYS_THERAPY if fee.always_therapy else ""
    expenses = [fee.pe_nonfacility, 0, fee.pe_facility, int(fee.facility_na)]
    return [fee.code, "", fee.status, fee.work, *expenses, fee.mp, multiple]


def _locality_row(locality: Locality) -> list[Any]:
    return [*locality.key, locality.state, locality.name, locality.work, locality.pe, locality.mp]
