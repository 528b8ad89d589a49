"""What was taken for granted where the plan or the person is silent."""

from __future__ import annotations

from datetime import date

from estimator.domain.estimate import Assumption
from estimator.wording.figures import long_day
from estimator.wording.telling import PATIENT, Telling, plain

# For patients and for billers. {subject} is a name of the plan in plain words, {limit} what a limit gives.
ASSUMPTIONS = {
    "authorization-granted": (
        "We count on your plan approving the visits that need it.",
        "Authorization taken as granted for {subject}.",
    ),
    "referral-given": (
        "We count on your having a referral (a doctor's order).",
        "Referral taken as on file for {subject}.",
    ),
    "improvement-shown": (
        "We count on your records showing that you get better.",
        "Documented improvement taken as shown ({subject}).",
    ),
    "justification-given": (
        "We count on your provider explaining in writing why you need more visits.",
        "Written justification taken as given ({subject}).",
    ),
    "consent-not-signed": (
        "We count on your not having signed that you will pay for services your plan does not.",
        "No service-specific consent taken as signed: the line is a write-off.",
    ),
    "excluded-may-be-billed": (
        "What your plan leaves out, the clinic may bill you for.",
        "Contract exclusion: patient may be billed (PR-96/204) in network.",
    ),
    "deductible-visits-count": (
        "A visit that you pay under your deductible uses up one of your covered visits.",
        "Visits applied to the deductible count toward {subject}.",
    ),
    "never-above-allowed": (
        "You never pay more than the price of the service, even if your copay is higher.",
        "Patient pays the lesser of copay and allowed amount.",
    ),
    "past-limit-not-counted": (
        "What you pay beyond the limit does not count toward your deductible or yearly maximum. "
        "In your plan's network the price in the clinic's contract still holds there, not what the clinic asks.",
        "Amounts past {subject} fill no accumulator; in network the contract rate still applies.",
    ),
    "clinic-absorbs-missing-authorization": (
        "Where approval is missing, the clinic may not bill you: it has a contract with your plan.",
        "Missing {subject} in network: CO, provider absorbs.",
    ),
    "patient-pays-missing-authorization": (
        "Where approval is missing, you pay.",
        "Missing {subject}: patient liable.",
    ),
    "self-only-cover": (
        "Your plan covers only you, not a family.",
        "Self-only cover.",
    ),
    "regional-price": (
        "We do not know your plan's prices with the clinic, so we estimate them from your area.",
        "Allowed amounts estimated from the locality; enter the contract for exact figures.",
    ),
    "cash-price": (
        "We do not know the clinic's prices without insurance, so we use a published range.",
        "Charges from a cited cash range; enter the self-pay list for exact figures.",
    ),
    "experience-factor": (
        "How much a provider's experience changes the price is our own guess. You can change it.",
        "Experience factor {subject} is our assumption, not a source's.",
    ),
    "coinsurance-per-line": (
        "Your percentage is rounded to the cent for each service on its own.",
        "Coinsurance rounded half-up per line.",
    ),
    "copay-before-coinsurance": (
        "Your copay is taken first, and your percentage is of the rest.",
        "Copay first, coinsurance of the rest.",
    ),
    "limit-not-reached": (
        "We do not know your plan's limit on {subject}, and count on your not reaching it.",
        "Limit {subject} not read; taken as not reached.",
    ),
    "used-amounts-expired": (
        "What you paid belongs to an earlier benefit year, so it no longer counts.",
        "Balances given belong to an earlier benefit year; opened at zero.",
    ),
    "dearer-reading": (
        "Where your plan's rules are not known, the main figure takes the reading that costs you more.",
        "Unknown settings read against the patient in the typical run.",
    ),
    "policy-over-plan": (
        "Your plan lists this service, but its insurer has a rule of its own on it. We follow that rule.",
        "Medical policy {subject} followed over the plan's list of services.",
    ),
    "benefit-year-calendar": (
        "Your plan's year starts on January 1.",
        "Benefit year not read; calendar year taken.",
    ),
    "plan-rules-continue": (
        "Your plan's rules are known up to {day}. We count on their staying the same after that.",
        "Revision in force up to {day}; later visits are estimated by it.",
    ),
    "latest-price-book": (
        "Prices are published up to {day}. We use the latest ones for the days after that.",
        "Price book ends {day}; later visits are priced by it.",
    ),
    "earliest-price-book": (
        "Prices are published from {day} on. We use the earliest ones for the days before that.",
        "Price book starts {day}; earlier visits are priced by it.",
    ),
    "grant-spent-by-needing-visits": (
        "Your authorization counts only the visits that need one. Visits before that use up none of it.",
        "Authorized visits counted from the first visit that needs authorization ({subject}).",
    ),
    "per-person-maximum": (
        "Within your family's yearly maximum, you alone never pay more than the maximum for one person.",
        "Per-person out-of-pocket maximum applied within the family's ({subject}).",
    ),
}


def assumption_says(assumption: Assumption, telling: Telling) -> str:
    """Return what was taken for granted."""
    words = ASSUMPTIONS.get(assumption.assumes)
    if words is None:
        words = (f"We assume: {plain(assumption.assumes)}.", f"Assumed: {plain(assumption.assumes)} {{subject}}.")
    chosen = words[0] if telling.reader == PATIENT else words[1]
    return chosen.format(subject=plain(assumption.subject) or "this care", day=_day(assumption.subject))


def _day(subject: str) -> str:
    try:
        return long_day(date.fromisoformat(subject))
    except ValueError:
        return "its last day"
