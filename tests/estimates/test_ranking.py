"""Plans ranked for one course: each total is an estimate that anybody can ask for, and each plan stands there once."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from estimator.cli import main
from estimator.errors import RequestRefused
from estimator.estimates.compare import change_named, compare
from estimator.estimates.contract import read_request
from estimator.estimates.rank import choosable, joinable, rank, said_by
from estimator.estimates.run import estimate_asked
from estimator.plans.shelf import Draft, PlanRow, Shelf, Wanted, open_shelf
from estimator.wording.ranking import ranking_json, ranking_text
from tests.databases import migrated_at
from tests.db.sample import definition, published

TODAY = date(2026, 11, 23)
REQUEST: dict[str, Any] = {
    "plan": "template-employer-ppo",
    "zip": "85001",
    "course": {
        "first_day": "2026-12-01",
        "visits": 4,
        "per_week": 2,
        "each_visit": [{"code": "97110", "minutes": 30}, {"code": "20561"}],
    },
}
WANTED = Wanted(market="employer")


def test_the_plans_come_by_what_the_course_costs_and_as_a_comparison_has_it() -> None:
    """The lowest typical total first; a comparison with one of them has the same settled totals."""
    shelf = open_shelf()

    ranking = rank(REQUEST, WANTED, TODAY, shelf)

    totals = [each.typical for each in ranking.ranked]
    assert 2 <= len(totals)
    assert sorted(totals) == totals
    for each in ranking.ranked[1:3]:
        [side] = compare(REQUEST, [change_named(each.row.plan_id)], TODAY, shelf).others
        assert side.estimate is not None
        assert side.estimate.typical.owes == each.estimate.settled[1].owes


def test_each_total_is_what_an_estimate_says() -> None:
    """The engine's own, at low, typical and high, with what is open; under plans that leave much open, too."""
    shelf = open_shelf()

    for each in rank(REQUEST, Wanted(), TODAY, shelf).ranked:
        asked = read_request({**REQUEST, "plan": each.row.plan_id}, TODAY)
        whole, _plan = estimate_asked(asked, shelf)
        assert [run.owes for run in whole.settled] == [run.owes for run in each.estimate.settled]
        runs = [(found.low.owes, found.typical.owes, found.high.owes) for found in (whole, each.estimate)]
        assert (runs[0], whole.open_total, whole.is_provisional) == (
            runs[1],
            each.estimate.open_total,
            each.estimate.is_provisional,
        )


def test_plans_that_part_at_the_turn_of_the_year_are_ranked_apart(tmp_path: Path, migrated_file: Path) -> None:
    """Though they have the same rules on the first day: a course goes on under what follows each."""
    engine = migrated_at(tmp_path / "estimator.db", migrated_file)
    following = {"first_day": "2027-01-01", "last_day": "2027-12-31"}
    plans = [definition("stays"), definition("rises"), definition("alone"), definition("twin")]
    plans += [definition("stays", in_force=following), definition("rises", "55.00", in_force=following)]
    published(engine, map(Draft, plans))
    service = {"code": "97110", "minutes": 30, "allowed": "100.00"}
    visits = [{"day": day, "services": [service]} for day in ("2026-12-28", "2027-01-10")]

    ranking = rank({"plan": "stays", "zip": "60614", "visits": visits}, Wanted(), TODAY, Shelf(engine))

    totals = {each.row.plan_id: str(each.typical) for each in ranking.ranked}
    assert {"stays": "80.00", "rises": "95.00", "alone": "80.00", "twin": "80.00"} == totals
    assert 3 == len({id(each.estimate) for each in ranking.ranked})


def test_definitions_that_say_the_same_but_for_names_are_of_the_same_rules() -> None:
    """Names, sources and examples don't count; amounts do, and which benefit comes first."""
    one, other = definition("one"), definition("other", title="Another", sources={})
    dearer, folder = definition("one", "55.00"), json.dumps(definition())
    two = {**one, "benefits": {"a": {}, "b": {}}}, {**one, "benefits": {"b": {}, "a": {}}}
    said = [said_by("json", json.dumps(each), 1) for each in (one, other, dearer, *two)]

    assert said[0] == said[1]
    assert 4 == len(set(said))
    assert said_by("json", folder, 1) != said_by("json", folder, 2)
    assert said_by("yaml", "plan: one\n", 1) != said_by("yaml", "plan: other\n", 1)


def test_a_plan_that_is_not_listed_for_the_county_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it would cost; 85001 lies in Maricopa County."""
    shelf, asked = open_shelf(), set()

    def elsewhere(plan_id: str, year: int, county: str) -> bool:
        asked.add((year, county))
        return plan_id == cheapest

    cheapest = rank(REQUEST, WANTED, TODAY, shelf).ranked[0].row.plan_id
    monkeypatch.setattr("estimator.estimates.rank.is_elsewhere", elsewhere)
    ranking = rank(REQUEST, replace(WANTED, state="AZ"), TODAY, shelf)
    *others, last = ranking_json(ranking, len(ranking.ranked))["plans"]

    assert (2026, "Maricopa") in asked
    assert (cheapest, True) == (last["plan"], last["is_elsewhere"])
    assert not any(each["is_elsewhere"] for each in others)
    assert "~" in ranking_text(ranking, len(ranking.ranked))


def test_a_plan_without_a_price_is_left_out_by_name() -> None:
    """Only plans that name their own prices are ranked where no place is known; none is lost."""
    nowhere = {key: value for key, value in REQUEST.items() if key != "zip"}
    shelf = open_shelf()

    ranking = rank(nowhere, WANTED, TODAY, shelf)

    ranked, left_out = {each.row.plan_id for each in ranking.ranked}, {row.plan_id for row, _ in ranking.left_out}
    assert "example-fee-schedule" in ranked
    assert "template-employer-ppo" in left_out
    assert {row.plan_id for row in choosable(shelf.search(WANTED), date(2026, 12, 1))} == ranked | left_out


def test_a_long_course_under_many_plans_is_refused_while_it_is_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a page or for a call, which somebody waits for; the command takes the time that it takes."""
    monkeypatch.setattr("estimator.estimates.rank._MOST_LINES", 100)
    shelf = open_shelf()

    with pytest.raises(RequestRefused, match="Choose an insurer, or enter fewer visits"):
        rank(REQUEST, WANTED, TODAY, shelf, most=150)
    short = {**REQUEST, "course": {**REQUEST["course"], "visits": 1}}

    assert rank(short, WANTED, TODAY, shelf, most=150).ranked
    assert rank(REQUEST, WANTED, TODAY, shelf).ranked


