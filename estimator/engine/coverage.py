"""Whether a line is payable at all: state law, coding, the payer's policy, the plan's benefits and networks.

Nothing here depends on what was used up before; the same visit on another day of the same rules gets
the same decision. A state's words are for readers; what the people who keep the table note stays in its file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from estimator.engine.answer import AssumptionKind, Choice, Fork, Log, QuestionKind, Status
from estimator.engine.coding import NEEDLING_CODES, ServiceCode, who_gives
from estimator.engine.findings import (
    BundledByPolicy,
    CoverUnknown,
    Finding,
    NetworkNotCovered,
    NotCovered,
    NotInScope,
    SelfPay,
)
from estimator.engine.plan import (
    Benefit,
    Circumstances,
    CostShare,
    IfMissing,
    Liable,
    Network,
    Plan,
    Policy,
    Position,
    Tier,
    When,
)
from estimator.engine.request import OUT_OF_NETWORK, Request, Service
from estimator.engine.usual import NO_RULES, Bearer, Bearers, Leaf, UsualRules, bearers, unread
from estimator.engine.values import UNKNOWN, Citation, Source, Unknown

READ_ON = date(2026, 11, 29)
"""The day on which the whole table was read."""
NEEDLERS = (
    "physical-therapist-assistant",
    "chiropractor",
    "acupuncturist",
    "physician",
    "occupational-therapist",
    "athletic-trainer",
)
"""The professions, besides physical therapists, of which every state's row says whether they may needle."""


class Scope(StrEnum):
    """What a state says of needling by physical therapists."""

    PERMITTED = "permitted"
    PROHIBITED = "prohibited"
    SILENT = "silent"  # no law or ruling speaks of it
    AWAITING_RULES = "awaiting-rules"  # authorized, but not usable before the board has made its rules


class May(StrEnum):
    """Whether people of one profession may needle; unknown is what nobody has read yet."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not-yet"  # a law allows it from a later day on
    UNKNOWN = "unknown"


class Access(StrEnum):
    """Whether therapy may start without a referral, as far as the state is concerned: a plan may still want one."""

    FREE = "free"
    LIMITED = "limited"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Permission:
    """What a state lets one profession do, and on what terms, in readers' words."""

    may: May = May.UNKNOWN
    terms: str = ""


@dataclass(frozen=True, slots=True)
class StateRule:
    """One state, in readers' words. None and "" are what nobody has read yet.

    `says` answers whether a physical therapist may needle; `law` names the statute, rule or ruling, "" where none was
    found. `experience_years` are whole years of practice. `others` holds every profession but the physical therapist.
    """

    abbreviation: str
    name: str
    status: Scope
    says: str
    law: str = ""
    training: str = ""
    experience_years: int | None = None
    written_consent: bool | None = None
    referral: str = ""
    registration: str = ""
    direct_access: Access = Access.UNKNOWN
    direct_access_limit: str = ""
    others: Mapping[str, Permission] = field(default_factory=dict)
    board: str = ""
    board_url: str = ""
    confidence: str = "low"

    def scope_for(self, provider: str) -> Scope:
        """Return what the state says of needling by this kind of provider: silent where nobody has read it.

        An assistant may do no more than the physical therapist.
        """
        said = _SCOPES[self.permission(provider).may]
        if provider == "physical-therapist" or (provider == "physical-therapist-assistant" and self.is_closed):
            return self.status
        return said

    def permission(self, provider: str) -> Permission:
        """Return what one profession other than the physical therapist may do."""
        return self.others.get(provider, Permission())

    def forbids(self, provider: str) -> bool:
        """Tell whether this kind of provider may not needle today."""
        return self.scope_for(provider) in _CLOSED

    @property
    def is_closed(self) -> bool:
        """Tell whether a physical therapist may not needle today."""
        return self.status in _CLOSED

    @property
    def citation(self) -> Citation:
        """Return the statute, rule or ruling, or else the board that was asked for one."""
        address = "" if self.law else self.board_url
        return Citation(Source(self.law or self.board, address, READ_ON, self.confidence))


