"""Plans as whoever keeps them sees them: found by name, the rules now active, every revision, and the way back."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator.errors import ConflictingRevision, EditRefused, Problem, UnknownPlan
from estimator.plans.read import PlanFile
from estimator.plans.search import Wanted
from estimator.plans.store import Publication, Revision
from estimator.publishing import drafts
from estimator.publishing.drafts import drafts_of, start_copy, start_draft, text_of
from estimator.web.shelf import services
from estimator.web.staff.access import allowed, person, staff_shelf
from estimator.web.whole_numbers import number_in
from estimator.wording.errors import problems_of
from estimator.wording.plans import Changes, changes_of, rules_of

rule_book = Blueprint("rule_book", __name__, url_prefix="/plans")

Page = str | tuple[str, int] | Response
MOST_FOUND = 30
_CONFLICT = 409
_UNPROCESSABLE = 422
_SEE_OTHER = 303


@rule_book.get("/")
@allowed("viewer")
def search() -> str:
    """Find plans by name, payer or id; list the drafts in work and what people published last."""
    shelf = staff_shelf()
    words = request.args.get("words", "").strip()
    wanted = Wanted(text=words)
    found = shelf.search(wanted, MOST_FOUND) if words else ()
    return render_template(
        "staff/plans/search.html",
        words=words,
        found=found,
        more=shelf.count(wanted) - len(found) if words else 0,
        drafts=drafts_of(shelf.engine),
        lately=drafts.published_lately(shelf.engine),
    )


@rule_book.get("/<plan_id>")
@allowed("viewer")
def plan(plan_id: str) -> str:
    """Show a plan's active rules, its drafts and its revisions."""
    return _page(plan_id)


@rule_book.get("/<plan_id>/compare")
@allowed("viewer")
def compare(plan_id: str) -> str:
    """Show how two revisions of a plan differ."""
    revisions, _, _ = _history(plan_id)
    by_id = {str(one.id): one for one in revisions}
    old, new = (by_id.get(request.args.get(name, "")) for name in ("old", "new"))
    if old is None or new is None:
        raise NotFound
    changes = between(old, new)
    return render_template("staff/plans/compare.html", plan_id=plan_id, old=old, new=new, changes=changes)


@rule_book.post("/<plan_id>/drafts")
@allowed("rules")
def start(plan_id: str) -> Page:
    """Start a draft from a revision, or a plan of another id from it."""
    shelf, new_id = staff_shelf(), request.form.get("new_id", "").strip()
    revision = number_in(request.form, "revision")
    if revision not in [one.id for one in _history(plan_id)[0]]:
        raise NotFound
    try:
        if "new_id" in request.form:
            draft = start_copy(shelf.engine, revision, new_id, person().name)
        else:
            draft = start_draft(shelf.engine, revision, person().name)
    except EditRefused as refused:
        return _page(plan_id, refused.problems, {"new_id": new_id}), _UNPROCESSABLE
    return redirect(f"/staff/plans/drafts/{draft.id}", _SEE_OTHER)


@rule_book.post("/<plan_id>/roll-back")
@allowed("rules")
def roll_back(plan_id: str) -> Page:
    """Make an older revision the active one again."""
    who, note = person(), request.form.get("note", "")
    signed = drafts.Signed(who.name, note, who.id)
    seen = dict(part.split(":", 1) for part in request.form.getlist("seen") if ":" in part)
    revision = number_in(request.form, "revision")
    day = next((str(one.first_day) for one in _history(plan_id)[0] if one.id == revision), "")
    try:
        drafts.roll_back(staff_shelf().engine, plan_id, revision, signed, number_in(seen, day))
    except EditRefused as refused:
        return _page(plan_id, refused.problems, {"note": note}), _UNPROCESSABLE
    except ConflictingRevision as conflict:
        return _page(plan_id, problems_of(conflict), {"note": note}), _CONFLICT
    return redirect(f"/staff/plans/{plan_id}", _SEE_OTHER)


def between(old: Revision, new: Revision) -> Changes:
    """Return how two revisions differ."""
    shelf = staff_shelf()
    files = shelf.file_of(old.id), shelf.file_of(new.id)
    return changes_of(*files, text_of(old), text_of(new), services())


def _page(plan_id: str, problems: tuple[Problem, ...] = (), typed: dict[str, str] | None = None) -> str:
    shelf = staff_shelf()
    revisions, moves, active = _history(plan_id)
    files = [(day, shelf.file_of(number)) for day, number in sorted(active.items())]
    return render_template(
        "staff/plans/plan.html",
        plan_id=plan_id,
        title=revisions[0].title,
        revisions=revisions,
        moves=moves,
        active=active,
        parts=[(day, _rules(file)) for day, file in files],
        drafts=drafts_of(shelf.engine, plan_id),
        typed=typed or {},
        errors={problem.path: problem.message for problem in problems},
    )


def _rules(file: PlanFile) -> list[tuple[str, list[str]]]:
    return [(heading, [words for words, _ in rules]) for heading, rules in rules_of(file.plan, services())]


def _history(plan_id: str) -> tuple[list[Revision], list[Publication], dict[date, int]]:
    try:
        revisions, moves, active = drafts.plan_history(staff_shelf().engine, plan_id)
    except UnknownPlan as unknown:
        raise NotFound from unknown
    return list(revisions), list(moves), dict(active)
