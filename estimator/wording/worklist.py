"""The work list in words: a label for each need, a sentence for each need of a row and for each flag of a therapist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple, assert_never

from estimator.billing.alerts import AlertKind
from estimator.billing.moved_visits import Moved
from estimator.billing.needs import SAID_BY_QUESTIONS
from estimator.billing.register import ASSISTANT, Concern, Flag
from estimator.billing.schedule import Outcome
from estimator.billing.schedule_cells import identity_in, looks_like_a_name
from estimator.billing.schedule_file import ScheduleFile, ScheduleRow
from estimator.billing.sent_schedules import NOTHING, WAITING
from estimator.engine.plan import Measure
from estimator.engine.values import Money
from estimator.wording.words import long_day, plain, short_day, usd

LABELS: Mapping[str, str] = {
    "refused": "Row to correct",
    "not-allowed-by-state": "State law forbids it",
    "authorization-spent": "Not authorized: visits used up",
    "authorization-expired": "Not authorized: out of its dates",
    "authorization-missing": "Authorization missing",
    "limit-passed": "Past the visit limit",
    "referral-missing": "Referral missing",
    "clinic-absorbs": "Clinic absorbs a line",
    "patient-billed": "Patient pays a line",
    "authorization-last-visit": "Last authorized visit",
    "authorization-ends": "Authorization ends",
    "limit-reached": "Limit reached",
    "limit-near": "Near a limit",
    "kx": "KX from here",
    "medical-review": "Medical review",
    "unknown-cover": "Coverage unclear",
    "ask": "Not told: ask",
    "in-doubt": "In doubt: ask",
    "duplicate": "Twice in the file",
    "other-condition": "Depends on an assumption",
    "canceled": "Canceled or missed",
    NOTHING: "Nothing to do",
    WAITING: "Not answered yet",
}


class NeedSaid(NamedTuple):
    """A need in words, under its label."""

    kind: str
    label: str
    says: str


def needs_said(needs: Iterable[Mapping[str, Any]]) -> list[NeedSaid]:
    """Return the needs of a row in words, without those that its questions say."""
    told = (need for need in needs if need["kind"] not in SAID_BY_QUESTIONS)
    return [NeedSaid(need["kind"], LABELS[need["kind"]], need_says(need)) for need in told]


def need_says(need: Mapping[str, Any]) -> str:
    """Return the sentence for one need of an outcome."""
    match need["kind"]:
        case "authorization-spent" | "authorization-expired" | "authorization-last-visit" | "authorization-ends":
            return _grant_says(need)
        case "ask" if need["subject"] == "authorization":
            return f"Authorization for {need['code']}: the plan's rule isn't known. Ask whether it needs one."
        case "limit-passed" | "limit-reached" | "limit-near" | "kx" | "medical-review" | "ask":
            return _limit_says(need)
        case "not-allowed-by-state":
            return f"{need['code']} is outside the provider’s scope in this state: do not perform, do not bill."
        case "authorization-missing" if need.get("why") == "codes":
            codes = ", ".join(need["codes"].split())
            asks = f"The authorization on file doesn't name {codes}. Ask the payer to add it before the visit."
            return f"{asks} {_at_risk(need)}".strip()
        case "authorization-missing":
            return f"{_on_file('authorization', need)} {_if_not(need)}"
        case "referral-missing":
            return f"{_on_file('referral', need)} {_if_not(need)}"
        case "clinic-absorbs":
            return (
                f"{need['code']} is not paid and may not be billed to the patient from visit {need['visit']} on: the "
                f"clinic loses {_usd(need['amount'])}."
            )
        case "patient-billed":
            return (
                f"{need['code']} is not paid from visit {need['visit']} on; the patient owes {_usd(need['amount'])}. "
                "Give the notice or the Good Faith Estimate before that visit."
            )
        case "unknown-cover":
            owes = f" The patient could owe {_usd(need['amount'])}." if need["amount"] else ""
            return f"Coverage of {need['code']} isn't known. Ask the payer: is it valid, authorized and paid?{owes}"
        case "duplicate":
            return (
                f"The same label, plan and day as row {need['row']}. If it is one visit, enter its codes in one row; "
                "if not, give one of them a time or another label."
            )
        case "canceled":
            return "Canceled, missed or rescheduled: nothing is collected, and its case does not move."
        case _:
            return f"Depends on {plain(need['needs'])} from visit {need['visit']} on. {_if_not(need)}"


def _on_file(what: str, need: Mapping[str, Any]) -> str:
    if need.get("is_told") is None:
        return f"{what.capitalize()} needed from visit {need['visit']} on; not told whether one is on file."
    return f"No {what} on file from visit {need['visit']} on."


def _grant_says(need: Mapping[str, Any]) -> str:
    granted, used, last = need.get("granted"), need.get("used") or 0, need.get("last_day", "")
    match need["kind"], need.get("why"):
        case "authorization-spent", _ if granted == 0:
            return f"Not authorized: no visits are left. Request more before the visit. {_at_risk(need)}"
        case "authorization-spent", _ if granted is not None:
            by_year = " (by the visits of the year; enter authorization_used if fewer)" if need.get("by_year") else ""
            return (
                f"Not authorized: {used} of {granted} visits are used{by_year}. Request more before the visit. "
                f"{_at_risk(need)}"
            )
        case "authorization-spent", _:
            return f"Not authorized: its units are used up. Request more before the visit. {_at_risk(need)}"
        case "authorization-expired", "not-begun":
            return f"Not authorized: the authorization begins on {_named(need['first_day'])}. {_at_risk(need)}"
        case "authorization-expired", _:
            return f"Not authorized: it ended on {_named(last)}. Request a new one before the visit. {_at_risk(need)}"
        case "authorization-last-visit", _:
            return f"The last authorized visit{_of(used + 1, granted)}. Renew now: the next one isn't authorized."
        case _, "planned":
            return (
                f"More visits are planned than it covers. Request approval for the others by {_named(need['act_by'])}."
            )
        case _:
            until = f", and it ends on {_named(last)}" if last else ""
            where = f"It covers visits up to {need['visit']}, {_day(need)}" if need.get("visit") else "It ends"
            return f"{where}{until}. Send the renewal before then."


def _limit_says(need: Mapping[str, Any]) -> str:
    name = _name_of(need)
    match need["kind"]:
        case "kx":
            if need["visit"] == 1:
                is_before = need.get("used") is not None and need["used"] >= need["of"]
                passes = f"KX threshold of {_much(need, 'of')}"
                told = f"The {passes} is passed" if is_before else f"This visit passes the {passes}"
                return f"{told}: bill with KX and document why care goes on."
            return (
                f"KX from visit {need['visit']}, {_day(need)}: it passes {_much(need, 'of')}. Check the plan of care."
            )
        case "medical-review":
            if need["visit"] == 1:
                return f"Therapy spending is past {_much(need, 'of')}: the claim can be picked for medical review."
            return (
                f"From visit {need['visit']}, {_day(need)}, past {_much(need, 'of')}: claims can be picked for review."
            )
        case "limit-passed":
            return f"{name}: past {_much(need, 'of')} from visit {need['visit']}, {_day(need)}."
        case "limit-reached":
            return f"{name}: {_much(need, 'of')} is used up at visit {need['visit']}, {_day(need)}."
        case "limit-near":
            do = "Check the plan of care" if "KX" in name else "Tell the patient"
            return f"{name}: {_much(need, 'left')} left of {_much(need, 'of')}. {do}."
        case _:
            of = f" of {_much(need, 'of')}" if need.get("of") is not None else ""
            used = "KX used" if need["measure"] == Measure.DOLLARS and "KX" in name else f"{name}, used so far"
            return f"{used}: not told{of and ', limit' + of.removeprefix(' of')}. Ask the payer or the patient."


def _name_of(need: Mapping[str, Any]) -> str:
    return limit_called(str(need["subject"]))


def limit_called(name: str) -> str:
    """Return the name of a limit as a heading.

    >>> limit_called("kx-threshold"), limit_called("therapy-visits")
    ('KX threshold', 'Therapy visits')
    """
    words = plain(name)
    return words[:1].upper() + words[1:]


def _much(need: Mapping[str, Any], name: str) -> str:
    number = need[name]
    if need["measure"] == Measure.DOLLARS:
        return usd(Money(number))
    if need["measure"] == Measure.HOURS:
        return f"{number} minutes"
    return f"{number} {str(need['measure']).removesuffix('s') if number == 1 else need['measure']}"


def _of(number: int, granted: int | None) -> str:
    return "" if granted is None else f": {number} of {granted}"


def _at_risk(need: Mapping[str, Any]) -> str:
    return f"At risk: {_usd(need['clinic'])}." if need.get("clinic") else ""


def _if_not(need: Mapping[str, Any]) -> str:
    patient, clinic = need["patient"], need["clinic"]
    said = [f"the patient would owe {_usd(patient)} more"] if patient > 0 else []
    said += [f"the clinic would lose {_usd(clinic)}"] if clinic > 0 else []
    return f"Without it {' and '.join(said)}." if said else "Without it nobody would owe more."


def _usd(cents: int) -> str:
    return usd(Money(cents))


def _day(need: Mapping[str, Any]) -> str:
    return _named(need["day"])


def _named(day: str) -> str:
    return long_day(date.fromisoformat(day)) if day else ""


def moved_says(moved: Moved) -> str:
    """Say what a newer schedule makes of a visit, and what to do about it."""
    days = " or ".join(long_day(day) for day in moved.days)
    if moved.is_sure:
        return f"Moved to {days} by a newer schedule."
    there = f" and has one on {days}. Was it moved" if days else ". Was it moved or canceled"
    return f"A newer schedule has no visit here{there}? If so, choose Canceled or missed; if not, Visit done."


class Bar(NamedTuple):
    """How far something is used up: its name, what is used and of how much, in numbers and in words."""

    name: str
    used: int
    of: int
    says: str
    level: str


def bar_of(need: Mapping[str, Any]) -> Bar | None:
    """Return the bar of a need that is about a limit or an authorization of which both numbers are known."""
    of, used = need.get("of", need.get("granted")), need.get("used")
    if of is None or used is None or not of:
        return None
    is_grant = "granted" in need
    name = "Authorization" if is_grant else _name_of(need)
    measure = Measure.VISITS if is_grant else need["measure"]
    return Bar(name, min(used, of), of, progress(used, of, str(measure)), level_of(used, of))


def progress(used: int, of: int, measure: str) -> str:
    """Say how much of something is used, such as `11 of 12` or `$2,310.00 of $2,480.00`."""
    if measure == Measure.DOLLARS:
        return f"{usd(Money(used))} of {usd(Money(of))}"
    return f"{used} of {of}{' minutes' if measure == Measure.HOURS else ''}"


def level_of(used: int, of: int) -> str:
    """Return how a bar looks: over, near or fine."""
    if used >= of:
        return "over"
    return "near" if _NEAR_OF * used >= _NEAR_AT * of else "fine"


# Eight tenths.
_NEAR_OF, _NEAR_AT = 10, 8


def next_action(kinds: Iterable[str]) -> str:
    """Return the one word that says what to do about the most pressing need."""
    for kind in kinds:
        if kind in _ACTIONS:
            return _ACTIONS[kind]
    return "Open"


_ACTIONS = {
    "refused": "Correct",
    "authorization-spent": "Request",
    "authorization-expired": "Request",
    "authorization-missing": "Request",
    "authorization-last-visit": "Renew",
    "authorization-ends": "Renew",
    "referral-missing": "Request",
    "patient-billed": "Notice",
    "clinic-absorbs": "Notice",
    "unknown-cover": "Call",
    "ask": "Call",
    "in-doubt": "Correct",
}


# ----------------------------------------------------------------------------
# A whole schedule as JSON and as text, for the command and the API.
# ----------------------------------------------------------------------------


def schedule_json(read: ScheduleFile, answered: Iterable[tuple[ScheduleRow, Outcome]]) -> Mapping[str, Any]:
    """Return a schedule as `estimator schedule --json` prints it; amounts are dollars, null where nothing is known."""
    return {
        "rows": [_row_json(row, outcome) for row, outcome in answered],
        "mapping": dict(read.mapping),
        "not_read": list(read.not_read),
    }


def label_of(row: ScheduleRow) -> str:
    """Return what a row is called: its own label, or its line where it has none or one that tells who somebody is."""
    label = row.cells.get("label", "")
    return f"Row {row.line}" if not label or looks_like_a_name(label) or identity_in(label) else label


def _row_json(row: ScheduleRow, outcome: Outcome) -> Mapping[str, Any]:
    return {
        "row": row.line,
        "label": label_of(row),
        "plan": outcome.get("plan"),
        "needs": list(_needs_json(outcome)),
        "collect_today": _dollars(outcome, "collect_today"),
        "may_be_added": _dollars(outcome, "may_be_added"),
        "money_at_risk": _dollars(outcome, "money_at_risk"),
        "questions": [
            {
                "column": problem["column"],
                "says": problem["words"],
                "choices": [{"id": plan_id, "title": title} for plan_id, title in problem.get("choices", ())],
            }
            for problem in outcome.get("problems", ())
        ],
    }


def _needs_json(outcome: Outcome) -> Iterator[Mapping[str, Any]]:
    """Yield the needs; each question about the row, whether it was answered or not, is one of them."""
    yield from ({"kind": each.kind, "says": each.says} for each in needs_said(outcome["needs"]))
    yield from ({"kind": "ask", "says": f"{each['column']}: {each['words']}"} for each in outcome.get("problems", ()))


def _dollars(outcome: Outcome, name: str) -> str | None:
    return str(Money(outcome[name])) if name in outcome else None


def schedule_text(written: Mapping[str, Any]) -> str:
    """Return a schedule for a person to read, one row a paragraph."""
    lines = []
    for row in written["rows"]:
        collect = f"collect ${row['collect_today']} today" if row["collect_today"] else "not answered"
        lines.append(f"{row['label']} (row {row['row']}): {collect}")
        lines += [f"  - {need['says']}" for need in row["needs"]]
        if not row["needs"]:
            lines.append("  - Nothing to do")
        lines += [f"      {choice['id']}: {choice['title']}" for each in row["questions"] for choice in each["choices"]]
    if written["not_read"]:
        lines.append(f"Not read: {', '.join(written['not_read'])}")
    return "\n".join(lines) + "\n"


# ----------------------------------------------------------------------------
# Alerts on cases.
# ----------------------------------------------------------------------------


def alert_says(kind: str, content: Mapping[str, Any]) -> str:
    """Return the sentence for an alert, from the numbers that it was raised with, and the day to act by.

    Raises ValueError for a kind that there is not.
    """
    name = limit_called(str(content.get("name", "")))
    left, ends, act_by = content.get("left"), content.get("ends", ""), content.get("act_by", "")
    until = f" Send the request by {_named(act_by)}." if act_by else ""
    before_it_ends = f" Ask about more by {_named(act_by)}." if act_by else ""
    match AlertKind(kind):
        case AlertKind.AUTHORIZATION_SPENT:
            return f"{name}: every visit of it is used. The next one isn't authorized."
        case AlertKind.AUTHORIZATION_NEAR:
            return f"{name}: {left} left.{until}"
        case AlertKind.AUTHORIZATION_ENDS:
            return f"{name} ends on {_named(ends)}.{until}"
        case AlertKind.AUTHORIZATION_EXPIRED:
            return f"{name} ended on {_named(ends)}, and visits are still planned."
        case AlertKind.RENEW if new := content.get("new_payer_on"):
            asks = f" Send it a new request by {_named(act_by)}."
            return f"{name} doesn't go along: another insurer pays from {_named(new)} on.{asks}"
        case AlertKind.RENEW:
            return f"{name} doesn't cover every planned visit.{until}"
        case AlertKind.REQUEST_UNANSWERED:
            asked = f" for {_counted(content, 'of')}" if content.get("of") else ""
            sent = f"Authorization requested on {_named(content['requested_on'])}{asked}"
            return f"{sent}: no answer was entered. Ask the payer, and enter its answer in place of the request."
        case AlertKind.NOT_TOLD:
            return f"{name}: what was used before isn't told. Ask the payer."
        case AlertKind.PLAN_UNKNOWN:
            return f"There is no plan {content.get('name')} here any more. Choose another one for the case."
        case AlertKind.KX | AlertKind.MEDICAL_REVIEW:
            return f"{name} is passed: {_counted(content, 'used')} used."
        case AlertKind.LIMIT_PASSED:
            return f"{name}: past the limit of {_counted(content, 'of')}."
        case AlertKind.LIMIT_REACHED:
            return f"{name}: all of {_counted(content, 'of')} is used. The next visit is past it."
        case AlertKind.LIMIT_NEAR | AlertKind.KX_NEAR:
            return f"{name}: {_counted(content, 'left')} left of {_counted(content, 'of')}.{before_it_ends}"


def _counted(content: Mapping[str, Any], name: str) -> str:
    number = content.get(name)
    return "not told" if number is None else _much(content, name)


def not_registered_says(therapist: str) -> str:
    """Say that nobody knows whether somebody may needle, whom the register of the clinic doesn't have."""
    return f"{therapist} is not in the register of those who work here, so nothing says whether they may needle."


