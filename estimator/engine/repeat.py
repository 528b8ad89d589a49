"""Visits that come out as the one before them: told from what that one read and moved, and not settled anew.

Most courses are the same visit again and again. Equal visits cost the same until a deductible, a limit, the
out-of-pocket maximum, a grant or the number of the visit turns. How many there are until then is
told here; whatever can't be told safely is settled as any other visit, which is slower and never another answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby, takewhile
from operator import attrgetter
from typing import NamedTuple

from estimator.engine.accumulators import COUNTED, DEDUCTIBLE, MAXIMUM, Tally
from estimator.engine.answer import LineEstimate, Settled, SettledAgain, Step
from estimator.engine.authorization import AUTHORIZATION, Requirement
from estimator.engine.covered_line import counting_tally
from estimator.engine.findings import (
    AuthorizationNeeded,
    AuthorizationUnread,
    DeductibleTaken,
    Finding,
    MaximumReached,
    ShareCapped,
)
from estimator.engine.plan import Benefit, Ceiling, CostShare, Every, Measure, Network, Past
from estimator.engine.request import Grant
from estimator.engine.values import Money, Unknown
from estimator.engine.visits import ReadyLine, ReadyVisit, Running

_GROWS = frozenset({Every.BENEFIT_YEAR, Every.CALENDAR_YEAR, Every.CONDITION, Every.EPISODE, Every.LIFETIME})
"""Limits of which what was used stays used within a year."""
_STARTS_AGAIN = frozenset({Every.DAY, Every.VISIT})

Lines = tuple[LineEstimate, ...]


class Mark(NamedTuple):
    """Where everything stood that a visit moves: payments toward each ceiling, entries of each limit, and so on."""

    paid: dict[str, int]
    entries: list[int]
    settled: int
    penalty: int


def mark(running: Running) -> Mark:
    """Note where everything stands before a visit."""
    return Mark(
        {name: len(paid.by_day) for name, paid in running.ledger.paid.items()},
        [len(tally.entries) for tally in running.tallies.values()],
        len(running.log.settled),
        running.penalty_taken,
    )


class _Moved(NamedTuple):
    """What a visit moved: cents toward each ceiling, payment by payment, and what it used up of each limit.

    `counted` are its lines that a benefit covers, `settled` what the log holds of them. `deductible` are the cents that
    it credited toward each deductible of its lines, by name.
    """

    network: Network
    counted: list[ReadyLine]
    number: int
    day: date
    paid: dict[str, list[int]]
    deductible: dict[str, int]
    entries: dict[str, list[int]]
    settled: tuple[Settled, ...]


class Repeated(NamedTuple):
    """Visits that come out as one that was settled: their days, its lines, and what later ones tell otherwise."""

    days: Sequence[date]
    lines: Lines
    told: Sequence[_Told]

    def lines_of(self, later: int) -> Lines:
        """Return the lines of the visit that is so many later than the settled one."""
        return _at(self.lines, self.told, later)


_NONE = Repeated((), (), ())


def repeat(running: Running, ready: ReadyVisit, lines: Lines, before: Mark, days: Sequence[date]) -> Repeated:
    """Return the visits that come out as the one that the run has just come to, and move what they move.

    `days` are those of the visits after it that are made ready alike, each alone on its day; fewer may come back.
    """
    moved = _moved_since(before, running, ready, lines)
    if moved is None:
        return _NONE
    year, start = running.ledger.year, running.ledger.year_start
    days = list(takewhile(lambda day: day.year == moved.day.year and year.first_day(day) == start, days))
    counts: dict[tuple[int, str], int] = {}
    many = min(len(days), _until_maximum(running, moved), *_until_deductibles(running, moved))
    for line in moved.counted:
        for limit in line.limits:
            many = min(many, _until_limit(running, running.tallies[limit.name], moved))
        for requirement in line.requirements:
            until, counts[line.place, requirement.kind] = _until_turn(running, line, requirement, moved)
            many = min(many, until, _granted_alike(running, requirement, moved, days))
    if not many:
        return _NONE
    days = days[:many]
    _move(running, moved, range(moved.number + 1, moved.number + 1 + many), days)
    return Repeated(days, lines, list(_told_otherwise(ready, lines, counts, moved.deductible)))


def _moved_since(before: Mark, running: Running, ready: ReadyVisit, lines: Lines) -> _Moved | None:
    """Return what a visit moved; None where an equal one may come out otherwise whatever is left of limits."""
    paid = {}
    for name, toward in running.ledger.paid.items():
        cents = [cents for _, cents in toward.by_day[before.paid.get(name, 0) :]]
        if cents:
            paid[name] = cents
    counted = [line for line in ready.lines if line.is_counted]
    names = {each.name for each in _deductibles(ready.network, counted) if each.name in paid}
    if (
        (names and not _takes_whole(counted, lines))
        or running.penalty_taken != before.penalty
        or not all(map(_is_steady_limit, running.tallies.values()))
        or not all(_is_steady_line(running, line) for line in counted)
    ):
        return None
    tallies = zip(running.tallies.items(), before.entries, strict=True)
    return _Moved(
        network=ready.network,
        counted=counted,
        number=running.number,
        day=running.day,
        paid=paid,
        deductible={name: sum(paid[name]) for name in names},
        entries={name: [entry.amount for entry in tally.entries[length:]] for (name, tally), length in tallies},
        settled=tuple(each for each in running.log.settled[before.settled :] if isinstance(each, Settled)),
    )


def _benefit(line: ReadyLine) -> Benefit:
    assert line.decision.benefit is not None
    return line.decision.benefit


def _deductibles(network: Network, counted: Sequence[ReadyLine]) -> list[Ceiling]:
    found = (network.deductible, *[_benefit(line).deductible for line in counted])
    return [each for each in found if isinstance(each, Ceiling)]


def _takes_whole(counted: Sequence[ReadyLine], lines: Lines) -> bool:
    """Tell whether each line credited all that a deductible took of it: then it takes the same while so much is left.

    Nothing forgave a part of it, and no other share bounds it, of which the lesser may be the other one later.
    """
    return not any(share.not_above for line in counted for share in _shares(line)) and not any(
        isinstance(step.finding, MaximumReached | ShareCapped) for line in lines for step in line.steps
    )


def _is_steady_limit(tally: Tally) -> bool:
    """Tell whether what is used up of a limit changes by visits alone, within a year, and not as days go by."""
    limit = tally.limit
    return not (tally.entries or tally.opening) or (
        (limit.every in _GROWS or limit.every in _STARTS_AGAIN) and limit.measure is not Measure.MONTHS
    )


def _is_steady_line(running: Running, line: ReadyLine) -> bool:
    """Tell whether the share and the authorization rules of a covered line read nothing else than is looked at here."""
    return not any(each.by_visit for share in _shares(line) for each in _with_lower(share)) and not any(
        each.rule.waiver_visits or each.rule.restart_gap_days or _grant(running, each).units is not None
        for each in line.requirements
    )


def _shares(line: ReadyLine) -> list[CostShare]:
    return [each for each in (line.decision.share, _benefit(line).without_authorization) if each is not None]


def _with_lower(share: CostShare) -> Iterator[CostShare]:
    yield share
    if share.not_above is not None:
        yield from _with_lower(share.not_above)


def _grant(running: Running, requirement: Requirement) -> Grant:
    request = running.given.request
    return request.authorization if requirement.kind == AUTHORIZATION else request.referral


# ----------------------------------------------------------------------------
# How many visits until something turns.
# ----------------------------------------------------------------------------

_MANY = 10**6


def _until_maximum(running: Running, moved: _Moved) -> int:
    """Return for how many visits the out-of-pocket maximum has room."""
    maximum = moved.network.out_of_pocket_max
    if not isinstance(maximum, Ceiling) or maximum.name not in moved.paid:
        return _MANY
    return running.ledger.rest(maximum, MAXIMUM) // sum(moved.paid[maximum.name])


def _until_deductibles(running: Running, moved: _Moved) -> list[int]:
    """Return for how many visits each deductible holds what this one took of it."""
    deductibles = _deductibles(moved.network, moved.counted) if moved.deductible else ()
    return [
        running.ledger.rest(each, DEDUCTIBLE) // moved.deductible[each.name]
        for each in deductibles
        if each.name in moved.deductible
    ]


def _until_limit(running: Running, tally: Tally, moved: _Moved) -> int:
    """Return for how many visits a limit answers as it answered this one."""
    limit, taken = tally.limit, sum(moved.entries[tally.limit.name])
    may_need = limit.past is Past.NEEDS_AUTHORIZATION or limit.extension is not None
    if isinstance(limit.amount, Unknown):
        return 0 if may_need else _MANY
    if limit.every in _STARTS_AGAIN or not taken:
        return 0 if may_need else _MANY
    left = tally.left(running.day, running.number)
    is_marked = limit.past is Past.CONTINUES and not may_need and left + taken <= 0
    return _MANY if is_marked else max(0, left // taken)


def _until_turn(running: Running, line: ReadyLine, requirement: Requirement, moved: _Moved) -> tuple[int, int]:
    """Return for how many visits a rule stays on its side of the visit from which it asks, and what each counts."""
    rule, kind = requirement.rule, requirement.kind
    tally = counting_tally(running, rule, [running.tallies[limit.name] for limit in line.limits])
    if tally is None:
        episode = running.episodes.get((_benefit(line).name, kind))
        if episode is None or moved.number not in episode.visits:
            return _MANY, 0  # What stopped the line before it came to the rule stops it again.
        number, counts = episode.number, 1
    else:
        counts = sum(moved.entries[tally.limit.name])
        if tally.limit.measure not in COUNTED or counts > 1:
            return 0, 0
        number = tally.used(moved.day, moved.number) - counts + 1
        if tally.limit.every in _STARTS_AGAIN:
            counts = 0
    if rule.from_visit is None or number >= rule.from_visit or not counts:
        return _MANY, counts
    return rule.from_visit - 1 - number, counts


def _granted_alike(running: Running, requirement: Requirement, moved: _Moved, days: Sequence[date]) -> int:
    """Return for how many visits a grant on file holds as it held, or didn't hold, for this one."""
    grant, spent = _grant(running, requirement), running.spent.get(requirement.kind)
    if not grant.on_file or spent is None:
        return _MANY
    is_covered = moved.number in spent.visits
    room = grant.visits - grant.used_visits - len(spent.visits) if is_covered and grant.visits is not None else _MANY
    was = moved.day in grant.valid
    return min(max(0, room), sum(1 for _ in takewhile(lambda day: (day in grant.valid) == was, days)))


