"""Measure how true the number is, print one page of figures, and write it to docs/accuracy.md. Run `make truth`.

What rests on files that the project does not carry is measured where a folder with them is named:
`make truth RATES=folder FILED=folder`. A figure that could not be measured is said to be missing, never carried over.
"""

from __future__ import annotations

import csv
import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from filed import report as filed_report

from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.estimate import estimate
from estimator.engine.plan import Benefit, CostShare, DeductibleOrder, Network, Plan, Policy, Position
from estimator.engine.prices import OFFICE, Locality, PriceSheet, schedule_amount
from estimator.engine.pricing import family_of
from estimator.engine.request import IN_NETWORK, Request, Service, Visit
from estimator.engine.usual import NOT_PAID
from estimator.engine.values import BenefitYear, Money, Span
from estimator.engine.visits import Tables
from estimator.plans.common_rules import usual_rules
from estimator.plans.folder import Library
from estimator.prices.books import books, diagnoses, find_zip, latest_book, pair_edits, service_codes
from estimator.prices.market import market_rows
from estimator.prices.sheet import ratios_by_name
from estimator.settings import plans_folder, prices_folder

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "accuracy.md"
HOSPITALS = "hospital_mrf_pt_rates_2026.csv"
TWIN_CITIES = "55401"
MISSING = "- Not measured: no folder with the files was named."
NATION = Locality("00000", "00", "US", "Nation", 1000, 1000, 1000)
ACUPUNCTURE = "978"


