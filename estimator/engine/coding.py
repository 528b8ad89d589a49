"""Codes and the coding of a day: services, pairs, diagnoses; units from minutes, edits, modifiers a rule asks for.

What we know of each code is carried in the price files; this holds its shape, so that rules can ask. The rules follow
Medicare's correct coding edits and code definitions. Payers may be stricter; a plan says so in its own rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from estimator.engine.answer import Step
from estimator.engine.findings import Bundled, LimitExtended, ModifierNeeded, NotCovered
from estimator.engine.plan import Allowed, Network
from estimator.engine.request import Service
from estimator.engine.values import Citation, Source, Span

ONE_OR_TWO_MUSCLES = "20560"
THREE_OR_MORE_MUSCLES = "20561"
NEEDLING_CODES = frozenset({ONE_OR_TWO_MUSCLES, THREE_OR_MORE_MUSCLES})
OFFICE_VISITS = frozenset({"99202", "99203", "99204", "99205", "99211", "99212", "99213", "99214", "99215"})

_SERVICE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}")
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?")
_CATEGORY = 3


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """A service in our own words. `kind` groups codes priced alike; `timed` ones are billed by 15 minutes."""

    code: str
    words: str
    kind: str
    timed: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two codes of one day of which the second is bundled into the first.

    `modifier_allowed` (indicator 1) lets a modifier part them where the services were separate.
    """

    column_one: str
    column_two: str
    modifier_allowed: bool
    rationale: str


@dataclass(frozen=True, slots=True)
class PairEdits:
    """One quarter's edits among our codes; `none_found` holds pairs that were looked for and are no edits."""

    edition: str
    source: Source
    pairs: Mapping[tuple[str, str], Pair]
    none_found: frozenset[tuple[str, str]]

    def among(self, codes: set[str]) -> Iterator[Pair]:
        """Yield the edits between these codes, in the order of their codes."""
        for one in sorted(codes):
            for two in sorted(codes):
                if pair := self.pairs.get((one, two)):
                    yield pair

    def has_checked(self, one: str, two: str) -> bool:
        """Tell whether this edition was searched for the two codes, in either order."""
        both = (one, two), (two, one)
        return any(pair in self.pairs or pair in self.none_found for pair in both)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis code, the days on which it may be billed, and what to write in its place after them."""

    code: str
    words: str
    valid: Span
    replacements: tuple[str, ...]
    condition: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Diagnoses:
    """The diagnoses we carry. A code that is not among them may still be a good one."""

    source: Source
    by_code: Mapping[str, Diagnosis]

    def longer_than(self, code: str) -> Iterator[Diagnosis]:
        """Yield the carried codes of which this one is only the beginning."""
        for other, diagnosis in self.by_code.items():
            if other != code and other.replace(".", "").startswith(code.replace(".", "")):
                yield diagnosis


def is_service_code(text: str) -> bool:
    """Tell whether this has the shape of a CPT or HCPCS code.

    >>> is_service_code("20560"), is_service_code("G0283"), is_service_code("2.056E+04")
    (True, True, False)
    """
    return _SERVICE.fullmatch(text) is not None


def diagnosis_code(text: str) -> str | None:
    """Return an ICD-10-CM code in its written form, or None where the text has not that shape.

    >>> diagnosis_code(" m5450 "), diagnosis_code("724.2")
    ('M54.50', None)
    """
    code = text.strip().upper()
    if "." not in code and len(code) > _CATEGORY:
        code = f"{code[:_CATEGORY]}.{code[_CATEGORY:]}"
    return code if _DIAGNOSIS.fullmatch(code) else None


# The words that a request and a plan file choose among: one list of each, for both.

PROVIDERS = (
    "physical-therapist",
    "physical-therapist-assistant",
    "physician",
    "nurse-practitioner",
    "physician-assistant",
    "clinical-nurse-specialist",
    "chiropractor",
    "acupuncturist",
    "occupational-therapist",
)
MARKETS = (
    "marketplace",
    "employer",
    "medicare",
    "medicare-advantage",
    "medicaid",
    "tricare",
    "fehb",
    "workers-comp",
    "va",
    "auto",
    "self-pay",
)
SETTINGS = ("office", "hospital-outpatient", "home", "telehealth")
EXPERIENCES = ("standard", "new", "senior")
PURPOSES = ("rehabilitative", "habilitative", "maintenance")
PRICE_BASES = ("per-unit", "per-line", "per-visit")
METHODS = ("standard", "non-duplication", "maintenance-of-benefits")
# The states, the District of Columbia and the territories that CMS prices.
_STATES = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND
OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI
"""
STATES = tuple(_STATES.split())


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
    """Only one needling line a day is paid; `kept` is the code of the one that stays."""

    line: int
    code: str
    kept: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class BundledLine:
    """The line is part of another line of the day.

    `modifier_allowed`: a modifier would part the two if the services were separate and the record says so.
    """

    line: int
    code: str
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
    needled = [place for place, (code, _, _) in enumerate(lines) if code in NEEDLING_CODES]
    if len(needled) < 2:
        return
    kept = next((place for place in needled if lines[place][0] == THREE_OR_MORE_MUSCLES), needled[0])
    both = f"{THREE_OR_MORE_MUSCLES}/{ONE_OR_TWO_MUSCLES} indicator 0, edition {edits.edition}"
    for place in needled:
        if place != kept:
            yield SecondNeedlingLine(place, lines[place][0], lines[kept][0], Citation(edits.source, both))


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
            yield BundledLine(place, code, code, True, _MANUAL)


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
            yield BundledLine(place, pair.column_two, pair.column_one, pair.modifier_allowed, _place(pair, edits))


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


