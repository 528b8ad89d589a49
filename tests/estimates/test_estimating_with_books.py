"""An estimate that takes its prices from the active books of a database."""

from dataclasses import replace
from datetime import date

import pytest

from estimator.errors import UnknownZip
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.prices.books import Prices, books, carried_zips

TODAY = date(2026, 11, 23)
SERVICES = [{"code": "20560"}, {"code": "97110", "minutes": 30}]
REQUEST = {
    "plan": "original-medicare-2026",
    "zip": "98101",
    "visits": [{"day": "2026-03-02", "services": SERVICES}, {"day": "2026-03-09", "services": SERVICES}],
}


def answer(prices=None):
    """Estimate two Medicare visits in Seattle."""
    estimate, _ = estimate_asked(read_request(REQUEST, TODAY), prices=prices)
    return estimate


def test_what_ships_taken_from_a_database_changes_nothing():
    """The move from files to the database leaves every figure and its reason."""
    assert answer() == answer(Prices(books(), carried_zips()))


def test_an_active_book_prices_the_estimate_and_is_named_in_it():
    """Twice the factor is another price."""
    old, new, _ = books()
    dearer = replace(new, id="medicare-2026-RVU26C@dearer", factor=2 * new.factor)

    found = answer(Prices((old, dearer), carried_zips()))

    assert "medicare-2026-RVU26C@dearer" == found.inputs["price_books"]
    assert answer() != found


def test_a_place_that_an_active_book_does_not_price_takes_nothing_from_elsewhere():
    """The book of another year is named in its place."""
    old, new, _ = books()
    elsewhere = {key: locality for key, locality in new.localities.items() if locality.state != "WA"}

    found = answer(Prices((old, replace(new, id="other", localities=elsewhere)), carried_zips()))

    assert old.id == found.inputs["price_books"]


def test_a_zip_code_that_the_active_list_lacks_is_unknown():
    """It is the list of the same release."""
    without = tuple(line for line in carried_zips() if not line.startswith("981"))

    with pytest.raises(UnknownZip):
        answer(Prices(books(), without))
