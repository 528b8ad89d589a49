"""Keep an estimate as a patient was given it, with a receipt, under a label of the clinic's own.

The receipt is a fingerprint of what was asked and answered: a paper that carries it can be held against what is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, delete, func, insert, select

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing.calls import label_problems
from estimator.db.connection import reading, writing
from estimator.db.tables import accounts, given_estimates, next_id, reconciliations
from estimator.errors import Problem, RequestRefused
from estimator.plans.store import known_revisions
from estimator.prices.store import active_book_ids, active_list_ids

USUAL_DAYS = 365


@dataclass(frozen=True, slots=True)
class NewGiven:
    """An estimate to keep for so many days: its request, its answer in the patient's words, and the clinic's label.

    `price_lists` are the clinic's lists that it rests on, where they aren't the usual ones.
    """

    case_label: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    days: int = USUAL_DAYS
    price_lists: tuple[int, ...] = ()


def give_estimate(engine: Engine, new: NewGiven, by: Person, now: datetime) -> int:
    """Keep an estimate, return its number, and remove those whose time is over.

    Raises RequestRefused where its label cannot be kept.
    """
    if problems := tuple(_problems(new)):
        raise RequestRefused(problems)
    inputs = new.answer["inputs"]
    fingerprint = str(inputs["plan"]).rpartition("@")[2]
    row = {
        "case_label": new.case_label,
        "plan_id": new.answer["plan"]["id"],
        "request": new.request,
        "answer": new.answer,
        "receipt": receipt_of(new.request, new.answer),
        "fingerprint": fingerprint,
        "as_of": date.fromisoformat(inputs["as_of"]),
        "engine": inputs["engine"],
        "given_at": now,
        "account_id": by.id,
        "expires_at": now + timedelta(days=new.days),
    }
    with writing(engine) as connection:
        rests_on = {
            "revision_id": known_revisions(connection, [fingerprint]).get(fingerprint),
            "books": list(active_book_ids(connection)),
            "price_lists": list(new.price_lists or active_list_ids(connection)),
        }
        remove_expired(connection, now)
        number = insert_given(connection, {**row, **rests_on})
        note_done(connection, by=by.id, did="estimate-given", subject=f"{number} {row['plan_id']}", now=now)
        connection.commit()
    return number


def given_estimate(engine: Engine, number: int, now: datetime) -> GivenEstimate | None:
    """Return an estimate; None where there is none of this number, or its time is over."""
    with reading(engine) as connection:
        return find_given(connection, number, now)


def find_given_estimates(engine: Engine, case_label: str, now: datetime) -> tuple[GivenEstimate, ...]:
    """Return the estimates under a label, or under every label where it is empty; the newest first."""
    with reading(engine) as connection:
        return find_all_given(connection, case_label, now)


def delete_given(engine: Engine, number: int, by: Person, now: datetime) -> bool:
    """Delete an estimate before its time is over; return whether there was one."""
    with writing(engine) as connection:
        gone = remove_given(connection, number) > 0
        if gone:
            note_done(connection, by=by.id, did="estimate-deleted", subject=str(number), now=now)
        connection.commit()
    return gone


def remove_expired(connection: Connection, now: datetime) -> int:
    """Remove every estimate whose time is over, and note how many; the caller commits."""
    gone = remove_expired_estimates(connection, now)
    if gone:
        note_done(connection, by=None, did="estimates-expired", subject=str(gone), now=now)
    return gone


def receipt_of(request: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Return the fingerprint of what was asked and answered."""
    content = json.dumps([request, answer], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(content.encode()).hexdigest()


def _problems(new: NewGiven) -> Iterator[Problem]:
    if not new.case_label:
        yield Problem("case_label", "Enter a label by which the clinic finds this case again, such as A-118.")
    yield from label_problems(new.case_label)


# ----------------------------------------------------------------------------
# Estimates as patients were given them: added, found, and removed when their time is over or by the billing desk.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GivenEstimate:
    """One estimate; `by` is the account that gave it, `revision_id` None where its request describes the plan."""

    id: int
    case_label: str
    plan_id: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    receipt: str
    revision_id: int | None
    fingerprint: str
    books: tuple[int, ...]
    price_lists: tuple[int, ...]
    as_of: date
    engine: str
    given_at: datetime
    by: str
    expires_at: datetime

    @property
    def made_at(self) -> datetime:
        """Return the moment at which it was given."""
        return self.given_at


def insert_given(connection: Connection, row: Mapping[str, Any]) -> int:
    """Add an estimate and return its number."""
    number = next_id(connection, given_estimates)
    connection.execute(insert(given_estimates), {**row, "id": number})
    return number


def find_given(connection: Connection, number: int, now: datetime) -> GivenEstimate | None:
    """Return an estimate; None where there is none of this number, or its time is over."""
    row = connection.execute(_kept(now).where(given_estimates.c.id == number)).first()
    return None if row is None else _estimate(row)


def find_all_given(connection: Connection, case_label: str, now: datetime) -> tuple[GivenEstimate, ...]:
    """Return the estimates under a label, or under every label where it is empty; the newest first."""
    asked = _kept(now).order_by(given_estimates.c.id.desc())
    if case_label:
        asked = asked.where(given_estimates.c.case_label == case_label)
    return tuple(map(_estimate, connection.execute(asked)))


def remove_given(connection: Connection, number: int) -> int:
    """Remove an estimate; return how many rows went."""
    return connection.execute(delete(given_estimates).where(given_estimates.c.id == number)).rowcount


def remove_expired_estimates(connection: Connection, now: datetime) -> int:
    """Remove what is past its time; return how many rows went."""
    return connection.execute(delete(given_estimates).where(given_estimates.c.expires_at <= now)).rowcount


def _kept(now: datetime) -> Select[Any]:
    own = [each for each in given_estimates.c if each.name != "account_id"]
    joined = given_estimates.join(accounts)
    asked = select(*own, accounts.c.name.label("by")).select_from(joined)
    return asked.where(given_estimates.c.expires_at > now)


def _estimate(row: Row[Any]) -> GivenEstimate:
    return GivenEstimate(**{**row._mapping, "books": tuple(row.books), "price_lists": tuple(row.price_lists)})


# ----------------------------------------------------------------------------
# What EOBs said of given estimates: rows are added, and the last one about a visit holds.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptReconciliation:
    """One visit of an estimate beside its EOB, in cents; `lines` hold the part of each cause."""

    id: int
    entered_at: datetime
    by: str
    given_id: int
    visit: int
    plan_id: str
    month: date
    estimated: int
    paid: int
    low: int
    high: int
    lines: Sequence[Mapping[str, Any]]

    @property
    def parts(self) -> Mapping[str, int]:
        """Return the part of each cause in the visit, in cents; only those that moved something."""
        causes = dict.fromkeys(cause for line in self.lines for cause in line["parts"])
        sums = {cause: sum(line["parts"].get(cause, 0) for line in self.lines) for cause in causes}
        return {cause: cents for cause, cents in sums.items() if cents}


def insert_reconciliation(connection: Connection, row: Mapping[str, Any]) -> int:
    """Add what an EOB said and return its number."""
    number = next_id(connection, reconciliations)
    connection.execute(insert(reconciliations), {**row, "id": number})
    return number


def find_reconciliations(connection: Connection, given_id: int) -> tuple[KeptReconciliation, ...]:
    """Return what holds for the visits of an estimate, in their order."""
    asked = _holding().where(reconciliations.c.given_id == given_id).order_by(reconciliations.c.visit)
    return tuple(KeptReconciliation(**row._mapping) for row in connection.execute(asked))


def find_all(connection: Connection) -> tuple[KeptReconciliation, ...]:
    """Return all that holds, by plan and month."""
    asked = _holding().order_by(reconciliations.c.plan_id, reconciliations.c.month, reconciliations.c.id)
    return tuple(KeptReconciliation(**row._mapping) for row in connection.execute(asked))


def _holding() -> Select[Any]:
    columns = reconciliations.c
    last = select(func.max(columns.id)).group_by(columns.given_id, columns.visit)
    own = [each for each in columns if each.name != "account_id"]
    asked = select(*own, accounts.c.name.label("by")).select_from(reconciliations.join(accounts))
    return asked.where(columns.id.in_(last))
