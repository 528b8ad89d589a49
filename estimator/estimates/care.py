"""The care asked about: services, visits, or a course that is spread over days.

A course of so many visits a week falls on the same days of every week: one a week on the first day; two on
the first and the fourth (Monday and Thursday); three on the first, third and fifth; four on the first,
second, fourth and fifth; more on as many days running.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from estimator.engine.request import Service, Visit
from estimator.estimates.contract_codes import ModifierField, ServiceCodeField
from estimator.estimates.contract_parts import Part, Several
from estimator.estimates.contract_values import LAST_DAY, CountField, DayField, MoneyField, WordField, day_of
from estimator.language import N_, _

MOST_VISITS = 366
_MOST_SERVICES = 20
_MOST_MINUTES = 480
_MOST_UNITS = 96
_DAYS_OF_A_WEEK = {1: (0,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4)}

Services = tuple[Service, ...]


class ServicePart(Part):
    """One line of a visit."""

    example = '{"code": "97110", "minutes": 30}'
    code = ServiceCodeField(required=True)
    minutes = CountField(0, _MOST_MINUTES, N_("A service lasts {most} minutes (8 hours) at most."))
    units = CountField(1, 99)
    modifiers = Several(ModifierField(), 0, 4, N_("modifiers"))
    allowed = MoneyField()
    billed = MoneyField()

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> Service:
        return Service(**{**read, "modifiers": frozenset(read.get("modifiers", ()))})


def services_field(**kwargs: Any) -> Several:
    """Return the field for the lines of a visit."""
    return Several(
        fields.Nested(ServicePart), 1, _MOST_SERVICES, N_("services"), validate=_last_a_day_at_most, **kwargs
    )


def _last_a_day_at_most(services: list[Service]) -> None:
    """Refuse minutes beyond a day of work, and units, taken as 15 minutes each, beyond a day."""
    minutes = sum(service.minutes or 0 for service in services)
    if minutes > _MOST_MINUTES:
        words = _("A visit lasts {most} minutes (8 hours) at most; these add up to {number}.")
        raise ValidationError(words.format(most=_MOST_MINUTES, number=minutes))
    units = sum(service.units or 0 for service in services)
    if units > _MOST_UNITS:
        words = _("A day has {most} units of 15 minutes; these add up to {number}.")
        raise ValidationError(words.format(most=_MOST_UNITS, number=units))


class VisitPart(Part):
    """One appointment."""

    example = '{"day": "2026-03-02", "services": […]}'
    day = DayField(required=True)
    network = WordField()
    services = services_field(required=True)

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> Visit:
        return Visit(read["day"], tuple(read["services"]), read.get("network"))


class CoursePart(Part):
    """So many visits from a first day on, all alike but perhaps the first."""

    first_day = DayField(required=True)
    visits = CountField(1, MOST_VISITS, required=True)
    per_week = CountField(1, 7, load_default=1)
    first_visit = services_field()
    each_visit = services_field(required=True)

    @validates_schema
    def _ends_in_time(self, read: dict[str, Any], **kwargs: Any) -> None:
        last = max(_days(read["first_day"], read["visits"], read["per_week"]))
        if last > LAST_DAY:
            words = _("Write fewer visits: the last one would be on {day}.").format(day=last)
            raise ValidationError({"visits": [words]})

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> tuple[Visit, ...]:
        each = tuple(read["each_visit"])
        first = tuple(read.get("first_visit", each))
        days = _days(read["first_day"], read["visits"], read["per_week"])
        return tuple(Visit(day, each if number else first) for number, day in enumerate(days))


def problems_of_order(visits: Any) -> dict[int, dict[str, list[str]]]:
    """Return a problem for each visit that stands after a later one."""
    problems: dict[int, dict[str, list[str]]] = {}
    latest: date | None = None
    for at, visit in enumerate(visits if isinstance(visits, list | tuple) else ()):
        day = day_of(visit.get("day")) if isinstance(visit, Mapping) else None
        if day and latest and day < latest:
            words = _("Write the visits in order of their days: {day} stands after {latest}.")
            problems[at] = {"day": [words.format(day=day, latest=latest)]}
        latest = max(filter(None, (day, latest)), default=None)
    return problems


def with_shared_services(visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """Return the visits with one tuple for equal services: the engine knows a list by its identity."""
    kept: dict[Services, Services] = {}
    return tuple(Visit(visit.day, kept.setdefault(visit.services, visit.services), visit.network) for visit in visits)


def _days(first: date, visits: int, per_week: int) -> Iterator[date]:
    offsets = _DAYS_OF_A_WEEK.get(per_week, tuple(range(per_week)))
    for number in range(visits):
        week, within = divmod(number, per_week)
        yield first + timedelta(days=7 * week + offsets[within])
