"""A health plan as the engine reads it: networks, limits, benefits and the payer's policies.

Every field is a word of the plan file (docs/plan-language.md). `UNKNOWN` is a legal value wherever a
booklet may be silent: the engine then reads it once in the patient's favour and once against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from estimator.engine.authorization import Authorization
from estimator.engine.citation import Citation, Source
from estimator.engine.costshare import CostShare, Tier
from estimator.engine.days import ALWAYS, BenefitYear, Span
from estimator.engine.limit import Limit
from estimator.engine.network import Ceiling, Network
from estimator.engine.unknown import Unknown
from estimator.engine.when import ANYTIME, When


@dataclass(frozen=True, slots=True)
class Benefit:
    """A group of services with one cost share per network, limits and an authorization rule.

    `deductible`, where given, stands in place of the plan's for this benefit alone, and `authorization_by_code`
    for one code in place of `authorization`.
    """

    name: str
    services: frozenset[str]
    cost_share: Mapping[str, CostShare | Tier]
    limits: tuple[str, ...] = ()
    when: When = ANYTIME
    authorization: Authorization | Unknown | None = None
    authorization_by_code: Mapping[str, Authorization | None] = field(default_factory=dict)
    referral: Authorization | Unknown | None = None
    without_authorization: CostShare | None = None
    deductible: Ceiling | None = None
    citation: Citation | None = None


class Position(StrEnum):
    """What a payer's medical policy says of a procedure."""

    COVERED = "covered"
    COVERED_IN_THERAPY = "covered-in-therapy"
    BUNDLED = "bundled"
    INVESTIGATIONAL = "investigational"
    NOT_MEDICALLY_NECESSARY = "not-medically-necessary"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


class Liable(StrEnum):
    """Who bears a line that is not covered, in network."""

    PATIENT = "patient"
    PATIENT_WITH_CONSENT = "patient-with-consent"
    PROVIDER = "provider"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Policy:
    """A payer's position on some services by date of service.

    `sole_service_denied` means that a visit with nothing else is not paid at all. `under` names the
    benefit that a covered line falls in.
    """

    name: str
    services: frozenset[str]
    position: Position
    in_force: Span = ALWAYS
    when: When = ANYTIME
    sole_service_denied: bool = False
    liable: Liable | None = None
    under: str = ""
    ask: str = ""
    ask_clinic: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One revision of a plan. `fingerprint` is the SHA-256 of the texts that it was read from."""

    id: str
    title: str
    payer: str
    kind: str
    market: str
    in_force: Span
    benefit_year: BenefitYear | Unknown
    networks: Mapping[str, Network]
    limits: Mapping[str, Limit]
    benefits: tuple[Benefit, ...]
    policies: tuple[Policy, ...]
    sources: Mapping[str, Source]
    notes: tuple[tuple[str, Citation], ...] = ()
    fingerprint: str = ""

    def benefit(self, name: str) -> Benefit:
        """Return the benefit of that name; raise KeyError where the plan has none."""
        for benefit in self.benefits:
            if benefit.name == name:
                return benefit
        raise KeyError(name)