_CLOSED = (Scope.PROHIBITED, Scope.AWAITING_RULES)
_SCOPES = {
    May.YES: Scope.PERMITTED,
    May.NO: Scope.PROHIBITED,
    May.NOT_YET: Scope.AWAITING_RULES,
    May.UNKNOWN: Scope.SILENT,
}


_NO_THERAPISTS = frozenset({"chiropractor", "acupuncturist"})
"""Who may have rules of their own in a plan, even for the codes of physical therapy."""
_COVERING = {Position.COVERED, Position.COVERED_IN_THERAPY}
_NOT_STATED = CostShare(copay=UNKNOWN, deductible=UNKNOWN)
NEEDLING = "needling"
_UNSTATED_NETWORK = Network(OUT_OF_NETWORK, covered=UNKNOWN, contracted=False, balance_bill=UNKNOWN)


class Kind(StrEnum):
    """The four ways a line can go."""

    COVERED = "covered"
    DENIED = "denied"
    BUNDLED = "bundled"
    UNKNOWN = "unknown"


class Decision(NamedTuple):
    """What was decided for a line: who bears a denied one, and the benefit and share of a covered one.

    An unknown line says how this run reads it (`leaf`), and has a benefit where that is covered: the likeliest one.
    """

    kind: Kind
    finding: Finding | None
    citation: Citation | None
    liable: Liable = Liable.PATIENT
    benefit: Benefit | None = None
    share: CostShare | None = None
    leaf: Leaf = Leaf.PATIENT


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decisions of one visit have in common; the log tells how each fork is read.

    `therapy` are the visit's codes of therapy, and then those that stand for it. `signed` is the market's own paper
    for a service that is not paid, agreed to before the visit.
    """

    plan: Plan
    network: Network
    state: StateRule | None
    codes: tuple[str, ...]
    therapy: tuple[str, ...]
    log: Log
    rules: UsualRules = NO_RULES
    signed: bool | None = None

    @property
    def place(self) -> str | None:
        """Return the two letters of the clinic's state, where they are known."""
        return self.state.abbreviation if self.state is not None else None


def network_of(plan: Plan, name: str) -> Network:
    """Return the plan's tier of that name; an out-of-network tier that the plan does not mention is unknown."""
    return plan.networks.get(name, _UNSTATED_NETWORK)


def decide(code: str, case: Circumstances, deciding: Deciding) -> Decision:
    """Return the decision for one line that no coding rule has already bundled."""
    state = deciding.state
    if state is not None and code in NEEDLING_CODES and state.forbids(case.provider):
        finding = NotInScope(state.abbreviation, state.scope_for(case.provider))
        return Decision(Kind.DENIED, finding, state.citation, Liable.PROVIDER)
    if deciding.plan.market == "self-pay":
        return Decision(Kind.DENIED, SelfPay(), None)
    policy = _policy(code, case, deciding)
    listed = _benefit(code, case, deciding)
    if policy is not None and policy.position is not Position.UNKNOWN:
        return _by_policy(code, case, policy, listed, deciding)
    if policy is None and listed is not None:
        if case.provider in _NO_THERAPISTS and code in deciding.therapy and not listed.when.providers:
            deciding.log.assume(AssumptionKind.THERAPY_BY_ANOTHER, case.provider, listed.citation)
        return _by_benefit(listed, deciding)
    if policy is not None:
        _ask_of(policy, deciding.log)
    return _unread(code, policy, case, deciding)


