"""Plans, insurers and prices for other programs: found by words, told with their definition, priced at a ZIP code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask import Response, request
from marshmallow import fields

from estimator.accounts.roles import Role
from estimator.clock import today
from estimator.engine.coding import MARKETS, STATES, ServiceCode
from estimator.engine.prices import OFFICE, Ratios, Region, medicare_amount, schedule_amount
from estimator.errors import Problem, RequestRefused, UnknownPlan, UnknownZip
from estimator.insurers.matching import Match, find_insurer
from estimator.plans.shelf import Wanted
from estimator.prices.books import find_zip, region_on, service_codes
from estimator.prices.market import HospitalRate, MarketRow, rates_near, rows_near
from estimator.prices.sheet import gather_prices
from estimator.publishing.drafts import text_of
from estimator.web import common
from estimator.web.api.common import NO_TOKEN, NOT_HERE, REFUSED, WORD, asked, by_token, subject, told
from estimator.wording.answer import Amounts
from estimator.wording.answer_schema import AmountField, AmountsSchema, AnswerPart, Json

plans = subject("Plans", "/plans", "The plans that an estimate may name.")

_ON_A_PAGE = 50
_MOST_PAGES = 10_000
_ID = {"in": "path", "name": "plan_id", "required": True, "schema": {"type": "string"}}


class FirstDayField(fields.Date):
    """A first day; null where a plan has always been in force."""

    def _serialize(self, value: date | None, attr: str | None, obj: Any, **options: Any) -> str | float | None:
        return super()._serialize(None if value == date.min else value, attr, obj, **options)


class FoundPlanSchema(AnswerPart):
    """An active plan as a list shows it."""

    id = fields.String(attribute="plan_id")
    title = fields.String()
    payer = fields.String()
    kind = fields.String()
    market = fields.String()
    states = fields.List(fields.String())
    metal_level = fields.String(allow_none=True)
    first_day = FirstDayField(allow_none=True)
    last_day = fields.Date(allow_none=True)
    revision = fields.Integer(attribute="revision_id")


class PlansSchema(AnswerPart):
    """One page of plans."""

    plans = fields.Nested(FoundPlanSchema, many=True)
    count = fields.Integer()
    page = fields.Integer()


class DefinedRevisionSchema(AnswerPart):
    """A revision of a plan with its definition, as a plan file has it."""

    revision = fields.Integer(attribute="id")
    fingerprint = fields.String()
    title = fields.String()
    first_day = FirstDayField(allow_none=True)
    last_day = fields.Date(allow_none=True)
    definition = fields.Function(text_of, metadata={"type": "string"})


class PlanSchema(AnswerPart):
    """A plan with its active revisions."""

    plan = fields.String()
    revisions = fields.Nested(DefinedRevisionSchema, many=True)


class RevisionSchema(AnswerPart):
    """A revision of a plan as the history tells it."""

    revision = fields.Integer(attribute="id")
    fingerprint = fields.String()
    title = fields.String()
    first_day = FirstDayField(allow_none=True)
    last_day = fields.Date(allow_none=True)
    based_on = fields.Integer(allow_none=True)
    published_at = fields.DateTime()
    published_by = fields.String()
    note = fields.String()


class RevisionsSchema(AnswerPart):
    """A plan with its history."""

    plan = fields.String()
    revisions = fields.Nested(RevisionSchema, many=True)


@plans.get("")
@plans.doc(
    operationId="findPlans",
    parameters=[
        {"in": "query", "name": "words", "schema": WORD},
        {"in": "query", "name": "state", "schema": {"type": "string", "enum": sorted(STATES)}},
        {"in": "query", "name": "market", "schema": {"type": "string", "enum": sorted(MARKETS)}},
        {"in": "query", "name": "page", "schema": {"type": "integer", "minimum": 1, "maximum": _MOST_PAGES}},
    ],
    responses={404: NOT_HERE, 422: REFUSED},
)
@plans.response(200, PlansSchema, description="One page of plans, by title.")
def find() -> Json:
    """Find active plans whose title, payer or id holds every word, or whose insurer the words name."""
    shelf, page = common.shelf(), _page()
    state, market = asked("state", STATES), asked("market", MARKETS)
    wanted = Wanted(text=asked("words"), state=state or None, market=market or None)
    found = shelf.search(wanted, _ON_A_PAGE, (page - 1) * _ON_A_PAGE)
    return {"plans": found, "count": shelf.count(wanted), "page": page}


insurers = subject("Insurers", "/insurers", "Who a name, a payer id or a member id means.")


class InsurerSchema(AnswerPart):
    """An insurer by its id and name."""

    id = fields.String()
    name = fields.String()


class ChoiceSchema(AnswerPart):
    """An insurer that may be meant, and why it is named."""

    id = fields.String(attribute="insurer.id")
    name = fields.String(attribute="insurer.name")
    why = fields.String()


class MatchSchema(AnswerPart):
    """The insurer that a text means, set only where nothing is in doubt; else whom to choose from."""

    insurer = fields.Nested(InsurerSchema, allow_none=True)
    choices = fields.Nested(ChoiceSchema, many=True)


@insurers.get("")
@insurers.doc(
    operationId="findInsurer",
    parameters=[
        {"in": "query", "name": "text", "required": True, "schema": WORD},
        {"in": "query", "name": "state", "schema": {"type": "string", "enum": sorted(STATES)}},
    ],
    responses={422: REFUSED},
)
@insurers.response(200, MatchSchema, description="The insurer, or the choices.")
def find_insurer_meant() -> Match:
    """Find the insurer that a text means, in the state where the care takes place."""
    text = asked("text")
    if not text:
        raise RequestRefused((Problem("text", "Enter a name, a payer id or a member id."),))
    return find_insurer(text, asked("state", STATES) or None)


@plans.get("/<plan_id>")
@plans.doc(operationId="readPlan", parameters=[_ID], responses={404: NOT_HERE})
@plans.response(200, PlanSchema, description="Every active revision of a plan.")
def read(plan_id: str) -> Json:
    """Return the active revisions of a plan with their definitions, the latest first."""
    shelf = common.shelf()
    active = shelf.active_revisions(plan_id)
    revisions = [one for one in shelf.history(plan_id) if one.id in active]
    if not revisions:
        raise UnknownPlan(plan_id)
    return {"plan": plan_id, "revisions": revisions}


@plans.get("/<plan_id>/revisions")
@plans.doc(
    operationId="listRevisions",
    security=[{"token": []}],
    parameters=[_ID],
    responses={404: NOT_HERE, **NO_TOKEN},
)
@plans.response(200, RevisionsSchema, description="Every revision of a plan, the newest first.")
@by_token(Role.VIEWER)
def revisions(plan_id: str) -> Json:
    """Return the history of a plan: what was published when, by whom and why. Needs the role `viewer`."""
    found = common.shelf().history(plan_id)
    if not found:
        raise UnknownPlan(plan_id)
    return {"plan": plan_id, "revisions": found}


def _page() -> int:
    written = asked("page", otherwise="1")
    page = common.number_in({"page": written}, "page")
    if not 1 <= page <= _MOST_PAGES:
        raise RequestRefused((Problem("page", f"Enter a whole number from 1 to {_MOST_PAGES}."),))
    return page


# ----------------------------------------------------------------------------
# Prices at a ZIP code for other programs: what Medicare pays for one unit, and what other plans may pay there.
# ----------------------------------------------------------------------------

prices = subject("Prices", "/prices", "Published prices by place.")


class LocalitySchema(AnswerPart):
    """A price area of Medicare."""

    key = fields.String()
    name = fields.String()


class BookSchema(AnswerPart):
    """A price book."""

    id = fields.String()
    title = fields.String()


class ClinicsPaidSchema(AnswerPart):
    """What one payer's own file says that clinics of the area are paid."""

    payer = fields.String()
    network = fields.String()
    area = fields.String()
    dated = fields.Date()
    clinics = fields.Integer()
    min = AmountField()
    p25 = AmountField()
    median = AmountField()
    p75 = AmountField()
    max = AmountField()


