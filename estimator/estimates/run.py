"""Answer a request: find the plan, the place and its prices, and the law of the state, and run the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Engine

from estimator import __version__
from estimator.clock import today
from estimator.engine.answer import (
    Adds,
    Assumption,
    AssumptionKind,
    CarriedFigure,
    Estimate,
    OpenPoint,
    Question,
    QuestionKind,
)
from estimator.engine.estimate import estimate
from estimator.engine.plan import CROSSING, Ceiling, CostShare, Limit, Network, Past, Plan, Supplement
from estimator.engine.prices import ClinicPrices, Place, PriceSheet
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK, Grant, Heard, Request, Secondary, Used
from estimator.engine.usual import NO_RULES, as_lawful_in
from estimator.engine.values import ZERO, Money, Rate, Source, Span, months_later
from estimator.engine.visits import Tables, benefit_year_of
from estimator.errors import (
    ClinicPricesRefused,
    NoPrice,
    PlanFileRefused,
    PlanNotInForce,
    Problem,
    RequestRefused,
    TooMuchWork,
    UnknownPlan,
)
from estimator.estimates.contract_values import Asked, PlanNamed, SecondPlan
from estimator.estimates.told import estimate_told, for_the_first_plan, told_of_supplement
from estimator.estimates.told_rules import as_counted
from estimator.insurers.matching import find_insurer
from estimator.insurers.registry import Insurer, registry
from estimator.language import _
from estimator.plans.common_rules import RulesOn
from estimator.plans.crosswalk import Fate, ids_of_next_year, succession_of
from estimator.plans.layers import Layer, Layered, days_of_change, insurer_of, with_layers
from estimator.plans.parties import Shelved, settled
from estimator.plans.shared import CARRIED_OVER
from estimator.plans.shelf import folder_shelf
from estimator.prices.books import Prices, diagnoses, find_zip, service_codes
from estimator.prices.sheet import gather_prices
from estimator.prices.store import clinic_prices
from estimator.settings import contract_file, plans_folder

_SELF_PAY = "self-pay"
_PUBLISHED = "published"
_MEDICARE = "medicare"
MOST_AT_ONCE = 14_000
"""So many lines are run for one page or call, in all of its estimates together: about a second of work."""
_KEPT_FREE = 4_000
"""So many of them are left to a first estimate alone, which is all that some long courses get."""


class Plans(Protocol):
    """Where plans are found: on the shelf, or as they once were."""

    def find(self, plan_id: str, day: date, as_of: date | None = None) -> Plan:
        """Return the revision of a plan that is in force on a day; raise UnknownPlan or PlanNotInForce.

        Its classes hold the codes that were published by the end of `as_of`, or by now.
        """

    def plan_from(self, definition: Mapping[str, Any], as_of: date) -> Plan:
        """Read a plan that a request defines; raise PlanFileRefused with every mistake in it."""

    @property
    def engine(self) -> Engine:
        """Return the database that they are in."""

    def after(self, plan: Plan, day: date, until: date | None = None) -> Plan | None:
        """Return what follows a plan on a day, else what begins first by `until`; None where nobody knows it yet."""

    def layers_at(self, as_of: date) -> tuple[Layer, ...]:
        """Return the rules that plans inherit from their payers and markets, as published by a day."""

    def rules_at(self, days: tuple[date, ...], as_of: date) -> tuple[RulesOn, ...]:
        """Return the law of the states and what is usual on each day, as published by another."""


Calculation = Callable[[Request, Plan, PriceSheet, Tables, Mapping[str, object], int | None], Estimate]
"""The engine, or what stands between it and those who ask."""


class TooLong(RequestRefused):
    """An estimate would keep everybody else waiting."""


@dataclass(slots=True)
class _Page:
    """What is left to one page or call, and the longest of its estimates so far, in lines that were run."""

    left: int
    longest: int = 0


_page: ContextVar[_Page | None] = ContextVar("page", default=None)


@contextmanager
def one_page(most: int = 0) -> Iterator[None]:
    """Bound all the estimates made meanwhile to so many lines together, where none is given to those of a page.

    Raises TooLong in one that has no room any more. What is not made for somebody who waits is bounded one by one.
    """
    before = _page.set(_Page(most or MOST_AT_ONCE))
    try:
        yield
    finally:
        _page.reset(before)


def more_fit(number: int = 1, lines: int | None = None) -> bool:
    """Tell whether so many more estimates of so many lines, else like the longest so far, can be made for this page."""
    page = _page.get()
    return page is None or number * (page.longest if lines is None else lines) <= page.left - _KEPT_FREE


def estimate_asked(
    asked: Asked,
    plans: Plans | None = None,
    clinic: ClinicPrices | None = None,
    prices: Prices | None = None,
    engine: Calculation = estimate,
) -> tuple[Estimate, Plan]:
    """Return the estimate of a request and the plan that it rests on, its gaps filled by what the plan told.

    The clinic's prices are those that `prices_of_clinic` finds where they are not given; those of the request go before
    them. `prices` are those of the database, where there is one, in the place of what ships. Raises RequestRefused and
    ClinicPricesRefused with every problem, UnknownPlan, PlanNotInForce, UnknownZip.
    """
    shelf = plans or folder_shelf(plans_folder())
    own = _plan(asked.plan, asked.request, shelf)
    if own.supplement is not None:
        asked = after_first_plan(asked, own.supplement)
        own = _plan(asked.plan, asked.request, shelf)
    place = _place_of(asked, prices)
    before = _held_before(asked, own, shelf)
    follows = tuple(_what_follows(before, own, asked.request, shelf))
    asked, dropped = _without_the_plan_before(asked, own, before, _state_of(asked, place))
    inherited = _layered(own, asked, shelf, place)
    second = second_laid(asked, shelf, prices)
    if second is not None and second.plan.supplement is not None and own.market != _MEDICARE:
        words = _("This plan pays only after Original Medicare. Choose another second plan, or leave it out.")
        raise RequestRefused((Problem("secondary.plan", words),))
    plan = inherited.plan
    heard: tuple[Heard, ...] = ()
    if asked.told or (asked.secondary is not None and asked.secondary.told):
        supplement, heard = told_of_supplement(second.plan if second else plan, asked)
        if second is not None:
            second = replace(second, plan=supplement)
        asked = replace(asked, told=for_the_first_plan(asked.told))
    agreed = clinic if clinic is not None else prices_of_clinic(shelf, prices)
    priced = asked.priced_by(agreed)
    filled = plan

    def beside(second: Layered | None) -> Estimate:
        nonlocal filled
        if not priced.told or plan.market == _SELF_PAY:
            return estimate_with(plan, priced, shelf, prices, second, engine)
        found, filled = estimate_told(
            plan, priced, lambda each: estimate_with(each, priced, shelf, prices, second, engine)
        )
        return found

    if second is not None and (own_words := _told_by_second(priced, second)):
        laid = second
        found, _filled = estimate_told(
            second.plan, own_words, lambda each: beside(replace(laid, plan=each)), is_second=True
        )
    else:
        found = beside(second)
    plan = filled
    if agreed.location:
        found = replace(found, inputs={**found.inputs, "location": agreed.location})
    if heard:
        found = replace(found, told=(*found.told, *heard))
    questions = (*found.questions, *dropped.asks)
    found = replace(found, questions=questions, assumptions=(*found.assumptions, *dropped.assumes, *follows))
    return _with_layers_named(found, inherited, second), plan


def _told_by_second(asked: Asked, second: Layered) -> Asked | None:
    """Return the request as one about a second plan with rules of its own, with what that told; None where nothing."""
    if asked.secondary is None or not asked.secondary.told or second.plan.supplement is not None:
        return None
    request, laid = asked.request, _secondary(asked, second)
    assert laid is not None
    provider = replace(request.provider, network=laid.network)
    visits = tuple(replace(visit, network=None) for visit in request.visits)
    return replace(asked, told=asked.secondary.told, request=replace(request, provider=provider, visits=visits))


def prices_of_clinic(
    plans: Shelved,
    prices: Prices | None = None,
    *,
    contract: Path | None = None,
    price_list: Path | None = None,
    location: str = "",
) -> ClinicPrices:
    """Return the clinic's prices at a location, as `clinic_prices` finds them, with the names of a file settled.

    Where no location is named, they are without the rows that hold at one alone. Raises ClinicPricesRefused.
    """
    found = clinic_prices(contract, price_list, prices)
    if contract or contract_file():
        named = settled(found.contract, plans)
        if named.problems:
            raise ClinicPricesRefused(named.problems)
        found = replace(found, contract=named.entries)
    return found.at(location)


def after_first_plan(asked: Asked, supplement: Supplement) -> Asked:
    """Return a request that names a supplement alone as one for the plan that it pays after, and then for it.

    Raises RequestRefused where the request names another second plan.
    """
    if asked.secondary is not None:
        words = _("Leave this out: the plan that you named pays after another one already.")
        raise RequestRefused((Problem("secondary", words),))
    return replace(asked, plan=supplement.after, secondary=SecondPlan(asked.plan))


def supplemented(asked: Asked, shelf: Plans) -> Asked:
    """Return a request for the plan that pays first, where it names one that only pays after another."""
    supplement = _plan(asked.plan, asked.request, shelf).supplement
    return asked if supplement is None else after_first_plan(asked, supplement)


def estimate_with(
    plan: Plan,
    asked: Asked,
    shelf: Plans,
    prices: Prices | None = None,
    second: Layered | None = None,
    engine: Calculation = estimate,
) -> Estimate:
    """Return the estimate of a request under this plan, whichever the request names, at its own prices.

    `second` is what `second_laid` gives for the request, where that was found already. A plan that only pays after
    another one is counted after it.
    """
    if plan.supplement is not None:
        first = find_plan(plan.supplement.after, asked.request.visits[0].day, asked.request.as_of, shelf)
        return estimate_with(first, after_first_plan(asked, plan.supplement), shelf, prices, Layered(plan), engine)
    place = _place_of(asked, prices)
    state = _state_of(asked, place)
    laid = second or second_laid(asked, shelf, prices)
    request = replace(asked.request, state=state, secondary=_secondary(asked, laid))
    problems = [*_network_problems(request, plan), *_locality_problems(asked, place)]
    used, more = in_measure(request.used, plan)
    problems += more
    if problems:
        raise RequestRefused(tuple(problems))
    sheet = _prices(asked, place, request, prices, plan)
    tables = _tables(request, shelf, prices)
    page = _page.get()
    most_work = None if page is None else page.left
    try:
        answer = engine(replace(request, used=used), plan, sheet, tables, {}, most_work)
    except NoPrice as missing:
        raise RequestRefused((_no_price(missing),)) from missing
    except TooMuchWork as too_much:
        if page is not None:
            page.left = 0
        raise TooLong((too_much_work(too_much),)) from too_much
    if page is not None:
        page.left, page.longest = page.left - answer.work, max(page.longest, answer.work)
    answer = replace(answer, inputs=_inputs(request, plan, sheet, answer))
    return _with_edge_cases(answer, request, plan, asked, place)


def _tables(request: Request, shelf: Plans, prices: Prices | None) -> Tables:
    """Return what the engine knows beside plan and prices, with the law and the usual rules of each visit's day."""
    edits, found = Prices.edits_of(prices), list[tuple[date, Tables]]()
    days = tuple(dict.fromkeys(visit.day for visit in request.visits))
    for day, rules in zip(days, shelf.rules_at(days, request.as_of), strict=True):
        law = rules.states.get(request.state or "")
        before = found[-1][1] if found else None
        codes = service_codes(rules.codes)
        if before is None or codes is not before.codes or (law, rules.usual) != (before.state, before.usual):
            found.append((day, Tables(codes, edits, diagnoses(), law, rules.usual)))
    return replace(found[0][1], later=tuple(found[1:]))


