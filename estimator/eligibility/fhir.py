"""FHIR R4B (and R4): CoverageEligibilityResponse, Coverage, or a Bundle of them, becomes an eligibility."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from estimator.eligibility.buckets import assembled
from estimator.eligibility.fhir_parts import (
    MOST_NOTES_IN_ALL,
    Part,
    Reader,
    add_figure,
    codes,
    elements,
    hidden_of,
    kind_of,
    level_of,
    network_of,
    notes_of,
    on_a_card,
    part,
    part_of,
    parts,
    plan_of,
    services_of,
    span_of,
    term_of,
    text,
    whole_number,
    written_in,
)
from estimator.eligibility.insurance_plan import insurance_plan_statements
from estimator.eligibility.messages import ages_in, own_words, setting_in
from estimator.eligibility.statements import (
    DECEASED,
    SHARES,
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
    read_day,
)
from estimator.engine.coding import is_service_code
from estimator.engine.values import ALWAYS, Span
from estimator.errors import EligibilityRefused, Problem, SeveralAnswers

# ----------------------------------------------------------------------------
# A CoverageEligibilityResponse becomes statements: each allowed and each used figure one of its own, with its path.
# ----------------------------------------------------------------------------

_INCOMPLETE = "The payer calls this incomplete. It states no figure."
_NO_SERVICE = "It names no category of service. Read as said of the plan as a whole."


def statements(response: Part, path: str, reader: Reader) -> Iterator[Benefit]:
    """Return what a response says of every insurance that it names."""
    for at, insurance in enumerate(parts(response, "insurance")):
        place = f"{path}insurance.{at}"
        block = reader.block_of(insurance)
        dates = span_of(insurance, "benefitPeriod")
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
    procedures = tuple(filter(is_service_code, codes(part(row, "productOrService"))))
    # What a row names and we do not know is another service, not the plan as a whole.
    services = services_of(category) or services_of([name] if name else [])
    services = services or tuple(reader.shortly(each) for each in (category or [name])[:1] if each)
    words = [text(row, key) for key in ("name", "description") if text(row, key)]
    if services == ("98",):
        # Its own words tell a specialist's visit from one of primary care.
        words += [each for each in category[-1:] if services_of([each]) and each not in services]
    # A row may hold a share of nothing beside others, so that what is waived may be its own.
    own = own_words(words, is_nothing=True)
    network, level, term = (codes(part(row, key)) for key in ("network", "unit", "term"))
    period, aspect = term_of(term) or ("", Aspect.TOTAL)
    said = Benefit(
        kind=Kind.OTHER,
        origin=reader.origin(place, " / ".join(category or procedures or (name,))),
        network=network_of(network) or Network.UNSAID,
        level=level_of(level) or Level.UNSAID,
        period=period,
        aspect=aspect,
        services=services or (() if procedures else ("30",)),
        procedures=procedures,
        modifiers=tuple(each for modifier in parts(row, "modifier") for each in codes(modifier)[:1]),
        messages=tuple(reader.origin(f"{place}.description", each) for each in words),
        doubts=() if services or procedures else (_NO_SERVICE,),
        block=block,
        plan=block.plan,
        insurance=block.insurance,
        dates=dates,
        ages=ages_in(own),
        setting=setting_in(own),
        unclear=_unclear(network, level, term, reader),
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


def _unclear(network: list[str], level: list[str], term: list[str], reader: Reader) -> str:
    """Name what a row says of its network, of whom it holds for or of how long, where that isn't understood."""
    told = (("network", network, network_of), ("level", level, level_of), ("term", term, term_of))
    return next(
        (f"{what} “{reader.shortly(said[-1])}”" for what, said, read in told if said and read(said) is None), ""
    )


