"""What insurers' free text proposes, with the quote beside our rule, and the two answers to it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from estimator.errors import EditRefused, Problem
from estimator.publishing.drafts import Signed
from estimator.publishing.proposals import payers_with_proposals, proposals_of, settle
from estimator.web.staff.access import allowed, person, staff_shelf

proposals = Blueprint("proposals", __name__, url_prefix="/proposals")

Page = str | tuple[str, int] | Response
_MOST_BYTES = 64 * 1024
_UNPROCESSABLE = 422
_SEE_OTHER = 303


@proposals.get("/")
@allowed("viewer")
def open_ones() -> str:
    """List the payers with open proposals, or those of one payer."""
    return _page(request.args.get("payer", ""))


@proposals.post("/")
@allowed("rules", most_bytes=_MOST_BYTES)
def answer() -> Page:
    """Confirm or reject a quote for every plan of the payer that carries it."""
    payer, text = request.form.get("payer", ""), request.form.get("text", "").replace("\r\n", "\n")
    signed = Signed(person().name, request.form.get("note", ""), person().id)
    shelf, confirmed = staff_shelf(), request.form.get("answer") == "confirm"
    try:
        settle(shelf.engine, payer, text, signed, shelf.folder, confirmed=confirmed)
    except EditRefused as refused:
        return _page(payer, refused.problems), _UNPROCESSABLE
    return redirect(url_for("staff.proposals.open_ones", payer=payer), _SEE_OTHER)


def _page(payer: str, problems: tuple[Problem, ...] = ()) -> str:
    engine = staff_shelf().engine
    if not payer:
        return render_template("staff/plans/payers.html", payers=payers_with_proposals(engine))
    found = proposals_of(engine, payer)
    return render_template(
        "staff/plans/proposals.html",
        payer=payer,
        found=[one for one in found if one.quoted.rules],
        quotes=[one for one in found if not one.quoted.rules],
        problems=[problem.message for problem in problems],
    )
