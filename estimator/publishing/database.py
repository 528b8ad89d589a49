"""Make the database, bring it up to date, and fill it with the plans that ship with the product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine

from estimator.clock import now_utc
from estimator.db.backup import check_backup, read_backup, write_backup
from estimator.db.connection import (
    drop_tables,
    found_version,
    is_meant,
    make_file,
    memory_engine,
    migrate,
    reading,
    require_ready,
    version,
    writing,
)
from estimator.db.migrations import HEAD
from estimator.db.words import drop_index, has_index
from estimator.errors import BackupRefused, DatabaseNotEmpty, PlanFileRefused, Problem
from estimator.files import written_whole
from estimator.plans.folder import Library, library
from estimator.plans.shared import shown
from estimator.plans.shelf import FOLDER, Draft, Shelf, Wanted, count, open_shelf
from estimator.plans.store import last_import
from estimator.plans.text import plain
from estimator.publishing.catalogues import fill_from_catalogues
from estimator.publishing.publish import Occasion, Published, publish
from estimator.settings import plans_folder


@dataclass(frozen=True, slots=True)
class Status:
    """What stands where: the address without its password, the version of the tables and the active plans.

    `is_indexed`: a search of plans by words doesn't read all of them.
    """

    address: str
    version: str | None
    needed: str
    plans: int
    is_indexed: bool


def prepare(engine: Engine) -> Published:
    """Make the database ready for use, however it was found; many processes may start at once."""
    upgrade(engine)
    return fill_from_folder(engine)


def upgrade(engine: Engine) -> str | None:
    """Bring the tables to our version; return the version that they had, None where there were none."""
    make_file(engine)
    with reading(engine) as connection:
        if version(connection) == HEAD:
            return HEAD
    with writing(engine) as connection:
        found = version(connection)
        if found != HEAD:
            migrate(connection)
            connection.commit()
    return found


def status(engine: Engine) -> Status:
    """Return what stands where."""
    found, plans, is_indexed = found_version(engine), 0, False
    if found == HEAD:
        with reading(engine) as connection:
            plans, is_indexed = count(connection, Wanted()), has_index(connection)
    return Status(engine.url.render_as_string(hide_password=True), found, HEAD, plans, is_indexed)


def backup(engine: Engine, path: Path) -> int:
    """Write everything that is kept to a file, as it is at this moment; return the number of rows."""
    require_ready(engine)
    try:
        with reading(engine) as connection, written_whole(path) as target:
            rows = write_backup(connection, target, now_utc())
    except OSError as error:
        words = f"It cannot be written: {error.strerror}. Name a file in a folder that is there."
        raise BackupRefused((Problem("backup", words, str(path)),)) from error
    return rows


def restore(engine: Engine, path: Path, *, replace: bool = False) -> int:
    """Fill the database from a backup, whole or not at all; return the number of rows.

    Raises BackupRefused where the file is damaged, and DatabaseNotEmpty where there are plans and none are to go.
    """
    made_by, _ = check_backup(path)
    make_file(engine)
    with writing(engine, checks_references=False) as connection:
        if version(connection) == HEAD and not replace and (plans := count(connection, Wanted())):
            raise DatabaseNotEmpty(plans)
        # Rows cannot be removed from tables that are only inserted into: the tables are made anew.
        drop_tables(connection)
        drop_index(connection)
        migrate(connection, made_by)
        rows = read_backup(connection, path)
        migrate(connection)
        connection.commit()
    return rows


def fill_from_folder(engine: Engine, plans: Library | None = None) -> Published:
    """Publish what is new in the folder of plans; what somebody published here in its place is left alone.

    Files with mistakes are left out and told; as long as there are any, no plan of the folder is withdrawn.
    """
    require_ready(engine)
    shelf = plans or library(plans_folder())
    mark = _folder_mark(shelf.folder)
    with reading(engine) as connection:
        last = last_import(connection, FOLDER)
    if last and last.fingerprint == mark and not last.problems:
        return Published()
    drafts, problems = _drafts(shelf)
    occasion = Occasion(
        FOLDER,
        leaves_others=True,
        withdraws_rest=not problems,
        is_checked=True,
        fingerprint=mark,
        problems=problems,
    )
    return publish(engine, drafts, shelf, occasion)


def _drafts(shelf: Library) -> tuple[list[Draft], tuple[Problem, ...]]:
    """Return what can be read of the folder, and what is wrong with the rest."""
    drafts: dict[object, Draft] = {}
    problems: list[Problem] = []
    for path in shelf.files():
        try:
            file = shelf.read_file(path)
        except PlanFileRefused as refused:
            problems += refused.problems
            continue
        draft = Draft(plain(file.written), shown(shelf.folder, path), path.read_text("utf-8-sig"))
        if draft.key in drafts:
            words = f"The plan {draft.key[0]} from {draft.key[1]} stands in {drafts[draft.key].file} already."
            problems.append(Problem("plan", words, draft.file))
        drafts.setdefault(draft.key, draft)
    return list(drafts.values()), tuple(problems)


def _folder_mark(folder: Path) -> str:
    return sha256(b"".join(_signed(path, folder) for path in sorted(folder.rglob("*.yaml")))).hexdigest()


def _signed(path: Path, folder: Path) -> bytes:
    return f"{shown(folder, path)}\0".encode() + sha256(path.read_bytes()).digest()


# ----------------------------------------------------------------------------
# The first start: a database made, and filled with the plan files and the catalogues that ship.
# ----------------------------------------------------------------------------


def make_ready(engine: Engine, told: Callable[[str], None] = lambda words: None) -> Published:
    """Bring a database up to date however it was found; where nothing is new this takes milliseconds.

    `told` gets a line before each catalogue that takes seconds to publish.
    """
    from_files = prepare(engine)
    filled = [from_files, *fill_from_catalogues(engine, told=told).values()]
    return Published(
        added=sum(one.added for one in filled),
        moved=sum(one.moved for one in filled),
        unchanged=sum(one.unchanged for one in filled),
        left=sum(one.left for one in filled),
        withdrawn=sum(one.withdrawn for one in filled),
        problems=tuple(problem for one in filled for problem in one.problems),
    )


# ----------------------------------------------------------------------------
# What pages answer from: the database, or a whole one in memory, filled from the folder of plans at start.
# ----------------------------------------------------------------------------


def ready_shelf() -> Shelf:
    """Return the plans of the database where one is meant or made, else those of the folder as they now are."""
    return open_shelf() if is_meant() else shelf_in_memory(library(plans_folder()))[0]


def shelf_in_memory(plans: Library) -> tuple[Shelf, Published]:
    """Fill a new database in memory from a folder of plans; return it, and what was published or left out."""
    engine = memory_engine()
    upgrade(engine)
    return Shelf(engine, plans), fill_from_folder(engine, plans)
