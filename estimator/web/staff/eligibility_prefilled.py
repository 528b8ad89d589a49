"""The fields of the estimate's form that a payer's answer fills, so that nobody types them again.

They travel in the form that is sent, and are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from estimator.eligibility.statements import Authorization, Eligibility, Kind, Level, Network
from estimator.engine.plan import Plan
from estimator.estimates.eligibility import (
    Fill,
    authorization_of,
    bucket_for,
    calls_from,
    needling_refused,
    order_of,
    share_for,
)
from estimator.web.patient.call_answers_carried import FIELD, with_call
from estimator.web.patient.choices import MY_PLAN
from estimator.wording.eligibility import figure_of

_SUMS = ("deductible_paid", "out_of_pocket_paid", "family_deductible_paid", "family_out_of_pocket_paid")
_AUTHORIZATIONS = {Authorization.NEEDED: "first", Authorization.NOT_NEEDED: "no"}


def fields_from(answer: Eligibility, fill: Fill, plan: Plan | None, today: date) -> dict[str, str]:
    """Return the fields with something in them; those of a plan that is not listed where none is chosen."""
    limits: Mapping[str, str] = fill.used.get("limits", {})
    fields = {
        **{name: fill.used.get(name, "") for name in _SUMS},
        "visits_used": next(iter(limits.values()), ""),
        "plan": plan.id if plan else MY_PLAN,
        "reader": "biller",
        **(_told(answer, plan, today) if plan else _described(answer)),
    }
    return {name: value for name, value in fields.items() if value}


def _told(answer: Eligibility, plan: Plan, today: date) -> dict[str, str]:
    """Return what the answer says of the plan's rules, as the form of an estimate carries it along."""
    told = {"plan": plan.id, FIELD: ""}
    for call in calls_from(answer, plan, today):
        told = with_call(told, call)
    return told


def _described(answer: Eligibility) -> dict[str, str]:
    """Return what is asked of a plan that is not listed, as far as the answer says it."""
    share = share_for(answer, Network.IN)
    stated = authorization_of(answer)
    return {
        "my_deductible": _total(answer, Kind.DEDUCTIBLE),
        "my_maximum": _total(answer, Kind.OUT_OF_POCKET_MAX),
        "my_copay": str(share.copay.amount) if share.copay else "",
        "my_coinsurance": str(share.coinsurance.rate) if share.coinsurance else "",
        "my_order": order_of(share),
        **_limit(answer),
        "my_authorization": _AUTHORIZATIONS.get(stated.authorization, "") if stated else "",
        "my_needling": "no" if needling_refused(answer) else "",
    }


def _total(answer: Eligibility, kind: Kind) -> str:
    bucket = bucket_for(answer, kind, Level.PERSON, Network.IN).bucket
    return figure_of(bucket, bucket.total) if bucket is not None and bucket.total is not None else ""


def _limit(answer: Eligibility) -> dict[str, Any]:
    bucket = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN).bucket
    if bucket is None:
        return {}
    if bucket.is_unlimited:
        return {"my_limit": "none"}
    return {"my_limit": "number", "my_visits": str(bucket.total)} if bucket.total is not None else {}