def _place_of(asked: Asked, prices: Prices | None) -> Place | None:
    return find_zip(asked.zip, prices.zips if prices else None) if asked.zip is not None else None


def state_asked(asked: Asked, prices: Prices | None) -> str | None:
    """Return the state of the care: as asked, else as its ZIP code has it. Raises UnknownZip."""
    return _state_of(asked, None if asked.request.state else _place_of(asked, prices))


def _state_of(asked: Asked, place: Place | None) -> str | None:
    return asked.request.state or (place.state if place else None)


def _layered(plan: Plan, asked: Asked, shelf: Plans, place: Place | None) -> Layered:
    """Return the plan with what it inherits from its payer and its market on the days of the visits."""
    state = _state_of(asked, place)
    insurer = insurer_of(plan, state)
    if insurer is None and asked.insurer:
        insurer = _insurer_told(asked.insurer, state)
        plan = plan if plan.kind == _PUBLISHED else replace(plan, payer=insurer.name)
    return _laid(plan, insurer, state, asked.request, shelf)


def second_laid(asked: Asked, shelf: Plans, prices: Prices | None) -> Layered | None:
    """Return the second plan of a request with what it inherits, None where it names none."""
    if asked.secondary is None:
        return None
    state = state_asked(asked, prices)
    plan = _plan(asked.secondary.plan, asked.request, shelf, "secondary.plan")
    return _laid(plan, insurer_of(plan, state), state, asked.request, shelf)