def _by_policy(code: str, case: Circumstances, policy: Policy, listed: Benefit | None, deciding: Deciding) -> Decision:
    _ask_of(policy, deciding.log)
    alone = all(other in policy.services for other in deciding.codes)
    denied_alone = policy.sole_service_denied or policy.position is Position.COVERED_IN_THERAPY
    if policy.position in _COVERING and not (alone and denied_alone):
        return _covered_by(code, case, policy, listed, deciding)
    if listed is not None:
        deciding.log.assume(AssumptionKind.POLICY_OVER_PLAN, policy.name, policy.citation)
    is_bundled = policy.position is Position.BUNDLED and deciding.network.contracted
    if is_bundled and policy.liable is not Liable.PATIENT:
        return Decision(Kind.BUNDLED, BundledByPolicy(policy.name), policy.citation)
    found = _bearers(policy, deciding)
    finding = NotCovered(policy.position, policy.name, alone and denied_alone, found.rests_on_paper)
    return Decision(Kind.DENIED, finding, policy.citation, _borne_by(code, policy, found, deciding))


def _bearers(policy: Policy, deciding: Deciding) -> Bearers:
    position = Position.INVESTIGATIONAL if policy.position in _COVERING else policy.position
    contracted, place = deciding.network.contracted, deciding.place
    return bearers(deciding.rules, position, policy.liable, contracted, deciding.signed, place)


def _borne_by(code: str, policy: Policy, found: Bearers, deciding: Deciding) -> Liable:
    """Return who bears a line that its policy does not pay, as this run reads it; a fork where it is not settled."""
    bearer = found.usual
    if not found.is_settled:
        unsigned = Fork("liability", _subject(code))
        fork = unsigned._replace(about="consent") if found.rests_on_paper else unsigned
        cited = found.citation or policy.citation
        holds = (unsigned,) if found.is_open_without and found.rests_on_paper else ()
        choice = Choice(
            found.outcomes, found.usual, QuestionKind.LIABILITY, code, cited, codes=frozenset({code}), holds=holds
        )
        bearer = Bearer(deciding.log.choose(fork, choice))
    return Liable.PATIENT if bearer is Bearer.PATIENT else Liable.PROVIDER


def _subject(code: str) -> str:
    """Return what a fork about a service is about: all needling codes share one policy, so they share one fork."""
    return NEEDLING if code in NEEDLING_CODES else code


def _unread(
    code: str, policy: Policy | None, case: Circumstances, deciding: Deciding, likely: Benefit | None = None
) -> Decision:
    """Return the decision for a service whose rule nobody has read: one fork, whose outcomes hold who bears it."""
    is_needling = code in NEEDLING_CODES
    cited = policy.citation if policy is not None else None
    found = unread(deciding.rules, deciding.network.contracted, deciding.signed, deciding.place)
    benefits = iter([likely]) if likely is not None else _likely(policy, case, deciding)
    benefit, share = next(_stated(benefits, deciding), (None, None))
    leaves = tuple(leaf for leaf in found.outcomes if leaf is not Leaf.COVERED or benefit is not None)
    fork = Fork("needling-cover" if is_needling else "service-cover", _subject(code))
    asks = QuestionKind.NEEDLING_POLICY if is_needling else QuestionKind.BENEFIT_LISTS_SERVICE
    choice = Choice(leaves, found.usual if is_needling else None, asks, code, cited, frozenset({code}))
    leaf = Leaf(deciding.log.choose(fork, choice))
    decision = Decision(Kind.UNKNOWN, CoverUnknown("policy" if is_needling else "benefit"), cited, leaf=leaf)
    return decision._replace(benefit=benefit, share=share) if leaf is Leaf.COVERED else decision


def _stated(benefits: Iterable[Benefit], deciding: Deciding) -> Iterator[tuple[Benefit, CostShare]]:
    """Yield the benefits that state a share in this network, with it."""
    for benefit in benefits:
        share = benefit.cost_share.get(deciding.network.name)
        if isinstance(share, CostShare) and deciding.network.covered is not False:
            yield benefit, share


def _covered_by(code: str, case: Circumstances, policy: Policy, listed: Benefit | None, deciding: Deciding) -> Decision:
    benefit = listed
    if policy.under:
        benefit = deciding.plan.benefit(policy.under)
    if benefit is None:
        others = (other for other in deciding.codes if other not in policy.services)
        found = (_benefit(other, case, deciding) for other in others)
        benefit = next((each for each in found if each is not None), None)
    if benefit is None:
        return _unread(code, policy, case, deciding)
    decision = _by_benefit(benefit, deciding)
    return decision._replace(citation=policy.citation) if decision.kind is Kind.COVERED else decision


