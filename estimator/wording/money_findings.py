"""Sentences on what the patient pays for a covered line, and on limits, authorization and referral."""

from __future__ import annotations

from typing import assert_never

from estimator.engine.answer import Step
from estimator.engine.findings import (
    AssistantPaid,
    AuthorizationMissing,
    AuthorizationNeeded,
    AuthorizationUnread,
    BalanceBilled,
    CoinsuranceCharged,
    CopayCharged,
    CopayIncluded,
    DeductibleTaken,
    FreeByIndianHealth,
    LimitExtended,
    LimitingCharge,
    LimitPassed,
    MaximumReached,
    ModifierNeeded,
    ParityApplied,
    PaymentReduced,
    PenaltyCharged,
    PlanPaymentCapped,
    PlanPaysAll,
    RequestNeeded,
    SecondaryPaid,
    ShareCapped,
    UnknownShare,
)
from estimator.engine.values import Money, Unknown
from estimator.language import N_, _
from estimator.wording.words import PATIENT, Telling, amount_of, plain, together, usd

Shares = DeductibleTaken | CopayCharged | CopayIncluded | CoinsuranceCharged | UnknownShare | PlanPaysAll
Reliefs = MaximumReached | ShareCapped | ParityApplied | FreeByIndianHealth
Burdens = PlanPaymentCapped | PaymentReduced | PenaltyCharged | BalanceBilled | LimitingCharge | AssistantPaid
Charges = Shares | Reliefs | Burdens | SecondaryPaid

