"""The way in for FHIR: a JSON text becomes an eligibility, or is refused with everything that is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from estimator.eligibility import fhir_coverage as coverage
from estimator.eligibility import fhir_response as response
from estimator.eligibility.assembling import assembled
from estimator.eligibility.benefit import Benefit
from estimator.eligibility.fhir_identifying import hidden_of
from estimator.eligibility.fhir_parts import Part, codes, part, parts, text
from estimator.eligibility.fhir_response import Reader
from estimator.eligibility.fhir_standard import notes_of
from estimator.eligibility.figures import read_day, read_span
from estimator.eligibility.result import Eligibility, Note, Rejection
from estimator.engine.values import ALWAYS, Span
from estimator.errors import EligibilityRefused, Problem

_RESPONSE, _COVERAGE = "CoverageEligibilityResponse", "Coverage"
_MOST_LEVELS = 60
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
    reader = Reader(hidden_of(whole))
    for path, _ in found:
        # An element of a payer's own may be named after somebody.
        reader.notes += [replace(note, place=reader.hidden.without(note.place)) for note in notes_of(written, path)]
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
    plans = [coverage.plan_of(resource) for resource in resources]
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
    )


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
    return (response.statements if is_response else coverage.statements)(resource, path, reader)


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
