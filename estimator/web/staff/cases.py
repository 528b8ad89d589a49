"""Cases at `/staff/cases/`: found by label, opened and imported; one with its counters, its timeline and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator import clock
from estimator.billing.alerts import Found, finish_alert, kept_alerts, look_at
from estimator.billing.calls import SoughtCalls, calls_of
from estimator.billing.case_answers import ANSWER, Carried, Typed, add_answer, corrections_say
from estimator.billing.case_money import MoneySoFar, money_so_far
from estimator.billing.case_search import SoughtCases, cases_of, count_cases, names_in_cases
from estimator.billing.case_visits import answer_rows_again, cells_of_case, next_visit, said_again, visit_done
from estimator.billing.cases import (
    ASSIGNED,
    CARE,
    CARE_CELLS,
    CLOSED,
    GRANT,
    NOTE,
    OPEN,
    PAID,
    STATED,
    STATED_CELLS,
    STATUSES,
    VISIT,
    Case,
    CaseEntry,
    NewEntry,
    add_entries,
    case_labeled,
    case_now,
    case_of_id,
    import_cases,
    labels_of,
    merge_cases,
    open_case,
    set_case_state,
)
from estimator.billing.clinic import clinic_now
from estimator.billing.counters import GRANT as GRANT_COUNTER
from estimator.billing.counters import LIMIT as LIMIT_COUNTER
from estimator.billing.counters import MONEY as MONEY_COUNTER
from estimator.billing.counters import REQUEST as REQUEST_COUNTER
from estimator.billing.counters import Counter
from estimator.billing.given_estimates import GivenEstimate, find_given_estimates
from estimator.billing.register import zips_of
from estimator.billing.reports import NO_DENIAL
from estimator.billing.schedule import Books, books_now
from estimator.billing.schedule_cells import looks_like_a_name, meant
from estimator.billing.schedule_file import COLUMNS, MOST_BYTES, NAMES
from estimator.billing.sent_schedules import chosen_columns
from estimator.clock import now_utc
from estimator.engine.plan import Measure, Plan
from estimator.engine.values import Money
from estimator.errors import Problem, Refused, RequestRefused, Stopped, UnknownCase
from estimator.estimates.run import find_plan
from estimator.web import common
from estimator.web.common import csv_file, page_within
from estimator.web.health import FailurePage
from estimator.web.staff.authorization import USED, answers_of_row, next_bill, papers_that_fit
from estimator.web.staff.clinic import register
from estimator.web.staff.common import allowed, person, refused_page, staff_shelf
from estimator.wording.words import short_day, usd
from estimator.wording.worklist import alert_says, level_of, limit_called, needs_said

cases = Blueprint("cases", __name__, url_prefix="/cases")

_UNPROCESSABLE = 422
_ON_A_PAGE = 100
_MOST_SENT = MOST_BYTES + 100_000
_ASKED = (*CARE_CELLS, *STATED_CELLS, *(name for name in NAMES if name.startswith("authorization")))
_COLUMNS = {column.name: column for column in COLUMNS}


@cases.errorhandler(UnknownCase)
def not_here(error: UnknownCase) -> FailurePage | HTTPException:
    """Say that there is no such case."""
    return refused_page(NotFound())


@cases.route("/", methods=["GET", "POST"])
@allowed("billing")
def every() -> AnyResponse | str:
    """Show the cases that fit; the one whose whole label was typed opens at once.

    A label is taken from a form alone, since addresses are kept in many places.
    """
    asked: Mapping[str, str] = request.form if request.method == "POST" else {**request.args, "text": ""}
    engine, text = staff_shelf().engine, asked.get("text", "").strip()
    if text and (case := case_labeled(engine, text)):
        return redirect(f"/staff/cases/{case.id}", 302)
    of = {name: asked.get(name, "").strip() for name in ("therapist", "location")}
    sought = SoughtCases(text=text, state=asked.get("state", OPEN), **of)
    total = count_cases(engine, sought)
    page, pages = page_within(common.number_in(asked, "page"), total, _ON_A_PAGE)
    found = cases_of(engine, sought, _ON_A_PAGE, (page - 1) * _ON_A_PAGE)
    return _list_page(found, total, sought, page, pages)


def _list_page(
    found: Sequence[Case], total: int, sought: SoughtCases, page: int = 1, pages: int = 1, problems: Sequence[str] = ()
) -> str:
    shown = {"found": found, "total": total, "sought": sought, "page": page, "pages": pages, "problems": problems}
    return render_template("staff/cases/list.html", **shown, **names_in_cases(staff_shelf().engine))


@cases.get("/template.csv")
@allowed("billing")
def template() -> Response:
    """Send the header of a file of open cases."""
    return csv_file("cases.csv", [NAMES])


@cases.post("/import")
@allowed("billing", most_bytes=_MOST_SENT)
def take() -> AnyResponse | tuple[str, int]:
    """Open a case for every row of a file, and say which rows are none."""
    file = request.files.get("file")
    engine, sought = staff_shelf().engine, SoughtCases()
    try:
        clinic = clinic_now()
        content = file.read() if file else b""
        imported = import_cases(
            engine,
            content,
            "Your file",
            person(),
            chosen_columns(engine),
            clinic_zip=clinic.zip[:5],
            zips=zips_of(engine),
        )
        problems = [str(problem) for problem in imported.problems]
    except Refused as refused:
        problems = [str(problem) for problem in refused.problems]
    if not problems:
        return redirect("/staff/cases/", 303)
    found, total = cases_of(engine, sought, _ON_A_PAGE), count_cases(engine, sought)
    return _list_page(found, total, sought, problems=problems), _UNPROCESSABLE


@cases.get("/new")
@allowed("billing")
def new() -> str:
    """Ask for what a case begins with."""
    return _new_page({}, ())


@cases.post("/new")
@allowed("billing")
def begin() -> AnyResponse | tuple[str, int]:
    """Open a case, or say what to correct."""
    typed = {name: request.form.get(name, "").strip() for name in ("label", *_ASKED)}
    try:
        cells = dict.fromkeys(NAMES, "") | typed
        number = open_case(staff_shelf().engine, typed["label"], cells, person())
    except RequestRefused as refused:
        return _new_page(typed, refused.problems), _UNPROCESSABLE
    return redirect(f"/staff/cases/{number}", 303)


def _new_page(typed: Mapping[str, str], problems: Sequence[Problem]) -> str:
    fields = [_COLUMNS[name] for name in _ASKED]
    errors = {problem.path: problem.message for problem in problems}
    return render_template("staff/cases/new.html", fields=fields, typed=typed, errors=errors)


@cases.post("/answer")
@allowed("billing")
def take_answer() -> AnyResponse | tuple[str, int]:
    """Add what a payer's answer states to a case, as somebody left it on the page of the answer."""
    form = request.form
    read, cells, places = (
        {name: form.get(f"{part}{name}", "").strip() for name in STATED_CELLS} for part in ("read_", "", "place_")
    )
    said = {name: form.get(name, "").strip() for name in ("label", "plan", "payer", "why")}
    try:
        number = add_answer(staff_shelf().engine, Typed(**said, read=read, cells=cells, places=places), person())
    except RequestRefused as refused:
        counts = [Carried(name, read[name], places[name]) for name in STATED_CELLS if read[name] or cells[name]]
        shown = {name for each in counts for name in (each.column, "why", "label")}
        summary = [
            (at if (at := problem.path.rpartition(".")[2]) in shown else None, problem.message)
            for problem in refused.problems
        ]
        context = {"counts": counts, "typed": {**cells, **said}, "plan": said["plan"], "payer": said["payer"]}
        errors = {name: words for name, words in summary if name}
        return render_template("staff/eligibility/case.html", **context, summary=summary, errors=errors), _UNPROCESSABLE
    move_rows([number], [name for name in STATED_CELLS if cells[name]])
    return redirect(f"/staff/cases/{number}", 303)


