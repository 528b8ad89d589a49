"""Which revision of a plan holds on each day of a course: gaps, early successors, and ids that name a year."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine

from estimator.engine.answer import Estimate
from estimator.engine.plan import Plan
from estimator.errors import PlanNotInForce
from estimator.estimates.compare import change_named, compare
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.crosswalk import read_crosswalk
from estimator.plans.folder import library
from estimator.plans.shelf import Draft, Shelf
from estimator.publishing.official_tables import activate_crosswalk
from estimator.publishing.roll import Document, confirmed, roll_plan, to_confirm
from estimator.settings import plans_folder
from estimator.wording.answer import answer_of
from estimator.wording.comparisons import comparison_of
from estimator.wording.errors import problems_of
from tests.databases import migrated_at
from tests.db.sample import definition, published
from tests.plans.test_crosswalk import MEDICARE, medicare

TODAY = date(2026, 11, 30)
NOW = {"first_day": "2026-01-01", "last_day": "2026-12-31"}
NEXT = {"first_day": "2027-01-01", "last_day": "2027-12-31"}
JULY = {"starts": "07-01"}
MOST = {"visits": 2, "per": "condition", "past": "patient-pays", "cite": "eoc p. 3"}
ASKS = {"from_visit": 1, "if_missing": "provider-absorbs", "cite": "eoc p. 4"}


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
    for plan, successor, first_day in (("moving", "there", "2026-12-01"), ("waiting", "later", "2027-02-01")):
        span = {"first_day": first_day, "last_day": "2027-10-31"}
        plans += [definition(plan, in_force=NOW, successor=successor), definition(successor, "55.00", in_force=span)]
    plans += [definition("dated-2026", in_force=NOW), definition("dated-2027", "55.00", in_force=NEXT)]
    plans += [
        limited("moved", "therapy", in_force=NOW, successor="elsewhere"),
        limited("elsewhere", "therapy", in_force=NEXT, payer="Another Health"),
        limited("renamed", "therapy", in_force=NOW, benefit_year=JULY),
        limited("only", "therapy", in_force=NOW),
        limited("renamed", "rehab", in_force=NEXT, benefit_year=JULY),
    ]
    published(engine, map(Draft, plans))
    return engine


def limited(plan: str, bucket: str, **more: Any) -> dict[str, Any]:
    """Return a plan with two visits for a condition, which must be approved, and a deductible of $300."""
    share = {"copay": "40.00", "deductible": "applies", "cite": "eoc p. 12"}
    therapy = {"services": ["pt-timed"], "limits": [bucket], "authorization": ASKS, "cost_share": {"in-network": share}}
    networks = {"in-network": {"deductible": {"person": "300.00", "cite": "eoc p. 2"}, "out_of_pocket_max": "none"}}
    return definition(plan, networks=networks, limits={bucket: MOST}, benefits={"physical-therapy": therapy}, **more)


def estimated(engine: Engine, plan: str, *days: str, **more: Any) -> Estimate:
    """Estimate visits of $100 on these days, asked today."""
    return answered(engine, plan, *days, **more)[0]


def answered(engine: Engine, plan: str, *days: str, **more: Any) -> tuple[Estimate, Plan]:
    """Return the estimate with its plan."""
    return estimate_asked(read_request({**asked(plan, *days), **more}, TODAY), Shelf(engine))


def asked(plan: str, *days: str) -> dict[str, Any]:
    """Return a request for visits of $100 on these days."""
    service = {"code": "97110", "minutes": 30, "allowed": "100.00"}
    visits = [{"day": day, "services": [service]} for day in days]
    return {"plan": plan, "as_of": TODAY.isoformat(), "zip": "60614", "visits": visits}


def owed(estimate: Estimate) -> list[str]:
    """Return what is owed at each visit."""
    return [str(visit.owes) for visit in estimate.typical.visits]


@pytest.mark.parametrize(
    ("plan", "owes", "provisional"),
    [
        ("late", {"2026-12-28": "40.00", "2027-01-10": "40.00", "2027-01-30": "40.00", "2027-02-10": "55.00"}, 2),
        ("without-end", {"2026-12-28": "40.00", "2027-01-10": "55.00", "2028-01-10": "55.00"}, 1),
        ("early", {"2026-12-14": "40.00", "2026-12-15": "55.00", "2027-12-20": "55.00"}, 1),
        ("moving", {"2026-12-15": "40.00", "2027-01-10": "55.00", "2027-11-10": "55.00"}, 1),
        ("waiting", {"2026-12-15": "40.00", "2027-01-10": "40.00", "2027-03-01": "55.00", "2027-11-10": "55.00"}, 2),
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


def test_days_up_to_fifteen_months_from_now_are_estimated_whatever_day_the_balances_are_of(engine: Engine) -> None:
    """Beyond them the answer is a last day, and never that this year has ended."""
    with time_machine.travel("2026-11-30T18:00:00Z"):
        alone = estimated(engine, "only", "2028-02-28", as_of="2026-03-01")
        with pytest.raises(PlanNotInForce) as refused:
            estimated(engine, "only", "2028-03-01", as_of="2026-03-01")

    assert alone.is_provisional
    [problem] = problems_of(refused.value)
    assert "up to February 29, 2028" in problem.message


def test_a_rolled_year_rests_on_this_one_until_its_figures_are_confirmed(tmp_path: Path, migrated_file: Path) -> None:
    """Published as it was rolled, the answer says so with the figures; the last one confirmed ends that."""
    engine, course = migrated_at(tmp_path / "estimator.db", migrated_file), ("2026-12-28", "2027-01-10")
    folder = library(plans_folder())
    [now] = [each for each in folder.files() if each.stem == "tricare-prime-2026"]
    published(engine, [Draft(folder.read_file(now).written, "now.yaml", now.read_text("utf-8"))])
    text, carried = roll_plan(Shelf(engine), "tricare-prime-2026", 2027).text, list[int]()
    for confirm in (False, True):
        while confirm and to_confirm(text):
            text = confirmed(text, 0, Document("costs-2027", "p. 1", "Costs 2027"), folder.shared)
        published(engine, [Draft(folder.read(text, "next.yaml").written, "next.yaml", text)])
        found = estimated(engine, "tricare-prime-2026", *course)
        points = [each for each in found.open_points if each.about == "next-year"]
        carried.append(sum(len(point.carried) for point in points))

        assert found.is_provisional != confirm
        assert "tricare-prime-2027@" in str(found.inputs["later_plans"])
    assert carried[0] >= 2
    assert not carried[1]


BROUGHT = {
    "used": {"deductible_paid": "300.00", "out_of_pocket_paid": "300.00", "limits": {"therapy": 2}},
    "authorization": {"on_file": True},
}


def test_nothing_of_the_insurer_before_counts_in_january_asked_alone(engine: Engine) -> None:
    """Paid, counted and approved in 2026 by an insurer whose plan another one's follows: asked about, not taken."""
    alone = estimated(engine, "moved", "2027-01-10", **BROUGHT)
    own = estimated(engine, "elsewhere", "2027-01-10", **{**BROUGHT, "used": {"limits": {"therapy": 2}}})
    course = estimated(engine, "moved", "2026-12-30", "2027-01-10", **BROUGHT)

    assert ["100.00"] == owed(alone) == owed(course)[1:]
    assert ("limit", "therapy") in [(each.asks, each.subject) for each in alone.questions]
    assert "used-amounts-expired" in [each.assumes for each in alone.assumptions]
    assert ["authorization"] == [each.needs for each in alone.conditions]
    # Told of the new plan itself, they are counted.
    assert [] == [each.needs for each in own.conditions]


