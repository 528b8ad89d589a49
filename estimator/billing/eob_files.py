"""What a payer's own file says of one visit, as the lines of an EOB: FHIR (CARIN) or a remittance (X12 835).

A remittance pays many patients. Its lines are those of the claims whose number is the case's label, which a payer may
split, or of the only claim of that day; where several could be meant, none is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from estimator.billing.remittance import PaidLine, read_remittance, standing
from estimator.eligibility.explanation import read_explanation
from estimator.engine.values import ZERO
from estimator.errors import Problem, RequestRefused

_X12 = b"ISA"
# The patient's share of the price by the reason codes of a remittance.
_SHARES = {"deductible": ("1",), "coinsurance": ("2",), "copay": ("3",)}
_OF_THE_CONTRACT = "45"


class EobFile(NamedTuple):
    """The lines of a visit, with the keys of `reconcile.read_eob`, and what was read otherwise or not at all."""

    lines: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...] = ()


def eob_in_file(content: bytes, day: date, label: str) -> EobFile:
    """Return what a file says of the visit of a day.

    Raises RequestRefused where it says nothing of that day, EligibilityRefused or RemittanceRefused for another file.
    """
    if content.lstrip().startswith(_X12):
        return EobFile(tuple(_line(line) for line in _paid_on(content, day, label)))
    visits = read_explanation(content)
    found = [visit for visit in visits if visit.day == day]
    if not found:
        days = ", ".join(visit.day.isoformat() for visit in visits if visit.day) or "no day"
        raise RequestRefused((Problem("file", f"Give the EOB of {day}. This one is of {days}."),))
    notes = tuple(f"{note.place}: {note.says}" for note in found[0].notes)
    return EobFile(tuple({key: str(value) for key, value in line.items()} for line in found[0].lines), notes)


def _paid_on(content: bytes, day: date, label: str) -> Sequence[PaidLine]:
    by_number: dict[str, list[PaidLine]] = {}
    for claim, line in standing(read_remittance(content).claims):
        if line.day == day:
            by_number.setdefault(claim.number.casefold(), []).append(line)
    if not by_number:
        raise RequestRefused((Problem("file", f"Give a remittance with lines of {day}. This one has none."),))
    meant = by_number.get(label.casefold()) or (next(iter(by_number.values())) if len(by_number) == 1 else None)
    if meant is None:
        words = f"It pays {len(by_number)} claims of {day}, and none has the number {label}. Enter the lines by hand."
        raise RequestRefused((Problem("file", words),))
    return meant


def _line(line: PaidLine) -> Mapping[str, str]:
    return dict(_said(line))


def _said(line: PaidLine) -> Iterator[tuple[str, str]]:
    yield "code", line.code
    yield "units", str(line.units or 1)
    if line.allowed is not None:
        yield "allowed", str(line.allowed)
    for name, reasons in _SHARES.items():
        share = sum((one.amount for one in line.adjustments if one.group == "PR" and one.reason in reasons), ZERO)
        if share:
            yield name, str(share)
    yield "plan_paid", str(line.paid)
    yield "patient_owes", str(line.patient)
    refusals = [one for one in line.adjustments if one.group != "PR" and one.reason != _OF_THE_CONTRACT]
    if line.allowed is None and refusals:
        yield "denied", f"{refusals[0].group}-{refusals[0].reason}"
