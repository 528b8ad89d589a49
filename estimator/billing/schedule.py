"""A clinic's schedule: kept, answered row by row, and sorted by what needs action.

No column asks for a name, a member number or a birth date: a row is known by a label of the clinic's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any, NamedTuple

from estimator.billing.calls import told_for
from estimator.billing.needs import REFUSED, Thresholds, figures_of, needs_of, thresholds_set
from estimator.billing.needs import Looked as ToLookAt
from estimator.billing.register import licenses_of, own_prices
from estimator.billing.schedule_cells import (
    ASKED_BESIDE,
    CANCELED,
    codes_of,
    column_of_limit,
    identity_in,
    is_count,
    looks_like_a_name,
    meant,
    services_of,
    status_of,
    time_of,
    yes_or_no,
)
from estimator.billing.schedule_file import LONGEST_CELL, Cells, ScheduleRow, column_of
from estimator.clock import today
from estimator.engine.answer import Estimate
from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices
from estimator.engine.request import IN_NETWORK
from estimator.errors import (
    EstimatorError,
    NoPrice,
    PlanFileRefused,
    PlanNotInForce,
    RequestRefused,
    UnknownPlan,
    UnknownZip,
)
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import Asked
from estimator.estimates.run import estimate_asked, find_plan, prices_of_clinic
from estimator.estimates.saved import AsItWas
from estimator.estimates.totals import totals_and_conditions
from estimator.insurers.matching import find_insurer, insurer_named
from estimator.insurers.registry import Insurer, registry
from estimator.plans.common_rules import RulesOn
from estimator.plans.layers import Layer
from estimator.plans.shelf import PlanRow, Shelf, Wanted, network_meant
from estimator.prices.books import Prices, find_zip


def request_of(cells: Cells, plan: Plan | None) -> dict[str, Any]:
    """Return the request that a row makes of cells as they are meant; a plan tells its networks and its limits."""
    course = {
        "first_day": cells["first_day"],
        "visits": cells["visits"] or "1",
        "per_week": cells["per_week"],
        "each_visit": services_of(cells["services"]),
        "first_visit": services_of(cells["first_visit"]),
    }
    network = cells["network"] or IN_NETWORK
    meant = network_meant(plan, network) if plan else network
    request = {
        "plan": cells["plan"],
        "insurer": cells["insurer"],
        "secondary": _said({"plan": cells["second_plan"]}),
        "zip": cells["zip"],
        "provider": _said({"type": cells["provider"], "network": meant, "setting": cells["setting"]}),
        "diagnoses": codes_of(cells["diagnoses"]),
        "person": _said({"age": cells["age"]}),
        "used": _used(cells, plan),
        "authorization": _authorization(cells),
        "referral": _said({"on_file": yes_or_no(cells["referral"])}),
        "signed_consent": yes_or_no(cells["consent"]),
        "course": _said(course),
    }
    return _said(request)


def _used(cells: Cells, plan: Plan | None) -> dict[str, Any]:
    sums = {name: cells[name] for name in ("deductible_paid", "out_of_pocket_paid")}
    columns = {name: column_of_limit(limit, plan) for name, limit in plan.limits.items()} if plan else {}
    limits = {name: cells[column] for name, column in columns.items() if column}
    return _said({**sums, "limits": _said(limits)})


def _authorization(cells: Cells) -> dict[str, Any]:
    """Return the authorization on file with what of it is used, told as such, as visits left, or as visits of the year.

    Where only the visits of the year are told, they count against it: the need that comes of it says so.
    """
    details = {name: cells[f"authorization_{name}"] for name in ("visits", "units", "first_day", "last_day")}
    granted, left = cells["authorization_visits"], cells["authorization_left"]
    used = cells["authorization_used"]
    if not used and is_count(granted) and is_count(left):
        used = str(max(0, int(granted) - int(left)))
    elif not used and not granted and left:
        details["visits"] = left
    elif not used and is_count(granted) and is_count(cells["visits_used"]):
        used = str(min(int(granted), int(cells["visits_used"])))
    counted = {"used_visits": used, "used_units": cells["authorization_units_used"]}
    codes = [service["code"] for service in services_of(cells["authorization_codes"])]
    return _said({"on_file": yes_or_no(cells["authorization"]), **details, **counted, "codes": codes})


def _said(written: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in written.items() if value not in ("", None, {}, [])}


# ----------------------------------------------------------------------------
# One row of a schedule becomes an outcome: what is owed, what the clinic stands to lose, and what needs action.
#
# An outcome holds kinds and numbers, never sentences; the page has the words. It holds nothing about a person.
# ----------------------------------------------------------------------------

Outcome = Mapping[str, Any]

# What a case tells beside the columns of its row: by when to send the renewal that its planned visits need.
RENEW_BY = "renew_by"
_LOOKED_UP = 1024
_MOST_CHOICES = 12
_TOLD_APART_BY = ("label", "plan", "first_day", "time")
# What is asked where a column that every row needs is empty.
_NEEDED_WORDS = {
    "plan": "Enter the patient's plan, or the insurer as the card says it.",
    "first_day": "Enter the day of the visit, like 12/1/2026.",
    "services": "Enter the codes of the visit, like 97110 x2, 20561.",
}


class Looked:
    """Plans as they are found once for many rows: the same plan on the same day is looked up no second time."""

    def __init__(self, plans: Shelf) -> None:
        self.engine = plans.engine
        self.plan_from = plans.plan_from
        self.layers, self.rules_on = plans.layers, lru_cache(_LOOKED_UP)(plans.rules_on)
        self._found = lru_cache(_LOOKED_UP)(plans.find)
        self.after = plans.after
        self.nearest = lru_cache(_LOOKED_UP)(partial(_nearest, self))
        self.called = lru_cache(_LOOKED_UP)(lambda text, state, day: plans_called(plans, text, state, day))
        self.insurer_called = lru_cache(_LOOKED_UP)(find_insurer)

    def find(self, plan_id: str, day: date, as_of: date | None = None) -> Plan:
        """Return the revision in force on a day, with the current codes: rows are asked today."""
        return self._found(plan_id, day)

    def layers_at(self, as_of: date) -> tuple[Layer, ...]:
        """Return what plans inherit now: rows are asked today."""
        return self.layers

    def rules_at(self, days: tuple[date, ...], as_of: date) -> tuple[RulesOn, ...]:
        """Return the law of the states and what is usual on each day, as published now."""
        return tuple(map(self.rules_on, days))

    def under(self, other: AsItWas) -> Looked:
        """Return the same plans under other rules, such as those of a draft."""
        looked = copy(self)
        looked.layers, looked.rules_on = other.layers, lru_cache(_LOOKED_UP)(other.rules_on)
        looked._found = lru_cache(_LOOKED_UP)(other.find)
        looked.nearest = lru_cache(_LOOKED_UP)(partial(_nearest, looked))
        return looked


def _nearest(plans: Looked, plan_id: str, day: date) -> Plan:
    """Return a plan as it is on a day, what follows it, or else its revision that is nearest to the day."""
    try:
        return find_plan(plan_id, day, day, plans)
    except PlanNotInForce as outside:
        last = outside.last_day
        return plans.find(plan_id, last if last and day > last else outside.first_day)


def no_calls(label: str, plan_id: str) -> Sequence[Mapping[str, Any]]:
    """Return what was said on calls where there is no log of them: nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Books:
    """What every row rests on, and from when on the clinic wants to hear of something.

    `told` finds what a plan said on calls, by the label of the row and the id of the plan; `licenses` are the kinds of
    provider of the clinic's therapists, by their casefolded codes.
    """

    today: date
    plans: Looked
    clinic: ClinicPrices
    prices: Prices | None
    thresholds: Thresholds = field(default_factory=Thresholds)
    at_locations: Mapping[str, ClinicPrices] = field(default_factory=dict)
    told: Callable[[str, str], Sequence[Mapping[str, Any]]] = no_calls
    licenses: Mapping[str, str] = field(default_factory=dict)

    def treated(self, cells: Cells) -> Cells:
        """Return cells that say who treats: where they don't, by the license of the therapist whom they name."""
        license_ = self.licenses.get(cells["therapist"].strip().casefold(), "")
        return {**cells, "provider": cells["provider"] or license_}

    def clinic_at(self, location: str) -> ClinicPrices:
        """Return the clinic's prices where a row takes place: the usual ones, if that location has none of its own."""
        return self.at_locations.get(location.strip().casefold(), self.clinic)


