"""Who bears a line: if its authorization or referral is missing, and if the plan does not pay it; and what helps.

Where nobody read what a missing one brings, nobody is named.
"""

from __future__ import annotations

from collections.abc import Iterator

from estimator.billing.authorization_answer import Answer, Fact, Liability
from estimator.engine.answer import Estimate, LineEstimate, VisitEstimate
from estimator.engine.authorization import ASSUMED, AUTHORIZATION, REFERRAL
from estimator.engine.coverage import Paper, Who, network_of, papers_for, who_bears, who_bears_a_missing_authorization
from estimator.engine.findings import NotCovered
from estimator.engine.plan import Authorization, Benefit, Plan
from estimator.engine.values import Unknown

_PAPERS = {AUTHORIZATION: Paper.AUTHORIZATION, REFERRAL: Paper.REFERRAL}


def liabilities_of(
    plan: Plan, bare: Estimate, visit: VisitEstimate, line: LineEstimate, needs: Fact, payable: Fact
) -> Iterator[Liability]:
    """Yield who bears the line in each case that can come; `bare` is the answer with nothing on file."""
    if line.benefit and payable.answer is not Answer.NO:
        benefit = plan.benefit(line.benefit)
        contracted = network_of(plan, visit.network).contracted
        if needs.answer is not Answer.NO:
            yield _missing(AUTHORIZATION, benefit, needs, contracted)
        if payable.why in ("covered-with-referral", "covered-referral-not-read"):
            yield _missing(REFERRAL, benefit, payable, contracted)
    if payable.answer is not Answer.YES:
        stopped = payable.step.finding if payable.step is not None else None
        may_be_signed = isinstance(stopped, NotCovered) and any(
            each.needs == "consent" and each.from_visit <= visit.number for each in bare.conditions
        )
        who = who_bears(line.status)
        yield Liability("not-paid", who, papers_for(plan.market, who, may_be_signed), "", payable.citation)


def _missing(kind: str, benefit: Benefit, fact: Fact, contracted: bool) -> Liability:
    rule: Authorization | Unknown | None = benefit.authorization if kind == AUTHORIZATION else benefit.referral
    cause = f"{kind}-missing"
    if not isinstance(rule, Authorization):
        if fact.answer is Answer.UNKNOWN or isinstance(rule, Unknown):
            return Liability(cause, Who.UNKNOWN, (Paper.ASK,), "", fact.citation)
        rule = ASSUMED
    consequence = rule.if_missing if contracted else rule.if_missing_out_of_network
    who = who_bears_a_missing_authorization(consequence.kind)
    detail = str(consequence.percent or consequence.penalty or consequence.kind)
    return Liability(cause, who, (_PAPERS[kind],), detail, rule.citation or fact.citation)
