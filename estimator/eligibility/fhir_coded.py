"""Codes of FHIR in our words: kinds of benefits, networks, units, terms and the categories of services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from estimator.eligibility.benefit import Kind, Level, Network

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
}
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
_SERVICES_BY_WORD = {
    "physical therapy": "PT",
    "physical medicine": "AE",
    "rehabilitation": "A9",
    "occupational therapy": "AD",
    "speech therapy": "AF",
    "office visit": "98",
    "health benefit plan coverage": "30",
}
_CARD = re.compile(
    r"(?P<level>Fam|Ind|Pers)(?P<kind>Rx|Den|Vis|Med)?(?P<network>In|Out)(?P<what>Ded|Max)", re.IGNORECASE
)
_COPAYS = {"gpvisit": "98", "spvisit": "96", "emergency": "86", "inpthosp": "48", "urgentcare": "UC", "copay": "30"}


def first_of(table: Mapping[str, V], words: Iterable[str]) -> V | None:
    """Return what the first code that is known means."""
    return next((table[word.lower()] for word in words if word.lower() in table), None)


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
            found += [code for name, code in _SERVICES_BY_WORD.items() if name in word.lower()][:1]
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
