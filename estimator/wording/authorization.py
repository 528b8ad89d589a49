"""An authorization check in words, as JSON and as text, for billing staff.

Nothing is decided here; every part carries its sentence and, where one was read, its source with the day of reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from textwrap import wrap
from typing import Any, NamedTuple

from estimator.billing.authorization_answer import (
    Answer,
    Ask,
    Bucket,
    Check,
    Fact,
    Liability,
    LineCheck,
    RuleRead,
    Sending,
    Spell,
    Stage,
    Timeline,
    VisitAuthorization,
)
from estimator.engine.answer import AssumptionKind, Status
from estimator.engine.coding import Modifier, Use
from estimator.engine.coverage import Paper, Who
from estimator.engine.plan import Authorization, Measure
from estimator.engine.request import Grant
from estimator.engine.values import Money
from estimator.wording.answer import status_says, step_of
from estimator.wording.answer_schema import citation_json, read_citation, step_json
from estimator.wording.findings import says
from estimator.wording.open_points import assumption_says, condition_says, question_says
from estimator.wording.text import WIDTH, Sources
from estimator.wording.words import BILLER, Telling, amount_of, counted, listed, long_day, plain, usd

Written = dict[str, Any]

# What an estimate assumes of prices and shares changes no answer of a check.
_OF_PRICES = frozenset(
    {
        AssumptionKind.CASH_PRICE,
        AssumptionKind.EARLIEST_PRICE_BOOK,
        AssumptionKind.EXPERIENCE_FACTOR,
        AssumptionKind.LATEST_PRICE_BOOK,
        AssumptionKind.NEVER_ABOVE_ALLOWED,
        AssumptionKind.PROPOSED_PRICES,
        AssumptionKind.REGIONAL_PRICE,
        AssumptionKind.SELF_ONLY_COVER,
    }
)


def check_written(check: Check, names: Mapping[str, str]) -> Written:
    """Return the check for billing staff; `names` are plain words for the codes."""
    telling = Telling(check.plan, names, BILLER)
    plan = check.plan
    return {
        "as_of": check.as_of.isoformat(),
        "plan": {"id": plan.id, "title": plan.title, "payer": plan.payer, "market": plan.market},
        "notices": [step_json(step_of(step, telling)) for step in check.estimate.notices],
        "lines": [_line(line, telling) for line in check.lines],
        "timeline": _timeline(check.timeline),
        "rules": [rule_written(rule) for rule in check.rules],
        "buckets": [_bucket(bucket) for bucket in check.buckets],
        "conditions": [
            {"says": condition_says(each, telling), "needs": each.needs, "citation": citation_json(each.citation)}
            for each in check.conditions
        ],
        "questions": _questions(check, telling),
        "assumptions": [
            {"says": assumption_says(each, telling), "assumes": each.assumes, "citation": citation_json(each.citation)}
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
            "says": assistant_says(spell.plan_pays, spell.with_assistant),
        },
    }


def _fact(fact: Fact, telling: Telling) -> Written:
    return {
        "answer": str(fact.answer),
        "why": fact.why,
        "says": fact_says(fact, telling),
        "citation": citation_json(fact.citation),
    }


def _modifier(modifier: Modifier, written: tuple[str, ...]) -> Written:
    return {
        "codes": list(modifier.codes),
        "written": [code for code in modifier.codes if code in written],
        "use": str(modifier.use),
        "says": modifier_says(modifier),
        "citation": citation_json(modifier.citation),
    }


def _liability(liability: Liability) -> Written:
    return {
        "cause": liability.cause,
        "who": str(liability.who),
        "papers": [str(paper) for paper in liability.papers],
        "says": liability_says(liability),
        "citation": citation_json(liability.citation),
    }


def _timeline(timeline: Timeline) -> Written:
    return {
        "stages": [_stage(stage) for stage in timeline.stages],
        "last_granted_visit": timeline.last_authorized_visit,
        "grant_last_day": _day(timeline.authorized_to),
        "send": [_sending(sending) for sending in timeline.sendings],
    }


def _stage(stage: Stage) -> Written:
    return {
        "stands": str(stage.authorization),
        "says": stage_says(stage),
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
        "says": sending_says(sending),
        "citation": citation_json(sending.citation),
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
        "citation": citation_json(bucket.citation),
    }


def _amount(bucket: Bucket, amount: int | None) -> int | str | None:
    return str(Money(amount)) if amount is not None and bucket.measure == Measure.DOLLARS else amount


def _bucket_says(bucket: Bucket) -> str:
    def told(amount: int | None) -> str:
        return "not known" if amount is None else amount_of(bucket.measure, amount)

    name = limit_named(bucket.name)
    left = told(bucket.left) if bucket.used is not None else "not told"
    past = "" if bucket.past is None else f" Visit {bucket.past} is the first with a line beyond it."
    limit = f"{name[:1].upper()}{name[1:]}: {told(bucket.of)}."
    return f"{limit} Left before the course: {left}. Left after it: {told(bucket.left_after)}.{past}"


def _questions(check: Check, telling: Telling) -> list[Written]:
    """Return the check's own questions and the engine's, each once; the three facts are asked by the check."""
    own = [{"asks": ask.asks, "subject": ask.subject, "says": ask_says(ask, telling)} for ask in check.asks]
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


# ----------------------------------------------------------------------------
# The next visit of a case at a glance: for each line a badge for each of the three facts.
# ----------------------------------------------------------------------------


class Badge(NamedTuple):
    """At most four words, and how they look: yes, ask, warn or no."""

    level: str
    says: str


class BillLine(NamedTuple):
    """A line of one visit: whether it can be billed, with what, and what the patient pays of it."""

    code: str
    name: str
    units: int
    valid: Badge
    authorized: Badge
    paid: Badge
    modifiers: str
    patient_pays: str


def bill_lines(check: Check, grant: Grant, few: int, names: Mapping[str, str]) -> Iterator[BillLine]:
    """Yield the lines of the first visit of a check; `few` is how many visits left of the grant are too few."""
    first = [run.visits[0].lines for run in (check.estimate.low, check.estimate.typical, check.estimate.high)]
    for line, *runs in zip(check.lines, *first, strict=True):
        spell = line.spells[0]
        owes = [run.owes for run in runs]
        yield BillLine(
            code=line.code,
            name=names.get(line.code, line.code),
            units=spell.units,
            valid=_VALID[line.valid.answer],
            authorized=_authorized(spell, grant, few),
            paid=_PAID[spell.payable.answer],
            modifiers=", ".join(map(_shortly, spell.modifiers)),
            patient_pays=usd(min(owes)) if min(owes) == max(owes) else f"{usd(min(owes))} to {usd(max(owes))}",
        )


_VALID = {
    Answer.YES: Badge("yes", "Valid"),
    Answer.NO: Badge("no", "Not valid"),
    Answer.UNKNOWN: Badge("ask", "Valid?"),
}
_PAID = {
    Answer.YES: Badge("yes", "Paid"),
    Answer.NO: Badge("no", "Not paid"),
    Answer.UNKNOWN: Badge("ask", "Paid?"),
}


def _authorized(spell: Spell, grant: Grant, few: int) -> Badge:
    """Say whether the authorization that a line needs is there."""
    if spell.authorization.answer is Answer.NO:
        return Badge("yes", "Not needed")
    if spell.authorization.answer is Answer.UNKNOWN:
        return Badge("ask", "Authorization?")
    if spell.authorization.why == "request-only" and not grant.on_file:
        return Badge("warn", "Send a request")
    if spell.status is Status.NEEDS_AUTHORIZATION:
        return Badge("ask", "On file?") if grant.on_file is None else Badge("no", "Not authorized")
    left = None if grant.visits is None else grant.visits - (grant.used_visits or 0)
    return Badge("warn", f"{counted(left, 'visit')} left") if left is not None and left <= few else Badge("yes", "Yes")


def _shortly(modifier: Modifier) -> str:
    codes = "/".join(modifier.codes)
    return codes if modifier.use is Use.REQUIRED else f"{codes} ({str(modifier.use).replace('-', ' ')})"


# ----------------------------------------------------------------------------
# The sentences of an authorization check, for billing staff alone: English, with the words of claims.
#
# One table a kind of value; every name that a check can hold has its words here, which the tests ask for.
# ----------------------------------------------------------------------------

FACTS = {
    "code-listed": "Valid: listed in the fee schedule of that year.",
    "code-not-valid-for-medicare": "The fee schedule marks it as not valid for Medicare.",
    "code-not-carried": "We carry nothing about this code on that day. Check it in the payer's code lookup.",
    "covered": "Paid under the benefit {subject}, as far as the rules we read say.",
    "covered-with-referral": "Paid under the benefit {subject} where a referral is on file.",
    "covered-referral-not-read": "Paid under the benefit {subject}; nobody has read whether it wants a referral.",
    "readings-differ": "It depends on something that is not known yet.",
    "no-plan": "No plan, so nothing to ask for.",
    "needed": "Needed from visit {number} on, as the plan counts visits.",
    "needed-after-waiver": "Needed once the first {number} visits without review are used up, or their time is over.",
    "request-only": "A request must be sent; the first {number} are approved without review.",
    "rule-not-read": "Nobody has read whether {subject} needs it.",
    "no-benefit": "No benefit that we read lists this code, so no rule speaks of it.",
    "no-rule-written": "The plan's file names no rule for {subject}; that is not a no.",
    "past-limit": "Past the plan's limit; whether it would still be asked for is not known.",
    "never": "The plan says that {subject} never needs it.",
    "exempt": "This code is exempt.",
    "not-among-its-codes": "The rule names other codes only.",
    "rule-does-not-reach": "The rule does not reach this network or this case.",
    "not-until": "Not before visit {number}, as the plan counts visits.",
}
MODIFIERS = {
    "plan-of-care": {
        Use.REQUIRED: "Physical therapy under a plan of care.",
        Use.ASK: "Physical therapy under a plan of care: ask whether this payer wants it on every line.",
    },
    "assistant-treats": {
        Use.REQUIRED: "An assistant gives more than a tenth of the service: Medicare pays 85% of its payment.",
        Use.ASK: "An assistant treats: ask whether this payer wants it, and pays less.",
    },
    "past-marker": {
        Use.REQUIRED: "Past {about}: it says that the record shows further care to be medically necessary.",
    },
    "extension": {Use.REQUIRED: "Within the extension of {about}: it says that the record supports it."},
    "pair": {
        Use.IF_SEPARATE: "The edit with {about} allows one of these, only if the services were separate "
        "and the record says so.",
    },
    "pair-with-visit": {
        Use.IF_SEPARATE: "On {about}, only if the office visit was significant and separate and the record says so.",
    },
    "no-pair": {Use.NO_GROUND: "No coding edit of the day's codes gives it a reason (edition we carry)."},
    "pair-not-looked-up": {Use.ASK: "We did not look up every pair of the day: check the current edits."},
    "after-notice": {Use.CLINIC: "After the signed notice: {chosen}"},
    "excluded": {Use.CLINIC: "Left out of Medicare for this provider, no signed notice said: {chosen}"},
    "expected-denial": {Use.CLINIC: "Denial expected, no signed notice said: {chosen}"},
}
_CHOSEN = "the clinic's setting."
_NOT_CHOSEN = "the clinic has set none. Ask the contractor; sources disagree."
WHO = {
    Who.CLINIC: "The clinic.",
    Who.PATIENT: "The patient.",
    Who.SHARED: "The plan pays less, and the patient bears that part.",
    Who.NOBODY: "Nobody: there is nothing to bill.",
    Who.UNKNOWN: "Not known: ask.",
}
PAPERS = {
    Paper.AUTHORIZATION: "the authorization, before the visit",
    Paper.REFERRAL: "the referral, before the visit",
    Paper.NOTICE: "Medicare's advance notice (ABN), signed before the visit",
    Paper.CONSENT: "a consent that names the service and its price, signed before the visit",
    Paper.ESTIMATE: "a Good Faith Estimate for what the patient pays alone",
    Paper.DETERMINATION: "an organization determination before the visit (an ABN is not valid here)",
    Paper.ASK: "ask which form this payer accepts",
    Paper.NONE: "no paper changes that",
}
CAUSES = {
    "authorization-missing": "If the authorization is missing",
    "referral-missing": "If the referral is missing",
    "not-paid": "If the plan does not pay",
}
AUTHORIZATION_SAYS = {
    VisitAuthorization.NOT_NEEDED: "None needed.",
    VisitAuthorization.REQUEST_ONLY: "A request is needed, without review.",
    VisitAuthorization.ON_FILE: "Covered by the authorization on file.",
    VisitAuthorization.NEEDED: "Authorization needed, none on file.",
    VisitAuthorization.UNKNOWN: "",
}
KINDS = {
    "request": "Send the request",
    "first": "Send the request for authorization",
    "renewal": "Send the renewal",
    "new": "Send a new request to the insurer that pays then",
}
ASKS = {
    "code-valid": "{subject}: is this a valid code for this provider on these days?",
    "authorization-needed": "{subject}: does it need authorization, and from which visit? Who administers it?",
    "payable": "{subject}: is it paid, under which policy, and who is liable if it is denied?",
    "turnaround": "Turnaround of {subject}: how many business days until an answer?",
    "how-to-ask": "How to send a request to {subject}: portal, fax or telephone, and with which papers?",
    "used-so-far": "{subject}: how much is used so far this period? We counted none.",
    "limit": "{subject}: what is the limit, over which period, and which services share it?",
}
_NO_ADMINISTRATOR = "the payer"


def limit_named(name: str) -> str:
    """Return a limit's name as words, with the modifier in its capitals.

    >>> limit_named("kx-threshold")
    'KX threshold'
    """
    return plain(name).replace("kx", "KX")


def fact_says(fact: Fact, telling: Telling) -> str:
    """Return an answer's reason; the engine's own finding where that is what decided."""
    own = "" if fact.step is None else says(fact.step.finding, fact.step.owes, telling)
    if fact.why == "finding":
        return own
    words = FACTS[fact.why].format(subject=plain(fact.subject) or "this benefit", number=fact.number)
    return f"{words} {own}".strip()


def modifier_says(modifier: Modifier) -> str:
    """Return why a modifier stands there."""
    chosen = _CHOSEN if len(modifier.codes) == 1 else _NOT_CHOSEN
    about = modifier.about if modifier.about.isdecimal() else limit_named(modifier.about)
    return MODIFIERS[modifier.why][modifier.use].format(about=about, chosen=chosen)


def liability_says(liability: Liability) -> str:
    """Return who bears the line, and what puts that right."""
    fixes = "; ".join(PAPERS[paper] for paper in liability.papers)
    return f"{CAUSES[liability.cause]}: {WHO[liability.who]} What helps: {fixes}."


def stage_says(stage: Stage) -> str:
    """Return how visits stand, and of which codes that is not known."""
    unsure = f"Not known for {listed(stage.unsure)}." if stage.unsure else ""
    return f"{AUTHORIZATION_SAYS[stage.authorization]} {unsure}".strip() or "Not known."


def assistant_says(plan_pays: Money, with_assistant: Money) -> str:
    """Return what an assistant's treatment changes, as at the first of the visits."""
    return (
        f"With an assistant Medicare pays {usd(with_assistant)} in place of {usd(plan_pays)} at the first of these "
        "visits; the patient's part stays."
    )


