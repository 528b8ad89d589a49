"""The authorization check at `/staff/authorization`: a form that keeps what was typed, the check, and its documents.

Answers are text exactly as typed; the JSON contract alone says what they mean. Nothing here asks who the patient is.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from estimator import clock
from estimator.billing.authorization import check_authorization
from estimator.billing.calls import newest_calls, told_for
from estimator.billing.cases import label_of as label_of_case
from estimator.billing.clinic import ClinicRefused
from estimator.billing.schedule import books_now, payers_beside
from estimator.billing.schedule import request_of as request_of_row
from estimator.billing.schedule_cells import services_of
from estimator.billing.schedule_file import Cells
from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.plan import Limit, Plan
from estimator.engine.request import IN_NETWORK, PHYSICAL_THERAPIST, Grant
from estimator.errors import EstimatorError, Problem, RequestRefused, Stopped
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import Asked
from estimator.estimates.run import estimate_asked
from estimator.papers.case import Case, case_of
from estimator.papers.kinds import DocumentRefused, document_pdf
from estimator.plans.shelf import network_meant
from estimator.web import common
from estimator.web.patient import choices
from estimator.web.patient.answer import TITLES, UNPROCESSABLE, fitting_case
from estimator.web.patient.answer_parts import StatePage, numbers_of, sources_of, state_page
from estimator.web.patient.form import state_of
from estimator.web.patient.plans import tiers
from estimator.web.patient.reply import problems_of
from estimator.web.staff import common as staff_common
from estimator.web.staff.clinic import register
from estimator.web.staff.common import Named, allowed, staff_shelf, told_line
from estimator.web.staff.estimates import estimated
from estimator.web.staff.estimates import form_page as estimate_page
from estimator.wording.answer_schema import citations_in
from estimator.wording.authorization import BillLine, bill_lines, check_written, limit_named

Answers = Mapping[str, str]

ROWS = tuple(range(1, 9))
USED = "used-"
EVERY, FIRST, LATER = "every", "first", "later"
LABELS = {
    "location": "Location",
    "therapist": "Therapist",
    "zip": "ZIP code of the clinic",
    "plan": "Plan: its id, or words of its name",
    "insurer": "Insurer, where the plan is a typical one",
    "second_plan": "Plan that pays second",
    "network": "Network",
    "provider": "Who treats",
    "setting": "Where",
    "diagnoses": "Diagnoses (ICD-10-CM), the first one primary",
    "symptom_weeks": "Weeks since the complaint began",
    "age": "Age in years",
    "first_day": "First visit",
    "visits": "Number of visits",
    "per_week": "Visits a week",
    "authorization": "Is an authorization on file?",
    "authorization_visits": "Visits authorized",
    "authorization_units": "Units authorized, if it counts units",
    "authorization_codes": "Codes authorized",
    "authorization_first_day": "Valid from",
    "authorization_last_day": "Valid to",
    "referral": "Is a referral on file?",
    "consent": "Is a notice or consent signed that names the service and its price?",
    "deductible_paid": "Deductible paid this year",
    "out_of_pocket_paid": "Paid toward the out-of-pocket maximum this year",
}
# The number of the case that a check is about goes along through every step.
OF = "of"
_START = {
    **dict.fromkeys((*LABELS, OF), ""),
    "network": IN_NETWORK,
    "provider": PHYSICAL_THERAPIST,
    "setting": "office",
    "per_week": "2",
    "authorization": "unknown",
    "referral": "unknown",
    "consent": "unknown",
}
_NEEDED = {
    "zip": ("zip", "Enter the five digits of the clinic’s ZIP code."),
    "plan": ("plan", "Enter the id of a plan, or words of its name."),
    "visits": ("course.visits", "Enter how many visits are planned, such as 12."),
    "first_day": ("course.first_day", "Enter the day of the first visit."),
}
_ROW = ("code", "minutes", "modifiers", "when")
_DAYS_IN_A_WEEK = 7
_WORDS = re.compile(r"[\s,;]+")
_MOST_TYPED = 400
_PAID = ("deductible_paid", "out_of_pocket_paid")


def placed(answers: Answers) -> Answers:
    """Fill in what the clinic's register knows: the ZIP code of the location, and the license of the therapist."""
    therapist = register().therapist(answers["therapist"])
    zip_code = answers["zip"] or register().zip_code(answers["location"])
    return {**answers, "zip": zip_code, **({"provider": therapist.provider} if therapist else {})}


