"""Everything a price may rest on, gathered for one request: the fee schedule, ratios, contracts and cash prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from estimator.engine.values import ALWAYS, WHOLE, ZERO, Citation, Money, Rate, Source, Span

EXPERIENCE: Mapping[str, Rate] = {"new": Rate.parse("90%"), "standard": WHOLE, "senior": Rate.parse("115%")}
"""What experience is taken to change: an assumption that a reader can replace, since no source has a figure."""


OF_MEDICARE = "percent-of-medicare"


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """One row of a clinic's contract or of its self-pay list.

    `basis` is per-unit, per-line or per-visit with an `amount`, or percent-of-medicare with a `percent` of Medicare's
    fee at the place and on the day. `party` names a plan id, a payer, an insurer, or, empty, anybody. `market`,
    `network`, `location` and `therapist` narrow a row; empty is any. `mppr` tells whether Medicare's reduction for
    several therapy services of a day is taken of a percentage; None is as the plan has it.
    """

    code: str
    amount: Money = ZERO
    basis: str = "per-unit"
    party: str = ""
    span: Span = ALWAYS
    citation: Citation | None = None
    percent: Rate | None = None
    market: str = ""
    network: str = ""
    location: str = ""
    therapist: str = ""
    mppr: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a row with both an amount and a percentage, or the basis of the other."""
        if (self.percent is None) == (self.basis == OF_MEDICARE) or (self.percent is not None and self.amount):
            raise ValueError(self)

    @property
    def subject(self) -> tuple[str, ...]:
        """Return what no two rows may price on the same day: party, code, and what narrows the row."""
        narrowed = (self.market, self.network, self.location, self.therapist)
        return self.party, self.code, *(narrowed if any(narrowed) else ())

    @property
    def breadth(self) -> tuple[bool, ...]:
        """Return what sorts rows of one party: those for a network first, then for a place, a therapist, a market."""
        return not self.network, not self.location, not self.therapist, not self.market

    def prices(self, code: str) -> bool:
        """Tell whether this is a row for a line with this code; a rate per visit is for none."""
        return self.basis != "per-visit" and self.code in (code, "*")

    def amount_of(self, units: int) -> Money:
        """Return what a line of so many units comes to by a row in dollars."""
        return Money(self.amount * units) if self.basis == "per-unit" else self.amount


@dataclass(frozen=True, slots=True)
class ExperienceFactor:
    """What a clinic counts of an estimated price for a provider of this experience: its own figure, set on this day.

    `from_minutes` keeps it for visits that last so long or longer; None is for visits of any length.
    """

    experience: str
    rate: Rate
    set_on: date
    span: Span = ALWAYS
    citation: Citation | None = None
    from_minutes: int | None = None

    @property
    def subject(self) -> tuple[str, ...]:
        """Return what no two rows may price on the same day."""
        return str(self.from_minutes or ""), self.experience


@dataclass(frozen=True, slots=True)
class ClinicPrices:
    """What the clinic has agreed with payers, what it asks of people without one, and what it counts for experience.

    `location` is the one that they hold at, where some hold at one alone.
    """

    contract: tuple[PriceEntry, ...] = ()
    self_pay: tuple[PriceEntry, ...] = ()
    factors: tuple[ExperienceFactor, ...] = ()
    location: str = ""

    def at(self, location: str = "") -> ClinicPrices:
        """Return the prices that hold at a location; where none is named, those that hold wherever the clinic is."""
        if not any(entry.location for entry in self.contract):
            return self
        here = tuple(entry for entry in self.contract if entry.location in ("", location))
        return replace(self, contract=here, location=location)