# ----------------------------------------------------------------------------
# What they move, and what is told of each.
# ----------------------------------------------------------------------------


def _move(running: Running, moved: _Moved, numbers: Sequence[int], days: Sequence[date]) -> None:
    log, number = running.log, moved.number
    running.ledger.pay_again(moved.paid, days)
    for name, amounts in moved.entries.items():
        if amounts:
            running.tallies[name].fill_again(amounts, numbers, days)
    for episode in running.episodes.values():
        if number in episode.visits:
            episode.go_on(numbers, days)
    counted = [each.visits for each in running.spent.values()] + [each.visits for each in log.needs.values()]
    for visits in counted:
        if number in visits:
            visits.update(numbers)
    if numbers:
        log.settled.append(SettledAgain(moved.settled, numbers, days))


class _Told(NamedTuple):
    """A step of a line that a later visit tells otherwise: what it names, and how much that is more a visit."""

    place: int
    at: int
    step: Step
    found: AuthorizationNeeded | AuthorizationUnread | DeductibleTaken
    more: int

    def later(self, visits: int) -> Step:
        """Return the step as it is so many visits later."""
        found: Finding
        if isinstance(self.found, DeductibleTaken):
            found = DeductibleTaken(Money(self.found.left_before + visits * self.more))
        else:
            found = replace(self.found, number=self.found.number + visits * self.more)
        return Step(found, self.step.owes, self.step.citation)


