"""The front of the answer page: what a person needs in a minute, before anything that is folded.

Everything here is said with figures that the answer has; how each came about stands below, under "How we got this".

A copay, what is left of the deductible, and whether the plan pays for needling can be changed right there, without
going back to the form. They are told as the plan's own words where the plan is only a stand-in or its papers are
silent; visits are an answer of the form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from marshmallow import ValidationError

from estimator.engine.answer import AssumptionKind, Status
from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.coverage import NEEDLING
from estimator.engine.plan import Ceiling, Plan
from estimator.engine.values import ZERO, Money, total
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract_values import MoneyField
from estimator.language import N_, _
from estimator.web.patient.answer_parts import ServiceTotal
from estimator.web.patient.choices import MY_PLAN, UNKNOWN
from estimator.web.patient.form import Answers, calls_in, with_call, without_calls_of
from estimator.web.patient.pictures import RangeBar, range_bar
from estimator.wording.answer import (
    Amounts,
    Answer,
    AnswerCondition,
    AnswerCrossing,
    AnswerPoint,
    AnswerStep,
    AnswerVisit,
)
from estimator.wording.brief import (
    SAME,
    ahead_of,
    first_open,
    is_sure,
    more_of,
    needling_at_most,
    needling_code,
    range_of,
    short_questions,
)
from estimator.wording.words import dollars, listed, whole_usd

_MOST_WAYS = 3


class Outcome(NamedTuple):
    """How a question may be answered, and what the whole course then costs."""

    says: str
    amount: str


class First(NamedTuple):
    """The one thing to do first, with the words to say and what each answer would cost."""

    title: str
    lead: str
    script: str
    outcomes: tuple[Outcome, ...]


class Way(NamedTuple):
    """A way to pay less: what to do, what it saves, and what goes with it."""

    title: str
    saves: str
    says: str


class Covered(NamedTuple):
    """Services with one answer: the badge's icon and words, a remark, and what they come to."""

    names: str
    icon: str
    answer: str
    remark: str
    amount: str


class Front(NamedTuple):
    """What stands before "How we got this"; `ahead` says what the number takes for granted of a year to come."""

    number: str
    number_for: str
    is_about: bool
    more: str
    more_says: str
    range: Amounts
    bar: RangeBar
    ahead: tuple[str, ...]
    is_sure: bool
    drives: str
    limits: str
    do: str
    first: First
    covered: tuple[Covered, ...]
    ways: tuple[Way, ...]
    questions: tuple[str, ...]


def front_of(
    answer: Answer,
    answers: Answers,
    services: Sequence[ServiceTotal],
    if_covered: Money | None,
    self_pay: Amounts | None,
    *,
    is_familys: bool = False,
) -> Front:
    """Return the front of an answer; `if_covered` is what is owed if the plan pays for needling, None if not asked.

    The deductible counted `is_familys` where one for all of a family stands in place of a person's.
    """
    owes = answer.settled
    is_exact = owes.low == owes.high
    open_point = first_open(answer)
    more, why = more_of(answer)
    owes_range = range_of(answer)
    return Front(
        number=dollars(owes.typical) if is_exact else whole_usd(owes.typical),
        number_for=_number_for(answer, more),
        is_about=not is_exact,
        more=more,
        more_says=why,
        range=owes_range,
        bar=range_bar(answer.settled, owes_range.high, owes_range.high),
        ahead=ahead_of(answer),
        is_sure=is_sure(answer),
        drives=_drives(answer, is_familys=is_familys),
        limits=_limits(answer),
        do=_do(answer, open_point),
        first=_first(answer, open_point, if_covered),
        covered=tuple(_covered(answer, services)),
        ways=tuple(_ways(answer, answers, self_pay))[:_MOST_WAYS],
        questions=tuple(short_questions(answer)),
    )


