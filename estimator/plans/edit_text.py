"""Changes to the text of a plan in place: single values, common fields, and two people's changes merged.

The text is cut at the marks of the YAML reader: nothing is written anew but the value that changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from estimator.errors import PlanFileRefused, Problem
from estimator.plans.shared import Shared
from estimator.plans.text import Block, Listing, Tree, Words, below, document, documents, flow, plain, yaml_of

Keys = tuple[str, ...]


def changed(text: str, changes: Mapping[Keys, Any]) -> str:
    r"""Return a plan file in which each key path has this value; None takes the key away.

    A block that the key was alone in goes with it. Raise PlanFileRefused where the text is no YAML to begin with.

    >>> changed("title: A # ours\nlimit: {visits: 30, per: month}\n", {("title",): "B", ("limit", "per"): None})
    'title: B # ours\nlimit: {visits: 30}\n'
    """
    for path, value in changes.items():
        text = _removed(text, path) if value is None else _written(text, path, value)
    return text


def rewritten(text: str, change: Callable[[Keys, str], str]) -> str:
    r"""Return a plan file in which each single value is what `change` makes of it, by the keys that lead there.

    >>> rewritten("title: A # ours\nlimit: {visits: 30}\n", lambda path, value: value.replace("30", "40"))
    'title: A # ours\nlimit: {visits: 40}\n'
    """
    values = [(node, change(path, node.value)) for path, node in _values(_root(text), ())]
    for node, value in reversed(values):
        if value != node.value:
            text = _cut(text, node, flow(value))
    return text


def _values(node: Node, path: Keys) -> Iterator[tuple[Keys, ScalarNode]]:
    if isinstance(node, ScalarNode):
        yield path, node
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _values(value, (*path, str(key.value)))
    elif isinstance(node, CollectionNode):
        for member in node.value:
            yield from _values(member, path)


def with_members(text: str, name: str, members: Mapping[str, Any], before: str) -> str:
    r"""Return a plan file with more keys in a block of its top; a new block stands before the key `before`.

    >>> with_members("title: A\nlimit: {}\n", "sources", {"booklet": "p. 3"}, "limit")
    'title: A\nsources: {booklet: p. 3}\nlimit: {}\n'
    """
    root = _root(text)
    pair = _pair(root, name)
    if pair and isinstance(pair[1], MappingNode):
        return _added(text, pair[1], members)
    if pair:
        return _cut(text, pair[1], flow(members))
    following = _pair(root, before)
    if root.flow_style or not following:
        return _added(text, root, {name: members})
    at = following[0].start_mark.index
    return f"{text[:at]}{yaml_of({name: members})}{text[at:]}"


def _written(text: str, path: Keys, value: Any) -> str:
    node: Node = _root(text)
    for depth, key in enumerate(path):
        pair = _pair(node, key)
        if pair is None:
            if isinstance(node, MappingNode):
                return _added(text, node, {path[depth]: _nested(path[depth + 1 :], value)})
            return _cut(text, node, flow(_nested(path[depth:], value)))
        node = pair[1]
    return _cut(text, node, flow(value))


def _added(text: str, parent: MappingNode, members: Mapping[str, Any]) -> str:
    """Add keys at the end of a block, the way that the block is written."""
    words = [f"{key}: {flow(value)}" for key, value in members.items()]
    if parent.flow_style:
        at = _end(text, parent.value[-1][1]) if parent.value else parent.start_mark.index + 1
        return f"{text[:at]}{', ' if parent.value else ''}{', '.join(words)}{text[at:]}"
    last = _end(text, parent.value[-1][1])
    at = text.find("\n", last)
    indent = " " * parent.value[0][0].start_mark.column
    lines = "".join(f"\n{indent}{each}" for each in words)
    return f"{text[:at]}{lines}{text[at:]}" if at >= 0 else f"{text}{lines}\n"


def _removed(text: str, path: Keys) -> str:
    parent: Node = _root(text)
    for key in path[:-1]:
        pair = _pair(parent, key)
        if pair is None:
            return text
        parent = pair[1]
    pair = _pair(parent, path[-1])
    if pair is None or not isinstance(parent, MappingNode):
        return text
    if len(parent.value) == 1 and len(path) > 1:
        return _removed(text, path[:-1])
    start, end = pair[0].start_mark.index, _end(text, pair[1])
    if not parent.flow_style:
        line = text.rfind("\n", 0, start) + 1
        after = text.find("\n", end)
        return text[:line] + (text[after + 1 :] if after >= 0 else "")
    place = next(number for number, each in enumerate(parent.value) if each[0] is pair[0])
    if place + 1 < len(parent.value):
        return text[:start] + text[parent.value[place + 1][0].start_mark.index :]
    if place:
        start = _end(text, parent.value[place - 1][1])
    return text[:start] + text[end:]


def _cut(text: str, node: Node, words: str) -> str:
    start, end = node.start_mark.index, _end(text, node)
    if start == end:  # An empty value, which starts right after its key.
        words = f" {words}"
    elif _is_block(node) and text[:start].rstrip(" ").endswith("\n"):
        start = len(text[:start].rstrip())
        words = f" {words}"
    return text[:start] + words + text[end:]


def _is_block(node: Node) -> bool:
    return isinstance(node, CollectionNode) and not node.flow_style


def _end(text: str, node: Node) -> int:
    """Return where a value ends: the mark of a block lies behind the comments that follow it."""
    if _is_block(node) and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(node, MappingNode) else last)
    end = int(node.end_mark.index)
    return len(text[:end].rstrip()) if isinstance(node, ScalarNode) and node.style in ("|", ">") else end


def _pair(node: Node, key: str) -> tuple[Node, Node] | None:
    if not isinstance(node, MappingNode):
        return None
    return next(((name, value) for name, value in node.value if name.value == key), None)


def _nested(path: Sequence[str], value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _root(text: str) -> MappingNode:
    try:
        node = YAML(typ="base", pure=True).compose(text)
    except YAMLError as error:
        raise _no_yaml() from error
    if not isinstance(node, MappingNode) or not node.value:
        raise _no_yaml()
    return node


def _no_yaml() -> PlanFileRefused:
    words = "The form can change only what can be read: correct the text first."
    return PlanFileRefused((Problem("", words),))


# ----------------------------------------------------------------------------
# Puts two people's changes of one text together, line by line, so that neither is lost.
#
# Where both changed the same lines, both ways stand there between marks that no plan file can be read with.
# ----------------------------------------------------------------------------

MINE, THEIRS, BETWEEN = "<<<<<<< yours", ">>>>>>> theirs", "======="


def merged(base: str, mine: str, theirs: str) -> tuple[str, int]:
    r"""Return the text with both changes, and how many places there are that both changed in different ways.

    >>> merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")
    ('A\nb\nC\n', 0)
    """
    lines: list[str] = []
    clashes = 0
    for old, ours, other in _regions(*(text.splitlines() for text in (base, mine, theirs))):
        if ours == other or other == old:
            lines += ours
        elif ours == old:
            lines += other
        else:
            clashes += 1
            lines += [MINE, *ours, BETWEEN, *other, THEIRS]
    return "".join(f"{line}\n" for line in lines), clashes


def _regions(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield the same stretch of all three texts in turn: lines that both kept, and what stands between those."""
    own, other = _kept(base, mine), _kept(base, theirs)
    at = at_mine = at_theirs = 0
    for line in [*sorted(own.keys() & other.keys()), len(base)]:
        to_mine, to_theirs = own.get(line, len(mine)), other.get(line, len(theirs))
        yield base[at:line], mine[at_mine:to_mine], theirs[at_theirs:to_theirs]
        if line < len(base):
            yield [base[line]], [base[line]], [base[line]]
        at, at_mine, at_theirs = line + 1, to_mine + 1, to_theirs + 1


