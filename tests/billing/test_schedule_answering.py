"""What a row comes to, and what it needs, on plans that ship."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import time_machine

from estimator.billing import schedule as schedule_module
from estimator.billing.needs import KINDS
from estimator.billing.schedule import (
    Books,
    Looked,
    Outcome,
    answer_row,
    answer_rows,
)
from estimator.billing.schedule_file import COLUMNS, NAMES, NEEDED, ScheduleRow
from estimator.billing.sent_schedules import KeptRow, counts, narrowed, work_of, worklist
from estimator.engine.prices import ClinicPrices
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder

BOOKS = Books(date(2026, 11, 25), Looked(folder_shelf(plans_folder())), ClinicPrices(), None)


@pytest.fixture(autouse=True)
def _on_a_day_in_november() -> Iterator[None]:
    with time_machine.travel("2026-11-25T12:00:00Z"):
        yield


def asked(**said: str) -> dict[str, str]:
    """Return the cells of a row: eight visits with needling."""
    usual = {
        "plan": "template-employer-ppo",
        "zip": "98101",
        "first_day": "2026-11-30",
        "visits": "8",
        "per_week": "2",
        "services": "97110:30 20561",
    }
    return dict.fromkeys(NAMES, "") | usual | said


def answered(**said: str) -> Outcome:
    return answer_row(asked(**said), BOOKS)


def kinds(outcome: Outcome) -> list[str]:
    return [need["kind"] for need in outcome["needs"]]


def test_an_authorization_is_none_for_a_code_that_it_does_not_name() -> None:
    """Whether or not the plan's rule was read; the money of that line is at risk."""
    on_file = {"authorization": "yes", "authorization_visits": "12", "authorization_used": "1", "visits_used": "1"}
    said = {"plan": "evergreen-ppo-silver", "visits": "1", "services": "97110:30 97140:15", **on_file}
    outcomes = [answered(**said, authorization_codes=codes) for codes in ("", "97110-GP, 97140", "97110")]

    assert [[], [], ["authorization-missing"]] == [kinds(each) for each in outcomes]
    assert ("97140", True) == (outcomes[2]["needs"][0]["codes"], outcomes[2]["money_at_risk"] > 0)


def test_nothing_on_file_is_asked_about_where_the_rule_of_the_plan_is_not_known() -> None:
    """That nobody has one is no answer to whether the plan wants one."""
    said = {"plan": "template-employer-hdhp-hsa", "visits": "1", "services": "97110:30", "visits_used": "1"}

    assert [["ask"], ["ask"], []] == [kinds(answered(**said, authorization=told)) for told in ("", "no", "yes")]


def test_an_outcome_has_what_to_collect_and_the_range() -> None:
    """In whole cents, the first visit apart from the course."""
    outcome = answered(plan="evergreen-ppo-silver", services="97110:30", visits_used="0", per_week="1", visits="8")

    # A copay of $40 at each of eight visits.
    assert (4000, 32000, 32000, 32000) == tuple(outcome[name] for name in ("first_visit", "low", "typical", "high"))
    assert [] == outcome["needs"]


def test_a_missing_authorization_comes_with_what_the_clinic_stands_to_lose() -> None:
    """It is the first thing that the row needs."""
    first = answered(plan="uhc-ma-2026-authorization", services="97110:30", visits="12")["needs"][0]

    assert "authorization-missing" == first["kind"]
    assert 0 < first["clinic"]


def test_an_authorization_that_covers_the_course_is_no_need() -> None:
    """One that ends too early is one, on the visit after which it ends."""
    care = {"plan": "example-authorization-first-visit", "services": "97110:30", "authorization": "yes"}
    whole, short = answered(**care), answered(**care, authorization_visits="3")

    assert "authorization-missing" not in kinds(whole)
    assert "authorization-ends" in kinds(short)