def _laid(plan: Plan, insurer: Insurer | None, state: str | None, request: Request, shelf: Plans) -> Layered:
    """Lay the layers of each visit's day under a plan and under each later revision, as published by `as_of`.

    Where other layers begin to hold within the course, the same revision follows itself under them.
    """
    first_day, last_day = request.visits[0].day, request.visits[-1].day
    layers = shelf.layers_at(request.as_of)
    begins = [first_day, *(max(each.in_force.first_day or first_day, first_day) for each in plan.later), None]
    found: list[Layered] = []
    for place, each in enumerate((plan, *plan.later)):
        own = insurer if not place else insurer_of(each, state) or insurer
        is_other = _is_other_insurer(plan, insurer, each, own)
        named = replace(each, later=(), insurer=own.name if own else "", is_other_insurer=bool(place) and is_other)
        day, following = begins[place] or first_day, begins[place + 1]
        within = Span(day, max(day, following - timedelta(days=1) if following else last_day))
        found.append(with_layers(named, layers, own, state, day))
        for change in days_of_change(each, layers, own, state, within):
            laid = with_layers(_from_day(named, change), layers, own, state, change)
            if laid.layers != found[-1].layers:
                found.append(laid)
    whole = replace(found[0].plan, later=tuple(each.plan for each in found[1:]))
    conflicts = dict.fromkeys(conflict for each in found for conflict in each.conflicts)
    return Layered(whole, tuple(layer for each in found for layer in each.layers), tuple(conflicts))


