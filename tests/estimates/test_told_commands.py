"""What was told, on the command line: in the answer, in the text, in comparisons and in what matters most."""

import json
from typing import Any

from tests.cli.test_cli import run
from tests.estimates.told_plans import NEEDLING, call, plan, policy, says

VISITS = [{"day": "2026-03-02", "services": [NEEDLING, {"code": "97110", "minutes": 30, "allowed": "100.00"}]}]
REQUEST: dict[str, Any] = {
    "plan": plan(policies=[policy("unknown")]),
    "as_of": "2026-02-25",
    "visits": VISITS,
    "told": call(says("payable", "covered", "20561"), on="2026-02-24", reference="R-77"),
}


def test_a_told_answer_stands_in_the_json() -> None:
    """With its day, its effect and its sentence; the assumption says that it isn't a guarantee."""
    answer = json.loads(run("estimate", "-", asked=REQUEST).stdout)
    [told] = answer["told"]

    assert ("2026-02-24", "R-77", "covered", "counted") == tuple(
        told[key] for key in ("on", "reference", "answer", "effect")
    )
    assert ("Told by Evergreen on February 24, 2026", "reference R-77", "told") == tuple(
        next(each["citation"] for each in answer["assumptions"] if each["assumes"] == "told-by-plan")[key]
        for key in ("title", "place", "confidence")
    )


def test_the_text_has_a_section_for_what_was_told() -> None:
    """And names the call as a source without a day of reading."""
    text = run("estimate", "-", "--text", asked=REQUEST).stdout

    assert "What the plan told\n- Evergreen said on the telephone on February 24, 2026: 20561" in text
    assert "] Told by Evergreen on February 24, 2026, reference R-77\n" in text


def test_another_plan_is_compared_without_what_this_one_told() -> None:
    """The answers of one insurer bind no other."""
    compared = json.loads(run("compare", "-", "--with", "template-employer-ppo", asked=REQUEST).stdout)
    notes = [note["note"] for note in compared["sides"][1]["notes"]]

    assert "told-left-out" in notes
    assert "told-by-plan" not in [each["assumes"] for each in compared["sides"][1]["assumed_only_here"]]


def test_what_matters_weighs_whether_the_plan_stands_by_its_word() -> None:
    """60.00 hang on it; the answered question itself is not asked again."""
    found = json.loads(run("matters", "-", asked=REQUEST).stdout)
    worth = {matter["kind"]: matter["worth"] for matter in found["matters"]}

    assert "60.00" == worth["told"]
    assert "needling-policy" not in worth
