"""A fee schedule as the database keeps it, in whole numbers and text: all codes, localities, counties and ZIP codes."""

from __future__ import annotations

from typing import Any

from estimator.engine.prices import Fee, Locality
from estimator.prices.book import books
from estimator.prices.localities import county_names
from estimator.prices.prices import ALWAYS_THERAPY, carried_zips
from estimator.prices.rvus import RelativeValue
from estimator.prices.schedule import FeeSchedule
from estimator.prices.zips import runs


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
