"""What a database prices by: the price books that were kept, and where ZIP codes lie.

An estimate takes no more than this from the files of CMS, and reads none of them. All codes are kept; a price book
holds those that we have words for, since no other can be asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from estimator.engine.prices import ClinicPrices, Fee, Locality, PriceBook
from estimator.engine.values import Source
from estimator.prices.book import books
from estimator.prices.codes import service_codes
from estimator.resources import prices_folder

ALWAYS_THERAPY = "5"
_MARK_LENGTH = 8
_ADDRESS = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prices:
    """What a database prices by: a book a year, oldest first, where ZIP codes lie, and the clinic's own lists.

    `zips` are lines as those that ship.
    """

    books: tuple[PriceBook, ...]
    zips: tuple[str, ...]
    clinic: ClinicPrices = field(default_factory=ClinicPrices)


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
    therapy = multiple == ALWAYS_THERAPY
    return Fee(code, status, work, pe_nonfacility, pe_facility, mp, bool(facility_na), therapy, is_timed)


def _is_asked_about(row: list[Any]) -> bool:
    """Tell whether a row is a whole service of ours, with an amount for an office."""
    code, modifier, not_in_office = row[0], row[1], row[5]
    return not modifier and not not_in_office and code in service_codes()


def _locality(row: list[Any], known: Mapping[tuple[str, str], Locality]) -> Locality:
    """Return a locality under the name that we write, where we know it: CMS shouts."""
    locality = Locality(*row)
    before = known.get(locality.key)
    return replace(locality, name=before.name if before else locality.name.title())


def _figures(book: PriceBook) -> object:
    areas = {key: (area.state, area.work, area.pe, area.mp) for key, area in book.localities.items()}
    return book.release, book.factor, book.first_day, book.last_day, dict(book.fees), areas
