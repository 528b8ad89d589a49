"""Keep an estimate under a link that nobody can guess, answer it again as it was, and take it away.

The link and the secret that removes it are given out once; only their hashes are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Engine, Row, Select, delete, func, insert, select, update

from estimator.db.connection import reading, waiting_at_most, writing
from estimator.db.tables import next_id, plan_revisions, saved_estimates
from estimator.engine.answer import Estimate
from estimator.engine.plan import CodeRule, Plan
from estimator.engine.prices import ClinicPrices
from estimator.engine.values import Money
from estimator.errors import DatabaseUnavailable, Stopped
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import Asked
from estimator.estimates.run import Plans, estimate_asked, prices_of_clinic
from estimator.estimates.totals import unexplained
from estimator.plans.common_rules import CommonRule, RulesOn, codes_over
from estimator.plans.layers import Layer
from estimator.plans.shelf import Shelf, held_until
from estimator.plans.store import Key, known_revisions
from estimator.prices.books import Prices
from estimator.prices.store import active_book_ids, active_list_ids, active_prices, prices_of

DAYS = (7, 30, 90)
USUAL_DAYS = 30
# One of a long course takes some 100 kB: together they fill a disk no further than a gigabyte or so.
MOST_KEPT = 10_000
# So that not every look at an estimate is a change of the database.
_NOTED_EVERY = timedelta(days=1)
_SHORT_WAIT_MS = 50
_OPEN_AT_ONCE = 50
_BYTES = 32
_LONGEST_LINK = 100


class Secrets(NamedTuple):
    """What is given out once: the link that shows an estimate, and what removes it."""

    link: str
    removal: str


def save_estimate(
    shelf: Shelf,
    form: Mapping[str, str],
    request: Mapping[str, Any],
    answer: Mapping[str, Any],
    days: int,
    now: datetime,
    price_lists: Sequence[int] = (),
) -> Secrets:
    """Keep an estimate for so many days, and remove those whose time is over.

    Where too many are kept, the one goes that was opened or saved the longest ago. `price_lists` are the clinic's lists
    that it rests on, where they aren't the usual ones.
    """
    secrets = Secrets(token_urlsafe(_BYTES), token_urlsafe(_BYTES))
    fingerprint = str(answer["inputs"]["plan"]).rpartition("@")[2]
    with writing(shelf.engine) as connection:
        remove_expired(connection, now)
        remove_least_used(connection, count_saved(connection) + 1 - MOST_KEPT)
        saved = SavedEstimate(
            link=_hash(secrets.link),
            removal=_hash(secrets.removal),
            form=form,
            request=request,
            answer=answer,
            revision_id=known_revisions(connection, [fingerprint]).get(fingerprint),
            fingerprint=fingerprint,
            books=active_book_ids(connection),
            price_lists=tuple(price_lists) or active_list_ids(connection),
            as_of=date.fromisoformat(answer["inputs"]["as_of"]),
            engine=answer["inputs"]["engine"],
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        insert_saved(connection, saved)
        connection.commit()
    return secrets


def saved_estimate(engine: Engine, link: str, now: datetime) -> SavedEstimate | None:
    """Return what is kept under a link; None where there is nothing, or no longer."""
    mark = _hash(link[:_LONGEST_LINK])
    with reading(engine) as connection:
        found = find_saved(connection, mark, now)
    if found is not None and (found.opened_at is None or now - found.opened_at >= _NOTED_EVERY):
        # What is read is read, also where that cannot be noted now.
        with suppress(DatabaseUnavailable), waiting_at_most(_SHORT_WAIT_MS), writing(engine) as connection:
            note_opened(connection, mark, now)
            connection.commit()
    return found


def remove_estimate(engine: Engine, secrets: Secrets) -> bool:
    """Remove a saved estimate for good; return whether there was one with these secrets."""
    with writing(engine) as connection:
        gone = remove_saved(connection, _hash(secrets.link[:_LONGEST_LINK]), _hash(secrets.removal[:_LONGEST_LINK]))
        connection.commit()
    return gone > 0


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


# ----------------------------------------------------------------------------
# Make a kept estimate again, from its request, its plan revision, its price books, the clinic's lists, and the coding
# edits of its moment.
#
# Whatever was published since, it comes out the same to the cent, unless this program changed, or price files of the
# clinic, where it keeps its prices in files; then what was kept holds.
# ----------------------------------------------------------------------------


class Kept(Protocol):
    """What an estimate rests on; `revision_id` is None where its request describes the plan."""

    @property
    def request(self) -> Mapping[str, Any]:
        """Return the request as the contract reads it."""

    @property
    def answer(self) -> Mapping[str, Any]:
        """Return the answer that was kept; its inputs name the layers it rests on."""

    @property
    def revision_id(self) -> int | None:
        """Return the revision of the plan."""

    @property
    def books(self) -> tuple[int, ...]:
        """Return the price books that were active."""

    @property
    def price_lists(self) -> tuple[int, ...]:
        """Return the clinic's own lists that were active."""

    @property
    def as_of(self) -> date:
        """Return the day on which it was made."""

    @property
    def made_at(self) -> datetime:
        """Return the moment at which it was kept."""


