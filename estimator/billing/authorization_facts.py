"""The three facts of a line: is the code valid, is an authorization needed, does the plan pay.

They are read off the engine's findings. What neither a finding nor a rule answers is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from estimator.billing.authorization_answer import Answer, Fact
from estimator.engine.answer import LineEstimate, Status, Step
from estimator.engine.authorization import AUTHORIZATION, REFERRAL, applies
from estimator.engine.coding import ORIGINAL_MEDICARE
from estimator.engine.findings import AuthorizationNeeded, AuthorizationUnread, LimitPassed, RequestNeeded
from estimator.engine.plan import Authorization, Circumstances, Plan
from estimator.engine.prices import PriceBook, Unpaid, why_unpaid
from estimator.engine.values import Citation, Unknown

_ANSWERS = {
    Status.PAYABLE: Answer.YES,
    Status.NEEDS_AUTHORIZATION: Answer.YES,
    Status.BUNDLED: Answer.NO,
    Status.PATIENT_BILLED: Answer.NO,
    Status.PROVIDER_ABSORBS: Answer.NO,
    Status.UNKNOWN: Answer.UNKNOWN,
}
_ADVANTAGE = "medicare-advantage"


def code_fact(code: str, day: date, market: str, books: Sequence[PriceBook]) -> Fact:
    """Return whether the code is a valid one on this day, by Medicare's fee schedule of that year."""
    book = next((each for each in books if each.first_day <= day <= each.last_day), None)
    fee = None if book is None else book.fees.get(code)
    if book is None or fee is None:
        return Fact(Answer.UNKNOWN, "code-not-carried", code)
    cited = Citation(book.source, f"codes of status {fee.status}")
    if why_unpaid(fee, "office") is Unpaid.NOT_VALID and market in (ORIGINAL_MEDICARE, _ADVANTAGE):
        answer = Answer.NO if market == ORIGINAL_MEDICARE else Answer.UNKNOWN
        return Fact(answer, "code-not-valid-for-medicare", code, citation=cited)
    return Fact(Answer.YES, "code-listed", code, citation=cited)


def payable_fact(readings: Sequence[LineEstimate]) -> Fact:
    """Return whether the plan pays, from the same line in every run, the typical one first.

    Where the runs disagree, what is not known decides: then this is not known either.
    """
    typical = readings[0]
    answers = {_ANSWERS[line.status] for line in readings}
    if answers == {Answer.YES}:
        return Fact(Answer.YES, _how_covered(typical), typical.benefit, citation=typical.rule)
    stopped = next((line for line in readings if _ANSWERS[line.status] is not Answer.YES), typical)
    step = _stopping(stopped)
    if len(answers) > 1:
        return Fact(Answer.UNKNOWN, "readings-differ", typical.benefit, citation=step.citation, step=step)
    return Fact(_ANSWERS[typical.status], "finding", typical.benefit, citation=step.citation, step=step)


def authorization_fact(line: LineEstimate, plan: Plan, network: str, case: Circumstances) -> Fact:
    """Return whether a line of a course with nothing on file needs an authorization, and from which visit on."""
    if plan.market == "self-pay":
        return Fact(Answer.NO, "no-plan")
    for fact in _found(line, plan):
        return fact
    if not line.benefit:
        return Fact(Answer.UNKNOWN, "no-benefit", line.code)
    rule = plan.benefit(line.benefit).authorization
    if not isinstance(rule, Authorization) or any(isinstance(step.finding, LimitPassed) for step in line.steps):
        why = "no-rule-written" if rule is None else "past-limit" if rule is not Unknown.UNKNOWN else "rule-not-read"
        return Fact(Answer.UNKNOWN, why, line.benefit)
    return _ruled(rule, line, network, case)


def _found(line: LineEstimate, plan: Plan) -> Iterator[Fact]:
    rule = plan.benefit(line.benefit).authorization if line.benefit else None
    waived = rule.waiver_visits if isinstance(rule, Authorization) else 0
    for step in line.steps:
        match step.finding:
            case AuthorizationNeeded(kind, _, from_visit) if kind == AUTHORIZATION:
                why, number = ("needed-after-waiver", waived) if waived else ("needed", from_visit)
                yield Fact(Answer.YES, why, line.benefit, number, step.citation)
            case RequestNeeded(_, of):
                yield Fact(Answer.YES, "request-only", line.benefit, of, step.citation)
            case AuthorizationUnread(kind, _) if kind == AUTHORIZATION:
                yield Fact(Answer.UNKNOWN, "rule-not-read", line.benefit, citation=step.citation)


def _ruled(rule: Authorization, line: LineEstimate, network: str, case: Circumstances) -> Fact:
    """Return the answer of a rule that the engine did not find to want anything of this line."""
    if rule.from_visit is None:
        return Fact(Answer.NO, "never", line.benefit, citation=rule.citation)
    if not rule.covers(line.code):
        why = "exempt" if line.code in rule.exempt else "not-among-its-codes"
        return Fact(Answer.NO, why, line.benefit, citation=rule.citation)
    if applies(rule, line.code, network, case) is False:
        return Fact(Answer.NO, "rule-does-not-reach", line.benefit, citation=rule.citation)
    return Fact(Answer.NO, "not-until", line.benefit, rule.from_visit, rule.citation)


def _how_covered(line: LineEstimate) -> str:
    """Return whether the payment also rests on a referral, as far as anybody has read."""
    for step in line.steps:
        match step.finding:
            case AuthorizationNeeded(kind) if kind == REFERRAL:
                return "covered-with-referral"
            case AuthorizationUnread(kind) if kind == REFERRAL:
                return "covered-referral-not-read"
    return "covered"


def _stopping(line: LineEstimate) -> Step:
    """Return the step that keeps a line from being paid: the one of its rule, else the last without which it would."""
    limits = [step for step in line.steps if isinstance(step.finding, LimitPassed)]
    return (limits or list(line.steps))[-1 if limits else 0]
