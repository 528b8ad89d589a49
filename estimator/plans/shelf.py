"""The active plans: found by id and day, read once, and searched by words among tens of thousands.

They are always in a database. Where none is set up, one in memory holds the plans of the folder.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)

from estimator.clock import now_utc, today
from estimator.db.connection import SQLITE, is_meant, memory_engine, open_engine, reading, remembered, require_ready
from estimator.db.tables import (
    active_plans,
    clinic_locations,
    metadata,
    official_tables,
    plan_revisions,
    rule_revisions,
    shared_texts,
    therapists,
)
from estimator.db.words import revisions_holding
from estimator.engine.coverage import StateRule
from estimator.engine.plan import CodeRule, Measure, Plan
from estimator.engine.request import IN_NETWORK
from estimator.engine.values import Span
from estimator.errors import PlanFileRefused, PlanNotInForce, Problem, UnknownPlan
from estimator.insurers.matching import insurer_and_rest
from estimator.insurers.registry import registry
from estimator.plans.common_rules import FILES, CommonRule, RulesOn, read_common, usual_rules
from estimator.plans.crosswalk import Fate, ids_of_next_year, succession_of, successor_ids
from estimator.plans.folder import FILE as SAMPLES
from estimator.plans.folder import Entry, Library, library
from estimator.plans.layers import FOLDER as LAYERS
from estimator.plans.layers import Layer, laid_over, layers_of, read_layers
from estimator.plans.read import PlanFile, fingerprint_of, plan_from_mapping, read_definition, read_plan
from estimator.plans.rule_revisions import (
    LAYER,
    RuleRevision,
    not_withdrawn,
    rule_history,
    shared_ids,
)
from estimator.plans.shared import STATES_FILE as STATES
from estimator.plans.shared import Shared, read_shared, shared_files, shared_from, shown
from estimator.plans.store import (
    Key,
    Revision,
    definitions_of,
    find_history,
    find_revision,
    find_shared,
    insert_pointers,
    insert_revisions,
    keep_shared,
)
from estimator.plans.text import block_of, plain
from estimator.settings import TIME_ZONE, plans_folder

_KEPT_PLANS = 512
_KEPT_SHARED = 4
_KEPT_DAYS = 64
_A_DAY = timedelta(days=1)
_MOST_WORDS = 12
_LONGEST_NAME = 100
_Spans = tuple[tuple[date, date | None, int], ...]
_LOST_LAYER = "This rule can't be read as it was published. Publish it again."


@dataclass(frozen=True, slots=True)
class PlanRow:
    """An active plan as a list shows it; `states` empty means that it is sold everywhere."""

    plan_id: str
    first_day: date
    last_day: date | None
    title: str
    payer: str
    kind: str
    market: str
    states: tuple[str, ...]
    metal_level: str | None
    revision_id: int
    origin: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is left out may be anything.

    Every word of `text` must be in the plan's title, payer or id, or else name its insurer.
    """

    text: str = ""
    state: str | None = None
    market: str | None = None
    kind: str | None = None
    payer: str | None = None
    metal: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class PayerRow:
    """A payer with the number of its plans."""

    payer: str
    plans: int


