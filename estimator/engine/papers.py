"""Which paper puts right who bears a line that is not paid: an authorization, a notice, a consent or an estimate.

A paper fixes liability, never coverage. Where none is known to help, the answer is to ask.
"""

from __future__ import annotations

from enum import StrEnum

from estimator.engine.authorization import IfMissing
from estimator.engine.estimate import Status


class Paper(StrEnum):
    """What to have in hand before the visit."""

    AUTHORIZATION = "authorization"
    REFERRAL = "referral"
    NOTICE = "advance-notice"  # Medicare's ABN, form CMS-R-131
    CONSENT = "consent"  # names the service and its price, signed before the visit
    ESTIMATE = "good-faith-estimate"
    DETERMINATION = "organization-determination"  # Medicare Advantage: an ABN is not valid there
    ASK = "ask"
    NONE = "none"


class Who(StrEnum):
    """Who bears what the plan does not pay."""

    CLINIC = "clinic"
    PATIENT = "patient"
    SHARED = "shared"  # the plan pays less, or takes a penalty, and the patient bears that
    NOBODY = "nobody"
    UNKNOWN = "unknown"


_COMMERCIAL = frozenset({"employer", "marketplace", "fehb"})
_AT_MISSING = {
    IfMissing.PROVIDER_ABSORBS: Who.CLINIC,
    IfMissing.PATIENT_PAYS: Who.PATIENT,
    IfMissing.REDUCED: Who.SHARED,
    IfMissing.PENALTY: Who.SHARED,
    IfMissing.OTHER_COST_SHARE: Who.SHARED,
    IfMissing.UNKNOWN: Who.UNKNOWN,
}


def who_bears_a_missing_authorization(consequence: IfMissing) -> Who:
    """Return who bears a line whose authorization is missing."""
    return _AT_MISSING[consequence]


def who_bears(status: Status) -> Who:
    """Return who bears a line by its status; nobody where the plan pays, or where it is part of another line."""
    match status:
        case Status.PATIENT_BILLED:
            return Who.PATIENT
        case Status.PROVIDER_ABSORBS:
            return Who.CLINIC
        case Status.UNKNOWN:
            return Who.UNKNOWN
        case _:
            return Who.NOBODY


def papers_for(market: str, who: Who, may_be_signed: bool) -> tuple[Paper, ...]:
    """Return what to have signed or sent for a line that the plan does not, or may not, pay.

    `may_be_signed`: a consent would turn what the clinic bears into what the patient pays.
    """
    if who is Who.NOBODY or (who is Who.CLINIC and not may_be_signed):
        return (Paper.NONE,)
    if market == "self-pay":
        return (Paper.ESTIMATE,)
    if market == "medicare":
        return (Paper.NOTICE,)
    if market == "medicare-advantage":
        return (Paper.DETERMINATION,)
    return (Paper.CONSENT, Paper.ESTIMATE) if market in _COMMERCIAL else (Paper.ASK,)
