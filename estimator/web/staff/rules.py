"""The pages of rules that many plans rest on: listed, drafted, tried on plans, published, rolled back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator.billing.case_visits import CasesMoved, cases_moved
from estimator.billing.clinic import clinic_now
from estimator.billing.schedule import books_now
from estimator.engine.coding import MARKETS
from estimator.errors import (
    ClinicPricesRefused,
    ConflictingDraft,
    ConflictingRule,
    EditRefused,
    PlanFileRefused,
    Problem,
    UnknownDraft,
)
from estimator.insurers.registry import registry
from estimator.plans.common_rules import CommonRule
from estimator.plans.edit_text import layer_fields, layer_needling, with_layer_typed
from estimator.plans.layers import sources_cited
from estimator.plans.rule_revisions import CODE, LAYER, STATE_LAW, USUAL, RuleDraft
from estimator.publishing.drafts import Signed
from estimator.publishing.rule_files import draft_of_file, exported_rule, read_rule_file
from estimator.publishing.rule_impact import RuleImpact, impact_of_rule, plans_under
from estimator.publishing.rules import (
    CheckedRule,
    NewCode,
    NewLayer,
    Rule,
    RuleNow,
    check_rule,
    delete_rule_draft,
    history_of_rule,
    newest_text,
    publish_rule_draft,
    rebase_rule_draft,
    roll_back_rule,
    rule_draft,
    rule_drafts_of,
    rules_now,
    save_rule_draft,
    start_new_code,
    start_new_rule,
    start_rule_draft,
)
from estimator.web import common
from estimator.web.common import number_in, services
from estimator.web.staff.common import allowed, person, staff_shelf
from estimator.wording.errors import problems_of
from estimator.wording.plans import (
    Changes,
    Said,
    common_in_short,
    common_says,
    layer_says,
    lines_between,
    policy_says,
    rule_changes,
)

rules = Blueprint("rules", __name__, url_prefix="/rules")

Page = str | tuple[str, int] | Response
_CONFLICT, _UNPROCESSABLE, _SEE_OTHER = 409, 422, 303
_MOST_BYTES = 1_000_000
POSITIONS = (
    ("covered", "Covered"),
    ("covered-in-therapy", "Covered only with other therapy"),
    ("bundled", "Not paid separately"),
    ("investigational", "Investigational, not paid"),
    ("not-medically-necessary", "Not medically necessary, not paid"),
    ("excluded", "Excluded"),
    ("unknown", "Not known"),
)
_KINDS = {LAYER: "Insurers’ rules", STATE_LAW: "State law", USUAL: "Usual in a market", CODE: "Procedure codes"}
_OF_LAYERS = ("name", "title", "insurer", "market")
_OF_CODES = ("code", "own_words", "timed", "like", "source_title", "source_url", "source_read_on", "first_day")
_SAVED_SINCE = "{who} saved this draft since you looked at it. Below is what it now says: look again, then publish."
_ADDRESS = "/staff/rules/{kind}/{name}"


# ----------------------------------------------------------------------------
# The list, and one rule.
# ----------------------------------------------------------------------------


@rules.get("/")
@allowed("viewer")
def every() -> str:
    """List the rules in force, by insurer, kind of plans and words, and the drafts in work."""
    return _list_page()


@rules.post("/")
@allowed("rules")
def start_new() -> Page:
    """Start a draft of a payer's rule or a code that is not there yet."""
    is_code = request.form.get("kind") == CODE
    typed = {name: " ".join(request.form.get(name, "").split()) for name in (_OF_CODES if is_code else _OF_LAYERS)}
    try:
        if is_code:
            typed["code"] = typed["code"].upper()
            draft = start_new_code(staff_shelf(), NewCode(**typed), person().name, person().id)
            return redirect(f"/staff/rules/drafts/{draft.id}/preview", _SEE_OTHER)
        draft = start_new_rule(staff_shelf(), NewLayer(**typed), person().name, person().id)
    except EditRefused as refused:
        return _list_page(typed, refused.problems), _UNPROCESSABLE
    return redirect(f"/staff/rules/drafts/{draft.id}", _SEE_OTHER)


