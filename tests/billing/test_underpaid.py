"""What a payer allowed below the contract is listed; what only a reduction explains is told apart."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from estimator.billing import underpaid
from estimator.billing.case_payments import add_payments, payments_in
from estimator.billing.cases import open_case
from estimator.billing.schedule import Books, Looked
from estimator.billing.underpaid import (
    LESS_OF_A_UNIT,
    NO_ALLOWED,
    NO_PRICE,
    TOO_MANY,
    VISIT,
    Found,
    Settled,
    SettledVisit,
    below_contract,
    settled_visits,
    visits_in,
)
from estimator.cli import main
from estimator.engine.prices import OF_MEDICARE, ClinicPrices, PriceEntry
from estimator.engine.values import Money, Rate, Span
from estimator.plans.shelf import Shelf, folder_shelf
from estimator.prices.books import find_zip
from estimator.prices.sheet import gather_prices
from estimator.settings import plans_folder
from tests.billing.test_cases import ANA, cells
from tests.billing.test_cases import desk as desk
from tests.billing.test_remittance import read, remittance

DAY = date(2026, 9, 14)
PAYER = "EVERGREEN MUTUAL"
PER_UNIT = PriceEntry("97110", Money(4000), party=PAYER)
MANUAL = PriceEntry("97140", Money(3000), party=PAYER)
SHELF = Looked(folder_shelf(plans_folder()))


def books(*contract: PriceEntry) -> Books:
    """Return what a clinic with this contract looks things up in."""
    return Books(DAY, SHELF, ClinicPrices(contract), None)


def line(
    code: str = "97110", units: int | None = 1, allowed: int | None = 3000, *modifiers: str, **more: int
) -> Settled:
    """Return a settled line of $100 a unit; `reduced` is what was taken off as a therapy reduction."""
    known = None if allowed is None else Money(allowed)
    charge, reduced = (
        Money(more.get(name, usual)) for name, usual in (("charge", 10000 * (units or 1)), ("reduced", 0))
    )
    return Settled(code, modifiers, units, charge, known, reduced)


def found(contract: Sequence[PriceEntry], *lines: Settled, **visit: str) -> Found:
    """Return what is found of one visit of a payer."""
    settled = SettledVisit("T77", DAY, visit.pop("payer", PAYER), lines, **visit)  # type: ignore[arg-type]
    return below_contract([settled], books(*contract))


def only(result: Found) -> tuple[int, int, int, int, int]:
    """Return contract, allowed, short, and what the two reductions explain, of the one line that was listed."""
    (one,) = (*result.below, *result.explained)
    return one.contract, one.allowed, one.short, one.reduced, one.assistant


def test_a_line_below_its_price_falls_short_by_the_difference() -> None:
    """Each unit; one that is paid in full, above it, or a cent a unit below it is not listed."""
    paid = [line(allowed=4000), line("97140", 2, 6500), line(units=3, allowed=11997)]
    result = found([PER_UNIT, MANUAL], *paid, line(units=2, allowed=7000))

    assert (8000, 7000, 1000, 0, 0) == only(result)
    assert (4, Money(1000)) == (result.compared, result.short)


def test_reductions_are_told_apart_from_what_nothing_explains() -> None:
    """A therapy reduction by what the payer says it took; an assistant's by 85 percent; what is left is short."""
    therapy = found([PER_UNIT], line(allowed=3400, reduced=600))
    more = found([PER_UNIT], line(allowed=3000, reduced=600))
    assistant = found([PER_UNIT], line("97110", 1, 3400, "GP", "CQ"))
    both = found([PER_UNIT], line("97110", 1, 2800, "CO", reduced=500))

    assert [([], 1), ([], 1)] == [(each.below, len(each.explained)) for each in (therapy, assistant)]
    assert (4000, 3400, 0, 600, 0) == only(therapy)
    assert (4000, 3000, 400, 600, 0) == only(more)
    assert (4000, 3400, 0, 0, 600) == only(assistant)
    assert (4000, 2800, 175, 500, 525) == only(both)


