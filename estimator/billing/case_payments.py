"""What a payer paid for the visits of cases: a remittance (X12 835) lands in the ledger of each case.

A payment is matched by the clinic's own claim number, which is then forgotten, to the case with that label; the desk
can name another. The visit of its day gets what the payer allowed in the place of our own price, and an entry beside
it tells what was paid, what is left to the patient, and what was taken off and why.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Engine, func, select

from estimator.accounts.sign_in import Person
from estimator.billing.cases import PAID, VISIT, CaseEntry, NewEntry, add_worked_out, case_labeled
from estimator.billing.remittance import PaidClaim, PaidLine, Remittance
from estimator.billing.schedule_cells import MODIFIER, services_of
from estimator.db.connection import reading
from estimator.db.tables import cases
from estimator.engine.coding import is_service_code

REMITTANCE = "remittance"
MOST_PAYMENTS = 2_000
_AT_ONCE = 500
# As many digits as keep the claims of one case and day apart, and no more.
_MARK = 12


class Settled(NamedTuple):
    """One service as a payer settled it, in cents; `allowed` is None where it was not told.

    What was taken off a claim as a whole is a line without a service, which lowers what was paid.
    """

    service: str
    charge: int
    paid: int
    patient: int
    allowed: int | None
    adjustments: Sequence[Sequence[Any]]

    @property
    def is_denied(self) -> bool:
        """Tell whether nothing was paid or allowed for it."""
        return not self.paid and not self.allowed


@dataclass(frozen=True, slots=True)
class Payment:
    """What a payer settled of one claim on one day, or took back of it.

    `part` tells the claims of one payer and day apart: a mark made from the payer's number of the claim, which itself
    is not kept.
    """

    number: str
    payer: str
    day: str
    part: str
    lines: tuple[Settled, ...]
    takes_back: bool
    is_first_payer: bool

    @property
    def services(self) -> str:
        """Return the services as a schedule writes them."""
        return " ".join(line.service for line in self.lines if line.service)

    @property
    def paid(self) -> int:
        """Return what was paid, below zero where it is taken back."""
        return self._sign * sum(line.paid for line in self.lines)

    @property
    def patient(self) -> int:
        """Return what is left to the patient."""
        return self._sign * sum(line.patient for line in self.lines)

    @property
    def adjustments(self) -> Sequence[Sequence[Any]]:
        """Return what was taken off, and why."""
        return [each for line in self.lines for each in line.adjustments]

    @property
    def _sign(self) -> int:
        return -1 if self.takes_back else 1


def payments_in(read: Remittance) -> tuple[Payment, ...]:
    """Return what was settled and taken back, by claim and day in the order in which it came to be.

    Several claims under one number of the payer, with nothing taken back between them, are one payment. A line
    without a day is none.
    """
    found: list[Payment] = []
    last: dict[tuple[str, str, str], int] = {}
    for claim in sorted(read.claims, key=lambda claim: claim.settled or date.min):
        for payment in _payments_of(claim):
            key = payment.payer, payment.number, payment.day
            place = last.get(key)
            if place is not None and _is_one(found[place], payment):
                found[place] = replace(found[place], lines=(*found[place].lines, *payment.lines))
            else:
                last[key] = len(found)
                found.append(payment)
    return tuple(found)


def _is_one(before: Payment, payment: Payment) -> bool:
    return (before.part, before.takes_back) == (payment.part, payment.takes_back)


def _payments_of(claim: PaidClaim) -> Iterator[Payment]:
    by_day: dict[date, list[Settled]] = defaultdict(list)
    if claim.is_decided:
        for line in claim.lines:
            if line.day is not None:
                by_day[line.day].append(_settled(line, claim.is_reversal))
    if by_day and claim.adjustments:  # With the first day, so that it counts once.
        by_day[min(by_day)].append(_of_the_claim(claim))
    for day, lines in by_day.items():
        yield Payment(
            number=claim.number,
            payer=claim.payer,
            day=day.isoformat(),
            part=hashlib.sha256(claim.control.encode()).hexdigest()[:_MARK] if claim.control else "",
            lines=tuple(lines),
            takes_back=claim.is_reversal,
            is_first_payer=claim.is_first_payer,
        )


def _settled(line: PaidLine, is_reversal: bool) -> Settled:
    """Return a line as it was settled; that of a reversal as it was before."""
    sign = -1 if is_reversal else 1
    return Settled(
        service=_service(line),
        charge=sign * line.charge,
        paid=sign * line.paid,
        patient=sign * line.patient,
        allowed=None if line.allowed is None else int(line.allowed),
        adjustments=[[one.group, one.reason, sign * one.amount] for one in line.adjustments],
    )


def _of_the_claim(claim: PaidClaim) -> Settled:
    sign = -1 if claim.is_reversal else 1
    every = sign * sum(one.amount for one in claim.adjustments)
    of_patient = sign * sum(one.amount for one in claim.adjustments if one.group == "PR")
    taken = [[one.group, one.reason, sign * one.amount] for one in claim.adjustments]
    return Settled("", 0, -every, of_patient, None, taken)


def _service(line: PaidLine) -> str:
    modifiers = "".join(f"-{each}" for each in line.modifiers if MODIFIER.fullmatch(each))
    return f"{line.code}{modifiers}" + (f" x{line.units}" if line.units and line.units > 1 else "")


def labels_for(engine: Engine, payments: Sequence[Payment]) -> Mapping[str, str]:
    """Return the label of the case that each claim number is, however its letters are written."""
    wanted = sorted({payment.number.casefold() for payment in payments})
    found: dict[str, str] = {}
    with reading(engine) as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            named = func.lower(cases.c.label).in_(wanted[start : start + _AT_ONCE])
            found |= {label.casefold(): label for label in connection.scalars(select(cases.c.label).where(named))}
    return {payment.number: found[key] for payment in payments if (key := payment.number.casefold()) in found}


# ----------------------------------------------------------------------------
# A payment as it travels through the page on which the desk confirms it.
# ----------------------------------------------------------------------------


def packed(payments: Iterable[Payment]) -> list[dict[str, Any]]:
    """Return payments as values that JSON holds."""
    return [asdict(payment) for payment in payments]


def unpacked(packed: Iterable[Mapping[str, Any]]) -> tuple[Payment, ...]:
    """Return the payments of such values."""
    return tuple(Payment(**{**each, "lines": tuple(Settled(*line) for line in each["lines"])}) for each in packed)


# ----------------------------------------------------------------------------
# Into the ledger: each part of a claim once, and a visit with what was allowed for it.
# ----------------------------------------------------------------------------


class Landed(NamedTuple):
    """Where a payment went: its case, None where there is none of that label, and whether it was new there."""

    payment: Payment
    label: str
    case_id: int | None
    is_new: bool


def add_payments(engine: Engine, labeled: Iterable[tuple[Payment, str]], by: Person) -> tuple[Landed, ...]:
    """Add payments to the cases of these labels; what is there already is added no second time."""
    return tuple(_land(engine, payment, label, by) for payment, label in labeled if label)


def _land(engine: Engine, payment: Payment, label: str, by: Person) -> Landed:
    case = case_labeled(engine, label)
    if case is None:
        return Landed(payment, label, None, is_new=False)
    added = add_worked_out(engine, case.id, lambda entries: tuple(_entries_for(payment, entries)), by)
    return Landed(payment, label, case.id, is_new=bool(added))


class _Part(NamedTuple):
    """A part of a claim in the ledger; `entry` is the number of the entry that holds it, None where it is new."""

    entry: int | None
    part: str
    lines: tuple[Settled, ...]
    is_first_payer: bool


def _entries_for(payment: Payment, entries: Sequence[CaseEntry]) -> Iterator[NewEntry]:
    """Yield what a payment changes, given all that stands: the parts of its claim, and the visit."""
    day = date.fromisoformat(payment.day)
    corrected = {entry.corrects for entry in entries}
    there = [entry for entry in entries if entry.day == day and entry.number not in corrected]
    paid = [one for one in there if one.kind == PAID and one.content.get("payer") == payment.payer]
    before = [_part(entry) for entry in paid]
    after = _taken_back(payment, before) if payment.takes_back else _added(payment, before)
    for was, now in zip([*before, None], after, strict=False):
        if was is None or was.lines != now.lines:
            yield NewEntry(PAID, day, _content(payment.payer, now), now.entry)
    if payment.is_first_payer:
        lines = [line for part in after if part.is_first_payer for line in part.lines]
        visits = [one for one in there if one.kind == VISIT and not one.content.get("void")]
        yield from _visit_for(lines, day, visits)


def _part(entry: CaseEntry) -> _Part:
    said = entry.content
    lines = tuple(Settled(**line) for line in said.get("lines", ()))
    return _Part(entry.number, said.get("part", ""), lines, said.get("is_first_payer", True))


def _content(payer: str, part: _Part) -> dict[str, Any]:
    sums = {name: sum(getattr(line, name) for line in part.lines) for name in ("charge", "paid", "patient")}
    return {
        "payer": payer,
        **sums,
        "adjustments": [list(each) for line in part.lines for each in line.adjustments],
        "part": part.part,
        "is_first_payer": part.is_first_payer,
        "lines": [line._asdict() for line in part.lines],
    }


def _added(payment: Payment, parts: Sequence[_Part]) -> list[_Part]:
    """Return the parts with a payment, which comes last where it is a new one.

    A service that is settled anew stands for what it was before: in its own claim, and after an appeal in another one
    that was denied. Other lines are added.
    """
    place = next((place for place, each in enumerate(parts) if each.part == payment.part), None)
    if place is None:
        # What was kept before parts were told apart has no lines: whatever comes stands for it.
        place = next((place for place, each in enumerate(parts) if not each.part and not each.lines), None)
    if place is None:
        place, parts = len(parts), [*parts, _Part(None, payment.part, (), payment.is_first_payer)]
    lines, new = _settled_anew(parts[place].lines, payment.lines)
    left = _without_denied(parts, place, new)
    left[place] = _Part(parts[place].entry, payment.part, lines, payment.is_first_payer)
    return left


def _settled_anew(before: Sequence[Settled], now: Sequence[Settled]) -> tuple[tuple[Settled, ...], list[Settled]]:
    """Return lines with those that are settled again in their places and the others at the end; and those others."""
    lines, new, free = list(before), list(now), list(range(len(before)))
    for key in (_of_payment, _of_service):
        places: dict[tuple[Any, ...], deque[int]] = defaultdict(deque)
        for at in free:
            places[key(lines[at])].append(at)
        left = []
        for line in new:
            if same := places.get(key(line)):
                lines[same.popleft()] = line
            else:
                left.append(line)
        new, free = left, sorted(at for unused in places.values() for at in unused)
    return (*lines, *new), new


def _without_denied(parts: Sequence[_Part], own: int, new: Sequence[Settled]) -> list[_Part]:
    """Return the parts without lines of other claims that were denied and whose service is among the new ones."""
    settled = Counter(map(_of_service, new))
    left = []
    for place, part in enumerate(parts):
        kept = []
        for line in part.lines:
            if place != own and line.is_denied and settled[_of_service(line)]:
                settled[_of_service(line)] -= 1
            else:
                kept.append(line)
        left.append(part._replace(lines=tuple(kept)))
    return left


def _taken_back(payment: Payment, parts: Sequence[_Part]) -> list[_Part]:
    """Return the parts without the lines that a reversal takes back, each once; of its own claim first."""
    back, left = Counter(map(_of_payment, payment.lines)), list(parts)
    for place in sorted(range(len(left)), key=lambda place: left[place].part != payment.part):
        kept = []
        for line in left[place].lines:
            if back[_of_payment(line)]:
                back[_of_payment(line)] -= 1
            else:
                kept.append(line)
        left[place] = left[place]._replace(lines=tuple(kept))
    return left


def _of_payment(line: Settled) -> tuple[Any, ...]:
    return line[:3]


def _of_service(line: Settled) -> tuple[Any, ...]:
    return line[:2]


def _visit_for(lines: Sequence[Settled], day: date, visits: Sequence[CaseEntry]) -> Iterator[NewEntry]:
    """Yield the visit with what was allowed for it: another one where none stands, or the one that stands."""
    settled = [line for line in lines if line.service]
    services = " ".join(line.service for line in settled)
    codes = [service["code"] for service in services_of(services)]
    if not codes or not all(map(is_service_code, codes)) or len(codes) != len(settled):
        return  # A revenue code, or no code at all: what was paid stands, and no visit is told by it.
    allowed = [line.allowed for line in settled if line.allowed is not None]
    is_whole = len(allowed) == len(settled)
    said: dict[str, Any] = {"services": services, "source": REMITTANCE} | ({"allowed": allowed} if is_whole else {})
    if not visits:
        yield NewEntry(VISIT, day, said)
    elif len(visits) == 1 and is_whole:
        content = _in_order(visits[0].content, codes, allowed) or said
        if content != visits[0].content:
            yield NewEntry(VISIT, day, content, visits[0].number)


def _in_order(visit: Mapping[str, Any], codes: Sequence[str], allowed: Sequence[int]) -> Mapping[str, Any] | None:
    """Return a visit as it stands in the case, which may tell minutes, with what was allowed for its services.

    What the payer hasn't settled yet keeps its price. None where the payer settled another service, or where the
    visit tells no price of one that is still open.
    """
    by_code: dict[str, deque[int]] = defaultdict(deque)
    for code, cents in zip(codes, allowed, strict=True):
        by_code[code].append(cents)
    own = [service["code"] for service in services_of(visit["services"])]
    before = [*visit.get("allowed", ()), *([None] * len(own))]
    merged = [by_code[code].popleft() if by_code[code] else cents for code, cents in zip(own, before, strict=False)]
    if any(by_code.values()) or None in merged:
        return None
    return {"services": visit["services"], "source": REMITTANCE, "allowed": merged}
