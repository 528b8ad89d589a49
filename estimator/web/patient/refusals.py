"""The form again, with what is wrong beside each field: what every page shows that cannot be made of the answers."""

from datetime import date

from flask import render_template

from estimator.errors import EstimatorError, PlanNotInForce
from estimator.web.patient import pages, plans
from estimator.web.patient.my_plan_questions import START
from estimator.web.patient.questions import Answers
from estimator.web.patient.reply import FormProblem, form_problems

Page = str | tuple[str, int]

UNPROCESSABLE = 422


def refused_page(refused: EstimatorError, answers: Answers, today: date) -> Page:
    """Return the form that asks again for what a problem is about."""
    problems = form_problems(refused, answers)
    if any(field in START for field, _ in problems):
        return asked_again(answers, problems)
    instead = plans.instead_of(refused.plan, refused.day) if isinstance(refused, PlanNotInForce) else None
    return render_template("form.html", **pages.form_page(answers, today, problems, instead)), UNPROCESSABLE


def asked_again(answers: Answers, problems: list[FormProblem]) -> Page:
    """Return the page of a plan that is not listed, with what is wrong in it."""
    told = [each for each in problems if each[0] in START]
    return render_template("my-plan.html", **pages.my_plan_page(answers, is_first=False, problems=told)), UNPROCESSABLE
