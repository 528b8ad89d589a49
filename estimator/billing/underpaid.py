"""What payers allowed below the clinic's contract: line by line, with the reductions that a payer may take told apart.

Of a remittance, `visits_in` gives what was settled; of the ledgers of cases, `settled_visits`. `below_contract` prices
each visit by the contract as the engine does for an estimate, and lists what falls short.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

from estimator.billing.cases import CARE, MERGED, PAID, stands
from estimator.billing.remittance import PaidClaim, PaidLine, standing
from estimator.billing.reports import plans_by_case
from estimator.billing.schedule import Books
from estimator.billing.schedule_cells import services_of
from estimator.db.connection import reading
from estimator.db.tables import case_entries, cases
from estimator.engine.coding import ASSISTANT, THERAPIST
from estimator.engine.findings import PriceContractedPercent
from estimator.engine.plan import Allowed, Basis, Plan
from estimator.engine.prices import OFFICE, PriceEntry, PriceSheet
from estimator.engine.pricing import Price, Pricing, contract_amounts, visit_rate
from estimator.engine.request import IN_NETWORK, Service
from estimator.engine.values import UNKNOWN, WHOLE, ZERO, Money, Rate, total
from estimator.errors import Stopped, UnknownZip
from estimator.insurers.matching import insurer_named
from estimator.insurers.registry import Insurer
from estimator.plans.shelf import network_meant
from estimator.prices.books import find_zip, service_codes
from estimator.prices.sheet import gather_prices

VISIT = "visit"
"""In the place of a code: the contract pays one amount for the whole visit."""

_REDUCED, _PAID_BY_ANOTHER = "59", "23"
_ASSISTANTS = frozenset(("CQ", "CO"))
# Medicare's part for what an assistant gives (`cms-assistants` in plans/_sources.yaml), which other payers copy.
_PART_OF_ASSISTANTS = Rate.parse("85%")
# What is worth less than the code by its own modifier: reduced and stopped services.
_LESS = frozenset(("52", "53", "73", "74"))
# Public programs by what a claim says of its plan (CLP06); a row of a contract for another market isn't theirs.
_MARKETS = {
    "16": "medicare-advantage",
    "CH": "tricare",
    "MA": "medicare",
    "MB": "medicare",
    "MC": "medicaid",
    "VA": "va",
    "WC": "workers-comp",
}
_PUBLIC = frozenset(_MARKETS.values())


class Settled(NamedTuple):
    """One service that a payer settled; `reduced` is what it took off as a therapy reduction (CO-59).

    `reasons` are those of all that was taken off, each with its group, such as CO-197.
    """

    code: str
    modifiers: tuple[str, ...]
    units: int | None
    charge: Money
    allowed: Money | None
    reduced: Money = ZERO
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SettledVisit:
    """What one payer settled of one claim on one day; `number` is the claim's, or the label of its case.

    `plan` is known for a case; elsewhere the payer's name and the `kind` of its plan say which rows of the contract
    may be meant.
    """

    number: str
    day: date
    payer: str
    lines: tuple[Settled, ...]
    case_id: int | None = None
    kind: str = ""
    plan: Plan | None = None
    network: str = ""
    location: str = ""
    zip: str = ""
    setting: str = OFFICE


class Short(NamedTuple):
    """A service that was allowed less than the contract says.

    `short` is what no reduction explains; `reduced` and `assistant` are what a reduction for several therapy services
    of a day (CO-59) and one for an assistant explain, which the contract in dollars doesn't mention.
    """

    visit: SettledVisit
    code: str
    modifiers: tuple[str, ...]
    units: int | None
    contract: Money
    allowed: Money
    short: Money
    reduced: Money = ZERO
    assistant: Money = ZERO


@dataclass
class Found:
    """What was found: lines below the contract, those that only a reduction explains, and how many were compared.

    `left_out` counts services that can't be compared, by the reason.
    """

    below: list[Short] = field(default_factory=list)
    explained: list[Short] = field(default_factory=list)
    compared: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def short(self) -> Money:
        """Return what all lines below the contract fall short of it."""
        return total(each.short for each in self.below)

    @property
    def not_compared(self) -> list[tuple[str, int]]:
        """Return why services weren't compared, and how many, those of most first."""
        return [(reason, number) for reason, number in self.left_out.most_common() if number]

    def json(self) -> dict[str, Any]:
        """Return it as it is printed beside a remittance, amounts as text."""
        listed = {"below_contract": self.below, "explained": self.explained}
        return {name: [_json(each) for each in lines] for name, lines in listed.items()} | {"compared": self.compared}

    def lines(self) -> Iterator[str]:
        """Yield it in words."""
        yield f"Below the contract: ${self.short} on {len(self.below):,} of {self.compared:,} lines compared."
        for one in (*self.below, *self.explained):
            why = "".join(
                f", ${amount} {words}"
                for amount, words in ((one.reduced, "by a therapy reduction"), (one.assistant, "for an assistant"))
                if amount
            )
            what = f"claim {one.visit.number}, {one.visit.day}, {one.visit.payer}: {one.code}"
            yield f"  {what} allowed at ${one.allowed}, ${one.short} below ${one.contract}{why}"
        for reason, number in self.not_compared:
            yield f"  {number:,} not compared: {reason}"


