"""Whether a line is payable at all: state law, coding, the payer's policy, the plan's benefits and networks.

Nothing here depends on what was used up before; the same visit on another day of the same rules gets
the same decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from estimator.engine.answer import Status
from estimator.engine.codes import NEEDLING_CODES
from estimator.engine.findings import (
    BundledByPolicy,
    CoverUnknown,
    Finding,
    NetworkNotCovered,
    NotCovered,
    NotInScope,
    SelfPay,
)
from estimator.engine.log import AssumptionKind, Log, QuestionKind
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
from estimator.engine.request import OUT_OF_NETWORK
from estimator.engine.states import StateRule
from estimator.engine.values import UNKNOWN, Citation, Unknown

_COVERING = {Position.COVERED, Position.COVERED_IN_THERAPY}
_NOT_STATED = CostShare(copay=UNKNOWN, deductible=UNKNOWN)
_UNSTATED_NETWORK = Network(OUT_OF_NETWORK, covered=UNKNOWN, contracted=False, balance_bill=UNKNOWN)


class Kind(StrEnum):
    """The four ways a line can go."""

    COVERED = "covered"
    DENIED = "denied"
    BUNDLED = "bundled"
    UNKNOWN = "unknown"


class Decision(NamedTuple):
    """What was decided for a line: who bears a denied one, and the benefit and share of a covered one.

    An unknown line has a benefit where it is read in the patient's favor: the one that it would fall in.
    """

    kind: Kind
    finding: Finding | None
    citation: Citation | None
    liable: Liable = Liable.PATIENT
    benefit: Benefit | None = None
    share: CostShare | None = None


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decisions of one visit have in common; the log tells how to read what is unknown.

    `therapy` are the visit's codes of therapy, and then those that stand for it.
    """

    plan: Plan
    network: Network
    state: StateRule | None
    codes: tuple[str, ...]
    therapy: tuple[str, ...]
    log: Log


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
        return _by_benefit(listed, deciding)
    subject = "policy" if code in NEEDLING_CODES else "benefit"
    is_policy = subject == "policy"
    deciding.log.doubt(QuestionKind.NEEDLING_POLICY if is_policy else QuestionKind.BENEFIT_LISTS_SERVICE, code)
    if policy is not None:
        _ask_of(policy, deciding.log)
    cited = policy.citation if policy is not None else None
    return _unknown(subject, cited, _likely(policy, case, deciding), deciding)


def _by_policy(code: str, case: Circumstances, policy: Policy, listed: Benefit | None, deciding: Deciding) -> Decision:
    _ask_of(policy, deciding.log)
    alone = all(other in policy.services for other in deciding.codes)
    denied_alone = policy.sole_service_denied or policy.position is Position.COVERED_IN_THERAPY
    if policy.position in _COVERING and not (alone and denied_alone):
        return _covered_by(policy, case, listed, deciding)
    if listed is not None:
        deciding.log.assume(AssumptionKind.POLICY_OVER_PLAN, policy.name, policy.citation)
    liable = _liable(policy, deciding.network)
    if policy.position is Position.BUNDLED and liable is not Liable.PATIENT:
        return Decision(Kind.BUNDLED, BundledByPolicy(policy.name), policy.citation)
    if policy.position is Position.EXCLUDED and policy.liable is None and deciding.network.contracted:
        deciding.log.assume(AssumptionKind.EXCLUDED_MAY_BE_BILLED, policy.name, policy.citation)
    finding = NotCovered(policy.position, policy.name, alone and denied_alone)
    return Decision(Kind.DENIED, finding, policy.citation, liable)


def _covered_by(policy: Policy, case: Circumstances, listed: Benefit | None, deciding: Deciding) -> Decision:
    benefit = listed
    if policy.under:
        benefit = deciding.plan.benefit(policy.under)
    if benefit is None:
        others = (other for other in deciding.codes if other not in policy.services)
        found = (_benefit(other, case, deciding) for other in others)
        benefit = next((each for each in found if each is not None), None)
    if benefit is None:
        deciding.log.doubt(QuestionKind.BENEFIT_LISTS_SERVICE, policy.name, policy.citation)
        return _unknown("benefit", policy.citation, _likely(policy, case, deciding), deciding)
    decision = _by_benefit(benefit, deciding)
    return decision._replace(citation=policy.citation) if decision.kind is Kind.COVERED else decision