class Again(NamedTuple):
    """A kept estimate made again; both are None where that cannot be done."""

    estimate: Estimate | None
    plan: Plan | None


@dataclass(frozen=True)
class AsItWas:
    """The plans of a shelf, with kept revisions in the place of whichever is active now; `later` follow the first.

    `until` is the moment whose published laws and usual rules count, None for now. `drafted` go before them. With `on`,
    those of that day count, whichever day is asked for.
    """

    shelf: Shelf
    revision_id: int | None
    layers: tuple[Layer, ...]
    later: tuple[int, ...] = ()
    until: datetime | None = None
    drafted: tuple[CommonRule, ...] = ()
    on: date | None = None

    @property
    def engine(self) -> Engine:
        """Return the database that they are in."""
        return self.shelf.engine

    @property
    def codes(self) -> tuple[CodeRule, ...]:
        """Return the codes that classes go by: those drafted, and those published by then."""
        drafted = (one.value for one in self.drafted)
        return codes_over([one for one in drafted if isinstance(one, CodeRule)], self.shelf.codes_at(self.until))

    def plan_of(self, revision_id: int) -> Plan:
        """Return the plan of a revision."""
        return self.shelf.file_of(revision_id, self.codes).plan

    def rules_on(self, day: date) -> RulesOn:
        """Return the law of the states and what is usual on a day."""
        return self.rules_at((day,), day)[0]

    def rules_at(self, days: tuple[date, ...], as_of: date) -> tuple[RulesOn, ...]:
        """Return the same for each day: what was published by then was chosen already."""
        counted = tuple(self.on or day for day in days)
        found = self.shelf.rules_on_each(counted, self.until)
        return tuple(rules.under(self.drafted, day) for rules, day in zip(found, counted, strict=True))

    def layers_at(self, as_of: date) -> tuple[Layer, ...]:
        """Return the layers that were kept."""
        return self.layers

    def find(self, plan_id: str, day: date, as_of: date | None = None) -> Plan:
        """Return the plan of the revision that was kept: which codes count was chosen already."""
        if self.revision_id is None:
            return self.shelf.find_with(plan_id, day, self.codes)
        plan = self._kept[0]
        return plan if plan.id == plan_id else self.shelf.find_with(plan_id, day, self.codes)

    def after(self, plan: Plan, day: date, until: date | None = None) -> Plan | None:
        """Return the revision that was kept for this day; for what no revision was kept of, what is known now."""
        kept = self._kept
        if {plan.id, plan.successor}.isdisjoint(each.id for each in kept):
            return self.shelf.after(plan, day, until)  # A second plan: only the first one's revisions are kept.
        begins = ((each.in_force.first_day or date.min, each) for each in kept)
        later = (each for first_day, each in begins if until and day < first_day <= until)
        return next((each for each in kept if day in each.in_force), next(later, None))

    @property
    def _kept(self) -> Sequence[Plan]:
        """Return the revisions that were kept, each until the next one begins."""
        if self.revision_id is None:
            return ()
        plans = [self.plan_of(number) for number in (self.revision_id, *self.later)]
        for place, following in enumerate(plans[1:]):
            begins, ends = following.in_force.first_day, plans[place].in_force.last_day
            if begins and (ends is None or ends >= begins):
                plans[place] = held_until(plans[place], begins - timedelta(days=1))
        return plans

    def plan_from(self, definition: Mapping[str, Any], as_of: date) -> Plan:
        """Read a plan that a request defines."""
        return self.shelf.plan_from(definition, as_of)


