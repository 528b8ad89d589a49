"""Whom a row of a clinic's contract is with: its plan, payer or insurer, network and location, by their names here.

A name that means nothing prices nothing, so that it is refused with what it may have meant; a name in other words,
such as UHC, becomes the one that plans go by, and the person who sent the list is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Protocol

from rapidfuzz import fuzz
from rapidfuzz.process import extract
from sqlalchemy import Engine, func, select

from estimator.db.connection import reading
from estimator.db.tables import active_plans, clinic_locations, plan_revisions
from estimator.engine.plan import Plan
from estimator.engine.prices import PriceEntry, overlapping
from estimator.errors import PlanNotInForce, Problem, UnknownPlan
from estimator.insurers.matching import find_insurer
from estimator.insurers.registry import registry

_KEPT = 1024
_KEPT_LISTS = 4
_MOST_OFFERED, _ALIKE = 4, 80
_MOST_TRIED = 10


class Shelved(Protocol):
    """Where plans are found, and the database that they and the clinic's locations are in."""

    @property
    def engine(self) -> Engine:
        """Return the database."""

    def find(self, plan_id: str, day: date) -> Plan:
        """Return the revision of a plan that is in force on a day; raise UnknownPlan or PlanNotInForce."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Rows by the names that plans go by; `read_as` has each other name that the list uses, with what it means."""

    entries: tuple[PriceEntry, ...]
    problems: tuple[Problem, ...]
    read_as: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Party:
    """Whom a name means: the id of a plan, a payer, or an insurer with all of its payers; else what may be meant."""

    name: str = ""
    plan: tuple[str, date] | None = None
    payers: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()


def settled(entries: Sequence[PriceEntry], plans: Shelved) -> Settled:
    """Return the rows of a contract with every name settled, and what is wrong with names, by line."""
    newest, places = _stamp(plans.engine)
    return _settled(_Same(entries, plans), plans.engine, newest, places)


class _Same:
    """Rows that are the same only if they are the very same, so that thousands of them are settled once."""

    def __init__(self, entries: Sequence[PriceEntry], plans: Shelved) -> None:
        self.entries, self.plans = entries, plans

    def __hash__(self) -> int:
        return id(self.entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.entries is self.entries


@lru_cache(_KEPT_LISTS)
def _settled(rows: _Same, engine: Engine, newest: int, places: tuple[str, ...]) -> Settled:
    parties = {text: _party(engine, text, newest) for text in {entry.party for entry in rows.entries}}
    locations = {name.casefold(): name for name in places}
    networks: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    named: list[PriceEntry] = []
    for entry in rows.entries:
        party, place = parties[entry.party], locations.get(entry.location.casefold(), "")
        wrong: list[tuple[str, str]] = []
        if not party.name:
            wrong.append(("plan", _nobody(entry.party, party.offered)))
        elif entry.network:
            key = (party.name, entry.network)
            if key not in networks:
                networks[key] = _no_network(rows.plans, party, entry.network)
            wrong += [("network", networks[key])] if networks[key] else []
        if entry.location and not place:
            wrong.append(("location", _no_location(entry.location, places)))
        problems += [Problem(path, words, *_where(entry)) for path, words in wrong]
        if not wrong:
            is_same = (party.name, place) == (entry.party, entry.location)
            named.append(entry if is_same else replace(entry, party=party.name, location=place))
    # Two names of one insurer may price one code twice.
    for entry, earlier in overlapping(named):
        what = " ".join(filter(None, entry.subject))
        line = earlier.citation.line if earlier.citation else None
        problems.append(Problem("first_day", f"End the price of {what} in line {line} first.", *_where(entry)))
    read_as = {text: party.name for text, party in sorted(parties.items()) if party.name not in ("", text)}
    return Settled(tuple(named), tuple(sorted(problems, key=lambda one: one.line or 0)), read_as)


def _where(entry: PriceEntry) -> tuple[str, int | None]:
    return (entry.citation.file, entry.citation.line) if entry.citation else ("", None)


def _stamp(engine: Engine) -> tuple[int, tuple[str, ...]]:
    """Return what tells whether names may mean something else by now: the newest revision, and the locations."""
    in_use = select(clinic_locations.c.name).where(clinic_locations.c.closed_at.is_(None))
    with reading(engine) as connection:
        newest = connection.execute(select(func.max(plan_revisions.c.id))).scalar() or 0
        return newest, tuple(connection.scalars(in_use.order_by(clinic_locations.c.name)))


@lru_cache(_KEPT)
def _party(engine: Engine, text: str, newest: int) -> _Party:
    columns = active_plans.c
    with reading(engine) as connection:
        asked = select(columns.plan_id, columns.first_day).where(func.lower(columns.plan_id) == text.lower())
        plan = connection.execute(asked.order_by(columns.first_day.desc())).first()
        if plan is not None:
            return _Party(plan[0], (plan[0], plan[1]))
        payers = tuple(connection.scalars(select(columns.payer).distinct().order_by(columns.payer)))
    alike = [payer for payer in payers if payer.casefold() == text.casefold()]
    if alike:
        return _Party(text if text in alike else alike[0], payers=tuple(alike))
    found = find_insurer(text)
    if found.insurer is not None:
        own = {payer for payer, _, _ in registry().payers_of(found.insurer)}
        return _Party(found.insurer.name, payers=tuple(payer for payer in payers if payer in own))
    near = extract(text, payers, scorer=fuzz.WRatio, limit=_MOST_OFFERED, score_cutoff=_ALIKE)
    offered = [choice.insurer.name for choice in found.choices] + [payer for payer, _, _ in near]
    return _Party(offered=tuple(dict.fromkeys(offered))[:_MOST_OFFERED])


def _nobody(text: str, offered: Sequence[str]) -> str:
    if offered:
        return f"Enter {_one_of(offered)} if that is who you mean by “{text}”: no plan, payer or insurer has this name."
    return (
        f"Correct the name “{text}”, or leave the row out: no plan, payer or insurer has it, so its price would never"
        " count."
    )


def _no_location(text: str, places: Sequence[str]) -> str:
    if not places:
        return f"Add the location “{text}” on the page Clinic first, or leave this empty: there are no locations yet."
    return f"Enter {_one_of(places[:_MOST_TRIED])}, or leave this empty for all: no location in use is called “{text}”."


def _no_network(plans: Shelved, party: _Party, network: str) -> str:
    """Return what is wrong with a network's name, nothing where a plan of the party has it."""
    every = (one for plan in _plans_of(plans, party) for one in plan.networks.values())
    known = dict.fromkeys(one.name for one in every if one.contracted)
    if network in known:
        return ""
    if not known:
        return f"Leave this empty: no plan of {party.name} has networks that we know."
    return f"Enter {_one_of(list(known))}, or leave this empty for any: {party.name} has no network “{network}”."


def _plans_of(plans: Shelved, party: _Party) -> Iterator[Plan]:
    """Yield the plan that a row names, or some of the payers': plans of one payer mostly have the same networks."""
    if party.plan is not None:
        keys: Iterable[tuple[str, date]] = (party.plan,)
    else:
        columns = active_plans.c
        asked = select(columns.plan_id, columns.first_day).where(columns.payer.in_(party.payers))
        with reading(plans.engine) as connection:
            keys = [(name, day) for name, day in connection.execute(asked.order_by(columns.plan_id).limit(_MOST_TRIED))]
    for plan_id, day in keys:
        try:
            yield plans.find(plan_id, day)
        except (UnknownPlan, PlanNotInForce):
            continue


def _one_of(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"one of {'; '.join(names)}"