def sending_says(sending: Sending) -> str:
    """Return what to send, by which day, and how that day was counted."""
    when = (
        f"{KINDS[sending.kind]} by {long_day(sending.send_by)}, for visit {sending.visit} on {long_day(sending.day)}."
    )
    return " ".join(filter(None, (when, _counted_back(sending), _late(sending), _authorized_for(sending))))


def _counted_back(sending: Sending) -> str:
    safety = f"{counted(sending.safety_days, 'business day')} of safety"
    if sending.kind == "request":
        return f"No review is waited for; {safety}."
    turnaround = counted(sending.turnaround_days, "business day")
    if sending.is_known:
        return f"The payer answers within {turnaround}; {safety}."
    return f"Turnaround not known: ask; until then we count {turnaround} (clinic setting), and {safety}."


def _late(sending: Sending) -> str:
    if sending.is_over:
        return "That visit is over: ask whether a request is still taken."
    if not sending.is_late:
        return ""
    words = "That day is past: send today."
    if sending.at_risk:
        words += f" An answer is not likely before {long_day(sending.earliest)}: "
        words += f"{counted(len(sending.at_risk), 'visit')} would come before it."
    return words


def _authorized_for(sending: Sending) -> str:
    return "" if sending.grant_days is None else f"An authorization lasts {counted(sending.grant_days, 'day')}."


