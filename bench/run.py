"""Measure what a reader waits for, and print it: the engine, the page, memory and the start.

Each figure is the median of several rounds on this machine; nothing here is a test and nothing fails on time.
Run `make bench`; `make bench OFFICIAL=folder` also times the imports of the official files found there.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import structlog

ROUNDS = 15
DAY = date(2026, 11, 23)
SERVICES = [{"code": "97110", "minutes": 30}, {"code": "97140", "minutes": 15}, {"code": "20561"}]
PLAN = "template-employer-ppo"
READ_PLAN = "evergreen-ppo-silver"


def median_microseconds(work: Callable[[], object], times: int) -> float:
    """Return the median over rounds of one call's microseconds."""
    work()
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            work()
        rounds.append((time.perf_counter() - start) / times * 1e6)
    return statistics.median(rounds)


def request(priced: bool) -> dict[str, object]:
    """Return 12 visits of 3 lines, with one allowed amount a line or with the region's three levels."""
    amounts = ({"allowed": "60.00"}, {"allowed": "30.00"}, {"allowed": "38.08", "billed": "60.00"})
    services = [{**line, **(amount if priced else {})} for line, amount in zip(SERVICES, amounts, strict=True)]
    days = [date(2026, 3, 2) + timedelta(days=7 * week) for week in range(12)]
    visits = [{"day": day.isoformat(), "services": services} for day in days]
    return {"plan": PLAN, "zip": "98101", "as_of": DAY.isoformat(), "visits": visits}


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


def engine() -> None:
    """Print the engine's time for given prices, for regional prices, and the plain loop's."""
    from estimator.engine.estimate import estimate
    from estimator.engine.visits import Tables
    from estimator.estimates.contract import read_request
    from estimator.plans.shelf import folder_shelf
    from estimator.prices.books import diagnoses, find_zip, pair_edits, service_codes
    from estimator.prices.sheet import gather_prices
    from estimator.settings import plans_folder

    sheet = gather_prices(find_zip("98101"))
    tables = Tables(service_codes(), pair_edits(), diagnoses())
    for name, rules in ((READ_PLAN, "every rule known"), (PLAN, "needling not known")):
        plan = folder_shelf(plans_folder()).find(name, date(2026, 3, 2))
        for priced, prices in ((True, "prices given"), (False, "three regional prices")):
            asked = read_request(request(priced), DAY).request
            took = median_microseconds(lambda asked=asked, plan=plan: estimate(asked, plan, sheet, tables, {}), 20)
            print(f"explained estimate, 12 visits × 3 lines × 3 levels, {rules}, {prices}: {took:6.0f} µs")
    plain = median_microseconds(plain_decimal, 20)
    print(f"the same arithmetic in plain Decimal, nothing explained: {plain:8.0f} µs")


def page() -> None:
    """Print the server's time for the form and for an answer, with the plans of the folder."""
    from estimator.web.app import create_app

    client = create_app().test_client()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR), cache_logger_on_first_use=False
    )
    form = {"zip": "98101", "plan": PLAN, "visits": "12"}
    status = client.post("/estimate", data=form).status_code
    asked = median_microseconds(lambda: client.get("/"), 5) / 1000
    answered = median_microseconds(lambda: client.post("/estimate", data=form), 5) / 1000
    print(f"page: the form {asked:.1f} ms, an answer of 12 visits {answered:.1f} ms (status {status})")


def start_and_memory() -> None:
    """Print the time to import the engine and to answer once from the command line, in fresh processes."""
    for what, code in (
        ("import the engine", "import estimator.engine.estimate"),
        ("import the pages", "import estimator.web.app"),
    ):
        took = statistics.median(_seconds([sys.executable, "-c", code]) for _ in range(5))
        bare = statistics.median(_seconds([sys.executable, "-c", "pass"]) for _ in range(5))
        print(f"{what}: {took - bare:.2f} s beyond a bare interpreter's {bare:.2f} s")
    once = [sys.executable, "-m", "estimator", "estimate", "-"]
    took = statistics.median(_seconds(once, json.dumps(request(False))) for _ in range(5))
    print(f"one estimate from the command line: {took:.2f} s")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of those processes: {peak:.0f} MB; of this one with the pages: {_own_megabytes():.0f} MB")


def _seconds(command: list[str], given: str = "") -> float:
    start = time.perf_counter()
    subprocess.run(command, input=given, text=True, check=True, capture_output=True)
    return time.perf_counter() - start


def _own_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def database() -> None:
    """Print the time to make and fill a database, to search it, and to read an official-sized catalogue again."""
    from estimator.db.connection import open_engine
    from estimator.plans.shelf import Shelf, Wanted
    from estimator.publishing.database import make_ready

    with tempfile.TemporaryDirectory() as folder:
        os.environ["ESTIMATOR_DATA"] = folder
        start = time.perf_counter()
        store = open_engine()
        published = make_ready(store)
        filled = time.perf_counter() - start
        again = median_microseconds(lambda: make_ready(store), 1) / 1000
        shelf = Shelf(store)
        wanted = Wanted(text="silver ppo", state="NC", market="marketplace")
        found = median_microseconds(lambda: shelf.search(wanted, 20), 5) / 1000
        counted = median_microseconds(lambda: shelf.count(wanted), 5) / 1000
        store.dispose()
    rate = published.added / filled
    print(
        f"database: {published.added:,} plans published in {filled:.1f} s ({rate:,.0f} a second), again {again:.0f} ms"
    )
    print(f"search: 20 of the plans that fit in {found:.1f} ms, their count in {counted:.1f} ms")


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


def medicare_advantage() -> None:
    """Print the same for a benefit file of Medicare Advantage of our own making, as large as the official one."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.plans import pbp_files

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
        _import("7,000 Medicare Advantage plans", 1_816_000, ["medicare-advantage-pbp", str(file)])


def _import(what: str, rows: int, words: list[str]) -> None:
    command = [sys.executable, "-m", "estimator", "import", *words]
    with tempfile.TemporaryDirectory() as empty:
        os.environ["ESTIMATOR_DATA"] = empty
        measured = [sys.executable, "-c", _MEASURED, *command]
        start = time.perf_counter()
        done = subprocess.run(measured, text=True, check=True, capture_output=True)
        took = time.perf_counter() - start
    peak = int(done.stderr.strip().splitlines()[-1]) / 1024
    print(f"import of the {what}, read and compared: {took:.1f} s, {rows / took:,.0f} rows a second, {peak:.0f} MB")


_MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


if __name__ == "__main__":
    engine()
    page()
    start_and_memory()
    database()
    medicare_advantage()
    if len(sys.argv) > 1:
        imports(Path(sys.argv[1]))
