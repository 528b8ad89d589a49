"""What a limit may be worth of which nobody told what is used: it is tried where a line may come out otherwise."""

from dataclasses import replace

import pytest

from estimator.engine.answer import AssumptionKind
from estimator.engine.request import Grant
from tests.build import authorization, benefit, consequence, course, estimate_of, limit, plan, share

OTHER = {"name": "chiropractic", "services": ("98940", "97110"), "limits": ("visits",)}
STEPS = {"by_visit": ((3, share("10.00")), (None, share("60.00"))), "counter": "visits"}


def worth(stated):
    """Return what a used-up limit would make two visits cost more, by the limit, and the lines of all runs."""
    answer = estimate_of(stated, course(2), authorization=Grant(False))
    found = [each for each in answer.assumptions if each.assumes is AssumptionKind.LIMIT_NOT_STARTED]
    return {each.subject: int(each.worth.more) for each in found}, answer.work


@pytest.mark.parametrize(
    ("own", "more"),
    [
        ({"limits": ("visits",)}, 2 * 60_00),
        ({"in_network": share("10.00", **STEPS)}, 2 * 50_00),
        ({"in_network": share("99.00", not_above=share("10.00", **STEPS))}, 2 * 50_00),
        ({"authorization": authorization(3, consequence("patient-pays"), counter="visits")}, 2 * 60_00),
    ],
    ids=["over a line", "counts the steps of a share", "counts the steps of a bound", "counts for an approval"],
)
def test_a_limit_that_a_line_may_feel_is_tried(own, more):
    """Whether it ends the benefit, or only counts its visits."""
    stated = plan(benefit(**own), benefit(share("20.00"), **OTHER), limits=[limit(20, "visits")])

    assert worth(stated)[0] == {"visits": more}


def test_a_limit_of_other_care_is_not_tried():
    """It costs no run: nothing of the course is counted by it."""
    other = benefit(share("20.00"), **OTHER)
    nothing, work = worth(plan(benefit(), replace(other, limits=())))

    assert worth(plan(benefit(), other, limits=[limit(20, "visits")])) == (nothing, work) == ({}, work)
