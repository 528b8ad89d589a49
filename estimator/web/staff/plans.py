"""The pages of those who keep the plans: their rules and history, the drafts in work, and what free text proposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator.billing.call_proposals import accept, call_proposals
from estimator.billing.denial_proposals import accept_denial, contradictions, denial_proposals
from estimator.clock import today
from estimator.engine.plan import Plan
from estimator.errors import (
    ConflictingDraft,
    ConflictingRevision,
    EditRefused,
    PlanFileRefused,
    PlanNotInForce,
    Problem,
    UnknownDraft,
    UnknownPlan,
)
from estimator.plans.edit_text import (
    common_fields,
    needling_policies,
    needling_policy,
    unread_rules,
    with_pages,
    with_typed,
)
from estimator.plans.read import PlanFile
from estimator.plans.shelf import Wanted
from estimator.plans.store import PlanDraft, Publication, Revision
from estimator.plans.text import document
from estimator.publishing import drafts
from estimator.publishing.drafts import (
    Checked,
    Signed,
    active_text,
    check_text,
    delete_draft,
    draft_of,
    drafts_of,
    publish_draft,
    rebase_draft,
    save_draft,
    start_copy,
    start_draft,
    text_of,
)
from estimator.publishing.impact import impact_on
from estimator.publishing.made_true import SOURCE, begin, examples_again, templates, with_examples
from estimator.publishing.proposals import payers_with_proposals, proposals_of, settle
from estimator.publishing.roll import Document, confirm_one, start_rolled, to_confirm
from estimator.web.common import number_in, services
from estimator.web.staff.common import allowed, person, staff_shelf
from estimator.wording.errors import problems_of
from estimator.wording.plans import Changes, changes_of, lines_between, rules_of

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


@rule_book.get("/new")
@allowed("rules")
def ask_for_new() -> str:
    """Ask for insurer, type and document of a plan that is not here yet."""
    return _new_page({})


@rule_book.post("/new")
@allowed("rules")
def begin_new() -> Page:
    """Start its draft from the template of its type, and go on to its figures."""
    try:
        draft = begin(staff_shelf(), request.form, person().name, person().id)
    except EditRefused as refused:
        return _new_page(request.form, refused.problems), _UNPROCESSABLE
    return redirect(f"/staff/plans/drafts/{draft.id}/form", _SEE_OTHER)


def _new_page(typed: Mapping[str, str], problems: tuple[Problem, ...] = ()) -> str:
    year = today().year + 1
    days = {"first_day": f"{year}-01-01", "last_day": f"{year}-12-31", "read_on": today().isoformat()}
    return render_template(
        "staff/plans/new.html",
        typed={**days, "document": f"Summary of Benefits and Coverage {year}", **typed},
        templates=[(row.plan_id, row.title.partition(" (")[0]) for row in templates(staff_shelf())],
        errors={problem.path: problem.message for problem in problems},
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
            draft = start_copy(shelf.engine, revision, new_id, person().name, person().id)
        else:
            draft = start_draft(shelf.engine, revision, person().name, person().id)
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


@rule_book.post("/<plan_id>/roll")
@allowed("rules")
def roll(plan_id: str) -> Page:
    """Start a draft of the plan's next year, in which every figure is to be confirmed."""
    _history(plan_id)
    try:
        draft = start_rolled(staff_shelf(), plan_id, number_in(request.form, "year"), person().name, person().id)
    except EditRefused as refused:
        return _page(plan_id, tuple(replace(each, path="year") for each in refused.problems)), _UNPROCESSABLE
    except PlanNotInForce as outside:
        return _page(plan_id, tuple(replace(each, path="year") for each in problems_of(outside))), _UNPROCESSABLE
    return redirect(f"/staff/plans/drafts/{draft.id}/confirm", _SEE_OTHER)


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
        parts=[(day, _rules(file), _year_after(file.plan)) for day, file in files],
        drafts=drafts_of(shelf.engine, plan_id),
        typed=typed or {},
        errors={problem.path: problem.message for problem in problems},
    )


def _year_after(plan: Plan) -> int | None:
    """Return the year that a plan can be rolled into; None where it has no last day."""
    last_day = plan.in_force.last_day
    return None if last_day is None else (last_day + timedelta(days=1)).year


def _rules(file: PlanFile) -> list[tuple[str, list[str]]]:
    return [(heading, [words for words, _ in rules]) for heading, rules in rules_of(file.plan, services())]


def _history(plan_id: str) -> tuple[list[Revision], list[Publication], dict[date, int]]:
    try:
        revisions, moves, active = drafts.plan_history(staff_shelf().engine, plan_id)
    except UnknownPlan as unknown:
        raise NotFound from unknown
    return list(revisions), list(moves), dict(active)


