"""One line of a visit in the answer, with its price and the steps that make what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from estimator.engine.answer import LineEstimate, Step
from estimator.engine.request import TOLD
from estimator.engine.values import ZERO, Citation, Money
from estimator.language import _
from estimator.wording.statuses import status_says
from estimator.wording.steps import name_of, numbers, says
from estimator.wording.telling import Telling
from estimator.wording.told import source_told

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
