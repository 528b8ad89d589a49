"""The counters of a case: what is used, planned and left of every limit of its plan and of every grant.

Used is the latest count a payer stated plus our visits since. Limits are those of the rules in force on each visit's
day, counted by the engine's own tallies; nothing here moves money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from estimator.billing.authorization_answer import Habits
from estimator.billing.authorization_dates import business_days_earlier
from estimator.billing.cases import GRANTED, REQUESTED, CaseNow, GrantOnFile, Visit
from estimator.billing.schedule_cells import codes_of, column_of_limit, services_of
from estimator.engine.accumulators import COUNTED, Asking, Entry, Tally, period_start
from estimator.engine.answer import Log
from estimator.engine.authorization import discipline_of, limits_over
from estimator.engine.coding import units_of
from estimator.engine.plan import Allowed, Benefit, Circumstances, CodeRule, Every, Limit, Measure, Network, Past, Plan
from estimator.engine.request import IN_NETWORK, PHYSICAL_THERAPIST, Grant, Service
from estimator.engine.values import BenefitYear, Money, Unknown, months_later
from estimator.engine.visits import benefit_year_of
from estimator.plans.shelf import network_meant
from estimator.prices.books import service_codes

PlanOn = Callable[[date], Plan]
"""The plan of a case on a day, as the rules of that day have it."""

_LONGEST_AHEAD = 400
_DAYS_OF_A_WEEK = 7
_YEARLY = (Every.BENEFIT_YEAR, Every.CALENDAR_YEAR)
_ROLLING = (Every.ROLLING_DAYS, Every.ROLLING_MONTHS)


@dataclass(frozen=True, slots=True)
class Counter:
    """One limit or grant: what is used, planned and left of it, in its measure; None is not known.

    `resets` is the day from which it counts anew, `ends` the last day it holds, `runs_out` the day of the first planned
    visit that it does not cover, and `act_by` the business day by which to do something about that. `stated` is what a
    payer said was used on `stated_on`; `ours` is what our own visits come to. `column` is the column of a schedule that
    tells what of a limit is used, empty where none does. A request that nobody answered was sent on `requested_on`:
    `of` is what was asked for, nothing of it is used, and `act_by` is the day on which to ask the payer.
    Where a grant runs out because another payer follows, that is so from `new_payer_on` on.
    """

    kind: str
    name: str
    measure: str
    of: int | None
    used: int | None
    planned: int
    resets: date | None = None
    ends: date | None = None
    runs_out: date | None = None
    act_by: date | None = None
    stated: int | None = None
    stated_on: date | None = None
    ours: int = 0
    period: str = ""
    entry: int = 0
    is_marker: bool = False
    column: str = ""
    requested_on: date | None = None
    new_payer_on: date | None = None

    @property
    def left(self) -> int | None:
        """Return what is left, zero where more was used than there is."""
        return None if self.of is None or self.used is None else max(0, self.of - self.used)


LIMIT, GRANT, REQUEST, MONEY = "limit", "grant", "request", "money"


def counters_of(now: CaseNow, plan_on: PlanOn, habits: Habits, using: Sequence[Using]) -> tuple[Counter, ...]:
    """Return the counters of a case on its day: grants first, as they are used, then the limits its services fill."""
    planned = tuple(planned_days(now))
    limits = _limit_counters(now, plan_on, planned, habits)
    return (*_grant_counters(using, planned, habits, now.next_payer_on), *limits)


def planned_days(now: CaseNow) -> Iterator[date]:
    """Yield the days of the visits still to come, at the rhythm of the case from its day on."""
    per_week = now.care.get("per_week", "")
    every = (
        max(1, round(_DAYS_OF_A_WEEK / int(per_week))) if per_week.isdecimal() and int(per_week) else _DAYS_OF_A_WEEK
    )
    last = max((visit.day for visit in now.visits), default=now.day - timedelta(days=every))
    day = max(now.day, last + timedelta(days=every))
    for place in range(min(now.planned, _LONGEST_AHEAD)):
        yield day + timedelta(days=every * place)


# ----------------------------------------------------------------------------
# Grants: each code of a visit uses the first one that holds on its day, names it and has visits left; a grant counts
# a visit once.
# ----------------------------------------------------------------------------


class Using(NamedTuple):
    """An approved authorization with the visits and units of it that are used."""

    grant: GrantOnFile
    visits: int
    units: int


def grants_used(now: CaseNow, plan_on: PlanOn | None) -> tuple[Using, ...]:
    """Return every approved grant with the visits and units of it that are used.

    Minutes become units by the rule of the plan on each visit's day; by Medicare's, where no plan is known.
    """
    held = sorted((each for each in now.grants if each.status in GRANTED), key=_by_first_day)
    visits = {each.entry: each.used_before for each in held}
    units = {each.entry: each.units_before for each in held}
    for visit in now.visits:
        plan = plan_on(visit.day) if plan_on else None
        lines = _lines_of(visit.services, _minutes_rule(now, plan), plan.codes if plan else ())
        open_codes = {line.code for line in lines}
        for each in held:
            covered = {code for code in open_codes if _names(each.grant, code)}
            if covered and _holds(each.grant, visit.day, visits[each.entry], units[each.entry]):
                visits[each.entry] += 1
                units[each.entry] += sum(line.units for line in lines if line.code in covered)
                open_codes -= covered
    return tuple(Using(each, visits[each.entry], units[each.entry]) for each in held)


def grant_in_force(now: CaseNow, using: Sequence[Using]) -> Grant:
    """Return the grant that the next visit rests on, with what of it is used; where none is left, the last one.

    Where its codes rest on several, it is the one with the least left: without it the visit isn't authorized. It then
    names the codes of all of them.
    """
    codes = [service["code"] for service in services_of(now.care.get("services", ""))]
    by_code = [[each for each in using if _names(each.grant.grant, code)] for code in codes] if codes else [[*using]]
    resting = []
    for about in filter(None, by_code):
        fitting = [each for each in about if _holds(each.grant.grant, now.day, each.visits, each.units)]
        resting.append((_left(fitting[0]), fitting[0]) if fitting else (0, about[-1]))
    if not resting:
        # One that was asked for, denied or ended is on file no more than none.
        return Grant(on_file=False if now.grants and not using else None)
    chosen = min(resting, key=lambda each: each[0])[1]
    named = [each.grant.grant.codes for _, each in resting]
    together = frozenset[str]().union(*named) if all(named) else frozenset[str]()
    return replace(chosen.grant.grant, used_visits=chosen.visits, used_units=chosen.units, codes=together)


def _left(using: Using) -> int:
    granted = using.grant.grant
    return _LONGEST_AHEAD if granted.visits is None else granted.visits - using.visits


def _names(grant: Grant, code: str) -> bool:
    return not grant.codes or code in grant.codes


def _by_first_day(each: GrantOnFile) -> tuple[date, int]:
    return each.grant.valid.first_day or date.min, each.entry


def _holds(grant: Grant, day: date, visits: int, units: int) -> bool:
    if day not in grant.valid or (grant.visits is not None and visits >= grant.visits):
        return False
    return grant.units is None or units < grant.units


def _grant_counters(
    used_of: Sequence[Using], planned: Sequence[date], habits: Habits, next_payer_on: date | None
) -> Iterator[Counter]:
    ahead = habits.turnaround_days + habits.safety_days
    for grant, visits, units in used_of:
        granted = grant.grant
        is_units = granted.units is not None and granted.visits is None
        of, used = (granted.units, units) if is_units else (granted.visits, visits)
        before = grant.units_before if is_units else grant.used_before
        each = max(1, (units - before) // max(1, visits - grant.used_before)) if is_units else 1
        left = None if of is None else max(0, of - used)
        covered = [day for day in planned if day in granted.valid and (next_payer_on is None or day < next_payer_on)]
        fitting = covered if left is None else covered[: left // each]
        runs_out = next((day for day in planned if day not in fitting), None)
        yield Counter(
            kind=GRANT,
            name=grant.number or f"authorization {grant.entry}",
            measure=Measure.UNITS if is_units else Measure.VISITS,
            of=of,
            used=used,
            planned=len(planned),
            ends=granted.valid.last_day,
            runs_out=runs_out,
            act_by=business_days_earlier(runs_out, ahead) if runs_out else None,
            ours=used - before,
            entry=grant.entry,
            new_payer_on=next_payer_on if runs_out and next_payer_on and runs_out >= next_payer_on else None,
        )


def requests_waiting(now: CaseNow, days: int) -> Iterator[Counter]:
    """Yield the requests for authorization that no answer stands for; after so many days the payer is asked."""
    for each in now.grants:
        if each.status != REQUESTED:
            continue
        sent, granted = each.requested_on or each.on, each.grant
        is_units = granted.units is not None and granted.visits is None
        yield Counter(
            kind=REQUEST,
            name=each.number or f"request {each.entry}",
            measure=Measure.UNITS if is_units else Measure.VISITS,
            of=granted.units if is_units else granted.visits or each.requested_visits,
            used=None,
            planned=now.planned,
            act_by=sent + timedelta(days=days),
            entry=each.entry,
            requested_on=sent,
        )


# ----------------------------------------------------------------------------
# Limits: filled by the engine's tallies, from the count that was last stated on.
# ----------------------------------------------------------------------------


def _limit_counters(now: CaseNow, plan_on: PlanOn, planned: Sequence[date], habits: Habits) -> Iterator[Counter]:
    today = plan_on(now.day)
    year = benefit_year_of(today)
    under = _limits_of(now, today)
    filled = _Filled(now, plan_on, year)
    for limit in under:
        yield _limit_counter(now, limit, year=year, filled=filled, planned=planned, habits=habits, plan=today)


def _limit_counter(
    now: CaseNow,
    limit: Limit,
    year: BenefitYear,
    filled: _Filled,
    planned: Sequence[date],
    habits: Habits,
    plan: Plan,
) -> Counter:
    tally = filled.tally(limit, plan)
    ours = filled.ours(limit)
    stated = _stated(now, limit, plan)
    used = tally.used(now.day)
    served = [entry.day for entry in tally.entries]
    start = period_start(limit, year, now.day, served)
    is_known = _is_told(now, limit, plan, start, year)
    of = None if isinstance(limit.amount, Unknown) else limit.amount
    each = filled.each(limit)
    resets = _resets(limit, year, now.day, served)
    runs_out = _runs_out(of, used, each, planned, resets) if of is not None else None
    return Counter(
        kind=LIMIT,
        name=limit.name,
        measure=limit.measure,
        of=of,
        used=used if is_known else None,
        planned=each * len([day for day in planned if resets is None or day < resets]),
        resets=resets,
        runs_out=runs_out,
        act_by=business_days_earlier(runs_out, max(1, habits.safety_days)) if runs_out else None,
        stated=stated[1] if stated else None,
        stated_on=stated[0] if stated else None,
        ours=ours.used(now.day),
        period=start.isoformat() if limit.every not in _ROLLING else "",
        is_marker=limit.past is Past.CONTINUES,
        column=column_of_limit(limit, plan),
    )


def _runs_out(of: int, used: int, each: int, planned: Sequence[date], resets: date | None) -> date | None:
    """Return the day of the first planned visit past the limit, None where it starts again before."""
    for place, day in enumerate(planned, 1):
        if resets is not None and day >= resets:
            return None
        if used + each * place > of:
            return day
    return None


def _resets(limit: Limit, year: BenefitYear, day: date, served: Sequence[date]) -> date | None:
    match limit.every:
        case Every.BENEFIT_YEAR:
            return months_later(year.first_day(day), 12)
        case Every.CALENDAR_YEAR:
            return date(day.year + 1, 1, 1)
        case Every.YEAR_FROM_FIRST:
            return months_later(period_start(limit, year, day, served).replace(day=1), 12)
        case Every.ROLLING_DAYS:
            inside = [each for each in served if each > day - timedelta(days=limit.window)]
            return min(inside) + timedelta(days=limit.window) if inside else None
        case Every.ROLLING_MONTHS:
            inside = [each for each in served if each >= months_later(day, -limit.window)]
            return months_later(min(inside), limit.window) if inside else None
        case Every.MONTH:
            return months_later(day.replace(day=1), 1)
        case Every.WEEK:
            return day + timedelta(days=_DAYS_OF_A_WEEK - day.weekday())
        case _:
            return None


def _stated(now: CaseNow, limit: Limit, plan: Plan) -> tuple[date, int] | None:
    column = column_of_limit(limit, plan)
    if column not in now.stated:
        return None
    told = now.stated[column]
    written = told.cells[column]
    try:
        return told.day, int(Money.parse(written)) if limit.measure is Measure.DOLLARS else int(written)
    except ValueError:
        return None


def _is_told(now: CaseNow, limit: Limit, plan: Plan, start: date, year: BenefitYear) -> bool:
    """Tell whether what is used is known: it was stated, or the period began after the case did."""
    if _stated(now, limit, plan) is not None:
        return True
    return limit.every in (*_YEARLY, Every.MONTH, Every.WEEK) and start > now.case.opened_at.date()


def _limits_of(now: CaseNow, plan: Plan) -> tuple[Limit, ...]:
    """Return the limits that the usual services of a case, or those of its visits, fall under."""
    written = [now.care.get("services", ""), *(visit.services for visit in now.visits)]
    codes = {service["code"] for each in dict.fromkeys(written) for service in services_of(each)}
    over = [each for each in plan.benefits if not codes.isdisjoint(each.services)]
    return tuple(plan.limits[name] for name in dict.fromkeys(name for each in over for name in each.limits))


class _Filled:
    """What the visits of a case fill of every limit, by the rules of each visit's day."""

    def __init__(self, now: CaseNow, plan_on: PlanOn, year: BenefitYear) -> None:
        self.now, self.year = now, year
        self.by_limit: dict[str, list[tuple[int, Asking]]] = {}
        for number, visit in enumerate(now.visits, 1):
            for limit, asking in _askings(now, plan_on(visit.day), visit, number):
                self.by_limit.setdefault(limit.name, []).append((visit.number, asking))

    def tally(self, limit: Limit, plan: Plan) -> Tally:
        """Return the limit as it is used: what was stated, and our visits since."""
        stated = _stated(self.now, limit, plan)
        if stated is None:
            return self.ours(limit)
        tally = Tally(limit, self.year, opening=stated[1], opening_day=stated[0])
        if limit.every in _ROLLING or limit.every is Every.YEAR_FROM_FIRST:
            # Nobody told the days of what was stated: they count as of the day it was stated on.
            tally = Tally(limit, self.year)
            tally.entries.append(Entry(stated[0], stated[1], 0))
        return self._fill(tally, limit, after=(stated[0], self.now.stated[column_of_limit(limit, plan)].entry))

    def ours(self, limit: Limit) -> Tally:
        """Return the limit as our own visits alone use it."""
        return self._fill(Tally(limit, self.year), limit, after=None)

    def each(self, limit: Limit) -> int:
        """Return what a usual visit uses up: what the last one did, else one."""
        asked = self.by_limit.get(limit.name, [])
        if limit.measure in COUNTED or not asked:
            return 1 if limit.measure in COUNTED else 0
        last = asked[-1][1].visit
        return sum(entry.amount for entry in self.ours(limit).entries if entry.visit == last)

    def _fill(self, tally: Tally, limit: Limit, after: tuple[date, int] | None) -> Tally:
        for number, asking in self.by_limit.get(limit.name, ()):
            if after is None or (asking.day, number) > after:
                tally.count(asking)
        return tally


