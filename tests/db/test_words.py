"""The index of the words of plans: always as the plans are, and a search without it finds the same."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from estimator.cli.admin import db
from estimator.db import words
from estimator.db.connection import SQLITE, reading, writing
from estimator.plans import shelf as shelf_module
from estimator.plans.shelf import Draft, Shelf, Wanted
from estimator.publishing.database import backup, restore, status
from tests.db.sample import CATALOGUE, definition, published

SOUGHT = (
    *("silver", "gold care", "ev", "30", "Silver Evergreen", "medicare", "plan-1", "sil%", '"', "silver*", "NOT gold"),
    *("ambetter", "ambetter silver", "nothing at all", "K", "s\0i", "ßilver", "SILVER 3"),
)


def some_plans(number: int = 30) -> list[Draft]:
    """Plans whose names share words, of three markets, in two states and everywhere."""
    return [
        Draft(
            definition(
                f"plan-{place}",
                title=f"{('Silver', 'Gold', 'Evergreen Silver', 'Medicare Silver')[place % 4]} {place}",
                payer=("Evergreen Health", "Ambetter Health")[place % 2],
                market=("marketplace", "medicare", "employer")[place % 3],
                **({"states": ["WA", "OR"][: place % 3]} if place % 3 else {}),
            ),
        )
        for place in range(number)
    ]


def without_index(engine: Engine) -> None:
    """Remove the index, as where it couldn't be made."""
    with writing(engine) as connection:
        if engine.dialect.name == SQLITE:
            for change in ("insert", "delete", "update"):
                connection.execute(text(f"DROP TRIGGER {words.NAME}_{change}"))
            words.drop_index(connection)
        connection.commit()
    # What a connection remembers of the tables ends with it.
    engine.dispose()


def all_found(shelf: Shelf) -> list[object]:
    """What a search finds, counts and lists by payer, whole and in parts."""
    states, markets = (None, "WA", "OR", "TX"), (None, "medicare")
    wanted = [Wanted(said, state, market) for said in SOUGHT for state in states for market in markets]
    parts = [tuple(row for start in range(0, 32, 4) for row in shelf.search(one, 4, start)) for one in wanted]
    assert parts == [shelf.search(one) for one in wanted]
    return [parts, [(shelf.count(one), shelf.payers(one)) for one in wanted]]


def by_hand(shelf: Shelf, said: str) -> list[str]:
    """Find plans by their words, one by one, in the order of a list."""
    sought, rows = said.casefold(), shelf.search(Wanted())
    texts = {row.plan_id: f"{row.title} {row.payer} {row.plan_id}".casefold() for row in rows}
    found = [row for row in rows if all(word in texts[row.plan_id] for word in sought.split())]

    def place(row: shelf_module.PlanRow) -> tuple[bool, bool, str]:
        is_behind = "medicare" in sought.split() and row.market != "medicare"
        return is_behind, not texts[row.plan_id].startswith(sought), texts[row.plan_id]

    return [row.plan_id for row in sorted(found, key=place)]


@pytest.mark.parametrize("said", ["silver", "medicare silver", "medicare", "30", "evergreen silver", "gold 1", "1"])
@pytest.mark.parametrize("few", [0, 1_000])
def test_a_search_finds_what_holds_every_word(
    database: Engine, said: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same order whether they are looked up or read in order; what begins with the words is first."""
    monkeypatch.setattr(shelf_module, "_FEW", few)
    published(database, some_plans())
    shelf = Shelf(database)

    assert by_hand(shelf, said) == [row.plan_id for row in shelf.search(Wanted(said))]


def test_a_search_without_the_index_finds_the_same(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the words are so common that the index is not used, and in parts as a whole."""
    published(database, some_plans())
    shelf = Shelf(database)
    with_index = all_found(shelf)
    monkeypatch.setattr(shelf_module, "_FEW", 5)
    monkeypatch.setattr(shelf_module, "_FEW_TO_COUNT", 5)
    by_either = all_found(shelf)
    without_index(database)

    assert with_index == by_either == all_found(shelf)


def test_the_index_follows_what_is_published_and_withdrawn(database: Engine) -> None:
    """A new name is found, the old one no longer, nor what was withdrawn."""
    published(database, some_plans(6), CATALOGUE)
    published(database, [Draft(definition("plan-1", title="Cedar")), Draft(definition("plan-2"))], CATALOGUE)
    shelf = Shelf(database)

    assert ["plan-1"] == [row.plan_id for row in shelf.search(Wanted("cedar"))]
    assert [] == list(shelf.search(Wanted("gold 1")))
    assert [] == list(shelf.search(Wanted("plan-3")))
    if database.dialect.name == SQLITE:
        with reading(database) as connection:
            assert (1, 0) == tuple(
                len(words.revisions_holding(connection, [word], 9) or ()) for word in ("cedar", "gold")
            )


def test_the_index_is_made_again_from_a_backup(database: Engine, tmp_path: Path) -> None:
    """Nothing of the plans that were there before is found."""
    published(database, some_plans(4))
    backup(database, tmp_path / "kept.gz")
    published(database, [Draft(definition("cedar", title="Cedar"))])
    restore(database, tmp_path / "kept.gz", replace=True)
    shelf = Shelf(database)
    published(database, [Draft(definition("fir", title="Fir"))])

    assert ["fir"] == [row.plan_id for row in shelf.search(Wanted("fir"))]
    assert 0 == shelf.count(Wanted("cedar"))
    assert ["plan-3", "plan-0"] == [
        row.plan_id for row in shelf.search(Wanted("silver plan")) if row.plan_id != "plan-2"
    ]


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_the_status_says_whether_there_is_an_index(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where FTS5 is missing, a search reads every plan."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())

    assert "by the index of words" in CliRunner().invoke(db, ["status"]).output
    without_index(database)
    assert not status(database).is_indexed
    assert "reads every plan" in CliRunner().invoke(db, ["status"]).output


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_an_index_that_cannot_be_made_stops_nothing(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction goes on as if nobody had tried."""
    without_index(database)
    monkeypatch.setattr(words, "_ON_SQLITE", ("CREATE VIRTUAL TABLE plan_words USING nothing_like_it(search)",))
    with writing(database) as connection:
        connection.execute(text("CREATE TABLE kept (id INTEGER)"))

        assert not words.index_words(connection)
        connection.execute(text("INSERT INTO kept VALUES (1)"))
        connection.commit()
    with reading(database) as connection:
        assert 1 == connection.execute(text("SELECT count(*) FROM kept")).scalar_one()
