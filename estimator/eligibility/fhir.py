"""FHIR R4B (and R4): CoverageEligibilityResponse, Coverage, or a Bundle of them, becomes an eligibility."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import Any, TypeVar

from estimator.eligibility.buckets import assembled
from estimator.eligibility.filters import carved_out
from estimator.eligibility.messages import ages_in, setting_in
from estimator.eligibility.statements import (
    Aspect,
    Authorization,
    Benefit,
    Block,
    Eligibility,
    Hidden,
    Kind,
    Level,
    Network,
    Note,
    Origin,
    Rejection,
    dates_of_birth,
    money_of,
    read_count,
    read_day,
    read_money,
    read_share,
    read_span,
)
from estimator.engine.values import ALWAYS, Span
from estimator.errors import EligibilityRefused, Problem

# ----------------------------------------------------------------------------
# A CoverageEligibilityResponse becomes statements: each allowed and each used figure one of its own, with its path.
# ----------------------------------------------------------------------------

_INCOMPLETE = "The payer calls this incomplete. It states no figure."
_LONGEST_NAME = 60
_NO_SERVICE = "It names no category of service. Read as said of the plan as a whole."


@dataclass(slots=True)
class Reader:
    """What the reading of a resource gathers on its way."""

    hidden: Hidden
    notes: list[Note] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    coverages: dict[str, Part] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)

    def block_of(self, insurance: Part) -> Block:
        """Return the plan that an insurance of a response, or a coverage, stands for."""
        reference = text(part(insurance, "coverage"), "reference").lstrip("#").rpartition("/")[2]
        coverage = self.coverages.get(reference, {}) if reference else insurance
        key = reference or text(insurance, "id") or "?"
        if key not in self.blocks:
            told = " ".join(codes(part(coverage, "type"))).upper()
            insured = next((code for code in _INSURANCES if code in told.split()), "")
            name = self.hidden.without(plan_of(coverage) or _named_by_extension(insurance))
            self.blocks[key] = Block(len(self.blocks) + 1, name, insured, carved_out(name, ()))
        return self.blocks[key]

    def origin(self, place: str, words: str) -> Origin:
        """Return a place, numbered in the order of reading."""
        return Origin(next(self.numbers), place, self.hidden.without(words))


# Insurance types of X12, where a coverage names its type by them.
_INSURANCES = ("MA", "MB", "MC", "HN", "WC", "AP", "GP", "CO")


def _named_by_extension(insurance: Part) -> str:
    """Return a plan's name from an extension of a payer's or a vendor's own that says so."""
    return next(
        (text(each, "valueString") for each in parts(insurance, "extension") if "plan" in text(each, "url")), ""
    )


def statements(response: Part, path: str, reader: Reader) -> Iterator[Benefit]:
    """Return what a response says of every insurance that it names."""
    for at, insurance in enumerate(parts(response, "insurance")):
        place = f"{path}insurance.{at}"
        block = reader.block_of(insurance)
        span = part(insurance, "benefitPeriod")
        dates = read_span(text(span, "start"), text(span, "end"))
        inforce = insurance.get("inforce")
        if isinstance(inforce, bool):
            kind = Kind.ACTIVE if inforce else Kind.INACTIVE
            origin = reader.origin(f"{place}.inforce", f"inforce: {str(inforce).lower()}")
            yield Benefit(
                kind, origin, services=("30",), block=block, plan=block.plan, insurance=block.insurance, dates=dates
            )
        for number, row in enumerate(parts(insurance, "item")):
            yield from _of_row(row, f"{place}.item.{number}", reader, block, dates)


