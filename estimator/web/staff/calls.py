"""The call log at `/staff/calls`: entries by plan, payer and day, a new one, one with its uses, and all as a file.

The questions are those of a plain course under the plan; the contract reads the answers as it reads a request.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator import clock
from estimator.billing.calls import (
    DESK_ASKS,
    MOST_LABEL,
    MOST_NOTE,
    CallEntry,
    NewCall,
    SoughtCalls,
    call_of,
    call_written,
    calls_of,
    enter_call,
    is_old,
    payers_called,
)
from estimator.billing.case_calls import Heard, answers_of_desk, enter_case_call, entries_of
from estimator.billing.case_visits import said_again
from estimator.billing.cases import case_labeled
from estimator.billing.given_estimates import given_estimate
from estimator.engine.coding import is_service_code
from estimator.engine.plan import Plan
from estimator.engine.request import IN_NETWORK, Call
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract import SOURCES, read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.shelf import network_meant
from estimator.web import common
from estimator.web.common import csv_file, names, number_in
from estimator.web.patient.answer import FROM_VISIT, UNPROCESSABLE, page_words
from estimator.web.patient.call_answers import DAY, REFERENCE, Ask, Typed, ask_about, asks_of, service_named, typed_call
from estimator.web.patient.form import FIELD, with_call
from estimator.web.staff.authorization import plan_meant
from estimator.web.staff.case_calls import GRANT_FIELDS, AskedOfCase, asked_of_case, desk_ask, heard_in
from estimator.web.staff.cases import move_rows
from estimator.web.staff.common import Named, allowed, label_of_number, person, staff_shelf
from estimator.wording.answer import answer_of
from estimator.wording.words import BILLER

REPRESENTATIVE, SOURCE, LABEL, NOTE, CORRECTS = "call.representative", "call.source", "case_label", "note", "corrects"
OF = "of"
FIELDS = (DAY, SOURCE, REFERENCE, REPRESENTATIVE, LABEL, NOTE, CORRECTS, OF)
_OF_A_CALL = {"reference": REFERENCE, "representative": REPRESENTATIVE, "source": SOURCE}
# Any price would do: no question depends on it.
_SERVICES = (
    {"code": "97161", "allowed": "100.00"},
    {"code": "97110", "minutes": 30, "allowed": "60.00"},
    {"code": "20561", "allowed": "40.00"},
)


class Asked(NamedTuple):
    """A plan with the questions that a call about it may answer; the first of them its case's check asks."""

    plan: Plan
    asks: Sequence[Ask]
    course: Mapping[str, Any]
    of_case: AskedOfCase | None = None


def asked_about(plan: Plan, today: date, case_id: int = 0) -> Asked:
    """Return what to ask about a plan, or about the case of a number under it."""
    of_case = asked_of_case(case_id, plan.id) if case_id else None
    if of_case is not None:
        return Asked(plan, [*of_case.asks, *of_case.others], of_case.request, of_case)
    estimate, _ = estimate_asked(read_request(_course(plan, today), today), common.shelf(), prices=common.prices())
    return Asked(plan, asks_of(answer_of(estimate, plan, common.names(), BILLER)), _course(plan, today))


def entry_typed(form: Mapping[str, str], asked: Asked, today: date) -> NewCall:
    """Return the entry that was typed; raise RequestRefused with every problem of its call."""
    typed, heard = call_typed(form, asked), _heard(form, asked)
    if not typed.asks and not heard.desk and not heard.grant:
        raise RequestRefused((Problem("told", "Answer at least one question."),))
    call = _read(typed, asked, today) if typed.asks else _without_answers(typed, today)
    return NewCall(
        plan_id=asked.plan.id,
        payer=asked.plan.payer,
        call=call,
        case_label=form.get(LABEL, "").strip(),
        note=form.get(NOTE, "").strip(),
        corrects=number_in(form, CORRECTS) or None,
        beside=answers_of_desk(heard),
    )


def _read(typed: Typed, asked: Asked, today: date) -> Call:
    read = read_request({**asked.course, "told": [typed.call]}, today)
    estimate_asked(read, common.shelf(), prices=common.prices())
    call: Call = read.told[0]
    return call


