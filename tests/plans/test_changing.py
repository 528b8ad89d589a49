"""Single values of a plan file change in place; what a person wrote around them stays."""

from typing import Any

import pytest

from estimator.errors import PlanFileRefused
from estimator.plans.edit_text import changed, merged, with_layer_typed
from estimator.plans.folder import library
from estimator.plans.text import document, plain
from estimator.settings import plans_folder

BLOCK = """\
# Ours.
title: "Silver: 1" # as on the card
networks:
  in-network:
    deductible: {person: 2500.00, family: 5000.00}  # p. 9
    # The maximum.
    out_of_pocket_max:
      person: 8000.00
      # and so on
benefits:
  therapy:
    limits: [visits]
    authorization: none
"""
CHANGES: list[tuple[tuple[str, ...], Any, str, str]] = [
    (("title",), "Gold: 2", 'title: "Silver: 1" #', 'title: "Gold: 2" #'),
    (("networks", "in-network", "deductible", "person"), "0.00", "person: 2500.00,", "person: 0.00,"),
    (("networks", "in-network", "deductible", "family"), None, ", family: 5000.00}", "}"),
    (("networks", "in-network", "deductible", "person"), None, "{person: 2500.00, ", "{"),
    (("networks", "in-network", "deductible"), "none", "{person: 2500.00, family: 5000.00}", "none"),
    (("networks", "in-network", "deductible", "cite"), "eoc p. 9", "5000.00}", "5000.00, cite: eoc p. 9}"),
    (("networks", "in-network", "out_of_pocket_max"), "none", "\n      person: 8000.00", " none"),
    (("benefits", "therapy", "authorization"), None, "    authorization: none\n", ""),
    (
        ("benefits", "therapy", "authorization"),
        {"from_visit": "7"},
        "authorization: none",
        "authorization: {from_visit: 7}",
    ),
    (
        ("benefits", "therapy", "authorization", "from_visit"),
        "7",
        "authorization: none",
        "authorization: {from_visit: 7}",
    ),
    (("benefits", "therapy", "cite"), "eoc p. 3", "authorization: none\n", "authorization: none\n    cite: eoc p. 3\n"),
    (("limits", "visits", "visits"), "30", "none\n", "none\nlimits: {visits: {visits: 30}}\n"),
    (("notes",), None, "none\n", "none\n"),
]


@pytest.mark.parametrize(("path", "value", "old", "new"), CHANGES, ids=lambda part: str(part)[:40])
def test_nothing_but_the_value_changes(path: tuple[str, ...], value: Any, old: str, new: str) -> None:
    """Comments, quotes, order and layout stay."""
    assert 1 == BLOCK.count(old)
    assert BLOCK.replace(old, new) == changed(BLOCK, {path: value})


def test_a_value_of_every_plan_that_ships_can_be_changed_and_back() -> None:
    """The text is then the same, byte for byte, and says what was meant in between."""
    for path in library(plans_folder()).files():
        text = path.read_text("utf-8")
        written = plain(document(text)[0])
        other = changed(text, {("payer",): "Another Payer", ("in_force", "first_day"): "2020-01-01"})
        back = {("payer",): written["payer"], ("in_force", "first_day"): written["in_force"]["first_day"]}

        assert {
            **written,
            "payer": "Another Payer",
            "in_force": {**written["in_force"], "first_day": "2020-01-01"},
        } == (plain(document(other)[0]))
        assert written == plain(document(changed(other, back))[0])
        assert text.count("#") == other.count("#")


def test_a_text_that_is_no_yaml_is_refused() -> None:
    """With words that say what to do first."""
    for text in ("title: [", "", "- a", "just words"):
        with pytest.raises(PlanFileRefused, match="correct the text first"):
            changed(text, {("title",): "A"})


def test_both_changes_stand_where_they_do_not_meet() -> None:
    """Lines added, changed and removed on both sides."""
    base = "a\nb\nc\nd\ne\n"

    assert ("0\na\nB\nc\nd\nE\nf\n", 0) == merged(base, "0\na\nB\nc\nd\ne\n", "a\nb\nc\nd\nE\nf\n")
    assert ("a\nc\ne\n", 0) == merged(base, "a\nc\nd\ne\n", "a\nb\nc\ne\n")
    assert (base, 0) == merged(base, base, base)


def test_where_they_meet_both_are_kept() -> None:
    """Between marks, and the same change on both sides is no clash."""
    assert ("a\n<<<<<<< yours\nB\n=======\nX\n>>>>>>> theirs\nc\n", 1) == merged("a\nb\nc\n", "a\nB\nc\n", "a\nX\nc\n")
    assert ("a\nB\nc\n", 0) == merged("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n")


def test_another_visit_of_an_authorization_leaves_what_else_it_says() -> None:
    """The form has the visit alone; what needs no approval, who gives it and comments stay."""
    text = (
        "layer: some-payer\ntitle: Some payer\nin_force: {first_day: 2026-01-01}\nsources: {}\n"
        "services: [all-therapy]\nauthorization:\n  from_visit: 1 # all visits\n  exempt: [pt-evaluation]\n"
        "  if_missing: unknown\n  cite: old p. 1\n"
    )
    typed = {"authorization": "13", "source_title": "Guide", "source_read_on": "2026-11-29", "source_place": "p. 3"}
    after = with_layer_typed(text, typed, library(plans_folder()).shared)

    said = plain(document(after)[0])["authorization"]
    assert ("13", "entered-here p. 3") == (said.pop("from_visit"), said.pop("cite"))
    assert {"exempt": ["pt-evaluation"], "if_missing": "unknown"} == said
    assert "from_visit: 13 # all visits" in after