def answers_of_row(cells: Cells, plan: Plan | None, case_id: int = 0) -> dict[str, str]:
    """Return what the check's form holds for a row of a schedule or a case, so that nothing is typed again.

    `cells` are as they are meant. Of an authorization the form asks for what is left.
    """
    said, on_file = {name: cell for name, cell in cells.items() if cell}, request_of_row(cells, plan)
    answers = {name: said[name] for name in LABELS if name in said}
    grant = on_file.get("authorization", {})
    for name in ("visits", "units"):
        if name in grant:
            answers[f"authorization_{name}"] = str(max(0, int(grant[name]) - int(grant.get(f"used_{name}", 0))))
    for row, service in zip(ROWS, services_of(cells["services"]), strict=False):
        minutes = service.get("minutes") or (str(int(service["units"]) * _MINUTES) if "units" in service else "")
        modifiers = " ".join(service.get("modifiers", ()))
        answers |= {f"code_{row}": service["code"], f"minutes_{row}": minutes, f"when_{row}": EVERY}
        answers |= {f"modifiers_{row}": modifiers} if modifiers else {}
    used = on_file.get("used", {}).get("limits", {})
    answers |= {f"{USED}{name}": str(number) for name, number in used.items()}
    return {**answers, "visits": said.get("visits", "1"), **({OF: str(case_id)} if case_id else {})}


_MINUTES = 15


def fresh_answers(today: date) -> dict[str, str]:
    """Return what the page holds before anything is typed: a first visit on the Monday after today."""
    monday = today + timedelta(days=_DAYS_IN_A_WEEK - today.weekday())
    rows = {f"{name}_{row}": EVERY if name == "when" else "" for row in ROWS for name in _ROW}
    return {**_START, **rows, "first_day": monday.isoformat()}


def answers_of(form: Mapping[str, str], today: date) -> Answers:
    """Return what was typed, with what was used of each limit; a plan that was chosen goes before a typed one."""
    known = {name: form.get(name, start) for name, start in fresh_answers(today).items()}
    used = {name: form[name] for name in form if name.startswith(USED)}
    chosen = {"plan": form["chosen"]} if form.get("chosen") else {}
    return {name: answer.strip()[:_MOST_TYPED] for name, answer in {**known, **used, **chosen}.items()}


def problems_before_reading(answers: Answers) -> Iterator[Problem]:
    """Find what the contract would not say as well: needed answers that are empty, and a course without a line."""
    for name, (path, words) in _NEEDED.items():
        if not answers[name]:
            yield Problem(path, words)
    for row in ROWS:
        if not answers[f"code_{row}"] and (answers[f"minutes_{row}"] or answers[f"modifiers_{row}"]):
            yield Problem(f"rows.{row}", f"Line {row} has no code: enter one, or empty the line.")
        if answers[f"when_{row}"] not in (EVERY, FIRST, LATER):
            yield Problem(f"rows.{row}", f"Choose at which visits line {row} is done.")
    if not rows_at(answers, EVERY, LATER):
        yield Problem("rows.1", "Enter at least one code that is done at every visit, or at the later ones.")


