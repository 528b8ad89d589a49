"""Set a visit of a given estimate beside its EOB: how much of the difference is coding, rule, price, accumulator.

The estimate is made again with one thing changed at a time, in that order; what a change moves is its part. So the
parts of a line always come to its whole difference, and what no change moves is told as unexplained.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from marshmallow import ValidationError, fields, post_load, validates_schema
from sqlalchemy import Engine

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing.given_estimates import (
    GivenEstimate,
    KeptReconciliation,
    find_all,
    find_reconciliations,
    insert_reconciliation,
)
from estimator.db.connection import reading, writing
from estimator.engine.answer import Estimate, LineEstimate, Status, VisitEstimate
from estimator.engine.findings import DeductibleTaken
from estimator.engine.request import Service, Used
from estimator.engine.values import ZERO, Money, total
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract_values import CountField, MoneyField, Part, ServiceCodeField
from estimator.estimates.saved import Rerun

# ----------------------------------------------------------------------------
# What a payer's explanation of benefits (EOB) says of the lines of one visit, and why an estimate came out otherwise.
#
# Every cent of a difference has one cause, looked for in the order in which the causes stand here.
# ----------------------------------------------------------------------------


class Cause(StrEnum):
    """Why a payer's figure differs from the estimate."""

    CODING = "coding"
    RULE = "rule"
    PRICE = "price"
    ACCUMULATOR = "accumulator"
    UNEXPLAINED = "unexplained"


# Claim adjustment reason codes that deny a line for how it was coded or billed, whatever the plan covers.
CODING_DENIALS = frozenset(
    ("4", "11", "16", "18", "97", "107", "146", "181", "182", "199", "222", "231", "234", "236", "B15")
)
# Codes that say how a line was paid, not that it was denied.
NO_DENIALS = frozenset(("1", "2", "3", "45", "253"))
_PAID = frozenset((Status.PAYABLE, Status.NEEDS_AUTHORIZATION))


@dataclass(frozen=True, slots=True)
class EobLine:
    """One line of the EOB; `line` is its number in the estimate, None where it was added, `denied` a reason code."""

    code: str
    units: int
    patient_owes: Money
    line: int | None = None
    allowed: Money = ZERO
    deductible: Money = ZERO
    copay: Money = ZERO
    coinsurance: Money = ZERO
    plan_paid: Money | None = None
    denied: str = ""

    @property
    def is_denied_for_coding(self) -> bool:
        """Tell whether the line was denied for how it was coded."""
        return self.denied in CODING_DENIALS

    def stands_otherwise(self, estimated: LineEstimate) -> bool:
        """Tell whether the payer decided otherwise than the estimate: paid what it did not, or denied what it did.

        A denial agrees with an estimate that has the patient pay, and with one in which nobody does.
        """
        if not self.denied:
            return estimated.status not in _PAID
        return estimated.status in _PAID or (estimated.owes > 0) != (self.patient_owes > 0)


class Change(NamedTuple):
    """What was changed to make the estimate again: an amount, a count or a code as it was and as the EOB has it."""

    cause: Cause
    kind: str
    code: str = ""
    was: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class LineDifference:
    """One line: what was estimated, what the EOB says, and the part of each cause in the difference."""

    code: str
    units: int
    estimated: Money
    paid: Money
    parts: Mapping[Cause, Money]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A visit set beside its EOB; `low` and `high` are the range that the patient was given for it."""

    visit: int
    lines: tuple[LineDifference, ...]
    changes: tuple[Change, ...]
    low: Money
    high: Money

    @property
    def estimated(self) -> Money:
        """Return what the patient was to owe for the visit."""
        return Money(sum(line.estimated for line in self.lines))

    @property
    def paid(self) -> Money:
        """Return what the patient owes by the EOB."""
        return Money(sum(line.paid for line in self.lines))

    def part(self, cause: Cause) -> Money:
        """Return how much of the difference has this cause."""
        return Money(sum(line.parts[cause] for line in self.lines))


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
        raise RequestRefused((Problem("visit", f"Enter a visit from 1 to {len(visits)}."),))
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


# ----------------------------------------------------------------------------
# The lines of an EOB as somebody types them; all mistakes at once, each with its line and what to enter instead.
#
# Only staff read these sentences, so they are in English alone.
# ----------------------------------------------------------------------------

_REASON = re.compile(r"(?:(?:CO|PR|OA|PI)[- ]?)?([A-Z]?[0-9]{1,3})")
_SHARES = ("deductible", "copay", "coinsurance")


class _ReasonField(fields.Field[str]):
    """A claim adjustment reason code that denies a line, with or without its group."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        found = _REASON.fullmatch(str(value).strip().upper())
        if found is None:
            raise ValidationError("Enter the reason code of the denial, such as 97 or CO-97.")
        if found[1] in NO_DENIALS:
            raise ValidationError(
                f"CARC {found[1]} says how a line was paid, not that it was denied: leave this empty."
            )
        return found[1]