class Shelf:
    """The active plans of a database, with the rules that many plans rest on: those published before the folder's."""

    def __init__(self, engine: Engine, folder: Library | None = None, folder_says: str = "") -> None:
        """Open the plans of a database; `folder_says` is what plans share in the folder, so that it is read once."""
        self.engine = engine
        self._given_folder = folder
        self._folder_says = folder_says
        # A revision never changes, so that what was read of it holds for good.
        self._file = lru_cache(_KEPT_PLANS)(self._read)
        self._shared_at = lru_cache(_KEPT_SHARED)(self._read_shared)
        self._shared_with = lru_cache(_KEPT_SHARED)(lambda codes: read_shared(self.folder.folder, codes))
        self._folder_layers = lru_cache(_KEPT_SHARED)(self._read_folder_layers)
        self.folder_common_once = lru_cache(_KEPT_SHARED)(self.folder_common)
        self._common = lru_cache(_KEPT_SHARED)(self.common_rules)
        self._rules_on = lru_cache(_KEPT_DAYS)(self._read_rules_on)
        self._layers_with = lru_cache(_KEPT_SHARED)(self._read_layers)
        self._old_layers = lru_cache(_KEPT_SHARED)(self._read_old_layers)

    @cached_property
    def folder(self) -> Library:
        """Return the folder of plans, read once: as long as a program runs, it answers everyone by the same law."""
        return self._given_folder or library(plans_folder())

    @property
    def shared(self) -> Shared:
        """Return what every plan of the folder may name, the codes that somebody published among it."""
        return self.shared_with(self.codes)

    def shared_with(self, codes: tuple[CodeRule, ...]) -> Shared:
        """Return the same with these codes."""
        return self._shared_with(codes) if codes else self.folder.shared

    @property
    def codes(self) -> tuple[CodeRule, ...]:
        """Return the codes that somebody published, whichever days they hold on, by what was said last of each.

        Classes go by these; which of them exist on a day is told by `rules_on`.
        """
        return self.codes_at(None)

    def codes_at(self, until: datetime | None) -> tuple[CodeRule, ...]:
        """Return the same as they were published at a moment, or now."""
        with reading(self.engine) as connection:
            newest = _newest_rule(connection, until)
        return self._codes(newest)

    def _codes(self, newest: int) -> tuple[CodeRule, ...]:
        published = (one.value for one in reversed(self._common(newest))) if newest else ()
        return tuple({one.code: one for one in published if isinstance(one, CodeRule)}.values())

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Return the rules that plans inherit: those published in the database before those of the folder."""
        with reading(self.engine) as connection:
            newest = _newest_rule(connection)
        return self._layers_with(newest)

    def layers_at(self, as_of: date) -> tuple[Layer, ...]:
        """Return the same as they were published by the end of a day."""
        with reading(self.engine) as connection:
            newest = _newest_rule(connection, _end_of(as_of))
        return self._layers_with(newest)

    def layers_under(self, codes: tuple[CodeRule, ...]) -> tuple[Layer, ...]:
        """Return the current layers as they would be with these codes."""
        with reading(self.engine) as connection:
            history = rule_history(connection, LAYER)
        return self.layers_after(history, codes)

    @property
    def states(self) -> Mapping[str, StateRule]:
        """Return the law of each state today, by its two letters."""
        return self.rules_on(today()).states

    def rules_on(self, day: date, until: datetime | None = None) -> RulesOn:
        """Return the law of the states and what is usual on a day; with `until`, by what was published at that moment.

        Raises PlanFileRefused where the folder's files, or those published, can be read no longer.
        """
        return self.rules_on_each((day,), until)[0]

    def rules_on_each(self, days: tuple[date, ...], until: datetime | None = None) -> tuple[RulesOn, ...]:
        """Return the same for each of some days."""
        with reading(self.engine) as connection:
            newest = _newest_rule(connection, until)
        return tuple(self._rules_on(newest, day) if newest else self._folder_rules for day in days)

    def rules_at(self, days: tuple[date, ...], as_of: date) -> tuple[RulesOn, ...]:
        """Return the same for each of some days, by what was published by the end of another."""
        return self.rules_on_each(days, _end_of(as_of))

    @cached_property
    def _folder_rules(self) -> RulesOn:
        return RulesOn(self.folder.states, usual_rules(plans_folder()))

    def folder_common(self, kind: str) -> tuple[CommonRule, ...]:
        """Return what the folder says of a kind, for every state or market."""
        path = self.folder.folder / FILES[kind]
        return tuple(read_common(kind, path.read_bytes(), shown(self.folder.folder, path))[0])

    def common_rules(self, newest: int) -> tuple[CommonRule, ...]:
        """Return the laws, usual rules and codes that somebody published up to a row, the newest first."""
        with reading(self.engine) as connection:
            history = [one for one in rule_history(connection) if one.id <= newest and one.kind != LAYER]
        return tuple(self.common_rule_of(one) for one in not_withdrawn(history))

    def common_rule_of(self, revision: RuleRevision) -> CommonRule:
        """Return a published law, usual rule or code; raise PlanFileRefused where it can be read no longer."""
        found, problems = read_common(revision.kind, revision.text.encode(), revision.file)
        for rule in found:
            if rule.fingerprint == revision.fingerprint:
                return rule
        raise PlanFileRefused(tuple(problems) or (Problem(revision.name, _LOST_LAYER, revision.file),))

    def _read_rules_on(self, newest: int, day: date) -> RulesOn:
        return self._folder_rules.under(self._common(newest), day)

    def plan_from(self, definition: Mapping[str, Any], as_of: date) -> Plan:
        """Read a plan that a request defines; raise PlanFileRefused with every mistake in it."""
        return plan_from_mapping(definition, self.shared, as_of)

    def find(self, plan_id: str, day: date, as_of: date | None = None) -> Plan:
        """Return the active revision of a plan that is in force on a day; raise UnknownPlan or PlanNotInForce.

        Its classes hold the codes that were published by the end of `as_of`, or by now.
        """
        _first, last, revision_id = self.span(plan_id, day)
        codes = self.codes_at(_end_of(as_of) if as_of else None)
        return held_until(self.file_of(revision_id, codes).plan, last)

    def find_with(self, plan_id: str, day: date, codes: tuple[CodeRule, ...]) -> Plan:
        """Return the same with these codes in its classes."""
        _first, last, revision_id = self.span(plan_id, day)
        return held_until(self.file_of(revision_id, codes).plan, last)

    def find_file(self, plan_id: str, day: date) -> PlanFile:
        """Return the same with its examples and what was written."""
        return self.file_of(self.span(plan_id, day)[2])

    def definitions(self, revision_ids: Collection[int]) -> Mapping[int, tuple[str, str, int]]:
        """Return of each of these revisions how it is kept, its definition, and the id of what it shares with others.

        Nothing of it is read as a plan, which takes a hundred times as long.
        """
        with reading(self.engine) as connection:
            return definitions_of(connection, revision_ids)

    def span(self, plan_id: str, day: date) -> tuple[date, date | None, int]:
        """Return first day, last day and id of the revision in force on a day; raise as `find` does."""
        with reading(self.engine) as connection:
            spans = _spans(connection, plan_id)
        if not spans:
            raise UnknownPlan(plan_id)
        for span in spans:
            if day in Span(*span[:2]):
                return span
        first, last, _ = min(spans, key=lambda span: min(abs((end - day).days) for end in span[:2] if end))
        ended = max((end for _first, end, _id in spans if end and end < day), default=None)
        raise PlanNotInForce(plan_id, day, first, last, ended)

    def after(self, plan: Plan, day: date, until: date | None = None) -> Plan | None:
        """Return what follows a plan on a day, else what begins first by `until`; None where nobody knows it.

        By crosswalk; else the named successor, the same id, or an id that differs in nothing but the year.
        """
        succession = succession_of(self.engine, plan.id, day.year)
        named: tuple[str, ...] = (plan.successor,) if plan.successor else ()
        if succession is None:
            wanted = named or (plan.id, *ids_of_next_year(plan.id, plan.in_force.last_day or day))
        elif succession.fate is Fate.CONTINUES:
            wanted = (plan.id, *named)
        else:
            with reading(self.engine) as connection:
                wanted = successor_ids(connection, plan.id, succession)
            wanted = wanted if len(wanted) == 1 else ()
        for each in wanted:
            with suppress(UnknownPlan, PlanNotInForce):
                return self.find(each, day)
        found = [self._begins(each, day, until) for each in wanted] if until else []
        return next((self.find(each, first) for each, first in zip(wanted, found, strict=False) if first), None)

    def _begins(self, plan_id: str, day: date, until: date) -> date | None:
        """Return the first day after this one, at last `until`, on which a revision of a plan begins."""
        with reading(self.engine) as connection:
            spans = _spans(connection, plan_id)
        return min((first for first, _last, _id in spans if day < first <= until), default=None)

    def file_of(self, revision_id: int, codes: tuple[CodeRule, ...] | None = None) -> PlanFile:
        """Return a revision, active or not, as it was read when it was published; `codes` as `find_with` has them."""
        return self._file(revision_id, self.codes if codes is None else codes)

    def layers_named(self, named: Sequence[tuple[str, str]]) -> tuple[Layer, ...]:
        """Return the layers of these ids and fingerprints; one that is nowhere kept is as it is now."""
        if not named:
            return ()
        with reading(self.engine) as connection:
            history, shared = rule_history(connection, LAYER), shared_ids(connection)
        published = {(one.name, one.fingerprint): one for one in reversed(history) if one.withdraws is None}
        newest = sorted((published[key] for key in named if key in published), key=lambda one: -one.id)
        others: list[Layer] = []
        in_force, codes = self.layers, self.codes
        for key in (each for each in named if each not in published):
            olds = (_of_key(self._old_layers(number, codes), key) for number in shared)
            now = (one for one in in_force if one.id == key[0])
            others += _of_key(self.folder.layers, key) or next(filter(None, olds), ()) or tuple(now)
        # Where one answer rests on two of a name, each holds on the days that it held on then.
        return laid_over([self.layer_of(one) for one in newest], others)

    def layer_of(self, revision: RuleRevision) -> Layer:
        """Return a published layer; raise PlanFileRefused where it can be read no longer."""
        return self._layer_with(revision, self.codes)

    def _layer_with(self, revision: RuleRevision, codes: tuple[CodeRule, ...]) -> Layer:
        found, problems = layers_of(revision.text.encode(), revision.file, self._shared_at(revision.shared_id, codes))
        for layer in found:
            if layer.fingerprint == revision.fingerprint:
                return layer
        raise PlanFileRefused(tuple(problems) or (Problem(revision.name, _LOST_LAYER, revision.file),))

    def layers_after(self, history: Sequence[RuleRevision], codes: tuple[CodeRule, ...] = ()) -> tuple[Layer, ...]:
        """Return the layers in force after these rows, the newest first; raise PlanFileRefused as `layer_of` does.

        Their days and their fingerprints are the same with whichever `codes` in their classes.
        """
        return laid_over([self._layer_with(one, codes) for one in not_withdrawn(history)], self._folder_layers(codes))

    def _read_folder_layers(self, codes: tuple[CodeRule, ...]) -> tuple[Layer, ...]:
        return read_layers(self.folder.folder, self.shared_with(codes))[0] if codes else self.folder.layers

    def _read_layers(self, newest: int) -> tuple[Layer, ...]:
        if not newest:
            return self.folder.layers
        with reading(self.engine) as connection:
            history = rule_history(connection, LAYER)
        return self.layers_after([one for one in history if one.id <= newest], self._codes(newest))

    def _read_old_layers(self, shared_id: int, codes: tuple[CodeRule, ...]) -> tuple[Layer, ...]:
        """Return the layers of the folder as they were when plans shared this."""
        with reading(self.engine) as connection:
            texts: dict[str, str] = json.loads(find_shared(connection, shared_id))
        shared = self._shared_at(shared_id, codes)
        files = ((name, text) for name, text in texts.items() if f"/{LAYERS}/" in name)
        return tuple(layer for name, text in files for layer in layers_of(text.encode(), name, shared)[0])

    def active_revisions(self, plan_id: str) -> frozenset[int]:
        """Return the ids of the active revisions of a plan, none where nobody knows it."""
        with reading(self.engine) as connection:
            return frozenset(number for _first, _last, number in _spans(connection, plan_id))

    def history(self, plan_id: str) -> tuple[Revision, ...]:
        """Return every revision of a plan, the newest first."""
        with reading(self.engine) as connection:
            return find_history(connection, plan_id)

    def search(self, wanted: Wanted, limit: int | None = None, start: int = 0) -> tuple[PlanRow, ...]:
        """Return the active plans that fit, by title: the program for Medicare first, then what the text begins."""
        with reading(self.engine) as connection:
            return tuple(_found(connection, wanted, limit, start))

    def count(self, wanted: Wanted) -> int:
        """Return how many active plans fit."""
        with reading(self.engine) as connection:
            return count(connection, wanted)

    def payers(self, wanted: Wanted) -> tuple[PayerRow, ...]:
        """Return the payers of the active plans that fit, by name."""
        with reading(self.engine) as connection:
            if wanted.text:  # Hardly anybody searches by the same words.
                return _payers(connection, wanted)
            return remembered(connection, ("payers", wanted), lambda: _payers(connection, wanted))

    def _read(self, revision_id: int, codes: tuple[CodeRule, ...]) -> PlanFile:
        with reading(self.engine) as connection:
            revision = find_revision(connection, revision_id)
        return read_kept(revision.form, revision.definition, revision.file, self._shared_at(revision.shared_id, codes))

    def _read_shared(self, shared_id: int, codes: tuple[CodeRule, ...]) -> Shared:
        with reading(self.engine) as connection:
            content = find_shared(connection, shared_id)
        return self.shared_with(codes) if content == self._folder_says else shared_of(content, codes)


def held_until(plan: Plan, last_day: date | None) -> Plan:
    """Return a revision with the last day that it really holds, where the next one begins before its own."""
    if last_day == plan.in_force.last_day:
        return plan
    return replace(plan, in_force=Span(plan.in_force.first_day, last_day))


# Written once: these are asked for each estimate.
_NEWEST_RULE = select(func.coalesce(func.max(rule_revisions.c.id), 0))
_NEWEST_RULE_UNTIL = _NEWEST_RULE.where(rule_revisions.c.published_at <= bindparam("until"))
_SPANS = (
    select(active_plans.c.first_day, active_plans.c.last_day, active_plans.c.revision_id)
    .where(active_plans.c.plan_id == bindparam("plan"))
    .order_by(active_plans.c.first_day.desc())
)


def _newest_rule(connection: Connection, until: datetime | None = None) -> int:
    """Return the id of the newest row, at a moment or now; 0 where none was ever published."""

    def read() -> int:
        asked = _NEWEST_RULE if until is None else _NEWEST_RULE_UNTIL
        return int(connection.execute(asked, {} if until is None else {"until": until}).scalar_one())

    return remembered(connection, ("newest rule", until), read)


def _end_of(day: date) -> datetime | None:
    """Return the last moment of a day in the clinic's time zone; None where it is not over yet."""
    if day >= today():
        return None
    return datetime.combine(day, time.max, TIME_ZONE.value()).astimezone(UTC)


