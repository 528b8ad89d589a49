"""The plans that the form offers, and the page that searches tens of thousands of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from estimator import clock
from estimator.engine.plan import Plan
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.errors import PlanFileRefused, PlanNotInForce, UnknownPlan
from estimator.insurers.registry import (
    BLUE,
    NATIONAL,
    StateExchange,
    counties_in,
    county_within,
    is_elsewhere,
    registry,
)
from estimator.language import N_, _, ngettext
from estimator.plans.crosswalk import id_of_year
from estimator.plans.shelf import PlanRow, Shelf, Wanted
from estimator.web import common
from estimator.web.common import edition, ended_words, folder, number_in, page_within, search, shelf
from estimator.web.patient.choices import (
    BIG_MARKETS,
    DESCRIBE,
    FIND_PREFIX,
    MARKETS,
    MY_PLAN,
    MY_PLAN_TITLES,
    NOT_LISTED_LABEL,
    PAYS,
    SUPPLEMENTS,
    Option,
    Pay,
)
from estimator.web.patient.form import Answers, state_of
from estimator.wording.words import heading as titled

Groups = Sequence[tuple[str, Sequence[Option]]]

YOURS = N_("Your choice")
_YEAR = re.compile(r"20\d\d")


def plan_groups(plan_id: str, chosen: Plan | None) -> Groups:
    """Return every choice of the form by kind of plan: first what was chosen elsewhere."""
    groups: dict[str, list[Option]] = {YOURS: [(chosen.id, chosen_words(chosen))] if chosen else []}
    if plan_id == MY_PLAN:
        groups[YOURS] = [(MY_PLAN, MY_PLAN_TITLES["patient"])]
    for label, rows in listed_plans():
        groups[label] = [(row.plan_id, _option(row)) for row in rows]
    for market in BIG_MARKETS:
        groups[MARKETS[market]] = [
            (f"{FIND_PREFIX}{market}", N_("Find my plan by name")),
            *groups.get(MARKETS[market], []),
        ]
    groups[NOT_LISTED_LABEL] = [(DESCRIBE, N_("Describe my plan from my card"))]
    order = [label for label in (YOURS, *MARKETS.values(), NOT_LISTED_LABEL) if groups.get(label)]
    return [(label, groups[label]) for label in order]


def pay_lists(groups: Groups, chosen: Plan | None) -> list[tuple[Pay, Groups]]:
    """Return the ways to pay, each with its own of these plans; the last has all of them."""
    market = chosen.market if chosen else "employer"
    found = []
    for pay in PAYS:
        labels = {MARKETS[each] for each in pay.markets}
        labels |= {YOURS} if market in pay.markets else set()
        labels |= {NOT_LISTED_LABEL} if pay.asks_insurer or pay.name == "injury" else set()
        found.append((pay, [each for each in groups if each[0] in labels] if pay.markets else groups))
    return found


def pay_of(plan_id: str, lists: Iterable[tuple[Pay, Groups]]) -> str:
    """Return the way to pay that a plan belongs to, empty where none is chosen."""
    if not plan_id:
        return ""
    return next(pay.name for pay, groups in lists if not pay.markets or _holds(groups, plan_id))


def _holds(groups: Groups, plan_id: str) -> bool:
    return any(plan_id == value for label, options in groups for value, _words in options if label != NOT_LISTED_LABEL)


@lru_cache(maxsize=1)
def insurer_names() -> tuple[str, ...]:
    """Return the insurers that a browser offers while one types; the search knows all others as well."""
    known = registry().insurers.values()
    large = (each.name for each in known if each.kind in _LARGE and _OFFERED & set(each.markets))
    return tuple(sorted(name for name in large if "(" not in name))


_LARGE = (NATIONAL, BLUE)
_OFFERED = {"employer", "marketplace"}


def listed_plans(*, with_supplements: bool = False) -> list[tuple[str, list[PlanRow]]]:
    """Return the plans that are few enough to choose from one list, under the labels of the form, in its order.

    Plans that nobody sells, to try things out, are found by their id alone. A supplement such as Medigap is nobody's
    first plan: only the list of all plans has it.
    """
    groups: dict[str, list[PlanRow]] = {label: [] for label in MARKETS.values()}
    for row in _listed(shelf(), edition()):
        if row.plan_id in SUPPLEMENTS and not with_supplements:
            continue
        groups[MARKETS[row.market]].append(row)
    return [(label, rows) for label, rows in groups.items() if rows]


def found_by_name() -> list[tuple[str, str, int]]:
    """Return the kinds of plan that are looked for by name: market, label, and how many plans there are."""
    counted = zip(BIG_MARKETS, _numbers(shelf(), edition()), strict=True)
    return [(market, MARKETS[market], number) for market, number in counted if number]


# What is kept until somebody publishes: many pages need it each time, and it hardly ever changes.


@lru_cache(maxsize=4)
def _numbers(plans: Shelf, edition: tuple[int, int]) -> tuple[int, ...]:
    return tuple(plans.count(Wanted(market=market, kind="published")) for market in BIG_MARKETS)


@lru_cache(maxsize=4)
def _listed(plans: Shelf, edition: tuple[int, int]) -> tuple[PlanRow, ...]:
    small = (Wanted(market=market, kind="published") for market in MARKETS if market not in BIG_MARKETS)
    wanted = [Wanted(kind="template"), *small]
    today = clock.today()
    once = _still_of_use(_once((row for each in wanted for row in search(each)), today), today)
    return tuple(sorted(once, key=lambda row: (row.kind == "template", row.title.lower(), row.first_day)))


def _once(rows: Iterable[PlanRow], today: date) -> Iterable[PlanRow]:
    """Return one revision of each plan: the first that has not ended today, else the last."""
    kept: dict[str, PlanRow] = {}
    for row in sorted(rows, key=lambda row: row.first_day):
        before = kept.get(row.plan_id)
        if before is None or (before.last_day and before.last_day < today):
            kept[row.plan_id] = row
    return kept.values()


def _still_of_use(rows: Iterable[PlanRow], today: date) -> list[PlanRow]:
    """Return the rows without those that have ended and go on under the id of another year."""
    listed = list(rows)
    ended = {row.plan_id for row in listed if row.last_day and row.last_day < today}
    going_on = {_YEAR.sub("", row.plan_id) for row in listed if row.plan_id not in ended}
    return [row for row in listed if row.plan_id not in ended or _YEAR.sub("", row.plan_id) not in going_on]


def _only_for_staff() -> frozenset[str]:
    """Return the plans of which nothing is known but the approval rule: a patient cannot learn a cost from them.

    They are the plan files of the kinds that are otherwise imported by the thousand.
    """
    return frozenset(one.id for one in folder().catalogue() if one.market in BIG_MARKETS and one.kind == "published")


def _option(row: PlanRow) -> str:
    ended = ended_words(row.last_day)
    return f"{_(row.title)} – {ended}" if ended else _(row.title)


def chosen_elsewhere(plan_id: str, day: str) -> Plan | None:
    """Return the plan that was chosen, where it stands in no list of the form."""
    is_listed = plan_id not in SUPPLEMENTS and any(row.plan_id == plan_id for row in _listed(shelf(), edition()))
    return None if is_listed else plan_named(plan_id, day)


def chosen_words(plan: Plan) -> str:
    """Return the name of a plan with the variant of it, where it has several."""
    words = variant_words(plan.id)
    return f"{short_title(plan.title)} – {words}" if words else _(plan.title)


def plan_named(plan_id: str, day: str) -> Plan | None:
    """Return the plan of this id on that day or, where there is none then, on another; None where there is none."""
    try:
        return shelf().find(plan_id, date.fromisoformat(day))
    except PlanNotInForce as other:
        return shelf().find(plan_id, other.first_day)
    except (UnknownPlan, PlanFileRefused, ValueError):
        return None


def latest(plan_id: str) -> Plan:
    """Return the revision of a plan that is in force today, else the nearest; raise UnknownPlan where there is none."""
    try:
        return shelf().find(plan_id, clock.today())
    except PlanNotInForce as other:
        return shelf().find(plan_id, other.first_day)


def instead_of(plan_id: str, day: date) -> Plan | None:
    """Return the plan of another year that is in force on a day, where the ids differ in nothing but the year."""
    for year in (day.year - 1, day.year + 1, day.year - 2):
        other = id_of_year(plan_id, year, day.year)
        if other == plan_id:
            continue
        try:
            return shelf().find(other, day)
        except (UnknownPlan, PlanNotInForce, PlanFileRefused):
            continue
    return None


def tiers(plan: Plan | None) -> Groups:
    """Return the networks of a plan that go by names of its own."""
    own = [name for name in (plan.networks if plan else ()) if name not in (IN_NETWORK, OUT_OF_NETWORK)]
    return [(N_("Tiers of this plan"), [(name, titled(name)) for name in own])] if own else []


# ----------------------------------------------------------------------------
# What a person looks for, as typed, and the plans that fit.
#
# A search never holds an answer about the person: only the place, the kind of plan, its insurer and its name.
# ----------------------------------------------------------------------------

ANYWHERE = "any"
METAL_LEVELS = ("Catastrophic", "Bronze", "Expanded Bronze", "Silver", "Gold", "Platinum")
PAGE = 20

_LONGEST = 200
_ASKED = ("kind", "state", "county", "issuer", "metal", "words", "number", "page")
# All variants of every plan of the largest state; without a state, enough to say that there are many.
_MOST_ROWS = 6_000
_MOST_ANYWHERE = 400


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; what is empty may be anything. `state` is two letters, ANYWHERE, or empty: not said.

    `county` puts plans in order and hides none.
    """

    kind: str
    state: str
    county: str
    issuer: str
    metal: str
    words: str
    page: int

    @property
    def is_enough(self) -> bool:
        """Say whether there is something to look for."""
        return bool(self.state or self.words or self.kind not in ("", *BIG_MARKETS))


