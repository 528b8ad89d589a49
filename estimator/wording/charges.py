"""Sentences on what the patient pays for a covered line, and what stops or adds to it."""

from __future__ import annotations

from typing import assert_never

from estimator.engine.findings import (
    BalanceBilled,
    CoinsuranceCharged,
    CopayCharged,
    DeductibleTaken,
    MaximumReached,
    ParityApplied,
    PaymentReduced,
    PenaltyCharged,
    PlanPaymentCapped,
    PlanPaysAll,
    SecondaryPaid,
    ShareCapped,
    UnknownShare,
)
from estimator.engine.values import Money
from estimator.language import N_, _
from estimator.wording.figures import together, usd
from estimator.wording.telling import plain

Shares = DeductibleTaken | CopayCharged | CoinsuranceCharged | UnknownShare | PlanPaysAll
Reliefs = MaximumReached | ShareCapped | ParityApplied
Burdens = PlanPaymentCapped | PaymentReduced | PenaltyCharged | BalanceBilled
Charges = Shares | Reliefs | Burdens | SecondaryPaid

_METHODS = {
    "standard": N_("It pays what it would pay alone, up to what you would have owed."),
    "non-duplication": N_("It pays only what it would have paid more than your first plan."),
    "maintenance-of-benefits": N_("It takes off what your first plan paid, then counts its own share."),
}
# A copay by what it is paid for, whole and where only a part of it falls on the line.
_COPAYS = {
    "visit": (
        N_("You pay your copay of {copay} a visit."),
        N_("Your copay is {copay} a visit. {amount} of it falls on this service."),
    ),
    "day": (
        N_("You pay your copay of {copay} a day."),
        N_("Your copay is {copay} a day. {amount} of it falls on this service."),
    ),
    "service": (
        N_("You pay your copay of {copay} a service."),
        N_("Your copay is {copay} a service. {amount} of it falls on this service."),
    ),
    "unit": (
        N_("You pay your copay of {copay} a unit."),
        N_("Your copay is {copay} a unit. {amount} of it falls on this service."),
    ),
}
_PAID_FOR = {"provider-day": "day", "line": "service"}


def charge_for_patient(finding: Charges, owes: Money) -> str:
    """Return the sentence for a patient."""
    match finding:
        case DeductibleTaken() | CopayCharged() | CoinsuranceCharged() | UnknownShare() | PlanPaysAll():
            return _share_for_patient(finding, owes)
        case MaximumReached() | ShareCapped() | ParityApplied():
            return _relief_for_patient(finding, owes)
        case PlanPaymentCapped() | PaymentReduced() | PenaltyCharged() | BalanceBilled():
            return _burden_for_patient(finding, owes)
        case SecondaryPaid(_, method):
            taken = _("Your second plan takes over {amount}.").format(amount=usd(-owes))
            return together(taken, _(_METHODS.get(method, _METHODS["standard"])))
        case _:
            assert_never(finding)


def charge_for_biller(finding: Charges, owes: Money) -> str:
    """Return the sentence for billing staff, with the usual claim adjustment reason code."""
    match finding:
        case DeductibleTaken() | CopayCharged() | CoinsuranceCharged() | UnknownShare() | PlanPaysAll():
            return _share_for_biller(finding, owes)
        case MaximumReached() | ShareCapped() | ParityApplied():
            return _relief_for_biller(finding, owes)
        case PlanPaymentCapped() | PaymentReduced() | PenaltyCharged() | BalanceBilled():
            return _burden_for_biller(finding, owes)
        case SecondaryPaid(plan, method):
            words = _("Secondary {plan} ({method}) takes over {amount} (OA-23 on its remittance).")
            return words.format(plan=plan, method=plain(method), amount=usd(-owes))
        case _:
            assert_never(finding)


def _share_for_patient(finding: Shares, owes: Money) -> str:
    match finding:
        case DeductibleTaken(left):
            words = _(
                "{amount} goes to your deductible, which you pay before your plan does. {left} of it was left before."
            )
            return words.format(amount=usd(owes), left=usd(left))
        case CopayCharged(copay, per):
            whole, part = _COPAYS[_PAID_FOR.get(per, per)]
            return _(part if owes < copay else whole).format(copay=usd(copay), amount=usd(owes))
        case CoinsuranceCharged(rate, of):
            words = _("You pay {rate} of {price} (coinsurance): {amount}.")
            return words.format(rate=rate, price=usd(of), amount=usd(owes))
        case UnknownShare():
            words = _("We do not know your share of this. Ask your plan. We count {amount}, the most it could be.")
            return words.format(amount=usd(owes))
        case PlanPaysAll():
            return _("Your plan asks no copay or other share from you for this service.")
        case _:
            assert_never(finding)