_KINDS = {ASSISTANT: "physical therapist assistants"}


def flag_says(flag: Flag) -> str:
    """Return the sentence of a flag, which names the therapist by the clinic's own code."""
    who, state = flag.therapist.code, flag.rule.name
    match flag.concern:
        case Concern.FORBIDDEN:
            kind = _KINDS.get(flag.therapist.provider, "physical therapists")
            return f"{who} may not needle: {state} does not let {kind} do dry needling now. Schedule someone else."
        case Concern.ASSISTANT_UNREAD:
            return (
                f"{who} is a physical therapist assistant. We have read no rule of {state} that lets assistants "
                "needle: ask the state board first, or schedule a physical therapist."
            )
        case Concern.UNTRAINED:
            return f"{who} has no training in needling, and {state} asks for it: {flag.rule.training}"
        case Concern.TRAINING_UNKNOWN:
            asks = f"{state} asks for it: {flag.rule.training}" if flag.rule.training else f"ask the board of {state}."
            return f"The register does not show {who} as trained in needling; {asks}"
        case Concern.TRAINING_OVER:
            day = short_day(flag.on) if flag.on else "an earlier day"
            return f"{who}’s needling training ends on {day}, before the last visit. Renew it first."
        case Concern.OTHER_STATE:
            return f"{who} is licensed in {flag.therapist.state}, but this care is in {state}."
        case Concern.CONSENT_OLD:
            has = f"version {flag.therapist.consent_version}" if flag.therapist.consent_version else "no version"
            return f"The register has {has} of the consent form for {who}; this location uses version {flag.version}."
        case _:
            assert_never(flag.concern)
