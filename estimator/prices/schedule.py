"""The four files of a fee schedule together: of one year, naming the same localities, and complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from estimator.errors import Problem, Refused
from estimator.prices.gpcis import Indices, read_gpcis
from estimator.prices.localities import Areas, read_localities
from estimator.prices.noting import MOST_PROBLEMS
from estimator.prices.rows import Step, no_step
from estimator.prices.rvus import RelativeValues, read_rvus
from estimator.prices.zips import ZipCodes, read_zips

T = TypeVar("T")
# What part of the time each file takes, in percent.
_PARTS = {"rvu": (0, 30), "gpci": (30, 2), "localities": (32, 2), "zips": (34, 66)}


@dataclass(frozen=True, slots=True)
class FeeFiles:
    """The files as a person names them."""

    rvu: Path
    gpci: Path
    localities: Path
    zips: Path


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """One release of the fee schedule, as the files have it."""

    rvus: RelativeValues
    gpcis: Indices
    areas: Areas
    zips: ZipCodes

    @property
    def year(self) -> int:
        """Return the year of all four files."""
        return self.rvus.year

    @property
    def release(self) -> str:
        """Return the name and day of the release: `RVU26C (2026-06-30)`."""
        return f"{self.rvus.name} ({self.rvus.released})"

    @property
    def files(self) -> tuple[str, ...]:
        """Return the names of the files."""
        return self.rvus.file, self.gpcis.file, self.areas.file, self.zips.file


def read_schedule(files: FeeFiles, step: Step = no_step) -> FeeSchedule:
    """Read the four files; raise `Refused` with every problem of each of them."""
    problems: list[Problem] = []
    rvus = _read(read_rvus, files.rvu, _part("rvu", step), problems)
    gpcis = _read(read_gpcis, files.gpci, _part("gpci", step), problems)
    areas = _read(read_localities, files.localities, _part("localities", step), problems)
    zips = _read(read_zips, files.zips, _part("zips", step), problems)
    if rvus and gpcis and areas and zips:
        schedule = FeeSchedule(rvus, gpcis, areas, zips)
        problems += list(_years(schedule)) or list(islice(_localities(schedule), MOST_PROBLEMS))
        if not problems:
            return schedule
    raise Refused(tuple(problems))


def _read(reader: Callable[[Path, Step], T], path: Path, step: Step, problems: list[Problem]) -> T | None:
    try:
        return reader(path, step)
    except Refused as refused:
        problems += refused.problems
        return None


def _part(name: str, step: Step) -> Step:
    start, share = _PARTS[name]
    return lambda percent: step(start + share * percent // 100)


def _years(schedule: FeeSchedule) -> Iterator[Problem]:
    for file in (schedule.gpcis, schedule.areas, schedule.zips):
        if file.year != schedule.year:
            words = f"This file is of {file.year}, and {schedule.rvus.file} of {schedule.year}: name four of one year."
            yield Problem("", words, file.file, file.year_row)


def _localities(schedule: FeeSchedule) -> Iterator[Problem]:
    """Yield what one file names and another lacks: the sign of a file that was cut, or of another release."""
    gpcis, areas, zips = schedule.gpcis, schedule.areas, schedule.zips
    priced = {locality.key for locality in gpcis.localities}
    first_rows: dict[tuple[str, str], int] = {}
    for one in zips.rows:
        first_rows.setdefault(one.locality, one.row)
    for key, row in first_rows.items():
        if key not in priced:
            words = f"{gpcis.file} has no indices for {'-'.join(key)}: name files of one release, and whole ones."
            yield Problem("locality", words, zips.file, row)
    for key, area in areas.by_key.items():
        if key not in priced:
            words = f"{gpcis.file} has no indices for {'-'.join(key)}: name files of one release, and whole ones."
            yield Problem("locality", words, areas.file, area.row)
    for key in sorted(priced):
        for file, known in ((areas.file, areas.by_key.keys()), (zips.file, first_rows.keys())):
            if key not in known:
                words = f"There is nothing of the locality {'-'.join(key)}, which {gpcis.file} has. Is the file whole?"
                yield Problem("locality", words, file)