def books_now(shelf: Shelf, prices: Prices | None) -> Books:
    """Return what rows rest on today: the clinic's own prices, and its settings of what it wants to hear of.

    Raises ClinicPricesRefused where the clinic's own prices cannot be read.
    """
    usual, looked = prices_of_clinic(shelf, prices), Looked(shelf)
    day = today()
    told = partial(told_for, shelf.engine, today=day)
    own = own_prices(shelf, prices)
    licenses = licenses_of(shelf.engine)
    return Books(day, looked, usual, prices, thresholds_set(), at_locations=own, told=told, licenses=licenses)


def answer_rows(rows: Sequence[ScheduleRow], books: Books) -> Iterator[tuple[ScheduleRow, Outcome]]:
    """Yield every row with its outcome, in the order of the rows.

    Those of one plan are answered one after another, so that each plan is read once however many there are; rows that
    differ in label and time alone come to the same.
    """
    twice, outcomes = duplicates(rows), dict[int, Outcome]()
    last: tuple[tuple[str, ...], Outcome] = (), {}
    for said, row in sorted(((_said_of(row.cells, books), row) for row in rows), key=lambda pair: pair[0]):
        if said != last[0]:
            last = said, _answer(row.cells, books)
        outcome = {**last[1], "time": time_of(row.cells)} if "time" in last[1] else last[1]
        outcomes[row.line] = _also_twice(outcome, twice.get(row.line))
    for row in rows:
        yield row, outcomes[row.line]


