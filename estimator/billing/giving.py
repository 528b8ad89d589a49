"""Keep an estimate as a patient was given it, with a receipt, under a label of the clinic's own.

The receipt is a fingerprint of what was asked and answered: a paper that carries it can be held against what is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing import stored_given as store
from estimator.billing.labels import label_problems
from estimator.billing.stored_given import GivenEstimate
from estimator.db.connection import reading, writing
from estimator.errors import Problem, RequestRefused
from estimator.plans.store import known_revisions
from estimator.prices.store import active_book_ids, active_list_ids

USUAL_DAYS = 365


@dataclass(frozen=True, slots=True)
class NewGiven:
    """An estimate to keep for so many days: its request, its answer in the patient's words, and the clinic's label."""

    case_label: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    days: int = USUAL_DAYS


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
            "price_lists": list(active_list_ids(connection)),
        }
        remove_expired(connection, now)
        number = store.insert_given(connection, {**row, **rests_on})
        note_done(connection, by=by.id, did="estimate-given", subject=f"{number} {row['plan_id']}", now=now)
        connection.commit()
    return number


def given_estimate(engine: Engine, number: int, now: datetime) -> GivenEstimate | None:
    """Return an estimate; None where there is none of this number, or its time is over."""
    with reading(engine) as connection:
        return store.find_given(connection, number, now)


def given_estimates(engine: Engine, case_label: str, now: datetime) -> tuple[GivenEstimate, ...]:
    """Return the estimates under a label, or under every label where it is empty; the newest first."""
    with reading(engine) as connection:
        return store.find_all_given(connection, case_label, now)


def delete_given(engine: Engine, number: int, by: Person, now: datetime) -> bool:
    """Delete an estimate before its time is over; return whether there was one."""
    with writing(engine) as connection:
        gone = store.remove_given(connection, number) > 0
        if gone:
            note_done(connection, by=by.id, did="estimate-deleted", subject=str(number), now=now)
        connection.commit()
    return gone


def remove_expired(connection: Connection, now: datetime) -> int:
    """Remove every estimate whose time is over, and note how many; whoever calls this commits."""
    gone = store.remove_expired(connection, now)
    if gone:
        note_done(connection, by=None, did="estimates-expired", subject=str(gone), now=now)
    return gone


def receipt_of(request: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Return the fingerprint of what was asked and answered."""
    content = json.dumps([request, answer], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(content.encode()).hexdigest()


def _problems(new: NewGiven) -> Iterator[Problem]:
    if not new.case_label:
        yield Problem("case_label", "Write a label by which the clinic finds this case again, such as A-118.")
    yield from label_problems(new.case_label)