@dataclass(frozen=True, slots=True)
class Ratios:
    """What commercial plans pay as a share of Medicare, in one setting."""

    low: Rate
    typical: Rate
    high: Rate
    citation: Citation


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """What clinics of an area are paid for a unit by one payer, one figure a clinic, from published files.

    In a hospital outpatient department, `clinics` counts hospitals; of what this clinic itself was paid, lines. It is
    `is_own` where the file names this clinic: then these are its prices, among so many clinics.
    """

    low: Money
    typical: Money
    high: Money
    payer: str
    network: str
    area: str
    dated: date
    clinics: int
    citation: Citation
    in_hospitals: bool = False
    is_observed: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class CashRange:
    """What clinics ask without a plan, cents per unit or per line."""

    low: Money
    typical: Money
    high: Money
    per_unit: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class Region:
    """A price book and the locality of the request's ZIP in it."""

    book: PriceBook
    locality: Locality


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """The figures for one request.

    `regions` are one a price book, by its first day; they are empty where no place is known. `ratios` and
    `cash` hold settings and codes; `experience` holds our assumed factors by name, `factors` the clinic's own. `market`
    has what this plan's payer pays clinics, or hospitals, of the place, by code, where a file is known.
    """

    regions: tuple[Region, ...] = ()
    contract: tuple[PriceEntry, ...] = ()
    self_pay: tuple[PriceEntry, ...] = ()
    ratios: Mapping[str, Ratios] = field(default_factory=dict)
    cash: Mapping[str, CashRange] = field(default_factory=dict)
    experience: Mapping[str, Rate] = field(default_factory=lambda: EXPERIENCE)
    factors: tuple[ExperienceFactor, ...] = ()
    market: Mapping[str, MarketPrice] = field(default_factory=dict)


Dated = PriceEntry | ExperienceFactor
_Row = TypeVar("_Row", bound=Dated)


def overlapping(entries: Iterable[_Row]) -> Iterator[tuple[_Row, _Row]]:
    """Yield each row whose days overlap those of an earlier row for the same thing, with that one."""

    def begins(row: Dated) -> tuple[date, int]:
        return row.span.first_day or date.min, (row.citation.line or 0) if row.citation else 0

    latest: dict[tuple[str, ...], _Row] = {}
    for row in sorted(entries, key=begins):
        before = latest.get(row.subject)
        last_day = before.span.last_day if before else None
        if before is not None and (last_day is None or (row.span.first_day or date.min) <= last_day):
            yield row, before
        else:
            latest[row.subject] = row


def own_factor(
    factors: Sequence[ExperienceFactor], experience: str, day: date, minutes: int
) -> ExperienceFactor | None:
    """Return what the clinic itself counts for a visit of so many minutes, None where it says nothing.

    Of several the one for the longest visit that this one reaches; 0 minutes are not said, and reach none.
    """
    fitting = (own for own in factors if own.experience == experience and day in own.span)
    reached = (own for own in fitting if (own.from_minutes or 0) <= minutes)
    return max(reached, key=lambda own: own.from_minutes or 0, default=None)


# The Medicare physician fee schedule: relative values, localities, and the amount that follows from them.
#
# Commercial prices are estimated as a percentage of these amounts, so that a wrong cent here is a wrong cent
# everywhere. The formula is the one that CMS prints in its release notes and its files prove.

OFFICE = "office"
HOSPITAL_OUTPATIENT = "hospital-outpatient"
FULL = Rate(1_000_000)

# Hundredths of an RVU × thousandths of an index × millionths of practice expense × ten-thousandths of a
# dollar, in one cent: 10^2 × 10^3 × 10^6 × 10^4 ÷ 10^2.
_IN_A_CENT = 10**13
_PAID = frozenset("ART")


@dataclass(frozen=True, slots=True)
class Fee:
    """One row of the fee schedule. RVUs are whole hundredths: 31 is 0.31.

    `status` is CMS's letter: A, R and T are paid, B is bundled, I is not valid for Medicare, N is not
    covered. `facility_na` marks a facility practice expense that CMS prints but does not use.
    """

    code: str
    status: str
    work: int
    pe_nonfacility: int
    pe_facility: int
    mp: int
    facility_na: bool
    always_therapy: bool
    timed: bool


@dataclass(frozen=True, slots=True)
class Locality:
    """A price area of Medicare, known by carrier and number. Indices are whole thousandths: 1041 is 1.041."""

    mac: str
    number: str
    state: str
    name: str
    work: int
    pe: int
    mp: int

    @property
    def key(self) -> tuple[str, str]:
        """Return carrier and number: a number alone repeats across carriers."""
        return self.mac, self.number