def _number_for(answer: Answer, more: str) -> str:
    """Say which care the number pays for: without needling where state law bars it."""
    if is_needling_barred(answer):
        return _("for visits without dry needling")
    if more and not answer.plan.is_self_pay:
        return _("for covered visits")
    return _("for all visits") if len(answer.visits) > 1 else _("for the visit")


# ----------------------------------------------------------------------------
# Three reasons: what drives the number, what limits it, what to do.
# ----------------------------------------------------------------------------


def _drives(answer: Answer, *, is_familys: bool) -> str:
    if answer.plan.is_self_pay:
        usual = _usual_visit(answer.settled_visits)
        return _("The clinic's cash price: about {amount} a visit.").format(amount=whole_usd(usual))
    if is_paid_second(answer):
        return _drives_two(answer)
    taken, copay = _taken(answer), _usual_copay(answer)
    rate = _usual_rate(answer)
    then = ""
    if copay:
        is_typical = any(each.assumes == AssumptionKind.ASSUMED_COPAY for each in answer.assumptions)
        words = _("{amount} a visit (typical copay)") if is_typical else _("{amount} a visit (copay)")
        then = words.format(amount=dollars(copay))
    elif rate:
        then = _("{rate} of each visit's price (coinsurance)").format(rate=rate)
    if taken and then:
        words = _("{amount} of your deductible, then {then}.")
        if is_familys:
            words = _("{amount} of your family's deductible, then {then}.")
        return words.format(amount=whole_usd(taken), then=then)
    if taken:
        if abs(answer.settled.typical - taken) < SAME:
            if is_familys:
                return _("Full price until your family's deductible is met.")
            return _("Full price until your deductible is met.")
        return _("Your deductible: you pay {amount} before your plan does.").format(amount=whole_usd(taken))
    if then:
        return _("You pay {then}.").format(then=then)
    if any(point.about == "indian-health" for point in answer.open_points):
        return _("Free if an Indian health care provider treats or refers you.")
    return _("Your plan pays for these visits.") if not answer.settled.typical else _("What your plan doesn't pay.")


def _drives_two(answer: Answer) -> str:
    """Say what two plans leave: nothing, the deductible of the first, or a part of each visit."""
    left, taken = answer.settled.typical, _taken(answer)
    if not left:
        return _("Your two plans pay for these visits.")
    if abs(left - taken) < SAME:
        return _("{amount} of your deductible. Your second plan pays the rest.").format(amount=whole_usd(taken))
    return _("What both plans leave to you.")


def is_paid_second(answer: Answer) -> bool:
    """Tell whether a second plan pays toward these visits."""
    return any(True for _step in steps_of(answer.settled_visits, "secondary-paid"))


def steps_of(visits: Sequence[AnswerVisit], finding: str) -> Iterator[AnswerStep]:
    """Yield the steps of a finding that cost something."""
    for visit in visits:
        for line in visit.lines:
            yield from (step for step in line.steps if step.finding == finding and step.amount)


def _taken(answer: Answer) -> Money:
    return total(step.amount for step in steps_of(answer.settled_visits, "deductible-taken"))


def _usual_copay(answer: Answer) -> Money:
    charged = Counter(step.numbers["copay"] for step in steps_of(answer.settled_visits, "copay-charged"))
    return Money.parse(charged.most_common(1)[0][0]) if charged else ZERO


def _usual_rate(answer: Answer) -> str:
    charged = Counter(step.numbers.get("rate", "") for step in steps_of(answer.settled_visits, "coinsurance-charged"))
    return charged.most_common(1)[0][0] if charged else ""


def _usual_visit(visits: Sequence[AnswerVisit]) -> Money:
    return Counter(visit.patient_owes for visit in visits).most_common(1)[0][0]


def _needed_first(answer: Answer) -> AnswerCondition | None:
    """Return the approval or the referral that the plan wants before it pays."""
    return next((each for each in answer.conditions if each.needs in ("authorization", "referral")), None)


