"""Finds the Medicare locality of a ZIP code among the 42,956 that CMS lists.

The carried file holds runs of neighbouring ZIP codes in order, one a line, so that a ZIP is found by
halving the list of lines: even the first lookup takes a few milliseconds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from estimator.engine.prices import Place
from estimator.errors import UnknownZip
from estimator.prices.carried import read_carried
from estimator.resources import prices_folder

_ZIP = re.compile(r"[0-9]{5}(?:-?[0-9]{4})?")
_AREA = 3
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Run:
    first: str
    last: str
    state: str
    locality: Key
    straddles: bool


def find_zip(zip_code: str, known: Sequence[str] | None = None) -> Place:
    """Return where a five-digit ZIP code (or the first five of ZIP+4) lies, or raise `UnknownZip`.

    `known` are the lines of a database in the place of those that ship.
    """
    if not _ZIP.fullmatch(zip_code):
        raise UnknownZip(zip_code)
    five = zip_code[:5]
    runs = _runs() if known is None else known
    place = bisect_right(runs, five, key=lambda line: line[:5]) - 1
    run = _run(runs[place]) if place >= 0 else None
    if run is None or five > run.last:
        raise UnknownZip(zip_code)
    candidates = _candidates(five, run, runs) if run.straddles else (run.locality,)
    return Place(five, run.state, run.locality, candidates, run.straddles)


def _candidates(zip_code: str, run: _Run, runs: Sequence[str]) -> tuple[Key, ...]:
    """Return the likely localities of a straddling ZIP, the one of CMS's five-digit file first.

    Unsure: only CMS's nine-digit file decides, and we have not got it. A ZIP that straddles lies beside
    others, so that the localities of ZIP codes with the same first three digits are the likely ones: that
    names another locality for 436 of the 491 straddling ZIP codes in states of several localities. Failing
    that, any locality of the state; where the state has one, the ZIP must cross a state line, and the
    localities of the bordering states are named. The right one may still be missing where a ZIP lies on
    both kinds of line.
    """
    others = _same_area(zip_code, runs) | {run.locality}
    if len(others) == 1:
        others |= _of_states({run.state})
    if len(others) == 1:
        others |= _of_states(_borders().get(run.state, ()))
    return run.locality, *sorted(others - {run.locality})


def _same_area(zip_code: str, runs: Sequence[str]) -> set[Key]:
    area = zip_code[:_AREA]
    start = bisect_right(runs, area, key=lambda line: line[:_AREA]) - 1
    return set(_back_from(start, area, runs))


def _back_from(start: int, area: str, runs: Sequence[str]) -> Iterator[Key]:
    for place in range(start, -1, -1):
        run = _run(runs[place])
        if run.last[:_AREA] < area:
            return
        yield run.locality


def _of_states(states: Iterable[str]) -> set[Key]:
    return {key for state in states for key in _localities_by_state()[state]}


@cache
def _localities_by_state() -> dict[str, set[Key]]:
    by_state: dict[str, set[Key]] = {}
    for row in read_carried("medicare-counties.csv").rows:
        by_state.setdefault(row["state"], set()).add((row["mac"], row["number"]))
    return by_state


@cache
def _borders() -> dict[str, tuple[str, ...]]:
    rows = read_carried("state-borders.csv").rows
    return {row["state"]: tuple(row["borders"].split()) for row in rows}


@cache
def _runs() -> list[str]:
    text = (prices_folder() / "medicare-zips.txt").read_text("ascii")
    return [line for line in text.splitlines() if not line.startswith("#")]


def _run(line: str) -> _Run:
    first, last, state, mac, number, straddles = line.split()
    return _Run(first, last, state, (mac, number), straddles == "1")