# Minutes into units: Medicare's eight-minute rule, and the midpoint rule of many commercial plans.
#
# Timed codes are billed in units of 15 minutes. Medicare adds up the minutes of the day first (Claims Processing
# Manual, chapter 5, section 20.2); the midpoint rule counts each code alone.

UnitRule = Literal["8-minute", "midpoint"]

_UNIT = 15
_ENOUGH = 8


def eight_minute_units(minutes: Mapping[str, int]) -> dict[str, int]:
    """Return the units of each timed code from the minutes of one day.

    The day's units follow from all its minutes: 8–22 are one, 23–37 two. Each code first gets its whole
    quarters of an hour; what is left goes, one unit a code, to the longest remainders. Where remainders
    tie the manual lets the clinic choose: the code with more minutes goes first, then the earlier one.

    >>> eight_minute_units({"97110": 33, "97140": 7})
    {'97110': 2, '97140': 1}
    """
    _refuse_below_zero(minutes)
    units = {code: spent // _UNIT for code, spent in minutes.items()}
    left = _units_of(sum(minutes.values())) - sum(units.values())
    longest_first = sorted(minutes, key=lambda code: (-(minutes[code] % _UNIT), -minutes[code]))
    for code in longest_first[:left]:
        units[code] += 1
    return units


def midpoint_units(minutes: Mapping[str, int]) -> dict[str, int]:
    """Return the units of each timed code alone: one for each 15 minutes, one more for a rest of 8 or more.

    >>> midpoint_units({"97112": 7, "97110": 7, "97140": 7})
    {'97112': 0, '97110': 0, '97140': 0}
    """
    _refuse_below_zero(minutes)
    return {code: _units_of(spent) for code, spent in minutes.items()}


def day_units(minutes: Mapping[str, int], timed: Container[str], rule: UnitRule) -> dict[str, int]:
    """Return the units of every code of one day: timed codes by the rule, every other code one.

    The minutes of untimed codes, needling among them, do not count toward the day's total.

    >>> day_units({"20561": 15, "97110": 30}, {"97110"}, "8-minute")
    {'20561': 1, '97110': 2}
    """
    counted = {code: spent for code, spent in minutes.items() if code in timed}
    by_rule = eight_minute_units(counted) if rule == "8-minute" else midpoint_units(counted)
    return {code: by_rule.get(code, 1) for code in minutes}


def _units_of(minutes: int) -> int:
    return (minutes + _UNIT - _ENOUGH) // _UNIT


def _refuse_below_zero(minutes: Mapping[str, int]) -> None:
    if any(spent < 0 for spent in minutes.values()):
        raise ValueError(dict(minutes))


# Modifiers of a claim line: which ones a rule asks for, which one the clinic chooses, and which one has no ground.
#
# A modifier is never advised to get a line paid: each one says something that must be true of the record.

ORIGINAL_MEDICARE = "medicare"
THERAPISTS = frozenset({"physical-therapist", "physical-therapist-assistant"})
THERAPIST, ASSISTANT = "physical-therapist", "physical-therapist-assistant"
ASSISTANTS_MODIFIER = "CQ"
ASSISTANTS_CITED = Citation(
    Source(
        "Medicare Benefit Policy Manual, chapter 15",
        "https://www.cms.gov/Regulations-and-Guidance/Guidance/Manuals/Downloads/bp102c15.pdf",
        date(2026, 11, 30),
        "high",
    ),
    "§230.1 C, services of physical therapist assistants",
)
CONTRACTORS_CHOICE = ("GA", "GX", "GY", "GZ")

_THERAPY = frozenset({"therapy", "evaluation"})
_SOMETIMES_THERAPY = frozenset({"needling"})
_DISCIPLINE = Citation(
    Source(
        "CMS: Billing examples using CQ/CO modifiers for services furnished in whole or in part by PTAs and OTAs",
        "https://www.cms.gov/medicare/coding-billing/therapy-services/billing-examples-using-cq/"
        "co-modifiers-services-furnished-whole-or-part-ptas-and-otas",
        date(2026, 11, 25),
        "high",
    ),
    "background, from the Medicare Claims Processing Manual, chapter 5, section 20.1",
)


class Use(StrEnum):
    """What there is to do about a modifier."""

    REQUIRED = "required"
    IF_SEPARATE = "only-if-separate"  # only where the services were separate and the record says so
    CLINIC = "clinic-setting"
    ASK = "ask"
    NO_GROUND = "no-ground"  # it is written, and no pair of the day gives it a reason


@dataclass(frozen=True, slots=True)
class Modifier:
    """A modifier of a line, or several of which one is chosen; `why` names the rule, `about` the code or limit."""

    codes: tuple[str, ...]
    use: Use
    why: str
    about: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class DenialPolicy:
    """What the clinic writes on a Medicare line that will not be paid; "" where it has not decided.

    `after_notice` is for a signed notice, `excluded` for what the law leaves out, `expected_denial` for a denial
    as not necessary; the last two without a notice.
    """

    after_notice: str = ""
    excluded: str = ""
    expected_denial: str = ""


def who_gives(code: str, provider: str, codes: Mapping[str, ServiceCode]) -> str:
    """Return what kind of provider gives a service: an evaluation is the therapist's where an assistant treats."""
    known = codes.get(code)
    evaluates = provider == ASSISTANT and known is not None and known.kind == "evaluation"
    return THERAPIST if evaluates else provider


def discipline(known: ServiceCode | None, written: Collection[str], provider: str, market: str) -> Iterator[Modifier]:
    """Yield GP where the line is physical therapy under a plan of care and no discipline is written on it yet."""
    if known is None or provider not in THERAPISTS or not DISCIPLINES.isdisjoint(set(written) - {"GP"}):
        return
    if known.kind in _THERAPY or known.kind in _SOMETIMES_THERAPY:
        use = Use.REQUIRED if market == ORIGINAL_MEDICARE else Use.ASK
        yield Modifier(("GP",), use, "plan-of-care", known.code, _DISCIPLINE)


def assistant(known: ServiceCode | None, provider: str, market: str) -> Iterator[Modifier]:
    """Yield CQ where an assistant treats: Medicare then pays 85 percent."""
    if known is None or provider != ASSISTANT or known.kind not in ("therapy", *_SOMETIMES_THERAPY):
        return
    use = Use.REQUIRED if market == ORIGINAL_MEDICARE else Use.ASK
    yield Modifier((ASSISTANTS_MODIFIER,), use, "assistant-treats", known.code, _DISCIPLINE)


def past_markers(steps: Iterable[Step]) -> Iterator[Modifier]:
    """Yield what lines past a marker or inside an extension must carry, such as KX past the therapy threshold."""
    for step in steps:
        found = step.finding
        if isinstance(found, ModifierNeeded) and found.modifier:
            yield Modifier((found.modifier,), Use.REQUIRED, "past-marker", found.limit, step.citation)
        elif isinstance(found, LimitExtended) and found.modifier:
            yield Modifier((found.modifier,), Use.REQUIRED, "extension", found.limit, step.citation)


def separation(
    code: str, written: Collection[str], others: Collection[str], steps: Iterable[Step], edits: PairEdits
) -> Iterator[Modifier]:
    """Yield 59 or X{EPSU} where a pair of the day allows it, and tell of one that is written without such a pair.

    `others` are the other codes of the day. A pair that was never looked up is asked about, not refused.
    """
    for step in steps:
        found = step.finding
        if isinstance(found, Bundled) and found.rule == "ncci" and found.modifier_allowed:
            yield _parting(code, found.into, step.citation)
            return
    carried = tuple(sorted(SEPARATE.intersection(written)))
    if not carried:
        return
    cited = Citation(edits.source, f"edition {edits.edition}")
    pairs = [pair for pair in edits.among({code, *others}) if code in (pair.column_one, pair.column_two)]
    if any(pair.modifier_allowed for pair in pairs):
        yield Modifier(carried, Use.IF_SEPARATE, "pair", code, cited)
    elif all(edits.has_checked(code, other) for other in others if other != code):
        yield Modifier(carried, Use.NO_GROUND, "no-pair", code, cited)
    else:
        yield Modifier(carried, Use.ASK, "pair-not-looked-up", code, cited)


def _parting(code: str, into: str, citation: Citation | None) -> Modifier:
    """Return what would part a pair: an office visit carries 25 itself, any other pair one of five on either line."""
    if code.startswith(OFFICE_VISIT) or into.startswith(OFFICE_VISIT):
        visit = code if code.startswith(OFFICE_VISIT) else into
        return Modifier((SEPARATE_OFFICE_VISIT,), Use.IF_SEPARATE, "pair-with-visit", visit, citation)
    return Modifier(tuple(sorted(SEPARATE)), Use.IF_SEPARATE, "pair", into, citation)


def denial(steps: Iterable[Step], market: str, policy: DenialPolicy, is_signed: bool | None) -> Iterator[Modifier]:
    """Yield the clinic's own modifier for a Medicare line that will not be paid, or all four where it chose none."""
    if market != ORIGINAL_MEDICARE:
        return
    for step in steps:
        if isinstance(step.finding, NotCovered):
            is_excluded = step.finding.position == "excluded"
            without = policy.excluded if is_excluded else policy.expected_denial
            chosen = policy.after_notice if is_signed else without
            why = "after-notice" if is_signed else "excluded" if is_excluded else "expected-denial"
            yield Modifier((chosen,) if chosen else CONTRACTORS_CHOICE, Use.CLINIC, why, "", step.citation)
            return


# The units of each line of a visit, from the minutes that a person gave or the units themselves.

_MIDPOINT = "midpoint"
_BY_TOTAL = Network("", allowed=Allowed(minutes_rule="eight-minute"))


def counts_otherwise(services: Sequence[Service], network: Network, codes: Mapping[str, ServiceCode]) -> bool:
    """Tell whether these services have other units where all minutes are counted together."""
    return units_of(services, network, codes) != units_of(services, _BY_TOTAL, codes)


def units_of(services: Sequence[Service], network: Network, codes: Mapping[str, ServiceCode]) -> list[int]:
    """Return the units of each line; 0 where a timed code has too few minutes to be billed at all.

    A line with an amount of its own is at least one unit, since somebody has priced it. Two lines of one
    code share the units of their minutes together.
    """
    minutes: dict[str, int] = {}
    last: dict[str, int] = {}
    for index, service in enumerate(services):
        if service.units is None and service.minutes is not None:
            minutes[service.code] = minutes.get(service.code, 0) + service.minutes
            last[service.code] = index
    timed = {code for code in minutes if code in codes and codes[code].timed}
    rule: UnitRule = "midpoint" if network.allowed.minutes_rule == _MIDPOINT else "8-minute"
    left = day_units(minutes, timed, rule)
    units = []
    for index, service in enumerate(services):
        if service.units is not None:
            units.append(service.units)
        elif service.minutes is None or service.code not in timed:
            units.append(1)
        else:
            code = service.code
            own = left[code] if index == last[code] else min(left[code], midpoint_units({code: service.minutes})[code])
            left[code] -= own
            units.append(own if service.allowed is None else max(1, own))
    return units
