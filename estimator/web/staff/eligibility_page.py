"""What the page of a payer's answer shows: the form with what is wrong, or what was read.

What was pasted or uploaded is never shown again as a whole, since it tells who somebody is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from werkzeug.datastructures import FileStorage

from estimator.eligibility.statements import Eligibility
from estimator.engine.plan import Plan
from estimator.errors import EstimatorError, Problem
from estimator.estimates.eligibility import facts_from, fill_from
from estimator.web.staff import meant
from estimator.web.staff.eligibility_prefilled import fields_from
from estimator.web.staff.meant import Named
from estimator.wording.eligibility import NOT_A_PROMISE, bucket_rows, heading, rows, told_rows
from estimator.wording.errors import problems_of

Context = dict[str, Any]
FormProblem = tuple[str | None, str]

LABELS = {"plan": "Plan: its id, or words of its name", "answer": "Paste the answer", "file": "Or choose its file"}


def content_of(typed: Mapping[str, str], file: FileStorage | None) -> bytes:
    """Return what was uploaded, else what was pasted."""
    uploaded = file.read() if file is not None and file.filename else b""
    return uploaded or typed.get("answer", "").encode("utf-8", errors="replace")


def plan_problems(typed: str, named: Named) -> list[FormProblem]:
    """Return what is wrong with the plan that was written; nothing where none was."""
    if not typed or named.plan:
        return []
    return [("plan", meant.SEVERAL if named.found else f"{meant.NOT_FOUND} Or leave this empty.")]


def form_problems(refused: EstimatorError) -> list[FormProblem]:
    """Return every problem of an answer, beside the field that it was pasted into."""
    return [("answer", _said(problem)) for problem in problems_of(refused)]


def form_page(plan: str, named: Named, problems: Sequence[FormProblem] = ()) -> Context:
    """Return what the form shows."""
    errors: dict[str, str] = defaultdict(str)
    for field, words in problems:
        errors.setdefault(field or "", words)
    return {"plan": plan, "named": named, "errors": errors, "summary": problems, "labels": LABELS}


def answer_page(answer: Eligibility, plan: Plan | None, today: date) -> Context:
    """Return what was read, and the fields of an estimate that it fills."""
    fill = fill_from(answer, plan)
    return {
        "answer": answer,
        "plan": plan,
        "facts": heading(answer),
        "rows": rows(answer),
        "buckets": bucket_rows(answer),
        "fill": fill,
        "told": told_rows(facts_from(answer, plan)) if plan else [],
        "fields": fields_from(answer, fill, plan, today),
        "no_promise": NOT_A_PROMISE,
    }


def _said(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}" if problem.path not in ("", "file") else problem.message