def _limits(answer: Answer) -> str:
    needed = _needed_first(answer)
    if needed is not None and needed.needs == "authorization":
        return _("Your plan must approve visit {number} and later.").format(number=needed.from_visit)
    if needed is not None:
        return _("Your plan wants a referral from a doctor before visit 1.")
    extended = {point.subject for point in answer.crossing_points if point.kind == "extension-starts"}
    for point in answer.crossing_points:
        if point.kind == "limit-reached":
            words = _("Visit {number} is the last one your plan covers.")
            if point.subject in extended and _is_of_needling(point.subject):
                words = _("After visit {number}, your plan asks for a reason to cover more dry needling.")
            elif point.subject in extended:
                words = _("After visit {number}, your plan asks for a reason to cover more.")
            elif _is_of_needling(point.subject):
                words = _("Visit {number} is the last one with covered dry needling.")
            return words.format(number=point.visit)
    if answer.plan.is_self_pay:
        return _("No plan rules: you and your therapist decide.")
    last = answer.settled_visits[-1].accumulators
    restart = next((each.visit for each in answer.crossing_points if each.kind == "benefit-year-restarts"), 0)
    if restart and last.deductible is not None and last.deductible.of and _taken(answer):
        return _("Your deductible starts over at visit {number}: a new year.").format(number=restart)
    for limit in last.limits.values():
        if limit.of and limit.used and limit.measure == "visits":
            if restart:
                return _("Your plan covers {whole} visits a year, and a new year starts.").format(whole=limit.of)
            words = _("Your plan covers {whole} visits; {left} left after these.")
            if answer.plan.kind == "template":
                words = _("A typical plan covers {whole} visits; {left} left after these.")
            return words.format(whole=limit.of, left=limit.left)
    return _("Nothing we know of.")


# What comes before a question of money, where there is one.
_ALSO_NEEDED: Mapping[str, str] = {
    "referral": N_("Get a referral."),
    "authorization": N_("Have the clinic get your plan's approval."),
}


def _do(answer: Answer, point: AnswerPoint | None) -> str:
    needed = _needed_first(answer)
    if point is not None:
        worth = _("Up to {amount} depends on it.").format(amount=whole_usd(point.adds.most))
        if needed is None:
            return f"{point.do} {worth}"
        return f"{_(_ALSO_NEEDED[needed.needs])} {point.do} {worth}"
    if needed is not None and needed.needs == "authorization":
        return _("Ask the clinic to get your plan's approval first.")
    if needed is not None:
        return _("Ask your doctor for a referral before your first visit.")
    if assumed := _assumed(answer):
        words = _("Enter your own numbers below. They could change your cost by up to {amount}.")
        return words.format(amount=whole_usd(assumed))
    if answer.plan.is_self_pay:
        return _("Ask the clinic for a written Good Faith Estimate.")
    if (extra := _extra_visits(answer)) is not None:
        words = _("Before visit {number}, have your therapist ask for more.")
        if _is_of_needling(extra.subject):
            words = _("Before visit {number}, have your therapist ask for more dry needling.")
        return words.format(number=extra.visit)
    return _("Nothing. Pay at each visit.") if answer.settled.typical else _("Nothing. You pay nothing at your visits.")


def _extra_visits(answer: Answer) -> AnswerCrossing | None:
    """Return where the plan asks why more visits are needed, None where it never does."""
    return next((point for point in answer.crossing_points if point.kind == "extension-starts"), None)


def _is_of_needling(limit: str) -> bool:
    """Tell whether a limit counts visits with needling alone; all other care goes on past it."""
    return limit.startswith("needling")


# What a person reads off the card or their plan's site, and the boxes below the answer take.
_THEIR_NUMBERS = (
    AssumptionKind.ASSUMED_COPAY,
    AssumptionKind.ASSUMED_COINSURANCE,
    AssumptionKind.ASSUMED_DEDUCTIBLE,
    AssumptionKind.DEDUCTIBLE_NOT_STARTED,
)


