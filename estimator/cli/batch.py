"""The command `estimator batch`: many requests in a file, one row of answer each, on every core.

Rows are answered in parts, and a part is on the disk before the place is noted from which to go on: a run that is ended
at any moment goes on where it stopped, with every row once. What is in memory doesn't grow with the file. What the
command needs is imported when it runs, as in `cli`, which it belongs to.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections import Counter, deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from io import StringIO
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from threading import local
from typing import IO, TYPE_CHECKING, NamedTuple

import click

from estimator import __version__, clock
from estimator.cli.cluster import WorkerLost, on_cluster
from estimator.cli.common import MOST_BYTES, as_json, readable, refused, told
from estimator.engine.values import Money
from estimator.errors import Stopped

if TYPE_CHECKING:
    from estimator.engine.answer import Estimate
    from estimator.engine.plan import Plan
    from estimator.engine.prices import ClinicPrices
    from estimator.estimates.alike import Alike, RowTotals
    from estimator.plans.shelf import Shelf
    from estimator.prices.books import Prices

_FILE = click.Path(path_type=Path)
_ROWS_A_PART = 2_048
_EXPLAINED_A_PART = 64
_BYTES_A_PART = 4_000_000
_PARTS_A_WORKER = 2  # Waiting or being answered, so that no worker waits for the one that writes.
_PIECE = 1 << 20
_STOPPED = 1
CSV, JSON_LINES = ".csv", ".jsonl"
COLUMNS = (
    "row",
    "plan",
    "visits",
    "settled_low",
    "settled_typical",
    "settled_high",
    "open_usual",
    "open_most",
    "low",
    "typical",
    "high",
    "problem",
)
"""Amounts are dollars. `low` to `high` hold what is open too: `typical` as it usually turns out, `high` at its most."""


@click.command()
@click.argument("file")
@click.option("--out", required=True, type=_FILE, help="Where the answers go: a name that ends in .csv or .jsonl.")
@click.option(
    "--workers", type=click.IntRange(1, 256), help="How many processes; as many as there are cores if not set."
)
@click.option(
    "--dask", "cluster", default="", help="A Dask cluster to answer on, like tcp://10.0.0.5:8786 (extra `cluster`)."
)
@click.option("--contract", type=_FILE, help="The clinic's contract prices (CSV).")
@click.option("--price-list", type=_FILE, help="The clinic's self-pay list (CSV).")
@told
def batch(
    file: str, out: Path, workers: int | None, cluster: str, contract: Path | None, price_list: Path | None
) -> None:
    """Answer every request in FILE (JSON lines: one request a line), and go on where an earlier run stopped."""
    asked = readable(file)
    work = Batch(asked, out, workers or os.cpu_count() or 1, (contract, price_list), cluster)
    so_far = work.begun()
    bar = click.progressbar(length=asked.stat().st_size, label="Answering", file=sys.stderr)
    try:
        with bar:
            bar.update(so_far.read)
            for place in work.answer(so_far):
                bar.update(place.read - so_far.read)
                so_far = place
    except WorkerLost:
        click.echo(f"A worker was ended. Run the command again: it goes on after row {so_far.row:,}.", err=True)
        sys.exit(_STOPPED)
    click.echo(
        f"{so_far.answered + so_far.refused:,} requests: {so_far.answered:,} answered, {so_far.refused:,} to correct. "
        f"{_fallback(so_far, out.suffix)}",
        err=True,
    )


def _fallback(place: Place, kind: str) -> str:
    """Say what share of the rows the engine answered one by one, and why, the commonest reason first."""
    if kind == JSON_LINES:
        return "Fallback share 100%: the engine explains each row by itself."
    alone = sum(place.left.values())
    share = -(-1000 * alone // place.answered) / 10 if place.answered else 0
    reasons = sorted(place.left.items(), key=lambda pair: -pair[1])
    told = "".join(f"\n  {number:,}: {reason}" for reason, number in reasons)
    return f"Fallback share {share:g}%: the engine answered {alone:,} one by one.{told}"


Files = tuple[Path | None, Path | None]
"""The clinic's contract prices and its self-pay list, where they are named."""


