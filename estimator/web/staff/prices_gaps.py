"""The page of codes that a plan pays and no price of the clinic names, with what an estimate counts instead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from estimator.clock import today
from estimator.errors import EstimatorError
from estimator.prices.store import active_prices
from estimator.publishing.clinic_lists import SELF_PAY, gaps_of, plans_with_contracts
from estimator.web.staff import prices_words as words
from estimator.web.staff.access import allowed, staff_shelf
from estimator.web.staff.prices_page import own_zip
from estimator.wording.errors import problems_of

gaps = Blueprint("price_gaps", __name__, url_prefix="/prices/gaps")

_UNPROCESSABLE = 422


@gaps.get("/")
@allowed("viewer")
def look() -> str | tuple[str, int]:
    """Ask for a plan, or show the gaps of the one that is asked for."""
    shelf, day = staff_shelf(), _day(request.args.get("day", ""))
    prices = active_prices(shelf.engine)
    typed = {"plan": request.args.get("plan", "").strip(), "zip": request.args.get("zip", own_zip()).strip()}
    shown: dict[str, Any] = {"typed": typed, "day": day, "problems": (), "found": None, "source": words.source}
    shown["parties"] = plans_with_contracts(shelf, prices, day)
    if typed["plan"]:
        try:
            shown["found"] = gaps_of(shelf, prices, typed["plan"], day, typed["zip"])
        except EstimatorError as refused:
            return _page({**shown, "problems": problems_of(refused)}), _UNPROCESSABLE
    return _page(shown)


def _page(shown: Mapping[str, Any]) -> str:
    return render_template("staff/prices/gaps.html", self_pay=SELF_PAY, **shown)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return today()
