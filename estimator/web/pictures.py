"""The answer drawn: the course of care as a chart, and paying oneself beside the plan as bars; each also in words."""

from collections.abc import Mapping
from typing import Any

from estimator.web.bars import Bars, bars_of
from estimator.web.chart import Chart, chart_of
from estimator.web.figures import cents_of, counted, usd

Answer = Mapping[str, Any]
Owes = Mapping[str, str]

_NAMES = {
    "out-of-pocket-max-reached": "Yearly maximum reached",
    "limit-passed": "Past the limit",
    "extension-starts": "Extra visits start",
    "modifier-from": "Claims need a mark",
    "authorization-from": "Approval needed",
    "authorization-ends": "Approval ends",
    "referral-from": "Referral needed",
    "benefit-year-restarts": "New benefit year",
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
    return (
        f"After {visits} you would have paid about {usd(owes['typical'])}, "
        f"from {usd(owes['low'])} to {usd(owes['high'])}. {points}"
    ).strip()


def comparison(with_plan: Owes, alone: Owes) -> Bars:
    """Draw the plan and paying oneself as two bars."""
    return bars_of([_bar("With the plan", with_plan), _bar("Without it", alone)])


def comparison_words(with_plan: Owes, alone: Owes) -> str:
    """Say which of the two costs less, and by how much."""
    one, other = cents_of(with_plan["typical"]), cents_of(alone["typical"])
    both = f"With the plan the visits would cost about {usd(one)}, without it about {usd(other)}"
    if one == other:
        return f"{both}: the same."
    if one > other:
        return f"{both}: paying without it could cost {usd(one - other)} less."
    return f"{both}: paying without it could cost {usd(other - one)} more."


def _bar(label: str, owes: Owes) -> tuple[str, int, int, int, str]:
    low, typical, high = (cents_of(owes[level]) for level in ("low", "typical", "high"))
    words = usd(typical) if low == high else f"{usd(typical)} ({usd(low)} to {usd(high)})"
    return label, low, typical, high, words


def _short(kind: str) -> str:
    return _NAMES.get(kind, kind.replace("-", " ").capitalize())
