"""What was taken for granted where the plan or the person is silent."""

from __future__ import annotations

from datetime import date

from estimator.engine.answer import Assumption
from estimator.language import N_, _
from estimator.wording.figures import long_day
from estimator.wording.telling import PATIENT, Telling, plain

_REFERRAL = "referral"
# For patients and for billers. {subject} is a name of the plan in plain words, {limit} what a limit gives.
ASSUMPTIONS = {
    "authorization-granted": (
        N_("We count on your plan approving the visits that need it."),
        N_("Authorization taken as granted for {subject}."),
    ),
    "referral-given": (
        N_("We count on your having a referral (a doctor's order)."),
        N_("Referral taken as on file for {subject}."),
    ),
    "improvement-shown": (
        N_("We count on your records showing that you get better."),
        N_("Documented improvement taken as shown ({subject})."),
    ),
    "justification-given": (
        N_("We count on your provider explaining in writing why you need more visits."),
        N_("Written justification taken as given ({subject})."),
    ),
    "consent-not-signed": (
        N_("We count on your not having signed that you will pay for services your plan does not."),
        N_("No service-specific consent taken as signed: the line is a write-off."),
    ),
    "excluded-may-be-billed": (
        N_("What your plan leaves out, the clinic may bill you for."),
        N_("Contract exclusion: patient may be billed (PR-96/204) in network."),
    ),
    "deductible-visits-count": (
        N_("A visit that you pay under your deductible uses up one of your covered visits."),
        N_("Visits applied to the deductible count toward {subject}."),
    ),
    "never-above-allowed": (
        N_("You never pay more than the price of the service, even if your copay is higher."),
        N_("Patient pays the lesser of copay and allowed amount."),
    ),
    "past-limit-not-counted": (
        N_(
            "What you pay beyond the limit does not count toward your deductible or yearly maximum. "
            "In your plan's network the price in the clinic's contract still holds there, not what the clinic asks."
        ),
        N_("Amounts past {subject} fill no accumulator; in network the contract rate still applies."),
    ),
    "clinic-absorbs-missing-authorization": (
        N_("Where approval is missing, the clinic may not bill you: it has a contract with your plan."),
        N_("Missing {subject} in network: CO, provider absorbs."),
    ),
    "patient-pays-missing-authorization": (
        N_("Where approval is missing, you pay."),
        N_("Missing {subject}: patient liable."),
    ),
    "self-only-cover": (
        N_("Your plan covers only you, not a family."),
        N_("Self-only cover."),
    ),
    "regional-price": (
        N_("We do not know your plan's prices with the clinic, so we estimate them from your area."),
        N_("Allowed amounts estimated from the locality; enter the contract for exact figures."),
    ),
    "cash-price": (
        N_("We do not know the clinic's prices without insurance, so we use a published range."),
        N_("Charges from a cited cash range; enter the self-pay list for exact figures."),
    ),
    "experience-factor": (
        N_("How much a provider's experience changes the price is our own guess. You can change it."),
        N_("Experience factor {subject} is our assumption, not a source's."),
    ),
    "coinsurance-per-line": (
        N_("Your percentage is rounded to the cent for each service on its own."),
        N_("Coinsurance rounded half-up per line."),
    ),
    "copay-before-coinsurance": (
        N_("Your copay is taken first, and your percentage is of the rest."),
        N_("Copay first, coinsurance of the rest."),
    ),
    "limit-not-reached": (
        N_("We do not know your plan's limit on {subject}, and count on your not reaching it."),
        N_("Limit {subject} not read; taken as not reached."),
    ),
    "used-amounts-expired": (
        N_("What you paid belongs to an earlier benefit year, so it no longer counts."),
        N_("Balances given belong to an earlier benefit year; opened at zero."),
    ),
    "dearer-reading": (
        N_("Where your plan's rules are not known, the main figure takes the reading that costs you more."),
        N_("Unknown settings read against the patient in the typical run."),
    ),
    "policy-over-plan": (
        N_("Your plan lists this service, but its insurer has a rule of its own on it. We follow that rule."),
        N_("Medical policy {subject} followed over the plan's list of services."),
    ),
    "benefit-year-calendar": (
        N_("Your plan's year starts on January 1."),
        N_("Benefit year not read; calendar year taken."),
    ),
    "plan-rules-continue": (
        N_("Your plan's rules are known up to {day}. We count on their staying the same after that."),
        N_("Revision in force up to {day}; later visits are estimated by it."),
    ),
    "latest-price-book": (
        N_("Prices are published up to {day}. We use the latest ones for the days after that."),
        N_("Price book ends {day}; later visits are priced by it."),
    ),
    "earliest-price-book": (
        N_("Prices are published from {day} on. We use the earliest ones for the days before that."),
        N_("Price book starts {day}; earlier visits are priced by it."),
    ),
    "grant-spent-by-needing-visits": (
        N_("Your authorization counts only the visits that need one. Visits before that use up none of it."),
        N_("Authorized visits counted from the first visit that needs authorization ({subject})."),
    ),
    "told-by-plan": (
        N_("Part of this rests on what your plan told you on {day}. That is no promise: ask for it in writing."),
        N_("Rests in part on what the payer told on {day}; no guarantee of payment."),
    ),
    "per-person-maximum": (
        N_("Within your family's yearly maximum, you alone never pay more than the maximum for one person."),
        N_("Per-person out-of-pocket maximum applied within the family's ({subject})."),
    ),
}
# In place of the words above, for patients, where it is a referral that is absent.
_WITHOUT_REFERRAL = {
    "clinic-absorbs-missing-authorization": N_(
        "Where a referral is missing, the clinic may not bill you: it has a contract with your plan."
    ),
    "patient-pays-missing-authorization": N_("Where a referral is missing, you pay."),
}
_UNWORDED = (N_("We assume: {assumes}."), N_("Assumed: {assumes} {subject}."))


def assumption_says(assumption: Assumption, telling: Telling) -> str:
    """Return what was taken for granted."""
    for_patient, for_biller = ASSUMPTIONS.get(assumption.assumes, _UNWORDED)
    if assumption.subject == _REFERRAL:
        for_patient = _WITHOUT_REFERRAL.get(assumption.assumes, for_patient)
    return _(for_patient if telling.reader == PATIENT else for_biller).format(
        assumes=plain(assumption.assumes),
        subject=plain(assumption.subject) or _("this care"),
        day=_day(assumption.subject),
    )


def _day(subject: str) -> str:
    try:
        return long_day(date.fromisoformat(subject))
    except ValueError:
        return _("its last day")