def test_a_share_of_medicares_fee_has_its_reduction_in_it() -> None:
    """Where the contract says that it is taken, the payer's reduction is right; where it says not, it falls short."""
    place = find_zip("55414")
    [region] = [one for one in gather_prices(place).regions if one.book.first_day <= DAY <= one.book.last_day]
    takes, not_taken = (
        PriceEntry("*", basis=OF_MEDICARE, party=PAYER, percent=Rate.parse("100%"), mppr=mppr) for mppr in (True, False)
    )
    visit = line(allowed=1), line("97140", 1, 1)
    (exercise, manual), (_, whole) = (
        [each.contract for each in sorted(found([entry], *visit, zip="55414").below, key=lambda one: one.code)]
        for entry in (takes, not_taken)
    )
    paid = line(allowed=exercise), line("97140", 1, manual, reduced=whole - manual)

    assert region.locality.name
    assert manual < whole
    assert ([], []) == ((right := found([takes], *paid, zip="55414")).below, right.explained)
    assert (whole, manual, whole - manual, 0, 0) == only(found([not_taken], *paid, zip="55414"))
    assert {NO_PRICE: 2} == +found([takes], *paid).left_out


def test_a_payer_owes_no_more_than_what_was_charged() -> None:
    """A charge below the contract is the clinic's own loss."""
    assert (3500, 3000, 500, 0, 0) == only(found([PER_UNIT], line(charge=3500)))


def test_a_rate_by_the_visit_is_set_beside_the_whole_visit() -> None:
    """However it was spread over the lines."""
    rate = PriceEntry("*", Money(9000), "per-visit", PAYER)
    result = found([rate, PER_UNIT], line(allowed=5000), line("97140", 1, 3000), line("20561", 1, None))

    assert (9000, 8000, 1000, 0, 0) == only(result)
    assert [VISIT] == [one.code for one in result.below]


def test_what_cannot_be_compared_is_counted_by_its_reason() -> None:
    """Nothing allowed, less than a unit, and no price in the contract."""
    denied, zero, unknown = line(allowed=None), line(allowed=0), line(units=None)
    result = found([PER_UNIT], denied, zero, unknown, line("97110", 1, 1000, "52"), line("97140"))

    assert (0, []) == (result.compared, result.below)
    assert {NO_ALLOWED: 2, LESS_OF_A_UNIT: 2, NO_PRICE: 1} == +result.left_out


def test_of_several_rows_that_may_be_meant_the_lowest_counts() -> None:
    """Where the plan of a claim isn't known; rows of another day, payer or public program are not meant."""
    low, high = (replace(PER_UNIT, amount=Money(cents), network=name) for cents, name in ((3500, "narrow"), (4500, "")))
    others = (
        replace(PER_UNIT, amount=Money(100), party="Cigna"),
        replace(PER_UNIT, amount=Money(100), market="medicare-advantage"),
        replace(PER_UNIT, amount=Money(100), span=Span(None, date(2025, 12, 31))),
    )
    for contract in ([low, high, *others], [*others, high, low]):
        assert (3500, 3000, 500, 0, 0) == only(found(contract, line()))
    assert {NO_PRICE: 1} == +found(others, line()).left_out
    assert [] == found(others, line(), kind="16").below


def test_a_payer_is_known_by_its_other_names_and_a_row_for_its_plan_may_be_meant() -> None:
    """A remittance says AETNA; the contract may name the insurer in its own way, or one plan of it."""
    plan = SHELF.find("evergreen-ppo-silver", DAY)
    named = found([replace(PER_UNIT, party="Aetna")], line(), payer="AETNA")
    by_plan = found([replace(PER_UNIT, party=plan.id)], line(), payer=plan.payer.upper())

    assert [(4000, 3000, 1000, 0, 0)] * 2 == [only(named), only(by_plan)]