class Line(NamedTuple):
    """One line of the file by its number, counted from 1; None where it is longer than a request may be."""

    number: int
    content: bytes | None


class _Part(NamedTuple):
    """Lines that one worker answers, and how many lines and bytes of the file are read with them."""

    lines: Sequence[Line]
    row: int
    read: int


class Answered(NamedTuple):
    """Rows as they are written, how many of them are answers and how many say what to correct.

    `left` counts those that the engine answered one by one, by reason.
    """

    rows: str
    answered: int
    refused: int
    left: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """How far a batch is: the last line, the bytes read and written, and what `rules` it rests on."""

    rules: str
    row: int = 0
    read: int = 0
    written: int = 0
    answered: int = 0
    refused: int = 0
    left: Mapping[str, int] = field(default_factory=dict)


class Batch:
    """One file of requests on its way to a file of answers.

    The answers grow in a file beside the one that is asked for, which takes its name when every row is there.
    """

    def __init__(self, asked: Path, out: Path, workers: int, files: Files = (None, None), cluster: str = "") -> None:
        if out.suffix not in (CSV, JSON_LINES):
            raise refused(f"Name a file for the answers that ends in {CSV} or {JSON_LINES}, not {out.name!r}.")
        if not out.parent.is_dir():
            raise refused(f"There is no folder {out.parent}. Name a folder that is there.")
        self.asked, self.out, self.workers = asked, out, workers
        self.files, self.cluster = files, cluster
        self.part = out.with_name(f"{out.name}.part")
        self.noted = out.with_name(f"{out.name}.part.json")

    def begun(self) -> Place:
        """Return the place from which to go on; raise RequestRefused where that would mix two files or two rules."""
        if self.out.exists():
            raise refused(f"{self.out.name} is there already. Name another file, or move it away.")
        rules = self._rules()
        if not self.noted.exists():
            return Place(rules)
        try:
            place = Place(**json.loads(self.noted.read_text("utf-8")))
        except (ValueError, TypeError) as error:
            raise refused(f"{self.noted.name} is damaged. Delete it and {self.part.name} to begin anew.") from error
        if place.rules != rules or not self.part.is_file() or self.part.stat().st_size < place.written:
            words = f"The requests, the prices, the rules or the day are others than when {self.part.name} was begun. "
            raise refused(f"{words}Delete it and {self.noted.name} to begin anew.")
        return place

    def answer(self, place: Place) -> Iterator[Place]:
        """Answer the rows after a place, and yield each place as soon as everything up to it is on the disk."""
        with (
            self.part.open("r+b" if place.row or self.part.exists() else "w+b") as written,
            self.asked.open("rb") as asked,
        ):
            written.truncate(place.written)
            written.seek(place.written)
            asked.seek(place.read)
            if not place.written:
                place = self._note(written, place, _heading(self.out.suffix))
            with closing(
                self._in_order(_parts(asked, place.row, place.read, self._rows_a_part), place.rules)
            ) as answered:
                for part, found in answered:
                    done = (place.answered + found.answered, place.refused + found.refused)
                    left = dict(Counter(place.left) + Counter(found.left))
                    place = replace(place, row=part.row, read=part.read, answered=done[0], refused=done[1], left=left)
                    place = self._note(written, place, found.rows)
                    yield place
        self.part.replace(self.out)
        self.noted.unlink()

    @property
    def _rows_a_part(self) -> int:
        """So many rows are answered before the place is noted: few where each one is explained."""
        return _ROWS_A_PART if self.out.suffix == CSV else min(_ROWS_A_PART, _EXPLAINED_A_PART)

    def _in_order(self, parts: Iterator[_Part], rules: str) -> Generator[tuple[_Part, Answered]]:
        """Answer parts side by side, and return them in the order of the file; one worker needs no second process."""
        kind, files = self.out.suffix, self.files
        if self.workers == 1 and not self.cluster:
            yield from ((part, _answered(part.lines, kind, files, rules)) for part in parts)
            return
        waiting: deque[tuple[_Part, Future[Answered]]] = deque()
        with self._workers() as (executor, workers):
            try:
                while True:
                    for part in islice(parts, workers * _PARTS_A_WORKER - len(waiting)):
                        waiting.append((part, executor.submit(_answered, part.lines, kind, files, rules)))
                    if not waiting:
                        return
                    part, found = waiting.popleft()
                    yield part, found.result()
            except BrokenProcessPool as error:
                raise WorkerLost from error
            finally:
                for _, left in waiting:
                    left.cancel()

    @contextmanager
    def _workers(self) -> Iterator[tuple[Executor, int]]:
        """Start what answers parts, with how many it answers at a time: processes of this machine, or a cluster."""
        if self.cluster:
            with on_cluster(self.cluster, rests_on) as answering:
                yield answering
            return
        pool = ProcessPoolExecutor(self.workers, get_context("spawn"))
        try:
            yield pool, self.workers
        finally:
            pool.shutdown(cancel_futures=True)

    def _note(self, written: IO[bytes], place: Place, rows: str) -> Place:
        """Write rows, then the place after them: what is noted is always on the disk."""
        written.write(rows.encode("utf-8"))
        written.flush()
        os.fsync(written.fileno())
        place = replace(place, written=written.tell())
        new = self.noted.with_name(f"{self.noted.name}.new")
        new.write_text(as_json(asdict(place)), "utf-8")
        new.replace(self.noted)
        return place

    def _rules(self) -> str:
        """Return a mark of all that an answer rests on: requests, prices, day, published rules, and this version."""
        from estimator.settings import contract_file, plans_folder, price_list_file

        mark = sha256(rests_on().encode())
        for file in sorted(plans_folder().rglob("*.yaml")):
            mark.update(f"{file} {file.stat().st_mtime_ns}".encode())
        contract, price_list = self.files
        for file in (self.asked, *filter(None, (contract or contract_file(), price_list or price_list_file()))):
            with readable(str(file)).open("rb") as content:
                while piece := content.read(_PIECE):
                    mark.update(piece)
        return mark.hexdigest()