def _kept(base: list[str], text: list[str]) -> dict[int, int]:
    """Return where each line of the base still stands in a text."""
    blocks = SequenceMatcher(None, base, text, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}


# ----------------------------------------------------------------------------
# The values of a plan that change most often, read out of its text and written back into it.
#
# Each is one place in the text; everything around it, comments included, stays as a person wrote it.
# ----------------------------------------------------------------------------

_THERAPY = "physical-therapy"
_NEEDLING = frozenset({"20560", "20561"})
_INSTEAD = ("none", "unknown")
POLICY = "policy"
PAGE = "page."


@dataclass(frozen=True, slots=True)
class CommonField:
    """A value of a plan and where it stands; `block` is what a word such as none may stand in the place of."""

    name: str
    label: str
    value: str
    path: Keys
    block: Keys = ()
    hint: str = ""


def common_fields(text: str) -> tuple[CommonField, ...]:
    """Return the values that this plan has or could have; raise PlanFileRefused where its text cannot be read."""
    written, _ = document(text)
    return tuple(_fields(written))


def needling_policies(shared: Shared) -> list[tuple[str, str]]:
    """Return the policies on dry needling that a plan may name, with the position of each."""
    found = ((name, one.policy) for name, one in shared.policies.items())
    return [(name, f"{name}: {policy.position}") for name, policy in found if policy and policy.services & _NEEDLING]


