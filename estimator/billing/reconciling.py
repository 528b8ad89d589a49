"""Set a visit of a kept estimate beside its EOB: how much of the difference is coding, rule, price, accumulator.

The estimate is made again with one thing changed at a time, in that order; what a change moves is its part. So the
parts of a line always come to its whole difference, and what no change moves is told as unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

from estimator.billing.eob import Cause, Change, EobLine, LineDifference, Reconciled
from estimator.engine.answer import Estimate, LineEstimate, VisitEstimate
from estimator.engine.findings import DeductibleTaken
from estimator.engine.request import Service, Used
from estimator.engine.values import ZERO, Money, total
from estimator.errors import Problem, RequestRefused
from estimator.estimates.saved import Rerun

_MAXIMUM = "out-of-pocket-max"
_DEDUCTIBLE = "deductible"


class _Row(NamedTuple):
    """A line of the visit: as estimated (None where it was added), and on the EOB (None where it is missing)."""

    estimated: LineEstimate | None
    eob: EobLine | None


@dataclass
class _Making:
    """The visit on its way from the estimate to the EOB.

    `services` are the lines that the engine still answers by their place, `settled` what the others come to.
    """

    rerun: Rerun
    visit: int
    rows: Sequence[_Row]
    used: Used
    services: dict[int, Service]
    settled: dict[int, Money] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def settle(self, place: int, amount: Money) -> None:
        """Take a line out of what the engine answers."""
        self.services.pop(place, None)
        self.settled[place] = amount

    def run(self, used: Used | None = None) -> VisitEstimate | None:
        """Return the visit as it now stands; None where no line of it is left to the engine."""
        if not self.services:
            return None
        asked = self.rerun.asked
        visits = list(asked.request.visits)
        services = tuple(self.services[place] for place in sorted(self.services))
        visits[self.visit - 1] = replace(visits[self.visit - 1], services=services)
        request = replace(asked.request, visits=tuple(visits), used=used or self.used)
        return self.rerun.estimate(replace(asked, request=request))[0].typical.visits[self.visit - 1]

    def owes(self) -> tuple[Money, ...]:
        """Return what each line comes to."""
        ran = self.run()
        answered = dict(zip(sorted(self.services), (line.owes for line in ran.lines), strict=True)) if ran else {}
        return tuple({**answered, **self.settled}[place] for place in range(len(self.rows)))

    def left(self) -> Iterator[tuple[int, _Row]]:
        """Yield the lines that the engine still answers."""
        return ((place, row) for place, row in enumerate(self.rows) if place in self.services)


def reconcile(rerun: Rerun, answer: Mapping[str, Any], visit: int, eob: Sequence[EobLine]) -> Reconciled:
    """Return the differences of a visit, by line and cause; `answer` is what the estimate came to when it was kept.

    Raises RequestRefused where the estimate has no such visit or line, or cannot be made again as it was.
    """
    estimate, _ = rerun.estimate(rerun.asked)
    _check(estimate, answer, visit, eob)
    rows = _rows(estimate.typical.visits[visit - 1], eob)
    request = rerun.asked.request
    services = dict(enumerate(request.visits[visit - 1].services))
    making = _Making(rerun, visit, rows, request.used, services)
    stages = [tuple(row.estimated.owes if row.estimated else ZERO for row in rows)]
    for change in _STEPS.values():
        change(making)
        stages.append(making.owes())
    stages.append(tuple(row.eob.patient_owes if row.eob else ZERO for row in rows))
    spread = [run.visits[visit - 1].owes for run in (estimate.low, estimate.typical, estimate.high)]
    lines = tuple(_difference(row, [stage[place] for stage in stages]) for place, row in enumerate(rows))
    return Reconciled(visit, lines, tuple(making.changes), min(spread), max(spread))


def _coding(making: _Making) -> None:
    for place, (estimated, eob) in enumerate(making.rows):
        if eob is None and estimated is not None:
            making.settle(place, ZERO)
            making.changes.append(Change(Cause.CODING, "missing", estimated.code))
        elif estimated is None and eob is not None:
            # The other lines are answered beside it; all that it comes to itself is coding.
            if not eob.denied:
                making.services[place] = Service(eob.code, units=eob.units, allowed=eob.allowed)
            making.settled[place] = eob.patient_owes
            making.changes.append(Change(Cause.CODING, "added", eob.code))
        elif estimated is not None and eob is not None and eob.is_denied_for_coding:
            making.settle(place, eob.patient_owes)
            making.changes.append(Change(Cause.CODING, "denied", eob.code, now=eob.denied))
        elif estimated is not None and eob is not None and eob.units != estimated.units:
            making.services[place] = replace(making.services[place], minutes=None, units=eob.units)
            making.changes.append(Change(Cause.CODING, "units", eob.code, str(estimated.units), str(eob.units)))


def _rule(making: _Making) -> None:
    for place, (estimated, eob) in list(making.left()):
        if estimated is not None and eob is not None and eob.stands_otherwise(estimated):
            making.settle(place, eob.patient_owes)
            kind = "denied" if eob.denied else "paid"
            making.changes.append(Change(Cause.RULE, kind, eob.code, str(estimated.status), eob.denied))


def _price(making: _Making) -> None:
    for place, (estimated, eob) in list(making.left()):
        if estimated is None or eob is None:
            continue
        # What no plan pays has no allowed amount: there the price is what the patient is asked.
        was, now = (estimated.owes, eob.patient_owes) if eob.denied else (estimated.allowed, eob.allowed)
        making.services[place] = replace(making.services[place], allowed=now)
        if was != now:
            making.changes.append(Change(Cause.PRICE, "allowed", eob.code, str(was), str(now)))


def _accumulator(making: _Making) -> None:
    ran = making.run()
    if ran is None:
        return
    paid = [row.eob for _, row in making.left() if row.eob is not None]
    _other_deductible(making, ran, total(line.deductible for line in paid))
    ran = making.run()
    maximum = _of(ran, _MAXIMUM) if ran else None
    if maximum and ran and ran.owes > 0 and not any(line.patient_owes for line in paid):
        was, making.used = making.used.out_of_pocket_paid, replace(making.used, out_of_pocket_paid=Money(maximum))
        making.changes.append(Change(Cause.ACCUMULATOR, _MAXIMUM, was=str(was), now=str(Money(maximum))))


_STEPS: Mapping[Cause, Callable[[_Making], None]] = {
    Cause.CODING: _coding,
    Cause.RULE: _rule,
    Cause.PRICE: _price,
    Cause.ACCUMULATOR: _accumulator,
}


def _other_deductible(making: _Making, ran: VisitEstimate, taken: Money) -> None:
    """Find the deductible paid before, nearest to what was said, with which the visit takes as much as on the EOB."""
    whole, was = _of(ran, _DEDUCTIBLE), making.used.deductible_paid
    if whole is None or _deductible(ran) == taken:
        return

    def takes(paid: int) -> Money:
        again = making.run(replace(making.used, deductible_paid=Money(paid)))
        return _deductible(again) if again else ZERO

    if _deductible(ran) > taken:
        found = _first(was, max(whole, was), lambda paid: takes(paid) <= taken)
    else:
        found = was - _first(0, was, lambda less: takes(was - less) >= taken)
    if found != was and takes(found) == taken:
        making.used = replace(making.used, deductible_paid=Money(found))
        making.changes.append(Change(Cause.ACCUMULATOR, _DEDUCTIBLE, was=str(was), now=str(Money(found))))


def _first(low: int, high: int, is_so: Callable[[int], bool]) -> int:
    """Return the least number at which something is so that stays so; the last where it never is."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_so(middle) else (middle + 1, high)
    return low


