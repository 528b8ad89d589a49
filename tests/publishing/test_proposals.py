"""What insurers' free text proposes is confirmed or rejected by a person, and both outlast the next import."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from estimator.errors import EditRefused
from estimator.plans.catalogue_file import catalogues, read_catalogue
from estimator.plans.folder import library
from estimator.plans.marketplace.benefits import Quoted, quotes_in, settled
from estimator.plans.read import read_definition
from estimator.plans.shelf import Draft, Shelf
from estimator.publishing.drafts import Signed
from estimator.publishing.proposals import payers_with_proposals, proposals_of, settle
from estimator.publishing.publish import Occasion, publish
from estimator.settings import plans_folder
from tests.databases import migrated_at

PLANS = library(plans_folder())
DAY = date(2026, 11, 25)
ANA = Signed("ana", "Called the insurer")
MARKET = Occasion("marketplace-2026", is_checked=True)
Definition = dict[str, Any]


@pytest.fixture(scope="module")
def shipped() -> list[Definition]:
    """The Marketplace plans that ship."""
    [path] = [one for one in catalogues(plans_folder()) if "marketplace" in one.name]
    return [listed.definition for listed in read_catalogue(path)[1]]


def kinds(definitions: list[Definition]) -> Iterator[tuple[Definition, Quoted]]:
    """Yield one plan for each kind of proposal and each set of rules that rests on one."""
    seen = set()
    for definition in definitions:
        for quoted in quotes_in(definition):
            mark = (quoted.kind, tuple(rule.split(" per ")[-1] for rule in quoted.rules))
            if mark not in seen:
                seen.add(mark)
                yield definition, quoted


def limited(definitions: list[Definition], number: int) -> list[Definition]:
    """Return some plans of one payer whose limit of visits comes from one and the same quote."""
    first = next(one for one in definitions if list(one.get("limits", {}).values())[:1] and _is_open(one))
    text = next(one.text for one in quotes_in(first) if one.rules)
    alike = [
        one
        for one in definitions
        if one["payer"] == first["payer"] and _is_open(one) and any(q.text == text for q in quotes_in(one))
    ]
    return alike[:number]


def _is_open(definition: Definition) -> bool:
    return definition.get("limits", {}).get("therapy-visits", {}).get("confirmed") == "no"


@pytest.fixture
def database(tmp_path: Path, migrated_file: Path, shipped: list[Definition]) -> Engine:
    """A database with three plans of one payer that carry the same quote."""
    engine = migrated_at(tmp_path / "estimator.db", migrated_file)
    publish(engine, map(Draft, limited(shipped, 3)), PLANS, MARKET)
    return engine


def test_every_kind_of_proposal_can_be_answered_either_way(shipped: list[Definition]) -> None:
    """The plan can be read afterwards, nothing of the proposal is open, and the quote is still there."""
    found = list(kinds(shipped))
    for definition, quoted in found:
        for confirmed in (True, False):
            after = settled(definition, quoted.text, confirmed=confirmed, by="ana", day=DAY)
            read = read_definition(after, "", PLANS.shared)

            assert quoted.text not in [one.text for one in quotes_in(after)]
            assert any(quoted.quote in note and "ana on 2026-11-25" in note for note, _ in read.plan.notes)
    assert {"shared", "own", "each", "exempt", "authorization", "telehealth", "contradiction", "none"} <= {
        quoted.kind for _, quoted in found
    }


def test_the_definition_that_was_answered_is_left_as_it_was(shipped: list[Definition]) -> None:
    """Definitions of a catalogue share their blocks."""
    for definition, quoted in kinds(shipped):
        before = json.dumps(definition)
        settled(definition, quoted.text, confirmed=True, by="ana", day=DAY)
        settled(definition, quoted.text, confirmed=False, by="ana", day=DAY)

        assert before == json.dumps(definition)


def test_a_confirmed_limit_is_firm_in_every_plan_with_the_quote(database: Engine, shipped: list[Definition]) -> None:
    """Its source says who confirmed it and when; all in one go."""
    payer = limited(shipped, 1)[0]["payer"]
    proposed = proposals_of(database, payer)[0]
    done = settle(database, payer, proposed.quoted.text, ANA, PLANS, confirmed=True)
    shelf = Shelf(database)
    limits = [shelf.find(plan, date(2026, 3, 2)).limits["therapy-visits"] for plan in proposed.plans]

    assert 3 == done == len(proposed.plans)
    assert [True] * 3 == [limit.confirmed for limit in limits]
    assert all(limit.citation and "confirmed by ana on " in limit.citation.place for limit in limits)
    assert ["Called the insurer"] * 3 == [shelf.history(plan)[0].note for plan in proposed.plans]


def test_a_rejected_limit_is_gone_and_its_quote_stays(database: Engine, shipped: list[Definition]) -> None:
    """With who rejected it."""
    payer = limited(shipped, 1)[0]["payer"]
    proposed = proposals_of(database, payer)[0]
    settle(database, payer, proposed.quoted.text, ANA, PLANS, confirmed=False)
    plan = Shelf(database).find(proposed.plans[0], date(2026, 3, 2))

    assert "therapy-visits" not in plan.limits
    assert any(note.startswith("Rejected by ana on ") and proposed.quoted.quote in note for note, _ in plan.notes)


def test_an_answer_outlasts_the_next_import(database: Engine, shipped: list[Definition]) -> None:
    """And is asked for no second time."""
    payer = limited(shipped, 1)[0]["payer"]
    text = proposals_of(database, payer)[0].quoted.text
    settle(database, payer, text, ANA, PLANS, confirmed=True)
    told = publish(database, map(Draft, limited(shipped, 3)), PLANS, MARKET)

    assert (3, 0) == (told.left, told.moved)
    assert text not in [one.quoted.text for one in proposals_of(database, payer)]
    with pytest.raises(EditRefused, match="Nobody needs to answer"):
        settle(database, payer, text, ANA, PLANS, confirmed=False)


def test_payers_with_open_proposals_are_listed(database: Engine, shipped: list[Definition]) -> None:
    """With the number of their plans."""
    assert [(limited(shipped, 1)[0]["payer"], 3)] == list(payers_with_proposals(database))
