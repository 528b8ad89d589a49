"""The sentences of the advance notices: the worksheet for Medicare's form, and the consent for other plans."""

from estimator.language import N_

PAGE = N_("Page {page} of {pages}")

# The worksheet for CMS-R-131 (42 CFR 411.404 and 411.408), block by block.
ABN_TITLE = N_("Worksheet for an Advance Beneficiary Notice")
ABN_SUBTITLE = N_("For Original Medicare only. Prepared on {day}.")
ABN_FOOTER = N_("A worksheet, not the official form. The clinic copies it into the current CMS-R-131.")
ABN_WHAT_TITLE = N_("This is the clinic's worksheet, not the notice itself")
ABN_WHAT = (
    N_(
        "Medicare accepts only its own form CMS-R-131, in the edition in force, unchanged. Copy the blocks "
        "below into it, go through it with the patient before the visit, and give the patient a copy."
    ),
)
NOTIFIER, PATIENT, NUMBER = (
    N_("A. Notifier"),
    N_("B. Patient's name"),
    N_("C. Identification number, if any (never the Medicare number)"),
)
ABN_SERVICES = N_("D to F. What Medicare may not pay, why, and what it costs")
ABN_SERVICE, ABN_REASON, ABN_COST = N_("D. Service"), N_("E. Reason Medicare may not pay"), N_("F. Estimated cost")
OPTIONS = N_("G. The patient chooses one")
ABN_OPTIONS = (
    N_(
        "Option 1. I want the services above. I may be asked to pay now, and I want Medicare billed for an "
        "official decision, which is sent to me on a Medicare Summary Notice. If Medicare does not pay, I am "
        "responsible, and I can appeal. If it pays, what I paid comes back to me, less my copays and "
        "deductibles."
    ),
    N_(
        "Option 2. I want the services above, but Medicare is not to be billed. I may be asked to pay now, "
        "and I am responsible. I cannot appeal."
    ),
    N_("Option 3. I do not want the services above. I owe nothing for them, and I cannot appeal."),
)
MORE = N_("H. Additional information")
SIGN = N_("I and J. Signature")
SIGNATURE, SIGNED_ON = N_("Signature of the patient or representative"), N_("Date")
MODIFIER = N_("For the clinic: the modifier on the claim")
MODIFIER_CHOSEN = N_("This clinic has chosen {modifier}: {meaning}")
MODIFIER_OPEN = N_("This clinic has chosen none yet. Tick the one that its Medicare contractor asks for:")
MODIFIER_DISPUTED = N_(
    "Which modifier belongs to needling by a physical therapist is disputed. The American Physical "
    "Therapy Association (2020) and WebPT (2025) say GX. Follow the contractor."
)
MODIFIERS = {
    "GA": N_(
        "a notice that is required was given and is on file (denial as not reasonable and necessary is expected)."
    ),
    "GX": N_("a voluntary notice was given."),
    "GY": N_("the service is excluded by law or is no Medicare benefit; no notice is required."),
    "GZ": N_(
        "denial as not reasonable and necessary is expected, and no notice was given: the patient cannot be billed."
    ),
}

# The consent for commercial plans: service-specific, signed before the visit, naming service and price.
CONSENT_TITLE = N_("Consent to pay what my plan may not")
MY_INSURER, THE_INSURER = N_("my insurer"), N_("the insurer")
CONSENT_SUBTITLE = N_("{plan}. Prepared on {day}.")
CONSENT_FOOTER = N_("This consent is for the services named here and no others. The patient keeps a copy.")
CONSENT_WHAT_TITLE = N_("Read this before the first visit with these services: {day}")
CONSENT_WHAT = (
    N_("You can say no. The clinic then leaves these services out and you still get the rest of your care."),
    N_(
        "Signed after a visit has begun, this paper counts for nothing for that visit. A paper that names no "
        "service or no price counts for nothing either."
    ),
)
SERVICES = N_("The services, why your plan may not pay, and their price")
SERVICE, REASON, VISITS, EACH, COST = N_("Service"), N_("Why"), N_("Visits"), N_("Price a visit"), N_("Price of all")
TOTAL = N_("Total")
ESTIMATED = N_(
    "These prices come from a published range, not the clinic's list; the clinic writes in its own before"
    " anybody signs: {services}."
)
AGREE = N_("What I sign")
AGREEMENT = (
    N_("Before the visit I was told that {payer} may not pay for the services above, and why."),
    N_("I was told the price of each visit and of all visits together: {total}."),
    N_("I want these services. If {payer} does not pay for them, I will pay the prices above and no more."),
    N_("I can take this back for the visits to come at any time, in writing or in person."),
    N_("I may ask the clinic to send the claim to {payer} first, and I may appeal its decision."),
)
DECISION = N_("My decision")
DECISIONS = (
    N_("Yes, I want these services, and I agree to pay for them if my plan does not."),
    N_("No, I do not want these services."),
)
CLINIC = N_("The clinic")
CLINIC_NAME, PHONE = N_("Name of the clinic"), N_("Phone")
PATIENT_NAME, BIRTH = N_("Patient's name"), N_("Date of birth")
STAFF, STAFF_DATE = N_("For the clinic: name and signature"), N_("Date and time, before the visit")
DATE = N_("Date and time, before the visit")
CHECK_CONTRACT = N_(
    "For the clinic: some contracts and states want the plan's own form, or forbid billing in spite of a "
    "consent. Check yours with {payer} first."
)

REASONS = {
    "investigational": N_("{payer} counts it as investigational: not enough research, in its view."),
    "not-medically-necessary": N_("{payer} does not count it as medically necessary."),
    "excluded": N_("{payer} leaves it out of what it pays for."),
    "not-in-benefits": N_("The plan does not list it among the services that it pays for."),
    "network-not-covered": N_("The plan pays nothing for it with this clinic's network."),
    "cover-unknown": N_("It is not known whether the plan pays for it."),
    "limit-passed": N_("It lies past the plan's limit."),
}
OTHER_REASON = N_("The plan does not pay for it.")

# Where no notice fits.
NO_LINE = N_(
    "No service of this course is one that the patient would pay because {plan} does not, so there is no "
    "notice to sign."
)
NO_PLAN = N_(
    "Without insurance there is no plan that might not pay, so there is no notice to sign. The paper for "
    "it is a Good Faith Estimate."
)
ADVANTAGE = N_(
    "An Advance Beneficiary Notice is not valid for Medicare Advantage. Ask the plan for a pre-service "
    "organization determination in writing."
)
OTHER_MARKET = N_(
    "We have not read which paper {payer} wants before a service that it does not pay. Ask {payer} for "
    "its own form, and let nobody sign another."
)
