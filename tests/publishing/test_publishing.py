"""Publishing adds revisions and moves pointers, all or nothing."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from estimator.db.connection import reading
from estimator.errors import ConflictingRevision, PlanFileRefused
from estimator.plans.folder import Library
from estimator.plans.shelf import Draft, Shelf, Wanted, fingerprint
from estimator.plans.store import last_import, pointers
from estimator.publishing.publish import Occasion, Published
from tests.db.sample import BY_HAND, CATALOGUE, definition, drafts, published

DAY = date(2026, 1, 1)


def active(engine: Engine, plan: str = "evergreen") -> int | None:
    with reading(engine) as connection:
        pointer = pointers(connection, [plan]).get((plan, DAY))
    return pointer.revision_id if pointer else None


def copays(engine: Engine, number: int) -> set[str]:
    shelf = Shelf(engine)
    shares = [shelf.find(f"plan-{place}", DAY).benefits[0].cost_share["in-network"] for place in range(number)]
    return {str(getattr(share, "copay", None)) for share in shares}


def test_the_same_content_again_changes_nothing(database: Engine) -> None:
    """Not even a line in the list of imports."""
    published(database, drafts())

    assert Published(unchanged=3) == published(database, drafts())
    assert len(Shelf(database).history("plan-0")) == 1


def test_another_text_becomes_the_active_one(database: Engine) -> None:
    """The older one stays, and the newer one says what it was based on."""
    published(database, drafts("40.00"))
    first = active(database, "plan-0")
    told = published(database, drafts("50.00"))
    newest, oldest = Shelf(database).history("plan-0")

    assert Published(added=3, moved=3) == told
    assert (newest.id, newest.based_on, oldest.id) == (active(database, "plan-0"), first, first)
    assert {"50.00"} == copays(database, 3)


def test_publishing_the_older_text_rolls_back(database: Engine) -> None:
    """The pointer moves back to the revision that is there already."""
    published(database, drafts("40.00"))
    first = active(database, "plan-0")
    published(database, drafts("50.00"))

    assert Published(moved=3) == published(database, drafts("40.00"))
    assert first == active(database, "plan-0")
    assert {"40.00"} == copays(database, 3)


def test_a_stale_base_is_refused(database: Engine) -> None:
    """Of two people who correct the same revision the second is told, and nothing of theirs is kept."""
    published(database, [Draft(definition())])
    seen = {("evergreen", DAY): active(database)}
    published(database, [Draft(definition(copay="45.00"))], based_on=seen)
    now = active(database)

    with pytest.raises(ConflictingRevision) as refusal:
        published(database, [Draft(definition(copay="50.00"))], based_on=seen)

    assert (seen["evergreen", DAY], now) == (refusal.value.based_on, refusal.value.active)
    assert now == active(database)
    assert len(Shelf(database).history("evergreen")) == 2


def test_a_plan_that_was_to_be_new_is_refused_where_there_is_one(database: Engine) -> None:
    """A base of None says that the author saw no such plan."""
    published(database, [Draft(definition())], based_on={("evergreen", DAY): None})

    with pytest.raises(ConflictingRevision):
        published(database, [Draft(definition(copay="50.00"))], based_on={("evergreen", DAY): None})


def test_one_mistake_refuses_all(database: Engine) -> None:
    """Nothing is published of a set in which one plan cannot be read."""
    with pytest.raises(PlanFileRefused) as refusal:
        published(database, [*drafts(), Draft(definition("bad", copay="many"))])

    assert "copay" in refusal.value.problems[0].path
    assert Shelf(database).search(Wanted()) == ()


def test_a_plan_twice_is_refused(database: Engine) -> None:
    """Which of the two is meant, nobody could tell."""
    with pytest.raises(PlanFileRefused, match="here twice"):
        published(database, [Draft(definition()), Draft(definition(copay="50.00"))])


def test_a_policy_there_is_not_is_refused_even_unread(database: Engine) -> None:
    """Definitions by the thousand are not read one by one, but what they name must be there."""
    with pytest.raises(PlanFileRefused, match="no policy 'nobodys'"):
        published(database, [Draft(definition(policies=["nobodys"]))], CATALOGUE)


def test_a_catalogue_withdraws_what_it_no_longer_holds(database: Engine) -> None:
    """And only what was published under its name."""
    published(database, [Draft(definition("theirs"))])
    published(database, drafts(number=3), CATALOGUE)
    told = published(database, drafts(number=2), CATALOGUE)

    assert Published(unchanged=2, withdrawn=1) == told
    assert ["plan-0", "plan-1", "theirs"] == sorted(one.plan_id for one in Shelf(database).search(Wanted()))
    assert len(Shelf(database).history("plan-2")) == 1


def test_a_catalogue_leaves_what_somebody_corrected(database: Engine) -> None:
    """A clinic's correction outlasts the next import."""
    published(database, drafts("40.00"), CATALOGUE)
    published(database, [Draft(definition("plan-1", "15.00"))])
    told = published(database, drafts("50.00"), CATALOGUE)

    assert Published(added=2, moved=2, left=1) == told
    assert {"50.00", "15.00"} == copays(database, 3)


def test_numbers_mean_what_their_text_means(database: Engine, plans: Library) -> None:
    """JSON may hold 40 and true where a plan file holds 40.00 and yes."""
    numbers = definition(
        limits={"visits": {"visits": 30, "per": "benefit-year", "cite": "eoc p. 4", "deductible_visits_count": True}}
    )
    words = definition(
        limits={"visits": {"visits": "30", "per": "benefit-year", "cite": "eoc p. 4", "deductible_visits_count": "yes"}}
    )
    published(database, [Draft(numbers)])

    assert fingerprint(Draft(words), plans.shared) == Shelf(database).find("evergreen", DAY).fingerprint
    assert fingerprint(Draft(definition(copay=Decimal("40.50"))), plans.shared)  # type: ignore[arg-type]
    assert Published(unchanged=1) == published(database, [Draft(words)])


def test_two_spans_of_a_plan_stand_side_by_side(database: Engine) -> None:
    """Last year's plan answers for last year's days."""
    last_year = definition(copay="30.00", in_force={"first_day": "2025-01-01", "last_day": "2025-12-31"})
    published(database, [Draft(last_year), Draft(definition(copay="40.00"))])
    shelf = Shelf(database)

    assert date(2025, 1, 1) == shelf.find("evergreen", date(2025, 6, 1)).in_force.first_day
    assert date(2026, 1, 1) == shelf.find("evergreen", date(2026, 6, 1)).in_force.first_day


def test_every_import_leaves_a_report(database: Engine) -> None:
    """What, when, and how many, with what was wrong in the files."""
    occasion = Occasion("marketplace 2026", by="Ana", is_checked=True, fingerprint="f00d")
    published(database, drafts(), occasion)
    with reading(database) as connection:
        report = last_import(connection, "marketplace 2026")
        nothing = last_import(connection, "medicare")

    assert report is not None
    assert ("f00d", "Ana", 3, ()) == (
        report.fingerprint,
        report.published_by,
        report.counts["added"],
        (*report.problems,),
    )
    assert report.ran_at.tzinfo is not None
    assert nothing is None


def test_published_by_hand_is_kept_with_its_author(database: Engine) -> None:
    """Who, why and when."""
    published(database, [Draft(definition())], Occasion("clinic", by="Ana", note="New booklet"))
    [revision] = Shelf(database).history("evergreen")

    assert ("clinic", "Ana", "New booklet") == (revision.origin, revision.published_by, revision.note)
    assert BY_HAND.origin == revision.origin