def _said_of(cells: Cells, books: Books) -> tuple[str, ...]:
    """Return what an outcome depends on, the plan first: the label only if calls are looked up or it's asked about."""
    label, time = cells.get("label", ""), cells.get("time", "")
    if books.told is no_calls and not (looks_like_a_name(label) or identity_in(label) or len(label) >= LONGEST_CELL):
        label = ""
    others = (cell for name, cell in cells.items() if name not in ("plan", "label", "time"))
    return cells.get("plan", ""), *others, label, time[LONGEST_CELL - 1 :]


def answer_row(cells: Cells, books: Books, same_as: int | None = None) -> Outcome:
    """Return the outcome of a row: amounts in cents and `needs`, or `refused` with a problem for each column.

    `problems` are questions about the row, and `read_as` says what a cell was taken for; `same_as` is the line of an
    earlier row that says the same.
    """
    return _also_twice(_answer(cells, books), same_as)


def _also_twice(outcome: Outcome, same_as: int | None) -> Outcome:
    if same_as is None or outcome["needs"] == [{"kind": CANCELED}]:
        return outcome
    return {**outcome, "needs": [*outcome["needs"], {"kind": "duplicate", "row": same_as}]}


def _answer(cells: Cells, books: Books) -> Outcome:
    row = meant(cells)
    if row.cells["status"]:
        return {"needs": [{"kind": CANCELED}], "problems": [], "time": time_of(cells)}
    asked_of = dict(row.asks)
    try:
        named = _named(row.cells, books)
        if isinstance(named, PlanQuestion):
            return _refused({"plan": named.says, **asked_of}, named.choices)
        if stopped := {column: words for column, words in asked_of.items() if column not in ASKED_BESIDE}:
            return _refused({**stopped, **asked_of})
        beside, doubts = payers_beside(row.cells, named, books)
        asked_of |= doubts
        if named and (over := _year_over(named, date.fromisoformat(row.cells["first_day"]))):
            asked_of |= {"plan": over}
        ready = books.treated({**row.cells, "plan": named.id if named else row.cells["plan"], **beside})
        try:
            asked, estimate, plan = _estimated(ready, named, books)
        except RequestRefused as refused:
            if not ready["second_plan"] or {column_of(each.path) for each in refused.problems} != {"second_plan"}:
                raise
            asked_of |= {"second_plan": f"{refused.problems[0].message} {_WITHOUT_IT}"}
            asked, estimate, plan = _estimated({**ready, "second_plan": ""}, named, books)
    except (RequestRefused, UnknownPlan, UnknownZip, PlanNotInForce, PlanFileRefused, NoPrice) as refused:
        problems = {each["column"]: each["words"] for each in reversed(_problems(refused))}
        problems |= {name: words for name, words in _NEEDED_WORDS.items() if name in problems and not row.cells[name]}
        if not row.cells["zip"]:
            problems = {"zip": "Enter the clinic's ZIP code here, or once in the clinic's settings."}
        return _refused({**problems, **asked_of})
    by_year = not (ready["authorization_used"] or ready["authorization_left"]) and bool(ready["visits_used"])
    looked = ToLookAt(asked.request, plan, estimate, books.thresholds, by_year, cells.get(RENEW_BY, ""))
    needs = needs_of(looked, asked_of)
    typical, figures = estimate.typical, figures_of(estimate, needs)
    return {
        "plan": plan.title,
        "fingerprint": plan.fingerprint,
        "first_day": typical.visits[0].day.isoformat(),
        "time": time_of(cells),
        "visits": len(typical.visits),
        "first_visit": int(typical.visits[0].owes),
        "collect_today": figures.collect_today,
        "may_be_added": figures.may_be_added,
        "money_at_risk": figures.money_at_risk,
        "low": int(estimate.low.owes),
        "typical": int(typical.owes),
        "high": int(estimate.high.owes),
        "clinic_absorbs": int(typical.provider_absorbs),
        "needs": list(needs),
        "problems": [{"column": column, "words": words} for column, words in asked_of.items()],
        "read_as": {"plan": plan.id} if ready["plan"] != cells.get("plan", "") else {},
    }


