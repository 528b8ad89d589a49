"""What the templates of the clinic's prices are given, and a list as text in which every row keeps its line."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from sqlalchemy import Engine

from estimator.clock import today
from estimator.errors import ConflictingList, Problem, UnknownList
from estimator.papers.case import ClinicRefused
from estimator.plans.shelf import Shelf
from estimator.prices.clinic_lists import COLUMNS, LINE, Entry, Kind, cells_of, kept_rows
from estimator.prices.store import active_prices
from estimator.publishing.clinic_lists import (
    Drift,
    NewList,
    PriceList,
    active_list,
    drift_between,
    history_of,
    impact_of_list,
    list_of,
)
from estimator.resources import contract_file, price_list_file
from estimator.web.patient.papers import treating
from estimator.web.staff import prices_words as words

ON_A_PAGE = 100
_MOST_SHOWN = 200


def overview(engine: Engine) -> list[dict[str, Any]]:
    """Return each kind of list with the one that prices."""
    lists = ((kind, active_list(engine, kind)) for kind in Kind)
    return [{**_of_kind(kind), "active": one} for kind, one in lists]


def one_page(engine: Engine, kind: Kind, sought: str, party: str, number: int) -> dict[str, Any]:
    """Return what the page of a list shows: the rows that are looked for, by payer, and every list there was."""
    active = active_list(engine, kind)
    entries = active.entries if active else ()
    asked = sought.casefold().split()
    found = [
        entry
        for entry in entries
        if (not party or entry.subject[0] == party) and all(word in words.searched(entry) for word in asked)
    ]
    pages = max(1, -(-len(found) // ON_A_PAGE))
    page = min(max(1, number), pages)
    return {
        **_of_kind(kind),
        "active": active,
        "history": history_of(engine, kind),
        "parties": sorted(Counter(entry.subject[0] for entry in entries).items()) if kind is Kind.CONTRACT else (),
        "sought": sought,
        "party": party,
        "found": len(found),
        "rows": [_row(entry) for entry in found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]],
        "page": page,
        "pages": pages,
    }


def preview(shelf: Shelf, new: NewList, note: str = "", errors: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what publishing a list would change in the one that prices now, and for people."""
    active = active_list(shelf.engine, new.kind)
    drift = _drift(active, new.entries)
    return {
        **_of_kind(new.kind),
        "new": new,
        "text": list_text(new.kind, new.entries),
        "base": active,
        "drift": drift,
        "impacts": impact_of_list(shelf, active_prices(shelf.engine), new, drift["drift"], own_zip()),
        "note": note,
        "errors": errors or {},
        "theirs": None,
    }


def since_then(engine: Engine, conflict: ConflictingList) -> dict[str, Any]:
    """Return what somebody else published in the meantime, and what that changed."""
    theirs = active_list(engine, Kind(conflict.kind))
    try:
        seen: PriceList | None = list_of(engine, conflict.based_on or 0)
    except UnknownList:
        seen = None
    return {"theirs": theirs, "their_drift": _drift(seen, theirs.entries if theirs else ())}


def own_zip() -> str:
    """Return where the clinic is by its settings, nothing where they do not say."""
    try:
        return treating().zip[:5]
    except ClinicRefused:
        return ""


def list_text(kind: Kind, entries: Sequence[Entry]) -> str:
    """Return a list as CSV in which every row stands in the line that it was read from."""
    written, columns, line = StringIO(), COLUMNS[kind], 1
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    for row in sorted(kept_rows(kind, entries), key=lambda row: int(row[LINE])):
        written.write("\n" * max(0, int(row[LINE]) - line - 1))
        writer.writerow([row[name] for name in columns])
        line = max(line + 1, int(row[LINE]))
    return written.getvalue()


def csv_rows(kind: Kind, entries: Sequence[Entry]) -> list[Sequence[str]]:
    """Return the header and the rows of a list."""
    return [COLUMNS[kind], *([cells_of(entry)[name] for name in COLUMNS[kind]] for entry in entries)]


def refusal(kind: Kind, problems: Sequence[Problem]) -> dict[str, Any]:
    """Return what the page of a file with mistakes shows."""
    return {**_of_kind(kind), "problems": problems[:_MOST_SHOWN], "more": max(0, len(problems) - _MOST_SHOWN)}


def _of_kind(kind: Kind) -> dict[str, Any]:
    files = {Kind.CONTRACT: contract_file(), Kind.SELF_PAY: price_list_file()}
    said = {"title": words.TITLES[kind], "says": words.SAYS[kind], "example": words.EXAMPLES[kind]}
    return {"kind": kind, "file": files.get(kind), **said}


def _row(entry: Entry) -> dict[str, str]:
    party, what = entry.subject
    counts = {"days": words.days(entry.span), "state": words.state(entry.span, today())}
    return {"party": party, "what": what, "figure": words.figure(entry), **counts}


def _drift(before: PriceList | None, after: Sequence[Entry]) -> dict[str, Any]:
    drift: Drift = drift_between(before.entries if before else (), after, today())
    return {
        "drift": drift,
        "moved": [
            (words.subject(one.after), _says(one.before), _says(one.after), words.move(one))
            for one in drift.moved[:_MOST_SHOWN]
        ],
        "added": [(words.subject(one), _says(one)) for one in drift.added[:_MOST_SHOWN]],
        "gone": [(words.subject(one), _says(one)) for one in drift.gone[:_MOST_SHOWN]],
    }


def _says(entry: Entry) -> str:
    return f"{words.figure(entry)}, {words.days(entry.span)}"
