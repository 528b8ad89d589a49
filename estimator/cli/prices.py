"""The commands `estimator import …`: official files and the clinic's own prices in.

A dry run by default: what was read, what would change, what is wrong. What a command needs is imported when it runs, as
in `cli`, which this command belongs to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estimator.cli.common import as_json, engine_to_compare, told, upgraded_engine
from estimator.engine.values import Money, Rate

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from estimator.engine.coding import Pair
    from estimator.prices.fee_changes import Change
    from estimator.prices.store import Entry
    from estimator.publishing.catalogues import Imported
    from estimator.publishing.clinic_lists import Drift, Moved
    from estimator.publishing.fees import Compared, ReadFees
    from estimator.publishing.official_tables import ComparedEdits

_MOST_FEES_TOLD = 12
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--edition", default="", help="The edition, such as v32.3; left out, the names of the files tell it.")
@click.option("--by", default="", help="Who publishes, for the record.")
@click.option("--activate", is_flag=True, help="Use this edition from now on; left out, nothing changes.")
@click.option("--json", "as_json_", is_flag=True, help="Print what would change as JSON.")
@told
def ncci(files: tuple[Path, ...], edition: str, by: str, activate: bool, as_json_: bool) -> None:
    """Read the quarterly coding edits (practitioner PTP) from every file of one edition: zip, txt, csv or xlsx."""
    from estimator.publishing.official_tables import activate_edits, compare_edits

    engine = upgraded_engine() if activate else engine_to_compare()
    with _fees_progress("Reading") as step:
        compared = compare_edits(engine, files, edition, step)
    click.echo(as_json(_edits_json(compared)) if as_json_ else "\n".join(_edits_lines(compared)))
    if activate and engine:
        is_new = activate_edits(engine, compared.edition, by)
        click.echo(f"In use now: {compared.edition.name}." if is_new else "It was in use already.", err=as_json_)
    else:
        click.echo("Nothing was published: this was a dry run. Add --activate to publish.", err=as_json_)


def _edits_lines(compared: ComparedEdits) -> Iterator[str]:
    edition, change = compared.edition, compared.change
    yield f"NCCI practitioner edits {edition.name}, from {edition.first_day}, {', '.join(edition.files)}"
    for words, number in compared.counted.items():
        yield f"  {number:>9,}  {words}"
    yield f"Against {compared.against.edition}:"
    for words, pairs in (("added", change.added), ("gone", change.gone)):
        yield f"  {len(pairs):,} edits {words}{_some(f'{pair.column_one}/{pair.column_two}' for pair in pairs)}"
    moved = (
        f"{after.column_one}/{after.column_two} {int(before.modifier_allowed)} → {int(after.modifier_allowed)}"
        for before, after in change.changed
    )
    yield f"  {len(change.changed):,} edits of another indicator{_some(moved)}"


def _edits_json(compared: ComparedEdits) -> dict[str, Any]:
    def told_of(pair: Pair) -> dict[str, Any]:
        indicator = "1" if pair.modifier_allowed else "0"
        return {"column_one": pair.column_one, "column_two": pair.column_two, "indicator": indicator}

    edition, change = compared.edition, compared.change
    return {
        "edition": edition.name,
        "first_day": edition.first_day.isoformat(),
        "files": list(edition.files),
        "counted": compared.counted,
        "against": compared.against.edition,
        "added": [told_of(pair) for pair in change.added],
        "gone": [told_of(pair) for pair in change.gone],
        "changed": [{"before": told_of(before), "after": told_of(after)} for before, after in change.changed],
    }


class _Percent(click.ParamType[Rate]):
    """A percentage written with its sign."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Rate:
        """Read the percentage."""
        try:
            return value if isinstance(value, Rate) else Rate.parse(str(value))
        except ValueError:
            self.fail(f"Enter a percentage such as 5%, not {str(value)!r}.", param, ctx)


