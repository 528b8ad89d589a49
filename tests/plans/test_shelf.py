"""Plans of the database answer like those of the folder, and are found among thousands."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine

from estimator.db.connection import engine_at, is_in_memory, make_file
from estimator.errors import DatabaseNotReady, DatabaseUnavailable, PlanNotInForce, UnknownPlan
from estimator.estimates.contract import read_request
from estimator.estimates.examples import request_of
from estimator.estimates.run import estimate_asked
from estimator.plans.folder import Library
from estimator.plans.read import PlanFile
from estimator.plans.shelf import Draft, PayerRow, Shelf, Wanted, folder_shelf, open_shelf
from estimator.settings import plans_folder
from tests.db.sample import CATALOGUE, definition, published

DAY = date(2026, 5, 1)


def questions(plans: Library) -> Iterator[tuple[PlanFile, dict[str, object]]]:
    for path in plans.files():
        file = plans.read_file(path)
        for example in file.examples:
            yield file, {"plan": file.plan.id, **request_of(example.given, file.plan)}


@pytest.mark.slow_for("postgresql")
def test_every_example_is_answered_like_from_the_folder(filled: Engine, plans: Library) -> None:
    """The whole estimate is equal: amounts, reasons, the lines of the files, and what it can be reproduced from."""
    shelves = (folder_shelf(plans.folder), Shelf(filled, plans))
    asked = [read_request(request, DAY) for _, request in questions(plans)]

    assert len(asked) > 100
    for one in asked:
        from_folder, from_database = (estimate_asked(one, shelf) for shelf in shelves)

        assert from_folder == from_database


def test_every_definition_kept_as_json_is_the_same_plan(database: Engine, plans: Library) -> None:
    """But for the lines of the file, which JSON has not."""
    files = [plans.read_file(path) for path in plans.files()]
    published(database, [Draft(file.written) for file in files])
    shelf = Shelf(database, plans)

    for file in files:
        kept = shelf.find_file(file.plan.id, file.plan.in_force.first_day or DAY)
        assert (file.plan.fingerprint, file.written) == (kept.plan.fingerprint, kept.written)


def test_a_plan_there_is_not_is_unknown(database: Engine) -> None:
    """As in the folder."""
    with pytest.raises(UnknownPlan):
        Shelf(database).find("nobodys", DAY)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_a_plan_that_holds_on_other_days_says_which(database: Engine, day: date) -> None:
    """The day before the first, and the day after the last."""
    published(database, [Draft(definition())])

    assert "evergreen" == Shelf(database).find("evergreen", date(2026, 1, 1)).id
    assert "evergreen" == Shelf(database).find("evergreen", date(2026, 12, 31)).id
    with pytest.raises(PlanNotInForce) as refusal:
        Shelf(database).find("evergreen", day)
    assert (date(2026, 1, 1), date(2026, 12, 31)) == (refusal.value.first_day, refusal.value.last_day)


@pytest.fixture
def shelf(database: Engine) -> Shelf:
    """Four plans that differ in everything a search asks for."""
    some = [
        Draft(definition("alpha", states=["WA"], title="Alpha Care 100% HMO"), metal_level="silver"),
        Draft(
            definition("beta", states=["WA", "OR"], title="Bêta Plus", payer="Beta Mutual"), also_called="12345WA0010"
        ),
        Draft(definition("gamma", market="employer", title="Gamma PPO")),
        Draft(
            definition("delta", title="Delta PPO", in_force={"first_day": "2025-01-01", "last_day": "2025-12-31"}),
            metal_level="gold",
        ),
    ]
    published(database, some, CATALOGUE)
    return Shelf(database)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["alpha", "beta", "delta", "gamma"]),
        (Wanted("ppo"), ["delta", "gamma"]),
        (Wanted("  PPO  gam"), ["gamma"]),
        (Wanted("ppo alpha"), []),
        (Wanted("12345wa"), ["beta"]),
        (Wanted("BÊTA"), ["beta"]),
        (Wanted("100%"), ["alpha"]),
        (Wanted("1%0"), []),
        (Wanted("_"), []),
        (Wanted("'; DROP TABLE active_plans; --"), []),
        (Wanted("x" * 10_000), []),
        (Wanted(state="WA"), ["alpha", "beta", "delta", "gamma"]),
        (Wanted(state="OR"), ["beta", "delta", "gamma"]),
        (Wanted(state="%"), ["delta", "gamma"]),
        (Wanted(market="employer"), ["gamma"]),
        (Wanted(payer="Beta Mutual"), ["beta"]),
        (Wanted(metal="gold"), ["delta"]),
        (Wanted(kind="published"), []),
        (Wanted(day=date(2025, 12, 31)), ["delta"]),
        (Wanted(day=date(2026, 1, 1)), ["alpha", "beta", "gamma"]),
        (Wanted("silver", state="WA", market="marketplace", metal="silver", day=DAY), ["alpha"]),
    ],
)
def test_plans_are_found_by_what_people_know(shelf: Shelf, wanted: Wanted, found: list[str]) -> None:
    """Every word of the text must stand somewhere; signs of a pattern are only signs."""
    assert found == [row.plan_id for row in shelf.search(wanted)]
    assert len(found) == shelf.count(wanted)


@pytest.mark.parametrize(
    ("text", "state", "found"),
    [
        ("ambetter of north carolina", None, ["nc"]),
        ("Ambeter silver", None, ["fl", "nc"]),
        ("ambetter silver", "FL", ["fl"]),
        ("Ambetter platinum", None, []),
        ("Tripple S advantage", "PR", []),
        ("evergreen", None, ["none"]),
    ],
)
def test_plans_are_found_by_a_name_of_their_insurer(
    database: Engine, text: str, state: str | None, found: list[str]
) -> None:
    """Also misspelled, and by the name that the insurer has in other states; the other words are the plan's."""
    one = {"title": "Essential Silver", "payer": "Ambetter Health", "states": ["FL"]}
    other = {"title": "Focused Silver", "payer": "Ambetter of North Carolina", "states": ["NC"]}
    published(database, [Draft(definition("fl", **one)), Draft(definition("nc", **other)), Draft(definition("none"))])

    assert found == [row.plan_id for row in Shelf(database).search(Wanted(text, state))]


