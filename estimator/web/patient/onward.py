"""Where an answer leads: documents to take along, what could change it, and comparisons.

Each page is made anew of the answers that its form carries along: nothing is kept between two pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator import clock
from estimator.errors import Stopped
from estimator.estimates.compare import Change, Kind, compare
from estimator.estimates.sensitivity import ASKED_FIRST, what_matters
from estimator.language import N_, _
from estimator.papers.kinds import DocumentRefused
from estimator.web import common
from estimator.web.common import url
from estimator.web.patient.answer import TITLES, UNPROCESSABLE, Page, document_of, refused_page
from estimator.web.patient.choices import EXAMPLES_LABEL, MARKETS, MY_PLAN, SELF_PAY_MARKET, Option
from estimator.web.patient.fields import field_named
from estimator.web.patient.form import Answers, answers_of, field_of, needles, request_of
from estimator.web.patient.pictures import Bars, bars_of
from estimator.web.patient.plans import OTHER_PLANS, YOURS, chosen_elsewhere, chosen_words, found_by_name, listed_plans
from estimator.web.patient.reply import reader_of, request_asked
from estimator.wording.comparisons import ComparedSide, comparison_of
from estimator.wording.sensitivity import matters_of
from estimator.wording.words import cents_of, page_usd

onward = Blueprint("onward", __name__)


@onward.post("/paper/<kind>")
def paper(kind: str) -> Page | Response:
    """Send a paper as a PDF, or say why it does not fit."""
    if kind not in TITLES:
        raise NotFound
    today = clock.today()
    answers = answers_of(request.form, today)
    try:
        written = document_of(kind, answers, today)
    except DocumentRefused as refused:
        says = [problem.message for problem in refused.problems]
        page = render_template("paper-refused.html", answers=answers, title=_(TITLES[kind]), says=says)
        return page, UNPROCESSABLE
    except Stopped as refused:
        return refused_page(refused, answers, today)
    sent = {"Content-Disposition": f'attachment; filename="therapy-{kind}.pdf"', "Cache-Control": "no-store"}
    return Response(written, mimetype="application/pdf", headers=sent)


@onward.post("/what-matters")
def what_matters_view() -> Page:
    """Say which three answers are worth most."""
    return _page("what-matters.html", matters_page)


@onward.post("/compare")
def compare_view() -> Page:
    """Set the course beside itself under other choices."""
    return _page("compare.html", lambda answers, today: compare_page(answers, request.form, today))


@onward.get("/what-matters")
@onward.get("/compare")
def nothing_asked() -> AnyResponse:
    """Redirect a bookmarked address of such a page to the form."""
    return redirect(url("/"))


def _page(template: str, shown: Callable[[Answers, date], dict[str, Any]]) -> Page:
    today = clock.today()
    answers = answers_of(request.form, today)
    try:
        context = shown(answers, today)
    except Stopped as refused:
        return refused_page(refused, answers, today)
    return render_template(template, **context)


# ----------------------------------------------------------------------------
# What matters most: the three answers worth most, each with the field of the form that takes it.
# ----------------------------------------------------------------------------

Matter = Mapping[str, Any]

# What an answer would tell, within "Knowing … could change this by $40.00".
_KNOWN = {
    "needling-policy": N_("Does the plan pay for dry needling?"),
    "benefit-lists-service": N_("Does the plan pay for dry needling?"),
    "network-cover": N_("What does the plan pay in this network?"),
    "cost-share": N_("What is the copay or percentage?"),
    "deductible": N_("What is the deductible?"),
    "out-of-pocket-max": N_("What is the yearly maximum?"),
    "family-rule": N_("How does the deductible work for a family?"),
    "family-cover": N_("Does the plan cover a family?"),
    "limit": N_("Is there a limit on visits?"),
    "limit-used": N_("How many covered visits are used?"),
    "deductible-paid": N_("How much of the deductible is paid?"),
    "deductible-visits-count": N_("Do visits under the deductible count?"),
    "price-level": N_("What are the clinic’s prices?"),
    "experience-factor": N_("Does this provider’s experience cost more?"),
    "benefit-year": N_("When does the plan’s year start?"),
    "authorization": N_("Are the visits approved?"),
    "referral": N_("Is there a referral?"),
    "improvement": N_("Does the record show progress?"),
    "justification": N_("Are more visits explained in writing?"),
    "consent": N_("Is a consent signed?"),
    "told": N_("Does the plan stand by what it told you?"),
    "age": N_("What is the age?"),
    "symptom-weeks": N_("How long has it hurt?"),
    "diagnosis": N_("What is the diagnosis?"),
    "zip-straddles": N_("Where exactly is the clinic?"),
}
_OTHERWISE = N_("What is the answer?")
# Of a plan that the person described, these are asked on its own page.
_OF_MY_PLAN = {
    "needling-policy": "my_needling",
    "benefit-lists-service": "my_needling",
    "cost-share": "my_copay",
    "deductible": "my_deductible",
    "out-of-pocket-max": "my_maximum",
    "limit": "my_limit",
    "authorization": "my_authorization",
    "referral": "my_referral",
}


def matters_page(answers: Answers, today: date) -> dict[str, Any]:
    """Return what the page on what matters most shows."""
    found = what_matters(request_asked(answers, today), today, common.shelf(), prices=common.prices())
    told = matters_of(found, common.names(), reader_of(answers))
    first = [matter for matter in told["matters"] if cents_of(matter["worth"])][:ASKED_FIRST]
    return {
        "answers": answers,
        "told": told,
        "first": [_first(matter, answers) for matter in first],
        "others": told["matters"][len(first) :],
        "has_plan": found.plan.market != SELF_PAY_MARKET,
    }


def _first(matter: Matter, answers: Answers) -> Matter:
    """Return a matter with what its answer would tell, the page and field that ask for it, and the field's label."""
    page = _page_of(matter, answers)
    label = _(field_named(page[1]).label) if page else ""
    return {**matter, "known": _known(matter), "page": page, "label": label}


