"""Commands for what payers really pay: remittances, and the price files of payers and hospitals.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estimator import __version__
from estimator.cli.common import as_json, engine_to_compare, readable, state_code, told, upgraded_engine

if TYPE_CHECKING:
    from estimator.billing.remittance import Remittance
    from estimator.billing.underpaid import Found
    from estimator.db.official import NewTable
    from estimator.errors import Problem
    from estimator.prices.hospital import HospitalFile
    from estimator.prices.rates import FileRates, Quantiles
    from estimator.publishing.learned import Amount, SeenFile

_SOME_REFUSED = 2


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_values", is_flag=True, help="Print claims, lines and account entries as JSON.")
@click.option("--learn", "learns", is_flag=True, help="Keep the allowed amounts for estimates; no claim is kept.")
@click.option("--below-contract", "compares", is_flag=True, help="List what was allowed below the clinic's contract.")
@click.option("--zip", "zip_code", default="", help="Where the clinic is, for a contract that is a share of Medicare.")
@click.option("--by", default="", help="Who learns, for the record.")
@told
def remittance(files: tuple[str, ...], as_values: bool, learns: bool, compares: bool, zip_code: str, by: str) -> None:
    """Read what a payer paid and why from remittances in FILES (X12 835).

    Claims that do not add up are left out and told with their sums; the exit status is then 2. Nothing is stored but,
    with --learn, what was allowed in these files by payer, plan and code; each file counts once.
    """
    from estimator.billing.remittance import MOST_BYTES, joined, read_remittance, remittance_json, seen_lines
    from estimator.errors import RemittanceRefused
    from estimator.publishing.learned import SeenFile

    read: list[Remittance] = []
    seen: list[SeenFile] = []
    refused: list[Problem] = []
    for file in files:
        with readable(file).open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        try:
            read.append(one := read_remittance(content, file))
            seen.append(SeenFile(Path(file).name, one.mark, seen_lines(one.claims)))
        except RemittanceRefused as error:
            refused.extend(error.problems)
    found = joined(read, refused)
    below = _below_contract(found, zip_code) if compares else None
    if as_values:
        click.echo(as_json(remittance_json(found) | (below.json() if below else {})))
    else:
        for line in (*_remittance_lines(found), *(below.lines() if below else ())):
            click.echo(line)
    if learns:
        _learn(seen, by)
    for problem in found.problems:
        click.echo(str(problem), err=True)
    if found.problems:
        sys.exit(_SOME_REFUSED)


def _below_contract(read: Remittance, zip_code: str) -> Found:
    """Return what was allowed below the contract that the clinic has published, or that its settings name."""
    from estimator.billing.schedule import books_now
    from estimator.billing.underpaid import below_contract, visits_in
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices

    return below_contract(visits_in(read.claims, zip_code), books_now(open_shelf(), open_prices()))


def _learn(files: Sequence[SeenFile], by: str) -> None:
    from estimator.prices.market import FEWEST_LINES
    from estimator.publishing.drafts import Signed
    from estimator.publishing.learned import learn_from

    new, learned = learn_from(upgraded_engine(), files, Signed(by, ""))
    enough = sum(one.lines >= FEWEST_LINES for one in learned.amounts)
    known = f", {_counted(len(files) - new, 'file')} known already" if new < len(files) else ""
    what = f"{len(learned.amounts)} amounts, {enough} of {FEWEST_LINES} lines or more, which set a range"
    click.echo(f"Learned from {_counted(new, 'new file')}{known}: {what}.", err=True)


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


# ----------------------------------------------------------------------------
# `estimator import rates`: prices that a payer agreed with clinics.
# ----------------------------------------------------------------------------

_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
_STATE = click.option("--state", callback=state_code, help="The state whose clinics these are; needed to publish.")
_ZIPS = click.option("--zips", default="", metavar="550-556", help="Only these ZIP codes, by their first three digits.")
_BY = click.option("--by", default="", help="Who publishes, for the record.")


@click.command("rates")
@click.argument("files", nargs=-1, required=True, type=_PATH)
@click.option("--insurer", required=True, help="The id of the payer whose files these are, such as bcbs-mn.")
@_STATE
@_ZIPS
@click.option("--json", "as_values", is_flag=True, help="Print every kept price, what was refused, and the market.")
@click.option("--dask", "cluster", default="", help="A Dask cluster to read on, like tcp://10.0.0.5:8786.")
@_BY
@click.option("--activate", is_flag=True, help="Let these figures price from now on; left out, nothing changes.")
@told
def rates(
    files: tuple[Path, ...],
    insurer: str,
    state: str | None,
    zips: str,
    as_values: bool,
    cluster: str,
    by: str,
    activate: bool,
) -> None:
    """Read the prices a payer agreed with clinics from in-network FILES (json or gz), or from a table of contents.

    A table of contents stands for the files of the same name beside it; nothing is downloaded. With --dask (extra
    `cluster`), the workers of a cluster read the files, each at the same path on every worker.
    """
    from estimator.prices.rates import (
        kept_rows,
        local_files,
        market_json,
        market_of,
        read_all,
        refused_of,
        row_json,
    )

    paths, missing = _all_files(files, local_files)
    read = list(read_on_cluster(cluster, paths)) if cluster else read_all(paths)
    market = market_of(kept_rows(read))
    refused = refused_of(read)
    if as_values:
        _print_json(
            map(row_json, kept_rows(read)),
            {"refused": refused, "market": [market_json(one) for one in market], "missing": missing},
        )
        if activate:
            _publish(read, (insurer, state or "", zips), by, activate=True, is_quiet=True)
        return
    for one in read:
        source = one.provenance
        dated = source.dated.isoformat() if source.dated else "without a date"
        click.echo(f"{source.file}: {source.payer}, {dated}, schema {source.schema or 'not named'}")
        click.echo(f"  {source.read:>9,}  prices of our codes read")
        click.echo(f"  {source.kept:>9,}  kept")
    for reason, number in refused.items():
        click.echo(f"  {number:>9,}  refused: {reason}")
    for name in missing:
        click.echo(f"Worth a look: {name} is named, but is not beside the table of contents.", err=True)
    for line in _market_lines(market):
        click.echo(line)
    _publish(read, (insurer, state or "", zips), by, activate=activate)


def read_on_cluster(address: str, paths: Sequence[Path]) -> Iterator[FileRates]:
    """Yield what each file says, in their order, read by the workers of a cluster.

    A file whose worker is lost is read by another one.
    """
    from estimator.cli.cluster import WorkerLost, on_cluster
    from estimator.cli.common import refused
    from estimator.prices.rates import read_rates

    try:
        with on_cluster(address, _version) as (executor, _at_once):
            yield from executor.map(read_rates, [path.resolve() for path in paths])
    except WorkerLost as error:
        raise refused("Reading a file ended every worker that tried. Give the workers more memory.") from error
    except FileNotFoundError as error:
        words = f"A worker has no file {error.filename}. Put the files where each worker has them at the same path."
        raise refused(words) from error


def _version() -> str:
    return __version__


def _publish(
    read: Sequence[FileRates], whose: tuple[str, str, str], by: str, *, activate: bool, is_quiet: bool = False
) -> None:
    """Tell what publishing would change, and publish where that is asked for."""
    from estimator.billing.clinic import clinic_now
    from estimator.publishing.market import area_of, new_market

    clinic = clinic_now()

    def tables() -> list[NewTable]:
        return [new_market(area_of(*whose), read, clinic.tin, clinic.npi)]

    _publish_tables(tables, by, activate=activate, is_quiet=is_quiet)


def _publish_charges(
    read: Sequence[HospitalFile], where: tuple[str, str], by: str, *, activate: bool, is_quiet: bool = False
) -> None:
    from estimator.publishing.market import new_charges

    _publish_tables(lambda: [new_charges(one, *where) for one in read], by, activate=activate, is_quiet=is_quiet)


def _publish_tables(tables: Callable[[], list[NewTable]], by: str, *, activate: bool, is_quiet: bool) -> None:
    from estimator.errors import RatesRefused
    from estimator.publishing.market import change_lines, compare_market
    from estimator.publishing.official_tables import publish_table

    try:
        new = tables()
    except RatesRefused as refusal:
        if activate:
            raise
        for problem in refusal.problems:
            click.echo(f"This could not be published. {problem}", err=True)
        return
    engine = upgraded_engine() if activate else engine_to_compare()
    for table in new:
        for line in change_lines(compare_market(engine, table)):
            click.echo(line, err=is_quiet)
        if activate and engine:
            is_new = publish_table(engine, table, by)
            click.echo("These figures price from now on." if is_new else "They price already.", err=is_quiet)
    if not activate:
        click.echo("Nothing was published: this was a dry run. Add --activate to publish.", err=is_quiet)


@click.group("rates")
def market() -> None:
    """List what payers' files and remittances showed, and take it back."""


