"""The JSON answer says what the contract says, and its sums are the sums of the steps."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from estimator.engine.answer import Adds, CrossingKind, CrossingPoint, Estimate, OpenPoint, Step, Visits
from estimator.engine.findings import BalanceBilled
from estimator.engine.values import Citation, Money
from estimator.plans.read import UNTITLED
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json, citation_json
from estimator.wording.words import BILLER
from tests.wording.estimates import BOOKLET, ESTIMATE, NAMES, PLAN, run

KEYS = [
    "notices", "patient_owes", "settled", "open_total", "open_points", "plan_pays", "provider_absorbs", "plan",
    "visits", "conditions", "questions",
    "assumptions", "crossing_points", "summary", "reader", "told", "inputs",
]  # fmt: skip

NOTHING = run(ESTIMATE.typical.level, 0)


def answer(estimate: Estimate = ESTIMATE) -> dict[str, Any]:
    """Write the answer as a program would receive it."""
    written: dict[str, Any] = json.loads(json.dumps(answer_json(answer_of(estimate, PLAN, NAMES))))
    return written


def cents(parts: list[str]) -> int:
    """Add amounts of the answer."""
    return sum(Money.parse(part) for part in parts)


def test_the_keys_stand_in_the_order_of_the_contract() -> None:
    """A person who reads the JSON finds the law before the number, and the number before its reasons."""
    visit = answer()["visits"][0]

    assert list(answer()) == KEYS
    keys = ["number", "day", "network", "settled", "patient_owes", "range", "cumulative", "lines"]
    keys += ["accumulators", "copays"]
    assert keys == list(visit)
    assert ["finding", "amount", "says", "numbers", "citation"] == list(visit["lines"][0]["steps"][0])


def test_steps_add_up_to_lines_visits_and_the_total() -> None:
    """Nothing is owed that no step explains."""
    written = answer()
    for visit in written["visits"]:
        for line in visit["lines"]:
            assert line["patient_owes"] == str(Money(cents([step["amount"] for step in line["steps"]])))
        assert visit["patient_owes"] == str(Money(cents([line["patient_owes"] for line in visit["lines"]])))

    assert written["patient_owes"]["typical"] == str(Money(cents([each["patient_owes"] for each in written["visits"]])))
    assert written["visits"][-1]["cumulative"] == written["patient_owes"]


def test_the_three_levels_are_told_of_every_visit() -> None:
    """Low, typical and high, of the visit and up to it."""
    first, second = answer()["visits"]

    assert {"low": "80.00", "typical": "90.00", "high": "140.00"} == answer()["patient_owes"]
    assert ("50.00", {"low": "40.00", "high": "100.00"}) == (first["patient_owes"], first["range"])
    assert {"low": "40.00", "typical": "50.00", "high": "100.00"} == first["cumulative"]
    assert {"low": "80.00", "typical": "90.00", "high": "140.00"} == second["cumulative"]
    assert {"low": "100.00", "high": "100.00"} == first["lines"][0]["allowed_range"]


def test_what_plan_and_clinic_bear_is_told() -> None:
    """Of the typical run."""
    assert ("110.00", "120.00") == (answer()["plan_pays"], answer()["provider_absorbs"])


def test_balances_are_in_their_own_measure() -> None:
    """Sums are money, visits are counted, hours are told in minutes, and no end is null."""
    assert answer()["visits"][0]["accumulators"] == {
        "deductible": {"used": "1510.00", "of": "2500.00", "left": "990.00"},
        "out_of_pocket_max": {"used": "1500.00", "of": None, "left": None},
        "limits": {
            "therapy-visits": {"used": 1, "of": 30, "left": 29, "measure": "visits"},
            "therapy-dollars": {"used": "90.00", "of": "900.00", "left": "810.00", "measure": "dollars"},
            "therapy-hours": {"used": 90, "of": 600, "left": 510, "measure": "minutes"},
        },
    }


def test_sources_are_told_with_the_day_they_were_read() -> None:
    """Of steps and of prices; a price that was given has none."""
    exercise, needling = answer()["visits"][0]["lines"]

    assert exercise["steps"][0]["citation"] == {
        "title": "Evidence of Coverage 2026",
        "url": "https://example.org/eoc.pdf",
        "place": "p. 12",
        "read_on": "2026-11-20",
        "confidence": "high",
        "file": "evergreen.yaml",
        "line": 31,
    }
    assert "p. 41" == exercise["price"]["citation"]["place"]
    assert needling["price"]["citation"] is None


def test_a_source_that_no_plan_file_names_has_no_file_and_no_line() -> None:
    """Null is no file; an empty name and a line 0 would look like one."""
    bare = citation_json(Citation(BOOKLET, "p. 3"))

    assert bare is not None
    assert (None, None) == (bare["file"], bare["line"])


def test_the_answer_says_for_whom_it_is_worded() -> None:
    """Anyone who prints it chooses the headings by that."""
    assert ("patient", "biller") == (answer()["reader"], answer_of(ESTIMATE, PLAN, NAMES, BILLER).reader)


def test_a_maximum_does_not_end_balance_bills() -> None:
    """Where one comes later, the plan does not pay the rest."""
    reached = CrossingPoint(CrossingKind.OUT_OF_POCKET_MAX_REACHED, 1, date(2026, 3, 2), "out-of-network")
    with_maximum = replace(ESTIMATE, crossing_points=(reached,))
    bill = Step(BalanceBilled(Money(12000), Money(10000)), Money(2000), None)
    first, second = ESTIMATE.typical.visits
    billed = second._replace(lines=(second.lines[0]._replace(steps=(bill,)), second.lines[1]))
    going_on = replace(with_maximum, typical=replace(ESTIMATE.typical, visits=Visits([first, billed])))

    assert (
        "At visit 1, on March 2, 2026, you reach your yearly maximum, and your plan pays the rest of what it covers."
    ) == answer(with_maximum)["crossing_points"][0]["says"]
    assert (
        "At visit 1, on March 2, 2026, you reach your yearly maximum: your plan pays the rest of its own price, "
        "but the clinic may go on billing you for what it asks above that."
    ) == answer(going_on)["crossing_points"][0]["says"]


def test_lines_are_named_in_our_own_words() -> None:
    """A code without a name keeps its code."""
    named = answer()["visits"][0]["lines"][0]["name"]
    nameless = answer_of(ESTIMATE, PLAN, {}).visits[0].lines[0].name

    assert ("Therapeutic exercise", "97110") == (named, nameless)


def test_the_summary_gives_a_range_only_where_there_is_one() -> None:
    """For a patient, without insurance and for a biller."""
    run = ESTIMATE.typical
    sure = replace(ESTIMATE, low=run, high=run, settled=(run, run, run))
    alone = replace(PLAN, market="self-pay", title="Self-pay")

    assert "You'd pay about $90 for 2 visits with Evergreen PPO. Range: $80–$140." == answer()["summary"]
    assert "You'd pay $90 for 2 visits with Evergreen PPO." == answer(sure)["summary"]
    assert "You'd pay $90 for 2 visits without insurance." == answer_of(sure, alone, NAMES).summary
    assert (
        "2 visits: patient $90.00 (range $80.00 to $140.00), plan $110.00, provider write-off $120.00."
    ) == answer_of(ESTIMATE, PLAN, NAMES, BILLER).summary


def test_the_summary_names_the_largest_open_point_with_what_to_do() -> None:
    """The settled amount first, then what one answer could add."""
    point = OpenPoint("needling-cover", "needling", Adds(Money(5000), Money(9000)), "x", "x", ("x",))
    opened = replace(ESTIMATE, open_points=(point,), open_total=Adds(Money(5000), Money(9000)))

    assert (
        "You'd pay about $90 for 2 visits with Evergreen PPO ($80–$140). Dry needling: $0 to $90 more – your "
        "plan's rule isn't known. Ask your plan before your first visit."
    ) == answer(opened)["summary"]


def test_a_plan_without_a_title_is_your_plan() -> None:
    """A request may define a plan and not name it."""
    summary = answer_of(ESTIMATE, replace(PLAN, title=UNTITLED), NAMES).summary

    assert summary.startswith("You'd pay about $90 for 2 visits with your plan.")


def test_care_that_costs_nothing_is_said_so() -> None:
    """Workers' compensation pays all of it."""
    free = replace(ESTIMATE, low=NOTHING, typical=NOTHING, high=NOTHING, settled=(NOTHING, NOTHING, NOTHING))

    assert "You'd pay nothing for 2 visits with Evergreen PPO." == answer(free)["summary"]


def test_runs_of_different_visits_are_a_bug_and_not_cut_short() -> None:
    """Every visit of the three runs is told, or nothing is."""
    shorter = replace(ESTIMATE, high=replace(ESTIMATE.high, visits=Visits(ESTIMATE.high.visits[:1])))

    with pytest.raises(ValueError, match="shorter"):
        answer(shorter)
