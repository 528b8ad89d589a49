"""The catalogues that ship: whole, small, equal bytes for equal plans, and every plan readable."""

import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.errors import PlanFileRefused
from estimator.plans.catalogue_file import Head, Listed, catalogues, input_of, read_catalogue, write_catalogue
from estimator.plans.folder import library
from estimator.plans.read import read_definition, read_plan
from estimator.plans.text import document, plain, yaml_of
from estimator.settings import plans_folder

SHIPPED = {path.name.partition(".")[0]: path for path in catalogues(plans_folder())}
MARKETS = ("marketplace-2026", "medicare-advantage-2026")
HEAD = Head("marketplace", 2026, "Two plans", "2026-05-01", ({"file": "a.zip", "sha256": "00"},), 0)


def listed(number: int, **keys: Any) -> Listed:
    """Return a plan that shares most of what it says with the others."""
    blocks = {"in-network": {"deductible": "none"}, "out-of-network": "not-covered"}
    definition = {"plan": f"plan-{number}", "title": f"Plan {number}", "kind": "published", "networks": blocks, **keys}
    return Listed(definition, "Silver", f"number {number}")


@cache
def shipped(market: str) -> tuple[Head, list[Listed]]:
    """Return what a shipped catalogue holds, read once."""
    head, plans = read_catalogue(SHIPPED[market])
    return head, list(plans)


def sample(market: str, size: int) -> list[dict[str, Any]]:
    """Return some definitions of a shipped catalogue, chosen by chance and always the same."""
    return [each.definition for each in random.Random(f"{market} {size}").sample(shipped(market)[1], size)]


@pytest.mark.parametrize(("market", "plans"), [("marketplace-2026", 20_670), ("medicare-advantage-2026", 5_393)])
def test_every_plan_of_the_official_files_is_there_once(market: str, plans: int) -> None:
    """Accounted for to the last one, with its provenance."""
    head, found = shipped(market)
    names = [each.definition["plan"] for each in found]

    assert plans == head.plans == len(names) == len(set(names))
    assert all(len(one["sha256"]) == 64 for one in head.inputs)
    assert market == f"{head.market}-{head.year}"


def test_the_shipped_catalogues_are_small() -> None:
    """Together under four megabytes."""
    assert set(MARKETS) == set(SHIPPED)
    assert sum(path.stat().st_size for path in SHIPPED.values()) < 4_000_000


@pytest.mark.slow_for("marketplace-2026")
@pytest.mark.parametrize("market", MARKETS)
def test_writing_a_shipped_catalogue_again_gives_the_same_bytes(tmp_path: Path, market: str) -> None:
    """Nothing of a file depends on when or where it was written."""
    head, plans = shipped(market)
    write_catalogue(tmp_path / "again", head, plans)

    assert input_of(SHIPPED[market])["sha256"] == input_of(tmp_path / "again")["sha256"]


@pytest.mark.slow_for(1500)
@pytest.mark.parametrize("size", [100, 1500])
@pytest.mark.parametrize("market", MARKETS)
def test_every_definition_is_a_plan_without_a_mistake(market: str, size: int) -> None:
    """Some of each: read as strictly as a file, and as freely as what a request defines."""
    shelf = library(plans_folder())
    day = read_definition(sample(market, 1)[0], "", shelf.shared).plan.in_force.first_day
    assert day is not None
    for definition in sample(market, size):
        plan = read_definition(definition, "catalogue", shelf.shared).plan

        assert plan.fingerprint == shelf.plan_from(definition, day).fingerprint
        assert definition["plan"] == plan.id


@pytest.mark.parametrize("market", MARKETS)
def test_a_definition_written_as_a_plan_file_is_the_same_plan(market: str) -> None:
    """Definition to text and back: the same words, the same plan."""
    shared = library(plans_folder()).shared
    for definition in sample(market, 60):
        again = read_plan(yaml_of(definition), "catalogue", shared)

        assert definition == plain(again.written)
        assert read_definition(definition, "catalogue", shared).plan.fingerprint == again.plan.fingerprint


def test_every_plan_file_written_again_is_the_same_plan() -> None:
    """File to words, to text, and back: also for files that people wrote."""
    shelf = library(plans_folder())
    for path in shelf.files():
        file = shelf.read_file(path)
        again = read_plan(yaml_of(plain(file.written)), file.file, shelf.shared)

        assert plain(file.written) == plain(again.written)
        assert file.plan.fingerprint == again.plan.fingerprint


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1),
    st.text("ab: #-{}[],'\"&*!|>%@`?0~", min_size=1),
)
def test_any_words_come_back_from_the_text_of_a_plan_file(title: str, key: str) -> None:
    """Marks that mean something in YAML are words here, in values and in keys."""
    written = {"title": title, "names": {key: [title, {"inner": key}]}}
    again, mistakes = document(yaml_of(written), "plan.yaml")

    assert (written, []) == (plain(again), mistakes)


def test_what_plans_share_is_kept_once_and_comes_back_in_order(tmp_path: Path) -> None:
    """Keys, blocks and names stand in the order in which they were written."""
    path = tmp_path / "small.jsonl.xz"
    plans = [listed(1), listed(2), listed(3, limits={"visits": {"visits": "30"}}, notes=[{"text": "“ö”"}])]
    head = write_catalogue(path, HEAD, plans)
    found_head, found = read_catalogue(path)

    assert (3, head) == (head.plans, found_head)
    again = list(found)
    assert plans == again
    assert [list(each.definition) for each in plans] == [list(each.definition) for each in again]
    assert again[0].definition["networks"]["in-network"] is again[1].definition["networks"]["in-network"]


@pytest.mark.parametrize("cut", [0, 10, -20])
def test_a_damaged_catalogue_is_refused(tmp_path: Path, cut: int) -> None:
    """Nothing of it is used."""
    path = tmp_path / "small.jsonl.xz"
    write_catalogue(path, HEAD, [listed(1)])
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(PlanFileRefused) as refusal:
        read_catalogue(path)

    assert "damaged" in refusal.value.problems[0].message


def test_a_catalogue_of_another_form_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later form may mean something else."""
    path = tmp_path / "small.jsonl.xz"
    with monkeypatch.context() as patch:
        patch.setattr("estimator.plans.catalogue_file.FORM", 99)
        write_catalogue(path, HEAD, [listed(1)])
    with pytest.raises(PlanFileRefused):
        read_catalogue(path)
