"""Authorization checks for other programs, by a token with the role `billing`."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Response, jsonify

from estimator import clock
from estimator.accounts.accounts import Role
from estimator.billing.authorization import check_authorization
from estimator.estimates.contract import read_request
from estimator.papers.case import read_clinic
from estimator.web import shelf
from estimator.web.api.estimates import BODY
from estimator.web.api.opening import NO_TOKEN, REFUSED, TOO_LARGE, by_token, sent_json, subject
from estimator.wording.authorization import check_written

checks = subject("Authorization checks", "/authorization-checks", "Valid, authorized, payable.")


@checks.post("")
@checks.doc(
    operationId="checkAuthorization",
    security=[{"token": []}],
    requestBody=BODY,
    responses={
        200: {
            "description": "Three facts for each line, modifiers, who bears it, and what to send by when.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Check"}}},
        },
        413: TOO_LARGE,
        422: REFUSED,
        **NO_TOKEN,
    },
)
@by_token(Role.BILLING)
def check() -> Response:
    """Check a planned course before it starts. Needs the role `billing`."""
    settings = os.environ.get("ESTIMATOR_CLINIC")
    habits = read_clinic(Path(settings) if settings else None).habits
    asked = read_request(sent_json(), clock.today())
    found = check_authorization(asked, habits, shelf.shelf(), prices=shelf.prices())
    return jsonify(check_written(found, shelf.names()))
