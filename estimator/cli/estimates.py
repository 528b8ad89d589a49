"""Commands that answer a request: compare, rank, matters, check, eligibility and paper.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from estimator import clock
from estimator.cli.common import as_json, in_language, readable, refused, request_text, state_code, told
from estimator.files import written_whole
from estimator.settings import CLINIC

_AS_TEXT = click.option("--text", "as_text", is_flag=True, help="Print what a person would read, in place of JSON.")
_BILLER = click.option("--biller", is_flag=True, help="Word it for billing staff, in place of the patient.")
_SOLD = click.Choice(["marketplace", "medicare-advantage"])
_WITH_WORDS = "out-of-network, in-network, self-pay, without-needling, next-year, or the id of a plan; may be repeated."


@click.command()
@click.argument("file")
@click.option("--with", "changes", multiple=True, required=True, metavar="CHANGE", help=_WITH_WORDS)
@click.option("--next-year", is_flag=True, help="Compare it all in the plan's next year, as in open enrollment.")
@_AS_TEXT
@_BILLER
@in_language
@told
def compare(file: str, changes: tuple[str, ...], next_year: bool, as_text: bool, biller: bool) -> None:
    """Compare the request in FILE (JSON; - for standard input) with itself after each CHANGE."""
    from estimator.estimates.compare import change_named
    from estimator.estimates.compare import compare as compare_sides
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices
    from estimator.wording.comparisons import comparison_json, comparison_of, comparison_text

    shelf = open_shelf()
    sides = [change_named(word) for word in dict.fromkeys(changes)]
    prices = open_prices()
    found = compare_sides(_request(file), sides, clock.today(), shelf, prices=prices, is_next_year=next_year)
    names = {code: service.name for code, service in shelf.shared.services.codes.items()}
    written = comparison_of(found, names, "biller" if biller else "patient")
    click.echo(comparison_text(written) if as_text else as_json(comparison_json(written)), nl=not as_text)


@click.command()
@click.argument("file")
@click.option("--state", required=True, callback=state_code, help="The plans sold in this state: two letters.")
@click.option(
    "--market", type=click.Choice(["marketplace", "medicare-advantage"]), default="marketplace", show_default=True
)
@click.option("--csr", type=click.Choice(["73", "87", "94"]), help="Reduced cost sharing (CSR), for silver plans.")
@click.option(
    "--special",
    type=click.Choice(["medicaid", "facility", "condition"]),
    help="Medicare plans, too, for people with Medicaid, in a nursing home, or with a long-term illness alone.",
)
@click.option("--first", type=click.IntRange(1), default=20, show_default=True, help="How many plans to print.")
@click.option("--next-year", is_flag=True, help="Rank them in the plan's next year, as in open enrollment.")
@_AS_TEXT
@told
def rank(
    file: str,
    state: str,
    market: str,
    csr: str | None,
    special: str | None,
    first: int,
    next_year: bool,
    as_text: bool,
) -> None:
    """Rank every plan sold in a state by what the request in FILE (JSON; - for standard input) would cost under it."""
    from estimator.estimates.rank import rank as ranking_of
    from estimator.plans.shelf import Wanted, open_shelf
    from estimator.prices.store import open_prices
    from estimator.wording.ranking import ranking_json, ranking_text

    wanted = Wanted(state=state, market=market, kind="published")  # No examples, no templates.
    written, shelf, prices = _request(file), open_shelf(), open_prices()
    with click.progressbar(length=100, label="Ranking", file=sys.stderr) as bar:

        def heard(done: int, of: int) -> None:
            bar.update(done * 100 // of - bar.pos)

        ranking = ranking_of(
            written,
            wanted,
            clock.today(),
            shelf,
            prices,
            csr=csr,
            special=special,
            told=heard,
            is_next_year=next_year,
        )
    click.echo(ranking_text(ranking, first) if as_text else as_json(ranking_json(ranking, first)), nl=not as_text)


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


# ----------------------------------------------------------------------------
# The command `estimator check`: is each line valid, authorized and payable, and what is to be sent by when.
#
# What a command needs is imported when it runs, as in `cli`, which this command belongs to.
# ----------------------------------------------------------------------------

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file")
@click.option("--text", "as_text", is_flag=True, help="Print what a person would read, in place of JSON.")
@click.option("--clinic", type=_FILE, help=f"The clinic's settings (JSON); else {CLINIC.name}.")
@click.option("--contract", type=_FILE, help="The clinic's contract prices (CSV).")
@click.option("--price-list", type=_FILE, help="The clinic's self-pay list (CSV).")
@told
def check(file: str, as_text: bool, clinic: Path | None, contract: Path | None, price_list: Path | None) -> None:
    """Check the request in FILE (JSON; - for standard input) for authorization, payment and modifiers."""
    from estimator.billing.authorization import check_authorization
    from estimator.billing.clinic import read_clinic
    from estimator.estimates.contract import read_request
    from estimator.estimates.contract_values import read_json
    from estimator.estimates.run import prices_of_clinic
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices
    from estimator.wording.authorization import check_text, check_written

    shelf, habits = open_shelf(), read_clinic(clinic or CLINIC.value()).habits
    asked = read_request(read_json(request_text(file)), clock.today())
    prices = open_prices()
    own = prices_of_clinic(shelf, prices, contract=contract, price_list=price_list)
    found = check_authorization(asked, habits, shelf, own, prices)
    names = {code: service.name for code, service in shelf.shared.services.codes.items()}
    written = check_written(found, names)
    click.echo(check_text(written) if as_text else as_json(written), nl=not as_text)


# ----------------------------------------------------------------------------
# The command `estimator eligibility`: a payer's answer (X12 271, FHIR) in, what it says out; and the question, a 270.
#
# Nothing is kept. What a command needs is imported when it runs, as in `cli`, which this command belongs to.
# ----------------------------------------------------------------------------

_STANDARD_INPUT = "-"
_DAY = click.DateTime(formats=["%Y-%m-%d"])


class _ReadingUnlessAsked(click.Group):
    """A group whose first word may be left out where a file is read: `eligibility FILE` is `eligibility read FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the word in where none of the commands is named."""
        is_named = bool(args) and args[0] in (*self.commands, *ctx.help_option_names)
        return super().parse_args(ctx, args if is_named or not args else ["read", *args])


@click.group(cls=_ReadingUnlessAsked)
def eligibility() -> None:
    """Read a payer's answer (`eligibility FILE`), or write the question to a payer (`eligibility ask`)."""


@eligibility.command("read")
@click.argument("file")
@click.option("--text/--json", "as_text", default=True, help="Print what a person would read (the default), or JSON.")
@click.option("--plan", "plan_id", help="Match limits with those of this plan.")
@click.option("--day", type=_DAY, help="Day of service asked about (2026-03-01); left out, the day of the answer.")
@click.option("--answer", "which", type=click.IntRange(1), help="Number of the answer in a file that holds several.")
@click.option(
    "--request", "as_request", is_flag=True, help="Print the parts of a request that the answer fills, as JSON."
)
@told
def read_answer(
    file: str, as_text: bool, plan_id: str | None, day: datetime | None, which: int | None, as_request: bool
) -> None:
    """Read a payer's answer in FILE (X12 271 or FHIR; - for standard input)."""
    from estimator.estimates.eligibility import answer_in, reading_of
    from estimator.plans.shelf import open_shelf
    from estimator.wording.eligibility import as_values, text_of

    today, asked = clock.today(), day.date() if day else None
    answer = answer_in(_content(file), today, asked, which)
    plan = open_shelf().find(plan_id, asked or answer.answered_on or today) if plan_id else None
    reading = reading_of(answer, plan, today)
    if as_request:
        click.echo(as_json(reading.request))
    elif as_text:
        click.echo(text_of(reading), nl=False)
    else:
        click.echo(as_json(as_values(reading)))


@eligibility.command("ask")
@click.argument("file")
@click.option("--clinic", default="", help=f"Name of the clinic that asks; else that of {CLINIC.name}.")
@click.option("--npi", default="", help=f"Its NPI of ten digits; else that of {CLINIC.name}.")
@click.option("--day", type=_DAY, help="Day of service (2026-12-01); left out, tomorrow.")
@click.option(
    "--type", "types", multiple=True, default=("30", "PT", "AF"), help="Service type of X12; may be repeated."
)
@click.option("--code", "codes", multiple=True, help="Procedure code, for payers that take codes; may be repeated.")
@click.option("--number", type=click.IntRange(1, 999_999_999), help="Control number; left out, another each second.")
@click.option("--sender", default="", help="Your id at the clearinghouse; left out, the NPI.")
@click.option("--receiver", default="", help="The clearinghouse's own id; needed where there are several payers.")
@click.option("--test", "is_test", is_flag=True, help="Mark the file as a test.")
@click.option("--skip", is_flag=True, help="Leave out rows with mistakes, and list them on standard error.")
@told
def ask_payer(
    file: str,
    clinic: str,
    npi: str,
    day: datetime | None,
    types: tuple[str, ...],
    codes: tuple[str, ...],
    number: int | None,
    sender: str,
    receiver: str,
    is_test: bool,
    skip: bool,
) -> None:
    """Print the 270 that asks about each patient in FILE (CSV; - for standard input).

    Its columns: payer, payer_id, member_id, last_name, first_name, born; for a dependent also relation,
    subscriber_last_name and subscriber_first_name. With a column of days (date of service), only the patients of the
    day are asked about. Nothing of it is kept.
    """
    from estimator.billing.clinic import clinic_now
    from estimator.eligibility.x12_270 import Line, asked_in, number_at, write_270
    from estimator.errors import EligibilityRefused

    day_asked, known = day.date() if day else clock.today() + timedelta(days=1), clinic_now()
    found = asked_in(_content(file), clinic or known.name, npi or known.npi, day_asked, types, codes)
    if found.problems and not (skip and found.inquiries):
        raise EligibilityRefused(found.problems)
    now = clock.now_utc()
    written = write_270(found.inquiries, now, number or number_at(now), Line(sender, receiver, is_test))
    for problem in found.problems:
        click.echo(f"left out: {problem.path}: {problem.message}", err=True)
    for row, earlier in found.repeated:
        click.echo(f"asked once: row {row} is about the patient of row {earlier}.", err=True)
    click.echo(written.decode("ascii"), nl=False)


@eligibility.command("explained")
@click.argument("file")
@told
def explained(file: str) -> None:
    """Print the lines of a FHIR ExplanationOfBenefit in FILE, a list for each visit, as a reconciliation takes them."""
    from estimator.eligibility.explanation import read_explanation

    visits = read_explanation(_content(file))
    click.echo(
        as_json(
            [
                {
                    "day": visit.day and visit.day.isoformat(),
                    "lines": list(visit.lines),
                    "notes": [{"place": note.place, "says": note.says} for note in visit.notes],
                }
                for visit in visits
            ]
        )
    )


@eligibility.command("plan")
@click.argument("plan_id", metavar="PLAN")
@told
def plan_out(plan_id: str) -> None:
    """Print the plan of that id as a FHIR InsurancePlan."""
    from estimator.eligibility.insurance_plan import insurance_plan_of
    from estimator.plans.shelf import open_shelf

    click.echo(as_json(insurance_plan_of(open_shelf().find(plan_id, clock.today()))))


def _content(file: str) -> bytes:
    """Return what stands in a file or on standard input; one byte too many is enough to be refused."""
    from estimator.eligibility.read import MOST_BYTES

    if file == _STANDARD_INPUT:
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    with readable(file).open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


# ----------------------------------------------------------------------------
# The command `estimator paper`: a request in, a PDF to print, sign or send out.
#
# What a command needs is imported when it runs, as in `cli`, which this command belongs to.
# ----------------------------------------------------------------------------

_KINDS = ("estimate", "good-faith-estimate", "notice", "call-script")
_MOST_BYTES = 1_000_000


@click.command()
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("file")
@click.option("--out", required=True, type=_FILE, help="The PDF to write.")
@click.option("--clinic", type=_FILE, help="Who treats: name, NPI, TIN, address (JSON).")
@click.option("--contract", type=_FILE, help="The clinic's contract prices (CSV).")
@click.option("--price-list", type=_FILE, help="The clinic's self-pay list (CSV).")
@in_language
@told
def paper(kind: str, file: str, out: Path, clinic: Path | None, contract: Path | None, price_list: Path | None) -> None:
    """Write the paper of this KIND for the request in FILE (JSON; - for standard input)."""
    from estimator.billing.clinic import read_clinic
    from estimator.estimates.contract import read_request
    from estimator.estimates.contract_values import read_json
    from estimator.estimates.run import estimate_asked, prices_of_clinic
    from estimator.papers.case import case_of
    from estimator.papers.kinds import document_pdf
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices

    shelf, treating = open_shelf(), read_clinic(clinic or CLINIC.value())
    asked = read_request(read_json(request_text(file)), clock.today())
    prices = open_prices()
    own = prices_of_clinic(shelf, prices, contract=contract, price_list=price_list)
    found, plan = estimate_asked(asked, shelf, own, prices)
    names = {code: service.name for code, service in shelf.shared.services.codes.items()}
    written = document_pdf(kind, case_of(asked, plan, found, names, treating))
    _write(out, written)
    click.echo(f"{out}: {len(written):,} bytes.")


def _write(out: Path, written: bytes) -> None:
    try:
        with written_whole(out) as target:
            target.write(written)
    except OSError as error:
        raise refused(f"{out} cannot be written: {error.strerror}. Name another file with --out.") from error
