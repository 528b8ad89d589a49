"""A fee schedule as the database keeps it, in whole numbers and text, and the price book that estimates take from it.

All codes are kept; a price book holds those that we have words for, since no other can be asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from estimator.domain.citation import Source
from estimator.domain.fees import Fee, Locality, PriceBook
from estimator.pricefiles.book import books
from estimator.pricefiles.cms.localities import county_names
from estimator.pricefiles.cms.rvus import RelativeValue
from estimator.pricefiles.cms.schedule import FeeSchedule
from estimator.pricefiles.cms.zips import runs
from estimator.pricefiles.codes import service_codes
from estimator.resources import prices_folder

_ALWAYS_THERAPY = "5"
_MARK_LENGTH = 8
_ADDRESS = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prices:
    """What a database prices by: a book a year, oldest first, and where ZIP codes lie, in lines as those that ship."""

    books: tuple[PriceBook, ...]
    zips: tuple[str, ...]


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


def carried_zips() -> tuple[str, ...]:
    """Return where ZIP codes lie by the file that ships, without its head."""
    lines = (prices_folder() / "medicare-zips.txt").read_text("ascii").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


def kept_book(content: Content, mark: str, read_on: date) -> PriceBook:
    """Return the price book that a content holds, known by its release and the first letters of its mark.

    Where it has every figure of the book that ships under the same release it is that book, and is called so.
    """
    year, name = content["year"], content["release"]
    known = {area.key: area for book in books() for area in book.localities.values()}
    localities = (_locality(row, known) for row in content["localities"])
    book = PriceBook(
        id=f"{content['id']}@{mark[:_MARK_LENGTH]}",
        year=year,
        release=name,
        first_day=date(year, 1, 1),
        last_day=date(year, 12, 31),
        factor=content["factor"],
        fees={row[0]: fee_of(row) for row in content["fees"] if _is_asked_about(row)},
        localities={locality.key: locality for locality in localities},
        source=Source(f"CMS Physician Fee Schedule Relative Value File {name}", _ADDRESS, read_on, "high"),
    )
    carried = next((each for each in books() if each.id == content["id"]), None)
    return carried if carried and _figures(carried) == _figures(book) else book


def fee_of(row: list[Any]) -> Fee:
    """Return the fee that a kept row holds."""
    code, _, status, work, pe_nonfacility, _, pe_facility, facility_na, mp, multiple = row
    service = service_codes().get(code)
    is_timed = service is not None and service.timed
    therapy = multiple == _ALWAYS_THERAPY
    return Fee(code, status, work, pe_nonfacility, pe_facility, mp, bool(facility_na), therapy, is_timed)


def _is_asked_about(row: list[Any]) -> bool:
    """Tell whether a row is a whole service of ours, with an amount for an office."""
    code, modifier, not_in_office = row[0], row[1], row[5]
    return not modifier and not not_in_office and code in service_codes()


def _fee_row(value: RelativeValue) -> list[Any]:
    expenses = [value.pe_nonfacility, int(value.nonfacility_na), value.pe_facility, int(value.facility_na)]
    return [value.code, value.modifier, value.status, value.work, *expenses, value.mp, value.multiple]


def _carried_row(fee: Fee) -> list[Any]:
    multiple = _ALWAYS_THERAPY if fee.always_therapy else ""
    expenses = [fee.pe_nonfacility, 0, fee.pe_facility, int(fee.facility_na)]
    return [fee.code, "", fee.status, fee.work, *expenses, fee.mp, multiple]


def _locality_row(locality: Locality) -> list[Any]:
    return [*locality.key, locality.state, locality.name, locality.work, locality.pe, locality.mp]


def _locality(row: list[Any], known: Mapping[tuple[str, str], Locality]) -> Locality:
    """Return a locality under the name that we write, where we know it: CMS shouts."""
    locality = Locality(*row)
    before = known.get(locality.key)
    return replace(locality, name=before.name if before else locality.name.title())


def _figures(book: PriceBook) -> object:
    areas = {key: (area.state, area.work, area.pe, area.mp) for key, area in book.localities.items()}
    return book.release, book.factor, book.first_day, book.last_day, dict(book.fees), areas
