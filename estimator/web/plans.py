"""The plans that the form offers, and what the form must know of the chosen one."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from time import monotonic

from estimator.domain.limit import Measure
from estimator.domain.plan import Plan
from estimator.domain.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.errors import PlanFileRefused, PlanNotInForce, UnknownPlan
from estimator.planfiles.heading import Heading
from estimator.planfiles.library import Library, library
from estimator.planfiles.services import ServiceName
from estimator.resources import plans_folder
from estimator.web.choices import EXAMPLES_LABEL, MARKETS, TEMPLATES_LABEL, Option
from estimator.web.plan_words import heading as titled

Groups = Sequence[tuple[str, Sequence[Option]]]

_SECONDS = 5
_EXERCISE = "97110"
_COUNTED = (Measure.VISITS, Measure.DAYS, Measure.SESSIONS)


def shelf() -> Library:
    """Return the folder of plans as it was a moment ago."""
    return _shelf(plans_folder(), int(monotonic()) // _SECONDS)


@lru_cache(maxsize=1)
def _shelf(folder: Path, moment: int) -> Library:
    # To look whether a shared file has changed takes as long as half an estimate, so it is not done for each.
    return library(folder)


def names() -> Mapping[str, str]:
    """Return our own words for each code."""
    return {code: service.name for code, service in services().items()}


def services() -> Mapping[str, ServiceName]:
    """Return what we know of each code."""
    return shelf().shared.services.codes


def plan_groups() -> Groups:
    """Return every plan to choose from: real ones by market, then templates, then fictional examples."""
    return [(label, [(one.id, one.title) for one in headings]) for label, headings in grouped_plans()]


def grouped_plans() -> list[tuple[str, list[Heading]]]:
    """Return the heads of all plans under the labels of the form, in its order."""
    groups: dict[str, list[Heading]] = {label: [] for label in (*MARKETS.values(), TEMPLATES_LABEL, EXAMPLES_LABEL)}
    for heading in shelf().catalogue():
        groups[_label(heading)].append(heading)
    return [(label, headings) for label, headings in groups.items() if headings]


def plan_named(plan_id: str, day: str) -> Plan | None:
    """Return the plan of this id on that day, or None where there is none to be had."""
    try:
        return shelf().find(plan_id, date.fromisoformat(day))
    except (UnknownPlan, PlanNotInForce, PlanFileRefused, ValueError):
        return None


def latest(plan_id: str) -> Plan:
    """Return the newest revision of a plan; raise UnknownPlan where there is none."""
    days = [one.in_force.first_day or date.min for one in shelf().catalogue() if one.id == plan_id]
    if not days:
        raise UnknownPlan(plan_id)
    return shelf().find(plan_id, max(days))


def tiers(plan: Plan | None) -> Groups:
    """Return the networks of a plan that go by names of its own."""
    own = [name for name in (plan.networks if plan else ()) if name not in (IN_NETWORK, OUT_OF_NETWORK)]
    return [("Tiers of this plan", [(name, titled(name)) for name in own])] if own else []


def network_meant(plan: Plan, network: str) -> str:
    """Return the network of the plan that an answer means: its first, where none is simply in network."""
    if network == IN_NETWORK and IN_NETWORK not in plan.networks:
        return next(iter(plan.networks), network)
    return network


def visit_limits(plan: Plan) -> tuple[str, ...]:
    """Return the limits that ordinary visits of therapy use up."""
    return tuple(dict.fromkeys(_visit_limits(plan)))


def _visit_limits(plan: Plan) -> Iterator[str]:
    for benefit in plan.benefits:
        if _EXERCISE in benefit.services:
            yield from (name for name in benefit.limits if plan.limits[name].measure in _COUNTED)


def _label(heading: Heading) -> str:
    if heading.kind == "example":
        return EXAMPLES_LABEL
    if heading.kind == "template":
        return TEMPLATES_LABEL
    return MARKETS[heading.market]