# ----------------------------------------------------------------------------
# A draft of a plan: its text with every problem at its line, what it would change, and the button that publishes.
# ----------------------------------------------------------------------------

plans_drafts_drafts = Blueprint("drafts", __name__, url_prefix="/plans/drafts")

_MOST_BYTES = 1_000_000


@plans_drafts_drafts.get("/<int:draft_id>")
@allowed("rules")
def edit(draft_id: int) -> str:
    """Show the text with what is wrong in it."""
    return _editor(draft_with(draft_id))


@plans_drafts_drafts.post("/<int:draft_id>")
@allowed("rules", most_bytes=_MOST_BYTES)
def save(draft_id: int) -> Page:
    """Keep the text, and go on to the preview where that is asked for."""
    text, version = request.form.get("text", ""), version_seen()
    draft = draft_with(draft_id)
    try:
        draft = save_draft(staff_shelf().engine, draft_id, version, text, person().name, account=person().id)
    except ConflictingDraft as conflict:
        return saved_by_another(conflict, draft, text)
    except EditRefused as refused:
        return _editor(replace(draft, text=text), refused.problems), _UNPROCESSABLE
    place = "/preview" if "preview" in request.form else ""
    return redirect(f"/staff/plans/drafts/{draft.id}{place}", _SEE_OTHER)


@plans_drafts_drafts.get("/<int:draft_id>/preview")
@allowed("rules")
def preview(draft_id: int) -> str:
    """Show problems, differences and what they do to courses, and offer to publish."""
    return _preview(draft_with(draft_id))


@plans_drafts_drafts.post("/<int:draft_id>/publish")
@allowed("rules")
def publish(draft_id: int) -> Page:
    """Make the draft the active revision, based on the one that it was started from."""
    draft, shelf, note = draft_with(draft_id), staff_shelf(), request.form.get("note", "")
    if draft.version != version_seen():
        return _preview(draft, note, (Problem("note", _SAVED_SINCE.format(who=draft.saved_by)),)), _CONFLICT
    signed = Signed(person().name, note, person().id)
    try:
        done = publish_draft(shelf.engine, draft, signed, shelf.folder)
    except (PlanFileRefused, EditRefused) as refused:
        return _preview(draft, note, refused.problems), _UNPROCESSABLE
    except ConflictingDraft as conflict:
        return saved_by_another(conflict, draft_with(draft_id), draft.text)
    except ConflictingRevision as conflict:
        return _published_by_another(draft, conflict)
    return redirect(f"/staff/plans/{done.plan_id}", _SEE_OTHER)


@plans_drafts_drafts.post("/<int:draft_id>/rebase")
@allowed("rules")
def rebase(draft_id: int) -> Page:
    """Take what was published since into the draft."""
    draft = draft_with(draft_id)
    try:
        rebase_draft(staff_shelf().engine, draft_id, version_seen(), person().name, person().id)
    except ConflictingDraft as conflict:
        return saved_by_another(conflict, draft, draft.text)
    return redirect(f"/staff/plans/drafts/{draft_id}", _SEE_OTHER)


@plans_drafts_drafts.post("/<int:draft_id>/delete")
@allowed("rules")
def delete(draft_id: int) -> Page:
    """Throw the draft away."""
    draft = draft_with(draft_id)
    delete_draft(staff_shelf().engine, draft_id, person().id)
    revisions = staff_shelf().history(draft.plan_id)
    return redirect(f"/staff/plans/{draft.plan_id}" if revisions else "/staff/plans/", _SEE_OTHER)


_SAVED_SINCE = "{who} saved this draft since you looked at it. Below is what it now says: look again, then publish."


def draft_with(draft_id: int) -> PlanDraft:
    """Return the draft that an address names."""
    try:
        return draft_of(staff_shelf().engine, draft_id)
    except UnknownDraft as unknown:
        raise NotFound from unknown


def version_seen() -> int:
    """Return which version of a draft the form was filled in from."""
    return number_in(request.form, "version")


def saved_by_another(conflict: ConflictingDraft, draft: PlanDraft, text: str) -> tuple[str, int]:
    """Show what was typed beside what somebody else saved: nothing is lost, and the person decides."""
    lines = lines_between(draft.text, text, "theirs", "yours")
    page = render_template("staff/plans/saved-by-another.html", draft=draft, conflict=conflict, text=text, lines=lines)
    return page, _CONFLICT