class HospitalPaidSchema(AnswerPart):
    """What a hospital's own file says that a payer pays it; without a payer, what it asks for cash."""

    hospital = fields.String()
    payer = fields.String()
    market = fields.String()
    dated = fields.Date()
    amount = AmountField()


class PriceOfCodeSchema(AnswerPart):
    """What one unit of a code costs; null where the book has no price for it, empty where no list is known."""

    code = fields.String()
    name = fields.String()
    medicare = AmountField(allow_none=True)
    others = fields.Nested(AmountsSchema, allow_none=True)
    clinics_paid = fields.Nested(ClinicsPaidSchema, many=True)
    hospitals_paid = fields.Nested(HospitalPaidSchema, many=True)


class PricesSchema(AnswerPart):
    """Prices at a ZIP code."""

    zip = fields.String()
    state = fields.String()
    locality = fields.Nested(LocalitySchema)
    candidates = fields.List(fields.String())
    book = fields.Nested(BookSchema)
    prices = fields.Nested(PriceOfCodeSchema, many=True)


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
    responses={404: NOT_HERE, 422: REFUSED},
)
@prices.response(200, PricesSchema, description="One unit of each code in an office, by the latest price book.")
def by_zip(zip_code: str) -> Json | tuple[Response, int]:
    """Return Medicare's amount, the regional range of other plans and published price lists, by code."""
    known, asked = service_codes(common.shelf().codes), request.args.getlist("code")
    if strangers := [Problem("code", f"We carry no price for {code[:10]!r}.") for code in asked if code not in known]:
        raise RequestRefused(tuple(strangers))
    kept = common.prices()
    try:
        place = find_zip(zip_code, kept.zips if kept else None)
    except UnknownZip:
        return told(404, "zip", "Medicare’s list does not have this ZIP code.")
    sheet = gather_prices(place, known=kept.books if kept else None)
    region = region_on(sheet.regions, today())
    published = kept.market if kept else None
    paid, charged = rows_near(place, published), rates_near(place, published)
    return {
        "zip": place.zip,
        "state": place.state,
        "locality": {"key": "-".join(region.locality.key), "name": region.locality.name},
        "candidates": ["-".join(key) for key in place.candidates],
        "book": {"id": region.book.id, "title": region.book.source.title},
        "prices": [
            {**row, **_published(row["code"], paid, charged)}
            for row in _rows(asked or list(known), known, region, sheet.ratios[OFFICE])
        ],
    }


