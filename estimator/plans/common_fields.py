"""The values of a plan that change most often, read out of its text and written back into it.

Each is one place in the text; everything around it, comments included, stays as a person wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from estimator.plans.changing import Keys, changed
from estimator.plans.from_yaml import document
from estimator.plans.shared import Shared
from estimator.plans.tree import Block, Listing, Tree, Words, below

_THERAPY = "physical-therapy"
_NEEDLING = frozenset({"20560", "20561"})
_INSTEAD = ("none", "unknown")
POLICY = "policy"


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


def _fields(plan: Block) -> Iterator[CommonField]:
    yield _plain(plan, "title", "Title", ("title",))
    yield _plain(plan, "first_day", "First day", ("in_force", "first_day"))
    yield _plain(plan, "last_day", "Last day", ("in_force", "last_day"), "Empty where there is no end.")
    tier = next((name for name, block in below(plan, "networks").items() if isinstance(block, Block)), "")
    for kind, label in (("deductible", "Deductible"), ("out_of_pocket_max", "Out-of-pocket maximum")):
        block = ("networks", tier, kind)
        if tier:
            yield _in_block(plan, kind, f"{label} of a person, {tier}", block, "person", "Or none, or unknown.")
        if tier and isinstance(_at(plan, block), Block):
            yield _plain(plan, f"{kind}_family", f"{label} of a family, {tier}", (*block, "family"))
    yield from _therapy(plan, tier)


def _therapy(plan: Block, tier: str) -> Iterator[CommonField]:
    benefits = below(plan, "benefits")
    name = _THERAPY if _THERAPY in benefits else next(iter(benefits), "")
    if not name:
        return
    share = ("benefits", name, "cost_share", tier)
    if isinstance(_at(plan, share), Block):
        yield _plain(plan, "copay", f"Copay of therapy, {tier}", (*share, "copay"), "Empty where there is none.")
        hint = "Such as 20%. Empty where there is none."
        yield _plain(plan, "coinsurance", f"Coinsurance of therapy, {tier}", (*share, "coinsurance"), hint)
        hint = "waived, applies, after-copay, with-copay or unknown."
        yield _plain(plan, "order", f"Deductible on therapy, {tier}", (*share, "deductible"), hint)
    for limit in below(plan, "limits"):
        if "visits" in below(plan, "limits", limit):
            yield _plain(plan, f"visits_{limit}", f"Visits of {limit}", ("limits", limit, "visits"))
    hint = "The visit from which it is needed, such as 13; or none, or unknown."
    yield _in_block(plan, "authorization", "Authorization", ("benefits", name, "authorization"), "from_visit", hint)


def _plain(plan: Block, name: str, label: str, path: Keys, hint: str = "") -> CommonField:
    found = _at(plan, path)
    return CommonField(name, label, " ".join(found.split()) if isinstance(found, Words) else "", path, hint=hint)


def _in_block(plan: Block, name: str, label: str, block: Keys, key: str, hint: str) -> CommonField:
    whole = _at(plan, block)
    found = whole.get(key) if isinstance(whole, Block) else whole
    value = str(found) if isinstance(found, Words) else "" if found else _INSTEAD[0]
    return CommonField(name, label, value, (*block, key), block, hint)


def _change(field: CommonField, words: str, plan: Block, cite: str) -> dict[Keys, Any]:
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
