"""A ranking of plans as JSON and as a table, in English: what a course costs under each plan to choose from.

Totals are what the patient pays for the course; premiums are not in them.
"""

from __future__ import annotations

from estimator.engine.answer import Adds, Run
from estimator.estimates.rank import Ranked, Ranking
from estimator.wording.answer_schema import Json
from estimator.wording.errors import problems_of
from estimator.wording.text import DISCLAIMER
from estimator.wording.words import usd

_TITLE = 58
_NOTE = "Premiums are not counted. Add what you would pay each month."
_ELSEWHERE = "~ The county of the ZIP code isn't among those listed for this plan, so it may not be sold there."
_PROVISIONAL = "* Next year's rules of this plan are not known yet; this year's go on."


def ranking_json(ranking: Ranking, first: int) -> Json:
    """Return the first plans with their totals, and how many there are; `left_out` says why a plan has no total."""
    return {
        "plans": [_plan(place, each) for place, each in enumerate(ranking.ranked[:first], 1)],
        "of": len(ranking.ranked),
        "left_out": [
            {"plan": row.plan_id, "why": [str(problem) for problem in problems_of(stopped)]}
            for row, stopped in ranking.left_out
        ],
        "for_some": ranking.for_some,
        "premiums_counted": False,
    }


def _plan(place: int, each: Ranked) -> Json:
    found = each.estimate
    low, typical, high = (_owes(run) for run in found.settled)
    return {
        "place": place,
        "plan": each.row.plan_id,
        "payer": each.row.payer,
        "title": each.row.title,
        "settled": {"low": low, "typical": typical, "high": high},
        "open_total": _open(found.open_total),
        "patient_owes": {"low": _owes(found.low), "typical": _owes(found.typical), "high": _owes(found.high)},
        "is_provisional": each.estimate.is_provisional,
        "is_elsewhere": each.is_elsewhere,
    }


def _owes(run: Run) -> str:
    return str(run.owes)


def _open(adds: Adds) -> Json:
    return {"usual": str(adds.usual), "most": str(adds.most)}


def ranking_text(ranking: Ranking, first: int) -> str:
    """Return the first plans as a table."""
    shown = ranking.ranked[:first]
    lines = [f"{'':>4}  {'Plan':<{_TITLE}}  {'Typical':>9}  {'Low':>9}  {'High':>9}"]
    lines += [_line(place, each) for place, each in enumerate(shown, 1)]
    notes = [f"{len(ranking.ranked):,} plans ranked. {_NOTE}"]
    if any(each.estimate.is_provisional for each in shown):
        notes.append(_PROVISIONAL)
    if any(each.is_elsewhere for each in shown):
        notes.append(_ELSEWHERE)
    if ranking.for_some:
        notes.append(f"Not counted: {ranking.for_some:,} that only some people may join. See --special.")
    if ranking.left_out:
        notes.append(f"Left out: {len(ranking.left_out):,}. See `left_out` of the JSON.")
    return "\n".join((*lines, "", *notes, DISCLAIMER)) + "\n"


def _line(place: int, each: Ranked) -> str:
    found = each.estimate
    marks = ("*" if each.estimate.is_provisional else "") + ("~" if each.is_elsewhere else "")
    title = f"{marks}{each.row.payer}: {each.row.title}"
    amounts = "  ".join(f"{usd(run.owes):>9}" for run in (found.typical, found.low, found.high))
    return f"{place:>4}  {title[:_TITLE]:<{_TITLE}}  {amounts}"