def _assumed(answer: Answer) -> Money:
    """Return what the numbers that a person can enter are worth at most; visits used before are none of them."""
    worths = (max(each.worth) for each in answer.assumptions if each.worth and each.assumes in _THEIR_NUMBERS)
    return max(worths, default=ZERO)


# ----------------------------------------------------------------------------
# What to do first: the action worth most, with the words to say and what each answer would cost.
# ----------------------------------------------------------------------------

_ON_COVER = ("needling-cover", "service-cover")
_ON_PAPER = ("consent", "liability")


def _first(answer: Answer, point: AnswerPoint | None, if_covered: Money | None) -> First:
    least = answer.settled.typical
    if point is None:
        return _nothing_open(answer)
    if point.about in _ON_COVER and not point.of_second:
        code = needling_code(answer)
        script = (
            _("“Do you cover code {code}, dry needling, when a physical therapist bills it?”").format(code=code)
            if point.about == "needling-cover"
            else _("“Do you pay for this: {name}?”").format(name=point.name)
        )
        outcomes: tuple[Outcome, ...] = ()
        if if_covered is not None:
            yes = _as_rough(answer, if_covered)
            says = _("They say yes (you pay your share)") if if_covered - least >= SAME else _("They say yes")
            outcomes = (Outcome(says, yes), Outcome(_("They say no"), _with_more(answer, point)))
        return First(_("Call your plan: 5 minutes"), _("Use the number on your card. Ask:"), script, outcomes)
    if point.about == "liability":
        script = (
            _("“If you don't pay for dry needling, can my clinic bill me?”")
            if point.subject == NEEDLING
            else _("“If you don't pay for this, can my clinic bill me: {name}?”").format(name=point.name)
        )
        outcomes = (
            Outcome(_("They say no"), _as_rough(answer, least)),
            Outcome(_("They say yes"), _with_more(answer, point)),
        )
        return First(_("Call your plan: 5 minutes"), _("Use the number on your card. Ask:"), script, outcomes)
    if point.about == "consent":
        unsigned = _as_rough(answer, least)
        script = (
            _("“How much is dry needling if my plan doesn't pay, and is there a form to sign?”")
            if point.subject == NEEDLING
            else _("“How much is this if my plan doesn't pay, and is there a form to sign: {name}?”").format(
                name=point.name
            )
        )
        outcomes = (
            Outcome(
                _("You don't agree to a fee"),
                _("{amount}, perhaps more").format(amount=unsigned) if point.may_bill_unsigned else unsigned,
            ),
            Outcome(_("You agree to it"), _with_more(answer, point)),
        )
        return First(_("Ask the clinic first"), _("Before visit 1, ask:"), script, outcomes)
    if point.about == "indian-health":
        whole = _as_rough(answer, Money(least + point.adds.most))
        outcomes = (Outcome(_("With a referral"), _as_rough(answer, least)), Outcome(_("Without one"), whole))
    else:
        outcomes = (Outcome(_("At best"), _as_rough(answer, least)), Outcome(_("At worst"), _with_more(answer, point)))
    return First(_("Find this out first"), point.name, point.do, outcomes)


def _as_rough(answer: Answer, amount: Money) -> str:
    """Write what an outcome costs, with "about" where the number above it says so too: prices may be higher."""
    words = whole_usd(amount)
    return words if answer.settled.low == answer.settled.high else _("about {amount}").format(amount=words)


def _with_more(answer: Answer, point: AnswerPoint) -> str:
    """Write what the dearer answer costs.

    The page has one most, that of the range: where prices or other points may raise the total too, what this one adds
    stands beside the number, as in the headline, and no total below that most.
    """
    least, range_ = answer.settled.typical, range_of(answer)
    if answer.settled.low == answer.settled.high and least + point.adds.most == range_.high:
        return _("{low} to {high}").format(low=whole_usd(least), high=whole_usd(range_.high))
    return f"{_as_rough(answer, least)} + $0–{whole_usd(point.adds.most)}"


