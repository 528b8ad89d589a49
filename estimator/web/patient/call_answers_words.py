"""What the page for answers from the call says."""

from collections.abc import Mapping

from estimator.language import N_, _

# By question, in the words of the call script; {service} is a code with its name, {subject} a name of the plan.
LEGENDS: Mapping[str, str] = {
    "code-valid": N_("Is {service} a valid code for your provider?"),
    "authorization-needed": N_("Does {subject} need approval in advance?"),
    "payable": N_("Does your plan pay for {service}?"),
    "liability": N_("If your plan does not pay for {service}, may the clinic bill you?"),
    "network-cover": N_("Does your plan pay for care {network}?"),
    "copay": N_("Your copay for a visit of physical therapy"),
    "coinsurance": N_("Your percentage (coinsurance) of a visit of physical therapy"),
    "order": N_("Does your deductible come first for physical therapy?"),
    "deductible": N_("Your deductible for a year"),
    "out-of-pocket-max": N_("The most that you can pay in a year"),
    "limit": N_("How many visits does your plan cover? ({subject})"),
    "limit-exemption": N_("Does the limit hold for your condition? ({subject})"),
    "past-limit": N_("Once the limit is used up, may the clinic bill you? ({subject})"),
    "authorization-consequence": N_("If your visits are not approved in advance, who bears the cost?"),
    "referral-needed": N_("Do you need a referral (a doctor’s order)?"),
    "family-rule": N_("Does your family have one deductible together?"),
    "deductible-visits-count": N_("Does a visit under the deductible use up a covered visit? ({subject})"),
    "multiple-procedure-reduction": N_("Is a second therapy service on the same day paid less?"),
}
OPTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "yes-no": (("yes", N_("Yes")), ("no", N_("No"))),
    "payable": (
        ("covered", N_("Yes")),
        ("bundled", N_("Not on its own: it counts as part of the visit")),
        ("investigational", N_("No: it is investigational (experimental)")),
        ("not-medically-necessary", N_("No: it is not medically necessary")),
        ("excluded", N_("No: the plan leaves it out")),
        ("not-paid", N_("No, and I do not know why")),
    ),
    "bearer": (("clinic", N_("The clinic")), ("patient", N_("I do"))),
    "family": (("together", N_("Yes, one together")), ("each-their-own", N_("No, each person has their own"))),
}
COULD_NOT_SAY = N_("They could not say")
FROM_VISIT = N_("If yes: from which visit on?")
_PAGE: Mapping[str, str] = {
    "button": N_("I have called: type in the answers"),
    "title": N_("Answers from your call"),
    "lead": N_(
        "Type in what your insurer told you. Leave out what you did not ask. The estimate then counts with the "
        "answers, and says on which day they were given."
    ),
    "promise": N_(
        "An answer on the telephone is no promise. It fills what we do not know; where it differs from your plan’s "
        "documents, we count with both and ask you to get it in writing."
    ),
    "call": N_("The call"),
    "day": N_("Day of the call"),
    "reference": N_("Reference number of the call"),
    "reference_hint": N_("It is shown on your papers. We do not keep it. No names are needed."),
    "answers": N_("The answers"),
    "visits": N_("visits"),
    "percent": N_("percent"),
    "count": N_("Count with these answers"),
    "back": N_("Back to the answer"),
    "told": N_("What your plan told you"),
    "told_so_far": N_("Typed in so far"),
    "take_out": N_("Take these answers out"),
    "check": N_("Please check what you wrote"),
    "nothing": N_("Answer at least one question, or go back to the answer."),
}


def page_words() -> dict[str, str]:
    """Return the sentences of the page in the language that is spoken."""
    return {name: _(words) for name, words in _PAGE.items()}