def test_a_limit_of_another_name_is_asked_about_in_january_asked_alone(engine: Engine) -> None:
    """What the year from July has paid goes on; whether the visits count toward the other limit is asked."""
    alone = estimated(engine, "renamed", "2027-01-10", **BROUGHT)

    assert ["40.00"] == owed(alone)
    assert ("limit", "therapy") in [(each.asks, each.subject) for each in alone.questions]
    assert [] == [each.needs for each in alone.conditions]


def test_a_second_plan_without_rules_of_the_new_year_says_so(engine: Engine) -> None:
    """The first plan has rules of 2027; what the second pays there rests on its own of 2026."""
    found = estimated(engine, "dated-2026", "2026-12-28", "2027-01-10", secondary={"plan": "only"})
    [point] = [each for each in found.open_points if each.about == "next-year"]

    assert (True, "2027") == (point.of_second, point.subject)
    assert ["copay", "deductible"] == [each.what for each in point.carried][:2]
    assert not found.is_provisional


@pytest.fixture
def crossed(tmp_path: Path, migrated_file: Path) -> Engine:
    """A database with the official crosswalk of plans that move, end, and are divided."""
    engine = migrated_at(tmp_path / "estimator.db", migrated_file)
    plans = [definition(f"h0001-{number}-0-al", in_force=NOW) for number in ("002", "003", "006")]
    published(engine, map(Draft, [*plans, definition("h0001-001-0-al", "55.00", in_force=NEXT, title="Cedar")]))
    activate_crosswalk(engine, read_crosswalk(medicare(tmp_path, *MEDICARE)))
    return engine


def test_an_answer_says_what_becomes_of_the_plan(crossed: Engine) -> None:
    """Moved into another plan, asked alone or in a course; ended; divided by county."""
    said = {
        "h0001-002-0-al": "In its next year your plan becomes Cedar, unless you choose another plan.",
        "h0001-003-0-al": "After December 31, 2026 your plan becomes one of several plans. Ask which one you",
        "h0001-006-0-al": "Your plan ends on December 31, 2026, and you aren't moved to another one. Choose a plan for",
    }
    for plan, words in said.items():
        for days in (("2026-12-28", "2027-01-10"), ("2027-01-10",)):
            assert words in answer_of(*answered(crossed, plan, *days), {}).summary


def test_a_comparison_says_what_becomes_of_the_plan_too(crossed: Engine) -> None:
    """In the sentence that every reader of a comparison sees first."""
    course = asked("h0001-006-0-al", "2026-12-28", "2027-01-10")
    found = compare(course, [change_named("without-needling")], TODAY, Shelf(crossed))

    assert "Your plan ends on December 31, 2026, and you aren't moved" in comparison_of(found, {}).sentence
