"""Cases and their alerts for other programs, by a token with the role `billing`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from marshmallow import fields

from estimator.accounts.roles import Role
from estimator.billing.alerts import kept_alerts, look_at, told
from estimator.billing.case_search import SoughtCases, cases_of
from estimator.billing.case_visits import answer_rows_again, said_again
from estimator.billing.cases import NOTE, STATED_CELLS, NewEntry, add_entries, case_now, case_of_id
from estimator.billing.cases import open_case as opened_case
from estimator.billing.clinic import clinic_now
from estimator.billing.needs import thresholds_set
from estimator.billing.schedule import books_now
from estimator.billing.schedule_file import COLUMNS, LONGEST_CELL, NAMES
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract_values import day_of
from estimator.web import common
from estimator.web.api.common import (
    LONGEST_WORD,
    NO_TOKEN,
    NOT_HERE,
    REFUSED,
    TOO_LARGE,
    WORD,
    asked,
    by_token,
    caller,
    note_seen,
    sent_json,
    subject,
    words_in_query,
)
from estimator.web.staff.clinic import flags_told, register
from estimator.wording.answer_schema import AnswerPart, Json
from estimator.wording.worklist import alert_says

cases = subject("Cases", "/cases", "Courses of care under labels of the clinic's own, and their alerts.")

_MOST = 500
_MOST_DIGITS = 9
_MOST_NUMBER = 10**_MOST_DIGITS
_CELL = {"type": "string", "maxLength": LONGEST_CELL}
_NEW = {
    "type": "object",
    "properties": {column.name: {**_CELL, "description": column.says} for column in COLUMNS},
    "required": ["plan"],
    "additionalProperties": False,
}
_TOLD = ("grant", "stated", "visit", "note")
_KEYS = ("kind", "day", "content", "corrects")
_ENTRY = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": list(_TOLD)},
        "day": {"type": "string", "format": "date"},
        "content": {"type": "object", "description": "As the timeline of a case holds it: docs/cases.md."},
        "corrects": {
            "type": "integer",
            "minimum": 1,
            "description": "The entry of the same kind that this one stands for, such as the request that it answers.",
        },
    },
    "required": ["kind", "day", "content"],
    "additionalProperties": False,
}


class CaseSchema(AnswerPart):
    """A case as lists show it."""

    number = fields.Integer()
    label = fields.String()
    state = fields.String()
    plan = fields.String()
    therapist = fields.String()
    location = fields.String()


class CasesSchema(AnswerPart):
    """Open cases."""

    cases = fields.Nested(CaseSchema, many=True)


class WholeCaseSchema(CaseSchema):
    """A case with its counters and what happened in it."""

    counters = fields.List(fields.Dict())
    flags = fields.List(fields.Dict())
    entries = fields.List(fields.Dict())


class AlertSchema(AnswerPart):
    """An alert that nobody has done yet."""

    number = fields.Integer()
    case = fields.Integer()
    label = fields.String()
    kind = fields.String()
    raised_on = fields.Date()
    says = fields.String()
    counter = fields.Dict()


class AlertsSchema(AnswerPart):
    """Alerts by number; ask again after the last one."""

    alerts = fields.Nested(AlertSchema, many=True)


_NARROWED_BY = {
    "plan": "Only those under the plan of this id today.",
    "therapist": "Only those whose therapist today has exactly this name.",
    "location": "Only those at the location of exactly this name today.",
}
_FOUND_BY = {"label": "Only those whose label holds this text.", **_NARROWED_BY}
_SOUGHT = {
    "type": "object",
    "properties": {name: {**WORD, "description": words} for name, words in _FOUND_BY.items()},
    "additionalProperties": False,
}
_NUMBER = {"in": "path", "name": "number", "required": True, "schema": {"type": "integer", "minimum": 1}}
_AFTER = {
    "in": "query",
    "name": "after",
    "schema": {"type": "string", "pattern": f"^[0-9]{{1,{_MOST_DIGITS}}}$"},
    "description": "Only those after this number.",
}


@cases.get("")
@cases.doc(
    operationId="listCases",
    security=[{"token": []}],
    parameters=words_in_query(_NARROWED_BY),
    responses={422: REFUSED, **NO_TOKEN},
)
@cases.response(200, CasesSchema, description="Open cases by label.")
@by_token(Role.BILLING)
def every() -> Json:
    """Return open cases, all or narrowed, at most 500. Needs the role `billing`."""
    return _listed({name: asked(name) for name in _NARROWED_BY})


@cases.post("/search")
@cases.doc(
    operationId="findCases",
    security=[{"token": []}],
    requestBody={"required": True, "content": {"application/json": {"schema": _SOUGHT}}},
    responses={413: TOO_LARGE, 422: REFUSED, **NO_TOKEN},
)
@cases.response(200, CasesSchema, description="Open cases by label.")
@by_token(Role.BILLING)
def search() -> Json:
    """Return open cases by a part of their label, at most 500. Needs the role `billing`.

    A label is sent in the body, since addresses are kept in the logs of proxies.
    """
    sent = sent_json()
    problems = [
        Problem(str(name)[:60], f"Enter text of 1 to {LONGEST_WORD} characters as {', '.join(_FOUND_BY)}.")
        for name, word in sent.items()
        if name not in _FOUND_BY or not isinstance(word, str) or not 0 < len(word) <= LONGEST_WORD
    ]
    if problems:
        raise RequestRefused(tuple(problems[:100]))
    return _listed(sent)


def _listed(sought: Mapping[str, str]) -> Json:
    of = {"therapist": sought.get("therapist", ""), "location": sought.get("location", "")}
    wanted = SoughtCases(text=sought.get("label", ""), plan_id=sought.get("plan", ""), **of)
    return {"cases": [_case(case) for case in cases_of(common.shelf().engine, wanted, _MOST)]}


@cases.post("")
@cases.doc(
    operationId="openCase",
    security=[{"token": []}],
    requestBody={"required": True, "content": {"application/json": {"schema": _NEW}}},
    responses={413: TOO_LARGE, 422: REFUSED, **NO_TOKEN},
)
@cases.response(201, WholeCaseSchema, description="The case is open.")
@by_token(Role.BILLING)
def begin() -> Json:
    """Open a case with the columns of a schedule. Needs the role `billing`."""
    sent = sent_json()
    problems = [Problem(str(name)[:60], "There is no such column.") for name in sent if name not in NAMES]
    problems += [
        Problem(str(name)[:60], f"Enter text of at most {LONGEST_CELL} characters.")
        for name, cell in sent.items()
        if not (isinstance(cell, str) and len(cell) <= LONGEST_CELL)
    ]
    if problems:
        raise RequestRefused(tuple(problems[:100]))
    cells = dict.fromkeys(NAMES, "") | dict(sent)
    return _whole(opened_case(common.shelf().engine, cells["label"].strip(), cells, caller()))


@cases.get("/<int:number>")
@cases.doc(
    operationId="readCase", security=[{"token": []}], parameters=[_NUMBER], responses={404: NOT_HERE, **NO_TOKEN}
)
@cases.response(200, WholeCaseSchema, description="The case as it is today.")
@by_token(Role.BILLING)
def read(number: int) -> Json:
    """Return a case with its counters and entries; the log notes that it was read. Needs the role `billing`."""
    whole = _whole(number)
    note_seen("case-read", str(number))
    return whole


@cases.post("/<int:number>/entries")
@cases.doc(
    operationId="addToCase",
    security=[{"token": []}],
    parameters=[_NUMBER],
    requestBody={"required": True, "content": {"application/json": {"schema": _ENTRY}}},
    responses={404: NOT_HERE, 413: TOO_LARGE, 422: REFUSED, **NO_TOKEN},
)
@cases.response(201, WholeCaseSchema, description="It is added.")
@by_token(Role.BILLING)
def add(number: int) -> Json:
    """Add an authorization, what a payer stated, a visit or a note. Needs the role `billing`."""
    sent = sent_json()
    case_of_id(common.shelf().engine, number)
    day, content, kind = day_of(sent.get("day")), sent.get("content"), sent.get("kind")
    corrects = sent.get("corrects")
    unknown = (name for name in sent if name not in _KEYS)
    problems = [Problem(str(name)[:60], "There is no such key.") for name in islice(unknown, _MOST_TOLD)]
    if kind not in _TOLD:
        problems.append(Problem("kind", f"Enter one of {', '.join(_TOLD)}."))
    if day is None:
        problems.append(Problem("day", "Enter a day, such as 2026-12-01."))
    if not (corrects is None or (type(corrects) is int and 0 < corrects < _MOST_NUMBER)):
        problems.append(Problem("corrects", "Enter the number of an entry of the same kind."))
    if not isinstance(content, Mapping):
        problems.append(Problem("content", "Enter an object."))
    else:
        problems += list(_of_content(str(kind), content))
    if problems or day is None or not isinstance(content, Mapping):
        raise RequestRefused(tuple(problems))
    try:
        entry = NewEntry(str(kind), day, dict(content), corrects)
        add_entries(common.shelf().engine, number, [entry], caller())
    except RequestRefused as refused:
        within = (replace(problem, path=f"content.{problem.path}") for problem in refused.problems)
        raise RequestRefused(tuple(within)) from refused
    if entry.kind != NOTE:
        answer_rows_again(number, said_again(entry), books_now(common.shelf(), common.prices()), clinic_now().habits)
    return _whole(number)


# What each kind of entry may hold, and what each of it has to be.
_CONTENT: Mapping[str, Mapping[str, str]] = {
    "grant": {
        "status": "text",
        "number": "text",
        "first_day": "day",
        "last_day": "day",
        "visits": "count",
        "units": "count",
        "used_before": "count",
        "units_before": "count",
        "requested_visits": "count",
        "requested_on": "day",
        "reason": "text",
        "codes": "texts",
    },
    "stated": dict.fromkeys(STATED_CELLS, "text"),
    "visit": {"services": "text", "allowed": "cents", "source": "text", "void": "true"},
    "note": {"says": "text"},
}


def _of_content(kind: str, content: Mapping[str, Any]) -> list[Problem]:
    known = _CONTENT.get(kind, {})
    wrong = (name for name, value in content.items() if name not in known or not _fits(known[name], value))
    return [
        Problem(
            f"content.{str(name)[:60]}", f"Enter {_ENTER[known[name]]}." if name in known else "There is no such key."
        )
        for name in islice(wrong, _MOST_TOLD)
    ]


_ENTER = {
    "text": f"text of at most {LONGEST_CELL} characters",
    "day": "a day, such as 2026-12-01",
    "count": "a whole number from 0 to 9999",
    "texts": "a list of codes",
    "true": "true, to take a visit back",
    "cents": "a list of whole cents, one for each service",
}
_MOST_COUNT, _MOST_CENTS, _MOST_LISTED = 9999, 100_000_000, 50
_MOST_TOLD = 100  # Of keys that aren't known.


def _fits(kind: str, value: Any) -> bool:
    match kind:
        case "text":
            return isinstance(value, str) and len(value) <= LONGEST_CELL
        case "day":
            return day_of(value) is not None
        case "count":
            return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_COUNT
        case "true":
            return value is True
        case "texts":
            return isinstance(value, list) and len(value) <= _MOST_LISTED and all(_fits("text", each) for each in value)
        case _:
            is_list = isinstance(value, list) and len(value) <= _MOST_LISTED
            return is_list and all(type(each) is int and 0 <= each <= _MOST_CENTS for each in value)


alerts = subject("Alerts", "/alerts", "What the watch raised on open cases.")


@alerts.get("")
@alerts.doc(
    operationId="listAlerts", security=[{"token": []}], parameters=[_AFTER], responses={422: REFUSED, **NO_TOKEN}
)
@alerts.response(200, AlertsSchema, description="Alerts that nobody has done.")
@by_token(Role.BILLING)
def feed() -> Json:
    """Return open alerts after a number, at most 500, to be polled. Needs the role `billing`."""
    after = asked("after", otherwise="0")
    if not (after.isascii() and after.isdecimal() and len(after) <= _MOST_DIGITS):
        raise RequestRefused((Problem("after", "Enter the number of the last alert you have."),))
    found = kept_alerts(common.shelf().engine, after=int(after), most=_MOST)
    return {
        "alerts": [
            {
                "number": alert.id,
                "case": alert.case_id,
                "label": alert.label,
                "kind": alert.kind,
                "raised_on": alert.raised_on,
                "says": alert_says(alert.kind, alert.content),
                "counter": alert.content,
            }
            for alert in found
        ]
    }


def _case(case: Any) -> dict[str, Any]:
    named = {"therapist": case.therapist, "location": case.location}
    return {"number": case.id, "label": case.label, "state": case.state, "plan": case.plan_id, **named}


def _whole(number: int) -> Json:
    shelf = common.shelf()
    case, entries = case_of_id(shelf.engine, number)
    today = register().today(case.location)
    now = case_now(case, entries, today)
    found = look_at(now, shelf, clinic_now().habits, thresholds_set())
    return {
        **_case(case),
        "counters": [told(counter) for counter in found.counters],
        "flags": flags_told(register().flags(now.care, max(today, now.day))),
        "entries": [
            {
                "number": entry.number,
                "kind": entry.kind,
                "day": entry.day.isoformat(),
                "content": entry.content,
                "corrects": entry.corrects,
            }
            for entry in entries
        ],
    }
