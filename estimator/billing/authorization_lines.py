"""The lines of a check: for each code of the course, the visits on end at which it stands alike.

Two answers of the engine are laid side by side: one with nothing on file, which shows what is needed at all, and
the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from estimator.billing.authorization_answer import Habits, LineCheck, Spell
from estimator.billing.authorization_facts import authorization_fact, code_fact, payable_fact
from estimator.billing.authorization_liability import liabilities_of
from estimator.engine.answer import Estimate, LineEstimate, VisitEstimate
from estimator.engine.codes import PairEdits, ServiceCode
from estimator.engine.coding import (
    Modifier,
    Use,
    assistant,
    denial,
    discipline,
    paid_with_assistant,
    past_markers,
    separation,
)
from estimator.engine.findings import SecondaryPaid
from estimator.engine.plan import Plan
from estimator.engine.prices import PriceBook
from estimator.engine.request import Request
from estimator.engine.values import ZERO, Money
from estimator.engine.visits import case_of


@dataclass(frozen=True, slots=True)
class Looked:
    """What the lines are looked at with: the request, its plan, both answers, codes, edits and fee schedules."""

    request: Request
    plan: Plan
    bare: Estimate
    real: Estimate
    codes: Mapping[str, ServiceCode]
    edits: PairEdits
    books: tuple[PriceBook, ...]
    habits: Habits


Name = tuple[str, tuple[str, ...], int]
"""A line over the course: its code, what is written on it, and the how manieth such line of its visit it is."""


def check_lines(looked: Looked) -> tuple[LineCheck, ...]:
    """Return the lines of the course in the order of their first visit."""
    spells: dict[Name, list[Spell]] = {}
    for at in range(len(looked.request.visits)):
        for name, spell in _visit(looked, at):
            spells.setdefault(name, []).append(spell)
    first_day = looked.request.visits[0].day
    return tuple(
        LineCheck(code, written, code_fact(code, first_day, looked.plan.market, looked.books), tuple(_joined(found)))
        for (code, written, _), found in spells.items()
    )


def _joined(spells: list[Spell]) -> Iterator[Spell]:
    """Join the spells of one visit each that are alike but for their days and amounts."""
    for _, same in groupby(spells, _without_day_and_amount):
        group = list(same)
        visits = tuple(number for spell in group for number in spell.visits)
        yield replace(group[0], visits=visits, last_day=group[-1].last_day)


def _without_day_and_amount(spell: Spell) -> Spell:
    return replace(spell, visits=(), first_day=date.min, last_day=date.min, plan_pays=ZERO, with_assistant=None)


def _visit(looked: Looked, at: int) -> Iterator[tuple[Name, Spell]]:
    seen: dict[tuple[str, tuple[str, ...]], int] = {}
    bare = looked.bare.typical.visits[at]
    for place, line in enumerate(bare.lines):
        seen[line.code, line.modifiers] = seen.get((line.code, line.modifiers), 0) + 1
        yield (line.code, line.modifiers, seen[line.code, line.modifiers]), _spell(looked, at, place)


def _spell(looked: Looked, at: int, place: int) -> Spell:
    runs = (looked.bare.typical, looked.bare.low, looked.bare.high)
    readings = [run.visits[at].lines[place] for run in runs]
    bare, visit = readings[0], looked.real.typical.visits[at]
    line, asked = visit.lines[place], looked.request.visits[at]
    case = case_of(looked.request, asked.services[place], asked.day)
    payable = payable_fact(readings)
    needs = authorization_fact(bare, looked.plan, visit.network, case)
    carried = tuple(_modifiers(looked, visit, bare))
    first_payer = Money(
        line.plan_pays + sum(step.owes for step in line.steps if isinstance(step.finding, SecondaryPaid))
    )
    by_assistant = any("CQ" in each.codes and each.use is Use.REQUIRED for each in carried)
    return Spell(
        (visit.number,), visit.day, visit.day, line.units, line.status, needs, payable, carried,
        tuple(liabilities_of(looked.plan, looked.bare, visit, bare, needs, payable)), first_payer,
        paid_with_assistant(first_payer) if by_assistant and first_payer else None,
    )  # fmt: skip


def _modifiers(looked: Looked, visit: VisitEstimate, line: LineEstimate) -> Iterator[Modifier]:
    known, market = looked.codes.get(line.code), looked.plan.market
    provider = looked.request.provider.type
    day = [each for each in looked.real.typical.visits if each.day == visit.day]
    others = {other.code for each in day for other in each.lines}
    yield from discipline(known, line.modifiers, provider, market)
    yield from assistant(known, provider, market)
    yield from {each.codes: each for each in reversed(list(past_markers(line.steps)))}.values()
    yield from separation(line.code, line.modifiers, others, line.steps, looked.edits)
    yield from denial(line.steps, market, looked.habits.denial, looked.request.signed_consent)