def _of_key(layers: Iterable[Layer], key: tuple[str, str]) -> tuple[Layer, ...]:
    return tuple(one for one in layers if (one.id, one.fingerprint) == key)[:1]


def _spans(connection: Connection, plan_id: str) -> _Spans:
    if len(plan_id) > _LONGEST_NAME:  # Nobody's plan, and not worth a place.
        return _read_spans(connection, plan_id)
    return remembered(connection, ("spans", plan_id), lambda: _read_spans(connection, plan_id))


def _read_spans(connection: Connection, plan_id: str) -> _Spans:
    """Return first day, last day and revision of each active revision of a plan, the latest first.

    One that has no last day, or a late one, holds until the next one begins.
    """
    rows = connection.execute(_SPANS, {"plan": plan_id})
    found: list[tuple[date, date | None, int]] = []
    for first, last, number in rows:
        if found and (last is None or last >= found[-1][0]):
            last = found[-1][0] - _A_DAY
        found.append((first, last, number))
    return tuple(found)


def open_shelf() -> Shelf:
    """Return the plans of the database where one is meant or made, else those of the folder.

    Raises DatabaseUnavailable, or DatabaseNotReady where its tables are of another version.
    """
    if not is_meant():
        return folder_shelf(plans_folder())
    engine = open_engine()
    require_ready(engine)
    return Shelf(engine)