def _askings(now: CaseNow, plan: Plan, visit: Visit, number: int) -> Iterator[tuple[Limit, Asking]]:
    """Yield each line of a visit with every limit that it fills under the plan of its day."""
    network = _network(now, plan)
    provider = now.care.get("provider") or PHYSICAL_THERAPIST
    age, diagnoses = now.care.get("age", ""), codes_of(now.care.get("diagnoses", ""))
    for place, line in enumerate(_lines_of(visit.services, _minutes_rule(now, plan), plan.codes)):
        case = Circumstances(
            day=visit.day,
            provider=provider,
            setting=now.care.get("setting") or "office",
            state=None,
            diagnoses=tuple(diagnoses) or None,
            symptom_weeks=None,
            age=int(age) if age.isdecimal() else None,
            purpose=None,
            modifiers=line.modifiers,
        )
        benefit = _benefit_of(plan, line.code, case)
        if benefit is None:
            continue
        allowed = visit.allowed[place] if visit.allowed and place < len(visit.allowed) else 0
        discipline = discipline_of(line.modifiers, service_codes(plan.codes).get(line.code), benefit)
        asking = Asking(
            day=visit.day,
            visit=number,
            line=place,
            discipline=discipline,
            provider=provider,
            units=line.units,
            minutes=line.minutes,
            allowed=allowed,
            billed=0,
        )
        for limit in limits_over(benefit, plan, line.code, network, case, Log()):
            yield limit, asking


