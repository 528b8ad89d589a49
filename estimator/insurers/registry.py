"""The registry of insurers: what is known of each, what people call it, and which plans of our catalogues are its own.

The files lie in the folder `insurers`; its SOURCES.md says where they come from. They are read once, when first asked.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from estimator.settings import insurers_folder

ANYWHERE = "US"
BLUE = "blue-licensee"
NATIONAL = "national-commercial"
STATE_PROGRAM = "medicaid-state"
FEDERAL_PROGRAM = "federal-program"
FEP = "bcbs-fep"
AMBIGUOUS = "ambiguous"


@dataclass(frozen=True)
class Insurer:
    """One insurer, administrator or public program.

    `states` is empty where nobody has read them, and holds ANYWHERE for a national one. `policies` names a needling
    policy by market, or by market and state (`medicaid-NY`); `default` is the one for the rest.
    """

    id: str
    name: str
    parent: str
    kind: str
    states: frozenset[str]
    markets: tuple[str, ...]
    policies: Mapping[str, str]
    authorization_vendor: str
    payment_rule: str
    source: str

    @property
    def is_anywhere(self) -> bool:
        """Say whether it may have members in every state: true where its states are not known."""
        return not self.states or ANYWHERE in self.states

    def may_serve(self, state: str) -> bool:
        """Say whether it may have members in a state."""
        return self.is_anywhere or state in self.states

    def policy(self, market: str, state: str | None = None) -> str | None:
        """Return the needling policy for a market and a state, the more specific first; None if it has none."""
        return self.policies.get(f"{market}-{state}") or self.policies.get(market) or self.policies.get("default")


@dataclass(frozen=True)
class Alias:
    """A name or payer id that means an insurer: in `states` alone, if it names any."""

    text: str
    insurer: str
    states: frozenset[str]
    is_payer_id: bool
    is_ambiguous: bool


@dataclass(frozen=True)
class StateExchange:
    """The Marketplace of a state that runs its own; the federal file may hold its plans all the same."""

    state: str
    name: str
    is_in_federal_file: bool
    note: str


@dataclass(frozen=True)
class Registry:
    """All insurers by id, with their names, card prefixes and catalogue payers."""

    insurers: Mapping[str, Insurer]
    aliases: tuple[Alias, ...]
    prefixes: Mapping[str, str]
    catalogue: Mapping[tuple[str, str, str], str]
    exchanges: Mapping[str, StateExchange]

    def of_plan(self, payer: str, market: str, state: str | None = None) -> Insurer | None:
        """Return the insurer of a plan by the name of its payer in a catalogue; None for a payer we don't map."""
        for key in ((payer, market, state or ""), (payer, market, "")):
            if key in self.catalogue:
                return self.insurers[self.catalogue[key]]
        return None

    def payers_of(self, insurer: Insurer) -> tuple[tuple[str, str, str], ...]:
        """Return (payer, market, state) of its plans in our catalogues; the state is empty where it is any."""
        return tuple(key for key, owner in self.catalogue.items() if owner == insurer.id)


