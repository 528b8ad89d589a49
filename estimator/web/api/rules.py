"""Rules that many plans follow, as files for other programs, by a token with the role `rules`."""

from __future__ import annotations

from marshmallow import fields

from estimator.accounts.roles import Role
from estimator.plans.rule_revisions import CODE, LAYER, STATE_LAW, USUAL
from estimator.publishing.drafts import Signed
from estimator.publishing.rule_files import exported_rule, import_rule
from estimator.web import common
from estimator.web.api.common import (
    NO_TOKEN,
    REFUSED,
    TOO_LARGE,
    WORD,
    asked,
    by_token,
    caller,
    note_seen,
    sent_text,
    subject,
)
from estimator.wording.answer_schema import AnswerPart, Json

rules = subject(
    "Rules", "/rules", "What many plans follow: insurers' rules, state law, what is usual, procedure codes."
)

_KINDS = (LAYER, STATE_LAW, USUAL, CODE)
_FILE = {"type": "string", "description": "The file, as this API or a rule's page exports it."}
_NOTE = {"name": "note", "in": "query", "required": True, "schema": WORD}
_NAMED = [
    {"name": "kind", "in": "query", "required": True, "schema": {"type": "string", "enum": list(_KINDS)}},
    {"name": "name", "in": "query", "required": True, "schema": WORD},
]


class RuleFileSchema(AnswerPart):
    """A rule as a file."""

    text = fields.String(required=True)


class ImportedRuleSchema(AnswerPart):
    """What came of a file: nothing is published where both sides changed the rule, or where it says nothing new."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    published = fields.Boolean(required=True)
    conflict = fields.Boolean(required=True)
    in_force_here = fields.String(required=True)
    in_the_file = fields.String(required=True)


@rules.get("")
@rules.doc(
    operationId="exportRule",
    security=[{"token": []}],
    parameters=_NAMED,
    responses={422: REFUSED, **NO_TOKEN},
)
@rules.response(200, RuleFileSchema, description="The rule in force, as a file.")
@by_token(Role.RULES)
def export() -> Json:
    """Return a rule in force as a file; the log notes that it was taken. Needs the role `rules`."""
    kind, name = asked("kind", _KINDS, LAYER), asked("name")
    text = exported_rule(common.shelf(), kind, name)
    note_seen("rule-downloaded", f"{kind} {name}")
    return {"text": text}


@rules.post("")
@rules.doc(
    operationId="importRule",
    security=[{"token": []}],
    parameters=[_NOTE],
    requestBody={"required": True, "content": {"application/yaml": {"schema": _FILE}}},
    responses={413: TOO_LARGE, 422: REFUSED, **NO_TOKEN},
)
@rules.response(200, ImportedRuleSchema, description="Whether it was published, and both texts.")
@by_token(Role.RULES)
def take() -> Json:
    """Publish the rule in a file, unless both sides changed it. Needs the role `rules`."""
    who = caller()
    found = import_rule(common.shelf(), sent_text(), Signed(who.name, asked("note"), who.id))
    return {
        "kind": found.kind,
        "name": found.name,
        "published": found.is_published,
        "conflict": found.is_conflict,
        "in_force_here": found.ours,
        "in_the_file": found.text,
    }
