"""A database of the version before this one is brought up to date, and answers as it did."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, MetaData, insert, select

from estimator.db import migrations
from estimator.db.connection import engine_at, found_version, make_file, migrate, reading, writing
from estimator.db.migrations import HEAD
from estimator.db.tables import metadata
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.saved import made_again, save_estimate, saved_estimate
from estimator.plans.folder import Library
from estimator.plans.shelf import Draft, Shelf, Wanted
from estimator.publishing.database import upgrade
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from tests.db.sample import definition, published

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = date(2026, 11, 23)
VISIT = {"day": "2026-11-24", "services": [{"code": "97110", "minutes": 30, "allowed": "100.00"}]}
REQUEST: dict[str, Any] = {"plan": "evergreen", "visits": [VISIT]}


@pytest.fixture
def new(migrated_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """A database of this version, from which the older one is made."""
    file = tmp_path / "new.db"
    shutil.copy(migrated_file, file)
    engine = engine_at(URL.create("sqlite", database=str(file)))
    yield engine
    engine.dispose()


def version_before() -> str:
    """Return the version that the last migration starts from."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    before = ScriptDirectory.from_config(config).get_revision(HEAD).down_revision
    assert isinstance(before, str)
    return before


def made_as_before(old: Engine, new: Engine) -> None:
    """Fill a database of the version before with all that it can hold of what another one holds."""
    make_file(old)
    there = MetaData()
    with writing(old, checks_references=False) as connection, reading(new) as filled:
        migrate(connection, version_before())
        there.reflect(connection)
        for table in metadata.sorted_tables:
            if table.name in there.tables:
                columns = [column for column in table.c if column.name in there.tables[table.name].c]
                rows = [dict(row) for row in filled.execute(select(*columns)).mappings()]
                if rows:
                    connection.execute(insert(table), rows)
        connection.commit()


def answered(shelf: Shelf) -> dict[str, Any]:
    """Answer the request as pages and the API do."""
    estimate, plan = estimate_asked(read_request(REQUEST, DAY), shelf)
    return answer_json(answer_of(estimate, plan, {}))


def test_an_estimate_saved_before_the_upgrade_is_answered_the_same_after_it(
    new: Engine, empty: Engine, plans: Library
) -> None:
    """Its link still opens, it is made again to the cent, and a new answer is the same too."""
    published(new, [Draft(definition())])
    before = answered(Shelf(new, plans))
    secrets = save_estimate(Shelf(new, plans), {"visits": "1"}, REQUEST, before, 30, NOW)
    made_as_before(empty, new)

    assert version_before() == upgrade(empty)
    shelf = Shelf(empty, plans)
    assert secrets is not None
    saved = saved_estimate(empty, secrets.link, NOW)

    assert HEAD == found_version(empty)
    assert saved is not None
    again = made_again(shelf, saved)
    assert before == saved.answer == answered(shelf)
    assert again.estimate is not None
    assert "40.00" == str(again.estimate.typical.owes)


def test_what_is_saved_after_the_upgrade_takes_no_id_of_before(new: Engine, empty: Engine, plans: Library) -> None:
    """The database goes on as if it had always been of this version."""
    published(new, [Draft(definition())])
    shelf = Shelf(new, plans)
    first = save_estimate(shelf, {"visits": "1"}, REQUEST, answered(shelf), 30, NOW)
    made_as_before(empty, new)
    upgrade(empty)
    second = save_estimate(Shelf(empty, plans), {"visits": "1"}, REQUEST, answered(shelf), 30, NOW)

    assert first is not None
    assert second is not None
    assert all(saved_estimate(empty, secrets.link, NOW) for secrets in (first, second))


def test_plans_are_found_by_their_words_after_the_upgrade(new: Engine, empty: Engine, plans: Library) -> None:
    """The index of words is made of those that the version before has published."""
    published(new, [Draft(definition()), Draft(definition("cedar", title="Cedar Gold"))])
    made_as_before(empty, new)
    upgrade(empty)

    assert ["cedar"] == [row.plan_id for row in Shelf(empty, plans).search(Wanted("cedar gol"))]
