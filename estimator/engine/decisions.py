"""Why a line is or is not paid, and what a reader is told before any price."""

from __future__ import annotations

from dataclasses import dataclass

from estimator.engine.finding import Finding


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
    """A policy's position denies the line; `whole_visit` where it was the only kind of service."""

    position: str
    policy: str
    whole_visit: bool = False


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
    """What state law says of needling by this provider."""

    state: str
    name: str
    status: str


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
class PolicyOverPlan(Finding):
    """A medical policy and the plan's list of services disagree; the policy was followed."""

    policy: str
    position: str
    benefit: str
