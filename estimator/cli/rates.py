"""Commands for what payers really pay: remittances, and the price files of payers and hospitals.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from estimator.cli.common import as_json, readable, told

if TYPE_CHECKING:
    from estimator.billing.remittance import Remittance
    from estimator.errors import Problem

_SOME_REFUSED = 2


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_values", is_flag=True, help="Print claims, lines and account entries as JSON.")
@told
def remittance(files: tuple[str, ...], as_values: bool) -> None:
    """Read what a payer paid and why from remittances in FILES (X12 835).

    Claims that do not add up are left out and told with their sums; the exit status is then 2. Nothing is stored.
    """
    from estimator.billing.remittance import MOST_BYTES, joined, read_remittance, remittance_json
    from estimator.errors import RemittanceRefused

    read: list[Remittance] = []
    refused: list[Problem] = []
    for file in files:
        with readable(file).open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        try:
            read.append(read_remittance(content, file))
        except RemittanceRefused as error:
            refused.extend(error.problems)
    found = joined(read, refused)
    if as_values:
        click.echo(as_json(remittance_json(found)))
    else:
        for line in _remittance_lines(found):
            click.echo(line)
    for problem in found.problems:
        click.echo(str(problem), err=True)
    if found.problems:
        sys.exit(_SOME_REFUSED)


def _remittance_lines(read: Remittance) -> Iterator[str]:
    from estimator.billing.remittance import learn, net, standing

    lines = len(standing(read.claims))
    payers = ", ".join(read.payers) or "No payment"
    counted = f"{_counted(len(read.claims), 'claim')}, {_counted(lines, 'line')} after reversals"
    yield f"{payers}: ${read.paid} paid. {counted}."
    for claim in net(read.claims):
        again = f" over {claim.payments} settlements" if claim.payments > 1 else ""
        yield (f"  claim {claim.number}: charged ${claim.charge}, paid ${claim.paid}, patient ${claim.patient}{again}")
    for entry in read.account:
        yield f"  account entry {entry.reason} {entry.reference}: ${entry.amount}"
    for one in learn(read.claims):
        spread = f"${one.low}" if one.low == one.high else f"${one.low} to ${one.high}, median ${one.median}"
        yield f"  {one.payer}, {one.plan}: {one.code} allowed at {spread} a unit ({_counted(one.count, 'line')})"
    for note in read.notes:
        yield f"Worth a look: {note}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
