"""What a payer paid for the visits of cases: a remittance (X12 835) lands in the ledger of each case.

A payment is matched by the clinic's own claim number, which is then forgotten, to the case with that label; the desk
can name another. The visit of its day gets what the payer allowed in the place of our own price, and an entry beside
it tells what was paid, what is left to the patient, and what was taken off and why.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Engine, func, select

from estimator.accounts.sign_in import Person
from estimator.billing.cases import PAID, VISIT, CaseEntry, NewEntry, add_entries, case_labeled, case_of_id
from estimator.billing.remittance import Adjustment, PaidClaim, PaidLine, Remittance, standing
from estimator.billing.schedule_cells import services_of
from estimator.db.connection import reading
from estimator.db.tables import cases
from estimator.engine.coding import is_service_code
from estimator.engine.values import total

REMITTANCE = "remittance"
MOST_PAYMENTS = 2_000
# Only what the first payer allows is the price of a visit.
_FIRST_PAYER = ("1", "19")
_MODIFIER = re.compile(r"[A-Z]{2}|59|76")
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Payment:
    """What a payer settled of one claim on one day, in cents; `allowed` by place of its services, None if not whole."""

    number: str
    payer: str
    day: str
    services: str
    charge: int
    paid: int
    patient: int
    allowed: Sequence[int] | None
    adjustments: Sequence[Sequence[Any]]
    is_first_payer: bool


def payments_in(read: Remittance) -> tuple[Payment, ...]:
    """Return the payments of the lines that no reversal takes back, by claim and day; a line without a day is none."""
    by_day: dict[tuple[PaidClaim, date], list[PaidLine]] = defaultdict(list)
    for claim, line in standing(read.claims):
        if line.day is not None:
            by_day[claim, line.day].append(line)
    return tuple(_payment(claim, day, lines) for (claim, day), lines in by_day.items())


def _payment(claim: PaidClaim, day: date, lines: Sequence[PaidLine]) -> Payment:
    allowed = [line.allowed for line in lines]
    taken = [*(one for line in lines for one in line.adjustments), *_of_the_claim(claim, day)]
    return Payment(
        number=claim.number,
        payer=claim.payer,
        day=day.isoformat(),
        services=" ".join(map(_service, lines)),
        charge=int(total(line.charge for line in lines)),
        paid=int(total(line.paid for line in lines)),
        patient=int(total(one.amount for one in taken if one.group == "PR")),
        allowed=[int(each) for each in allowed if each is not None] if None not in allowed else None,
        adjustments=[[one.group, one.reason, int(one.amount)] for one in taken],
        is_first_payer=claim.status in _FIRST_PAYER,
    )


def _of_the_claim(claim: PaidClaim, day: date) -> Iterable[Adjustment]:
    """Return what was taken off a claim as a whole: with its first day, so that it counts once."""
    days = [line.day for line in claim.lines if line.day is not None]
    return claim.adjustments if days and min(days) == day else ()


def _service(line: PaidLine) -> str:
    modifiers = "".join(f"-{each}" for each in line.modifiers if _MODIFIER.fullmatch(each))
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
    return tuple(Payment(**each) for each in packed)


# ----------------------------------------------------------------------------
# Into the ledger: each payment once, and a visit with what was allowed for it.
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
    _, entries = case_of_id(engine, case.id)
    new = list(_entries_for(payment, entries))
    if new:
        add_entries(engine, case.id, new, by)
    return Landed(payment, label, case.id, is_new=bool(new))


def _entries_for(payment: Payment, entries: Sequence[CaseEntry]) -> Iterator[NewEntry]:
    day = date.fromisoformat(payment.day)
    corrected = {entry.corrects for entry in entries}
    there = [entry for entry in entries if entry.day == day and entry.number not in corrected]
    content = {
        "payer": payment.payer,
        **{name: getattr(payment, name) for name in ("charge", "paid", "patient")},
        "adjustments": [list(each) for each in payment.adjustments],
    }
    before = next((one for one in there if one.kind == PAID and one.content.get("payer") == payment.payer), None)
    if before is None or before.content != content:
        # A later settlement of the same visit, such as after an appeal, stands for the earlier one.
        yield NewEntry(PAID, day, content, before.number if before else None)
    if payment.is_first_payer:
        visits = [one for one in there if one.kind == VISIT and not one.content.get("void")]
        yield from _visit_for(payment, day, visits)


def _visit_for(payment: Payment, day: date, visits: Sequence[CaseEntry]) -> Iterator[NewEntry]:
    """Yield the visit with what was allowed for it: another one where none stands, or the one that stands."""
    codes = [service["code"] for service in services_of(payment.services)]
    if not codes or not all(map(is_service_code, codes)) or len(codes) != len(payment.allowed or codes):
        return  # A revenue code, or no code at all: what was paid stands, and no visit is told by it.
    said: dict[str, Any] = {"services": payment.services, "source": REMITTANCE}
    if payment.allowed is not None:
        said["allowed"] = list(payment.allowed)
    if not visits:
        yield NewEntry(VISIT, day, said)
    elif len(visits) == 1 and payment.allowed is not None:
        kept = _in_order(visits[0].content["services"], payment)
        content = said if kept is None else {**said, **kept}
        if content != visits[0].content:
            yield NewEntry(VISIT, day, content, visits[0].number)


def _in_order(services: str, payment: Payment) -> Mapping[str, Any] | None:
    """Return the services as they stand in the case, which may tell minutes, with what was allowed for each of them.

    None where the payer settled other codes.
    """
    own = [service["code"] for service in services_of(services)]
    settled = [service["code"] for service in services_of(payment.services)]
    if sorted(own) != sorted(settled) or len(set(own)) != len(own):
        return None
    by_code = dict(zip(settled, payment.allowed or (), strict=True))
    return {"services": services, "allowed": [by_code[code] for code in own]}
