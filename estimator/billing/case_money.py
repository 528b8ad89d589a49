"""The money of a case: what stands toward the deductible and the maximum, and what was paid against what was estimated.

All of it is what payers said: a count that one stated, and what remittances settled since. A visit that nobody has
settled yet is in none of these sums.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from estimator.billing.cases import CaseNow, Settled
from estimator.billing.counters import MONEY, Counter
from estimator.engine.plan import Ceiling, Measure, Network, Plan
from estimator.engine.request import IN_NETWORK
from estimator.engine.values import Money, months_later
from estimator.engine.visits import benefit_year_of
from estimator.plans.shelf import network_meant

DEDUCTIBLE, MAXIMUM = "deductible", "out-of-pocket-maximum"
# By the column that tells it: its name, and the reasons for which a payer leaves an amount to the patient (X12, CARC).
_COUNTED = {"deductible_paid": (DEDUCTIBLE, ("1",)), "out_of_pocket_paid": (MAXIMUM, ("1", "2", "3"))}
_OF_PATIENT = "PR"


def money_counters(now: CaseNow, plan: Plan) -> Iterator[Counter]:
    """Yield what is paid toward the deductible and the maximum of the benefit year, as far as a payer told."""
    start = benefit_year_of(plan).first_day(now.day)
    network = plan.networks.get(network_meant(plan, now.care.get("network") or IN_NETWORK))
    for column, (name, reasons) in _COUNTED.items():
        ceiling = _ceiling(network, name)
        told = now.stated.get(column)
        stated = Money.parse(told.cells[column]) if told and told.day >= start else None
        if ceiling is None and stated is None:
            continue
        since = (told.day, told.entry) if told and stated is not None else (start, 0)
        ours = _left_to_patient(now.settled, reasons, (start, 0))
        is_known = stated is not None or start > now.case.opened_at.date() or bool(told)
        used = int(stated or 0) + _left_to_patient(now.settled, reasons, since)
        of = int(ceiling.person) if ceiling is not None and isinstance(ceiling.person, Money) else None
        yield Counter(
            kind=MONEY,
            name=name,
            measure=Measure.DOLLARS,
            of=of,
            used=(used if of is None else min(used, of)) if is_known else None,
            planned=0,
            resets=months_later(start, 12),
            stated=None if stated is None else int(stated),
            stated_on=told.day if told and stated is not None else None,
            ours=ours,
            period=start.isoformat(),
            column=column,
        )


def _ceiling(network: Network | None, name: str) -> Ceiling | None:
    if network is None:
        return None
    found = network.deductible if name == DEDUCTIBLE else network.out_of_pocket_max
    return found if isinstance(found, Ceiling) else None


def _left_to_patient(settled: Iterable[Settled], reasons: tuple[str, ...], since: tuple[date, int]) -> int:
    """Return what the first payer left to the patient for these reasons, of what came after a day and an entry."""
    return sum(
        cents
        for each in settled
        if each.is_first_payer and (each.day, each.entry) > since
        for group, reason, cents in each.adjustments
        if group == _OF_PATIENT and reason in reasons
    )


class MoneySoFar(NamedTuple):
    """What plans paid and patients were left with for the visits that are settled, and what was estimated for as many.

    `estimated` is None where no estimate was given that holds so many visits.
    """

    by_plan: Money
    by_patient: Money
    visits: int
    estimated: Money | None

    @property
    def off_by(self) -> int | None:
        """Return by how many percent of the estimate the patient was left with more; less is below zero."""
        if not self.estimated:
            return None
        return round(100 * (self.by_patient - self.estimated) / self.estimated)


def money_so_far(now: CaseNow, answers: Iterable[Mapping[str, Any]]) -> MoneySoFar | None:
    """Return the money of a case, by the newest of these answers; None where nothing was settled.

    Behind a second plan the patient is left with what that one leaves.
    """
    if not now.settled:
        return None
    first, last = defaultdict[date, int](int), defaultdict[date, int](int)
    for each in now.settled:
        (first if each.is_first_payer else last)[each.day] += each.patient
    by_patient = sum({**first, **last}.values())
    visits = len({each.day for each in now.settled})
    estimated = next(filter(None, (_estimated(answer, visits) for answer in answers)), None)
    return MoneySoFar(Money(sum(each.paid for each in now.settled)), Money(by_patient), visits, estimated)


def _estimated(answer: Mapping[str, Any], visits: int) -> Money | None:
    owes = [Money.parse(visit["patient_owes"]) for visit in answer.get("visits", ())]
    return Money(sum(owes[:visits])) if len(owes) >= visits else None