# ----------------------------------------------------------------------------
# A search reads as few plans as it can: those that the index of words names where they are few, those of one state, or
# the first ones in the order of the list. PostgreSQL chooses by itself, SQLite is told.
# ----------------------------------------------------------------------------

# So many plans are looked up one by one; of more, the first of the list are found sooner by reading it.
_FEW, _FEW_TO_COUNT = 3_000, 15_000
_HARDLY_ANY = ("template", "example")
_LAST_LETTER = chr(sys.maxunicode)
_INDEX = "INDEXED BY ix_active_plans_{}"


def count(connection: Connection, wanted: Wanted) -> int:
    """Return how many plans fit."""
    asked = _asked(connection, wanted, select(func.count()).select_from(active_plans))
    return int(connection.execute(asked).scalar_one())


def _payers(connection: Connection, wanted: Wanted) -> tuple[PayerRow, ...]:
    payer = active_plans.c.payer
    asked = _asked(connection, wanted, select(payer, func.count())).group_by(payer).order_by(payer)
    return tuple(PayerRow(*row) for row in connection.execute(asked))


def _found(connection: Connection, wanted: Wanted, limit: int | None, start: int) -> Iterator[PlanRow]:
    columns = active_plans.c
    every = _asked(connection, wanted, select(*(columns[name] for name in PlanRow.__dataclass_fields__)), is_list=True)
    for part in _parts(wanted):
        asked = every.where(*part).order_by(columns.search, columns.first_day)
        rows = connection.execute(asked.limit(limit).offset(start)).all()
        yield from (PlanRow(*row) for row in rows)
        if limit is not None and not (limit := limit - len(rows)):
            return
        if start:
            before = select(func.count()).select_from(asked.order_by(None).subquery())
            start = 0 if rows else start - connection.execute(before).scalar_one()


