"""What the page of the authorization check shows: the form with what is wrong, or the check with its sources.

Here the page meets the rest of the product: the search finds the plan, the use case checks, wording words.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from estimator.billing.authorization import check_authorization
from estimator.billing.calls import newest_calls
from estimator.engine.plan import Limit, Plan
from estimator.errors import EstimatorError, Problem, RequestRefused
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import Asked
from estimator.estimates.run import estimate_asked
from estimator.papers.case import ClinicRefused, case_of
from estimator.papers.kinds import paper_pdf
from estimator.web import shelf
from estimator.web.patient import choices, places, plans
from estimator.web.patient.papers import fitting_case, treating
from estimator.web.patient.reply import problems_of
from estimator.web.patient.sources import numbers_of, sources_of
from estimator.web.staff import authorization_questions as questions
from estimator.web.staff import meant
from estimator.web.staff.access import staff_shelf
from estimator.web.staff.authorization_fields import field_of, in_order, label_of
from estimator.web.staff.authorization_questions import Answers
from estimator.web.staff.meant import Named
from estimator.web.staff.told import told_line
from estimator.wording.authorization import check_written, limit_named

Context = dict[str, Any]
FormProblem = tuple[str | None, str]

WHEN = ((questions.EVERY, "Every visit"), (questions.FIRST, "First visit only"), (questions.LATER, "Not at the first"))


def plan_meant(answers: Answers) -> Named:
    """Find the plan among those that are sold where the clinic is."""
    return meant.plan_meant(answers["plan"], answers["first_day"], places.state_of(answers["zip"]))


def form_page(answers: Answers, named: Named, problems: Sequence[FormProblem] = ()) -> Context:
    """Return what the form shows: what was typed, what is wrong with it, and the plans that may be meant."""
    errors: dict[str, str] = defaultdict(str)
    for field, words in problems:
        if field:
            errors.setdefault(field, words)
    return {
        "answers": answers,
        "errors": errors,
        "summary": [(field, f"{label_of(field)}: {words}" if field else words) for field, words in problems],
        "labels": questions.LABELS,
        "rows": questions.ROWS,
        "when": WHEN,
        "named": named,
        "tiers": plans.tiers(named.plan),
        "limits": [_limit_field(limit) for limit in named.plan.limits.values()] if named.plan else [],
        "choices": choices,
    }


def _limit_field(limit: Limit) -> tuple[str, str, str]:
    words = limit_named(limit.name)
    return f"{questions.USED}{limit.name}", f"{words[:1].upper()}{words[1:]}: used so far", str(limit.measure)


def check_page(answers: Answers, plan: Plan, today: date) -> Context:
    """Return what the check shows; raise an EstimatorError where the course cannot be checked."""
    asked, clinic = _asked(answers, plan, today), treating()
    found = check_authorization(asked, clinic.habits, shelf.shelf(), prices=shelf.prices())
    written = check_written(found, shelf.names())
    sources = sources_of(written)
    return {
        "answers": answers,
        "check": written,
        "sources": sources,
        "source_numbers": numbers_of(sources),
        "papers": list(fitting_case(case_of(asked, plan, found.estimate, shelf.names(), clinic))),
        "choices": choices,
        "habits": clinic.habits,
        "request_text": json.dumps(questions.request_of(answers, plan), ensure_ascii=False, indent=1),
        "calls": [(call.id, told_line(call, today)) for call in newest_calls(staff_shelf().engine, plan.id)],
    }


def paper_page(kind: str, answers: Answers, plan: Plan, today: date) -> bytes:
    """Return a paper of the course as a PDF; raise PaperRefused where it does not fit, or what `check_page` raises."""
    asked = _asked(answers, plan, today)
    estimate, _ = estimate_asked(asked, shelf.shelf(), prices=shelf.prices())
    return paper_pdf(kind, case_of(asked, plan, estimate, shelf.names(), treating()))


def _asked(answers: Answers, plan: Plan, today: date) -> Asked:
    request = questions.request_of(answers, plan)
    told = tuple(questions.problems_before_reading(answers))
    if told:
        raise RequestRefused((*told, *_problems_in(request, today)))
    return read_request(request, today)


def problems_before_the_plan(answers: Answers, named: Named, today: date) -> list[FormProblem]:
    """Return what is wrong where no plan was found, with everything else that can be told without one."""
    told = [problem for problem in questions.problems_before_reading(answers) if problem.path != "plan"]
    words = meant.SEVERAL if named.found else meant.NOT_FOUND
    plan = Problem("plan", words if answers["plan"] else "Write the id of a plan, or words of its name.")
    return form_problems(RequestRefused((plan, *told)), answers)


def form_problems(refused: EstimatorError, answers: Answers) -> list[FormProblem]:
    """Return each problem with its field, one a field, in the order of the page; None where no field is at fault."""
    found: dict[str, FormProblem] = {}
    for problem in _problems(refused):
        field = field_of(problem.path, answers)
        found.setdefault(field or problem.message, (field, problem.message))
    return sorted(found.values(), key=lambda each: in_order(each[0]) if each[0] else -1)


def _problems(refused: EstimatorError) -> Iterator[Problem]:
    if isinstance(refused, ClinicRefused):
        for problem in refused.problems:
            yield Problem(
                "", f"The clinic’s settings have a mistake at {problem.path or 'their start'}: {problem.message}"
            )
    else:
        yield from problems_of(refused)


def _problems_in(request: Mapping[str, Any], today: date) -> tuple[Problem, ...]:
    try:
        read_request(request, today)
    except RequestRefused as refused:
        return refused.problems
    return ()
