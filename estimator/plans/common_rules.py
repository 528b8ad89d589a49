"""The rules of no plan and no payer: what is usual in a market, the law of a state, a procedure code, on their days.

The folder of plans says all three. What somebody published of one market, one state or one code goes before that,
from its first day on; a file holds it with `in_force` beside the rest. The usual rules stand in for what a plan and a
person leave open (`engine/usual.py` says how), so a market without a row, or without a rung for a position that is not
paid, is a mistake of the folder's file. A code counts like one that ships: it is of its kind, and in its classes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.coding import MARKETS
from estimator.engine.coverage import StateRule
from estimator.engine.plan import CodeRule, Position
from estimator.engine.usual import (
    NOT_PAID,
    Borne,
    HighDeductible,
    LegalMaximum,
    Rung,
    UsualAmount,
    UsualRate,
    UsualRules,
)
from estimator.engine.values import ALWAYS, Source, Span
from estimator.errors import PlanFileRefused, Problem
from estimator.plans.rule_revisions import CODE, STATE_LAW, USUAL
from estimator.plans.schema import SourceSchema
from estimator.plans.schema_rules import PlanSpanSchema, state
from estimator.plans.schema_values import CODE as CODE_PATTERN
from estimator.plans.schema_values import (
    BlockSchema,
    Choice,
    Cite,
    Dollars,
    Inner,
    Many,
    Named,
    Names,
    Pattern,
    Percent,
    Text,
    Word,
    citation,
    enum_words,
    load,
    yes_no,
)
from estimator.plans.shared import FILE as SERVICES_FILE
from estimator.plans.shared import STATES_FILE, read_services, read_states, shown, sources_of
from estimator.plans.text import Block, Listing, Tree, below, document, documents, problem, yaml_of

USUAL_FILE = "_usual.yaml"


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
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> LegalMaximum:
        """Return the amounts; the year is the name of the block."""
        return LegalMaximum(0, loaded["person"], loaded["family"], citation(loaded))


class _HighDeductibleSchema(BlockSchema):
    deductible = Dollars(required=True)
    family_deductible = Dollars(required=True)
    maximum = Dollars(required=True)
    family_maximum = Dollars(required=True)
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> HighDeductible:
        """Return the figures; the year is the name of the block."""
        return HighDeductible(
            0,
            loaded["deductible"],
            loaded["family_deductible"],
            loaded["maximum"],
            loaded["family_maximum"],
            citation(loaded),
        )


class _RungSchema(BlockSchema):
    unsigned = Word(enum_words(Borne), required=True)
    signed = Word(enum_words(Borne), required=True)
    binds_in = Many(state(), least=1, metadata={"description": "States in which the paper makes the patient pay."})
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Rung:
        """Return the rung."""
        return Rung(loaded["unsigned"], loaded["signed"], citation(loaded), frozenset(loaded.get("binds_in", ())))


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


_YEAR = Pattern("20[0-9]{2}", "2027", "a year")


def _of_years(rows: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return blocks with the years that name them."""
    return tuple(row._replace(year=int(year)) for year, row in rows.items())


class _MarketSchema(BlockSchema):
    copay = Inner(_AmountSchema)
    coinsurance = Inner(_RateSchema)
    deductible = Inner(_AmountSchema)
    maximums = Named(Inner(_MaximumSchema), key=_YEAR)
    high_deductible = Named(Inner(_HighDeductibleSchema), key=_YEAR)
    unpaid = Named(Inner(_RungSchema), key=Word(enum_words(Position)), required=True)
    signs = Inner(_SignsSchema, required=True)
    needling = Inner(_NeedlingSchema)
    in_force = Inner(PlanSpanSchema)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> UsualRules:
        """Return the rules; the market is the name of the block."""
        signs, needling = loaded["signs"], loaded.get("needling", {})
        return UsualRules(
            market="",
            copay=loaded.get("copay"),
            coinsurance=loaded.get("coinsurance"),
            deductible=loaded.get("deductible"),
            maximums=_of_years(loaded.get("maximums", {})),
            high_deductible=_of_years(loaded.get("high_deductible", {})),
            ladder={Position(name): rung for name, rung in loaded["unpaid"].items()},
            signs=signs["usual"],
            unread=needling.get("position"),
            unread_citation=citation(needling) if needling else None,
        )


