"""The command `estimator`: requests, plan files and prices in, words out.

What a command needs is imported when it runs, so that help comes at once and an estimate loads no web pages.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator import __version__, clock
from estimator.cli.admin import accounts, db, settings, watch
from estimator.cli.batch import batch
from estimator.cli.common import as_json, in_language, readable, request_text, state_code, stop, told
from estimator.cli.estimates import check as check_course
from estimator.cli.estimates import compare, eligibility, matters, paper, rank
from estimator.cli.insurers import insurers
from estimator.cli.layers import layers, rules
from estimator.cli.plans import COMMANDS as PLAN_EDITING
from estimator.cli.prices import import_
from estimator.cli.rates import hospital, market, rates, remittance
from estimator.cli.schedule import schedule
from estimator.errors import Problem

if TYPE_CHECKING:
    from estimator.engine.prices import Ratios, Region

_FILE = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="estimator")
def main() -> None:
    """Work out what a patient will owe for physical therapy with dry needling, and say why."""


@main.command()
@click.argument("file")
@click.option("--text", "as_text", is_flag=True, help="Print what a person would read, in place of JSON.")
@click.option("--biller", is_flag=True, help="Word it for billing staff, in place of the patient.")
@click.option("--contract", type=_FILE, help="The clinic's contract prices (CSV).")
@click.option("--price-list", type=_FILE, help="The clinic's self-pay list (CSV).")
@in_language
@told
def estimate(file: str, as_text: bool, biller: bool, contract: Path | None, price_list: Path | None) -> None:
    """Answer the request in FILE (JSON; - for standard input)."""
    from estimator.estimates.contract import read_request
    from estimator.estimates.contract_values import read_json
    from estimator.estimates.run import estimate_asked, prices_of_clinic
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices
    from estimator.wording.answer import answer_of
    from estimator.wording.answer_schema import answer_json
    from estimator.wording.text import text_of

    shelf = open_shelf()
    asked = read_request(read_json(request_text(file)), clock.today())
    prices = open_prices()
    own = prices_of_clinic(shelf, prices, contract=contract, price_list=price_list)
    found, plan = estimate_asked(asked, shelf, own, prices)
    names = {code: service.name for code, service in shelf.shared.services.codes.items()}
    answer = answer_of(found, plan, names, "biller" if biller else "patient")
    click.echo(text_of(answer) if as_text else as_json(answer_json(answer)), nl=not as_text)


def _market(context: click.Context, option: click.Parameter, written: str | None) -> str | None:
    from estimator.engine.coding import MARKETS

    if written is None or written in MARKETS:
        return written
    raise click.BadParameter(f"Enter one of {', '.join(MARKETS)}, not {written!r}.")


@main.group()
def plans() -> None:
    """Check, list and describe plan files; change a plan and publish it."""


@plans.command("check")
@click.argument("files", nargs=-1)
@told
def check(files: tuple[str, ...]) -> None:
    """Check plan FILES and run their examples; without FILES, every plan there is."""
    from estimator.publishing.check import check_plans, plan_warnings
    from estimator.settings import plans_folder

    paths = [readable(file) for file in files]
    problems = check_plans(paths)
    for warning in plan_warnings(paths):
        click.echo(f"Worth a look: {warning}", err=True)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        click.echo(f"{len(problems)} to correct.", err=True)
        sys.exit(1)
    checked = ", ".join(files) if files else f"Every plan in {plans_folder().name}"
    click.echo(f"{checked}: nothing to correct.")


@plans.command("list")
@told
def list_plans() -> None:
    """List the plan files that a request may name; `find` searches everything in the database."""
    from estimator.plans.folder import library
    from estimator.settings import plans_folder

    headings = library(plans_folder()).catalogue()
    widest = max((len(heading.id) for heading in headings), default=0)
    for heading in headings:
        click.echo(f"{heading.id:<{widest}}  {heading.kind:<9}  {heading.in_force.first_day}  {heading.title}")


@plans.command("find")
@click.argument("words", nargs=-1, required=True)
@click.option("--state", callback=state_code, help="Only plans sold in this state: two letters.")
@click.option("--market", callback=_market, help="Only this kind of plan, such as marketplace or medicare-advantage.")
@told
def find_plans(words: tuple[str, ...], state: str | None, market: str | None) -> None:
    """Find plans whose name, payer or id holds all WORDS."""
    from estimator.db.connection import is_meant
    from estimator.plans.shelf import find_plans_by

    found, number = find_plans_by(" ".join(words), state, market)
    for row in found:
        click.echo(f"{row.plan_id}  {row.payer}: {row.title}")
    if number > len(found):
        click.echo(f"… and {number - len(found):,} more. Add words, --state or --market.")
    if not found:
        click.echo("No plan holds all of these words.")
    if not is_meant():
        click.echo("Only plan files were searched. To search the catalogues too, run `estimator db upgrade`.", err=True)


@plans.command("schema")
def schema() -> None:
    """Print a JSON Schema of plan files, for editors."""
    from estimator.plans.schema import json_schema

    click.echo(as_json(json_schema()))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port.")
@told
def serve(host: str, port: int) -> None:
    """Open the pages at http://127.0.0.1:8000."""
    from estimator.web import serve as serve_pages

    click.echo(f"Open http://{host}:{port} – stop with Ctrl-C.")
    try:
        serve_pages(host, port)
    except OSError as error:
        words = f"The port {port} of {host} cannot be used ({error.strerror}). Choose another with --port."
        stop((Problem("", words),), as_text=True)