def _by_benefit(benefit: Benefit, deciding: Deciding) -> Decision:
    network = deciding.network
    if network.covered is False:
        return Decision(Kind.DENIED, NetworkNotCovered(network.name), network.citation)
    if isinstance(network.covered, Unknown):
        deciding.log.doubt(QuestionKind.NETWORK_COVER, network.name, network.citation)
        return _unknown("network", network.citation, [benefit], deciding)
    share = benefit.cost_share.get(network.name, Tier.UNKNOWN)
    if share is Tier.NOT_COVERED:
        return Decision(Kind.DENIED, NetworkNotCovered(network.name), benefit.citation)
    if isinstance(share, Tier):
        deciding.log.doubt(QuestionKind.COST_SHARE, benefit.name, benefit.citation)
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


def _unknown(subject: str, citation: Citation | None, likely: Iterable[Benefit], deciding: Deciding) -> Decision:
    """Return that nobody knows whether the line is paid; in the patient's favor, by the likeliest benefit."""
    unknown = Decision(Kind.UNKNOWN, CoverUnknown(subject), citation)
    if deciding.network.covered is False or not deciding.log.assume_favorable():
        return unknown
    for benefit in likely:
        share = benefit.cost_share.get(deciding.network.name)
        if isinstance(share, CostShare):
            return unknown._replace(benefit=benefit, share=share)
    return unknown


def _liable(policy: Policy, network: Network) -> Liable:
    if policy.liable is not None and (network.contracted or policy.liable is Liable.PROVIDER):
        return policy.liable
    if not network.contracted:
        return Liable.PATIENT
    return {
        Position.EXCLUDED: Liable.PATIENT,
        Position.BUNDLED: Liable.PROVIDER,
    }.get(policy.position, Liable.PATIENT_WITH_CONSENT)


def _policy(code: str, case: Circumstances, deciding: Deciding) -> Policy | None:
    for policy in deciding.plan.policies:
        if code not in policy.services or case.day not in policy.in_force:
            continue
        holds = policy.when.holds(case)
        if holds is None:
            _ask_for_missing(policy.when, case, deciding.log)
            holds = deciding.log.assume_holds()
        if holds:
            return policy
    return None


def _benefit(code: str, case: Circumstances, deciding: Deciding) -> Benefit | None:
    for benefit in deciding.plan.benefits:
        if code not in benefit.services:
            continue
        holds = benefit.when.holds(case)
        if holds is None:
            _ask_for_missing(benefit.when, case, deciding.log)
            holds = deciding.log.assume_holds()
        if holds:
            return benefit
    return None


def _ask_of(policy: Policy, log: Log) -> None:
    """Note what the policy itself says to ask: the patient's question and the clinic's."""
    if policy.ask:
        log.ask(QuestionKind.POLICY_ASK, policy.ask, policy.citation)
    if policy.ask_clinic:
        log.ask(QuestionKind.POLICY_ASK_CLINIC, policy.ask_clinic, policy.citation)


def _ask_for_missing(when: When, case: Circumstances, log: Log) -> None:
    if (when.diagnoses or when.not_diagnoses) and case.diagnoses is None:
        log.ask(QuestionKind.DIAGNOSIS)
    if when.symptom_weeks and case.symptom_weeks is None:
        log.ask(QuestionKind.SYMPTOM_WEEKS)
    if (when.from_age is not None or when.to_age is not None) and case.age is None:
        log.ask(QuestionKind.AGE)
    if when.purposes and case.purpose is None:
        log.ask(QuestionKind.PURPOSE)
    if when.states and case.state is None:
        log.ask(QuestionKind.STATE)


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