def _published_by_another(draft: PlanDraft, conflict: ConflictingRevision) -> tuple[str, int]:
    shelf = staff_shelf()
    history = {one.id: one for one in shelf.history(draft.plan_id)}
    old, new = (history.get(number or 0) for number in (conflict.based_on, conflict.active))
    changes = None
    if new is not None:
        before = shelf.file_of(old.id) if old else None
        old_text = text_of(old) if old else ""
        changes = changes_of(before, shelf.file_of(new.id), old_text, text_of(new), services())
    page = render_template("staff/plans/published-by-another.html", draft=draft, old=old, new=new, changes=changes)
    return page, _CONFLICT


def _checked(draft: PlanDraft) -> Checked:
    return check_text(draft.text, "", staff_shelf().folder)


def _editor(draft: PlanDraft, refused: tuple[Problem, ...] = ()) -> str:
    checked = _checked(draft)
    return render_template(
        "staff/plans/draft.html", draft=draft, checked=checked, refused=refused, lines=draft.text.splitlines()
    )


def _preview(draft: PlanDraft, note: str = "", problems: tuple[Problem, ...] = ()) -> str:
    checked = _checked(draft)
    shown: dict[str, Any] = {"changes": None, "impact": None}
    if checked.plan is not None:
        shelf = staff_shelf()
        before, text = active_text(shelf, draft.key)
        shown["changes"] = changes_of(before, checked.plan, text, draft.text, services())
        shown["impact"] = impact_on(shelf, draft.key, checked.plan)[1]
        shown["is_new"] = before is None
    return render_template(
        "staff/plans/preview.html", draft=draft, checked=checked, note=note, refused=problems, **shown
    )


# ----------------------------------------------------------------------------
# The common fields of a draft as a form: what is typed goes into the text, and the text is what is kept.
# ----------------------------------------------------------------------------

draft_form = Blueprint("draft_form", __name__, url_prefix="/plans/drafts")


@draft_form.get("/<int:draft_id>/form")
@allowed("rules")
def fill_in(draft_id: int) -> Page:
    """Show the values that change most often."""
    return _form_page(draft_with(draft_id))


@draft_form.post("/<int:draft_id>/form")
@allowed("rules")
def take_in(draft_id: int) -> Page:
    """Write what was typed into the text, and show beside each field what is then to correct.

    With `look` nothing is kept: the examples are answered again by what was typed.
    """
    draft, shelf, typed = draft_with(draft_id), staff_shelf(), request.form
    try:
        text = with_typed(draft.text, typed, typed.get("cite", "").strip(), shelf.shared)
        text = with_pages(text, typed, SOURCE)
    except PlanFileRefused:
        return _form_page(draft)
    if "look" in typed:
        return _form_page(draft, text)
    if "take" in typed:
        text = with_examples(text, shelf.folder)
    try:
        kept = save_draft(shelf.engine, draft_id, version_seen(), text, person().name, account=person().id)
    except ConflictingDraft as conflict:
        return saved_by_another(conflict, draft, text)
    problems = _checked(kept).problems
    if any(problem.path in _places(text) for problem in problems):
        page = _form_page(kept, problems=problems)
        return (page, _UNPROCESSABLE) if isinstance(page, str) else page
    place = "/preview" if "preview" in typed and not problems else ""
    return redirect(f"/staff/plans/drafts/{draft_id}{place}", _SEE_OTHER)


@draft_form.get("/<int:draft_id>/confirm")
@allowed("rules")
def to_be_confirmed(draft_id: int) -> str:
    """List the figures that were carried over from the year before, each with its place in the old document."""
    return _confirm_page(draft_with(draft_id))


@draft_form.post("/<int:draft_id>/confirm")
@allowed("rules")
def confirm(draft_id: int) -> Page:
    """Cite the new year's document for one figure."""
    draft = draft_with(draft_id)
    typed = {name: " ".join(request.form.get(name, "").split()) for name in ("key", "place", "title", "url")}
    number = number_in(request.form, "number", -1)
    try:
        if number < 0 or draft.version != version_seen():
            raise EditRefused((Problem("number", "Choose a figure of the list below: it changed meanwhile."),))
        confirm_one(staff_shelf(), draft, number, Document(**typed), person().name, person().id)
    except (EditRefused, PlanFileRefused) as refused:
        return _confirm_page(draft, typed, refused.problems), _UNPROCESSABLE
    except ConflictingDraft as conflict:
        return saved_by_another(conflict, draft, draft.text)
    kept = {name: typed[name] for name in ("key",)}
    return redirect(f"/staff/plans/drafts/{draft_id}/confirm?{urlencode(kept)}", _SEE_OTHER)


