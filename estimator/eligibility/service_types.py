"""X12 service types in our own words, and the order in which they speak for physical therapy.

Payers often leave physical therapy out and answer for office visits or for the plan as a whole; where that is used,
the reader is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

THERAPY = "PT"
WHOLE_PLAN = "30"
NAMES = {
    "1": "medical care",
    "2": "surgery",
    "30": "the plan as a whole",
    "33": "chiropractic care",
    "35": "dental care",
    "47": "hospital",
    "48": "hospital, inpatient",
    "50": "hospital, outpatient",
    "64": "acupuncture",
    "86": "emergency care",
    "88": "pharmacy",
    "96": "professional visit",
    "98": "office visit",
    "A6": "psychotherapy",
    "A9": "rehabilitation",
    "AB": "rehabilitation, inpatient",
    "AC": "rehabilitation, outpatient",
    "AD": "occupational therapy",
    "AE": "physical medicine",
    "AF": "speech therapy",
    "AL": "vision",
    "BF": "pulmonary rehabilitation",
    "BG": "cardiac rehabilitation",
    "MH": "mental health",
    "PT": "physical therapy",
    "UC": "urgent care",
}
# The first that says something speaks; what it is taken as is told to the reader.
ORDER = (
    ("PT", "It speaks of physical therapy by name."),
    ("AE", "Nothing is said of physical therapy by name; physical medicine holds it."),
    ("AC", "Nothing is said of physical therapy by name; outpatient rehabilitation holds it."),
    ("A9", "Nothing is said of physical therapy by name; rehabilitation holds it."),
    ("98", "Nothing is said of physical therapy or rehabilitation: an office visit is assumed to cost the same. Ask."),
    (
        "30",
        "Nothing is said of physical therapy or rehabilitation: what holds for the plan as a whole is assumed. Ask.",
    ),
)
EVERY = tuple(dict(ORDER))
OF_THERAPY = ("PT", "AE", "AC", "A9")
# A deductible or a maximum belongs to the plan, so that nothing is assumed where it stands there.
OF_THE_PLAN = "It belongs to the plan as a whole."


def named(services: Iterable[str]) -> str:
    """Return service types in words, for a reader.

    >>> named(["PT", "98", "ZZ"])
    'physical therapy (PT), office visit (98), ZZ'
    """
    return ", ".join(f"{NAMES[code]} ({code})" if code in NAMES else code for code in services)


def speaking(services: Iterable[Collection[str]], among: Collection[str] = EVERY) -> str:
    """Return the service type that speaks for therapy among these statements, or "" where none does.

    >>> speaking([("30",), ("98", "AE")])
    'AE'
    """
    said = {code for one in services for code in one}
    return next((code for code, _ in ORDER if code in said and code in among), "")


def reason(code: str) -> str:
    """Return why this service type speaks."""
    return dict(ORDER)[code]
