"""The life of a rule that many plans rest on: drafted, checked, published with a reason, and rolled back.

Saving and publishing name what their author saw, so nothing that somebody else did meanwhile is overwritten. What a
draft would change is told by `rule_impact.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, Engine

from estimator.accounts.audit import note_done
from estimator.clock import now_utc, today
from estimator.db.connection import reading, require_ready, writing
from estimator.db.tables import next_id, rule_drafts
from estimator.engine.coding import NEEDLING_CODES, is_service_code
from estimator.engine.plan import CodeRule
from estimator.engine.values import Source, Span
from estimator.errors import (
    ConflictingDraft,
    ConflictingRule,
    EditRefused,
    PlanFileRefused,
    Problem,
    UnknownDraft,
)
from estimator.plans.common_rules import CommonRule, code_text, codes_over, folder_text, read_common
from estimator.plans.edit_text import merged
from estimator.plans.layers import FOLDER, Layer, laid_over, layers_of
from estimator.plans.rule_revisions import (
    CODE,
    LAYER,
    RuleDraft,
    RuleRevision,
    find_rule_draft,
    find_rule_drafts,
    insert_rule_draft,
    newest_of_rule,
    not_withdrawn,
    remove_rule_draft,
    replace_rule_draft,
    rule_history,
)
from estimator.plans.schema_values import name as rule_name
from estimator.plans.shared import shown
from estimator.plans.shelf import Shelf
from estimator.plans.text import document, problem
from estimator.publishing.drafts import MOST_CHARACTERS, Signed, new_version, our_lines, require_signed
from estimator.publishing.layers import read_layers_over, withdraw, write_rules

_OTHER = "This draft is for {name}. Start another draft for '{other}', or enter {name} here."
_NO_CHANGE = "Nothing that an estimate rests on differs from what is in force: there is nothing to publish."
_NO_SUCH_CODE = "Enter a code that ships with the program, such as 97110, for this one to count like, not {like}."
_NEEDLING = (
    "Laws and plans speak of needling by its two codes alone, 20560 and 20561: each counts like itself, and no other "
    "code like them. Enter another code."
)
_NO_CLASS = "There is no class '{name}'. Enter one of {names}."
_NO_SOURCE = "Enter `source:` with `title`, `url` (or none), `read_on` and `confidence`: who says that this code is so."
_NEW = "layer: {name}\ntitle: {title}\n{scope}in_force: {{first_day: {day}}}\npolicies: []\n"


Rule = Layer | CommonRule


@dataclass(frozen=True, slots=True)
class RuleNow:
    """A rule in force on some days; `revision` is None where the folder of plans says it."""

    kind: str
    name: str
    rule: Rule
    revision: RuleRevision | None


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A text with what is to be corrected; where that is nothing, its rules and the layers in force with them."""

    problems: tuple[Problem, ...]
    rules: tuple[Rule, ...] = ()
    layers: tuple[Layer, ...] = ()

    @property
    def common(self) -> tuple[CommonRule, ...]:
        """Return those rules that are laws and usual rules."""
        return tuple(one for one in self.rules if isinstance(one, CommonRule))


# ----------------------------------------------------------------------------
# What is in force, and its text.
# ----------------------------------------------------------------------------


def rules_now(shelf: Shelf, kind: str, name: str | None = None) -> tuple[RuleNow, ...]:
    """Return what is in force of a kind or of one rule, by title and first day."""
    with reading(shelf.engine) as connection:
        history = not_withdrawn(rule_history(connection, kind, name))
    published = {(one.name, one.fingerprint): one for one in reversed(history)}
    if kind == LAYER:
        found: list[Rule] = [one for one in shelf.layers if name in (None, one.id)]
    else:
        newer = [shelf.common_rule_of(one) for one in history]
        found = [one for one in laid_over(newer, shelf.folder_common_once(kind)) if name in (None, one.id)]
    found.sort(key=lambda one: (one.title.casefold(), one.id, str(one.in_force.first_day or "")))
    return tuple(RuleNow(kind, one.id, one, published.get((one.id, one.fingerprint))) for one in found)


