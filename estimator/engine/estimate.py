"""The estimate: three runs of one course, the price of every condition, and what is not known.

decide → price → settle happen in a run; here the runs are compared and explained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from estimator.engine.answer import (
    Assumption,
    Condition,
    CrossingPoint,
    Estimate,
    Level,
    Question,
    Run,
    Status,
    Step,
    VisitEstimate,
)
from estimator.engine.codes import NEEDLING_CODES
from estimator.engine.coding import THERAPISTS, DiagnosisNotValid, check_diagnoses
from estimator.engine.course import after_secondary, ceilings_of, run
from estimator.engine.findings import CopayCharged, DiagnosisInvalid, PriceCash, PriceRegional, StateNotice
from estimator.engine.log import AssumptionKind, ConditionKind, CrossingKind, Log, Need, QuestionKind
from estimator.engine.plan import Per, Plan
from estimator.engine.prices import PriceSheet
from estimator.engine.request import Request
from estimator.engine.running import Given, Supposing, Tables
from estimator.engine.values import WHOLE, ZERO, BenefitYear, Money, Unknown
from estimator.engine.visits import PreparedVisits

_AS_SAID = Supposing()
_LOW, _TYPICAL, _HIGH = range(3)
_NOBODY_OWES = {Status.BUNDLED, Status.PROVIDER_ABSORBS}
_A_LINE = {Per.LINE, Per.UNIT}
_PASSED = {CrossingKind.LIMIT_PASSED, CrossingKind.AUTHORIZATION_ENDS}


def estimate(request: Request, plan: Plan, sheet: PriceSheet, tables: Tables, inputs: Mapping[str, object]) -> Estimate:
    """Return what the patient owes for the course, line by line, and what could change it.

    Pure: the same arguments give the same answer. Raises NoPrice where nothing names a price of a code.
    """
    year = BenefitYear() if isinstance(plan.benefit_year, Unknown) else plan.benefit_year
    prepared = PreparedVisits(Given(request, plan, sheet, tables, year))
    middle = _readings(prepared, _TYPICAL, _AS_SAID)
    typical, log = max(middle, key=_owes)
    runs = list(middle)
    if not prepared.is_flat or any(
        each.is_unsure for each in (*prepared.logs.values(), *(beside for _, beside in runs))
    ):
        runs += [each for level in (_LOW, _HIGH) for each in _readings(prepared, level, _AS_SAID)]
    low, high = min(runs, key=_owes)[0], max(runs, key=_owes)[0]
    if isinstance(plan.benefit_year, Unknown):
        log.assume(AssumptionKind.BENEFIT_YEAR_CALENDAR)
    conditions, unread = _conditions(prepared, typical, log)
    return Estimate(
        replace(low, level=Level.LOW),
        typical,
        replace(high, level=Level.HIGH),
        notices=(*_notices(request, tables), *prepared.notices.values()),
        conditions=tuple(conditions),
        questions=_questions([*(each for _, each in runs), *prepared.logs.values(), unread]),
        assumptions=_assumptions(request, plan, typical, log, prepared),
        crossing_points=_crossing_points(request, log),
        inputs=inputs,
    )


def _owes(ran: tuple[Run, Log]) -> Money:
    return ran[0].owes


def _readings(prepared: PreparedVisits, level: int, supposing: Supposing) -> list[tuple[Run, Log]]:
    """Run the course at a level, and again where a `when` could not be decided: either reading may be the dearer."""
    ran = _whole_run(prepared, level, supposing)
    is_split = ran[1].is_split or any(each.is_split for each in prepared.logs.values())
    return [ran, _whole_run(prepared, level, replace(supposing, holds=False))] if is_split else [ran]


def _whole_run(prepared: PreparedVisits, level: int, supposing: Supposing) -> tuple[Run, Log]:
    """Run the course at a level, and the second plan after it."""
    primary, log = run(prepared, level, supposing)
    second = prepared.given.request.secondary
    if second is None:
        return primary, log
    return after_secondary(primary, prepared, second, log), log


def _conditions(prepared: PreparedVisits, typical: Run, log: Log) -> tuple[list[Condition], Log]:
    """Run the typical course again without each thing that it rests on, and price the difference.

    Where nobody has read what its lack brings, that is a question too: it comes in a log of its own.
    """
    conditions, unread = [], Log()
    for kind, need in log.needs.items():
        supposing = Supposing(consent=True) if kind is ConditionKind.CONSENT else Supposing(refused=frozenset({kind}))
        without, found = max(_readings(prepared, _TYPICAL, supposing), key=_owes)
        asked = (QuestionKind.AUTHORIZATION_CONSEQUENCE, kind)
        if asked in found.questions:
            unread.ask(*asked, found.questions[asked])
        conditions.append(_condition(kind, need, typical, without, asked not in unread.questions))
    return conditions, unread


def _condition(kind: ConditionKind, need: Need, typical: Run, without: Run, is_known: bool) -> Condition:
    return Condition(
        needs=kind,
        from_visit=min(need.visits),
        visits=len(need.visits),
        difference=Money(without.owes - typical.owes),
        clinic_difference=Money(without.provider_absorbs - typical.provider_absorbs),
        administrator=need.administrator,
        citation=need.citation,
        is_known=is_known,
    )


def _notices(request: Request, tables: Tables) -> list[Step]:
    """Return what a reader is told before any price: state law, and diagnoses that claims no longer take."""
    notices = []
    state = tables.state
    needles = any(service.code in NEEDLING_CODES for visit in request.visits for service in visit.services)
    provider = request.provider.type
    if state is not None and needles and (provider in THERAPISTS or state.forbids(provider)):
        finding = StateNotice(state.abbreviation, state.name, state.scope_for(provider), provider)
        notices.append(Step(finding, ZERO, state.citation))
    first_day = request.visits[0].day
    for found in check_diagnoses(request.diagnoses or (), first_day, tables.diagnoses):
        if isinstance(found, DiagnosisNotValid):
            notices.append(Step(DiagnosisInvalid(found.code, found.replacements), ZERO, found.citation))
    return notices


def _questions(logs: list[Log]) -> tuple[Question, ...]:
    asked = {key: citation for each in reversed(logs) for key, citation in each.questions.items()}
    return tuple(Question(asks, subject, citation) for (asks, subject), citation in asked.items())


def _assumptions(
    request: Request, plan: Plan, typical: Run, log: Log, prepared: PreparedVisits
) -> tuple[Assumption, ...]:
    if request.person.family is None and any(ceiling.family is not None for ceiling in ceilings_of(plan)):
        log.assume(AssumptionKind.SELF_ONLY_COVER)
    for name in _price_assumptions(request, typical):
        log.assume(name)
    if any(map(_has_cut_copay, typical.visits)):
        log.assume(AssumptionKind.NEVER_ABOVE_ALLOWED)
    for (name, day), cited in prepared.priced_beyond.items():
        log.assume(name, day.isoformat(), cited)
    assumed = {**prepared.log_for(log).assumptions, **log.assumptions}
    return tuple(Assumption(assumes, subject, citation) for (assumes, subject), citation in assumed.items())


def _price_assumptions(request: Request, typical: Run) -> list[AssumptionKind]:
    """Return what the prices rest on: a cash price only where somebody owes it, a factor only where it is ours."""
    names: dict[AssumptionKind, None] = {}
    is_ours = request.provider.experience_factor is None
    for line in (line for visit in typical.visits for line in visit.lines):
        price = line.price
        if isinstance(price, PriceRegional):
            names[AssumptionKind.REGIONAL_PRICE] = None
        elif isinstance(price, PriceCash) and line.status not in _NOBODY_OWES:
            names[AssumptionKind.CASH_PRICE] = None
        else:
            continue
        if is_ours and price.set_on is None and price.factor != WHOLE:
            names[AssumptionKind.EXPERIENCE_FACTOR] = None
    return list(names)


def _has_cut_copay(visit: VisitEstimate) -> bool:
    """Tell whether a copay of the visit was more than all that there was to take it of."""
    charged: dict[tuple[CopayCharged, int], int] = {}
    for place, line in enumerate(visit.lines):
        for step in line.steps:
            if isinstance(step.finding, CopayCharged):
                if line.plan_pays or line.owes != step.owes:
                    return False
                key = step.finding, place if step.finding.per in _A_LINE else 0
                charged[key] = charged.get(key, 0) + step.owes
    return any(owes < finding.copay for (finding, _), owes in charged.items())


def _crossing_points(request: Request, log: Log) -> tuple[CrossingPoint, ...]:
    days = {number: visit.day for number, visit in enumerate(request.visits, 1)}
    points = [CrossingPoint(kind, visit, days[visit], subject) for (kind, subject), visit in log.turns.items()]
    return tuple(sorted(points, key=lambda point: (point.visit, point.kind in _PASSED)))
