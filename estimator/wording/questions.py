"""What to ask the insurer, in words that can be read out on the telephone.

That a code is valid, that it needs authorization and that it is paid are three facts; they are asked one
by one.
"""

from __future__ import annotations

from estimator.domain.estimate import Question
from estimator.language import _
from estimator.wording.figures import sentence
from estimator.wording.telling import PATIENT, Telling, in_the_network, plain

_THREE = (
    "“Is {service} a valid code for my provider? Does it need approval in advance? And do you pay for it?” "
    "Ask the three one by one: a yes to one is not a yes to the others."
)
_THREE_FOR_BILLERS = (
    "{service}: ask separately whether the code is valid for this provider, needs authorization, and is payable."
)
# For patients and for billers. {service} is a code with its words, {subject} a name of the plan in plain words.
QUESTIONS = {
    "needling-policy": (_THREE, _THREE_FOR_BILLERS),
    "benefit-lists-service": (_THREE, _THREE_FOR_BILLERS),
    "network-cover": (
        "“What does my plan pay for care {network}?”",
        "Benefits {network}: covered at all? At which share?",
    ),
    "cost-share": (
        "“What do I pay for a visit of {subject}: a copay, a percentage, or both? Does the deductible come first?”",
        "Cost share of {subject} not read: copay, coinsurance, deductible and their order.",
    ),
    "deductible": (
        "“What is my deductible this year, and how much of it have I paid?”",
        "Deductible: amount, met to date, and whether it applies to therapy.",
    ),
    "out-of-pocket-max": (
        "“What is the most that I can pay in a year, and how much of it have I paid?”",
        "Out-of-pocket maximum: amount and met to date.",
    ),
    "limit": (
        "“How many visits does my plan cover ({subject}), and how many are left?”",
        "Limit {subject}: amount, period, used to date, and which services share it.",
    ),
    "limit-exemption": (
        "“Does the limit on {subject} hold for my condition?”",
        "Limit {subject}: does the exemption apply to this diagnosis or patient?",
    ),
    "past-limit": (
        "“Once the limit on {subject} is used up, may my clinic bill me?”",
        "Past limit {subject}: patient liability or contractual write-off?",
    ),
    "authorization-needed": (
        "“Do I need approval in advance (prior authorization) for {subject}, and from which visit on?”",
        "Authorization for {subject}: needed? From which visit? Who administers it?",
    ),
    "authorization-consequence": (
        "“If my visits are not approved in advance, who pays: the clinic, I, or do you pay less?”",
        "Missing {subject}: denial (CO or PR 197), reduction or penalty?",
    ),
    "referral-needed": (
        "“Do I need a referral (a doctor's order) for {subject}?”",
        "Referral for {subject}: needed?",
    ),
    "referral": (
        "“Do I need a referral (a doctor's order) for physical therapy?”",
        "Referral: needed for this benefit?",
    ),
    "diagnosis": (
        "Ask your provider which diagnosis codes they will use. The plan's answer depends on them.",
        "Diagnosis codes: coverage depends on them; add them to the request.",
    ),
    "age": (
        "Tell us the patient's age: the plan's answer depends on it.",
        "Patient age: a rule depends on it.",
    ),
    "symptom-weeks": (
        "Tell us for how many weeks the complaint has lasted: the plan's answer depends on it.",
        "Weeks of symptoms: a rule depends on them (12 or more is chronic).",
    ),
    "purpose": (
        "Tell us: is this therapy to regain a skill after illness or injury (rehabilitation), or to gain one "
        "(habilitation)? The plan's answer depends on it.",
        "Purpose of the therapy: rehabilitative or habilitative? A rule depends on it.",
    ),
    "state": (
        "Tell us in which state the clinic is: the plan's answer depends on it.",
        "State of service: a rule depends on it; add it or the ZIP code.",
    ),
    "balance-bill": (
        "Ask the clinic: “May you bill me for what my plan does not count as the price?”",
        "Balance billing {network}: allowed by contract and state law?",
    ),
    "family-rule": (
        "“Does my family have one deductible together, or does each person have their own?”",
        "Family rule ({subject}): embedded, aggregate or per person?",
    ),
    "family-cover": (
        "Tell us whether your plan covers only you or your family too: the deductible depends on it.",
        "Tier of cover: self-only or family?",
    ),
    "liability": (
        "“If you do not pay for {service}, may the clinic bill me?”",
        "{service}: who is liable when denied, and which form must be signed?",
    ),
    "deductible-visits-count": (
        "“Does a visit that I pay under my deductible use up one of my covered visits?”",
        "Limit {subject}: do visits applied wholly to the deductible count?",
    ),
    "policy-ask": ("Ask {payer} or the clinic: “{text}”", "On the policy: {text}"),
    "policy-ask-clinic": ("The clinic checks: “{text}”", "On the policy, for the clinic: {text}"),
    "zip-straddles": (
        "Your ZIP code lies in more than one price area ({text}). Tell us which one your clinic is in.",
        "ZIP straddles localities ({text}): choose one.",
    ),
    "multiple-procedure-reduction": (
        "“Do you pay less for a second therapy service on the same day?”",
        "Multiple procedure payment reduction (MPPR): applied? At which percentage?",
    ),
}
# What lacks of a cost share of which the rest is known.
_COST_SHARES = {
    "copay": ("“What is my copay for a physical therapy visit?”", "Copay not read: amount, and per visit or per day?"),
    "coinsurance": (
        "“Which percentage (coinsurance) of a physical therapy visit do I pay?”",
        "Coinsurance not read: percentage, and of which amount?",
    ),
    "deductible": (
        "“Does my deductible come first for physical therapy visits?”",
        "Deductible: applies to therapy visits, before or after the copay?",
    ),
}


CLINIC_ONLY = frozenset({"policy-ask-clinic"})


def question_says(question: Question, telling: Telling) -> str:
    """Return what to ask, and of whom where it is not the insurer."""
    words = _COST_SHARES.get(question.subject) if question.asks == "cost-share" else None
    words = words or QUESTIONS.get(question.asks)
    if words is None:
        words = (f"“What holds for {plain(question.asks)}?”", f"Open: {plain(question.asks)} {{subject}}.")
    chosen = words[0] if telling.reader == PATIENT else words[1]
    subject = question.subject
    asked = chosen.format(
        payer=telling.payer,
        text=_(subject.strip()) or "not named",
        subject=plain(subject) or "this care",
        service=_service(subject, telling),
        network=in_the_network(subject),
    )
    if telling.reader == PATIENT and asked.startswith("“"):
        return f"Ask {telling.payer}: {asked}"
    return sentence(asked)


def _service(subject: str, telling: Telling) -> str:
    is_code = subject in telling.names or len(subject) == 5
    return telling.service_to_ask(subject) if is_code else "dry needling"
