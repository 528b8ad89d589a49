"""Reads the usual rules of each market from `_usual.yaml` of the plans folder.

They stand in for what a plan and a person leave open (`engine/usual.py` says how), so a market without a row, or
without a rung for a position that is not paid, is a mistake of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.coding import MARKETS
from estimator.engine.plan import Position
from estimator.engine.usual import NOT_PAID, Bearer, LegalMaximum, Rung, Unsigned, UsualAmount, UsualRate, UsualRules
from estimator.errors import PlanFileRefused, Problem
from estimator.plans.schema_values import (
    BlockSchema,
    Choice,
    Cite,
    Dollars,
    Inner,
    Named,
    Names,
    Pattern,
    Percent,
    Word,
    citation,
    enum_words,
    load,
    yes_no,
)
from estimator.plans.shared import shown, sources_of
from estimator.plans.text import Block, below, document, problem

USUAL = "_usual.yaml"


class _AmountSchema(BlockSchema):
    low = Dollars(required=True)
    usual = Dollars(required=True)
    high = Choice({"none": None}, Dollars(), required=True)
    by_law = yes_no()
    cite = Cite(required=True)

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse figures that do not rise."""
        if loaded["low"] > loaded["usual"] or (loaded["high"] is not None and loaded["usual"] > loaded["high"]):
            raise ValidationError({"usual": ["Enter figures that rise: low, then usual, then high."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> UsualAmount:
        """Return the amount."""
        return UsualAmount(
            loaded["low"], loaded["usual"], loaded["high"], citation(loaded), loaded.get("by_law", False)
        )


class _RateSchema(BlockSchema):
    low = Percent(required=True)
    usual = Percent(required=True)
    high = Percent(required=True)
    cite = Cite(required=True)

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse percentages that do not rise."""
        if not loaded["low"] <= loaded["usual"] <= loaded["high"]:
            raise ValidationError({"usual": ["Enter percentages that rise: low, then usual, then high."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> UsualRate:
        """Return the percentage."""
        return UsualRate(loaded["low"], loaded["usual"], loaded["high"], citation(loaded))


class _MaximumSchema(BlockSchema):
    person = Dollars(required=True)
    family = Dollars(required=True)
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Return the keys; the year is the name of the block."""
        return dict(loaded)


class _RungSchema(BlockSchema):
    unsigned = Word(enum_words(Unsigned), required=True)
    signed = Word(enum_words(Bearer), required=True)
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Rung:
        """Return the rung."""
        return Rung(loaded["unsigned"], loaded["signed"], citation(loaded))


class _SignsSchema(BlockSchema):
    usual = yes_no(required=True)
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Return the keys."""
        return dict(loaded)


class _NeedlingSchema(BlockSchema):
    position = Word(enum_words(Position), required=True)
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Return the keys."""
        return dict(loaded)


class _MarketSchema(BlockSchema):
    copay = Inner(_AmountSchema)
    coinsurance = Inner(_RateSchema)
    deductible = Inner(_AmountSchema)
    maximums = Named(Inner(_MaximumSchema), key=Pattern("20[0-9]{2}", "2027", "a year"))
    unpaid = Named(Inner(_RungSchema), key=Word(enum_words(Position)), required=True)
    signs = Inner(_SignsSchema, required=True)
    needling = Inner(_NeedlingSchema)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> UsualRules:
        """Return the rules; the market is the name of the block."""
        signs, needling = loaded["signs"], loaded.get("needling", {})
        maximums = loaded.get("maximums", {})
        return UsualRules(
            market="",
            copay=loaded.get("copay"),
            coinsurance=loaded.get("coinsurance"),
            deductible=loaded.get("deductible"),
            maximums=tuple(
                LegalMaximum(int(year), row["person"], row["family"], citation(row)) for year, row in maximums.items()
            ),
            ladder={Position(name): rung for name, rung in loaded["unpaid"].items()},
            signs=signs["usual"],
            unread=needling.get("position"),
            unread_citation=citation(needling) if needling else None,
        )


def read_usual(content: str | bytes, file: str) -> Mapping[str, UsualRules]:
    """Return the usual rules by market; raise PlanFileRefused with every mistake in the file."""
    written, mistakes = document(content, file)
    sources, found = sources_of(below(written, "sources"), file)
    mistakes += found
    markets = below(written, "markets")
    rules: dict[str, UsualRules] = {}
    for market, block in markets.items() if isinstance(markets, Block) else ():
        if market not in MARKETS:
            message = f"There is no market '{market}'. Enter one of {', '.join(MARKETS)}."
            mistakes.append(problem(written, ("markets", market), message, file))
            continue
        loaded, wrong = load(_MarketSchema, block, Names(file, sources), [])
        mistakes += wrong
        if isinstance(loaded, UsualRules):
            mistakes += _missing(written, market, loaded, file)
            rules[market] = replace(loaded, market=market)
    missing = [market for market in MARKETS if market not in rules]
    if missing and not mistakes:
        message = f"Enter the usual rules of {', '.join(missing)} too: plans of every market can leave something open."
        mistakes.append(Problem("markets", message, file, 1))
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    return rules


def _missing(written: Block, market: str, rules: UsualRules, file: str) -> list[Problem]:
    """Return what the plans of a market can leave open and its row does not answer."""
    if market == "self-pay":
        return []
    path = ("markets", market)
    wanted = [key for key in ("copay", "coinsurance", "deductible") if getattr(rules, key) is None]
    wanted += [f"unpaid.{position}" for position in NOT_PAID if position not in rules.ladder]
    return [problem(written, path, f"Enter `{key}` for this market.", file) for key in wanted]


@cache
def usual_rules(folder: Path) -> Mapping[str, UsualRules]:
    """Return the usual rules of a plans folder, read once; raise PlanFileRefused where the file is wrong or missing."""
    path = folder / USUAL
    if not path.is_file():
        message = "This file is missing: without it nobody knows what stands in for what is not known."
        raise PlanFileRefused((Problem("", message, shown(folder, path)),))
    return read_usual(path.read_bytes(), shown(folder, path))
