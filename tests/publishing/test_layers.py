"""A payer's layer published, told which plans it moves, and rolled back; saved estimates keep those of their day."""

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from estimator.cli import main
from estimator.clock import today
from estimator.db.connection import memory_engine
from estimator.engine.answer import AssumptionKind
from estimator.engine.findings import NotInScope
from estimator.engine.plan import Position
from estimator.errors import PlanFileRefused
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.saved import made_again, save_estimate, saved_estimate
from estimator.plans.common_rules import folder_text
from estimator.plans.folder import Library, library
from estimator.plans.rule_revisions import LAYER, STATE_LAW
from estimator.plans.shelf import Draft, Shelf
from estimator.publishing.drafts import Signed
from estimator.publishing.layers import heirs_of, impact_of_layers, publish_layers, roll_back_layer
from estimator.publishing.rules import history_of_rule, publish_rule_text
from estimator.settings import plans_folder
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from tests.databases import migrated_at
from tests.db.sample import definition, published

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANA = Signed("Ana", "Policy of November")
NAME = "uhc-medicare-advantage"
SERVICES = [{"code": "97110", "minutes": 30, "allowed": "60.00"}, {"code": "20561", "allowed": "45.00"}]


def layer(policy: str = "aetna-dry-needling", first_day: str = "2026-01-01", last_day: str = "") -> str:
    end = f", last_day: {last_day}" if last_day else ""
    return (
        f"layer: {NAME}\ntitle: UnitedHealthcare Medicare Advantage\ninsurers: [unitedhealthcare]\n"
        f"markets: [medicare-advantage]\nin_force: {{first_day: {first_day}{end}}}\npolicies: [{policy}]\n"
    )


def plan(number: int, **changes: Any) -> Draft:
    """Return a plan of UnitedHealthcare as the catalogue names it."""
    whose = {"payer": "UnitedHealthcare", "market": "medicare-advantage", "kind": "published", "states": ["FL"]}
    return Draft(definition(f"h1045-{number:03}-0-fl", **{**whose, "policies": [], **changes}))


@pytest.fixture
def shelf(database: Engine, plans: Library) -> Shelf:
    """Return a database with two plans of UnitedHealthcare, one of another year, and one of Humana."""
    last_year = {"first_day": "2025-01-01", "last_day": "2025-12-31"}
    some = [plan(1), plan(2), plan(3, in_force=last_year), plan(4, payer="Humana")]
    published(database, some)
    return Shelf(database, plans)


def answered(
    shelf: Shelf, day: str = "2026-03-02", plan_id: str = "h1045-001-0-fl", as_of: date | None = None
) -> Mapping[str, Any]:
    """Answer a visit with dry needling as the plans and layers are now, or were at the end of a day."""
    request = {"plan": plan_id, "visits": [{"day": day, "services": SERVICES}]}
    estimate, found = estimate_asked(read_request(request, as_of or today()), shelf)
    return answer_json(answer_of(estimate, found, {}))


def position(shelf: Shelf, day: str = "2026-03-02", plan_id: str = "h1045-001-0-fl") -> Position:
    request = {"plan": plan_id, "visits": [{"day": day, "services": SERVICES}]}
    return estimate_asked(read_request(request, today()), shelf)[1].policies[0].position


def test_one_publication_moves_every_plan_that_inherits(shelf: Shelf) -> None:
    """And no other plan; rolling back restores the answers, the fingerprints of the layers included."""
    ids = ("h1045-001-0-fl", "h1045-002-0-fl", "h1045-004-0-fl")
    before = [answered(shelf, plan_id=each) for each in ids]
    publish_layers(shelf, layer(), "uhc.yaml", ANA)
    moved = [position(shelf, plan_id=each) for each in ids]
    roll_back_layer(shelf.engine, NAME, ANA)

    assert [Position.INVESTIGATIONAL] * 2 == moved[:2]
    assert Position.INVESTIGATIONAL != moved[2]
    assert before == [answered(shelf, plan_id=each) for each in ids]


def test_the_impact_lists_the_plans_that_inherit_and_what_moves(shelf: Shelf) -> None:
    """Within five seconds of work, and before anything is published."""
    began = time.process_time()
    (impact,) = impact_of_layers(shelf, layer(), "uhc.yaml")

    assert time.process_time() - began < 5
    assert ["h1045-001-0-fl", "h1045-002-0-fl"] == [row.plan_id for row in impact.plans]
    assert "A visit of nothing but dry needling" in {one.course for one in impact.moved}
    assert () == history_of_rule(shelf.engine, LAYER)


def test_a_layer_holds_on_its_own_days_alone(shelf: Shelf) -> None:
    """Before its first day and after its last one, what held before still holds."""
    publish_layers(shelf, layer(first_day="2026-04-01", last_day="2026-04-30"), "uhc.yaml", ANA)
    days = ("2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01")

    assert [False, True, True, False] == [position(shelf, day) is Position.INVESTIGATIONAL for day in days]


