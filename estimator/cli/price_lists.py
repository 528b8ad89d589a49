"""The commands `estimator import contract`, `self-pay` and `factors`: a clinic's own prices in, from CSV or a workbook.

A dry run by default, which tells what would change. What a command needs is imported when it runs, as in `cli`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.parts import told

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from estimator.prices.clinic_lists import Entry
    from estimator.publishing.clinic_lists import Drift, Moved

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
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
    from estimator.cli.engines import engine_to_compare, upgraded_engine
    from estimator.prices.clinic_lists import Kind
    from estimator.publishing.clinic_lists import active_list, drift_between, publish_list, read_new_list
    from estimator.publishing.drafts import Signed

    new = read_new_list(Kind(kind), file.read_bytes(), file.name)
    engine: Engine | None = upgraded_engine() if activate else engine_to_compare()
    active = active_list(engine, new.kind) if engine else None
    click.echo(f"{file.name}: {len(new.entries):,} rows.")
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
    from estimator.prices.clinic_lists import cells_of

    cells = cells_of(entry)
    days = f"{cells['first_day'] or 'always'} to {cells['last_day'] or 'further notice'}"
    what = " ".join(filter(None, entry.subject)) if named else ""
    figure = cells.get("amount") or cells.get("percent", "")
    return " ".join(filter(None, (what, figure, cells.get("basis", ""), f"[{days}]")))
