"""A clinic over ninety days and a year's end: counters equal an independent count, alerts come once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import pytest
import time_machine
from sqlalchemy import Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.billing.alerts import kept_alerts, look_at_cases, raise_alerts
from estimator.billing.authorization_answer import Habits
from estimator.billing.cases import GRANT, STATED, VISIT, NewEntry, add_entries, open_case
from estimator.billing.needs import Thresholds
from estimator.plans.shelf import Draft, Shelf
from tests.billing.test_cases import ANA, LIMITED, cells
from tests.db.sample import definition, published

BEGINS = date(2026, 10, 20)
HABITS = Habits(turnaround_days=3, safety_days=1)
NEVER_NEAR = Thresholds(visits_left=2, days_left=7, cents_left=300_00)
VISITS_A_YEAR, THRESHOLD = 20, 2_480_00
DAYS = [BEGINS + timedelta(days=number) for number in range(90)]


@dataclass
class Told:
    """What the test itself knows of a case: days and cents of its visits, what was stated when, and its grants."""

    id: int
    label: str
    stated: tuple[date, int]
    dollars: tuple[date, int]
    visits: dict[int, tuple[date, int]] = field(default_factory=dict)
    grants: list[tuple[str, int, date, date]] = field(default_factory=list)
    requests: dict[int, date] = field(default_factory=dict)

    def used(self, day: date) -> int:
        """Count the visits of the year: what was stated in it, and the days with a visit since."""
        on, number = self.stated
        is_this_year = on.year == day.year
        days = {when for when, _ in self.visits.values() if when.year == day.year and when <= day}
        return (number if is_this_year else 0) + len({when for when in days if when > on or not is_this_year})

    def spent(self, day: date) -> int:
        """Add up the dollars of the year in the same way."""
        on, cents = self.dollars
        is_this_year = on.year == day.year
        since = [each for when, each in self.visits.values() if when.year == day.year and on < when <= day]
        return (cents if is_this_year else 0) + sum(since)

    def granted(self, day: date) -> dict[str, int]:
        """Give each visit to the first grant that holds and has visits left."""
        left = {name: number for name, number, _, _ in self.grants}
        for when, _ in sorted(each for each in self.visits.values() if each[0] <= day):
            for name, _, first, last in sorted(self.grants, key=lambda each: each[2]):
                if first <= when <= last and left[name]:
                    left[name] -= 1
                    break
        return {name: number - left[name] for name, number, _, _ in self.grants}

    def standing(self, day: date) -> Iterator[tuple[str, str]]:
        """Yield the alerts that stand on a day; those about planned visits are not looked at here."""
        used, spent = self.used(day), self.spent(day)
        left = VISITS_A_YEAR - used
        if left < 0:
            yield "limit-passed", f"therapy-visits {day.year}"
        elif left == 0:
            yield "limit-reached", f"therapy-visits {day.year}"
        elif left <= NEVER_NEAR.visits_left:
            yield "limit-near", f"therapy-visits {day.year}"
        if spent > THRESHOLD:
            yield "kx", f"kx-threshold {day.year}"
        elif THRESHOLD - spent <= NEVER_NEAR.cents_left:
            yield "kx-near", f"kx-threshold {day.year}"
        taken = self.granted(day)
        for name, number, _, last in self.grants:
            if last < day:
                continue
            if taken[name] == number:
                yield "authorization-spent", name
            elif number - taken[name] <= NEVER_NEAR.visits_left:
                yield "authorization-near", name
            if (last - day).days <= NEVER_NEAR.days_left:
                yield "authorization-ends", name
        for number, sent in self.requests.items():
            if (day - sent).days >= NEVER_NEAR.days_unanswered:
                yield "request-unanswered", f"request {number}"


def opened(engine: Engine, number: int, chance: Random) -> Told:
    """Open a case of which some visits and dollars were used before."""
    visits, cents = chance.randrange(0, 12), chance.randrange(0, 2_000_00)
    said = cells(visits_used=str(visits), kx_dollars_used=f"{cents / 100:.2f}", visits="")
    label = f"A-{number}"
    told = Told(open_case(engine, label, said, ANA, BEGINS), label, (BEGINS, visits), (BEGINS, cents))
    _grant(engine, told, BEGINS, chance)
    return told


def _grant(engine: Engine, told: Told, day: date, chance: Random) -> None:
    name, number = f"G{len(told.grants)}", chance.randrange(3, 9)
    last = day + timedelta(days=chance.randrange(20, 60))
    said = {"status": "approved", "number": name, "visits": number, "first_day": day.isoformat()}
    add_entries(engine, told.id, [NewEntry(GRANT, day, said | {"last_day": last.isoformat()})], ANA)
    told.grants.append((name, number, day, last))


def live(engine: Engine, told: Told, day: date, chance: Random) -> None:
    """Let one day pass: a visit, a visit taken back, what a payer states, another grant, a request and its denial."""
    happens = chance.random()
    if day.weekday() < 5 and day > BEGINS and happens < 0.35:
        cents = chance.randrange(60_00, 140_00)
        content = {"services": "97110:30", "allowed": [cents], "source": "schedule"}
        told.visits[add_entries(engine, told.id, [NewEntry(VISIT, day, content)], ANA)] = (day, cents)
    elif happens < 0.37 and told.visits:
        number = max(told.visits)
        when, _ = told.visits.pop(number)
        add_entries(engine, told.id, [NewEntry(VISIT, when, {"void": True}, corrects=number)], ANA)
    elif happens < 0.39:
        visits = told.used(day) + chance.randrange(0, 2)
        add_entries(engine, told.id, [NewEntry(STATED, day, {"visits_used": str(visits)})], ANA)
        told.stated = (day, visits)
    elif happens < 0.40:
        _grant(engine, told, day, chance)
    elif happens < 0.42:
        sent = NewEntry(GRANT, day, {"status": "requested", "visits": 8})
        told.requests[add_entries(engine, told.id, [sent], ANA)] = day
    elif happens < 0.45 and told.requests:
        number = min(told.requests)
        del told.requests[number]
        add_entries(engine, told.id, [NewEntry(GRANT, day, {"status": "denied"}, corrects=number)], ANA)


@pytest.mark.slow_for("postgresql")
@pytest.mark.parametrize("number", [6, pytest.param(300, marks=pytest.mark.slow)])
def test_counters_and_alerts_of_a_season_equal_an_independent_count(database: Engine, number: int) -> None:
    """Whatever happens on ninety days: visits, corrections, calls, grants, and a new year."""
    published(database, [Draft(definition("limited", **LIMITED))])
    add_account(database, ANA.name, Role.BILLING, "four blue herons")
    chance, shelf = Random(2026), Shelf(database)
    expected: dict[tuple[str, str, str], date] = {}
    with time_machine.travel("2026-10-20T12:00:00Z"):
        clinic = [opened(database, each, chance) for each in range(number)]
    for day in DAYS:
        for told in clinic:
            live(database, told, day, chance)
            for kind, name in told.standing(day):
                expected.setdefault((told.label, kind, name), day)
        raise_alerts(shelf, day, HABITS, NEVER_NEAR)
        if day.day % 10 == 0:
            _compare(shelf, clinic, day)
    raised = [
        ((alert.label, alert.kind, _named(alert.content["name"], alert.subject)), alert.raised_on)
        for alert in kept_alerts(database, most=100_000)
    ]

    assert len(dict(raised)) == len(raised) > number
    assert expected == dict(raised)


def _named(name: str, subject: str) -> str:
    period = subject.split("|")[1]
    return f"{name} {period[:4]}" if period else name


def _compare(shelf: Shelf, clinic: list[Told], day: date) -> None:
    by_id = {found.case.id: found for found in look_at_cases(shelf, day, HABITS, NEVER_NEAR)}
    for told in clinic:
        counted = {counter.name: counter.used for counter in by_id[told.id].counters}
        waiting = {f"request {number}": None for number in told.requests}
        own = {"therapy-visits": told.used(day), "kx-threshold": told.spent(day), **told.granted(day), **waiting}
        assert own == counted, (told.label, day)
