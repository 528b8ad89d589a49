"""The log of what was done: narrowed by who, what and when, page by page, or as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from estimator.accounts.audit import Entry, Sought, choices_of_log, read_log
from estimator.web.common import csv_file, number_in
from estimator.web.staff.common import allowed, staff_shelf

log = Blueprint("log", __name__, url_prefix="/log")

ON_A_PAGE = 50
_FIELDS = ("who", "did", "since", "until")
_DAY = timedelta(days=1)
_NO_DAY = "Enter a day such as 2026-03-02."


@log.get("/")
@allowed("admin")
def pages() -> str:
    """Show one page of the log."""
    return render_template("staff/admin/log.html", **_shown())


@log.get("/log.csv")
@allowed("admin", notes="log-downloaded")
def as_file() -> Response:
    """Send everything that fits as a CSV file."""
    sought, _ = _sought()
    found = read_log(staff_shelf().engine, sought)
    return csv_file("log.csv", [("at (UTC)", "account", "did", "subject"), *map(_row, found.entries)])


def _shown() -> dict[str, Any]:
    sought, errors = _sought()
    typed = {name: request.args.get(name, "") for name in _FIELDS}
    number = max(number_in(request.args, "page"), 1)
    engine = staff_shelf().engine
    found = read_log(engine, sought, ON_A_PAGE, (number - 1) * ON_A_PAGE)
    who, kinds = choices_of_log(engine)
    return {
        "log": found,
        "typed": typed,
        "errors": errors,
        "accounts": [(account.id, account.name) for account in who],
        "kinds": [(kind, kind.replace("-", " ")) for kind in kinds],
        "page": number,
        "pages": max(-(-found.count // ON_A_PAGE), 1),
        "asked": urlencode({name: value for name, value in typed.items() if value}),
    }


def _sought() -> tuple[Sought, dict[str, str]]:
    """Return what is asked for, and what is wrong beside its field; a day that is none restricts nothing."""
    errors: dict[str, str] = {}
    days: dict[str, datetime | None] = {}
    for name, whole in (("since", timedelta()), ("until", _DAY)):
        try:
            days[name] = _start_of(request.args.get(name, ""), whole)
        except (ValueError, OverflowError):
            errors[name], days[name] = _NO_DAY, None
    who = number_in(request.args, "who") or None
    return Sought(who, request.args.get("did", ""), days["since"], days["until"]), errors


def _start_of(written: str, and_then: timedelta) -> datetime | None:
    return datetime.combine(date.fromisoformat(written), time(), UTC) + and_then if written else None


def _row(entry: Entry) -> Iterator[str]:
    yield from (f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.who, entry.did, entry.subject)
