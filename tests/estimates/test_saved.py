"""Saved estimates on either engine: kept under hashes, found in time, made again to the cent, and really removed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, func, select

from estimator.billing.watch import purge
from estimator.clock import now_utc
from estimator.db.connection import engine_at, reading
from estimator.db.tables import saved_estimates
from estimator.engine.coding import Pair
from estimator.errors import DatabaseUnavailable
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.saved import Secrets, made_again, owed_today, remove_estimate, save_estimate, saved_estimate
from estimator.plans.folder import Library
from estimator.plans.shelf import Draft, Shelf
from estimator.prices.coding_edits import Edition
from estimator.prices.store import Kind, active_prices
from estimator.publishing.official_tables import activate_edits
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from tests.db.sample import definition, published
from tests.publishing.test_price_lists import published as published_list

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = date(2026, 11, 23)
VISIT = {"day": "2026-11-24", "services": [{"code": "97110", "minutes": 30, "allowed": "100.00"}]}
REQUEST: dict[str, Any] = {"plan": "evergreen", "visits": [VISIT]}


@pytest.fixture
def shelf(database: Engine, plans: Library) -> Shelf:
    """Return a database with one plan, whose copay is 40.00."""
    published(database, [Draft(definition())])
    return Shelf(database, plans)


def answered(shelf: Shelf) -> Mapping[str, Any]:
    """Answer the request as the plan is now."""
    estimate, plan = estimate_asked(read_request(REQUEST, DAY), shelf)
    return answer_json(answer_of(estimate, plan, {}))


def saved(shelf: Shelf, days: int = 30, now: datetime = NOW) -> Secrets:
    """Save the request with its answer."""
    return save_estimate(shelf, {"visits": "1"}, REQUEST, answered(shelf), days, now)


def count(shelf: Shelf) -> int:
    """Return how many estimates are kept."""
    with reading(shelf.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(saved_estimates)).scalar_one())


def test_what_was_saved_comes_back_whole(shelf: Shelf) -> None:
    """The form, the request, the answer, and what it rests on."""
    found = saved_estimate(shelf.engine, saved(shelf).link, NOW)

    assert found is not None
    assert ({"visits": "1"}, REQUEST, answered(shelf)) == (found.form, found.request, found.answer)
    assert (DAY, NOW, NOW + timedelta(days=30)) == (found.as_of, found.created_at, found.expires_at)


def test_it_is_made_again_to_the_cent_after_the_plan_was_published_anew(shelf: Shelf) -> None:
    """By the revision of its day, though another one is active now."""
    found = saved_estimate(shelf.engine, saved(shelf).link, NOW)
    published(shelf.engine, [Draft(definition(copay="55.00"))])
    assert found is not None
    again = made_again(shelf, found)

    assert again.estimate is not None
    assert ("40.00", "55.00") == (str(again.estimate.typical.owes), answered(shelf)["patient_owes"]["typical"])
    assert found.answer["inputs"] == again.estimate.inputs


def test_a_database_that_does_not_answer_is_no_estimate_that_cannot_be_made(shelf: Shelf, tmp_path: Path) -> None:
    """It is told as such, and not as a plan or a price that is gone."""
    found = saved_estimate(shelf.engine, saved(shelf).link, NOW)
    assert found is not None
    unreached = Shelf(engine_at(URL.create("sqlite", database=str(tmp_path / "gone" / "none.db"))), shelf.folder)

    for again in (made_again, owed_today):
        with pytest.raises(DatabaseUnavailable):
            again(unreached, found)


def test_it_is_made_again_from_the_clinics_lists_of_its_day(shelf: Shelf) -> None:
    """A copay above the contract's price is the price, then and again, though another list prices now."""
    request = {**REQUEST, "visits": [{"day": "2026-11-24", "services": [{"code": "97110", "minutes": 30}]}]}

    def answer() -> Mapping[str, Any]:
        estimate, plan = estimate_asked(read_request(request, DAY), shelf, prices=active_prices(shelf.engine))
        return answer_json(answer_of(estimate, plan, {}))

    contract = "plan,code,amount,basis\nevergreen,97110,15.00,per-unit\n"
    first = published_list(shelf.engine, Kind.CONTRACT, contract)
    secrets = save_estimate(shelf, {"visits": "1"}, request, answer(), 30, NOW)
    published_list(shelf.engine, Kind.CONTRACT, contract.replace("15.00", "18.00"), first)
    found = saved_estimate(shelf.engine, secrets.link, NOW)
    assert found is not None
    again = made_again(shelf, found)

    assert again.estimate is not None
    assert ("30.00", "36.00") == (str(again.estimate.typical.owes), answer()["patient_owes"]["typical"])


def test_it_is_made_again_with_the_coding_edits_of_its_moment(shelf: Shelf) -> None:
    """An edition activated since, by which the second code is never paid beside the first, prices new answers only."""
    lines = [{"code": code, "minutes": 15, "allowed": "15.00"} for code in ("97110", "97140")]
    request = {**REQUEST, "visits": [{"day": "2026-11-24", "services": lines}]}

    def owed() -> str:
        estimate, _ = estimate_asked(read_request(request, DAY), shelf, prices=active_prices(shelf.engine))
        return str(estimate.typical.owes)

    estimate, plan = estimate_asked(read_request(request, DAY), shelf, prices=active_prices(shelf.engine))
    answer = answer_json(answer_of(estimate, plan, {}))
    now = now_utc()
    link = save_estimate(shelf, {"visits": "1"}, request, answer, 30, now).link
    pair = Pair("97110", "97140", modifier_allowed=False, rationale="Mutually exclusive procedures")
    activate_edits(shelf.engine, Edition("v32.3", date(2026, 10, 1), ("f1.txt",), 1, {("97110", "97140"): pair}))
    found = saved_estimate(shelf.engine, link, now)
    assert found is not None
    again = made_again(shelf, found)

    assert again.estimate is not None
    assert ("30.00", "15.00") == (str(again.estimate.typical.owes), owed())


@pytest.mark.parametrize(("days", "is_there"), [(0, True), (6, True), (7, False), (8, False)])
def test_an_estimate_is_there_until_its_time_is_over(days: int, is_there: bool, shelf: Shelf) -> None:
    """To the moment."""
    link = saved(shelf, days=7).link

    assert is_there == (saved_estimate(shelf.engine, link, NOW + timedelta(days=days)) is not None)


def test_what_is_over_is_removed_by_the_next_save_and_by_the_command(shelf: Shelf) -> None:
    """Really removed: not only hidden."""
    saved(shelf, days=7)
    saved(shelf, days=7, now=NOW + timedelta(days=7))
    assert 1 == count(shelf)

    assert ((1, 0), 0) == (purge(shelf.engine, NOW + timedelta(days=14)), count(shelf))


def test_both_secrets_are_needed_to_remove_it(shelf: Shelf) -> None:
    """Then the row is gone."""
    secrets = saved(shelf)

    assert not remove_estimate(shelf.engine, Secrets(secrets.link, secrets.link))
    assert remove_estimate(shelf.engine, secrets)
    assert (0, None) == (count(shelf), saved_estimate(shelf.engine, secrets.link, NOW))