@click.command()
@click.option("--rvu", required=True, type=_FILE, help="The relative values: PPRRVU….")
@click.option("--gpci", required=True, type=_FILE, help="The price indices: GPCI….")
@click.option("--localities", required=True, type=_FILE, help="The counties of the localities: ..LOCCO….")
@click.option("--zips", required=True, type=_FILE, help="The localities of ZIP codes: ZIP5….")
@click.option(
    "--moved", default="5%", show_default=True, type=_Percent(), help="Tell codes that move by more than this."
)
@click.option("--by", default="", help="Who publishes, for the record.")
@click.option("--activate", is_flag=True, help="Make it the active price book; left out, nothing changes.")
@told
def fees(rvu: Path, gpci: Path, localities: Path, zips: Path, moved: Rate, by: str, activate: bool) -> None:
    """Read Medicare's fee schedule from the files that CMS ships (zip, csv, txt or xlsx), all of one year."""
    from estimator.prices.cms_files import FeeFiles
    from estimator.publishing.fees import compare_fees, read_fees

    with _fees_progress("Reading") as step:
        read = read_fees(FeeFiles(rvu, gpci, localities, zips), step)
    _tell_fees(read)
    engine = upgraded_engine() if activate else engine_to_compare()
    compared = compare_fees(engine, read, moved)
    _compare_fees(compared, moved)
    if activate and engine:
        from estimator.publishing.fees import activate_fees

        number = activate_fees(engine, read, compared.base, by)
        same = number == compared.base.book_id
        click.echo("It was active already." if same else f"Active now: revision {number} of {read.schedule.year}.")
    else:
        click.echo("Nothing was published: this was a dry run. Add --activate to publish.")


def _tell_fees(read: ReadFees) -> None:
    schedule = read.schedule
    factor = f"{schedule.rvus.factor // 10_000}.{schedule.rvus.factor % 10_000:04d}"
    click.echo(f"Medicare's fee schedule of {schedule.year}, {schedule.release}, conversion factor ${factor}")
    click.echo(f"  from {', '.join(schedule.files)}")
    for words, number in read.counted.items():
        click.echo(f"  {number:>7,}  {words}")
    if read.missing:
        click.echo(f"Worth a look: there is no row for {', '.join(read.missing)}.", err=True)


def _compare_fees(compared: Compared, more_than: Rate) -> None:
    change = compared.change
    if change is None:
        click.echo("There is no book of this year yet: everything is new.")
        return
    click.echo(f"Against {compared.against}:")
    if change.is_empty:
        click.echo("  nothing differs.")
        return
    for line in _changed(change, more_than):
        click.echo(f"  {line}")


def _changed(change: Change, more_than: Rate) -> Iterator[str]:
    for words, codes in (("added", change.added), ("gone", change.gone)):
        yield f"{len(codes):,} codes {words}{_some(' '.join(code).strip() for code in codes)}"
    moves = (
        f"{' '.join(one.code).strip()} {one.setting} {_amount(one.before)} → {_amount(one.after)}"
        for one in change.moved
    )
    yield f"{len(change.moved):,} amounts moved by more than {more_than}{_some(moves)}"
    states = (f"{' '.join(code).strip()} {before} → {after}" for code, before, after in change.restated)
    yield f"{len(change.restated):,} codes of another status{_some(states)}"
    if change.factor[0] != change.factor[1]:
        before, after = (f"{factor // 10_000}.{factor % 10_000:04d}" for factor in change.factor)
        yield f"conversion factor ${before} → ${after}"
    for words, counted in (("localities", change.localities), ("ZIP codes", change.zips)):
        yield f"{words}: {counted.added:,} added, {counted.gone:,} gone, {counted.changed:,} changed"


def _some(all_of_them: Iterable[str]) -> str:
    remaining = iter(all_of_them)
    first = list(islice(remaining, _MOST_FEES_TOLD))
    more = sum(1 for _ in remaining)
    return f": {', '.join(first)}{f' … and {more:,} more' if more else ''}" if first else ""