@dataclass(frozen=True, slots=True)
class Results:
    """One page of the plans that fit, and how many there are; `is_cut` where there are more than were counted.

    `issuers` are all of the state and kind that were asked for, none where no state was.
    """

    plans: Sequence[Found]
    total: int
    page: int
    pages: int
    is_cut: bool
    issuers: Sequence[str]


def query_of(typed: Mapping[str, str], kind: str = "") -> Query:
    """Read what was typed; a ZIP code says the state where none is chosen, and strange words mean nothing."""
    said = {name: typed.get(name, "").strip()[:_LONGEST] for name in _ASKED}
    state = said["state"]
    if state != ANYWHERE and state not in common.shelf().states:
        state = state_of(typed.get("zip", "").strip()) or ""
    kind = kind or (said["kind"] if said["kind"] in MARKETS else "")
    return Query(
        kind=kind,
        state=state,
        county=_county(said["county"], state, typed),
        issuer=said["issuer"],
        # What was chosen for one kind of plan is not meant for the next.
        metal=said["metal"] if said["metal"] in METAL_LEVELS and kind in ("", "marketplace") else "",
        # One of several plans of a name is shown by its number.
        words=said["number"] or said["words"] or _insurer_typed(typed),
        page=number_in(said, "page", 1),
    )


