"""The areas that a ZIP code may lie in, for the list to choose from where it lies in more than one."""

from collections.abc import Sequence

from estimator.errors import UnknownZip
from estimator.prices.books import find_zip, latest_book
from estimator.web import shelf
from estimator.web.patient.choices import Option


def candidates(zip_code: str) -> Sequence[Option]:
    """Return the areas of a ZIP code that lies in several, the likeliest first; nothing where there is one."""
    try:
        place = find_zip(zip_code, _zips())
    except UnknownZip:
        return ()
    if not place.straddles:
        return ()
    known = shelf.prices()
    localities = (known.books[-1] if known else latest_book()).localities
    return [(f"{mac}-{number}", localities[mac, number].name) for mac, number in place.candidates]


def state_of(zip_code: str) -> str | None:
    """Return the two letters of a ZIP code's state, or None where the ZIP code is not known."""
    try:
        return find_zip(zip_code, _zips()).state
    except UnknownZip:
        return None


def _zips() -> Sequence[str] | None:
    known = shelf.prices()
    return known.zips if known else None