@lru_cache(maxsize=1)
def registry() -> Registry:
    """Return the registry that ships with the product."""
    insurers = {row["id"]: _insurer(row) for row in _rows("insurers.csv")}
    aliases = tuple(_alias(row) for row in _rows("aliases.csv"))
    prefixes = {prefix: row["insurer"] for row in _rows("card-prefixes.csv") for prefix in row["prefixes"].split()}
    catalogue = {
        (row["payer"], row["market"], state): row["insurer"]
        for row in _rows("catalogue-payers.csv")
        for state in row["states"].split() or ("",)
    }
    exchanges = {
        row["state"]: StateExchange(row["state"], row["name"], row["in_federal_file"] == "yes", row["note"])
        for row in _rows("state-exchanges.csv")
    }
    return Registry(insurers, aliases, prefixes, catalogue, exchanges)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (insurers_folder() / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _insurer(row: Mapping[str, str]) -> Insurer:
    return Insurer(
        id=row["id"],
        name=row["name"],
        parent=row["parent"],
        kind=row["kind"],
        states=frozenset(row["states"].split()),
        markets=tuple(row["markets"].split()),
        policies=dict(_policies(row["needling_policy"])),
        authorization_vendor=row["authorization_vendor"],
        payment_rule=row["payment_rule"],
        source=row["source"],
    )


def _policies(written: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, written.split(";")):
        scope, colon, policy = part.rpartition(":")
        yield (scope if colon else "default"), policy


def _alias(row: Mapping[str, str]) -> Alias:
    return Alias(
        text=row["alias"],
        insurer=row["insurer"],
        states=frozenset(row["states"].split()),
        is_payer_id=row["kind"] == "payer-id",
        is_ambiguous=row["confidence"] == AMBIGUOUS,
    )


# ----------------------------------------------------------------------------
# Where the Medicare Advantage and the Marketplace plans of 2026 are sold, and in which county a ZIP code lies for the
# most part.
#
# A ZIP code may lie in several counties, and lists of counties may be out of date, as those of Marketplace plans are,
# whose service areas of 2025 alone could be had: they order and hide nothing.
# ----------------------------------------------------------------------------

COUNTIES_OF = 2026
EVERYWHERE = "all"


@lru_cache(maxsize=1)
def _zip_counties() -> Mapping[str, tuple[str, str]]:
    found = {}
    for row in _rows("zip-counties.csv"):
        for run in row["zips"].split():
            first, _, last = run.partition("-")
            for number in range(int(first), int(last or first) + 1):
                found[f"{number:05}"] = row["state"], row["county"]
    return found


def county_of(zip_code: str) -> tuple[str, str] | None:
    """Return the state and the county of most of a ZIP code; None where it has none.

    >>> county_of("33101"), county_of("00000")
    (('FL', 'Miami-Dade'), None)
    """
    return _zip_counties().get(zip_code[:5])


@lru_cache(maxsize=64)
def counties_in(state: str) -> tuple[str, ...]:
    """Return the counties of a state that have a ZIP code, by name."""
    return tuple(sorted({county for place, county in _zip_counties().values() if place == state}))


@lru_cache(maxsize=1)
def _sold() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the counties of each plan, and those that the plans of each state and market name between them."""
    by_plan, by_state = dict[str, str](), dict[str, str]()
    for market in ("medicare-advantage", "marketplace"):
        for row in _rows(f"{market}-counties.csv"):
            counties = row["counties"] if row["counties"] != EVERYWHERE else ";".join(counties_in(row["state"]))
            counties = f";{_plain(counties)};"
            by_plan |= dict.fromkeys(row["plans"].split(), counties)
            state = f"{market} {row['state']}"
            by_state[state] = by_state.get(state, "") + counties
    return by_plan, by_state


@lru_cache(maxsize=8_192)
def is_sold_in(plan_id: str, county: str) -> bool | None:
    """Say whether a Medicare Advantage or Marketplace plan is sold in a county of its state.

    None where its counties are not known, or where no plan of the state names the county: then the lists are at fault.

    >>> is_sold_in("h1045-057-0-fl", "Citrus"), is_sold_in("h1045-057-0-fl", "Duval"), is_sold_in("other", "Duval")
    (True, False, None)
    >>> is_sold_in("73836ak0930001-01", "Nome"), is_sold_in("38344ak1060001-01", "Nome")
    (False, True)
    """
    by_plan, by_state = _sold()
    number, _, last = plan_id.rpartition("-")
    # A Marketplace plan says its state within its number, and ends in its variant.
    place = f"medicare-advantage {last.upper()}" if "-" in number else f"marketplace {number[5:7].upper()}"
    if number not in by_plan or not _names(by_state.get(place, ""), county):
        return None
    return _names(by_plan[number], county)


def county_within(state: str, zip_code: str) -> str:
    """Return the county of most of a ZIP code where it is one of this state; "" where it isn't, or is not known."""
    found = county_of(zip_code)
    return found[1] if found is not None and found[0] == state else ""


def is_elsewhere(plan_id: str, year: int, county: str) -> bool:
    """Say whether a county isn't among those for which a plan of a year is listed; no where one of them isn't known.

    >>> [is_elsewhere("h1045-057-0-fl", year, "Duval") for year in (2026, 2027)], is_elsewhere("other", 2026, "Duval")
    ([True, False], False)
    """
    return bool(county) and year == COUNTIES_OF and is_sold_in(plan_id, county) is False


def _names(counties: str, county: str) -> bool:
    """Say whether a county is listed: some lists write the parts of Miami-Dade as two."""
    return f";{_plain(county)};" in counties or all(f";{_plain(part)};" in counties for part in county.split("-"))


def _plain(counties: str) -> str:
    """Return names of counties as two lists write them alike: St. Clair and Saint Clair, DeKalb and De Kalb."""
    return re.sub(r"[^a-z;]", "", counties.casefold().replace("saint", "st"))