def test_needling_that_nobody_has_read_is_told_as_unknown() -> None:
    """With the code that it is about."""
    unknown = [need for need in answered()["needs"] if need["kind"] == "unknown-cover"]

    assert ["20561"] == [need["code"] for need in unknown]


def test_a_state_that_forbids_needling_comes_before_money() -> None:
    """New York lets no physical therapist needle."""
    assert "not-allowed-by-state" == kinds(answered(zip="10001"))[0]


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ({"plan": "nowhere"}, "plan"),
        ({"plan": ""}, "plan"),
        ({"zip": "00000"}, "zip"),
        ({"first_day": "tomorrow"}, "first_day"),
        ({"first_day": "2031-01-01"}, "first_day"),
        ({"visits": "many"}, "visits"),
        ({"services": "97110:30 needling"}, "services"),
        ({"services": ""}, "services"),
        ({"services": "00000"}, "services"),
        ({"first_visit": "9716"}, "first_visit"),
        ({"provider": "barber"}, "provider"),
        ({"network": "tier-9"}, "network"),
        ({"setting": "garage"}, "setting"),
        ({"diagnoses": "back pain"}, "diagnoses"),
        ({"age": "old"}, "age"),
        ({"deductible_paid": "a lot"}, "deductible_paid"),
        ({"visits_used": "some"}, "visits_used"),
        ({"authorization_visits": "x"}, "authorization_visits"),
        ({"authorization_last_day": "soon"}, "authorization_last_day"),
    ],
)
def test_a_mistake_is_told_beside_its_column(said: dict[str, str], column: str) -> None:
    """The row is refused, with words that say what to write."""
    outcome = answered(**said)

    assert ["refused"] == kinds(outcome)
    assert column in [problem["column"] for problem in outcome["problems"]]
    assert all(problem["words"] for problem in outcome["problems"])


@pytest.mark.parametrize("column", ["authorization", "referral", "consent"])
def test_what_is_neither_yes_nor_no_is_asked_about_beside_the_amounts(column: str) -> None:
    """The figure is the one of a row in which nobody told it."""
    told, untold = answered(**{column: "perhaps"}), answered(**{column: ""})

    assert [column] == [problem["column"] for problem in told["problems"]]
    assert untold["collect_today"] == told["collect_today"]


def test_all_mistakes_of_a_row_are_told_at_once() -> None:
    """A biller corrects a row once."""
    outcome = answered(visits="many", age="old", consent="verbal")

    assert {"visits", "age", "consent"} == {problem["column"] for problem in outcome["problems"]}


def test_only_the_needed_columns_are_needed() -> None:
    """Every other one has a sensible meaning where it is empty."""
    bare = {name: value for name, value in asked().items() if name in NEEDED}
    outcome = answer_row(dict.fromkeys(NAMES, "") | bare, BOOKS)

    assert 1 == outcome["visits"]


def test_the_examples_of_the_columns_are_answered() -> None:
    """The template that is offered works as it is."""
    outcome = answer_row({column.name: column.example for column in COLUMNS}, BOOKS)

    assert 12 == outcome["visits"]


def test_visits_used_count_against_the_limits_of_the_plan() -> None:
    """Whatever the plan calls them."""
    outcome = answered(plan="template-marketplace-silver", services="97110:30", visits_used="29")

    assert "limit-reached" in kinds(outcome)


