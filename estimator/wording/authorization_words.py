"""The sentences of an authorization check, for billing staff alone: English, with the words of claims.

One table a kind of value; every name that a check can hold has its words here, which the tests ask for.
"""

from __future__ import annotations

from estimator.billing.authorization_answer import Ask, Fact, Liability, Sending, Stage, Stands
from estimator.engine.coding import Modifier, Use
from estimator.engine.coverage import Paper, Who
from estimator.engine.values import Money
from estimator.wording.figures import counted, listed, long_day, usd
from estimator.wording.steps import says
from estimator.wording.telling import Telling, plain

FACTS = {
    "code-listed": "Valid: listed in the fee schedule of that year.",
    "code-not-valid-for-medicare": "The fee schedule marks it as not valid for Medicare.",
    "code-not-carried": "We carry nothing about this code on that day. Check it in the payer's code lookup.",
    "covered": "Paid under the benefit {subject}, as far as the rules we read say.",
    "covered-with-referral": "Paid under the benefit {subject} where a referral is on file.",
    "covered-referral-not-read": "Paid under the benefit {subject}; nobody has read whether it wants a referral.",
    "readings-differ": "It depends on something that is not known yet.",
    "no-plan": "No plan, so nothing to ask for.",
    "needed": "Needed from visit {number} on, as the plan counts visits.",
    "needed-after-waiver": "Needed once the first {number} visits without review are used up, or their time is over.",
    "request-only": "A request must be sent; the first {number} are approved without review.",
    "rule-not-read": "Nobody has read whether {subject} needs it.",
    "no-benefit": "No benefit that we read lists this code, so no rule speaks of it.",
    "no-rule-written": "The plan's file names no rule for {subject}; that is not a no.",
    "past-limit": "Past the plan's limit; whether it would still be asked for is not known.",
    "never": "The plan says that {subject} never needs it.",
    "exempt": "This code is exempt.",
    "not-among-its-codes": "The rule names other codes only.",
    "rule-does-not-reach": "The rule does not reach this network or this case.",
    "not-until": "Not before visit {number}, as the plan counts visits.",
}
MODIFIERS = {
    "plan-of-care": {
        Use.REQUIRED: "Physical therapy under a plan of care.",
        Use.ASK: "Physical therapy under a plan of care: ask whether this payer wants it on every line.",
    },
    "assistant-treats": {
        Use.REQUIRED: "An assistant gives more than a tenth of the service: Medicare pays 85% of its payment.",
        Use.ASK: "An assistant treats: ask whether this payer wants it, and pays less.",
    },
    "past-marker": {
        Use.REQUIRED: "Past {about}: it says that the record shows further care to be medically necessary.",
    },
    "extension": {Use.REQUIRED: "Within the extension of {about}: it says that the record supports it."},
    "pair": {
        Use.IF_SEPARATE: "The edit with {about} allows one of these, only if the services were separate "
        "and the record says so.",
    },
    "pair-with-visit": {
        Use.IF_SEPARATE: "On {about}, only if the office visit was significant and separate and the record says so.",
    },
    "no-pair": {Use.NO_GROUND: "No coding edit of the day's codes gives it a reason (edition we carry)."},
    "pair-not-looked-up": {Use.ASK: "We did not look up every pair of the day: check the current edits."},
    "after-notice": {Use.CLINIC: "After the signed notice: {chosen}"},
    "excluded": {Use.CLINIC: "Left out of Medicare for this provider, no signed notice said: {chosen}"},
    "expected-denial": {Use.CLINIC: "Denial expected, no signed notice said: {chosen}"},
}
_CHOSEN = "the clinic's setting."
_NOT_CHOSEN = "the clinic has set none. Ask the contractor; sources disagree."
WHO = {
    Who.CLINIC: "The clinic.",
    Who.PATIENT: "The patient.",
    Who.SHARED: "The plan pays less, and the patient bears that part.",
    Who.NOBODY: "Nobody: there is nothing to bill.",
    Who.UNKNOWN: "Not known: ask.",
}
PAPERS = {
    Paper.AUTHORIZATION: "the authorization, before the visit",
    Paper.REFERRAL: "the referral, before the visit",
    Paper.NOTICE: "Medicare's advance notice (ABN), signed before the visit",
    Paper.CONSENT: "a consent that names the service and its price, signed before the visit",
    Paper.ESTIMATE: "a Good Faith Estimate for what the patient pays alone",
    Paper.DETERMINATION: "an organization determination before the visit (an ABN is not valid here)",
    Paper.ASK: "ask which form this payer accepts",
    Paper.NONE: "no paper changes that",
}
CAUSES = {
    "authorization-missing": "If the authorization is missing",
    "referral-missing": "If the referral is missing",
    "not-paid": "If the plan does not pay",
}
STANDS = {
    Stands.NOT_NEEDED: "None needed.",
    Stands.REQUEST_ONLY: "A request is needed, without review.",
    Stands.ON_FILE: "Covered by the authorization on file.",
    Stands.NEEDED: "Authorization needed, none on file.",
    Stands.UNKNOWN: "",
}
KINDS = {
    "request": "Send the request",
    "first": "Send the request for authorization",
    "renewal": "Send the renewal",
}
ASKS = {
    "code-valid": "{subject}: is this a valid code for this provider on these days?",
    "authorization-needed": "{subject}: does it need authorization, and from which visit? Who administers it?",
    "payable": "{subject}: is it paid, under which policy, and who is liable if it is denied?",
    "turnaround": "Turnaround of {subject}: how many business days until an answer?",
    "how-to-ask": "How to send a request to {subject}: portal, fax or telephone, and with which papers?",
    "used-so-far": "{subject}: how much is used so far this period? We counted none.",
    "limit": "{subject}: what is the limit, over which period, and which services share it?",
}
_NO_ADMINISTRATOR = "the payer"