def _known(matter: Matter) -> str:
    return _(_KNOWN.get(matter["kind"], _OTHERWISE))


def _page_of(matter: Matter, answers: Answers) -> tuple[str, str] | None:
    """Return the page that asks for this and the field there; None where only the insurer or the clinic can tell."""
    if answers["plan"] == MY_PLAN and matter["kind"] in _OF_MY_PLAN:
        return "/my-plan", _OF_MY_PLAN[matter["kind"]]
    if matter["kind"] == "price-level":
        return ("/", "needling_price") if needles(answers) else None
    field = field_of(matter["path"], request_of(answers)) if matter["path"] else None
    return ("/", field) if field else None


# ----------------------------------------------------------------------------
# The same course under other choices: which of them are compared, and how the page shows each.
# ----------------------------------------------------------------------------

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
    found = compare(request_asked(answers, today), changes, today, common.shelf(), prices=common.prices())
    if found.asked.refused is not None:
        raise found.asked.refused
    told = comparison_of(found, common.names(), reader_of(answers))
    return {
        "answers": answers,
        "told": told,
        "bars": _bars(told.sides),
        "remarks": [(side.title, remarks) for side in told.sides if (remarks := list(_remarks(side)))],
        "chosen": chosen,
        # Which of the two a plan that is found by name would be; empty where there is none to find.
        "beside": (_free(chosen) if found_by_name() else ""),
        "groups": groups,
        "wrong": {name: _(_NOT_LISTED) if plan and plan not in listed else "" for name, plan in chosen.items()},
    }


def _changes(answers: Answers) -> Iterator[Change]:
    """Yield what this course can be set beside."""
    if answers["plan"] != SELF_PAY_MARKET:
        yield Change(_IN if answers["network"] == _OUT else _OUT)
        yield Change(Kind.SELF_PAY)
    if needles(answers):
        yield Change(Kind.WITHOUT_NEEDLING)
    if answers["plan"] != SELF_PAY_MARKET:
        yield Change(Kind.NEXT_YEAR)


def _free(chosen: Mapping[str, str]) -> str:
    return next((name for name in OTHER_PLANS if not chosen[name]), OTHER_PLANS[-1])


def _other_plans(answers: Answers, chosen: Iterable[str]) -> Groups:
    """Return the plans that were found by name, then the listed ones: real or usual, in force on the first day."""
    first_day = answers["first_day"]
    found = [plan for plan_id in chosen if (plan := chosen_elsewhere(plan_id, first_day))]
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
        for label, rows in listed_plans()
        if label not in (EXAMPLES_LABEL, MARKETS[SELF_PAY_MARKET])
    ]
    yours = [(plan.id, chosen_words(plan)) for plan in found if plan.id != answers["plan"]]
    return [(label, options) for label, options in [(YOURS, yours), *groups] if options]


def _bars(sides: Sequence[ComparedSide]) -> Bars:
    """Draw each side that could be estimated: its range, and the typical amount in words."""
    return bars_of(
        [
            (
                _shortened(side.title),
                *owes,
                page_usd(owes.typical),
            )
            for side in sides
            if (owes := side.patient_owes)
        ]
    )


def _shortened(title: str) -> str:
    """Return the name of a side for the picture: what stands in parentheses is told in the table."""
    name = title.partition(" (")[0]
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1].rstrip()}…"


def _remarks(side: ComparedSide) -> Iterator[str]:
    """Say what stops a side, when a plan pays for itself, what was left out, and what only this side assumes."""
    yield from (problem.message for problem in side.problems)
    if side.break_even:
        yield side.break_even.says
    yield from (note.says for note in side.notes)
    yield from (each.says for each in side.assumed_only_here)