def ask_says(ask: Ask, telling: Telling) -> str:
    """Return a question of the check."""
    is_code = ask.subject[:1].isdecimal() or len(ask.subject) == len("G0283")
    by_name = ask.asks in ("turnaround", "how-to-ask")
    subject = telling.service_to_ask(ask.subject) if is_code and not by_name else ask.subject
    if not is_code and not by_name:
        subject = limit_named(subject)
    return ASKS[ask.asks].format(subject=subject or _NO_ADMINISTRATOR)


# ----------------------------------------------------------------------------
# A plan's rule on authorization or referral in one sentence for billing staff, with what it leaves open.
# ----------------------------------------------------------------------------


def rule_written(read: RuleRead) -> dict[str, Any]:
    """Return a rule in the shape of the JSON, with its sentence."""
    rule = read.rule
    consequence = rule.if_missing if read.is_contracted else rule.if_missing_out_of_network
    return {
        "kind": read.kind,
        "benefit": read.benefit,
        "from_visit": rule.from_visit,
        "waiver_visits": rule.waiver_visits,
        "waiver_days": rule.waiver_days,
        "exempt": sorted(rule.exempt),
        "only_for": sorted(rule.only_for),
        "administrator": rule.administrator,
        "how_to_ask": rule.how_to_ask,
        "turnaround_days": rule.turnaround_days,
        "grant_days": rule.grant_days,
        "if_missing": str(consequence.kind),
        "says": " ".join(_sentences(read)),
        "citation": citation_json(rule.citation),
    }


