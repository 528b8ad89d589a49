"""Rules that payments contradict: denied where our rules say covered, paid where they say not, each with an example.

A missing authorization where a plan asks for none is proposed as a correction, which goes into a draft like what a call
said. What contradicts an estimate that was given is shown with its plan, for a person to read up and correct.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

from estimator.billing.accuracy import answers_given, newest_records
from estimator.billing.call_proposals import Evidence, active_text, into_draft
from estimator.billing.cases import GRANT
from estimator.billing.reconcile import CODING_DENIALS, NO_DENIALS
from estimator.billing.reports import NO_DENIAL, OF_AUTHORIZATION
from estimator.billing.underpaid import Ledger, Settled, ledgers_of
from estimator.db.connection import reading
from estimator.db.tables import case_entries
from estimator.engine.answer import Status
from estimator.engine.values import Money
from estimator.errors import EditRefused, Problem
from estimator.plans.edit_text import CommonField, common_fields
from estimator.plans.shelf import Shelf
from estimator.plans.store import PlanDraft

_FIELD = "authorization"
_ASKS_FOR_NONE = ("", "none")
_FROM_THE_FIRST_VISIT = "1"
_LOOKED_BACK = timedelta(days=365)
_NOT_COVERED = frozenset((Status.PATIENT_BILLED.value, Status.PROVIDER_ABSORBS.value))
_MOST_EXAMPLES = 5


class Example(NamedTuple):
    """One line that a payer settled: its case and day, its code, why it was denied, and its charge."""

    case_id: int
    day: date
    code: str
    reason: str
    charge: Money


@dataclass(frozen=True, slots=True)
class DenialProposal:
    """A plan that asks for no authorization by our text, and lines that its payer denied for want of one.

    `paid` counts lines under it that were paid in cases without an authorization.
    """

    payer: str
    plan_id: str
    title: str
    revision: int
    field: CommonField
    denials: tuple[Example, ...]
    paid: int

    @property
    def said(self) -> str:
        """Return the value that is proposed: from the first visit on."""
        return _FROM_THE_FIRST_VISIT


class Contradiction(NamedTuple):
    """A code that a payer settled otherwise than the estimates that were given say, so many times."""

    payer: str
    plan_id: str
    code: str
    says: str
    times: int
    examples: tuple[Example, ...]


def denial_proposals(shelf: Shelf, today: date) -> Sequence[DenialProposal]:
    """Return the corrections that the payments of a year propose, those of most denials first."""
    lacked = _of_year(shelf.engine, today, newest_records(shelf.engine)).lacked
    found = (_proposal(shelf, plan_id, *of_plan) for plan_id, of_plan in lacked.items())
    return sorted((one for one in found if one is not None), key=lambda one: (-len(one.denials), one.payer))


def accept_denial(shelf: Shelf, plan_id: str, today: date, by: str, account: int | None = None) -> PlanDraft:
    """Start a draft of a plan that asks for an authorization; raise EditRefused where nothing proposes it any more."""
    of_plan = _of_year(shelf.engine, today, newest_records(shelf.engine)).lacked.get(plan_id)
    found = _proposal(shelf, plan_id, *of_plan) if of_plan else None
    if found is None:
        words = "Nothing to accept any more: the plan says so by now, or the payment was reversed."
        raise EditRefused((Problem("proposal", words),))
    one = found.denials[0]
    day = one.day.isoformat()
    evidence = Evidence(f"remittance-{day}", f"{one.code} denied {one.reason}", f"{found.payer}, remittance", one.day)
    return into_draft(shelf, found, evidence, by, account)


class _OfYear(NamedTuple):
    """What the payments of a year say: of each plan what `_lacked` tells, and what contradicts given estimates."""

    lacked: Mapping[str, tuple[tuple[Example, ...], int]]
    otherwise: Sequence[Contradiction]


@lru_cache(4)
def _of_year(engine: Engine, today: date, newest: tuple[int | None, ...]) -> _OfYear:
    rows = tuple(ledgers_of(engine, (today - _LOOKED_BACK, today)))
    return _OfYear(_lacked(rows, _granted(engine)), _otherwise_than_given(engine, rows))


def _lacked(rows: Iterable[Ledger], granted: Collection[int]) -> Mapping[str, tuple[tuple[Example, ...], int]]:
    """Return the lines of each plan that were denied for want of an authorization, and how many were paid without."""
    denials: dict[str, list[Example]] = defaultdict(list)
    paid: Counter[str] = Counter()
    for row in rows:
        if row.case_id not in granted:
            for line in row.lines:
                paid[row.plan] += bool(line.allowed)
                if reason := _reason(line, OF_AUTHORIZATION):
                    denials[row.plan].append(Example(row.case_id, row.day, line.code, reason, line.charge))
    return {
        plan: (tuple(sorted(lines, key=lambda one: one.day, reverse=True)), paid[plan])
        for plan, lines in denials.items()
        if plan
    }


def _proposal(shelf: Shelf, plan_id: str, denials: tuple[Example, ...], paid: int) -> DenialProposal | None:
    active = active_text(shelf, plan_id, denials[0].day)
    if active is None:
        return None
    revision, text, title, payer = active
    field = next((one for one in common_fields(text) if one.name == _FIELD and one.value in _ASKS_FOR_NONE), None)
    if field is None:
        return None
    return DenialProposal(payer, plan_id, title, revision, field=field, denials=denials, paid=paid)


def _granted(engine: Engine) -> frozenset[int]:
    """Return the cases with anything on file about an authorization: a denial there may be about that one."""
    with reading(engine) as connection:
        asked = select(case_entries.c.case_id).where(case_entries.c.kind == GRANT).distinct()
        return frozenset(connection.scalars(asked))


def _reason(line: Settled, wanted: Iterable[str]) -> str:
    """Return the first reason among those wanted, of a line of which nothing was allowed."""
    if line.allowed:
        return ""
    known = frozenset(wanted)
    return next((reason for reason in line.reasons if reason.partition("-")[2] in known), "")


# ----------------------------------------------------------------------------
# Against the estimates that were given.
# ----------------------------------------------------------------------------

_NO_RULE = CODING_DENIALS | NO_DENIALS | frozenset((*NO_DENIAL, *OF_AUTHORIZATION))
PAID_THOUGH_NOT_COVERED = "paid; the estimate said it isn’t covered"


def contradictions(engine: Engine, today: date) -> Sequence[Contradiction]:
    """Return the codes that payers settled otherwise than was estimated within a year, those of most lines first."""
    return _of_year(engine, today, newest_records(engine)).otherwise


def _otherwise_than_given(engine: Engine, rows: Iterable[Ledger]) -> Sequence[Contradiction]:
    found: dict[tuple[str, str, str, str], list[Example]] = defaultdict(list)
    with reading(engine) as connection:
        given = answers_given(connection)
        for row in rows:
            answer = given(row.case_id, row.day)
            for line in row.lines if answer else ():
                says, reason = _otherwise(line, _status(answer or {}, line.code, row.day))
                if says:
                    example = Example(row.case_id, row.day, line.code, reason, line.charge)
                    found[row.payer, row.plan, line.code, says].append(example)
    every = (Contradiction(*key, len(examples), tuple(examples[-_MOST_EXAMPLES:])) for key, examples in found.items())
    return sorted(every, key=lambda one: (-one.times, one.payer, one.code))


def _otherwise(line: Settled, status: str) -> tuple[str, str]:
    """Return what is otherwise than estimated, and the reason that the payer gives."""
    if line.allowed:
        return (PAID_THOUGH_NOT_COVERED, "") if status in _NOT_COVERED else ("", "")
    if status != Status.PAYABLE:
        return "", ""
    reason = next((one for one in line.reasons if one.partition("-")[2] not in _NO_RULE), "")
    return (f"denied {reason}; the estimate said it is covered", reason) if reason else ("", "")


def _status(answer: Mapping[str, Any], code: str, day: date) -> str:
    """Return the status of a code in an estimate: of the visit of that day, else of the first that has it."""
    visits = sorted(answer["visits"], key=lambda visit: visit["day"] != day.isoformat())
    lines: Iterator[Mapping[str, Any]] = (line for visit in visits for line in visit["lines"])
    return next((str(line["status"]) for line in lines if line["code"] == code), "")
