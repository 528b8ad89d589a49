"""What to ask the insurer, in words that can be read out on the telephone.

That a code is valid, that it needs authorization and that it is paid are three facts; they are asked one
by one.
"""

from __future__ import annotations

from estimator.engine.answer import Question
from estimator.language import N_, _
from estimator.wording.figures import sentence
from estimator.wording.telling import PATIENT, Telling, in_the_network, plain
from estimator.wording.told import topic_of

_THREE = N_(
    "“Is {service} a valid code for my provider? Does it need approval in advance? And do you pay for it?” "
    "Ask the three one by one: a yes to one is not a yes to the others."
)
_THREE_FOR_BILLERS = N_(
    "{service}: ask separately whether the code is valid for this provider, needs authorization, and is payable."
)
# For patients and for billers. {service} is a code with its words, {subject} a name of the plan in plain words.
QUESTIONS = {
    "needling-policy": (_THREE, _THREE_FOR_BILLERS),
    "benefit-lists-service": (_THREE, _THREE_FOR_BILLERS),
    "network-cover": (
        N_("“What does my plan pay for care {network}?”"),
        N_("Benefits {network}: covered at all? At which share?"),
    ),
    "cost-share": (
        N_("“What do I pay for a visit of {subject}: a copay, a percentage, or both? Does the deductible come first?”"),
        N_("Cost share of {subject} not read: copay, coinsurance, deductible and their order."),
    ),
    "deductible": (
        N_("“What is my deductible this year, and how much of it have I paid?”"),
        N_("Deductible: amount, met to date, and whether it applies to therapy."),
    ),
    "out-of-pocket-max": (
        N_("“What is the most that I can pay in a year, and how much of it have I paid?”"),
        N_("Out-of-pocket maximum: amount and met to date."),
    ),
    "limit": (
        N_("“How many visits does my plan cover ({subject}), and how many are left?”"),
        N_("Limit {subject}: amount, period, used to date, and which services share it."),
    ),
    "limit-exemption": (
        N_("“Does the limit on {subject} hold for my condition?”"),
        N_("Limit {subject}: does the exemption apply to this diagnosis or patient?"),
    ),
    "past-limit": (
        N_("“Once the limit on {subject} is used up, may my clinic bill me?”"),
        N_("Past limit {subject}: patient liability or contractual write-off?"),
    ),
    "authorization-needed": (
        N_("“Do I need approval in advance (prior authorization) for {subject}, and from which visit on?”"),
        N_("Authorization for {subject}: needed? From which visit? Who administers it?"),
    ),
    "authorization-consequence": (
        N_("“If my visits are not approved in advance, who pays: the clinic, I, or do you pay less?”"),
        N_("Missing {subject}: denial (CO or PR 197), reduction or penalty?"),
    ),
    "referral-needed": (
        N_("“Do I need a referral (a doctor's order) for {subject}?”"),
        N_("Referral for {subject}: needed?"),
    ),
    "referral": (
        N_("“Do I need a referral (a doctor's order) for physical therapy?”"),
        N_("Referral: needed for this benefit?"),
    ),
    "diagnosis": (
        N_("Ask your provider which diagnosis codes they will use. The plan's answer depends on them."),
        N_("Diagnosis codes: coverage depends on them; add them to the request."),
    ),
    "age": (
        N_("Tell us the patient's age: the plan's answer depends on it."),
        N_("Patient age: a rule depends on it."),
    ),
    "symptom-weeks": (
        N_("Tell us for how many weeks the complaint has lasted: the plan's answer depends on it."),
        N_("Weeks of symptoms: a rule depends on them (12 or more is chronic)."),
    ),
    "purpose": (
        N_(
            "Tell us: is this therapy to regain a skill after illness or injury (rehabilitation), or to gain one "
            "(habilitation)? The plan's answer depends on it."
        ),
        N_("Purpose of the therapy: rehabilitative or habilitative? A rule depends on it."),
    ),
    "state": (
        N_("Tell us in which state the clinic is: the plan's answer depends on it."),
        N_("State of service: a rule depends on it; add it or the ZIP code."),
    ),
    "balance-bill": (
        N_("Ask the clinic: “May you bill me for what my plan does not count as the price?”"),
        N_("Balance billing {network}: allowed by contract and state law?"),
    ),
    "family-rule": (
        N_("“Does my family have one deductible together, or does each person have their own?”"),
        N_("Family rule ({subject}): embedded, aggregate or per person?"),
    ),
    "family-cover": (
        N_("Tell us whether your plan covers only you or your family too: the deductible depends on it."),
        N_("Tier of cover: self-only or family?"),
    ),
    "liability": (
        N_("“If you do not pay for {service}, may the clinic bill me?”"),
        N_("{service}: who is liable when denied, and which form must be signed?"),
    ),
    "deductible-visits-count": (
        N_("“Does a visit that I pay under my deductible use up one of my covered visits?”"),
        N_("Limit {subject}: do visits applied wholly to the deductible count?"),
    ),
    "in-writing": (
        N_(
            "“You told me otherwise than your documents say about {topic}. Which holds? "
            "Please send it to me in writing.”"
        ),
        N_("Told otherwise than documented ({topic}): get it in writing."),
    ),
    "policy-ask": (N_("Ask {payer} or the clinic: “{text}”"), N_("On the policy: {text}")),
    "policy-ask-clinic": (N_("The clinic checks: “{text}”"), N_("On the policy, for the clinic: {text}")),
    "zip-straddles": (
        N_("Your ZIP code lies in more than one price area ({text}). Tell us which one your clinic is in."),
        N_("ZIP straddles localities ({text}): choose one."),
    ),
    "multiple-procedure-reduction": (
        N_("“Do you pay less for a second therapy service on the same day?”"),
        N_("Multiple procedure payment reduction (MPPR): applied? At which percentage?"),
    ),
}
# What lacks of a cost share of which the rest is known.
_COST_SHARES = {
    "copay": (
        N_("“What is my copay for a physical therapy visit?”"),
        N_("Copay not read: amount, and per visit or per day?"),
    ),
    "coinsurance": (
        N_("“Which percentage (coinsurance) of a physical therapy visit do I pay?”"),
        N_("Coinsurance not read: percentage, and of which amount?"),
    ),
    "deductible": (
        N_("“Does my deductible come first for physical therapy visits?”"),
        N_("Deductible: applies to therapy visits, before or after the copay?"),
    ),
}
# In place of the words above, by what the question is about.
_BY_SUBJECT = {
    **{("cost-share", lacks): words for lacks, words in _COST_SHARES.items()},
    ("authorization-consequence", "referral"): (
        N_("“If there is no referral (a doctor's order), who pays: the clinic, I, or do you pay less?”"),
        N_("Missing referral: denial (CO or PR 288), reduction or penalty?"),
    ),
}
_UNWORDED = (N_("“What holds for {asks}?”"), N_("Open: {asks} {subject}."))


CLINIC_ONLY = frozenset({"policy-ask-clinic"})


def question_says(question: Question, telling: Telling) -> str:
    """Return what to ask, and of whom where it is not the insurer."""
    words = _BY_SUBJECT.get((question.asks, question.subject)) or QUESTIONS.get(question.asks, _UNWORDED)
    for_patient, for_biller = words
    subject = question.subject
    asked = _(for_patient if telling.reader == PATIENT else for_biller).format(
        payer=telling.payer,
        asks=plain(question.asks),
        text=_(subject.strip()) or _("not named"),
        subject=plain(subject) or _("this care"),
        service=_service(subject, telling),
        network=in_the_network(subject),
        topic=topic_of(subject) if question.asks == "in-writing" else "",
    )
    if telling.reader == PATIENT and for_patient.startswith("“"):
        return _("Ask {payer}: {question}").format(payer=telling.payer, question=asked)
    return sentence(asked)


def _service(subject: str, telling: Telling) -> str:
    is_code = subject in telling.names or len(subject) == 5
    return telling.service_to_ask(subject) if is_code else _("dry needling")
