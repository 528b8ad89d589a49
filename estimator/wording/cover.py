"""Sentences on whether a line is payable at all: state law, bundling, policies, benefits and networks."""

from __future__ import annotations

from typing import assert_never

from estimator.engine.findings import (
    Bundled,
    BundledByPolicy,
    BundledInRate,
    CoverUnknown,
    NetworkNotCovered,
    NotCovered,
    NotInBenefits,
    NotInScope,
    SelfPay,
)
from estimator.engine.values import Money
from estimator.language import N_, _
from estimator.wording.figures import together, usd
from estimator.wording.telling import Telling, in_the_network, plain

Cover = (
    NotInScope
    | Bundled
    | BundledByPolicy
    | BundledInRate
    | NotCovered
    | NotInBenefits
    | NetworkNotCovered
    | CoverUnknown
    | SelfPay
)

_WHY_NOT = {
    "investigational": N_(
        "{payer} counts this as investigational: it does not think that enough research supports it."
    ),
    "not-medically-necessary": N_("{payer} does not count this as medically necessary."),
    "excluded": N_("{payer} leaves this out of what it pays for."),
    "bundled": N_("{payer} pays nothing for this beside the other services."),
    "covered-in-therapy": N_("{payer} pays for this only beside other therapy in the same visit."),
    "covered": N_("{payer} pays for this only in a therapy visit that it covers."),
    "not-valid-for-medicare": N_("{payer} does not take this code."),
    "not-covered": N_("{payer} does not pay for this."),
    "carrier-priced": N_("{payer} has no set price for this."),
    "not-in-this-setting": N_("{payer} does not pay for this in a hospital."),
    "not-paid": N_("{payer} does not pay for this."),
}
_FOR_ANOTHER_REASON = N_("{payer} does not pay for this (its word: {position}).")
_PARTING = "59 or X{EPSU}"
_REASON_CODES = {
    "investigational": N_("55 (or 50)"),
    "not-medically-necessary": "50",
    "excluded": N_("96 or 204"),
    "bundled": "97",
    "covered-in-therapy": N_("107 or 97"),
    "covered": "204",
    "not-valid-for-medicare": N_("181 or 96"),
    "not-in-this-setting": "58",
}


def cover_for_patient(finding: Cover, owes: Money, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case NotInScope():
            return _not_in_scope(finding.status)
        case Bundled(into, rule):
            return together(_part_of(into, rule, telling), _no_charge(owes))
        case BundledByPolicy():
            words = _("{payer} pays nothing extra for this: it counts as part of the visit.")
            return together(words.format(payer=telling.payer), _no_charge(owes))
        case BundledInRate("case-rate"):
            return _("One price covers the whole course, this service too.")
        case BundledInRate():
            return _("One price covers the whole visit, this service too.")
        case NotCovered(position, _, whole_visit):
            return together(_not_covered(position, telling, whole_visit), _who_pays(owes))
        case NotInBenefits():
            return together(_("Your plan does not list this service among those it pays for."), _who_pays(owes))
        case NetworkNotCovered(network):
            words = _("Your plan pays nothing for this {in_network}.")
            return together(words.format(in_network=in_the_network(network)), _who_pays(owes))
        case CoverUnknown():
            words = _("We do not know whether your plan pays for this. Ask {payer} first.")
            return together(words.format(payer=telling.payer), _if_not(owes))
        case SelfPay():
            return _("No plan pays a part of this, so you pay all of it.")
        case _:
            assert_never(finding)


def cover_for_biller(finding: Cover, owes: Money, telling: Telling) -> str:
    """Return the sentence for billing staff, with the likely claim adjustment reason code."""
    group = "PR" if owes > 0 else "CO"
    match finding:
        case NotInScope(state, status):
            words = _("Outside the provider's scope of practice in {state} ({status}): do not bill, do not perform.")
            return words.format(state=state, status=plain(status))
        case Bundled(into, rule, modifier_allowed):
            return _bundled(into, rule, modifier_allowed)
        case BundledByPolicy(policy):
            words = _("{group}-97: policy {policy} pays nothing separately; do not bill the patient in network.")
            return words.format(group=group, policy=policy)
        case BundledInRate(basis):
            return _("CO-97: included in the {basis} rate carried by another line.").format(basis=plain(basis))
        case NotCovered(position, policy, whole_visit):
            sole = _("Sole service: the whole visit is denied.") if whole_visit else ""
            code = _(_REASON_CODES.get(position, "96"))
            return together(f"{group}-{code}: {plain(position)} ({policy}).", sole, _liable(owes))
        case NotInBenefits():
            words = _("{group}-204: no benefit of the plan lists the code.").format(group=group)
            return together(words, _liable(owes))
        case NetworkNotCovered(network):
            words = _("{group}-242: no benefits in tier {network}.").format(group=group, network=network)
            return together(words, _liable(owes))
        case CoverUnknown(subject):
            words = _("Coverage unknown ({subject} not read): verify code, authorization and payment separately.")
            return words.format(subject=plain(subject))
        case SelfPay():
            return _("Self-pay: no claim. A Good Faith Estimate is due.")
        case _:
            assert_never(finding)


def _not_in_scope(status: str) -> str:
    if status == "awaiting-rules":
        return _(
            "The state has passed a law on dry needling, but its rules are not in force yet, "
            "so this provider may not do it."
        )
    return _("State law does not let this kind of provider do dry needling.")


def _not_covered(position: str, telling: Telling, whole_visit: bool) -> str:
    words = _(_WHY_NOT.get(position, _FOR_ANOTHER_REASON)).format(payer=telling.payer, position=plain(position))
    alone = _("As nothing else is done in this visit, it does not pay for the visit.")
    return together(words, alone if whole_visit else "")


def _you_pay(owes: Money) -> str:
    return _("You pay {amount}.").format(amount=usd(owes))


def _who_pays(owes: Money) -> str:
    return _you_pay(owes) if owes > 0 else _("The clinic may not bill you for it.")


def _no_charge(owes: Money) -> str:
    return _you_pay(owes) if owes > 0 else _("You pay nothing for it.")


def _if_not(owes: Money) -> str:
    words = _("If it does not, you could pay {amount}; we count that here.")
    return words.format(amount=usd(owes)) if owes > 0 else ""


def _liable(owes: Money) -> str:
    if owes > 0:
        return _("Patient liable: {amount}.").format(amount=usd(owes))
    return _("Write off unless a signed, service-specific consent is held.")


def _part_of(into: str, rule: str, telling: Telling) -> str:
    if into:
        words = _("This counts as part of {service} on the same day.")
        return words.format(service=telling.service(into))
    if rule == "too-few-minutes":
        return _("This takes too few minutes to be billed on its own.")
    return _("Medicare pays nothing extra for this.")


def _bundled(into: str, rule: str, modifier_allowed: bool) -> str:
    if rule == "too-few-minutes":
        return _("Not billable: fewer minutes than one unit takes under the plan's minutes rule.")
    if not into:
        return _("CO-97: bundled by its status in the Medicare fee schedule.")
    edit = _("NCCI pair edit") if rule == "ncci" else plain(rule)
    words = (
        _("CO-97: bundled into {service} ({edit}); {modifiers} parts them if separate.")
        if modifier_allowed
        else _("CO-97: bundled into {service} ({edit}); no modifier parts them.")
    )
    return words.format(service=into, edit=edit, modifiers=_PARTING)
