"""The clinic's locations and the register of its therapists: kept on staff pages, used by checks and documents.

A location takes what it does not say itself from the clinic's file. Of a therapist there are initials or a code and
what the law may ask about; what was not said is unknown, never a no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, select, update

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing.clinic import Clinic, clinic_now, clinic_of
from estimator.clock import now_utc
from estimator.db.connection import reading, remembered, writing
from estimator.db.tables import clinic_locations, clinic_price_lists, next_id, therapists
from estimator.engine.coding import STATES
from estimator.engine.coverage import StateRule
from estimator.engine.prices import ClinicPrices
from estimator.engine.request import PHYSICAL_THERAPIST
from estimator.errors import Problem, RequestRefused
from estimator.estimates.run import prices_of_clinic
from estimator.plans.shelf import Shelf
from estimator.prices.books import Prices
from estimator.prices.store import Kind, active_list_ids
from estimator.prices.store import clinic_of as lists_as_prices
from estimator.settings import TIME_ZONE

LOCATION_KEYS = (
    "npi", "tin", "street", "city", "state", "zip", "phone", "email", "contact",
    "modifier", "modifier_excluded", "modifier_expected_denial",
)  # fmt: skip
_OWN_KEYS = ("time_zone", "consent_version")
LIST_KEYS: Mapping[str, Kind] = {"contract_id": Kind.CONTRACT, "self_pay_id": Kind.SELF_PAY}
ASSISTANT = "physical-therapist-assistant"
PROVIDERS = (PHYSICAL_THERAPIST, ASSISTANT)
_MOST = 60


class Trained(StrEnum):
    """Whether a therapist had the training in needling that a state may ask for."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Location:
    """One place where the clinic treats; `settings` are texts by key, without what is absent."""

    id: int
    name: str
    settings: Mapping[str, str]
    contract_id: int | None
    self_pay_id: int | None
    closed_at: datetime | None

    @property
    def zone(self) -> tzinfo | None:
        """Return its time zone; None where it is the clinic's."""
        written = self.settings.get("time_zone", "")
        return TIME_ZONE.kind.read(written) if written else None

    @property
    def consent_version(self) -> str:
        """Return the version of the consent form that is in use here; empty where none is said."""
        return self.settings.get("consent_version", "")

    def clinic(self) -> Clinic:
        """Return the clinic as it is here: its own name, numbers, address and notices, the rest from the clinic's file.

        Raises ClinicRefused where that file has a mistake.
        """
        own = {key: words for key, words in self.settings.items() if key in LOCATION_KEYS}
        habits = clinic_now()
        address = dict.fromkeys(("street", "city", "state", "zip"), "") if "street" in own else {}
        return replace(habits, **{**address, **said_of(clinic_of(own)), "name": self.name})


@dataclass(frozen=True, slots=True)
class Therapist:
    """Who treats: a code of the clinic's own, the kind of license, its state, and the training in needling."""

    id: int
    code: str
    provider: str
    state: str
    trained: str
    training: str
    training_ends_on: date | None
    consent_version: str
    left_at: datetime | None


def said_of(clinic: Clinic) -> dict[str, Any]:
    """Return what a clinic says of itself, by key: nothing that is only a default.

    >>> said_of(Clinic(city="Seattle"))
    {'city': 'Seattle'}
    """
    usual = asdict(Clinic())
    return {key: said for key, said in asdict(clinic).items() if said != usual[key]}


# ----------------------------------------------------------------------------
# What is in the register.
# ----------------------------------------------------------------------------


def locations_of(engine: Engine, *, closed: bool = False) -> tuple[Location, ...]:
    """Return the locations by name: those in use, with `closed` all of them."""
    with reading(engine) as connection:
        found = remembered(connection, "locations", lambda: _locations(connection))
    return tuple(one for one in found if closed or one.closed_at is None)


def _locations(connection: Connection) -> tuple[Location, ...]:
    rows = connection.execute(select(clinic_locations).order_by(clinic_locations.c.name))
    return tuple(Location(**row._mapping) for row in rows)


def location_named(engine: Engine, name: str) -> Location | None:
    """Return the location in use with this name, in capitals or not; None where there is none."""
    return next((one for one in locations_of(engine) if one.name.casefold() == name.strip().casefold()), None)


def therapists_of(engine: Engine, *, left: bool = False) -> tuple[Therapist, ...]:
    """Return the therapists by code: those who work here, with `left` all of them."""
    with reading(engine) as connection:
        rows = connection.execute(select(therapists).order_by(therapists.c.code))
        found = tuple(Therapist(**row._mapping) for row in rows)
    return tuple(one for one in found if left or one.left_at is None)


def licenses_of(engine: Engine) -> Mapping[str, str]:
    """Return the kind of provider of each therapist who works here, by the casefolded code."""
    return {one.code.casefold(): one.provider for one in therapists_of(engine)}