def _without_answers(typed: Typed, today: date) -> Call:
    """Return a call on which no rule was told: only what is used, say, or an authorization."""
    try:
        day = date.fromisoformat(typed.call["on"])
    except ValueError:
        day = None
    if day is None or day > today:
        raise RequestRefused((Problem(DAY, "Enter the day of the call, such as 2026-03-02; not one to come."),))
    said = {name: str(typed.call.get(name, "")) for name in ("source", "reference", "representative")}
    return Call(on=day, answers=(), **said)


def _heard(form: Mapping[str, str], asked: Asked) -> Heard:
    return heard_in(form, asked.asks) if asked.of_case else Heard({}, {})


def call_typed(form: Mapping[str, str], asked: Asked) -> Typed:
    """Return the call as a request would tell it, before anybody has read it."""
    typed = typed_call(form, [ask for ask in asked.asks if ask.asks not in DESK_ASKS])
    more = {"source": form.get(SOURCE) or SOURCES[0], "representative": form.get(REPRESENTATIVE, "").strip()}
    return Typed({**typed.call, **{key: words for key, words in more.items() if words}}, typed.asks)


def field_of(path: str, typed: Typed) -> str | None:
    """Return the field that a problem belongs to, None where no one field is at fault."""
    if path in FIELDS or path.startswith(("grant.", "call.")):
        return path
    last = path.rpartition(".")[2]
    return _OF_A_CALL.get(last) if path.count(".") == 2 and last in _OF_A_CALL else typed.field_of(path)