def _sentences(read: RuleRead) -> Iterator[str]:
    rule, name = read.rule, plain(read.benefit)
    yield f"{read.kind.capitalize()} for {name}: {_from(rule)}."
    if rule.waiver_visits:
        within = f" within {counted(rule.waiver_days, 'day')}" if rule.waiver_days else ""
        yield f"The first {counted(rule.waiver_visits, 'visit')}{within} need a request and no review."
    if rule.exempt:
        yield f"Exempt: {listed(sorted(rule.exempt))}."
    if rule.only_for:
        yield f"Only for {listed(sorted(rule.only_for))}."
    if rule.restart_gap_days:
        yield f"A gap of {counted(rule.restart_gap_days, 'day')} starts the count again."
    if rule.from_visit is not None:
        yield from _asking(rule)


def _from(rule: Authorization) -> str:
    if rule.from_visit is None:
        return "never needed"
    return f"needed from visit {rule.from_visit} on, as the plan counts visits"


def _asking(rule: Authorization) -> Iterator[str]:
    yield f"Administrator: {rule.administrator or 'not read'}."
    yield f"How to ask: {rule.how_to_ask or 'not read'}."
    days = "not read" if rule.turnaround_days is None else counted(rule.turnaround_days, "business day")
    yield f"Turnaround: {days}."
    if rule.grant_days is not None:
        yield f"An authorization lasts {counted(rule.grant_days, 'day')}."


