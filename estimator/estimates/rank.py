"""Every plan that a person could choose, by what one course of care would cost under it: open enrollment.

Nothing was paid or approved under a plan that somebody only thinks of choosing, so each begins anew. A Marketplace plan
stands here once: in the variant of reduced cost sharing (CSR) that the person has, else as it is sold to everyone.
Medicare plans for special needs stand here for those alone who may join them. A plan whose service area is known and
doesn't hold the person's county comes after the others. Premiums are not counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from estimator.engine.answer import Estimate
from estimator.engine.plan import CostShare, Plan
from estimator.engine.prices import ClinicPrices
from estimator.engine.request import Request
from estimator.engine.values import Money, Unknown
from estimator.errors import NoPrice, PlanNotInForce, Problem, Refused, RequestRefused, Stopped, UnknownPlan
from estimator.estimates.compare import in_next_year, under_other_plan
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import Asked
from estimator.estimates.run import (
    TooLong,
    estimate_asked,
    find_plan,
    more_fit,
    one_page,
    prices_of_clinic,
    state_asked,
)
from estimator.estimates.totals import totals_alone
from estimator.insurers.registry import county_within, is_elsewhere
from estimator.language import _
from estimator.plans.crosswalk import Fate, succession_of
from estimator.plans.layers import owner_of
from estimator.plans.shelf import JSON, PlanRow, Shelf, Wanted
from estimator.prices.books import Prices

CSR = {"73": "04", "87": "05", "94": "06"}
"""The variant of a silver plan by the share of costs that it pays, in percent (45 CFR 156.420)."""
SPECIAL = {"medicaid": "D-SNP", "facility": "I-SNP", "condition": "C-SNP"}
"""Medicare plans that only some people may join, by why, with how their titles end (42 CFR 422.2, 422.52)."""
_SPECIAL = re.compile(r"\b[DIC]-SNP\b")
_FOR_EVERYONE = ("01", "00")  # As sold on the exchange, else as sold off it.
_VARIANT = re.compile(r"(.+)-([0-9]{2})")
SOLD = _MARKETPLACE, _MEDICARE_ADVANTAGE = "marketplace", "medicare-advantage"
"""The markets whose plans a person chooses among for a year."""
MOST_AT_ONCE = 150
"""So many plans are ranked for one page or call: more would keep a person waiting."""
# The lines of their courses in all, counted before the first is estimated, and those that are run for them: an estimate
# takes as long as it has these. Eight visits under all plans of a state are 38,000 (Arizona) to 57,000 (Ohio).
_MOST_LINES, _MOST_WORK = 4_000, 60_000
# After so many it shows that the rest would take longer, if they need half of these.
_TRIED = 10
_STOPS = (Refused, UnknownPlan, PlanNotInForce, NoPrice)


@dataclass(frozen=True, slots=True)
class Ranked:
    """What the course costs the patient under one plan, premiums left out.

    `is_elsewhere`: the person's county isn't among those in which it is listed.
    """

    row: PlanRow
    estimate: Estimate
    is_elsewhere: bool = False

    @property
    def typical(self) -> Money:
        """Return the total as what is open usually turns out."""
        return self.estimate.typical.owes

    @property
    def order(self) -> tuple[bool, Money, Money, str]:
        """Return what comes first: what is sold in the county, the lower typical total, the lower most, the name."""
        return self.is_elsewhere, self.typical, self.estimate.high.owes, self.row.plan_id


@dataclass(frozen=True, slots=True)
class Ranking:
    """The plans from the one that costs least on, and those that no estimate can be made for, with what stopped it.

    `for_some` counts the plans that are left out because only people with special needs may join them.
    """

    ranked: tuple[Ranked, ...]
    left_out: tuple[tuple[PlanRow, Stopped], ...]
    for_some: int = 0


def rank(
    written: Mapping[str, Any],
    wanted: Wanted,
    today: date,
    shelf: Shelf,
    prices: Prices | None = None,
    csr: str | None = None,
    special: str | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
    most: int | None = None,
    is_next_year: bool = False,
    clinic: ClinicPrices | None = None,
) -> Ranking:
    """Return the plans that fit, by what the request would cost under each; `told` hears how many of how many are done.

    `csr` is a key of CSR, `special` one of SPECIAL: else plans of that kind are left out, unless the person has such a
    plan. `is_next_year` moves the course to the next benefit year first. Plans with the same rules are
    estimated once. Raises RequestRefused where the request itself cannot be read and, where `most` is given, where more
    plans fit or their courses take too long.
    """
    asked = read_request(written, today)
    if is_next_year:
        written = in_next_year(written, asked, shelf)
        asked = read_request(written, today)
    first_day = asked.request.visits[0].day
    every = choosable(shelf.search(wanted), first_day, csr)
    rows = joinable(every, {SPECIAL.get(special or "", ""), _special_of_own(asked, shelf)})
    if most is not None and len(rows) > most:
        words = _("{plans} plans are sold here, and {most} can be ranked at once. Choose an insurer.")
        raise RequestRefused((Problem("insurer", words.format(plans=f"{len(rows):,}", most=most)),))
    own = clinic if clinic is not None else prices_of_clinic(shelf, prices)
    by_name = {entry.party for entry in own.contract}
    county = county_within(wanted.state or "", asked.zip or "")
    state = state_asked(asked, prices)
    plans, stopped = _read(rows, asked.request, shelf)
    keyed: dict[int, tuple[object, Plan]] = {}
    for place, (rules, plan) in plans.items():
        row = rows[place]
        named = row.plan_id if row.plan_id in by_name else ""
        insurer = owner_of(row.plan_id, row.payer, row.market, state)
        keyed[place] = (named, row.last_day, insurer.id if insurer else "", rules), plan
    keys = len({key for key, _plan in keyed.values()})
    if most is not None and asked.request.service_count * keys > _MOST_LINES:
        raise _too_much()
    ranked: list[Ranked] = []
    known: dict[object, Estimate] = {}
    with nullcontext() if most is None else one_page(_MOST_WORK):
        for done, (place, (key, plan)) in enumerate(keyed.items(), 1 + len(stopped)):
            row = rows[place]
            if len(known) == _TRIED and not more_fit(keys - _TRIED, _half(known.values())):
                raise _too_much()
            try:
                if key not in known:
                    changed = under_other_plan(written, asked, row.plan_id, plan, None)
                    known[key] = estimate_asked(read_request(changed.request, today), shelf, own, prices, totals_alone)[
                        0
                    ]
            except _STOPS as why:
                if most is not None and isinstance(why, TooLong):
                    raise _too_much() from why
                stopped[place] = why
            else:
                ranked.append(Ranked(row, known[key], is_elsewhere(row.plan_id, row.first_day.year, county)))
            told(done, len(rows))
    left_out = tuple((rows[place], why) for place, why in sorted(stopped.items()))
    return Ranking(tuple(sorted(ranked, key=lambda each: each.order)), left_out, len(every) - len(rows))


def _half(estimates: Collection[Estimate]) -> int:
    """Return half of what these took on average, in lines that were run."""
    return sum(each.work for each in estimates) // (2 * len(estimates))


def _too_much() -> RequestRefused:
    words = _("That is too much to compare at once. Choose an insurer, or enter fewer visits.")
    return RequestRefused((Problem("insurer", words),))


def _read(
    rows: Sequence[PlanRow], request: Request, shelf: Shelf
) -> tuple[dict[int, tuple[object, Plan]], dict[int, Stopped]]:
    """Return the plans by place, each with what a course costs by under it, and what stopped the others.

    Most plans of a state differ from another one in names alone: one whose definition says the same isn't read again.
    """
    first_day, last_day = request.visits[0].day, request.visits[-1].day
    stopped: dict[int, Stopped] = {}
    held: dict[int, tuple[date | None, int]] = {}
    for place, row in enumerate(rows):
        try:
            held[place] = _held(row, first_day, shelf)
        except _STOPS as why:
            stopped[place] = why
    written = shelf.definitions({number for _until, number in held.values()})
    said: dict[object, tuple[object, Plan] | Stopped] = {}
    plans: dict[int, tuple[object, Plan]] = {}
    for place, (until, number) in held.items():
        key = until, said_by(*written[number])
        if key not in said:
            said[key] = _rules_and_plan(rows[place], first_day, shelf)
        found = said[key]
        if isinstance(found, Stopped):
            stopped[place] = found
            continue
        rules, plan = found
        following = None
        if until is not None and until < last_day:
            # Two plans of the same rules may become two different ones within the course.
            begins = max(until + timedelta(days=1), first_day)
            following = shelf.after(replace(plan, id=rows[place].plan_id), begins, last_day)
        plans[place] = (rules, following and (following.id, rules_of(following))), plan
    return plans, stopped


def _held(row: PlanRow, first_day: date, shelf: Shelf) -> tuple[date | None, int]:
    """Return the revision of a plan in the year of the course, with its last day.

    Raises PlanNotInForce where a crosswalk says that it ends.
    """
    if row.last_day is not None and row.last_day < first_day:
        succession = succession_of(shelf.engine, row.plan_id, first_day.year)
        if succession is not None and succession.fate is not Fate.CONTINUES:
            raise PlanNotInForce(row.plan_id, first_day, row.first_day, row.last_day)
    _first_day, until, number = shelf.span(row.plan_id, min(first_day, row.last_day or first_day))
    return until, number


def _rules_and_plan(row: PlanRow, first_day: date, shelf: Shelf) -> tuple[object, Plan] | Stopped:
    """Return what a course costs by under a plan, and the plan; or what stopped it."""
    try:
        plan = shelf.find(row.plan_id, min(first_day, row.last_day or first_day))
    except _STOPS as why:
        return why
    if not _says_a_share(plan):
        words = _("Ask this plan for its copay: what a visit costs under it hasn't been read.")
        return RequestRefused((Problem("plan", words),))
    return rules_of(plan), plan


def _says_a_share(plan: Plan) -> bool:
    """Tell whether a plan says what a visit costs: of some nothing but the rule on approval was read."""
    shares = (share for benefit in plan.benefits for share in benefit.cost_share.values())
    return any(
        isinstance(share, CostShare)
        and not isinstance(share.copay, Unknown)
        and not isinstance(share.coinsurance, Unknown)
        for share in shares
    )


_NOT_RULES = ("plan", "title", "sources", "notes", "examples")


def said_by(form: str, definition: str, shared_id: int) -> object:
    """Return what a definition says but for names and sources: two that say the same are plans of the same rules.

    >>> said_by("json", '{"plan":"a","payer":"x"}', 1) == said_by("json", '{"plan":"b","payer":"x"}', 1)
    True
    """
    if form != JSON:
        return definition, shared_id
    written = json.loads(definition)
    rules = {key: _uncited(part) for key, part in written.items() if key not in _NOT_RULES}
    return json.dumps(rules), shared_id


def _uncited(written: Any) -> Any:
    if isinstance(written, dict):
        return {key: _uncited(part) for key, part in written.items() if key != "cite" or not isinstance(part, str)}
    return [_uncited(part) for part in written] if isinstance(written, list) else written


_NAMES_ONLY = frozenset({"id", "title", "fingerprint", "sources", "notes", "citation"})


def rules_of(plan: Plan) -> object:
    """Return what a course costs by: two plans that differ in names and sources alone are equal in it."""
    return _bare(plan)


def _bare(part: object) -> object:
    if isinstance(part, Mapping):
        return frozenset((key, _bare(each)) for key, each in part.items())
    if isinstance(part, tuple):
        return tuple([_bare(each) for each in part])
    if is_dataclass(part):
        kind: type = type(part)
        return kind, tuple([_bare(getattr(part, name)) for name in _counted(kind)])
    return part


@cache
def _counted(of: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(of) if each.name not in _NAMES_ONLY)


def _special_of_own(asked: Asked, shelf: Shelf) -> str:
    """Return the kind of special needs that the person's own plan is for, "" where everyone may join it."""
    if not isinstance(asked.plan, str):
        return ""
    try:
        plan = find_plan(asked.plan, asked.request.visits[0].day, asked.request.as_of, shelf)
    except _STOPS:
        return ""
    return special_of(plan)


