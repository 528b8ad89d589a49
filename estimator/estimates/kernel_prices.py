"""Where a course has its amounts from, for many courses that differ in their prices: other places, contracts, amounts.

A tape of the kernel holds amounts of one course. Here each is traced to the price of a line, of which another course
has its own. Whatever else differs, or hangs on a price in another way, raises `NotCompiled`: the engine answers it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from estimator.engine.answer import Log, Readings, Run, Settled
from estimator.engine.plan import Measure, Past
from estimator.engine.request import Request, Service
from estimator.engine.values import ZERO
from estimator.engine.visits import HIGH, Given, Made, PreparedVisits, ReadyLine
from estimator.errors import NoPrice

_LET_PARTS_THROUGH = frozenset({Measure.DOLLARS, Measure.UNITS, Measure.HOURS})


_PRICED = frozenset({"service", "case", "allowed", "charge"})
"""What of a line made ready is another at other prices, or with the day: equal visits have that of the first one."""


class NotCompiled(Exception):
    """A course whose totals hang on money in a way that no operation here has; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PricesDecide(NotCompiled):
    """The same course at other prices, of which something else is decided."""

    def __init__(self, priced: Priced) -> None:
        super().__init__("its prices decide something else")
        self.priced = priced


class _Visit(NamedTuple):
    """A visit made ready, and how to make it ready at other prices."""

    number: int
    rate_carried: bool
    made: Made


class _Cell(NamedTuple):
    """A price: of a line of a visit, at a level, what the plan allows or what a patient is asked."""

    visit: int
    place: int
    level: int
    is_charge: bool


@dataclass(slots=True)
class Sources:
    """The prices that a run's amounts come from, each once; by visit, those of its settled lines and those owed whole.

    `turned`: the services of each visit are taken in reverse.
    """

    turned: bool
    readings: Readings
    visits: list[_Visit] = field(default_factory=list)
    cells: dict[_Cell, int] = field(default_factory=dict)
    settled: dict[int, list[int]] = field(default_factory=dict)
    owed: dict[int, list[int]] = field(default_factory=dict)

    def cell(self, cell: _Cell) -> int:
        """Return the place of a price among them all."""
        return self.cells.setdefault(cell, len(self.cells))


def sources_of(
    desk: PreparedVisits, ran: Run, log: Log, level: int, dear: frozenset[str], *, turned: bool = False
) -> Sources:
    """Trace the amounts of a run to prices; raise NotCompiled where they hang on them in another way."""
    found = Sources(turned, log.readings)
    settled = {(line.visit, line.place): line for line in log.lines_settled()}
    rate_carried = False
    counting, counted = set[str](), set[str]()
    for visit in ran.visits:
        made = desk.made(visit.number, log.readings, rate_carried)
        # Visits that are equal here may differ at other prices: each has its own.
        at = len(found.visits)
        found.visits.append(_Visit(visit.number, rate_carried, made))
        rate_carried = rate_carried or made.visit.carries_rate
        network = made.visit.network
        if not network.contracted and network.balance_bill is not False:
            raise NotCompiled("prices differ, and the clinic may bill beyond what the plan allows")
        own, owed = found.settled.setdefault(visit.number, []), found.owed.setdefault(visit.number, [])
        for ready, came in zip(made.visit.lines, visit.lines, strict=True):
            _require_no_part(ready)
            counting |= _counters_of(ready)
            counted |= {limit.name for limit in ready.limits if limit.measure in _LET_PARTS_THROUGH}
            line = settled.get((visit.number, ready.place))
            if line is not None:
                _require_whole(ready, line, level, int(came.owes))
                own.append(found.cell(_Cell(at, ready.place, level, is_charge=False)))
            elif _is_owed(ready, level_of(ready, level, dear), int(came.owes)):
                cell = _Cell(at, ready.place, level_of(ready, level, dear), is_charge=not ready.is_counted)
                owed.append(found.cell(cell))
    if not counting.isdisjoint(counted):
        raise NotCompiled("prices differ, and a limit of what visits cost counts them")
    return found


def level_of(line: ReadyLine, level: int, dear: frozenset[str]) -> int:
    """Return the level of what is asked for a line: high where a run takes the charge at its dearest."""
    return HIGH if not line.is_counted and line.service.code in dear else level


