"""One sentence for the status of a line."""

from __future__ import annotations

from typing import assert_never

from estimator.engine.answer import Status
from estimator.language import _
from estimator.wording.telling import PATIENT, Telling


def status_says(status: Status, telling: Telling) -> str:
    """Return what a status means to the reader."""
    if telling.is_self_pay and status is Status.PATIENT_BILLED:
        return _("You pay the clinic.") if telling.reader == PATIENT else _("Self-pay.")
    if telling.reader == PATIENT:
        return _for_patient(status)
    return _for_biller(status)


def _for_patient(status: Status) -> str:
    match status:
        case Status.PAYABLE:
            return _("Your plan covers this.")
        case Status.BUNDLED:
            return _("Part of another service: no separate payment.")
        case Status.PATIENT_BILLED:
            return _("Not covered: the clinic may bill you.")
        case Status.PROVIDER_ABSORBS:
            return _("Not covered: the clinic may not bill you.")
        case Status.NEEDS_AUTHORIZATION:
            return _("Your plan must approve this first.")
        case Status.UNKNOWN:
            return _("Not known: ask your plan.")
        case _:
            assert_never(status)


def _for_biller(status: Status) -> str:
    match status:
        case Status.PAYABLE:
            return _("Payable.")
        case Status.BUNDLED:
            return _("Bundled, no separate payment (CO-97).")
        case Status.PATIENT_BILLED:
            return _("Not covered, patient may be billed (PR).")
        case Status.PROVIDER_ABSORBS:
            return _("Not covered, provider absorbs (CO).")
        case Status.NEEDS_AUTHORIZATION:
            return _("Payable with authorization (CARC 197 without).")
        case Status.UNKNOWN:
            return _("Unknown: call the payer.")
        case _:
            assert_never(status)
