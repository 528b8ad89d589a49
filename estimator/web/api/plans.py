"""Plans and prices for other programs: found by words, told with their definition, priced at a ZIP code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask import Response, jsonify, request

from estimator.accounts.roles import Role
from estimator.engine.codes import STATES
from estimator.engine.prices import OFFICE, Ratios, Region, medicare_amount, schedule_amount
from estimator.errors import Problem, RequestRefused, UnknownPlan, UnknownZip
from estimator.plans.schema import MARKETS
from estimator.plans.search import PlanRow, Wanted
from estimator.plans.store import Revision
from estimator.prices.books import find_zip, service_codes
from estimator.prices.sheet import gather_prices
from estimator.publishing.drafts import text_of
from estimator.web import common
from estimator.web.api.common import LONGEST_WORD, NO_TOKEN, NOT_HERE, REFUSED, asked, by_token, database, subject, told

plans = subject("Plans", "/plans", "The plans that an estimate may name.")

_ON_A_PAGE = 50
_MOST_PAGES = 10_000
_ID = {"in": "path", "name": "plan_id", "required": True, "schema": {"type": "string"}}


def _of(name: str) -> Mapping[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


@plans.get("")
@plans.doc(
    operationId="findPlans",
    parameters=[
        {"in": "query", "name": "words", "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_WORD}},
        {"in": "query", "name": "state", "schema": {"type": "string", "enum": sorted(STATES)}},
        {"in": "query", "name": "market", "schema": {"type": "string", "enum": sorted(MARKETS)}},
        {"in": "query", "name": "page", "schema": {"type": "integer", "minimum": 1, "maximum": _MOST_PAGES}},
    ],
    responses={200: {"description": "One page of plans, by title.", **_of("Plans")}, 404: NOT_HERE, 422: REFUSED},
)
def find() -> Response:
    """Find active plans whose title, payer or id holds every word."""
    shelf, page = database(), _page()
    state, market = asked("state", STATES), asked("market", MARKETS)
    wanted = Wanted(text=asked("words"), state=state or None, market=market or None)
    found = shelf.search(wanted, _ON_A_PAGE, (page - 1) * _ON_A_PAGE)
    return jsonify({"plans": [_row(row) for row in found], "count": shelf.count(wanted), "page": page})


@plans.get("/<plan_id>")
@plans.doc(
    operationId="readPlan",
    parameters=[_ID],
    responses={200: {"description": "Every active revision of a plan.", **_of("Plan")}, 404: NOT_HERE},
)
def read(plan_id: str) -> Response:
    """Return the active revisions of a plan with their definitions, the latest first."""
    shelf = database()
    active = {row.revision_id for row in shelf.search(Wanted(text=plan_id)) if row.plan_id == plan_id}
    revisions = [one for one in shelf.history(plan_id) if one.id in active]
    if not revisions:
        raise UnknownPlan(plan_id)
    return jsonify({"plan": plan_id, "revisions": [_whole(one) for one in revisions]})


@plans.get("/<plan_id>/revisions")
@plans.doc(
    operationId="listRevisions",
    security=[{"token": []}],
    parameters=[_ID],
    responses={
        200: {"description": "Every revision of a plan, the newest first.", **_of("Revisions")},
        404: NOT_HERE,
        **NO_TOKEN,
    },
)
@by_token(Role.VIEWER)
def revisions(plan_id: str) -> Response:
    """Return the history of a plan: what was published when, by whom and why. Needs the role `viewer`."""
    found = database().history(plan_id)
    if not found:
        raise UnknownPlan(plan_id)
    return jsonify({"plan": plan_id, "revisions": [_heading(one) for one in found]})


def _row(row: PlanRow) -> dict[str, Any]:
    return {
        "id": row.plan_id,
        "title": row.title,
        "payer": row.payer,
        "kind": row.kind,
        "market": row.market,
        "states": list(row.states),
        "metal_level": row.metal_level,
        "first_day": _day(row.first_day),
        "last_day": _day(row.last_day),
        "revision": row.revision_id,
    }


def _heading(one: Revision) -> dict[str, Any]:
    return {
        "revision": one.id,
        "fingerprint": one.fingerprint,
        "title": one.title,
        "first_day": _day(one.first_day),
        "last_day": _day(one.last_day),
        "based_on": one.based_on,
        "published_at": one.published_at.isoformat(),
        "published_by": one.published_by,
        "note": one.note,
    }


def _whole(one: Revision) -> dict[str, Any]:
    kept = ("revision", "fingerprint", "title", "first_day", "last_day")
    heading = _heading(one)
    return {**{name: heading[name] for name in kept}, "definition": text_of(one)}


def _day(day: date | None) -> str | None:
    return None if day is None or day == date.min else day.isoformat()


def _page() -> int:
    written = asked("page", otherwise="1")
    if not (written.isascii() and written.isdecimal() and 1 <= int(written) <= _MOST_PAGES):
        raise RequestRefused((Problem("page", f"Write a whole number from 1 to {_MOST_PAGES}."),))
    return int(written)


# ----------------------------------------------------------------------------
# Prices at a ZIP code for other programs: what Medicare pays for one unit, and what other plans may pay there.
# ----------------------------------------------------------------------------

prices = subject("Prices", "/prices", "Published prices by place.")

_OK = {
    "description": "One unit of each code in an office, by the latest price book.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Prices"}}},
}


@prices.get("/<zip_code>")
@prices.doc(
    operationId="pricesByZip",
    parameters=[
        {"in": "path", "name": "zip_code", "required": True, "schema": {"type": "string", "pattern": "^[0-9]{5}$"}},
        {
            "in": "query",
            "name": "code",
            "schema": {"type": "array", "items": {"type": "string", "pattern": "^[0-9A-Z]{5}$"}, "maxItems": 50},
        },
    ],
    responses={200: _OK, 404: NOT_HERE, 422: REFUSED},
)
def by_zip(zip_code: str) -> Response | tuple[Response, int]:
    """Return Medicare's amount and the regional range of other plans, for all codes or the named ones."""
    known, asked = service_codes(), request.args.getlist("code")
    if strangers := [Problem("code", f"We carry no price for {code[:10]!r}.") for code in asked if code not in known]:
        raise RequestRefused(tuple(strangers))
    kept = common.prices()
    try:
        place = find_zip(zip_code, kept.zips if kept else None)
    except UnknownZip:
        return told(404, "zip", "Medicare’s list does not have this ZIP code.")
    sheet = gather_prices(place, known=kept.books if kept else None)
    region = sheet.regions[-1]
    return jsonify(
        {
            "zip": place.zip,
            "state": place.state,
            "locality": {"key": "-".join(region.locality.key), "name": region.locality.name},
            "candidates": ["-".join(key) for key in place.candidates],
            "book": {"id": region.book.id, "title": region.book.source.title},
            "prices": list(_rows(asked or list(known), region, sheet.ratios[OFFICE])),
        }
    )


def _rows(codes: list[str], region: Region, ratios: Ratios) -> Iterator[dict[str, Any]]:
    book, locality = region.book, region.locality
    for code in dict.fromkeys(codes):
        fee = book.fees.get(code)
        base = schedule_amount(fee, locality, book, setting=OFFICE) if fee else None
        if fee is None or base is None:
            yield {"code": code, "name": service_codes()[code].words, "medicare": None, "others": None}
            continue
        paid = medicare_amount(fee, locality, book, setting=OFFICE)
        levels = {"low": ratios.low, "typical": ratios.typical, "high": ratios.high}
        yield {
            "code": code,
            "name": service_codes()[code].words,
            "medicare": None if paid is None else str(paid),
            "others": {level: str(base.share(rate)) for level, rate in levels.items()},
        }
