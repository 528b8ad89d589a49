"""Every finding: what the engine found on a line, as numbers and names, never a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from estimator.engine.values import Money, Rate


@dataclass(frozen=True, slots=True)
class Finding:
    """Any finding. It exists only if it changes what someone owes or would do. Amounts are cents."""


# Why a line is or is not paid, and what a reader is told before any price.


@dataclass(frozen=True, slots=True)
class NotInScope(Finding):
    """State law does not let this provider needle; `status` is prohibited or awaiting-rules."""

    state: str
    status: str


@dataclass(frozen=True, slots=True)
class Bundled(Finding):
    """The line is part of another (`into`), by an NCCI pair or by the needling rule; `rule` says which.

    `modifier_allowed` tells whether a modifier 59 or X would have kept it apart.
    """

    into: str
    rule: str
    modifier_allowed: bool = False


@dataclass(frozen=True, slots=True)
class BundledByPolicy(Finding):
    """The payer pays nothing separately for this service."""

    policy: str


@dataclass(frozen=True, slots=True)
class BundledInRate(Finding):
    """A visit or case rate, carried by another line, swallows this one."""

    basis: str


@dataclass(frozen=True, slots=True)
class NotCovered(Finding):
    """A policy's position denies the line; `whole_visit` where it was the only kind of service.

    `may_agree`: the clinic may charge the patient only if the patient agrees to it before the visit.
    """

    position: str
    policy: str
    whole_visit: bool = False
    may_agree: bool = False


@dataclass(frozen=True, slots=True)
class NotInBenefits(Finding):
    """No benefit of the plan lists the service."""


@dataclass(frozen=True, slots=True)
class NetworkNotCovered(Finding):
    """The plan pays nothing in this network."""

    network: str


@dataclass(frozen=True, slots=True)
class CoverUnknown(Finding):
    """Nobody has read whether the plan pays for this; `subject` is policy, benefit or network."""

    subject: str


@dataclass(frozen=True, slots=True)
class SelfPay(Finding):
    """No plan: the patient pays the clinic's price."""


@dataclass(frozen=True, slots=True)
class LimitPassed(Finding):
    """The line lies beyond a limit of `of` in its own measure."""

    limit: str
    measure: str
    of: int


@dataclass(frozen=True, slots=True)
class LimitExtended(Finding):
    """The line lies within an extension of a limit, given on what `needs` says."""

    limit: str
    needs: str
    modifier: str


@dataclass(frozen=True, slots=True)
class ModifierNeeded(Finding):
    """Lines past this marker must carry a modifier; the patient's share does not change."""

    limit: str
    modifier: str


@dataclass(frozen=True, slots=True)
class AuthorizationNeeded(Finding):
    """The line needs an authorization (or referral) that is taken as granted; `number` is the visit's count."""

    kind: str
    number: int
    from_visit: int


@dataclass(frozen=True, slots=True)
class AuthorizationUnread(Finding):
    """Nobody has read whether the plan wants an authorization (or referral) here; `number` is the visit's count."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class RequestNeeded(Finding):
    """A request must be sent, and is granted without review."""

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class AuthorizationMissing(Finding):
    """No authorization (or referral) is on file; `consequence` is what the plan does."""

    kind: str
    consequence: str


@dataclass(frozen=True, slots=True)
class StateNotice(Finding):
    """What state law says of needling by this kind of provider."""

    state: str
    name: str
    status: str
    provider: str = "physical-therapist"


@dataclass(frozen=True, slots=True)
class DiagnosisInvalid(Finding):
    """A diagnosis code that claims no longer take, with the codes that replace it."""

    code: str
    replacements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitsCorrected(Finding):
    """An untimed code is one unit a day."""

    code: str
    units: int


@dataclass(frozen=True, slots=True)
class TherapistEvaluates(Finding):
    """An assistant may not evaluate: the line counts as a therapist's."""

    code: str


@dataclass(frozen=True, slots=True)
class PolicyOverPlan(Finding):
    """A medical policy and the plan's list of services disagree; the policy was followed."""

    policy: str
    position: str
    benefit: str


# What the patient pays for a covered line, and what stops or adds to it.


@dataclass(frozen=True, slots=True)
class DeductibleTaken(Finding):
    """Part of the line that goes to the deductible, and what remained of it before."""

    left_before: Money


@dataclass(frozen=True, slots=True)
class CopayCharged(Finding):
    """The copay, or as much of it as is left of the visit's copay and of the price."""

    copay: Money
    per: str


@dataclass(frozen=True, slots=True)
class CoinsuranceCharged(Finding):
    """A percentage of an amount."""

    rate: Rate
    of: Money


