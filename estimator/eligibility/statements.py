"""What an answer about benefits says: statements with the place where each was said, and their figures."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from estimator.engine.values import ALWAYS, Money, Rate, Span


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two places that cannot both be right. Neither is used until a person has asked the payer.

    Marks of an authorization that disagree leave the figures beside them right, and the other way round.
    """

    first: Origin
    second: Origin
    says: str
    is_of_marks: bool = False
    is_of_figures: bool = True


@dataclass(frozen=True, slots=True)
class Rejection:
    """The payer answered no benefits, for this reason, and says what to do."""

    origin: Origin
    says: str
    then: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not understood, or that a reader must know."""

    place: str
    says: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """One deductible, maximum or limit, however often the payer repeats it.

    Figures are cents of an amount, else a count of `unit`; None is not said. `used` is worked out of the total and what
    remains where both are said. `why` says what was put together.
    """

    kind: Kind
    network: Network
    level: Level
    services: tuple[str, ...]
    unit: str
    period: str
    procedures: tuple[str, ...]
    total: int | None
    remaining: int | None
    used: int | None
    is_unlimited: bool
    messages: tuple[str, ...]
    origins: tuple[Origin, ...]
    why: tuple[str, ...] = ()
    procedure_last: str = ""
    places: tuple[str, ...] = ()
    ages: Ages | None = None
    dates: Span = ALWAYS
    is_repaired: bool = False

    @property
    def figures(self) -> tuple[int | None, int | None, int | None, bool, str]:
        """Return the total, the rest, what is used, whether there is no limit, and the unit."""
        return self.total, self.remaining, self.used, self.is_unlimited, self.unit


@dataclass(frozen=True, slots=True)
class Dropped:
    """A statement that was read and does not count for the patient's therapy, and why."""

    origin: Origin
    why: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether the patient is covered on the day asked about, and what a reader must know about it first.

    `is_active` is None where the payer doesn't say, or says both. `payer` is the one that pays in place of the one that
    answered (a Medicare Advantage plan in place of Part B), "" where none does. `market` is "" where nothing tells.
    """

    is_active: bool | None = None
    says: tuple[str, ...] = ()
    market: str = ""
    dates: Span = ALWAYS
    plan: str = ""
    payer: str = ""

    @property
    def fills(self) -> bool:
        """Tell whether figures of the answer may be used."""
        return self.is_active is not False


DECEASED = "The payer has a date of death for this patient: check whom the card belongs to."


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What a payer answered about one person. `is_active` is None where that is not said, or said both ways.

    `benefits` is everything that was said. `buckets`, `contradictions` and `dropped` follow from it for the day asked
    about (`day`) and the patient's age, which is kept only to choose between statements and never shown. `alerts` are
    sentences about the patient's own dates, such as how far premiums are paid.
    """

    form: str
    payer: str = ""
    plan: str = ""
    answered_on: date | None = None
    dates: Span = ALWAYS
    is_active: bool | None = None
    is_dependent: bool = False
    benefits: tuple[Benefit, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    notes: tuple[Note, ...] = ()
    day: date | None = None
    age: int | None = None
    kept: tuple[Benefit, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    coverage: Coverage = Coverage()
    alerts: tuple[str, ...] = ()

    def stated(self, kind: Kind) -> tuple[Benefit, ...]:
        """Return the statements of this kind."""
        return tuple(benefit for benefit in self.benefits if benefit.kind is kind)

    @property
    def usable(self) -> tuple[Benefit, ...]:
        """Return the statements that may be used: none where the patient isn't covered."""
        return self.kept if self.coverage.fills else ()

    def of(self, kind: Kind) -> tuple[Bucket, ...]:
        """Return the buckets of this kind."""
        assert kind in ACCUMULATING
        return tuple(bucket for bucket in self.buckets if bucket.kind is kind)

    def contradicted(self, marks: bool = False) -> set[Origin]:
        """Return the places of figures, or of marks, that something else in the answer speaks against."""
        return touched(each for each in self.contradictions if (each.is_of_marks if marks else each.is_of_figures))

    def is_contradicted(self, *origins: Origin, marks: bool = False) -> bool:
        """Tell whether something else in the answer speaks against a figure, or a mark, at one of these places."""
        return not self.contradicted(marks).isdisjoint(origins)


def touched(contradictions: Iterable[Contradiction]) -> set[Origin]:
    """Return every place that contradictions name."""
    return {origin for each in contradictions for origin in (each.first, each.second)}


# ----------------------------------------------------------------------------
# One thing that a payer said of a patient's benefits, with the place where it was said.
#
# Nothing here identifies a person: names, numbers of members, addresses and birth dates are dropped where a file is
# read.
# ----------------------------------------------------------------------------


class Kind(StrEnum):
    """What is said."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEDUCTIBLE = "deductible"
    OUT_OF_POCKET_MAX = "out-of-pocket maximum"
    COPAY = "copay"
    COINSURANCE = "coinsurance"
    LIMIT = "limit"
    NOT_COVERED = "not covered"
    AUTHORIZATION = "authorization"
    OTHER = "other"


ACCUMULATING = (Kind.DEDUCTIBLE, Kind.OUT_OF_POCKET_MAX, Kind.LIMIT)
# What a statement's doubts say where an element of it can't be read.
NO_FIGURE = "No figure of it is used: ask the payer."
UNUSUAL_SHARE = "So large a share for the patient is unusual. The payer may mean its own share: ask."
# What says whether there is cover, what a visit costs the patient, and what states a figure of a plan.
COVERING = (Kind.ACTIVE, Kind.INACTIVE)
SHARES = (Kind.COPAY, Kind.COINSURANCE)
FIGURED = (*SHARES, *ACCUMULATING)


class Network(StrEnum):
    """For which network it holds; UNSAID where the payer leaves that open."""

    IN = "in network"
    OUT = "out of network"
    BOTH = "in and out of network"
    UNSAID = "network not said"


class Level(StrEnum):
    """For whom it holds."""

    PERSON = "person"
    FAMILY = "family"
    OTHER = "other"
    UNSAID = "not said"


class Aspect(StrEnum):
    """Which part of an amount is meant."""

    TOTAL = "total"
    REMAINING = "remaining"
    USED = "used"


class Authorization(StrEnum):
    """Whether the plan must agree beforehand."""

    NEEDED = "needed"
    NOT_NEEDED = "not needed"
    UNKNOWN = "not known"
    UNSAID = "not said"


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where something was said: the number of a segment of a 271 (the ISA is 1), or the path of an element of FHIR.

    `text` is what stands there, with nothing that identifies a person.
    """

    number: int
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Ages:
    """The ages that a statement holds for, both ends included; None is open."""

    youngest: int | None = None
    oldest: int | None = None

    def holds(self, age: int) -> bool:
        """Tell whether somebody of this age is meant.

        >>> Ages(None, 18).holds(18), Ages(19, None).holds(18)
        (True, False)
        """
        return (self.youngest is None or age >= self.youngest) and (self.oldest is None or age <= self.oldest)

    def __str__(self) -> str:
        """Return the ages in words."""
        if self.youngest is None:
            return f"up to age {self.oldest}"
        return f"age {self.youngest} and over" if self.oldest is None else f"ages {self.youngest} to {self.oldest}"


@dataclass(frozen=True, slots=True)
class Block:
    """The plan that a statement stands under: payers answer for medical, vision and other plans in one file.

    `number` tells two plans of one name apart by insurance type. `carved` names what the plan is for where that isn't
    medical care ("vision"), else "". `market` is the market that a resource of FHIR names, else "". `network`
    is one that the plan's name holds.
    """

    number: int = 0
    plan: str = ""
    insurance: str = ""
    carved: str = ""
    market: str = ""
    network: Network = Network.UNSAID


@dataclass(frozen=True, slots=True)
class Benefit:
    """One statement with what qualifies it. `doubts` say what was read against the grammar, and how.

    `amount`, `rate` and `quantity` (of `unit`) are None where they are not stated or where `is_unlimited`. `services`
    are X12 service types, `procedures` codes such as 20560 (up to `procedure_last` where a range is named), `places`
    codes of the place of service, `setting` a place that only a message names. A figure that `is_repaired` was found
    in another element than the standard has: it is shown, and filled in only by a person. `entity` is the organization
    that is named beneath. `diagnoses` are codes that it is limited to. `unclear` is a qualifier that is named in words
    or a code that nobody here understands: such a statement is no general one, and counts for nobody.
    """

    kind: Kind
    origin: Origin
    network: Network = Network.UNSAID
    level: Level = Level.UNSAID
    aspect: Aspect = Aspect.TOTAL
    services: tuple[str, ...] = ()
    period: str = ""
    amount: Money | None = None
    rate: Rate | None = None
    quantity: int | None = None
    unit: str = ""
    is_unlimited: bool = False
    authorization: Authorization = Authorization.UNSAID
    procedures: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    plan: str = ""
    delivery: str = ""
    dates: Span = ALWAYS
    messages: tuple[Origin, ...] = ()
    doubts: tuple[str, ...] = ()
    block: Block = Block()
    insurance: str = ""
    ages: Ages | None = None
    procedure_last: str = ""
    modifiers: tuple[str, ...] = ()
    setting: str = ""
    is_repaired: bool = False
    entity: str = ""
    diagnoses: tuple[str, ...] = ()
    unclear: str = ""
    is_other_payer: bool = False
    is_managed: bool = False

    @property
    def words(self) -> str:
        """Return all messages as one text to compare, whatever their order."""
        return " / ".join(sorted(message.text.upper() for message in self.messages))

    def names(self, codes: Collection[str]) -> bool:
        """Tell whether the procedures that it names hold all of these codes."""
        return holds_codes(self.procedures, self.procedure_last, codes)

    @property
    def figure(self) -> int | None:
        """Return the amount in cents, or the count."""
        return int(self.amount) if self.amount is not None else self.quantity

    @property
    def is_nothing(self) -> bool:
        """Tell whether it is a copay or a coinsurance of zero."""
        return self.kind in SHARES and not self.figure and not (self.rate and self.rate.per_million)


def holds_codes(procedures: Sequence[str], last: str, codes: Iterable[str]) -> bool:
    """Tell whether procedures, or the range from the first to `last`, hold all of these codes.

    >>> holds_codes(["97010"], "97799", ["97110"]), holds_codes(["97140"], "", ["97110"])
    (True, False)
    """
    return bool(procedures) and all(code in procedures or (last and procedures[0] <= code <= last) for code in codes)


# ----------------------------------------------------------------------------
# Amounts, percentages and counts as payers write them: decimals without zeros, and rows of nines that mean "no
# limit".
#
# What cannot be one raises ValueError with a sentence that says what was expected.
# ----------------------------------------------------------------------------

_DECIMAL = re.compile(r"\+?\$?(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?", re.ASCII)
_NINES_OF_MONEY = re.compile(r"9{5,}")
_NINES_OF_A_COUNT = re.compile(r"9{3,}")
_NINES_OF_A_PATTERN = re.compile(r"9{2,}(?:\.0*)?")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_MOST_DIGITS = 9
_MOST_COUNT_DIGITS = 5
_CENTS = 2
_RATE_DECIMALS = 6
_WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount in cents, or a count; None with `is_unlimited` where the payer wrote a row of nines."""

    value: int | None
    is_unlimited: bool = False


def read_money(text: str) -> Figure:
    """Read dollars.

    >>> read_money(".5"), read_money("99999.99")
    (Figure(value=50, is_unlimited=False), Figure(value=None, is_unlimited=True))
    """
    whole, decimals = _parts(text, "an amount such as 25.00")
    if _NINES_OF_MONEY.fullmatch(whole):
        return Figure(None, is_unlimited=True)
    if len(whole) > _MOST_DIGITS:
        raise ValueError("is larger than any amount of a plan")
    if decimals[_CENTS:].strip("0"):
        raise ValueError("has more than two decimals; an amount such as 25.00 was expected")
    return Figure(int(whole or "0") * 100 + int(decimals[:_CENTS].ljust(_CENTS, "0")))


def read_count(text: str) -> Figure:
    """Read a whole number of visits, days or services.

    >>> read_count("20.00")
    Figure(value=20, is_unlimited=False)
    """
    whole, decimals = _parts(text, "a whole number such as 20")
    if _NINES_OF_A_COUNT.fullmatch(whole):
        return Figure(None, is_unlimited=True)
    if decimals.strip("0"):
        raise ValueError("is no whole number; a number such as 20 was expected")
    if len(whole) > _MOST_COUNT_DIGITS:
        raise ValueError("is larger than any count of visits")
    return Figure(int(whole or "0"))


def read_pattern_count(text: str) -> Figure:
    """Read the count of a delivery pattern (HSD), where 99 already means that there is no limit.

    >>> read_pattern_count("99"), read_pattern_count("30")
    (Figure(value=None, is_unlimited=True), Figure(value=30, is_unlimited=False))
    """
    return Figure(None, is_unlimited=True) if _NINES_OF_A_PATTERN.fullmatch(text.strip()) else read_count(text)


def read_share(text: str) -> Rate:
    """Read a part of a whole: the standard writes 20% as .2; a payer that writes 20 can't mean anything else either.

    >>> str(read_share(".2")), str(read_share("20"))
    ('20%', '20%')
    """
    whole, decimals = _parts(text.removesuffix("%"), "a decimal such as .2 for 20%")
    if len(whole) > 3 or len(decimals.rstrip("0")) > _RATE_DECIMALS - 2:
        raise ValueError("is no part of a whole; a decimal such as .2 for 20% was expected")
    written = int(whole or "0") * _WHOLE + int(decimals.rstrip("0").ljust(_RATE_DECIMALS, "0"))
    rate = written // 100 if written > _WHOLE or text.endswith("%") else written
    if rate > _WHOLE:
        raise ValueError("is more than the whole; a decimal such as .2 for 20% was expected")
    return Rate(rate)


def read_day(text: str) -> date | None:
    """Read 20260301 or 2026-03-01; None is no day.

    >>> read_day("20260301"), read_day("2026-03-01T10:00:00Z"), read_day("20269999")
    (datetime.date(2026, 3, 1), datetime.date(2026, 3, 1), None)
    """
    match = _DAY.match(text.strip())
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def read_span(first: str, last: str) -> Span:
    """Read two days, either of which may be missing; a span that ends before it starts is none."""
    first_day, last_day = read_day(first), read_day(last)
    return ALWAYS if first_day and last_day and last_day < first_day else Span(first_day, last_day)


def money_of(figure: Figure) -> Money | None:
    """Return the figure as money."""
    return None if figure.value is None else Money(figure.value)


def _parts(text: str, expected: str) -> tuple[str, str]:
    """Return the digits before and after the point."""
    match = _DECIMAL.fullmatch(text.strip())
    if text.strip().startswith("-"):
        raise ValueError(f"is below zero; {expected} was expected")
    if match is None or not any(match.groups()):
        raise ValueError(f"was found where {expected} was expected")
    return (match[1] or "").replace(",", "").lstrip("0"), match[2] or ""


# ----------------------------------------------------------------------------
# What identifies a person in a file, so that it can be taken out of everything that is shown.
#
# Names, numbers, addresses and birth dates are read for this alone and are kept nowhere.
# ----------------------------------------------------------------------------

_SHORTEST_NAME = 2
_SHORTEST = 5
_LONGEST_TEXT = 300
INSTEAD = "…"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Hidden:
    """Words that must not be shown, looked up by their first word, so that many of them cost no more than few.

    Each first word leads to its whole texts by their length, the longest first.
    """

    starting: Mapping[str, Mapping[int, Collection[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str], others: Iterable[str] = ()) -> Hidden:
        """Hide names, each part of a name too, and other words that are long enough to tell who somebody is."""
        whole = {name.strip() for name in names}
        parts = {part for name in whole for part in re.split(r"[\s,;]+", name)}
        words = {word for word in whole | parts if len(word) >= _SHORTEST_NAME}
        words |= {word.strip() for word in others if len(word.strip()) >= _SHORTEST}
        starting: dict[str, dict[int, set[str]]] = {}
        for word in words:
            match = _WORD.search(word)
            if match is not None:
                text = _lower(word[match.start() :])[:_LONGEST_TEXT]
                starting.setdefault(_lower(match[0]), {}).setdefault(len(text), set()).add(text)
        return cls({first: dict(sorted(texts.items(), reverse=True)) for first, texts in starting.items()})

    def without(self, text: str) -> str:
        """Return a text in which none of them stands, shortened where it goes on and on.

        >>> Hidden.of(["DOE"], ["XJ99 88"]).without("MEMBER DOE (XJ99 88) HAS MET 100")
        'MEMBER … (…) HAS MET 100'
        """
        # Cut after hiding, so that half of a name isn't left at the end.
        hidden = self._hiding(text) if self.starting else text
        return hidden if len(hidden) <= _LONGEST_TEXT else f"{hidden[:_LONGEST_TEXT]}{INSTEAD}"

    def _hiding(self, text: str) -> str:
        lower = _lower(text)
        pieces, done = [], 0
        for match in _WORD.finditer(lower):
            start = match.start()
            if start < done:
                continue
            for length, texts in self.starting.get(match[0], {}).items():
                end = start + length
                if lower[start:end] in texts and not (lower[end - 1 : end + 1].isalnum() and end < len(lower)):
                    pieces += [text[done:start], INSTEAD]
                    done = end
                    break
        return "".join((*pieces, text[done:]))


def _lower(text: str) -> str:
    """Return a text in small letters, each in its own place."""
    lower = text.lower()
    return (
        lower if len(lower) == len(text) else "".join(low if len(low := each.lower()) == 1 else each for each in text)
    )


def dates_of_birth(digits: str) -> list[str]:
    """Return the ways in which a day such as 19800515 is written.

    >>> dates_of_birth("19800515")
    ['19800515', '1980-05-15', '05/15/1980', '05-15-1980', '05151980', '5/15/1980']
    """
    match = re.match(r"(\d{4})-?(\d\d)-?(\d\d)", digits)
    if match is None:
        return [digits]
    year, month, day = match.groups()
    separated = [f"{year}-{month}-{day}", f"{month}/{day}/{year}", f"{month}-{day}-{year}", f"{month}{day}{year}"]
    return [f"{year}{month}{day}", *separated, f"{month.lstrip('0')}/{day.lstrip('0')}/{year}"]


# ----------------------------------------------------------------------------
# X12 service types in our own words, and the order in which they speak for physical therapy.
#
# Payers often leave physical therapy out and answer for office visits or for the plan as a whole; where that is used,
# the reader is told.
# ----------------------------------------------------------------------------

THERAPY = "PT"
WHOLE_PLAN = "30"
NAMES = {
    "1": "medical care",
    "2": "surgery",
    "30": "the plan as a whole",
    "33": "chiropractic care",
    "35": "dental care",
    "47": "hospital",
    "48": "hospital, inpatient",
    "50": "hospital, outpatient",
    "64": "acupuncture",
    "86": "emergency care",
    "88": "pharmacy",
    "96": "professional visit",
    "98": "office visit",
    "BY": "office visit for illness",
    "A6": "psychotherapy",
    "A9": "rehabilitation",
    "AB": "rehabilitation, inpatient",
    "AC": "rehabilitation, outpatient",
    "AD": "occupational therapy",
    "AE": "physical medicine",
    "AF": "speech therapy",
    "AL": "vision",
    "BF": "pulmonary rehabilitation",
    "BG": "cardiac rehabilitation",
    "MH": "mental health",
    "PT": "physical therapy",
    "UC": "urgent care",
}
# The first that says something speaks; what it is taken as is told to the reader.
ORDER = (
    ("PT", "It speaks of physical therapy by name."),
    ("AE", "Nothing is said of physical therapy by name; physical medicine holds it."),
    ("AC", "Nothing is said of physical therapy by name; outpatient rehabilitation holds it."),
    ("A9", "Nothing is said of physical therapy by name; rehabilitation holds it."),
    ("98", "Nothing is said of physical therapy or rehabilitation: an office visit is assumed to cost the same. Ask."),
    (
        "30",
        "Nothing is said of physical therapy or rehabilitation: what holds for the plan as a whole is assumed. Ask.",
    ),
)
EVERY = tuple(dict(ORDER))
OF_THERAPY = ("PT", "AE", "AC", "A9")
# A deductible or a maximum belongs to the plan, so that nothing is assumed where it stands there.
OF_THE_PLAN = "It belongs to the plan as a whole."


def named(services: Iterable[str]) -> str:
    """Return service types in words, for a reader.

    >>> named(["PT", "98", "ZZ"])
    'physical therapy (PT), office visit (98), ZZ'
    """
    return ", ".join(f"{NAMES[code]} ({code})" if code in NAMES else code for code in services)


def speaking(services: Iterable[Collection[str]], among: Collection[str] = EVERY) -> str:
    """Return the service type that speaks for therapy among these statements, or "" where none does.

    >>> speaking([("30",), ("98", "AE")])
    'AE'
    """
    said = {code for one in services for code in one}
    return next((code for code, _ in ORDER if code in said and code in among), "")


def reason(code: str) -> str:
    """Return why this service type speaks."""
    return dict(ORDER)[code]
