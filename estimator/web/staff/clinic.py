"""Pages of the clinic at `/staff/clinic/`: its locations, and the register of who treats.

Everybody who works here reads them; an administrator changes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy import Engine
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator import clock
from estimator.accounts.sign_in import Person
from estimator.billing.clinic import Clinic, clinic_now
from estimator.billing.register import (
    LIST_KEYS,
    PROVIDERS,
    Location,
    Therapist,
    Trained,
    end_location,
    end_therapist,
    keep_location,
    keep_therapist,
    lists_at,
    locations_of,
    needling_flags,
    prices_of_location,
    therapists_of,
)
from estimator.billing.schedule_cells import meant
from estimator.db.connection import reading
from estimator.engine.coding import CONTRACTORS_CHOICE, NEEDLING_CODES
from estimator.engine.prices import ClinicPrices
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract_values import Asked
from estimator.prices.store import Kind, history_of
from estimator.web import common
from estimator.web.patient.form import state_of
from estimator.web.staff.common import allowed, person, staff_shelf
from estimator.wording.words import short_day
from estimator.wording.worklist import flag_says, not_registered_says

clinic = Blueprint("clinic", __name__, url_prefix="/clinic")

Page = str | tuple[str, int] | Response
Keep = Callable[[Any, Mapping[str, str], Person, int | None], int]
_UNPROCESSABLE, _SEE_OTHER = 422, 303
_ZIP = 5

Flagged = list[tuple[bool, str]]


class Register:
    """The register as one page needs it, read once; names and codes are the clinic's, in capitals or not."""

    def __init__(self, engine: Engine) -> None:
        self._locations = {one.name.casefold(): one for one in locations_of(engine)}
        self._therapists = {one.code.casefold(): one for one in therapists_of(engine)}

    def location(self, name: str) -> Location | None:
        """Return the location in use with this name; None where there is none."""
        return self._locations.get(name.strip().casefold())

    @property
    def names(self) -> list[str]:
        """Return the names of the locations in use."""
        return [one.name for one in self._locations.values()]

    @property
    def codes(self) -> list[str]:
        """Return the codes of the therapists who work here."""
        return [one.code for one in self._therapists.values()]

    def therapist(self, code: str) -> Therapist | None:
        """Return the therapist who works here under this code; None where there is none."""
        return self._therapists.get(code.strip().casefold())

    def clinic(self, name: str) -> Clinic:
        """Return the clinic as it is at a location; as its file says where no location in use has this name."""
        found = self.location(name)
        return found.clinic() if found else clinic_now()

    def today(self, name: str) -> date:
        """Return today's date at a location; the clinic's where no location in use has this name."""
        found = self.location(name)
        return clock.today(found.zone if found else None)

    def zip_code(self, name: str) -> str:
        """Return the five digits of a location's ZIP code; empty where it has none or no location has this name."""
        found = self.location(name)
        return found.settings.get("zip", "")[:_ZIP] if found else ""

    def prices(self, name: str) -> ClinicPrices | None:
        """Return the clinic's prices at a location that names lists of its own; None where the usual ones hold."""
        found = self.location(name)
        return prices_of_location(staff_shelf(), common.prices(), found) if found else None

    def lists(self, name: str) -> tuple[int, ...]:
        """Return the lists that price at a location which names some of its own; none where the usual ones hold."""
        found = self.location(name)
        return lists_at(staff_shelf().engine, found) if found else ()

    def filled(self, sent: Mapping[str, Any], place: str, code: str) -> dict[str, Any]:
        """Return a request with what it doesn't say: the ZIP code of a location, and the license of a therapist."""
        found = dict(sent)
        if not found.get("zip") and (zip_code := self.zip_code(place)):
            found["zip"] = zip_code
        therapist = self.therapist(code)
        if therapist and isinstance(provider := found.get("provider", {}), Mapping):
            found["provider"] = {"type": therapist.provider} | dict(provider)
        return found

    def flags_of(self, asked: Asked, place: str, code: str) -> Flagged:
        """Return what speaks against the needling in a request, as `flags` does."""
        visits = asked.request.visits
        services = " ".join(line.code for visit in visits for line in visit.services)
        care = {"therapist": code, "location": place, "services": services, "zip": asked.zip or ""}
        return self.flags(care, max(visit.day for visit in visits))

    def flags(self, care: Mapping[str, str], last_day: date) -> Flagged:
        """Return what speaks against the needling in some care until a day, and whether it may not be at all.

        `care` has the columns of a schedule; nothing is flagged where there is no needling or no register. Where the
        place of the care isn't known, the law is that of the license.
        """
        services = f"{care.get('services', '')} {care.get('first_visit', '')}"
        if not (self._therapists and any(code in services for code in NEEDLING_CODES)):
            return []
        cells = meant(care).cells
        if not cells["therapist"]:
            return []
        therapist, location = self.therapist(cells["therapist"]), self.location(cells["location"])
        if therapist is None:
            return [(False, not_registered_says(cells["therapist"]))]
        there = location.settings if location else {}
        state = state_of(cells["zip"]) or state_of(there.get("zip", "")[:_ZIP]) or there.get("state") or therapist.state
        rule, version = common.shelf().states.get(state), location.consent_version if location else ""
        flags = needling_flags(therapist, rule, last_day, version) if rule else ()
        return [(flag.stops, flag_says(flag)) for flag in flags]


