"""Measure what a reader waits for and what a batch costs, beside what stands for the least possible in the same run.

Times are processor time of this thread, the least of many single calls: other people's programs on the same machine
change them little. Nothing fails on time; it fails where two ways to one number differ. `make bench` prints the table
and writes bench/results.json and the pictures of docs/performance.md; `make bench OFFICIAL=folder` also times the
imports of the official files found there, and of a benefit file of our own making.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import structlog

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
RESULTS = ROOT / "bench" / "results.json"
PICTURES = ROOT / "docs"
TRIES = 60
DAY = date(2026, 11, 23)
SERVICES = [{"code": "97110", "minutes": 30}, {"code": "97140", "minutes": 15}, {"code": "20561"}]
PLANS = ("evergreen-ppo-silver", "template-employer-ppo", "original-medicare-2026")
VISITS = (1, 3, 6, 12, 24, 48, 96)
FOUND = (20, 40, 80, 160)
ROWS = (10, 20, 40, 80)
MANY = 1_000_000


def least(work: Callable[[], object], tries: int = TRIES) -> float:
    """Return the least processor time of one call, in microseconds."""
    work()
    took = []
    for _ in range(tries):
        start = time.thread_time()
        work()
        took.append(time.thread_time() - start)
    return min(took) * 1e6


def request(plan: str, visits: int = 12) -> dict[str, Any]:
    """Return so many visits of 3 lines, a week apart, at the region's three price levels."""
    days = [date(2026, 3, 2) + timedelta(days=3 * place) for place in range(visits)]
    asked = [{"day": day.isoformat(), "services": SERVICES} for day in days]
    return {"plan": plan, "zip": "98101", "as_of": DAY.isoformat(), "visits": asked}


def plain_decimal() -> Decimal:
    """Do the same money arithmetic with no explanation: 12 visits × 3 lines × 3 prices."""
    cent, total = Decimal("0.01"), Decimal(0)
    for level in (Decimal("0.98"), Decimal("1.22"), Decimal("1.88")):
        deductible, maximum = Decimal(1500), Decimal(6000)
        for _ in range(12):
            copay = Decimal(40)
            for base in (Decimal("57.32"), Decimal("27.72"), Decimal("38.08")):
                allowed = (base * level).quantize(cent, ROUND_HALF_UP)
                taken = min(deductible, allowed)
                charged = min(copay, allowed - taken)
                share = ((allowed - taken - charged) * Decimal("0.20")).quantize(cent, ROUND_HALF_UP)
                owed = min(taken + charged + share, maximum)
                deductible, copay, maximum, total = deductible - taken, copay - charged, maximum - owed, total + owed
    return total


# ----------------------------------------------------------------------------
# What is measured, in the order of docs/performance.md. Each figure has a name, a unit and what it is held against.
# ----------------------------------------------------------------------------


def engine() -> dict[str, float]:
    """Return microseconds of explained estimates, of reading a request, and of the bare arithmetic."""
    from estimator.engine.estimate import estimate
    from estimator.engine.visits import Tables
    from estimator.estimates.contract import read_request
    from estimator.plans.shelf import folder_shelf
    from estimator.prices.books import diagnoses, find_zip, pair_edits, service_codes
    from estimator.prices.sheet import gather_prices
    from estimator.settings import plans_folder

    sheet = gather_prices(find_zip("98101"))
    tables = Tables(service_codes(), pair_edits(), diagnoses())
    shelf = folder_shelf(plans_folder())
    found = {"the same arithmetic in plain Decimal, µs": least(plain_decimal)}
    found["reading a request of 12 visits, µs"] = least(lambda: read_request(request(PLANS[0]), DAY))
    for name in PLANS:
        plan, asked = shelf.find(name, date(2026, 3, 2)), read_request(request(name), DAY).request
        took = least(lambda asked=asked, plan=plan: _read(estimate(asked, plan, sheet, tables, {})))
        found[f"explained estimate, 12 × 3 × 3, {name}, µs"] = took
    return found


def _read(found: Any) -> int:
    """Read each visit of the three runs, which are put together when somebody does."""
    return sum(len(run.visits) for run in (found.low, found.typical, found.high))