def taken_off(adjustments: Sequence[Sequence[Any]]) -> str:
    """Say what was taken off beyond the contract and the patient's share."""
    told = [(group, reason, cents) for group, reason, cents in adjustments if reason not in NO_DENIAL]
    return ", ".join(f"{group}-{reason} {usd(Money(cents))}" for group, reason, cents in told)


# ----------------------------------------------------------------------------
# One case: its counters, what to do, what the next visit costs, and everything that happened in it.
# ----------------------------------------------------------------------------


@cases.get("/<int:number>")
@allowed("billing", notes="case-read")
def one(number: int) -> str:
    """Show a case; that it was read is in the log."""
    return _case_page(number, ())


def _case_page(number: int, problems: Sequence[Problem]) -> str:
    shelf = staff_shelf()
    found, entries, today, books, plan = case_seen(number)
    case, known, outcome = found.case, register(), next_visit(found, books)
    check = check_fields(found, plan)
    labels = labels_of(shelf.engine, case.id)
    given = _given(labels)
    shown = request.args.get("show", "") if request.args.get("show") in SHOWN else ""
    return render_template(
        "staff/cases/one.html",
        case=case,
        plan=outcome.get("plan") or case.plan_id,
        now=found.now,
        today=today,
        flags=known.flags(found.now.care, max(today, found.now.day)),
        warns_of_name=looks_like_a_name(case.label),
        counters=[_counter_shown(counter) for counter in found.counters],
        alerts=[(alert, alert_says(alert.kind, alert.content)) for alert in kept_alerts(shelf.engine, case_id=number)],
        needs=needs_said(outcome["needs"]),
        questions=outcome.get("problems", ()),
        sums={
            name: usd(Money(outcome[name]))
            for name in ("collect_today", "may_be_added", "money_at_risk", "typical")
            if name in outcome
        },
        timeline=[each for each in _timeline(entries, labels, given) if not shown or each["kind"] in SHOWN[shown][1]],
        shown=shown,
        shows=[(name, title) for name, (title, _) in SHOWN.items()],
        money=_money_shown(money_so_far(found.now, [each.answer for each in given])),
        check=check,
        bill=next_bill(check, plan, found.grant, books.thresholds.visits_left, today) if case.state == OPEN else (),
        papers=papers_that_fit(check, plan, today) if case.state == OPEN else (),
        statuses=[(status, status.capitalize()) for status in STATUSES],
        problems=list(map(str, problems)),
        stated=[_COLUMNS[name] for name in STATED_CELLS],
        care=[_COLUMNS[name] for name in CARE_CELLS],
        grants={entry.number: entry for entry in entries if entry.kind == GRANT},
    )


