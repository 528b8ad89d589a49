"""The commands `estimator plans …`: change a plan and see what that does.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.common import readable, refused, request_text, told

if TYPE_CHECKING:
    from estimator.plans.read import PlanFile
    from estimator.plans.shelf import Shelf
    from estimator.publishing.impact import Course, Impact

_BY = click.option("--by", required=True, metavar="NAME", help="Who publishes, for the record.")
_MOST_DIGITS = 10
_NOTE = click.option("--note", required=True, metavar="WHY", help="Why, for the record.")


def _based_on(context: click.Context, option: click.Parameter, written: str) -> int | None:
    if written == "none":
        return None
    if written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS:
        return int(written)
    raise click.BadParameter(f"Enter the number of a revision, or none for a new plan, not {written!r}.")


@click.command()
@click.argument("plan")
@click.argument("file")
@told
def diff(plan: str, file: str) -> None:
    """Tell in plain words how FILE differs from the active revision of PLAN on the first day of FILE."""
    from estimator.wording.plans import changes_of

    shelf, text, after = _read(file)
    before, old_text = _active(shelf, plan, after)
    changes = changes_of(before, after, old_text, text, shelf.shared.services.codes)
    heading = ""
    for change in changes.rules:
        if change.heading != heading:
            heading = change.heading
            click.echo(heading)
        for sign, words in (("-", change.before), ("+", change.after)):
            if words:
                click.echo(f"  {sign} {words}")
    click.echo("\n".join(changes.lines) or "Nothing differs.")


@click.command()
@click.argument("file")
@told
def impact(file: str) -> None:
    """Run sample courses, examples and saved estimates as active and as in FILE, and tell what changes."""
    from estimator.publishing.impact import impact_on

    shelf, _, after = _read(file)
    _tell(impact_on(shelf, (after.plan.id, after.plan.in_force.first_day or date.min), after)[1])


@click.command()
@click.argument("file")
@click.option(
    "--based-on",
    required=True,
    callback=_based_on,
    metavar="N|none",
    help="The active revision that you saw (`estimator plans history`); none for a new plan.",
)
@_BY
@_NOTE
@told
def publish(file: str, based_on: int | None, by: str, note: str) -> None:
    """Check FILE and make it the active revision of its plan."""
    from estimator.publishing.drafts import Signed, publish_text

    shelf = _shelf()
    name = Path(file).name
    done = publish_text(shelf.engine, request_text(file), name, based_on, Signed(by, note), shelf.folder)
    click.echo(f"{done.plan_id} from {done.first_day}: revision {done.revision_id} is active.")


@click.command()
@click.argument("plan")
@told
def history(plan: str) -> None:
    """List the revisions of PLAN, the newest first: which is active, who published it, when and why."""
    from estimator.publishing.drafts import plan_history

    revisions, publications, active = plan_history(_shelf().engine, plan)
    for one in revisions:
        mark = "*" if one.id in active.values() else " "
        who = one.published_by or one.origin
        click.echo(f"{mark} {one.id}  {one.first_day}  {one.published_at:%Y-%m-%d %H:%M}  {who}  {one.note}".rstrip())
    for move in publications:
        when = f"{move.published_at:%Y-%m-%d %H:%M}"
        click.echo(
            f"{when}  {move.did} {move.revision_id} after {move.replaced or 'none'}  {move.published_by}  {move.note}"
        )


@click.command("roll-back")
@click.argument("plan")
@click.argument("revision", type=click.IntRange(1))
@_BY
@_NOTE
@told
def roll_back(plan: str, revision: int, by: str, note: str) -> None:
    """Make the older REVISION of PLAN the active one again."""
    from estimator.publishing import drafts

    done = drafts.roll_back(_shelf().engine, plan, revision, drafts.Signed(by, note))
    click.echo(f"{plan} from {done.first_day}: revision {done.revision_id} is active, in the place of {done.replaced}.")


@click.command()
@click.argument("plan")
@click.option("--year", required=True, type=click.IntRange(2020, 2100), help="The year to roll into.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Write the copy here.")
@told
def roll(plan: str, year: int, out: Path) -> None:
    """Copy PLAN into its next year, with every figure marked to confirm; nothing is published."""
    from estimator.publishing.roll import roll_plan

    rolled = roll_plan(_shelf(), plan, year)
    if out.exists():
        raise refused(f"{out} is there already. Name a new file.")
    out.write_text(rolled.text, "utf-8")
    click.echo(f"{rolled.plan_id} from {rolled.first_day} to {rolled.last_day}: written to {out}.")
    click.echo(f"{rolled.to_confirm} to confirm. `estimator plans check {out}` lists each with its line.")


def _shelf() -> Shelf:
    from estimator.db.connection import is_in_memory
    from estimator.plans.shelf import open_shelf

    shelf = open_shelf()
    if is_in_memory(shelf.engine):
        raise refused("Plans are published in a database. Run `estimator db upgrade` first.")
    return shelf


def _read(file: str) -> tuple[Shelf, str, PlanFile]:
    shelf = _shelf()
    readable(file)
    text = request_text(file)
    return shelf, text, shelf.folder.read(text, Path(file).name)


def _active(shelf: Shelf, plan_id: str, after: PlanFile) -> tuple[PlanFile | None, str]:
    from estimator.publishing.drafts import active_text

    return active_text(shelf, (plan_id, after.plan.in_force.first_day or date.min))


def _tell(found: Impact) -> None:
    counts = f"{len(found.dearer)} dearer, {len(found.cheaper)} cheaper, {len(found.other)} otherwise changed"
    click.echo(f"{len(found.courses)} courses: {counts}, {len(found.same)} the same.")
    if found.greatest:
        click.echo(f"The greatest change: {_course(found.greatest)}")
    for one in (*found.dearer, *found.cheaper, *found.other):
        click.echo(_course(one))


def _course(one: Course) -> str:
    before, after = (
        f"${owed.typical} (${owed.low} to ${owed.high})" if owed else "no answer" for owed in (one.before, one.after)
    )
    return f"  {one.name}: {before} → {after}"


COMMANDS = (diff, impact, publish, history, roll_back, roll)
