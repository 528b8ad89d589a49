"""The documents that an answer rests on, each once, with the number by which steps refer to it."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE
from estimator.engine.values import Citation as DomainCitation
from estimator.prices.books import books
from estimator.prices.sheet import cited_ratios, clinic_cash, hospital_cash
from estimator.web import shelf

Citation = Mapping[str, Any]


def sources_of(answer: Mapping[str, Any]) -> list[Citation]:
    """Return every document cited anywhere in the answer, in the order of its first mention."""
    found: dict[str, Citation] = {}
    for citation in _citations(answer):
        found.setdefault(citation["title"], citation)
    return list(found.values())


def numbers_of(sources: list[Citation]) -> dict[str, int]:
    """Return the number of each document by its title, counted from 1."""
    return {source["title"]: number for number, source in enumerate(sources, start=1)}


def price_sources() -> list[Citation]:
    """Return the documents that prices rest on, whatever was asked."""
    ranges = chain(clinic_cash().values(), hospital_cash(None).values())
    settings = (OFFICE, HOSPITAL_OUTPATIENT)
    known = shelf.prices()
    of_sources = chain(
        (DomainCitation(book.source) for book in (known.books if known else books())),
        (ratio.citation for setting in settings for ratio in cited_ratios(setting)),
        (cash.citation for cash in ranges),
    )
    found = {citation.source.title: DomainCitation(citation.source) for citation in of_sources}
    return [each for each in map(cited, found.values()) if each]


def cited(citation: DomainCitation | None) -> Citation | None:
    """Return a citation of the plan itself in the shape of the answer's."""
    if citation is None:
        return None
    source = citation.source
    return {
        "title": source.title,
        "url": source.url,
        "place": citation.place,
        "read_on": source.read_on,
        "confidence": source.confidence,
    }


def _citations(part: Any) -> Iterator[Citation]:
    if isinstance(part, Mapping):
        for name, inner in part.items():
            if name == "citation" and inner:
                yield inner
            else:
                yield from _citations(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _citations(inner)