def _json(one: Short) -> dict[str, Any]:
    names = ("contract", "allowed", "short", "reduced", "assistant")
    amounts = {name: str(getattr(one, name)) for name in names}
    visit, mods = one.visit, list(one.modifiers)
    who = {"pcn": visit.number, "payer": visit.payer, "date": f"{visit.day:%Y%m%d}"}
    return {**who, "code": one.code, "mods": mods, "units": one.units, **amounts}


NO_PRICE = "the contract has no price of it for this payer"
NO_ALLOWED = "no allowed amount: denied, reversed, or another plan paid first"
TOO_MANY = "more visits or payers than are compared at once"
MOST_VISITS, MOST_PAYERS = 20_000, 100
"""A clinic's half year has fewer. A payer's name that is new has to be looked up among all that insurers are called."""
LESS_OF_A_UNIT = "a reduced or stopped service (52, 53, 73, 74), or units that aren’t told"


def below_contract(visits: Iterable[SettledVisit], books: Books) -> Found:
    """Return what payers allowed below the clinic's contract, the largest shortfall first."""
    found = Found()
    pricer = _Pricer(books)
    payers: set[str] = set()
    for place, visit in enumerate(visits):
        is_new = visit.plan is None and visit.payer not in payers
        if place >= MOST_VISITS or (is_new and len(payers) >= MOST_PAYERS):
            found.left_out[TOO_MANY] += len(visit.lines)
            continue
        if is_new:
            payers.add(visit.payer)
        _compare(visit, pricer, found)
    for listed in (found.below, found.explained):
        listed.sort(key=lambda each: (-each.short, -each.reduced - each.assistant, each.visit.day, each.visit.number))
    return found


def _compare(visit: SettledVisit, pricer: _Pricer, found: Found) -> None:
    known = [line for line in visit.lines if line.allowed]
    found.left_out[NO_ALLOWED] += len(visit.lines) - len(known)
    whole = [line for line in known if line.units and not _LESS & {*line.modifiers}]
    found.left_out[LESS_OF_A_UNIT] += len(known) - len(whole)
    if not whole:
        return
    prices = pricer.of(visit, whole)
    if isinstance(prices, Money):
        charge, allowed = total(line.charge for line in known), total(line.allowed or ZERO for line in known)
        _judge(visit, Settled(VISIT, (), None, charge, allowed), prices, found)
        return
    for line, price in zip(whole, prices, strict=True):
        if price is None:
            found.left_out[NO_PRICE] += 1
        else:
            # A percentage of Medicare's fee has its reduction in it, as the contract says.
            of_medicare = isinstance(price.finding, PriceContractedPercent)
            _judge(visit, line._replace(reduced=ZERO) if of_medicare else line, price.amount[0], found)


