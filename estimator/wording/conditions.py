"""Sentences on what the typical figure takes as met, with the price of its failing."""

from __future__ import annotations

from estimator.domain.estimate import Condition
from estimator.domain.money import Money
from estimator.wording.figures import counted, usd
from estimator.wording.telling import PATIENT, Telling, plain

# What happens if it is not met: for patients, for billers.
CONDITIONS = {
    "authorization": (
        "If your plan does not approve this in advance",
        "If authorization is refused or missing (CARC 197)",
    ),
    "referral": ("If there is no referral (a doctor's order)", "If no referral is on file (CARC 288)"),
    "improvement": (
        "If your records do not show that you are getting better",
        "If improvement is not documented",
    ),
    "justification": (
        "If your provider does not explain in writing why you need more visits",
        "If further visits are not justified in writing",
    ),
    "consent": (
        "If you sign, before the visit, that you will pay for a service that your plan does not",
        "If a service-specific consent is signed before the visit (the line turns from CO to PR)",
    ),
    "visits-left": (
        "If you have no visits left under your plan's limit",
        "If the limit is already used up (PR-119)",
    ),
}


def condition_says(condition: Condition, telling: Telling) -> str:
    """Return what the condition is, where it holds, and what it would change for patient and clinic."""
    words = CONDITIONS.get(condition.needs)
    if words is None:
        words = (f"Without {plain(condition.needs)}", f"Without {plain(condition.needs)}")
    if telling.reader == PATIENT:
        return f"{words[0]}, {_patient_pays(condition)}{_clinic_loses(condition)}. {_where(condition)}"
    who = f" Ask {condition.administrator}." if condition.administrator else ""
    amounts = f"patient {_signed(condition.difference)}, write-off {_signed(condition.clinic_difference)}"
    return f"{words[1]}: {amounts}. {_visits(condition)}{who}"


def _patient_pays(condition: Condition) -> str:
    if condition.difference > 0:
        return f"you could owe {usd(condition.difference)} more"
    if condition.difference < 0:
        return f"you would owe {usd(-condition.difference)} less"
    return "what you owe would not change"


def _clinic_loses(condition: Condition) -> str:
    if condition.clinic_difference > 0:
        return f" and the clinic would lose {usd(condition.clinic_difference)}"
    return ""


def _where(condition: Condition) -> str:
    if condition.visits <= 1:
        return f"This is about visit {condition.from_visit}."
    return f"This is about {counted(condition.visits, 'visit')}, from visit {condition.from_visit} on."


def _visits(condition: Condition) -> str:
    if condition.visits <= 1:
        return f"Visit {condition.from_visit}."
    return f"{counted(condition.visits, 'visit')} from visit {condition.from_visit} on."


def _signed(amount: Money) -> str:
    return f"{'+' if amount > 0 else ''}{usd(amount)}"