def _relief_for_patient(finding: Reliefs, owes: Money) -> str:
    match finding:
        case MaximumReached(maximum):
            words = _("You have reached your yearly maximum of {maximum}: {amount} comes off your share.")
            return words.format(maximum=usd(maximum), amount=usd(-owes))
        case ShareCapped(cap):
            words = _("Your share of a visit stops at {maximum}: {amount} comes off.")
            return words.format(maximum=usd(cap), amount=usd(-owes))
        case ParityApplied():
            return _("Your share may not be higher than for another kind of visit, so the lower share counts.")
        case _:
            assert_never(finding)


def _burden_for_patient(finding: Burdens, owes: Money) -> str:
    match finding:
        case PlanPaymentCapped(cap):
            words = _("Your plan pays at most {maximum} a visit. You pay the rest: {amount}.")
            return words.format(maximum=usd(cap), amount=usd(owes))
        case PaymentReduced(percent):
            words = _("Without advance approval your plan pays only {percent} of its part. You pay {amount} more.")
            return words.format(percent=percent, amount=usd(owes))
        case PenaltyCharged(penalty):
            words = (
                _("{amount} of the penalty of {penalty} for missing approval falls on this service.")
                if owes < penalty
                else _("The penalty of {penalty} for missing approval falls on this service.")
            )
            return words.format(amount=usd(owes), penalty=usd(penalty))
        case BalanceBilled(billed, allowed):
            words = _(
                "The clinic asks {billed}; your plan counts {allowed}. The clinic may bill you the rest: {amount}."
            )
            return words.format(billed=usd(billed), allowed=usd(allowed), amount=usd(owes))
        case _:
            assert_never(finding)


def _share_for_biller(finding: Shares, owes: Money) -> str:
    match finding:
        case DeductibleTaken(left):
            words = _("PR-1 deductible {amount}; {left} was left before this line.")
            return words.format(amount=usd(owes), left=usd(left))
        case CopayCharged(copay, per):
            words = _("PR-3 copay {amount} of {copay} per {basis}.")
            return words.format(amount=usd(owes), copay=usd(copay), basis=plain(per))
        case CoinsuranceCharged(rate, of):
            words = _("PR-2 coinsurance {rate} of {price}: {amount}.")
            return words.format(rate=rate, price=usd(of), amount=usd(owes))
        case UnknownShare():
            words = _("Cost share not read; {amount} assumed against the patient. Verify benefits.")
            return words.format(amount=usd(owes))
        case PlanPaysAll():
            return _("No patient share (deductible, copay, coinsurance) is due on this line.")
        case _:
            assert_never(finding)


def _relief_for_biller(finding: Reliefs, owes: Money) -> str:
    match finding:
        case MaximumReached(maximum):
            words = _("Out-of-pocket maximum of {maximum} met: {amount} moves to the plan.")
            return words.format(maximum=usd(maximum), amount=usd(-owes))
        case ShareCapped(cap):
            words = _("Patient share capped at {maximum} per visit: {amount} moves to the plan.")
            return words.format(maximum=usd(cap), amount=usd(-owes))
        case ParityApplied():
            return _("Parity rule: the lower share of the compared benefit applies.")
        case _:
            assert_never(finding)


def _burden_for_biller(finding: Burdens, owes: Money) -> str:
    match finding:
        case PlanPaymentCapped(cap):
            words = _("Plan payment capped at {maximum} per visit; {amount} to the patient (PR-119).")
            return words.format(maximum=usd(cap), amount=usd(owes))
        case PaymentReduced(percent):
            words = _("197: payment reduced to {percent}; {amount} to the patient.")
            return words.format(percent=percent, amount=usd(owes))
        case PenaltyCharged(penalty):
            words = _("197: penalty of {penalty}, {amount} of it on this line.")
            return words.format(penalty=usd(penalty), amount=usd(owes))
        case BalanceBilled(billed, allowed):
            words = _("Balance bill: charge {billed} less allowed {allowed} = {amount}.")
            return words.format(billed=usd(billed), allowed=usd(allowed), amount=usd(owes))
        case _:
            assert_never(finding)