def _nothing_open(answer: Answer) -> First:
    owes = answer.settled
    outcomes: tuple[Outcome, ...] = ()
    if owes.low != owes.high:
        outcomes = (Outcome(_("At least"), whole_usd(owes.low)), Outcome(_("At most"), whole_usd(owes.high)))
    if answer.plan.is_self_pay:
        script = _("“What do you charge for each visit without insurance, dry needling included?”")
        return First(_("Ask the clinic for its price"), _("Before visit 1, ask:"), script, outcomes)
    needed = _needed_first(answer)
    if needed is not None and needed.needs == "authorization":
        return First(_("Get approval first"), _("Ask the clinic:"), _("“Has my plan approved these visits?”"), outcomes)
    if needed is not None:
        script = _("“Can you refer me to physical therapy?”")
        return First(_("Get a referral first"), _("Ask your doctor:"), script, outcomes)
    if answer.questions and owes.low != owes.high:
        script = _("“What do I pay for a physical therapy visit, and how much of my deductible is left?”")
        return First(_("Call your plan: 5 minutes"), _("Use the number on your card. Ask:"), script, outcomes)
    if _assumed(answer):
        return First(_("Use your own numbers"), _("Enter them below: this is a typical plan."), "", outcomes)
    if (extra := _extra_visits(answer)) is not None:
        before = _("Before visit {number}, ask your therapist:").format(number=extra.visit)
        script = _("“Will you send my plan the reason why I need more visits?”")
        if _is_of_needling(extra.subject):
            script = _("“Will you send my plan the reason why I need more dry needling?”")
        return First(_("Plan ahead"), before, script, outcomes)
    return First(_("Nothing to do first"), _("We know your plan's rules for this care."), "", outcomes)


# ----------------------------------------------------------------------------
# What's covered: one row an answer.
# ----------------------------------------------------------------------------

_EVALUATIONS = ("97161", "97162", "97163")
_ICONS: Mapping[Status, str] = {
    Status.PAYABLE: "yes",
    Status.BUNDLED: "yes",
    Status.PATIENT_BILLED: "no",
    Status.PROVIDER_ABSORBS: "no",
    Status.NEEDS_AUTHORIZATION: "warn",
    Status.UNKNOWN: "ask",
}
_ANSWERS: Mapping[Status, str] = {
    Status.PAYABLE: N_("Covered"),
    Status.BUNDLED: N_("Included in the visit"),
    Status.PATIENT_BILLED: N_("Not covered – you pay"),
    Status.PROVIDER_ABSORBS: N_("Not covered"),
    Status.NEEDS_AUTHORIZATION: N_("Needs approval"),
    Status.UNKNOWN: N_("Unclear – call your plan"),
}


def _covered(answer: Answer, services: Sequence[ServiceTotal]) -> Iterator[Covered]:
    alike: dict[tuple[tuple[Status, ...], bool], list[ServiceTotal]] = {}
    for service in services:
        statuses = tuple(status for status, _ in service.statuses)
        alike.setdefault((statuses, _is_open(service)), []).append(service)
    for (statuses, _is_unknown), same in alike.items():
        is_cash = answer.plan.is_self_pay
        is_barred = {service.code for service in same} <= NEEDLING_CODES and is_needling_barred(answer)
        said = _("Not allowed in this state now") if is_barred else _(_ANSWERS[statuses[0]])
        yield Covered(
            names=_names(same),
            icon="info" if is_cash else _ICONS[statuses[0]],
            answer=_("You pay the clinic") if is_cash and not is_barred else said,
            remark="" if is_barred else _remark(answer, statuses, same),
            amount="–" if is_barred else _amount(same),
        )


