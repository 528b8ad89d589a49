"""The printed estimate on one page: the number, the visits, what to ask and how to pay less.

Each service with its reason and every source are on the page of the answer; paper is for the refrigerator door.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from estimator.engine.values import Money, total
from estimator.language import N_, _
from estimator.papers.case import Case
from estimator.papers.layout import (
    Block,
    Column,
    Document,
    bullets,
    checklist,
    columns,
    heading,
    note,
    number,
    table,
    text,
)
from estimator.wording.answer import Answer, AnswerVisit
from estimator.wording.brief import (
    PAYMENT_QUESTIONS,
    SAME,
    ahead_of,
    condition_in_brief,
    is_sure,
    more_of,
    needling_at_most,
    range_of,
    short_questions,
    when_you_pay,
)
from estimator.wording.words import counted, dollars, listed, long_day, short_day, whole_usd

_MOST_ASSUMPTIONS = 5


def estimate_document(case: Case) -> Document:
    """Return the estimate as a paper."""
    answer = case.answer
    return Document(
        title=_(TITLE),
        subtitle=_(SUBTITLE).format(
            plan=_(case.plan.title), visits=counted(len(answer.visits), "visit"), day=long_day(case.as_of)
        ),
        footer=_(FOOTER),
        page_words=_(PAGE),
        blocks=[
            *([note([each.says for each in answer.notices], _(BEFORE))] if answer.notices else []),
            _number(answer),
            *map(text, ahead_of(answer)),
            text(answer.summary),
            heading(_(VISITS)),
            _visits(answer),
            columns(_ask(answer), _less(answer)),
            text(" ".join(_assumed(case)), "small"),
            text(_rests_on(case), "small"),
        ],
    )


def _number(answer: Answer) -> Block:
    """Draw the number in two parts, with its range on a bar."""
    low, typical, high = answer.settled
    most = range_of(answer).high
    more, why = more_of(answer)
    is_exact = low == high
    plan_pays = "" if answer.plan.is_self_pay else _(PLAN_PAYS).format(amount=whole_usd(answer.plan_pays))
    return number(
        eyebrow=_(EXACT) if is_exact else _(ABOUT),
        amount=dollars(typical) if is_exact else whole_usd(typical),
        more=more,
        why=why,
        parts=(low, Money(high - low), Money(most - high)),
        left=_range(answer),
        right=plan_pays,
    )


def _range(answer: Answer) -> str:
    """Return what the number may lie between; that it stays as it is only where that is so."""
    low, _typical, most = range_of(answer)
    if most > low:
        return _(RANGE).format(low=whole_usd(low), high=whole_usd(most))
    return _(SURE) if is_sure(answer) else ""


def _visits(answer: Answer) -> Block:
    heads = [Column(_(VISIT)), Column(_(CARE), 1)]
    is_insured = not answer.plan.is_self_pay
    heads += [Column(_(PAYS), 0, is_amount=True)] if is_insured else []
    heads += [Column(_(YOU_PAY), 0, is_amount=True), Column(_(AT_MOST), 0, is_amount=True)]
    turns: dict[int, list[str]] = {}
    for point in answer.crossing_points:
        turns.setdefault(point.visit, []).append(point.says)
    groups = [list(same) for _key, same in groupby(answer.settled_visits, key=lambda visit: _alike(visit, turns))]
    rows = [_row(group, turns, is_insured) for group in groups]
    sums = [whole_usd(total(line.plan_pays for visit in answer.settled_visits for line in visit.lines))]
    owes = [whole_usd(answer.settled.typical), whole_usd(range_of(answer).high)]
    return table(heads, rows, (_(TOTAL), "", *(sums if is_insured else []), *owes))


def _alike(visit: AnswerVisit, turns: dict[int, list[str]]) -> tuple[object, ...]:
    names = tuple(line.name for line in visit.lines)
    paid = total(line.plan_pays for line in visit.lines)
    return visit.number if visit.number in turns else 0, names, visit.settled, visit.range, paid


def _row(group: Sequence[AnswerVisit], turns: dict[int, list[str]], is_insured: bool) -> tuple[str, ...]:
    first, last = group[0], group[-1]
    is_one = first is last
    numbers = f"{first.number}" if is_one else f"{first.number}–{last.number}"
    days = short_day(first.day) if is_one else f"{short_day(first.day)} – {short_day(last.day)}"
    care = listed(list(dict.fromkeys(line.name for line in first.lines)))
    each = "" if is_one else f" {_(EACH)}"
    paid = [whole_usd(total(line.plan_pays for line in first.lines)) + each] if is_insured else []
    return (
        f"{numbers} · {days}",
        " ".join((f"{care}.", *turns.get(first.number, ()))),
        *paid,
        whole_usd(first.settled.typical) + each,
        whole_usd(first.most) + each,
    )


def _ask(answer: Answer) -> list[Block]:
    title = _(ASK_CLINIC) if answer.plan.is_self_pay else _(ASK_PLAN)
    return [heading(title, 2), checklist(short_questions(answer)), text(_(RECORD), "small")]


def _less(answer: Answer) -> list[Block]:
    asks = [heading(_(TOO_MUCH), 2), checklist([_(words) for words in PAYMENT_QUESTIONS])]
    paying = bullets([*_ways(answer), *when_you_pay(answer)])
    return [heading(_(PAYING), 2), paying, *(asks if range_of(answer).high else [])]


def _ways(answer: Answer) -> Iterator[str]:
    saved = needling_at_most(answer)
    if saved >= SAME:
        yield _(SKIP).format(amount=whole_usd(saved))
    yield from (condition_in_brief(condition) for condition in answer.conditions[:1])


def _assumed(case: Case) -> Iterator[str]:
    if case.plan.kind in SHAPE_OF_A_PLAN:
        yield _(SHAPE_OF_A_PLAN[case.plan.kind])
    said = [each.says for each in case.answer.assumptions]
    if said:
        yield f"{_(ASSUMPTIONS)}:"
        yield from said[:_MOST_ASSUMPTIONS]
    if len(said) > _MOST_ASSUMPTIONS:
        yield _(MORE_ASSUMED).format(number=len(said) - _MOST_ASSUMPTIONS)


def _rests_on(case: Case) -> str:
    """Name what the figures rest on; the fingerprint of the plan's rules is in the JSON, for programs."""
    inputs = case.answer.inputs
    plan = inputs.get("plan", "").partition("@")[0]
    books = inputs.get("price_books") or _(NONE)
    return _(RESTS_ON).format(plan=plan, books=books, engine=inputs.get("engine", ""))