def request_of(answers: Answers, plan: Plan) -> dict[str, Any]:
    """Turn answers into a request of the JSON contract, in the terms of this plan."""
    return _said(
        {
            "plan": plan.id,
            "insurer": answers["insurer"],
            "secondary": _said({"plan": answers["second_plan"]}),
            "zip": answers["zip"],
            "provider": {
                "type": answers["provider"],
                "network": network_meant(plan, answers["network"]),
                "setting": answers["setting"],
            },
            "diagnoses": _words(answers["diagnoses"].upper()),
            "person": _said({"symptom_weeks": answers["symptom_weeks"], "age": answers["age"]}),
            "used": _said({**{name: answers[name] for name in _PAID}, "limits": _used(answers, plan)}),
            "authorization": _authorization(answers),
            "referral": _said({"on_file": _yes(answers["referral"])}),
            "signed_consent": _yes(answers["consent"]),
            "course": _course(answers),
        }
    )


def rows_at(answers: Answers, *when: str) -> list[int]:
    """Return the lines that have a code and are done then."""
    return [row for row in ROWS if answers[f"code_{row}"] and answers[f"when_{row}"] in when]


def _course(answers: Answers) -> dict[str, Any]:
    course = {
        "first_day": answers["first_day"],
        "visits": answers["visits"],
        "per_week": answers["per_week"],
        "each_visit": _services(answers, rows_at(answers, EVERY, LATER)),
    }
    if rows_at(answers, FIRST, LATER):
        course["first_visit"] = _services(answers, rows_at(answers, EVERY, FIRST))
    return _said(course)


def _services(answers: Answers, rows: Sequence[int]) -> list[dict[str, Any]]:
    return [
        _said(
            {
                "code": answers[f"code_{row}"].upper(),
                "minutes": answers[f"minutes_{row}"],
                "modifiers": _words(answers[f"modifiers_{row}"].upper()),
            }
        )
        for row in rows
    ]


def _used(answers: Answers, plan: Plan) -> dict[str, str]:
    """Return what was used of each limit that this plan has; answers about another plan's stay unread."""
    return _said({name: answers.get(f"{USED}{name}", "") for name in plan.limits})


def _authorization(answers: Answers) -> dict[str, Any]:
    details = {name: answers[f"authorization_{name}"] for name in ("visits", "units", "first_day", "last_day")}
    codes = _words(answers["authorization_codes"].upper())
    return _said({"on_file": _yes(answers["authorization"]), **details, "codes": codes})


def _words(written: str) -> list[str]:
    return [word for word in _WORDS.split(written) if word]


def _yes(answer: str) -> bool | None:
    return {"yes": True, "no": False}.get(answer)