def read_usual(content: str | bytes, file: str) -> Mapping[str, UsualRules]:
    """Return the usual rules by market; raise PlanFileRefused with every mistake in the file."""
    rules, mistakes = read_markets(content, file)
    missing = [market for market in MARKETS if market not in rules]
    if missing and not mistakes:
        message = f"Enter the usual rules of {', '.join(missing)} too: plans of every market can leave something open."
        mistakes.append(Problem("markets", message, file, 1))
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    return rules


def read_markets(content: str | bytes, file: str) -> tuple[dict[str, UsualRules], list[Problem]]:
    """Return the usual rules of those markets that a file holds, and the mistakes in it."""
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
    return rules, mistakes


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
    path = folder / USUAL_FILE
    if not path.is_file():
        message = "This file is missing: without it nobody knows what stands in for what is not known."
        raise PlanFileRefused((Problem("", message, shown(folder, path)),))
    return read_usual(path.read_bytes(), shown(folder, path))


# ----------------------------------------------------------------------------
# One market's usual rules, one state's law or one code, as somebody published it, over the folder's.
# ----------------------------------------------------------------------------

IN_FORCE = "in_force"
FILES = {STATE_LAW: STATES_FILE, USUAL: USUAL_FILE, CODE: SERVICES_FILE}
_NO_RULE = {
    STATE_LAW: "Enter one state, as a list with `- state: AL` and the rest of its keys.",
    USUAL: "Enter `markets:` with one market, such as `employer:`, and its rules.",
    CODE: "Enter one code: `code`, `words`, `timed` and `like`.",
}
_MOST_WORDS = 120
_KEY = re.compile(r"^  ([A-Za-z0-9-]+):")
_CITED = re.compile(r"cite: *([A-Za-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class CommonRule:
    """The law of a state, what is usual in a market, or a code, on some days; `sources` are documents by key."""

    kind: str
    id: str
    title: str
    in_force: Span
    value: StateRule | UsualRules | CodeRule
    fingerprint: str
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class RulesOn:
    """The law of each state by its two letters, and what is usual by market, as they hold on a day.

    `codes` are those that somebody published; they go before those that ship.
    """

    states: Mapping[str, StateRule]
    usual: Mapping[str, UsualRules]
    codes: tuple[CodeRule, ...] = ()

    def under(self, rules: Iterable[CommonRule], day: date) -> RulesOn:
        """Return the same with those of these rules that hold on a day; of two for one thing the first goes before."""
        states, usual, codes = dict(self.states), dict(self.usual), {one.code: one for one in self.codes}
        for rule in reversed([one for one in rules if day in one.in_force]):
            if isinstance(rule.value, StateRule):
                states[rule.id] = rule.value
            elif isinstance(rule.value, CodeRule):
                codes[rule.id] = rule.value
            else:
                usual[rule.id] = rule.value
        return RulesOn(states, usual, tuple(codes.values()))


def codes_over(newer: Iterable[CodeRule], known: Iterable[CodeRule]) -> tuple[CodeRule, ...]:
    """Return codes with newer ones in the place of those of the same number."""
    return tuple({one.code: one for one in (*known, *newer)}.values())


def read_common(kind: str, content: bytes, file: str) -> tuple[list[CommonRule], list[Problem]]:
    """Return the rules of one file and the mistakes in it."""
    try:
        found = list(_READERS[kind](content, file))
    except PlanFileRefused as refused:
        return [], list(refused.problems)
    return found, [] if found else [Problem(kind, _NO_RULE[kind], file)]


def _states(content: bytes, file: str) -> Iterator[CommonRule]:
    rules = read_states(content, file)
    written = documents(content, file)[0][0]
    for block in written if isinstance(written, Listing) else ():
        if isinstance(block, Block):
            rule = rules[str(block["state"])]
            span = _span(block, file)
            yield CommonRule(STATE_LAW, rule.abbreviation, rule.name, span, rule, _mark(block), sources={})


def _markets(content: bytes, file: str) -> Iterator[CommonRule]:
    rules, mistakes = read_markets(content, file)
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    written, _ = document(content, file)
    sources = {key: one for key, one in sources_of(below(written, "sources"), file)[0].items() if one}
    for market, rule in rules.items():
        block = below(written, "markets", market)
        cited = {key: sources[key] for key in dict.fromkeys(_cited(block)) if key in sources}
        title = f"Usual in {market.replace('-', ' ')} plans"
        mark = _mark([block, {key: str(one) for key, one in cited.items()}])
        yield CommonRule(USUAL, market, title, _span(block, file), rule, mark, sources=cited)


class _CodeSchema(BlockSchema):
    code = Pattern(CODE_PATTERN.pattern, "97110", "a code", required=True)
    words = Text(required=True)
    timed = yes_no(required=True)
    like = Pattern(CODE_PATTERN.pattern, "97110", "a code", required=True)
    classes = Many(Pattern(r"[a-z][a-z0-9-]{1,59}", "pt-timed", "a class"), least=1)
    source = Inner(SourceSchema)
    in_force = Inner(PlanSpanSchema)

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse words that say nothing, or that are too long for a line."""
        if not 0 < len(loaded["words"].strip()) <= _MOST_WORDS:
            raise ValidationError({"words": [f"Enter your own words for it, up to {_MOST_WORDS} characters."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> CodeRule:
        """Return the code; its source and its days are read beside it."""
        classes = tuple(loaded.get("classes", ()))
        return CodeRule(loaded["code"], " ".join(loaded["words"].split()), loaded["timed"], loaded["like"], classes)


def _codes(content: bytes, file: str) -> Iterator[CommonRule]:
    """Yield the code that a file holds, or those that ship, each of which counts like itself."""
    written, mistakes = document(content, file)
    if not mistakes and "codes" in written:
        for one in read_services(content, file)[0].codes.values():
            yield _code_rule(CodeRule(one.code, one.name, one.timed, one.code))
        return
    loaded, mistakes = load(_CodeSchema, written, Names(file), mistakes)
    if mistakes or not isinstance(loaded, CodeRule):
        raise PlanFileRefused(tuple(mistakes))
    cited = Block()
    if "source" in written:
        cited.write("source", written["source"])
    sources = {key: one for key, one in sources_of(cited, file)[0].items() if one}
    yield _code_rule(loaded, _span(written, file), sources)


def _code_rule(code: CodeRule, span: Span = ALWAYS, sources: Mapping[str, Source] | None = None) -> CommonRule:
    said = [str(one) for one in (span, *(sources or {}).values())]
    mark = _mark([code.code, code.words, code.timed, code.like, code.classes, *said])
    title = f"{code.code} {code.words}"
    return CommonRule(CODE, code.code, title, span, value=code, fingerprint=mark, sources=sources or {})


_READERS = {STATE_LAW: _states, USUAL: _markets, CODE: _codes}


def code_text(code: CodeRule, source: Source | None = None, span: Span = ALWAYS) -> str:
    """Return a code as the text that is drafted and published.

    >>> print(code_text(CodeRule("97799", "Other therapy", False, "97110")), end="")
    code: 97799
    words: Other therapy
    timed: no
    like: 97110
    """
    said: dict[str, Any] = {"code": code.code, "words": code.words, "timed": code.timed, "like": code.like}
    if code.classes:
        said["classes"] = list(code.classes)
    if source:
        told = {"title": source.title, "url": source.url or "none"}
        said["source"] = {**told, "read_on": source.read_on, "confidence": source.confidence}
    if days := {name: day for name in ("first_day", "last_day") if (day := getattr(span, name))}:
        said[IN_FORCE] = days
    return yaml_of(said)


def _cited(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Block):
        for key, value in tree.items():
            yield from [str(value).split()[0]] if key == "cite" else _cited(value)


def _span(block: Tree, file: str) -> Span:
    if not isinstance(block, Block) or IN_FORCE not in block:
        return ALWAYS
    span, mistakes = load(PlanSpanSchema, block[IN_FORCE], Names(file), [])
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    return span if isinstance(span, Span) else ALWAYS


def _mark(written: object) -> str:
    return sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()


def folder_text(kind: str, folder: Path, name: str) -> str:
    """Return the text of one state or one market from the folder of plans, with its comments and its sources."""
    lines = (folder / FILES[kind]).read_text("utf-8-sig").splitlines()
    if kind == STATE_LAW:
        return _lines(_block(lines, re.compile(rf"^- state: [\"']?{re.escape(name)}\b"), re.compile(r"^- state:")))
    place = lines.index("markets:")
    market = _block(lines[place:], re.compile(rf"^  {re.escape(name)}:"), _KEY)
    wanted = {key for line in market for key in _CITED.findall(line)}
    sources = [line for line in lines[:place] if (key := _KEY.match(line)) and key[1] in wanted]
    return _lines(["sources:", *sources, "", "markets:", *market])


def _block(lines: Sequence[str], first: re.Pattern[str], following: re.Pattern[str]) -> list[str]:
    start = next(number for number, line in enumerate(lines) if first.match(line))
    after = (number for number in range(start + 1, len(lines)) if following.match(lines[number]))
    return list(lines[start : next(after, len(lines))])


def _lines(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"