# What the history can be narrowed to: its title, and the kinds of what happened.
SHOWN: Mapping[str, tuple[str, Collection[str]]] = {
    "visits": ("Visits", (VISIT,)),
    "authorizations": ("Authorizations", (GRANT,)),
    "calls": ("Calls", ("call",)),
    "money": ("Payments and estimates", (PAID, "estimate")),
}


def _given(labels: Collection[str]) -> list[GivenEstimate]:
    """Return the estimates given under the labels of a case, the newest first."""
    engine = staff_shelf().engine
    found = (given for label in labels for given in find_given_estimates(engine, label, now_utc()))
    return sorted(found, key=lambda given: given.given_at, reverse=True)


def _money_shown(money: MoneySoFar | None) -> list[tuple[str, str]]:
    """Return what was paid and estimated, each with its name; nothing where no payer settled a visit."""
    if money is None:
        return []
    told = [("Paid by plan", usd(money.by_plan)), ("Left to the patient", usd(money.by_patient))]
    if money.estimated is not None:
        told.append(("Estimate was", usd(money.estimated)))
    if (off := money.off_by) is not None:
        told.append(("Off by", "nothing" if not off else f"{abs(off)}% {'over' if off > 0 else 'under'}"))
    return [*told, ("Visits settled", str(money.visits))]


class CaseSeen(NamedTuple):
    """A case with its entries as it is today at its location, and its plan then; None where there is none."""

    found: Found
    entries: Sequence[CaseEntry]
    today: date
    books: Books
    plan: Plan | None


def case_seen(number: int) -> CaseSeen:
    """Return the case of a number as its page sees it; raise UnknownCase."""
    case, entries = case_of_id(staff_shelf().engine, number)
    today, books = register().today(case.location), books_now(staff_shelf(), common.prices())
    found = look_at(case_now(case, entries, today), books.plans, clinic_now().habits, books.thresholds)
    return CaseSeen(found, entries, today, books, _plan_of(found, books))


