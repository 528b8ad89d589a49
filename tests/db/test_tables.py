"""The tables are what the migrations make, and the database itself refuses to change what was published."""

from datetime import UTC, date, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from estimator.accounts.accounts import add_account
from estimator.accounts.sign_in import Person
from estimator.billing.calls import NewCall, enter_call
from estimator.billing.cases import open_case
from estimator.billing.given_estimates import insert_reconciliation
from estimator.billing.schedule_file import NAMES
from estimator.db import words
from estimator.db.connection import _SCRIPTS, make_file, reading, require_ready, writing
from estimator.db.migrations import HEAD
from estimator.db.tables import INSERT_ONLY, Moment, metadata
from estimator.engine.request import Call
from estimator.errors import DatabaseNotReady
from estimator.plans.folder import library
from estimator.plans.shelf import Draft, Shelf
from estimator.plans.text import yaml_of
from estimator.prices.coding_edits import Edition
from estimator.prices.store import Kind
from estimator.publishing.database import upgrade
from estimator.publishing.drafts import Signed, publish_text
from estimator.publishing.layers import publish_layers
from estimator.publishing.official_tables import activate_edits
from estimator.publishing.publish import NewBook, Occasion, publish_book
from estimator.settings import plans_folder
from tests.db.sample import definition, published
from tests.publishing.test_price_lists import SELF_PAY
from tests.publishing.test_price_lists import published as published_list

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LAYER = """
layer: unitedhealthcare-ma
title: UnitedHealthcare
insurers: [unitedhealthcare]
markets: [workers-comp]
in_force: {first_day: 2026-01-01}
"""
CHANGES = (
    "UPDATE {table} SET id = id + 100",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE id = 1",
)
CHANGES_OF_SQLITE = (
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "REPLACE INTO {table} SELECT * FROM {table}",
)
CHANGES_OF_POSTGRESQL = ("TRUNCATE {table} CASCADE",)


def roll_forth(engine: Engine) -> None:
    """Publish once more by hand."""
    text = yaml_of(definition(copay="41.00"))
    publish_text(engine, text, "a.yaml", 1, Signed("Ana", "Test"), library(plans_folder()))


def add_reconciliation(engine: Engine) -> None:
    """Keep what an EOB said."""
    amounts = {"estimated": 4000, "paid": 4000, "low": 4000, "high": 4000, "lines": []}
    about = {"given_id": 1, "visit": 1, "plan_id": "evergreen", "month": NOW.date()}
    with writing(engine) as connection:
        insert_reconciliation(connection, {"entered_at": NOW, "account_id": 1, **about, **amounts})
        connection.commit()


def test_the_head_is_the_last_migration() -> None:
    """The number is written down so that a start need not load Alembic."""
    assert [HEAD] == ScriptDirectory(str(_SCRIPTS)).get_heads()


def test_migrations_make_the_tables_that_the_program_names(database: Engine) -> None:
    """Nothing is missing, and nothing is of another kind."""
    with reading(database) as connection:
        # The index of words is no table of ours on SQLite, and isn't everywhere on PostgreSQL.
        ours = {"compare_type": True, "include_name": lambda name, *_: not str(name).startswith(words.NAME)}
        context = MigrationContext.configure(connection, opts=ours)

        assert [] == compare_metadata(context, metadata)


def test_an_upgrade_again_changes_nothing(database: Engine) -> None:
    """It says that the tables had our version already."""
    assert HEAD == upgrade(database)


def test_tables_that_are_not_there_are_told(empty: Engine) -> None:
    """With the version that is needed."""
    make_file(empty)
    with pytest.raises(DatabaseNotReady) as refusal:
        require_ready(empty)

    assert ("", HEAD) == (refusal.value.found, refusal.value.needed)


def test_what_was_published_cannot_be_changed(database: Engine) -> None:
    """Not even by somebody with a database tool in their hand."""
    published(database, [Draft(definition())])
    publish_book(database, NewBook(2026, "A", {"fees": {}}), Occasion("test"))
    add_account(database, "ana", "admin", "four blue herons")
    roll_forth(database)
    published_list(database, Kind.SELF_PAY, SELF_PAY)
    enter_call(database, NewCall("evergreen", "Evergreen", Call(date(2026, 3, 2), ())), Person(1, "ana", "admin"), NOW)
    add_reconciliation(database)
    activate_edits(database, Edition("v32.3", date(2026, 10, 1), ("f1.txt",), 0, {}))
    open_case(database, "A-1", dict.fromkeys(NAMES, "") | {"plan": "evergreen"}, Person(1, "ana", "admin"))
    publish_layers(Shelf(database, library(plans_folder())), LAYER, "uhc.yaml", Signed("Ana", "Test"))
    own = CHANGES_OF_SQLITE if database.dialect.name == "sqlite" else CHANGES_OF_POSTGRESQL
    for change in [change.format(table=table.name) for table in INSERT_ONLY for change in (*CHANGES, *own)]:
        with writing(database) as connection, pytest.raises(DBAPIError, match="only inserted into"):
            connection.execute(text(change))

    assert 12 <= len(INSERT_ONLY)


def test_a_moment_needs_a_time_zone(database: Engine) -> None:
    """Without one it could be any of 24, and it comes back in UTC."""
    with pytest.raises(ValueError, match="2026"):
        Moment().process_bind_param(datetime(2026, 1, 1), database.dialect)  # noqa: DTZ001

    assert datetime(2026, 1, 1, tzinfo=UTC) == Moment().process_result_value(datetime(2026, 1, 1), database.dialect)  # noqa: DTZ001
