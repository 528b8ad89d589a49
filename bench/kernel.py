"""Hold the kernel against the engine, to the cent, over shipped plans; count what it leaves to the engine, and why.

Each plan gets a course of its own by chance (services, minutes, days, network, what is known of the person), and rows
that differ in what was paid so far. `make bench` does so for 100,000 rows on every core, as does `python
bench/kernel.py`, which prints JSON; it fails where a total or a visit of one row differs, at the prices of the course
or at others. `--plans`, `--rows` and `--seed` make it smaller or another one.

The engine answers each row by itself, from the start: its totals and visits alone, without what explains them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np

from estimator.engine.answer import Estimate
from estimator.engine.request import Request, Service, Used, Visit
from estimator.engine.values import Money, Rate
from estimator.errors import Stopped
from estimator.estimates.contract import read_request
from estimator.estimates.kernel import Paid, Shape, Totals
from estimator.estimates.kernel_prices import NotCompiled
from estimator.estimates.run import estimate_asked
from estimator.estimates.totals import totals_alone
from estimator.plans.catalogue_file import catalogues, read_catalogue
from estimator.plans.shelf import Shelf, folder_shelf
from estimator.settings import plans_folder

DAY = date(2026, 11, 23)
CODES = ("97110", "97140", "97112", "97530", "97035", "97014", "20560", "20561", "97161", "97164")
ZIPS = ("98101", "10001", "55401", "33101", "27601")


def course(random: Random) -> dict[str, Any]:
    """Return a request without its plan: one to eight visits of one to three services."""
    first = date(2026, 1, 1) + timedelta(days=random.randrange(365))
    gap = random.choice((1, 3, 7, 14))
    kinds = [_services(random) for _ in range(random.choice((1, 1, 2)))]
    visits = [
        {"day": (first + timedelta(days=gap * place)).isoformat(), "services": kinds[min(place, len(kinds) - 1)]}
        for place in range(random.choice((1, 2, 3, 4, 6, 8)))
    ]
    asked: dict[str, Any] = {"zip": random.choice(ZIPS), "as_of": min(DAY, first).isoformat(), "visits": visits}
    if random.random() < 0.3:
        asked["provider"] = {"network": random.choice(("in-network", "out-of-network"))}
    if random.random() < 0.5:
        asked["person"] = {"family": random.random() < 0.5, "age": random.randrange(18, 90)}
    if random.random() < 0.5:
        asked["diagnoses"] = ["M54.50"]
    if random.random() < 0.3:
        asked["authorization"] = {"on_file": random.random() < 0.5}
    return asked


def _services(random: Random) -> list[dict[str, Any]]:
    codes = random.sample(CODES, random.choice((1, 2, 2, 3)))
    return [
        {"code": code, **({"minutes": random.choice((8, 15, 30, 45))} if random.random() < 0.5 else {})}
        for code in codes
    ]


def balances(random: Random, request: Request, rows: int) -> list[Used]:
    """Return what so many people have used, few of it round, some of it past every deductible and maximum."""

    def cents(most: int) -> Money:
        return Money(random.choice((0, random.randrange(most), random.randrange(1 + most // 20))))

    is_family = request.person.family is True
    return [
        replace(
            request.used,
            deductible_paid=cents(400_000),
            out_of_pocket_paid=cents(1_000_000),
            family_deductible_paid=cents(800_000) if is_family else Money(0),
            family_out_of_pocket_paid=cents(2_000_000) if is_family else Money(0),
        )
        for _ in range(rows)
    ]


def plans(number: int, shelf: Shelf) -> Iterator[tuple[str, Any]]:
    """Yield every plan of the folders, then so many of the catalogues at equal distances; what a request names."""
    for entry in shelf.folder.entries():
        yield "example", entry.heading.id
    read = [(head.plans, found) for head, found in map(read_catalogue, catalogues(plans_folder()))]
    all_of_them = sum(count for count, _ in read)
    for _, found in read:
        every = max(1, all_of_them // number)
        for place, listed in enumerate(found):
            if place % every == 0:
                yield (
                    "catalogue",
                    listed.definition.mapping if hasattr(listed.definition, "mapping") else listed.definition,
                )


def prepared(asked: Mapping[str, Any], shelf: Shelf) -> list[Any]:
    """Return what the engine gets for a request."""
    got: list[Any] = []

    def engine(*given: Any) -> Estimate:
        got.append(given[:4])
        return totals_alone(*given)

    estimate_asked(read_request(asked, DAY), shelf, engine=engine)
    return got[0]


def cents_of(found: Estimate) -> list[int]:
    """Return the totals and the visits of the engine's answer."""
    totals = [*(run.owes for run in found.settled), found.open_total.usual, found.open_total.most]
    runs = (found.low, found.typical, found.high)
    return [int(each) for each in (*totals, *(run.owes for run in runs), *(v.owes for run in runs for v in run.visits))]