@market.command("history")
@click.argument("insurer", required=False)
@told
def history(insurer: str | None) -> None:
    """List what was published of INSURER, or of all, the newest first; a star marks what prices now."""
    from estimator.publishing.market import published_markets

    engine = engine_to_compare()
    rows = published_markets(engine, insurer) if engine else ()
    for one, prices in rows:
        what = "prices" if "hospital" in one.says else "codes"
        did = f"{len(one.says['rows'])} {what} from {one.files}" if one.says["rows"] else "taken back"
        again = " again" if one.says.get("restores") else ""
        when = f"{one.published_at:%Y-%m-%d %H:%M}"
        click.echo(f"{'*' if prices else ' '} {one.id}  {one.name}  {did}{again}  {when}  {one.published_by}".rstrip())
    if not rows:
        click.echo("Nothing was published. The tables that ship price.")


@market.command("rollback")
@click.argument("insurer", required=False)
@click.option("--hospital", "hospital_", help="A hospital in the place of an insurer, named as the history names it.")
@_STATE
@_ZIPS
@_BY
@told
def rollback(insurer: str | None, hospital_: str | None, state: str | None, zips: str, by: str) -> None:
    """Take back the figures that price INSURER's clinics in this area: what priced before prices again."""
    from estimator.publishing.market import area_of, roll_back_hospital, roll_back_market

    if hospital_:
        before = roll_back_hospital(upgraded_engine(), hospital_, by)
    else:
        before = roll_back_market(upgraded_engine(), area_of(insurer or "", state or "", zips), by)
    if before is None:
        click.echo("Taken back. Nothing was published before: what ships prices, where there is something.")
    else:
        click.echo(f"Taken back. Table {before.id} prices again: {before.files}.")