def needling_policy(text: str, shared: Shared) -> str:
    """Return which of those a plan names; nothing where it names none."""
    known = dict(needling_policies(shared))
    return next((name for name in _policies(text) if name in known), "")


def with_typed(text: str, typed: Mapping[str, str], cite: str, shared: Shared) -> str:
    """Return the text with what was typed in the place of what stood there; what is the same is not touched.

    `cite` is the source of blocks that are new.
    """
    written, _ = document(text)
    changes: dict[Keys, Any] = {}
    for field in _fields(written):
        words = " ".join(typed.get(field.name, field.value).split())
        if words != field.value:
            changes |= _change(field, words, written, cite)
    policy, before = typed.get(POLICY, ""), needling_policy(text, shared)
    if policy and policy != before:
        others = [name for name in _policies(text) if name != before]
        changes[("policies",)] = [policy, *others]
    return changed(text, changes)


@dataclass(frozen=True, slots=True)
class Unread:
    """A rule with the figures of a template, by the keys of its block, and what the template says of it."""

    name: str
    label: str
    path: Keys


def unread_rules(text: str, source: str = "template") -> tuple[Unread, ...]:
    """Return the rules of a text that cite a source, those in lists left out: each is to be read in a document."""
    return tuple(_unread(document(text)[0], (), source))


def _unread(tree: Tree, path: Keys, source: str) -> Iterator[Unread]:
    for key, value in tree.items() if isinstance(tree, Block) else ():
        if key == "cite" and isinstance(value, Words) and value.split(" ")[0] == source:
            words = " · ".join(part.replace("-", " ").replace("_", " ") for part in path[1:])
            yield Unread(f"{PAGE}{'.'.join(path)}", words[:1].upper() + words[1:], path)
        elif key != "examples":
            yield from _unread(value, (*path, str(key)), source)


def with_pages(text: str, typed: Mapping[str, str], source: str) -> str:
    """Return the text in which each rule that cites the template cites the page of a document that was typed for it.

    The page under `PAGE` alone is for every rule without one of its own.
    """
    pages = {one.path: " ".join((typed.get(one.name) or typed.get(PAGE) or "").split()) for one in unread_rules(text)}
    return changed(text, {(*path, "cite"): f"{source} {page}" for path, page in pages.items() if page})


def with_expected(text: str, expected: Mapping[int, Any]) -> str:
    r"""Return the text in which these examples, counted from 0, expect this; the sum in a comment behind it goes.

    >>> with_expected("examples:\n  - name: a\n    expect: {visits: [40.00]} # 2 × 20\n", {0: {"visits": ["50.00"]}})
    'examples:\n  - name: a\n    expect: {visits: [50.00]}\n'
    """
    pair = _pair(_root(text), "examples")
    members = pair[1].value if pair and isinstance(pair[1], CollectionNode) else []
    for number, value in sorted(expected.items(), reverse=True):
        found = _pair(members[number], "expect")
        if found:
            end = _end(text, found[1])
            line = text.find("\n", end)
            rest = text[end : line if line >= 0 else len(text)]
            if rest.lstrip().startswith("#"):
                text = text[:end] + text[end + len(rest) :]
            text = _cut(text, found[1], flow(value))
    return text


