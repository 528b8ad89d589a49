"""What a row of a schedule may say, and the request of the JSON contract that it makes.

No column asks for a name, a member number or a birth date: a row is known by a label of the clinic's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from estimator.engine.plan import Plan
from estimator.engine.request import IN_NETWORK, PHYSICAL_THERAPIST
from estimator.plans.shelf import network_meant, visit_limits

Cells = Mapping[str, str]

_SERVICE = re.compile(r"(?P<code>[A-Za-z0-9]{5})(?::(?P<minutes>\d{1,4})|[xX](?P<units>\d{1,3}))?")
_BETWEEN = re.compile(r"[\s,;+]+")
_YES = {"yes": True, "y": True, "no": False, "n": False}
_NOT_SAID = ("", "unknown", "?")


class Column(NamedTuple):
    """A column: its name in the header, where its problems come from in the request, what it says, and an example."""

    name: str
    paths: tuple[str, ...]
    says: str
    example: str = ""


COLUMNS = (
    Column("label", (), "A label of your own for the row. Never a name, a member number or a birth date.", "A-17"),
    Column("plan", ("plan",), "Needed. The id of a plan.", "template-employer-ppo"),
    Column("zip", ("zip", "locality", "state"), "Needed. The ZIP code of the clinic.", "98101"),
    Column("first_day", ("course.first_day", "visits"), "Needed. The day of the visit, or of the first.", "2026-12-01"),
    Column("visits", ("course.visits",), "How many visits; 1 where it is left empty.", "12"),
    Column("per_week", ("course.per_week",), "Visits a week; 1 where it is left empty.", "2"),
    Column(
        "services",
        ("course.each_visit",),
        "Needed. Codes of each visit, with minutes after a colon or units after an x.",
        "97110:30 97140:15 20561",
    ),
    Column("first_visit", ("course.first_visit",), "Codes of the first visit, where it differs.", "97161 20561"),
    Column(
        "provider", ("provider.type",), "Who treats: physical-therapist where it is left empty.", PHYSICAL_THERAPIST
    ),
    Column("network", ("provider.network",), "in-network where it is left empty.", IN_NETWORK),
    Column("setting", ("provider.setting",), "office or hospital-outpatient.", "office"),
    Column("diagnoses", ("diagnoses",), "ICD-10 codes, the first one primary.", "M54.50"),
    Column("age", ("person.age",), "In years.", "41"),
    Column("deductible_paid", ("used.deductible_paid",), "In dollars, this benefit year.", "600.00"),
    Column("out_of_pocket_paid", ("used.out_of_pocket_paid",), "In dollars, this benefit year.", "600.00"),
    Column("visits_used", ("used.limits",), "Therapy visits used this benefit year.", "4"),
    Column("authorization", ("authorization.on_file", "authorization"), "yes, no or unknown.", "yes"),
    Column("authorization_visits", ("authorization.visits",), "Visits that it grants.", "8"),
    Column("authorization_first_day", ("authorization.first_day",), "The first day it holds.", "2026-12-01"),
    Column("authorization_last_day", ("authorization.last_day",), "The last day it holds.", "2027-01-31"),
    Column("referral", ("referral",), "yes, no or unknown.", "unknown"),
    Column("consent", ("signed_consent",), "Whether a service-specific consent is signed: yes, no or unknown.", "no"),
)
NAMES = tuple(column.name for column in COLUMNS)
NEEDED = ("plan", "zip", "first_day", "services")


def request_of(cells: Cells, plan: Plan | None) -> dict[str, Any]:
    """Return the request that a row makes; a plan tells its own network and the limits that earlier visits used."""
    course = {
        "first_day": cells["first_day"],
        "visits": cells["visits"] or "1",
        "per_week": cells["per_week"],
        "each_visit": services_of(cells["services"]),
        "first_visit": services_of(cells["first_visit"]),
    }
    network = cells["network"] or IN_NETWORK
    meant = network_meant(plan, network) if plan else network
    request = {
        "plan": cells["plan"],
        "zip": cells["zip"],
        "provider": _said({"type": cells["provider"], "network": meant, "setting": cells["setting"]}),
        "diagnoses": [code for code in _BETWEEN.split(cells["diagnoses"]) if code],
        "person": _said({"age": cells["age"]}),
        "used": _used(cells, plan),
        "authorization": _grant(cells),
        "referral": _said({"on_file": yes_or_no(cells["referral"])}),
        "signed_consent": yes_or_no(cells["consent"]),
        "course": _said(course),
    }
    return _said(request)


def column_of(path: str) -> str:
    """Return the column that a problem of the request belongs to; empty where it is about the row as a whole.

    >>> column_of("course.first_visit.1.minutes"), column_of("visits.0.services.1"), column_of("secondary")
    ('first_visit', 'services', '')
    """
    if ".services" in path:
        return "services"
    fitting = [
        (len(start), column.name)
        for column in COLUMNS
        for start in column.paths
        if path == start or path.startswith(f"{start}.")
    ]
    return max(fitting, default=(0, ""))[1]


def services_of(written: str) -> list[dict[str, str]]:
    """Read the codes of a visit; what is no code stays as it is, for the contract to refuse.

    >>> services_of("97110:30, 20561 97140x2")
    [{'code': '97110', 'minutes': '30'}, {'code': '20561'}, {'code': '97140', 'units': '2'}]
    """
    return [_service(word) for word in _BETWEEN.split(written) if word]


def yes_or_no(written: str) -> Any:
    """Return what an answer means; what is none stays as it is, for the contract to refuse."""
    plain = written.casefold()
    return None if plain in _NOT_SAID else _YES.get(plain, written)


def _service(word: str) -> dict[str, str]:
    read = _SERVICE.fullmatch(word)
    return {key: part for key, part in read.groupdict().items() if part} if read else {"code": word}


def _used(cells: Cells, plan: Plan | None) -> dict[str, Any]:
    visits = cells["visits_used"]
    limits = visit_limits(plan) if plan and visits else ()
    sums = {name: cells[name] for name in ("deductible_paid", "out_of_pocket_paid")}
    return _said({**sums, "limits": dict.fromkeys(limits, visits)})


def _grant(cells: Cells) -> dict[str, Any]:
    details = {name: cells[f"authorization_{name}"] for name in ("visits", "first_day", "last_day")}
    return _said({"on_file": yes_or_no(cells["authorization"]), **details})


def _said(written: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in written.items() if value not in ("", None, {}, [])}
