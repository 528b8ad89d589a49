"""A draft of a plan: its text with every problem at its line, what it would change, and the button that publishes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator.errors import ConflictingDraft, ConflictingRevision, EditRefused, PlanFileRefused, Problem, UnknownDraft
from estimator.plans.store import PlanDraft
from estimator.publishing.drafts import (
    Checked,
    Signed,
    active_text,
    check_text,
    delete_draft,
    draft_of,
    publish_draft,
    rebase_draft,
    save_draft,
    text_of,
)
from estimator.publishing.impact import impact_on
from estimator.web.shelf import services
from estimator.web.staff.access import allowed, person, staff_shelf
from estimator.web.whole_numbers import number_in
from estimator.wording.plans import changes_of, lines_between

drafts = Blueprint("drafts", __name__, url_prefix="/plans/drafts")

Page = str | tuple[str, int] | Response
_MOST_BYTES = 1_000_000
_CONFLICT = 409
_UNPROCESSABLE = 422
_SEE_OTHER = 303


@drafts.get("/<int:draft_id>")
@allowed("rules")
def edit(draft_id: int) -> str:
    """Show the text with what is wrong in it."""
    return _editor(draft_with(draft_id))


@drafts.post("/<int:draft_id>")
@allowed("rules", most_bytes=_MOST_BYTES)
def save(draft_id: int) -> Page:
    """Keep the text, and go on to the preview where that is asked for."""
    text, version = request.form.get("text", ""), version_seen()
    draft = draft_with(draft_id)
    try:
        draft = save_draft(staff_shelf().engine, draft_id, version, text, person().name)
    except ConflictingDraft as conflict:
        return saved_by_another(conflict, draft, text)
    except EditRefused as refused:
        return _editor(draft, refused.problems), _UNPROCESSABLE
    place = "/preview" if "preview" in request.form else ""
    return redirect(f"/staff/plans/drafts/{draft.id}{place}", _SEE_OTHER)


@drafts.get("/<int:draft_id>/preview")
@allowed("rules")
def preview(draft_id: int) -> str:
    """Show problems, differences and what they do to courses, and offer to publish."""
    return _preview(draft_with(draft_id))


@drafts.post("/<int:draft_id>/publish")
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


@drafts.post("/<int:draft_id>/rebase")
@allowed("rules")
def rebase(draft_id: int) -> Page:
    """Take what was published since into the draft."""
    draft = draft_with(draft_id)
    try:
        rebase_draft(staff_shelf().engine, draft_id, version_seen(), person().name)
    except ConflictingDraft as conflict:
        return saved_by_another(conflict, draft, draft.text)
    return redirect(f"/staff/plans/drafts/{draft_id}", _SEE_OTHER)


@drafts.post("/<int:draft_id>/delete")
@allowed("rules")
def delete(draft_id: int) -> Page:
    """Throw the draft away."""
    draft = draft_with(draft_id)
    delete_draft(staff_shelf().engine, draft_id)
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
