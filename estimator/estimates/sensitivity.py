"""For each thing that is not known, how many dollars of the total hang on it.

The course is run again with the thing at its plausible ends (docs/comparing.md lists them), everything else as it was.
What is told is what is settled at each end, as on the answer; an open point of the answer is worth what it adds at
most. A course takes at most 25 estimates, a long one fewer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from estimator.engine.accumulators import deductible_met, untold_limits
from estimator.engine.answer import (
    AssumptionKind,
    Condition,
    ConditionKind,
    Estimate,
    LineEstimate,
    QuestionKind,
    Run,
    Status,
)
from estimator.engine.course import ceilings_of
from estimator.engine.plan import Authorization, Limit, Measure, Plan, When, matches
from estimator.engine.prices import EXPERIENCE, ClinicPrices
from estimator.engine.request import OUT_OF_NETWORK, Service, Visit
from estimator.engine.values import WHOLE, ZERO, Citation, Money, Rate
from estimator.errors import NoPrice, Refused, UnknownPlan, UnknownZip
from estimator.estimates.compare import in_other_network
from estimator.estimates.contract import read_request, with_shared_services
from estimator.estimates.contract_values import Asked
from estimator.estimates.open_ends import Course, Input, InputKind, Option, plan_inputs
from estimator.estimates.run import (
    Plans,
    TooLong,
    estimate_asked,
    estimate_with,
    more_fit,
    prices_of_clinic,
    second_laid,
    supplemented,
)
from estimator.estimates.totals import totals_alone
from estimator.plans.shelf import folder_shelf
from estimator.prices.books import Prices, find_zip
from estimator.settings import plans_folder

MOST_RUNS = 25
ASKED_FIRST = 3
_STOPS = (Refused, UnknownPlan, UnknownZip, NoPrice)
_PATHS = {
    ConditionKind.AUTHORIZATION: "authorization.on_file",
    ConditionKind.REFERRAL: "referral.on_file",
    ConditionKind.IMPROVEMENT: "person.improving",
    ConditionKind.JUSTIFICATION: "person.justified",
}


@dataclass(frozen=True, slots=True)
class End:
    """One end of an input: what the patient owes for the course, and what the clinic writes off, in the typical run.

    `settled` is what is owed with all that stays open at its least, `most` with all of it at its dearest.
    `is_written_off`: a condition fails and the clinic bears it. That saves the patient nothing to plan with, since few
    clinics give care that is not paid for, so it is no part of what hangs on the input.
    """

    end: str
    owes: Money
    absorbed: Money
    settled: Money
    most: Money
    is_written_off: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """One input with its ends; `path` is the key of a request that answers it, empty where only the plan can.

    `up_to` is what the answer comes to at most by this open point of its own; None where the input is none of them.
    """

    kind: QuestionKind | ConditionKind | InputKind
    subject: str
    path: str
    ends: tuple[End, ...]
    citation: Citation | None = None
    up_to: Money | None = None

    @property
    def is_at_most(self) -> bool:
        """Tell whether the ends differ only by what stays open at each: then each is told by its most."""
        return self.up_to is None and _spread(self.ends, "most") > _spread(self.ends, "settled")

    @property
    def amounts(self) -> tuple[Money, ...]:
        """Return what each end comes to, as it is told: settled, or at most."""
        name = "most" if self.is_at_most else "settled"
        amounts = tuple(getattr(end, name) for end in self.ends)
        dearest = max(amounts)
        return amounts if self.up_to is None else tuple(self.up_to if each == dearest else each for each in amounts)

    @property
    def worth(self) -> Money:
        """Return what hangs on it for the patient."""
        owed = [amount for end, amount in zip(self.ends, self.amounts, strict=True) if not end.is_written_off]
        return max(owed) - min(owed)

    @property
    def clinic_worth(self) -> Money:
        """Return what hangs on it for the clinic."""
        lost = [end.absorbed for end in self.ends]
        return max(lost) - min(lost)


def _spread(ends: tuple[End, ...], name: str) -> Money:
    amounts: list[Money] = [getattr(end, name) for end in ends if not end.is_written_off]
    return max(amounts) - min(amounts)


@dataclass(frozen=True)
class Matters:
    """What hangs on what for one estimate, the dearest first; `left_out` are inputs beyond the most estimates."""

    estimate: Estimate
    plan: Plan
    matters: tuple[Matter, ...]
    left_out: tuple[str, ...]
    runs: int

    @property
    def first(self) -> tuple[Matter, ...]:
        """Return those to be answered first."""
        return tuple(matter for matter in self.matters if matter.worth > ZERO)[:ASKED_FIRST]

    def worth(self, kind: QuestionKind | ConditionKind | InputKind) -> Money:
        """Return what hangs on inputs of a kind: nothing where it is answered or never came up."""
        return max((matter.worth for matter in self.matters if matter.kind == kind), default=ZERO)


def what_matters(
    written: Mapping[str, Any],
    today: date,
    plans: Plans | None = None,
    clinic: ClinicPrices | None = None,
    prices: Prices | None = None,
) -> Matters:
    """Return what hangs on what. Raises what `estimate_asked` raises where there is no estimate at all."""
    shelf = plans or folder_shelf(plans_folder())
    own = clinic if clinic is not None else prices_of_clinic(shelf, prices)
    asked = supplemented(read_request(written, today), shelf)
    estimate, plan = estimate_asked(asked, shelf, own, prices)
    priced = asked.priced_by(own)
    alone = estimate_with(plan, replace(priced, secondary=None), shelf, prices) if priced.secondary else estimate
    course = Course(estimate, plan, priced, alone.questions)
    bench = _Bench(course, shelf, prices)
    inputs = (*plan_inputs(course), *person_inputs(course, written, today, prices))
    found = [*_conditions(course), *bench.matters(inputs)]
    found += _figures(course, {(matter.kind, matter.subject) for matter in found if matter.worth})
    ordered = sorted(found, key=lambda matter: (-matter.worth, -matter.clinic_worth))
    return Matters(estimate, plan, tuple(ordered), tuple(bench.left_out), bench.runs)


def _conditions(course: Course) -> Iterator[Matter]:
    """Yield the conditions of the estimate, which have both of their ends already."""
    for condition in course.estimate.conditions:
        yield Matter(
            condition.needs, "", _PATHS.get(condition.needs, ""), _ends_of(condition, course), condition.citation
        )


# A figure that stands in for one that the plan has: the question that it answers, and the part of a share it asks for.
_FIGURES = {
    AssumptionKind.ASSUMED_COPAY: (QuestionKind.COST_SHARE, "copay"),
    AssumptionKind.ASSUMED_COINSURANCE: (QuestionKind.COST_SHARE, "coinsurance"),
    AssumptionKind.ASSUMED_DEDUCTIBLE: (QuestionKind.DEDUCTIBLE, ""),
    AssumptionKind.ASSUMED_OUT_OF_POCKET_MAX: (QuestionKind.OUT_OF_POCKET_MAX, ""),
}


def _figures(course: Course, found: Collection[tuple[str, str]]) -> Iterator[Matter]:
    """Yield the assumed figures that the plan's own would replace, by what the answer says that they are worth."""
    asked = {(question.asks, question.subject): question for question in course.questions}
    for assumption in course.estimate.assumptions:
        key = _FIGURES.get(assumption.assumes)
        if key is None or key in found or key not in asked or assumption.worth is None:
            continue
        less, more = assumption.worth
        base = _end("low", course.estimate)
        ends = (_moved(base, "low", -less), _moved(base, "high", more))
        yield Matter(*key, "", ends, asked[key].citation)