def _of_row(row: Part, place: str, reader: Reader, block: Block, dates: Span) -> Iterator[Benefit]:
    category, name = codes(part(row, "category")), text(row, "name")
    procedures = tuple(code for code in codes(part(row, "productOrService")) if len(code) == 5 and code.isalnum())
    # What a row names and we do not know is another service, not the plan as a whole.
    services = services_of(category) or services_of([name] if name else [])
    services = services or tuple(
        reader.hidden.without(each)[:_LONGEST_NAME] for each in (category or [name])[:1] if each
    )
    words = [text(row, key) for key in ("name", "description") if text(row, key)]
    said = Benefit(
        kind=Kind.OTHER,
        origin=reader.origin(place, " / ".join(category or procedures or (name,))),
        network=first_of(NETWORKS, codes(part(row, "network"))) or Network.UNSAID,
        level=first_of(LEVELS, codes(part(row, "unit"))) or Level.UNSAID,
        period=first_of(TERMS, codes(part(row, "term"))) or "",
        services=services or (() if procedures else ("30",)),
        procedures=procedures,
        modifiers=tuple(each for modifier in parts(row, "modifier") for each in codes(modifier)[:1]),
        messages=tuple(reader.origin(f"{place}.description", each) for each in words),
        doubts=() if services or procedures else (_NO_SERVICE,),
        block=block,
        plan=block.plan,
        insurance=block.insurance,
        dates=dates,
        ages=ages_in(words),
        setting=setting_in(words),
    )
    if row.get("excluded") is True:
        yield replace(said, kind=Kind.NOT_COVERED, origin=reader.origin(f"{place}.excluded", "excluded: true"))
    needs = row.get("authorizationRequired")
    if isinstance(needs, bool):
        answer = Authorization.NEEDED if needs else Authorization.NOT_NEEDED
        origin = reader.origin(f"{place}.authorizationRequired", f"authorizationRequired: {str(needs).lower()}")
        yield replace(said, kind=Kind.AUTHORIZATION, authorization=answer, origin=origin)
    for at, benefit in enumerate(parts(row, "benefit")):
        yield from _of_benefit(said, benefit, f"{place}.benefit.{at}", reader)


def _of_benefit(said: Benefit, benefit: Part, place: str, reader: Reader) -> Iterator[Benefit]:
    names = codes(part(benefit, "type"))
    kind, is_incomplete = kind_of(names)
    if kind is None:
        reader.notes.append(Note(place, "Its type is none that we know, such as deductible, copay or visit. Not read."))
        return
    # The term of a row is that of its limits; a copay of a yearly benefit is still owed at each visit.
    period = "" if kind in (Kind.COPAY, Kind.COINSURANCE) and said.period == "year" else said.period
    said = replace(said, kind=kind, period=period)
    figures = [
        (key, aspect)
        for prefix, aspect in (("allowed", Aspect.TOTAL), ("used", Aspect.USED))
        for key in (f"{prefix}Money", f"{prefix}UnsignedInt", f"{prefix}String")
        if key in benefit
    ]
    for key, aspect in figures:
        yield from add_figure(replace(said, aspect=aspect), benefit, key, place, reader)
    if not figures:
        origin = reader.origin(place, f"{kind}: {names[-1]}")
        is_open = is_incomplete and kind in (Kind.NOT_COVERED, Kind.ACTIVE, Kind.INACTIVE)
        doubts = (*said.doubts, _INCOMPLETE) if is_incomplete else said.doubts
        yield replace(said, kind=Kind.OTHER if is_open else kind, origin=origin, doubts=doubts)


# ----------------------------------------------------------------------------
# A Coverage becomes statements: whether it is active, and the costs to the beneficiary as they stand on a card.
# ----------------------------------------------------------------------------

_ACTIVE = {"active": Kind.ACTIVE, "cancelled": Kind.INACTIVE, "entered-in-error": Kind.INACTIVE}