@rules.post("/import")
@allowed("rules", most_bytes=_MOST_BYTES)
def take_file() -> Page:
    """Start a draft from a rule that came as a file; show both texts where somebody here changed it, too."""
    shelf, sent = staff_shelf(), request.files.get("file")
    try:
        text = sent.read().decode("utf-8-sig") if sent else request.form.get("text", "").replace("\r\n", "\n")
        found = read_rule_file(shelf, text)
    except UnicodeDecodeError:
        return _list_page(
            None, (Problem("file", "Choose a text file in UTF-8, as a rule is exported."),)
        ), _UNPROCESSABLE
    except PlanFileRefused as refused:
        told = [replace(one, path="file", message=_with_line(one)) for one in refused.problems]
        return _list_page(None, told), _UNPROCESSABLE
    if found.is_same:
        same = Problem("file", "This rule is in force here already, word for word.")
        return _list_page(None, (same,)), _UNPROCESSABLE
    if found.is_conflict and "anyway" not in request.form:
        lines = lines_between(found.ours, found.text, "in force here", "in the file")
        return render_template("staff/rules/import.html", found=found, text=text, lines=lines), _CONFLICT
    draft = draft_of_file(shelf, found, person().name, person().id)
    return redirect(f"/staff/rules/drafts/{draft.id}/preview", _SEE_OTHER)


@rules.get("/<kind>/<name>/file")
@allowed("viewer", notes="rule-downloaded")
def as_file(kind: str, name: str) -> Page:
    """Send a rule as a file that another installation can import."""
    _known(kind, name)
    try:
        text = exported_rule(staff_shelf(), kind, name)
    except EditRefused as refused:
        return _rule_page(kind, name, refused.problems), _UNPROCESSABLE
    headers = {"Content-Disposition": f'attachment; filename="{kind}-{name}.yaml"'}
    return Response(text, content_type="application/yaml; charset=utf-8", headers=headers)


@rules.get("/<kind>/<name>")
@allowed("viewer")
def one(kind: str, name: str) -> str:
    """Show what a rule says on which days, its drafts and its history."""
    return _rule_page(kind, name)


@rules.post("/<kind>/<name>/drafts")
@allowed("rules")
def start(kind: str, name: str) -> Page:
    """Start to work on a rule in force."""
    _known(kind, name)
    mark = request.form.get("fingerprint", "")
    try:
        draft = start_rule_draft(staff_shelf(), kind, name, mark, person().name, person().id)
    except EditRefused as refused:
        return _rule_page(kind, name, refused.problems), _UNPROCESSABLE
    return redirect(f"/staff/rules/drafts/{draft.id}", _SEE_OTHER)


@rules.post("/<kind>/<name>/roll-back")
@allowed("rules")
def roll_back(kind: str, name: str) -> Page:
    """Take back what was last published of a rule."""
    _known(kind, name)
    who, note = person(), request.form.get("note", "")
    try:
        roll_back_rule(
            staff_shelf().engine, kind, name, Signed(who.name, note, who.id), number_in(request.form, "seen")
        )
    except (EditRefused, PlanFileRefused) as refused:
        return _rule_page(kind, name, refused.problems, note), _UNPROCESSABLE
    except ConflictingRule as conflict:
        return _rule_page(kind, name, problems_of(conflict), note), _CONFLICT
    return redirect(_ADDRESS.format(kind=kind, name=name), _SEE_OTHER)