def _judge(visit: SettledVisit, line: Settled, price: Money, found: Found) -> None:
    """Set a line beside its price; a payer owes no more than what was charged, and a cent a unit is rounding."""
    found.compared += 1
    contract, allowed, rounding = min(price, line.charge), line.allowed or ZERO, line.units or 1
    gap = contract - allowed
    if gap <= rounding:
        return
    reduced = min(gap, max(line.reduced, ZERO))
    left = Money(contract - reduced)
    is_assistants = not _ASSISTANTS.isdisjoint(line.modifiers)
    assistant = min(gap - reduced, left - left.share(_PART_OF_ASSISTANTS)) if is_assistants else 0
    unexplained = gap - reduced - assistant
    short = unexplained if unexplained > rounding else 0
    one = Short(
        visit,
        line.code,
        line.modifiers,
        line.units,
        contract=contract,
        allowed=allowed,
        short=Money(short),
        reduced=Money(reduced),
        assistant=Money(assistant),
    )
    (found.below if short else found.explained).append(one)


# ----------------------------------------------------------------------------
# What the contract says of a visit.
# ----------------------------------------------------------------------------


class _Pricer:
    """Prices visits by the clinic's contract; plans, places and rows of a payer are looked up once."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._contract = tuple(
            dict.fromkeys(entry for own in (books.clinic, *books.at_locations.values()) for entry in own.contract)
        )
        self._sheet = lru_cache(_KEPT)(self._sheet_of)
        self._meant = lru_cache(_KEPT)(self._rows_of)
        self._rows_of_payer = lru_cache(_KEPT)(self._all_rows_of)
        self._payer_of = lru_cache(_MANY)(self._payer_meant)

    def of(self, visit: SettledVisit, lines: Sequence[Settled]) -> list[Price | None] | Money:
        """Return the price of each line, None where there is none; one amount where the contract pays by the visit.

        Where several rows of the contract may be meant, the lowest price counts.
        """
        asked = [(Service(line.code, units=line.units), line.units or 0) for line in lines]
        codes = [line.code for line in lines]
        by_assistant = any(not _ASSISTANTS.isdisjoint(line.modifiers) for line in lines)
        every = list(self._pricings(visit, ASSISTANT if by_assistant else THERAPIST))
        rates = [rate.amount[0] for rate in (visit_rate(codes, pricing) for pricing in every) if rate]
        if rates:
            return min(rates)
        found = [contract_amounts(asked, pricing) for pricing in every]
        return [_lowest(column) for column in zip(*found, strict=True)] if found else [None] * len(lines)

    def _pricings(self, visit: SettledVisit, therapist: str) -> Iterator[Pricing]:
        plan = visit.plan
        sheet = self._sheet(visit.zip, visit.setting)
        if plan is None:
            market = _MARKETS.get(visit.kind, "")
            for rows in self._meant(visit.payer, market, visit.day):
                yield self._pricing(visit, replace(sheet, contract=rows), therapist, ("", visit.payer, ""), market)
            return
        network = plan.networks.get(network_meant(plan, visit.network or IN_NETWORK))
        if network is None or not network.contracted:
            return
        rule = replace(network.allowed, basis=Basis.CONTRACT, lesser_of_billed=False)
        if rule.reduced_in and visit.setting not in rule.reduced_in:
            rule = replace(rule, reduces_multiple_procedures=False)
        contract = self._books.clinic_at(visit.location).contract
        parties = plan.id, plan.payer, plan.insurer
        pricing = self._pricing(visit, replace(sheet, contract=contract), therapist, parties, plan.market)
        yield replace(pricing, allowed=rule, network=network.name, codes=service_codes(plan.codes))

    @staticmethod
    def _pricing(
        visit: SettledVisit, sheet: PriceSheet, therapist: str, parties: tuple[str, str, str], market: str
    ) -> Pricing:
        return Pricing(
            sheet=sheet,
            allowed=Allowed(reduces_multiple_procedures=UNKNOWN),
            contracted=True,
            parties=parties,
            setting=visit.setting,
            experienced=("standard", WHOLE, None, None),
            day=visit.day,
            market=market,
            therapist=therapist,
            codes=service_codes(),
        )

    def _sheet_of(self, zip_code: str, setting: str) -> PriceSheet:
        prices = self._books.prices
        try:
            place = find_zip(zip_code, prices.zips if prices else None) if zip_code else None
        except UnknownZip:
            place = None
        return gather_prices(place, setting, known=prices.books if prices else None)

    def _rows_of(self, payer: str, market: str, day: date) -> Sequence[tuple[PriceEntry, ...]]:
        """Return each set of rows that a payer's claim without a known plan may be under, as rows with the payer."""
        may_be = [entry for entry in self._rows_of_payer(payer, market, day.year) if day in entry.span]
        ways = dict.fromkeys((each.party, each.market, each.network, each.location, each.therapist) for each in may_be)
        return [
            tuple(
                replace(each, party=payer, market="", network="", location="", therapist="")
                for each in may_be
                if each.party == way[0]
                and all(
                    own in ("", asked)
                    for own, asked in zip(
                        (each.market, each.network, each.location, each.therapist), way[1:], strict=True
                    )
                )
            )
            for way in ways
        ]

    def _all_rows_of(self, payer: str, market: str, year: int) -> Sequence[PriceEntry]:
        """Return all rows of a payer, of its plans of a year or of anybody, those that are narrowed first."""
        meant = insurer_named(payer)
        rows = [
            entry
            for entry in self._contract
            if (entry.market in ("", market) if market else entry.market not in _PUBLIC)
            and self._is_of(self._payer_of(entry.party, year), payer, meant)
        ]
        return sorted(rows, key=lambda entry: entry.breadth)

    def _payer_meant(self, party: str, year: int) -> str:
        """Return the payer of a row's party: of a plan, or the name itself."""
        for day in (date(year, 12, 31), date(year, 1, 1)):
            with suppress(Stopped):  # The name of a payer is no plan.
                return self._books.plans.find(party, day).payer
        return party

    @staticmethod
    def _is_of(party: str, payer: str, meant: Insurer | None) -> bool:
        return (
            not party or party.casefold() == payer.casefold() or (meant is not None and insurer_named(party) == meant)
        )


