"""One sentence for the status of a line."""

from __future__ import annotations

from typing import assert_never

from estimator.domain.estimate import Status
from estimator.wording.telling import PATIENT, Telling


def status_says(status: Status, telling: Telling) -> str:
    """Return what a status means to the reader."""
    if telling.is_self_pay and status is Status.PATIENT_BILLED:
        return "You pay the clinic." if telling.reader == PATIENT else "Self-pay."
    if telling.reader == PATIENT:
        return _for_patient(status)
    return _for_biller(status)


def _for_patient(status: Status) -> str:
    match status:
        case Status.PAYABLE:
            return "Your plan covers this."
        case Status.BUNDLED:
            return "Part of another service: no separate payment."
        case Status.PATIENT_BILLED:
            return "Not covered: the clinic may bill you."
        case Status.PROVIDER_ABSORBS:
            return "Not covered: the clinic may not bill you."
        case Status.NEEDS_AUTHORIZATION:
            return "Your plan must approve this first."
        case Status.UNKNOWN:
            return "Not known: ask your plan."
        case _:
            assert_never(status)


def _for_biller(status: Status) -> str:
    match status:
        case Status.PAYABLE:
            return "Payable."
        case Status.BUNDLED:
            return "Bundled, no separate payment (CO-97)."
        case Status.PATIENT_BILLED:
            return "Not covered, patient may be billed (PR)."
        case Status.PROVIDER_ABSORBS:
            return "Not covered, provider absorbs (CO)."
        case Status.NEEDS_AUTHORIZATION:
            return "Payable with authorization (CARC 197 without)."
        case Status.UNKNOWN:
            return "Unknown: call the payer."
        case _:
            assert_never(status)
