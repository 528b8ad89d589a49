"""Reads what each state says of dry needling from `_states.yaml` of the plans folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import post_load

from estimator.engine.states import Scope, StateRule
from estimator.errors import PlanFileRefused, Problem
from estimator.plans.from_yaml import documents
from estimator.plans.schema_loading import load
from estimator.plans.schema_names import Names
from estimator.plans.schema_shapes import BlockSchema
from estimator.plans.schema_values import Address, Described, OfWords, Text, Word, enum_words, yes_no
from estimator.plans.schema_when import state
from estimator.plans.tree import Listing, Words, problem

FILE = "_states.yaml"
BASES = ("statute", "rule", "board", "unverified")


class _Remark(OfWords):
    """Words that may be empty."""

    def read(self, words: Words) -> str:
        return " ".join(words.split())

    def described(self) -> Described:
        return {"type": "string"}


class _StateSchema(BlockSchema):
    abbreviation = state(required=True, data_key="state")
    name = Text(required=True)
    status = Word(enum_words(Scope), required=True)
    basis = Word(BASES, required=True)
    cite = _Remark(required=True)
    year = _Remark(required=True)
    training = _Remark(required=True)
    experience_years = _Remark(required=True)
    written_consent = Word({"yes": True, "no": False, "unknown": None}, required=True)
    referral = _Remark(required=True)
    registration = _Remark(required=True)
    assistants = _Remark(required=True)
    chiropractors = _Remark(required=True)
    direct_access = _Remark(required=True)
    direct_access_limit = _Remark(required=True)
    board = Text(required=True)
    board_url = Address(required=True)
    board_url_checked = yes_no(required=True)
    confidence = Word(("high", "medium", "low"), required=True)
    notes = _Remark(required=True)
    sources = _Remark(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> StateRule:
        """Return the state."""
        return StateRule(**loaded)


def read_states(content: str | bytes, file: str) -> Mapping[str, StateRule]:
    """Return the states by their two letters; raise PlanFileRefused with every mistake in the file."""
    found, mistakes = documents(content, file)
    if not found or not isinstance(found[0], Listing):
        mistakes = mistakes or [Problem("", "Write a list of states, each with `- state: AL`.", file, 1)]
        raise PlanFileRefused(tuple(mistakes))
    states: dict[str, StateRule] = {}
    for written in found[0]:
        rule, wrong = load(_StateSchema, written, Names(file), [])
        mistakes += wrong
        if isinstance(rule, StateRule):
            if rule.abbreviation in states:
                mistakes.append(problem(written, ("state",), "This state stands in the file already.", file))
            states[rule.abbreviation] = rule
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    return states