def table(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, its comments left out."""
    with path.open(encoding="utf-8") as opened:
        yield from csv.DictReader(line for line in opened if not line.startswith("#"))


# ----------------------------------------------------------------------------
# Medicare's own amounts, and the examples that plans and tests carry.
# ----------------------------------------------------------------------------


def official() -> list[str]:
    """Compare national amounts with those that CMS prints, code by code and year by year."""
    printed = list(table(ROOT / "tests" / "prices" / "national_amounts.csv"))
    compared = equal = 0
    for book in books():
        fees = {row["code"]: row.get(str(book.year)) for row in printed}
        for code, amount in fees.items():
            if amount and code in book.fees:
                compared += 1
                equal += str(schedule_amount(book.fees[code], NATION, book, setting=OFFICE)) == amount
    localities = sum(len(book.localities) for book in books())
    return [
        f"- National amounts that CMS prints, compared: {compared}; equal to the cent: {equal}.",
        f"- Price areas carried: {localities} over {len(books())} years. Their amounts are compared with decimal "
        "arithmetic by `tests/prices/test_book.py`.",
    ]


def examples() -> list[str]:
    """Run the worked examples: those of the plan files, and those of what the number means."""
    library = Library(plans_folder())
    stated = [len(library.read_file(path).examples) for path in library.files()]
    passed = _passes("tests/plans/test_shipped_plans.py")
    worked = _passes("tests/estimates/test_truth_examples.py")
    return [
        f"- Examples in {len(stated)} plan files, worked by hand: {sum(stated)}; {_said(passed)}.",
        f"- The examples of settled and open amounts, as whole requests: {_said(worked)}.",
    ]


def _passes(tests: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", tests]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.stdout.strip().splitlines()[-1] if ran.stdout.strip() else "no answer"


def _said(last_line: str) -> str:
    return "tests: " + last_line.strip("= ").partition(" in ")[0]


# ----------------------------------------------------------------------------
# The ladder: what a patient owes for needling that is not paid, by market and paper.
# ----------------------------------------------------------------------------

_PAPERS = ((None, "not said"), (False, "not signed"), (True, "signed"))


def ladder() -> list[str]:
    """Return a table of what is added to a visit of $20 by needling at $80: typical, and the most."""
    rules = usual_rules(plans_folder())
    known = Tables(service_codes(), pair_edits(), diagnoses(), None, rules)
    lines = ["| market | position | " + " | ".join(name for _, name in _PAPERS) + " |", "|---|---|---|---|---|"]
    for market in rules:
        if market != "self-pay":
            for position in (*NOT_PAID, Position.UNKNOWN):
                cells = [_added(market, position, signed, known) for signed, _ in _PAPERS]
                lines.append(f"| {market} | {position} | {' | '.join(cells)} |")
    return lines


def _added(market: str, position: Position, signed: bool | None, known: Tables) -> str:
    share = CostShare(Money(2000), deductible=DeductibleOrder.WAIVED)
    therapy = Benefit("therapy", frozenset({"97110"}), {IN_NETWORK: share})
    plan = replace(_EMPTY, market=market, benefits=(therapy,), policies=(Policy("needling", NEEDLING_CODES, position),))
    priced = (("97110", Money(10000)), ("20561", Money(8000)))
    lines = tuple(Service(code, None, None, frozenset(), usd, usd) for code, usd in priced)
    request = Request(date(2026, 3, 2), (Visit(date(2026, 3, 2), lines),), signed_consent=signed)
    answer = estimate(request, plan, PriceSheet(), known, {})
    typical, most = (run.owes - answer.settled[0].owes for run in (answer.typical, answer.high))
    settled = answer.settled[0].owes - 2000
    usual, dearest = (typical + settled) // 100, (most + settled) // 100
    return f"${settled // 100}–${dearest}, usually ${usual}" if dearest * 100 > settled else f"${usual}"


_EMPTY = Plan(
    id="ladder",
    title="",
    payer="",
    kind="example",
    market="employer",
    in_force=Span(),
    benefit_year=BenefitYear(),
    networks={IN_NETWORK: Network(IN_NETWORK)},
    limits={},
    benefits=(),
    policies=(),
    sources={},
)


# ----------------------------------------------------------------------------
# Real negotiated rates: how many lie within our low and high.
# ----------------------------------------------------------------------------


def offices() -> list[str]:
    """Compare the medians of two insurers' files with the range we would give without those files."""
    book, place = latest_book(), find_zip(TWIN_CITIES)
    known, inside, below, compared = ratios_by_name(), 0, 0, 0
    for row in market_rows():
        fee = book.fees.get(row.code)
        full = fee and schedule_amount(fee, book.localities[place.locality], book, setting=OFFICE)
        if not full:
            continue
        ratios = known[f"{OFFICE}{family_of(row.code)}"]
        low, high, median = full.share(ratios.low), full.share(ratios.high), row.quantiles[2]
        compared, inside, below = compared + 1, inside + (low <= median <= high), below + (median < low)
    return [
        f"- Medians of two insurers in the Twin Cities, by code: {compared}; inside our low to high: {inside} "
        f"({inside / max(1, compared):.0%}); below: {below}; above: {compared - inside - below}. **In-sample**: the "
        "range was set from the same files.",
        f"- Width of the range: {_width(known['office'])} × low for therapy, {_width(known['office:needling'])} × for "
        f"needling, {_width(known['office:office-visit'])} × for office visits.",
    ]


def _width(ratios: object) -> str:
    low, high = (Decimal(str(rate).rstrip("%")) for rate in (ratios.low, ratios.high))
    return f"{high / low:.2f}"


def hospitals(folder: Path | None) -> list[str]:
    """Leave one hospital out, set the range from the others, and count its pairs of payer and code inside."""
    if folder is None or not (folder / HOSPITALS).is_file():
        return [MISSING]
    return [line for segment in _SEGMENTS for line in _left_out(folder, segment)]


_SEGMENTS = {"commercial": "commercial", "exchange": "Marketplace", "medicare_advantage": "Medicare Advantage"}


WIDEST = 2.2
"""A range may be no wider than so many times its low end: a wider one says nothing."""
Pairs = dict[tuple[str, str, str], float]
Weighted = list[tuple[float, float]]


def _left_out(folder: Path, segment: str) -> Iterator[str]:
    pairs = _pairs(table(folder / HOSPITALS), segment)
    hospitals = sorted({each for each, _, _ in pairs})
    shares = [
        _inside({key: ratio for key, ratio in pairs.items() if key[0] != each}, pairs, each) for each in hospitals
    ]
    inside, compared = (sum(each[place] for each in shares) for place in range(2))
    low, best = _window(_weighted(pairs))
    _, known = _window([(ratio, 1.0) for ratio in pairs.values()])
    own = [_window([(ratio, 1.0) for (each, _, _), ratio in pairs.items() if each == name])[1] for name in hospitals]
    apart = sum(share * count for share, (_, count) in zip(own, shares, strict=True)) / len(pairs)
    yield (
        f"- {_SEGMENTS[segment]}: {len(hospitals)} hospitals, {compared:,} rates by payer and code; inside the range "
        f"that the other hospitals set: {inside:,} ({inside / max(1, compared):.0%}; goal 80%), {_mean(shares):.0%} at "
        f"the average hospital. All of them together set {low:.2f} to {low * WIDEST:.2f} times Medicare, which holds "
        f"{best:.0%} of them, each hospital counted alike, around a median of {_median(_weighted(pairs)):.2f}. No "
        f"range of that width can hold more than {known:.0%} of these rates, and one of its own for each hospital "
        f"{apart:.0%}."
    )


def _inside(others: Pairs, pairs: Pairs, hospital: str) -> tuple[int, int]:
    low, _ = _window(_weighted(others))
    own = [ratio for (each, _, _), ratio in pairs.items() if each == hospital]
    return sum(low <= ratio <= low * WIDEST for ratio in own), len(own)


def _mean(shares: list[tuple[int, int]]) -> float:
    return statistics.mean(inside / compared for inside, compared in shares)


def _weighted(pairs: Pairs) -> Weighted:
    """Return the rates in order, each with its weight: every hospital counts alike, however many rates it posts."""
    posted = Counter(hospital for hospital, _, _ in pairs)
    return sorted((ratio, 1 / posted[hospital]) for (hospital, _, _), ratio in pairs.items())


def _window(rates: Weighted) -> tuple[float, float]:
    """Return the low end of the range of the widest width that holds most of the rates, and the share it holds."""
    rates, best, held, end = sorted(rates), (0.0, 0.0), 0.0, 0
    for low, weight in rates:
        while end < len(rates) and rates[end][0] <= low * WIDEST:
            held, end = held + rates[end][1], end + 1
        best = max(best, (held, low))
        held -= weight
    return best[1], best[0] / sum(weight for _, weight in rates)


def _median(rates: Weighted) -> float:
    half, seen = sum(weight for _, weight in rates) / 2, 0.0
    for ratio, weight in rates:
        seen += weight
        if seen >= half:
            return ratio
    raise ValueError(rates)


def _pairs(rows: Iterable[dict[str, str]], segment: str) -> Pairs:
    """Return the median ratio to Medicare of each hospital, payer and code of therapy, rows with a flag left out."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        is_therapy = row["code"].startswith("97") and not row["code"].startswith(ACUPUNCTURE)
        if row["segment"] == segment and row["ratio"] and not row["flags"] and is_therapy:
            found.setdefault((row["hospital"], row["payer"], row["code"]), []).append(float(row["ratio"]))
    return {key: statistics.median(ratios) for key, ratios in found.items()}


# ----------------------------------------------------------------------------
# The page.
# ----------------------------------------------------------------------------


def page(rates: Path | None, filed: Path | None) -> str:
    """Return the page of figures, each measured now."""
    parts = {
        "Medicare's own amounts": official(),
        "Worked examples": examples(),
        "Results that insurers filed": _filed(filed),
        "Real rates of offices": offices(),
        "Real rates of hospitals, each left out once": hospitals(rates),
        "Who bears needling that is not paid": [_LADDER, "", *ladder()],
    }
    head = ["# How accurate the number is", "", _HEAD.format(day=date.today().isoformat())]  # noqa: DTZ011
    body = [line for title, lines in parts.items() for line in ("", f"## {title}", *lines)]
    return "\n".join([*head, *body]) + "\n"


_HEAD = "Measured on {day} by `make truth` (`bench/truth.py`). What could not be measured is said."
_LADDER = "A visit costs a copay of $20, and the clinic asks $80 for needling. Added to the visit, by paper:"


def _filed(folder: Path | None) -> list[str]:
    if folder is None:
        return [MISSING]
    about = (
        "- The fracture example of the Summary of Benefits, $2,800 of care by the government's guide of 2019-11, which "
        "also rounds each item (OMB 1210-0147, read 2026-11-30). Four visits of therapy are our own reading, so this "
        "is a check of our reading of deductibles, copays and percentages, not of prices."
    )
    return [about, *filed_report(folder)]


def _folder(name: str) -> Path | None:
    given = os.environ.get(name, "")
    return Path(given) if given else None


if __name__ == "__main__":
    assert prices_folder().is_dir()
    written = page(_folder("RATES"), _folder("FILED"))
    PAGE.write_text(written, "utf-8")
    print(written, end="")
