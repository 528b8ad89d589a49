"""The clinic's own lists of prices on either engine: published whole, on what was seen, and taken back to the cent."""

from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine

from estimator.accounts.audit import Sought, find_entries
from estimator.db.connection import reading
from estimator.errors import ClinicPricesRefused, ConflictingList, EditRefused, UnknownList
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.prices.store import Kind, active_prices, clinic_prices
from estimator.publishing.clinic_lists import active_list, history_of, publish_list, read_new_list, roll_back_to
from estimator.publishing.drafts import Signed

SELF_PAY_AS_CONTRACT = b"plan,code,amount,basis\nx,97110,1.00,per-unit\n"
TODAY = date(2026, 11, 25)
ANA = Signed("Ana", "Contract of 2026")
CONTRACT = "plan,code,amount,basis,first_day,last_day\n" + (
    "Evergreen Health Plan,97110,38.50,per-unit,2026-01-01,2026-06-30\n"
    "Evergreen Health Plan,97110,41.00,per-unit,2026-07-01,\n"
    "evergreen-ppo-silver,20561,52.00,per-line,,\n"
)
SELF_PAY = "code,amount,basis\n20561,75.00,per-line\n97110,45.00,per-unit\n"
FACTORS = "experience,percent,first_day,last_day\nsenior,120%,2026-07-01,\n"


def published(engine: Engine, kind: Kind, text: str, based_on: int | None = None) -> int:
    """Publish a list from the text of a file."""
    return publish_list(engine, read_new_list(kind, text.encode(), "list.csv"), based_on, ANA)


def estimated(engine: Engine, plan: str, day: str = "2026-08-03", experience: str = "standard") -> tuple[str, ...]:
    """Return what a visit comes to at the database's prices: owed, and allowed or charged for each line."""
    visit = {"day": day, "services": [{"code": "97110", "units": 2}, {"code": "20561"}]}
    request = {"plan": plan, "zip": "98101", "visits": [visit], "provider": {"experience": experience}}
    estimate, _ = estimate_asked(read_request(request, TODAY), prices=active_prices(engine))
    lines = estimate.typical.visits[0].lines
    return (
        str(estimate.typical.owes),
        *(str(line.allowed if line.allowed is not None else line.charge) for line in lines),
    )


def test_a_list_of_the_database_prices_as_the_same_file_does(database: Engine, tmp_path, monkeypatch) -> None:
    """To the cent, for a plan on both sides of a new price, and for a person without a plan."""
    asked = [("evergreen-ppo-silver", "2026-06-30"), ("evergreen-ppo-silver", "2026-07-01"), ("self-pay", "2026-08-03")]
    published(database, Kind.CONTRACT, CONTRACT)
    published(database, Kind.SELF_PAY, SELF_PAY)
    by_database = [estimated(database, *each) for each in asked]
    for name, text in (("CONTRACT", CONTRACT), ("PRICE_LIST", SELF_PAY)):
        (tmp_path / name).write_text(text)
        monkeypatch.setenv(f"ESTIMATOR_{name}", str(tmp_path / name))

    assert [estimated(database, *each) for each in asked] == by_database
    assert ["77.00", "82.00", "90.00"] == [each[1] for each in by_database]


def test_a_file_takes_the_place_of_the_list_of_its_kind(database: Engine, tmp_path) -> None:
    """The other kind stays that of the database."""
    published(database, Kind.CONTRACT, CONTRACT)
    published(database, Kind.SELF_PAY, SELF_PAY)
    path = tmp_path / "own.csv"
    path.write_text("plan,code,amount,basis\nsomebody,97110,1.00,per-unit\n")
    found = clinic_prices(contract=path, prices=active_prices(database))

    assert (["somebody"], 2) == ([entry.party for entry in found.contract], len(found.self_pay))


