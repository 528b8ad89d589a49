"""Coding checks on the lines of one day, before any price: what would be bundled, cut or returned.

They follow Medicare's correct coding edits and code definitions. Payers may be stricter; a plan says so
in its own rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from estimator.engine.citation import Citation, Source
from estimator.engine.codes import (
    NEEDLING,
    ONE_OR_TWO_MUSCLES,
    THREE_OR_MORE_MUSCLES,
    Diagnoses,
    Pair,
    PairEdits,
    ServiceCode,
    diagnosis_code,
)

SEPARATE = frozenset({"59", "XE", "XS", "XP", "XU"})
SEPARATE_OFFICE_VISIT = "25"
OFFICE_VISIT = "992"
DISCIPLINES = frozenset({"GP", "GO", "GN"})

_READ = date(2026, 11, 23)
_MANUAL = Citation(
    Source(
        "Medicare Claims Processing Manual, chapter 5, as quoted by findacode.com",
        "https://www.cms.gov/regulations-and-guidance/guidance/manuals/downloads/clm104c05.pdf",
        _READ,
        "medium",
    ),
    "section 20.2: untimed codes",
)

CodedLine = tuple[str, int, Collection[str]]
"""A line of a day: code, units, modifiers."""


@dataclass(frozen=True, slots=True)
class SecondNeedlingLine:
    """One needling line a day is paid; `kept` and `kept_line` (counted from 0) name the one that stays."""

    line: int
    code: str
    kept_line: int
    kept: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class BundledLine:
    """The line is part of another line of the day.

    `modifier_allowed`: a modifier would part the two if the services were separate and the record says so.
    """

    line: int
    code: str
    into_line: int
    into: str
    modifier_allowed: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class UnitsCut:
    """An untimed code is billed once a day, whatever its units."""

    line: int
    code: str
    units: int
    allowed_units: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """We carry nothing about this code: neither price nor edits."""

    line: int
    code: str


@dataclass(frozen=True, slots=True)
class DiagnosisNotValid:
    """The diagnosis may not be billed on this day: before its first day, after its last, or cut short.

    A code that is cut short has neither day. `replacements` are the codes to write instead, as far as we
    carry them.
    """

    code: str
    first_day: date | None
    last_day: date | None
    replacements: tuple[str, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class DiagnosisMalformed:
    """The text has not the shape of an ICD-10-CM code."""

    text: str
    citation: Citation


CodingFinding = SecondNeedlingLine | BundledLine | UnitsCut | UnknownCode
DiagnosisFinding = DiagnosisNotValid | DiagnosisMalformed


def check_lines(
    lines: Sequence[CodedLine], codes: Mapping[str, ServiceCode], edits: PairEdits
) -> tuple[CodingFinding, ...]:
    """Return what is wrong with the lines of one day, in the order of the lines.

    A line that another line of the same service makes redundant is named once, and bundles nothing itself.
    """
    second = list(_second_needling(lines, edits))
    out = {finding.line for finding in second}
    repeated = list(_repeated(lines, codes, out))
    out |= {finding.line for finding in repeated}
    found: list[CodingFinding] = [*second, *repeated, *_bundled(lines, edits, out)]
    for place, (code, units, _) in enumerate(lines):
        known = codes.get(code)
        if known is None:
            found.append(UnknownCode(place, code))
        elif not known.timed and units > 1 and place not in out:
            found.append(UnitsCut(place, code, units, 1, _MANUAL))
    return tuple(sorted(found, key=lambda finding: finding.line))


def check_diagnoses(texts: Sequence[str], day: date, diagnoses: Diagnoses) -> tuple[DiagnosisFinding, ...]:
    """Return the diagnoses that a payer would send back on this day.

    A well-formed code that we do not carry is not one of them.
    """
    findings = (_diagnosis(text, day, diagnoses) for text in texts)
    return tuple(finding for finding in findings if finding is not None)


def _second_needling(lines: Sequence[CodedLine], edits: PairEdits) -> Iterator[SecondNeedlingLine]:
    needled = [place for place, (code, _, _) in enumerate(lines) if code in NEEDLING]
    if len(needled) < 2:
        return
    kept = next((place for place in needled if lines[place][0] == THREE_OR_MORE_MUSCLES), needled[0])
    both = f"{THREE_OR_MORE_MUSCLES}/{ONE_OR_TWO_MUSCLES} indicator 0, edition {edits.edition}"
    for place in needled:
        if place != kept:
            yield SecondNeedlingLine(place, lines[place][0], kept, lines[kept][0], Citation(edits.source, both))


def _repeated(
    lines: Sequence[CodedLine], codes: Mapping[str, ServiceCode], out: Collection[int]
) -> Iterator[BundledLine]:
    """Yield the further lines of an untimed code, which is billed once a day by each discipline."""
    first: dict[tuple[str, frozenset[str]], int] = {}
    for place, (code, _, modifiers) in enumerate(lines):
        known = codes.get(code)
        if known is None or known.timed or place in out or not SEPARATE.isdisjoint(modifiers):
            continue
        kept = first.setdefault((code, DISCIPLINES.intersection(modifiers)), place)
        if kept != place:
            yield BundledLine(place, code, kept, code, True, _MANUAL)


def _bundled(lines: Sequence[CodedLine], edits: PairEdits, out: Collection[int]) -> Iterator[BundledLine]:
    present = [place for place in range(len(lines)) if place not in out]
    done: set[int] = set()
    never_parted_first = sorted(
        edits.among({lines[place][0] for place in present}), key=lambda pair: pair.modifier_allowed
    )
    for pair in never_parted_first:
        first = next(place for place in present if lines[place][0] == pair.column_one)
        for place in present:
            if lines[place][0] != pair.column_two or place in done:
                continue
            if pair.modifier_allowed and _are_parted(lines[first], lines[place]):
                continue
            done.add(place)
            yield BundledLine(
                place, pair.column_two, first, pair.column_one, pair.modifier_allowed, _place(pair, edits)
            )


def _are_parted(one: CodedLine, two: CodedLine) -> bool:
    # Since July 2019 (CR 11168) Medicare takes the modifier on either line. An office visit is parted
    # from a procedure by 25 on the visit.
    is_office_visit = one[0].startswith(OFFICE_VISIT)
    return (
        not SEPARATE.isdisjoint(one[2])
        or not SEPARATE.isdisjoint(two[2])
        or (is_office_visit and SEPARATE_OFFICE_VISIT in one[2])
    )


def _place(pair: Pair, edits: PairEdits) -> Citation:
    indicator = 1 if pair.modifier_allowed else 0
    place = f"{pair.column_one}/{pair.column_two} indicator {indicator}, edition {edits.edition}"
    return Citation(edits.source, place)


def _diagnosis(text: str, day: date, diagnoses: Diagnoses) -> DiagnosisFinding | None:
    cited = Citation(diagnoses.source)
    code = diagnosis_code(text)
    if code is None:
        return DiagnosisMalformed(text, cited)
    carried = diagnoses.by_code.get(code)
    if carried is not None:
        if day in carried.valid:
            return None
        valid = carried.valid
        return DiagnosisNotValid(code, valid.first_day, valid.last_day, carried.replacements, cited)
    longer = tuple(other.code for other in diagnoses.longer_than(code) if day in other.valid)
    return DiagnosisNotValid(code, None, None, longer, cited) if longer else None