GRANT = {
    "plan": "template-employer-hmo",
    "services": "97110:30",
    "visits": "1",
    "authorization": "yes",
    "referral": "yes",
}
MEDICARE = {"plan": "original-medicare-2026", "services": "97110:60", "age": "70", "zip": "60614"}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"authorization_visits": "12", "visits_used": "12"}, "authorization-spent"),
        ({"authorization_visits": "12", "authorization_left": "0", "visits_used": "0"}, "authorization-spent"),
        ({"authorization_visits": "0", "visits_used": "12"}, "authorization-spent"),
        ({"authorization_units": "24", "authorization_units_used": "24", "visits_used": "2"}, "authorization-spent"),
        ({"authorization_visits": "12", "authorization_used": "11", "visits_used": "0"}, "authorization-last-visit"),
        ({"authorization_last_day": "2026-11-29", "visits_used": "4"}, "authorization-expired"),
        ({"authorization_first_day": "2026-12-05", "visits_used": "4"}, "authorization-expired"),
        ({"authorization_visits": "12", "authorization_used": "9", "visits_used": "9"}, "authorization-ends"),
    ],
)
def test_a_grant_is_looked_at_before_the_visit(said: dict[str, str], kind: str) -> None:
    """Whether it counts visits or units, or ends by its dates; what it then costs the clinic is at risk."""
    outcome = answered(**GRANT, **said)

    assert [kind] == kinds(outcome)
    assert (kind in ("authorization-spent", "authorization-expired")) == (outcome["money_at_risk"] > 0)


def test_a_grant_with_visits_to_spare_needs_nothing() -> None:
    """That is what nothing to do means: everything was looked at."""
    assert [] == kinds(answered(**GRANT, authorization_visits="12", authorization_used="4", visits_used="4"))


def test_a_year_whose_rules_are_not_known_is_answered_by_those_of_the_year_before_and_asked_about() -> None:
    """No row of January waits for the plan of the new year, and none of them needs nothing; years after it do wait."""
    grant = {"authorization": "yes", "referral": "yes", "visits_used": "3", "visits": "1", "services": "97110:30"}
    days = ("2026-12-30", "2027-01-05", "2029-01-05")
    known, next_year, later = (answered(plan="tricare-prime-2026", first_day=day, **grant) for day in days)
    [problem] = next_year["problems"]
    followed = answered(**MEDICARE, first_day="2027-01-05", visits="1", kx_dollars_used="0", second_plan="g")

    assert ([], []) == (kinds(known), known["problems"])
    assert (["in-doubt"], "plan") == (kinds(next_year), problem["column"])
    assert "The rules of 2027 aren't here: amounts are by those of 2026. Enter the plan of 2027." == problem["words"]
    assert known["collect_today"] == next_year["collect_today"]
    assert ["refused"] == kinds(later)
    assert ({"plan": "original-medicare-2027"}, []) == (followed["read_as"], followed["problems"])


def test_medicare_thresholds_are_told_by_visit_and_asked_for_where_nobody_told_them() -> None:
    """KX from visit 26 and review from 31 of an hour of exercise; dollars used before move both."""
    whole = answered(**MEDICARE, first_day="2026-01-05", visits="60", per_week="3", kx_dollars_used="0")
    later = answered(**MEDICARE, visits="1", kx_dollars_used="2500")
    unknown = answered(**MEDICARE, visits="1", visits_used="30")

    assert [("kx", 26), ("medical-review", 31)] == [(need["kind"], need["visit"]) for need in whole["needs"]]
    assert [("kx", 1)] == [(need["kind"], need["visit"]) for need in later["needs"]]
    assert [("ask", "kx-threshold")] == [(need["kind"], need["subject"]) for need in unknown["needs"]]


def test_the_needling_window_is_asked_for_where_a_physician_needles() -> None:
    """Twelve in 90 days and twenty in a year: neither was told."""
    said = MEDICARE | {"services": "20561", "visits": "1", "provider": "physician", "diagnoses": "M54.50"}
    subjects = {need.get("subject") for need in answered(**said)["needs"] if need["kind"] == "ask"}

    assert {"needling-90-days", "needling-year"} <= subjects


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("Medicare", "Original Medicare Part B 2026"),
        ("ORIGINAL MEDICARE PART B 2026", "Original Medicare Part B 2026"),
        ("Employer PPO", "Employer PPO"),
        ("Employer PPO (typical plan, a template)", "Employer PPO"),
    ],
)
def test_a_title_or_the_name_of_an_insurer_with_one_plan_is_enough(name: str, plan: str) -> None:
    """And the outcome says which plan it was read as."""
    outcome = answered(plan=name)

    assert outcome["plan"].startswith(plan)
    assert outcome["read_as"]


