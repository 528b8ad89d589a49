"""Plans for other programs: found by words, told with their definition; their revisions for those with a token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, jsonify

from estimator.accounts.accounts import Role
from estimator.engine.codes import STATES
from estimator.errors import Problem, RequestRefused, UnknownPlan
from estimator.plans.schema import MARKETS
from estimator.plans.search import PlanRow, Wanted
from estimator.plans.store import Revision
from estimator.publishing.drafts import text_of
from estimator.web.api.opening import LONGEST_WORD, NO_TOKEN, NOT_HERE, REFUSED, asked, by_token, database, subject

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
