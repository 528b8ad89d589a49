"""Publish a payer's layer, tell which plans inherit it, and take it back: rows are added, nothing is changed.

A published layer holds at once for every plan that inherits it; no plan is written anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine

from estimator.accounts.audit import note_done
from estimator.clock import now_utc, today
from estimator.db.connection import require_ready, writing
from estimator.db.tables import next_id, rule_revisions
from estimator.engine.answer import AssumptionKind
from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.plan import Authorization, CodeRule, Plan
from estimator.engine.values import Money, Span
from estimator.errors import NoPrice, PlanFileRefused, PlanNotInForce, Problem, RequestRefused, UnknownZip
from estimator.estimates.contract import read_request
from estimator.estimates.examples import request_of
from estimator.estimates.run import estimate_with
from estimator.estimates.saved import AsItWas, as_now
from estimator.plans.common_rules import CommonRule
from estimator.plans.folder import read_samples
from estimator.plans.layers import (
    Layer,
    insurer_of,
    laid_over,
    layers_of,
    owner_of,
    same_scope,
    with_layers,
)
from estimator.plans.rule_revisions import (
    LAYER,
    STATE_LAW,
    RuleRevision,
    insert_rule_revisions,
    not_withdrawn,
    rule_history,
)
from estimator.plans.shelf import PlanRow, Shelf, Wanted, shared_content
from estimator.plans.store import Import, keep_import, keep_shared
from estimator.publishing.drafts import Signed
from estimator.publishing.impact import Owed, owed_in

ORIGIN = "layers"
_TRIED = 2
_NO_LAYER = "Enter a layer: its name, title, scope and days, as in plans/_layers."
_UNKNOWN = "No layer of this name was published here. `estimator layers history` lists those that were."


class Comes(NamedTuple):
    """What a patient owes for a course, and what the clinic bears of it in the typical case."""

    owed: Owed
    clinic_bears: Money


@dataclass(frozen=True, slots=True)
class Moved:
    """What a sample course of an inheriting plan comes to with the layers as they are and as they would be."""

    plan: PlanRow
    course: str
    before: Comes
    after: Comes


@dataclass(frozen=True, slots=True)
class LayerImpact:
    """A layer of a file, the active plans that inherit it, and the courses that move on a few of them."""

    layer: Layer
    is_new: bool
    plans: tuple[PlanRow, ...]
    tried: int
    moved: tuple[Moved, ...]


def impact_of_layers(shelf: Shelf, text: str, file: str) -> tuple[LayerImpact, ...]:
    """Return for each layer of a file which active plans inherit it, and what it changes.

    Raises PlanFileRefused with every mistake in the file, also where two layers would hold with equal scope.
    """
    found, after = read_layers_over(shelf, text, file)
    known = _holding(shelf.layers)
    return tuple(_impact(shelf, layer, after, not _holding([layer]) <= known) for layer in found)


def publish_layers(shelf: Shelf, text: str, file: str, signed: Signed) -> tuple[Layer, ...]:
    """Let the layers of a file hold from now on; return those that did not hold already."""
    require_ready(shelf.engine)
    found, _ = read_layers_over(shelf, text, file)
    with writing(shelf.engine) as connection:
        new = not_in_force_yet(shelf, connection, found)
        write_rules(shelf, connection, new, text, file, signed)
        connection.commit()
    return new


def not_in_force_yet(shelf: Shelf, connection: Connection, layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return those layers that do not hold already on all of their days."""
    active = _holding(shelf.layers_after(rule_history(connection, LAYER)))
    return tuple(layer for layer in layers if not _holding([layer]) <= active)


def write_rules(
    shelf: Shelf, connection: Connection, rules: Sequence[Layer | CommonRule], text: str, file: str, signed: Signed
) -> None:
    """Add the rules of a text as rows, in a transaction that its use case commits."""
    now = now_utc()
    shared_id = keep_shared(connection, shared_content(shelf.folder.folder), now)
    first = next_id(connection, rule_revisions)
    rows = [
        RuleRevision(
            id=first + place,
            kind=rule.kind if isinstance(rule, CommonRule) else LAYER,
            name=rule.id,
            first_day=rule.in_force.first_day or date.min,
            fingerprint=rule.fingerprint,
            file=file,
            text=text,
            shared_id=shared_id,
            withdraws=None,
            published_at=now,
            published_by=signed.by,
            note=signed.note,
        )
        for place, rule in enumerate(rules)
    ]
    _keep(connection, rows, signed, "rule-published")


def roll_back_layer(engine: Engine, layer: str, signed: Signed) -> tuple[RuleRevision, ...]:
    """Take back what was last published of a layer, so that what held before holds again; return what was taken back.

    Raises PlanFileRefused where nothing of it was published, or all of it is taken back already.
    """
    require_ready(engine)
    with writing(engine) as connection:
        gone = withdraw(connection, LAYER, layer, signed)
        connection.commit()
    return gone


