"""The JSON answer of `docs/json-contract.md`, made of an estimate.

Nothing is calculated here but sums to date, and the least and the most of the three runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import accumulate
from typing import Any, NamedTuple, assert_never

from estimator.engine.answer import Balance, Condition, Estimate, LineEstimate, Run, Status, Step, VisitEstimate
from estimator.engine.findings import BalanceBilled
from estimator.engine.plan import Measure, Plan
from estimator.engine.request import TOLD
from estimator.engine.values import ZERO, Citation, Money, is_long_ago
from estimator.language import N_, _
from estimator.wording.findings import name_of, numbers, says
from estimator.wording.open_points import CLINIC_ONLY, assumption_says, condition_says, crossing_says, question_says
from estimator.wording.told import heard_of, source_told
from estimator.wording.words import PATIENT, Reader, Telling, counted, long_day, note_says, roughly, together, usd


def answer_of(estimate: Estimate, plan: Plan, names: Mapping[str, str], reader: Reader = PATIENT) -> dict[str, Any]:
    """Return the answer for one reader; `names` are plain words for the codes."""
    telling = Telling(plan, names, reader)
    typical = estimate.typical
    return {
        "notices": [_notice(step, telling) for step in estimate.notices],
        "patient_owes": _three(estimate.low.owes, typical.owes, estimate.high.owes),
        "plan_pays": str(typical.plan_pays),
        "provider_absorbs": str(typical.provider_absorbs),
        "plan": {
            "id": plan.id,
            "title": _(plan.title),
            "payer": plan.payer,
            "kind": str(plan.kind),
            "market": str(plan.market),
            "in_force": {"first_day": _day(plan.in_force.first_day), "last_day": _day(plan.in_force.last_day)},
            "notes": [{"says": note_says(note), "citation": citation_of(citation)} for note, citation in plan.notes],
        },
        "visits": _visits(estimate, telling),
        "conditions": [_condition(condition, telling) for condition in estimate.conditions],
        "questions": _questions(estimate, telling),
        "assumptions": _assumptions(estimate, telling),
        "crossing_points": _crossing_points(estimate, telling),
        "summary": summary_of(estimate, telling),
        "reader": reader,
        "told": [heard_of(heard, telling) for heard in estimate.told],
        "inputs": dict(estimate.inputs),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


class _Visit(NamedTuple):
    """The same visit in the three runs, with what is owed up to it."""

    low: VisitEstimate
    typical: VisitEstimate
    high: VisitEstimate
    to_date: tuple[Money, Money, Money]


def _visits(estimate: Estimate, telling: Telling) -> list[dict[str, Any]]:
    runs = (estimate.low, estimate.typical, estimate.high)
    visits = zip(*(run.visits for run in runs), strict=True)
    sums = zip(*(_to_date(run) for run in runs), strict=True)
    return [
        _visit(_Visit(low, typical, high, to_date), telling)
        for (low, typical, high), to_date in zip(visits, sums, strict=True)
    ]


def _to_date(run: Run) -> list[Money]:
    return list(accumulate(visit.owes for visit in run.visits))


def _visit(visit: _Visit, telling: Telling) -> dict[str, Any]:
    typical = visit.typical
    lines = zip(visit.low.lines, typical.lines, visit.high.lines, strict=True)
    return {
        "number": typical.number,
        "day": typical.day.isoformat(),
        "network": typical.network,
        "patient_owes": str(typical.owes),
        "range": spread_of(visit.low.owes, typical.owes, visit.high.owes),
        "cumulative": _three(min(visit.to_date), visit.to_date[1], max(visit.to_date)),
        "lines": [line_of(Levels(*levels), telling) for levels in lines],
        "accumulators": accumulators(typical.balances),
    }


def _three(low: Money, typical: Money, high: Money) -> dict[str, str]:
    return {"low": str(low), "typical": str(typical), "high": str(high)}


def _notice(step: Step, telling: Telling) -> dict[str, Any]:
    return {
        "finding": name_of(step.finding),
        "says": says(step.finding, step.owes, telling),
        "citation": citation_of(step.citation),
        "numbers": numbers(step.finding),
    }


def _condition(condition: Condition, telling: Telling) -> dict[str, Any]:
    return {
        "needs": condition.needs,
        "from_visit": condition.from_visit,
        "visits": condition.visits,
        "administrator": condition.administrator,
        "if_not": str(condition.difference),
        "clinic_if_not": str(condition.clinic_difference),
        "is_known": condition.is_known,
        "says": condition_says(condition, telling),
        "citation": citation_of(condition.citation),
    }


def _questions(estimate: Estimate, telling: Telling) -> list[dict[str, Any]]:
    return [
        {
            "asks": question.asks,
            "subject": question.subject,
            "says": question_says(question, telling),
            "citation": citation_of(question.citation),
        }
        for question in estimate.questions
        if telling.reader != PATIENT or question.asks not in CLINIC_ONLY
    ]


def _assumptions(estimate: Estimate, telling: Telling) -> list[dict[str, Any]]:
    return [
        {
            "assumes": assumption.assumes,
            "subject": assumption.subject,
            "says": assumption_says(assumption, telling),
            "citation": citation_of(assumption.citation),
        }
        for assumption in estimate.assumptions
    ]


def _crossing_points(estimate: Estimate, telling: Telling) -> list[dict[str, Any]]:
    last_billed = _last_balance_bill(estimate.typical)
    return [
        {
            "kind": crossing.kind,
            "visit": crossing.visit,
            "day": crossing.day.isoformat(),
            "subject": crossing.subject,
            "says": crossing_says(crossing, telling, billed_on=crossing.visit <= last_billed),
        }
        for crossing in estimate.crossing_points
    ]


def _last_balance_bill(run: Run) -> int:
    """Return the last visit with a balance bill, 0 where there is none."""
    return max(
        (
            visit.number
            for visit in run.visits
            if any(isinstance(step.finding, BalanceBilled) for line in visit.lines for step in line.steps)
        ),
        default=0,
    )


# ----------------------------------------------------------------------------
# One line of a visit in the answer, with its price and the steps that make what is owed.
# ----------------------------------------------------------------------------

_UNPAID_THIS_TIME = ("limit-passed", "authorization-missing")


class Levels(NamedTuple):
    """The same line in the low, the typical and the high run."""

    low: LineEstimate
    typical: LineEstimate
    high: LineEstimate


def line_of(levels: Levels, telling: Telling) -> dict[str, Any]:
    """Return the line of the typical run, with the range of its allowed amount."""
    line = levels.typical
    return {
        "code": line.code,
        "name": _(telling.names.get(line.code, line.code)),
        "units": line.units,
        "minutes": line.minutes,
        "modifiers": list(line.modifiers),
        "status": str(line.status),
        "status_says": status_says(line.status, telling),
        "allowed": str(line.allowed),
        "allowed_range": spread_of(*(level.allowed for level in levels)),
        "charge": str(line.charge),
        "patient_owes": str(line.owes),
        "plan_pays": str(line.plan_pays),
        "provider_absorbs": str(line.provider_absorbs),
        "price": _price(line, telling),
        "steps": [step_of(step, telling) for step in line.steps],
    }


def is_by_contract(line: Mapping[str, Any]) -> bool:
    """Tell whether a line of the answer that the plan does not pay still costs what it recognizes, not what is asked.

    Past a limit, and where an approval or a referral is missing, the clinic's contract with the plan holds.
    """
    is_covered = any(step["finding"] in _UNPAID_THIS_TIME for step in line["steps"])
    return is_covered and bool(line["patient_owes"] == line["allowed"])


def spread_of(*runs: Money) -> dict[str, str]:
    """Return the least and the most of the runs; at a visit the low run may owe more, as its deductible lasts longer.

    >>> spread_of(Money(4000), Money(3000), Money(3500))
    {'low': '30.00', 'high': '40.00'}
    """
    return {"low": str(min(runs)), "high": str(max(runs))}


def step_of(step: Step, telling: Telling) -> dict[str, Any]:
    """Return one reason with its amount, its sentence and its source."""
    return {
        "finding": name_of(step.finding),
        "amount": str(step.owes),
        "says": says(step.finding, step.owes, telling),
        "numbers": numbers(step.finding),
        "citation": citation_of(step.citation),
    }


def citation_of(citation: Citation | None) -> dict[str, Any] | None:
    """Return where a rule comes from, None where nobody has to be cited; `file` is None where no plan file says it."""
    if citation is None:
        return None
    named = {"title": citation.source.title, "place": citation.place}
    if citation.source.confidence == TOLD:
        named = source_told(citation)
    return {
        "title": named["title"],
        "url": citation.source.url,
        "place": named["place"],
        "read_on": citation.source.read_on.isoformat(),
        "confidence": citation.source.confidence,
        "file": citation.file or None,
        "line": citation.line or None,
    }


def _price(line: LineEstimate, telling: Telling) -> dict[str, Any]:
    return {
        "finding": name_of(line.price),
        "says": says(line.price, ZERO, telling),
        "numbers": numbers(line.price),
        "citation": citation_of(line.price_citation),
    }


# ----------------------------------------------------------------------------
# Deductible, maximum and limits after a visit, as the answer writes them.
# ----------------------------------------------------------------------------

_CENTS = "cents"


def accumulators(balances: Iterable[Balance]) -> dict[str, Any]:
    """Return the balances by name; sums of the plan stand beside `limits`, which holds the limits."""
    sums = {
        balance.name.replace("-", "_"): _amounts(balance, as_money=True)
        for balance in balances
        if balance.measure == _CENTS
    }
    limits = {balance.name: _limit(balance) for balance in balances if balance.measure != _CENTS}
    return {**sums, "limits": limits}


def _limit(balance: Balance) -> dict[str, Any]:
    # Hours are counted in minutes, so that half an hour is not lost.
    measure = "minutes" if balance.measure == Measure.HOURS else balance.measure
    return {**_amounts(balance, as_money=balance.measure == Measure.DOLLARS), "measure": measure}


def _amounts(balance: Balance, *, as_money: bool) -> dict[str, Any]:
    left = None if balance.of is None else max(0, balance.of - balance.used)
    parts = {"used": balance.used, "of": balance.of, "left": left}
    return {key: str(Money(part)) if as_money and part is not None else part for key, part in parts.items()}


# ----------------------------------------------------------------------------
# One sentence for the status of a line.
# ----------------------------------------------------------------------------


def status_says(status: Status, telling: Telling) -> str:
    """Return what a status means to the reader."""
    if telling.is_self_pay and status is Status.PATIENT_BILLED:
        return _("You pay the clinic.") if telling.reader == PATIENT else _("Self-pay.")
    if telling.reader == PATIENT:
        return _for_patient(status)
    return _for_biller(status)


def _for_patient(status: Status) -> str:
    match status:
        case Status.PAYABLE:
            return _("Your plan covers this.")
        case Status.BUNDLED:
            return _("Part of another service: no separate payment.")
        case Status.PATIENT_BILLED:
            return _("Not covered: the clinic may bill you.")
        case Status.PROVIDER_ABSORBS:
            return _("Not covered: the clinic may not bill you.")
        case Status.NEEDS_AUTHORIZATION:
            return _("Your plan must approve this first.")
        case Status.UNKNOWN:
            return _("Not known: ask your plan.")
        case _:
            assert_never(status)


def _for_biller(status: Status) -> str:
    match status:
        case Status.PAYABLE:
            return _("Payable.")
        case Status.BUNDLED:
            return _("Bundled, no separate payment (CO-97).")
        case Status.PATIENT_BILLED:
            return _("Not covered, patient may be billed (PR).")
        case Status.PROVIDER_ABSORBS:
            return _("Not covered, provider absorbs (CO).")
        case Status.NEEDS_AUTHORIZATION:
            return _("Payable with authorization (CARC 197 without).")
        case Status.UNKNOWN:
            return _("Unknown: call the payer.")
        case _:
            assert_never(status)


# ----------------------------------------------------------------------------
# The one sentence of an estimate: the number, its range and what it is for.
# ----------------------------------------------------------------------------


def summary_of(estimate: Estimate, telling: Telling) -> str:
    """Return the number, and the range where there is one."""
    low, typical, high = estimate.low.owes, estimate.typical.owes, estimate.high.owes
    visits = counted(len(estimate.typical.visits), "visit")
    if telling.reader != PATIENT:
        words = (
            _("{visits}: patient {typical}, plan {plan}, provider write-off {lost}.")
            if low == high
            else _("{visits}: patient {typical} (range {low} to {high}), plan {plan}, provider write-off {lost}.")
        )
        plan, lost = usd(estimate.typical.plan_pays), usd(estimate.typical.provider_absorbs)
        return words.format(visits=visits, typical=usd(typical), low=usd(low), high=usd(high), plan=plan, lost=lost)
    amount = roughly(low, typical, high)
    owes = _owes(typical, telling).format(amount=amount, visits=visits, plan=telling.plan_named)
    return together(owes, _between(low, typical, high))


def _owes(typical: Money, telling: Telling) -> str:
    if telling.is_self_pay:
        return (
            _("You will owe {amount} for {visits} without insurance.")
            if typical
            else _("You will owe nothing for {visits} without insurance.")
        )
    return (
        _("You will owe {amount} for {visits} with {plan}.")
        if typical
        else _("You will owe nothing for {visits} with {plan}.")
    )


def _between(low: Money, typical: Money, high: Money) -> str:
    """Say how far the number could be off, in the directions in which it could be."""
    if low < typical < high:
        words = _("It could be as little as {low} or as much as {high}.")
    elif low < typical:
        words = _("It could be as little as {low}.")
    else:
        words = _("It could be as much as {high}.") if high > typical else ""
    return words.format(low=usd(low), high=usd(high))


# ----------------------------------------------------------------------------
# The sources of an answer, numbered where they are used and listed once at its end.
# ----------------------------------------------------------------------------

GIVEN = "given"
"""The confidence of what the request itself brought: there is no document to have been read."""


class Sources:
    """The sources used so far, in order of their first use; `as_of` is the day on which they may have grown old."""

    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self._numbers: dict[str, int] = {}

    def cited(self, part: Mapping[str, Any]) -> str:
        """Return a part's sentence with the number of its source."""
        citation = part.get("citation")
        if not citation:
            return str(part["says"])
        number = self._numbers.setdefault(_source(citation, self._as_of), len(self._numbers) + 1)
        return f"{part['says']} [{number}]"

    def listed(self) -> Iterator[str]:
        """Yield every source with its number."""
        for source, number in self._numbers.items():
            yield f"[{number}] {source}"


_CONFIDENCE = {"medium": N_("medium"), "low": N_("low")}


def _source(citation: Mapping[str, Any], as_of: date) -> str:
    if citation["confidence"] in (GIVEN, TOLD):
        return ", ".join(filter(None, (_(str(citation["title"])), citation["place"])))
    read_on = date.fromisoformat(citation["read_on"])
    named = ", ".join(filter(None, (citation["title"], citation["place"], citation["url"])))
    words = _read_long_ago(citation) if is_long_ago(read_on, as_of) else _read(citation)
    confidence = _(_CONFIDENCE.get(citation["confidence"], ""))
    return words.format(document=named, day=long_day(read_on), confidence=confidence)


def _read(citation: Mapping[str, Any]) -> str:
    if citation["confidence"] in _CONFIDENCE:
        return _("{document} (read on {day}, confidence {confidence})")
    return _("{document} (read on {day})")


def _read_long_ago(citation: Mapping[str, Any]) -> str:
    if citation["confidence"] in _CONFIDENCE:
        return _("{document} (read on {day}, more than a year ago, confidence {confidence})")
    return _("{document} (read on {day}, more than a year ago)")
