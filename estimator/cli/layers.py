"""Commands about rules that many plans follow: a payer's layers published and rolled back, any rule as a file.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator import clock
from estimator.cli.common import readable, refused, request_text, told

if TYPE_CHECKING:
    from estimator.plans.shelf import PlanRow, Shelf
    from estimator.publishing.layers import Comes, LayerImpact

_BY = click.option("--by", default="command", show_default=True, metavar="NAME", help="Who publishes, for the record.")
_REASON = click.option("--reason", default="", metavar="WHY", help="Why, for the record.")


@click.group()
def layers() -> None:
    """Publish the rules that plans inherit from their payer, list what was published, and roll it back."""


@layers.command("publish")
@click.argument("file")
@_BY
@_REASON
@click.option("--dry-run", is_flag=True, help="Only list the plans that inherit it and what changes.")
@told
def publish(file: str, by: str, reason: str, dry_run: bool) -> None:
    """Check the layers in FILE, list the plans that inherit them, and let them hold from now on."""
    from estimator.publishing.drafts import Signed
    from estimator.publishing.layers import impact_of_layers, publish_layers

    shelf = _shelf()
    readable(file)
    text, name = request_text(file), Path(file).name
    for impact in impact_of_layers(shelf, text, name):
        _tell(impact)
    if dry_run:
        click.echo("Nothing is published: this was a dry run.")
        return
    new = publish_layers(shelf, text, name, Signed(by, reason))
    for layer in new:
        click.echo(f"{layer.id} from {layer.in_force.first_day}: published.")
    if not new:
        click.echo("Nothing is new: these layers hold already.")


@layers.command("history")
@click.argument("layer", required=False)
@told
def history(layer: str | None) -> None:
    """List what was published of LAYER, or of all, the newest first; a star marks what was not taken back."""
    from estimator.plans.rule_revisions import LAYER
    from estimator.publishing.rules import history_of_rule

    rows = history_of_rule(_shelf().engine, LAYER, layer)
    for one, holds in rows:
        did = f"rolls back {one.withdraws}" if one.withdraws else f"from {one.first_day}"
        when = f"{one.published_at:%Y-%m-%d %H:%M}"
        mark = "*" if holds else " "
        click.echo(f"{mark} {one.id}  {one.name}  {did}  {when}  {one.published_by}  {one.note}".rstrip())
    if not rows:
        click.echo("Nothing was published. The layers of the folder of plans hold.")


@layers.command("plans")
@click.argument("layer")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="On which day; today where it is left out.")
@told
def plans(layer: str, day: datetime | None) -> None:
    """Count the plans that inherit LAYER, those that follow its rule on approval, and those that contradict it."""
    from estimator.publishing.layers import heirs_of

    heirs = heirs_of(_shelf(), layer, day.date() if day else clock.today())
    click.echo(f"{heirs.plans:>6,}  plans inherit {layer}")
    if heirs.follow is not None:
        click.echo(f"{heirs.follow:>6,}  follow its rule on approval")
        click.echo(f"{len(heirs.own_rule):>6,}  have a rule of their own{_some(heirs.own_rule)}")
    for kind, rows in heirs.contradict.items():
        click.echo(f"{len(rows):>6,}  {_AGAINST[kind]}{_some(rows)}")


_AGAINST = {
    "payer-asks-permission": "say that no approval is needed, and yield to it",
    "plan-over-payer": "say otherwise of a service, and go before it",
}
_NAMED = 6


def _some(rows: Sequence[PlanRow]) -> str:
    named = ", ".join(row.plan_id for row in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return f": {named}{more}" if rows else ""


@layers.command("rollback")
@click.argument("layer")
@_BY
@_REASON
@told
def rollback(layer: str, by: str, reason: str) -> None:
    """Take back what was last published of LAYER: what held before holds again."""
    from estimator.publishing.drafts import Signed
    from estimator.publishing.layers import roll_back_layer

    for one in roll_back_layer(_shelf().engine, layer, Signed(by, reason)):
        click.echo(f"{one.name} from {one.first_day}: revision {one.id} is taken back.")


def _shelf() -> Shelf:
    from estimator.db.connection import is_in_memory
    from estimator.plans.shelf import open_shelf

    shelf = open_shelf()
    if is_in_memory(shelf.engine):
        raise refused("Layers are published in a database. Run `estimator db upgrade` first.")
    return shelf


def _tell(impact: LayerImpact) -> None:
    layer = impact.layer
    holds = "" if impact.is_new else " It holds already."
    plans = "1 active plan inherits" if len(impact.plans) == 1 else f"{len(impact.plans)} active plans inherit"
    click.echo(f"{layer.id} from {layer.in_force.first_day}: {plans} it.{holds}")
    for row in impact.plans:
        click.echo(f"  {row.plan_id}  {row.title}")
    if impact.tried:
        click.echo(f"Sample courses that change, of {impact.tried} of these plans:")
        for one in impact.moved:
            click.echo(f"  {one.plan.plan_id}, {one.course}: {_words(one.before)} → {_words(one.after)}")
        if not impact.moved:
            click.echo("  none")


def _words(comes: Comes) -> str:
    owed = comes.owed
    return f"${owed.typical} (${owed.low} to ${owed.high}), the clinic bears ${comes.clinic_bears}"


# ----------------------------------------------------------------------------
# Any rule as a file: a payer's layer, the law of a state, what is usual in a market, a procedure code.
# ----------------------------------------------------------------------------

_KINDS = click.Choice(["layer", "state-law", "usual", "code"])
_WIDTH = 76


@click.group()
def rules() -> None:
    """Take a rule that many plans follow from one installation to another, as a file."""


@rules.command("export")
@click.argument("kind", type=_KINDS)
@click.argument("name")
@told
def export(kind: str, name: str) -> None:
    """Print the rule NAME in force, such as layer aetna, state-law IL, usual employer or code 97110."""
    from estimator.plans.shelf import open_shelf
    from estimator.publishing.rule_files import exported_rule

    click.echo(exported_rule(open_shelf(), kind, name), nl=False)


@rules.command("import")
@click.argument("file")
@_BY
@_REASON
@click.option("--dry-run", is_flag=True, help="Only say what would be published.")
@told
def import_(file: str, by: str, reason: str, dry_run: bool) -> None:
    """Publish the rule in FILE, unless both sides changed it: then show both, and publish nothing."""
    from estimator.publishing.drafts import Signed
    from estimator.publishing.rule_files import import_rule, read_rule_file

    shelf = _shelf()
    readable(file)
    text = request_text(file)
    found = read_rule_file(shelf, text) if dry_run else import_rule(shelf, text, Signed(by, reason))
    if found.is_same:
        click.echo(f"Nothing is new: {found.kind} {found.name} is in force already, word for word.")
    elif found.is_conflict:
        click.echo(f"{'In force here':<{_WIDTH}} | In the file")
        for ours, theirs in zip_longest(found.ours.splitlines(), found.text.splitlines(), fillvalue=""):
            click.echo(f"{ours:<{_WIDTH}} {' ' if ours == theirs else '|'} {theirs}")
        raise refused(
            "Both sides changed this rule; nothing is published. Put both together in one file, or import it on the "
            "page Staff → Rules, and publish that."
        )
    else:
        click.echo(f"{found.kind} {found.name}: {'published' if found.is_published else 'would be published'}.")