def withdraw(connection: Connection, kind: str, name: str, signed: Signed) -> tuple[RuleRevision, ...]:
    """Do the same for a rule of any kind, in a transaction that its use case commits."""
    active = not_withdrawn(rule_history(connection, kind, name))
    gone = tuple(one for one in active if one.published_at == active[0].published_at)
    if not gone:
        raise PlanFileRefused((Problem(name, _UNKNOWN),))
    now, first = now_utc(), next_id(connection, rule_revisions)
    rows = [
        replace(
            one,
            id=first + place,
            text="",
            withdraws=one.id,
            published_at=now,
            published_by=signed.by,
            note=signed.note,
        )
        for place, one in enumerate(gone)
    ]
    _keep(connection, rows, signed, "rule-rolled-back")
    return gone


def _keep(connection: Connection, rows: Sequence[RuleRevision], signed: Signed, did: str) -> None:
    insert_rule_revisions(connection, rows)
    for one in rows:
        subject = f"{one.kind} {one.name}@{one.fingerprint}"
        note_done(connection, by=signed.account, did=did, subject=subject, now=one.published_at)
    if rows:
        # Pages that keep what they have read go by the newest import.
        keep_import(connection, Import(ORIGIN, "", rows[0].published_at, signed.by, {"layers": len(rows)}))


def _holding(layers: Iterable[Layer]) -> set[tuple[str, Span]]:
    """Return which layers hold on which days: one that a newer one covers in part holds on the others alone."""
    return {(one.fingerprint, one.in_force) for one in layers}


def read_layers_over(shelf: Shelf, text: str, file: str) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """Return the layers of a file, and all that would be in force with them; raise PlanFileRefused."""
    found, problems = layers_of(text.encode(), file, shelf.shared)
    after = laid_over(found, shelf.layers)
    # Those of the file first: laid over each other, one of two with the same days would be gone.
    problems += [] if problems else list(same_scope(found)) or list(same_scope(after))
    if not found and not problems:
        problems = [Problem("layer", _NO_LAYER, file)]
    if problems:
        raise PlanFileRefused(tuple(problems))
    return tuple(found), after


# ----------------------------------------------------------------------------
# Which plans inherit a layer, and what it changes on a few of them.
# ----------------------------------------------------------------------------


def inheriting(shelf: Shelf, layer: Layer) -> tuple[PlanRow, ...]:
    """Return the active plans that a layer is for, by title: their insurer, market, states and days are its own."""
    markets: Sequence[str | None] = sorted(layer.markets) or [None]
    rows = (row for market in markets for row in shelf.search(Wanted(market=market)))
    return tuple(row for row in rows if row.kind != "example" and _inherits(row, layer))


def _inherits(row: PlanRow, layer: Layer) -> bool:
    if not layer.in_force.meets(Span(row.first_day, row.last_day)):
        return False
    if layer.states and row.states and not layer.states & set(row.states):
        return False
    if not layer.insurers:
        return True
    owner = owner_of(row.plan_id, row.payer, row.market, place_of(row, layer))
    return owner is not None and owner.id in layer.insurers


@dataclass(frozen=True, slots=True)
class Heirs:
    """The plans that a layer is for on a day: those that follow its rule on approval, and those that say otherwise.

    `follow` is None for a layer without such a rule. `contradict` are plans by what they say against it.
    """

    plans: int
    follow: int | None
    own_rule: tuple[PlanRow, ...]
    contradict: Mapping[AssumptionKind, tuple[PlanRow, ...]]


def heirs_of(shelf: Shelf, name: str, day: date) -> Heirs:
    """Return what becomes of a layer on a day in every plan that inherits it; raise PlanFileRefused without one."""
    layers = shelf.layers
    layer = next((one for one in layers if one.id == name and day in one.in_force), None)
    if layer is None:
        raise PlanFileRefused((Problem(name, _NONE_THAT_DAY.format(day=day)),))
    rows = [row for row in inheriting(shelf, layer) if day in Span(row.first_day, row.last_day)]
    has_rule = isinstance(layer.authorization, Authorization)
    own: list[PlanRow] = []
    contradict: dict[AssumptionKind, list[PlanRow]] = {}
    for row in rows:
        plan, state = shelf.file_of(row.revision_id).plan, place_of(row, layer)
        laid = with_layers(plan, layers, insurer_of(plan, state), state, day)
        if has_rule and not _follows(laid.plan, layer):
            own.append(row)
        for kind in dict.fromkeys(conflict.assumes for conflict in laid.conflicts if conflict.assumes in _AGAINST):
            contradict.setdefault(kind, []).append(row)
    by_kind = {kind: tuple(found) for kind, found in contradict.items()}
    return Heirs(len(rows), len(rows) - len(own) if has_rule else None, tuple(own), by_kind)


