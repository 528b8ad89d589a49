"""What is allowed in a plan file and is still a mistake: rules nothing reaches, limits nothing uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain
from types import MappingProxyType

from estimator.engine.plan import (
    ANYTIME,
    Authorization,
    Benefit,
    Ceiling,
    CostShare,
    Limit,
    Measure,
    Past,
    Plan,
    Policy,
)
from estimator.engine.request import IN_NETWORK
from estimator.engine.values import Money, Span
from estimator.errors import PlanFileRefused, Problem
from estimator.plans.folder import Library
from estimator.plans.read import PlanFile, cited
from estimator.plans.shared import CARRIED_OVER, Shared
from estimator.plans.text import Block, Listing, Path, Words, below, problem
from estimator.plans.yearly import OUT_OF_POCKET_MAX, Key, YearlyFigure

FEWEST_EXAMPLES = 3
# The class whose codes a plan should know what to do with.
EXPECTED_CLASS = "all-therapy"
_HARD = (Past.PATIENT_PAYS, Past.PROVIDER_ABSORBS)
_VISITS = (Measure.VISITS, Measure.DAYS, Measure.SESSIONS)

# Markets whose in-network out-of-pocket maximum the law caps (42 USC 18022(c)); old plans may be exempt.
_CAPPED = ("employer", "marketplace")
# What the figures of a template cite: nobody read them in a document of a plan.
TEMPLATE, PUBLISHED = "template", "published"
NOTHING_SET: Mapping[Key, YearlyFigure] = MappingProxyType({})

Found = Iterator[tuple[Path, str]]


def lint(read: PlanFile) -> list[Problem]:
    """Return what is to be corrected in a plan that could be read, in order of lines."""
    return _placed(read, _problems(read))


def warnings_of(read: PlanFile, shared: Shared, yearly: Mapping[Key, YearlyFigure] = NOTHING_SET) -> list[Problem]:
    """Return what is only to be looked at: sources that nothing cites, codes in no benefit, an unlawful maximum."""
    return _placed(read, chain(_warnings(read, shared), _above_the_law(read.plan, yearly)))


def lint_library(library: Library) -> list[Problem]:
    """Return what is to be corrected among the files of a folder: revisions of a plan for the same days.

    Files that cannot be read are left out: reading them tells their problems.
    """
    return list(_same_days(_readable(library)))


def _readable(library: Library) -> list[PlanFile]:
    read = []
    for path in library.files():
        with suppress(PlanFileRefused):
            read.append(library.read_file(path))
    return read


def _placed(read: PlanFile, found: Found) -> list[Problem]:
    told = [problem(read.written, path, message, read.file) for path, message in found]
    return sorted(told, key=lambda one: (one.line or 0, one.path))


def _same_days(plans: list[PlanFile]) -> Iterator[Problem]:
    for place, later in enumerate(plans):
        for first in plans[:place]:
            if first.plan.id == later.plan.id and first.plan.in_force.meets(later.plan.in_force):
                message = f"{first.file} has the same plan on some of these days: part them, or rename one."
                yield problem(later.written, ("in_force",), message, later.file)


def _problems(read: PlanFile) -> Found:
    plan = read.plan
    yield from _benefits(plan)
    yield from _thresholds(plan)
    yield from _unused_limits(plan)
    yield from _policies(plan)
    yield from _of_template(read)
    yield from _examples(read)


def _warnings(read: PlanFile, shared: Shared) -> Found:
    for key in below(read.written, "sources"):
        if key not in cited(read.written):
            yield ("sources", key), "Nothing cites this source: cite it, or remove it."
    for path, key in _citations(read.written, ()):
        if found := CARRIED_OVER.search(key):
            yield path, f"To confirm for {found[1]}: read it in a document of that year, and cite that here."
    listed = frozenset[str]().union(
        *(benefit.services for benefit in read.plan.benefits), *(policy.services for policy in read.plan.policies)
    )
    missing = shared.services.classes.get(EXPECTED_CLASS, frozenset()) - listed
    if missing and read.plan.supplement is None:
        yield ("benefits",), f"{_some(missing)} in no benefit: an estimate will call them unknown."


def _of_template(read: PlanFile) -> Found:
    """Find figures of a template in a real plan: a typical figure that nobody read in its documents."""
    if read.plan.kind == PUBLISHED:
        for path, key in _citations(read.written, ()):
            if key == TEMPLATE:
                words = "This is still a template’s figure. Read it in the plan’s own document, and cite that"
                yield path, f"{words}, such as: sbc p. 2."


def _citations(tree: object, path: Path) -> Found:
    """Yield the path of every citation with the source that it names."""
    if isinstance(tree, Listing):
        for place, member in enumerate(tree):
            yield from _citations(member, (*path, place))
    elif isinstance(tree, Block):
        for key, value in tree.items():
            if key == "cite" and isinstance(value, Words):
                yield (*path, key), value.split(" ")[0]
            elif key != "examples":
                yield from _citations(value, (*path, key))


def _above_the_law(plan: Plan, yearly: Mapping[Key, YearlyFigure]) -> Found:
    """Find in-network maximums above the legal one of the year in which the plan begins."""
    first_day = plan.in_force.first_day
    most = yearly.get((first_day.year, OUT_OF_POCKET_MAX)) if first_day else None
    network = plan.networks.get(IN_NETWORK)
    ceiling = network.out_of_pocket_max if network else None
    if most is None or plan.market not in _CAPPED or not isinstance(ceiling, Ceiling):
        return
    for whom, amount, legal in (("person", ceiling.person, most.person), ("family", ceiling.family, most.family)):
        if isinstance(amount, Money) and isinstance(legal, Money) and amount > legal:
            message = f"${amount} is above the legal maximum of {most.year}, ${legal}: is this the plan's figure?"
            yield ("networks", IN_NETWORK, "out_of_pocket_max", whom), message


def _benefits(plan: Plan) -> Found:
    reached = {policy.under for policy in plan.policies}
    for place, benefit in enumerate(plan.benefits):
        path: Path = ("benefits", benefit.name, "services")
        before = [other for other in plan.benefits[:place] if other.when in (ANYTIME, benefit.when)]
        taken = frozenset[str]().union(*(other.services for other in before)) & benefit.services
        if benefit.name in reached:
            continue
        if taken == benefit.services:
            takers = ", ".join(f"'{other.name}'" for other in before if other.services & taken)
            reason = f"{takers} takes them all first" if takers else "it lists no services"
            yield path, f"No line can reach this benefit: {reason}."
        elif taken and benefit.when is ANYTIME:
            first = next(other for other in before if other.services & taken)
            message = f"{_some(taken)} in '{first.name}' already, which comes first: keep each code in one of them."
            yield path, message


def _thresholds(plan: Plan) -> Found:
    for benefit in plan.benefits:
        for key, rule in (("authorization", benefit.authorization), ("referral", benefit.referral)):
            if not isinstance(rule, Authorization) or rule.from_visit is None:
                continue
            limit = plan.limits.get(rule.counter or next(iter(benefit.limits), ""))
            most = _most_visits(limit) if limit else None
            if most is not None and limit and rule.from_visit > most:
                message = f"'{limit.name}' ends at visit {most}: nobody comes to visit {rule.from_visit}."
                yield ("benefits", benefit.name, key, "from_visit"), message


def _most_visits(limit: Limit) -> int | None:
    """Return the last visit that a hard limit can pay, or None where it has no such end."""
    if limit.measure not in _VISITS or limit.past not in _HARD or limit.exempt or not isinstance(limit.amount, int):
        return None
    return limit.amount + (limit.extension.amount if limit.extension else 0)


def _unused_limits(plan: Plan) -> Found:
    used = set[str]().union(*(_limits_of(benefit) for benefit in plan.benefits))
    for name in plan.limits:
        if name not in used:
            yield ("limits", name), "No benefit stands under this limit: name it in `limits` of one, or remove it."


def _limits_of(benefit: Benefit) -> set[str]:
    rules = [rule for rule in (benefit.authorization, benefit.referral) if isinstance(rule, Authorization)]
    shares = [share for share in benefit.cost_share.values() if isinstance(share, CostShare)]
    return {*benefit.limits, *(rule.counter for rule in rules), *(share.counter for share in shares)}


def _policies(plan: Plan) -> Found:
    for place, policy in enumerate(plan.policies):
        earlier = next((other for other in plan.policies[:place] if _decides_all(other, policy)), None)
        if earlier:
            message = f"'{earlier.name}' decides all of this first: move this one before it, or remove it."
            yield ("policies", place), message


def _decides_all(first: Policy, later: Policy) -> bool:
    same_case = first.when in (ANYTIME, later.when)
    return same_case and later.services <= first.services and _holds(first.in_force, later.in_force)


def _holds(outer: Span, inner: Span) -> bool:
    starts = outer.first_day is None or (inner.first_day is not None and outer.first_day <= inner.first_day)
    ends = outer.last_day is None or (inner.last_day is not None and inner.last_day <= outer.last_day)
    return starts and ends


def _examples(read: PlanFile) -> Found:
    count = len(read.examples)
    if count < FEWEST_EXAMPLES:
        yield (
            ("examples",),
            f"Enter at least {FEWEST_EXAMPLES} examples, on both sides of each limit; there are {count}.",
        )


def _some(codes: frozenset[str]) -> str:
    first = sorted(codes)[:4]
    more = len(codes) - len(first)
    verb = "stands" if len(codes) == 1 else "stand"
    return f"{', '.join(first)}{f' and {more} more' if more else ''} {verb}"
