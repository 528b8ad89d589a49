"""Commands about insurers: which one a name, a payer id or a card means.

A name that may mean several insurers is answered with choices, never with one of them.
"""

from __future__ import annotations

import click

from estimator.cli.common import as_json, state_code, told


@click.group()
def insurers() -> None:
    """Find the insurer that a name, a payer ID or a member ID means."""


@insurers.command("find")
@click.argument("text", nargs=-1, required=True)
@click.option("--state", callback=state_code, help="Where the care takes place: two letters.")
@click.option("--json", "as_data", is_flag=True, help="Print JSON in place of lines.")
@told
def find(text: tuple[str, ...], state: str | None, as_data: bool) -> None:
    """Find the insurer that TEXT means; where several may be meant, list them."""
    from estimator.insurers.matching import find_insurer

    match = find_insurer(" ".join(text), state)
    if as_data:
        chosen = {"id": match.insurer.id, "name": match.insurer.name} if match.insurer else None
        listed = [{"id": choice.insurer.id, "name": choice.insurer.name, "why": choice.why} for choice in match.choices]
        click.echo(as_json({"insurer": chosen, "choices": listed}))
        return
    if match.insurer:
        click.echo(f"{match.insurer.id}  {match.insurer.name}")
    for choice in match.choices:
        click.echo(f"{choice.insurer.id}  {choice.insurer.name}: {choice.why}")
    if match.insurer is None:
        ask = "Choose one of these, or add --state." if match.choices else "No insurer has a name like this."
        click.echo(ask, err=True)
