"""Which revision of a plan holds on each day of a course: gaps, early successors, and ids that name a year."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from estimator.engine.answer import Estimate
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.shelf import Draft, Shelf
from tests.databases import migrated_at
from tests.db.sample import definition, published

TODAY = date(2026, 11, 30)
NOW = {"first_day": "2026-01-01", "last_day": "2026-12-31"}
NEXT = {"first_day": "2027-01-01", "last_day": "2027-12-31"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Engine:
    """A database with plans of two revisions each: a copay of $40, then one of $55."""
    engine = migrated_at(tmp_path_factory.mktemp("chains") / "estimator.db", migrated_file)
    spans = {
        "late": (NOW, {**NEXT, "first_day": "2027-02-01"}),
        "without-end": ({"first_day": "2026-01-01"}, NEXT),
        "early": (NOW, {"first_day": "2026-12-15", "last_day": "2027-12-14"}),
    }
    plans = [definition(name, in_force=now) for name, (now, _next) in spans.items()]
    plans += [definition(name, "55.00", in_force=following) for name, (_now, following) in spans.items()]
    plans += [definition("dated-2026", in_force=NOW), definition("dated-2027", "55.00", in_force=NEXT)]
    published(engine, map(Draft, plans))
    return engine


def estimated(engine: Engine, plan: str, *days: str, **more: Any) -> Estimate:
    """Estimate visits of $100 on these days, asked today."""
    service = {"code": "97110", "minutes": 30, "allowed": "100.00"}
    visits = [{"day": day, "services": [service]} for day in days]
    request = {"plan": plan, "as_of": TODAY.isoformat(), "zip": "60614", "visits": visits, **more}
    return estimate_asked(read_request(request, TODAY), Shelf(engine))[0]


def owed(estimate: Estimate) -> list[str]:
    """Return what is owed at each visit."""
    return [str(visit.owes) for visit in estimate.typical.visits]


@pytest.mark.parametrize(
    ("plan", "owes", "provisional"),
    [
        ("late", {"2026-12-28": "40.00", "2027-01-10": "40.00", "2027-01-30": "40.00", "2027-02-10": "55.00"}, 2),
        ("without-end", {"2026-12-28": "40.00", "2027-01-10": "55.00", "2028-01-10": "55.00"}, 1),
        ("early", {"2026-12-14": "40.00", "2026-12-15": "55.00", "2027-12-20": "55.00"}, 1),
        ("dated-2026", {"2026-12-28": "40.00", "2027-01-10": "55.00", "2028-01-10": "55.00"}, 1),
    ],
)
def test_each_day_has_the_newest_revision_that_has_begun(
    engine: Engine, plan: str, owes: dict[str, str], provisional: int
) -> None:
    """Within the course and asked alone: after a gap, before the old one's end, and under an id of the next year."""
    alone = [estimated(engine, plan, day) for day in owes]

    assert list(owes.values()) == owed(estimated(engine, plan, *owes))
    assert list(owes.values()) == [owed(each)[0] for each in alone]
    assert provisional == sum(each.is_provisional for each in alone)
