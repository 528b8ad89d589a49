"""The questions that a call about a plan may answer, and what was typed of them as an entry of the log.

The questions are those of a plain course under the plan; the contract reads the answers as it reads a request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from estimator.billing.calls import NewCall
from estimator.engine.plan import Plan
from estimator.engine.request import IN_NETWORK, Call
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract import SOURCES, read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.shelf import network_meant
from estimator.web import shelf
from estimator.web.patient.call_answers_asking import Ask, asks_of
from estimator.web.patient.call_answers_typing import DAY, REFERENCE, Typed, typed_call
from estimator.wording.answer import answer_of
from estimator.wording.words import BILLER

REPRESENTATIVE, SOURCE, LABEL, NOTE, CORRECTS = "call.representative", "call.source", "case_label", "note", "corrects"
FIELDS = (DAY, SOURCE, REFERENCE, REPRESENTATIVE, LABEL, NOTE, CORRECTS)
_OF_A_CALL = {"reference": REFERENCE, "representative": REPRESENTATIVE, "source": SOURCE}
# Any price would do: no question depends on it.
_SERVICES = (
    {"code": "97161", "allowed": "100.00"},
    {"code": "97110", "minutes": 30, "allowed": "60.00"},
    {"code": "20561", "allowed": "40.00"},
)


class Asked(NamedTuple):
    """A plan with the questions that a call about it may answer."""

    plan: Plan
    asks: Sequence[Ask]


def asked_about(plan: Plan, today: date) -> Asked:
    """Return what to ask about a plan."""
    estimate, _ = estimate_asked(read_request(_course(plan, today), today), shelf.shelf(), prices=shelf.prices())
    return Asked(plan, asks_of(answer_of(estimate, plan, shelf.names(), BILLER)))


def entry_typed(form: Mapping[str, str], asked: Asked, today: date) -> NewCall:
    """Return the entry that was typed; raise RequestRefused with every problem of its call."""
    typed = call_typed(form, asked)
    if not typed.asks:
        raise RequestRefused((Problem("told", "Answer at least one question."),))
    request = {**_course(asked.plan, today), "told": [typed.call]}
    read = read_request(request, today)
    estimate_asked(read, shelf.shelf(), prices=shelf.prices())
    call: Call = read.told[0]
    corrects = form.get(CORRECTS, "")
    return NewCall(
        plan_id=asked.plan.id,
        payer=asked.plan.payer,
        call=call,
        case_label=form.get(LABEL, "").strip(),
        note=form.get(NOTE, "").strip(),
        corrects=int(corrects) if corrects.isdecimal() else None,
    )


def call_typed(form: Mapping[str, str], asked: Asked) -> Typed:
    """Return the call as a request would tell it, before anybody has read it."""
    typed = typed_call(form, asked.asks)
    more = {"source": form.get(SOURCE) or SOURCES[0], "representative": form.get(REPRESENTATIVE, "").strip()}
    return Typed({**typed.call, **{key: words for key, words in more.items() if words}}, typed.asks)


def field_of(path: str, typed: Typed) -> str | None:
    """Return the field that a problem belongs to, None where no one field is at fault."""
    if path in FIELDS:
        return path
    last = path.rpartition(".")[2]
    return _OF_A_CALL.get(last) if path.count(".") == 2 and last in _OF_A_CALL else typed.field_of(path)


def typed_again(written: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in the form where a call is to be entered again."""
    fields = {DAY: written["on"], SOURCE: written["source"]}
    fields |= {_OF_A_CALL[key]: written[key] for key in ("reference", "representative") if key in written}
    for told in written["answers"]:
        name = f"call.{told['asks']}.{told.get('subject', '')}"
        fields[name] = str(told["answer"]).removesuffix("%")
        if "from_visit" in told:
            fields[f"{name}.from"] = str(told["from_visit"])
    return fields


def _course(plan: Plan, today: date) -> dict[str, Any]:
    first, last = plan.in_force.first_day or today, plan.in_force.last_day or today
    visit = {"day": min(max(today, first), max(first, last)).isoformat(), "services": list(_SERVICES)}
    return {"plan": plan.id, "visits": [visit], "provider": {"network": network_meant(plan, IN_NETWORK)}}