def lists_at(engine: Engine, location: Location) -> tuple[int, ...]:
    """Return the lists that price at a location which names some of its own; none where the usual ones hold."""
    own = {key: getattr(location, key) for key in LIST_KEYS if getattr(location, key)}
    if not own:
        return ()
    with reading(engine) as connection:
        asked = select(clinic_price_lists.c.id, clinic_price_lists.c.kind)
        usual = connection.execute(asked.where(clinic_price_lists.c.id.in_(active_list_ids(connection)))).all()
    return (*(number for number, kind in usual if kind not in {LIST_KEYS[key] for key in own}), *own.values())


def zips_of(engine: Engine) -> Mapping[str, str]:
    """Return the five digits of each location in use that has its own ZIP code, by its casefolded name."""
    return {one.name.casefold(): one.settings["zip"][:5] for one in locations_of(engine) if "zip" in one.settings}


def own_prices(shelf: Shelf, prices: Prices | None) -> Mapping[str, ClinicPrices]:
    """Return the prices of each location that has any of its own, by its casefolded name."""
    found = {one.name.casefold(): prices_of_location(shelf, prices, one) for one in locations_of(shelf.engine)}
    return {name: own for name, own in found.items() if own is not None}


def prices_at(shelf: Shelf, prices: Prices | None, name: str) -> ClinicPrices | None:
    """Return the clinic's prices at a location that has any of its own; None where the usual ones hold."""
    found = location_named(shelf.engine, name) if name else None
    return prices_of_location(shelf, prices, found) if found else None


def prices_of_location(shelf: Shelf, prices: Prices | None, location: Location) -> ClinicPrices | None:
    """Return the lists that a location names, or else the rows of the usual contract that name it with the others."""
    own = lists_at(shelf.engine, location)
    if own:
        return lists_as_prices(shelf.engine, own).at(location.name)
    usual = prices_of_clinic(shelf, prices, location=location.name)
    return usual if usual.location else None


# ----------------------------------------------------------------------------
# Changes: one function each, noted in the log.
# ----------------------------------------------------------------------------


def keep_location(engine: Engine, typed: Mapping[str, str], by: Person, number: int | None = None) -> int:
    """Add a location, or change one; return its id. Raises RequestRefused with everything that is wrong."""
    said = {key: typed.get(key, "").strip() for key in ("name", *LOCATION_KEYS, *_OWN_KEYS, *LIST_KEYS)}
    with writing(engine) as connection:
        problems = [
            *_name_problems(connection, clinic_locations, "name", said["name"], number),
            *_setting_problems(said),
            *_list_problems(connection, said),
        ]
        if problems:
            raise RequestRefused(tuple(problems))
        row = {
            "name": said["name"],
            "settings": {key: said[key] for key in (*LOCATION_KEYS, *_OWN_KEYS) if said[key]},
            **{key: int(said[key]) if said[key] else None for key in LIST_KEYS},
        }
        return _keep(connection, clinic_locations, row, number, by, f"location {said['name']}")


def keep_therapist(engine: Engine, typed: Mapping[str, str], by: Person, number: int | None = None) -> int:
    """Add a therapist, or change one; return the id. Raises RequestRefused with everything that is wrong."""
    keys = ("code", "provider", "state", "trained", "training", "training_ends_on", "consent_version")
    said = {key: typed.get(key, "").strip() for key in keys}
    with writing(engine) as connection:
        problems = [*_name_problems(connection, therapists, "code", said["code"], number), *_therapist_problems(said)]
        if problems:
            raise RequestRefused(tuple(problems))
        ends = date.fromisoformat(said["training_ends_on"]) if said["training_ends_on"] else None
        row = {**said, "training_ends_on": ends}
        return _keep(connection, therapists, row, number, by, f"therapist {said['code']}")


def end_location(engine: Engine, number: int, by: Person, *, is_over: bool) -> None:
    """Close a location, or open it again."""
    _end(engine, clinic_locations, "closed_at", number, by, is_over=is_over)


def end_therapist(engine: Engine, number: int, by: Person, *, is_over: bool) -> None:
    """Take somebody off the register who left, or put them back."""
    _end(engine, therapists, "left_at", number, by, is_over=is_over)


def _keep(
    connection: Connection, table: Table, row: Mapping[str, Any], number: int | None, by: Person, subject: str
) -> int:
    kept = number or next_id(connection, table)
    if number:
        connection.execute(update(table).where(table.c.id == number).values(**row))
    else:
        connection.execute(insert(table), {"id": kept, **row})
    note_done(
        connection, by=by.id, did="register-changed" if number else "register-added", subject=subject, now=now_utc()
    )
    connection.commit()
    return kept


def _end(engine: Engine, table: Table, column: str, number: int, by: Person, *, is_over: bool) -> None:
    now = now_utc()
    with writing(engine) as connection:
        connection.execute(update(table).where(table.c.id == number).values({column: now if is_over else None}))
        did = "register-ended" if is_over else "register-resumed"
        note_done(connection, by=by.id, did=did, subject=f"{table.name} {number}", now=now)
        connection.commit()


