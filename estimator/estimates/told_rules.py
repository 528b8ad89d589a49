"""What one answer of the plan does to one of its rules: cover, networks, limits, authorization and shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from estimator.engine.answer import QuestionKind
from estimator.engine.authorization import ASSUMED
from estimator.engine.coding import NEEDLING_CODES, is_service_code
from estimator.engine.coverage import cases_of, network_of
from estimator.engine.plan import (
    ANYTIME,
    Authorization,
    Benefit,
    Ceiling,
    Circumstances,
    Consequence,
    CostShare,
    DeductibleOrder,
    FamilyRule,
    IfMissing,
    Liable,
    Limit,
    Measure,
    Network,
    Past,
    Plan,
    Policy,
    Position,
    Tier,
)
from estimator.engine.request import COULD_NOT_SAY, NONE, TOLD, Call, Said, Told
from estimator.engine.values import UNKNOWN, Amount, Between, Citation, Money, Rate, Source, Unknown
from estimator.engine.visits import STANDS_FOR_THERAPY
from estimator.estimates.open_ends import Course, benefit_beside
from estimator.prices.books import service_codes


@dataclass(frozen=True)
class Hearing:
    """One call about one course; `otherwise` supposes that the answers hold even where a document says otherwise.

    A plan `is_template` whose figures are nobody's: the same figure, told, is no longer assumed.
    """

    call: Call
    course: Course
    otherwise: bool = False
    is_template: bool = False

    @property
    def cited(self) -> Citation:
        """Return the payer, on the day of the call, as the source of a rule; the wording names it."""
        return Citation(Source(self.course.plan.payer, "", self.call.on, TOLD), self.call.reference)

    def takes(self, stated: object, said: object, is_open: bool) -> bool:
        """Tell whether the answer changes a rule."""
        return stated != said and (is_open or self.otherwise)

    def confirms(self, stated: object, said: object) -> bool:
        """Tell whether the answer names the very figure that a template assumed; it assumes none that it leaves out."""
        return self.is_template and stated is not None and stated == said


Stating = Callable[[Plan, Told, Hearing], Plan]
"""Returns the plan with one answer in it; the plan itself where the answer changes nothing."""


def in_use(plan: Plan, codes: frozenset[str]) -> frozenset[str]:
    """Return the benefits that the lines of a course can fall in: those of therapy where none lists them."""
    listing = {benefit.name for benefit in plan.benefits if benefit.services & codes}
    found = listing | {policy.under for policy in plan.policies if policy.under and policy.services & codes}
    stands = frozenset(STANDS_FOR_THERAPY)
    return frozenset(found or {benefit.name for benefit in plan.benefits if benefit.services & stands})


def each_in_use(plan: Plan, codes: frozenset[str], state: Callable[[Benefit], Benefit]) -> Plan:
    """State something in every benefit of the course."""
    names = in_use(plan, codes)
    benefits = (state(benefit) if benefit.name in names else benefit for benefit in plan.benefits)
    return replace(plan, benefits=tuple(benefits))


# ----------------------------------------------------------------------------
# Counts of a request in the measure of the limit that they speak of: cents for dollars, minutes for hours.
# ----------------------------------------------------------------------------

_IN_AN_HOUR = 60


def as_counted(amount: int, measure: Measure) -> int | None:
    """Return a count, or an amount that was written with cents, as the limit counts; None where it takes no cents.

    >>> as_counted(Money(150), Measure.HOURS), as_counted(900, Measure.DOLLARS), as_counted(Money(400), Measure.VISITS)
    (90, 90000, None)
    """
    cents = int(amount) if isinstance(amount, Money) else amount * 100
    if measure is Measure.DOLLARS:
        return cents
    if measure is Measure.HOURS:
        return cents * _IN_AN_HOUR // 100
    return None if isinstance(amount, Money) else amount


# ----------------------------------------------------------------------------
# Whether a service is paid, whether its code is valid, and who bears it if it is not paid.
# ----------------------------------------------------------------------------

NOT_PAID = "not-paid"
_NAME = "told-by-plan"
_COVERED = {Position.COVERED, Position.COVERED_IN_THERAPY}
_REASONS = (Position.INVESTIGATIONAL, Position.NOT_MEDICALLY_NECESSARY)


def payable(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State the plan's position on a service; without a reason it is excluded, and its market says who pays."""
    if told.answer == NOT_PAID:
        return _with_position(plan, told.subject, Position.EXCLUDED, hearing)
    return _with_position(plan, told.subject, Position(str(told.answer)), hearing)


