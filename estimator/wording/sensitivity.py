"""What could change the cost, in words: what to answer first, and what the course would cost at each end.

`matters_of` is the JSON of docs/comparing.md, `matters_text` the same in a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any, assert_never

from estimator.engine.answer import ConditionKind, Question, QuestionKind
from estimator.engine.values import Money
from estimator.estimates.open_ends import InputKind
from estimator.estimates.sensitivity import End, Matter, Matters
from estimator.language import N_, _, ngettext, pgettext
from estimator.wording.answer_schema import citation_json
from estimator.wording.open_points import Words, question_says
from estimator.wording.text import DISCLAIMER, WIDTH
from estimator.wording.words import PATIENT, Reader, Telling, listed, plain, usd, whole_usd


def matters_of(found: Matters, names: Mapping[str, str], reader: Reader = PATIENT) -> dict[str, Any]:
    """Return what hangs on what for one reader; `names` are plain words for the codes."""
    telling = Telling(found.plan, names, reader)
    return {
        "patient_owes": str(found.estimate.settled[1].owes),
        "sentence": _sentence(found, telling),
        "first": [_asks(matter, telling) for matter in found.first],
        "matters": [_matter(matter, telling) for matter in found.matters],
        "left_out": list(found.left_out),
        "estimates": found.runs,
    }


def matters_text(told: Mapping[str, Any]) -> str:
    """Return the JSON of what matters as text."""
    parts = ["\n".join(wrap(told["sentence"], WIDTH)), *map(_told, told["matters"]), _(DISCLAIMER)]
    return "\n\n".join(parts) + "\n"


def _sentence(found: Matters, telling: Telling) -> str:
    total = _usd(found.estimate.settled[1].owes, telling)
    if not found.first:
        return _("Nothing that is still open changes the {total} by itself.").format(total=total)
    number = len(found.first)
    words = (
        ngettext(
            "One answer could change your {total}, by up to {most}.",
            "{number} answers could change your {total}. The biggest: by up to {most}.",
            number,
        )
        if telling.reader == PATIENT
        else ngettext(
            "One answer could change the patient's {total}, by up to {most}.",
            "{number} answers could change the patient's {total}. The biggest: by up to {most}.",
            number,
        )
    )
    return words.format(number=number, total=total, most=_usd(found.first[0].worth, telling))


def _usd(amount: Money, telling: Telling) -> str:
    """Write an amount: patients read whole dollars."""
    return whole_usd(amount) if telling.reader == PATIENT else usd(amount)


def _matter(matter: Matter, telling: Telling) -> dict[str, Any]:
    return {
        "kind": matter.kind,
        "subject": matter.subject,
        "path": matter.path,
        "worth": str(matter.worth),
        "clinic_worth": str(matter.clinic_worth),
        "asks": _asks(matter, telling),
        "says": _says(matter, telling),
        "ends": [_end(matter, end, amount, telling) for end, amount in zip(matter.ends, matter.amounts, strict=True)],
        "citation": citation_json(matter.citation),
    }


def _end(matter: Matter, end: End, amount: Money, telling: Telling) -> dict[str, Any]:
    return {
        "end": end.end,
        "says": _if(matter, end, telling),
        "patient_owes": str(amount),
        "provider_absorbs": str(end.absorbed),
        "counts": not end.is_written_off,
    }


def _asks(matter: Matter, telling: Telling) -> str:
    if isinstance(matter.kind, QuestionKind):
        return question_says(Question(matter.kind, matter.subject, matter.citation), telling)
    words = _input_words(matter.kind) if isinstance(matter.kind, InputKind) else _condition_words(matter.kind)
    return _(words[0 if telling.reader == PATIENT else 1]).format(subject=plain(matter.subject))


def _says(matter: Matter, telling: Telling) -> str:
    """Say what the course costs at each end, or that it makes no difference."""
    if not matter.worth:
        return _no_difference(matter, telling)
    words = _("You'd pay {ends}.") if telling.reader == PATIENT else _("The patient owes {ends}.")
    return words.format(ends=listed([_at(matter, place, telling) for place in range(len(matter.ends))]))


def _at(matter: Matter, place: int, telling: Telling) -> str:
    """Say what the course costs at one end; what only stays open there is said to be the most."""
    amount = matter.amounts[place]
    is_at_most = matter.is_at_most or (matter.up_to == amount and amount > min(matter.amounts))
    words = _("up to {amount} if {condition}") if is_at_most else _("{amount} if {condition}")
    return words.format(amount=_usd(amount, telling), condition=_if(matter, matter.ends[place], telling))


def _no_difference(matter: Matter, telling: Telling) -> str:
    lost = _usd(matter.clinic_worth, telling)
    if telling.reader == PATIENT:
        words = (
            _(
                "You'd pay the same either way. But without it the clinic would lose {lost} and may not treat you, "
                "so find out before you go."
            )
            if matter.clinic_worth
            else _("You'd pay the same either way.")
        )
    else:
        words = (
            _("Whatever the answer, the patient doesn't owe more, but without it the clinic would lose {lost}.")
            if matter.clinic_worth
            else _("Whatever the answer, the patient doesn't owe more.")
        )
    return words.format(lost=lost)


def _if(matter: Matter, end: End, telling: Telling) -> str:
    if end.end in ANSWERS:
        return ANSWERS[end.end]()
    key = (matter.kind, end.end)
    words = OF_KIND.get(key) or ENDS.get(end.end) or OF_VALUE[matter.kind]
    if telling.reader != PATIENT:
        words = OF_KIND_FOR_BILLERS.get(key) or (key not in OF_KIND and FOR_BILLERS.get(end.end)) or words
    return _(words).format(end=end.end)


def _told(matter: Mapping[str, Any]) -> str:
    worth = usd(Money.parse(matter["worth"]))
    return "\n".join(_folded(f"{worth}  {matter['asks']}", matter["says"]))


def _folded(*lines: str) -> Iterator[str]:
    for at, line in enumerate(lines):
        yield from wrap(line, WIDTH, initial_indent="" if at == 0 else "    ", subsequent_indent="    ")


# ----------------------------------------------------------------------------
# What matters, in words: what to answer, and what each end of an answer is called after "if".
#
# The sentences around them are in `matters`.
# ----------------------------------------------------------------------------

# What to answer, for patients and for billers, where no question of the estimate asks it already.


def _input_words(kind: InputKind) -> Words:
    """Return what to answer where a person has not told it."""
    match kind:
        case InputKind.CONSENT:
            return (
                N_("Has the clinic asked you to sign that you'll pay for a service your plan doesn't pay for?"),
                N_("Service-specific consent signed before the visit?"),
            )
        case InputKind.NETWORK:
            return (N_("Is the clinic in your plan's network? Ask both."), N_("Network status of the clinic."))
        case InputKind.DEDUCTIBLE_PAID:
            return (
                N_("How much of your deductible have you paid this year? Your insurer's app or website says."),
                N_("Deductible met to date."),
            )
        case InputKind.LIMIT_USED:
            return (
                N_("How many of your covered visits have you used this year ({subject})?"),
                N_("Limit {subject}: used to date."),
            )
        case InputKind.PRICE_LEVEL:
            return (
                N_(
                    "What price has the clinic agreed with your plan, "
                    "and what does it ask of people without one? Ask the clinic."
                ),
                N_("Contract amounts and self-pay list of the clinic."),
            )
        case InputKind.EXPERIENCE_FACTOR:
            return (
                N_("Does this provider charge more or less because of experience? Ask the clinic."),
                N_("Factor for the provider's experience (our assumption)."),
            )
        case InputKind.BENEFIT_YEAR:
            return (N_("When does your plan's year start?"), N_("First day of the benefit year."))
        case _:
            assert_never(kind)


def _condition_words(kind: ConditionKind) -> Words:
    """Return what to answer where an estimate rests on a condition."""
    match kind:
        case ConditionKind.AUTHORIZATION:
            return (
                N_("Do your visits need approval in advance (prior authorization), and is it there?"),
                N_("Authorization: needed, and on file?"),
            )
        case ConditionKind.REFERRAL:
            return (N_("Do you need a referral (a doctor's order), and do you have one?"), N_("Referral on file?"))
        case ConditionKind.IMPROVEMENT:
            return (
                N_("Will your records show that you're getting better? Ask your provider."),
                N_("Documented improvement for visits past the limit."),
            )
        case ConditionKind.JUSTIFICATION:
            return (
                N_("Will your provider explain in writing why you need more visits?"),
                N_("Written justification for visits past the limit."),
            )
        case ConditionKind.TOLD:
            return (
                N_("Will your plan stand by what it told you? Ask it for the answer in writing."),
                N_("What the payer told: confirmed in writing?"),
            )
        case _:
            assert_never(kind)


# The ends as conditions, after "if".
ENDS = {
    "covered": N_("your plan covers it like the rest"),
    "bundled": N_("it counts as part of the rest of the visit"),
    "not-covered": N_("your plan doesn't pay for it"),
    "like-in-network": N_("your plan pays as it does in its network"),
    "clinic-absorbs": N_("the clinic bears it"),
    "patient-pays": N_("you pay it"),
    "in-network": N_("the clinic is in network"),
    "out-of-network": N_("it is out of network"),
    "none": N_("nothing is used yet"),
    "all": N_("all of it is used"),
    "self-only": N_("the plan covers only you"),
    "family": N_("it covers your family"),
    "met": N_("it is there"),
    "not-met": N_("it isn't"),
    "not-reached": N_("there is no such limit"),
    "as-read": N_("the limit holds as we read it"),
    "used-up": N_("it's used up"),
    "exempt": N_("you are exempt"),
    "holds": N_("you aren't"),
    "calendar": N_("it starts on January 1"),
    "mid-year": N_("it starts on July 1"),
    "embedded": N_("each person has their own amount"),
    "aggregate": N_("the family has one amount together"),
    "low": N_("it is at its low end"),
    "high": N_("it is at its high end"),
}
OF_KIND = {
    ("consent", "not-signed"): N_("you haven't signed"),
    ("consent", "signed"): N_("you have"),
    ("deductible-paid", "none"): N_("nothing of it is paid"),
    ("deductible-paid", "all"): N_("all of it is paid"),
    ("cost-share", "low"): N_("it is low"),
    ("cost-share", "high"): N_("it is high"),
    ("deductible", "low"): N_("it is low"),
    ("deductible", "high"): N_("it is high"),
    ("price-level", "low"): N_("prices are low"),
    ("price-level", "high"): N_("they are high"),
    ("told", "met"): N_("it does"),
    ("told", "not-met"): N_("it doesn't"),
}
# Where billers read of the patient, and not to them.
FOR_BILLERS = {
    "covered": N_("the plan covers it like the rest"),
    "not-covered": N_("the plan doesn't pay for it"),
    "like-in-network": N_("the plan pays as it does in its network"),
    "patient-pays": N_("the patient bears it"),
    "self-only": N_("the plan covers only the patient"),
    "family": N_("it covers the patient's family"),
    "exempt": N_("the patient is exempt"),
    "holds": N_("the patient is not"),
}
OF_KIND_FOR_BILLERS = {
    ("consent", "not-signed"): N_("the patient hasn't signed"),
    ("consent", "signed"): N_("the patient has"),
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
