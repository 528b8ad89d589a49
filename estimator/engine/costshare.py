"""Cost sharing: copay, coinsurance and how they stand to the deductible."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from estimator.engine.amounts import Amount
from estimator.engine.citation import Citation
from estimator.engine.money import Money, Rate
from estimator.engine.unknown import Unknown


class DeductibleOrder(StrEnum):
    """Whether, and before or after the copay, a charge goes to the deductible."""

    WAIVED = "waived"
    APPLIES = "applies"  # deductible first, then copay and coinsurance ("copay after deductible")
    AFTER_COPAY = "after-copay"  # copay first, the rest to the deductible ("copay before deductible")
    WITH_COPAY = "with-copay"  # as after-copay, and the copay itself counts toward the deductible


class Per(StrEnum):
    """What one copay covers."""

    VISIT = "visit"
    DAY = "day"
    PROVIDER_DAY = "provider-day"
    LINE = "line"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class CostShare:
    """What the patient pays for a covered line in one network.

    Copay and coinsurance may stand together: the copay is taken first and the coinsurance of the rest,
    or of the whole amount after the deductible where `coinsurance_of_allowed`. `by_visit` holds steps
    (last visit of the step or None, share of the step), counted by the limit named `counter` or, where
    that is empty, by this benefit's visits in the benefit year. `not_above` is another benefit's share
    that this one may not exceed.
    """

    copay: Amount | None = None
    coinsurance: Rate | Unknown | None = None
    per: Per = Per.VISIT
    deductible: DeductibleOrder | Unknown = DeductibleOrder.WAIVED
    coinsurance_of_allowed: bool = False
    never_above_allowed: bool = True
    credits_deductible: bool = False
    credits_out_of_pocket: bool = True
    copay_group: str = ""
    max_per_visit: Money | None = None
    plan_pays_at_most: Money | None = None
    by_visit: tuple[tuple[int | None, CostShare], ...] = ()
    counter: str = ""
    not_above: CostShare | None = None
    citation: Citation | None = None


class Tier(Enum):
    """The two answers a benefit can give for a network other than a cost share."""

    NOT_COVERED = "not-covered"
    UNKNOWN = "unknown"