def pages() -> dict[str, float]:
    """Return milliseconds of processor time of the pages that are served, and of a bare page of the same bytes."""
    from flask import Flask

    from estimator.web.app import create_app

    client = create_app().test_client()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR), cache_logger_on_first_use=False
    )
    form = {"zip": "98101", "plan": PLANS[0], "visits": "12"}
    answer = client.post("/estimate", data=form)
    bare = Flask("bare")
    bare.add_url_rule("/", view_func=lambda: answer.text)
    works: dict[str, Callable[[], Any]] = {
        "bare Flask page of the same bytes, ms": lambda: bare.test_client().get("/"),
        "form, ms": lambda: client.get("/"),
        "answer of 12 visits, ms": lambda: client.post("/estimate", data=form),
        "comparison, ms": lambda: client.post("/compare", data=form),
        "API estimate of 12 visits, ms": lambda: client.post("/api/v1/estimates", json=request(PLANS[0])),
        "search of plans, ms": lambda: client.get("/choose-plan?state=NC&words=silver+ppo"),
    }
    for what, work in works.items():
        require(work().status_code == 200, f"{what}: status {work().status_code}")
    served = works["API estimate of 12 visits, ms"]().json["patient_owes"]["typical"]
    require(Decimal(str(served)) == Decimal(typical_of(request(PLANS[0]))), "the API and the engine differ")
    return {what: least(work, TRIES // 4) / 1000 for what, work in works.items()}


def kernel() -> dict[str, float]:
    """Return estimates a second and core of the kernel, three levels each; 20 of each plan are held to the engine's."""
    import numpy as np

    from estimator.engine.estimate import estimate
    from estimator.engine.values import Money
    from estimator.estimates.contract import read_request
    from estimator.estimates.kernel import Paid, Shape
    from estimator.estimates.run import estimate_asked

    shelf, prices = served()
    chance = np.random.default_rng(2026)
    deductible, maximum = chance.integers(0, 300_000, MANY), chance.integers(0, 900_000, MANY)
    paid = Paid(deductible, maximum, np.zeros(MANY, np.int64), np.zeros(MANY, np.int64))
    found: dict[str, float] = {}
    for name in PLANS:
        given: list[Any] = []
        asked = read_request(request(name), DAY)
        estimate_asked(
            asked, shelf, prices=prices, engine=lambda *them, given=given: given.append(them) or estimate(*them)
        )
        one, plan, sheet, tables = given[0][:4]
        shape = Shape(one, plan, sheet, tables)
        totals = shape.totals(paid)
        for row in range(20):
            sums = {"deductible_paid": Money(deductible[row]), "out_of_pocket_paid": Money(maximum[row])}
            own = estimate(replace(one, used=replace(one.used, **sums)), plan, sheet, tables, {})
            require(own.typical.owes == totals.typical[row], f"{name}: the kernel and the engine differ")
        took = least(lambda shape=shape: shape.totals(paid), TRIES // 6)
        found[f"kernel, 12 × 3 × 3, {name}, estimates a second and core"] = MANY / took * 1e6
    return found


def batches() -> dict[str, float]:
    """Return rows a second and core of a batch, explained and as totals; the totals are those of the engine."""
    rows = [request(plan, visits) for plan in PLANS for visits in (3, 6, 12, 24)] * 4
    many = [
        {**request(PLANS[place % 3]), "used": {"deductible_paid": f"{place % 1500}.{place % 100:02d}"}}
        for place in range(30_000)
    ]
    with tempfile.TemporaryDirectory() as folder:
        together = _batch(Path(folder), many)
        with (Path(folder) / "answers.csv").open(encoding="utf-8") as answers:
            for row, asked in list(zip(csv.DictReader(answers), many, strict=True))[::1_499]:
                require(row["typical"] == typical_of(asked), f"row {row['row']} of the batch and the engine differ")
        took = _batch(Path(folder), rows, "answers.jsonl")
    return {
        "batch, explained (JSON lines), estimates a second and core": len(rows) / took,
        "batch, totals (CSV) of 30,000 rows of three plans, estimates a second and core": len(many) / together,
    }


def _batch(folder: Path, rows: Sequence[Mapping[str, Any]], out: str = "answers.csv") -> float:
    """Answer rows with one worker; return the seconds of processor time, the start of the process apart."""
    from estimator.cli.batch import Batch

    (folder / "requests.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    work = Batch(folder / "requests.jsonl", folder / out, workers=1)
    start = time.thread_time()
    for _ in work.answer(work.begun()):
        pass
    return time.thread_time() - start


def typical_of(asked: Mapping[str, Any]) -> str:
    """Return the typical total of a request by the engine, in dollars."""
    from estimator.estimates.contract import read_request
    from estimator.estimates.run import estimate_asked

    shelf, prices = served()
    return str(estimate_asked(read_request(asked, DAY), shelf, prices=prices)[0].typical.owes)


@cache
def served() -> tuple[Any, Any]:
    """Return the plans and the prices of the database."""
    from estimator.plans.shelf import open_shelf
    from estimator.prices.store import open_prices

    return open_shelf(), open_prices()


def starts() -> dict[str, float]:
    """Return seconds of processor time and megabytes of fresh processes: to the first page, and one estimate."""
    first = """
from estimator.web.app import create_app, prepare_plans
assert create_app(prepare_plans()).test_client().get("/").status_code == 200
"""
    loaded = """
from estimator.web.app import create_app, prepare_plans
client = create_app(prepare_plans()).test_client()
form = {"zip": "98101", "plan": "evergreen-ppo-silver", "visits": "12"}
for _ in range(20):
    assert client.post("/estimate", data=form).status_code == 200
"""
    with tempfile.TemporaryDirectory() as empty:
        seconds, _ = _fresh(first, {"ESTIMATOR_DATA": empty})
    again, _ = _fresh(first, {})
    _, megabytes = _fresh(loaded, {})
    return {
        "first start to the first page, s": seconds,
        "later starts to the first page, s": again,
        "memory of a process after 20 answers, MB": megabytes,
    }


def found_among(shelf: Any) -> dict[str, float]:
    """Return milliseconds of searches of different kinds, each the first 40 plans and how many there are."""
    from estimator.plans.shelf import Wanted

    kinds = {
        "words in a state": Wanted("silver ppo", "NC", day=DAY),
        "an insurer": Wanted("aetna", day=DAY),
        "the id of a plan": Wanted("30252fl0200034-05"),
        "a market in a state": Wanted(state="TX", market="marketplace", day=DAY),
    }
    plans = round(shelf.count(Wanted()), -3)
    took: dict[str, float] = {}
    for kind, wanted in kinds.items():
        require(len(shelf.search(wanted)) == shelf.count(wanted), f"{kind}: found and counted differ")
        took |= {
            f"search by {kind} among {plans:,} plans, ms": least(lambda one=wanted: shelf.search(one, 40)) / 1000,
            f"count by {kind} among {plans:,} plans, ms": least(lambda one=wanted: shelf.count(one)) / 1000,
        }
    return took


def searches() -> dict[str, float]:
    """Return the same of the plans that ship, and of ten times as many."""
    from sqlalchemy import URL

    from bench.many_plans import fill
    from estimator.db.connection import engine_at
    from estimator.plans.shelf import Shelf

    found = found_among(served()[0])
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_at(URL.create("sqlite", database=f"{folder}/estimator.db"))
        fill(engine)
        found |= found_among(Shelf(engine))
        engine.dispose()
    return found


def schedules() -> dict[str, float]:
    """Return rows a second and core of a schedule of 4,000 different plans, and of one of 40 with rows that repeat."""
    from estimator.billing.schedule import answer_row, answer_rows, books_now, no_calls
    from estimator.billing.schedule_file import NAMES, ScheduleRow
    from estimator.plans.shelf import Wanted

    shelf, prices = served()
    ids = [row.plan_id for row in shelf.search(Wanted(market="marketplace", kind="published", day=DAY), 20_000)]

    def answered(rows: int, plans: int) -> float:
        said = [{"plan": ids[row % plans * (len(ids) // plans)], "label": f"A-{row}"} for row in range(rows)]
        usual = {"zip": "98101", "services": "97110:30 20561", "first_day": "2026-12-01", "visits": "1"}
        asked = [
            ScheduleRow(line, dict.fromkeys(NAMES, "") | usual | each | {"deductible_paid": f"{line // plans % 20}.00"})
            for line, each in enumerate(said)
        ]
        books, start = books_now(shelf, prices), time.thread_time()
        outcomes = list(answer_rows(asked, replace(books, told=no_calls)))
        took = time.thread_time() - start
        for row, outcome in outcomes[:: rows // 10]:
            require(outcome == answer_row(row.cells, books), f"row {row.line} alone and among others differ")
        return rows / took

    return {
        "schedule, 4,000 rows of as many plans, rows a second and core": answered(4_000, 4_000),
        "schedule, 20,000 rows of 40 plans and 20 sums, rows a second and core": answered(20_000, 40),
    }


def clients() -> dict[str, float]:
    """Return what eight clients without a pause get from two processes."""
    from bench.load import hurried

    return hurried()


def _fresh(code: str, settings: Mapping[str, str]) -> tuple[float, float]:
    """Run code in a process of its own; return its seconds of processor time and its peak megabytes."""
    command = [sys.executable, "-c", _MEASURED, sys.executable, "-c", code]
    done = subprocess.run(command, env={**os.environ, **settings}, text=True, check=True, capture_output=True)
    seconds, kilobytes = done.stderr.strip().splitlines()[-1].split()
    return float(seconds), int(kilobytes) / 1024


def curves() -> dict[str, list[tuple[int, float]]]:
    """Return how time grows: milliseconds by visits of an estimate, by plans of a ranking, by rows of a batch."""
    from estimator.estimates.contract import read_request
    from estimator.estimates.rank import rank
    from estimator.estimates.run import estimate_asked
    from estimator.plans.shelf import Shelf, Wanted

    shelf, prices = served()

    def answered(visits: int) -> float:
        asked = read_request(request(PLANS[0], visits), DAY)
        return least(lambda: estimate_asked(asked, shelf, prices=prices), TRIES // 6) / 1000

    class Some(Shelf):
        """A shelf on which a search finds so many plans."""

        most = 0

        def search(self, wanted: Wanted, limit: int | None = None, start: int = 0) -> Any:
            return super().search(wanted, self.most, start)

    some = Some(shelf.engine)

    def ranked(found: int) -> tuple[int, float]:
        some.most = found
        wanted = Wanted(state="NC", market="marketplace")
        plans = len(rank(request(PLANS[0]), wanted, DAY, some, prices).ranked)
        return plans, least(lambda: rank(request(PLANS[0]), wanted, DAY, some, prices), 1) / 1000

    def rowed(rows: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            return _batch(Path(folder), [request(PLANS[0])] * rows, "answers.jsonl") * 1000

    return {
        "visits": [(visits, answered(visits)) for visits in VISITS],
        "plans": [ranked(found) for found in FOUND],
        "rows": [(rows, rowed(rows)) for rows in ROWS],
    }


class Differs(Exception):
    """Two ways to one number differ."""


def require(holds: bool, otherwise: str) -> None:
    """Raise Differs where an equality breaks."""
    if not holds:
        raise Differs(otherwise)


# ----------------------------------------------------------------------------
# A curve as a picture that every browser shows.
# ----------------------------------------------------------------------------

_WIDE, _HIGH, _EDGE = 480, 260, 48
_TITLES = {
    "visits": "One estimate by its number of visits",
    "plans": "A ranking by its number of plans",
    "rows": "A batch by its number of rows",
}


def picture(kind: str, points: Sequence[tuple[int, float]]) -> str:
    """Return a curve as SVG: milliseconds of processor time upward."""
    most_x, most_y = max(x for x, _ in points), max(y for _, y in points)
    placed = [
        (_EDGE + x / most_x * (_WIDE - 2 * _EDGE), _HIGH - _EDGE - y / most_y * (_HIGH - 2 * _EDGE)) for x, y in points
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    told = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        f'<text x="{x:.1f}" y="{_HIGH - _EDGE + 18}" text-anchor="middle">{value}</text>'
        for (x, y), (value, _) in zip(placed, points, strict=True)
        if x - _EDGE > 30 or x == placed[0][0]
    )
    floor = _HIGH - _EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{_TITLES[kind]}"'
        f' font-family="sans-serif" font-size="12"><rect width="{_WIDE}" height="{_HIGH}" fill="#fff"/>'
        f'<text x="{_EDGE}" y="24" font-size="14">{_TITLES[kind]}</text>'
        f'<path d="M{_EDGE} {_EDGE}V{floor}H{_WIDE - _EDGE}" fill="none" stroke="#71767a"/>'
        f'<text x="{_EDGE - 6}" y="{_EDGE + 4}" text-anchor="end">{most_y:,.0f}</text>'
        f'<text x="{_EDGE - 6}" y="{floor + 4}" text-anchor="end">0 ms</text>'
        f'<polyline points="{line}" fill="none" stroke="#005ea2" stroke-width="2"/>{told}'
        f'<text x="{_WIDE - _EDGE}" y="{_HIGH - 10}" text-anchor="end">{kind}</text></svg>\n'
    )


def imports(folder: Path) -> None:
    """Print the seconds, rows per second and peak memory of reading the official files in a folder."""
    benefits, attributes = (sorted(folder.rglob(name)) for name in ("benefits-and-cost-*.zip", "plan-attributes-*.zip"))
    if benefits and attributes:
        _import("marketplace", 1_457_952, ["marketplace", str(benefits[0]), str(attributes[0])])
    names = ("PPRRVU2025*.csv", "GPCI2025*.csv", "25LOCCO*.csv", "ZIP5*2025*.txt")
    fees = [next(iter(sorted(folder.rglob(name))), None) for name in names]
    if all(fees):
        options = ("--rvu", "--gpci", "--localities", "--zips")
        _import(
            "fee schedule",
            62_046,
            ["fees", *(word for pair in zip(options, map(str, fees), strict=True) for word in pair)],
        )


def medicare_advantage() -> dict[str, float]:
    """Return the same for a benefit file and a crosswalk of Medicare Advantage of our own making, of official size."""
    from tests.plans import pbp_files, test_crosswalk

    plans = [
        {
            **pbp_files.PPO,
            "pbp_a_hnumber": f"H{1000 + number // 100}",
            "pbp_a_plan_identifier": f"{number % 100 + 1:03d}",
        }
        for number in range(7_000)
    ]
    categories = ("7i;", "7d;", *(f"{number}a;" for number in range(1, 73)))
    outside = [
        {**plan, **pbp_files.OUTSIDE, "pbp_c_oon_out_mc_bendesc_cats": category}
        for plan in plans[:2_500]
        for category in categories
    ]
    counties = [{**pbp_files.FLORIDA, "county": f"County {number}"} for number in range(230)]
    areas = [{**plan, **county} for plan in plans for county in counties]
    with tempfile.TemporaryDirectory() as folder:
        file = pbp_files.benefit_zip(Path(folder), pbp_files.tables(*plans, outside=outside, areas=areas))
        del areas, outside
        plan_by_plan = _import("7,000 Medicare Advantage plans", 1_816_000, ["medicare-advantage-pbp", str(file)])
        rows = [(f"H{number // 900:04}", f"{number % 900 + 1:03}", "Cedar", "") for number in range(10_000)]
        fates = [(*row, *row, "Renewal Plan") for row in rows]
        path = test_crosswalk.medicare(Path(folder), *fates)
        crosswalk = _import("Medicare Advantage crosswalk", len(fates), ["plan-crosswalk", str(path)])
    return {
        "import of 7,000 Medicare Advantage plans, s": plan_by_plan[0],
        "import of 7,000 Medicare Advantage plans, MB": plan_by_plan[1],
        "import of a crosswalk of 10,000 plans, s": crosswalk[0],
        "import of a crosswalk of 10,000 plans, MB": crosswalk[1],
    }


def _import(what: str, rows: int, words: list[str]) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as empty:
        code = f"import sys; from estimator.__main__ import main; sys.argv[1:] = {['import', *words]!r}; main()"
        seconds, megabytes = _fresh(code, {"ESTIMATOR_DATA": empty})
    rate = rows / seconds
    print(f"import of the {what}, read and compared: {seconds:.1f} s, {rate:,.0f} rows a second, {megabytes:.0f} MB")
    return seconds, megabytes


_MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
"""


def measured() -> dict[str, float]:
    """Return every figure, printed as soon as it is known."""
    found: dict[str, float] = {}
    for part in (engine, kernel, pages, batches, schedules, searches, starts, clients, medicare_advantage):
        figures = part()
        for what, figure in figures.items():
            print(f"{what}: {figure:,.1f}", flush=True)
        found |= figures
    return found


def filled(folder: Path) -> None:
    """Make a database with every plan that ships, unless one is there."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import make_ready

    os.environ["ESTIMATOR_DATA"] = str(folder)
    make_ready(open_engine(), lambda words: print(f"loading {words}", flush=True))


def run(folder: Path) -> None:
    """Measure everything with the database of a folder, and write the results and the pictures."""
    from bench.kernel import compared

    filled(folder)
    figures = measured()
    held = compared()
    print(f"kernel and engine, to the cent: {json.dumps(held)}", flush=True)
    grown = curves()
    for kind, points in grown.items():
        (PICTURES / f"growth-{kind}.svg").write_text(picture(kind, points), "utf-8")
        print(f"by {kind}: " + ", ".join(f"{x}: {y:,.1f} ms" for x, y in points))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told: dict[str, Any] = {"figures": {what: round(figure, 2) for what, figure in figures.items()}}
    told["growth"] = {kind: [[x, round(y, 2)] for x, y in points] for kind, points in grown.items()}
    told["kernel and engine, to the cent"] = held
    told["measured"] = {"python": sys.version.split()[0], "cores": os.cpu_count(), "peak MB": round(peak)}
    RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main(words: Iterable[str]) -> None:
    """Measure; with a folder of official files, the imports too."""
    kept = os.environ.get("ESTIMATOR_DATA")
    with tempfile.TemporaryDirectory() as folder:
        run(Path(kept or folder))
    for official in words:
        imports(Path(official))


if __name__ == "__main__":
    main(sys.argv[1:])
