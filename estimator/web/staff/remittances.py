"""What payers paid, at `/staff/remittances/`: what they allowed below the clinic's contract, as a page and as CSV."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from estimator import clock
from estimator.billing.register import zips_of
from estimator.billing.schedule import books_now
from estimator.billing.underpaid import Found, Short, below_contract, settled_visits
from estimator.engine.values import Money
from estimator.web import common
from estimator.web.common import csv_file
from estimator.web.staff.common import allowed, staff_shelf
from estimator.web.staff.prices import own_zip

remittances = Blueprint("remittances", __name__, url_prefix="/remittances")

# As long as most payers let a clinic dispute a payment.
_USUAL = timedelta(days=180)
_MOST_SHOWN = 200
HEADER = (
    *("case", "day", "payer", "code", "modifiers", "units"),
    *("contract ($)", "allowed ($)", "short ($)", "therapy reduction ($)", "assistant ($)"),
)


@remittances.get("/below-contract")
@allowed("billing")
def below() -> str:
    """Show what payers allowed below the contract between two days."""
    first, last = _days()
    found = _found(first, last)
    by_payer: dict[str, list[Money]] = defaultdict(list)
    for each in found.below:
        by_payer[each.visit.payer].append(each.short)
    sums = [(payer, len(short), Money(sum(short))) for payer, short in by_payer.items()]
    return render_template(
        "staff/remittances/below.html",
        first=first,
        last=last,
        found=found,
        sums=sorted(sums, key=lambda one: (-one[2], one[0])),
        most=_MOST_SHOWN,
        left_out=left_out(found.left_out),
    )


@remittances.get("/below-contract.csv")
@allowed("billing", notes="below-contract-downloaded")
def below_as_file() -> Response:
    """Send the same as CSV, with the lines that only a reduction explains."""
    found = _found(*_days())
    return csv_file("below-contract.csv", [HEADER, *map(csv_row, (*found.below, *found.explained))])


def csv_row(one: Short) -> Sequence[Any]:
    """Return a line as the file has it."""
    what = one.code, " ".join(one.modifiers), one.units or ""
    amounts = one.contract, one.allowed, one.short, one.reduced, one.assistant
    return one.visit.number, one.visit.day, one.visit.payer, *what, *amounts


def left_out(counted: Counter[str]) -> Iterable[tuple[str, int]]:
    """Return why services weren't compared, and how many, those of most first."""
    return [(reason, number) for reason, number in counted.most_common() if number]


def _found(first: date, last: date) -> Found:
    shelf = staff_shelf()
    books = books_now(shelf, common.prices())
    zips = {"": own_zip(), **zips_of(shelf.engine)}
    return below_contract(settled_visits(shelf.engine, books, (first, last), zips), books)


def _days() -> tuple[date, date]:
    last = _day("until", clock.today())
    return _day("since", last - _USUAL), last


def _day(name: str, usual: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return usual
