"""The command `estimator check`: is each line valid, authorized and payable, and what is to be sent by when.

What a command needs is imported when it runs, as in `cli`, which this command belongs to.
"""

from __future__ import annotations

from pathlib import Path

import click

from estimator import clock
from estimator.cli.parts import as_json, request_text, told

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file")
@click.option("--text", "as_text", is_flag=True, help="Print what a person would read, in place of JSON.")
@click.option("--clinic", type=_FILE, envvar="ESTIMATOR_CLINIC", help="The clinic's settings (JSON).")
@click.option("--contract", type=_FILE, help="The clinic's contract prices (CSV).")
@click.option("--price-list", type=_FILE, help="The clinic's self-pay list (CSV).")
@told
def check(file: str, as_text: bool, clinic: Path | None, contract: Path | None, price_list: Path | None) -> None:
    """Check the request in FILE (JSON; - for standard input) for authorization, payment and modifiers."""
    from estimator.billing.authorization import check_authorization
    from estimator.estimates.contract import read_request
    from estimator.estimates.contract_values import read_json
    from estimator.papers.case import read_clinic
    from estimator.plans.shelf import open_shelf
    from estimator.prices.clinic_lists import clinic_prices
    from estimator.prices.store import open_prices
    from estimator.wording.authorization import check_text, check_written

    shelf, habits = open_shelf(), read_clinic(clinic).habits
    asked = read_request(read_json(request_text(file)), clock.today())
    prices = open_prices()
    found = check_authorization(asked, habits, shelf, clinic_prices(contract, price_list, prices), prices)
    names = {code: service.name for code, service in shelf.shared.services.codes.items()}
    written = check_written(found, names)
    click.echo(check_text(written) if as_text else as_json(written), nl=not as_text)