@main.command()
@click.option("--with-parent", is_flag=True, help="End when standard input ends.")
@told
def work(with_parent: bool) -> None:
    """Do what pages leave for later, such as a schedule; `serve` starts this beside the pages."""
    from estimator.billing.jobs import work as work_on
    from estimator.db.connection import database_url

    work_on(database_url(), with_parent=with_parent)


@main.command()
@click.option("--zip", "zip_code", required=True, help="Where the care takes place: five digits.")
@click.option("--code", "codes", multiple=True, help="Only this service code; may be repeated.")
@told
def prices(zip_code: str, codes: tuple[str, ...]) -> None:
    """Print what Medicare pays for one unit at a ZIP code, and what other plans may pay there."""
    from estimator.plans.shelf import open_shelf
    from estimator.prices.books import find_zip, region_on, service_codes
    from estimator.prices.sheet import gather_prices

    known = service_codes(open_shelf().codes)
    if strangers := [code for code in codes if code not in known]:
        stop([Problem("code", f"We carry no price for {code}.") for code in strangers], as_text=True)
    place = find_zip(zip_code)
    sheet = gather_prices(place)
    region = region_on(sheet.regions, clock.today())
    click.echo(
        f"{place.zip}, {place.state}: {region.locality.name}. {region.book.source.title}, one unit in an office."
    )
    if place.straddles:
        click.echo(f"This ZIP lies in several price areas: {', '.join('-'.join(key) for key in place.candidates)}.")
    click.echo(f"{'Code':<6}{'Medicare':>10}{'Others, low':>14}{'typical':>10}{'high':>10}  Service")
    for row in _price_rows(codes or tuple(known), region, sheet.ratios["office"]):
        click.echo(f"{row}  {known[row[:5]].words}")


def _price_rows(codes: Iterable[str], region: Region, ratios: Ratios) -> Iterator[str]:
    from estimator.engine.prices import OFFICE, medicare_amount, schedule_amount

    book, locality = region.book, region.locality
    for code in codes:
        fee = book.fees.get(code)
        base = schedule_amount(fee, locality, book, setting=OFFICE) if fee else None
        if fee is None or base is None:
            continue
        paid = medicare_amount(fee, locality, book, setting=OFFICE)
        shares = [str(base.share(rate)) for rate in (ratios.low, ratios.typical, ratios.high)]
        yield f"{code:<6}{str(paid) if paid is not None else 'not paid':>10}" + "{:>14}{:>10}{:>10}".format(*shares)


import_.add_command(rates)
import_.add_command(hospital)
for editing in PLAN_EDITING:
    plans.add_command(editing)
for command in (
    batch,
    accounts,
    check_course,
    db,
    import_,
    compare,
    insurers,
    layers,
    rules,
    matters,
    paper,
    rank,
    eligibility,
    market,
    remittance,
    schedule,
    settings,
    watch,
):
    main.add_command(command)
