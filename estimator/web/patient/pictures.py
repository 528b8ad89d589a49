"""The answer drawn: the course of care as a chart, and paying oneself beside the plan as bars; each also in words."""

from collections.abc import Mapping
from typing import Any

from estimator.engine.values import Money
from estimator.language import N_, _
from estimator.web.patient.bars import Bars, bars_of
from estimator.web.patient.chart import Chart, chart_of
from estimator.wording.words import cents_of, counted, page_usd, roughly

Answer = Mapping[str, Any]
Owes = Mapping[str, str]

_NAMES = {
    "deductible-met": N_("Deductible met"),
    "limit-reached": N_("Limit reached"),
    "out-of-pocket-max-reached": N_("Yearly maximum reached"),
    "limit-passed": N_("Past the limit"),
    "extension-starts": N_("Extra visits start"),
    "modifier-from": N_("Claims need a mark"),
    "authorization-from": N_("Approval needed"),
    "authorization-ends": N_("Approval ends"),
    "referral-from": N_("Referral needed"),
    "benefit-year-restarts": N_("New benefit year"),
}
# What is so from the first visit on is no turn of the line.
_FROM_THE_START = ("authorization-from", "referral-from")


def course_chart(answer: Answer) -> Chart:
    """Draw what was paid after each visit, with the crossing points."""
    points = [
        (cents_of(paid["low"]), cents_of(paid["typical"]), cents_of(paid["high"]))
        for paid in (visit["cumulative"] for visit in answer["visits"])
    ]
    places = {visit["number"]: place for place, visit in enumerate(answer["visits"])}
    marks = [
        (places[point["visit"]], _short(point["kind"]))
        for point in answer["crossing_points"]
        if point["visit"] > 1 or point["kind"] not in _FROM_THE_START
    ]
    return chart_of(points, marks)


def course_words(answer: Answer) -> str:
    """Say the chart for whoever does not see it."""
    owes = answer["patient_owes"]
    visits = counted(len(answer["visits"]), "visit")
    points = " ".join(point["says"] for point in answer["crossing_points"])
    words = (
        _("After {visits} you would have paid {owes}.")
        if owes["low"] == owes["high"]
        else _("After {visits} you would have paid {owes}, from {low} to {high}.")
    )
    says = words.format(visits=visits, owes=_roughly(owes), low=page_usd(owes["low"]), high=page_usd(owes["high"]))
    return f"{says} {points}".strip()


def comparison(with_plan: Owes, alone: Owes) -> Bars:
    """Draw the plan and paying oneself as two bars."""
    return bars_of([_bar(_("With the plan"), with_plan), _bar(_("Without it"), alone)])


def comparison_words(with_plan: Owes, alone: Owes) -> str:
    """Say which of the two costs less, and by how much."""
    one, other = cents_of(with_plan["typical"]), cents_of(alone["typical"])
    if one == other:
        says = _("With the plan the visits would cost {one}, without it {other}: the same.")
    elif one > other:
        says = _(
            "With the plan the visits would cost {one}, without it {other}: "
            "paying without it could cost {difference} less."
        )
    else:
        says = _(
            "With the plan the visits would cost {one}, without it {other}: "
            "paying without it could cost {difference} more."
        )
    difference = page_usd(Money(abs(one - other)))
    return says.format(one=_roughly(with_plan), other=_roughly(alone), difference=difference)


def _roughly(owes: Owes) -> str:
    return roughly(*(cents_of(owes[level]) for level in ("low", "typical", "high")))


def _bar(label: str, owes: Owes) -> tuple[str, int, int, int, str]:
    low, typical, high = (cents_of(owes[level]) for level in ("low", "typical", "high"))
    words = page_usd(typical)
    if low != high:
        words = _("{typical} ({low} to {high})").format(
            typical=page_usd(typical), low=page_usd(low), high=page_usd(high)
        )
    return label, low, typical, high, words


def _short(kind: str) -> str:
    return _(_NAMES[kind])