def _from_day(plan: Plan, day: date) -> Plan:
    """Return a revision as it holds from a day on, also where its own year is over by then."""
    last_day = plan.in_force.last_day
    is_over = last_day is not None and last_day < day
    return replace(plan, in_force=Span(day, None if is_over else last_day), goes_on=plan.goes_on or is_over)


class _Dropped(NamedTuple):
    """What is asked and said of what a person brings from a plan that is over before the first visit."""

    asks: tuple[Question, ...] = ()
    assumes: tuple[Assumption, ...] = ()


def _without_the_plan_before(
    asked: Asked, plan: Plan, before: Plan | None, state: str | None
) -> tuple[Asked, _Dropped]:
    """Return a request without what belongs to the plan that the person had on its day and that another one follows.

    Nothing paid, counted or approved crosses to another insurer. Of the same one, a limit of another name is left out.
    What no new year would have ended is asked about.
    """
    request, used = asked.request, asked.request.used
    if before is None:
        return asked, _Dropped()
    is_other = _is_other_insurer(before, insurer_of(before, state), plan, insurer_of(plan, state))
    told = dict.fromkeys((*used.limits, *used.limit_days))
    lost = [name for name in told if name in before.limits and (is_other or name not in plan.limits)]
    crossing = [before.limits[name] for name in lost if before.limits[name].every in CROSSING]
    asks = tuple(Question(QuestionKind.LIMIT, each.name, each.citation) for each in crossing)
    if not is_other:
        limits = {name: amount for name, amount in used.limits.items() if name not in lost}
        limit_days = {name: days for name, days in used.limit_days.items() if name not in lost}
        request = replace(request, used=replace(used, limits=limits, limit_days=limit_days))
        return replace(asked, request=request), _Dropped(asks)
    is_brought = used != Used() or bool(request.used_elsewhere)
    assumes = (Assumption(AssumptionKind.USED_AMOUNTS_EXPIRED),) if is_brought else ()
    request = replace(request, used=Used(), used_elsewhere={}, authorization=Grant(), referral=Grant())
    return replace(asked, request=request), _Dropped(asks, assumes)


def _held_before(asked: Asked, plan: Plan, shelf: Plans) -> Plan | None:
    """Return the plan that the person had when the request was made, where another revision follows it by then."""
    request = asked.request
    if not isinstance(asked.plan, str) or request.as_of >= request.visits[0].day:
        return None
    if plan.id == asked.plan and request.as_of in plan.in_force:
        return None
    with suppress(UnknownPlan, PlanNotInForce):
        before = find_plan(asked.plan, request.as_of, request.as_of, shelf)
        return before if before.fingerprint != plan.fingerprint else None
    return None