def test_a_long_list_comes_in_parts(shelf: Shelf) -> None:
    """In the same order as the whole."""
    parts = [shelf.search(Wanted(), limit=3), shelf.search(Wanted(), limit=3, start=3)]

    assert shelf.search(Wanted()) == parts[0] + parts[1]
    assert [3, 1] == [len(part) for part in parts]


def test_a_row_says_what_a_list_shows(shelf: Shelf) -> None:
    """With the days it holds for and the states it is sold in."""
    [row] = shelf.search(Wanted("beta"))

    assert (("WA", "OR"), date(2026, 12, 31), None) == (row.states, row.last_day, row.metal_level)
    assert ("Bêta Plus", "marketplace 2026") == (row.title, row.origin)


def test_payers_come_with_the_number_of_their_plans(shelf: Shelf) -> None:
    """Of the state and market that were chosen."""
    assert (PayerRow("Beta Mutual", 1), PayerRow("Evergreen Health", 1)) == shelf.payers(
        Wanted(state="OR", market="marketplace")
    )


def test_without_a_database_the_folder_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed program works before anybody made one."""
    for name in ("DATABASE_URL", "ESTIMATOR_PLANS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path))

    assert open_shelf() is folder_shelf(plans_folder())
    assert is_in_memory(open_shelf().engine)


def test_a_database_of_another_version_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answering from the folder instead could mean other plans."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/old.db")
    make_file(engine_at(URL.create("sqlite", database=str(tmp_path / "old.db"))))

    with pytest.raises(DatabaseNotReady):
        open_shelf()


def test_a_file_that_is_no_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the engine says of it."""
    (tmp_path / "estimator.db").write_text("no database at all, but long enough to be taken for one" * 20, "utf-8")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("ESTIMATOR_PLANS", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path))

    with pytest.raises(DatabaseUnavailable, match="not a database"):
        open_shelf()
