"""Codes on a claim: services, pairs that may not be billed together, and diagnoses.

What we know of each code is carried in the price files; this holds its shape, so that rules can ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from estimator.engine.values import Source, Span

ONE_OR_TWO_MUSCLES = "20560"
THREE_OR_MORE_MUSCLES = "20561"
NEEDLING_CODES = frozenset({ONE_OR_TWO_MUSCLES, THREE_OR_MORE_MUSCLES})

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