def _plan_of(found: Found, books: Books) -> Plan | None:
    try:
        return find_plan(found.now.care["plan"], found.now.day, books.today, books.plans)
    except Stopped:
        return None


def check_fields(found: Found, plan: Plan | None) -> Mapping[str, str]:
    """Return the fields of the authorization check as the case fills them, so that nothing is typed again."""
    cells = {**cells_of_case(found), "visits": str(max(1, found.now.planned)), "first_day": found.now.day.isoformat()}
    counted = [each for each in found.counters if each.kind == LIMIT_COUNTER and each.used is not None]
    amounts = {each.name: _plain_amount(each, each.used or 0) for each in counted}
    used = {f"{USED}{name}": amount for name, amount in amounts.items()}
    return {**answers_of_row(cells, plan, found.case.id), **used}


def _plain_amount(counter: Counter, number: int) -> str:
    return str(Money(number)) if counter.measure == "dollars" else str(number)


def _counter_shown(counter: Counter) -> dict[str, Any]:
    known = counter.of is not None and counter.used is not None
    return {
        "name": _counter_called(counter),
        "used": min(counter.used or 0, counter.of or 0),
        "of": counter.of,
        "done": _amount(counter, counter.used or 0),
        "whole": _amount(counter, counter.of or 0),
        "level": _level(counter) if known else "",
        "segments": counter.of if counter.measure != Measure.DOLLARS and (counter.of or 0) <= _MOST_SEGMENTS else 0,
        "more": list(_counter_says(counter)),
    }


# So many units are drawn one by one.
_MOST_SEGMENTS = 30


def _level(counter: Counter) -> str:
    """Return how the bar of a counter looks: a deductible that is met is no warning."""
    return "fine" if counter.kind == MONEY_COUNTER else level_of(counter.used or 0, counter.of or 0)


def _counter_called(counter: Counter) -> str:
    match counter.kind:
        case "grant":
            return f"Authorization {counter.name.removeprefix('authorization ')}"
        case "request":
            return f"Requested authorization {counter.name.removeprefix('request ')}"
        case _:
            return limit_called(counter.name)


def _counter_says(counter: Counter) -> Iterator[str]:
    if counter.kind == REQUEST_COUNTER and counter.requested_on and counter.act_by:
        asked = f"{counter.of} {counter.measure} asked for" if counter.of else "Asked for"
        yield f"{asked} on {short_day(counter.requested_on)}, and no answer was entered."
        yield f"Ask the payer by {short_day(counter.act_by)}."
        return
    if counter.used is None:
        ours = f" Our visits come to {_amount(counter, counter.ours)}." if counter.ours else ""
        yield f"What was used before isn't told.{ours} Ask the payer."
    elif counter.kind == MONEY_COUNTER:
        if counter.left is None:
            yield f"{_amount(counter, counter.used)} paid."
        else:
            yield f"{_amount(counter, counter.left)} left." if counter.left else "Met."
    elif counter.left is not None:
        yield f"{_amount(counter, counter.left)} left, {_amount(counter, counter.planned)} planned."
    if counter.stated is not None and counter.stated_on is not None:
        yield f"{_amount(counter, counter.stated)} stated on {short_day(counter.stated_on)}; ours: " + _amount(
            counter, counter.ours
        )
    if counter.ends:
        yield f"Ends {short_day(counter.ends)}."
    if counter.resets:
        yield f"Starts again {short_day(counter.resets)}."
    if counter.new_payer_on and counter.act_by:
        first, by = short_day(counter.new_payer_on), short_day(counter.act_by)
        yield f"Another insurer pays from {first} on. Send it a new request by {by}."
    elif counter.runs_out and counter.act_by:
        what = "Send the renewal" if counter.kind == GRANT_COUNTER else "Tell the patient"
        yield f"Doesn't cover the visit of {short_day(counter.runs_out)}. {what} by {short_day(counter.act_by)}."


def _amount(counter: Counter, number: int) -> str:
    return usd(Money(number)) if counter.measure == "dollars" else str(number)


