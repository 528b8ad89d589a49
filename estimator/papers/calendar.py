"""The visits of an answer as a calendar file (RFC 5545): a day each, with what is to be paid.

Written here because the part that we need is small: events of a whole day, text that is escaped, lines that are folded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256

from estimator.language import N_, _
from estimator.wording.answer import Answer, AnswerVisit
from estimator.wording.brief import SAME
from estimator.wording.words import whole_usd

_LONGEST = 75
"""Octets of a line without its end (RFC 5545, 3.1)."""
_END = "\r\n"
_SUMMARY = N_("Physical therapy, visit {number} of {count}: about {amount}")
_SUMMARY_OPEN = N_("Physical therapy, visit {number} of {count}: {amount} to {most}")
_SAYS = N_("An estimate, not a bill. The days are a plan: ask the clinic for your appointments.")
_CALENDAR = N_("Physical therapy visits")


def calendar_of(answer: Answer) -> bytes:
    """Return the visits as an iCalendar file in UTF-8; the same answer gives the same bytes."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Therapy Cost Estimator//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(_(_CALENDAR))}",
    ]
    for visit in answer.settled_visits:
        lines += _event(visit, len(answer.settled_visits), answer)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}{_END}" for line in lines).encode()


def _event(visit: AnswerVisit, count: int, answer: Answer) -> Iterator[str]:
    least, most = visit.settled.typical, visit.most
    words = _SUMMARY_OPEN if most - least >= SAME else _SUMMARY
    summary = _(words).format(number=visit.number, count=count, amount=whole_usd(least), most=whole_usd(most))
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(visit, answer)}"
    yield f"DTSTAMP:{_written(answer.as_of)}T000000Z"
    yield f"DTSTART;VALUE=DATE:{_written(visit.day)}"
    yield f"DTEND;VALUE=DATE:{_written(visit.day + timedelta(days=1))}"
    yield f"SUMMARY:{escaped(summary)}"
    yield f"DESCRIPTION:{escaped(_(_SAYS))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _uid(visit: AnswerVisit, answer: Answer) -> str:
    """Return what tells this visit from any other, without a host or a person in it."""
    told = f"{answer.plan.id} {answer.as_of} {visit.number} {visit.day}"
    return f"{sha256(told.encode()).hexdigest()[:32]}@therapy-cost-estimator"


def _written(day: date) -> str:
    return f"{day:%Y%m%d}"


def escaped(text: str) -> str:
    r"""Write text as the value of a property (RFC 5545, 3.3.11).

    >>> escaped("Visit 1; $40, or more\nAsk")
    'Visit 1\\; $40\\, or more\\nAsk'
    """
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "")


def folded(line: str) -> str:
    """Break a line after at most 75 octets, never within a letter (RFC 5545, 3.1).

    >>> [len(part) for part in folded("x" * 160).split(chr(13) + chr(10))]
    [75, 75, 12]
    """
    parts, part, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LONGEST:
            parts.append(part)
            # The space that begins a line that goes on counts as well.
            part, size = " ", 1
        part, size = part + letter, size + octets
    return _END.join([*parts, part])