def _list_page(typed: Mapping[str, str] | None = None, problems: Sequence[Problem] = ()) -> str:
    shelf = staff_shelf()
    kind = request.values.get("kind", LAYER) if request.values.get("kind", LAYER) in _KINDS else LAYER
    words, market = request.args.get("words", "").casefold().split(), request.args.get("market", "")
    insurer = request.args.get("insurer", "")
    found = [one for one in rules_now(shelf, kind) if _fits(one, words, insurer, market)]
    insurers = {one for layer in shelf.layers for one in layer.insurers}
    return render_template(
        "staff/rules/list.html",
        kind=kind,
        kinds=_KINDS,
        rows=[_row(one) for one in found],
        words=request.args.get("words", ""),
        insurer=insurer,
        market=market,
        insurers=sorted(((one, _insurers().get(one, one)) for one in insurers), key=lambda pair: pair[1]),
        every_insurer=sorted(_insurers().items(), key=lambda pair: pair[1].casefold()),
        markets=[(one, one.replace("-", " ")) for one in MARKETS],
        shipped=[(one.id, one.title) for one in shelf.folder_common_once(CODE)] if kind == CODE else [],
        drafts=rule_drafts_of(shelf.engine),
        typed=typed or {},
        errors={problem.path: problem.message for problem in problems},
    )


def _with_line(problem: Problem) -> str:
    where = " ".join(filter(None, (f"Line {problem.line}" if problem.line else "", problem.path)))
    return f"{where}: {problem.message}" if where else problem.message


def _fits(now: RuleNow, words: Sequence[str], insurer: str, market: str) -> bool:
    rule = now.rule
    if isinstance(rule, CommonRule):
        said = f"{rule.title} {rule.id}".casefold()
        return all(word in said for word in words)
    said = " ".join([rule.title, rule.id, *(_insurers().get(one, one) for one in rule.insurers), *rule.states])
    return (
        all(word in said.casefold() for word in words)
        and (not insurer or insurer in rule.insurers)
        and (not market or not rule.markets or market in rule.markets)
    )


def _row(now: RuleNow) -> dict[str, Any]:
    rule = now.rule
    if isinstance(rule, CommonRule):
        scope = "" if rule.kind == CODE else rule.id
        needling, cited = common_in_short(rule), list(rule.sources.values())
    else:
        scope = "; ".join(filter(None, (", ".join(sorted(rule.markets)), ", ".join(sorted(rule.states)))))
        needling, cited = policy_says(rule.policies, services()), list(sources_cited(rule).values())
    return {
        "now": now,
        "title": rule.title,
        "scope": scope,
        "needling": needling,
        "says": _says_of(rule),
        "read_on": max((one.read_on for one in cited), default=None),
        "source": next((one.title for one in cited), ""),
    }


def _insurers() -> Mapping[str, str]:
    return {key: one.name for key, one in registry().insurers.items()}


def _rule_page(kind: str, name: str, problems: Sequence[Problem] = (), note: str = "") -> str:
    found, history = _known(kind, name)
    return render_template(
        "staff/rules/one.html",
        kind=kind,
        name=name,
        title=found[0].rule.title if found else name,
        rows=[_row(one) for one in found],
        history=history,
        drafts=rule_drafts_of(staff_shelf().engine, kind, name),
        note=note,
        errors={problem.path: problem.message for problem in problems},
    )


def _known(kind: str, name: str) -> tuple[tuple[RuleNow, ...], Sequence[Any]]:
    """Return what is in force of a rule, and its history; 404 where there never was one."""
    shelf = staff_shelf()
    found = rules_now(shelf, kind, name) if kind in _KINDS else ()
    history = history_of_rule(shelf.engine, kind, name)
    if not found and not history:
        raise NotFound
    return found, history


# ----------------------------------------------------------------------------
# A draft: its text and its form, what it would change, and the button that publishes.
# ----------------------------------------------------------------------------

rule_drafts = Blueprint("rule_drafts", __name__, url_prefix="/rules/drafts")


@rule_drafts.get("/<int:draft_id>")
@allowed("rules")
def edit(draft_id: int) -> str:
    """Show the text with what is wrong in it."""
    return _editor(_draft(draft_id))