def _what_follows(before: Plan | None, plan: Plan, request: Request, shelf: Plans) -> Iterator[Assumption]:
    """Yield which other plan the person's becomes, and what an official crosswalk says of one without a next year."""
    chain = (*((before,) if before else ()), plan, *plan.later)
    for one, following in pairwise(chain):
        last_day = one.in_force.last_day
        same = (one.id, *(ids_of_next_year(one.id, last_day) if last_day else ()))
        if following.id not in same:
            yield Assumption(AssumptionKind.PLAN_BECOMES, following.id)
    last = chain[-1]
    ends = last.in_force.last_day
    if ends is None or ends >= request.visits[-1].day:
        return
    said = succession_of(shelf.engine, last.id, (ends + timedelta(days=1)).year)
    if said is None or said.fate is Fate.CONTINUES:
        return
    if said.fate is Fate.MOVES:
        yield Assumption(AssumptionKind.PLAN_BECOMES, said.plans[0])
    else:
        kind = AssumptionKind.PLAN_ENDS if said.fate is Fate.ENDS else AssumptionKind.PLAN_DIVIDES
        yield Assumption(kind, ends.isoformat())


def _is_other_insurer(before: Plan, owner: Insurer | None, after: Plan, new_owner: Insurer | None) -> bool:
    """Tell whether another insurer's plan follows: by our registry, else by the payer's name."""
    if owner and new_owner:
        return owner.id != new_owner.id
    return before.payer.casefold() != after.payer.casefold()


def _insurer_told(text: str, state: str | None) -> Insurer:
    """Return the insurer that a request names by its id or as people say it; refuse a name that leaves a doubt."""
    if text in registry().insurers:
        return registry().insurers[text]
    match = find_insurer(text, state)
    if match.insurer is None:
        choices = "; ".join(choice.insurer.name for choice in match.choices)
        several = _("Enter one of these insurers: {choices}.").format(choices=choices)
        nobody = _("We don't know an insurer by this name. Correct it, or leave it out.")
        raise RequestRefused((Problem("insurer", several if choices else nobody),))
    return match.insurer


def _with_layers_named(answer: Estimate, inherited: Layered, second: Layered | None) -> Estimate:
    """Name the layers that an answer rests on, those of a second plan last, and say where they contradict the plan."""
    layers = dict.fromkeys((one.id, one.fingerprint) for one in inherited.layers + (second.layers if second else ()))
    if not layers:
        return answer
    named = [{"id": name, "fingerprint": fingerprint} for name, fingerprint in layers]
    is_asked = any(question.asks is QuestionKind.AUTHORIZATION_NEEDED for question in answer.questions)
    new = tuple(
        conflict
        for conflict in inherited.conflicts
        if conflict not in answer.assumptions
        and (is_asked or conflict.assumes is not AssumptionKind.PAYER_RULE_CONTESTED)
    )
    return replace(answer, inputs={**answer.inputs, "layers": named}, assumptions=(*answer.assumptions, *new))


_MONTHS_AHEAD, _MONTHS_BACK = 15, 3
"""A plan goes on provisionally for so long after today, and where its year ended no longer ago than this."""


def _plan(named: PlanNamed, request: Request, shelf: Plans, path: str = "plan") -> Plan:
    """Return the plan of the first visit with the revisions that follow it within the course; `path` names mistakes."""
    first_day, last_day = request.visits[0].day, request.visits[-1].day
    if not isinstance(named, str):
        plan = plan_defined(named, request.as_of, shelf, path)
        if first_day not in plan.in_force:
            _require_it_goes_on(plan, first_day, request.as_of)
        return _carried_over((plan,), request, shelf)
    plan = find_plan(named, first_day, request.as_of, shelf)
    later: list[Plan] = []
    while (ends := (later or [plan])[-1].in_force.last_day) is not None and ends < last_day:
        begins = max(ends + timedelta(days=1), first_day)
        following = shelf.after((later or [plan])[-1], begins, last_day)
        if following is None:
            break
        # Another plan that begins earlier holds from the day on which the person comes to it.
        is_early = (following.in_force.first_day or date.min) <= ends
        later.append(_from_day(following, ends + timedelta(days=1)) if is_early else following)
    return _carried_over((plan, *later), request, shelf)


