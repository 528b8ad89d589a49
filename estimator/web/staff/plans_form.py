"""The common fields of a draft as a form: what is typed goes into the text, and the text is what is kept."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from estimator.errors import ConflictingDraft, PlanFileRefused
from estimator.plans.edit_text import common_fields, needling_policies, needling_policy, with_typed
from estimator.plans.store import PlanDraft
from estimator.publishing.drafts import save_draft
from estimator.web.staff.access import allowed, person, staff_shelf
from estimator.web.staff.plans_drafts import draft_with, saved_by_another, version_seen

draft_form = Blueprint("draft_form", __name__, url_prefix="/plans/drafts")

Page = str | tuple[str, int] | Response
_UNPROCESSABLE = 422
_SEE_OTHER = 303


@draft_form.get("/<int:draft_id>/form")
@allowed("rules")
def fill_in(draft_id: int) -> Page:
    """Show the values that change most often."""
    return _page(draft_with(draft_id))


@draft_form.post("/<int:draft_id>/form")
@allowed("rules")
def take_in(draft_id: int) -> Page:
    """Write what was typed into the text, and show what is then to correct."""
    draft, shelf = draft_with(draft_id), staff_shelf()
    try:
        text = with_typed(draft.text, request.form, request.form.get("cite", "").strip(), shelf.shared)
        save_draft(shelf.engine, draft_id, version_seen(), text, person().name)
    except PlanFileRefused:
        return _page(draft)
    except ConflictingDraft as conflict:
        return saved_by_another(conflict, draft, text)
    return redirect(f"/staff/plans/drafts/{draft_id}", _SEE_OTHER)


def _page(draft: PlanDraft) -> Page:
    shared = staff_shelf().shared
    try:
        fields = common_fields(draft.text)
    except PlanFileRefused:
        return redirect(f"/staff/plans/drafts/{draft.id}", _SEE_OTHER)
    return render_template(
        "staff/plans/form.html",
        draft=draft,
        fields=fields,
        policies=needling_policies(shared),
        policy=needling_policy(draft.text, shared),
    )