def test_the_clinics_own_factor_goes_in_the_place_of_ours_from_its_day_on(database: Engine) -> None:
    """120% in place of 115%, and only of prices that are estimated."""
    usual, before = estimated(database, "self-pay"), estimated(database, "self-pay", experience="senior")
    published(database, Kind.FACTORS, FACTORS)

    assert ("45.00", "51.75") == (usual[2], before[2])
    assert "54.00" == estimated(database, "self-pay", experience="senior")[2]
    assert before[2] == estimated(database, "self-pay", "2026-06-30", "senior")[2]


def test_rolling_back_restores_every_cent_and_keeps_what_was(database: Engine) -> None:
    """The older rows are published again, with a reason of their own."""
    first = published(database, Kind.CONTRACT, CONTRACT)
    was = estimated(database, "evergreen-ppo-silver")
    second = published(database, Kind.CONTRACT, CONTRACT.replace("41.00", "60.00"), first)
    changed = estimated(database, "evergreen-ppo-silver")
    third = roll_back_to(database, first, second, Signed("Ben", "Typing mistake"))

    assert ("82.00", "120.00") == (was[1], changed[1])
    assert was == estimated(database, "evergreen-ppo-silver")
    kept = [(one.id, one.based_on, one.published_by, one.note) for one in history_of(database, Kind.CONTRACT)]
    assert [
        (third, second, "Ben", "Typing mistake"),
        (second, first, "Ana", "Contract of 2026"),
        (first, None, "Ana", "Contract of 2026"),
    ] == kept


def test_the_same_rows_again_change_nothing(database: Engine) -> None:
    """Whatever their order, and whatever the file is called."""
    first = published(database, Kind.CONTRACT, CONTRACT)
    head, *rows = CONTRACT.splitlines()
    again = published(database, Kind.CONTRACT, "\n".join([head, *reversed(rows)]), first)

    assert first == again == roll_back_to(database, first, first, ANA)
    assert 1 == len(history_of(database, Kind.CONTRACT))


def test_of_two_who_publish_at_once_one_is_refused(database: Engine) -> None:
    """Both saw the same list; the second must look at what the first made of it."""
    base = published(database, Kind.CONTRACT, CONTRACT)
    refused, done, start = list[ConflictingList](), list[int](), Barrier(2)

    def publish(amount: str) -> None:
        start.wait()
        try:
            done.append(published(database, Kind.CONTRACT, CONTRACT.replace("41.00", amount), base))
        except ConflictingList as conflict:
            refused.append(conflict)

    both = [Thread(target=publish, args=(amount,)) for amount in ("50.00", "60.00")]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert [(base, done[0])] == [(conflict.based_on, conflict.active) for conflict in refused]
    assert 2 == len(history_of(database, Kind.CONTRACT))


def test_a_failed_import_leaves_the_active_list_as_it_is(database: Engine) -> None:
    """Mistakes, no reason, nobody's name: nothing is half published."""
    published(database, Kind.CONTRACT, CONTRACT)
    before = active_list(database, Kind.CONTRACT)
    with pytest.raises(ClinicPricesRefused) as refused:
        published(database, Kind.CONTRACT, CONTRACT + ",9711,x,per-hour,,\n")
    with pytest.raises(EditRefused) as unsigned:
        publish_list(database, read_new_list(Kind.CONTRACT, SELF_PAY_AS_CONTRACT, "b.csv"), 1, Signed("", " "))

    assert ["plan", "code", "amount", "basis"] == [problem.path for problem in refused.value.problems]
    assert ["by", "note"] == [problem.path for problem in unsigned.value.problems]
    assert before == active_list(database, Kind.CONTRACT)


def test_a_list_that_never_was_cannot_be_rolled_back_to(database: Engine) -> None:
    """It says which number."""
    with pytest.raises(UnknownList) as unknown:
        roll_back_to(database, 7, None, ANA)

    assert 7 == unknown.value.number


def test_publishing_stands_in_the_log(database: Engine) -> None:
    """With the kind and the number, and no price."""
    published(database, Kind.SELF_PAY, SELF_PAY)
    with reading(database) as connection:
        [entry] = find_entries(connection, Sought())

    assert ("prices-published", "self-pay 1") == (entry.did, entry.subject)