def rests_on() -> str:
    """Return what must be the same wherever rows are answered: this version, the day, and what was published."""
    from estimator.db.connection import is_meant, open_engine, reading
    from estimator.plans.store import last_published
    from estimator.prices.store import active_list_ids

    published = ""
    if is_meant():
        with reading(open_engine()) as connection:
            published = repr((last_published(connection), active_list_ids(connection)))
    return f"{__version__} {clock.today()} {published}"


def _parts(asked: IO[bytes], row: int, read: int, most: int) -> Iterator[_Part]:
    """Return the lines of a file from here on in parts of bounded size; empty lines hold no request."""
    lines: list[Line] = []
    size = 0
    while length := (found := _read_line(asked))[1]:
        row, read, size = row + 1, read + length, size + length
        if found[0] is None or found[0].strip():
            lines.append(Line(row, found[0]))
        if len(lines) >= most or size >= _BYTES_A_PART:
            yield _Part(lines, row, read)
            lines, size = [], 0
    if lines:
        yield _Part(lines, row, read)


def _read_line(asked: IO[bytes]) -> tuple[bytes | None, int]:
    """Return the next line and its length in bytes; one that is longer than a request may be is passed over."""
    content = asked.readline(MOST_BYTES + 1)
    length = len(content)
    if length <= MOST_BYTES or content.endswith(b"\n"):
        return content, length
    while piece := asked.readline(_PIECE):
        length += len(piece)
        if piece.endswith(b"\n"):
            break
    return None, length


# ----------------------------------------------------------------------------
# What a worker does.
# ----------------------------------------------------------------------------


class _Desk(NamedTuple):
    """What a worker opens once: plans, the clinic's prices, those of the database, and the names of services.

    `alike` keeps what it has compiled.
    """

    shelf: Shelf
    clinic: ClinicPrices
    prices: Prices | None
    names: Mapping[str, str]
    alike: Alike


