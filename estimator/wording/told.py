"""What the plan itself answered, in words: each answer with its day and what it does to the estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from estimator.engine.coding import is_service_code
from estimator.engine.request import Effect, Heard, Told, written
from estimator.engine.values import Citation, Money, Rate
from estimator.language import N_, _
from estimator.wording.words import (
    PATIENT,
    Telling,
    amount_of,
    counted,
    in_the_network,
    long_day,
    payer_called,
    plain,
    sentence,
    usd,
)

# By who or what answered.
_TOLD = {
    "telephone": N_("{payer} said on the telephone on {day}"),
    "letter": N_("{payer} wrote in a letter of {day}"),
    "member-site": N_("The member pages of {payer} said on {day}"),
    "eligibility": N_("The eligibility answer of {payer} said on {day}"),
}
# What was told, by its question and its answer; `*` is any amount or count.
_FACTS: Mapping[tuple[str, str], str] = {
    ("payable", "covered"): N_("{service} is covered"),
    ("payable", "bundled"): N_("{service} isn't paid on its own, as it counts as part of the visit"),
    ("payable", "investigational"): N_("{service} isn't paid, as it counts as investigational"),
    ("payable", "not-medically-necessary"): N_("{service} isn't paid, as it doesn't count as medically necessary"),
    ("payable", "excluded"): N_("{service} isn't paid, as the plan leaves it out"),
    ("payable", "not-paid"): N_("{service} isn't paid"),
    ("code-valid", "yes"): N_("this provider can bill {service}"),
    ("code-valid", "no"): N_("this provider can't bill {service}"),
    ("liability", "yes"): N_("where {service} isn't paid, the clinic may bill for it"),
    ("liability", "no"): N_("where {service} isn't paid, the clinic may not bill for it"),
    ("authorization-needed", "yes"): N_("{subject} needs approval in advance"),
    ("authorization-needed", "from"): N_("{subject} needs approval in advance from visit {number} on"),
    ("authorization-needed", "no"): N_("{subject} needs no approval in advance"),
    ("referral-needed", "yes"): N_("a referral (a doctor’s order) is needed"),
    ("referral-needed", "no"): N_("no referral (a doctor’s order) is needed"),
    ("authorization-consequence", "clinic"): N_("where approval is missing, the clinic bears the cost"),
    ("authorization-consequence", "patient"): N_("where approval is missing, the patient pays"),
    ("network-cover", "yes"): N_("care {network} is covered"),
    ("network-cover", "no"): N_("care {network} isn't covered"),
    ("copay", "*"): N_("the copay is {amount}"),
    ("copay", "none"): N_("there is no copay"),
    ("coinsurance", "*"): N_("the patient pays {amount} of the price"),
    ("coinsurance", "none"): N_("there is no percentage (coinsurance) to pay"),
    ("order", "yes"): N_("the deductible comes first"),
    ("order", "no"): N_("the deductible doesn't come first"),
    ("fair-copay", "*"): N_("a therapy copay is never more than {amount}"),
    ("deductible", "*"): N_("the deductible is {amount}"),
    ("deductible", "none"): N_("there is no deductible"),
    ("out-of-pocket-max", "*"): N_("the most to pay in a year is {amount}"),
    ("out-of-pocket-max", "none"): N_("there is no yearly maximum"),
    ("family-rule", "each-their-own"): N_("each person of a family has their own deductible"),
    ("family-rule", "together"): N_("a family has one deductible together"),
    ("balance-bill", "yes"): N_("the clinic may bill more than the price that the plan recognizes"),
    ("balance-bill", "no"): N_("the clinic may not bill more than the price that the plan recognizes"),
    ("multiple-procedure-reduction", "yes"): N_("a second therapy service of a day is paid less"),
    ("multiple-procedure-reduction", "no"): N_("a second therapy service of a day is paid in full"),
    ("limit", "*"): N_("the limit is {amount}"),
    ("limit", "none"): N_("there is no limit on visits"),
    ("limit-exemption", "yes"): N_("the limit holds for this condition"),
    ("limit-exemption", "no"): N_("the limit doesn't hold for this condition"),
    ("limit-shared", "yes"): N_("visits of occupational or speech therapy use up the same limit"),
    ("limit-shared", "no"): N_("visits of occupational or speech therapy don't use up this limit"),
    ("past-limit", "yes"): N_("past the limit the clinic may bill"),
    ("past-limit", "no"): N_("past the limit the clinic may not bill"),
    ("deductible-visits-count", "yes"): N_("a visit under the deductible uses up a covered visit"),
    ("deductible-visits-count", "no"): N_("a visit under the deductible uses up no covered visit"),
    ("supplement-copay", "yes"): N_("a therapy visit has its copay"),
    ("supplement-copay", "no"): N_("a therapy visit has no copay"),
    ("supplement-excess", "yes"): N_("it pays what a clinic asks above Medicare’s amount"),
    ("supplement-excess", "no"): N_("it doesn’t pay what a clinic asks above Medicare’s amount"),
}
# What a question is about, within a sentence.
TOPICS: Mapping[str, str] = {
    "payable": N_("whether a service is paid"),
    "code-valid": N_("whether a code is valid"),
    "liability": N_("who pays what the plan doesn't"),
    "authorization-needed": N_("approval in advance"),
    "referral-needed": N_("a referral"),
    "authorization-consequence": N_("a missing approval"),
    "network-cover": N_("care in this network"),
    "copay": N_("the copay"),
    "coinsurance": N_("the percentage to pay"),
    "order": N_("whether the deductible comes first"),
    "cost-share": N_("the price of a visit"),
    "fair-copay": N_("the copay"),
    "deductible": N_("the deductible"),
    "out-of-pocket-max": N_("the yearly maximum"),
    "family-rule": N_("the deductible of a family"),
    "balance-bill": N_("bills beyond the plan’s price"),
    "multiple-procedure-reduction": N_("the price of a second service of a day"),
    "limit": N_("the limit on visits"),
    "limit-exemption": N_("for whom the limit holds"),
    "limit-shared": N_("whether other therapies use up the limit"),
    "past-limit": N_("visits past the limit"),
    "deductible-visits-count": N_("visits under the deductible"),
    "supplement-copay": N_("its copay for a therapy visit"),
    "supplement-excess": N_("what a clinic asks above Medicare’s amount"),
}
_EFFECTS = {
    Effect.COUNTED: N_("We used that here."),
    Effect.AGREES: N_("That changes nothing here."),
    Effect.CONTRADICTS: N_("The plan’s documents, or a later answer, say otherwise, so we count with both."),
}
_COULD_NOT_SAY = N_("{payer} couldn't say on {day}: {topic}.")
_SUPPLEMENT = "supplement"
_SAME = {"needling-policy": "payable", "benefit-lists-service": "payable"}


@dataclass(frozen=True, slots=True)
class AnswerTold:
    """One answer of the plan, with what it does to the estimate and its sentence."""

    on: date
    source: str
    reference: str | None
    representative: str | None
    asks: str
    subject: str
    answer: str
    from_visit: int | None
    family: Money | None
    effect: Effect
    says: str
    of_second: bool = False


def heard_of(heard: Heard, telling: Telling) -> AnswerTold:
    """Return one answer of the plan with its sentence."""
    call, told, effect, of_second = heard
    return AnswerTold(
        on=call.on,
        source=call.source,
        reference=call.reference or None,
        representative=call.representative or None,
        asks=told.asks,
        subject=told.subject,
        answer=written(told.answer),
        from_visit=told.from_visit,
        family=told.family,
        effect=effect,
        says=_for_patient(heard, telling) if telling.reader == PATIENT else _for_biller(heard),
        of_second=of_second,
    )


def source_told(citation: Citation) -> tuple[str, str]:
    """Return the name of a source that was told rather than read, and its reference number."""
    payer, reference = payer_called(citation.source.title), citation.place
    return (
        _("Told by {payer} on {day}").format(payer=payer, day=long_day(citation.source.read_on)),
        _("reference {reference}").format(reference=reference) if reference else "",
    )


def topic_of(asks: str) -> str:
    """Return what a question is about, within a sentence."""
    asked = _SAME.get(asks, asks)
    return _(TOPICS[asked]) if asked in TOPICS else plain(asked) or _("this care")


def _for_patient(heard: Heard, telling: Telling) -> str:
    call, told, effect, of_second = heard
    payer = _("your second plan") if of_second else telling.payer
    day = long_day(call.on)
    if effect is Effect.COULD_NOT_SAY:
        return sentence(_(_COULD_NOT_SAY).format(payer=payer, day=day, topic=topic_of(_kind(told))))
    who = sentence(_(_TOLD[call.source]).format(payer=payer, day=day))
    return f"{who}: {_fact(told, telling)}. {_(_EFFECTS[effect])}"


def _for_biller(heard: Heard) -> str:
    call, told, effect, of_second = heard
    more = f" from visit {told.from_visit}" if told.from_visit else ""
    reference = f", reference {call.reference}" if call.reference else ""
    about = f"{plain(told.asks)} {told.subject}".strip()
    plan = "second plan, " if of_second else ""
    who = f"{call.on.isoformat()} ({plan}{call.source}{reference})"
    return f"{who}: {about}: {written(told.answer)}{more} – {effect.value}."


def _fact(told: Told, telling: Telling) -> str:
    kind = _kind(told)
    words = _FACTS[kind, _key(told)]
    return _(words).format(
        service=_service(told, telling),
        subject=_service(told, telling) if is_service_code(told.subject) else plain(told.subject) or _("therapy"),
        network=in_the_network(told.subject),
        number=told.from_visit,
        amount=_amount(told, telling),
    )


def _kind(told: Told) -> str:
    if told.asks == "cost-share":
        return "order" if told.subject == "deductible" else told.subject
    if told.asks == _SUPPLEMENT:
        return f"{_SUPPLEMENT}-{told.subject}"
    return _SAME.get(told.asks, told.asks)


def _key(told: Told) -> str:
    if isinstance(told.answer, bool):
        if told.answer and told.from_visit and told.asks == "authorization-needed":
            return "from"
        return "yes" if told.answer else "no"
    return told.answer if isinstance(told.answer, str) else "*"


def _amount(told: Told, telling: Telling) -> str:
    said = told.answer
    if isinstance(said, Rate):
        return str(said)
    if told.asks == "limit" and isinstance(said, int):
        limit = telling.plan.limits.get(told.subject)
        return counted(said, "visit") if limit is None else _of_limit(said, str(limit.measure))
    return usd(said) if isinstance(said, Money) else str(said)


def _of_limit(said: int, measure: str) -> str:
    return usd(said) if isinstance(said, Money) else amount_of(measure, said)


def _service(told: Told, telling: Telling) -> str:
    return telling.service_to_ask(told.subject) if is_service_code(told.subject) else _("dry needling")
