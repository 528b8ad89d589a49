"""The clinic's own lists of prices: published, rolled back, compared, and what they change or leave unpriced.

A list is published whole, in one transaction, by somebody who saw the one that it takes the place of.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Engine

from estimator.accounts.audit import note_done
from estimator.clock import now_utc, today
from estimator.db.connection import reading, writing
from estimator.engine.answer import Estimate, Status
from estimator.engine.findings import Finding, PriceCash, PriceMarket, PriceRegional
from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices, ExperienceFactor, PriceEntry
from estimator.engine.values import Money
from estimator.errors import (
    ClinicPricesRefused,
    ConflictingList,
    NoPrice,
    PlanNotInForce,
    Problem,
    RequestRefused,
    UnknownList,
    UnknownPlan,
    UnknownZip,
)
from estimator.estimates.contract import read_request
from estimator.estimates.examples import request_of
from estimator.estimates.run import estimate_asked
from estimator.estimates.totals import totals_alone
from estimator.plans.folder import read_samples
from estimator.plans.parties import settled
from estimator.plans.shelf import Shelf, Wanted
from estimator.prices import store
from estimator.prices.books import Prices, service_codes
from estimator.prices.spreadsheet import ANY_SERVICE
from estimator.prices.store import (
    LINE,
    Cells,
    Entry,
    Kind,
    PriceListRow,
    Publication,
    kept_rows,
    list_entries,
    read_list_file,
)
from estimator.publishing.drafts import Signed, require_signed
from estimator.publishing.impact import SAMPLE, Course, Impact, Owed, owed_in

MOST_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class PriceList:
    """A list of the clinic that was published, with its entries."""

    kept: PriceListRow
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class NewList:
    """A list that was read without a mistake, to be published."""

    kind: Kind
    file: str
    entries: tuple[Entry, ...]
    read_as: Mapping[str, str] = field(default_factory=dict)
    unknown_codes: tuple[str, ...] = ()


def read_named_list(shelf: Shelf, kind: Kind, content: bytes, file: str) -> NewList:
    """Return the list in a file by the names of our plans, payers and locations.

    `read_as` has each name that is called otherwise here, and `unknown_codes` those that no estimate prices. Raises
    ClinicPricesRefused with every mistake, names that mean nothing among them.
    """
    entries, problems = _read(kind, content, file)
    priced = [entry for entry in entries if isinstance(entry, PriceEntry)]
    unknown = {entry.code for entry in priced} - {ANY_SERVICE, *service_codes(shelf.codes)}
    if kind is not Kind.CONTRACT:
        _require_none(problems)
        return NewList(kind, file, entries, unknown_codes=tuple(sorted(unknown)))
    named = settled(priced, shelf)
    _require_none([*problems, *named.problems])
    return NewList(kind, file, named.entries, named.read_as, tuple(sorted(unknown)))


def _require_none(problems: Sequence[Problem]) -> None:
    if problems:
        raise ClinicPricesRefused(tuple(sorted(problems, key=lambda problem: problem.line or 0)))


def read_new_list(kind: Kind, content: bytes, file: str) -> NewList:
    """Return the list in a file, its names as they stand; raise ClinicPricesRefused with every mistake in it."""
    entries, problems = _read(kind, content, file)
    _require_none(problems)
    return NewList(kind, file, entries)


def _read(kind: Kind, content: bytes, file: str) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    if len(content) > MOST_BYTES:
        words = f"Send at most {MOST_BYTES // 1_000_000} MB of prices."
        return (), (Problem("", words, file),)
    return read_list_file(kind, content, file, today())


def publish_list(engine: Engine, new: NewList, based_on: int | None, signed: Signed) -> int:
    """Let this list price from now on, and return its number; the same rows again change nothing.

    `based_on` is the list that the author saw, None where there was none. Raises ConflictingList where another prices
    by now, and EditRefused where nobody signed or no reason is given.
    """
    require_signed(signed)
    with writing(engine) as connection:
        active = _based(connection, new.kind, based_on)
        rows = kept_rows(new.kind, new.entries)
        mark = _mark(new.kind, rows)
        if active and active.fingerprint == mark:
            return active.id
        content = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        number = _insert(connection, (new.kind, mark, new.file, len(rows), content), active, signed)
        connection.commit()
    return number


def roll_back_to(engine: Engine, number: int, based_on: int | None, signed: Signed) -> int:
    """Let an older list price again, and return the number under which it now stands.

    Raises UnknownList, and what `publish_list` raises.
    """
    require_signed(signed)
    with writing(engine) as connection:
        older = next(iter(store.lists_of(connection, [number])), None)
        if older is None:
            raise UnknownList(number)
        active = _based(connection, older.kind, based_on)
        if active and active.fingerprint == older.fingerprint:
            return active.id
        same = (older.kind, older.fingerprint, older.file, older.rows, older.content)
        again = _insert(connection, same, active, signed)
        connection.commit()
    return again


def active_list(engine: Engine, kind: Kind) -> PriceList | None:
    """Return the list of a kind that prices, None where none was ever published."""
    with reading(engine) as connection:
        kept = store.active_list(connection, kind)
    return PriceList(kept, list_entries(kept)) if kept else None


def list_of(engine: Engine, number: int) -> PriceList:
    """Return a list that was ever published; raise UnknownList."""
    with reading(engine) as connection:
        for kept in store.lists_of(connection, [number]):
            return PriceList(kept, list_entries(kept))
    raise UnknownList(number)


def history_of(engine: Engine, kind: Kind) -> tuple[Publication, ...]:
    """Return every publication of a kind, the newest first, which is the one that prices."""
    with reading(engine) as connection:
        return store.history_of(connection, kind)


def _based(connection: Connection, kind: str, based_on: int | None) -> PriceListRow | None:
    active = store.active_list(connection, kind)
    number = active.id if active else None
    if number != based_on:
        raise ConflictingList(kind, based_on, number)
    return active


def _insert(
    connection: Connection, said: tuple[str, str, str, int, str], active: PriceListRow | None, signed: Signed
) -> int:
    now = now_utc()
    row = PriceListRow(*said, active.id if active else None, now, signed.by, signed.note)
    number = store.insert_list(connection, row)
    note_done(connection, by=signed.account, did="prices-published", subject=f"{row.kind} {number}", now=now)
    return number


def _mark(kind: Kind, rows: Sequence[Cells]) -> str:
    """Return what tells rows from others, wherever in a file they stood."""
    plain = sorted(json.dumps({**row, LINE: ""}, sort_keys=True) for row in rows)
    return sha256(f"{kind} {plain}".encode()).hexdigest()


# ----------------------------------------------------------------------------
# What a new list of the clinic's prices changes: rows added, gone and moved, and days that nothing prices.
#
# A row is compared with what the other list has for the same thing on its first day, so that a rise from January on
# shows as a rise.
# ----------------------------------------------------------------------------

_A_DAY = timedelta(days=1)
_SOON = timedelta(days=90)
_PER_MILLE = 1000
Subject = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A row whose figure, basis or days differ from what was there before."""

    before: Entry
    after: Entry

    @property
    def difference(self) -> int:
        """Return by how much the figure moves: cents, or of a percentage parts per million."""
        return _figure(self.after) - _figure(self.before)

    @property
    def per_mille(self) -> int | None:
        """Return the same in tenths of a percent of before, half-up; None where both are for different things."""
        if _basis(self.before) != _basis(self.after):
            return None
        before = _figure(self.before)
        size = (2 * abs(self.difference) * _PER_MILLE + before) // (2 * before)
        return size if self.difference >= 0 else -size


