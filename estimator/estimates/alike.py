"""Many written requests: those of one plan and course are compiled once, and answered together by the kernel.

Two requests are alike where their text differs in nothing but the four sums that were paid so far, `used.*_paid`, and
in what prices hang on: the place, given and agreed amounts, the therapist's experience. What the kernel can't answer,
and what stands alone, is the engine's; each such row has its reason.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np

from estimator.engine.answer import Estimate
from estimator.engine.estimate import estimate
from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices, PriceSheet
from estimator.engine.request import PAID_BEFORE, Request, Used
from estimator.engine.values import Money
from estimator.engine.visits import Tables
from estimator.errors import RequestRefused, Stopped
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import MOST_MONEY, money, read_json
from estimator.estimates.kernel import Paid, Shape
from estimator.estimates.kernel_prices import NotCompiled, Priced, PricesDecide, but_prices_and_sums
from estimator.estimates.run import Plans, estimate_asked
from estimator.prices.books import Prices

_USED = re.compile(rb'"used"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})')
_APART = (b"\\", b'"secondary"', b'"told"', b'"networks"')
"""What a line may not hold to be read so: a text could then say something else than it seems to."""
_PRICES = re.compile(
    rb'"(zip|locality|allowed|billed|experience|experience_factor)"\s*:\s*("[^"]*"|[0-9.]+)'
    rb'|"(contract|self_pay_prices)"\s*:\s*(\[[^\[\]]*\])'
)
_ONE_CENT = Money(1)
_KEPT, _KEPT_PRICES = 256, 1_024
ALONE = "no other request of its plan and course"
WRITTEN_APART = "a second plan, answers of a call or other networks"
REFUSED = "the first of its plan and course is to be corrected"


class Sums(NamedTuple):
    """What was paid so far, in cents, in the order of `Paid`."""

    deductible: int
    out_of_pocket: int
    family_deductible: int
    family_out_of_pocket: int


class Written(NamedTuple):
    """A request as it is written: `key` is the same for all that differ only in their sums and `prices`."""

    key: bytes
    sums: Sums
    prices: bytes = b""


class RowTotals(NamedTuple):
    """What one row owes, in cents: settled at three prices, what is open, and the three totals."""

    plan: str
    visits: int
    settled: tuple[int, int, int]
    still_open: tuple[int, int]
    totals: tuple[int, int, int]


def written(content: bytes) -> Written | None:
    """Return what a line asks for, None where the sums can't be told from its text alone.

    >>> one = written(b'{"plan": "a", "used": {"deductible_paid": "1.50", "other_therapy": 2}}')
    >>> other = written(b'{"plan": "a", "used": {"other_therapy": 2, "deductible_paid": "7.00"}}')
    >>> one.sums.deductible, other.sums.deductible, one.key == other.key
    (150, 700, True)
    """
    line = content.strip()
    found = _USED.findall(line)
    if len(found) > 1 or line.count(b'"used"') != len(found) or any(each in line for each in _APART):
        return None
    rest: Mapping[str, object] = {}
    sums = Sums(0, 0, 0, 0)
    if found:
        try:
            used = dict(read_json(found[0].decode("utf-8")))
        except (RequestRefused, UnicodeDecodeError):
            return None
        amounts = [money(used.pop(name, "0")) for name in PAID_BEFORE]
        known = [int(each) for each in amounts if each is not None and 0 <= each <= MOST_MONEY]
        if len(known) < len(PAID_BEFORE):
            return None
        sums, rest = Sums(*known), used
    is_family = bool(sums.family_deductible or sums.family_out_of_pocket)
    left = json.dumps(rest, sort_keys=True, default=repr) + str(is_family)
    line = _USED.sub(b'"used"', line)
    prices = b",".join(each[0] for each in _PRICES.finditer(line))
    return Written(_PRICES.sub(rb'"\1\3"', line) + left.encode(), sums, prices)


@dataclass(slots=True)
class Compiled:
    """A plan and a course that the kernel answers; `shares` tells whether rows at other prices share its tapes."""

    given: _Given
    shape: Shape
    shares: bool

    def totals(self, rows: Sequence[_Row], prices: Sequence[Priced] = ()) -> list[RowTotals]:
        """Return what each row owes, at its own prices where they differ.

        Raises NotCompiled where the engine is to answer them.
        """
        columns = np.array([row.sums for row in rows], np.int64).reshape(len(rows), len(PAID_BEFORE)).T
        several = {id(each): each for each in prices}
        places = {key: place for place, key in enumerate(several)}
        which = np.array([places[id(each)] for each in prices], np.intp) if prices else None
        paid = Paid(*(np.ascontiguousarray(column) for column in columns))
        found = self.shape.totals(paid, priced=tuple(several.values()), which=which)
        amounts = (*found.settled, found.open_usual, found.open_most, found.low, found.typical, found.high)
        plan, visits = self.given.plan.id, len(self.given.request.visits)
        return [
            RowTotals(plan, visits, (each[0], each[1], each[2]), (each[3], each[4]), (each[5], each[6], each[7]))
            for each in zip(*(column.tolist() for column in amounts), strict=True)
        ]


class Alike:
    """The plans and courses that were compiled, a few hundred of them, or why they were not.

    What stands alone is not compiled before another one like it comes. Rows at other prices share the tapes of a plan
    and course; where something hangs on prices in another way, those of each price are compiled by themselves.
    """

    def __init__(self, plans: Plans, clinic: ClinicPrices, prices: Prices | None, today: date) -> None:
        self._plans, self._clinic, self._prices, self._today = plans, clinic, prices, today
        self._families: OrderedDict[bytes, list[Compiled]] = OrderedDict()
        self._places: OrderedDict[tuple[bytes, bytes], _Place | str] = OrderedDict()

    def totals(self, lines: Iterable[tuple[int, bytes]]) -> tuple[dict[int, RowTotals], dict[int, str]]:
        """Return the totals of the lines that the kernel answers, and why it leaves each other one to the engine."""
        together: dict[bytes, dict[bytes, list[_Row]]] = {}
        found: dict[int, RowTotals] = {}
        left: dict[int, str] = {}
        for number, content in lines:
            asked = written(content)
            if asked is None:
                left[number] = WRITTEN_APART
            else:
                by_prices = together.setdefault(asked.key, {})
                by_prices.setdefault(asked.prices, []).append(_Row(number, content, asked.sums))
        for key, by_prices in together.items():
            for compiled, places in self._placed(key, by_prices, left):
                found.update(self._answered(key, compiled, places, by_prices, left))
        return found, left

    def _placed(
        self, key: bytes, by_prices: Mapping[bytes, list[_Row]], left: dict[int, str]
    ) -> Iterator[tuple[Compiled, dict[bytes, Priced | None]]]:
        """Yield what was compiled, with the prices that it is for; tell in `left` why other rows have none."""
        places: dict[bytes, _Place | str] = {}
        waiting: dict[bytes, _Given] = {}
        came_before = key in self._families
        if not came_before and sum(map(len, by_prices.values())) == 1:
            places = dict.fromkeys(by_prices, ALONE)
        for prices, rows in by_prices.items():
            known = places.get(prices) or self._places.get((key, prices))
            if known is None:
                given = self._given(rows[0])
                known = given if isinstance(given, str) else self._among(key, given)
                if known is None and not isinstance(given, str):
                    waiting[prices] = given
            if known is not None:
                places[prices] = known
        family = self._families.setdefault(key, [])
        is_second = came_before and not family
        for prices, given in waiting.items():
            shares = all(each.shares for each in family)
            others = (other for each, other in waiting.items() if each != prices)
            several = len(by_prices[prices]) > 1 or is_second or (shares and any(map(given.is_alike, others)))
            known = self._among(key, given)
            if known is None:
                known = self._compiled(key, prices, given, shares) if several else ALONE
            places[prices] = known
        yield from self._together(key, places, by_prices, left)

    def _together(
        self,
        key: bytes,
        places: Mapping[bytes, _Place | str],
        by_prices: Mapping[bytes, list[_Row]],
        left: dict[int, str],
    ) -> Iterator[tuple[Compiled, dict[bytes, Priced | None]]]:
        found: dict[int, tuple[Compiled, dict[bytes, Priced | None]]] = {}
        for prices, place in places.items():
            if place is not ALONE:
                self._keep(key, prices, place)
            if isinstance(place, str):
                left.update(dict.fromkeys((row.number for row in by_prices[prices]), place))
            else:
                found.setdefault(id(place.compiled), (place.compiled, {}))[1][prices] = place.priced
        yield from found.values()

    def _answered(
        self,
        key: bytes,
        compiled: Compiled,
        places: dict[bytes, Priced | None],
        by_prices: Mapping[bytes, list[_Row]],
        left: dict[int, str],
    ) -> dict[int, RowTotals]:
        """Return the totals of rows; those that can't be answered at their prices are compiled by themselves."""
        found: dict[int, RowTotals] = {}
        for prices in [prices for prices, priced in places.items() if priced is None]:
            del places[prices]
            found.update(self._by_itself(key, prices, by_prices[prices], _Place(compiled, None), left))
        while places:
            rows = [(row, priced) for prices, priced in places.items() for row in by_prices[prices]]
            try:
                totals = compiled.totals([row for row, _ in rows], [priced for _, priced in rows if priced is not None])
                return {**found, **_numbered([row for row, _ in rows], totals)}
            except PricesDecide as decides:
                gone, reason = [prices for prices, each in places.items() if each is decides.priced], decides.reason
            except NotCompiled as not_compiled:
                compiled.shares, gone, reason = False, list(places), not_compiled.reason
            for prices in gone:
                del places[prices]
                some = by_prices[prices]
                given = self._given(some[0]) if len(some) > 1 else reason
                place = given if isinstance(given, str) else self._compiled(key, prices, given, shares=False)
                found.update(self._by_itself(key, prices, some, place, left))
        return found

    def _by_itself(
        self, key: bytes, prices: bytes, rows: list[_Row], place: _Place | str, left: dict[int, str]
    ) -> dict[int, RowTotals]:
        """Return the totals of rows at the prices that were compiled."""
        if isinstance(place, _Place):
            try:
                return _numbered(rows, place.compiled.totals(rows))
            except NotCompiled as not_compiled:
                place = not_compiled.reason
        self._keep(key, prices, place)
        left.update(dict.fromkeys((row.number for row in rows), place))
        return {}

    def _among(self, key: bytes, given: _Given) -> _Place | None:
        """Return what was compiled of this plan and course, with the prices of a request; None where nothing was."""
        for compiled in self._families.get(key, ()):
            if compiled.shares and compiled.given.is_alike(given):
                return _Place(compiled, compiled.shape.priced(given.request, given.sheet))
        return None

    def _compiled(self, key: bytes, prices: bytes, given: _Given, shares: bool) -> _Place | str:
        try:
            # Once by the engine itself: what it refuses is refused.
            estimate(*given, {})
            compiled = Compiled(given, Shape(*given), shares)
        except NotCompiled as not_compiled:
            return not_compiled.reason
        except Stopped:
            return REFUSED
        self._families.setdefault(key, []).append(compiled)
        self._families.move_to_end(key)
        if len(self._families) > _KEPT:
            gone, _ = self._families.popitem(last=False)
            self._places = OrderedDict((each, place) for each, place in self._places.items() if each[0] != gone)
        place = _Place(compiled, None)
        self._keep(key, prices, place)
        return place

    def _keep(self, key: bytes, prices: bytes, place: _Place | str) -> None:
        self._places[key, prices] = place
        self._places.move_to_end((key, prices))
        if len(self._places) > _KEPT_PRICES:
            self._places.popitem(last=False)

    def _given(self, row: _Row) -> _Given | str:
        """Return what the engine gets for a request that has paid one cent wherever it has paid something.

        See that this arrives; return why the engine is to answer the request where it doesn't.
        """
        try:
            asked = read_request(read_json(row.content.decode("utf-8")), self._today)
            used = asked.request.used
            if _sums_of(used) != row.sums or asked.told or asked.secondary is not None:
                return WRITTEN_APART
            of_family = _ONE_CENT if used.family_deductible_paid or used.family_out_of_pocket_paid else Money(0)
            used = replace(
                used,
                deductible_paid=_ONE_CENT,
                out_of_pocket_paid=_ONE_CENT,
                family_deductible_paid=of_family,
                family_out_of_pocket_paid=of_family,
            )
            asked = replace(asked, request=replace(asked.request, used=used))
            estimate_asked(asked, self._plans, self._clinic, self._prices, _hand_over)
        except _Reached as reached:
            given = reached.given
        except (Stopped, UnicodeDecodeError):
            return REFUSED
        if _sums_of(given.request.used) != _sums_of(used):
            return "what was paid is left out under another plan"
        return given


