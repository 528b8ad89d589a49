"""One value of many plans changed on a page: found by a filter, looked at, published and taken back together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator.engine.coding import MARKETS
from estimator.errors import ConflictingRevision, EditRefused, PlanFileRefused, Problem
from estimator.plans.shelf import Wanted
from estimator.publishing.bulk import (
    MOST_PLANS,
    Change,
    fields_of,
    planned,
    plans_found,
    publish_all,
    published_together,
    take_back,
)
from estimator.publishing.drafts import PUBLISHED, Signed, published_lately
from estimator.publishing.impact import Impact
from estimator.web.staff.common import allowed, person, staff_shelf
from estimator.wording.errors import problems_of

many_plans = Blueprint("many_plans", __name__, url_prefix="/plans/many")

Page = str | tuple[str, int] | Response
_CONFLICT, _UNPROCESSABLE, _SEE_OTHER = 409, 422, 303
_MOST_BYTES = 200_000
_FILTER = ("words", "payer", "market", "state")
_CHANGE = ("field", "value", "only", "cite")


@many_plans.get("/")
@allowed("rules")
def choose() -> str:
    """Find plans by words, insurer, kind and state, and ask what to change in all of them."""
    return _choose_page(request.args)


@many_plans.post("/look")
@allowed("rules", most_bytes=_MOST_BYTES)
def look() -> Page:
    """Show what the change makes of each plan, and offer to publish."""
    return _looked(request.form)


@many_plans.post("/publish")
@allowed("rules", most_bytes=_MOST_BYTES)
def publish() -> Page:
    """Publish what was ticked: all of it or nothing."""
    typed, shelf, who = request.form, staff_shelf(), person()
    try:
        rows, _number = plans_found(shelf, _wanted(typed))
        some = planned(shelf, rows, _change(typed))
        moved = publish_all(shelf, some, typed.getlist("plan"), Signed(who.name, typed.get("note", ""), who.id))
    except (EditRefused, PlanFileRefused) as refused:
        return _looked(typed, refused.problems, _UNPROCESSABLE)
    except ConflictingRevision as conflict:
        return _looked(typed, problems_of(conflict), _CONFLICT)
    return redirect(url_for("staff.many_plans.together", at=moved[0].published_at.isoformat()), _SEE_OTHER)


@many_plans.get("/published")
@allowed("viewer")
def together() -> str:
    """Show what one person published at one moment, and offer the way back; without a moment, list what was lately."""
    if "at" in request.args:
        return _together_page(_moment(request.args["at"]))
    lately = [one for one in published_lately(staff_shelf().engine) if one.plans > 1]
    return render_template("staff/plans/many-lately.html", lately=lately)


@many_plans.post("/published")
@allowed("rules")
def undo() -> Page:
    """Make active again what was so before, for all of these plans."""
    at, who, note = _moment(request.form.get("at", "")), person(), request.form.get("note", "")
    try:
        moved = take_back(staff_shelf().engine, at, Signed(who.name, note, who.id))
    except EditRefused as refused:
        return _together_page(at, refused.problems, note), _UNPROCESSABLE
    return redirect(url_for("staff.many_plans.together", at=moved[0].published_at.isoformat()), _SEE_OTHER)


def _wanted(typed: MultiDict[str, str]) -> Wanted:
    said = {name: " ".join(typed.get(name, "").split()) for name in _FILTER}
    state = said["state"].upper() or None
    return Wanted(text=said["words"], payer=said["payer"] or None, market=said["market"] or None, state=state)


def _change(typed: MultiDict[str, str]) -> Change:
    return Change(
        field=typed.get("field", ""),
        value=typed.get("value", ""),
        only=typed.get("only", "") if "only_where" in typed else None,
        cite=" ".join(typed.get("cite", "").split()),
        takes_examples="examples" in typed,
    )


def _choose_page(typed: MultiDict[str, str], problems: Sequence[Problem] = ()) -> str:
    shelf = staff_shelf()
    is_asked = any(typed.get(name, "").strip() for name in _FILTER)
    rows, number = plans_found(shelf, _wanted(typed)) if is_asked else ((), 0)
    fits = 0 < number <= MOST_PLANS
    return render_template(
        "staff/plans/many.html",
        typed={name: typed.get(name, "") for name in (*_FILTER, *_CHANGE)},
        ticked={name for name in ("only_where", "examples") if name in typed} or (set() if problems else {"examples"}),
        is_asked=is_asked,
        rows=rows,
        number=number,
        most=MOST_PLANS,
        fields=list(fields_of(shelf, rows).items()) if fits else [],
        payers=[(one.payer, f"{one.payer} ({one.plans})") for one in shelf.payers(Wanted())],
        markets=[(one, one.replace("-", " ")) for one in MARKETS],
        errors={problem.path: problem.message for problem in problems},
    )


def _looked(typed: MultiDict[str, str], problems: Sequence[Problem] = (), status: int = 200) -> Page:
    """Return the page that shows the change, else the one before it with what is wrong."""
    try:
        return _look_page(typed, problems), status
    except EditRefused as refused:
        return _choose_page(typed, refused.problems), _UNPROCESSABLE


def _look_page(typed: MultiDict[str, str], problems: Sequence[Problem] = ()) -> str:
    shelf, change = staff_shelf(), _change(typed)
    rows, number = plans_found(shelf, _wanted(typed))
    if number > MOST_PLANS:
        words = f"{number:,} plans fit. Narrow it down to at most {MOST_PLANS}: they are changed together."
        raise EditRefused((Problem("words", words),))
    some = planned(shelf, rows, change)
    return render_template(
        "staff/plans/many-look.html",
        typed={name: typed.get(name, "") for name in (*_FILTER, *_CHANGE, "note")},
        ticked=[name for name in ("only_where", "examples") if name in typed],
        label=some[0].label if some else "",
        some=some,
        left=number - len(some),
        chosen=set(typed.getlist("plan")) if "plan" in typed or problems else {one.mark for one in some},
        impact=Impact(tuple(one.course for one in some if one.course is not None)),
        problems=problems,
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def _together_page(at: datetime, problems: Sequence[Problem] = (), note: str = "") -> str:
    if at.tzinfo is None:
        raise NotFound
    found = published_together(staff_shelf().engine, at)
    if not found:
        raise NotFound
    return render_template(
        "staff/plans/many-published.html",
        found=found,
        at=at,
        can_go_back=all(one.did == PUBLISHED and one.replaced for one in found),
        note=note,
        problems=problems,
    )