@dataclass(frozen=True, slots=True)
class Lapse:
    """Days on which a list has no price for something that it prices before and after."""

    subject: Subject
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Drift:
    """What one list changes in another. `ending` counts the rows that end soon, or have ended, with nothing after."""

    added: tuple[Entry, ...]
    gone: tuple[Entry, ...]
    moved: tuple[Moved, ...]
    same: int
    lapses: tuple[Lapse, ...]
    ending: Mapping[date, int]

    @property
    def changes(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.added or self.gone or self.moved)


def drift_between(before: Sequence[Entry], after: Sequence[Entry], as_of: date) -> Drift:
    """Return what `after` changes, the largest moves first."""
    old, new = _by_subject(before), _by_subject(after)
    pairs = [(_before(entry, old.get(entry.subject, ())), entry) for entry in after]
    moved = [Moved(was, entry) for was, entry in pairs if was is not None and not _is_same(was, entry)]
    return Drift(
        added=tuple(entry for was, entry in pairs if was is None),
        gone=tuple(entry for entry in before if _before(entry, new.get(entry.subject, ())) is None),
        moved=tuple(sorted(moved, key=_largest_first)),
        same=len(pairs) - len(moved) - sum(was is None for was, _ in pairs),
        lapses=tuple(_lapses(new)),
        ending=_ending(new, as_of + _SOON),
    )