# ----------------------------------------------------------------------------
# An authorization check as billing staff read it in a terminal, at most 100 columns wide.
#
# Sources are numbered where they are used and listed once at the end.
# ----------------------------------------------------------------------------

DISCLAIMER = "A check is information from the rules we read, not a payer's promise to pay."
FACT_LABELS = (("code_valid", "Code valid"), ("authorization_needed", "Authorization needed"), ("payable", "Payable"))

Part = Mapping[str, Any]


def check_text(check: Part) -> str:
    """Return the check as text: the lines, the authorization over time, what is left, what to ask."""
    sources = Sources(date.fromisoformat(check["as_of"]))
    parts = [
        f"{check['plan']['title']} ({check['plan']['payer']}), asked on {_long(check['as_of'])}",
        *_section("Before anything else", _points(check["notices"], sources)),
        *("\n".join(_text_line(line, sources)) for line in check["lines"]),
        *_section("Authorization over the course", _text_timeline(check["timeline"], sources)),
        *_section("What the plan says of it", _points(check["rules"], sources)),
        *_section("What is left", _points(check["buckets"], sources)),
        *_section("What the payment rests on", _points(check["conditions"], sources)),
        *_section("What to ask", _points(check["questions"], sources)),
        *_section("Our assumptions", _points(check["assumptions"], sources)),
        *_section("Sources", (_folded(source, "", "    ") for source in sources.listed())),
        DISCLAIMER,
    ]
    return "\n\n".join(parts) + "\n"


