"""The command `estimator schedule`: a clinic's schedule in, what each row needs and what to collect out.

Nothing is kept. What the command needs is imported when it runs, as in `cli`, which it belongs to.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from estimator.cli.common import as_json, told
from estimator.errors import Problem, Refused
from estimator.settings import CLINIC, DATABASE_URL

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@click.option(
    "--cases", "matches", is_flag=True, help="Fill each row from the open case of the database with its label."
)
@click.option("--map", "chosen", multiple=True, metavar="HEADER=COLUMN", help="Read this column of the file as ours.")
@click.option("--zip", "zip_code", default="", help=f"The clinic's ZIP code; else that of {CLINIC.name}.")
@click.option("--json/--text", "is_json", default=True, help="Print JSON (the default), or what a person would read.")
@told
def schedule(file: Path, matches: bool, chosen: tuple[str, ...], zip_code: str, is_json: bool) -> None:
    """Answer every row of a schedule in FILE (CSV or workbook): what it needs, and what to collect."""
    from estimator.billing.case_visits import with_cases
    from estimator.billing.clinic import clinic_now
    from estimator.billing.schedule import answer_rows, books_now, no_calls
    from estimator.billing.schedule_file import MOST_BYTES_OF_COMMAND, MOST_ROWS_OF_COMMAND, read_schedule
    from estimator.db.connection import is_meant
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices
    from estimator.wording.worklist import schedule_json, schedule_text

    clinic = clinic_now()
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES_OF_COMMAND + 1)
    read = read_schedule(
        content,
        file.name,
        _mapping(chosen),
        zip_code or clinic.zip[:5],
        most_bytes=MOST_BYTES_OF_COMMAND,
        most_rows=MOST_ROWS_OF_COMMAND,
    )
    shelf = open_shelf()
    books = books_now(shelf, open_prices())
    if not matches:
        books = replace(books, told=no_calls)
    rows = read.rows
    if matches:
        if not is_meant():
            raise Refused((Problem("--cases", f"Set {DATABASE_URL.name}: cases are kept in the database."),))
        rows = tuple(matched.row for matched in with_cases(rows, books, clinic.habits))
    written = schedule_json(read, answer_rows(rows, books))
    click.echo(as_json(written) if is_json else schedule_text(written), nl=is_json)


def _mapping(chosen: tuple[str, ...]) -> dict[str, str]:
    """Read `HEADER=COLUMN`; raise Refused where the column is none of ours."""
    from estimator.billing.schedule_file import NAMES

    pairs = dict(each.rpartition("=")[::2] for each in chosen)
    if wrong := [column for header, column in pairs.items() if column not in NAMES or not header]:
        raise Refused((Problem("--map", f"Enter HEADER=COLUMN with one of {', '.join(NAMES)}, not {wrong[0]!r}."),))
    return pairs
