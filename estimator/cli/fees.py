"""The command `estimator import fees`: CMS's fee schedule in, a price book out.

A dry run by default: what was read, what would change, what is wrong. What a command needs is imported when it runs, as
in `cli`, which this command belongs to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.engines import engine_to_compare, upgraded_engine
from estimator.cli.parts import told
from estimator.engine.values import Money, Rate

if TYPE_CHECKING:
    from estimator.prices.fee_changes import Change
    from estimator.publishing.fees import Compared, ReadFees

_MOST_TOLD = 12
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


class _Percent(click.ParamType[Rate]):
    """A percentage written with its sign."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Rate:
        """Read the percentage."""
        try:
            return value if isinstance(value, Rate) else Rate.parse(str(value))
        except ValueError:
            self.fail(f"Write a percentage such as 5%, not {str(value)!r}.", param, ctx)


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

    with _progress("Reading") as step:
        read = read_fees(FeeFiles(rvu, gpci, localities, zips), step)
    _tell(read)
    engine = upgraded_engine() if activate else engine_to_compare()
    compared = compare_fees(engine, read, moved)
    _compare(compared, moved)
    if activate and engine:
        from estimator.publishing.fees import activate_fees

        number = activate_fees(engine, read, compared.base, by)
        same = number == compared.base.book_id
        click.echo("It was active already." if same else f"Active now: revision {number} of {read.schedule.year}.")
    else:
        click.echo("Nothing was published: this was a dry run. Add --activate to publish.")


def _tell(read: ReadFees) -> None:
    schedule = read.schedule
    factor = f"{schedule.rvus.factor // 10_000}.{schedule.rvus.factor % 10_000:04d}"
    click.echo(f"Medicare's fee schedule of {schedule.year}, {schedule.release}, conversion factor ${factor}")
    click.echo(f"  from {', '.join(schedule.files)}")
    for words, number in read.counted.items():
        click.echo(f"  {number:>7,}  {words}")
    if read.missing:
        click.echo(f"Worth a look: there is no row for {', '.join(read.missing)}.", err=True)


def _compare(compared: Compared, more_than: Rate) -> None:
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
    first = list(islice(remaining, _MOST_TOLD))
    more = sum(1 for _ in remaining)
    return f": {', '.join(first)}{f' … and {more:,} more' if more else ''}" if first else ""


def _amount(amount: Money | None) -> str:
    return "none" if amount is None else f"${amount}"


@contextmanager
def _progress(words: str) -> Iterator[Callable[[int], None]]:
    """Show how far reading has come, where somebody is looking."""
    with click.progressbar(length=100, label=words, file=sys.stderr) as shown:
        yield lambda percent: shown.update(max(0, percent - shown.pos))