def _moved(end: End, name: str, cents: int) -> End:
    owes, settled, most = (Money(amount + cents) for amount in (end.owes, end.settled, end.most))
    return replace(end, end=name, owes=owes, settled=settled, most=most)


def _ends_of(condition: Condition, course: Course) -> tuple[End, End]:
    met = _end("met", course.estimate)
    is_written_off = condition.difference < 0 < condition.clinic_difference
    more = condition.difference
    absorbed = met.absorbed + condition.clinic_difference
    return met, End("not-met", met.owes + more, absorbed, met.settled + more, met.most + more, is_written_off)


def _end(name: str, estimate: Estimate) -> End:
    typical, settled = estimate.typical, estimate.settled[1].owes
    return End(name, typical.owes, typical.provider_absorbs, settled, settled + estimate.open_total.most)


# The open points of an answer that are the same as an input.
_POINTS = {
    QuestionKind.NEEDLING_POLICY: ("needling-cover", "service-cover"),
    QuestionKind.BENEFIT_LISTS_SERVICE: ("needling-cover", "service-cover"),
}


def _up_to(open_: Input, estimate: Estimate) -> Money | None:
    """Return what an input comes to at most where it is an open point of the answer."""
    names = _POINTS.get(open_.kind, (open_.kind,)) if isinstance(open_.kind, QuestionKind) else (open_.kind,)
    points = [point for point in estimate.open_points if point.about in names and point.adds.most]
    return estimate.settled[1].owes + points[0].adds.most if points else None


