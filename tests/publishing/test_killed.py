"""Killed at any moment, what is active is the old or the new, whole, and the next run works."""

import signal
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine

from estimator.db.connection import engine_at
from estimator.plans.folder import Library
from estimator.plans.shelf import Shelf, Wanted
from estimator.prices.store import market_in_use
from estimator.publishing.database import backup, fill_from_folder, restore, status, upgrade
from estimator.publishing.official_tables import publish_table
from tests.db import killing
from tests.db.sample import CATALOGUE, drafts, published

pytestmark = pytest.mark.slow_for("postgresql")

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.db.killing"])
LONGEST = 60
MOST_STEPS = 400
STARTS = 4
# Each run goes one stretch of statements further than the one before; the short stretches are `make test-slow`.
in_stretches = pytest.mark.parametrize("further", [30, pytest.param(4, marks=pytest.mark.slow)])


def started(work: Callable[[str, str, int], None], engine: Engine, what: str, at: int) -> ForkServerProcess:
    address = engine.url.render_as_string(hide_password=False)
    process = FORKS.Process(target=work, args=(address, what, at))
    process.start()
    return process


def was_killed(work: Callable[[str, str, int], None], engine: Engine, what: str, at: int) -> bool:
    """Tell whether the work was killed; if not, it came to its end."""
    process = started(work, engine, what, at)
    process.join(LONGEST)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def copays(engine: Engine) -> Counter[str]:
    """Return how many plans are active with each copay, all looked up in one moment."""
    shelf = Shelf(engine)
    plans = [shelf.file_of(row.revision_id).plan for row in shelf.search(Wanted())]
    return Counter(str(getattr(plan.benefits[0].cost_share["in-network"], "copay", None)) for plan in plans)


def test_killed_while_publishing(database: Engine) -> None:
    """Before every other statement in turn, until one run comes to its end."""
    old, new = "40.00", "50.00"
    published(database, drafts(old, killing.PLANS), CATALOGUE)
    at, before = 1, copays(database)
    while was_killed(killing.publish_and_die, database, new, at):
        assert before == copays(database)
        at += 4

    assert 20 < at < MOST_STEPS
    assert {new: killing.PLANS} == copays(database)


@in_stretches
def test_killed_at_the_first_start(address: URL, folder: Path, tmp_path: Path, further: int) -> None:
    """Whether tables or plans were being made, the next start makes them."""
    engine = engine_at(address)
    plans = len(Library(folder).files())
    at = 1
    while was_killed(killing.start_and_die, engine, str(folder), at):
        assert status(engine).plans in (0, plans)
        at += further

    assert 20 < at < MOST_STEPS
    assert plans == status(engine).plans
    engine.dispose()


@in_stretches
def test_killed_while_restoring(database: Engine, folder: Path, tmp_path: Path, further: int) -> None:
    """Tables that were removed for the backup are there again."""
    path = tmp_path / "kept.gz"
    other = engine_at(URL.create("sqlite", database=str(tmp_path / "other.db")))
    upgrade(other)
    published(other, drafts("50.00", killing.PLANS))
    backup(other, path)
    published(database, drafts("40.00", 4))
    at, before = 1, copays(database)
    while was_killed(killing.restore_and_die, database, str(path), at):
        assert before == copays(database)
        at += further

    assert 20 < at < MOST_STEPS
    assert {"50.00": killing.PLANS} == copays(database)


def test_killed_while_backing_up(database: Engine, tmp_path: Path) -> None:
    """The older backup is still whole, and nothing unfinished lies next to it."""
    path = tmp_path / "backups" / "kept.gz"
    path.parent.mkdir()
    published(database, drafts("40.00", 4))
    backup(database, path)
    before = path.read_bytes()
    at = 1
    while was_killed(killing.backup_and_die, database, str(path), at):
        assert before == path.read_bytes()
        assert [path] == list(path.parent.iterdir())
        at += 1

    assert 3 < at < MOST_STEPS
    restore(database, path, replace=True)
    assert {"40.00": 4} == copays(database)


@pytest.mark.slow
def test_killed_while_importing_rates(database: Engine) -> None:
    """What a payer pays clinics is as it was until all of it is as it will be."""

    def medians() -> list[str]:
        market = market_in_use(database)
        return [str(row.quantiles[2]) for row in market.rows] if market else []

    publish_table(database, killing.figures("40.00"))
    at = 1
    while was_killed(killing.import_rates_and_die, database, "50.00", at):
        assert ["40.00"] == medians()
        at += 1

    assert 5 < at < MOST_STEPS
    assert ["50.00"] == medians()


def test_many_starts_at_once(address: URL, folder: Path) -> None:
    """Each waits for the one that makes the database, and all come to their end."""
    engine = engine_at(address)
    processes = [started(killing.start_and_die, engine, str(folder), 0) for _ in range(STARTS)]
    for process in processes:
        process.join(LONGEST)

    assert [0] * STARTS == [process.exitcode for process in processes]
    assert len(Library(folder).files()) == status(engine).plans
    assert not fill_from_folder(engine, Library(folder)).has_changed
    engine.dispose()


def test_two_who_publish_at_once_take_turns(database: Engine) -> None:
    """The active plans are those of one of them, whole."""
    published(database, drafts("40.00", killing.PLANS), CATALOGUE)
    processes = [started(killing.publish_and_die, database, copay, 0) for copay in ("50.00", "60.00", "70.00")]
    seen: set[str] = set()
    while any(process.is_alive() for process in processes):
        found = copays(database)
        assert [killing.PLANS] == list(found.values())
        seen |= found.keys()
    for process in processes:
        process.join(LONGEST)

    assert [0, 0, 0] == [process.exitcode for process in processes]
    assert seen <= {"40.00", "50.00", "60.00", "70.00"}
    assert [killing.PLANS] == list(copays(database).values())