def _estimated(ready: Cells, named: Plan | None, books: Books) -> tuple[Asked, Estimate, Plan]:
    request, clinic = request_of(ready, named), books.clinic_at(ready["location"])
    if told := books.told(ready["label"], request["plan"]) if ready["label"] and "plan" in request else ():
        try:
            asked = read_request({**request, "told": told}, books.today)
            return asked, *estimate_asked(asked, books.plans, clinic, books.prices)
        except RequestRefused as refused:
            # What was said of the plan as it was then may be about a limit or a network that it has no more.
            if not all(each.path.startswith("told") for each in refused.problems):
                raise
    asked = read_request(request, books.today)
    return asked, *estimate_asked(asked, books.plans, clinic, books.prices, totals_and_conditions)


def _refused(problems: Mapping[str, str], choices: Sequence[tuple[str, str]] = ()) -> Outcome:
    told: list[dict[str, Any]] = [{"column": column, "words": words} for column, words in problems.items()]
    for each in told:
        if each["column"] == "plan" and choices:
            each["choices"] = [list(choice) for choice in choices]
    return {"needs": [{"kind": REFUSED}], "problems": told}


def _named(cells: Cells, books: Books) -> Plan | PlanQuestion | None:
    """Return the plan that a row names, or what is to be asked; None where its day can't be read or it names none."""
    try:
        day = date.fromisoformat(cells["first_day"])
    except ValueError:
        return None  # The contract says what to write.
    text = cells["plan"] or cells["insurer"]
    if not text:
        return None
    try:
        return find_plan(text, day, books.today, books.plans)
    except UnknownPlan:
        state = _state_of(cells["zip"], books)
        called = books.plans.called(text, state, day)
        if _is_unheard_of(called) and cells["insurer"]:
            # The plan's own words go first, and the insurer's where nothing is known by them.
            by_insurer = books.plans.called(cells["insurer"], state, day)
            called = called if _is_unheard_of(by_insurer) else by_insurer
        return called if isinstance(called, PlanQuestion) else find_plan(called, day, books.today, books.plans)