_KEPT, _MANY = 1024, 16_384


def _lowest(prices: Iterable[Price | None]) -> Price | None:
    return min((price for price in prices if price is not None), key=lambda price: price.amount[0], default=None)


# ----------------------------------------------------------------------------
# What was settled: in a remittance, and in the ledgers of cases.
# ----------------------------------------------------------------------------


def visits_in(claims: Iterable[PaidClaim], zip_code: str = "") -> tuple[SettledVisit, ...]:
    """Return what first payers settled in a remittance, by claim and day, without what a reversal takes back."""
    found: dict[tuple[str, str, str, date], list[Settled]] = defaultdict(list)
    for claim, line in standing(claims):
        if claim.is_first_payer and line.day is not None:
            found[claim.number, claim.payer, claim.kind, line.day].append(_of_remittance(line))
    return tuple(
        SettledVisit(number, day, payer, tuple(lines), kind=kind, zip=zip_code)
        for (number, payer, kind, day), lines in found.items()
    )


def _of_remittance(line: PaidLine) -> Settled:
    return Settled(line.code, line.modifiers, line.units, line.charge, line.allowed, line.adjusted(_REDUCED))


def settled_visits(
    engine: Engine, books: Books, days: tuple[date, date], zips: Mapping[str, str]
) -> Iterator[SettledVisit]:
    """Yield what first payers settled of the visits of cases between two days, both included.

    `zips` are the ZIP codes of the locations by their casefolded names; the clinic's own is under "".
    """
    for row in ledgers_of(engine, days):
        try:
            plan = books.plans.find(row.plan, row.day) if row.plan else None
        except Stopped:
            plan = None
        place = row.care.get("zip") or zips.get(row.location.casefold()) or zips.get("", "")
        yield SettledVisit(
            row.label,
            row.day,
            row.payer,
            row.lines,
            case_id=row.case_id,
            plan=plan,
            network=row.care.get("network", ""),
            location=row.location,
            zip=place,
            setting=row.care.get("setting") or OFFICE,
        )


