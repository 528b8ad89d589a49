"""Sentences on limits, authorization and referral."""

from __future__ import annotations

from typing import assert_never

from estimator.domain.decisions import (
    AuthorizationMissing,
    AuthorizationNeeded,
    AuthorizationUnread,
    LimitExtended,
    LimitPassed,
    ModifierNeeded,
    RequestNeeded,
)
from estimator.domain.money import Money
from estimator.wording.figures import usd
from estimator.wording.telling import Telling, amount_of, plain

Bounds = (
    LimitPassed
    | LimitExtended
    | ModifierNeeded
    | AuthorizationNeeded
    | AuthorizationUnread
    | RequestNeeded
    | AuthorizationMissing
)

_IF_EXTENDED = {
    "improvement": "because your records show that you are getting better",
    "justification": "because your provider explains in writing why you need more",
    "authorization": "if your plan approves it in advance",
    "diagnosis": "because of your diagnosis",
}
_IF_MISSING = {
    "provider-absorbs": "The clinic may not bill you for this visit",
    "patient-pays": "Your plan does not pay, so you do",
    "reduced": "Your plan pays less",
    "penalty": "For that it takes a penalty off its payments, once in a course of care",
    "other-cost-share": "You pay a higher share",
    "unknown": "What your plan then does is not known",
}
_IF_MISSING_CODES = {
    "provider-absorbs": "CO-{carc}: write-off",
    "patient-pays": "PR-{carc}: patient liable",
    "reduced": "{carc}: payment reduced",
    "penalty": "{carc}: penalty taken from the payments, once a course",
    "other-cost-share": "{carc}: paid at the share without authorization",
    "unknown": "{carc}: consequence not read; check the contract",
}


def bounds_for_patient(finding: Bounds, owes: Money, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case LimitPassed(limit, measure, of):
            return f"{_limit(limit, measure, of, telling)} This is beyond that. {_beyond(owes)}"
        case LimitExtended(limit, needs):
            why = _IF_EXTENDED.get(needs, f"on {plain(needs)}")
            return f"Your plan covers {telling.limit(limit)}, and more after that {why}. This visit is one of those."
        case ModifierNeeded():
            return (
                "Your share does not change. From here on the clinic marks its bills to say that you still need care."
            )
        case AuthorizationNeeded("referral"):
            return "Your plan wants a referral (a doctor's order) for this visit. We count on there being one."
        case AuthorizationNeeded(_, number, from_visit):
            return (
                f"Your plan must approve this visit in advance (prior authorization). {_from(number, from_visit)}"
                "We count on its approval."
            )
        case AuthorizationUnread("referral"):
            return "Your plan may want a referral (a doctor's order) for this visit; we have not read whether it does."
        case AuthorizationUnread():
            return "Your plan may have to approve this visit in advance; we have not read whether it must."
        case RequestNeeded(number, of):
            return f"The clinic must ask your plan for this visit; visits 1 to {of} are approved without review."
        case AuthorizationMissing(kind, consequence):
            missing = (
                "There is no referral" if kind == "referral" else "Your plan has not approved this visit in advance"
            )
            words = _IF_MISSING.get(consequence, _IF_MISSING["unknown"])
            return f"{missing}. {words}{f': {usd(owes)}' if owes > 0 else ''}."
        case _:
            assert_never(finding)


def bounds_for_biller(finding: Bounds, owes: Money, telling: Telling) -> str:
    """Return the sentence for billing staff."""
    match finding:
        case LimitPassed(limit, measure, of):
            liable = f"patient liable for {usd(owes)}" if owes > 0 else "provider write-off"
            group = "PR" if owes > 0 else "CO"
            return f"{group}-119: limit {limit} of {amount_of(measure, of)} is used up; {liable}."
        case LimitExtended(limit, needs, modifier):
            add = f" Append {modifier}." if modifier else ""
            return f"Within the extension of {limit}: document {plain(needs)}.{add}"
        case ModifierNeeded(limit, modifier):
            append = f"append {modifier}" if modifier else "no modifier is named"
            return f"Past the marker {limit}: {append}; patient share unchanged."
        case AuthorizationNeeded(kind, number, from_visit):
            since = f"visit {number}; the rule starts at visit {from_visit}" if from_visit > 1 else f"visit {number}"
            return f"{plain(kind).capitalize()} needed ({since}); CARC {_carc(kind)} without it."
        case AuthorizationUnread(kind, number):
            return f"{plain(kind).capitalize()} requirement not read (visit {number}): verify."
        case RequestNeeded(number, of):
            return f"Submit a request: visit {number} of {of} that are granted without clinical review."
        case AuthorizationMissing(kind, consequence):
            words = _IF_MISSING_CODES.get(consequence, _IF_MISSING_CODES["unknown"]).format(carc=_carc(kind))
            return f"No {plain(kind)} on file. {words}{f', {usd(owes)}' if owes > 0 else ''}."
        case _:
            assert_never(finding)


def _carc(kind: str) -> str:
    """Return the claim adjustment reason code of what is absent."""
    return "288" if kind == "referral" else "197"


def _limit(name: str, measure: str, of: int, telling: Telling) -> str:
    if name in telling.plan.limits:
        return f"Your plan covers {telling.limit_with_extension(name)}."
    return f"Your plan covers {amount_of(measure, of)}."


def _beyond(owes: Money) -> str:
    if owes > 0:
        return f"You pay {usd(owes)}, and it does not count toward your yearly maximum."
    return "The clinic may not bill you for it."


def _from(number: int, from_visit: int) -> str:
    if from_visit <= 1:
        return "That holds from the first visit on. " if number == 1 else ""
    return f"That holds from visit {from_visit} on; this is visit {number}. "
