"""What matters most, in words: what to answer first, and what the course would cost at each end.

`matters_of` is the JSON of docs/comparing.md, `matters_text` the same in a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from estimator.engine.answer import Question
from estimator.engine.values import Money
from estimator.estimates.sensitivity import End, Matter, Matters
from estimator.language import _, ngettext
from estimator.wording.figures import listed, usd
from estimator.wording.lines import citation_of
from estimator.wording.matters_words import (
    ANSWERS,
    ASKS,
    ENDS,
    FOR_BILLERS,
    OF_KIND,
    OF_KIND_FOR_BILLERS,
    OF_VALUE,
)
from estimator.wording.questions import QUESTIONS, question_says
from estimator.wording.telling import PATIENT, Reader, Telling, plain
from estimator.wording.text import DISCLAIMER, WIDTH


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
    parts = ["\n".join(wrap(told["sentence"], WIDTH)), *map(_told, told["matters"]), _(DISCLAIMER)]
    return "\n\n".join(parts) + "\n"


def _sentence(found: Matters, telling: Telling) -> str:
    total = usd(found.estimate.typical.owes)
    if not found.first:
        return _("Nothing that is still open changes the {total} by itself.").format(total=total)
    number = len(found.first)
    words = (
        ngettext(
            "One answer matters most for your {total}; the first alone is worth up to {most}.",
            "{number} answers matter most for your {total}; the first alone is worth up to {most}.",
            number,
        )
        if telling.reader == PATIENT
        else ngettext(
            "One answer matters most for the patient's {total}; the first alone is worth up to {most}.",
            "{number} answers matter most for the patient's {total}; the first alone is worth up to {most}.",
            number,
        )
    )
    return words.format(number=number, total=total, most=usd(found.first[0].worth))


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
    words = ASKS.get(matter.kind)
    if words is None:
        asks = matter.kind if matter.kind in QUESTIONS else plain(matter.kind)
        return question_says(Question(asks, matter.subject, matter.citation), telling)
    return _(words[0 if telling.reader == PATIENT else 1]).format(subject=plain(matter.subject))


def _says(matter: Matter, telling: Telling) -> str:
    """Say what the course costs at each end, or that it makes no difference."""
    if len({end.owes for end in matter.ends if not end.is_written_off}) == 1:
        return _no_difference(matter, telling)
    told = _("{amount} if {condition}")
    ends = [told.format(amount=usd(end.owes), condition=_if(matter, end, telling)) for end in matter.ends]
    words = _("You owe {ends}.") if telling.reader == PATIENT else _("The patient owes {ends}.")
    return words.format(ends=listed(ends))


def _no_difference(matter: Matter, telling: Telling) -> str:
    lost = usd(matter.clinic_worth)
    if telling.reader == PATIENT:
        words = (
            _(
                "Whatever the answer, you do not owe more, but without it the clinic would lose {lost}. "
                "Find out before you go: it may not treat you."
            )
            if matter.clinic_worth
            else _("Whatever the answer, you do not owe more.")
        )
    else:
        words = (
            _("Whatever the answer, the patient does not owe more, but without it the clinic would lose {lost}.")
            if matter.clinic_worth
            else _("Whatever the answer, the patient does not owe more.")
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
