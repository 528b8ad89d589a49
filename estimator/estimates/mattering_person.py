"""The plausible ends of what a person has not told, each as the request that would tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from estimator.engine.answer import Estimate, LineEstimate, Run, Status
from estimator.engine.course import ceilings_of
from estimator.engine.plan import Authorization, Ceiling, FamilyRule, Limit, Measure, Past, Plan, When, matches
from estimator.engine.prices import EXPERIENCE
from estimator.engine.request import OUT_OF_NETWORK, Service, Visit
from estimator.engine.values import WHOLE, Amount, Money, Rate, Unknown
from estimator.estimates.asked import Asked
from estimator.estimates.care import with_shared_services
from estimator.estimates.comparing_changes import in_other_network
from estimator.estimates.mattering_course import Course, Input, Option
from estimator.estimates.reading import read_request
from estimator.prices.books import Prices, find_zip

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
        yield _input(course, "family-cover", "", "person.family", ends)
    yield from _prices(course)
    yield from _experience(course, "experience" in told["provider"])
    yield from _facts(course)
    yield from _places(course, prices)


def _told(part: Any) -> frozenset[str]:
    return frozenset(key for key, each in (part or {}).items() if each is not None)


def _input(course: Course, kind: str, subject: str, path: str, ends: Mapping[str, Asked]) -> Input:
    return Input(kind, subject, path, tuple(Option(end, course.plan, asked) for end, asked in ends.items()))


def _network(course: Course, written: Written, today: date) -> Input:
    """Move the course out of network, with the clinic's own prices as they were."""
    moved = read_request(in_other_network(written, course.asked, OUT_OF_NETWORK, course.plan).request, today)
    own = course.asked
    contract = own.contract if moved.contract else tuple(entry for entry in own.contract if entry.party)
    moved = replace(moved, contract=contract, self_pay_prices=own.self_pay_prices)
    return _input(course, "network", "", "provider.network", {"in-network": own, "out-of-network": moved})


def _deductible_paid(course: Course) -> Iterator[Input]:
    """Have nothing or all of the deductible paid; what is paid counts toward the maximum as well."""
    request = course.asked.request
    network = course.plan.networks.get(request.provider.network)
    ceiling = network.deductible if network else None
    if not isinstance(ceiling, Ceiling):
        return
    family = bool(request.person.family)
    member = ceiling.family_member if family and ceiling.family_member is not None else ceiling.person
    is_joint = family and ceiling.family is not None and ceiling.family_rule is FamilyRule.AGGREGATE
    of_person, of_family = _known(member), _known(ceiling.family) if family else None
    whole = of_family if is_joint else of_person
    if not whole:
        return
    used = request.used
    paid = replace(
        used,
        deductible_paid=whole,
        out_of_pocket_paid=max(used.out_of_pocket_paid, whole),
        family_deductible_paid=max(used.family_deductible_paid, whole if family else Money(0)),
        family_out_of_pocket_paid=max(used.family_out_of_pocket_paid, whole if family else Money(0)),
    )
    ends = {"none": course.asked, "all": replace(course.asked, request=replace(request, used=paid))}
    yield _input(course, "deductible-paid", str(whole), "used.deductible_paid", ends)


def _visits_used(course: Course) -> Iterator[Input]:
    """Have nothing or all of a limit used up before."""
    used = course.asked.request.used
    over = {name for benefit in course.plan.benefits if benefit.services & course.codes for name in benefit.limits}
    for name, limit in course.plan.limits.items():
        is_told = name in used.limits or name in used.limit_days
        if name not in over or is_told or limit.past is Past.CONTINUES or isinstance(limit.amount, Unknown):
            continue
        spent = replace(used, limits={**used.limits, name: _written_amount(limit, limit.amount)})
        ends = {
            "none": course.asked,
            "all": replace(course.asked, request=replace(course.asked.request, used=spent)),
        }
        yield _input(course, "limit-used", name, f"used.limits.{name}", ends)


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
        yield _input(course, "price-level", "", "contract", ends)


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
    is_estimated = course.assumes("regional-price") or course.assumes("cash-price")
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
    yield _input(course, "experience-factor", "", "provider.experience_factor", ends)


def _own_factors(course: Course) -> dict[str, Rate]:
    """Return what the clinic itself counts for experience on the first day."""
    day = course.asked.request.visits[0].day
    return {own.experience: own.rate for own in course.asked.factors if day in own.span}


def _facts(course: Course) -> Iterator[Input]:
    """Take facts on the patient on both sides of the plan's rules, where an answer depends on them."""
    asked = course.asked
    if course.subjects("age"):
        ages = {str(age): _with_person(asked, age=age) for age in AGES}
        yield _input(course, "age", "", "person.age", ages)
    if course.subjects("symptom-weeks"):
        weeks = {str(each): _with_person(asked, symptom_weeks=each) for each in SYMPTOM_WEEKS}
        yield _input(course, "symptom-weeks", "", "person.symptom_weeks", weeks)
    if course.subjects("diagnosis"):
        codes = {
            code: replace(asked, request=replace(asked.request, diagnoses=(code,))) for code in _diagnoses(course.plan)
        }
        yield _input(course, "diagnosis", "", "diagnoses", codes)


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
    if not course.subjects("zip-straddles") or asked.zip is None:
        return
    place = find_zip(asked.zip, prices.zips if prices else None)
    keys = ["-".join(key) for key in place.candidates][:_MOST_ENDS]
    yield _input(
        course, "zip-straddles", ", ".join(keys), "locality", {key: replace(asked, locality=key) for key in keys}
    )


def _known(amount: Amount | None) -> Money | None:
    return amount if isinstance(amount, Money) else None