def _name_problems(
    connection: Connection, table: Table, key: str, written: str, number: int | None
) -> Iterator[Problem]:
    taken = {name.casefold(): own for own, name in connection.execute(select(table.c.id, table.c[key]))}
    if not 0 < len(written) <= _MOST:
        yield Problem(key, f"Enter a {key} of at most {_MOST} characters.")
    elif taken.get(written.casefold(), number) != number:
        yield Problem(key, f"This {key} is taken. Enter another.")


def _setting_problems(said: Mapping[str, str]) -> Iterator[Problem]:
    try:
        clinic_of({key: said[key] for key in LOCATION_KEYS if said[key]})
    except RequestRefused as refused:
        yield from refused.problems
    if said["time_zone"]:
        try:
            TIME_ZONE.kind.read(said["time_zone"])
        except ValueError:
            yield Problem("time_zone", TIME_ZONE.kind.enter)
    if len(said["consent_version"]) > _MOST:
        yield Problem("consent_version", f"Enter at most {_MOST} characters.")


def _list_problems(connection: Connection, said: Mapping[str, str]) -> Iterator[Problem]:
    for key, kind in LIST_KEYS.items():
        asked = select(clinic_price_lists.c.id).where(clinic_price_lists.c.kind == kind)
        known = {str(number) for number in connection.scalars(asked)} if said[key] else set()
        if said[key] and said[key] not in known:
            yield Problem(key, "Choose one of the lists that were published.")


def _therapist_problems(said: Mapping[str, str]) -> Iterator[Problem]:
    if said["provider"] not in PROVIDERS:
        yield Problem("provider", "Choose physical therapist or assistant.")
    if said["state"] not in STATES:
        yield Problem("state", "Enter the two letters of the state of the license, such as WA.")
    if said["trained"] not in list(Trained):
        yield Problem("trained", "Choose yes, no or unknown.")
    if said["training_ends_on"]:
        try:
            date.fromisoformat(said["training_ends_on"])
        except ValueError:
            yield Problem(
                "training_ends_on", "Enter the day on which the training must be renewed, such as 2027-06-30."
            )
    for key in ("training", "consent_version"):
        if len(said[key]) > _MOST:
            yield Problem(key, f"Enter at most {_MOST} characters.")


# ----------------------------------------------------------------------------
# What to look at before somebody needles: by the law of the state where the care takes place.
# ----------------------------------------------------------------------------


class Concern(StrEnum):
    """Why a therapist may not, or perhaps may not, needle."""

    FORBIDDEN = "forbidden"
    ASSISTANT_UNREAD = "assistant-unread"
    UNTRAINED = "untrained"
    TRAINING_UNKNOWN = "training-unknown"
    TRAINING_OVER = "training-over"
    OTHER_STATE = "other-state"
    CONSENT_OLD = "consent-old"


STOPS = frozenset({Concern.FORBIDDEN, Concern.UNTRAINED, Concern.TRAINING_OVER})


@dataclass(frozen=True, slots=True)
class Flag:
    """One concern about a therapist, with the state's rule and, where a version or a day matters, which."""

    concern: Concern
    therapist: Therapist
    rule: StateRule
    on: date | None = None
    version: str = ""

    @property
    def stops(self) -> bool:
        """Tell whether this therapist may not needle there."""
        return self.concern in STOPS


def needling_flags(
    therapist: Therapist, rule: StateRule, last_day: date, consent_version: str = ""
) -> tuple[Flag, ...]:
    """Return what speaks against needling by this therapist in a state until a day, the gravest first.

    `consent_version` is the form that the location uses now. Nothing is flagged that was read and is met.
    """
    return tuple(sorted(_flags(therapist, rule, last_day, consent_version), key=lambda flag: not flag.stops))


def _flags(therapist: Therapist, rule: StateRule, last_day: date, consent_version: str) -> Iterator[Flag]:
    is_forbidden = rule.forbids(therapist.provider)
    if is_forbidden:
        yield Flag(Concern.FORBIDDEN, therapist, rule)
    elif therapist.provider == ASSISTANT and rule.permission(therapist.provider).may == "unknown":
        yield Flag(Concern.ASSISTANT_UNREAD, therapist, rule)
    if therapist.state != rule.abbreviation:
        yield Flag(Concern.OTHER_STATE, therapist, rule)
    if is_forbidden:
        # No training would change that.
        return
    # Where nobody has read what a state asks, someone without any training is flagged too.
    if therapist.trained == Trained.NO:
        yield Flag(Concern.UNTRAINED if rule.training else Concern.TRAINING_UNKNOWN, therapist, rule)
    elif therapist.trained == Trained.UNKNOWN and rule.training:
        yield Flag(Concern.TRAINING_UNKNOWN, therapist, rule)
    elif therapist.training_ends_on and therapist.training_ends_on < last_day:
        yield Flag(Concern.TRAINING_OVER, therapist, rule, on=therapist.training_ends_on)
    if consent_version and therapist.consent_version != consent_version:
        yield Flag(Concern.CONSENT_OLD, therapist, rule, version=consent_version)
