"""What a new list changes in the old one, worked out by hand."""

from datetime import date

from estimator.prices.store import Kind, read_list_file
from estimator.publishing.clinic_lists import Drift, Lapse, drift_between

TODAY = date(2026, 11, 25)
HEADER = "plan,code,amount,basis,first_day,last_day\n"


def drift(before: str, after: str, kind: Kind = Kind.CONTRACT, header: str = HEADER) -> Drift:
    """Return the drift between the rows of two lists."""
    old, new = (read_list_file(kind, (header + rows).encode(), "list.csv", TODAY) for rows in (before, after))
    assert (old[1], new[1]) == ((), ())
    return drift_between(old[0], new[0], TODAY)


def moves(found: Drift) -> list[tuple[str, int, int | None]]:
    """Return each move as code, cents and tenths of a percent."""
    return [(one.after.subject[1], one.difference, one.per_mille) for one in found.moved]


def test_rows_are_added_gone_moved_or_the_same() -> None:
    """40.00 to 42.10 is 5.25 %, which rounds half-up; 30.00 to 27.00 is a tenth less, and comes first."""
    found = drift(
        "a,97110,40.00,per-unit,,\na,97140,30.00,per-unit,,\na,97035,12.00,per-unit,,\na,97112,1.00,per-unit,,\n",
        "a,97110,42.10,per-unit,,\na,97140,27.00,per-unit,,\na,97112,1.00,per-unit,,\nb,97112,1.00,per-unit,,\n",
    )

    assert [("97140", -300, -100), ("97110", 210, 53)] == moves(found)
    assert [("b", "97112")] == [entry.subject for entry in found.added]
    assert [("a", "97035")] == [entry.subject for entry in found.gone]
    assert 1 == found.same


def test_a_rise_from_a_day_on_shows_as_a_rise() -> None:
    """The row that ends the old price moves by nothing but its last day."""
    found = drift("a,97110,40.00,per-unit,2026-01-01,\n", (
        "a,97110,40.00,per-unit,2026-01-01,2026-12-31\na,97110,50.00,per-unit,2027-01-01,\n"
    ))  # fmt: skip

    assert [("97110", 1000, 250), ("97110", 0, 0)] == moves(found)
    assert ((), (), 0) == (found.added, found.gone, found.same)


def test_another_basis_has_no_percentage_and_comes_first() -> None:
    """Per line and per unit are not the same thing."""
    found = drift(
        "a,97110,40.00,per-unit,,\na,97140,10.00,per-unit,,\n", "a,97110,40.00,per-line,,\na,97140,99.00,per-unit,,\n"
    )

    assert [("97110", 0, None), ("97140", 8900, 8900)] == moves(found)


def test_a_factor_moves_by_percent() -> None:
    """115% to 120% is 4.3 % more."""
    found = drift("senior,115%\n", "senior,120%\n", Kind.FACTORS, "experience,percent\n")

    assert [("senior", 50_000, 43)] == moves(found)


def test_days_without_a_price_between_two_prices_are_told() -> None:
    """Both ends of the hole are included; days that touch make none."""
    found = drift("", (
        "a,97110,40.00,per-unit,,2026-01-31\na,97110,41.00,per-unit,2026-02-03,\n"
        "a,97140,40.00,per-unit,,2026-01-31\na,97140,41.00,per-unit,2026-02-01,\n"
    ))  # fmt: skip

    assert (Lapse(("a", "97110"), date(2026, 2, 1), date(2026, 2, 2)),) == found.lapses


def test_prices_that_end_within_ninety_days_are_counted_by_day() -> None:
    """2027-02-23 is the ninetieth day, and one day later is too far off."""
    found = drift("", (
        "a,97110,40.00,per-unit,,2026-12-31\na,97140,41.00,per-unit,,2026-12-31\n"
        "a,97112,41.00,per-unit,,2027-02-23\na,97035,41.00,per-unit,,2027-02-24\n"
    ))  # fmt: skip

    assert {date(2026, 12, 31): 2, date(2027, 2, 23): 1} == found.ending


def test_the_same_list_changes_nothing() -> None:
    """Not even in another order."""
    one, other = "a,97110,40.00,per-unit,,\n", "a,97140,41.00,per-unit,,\n"

    assert (False, 2) == (drift(one + other, other + one).changes, drift(one + other, other + one).same)