def row_of(found: Totals, row: int) -> list[int]:
    """Return the same of one row of the kernel's."""
    totals = (*found.settled, found.open_usual, found.open_most, found.low, found.typical, found.high)
    return [int(each[row]) for each in (*totals, *(visit for level in found.visits for visit in level))]


class Differs(Exception):
    """The kernel and the engine come to two amounts."""


@dataclass
class Found:
    """What a comparison found, by the kind of the plans: rows of each, shapes, and why some are the engine's."""

    compared: Counter[str] = field(default_factory=Counter)
    at_prices: Counter[str] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=lambda: {"example": Counter(), "catalogue": Counter()})
    seconds: float = 0.0

    def add(self, other: Found) -> None:
        """Add what another part found."""
        for mine, its in zip(self._counters(), other._counters(), strict=True):
            mine.update(its)
        self.seconds += other.seconds

    def _counters(self) -> list[Counter[str]]:
        return [self.compared, self.at_prices, self.shapes, self.refused, *self.reasons.values()]


def compare(number: int, rows: int, seed: int, part: int, parts: int) -> Found:
    """Compare one part of the plans; raise Differs where a row of the kernel is not the engine's."""
    shelf, start, found = folder_shelf(plans_folder()), time.thread_time(), Found()
    for place, (kind, plan) in enumerate(plans(number, shelf)):
        if place % parts != part:
            continue
        random = Random(seed * 1_000_003 + place)
        for _ in range(5 if kind == "example" else 1):
            asked = {**course(random), "plan": plan}
            try:
                given = prepared(asked, shelf)
            except Stopped:
                found.refused[kind] += 1
                continue
            found.shapes[kind] += 1
            used = balances(random, given[0], rows)
            try:
                shape = Shape(*given)
                totals = shape.totals(Paid.of(used), by_visit=True)
            except NotCompiled as not_compiled:
                found.reasons[kind][not_compiled.reason] += 1
                continue
            hold(totals, [(replace(given[0], used=each), *given[1:]) for each in used], asked)
            found.compared[kind] += len(used)
            found.at_prices[kind] += compare_prices(shape, given, used[: rows // 5], random, asked)
    found.seconds = time.thread_time() - start
    return found


def compare_prices(shape: Shape, given: Any, used: list[Used], random: Random, asked: Mapping[str, Any]) -> int:
    """Compare rows at prices of their own; return how many there were, none where prices can't be shared."""
    request, *rest = given
    dearer = replace(request, provider=replace(request.provider, experience_factor=Rate.parse("130%")))
    courses = [request, dearer, *(at_given_amounts(request, random) for _ in range(3))]
    rows = [(replace(courses[place % len(courses)], used=each), *rest) for place, each in enumerate(used)]
    which = np.arange(len(rows)) % len(courses)
    try:
        totals = shape.totals(Paid.of(used), True, [shape.priced(each, rest[1]) for each in courses], which)
    except NotCompiled:
        return 0
    hold(totals, rows, asked)
    return len(rows)


def at_given_amounts(request: Request, random: Random) -> Request:
    """Return the course with an amount for each service that the plan allows."""

    def lines(visit: Visit) -> tuple[Service, ...]:
        return tuple(replace(each, allowed=Money(random.randrange(30_000))) for each in visit.services)

    return replace(request, visits=tuple(replace(visit, services=lines(visit)) for visit in request.visits))


def hold(totals: Totals, rows: list[Any], asked: Mapping[str, Any]) -> None:
    """Raise Differs where a row is another than the engine's own."""
    for row, given in enumerate(rows):
        engine = cents_of(totals_alone(*given, {}))
        if engine != row_of(totals, row):
            raise Differs(f"{json.dumps(asked, default=str)} {given[0].used} {engine} {row_of(totals, row)}")


def compared(number: int = 2_000, rows: int = 50, seed: int = 2026, workers: int | None = None) -> dict[str, Any]:
    """Compare on every core, and return what was found; raise Differs where a cent does."""
    workers, found = workers or os.cpu_count() or 1, Found()
    with ProcessPoolExecutor(workers) as pool:
        for part in [pool.submit(compare, number, rows, seed, part, workers) for part in range(workers)]:
            found.add(part.result())
    left = {kind: sum(reasons.values()) for kind, reasons in found.reasons.items()}
    return {
        "rows compared, all equal": dict(found.compared),
        "of them again at other prices, all equal": dict(found.at_prices),
        "shapes": dict(found.shapes),
        "requests refused": dict(found.refused),
        "shapes left to the engine, %": {
            kind: round(100 * left[kind] / count, 2) for kind, count in found.shapes.items()
        },
        "reasons": {kind: dict(reasons.most_common()) for kind, reasons in found.reasons.items()},
        "seconds of processor time": round(found.seconds, 1),
    }


def main() -> int:
    """Compare, and print what was found."""
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("--plans", type=int, default=2_000)
    asks.add_argument("--rows", type=int, default=50)
    asks.add_argument("--seed", type=int, default=2026)
    asks.add_argument("--workers", type=int)
    options = asks.parse_args()
    print(json.dumps(compared(options.plans, options.rows, options.seed, options.workers), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
