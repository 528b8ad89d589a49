"""The command `estimator eligibility`: a payer's answer (X12 271, FHIR) in, what it says with its segments out.

Nothing is kept. What a command needs is imported when it runs, as in `cli`, which this command belongs to.
"""

from __future__ import annotations

import sys

import click

from estimator import clock
from estimator.cli.parts import as_json, readable, told

_STANDARD_INPUT = "-"


@click.command()
@click.argument("file")
@click.option("--text/--json", "as_text", default=True, help="Print what a person would read (the default), or JSON.")
@click.option("--plan", "plan_id", help="Match limits with those of this plan.")
@click.option(
    "--request", "as_request", is_flag=True, help="Print the parts of a request that the answer fills, as JSON."
)
@told
def eligibility(file: str, as_text: bool, plan_id: str | None, as_request: bool) -> None:
    """Read a payer's answer in FILE (X12 271 or FHIR; - for standard input)."""
    from estimator.eligibility.read import read_eligibility
    from estimator.estimates.eligibility import facts_from, fill_from, request_from
    from estimator.plans.shelf import open_shelf
    from estimator.wording.eligibility import as_values, text_of

    answer = read_eligibility(_content(file))
    today = clock.today()
    plan = open_shelf().find(plan_id, answer.answered_on or today) if plan_id else None
    fill = fill_from(answer, plan)
    if as_request:
        click.echo(as_json(request_from(answer, plan, today)))
    elif as_text:
        click.echo(text_of(answer, fill, tuple(facts_from(answer, plan)) if plan else ()), nl=False)
    else:
        click.echo(as_json(as_values(answer, fill)))


def _content(file: str) -> bytes:
    """Return what stands in a file or on standard input; one byte too many is enough to be refused."""
    from estimator.eligibility.read import MOST_BYTES

    if file == _STANDARD_INPUT:
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    with readable(file).open("rb") as opened:
        return opened.read(MOST_BYTES + 1)
