"""What stands in for what nobody said: usual amounts of a market, and who usually bears an unpaid service.

Two kinds of not knowing meet here. An amount that is missing is *assumed*, at a low, a usual and a high figure. A
question of yes or no is a *fork*: it has outcomes, and one of them is the usual one. Figures and outcomes are data
(`plans/_usual.yaml`), each with the document it was read in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from estimator.engine.plan import Liable, Position
from estimator.engine.values import ZERO, Citation, Money, Rate


class Bearer(StrEnum):
    """Who bears a service that the plan does not pay."""

    CLINIC = "clinic"
    PATIENT = "patient"


class Unsigned(StrEnum):
    """Who bears an unpaid service with no paper signed; `OPEN` where sources disagree or none was found."""

    CLINIC = "clinic"
    PATIENT = "patient"
    OPEN = "open"


class UsualAmount(NamedTuple):
    """An amount at its low, its usual and its high figure (cents); `high` None has no end but the plan's maximum.

    `by_law`: no plan of the market asks more than `high`, not even one that states nothing.
    """

    low: Money
    usual: Money
    high: Money | None
    citation: Citation | None = None
    by_law: bool = False


class UsualRate(NamedTuple):
    """A percentage at its low, its usual and its high figure."""

    low: Rate
    usual: Rate
    high: Rate
    citation: Citation | None = None


class Rung(NamedTuple):
    """Who bears a service with this position, without the market's paper and with it, at a contracted clinic."""

    unsigned: Unsigned
    signed: Bearer
    citation: Citation | None = None


class LegalMaximum(NamedTuple):
    """The most that a plan of this market may ask in a benefit year that begins in `year` (cents)."""

    year: int
    person: Money
    family: Money
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class UsualRules:
    """The usual rules of one market.

    `ladder` has a rung for each position that is not paid. `signs` tells whether a clinic usually has the market's
    paper signed where nobody said. `unread` is the position that usually holds for needling whose policy nobody
    has read; None where there is no evidence.
    """

    market: str
    copay: UsualAmount | None = None
    coinsurance: UsualRate | None = None
    deductible: UsualAmount | None = None
    maximums: tuple[LegalMaximum, ...] = ()
    ladder: Mapping[Position, Rung] = field(default_factory=dict)
    signs: bool = False
    unread: Position | None = None
    unread_citation: Citation | None = None

    def maximum_of(self, year: int) -> LegalMaximum | None:
        """Return the legal maximum of a year; that of the last year known before it where it is not yet known."""
        known = [each for each in self.maximums if each.year <= year]
        return max(known, default=None, key=lambda each: each.year)


NO_RULES = UsualRules("")

_EITHER = Rung(Unsigned.OPEN, Bearer.PATIENT)


class Bearers(NamedTuple):
    """Who may bear a line, the cheapest for the patient first; one alone where it is settled, and the usual one."""

    outcomes: tuple[Bearer, ...]
    usual: Bearer
    citation: Citation | None = None
    rests_on_paper: bool = False

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left to ask."""
        return len(self.outcomes) == 1


def bearers(
    rules: UsualRules, position: Position, liable: Liable | None, is_contracted: bool, signed: bool | None
) -> Bearers:
    """Return who bears a line that is not paid for this reason.

    What the payer's rule says (`liable`) goes before the market's ladder. `signed` is this market's own paper, agreed
    to before the visit; None where nobody said. Outside a contract the patient owes.
    """
    if liable is Liable.PROVIDER:
        return _settled(Bearer.CLINIC)
    if not is_contracted or liable is Liable.PATIENT:
        return _settled(Bearer.PATIENT)
    rung = _rung(rules, position, liable)
    if signed:
        return Bearers((rung.signed,), rung.signed, rung.citation)
    without = _without_paper(rung)
    if signed is False:
        return Bearers(without, without[0], rung.citation)
    either = {*without, rung.signed}
    outcomes = tuple(each for each in (Bearer.CLINIC, Bearer.PATIENT) if each in either)
    usual = rung.signed if rules.signs else without[0]
    return Bearers(outcomes, usual, rung.citation, rung.signed not in without or len(without) > 1)


def _rung(rules: UsualRules, position: Position, liable: Liable | None) -> Rung:
    rung = rules.ladder.get(position, _EITHER)
    if liable is Liable.PATIENT_WITH_CONSENT:
        return Rung(Unsigned.CLINIC, Bearer.PATIENT, rung.citation)
    if liable is Liable.UNKNOWN:
        return Rung(Unsigned.OPEN, rung.signed, rung.citation)
    return rung


def _without_paper(rung: Rung) -> tuple[Bearer, ...]:
    match rung.unsigned:
        case Unsigned.OPEN:
            return (Bearer.CLINIC, Bearer.PATIENT)
        case Unsigned.CLINIC:
            return (Bearer.CLINIC,)
        case Unsigned.PATIENT:
            return (Bearer.PATIENT,)


def _settled(bearer: Bearer) -> Bearers:
    return Bearers((bearer,), bearer)


class Leaf(StrEnum):
    """How a service whose policy nobody has read may turn out, in the order in which readings are declared."""

    BUNDLED = "bundled"
    CLINIC = "not-paid-clinic-bears"
    COVERED = "covered"
    PATIENT = "not-paid-patient-pays"


_LEAF_OF = {Bearer.CLINIC: Leaf.CLINIC, Bearer.PATIENT: Leaf.PATIENT}
NOT_PAID = (Position.INVESTIGATIONAL, Position.NOT_MEDICALLY_NECESSARY, Position.EXCLUDED)


class Unread(NamedTuple):
    """The leaves of a service that nobody has read, and the usual one; None where there is no evidence."""

    outcomes: tuple[Leaf, ...]
    usual: Leaf | None
    citation: Citation | None


def unread(rules: UsualRules, is_contracted: bool, signed: bool | None) -> Unread:
    """Return what may come of a service whose position nobody has read: covered, bundled, or unpaid by either side."""
    reached = {Leaf.BUNDLED, Leaf.COVERED}
    for position in NOT_PAID:
        reached |= {_LEAF_OF[each] for each in bearers(rules, position, None, is_contracted, signed).outcomes}
    usual = None
    if rules.unread in NOT_PAID:
        usual = _LEAF_OF[bearers(rules, rules.unread, None, is_contracted, signed).usual]
    elif rules.unread is Position.BUNDLED:
        usual = Leaf.BUNDLED
    elif rules.unread is not None and rules.unread is not Position.UNKNOWN:
        usual = Leaf.COVERED
    return Unread(tuple(leaf for leaf in Leaf if leaf in reached), usual, rules.unread_citation)


NOTHING = UsualAmount(ZERO, ZERO, None)
"""An amount of a published plan that nobody has read, in a market without a usual figure."""