def _amount(amount: Money | None) -> str:
    return "none" if amount is None else f"${amount}"


@contextmanager
def _fees_progress(words: str) -> Iterator[Callable[[int], None]]:
    """Show how far reading has come, where somebody is looking."""
    with click.progressbar(length=100, label=words, file=sys.stderr) as shown:
        yield lambda percent: shown.update(max(0, percent - shown.pos))


# ----------------------------------------------------------------------------
# The commands `estimator import contract`, `self-pay` and `factors`: a clinic's own prices in, from CSV or a
# workbook.
#
# A dry run by default, which tells what would change. What a command needs is imported when it runs, as in `cli`.
# ----------------------------------------------------------------------------

_MOST_TOLD = 20
_WORDS = {
    "contract": "Read what plans and payers allow, by the clinic's contracts, from FILE (CSV or Excel).",
    "self-pay": "Read what the clinic asks of people without a plan, from FILE (CSV or Excel).",
    "factors": "Read what the clinic counts for a new or a senior provider, from FILE (CSV or Excel).",
}


def commands() -> Iterator[click.Command]:
    """Yield a command for each kind of list."""
    for kind, words in _WORDS.items():
        yield _command(kind, words)


def _command(kind: str, words: str) -> click.Command:
    @click.command(kind, help=words)
    @click.argument("file", type=_FILE)
    @click.option("--by", default="", help="Who publishes; needed with --activate.")
    @click.option("--note", default="", help="Why, such as: contract of 2027; needed with --activate.")
    @click.option("--activate", is_flag=True, help="Let the list price from now on; left out, nothing changes.")
    @told
    def command(file: Path, by: str, note: str, activate: bool) -> None:
        _import(kind, file, by, note, activate)

    return command


def _import(kind: str, file: Path, by: str, note: str, activate: bool) -> None:
    from estimator import clock
    from estimator.cli.common import engine_to_compare, upgraded_engine
    from estimator.plans.shelf import Shelf, open_shelf
    from estimator.prices.store import Kind
    from estimator.publishing.clinic_lists import active_list, drift_between, publish_list, read_named_list
    from estimator.publishing.drafts import Signed

    engine: Engine | None = upgraded_engine() if activate else engine_to_compare()
    new = read_named_list(Shelf(engine) if engine else open_shelf(), Kind(kind), file.read_bytes(), file.name)
    active = active_list(engine, new.kind) if engine else None
    click.echo(f"{file.name}: {len(new.entries):,} rows.")
    for written, name in new.read_as.items():
        click.echo(f"  “{written}” is read as {name}.")
    if new.unknown_codes:
        click.echo(f"  Worth a look: no estimate prices {', '.join(new.unknown_codes[:_MOST_TOLD])}.")
    for line in told_drift(drift_between(active.entries if active else (), new.entries, clock.today())):
        click.echo(f"  {line}")
    base = active.kept.id if active else None
    if activate and engine:
        number = publish_list(engine, new, base, Signed(by, note))
        click.echo("It is active already." if number == base else f"Active now: list {number}.")
    else:
        click.echo("Nothing was published: this was a dry run. Add --activate, --by and --note to publish.")


def told_drift(drift: Drift) -> Iterator[str]:
    """Yield what a new list changes in words, the largest changes first."""
    yield f"{len(drift.added):,} new, {len(drift.gone):,} gone, {len(drift.moved):,} changed, {drift.same:,} the same."
    for moved in drift.moved[:_MOST_TOLD]:
        yield _moved(moved)
    if len(drift.moved) > _MOST_TOLD:
        yield f"… and {len(drift.moved) - _MOST_TOLD:,} more."
    for entry in drift.gone[:_MOST_TOLD]:
        yield f"gone: {_says(entry)}"
    for lapse in drift.lapses[:_MOST_TOLD]:
        what = " ".join(filter(None, lapse.subject))
        yield f"Worth a look: {what} has no price from {lapse.first_day} to {lapse.last_day}."
    for day, rows in drift.ending.items():
        yield f"Worth a look: {rows:,} prices end on {day}, and nothing follows."


