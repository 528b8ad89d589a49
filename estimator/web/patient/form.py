"""What was typed becomes a request of the JSON contract, and each problem of a request finds its field again.

Answers are text exactly as typed. The table of `fields.py` says where each goes; what it means is read in one place,
the contract, so that the pages and the command refuse the same things with the same words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import g
from marshmallow import ValidationError

from estimator import clock
from estimator.billing.register import Location, lists_at, location_named, locations_of, prices_of_location
from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.prices import ClinicPrices
from estimator.errors import Problem, RequestRefused, UnknownZip
from estimator.estimates.contract_values import MoneyField, day_of, read_json
from estimator.language import N_, _
from estimator.prices.books import find_zip, latest_book
from estimator.web.common import MOST, number_in, prices, shelf
from estimator.web.outside import require_few_estimates
from estimator.web.patient.choices import PAYS, Option
from estimator.web.patient.fields import EVALUATION, FIELDS, Field, Kind, field_at

Answers = Mapping[str, str]

# ----------------------------------------------------------------------------
# The areas that a ZIP code may lie in, for the list to choose from where it lies in more than one.
# ----------------------------------------------------------------------------


def candidates(zip_code: str) -> Sequence[Option]:
    """Return the areas of a ZIP code that lies in several, the likeliest first; nothing where there is one."""
    try:
        place = find_zip(zip_code, _zips())
    except UnknownZip:
        return ()
    if not place.straddles:
        return ()
    known = prices()
    localities = (known.books[-1] if known else latest_book()).localities
    return [(f"{mac}-{number}", localities[mac, number].name) for mac, number in place.candidates]


def state_of(zip_code: str) -> str | None:
    """Return the two letters of a ZIP code's state, or None where the ZIP code is not known."""
    try:
        return find_zip(zip_code, _zips()).state
    except UnknownZip:
        return None


def _zips() -> Sequence[str] | None:
    known = prices()
    return known.zips if known else None


# ----------------------------------------------------------------------------
# The locations of the clinic, to choose from where it has several; the one that was chosen has its own ZIP code, day,
# prices, and numbers on documents.
# ----------------------------------------------------------------------------


def locations() -> Sequence[Option]:
    """Return the locations to choose from, each with its city; none where there are not several."""
    found = locations_of(shelf().engine)
    named = [(one.name, ", ".join(filter(None, (one.name, one.settings.get("city"))))) for one in found]
    return named if len(named) > 1 else ()


def location_of(answers: Mapping[str, str]) -> Location | None:
    """Return the location that was chosen, read once a request; None where none was, or it isn't in use."""
    name = answers.get("location", "").strip()
    if not name:
        return None
    if name not in (known := g.setdefault("locations_chosen", {})):
        known[name] = location_named(shelf().engine, name)
    found: Location | None = known[name]
    return found


def today_there(sent: Mapping[str, str]) -> date:
    """Return today's date at the location that was chosen, else the clinic's."""
    found = location_of(sent)
    return clock.today(found.zone if found else None)


def prices_there(answers: Mapping[str, str]) -> ClinicPrices | None:
    """Return the clinic's prices at the location that was chosen; None where the usual ones hold."""
    found = location_of(answers)
    return prices_of_location(shelf(), prices(), found) if found else None


def lists_there(answers: Mapping[str, str]) -> Sequence[int]:
    """Return the lists that price at the location that was chosen; none where the usual ones hold."""
    found = location_of(answers)
    return lists_at(shelf().engine, found) if found else ()


# ----------------------------------------------------------------------------
# What the plan told travels between pages as the contract writes it, with the plan that told it.
# ----------------------------------------------------------------------------

FIELD = "told"
_UNREADABLE = "unreadable"
_OF_PERSONS = ("reference", "representative")


def calls_in(answers: Mapping[str, str]) -> Any:
    """Return the calls of the chosen plan, None where there are none; the contract refuses what holds none."""
    if not answers[FIELD]:
        return None
    try:
        written = read_json(answers[FIELD])
    except RequestRefused:
        return _UNREADABLE
    if written.get("plan") != answers["plan"]:
        return None
    return written.get("calls", _UNREADABLE)


