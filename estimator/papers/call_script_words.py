"""The sentences of the page for the call to the insurer."""

from estimator.language import N_

TITLE = N_("Questions for {payer}")
SUBTITLE = N_("For your call about {plan}. Made on {day} from what is not known about this plan and these visits.")
FOOTER = N_("What a representative says on the telephone is no promise to pay. Ask for it in writing where you can.")
PAGE = N_("Page {page} of {pages}")

READY = N_("Before you call")
READY_SAYS = (
    N_(
        "Have your member card at hand; the number to call is on its back. Do not write your member number on"
        " this paper."
    ),
    N_(
        "Read the questions out as they stand. Ask “valid”, “approval” and “paid” one by one: a yes to one is"
        " not a yes to the others."
    ),
)
# Beside the sentences of another language.
INTERPRETER = N_(
    "Ask for an interpreter at the start of the call: most insurers must give you one at no cost. Where you are "
    "understood in English alone, read out the sentences in English."
)
ALOUD = N_("To read out in English:")
SAY = N_("What to say first")
SAY_FIRST = N_(
    "“I am about to have {visits} of outpatient physical therapy, from {first} to {last}, with a "
    "{provider}, {network}. I would like to know what my plan pays. May I have your name and a reference "
    "number for this call?”"
)
IN_NETWORK = N_("in your network")
OUT_OF_NETWORK = N_("outside your network")
OTHER_NETWORK = N_("in your tier “{network}”")
CLINIC, NPI, TIN, DIAGNOSES, CODES = (
    N_("Clinic"),
    N_("Its NPI"),
    N_("Its TIN"),
    N_("Diagnosis codes"),
    N_("Service codes"),
)

RECORD = N_("The call")
NAME, REFERENCE, DAY, NUMBER = (
    N_("Representative's name"),
    N_("Reference number"),
    N_("Day and time"),
    N_("Number called"),
)

THREE = N_("Three questions about {service}")
THREE_WHY = N_("Ask all three, even after a yes.")
VALID = N_("1. Is {code} a valid code when a {provider} bills it?")
APPROVAL = N_("2. Does {code} need approval in advance (prior authorization), and from which visit on?")
PAID = N_("3. Do you pay for {code} with my diagnosis, beside the other therapy of the same visit?")
PAID_WHY = N_("If not: what is the reason, and may the clinic bill me?")
YES_NO = (N_("Yes"), N_("No"), N_("Could not say"))
ANSWER = N_("Answer:")

OTHERS = N_("What else is not known")
MET = N_("What the estimate counts on")
CONDITIONS = {
    "authorization": N_(
        "Is an approval (prior authorization) on file for these visits? Its number, how many visits, from "
        "which day to which?"
    ),
    "referral": N_("Is the referral that my plan asks for on file, and until when does it hold?"),
    "improvement": N_("What must my records show for you to go on paying?"),
    "justification": N_("What must my provider write for you to pay for more visits?"),
    "visits-left": N_("How many visits have I left under my limit this year?"),
}
CLINIC_ASKS = N_("What to ask the clinic")
YOURSELF = N_("What to look up yourself")

ANSWERED = N_("What has been answered")

NOBODY_TO_CALL = N_("Without insurance there is nobody to call. Ask the clinic for its Good Faith Estimate instead.")
NOTHING_TO_ASK = N_("Nothing about this plan and these visits is unknown, so there is nothing to ask.")
