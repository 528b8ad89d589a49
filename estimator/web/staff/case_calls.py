"""The form of a call about a case: exactly what its check asks, in staff words, and what of it the case takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from estimator.billing.alerts import Found
from estimator.billing.authorization import check_authorization
from estimator.billing.calls import DESK_ASKS, HOW_TO_ASK, TURNAROUND, USED_SO_FAR
from estimator.billing.case_calls import Heard, desk_field
from estimator.billing.cases import OPEN
from estimator.engine.plan import Measure, Plan
from estimator.errors import Stopped
from estimator.estimates.contract import read_request
from estimator.web import common
from estimator.web.patient.call_answers import Ask, asks_of, asks_of_question, service_named
from estimator.web.staff.authorization import answers_of, request_told
from estimator.web.staff.cases import case_seen, check_fields
from estimator.web.staff.clinic import register
from estimator.wording.answer import answer_of
from estimator.wording.authorization import check_written
from estimator.wording.words import BILLER
from estimator.wording.worklist import limit_called

GRANT_FIELDS = ("number", "visits", "first_day", "last_day")
# The patient's words for an answer, in those of the desk.
_STAFF_WORDS = {"I do": "The patient", "No, and I don’t know why": "No, without a reason"}
_STAFF_LEGENDS = {
    "code-valid": "{service}: is it a valid code for this provider?",
    "authorization-needed": "{service}: does it need authorization?",
    "payable": "{service}: is it paid, and under which policy?",
    "liability": "{service}: if it is denied, may the patient be billed?",
    "past-limit": "Once the limit is used up, may the patient be billed?",
    "authorization-consequence": "Without authorization, who bears the visit?",
    "referral-needed": "Is a referral needed?",
}
_PAYER = "the payer"


class AskedOfCase(NamedTuple):
    """What to ask about a case: its check's questions, other ones that a call may answer, and what has no field."""

    found: Found
    plan: Plan
    request: Mapping[str, Any]
    asks: Sequence[Ask]
    others: Sequence[Ask]
    without_field: Sequence[str]


def asked_of_case(number: int, plan_id: str) -> AskedOfCase | None:
    """Return what to ask about an open case under a plan; None where there is none, or it can't be checked."""
    try:
        found, _, today, _, plan = case_seen(number)
        if found.case.state != OPEN or plan is None or plan.id != plan_id:
            return None
        return _asked(found, plan, today)
    except Stopped:
        return None


def _asked(found: Found, plan: Plan, today: date) -> AskedOfCase:
    request = request_told(answers_of(check_fields(found, plan), today), plan, today)
    place, shelf = found.case.location, common.shelf()
    clinic, prices = register().clinic(place), register().prices(place)
    check = check_authorization(read_request(request, today), clinic.habits, shelf, prices, common.prices())
    names = common.names()
    asked_anew = {name: said for name, said in request.items() if name != "told"}
    questions = [(each["says"], list(_of(each, plan, names))) for each in check_written(check, names)["questions"]]
    asks = {ask.name: ask for _, fields in questions for ask in fields}
    more = asks_of(answer_of(check.estimate, plan, names, BILLER))
    others = [_in_staff_words(ask, _service(ask.subject, names)) for ask in more if ask.name not in asks]
    without = [says for says, fields in questions if not fields]
    return AskedOfCase(found, plan, asked_anew, list(asks.values()), others=others, without_field=without)


def _of(question: Mapping[str, Any], plan: Plan, names: Mapping[str, str]) -> Iterator[Ask]:
    """Yield the fields that take the answers of one question, in the check's own words where it has one field."""
    asks, subject = question["asks"], question["subject"]
    if asks in DESK_ASKS:
        if asks != USED_SO_FAR or subject in plan.limits:
            yield desk_ask(asks, subject, is_money=_is_money(plan, subject))
        return
    service = _service(subject, names)
    found = [_in_staff_words(ask, service) for ask in asks_of_question(asks, subject, service)]
    yield from [found[0]._replace(legend=question["says"])] if len(found) == 1 else found


def _service(subject: str, names: Mapping[str, str]) -> str:
    return service_named(subject, names[subject]) if subject in names else ""


def _is_money(plan: Plan, limit: str) -> bool:
    return limit in plan.limits and plan.limits[limit].measure is Measure.DOLLARS


def desk_ask(asks: str, subject: str, *, is_money: bool = False) -> Ask:
    """Return a question that only the desk asks.

    >>> desk_ask("turnaround", "").legend
    'Business days until the payer answers a request'
    """
    kinds = {TURNAROUND: "days", HOW_TO_ASK: "text", USED_SO_FAR: "money" if is_money else "count"}
    legends = {
        TURNAROUND: f"Business days until {subject or _PAYER} answers a request",
        HOW_TO_ASK: f"How to send a request to {subject or _PAYER}: portal, fax or phone, with which papers",
        USED_SO_FAR: f"{limit_called(subject)}: used so far, as the payer counts",
    }
    return Ask(desk_field(asks, subject), asks, subject, kinds[asks], legend=legends[asks], options=())


def _in_staff_words(ask: Ask, service: str) -> Ask:
    legend = _STAFF_LEGENDS.get(ask.asks, ask.legend).format(service=service or "Therapy")
    options = tuple((value, _STAFF_WORDS.get(label, label)) for value, label in ask.options)
    return ask._replace(legend=legend, options=options)


def heard_in(form: Mapping[str, str], asks: Sequence[Ask]) -> Heard:
    """Return what was typed of what only the desk asks, and of an authorization that the call gave."""
    said = {(ask.asks, ask.subject): form.get(ask.name, "").strip() for ask in asks if ask.asks in DESK_ASKS}
    grant = {name: form.get(f"grant.{name}", "").strip() for name in GRANT_FIELDS}
    return Heard({about: words for about, words in said.items() if words}, {k: v for k, v in grant.items() if v})