def _by_subject(entries: Iterable[Entry]) -> dict[Subject, list[Entry]]:
    found: defaultdict[Subject, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.span.first_day or date.min):
        found[entry.subject].append(entry)
    return dict(found)


def _before(entry: Entry, old: Sequence[Entry]) -> Entry | None:
    first = entry.span.first_day or date.min
    overlapping = [each for each in old if each.span.meets(entry.span)]
    return next((each for each in overlapping if first in each.span), overlapping[0] if overlapping else None)


def _is_same(one: Entry, other: Entry) -> bool:
    mppr = [each.mppr if isinstance(each, PriceEntry) else None for each in (one, other)]
    return mppr[0] is mppr[1] and (_figure(one), _basis(one), one.span) == (_figure(other), _basis(other), other.span)


def _largest_first(moved: Moved) -> tuple[bool, int, int, Subject]:
    share = moved.per_mille
    return share is not None, -abs(share or 0), -abs(moved.difference), moved.after.subject


def _lapses(by_subject: Mapping[Subject, Sequence[Entry]]) -> Iterator[Lapse]:
    for subject, entries in by_subject.items():
        for one, following in pairwise(entries):
            ends, begins = one.span.last_day, following.span.first_day
            if ends and begins and ends + _A_DAY < begins:
                yield Lapse(subject, ends + _A_DAY, begins - _A_DAY)


def _ending(by_subject: Mapping[Subject, Sequence[Entry]], until: date) -> dict[date, int]:
    last = (entries[-1].span.last_day for entries in by_subject.values())
    return dict(sorted(Counter(day for day in last if day and day <= until).items()))


def _figure(entry: Entry) -> int:
    if isinstance(entry, ExperienceFactor):
        return entry.rate.per_million
    return int(entry.amount) if entry.percent is None else entry.percent.per_million


def _basis(entry: Entry) -> str:
    return "" if isinstance(entry, ExperienceFactor) else entry.basis


# ----------------------------------------------------------------------------
# What a new list of the clinic does to what people owe: sample courses at its prices as they are and as they would
# be.
#
# The courses are those on which plans are tried, without the amounts that they name: here prices alone differ.
# ----------------------------------------------------------------------------

MOST_PLANS = 3
_AMOUNTS = frozenset({"allowed", "billed"})


@dataclass(frozen=True, slots=True)
class PlanImpact:
    """What a list changes for people of one plan whose course begins on a day, with a provider of this experience."""

    plan: Plan
    first_day: date
    experience: str
    impact: Impact


@dataclass(frozen=True, slots=True)
class _Bench:
    shelf: Shelf
    prices: Prices
    before: ClinicPrices
    after: ClinicPrices
    zip: str


