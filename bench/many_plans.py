"""Fill a database with ten times the plans that ship, to measure what grows with the catalogue.

`python bench/many_plans.py folder` makes a file of SQLite in a folder; DATABASE_URL names another database. Each plan
of a catalogue comes nine more times, with another number and another name; its rules stay as they are, so that each
of them answers an estimate.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

WORDS = ("", "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood")
"""The first word of the names of each copy; none for the plans as they ship."""
_MARKETPLACE = re.compile(r"(?P<issuer>\d{5}[a-z]{2})(?P<product>\d{7})(?P<variant>-\d\d)")
_MEDICARE_ADVANTAGE = re.compile(r"(?P<plan>[hr]\d{4}-\d{3})-(?P<segment>\d{1,3})(?P<state>-[a-z]{2})")


def fill(engine: Engine) -> None:
    """Publish the plans that ship in a database, and then their copies, in ten steps."""
    from estimator.db.connection import reading
    from estimator.plans.catalogue_file import catalogues, read_catalogue
    from estimator.plans.folder import library
    from estimator.plans.shelf import Draft, Wanted, count
    from estimator.publishing.database import make_ready
    from estimator.publishing.publish import Occasion, publish
    from estimator.settings import plans_folder

    plans = library(plans_folder())
    make_ready(engine)

    def copies(number: int) -> Iterator[Draft]:
        for path in catalogues(plans.folder):
            head, listed = read_catalogue(path)
            for one in listed:
                written = one.definition
                named = {"plan": _number(written["plan"], number), "title": f"{WORDS[number]} {written['title']}"}
                # Half of the copies are other insurers' plans.
                named["payer"] = written["payer"] if number % 2 else f"{WORDS[number]} {written['payer']}"
                other = replace(one, definition={**written, **named})
                yield Draft(other.definition, head.title, metal_level=one.metal_level, also_called=one.also_called)

    for number in range(1, len(WORDS)):
        publish(engine, copies(number), plans, Occasion(f"copy {number}", is_checked=True))
        with reading(engine) as connection:
            print(f"{count(connection, Wanted()):,} plans", flush=True)


def _number(plan: str, copy: int) -> str:
    """Return a number of the same shape that no plan that ships has.

    >>> _number("30252fl0200034-05", 3), _number("h4513-038-0-ar", 3)
    ('30252fl3200034-05', 'h4513-038-300-ar')
    """
    if found := _MARKETPLACE.fullmatch(plan):
        return f"{found['issuer']}{int(found['product']) + copy * 1_000_000:07}{found['variant']}"
    if found := _MEDICARE_ADVANTAGE.fullmatch(plan):
        return f"{found['plan']}-{int(found['segment']) + copy * 100}{found['state']}"
    raise ValueError(plan)


if __name__ == "__main__":
    if sys.argv[1:]:
        os.environ["ESTIMATOR_DATA"] = str(Path(sys.argv[1]).resolve())
    from estimator.db.connection import open_engine

    fill(open_engine())
