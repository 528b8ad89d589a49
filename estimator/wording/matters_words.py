"""What matters, in words: what to answer, and what each end of an answer is called after "if".

The sentences around them are in `matters`.
"""

from __future__ import annotations

from estimator.language import N_, pgettext

# What to answer, for patients and for billers, where no question of the estimate asks it already.
ASKS = {
    "network": (N_("Is the clinic in your plan's network? Ask both."), N_("Network status of the clinic.")),
    "deductible-paid": (
        N_("How much of your deductible have you paid this year? Your insurer's app or website says."),
        N_("Deductible met to date."),
    ),
    "limit-used": (
        N_("How many of your covered visits have you used this year ({subject})?"),
        N_("Limit {subject}: used to date."),
    ),
    "price-level": (
        N_(
            "What price has the clinic agreed with your plan, "
            "and what does it ask of people without one? Ask the clinic."
        ),
        N_("Contract amounts and self-pay list of the clinic."),
    ),
    "experience-factor": (
        N_("Does this provider charge more or less because of experience? Ask the clinic."),
        N_("Factor for the provider's experience (our assumption)."),
    ),
    "benefit-year": (N_("When does your plan's year start?"), N_("First day of the benefit year.")),
    "authorization": (
        N_("Do your visits need approval in advance (prior authorization), and is it there?"),
        N_("Authorization: needed, and on file?"),
    ),
    "referral": (N_("Do you need a referral (a doctor's order), and do you have one?"), N_("Referral on file?")),
    "improvement": (
        N_("Will your records show that you are getting better? Ask your provider."),
        N_("Documented improvement for visits past the limit."),
    ),
    "justification": (
        N_("Will your provider explain in writing why you need more visits?"),
        N_("Written justification for visits past the limit."),
    ),
    "consent": (
        N_("Has the clinic asked you to sign that you will pay for a service that your plan does not?"),
        N_("Service-specific consent signed before the visit?"),
    ),
    "told": (
        N_("Will your plan stand by what it told you? Ask it for the answer in writing."),
        N_("What the payer told: confirmed in writing?"),
    ),
    "told-otherwise": (
        N_("Does what your plan told you hold, or what its documents say? Ask it for the answer in writing."),
        N_("Told otherwise than documented: which holds?"),
    ),
    "visits-left": (
        N_("How many visits do you have left under your plan's limit?"),
        N_("Visits left under the limit."),
    ),
}
# The ends as conditions, after "if".
ENDS = {
    "covered": N_("your plan covers it like the rest"),
    "bundled": N_("it counts as part of the rest of the visit"),
    "not-covered": N_("your plan does not pay for it"),
    "like-in-network": N_("your plan pays as it does in its network"),
    "clinic-absorbs": N_("the clinic bears it"),
    "patient-pays": N_("you bear it"),
    "in-network": N_("the clinic is in network"),
    "out-of-network": N_("it is out of network"),
    "none": N_("nothing is used yet"),
    "all": N_("all of it is used"),
    "self-only": N_("the plan covers only you"),
    "family": N_("it covers your family"),
    "met": N_("it is there"),
    "not-met": N_("it is not"),
    "not-reached": N_("there is no such limit"),
    "as-read": N_("the limit holds as we read it"),
    "exempt": N_("you are exempt"),
    "holds": N_("you are not"),
    "calendar": N_("it starts on January 1"),
    "mid-year": N_("it starts on July 1"),
    "embedded": N_("each person has their own amount"),
    "aggregate": N_("the family has one amount together"),
    "low": N_("it is at its low end"),
    "high": N_("it is at its high end"),
}
OF_KIND = {
    ("consent", "met"): N_("you have not signed"),
    ("consent", "not-met"): N_("you have"),
    ("deductible-paid", "none"): N_("nothing of it is paid"),
    ("deductible-paid", "all"): N_("all of it is paid"),
    ("price-level", "low"): N_("prices are low"),
    ("price-level", "high"): N_("they are high"),
    ("told", "met"): N_("it does"),
    ("told", "not-met"): N_("it does not"),
    ("told-otherwise", "met"): N_("its documents hold"),
    ("told-otherwise", "not-met"): N_("what it told you holds"),
    ("visits-left", "met"): N_("there are visits left"),
    ("visits-left", "not-met"): N_("there are none"),
}
# Where billers read of the patient, and not to them.
FOR_BILLERS = {
    "covered": N_("the plan covers it like the rest"),
    "not-covered": N_("the plan does not pay for it"),
    "like-in-network": N_("the plan pays as it does in its network"),
    "patient-pays": N_("the patient bears it"),
    "self-only": N_("the plan covers only the patient"),
    "family": N_("it covers the patient's family"),
    "exempt": N_("the patient is exempt"),
    "holds": N_("the patient is not"),
}
OF_KIND_FOR_BILLERS = {
    ("consent", "met"): N_("the patient has not signed"),
    ("consent", "not-met"): N_("the patient has"),
    ("told-otherwise", "not-met"): N_("what it told the patient holds"),
}
# The end is a number or a code.
OF_VALUE = {
    "experience-factor": N_("the price is {end} of the usual one"),
    "age": N_("the age is {end}"),
    "symptom-weeks": N_("it has lasted {end} weeks"),
    "diagnosis": N_("the diagnosis is {end}"),
    "zip-straddles": N_("the clinic is in price area {end}"),
}
ANSWERS = {"yes": lambda: pgettext("after if", "yes"), "no": lambda: pgettext("after if", "no")}