def _told_otherwise(
    ready: ReadyVisit, lines: Lines, counts: Mapping[tuple[int, str], int], deductible: Mapping[str, int]
) -> Iterator[_Told]:
    """Yield the steps of a visit that name its own number, or what is left of a deductible."""
    for place, line in enumerate(lines):
        for at, step in enumerate(line.steps):
            found = step.finding
            if isinstance(found, AuthorizationNeeded | AuthorizationUnread) and counts[place, found.kind]:
                yield _Told(place, at, step, found, counts[place, found.kind])
            elif isinstance(found, DeductibleTaken) and deductible:
                ceiling = _benefit(ready.lines[place]).deductible or ready.network.deductible
                assert isinstance(ceiling, Ceiling)
                yield _Told(place, at, step, found, -deductible[ceiling.name])


_PLACE = attrgetter("place")
_STEPS = LineEstimate._fields.index("steps")


def _at(lines: Lines, told: Sequence[_Told], later: int) -> Lines:
    """Return the lines of a visit that is so many `later`, as it tells them."""
    if not told:
        return lines
    found = list(lines)
    for place, of_line in groupby(told, key=_PLACE):
        steps = list(lines[place].steps)
        for each in of_line:
            steps[each.at] = each.later(later)
        found[place] = LineEstimate._make([*lines[place][:_STEPS], tuple(steps), *lines[place][_STEPS + 1 :]])
    return tuple(found)