def _county(said: str, state: str, typed: Mapping[str, str]) -> str:
    """Return the county that was chosen, else that of the ZIP code, where it is one of the state."""
    if said in counties_in(state):
        return said
    return county_within(state, typed.get("zip", "").strip())


def _insurer_typed(typed: Mapping[str, str]) -> str:
    """Return the insurer of the form, for a search that begins there."""
    return "" if "words" in typed else typed.get("insurer", "").strip()[:_LONGEST]


def results_of(query: Query, day: date) -> Results:
    """Return a page of what is in force on a day or, where nothing is, of what once was."""
    if not query.is_enough:
        return Results((), 0, 1, 1, is_cut=False, issuers=())
    wanted = wanted_of(query)
    now, most = common.edition(), _most(query)
    listed = _listed_choice(common.shelf(), wanted, day, most, now)
    if not listed.plans:
        listed = _listed_choice(common.shelf(), wanted, None, most, now)
    plans = _nearest_first(listed.plans, query.county)
    page, pages = page_within(query.page, len(plans), PAGE)
    shown = [found_by_one_name(group, query.county) for group in islice(plans, (page - 1) * PAGE, page * PAGE)]
    return Results(shown, len(plans), page, pages, is_cut=listed.rows == most, issuers=_issuers(query, listed))


def _nearest_first(plans: Sequence[Sequence[Sequence[PlanRow]]], county: str) -> Sequence[Sequence[Sequence[PlanRow]]]:
    """Return the plans that the county is not listed for last, and so within those of one name."""
    if not county:
        return plans
    sorted_within = [sorted(group, key=lambda variants: _is_absent(variants[0], county)) for group in plans]
    return sorted(sorted_within, key=lambda group: _is_absent(group[0][0], county))


def _is_absent(row: PlanRow, county: str) -> bool:
    return is_elsewhere(row.plan_id, row.first_day.year, county)