def limit_named(name: str) -> str:
    """Return a limit's name as words, with the modifier in its capitals.

    >>> limit_named("kx-threshold")
    'KX threshold'
    """
    return plain(name).replace("kx", "KX")


def fact_says(fact: Fact, telling: Telling) -> str:
    """Return an answer's reason; the engine's own finding where that is what decided."""
    own = "" if fact.step is None else says(fact.step.finding, fact.step.owes, telling)
    if fact.why == "finding":
        return own
    words = FACTS[fact.why].format(subject=plain(fact.subject) or "this benefit", number=fact.number)
    return f"{words} {own}".strip()


def modifier_says(modifier: Modifier) -> str:
    """Return why a modifier stands there."""
    chosen = _CHOSEN if len(modifier.codes) == 1 else _NOT_CHOSEN
    about = modifier.about if modifier.about.isdecimal() else limit_named(modifier.about)
    return MODIFIERS[modifier.why][modifier.use].format(about=about, chosen=chosen)


def liability_says(liability: Liability) -> str:
    """Return who bears the line, and what puts that right."""
    fixes = "; ".join(PAPERS[paper] for paper in liability.papers)
    return f"{CAUSES[liability.cause]}: {WHO[liability.who]} What helps: {fixes}."


def stage_says(stage: Stage) -> str:
    """Return how visits stand, and of which codes that is not known."""
    unsure = f"Not known for {listed(stage.unsure)}." if stage.unsure else ""
    return f"{STANDS[stage.stands]} {unsure}".strip() or "Not known."


def assistant_says(plan_pays: Money, with_assistant: Money) -> str:
    """Return what an assistant's treatment changes, as at the first of the visits."""
    return (
        f"With an assistant Medicare pays {usd(with_assistant)} in place of {usd(plan_pays)} at the first of these "
        "visits; the patient's part stays."
    )


def sending_says(sending: Sending) -> str:
    """Return what to send, by which day, and how that day was counted."""
    when = (
        f"{KINDS[sending.kind]} by {long_day(sending.send_by)}, for visit {sending.visit} on {long_day(sending.day)}."
    )
    return " ".join(filter(None, (when, _counted_back(sending), _late(sending), _granted_for(sending))))


def _counted_back(sending: Sending) -> str:
    safety = f"{counted(sending.safety_days, 'business day')} of safety"
    if sending.kind == "request":
        return f"No review is waited for; {safety}."
    turnaround = counted(sending.turnaround_days, "business day")
    if sending.is_known:
        return f"The payer answers within {turnaround}; {safety}."
    return f"Turnaround not known: ask; until then we count {turnaround} (clinic setting), and {safety}."


def _late(sending: Sending) -> str:
    if sending.is_over:
        return "That visit is over: ask whether a request is still taken."
    if not sending.is_late:
        return ""
    words = "That day is past: send today."
    if sending.at_risk:
        words += f" An answer is not likely before {long_day(sending.earliest)}: "
        words += f"{counted(len(sending.at_risk), 'visit')} would come before it."
    return words


def _granted_for(sending: Sending) -> str:
    return "" if sending.grant_days is None else f"A grant lasts {counted(sending.grant_days, 'day')}."


def ask_says(ask: Ask, telling: Telling) -> str:
    """Return a question of the check."""
    is_code = ask.subject[:1].isdecimal() or len(ask.subject) == len("G0283")
    by_name = ask.asks in ("turnaround", "how-to-ask")
    subject = telling.service_to_ask(ask.subject) if is_code and not by_name else ask.subject
    if not is_code and not by_name:
        subject = limit_named(subject)
    return ASKS[ask.asks].format(subject=subject or _NO_ADMINISTRATOR)