def test_an_insurer_with_several_plans_is_asked_about_with_choices() -> None:
    """Never silently chosen."""
    outcome = answered(plan="BCBS IL PPO", zip="60614")

    assert ["refused"] == kinds(outcome)
    assert "Blue Cross and Blue Shield of Illinois" in outcome["problems"][0]["words"]
    assert outcome["problems"][0]["choices"]


def test_a_row_that_says_the_same_as_an_earlier_one_is_flagged() -> None:
    """By the line of the first."""
    rows = [ScheduleRow(line, asked(label="A-1")) for line in (2, 3)]

    assert [False, True] == ["duplicate" in kinds(outcome) for _, outcome in answer_rows(rows, BOOKS)]


def test_each_row_comes_to_the_same_among_many_as_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the file, with its own time and what is asked of its own label; equal ones are settled once."""
    said = (
        *(
            {"label": "A-1", "time": "9 AM"},
            {"plan": "self-pay"},
            {"label": "Jane Doe"},
            {"label": "A-2", "time": "10 AM"},
        ),
        *({"status": "canceled", "time": "9 AM"}, {"label": "A-3", "deductible_paid": "100"}, {"plan": "nobodys"}),
        *({"label": "A-1", "time": "9 AM"}, {"first_day": "12/2/2026 8:30 AM"}, {"time": "x" * 500}, {"label": "A-4"}),
    )
    rows = [ScheduleRow(line, asked(**cells)) for line, cells in enumerate(said, 2)]
    one_by_one = [answer_row(row.cells, BOOKS, {9: 2}.get(row.line)) for row in rows]
    settled: list[str] = []

    def noted(cells: dict[str, str], books: Books) -> Outcome:
        settled.append(cells["plan"])
        return answer(cells, books)

    answer = schedule_module._answer
    monkeypatch.setattr(schedule_module, "_answer", noted)

    assert [(row, outcome) for row, outcome in zip(rows, one_by_one, strict=True)] == list(answer_rows(rows, BOOKS))
    assert sorted(settled) == settled
    assert len(rows) - 3 == len(settled)


def test_calls_are_looked_up_for_each_row_where_there_is_a_log_of_them() -> None:
    """Rows that are otherwise equal may come to something else."""
    labels: list[str] = []
    books = replace(BOOKS, told=lambda label, plan: labels.append(label) or ())
    rows = [ScheduleRow(line, asked(label=f"A-{line}")) for line in (2, 3)]

    assert 2 == len(list(answer_rows(rows, books)))
    assert ["A-2", "A-3"] == labels


def test_the_list_begins_with_what_is_most_pressing_and_then_goes_by_day() -> None:
    """A row that waits comes last."""
    early, late = {"first_day": "12/1/2026"}, {"first_day": "2026-12-03"}
    rows = [
        KeptRow(2, asked(), None),
        _kept(3, late, "unknown-cover"),
        _kept(4, early, "unknown-cover"),
        _kept(5, late, "authorization-missing", "unknown-cover"),
        _kept(6, early),
        _kept(7, late, "refused"),
    ]
    found = worklist(map(work_of, rows))

    assert [7, 5, 4, 3, 6, 2] == [work.line for work in found]
    assert [5, 4, 3] == [work.line for work in narrowed(found, "unknown-cover")]
    assert {"refused": 1, "authorization-missing": 1, "unknown-cover": 3, "nothing": 1, "waiting": 1} == counts(found)


def test_every_kind_of_need_has_its_place() -> None:
    """No kind is listed twice."""
    assert len(set(KINDS)) == len(KINDS)


def _kept(line: int, said: dict[str, str], *needs: str) -> KeptRow:
    outcome: dict[str, Any] = {"needs": [{"kind": kind} for kind in needs]}
    return KeptRow(line, asked(**said), outcome)