# ----------------------------------------------------------------------------
# The sentences of the printed estimate.
# ----------------------------------------------------------------------------

TITLE = N_("Cost estimate")
SUBTITLE = N_("{plan} · {visits} · {day}")
FOOTER = N_("This is an estimate, not a bill or a promise of payment.")
PAGE = N_("Page {page} of {pages}")
SHAPE_OF_A_PLAN = {
    "template": N_(
        "This uses a typical plan, not yours: its figures are examples. Your own booklet has the real ones."
    ),
    "example": N_("This plan is fictional, to try things out. No insurer sells it."),
}
BEFORE = N_("State law")
ABOUT, EXACT = N_("You'd pay about"), N_("You'd pay")
RANGE, SURE = N_("Range: {low} to {high}"), N_("This amount isn't expected to change.")
PLAN_PAYS = N_("Plan pays about {amount}")
VISITS = N_("Visit by visit")
VISIT, CARE, PAYS, YOU_PAY, AT_MOST = N_("Visit"), N_("What happens"), N_("Plan pays"), N_("You pay"), N_("At most")
EACH, TOTAL = N_("each"), N_("Total")
ASK_PLAN, ASK_CLINIC = N_("Before visit 1, call your plan"), N_("Before visit 1, ask the clinic")
RECORD = N_("Name, date, reference number:")
PAYING, TOO_MUCH = N_("Paying for it"), N_("Too much? Ask the clinic")
SKIP = N_("Skip dry needling: save up to {amount}.")
ASSUMPTIONS = N_("Our assumptions")
MORE_ASSUMED = N_("{number} more are on the page of the estimate, with every source.")
RESTS_ON = N_("Based on: plan {plan}; price lists {books}; version {engine}.")
NONE = N_("none")