def text_of_rule(shelf: Shelf, now: RuleNow) -> str:
    """Return the text of a rule in force alone, with its comments."""
    folder = shelf.folder.folder
    if now.revision is not None:
        files = [(now.revision.file, now.revision.text)]
    elif isinstance(now.rule, CommonRule):
        if isinstance(now.rule.value, CodeRule):
            return code_text(now.rule.value)
        return folder_text(now.kind, folder, now.name)
    else:
        paths = sorted((folder / FOLDER).rglob("*.yaml"))
        files = [(shown(folder, path), path.read_text("utf-8-sig")) for path in paths]
    for file, text in files:
        for part in re.split(r"(?m)^---[ \t]*(?:#.*)?\n", text):
            if part.strip() and now.rule.fingerprint in _marks(shelf, now.kind, part, file):
                return part.lstrip("\n")
    return files[0][1] if now.revision is not None else ""


def newest_text(shelf: Shelf, kind: str, name: str) -> str:
    """Return the text of what was published last of a rule, or of its file; nothing where nothing of it is in force."""
    now = rules_now(shelf, kind, name)
    newest = max(now, key=lambda one: one.revision.id if one.revision else 0, default=None)
    return text_of_rule(shelf, newest) if newest else ""


def newest_row(engine: Engine, kind: str, name: str) -> int | None:
    """Return the newest row of a rule; asked before its text is read, so that what comes between is a conflict."""
    with reading(engine) as connection:
        return newest_of_rule(connection, kind, name)


def _marks(shelf: Shelf, kind: str, part: str, file: str) -> set[str]:
    """Return the fingerprints of the rules in a part of a file."""
    found: Sequence[Rule] = (
        layers_of(part.encode(), file, shelf.shared)[0] if kind == LAYER else read_common(kind, part.encode(), file)[0]
    )
    return {one.fingerprint for one in found}


def history_of_rule(engine: Engine, kind: str, name: str | None = None) -> tuple[tuple[RuleRevision, bool], ...]:
    """Return every row of a rule, or of a kind, the newest first, and whether it is one that was not taken back."""
    with reading(engine) as connection:
        history = rule_history(connection, kind, name)
    active = {one.id for one in not_withdrawn(history)}
    return tuple((one, one.id in active) for one in history)


# ----------------------------------------------------------------------------
# Drafts.
# ----------------------------------------------------------------------------


def start_rule_draft(
    shelf: Shelf, kind: str, name: str, fingerprint: str, by: str, account: int | None = None
) -> RuleDraft:
    """Start to work on a rule in force; raise EditRefused where nothing of it is, or no longer."""
    based_on = newest_row(shelf.engine, kind, name)
    found = [one for one in rules_now(shelf, kind, name) if one.rule.fingerprint == fingerprint]
    if not found:
        words = "This rule is no longer in force as you saw it. Open it again, and start from what it says now."
        raise EditRefused((Problem("fingerprint", words),))
    text = text_of_rule(shelf, found[0])
    return start_rule_text(shelf.engine, kind, name, text, text, based_on=based_on, by=by, account=account)


def start_new_rule(shelf: Shelf, new: NewLayer, by: str, account: int | None = None) -> RuleDraft:
    """Start a payer's layer that is not there yet; raise EditRefused where its name is none, or in use."""
    if not re.fullmatch(rule_name().pattern, new.name):
        raise EditRefused((Problem("name", "Enter lower-case words joined by dashes, such as aetna-texas."),))
    if rules_now(shelf, LAYER, new.name) or history_of_rule(shelf.engine, LAYER, new.name):
        raise EditRefused((Problem("name", f"There is a rule {new.name} already: enter another name, or open it."),))
    if not new.insurer and not new.market:
        raise EditRefused((Problem("insurer", "Choose an insurer, or a kind of plans, or both."),))
    text = _NEW.format(name=new.name, title=new.title or new.name, scope=new.scope, day=now_utc().date())
    return start_rule_text(shelf.engine, LAYER, new.name, text, base="", based_on=None, by=by, account=account)


