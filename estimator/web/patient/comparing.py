"""The same course under other choices: which of them are compared, and how the page shows each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from estimator.estimates.compare import Change, Kind, compare
from estimator.language import N_, _
from estimator.web import shelf
from estimator.web.patient import choices, plans
from estimator.web.patient.bars import Bars, bars_of
from estimator.web.patient.choices import Option
from estimator.web.patient.choosing_page import OTHER_PLANS
from estimator.web.patient.questions import Answers, needles
from estimator.web.patient.reply import reader_of, request_asked
from estimator.wording.comparisons import comparison_of
from estimator.wording.words import cents_of, page_usd

Side = Mapping[str, Any]
Groups = Sequence[tuple[str, Sequence[Option]]]

_NOT_LISTED = N_("Choose a plan from the list.")
_MOST_LETTERS = 34  # As many as fit beside an amount on a phone.
_IN, _OUT = Kind.IN_NETWORK, Kind.OUT_OF_NETWORK


def compare_page(answers: Answers, form: Mapping[str, str], today: date) -> dict[str, Any]:
    """Return what the comparison shows: this plan beside one or two others where they were chosen, else other ways."""
    chosen = {name: form.get(name, "") for name in OTHER_PLANS}
    groups = _other_plans(answers, chosen.values())
    listed = {plan_id for _, options in groups for plan_id, _ in options}
    wanted = dict.fromkeys(plan for plan in chosen.values() if plan in listed)
    changes = [Change(Kind.PLAN, plan) for plan in wanted] or list(_changes(answers))
    found = compare(request_asked(answers, today), changes, today, shelf.shelf(), prices=shelf.prices())
    if found.asked.refused is not None:
        raise found.asked.refused
    told = comparison_of(found, shelf.names(), reader_of(answers))
    return {
        "answers": answers,
        "told": told,
        "bars": _bars(told["sides"]),
        "remarks": [(side["title"], remarks) for side in told["sides"] if (remarks := list(_remarks(side)))],
        "chosen": chosen,
        # Which of the two a plan that is found by name would be; empty where there is none to find.
        "beside": (_free(chosen) if plans.found_by_name() else ""),
        "groups": groups,
        "wrong": {name: _(_NOT_LISTED) if plan and plan not in listed else "" for name, plan in chosen.items()},
    }


def _changes(answers: Answers) -> Iterator[Change]:
    """Yield what this course can be set beside."""
    if answers["plan"] != choices.SELF_PAY_MARKET:
        yield Change(_IN if answers["network"] == _OUT else _OUT)
        yield Change(Kind.SELF_PAY)
    if needles(answers):
        yield Change(Kind.WITHOUT_NEEDLING)
    if answers["plan"] != choices.SELF_PAY_MARKET:
        yield Change(Kind.NEXT_YEAR)


def _free(chosen: Mapping[str, str]) -> str:
    return next((name for name in OTHER_PLANS if not chosen[name]), OTHER_PLANS[-1])


def _other_plans(answers: Answers, chosen: Iterable[str]) -> Groups:
    """Return the plans that were found by name, then the listed ones: real or usual, in force on the first day."""
    first_day = answers["first_day"]
    found = [plan for plan_id in chosen if (plan := plans.chosen_elsewhere(plan_id, first_day))]
    groups = [
        (
            label,
            [
                (row.plan_id, row.title)
                for row in rows
                if row.first_day.isoformat() <= first_day
                and (row.last_day is None or first_day <= row.last_day.isoformat())
                and row.plan_id != answers["plan"]
            ],
        )
        for label, rows in plans.listed_plans()
        if label not in (choices.EXAMPLES_LABEL, choices.MARKETS[choices.SELF_PAY_MARKET])
    ]
    yours = [(plan.id, plans.chosen_words(plan)) for plan in found if plan.id != answers["plan"]]
    return [(label, options) for label, options in [(plans.YOURS, yours), *groups] if options]


def _bars(sides: Sequence[Side]) -> Bars:
    """Draw each side that could be estimated: its range, and the typical amount in words."""
    return bars_of(
        [
            (
                _shortened(side["title"]),
                cents_of(owes["low"]),
                cents_of(owes["typical"]),
                cents_of(owes["high"]),
                page_usd(owes["typical"]),
            )
            for side in sides
            if (owes := side["patient_owes"])
        ]
    )


def _shortened(title: str) -> str:
    """Return the name of a side for the picture: what stands in parentheses is told in the table."""
    name = title.partition(" (")[0]
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1].rstrip()}…"


def _remarks(side: Side) -> Iterator[str]:
    """Say what stops a side, when a plan pays for itself, what was left out, and what only this side assumes."""
    yield from (problem["message"] for problem in side["problems"])
    if side["break_even"]:
        yield side["break_even"]["says"]
    yield from (note["says"] for note in side["notes"])
    yield from (each["says"] for each in side["assumed_only_here"])