def _timeline(
    entries: Sequence[CaseEntry], labels: Collection[str], estimates: Sequence[GivenEstimate]
) -> Iterator[dict[str, Any]]:
    """Yield what happened, the newest first: entries, calls under these labels, and estimates given."""
    engine = staff_shelf().engine
    corrected = {entry.corrects: entry.number for entry in entries if entry.corrects is not None}
    told: list[dict[str, Any]] = [
        {
            "day": entry.day,
            "kind": entry.kind,
            "number": entry.number,
            "says": entry_says(entry),
            "by": entry.by,
            "corrected_by": corrected.get(entry.number),
            "can_void": entry.kind == VISIT and entry.number not in corrected and not entry.content.get("void"),
        }
        for entry in entries
    ]
    for call in (call for label in labels for call in calls_of(engine, SoughtCalls(case_label=label))):
        says = f"Call: {call.payer}, reference {call.reference or 'none'}. {call.note}"
        told.append(
            {"day": call.told_on, "kind": "call", "says": says, "by": call.by, "link": f"/staff/calls/{call.id}"}
        )
    for given in estimates:
        says = f"Estimate given, receipt {given.receipt[:8]}."
        told.append(
            {"day": given.given_at.date(), "kind": "estimate", "says": says, "link": f"/staff/estimates/{given.id}"}
        )
    yield from sorted(told, key=lambda each: (each["day"], each.get("number", 0)), reverse=True)


def entry_says(entry: CaseEntry) -> str:
    """Return one sentence for an entry of a case."""
    said = entry.content
    match entry.kind:
        case "visit" if said.get("void"):
            return f"Visit voided (entry {entry.corrects})."
        case "visit":
            allowed_sum = usd(Money(sum(said["allowed"]))) if said.get("allowed") else "not told"
            priced = ", by our price sheet" if said.get("priced") else ""
            return f"Visit: {said['services']}. Allowed: {allowed_sum}{priced}."
        case "grant":
            visits = f"{said['visits']} visits" if said.get("visits") is not None else "visits not told"
            until = f", until {said['last_day']}" if said.get("last_day") else ""
            asked = f" Requested {said['requested_on']}." if said.get("requested_on") else ""
            reason = f" Reason: {said['reason']}." if said.get("reason") else ""
            return f"Authorization {said.get('number', '')} {said['status']}: {visits}{until}.{asked}{reason}"
        case "stated" | "care":
            words = "Care" if entry.kind == CARE else "Used so far"
            words += f", by the answer of {said.get('payer') or 'the payer'}" if said.get("source") == ANSWER else ""
            names = CARE_CELLS if entry.kind == CARE else STATED_CELLS
            told = ", ".join(f"{name.replace('_', ' ')} {said[name]}" for name in names if said.get(name))
            return f"{words}: {told}. {corrections_say(said)}".strip()
        case "paid" if said.get("lines") == []:
            return f"{said.get('payer') or 'The payer'} reversed what it paid or denied before."
        case "paid":
            taken = taken_off(said.get("adjustments", ()))
            charge, paid, patient = (usd(Money(said[name])) for name in ("charge", "paid", "patient"))
            words = f"{said.get('payer') or 'The payer'} paid {paid} of {charge}; the patient owes {patient}."
            return f"{words}{f' Adjusted: {taken}.' if taken else ''}"
        case "assigned":
            return f"Assigned to {said.get('to') or 'nobody'}."
        case "merged":
            return f"Merged into {said['into']}." if "into" in said else f"Merged with {said.get('from', '')}."
        case _:
            return f"{entry.kind.capitalize()}. {said.get('says', '')}".strip()


@cases.post("/<int:number>")
@allowed("billing")
def add(number: int) -> AnyResponse | tuple[str, int]:
    """Add what somebody did: a visit, an authorization, what a payer stated, a note, and so on."""
    form, engine = request.form, staff_shelf().engine
    said: tuple[str, ...] = ()
    moved = number
    try:
        match form.get("do", ""):
            case "visit":
                _visit(number, form)
            case "close" | "reopen":
                set_case_state(engine, number, CLOSED if form["do"] == "close" else OPEN, person())
            case "merge":
                moved = _merge(number, form.get("into", "").strip())
            case "alert":
                finish_alert(engine, common.number_in(form, "alert"), person())
            case _:
                entry = _entry_typed(form)
                add_entries(engine, number, [entry], person())
                said = said_again(entry)
    except RequestRefused as refused:
        return _case_page(number, refused.problems), _UNPROCESSABLE
    if said or form.get("do") in _MOVES_ROWS:
        move_rows([moved], said)
    return redirect(f"/staff/cases/{number}", 303)


