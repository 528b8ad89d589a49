"""A plan's rule on authorization or referral in one sentence for billing staff, with what it leaves open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from estimator.billing.authorization_answer import RuleRead
from estimator.engine.plan import Authorization
from estimator.wording.figures import counted, listed
from estimator.wording.lines import citation_of
from estimator.wording.telling import plain


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
        "citation": citation_of(rule.citation),
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
        yield f"A grant lasts {counted(rule.grant_days, 'day')}."