def _confirm_page(draft: PlanDraft, typed: dict[str, str] | None = None, problems: tuple[Problem, ...] = ()) -> str:
    given = typed or {"key": request.args.get("key", "")[:_LONGEST_KEY]}
    return render_template(
        "staff/plans/confirm.html",
        draft=draft,
        waiting=to_confirm(draft.text),
        is_readable=not document(draft.text)[1],
        typed={name: given.get(name, "") for name in ("key", "place", "title", "url")},
        errors={problem.path: problem.message for problem in problems},
    )


_LONGEST_KEY = 80


def _places(text: str) -> dict[str, str]:
    """Return the field of the form for each place in a text where something may be wrong."""
    fields = {".".join(path): one.name for one in common_fields(text) for path in (one.block, one.path) if path}
    return fields | {".".join((*one.path, "cite")): one.name for one in unread_rules(text)}


def _form_page(draft: PlanDraft, text: str = "", problems: tuple[Problem, ...] = ()) -> Page:
    """Show the form of a draft; `text` is what it would say by what was typed, where that is not kept yet."""
    shelf, text = staff_shelf(), text or draft.text
    try:
        fields, places = common_fields(text), _places(text)
    except PlanFileRefused:
        return redirect(f"/staff/plans/drafts/{draft.id}", _SEE_OTHER)
    return render_template(
        "staff/plans/form.html",
        draft=draft,
        fields=fields,
        unread=unread_rules(draft.text),
        typed=request.form,
        errors={places[problem.path]: problem.message for problem in problems if problem.path in places},
        others=[problem for problem in problems if problem.path not in places],
        examples=examples_again(text, shelf.folder),
        policies=needling_policies(shelf.shared),
        policy=needling_policy(text, shelf.shared),
    )


# ----------------------------------------------------------------------------
# What insurers' free text proposes, with the quote beside our rule, and the two answers to it.
# ----------------------------------------------------------------------------

proposals = Blueprint("proposals", __name__, url_prefix="/proposals")

_MOST_BYTES_OF_QUOTE = 64 * 1024


@proposals.get("/")
@allowed("viewer")
def open_ones() -> str:
    """List the payers with open proposals, or those of one payer."""
    return _proposals_page(request.args.get("payer", ""))


@proposals.post("/")
@allowed("rules", most_bytes=_MOST_BYTES_OF_QUOTE)
def answer() -> Page:
    """Confirm or reject a quote for every plan of the payer that carries it."""
    payer, text = request.form.get("payer", ""), request.form.get("text", "").replace("\r\n", "\n")
    signed = Signed(person().name, request.form.get("note", ""), person().id)
    shelf, confirmed = staff_shelf(), request.form.get("answer") == "confirm"
    try:
        settle(shelf.engine, payer, text, signed, shelf.folder, confirmed=confirmed)
    except EditRefused as refused:
        return _proposals_page(payer, refused.problems), _UNPROCESSABLE
    return redirect(url_for("staff.proposals.open_ones", payer=payer), _SEE_OTHER)


@proposals.post("/calls")
@allowed("rules")
def accept_call() -> Page:
    """Put what a call said into a draft of its plan, and show what that changes before anybody publishes it."""
    plan_id, key = request.form.get("plan", ""), request.form.get("key", "")
    try:
        draft = accept(staff_shelf(), plan_id, key, person().name, person().id)
    except EditRefused as refused:
        return _proposals_page("", refused.problems), _UNPROCESSABLE
    return redirect(f"/staff/plans/drafts/{draft.id}/preview", _SEE_OTHER)


@proposals.post("/denials")
@allowed("rules")
def accept_a_denial() -> Page:
    """Put what denials say into a draft of their plan, and show what that changes before anybody publishes it."""
    plan_id, who = request.form.get("plan", ""), person()
    try:
        draft = accept_denial(staff_shelf(), plan_id, today(), who.name, who.id)
    except EditRefused as refused:
        return _proposals_page("", refused.problems), _UNPROCESSABLE
    return redirect(f"/staff/plans/drafts/{draft.id}/preview", _SEE_OTHER)


def _proposals_page(payer: str, problems: tuple[Problem, ...] = ()) -> str:
    engine = staff_shelf().engine
    if not payer:
        return render_template(
            "staff/plans/payers.html",
            payers=payers_with_proposals(engine),
            by_calls=call_proposals(staff_shelf()),
            by_denials=denial_proposals(staff_shelf(), today()),
            otherwise=contradictions(engine, today()),
            problems=[problem.message for problem in problems],
        )
    found = proposals_of(engine, payer)
    return render_template(
        "staff/plans/proposals.html",
        payer=payer,
        found=[one for one in found if one.quoted.rules],
        quotes=[one for one in found if not one.quoted.rules],
        problems=[problem.message for problem in problems],
    )