@rule_drafts.post("/<int:draft_id>")
@allowed("rules", most_bytes=_MOST_BYTES)
def save(draft_id: int) -> Page:
    """Keep the text, and go on to the preview where that is asked for."""
    draft, text = _draft(draft_id), request.form.get("text", "")
    try:
        save_rule_draft(staff_shelf().engine, draft_id, _version(), text, person().name, person().id)
    except ConflictingDraft as conflict:
        return _saved_by_another(conflict, text)
    except EditRefused as refused:
        return _editor(replace(draft, text=text), refused.problems), _UNPROCESSABLE
    return redirect(f"/staff/rules/drafts/{draft_id}{'/preview' if 'preview' in request.form else ''}", _SEE_OTHER)


@rule_drafts.get("/<int:draft_id>/form")
@allowed("rules")
def fill_in(draft_id: int) -> Page:
    """Show the values that change most often."""
    return _form_page(_draft(draft_id))


@rule_drafts.post("/<int:draft_id>/form")
@allowed("rules")
def take_in(draft_id: int) -> Page:
    """Write what was typed into the text, and go on to what it would change."""
    draft, shelf = _draft(draft_id), staff_shelf()
    typed = {name: " ".join(words.split()) for name, words in request.form.items()}
    try:
        text = with_layer_typed(draft.text, typed, shelf.shared)
        save_rule_draft(shelf.engine, draft_id, _version(), text, person().name, person().id)
    except PlanFileRefused as refused:
        return _form_page(draft, typed, refused.problems)
    except ConflictingDraft as conflict:
        return _saved_by_another(conflict, text)
    return redirect(f"/staff/rules/drafts/{draft_id}/preview", _SEE_OTHER)


@rule_drafts.get("/<int:draft_id>/preview")
@allowed("rules")
def preview(draft_id: int) -> str:
    """Show problems, differences and what they do to plans, saved estimates and open cases; offer to publish."""
    return _preview(_draft(draft_id))


@rule_drafts.post("/<int:draft_id>/publish")
@allowed("rules")
def publish(draft_id: int) -> Page:
    """Let the draft be in force."""
    draft, note = _draft(draft_id), request.form.get("note", "")
    if draft.version != _version():
        return _preview(draft, note, (Problem("note", _SAVED_SINCE.format(who=draft.saved_by)),)), _CONFLICT
    try:
        publish_rule_draft(staff_shelf(), draft, Signed(person().name, note, person().id))
    except (PlanFileRefused, EditRefused) as refused:
        return _preview(draft, note, refused.problems), _UNPROCESSABLE
    except ConflictingDraft as conflict:
        return _saved_by_another(conflict, draft.text)
    except ConflictingRule:
        return _published_by_another(draft)
    return redirect(_ADDRESS.format(kind=draft.kind, name=draft.name), _SEE_OTHER)


@rule_drafts.post("/<int:draft_id>/rebase")
@allowed("rules")
def rebase(draft_id: int) -> Page:
    """Take what was published since into the draft."""
    draft = _draft(draft_id)
    try:
        rebase_rule_draft(staff_shelf(), draft_id, _version(), person().name, person().id)
    except ConflictingDraft as conflict:
        return _saved_by_another(conflict, draft.text)
    return redirect(f"/staff/rules/drafts/{draft_id}", _SEE_OTHER)


@rule_drafts.post("/<int:draft_id>/delete")
@allowed("rules")
def delete(draft_id: int) -> Page:
    """Throw the draft away."""
    draft = _draft(draft_id)
    delete_rule_draft(staff_shelf().engine, draft_id, person().id)
    is_there = bool(rules_now(staff_shelf(), draft.kind, draft.name))
    return redirect(_ADDRESS.format(kind=draft.kind, name=draft.name) if is_there else "/staff/rules/", _SEE_OTHER)


def _draft(draft_id: int) -> RuleDraft:
    try:
        return rule_draft(staff_shelf().engine, draft_id)
    except UnknownDraft as unknown:
        raise NotFound from unknown


def _version() -> int:
    """Return which version of a draft the form was filled in from."""
    return number_in(request.form, "version")