def _fields(plan: Block) -> Iterator[CommonField]:
    yield _plain(plan, "title", "Title", ("title",))
    yield _plain(plan, "payer", "Payer", ("payer",))
    yield _plain(plan, "market", "Market", ("market",), "Such as employer or marketplace.")
    if isinstance(plan.get("benefit_year"), Words):
        hint = "calendar, or unknown; for another start say so in the text, such as {starts: 07-01}."
        yield _plain(plan, "benefit_year", "Benefit year", ("benefit_year",), hint)
    yield _plain(plan, "first_day", "First day", ("in_force", "first_day"))
    yield _plain(plan, "last_day", "Last day", ("in_force", "last_day"), "Empty where there is no end.")
    tiers = [str(name) for name, block in below(plan, "networks").items() if isinstance(block, Block)]
    for place, tier in enumerate(tiers):
        more = f"_{tier}" if place else ""
        for kind, label in (("deductible", "Deductible"), ("out_of_pocket_max", "Out-of-pocket maximum")):
            block = ("networks", tier, kind)
            name = f"{kind}{more}"
            if not place or _at(plan, block) is not None:
                yield _in_block(plan, name, f"{label} of a person, {tier}", block, "person", "Or none, or unknown.")
            if isinstance(_at(plan, block), Block):
                yield _plain(plan, f"{kind}_family{more}", f"{label} of a family, {tier}", (*block, "family"))
        if isinstance(_at(plan, ("networks", tier, "allowed", "percent")), Words):
            block, hint = ("networks", tier, "allowed"), "A part of Medicare’s fee; empty where no document says it."
            label, path = f"What the plan allows, {tier}", (*block, "percent")
            yield CommonField(f"allowed{more}", label, str(_at(plan, path)), path, block, hint)
    yield from _therapy(plan, tiers)


def _therapy(plan: Block, tiers: Sequence[str]) -> Iterator[CommonField]:
    benefits = below(plan, "benefits")
    name = _THERAPY if _THERAPY in benefits else next(iter(benefits), "")
    if not name:
        return
    for place, tier in enumerate(tiers):
        more, share = f"_{tier}" if place else "", ("benefits", name, "cost_share", tier)
        if isinstance(_at(plan, share), Block):
            hint = "Empty where there is none."
            yield _plain(plan, f"copay{more}", f"Copay of therapy, {tier}", (*share, "copay"), hint)
            hint = "Such as 20%. Empty where there is none."
            yield _plain(plan, f"coinsurance{more}", f"Coinsurance of therapy, {tier}", (*share, "coinsurance"), hint)
            hint = "waived, applies, after-copay, with-copay or unknown."
            yield _plain(plan, f"order{more}", f"Deductible on therapy, {tier}", (*share, "deductible"), hint)
    for limit in below(plan, "limits"):
        if "visits" in below(plan, "limits", limit):
            yield _plain(plan, f"visits_{limit}", f"Visits of {limit}", ("limits", limit, "visits"))
    hint = "The visit from which it is needed, such as 13; or none, or unknown."
    authorization = ("benefits", name, "authorization")
    yield _in_block(plan, "authorization", "Authorization", authorization, "from_visit", hint)
    if isinstance(_at(plan, authorization), Block):
        days = "Business days within which the payer answers."
        yield _plain(plan, "turnaround", "Turnaround of authorization", (*authorization, "turnaround_days"), days)
        way = "Portal, fax or phone, and with which papers."
        yield _plain(plan, "how_to_ask", "How to ask for authorization", (*authorization, "how_to_ask"), way)
    yield _in_block(plan, "referral", "Referral", ("benefits", name, "referral"), "from_visit", hint)


def _plain(plan: Block, name: str, label: str, path: Keys, hint: str = "") -> CommonField:
    found = _at(plan, path)
    return CommonField(name, label, " ".join(found.split()) if isinstance(found, Words) else "", path, hint=hint)


def _in_block(plan: Block, name: str, label: str, block: Keys, key: str, hint: str) -> CommonField:
    whole = _at(plan, block)
    found = whole.get(key) if isinstance(whole, Block) else whole
    value = str(found) if isinstance(found, Words) else "" if found else _INSTEAD[0]
    return CommonField(name, label, value, (*block, key), block, hint)


def _change(field: CommonField, words: str, plan: Block, cite: str) -> dict[Keys, Any]:
    if field.path[-1] == "percent" and not words:
        return {field.block: None}
    if field.block and words in ("", *_INSTEAD):
        return {field.block: words or _INSTEAD[0]}
    if field.block and not isinstance(_at(plan, field.block), Block):
        return {field.block: {field.path[-1]: words, **({"cite": cite} if cite else {})}}
    return {field.path: words or None}


def _at(tree: Tree | None, path: Keys) -> Tree | None:
    for key in path:
        tree = tree.get(key) if isinstance(tree, Block) else None
    return tree


def _policies(text: str) -> list[str]:
    listed = document(text)[0].get("policies")
    return [str(name) for name in listed if isinstance(name, Words)] if isinstance(listed, Listing) else []


# ----------------------------------------------------------------------------
# The same for a payer's layer: its days, its position on dry needling with the document that says so, authorization.
# ----------------------------------------------------------------------------