def _parts(wanted: Wanted) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Yield the parts of a list, each of which is in the order of an index."""
    columns, begins = active_plans.c, wanted.text.casefold().strip()
    is_medicare = columns.market == "medicare"
    is_begun = and_(columns.search >= begins, columns.search <= begins + _LAST_LETTER)
    # "Medicare" names a program before it names the plans of a thousand insurers.
    for market in (is_medicare, ~is_medicare) if "medicare" in begins.split() else (true(),):
        # A title as it was typed is not behind the hundred others that hold its words somewhere.
        for beginning in (is_begun, ~is_begun) if begins else (true(),):
            yield market, beginning


def _asked(connection: Connection, wanted: Wanted, asked: Select[Any], *, is_list: bool = False) -> Select[Any]:
    """Return what is asked of the plans that fit, with the index by which SQLite finds them."""
    asked = asked.where(*_conditions(connection, wanted))
    candidates = _candidates(connection, wanted, _FEW if is_list else _FEW_TO_COUNT)
    if candidates is not None:
        numbers = func.json_each(json.dumps(candidates)).table_valued("value")
        asked, index = asked.where(active_plans.c.revision_id.in_(select(numbers.c.value))), "revision_id"
    elif wanted.state is not None:
        index = "states_market"
    elif wanted.kind in _HARDLY_ANY:
        index = "kind"
    elif wanted.market is not None and wanted.payer is None:
        index = "market_search"
    elif is_list:
        index = "search"
    else:
        return asked
    return asked.with_hint(active_plans, _INDEX.format(index), SQLITE)


def _candidates(connection: Connection, wanted: Wanted, few: int) -> tuple[int, ...] | None:
    """Return a few revisions among which is every plan that the text fits; None where they may be many."""
    by_words = revisions_holding(connection, _words(wanted.text), few)
    if by_words is None:
        return None
    number = active_plans.c.revision_id
    parts = (select(number).where(*part) for part in _of_insurer(connection, wanted))
    by_insurer = [found for one in parts for found in connection.execute(one.limit(few)).scalars()]
    return (*by_words, *by_insurer) if len(by_insurer) < few else None


def _conditions(connection: Connection, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    columns = active_plans.c
    exact: tuple[tuple[str, Any], ...] = (
        ("market", wanted.market),
        ("kind", wanted.kind),
        ("payer", wanted.payer),
        ("metal_level", wanted.metal),
    )
    yield from (columns[name] == value for name, value in exact if value is not None)
    if wanted.state is not None:
        yield columns.states.in_([one for one in _lists_of_states(connection) if not one or wanted.state in one])
    if wanted.day is not None:
        yield columns.first_day <= wanted.day
        yield or_(columns.last_day.is_(None), columns.last_day >= wanted.day)
    if wanted.text.strip():
        yield or_(_holds(_words(wanted.text)), *(and_(*part) for part in _of_insurer(connection, wanted)))


def _lists_of_states(connection: Connection) -> tuple[tuple[str, ...], ...]:
    """Return each list of states that plans are sold in, one step of an index for each."""

    def read() -> tuple[tuple[str, ...], ...]:
        every = select(func.min(active_plans.c.states).label("states")).cte("every", recursive=True)
        one = select(func.min(active_plans.c.states)).where(active_plans.c.states > every.c.states)
        every = every.union_all(select(one.scalar_subquery()).where(every.c.states.is_not(None)))
        return tuple(connection.execute(select(every.c.states).where(every.c.states.is_not(None))).scalars())

    return remembered(connection, "lists of states", read)


def _words(text: str) -> list[str]:
    return text.casefold().split()[:_MOST_WORDS]


def _holds(words: Iterable[str]) -> ColumnElement[bool]:
    return and_(true(), *(active_plans.c.search.contains(word, autoescape=True) for word in words))


def _of_insurer(connection: Connection, wanted: Wanted) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Find the plans of an insurer that the text names in other words, or misspelled."""
    insurer, rest = insurer_and_rest(wanted.text[:_LONGEST_NAME], wanted.state)
    if insurer is None:
        return
    columns = active_plans.c
    by_market: dict[tuple[str, str], list[str]] = {}
    for payer, market, state in registry().payers_of(insurer):
        by_market.setdefault((market, state), []).append(payer)
    # Most go by the same names in many states, which are asked for at once.
    alike: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for (market, state), payers in by_market.items():
        alike.setdefault((market, tuple(payers)), set()).add(state)
    for (market, named), states in alike.items():
        lists = [one for one in _lists_of_states(connection) if not states.isdisjoint(one)]
        here = true() if "" in states else columns.states.in_(lists)
        yield columns.market == market, columns.payer.in_(named), here, _holds(rest[:_MOST_WORDS])


