"""The sentences of the Good Faith Estimate, in the order of the model form CMS-10791 (45 CFR 149.610(c)(1))."""

from estimator.language import N_

TITLE = N_("Good Faith Estimate")
SUBTITLE = N_("Expected charges for health care that you pay yourself. Prepared on {day}.")
FOOTER = N_("Good Faith Estimate of {day} (45 CFR 149.610). Keep this paper: you may need it to dispute a bill.")
PAGE = N_("Page {page} of {pages}")

DRAFT_TITLE = N_("A draft: not every charge is the clinic's own")
DRAFT = N_(
    "These charges come from a published range, not from the clinic's price list: {services}. The clinic "
    "puts its own prices in their place before it gives this estimate to a patient."
)
ONLY_UNCOVERED_TITLE = N_("Only what your plan does not pay")
ONLY_UNCOVERED = N_(
    "This estimate is for the services of your visits that {plan} does not pay. For those you count as "
    "self-pay: the rule speaks of a person without benefits “for an item or service” (45 CFR "
    "149.610(a)(2)). That reading is ours, with medium confidence. The rest of each visit goes to your "
    "plan and is not in here."
)
FEDERAL = N_(
    "You have a federal health program. Whether this rule reaches a single service that such a program "
    "does not pay is less clear still; ask the clinic which other notice it owes you."
)
UNKNOWN = N_(
    "Also left out, because nobody has read whether your plan pays for it: {services}. Ask your plan "
    "first. If it does not pay, ask for a new estimate with it."
)

PATIENT = N_("Patient")
FIRST_NAME, MIDDLE_NAME, LAST_NAME = N_("First name"), N_("Middle name"), N_("Last name")
BIRTH, NUMBER = N_("Date of birth"), N_("Patient identification number, if any")
ADDRESS, CITY_LINE = N_("Street or post box, apartment"), N_("City, state, ZIP code")
PHONE, EMAIL = N_("Phone"), N_("E-mail")
CONTACT = N_("How the patient wants to be reached")
CONTACTS = (N_("By mail"), N_("By e-mail"))

SERVICE = N_("Care and diagnosis")
PRIMARY = N_("Primary service")
MIXED, ONLY_NEEDLING, NO_NEEDLING = N_("Physical therapy with dry needling"), N_("Dry needling"), N_("Physical therapy")
PRIMARY_DIAGNOSIS, OTHER_DIAGNOSES = N_("Primary diagnosis and code"), N_("Other diagnoses and codes")
DATES = N_("Dates of the care")
ONE_DATE = N_("{day} (1 visit)")
NOT_SCHEDULED = N_("Not scheduled yet: the dates are a plan")

SCOPE = N_("Care that comes back")
SCOPE_SAYS = N_(
    "This one estimate covers {visits} from {first} to {last}, at most {often} in any 7 days. It holds "
    "for no more than 12 months from the first visit (45 CFR 149.610(b)(1)(x))."
)
BEYOND = N_(
    "Not in here: {visits} on or after {day}, more than 12 months after the first. The clinic makes a new"
    " estimate before them."
)

SUMMARY = N_("Summary of expected charges")
PROVIDER, EXPECTED = N_("Provider or facility"), N_("Expected charges")
THIS_CLINIC = N_("The provider named below")
TOTAL = N_("Total expected charges")

DETAIL = N_("Expected charges of {provider}")
NAME, TYPE = N_("Name of the provider or facility"), N_("Type of provider")
NPI, TIN = N_("National Provider Identifier (NPI)"), N_("Taxpayer Identification Number (TIN)")
CONTACT_PERSON = N_("Contact person")
STATE = N_("State where the care is given")
WHERE = N_("Where the care is given")
PLACES = {"home": N_("At the patient's home"), "telehealth": N_("By telehealth")}
SERVICE_NAME, DIAGNOSIS, CODE, QUANTITY, EACH, CHARGE = (
    N_("Service"), N_("Diagnosis code"), N_("Service code"), N_("Quantity"), N_("Each visit"), N_("Expected charge")
)  # fmt: skip
QUANTITY_SAYS = N_("{units} in {visits}")
SELF_PAY_CHARGE = N_(
    "An expected charge is what the clinic asks of a person who pays without insurance, with every discount taken off."
)

SEPARATE = N_("Services that must be scheduled separately")
SEPARATE_SAYS = N_(
    "The clinic writes here what it expects to be needed before or after this care and has to be "
    "scheduled on its own. A separate Good Faith Estimate for each comes when it is scheduled, or "
    "whenever you ask for it: call or write to the clinic. Diagnosis codes, service codes, charges and "
    "provider numbers need not be listed here."
)
SEPARATE_SERVICE = N_("Service")

DISCLAIMERS = N_("What this estimate is, and is not")
DISCLAIMER = (
    N_(
        "There may be other services. The clinic may recommend more as part of your care that must be "
        "scheduled or asked for separately and are not in this estimate."
    ),
    N_(
        "This is only an estimate of what is reasonably expected today. The services you get, and what you "
        "are charged, may differ."
    ),
    N_("This estimate is not a contract. You need not get any of these services from any provider named here."),
)
DISPUTE_TITLE = N_("You may dispute a bill that is much higher")
DISPUTE = (
    N_(
        "If a provider or facility bills you $400 or more above its expected charges in this estimate, you "
        "have the right to dispute the bill."
    ),
    N_(
        "You can ask the provider to change the bill to the estimate, to negotiate, or to say whether "
        "financial help is available. Or you can start a dispute with the U.S. Department of Health and Human"
        " Services within 120 calendar days (about 4 months) of the date on the first bill. It costs $25. If "
        "the reviewer agrees with you, you pay the price of this estimate; if not, the higher one."
    ),
    N_("Starting a dispute will not harm the quality of the care that you are given."),
    N_("To learn more, or for the form: www.cms.gov/nosurprises, or call 1-800-985-3059."),
)

DUE = N_("For the clinic: when this estimate is due")
DUE_SCHEDULED = N_("If the first visit, on {visit}, was scheduled on {day}: by {due}, {number} after it was scheduled.")
DUE_TOO_NEAR = N_(
    "If the first visit, on {visit}, was scheduled on {day}: scheduling it made no estimate due, as that "
    "was less than 3 business days ahead."
)
DUE_ASKED = N_("If the patient asked for it on {day}: by {due}, 3 business days after.")
DUE_RULE = N_(
    "Business days are Monday to Friday without federal holidays; 45 CFR 149.610(b)(1)(vi). If anything "
    "changes, a new estimate is due at least 1 business day before the visit. It is given on paper or "
    "electronically, as the patient chooses, in a form that they can read."
)

NOTHING_DUE = N_(
    "No line of this course is one that {plan} leaves to the patient, so there is nothing to estimate as "
    "self-pay. For somebody who will not use insurance, choose to pay without a plan."
)
