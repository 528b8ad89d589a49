"""What the standard (R4B) says of a resource: each place that it would write otherwise, as notes that hinder nothing.

Payers add elements and leave out others; what an estimate needs is read all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from estimator.eligibility.result import Note

_MOST_NOTES = 20
_MOST_DIGITS = 15
_SAYS = {
    "missing": "The standard needs an element here; it is missing.",
    "extra_forbidden": "The standard has no such element here. It was not read.",
}
_OTHERWISE = "It is written in another way than the standard has."


def notes_of(text: str, path: tuple[str | int, ...]) -> Iterator[Note]:
    """Find what the standard would write otherwise in the resource at a path of a JSON text."""
    from fhir.resources.R4B.coverage import Coverage
    from fhir.resources.R4B.coverageeligibilityresponse import CoverageEligibilityResponse
    from pydantic import TypeAdapter, ValidationError

    resource = _at(json.loads(text, parse_int=_whole, parse_constant=lambda name: None), path)
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
