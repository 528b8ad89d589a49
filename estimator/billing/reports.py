"""What the desk's records come to over some months: authorizations by payer, denials by reason, money that was lost.

Everything is counted from the entries of cases, which are only added to; an entry that was corrected counts as what
stands for it now. Days are those of the answer or of the visit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select

from estimator.billing.cases import CARE, GRANT, GRANTED, MERGED, PAID
from estimator.db.connection import reading
from estimator.db.tables import active_plans, case_entries, cases
from estimator.engine.values import Money

# Claim adjustment reasons that say an authorization was missing, spent or not the right one (X12, CARC list).
OF_AUTHORIZATION = ("15", "197", "198")
BY_CONTRACT = "CO"
# The difference between a charge and the price of the contract is no denial, and what the patient owes is none.
NO_DENIAL = ("45", "1", "2", "3", "59", "253")
NO_REASON = "not told"


@dataclass
class PayerGrants:
    """What was asked of a payer and what it answered; `days` are those from each request to its answer."""

    payer: str
    requested_visits: int = 0
    approved_visits: int = 0
    approved: int = 0
    partly: int = 0
    denied: int = 0
    waiting: int = 0
    days: list[int] = field(default_factory=list)

    @property
    def usual_days(self) -> int | None:
        """Return the median of the days, None where no answer tells its request."""
        return round(median(self.days)) if self.days else None

    @property
    def most_days(self) -> int | None:
        """Return the longest."""
        return max(self.days, default=None)


class Denials(NamedTuple):
    """How often a payer denied for a reason, and what it took off in cents; zero for authorizations that it denied."""

    payer: str
    what: str
    reason: str
    number: int
    cents: int


class Lost(NamedTuple):
    """What a payer did not pay because an authorization was missing, and nobody else may be billed for."""

    payer: str
    claims: int
    lost: Money


class Reports(NamedTuple):
    """The three reports over the same days."""

    grants: tuple[PayerGrants, ...]
    denials: tuple[Denials, ...]
    lost: tuple[Lost, ...]


class _Told(NamedTuple):
    payer: str
    kind: str
    day: date
    content: Mapping[str, Any]


def reports_of(engine: Engine, first: date, last: date) -> Reports:
    """Return the reports on what was answered and settled from one day to another, both included."""
    with reading(engine) as connection:
        told = list(_told(connection, first, last))
    grants = [each for each in told if each.kind == GRANT]
    paid = [each for each in told if each.kind == PAID]
    return Reports(_by_payer(grants), tuple(_denials(grants, paid)), tuple(_lost(paid)))


def _by_payer(grants: Sequence[_Told]) -> tuple[PayerGrants, ...]:
    found: dict[str, PayerGrants] = {}
    for each in grants:
        of, said = found.setdefault(each.payer, PayerGrants(each.payer)), each.content
        status = said["status"]
        of.requested_visits += said.get("requested_visits") or (said.get("visits") or 0 if status == "requested" else 0)
        of.approved_visits += (said.get("visits") or 0) if status in GRANTED else 0
        of.approved += status == "approved"
        of.partly += status == "partly"
        of.denied += status == "denied"
        of.waiting += status == "requested"
        if status in (*GRANTED, "denied") and said.get("requested_on"):
            of.days.append(max(0, (each.day - date.fromisoformat(said["requested_on"])).days))
    return tuple(found[payer] for payer in sorted(found))


def _denials(grants: Sequence[_Told], paid: Sequence[_Told]) -> Iterator[Denials]:
    counted: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for each in grants:
        if each.content["status"] == "denied":
            counted[each.payer, "authorization", each.content.get("reason") or NO_REASON].append(0)
    for each in paid:
        for group, reason, cents in each.content.get("adjustments", ()):
            if reason not in NO_DENIAL and cents > 0:
                counted[each.payer, "claim line", f"{group}-{reason}"].append(cents)
    for (payer, what, reason), cents in sorted(counted.items(), key=lambda each: (each[0][0], -len(each[1]), each[0])):
        yield Denials(payer, what, reason, len(cents), sum(cents))


def _lost(paid: Sequence[_Told]) -> Iterator[Lost]:
    by_payer: dict[str, list[int]] = defaultdict(list)
    for each in paid:
        taken = [
            cents
            for group, reason, cents in each.content.get("adjustments", ())
            if group == BY_CONTRACT and reason in OF_AUTHORIZATION and cents > 0
        ]
        if taken:
            by_payer[each.payer].append(sum(taken))
    for payer in sorted(by_payer):
        yield Lost(payer, len(by_payer[payer]), Money(sum(by_payer[payer])))


# ----------------------------------------------------------------------------
# What stands of the entries of all cases, with the payer of the plan that was in force on each day.
# ----------------------------------------------------------------------------


def _told(connection: Connection, first: date, last: date) -> Iterator[_Told]:
    columns = case_entries.c
    asked = select(columns.case_id, columns.number, columns.kind, columns.day, columns.content, columns.corrects)
    asked = asked.join(cases, cases.c.id == columns.case_id).where(cases.c.state != MERGED)
    about = columns.kind.in_((GRANT, PAID))
    rows = connection.execute(asked.where(about, columns.day >= first).order_by(columns.day, columns.id)).all()
    of_cases = select(columns.case_id).where(about, columns.day >= first)
    care = connection.execute(asked.where(columns.kind == CARE, columns.case_id.in_(of_cases))).all()
    plans, payers = _plans_by_case(care), _payers(connection)
    corrected = {(row.case_id, row.corrects) for row in rows if row.corrects is not None}
    for row in rows:
        if (row.case_id, row.number) in corrected or row.day > last:
            continue
        known = plans.get(row.case_id, ())
        # What is older than a case's first care, such as last month's remittance, is of the plan that it began with.
        plan = next((plan for day, plan in known if day <= row.day), known[-1][1] if known else "")
        yield _Told(payers.get(plan, plan), row.kind, row.day, row.content)


def _plans_by_case(care: Sequence[Any]) -> Mapping[int, Sequence[tuple[date, str]]]:
    """Return the plans of each case with the day from which on it has each, the last first."""
    corrected = {(row.case_id, row.corrects) for row in care if row.corrects is not None}
    plans: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for row in sorted(care, key=lambda each: (each.day, each.number), reverse=True):
        if (row.case_id, row.number) not in corrected and row.content.get("plan"):
            plans[row.case_id].append((row.day, row.content["plan"]))
    return plans


def _payers(connection: Connection) -> Mapping[str, str]:
    columns = active_plans.c
    return {row.plan_id: row.payer for row in connection.execute(select(columns.plan_id, columns.payer))}