def flags_told(flags: Flagged) -> list[dict[str, Any]]:
    """Return flags for other programs."""
    return [{"stops": stops, "says": says} for stops, says in flags]


def register() -> Register:
    """Return the register as this request sees it, read once."""
    if "register" not in g:
        g.register = Register(staff_shelf().engine)
    found: Register = g.register
    return found


# Name, label, hint and the most characters of each field that is typed.
LOCATION_FIELDS: tuple[tuple[str, str, str, int], ...] = (
    (
        "name",
        "Name of the location",
        "Such as Uptown. It stands on documents, and in the column “location” of a schedule.",
        60,
    ),
    ("npi", "NPI", "10 digits.", 10),
    ("tin", "TIN", "9 digits, such as 12-3456789.", 10),
    ("street", "Street", "", 60),
    ("city", "City", "", 60),
    ("state", "State", "Two letters, such as WA.", 2),
    ("zip", "ZIP code", "Prices and state law depend on it.", 10),
    ("phone", "Phone", "", 60),
    ("email", "Email", "", 60),
    ("contact", "Contact person", "", 60),
    ("time_zone", "Time zone", "Such as America/Chicago. Empty: that of the clinic.", 60),
    ("consent_version", "Consent form in use", "Its version, such as 3. Therapists with another one are flagged.", 60),
)
NOTICE_FIELDS = (
    ("modifier", "Modifier on a Medicare line after a signed notice"),
    ("modifier_excluded", "On a line that Medicare leaves out, without a signed notice"),
    ("modifier_expected_denial", "On a line that Medicare is expected to deny, without a signed notice"),
)
LIST_LABELS = {"contract_id": "Contract prices", "self_pay_id": "Self-pay prices"}
PROVIDER_LABELS = tuple(zip(PROVIDERS, ("Physical therapist", "Physical therapist assistant"), strict=True))
TRAINED = ((Trained.YES, "Yes"), (Trained.NO, "No"), (Trained.UNKNOWN, "Not known yet"))


@clinic.get("/")
@allowed("viewer")
def overview() -> str:
    """List the locations and the therapists, each with what speaks against needling in the state of the license."""
    engine = staff_shelf().engine
    listed = [(one, _concerns(one)) for one in therapists_of(engine, left=True)]
    places = locations_of(engine, closed=True)
    return render_template(
        "staff/clinic/overview.html", locations=places, therapists=listed, kinds=dict(PROVIDER_LABELS)
    )


def _concerns(therapist: Therapist) -> list[str]:
    rule = common.shelf().states.get(therapist.state)
    if rule is None or therapist.left_at:
        return []
    return [flag_says(flag) for flag in needling_flags(therapist, rule, clock.today())]


@clinic.get("/locations/new")
@allowed("admin")
def new_location() -> str:
    """Ask for a location."""
    return _location_page({}, ())


@clinic.get("/locations/<int:number>")
@allowed("admin")
def one_location(number: int) -> str:
    """Show a location with what can be changed."""
    found = _location(number)
    lists = {key: str(getattr(found, key) or "") for key in LIST_KEYS}
    return _location_page({"name": found.name, **found.settings, **lists}, (), found)