def _of_benefit(said: Benefit, benefit: Part, place: str, reader: Reader) -> Iterator[Benefit]:
    names = codes(part(benefit, "type"))
    kind, is_incomplete = kind_of(names)
    if kind is None:
        reader.notes.append(Note(place, "Its type is none that we know, such as deductible, copay or visit. Not read."))
        if names:
            words = reader.shortly(names[-1])
            origin = reader.origin(place, f"{words}: {reader.shortly(_written(benefit))}")
            yield replace(said, origin=origin, unclear=f"type “{words}”")
        return
    # The term of a row is that of its limits; a copay of a yearly benefit is still owed at each visit.
    period = "" if kind in SHARES and said.period.endswith("year") else said.period
    # What a row, or the name of a benefit, calls the rest or what is used is no total.
    told = said.aspect if said.aspect is not Aspect.TOTAL else part_of(names)
    said = replace(said, kind=kind, period=period)
    figures = [
        (key, aspect)
        for prefix, aspect in (("allowed", told), ("used", Aspect.USED))
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


def _written(benefit: Part) -> str:
    """Return the figures of a benefit as they stand there."""
    keys = [f"{prefix}{kind}" for prefix in ("allowed", "used") for kind in ("Money", "UnsignedInt", "String")]
    told = (f"{key} {text(part(benefit, key), 'value') or text(benefit, key)}" for key in keys if key in benefit)
    return ", ".join(told)


# ----------------------------------------------------------------------------
# A Coverage becomes statements: whether it is active, and the costs to the beneficiary as they stand on a card.
# ----------------------------------------------------------------------------

_ACTIVE = {"active": Kind.ACTIVE, "cancelled": Kind.INACTIVE, "entered-in-error": Kind.INACTIVE}


def coverage_statements(coverage: Part, path: str, reader: Reader) -> Iterator[Benefit]:
    """Return what a coverage says."""
    status = text(coverage, "status")
    block = reader.block_of(coverage)
    dates = span_of(coverage, "period")
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


_RESPONSE, _COVERAGE, _PLAN = "CoverageEligibilityResponse", "Coverage", "InsurancePlan"
_READ = (_RESPONSE, _COVERAGE, _PLAN)
_EXPECTED = f"Give a {_RESPONSE}, a {_COVERAGE} or an {_PLAN} of FHIR R4B, or a Bundle that holds one."
_NOTHING_SAID = (
    "It states no benefit: neither insurance.item nor costToBeneficiary nor an error. There is nothing to read."
)

# A Bundle about one patient has a handful of these, and some more entries that they refer to.
_MOST_RESOURCES, _MOST_ENTRIES = 50, 1_000
_TOO_MANY = f"Give a Bundle of at most {_MOST_RESOURCES} answers and {_MOST_ENTRIES:,} entries."

# Real answers have at most some hundred.
_MOST_ROWS = 500
_TOO_MANY_ROWS = f"It has more than {_MOST_ROWS} rows (insurance.item). Ask the payer about physical therapy alone."

Found = tuple[tuple[str | int, ...], Part]


def read_fhir(written: str, which: int | None = None) -> Eligibility:
    """Return what FHIR says; raise EligibilityRefused with every problem where it says nothing that can be used.

    Of answers about several patients it is the one of this number; raises SeveralAnswers where there is none.
    """
    whole = written_in(written)
    found = list(_resources(whole))
    if not found:
        raise EligibilityRefused((Problem("resourceType", _EXPECTED),))
    if len(found) > _MOST_RESOURCES or len(parts(whole, "entry")) > _MOST_ENTRIES:
        raise EligibilityRefused((Problem("entry", _TOO_MANY),))
    if sum(len(parts(each, "item")) for _, resource in found for each in parts(resource, "insurance")) > _MOST_ROWS:
        raise EligibilityRefused((Problem("insurance", _TOO_MANY_ROWS),))
    hidden, patients = hidden_of(whole), list(dict.fromkeys(filter(None, (_patient(each) for _, each in found))))
    if len(patients) > 1 or which not in (None, 1):
        by_patient = [[each for each in found if _patient(each[1]) in ("", patient)] for patient in patients or [""]]
        if which is None or not 1 <= which <= len(by_patient):
            raise SeveralAnswers.listed([_called(each, whole, hidden) for each in by_patient], which)
        found = by_patient[which - 1]
    reader = Reader(hidden, coverages=_coverages(whole))
    plain = json.loads(written, parse_int=whole_number, parse_constant=lambda name: None)
    for path, _ in found:
        # An element of a payer's own may be named after somebody.
        reader.notes += [replace(note, place=reader.hidden.without(note.place)) for note in notes_of(plain, path)]
        if len(reader.notes) > MOST_NOTES_IN_ALL:
            reader.notes = [*reader.notes[:MOST_NOTES_IN_ALL], Note("file", "There are more notes like these.")]
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
    plans = [plan_of(resource) or _own_name(resource) for resource in resources]
    days = [read_day(text(resource, "created")) for resource in resources]
    of_each = [_dates(resource) for resource in resources]
    spans = set().union(*of_each) - {ALWAYS}
    return Eligibility(
        form="FHIR",
        payer=reader.hidden.without(next(filter(None, payers), "")),
        plan=reader.hidden.without(next(filter(None, plans), "")),
        answered_on=next(filter(None, days), None),
        # Where insurances differ in their days, those of the one asked about tell.
        dates=spans.pop() if len(spans) == 1 and all(len(days) <= 1 for days in of_each) else ALWAYS,
        benefits=tuple(benefits),
        rejections=rejections,
        notes=tuple(reader.notes),
        age=_age(whole, next(filter(None, days), None)),
        alerts=(DECEASED,) if _is_deceased(whole) else (),
    )


def _resources(whole: Any) -> Iterator[Found]:
    """Yield the resources that speak of benefits with their paths, also those within a Bundle."""
    if not isinstance(whole, Mapping):
        return
    if whole.get("resourceType") in _READ:
        yield (), whole
    if whole.get("resourceType") == "Bundle":
        for at, entry in enumerate(parts(whole, "entry")):
            resource = part(entry, "resource")
            if resource.get("resourceType") in _READ:
                yield ("entry", at, "resource"), resource


def _coverages(whole: Any) -> dict[str, Part]:
    """Return the coverages that a response may refer to, by their ids."""
    entries = [part(entry, "resource") for entry in parts(whole, "entry")]
    inside = [each for resource in (whole, *entries) for each in parts(resource, "contained")]
    known = (each for each in (*entries, *inside) if each.get("resourceType") == _COVERAGE)
    return {text(each, "id"): each for each in known if text(each, "id")}


def _age(whole: Any, day: date | None) -> int | None:
    """Return the patient's age on a day, where the file holds the one date of birth of one patient."""
    days = {value for key, value, kind in elements(whole) if key == "birthDate" and kind == "Patient"}
    born = read_day(next(iter(days))) if len(days) == 1 and isinstance(next(iter(days)), str) else None
    if born is None or day is None or born > day:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _is_deceased(whole: Any) -> bool:
    """Tell whether the one patient of a file has died, as far as it says so."""
    told = [(key, value) for key, value, kind in elements(whole) if kind == "Patient"]
    is_one = sum(key == "resourceType" for key, _ in told) <= 1
    return is_one and any(
        key in ("deceasedBoolean", "deceasedDateTime") and value not in (False, "") for key, value in told
    )


def _patient(resource: Part) -> str:
    return text(part(resource, "patient"), "reference") or text(part(resource, "beneficiary"), "reference")


def _called(found: Sequence[Found], whole: Any, hidden: Hidden) -> str:
    """Return what the answer about one patient is called among others, by nothing that tells who it is."""
    payer = next(filter(None, (_payer(resource, whole) for _, resource in found)), "")
    places = [_dotted(path).rstrip(".") for path, resource in found if _patient(resource)]
    return ", ".join(filter(None, [hidden.without(payer), f"at {places[0]}" if places and places[0] else ""]))


def _statements(resource: Part, path: str, reader: Reader) -> Iterator[Benefit]:
    read = {_RESPONSE: statements, _COVERAGE: coverage_statements, _PLAN: insurance_plan_statements}
    return read[resource["resourceType"]](resource, path, reader)


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


def _own_name(resource: Part) -> str:
    return text(resource, "name") if resource["resourceType"] == _PLAN else ""


def _payer(resource: Part, whole: Any) -> str:
    insurer = part(resource, "insurer") or part(resource, "ownedBy") or next(iter(parts(resource, "payor")), {})
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


def _dates(resource: Part) -> set[Span]:
    """Return the days of the insurances of a resource, or of the resource."""
    spans = {span_of(insurance, "benefitPeriod") for insurance in parts(resource, "insurance")}
    return spans or {span_of(resource, "period")}


def _dotted(path: tuple[str | int, ...]) -> str:
    return "".join(f"{step}." for step in path)
