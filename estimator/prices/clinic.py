"""The clinic's own prices: its contracts with payers and its self-pay list, from files or from the database.

The files are named by a command's options, or for every estimate by ESTIMATOR_CONTRACT and ESTIMATOR_PRICE_LIST. A file
takes the place of the database's list of its kind. One with a mistake is refused whole: half a contract would price the
rest wrongly.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path

from estimator.clock import today
from estimator.engine.prices import ClinicPrices, PriceEntry
from estimator.errors import ClinicPricesRefused, Problem
from estimator.prices.contract import read_contract
from estimator.prices.pricelist import read_price_list
from estimator.prices.prices import Prices
from estimator.resources import contract_file, price_list_file

Entries = tuple[PriceEntry, ...]
Reader = Callable[[bytes, str, date], tuple[Entries, tuple[Problem, ...]]]
_MOST_BYTES = 5_000_000


def clinic_prices(
    contract: Path | None = None, price_list: Path | None = None, prices: Prices | None = None
) -> ClinicPrices:
    """Return the clinic's prices; raise ClinicPricesRefused with every mistake of both files.

    A file that is left out is the one of the environment, if it names one, else the list of the database. Files are
    read again when they change.
    """
    kept = prices.clinic if prices else ClinicPrices()
    problems: list[Problem] = []
    agreed = _read(contract or contract_file(), read_contract, kept.contract, problems)
    asked = _read(price_list or price_list_file(), read_price_list, kept.self_pay, problems)
    if problems:
        raise ClinicPricesRefused(tuple(problems))
    return ClinicPrices(agreed, asked, kept.factors)


def _read(path: Path | None, reader: Reader, kept: Entries, problems: list[Problem]) -> Entries:
    if path is None:
        return kept
    try:
        stat = path.stat()
        if stat.st_size > _MOST_BYTES:
            problems.append(Problem("", f"Write at most {_MOST_BYTES // 1_000_000} MB of prices.", path.name))
            return ()
        entries, found = _kept(path, reader, (stat.st_mtime_ns, stat.st_size))
    except OSError as error:
        problems.append(Problem("", f"Name a file that can be read ({error.strerror}).", path.name))
        return ()
    problems += found
    return entries


@lru_cache(maxsize=8)
def _kept(path: Path, reader: Reader, stamp: tuple[int, int]) -> tuple[Entries, tuple[Problem, ...]]:
    return reader(path.read_bytes(), path.name, today())