def with_known_issuer(query: Query) -> Query:
    """Return the search without an insurer that sells nothing in the state, which was left from another search."""
    is_known = not query.issuer or wanted_of(query).state is None or query.issuer in issuers_in(query)
    return query if is_known else replace(query, issuer="")


def issuers_in(query: Query) -> Sequence[str]:
    """Return who sells plans of this kind in the state."""
    wanted = wanted_of(query)
    return [row.payer for row in common.payers(Wanted(state=wanted.state, market=wanted.market, kind="published"))]


def wanted_of(query: Query) -> Wanted:
    """Return the search that a query means, on any day."""
    state = query.state if query.state not in ("", ANYWHERE) else None
    return Wanted(
        text=query.words,
        state=state,
        market=query.kind or None,
        payer=query.issuer or None,
        metal=query.metal or None,
    )


@dataclass(frozen=True, slots=True)
class _Listed:
    """All plans that fit, those of one name together, and the number of rows they were found in."""

    plans: Sequence[Sequence[Sequence[PlanRow]]]
    rows: int


@lru_cache(maxsize=16)
def _listed_choice(plans: Shelf, wanted: Wanted, day: date | None, most: int, edition: tuple[int, int]) -> _Listed:
    # Kept for a moment, so that the next page of the same list costs nothing.
    asked = Wanted(
        text=wanted.text,
        state=wanted.state,
        market=wanted.market,
        kind=None,
        payer=wanted.payer,
        metal=wanted.metal,
        day=day,
    )
    rows, hidden = common.search(asked, most), _only_for_staff()
    offered = (row for row in rows if row.kind != "example" and _is_offered(row) and row.plan_id not in hidden)
    return _Listed(of_one_name(grouped(offered)), len(rows))


def _issuers(query: Query, listed: _Listed) -> Sequence[str]:
    wanted = wanted_of(query)
    if wanted.state is None:
        return ()
    if not (query.words or query.issuer or query.metal):
        return sorted({plans[0][0].payer for plans in listed.plans})
    return issuers_in(query)


def _is_offered(row: PlanRow) -> bool:
    # Among thousands of real plans nobody looks for a typical one: it stands on the form.
    return row.kind == "published" or row.market not in BIG_MARKETS


def _most(query: Query) -> int:
    return _MOST_ANYWHERE if query.state in ("", ANYWHERE) else _MOST_ROWS


# ----------------------------------------------------------------------------
# Plans as a list shows them: the variants of one plan together, the standard one first, each named for whom it is.
#
# The Marketplace gives a plan an id such as 38344AK1060002 and each of its variants two digits more.
# ----------------------------------------------------------------------------

