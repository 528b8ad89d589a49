"""The estimate: three runs of one course, the price of every condition, and what is not known.

decide → price → settle happen in a run; here the runs are compared and explained.
"""

from __future__ import annotations

from collections.abc import Mapping

from estimator.domain.course import run
from estimator.domain.days import BenefitYear
from estimator.domain.decisions import DiagnosisInvalid, StateNotice
from estimator.domain.estimate import Assumption, Condition, CrossingPoint, Estimate, Question, Run, Step
from estimator.domain.log import Log, Need
from estimator.domain.money import ZERO
from estimator.domain.plan import Plan
from estimator.domain.prices import PriceSheet
from estimator.domain.ready import Desk
from estimator.domain.request import NEEDLING_CODES, Request
from estimator.domain.rules.coding import DiagnosisNotValid, check_diagnoses
from estimator.domain.running import Given, Supposing, Tables
from estimator.domain.secondary import after_secondary
from estimator.domain.unknown import Unknown

_AS_SAID = Supposing()


def estimate(request: Request, plan: Plan, sheet: PriceSheet, tables: Tables, inputs: Mapping[str, str]) -> Estimate:
    """Return what the patient owes for the course, line by line, and what could change it.

    Pure: the same arguments give the same answer. Raises NoPrice where nothing names a price of a code.
    """
    unknown_year = isinstance(plan.benefit_year, Unknown)
    year = BenefitYear() if isinstance(plan.benefit_year, Unknown) else plan.benefit_year
    desk = Desk(Given(request, plan, sheet, tables, year))
    runs = [run(desk, level, _AS_SAID) for level in (0, 1, 2)]
    typical, log = runs[1]
    totals = [each for each, _ in runs]
    if request.secondary is not None:
        totals = [after_secondary(each, desk, request.secondary) for each in totals]
    low, middle, high = sorted(totals, key=lambda each: each.owes)
    logs = [log, runs[0][1], runs[2][1], *desk.logs.values()]
    if unknown_year:
        log.assume("benefit-year-calendar")
    return Estimate(
        low, middle, high,
        notices=(*_notices(request, tables), *desk.notices.values()),
        conditions=tuple(_conditions(desk, typical, log)),
        questions=_questions(logs),
        assumptions=_assumptions(request, plan, typical, log, desk.logs[False]),
        crossing_points=_crossing_points(request, log),
        inputs=inputs,
    )  # fmt: skip


def _conditions(desk: Desk, typical: Run, log: Log) -> list[Condition]:
    """Run the typical course again without each thing that it rests on, and price the difference."""
    conditions = []
    for kind, need in log.needs.items():
        supposing = Supposing(consent=True) if kind == "consent" else Supposing(refused=frozenset({kind}))
        without, _ = run(desk, 1, supposing)
        conditions.append(_condition(kind, need, typical, without))
    return conditions


def _condition(kind: str, need: Need, typical: Run, without: Run) -> Condition:
    return Condition(
        kind, min(need.visits), len(need.visits),
        without.owes - typical.owes, without.provider_absorbs - typical.provider_absorbs,
        need.administrator, need.citation,
    )  # fmt: skip


def _notices(request: Request, tables: Tables) -> list[Step]:
    """Return what a reader is told before any price: state law, and diagnoses that claims no longer take."""
    notices = []
    state = tables.state
    needles = any(service.code in NEEDLING_CODES for visit in request.visits for service in visit.services)
    if state is not None and needles:
        notices.append(Step(StateNotice(state.abbreviation, state.name, state.status), ZERO, state.citation))
    first_day = request.visits[0].day
    for found in check_diagnoses(request.diagnoses or (), first_day, tables.diagnoses):
        if isinstance(found, DiagnosisNotValid):
            notices.append(Step(DiagnosisInvalid(found.code, found.replacements), ZERO, found.citation))
    return notices


def _questions(logs: list[Log]) -> tuple[Question, ...]:
    asked = {key: citation for each in reversed(logs) for key, citation in each.questions.items()}
    return tuple(Question(asks, subject, citation) for (asks, subject), citation in asked.items())


def _assumptions(request: Request, plan: Plan, typical: Run, log: Log, static: Log) -> tuple[Assumption, ...]:
    if request.person.family is None and any(
        getattr(network.deductible, "family", None) is not None for network in plan.networks.values()
    ):
        log.assume("self-only-cover")
    for name in _price_assumptions(typical):
        log.assume(name)
    assumed = {**static.assumptions, **log.assumptions}
    return tuple(Assumption(assumes, subject, citation) for (assumes, subject), citation in assumed.items())


_PRICES = {"PriceRegional": "regional-price", "PriceCash": "cash-price"}


def _price_assumptions(typical: Run) -> list[str]:
    found = {type(line.price).__name__: line.price for visit in typical.visits for line in visit.lines}
    names = [_PRICES[kind] for kind in found if kind in _PRICES]
    if any(getattr(price, "experience", "standard") != "standard" for price in found.values()):
        names.append("experience-factor")
    return names


def _crossing_points(request: Request, log: Log) -> tuple[CrossingPoint, ...]:
    days = {number: visit.day for number, visit in enumerate(request.visits, 1)}
    points = [CrossingPoint(kind, visit, days[visit], subject) for (kind, subject), visit in log.turns.items()]
    return tuple(sorted(points, key=lambda point: point.visit))