def impact_of_list(shelf: Shelf, prices: Prices, new: NewList, drift: Drift, zip_code: str) -> tuple[PlanImpact, ...]:
    """Return the impact on a plan of each of the parties with the most changed rows, from when they count."""
    bench = _Bench(shelf, prices, prices.clinic, _with_list(prices.clinic, new), zip_code)
    changed = [*drift.added, *drift.gone, *(moved.after for moved in drift.moved)]
    parties = Counter(entry.party if isinstance(entry, PriceEntry) else "" for entry in changed)
    found = (_on_party(bench, party, changed) for party, _ in parties.most_common(MOST_PLANS))
    return tuple(one for one in found if one)


def _with_list(clinic: ClinicPrices, new: NewList) -> ClinicPrices:
    prices = tuple(entry for entry in new.entries if isinstance(entry, PriceEntry))
    match new.kind:
        case Kind.CONTRACT:
            return replace(clinic, contract=prices)
        case Kind.SELF_PAY:
            return replace(clinic, self_pay=prices)
        case Kind.FACTORS:
            factors = tuple(entry for entry in new.entries if isinstance(entry, ExperienceFactor))
            return replace(clinic, factors=factors)


def _on_party(bench: _Bench, party: str, changed: list[Entry]) -> PlanImpact | None:
    own = [entry for entry in changed if entry.subject[0] == party]
    day = max(today(), min(entry.span.first_day or date.min for entry in own))
    plan_id = plan_of_party(bench.shelf, party or SELF_PAY, day)
    if plan_id is None:
        return None
    plan = bench.shelf.find(plan_id, day)
    place = next((entry.location for entry in own if isinstance(entry, PriceEntry) and entry.location), "")
    bench = replace(bench, before=bench.before.at(place), after=bench.after.at(place))
    experience = next((entry.experience for entry in own if isinstance(entry, ExperienceFactor)), "standard")
    courses = tuple(_courses(bench, plan, day, experience))
    return PlanImpact(plan, day, experience, Impact(courses)) if courses else None


def _courses(bench: _Bench, plan: Plan, day: date, experience: str) -> Iterator[Course]:
    for sample in read_samples(bench.shelf.folder.folder):
        request = _begun(request_of(_without_amounts(sample.given), plan), day)
        request |= {"plan": plan.id, "provider": {**request.get("provider", {}), "experience": experience}}
        request |= {"zip": bench.zip} if bench.zip else {}
        before, after = (_owed(bench, request, day, clinic) for clinic in (bench.before, bench.after))
        if before or after:
            yield Course(sample.name, SAMPLE, before, after)


def _owed(bench: _Bench, request: Mapping[str, Any], day: date, clinic: ClinicPrices) -> Owed | None:
    try:
        found, _ = estimate_asked(read_request(request, day), bench.shelf, clinic, bench.prices, totals_alone)
    except (RequestRefused, NoPrice, PlanNotInForce, UnknownZip):
        return None  # Such as a code that only one of both lists names.
    return owed_in(found)


def _begun(request: dict[str, Any], day: date) -> dict[str, Any]:
    """Return a course moved to begin on a day."""
    later = day - date.fromisoformat(request["visits"][0]["day"])
    visits = [{**visit, "day": _later(visit["day"], later)} for visit in request["visits"]]
    return {**request, "visits": visits, "as_of": day.isoformat()}


def _later(day: str, later: timedelta) -> str:
    return (date.fromisoformat(day) + later).isoformat()


def _without_amounts(written: Any) -> Any:
    if isinstance(written, Mapping):
        return {key: _without_amounts(value) for key, value in written.items() if key not in _AMOUNTS}
    return [_without_amounts(each) for each in written] if isinstance(written, list) else written


# ----------------------------------------------------------------------------
# Codes that a plan pays and no price of the clinic names, with what an estimate counts for each in its place.
#
# Each code is estimated alone, so that a gap is what the engine says it is, and never a second opinion.
# ----------------------------------------------------------------------------

