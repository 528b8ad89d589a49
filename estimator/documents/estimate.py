"""The printed estimate: the answer of the page, in the same order and with the same figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from estimator.documents.blocks import (
    Block,
    Column,
    Entry,
    Paper,
    bullets,
    fields,
    heading,
    note,
    table,
    text,
    together,
)
from estimator.documents.case import Case
from estimator.documents.chart import chart_of
from estimator.documents.reasons import reasons
from estimator.documents.words import estimate as words
from estimator.domain.money import Money
from estimator.wording.figures import long_day, usd
from estimator.wording.sources import Sources

Part = Mapping[str, Any]


def estimate_paper(case: Case) -> Paper:
    """Return the estimate as a paper."""
    answer, sources = case.answer, Sources(case.as_of)
    return Paper(
        title=words.TITLE,
        subtitle=words.SUBTITLE.format(plan=case.plan.title, day=long_day(case.as_of)),
        footer=words.FOOTER,
        page_words=words.PAGE,
        blocks=[
            *_before(answer, sources),
            text(answer["summary"], "lead"),
            *([note([words.SHAPE_OF_A_PLAN[case.plan.kind]])] if case.plan.kind in words.SHAPE_OF_A_PLAN else []),
            *_money(case),
            *_chart(answer),
            heading(words.VISITS),
            _visits(answer["visits"], answer["patient_owes"]["typical"]),
            *_points(words.TURNING_POINTS, answer["crossing_points"], sources),
            heading(words.WHY),
            *reasons(answer["visits"], sources),
            *_points(words.CONDITIONS, answer["conditions"], sources),
            *_points(words.QUESTIONS, answer["questions"], sources),
            *_points(words.ASSUMPTIONS, answer["assumptions"], sources),
            *_points(words.ABOUT, answer["plan"]["notes"], sources),
            *_sources(sources),
            *_again(answer["inputs"]),
        ],
    )


def _before(answer: Part, sources: Sources) -> Iterator[Block]:
    """Yield what must be read before any price, such as the law of a state."""
    if answer["notices"]:
        yield note([sources.cited(each) for each in answer["notices"]], words.BEFORE)


def _money(case: Case) -> Iterator[Block]:
    """Yield who pays what; without a plan the sentence has said it all."""
    if case.is_self_pay:
        return
    answer = case.answer
    owes = answer["patient_owes"]
    columns = (
        Column(words.WHO, 2),
        *(Column(head, 1, is_amount=True) for head in (words.LOW, words.TYPICAL, words.HIGH)),
    )
    rows = [
        (words.YOU, *(_usd(owes[level]) for level in ("low", "typical", "high"))),
        (words.PLAN_PAYS, "", _usd(answer["plan_pays"]), ""),
    ]
    if Money.parse(answer["provider_absorbs"]):
        rows.append((words.CLINIC_LOSES, "", _usd(answer["provider_absorbs"]), ""))
    yield together([heading(words.MONEY), table(columns, rows)])


def _chart(answer: Part) -> Iterator[Block]:
    chart = chart_of(answer)
    if chart:
        yield together([heading(words.CHART), chart])


def _visits(visits: Iterable[Part], total: str) -> Block:
    columns = (
        Column(words.VISIT),
        Column(words.DAY, 3),
        Column(words.OWES, 2, is_amount=True),
        Column(words.BETWEEN, 3, is_amount=True),
        Column(words.SO_FAR, 2, is_amount=True),
    )
    rows = [
        (
            str(visit["number"]),
            long_day(date.fromisoformat(visit["day"])),
            _usd(visit["patient_owes"]),
            _range(visit["range"]),
            _usd(visit["cumulative"]["typical"]),
        )
        for visit in visits
    ]
    return table(columns, rows, ("", words.TOTAL, _usd(total), "", ""))


def _range(ends: Mapping[str, str]) -> str:
    low, high = sorted((Money.parse(ends["low"]), Money.parse(ends["high"])))
    return "" if low == high else words.RANGE.format(low=usd(low), high=usd(high))


def _points(title: str, parts: Iterable[Part], sources: Sources) -> Iterator[Block]:
    told = [sources.cited(part) for part in parts]
    if told:
        yield heading(title)
        yield bullets(told)


def _sources(sources: Sources) -> Iterator[Block]:
    listed = list(sources.listed())
    if listed:
        yield heading(words.SOURCES)
        yield from (text(source, "small") for source in listed)


def _again(inputs: Mapping[str, str]) -> Iterator[Block]:
    """Yield what the figures can be reproduced from."""
    plan, _, fingerprint = inputs.get("plan", "").partition("@")
    shown = {**inputs, "plan": f"{plan}\n{fingerprint}"}
    entries = [
        Entry(label, shown.get(name) or words.NONE, 2 if name == "plan" else 1) for name, label in words.INPUTS.items()
    ]
    yield together([heading(words.AGAIN), text(words.AGAIN_SAYS), fields(entries)])


def _usd(amount: str) -> str:
    return usd(Money.parse(amount))
