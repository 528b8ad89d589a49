"""The commands `estimator import …`: official files in, plans out; and the clinic's own prices.

A dry run by default: what was read, what was refused, and what would change. What a command needs is imported when it
runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.fees import fees
from estimator.cli.parts import told
from estimator.cli.price_lists import commands

if TYPE_CHECKING:
    from estimator.publishing.catalogues import Imported

_MOST_TOLD = 20
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_DAY = click.DateTime(formats=["%Y-%m-%d"])


def _choices(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every import may be told."""
    for option in (
        click.option("--by", default="", help="Who publishes, for the record."),
        click.option("--write-catalogue", "folder", type=click.Path(path_type=Path, file_okay=False),
                     help="Write the compact catalogue that ships with the product into this folder."),
        click.option("--activate", is_flag=True, help="Publish the plans; left out, nothing changes."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group("import")
def import_() -> None:
    """Read official files, or the clinic's own prices: a dry run that tells what would change, unless it publishes."""


import_.add_command(fees)
for clinic_list in commands():
    import_.add_command(clinic_list)


@import_.command()
@click.argument("benefits", type=_FILE)
@click.argument("attributes", type=_FILE)
@click.option("--read-on", type=_DAY, help="The day the files were read; left out, the newest day that the zips carry.")
@_choices
@told
def marketplace(
    benefits: Path, attributes: Path, read_on: datetime | None, activate: bool, folder: Path | None, by: str
) -> None:
    """Read the Marketplace's public use files BENEFITS and ATTRIBUTES, zipped as CMS ships them."""
    from estimator.publishing.catalogues import read_marketplace_files

    with _progress("Reading") as progress:
        imported = read_marketplace_files(benefits, attributes, progress, _day(read_on))
    _finish(imported, activate, folder, by)


@import_.command("medicare-advantage")
@click.argument("file", type=_FILE)
@click.option("--year", required=True, type=click.IntRange(2020, 2100), help="The plan year of the table.")
@click.option("--read-on", required=True, type=_DAY, help="The day on which the table was taken.")
@_choices
@told
def medicare_advantage(file: Path, year: int, read_on: datetime, activate: bool, folder: Path | None, by: str) -> None:
    """Read the table of Medicare Advantage plans in FILE (csv)."""
    from estimator.publishing.catalogues import read_medicare_advantage_file

    _finish(read_medicare_advantage_file(file, year, read_on.date()), activate, folder, by)


def _finish(imported: Imported, activate: bool, folder: Path | None, by: str) -> None:
    """Tell what was read, write the catalogue where one is wanted, and publish or tell what publishing would change."""
    _tell(imported)
    if folder is not None:
        from estimator.publishing.catalogues import write_shipped

        path = write_shipped(imported, folder)
        click.echo(f"Written: {path} ({path.stat().st_size:,} bytes).")
    if activate:
        _activate(imported, by)
    elif folder is None:
        _compare(imported)


def _tell(imported: Imported) -> None:
    head = imported.head
    click.echo(f"{head.title}, {', '.join(one['file'] for one in head.inputs)}")
    for words, number in imported.counted.items():
        click.echo(f"  {number:>9,}  {words}")
    for issuer, (understood, quoted) in imported.text.items():
        if quoted:
            click.echo(f"    {issuer}: {understood:,} sentences understood, {quoted:,} kept as a quote")
    for problem in imported.refused[:_MOST_TOLD]:
        click.echo(str(problem), err=True)
    if len(imported.refused) > _MOST_TOLD:
        click.echo(f"… and {len(imported.refused) - _MOST_TOLD:,} more.", err=True)


def _compare(imported: Imported) -> None:
    from estimator.db.connection import is_meant

    if not is_meant():
        click.echo("There is no database yet. Run `estimator db upgrade` first, to see what publishing would change.")
        return
    from estimator.db.connection import open_engine
    from estimator.publishing.catalogues import compare

    change = compare(open_engine(), imported)
    click.echo(f"{change.new:,} new, {change.changed:,} changed, {change.same:,} the same, {change.gone:,} gone.")
    click.echo("Nothing was published: this was a dry run. Add --activate to publish.")


def _activate(imported: Imported, by: str) -> None:
    from estimator.db.connection import open_engine
    from estimator.publishing.catalogues import activate as publish_imported
    from estimator.publishing.database import upgrade

    engine = open_engine()
    upgrade(engine)
    done = publish_imported(engine, imported, by)
    click.echo(f"{done.moved:,} plans published, {done.unchanged:,} unchanged, {done.withdrawn:,} withdrawn.")


@contextmanager
def _progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far reading has come, where somebody is looking."""
    with click.progressbar(length=100, label=words, file=sys.stderr) as shown:

        def step(done: int, total: int) -> None:
            shown.update(max(0, done * 100 // max(1, total) - shown.pos))

        yield step


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
