"""What the law sets each year: how sure each figure is, and plans that go beyond it."""

import pytest

from estimator.engine.values import UNKNOWN, Money
from estimator.errors import PlanFileRefused
from estimator.plans.folder import library
from estimator.plans.lint import warnings_of
from estimator.plans.yearly import Standing, read_yearly_figures
from estimator.settings import plans_folder

FOLDER = library(plans_folder())
FILE = (plans_folder() / "_yearly-figures.yaml").read_text("utf-8")
SILVER = (plans_folder() / "templates" / "marketplace-silver.yaml").read_text("utf-8")


def test_the_legal_maximums_of_2027_are_final() -> None:
    """$12,000 for a person and $24,000 for a family; high-deductible plans have their own."""
    most, least, hdhp = (
        FOLDER.yearly[2027, name] for name in ("out-of-pocket-max", "hdhp-deductible-min", "hdhp-out-of-pocket-max")
    )

    assert {Standing.FINAL} == {most.status, least.status, hdhp.status}
    assert (Money(1_200_000), Money(2_400_000)) == (most.person, most.family)
    assert (Money(175_000), Money(350_000)) == (least.person, least.family)
    assert (Money(870_000), Money(1_740_000)) == (hdhp.person, hdhp.family)


def test_what_is_not_published_is_unknown_and_has_a_question() -> None:
    """The Part B deductible and the KX threshold of 2027, and the amounts of two federal programs."""
    waiting = [one for one in FOLDER.yearly.values() if one.status is Standing.NOT_PUBLISHED]

    assert ["part-b-deductible", "kx-threshold", "tricare-costs", "fep-blue-benefits"] == [
        one.figure for one in waiting
    ]
    assert all(one.person is UNKNOWN and one.ask.endswith("?") for one in waiting)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("person: 12000.00", "person: unknown", "person: Enter the amount, or the status not-published."),
        ("person: 12000.00", "person: about 12000", "person: "),
        ("person: unknown", "person: 283.00", "person: Enter unknown: a figure that is not published has no amount."),
        (
            "  ask: What is the Medicare Part B deductible for 2027?\n",
            "",
            "ask: Enter the question to ask until this figure is published.",
        ),
        ("status: final", "status: projected", "method: Enter how the projection was worked out."),
        ("figure: hdhp-deductible-min", "figure: out-of-pocket-max", "figure: This figure of this year is here"),
        ("cite: irs-hsa-2027", "cite: irs-hsa-2028", "cite: There is no source 'irs-hsa-2028'."),
    ],
)
def test_a_mistake_in_a_figure_is_refused_with_its_line(old: str, new: str, problem: str) -> None:
    """A projection without its method is a guess."""
    assert old in FILE
    with pytest.raises(PlanFileRefused) as refusal:
        read_yearly_figures(FILE.replace(old, new, 1), "plans/_yearly-figures.yaml", FOLDER.shared)

    told = str(refusal.value.problems[0])
    assert told.startswith("plans/_yearly-figures.yaml:")
    assert problem in told


def test_a_list_is_needed() -> None:
    """Another file is none of figures."""
    with pytest.raises(PlanFileRefused, match="Enter a list of figures"):
        read_yearly_figures("year: 2027\n", "figures.yaml", FOLDER.shared)


@pytest.mark.parametrize(("person", "warns"), [("10600.00", False), ("10600.01", True)])
def test_a_maximum_above_the_legal_one_of_its_year_is_worth_a_look(person: str, warns: bool) -> None:
    """$10,600 in 2026; on the other side of it by a cent."""
    plan = FOLDER.read(SILVER.replace("person: 9000.00", f"person: {person}"), "plan.yaml")

    told = [str(one) for one in warnings_of(plan, FOLDER.shared, FOLDER.yearly)]

    assert warns == any("above the legal maximum of 2026, $10600.00: is this the plan's figure?" in one for one in told)