def is_needling_barred(answer: Answer) -> bool:
    """Tell whether state law keeps this provider from needling."""
    lines = (line for line in answer.lines if line.code in NEEDLING_CODES)
    return any(step.finding == "not-in-scope" for line in lines for step in line.steps)


def _names(services: Sequence[ServiceTotal]) -> str:
    """Join names as a person would: those after the first start small, and a name with a comma keeps its rest apart."""
    first, *others = (_short(service) for service in services)
    return listed([first, *(_within(name) for name in others)])


def _within(name: str) -> str:
    name, _comma, rest = name.partition(", ")
    small = f"{name[:1].lower()}{name[1:]}"
    return f"{small} ({rest})" if rest else small


def _short(service: ServiceTotal) -> str:
    """Return a name without what only a claim tells apart: how complex an evaluation is."""
    return _("Evaluation") if service.code in _EVALUATIONS else service.name


def _is_open(service: ServiceTotal) -> bool:
    return not service.owes and service.most > SAME


def _remark(answer: Answer, statuses: Sequence[Status], services: Sequence[ServiceTotal]) -> str:
    if len(statuses) > 1:
        return _("Changes during your visits: see each visit below.")
    if statuses[0] is Status.PAYABLE and len(services) > 1 and _usual_copay(answer):
        return _("One copay for all")
    if statuses[0] is Status.PAYABLE and _is_all_deductible(answer, services):
        return _("Your deductible comes first")
    if statuses[0] is Status.PROVIDER_ABSORBS:
        if not _is_open(services[0]):
            return _("The clinic can't charge you")
        is_unsure = any(point.may_bill_unsigned for point in answer.open_points if point.about in _ON_PAPER)
        return _("Ask whether the clinic may charge you") if is_unsure else _("You pay only if you agree first")
    return ""


def _is_all_deductible(answer: Answer, services: Sequence[ServiceTotal]) -> bool:
    """Tell whether all that is owed for services goes to the deductible, so that the plan pays nothing for them yet."""
    codes = {service.code for service in services}
    lines = [line for visit in answer.settled_visits for line in visit.lines if line.code in codes]
    taken = (step.amount for line in lines for step in line.steps if step.finding == "deductible-taken")
    return 0 < total(line.patient_owes for line in lines) == total(taken)


def _amount(services: Sequence[ServiceTotal]) -> str:
    owes, most = total(each.owes for each in services), total(each.most for each in services)
    if len(services) == 1 and _is_open(services[0]):
        return f"$0–{whole_usd(most)}"
    return whole_usd(owes)


# ----------------------------------------------------------------------------
# Ways to pay less, and what to ask.
# ----------------------------------------------------------------------------


def _ways(answer: Answer, answers: Answers, self_pay: Amounts | None) -> Iterator[Way]:
    saved = needling_at_most(answer)
    if saved >= SAME:
        words = _("Save up to {amount}").format(amount=whole_usd(saved))
        says = _("Keep the exercise.")
        yield Way(_("Skip dry needling"), words, says)
    if self_pay is not None and answer.settled.typical - self_pay.typical >= SAME:
        words = _("Save about {amount}").format(amount=whole_usd(Money(answer.settled.typical - self_pay.typical)))
        yield Way(_("Pay cash instead"), words, _("Ask the clinic first. It won't count toward your deductible."))
    if answers["network"] == "out-of-network" and not answer.plan.is_self_pay:
        yield Way(_("Use a clinic in your network"), _("Often much less"), _("Your plan pays more there."))
    if answers["setting"] == "hospital-outpatient":
        yield Way(_("Use a private clinic"), _("Often less"), _("Hospitals often charge more for the same visit."))
    if avoided := _taken_anew(answer):
        words = _("Avoid up to {amount}").format(amount=whole_usd(avoided))
        yield Way(_("Finish before your plan's new year"), words, _("Your deductible starts over then."))
    if len(answer.visits) > 1:
        last = answer.settled_visits[-1]
        words = (
            _("Save {low} to {high} each").format(low=whole_usd(last.settled.typical), high=whole_usd(last.most))
            if last.most - last.settled.typical >= SAME
            else _("Save about {amount} each").format(amount=whole_usd(last.settled.typical))
        )
        if last.most >= SAME:
            yield Way(_("Ask about fewer visits"), words, _("Exercise at home instead."))