def _require_no_part(line: ReadyLine) -> None:
    """Raise NotCompiled where a limit may let a part of a line through; a mere marker may not."""
    some = (limit for limit in line.limits if limit.measure in _LET_PARTS_THROUGH)
    if any(limit.past is not Past.CONTINUES for limit in some):
        raise NotCompiled("prices differ, and a limit may cut through a line")


def _counters_of(line: ReadyLine) -> set[str]:
    """Return the limits by whose count a share or a requirement of a line changes, whichever benefit fills them."""
    share = line.decision.share
    return {requirement.rule.counter for requirement in line.requirements} | (share.counters if share else set())


def _require_whole(ready: ReadyLine, line: Settled, level: int, owes: int) -> None:
    if ready.allowed is None or line.allowed != ready.allowed.amount[level] or line.owes != owes:
        raise NotCompiled("prices differ, and a limit cuts through a line")


def _is_owed(line: ReadyLine, level: int, owes: int) -> bool:
    """Tell whether the price of a line that no share is of is owed whole; it is, or nothing is."""
    price = line.allowed if line.is_counted else line.charge
    amount = 0 if price is None else int(price.amount[level])
    if owes not in (0, amount) or (price is not None and not amount):
        raise NotCompiled("prices differ, and something else hangs on them")
    return bool(owes)


class Priced:
    """The same course at other prices."""

    def __init__(self, given: Given) -> None:
        self._desks: dict[bool, PreparedVisits] = {False: PreparedVisits(given)}
        self._amounts: dict[int, tuple[Sources, list[int]]] = {}

    def amounts(self, sources: Sources) -> list[int]:
        """Return its prices in cents; raise PricesDecide where more than prices is another."""
        known = self._amounts.get(id(sources))
        if known is None:
            known = self._amounts[id(sources)] = sources, self._read(sources)
        return known[1]

    def _read(self, sources: Sources) -> list[int]:
        desk = self._desk(sources.turned)
        try:
            visits = [desk.made(each.number, sources.readings, each.rate_carried) for each in sources.visits]
        except NoPrice as missing:
            raise PricesDecide(self) from missing
        both = zip(sources.visits, visits, strict=True)
        pairs = {(id(each.made), id(mine)): (each.made, mine) for each, mine in both}
        if not all(_differ_in_prices(*pair) for pair in pairs.values()):
            raise PricesDecide(self)
        found = []
        for cell in sources.cells:
            line = visits[cell.visit].visit.lines[cell.place]
            price = line.charge if cell.is_charge else line.allowed
            assert price is not None
            found.append(int(price.amount[cell.level]))
        return found

    def _desk(self, turned: bool) -> PreparedVisits:
        if turned not in self._desks:
            given = self._desks[False].given
            visits = tuple(replace(visit, services=visit.services[::-1]) for visit in given.request.visits)
            self._desks[turned] = PreparedVisits(replace(given, request=replace(given.request, visits=visits)))
        return self._desks[turned]


def _differ_in_prices(one: Made, other: Made) -> bool:
    """Tell whether two visits made ready differ in nothing but prices."""
    return (
        one.read == other.read
        and one.visit.carries_rate == other.visit.carries_rate
        and all(
            _bare(line) == _bare(its_own)
            and (line.allowed is None, line.charge is None) == (its_own.allowed is None, its_own.charge is None)
            for line, its_own in zip(one.visit.lines, other.visit.lines, strict=True)
        )
    )


def _bare(line: ReadyLine) -> list[object]:
    return [part for name, part in zip(line._fields, line, strict=True) if name not in _PRICED]


def _without_price(service: Service) -> Service:
    return replace(service, allowed=None, billed=None)


def but_prices_and_sums(request: Request) -> tuple[Request, bool]:
    """Return a request without what only its prices hang on, and without what was paid so far but by whom."""
    provider = replace(request.provider, experience="", experience_factor=None)
    visits = tuple(
        replace(visit, services=tuple(map(_without_price, visit.services)), rate=None) for visit in request.visits
    )
    used = request.used
    used = replace(
        used, deductible_paid=ZERO, out_of_pocket_paid=ZERO, family_deductible_paid=ZERO, family_out_of_pocket_paid=ZERO
    )
    return replace(request, provider=provider, visits=visits, used=used), request.is_family