_opened = local()


def _desk(files: Files, rules: str) -> _Desk:
    """Return the desk of a thread: what it has compiled is its own, and lasts as long as what all answers rest on."""
    if getattr(_opened, "by", None) != (files, rules):
        _opened.desk, _opened.by = _open_desk(*files), (files, rules)
    desk: _Desk = _opened.desk
    return desk


def _open_desk(contract: Path | None, price_list: Path | None) -> _Desk:
    from estimator.estimates.alike import Alike
    from estimator.estimates.run import prices_of_clinic
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices

    shelf, prices = open_shelf(), open_prices()
    names = {code: service.name for code, service in shelf.shared.services.codes.items()}
    clinic = prices_of_clinic(shelf, prices, contract=contract, price_list=price_list)
    return _Desk(shelf, clinic, prices, names, Alike(shelf, clinic, prices, clock.today()))


def _answered(lines: Sequence[Line], kind: str, files: Files, rules: str) -> Answered:
    """Answer lines by rules of this mark; what is wrong with one is its row, and the others go on."""
    desk = _desk(files, rules)
    rows: list[str] = []
    refusals = 0
    left = Counter[str]()
    found_together, why = desk.alike.totals(_whole(lines) if kind == CSV else ())
    for line in lines:
        if line.number in found_together:
            rows.append(_row_of_totals(line.number, found_together[line.number]))
            continue
        try:
            found, plan = _estimated(line, desk)
        except Stopped as error:
            refusals += 1
            rows.append(_refusal(line.number, error, kind))
        else:
            left[why.get(line.number, "")] += 1
            rows.append(_row(line.number, found, plan, desk.names, kind))
    return Answered("".join(rows), len(lines) - refusals, refusals, left)


def _whole(lines: Sequence[Line]) -> Iterator[tuple[int, bytes]]:
    return ((line.number, line.content) for line in lines if line.content is not None)


def _estimated(line: Line, desk: _Desk) -> tuple[Estimate, Plan]:
    from estimator.estimates.contract import read_request
    from estimator.estimates.contract_values import read_json
    from estimator.estimates.run import estimate_asked

    if line.content is None:
        raise refused("Keep a request under 1 MB.")
    try:
        text = line.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(f"Save the request as text in UTF-8; byte {error.start + 1} of the line is none.") from error
    asked = read_request(read_json(text), clock.today())
    return estimate_asked(asked, desk.shelf, desk.clinic, desk.prices)


def _row(number: int, found: Estimate, plan: Plan, names: Mapping[str, str], kind: str) -> str:
    if kind == JSON_LINES:
        from estimator.wording.answer import answer_of
        from estimator.wording.answer_schema import answer_json

        return _json_line({"row": number, "answer": answer_json(answer_of(found, plan, names, "patient"))})
    settled = [run.owes for run in found.settled]
    still_open = (found.open_total.usual, found.open_total.most)
    totals = [run.owes for run in (found.low, found.typical, found.high)]
    return _csv_line((number, plan.id, len(found.typical.visits), *settled, *still_open, *totals, ""))


def _row_of_totals(number: int, found: RowTotals) -> str:
    amounts = map(Money, (*found.settled, *found.still_open, *found.totals))
    return _csv_line((number, found.plan, found.visits, *amounts, ""))


def _refusal(number: int, error: Stopped, kind: str) -> str:
    from estimator.wording.errors import problems_of

    problems = problems_of(error)
    if kind == JSON_LINES:
        listed = [{"path": problem.path, "message": problem.message} for problem in problems]
        return _json_line({"row": number, "problems": listed})
    nothing = [""] * (len(COLUMNS) - 2)
    return _csv_line((number, *nothing, "; ".join(map(str, problems))))


def _heading(kind: str) -> str:
    return _csv_line(COLUMNS) if kind == CSV else ""


def _json_line(row: Mapping[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def _csv_line(cells: Sequence[object]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()