class Ledger(NamedTuple):
    """What first payers settled of a case on one day, under the plan of that day."""

    case_id: int
    label: str
    location: str
    plan: str
    care: Mapping[str, str]
    day: date
    payer: str
    lines: tuple[Settled, ...]


_ASKED_OF_CARE = ("zip", "network", "setting")


def ledgers_of(engine: Engine, days: tuple[date, date]) -> Iterator[Ledger]:
    """Yield what first payers settled of visits between two days, both included, by case, day and payer."""
    entry = case_entries.c
    of_days = (entry.kind == PAID, entry.day >= days[0], entry.day <= days[1])
    asked = select(entry.case_id, entry.day, entry.content, cases.c.label, cases.c.location, cases.c.plan_id)
    asked = asked.join_from(case_entries, cases, cases.c.id == entry.case_id)
    asked = asked.where(*of_days, stands(case_entries), cases.c.state != MERGED)
    with reading(engine) as connection:
        rows = list(connection.execute(asked.order_by(entry.case_id, entry.day, entry.number)))
        changed = plans_by_case(connection)
        own = select(entry.case_id).where(*of_days)
        told = select(entry.case_id, entry.day, *(entry.content[name].as_string() for name in _ASKED_OF_CARE))
        told = told.where(entry.kind == CARE, entry.case_id.in_(own), stands(case_entries))
        cares: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for case_id, *care in connection.execute(told.order_by(entry.day, entry.number)):
            cares[case_id].append(tuple(care))
    found: dict[tuple[int, date, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case_id, row.day, row.content.get("payer", "")].append(row)
    for (case_id, day, payer), same in found.items():
        lines = tuple(line for row in same for line in _of_ledger(row.content))
        plans = changed.get(case_id, ())
        first = plans[-1][1] if plans else same[0].plan_id
        plan = next((plan for since, plan in plans if since <= day), first)
        if lines:
            said = _care_on(cares[case_id], day)
            yield Ledger(case_id, same[0].label, same[0].location, plan, said, day=day, payer=payer, lines=lines)


def _care_on(told: Sequence[tuple[Any, ...]], day: date) -> dict[str, str]:
    """Return what the care of a case says of these columns on a day; what is older has what was said first."""
    care: dict[str, str] = {}
    for since, *cells in told:
        for name, cell in zip(_ASKED_OF_CARE, cells, strict=True):
            if cell and (since <= day or name not in care):
                care[name] = cell
    return care


def _of_ledger(content: Mapping[str, Any]) -> Iterator[Settled]:
    """Yield the lines of a first payer; a claim that was denied as a whole doesn't say that it is one."""
    for line in content.get("lines", ()):
        read = services_of(line["service"])
        is_denied = not line["paid"] and not line["allowed"]
        after_another = any(reason == _PAID_BY_ANOTHER for _group, reason, _cents in line["adjustments"])
        if len(read) != 1 or not (content.get("is_first_payer", True) or (is_denied and not after_another)):
            continue  # Also what is taken off a claim as a whole, or a code that is none of a service.
        [service] = read
        reduced = sum(cents for _group, reason, cents in line["adjustments"] if reason == _REDUCED)
        yield Settled(
            service["code"],
            tuple(service.get("modifiers", ())),
            int(service.get("units", 1)),
            Money(line["charge"]),
            None if line["allowed"] is None else Money(line["allowed"]),
            Money(reduced),
            reasons=tuple(f"{group}-{reason}" for group, reason, _cents in line["adjustments"]),
        )