def _carried_over(chain: tuple[Plan, ...], request: Request, shelf: Plans) -> Plan:
    """Return a plan with what follows it; what goes on into a year not yet published keeps to the law of that year."""
    first_day, last_day = request.visits[0].day, request.visits[-1].day
    found: list[Plan] = []
    for place, each in enumerate(chain):
        found.append(each)
        ends, following = each.in_force.last_day, chain[place + 1].in_force.first_day if each is not chain[-1] else None
        until = following - timedelta(days=1) if following else last_day
        if ends is None or until <= ends or until < first_day:
            continue
        begins = max(ends + timedelta(days=1), first_day)
        [on] = shelf.rules_at((begins,), request.as_of)
        rules = on.usual.get(each.market, NO_RULES)
        lawful = as_lawful_in(each, rules, benefit_year_of(each).first_day(begins).year)
        if lawful is not each:
            found[-1:] = [lawful] if begins == first_day else [each, _from_day(lawful, begins)]
    plan, *later = found
    return replace(plan, later=tuple(later)) if later else plan


def plan_defined(definition: Mapping[str, Any], as_of: date, shelf: Plans, path: str = "plan") -> Plan:
    """Return the plan that a request defines; raise RequestRefused with every mistake in it, below `path`."""
    try:
        return shelf.plan_from(definition, as_of)
    except PlanFileRefused as refused:
        within = tuple(replace(problem, path=f"{path}.{problem.path}") for problem in refused.problems)
        raise RequestRefused(within) from refused


def find_plan(plan_id: str, day: date, as_of: date, shelf: Plans) -> Plan:
    """Return the revision in force on a day; the one whose year is over where the next one is not known yet.

    Raises UnknownPlan and PlanNotInForce.
    """
    try:
        return shelf.find(plan_id, day, as_of)
    except PlanNotInForce as outside:
        if outside.ended is None:
            raise
        found = shelf.find(plan_id, outside.ended, as_of)
        while (last_day := found.in_force.last_day) is not None and last_day < day:
            following = shelf.after(found, day) or shelf.after(found, last_day + timedelta(days=1), day)
            if following is None:
                break
            found = following
        if day not in found.in_force:
            _require_it_goes_on(found, day, as_of)
        return found


def _require_it_goes_on(plan: Plan, day: date, as_of: date) -> None:
    """Raise PlanNotInForce where a plan's rules are not taken for a day after its year."""
    first_day, last_day = plan.in_force.first_day or date.min, plan.in_force.last_day
    if last_day is None or day < last_day or as_of > months_later(last_day, _MONTHS_BACK):
        raise PlanNotInForce(plan.id, day, first_day, last_day)
    until = months_later(max(as_of, today()), _MONTHS_AHEAD)
    if day > until:
        raise PlanNotInForce(plan.id, day, first_day, last_day, until=until)


def _secondary(asked: Asked, laid: Layered | None) -> Secondary | None:
    second = asked.secondary
    if second is None or laid is None:
        return None
    plan, own = laid.plan, asked.request.provider.network
    return Secondary(plan, second.method, own if own in plan.networks else IN_NETWORK, second.used)


def _network_problems(request: Request, plan: Plan) -> Iterator[Problem]:
    known = dict.fromkeys((*plan.networks, IN_NETWORK, OUT_OF_NETWORK) if not plan.networks else plan.networks)
    known[OUT_OF_NETWORK] = None
    choice = ", ".join(known)
    asked = [("provider.network", request.provider.network)]
    asked += [(f"visits.{i}.network", visit.network) for i, visit in enumerate(request.visits) if visit.network]
    asked += [(f"used.networks.{name}", name) for name in request.used_elsewhere]
    for path, name in asked:
        if name not in known:
            yield Problem(path, _("Choose one of the plan’s networks: {networks}.").format(networks=choice))


def _locality_problems(asked: Asked, place: Place | None) -> Iterator[Problem]:
    if asked.locality is None:
        return
    candidates = ["-".join(key) for key in place.candidates] if place else []
    if asked.locality not in candidates:
        words = _("Choose one of these: {choices}.") if candidates else _("Enter a ZIP code too.")
        yield Problem("locality", words.format(choices=", ".join(candidates)))