@market.command("learned")
@click.option("--json", "as_values", is_flag=True, help="Print amounts, files and what was forgotten as JSON.")
@told
def learned(as_values: bool) -> None:
    """List the allowed amounts that were learned from remittances, and the files that they come from."""
    from estimator.publishing.learned import Learned, learned_now

    engine = engine_to_compare()
    now = learned_now(engine) if engine else Learned()
    if as_values:
        files = [{"name": one.name, "mark": one.mark, "lines": one.lines} for one in now.files]
        forgotten = [[*key, day] for key, day in sorted(now.forgotten.items())]
        amounts = [_amount_values(one) for one in now.amounts]
        click.echo(as_json({"amounts": amounts, "files": files, "forgotten": forgotten}))
        return
    for amount in now.amounts:
        click.echo(_amount_line(amount))
    for file in now.files:
        click.echo(f"file {file.mark}  {file.name}, {_counted(file.lines, 'line')}, {file.learned_at:%Y-%m-%d}")
    for (payer, plan, code), day in sorted(now.forgotten.items()):
        click.echo(f"forgotten up to {day}: {payer}, {plan}, {code}")
    if not now.files:
        click.echo("Nothing was learned. Read remittances with `estimator remittance FILE --learn`.")


@market.command("forget")
@click.option("--file", "file", default="", help="A file by its mark, as `estimator rates learned` lists it.")
@click.option("--amount", nargs=3, metavar="PAYER PLAN CODE", help="An amount, up to its last day.")
@click.option("--undo", is_flag=True, help="Let the lines of a forgotten amount count again.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@_BY
@told
def forget(file: str, amount: tuple[str, str, str] | None, undo: bool, dry_run: bool, by: str) -> None:
    """Let a file or an amount that was learned from remittances count no longer.

    A file counts again after `estimator remittance FILE --learn`, an amount after --undo.
    """
    from estimator.publishing.drafts import Signed
    from estimator.publishing.learned import forget_amount, forget_file, learned_now, remember_amount

    if bool(file) == bool(amount) or (undo and not amount):
        raise click.UsageError("Give --file MARK or --amount PAYER PLAN CODE; --undo goes with --amount.")
    engine, signed = upgraded_engine(), Signed(by, "")
    before = learned_now(engine)
    if file:
        after = forget_file(engine, file, signed, is_trial=dry_run)
    elif amount and undo:
        after = remember_amount(engine, *amount, signed, is_trial=dry_run)
    elif amount:
        after = forget_amount(engine, *amount, signed, is_trial=dry_run)
    was, now = ({one.key: _amount_line(one) for one in learned.amounts} for learned in (before, after))
    changed = [key for key in sorted(was.keys() | now.keys()) if was.get(key) != now.get(key)]
    for key in changed:
        click.echo(f"before: {was.get(key) or 'nothing'}")
        click.echo(f"   now: {now.get(key) or 'nothing'}")
    click.echo(f"{_counted(len(changed), 'amount')} changed.")
    if dry_run:
        click.echo("Nothing is stored: this was a dry run.")


def _amount_values(amount: Amount) -> dict[str, Any]:
    spread = {"low": str(amount.low), "median": str(amount.median), "high": str(amount.high)}
    key = {"payer": amount.payer, "plan": amount.plan, "code": amount.code}
    return {**key, "lines": amount.lines, "last_seen": amount.last_seen, **spread}


def _amount_line(amount: Amount) -> str:
    seen = f"{_counted(amount.lines, 'line')} until {amount.last_seen}"
    spread = f"${amount.low} to ${amount.high}, median ${amount.median}"
    return f"{amount.payer}, {amount.plan}: {amount.code} {spread} ({seen})"


def _all_files(
    files: Iterable[Path], local_files: Callable[[Path], tuple[list[Path], list[str]]]
) -> tuple[list[Path], list[str]]:
    paths: dict[Path, None] = {}
    missing: list[str] = []
    for file in files:
        found, others = local_files(file)
        paths.update(dict.fromkeys(found))
        missing.extend(others)
    return list(paths) or list(files), missing


def _print_json(kept: Iterable[dict[str, Any]], others: dict[str, Any]) -> None:
    """Print rows as they come, since a payer may have millions."""
    import json

    click.echo('{"kept": [', nl=False)
    for number, row in enumerate(kept):
        click.echo(f"{',' if number else ''}\n  {json.dumps(row, ensure_ascii=False)}", nl=False)
    rest = json.dumps(others, ensure_ascii=False, indent=2)
    click.echo(f"\n],{rest[1:]}")


def _market_lines(market: Iterable[Quantiles]) -> Iterator[str]:
    yield f"{'Code':<6}{'min':>10}{'p25':>10}{'median':>10}{'p75':>10}{'max':>10}{'clinics':>9}"
    for one in market:
        amounts = (one.least, one.p25, one.median, one.p75, one.most)
        yield f"{one.code:<6}" + "".join(f"{amount!s:>10}" for amount in amounts) + f"{one.clinics:>9,}"


# ----------------------------------------------------------------------------
# `estimator import hospital`: what payers agreed with hospitals.
# ----------------------------------------------------------------------------


@click.command("hospital")
@click.argument("files", nargs=-1, required=True, type=_PATH)
@click.option("--state", callback=state_code, help="The state of the hospital, where its file does not say it.")
@_ZIPS
@click.option("--json", "as_values", is_flag=True, help="Print every charge, and those kept apart with the reason.")
@_BY
@click.option("--activate", is_flag=True, help="Let these prices count from now on; left out, nothing changes.")
@told
def hospital(files: tuple[Path, ...], state: str | None, zips: str, as_values: bool, by: str, activate: bool) -> None:
    """Read hospitals' standard charges from FILES (CMS template 2.x and 3.x: tall CSV, wide CSV or JSON)."""
    from collections import Counter

    from estimator.prices.hospital import charge_json, read_hospital

    read = [read_hospital(file) for file in files]
    refused: Counter[str] = Counter()
    for one in read:
        refused.update(one.refused)
    if as_values:
        kept = ({"hospital": one.hospital, **charge_json(charge)} for one in read for charge in one.kept)
        apart = [{"hospital": one.hospital, **charge_json(charge)} for one in read for charge in one.apart]
        _print_json(kept, {"apart": apart, "refused": dict(sorted(refused.items()))})
        _publish_charges(read, (state or "", zips), by, activate=activate, is_quiet=True)
        return
    for one in read:
        dated = one.dated.isoformat() if one.dated else "without a date"
        click.echo(f"{one.file}: {one.hospital}, {one.state}, {dated}, template {one.schema} ({one.layout})")
        counted = Counter(charge.apart for charge in one.charges)
        click.echo(f"  {counted.pop('', 0):>7,}  charges kept")
        for reason, number in sorted(counted.items()):
            click.echo(f"  {number:>7,}  kept apart: {reason}")
    for reason, number in sorted(refused.items()):
        click.echo(f"  {number:>7,}  refused: {reason}")
    _publish_charges(read, (state or "", zips), by, activate=activate)
