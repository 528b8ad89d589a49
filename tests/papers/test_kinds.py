"""Which documents fit which plans."""

import pytest

from estimator.papers.case import why_not
from tests.papers.papers import case_of


@pytest.mark.parametrize("plan", ["original-medicare-2026", "template-medicaid", "tricare-prime-2026"])
def test_people_in_public_programs_are_offered_no_good_faith_estimate(plan):
    """The law gives it to people without insurance and to those who will not use it."""
    assert "Medicare, Medicaid or TRICARE" in why_not("good-faith-estimate", case_of(plan=plan))


def test_without_a_plan_there_is_one():
    """Self-pay is what it is for."""
    assert "" == why_not("good-faith-estimate", case_of(plan="self-pay"))