def test_a_remittance_is_compared_without_what_is_taken_back() -> None:
    """By claim and day; a secondary payment says nothing of the contract."""
    paid = ("SVC*HC:97110:GP*120*70**2", "DTM*472*20260914", "CAS*CO*45*50")
    back = ("SVC*HC:97110:GP*-120*-70**2", "DTM*472*20260914", "CAS*CO*45*-50")
    claims = ("CLP*T1*1*120*70**12", *paid, "CLP*T2*1*120*70**12", *paid, "CLP*T1*22*-120*-70**12", *back)
    second = ("CLP*T3*2*120*70**12", "SVC*HC:97110:GP*120*70**2", "DTM*472*20260914", "CAS*OA*23*50")
    visits = visits_in(read("140", *claims, *second).claims)

    assert ["T2"] == [visit.number for visit in visits]
    assert (8000, 7000, 1000, 0, 0) == only(below_contract(visits, books(PER_UNIT)))


def test_the_ledgers_of_cases_are_compared_under_the_plan_of_the_day(desk: Engine) -> None:
    """What a payment added to a case; a visit outside the days that are asked about is left out."""
    number = open_case(desk, "Neck A-12", cells(), ANA, date(2026, 9, 1))
    paid = ("CLP*Neck A-12*1*120*70**12", "SVC*HC:97110:GP*120*70**2", "DTM*472*20260914", "CAS*CO*45*50")
    add_payments(desk, [(each, "Neck A-12") for each in payments_in(read("70", *paid))], ANA)
    contract = replace(PER_UNIT, party="limited", network="in-network")
    own = Books(DAY, Looked(Shelf(desk)), ClinicPrices((contract,)), None)
    visits = tuple(settled_visits(desk, own, (DAY, DAY), {"": "98101"}))
    result = below_contract(visits, own)

    assert (8000, 7000, 1000, 0, 0) == only(result)
    assert [(number, "Neck A-12", "98101")] == [
        (one.visit.case_id, one.visit.number, one.visit.zip) for one in result.below
    ]
    assert () == tuple(settled_visits(desk, own, (date(2026, 9, 15), date(2026, 12, 31)), {}))


def test_the_command_lists_what_falls_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words and as JSON, by the contract that the settings name."""
    file, contract = tmp_path / "a.835", tmp_path / "contract.csv"
    file.write_text(
        remittance(
            "70", "CLP*T2*1*120*70**12", "SVC*HC:97110:GP*120*70**2", "DTM*472*20260914", "CAS*CO*45*50", payer="AETNA"
        )
    )
    contract.write_text("plan,code,amount,basis\nAetna,97110,40,per-unit\n")
    monkeypatch.setenv("ESTIMATOR_CONTRACT", str(contract))
    words, values = (
        CliRunner().invoke(main, ["remittance", str(file), "--below-contract", *more]) for more in ([], ["--json"])
    )
    assert 0 == values.exit_code, values.output
    [one] = json.loads(values.stdout)["below_contract"]

    assert "Below the contract: $10.00 on 1 of 1 lines compared." in words.output
    assert "claim T2, 2026-09-14, AETNA: 97110 allowed at $70.00, $10.00 below $80.00" in words.output
    assert ("T2", "80.00", "10.00") == (one["pcn"], one["contract"], one["short"])


def test_no_file_has_more_payers_or_visits_than_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond is counted, and what comes before it is compared."""
    visits = [SettledVisit("T77", DAY, payer, (line(),)) for payer in (PAYER, PAYER, "Another", PAYER)]
    monkeypatch.setattr(underpaid, "MOST_PAYERS", 1)
    few_payers = below_contract(visits, books(PER_UNIT))
    monkeypatch.setattr(underpaid, "MOST_VISITS", 1)
    few_visits = below_contract(visits, books(PER_UNIT))

    assert [(3, 1), (1, 3)] == [(each.compared, each.left_out[TOO_MANY]) for each in (few_payers, few_visits)]
