"""The printed estimate: the answer of the page, in the same order and with the same figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from estimator.engine.values import Money
from estimator.language import N_, _
from estimator.papers.case import Case
from estimator.papers.layout import (
    Block,
    Chart,
    Column,
    Document,
    Entry,
    bullets,
    fields,
    heading,
    note,
    table,
    text,
    together,
)
from estimator.wording.answer import Answer, AnswerVisit, Sourced, Spread
from estimator.wording.text import Sources, alike, heading_of, line_says, reasons_of
from estimator.wording.words import PATIENT, counted, long_day, usd


def estimate_document(case: Case) -> Document:
    """Return the estimate as a paper."""
    answer, sources = case.answer, Sources(case.as_of)
    return Document(
        title=_(TITLE),
        subtitle=_(SUBTITLE).format(plan=_(case.plan.title), day=long_day(case.as_of)),
        footer=_(FOOTER),
        page_words=_(PAGE),
        blocks=[
            *_before(answer, sources),
            text(answer.summary, "lead"),
            *([note([_(SHAPE_OF_A_PLAN[case.plan.kind])])] if case.plan.kind in SHAPE_OF_A_PLAN else []),
            *_money(case),
            *_chart(answer),
            heading(_(VISITS)),
            _visits(answer.settled_visits),
            *_listed(_(TURNING_POINTS), [point.says for point in answer.crossing_points]),
            heading(_(WHY)),
            *reasons(answer.settled_visits, sources),
            *_points(_(CONDITIONS), answer.conditions, sources),
            *_points(_(QUESTIONS), answer.questions, sources),
            *_points(_(ASSUMPTIONS), answer.assumptions, sources),
            *_points(_(ABOUT), answer.plan.notes, sources),
            *_sources(sources),
            *_again(answer.inputs),
        ],
    )


def _before(answer: Answer, sources: Sources) -> Iterator[Block]:
    """Yield what must be read before any price, such as the law of a state."""
    if answer.notices:
        yield note([sources.cited(each) for each in answer.notices], _(BEFORE))


def _money(case: Case) -> Iterator[Block]:
    """Yield who pays what; without a plan the sentence has said it all."""
    if case.is_self_pay:
        return
    answer = case.answer
    columns = (
        Column(_(WHO), 2),
        *(Column(head, 1, is_amount=True) for head in (_(LOW), _(TYPICAL), _(HIGH))),
    )
    rows = [
        (_(YOU), *map(usd, answer.settled)),
        *((point.name, *map(usd, point.adds)) for point in answer.open_points),
        (_(PLAN_PAYS), "", usd(answer.plan_pays), ""),
    ]
    if answer.provider_absorbs:
        rows.append((_(CLINIC_LOSES), "", usd(answer.provider_absorbs), ""))
    yield together([heading(_(MONEY)), table(columns, rows)])


def _chart(answer: Answer) -> Iterator[Block]:
    chart = chart_of(answer)
    if chart:
        yield together([heading(_(CHART)), chart])


def _visits(visits: Sequence[AnswerVisit]) -> Block:
    columns = (
        Column(_(VISIT)),
        Column(_(DAY), 3),
        Column(_(OWES), 2, is_amount=True),
        Column(_(BETWEEN), 3, is_amount=True),
        Column(_(SO_FAR), 2, is_amount=True),
    )
    rows = [
        (
            str(visit.number),
            long_day(visit.day),
            usd(visit.patient_owes),
            _range(visit.range),
            usd(visit.cumulative.typical),
        )
        for visit in visits
    ]
    return table(columns, rows, ("", _(TOTAL), usd(visits[-1].cumulative.typical), "", ""))


def _range(ends: Spread) -> str:
    low, high = ends
    return "" if low == high else _(RANGE).format(low=usd(low), high=usd(high))


def _points(title: str, parts: Iterable[Sourced], sources: Sources) -> Iterator[Block]:
    yield from _listed(title, [sources.cited(part) for part in parts])


def _listed(title: str, sentences: list[str]) -> Iterator[Block]:
    if sentences:
        yield heading(title)
        yield bullets(sentences)


def _sources(sources: Sources) -> Iterator[Block]:
    listed = list(sources.listed())
    if listed:
        yield heading(_(SOURCES))
        yield from (text(source, "small") for source in listed)


def _again(inputs: Mapping[str, Any]) -> Iterator[Block]:
    """Yield what the figures rest on; the fingerprint of the plan's rules is in the JSON, for programs."""
    shown = {**inputs, "plan": inputs.get("plan", "").partition("@")[0]}
    entries = [Entry(_(label), shown.get(name) or _(NONE)) for name, label in INPUTS.items()]
    yield together([heading(_(AGAIN)), text(_(AGAIN_SAYS)), fields(entries)])


