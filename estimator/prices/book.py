"""Medicare's fee schedule as price books: 47 codes in 109 localities, one book a year.

A book is read from its two carried files when first asked for, and kept.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from estimator.engine.prices import Fee, Locality, PriceBook
from estimator.prices.carried import carried_names, fixed, read_carried
from estimator.prices.codes import service_codes

_ALWAYS_THERAPY = "5"


def find_book(day: date) -> PriceBook | None:
    """Return the book in force on this day, or None outside the calendar years that we carry."""
    return next((book for book in books() if book.first_day <= day <= book.last_day), None)


def latest_book() -> PriceBook:
    """Return the newest book, which a day after its end may be priced by as an assumption."""
    return books()[-1]


@cache
def books() -> tuple[PriceBook, ...]:
    """Return every book we carry, oldest first."""
    years = (name.split("-")[1] for name in carried_names("medicare-*-rvus.csv"))
    return tuple(_book(year) for year in years)


@cache
def counties(mac: str, number: str) -> tuple[str, ...]:
    """Return the counties that a locality is made of, or nothing where it is a state or the rest of one."""
    rows = read_carried("medicare-counties.csv").rows
    wanted = (mac, number)
    return tuple(row["county"] for row in rows if (row["mac"], row["number"]) == wanted and row["county"])


def _book(year: str) -> PriceBook:
    relative_values = read_carried(f"medicare-{year}-rvus.csv")
    facts = relative_values.facts
    fees = [_fee(row) for row in relative_values.rows]
    localities = [_locality(row) for row in read_carried(f"medicare-{year}-gpcis.csv").rows]
    return PriceBook(
        id=facts["id"],
        year=int(facts["year"]),
        release=facts["release"],
        first_day=date.fromisoformat(facts["first_day"]),
        last_day=date.fromisoformat(facts["last_day"]),
        factor=fixed(facts["conversion_factor"], 4),
        fees={fee.code: fee for fee in fees},
        localities={locality.key: locality for locality in localities},
        source=relative_values.source,
    )


def _fee(row: dict[str, str]) -> Fee:
    return Fee(
        code=row["code"],
        status=row["status"],
        work=fixed(row["work"], 2),
        pe_nonfacility=fixed(row["pe_nonfacility"], 2),
        pe_facility=fixed(row["pe_facility"], 2),
        mp=fixed(row["mp"], 2),
        facility_na=row["facility_na"] == "NA",
        always_therapy=row["mult_proc"] == _ALWAYS_THERAPY,
        timed=service_codes()[row["code"]].timed,
    )


def _locality(row: dict[str, str]) -> Locality:
    return Locality(
        mac=row["mac"],
        number=row["number"],
        state=row["state"],
        name=row["name"],
        work=fixed(row["work"], 3),
        pe=fixed(row["pe"], 3),
        mp=fixed(row["mp"], 3),
    )