SELF_PAY = "self-pay"
_OF_A_CLINIC = frozenset({"needling", "therapy", "evaluation"})
_NOT_PAID = frozenset({Status.BUNDLED, Status.PATIENT_BILLED, Status.PROVIDER_ABSORBS})


@dataclass(frozen=True, slots=True)
class Counted:
    """What an estimate counts for one unit where the clinic names no price, and where that comes from."""

    low: Money
    typical: Money
    high: Money
    source: Finding


@dataclass(frozen=True, slots=True)
class Gap:
    """A code without a price of the clinic; `counted` is None where nothing names one, and an estimate must ask."""

    code: str
    words: str
    counted: Counted | None


@dataclass(frozen=True, slots=True)
class PlanGaps:
    """The gaps of a plan on a day; `priced` are the codes that it pays at a price of the clinic or of its own."""

    plan: Plan
    priced: tuple[str, ...]
    gaps: tuple[Gap, ...]


def gaps_of(shelf: Shelf, prices: Prices, plan_id: str, day: date, zip_code: str) -> PlanGaps:
    """Return the gaps of a plan, or of the self-pay list under `self-pay`.

    Raises UnknownPlan, PlanNotInForce, UnknownZip and ClinicPricesRefused.
    """
    plan = shelf.find(plan_id, day)
    priced, gaps = [], []
    for code, service in service_codes(plan.codes).items():
        if service.kind not in _OF_A_CLINIC or not any(code in benefit.services for benefit in plan.benefits):
            continue
        estimate = _estimate(shelf, prices, plan_id, day, zip_code, code)
        if estimate is None:
            gaps.append(Gap(code, service.words, None))
            continue
        line = estimate.typical.visits[0].lines[0]
        if plan_id != SELF_PAY and line.status in _NOT_PAID:
            continue
        if isinstance(line.price, PriceMarket | PriceRegional | PriceCash):
            gaps.append(Gap(code, service.words, _counted(estimate, plan_id)))
        else:
            priced.append(code)
    return PlanGaps(plan, tuple(priced), tuple(gaps))


def plans_with_contracts(shelf: Shelf, prices: Prices, day: date) -> tuple[tuple[str, str | None], ...]:
    """Return each plan or payer that a contract row of the day names, with the id of a plan of it to look at.

    None where no active plan has that id or payer: such rows price nothing.
    """
    parties = sorted({entry.party for entry in prices.clinic.contract if day in entry.span})
    return tuple((party, plan_of_party(shelf, party, day)) for party in parties)


def plan_of_party(shelf: Shelf, party: str, day: date) -> str | None:
    """Return the plan that a contract row names on a day, or one of the payer it names; None where there is none."""
    return next(_plans_of(shelf, party, day), None)


def _plans_of(shelf: Shelf, party: str, day: date) -> Iterator[str]:
    try:
        yield shelf.find(party, day).id
    except (UnknownPlan, PlanNotInForce):
        by_payer = shelf.search(Wanted(payer=party, day=day), 1)
        # A contract may name an insurer, whose plans go by the names of several payers.
        yield from (row.plan_id for row in by_payer or shelf.search(Wanted(text=party, day=day), 1) if party)


def _estimate(shelf: Shelf, prices: Prices, plan_id: str, day: date, zip_code: str, code: str) -> Estimate | None:
    visits: Sequence[Any] = [{"day": day.isoformat(), "services": [{"code": code}]}]
    request = {"plan": plan_id, "visits": visits} | ({"zip": zip_code} if zip_code else {})
    try:
        return estimate_asked(read_request(request, day), shelf, prices=prices, engine=totals_alone)[0]
    except (RequestRefused, NoPrice):
        return None


def _counted(estimate: Estimate, plan_id: str) -> Counted:
    lines = [run.visits[0].lines[0] for run in (estimate.low, estimate.typical, estimate.high)]
    low, typical, high = (line.charge if plan_id == SELF_PAY else line.allowed for line in lines)
    return Counted(low, typical, high, lines[1].price)
