"""Estimates without their explanation: what is left in them is what the explained one says."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from estimator.engine.answer import Estimate
from estimator.engine.estimate import estimate
from estimator.errors import Stopped
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.totals import totals_alone, totals_and_conditions, unexplained
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder

TODAY = date(2026, 11, 23)
COURSES: list[dict[str, Any]] = [
    {"visits": 3, "each_visit": [{"code": "97110", "minutes": 30}, {"code": "20561"}]},
    {"visits": 40, "per_week": 3, "each_visit": [{"code": "97110", "minutes": 45}, {"code": "97140", "minutes": 15}]},
]
TOLD = [{"on": "2026-11-20", "answers": [{"asks": "cost-share", "subject": "copay", "answer": "25.00"}]}]
_EXPLAINS = ("open_points", "notices", "conditions", "questions", "assumptions", "crossing_points")


def bare(found: Estimate, *kept: str) -> Estimate:
    """Return an estimate without what explains it, next year's rules apart, which `estimate_asked` adds."""
    return replace(found, **{name: () for name in _EXPLAINS if name not in kept}, inputs={})


@pytest.mark.parametrize("course", COURSES, ids=["a few visits", "many visits"])
def test_what_is_left_is_what_the_explained_estimate_says(course: dict[str, Any]) -> None:
    """Under every plan that ships: each run with its lines and steps, what is open, the conditions, the turns."""
    shelf, seen = folder_shelf(plans_folder()), 0
    for entry in shelf.folder.entries():
        written = {"plan": entry.heading.id, "zip": "98101", "course": {"first_day": "2026-11-24", **course}}
        asked = read_request({**written, "authorization": {"on_file": True, "visits": 2}}, TODAY)
        try:
            whole, plan = estimate_asked(asked, shelf)
        except Stopped:
            continue
        seen += len(whole.conditions) + len(whole.crossing_points)

        assert (bare(whole), plan) == (bare(estimate_asked(asked, shelf, engine=totals_alone)[0]), plan)
        kept = "conditions", "crossing_points"
        acted_on, _plan = estimate_asked(asked, shelf, engine=totals_and_conditions)
        assert bare(whole, *kept) == bare(acted_on, *kept)
    assert seen


def test_what_was_told_on_calls_is_weighed_by_the_whole_engine() -> None:
    """A call is weighed by what the plan leaves open; so is one about a second plan."""
    written = {"plan": "x", "zip": "98101", "course": {"first_day": "2026-11-24", **COURSES[0]}}
    second = {"plan": "y", "told": TOLD}

    assert totals_alone is unexplained(read_request(written, TODAY))
    assert estimate is unexplained(read_request({**written, "told": TOLD}, TODAY))
    assert estimate is unexplained(read_request({**written, "secondary": second}, TODAY))
