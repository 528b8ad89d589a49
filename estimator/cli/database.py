"""The commands `estimator db …`: make the database, bring it up to date, keep a copy and bring one back.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

from pathlib import Path

import click

from estimator.cli.parts import told


@click.group()
def db() -> None:
    """Make the database, keep copies of it and bring them back."""


@db.command()
@told
def upgrade() -> None:
    """Make the database or bring it up to date, and publish what is new among the plans that ship."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import make_ready

    published = make_ready(open_engine(), click.echo)
    for problem in published.problems:
        click.echo(str(problem), err=True)
    told = f"{published.moved} plans published, {published.withdrawn} withdrawn"
    click.echo(f"{told}." if published.has_changed else "The database is up to date.")


@db.command()
@told
def status() -> None:
    """Print where the database is, the version of its tables, and how many plans are active."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import status as status_of

    found = status_of(open_engine())
    click.echo(f"Database  {found.address}")
    click.echo(f"Version   {found.version or 'none'} (this program needs {found.needed})")
    click.echo(f"Plans     {found.plans:,} active")


@db.command()
@told
def purge() -> None:
    """Remove the estimates whose time is over: those saved under a link, and those kept by the billing desk."""
    from estimator.billing.watch import purge as remove_expired
    from estimator.clock import now_utc
    from estimator.db.connection import open_engine

    gone = remove_expired(open_engine(), now_utc())
    click.echo(f"{gone.saved:,} saved estimates removed, {gone.given:,} given ones.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@told
def backup(file: Path) -> None:
    """Write everything that the database holds to FILE, which either engine can read back."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import backup as write_backup

    rows = write_backup(open_engine(), file)
    click.echo(f"{rows:,} rows written to {file}.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of what the database holds now.")
@told
def restore(file: Path, replace: bool) -> None:
    """Fill the database from FILE, which `estimator db backup` wrote."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import restore as read_backup

    rows = read_backup(open_engine(), file, replace=replace)
    click.echo(f"{rows:,} rows read from {file}.")
