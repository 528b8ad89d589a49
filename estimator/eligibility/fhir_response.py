"""A CoverageEligibilityResponse becomes statements: each allowed and each used figure one of its own, with its path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from estimator.eligibility import fhir_coded as coded
from estimator.eligibility.benefit import Aspect, Authorization, Benefit, Kind, Level, Network, Origin
from estimator.eligibility.fhir_figures import add_figure
from estimator.eligibility.fhir_parts import Part, codes, part, parts, text
from estimator.eligibility.hidden import Hidden
from estimator.eligibility.result import Note

_NO_SERVICE = "It names no category of service. Read as said of the plan as a whole."


@dataclass(slots=True)
class Reader:
    """What the reading of a resource gathers on its way."""

    hidden: Hidden
    notes: list[Note] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def origin(self, place: str, words: str) -> Origin:
        """Return a place, numbered in the order of reading."""
        return Origin(next(self.numbers), place, self.hidden.without(words))


def statements(response: Part, path: str, reader: Reader) -> Iterator[Benefit]:
    """Return what a response says of every insurance that it names."""
    for at, insurance in enumerate(parts(response, "insurance")):
        place = f"{path}insurance.{at}"
        inforce = insurance.get("inforce")
        if isinstance(inforce, bool):
            kind = Kind.ACTIVE if inforce else Kind.INACTIVE
            yield Benefit(kind, reader.origin(f"{place}.inforce", f"inforce: {str(inforce).lower()}"), services=("30",))
        for number, row in enumerate(parts(insurance, "item")):
            yield from _of_row(row, f"{place}.item.{number}", reader)


def _of_row(row: Part, place: str, reader: Reader) -> Iterator[Benefit]:
    category = codes(part(row, "category"))
    services = coded.services_of(category)
    procedures = tuple(code for code in codes(part(row, "productOrService")) if len(code) == 5 and code.isalnum())
    words = [text(row, key) for key in ("name", "description") if text(row, key)]
    said = Benefit(
        kind=Kind.OTHER,
        origin=reader.origin(place, " / ".join(category or procedures)),
        network=coded.first_of(coded.NETWORKS, codes(part(row, "network"))) or Network.UNSAID,
        level=coded.first_of(coded.LEVELS, codes(part(row, "unit"))) or Level.UNSAID,
        period=coded.first_of(coded.TERMS, codes(part(row, "term"))) or "",
        services=services or (() if procedures else ("30",)),
        procedures=procedures,
        messages=tuple(reader.origin(f"{place}.description", each) for each in words),
        doubts=() if services or procedures else (_NO_SERVICE,),
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
    kind = coded.first_of(coded.KINDS, names)
    if kind is None:
        reader.notes.append(Note(place, "Its type is none that we know, such as deductible, copay or visit. Not read."))
        return
    # The term of a row is that of its limits; a copay of a yearly benefit is still owed at each visit.
    period = "" if kind in (Kind.COPAY, Kind.COINSURANCE) and said.period == "year" else said.period
    for prefix, aspect in (("allowed", Aspect.TOTAL), ("used", Aspect.USED)):
        for key in (f"{prefix}Money", f"{prefix}UnsignedInt", f"{prefix}String"):
            if key in benefit:
                yield from add_figure(
                    replace(said, kind=kind, aspect=aspect, period=period), benefit, key, place, reader
                )