class _Bench:
    """Runs the ends of inputs, one after the other, as long as there are estimates left."""

    def __init__(self, course: Course, plans: Plans, prices: Prices | None) -> None:
        self._course, self._plans, self._prices = course, plans, prices
        self._second = second_laid(course.asked, plans, prices)
        self.runs = 2 if course.asked.secondary else 1
        self.left_out: list[str] = []

    def matters(self, inputs: tuple[Input, ...]) -> Iterator[Matter]:
        """Yield each input that has two ends or more; the questions it stands for give its source."""
        questions = self._course.estimate.questions
        sources = {(str(question.asks), question.subject): question.citation for question in questions}
        for open_ in inputs:
            options = [option for option in open_.options if not self._is_base(option)]
            if not options:
                continue
            if self.runs + len(options) > MOST_RUNS or not more_fit(len(options)):
                self.left_out.append(open_.kind)
                continue
            try:
                ends = tuple(end for option in open_.options if (end := self._run(option)) is not None)
            except TooLong:
                self.left_out.append(open_.kind)
                continue
            if len(ends) > 1:
                source, up_to = sources.get((open_.kind, open_.subject)), _up_to(open_, self._course.estimate)
                yield Matter(open_.kind, open_.subject, open_.path, ends, source, up_to)

    def _is_base(self, option: Option) -> bool:
        # An end that states what is not open in this plan leaves the plan as it is.
        return option.asked is self._course.asked and option.plan == self._course.plan

    def _run(self, option: Option) -> End | None:
        """Return the end, None where nothing can be estimated there (no price is known, say)."""
        estimate = self._course.estimate
        if not self._is_base(option):
            self.runs += 1
            try:
                estimate = estimate_with(
                    option.plan, option.asked, self._plans, self._prices, self._second, engine=totals_alone
                )
            except TooLong:
                raise
            except _STOPS:
                return None
        return _end(option.end, estimate)


# ----------------------------------------------------------------------------
# The plausible ends of what a person has not told, each as the request that would tell it.
# ----------------------------------------------------------------------------

AGES = 10, 40, 70
SYMPTOM_WEEKS = 2, 26
OTHER_DIAGNOSES = "M54.50", "M25.511", "S93.401A", "G43.909"
_MOST_ENDS = 4
_A_WHOLE_HOUR = 60

Written = Mapping[str, Any]


def person_inputs(course: Course, written: Written, today: date, prices: Prices | None) -> Iterator[Input]:
    """Yield what the person has not told that this course may depend on."""
    told = {key: _told(written.get(key)) for key in ("provider", "used", "person")}
    is_insured = course.plan.market != "self-pay"
    if is_insured and "network" not in told["provider"]:
        yield _network(course, written, today)
    if "deductible_paid" not in told["used"]:
        yield from _deductible_paid(course)
    yield from _visits_used(course)
    if "family" not in told["person"] and any(ceiling.family is not None for ceiling in ceilings_of(course.plan)):
        ends = {"self-only": course.asked, "family": _with_person(course.asked, family=True)}
        yield _input(course, QuestionKind.FAMILY_COVER, "", "person.family", ends)
    yield from _prices(course)
    yield from _experience(course, "experience" in told["provider"])
    yield from _facts(course)
    yield from _places(course, prices)
    if any(point.about == "consent" for point in course.estimate.open_points):
        signed = {
            end: replace(course.asked, request=replace(course.asked.request, signed_consent=is_signed))
            for end, is_signed in (("not-signed", False), ("signed", True))
        }
        yield _input(course, InputKind.CONSENT, "", "signed_consent", signed)