_MARKETPLACE = re.compile(r"(?P<plan>\d{5}[a-z]{2}\d{7})-(?P<variant>\d\d)")
_MEDICARE_ADVANTAGE = re.compile(r"(?P<plan>[hr]\d{4}-\d{3}-\d{1,3})-[a-z]{2}")
_METAL = "Catastrophic|Expanded Bronze|Bronze|Silver|Gold|Platinum"
_TITLE = re.compile(rf"(?P<name>.+) \((?P<level>(?:{_METAL}) [^();]+); [^()]+\)")
_STANDARD = "01"
# In the order in which a list names them.
VARIANTS = {
    _STANDARD: N_("Standard, bought on HealthCare.gov"),
    "00": N_("Standard, bought from the insurer and not on HealthCare.gov"),
    "04": N_("CSR 73: extra savings for a lower income (the plan pays about 73% of costs)"),
    "05": N_("CSR 87: extra savings for a lower income (the plan pays about 87% of costs)"),
    "06": N_("CSR 94: extra savings for a lower income (the plan pays about 94% of costs)"),
    "03": N_("For members of tribes, at any income (nothing to pay at tribal clinics)"),
    "02": N_("For members of tribes with a lower income (nothing to pay for covered care)"),
}
# What a card or a Marketplace account calls the variants with lower costs, and the variants for members of tribes.
_MARKS = {"04": "CSR 73", "05": "CSR 87", "06": "CSR 94"}
_TRIBAL = ("02", "03")


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant of a plan that can be chosen; `words` is empty where a plan has but one."""

    plan_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Found:
    """A plan with its variants: the first is the standard one, or the nearest to it that there is.

    `question` tells the variants apart, `absent` that the county is not listed for it; `alike` are the plans of
    the same name, this one among them, if it isn't alone.
    """

    name: str
    issuer: str
    level: str
    number: str
    ended: str
    first: Variant
    others: tuple[Variant, ...]
    question: str
    absent: str = ""
    alike: tuple[Found, ...] = ()


def grouped(rows: Iterable[PlanRow]) -> list[list[PlanRow]]:
    """Return the rows in their order, those that are variants of one plan together."""
    plans: dict[tuple[str, date], list[PlanRow]] = {}
    for row in rows:
        # Done for thousands of rows at each search: no pattern here.
        plan = row.plan_id.rpartition("-")[0] if row.market == "marketplace" else row.plan_id
        plans.setdefault((plan, row.first_day), []).append(row)
    return list(plans.values())


def of_one_name(plans: Iterable[list[PlanRow]]) -> list[list[list[PlanRow]]]:
    """Return the plans in their order, those together that an insurer sells under one name in the same states."""
    names: dict[tuple[str, str, tuple[str, ...], date], list[list[PlanRow]]] = {}
    for variants in plans:
        one = variants[0]
        names.setdefault((short_title(one.title), one.payer, one.states, one.first_day), []).append(variants)
    return list(names.values())


def found_by_one_name(plans: Sequence[Sequence[PlanRow]], county: str = "") -> Found:
    """Return the plans of one name as a list shows them: once, with their numbers."""
    found = [found_of(variants, county) for variants in plans]
    return replace(found[0], alike=tuple(found)) if len(found) > 1 else found[0]


def found_of(rows: Iterable[PlanRow], county: str = "") -> Found:
    """Return a plan as a list shows it, from the rows of its variants."""
    variants = sorted(rows, key=_order)
    first = variants[0]
    parts = _TITLE.fullmatch(first.title)
    choices = [Variant(row.plan_id, variant_words(row.plan_id)) for row in variants]
    return Found(
        name=short_title(first.title),
        issuer=first.payer,
        level=parts["level"] if parts else first.metal_level or "",
        number=number_of(first.plan_id),
        ended=ended_words(first.last_day),
        first=choices[0],
        others=tuple(choices[1:]),
        question=_question([row.plan_id.rpartition("-")[2] for row in variants[1:]]),
        absent=not_sold(first.market, county) if _is_absent(first, county) else "",
    )


def not_sold(market: str, county: str) -> str:
    """Return what is said of a plan that isn't listed for a county."""
    if market == "marketplace":
        return _("This plan may not be sold in {county}: in 2025 its area didn’t include it.").format(county=county)
    return _("{county} isn’t among the counties listed for this plan.").format(county=county)


def _question(variants: Sequence[str]) -> str:
    """Ask what tells the variants of a plan apart; nothing where a card does not show it."""
    marks = ", ".join(mark for variant, mark in _MARKS.items() if variant in variants)
    is_tribal = any(variant in _TRIBAL for variant in variants)
    if marks and is_tribal:
        return _("Does your card show {marks}, or are you a member of a tribe?").format(marks=marks)
    if marks:
        return _("Does your card show {marks}?").format(marks=marks)
    return _("Are you a member of a tribe?") if is_tribal else ""


def short_title(title: str) -> str:
    """Return the name of a plan without what the list of variants says.

    >>> short_title("Premera Silver 4500 (3 visits free) (Silver PPO; standard, sold on the exchange)")
    'Premera Silver 4500 (3 visits free)'
    >>> short_title("FEP Blue Focus 2026 (by the brochure of 2024)")
    'FEP Blue Focus 2026 (by the brochure of 2024)'
    """
    parts = _TITLE.fullmatch(title)
    return parts["name"] if parts else title


def variant_words(plan_id: str) -> str:
    """Say for whom a variant is; nothing where a plan has none, or one that we know no words for."""
    parts = _MARKETPLACE.fullmatch(plan_id)
    words = VARIANTS.get(parts["variant"]) if parts else None
    return _(words) if words else ""


def number_of(plan_id: str) -> str:
    """Return the number of a plan as its papers write it.

    >>> number_of("38344ak1060002-03"), number_of("h0154-011-0-al"), number_of("tricare-prime-2026")
    ('38344AK1060002', 'H0154-011-0', 'tricare-prime-2026')
    """
    for pattern in (_MARKETPLACE, _MEDICARE_ADVANTAGE):
        if parts := pattern.fullmatch(plan_id):
            return parts["plan"].upper()
    return plan_id


