"""What a row of a schedule needs, in the words of a billing desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from estimator.billing.schedule import NOTHING, WAITING
from estimator.engine.values import Money
from estimator.wording.words import long_day, plain, usd

LABELS: Mapping[str, str] = {
    "refused": "Row to correct",
    "not-allowed-by-state": "State law forbids it",
    "authorization-missing": "Authorization missing",
    "referral-missing": "Referral missing",
    "clinic-absorbs": "Clinic absorbs a line",
    "patient-billed": "Patient pays a line",
    "authorization-ends": "Authorization ends",
    "limit-reached": "Limit reached",
    "unknown-cover": "Cover not known",
    "other-condition": "Counts on something",
    NOTHING: "Nothing to do",
    WAITING: "Not answered yet",
}


def need_says(need: Mapping[str, Any]) -> str:
    """Return the sentence for one need of an outcome."""
    match need["kind"]:
        case "not-allowed-by-state":
            return f"{need['code']} is outside the provider’s scope in this state: do not perform, do not bill."
        case "authorization-missing":
            return f"No authorization on file from visit {need['visit']} on. {_if_not(need)}"
        case "referral-missing":
            return f"No referral on file from visit {need['visit']} on. {_if_not(need)}"
        case "clinic-absorbs":
            return (
                f"{need['code']} is not paid and may not be billed to the patient from visit {need['visit']} on: the "
                f"clinic loses {_usd(need['amount'])}."
            )
        case "patient-billed":
            return (
                f"{need['code']} is not paid from visit {need['visit']} on; the patient owes {_usd(need['amount'])}. "
                "Give the notice or the Good Faith Estimate before that visit."
            )
        case "authorization-ends":
            return f"Covers visits up to {need['visit']}, {_day(need)}. Send the renewal before then."
        case "limit-reached":
            return f"The limit {plain(need['subject'])} is used up at visit {need['visit']}, {_day(need)}."
        case "unknown-cover":
            return (
                f"Nobody has read whether {need['code']} is paid. Verify code, authorization and payment separately; "
                f"the typical figure counts {_usd(need['amount'])} for the patient."
            )
        case _:
            return f"Counts on {plain(need['needs'])} from visit {need['visit']} on. {_if_not(need)}"


def _if_not(need: Mapping[str, Any]) -> str:
    patient, clinic = need["patient"], need["clinic"]
    return f"Without it the patient owes {_more(patient)} and the clinic loses {_more(clinic)}."


def _more(cents: int) -> str:
    if not cents:
        return "no more"
    return f"{_usd(abs(cents))} {'more' if cents > 0 else 'less'}"


def _usd(cents: int) -> str:
    return usd(Money(cents))


def _day(need: Mapping[str, Any]) -> str:
    return long_day(date.fromisoformat(need["day"]))