def with_call(answers: Mapping[str, str], call: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers with one more call."""
    return _with_calls(answers, [*_calls(answers), call])


def without_persons(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers without what may lead from a call to a person: its reference, and a name."""
    kept = [_without_persons(call) for call in _calls(answers)]
    return _with_calls(answers, kept) if kept else {**answers, FIELD: ""}


def without_calls_of(answers: Mapping[str, str], source: str) -> dict[str, str]:
    """Return the answers without what a source told."""
    kept = [call for call in _calls(answers) if not isinstance(call, Mapping) or call.get("source") != source]
    return _with_calls(answers, kept) if kept else {**answers, FIELD: ""}


def _without_persons(call: Any) -> Any:
    """Return a call without them; what is no call stays as it is, for the contract to refuse."""
    return {key: said for key, said in call.items() if key not in _OF_PERSONS} if isinstance(call, Mapping) else call


def _calls(answers: Mapping[str, str]) -> list[Any]:
    calls = calls_in(answers)
    return calls if isinstance(calls, list) else []


def _with_calls(answers: Mapping[str, str], calls: list[Any]) -> dict[str, str]:
    written = {"plan": answers["plan"], "calls": calls}
    return {**answers, FIELD: json.dumps(written, ensure_ascii=False, separators=(",", ":"), default=str)}


# ----------------------------------------------------------------------------
# What was typed, and the request that it makes.
# ----------------------------------------------------------------------------

_A_DAY = N_("Enter a date, like 12/7/2026.")
_A_COUNT = N_("Enter a whole number of visits, like 4.")
_DAYS_IN_A_WEEK = 7


def fresh_answers(today: date) -> Answers:
    """Return what the form holds before anything is typed: a first visit on the Monday after today."""
    monday = today + timedelta(days=_DAYS_IN_A_WEEK - today.weekday())
    return {**{field.name: field.start for field in FIELDS}, "first_day": monday.isoformat()}


def answers_of(form: Mapping[str, str], today: date) -> Answers:
    """Return what was typed, with a fresh answer for every question that was not asked."""
    typed = {name: form.get(name, start).strip() for name, start in fresh_answers(today).items()}
    typed |= {each.name: day_typed(typed[each.name], today) for each in FIELDS if each.kind is Kind.DAY}
    there = location_of(typed)
    zip_code = zip_typed((there.settings.get("zip") if there else "") or typed["zip"])
    return typed | {"zip": zip_code} | _paid_by(form, typed)


def _paid_by(form: Mapping[str, str], typed: Answers) -> dict[str, str]:
    """Return the plan and the insurer that the tile of the form and its own list mean; nothing where none was chosen.

    What was entered below another tile counts for nothing.
    """
    pay = next((each for each in PAYS if each.name == form.get("pay")), None)
    if pay is None or not pay.markets:
        return {"insurer": form["meant"]} if form.get("meant") else {}
    usual = pay.usual.format(year=typed["first_day"][:4])
    insurer = form.get("meant") or typed["insurer"]
    return {"plan": form.get(f"plan.{pay.name}", "").strip() or usual, "insurer": insurer if pay.asks_insurer else ""}


def require_few(answers: Answers, estimates: int = 1) -> None:
    """Count the estimates that a page makes of these answers; answer 429 where one network asks for too many."""
    require_few_estimates(shelf().engine, number_in(answers, "visits"), estimates)


def zip_typed(written: str) -> str:
    """Return a ZIP code without the four digits that narrow it to a street, and others as they are.

    >>> zip_typed("60614-1234"), zip_typed("606141234"), zip_typed("606")
    ('60614', '60614', '606')
    """
    return written[:5] if re.fullmatch("[0-9]{5}[-–— ]?[0-9]{4}", written) else written


# By the first three letters, in English and in Spanish.
_MONTHS = {
    name: number
    for names in ("jan feb mar apr may jun jul aug sep oct nov dec", "ene feb mar abr may jun jul ago sep oct nov dic")
    for number, name in enumerate(names.split(), 1)
}
_DAY_IN_FIGURES = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})(?:[/.-]([0-9]{4}|[0-9]{2}))?")
_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.? ([0-9]{1,2})(?:st|nd|rd|th)?(?:,? ([0-9]{4}))?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})(?: de)? ([^\W\d_]+)\.?(?: de)?(?:,? ([0-9]{4}))?")
_LONG_AGO = timedelta(days=183)


def day_typed(written: str, today: date) -> str:
    """Return a day that was typed as Americans type it as the contract writes it, and others as they are.

    Without a year it is the day nearest to come, or one of the last half year.

    >>> [day_typed(words, date(2026, 11, 30)) for words in ("1/5/27", "Dec. 7th", "7 de enero", "11/20", "soon")]
    ['2027-01-05', '2026-12-07', '2027-01-07', '2026-11-20', 'soon']
    """
    words = " ".join(written.lower().split())
    if found := _DAY_IN_FIGURES.fullmatch(words):
        month, day = int(found[1]), int(found[2])
    elif found := _MONTH_FIRST.fullmatch(words):
        month, day = _MONTHS.get(found[1][:3], 0), int(found[2])
    elif found := _DAY_FIRST.fullmatch(words):
        month, day = _MONTHS.get(found[2][:3], 0), int(found[1])
    else:
        return written
    year = int(found[3][-2:]) + 2000 if found[3] and len(found[3]) == 2 else int(found[3] or today.year)
    try:
        typed = date(year, month, day)
        if not found[3] and typed < today - _LONG_AGO:
            typed = typed.replace(year=year + 1)
    except ValueError:
        return written
    return typed.isoformat()