def test_a_course_is_settled_by_the_layer_of_each_visits_day(shelf: Shelf) -> None:
    """Two visits before the first day of a layer and two from it on; the answer names both, and the plan once."""
    publish_layers(shelf, layer(first_day="2026-04-01"), "uhc.yaml", ANA)
    days = ("2026-03-25", "2026-03-31", "2026-04-01", "2026-04-02")
    request = {"plan": "h1045-001-0-fl", "visits": [{"day": day, "services": SERVICES} for day in days]}
    estimate, found = estimate_asked(read_request(request, today()), shelf)
    alone = [answered(shelf, day)["visits"][0]["lines"][1] for day in days]

    answer = answer_json(answer_of(estimate, found, {}))
    assert alone == [visit["lines"][1] for visit in answer["visits"]]
    assert alone[1] != alone[2]
    assert 2 == [one["id"] for one in answer["inputs"]["layers"]].count(NAME)
    assert "later_plans" not in answer["inputs"]


def test_a_law_that_begins_within_a_course_holds_from_its_day_on(shelf: Shelf) -> None:
    """Physical therapists may needle in March and not in April."""
    state = {"state": "FL", "plan": "h1045-001-0-fl"}
    law = folder_text(STATE_LAW, shelf.folder.folder, "FL")
    law = law.replace("  status: permitted", "  in_force: {first_day: 2026-04-01}\n  status: prohibited")
    publish_rule_text(shelf, STATE_LAW, "FL", law, None, ANA)
    days = ("2026-03-31", "2026-04-01")
    asked = [{**state, "visits": [{"day": day, "services": SERVICES} for day in some]} for some in (days, days[:1])]
    course, alone = (estimate_asked(read_request(each, today()), shelf)[0].typical.visits for each in asked)

    assert course[0] == alone[0]
    assert [False, True] == [isinstance(visit.lines[1].steps[0].finding, NotInScope) for visit in course]


def test_a_question_of_an_earlier_day_is_answered_by_what_was_published_then(shelf: Shelf) -> None:
    """A layer of today, and its being taken back today, count from today on."""
    before = answered(shelf)
    publish_layers(shelf, layer(), "uhc.yaml", ANA)

    assert before["visits"] != answered(shelf)["visits"]
    assert before["visits"] == answered(shelf, as_of=today() - timedelta(days=1))["visits"]
    assert before["visits"] != answered(shelf, as_of=today() + timedelta(days=1))["visits"]


def test_what_was_published_last_decides_and_each_roll_back_takes_one_back(shelf: Shelf) -> None:
    """The history keeps all of it."""
    publish_layers(shelf, layer(), "uhc.yaml", ANA)
    publish_layers(shelf, layer("cigna-ash-dry-needling"), "uhc.yaml", ANA)
    last = position(shelf)
    roll_back_layer(shelf.engine, NAME, ANA)

    assert last is not Position.INVESTIGATIONAL
    assert position(shelf) is Position.INVESTIGATIONAL
    assert [False, False, True] == [holds for _, holds in history_of_rule(shelf.engine, LAYER, NAME)]


def test_what_holds_already_is_not_published_again(shelf: Shelf) -> None:
    """Neither the folder's own layer nor one that was published."""
    own = (plans_folder() / "_layers" / "humana.yaml").read_text("utf-8")

    assert () == publish_layers(shelf, own, "humana.yaml", ANA)
    assert 1 == len(publish_layers(shelf, layer(), "uhc.yaml", ANA))
    assert () == publish_layers(shelf, layer(), "uhc.yaml", ANA)