def start_new_code(shelf: Shelf, new: NewCode, by: str, account: int | None = None) -> RuleDraft:
    """Start a code that is not there yet; raise EditRefused with everything that is wrong with it, by field."""
    problems = list(_wrong_with(new))
    if rules_now(shelf, CODE, new.code) or (not problems and history_of_rule(shelf.engine, CODE, new.code)):
        problems.append(Problem("code", f"There is a code {new.code} already: open it in the list."))
    text = "" if problems else new.text
    for one in () if problems else check_rule(shelf, CODE, new.code, text).problems:
        # The boxes of the source are beneath each other; the rest is called as in the text.
        problems.append(Problem(_FIELDS.get(one.path, one.path), one.message))
    if problems:
        raise EditRefused(tuple(problems))
    return start_rule_text(shelf.engine, CODE, new.code, text, base="", based_on=None, by=by, account=account)


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code to start, as it was typed."""

    code: str
    own_words: str
    timed: str
    like: str
    source_title: str
    source_url: str
    source_read_on: str
    first_day: str

    @property
    def text(self) -> str:
        """Return the text of the draft."""
        rule = CodeRule(self.code, self.own_words, self.timed == "yes", self.like)
        source = Source(self.source_title, self.source_url, date.fromisoformat(self.source_read_on))
        return code_text(rule, source, Span(date.fromisoformat(self.first_day) if self.first_day else None, None))


_FIELDS = {
    "words": "own_words",
    "source.title": "source_title",
    "source.url": "source_url",
    "source.read_on": "source_read_on",
}


def _wrong_with(new: NewCode) -> Iterator[Problem]:
    if not is_service_code(new.code):
        yield Problem("code", "Enter the five characters of the code, such as 97799 or G0283.")
    if not new.own_words:
        yield Problem("own_words", "Enter what it is in your own words, such as: Cupping.")
    if new.timed not in ("yes", "no"):
        yield Problem("timed", "Choose how it is billed.")
    if not new.like:
        yield Problem("like", "Choose the code that it counts like.")
    if not new.source_title:
        yield Problem("source_title", "Enter the document that says so.")
    for name, day in (("source_read_on", new.source_read_on), ("first_day", new.first_day)):
        if (day or name == "source_read_on") and not _is_day(day):
            yield Problem(name, "Enter a day such as 2027-01-01.")


def _is_day(words: str) -> bool:
    try:
        date.fromisoformat(words)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class NewLayer:
    """A layer to start: its name, and whose plans it is for."""

    name: str
    title: str
    insurer: str
    market: str

    @property
    def scope(self) -> str:
        """Return the lines that say whom it is for."""
        scope = (("insurers", self.insurer), ("markets", self.market))
        return "".join(f"{key}: [{value}]\n" for key, value in scope if value)


def rule_draft(engine: Engine, draft_id: int) -> RuleDraft:
    """Return a draft; raise UnknownDraft where there is none."""
    with reading(engine) as connection:
        return _found(connection, draft_id)


def rule_drafts_of(engine: Engine, kind: str | None = None, name: str | None = None) -> Sequence[RuleDraft]:
    """Return the drafts of a rule, or of all, the last saved first."""
    with reading(engine) as connection:
        return find_rule_drafts(connection, kind, name)


def save_rule_draft(
    engine: Engine, draft_id: int, version: int, text: str, by: str, account: int | None = None
) -> RuleDraft:
    """Keep another text of a draft; raise ConflictingDraft where somebody saved it since, with what they saved."""
    if len(text) > MOST_CHARACTERS:
        raise EditRefused((Problem("text", f"Keep the text below {MOST_CHARACTERS:,} characters."),))
    with writing(engine) as connection:
        draft = _replaced(connection, replace(_seen(connection, draft_id, version), text=our_lines(text), saved_by=by))
        _note(connection, "rule-draft-saved", draft, account)
        connection.commit()
    return draft


def rebase_rule_draft(
    shelf: Shelf, draft_id: int, version: int, by: str, account: int | None = None
) -> tuple[RuleDraft, int]:
    """Take into a draft what was published since it was started; return it with the number of clashes in its text."""
    draft = rule_draft(shelf.engine, draft_id)
    based_on = newest_row(shelf.engine, draft.kind, draft.name)
    theirs = newest_text(shelf, draft.kind, draft.name) or draft.base
    with writing(shelf.engine) as connection:
        draft = _seen(connection, draft_id, version)
        text, clashes = merged(draft.base, draft.text, theirs)
        draft = _replaced(connection, replace(draft, text=text, base=theirs, based_on=based_on, saved_by=by))
        _note(connection, "rule-draft-rebased", draft, account)
        connection.commit()
    return draft, clashes


def delete_rule_draft(engine: Engine, draft_id: int, account: int | None = None) -> None:
    """Throw a draft away."""
    with writing(engine) as connection:
        draft = _found(connection, draft_id)
        remove_rule_draft(connection, draft_id)
        _note(connection, "rule-draft-deleted", draft, account)
        connection.commit()


def start_rule_text(
    engine: Engine,
    kind: str,
    name: str,
    text: str,
    base: str,
    *,
    based_on: int | None,
    by: str,
    account: int | None = None,
) -> RuleDraft:
    """Start a draft with a text of its own over the one in force, read after `based_on` was the newest row."""
    with writing(engine) as connection:
        draft = RuleDraft(
            id=next_id(connection, rule_drafts),
            kind=kind,
            name=name,
            text=our_lines(text),
            base=our_lines(base),
            based_on=based_on,
            version=new_version(),
            saved_by=by,
            updated_at=now_utc(),
        )
        insert_rule_draft(connection, draft)
        _note(connection, "rule-draft-started", draft, account)
        connection.commit()
    return draft


def _found(connection: Connection, draft_id: int) -> RuleDraft:
    draft = find_rule_draft(connection, draft_id)
    if draft is None:
        raise UnknownDraft(draft_id)
    return draft


def _seen(connection: Connection, draft_id: int, version: int) -> RuleDraft:
    draft = _found(connection, draft_id)
    if draft.version != version:
        raise ConflictingDraft(draft_id, version, draft.version, draft.saved_by)
    return draft


def _replaced(connection: Connection, draft: RuleDraft) -> RuleDraft:
    saved = replace(draft, version=new_version(), updated_at=now_utc())
    replace_rule_draft(connection, saved)
    return saved


def _note(connection: Connection, did: str, draft: RuleDraft, account: int | None) -> None:
    note_done(connection, by=account, did=did, subject=f"{draft.kind} {draft.name} draft {draft.id}", now=now_utc())


# ----------------------------------------------------------------------------
# Check, publish, roll back.
# ----------------------------------------------------------------------------


def check_rule(shelf: Shelf, kind: str, name: str, text: str) -> CheckedRule:
    """Read the text of a rule, and tell everything that stops it from being published, by line."""
    file = file_of_rule(kind, name)
    found: Sequence[Rule]
    layers = shelf.layers
    problems: Sequence[Problem] = ()
    if kind == LAYER:
        try:
            found, layers = read_layers_over(shelf, text, file)
        except PlanFileRefused as refused:
            problems = refused.problems
    else:
        found, problems = read_common(kind, text.encode(), file)
        codes = [one.value for one in found if isinstance(one.value, CodeRule)]
        if codes and not problems:
            problems = list(_code_problems(shelf, found[0], text, file))
            layers = layers if problems else shelf.layers_under(codes_over(codes, shelf.codes))
    if problems:
        return CheckedRule(tuple(sorted(problems, key=lambda problem: problem.line or 0)))
    if others := [one.id for one in found if one.id != name]:
        return CheckedRule(tuple(Problem(kind, _OTHER.format(name=name, other=other)) for other in others))
    return CheckedRule((), tuple(found), layers)


def _code_problems(shelf: Shelf, rule: CommonRule, text: str, file: str) -> Iterator[Problem]:
    """Yield what a code says that cannot be: it may count like a code that ships, in classes that there are."""
    code, shipped = rule.value, {one.id: one for one in shelf.folder_common_once(CODE)}
    assert isinstance(code, CodeRule)
    written, _ = document(text, file)
    if code.like not in shipped:
        yield problem(written, ("like",), _NO_SUCH_CODE.format(like=code.like), file)
    elif (code.code in NEEDLING_CODES or code.like in NEEDLING_CODES) and code.code != code.like:
        yield problem(written, ("like",), _NEEDLING, file)
    classes = shelf.folder.shared.services.filed
    for place, name in enumerate(code.classes):
        if name not in classes:
            yield problem(written, ("classes", place), _NO_CLASS.format(name=name, names=", ".join(classes)), file)
    if any(one.read_on > today() for one in rule.sources.values()):
        yield problem(written, ("source", "read_on"), "Enter the day on which you read it, today at the latest.", file)
    known = shipped.get(code.code)
    if not rule.sources and (known is None or known.fingerprint != rule.fingerprint):
        yield Problem("source", _NO_SOURCE, file, 1)


def file_of_rule(kind: str, name: str) -> str:
    """Return the name under which a rule that lies in no file is kept and told of."""
    return f"{kind}-{name}.yaml"


def publish_rule_draft(shelf: Shelf, draft: RuleDraft, signed: Signed) -> None:
    """Let what a draft says be in force, and throw the draft away, as one thing.

    Raises ConflictingDraft where somebody saved it since, and what `publish_rule_text` raises.
    """
    publish_rule_text(shelf, draft.kind, draft.name, draft.text, draft.based_on, signed, draft=draft)


def publish_rule_text(
    shelf: Shelf,
    kind: str,
    name: str,
    text: str,
    based_on: int | None,
    signed: Signed,
    draft: RuleDraft | None = None,
) -> None:
    """Let what a text says of a rule be in force.

    Raises PlanFileRefused with every mistake, ConflictingRule where somebody published since, and EditRefused where
    nothing differs, or name or reason are missing.
    """
    require_signed(signed)
    require_ready(shelf.engine)
    checked = check_rule(shelf, kind, name, text)
    if checked.problems:
        raise PlanFileRefused(checked.problems)
    active = {(one.rule.fingerprint, one.rule.in_force) for one in rules_now(shelf, kind, name)}
    new = [one for one in checked.rules if (one.fingerprint, one.in_force) not in active]
    with writing(shelf.engine) as connection:
        if draft is not None:
            kept = find_rule_draft(connection, draft.id)
            if kept is None or kept.version != draft.version:
                last = kept or draft
                raise ConflictingDraft(draft.id, draft.version, last.version, last.saved_by)
            remove_rule_draft(connection, draft.id)
        _require_newest(connection, kind, name, based_on)
        if not new:
            raise EditRefused((Problem("text", _NO_CHANGE),))
        write_rules(shelf, connection, new, text, file_of_rule(kind, name), signed)
        connection.commit()


def roll_back_rule(engine: Engine, kind: str, name: str, signed: Signed, seen: int | None) -> None:
    """Take back what was last published of a rule; `seen` is its newest row when this was decided.

    Raises ConflictingRule where another one has come since, PlanFileRefused where nothing of it was published, and
    EditRefused where name or reason are missing.
    """
    require_signed(signed)
    require_ready(engine)
    with writing(engine) as connection:
        _require_newest(connection, kind, name, seen)
        withdraw(connection, kind, name, signed)
        connection.commit()


def _require_newest(connection: Connection, kind: str, name: str, seen: int | None) -> None:
    newest = newest_of_rule(connection, kind, name)
    if newest != seen:
        raise ConflictingRule(kind, name, seen, newest)
