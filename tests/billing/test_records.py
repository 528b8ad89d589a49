"""Calls and given estimates on either engine: kept whole, never changed, and taken along in a backup."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from estimator.accounts.accounts import add_account
from estimator.accounts.audit import Sought, read_log
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import Person
from estimator.billing.calls import (
    NewCall,
    SoughtCalls,
    call_of,
    call_written,
    calls_of,
    enter_call,
    is_old,
    newest_calls,
)
from estimator.billing.given_estimates import (
    GivenEstimate,
    NewGiven,
    delete_given,
    find_given_estimates,
    give_estimate,
    given_estimate,
    receipt_of,
)
from estimator.billing.reconcile import (
    Cause,
    LineDifference,
    Reconciled,
    accuracy_by_month,
    keep_reconciliation,
    reconciliations_of,
)
from estimator.billing.watch import purge
from estimator.db.connection import reading, writing
from estimator.engine.request import Call, Told
from estimator.engine.values import ZERO, Money
from estimator.errors import RequestRefused
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.saved import made_again
from estimator.plans.folder import Library
from estimator.plans.shelf import Draft, Shelf
from estimator.publishing.database import backup, restore
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from tests.db.sample import definition, published
from tests.estimates.test_saved import DAY, NOW, REQUEST

ANA = Person(1, "ana", "billing")
CALL = Call(
    date(2026, 11, 20),
    (Told("authorization-needed", "20561", True, from_visit=13), Told("cost-share", "copay", Money(4000))),
    reference="R-1",
)


@pytest.fixture
def shelf(database: Engine, plans: Library) -> Shelf:
    """Return a database with one plan, whose copay is 40.00, and somebody of the billing desk."""
    published(database, [Draft(definition())])
    add_account(database, ANA.name, Role.BILLING, "four blue herons")
    return Shelf(database, plans)


def new_call(**changed: object) -> NewCall:
    """Return an entry about the plan."""
    return NewCall(**{"plan_id": "evergreen", "payer": "Evergreen Health", "call": CALL, **changed})


def new_given(shelf: Shelf, days: int = 365) -> NewGiven:
    """Return the estimate of the plan as it now is."""
    estimate, plan = estimate_asked(read_request(REQUEST, DAY), shelf)
    return NewGiven("A-118", REQUEST, answer_json(answer_of(estimate, plan, {})), days)


def test_a_call_comes_back_as_a_request_tells_it(shelf: Shelf) -> None:
    """So that an estimate counts with it as it was."""
    entry = call_of(shelf.engine, enter_call(shelf.engine, new_call(), ANA, NOW))

    assert entry is not None
    assert ("ana", NOW, CALL.on) == (entry.by, entry.entered_at, entry.told_on)
    assert (CALL,) == read_request({**REQUEST, "told": [call_written(entry)]}, DAY).told


def test_a_correction_takes_the_place_of_one_entry_about_the_same_plan(shelf: Shelf) -> None:
    """The first stays as it was; of another plan, or a second time, it is refused."""
    first = enter_call(shelf.engine, new_call(), ANA, NOW)
    second = enter_call(shelf.engine, new_call(corrects=first), ANA, NOW)
    for wrong in (new_call(corrects=first), new_call(corrects=second, plan_id="other"), new_call(corrects=77)):
        with pytest.raises(RequestRefused):
            enter_call(shelf.engine, wrong, ANA, NOW)

    assert [second] == [entry.id for entry in newest_calls(shelf.engine, "evergreen")]
    assert [(second, None), (first, second)] == [
        (entry.id, entry.corrected_by) for entry in calls_of(shelf.engine, SoughtCalls())
    ]


@pytest.mark.parametrize(("days", "old"), [(90, False), (91, True)])
def test_a_call_is_old_after_ninety_days(shelf: Shelf, days: int, old: bool) -> None:
    """To the day."""
    entry = call_of(shelf.engine, enter_call(shelf.engine, new_call(), ANA, NOW))

    assert entry is not None
    assert old == is_old(entry, CALL.on + timedelta(days=days))


def test_a_given_estimate_is_made_again_to_the_cent(shelf: Shelf) -> None:
    """By the revision of its day, though another one is active now."""
    new = new_given(shelf)
    number = give_estimate(shelf.engine, new, ANA, NOW)
    published(shelf.engine, [Draft(definition(copay="55.00"))])
    kept = given_estimate(shelf.engine, number, NOW)

    assert kept is not None
    assert (new.request, new.answer, receipt_of(new.request, new.answer)) == (kept.request, kept.answer, kept.receipt)
    again = made_again(shelf, kept)
    assert again.estimate is not None
    assert "40.00" == str(again.estimate.typical.owes)


def test_no_row_is_changed_and_a_given_estimate_alone_is_removed(shelf: Shelf) -> None:
    """The database itself refuses the rest."""
    enter_call(shelf.engine, new_call(), ANA, NOW)
    give_estimate(shelf.engine, new_given(shelf), ANA, NOW)
    for change in (
        "UPDATE call_log SET note = 'x'",
        "DELETE FROM call_log",
        "UPDATE given_estimates SET case_label = 'x'",
    ):
        with writing(shelf.engine) as connection, pytest.raises(DBAPIError, match="only inserted into"):
            connection.execute(text(change))

    assert delete_given(shelf.engine, 1, ANA, NOW)
    assert not delete_given(shelf.engine, 1, ANA, NOW)


def test_given_estimates_go_when_their_time_is_over(shelf: Shelf) -> None:
    """To the moment; the log says how many went."""
    for days in (30, 60):
        give_estimate(shelf.engine, new_given(shelf, days), ANA, NOW)
    later = NOW + timedelta(days=30)

    assert [2] == [one.id for one in find_given_estimates(shelf.engine, "", later)]
    assert (0, 1) == purge(shelf.engine, later)
    assert (0, 0) == purge(shelf.engine, later)
    assert ["1"] == [entry.subject for entry in read_log(shelf.engine, Sought(did="estimates-expired")).entries]


def test_giving_another_estimate_removes_what_is_over(shelf: Shelf) -> None:
    """So that a clinic that never purges keeps nothing for longer than it means to."""
    give_estimate(shelf.engine, new_given(shelf, 30), ANA, NOW)
    give_estimate(shelf.engine, new_given(shelf, 30), ANA, NOW + timedelta(days=30))
    with reading(shelf.engine) as connection:
        rows = connection.execute(text("SELECT id FROM given_estimates")).all()

    assert 1 == len(rows)


def test_a_backup_holds_calls_and_given_estimates(shelf: Shelf, tmp_path: Path) -> None:
    """Restored they are what they were, and still refuse to be changed."""
    enter_call(shelf.engine, new_call(note="Asked twice."), ANA, NOW)
    give_estimate(shelf.engine, new_given(shelf), ANA, NOW)
    before = call_of(shelf.engine, 1), given_estimate(shelf.engine, 1, NOW)
    backup(shelf.engine, tmp_path / "kept.gz")
    restore(shelf.engine, tmp_path / "kept.gz", replace=True)

    assert before == (call_of(shelf.engine, 1), given_estimate(shelf.engine, 1, datetime(2026, 12, 1, tzinfo=UTC)))
    with writing(shelf.engine) as connection, pytest.raises(DBAPIError, match="only inserted into"):
        connection.execute(text("UPDATE given_estimates SET case_label = 'x'"))


def reconciled(visit: int = 1, estimated: int = 4000, paid: int = 4000) -> Reconciled:
    """Return a visit beside its EOB, whose range was 35.00 to 45.00."""
    parts = {**dict.fromkeys(Cause, ZERO), Cause.PRICE: Money(paid - estimated)}
    line = LineDifference("97110", 2, Money(estimated), Money(paid), parts)
    return Reconciled(visit, (line,), (), Money(3500), Money(4500))


def kept_estimate(shelf: Shelf) -> GivenEstimate:
    """Keep an estimate and return it."""
    found = given_estimate(shelf.engine, give_estimate(shelf.engine, new_given(shelf), ANA, NOW), NOW)
    assert found is not None
    return found


def test_the_last_eob_of_a_visit_holds(shelf: Shelf) -> None:
    """Both rows are kept, in whole cents and with the part of each cause."""
    kept = kept_estimate(shelf)
    for paid in (5200, 4600):
        keep_reconciliation(shelf.engine, kept, reconciled(paid=paid), ANA, NOW)
    [found] = reconciliations_of(shelf.engine, kept.id)

    assert (2, "ana", 4000, 4600, date(2026, 11, 1)) == (found.id, found.by, found.estimated, found.paid, found.month)
    assert {"coding": 0, "rule": 0, "price": 600, "accumulator": 0, "unexplained": 0} == found.lines[0]["parts"]


def test_accuracy_counts_each_visit_once(shelf: Shelf) -> None:
    """The mean without sign, the share within five dollars, and within the range that was given."""
    for paid in (4000, 4500, 3499, 9000):
        keep_reconciliation(shelf.engine, kept_estimate(shelf), reconciled(paid=paid), ANA, NOW)
    [found] = accuracy_by_month(shelf.engine)

    assert ("evergreen", date(2026, 11, 1), 4) == (found.plan_id, found.month, found.visits)
    # (0.00 + 5.00 + 5.01 + 50.00) / 4 is 15.0025.
    assert (Money(1500), 50, 50) == (found.mean_difference, found.near_percent, found.in_range_percent)


def test_what_was_reconciled_outlasts_the_estimate_without_its_label(shelf: Shelf) -> None:
    """The number of a deleted estimate is not given to another."""
    kept = kept_estimate(shelf)
    keep_reconciliation(shelf.engine, kept, reconciled(), ANA, NOW)
    delete_given(shelf.engine, kept.id, ANA, NOW)

    assert kept.id + 1 == kept_estimate(shelf).id
    assert 1 == accuracy_by_month(shelf.engine)[0].visits
    with reading(shelf.engine) as connection:
        assert "A-118" not in str(connection.execute(text("SELECT * FROM reconciliations")).all())