def in_measure(used: Used, plan: Plan) -> tuple[Used, list[Problem]]:
    """Return the opening counts in each limit's own measure, and what is wrong with them.

    What was used of a limit counts toward those that count the same, too, where nobody told of them.
    """
    counts, problems, limits = {}, [], plan.limits
    known = ", ".join(limits) or _("none")
    for name in (*used.limits, *used.limit_days):
        if name not in limits:
            path = f"used.limits.{name}" if name in used.limits else f"used.limit_days.{name}"
            problems.append(Problem(path, _("Choose one of the plan’s limits: {limits}.").format(limits=known)))
    for name, amount in used.limits.items():
        limit = limits.get(name)
        if limit is None:
            continue
        count = as_counted(amount, limit.measure)
        if count is None:
            words = _("Enter a whole number of {measure}, like 4.").format(measure=_(limit.measure))
            problems.append(Problem(f"used.limits.{name}", words))
        else:
            counts[name] = count
    told = {*counts, *used.limit_days}
    twins = {twin: name for name in told for twin in _twins(name, plan) if twin not in told}
    return replace(used, limits=_with_twins(counts, twins), limit_days=_with_twins(used.limit_days, twins)), problems


_TWIN = "-unconfirmed"


def _twins(name: str, plan: Plan) -> Iterator[str]:
    """Yield the limits that count what this one counts: its unconfirmed twin, and markers on the same dollars."""
    limit = plan.limits.get(name)
    for other, each in plan.limits.items():
        if (
            limit is not None
            and other != name
            and (other == name + _TWIN or _counts(each, plan) == _counts(limit, plan))
        ):
            yield other


def _counts(limit: Limit, plan: Plan) -> tuple[object, ...]:
    """Return what a limit counts, of which services, and since when."""
    over = frozenset(benefit.name for benefit in plan.benefits if limit.name in benefit.limits)
    what = limit.measure, limit.counting, limit.dollars_of, limit.every, limit.window
    return over, what, limit.services, limit.not_counted, limit.networks, limit.exempt


def _with_twins(counts: Mapping[str, Any], twins: Mapping[str, str]) -> dict[str, Any]:
    return {**counts, **{twin: counts[name] for twin, name in twins.items() if name in counts}}


def _prices(asked: Asked, place: Place | None, request: Request, prices: Prices | None, plan: Plan) -> PriceSheet:
    mac, _, number = (asked.locality or "").partition("-")
    return gather_prices(
        place,
        request.provider.setting,
        locality=(mac, number) if asked.locality else None,
        contract=asked.contract,
        self_pay=asked.self_pay_prices,
        factors=asked.factors,
        known=prices.books if prices else None,
        plan=(plan.payer, plan.market),
        published=prices.market if prices else None,
        codes=plan.codes,
    )


def _inputs(request: Request, plan: Plan, sheet: PriceSheet, answer: Estimate) -> dict[str, object]:
    """Return what the estimate can be made again from, beside the request: only books that priced a line are named."""
    named = {
        getattr(line.price, "book", "")
        for run in (answer.low, answer.typical, answer.high)
        for visit in run.visits
        for line in visit.lines
    }
    used = [region for region in sheet.regions if region.book.id in named]
    # A revision that goes on under other rules of its payer is named once.
    chain = dict.fromkeys(f"{each.id}@{each.fingerprint}" for each in (plan, *plan.later))
    first, *later = chain
    return {
        "plan": first,
        **({"later_plans": later} if later else {}),
        "price_books": ", ".join(region.book.id for region in used),
        "locality": ", ".join(sorted({"-".join(region.locality.key) for region in used})),
        "as_of": request.as_of.isoformat(),
        "engine": __version__,
    }


def _no_price(missing: NoPrice) -> Problem:
    path = f"visits.{missing.visit}.services.{missing.line}"
    words = _("We don’t know a price for {code} here. Enter its allowed amount or a ZIP code, or check the code.")
    return Problem(path, words.format(code=missing.code))


def too_much_work(found: TooMuchWork) -> Problem:
    """Return the problem of a course whose estimate would keep everybody else waiting."""
    words = _("Enter fewer visits: under this plan {services} services take too long to estimate.")
    return Problem("visits", words.format(services=f"{found.services:,}"))