# ----------------------------------------------------------------------------
# A folder of plans as a database in memory, made at once: each file is read when its plan is asked for.
#
# It holds plans alone, for commands, which end before anything could be published: `publishing/database.py` fills a
# whole one for the pages. What stands for a fingerprint here is the mark of a text; a plan that is read has its own.
# ----------------------------------------------------------------------------

FOLDER = "folder"
_TABLES = (shared_texts, plan_revisions, active_plans, rule_revisions, official_tables, clinic_locations, therapists)


def folder_shelf(folder: Path) -> Shelf:
    """Return the plans of a folder, the same as long as none of its files changes."""
    files = library(folder)
    return _folder_shelf(files, tuple(files.entries()))


@lru_cache(_KEPT_SHARED)
def _folder_shelf(files: Library, entries: tuple[Entry, ...]) -> Shelf:
    engine = memory_engine()
    now, shared = now_utc(), shared_content(files.folder)
    with engine.begin() as connection:
        metadata.create_all(connection, tables=_TABLES)
        shared_id = keep_shared(connection, shared, now)
        revisions: dict[Key, Revision] = {}
        for entry in entries:
            # A file whose text is no UTF-8 is left out like one without a head: `check_plans` tells why.
            with suppress(UnicodeDecodeError):
                kept = _revision_of(entry, files.folder, len(revisions) + 1, shared_id, now)
                revisions.setdefault(kept.key, kept)
        insert_revisions(connection, list(revisions.values()))
        insert_pointers(connection, list(revisions.values()), FOLDER)
    return Shelf(engine, files, shared)


