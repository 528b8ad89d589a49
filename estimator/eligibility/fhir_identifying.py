"""What identifies a person in FHIR, so that it can be taken out of what is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from estimator.eligibility.fhir_parts import strings
from estimator.eligibility.hidden import Hidden, dates_of_birth

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
