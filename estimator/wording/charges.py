"""Sentences on what the patient pays for a covered line, and what stops or adds to it."""

from __future__ import annotations

from typing import assert_never

from estimator.domain.charges import (
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
from estimator.domain.money import Money
from estimator.wording.figures import sentence, usd
from estimator.wording.telling import plain

Charges = (
    DeductibleTaken
    | CopayCharged
    | CoinsuranceCharged
    | UnknownShare
    | PlanPaysAll
    | MaximumReached
    | ShareCapped
    | ParityApplied
    | PlanPaymentCapped
    | PaymentReduced
    | PenaltyCharged
    | BalanceBilled
    | SecondaryPaid
)

_METHODS = {
    "standard": "It pays up to what you would have owed",
    "non-duplication": "It pays only what it would have paid more than your first plan",
    "maintenance-of-benefits": "It takes off what your first plan paid, then counts its own share",
}


def charge_for_patient(finding: Charges, owes: Money) -> str:
    """Return the sentence for a patient."""
    match finding:
        case DeductibleTaken(left):
            before = f"{usd(left)} of it was left before."
            return f"{usd(owes)} goes to your deductible, which you pay before your plan does. {before}"
        case CopayCharged(copay, per):
            return _copay(copay, per, owes)
        case CoinsuranceCharged(rate, of):
            return f"You pay {rate} of {usd(of)} (coinsurance): {usd(owes)}."
        case UnknownShare():
            return f"We do not know your share of this. Ask your plan. We count {usd(owes)}, the most it could be."
        case PlanPaysAll():
            return "Your plan asks no copay or other share from you for this service."
        case MaximumReached(maximum):
            return f"You have reached your yearly maximum of {usd(maximum)}: {usd(-owes)} comes off your share."
        case ShareCapped(cap):
            return f"Your share of a visit stops at {usd(cap)}: {usd(-owes)} comes off."
        case ParityApplied():
            return "Your share may not be higher than for another kind of visit, so the lower share counts."
        case PlanPaymentCapped(cap):
            return f"Your plan pays at most {usd(cap)} a visit. You pay the rest: {usd(owes)}."
        case PaymentReduced(percent):
            return f"Without advance approval your plan pays only {percent} of its part. You pay {usd(owes)} more."
        case PenaltyCharged(penalty):
            part = "" if owes >= penalty else f"{usd(owes)} of "
            return sentence(f"{part}the penalty of {usd(penalty)} for missing approval falls on this service.")
        case BalanceBilled(billed, allowed):
            both = f"The clinic asks {usd(billed)}; your plan counts {usd(allowed)}."
            return f"{both} The clinic may bill you the rest: {usd(owes)}."
        case SecondaryPaid(_, method):
            return f"Your second plan takes over {usd(-owes)}. {_METHODS.get(method, _METHODS['standard'])}."
        case _:
            assert_never(finding)


def charge_for_biller(finding: Charges, owes: Money) -> str:
    """Return the sentence for billing staff, with the usual claim adjustment reason code."""
    match finding:
        case DeductibleTaken(left):
            return f"PR-1 deductible {usd(owes)}; {usd(left)} was left before this line."
        case CopayCharged(copay, per):
            return f"PR-3 copay {usd(owes)} of {usd(copay)} per {plain(per)}."
        case CoinsuranceCharged(rate, of):
            return f"PR-2 coinsurance {rate} of {usd(of)}: {usd(owes)}."
        case UnknownShare():
            return f"Cost share not read; {usd(owes)} assumed against the patient. Verify benefits."
        case PlanPaysAll():
            return "No patient share (deductible, copay, coinsurance) is due on this line."
        case MaximumReached(maximum):
            return f"Out-of-pocket maximum of {usd(maximum)} met: {usd(-owes)} moves to the plan."
        case ShareCapped(cap):
            return f"Patient share capped at {usd(cap)} per visit: {usd(-owes)} moves to the plan."
        case ParityApplied():
            return "Parity rule: the lower share of the compared benefit applies."
        case PlanPaymentCapped(cap):
            return f"Plan payment capped at {usd(cap)} per visit; {usd(owes)} to the patient (PR-119)."
        case PaymentReduced(percent):
            return f"197: payment reduced to {percent}; {usd(owes)} to the patient."
        case PenaltyCharged(penalty):
            return f"197: penalty of {usd(penalty)}, {usd(owes)} of it on this line."
        case BalanceBilled(billed, allowed):
            return f"Balance bill: charge {usd(billed)} less allowed {usd(allowed)} = {usd(owes)}."
        case SecondaryPaid(plan, method):
            return f"Secondary {plan} ({plain(method)}) takes over {usd(-owes)} (OA-23 on its remittance)."
        case _:
            assert_never(finding)


def _copay(copay: Money, per: str, owes: Money) -> str:
    words = {"provider-day": "day", "line": "service"}.get(per, per)
    if owes < copay:
        return f"Your copay is {usd(copay)} a {words}. {usd(owes)} of it falls on this service."
    return f"You pay your copay of {usd(copay)} a {words}."
