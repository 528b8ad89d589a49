"""What is said of prices: the book, a reduction where there was one, and assumptions that somebody pays for."""

from dataclasses import replace
from datetime import date

import pytest

from estimator.engine.coverage import Scope
from estimator.engine.plan import Allowed, Basis, Liable, Position
from estimator.engine.request import Provider
from tests.build import (
    book,
    course,
    estimate_of,
    kinds,
    line,
    lines_of,
    network,
    on,
    percent,
    plan,
    policy,
    prices,
    tables,
    usd,
)

BOOKS = ("earliest-price-book", "latest-price-book")
NEEDLED = course(1, line(allowed=None), line("20561", None))


def beyond(*days):
    """Return the assumptions on price books of a course on these days, priced by the books of 2025 and 2026."""
    visits = [on(day, line(allowed=None)) for day in days]
    answer = estimate_of(plan(), visits, prices(book(2025), book()))
    return [(each.assumes, each.subject) for each in answer.assumptions if each.assumes in BOOKS]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["2024-12-31"], [("earliest-price-book", "2025-01-01")]),
        (["2025-01-01", "2025-12-31", "2026-01-01", "2026-12-31"], []),
        (["2026-12-31", "2027-01-01"], [("latest-price-book", "2026-12-31")]),
    ],
)
def test_a_day_beyond_every_price_book_is_priced_by_the_nearest_with_an_assumption(days, expected):
    """Both sides of the first and of the last day, equal visits among them."""
    assert expected == beyond(*days)


def test_the_price_names_the_book_that_it_comes_from():
    """Before the first book, between two years, and after the last."""
    visits = [on(day, line(allowed=None)) for day in ("2024-12-31", "2025-12-31", "2026-01-01", "2027-01-01")]
    run = estimate_of(plan(), visits, prices(book(2025), book())).typical

    assert [book(2025).id] * 2 + [book().id] * 2 == [each.price.book for each in lines_of(run)]


def medicare(reduces):
    """Build a plan that pays what Medicare does, with or without its reduction."""
    allowed = Allowed(Basis.MEDICARE, percent("100%"), reduces_multiple_procedures=reduces)
    return plan(networks=[network(allowed=allowed)])


@pytest.mark.parametrize(
    ("reduces", "units", "expected"),
    [(True, 1, [False, True]), (True, 2, [True, True]), (False, 2, [False, False])],
)
def test_only_a_line_that_costs_less_is_called_reduced(reduces, units, expected):
    """One unit of 97110 has the highest practice expense of the day and is paid in full; a second unit is not."""
    visits = course(1, line(allowed=None, units=units), line("97140", None))

    assert expected == [
        each.price.reduced for each in lines_of(estimate_of(medicare(reduces), visits, prices()).typical)
    ]


@pytest.mark.parametrize(
    ("provider", "is_ours"),
    [
        (Provider(), False),
        (Provider(experience="standard"), False),
        (Provider(experience="senior"), True),
        (Provider(experience="senior", experience_factor=percent("110%")), False),
        (Provider(experience_factor=percent("110%")), False),
    ],
)
def test_only_a_factor_of_our_own_is_our_assumption(provider, is_ours):
    """What the reader wrote is the reader's; 100% changes nothing."""
    answer = estimate_of(plan(), course(1, line(allowed=None)), prices(), provider=provider)

    assert is_ours == ("experience-factor" in kinds(answer.assumptions))


def test_a_factor_that_we_take_as_whole_is_no_assumption():
    """Where our table says 100% for it, nothing was changed."""
    sheet = replace(prices(), experience={"senior": percent("100%")})
    answer = estimate_of(plan(), course(1, line(allowed=None)), sheet, provider=Provider(experience="senior"))

    assert "experience-factor" not in kinds(answer.assumptions)


@pytest.mark.parametrize(
    ("position", "liable", "is_owed"),
    [
        (Position.EXCLUDED, Liable.PATIENT, True),
        (Position.UNKNOWN, None, True),
        (Position.BUNDLED, None, False),
        (Position.INVESTIGATIONAL, Liable.PROVIDER, False),
    ],
)
def test_a_cash_price_is_assumed_where_somebody_owes_it(position, liable, is_owed):
    """Needling that is part of another service, or the clinic's loss, costs nobody a cash price."""
    stated = plan(policies=[policy(position, liable=liable)])
    answer = estimate_of(stated, NEEDLED, prices())

    assert is_owed == ("cash-price" in kinds(answer.assumptions))
    assert is_owed == (type(lines_of(answer.typical)[1].price).__name__ == "PriceCash")


def test_needling_that_the_state_forbids_has_no_cash_price():
    """It is nobody's debt."""
    answer = estimate_of(plan(), NEEDLED, prices(), tables(Scope.PROHIBITED))

    assert "cash-price" not in kinds(answer.assumptions)
    assert usd("0.00") == lines_of(answer.typical)[1].owes


def test_books_outside_are_told_with_their_source():
    """The last day, and where the book comes from."""
    visits = [on("2027-01-04", line(allowed=None))]
    (told,) = [each for each in estimate_of(plan(), visits, prices()).assumptions if each.assumes in BOOKS]

    assert (str(date(2026, 12, 31)), book().id) == (told.subject, told.citation.place)
