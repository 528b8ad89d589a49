"""What the templates of given estimates are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from estimator.billing.calls import MOST_LABEL, SoughtCalls, calls_of
from estimator.billing.given_estimates import GivenEstimate, find_given_estimates, receipt_of
from estimator.billing.reconcile import reconciliations_of
from estimator.engine.values import Money
from estimator.errors import EstimatorError, Problem
from estimator.estimates.saved import made_again
from estimator.web import shelf
from estimator.web.patient.papers import treating
from estimator.web.patient.saving_kept import figures_of
from estimator.web.staff.access import staff_shelf
from estimator.web.staff.estimates_reading import Estimated
from estimator.web.staff.told import told_line
from estimator.wording.answer import answer_of
from estimator.wording.errors import problems_of
from estimator.wording.words import PATIENT

Context = dict[str, Any]

# As many letters of a receipt as nobody confuses.
SHOWN = 12
_FIELDS = ("case_label", "request")


def list_page(case_label: str, now: datetime) -> Context:
    """Return what the page with every kept estimate shows."""
    kept = find_given_estimates(staff_shelf().engine, case_label, now)
    return {"kept": kept, "case": case_label, "most_label": MOST_LABEL, "kept_days": treating().estimates_kept_days}


def form_page(
    typed: Mapping[str, str], found: Estimated | None = None, refused: EstimatorError | None = None
) -> Context:
    """Return what the form shows: what was typed, what is wrong with it, and the estimate where there is one."""
    problems = problems_of(refused) if refused else ()
    return {
        "typed": {name: typed.get(name, "") for name in _FIELDS},
        "answer": found.answer if found else None,
        "summary": [(_field_of(problem), _says(problem)) for problem in problems],
        "errors": dict.fromkeys(_FIELDS, "") | {_field_of(problem): _says(problem) for problem in problems},
        "most_label": MOST_LABEL,
        "kept_days": treating().estimates_kept_days,
    }


def one_page(kept: GivenEstimate, today: date) -> Context:
    """Return what the page of an estimate shows, with whether it still comes out the same."""
    again = made_again(staff_shelf(), kept)
    answer = None
    if again.estimate is not None and again.plan is not None:
        answer = answer_of(again.estimate, again.plan, shelf.names(), PATIENT)
    calls = calls_of(staff_shelf().engine, SoughtCalls(case_label=kept.case_label))
    return {
        "kept": kept,
        "answer": kept.answer,
        "receipt": kept.receipt[:SHOWN],
        "is_whole": receipt_of(kept.request, kept.answer) == kept.receipt,
        "is_same": answer is not None and figures_of(answer) == figures_of(kept.answer),
        "calls": [(call.id, call.plan_id, told_line(call, today)) for call in calls if call.corrected_by is None],
        "inputs": _inputs(kept),
        "money": Money,
        "reconciled": {one.visit: one for one in reconciliations_of(staff_shelf().engine, kept.id)},
    }


def _inputs(kept: GivenEstimate) -> Sequence[tuple[str, str]]:
    inputs = kept.answer["inputs"]
    plan, _at, fingerprint = inputs["plan"].partition("@")
    return (
        ("Plan revision", f"{plan}@{fingerprint[:SHOWN]}"),
        ("Price books", inputs["price_books"] or "none needed"),
        ("Price area", inputs["locality"] or "none needed"),
        ("As of", inputs["as_of"]),
        ("Program version", inputs["engine"]),
    )


def _field_of(problem: Problem) -> str:
    return problem.path if problem.path == "case_label" else "request"


def _says(problem: Problem) -> str:
    shows_path = problem.path and problem.path != "case_label"
    return f"{problem.path}: {problem.message}" if shows_path else problem.message