# ----------------------------------------------------------------------------
# The sentences of the printed estimate.
# ----------------------------------------------------------------------------

TITLE = N_("Estimate of what you will owe")
SUBTITLE = N_("{plan}. Asked on {day}.")
FOOTER = N_("Estimates are information, not advice or a promise.")
PAGE = N_("Page {page} of {pages}")

SHAPE_OF_A_PLAN = {
    "template": N_(
        "This is a usual plan of its kind, not yours: its figures are examples. Your own booklet has the real ones."
    ),
    "example": N_("This plan is fictional, to try things out. No insurer sells it."),
}
BEFORE = N_("Before any price")
MONEY = N_("Who pays what")
WHO, LOW, TYPICAL, HIGH = N_("Who"), N_("At least"), N_("Most likely"), N_("At most")
YOU, PLAN_PAYS, CLINIC_LOSES = N_("You owe"), N_("Your plan pays"), N_("The clinic gets from nobody")
CHART = N_("What you have paid after each visit")
CHART_CAPTION = N_(
    "Visit. The line is the most likely sum so far; the band goes from low to high prices and readings of your plan."
)
CHART_ALT = N_(
    "Chart of the sum so far over {visits}: {first} after the first visit, {last} after the last one, "
    "where it may lie between {low} and {high}. The table below has every figure."
)
VISITS = N_("Visit by visit")
VISIT, DAY, OWES, BETWEEN, SO_FAR = N_("Visit"), N_("Day"), N_("You'd pay"), N_("Range"), N_("So far")
RANGE = N_("{low} to {high}")
TOTAL = N_("Total")
TURNING_POINTS = N_("Turning points")
WHY = N_("Why: each service with its reason")
CONDITIONS = N_("What could change it")
QUESTIONS = N_("What to ask")
ASSUMPTIONS = N_("Our assumptions")
ABOUT = N_("About this plan")
SOURCES = N_("Sources")
AGAIN = N_("What these figures rest on")
AGAIN_SAYS = N_("The same request gives the same figures with these:")
INPUTS = {
    "plan": N_("Plan id"),
    "price_books": N_("Price books"),
    "locality": N_("Medicare price area"),
    "as_of": N_("Day of the question"),
    "engine": N_("Version of the calculation"),
}
NONE = N_("none")


# ----------------------------------------------------------------------------
# What the patient has paid after each visit, from low to high, as a chart of a paper.
# ----------------------------------------------------------------------------

_MOST_STEPS = 5
_MOST_NUMBERED = 15
_DOLLAR = 100


def chart_of(answer: Answer) -> Block | None:
    """Draw a course of at least two visits that costs anything, else None."""
    sums = [visit.cumulative for visit in answer.settled_visits]
    low, typical, high = (list(map(int, level)) for level in zip(*sums, strict=True))
    reached = max((*low, *typical, *high))
    if len(sums) < 2 or reached <= 0:
        return None
    step = round_step(reached)
    most = -(-reached // step) * step
    every = -(-len(sums) // _MOST_NUMBERED)
    chart = Chart(
        low=low,
        typical=typical,
        high=high,
        most=most,
        ticks=[{"cents": cents, "label": usd(Money(cents)).removesuffix(".00")} for cents in range(0, most + 1, step)],
        visits=[at for at in range(len(sums)) if at % every == 0],
        alt=_(CHART_ALT).format(
            visits=counted(len(sums), "visit"),
            first=usd(Money(typical[0])),
            last=usd(Money(typical[-1])),
            low=usd(Money(low[-1])),
            high=usd(Money(high[-1])),
        ),
        caption=_(CHART_CAPTION),
    )
    return asdict(chart)


def round_step(reached: int) -> int:
    """Return the least of 1, 2, 5, 10, 20 … dollars, in cents, that reaches an amount in at most five steps.

    >>> round_step(228_000), round_step(1)
    (50000, 100)
    """
    step, power = _DOLLAR, _DOLLAR
    while step * _MOST_STEPS < reached:
        step = next((power * factor for factor in (2, 5) if power * factor > step), power * 10)
        power = step if step == power * 10 else power
    return step


# ----------------------------------------------------------------------------
# Each service of each visit with its reasons and sources; visits that go alike are told once.
# ----------------------------------------------------------------------------


def reasons(visits: Iterable[AnswerVisit], sources: Sources) -> Iterator[Block]:
    """Yield the lines of each kind of visit, with the amounts of the first of them."""
    for group in alike(visits):
        yield heading(heading_of(group), 2)
        for line in group[0].lines:
            yield text(line_says(line, PATIENT))
            yield bullets(sources.cited(part) for part in reasons_of(line))
