"""Estimates, authorization checks and payers' answers for other programs."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from flask import Response, request
from marshmallow import INCLUDE, fields

from estimator import clock
from estimator.accounts.roles import Role
from estimator.billing.authorization import check_authorization
from estimator.engine.answer import Estimate
from estimator.engine.plan import Plan
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract import RequestPart, read_request
from estimator.estimates.contract_values import Asked
from estimator.estimates.eligibility import answer_in, reading_of
from estimator.estimates.rank import CSR, MOST_AT_ONCE, SOLD, SPECIAL, rank
from estimator.estimates.run import estimate_asked, state_asked
from estimator.language import ENGLISH, LANGUAGES, speaking
from estimator.papers.advanced_eob import advanced_eob
from estimator.plans.shelf import Wanted
from estimator.web import common
from estimator.web.api.common import (
    NO_TOKEN,
    REFUSED,
    TOO_LARGE,
    TOO_MANY,
    WORD,
    asked,
    asked_reader,
    by_token,
    require_token,
    sent_json,
    subject,
    words_in_query,
)
from estimator.web.outside import require_few_estimates
from estimator.web.staff.clinic import Register, flags_told, register
from estimator.web.staff.common import token_person
from estimator.wording.answer import Answer, answer_of
from estimator.wording.answer_schema import AnswerPart, AnswerSchema, Json, word_field
from estimator.wording.authorization import check_written
from estimator.wording.eligibility import as_values
from estimator.wording.ranking import ranking_json

estimates = subject("Estimates", "/estimates", "What a course of care will cost.")
common.bound_estimates(estimates)

BODY = {"required": True, "content": {"application/json": {"schema": RequestPart}}}
_FHIR = "application/fhir+json"
_WHERE_AND_WHO = {
    "location": "A location of the clinic by its name: its ZIP code where none is sent, its day, settings and prices.",
    "therapist": "A therapist of the register by code: the license where no type is sent, and flags against needling.",
}
_YES_OR_NO = ("yes", "no")
_READ = [
    {"in": "query", "name": "reader", "schema": {"type": "string", "enum": ["patient", "biller"]}},
    {"in": "query", "name": "language", "schema": {"type": "string", "enum": list(LANGUAGES)}},
]


class ExplanationOfBenefitSchema(AnswerPart):
    """A resource of FHIR, which describes it in full."""

    class Meta:
        """Other keys are those of FHIR."""

        unknown = INCLUDE

    kind = word_field("ExplanationOfBenefit", data_key="resourceType")
    status = fields.String()
    use = word_field("predetermination")
    lines = fields.List(fields.Dict(), data_key="item")
    total = fields.List(fields.Dict())


@estimates.post("")
@estimates.doc(
    operationId="estimate",
    parameters=[*_READ, *words_in_query(_WHERE_AND_WHO)],
    requestBody=BODY,
    responses={413: TOO_LARGE, 422: REFUSED, 429: TOO_MANY, **NO_TOKEN},
)
@estimates.response(200, AnswerSchema, description="The estimate, line by line, with reasons, sources and questions.")
def estimate() -> Answer:
    """Estimate a course of care.

    The request and the answer are those of the JSON contract. Nothing is kept. With a token, calls aren't counted. To
    name a location or a therapist of the clinic, send a token with the role `billing`.
    """
    language, reader = asked("language", LANGUAGES, ENGLISH), asked_reader()
    with speaking(language):
        found, plan = _estimated()
        return answer_of(found, plan, common.names(), reader)


@estimates.post("/advanced-eob")
@estimates.doc(
    operationId="advancedEob",
    parameters=words_in_query(_WHERE_AND_WHO),
    requestBody=BODY,
    responses={413: TOO_LARGE, 422: REFUSED, 429: TOO_MANY, **NO_TOKEN},
)
@estimates.response(
    200,
    ExplanationOfBenefitSchema,
    content_type=_FHIR,
    description="A FHIR R4B ExplanationOfBenefit with use `predetermination`, in the shape of Da Vinci PCT.",
)
def as_fhir() -> Response:
    """Estimate a course of care, and answer in FHIR.

    The typical figure, with the range as an extension-free note; it holds no person and no member id. A location and a
    therapist are named as for an estimate.
    """
    found, plan = _estimated()
    written: dict[str, Any] = advanced_eob(answer_of(found, plan, common.names()), clock.now_utc())
    return Response(json.dumps(written, ensure_ascii=False), mimetype=_FHIR)


class RankingSchema(AnswerPart):
    """Plans from the one that costs least on, as docs/comparing.md has them."""

    plans = fields.List(fields.Dict())
    of = fields.Integer()
    left_out = fields.List(fields.Dict())
    for_some = fields.Integer()
    premiums_counted = fields.Boolean()


_RANKED = [
    {"in": "query", "name": "market", "schema": {"type": "string", "enum": list(SOLD)}},
    {"in": "query", "name": "insurer", "schema": WORD},
    {"in": "query", "name": "csr", "schema": {"type": "string", "enum": list(CSR)}},
    {"in": "query", "name": "special", "schema": {"type": "string", "enum": list(SPECIAL)}},
    {"in": "query", "name": "next_year", "schema": {"type": "string", "enum": list(_YES_OR_NO)}},
]
_FIRST = 20


@estimates.post("/ranking")
@estimates.doc(
    operationId="rankPlans",
    security=[{"token": []}],
    parameters=_RANKED,
    requestBody=BODY,
    responses={413: TOO_LARGE, 422: REFUSED, **NO_TOKEN},
)
@estimates.response(200, RankingSchema, description="The plans under which the course costs least, the first 20.")
@by_token(Role.VIEWER)
def ranking() -> Json:
    """Rank the plans sold in the state of the care by what a course would cost, as for open enrollment.

    Needs the role `viewer`. At most 150 plans at once: name an insurer where more are sold. Premiums are not counted.
    """
    market, insurer = asked("market", SOLD, SOLD[0]), asked("insurer")
    csr, special = asked("csr", CSR), asked("special", SPECIAL)
    is_next_year = asked("next_year", _YES_OR_NO, "no") == "yes"
    written, today, prices = sent_json(), clock.today(), common.prices()
    state = state_asked(read_request(written, today), prices)
    if state is None:
        raise RequestRefused((Problem("state", "Enter the state of the care, or its ZIP code."),))
    wanted = Wanted(state=state, market=market, kind="published", payer=insurer or None)
    found = rank(
        written,
        wanted,
        today,
        common.shelf(),
        prices,
        csr=csr or None,
        special=special or None,
        most=MOST_AT_ONCE,
        is_next_year=is_next_year,
    )
    return ranking_json(found, _FIRST)


def _estimated() -> tuple[Estimate, Plan]:
    if "location" in request.args or "therapist" in request.args:
        # What a location agreed with a payer is for those who bill.
        require_token(Role.BILLING)
        placed = _placed()
        return estimate_asked(placed.read, common.shelf(), placed.known.prices(placed.location), common.prices())
    read = read_request(sent_json(), clock.today())
    if token_person() is None:
        require_few_estimates(common.shelf().engine, len(read.request.visits))
    return estimate_asked(read, common.shelf(), prices=common.prices())


class _Placed(NamedTuple):
    """A request at a location and by a therapist of the clinic, each empty where none is named."""

    read: Asked
    location: str
    therapist: str
    known: Register


def _placed() -> _Placed:
    """Read the request; what it doesn't say the location and the therapist that the query names fill.

    Raises RequestRefused for a location or a therapist that the clinic does not have.
    """
    place, code, known = asked("location"), asked("therapist"), register()
    problems = []
    if place and known.location(place) is None:
        problems.append(Problem("location", "The clinic has no location of this name in use. See Clinic, Locations."))
    if code and known.therapist(code) is None:
        problems.append(Problem("therapist", "Nobody works here under this code. See Clinic, Therapists."))
    if problems:
        raise RequestRefused(tuple(problems))
    read = read_request(known.filled(sent_json(), place, code), known.today(place))
    return _Placed(read, place, code, known)


# ----------------------------------------------------------------------------
# Authorization checks for other programs, by a token with the role `billing`.
# ----------------------------------------------------------------------------

checks = subject("Authorization checks", "/authorization-checks", "Valid, authorized, payable.")


class CheckSchema(AnswerPart):
    """An authorization check as docs/authorization-check.md has it."""

    as_of = fields.String()
    plan = fields.Dict()
    notices = fields.List(fields.Dict())
    lines = fields.List(fields.Dict())
    timeline = fields.Dict()
    rules = fields.List(fields.Dict())
    buckets = fields.List(fields.Dict())
    conditions = fields.List(fields.Dict())
    questions = fields.List(fields.Dict())
    assumptions = fields.List(fields.Dict())
    inputs = fields.Dict(keys=fields.String(), values=fields.Raw())
    flags = fields.List(fields.Dict())


@checks.post("")
@checks.doc(
    operationId="checkAuthorization",
    security=[{"token": []}],
    parameters=words_in_query(_WHERE_AND_WHO),
    requestBody=BODY,
    responses={413: TOO_LARGE, 422: REFUSED, **NO_TOKEN},
)
@checks.response(
    200, CheckSchema, description="Three facts for each line, modifiers, who bears it, and what to send by when."
)
@by_token(Role.BILLING)
def check() -> Json:
    """Check a planned course before it starts, at a location and by a therapist where they are named.

    Needs the role `billing`.
    """
    read, place, code, known = _placed()
    clinic = known.clinic(place)
    found = check_authorization(read, clinic.habits, common.shelf(), known.prices(place), common.prices())
    return {**check_written(found, common.names()), "flags": flags_told(known.flags_of(read, place, code))}


# ----------------------------------------------------------------------------
# Payers' answers for other programs, by a token with the role `billing`: read, told with their segments, not kept.
# ----------------------------------------------------------------------------

eligibility = subject("Eligibility", "/eligibility", "X12 271 and FHIR, read and not kept.")

_TEXT = {"schema": {"type": "string"}}
_FHIR_BODY = {"schema": {"type": "object", "required": ["resourceType"]}}


class EligibilitySchema(AnswerPart):
    """A payer's answer, and the request that it makes, as docs/eligibility.md has them."""

    answer = fields.Dict()
    request = fields.Dict()


