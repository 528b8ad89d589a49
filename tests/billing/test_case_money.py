"""The money of a case: deductible and maximum as payers told of them, and what was paid against the estimate."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.billing.alerts import Found, look_at
from estimator.billing.authorization_answer import Habits
from estimator.billing.case_money import MoneySoFar, money_so_far
from estimator.billing.case_visits import cells_of_case
from estimator.billing.cases import CARE, PAID, STATED, NewEntry, add_entries, case_now, case_of_id, open_case
from estimator.billing.needs import Thresholds
from estimator.engine.values import Money
from estimator.plans.shelf import Draft, Shelf
from tests.billing.test_cases import ANA, CITED, cells
from tests.db.sample import definition, published

OPENED = date(2026, 10, 1)
NETWORK = {"deductible": {"person": "500.00", **CITED}, "out_of_pocket_max": {"person": "2000.00", **CITED}}


@pytest.fixture
def money_desk(database: Engine) -> Engine:
    """A database with a plan that has a deductible and a maximum, and somebody who keeps cases."""
    published(database, [Draft(definition(name, networks={"in-network": NETWORK})) for name in ("plan-a", "plan-b")])
    add_account(database, ANA.name, Role.BILLING, "four blue herons")
    return database


def paid(day: date, *adjustments: Sequence[Any], paid: int = 0, patient: int = 0, is_first: bool = True) -> NewEntry:
    sums = {"paid": paid, "patient": patient, "is_first_payer": is_first}
    return NewEntry(
        PAID, day, {"payer": "P" if is_first else "Q", "adjustments": list(adjustments), "lines": [], **sums}
    )


def found(engine: Engine, case: int, day: date) -> Found:
    return look_at(case_now(*case_of_id(engine, case), day), Shelf(engine), Habits(), Thresholds())


def told(engine: Engine, case: int, day: date) -> dict[str, tuple[int | None, int | None]]:
    """Return what is used and what there is, of the counters in money."""
    return {each.name: (each.used, each.of) for each in found(engine, case, day).counters if each.kind == "money"}


def test_what_a_payer_stated_grows_by_what_it_left_to_the_patient_since(money_desk: Engine) -> None:
    """Never beyond the amount; what was settled before is in the count, and a row gets both without typing."""
    case = open_case(money_desk, "A-1", cells(plan="plan-a", deductible_paid="120.00"), ANA, OPENED)
    add_entries(
        money_desk,
        case,
        [
            paid(date(2026, 9, 20), ["PR", "1", 50_00]),
            paid(date(2026, 10, 5), ["CO", "45", 10_00], ["PR", "1", 80_00], ["PR", "3", 20_00]),
            paid(date(2026, 10, 5), ["PR", "1", 7_00], is_first=False),
        ],
        ANA,
    )
    in_october = told(money_desk, case, date(2026, 10, 6))
    row = cells_of_case(found(money_desk, case, date(2026, 10, 6)))
    add_entries(money_desk, case, [paid(date(2026, 10, 8), ["PR", "1", 900_00])], ANA)

    assert {"deductible": (200_00, 500_00), "out-of-pocket-maximum": (None, 2000_00)} == in_october
    assert ("200.00", "") == (row["deductible_paid"], row["out_of_pocket_paid"])
    assert (500_00, 500_00) == told(money_desk, case, date(2026, 10, 9))["deductible"]


def test_the_new_year_and_another_payer_begin_anew(money_desk: Engine) -> None:
    """What counted in the year before, or under the payer before, counts no more."""
    case = open_case(money_desk, "A-1", cells(plan="plan-a", deductible_paid="450.00", insurer="Aetna"), ANA, OPENED)
    add_entries(money_desk, case, [paid(date(2027, 1, 4), ["PR", "1", 30_00])], ANA)
    before, after = (told(money_desk, case, day)["deductible"] for day in (date(2026, 12, 31), date(2027, 1, 5)))
    add_entries(money_desk, case, [NewEntry(CARE, date(2027, 2, 1), {"plan": "plan-b", "insurer": "Cigna"})], ANA)
    add_entries(money_desk, case, [NewEntry(STATED, date(2027, 3, 1), {"deductible_paid": "10.00"})], ANA)

    assert ((450_00, 500_00), (30_00, 500_00)) == (before, after)
    assert [0, 10_00] == [told(money_desk, case, day)["deductible"][0] for day in (date(2027, 2, 2), date(2027, 3, 2))]


def test_no_alert_comes_of_money_that_nobody_told(money_desk: Engine) -> None:
    """The estimate asks about it where it matters."""
    case = open_case(money_desk, "A-1", cells(plan="plan-a"), ANA, OPENED)

    assert () == found(money_desk, case, OPENED).alerts


def test_what_was_paid_stands_beside_the_estimate_of_as_many_visits(money_desk: Engine) -> None:
    """Behind a second plan the patient is left with what that one leaves; a visit to come is in no sum."""
    case = open_case(money_desk, "A-1", cells(plan="plan-a"), ANA, OPENED)
    answers = [{"visits": [{"patient_owes": "40.00"}]}, {"visits": [{"patient_owes": "50.00"}] * 3}]
    assert money_so_far(found(money_desk, case, OPENED).now, answers) is None
    entries = [
        paid(date(2026, 10, 5), paid=70_00, patient=40_00),
        paid(date(2026, 10, 8), paid=70_00, patient=80_00),
        paid(date(2026, 10, 8), paid=25_00, patient=55_00, is_first=False),
    ]
    add_entries(money_desk, case, entries, ANA)
    money = money_so_far(found(money_desk, case, date(2026, 10, 9)).now, answers)

    assert MoneySoFar(Money(165_00), Money(95_00), 2, Money(100_00)) == money
    assert -5 == money.off_by