def problems_before_reading(answers: Answers) -> Iterator[Problem]:
    """Find what the contract would not say as well, or never sees.

    Those are needed answers that are empty, a count that no limit takes, and amounts that are only shown again because
    the care that they price was not chosen.
    """
    for field in FIELDS:
        if field.if_missing and not answers[field.name]:
            yield Problem(field.path, _(field.if_missing))
        if field.kind is Kind.DAY and answers[field.name] and day_of(answers[field.name]) is None:
            yield Problem(field.path, _(_A_DAY))
    if answers["location"] and location_of(answers) is None:
        yield Problem("location", _("Choose one of the clinics in the list."))
    if answers["visits_used"] and not re.fullmatch("[0-9]{1,4}", answers["visits_used"]):
        yield Problem("used.limits", _(_A_COUNT))
    for field in FIELDS:
        if field.kind is Kind.MONEY and not field.path and answers[field.name]:
            yield from _of_amount(field, answers[field.name])
    if not list(_services(answers)):
        yield Problem("course.each_visit", _("Choose at least one: needling, exercise or manual therapy."))


def _of_amount(field: Field, answer: str) -> Iterator[Problem]:
    try:
        MoneyField().deserialize(answer)
    except ValidationError as error:
        yield from (Problem(field.more_paths[0], str(words)) for words in error.messages)


def request_of(
    answers: Answers,
    network: str = "",
    limits: Sequence[str] = (),
    plan: Mapping[str, Any] | None = None,
    second: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Turn answers into a request of the JSON contract.

    `network` is what the plan calls the chosen one, `limits` are those that earlier visits have used, and `plan`
    is the definition of a plan that the person described; `second` is the plan that pays after it.
    """
    services, visits = list(_services(answers)), answers["visits_used"]
    # What is more than one answer put in its place.
    meant: Mapping[str, Any] = {
        "plan": plan or answers["plan"],
        "network": network or answers["network"],
        "needling": services,
        "needling_visits": _needled_visits(answers),
        "visits_used": dict.fromkeys(limits if visits else (), visits),
        "diagnosis": [answers["diagnosis"]] if answers["diagnosis"] else None,
        "told": calls_in(answers),
        "second": second,
        "location": None,
    }
    request: dict[str, Any] = {}
    for field in FIELDS:
        # The definition of a plan that is not listed is made of its answers together.
        if not field.path or field.path.startswith("plan."):
            continue
        value = meant[field.name] if field.name in meant else _written(field, answers[field.name])
        if field.is_sent_empty or value not in ("", None, {}):
            _put(request, field.path, value)
    if answers["evaluation"] == "yes":
        _put(request, "course.first_visit", [{"code": EVALUATION}, *services])
    return request


def _needled_visits(answers: Answers) -> str:
    """Return at how many visits needling is done, empty where that is every one: all of it, or nothing but it."""
    is_alone = all(service["code"] in NEEDLING_CODES for service in _services(answers))
    is_none = is_alone or needles_always(answers) or not needles(answers)
    return "" if is_none else answers["needling_visits"]


def needles_always(answers: Answers) -> bool:
    """Say whether needling is asked for at no fewer visits than there are."""
    every = number_in(answers, "visits", MOST)
    return every <= number_in(answers, "needling_visits", -1)


def needles(answers: Answers) -> bool:
    """Tell whether dry needling is part of the care."""
    return answers["needling"] in NEEDLING_CODES


def _written(field: Field, answer: str) -> str | bool | None:
    """Write an answer as the contract does."""
    match field.kind:
        case Kind.YES_NO_UNKNOWN:
            return {"yes": True, "no": False}.get(answer)
        case Kind.PERCENT if answer and not answer.endswith("%"):
            return f"{answer}%"
        case _:
            return answer


def _put(request: dict[str, Any], path: str, value: Any) -> None:
    """Put a value in its place; the objects around it are made as they are needed."""
    *around, last = path.split(".")
    for key in around:
        request = request.setdefault(key, {})
    request[last] = value


def _services(answers: Answers) -> Iterator[dict[str, str]]:
    """Yield what is done at every visit: by minutes, then needling."""
    for field in FIELDS:
        if field.code and field.kind is Kind.COUNT and answers[field.name] not in ("", "0"):
            yield {"code": field.code, "minutes": answers[field.name]}
    if needles(answers):
        price = {"billed": answers["needling_price"]} if answers["needling_price"] else {}
        yield {"code": answers["needling"], **price}


# ----------------------------------------------------------------------------
# The field of the form that a problem of the request belongs to.
#
# The contract names a place in the request, such as `course.each_visit.1.minutes`; a reader knows only fields.
# ----------------------------------------------------------------------------

_OF_CODE: Mapping[str, str] = {field.code: field.name for field in FIELDS if field.code}


def field_of(path: str, request: Mapping[str, Any]) -> str | None:
    """Return the field that asks for what stands at a path of the request, or None where none does."""
    if name := _field_of_service(path.split("."), request):
        return name
    field = field_at(path)
    return field.name if field else None


def _field_of_service(steps: Sequence[str], request: Mapping[str, Any]) -> str | None:
    """Find the service that a path leads to; its place in the list tells nothing, its code does."""
    found: Any = request
    for place, step in enumerate(steps):
        if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
            if isinstance(found, Mapping) and "code" in found:
                is_price = "billed" in steps[place:]
                return "needling_price" if is_price else _OF_CODE.get(found["code"], "needling")
        elif isinstance(found, Mapping):
            found = found.get(step)
        else:
            return None
    return None