_METHODS = {
    "standard": N_("It pays what it would pay alone, up to what you would have owed."),
    "non-duplication": N_("It pays only what it would have paid more than your first plan."),
    "maintenance-of-benefits": N_("It takes off what your first plan paid, then counts its own share."),
    "supplement": N_("It pays parts of what your first plan leaves to you, as its rules say."),
    "not-billed": N_("The clinic may not bill you for it, whatever Medicaid pays."),
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
# A copay of a whole visit or day, where its services together cost less than it.
_CUT = {
    "visit": N_("Your copay is {copay} a visit. The services cost less, so you pay {amount}."),
    "day": N_("Your copay is {copay} a day. You pay {amount} of it at this visit."),
}
_INCLUDED = {
    "visit": N_("Included in your one copay for the visit."),
    "day": N_("Included in your one copay for the day."),
}
_PAID_FOR = {"provider-day": "day", "line": "service"}


def charge_for_patient(finding: Charges, owes: Money) -> str:
    """Return the sentence for a patient."""
    match finding:
        case DeductibleTaken() | CopayCharged() | CopayIncluded() | CoinsuranceCharged():
            return _share_for_patient(finding, owes)
        case UnknownShare() | PlanPaysAll():
            return _share_for_patient(finding, owes)
        case MaximumReached() | ShareCapped() | ParityApplied() | FreeByIndianHealth():
            return _relief_for_patient(finding, owes)
        case PlanPaymentCapped() | PaymentReduced() | PenaltyCharged() | BalanceBilled():
            return _burden_for_patient(finding, owes)
        case LimitingCharge() | AssistantPaid():
            return _burden_for_patient(finding, owes)
        case SecondaryPaid(_, method):
            taken = _("Your second plan takes over {amount}.").format(amount=usd(-owes))
            return together(taken, _(_METHODS.get(method, _METHODS["standard"])))
        case _:
            assert_never(finding)


def copay_says(step: Step, telling: Telling) -> str:
    """Return the sentence on a copay that a visit charges once."""
    finding = step.finding
    assert isinstance(finding, CopayCharged)
    if telling.reader != PATIENT:
        return _share_for_biller(finding, step.owes)
    per = _PAID_FOR.get(finding.per, finding.per)
    words = _CUT[per] if step.owes < finding.copay else _COPAYS[per][0]
    return _(words).format(copay=usd(finding.copay), amount=usd(step.owes))


def charge_for_biller(finding: Charges, owes: Money) -> str:
    """Return the sentence for billing staff, with the usual claim adjustment reason code."""
    match finding:
        case DeductibleTaken() | CopayCharged() | CopayIncluded() | CoinsuranceCharged():
            return _share_for_biller(finding, owes)
        case UnknownShare() | PlanPaysAll():
            return _share_for_biller(finding, owes)
        case MaximumReached() | ShareCapped() | ParityApplied() | FreeByIndianHealth():
            return _relief_for_biller(finding, owes)
        case PlanPaymentCapped() | PaymentReduced() | PenaltyCharged() | BalanceBilled():
            return _burden_for_biller(finding, owes)
        case LimitingCharge() | AssistantPaid():
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
        case CopayIncluded(per):
            return _(_INCLUDED.get(_PAID_FOR.get(per, per), _INCLUDED["visit"]))
        case CoinsuranceCharged(rate, of):
            words = _("You pay {rate} of {price} (coinsurance): {amount}.")
            return words.format(rate=rate, price=usd(of), amount=usd(owes))
        case UnknownShare():
            words = _("We don't know your share of this. Ask your plan. We count {amount}, the most it could be.")
            return words.format(amount=usd(owes))
        case PlanPaysAll():
            return _("You pay nothing for this service.")
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
        case FreeByIndianHealth():
            return _(
                "An Indian health care provider treats or refers you, so you have no copay or other share of this."
            )
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
        case LimitingCharge(most, allowed):
            words = _(
                "Your plan counts {allowed}. This clinic may charge at most {most} "
                "and bill you the difference: {amount}."
            )
            return words.format(most=usd(most), allowed=usd(allowed), amount=usd(owes))
        case AssistantPaid(rate):
            words = _("Your plan pays the clinic {rate} of its part because an assistant treats. You pay no more.")
            return words.format(rate=rate)
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
        case CopayIncluded(per):
            return _("No further copay on this line: one per {basis}.").format(basis=plain(per))
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
        case FreeByIndianHealth():
            return _("No patient share: an Indian health care provider treats or refers (keep the referral on file).")
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
        case LimitingCharge(most, allowed):
            words = _("Unassigned claim: limiting charge {most}, allowed {allowed}; {amount} to the patient.")
            return words.format(most=usd(most), allowed=usd(allowed), amount=usd(owes))
        case AssistantPaid(rate, payment):
            words = _("An assistant treats (CQ): the plan pays {rate} of {payment}; the patient's share stays.")
            return words.format(rate=rate, payment=usd(payment))
        case _:
            assert_never(finding)


# ----------------------------------------------------------------------------
# Sentences on limits, authorization and referral.
# ----------------------------------------------------------------------------

Bounds = (
    LimitPassed
    | LimitExtended
    | ModifierNeeded
    | AuthorizationNeeded
    | AuthorizationUnread
    | RequestNeeded
    | AuthorizationMissing
)

# Beyond a limit, by what the plan wants to see; {limit} is what the limit gives.
_IF_EXTENDED = {
    "improvement": N_(
        "Your plan covers {limit}, and more after that because your records show that you're getting better. "
        "This visit is one of those."
    ),
    "justification": N_(
        "Your plan covers {limit}, and more after that because your provider explains in writing why you need more. "
        "This visit is one of those."
    ),
    "authorization": N_(
        "Your plan covers {limit}, and more after that if your plan approves it in advance. This visit is one of those."
    ),
    "diagnosis": N_(
        "Your plan covers {limit}, and more after that because of your diagnosis. This visit is one of those."
    ),
}
_EXTENDED = N_("Your plan covers {limit}, and more after that on {needs}. This visit is one of those.")
# What happens without approval or referral: where nothing is owed, and with the amount that is.
_IF_MISSING = {
    "provider-absorbs": (
        N_("The clinic may not bill you for this visit."),
        N_("The clinic may not bill you for this visit: {amount}."),
    ),
    "patient-pays": (
        N_("Your plan doesn't pay, so you do."),
        N_("Your plan doesn't pay, so you do: {amount}."),
    ),
    "reduced": (N_("Your plan pays less."), N_("Your plan pays less: {amount}.")),
    "penalty": (
        N_("For that it takes a penalty off its payments, once in a course of care."),
        N_("For that it takes a penalty off its payments, once in a course of care: {amount}."),
    ),
    "other-cost-share": (N_("You pay a higher share."), N_("You pay a higher share: {amount}.")),
    "unknown": (
        N_("What your plan then does isn't known."),
        N_("What your plan then does isn't known: {amount}."),
    ),
}
_IF_MISSING_CODES = {
    "provider-absorbs": N_("CO-{carc}: write-off"),
    "patient-pays": N_("PR-{carc}: patient liable"),
    "reduced": N_("{carc}: payment reduced"),
    "penalty": N_("{carc}: penalty taken from the payments, once a course"),
    "other-cost-share": N_("{carc}: paid at the share without authorization"),
    "unknown": N_("{carc}: consequence not read; check the contract"),
}
_REFERRAL = "referral"


def bounds_for_patient(finding: Bounds, owes: Money, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case LimitPassed(limit, measure, of):
            return together(_limit(limit, measure, of, telling), _beyond(owes))
        case LimitExtended(limit, needs):
            words = _(_IF_EXTENDED.get(needs, _EXTENDED))
            return words.format(limit=telling.limit(limit), needs=plain(needs))
        case ModifierNeeded():
            return _(
                "Your share doesn't change. From here on the clinic marks its bills to say that you still need care."
            )
        case AuthorizationNeeded(kind, number, from_visit):
            return _needed(kind, number, from_visit)
        case AuthorizationUnread(kind):
            return _unread(kind)
        case RequestNeeded(number, of):
            words = _(
                "The clinic must ask your plan for this visit; "
                "the first {number} such visits are approved without review."
            )
            return words.format(number=of)
        case AuthorizationMissing(kind, consequence):
            return _missing(kind, consequence, owes)
        case _:
            assert_never(finding)


def bounds_for_biller(finding: Bounds, owes: Money, telling: Telling) -> str:
    """Return the sentence for billing staff."""
    match finding:
        case LimitPassed(limit, measure, of):
            words = (
                _("PR-119: limit {limit} of {most} is used up; patient liable for {amount}.")
                if owes > 0
                else _("CO-119: limit {limit} of {most} is used up; provider write-off.")
            )
            stated = telling.plan.limits.get(limit)
            is_unread = stated is not None and isinstance(stated.amount, Unknown)
            most = telling.limit(limit) if is_unread else amount_of(measure, of)
            return words.format(limit=limit, most=most, amount=usd(owes))
        case LimitExtended(limit, needs, modifier):
            words = _("Within the extension of {limit}: document {needs}.").format(limit=limit, needs=plain(needs))
            add = _("Append {modifier}.").format(modifier=modifier) if modifier else ""
            return together(words, add)
        case ModifierNeeded(limit, modifier):
            words = (
                _("Past the marker {limit}: append {modifier}; patient share unchanged.")
                if modifier
                else _("Past the marker {limit}: no modifier is named; patient share unchanged.")
            )
            return words.format(limit=limit, modifier=modifier)
        case RequestNeeded(number, of):
            words = _("Submit a request: visit {number} of {most} that are granted without clinical review.")
            return words.format(number=number, most=of)
        case AuthorizationNeeded() | AuthorizationUnread() | AuthorizationMissing():
            return _approval_for_biller(finding, owes)
        case _:
            assert_never(finding)


def _approval_for_biller(finding: AuthorizationNeeded | AuthorizationUnread | AuthorizationMissing, owes: Money) -> str:
    is_referral = finding.kind == _REFERRAL
    match finding:
        case AuthorizationNeeded(kind, number, from_visit):
            if from_visit > 1:
                words = (
                    _("Referral needed (counts as visit {number}; the rule starts at {start}); CARC {carc} without it.")
                    if is_referral
                    else _(
                        "Authorization needed (counts as visit {number}; the rule starts at {start}); "
                        "CARC {carc} without it."
                    )
                )
            else:
                words = (
                    _("Referral needed; CARC {carc} without it.")
                    if is_referral
                    else _("Authorization needed; CARC {carc} without it.")
                )
            return words.format(number=number, start=from_visit, carc=_carc(kind))
        case AuthorizationUnread():
            return (
                _("Referral requirement not read: verify.")
                if is_referral
                else _("Authorization requirement not read: verify.")
            )
        case AuthorizationMissing(kind, consequence):
            words = _("No referral on file.") if is_referral else _("No authorization on file.")
            then = _(_IF_MISSING_CODES.get(consequence, _IF_MISSING_CODES["unknown"])).format(carc=_carc(kind))
            return f"{words} {then}{f', {usd(owes)}' if owes > 0 else ''}."
        case _:
            assert_never(finding)


def _carc(kind: str) -> str:
    """Return the claim adjustment reason code of what is absent."""
    return "288" if kind == _REFERRAL else "197"


def _limit(name: str, measure: str, of: int, telling: Telling) -> str:
    is_known = name in telling.plan.limits
    limit = telling.limit_with_extension(name) if is_known else amount_of(measure, of)
    return _("Your plan covers {limit}. This is beyond that.").format(limit=limit)


def _beyond(owes: Money) -> str:
    if owes > 0:
        words = _("You pay {amount}, and it doesn't count toward your yearly maximum.")
        return words.format(amount=usd(owes))
    return _("The clinic may not bill you for it.")


def _needed(kind: str, number: int, from_visit: int) -> str:
    if kind == _REFERRAL:
        return _("Your plan wants a referral (a doctor's order) for this visit. We assumed you have one.")
    if from_visit > 1:
        words = _(
            "Your plan must approve this visit in advance (prior authorization). That holds from visit {start} "
            "on, and by your plan's count this is visit {number}. We assumed it will."
        )
        return words.format(start=from_visit, number=number)
    return _("Your plan must approve this visit in advance (prior authorization). We assumed it will.")


def _unread(kind: str) -> str:
    if kind == _REFERRAL:
        return _("Your plan may want a referral (a doctor's order) for this visit. Ask your plan.")
    return _("Your plan may have to approve this visit in advance. Ask your plan.")


def _missing(kind: str, consequence: str, owes: Money) -> str:
    absent = _("There is no referral.") if kind == _REFERRAL else _("Your plan hasn't approved this visit in advance.")
    free, priced = _IF_MISSING.get(consequence, _IF_MISSING["unknown"])
    return together(absent, _(priced if owes > 0 else free).format(amount=usd(owes)))
