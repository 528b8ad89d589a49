"""One value of many plans: what it does, all or none, and the way back together; on both engines."""

from datetime import date

import pytest
from sqlalchemy import Engine

from estimator.errors import EditRefused, PlanFileRefused
from estimator.plans.folder import Library
from estimator.plans.shelf import Shelf, Wanted
from estimator.publishing.bulk import (
    MOST_PLANS,
    Change,
    Planned,
    fields_of,
    planned,
    plans_found,
    publish_all,
    published_together,
    take_back,
)
from estimator.publishing.drafts import Signed
from tests.db.sample import drafts, published

DAY = date(2026, 5, 1)
ANA = Signed("ana", "Booklets of 2026, p. 12")
NUMBER = 4


@pytest.fixture
def shelf(database: Engine, plans: Library) -> Shelf:
    """Some plans with a copay of $40, one of them with $55."""
    published(database, [*drafts(number=NUMBER - 1), *drafts("55.00", NUMBER)[-1:]])
    return Shelf(database, plans)


def copays(shelf: Shelf) -> list[str]:
    """Return the copay of each plan."""
    shares = [shelf.find(f"plan-{number}", DAY).benefits[0].cost_share["in-network"] for number in range(NUMBER)]
    return [str(getattr(share, "copay", None)) for share in shares]


def looked_at(shelf: Shelf, value: str = "45.00", only: str | None = None, field: str = "copay") -> tuple[Planned, ...]:
    """Return what a change makes of the plans."""
    return planned(shelf, plans_found(shelf, Wanted(text="evergreen"))[0], Change(field, value, only))


def test_one_value_changes_in_all_of_them_at_once(shelf: Shelf) -> None:
    """Each keeps its own revision and reason, and is seen with what a sample course (of eight visits) costs."""
    some = looked_at(shelf)
    moved = publish_all(shelf, some, [one.mark for one in some], ANA)

    assert ["40.00", "40.00", "40.00", "55.00"] == [one.before for one in some]
    assert ["40.00", "40.00", "40.00", "-80.00"] == [str(one.course.difference) for one in some if one.course]
    assert ["45.00"] * NUMBER == copays(shelf)
    assert {(ANA.by, ANA.note)} == {(one.published_by, one.note) for one in moved}
    assert () == looked_at(shelf)


def test_only_those_that_say_it_now_and_that_were_ticked(shelf: Shelf) -> None:
    """What says something else, and what was left out, stays."""
    some = looked_at(shelf, only="40.00")
    publish_all(shelf, some, [one.mark for one in some[:2]], ANA)

    assert 3 == len(some)
    assert ["45.00", "45.00", "40.00", "55.00"] == copays(shelf)


def test_all_of_it_is_taken_back_together(shelf: Shelf) -> None:
    """And not twice."""
    some = looked_at(shelf)
    at = publish_all(shelf, some, [one.mark for one in some], ANA)[0].published_at
    back = take_back(shelf.engine, at, Signed("ben", "Read the wrong page"))

    assert ["40.00", "40.00", "40.00", "55.00"] == copays(shelf)
    assert NUMBER == len(back) == len(published_together(shelf.engine, at))
    with pytest.raises(EditRefused):
        take_back(shelf.engine, at, ANA)


def test_one_that_moved_on_since_keeps_all_of_them(shelf: Shelf) -> None:
    """It is named, and nothing is taken back."""
    some = looked_at(shelf)
    at = publish_all(shelf, some, [one.mark for one in some], ANA)[0].published_at
    later = [one for one in looked_at(shelf, "50.00") if one.row.plan_id == "plan-2"]
    publish_all(shelf, later, [one.mark for one in later], ANA)
    with pytest.raises(EditRefused) as refusal:
        take_back(shelf.engine, at, ANA)

    assert "plan-2" in refusal.value.problems[0].message
    assert ["45.00", "45.00", "50.00", "45.00"] == copays(shelf)


def test_what_was_changed_since_somebody_looked_publishes_nothing(shelf: Shelf) -> None:
    """The plan is named; none of the others is published either."""
    seen = [one.mark for one in looked_at(shelf)]
    first = [one for one in looked_at(shelf, "42.00") if one.row.plan_id == "plan-1"]
    publish_all(shelf, first, [one.mark for one in first], ANA)
    with pytest.raises(EditRefused) as refusal:
        publish_all(shelf, looked_at(shelf), seen, ANA)

    assert "plan-1" in refusal.value.problems[0].message
    assert ["40.00", "42.00", "40.00", "55.00"] == copays(shelf)


def test_what_cannot_stand_there_is_said_of_each_plan(shelf: Shelf) -> None:
    """And nothing is published."""
    some = looked_at(shelf, "lots")
    with pytest.raises(PlanFileRefused) as refusal:
        publish_all(shelf, some, [one.mark for one in some], ANA)

    assert all(one.problems and one.course is None for one in some)
    assert [f"plan-{number}" for number in range(NUMBER)] == [
        each.path.partition(":")[0] for each in refusal.value.problems
    ]
    assert ["40.00", "40.00", "40.00", "55.00"] == copays(shelf)


@pytest.mark.parametrize(("note", "seen"), [("", 1), ("Booklets", 0)])
def test_a_reason_and_a_plan_are_needed(note: str, seen: int, shelf: Shelf) -> None:
    """Nothing is published without."""
    some = looked_at(shelf)
    with pytest.raises(EditRefused):
        publish_all(shelf, some, [one.mark for one in some[:seen]], Signed("ana", note))

    assert ["40.00", "40.00", "40.00", "55.00"] == copays(shelf)


def test_fields_are_those_that_any_of_the_plans_has(shelf: Shelf) -> None:
    """But for those that tell one plan from another; and a field must be chosen."""
    rows, number = plans_found(shelf, Wanted(text="evergreen"))
    fields = fields_of(shelf, rows)

    assert NUMBER == number <= MOST_PLANS
    assert "Copay of therapy, in-network" == fields["copay"]
    assert {"title", "first_day", "last_day"}.isdisjoint(fields)
    with pytest.raises(EditRefused):
        looked_at(shelf, field="")
