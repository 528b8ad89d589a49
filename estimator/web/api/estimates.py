"""Estimates for other programs: the answer of the JSON contract, or the same as an advanced explanation of benefits."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, jsonify

from estimator import clock
from estimator.engine.answer import Estimate
from estimator.engine.plan import Plan
from estimator.estimates.contract import RequestPart, read_request
from estimator.estimates.run import estimate_asked
from estimator.language import ENGLISH, LANGUAGES, speaking
from estimator.papers.advanced_eob import advanced_eob
from estimator.web import shelf
from estimator.web.api.opening import REFUSED, TOO_LARGE, asked, asked_reader, sent_json, subject
from estimator.wording.answer import answer_of

estimates = subject("Estimates", "/estimates", "What a course of care will cost.")

BODY = {"required": True, "content": {"application/json": {"schema": RequestPart}}}
_FHIR = "application/fhir+json"
_READ = [
    {"in": "query", "name": "reader", "schema": {"type": "string", "enum": ["patient", "biller"]}},
    {"in": "query", "name": "language", "schema": {"type": "string", "enum": list(LANGUAGES)}},
]


@estimates.post("")
@estimates.doc(
    operationId="estimate",
    parameters=_READ,
    requestBody=BODY,
    responses={
        200: {
            "description": "The estimate, line by line, with reasons, sources and questions.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
        },
        413: TOO_LARGE,
        422: REFUSED,
    },
)
def estimate() -> Response:
    """Estimate a course of care.

    The request and the answer are those of the JSON contract. Nothing is kept.
    """
    language, reader = asked("language", LANGUAGES, ENGLISH), asked_reader()
    with speaking(language):
        found, plan = _estimated()
        return jsonify(answer_of(found, plan, shelf.names(), reader))


@estimates.post("/advanced-eob")
@estimates.doc(
    operationId="advancedEob",
    requestBody=BODY,
    responses={
        200: {
            "description": "A FHIR R4B ExplanationOfBenefit with use `predetermination`, in the shape of Da Vinci PCT.",
            "content": {_FHIR: {"schema": {"$ref": "#/components/schemas/ExplanationOfBenefit"}}},
        },
        413: TOO_LARGE,
        422: REFUSED,
    },
)
def as_fhir() -> Response:
    """Estimate a course of care, and answer in FHIR.

    The typical figure, with the range as an extension-free note; it holds no person and no member id.
    """
    found, plan = _estimated()
    written: dict[str, Any] = advanced_eob(answer_of(found, plan, shelf.names()), clock.now_utc())
    return Response(json.dumps(written, ensure_ascii=False), mimetype=_FHIR)


def _estimated() -> tuple[Estimate, Plan]:
    return estimate_asked(read_request(sent_json(), clock.today()), shelf.shelf(), prices=shelf.prices())