def as_now(shelf: Shelf) -> AsItWas:
    """Return the plans of a shelf under the rules in force now, on whichever day a request was asked."""
    return AsItWas(shelf, None, shelf.layers)


@dataclass(frozen=True)
class Rerun:
    """The question of a kept estimate, with the plans and prices of its day to answer it and others like it."""

    asked: Asked
    plans: Plans
    prices: Prices | None
    location: str = ""

    def estimate(self, asked: Asked) -> tuple[Estimate, Plan]:
        """Answer a question as it would have been answered then; raise Stopped where that cannot be done."""
        own = prices_of_clinic(self.plans, self.prices, location=self.location)
        return estimate_asked(asked, self.plans, own, self.prices)


def rerun_of(shelf: Shelf, kept: Kept) -> Rerun:
    """Return what a kept estimate is made again from; raise Stopped where its request is read no longer."""
    asked = read_request(kept.request, kept.as_of)
    named = [str(each).rpartition("@")[2] for each in kept.answer["inputs"].get("later_plans", ())]
    with reading(shelf.engine) as connection:
        known = known_revisions(connection, named)
    later = tuple(known[fingerprint] for fingerprint in named if fingerprint in known)
    layers = [(str(one["id"]), str(one["fingerprint"])) for one in kept.answer["inputs"].get("layers", ())]
    plans = AsItWas(shelf, kept.revision_id, shelf.layers_named(layers), later, kept.made_at)
    prices = prices_of(shelf.engine, kept.books, kept.price_lists, kept.made_at)
    return Rerun(asked, plans, prices, _location_of(kept))


def _location_of(kept: Kept) -> str:
    """Return the location whose own prices an estimate rests on, empty where it rests on none."""
    return str(kept.answer["inputs"].get("location", ""))


def made_again(shelf: Shelf, kept: Kept) -> Again:
    """Make a kept estimate again from its plan revision and its price books."""
    try:
        rerun = rerun_of(shelf, kept)
        return Again(*rerun.estimate(rerun.asked))
    except Stopped:
        return Again(None, None)


def owed_today(shelf: Shelf, kept: Kept, clinic: ClinicPrices | None = None) -> Money | None:
    """Return what a kept estimate typically comes to by today's plans and prices; None where it cannot be made.

    `clinic` are the prices of its location, where that has any of its own.
    """
    try:
        asked = read_request(kept.request, kept.as_of)
        prices = active_prices(shelf.engine)
        own = clinic if clinic is not None else prices_of_clinic(shelf, prices, location=_location_of(kept))
        estimate, _ = estimate_asked(asked, as_now(shelf), own, prices, unexplained(asked))
    except Stopped:
        return None
    return estimate.typical.owes


# ----------------------------------------------------------------------------
# Estimates that people asked to keep, found by the hash of their link alone.
# ----------------------------------------------------------------------------

_LISTS = ("books", "price_lists")
_AT_ONCE = 500


@dataclass(frozen=True)
class SavedEstimate:
    """One saved estimate; `link` and `removal` are hashes, `revision_id` None where the person described the plan."""

    link: str
    removal: str
    form: Mapping[str, str]
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    revision_id: int | None
    fingerprint: str
    books: tuple[int, ...]
    price_lists: tuple[int, ...]
    as_of: date
    engine: str
    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None = None

    @property
    def made_at(self) -> datetime:
        """Return the moment at which it was kept."""
        return self.created_at


def insert_saved(connection: Connection, saved: SavedEstimate) -> None:
    """Keep an estimate."""
    lists = {name: list(getattr(saved, name)) for name in _LISTS}
    row = {**asdict(saved), **lists, "id": next_id(connection, saved_estimates)}
    connection.execute(insert(saved_estimates), row)


def find_saved(connection: Connection, link: str, now: datetime) -> SavedEstimate | None:
    """Return the estimate of a link; None where there is none, or its time is over."""
    row = connection.execute(_unexpired(now).where(saved_estimates.c.link == link)).first()
    return None if row is None else _saved(row)