def _with_edge_cases(answer: Estimate, request: Request, plan: Plan, asked: Asked, place: Place | None) -> Estimate:
    """Add what the engine cannot see: a ZIP on a border of price areas, and visits in a year not yet published."""
    questions, points = answer.questions, answer.open_points
    if place is not None and place.straddles and asked.locality is None:
        candidates = ", ".join("-".join(key) for key in place.candidates)
        questions = (*questions, Question(QuestionKind.ZIP_STRADDLES, candidates))
    for each in _provisional(request, plan):
        questions, points = (*questions, each.question), (*points, each.point)
    return replace(answer, questions=questions, open_points=points)


class _Provisional(NamedTuple):
    """The question and the point of a plan of which nobody knows the rules in a year of the course."""

    question: Question
    point: OpenPoint


def _provisional(request: Request, plan: Plan) -> Iterator[_Provisional]:
    """Yield the point for each plan, the second one last, whose rules in a year of the course nobody knows yet."""
    beside = request.secondary
    for each, tier in ((plan, ""), *(((beside.plan, beside.network),) if beside else ())):
        days, carried = _carried_over_into(request, each, tier)
        if days and each.market != _SELF_PAY:
            asked = Question(QuestionKind.NEXT_YEAR, str(days[0].year), of_second=each is not plan)
            yield _Provisional(asked, _next_year(asked, carried))


def _carried_over_into(
    request: Request, plan: Plan, network: str
) -> tuple[tuple[date, ...], tuple[CarriedFigure, ...]]:
    """Return the visits that figures of the year before count for, and those figures, each once.

    They stand in for a year that nobody has published, or nobody has confirmed them in the rolled rules of that year.
    `network` is that of every visit, empty where it is what the visit or the provider says.
    """
    days: list[date] = []
    found: dict[CarriedFigure, None] = {}
    of_rolled = {id(each): _unconfirmed(each) for each in (plan, *plan.later)}
    for visit in request.visits:
        revision, tier = plan.on(visit.day), network or visit.network or request.provider.network
        is_provisional, unconfirmed = plan.is_provisional(visit.day), of_rolled[id(revision)]
        if not is_provisional and not unconfirmed:
            continue
        codes = {service.code for service in visit.services}
        figures = list(_figures_of(revision, revision.networks[tier], codes)) if tier in revision.networks else []
        if (rule := revision.supplement) and rule.limit is not None:
            figures.append(CarriedFigure("out-of-pocket-max", tier, rule.limit, rule.citation))
        if not is_provisional:
            figures = [each for each in figures if each.citation and each.citation.source in unconfirmed]
        if is_provisional or figures:
            days.append(visit.day)
        found |= dict.fromkeys(figures)
    return tuple(days), tuple(found)


def _unconfirmed(plan: Plan) -> Set[Source]:
    """Return the sources of rolled rules that nobody has read for their year yet."""
    return {source for key, source in plan.sources.items() if CARRIED_OVER.search(key)}


def _figures_of(plan: Plan, network: Network, codes: Set[str]) -> Iterator[CarriedFigure]:
    benefits = [each for each in plan.benefits if each.services & codes]
    for benefit in benefits:
        share = benefit.cost_share.get(network.name)
        if isinstance(share, CostShare):
            if isinstance(share.copay, Money):
                yield CarriedFigure("copay", benefit.name, share.copay, share.citation)
            if isinstance(share.coinsurance, Rate):
                yield CarriedFigure("coinsurance", benefit.name, share.coinsurance, share.citation)
    for what, ceiling in (("deductible", network.deductible), ("out-of-pocket-max", network.out_of_pocket_max)):
        if isinstance(ceiling, Ceiling) and isinstance(ceiling.person, Money):
            yield CarriedFigure(what, network.name, ceiling.person, ceiling.citation)
    for limit in (plan.limits[name] for benefit in benefits for name in benefit.limits):
        if isinstance(limit.amount, int) and limit.confirmed and limit.past is not Past.CONTINUES:
            yield CarriedFigure("limit", limit.name, limit, limit.citation)


def _next_year(question: Question, carried: tuple[CarriedFigure, ...]) -> OpenPoint:
    """Return the point for visits in a year whose rules nobody knows yet: this year's go on, unpriced until then."""
    unchanged, outcomes = "unchanged", ("unchanged", "changed")
    return OpenPoint(
        about="next-year",
        subject=question.subject,
        adds=Adds(ZERO, ZERO),
        usual=unchanged,
        dearest=unchanged,
        outcomes=outcomes,
        question=question,
        carried=carried,
        of_second=question.of_second,
    )