def _by_benefit(benefit: Benefit, deciding: Deciding) -> Decision:
    network = deciding.network
    if network.covered is False:
        return Decision(Kind.DENIED, NetworkNotCovered(network.name), network.citation)
    if isinstance(network.covered, Unknown):
        return _unread_network(benefit, deciding)
    share = benefit.cost_share.get(network.name, Tier.UNKNOWN)
    if share is Tier.NOT_COVERED:
        return Decision(Kind.DENIED, NetworkNotCovered(network.name), benefit.citation)
    if isinstance(share, Tier):
        deciding.log.ask(QuestionKind.COST_SHARE, benefit.name, benefit.citation)
        share = _NOT_STATED
    return Decision(Kind.COVERED, None, benefit.citation or share.citation, benefit=benefit, share=share)


def _likely(policy: Policy | None, case: Circumstances, deciding: Deciding) -> Iterator[Benefit]:
    """Yield the benefits that a line would fall in if it were covered, the likeliest first."""
    if policy is not None and policy.under:
        yield deciding.plan.benefit(policy.under)
    for other in deciding.therapy:
        benefit = _benefit(other, case, deciding)
        if benefit is not None:
            yield benefit


def _unread_network(benefit: Benefit, deciding: Deciding) -> Decision:
    """Return the decision for a network of which nobody has read whether the plan pays there at all."""
    network = deciding.network
    choice = Choice((Leaf.COVERED, Leaf.PATIENT), None, QuestionKind.NETWORK_COVER, network.name, network.citation)
    leaf = Leaf(deciding.log.choose(Fork("network", network.name), choice))
    decision = Decision(Kind.UNKNOWN, CoverUnknown("network"), network.citation, leaf=leaf)
    share = benefit.cost_share.get(network.name)
    if leaf is Leaf.COVERED and isinstance(share, CostShare):
        return decision._replace(benefit=benefit, share=share)
    return decision._replace(leaf=Leaf.PATIENT if leaf is Leaf.PATIENT else Leaf.BUNDLED)


def _policy(code: str, case: Circumstances, deciding: Deciding) -> Policy | None:
    for policy in deciding.plan.policies:
        if code not in policy.services or case.day not in policy.in_force:
            continue
        holds = policy.when.holds(case)
        if holds is None:
            holds = _as_read(policy.when, case, deciding.log)
        if holds:
            return policy
    return None


def _benefit(code: str, case: Circumstances, deciding: Deciding) -> Benefit | None:
    for benefit in deciding.plan.benefits:
        if code not in benefit.services:
            continue
        holds = benefit.when.holds(case)
        if holds is None:
            holds = _as_read(benefit.when, case, deciding.log)
        if holds:
            return benefit
    return None


def _ask_of(policy: Policy, log: Log) -> None:
    """Note what the policy itself says to ask: the patient's question and the clinic's."""
    if policy.ask:
        log.ask(QuestionKind.POLICY_ASK, policy.ask, policy.citation)
    if policy.ask_clinic:
        log.ask(QuestionKind.POLICY_ASK_CLINIC, policy.ask_clinic, policy.citation)


def _as_read(when: When, case: Circumstances, log: Log) -> bool:
    """Return whether a rule holds that turns on facts nobody gave: as this run reads each of them."""
    holds = True
    for fact in _missing(when, case):
        holds = log.undecided(fact) and holds
    return holds


def _missing(when: When, case: Circumstances) -> Iterator[QuestionKind]:
    if (when.diagnoses or when.not_diagnoses) and case.diagnoses is None:
        yield QuestionKind.DIAGNOSIS
    if when.symptom_weeks and case.symptom_weeks is None:
        yield QuestionKind.SYMPTOM_WEEKS
    if (when.from_age is not None or when.to_age is not None) and case.age is None:
        yield QuestionKind.AGE
    if when.purposes and case.purpose is None:
        yield QuestionKind.PURPOSE
    if when.states and case.state is None:
        yield QuestionKind.STATE