# Under this name a layer keeps the document that the form was filled in from.
_FORM_SOURCE = "entered-here"
_SOURCE_NEEDS = {
    "source_title": "Enter the document that says so: what changes needs its source.",
    "source_read_on": "Enter the day you read it.",
}
_NO_ADDRESS = "none"


def layer_fields(text: str) -> tuple[CommonField, ...]:
    """Return the plain values of a layer; raise PlanFileRefused where its text cannot be read as one."""
    written = _only(text)
    hint = "The visit from which it is needed, such as 13; or none, or unknown. Empty where this rule does not say."
    found = _at(written, ("authorization",))
    said = found.get("from_visit") if isinstance(found, Block) else found
    return (
        _plain(written, "title", "Title", ("title",)),
        _plain(written, "first_day", "First day", ("in_force", "first_day")),
        _plain(written, "last_day", "Last day", ("in_force", "last_day"), "Empty where there is no end."),
        CommonField("authorization", "Authorization of therapy", str(said or ""), ("authorization",), hint=hint),
    )


def layer_needling(text: str, shared: Shared) -> str:
    """Return the position of a layer's first policy on dry needling; nothing where it has none."""
    found = _needling_of(_only(text), shared)
    return found[2] if found else ""


def with_layer_typed(text: str, typed: Mapping[str, str], shared: Shared) -> str:
    """Return the text with what was typed in the place of what stood there; what is the same is not touched.

    Raises PlanFileRefused where a position or an authorization changes without the document that says so.
    """
    written = _only(text)
    changes: dict[Keys, Any] = {}
    cite = " ".join(filter(None, (_FORM_SOURCE, typed.get("source_place", ""))))
    needs_source = False
    for field in layer_fields(text):
        words = typed.get(field.name, field.value)
        if words == field.value:
            continue
        if field.name != "authorization" or words in ("", *_INSTEAD):
            changes[field.path] = words or None
        else:
            said = {"from_visit": words, "cite": cite}
            # What a block says besides, such as what needs none, stays.
            is_block = isinstance(_at(written, field.path), Block)
            changes |= {(*field.path, key): value for key, value in said.items()} if is_block else {field.path: said}
            needs_source = True
        if field.name == "authorization" and words and "services" not in written:
            changes[("services",)] = ["all-therapy"]
    position, found = typed.get("needling", ""), _needling_of(written, shared)
    if position and (found is None or position != found[2]):
        place, policy, _ = found or (
            0,
            {"policy": f"{written.get('layer')}-needling", "services": ["dry-needling"]},
            "",
        )
        listed = [plain(one) for one in _listed(written)]
        listed[place : place + bool(found)] = [{**policy, "position": position, "cite": cite}]
        changes[("policies",)] = listed
        needs_source = True
    if needs_source:
        source = _source_typed(typed)
        if _at(written, ("sources", _FORM_SOURCE)) is not None:
            changes = {("sources", _FORM_SOURCE): source, **changes}
        else:
            text = with_members(text, "sources", {_FORM_SOURCE: source}, "in_force")
    return changed(text, changes)


def _only(text: str) -> Block:
    written, problems = documents(text.encode())
    if problems or len(written) != 1 or not isinstance(written[0], Block):
        raise _no_yaml()
    return written[0]


def _listed(layer: Block) -> list[Tree]:
    listed = layer.get("policies")
    return list(listed) if isinstance(listed, Listing) else []


def _needling_of(layer: Block, shared: Shared) -> tuple[int, dict[str, Any], str] | None:
    """Return place, name with services, and position of the first policy on needling."""
    for place, one in enumerate(_listed(layer)):
        known = shared.policies.get(str(one)) if isinstance(one, Words) else None
        block = known.written if known else one if isinstance(one, Block) else None
        services = plain(block.get("services", Listing())) if block else []
        if block and {*services} & {*_NEEDLING, "dry-needling"}:
            return place, {"policy": str(block.get("policy")), "services": services}, str(block.get("position"))
    return None


def _source_typed(typed: Mapping[str, str]) -> dict[str, str]:
    missing = [Problem(name, words) for name, words in _SOURCE_NEEDS.items() if not typed.get(name)]
    if missing:
        raise PlanFileRefused(tuple(missing))
    return {
        "title": typed["source_title"],
        "url": typed.get("source_url") or _NO_ADDRESS,
        "read_on": typed["source_read_on"],
        "confidence": typed.get("source_confidence") or "medium",
    }