def _told(part: Any) -> frozenset[str]:
    return frozenset(key for key, each in (part or {}).items() if each is not None)


def _input(course: Course, kind: QuestionKind | InputKind, subject: str, path: str, ends: Mapping[str, Asked]) -> Input:
    return Input(kind, subject, path, tuple(Option(end, course.plan, asked) for end, asked in ends.items()))


def _network(course: Course, written: Written, today: date) -> Input:
    """Move the course out of network, with the clinic's own prices as they were."""
    moved = read_request(in_other_network(written, course.asked, OUT_OF_NETWORK, course.plan).request, today)
    own = course.asked
    contract = own.contract if moved.contract else tuple(entry for entry in own.contract if entry.party)
    moved = replace(moved, contract=contract, self_pay_prices=own.self_pay_prices)
    return _input(course, InputKind.NETWORK, "", "provider.network", {"in-network": own, "out-of-network": moved})


def _deductible_paid(course: Course) -> Iterator[Input]:
    """Have nothing or all of the deductible paid; what is paid counts toward the maximum as well."""
    request = course.asked.request
    network = course.plan.networks.get(request.provider.network)
    paid = deductible_met(request.used, network, request.is_family) if network is not None else None
    if paid is None:
        return
    ends = {"none": course.asked, "all": replace(course.asked, request=replace(request, used=paid))}
    yield _input(course, InputKind.DEDUCTIBLE_PAID, str(paid.deductible_paid), "used.deductible_paid", ends)


def _visits_used(course: Course) -> Iterator[Input]:
    """Have nothing or all of a limit used up before."""
    used = course.asked.request.used
    for limit, amount in untold_limits(used, course.plan, course.codes):
        spent = replace(used, limits={**used.limits, limit.name: _written_amount(limit, amount)})
        ends = {
            "none": course.asked,
            "all": replace(course.asked, request=replace(course.asked.request, used=spent)),
        }
        yield _input(course, InputKind.LIMIT_USED, limit.name, f"used.limits.{limit.name}", ends)