@dataclass(frozen=True, slots=True)
class PriceBook:
    """One release of the fee schedule; two books with the same id are the same book.

    `factor` is the conversion factor in whole ten-thousandths of a dollar: 334009 is $33.4009.
    """

    id: str
    year: int = field(compare=False)
    release: str = field(compare=False)
    first_day: date = field(compare=False)
    last_day: date = field(compare=False)
    factor: int = field(compare=False)
    fees: Mapping[str, Fee] = field(compare=False, repr=False)
    localities: Mapping[tuple[str, str], Locality] = field(compare=False, repr=False)
    source: Source = field(compare=False)

    @property
    def is_proposed(self) -> bool:
        """Tell whether it rests on a proposed rule; the final files of its year, once imported, replace it."""
        return self.id.endswith("-proposed")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ZIP code lies. `locality` is the answer of CMS's five-digit file.

    Where the ZIP straddles localities only its nine-digit form decides, and `candidates` names the
    likely ones, the first being `locality`; elsewhere it holds `locality` alone.
    """

    zip: str
    state: str
    locality: tuple[str, str]
    candidates: tuple[tuple[str, str], ...]
    straddles: bool


class Unpaid(StrEnum):
    """Why Medicare has no separate payment for a code."""

    BUNDLED = "bundled"
    NOT_VALID = "not-valid-for-medicare"
    NOT_COVERED = "not-covered"
    CARRIER_PRICED = "carrier-priced"
    NOT_IN_SETTING = "not-in-this-setting"
    NOT_PAID = "not-paid"


_REASONS = {
    "B": Unpaid.BUNDLED,
    "P": Unpaid.BUNDLED,
    "I": Unpaid.NOT_VALID,
    "N": Unpaid.NOT_COVERED,
    "E": Unpaid.NOT_COVERED,
    "C": Unpaid.CARRIER_PRICED,
}


def why_unpaid(fee: Fee, setting: str) -> Unpaid | None:
    """Return why Medicare pays nothing of its own for this code in this setting, or None where it pays."""
    if fee.status not in _PAID:
        return _REASONS.get(fee.status, Unpaid.NOT_PAID)
    if _practice_expense(fee, setting) is None:
        return Unpaid.NOT_IN_SETTING
    return None


def medicare_amount(
    fee: Fee, locality: Locality, book: PriceBook, *, setting: str, practice_expense: Rate = FULL
) -> Money | None:
    """Return what Medicare allows for one unit, or None where `why_unpaid` has a reason.

    `practice_expense` is the part of the practice expense that is paid: 50% for a unit that the therapy
    reduction touches. Rounded once, half-up, at the end.
    """
    if fee.status not in _PAID:
        return None
    return schedule_amount(fee, locality, book, setting=setting, practice_expense=practice_expense)


def schedule_amount(
    fee: Fee, locality: Locality, book: PriceBook, *, setting: str, practice_expense: Rate = FULL
) -> Money | None:
    """Return the amount that a row's relative values come to, paid by Medicare or not.

    The base of a commercial estimate for codes that other payers pay and Medicare does not (97014). None
    where the row has no practice expense for the setting.
    """
    expense = _practice_expense(fee, setting)
    if expense is None:
        return None
    other = fee.work * locality.work + fee.mp * locality.mp
    weighed = other * 1_000_000 + expense * locality.pe * practice_expense.per_million
    return Money((2 * weighed * book.factor + _IN_A_CENT) // (2 * _IN_A_CENT))


def _practice_expense(fee: Fee, setting: str) -> int | None:
    # Always-therapy codes are paid the non-facility amount in every setting: CMS's institutional and
    # non-institutional amounts are equal for all of them.
    if setting != HOSPITAL_OUTPATIENT or fee.always_therapy:
        return fee.pe_nonfacility
    return None if fee.facility_na else fee.pe_facility