# Which document settles who pays for a line that the plan does not: an authorization, a notice, a consent or an
# estimate. It settles liability, never coverage. Where no document is known to help, the answer is to ask.


class Paper(StrEnum):
    """What to have in hand before the visit."""

    AUTHORIZATION = "authorization"
    REFERRAL = "referral"
    NOTICE = "advance-notice"  # Medicare's ABN, form CMS-R-131
    CONSENT = "consent"  # names the service and its price, signed before the visit
    ESTIMATE = "good-faith-estimate"
    DETERMINATION = "organization-determination"  # Medicare Advantage: an ABN is not valid there
    ASK = "ask"
    NONE = "none"


class Who(StrEnum):
    """Who bears what the plan does not pay."""

    CLINIC = "clinic"
    PATIENT = "patient"
    SHARED = "shared"  # the plan pays less, or takes a penalty, and the patient bears that
    NOBODY = "nobody"
    UNKNOWN = "unknown"


_COMMERCIAL = frozenset({"employer", "marketplace", "fehb"})
_AT_MISSING = {
    IfMissing.PROVIDER_ABSORBS: Who.CLINIC,
    IfMissing.PATIENT_PAYS: Who.PATIENT,
    IfMissing.REDUCED: Who.SHARED,
    IfMissing.PENALTY: Who.SHARED,
    IfMissing.OTHER_COST_SHARE: Who.SHARED,
    IfMissing.UNKNOWN: Who.UNKNOWN,
}


def who_bears_a_missing_authorization(consequence: IfMissing) -> Who:
    """Return who bears a line whose authorization is missing."""
    return _AT_MISSING[consequence]


def who_bears(status: Status) -> Who:
    """Return who bears a line by its status; nobody where the plan pays, or where it is part of another line."""
    match status:
        case Status.PATIENT_BILLED:
            return Who.PATIENT
        case Status.PROVIDER_ABSORBS:
            return Who.CLINIC
        case Status.UNKNOWN:
            return Who.UNKNOWN
        case _:
            return Who.NOBODY


def papers_for(market: str, who: Who, may_be_signed: bool) -> tuple[Paper, ...]:
    """Return what to have signed or sent for a line that the plan does not, or may not, pay.

    `may_be_signed`: a consent would turn what the clinic bears into what the patient pays.
    """
    if who is Who.NOBODY or (who is Who.CLINIC and not may_be_signed):
        return (Paper.NONE,)
    if market == "self-pay":
        return (Paper.ESTIMATE,)
    if market == "medicare":
        return (Paper.NOTICE,)
    if market == "medicare-advantage":
        return (Paper.DETERMINATION,)
    return (Paper.CONSENT, Paper.ESTIMATE) if market in _COMMERCIAL else (Paper.ASK,)


def case_of(request: Request, service: Service, day: date, codes: Mapping[str, ServiceCode]) -> Circumstances:
    """Return what is known about a line when rules are chosen; an evaluation is always a therapist's."""
    person, provider = request.person, request.provider
    return Circumstances(
        day=day,
        provider=who_gives(service.code, provider.type, codes),
        setting=provider.setting,
        state=request.state,
        diagnoses=request.diagnoses,
        symptom_weeks=person.symptom_weeks,
        age=person.age,
        purpose=person.purpose,
        modifiers=service.modifiers,
    )


def cases_of(
    request: Request, wanted: Collection[str], codes: Mapping[str, ServiceCode]
) -> list[tuple[str, Circumstances]]:
    """Return the same for each line of a course that has one of the wanted codes, with its code."""
    return [
        (service.code, case_of(request, service, visit.day, codes))
        for visit in request.visits
        for service in visit.services
        if service.code in wanted
    ]
