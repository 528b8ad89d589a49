"""Sentences on whether a line is payable at all: state law, bundling, policies, benefits and networks."""

from __future__ import annotations

from typing import assert_never

from estimator.domain.decisions import (
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
from estimator.domain.money import Money
from estimator.wording.figures import usd
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
    "investigational": "counts this as investigational: it does not think that enough research supports it",
    "not-medically-necessary": "does not count this as medically necessary",
    "excluded": "leaves this out of what it pays for",
    "bundled": "pays nothing for this beside the other services",
    "covered-in-therapy": "pays for this only beside other therapy in the same visit",
    "covered": "pays for this only in a therapy visit that it covers",
    "not-valid-for-medicare": "does not take this code",
    "not-covered": "does not pay for this",
    "carrier-priced": "has no set price for this",
    "not-in-this-setting": "does not pay for this in a hospital",
    "not-paid": "does not pay for this",
}
_REASON_CODES = {
    "investigational": "55 (or 50)",
    "not-medically-necessary": "50",
    "excluded": "96 or 204",
    "bundled": "97",
    "covered-in-therapy": "107 or 97",
    "covered": "204",
    "not-valid-for-medicare": "181 or 96",
    "not-in-this-setting": "58",
}


def cover_for_patient(finding: Cover, owes: Money, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case NotInScope(_, "awaiting-rules"):
            return (
                "The state has passed a law on dry needling, but its rules are not in force yet, "
                "so this provider may not do it."
            )
        case NotInScope():
            return "State law does not let this kind of provider do dry needling."
        case Bundled(into, rule):
            part = (
                f"This counts as part of {telling.service(into)} on the same day." if into else _part_of_nothing(rule)
            )
            return f"{part} {_no_charge(owes)}"
        case BundledByPolicy():
            return f"{telling.payer} pays nothing extra for this: it counts as part of the visit. {_no_charge(owes)}"
        case BundledInRate(basis):
            return f"One price covers the whole {'course' if basis == 'case-rate' else 'visit'}, this service too."
        case NotCovered(position, _, whole_visit):
            return f"{_not_covered(position, telling, whole_visit)} {_who_pays(owes)}"
        case NotInBenefits():
            return f"Your plan does not list this service among those it pays for. {_who_pays(owes)}"
        case NetworkNotCovered(network):
            return f"Your plan pays nothing for this {in_the_network(network)}. {_who_pays(owes)}"
        case CoverUnknown():
            return f"We do not know whether your plan pays for this. Ask {telling.payer} first. {_if_not(owes)}"
        case SelfPay():
            return "No plan pays a part of this, so you pay all of it."
        case _:
            assert_never(finding)


def cover_for_biller(finding: Cover, owes: Money, telling: Telling) -> str:
    """Return the sentence for billing staff, with the likely claim adjustment reason code."""
    group = "PR" if owes > 0 else "CO"
    match finding:
        case NotInScope(state, status):
            return (
                f"Outside the provider's scope of practice in {state} ({plain(status)}): do not bill, do not perform."
            )
        case Bundled(into, rule, modifier_allowed):
            return _bundled(into, rule, modifier_allowed)
        case BundledByPolicy(policy):
            return f"{group}-97: policy {policy} pays nothing separately; do not bill the patient in network."
        case BundledInRate(basis):
            return f"CO-97: included in the {plain(basis)} rate carried by another line."
        case NotCovered(position, policy, whole_visit):
            sole = " Sole service: the whole visit is denied." if whole_visit else ""
            return f"{group}-{_REASON_CODES.get(position, '96')}: {plain(position)} ({policy}).{sole} {_liable(owes)}"
        case NotInBenefits():
            return f"{group}-204: no benefit of the plan lists the code. {_liable(owes)}"
        case NetworkNotCovered(network):
            return f"{group}-242: no benefits in tier {network}. {_liable(owes)}"
        case CoverUnknown(subject):
            return f"Coverage unknown ({plain(subject)} not read): verify code, authorization and payment separately."
        case SelfPay():
            return "Self-pay: no claim. A Good Faith Estimate is due."
        case _:
            assert_never(finding)


def _not_covered(position: str, telling: Telling, whole_visit: bool) -> str:
    why = _WHY_NOT.get(position, f"does not pay for this (its word: {plain(position)})")
    if whole_visit:
        return f"{telling.payer} {why}. As nothing else is done in this visit, it does not pay for the visit."
    return f"{telling.payer} {why}."


def _who_pays(owes: Money) -> str:
    return f"You pay {usd(owes)}." if owes > 0 else "The clinic may not bill you for it."


def _no_charge(owes: Money) -> str:
    return f"You pay {usd(owes)}." if owes > 0 else "You pay nothing for it."


def _if_not(owes: Money) -> str:
    return f"If it does not, you could pay {usd(owes)}; we count that here." if owes > 0 else ""


def _liable(owes: Money) -> str:
    return (
        f"Patient liable: {usd(owes)}." if owes > 0 else "Write off unless a signed, service-specific consent is held."
    )


def _part_of_nothing(rule: str) -> str:
    if rule == "too-few-minutes":
        return "This takes too few minutes to be billed on its own."
    return "Medicare pays nothing extra for this."


def _bundled(into: str, rule: str, modifier_allowed: bool) -> str:
    if rule == "too-few-minutes":
        return "Not billable: fewer minutes than one unit takes under the plan's minutes rule."
    if not into:
        return "CO-97: bundled by its status in the Medicare fee schedule."
    edit = "NCCI pair edit" if rule == "ncci" else plain(rule)
    parted = "59 or X{EPSU} parts them if separate" if modifier_allowed else "no modifier parts them"
    return f"CO-97: bundled into {into} ({edit}); {parted}."
