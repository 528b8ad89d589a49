"""The way in for a 271: a text becomes an eligibility, or is refused with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from estimator.eligibility import x12_codes as codes
from estimator.eligibility.assembling import assembled
from estimator.eligibility.benefit import Benefit, Kind
from estimator.eligibility.figures import read_day, read_span
from estimator.eligibility.hidden import Hidden, dates_of_birth
from estimator.eligibility.result import Eligibility, Note
from estimator.eligibility.x12_envelope import Person, oddities, people, refusals
from estimator.eligibility.x12_rejection import rejection_of
from estimator.eligibility.x12_segments import Segment, read_segments
from estimator.eligibility.x12_statement import Group, grouped, statement_of
from estimator.engine.values import ALWAYS, Span
from estimator.errors import EligibilityRefused, Problem

_FIRST_DAYS = ("346", "356", "348", "291", "307")
_LAST_DAYS = ("347", "357", "349")
_PATIENTS = ("IL", "03")
_PLAN_NUMBER = "18"
_NO_SEGMENTS = "No segment of X12 was found. A 271 starts with ISA and holds lines such as EB*B*IND*PT*…~."
_NO_ANSWER = "It holds no benefit (EB) and no rejection (AAA), so that there is nothing to read. Give the whole 271."
_EXPECTED_KIND = "Expected was 1 (active), A (coinsurance), B (copay), C (deductible), F (limit) or G (maximum)."


def read_271(text: str) -> Eligibility:
    """Return what a 271 says; raise EligibilityRefused with every problem where it says nothing that can be used."""
    interchange = read_segments(text)
    segments = interchange.segments
    if not segments:
        raise EligibilityRefused((Problem("file", _NO_SEGMENTS),))
    notes = [*interchange.notes, *oddities(segments)]
    answered = [person for person in people(segments) if person.is_answered]
    rejections = tuple(rejection_of(segment) for segment in segments if segment.id == "AAA")
    problems = list(refusals(segments))
    if not problems and not answered and not rejections:
        problems.append(Problem("file", _NO_ANSWER))
    if problems:
        raise EligibilityRefused((*problems, *(Problem(note.place, note.says) for note in notes)))
    person = answered[0] if answered else Person(is_dependent=False, segments=())
    hidden = _hidden(segments)
    benefits = list(_statements(grouped(person.segments), hidden, notes))
    return assembled(
        Eligibility(
            form="271",
            payer=hidden.without(_payer(segments)),
            plan=_plan(benefits),
            answered_on=_answered_on(segments),
            dates=_dates(segments, benefits),
            is_dependent=person.is_dependent,
            benefits=tuple(benefits),
            rejections=rejections,
            notes=tuple(notes),
        )
    )


def _statements(groups: Iterable[Group], hidden: Hidden, notes: list[Note]) -> Iterator[Benefit]:
    for group in groups:
        code = group.eb.element(1).upper()
        if code in codes.TELLING:
            notes.append(Note(group.eb.place, codes.TELLING[code]))
        if code in codes.KINDS or code in codes.OTHERS:
            yield statement_of(group, codes.KINDS.get(code, Kind.OTHER), hidden)
        elif not code:
            words = f"EB01 is empty, so that nobody can tell what is said. {_EXPECTED_KIND}"
            notes.append(Note(group.eb.place, words))
        else:
            notes.append(Note(group.eb.place, f"EB01 holds no code that we know. {_EXPECTED_KIND}"))


def _hidden(segments: Sequence[Segment]) -> Hidden:
    """Gather whatever in a file tells who somebody is. A payer and an organization are no persons."""
    names: list[str] = []
    others: list[str] = []
    for segment in segments:
        match segment.id:
            case "NM1" if segment.element(1) in _PATIENTS or segment.element(2) == "1":
                # Where elements are shifted, a name stands in another place.
                names += [
                    element for place, element in enumerate(segment.elements, start=1) if place > 2 and place != 8
                ]
            case "PER":
                names.append(segment.element(2))
                others += [segment.element(place) for place in (4, 6, 8)]
            case "N3":
                others += [" ".join(filter(None, map(str.strip, segment.elements))), *segment.elements]
            case "N4":
                others += [segment.element(1), segment.element(3)]
            case "DMG":
                others += dates_of_birth(segment.element(2))
            case "REF" if segment.element(1) != _PLAN_NUMBER:
                others += [segment.element(2), segment.element(3)]
            case "TRN":
                others += segment.elements[1:]
    return Hidden.of(names, others)


def _payer(segments: Sequence[Segment]) -> str:
    named = (segment for segment in segments if segment.id == "NM1" and segment.element(1) == "PR")
    payer = next(named, None)
    return payer.element(3) if payer is not None and payer.element(2) == "2" else ""


def _plan(benefits: Iterable[Benefit]) -> str:
    """Return the name of the plan: that of the active coverage, else the first that is named."""
    ordered = sorted(benefits, key=lambda benefit: benefit.kind is not Kind.ACTIVE)
    return next((benefit.plan for benefit in ordered if benefit.plan), "")


def _answered_on(segments: Sequence[Segment]) -> date | None:
    for id, place in (("BHT", 4), ("GS", 4)):
        for segment in segments:
            if segment.id == id and (day := read_day(segment.element(place))):
                return day
    return None


def _dates(segments: Sequence[Segment], benefits: Iterable[Benefit]) -> Span:
    """Return when the coverage holds: by the dates of the person, else by those of the active coverage."""
    first = last = ""
    for segment in segments:
        if segment.id == "EB":
            break
        start, _, end = segment.element(3).partition("-")
        if segment.id == "DTP" and segment.element(1) in _FIRST_DAYS:
            first, last = first or start, last or end
        elif segment.id == "DTP" and segment.element(1) in _LAST_DAYS:
            last = last or start
    active = (benefit.dates for benefit in benefits if benefit.kind is Kind.ACTIVE and benefit.dates != ALWAYS)
    by_person = read_span(first, last)
    by_active = next(active, ALWAYS)
    return by_active if by_person.last_day is None and by_active != ALWAYS else by_person