def _follows(plan: Plan, layer: Layer) -> bool:
    rules = [
        rule
        for benefit in plan.benefits
        if benefit.services & layer.services
        for rule in (benefit.authorization, *benefit.authorization_by_code.values())
    ]
    wanted = layer.authorization
    return isinstance(wanted, Authorization) and any(
        isinstance(rule, Authorization) and rule.citation == wanted.citation for rule in rules
    )


_AGAINST = (AssumptionKind.PAYER_ASKS_PERMISSION, AssumptionKind.PLAN_OVER_PAYER)
_NONE_THAT_DAY = "No layer of this name holds on {day}. `estimator rules export layer` lists their names."


def place_of(row: PlanRow, layer: Layer) -> str | None:
    """Return a state in which a plan inherits a layer; None where it is sold everywhere."""
    return min(layer.states & set(row.states) or row.states, default=None)


def _impact(shelf: Shelf, layer: Layer, after: Sequence[Layer], is_new: bool) -> LayerImpact:
    plans = inheriting(shelf, layer)
    step = max(1, len(plans) // _TRIED)
    tried = plans[::step][:_TRIED] if is_new else ()
    under, day = AsItWas(shelf, None, tuple(after)), layer.in_force.first_day
    moved = tuple(one for row in tried for one in tried_on(shelf, row, day, place_of(row, layer), under).moved)
    return LayerImpact(layer, is_new, plans, len(tried), moved)


class Tried(NamedTuple):
    """How many sample courses were run on a plan, and those that move."""

    courses: int
    moved: tuple[Moved, ...]


def tried_on(shelf: Shelf, row: PlanRow, first_day: date | None, state: str | None, after: AsItWas) -> Tried:
    """Run the sample courses of a plan under the rules of its first day on or after a day, as they are and as drafted.

    Courses with none of the services whose rules differ can't move, and are left out. A drafted code is in every
    course, in the place of the one that it counts like, or else of the first.
    """
    day = max(row.first_day, first_day or date.min)
    rules = [replace(each, on=day) for each in (as_now(shelf), after)]
    plans = [each.plan_of(row.revision_id) for each in rules]
    plan, codes = plans[0], {one.value for one in after.drafted if isinstance(one.value, CodeRule)}
    under = [
        with_layers(each, rule.layers, insurer_of(each, state), state, day).plan
        for each, rule in zip(plans, rules, strict=True)
    ]
    touched = _services_touched(under[0], under[1], after.drafted)
    # The law of a state counts for a course that is given there.
    place = {"state": state} if after.drafted and state else {}
    moved, courses = [], 0
    for sample in read_samples(shelf.folder.folder):
        request, course = {**request_of(sample.given, plan), "plan": plan.id, **place}, sample.name
        for code in codes:
            like = code.like if code.like in _codes_of(request) else request["visits"][0]["services"][0]["code"]
            request = {**request, "visits": [_with_code(visit, like, code.code) for visit in request["visits"]]}
            course += f", with {code.code} instead of {like}" if like != code.code else ""
        if touched is not None and touched.isdisjoint(_codes_of(request)):
            continue
        courses += 1
        try:
            before, then = (_comes_to(*each, request) for each in zip(under, rules, strict=True))
        except (RequestRefused, NoPrice, PlanNotInForce, UnknownZip):
            continue  # Such as a course that this plan does not know the tier of.
        if before != then:
            moved.append(Moved(row, course, before, then))
    return Tried(courses, tuple(moved))


def _services_touched(before: Plan, after: Plan, drafted: Sequence[CommonRule]) -> frozenset[str] | None:
    """Return the services whose policies or law differ; None where something else differs, which may touch any."""
    plain = [replace(each, policies=(), sources={}) for each in (before, after)]
    if plain[0] != plain[1] or any(one.kind != STATE_LAW for one in drafted):
        return None
    differ = [one for one in (*before.policies, *after.policies) if (one in before.policies) != (one in after.policies)]
    return frozenset(code for one in differ for code in one.services) | (NEEDLING_CODES if drafted else frozenset())


def _with_code(visit: Mapping[str, Any], old: str, new: str) -> Mapping[str, Any]:
    services = [{**one, "code": new if one["code"] == old else one["code"]} for one in visit["services"]]
    return {**visit, "services": services}


def _codes_of(request: Mapping[str, Any]) -> set[str]:
    return {service["code"] for visit in request["visits"] for service in visit["services"]}


def _comes_to(plan: Plan, rules: AsItWas, request: dict[str, object]) -> Comes:
    found = estimate_with(plan, read_request(request, today()), rules)
    return Comes(owed_in(found), found.typical.provider_absorbs)