@dataclass(frozen=True, slots=True)
class UnknownShare(Finding):
    """The plan's share for this line has not been read."""


@dataclass(frozen=True, slots=True)
class PlanPaysAll(Finding):
    """Nothing is left for the patient: no share is due, or this visit's copay is already paid."""


@dataclass(frozen=True, slots=True)
class MaximumReached(Finding):
    """The out-of-pocket maximum stops the charge."""

    maximum: Money


@dataclass(frozen=True, slots=True)
class ShareCapped(Finding):
    """A ceiling of the patient's share per visit stops the charge."""

    cap: Money


@dataclass(frozen=True, slots=True)
class ParityApplied(Finding):
    """Another benefit's lower share takes the place of this one."""


@dataclass(frozen=True, slots=True)
class FreeByIndianHealth(Finding):
    """An Indian health care provider gives the care or referred the patient, who then has no share of it."""


@dataclass(frozen=True, slots=True)
class CopayIncluded(Finding):
    """Another service of the visit or the day bears the copay already; `per` is visit, day or provider-day."""

    per: str


@dataclass(frozen=True, slots=True)
class PlanPaymentCapped(Finding):
    """The plan pays at most so much a visit; the patient bears the rest."""

    cap: Money


@dataclass(frozen=True, slots=True)
class PaymentReduced(Finding):
    """Without authorization the plan pays only a percentage of its payment."""

    percent: Rate


@dataclass(frozen=True, slots=True)
class AssistantPaid(Finding):
    """Where an assistant treats, the plan pays only a part of its payment; the clinic bears the rest."""

    rate: Rate
    payment: Money


@dataclass(frozen=True, slots=True)
class PenaltyCharged(Finding):
    """A flat penalty for the missing authorization."""

    penalty: Money


@dataclass(frozen=True, slots=True)
class BalanceBilled(Finding):
    """The clinic bills the rest of its charge."""

    billed: Money
    allowed: Money


@dataclass(frozen=True, slots=True)
class LimitingCharge(Finding):
    """The clinic bills beyond the allowed amount, up to what the law lets it ask."""

    most: Money
    allowed: Money


@dataclass(frozen=True, slots=True)
class SecondaryPaid(Finding):
    """A second plan bears part; `method` is standard, non-duplication or maintenance-of-benefits."""

    plan: str
    method: str


# Where the price of a line comes from.


@dataclass(frozen=True, slots=True)
class PriceGiven(Finding):
    """The request itself named the allowed amount (or, for a line that no plan pays, the charge)."""


@dataclass(frozen=True, slots=True)
class PriceContracted(Finding):
    """The clinic's contract with this plan or payer."""

    party: str


@dataclass(frozen=True, slots=True)
class PriceContractedPercent(Finding):
    """A percentage of Medicare's fee in a locality, by the clinic's contract with this plan, payer or insurer.

    `reduced` where Medicare's reduction for several therapy services was taken of a fee; `asks` where nobody said
    whether the contract takes it.
    """

    party: str
    percent: Rate
    locality: str
    book: str
    reduced: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class PriceMedicare(Finding):
    """A percentage of the Medicare amount of a locality; `reduced` where the therapy MPPR took part of it."""

    percent: Rate
    locality: str
    book: str
    reduced: bool


@dataclass(frozen=True, slots=True)
class PriceRate(Finding):
    """A rate of the plan: `basis` is per-visit, case-rate, fee-schedule or charges."""

    basis: str


@dataclass(frozen=True, slots=True)
class PriceRegional(Finding):
    """An estimate: the locality's Medicare amount times cited ratios, times a factor for experience.

    `set_on` is the day on which the clinic set that factor, None where it is not the clinic's; `from_minutes` is the
    length of visit from which on it counts, None where it counts for all.
    """

    low: Rate
    typical: Rate
    high: Rate
    locality: str
    book: str
    experience: str
    factor: Rate
    set_on: date | None = None
    from_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class PriceMarket(Finding):
    """An estimate: the middle of what clinics of an area are paid by this payer, from the payer's own file of a day.

    Of hospitals, where the files are theirs; of lines that this clinic was paid, where it is observed; of this clinic
    alone, where the file names it. `is_wide` tells that the range was widened: the file is over a year old, or few
    clinics are in it.
    """

    payer: str
    network: str
    area: str
    dated: date
    clinics: int
    is_wide: bool
    in_hospitals: bool = False
    is_observed: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class PriceList(Finding):
    """The clinic's own self-pay list."""


@dataclass(frozen=True, slots=True)
class PriceCash(Finding):
    """A cited range of cash prices, times a factor; `set_on` and `from_minutes` are those of a regional price."""

    experience: str
    factor: Rate
    set_on: date | None = None
    from_minutes: int | None = None
