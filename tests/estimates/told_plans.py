"""A plan with gaps and a course of four visits, priced by hand: 100.00 a visit of exercise, 60.00 a needling."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from estimator.engine.answer import Estimate
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked

TODAY = date(2026, 11, 23)
EXERCISE = {"code": "97110", "units": 2, "allowed": "100.00", "billed": "100.00"}
NEEDLING = {"code": "20561", "allowed": "60.00", "billed": "60.00"}
SHARE = {"copay": "40.00", "per": "visit", "deductible": "waived", "cite": "booklet p. 2"}
CEILING = {"person": "1000.00", "cite": "booklet p. 1"}


def plan(
    share: Any = None, policies: Any = (), therapy: Mapping[str, Any] | None = None, limit: Any = None, **network: Any
) -> dict[str, Any]:
    """Return a definition; in network a visit costs a copay of 40.00 where nothing is said."""
    tier = {"deductible": "none", "out_of_pocket_max": {**CEILING, "person": "5000.00"}, **network}
    return {
        "plan": "a-plan",
        "title": "A plan",
        "payer": "Evergreen",
        "kind": "example",
        "market": "employer",
        "sources": {
            "booklet": {"title": "A booklet", "url": "none", "read_on": "2026-11-20", "confidence": "high"},
        },
        "networks": {"in-network": tier, "out-of-network": "unknown"},
        "limits": {"therapy-visits": limit} if limit else {},
        "benefits": {
            "physical-therapy": {
                "services": ["pt-timed"],
                "limits": ["therapy-visits"] if limit else [],
                "cost_share": {"in-network": SHARE if share is None else share},
                "cite": "booklet p. 2",
                **(therapy or {}),
            }
        },
        "policies": list(policies),
    }


def policy(position: str, **more: Any) -> dict[str, Any]:
    """Return a position on needling that a document states."""
    stated = {"policy": "needling", "payer": "Evergreen", "services": ["dry-needling"], "position": position}
    return {**stated, "cite": "booklet p. 3", **more}


def call(*answers: Mapping[str, Any], on: str = "2026-11-20", **more: Any) -> dict[str, Any]:
    """Return a call with these answers."""
    return {"on": on, "answers": list(answers), **more}


def says(asks: str, answer: Any, subject: str = "", **more: Any) -> dict[str, Any]:
    """Return one answer."""
    return {"asks": asks, "answer": answer, **({"subject": subject} if subject else {}), **more}


def estimated(definition: Mapping[str, Any], *calls: Mapping[str, Any], services: Any = None, **more: Any) -> Estimate:
    """Estimate four visits of exercise in November, or of other services, with what was told."""
    days = ("2026-11-24", "2026-11-26", "2026-12-01", "2026-12-03")
    visits = [{"day": day, "services": services or [EXERCISE]} for day in days]
    request = {"plan": definition, "as_of": "2026-11-23", "visits": visits, **more}
    asked = read_request({**request, **({"told": list(calls)} if calls else {})}, TODAY)
    return estimate_asked(asked)[0]


def range_of(estimate: Estimate) -> tuple[str, str, str]:
    """Return what is owed at the three levels."""
    return str(estimate.low.owes), str(estimate.typical.owes), str(estimate.high.owes)
