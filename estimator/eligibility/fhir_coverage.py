"""A Coverage becomes statements: whether it is active, and the costs to the beneficiary as they stand on a card."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.eligibility import fhir_coded as coded
from estimator.eligibility.benefit import Benefit, Kind
from estimator.eligibility.fhir_figures import add_figure
from estimator.eligibility.fhir_parts import Part, codes, part, parts, text
from estimator.eligibility.fhir_response import Reader
from estimator.eligibility.result import Note

_ACTIVE = {"active": Kind.ACTIVE, "cancelled": Kind.INACTIVE, "entered-in-error": Kind.INACTIVE}


def statements(coverage: Part, path: str, reader: Reader) -> Iterator[Benefit]:
    """Return what a coverage says."""
    status = text(coverage, "status")
    if status in _ACTIVE:
        yield Benefit(_ACTIVE[status], reader.origin(f"{path}status", f"status: {status}"), services=("30",))
    for at, cost in enumerate(parts(coverage, "costToBeneficiary")):
        place = f"{path}costToBeneficiary.{at}"
        meaning = coded.on_a_card(codes(part(cost, "type")))
        if meaning is None:
            reader.notes.append(Note(place, "This cost is none that an estimate of therapy uses. Not read."))
            continue
        kind, level, network, services = meaning
        said = Benefit(kind, reader.origin(place, ""), network=network, level=level, services=services)
        for key in ("valueMoney", "valueQuantity"):
            if key in cost:
                yield from add_figure(said, cost, key, place, reader)


def plan_of(coverage: Part) -> str:
    """Return the name of the plan."""
    named = {code: text(each, "name") for each in parts(coverage, "class") for code in codes(part(each, "type"))}
    return named.get("plan") or named.get("group") or ""
