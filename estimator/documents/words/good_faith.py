"""The sentences of the Good Faith Estimate, in the order of the model form CMS-10791 (45 CFR 149.610(c)(1))."""

TITLE = "Good Faith Estimate"
SUBTITLE = "Expected charges for health care that you pay yourself. Prepared on {day}."
FOOTER = "Good Faith Estimate of {day} (45 CFR 149.610). Keep this paper: you may need it to dispute a bill."
PAGE = "Page {page} of {pages}"

DRAFT_TITLE = "A draft: not every charge is the clinic's own"
DRAFT = (
    "These charges come from a published range, not from the clinic's price list: {services}. The clinic puts its "
    "own prices "
    "in their place before it gives this estimate to a patient."
)
ONLY_UNCOVERED_TITLE = "Only what your plan does not pay"
ONLY_UNCOVERED = (
    "This estimate is for the services of your visits that {plan} does not pay. For those you count as self-pay: "
    "the rule "
    "speaks of a person without benefits “for an item or service” (45 CFR 149.610(a)(2)). That reading is ours, "
    "with medium "
    "confidence. The rest of each visit goes to your plan and is not in here."
)
FEDERAL = (
    "You have a federal health program. Whether this rule reaches a single service that such a program does not pay "
    "is less "
    "clear still; ask the clinic which other notice it owes you."
)
UNKNOWN = (
    "Also left out, because nobody has read whether your plan pays for it: {services}. Ask your plan first. If it "
    "does not pay, "
    "ask for a new estimate with it."
)

PATIENT = "Patient"
FIRST_NAME, MIDDLE_NAME, LAST_NAME = "First name", "Middle name", "Last name"
BIRTH, NUMBER = "Date of birth", "Patient identification number, if any"
ADDRESS, CITY_LINE = "Street or post box, apartment", "City, state, ZIP code"
PHONE, EMAIL = "Phone", "E-mail"
CONTACT = "How the patient wants to be reached"
CONTACTS = ("By mail", "By e-mail")

SERVICE = "Care and diagnosis"
PRIMARY = "Primary service"
MIXED, ONLY_NEEDLING, NO_NEEDLING = "Physical therapy with dry needling", "Dry needling", "Physical therapy"
PRIMARY_DIAGNOSIS, OTHER_DIAGNOSES = "Primary diagnosis and code", "Other diagnoses and codes"
DATES = "Dates of the care"
ONE_DATE = "{day} (1 visit)"
NOT_SCHEDULED = "Not scheduled yet: the dates are a plan"

SCOPE = "Care that comes back"
SCOPE_SAYS = (
    "This one estimate covers {visits} from {first} to {last}, at most {often} in any 7 days. It holds for no more "
    "than "
    "12 months from the first visit (45 CFR 149.610(b)(1)(x))."
)
BEYOND = (
    "Not in here: {visits} on or after {day}, more than 12 months after the first. The clinic makes a new estimate "
    "before them."
)

SUMMARY = "Summary of expected charges"
PROVIDER, EXPECTED = "Provider or facility", "Expected charges"
THIS_CLINIC = "The provider named below"
TOTAL = "Total expected charges"

DETAIL = "Expected charges of {provider}"
NAME, TYPE = "Name of the provider or facility", "Type of provider"
NPI, TIN = "National Provider Identifier (NPI)", "Taxpayer Identification Number (TIN)"
CONTACT_PERSON = "Contact person"
STATE = "State where the care is given"
WHERE = "Where the care is given"
PLACES = {"home": "At the patient's home", "telehealth": "By telehealth"}
SERVICE_NAME, DIAGNOSIS, CODE, QUANTITY, EACH, CHARGE = (
    "Service", "Diagnosis code", "Service code", "Quantity", "Each visit", "Expected charge"
)  # fmt: skip
QUANTITY_SAYS = "{units} in {visits}"
SELF_PAY_CHARGE = (
    "An expected charge is what the clinic asks of a person who pays without insurance, with every discount taken off."
)

SEPARATE = "Services that must be scheduled separately"
SEPARATE_SAYS = (
    "The clinic writes here what it expects to be needed before or after this care and has to be scheduled on its "
    "own. "
    "A separate Good Faith Estimate for each comes when it is scheduled, or whenever you ask for it: call or write "
    "to the "
    "clinic. Diagnosis codes, service codes, charges and provider numbers need not be listed here."
)
SEPARATE_SERVICE = "Service"

DISCLAIMERS = "What this estimate is, and is not"
DISCLAIMER = (
    "There may be other services. The clinic may recommend more as part of your care that must be scheduled or "
    "asked for "
    "separately and are not in this estimate.",
    "This is only an estimate of what is reasonably expected today. The services you get, and what you are charged, "
    "may differ.",
    "This estimate is not a contract. You need not get any of these services from any provider named here.",
)
DISPUTE_TITLE = "You may dispute a bill that is much higher"
DISPUTE = (
    "If a provider or facility bills you $400 or more above its expected charges in this estimate, you have the "
    "right to dispute "
    "the bill.",
    "You can ask the provider to change the bill to the estimate, to negotiate, or to say whether financial help is "
    "available. Or "
    "you can start a dispute with the U.S. Department of Health and Human Services within 120 calendar days (about "
    "4 months) of "
    "the date on the first bill. It costs $25. If the reviewer agrees with you, you pay the price of this estimate; "
    "if not, the "
    "higher one.",
    "Starting a dispute will not harm the quality of the care that you are given.",
    "To learn more, or for the form: www.cms.gov/nosurprises, or call 1-800-985-3059.",
)

DUE = "For the clinic: when this estimate is due"
DUE_SCHEDULED = "If the first visit, on {visit}, was scheduled on {day}: by {due}, {number} after it was scheduled."
DUE_TOO_NEAR = (
    "If the first visit, on {visit}, was scheduled on {day}: scheduling it made no estimate due, as that was less "
    "than 3 business "
    "days ahead."
)
DUE_ASKED = "If the patient asked for it on {day}: by {due}, 3 business days after."
DUE_RULE = (
    "Business days are Monday to Friday without federal holidays; 45 CFR 149.610(b)(1)(vi). If anything changes, a "
    "new estimate is "
    "due at least 1 business day before the visit. It is given on paper or electronically, as the patient chooses, "
    "in a form that "
    "they can read."
)

NOTHING_DUE = (
    "No line of this course is one that {plan} leaves to the patient, so there is nothing to estimate as self-pay. "
    "For somebody who will not use insurance, choose to pay without a plan."
)