def _revision_of(entry: Entry, folder: Path, number: int, shared_id: int, now: datetime) -> Revision:
    head, content = entry.heading, entry.content
    return Revision(
        id=number,
        plan_id=head.id,
        fingerprint=sha256(content).hexdigest(),
        title=head.title,
        payer=head.payer,
        kind=head.kind,
        market=head.market,
        states=head.states,
        metal_level=None,
        also_called="",
        first_day=head.in_force.first_day or date.min,
        last_day=head.in_force.last_day,
        origin=FOLDER,
        form=YAML,
        file=shown(folder, entry.path),
        definition=content.decode("utf-8-sig"),
        shared_id=shared_id,
        based_on=None,
        published_at=now,
        published_by="",
        note="",
    )


# ----------------------------------------------------------------------------
# Plans that somebody wants to publish, on the way to becoming revisions.
# ----------------------------------------------------------------------------

YAML, JSON = "yaml", "json"
_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True)
class Draft:
    """A plan to be published: its definition, with the keys of a plan file.

    `text` is the plan file that the definition was read from, kept as it is with its comments and lines; `file` is
    where that file, or an official one, is shown to lie. `metal_level` and `also_called` are for searches: other
    names and numbers by which people look for the plan.
    """

    definition: Mapping[str, Any]
    file: str = ""
    text: str = ""
    metal_level: str | None = None
    also_called: str = ""

    @cached_property
    def worded(self) -> Mapping[str, Any]:
        """Return the definition with every scalar as text, as in a plan file."""
        return self.definition if self.text or self._as_json else plain(block_of(self.definition))

    @cached_property
    def key(self) -> Key:
        """Return the plan's own name and its first day."""
        return self.worded["plan"], date.fromisoformat(self.worded["in_force"]["first_day"])

    @property
    def last_day(self) -> date | None:
        """Return the last day that the plan holds for; None where there is no end."""
        written = self.worded["in_force"].get("last_day")
        return date.fromisoformat(written) if written else None

    @property
    def form(self) -> str:
        """Return what is kept: the text of a plan file, or JSON."""
        return YAML if self.text else JSON

    @property
    def kept(self) -> str:
        """Return the text that is kept."""
        return self.text or self._as_json or _COMPACT.encode(self.worded)

    @cached_property
    def _as_json(self) -> str:
        """Return the definition as JSON, or nothing where it holds more than text."""
        try:
            written = _COMPACT.encode(self.definition)
        except TypeError:  # Such as a Decimal.
            return ""
        return written if _is_text(written) else ""