def typed_again(written: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in the form where a call is to be entered again."""
    fields = {DAY: written["on"], SOURCE: written["source"]}
    fields |= {_OF_A_CALL[key]: written[key] for key in ("reference", "representative") if key in written}
    for told in written["answers"]:
        name = _ask_answered(told).name
        fields[name] = str(told["answer"]).removesuffix("%")
        if "from_visit" in told:
            fields[f"{name}.from"] = str(told["from_visit"])
    return fields


def _course(plan: Plan, today: date) -> dict[str, Any]:
    first, last = plan.in_force.first_day or today, plan.in_force.last_day or today
    visit = {"day": min(max(today, first), max(first, last)).isoformat(), "services": list(_SERVICES)}
    return {"plan": plan.id, "visits": [visit], "provider": {"network": network_meant(plan, IN_NETWORK)}}


# ----------------------------------------------------------------------------
# What the templates of the call log are given, and its entries as CSV.
# ----------------------------------------------------------------------------

SOURCE_WORDS = {
    "telephone": "on the telephone",
    "letter": "in a letter",
    "member-site": "on the payer’s site",
    "eligibility": "in an eligibility answer",
}
CASE, GIVEN = "case", "given"
FILTERS = ("plan", "payer", CASE, "since", "until")
HEADER = (
    "number", "day", "plan", "payer", "case label", "how", "reference", "representative", "question", "answer", "note",
    "entered by", "entered at (UTC)", "corrects", "corrected by",
)  # fmt: skip
_NO_DAY = "Enter a day such as 2026-03-02."


def sought_in(asked: Mapping[str, str]) -> tuple[SoughtCalls, dict[str, str]]:
    """Return which entries are meant, and what is wrong beside its field; a day that is none restricts nothing."""
    errors: dict[str, str] = {}
    plan, payer, case = (asked.get(name, "").strip() for name in ("plan", "payer", "case"))
    return SoughtCalls(plan, payer, case, _day(asked, "since", errors), _day(asked, "until", errors)), errors


def list_page(entries: Sequence[CallEntry], asked: Mapping[str, str], errors: dict[str, str], today: date) -> Any:
    """Return what the page with every entry shows."""
    typed = {name: asked.get(name, "") for name in FILTERS}
    return {
        "shown": [shown_entry(entry, today) for entry in entries],
        "typed": typed,
        "errors": errors,
        "payers": [(payer, payer) for payer in payers_called(staff_shelf().engine)],
        "asked": {name: words for name, words in typed.items() if words},
    }


def shown_entry(entry: CallEntry, today: date) -> dict[str, Any]:
    """Return an entry with its questions and answers in words."""
    return {
        "entry": entry,
        "how": SOURCE_WORDS[entry.source],
        "old": is_old(entry, today),
        "said": [said(told) for told in entry.answers],
    }


def estimate_fields(entry: CallEntry) -> dict[str, str]:
    """Return the fields of the estimate's form by which it counts with an entry."""
    told = with_call({"plan": entry.plan_id, FIELD: ""}, call_written(entry))
    return {**told, "reader": "biller"}


def form_page(
    asked: Asked, typed: Mapping[str, str], today: date, refused: RequestRefused | None = None
) -> dict[str, Any]:
    """Return what the form of a new entry shows, with what is wrong beside each field."""
    errors: dict[str, str] = defaultdict(str)
    summary: list[tuple[str | None, str]] = []
    legends = {ask.name: f"{ask.legend} " for ask in asked.asks}
    of_call = call_typed(typed, asked)
    for problem in refused.problems if refused else ():
        field = field_of(problem.path, of_call)
        if not field or not errors[field]:
            summary.append((field, f"{legends.get(field or '', '')}{problem.message}"))
        if field:
            errors[field] = errors[field] or problem.message
    return {
        "plan": asked.plan,
        "asks": asked.of_case.asks if asked.of_case else asked.asks,
        "others": asked.of_case.others if asked.of_case else (),
        "without_field": asked.of_case.without_field if asked.of_case else (),
        "case": asked.of_case.found.case if asked.of_case else None,
        "typed": defaultdict(str, {name: words for name, words in typed.items() if name in _names(asked)}),
        "errors": errors,
        "summary": summary,
        "words": page_words(),
        "from_words": FROM_VISIT,
        "sources": [(name, f"{words[:1].upper()}{words[1:]}") for name, words in SOURCE_WORDS.items()],
        "most_note": MOST_NOTE,
        "most_label": MOST_LABEL,
        "today": today.isoformat(),
    }


def csv_rows(entries: Sequence[CallEntry]) -> Iterator[Sequence[object]]:
    """Yield one row for each answer of each entry."""
    for entry in entries:
        head = (entry.id, entry.told_on, entry.plan_id, entry.payer, entry.case_label, SOURCE_WORDS[entry.source])
        end = (
            entry.note,
            entry.by,
            f"{entry.entered_at:%Y-%m-%d %H:%M}",
            entry.corrects or "",
            entry.corrected_by or "",
        )
        for told in entry.answers:
            yield (*head, entry.reference, entry.representative, *said(told), *end)


def said(told: Mapping[str, Any]) -> tuple[str, str]:
    """Return a question and its answer in words.

    >>> said({"asks": "cost-share", "subject": "copay", "answer": "40.00"})
    ('Your copay for a visit of physical therapy', '$40.00')
    """
    ask = _ask_answered(told)
    if ask.asks in DESK_ASKS:
        return ask.legend, str(told["answer"])
    answer = dict(ask.options).get(told["answer"], told["answer"])
    if ask.kind == "money" and answer[:1].isdecimal():
        answer = f"${answer}"
    return ask.legend, f"{answer}, from visit {told['from_visit']} on" if "from_visit" in told else answer


def _ask_answered(told: Mapping[str, Any]) -> Ask:
    asks, subject = told["asks"], told.get("subject", "")
    if asks in DESK_ASKS:
        return desk_ask(asks, subject)
    service = service_named(subject, names().get(subject, subject)) if is_service_code(subject) else ""
    return ask_about(asks, subject, service)


def _day(asked: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(asked[name]) if asked.get(name) else None
    except ValueError:
        errors[name] = _NO_DAY
        return None


def _names(asked: Asked) -> set[str]:
    grant = (f"grant.{name}" for name in GRANT_FIELDS)
    return {*FIELDS, *grant, *(ask.name for ask in asked.asks), *(ask.from_name for ask in asked.asks if ask.from_name)}


def json_text(written: Mapping[str, Any]) -> str:
    """Write a call as a request tells it."""
    return json.dumps(written, ensure_ascii=False, indent=1)


# ----------------------------------------------------------------------------
# The call log at `/staff/calls`: entries by plan, payer and day, a new one, one with its uses, and all as a file.
# ----------------------------------------------------------------------------

calls = Blueprint("calls", __name__, url_prefix="/calls")

Page = str | tuple[str, int] | AnyResponse
_SEE_OTHER = 303
_NO_PLAN = "Enter the id of a plan, or words of its name."
_NOT_FOUND = "No plan has this id, and none holds all of these words. Try fewer words."


@calls.route("/", methods=["GET", "POST"])
@allowed("billing")
def every() -> str:
    """Show the entries that are asked for, the last day first."""
    asked = _asked()
    sought, errors = sought_in(asked)
    entries = calls_of(staff_shelf().engine, sought)
    return render_template("staff/calls/list.html", **list_page(entries, asked, errors, clock.today()))


def _asked() -> Mapping[str, str]:
    """Return what is asked for; a case label is taken from a form alone, since addresses are kept in many places."""
    return request.form if request.method == "POST" else {**request.args, CASE: ""}


@calls.route("/calls.csv", methods=["GET", "POST"])
@allowed("billing", notes="calls-downloaded")
def as_file() -> Response:
    """Send the entries that are asked for as a CSV file, one row an answer."""
    sought, _ = sought_in(_asked())
    return csv_file("calls.csv", [HEADER, *csv_rows(calls_of(staff_shelf().engine, sought))])


@calls.get("/new")
@allowed("billing")
def new() -> Page:
    """Ask which plan, and then for the answers about it; what is to be corrected stands in the fields."""
    corrected = _entry(request.args.get(CORRECTS, 0, int)) if CORRECTS in request.args else None
    words = corrected.plan_id if corrected else request.args.get("plan", "").strip()
    named = _named(words)
    if named.plan is None:
        return _which_plan(named, words, _NOT_FOUND if words and not named.found else "")
    typed = {LABEL: _label_of(number_in(request.args, GIVEN)) or label_of_number()}
    case_id = number_in(request.args, OF)
    if corrected:
        case = case_labeled(staff_shelf().engine, corrected.case_label) if corrected.case_label else None
        case_id = case.id if case else 0
        again = {LABEL: corrected.case_label, NOTE: corrected.note, CORRECTS: str(corrected.id)}
        said = {**call_written(corrected), "answers": corrected.answers}
        typed = {**typed_again(said), **again}
    today = clock.today()
    return render_template("staff/calls/new.html", **form_page(asked_about(named.plan, today, case_id), typed, today))


@calls.post("/new")
@allowed("billing")
def enter() -> Page:
    """Keep an entry, or show the form again with everything that is wrong."""
    named, today = _named(request.form.get("plan", "").strip()), clock.today()
    if named.plan is None:
        return _which_plan(named, request.form.get("plan", ""), _NO_PLAN), UNPROCESSABLE
    asked = asked_about(named.plan, today, number_in(request.form, OF))
    try:
        entry = entry_typed(request.form, asked, today)
        if asked.of_case is not None:
            return _entered_in_case(entry, asked.of_case)
        number = enter_call(staff_shelf().engine, entry, person(), clock.now_utc())
    except RequestRefused as refused:
        shown = form_page(asked, request.form, today, refused)
        return render_template("staff/calls/new.html", **shown), UNPROCESSABLE
    return redirect(f"/staff/calls/{number}", _SEE_OTHER)


def _entered_in_case(entry: NewCall, of_case: AskedOfCase) -> Page:
    """Keep a call about a case, and go back to the case: its next visit and its rows are answered with it."""
    case = of_case.found.case
    entries = entries_of(heard_in(request.form, of_case.asks), of_case.plan, entry.call.on)
    entry = replace(entry, case_label=case.label)
    enter_case_call(staff_shelf().engine, entry, case.id, entries, person(), clock.now_utc())
    move_rows([case.id], [column for each in entries for column in said_again(each)])
    return redirect(f"/staff/cases/{case.id}", _SEE_OTHER)


@calls.get("/<int:number>")
@allowed("billing", notes="call-read")
def one(number: int) -> str:
    """Show an entry with what can be done with it."""
    entry = _entry(number)
    as_told = call_written(entry)
    fields = estimate_fields(entry) if as_told["answers"] else {}
    uses = {"fields": fields, "as_json": json_text(as_told)}
    return render_template("staff/calls/one.html", **shown_entry(entry, clock.today()), **uses)


def _entry(number: int) -> CallEntry:
    found = call_of(staff_shelf().engine, number)
    if found is None:
        raise NotFound
    return found


def _named(words: str) -> Named:
    return plan_meant({"plan": words, "first_day": clock.today().isoformat(), "zip": ""})


def _which_plan(named: Named, words: str, problem: str) -> str:
    given = number_in(request.args, GIVEN)
    return render_template("staff/calls/which-plan.html", named=named, words=words, problem=problem, given=given)


def _label_of(number: int) -> str:
    """Return the case label of the estimate from which a call is entered, if it is kept."""
    found = given_estimate(staff_shelf().engine, number, clock.now_utc()) if number else None
    return found.case_label if found else ""
