"""Payers' answers for other programs, by a token with the role `billing`: read, told with their segments, not kept."""

from __future__ import annotations

from flask import Response, jsonify, request

from estimator import clock
from estimator.accounts.accounts import Role
from estimator.eligibility.read import read_eligibility
from estimator.estimates.eligibility import fill_from, request_from
from estimator.web import shelf
from estimator.web.api.opening import LONGEST_WORD, NO_TOKEN, REFUSED, TOO_LARGE, asked, by_token, subject
from estimator.wording.eligibility import as_values

eligibility = subject("Eligibility", "/eligibility", "X12 271 and FHIR, read and not kept.")

_TEXT = {"schema": {"type": "string"}}
_FHIR = {"schema": {"type": "object", "required": ["resourceType"]}}


@eligibility.post("")
@eligibility.doc(
    operationId="readEligibility",
    security=[{"token": []}],
    parameters=[
        {"in": "query", "name": "plan", "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_WORD}}
    ],
    requestBody={
        "required": True,
        "content": {"application/edi-x12": _TEXT, "text/plain": _TEXT, "application/fhir+json": _FHIR},
    },
    responses={
        200: {
            "description": "What the answer says, and the parts of a request that it fills.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Eligibility"}}},
        },
        413: TOO_LARGE,
        422: REFUSED,
        **NO_TOKEN,
    },
)
@by_token(Role.BILLING)
def read() -> Response:
    """Read a payer's answer. Needs the role `billing`; names, numbers and addresses in it are dropped."""
    answer = read_eligibility(request.get_data())
    today, plan_id = clock.today(), asked("plan")
    plan = shelf.shelf().find(plan_id, answer.answered_on or today) if plan_id else None
    told = as_values(answer, fill_from(answer, plan))
    return jsonify({"answer": told, "request": request_from(answer, plan, today)})