def _check(draft: RuleDraft) -> CheckedRule:
    return check_rule(staff_shelf(), draft.kind, draft.name, draft.text)


def _editor(draft: RuleDraft, refused: Sequence[Problem] = ()) -> str:
    problems = [*refused, *_check(draft).problems]
    return render_template("staff/rules/draft.html", draft=draft, problems=problems, lines=draft.text.splitlines())


def _form_page(draft: RuleDraft, typed: Mapping[str, str] | None = None, problems: Sequence[Problem] = ()) -> Page:
    try:
        fields = layer_fields(draft.text)
        needling = layer_needling(draft.text, staff_shelf().shared)
    except PlanFileRefused:
        return redirect(f"/staff/rules/drafts/{draft.id}", _SEE_OTHER)
    page = render_template(
        "staff/rules/form.html",
        draft=draft,
        fields=fields,
        needling=needling,
        positions=POSITIONS,
        typed=typed or {},
        errors={problem.path: problem.message for problem in problems},
    )
    return (page, _UNPROCESSABLE) if problems else page


def _preview(draft: RuleDraft, note: str = "", refused: Sequence[Problem] = ()) -> str:
    checked, shelf = _check(draft), staff_shelf()
    shown: dict[str, Any] = {"changes": None, "impact": None, "cases": None}
    if checked.rules:
        impact = impact_of_rule(shelf, draft.kind, draft.name, checked, common.prices())
        shown = {"changes": _changes(draft, checked), "impact": impact, "cases": _cases(impact, checked)}
    return render_template(
        "staff/rules/preview.html",
        draft=draft,
        checked=checked,
        note=note,
        refused=refused,
        rules=checked.rules,
        **shown,
    )


def _changes(draft: RuleDraft, checked: CheckedRule) -> Changes:
    """Return how a draft differs from what was in force when it was started."""
    before = check_rule(staff_shelf(), draft.kind, draft.name, draft.base)
    is_new = draft.based_on is None and not rules_now(staff_shelf(), draft.kind, draft.name)
    return rule_changes({} if is_new else _says(before), _says(checked), "" if is_new else draft.base, draft.text)


def _says(checked: CheckedRule) -> Said:
    said: dict[str, list[str]] = {}
    for rule in checked.rules:
        for title, sentences in _says_of(rule).items():
            said.setdefault(title, []).extend(sentences)
    return said


def _says_of(rule: Rule) -> Said:
    return common_says(rule) if isinstance(rule, CommonRule) else layer_says(rule, services(), _insurers())


def _cases(impact: RuleImpact, checked: CheckedRule) -> CasesMoved | None:
    """Return what open cases would move; None where the clinic's own prices can't be read."""
    shelf = staff_shelf()
    try:
        books = books_now(shelf, common.prices())
    except ClinicPricesRefused:
        return None
    ids = {row.plan_id for row in impact.plans}
    return cases_moved(ids, plans_under(shelf, checked), books, clinic_now().habits)


def _saved_by_another(conflict: ConflictingDraft, text: str) -> tuple[str, int]:
    """Show what was typed beside what somebody else saved: nothing is lost, and the person decides."""
    draft = _draft(conflict.draft)
    lines = lines_between(draft.text, text, "theirs", "yours")
    address = f"/staff/rules/drafts/{draft.id}"
    page = render_template(
        "staff/plans/saved-by-another.html", draft=draft, conflict=conflict, text=text, lines=lines, address=address
    )
    return page, _CONFLICT


def _published_by_another(draft: RuleDraft) -> tuple[str, int]:
    shelf = staff_shelf()
    newest = history_of_rule(shelf.engine, draft.kind, draft.name)[0][0]
    text = newest_text(shelf, draft.kind, draft.name)
    lines = lines_between(draft.base, text, "when you started", "now")
    page = render_template("staff/rules/published-by-another.html", draft=draft, newest=newest, lines=lines)
    return page, _CONFLICT