def _said(written: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was not said."""
    return {key: value for key, value in written.items() if value not in ("", None, {}, [])}


# ----------------------------------------------------------------------------
# The field of the page that a problem of the request belongs to.
# ----------------------------------------------------------------------------

_FIELDS = {
    "zip": "zip",
    "plan": "plan",
    "insurer": "insurer",
    "secondary": "second_plan",
    "provider.type": "provider",
    "provider.network": "network",
    "provider.setting": "setting",
    "diagnoses": "diagnoses",
    "person.symptom_weeks": "symptom_weeks",
    "person.age": "age",
    "course.first_day": "first_day",
    "course.visits": "visits",
    "course.per_week": "per_week",
    "authorization.on_file": "authorization",
    "authorization.visits": "authorization_visits",
    "authorization.units": "authorization_units",
    "authorization.codes": "authorization_codes",
    "authorization.first_day": "authorization_first_day",
    "authorization.last_day": "authorization_last_day",
    "referral": "referral",
    "signed_consent": "consent",
    "used.deductible_paid": "deductible_paid",
    "used.out_of_pocket_paid": "out_of_pocket_paid",
}
_LIMITS = "used.limits."
_OF_A_LINE = {"code": "code", "minutes": "minutes", "modifiers": "modifiers"}


def field_of(path: str, answers: Answers) -> str | None:
    """Return the field that asks for what stands at a path of the request, or None where none does."""
    if path.startswith(_LIMITS):
        return f"{USED}{path.removeprefix(_LIMITS)}"
    if field := _field_of_line(path.split("."), answers):
        return field
    while path:
        if path in _FIELDS:
            return _FIELDS[path]
        path = path.rpartition(".")[0]
    return None


def label_of(field: str) -> str:
    """Return what a field is called in the list of mistakes."""
    name, _, row = field.rpartition("_")
    if row.isdecimal() and name in _OF_A_LINE:
        return f"Line {row}, {name}"
    return LABELS.get(field, field.removeprefix(USED).replace("-", " "))


def in_order(field: str) -> int:
    """Return where a field stands on the page."""
    order = [*LABELS, *(f"{name}_{row}" for row in ROWS for name in _OF_A_LINE)]
    return order.index(field) if field in order else len(order)


def _field_of_line(steps: list[str], answers: Answers) -> str | None:
    """Find the line of the page: its place among those of the first visit, or of the others."""
    match steps:
        case ["rows", row, *_]:
            return f"code_{row}"
        case ["course", ("each_visit" | "first_visit") as part, place, *rest] if place.isdecimal():
            rows = rows_at(answers, EVERY, LATER if part == "each_visit" else FIRST)
        case ["visits", number, "services", place, *rest] if number.isdecimal() and place.isdecimal():
            is_first = number == "0" and bool(rows_at(answers, FIRST, LATER))
            rows = rows_at(answers, EVERY, FIRST if is_first else LATER)
        case ["course", "each_visit" | "first_visit", *_]:
            return "code_1"
        case _:
            return None
    name = _OF_A_LINE.get(rest[0] if rest else "code", "code")
    return f"{name}_{rows[int(place)]}" if int(place) < len(rows) else "code_1"


# ----------------------------------------------------------------------------
# What the page of the authorization check shows: the form with what is wrong, or the check with its sources.
#
# Here the page meets the rest of the product: the search finds the plan, the use case checks, wording words.
# ----------------------------------------------------------------------------

Context = dict[str, Any]
FormProblem = tuple[str | None, str]

WHEN = ((EVERY, "Every visit"), (FIRST, "First visit only"), (LATER, "Not at the first"))


def plan_meant(answers: Answers) -> Named:
    """Find the plan among those that are sold where the clinic is."""
    return staff_common.plan_meant(answers["plan"], answers["first_day"], state_of(answers["zip"]))


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
        "labels": LABELS,
        "rows": ROWS,
        "when": WHEN,
        "named": named,
        "tiers": tiers(named.plan),
        "limits": [_limit_field(limit) for limit in named.plan.limits.values()] if named.plan else [],
        "choices": choices,
        "locations": [(name, name) for name in register().names],
        "therapists": [(code, code) for code in register().codes],
    }


def _limit_field(limit: Limit) -> tuple[str, str, str]:
    words = limit_named(limit.name)
    return f"{USED}{limit.name}", f"{words[:1].upper()}{words[1:]}: used so far", str(limit.measure)


def check_page(answers: Answers, plan: Plan, today: date) -> Context:
    """Return what the check shows; raise Stopped where the course cannot be checked."""
    place, (course, doubts) = answers["location"], _told_and_doubts(answers, plan, today)
    asked, clinic = _asked(answers, course, today), register().clinic(place)
    found = check_authorization(asked, clinic.habits, common.shelf(), register().prices(place), common.prices())
    written = check_written(found, common.names())
    law = _law(answers)
    sources = sources_of([*citations_in(written), *([law.citation] if law and law.citation else [])])
    return {
        "answers": answers,
        "doubts": [(LABELS[name], words) for name, words in doubts.items()],
        "check": written,
        "law": law,
        "flags": register().flags(
            {**answers, "services": " ".join(answers[f"code_{row}"].upper() for row in ROWS)},
            max(visit.day for visit in asked.request.visits),
        ),
        "sources": sources,
        "source_numbers": numbers_of(sources),
        "papers": list(fitting_case(case_of(asked, plan, found.estimate, common.names(), clinic))),
        "choices": choices,
        "habits": clinic.habits,
        "case": _case_of(answers),
        "request_text": _as_json(course),
        "calls": [(call.id, told_line(call, today)) for call in newest_calls(staff_shelf().engine, plan.id)],
    }


def _as_json(written: Mapping[str, Any]) -> str:
    return json.dumps(written, ensure_ascii=False, indent=1)


def _case_of(answers: Answers) -> tuple[int, str]:
    """Return the number and the label of the case that a check is about, 0 where it is about none."""
    number = common.number_in(answers, OF)
    label = label_of_case(staff_shelf().engine, number) if number else ""
    return (number, label) if label else (0, "")


def _law(answers: Answers) -> StatePage | None:
    """Return what the clinic's state says of needling by who treats, where the course has needling."""
    codes = {answers[f"code_{row}"] for row in ROWS}
    return state_page(state_of(answers["zip"]), answers["provider"]) if codes & NEEDLING_CODES else None


def next_bill(typed: Mapping[str, str], plan: Plan | None, grant: Grant, few: int, today: date) -> Sequence[BillLine]:
    """Return whether each line of the next visit of a course can be billed; nothing where it can't be answered."""
    if plan is None:
        return ()
    answers = placed(answers_of({**typed, "visits": "1"}, today))
    place, shown = answers["location"], register()
    try:
        asked = _asked(answers, request_told(answers, plan, today), today)
        habits = shown.clinic(place).habits
        found = check_authorization(asked, habits, common.shelf(), shown.prices(place), common.prices())
    except Stopped:
        return ()
    return tuple(bill_lines(found, grant, few, common.names()))


def papers_that_fit(typed: Mapping[str, str], plan: Plan | None, today: date) -> Sequence[tuple[str, str]]:
    """Return the kind and the title of each document that fits a course; none where it can't be answered."""
    if plan is None:
        return ()
    try:
        return tuple(fitting_case(_on_paper(placed(answers_of(typed, today)), plan, today)))
    except Stopped:
        return ()


def paper_page(kind: str, answers: Answers, plan: Plan, today: date) -> bytes:
    """Return a document of the course as a PDF; raise DocumentRefused, or what `check_page` raises."""
    return document_pdf(kind, _on_paper(answers, plan, today))


def _on_paper(answers: Answers, plan: Plan, today: date) -> Case:
    asked, place = _asked(answers, request_told(answers, plan, today), today), answers["location"]
    estimate, _ = estimate_asked(asked, common.shelf(), register().prices(place), common.prices())
    return case_of(asked, plan, estimate, common.names(), register().clinic(place))


def request_told(answers: Answers, plan: Plan, today: date) -> dict[str, Any]:
    """Return the request of answers with what the plan said on calls about their case, if they are about one.

    An insurer and a second plan may be named in words; one that is in doubt is left out.
    """
    return _told_and_doubts(answers, plan, today)[0]


def _told_and_doubts(answers: Answers, plan: Plan, today: date) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Return what `request_told` does, and what is in doubt of the insurer and the second plan."""
    _, label = _case_of(answers)
    beside, doubts = _beside(answers, plan)
    told = told_for(staff_shelf().engine, label, plan.id, today)
    return _said({**request_of({**answers, **beside}, plan), "told": told}), doubts


def _beside(answers: Answers, plan: Plan) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the ids of the insurer and the second plan that answers name, and what is in doubt of them."""
    try:
        date.fromisoformat(answers["first_day"])
    except ValueError:
        # The contract says what to write, and the page comes again.
        return {}, {}
    if not (answers["insurer"] or answers["second_plan"]):
        return {}, {}
    return payers_beside(answers, plan, books_now(staff_shelf(), common.prices()))


def _asked(answers: Answers, course: Mapping[str, Any], today: date) -> Asked:
    told = tuple(problems_before_reading(answers))
    if told:
        raise RequestRefused((*told, *_problems_in(course, today)))
    return read_request(course, today)


def problems_before_the_plan(answers: Answers, named: Named, today: date) -> list[FormProblem]:
    """Return what is wrong where no plan was found, with everything else that can be told without one."""
    told = [problem for problem in problems_before_reading(answers) if problem.path != "plan"]
    words = staff_common.SEVERAL if named.found else staff_common.NOT_FOUND
    plan = Problem("plan", words if answers["plan"] else "Enter the id of a plan, or words of its name.")
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


# ----------------------------------------------------------------------------
# The authorization check at `/staff/authorization`: a form that keeps what was typed, the check, and its papers.
# ----------------------------------------------------------------------------

authorization = Blueprint("authorization", __name__)

# Steps on the way: to change an answer, to look a plan up, to choose one of those that were found.
_STEPS = frozenset({"change", "look-up", "chosen"})
_FORM, _CHECK = "staff/authorization/form.html", "staff/authorization/check.html"


@authorization.get("/authorization")
@allowed("billing")
def form() -> str:
    """Show the fresh form."""
    answers = answers_of({}, clock.today())
    return render_template(_FORM, **form_page(answers, Named(None)))


@authorization.post("/authorization")
@allowed("billing")
def check() -> str | tuple[str, int]:
    """Check the course, or show the form again: as a step on the way, or with what is wrong."""
    return checked(request.form)


def checked(typed: Mapping[str, str]) -> str | tuple[str, int]:
    """Return the check of what was typed, or the form with it."""
    today = register().today(typed.get("location", ""))
    answers = placed(answers_of(typed, today))
    named = plan_meant(answers)
    if _STEPS.intersection(typed) and (named.plan or named.found):
        return render_template(_FORM, **form_page(answers, named))
    if named.plan is None:
        found = problems_before_the_plan(answers, named, today)
        of_the_plan = [problem for problem in found if problem[0] == "plan"]
        return _again(answers, named, of_the_plan if "look-up" in typed else found)
    try:
        shown = check_page(answers, named.plan, today)
    except Stopped as refused:
        return _again(answers, named, form_problems(refused, answers))
    return render_template(_CHECK, **shown)


@authorization.post("/authorization/estimate")
@allowed("billing")
def give() -> str | tuple[str, int]:
    """Show the estimate of a course, to be kept under its case's label, or the form with what is wrong."""
    today = register().today(request.form.get("location", ""))
    answers = placed(answers_of(request.form, today))
    named = plan_meant(answers)
    if named.plan is None:
        return _again(answers, named, problems_before_the_plan(answers, named, today))
    _, label = _case_of(answers)
    course = request_told(answers, named.plan, today)
    there = {name: answers[name] for name in ("location", "therapist")}
    typed = {"request": _as_json(course), "case_label": label, **there}
    try:
        _asked(answers, course, today)
        found = estimated(typed["request"], **there)
    except Stopped as refused:
        return _again(answers, named, form_problems(refused, answers))
    return render_template("staff/estimates/new.html", **estimate_page(typed, found))


@authorization.post("/authorization/paper/<kind>")
@allowed("billing")
def paper(kind: str) -> Response | str | tuple[str, int]:
    """Send the paper that puts liability right, as a PDF."""
    if kind not in TITLES:
        raise NotFound
    today = register().today(request.form.get("location", ""))
    answers = placed(answers_of(request.form, today))
    named = plan_meant(answers)
    if named.plan is None:
        return _again(answers, named, problems_before_the_plan(answers, named, today))
    try:
        written = paper_page(kind, answers, named.plan, today)
    except DocumentRefused as refused:
        return _again(answers, named, [(None, problem.message) for problem in refused.problems])
    except Stopped as refused:
        return _again(answers, named, form_problems(refused, answers))
    sent = {"Content-Disposition": f'attachment; filename="therapy-{kind}.pdf"'}
    return Response(written, mimetype="application/pdf", headers=sent)


def _again(answers: Answers, named: Named, problems: list[FormProblem]) -> tuple[str, int]:
    return render_template(_FORM, **form_page(answers, named, problems)), UNPROCESSABLE