def _benefit_of(plan: Plan, code: str, case: Circumstances) -> Benefit | None:
    fitting = [each for each in plan.benefits if code in each.services]
    return next((each for each in fitting if each.when.holds(case) is not False), None)


class _Line(NamedTuple):
    code: str
    units: int
    minutes: int
    modifiers: frozenset[str]


@lru_cache(4096)
def _lines_of(services: str, minutes_rule: str, codes: tuple[CodeRule, ...]) -> tuple[_Line, ...]:
    """Return the lines of a visit with their units, as the engine counts them: too few minutes are none."""
    asked = [
        Service(
            service["code"],
            int(service["minutes"]) if "minutes" in service else None,
            int(service["units"]) if "units" in service else None,
            frozenset(service.get("modifiers", ())),
        )
        for service in services_of(services)
    ]
    units = units_of(asked, Network("", allowed=Allowed(minutes_rule=minutes_rule)), service_codes(codes))
    return tuple(
        _Line(service.code, number, service.minutes or 0, service.modifiers)
        for service, number in zip(asked, units, strict=True)
    )


def _minutes_rule(now: CaseNow, plan: Plan | None) -> str:
    network = plan.networks.get(_network(now, plan)) if plan else None
    return (network.allowed if network else Allowed()).minutes_rule


def _network(now: CaseNow, plan: Plan) -> str:
    return network_meant(plan, now.care.get("network") or IN_NETWORK)