# What is done in a case and changes what its rows come to, beside what says a column again.
_MOVES_ROWS = (VISIT, "void", "merge", "close", "reopen")


def move_rows(numbers: Collection[int], said: Collection[str] = ()) -> None:
    """Answer the rows of these cases again, without what a row says of the columns that were said again."""
    if numbers:
        books, habits = books_now(staff_shelf(), common.prices()), clinic_now().habits
        for number in numbers:
            answer_rows_again(number, said, books, habits)


def _visit(number: int, form: Mapping[str, str]) -> None:
    shelf = staff_shelf()
    case, entries = case_of_id(shelf.engine, number)
    now = case_now(case, entries, clock.today())
    said = {name: form.get(name, "").strip() for name in ("first_day", "services")}
    cells = {**dict.fromkeys(NAMES, ""), **now.care, "first_day": said["first_day"] or clock.today().isoformat()}
    cells["services"] = said["services"] or now.care["services"]
    _day_typed(cells["first_day"])
    visit_done(shelf.engine, number, cells, books_now(shelf, common.prices()), person())


def _merge(number: int, into: str) -> int:
    """Merge a case into another; return the one that goes on."""
    other = case_labeled(staff_shelf().engine, into) if into else None
    if other is None:
        raise RequestRefused((Problem("into", "Enter the label of a case."),))
    merge_cases(staff_shelf().engine, number, other.id, person())
    return other.id


def _entry_typed(form: Mapping[str, str]) -> NewEntry:
    kind, today = form.get("do", ""), clock.today()
    match kind:
        case "void":
            corrects = common.number_in(form, "entry")
            return NewEntry(VISIT, _day_typed(form.get("day", "")), {"void": True}, corrects)
        case "grant":
            before = common.number_in(form, "entry", 0) or None
            return NewEntry(GRANT, _day_typed(form.get("day", "")), _grant_typed(form), before)
        case "stated":
            cells = meant({name: form.get(name, "").strip() for name in STATED_CELLS}).cells
            told = {name: cells[name] for name in STATED_CELLS if cells[name]}
            return NewEntry(STATED, _day_typed(form.get("day", "")), told)
        case "care":
            cells = meant({name: form.get(name, "").strip() for name in CARE_CELLS}).cells
            return NewEntry(CARE, _day_typed(form.get("day", "")), {n: cells[n] for n in CARE_CELLS if cells[n]})
        case "assign":
            return NewEntry(ASSIGNED, today, {"to": form.get("to", "").strip()[:60]})
        case _:
            return NewEntry(NOTE, today, {"says": form.get("note", "").strip()})


def _grant_typed(form: Mapping[str, str]) -> dict[str, Any]:
    texts, numbers = ("number", "status", "reason", "codes"), ("visits", "units", "requested_visits")
    written = {name: form.get(name, "").strip() for name in (*texts, *numbers)}
    days = {
        name: _day_typed(form[name]).isoformat() for name in ("first_day", "last_day", "requested_on") if form.get(name)
    }
    for name in numbers:
        if written[name] and common.number_in(written, name, -1) < 0:
            raise RequestRefused((Problem(name, "Enter a whole number, like 12."),))
    said: dict[str, Any] = {name: written[name] for name in ("status", "number", "reason")} | days
    said |= {name: int(written[name]) for name in numbers if written[name]}
    if written["codes"]:
        said["codes"] = written["codes"].replace(",", " ").split()
    return {name: value for name, value in said.items() if value != ""}


def _day_typed(written: str) -> date:
    read = meant({"first_day": written}).cells["first_day"] or clock.today().isoformat()
    try:
        return date.fromisoformat(read)
    except ValueError:
        raise RequestRefused((Problem("day", "Enter a day, like 12/1/2026."),)) from None
