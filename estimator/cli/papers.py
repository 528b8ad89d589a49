"""The command `estimator paper`: a request in, a PDF to print, sign or send out.

What a command needs is imported when it runs, as in `cli`, which this command belongs to.
"""

from __future__ import annotations

from pathlib import Path

import click

from estimator import clock
from estimator.cli.parts import in_language, refused, request_text, told

_KINDS = ("estimate", "good-faith-estimate", "notice", "call-script")
_MOST_BYTES = 1_000_000
_STANDARD_INPUT = "-"
_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("file")
@click.option("--out", required=True, type=_FILE, help="The PDF to write.")
@click.option("--clinic", type=_FILE, envvar="ESTIMATOR_CLINIC", help="Who treats: name, NPI, TIN, address (JSON).")
@click.option("--contract", type=_FILE, help="The clinic's contract prices (CSV).")
@click.option("--price-list", type=_FILE, help="The clinic's self-pay list (CSV).")
@in_language
@told
def paper(kind: str, file: str, out: Path, clinic: Path | None, contract: Path | None, price_list: Path | None) -> None:
    """Write the paper of this KIND for the request in FILE (JSON; - for standard input)."""
    from estimator.estimates.contract import read_request
    from estimator.estimates.contract_values import read_json
    from estimator.estimates.run import estimate_asked
    from estimator.papers.case import case_of, read_clinic
    from estimator.papers.kinds import paper_pdf
    from estimator.plans.shelf import open_shelf
    from estimator.prices.clinic_lists import clinic_prices
    from estimator.prices.store import open_prices

    shelf, treating = open_shelf(), read_clinic(clinic)
    asked = read_request(read_json(request_text(file)), clock.today())
    prices = open_prices()
    found, plan = estimate_asked(asked, shelf, clinic_prices(contract, price_list, prices), prices)
    names = {code: service.name for code, service in shelf.shared.services.codes.items()}
    written = paper_pdf(kind, case_of(asked, plan, found, names, treating))
    _write(out, written)
    click.echo(f"{out}: {len(written):,} bytes.")


def _write(out: Path, written: bytes) -> None:
    try:
        out.write_bytes(written)
    except OSError as error:
        raise refused(f"{out} cannot be written: {error.strerror}. Name another file with --out.") from error
