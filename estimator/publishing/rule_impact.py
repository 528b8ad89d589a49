"""What a draft of a rule would change: the plans that inherit it, courses tried on some of them, saved estimates.

All inheriting plans are counted. Trying courses on all of them would take minutes, so some are tried, drawn by
lot; how many is told. Open cases are counted by `billing/case_visits.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from estimator.clock import now_utc
from estimator.db.connection import reading
from estimator.errors import Stopped
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.saved import AsItWas, as_now, saved_under
from estimator.estimates.totals import unexplained
from estimator.plans.layers import Layer
from estimator.plans.rule_revisions import LAYER, STATE_LAW, USUAL
from estimator.plans.shelf import PlanRow, Shelf, Wanted
from estimator.prices.books import Prices
from estimator.publishing.impact import Owed, owed_in
from estimator.publishing.layers import Moved, inheriting, place_of, tried_on
from estimator.publishing.rules import CheckedRule, Rule, rules_now

MOST_PLANS, MOST_COURSES = 24, 48
MOST_SAVED = 30


@dataclass(frozen=True, slots=True)
class MovedEstimate:
    """A saved estimate, by its number alone, whose amounts would be others."""

    number: int
    before: Owed
    after: Owed


@dataclass(frozen=True, slots=True)
class RuleImpact:
    """The plans that a rule reaches, before or after, and what moves on those and on the saved estimates tried."""

    plans: tuple[PlanRow, ...]
    tried: int
    moved: tuple[Moved, ...]
    saved: int
    saved_tried: int
    saved_moved: tuple[MovedEstimate, ...]

    @property
    def plans_moved(self) -> int:
        """Return on how many of the plans that were tried something moves."""
        return len({one.plan.plan_id for one in self.moved})


def impact_of_rule(shelf: Shelf, kind: str, name: str, checked: CheckedRule, prices: Prices | None) -> RuleImpact:
    """Return what a checked draft would change."""
    now = [one.rule for one in rules_now(shelf, kind, name)]
    plans = reached(shelf, kind, name, [*checked.rules, *now])
    tried, moved = _tried(shelf, plans, checked)
    with reading(shelf.engine) as connection:
        ids = {row.plan_id for row in plans}
        saved = saved_under(connection, ids, {one.id for one in now}, now_utc())
    before, after = as_now(shelf), plans_under(shelf, checked)
    saved_moved = []
    for number, request, day in islice(saved, MOST_SAVED):
        try:
            asked = read_request(request, day)
            engine = unexplained(asked)
            was, then = (
                owed_in(estimate_asked(asked, each, prices=prices, engine=engine)[0]) for each in (before, after)
            )
        except Stopped:
            continue  # Its plan is gone by now, or its request is read no longer.
        if was != then:
            saved_moved.append(MovedEstimate(number, was, then))
    return RuleImpact(plans, len(tried), tuple(moved), len(saved), min(len(saved), MOST_SAVED), tuple(saved_moved))


def _tried(shelf: Shelf, plans: Sequence[PlanRow], checked: CheckedRule) -> tuple[list[PlanRow], list[Moved]]:
    """Try plans drawn by lot, the same ones each time, until enough courses were run."""
    tried: list[PlanRow] = []
    moved: list[Moved] = []
    courses = 0
    under = plans_under(shelf, checked)
    for row in sorted(plans, key=lambda row: sha256(row.plan_id.encode()).digest())[:MOST_PLANS]:
        rule = checked.rules[0]
        state = place_of(row, rule) if isinstance(rule, Layer) else rule.id if rule.kind == STATE_LAW else None
        found = tried_on(shelf, row, rule.in_force.first_day, state, under)
        tried.append(row)
        moved += found.moved
        courses += found.courses
        if courses >= MOST_COURSES:
            break
    return tried, sorted(moved, key=lambda one: one.plan.title)


def reached(shelf: Shelf, kind: str, name: str, rules: Iterable[Rule]) -> tuple[PlanRow, ...]:
    """Return the active plans that a rule is for, before or after, once each."""
    if kind == LAYER:
        rows = {row.revision_id: row for one in rules if isinstance(one, Layer) for row in inheriting(shelf, one)}
        return tuple(rows.values())
    wanted = {STATE_LAW: Wanted(state=name), USUAL: Wanted(market=name)}
    found = shelf.search(wanted.get(kind, Wanted()))
    return tuple(row for row in found if row.kind != "example")


def plans_under(shelf: Shelf, checked: CheckedRule) -> AsItWas:
    """Return the plans as they would be answered from with a checked draft in force."""
    return AsItWas(shelf, None, checked.layers, drafted=checked.common)