def _published(code: str, paid: Sequence[MarketRow], charged: Sequence[HospitalRate]) -> Json:
    clinics = [
        {
            "payer": row.payer,
            "network": row.network,
            "area": row.area,
            "dated": row.dated,
            "clinics": row.clinics,
            **dict(zip(("min", "p25", "median", "p75", "max"), row.quantiles, strict=True)),
        }
        for row in paid
        if row.code == code
    ]
    hospitals = [
        {"hospital": one.hospital, "payer": one.payer, "market": one.market, "dated": one.dated, "amount": one.amount}
        for one in charged
        if one.code == code
    ]
    return {"clinics_paid": clinics, "hospitals_paid": hospitals}


def _rows(codes: list[str], known: Mapping[str, ServiceCode], region: Region, ratios: Ratios) -> Iterator[Json]:
    book, locality = region.book, region.locality
    for code in dict.fromkeys(codes):
        fee = book.fees.get(code)
        base = schedule_amount(fee, locality, book, setting=OFFICE) if fee else None
        if fee is None or base is None:
            yield {"code": code, "name": known[code].words, "medicare": None, "others": None}
            continue
        paid = medicare_amount(fee, locality, book, setting=OFFICE)
        yield {
            "code": code,
            "name": known[code].words,
            "medicare": paid,
            "others": Amounts(*map(base.share, (ratios.low, ratios.typical, ratios.high))),
        }