def _year_over(plan: Plan, day: date) -> str:
    """Say of a plan that goes on into a year whose rules nobody knows here; empty where its rules are known."""
    ended = plan.in_force.last_day
    if ended is None or day <= ended:
        return ""
    return f"The rules of {day.year} aren't here: amounts are by those of {ended.year}. Enter the plan of {day.year}."


def _is_unheard_of(called: str | PlanQuestion) -> bool:
    return isinstance(called, PlanQuestion) and called.is_unheard_of


_UNHEARD_OF = "No insurer is called “{text}”. Enter its name as the card says it; its own rules are not counted yet."


def payers_beside(cells: Cells, plan: Plan | None, books: Books) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the ids of the insurer and the second plan that a row names in words, and what to ask of each in doubt.

    What is in doubt is left out, and its question says so.
    """
    insurer, of_insurer = _insurer_of(cells, plan, books)
    second, of_second = _second_of(cells, plan, books)
    return {"insurer": insurer, "second_plan": second}, {**of_insurer, **of_second}


def _insurer_of(cells: Cells, plan: Plan | None, books: Books) -> tuple[str, dict[str, str]]:
    """Return the id of the insurer that a row names beside its plan, and what to ask where its name is in doubt.

    A name that nobody knows matters where the plan is a typical one: every insurer's rules could be under it.
    """
    if not cells["insurer"]:
        return "", {}
    match = books.plans.insurer_called(cells["insurer"], _state_of(cells["zip"], books))
    if match.insurer is not None:
        return match.insurer.id, {}
    names = "; ".join(choice.insurer.name for choice in match.choices)
    if names:
        return "", {"insurer": _which(cells["insurer"], names)}
    is_typical = bool(cells["plan"]) and plan is not None and plan.kind == "template"
    return "", {"insurer": _UNHEARD_OF.format(text=cells["insurer"][:60])} if is_typical else {}


# ----------------------------------------------------------------------------
# What pays second, by what a card or a practice system calls it.
# ----------------------------------------------------------------------------

_WITHOUT_IT = "The amounts are without it."
_MEDIGAP = re.compile(
    r"\b(?:medigap|med ?supp?|supp?|supplement\w*|plan)\b[ -]*(?:plan[ -]*)?(?P<letter>[A-DFGK-N])\b", re.I
)
_AFTER_MEDICARE = (
    (re.compile(r"\bqmb\b|\bqualified medicare", re.IGNORECASE), "qmb"),
    (re.compile(r"\btfl\b|\btricare for life\b", re.IGNORECASE), "tricare-for-life"),
)
_ORIGINAL_MEDICARE = "medicare"


def _second_of(cells: Cells, first: Plan | None, books: Books) -> tuple[str, dict[str, str]]:
    """Return the id of the plan that pays second, and what to ask where its name is in doubt: no row waits for it."""
    text = cells["second_plan"]
    if not text or first is None:
        return "", {}
    if first.market == _ORIGINAL_MEDICARE:
        if letter := _MEDIGAP.search(f"plan {text}" if len(text) == 1 else text):
            return f"medigap-{letter['letter'].lower()}", {}
        if after := next((plan_id for words, plan_id in _AFTER_MEDICARE if words.search(text)), ""):
            return after, {}
    day = date.fromisoformat(cells["first_day"])
    try:
        return find_plan(text, day, books.today, books.plans).id, {}
    except PlanNotInForce:
        return "", {"second_plan": f"“{text[:60]}” isn't in force on that day: enter the plan that is. {_WITHOUT_IT}"}
    except UnknownPlan:
        called = books.plans.called(text, _state_of(cells["zip"], books), day)
    if isinstance(called, str):
        return called, {}
    if first.market == _ORIGINAL_MEDICARE:
        words = f"“{text[:60]}”: enter the letter of the Medigap plan, QMB, or the id of a plan. {_WITHOUT_IT}"
        return "", {"second_plan": words}
    return "", {"second_plan": f"{called.says} {_WITHOUT_IT}"}


def _state_of(zip_code: str, books: Books) -> str | None:
    try:
        return find_zip(zip_code, books.prices.zips if books.prices else None).state
    except UnknownZip:
        return None


# ----------------------------------------------------------------------------
# A plan by what a practice system calls it: its title, or its insurer's name.
# ----------------------------------------------------------------------------


def duplicates(rows: Sequence[ScheduleRow]) -> Mapping[int, int]:
    """Return by its line the row that is the same visit as an earlier one: its label, plan, day and time."""
    first: dict[tuple[str, ...], int] = {}
    found = {}
    for row in rows:
        if status_of(row.cells):
            continue
        same = tuple(row.cells.get(name, "").casefold() for name in _TOLD_APART_BY)
        if same[0] and first.setdefault(same, row.line) != row.line:
            found[row.line] = first[same]
    return found


class PlanQuestion(NamedTuple):
    """Why a name does not say which plan is meant, and the plans to choose from by id and title."""

    says: str
    choices: tuple[tuple[str, str], ...] = ()
    is_unheard_of: bool = False


def _which(text: str, names: str) -> str:
    return f"“{text[:60]}” can mean {names}. Enter which one."


def plans_called(shelf: Shelf, text: str, state: str | None, day: date) -> str | PlanQuestion:
    """Return the id of the one plan that a text means on a day, or what is to be asked.

    A title means its plan. An insurer's name means one only where it has a single market and a single plan: Original
    Medicare is one, UnitedHealthcare is not.
    """
    titled = [
        row for row in shelf.search(Wanted(text=_bare(text), day=day), _MOST_CHOICES) if _is_title(text, row.title)
    ]
    if len(titled) == 1:
        if _pays_after(shelf, titled[0], day):
            return PlanQuestion(f"“{text[:60]}” pays after Original Medicare. Enter the first plan here.")
        return titled[0].plan_id
    match = find_insurer(text, state)
    if match.insurer is None:
        names = "; ".join(choice.insurer.name for choice in match.choices)
        if len(match.choices) == 1:
            return _of_insurer(shelf, text, match.choices[0].insurer, state, day, is_sure=False)
        if names:
            return PlanQuestion(_which(text, names))
        unheard_of = f"No plan is called “{text[:60]}”. Enter the id of a plan; Plans finds it."
        return PlanQuestion(unheard_of, is_unheard_of=True)
    return _of_insurer(shelf, text, match.insurer, state, day, is_sure=True)


def _of_insurer(
    shelf: Shelf, text: str, insurer: Insurer, state: str | None, day: date, *, is_sure: bool
) -> str | PlanQuestion:
    """Return the only plan of an insurer that the text surely names, or which of its plans is to be chosen."""
    rows = [
        row
        for row in shelf.search(Wanted(state=state, day=day))
        if _is_of(row, insurer, state) and not _pays_after(shelf, row, day)
    ]
    if is_sure and len(rows) == 1 and len(insurer.markets) == 1:
        return rows[0].plan_id
    typical = [
        row
        for market in insurer.markets
        for row in shelf.search(Wanted(market=market, day=day, kind=None if market in _OF_GOVERNMENT else "template"))
        if row not in rows and row.kind != "example"
    ]
    choices = tuple((row.plan_id, row.title) for row in _likeliest(text, insurer, rows, typical))
    says = f"“{text[:60]}” {'is' if is_sure else 'may be'} {insurer.name}."
    if rows:
        which = f"{insurer.name} has several plans." if _is_title(text, insurer.name) else says
        return PlanQuestion(f"{which} Which of its plans is it?", choices)
    if insurer.markets and set(insurer.markets) <= _OF_GOVERNMENT and choices:
        return PlanQuestion(f"{says} Which plan is it?", choices)
    do = "choose a typical plan, or add the patient's" if choices else "add the patient's"
    return PlanQuestion(f"{says} None of its plans is here: {do}.", choices)


# The markets that words of a plan's name tell; a name that tells none is mostly that of an employer's plan.
_SAYS_MARKET = (
    (frozenset(("advantage", "mapd", "medicare", "snp", "dual")), ("medicare-advantage", "medicare")),
    (frozenset(("medicaid", "caid", "chip", "mco")), ("medicaid",)),
    (frozenset(("marketplace", "exchange", "bronze", "silver", "gold", "platinum", "catastrophic")), ("marketplace",)),
)
# Their plans are the same under each administrator.
_OF_GOVERNMENT = {"tricare", "va", "workers-comp"}
# What titles write out.
_WRITTEN_OUT = {"pos": ("point", "service", "ppo"), "hdhp": ("high", "deductible"), "oap": ("ppo",), "epo": ("hmo",)}
_LETTERS_AND_DIGITS = re.compile(r"[a-z0-9]+")


def _likeliest(text: str, insurer: Insurer, rows: Sequence[PlanRow], typical: Sequence[PlanRow]) -> Sequence[PlanRow]:
    """Return the plans to choose from: those of the market that the text speaks of, the most like it first."""
    words = _LETTERS_AND_DIGITS.findall(text.casefold())
    said = frozenset((*words, *(each for word in words for each in _WRITTEN_OUT.get(word, ()))))
    markets = next((markets for words, markets in _SAYS_MARKET if words & said), insurer.markets[:1])

    def likeness(row: PlanRow) -> tuple[bool, int, str]:
        words = frozenset(_LETTERS_AND_DIGITS.findall(row.title.casefold()))
        return row.market not in markets, -len(said & words), row.title

    return sorted((*rows, *typical), key=likeness)[:_MOST_CHOICES]


def _is_title(text: str, title: str) -> bool:
    return _bare(text).casefold() == _bare(title).casefold()


def _bare(title: str) -> str:
    """Return a title without what stands in parentheses behind it."""
    return title.partition(" (")[0].strip()


def _pays_after(shelf: Shelf, row: PlanRow, day: date) -> bool:
    """Tell whether a plan pays only after Original Medicare: it is nobody's first plan."""
    return row.market == _ORIGINAL_MEDICARE and shelf.find(row.plan_id, day).supplement is not None


def _is_of(row: PlanRow, insurer: Insurer, state: str | None) -> bool:
    return (registry().of_plan(row.payer, row.market, state) or insurer_named(row.payer, state)) == insurer


def _problems(refused: EstimatorError) -> list[dict[str, str]]:
    match refused:
        case RequestRefused(problems=problems):
            return [{"column": column_of(each.path), "words": each.message} for each in problems]
        case UnknownPlan():
            return [{"column": "plan", "words": "Enter the id of a plan that is here; the page of plans finds it."}]
        case UnknownZip():
            return [{"column": "zip", "words": "Check the ZIP code: Medicare’s list does not have it."}]
        case PlanNotInForce(until=date() as latest):
            words = f"Enter a day up to {latest}: nothing is estimated for later ones."
            return [{"column": "first_day", "words": words}]
        case PlanNotInForce(first_day=first, last_day=last):
            until = f" to {last}" if last else " on"
            words = f"Enter a day on which the plan holds, from {first}{until}, or another plan."
            return [{"column": "first_day", "words": words}]
        case PlanFileRefused():
            return [{"column": "plan", "words": "Correct the plan first: it cannot be read."}]
        case _:
            raise refused
