"""What matters most, in words: what to answer first, and what the course would cost at each end.

`matters_of` is the JSON of docs/comparing.md, `matters_text` the same in a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from estimator.domain.estimate import Question
from estimator.domain.money import Money
from estimator.usecases.mattering import End, Matter, Matters
from estimator.wording.figures import counted, listed, sentence, usd
from estimator.wording.lines import citation_of
from estimator.wording.questions import QUESTIONS, question_says
from estimator.wording.telling import PATIENT, Reader, Telling, plain
from estimator.wording.text import DISCLAIMER, WIDTH

# What to answer, for patients and for billers, where no question of the estimate asks it already.
_ASKS = {
    "network": ("Is the clinic in your plan's network? Ask both.", "Network status of the clinic."),
    "deductible-paid": (
        "How much of your deductible have you paid this year? Your insurer's app or website says.",
        "Deductible met to date.",
    ),
    "limit-used": (
        "How many of your covered visits have you used this year ({subject})?",
        "Limit {subject}: used to date.",
    ),
    "price-level": (
        "What price has the clinic agreed with your plan, and what does it ask of people without one? Ask the clinic.",
        "Contract amounts and self-pay list of the clinic.",
    ),
    "experience-factor": (
        "Does this provider charge more or less because of experience? Ask the clinic.",
        "Factor for the provider's experience (our assumption).",
    ),
    "benefit-year": ("When does your plan's year start?", "First day of the benefit year."),
    "authorization": (
        "Do your visits need approval in advance (prior authorization), and is it there?",
        "Authorization: needed, and on file?",
    ),
    "referral": ("Do you need a referral (a doctor's order), and do you have one?", "Referral on file?"),
    "improvement": (
        "Will your records show that you are getting better? Ask your provider.",
        "Documented improvement for visits past the limit.",
    ),
    "justification": (
        "Will your provider explain in writing why you need more visits?",
        "Written justification for visits past the limit.",
    ),
    "consent": (
        "Has the clinic asked you to sign that you will pay for a service that your plan does not?",
        "Service-specific consent signed before the visit?",
    ),
    "told": (
        "Will your plan stand by what it told you? Ask it for the answer in writing.",
        "What the payer told: confirmed in writing?",
    ),
    "told-otherwise": (
        "Does what your plan told you hold, or what its documents say? Ask it for the answer in writing.",
        "Told otherwise than documented: which holds?",
    ),
    "visits-left": ("How many visits do you have left under your plan's limit?", "Visits left under the limit."),
}
# The ends as conditions, after "if"; for patients and billers alike, where a code says it no shorter.
_ENDS = {
    "covered": "your plan covers it like the rest",
    "bundled": "it counts as part of the rest of the visit",
    "not-covered": "your plan does not pay for it",
    "like-in-network": "your plan pays as it does in its network",
    "clinic-absorbs": "the clinic bears it",
    "patient-pays": "you bear it",
    "in-network": "the clinic is in network",
    "out-of-network": "it is out of network",
    "none": "nothing is used yet",
    "all": "all of it is used",
    "self-only": "the plan covers only you",
    "family": "it covers your family",
    "met": "it is there",
    "not-met": "it is not",
    "not-reached": "there is no such limit",
    "as-read": "the limit holds as we read it",
    "exempt": "you are exempt",
    "holds": "you are not",
    "calendar": "it starts on January 1",
    "mid-year": "it starts on July 1",
    "embedded": "each person has their own amount",
    "aggregate": "the family has one amount together",
    "yes": "yes",
    "no": "no",
    "low": "it is at its low end",
    "high": "it is at its high end",
}
_OF_KIND = {
    ("consent", "met"): "you have not signed",
    ("consent", "not-met"): "you have",
    ("deductible-paid", "none"): "nothing of it is paid",
    ("deductible-paid", "all"): "all of it is paid",
    ("price-level", "low"): "prices are low",
    ("price-level", "high"): "they are high",
    ("told", "met"): "it does",
    ("told", "not-met"): "it does not",
    ("told-otherwise", "met"): "its documents hold",
    ("told-otherwise", "not-met"): "what it told you holds",
    ("visits-left", "met"): "there are visits left",
    ("visits-left", "not-met"): "there are none",
}
# The end is a number or a code.
_OF_VALUE = {
    "experience-factor": "the price is {end} of the usual one",
    "age": "the age is {end}",
    "symptom-weeks": "it has lasted {end} weeks",
    "diagnosis": "the diagnosis is {end}",
    "zip-straddles": "the clinic is in price area {end}",
}


def matters_of(found: Matters, names: Mapping[str, str], reader: Reader = PATIENT) -> dict[str, Any]:
    """Return what hangs on what for one reader; `names` are plain words for the codes."""
    telling = Telling(found.plan, names, reader)
    return {
        "patient_owes": str(found.estimate.typical.owes),
        "sentence": _sentence(found, telling),
        "first": [_asks(matter, telling) for matter in found.first],
        "matters": [_matter(matter, telling) for matter in found.matters],
        "left_out": list(found.left_out),
        "estimates": found.runs,
    }


def matters_text(told: Mapping[str, Any]) -> str:
    """Return the JSON of what matters as text."""
    parts = ["\n".join(wrap(told["sentence"], WIDTH)), *map(_told, told["matters"]), DISCLAIMER]
    return "\n\n".join(parts) + "\n"


def _sentence(found: Matters, telling: Telling) -> str:
    total = usd(found.estimate.typical.owes)
    if not found.first:
        return f"Nothing that is still open changes the {total} by itself."
    most = usd(found.first[0].worth)
    count = len(found.first)
    answers = "One answer matters" if count == 1 else f"{counted(count, 'answer')} matter"
    who = "your" if telling.reader == PATIENT else "the patient's"
    return f"{answers} most for {who} {total}; the first alone is worth up to {most}."


def _matter(matter: Matter, telling: Telling) -> dict[str, Any]:
    return {
        "kind": matter.kind,
        "subject": matter.subject,
        "path": matter.path,
        "worth": str(matter.worth),
        "clinic_worth": str(matter.clinic_worth),
        "asks": _asks(matter, telling),
        "says": _says(matter, telling),
        "ends": [_end(matter, end, telling) for end in matter.ends],
        "citation": citation_of(matter.citation),
    }


def _end(matter: Matter, end: End, telling: Telling) -> dict[str, Any]:
    return {
        "end": end.end,
        "says": _if(matter, end, telling),
        "patient_owes": str(end.owes),
        "provider_absorbs": str(end.absorbed),
        "counts": not end.is_written_off,
    }


def _asks(matter: Matter, telling: Telling) -> str:
    words = _ASKS.get(matter.kind)
    if words is None:
        asks = matter.kind if matter.kind in QUESTIONS else plain(matter.kind)
        return question_says(Question(asks, matter.subject, matter.citation), telling)
    return words[0 if telling.reader == PATIENT else 1].format(subject=plain(matter.subject))


def _says(matter: Matter, telling: Telling) -> str:
    """Say what the course costs at each end, or that it makes no difference."""
    owed = {end.owes for end in matter.ends if not end.is_written_off}
    who = "you" if telling.reader == PATIENT else "the patient"
    if len(owed) == 1:
        lost = f", but without it the clinic would lose {usd(matter.clinic_worth)}" if matter.clinic_worth else ""
        does = "do not owe" if telling.reader == PATIENT else "does not owe"
        asks = " Find out before you go: it may not treat you." if lost and telling.reader == PATIENT else ""
        return f"Whatever the answer, {who} {does} more{lost}.{asks}"
    owes = "owe" if telling.reader == PATIENT else "owes"
    ends = [f"{usd(end.owes)} if {_if(matter, end, telling)}" for end in matter.ends]
    return sentence(f"{who} {owes} {listed(ends)}.")


def _if(matter: Matter, end: End, telling: Telling) -> str:
    words = _OF_KIND.get((matter.kind, end.end)) or _ENDS.get(end.end)
    if words is None:
        return _OF_VALUE[matter.kind].format(end=end.end)
    return words if telling.reader == PATIENT else words.replace("your plan", "the plan").replace("you ", "patient ")


def _told(matter: Mapping[str, Any]) -> str:
    worth = usd(Money.parse(matter["worth"]))
    return "\n".join(_folded(f"{worth}  {matter['asks']}", matter["says"]))


def _folded(*lines: str) -> Iterator[str]:
    for at, line in enumerate(lines):
        yield from wrap(line, WIDTH, initial_indent="" if at == 0 else "    ", subsequent_indent="    ")
