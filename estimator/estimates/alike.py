"""Many written requests: those of one plan and course are compiled once, and answered together by the kernel.

Two requests are alike where their text differs in nothing but the four sums that were paid so far, `used.*_paid`. What
the kernel can't answer, and what stands alone, is the engine's; each such row has its reason.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
from estimator.estimates.kernel import NotCompiled, Paid, Shape
from estimator.estimates.run import Plans, estimate_asked
from estimator.prices.books import Prices

_USED = re.compile(rb'"used"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})')
_APART = (b"\\", b'"secondary"', b'"told"', b'"networks"')
"""What a line may not hold to be read so: a text could then say something else than it seems to."""
_ONE_CENT = Money(1)
_KEPT = 256
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
    """A request as it is written: `key` is the same for all that differ only in their sums."""

    key: bytes
    sums: Sums


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
    return Written(_USED.sub(b'"used"', line) + left.encode(), sums)


class Compiled(NamedTuple):
    """A plan and a course that the kernel answers."""

    plan: str
    visits: int
    shape: Shape

    def totals(self, rows: Sequence[Sums]) -> list[RowTotals]:
        """Return what each row owes; raise NotCompiled where the engine is to answer them."""
        columns = np.array(rows, np.int64).reshape(len(rows), len(PAID_BEFORE)).T
        found = self.shape.totals(Paid(*(np.ascontiguousarray(column) for column in columns)))
        amounts = (*found.settled, found.open_usual, found.open_most, found.low, found.typical, found.high)
        return [
            RowTotals(
                self.plan, self.visits, (each[0], each[1], each[2]), (each[3], each[4]), (each[5], each[6], each[7])
            )
            for each in zip(*(column.tolist() for column in amounts), strict=True)
        ]


class Alike:
    """The plans and courses that were compiled, a few hundred of them, or why they were not.

    What stands alone is not compiled before another one like it comes.
    """

    def __init__(self, plans: Plans, clinic: ClinicPrices, prices: Prices | None, today: date) -> None:
        self._plans, self._clinic, self._prices, self._today = plans, clinic, prices, today
        self._known: OrderedDict[bytes, Compiled | str] = OrderedDict()

    def totals(self, lines: Iterable[tuple[int, bytes]]) -> tuple[dict[int, RowTotals], dict[int, str]]:
        """Return the totals of the lines that the kernel answers, and why it leaves each other one to the engine."""
        together: dict[bytes, list[tuple[int, Sums, bytes]]] = {}
        found: dict[int, RowTotals] = {}
        left: dict[int, str] = {}
        for number, content in lines:
            asked = written(content)
            if asked is None:
                left[number] = WRITTEN_APART
            else:
                together.setdefault(asked.key, []).append((number, asked.sums, content))
        for key, rows in together.items():
            compiled = self._of(key, rows[0], len(rows))
            if isinstance(compiled, Compiled):
                try:
                    totals = compiled.totals([sums for _, sums, _ in rows])
                    found.update(zip((number for number, _, _ in rows), totals, strict=True))
                    continue
                except NotCompiled as not_compiled:
                    compiled = self._known[key] = not_compiled.reason
            left.update(dict.fromkeys((number for number, _, _ in rows), compiled))
        return found, left

    def _of(self, key: bytes, first: tuple[int, Sums, bytes], rows: int) -> Compiled | str:
        known = self._known.get(key)
        if known is None and rows == 1:
            known = ALONE
        elif known is None or known is ALONE:
            known = self._compiled(first[2], first[1])
        self._known[key] = known
        self._known.move_to_end(key)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return known

    def _compiled(self, content: bytes, sums: Sums) -> Compiled | str:
        """Compile a request that has paid one cent wherever it has paid something, and see that this arrives."""
        given: list[tuple[Request, Plan, PriceSheet, Tables]] = []

        def engine(
            request: Request,
            plan: Plan,
            sheet: PriceSheet,
            tables: Tables,
            inputs: Mapping[str, object],
            most_work: int | None = None,
        ) -> Estimate:
            given.append((request, plan, sheet, tables))
            return estimate(request, plan, sheet, tables, inputs, most_work)

        try:
            asked = read_request(read_json(content.decode("utf-8")), self._today)
            used = asked.request.used
            if _sums_of(used) != sums:
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
            _, plan = estimate_asked(asked, self._plans, self._clinic, self._prices, engine)
        except (Stopped, UnicodeDecodeError):
            return REFUSED
        if len(given) != 1 or asked.told or asked.secondary is not None:
            return WRITTEN_APART
        request = given[0][0]
        if _sums_of(request.used) != _sums_of(used):
            return "what was paid is left out under another plan"
        try:
            return Compiled(plan.id, len(request.visits), Shape(*given[0]))
        except NotCompiled as not_compiled:
            return not_compiled.reason


def _sums_of(used: Used) -> Sums:
    return Sums(*(int(getattr(used, name)) for name in PAID_BEFORE))