@clinic.post("/locations/new")
@allowed("admin")
def add_location() -> Page:
    """Add a location, or say what to correct."""
    return _kept(keep_location, None, lambda problems: _location_page(request.form, problems))


@clinic.post("/locations/<int:number>")
@allowed("admin")
def change_location(number: int) -> Page:
    """Change a location, or say what to correct."""
    found = _location(number)
    return _kept(keep_location, number, lambda problems: _location_page(request.form, problems, found))


@clinic.post("/locations/<int:number>/state")
@allowed("admin")
def close_location(number: int) -> Page:
    """Close a location, or open it again."""
    end_location(staff_shelf().engine, number, person(), is_over=_location(number).closed_at is None)
    return redirect("/staff/clinic/", _SEE_OTHER)


@clinic.get("/therapists/new")
@allowed("admin")
def new_therapist() -> str:
    """Ask for a therapist."""
    return _therapist_page({"trained": Trained.UNKNOWN}, ())


@clinic.get("/therapists/<int:number>")
@allowed("admin")
def one_therapist(number: int) -> str:
    """Show a therapist with what can be changed."""
    found = _therapist(number)
    keys = ("code", "provider", "state", "trained", "training", "consent_version")
    ends = found.training_ends_on.isoformat() if found.training_ends_on else ""
    return _therapist_page({**{key: getattr(found, key) for key in keys}, "training_ends_on": ends}, (), found)


@clinic.post("/therapists/new")
@allowed("admin")
def add_therapist() -> Page:
    """Add a therapist, or say what to correct."""
    return _kept(keep_therapist, None, lambda problems: _therapist_page(request.form, problems))


@clinic.post("/therapists/<int:number>")
@allowed("admin")
def change_therapist(number: int) -> Page:
    """Change a therapist, or say what to correct."""
    found = _therapist(number)
    return _kept(keep_therapist, number, lambda problems: _therapist_page(request.form, problems, found))


@clinic.post("/therapists/<int:number>/state")
@allowed("admin")
def end_work(number: int) -> Page:
    """Take a therapist off the register, or put them back."""
    end_therapist(staff_shelf().engine, number, person(), is_over=_therapist(number).left_at is None)
    return redirect("/staff/clinic/", _SEE_OTHER)


def _kept(keep: Keep, number: int | None, again: Callable[[Sequence[Problem]], str]) -> Page:
    try:
        keep(staff_shelf().engine, request.form, person(), number)
    except RequestRefused as refused:
        return again(refused.problems), _UNPROCESSABLE
    return redirect("/staff/clinic/", _SEE_OTHER)


def _location(number: int) -> Location:
    found = next((one for one in locations_of(staff_shelf().engine, closed=True) if one.id == number), None)
    if found is None:
        raise NotFound
    return found


def _therapist(number: int) -> Therapist:
    found = next((one for one in therapists_of(staff_shelf().engine, left=True) if one.id == number), None)
    if found is None:
        raise NotFound
    return found


def _location_page(typed: Mapping[str, str], problems: Sequence[Problem], found: Location | None = None) -> str:
    return render_template(
        "staff/clinic/location.html",
        found=found,
        typed=typed,
        errors=_errors(problems),
        fields=LOCATION_FIELDS,
        notices=NOTICE_FIELDS,
        modifiers=[(one, one) for one in CONTRACTORS_CHOICE],
        lists=[(key, LIST_LABELS[key], _lists(kind)) for key, kind in LIST_KEYS.items()],
    )


def _lists(kind: Kind) -> list[tuple[str, str]]:
    with reading(staff_shelf().engine) as connection:
        published = history_of(connection, kind)
    return [
        (str(one.id), f"{one.file}, {one.rows} rows, published {short_day(one.published_at.date())}")
        for one in published
    ]


def _therapist_page(typed: Mapping[str, str], problems: Sequence[Problem], found: Therapist | None = None) -> str:
    return render_template(
        "staff/clinic/therapist.html",
        found=found,
        typed=typed,
        errors=_errors(problems),
        providers=PROVIDER_LABELS,
        trained=TRAINED,
    )


def _errors(problems: Sequence[Problem]) -> dict[str, str]:
    return {problem.path: problem.message for problem in reversed(problems)}
