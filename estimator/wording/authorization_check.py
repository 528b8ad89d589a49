"""The JSON of docs/authorization-check.md, made of a check.

Nothing is decided here; every part carries its sentence and, where one was read, its source with the day of reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from estimator.billing.authorization_answer import (
    Bucket,
    Check,
    Fact,
    Liability,
    LineCheck,
    Sending,
    Spell,
    Stage,
    Timeline,
)
from estimator.engine.coding import Modifier
from estimator.engine.plan import Measure
from estimator.engine.values import Money
from estimator.wording import authorization_words as words
from estimator.wording.assumptions import assumption_says
from estimator.wording.authorization_rules import rule_written
from estimator.wording.conditions import condition_says
from estimator.wording.lines import citation_of, step_of
from estimator.wording.questions import question_says
from estimator.wording.statuses import status_says
from estimator.wording.telling import BILLER, Telling, amount_of

Written = dict[str, Any]

# What an estimate assumes of prices and shares changes no answer of a check.
_OF_PRICES = frozenset(
    {
        "cash-price",
        "earliest-price-book",
        "experience-factor",
        "latest-price-book",
        "never-above-allowed",
        "regional-price",
        "self-only-cover",
    }
)


def check_written(check: Check, names: Mapping[str, str]) -> Written:
    """Return the check for billing staff; `names` are plain words for the codes."""
    telling = Telling(check.plan, names, BILLER)
    plan = check.plan
    return {
        "as_of": check.as_of.isoformat(),
        "plan": {"id": plan.id, "title": plan.title, "payer": plan.payer, "market": plan.market},
        "notices": [step_of(step, telling) for step in check.estimate.notices],
        "lines": [_line(line, telling) for line in check.lines],
        "timeline": _timeline(check.timeline),
        "rules": [rule_written(rule) for rule in check.rules],
        "buckets": [_bucket(bucket) for bucket in check.buckets],
        "conditions": [
            {"says": condition_says(each, telling), "needs": each.needs, "citation": citation_of(each.citation)}
            for each in check.conditions
        ],
        "questions": _questions(check, telling),
        "assumptions": [
            {"says": assumption_says(each, telling), "assumes": each.assumes, "citation": citation_of(each.citation)}
            for each in check.estimate.assumptions
            if each.assumes not in _OF_PRICES
        ],
        "inputs": dict(check.estimate.inputs),
    }


def _line(line: LineCheck, telling: Telling) -> Written:
    return {
        "code": line.code,
        "name": telling.names.get(line.code, line.code),
        "written_modifiers": list(line.written),
        "code_valid": _fact(line.valid, telling),
        "spells": [_spell(spell, line, telling) for spell in line.spells],
    }


def _spell(spell: Spell, line: LineCheck, telling: Telling) -> Written:
    return {
        "visits": list(spell.visits),
        "visits_says": visits_says(spell.visits),
        "first_day": spell.first_day.isoformat(),
        "last_day": spell.last_day.isoformat(),
        "units": spell.units,
        "status": str(spell.status),
        "status_says": status_says(spell.status, telling),
        "authorization_needed": _fact(spell.authorization, telling),
        "payable": _fact(spell.payable, telling),
        "modifiers": [_modifier(modifier, line.written) for modifier in spell.modifiers],
        "liability": [_liability(liability) for liability in spell.liabilities],
        "plan_pays": str(spell.plan_pays),
        "with_assistant": None
        if spell.with_assistant is None
        else {
            "plan_pays": str(spell.with_assistant),
            "says": words.assistant_says(spell.plan_pays, spell.with_assistant),
        },
    }


def _fact(fact: Fact, telling: Telling) -> Written:
    return {
        "answer": str(fact.answer),
        "why": fact.why,
        "says": words.fact_says(fact, telling),
        "citation": citation_of(fact.citation),
    }


def _modifier(modifier: Modifier, written: tuple[str, ...]) -> Written:
    return {
        "codes": list(modifier.codes),
        "written": [code for code in modifier.codes if code in written],
        "use": str(modifier.use),
        "says": words.modifier_says(modifier),
        "citation": citation_of(modifier.citation),
    }


def _liability(liability: Liability) -> Written:
    return {
        "cause": liability.cause,
        "who": str(liability.who),
        "papers": [str(paper) for paper in liability.papers],
        "says": words.liability_says(liability),
        "citation": citation_of(liability.citation),
    }


def _timeline(timeline: Timeline) -> Written:
    return {
        "stages": [_stage(stage) for stage in timeline.stages],
        "last_granted_visit": timeline.last_granted_visit,
        "grant_last_day": _day(timeline.grant_last_day),
        "send": [_sending(sending) for sending in timeline.sendings],
    }


def _stage(stage: Stage) -> Written:
    return {
        "stands": str(stage.stands),
        "says": words.stage_says(stage),
        "unsure": list(stage.unsure),
        "visits": list(stage.visits),
        "visits_says": visits_says(stage.visits),
        "first_day": stage.first_day.isoformat(),
        "last_day": stage.last_day.isoformat(),
    }


def _sending(sending: Sending) -> Written:
    return {
        "kind": sending.kind,
        "visit": sending.visit,
        "day": sending.day.isoformat(),
        "send_by": sending.send_by.isoformat(),
        "turnaround_days": sending.turnaround_days,
        "turnaround_known": sending.is_known,
        "safety_days": sending.safety_days,
        "late": sending.is_late,
        "over": sending.is_over,
        "earliest": sending.earliest.isoformat(),
        "at_risk": list(sending.at_risk),
        "administrator": sending.administrator,
        "how_to_ask": sending.how_to_ask,
        "says": words.sending_says(sending),
        "citation": citation_of(sending.citation),
    }


def _bucket(bucket: Bucket) -> Written:
    amounts = {"of": bucket.of, "used": bucket.used, "left": bucket.left, "left_after": bucket.left_after}
    return {
        "name": bucket.name,
        "measure": "minutes" if bucket.measure == Measure.HOURS else bucket.measure,
        **{name: _amount(bucket, amount) for name, amount in amounts.items()},
        "past_from_visit": bucket.past,
        "modifier": bucket.modifier,
        "says": _bucket_says(bucket),
        "citation": citation_of(bucket.citation),
    }


def _amount(bucket: Bucket, amount: int | None) -> int | str | None:
    return str(Money(amount)) if amount is not None and bucket.measure == Measure.DOLLARS else amount


def _bucket_says(bucket: Bucket) -> str:
    def told(amount: int | None) -> str:
        return "not known" if amount is None else amount_of(bucket.measure, amount)

    name = words.limit_named(bucket.name)
    left = told(bucket.left) if bucket.used is not None else "not told"
    past = "" if bucket.past is None else f" Visit {bucket.past} is the first with a line beyond it."
    limit = f"{name[:1].upper()}{name[1:]}: {told(bucket.of)}."
    return f"{limit} Left before the course: {left}. Left after it: {told(bucket.left_after)}.{past}"


def _questions(check: Check, telling: Telling) -> list[Written]:
    """Return the check's own questions and the engine's, each once; the three facts are asked by the check."""
    own = [{"asks": ask.asks, "subject": ask.subject, "says": words.ask_says(ask, telling)} for ask in check.asks]
    asked = {(ask.asks, ask.subject) for ask in check.asks} | {("needling-policy", ask.subject) for ask in check.asks}
    return own + [
        {"asks": each.asks, "subject": each.subject, "says": question_says(each, telling)}
        for each in check.estimate.questions
        if (each.asks, each.subject) not in asked
    ]


def visits_says(visits: tuple[int, ...]) -> str:
    """Name visits that may have others between them.

    >>> visits_says((1,)), visits_says((2, 3, 4)), visits_says((2, 4, 6))
    ('Visit 1', 'Visits 2 to 4', 'Visits 2 to 6 (3 of them)')
    """
    first, last = visits[0], visits[-1]
    if first == last:
        return f"Visit {first}"
    whole = last - first + 1 == len(visits)
    return f"Visits {first} to {last}" + ("" if whole else f" ({len(visits)} of them)")


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
