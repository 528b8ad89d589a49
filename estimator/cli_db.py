"""The commands `estimator db …`: make the database, bring it up to date, keep a copy and bring one back.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import NoReturn, ParamSpec

import click

from estimator.errors import EstimatorError, Problem

P = ParamSpec("P")

_REFUSED = 2


def _told(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command end with problems in words and exit status 2 where something stops it."""

    @wraps(command)
    def telling(*args: P.args, **options: P.kwargs) -> None:
        try:
            command(*args, **options)
        except EstimatorError as error:
            from estimator.wording.errors import problems_of

            _stop(problems_of(error))

    return telling


def _stop(problems: Iterable[Problem]) -> NoReturn:
    click.echo("\n".join(map(str, problems)), err=True)
    sys.exit(_REFUSED)


@click.group()
def db() -> None:
    """Make the database, keep copies of it and bring them back."""


@db.command()
@_told
def upgrade() -> None:
    """Make the database or bring it up to date, and publish what is new in the folder of plans."""
    from estimator.store.connection import open_engine
    from estimator.usecases.database import prepare

    published = prepare(open_engine())
    for problem in published.problems:
        click.echo(str(problem), err=True)
    told = f"{published.moved} plans published, {published.withdrawn} withdrawn"
    click.echo(f"{told}." if published.has_changed else "The database is up to date.")


@db.command()
@_told
def status() -> None:
    """Print where the database is, the version of its tables, and how many plans are active."""
    from estimator.store.connection import open_engine
    from estimator.usecases.database import status as status_of

    found = status_of(open_engine())
    click.echo(f"Database  {found.address}")
    click.echo(f"Version   {found.version or 'none'} (this program needs {found.needed})")
    click.echo(f"Plans     {found.plans:,} active")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@_told
def backup(file: Path) -> None:
    """Write everything that the database holds to FILE, which either engine can read back."""
    from estimator.store.connection import open_engine
    from estimator.usecases.database import backup as write_backup

    rows = write_backup(open_engine(), file)
    click.echo(f"{rows:,} rows written to {file}.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of what the database holds now.")
@_told
def restore(file: Path, replace: bool) -> None:
    """Fill the database from FILE, which `estimator db backup` wrote."""
    from estimator.store.connection import open_engine
    from estimator.usecases.database import restore as read_backup

    rows = read_backup(open_engine(), file, replace=replace)
    click.echo(f"{rows:,} rows read from {file}.")