def requests_for(connection: Connection, key: Key, now: datetime, most: int) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """Return number and request of what is kept for a plan and its first day, the newest first; no link, no answer."""
    joined = saved_estimates.join(plan_revisions, saved_estimates.c.revision_id == plan_revisions.c.id)
    asked = select(saved_estimates.c.id, saved_estimates.c.request).select_from(joined)
    asked = asked.where(plan_revisions.c.plan_id == key[0], plan_revisions.c.first_day == key[1])
    asked = asked.where(saved_estimates.c.expires_at > now).order_by(saved_estimates.c.id.desc()).limit(most)
    return [(number, request) for number, request in connection.execute(asked)]


def saved_under(
    connection: Connection, plan_ids: Set[str], layers: Set[str], now: datetime
) -> Sequence[tuple[int, Mapping[str, Any], date]]:
    """Return number, request and day of what is kept for these plans or rests on these layers, the newest first."""
    columns, joined = saved_estimates.c, saved_estimates.outerjoin(plan_revisions)
    asked = select(columns.id, plan_revisions.c.plan_id, columns.answer["inputs"]["layers"], columns.as_of)
    asked = asked.select_from(joined).where(columns.expires_at > now).order_by(columns.id.desc())
    wanted = {
        number: day
        for number, plan_id, named, day in connection.execute(asked)
        if plan_id in plan_ids or not layers.isdisjoint(one["id"] for one in named or ())
    }
    found: list[tuple[int, Mapping[str, Any], date]] = []
    numbers = list(wanted)
    for start in range(0, len(numbers), _AT_ONCE):
        some = select(columns.id, columns.request).where(columns.id.in_(numbers[start : start + _AT_ONCE]))
        found += [(number, request, wanted[number]) for number, request in connection.execute(some)]
    return sorted(found, key=lambda one: -one[0])


def each_saved(engine: Engine, now: datetime) -> Iterator[SavedEstimate]:
    """Yield every estimate whose time is not over, the oldest first, with few of them in memory at once."""
    kept = _unexpired(now).order_by(saved_estimates.c.id)
    with reading(engine) as connection:
        numbers = connection.scalars(kept.with_only_columns(saved_estimates.c.id)).all()
    for start in range(0, len(numbers), _OPEN_AT_ONCE):
        some = kept.where(saved_estimates.c.id.in_(numbers[start : start + _OPEN_AT_ONCE]))
        with reading(engine) as connection:
            opened = list(map(_saved, connection.execute(some)))
        yield from opened


def count_saved(connection: Connection) -> int:
    """Return how many estimates are kept."""
    return connection.execute(select(func.count()).select_from(saved_estimates)).scalar_one()


def note_opened(connection: Connection, link: str, now: datetime) -> None:
    """Note that an estimate was opened."""
    connection.execute(update(saved_estimates).where(saved_estimates.c.link == link).values(opened_at=now))


def remove_least_used(connection: Connection, count: int) -> None:
    """Remove so many estimates: those that were opened, or else saved, the longest ago."""
    if count > 0:
        used = func.coalesce(saved_estimates.c.opened_at, saved_estimates.c.created_at)
        last = select(saved_estimates.c.id).order_by(used, saved_estimates.c.id).limit(count)
        connection.execute(delete(saved_estimates).where(saved_estimates.c.id.in_(last)))


def remove_saved(connection: Connection, link: str, removal: str) -> int:
    """Remove the estimate with these two secrets; return how many rows went."""
    both = (saved_estimates.c.link == link) & (saved_estimates.c.removal == removal)
    return connection.execute(delete(saved_estimates).where(both)).rowcount


def remove_expired(connection: Connection, now: datetime) -> int:
    """Remove what is past its time; return how many rows went."""
    return connection.execute(delete(saved_estimates).where(saved_estimates.c.expires_at <= now)).rowcount


def _unexpired(now: datetime) -> Select[Any]:
    columns = (each for each in saved_estimates.c if each.name != "id")
    return select(*columns).where(saved_estimates.c.expires_at > now)


def _saved(row: Row[Any]) -> SavedEstimate:
    return SavedEstimate(**{**row._mapping, **{name: tuple(row._mapping[name]) for name in _LISTS}})
