"""The plans that the form offers, and what the form must know of the chosen one."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from estimator import clock
from estimator.engine.plan import Plan
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.errors import PlanFileRefused, PlanNotInForce, UnknownPlan
from estimator.language import N_, _
from estimator.plans.search import PlanRow, Wanted
from estimator.web.patient.choices import (
    BIG_MARKETS,
    DESCRIBE,
    EXAMPLES_LABEL,
    FIND_PREFIX,
    MARKETS,
    MY_PLAN,
    MY_PLAN_TITLES,
    NOT_LISTED_LABEL,
    Option,
)
from estimator.web.patient.choosing_found import short_title, variant_words
from estimator.web.shelf import Plans, count, folder, moment, search, shelf
from estimator.web.stale import ended_words
from estimator.wording.plans import heading as titled

Groups = Sequence[tuple[str, Sequence[Option]]]

YOURS = N_("Your choice")


def plan_groups(plan_id: str, chosen: Plan | None) -> Groups:
    """Return every choice of the form by kind of plan: first what was chosen elsewhere, last the fictional examples."""
    groups: dict[str, list[Option]] = {YOURS: [(chosen.id, chosen_words(chosen))] if chosen else []}
    if plan_id == MY_PLAN:
        groups[YOURS] = [(MY_PLAN, MY_PLAN_TITLES["patient"])]
    for label, rows in listed_plans():
        groups[label] = [(row.plan_id, _option(row)) for row in rows]
    for market in BIG_MARKETS:
        groups[MARKETS[market]] = [
            (f"{FIND_PREFIX}{market}", N_("Find my plan by name")),
            *groups.get(MARKETS[market], []),
        ]
    groups[NOT_LISTED_LABEL] = [(DESCRIBE, N_("Describe my plan from its card and papers"))]
    order = [label for label in (YOURS, *MARKETS.values(), NOT_LISTED_LABEL, EXAMPLES_LABEL) if groups.get(label)]
    return [(label, groups[label]) for label in order]


def listed_plans() -> list[tuple[str, list[PlanRow]]]:
    """Return the plans that are few enough to choose from one list, under the labels of the form, in its order."""
    groups: dict[str, list[PlanRow]] = {label: [] for label in (*MARKETS.values(), EXAMPLES_LABEL)}
    for row in _listed(shelf(), moment()):
        groups[EXAMPLES_LABEL if row.kind == "example" else MARKETS[row.market]].append(row)
    return [(label, rows) for label, rows in groups.items() if rows]


def found_by_name() -> list[tuple[str, str, int]]:
    """Return the kinds of plan that are looked for by name: market, label, and how many plans there are."""
    counted = [(market, MARKETS[market], count(Wanted(market=market, kind="published"))) for market in BIG_MARKETS]
    return [each for each in counted if each[2]]


@lru_cache(maxsize=4)
def _listed(plans: Plans, moment: int) -> tuple[PlanRow, ...]:
    # Kept for a moment: the form needs the list each time, and it hardly ever changes.
    small = (Wanted(market=market, kind="published") for market in MARKETS if market not in BIG_MARKETS)
    wanted = [Wanted(kind="template"), Wanted(kind="example"), *small]
    found = [row for each in wanted for row in search(each)]
    for one in folder().catalogue():
        if one.market in BIG_MARKETS and one.kind == "published":
            named = search(Wanted(text=one.id, market=one.market, kind="published"))
            found += [row for row in named if row.plan_id == one.id]
    return tuple(sorted(found, key=lambda row: (row.kind == "template", row.title.lower(), row.first_day)))


def _option(row: PlanRow) -> str:
    ended = ended_words(row.last_day)
    return f"{_(row.title)} – {ended}" if ended else _(row.title)


def chosen_elsewhere(plan_id: str, day: str) -> Plan | None:
    """Return the plan that was chosen, where it stands in no list of the form."""
    is_listed = any(row.plan_id == plan_id for row in _listed(shelf(), moment()))
    return None if is_listed else plan_named(plan_id, day)


def chosen_words(plan: Plan) -> str:
    """Return the name of a plan with the variant of it, where it has several."""
    words = variant_words(plan.id)
    return f"{short_title(plan.title)} – {words}" if words else _(plan.title)


def plan_named(plan_id: str, day: str) -> Plan | None:
    """Return the plan of this id on that day or, where there is none then, on another; None where there is none."""
    try:
        return shelf().find(plan_id, date.fromisoformat(day))
    except PlanNotInForce as other:
        return shelf().find(plan_id, other.first_day)
    except (UnknownPlan, PlanFileRefused, ValueError):
        return None


def latest(plan_id: str) -> Plan:
    """Return the revision of a plan that is in force today, else the nearest; raise UnknownPlan where there is none."""
    try:
        return shelf().find(plan_id, clock.today())
    except PlanNotInForce as other:
        return shelf().find(plan_id, other.first_day)


def instead_of(plan_id: str, day: date) -> Plan | None:
    """Return the plan of another year that is in force on a day, where the ids differ in nothing but the year."""
    for year in (day.year - 1, day.year + 1, day.year - 2):
        other = plan_id.replace(str(year), str(day.year))
        if other == plan_id:
            continue
        try:
            return shelf().find(other, day)
        except (UnknownPlan, PlanNotInForce, PlanFileRefused):
            continue
    return None


def tiers(plan: Plan | None) -> Groups:
    """Return the networks of a plan that go by names of its own."""
    own = [name for name in (plan.networks if plan else ()) if name not in (IN_NETWORK, OUT_OF_NETWORK)]
    return [(N_("Tiers of this plan"), [(name, titled(name)) for name in own])] if own else []