def row(plan: str, first_day: date = date(2026, 1, 1), market: str = "marketplace") -> PlanRow:
    """A plan as the list shows it."""
    return PlanRow(plan, first_day, None, plan, "Alder Health", "published", market, ("TX",), "Silver", 1, "x")


@pytest.mark.parametrize(
    ("csr", "chosen"), [(None, ["a-01", "b-00", "c"]), ("94", ["a-06", "b-00", "c"]), ("73", ["a-01", "b-00", "c"])]
)
def test_each_plan_stands_there_once_in_the_variant_that_fits(csr: str | None, chosen: list[str]) -> None:
    """Tribal variants, those of other incomes, and a year that has not begun are not there."""
    rows = [row(plan) for plan in ("a-00", "a-01", "a-02", "a-03", "a-06", "b-00", "b-03", "c")]
    rows.append(row("d-01", date(2027, 1, 1)))

    assert chosen == [each.plan_id for each in choosable(rows, date(2026, 12, 1), csr)]


def test_ids_of_other_markets_have_no_variants() -> None:
    """Two segments of a Medicare Advantage plan are two plans."""
    rows = [row(plan, market="medicare-advantage") for plan in ("h1-001-01", "h1-001-02")]

    assert rows == list(choosable(rows, date(2026, 12, 1)))


@pytest.mark.parametrize(("special", "chosen"), [((), ["a"]), (("D-SNP",), ["a", "b"]), (("", "C-SNP"), ["a", "d"])])
def test_a_plan_for_special_needs_is_there_for_those_who_may_join_it(special: Sequence[str], chosen: list[str]) -> None:
    """By the type that ends its title, as Medicare's file has it; that of the year before counts no longer."""
    titles = {"a": "PPO", "b": "HMO D-SNP", "c": "PPO I-SNP", "d": "HMO-POS C-SNP"}
    rows = [replace(row(plan, market="medicare-advantage"), title=f"{plan} ({of})") for plan, of in titles.items()]
    rows.append(replace(rows[1], first_day=date(2025, 1, 1), title="b (HMO)"))

    assert chosen == [each.plan_id for each in joinable(choosable(rows, date(2026, 12, 1)), special)]


def test_ones_own_kind_of_plan_is_there_for_a_year_that_is_not_known_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in open enrollment: the plan of this year says who may join it, until that of the next year is published."""
    monkeypatch.setattr("estimator.estimates.rank._SPECIAL", re.compile("approval rule only"))
    wanted = Wanted(market="medicare-advantage")

    def for_some(plan: str) -> int:
        return rank({**REQUEST, "plan": plan}, wanted, TODAY, open_shelf(), is_next_year=True).for_some

    assert for_some("template-employer-ppo")
    assert 0 == for_some("uhc-ma-2026-authorization")


def test_the_command_says_that_premiums_are_not_counted() -> None:
    """As JSON and as text; a state in which no plan of the folder is sold has nothing to rank."""
    ran = CliRunner().invoke(main, ["rank", "-", "--state", "TX"], input=json.dumps(REQUEST))
    text = CliRunner().invoke(main, ["rank", "-", "--state", "TX", "--text"], input=json.dumps(REQUEST))

    assert (0, 0) == (ran.exit_code, text.exit_code), ran.output + text.output
    assert {"plans": [], "of": 0, "left_out": [], "for_some": 0, "premiums_counted": False} == json.loads(ran.stdout)
    assert "0 plans ranked. Premiums are not counted." in text.output


def test_plans_of_which_too_much_is_open_are_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what their estimates take: in the midst of one, and before the rest where the first ones show it."""
    shelf = open_shelf()
    needed = rank(REQUEST, WANTED, TODAY, shelf, most=150).ranked
    groups = {id(each.estimate): each.estimate.work for each in needed}
    made: list[int] = []

    def ranked(most: int, tried: int) -> None:
        made.clear()
        monkeypatch.setattr("estimator.estimates.rank._MOST_WORK", most)
        monkeypatch.setattr("estimator.estimates.rank._TRIED", tried)
        found = rank(REQUEST, WANTED, TODAY, shelf, told=lambda done, _of: made.append(done), most=150)
        assert len(needed) == len(found.ranked)

    ranked(sum(groups.values()), 100)
    for most, tried in ((sum(groups.values()) - 1, 100), (2_100, 2)):
        with pytest.raises(RequestRefused, match="Choose an insurer, or enter fewer visits"):
            ranked(most, tried)
        assert made, most
    assert len(made) < len(groups) // 2, made
    assert len(needed) == len(rank(REQUEST, WANTED, TODAY, shelf).ranked)