def _deductible(ran: VisitEstimate) -> Money:
    return total(step.owes for line in ran.lines for step in line.steps if isinstance(step.finding, DeductibleTaken))


def _of(ran: VisitEstimate, name: str) -> int | None:
    return next((balance.of for balance in ran.balances if balance.name == name), None)


def _rows(visit: VisitEstimate, eob: Sequence[EobLine]) -> list[_Row]:
    known = {line.line: line for line in eob if line.line is not None}
    rows = [_Row(line, known.get(number)) for number, line in enumerate(visit.lines, 1)]
    return [*rows, *(_Row(None, line) for line in eob if line.line is None)]


def _difference(row: _Row, stages: Sequence[Money]) -> LineDifference:
    line = row.estimated or row.eob
    assert line is not None
    moved = [Money(later - earlier) for earlier, later in pairwise(stages)]
    return LineDifference(line.code, line.units, stages[0], stages[-1], dict(zip(Cause, moved, strict=True)))


def _check(estimate: Estimate, answer: Mapping[str, Any], visit: int, eob: Sequence[EobLine]) -> None:
    visits = estimate.typical.visits
    if not 1 <= visit <= len(visits):
        raise RequestRefused((Problem("visit", f"Write a visit from 1 to {len(visits)}."),))
    then = [line["patient_owes"] for line in answer["visits"][visit - 1]["lines"]]
    if then != [str(line.owes) for line in visits[visit - 1].lines]:
        words = "This estimate comes out otherwise today, so that a difference could not be told apart from that."
        raise RequestRefused((Problem("visit", words),))
    known = visits[visit - 1].lines
    problems = [
        Problem(f"lines.{place}.code", f"Line {line.line} of the estimate is another code.")
        for place, line in enumerate(eob)
        if line.line is not None and not (line.line <= len(known) and known[line.line - 1].code == line.code)
    ]
    if problems:
        raise RequestRefused(tuple(problems))