def code_valid(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """Take a code that this provider may not bill as not paid; that a code is valid says nothing of payment."""
    if told.answer is True:
        return plan
    return _with_position(plan, told.subject, Position.EXCLUDED, hearing)


def liability(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether the clinic may bill a line that the plan does not pay."""
    liable = Liable.PATIENT if told.answer else Liable.PROVIDER
    services = _services(plan, told.subject, hearing)

    def borne(policy: Policy) -> Policy:
        is_silent = policy.liable is None and not (told.answer and policy.position in _REASONS)
        is_open = policy.liable is Liable.UNKNOWN or is_silent
        if policy.position in _COVERED or not services & policy.services:
            return policy
        return replace(policy, liable=liable) if hearing.takes(policy.liable, liable, is_open) else policy

    return replace(plan, policies=tuple(map(borne, plan.policies)))


def _with_position(plan: Plan, subject: str, position: Position, hearing: Hearing) -> Plan:
    for code in sorted(_services(plan, subject, hearing)):
        plan = _of_code(plan, code, position, hearing)
    return plan


def _of_code(plan: Plan, code: str, position: Position, hearing: Hearing) -> Plan:
    cases = [case for _, case in cases_of(hearing.course.asked.request, {code}, service_codes(plan.codes))]
    speaking = [policy for policy in plan.policies if code in policy.services and _may_decide(policy, cases)]
    stated = {policy.position for policy in speaking} - {Position.UNKNOWN}
    is_unread = any(policy.position is Position.UNKNOWN for policy in speaking)
    if not speaking and any(code in benefit.services for benefit in plan.benefits):
        stated = {Position.COVERED}
    under = next((policy.under for policy in speaking if policy.under), "")
    under = under or benefit_beside(plan, frozenset({code}), hearing.course.codes)
    told = Policy(_NAME, frozenset({code}), position, under=under, citation=hearing.cited)
    if is_unread or not stated:
        read = (_without(policy, code) if policy.position is Position.UNKNOWN else policy for policy in plan.policies)
        return replace(plan, policies=(*(policy for policy in read if policy.services), told))
    says_so = position in stated or (position in _COVERED and stated & _COVERED)
    if says_so or not hearing.otherwise:
        return plan
    return replace(plan, policies=(told, *plan.policies))


def _may_decide(policy: Policy, cases: list[Circumstances]) -> bool:
    """Tell whether a policy may be the one for a line of this course, by its days, who treats, and what it asks."""
    return any(case.day in policy.in_force and policy.when.holds(case) is not False for case in cases)


def _without(policy: Policy, code: str) -> Policy:
    return replace(policy, services=policy.services - {code})


def _services(plan: Plan, subject: str, hearing: Hearing) -> frozenset[str]:
    """Return the codes of the course that a subject names: a code, a policy's, or those of needling."""
    if is_service_code(subject):
        return frozenset({subject})
    named = [policy.services for policy in plan.policies if policy.name == subject]
    return hearing.course.codes & (frozenset().union(*named) if named else NEEDLING_CODES)


# ----------------------------------------------------------------------------
# What a network's deductible and maximum are, whether it is covered, and whether the clinic may bill beyond it.
# ----------------------------------------------------------------------------

OWN, TOGETHER = "each-their-own", "together"
_FAMILY_RULES = {OWN: FamilyRule.EMBEDDED, TOGETHER: FamilyRule.AGGREGATE}

Ceilings = Ceiling | Unknown | None


def deductible(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State the deductible of the course's networks, and of benefits whose own nobody has read."""

    def own(benefit: Benefit) -> Benefit:
        stated = benefit.deductible
        if stated is None or isinstance(stated.person, Money):
            return benefit
        ceiling = _stated(stated, told, hearing)
        return replace(benefit, deductible=ceiling) if isinstance(ceiling, Ceiling) else benefit

    plan = replace(plan, benefits=tuple(map(own, plan.benefits)))
    for network in _networks(plan, hearing):
        plan = _with(plan, replace(network, deductible=_stated(network.deductible, told, hearing)))
    return plan


def maximum(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State the out-of-pocket maximum of the course's networks."""
    for network in _networks(plan, hearing):
        plan = _with(plan, replace(network, out_of_pocket_max=_stated(network.out_of_pocket_max, told, hearing)))
    return plan


def family_rule(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a family's members each have an amount of their own."""
    rule = _FAMILY_RULES[str(told.answer)]

    def ruled(ceiling: Ceilings) -> Ceilings:
        if not isinstance(ceiling, Ceiling) or ceiling.family is None:
            return ceiling
        is_open = isinstance(ceiling.family_rule, Unknown)
        return replace(ceiling, family_rule=rule) if hearing.takes(ceiling.family_rule, rule, is_open) else ceiling

    for network in _networks(plan, hearing):
        both = ruled(network.deductible), ruled(network.out_of_pocket_max)
        plan = _with(plan, replace(network, deductible=both[0], out_of_pocket_max=both[1]))
    return plan


def network_cover(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether the plan pays in a network at all; at which share is another question."""
    network = _named(plan, told.subject)
    is_open = isinstance(network.covered, Unknown)
    if not hearing.takes(network.covered, told.answer, is_open):
        return plan
    return _with(plan, replace(network, covered=told.answer is True, citation=hearing.cited))


def balance_bill(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether the clinic may bill more than the plan recognizes."""
    network = _named(plan, told.subject)
    if not hearing.takes(network.balance_bill, told.answer, isinstance(network.balance_bill, Unknown)):
        return plan
    return _with(plan, replace(network, balance_bill=told.answer is True))


def reduction(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a second therapy service of a day is paid less."""
    for network in _networks(plan, hearing):
        reduces = network.allowed.reduces_multiple_procedures
        if hearing.takes(reduces, told.answer, isinstance(reduces, Unknown)):
            allowed = replace(network.allowed, reduces_multiple_procedures=told.answer is True)
            plan = _with(plan, replace(network, allowed=allowed))
    return plan


def _stated(ceiling: Ceilings, told: Told, hearing: Hearing) -> Ceilings:
    """Return the amount of a person, and of a family where it was told, in a ceiling that may not be read at all."""
    if told.answer == NONE:
        return None if hearing.takes(ceiling, None, isinstance(ceiling, Unknown)) else ceiling
    assert isinstance(told.answer, Money)
    family = told.family
    if not isinstance(ceiling, Ceiling):
        unread = UNKNOWN if hearing.course.asked.request.person.family and family is None else family
        new = Ceiling(f"told-{told.asks}", told.answer, unread, citation=hearing.cited)
        return new if hearing.takes(ceiling, new, isinstance(ceiling, Unknown)) else ceiling
    person = told.answer if _is_taken(ceiling.person, told.answer, hearing) else ceiling.person
    of_family = family if family is not None and _is_taken(ceiling.family, family, hearing) else ceiling.family
    if (person, of_family) == (ceiling.person, ceiling.family) and not hearing.confirms(ceiling.person, told.answer):
        return ceiling
    return replace(ceiling, person=person, family=of_family, citation=hearing.cited)


def _is_taken(stated: Amount | None, said: Money, hearing: Hearing) -> bool:
    is_open = isinstance(stated, Unknown) or (isinstance(stated, Between) and stated.low <= said <= stated.high)
    return hearing.takes(stated, said, is_open)


def _networks(plan: Plan, hearing: Hearing) -> list[Network]:
    return [_named(plan, name) for name in hearing.course.networks]


def _named(plan: Plan, name: str) -> Network:
    return replace(network_of(plan, name), name=name)


def _with(plan: Plan, network: Network) -> Plan:
    if network == network_of(plan, network.name):
        return plan
    return replace(plan, networks={**plan.networks, network.name: network})


# ----------------------------------------------------------------------------
# How many visits a plan covers, for whom the limit holds, and what lies past it.
# ----------------------------------------------------------------------------

VISITS = "therapy-visits"
"""What a limit is called that the plan's documents do not know of."""


def limit(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State the amount of a limit, or that there is none; one that no document has stands beside what was read."""
    stated = plan.limits.get(told.subject)
    if stated is None:
        return _with_new(plan, told, hearing) if hearing.otherwise and told.answer != NONE else plan
    is_open = isinstance(stated.amount, Unknown) or not stated.confirmed
    if told.answer == NONE:
        is_held = any(told.subject in benefit.limits for benefit in plan.benefits)
        return _lifted(plan, told.subject) if hearing.takes(is_held, False, is_open) else plan
    amount = as_counted(int_of(told), stated.measure)
    if not hearing.takes((stated.amount, stated.confirmed), (amount, True), is_open) or amount is None:
        return plan
    return _limits_with(plan, replace(stated, amount=amount, confirmed=True, citation=hearing.cited))


def int_of(told: Told) -> int:
    """Return the count of an answer, still `Money` where it was written with cents."""
    assert isinstance(told.answer, int)
    return told.answer


def exemption(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a limit holds for this person; open only where nobody could tell from what was said."""
    stated = plan.limits.get(told.subject)
    if stated is None or stated.exempt is None:
        return plan
    is_open = told.subject in hearing.course.subjects(QuestionKind.LIMIT_EXEMPTION)
    exempt = None if told.answer else ANYTIME
    if not hearing.takes(stated.exempt, exempt, is_open) or not (is_open or told.answer):
        return plan
    return _limits_with(plan, replace(stated, exempt=exempt))


def sharing(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether visits of other therapies use up a limit."""
    stated = plan.limits.get(told.subject)
    if stated is None:
        return plan
    counts = stated.counts_other_therapy
    if not hearing.takes(counts, told.answer, isinstance(counts, Unknown)):
        return plan
    return _limits_with(plan, replace(stated, counts_other_therapy=told.answer is True))


def past_limit(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether the clinic may bill what lies past a limit."""
    past = Past.PATIENT_PAYS if told.answer else Past.PROVIDER_ABSORBS
    stated = plan.limits.get(told.subject)
    if stated is None or not hearing.takes(stated.past, past, isinstance(stated.past, Unknown)):
        return plan
    return _limits_with(plan, replace(stated, past=past))


def deductible_visits(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a visit that the deductible takes whole uses up the limit."""
    stated = plan.limits.get(told.subject)
    if stated is None:
        return plan
    counts = stated.counts_deductible_visits
    if not hearing.takes(counts, told.answer, counts is None or isinstance(counts, Unknown)):
        return plan
    return _limits_with(plan, replace(stated, counts_deductible_visits=told.answer is True))


def _limits_with(plan: Plan, stated: Limit) -> Plan:
    return replace(plan, limits={**plan.limits, stated.name: stated})


def _with_new(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    name = told.subject or VISITS
    if name in plan.limits:
        return plan
    added = Limit(name, Measure.VISITS, int_of(told), citation=hearing.cited)
    holding = each_in_use(plan, hearing.course.codes, lambda benefit: replace(benefit, limits=(*benefit.limits, name)))
    return _limits_with(holding, added)


def _lifted(plan: Plan, name: str) -> Plan:
    def free(benefit: Benefit) -> Benefit:
        return replace(benefit, limits=tuple(each for each in benefit.limits if each != name))

    return replace(plan, benefits=tuple(map(free, plan.benefits)))


# ----------------------------------------------------------------------------
# Whether authorization or a referral is needed, from which visit, and who bears a missing one.
# ----------------------------------------------------------------------------

CLINIC, PATIENT = "clinic", "patient"
_BEARING = {CLINIC: IfMissing.PROVIDER_ABSORBS, PATIENT: IfMissing.PATIENT_PAYS}
_REFERRAL = "referral"

Rule = Authorization | Unknown | None
Stated = Callable[[Benefit], Benefit]


def authorization_needed(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether authorization is needed: for one code, or for the benefit."""
    code = told.subject if is_service_code(told.subject) else ""

    def stated(benefit: Benefit) -> Benefit:
        if not code:
            by_code = dict(benefit.authorization_by_code)
            for each, doubted in benefit.authorization_by_code.items():
                if doubted is not None and doubted.contested is not None:
                    by_code[each] = _needed_from(_visit_told(told, doubted.from_visit), doubted, hearing)
            own = _permission_stated(benefit.authorization, "", told, hearing)
            return replace(benefit, authorization=own, authorization_by_code=by_code)
        read = benefit.authorization_by_code.get(code, benefit.authorization)
        rule = _permission_stated(read, code, told, hearing)
        if rule is read or isinstance(rule, Unknown):
            return benefit
        return replace(benefit, authorization_by_code={**benefit.authorization_by_code, code: rule})

    return _in_benefits(plan, told, hearing, stated)


def referral_needed(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a referral is needed."""
    return _in_benefits(
        plan,
        told,
        hearing,
        lambda benefit: replace(benefit, referral=_permission_stated(benefit.referral, "", told, hearing)),
    )


def consequence(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State who bears a visit whose authorization (or referral) is missing."""
    kind = _BEARING[str(told.answer)]

    def borne(rule: Rule) -> Rule:
        if not isinstance(rule, Authorization):
            return rule
        inside, outside = (
            Consequence(kind) if hearing.takes(each.kind, kind, each.kind is IfMissing.UNKNOWN) else each
            for each in (rule.if_missing, rule.if_missing_out_of_network)
        )
        is_in = any(plan.networks[name].contracted for name in hearing.course.networks if name in plan.networks)
        if is_in:
            return replace(rule, if_missing=inside)
        return replace(rule, if_missing_out_of_network=outside)

    def stated(benefit: Benefit) -> Benefit:
        if told.subject == _REFERRAL:
            return replace(benefit, referral=borne(benefit.referral))
        return replace(benefit, authorization=borne(benefit.authorization))

    return each_in_use(plan, hearing.course.codes, stated)


def _in_benefits(plan: Plan, told: Told, hearing: Hearing, stated: Stated) -> Plan:
    if told.subject in {benefit.name for benefit in plan.benefits}:
        benefits = (stated(benefit) if benefit.name == told.subject else benefit for benefit in plan.benefits)
        return replace(plan, benefits=tuple(benefits))
    return each_in_use(plan, hearing.course.codes, stated)


def _permission_stated(rule: Rule, code: str, told: Told, hearing: Hearing) -> Rule:
    """Return the rule as it was told; the consequences of a rule that was read stay as they were read."""
    from_visit = _from_visit(rule, code)
    said = _visit_told(told, from_visit)
    is_open = isinstance(rule, Unknown) or (rule is not None and rule.contested is not None)
    if not is_open and not hearing.takes(from_visit, said, is_open=False):
        return rule
    known = rule if isinstance(rule, Authorization) else ASSUMED
    return _needed_from(said, replace(known, exempt=frozenset(), only_for=frozenset()) if code else known, hearing)


def _visit_told(told: Told, from_visit: int | None) -> int | None:
    """Return the visit from which it is needed, as told; that of the rule where only a yes was; None for a no."""
    return None if told.answer is False else told.from_visit or from_visit or 1


def _needed_from(said: int | None, rule: Authorization, hearing: Hearing) -> Authorization | None:
    """Return a rule as it is needed from the visit that was told, on which sources no longer disagree."""
    return None if said is None else replace(rule, from_visit=said, citation=hearing.cited, contested=None)


def _from_visit(rule: Rule, code: str) -> int | None:
    if not isinstance(rule, Authorization) or (code and not rule.covers(code)):
        return None
    return rule.from_visit


# ----------------------------------------------------------------------------
# What the patient pays of a visit: copay, percentage, the place of the deductible, and what a copay may not exceed.
# ----------------------------------------------------------------------------

COPAY, COINSURANCE, DEDUCTIBLE = "copay", "coinsurance", "deductible"

Share = CostShare | Tier


def cost_share(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State one part of what a visit costs; a share of which nothing was read is made of all that the call told."""

    def stated(benefit: Benefit) -> Benefit:
        shares = dict(benefit.cost_share)
        for name in hearing.course.networks:
            read = shares.get(name, Tier.UNKNOWN)
            whole = _whole(hearing) if read is Tier.UNKNOWN else read
            if isinstance(whole, CostShare):
                shares[name] = whole if read is Tier.UNKNOWN else _with_part(whole, told, hearing)
        return replace(benefit, cost_share=shares)

    return each_in_use(plan, hearing.course.codes, stated)


def fair_copay(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State an amount that a copay of therapy may not exceed; never open, since a plan that is silent has none."""
    assert isinstance(told.answer, Money)
    most = told.answer

    def capped(share: Share) -> Share:
        if not isinstance(share, CostShare):
            return share
        stated = None if share.not_above is None else share.not_above.copay
        if not hearing.takes(stated, most, is_open=False):
            return share
        return replace(share, not_above=CostShare(copay=most, deductible=share.deductible, citation=hearing.cited))

    def stated(benefit: Benefit) -> Benefit:
        shares = {
            name: capped(share) if name in hearing.course.networks else share
            for name, share in benefit.cost_share.items()
        }
        return replace(benefit, cost_share=shares)

    return each_in_use(plan, hearing.course.codes, stated)


def _whole(hearing: Hearing) -> Share:
    """Return a share of nothing but what the call told of it."""
    parts = {told.subject: told.answer for told in hearing.call.answers if told.asks == "cost-share"}
    known = {name: said for name, said in parts.items() if said != COULD_NOT_SAY}
    order = known.get(DEDUCTIBLE)
    is_silent = COPAY not in known and COINSURANCE not in known
    return CostShare(
        copay=UNKNOWN if is_silent else _money(known.get(COPAY, NONE)),
        coinsurance=_rate(known.get(COINSURANCE, NONE)),
        deductible=UNKNOWN if order is None else _order(order),
        citation=hearing.cited,
    )


def _with_part(share: CostShare, told: Told, hearing: Hearing) -> CostShare:
    steps = tuple((last, _with_part(step, told, hearing)) for last, step in share.by_visit)
    share = share if steps == share.by_visit else replace(share, by_visit=steps)
    match told.subject:
        case "copay":
            copay = _money(told.answer)
            is_taken = hearing.takes(share.copay, copay, _is_open(share.copay, copay))
            if is_taken or hearing.confirms(share.copay, copay):
                return replace(share, copay=copay, citation=hearing.cited)
        case "coinsurance":
            rate = _rate(told.answer)
            is_taken = hearing.takes(share.coinsurance, rate, isinstance(share.coinsurance, Unknown))
            if is_taken or hearing.confirms(share.coinsurance, rate):
                return replace(share, coinsurance=rate, citation=hearing.cited)
        case _:
            is_open = isinstance(share.deductible, Unknown)
            is_first = share.deductible is not DeductibleOrder.WAIVED
            if is_open or hearing.takes(is_first, told.answer, False):
                return replace(share, deductible=_order(told.answer), citation=hearing.cited)
    return share


def _is_open(stated: Amount | None, said: Money | None) -> bool:
    if isinstance(stated, Between):
        return said is not None and stated.low <= said <= stated.high
    return isinstance(stated, Unknown)


def _money(said: Said) -> Money | None:
    return said if isinstance(said, Money) else None


def _rate(said: Said) -> Rate | None:
    return said if isinstance(said, Rate) else None


def _order(said: Said) -> DeductibleOrder:
    return DeductibleOrder.APPLIES if said else DeductibleOrder.WAIVED
