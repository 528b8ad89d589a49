"""The folder of plans in the database: all of it at first, then what changed, never over what a person published."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from estimator.db.connection import reading
from estimator.engine.values import Span
from estimator.plans.folder import Library
from estimator.plans.shelf import Draft, Shelf, Wanted, folder_shelf
from estimator.plans.store import last_import
from estimator.publishing.database import FOLDER, fill_from_folder, prepare
from estimator.publishing.publish import Published, publish
from tests.db.sample import BY_HAND

DAY = date(2026, 5, 1)
SILVER = "templates/marketplace-silver.yaml"
NAME = "template-marketplace-silver"
FILES = 6


def change(folder: Path, old: str, new: str, file: str = SILVER) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_first_start_publishes_every_plan_that_ships(empty: Engine, plans: Library) -> None:
    """With the same list, in the same order, as the folder."""
    told = prepare(empty)

    assert not told.problems
    assert len(plans.files()) == told.added
    heads = {(head.id, head.title, head.payer, head.states, head.in_force) for head in plans.catalogue()}
    rows = Shelf(empty).search(Wanted())
    assert heads == {(row.plan_id, row.title, row.payer, row.states, Span(row.first_day, row.last_day)) for row in rows}


def test_the_second_start_does_nothing(database: Engine, folder: Path) -> None:
    """Not even a line in the list of imports."""
    assert Published(added=FILES, moved=FILES) == fill_from_folder(database, Library(folder))
    with reading(database) as connection:
        first = last_import(connection, FOLDER)

    assert Published() == fill_from_folder(database, Library(folder))
    with reading(database) as connection:
        assert first == last_import(connection, FOLDER)


def test_a_changed_file_is_published(database: Engine, folder: Path) -> None:
    """And no other; changed back, the older revision is active again."""
    fill_from_folder(database, Library(folder))
    change(folder, "copay: 60.00", "copay: 65.00")
    there = fill_from_folder(database, Library(folder))
    change(folder, "copay: 65.00", "copay: 60.00")
    back = fill_from_folder(database, Library(folder))

    assert Published(added=1, moved=1, unchanged=FILES - 1) == there
    assert Published(moved=1, unchanged=FILES - 1) == back


def test_a_comment_is_no_new_revision(database: Engine, folder: Path) -> None:
    """What it says is the same."""
    fill_from_folder(database, Library(folder))
    change(folder, "kind: template", "kind: template  # as before")

    assert Published(unchanged=FILES) == fill_from_folder(database, Library(folder))


def test_a_changed_policy_is_a_new_revision_of_those_that_name_it(database: Engine, folder: Path) -> None:
    """The old revision still says what the policy said then."""
    fill_from_folder(database, Library(folder))
    shelf = Shelf(database, Library(folder))
    old = shelf.find(NAME, DAY)
    change(folder, "position: unknown", "position: excluded", "_policies/marketplace.yaml")
    told = fill_from_folder(database, Library(folder))
    newest, oldest = shelf.history(NAME)

    assert Published(added=1, moved=1, unchanged=FILES - 1) == told
    assert ["excluded", "unknown"] == [str(shelf.file_of(one.id).plan.policies[0].position) for one in (newest, oldest)]
    assert old == Shelf(database, Library(folder)).file_of(oldest.id).plan


def test_a_removed_file_is_withdrawn(database: Engine, folder: Path) -> None:
    """Its revisions stay in the history."""
    fill_from_folder(database, Library(folder))
    (folder / SILVER).unlink()

    assert Published(unchanged=FILES - 1, withdrawn=1) == fill_from_folder(database, Library(folder))
    assert len(Shelf(database).history(NAME)) == 1


def test_a_broken_file_is_told_and_withdraws_nothing(database: Engine, folder: Path) -> None:
    """The plan stays as it was; the mistake is told at every start until it is corrected."""
    fill_from_folder(database, Library(folder))
    change(folder, "copay: 60.00", "copay: sixty")
    for _ in range(2):
        told = fill_from_folder(database, Library(folder))

        assert {f"plans/{SILVER}"} == {problem.file for problem in told.problems}
        assert Published(unchanged=FILES - 1, problems=told.problems) == told
    assert Shelf(database).find(NAME, DAY).title


def test_the_same_plan_in_two_files_is_told(database: Engine, folder: Path) -> None:
    """The first in order of paths is published."""
    text = (folder / SILVER).read_text("utf-8")
    (folder / "templates" / "z.yaml").write_text(text.replace("60.00", "65.00"), "utf-8")
    told = fill_from_folder(database, Library(folder))

    assert FILES == told.added
    assert [f"The plan {NAME} from 2026-01-01 stands in plans/{SILVER} already."] == [
        problem.message for problem in told.problems
    ]


def test_what_somebody_published_outlasts_a_start(database: Engine, folder: Path) -> None:
    """Even where the file of the folder changes later."""
    fill_from_folder(database, Library(folder))
    change(folder, "copay: 60.00", "copay: 65.00")
    file = folder_shelf(folder).find_file(NAME, DAY)
    text = (folder / SILVER).read_text("utf-8")
    publish(database, [Draft(file.written, f"plans/{SILVER}", text)], Library(folder), BY_HAND)
    change(folder, "copay: 65.00", "copay: 70.00")

    assert Published(unchanged=FILES - 1, left=1) == fill_from_folder(database, Library(folder))
    assert file.plan == Shelf(database).find(NAME, DAY)
