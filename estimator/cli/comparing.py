"""The commands `estimator compare` and `estimator matters`: the same request run again, with something changed.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from estimator import clock
from estimator.cli.parts import as_json, in_language, request_text, told

_AS_TEXT = click.option("--text", "as_text", is_flag=True, help="Print what a person would read, in place of JSON.")
_BILLER = click.option("--biller", is_flag=True, help="Word it for billing staff, in place of the patient.")
_WITH_WORDS = "out-of-network, in-network, self-pay, without-needling, next-year, or the id of a plan; may be repeated."


@click.command()
@click.argument("file")
@click.option("--with", "changes", multiple=True, required=True, metavar="CHANGE", help=_WITH_WORDS)
@_AS_TEXT
@_BILLER
@in_language
@told
def compare(file: str, changes: tuple[str, ...], as_text: bool, biller: bool) -> None:
    """Compare the request in FILE (JSON; - for standard input) with itself after each CHANGE."""
    from estimator.estimates.compare import change_named
    from estimator.estimates.compare import compare as compare_sides
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices
    from estimator.wording.comparisons import comparison_of, comparison_text

    shelf = open_shelf()
    sides = [change_named(word) for word in dict.fromkeys(changes)]
    found = compare_sides(_request(file), sides, clock.today(), shelf, prices=open_prices())
    names = {code: service.name for code, service in shelf.shared.services.codes.items()}
    written = comparison_of(found, names, "biller" if biller else "patient")
    click.echo(comparison_text(written) if as_text else as_json(written), nl=not as_text)


@click.command()
@click.argument("file")
@_AS_TEXT
@_BILLER
@in_language
@told
def matters(file: str, as_text: bool, biller: bool) -> None:
    """Tell what is worth finding out first about the request in FILE (JSON; - for standard input), in dollars."""
    from estimator.estimates.sensitivity import what_matters
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices
    from estimator.wording.sensitivity import matters_of, matters_text

    shelf = open_shelf()
    found = what_matters(_request(file), clock.today(), shelf, prices=open_prices())
    names = {code: service.name for code, service in shelf.shared.services.codes.items()}
    written = matters_of(found, names, "biller" if biller else "patient")
    click.echo(matters_text(written) if as_text else as_json(written), nl=not as_text)


def _request(file: str) -> Mapping[str, Any]:
    from estimator.estimates.contract_values import read_json

    return read_json(request_text(file))