def _taken_anew(answer: Answer) -> Money:
    """Return what a new year's deductible takes though the old one was met: nothing where it was not."""
    visits = answer.settled_visits
    reset = next((each.visit for each in answer.crossing_points if each.kind == "benefit-year-restarts"), 0)
    before = next((visit.accumulators.deductible for visit in visits if visit.number == reset - 1), None)
    if before is None or before.left:
        return ZERO
    return total(
        step.amount for step in steps_of([each for each in visits if each.number >= reset], "deductible-taken")
    )


# A person reads these off the card or the plan's site.
_SOURCE = "member-site"
_TOLD_COVER = {"yes": "covered", "no": "not-paid"}
_BAD_COPAY = N_("Enter your copay in dollars, like 40.")
_BAD_LEFT = N_("Enter what is left of your deductible in dollars, like 250.")
_TOO_MUCH = N_("Your plan's deductible is {amount}. Enter what is left of it.")


def is_of_family(answer: Answer, answers: Answers, plan: Plan) -> bool:
    """Tell whether the deductible that was counted is the one for all of a family, and not a person's own."""
    network = plan.networks.get(answers["network"])
    counted = answer.settled_visits[0].accumulators.deductible
    if answers["family"] != "yes" or network is None or counted is None or counted.of is None:
        return False
    ceiling = network.deductible
    return isinstance(ceiling, Ceiling) and ceiling.family == counted.of != ceiling.person


class Numbers(NamedTuple):
    """What the boxes hold at first: amounts in dollars, empty where none is known, and the deductible of the year.

    `covered` is whether the plan pays for needling as far as it is known; empty where nobody could change that.
    """

    copay: str
    left: str
    whole: str
    covered: str


def numbers_shown(answer: Answer, answers: Answers) -> Numbers:
    """Return what an answer counted with."""
    first = answer.settled_visits[0]
    sums = first.accumulators.deductible
    taken = total(step.amount for step in steps_of([first], "deductible-taken"))
    copay = next((step.numbers["copay"] for step in steps_of(answer.settled_visits, "copay-charged")), "")
    return Numbers(
        copay=copay.removesuffix(".00"),
        left="" if sums is None or sums.left is None else _typed(Money(sums.left + taken)),
        whole="" if sums is None or sums.of is None else _typed(sums.of),
        covered="" if is_needling_barred(answer) else _told_covered(answers) or _known_covered(answer),
    )


def _known_covered(answer: Answer) -> str:
    """Return what the answer counts with: yes, no, or that nobody knows."""
    if any(point.about == "needling-cover" for point in answer.open_points):
        return UNKNOWN
    statuses = {line.status for visit in answer.settled_visits for line in visit.lines if line.code in NEEDLING_CODES}
    if statuses <= {Status.PAYABLE, Status.BUNDLED, Status.NEEDS_AUTHORIZATION}:
        return "yes"
    return "no" if statuses <= {Status.PATIENT_BILLED, Status.PROVIDER_ABSORBS} else UNKNOWN


