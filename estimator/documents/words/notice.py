"""The sentences of the advance notices: the worksheet for Medicare's form, and the consent for other plans."""

PAGE = "Page {page} of {pages}"

# The worksheet for CMS-R-131 (42 CFR 411.404 and 411.408), block by block.
ABN_TITLE = "Worksheet for an Advance Beneficiary Notice"
ABN_SUBTITLE = "For Original Medicare only. Prepared on {day}."
ABN_FOOTER = "A worksheet, not the official form. The clinic copies it into the current CMS-R-131."
ABN_WHAT_TITLE = "This is the clinic's worksheet, not the notice itself"
ABN_WHAT = (
    "Medicare accepts only its own form CMS-R-131, in the edition in force, unchanged. Copy the blocks below into "
    "it, go through it "
    "with the patient before the visit, and give the patient a copy.",
)
NOTIFIER, PATIENT, NUMBER = (
    "A. Notifier",
    "B. Patient's name",
    "C. Identification number, if any (never the Medicare number)",
)
ABN_SERVICES = "D to F. What Medicare may not pay, why, and what it costs"
ABN_SERVICE, ABN_REASON, ABN_COST = "D. Service", "E. Reason Medicare may not pay", "F. Estimated cost"
OPTIONS = "G. The patient chooses one"
ABN_OPTIONS = (
    "Option 1. I want the services above. I may be asked to pay now, and I want Medicare billed for an official "
    "decision, which "
    "is sent to me on a Medicare Summary Notice. If Medicare does not pay, I am responsible, and I can appeal. If "
    "it pays, what I "
    "paid comes back to me, less my copays and deductibles.",
    "Option 2. I want the services above, but Medicare is not to be billed. I may be asked to pay now, and I am "
    "responsible. "
    "I cannot appeal.",
    "Option 3. I do not want the services above. I owe nothing for them, and I cannot appeal.",
)
MORE = "H. Additional information"
SIGN = "I and J. Signature"
SIGNATURE, SIGNED_ON = "Signature of the patient or representative", "Date"
MODIFIER = "For the clinic: the modifier on the claim"
MODIFIER_CHOSEN = "This clinic has chosen {modifier}: {meaning}"
MODIFIER_OPEN = "This clinic has chosen none yet. Tick the one that its Medicare contractor asks for:"
MODIFIER_DISPUTED = (
    "Which modifier belongs to needling by a physical therapist is disputed. The American Physical Therapy "
    "Association (2020) "
    "and WebPT (2025) say GX. Follow the contractor."
)
MODIFIERS = {
    "GA": "a notice that is required was given and is on file (denial as not reasonable and necessary is expected).",
    "GX": "a voluntary notice was given.",
    "GY": "the service is excluded by law or is no Medicare benefit; no notice is required.",
    "GZ": "denial as not reasonable and necessary is expected, and no notice was given: the patient cannot be billed.",
}

# The consent for commercial plans: service-specific, signed before the visit, naming service and price.
CONSENT_TITLE = "Consent to pay what my plan may not"
MY_INSURER, THE_INSURER = "my insurer", "the insurer"
CONSENT_SUBTITLE = "{plan}. Prepared on {day}."
CONSENT_FOOTER = "This consent is for the services named here and no others. The patient keeps a copy."
CONSENT_WHAT_TITLE = "Read this before the first visit with these services: {day}"
CONSENT_WHAT = (
    "You can say no. The clinic then leaves these services out and you still get the rest of your care.",
    "Signed after a visit has begun, this paper counts for nothing for that visit. A paper that names no service or no "
    "price counts for nothing either.",
)
SERVICES = "The services, why your plan may not pay, and their price"
SERVICE, REASON, VISITS, EACH, COST = "Service", "Why", "Visits", "Price a visit", "Price of all"
TOTAL = "Total"
ESTIMATED = (
    "These prices come from a published range, not the clinic's list; the clinic writes in its own before anybody "
    "signs: {services}."
)
AGREE = "What I sign"
AGREEMENT = (
    "Before the visit I was told that {payer} may not pay for the services above, and why.",
    "I was told the price of each visit and of all visits together: {total}.",
    "I want these services. If {payer} does not pay for them, I will pay the prices above and no more.",
    "I can take this back for the visits to come at any time, in writing or in person.",
    "I may ask the clinic to send the claim to {payer} first, and I may appeal its decision.",
)
DECISION = "My decision"
DECISIONS = (
    "Yes, I want these services, and I agree to pay for them if my plan does not.",
    "No, I do not want these services.",
)
CLINIC = "The clinic"
CLINIC_NAME, PHONE = "Name of the clinic", "Phone"
PATIENT_NAME, BIRTH = "Patient's name", "Date of birth"
STAFF, STAFF_DATE = "For the clinic: name and signature", "Date and time, before the visit"
DATE = "Date and time, before the visit"
CHECK_CONTRACT = (
    "For the clinic: some contracts and states want the plan's own form, or forbid billing in spite of a consent. "
    "Check yours with {payer} first."
)

REASONS = {
    "investigational": "{payer} counts it as investigational: not enough research, in its view.",
    "not-medically-necessary": "{payer} does not count it as medically necessary.",
    "excluded": "{payer} leaves it out of what it pays for.",
    "not-in-benefits": "The plan does not list it among the services that it pays for.",
    "network-not-covered": "The plan pays nothing for it with this clinic's network.",
    "cover-unknown": "It is not known whether the plan pays for it.",
    "limit-passed": "It lies past the plan's limit.",
}
OTHER_REASON = "The plan does not pay for it."

# Where no notice fits.
NO_LINE = (
    "No service of this course is one that the patient would pay because {plan} does not, so there is no notice to "
    "sign."
)
NO_PLAN = (
    "Without insurance there is no plan that might not pay, so there is no notice to sign. "
    "The paper for it is a Good Faith Estimate."
)
ADVANTAGE = (
    "An Advance Beneficiary Notice is not valid for Medicare Advantage. Ask the plan for a pre-service organization "
    "determination "
    "in writing."
)
OTHER_MARKET = (
    "We have not read which paper {payer} wants before a service that it does not pay. Ask {payer} for its own "
    "form, and let nobody "
    "sign another."
)