def test_a_roll_back_of_nothing_is_refused(shelf: Shelf) -> None:
    """The folder's layers are files: nobody published them here."""
    with pytest.raises(PlanFileRefused, match="No layer of this name was published here"):
        roll_back_layer(shelf.engine, NAME, ANA)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (layer("no-such-policy"), "There is no 'no-such-policy'"),
        (layer().replace(NAME, "another"), "would hold for the same plan"),
        ("", "Enter"),
    ],
)
def test_mistakes_in_a_layer_are_refused_and_nothing_is_kept(shelf: Shelf, text: str, says: str) -> None:
    """Also a second layer of equal scope."""
    with pytest.raises(PlanFileRefused, match=says):
        publish_layers(shelf, text, "uhc.yaml", ANA)

    assert () == history_of_rule(shelf.engine, LAYER)


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 1)).map(date.isoformat)
CHANGES = st.lists(
    st.one_of(st.just(None), st.tuples(st.sampled_from(("aetna-dry-needling", "cigna-ash-dry-needling")), DAYS)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=CHANGES, after=CHANGES, days=st.lists(DAYS, min_size=1, max_size=3, unique=True).map(sorted))
def test_a_saved_estimate_is_made_again_by_the_layers_it_used(
    migrated_file: Path, before: list[tuple[str, str] | None], after: list[tuple[str, str] | None], days: list[str]
) -> None:
    """Whatever was published or rolled back before and since, also where a layer begins within the course."""
    engine = memory_engine()
    with closing(sqlite3.connect(migrated_file)) as like, closing(engine.raw_connection()) as connection:
        like.backup(connection.driver_connection)
    published(engine, [plan(1)])
    shelf = Shelf(engine, library(plans_folder()))
    for change in before:
        changed(shelf, change)
    visits = [{"day": day, "services": SERVICES} for day in days]
    request = {"plan": "h1045-001-0-fl", "as_of": today().isoformat(), "visits": visits}
    estimate, found = estimate_asked(read_request(request, today()), shelf)
    link = save_estimate(shelf, {}, request, answer_json(answer_of(estimate, found, {})), 30, NOW).link
    for change in after:
        changed(shelf, change)
    kept = saved_estimate(engine, link, NOW)
    assert kept is not None

    assert (estimate, found) == made_again(shelf, kept)


def changed(shelf: Shelf, change: tuple[str, str] | None) -> None:
    """Publish a layer, or roll back where there is something to roll back."""
    if change is not None:
        publish_layers(shelf, layer(*change), "uhc.yaml", ANA)
    elif any(holds for _, holds in history_of_rule(shelf.engine, LAYER, NAME)):
        roll_back_layer(shelf.engine, NAME, ANA)


def test_the_commands_publish_list_and_roll_back(
    tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each tells what it did; a dry run does nothing."""
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))
    engine = migrated_at(tmp_path / "kept" / "estimator.db", migrated_file)
    published(engine, [plan(1)])
    file = tmp_path / "uhc.yaml"
    file.write_text(layer(), "utf-8")
    dry = run("publish", str(file), "--dry-run")
    done = run("publish", str(file), "--reason", "Bulletin of November")
    history = run("history", NAME).output
    back = run("rollback", NAME, "--by", "Ben", "--reason", "Misread")

    assert f"{NAME} from 2026-01-01: 1 active plan inherits it.\n  h1045-001-0-fl  Evergreen Silver\n" in dry.output
    assert "A visit of nothing but dry needling" in dry.output
    assert "Nothing is published" in dry.output
    assert f"{NAME} from 2026-01-01: published.\n" in done.output
    assert history.startswith(f"* 1  {NAME}  from 2026-01-01")
    assert history.endswith("command  Bulletin of November\n")
    assert f"{NAME} from 2026-01-01: revision 1 is taken back.\n" == back.output
    assert "rolls back 1" in run("history").output


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["layers", *words])


def test_the_plans_of_a_layer_are_counted_with_those_that_contradict_it(shelf: Shelf) -> None:
    """Of the two of this year one asks for no approval, which yields; the one of 2025 is not in force."""
    asks = {"authorization": {"from_visit": 1, "if_missing": "unknown", "cite": "eoc p. 1"}}
    benefits = definition("x")["benefits"]
    asking = {name: {**benefit, **asks} for name, benefit in benefits.items()}
    published(shelf.engine, [plan(5, benefits=asking)])
    heirs = heirs_of(shelf, NAME, date(2026, 12, 1))

    assert (3, 3, ()) == (heirs.plans, heirs.follow, heirs.own_rule)
    assert ["h1045-001-0-fl", "h1045-002-0-fl"] == [
        row.plan_id for row in heirs.contradict[AssumptionKind.PAYER_ASKS_PERMISSION]
    ]
    with pytest.raises(PlanFileRefused, match="No layer of this name holds"):
        heirs_of(shelf, NAME, date(2024, 12, 31))


def test_a_layer_that_a_newer_one_covers_in_part_can_hold_again(shelf: Shelf) -> None:
    """From January on another one holds; the first, published again, holds there too."""
    ours = layer()
    publish_layers(shelf, ours, "uhc.yaml", ANA)
    publish_layers(shelf, layer("cigna-ash-dry-needling", first_day="2026-07-01"), "uhc.yaml", ANA)
    between = position(shelf, "2026-08-03")
    again = publish_layers(shelf, ours, "uhc.yaml", ANA)

    assert Position.INVESTIGATIONAL != between
    assert [NAME] == [one.id for one in again]
    assert Position.INVESTIGATIONAL == position(shelf, "2026-08-03")


def test_two_layers_of_one_file_that_hold_on_the_same_days_are_refused(shelf: Shelf) -> None:
    """As in the folder: nothing says which of them decides."""
    both = f"{layer()}---\n{layer('cigna-ash-dry-needling', first_day='2026-07-01')}"

    with pytest.raises(PlanFileRefused):
        publish_layers(shelf, both, "uhc.yaml", ANA)
    assert () == history_of_rule(shelf.engine, LAYER)