def _order(row: PlanRow) -> int:
    parts = _MARKETPLACE.fullmatch(row.plan_id)
    known = list(VARIANTS)
    return known.index(parts["variant"]) if parts and parts["variant"] in known else len(known)


# ----------------------------------------------------------------------------
# What the page that looks for a plan shows.
# ----------------------------------------------------------------------------

_HEADING = N_("Find your plan")
_BESIDE = N_("Find a plan to compare with")
# The two plans that a comparison may set beside the one that was asked about.
OTHER_PLANS = ("other_plan", "another_plan")
_HEADINGS = {
    "medicare-advantage": N_("Find your Medicare Advantage plan"),
    "marketplace": N_("Find your Marketplace (HealthCare.gov) plan"),
}


def choose_page(typed: Mapping[str, str], carried: Answers | None, day: date, kind: str = "") -> dict[str, Any]:
    """Return what the page shows; `carried` are the answers that travel with the search, none where nobody gave any."""
    query = with_known_issuer(query_of(typed, kind))
    results = results_of(query, day)
    slot = _slot(typed) if carried else ""
    names = {letters: rule.name for letters, rule in common.shelf().states.items()}
    return {
        "query": query,
        "results": results,
        "heading": _(_BESIDE if slot else _HEADINGS.get(query.kind, _HEADING)),
        "carried": {**(carried or {"zip": typed.get("zip", "")}), **_beside(typed, slot)},
        "beside": slot,
        "is_sent": carried is not None,
        "kinds": [("", N_("Any kind")), *MARKETS.items()],
        "states": [
            ("", N_("Choose a state")),
            (ANYWHERE, N_("Any state")),
            *sorted(names.items(), key=lambda pair: pair[1]),
        ],
        "counties": [("", N_("Any county")), *((county, county) for county in _counties(query))],
        "issuers": [("", N_("Any insurer")), *((issuer, issuer) for issuer in results.issuers)],
        "metals": [("", N_("Any level")), *((level, level) for level in METAL_LEVELS)],
        "place": names.get(query.state, ""),
        "says": _says(query, results),
    }


def _counties(query: Query) -> Sequence[str]:
    """Return the counties to choose from: those of a state, where plans that are sold by county are looked for."""
    return counties_in(query.state) if query.kind in ("", *BIG_MARKETS) else ()


def _slot(typed: Mapping[str, str]) -> str:
    """Return as which of the other plans of a comparison one is looked for; nothing where it is for the form."""
    return next((name for name in OTHER_PLANS if typed.get("beside", "") == name), "")


def _beside(typed: Mapping[str, str], slot: str) -> dict[str, str]:
    return {name: typed.get(name, "") for name in (*OTHER_PLANS, "beside")} if slot else {}


def _says(query: Query, results: Results) -> str:
    """Say how many plans there are, or why there is none."""
    if not query.is_enough:
        return _("Choose your state, or enter a word of the plan’s name or its ID, and search.")
    if results.total:
        return _counted(results)
    if exchange := _exchange_meant(query):
        return _has_its_own(exchange)
    return _("No plans match. Try just one word, another insurer, or any level, or describe your plan instead.")


def own_marketplace_of(state: str | None) -> str:
    """Say that a state has a Marketplace of its own, whose plans we don't have; nothing where it has none."""
    return "".join(_has_its_own(each) for each in _own_marketplaces() if each.state == state)


def _own_marketplaces() -> list[StateExchange]:
    return [each for each in registry().exchanges.values() if not each.is_in_federal_file]


def _has_its_own(exchange: StateExchange) -> str:
    says = _(
        "{state} has its own Marketplace, {name}, and we don’t have its plans. Describe your plan from its card, "
        "or choose the typical example on the form."
    )
    return says.format(state=common.shelf().states[exchange.state].name, name=exchange.name)


def _exchange_meant(query: Query) -> StateExchange | None:
    """Return the state's own Marketplace that is looked for, by its name or by its state; None for HealthCare.gov."""
    own = _own_marketplaces()
    words = query.words.casefold()
    named = (each for each in own if words and words == each.name.casefold())
    here = (each for each in own if query.kind == "marketplace" and each.state == query.state and not words)
    return next(named, None) or next(here, None)


def _counted(results: Results) -> str:
    if results.is_cut:
        says = _("More than {number} plans match. Choose your state, or enter more of the name.")
    else:
        says = ngettext("{number} plan matches.", "{number} plans match.", results.total)
    return says.format(number=f"{results.total:,}")
