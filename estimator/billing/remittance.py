"""Read what a payer paid and why (X12 835): claims, lines, adjustments and entries on the provider's account.

Read it in this order: `read_remittance` reads one file and refuses what does not add up, with the sum; `standing`
leaves out lines that a later reversal takes back; `learn` says what a payer allows for a unit and how far it varies.
Names, member numbers and birth dates are never read. The clinic's own claim number stays in memory only.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.eligibility.x12_text import Segment, read_segments
from estimator.engine.values import Money, total
from estimator.errors import Problem, RemittanceRefused
from estimator.publishing.learned import SeenLine

MOST_BYTES = 10_000_000
_MEGABYTE = 1_000_000
# Payments, claims and lines for each megabyte of a file, of which payers send half as many at most, and adjustments.
_MOST_PARTS, _MOST_ADJUSTMENTS = 10_000, 25_000
_MOST_ELEMENTS = 100
_AMOUNT = re.compile(r"(-?)(\d{0,12})(?:\.(\d*))?", re.ASCII)
_COMPOSITE = re.compile(r"([A-Z][A-Z0-9])([^A-Za-z0-9.])", re.ASCII)
_QUALIFIER = re.compile(r"HC|AD|ER|IV|WK|HP|NU|N4", re.ASCII)
_CODE = re.compile(r"([A-Z]?\d{4,5}[A-Z]?)(?:\.0+)?", re.ASCII)

REVERSAL = "22"
_DENIED = "4"
_NOT_DECIDED = frozenset(("23", "25"))
_FIRST_PAYER = ("1", "19")
_PRICED = frozenset(("1", "2", "3", "19", "20", "21"))
_SHARES_OF_THE_PRICE = frozenset(("1", "2", "3"))
# Kept back from what the plan pays, not from the price: sequestration and withholding.
_WITHHELD = frozenset(("253", "104", "105"))
_PAID_BY_ANOTHER = "23"
_THERAPY_REDUCTION = "59"
# Modifiers that change what a unit is worth: assistants, reduced and stopped services.
_NOT_A_BASE_PRICE = frozenset(("CQ", "CO", "52", "53", "73", "74"))

_OTHER_FILES = {
    "270": "This is a question about benefits (270).",
    "271": "This is an answer about benefits (271). Read it with `estimator eligibility`.",
    "276": "This asks how a claim stands (276).",
    "277": "This tells how a claim stands (277).",
    "820": "This is a premium payment (820).",
    "834": "This is an enrollment (834).",
    "837": "This is a claim (837).",
    "997": "The payer only confirms, or refuses, a file (997).",
    "999": "The payer only confirms, or refuses, a file (999).",
}
FILING_WORDS = {
    "12": "PPO",
    "13": "POS",
    "14": "EPO",
    "15": "indemnity",
    "16": "Medicare Advantage HMO",
    "BL": "Blue Cross Blue Shield",
    "CH": "TRICARE",
    "CI": "commercial",
    "HM": "HMO",
    "MA": "Medicare Part A",
    "MB": "Medicare Part B",
    "MC": "Medicaid",
    "VA": "Veterans Affairs",
    "WC": "workers\u2019 compensation",
}


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Part of a charge that the plan did not pay: who bears it (CO, PR, OA, PI), the reason code and the amount."""

    group: str
    reason: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One service of a claim. `allowed` is None where neither the payer nor the arithmetic says it."""

    code: str
    modifiers: tuple[str, ...]
    units: int | None
    day: date | None
    charge: Money
    paid: Money
    allowed: Money | None
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    billed: str = ""

    @property
    def patient(self) -> Money:
        """Return what the payer leaves to the patient (PR)."""
        return total(one.amount for one in self.adjustments if one.group == "PR")

    def adjusted(self, *reasons: str) -> Money:
        """Return what was taken off for these reasons, no matter who bears it."""
        return total(one.amount for one in self.adjustments if one.reason in reasons)

    @property
    def unit_price(self) -> Money | None:
        """Return the full price of a unit, before the therapy reduction; None where the line does not show it."""
        if not self.allowed or self.allowed < 0 or not self.units or _NOT_A_BASE_PRICE & {*self.modifiers}:
            return None
        full = self.allowed + self.adjusted(_THERAPY_REDUCTION)
        return Money((2 * full + self.units) // (2 * self.units))


@dataclass(frozen=True, slots=True)
class PaidClaim:
    """One claim as a payer settled it; `number` is the clinic's own, `kind` the filing code such as 12, MB or WC.

    `control` is the payer's number of the claim. It tells two claims of one day apart, and is printed and kept nowhere.
    """

    number: str
    status: str
    charge: Money
    paid: Money
    patient: Money
    payer: str
    kind: str
    plan: str
    settled: date | None
    lines: tuple[PaidLine, ...]
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    control: str = ""

    @property
    def is_decided(self) -> bool:
        """Tell whether this settles care that was given: a prediction and a claim that is passed on do not."""
        return self.status not in _NOT_DECIDED

    @property
    def is_reversal(self) -> bool:
        """Tell whether this takes an earlier payment back."""
        return self.status == REVERSAL

    @property
    def is_first_payer(self) -> bool:
        """Tell whether the payer settled this as the first one; only what that one allows is the price of a visit."""
        return self.status in _FIRST_PAYER


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An entry on the provider's account (PLB): above zero it is taken from the payment, below zero it is added."""

    reason: str
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Remittance:
    """What one or several files say, with what was refused (`problems`) and what is odd (`notes`).

    The `mark` of one file is that of its payments, whatever envelope they came in.
    """

    payers: tuple[str, ...]
    paid: Money
    claims: tuple[PaidClaim, ...]
    account: tuple[AccountEntry, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    mark: str = ""


def read_remittance(content: bytes, file: str = "") -> Remittance:
    """Read one 835, or raise RemittanceRefused where it is none.

    A payment whose total does not match its claims is refused whole, since part of it may be missing; in a payment
    that matches, a claim that does not add up is refused alone.
    """
    if len(content) > MOST_BYTES:
        words = f"Give a file of at most {MOST_BYTES // _MEGABYTE} MB; this one is larger. Split it by payment."
        raise RemittanceRefused((Problem("", words, file=file),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    interchange = read_segments(text)
    if told := _too_much(interchange.segments, max(1, -(-len(content) // _MEGABYTE))):
        raise RemittanceRefused((Problem("", f"{told} No payer sends that: ask for the file again.", file=file),))
    payments = list(_payments(interchange.segments))
    if not payments:
        raise RemittanceRefused((Problem("", _what_instead(interchange.segments), file=file),))
    reader = _Reader(interchange.component, file)
    reader.notes.extend(Problem(note.place, note.says, file=file) for note in interchange.notes)
    for payment in payments:
        reader.read(payment)
    return Remittance(
        tuple(dict.fromkeys(reader.payers)),
        total(reader.paid),
        tuple(reader.claims),
        tuple(reader.account),
        tuple(reader.problems),
        tuple(reader.notes),
        mark=_mark(payments),
    )


def _mark(payments: Iterable[Sequence[Segment]]) -> str:
    """Return what tells payments from others, without the numbers that their envelope gives them."""
    digest = hashlib.sha256()
    for payment in payments:
        for segment in payment:
            if segment.id not in ("ST", "SE"):
                digest.update("*".join((segment.id, *segment.elements, "")).encode())
    return digest.hexdigest()


def joined(read: Sequence[Remittance], refused: Iterable[Problem] = ()) -> Remittance:
    """Return several files as one, in their order; `refused` are the problems of files that could not be read."""
    return Remittance(
        tuple(dict.fromkeys(payer for one in read for payer in one.payers)),
        total(one.paid for one in read),
        tuple(claim for one in read for claim in one.claims),
        tuple(entry for one in read for entry in one.account),
        (*refused, *(problem for one in read for problem in one.problems)),
        tuple(note for one in read for note in one.notes),
    )


def _too_much(segments: Sequence[Segment], megabytes: int) -> str:
    """Say what a file has too much of to be read in reasonable time; "" where nothing."""
    count = Counter(segment.id for segment in segments)
    parts = count["ST"] + count["CLP"] + count["SVC"]
    if parts > _MOST_PARTS * megabytes:
        return f"It has {parts:,} payments, claims and lines in {megabytes} MB."
    if count["CAS"] > _MOST_ADJUSTMENTS * megabytes:
        return f"It has {count['CAS']:,} segments of adjustments (CAS) in {megabytes} MB."
    longest = max(segments, key=lambda segment: len(segment.elements), default=None)
    if longest and len(longest.elements) > _MOST_ELEMENTS:
        return f"Its {longest.place} has {len(longest.elements):,} elements."
    return ""


def _what_instead(segments: Sequence[Segment]) -> str:
    kinds = [segment.element(1) for segment in segments if segment.id == "ST"]
    told = _OTHER_FILES.get(kinds[0], "") if kinds else "No payment starts here (ST*835)."
    return f"{told or f'This is a file of kind {kinds[0][:6]!r}.'} Give the payer\u2019s remittance, the 835.".strip()


def _payments(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Yield the segments of each payment from its ST on."""
    payment: list[Segment] = []
    for segment in segments:
        if segment.id in ("ST", "GE", "IEA") and payment:
            yield payment
            payment = []
        if payment or (segment.id == "ST" and segment.element(1) == "835"):
            payment.append(segment)
    if payment:
        yield payment


# ----------------------------------------------------------------------------
# One payment: its head, its claims, and whether the sums agree.
# ----------------------------------------------------------------------------


class _Unreadable(ValueError):
    """A figure that is no figure, with its place."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Reader:
    """Collects what the payments of a file say."""

    def __init__(self, component: str, file: str) -> None:
        self._component = component
        self._file = file
        self.payers: list[str] = []
        self.paid: list[Money] = []
        self.claims: list[PaidClaim] = []
        self.account: list[AccountEntry] = []
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []

    def read(self, payment: Sequence[Segment]) -> None:
        """Read a payment, or add the problem that refuses it."""
        try:
            self._read(payment)
        except _Unreadable as error:
            self.problems.append(error.problem)

    def _read(self, payment: Sequence[Segment]) -> None:
        starts = [at for at, segment in enumerate(payment) if segment.id == "CLP"]
        end = next((at for at, segment in enumerate(payment) if segment.id in ("PLB", "SE")), len(payment))
        head = payment[: starts[0] if starts else end]
        payer = next((one.element(2) for one in head if one.id == "N1" and one.element(1) == "PR"), "")
        paying = next((one for one in head if one.id == "BPR"), None)
        settled = next((_day(one.element(2)) for one in head if one.id == "DTM" and one.element(1) == "405"), None)
        if paying is None:
            raise _Unreadable(self._problem(payment[0], "The amount paid (BPR) is missing. Ask for the whole file."))
        if payment[-1].id != "SE":
            raise _Unreadable(self._problem(payment[-1], "The file ends within a payment. Ask for the whole file."))
        self._version(payment)
        account = list(self._account(payment[end:]))
        claims, claimed = [], []
        for segments in _parted(payment[:end], starts):
            claimed.append(self._money(segments[0], 4))
            claim = self._claim(segments, payer, settled)
            wrong = list(self._imbalances(claim, segments))
            self.problems.extend(wrong)
            if not wrong:
                claims.append(claim)
        paid = self._money(paying, 2)
        due = total(claimed) - total(entry.amount for entry in account)
        if paid != due:
            words = (
                f"${paid} was paid, but the claims come to ${total(claimed)} and the account entries (PLB) take"
                f" ${total(entry.amount for entry in account)}: ${due} was expected."
                " The payment is left out: ask the payer for a corrected file."
            )
            self.problems.append(self._problem(paying, words))
            return
        self.payers.append(payer)
        self.paid.append(paid)
        self.claims.extend(claims)
        self.account.extend(account)

    def _version(self, payment: Sequence[Segment]) -> None:
        last = payment[-1]
        if last.element(1) != str(len(payment)):
            words = f"SE01 promises {last.element(1)[:9]} segments; there are {len(payment)}. The sums were checked."
            self.notes.append(self._problem(last, words))

    def _account(self, segments: Sequence[Segment]) -> Iterator[AccountEntry]:
        for segment in segments:
            if segment.id != "PLB":
                continue
            for place in range(3, len(segment.elements), 2):
                reason, *reference = self._parts(segment.element(place))
                if reason:
                    yield AccountEntry(reason, " ".join(filter(None, reference)), self._money(segment, place + 1))

    # One claim.

    def _claim(self, segments: Sequence[Segment], payer: str, settled: date | None) -> PaidClaim:
        first = segments[0]
        starts = [at for at, segment in enumerate(segments) if segment.id == "SVC"]
        head = segments[1 : starts[0] if starts else len(segments)]
        status = first.element(2)
        day = next((_day(one.element(2)) for one in head if one.id == "DTM" and one.element(1) in ("232", "472")), None)
        adjustments = tuple(self._adjustments(head))
        # What is taken off the claim as a whole cannot be told apart by line.
        is_priced = status in _PRICED and all(one.group == "PR" for one in adjustments)
        lines = tuple(self._line(line, is_priced, day) for line in _parted(segments, starts))
        every = [*adjustments, *(one for line in lines for one in line.adjustments)]
        from_reasons = total(one.amount for one in every if one.group == "PR")
        stated = self._money(first, 5) if first.element(5) else from_reasons
        if stated != from_reasons:
            words = f"CLP05 leaves ${stated} to the patient; the reasons (PR) come to ${from_reasons}. CLP05 is used."
            self.notes.append(self._problem(first, words))
        return PaidClaim(
            number=first.element(1),
            status=status,
            charge=self._money(first, 3),
            paid=self._money(first, 4),
            patient=stated,
            payer=payer,
            kind=first.element(6),
            plan=next((one.element(2) for one in head if one.id == "REF" and one.element(1) == "CE"), ""),
            settled=settled,
            lines=lines,
            adjustments=adjustments,
            remarks=tuple(remark for one in head if one.id in ("MOA", "MIA") for remark in self._claim_remarks(one)),
            control=first.element(7),
        )

    @staticmethod
    def _claim_remarks(segment: Segment) -> Iterator[str]:
        places = range(3, 8) if segment.id == "MOA" else (5, *range(20, 24))
        return (segment.element(place) for place in places if segment.element(place))

    def _imbalances(self, claim: PaidClaim, segments: Sequence[Segment]) -> Iterator[Problem]:
        lines = [segment for segment in segments if segment.id == "SVC"]
        for segment, line in zip(lines, claim.lines, strict=True):
            taken = total(one.amount for one in line.adjustments)
            if line.charge - line.paid != taken:
                yield self._refused(segment, "line", line.charge, line.paid, taken)
        taken = total(
            one.amount for one in (*claim.adjustments, *(one for line in claim.lines for one in line.adjustments))
        )
        if claim.charge - claim.paid != taken:
            yield self._refused(segments[0], "claim", claim.charge, claim.paid, taken)
        charges = total(line.charge for line in claim.lines)
        if claim.lines and charges != claim.charge:
            words = (
                f"The claim was charged ${claim.charge}, but its lines come to ${charges}. The claim is left out:"
                " ask the payer for a corrected file."
            )
            yield self._problem(segments[0], words)

    def _refused(self, segment: Segment, what: str, charge: Money, paid: Money, taken: Money) -> Problem:
        words = (
            f"The {what} does not add up: ${charge} charged less ${paid} paid leaves ${charge - paid}, but the"
            f" adjustments (CAS) come to ${taken}. The claim is left out: ask the payer for a corrected file."
        )
        return self._problem(segment, words)

    # One line.

    def _line(self, segments: Sequence[Segment], is_priced: bool, day: date | None) -> PaidLine:
        first = self._with_code(segments[0])
        qualifier, code, *modifiers = [*self._parts(first.element(1)), "", ""]
        adjustments = tuple(self._adjustments(segments))
        charge, paid = self._money(first, 2), self._money(first, 3)
        stated = next((self._money(one, 2) for one in segments if one.id == "AMT" and one.element(1) == "B6"), None)
        days = {one.element(1): _day(one.element(2)) for one in segments if one.id == "DTM"}
        billed = [*self._parts(first.element(6)), "", ""][1] if first.element(6) else ""
        return PaidLine(
            code=_plain(code),
            modifiers=tuple(filter(None, modifiers[:4])) if qualifier else (),
            units=self._units(first),
            day=days.get("472") or days.get("150") or day,
            charge=charge,
            paid=paid,
            allowed=_worked_out(paid, adjustments) if stated is None and is_priced else stated,
            adjustments=adjustments,
            remarks=tuple(one.element(2) for one in segments if one.id == "LQ" and one.element(1) == "HE"),
            billed=_plain(billed),
        )

    def _with_code(self, segment: Segment) -> Segment:
        """Join a code with its qualifier where it was put into an element of its own, which moves the figures."""
        if not _QUALIFIER.fullmatch(segment.element(1)) or not _CODE.fullmatch(segment.element(2)):
            return segment
        self.notes.append(self._problem(segment, "The code is parted from its qualifier. Read as one element."))
        qualifier, code, *others = segment.elements
        return Segment(segment.number, segment.id, (f"{qualifier}{self._component}{code}", *others), segment.text)

    def _units(self, segment: Segment) -> int | None:
        written = segment.element(5)
        whole, _, part = written.partition(".")
        if not written:
            return 1
        if whole.isascii() and whole.isdigit() and len(whole) < 5 and not part.strip("0"):
            return int(whole)
        self.notes.append(self._problem(segment, "The number of units is no whole number. It is taken as unknown."))
        return None

    def _adjustments(self, segments: Iterable[Segment]) -> Iterator[Adjustment]:
        for segment in segments:
            if segment.id == "CAS":
                for place in range(2, len(segment.elements) + 1, 3):
                    if segment.element(place):
                        yield Adjustment(segment.element(1), segment.element(place), self._money(segment, place + 1))

    # Figures and places.

    def _parts(self, composite: str) -> list[str]:
        """Part a composite at the declared separator or, where it uses another, at the one after its qualifier."""
        match = _COMPOSITE.match(composite)
        mark = match[2] if match and self._component not in composite else self._component
        return [part.strip() for part in composite.split(mark)]

    def _money(self, segment: Segment, place: int) -> Money:
        try:
            return read_amount(segment.element(place))
        except ValueError:
            words = f"{segment.id}{place:02d} must be an amount such as 25.00. Ask the payer for a corrected file."
            raise _Unreadable(self._problem(segment, words)) from None

    def _problem(self, segment: Segment, words: str) -> Problem:
        return Problem(segment.place, words, file=self._file)


def _parted(segments: Sequence[Segment], starts: Sequence[int]) -> Iterator[Sequence[Segment]]:
    """Yield the segments from each start up to the next."""
    for start, stop in zip(starts, [*starts[1:], len(segments)][: len(starts)], strict=True):
        yield segments[start:stop]


def read_amount(text: str) -> Money:
    """Read an amount as X12 writes it; raise ValueError where it is none.

    >>> read_amount("-.5"), read_amount("120"), read_amount("40.20")
    (Money(-50), Money(12000), Money(4020))
    """
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        raise ValueError(text)
    sign, whole, part = match[1], match[2] or "0", match[3] or ""
    if part[2:].strip("0"):
        raise ValueError(text)
    amount = int(whole) * 100 + int(part[:2].ljust(2, "0"))
    return Money(-amount if sign else amount)


def _plain(code: str) -> str:
    match = _CODE.fullmatch(code)
    return match[1] if match else code


def _day(text: str) -> date | None:
    if not re.fullmatch(r"\d{8}", text, re.ASCII):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _worked_out(paid: Money, adjustments: Sequence[Adjustment]) -> Money | None:
    """Return the charge less what the contract takes off, where the payer leaves the allowed amount out.

    That is what was paid, the patient's share of the price, and what was withheld from the payment. A line that was
    denied, reversed or paid by another plan before shows no price.
    """
    if any(one.reason == _PAID_BY_ANOTHER for one in adjustments):
        return None
    share = total(one.amount for one in adjustments if one.group == "PR" and one.reason in _SHARES_OF_THE_PRICE)
    withheld = total(one.amount for one in adjustments if one.group == "CO" and one.reason in _WITHHELD)
    allowed = paid + share + withheld
    return allowed if allowed > 0 else None


# ----------------------------------------------------------------------------
# What stands after reversals, and what a payer is seen to allow.
# ----------------------------------------------------------------------------


def standing(claims: Iterable[PaidClaim]) -> list[tuple[PaidClaim, PaidLine]]:
    """Return the lines that no reversal takes back, with their claims, in order.

    A reversal repeats a line with every amount below zero. It may come before or after what it takes back, also in
    another file; one whose line is in none of the files stands alone and takes nothing away.
    """
    return _netted(claims)[0]


def _netted(claims: Iterable[PaidClaim]) -> tuple[list[tuple[PaidClaim, PaidLine]], list[tuple[PaidClaim, PaidLine]]]:
    """Return the lines that stand, and those of reversals whose line is not here."""
    every = [(claim, line) for claim in claims if claim.is_decided for line in claim.lines]
    taken_back = Counter(_key(claim, line, -1) for claim, line in every if claim.is_reversal)
    left = []
    for claim, line in every:
        if claim.is_reversal:
            continue
        key = _key(claim, line, 1)
        if taken_back[key]:
            taken_back[key] -= 1
        else:
            left.append((claim, line))
    alone = []
    for claim, line in every:
        if claim.is_reversal and taken_back[key := _key(claim, line, -1)]:
            taken_back[key] -= 1
            alone.append((claim, line))
    return left, alone


def _key(claim: PaidClaim, line: PaidLine, sign: int) -> tuple[Any, ...]:
    return claim.payer, claim.number, line.code, line.modifiers, line.day, sign * line.charge, sign * line.paid


@dataclass(frozen=True, slots=True)
class Net:
    """What a claim comes to over all of its payments, reversals and corrections."""

    number: str
    charge: Money
    paid: Money
    patient: Money
    payments: int


def net(claims: Iterable[PaidClaim]) -> tuple[Net, ...]:
    """Return the sums of every claim by its number, in the order in which they were first seen."""
    by_number: dict[tuple[str, str], list[PaidClaim]] = defaultdict(list)
    for claim in claims:
        if claim.is_decided:
            by_number[claim.payer, claim.number].append(claim)
    return tuple(
        Net(
            number,
            total(one.charge for one in same),
            total(one.paid for one in same),
            total(one.patient for one in same),
            len(same),
        )
        for (_, number), same in by_number.items()
    )


@dataclass(frozen=True, slots=True)
class Learned:
    """What a payer was seen to allow for one unit of a code: how often, until when, and between what amounts."""

    payer: str
    plan: str
    code: str
    count: int
    last_seen: date | None
    low: Money
    median: Money
    high: Money


def learn(claims: Iterable[PaidClaim]) -> tuple[Learned, ...]:
    """Return the allowed amounts by payer, plan and code: primary claims, full unit prices, nothing reversed."""
    seen: dict[tuple[str, str, str], list[tuple[Money, date | None]]] = defaultdict(list)
    for claim, line in standing(claims):
        price = line.unit_price
        if price is not None and claim.is_first_payer:
            seen[claim.payer, plan_words(claim), line.code].append((price, line.day))
    return tuple(_learned(key, prices) for key, prices in sorted(seen.items()))


def seen_lines(claims: Iterable[PaidClaim]) -> tuple[SeenLine, ...]:
    """Return the lines that show an allowed amount, and those of reversals that another file's lines go with.

    No claim number is in them, nor anything of a patient; equal ones are counted together.
    """
    left, alone = _netted(claims)
    counted: Counter[tuple[str, str, str, str, str, int, int, int]] = Counter()
    for claim, line in left:
        price = line.unit_price
        if price is not None and claim.is_first_payer:
            counted[_seen(claim, line, 1, int(price))] += 1
    for claim, line in alone:
        counted[_seen(claim, line, -1, 0)] -= 1
    return tuple(SeenLine(*key, times=times) for key, times in sorted(counted.items()))


def _seen(claim: PaidClaim, line: PaidLine, sign: int, price: int) -> tuple[str, str, str, str, str, int, int, int]:
    day = line.day.isoformat() if line.day else ""
    payment = " ".join(line.modifiers), day, sign * int(line.charge), sign * int(line.paid)
    return claim.payer, plan_words(claim), line.code, *payment, price


def plan_words(claim: PaidClaim) -> str:
    """Return what the claim says of its plan: the contract's name where it is given, else the kind of plan."""
    return claim.plan or FILING_WORDS.get(claim.kind, claim.kind)


def _learned(key: tuple[str, str, str], prices: Sequence[tuple[Money, date | None]]) -> Learned:
    amounts = sorted(amount for amount, _ in prices)
    days = [day for _, day in prices if day is not None]
    return Learned(
        *key, len(amounts), max(days, default=None), amounts[0], amounts[(len(amounts) - 1) // 2], amounts[-1]
    )


# ----------------------------------------------------------------------------
# As JSON.
# ----------------------------------------------------------------------------


def remittance_json(read: Remittance) -> dict[str, Any]:
    """Return what was read as it is printed: amounts as text, days as YYYYMMDD as the 835 writes them."""
    return {
        "payer": ", ".join(read.payers),
        "paid": str(read.paid),
        "claims": [_claim_json(claim) for claim in read.claims],
        "plb": [[entry.reason, entry.reference, str(entry.amount)] for entry in read.account],
        "net": [
            {"pcn": one.number, "charge": str(one.charge), "paid": str(one.paid), "patient": str(one.patient)}
            for one in net(read.claims)
        ],
        "allowed": [_learned_json(one) for one in learn(read.claims)],
        "problems": [str(problem) for problem in read.problems],
        "notes": [str(note) for note in read.notes],
    }


def _claim_json(claim: PaidClaim) -> dict[str, Any]:
    return {
        "pcn": claim.number,
        "payer": claim.payer,
        "plan": plan_words(claim),
        "status": claim.status,
        "charge": str(claim.charge),
        "paid": str(claim.paid),
        "patient": str(claim.patient),
        "lines": [_line_json(line) for line in claim.lines],
        "adjustments": _adjustments_json(claim.adjustments),
        "remarks": list(claim.remarks),
    }


def _line_json(line: PaidLine) -> dict[str, Any]:
    return {
        "code": line.code,
        "mods": list(line.modifiers),
        "units": line.units,
        "date": f"{line.day:%Y%m%d}" if line.day else None,
        "charge": str(line.charge),
        "paid": str(line.paid),
        "allowed": None if line.allowed is None else str(line.allowed),
        "patient": str(line.patient),
        "adjustments": _adjustments_json(line.adjustments),
        "remarks": list(line.remarks),
        **({"billed": line.billed} if line.billed else {}),
    }


def _adjustments_json(adjustments: Iterable[Adjustment]) -> list[list[str]]:
    return [[one.group, one.reason, str(one.amount)] for one in adjustments]


def _learned_json(one: Learned) -> Mapping[str, Any]:
    return {
        "payer": one.payer,
        "plan": one.plan,
        "code": one.code,
        "count": one.count,
        "last_seen": one.last_seen and one.last_seen.isoformat(),
        "low": str(one.low),
        "median": str(one.median),
        "high": str(one.high),
    }