class _Given(NamedTuple):
    """What the engine gets for a request."""

    request: Request
    plan: Plan
    sheet: PriceSheet
    tables: Tables

    def is_alike(self, other: _Given) -> bool:
        """Tell whether another request differs in prices, and in what was paid, alone."""
        requests = but_prices_and_sums(self.request), but_prices_and_sums(other.request)
        return requests[0] == requests[1] and (self.plan, self.tables) == (other.plan, other.tables)


class _Reached(Exception):
    """A request came as far as the engine."""

    def __init__(self, given: _Given) -> None:
        super().__init__()
        self.given = given


def _hand_over(
    request: Request,
    plan: Plan,
    sheet: PriceSheet,
    tables: Tables,
    inputs: Mapping[str, object],
    most_work: int | None = None,
) -> Estimate:
    """Stand in the place of the engine, and take what it would get."""
    raise _Reached(_Given(request, plan, sheet, tables))


class _Row(NamedTuple):
    """A line of a file, and what it asks for."""

    number: int
    content: bytes
    sums: Sums


class _Place(NamedTuple):
    """Where rows of one price are answered: by what was compiled, at prices of their own or at those of it."""

    compiled: Compiled
    priced: Priced | None


def _numbered(rows: Iterable[_Row], totals: Iterable[RowTotals]) -> dict[int, RowTotals]:
    return {row.number: found for row, found in zip(rows, totals, strict=True)}


def _sums_of(used: Used) -> Sums:
    return Sums(*(int(getattr(used, name)) for name in PAID_BEFORE))
