"""What a change of a plan does to courses: numbers worked by hand beside each."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from estimator.clock import now_utc
from estimator.engine.values import Money
from estimator.estimates.saved import save_estimate
from estimator.plans.folder import read_samples
from estimator.plans.read import PlanFile
from estimator.plans.shelf import Draft, Shelf, folder_shelf
from estimator.plans.text import yaml_of
from estimator.publishing.impact import Course, Impact, impact_of, impact_on
from estimator.settings import plans_folder
from estimator.wording.plans import changes_of
from tests.databases import migrated_at
from tests.db.sample import definition, published

PLANS = folder_shelf(plans_folder())
LIMIT: Mapping[str, Any] = {"visits": {"visits": "30", "per": "benefit-year", "cite": "eoc p. 4"}}


def plan(copay: str = "40.00", **changes: Any) -> tuple[PlanFile, str]:
    text = yaml_of(definition(copay=copay, **changes))
    return PLANS.folder.read(text, "evergreen.yaml"), text


def impact(before: PlanFile | None, after: PlanFile) -> Impact:
    return impact_of(before, after, PLANS)


def named(found: Impact, name: str) -> Course:
    return next(one for one in found.courses if one.name == name)


def limited(visits: int) -> PlanFile:
    shares = {"in-network": {"copay": "40.00", "deductible": "waived", "cite": "eoc p. 12"}}
    benefit = {"services": ["pt-timed"], "limits": ["visits"], "cost_share": shares}
    limits = {"visits": {**LIMIT["visits"], "visits": str(visits)}}
    return plan(benefits={"physical-therapy": benefit}, limits=limits)[0]


def test_every_sample_course_can_be_answered() -> None:
    """A course that no plan answers would count as the same for ever."""
    found = impact(None, limited(30))

    assert len(read_samples(plans_folder())) == len(found.courses)
    assert all(one.after for one in found.courses)
    assert len(found.courses) == len(found.other)


def test_the_numbers_are_those_worked_by_hand() -> None:
    """A copay of 45 in the place of 40: 5 a visit, for as many visits as there are."""
    found = impact(plan("40.00")[0], plan("45.00")[0])

    assert Money(8 * 500) == named(found, "Eight visits of exercise and manual therapy").difference
    assert Money(24 * 500) == named(found, "Twenty-four visits, two a week").difference
    assert Money(40 * 500) == named(found, "Forty visits, two a week").difference
    assert found.greatest == named(found, "Forty visits, two a week")
    assert () == found.cheaper
    assert len(found.courses) == len(found.dearer) + len(found.same) + len(found.other)


def test_a_higher_limit_helps_only_those_who_reach_it() -> None:
    """Past visit 30 a visit costs 100 in the place of 40: ten visits, 60 each."""
    found = impact(limited(30), limited(40))

    assert ["Forty visits, two a week"] == [one.name for one in found.cheaper]
    assert Money(-10 * 6000) == found.cheaper[0].difference
    assert () == found.dearer


def test_the_questions_of_both_texts_are_run_and_one_asked_twice_once() -> None:
    """Under their names, whatever answer they expect."""
    given = {"visits": {"count": "3", "services": ["97110"], "allowed": "100.00"}}
    other = {"visits": {"count": "5", "services": ["97110"], "allowed": "100.00"}}
    ours = [{"name": "Three", "given": given, "expect": {"patient_owes": "120.00"}}]
    before = plan(examples=[*ours, {"name": "Five", "given": other, "expect": {"patient_owes": "200.00"}}])[0]
    found = impact(before, plan("50.00", examples=ours)[0])

    assert ["Three", "Five"] == [one.name for one in found.courses if one.origin == "example"]
    assert (Money(3000), Money(5000)) == (named(found, "Three").difference, named(found, "Five").difference)


def test_a_course_that_one_text_cannot_answer_is_no_zero() -> None:
    """It counts as otherwise changed."""
    given = {"visits": {"count": "1", "services": ["97110"], "allowed": "100.00"}, "used": {"limits": {"visits": "3"}}}
    example = [{"name": "Three used", "given": given, "expect": {"patient_owes": "40.00"}}]
    before = PLANS.folder.read(yaml_of({**definition(limits=LIMIT), "examples": example}), "a.yaml")
    found = impact(before, plan()[0])

    assert named(found, "Three used").difference is None
    assert named(found, "Three used") in found.other


def test_saved_estimates_are_run_again_under_both(tmp_path: Path, migrated_file: Path) -> None:
    """Three visits, 5 more each; another plan's are left alone, and nothing but a number names them."""
    engine = migrated_at(tmp_path / "estimator.db", migrated_file)
    published(engine, [Draft(definition()), Draft(definition("other", copay="41.00"))])
    shelf, now = Shelf(engine), now_utc()
    visits = [{"day": f"2026-03-0{day}", "services": [{"code": "97110", "allowed": "100.00"}]} for day in (2, 4, 6)]
    for plan_id in ("evergreen", "other"):
        mark = shelf.history(plan_id)[0].fingerprint
        answer = {"inputs": {"plan": f"{plan_id}@{mark}", "as_of": "2026-03-01", "engine": "0"}}
        save_estimate(shelf, {}, {"plan": plan_id, "visits": visits}, answer, 30, now)
    _, found = impact_on(shelf, ("evergreen", date(2026, 1, 1)), plan("45.00")[0])
    saved = [one for one in found.courses if one.origin == "saved"]

    assert [("Saved estimate 1", Money(1500))] == [(one.name, one.difference) for one in saved]


def test_a_difference_is_said_in_sentences_values_and_lines() -> None:
    """Under the headings of the plan's page."""
    (before, old), (after, new) = plan("40.00"), plan("45.00", title="Evergreen Gold")
    found = changes_of(before, after, old, new, PLANS.shared.services.codes)

    assert [("The plan", "Title: Evergreen Silver.", "Title: Evergreen Gold.")] == [
        (one.heading, one.before, one.after) for one in found.rules if one.heading == "The plan"
    ]
    assert [
        (
            "What you pay",
            "Physical therapy, in network: you pay $40.00 a visit, the deductible doesn't apply.",
            "Physical therapy, in network: you pay $45.00 a visit, the deductible doesn't apply.",
        )
    ] == [(one.heading, one.before, one.after) for one in found.rules if one.heading != "The plan"]
    path = "benefits › physical-therapy › cost_share › in-network › copay"
    assert [("title", "Evergreen Gold"), (path, "45.00")] == [(one.heading, one.after) for one in found.values]
    assert ["-title: Evergreen Silver", "+title: Evergreen Gold"] == [
        line for line in found.lines if line.startswith(("-t", "+t"))
    ]


def test_of_a_new_plan_everything_is_added() -> None:
    """And of the same text nothing differs."""
    after, text = plan()

    assert all(not one.before for one in changes_of(None, after, "", text, {}).rules)
    assert ((), (), ()) == (
        changes_of(after, after, text, text, {}).rules,
        changes_of(after, after, text, text, {}).values,
        changes_of(after, after, text, text, {}).lines,
    )