def _written_amount(limit: Limit, amount: int) -> int:
    """Return an amount as a request holds it: money of dollar limits, and of hours, whose parts are hundredths."""
    if limit.measure is Measure.DOLLARS:
        return Money(amount)
    return Money(amount * 100 // _A_WHOLE_HOUR) if limit.measure is Measure.HOURS else amount


def _prices(course: Course) -> Iterator[Input]:
    """Price every line at the low and at the high level, and read the rest of the plan as the typical run does."""
    estimate = course.estimate
    networks = [course.plan.networks.get(name) for name in course.networks]
    # A charge that is written would bring a rule on the lesser of the two into play.
    if any(network is not None and network.allowed.lesser_of_billed for network in networks):
        return
    ends = {"low": _priced(course, estimate.low), "high": _priced(course, estimate.high)}
    if ends["low"] != ends["high"]:
        yield _input(course, InputKind.PRICE_LEVEL, "", "contract", ends)


def _priced(course: Course, run: Run) -> Asked:
    asked, estimate = course.asked, course.estimate
    visits = []
    for at, visit in enumerate(asked.request.visits):
        levels = zip(visit.services, *(each.visits[at].lines for each in _lowest_and_highest(estimate)), strict=True)
        services = tuple(
            _at_price(service, low, high, run.visits[at].lines[place])
            for place, (service, low, high) in enumerate(levels)
        )
        visits.append(Visit(visit.day, services, visit.network))
    return replace(asked, request=replace(asked.request, visits=with_shared_services(tuple(visits))))


def _lowest_and_highest(estimate: Estimate) -> tuple[Run, Run]:
    return estimate.low, estimate.high


def _at_price(service: Service, low: LineEstimate, high: LineEstimate, line: LineEstimate) -> Service:
    if Status.BUNDLED in (low.status, high.status):
        return service
    if low.allowed != high.allowed:
        service = replace(service, allowed=line.allowed)
    if service.billed is None and line.charge and (low.charge != high.charge or service.allowed is not None):
        service = replace(service, billed=line.charge)
    return service


def _experience(course: Course, is_told: bool) -> Iterator[Input]:
    """Take the factors of a new and of a senior provider, or whatever was told against no factor at all."""
    provider = course.asked.request.provider
    is_estimated = course.assumes(AssumptionKind.REGIONAL_PRICE) or course.assumes(AssumptionKind.CASH_PRICE)
    own = _own_factors(course)
    is_known = provider.experience_factor is not None or (is_told and provider.experience in {"standard", *own})
    if not is_estimated or is_known:
        return
    named = EXPERIENCE.get(provider.experience, WHOLE)
    both = (own.get(name, EXPERIENCE[name]) for name in ("new", "senior"))
    factors = {str(factor): factor for factor in ((WHOLE, named) if is_told else both)}
    ends = {
        end: replace(
            course.asked,
            request=replace(course.asked.request, provider=replace(provider, experience_factor=factor)),
        )
        for end, factor in factors.items()
    }
    yield _input(course, InputKind.EXPERIENCE_FACTOR, "", "provider.experience_factor", ends)


def _own_factors(course: Course) -> dict[str, Rate]:
    """Return what the clinic itself counts for experience on the first day."""
    day = course.asked.request.visits[0].day
    return {own.experience: own.rate for own in course.asked.factors if day in own.span}


def _facts(course: Course) -> Iterator[Input]:
    """Take facts on the patient on both sides of the plan's rules, where an answer depends on them."""
    asked = course.asked
    if course.subjects(QuestionKind.AGE):
        ages = {str(age): _with_person(asked, age=age) for age in AGES}
        yield _input(course, QuestionKind.AGE, "", "person.age", ages)
    if course.subjects(QuestionKind.SYMPTOM_WEEKS):
        weeks = {str(each): _with_person(asked, symptom_weeks=each) for each in SYMPTOM_WEEKS}
        yield _input(course, QuestionKind.SYMPTOM_WEEKS, "", "person.symptom_weeks", weeks)
    if course.subjects(QuestionKind.INDIAN_HEALTH):
        ends = {end: _with_person(asked, indian_health=said) for end, said in (("yes", True), ("no", False))}
        yield _input(course, QuestionKind.INDIAN_HEALTH, "", "person.indian_health", ends)
    if course.subjects(QuestionKind.DIAGNOSIS):
        codes = {
            code: replace(asked, request=replace(asked.request, diagnoses=(code,))) for code in _diagnoses(course.plan)
        }
        yield _input(course, QuestionKind.DIAGNOSIS, "", "diagnoses", codes)


def _with_person(asked: Asked, **facts: Any) -> Asked:
    return replace(asked, request=replace(asked.request, person=replace(asked.request.person, **facts)))


def _diagnoses(plan: Plan) -> tuple[str, ...]:
    """Return a code for the first pattern of each rule on diagnoses, and one that no rule names."""
    rules = tuple(when for when in _whens(plan) if when.diagnoses or when.not_diagnoses)
    firsts = [(when.diagnoses or when.not_diagnoses)[0].rstrip("*.") for when in rules]
    named = tuple(pattern for when in rules for pattern in (*when.diagnoses, *when.not_diagnoses))
    others = [code for code in OTHER_DIAGNOSES if not matches(code, named)]
    return tuple(dict.fromkeys([*firsts[: _MOST_ENDS - 1], *others[:1]]))


def _whens(plan: Plan) -> Iterator[When]:
    for policy in plan.policies:
        yield policy.when
    for benefit in plan.benefits:
        yield benefit.when
        for rule in (benefit.authorization, benefit.referral):
            if isinstance(rule, Authorization):
                yield rule.when
    for limit in plan.limits.values():
        if limit.exempt is not None:
            yield limit.exempt
        if limit.extension is not None:
            yield limit.extension.when


def _places(course: Course, prices: Prices | None) -> Iterator[Input]:
    """Take each price area of a ZIP code that lies in several."""
    asked = course.asked
    if not course.subjects(QuestionKind.ZIP_STRADDLES) or asked.zip is None:
        return
    place = find_zip(asked.zip, prices.zips if prices else None)
    keys = ["-".join(key) for key in place.candidates][:_MOST_ENDS]
    yield _input(
        course,
        QuestionKind.ZIP_STRADDLES,
        ", ".join(keys),
        "locality",
        {key: replace(asked, locality=key) for key in keys},
    )