def with_changes(answers: Answers, sent: Mapping[str, str], today: date) -> Answers:
    """Return the answers with the numbers that were changed; raise RequestRefused where one is no amount."""
    # A typical plan's own figure, said to be theirs: it is what they pay, and no longer a guess.
    same = sent.get("same", "")
    changed = {
        name: sent[f"now_{name}"].strip()
        for name in ("copay", "left", "covered")
        if f"now_{name}" in sent
        and (sent[f"now_{name}"].strip() != sent.get(f"was_{name}", "").strip() or name == same)
    }
    if not changed:
        return answers
    copay = _amount_typed(changed.get("copay", ""), _BAD_COPAY)
    left = _amount_typed(changed.get("left", ""), _BAD_LEFT)
    if answers["plan"] == MY_PLAN:
        return _of_described(answers, changed)
    if "left" in changed and sent.get("is_exact") == "yes":
        paid = "" if left is None else _paid_of(left, sent.get("whole", ""))
        answers, left = {**answers, "deductible_paid": paid}, None
    told: list[dict[str, Any]] = []
    if copay is not None:
        told.append({"asks": "cost-share", "subject": "copay", "answer": f"{copay}"})
    if left is not None:
        told.append({"asks": "deductible", "answer": f"{left}"})
        answers = {**answers, "deductible_paid": ""}
    if changed.get("covered") in _TOLD_COVER and answers["needling"] in NEEDLING_CODES:
        answer = _TOLD_COVER[changed["covered"]]
        told.append({"asks": "payable", "subject": answers["needling"], "answer": answer})
    kept = [each for each in _told_here(answers) if all(_subject_told(each) != _subject_told(new) for new in told)]
    # What was emptied, or is not known any more, is not told any more.
    empty = {"copay": ("", "cost-share"), "left": ("", "deductible"), "covered": (UNKNOWN, "payable")}
    undone = {asks for name, (nothing, asks) in empty.items() if changed.get(name) == nothing}
    kept = [each for each in kept if each.get("asks") not in undone]
    bare = without_calls_of(answers, _SOURCE)
    return with_call(bare, _call([*kept, *told], today)) if kept or told else bare


def _call(told: Sequence[Mapping[str, Any]], today: date) -> dict[str, Any]:
    return {"on": today.isoformat(), "source": _SOURCE, "answers": list(told)}


def _told_here(answers: Answers) -> list[Any]:
    calls = calls_in(answers)
    known = [call for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []
    found = [call.get("answers") for call in known if call.get("source") == _SOURCE]
    return [each for told in found if isinstance(told, list) for each in told if isinstance(each, Mapping)]


def _subject_told(told: Mapping[str, Any]) -> tuple[Any, Any]:
    return told.get("asks"), told.get("subject")


def _told_covered(answers: Answers) -> str:
    if answers["plan"] == MY_PLAN:
        return answers["my_needling"]
    said = [each.get("answer") for each in _told_here(answers) if each.get("asks") == "payable"]
    return next((name for name, answer in _TOLD_COVER.items() if answer in said), "")


def _of_described(answers: Answers, changed: Mapping[str, str]) -> Answers:
    """Return the answers of a plan that the person described, each in its own field."""
    fields = {"copay": "my_copay", "left": "my_deductible", "covered": "my_needling"}
    put = {fields[name]: value for name, value in changed.items()}
    also = {"my_coinsurance": "", "my_share_unknown": ""} if changed.get("copay") else {}
    if "left" in changed:
        also |= {"my_deductible_unknown": "", "deductible_paid": ""}
    return {**answers, **put, **also}


def _paid_of(left: Money, written: str) -> str:
    whole = _amount_typed(written, _BAD_LEFT) or Money(0)
    if left > whole:
        raise RequestRefused((Problem("used.deductible_paid", _(_TOO_MUCH).format(amount=f"${_typed(whole)}")),))
    return _typed(Money(whole - left))


def _amount_typed(written: str, otherwise: str) -> Money | None:
    if not written:
        return None
    try:
        amount: Money = MoneyField().deserialize(written.removeprefix("$"))
    except ValidationError as error:
        raise RequestRefused((Problem("told", _(otherwise)),)) from error
    return amount


def _typed(amount: Money) -> str:
    whole, cents = divmod(int(amount), 100)
    return f"{whole}.{cents:02}" if cents else f"{whole}"