def special_of(plan: Plan | PlanRow) -> str:
    """Return the kind of special needs that a plan is for, such as D-SNP; "" where everyone may join it."""
    found = _SPECIAL.search(plan.title) if plan.market == _MEDICARE_ADVANTAGE else None
    return found[0] if found else ""


def joinable(rows: Iterable[PlanRow], special: Collection[str]) -> Sequence[PlanRow]:
    """Return the plans that everyone may join, and those for special needs of these kinds."""
    return tuple(row for row in rows if special_of(row) in ("", *special))


def choosable(rows: Iterable[PlanRow], day: date, csr: str | None = None) -> Sequence[PlanRow]:
    """Return each plan once: its newest year that has begun by a day, and of its variants the one that fits."""
    by_id: dict[str, PlanRow] = {}
    for row in rows:
        known = by_id.get(row.plan_id)
        if row.first_day <= day and (known is None or known.first_day < row.first_day):
            by_id[row.plan_id] = row
    variants: dict[str, dict[str, PlanRow]] = {}
    for row in by_id.values():
        base, variant = _parts(row)
        variants.setdefault(base, {})[variant] = row
    return tuple(_fitting(variants.values(), csr))


def _parts(row: PlanRow) -> tuple[str, str]:
    found = _VARIANT.fullmatch(row.plan_id) if row.market == _MARKETPLACE else None
    return (found[1], found[2]) if found else (row.plan_id, "")


def _fitting(plans: Iterable[Mapping[str, PlanRow]], csr: str | None) -> Iterator[PlanRow]:
    wanted = (*((CSR[csr],) if csr else ()), *_FOR_EVERYONE, "")
    for variants in plans:
        yield from [variants[variant] for variant in wanted if variant in variants][:1]
