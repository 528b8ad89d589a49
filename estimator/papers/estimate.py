"""The printed estimate: the answer of the page, in the same order and with the same figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from estimator.engine.values import Money
from estimator.language import _
from estimator.papers import estimate_words as words
from estimator.papers.blocks import (
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
from estimator.papers.case import Case
from estimator.papers.chart import chart_of
from estimator.papers.reasons import reasons
from estimator.wording.figures import long_day, usd
from estimator.wording.sources import Sources

Part = Mapping[str, Any]


def estimate_paper(case: Case) -> Paper:
    """Return the estimate as a paper."""
    answer, sources = case.answer, Sources(case.as_of)
    return Paper(
        title=_(words.TITLE),
        subtitle=_(words.SUBTITLE).format(plan=_(case.plan.title), day=long_day(case.as_of)),
        footer=_(words.FOOTER),
        page_words=_(words.PAGE),
        blocks=[
            *_before(answer, sources),
            text(answer["summary"], "lead"),
            *([note([_(words.SHAPE_OF_A_PLAN[case.plan.kind])])] if case.plan.kind in words.SHAPE_OF_A_PLAN else []),
            *_money(case),
            *_chart(answer),
            heading(_(words.VISITS)),
            _visits(answer["visits"], answer["patient_owes"]["typical"]),
            *_points(_(words.TURNING_POINTS), answer["crossing_points"], sources),
            heading(_(words.WHY)),
            *reasons(answer["visits"], sources),
            *_points(_(words.CONDITIONS), answer["conditions"], sources),
            *_points(_(words.QUESTIONS), answer["questions"], sources),
            *_points(_(words.ASSUMPTIONS), answer["assumptions"], sources),
            *_points(_(words.ABOUT), answer["plan"]["notes"], sources),
            *_sources(sources),
            *_again(answer["inputs"]),
        ],
    )


def _before(answer: Part, sources: Sources) -> Iterator[Block]:
    """Yield what must be read before any price, such as the law of a state."""
    if answer["notices"]:
        yield note([sources.cited(each) for each in answer["notices"]], _(words.BEFORE))


def _money(case: Case) -> Iterator[Block]:
    """Yield who pays what; without a plan the sentence has said it all."""
    if case.is_self_pay:
        return
    answer = case.answer
    owes = answer["patient_owes"]
    columns = (
        Column(_(words.WHO), 2),
        *(Column(head, 1, is_amount=True) for head in (_(words.LOW), _(words.TYPICAL), _(words.HIGH))),
    )
    rows = [
        (_(words.YOU), *(_usd(owes[level]) for level in ("low", "typical", "high"))),
        (_(words.PLAN_PAYS), "", _usd(answer["plan_pays"]), ""),
    ]
    if Money.parse(answer["provider_absorbs"]):
        rows.append((_(words.CLINIC_LOSES), "", _usd(answer["provider_absorbs"]), ""))
    yield together([heading(_(words.MONEY)), table(columns, rows)])


def _chart(answer: Part) -> Iterator[Block]:
    chart = chart_of(answer)
    if chart:
        yield together([heading(_(words.CHART)), chart])


def _visits(visits: Iterable[Part], total: str) -> Block:
    columns = (
        Column(_(words.VISIT)),
        Column(_(words.DAY), 3),
        Column(_(words.OWES), 2, is_amount=True),
        Column(_(words.BETWEEN), 3, is_amount=True),
        Column(_(words.SO_FAR), 2, is_amount=True),
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
    return table(columns, rows, ("", _(words.TOTAL), _usd(total), "", ""))


def _range(ends: Mapping[str, str]) -> str:
    low, high = sorted((Money.parse(ends["low"]), Money.parse(ends["high"])))
    return "" if low == high else _(words.RANGE).format(low=usd(low), high=usd(high))


def _points(title: str, parts: Iterable[Part], sources: Sources) -> Iterator[Block]:
    told = [sources.cited(part) for part in parts]
    if told:
        yield heading(title)
        yield bullets(told)


def _sources(sources: Sources) -> Iterator[Block]:
    listed = list(sources.listed())
    if listed:
        yield heading(_(words.SOURCES))
        yield from (text(source, "small") for source in listed)


def _again(inputs: Mapping[str, str]) -> Iterator[Block]:
    """Yield what the figures can be reproduced from."""
    shown = {**inputs, "plan": inputs.get("plan", "").replace("@", "\n", 1)}
    entries = [
        Entry(_(label), shown.get(name) or _(words.NONE), 2 if name == "plan" else 1)
        for name, label in words.INPUTS.items()
    ]
    yield together([heading(_(words.AGAIN)), text(_(words.AGAIN_SAYS)), fields(entries)])


def _usd(amount: str) -> str:
    return usd(Money.parse(amount))