def coverage_statements(coverage: Part, path: str, reader: Reader) -> Iterator[Benefit]:
    """Return what a coverage says."""
    status = text(coverage, "status")
    block = reader.block_of(coverage)
    span = part(coverage, "period")
    dates = read_span(text(span, "start"), text(span, "end"))
    under = Benefit(Kind.OTHER, Origin(0, "", ""), block=block, plan=block.plan, insurance=block.insurance, dates=dates)
    if status in _ACTIVE:
        origin = reader.origin(f"{path}status", f"status: {status}")
        yield replace(under, kind=_ACTIVE[status], origin=origin, services=("30",))
    for at, cost in enumerate(parts(coverage, "costToBeneficiary")):
        place = f"{path}costToBeneficiary.{at}"
        meaning = on_a_card(codes(part(cost, "type")))
        if meaning is None:
            reader.notes.append(Note(place, "This cost is none that an estimate of therapy uses. Not read."))
            continue
        kind, level, network, services = meaning
        origin = reader.origin(place, "")
        # What is read of a card is no accumulator of a period, so that its figures carry no days.
        said = replace(under, kind=kind, origin=origin, network=network, level=level, services=services)
        for key in ("valueMoney", "valueQuantity"):
            if key in cost:
                yield from add_figure(said, cost, key, place, reader)


def plan_of(coverage: Part) -> str:
    """Return the name of the plan."""
    named = {code: text(each, "name") for each in parts(coverage, "class") for code in codes(part(each, "type"))}
    return named.get("plan") or named.get("group") or ""


# ----------------------------------------------------------------------------
# Parts of a resource, looked up without trust: what is not of the shape that it should have counts as missing.
# ----------------------------------------------------------------------------

Part = Mapping[str, Any]


def part(whole: Part, key: str) -> Part:
    """Return the object at a key; an empty one where there is none."""
    found = whole.get(key)
    return found if isinstance(found, Mapping) else {}


def parts(whole: Part, key: str) -> list[Part]:
    """Return the objects of the list at a key, in the place of others an empty one."""
    found = whole.get(key)
    return [each if isinstance(each, Mapping) else {} for each in found] if isinstance(found, list) else []


def text(whole: Part, key: str) -> str:
    """Return the text, number or code at a key, as it was written."""
    found = whole.get(key)
    return found.strip() if isinstance(found, str) else ""


def codes(concept: Part) -> list[str]:
    """Return the codes of a concept, and its text last."""
    coded = [code for coding in parts(concept, "coding") if (code := text(coding, "code"))]
    return [*coded, *filter(None, (text(concept, "text"),))]


def strings(value: Any) -> Iterator[str]:
    """Yield every text within a value, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


_RESPONSE, _COVERAGE = "CoverageEligibilityResponse", "Coverage"
_MOST_LEVELS = 60
_MOST_BYTES = 1_000_000
_TOO_DEEP = f"It is nested more than {_MOST_LEVELS} levels deep. FHIR never is."
_EXPECTED = f"Give a {_RESPONSE} or a {_COVERAGE} of FHIR R4B, or a Bundle that holds one."
_NOTHING_SAID = (
    "It states no benefit: neither insurance.item nor costToBeneficiary nor an error. There is nothing to read."
)
_TWO_PEOPLE = "It speaks of another patient than the one before. Give one patient at a time."

Found = tuple[tuple[str | int, ...], Part]


def read_fhir(written: str) -> Eligibility:
    """Return what FHIR says; raise EligibilityRefused with every problem where it says nothing that can be used."""
    whole = _parsed(written)
    found = list(_resources(whole))
    if not found:
        raise EligibilityRefused((Problem("resourceType", _EXPECTED),))
    if problems := list(_others(found)):
        raise EligibilityRefused(tuple(problems))
    reader = Reader(hidden_of(whole), coverages=_coverages(whole))
    plain = json.loads(written, parse_int=_whole, parse_constant=lambda name: None)
    for path, _ in found:
        # An element of a payer's own may be named after somebody.
        reader.notes += [replace(note, place=reader.hidden.without(note.place)) for note in notes_of(plain, path)]
        if len(reader.notes) > _MOST_NOTES_IN_ALL:
            reader.notes = [*reader.notes[:_MOST_NOTES_IN_ALL], Note("file", "There are more notes like these.")]
            break
    benefits = [benefit for path, resource in found for benefit in _statements(resource, _dotted(path), reader)]
    rejections = tuple(rejection for path, resource in found for rejection in _rejections(resource, path, reader))
    if not benefits and not rejections:
        nothing = Problem("file", _NOTHING_SAID)
        raise EligibilityRefused((nothing, *(Problem(note.place, note.says) for note in reader.notes)))
    return assembled(_described(whole, found, reader, benefits, rejections))


def _described(
    whole: Any, found: list[Found], reader: Reader, benefits: list[Benefit], rejections: tuple[Rejection, ...]
) -> Eligibility:
    resources = [resource for _, resource in found]
    payers = [_payer(resource, whole) for resource in resources]
    plans = [plan_of(resource) for resource in resources]
    days = [read_day(text(resource, "created")) for resource in resources]
    spans = [_dates(resource) for resource in resources]
    return Eligibility(
        form="FHIR",
        payer=reader.hidden.without(next(filter(None, payers), "")),
        plan=reader.hidden.without(next(filter(None, plans), "")),
        answered_on=next(filter(None, days), None),
        dates=next((span for span in spans if span != ALWAYS), ALWAYS),
        benefits=tuple(benefits),
        rejections=rejections,
        notes=tuple(reader.notes),
        age=_age(whole, next(filter(None, days), None)),
    )


def written_in(content: bytes | str) -> Any:
    """Return what a file of JSON holds, with every number as it was written; refuse what isn't JSON."""
    if isinstance(content, str):
        return _parsed(content)
    if len(content) > _MOST_BYTES:
        raise EligibilityRefused((Problem("file", "Give a file of at most 1 MB."),))
    return _parsed(content.decode("utf-8-sig", errors="replace"))