def read_draft(draft: Draft, shared: Shared) -> PlanFile:
    """Read a draft as a plan; raise PlanFileRefused with every mistake in it."""
    return read_kept(draft.form, draft.kept, draft.file, shared)


def read_kept(form: str, definition: str, file: str, shared: Shared) -> PlanFile:
    """Read a definition the way that it is kept; raise PlanFileRefused with every mistake in it."""
    if form == YAML:
        return read_plan(definition, file, shared)
    return read_definition(json.loads(definition), file, shared)


def fingerprint(draft: Draft, shared: Shared) -> str:
    """Return the fingerprint that the plan will have; raise PlanFileRefused where it names a policy there is not."""
    try:
        return fingerprint_of(draft.worded, shared)
    except KeyError as missing:
        words = f"There is no policy {missing}. Enter one from the folder of plans."
        raise PlanFileRefused((Problem("policies", words, draft.file),)) from missing


def _is_text(written: str) -> bool:
    """Tell whether compact JSON holds nothing but text.

    >>> _is_text('{"services":["97110"],"waived":"yes"}'), _is_text('{"services":[97110]}'), _is_text('{"is":"1,2"}')
    (True, False, True)
    """
    # Without escaped quotes, every other piece between quotes stands outside of them: much faster than a pattern.
    outside = _STRINGS.sub("", written) if "\\" in written else "".join(set(written.split('"')[::2]))
    return not outside.strip("{}[]:,")


# ----------------------------------------------------------------------------
# What plans share, kept as text beside their revisions, so that an old revision still says what it said.
#
# The law of the states is no part of it: that is asked as it is today; nor are the sample courses, which say nothing.
# ----------------------------------------------------------------------------


def shared_content(folder: Path) -> str:
    """Return the files that the plans of a folder share, as JSON of each one's text by its path."""
    paths = [path for path in shared_files(folder) if path.name not in (STATES, SAMPLES)]
    return json.dumps({shown(folder, path): _text(path, folder) for path in paths}, ensure_ascii=False)


def _text(path: Path, folder: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise PlanFileRefused((Problem("", "Save this file as text in UTF-8.", shown(folder, path)),)) from error


def shared_of(content: str, codes: tuple[CodeRule, ...] = ()) -> Shared:
    """Return what such content says to plans, with codes that somebody published."""
    texts: dict[str, str] = json.loads(content)
    return shared_from(tuple((name, text.encode()) for name, text in texts.items()), codes)


# ----------------------------------------------------------------------------
# What plain answers mean in the terms of one plan: which network is meant, and which limits earlier visits used up.
# ----------------------------------------------------------------------------

_EXERCISE = "97110"
_COUNTED = (Measure.VISITS, Measure.DAYS, Measure.SESSIONS)


def network_meant(plan: Plan, network: str) -> str:
    """Return the network of the plan that an answer means: its first, where none is simply in network."""
    if network == IN_NETWORK and IN_NETWORK not in plan.networks:
        return next(iter(plan.networks), network)
    return network


def visit_limits(plan: Plan) -> tuple[str, ...]:
    """Return the limits that ordinary visits of therapy use up."""
    return tuple(dict.fromkeys(_visit_limits(plan)))


def _visit_limits(plan: Plan) -> Iterator[str]:
    for benefit in plan.benefits:
        if _EXERCISE in benefit.services:
            yield from (name for name in benefit.limits if plan.limits[name].measure in _COUNTED)


# ----------------------------------------------------------------------------
# Find plans by words among all that the database holds.
# ----------------------------------------------------------------------------

MOST_SHOWN = 40


def find_plans_by(words: str, state: str | None = None, market: str | None = None) -> tuple[tuple[PlanRow, ...], int]:
    """Return the first plans whose title, payer or id holds all words, and how many there are in all.

    Without a database, the files of the folder are searched.
    """
    shelf = open_shelf()
    wanted = Wanted(text=words, state=state, market=market)
    return shelf.search(wanted, MOST_SHOWN), shelf.count(wanted)
