"""Prices at a ZIP code for other programs: what Medicare pays for one unit, and what other plans may pay there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, jsonify, request

from estimator.engine.prices import OFFICE, Ratios, Region, medicare_amount, schedule_amount
from estimator.errors import Problem, RequestRefused, UnknownZip
from estimator.prices.books import find_zip, service_codes
from estimator.prices.sheet import gather_prices
from estimator.web import shelf
from estimator.web.api.opening import NOT_HERE, REFUSED, subject, told

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
    kept = shelf.prices()
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