# What to enter in a box that was left empty; "0.00" because an amount that nobody looked up is not zero.
_NEEDED = {
    "code": "Enter the service code, like 97110.",
    "units": "Enter the number of units.",
    "allowed": "Enter the allowed amount. Enter 0.00 only if the EOB says so.",
    "patient_owes": "Enter what the patient owes. Enter 0.00 if the EOB says nothing is owed.",
}


class EobLinePart(Part):
    """One line."""

    example = '{"code": "97110", "units": 2, "allowed": "60.00", "copay": "40.00", "patient_owes": "40.00"}'
    line = CountField(1, 99)
    code = ServiceCodeField(required=True)
    units = CountField(1, 99, required=True)
    allowed = MoneyField()
    deductible = MoneyField()
    copay = MoneyField()
    coinsurance = MoneyField()
    plan_paid = MoneyField()
    patient_owes = MoneyField(required=True)
    denied = _ReasonField()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Say what to enter in a box, where a request would name its key."""
        super().on_bind_field(field_name, field_obj)
        if field_name in _NEEDED:
            field_obj.error_messages["required"] = _NEEDED[field_name]

    @validates_schema
    def _comes_to_the_same(self, read: dict[str, Any], **kwargs: Any) -> None:
        if read.get("denied"):
            return
        if "allowed" not in read:
            raise ValidationError({"allowed": [_NEEDED["allowed"]]})
        shares = total(read.get(name, ZERO) for name in _SHARES)
        if shares != read["patient_owes"]:
            raise ValidationError(
                {"patient_owes": [f"Deductible, copay and coinsurance come to ${shares}: correct one of them."]}
            )

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> EobLine:
        return EobLine(**read)


def read_eob(lines: Sequence[Mapping[str, Any]]) -> tuple[EobLine, ...]:
    """Read the lines of an EOB; raise RequestRefused with all problems, each with its path `lines.0.allowed`."""
    if not lines:
        raise RequestRefused((Problem("lines", "Enter at least one line of the EOB."),))
    try:
        found: list[EobLine] = EobLinePart(many=True).load(list(lines))
    except ValidationError as error:
        raise RequestRefused(tuple(_problems(error.messages))) from error
    return tuple(found)


def _problems(messages: Any) -> Iterator[Problem]:
    for place, fields_of_line in messages.items():
        for name, sentences in fields_of_line.items():
            yield from (Problem(f"lines.{place}.{name}", str(words)) for words in sentences)


# ----------------------------------------------------------------------------
# Keep what an EOB said of a given estimate, and tell how near the estimates of a plan come over time.
# ----------------------------------------------------------------------------

NEAR = Money(500)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How close the estimates of a plan were in the visits of a month; the mean is of differences without a sign."""

    plan_id: str
    month: date
    visits: int
    mean_difference: Money
    near: int
    in_range: int

    @property
    def near_percent(self) -> int:
        """Return the share of visits within five dollars, in whole percent."""
        return 100 * self.near // self.visits

    @property
    def in_range_percent(self) -> int:
        """Return the share of visits within the range that was given, in whole percent."""
        return 100 * self.in_range // self.visits


def keep_reconciliation(engine: Engine, given: GivenEstimate, found: Reconciled, by: Person, now: datetime) -> int:
    """Keep the differences of a visit, in the place of those that were kept for it before; return the number."""
    day = date.fromisoformat(given.answer["visits"][found.visit - 1]["day"])
    row = {
        "entered_at": now,
        "account_id": by.id,
        "given_id": given.id,
        "visit": found.visit,
        "plan_id": given.plan_id,
        "month": day.replace(day=1),
        **{name: int(getattr(found, name)) for name in ("estimated", "paid", "low", "high")},
        "lines": [_line(line) for line in found.lines],
    }
    with writing(engine) as connection:
        number = insert_reconciliation(connection, row)
        note_done(connection, by=by.id, did="estimate-reconciled", subject=f"{given.id} visit {found.visit}", now=now)
        connection.commit()
    return number


def reconciliations_of(engine: Engine, given_id: int) -> tuple[KeptReconciliation, ...]:
    """Return what is kept about the visits of an estimate."""
    with reading(engine) as connection:
        return find_reconciliations(connection, given_id)


def accuracy_by_month(engine: Engine) -> tuple[Accuracy, ...]:
    """Return how near the estimates came, for each plan and month of care."""
    with reading(engine) as connection:
        kept = find_all(connection)
    grouped = groupby(kept, key=lambda one: (one.plan_id, one.month))
    return tuple(_accuracy(plan_id, month, tuple(some)) for (plan_id, month), some in grouped)


def _accuracy(plan_id: str, month: date, some: Sequence[KeptReconciliation]) -> Accuracy:
    off = [abs(one.paid - one.estimated) for one in some]
    # Half-up, to the cent.
    mean = Money((2 * sum(off) + len(off)) // (2 * len(off)))
    near = sum(difference <= NEAR for difference in off)
    return Accuracy(plan_id, month, len(off), mean, near, sum(one.low <= one.paid <= one.high for one in some))


def _line(line: LineDifference) -> dict[str, Any]:
    parts = {str(cause): int(line.parts[cause]) for cause in Cause}
    amounts = {"estimated": int(line.estimated), "paid": int(line.paid)}
    return {"code": line.code, "units": line.units, **amounts, "parts": parts}
