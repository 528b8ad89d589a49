"""The sentences of the page for the call to the insurer."""

TITLE = "Questions for {payer}"
SUBTITLE = "For your call about {plan}. Made on {day} from what is not known about this plan and these visits."
FOOTER = "What a representative says on the telephone is no promise to pay. Ask for it in writing where you can."
PAGE = "Page {page} of {pages}"

READY = "Before you call"
READY_SAYS = (
    "Have your member card at hand; the number to call is on its back. Do not write your member number on this paper.",
    "Read the questions out as they stand. Ask “valid”, “approval” and “paid” one by one: a yes to one is not a yes "
    "to the others.",
)
SAY = "What to say first"
SAY_FIRST = (
    "“I am about to have {visits} of outpatient physical therapy, from {first} to {last}, with a {provider}, "
    "{network}. "
    "I would like to know what my plan pays. May I have your name and a reference number for this call?”"
)
IN_NETWORK = "in your network"
OUT_OF_NETWORK = "outside your network"
OTHER_NETWORK = "in your tier “{network}”"
CLINIC, NPI, TIN, DIAGNOSES, CODES = "Clinic", "Its NPI", "Its TIN", "Diagnosis codes", "Service codes"

RECORD = "The call"
NAME, REFERENCE, DAY, NUMBER = "Representative's name", "Reference number", "Day and time", "Number called"

THREE = "Three questions about {service}"
THREE_WHY = "Ask all three, even after a yes."
VALID = "1. Is {code} a valid code when a {provider} bills it?"
APPROVAL = "2. Does {code} need approval in advance (prior authorization), and from which visit on?"
PAID = "3. Do you pay for {code} with my diagnosis, beside the other therapy of the same visit?"
PAID_WHY = "If not: what is the reason, and may the clinic bill me?"
YES_NO = ("Yes", "No", "Could not say")
ANSWER = "Answer:"

OTHERS = "What else is not known"
MET = "What the estimate counts on"
CONDITIONS = {
    "authorization": "Is an approval (prior authorization) on file for these visits? Its number, how many visits, "
    "from which day to which?",
    "referral": "Is the referral that my plan asks for on file, and until when does it hold?",
    "improvement": "What must my records show for you to go on paying?",
    "justification": "What must my provider write for you to pay for more visits?",
    "visits-left": "How many visits have I left under my limit this year?",
}
CLINIC_ASKS = "What to ask the clinic"
YOURSELF = "What to look up yourself"

NOBODY_TO_CALL = "Without insurance there is nobody to call. Ask the clinic for its Good Faith Estimate instead."
NOTHING_TO_ASK = "Nothing about this plan and these visits is unknown, so there is nothing to ask."