@eligibility.post("")
@eligibility.doc(
    operationId="readEligibility",
    security=[{"token": []}],
    parameters=[
        {"in": "query", "name": "plan", "schema": WORD},
        {
            "in": "query",
            "name": "answer",
            "schema": {"type": "string", "pattern": "^[1-9][0-9]{0,3}$"},
            "description": "The number of the answer in a file that holds several.",
        },
    ],
    requestBody={
        "required": True,
        "content": {"application/edi-x12": _TEXT, "text/plain": _TEXT, "application/fhir+json": _FHIR_BODY},
    },
    responses={413: TOO_LARGE, 422: REFUSED, **NO_TOKEN},
)
@eligibility.response(
    200, EligibilitySchema, description="What the answer says, and the parts of a request that it fills."
)
@by_token(Role.BILLING)
def read() -> Json:
    """Read a payer's answer. Needs the role `billing`; names, numbers and addresses in it are dropped."""
    today, plan_id = clock.today(), asked("plan")
    which = common.number_in({"answer": asked("answer", otherwise="0")}, "answer", -1)
    if which < 0 or ("answer" in request.args and not which):
        raise RequestRefused((Problem("answer", "Enter the number of an answer, such as 2."),))
    answer = answer_in(request.get_data(), today, which=which or None)
    plan = common.shelf().find(plan_id, answer.answered_on or today) if plan_id else None
    reading = reading_of(answer, plan, today)
    return {"answer": as_values(reading), "request": reading.request}