def _section(heading: str, rows: Iterable[str]) -> Iterator[str]:
    lines = list(rows)
    if lines:
        yield "\n".join([heading, *lines])


def _text_line(line: Part, sources: Sources) -> Iterator[str]:
    written = f", written with {', '.join(line['written_modifiers'])}" if line["written_modifiers"] else ""
    yield f"{line['code']} {line['name']}{written}"
    yield _text_fact("Code valid", line["code_valid"], sources)
    for spell in line["spells"]:
        yield f"  {spell['visits_says']}, from {_long(spell['first_day'])}: {spell['status_says']}"
        for key, label in FACT_LABELS[1:]:
            yield _text_fact(label, spell[key], sources)
        for modifier in spell["modifiers"]:
            told = {**modifier, "says": f"{' / '.join(modifier['codes'])} ({modifier['use']}): {modifier['says']}"}
            yield _folded(_cited(told, sources), "    Modifier ")
        if spell["with_assistant"]:
            yield _folded(spell["with_assistant"]["says"], "    ")
        for liability in spell["liability"]:
            yield _folded(_cited(liability, sources), "    ")


def _text_fact(label: str, fact: Part, sources: Sources) -> str:
    told = {**fact, "says": f"{label}: {fact['answer']}. {fact['says']}"}
    return _folded(_cited(told, sources), "    ")


def _text_timeline(timeline: Part, sources: Sources) -> Iterator[str]:
    for stage in timeline["stages"]:
        yield _folded(f"{stage['visits_says']}, from {_long(stage['first_day'])}: {stage['says']}", "- ")
    if timeline["last_granted_visit"]:
        last = f", which ends on {_long(timeline['grant_last_day'])}" if timeline["grant_last_day"] else ""
        yield _folded(
            f"Visit {timeline['last_granted_visit']} is the last that the authorization on file covers{last}.", "- "
        )
    for sending in timeline["send"]:
        whom = f" Administrator: {sending['administrator']}." if sending["administrator"] else ""
        how = f" {sending['how_to_ask']}." if sending["how_to_ask"] else ""
        yield _folded(_cited({**sending, "says": f"{sending['says']}{whom}{how}"}, sources), "- ")


def _cited(part: Part, sources: Sources) -> str:
    return sources.numbered(str(part["says"]), read_citation(part.get("citation")))


def _points(parts: Iterable[Part], sources: Sources) -> Iterator[str]:
    for part in parts:
        yield _folded(_cited(part, sources), "- ")


def _folded(words: str, first: str, rest: str | None = None) -> str:
    below = " " * (len(first) - len(first.lstrip()) + 2) if rest is None else rest
    folded = wrap(
        words,
        WIDTH,
        initial_indent=first,
        subsequent_indent=below,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return "\n".join(folded)


def _long(day: str) -> str:
    return long_day(date.fromisoformat(day))