def _moved(moved: Moved) -> str:
    from estimator.wording.words import signed_share

    share = f" ({signed_share(moved.per_mille)})" if moved.per_mille is not None else ""
    return f"{_says(moved.before)} → {_says(moved.after, named=False)}{share}"


def _says(entry: Entry, *, named: bool = True) -> str:
    from estimator.prices.store import cells_of

    cells = cells_of(entry)
    days = f"{cells['first_day'] or 'always'} to {cells['last_day'] or 'further notice'}"
    what = " ".join(filter(None, entry.subject)) if named else ""
    figure = cells.get("amount") or cells.get("percent", "")
    return " ".join(filter(None, (what, figure, cells.get("basis", ""), f"[{days}]")))


# ----------------------------------------------------------------------------
# The commands `estimator import …`: official files in, plans out; and the clinic's own prices.
#
# A dry run by default: what was read, what was refused, and what would change. What a command needs is imported when
# it runs, as in `cli`, which these commands belong to.
# ----------------------------------------------------------------------------

_DAY = click.DateTime(formats=["%Y-%m-%d"])


def _choices(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every import may be told."""
    for option in (
        click.option("--by", default="", help="Who publishes, for the record."),
        click.option(
            "--write-catalogue",
            "folder",
            type=click.Path(path_type=Path, file_okay=False),
            help="Write the compact catalogue that ships with the product into this folder.",
        ),
        click.option("--activate", is_flag=True, help="Publish the plans; left out, nothing changes."),
    ):
        command = option(command)
    return command


@click.group("import")
def import_() -> None:
    """Read official files, or the clinic's own prices: a dry run that tells what would change, unless it publishes."""


import_.add_command(fees)
import_.add_command(ncci)
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


@import_.command("medicare-advantage-pbp")
@click.argument("file", type=_FILE)
@click.option("--read-on", type=_DAY, help="The day the file was read; left out, the newest day that the zip carries.")
@_choices
@told
def medicare_advantage_pbp(file: Path, read_on: datetime | None, activate: bool, folder: Path | None, by: str) -> None:
    """Read Medicare's official benefit file of Medicare Advantage plans (pbp-benefits-….zip) in FILE."""
    from estimator.publishing.catalogues import read_benefit_zip

    _finish(read_benefit_zip(file, _day(read_on)), activate, folder, by)


@import_.command("plan-crosswalk")
@click.argument("file", type=_FILE)
@click.option("--year", type=click.IntRange(2020, 2100), help="The year that plans go to, where the name has none.")
@click.option("--by", default="", help="Who publishes, for the record.")
@click.option("--activate", is_flag=True, help="Use it from now on; left out, nothing changes.")
@told
def plan_crosswalk(file: Path, year: int | None, by: str, activate: bool) -> None:
    """Read where plans go when their year ends, from the crosswalk of Medicare Advantage or the Marketplace in FILE."""
    from estimator.plans.crosswalk import read_crosswalk
    from estimator.publishing.official_tables import activate_crosswalk, compare_crosswalk

    crosswalk = read_crosswalk(file, year)
    click.echo(f"Plan crosswalk of {crosswalk.market} into {crosswalk.year}, {crosswalk.file}")
    for words, number in crosswalk.counted.items():
        click.echo(f"  {number:>9,}  {words}")
    engine = upgraded_engine() if activate else engine_to_compare()
    change = compare_crosswalk(engine, crosswalk)
    click.echo(f"{change.new:,} new, {change.changed:,} changed, {change.same:,} the same, {change.gone:,} gone.")
    if activate and engine:
        is_new = activate_crosswalk(engine, crosswalk, by)
        click.echo("In use now." if is_new else "It was in use already.")
    else:
        click.echo("Nothing was published: this was a dry run. Add --activate to publish.")


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