def _parsed(written: str) -> Any:
    """Return a JSON text with every number as it was written."""
    _check_depth(written)
    try:
        return json.loads(written, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        words = f"Line {error.lineno}, column {error.colno} is not JSON: {error.msg}."
        raise EligibilityRefused((Problem("file", words),)) from error
    except RecursionError as error:
        raise EligibilityRefused((Problem("file", _TOO_DEEP),)) from error


def _check_depth(written: str) -> None:
    """Refuse a text that is nested too deeply before anything follows it down."""
    level = deepest = 0
    for mark in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', written):
        if mark in "[{":
            level += 1
            deepest = max(deepest, level)
        elif mark in "]}":
            level -= 1
    if deepest > _MOST_LEVELS:
        raise EligibilityRefused((Problem("file", _TOO_DEEP),))


def _resources(whole: Any) -> Iterator[Found]:
    """Yield the resources that speak of benefits with their paths, also those within a Bundle."""
    if not isinstance(whole, Mapping):
        return
    if whole.get("resourceType") in (_RESPONSE, _COVERAGE):
        yield (), whole
    if whole.get("resourceType") == "Bundle":
        for at, entry in enumerate(parts(whole, "entry")):
            resource = part(entry, "resource")
            if resource.get("resourceType") in (_RESPONSE, _COVERAGE):
                yield ("entry", at, "resource"), resource


def _coverages(whole: Any) -> dict[str, Part]:
    """Return the coverages that a response may refer to, by their ids."""
    entries = [part(entry, "resource") for entry in parts(whole, "entry")]
    inside = [each for resource in (whole, *entries) for each in parts(resource, "contained")]
    known = (each for each in (*entries, *inside) if each.get("resourceType") == _COVERAGE)
    return {text(each, "id"): each for each in known if text(each, "id")}


def _age(whole: Any, day: date | None) -> int | None:
    """Return the patient's age on a day, where the file holds the one date of birth of one patient."""
    days = {value for key, value, kind in _elements(whole) if key == "birthDate" and kind == "Patient"}
    born = read_day(next(iter(days))) if len(days) == 1 and isinstance(next(iter(days)), str) else None
    if born is None or day is None or born > day:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _others(found: list[Found]) -> Iterator[Problem]:
    """Find resources of another patient than the first."""
    first = ""
    for path, resource in found:
        patient = text(part(resource, "patient"), "reference") or text(part(resource, "beneficiary"), "reference")
        first = first or patient
        if patient and patient != first:
            yield Problem(_dotted(path).rstrip(".") or "file", _TWO_PEOPLE)


def _statements(resource: Part, path: str, reader: Reader) -> Iterator[Benefit]:
    is_response = resource["resourceType"] == _RESPONSE
    return (statements if is_response else coverage_statements)(resource, path, reader)


def _rejections(resource: Part, path: tuple[str | int, ...], reader: Reader) -> Iterator[Rejection]:
    for at, error in enumerate(parts(resource, "error")):
        place = f"{_dotted(path)}error.{at}"
        named = " ".join(codes(part(error, "code"))) or "no code"
        yield Rejection(
            reader.origin(place, named), f"The payer refused: {reader.hidden.without(named)}.", "Call the payer."
        )
    if text(resource, "outcome") == "error" and not parts(resource, "error"):
        origin = reader.origin(f"{_dotted(path)}outcome", "outcome: error")
        yield Rejection(origin, "The payer refused and names no reason.", "Call the payer.")
    if text(resource, "outcome") in ("queued", "partial"):
        words = "The payer has not answered everything yet. Ask again before the visit."
        reader.notes.append(Note(f"{_dotted(path)}outcome", words))


def _payer(resource: Part, whole: Any) -> str:
    insurer = part(resource, "insurer") or next(iter(parts(resource, "payor")), {})
    if named := text(insurer, "display"):
        return named
    reference = text(insurer, "reference")
    entries = [part(entry, "resource") for entry in parts(whole, "entry")]
    for organization in (*parts(resource, "contained"), *entries):
        known = text(organization, "id")
        if (
            known
            and reference.lstrip("#").rpartition("/")[2] == known
            and organization.get("resourceType") == "Organization"
        ):
            return text(organization, "name")
    return ""


def _dates(resource: Part) -> Span:
    periods = [part(insurance, "benefitPeriod") for insurance in parts(resource, "insurance")]
    for period in (*periods, part(resource, "period")):
        if (span := read_span(text(period, "start"), text(period, "end"))) != ALWAYS:
            return span
    return ALWAYS


def _dotted(path: tuple[str | int, ...]) -> str:
    return "".join(f"{step}." for step in path)


# ----------------------------------------------------------------------------
# Codes of FHIR in our words: kinds of benefits, networks, units, terms and the categories of services.
# ----------------------------------------------------------------------------

V = TypeVar("V")

KINDS = {
    "deductible": Kind.DEDUCTIBLE,
    "copay": Kind.COPAY,
    "copay-percent": Kind.COINSURANCE,
    "coinsurance": Kind.COINSURANCE,
    "copaypct": Kind.COINSURANCE,
    "visit": Kind.LIMIT,
    "visits": Kind.LIMIT,
    "benefit": Kind.LIMIT,
    "out-of-pocket": Kind.OUT_OF_POCKET_MAX,
    "out-of-pocket-maximum": Kind.OUT_OF_POCKET_MAX,
    "outofpocketmax": Kind.OUT_OF_POCKET_MAX,
    "max-out-of-pocket": Kind.OUT_OF_POCKET_MAX,
    "maxoutofpocket": Kind.OUT_OF_POCKET_MAX,
    "moop": Kind.OUT_OF_POCKET_MAX,
    "oop": Kind.OUT_OF_POCKET_MAX,
    "stop-loss": Kind.OUT_OF_POCKET_MAX,
    # X12's own names and codes of EB01.
    "out-of-pocket-stop-loss": Kind.OUT_OF_POCKET_MAX,
    "co-payment": Kind.COPAY,
    "copayment": Kind.COPAY,
    "co-insurance": Kind.COINSURANCE,
    "limitations": Kind.LIMIT,
    "limitation": Kind.LIMIT,
    "non-covered": Kind.NOT_COVERED,
    "not-covered": Kind.NOT_COVERED,
    "active-coverage": Kind.ACTIVE,
    "active": Kind.ACTIVE,
    "inactive": Kind.INACTIVE,
    "inactive-coverage": Kind.INACTIVE,
    "benefit-description": Kind.OTHER,
    "coverage-basis": Kind.OTHER,
    "exclusions": Kind.OTHER,
    "primary-care-provider": Kind.OTHER,
    "contact-following-entity-for-eligibility-or-benefit-information": Kind.OTHER,
    "a": Kind.COINSURANCE,
    "b": Kind.COPAY,
    "c": Kind.DEDUCTIBLE,
    "f": Kind.LIMIT,
    "g": Kind.OUT_OF_POCKET_MAX,
    "i": Kind.NOT_COVERED,
    "1": Kind.ACTIVE,
    "6": Kind.INACTIVE,
}
_ACTIVE_WITH = ("active - ", "inactive - ")
NETWORKS = {
    "in": Network.IN,
    "in-network": Network.IN,
    "innetwork": Network.IN,
    "out": Network.OUT,
    "out-of-network": Network.OUT,
    "outofnetwork": Network.OUT,
    "both": Network.BOTH,
    "in-out": Network.BOTH,
}
LEVELS = {"individual": Level.PERSON, "ind": Level.PERSON, "family": Level.FAMILY, "fam": Level.FAMILY}
TERMS = {
    "annual": "year",
    "calendar-year": "calendar year",
    "plan-year": "plan year",
    "day": "day",
    "visit": "visit",
    "month": "month",
    "week": "week",
    "lifetime": "lifetime",
}
# By the names of X12's service types; of several that fit, the longest.
_SERVICES_BY_WORD = {
    "physical therapy": "PT",
    "physical medicine": "AE",
    "rehabilitation": "A9",
    "rehabilitation - inpatient": "AB",
    "rehabilitation - outpatient": "AC",
    "cardiac rehabilitation": "BG",
    "pulmonary rehabilitation": "BF",
    "occupational therapy": "AD",
    "speech therapy": "AF",
    "office visit": "98",
    "professional (physician) visit - office": "98",
    "professional (physician)": "96",
    "professional (physician) visit - inpatient": "99",
    "professional (physician) visit - outpatient": "A0",
    "professional (physician) visit - home": "A1",
    "physician visit - well": "BZ",
    "physician visit - sick": "BY",
    "health benefit plan coverage": "30",
    "dental": "35",
    "vision": "AL",
    "pharmacy": "88",
    "chiropractic": "33",
    "acupuncture": "64",
    "emergency": "86",
    "urgent care": "UC",
    "mental health": "MH",
    "hospital": "47",
    "hospital - inpatient": "48",
    "hospital - outpatient": "50",
}
_CARD = re.compile(
    r"(?P<level>Fam|Ind|Pers)(?P<kind>Rx|Den|Vis|Med)?(?P<network>In|Out)(?P<what>Ded|Max)", re.IGNORECASE
)
_COPAYS = {"gpvisit": "98", "spvisit": "96", "emergency": "86", "inpthosp": "48", "urgentcare": "UC", "copay": "30"}


def first_of(table: Mapping[str, V], words: Iterable[str]) -> V | None:
    """Return what the first code that is known means."""
    told = [key for word in words for key in (word.lower(), _plain(word))]
    return next((table[key] for key in told if key in table), None)


def _plain(word: str) -> str:
    """Return a word as the tables have it: small letters, hyphens, no remark in brackets.

    >>> _plain("Out of Pocket (Stop Loss)"), _plain("Deductible (Incomplete information)"), _plain("In Network")
    ('out-of-pocket-stop-loss', 'deductible', 'in-network')
    """
    told = _REMARK.sub("", word.lower())
    return re.sub(r"[^a-z0-9]+", "-", told).strip("-")


_REMARK = re.compile(r"\([^()]*(?:incomplete|see|note)[^()]*\)", re.IGNORECASE)


def kind_of(words: Iterable[str]) -> tuple[Kind | None, bool]:
    """Return what a benefit says, by its code or its name, and whether the payer calls it incomplete."""
    words = list(words)
    is_incomplete = any("incomplete" in word.lower() for word in words)
    for word in words:
        if word.lower().startswith(_ACTIVE_WITH):
            return Kind.ACTIVE if word.lower().startswith("a") else Kind.INACTIVE, is_incomplete
    return first_of(KINDS, words), is_incomplete


def services_of(words: Iterable[str]) -> tuple[str, ...]:
    """Return X12 service types, by their codes or by their names.

    >>> services_of(["PT"]), services_of(["Physical Therapy services"])
    (('PT',), ('PT',))
    """
    found = []
    for word in words:
        if re.fullmatch(r"[A-Z0-9]{1,3}", word):
            found.append(word)
        else:
            fitting = [name for name in _SERVICES_BY_WORD if name in word.lower()]
            found += [_SERVICES_BY_WORD[max(fitting, key=len)]] if fitting else []
    return tuple(dict.fromkeys(found))


def on_a_card(words: Iterable[str]) -> tuple[Kind, Level, Network, tuple[str, ...]] | None:
    """Return what a code of a member's card means, such as FamInDed; one for drugs or teeth is of no matter here.

    >>> on_a_card(["FamOutDed"])[:2], on_a_card(["FamRxInDed"])
    ((<Kind.DEDUCTIBLE: 'deductible'>, <Level.FAMILY: 'family'>), None)
    """
    for word in words:
        if (match := _CARD.fullmatch(word)) and (match["kind"] or "med").lower() == "med":
            kind = Kind.DEDUCTIBLE if match["what"].lower() == "ded" else Kind.OUT_OF_POCKET_MAX
            level = Level.FAMILY if match["level"].lower() == "fam" else Level.PERSON
            return kind, level, Network.IN if match["network"].lower() == "in" else Network.OUT, ("30",)
        if word.lower() in _COPAYS:
            return Kind.COPAY, Level.UNSAID, Network.UNSAID, (_COPAYS[word.lower()],)
        if (plain := KINDS.get(word.lower())) is not None and plain is not Kind.LIMIT:
            return plain, Level.UNSAID, Network.UNSAID, ("30",)
    return None


# ----------------------------------------------------------------------------
# One figure of FHIR: money with its currency, a whole number, or text that holds one of them.
# ----------------------------------------------------------------------------

_DOLLARS = ("", "USD")


def add_figure(said: Benefit, whole: Part, key: str, place: str, reader: Reader) -> Iterator[Benefit]:
    """Yield the statement with the figure at a key; what is no figure becomes a note."""
    is_money = key.endswith(("Money", "Quantity"))
    written = text(part(whole, key), "value") if is_money else text(whole, key)
    currency = text(part(whole, key), "currency")
    if currency not in _DOLLARS:
        reader.notes.append(Note(f"{place}.{key}", "The currency is not USD. Not read."))
        return
    try:
        read = _with_figure(said, written, is_money, is_dollars=key.endswith("Money") and currency == "USD")
    except ValueError as error:
        reader.notes.append(Note(f"{place}.{key}", f"What stands here {error}."))
        return
    yield replace(read, origin=reader.origin(f"{place}.{key}", f"{said.kind}: {key} {written} {currency}".strip()))


def _with_figure(said: Benefit, written: str, is_money: bool, is_dollars: bool) -> Benefit:
    if said.kind is Kind.COPAY and written.endswith("%"):
        said = replace(said, kind=Kind.COINSURANCE, doubts=(*said.doubts, _SHARE_AS_COPAY))
    if said.kind is Kind.COINSURANCE and is_dollars:
        return replace(said, amount=money_of(read_money(written)), doubts=(*said.doubts, _DOLLARS_AS_SHARE))
    if said.kind is Kind.COINSURANCE:
        return replace(said, rate=read_share(written if written.endswith("%") else f"{written}%"))
    if said.kind is Kind.LIMIT and not is_money:
        match = _COUNTED.match(written)
        count = read_count(match[1] if match else written)
        unit = "days" if match and match[2].lower().startswith("day") else "visits"
        return replace(said, quantity=count.value, is_unlimited=count.is_unlimited, unit=unit)
    amount = read_money(written)
    return replace(said, amount=money_of(amount), is_unlimited=amount.is_unlimited)


_COUNTED = re.compile(r"(\d{1,5}) (visit|day)s?\b", re.IGNORECASE)
_SHARE_AS_COPAY = "It says copay and holds a percentage, which is unusual. Read as coinsurance."
_DOLLARS_AS_SHARE = "It says coinsurance and holds dollars. It is shown and not used: ask the payer."


# ----------------------------------------------------------------------------
# What identifies a person in FHIR, so that it can be taken out of what is shown.
# ----------------------------------------------------------------------------

_NAMES = ("patient", "beneficiary", "subscriber", "policyHolder", "requestor", "enterer", "provider")
_OTHERS = ("subscriberId", "identifier", "address", "telecom", "dependent", "preAuthRef")
_PEOPLE = ("Patient", "RelatedPerson", "Practitioner", "Person")


def hidden_of(whole: Any) -> Hidden:
    """Gather names and numbers of people, wherever in a text they stand."""
    names, others = [], []
    for key, value, kind in _elements(whole):
        if key in _NAMES or (kind in _PEOPLE and key == "name"):
            names += [text for text in strings(value) if "/" not in text]
        elif key in _OTHERS:
            others += [text for text in strings(value) if not text.startswith("http")]
        elif key == "birthDate":
            others += [day for text in strings(value) for day in dates_of_birth(text)]
    return Hidden.of(names, others)


def _elements(whole: Any) -> Iterator[tuple[str, Any, str]]:
    """Yield every element with its key and the kind of resource that it stands in."""
    waiting = [(whole, "")]
    while waiting:
        one, kind = waiting.pop()
        if isinstance(one, Mapping):
            kind = one["resourceType"] if isinstance(one.get("resourceType"), str) else kind
            for key, value in one.items():
                yield key, value, kind
                waiting.append((value, kind))
        elif isinstance(one, list):
            waiting += [(value, kind) for value in one]


# ----------------------------------------------------------------------------
# What the standard (R4B) says of a resource: each place that it would write otherwise, as notes that hinder nothing.
#
# Payers add elements and leave out others; what an estimate needs is read all the same.
# ----------------------------------------------------------------------------

_MOST_NOTES = 20
_MOST_NOTES_IN_ALL = 200
_MOST_DIGITS = 15
_SAYS = {
    "missing": "The standard needs an element here; it is missing.",
    "extra_forbidden": "The standard has no such element here. It was not read.",
}
_OTHERWISE = "It is written in another way than the standard has."


def notes_of(whole: Any, path: tuple[str | int, ...]) -> Iterator[Note]:
    """Find what the standard would write otherwise in the resource at a path of what was read."""
    from fhir.resources.R4B.coverage import Coverage
    from fhir.resources.R4B.coverageeligibilityresponse import CoverageEligibilityResponse
    from pydantic import TypeAdapter, ValidationError

    resource = _at(whole, path)
    is_response = resource["resourceType"] == "CoverageEligibilityResponse"
    try:
        TypeAdapter(CoverageEligibilityResponse if is_response else Coverage).validate_python(resource)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        for each in wrong[:_MOST_NOTES]:
            place = ".".join(map(str, (*path, *each["loc"])))
            yield Note(_named(place), _SAYS.get(each["type"], _OTHERWISE))
        if len(wrong) > _MOST_NOTES:
            yield Note(
                "file", f"{len(wrong) - _MOST_NOTES} more places are written in another way than the standard has."
            )
    except (LookupError, TypeError, AttributeError, ValueError):
        # The library looks classes up by names of the file itself, and fails where there are none of that name.
        yield Note(
            ".".join(map(str, path)) or "file", "The standard’s own check could not read it. It was read all the same."
        )


def _at(whole: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        whole = whole[step]
    return whole


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _named(place: str) -> str:
    """Return a path as it stands; one with an element of a strange name only as far as that element."""
    known = [
        step if step.isascii() and step.replace("_", "").isalnum() and len(step) <= 30 else "…"
        for step in place.split(".")
    ]
    return ".".join(known)
