"""Commands about layers, the rules that plans inherit from their payer: publish one, see its history, roll it back.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.common import readable, refused, request_text, told

if TYPE_CHECKING:
    from estimator.plans.shelf import Shelf
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
    from estimator.publishing.layers import published_layers

    rows = published_layers(_shelf().engine, layer)
    for one, holds in rows:
        did = f"rolls back {one.withdraws}" if one.withdraws else f"from {one.first_day}"
        when = f"{one.published_at:%Y-%m-%d %H:%M}"
        mark = "*" if holds else " "
        click.echo(f"{mark} {one.id}  {one.name}  {did}  {when}  {one.published_by}  {one.note}".rstrip())
    if not rows:
        click.echo("Nothing was published. The layers of the folder of plans hold.")


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
