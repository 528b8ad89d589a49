"""The clinic's own prices on pages: the active lists, a new list and what it changes, what has no price."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import Engine
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator.billing.clinic import ClinicRefused, clinic_now
from estimator.clock import today
from estimator.engine.findings import Finding, PriceCash
from estimator.engine.prices import ExperienceFactor, PriceEntry
from estimator.engine.values import Span
from estimator.errors import (
    ConflictingList,
    EditRefused,
    Problem,
    Refused,
    Stopped,
    UnknownList,
    UnknownZip,
)
from estimator.plans.shelf import Shelf
from estimator.prices.books import find_zip
from estimator.prices.market import AgainstMarket, against_market
from estimator.prices.store import COLUMNS, CONTRACT_COLUMNS, LINE, Entry, Kind, active_prices, cells_of, kept_rows
from estimator.publishing.clinic_lists import (
    MOST_BYTES,
    SELF_PAY,
    Drift,
    Moved,
    NewList,
    PriceList,
    active_list,
    drift_between,
    gaps_of,
    history_of,
    impact_of_list,
    list_of,
    plans_with_contracts,
    publish_list,
    read_named_list,
    roll_back_to,
)
from estimator.publishing.drafts import Signed
from estimator.settings import contract_file, price_list_file
from estimator.web.common import csv_file, page_within
from estimator.web.health import FailurePage
from estimator.web.staff.common import allowed, person, refused_page, staff_shelf
from estimator.wording.errors import problems_of
from estimator.wording.words import short_day, signed_share

TITLES: Mapping[Kind, str] = {
    Kind.CONTRACT: "Contracts with payers",
    Kind.SELF_PAY: "Self-pay list",
    Kind.FACTORS: "Factors for experience and length",
}
SAYS: Mapping[Kind, str] = {
    Kind.CONTRACT: "What a plan or payer allows for a code, in dollars or as a percentage of Medicare’s fee.",
    Kind.SELF_PAY: "What a person without a plan is asked.",
    Kind.FACTORS: "What counts for a new or a senior provider, or a long visit, where a price has to be estimated.",
}
EXAMPLES: Mapping[Kind, str] = {
    Kind.CONTRACT: ",".join(CONTRACT_COLUMNS)
    + "\nEvergreen Health Plan,97110,38.50,per-unit,1/1/2026,,,,,,"
    + "\nEvergreen Health Plan,*,110%,percent-of-medicare,1/1/2026,,,,,,no",
    Kind.SELF_PAY: "code,amount,basis,first_day,last_day\n20561,75.00,per-line,2026-01-01,",
    Kind.FACTORS: "experience,percent,from_minutes,first_day,last_day\nsenior,120%,,2026-07-01,\nstandard,130%,60,,",
}
_MPPR = {None: "", True: ", MPPR taken", False: ", no MPPR"}
_BASES = {"per-unit": "a unit", "per-line": "a line", "per-visit": "a visit"}


def figure(entry: Entry) -> str:
    """Return the figure of a row with what it is for."""
    if isinstance(entry, ExperienceFactor):
        return str(entry.rate)
    if entry.percent is not None:
        return f"{entry.percent} of Medicare{_MPPR[entry.mppr]}"
    return f"${entry.amount} {_BASES[entry.basis]}"


def subject(entry: Entry) -> str:
    """Return what a row prices."""
    return " · ".join(filter(None, entry.subject))


def days(span: Span) -> str:
    """Return from when until when a row counts."""
    first, last = span.first_day, span.last_day
    if first and last:
        return f"{short_day(first)} to {short_day(last)}"
    if first:
        return f"from {short_day(first)}"
    return f"to {short_day(last)}" if last else "always"


def state(span: Span, today: date) -> str:
    """Return whether a row counts today."""
    if today in span:
        return "in force"
    return "not yet" if span.first_day and today < span.first_day else "over"


def move(moved: Moved) -> str:
    """Return by how much a row moves."""
    if moved.per_mille is None:
        return "another basis"
    return signed_share(moved.per_mille) if moved.difference else "days only"


def source(finding: Finding) -> str:
    """Return where a price comes from that is none of the clinic's."""
    return "cited range of cash prices" if isinstance(finding, PriceCash) else "regional estimate"


def searched(entry: Entry) -> str:
    """Return the text in which a search looks."""
    return " ".join(cells_of(entry).values()).casefold()


# ----------------------------------------------------------------------------
# What the templates of the clinic's prices are given, and a list as text in which every row keeps its line.
# ----------------------------------------------------------------------------

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
        if (not party or entry.subject[0] == party) and all(word in searched(entry) for word in asked)
    ]
    page, pages = page_within(number, len(found), ON_A_PAGE)
    return {
        **_of_kind(kind),
        "active": active,
        "history": history_of(engine, kind),
        "against": market_of_contract(engine, active) if kind is Kind.CONTRACT else (),
        "parties": sorted(Counter(entry.subject[0] for entry in entries).items()) if kind is Kind.CONTRACT else (),
        "sought": sought,
        "party": party,
        "found": len(found),
        "rows": [_row(entry) for entry in found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]],
        "page": page,
        "pages": pages,
    }


def preview_shown(
    shelf: Shelf, new: NewList, note: str = "", errors: Mapping[str, str] | None = None
) -> dict[str, Any]:
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


def market_of_contract(engine: Engine, contract: PriceList | None) -> tuple[AgainstMarket, ...]:
    """Return how a contract compares with what its payers pay other clinics; nothing where no file is known."""
    prices = active_prices(engine)
    try:
        place = find_zip(own_zip(), prices.zips)
    except UnknownZip:
        return ()
    entries = [entry for entry in contract.entries if isinstance(entry, PriceEntry)] if contract else []
    return against_market(entries, place, today(), prices.market)


def own_zip() -> str:
    """Return where the clinic is by its settings, nothing where they do not say."""
    try:
        return clinic_now().zip[:5]
    except ClinicRefused:
        return ""


def list_text(kind: Kind, entries: Sequence[Entry]) -> str:
    """Return a list as CSV in which every row stands in the line that it was read from."""
    written, columns, line = StringIO(), COLUMNS[kind], 1
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    for row in sorted(kept_rows(kind, entries), key=lambda row: int(row[LINE])):
        written.write("\n" * max(0, int(row[LINE]) - line - 1))
        writer.writerow([row.get(name, "") for name in columns])
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
    said = {"title": TITLES[kind], "says": SAYS[kind], "example": EXAMPLES[kind]}
    return {"kind": kind, "file": files.get(kind), **said}


def _row(entry: Entry) -> dict[str, str]:
    party, *what = entry.subject
    counts = {"days": days(entry.span), "state": state(entry.span, today())}
    return {"party": party, "what": " · ".join(filter(None, what)), "figure": figure(entry), **counts}


def _drift(before: PriceList | None, after: Sequence[Entry]) -> dict[str, Any]:
    drift: Drift = drift_between(before.entries if before else (), after, today())
    return {
        "drift": drift,
        "moved": [
            (subject(one.after), _says(one.before), _says(one.after), move(one)) for one in drift.moved[:_MOST_SHOWN]
        ],
        "added": [(subject(one), _says(one)) for one in drift.added[:_MOST_SHOWN]],
        "gone": [(subject(one), _says(one)) for one in drift.gone[:_MOST_SHOWN]],
    }


def _says(entry: Entry) -> str:
    return f"{figure(entry)}, {days(entry.span)}"


# ----------------------------------------------------------------------------
# One function a page: look at the clinic's lists, try a new one, publish it, take it back, take it along.
# ----------------------------------------------------------------------------

prices = Blueprint("prices", __name__, url_prefix="/prices")

Page = str | tuple[str, int] | AnyResponse
_CONFLICT = 409
_UNPROCESSABLE = 422
_SEE_OTHER = 303
# Beside the list a form has its mark and a reason.
_MOST_SENT = MOST_BYTES + 100_000
_LONGEST_NAME = 80


@prices.errorhandler(UnknownList)
def not_here(error: UnknownList) -> FailurePage:
    """Say that there is no such list."""
    return refused_page(NotFound())


@prices.get("/")
@allowed("viewer")
def every() -> str:
    """Show each kind of list with the one that prices."""
    return render_template("staff/prices/every.html", kinds=overview(staff_shelf().engine))


@prices.get("/<kind>")
@allowed("viewer")
def one(kind: str) -> str:
    """Show the list that prices, searched, and every one there was."""
    return _one(_kind(kind))


@prices.get("/lists/<int:number>.csv")
@allowed("viewer", notes="prices-downloaded")
def as_csv(number: int) -> Response:
    """Send a list, active or not."""
    found = list_of(staff_shelf().engine, number)
    kind = Kind(found.kept.kind)
    return csv_file(f"{kind}-{number}.csv", csv_rows(kind, found.entries))


@prices.get("/<kind>/template.csv")
@allowed("viewer")
def template(kind: str) -> Response:
    """Send a file with every column and one row, to be filled."""
    chosen = _kind(kind)
    examples = (line.split(",") for line in EXAMPLES[chosen].splitlines()[1:])
    return csv_file(f"{chosen}.csv", [COLUMNS[chosen], *examples])


@prices.post("/<kind>/preview")
@allowed("rules", most_bytes=_MOST_SENT)
def preview(kind: str) -> Page:
    """Show every mistake of a new list, or what publishing it would change."""
    chosen, file = _kind(kind), request.files.get("file")
    content, name = (file.read(), file.filename or "") if file and file.filename else (_text(), "")
    try:
        new = read_named_list(staff_shelf(), chosen, content, name[:_LONGEST_NAME] or "pasted text")
    except Refused as refused:
        shown = refusal(chosen, refused.problems)
        return render_template("staff/prices/mistakes.html", text=_shown(content), **shown), _UNPROCESSABLE
    return render_template("staff/prices/preview.html", **preview_shown(staff_shelf(), new))


@prices.post("/<kind>/publish")
@allowed("rules", most_bytes=_MOST_SENT)
def publish(kind: str) -> Page:
    """Let a list price from now on, based on the one that its preview was compared with."""
    chosen, engine, note = _kind(kind), staff_shelf().engine, request.form.get("note", "")
    name = request.form.get("file", "")[:_LONGEST_NAME] or "pasted text"
    try:
        new = read_named_list(staff_shelf(), chosen, _text(), name)
    except Refused as refused:
        shown = refusal(chosen, refused.problems)
        return render_template("staff/prices/mistakes.html", text=_shown(_text()), **shown), _UNPROCESSABLE
    try:
        publish_list(engine, new, _seen(), _signed(note))
    except EditRefused as refused:
        shown = preview_shown(staff_shelf(), new, note, {problem.path: problem.message for problem in refused.problems})
        return render_template("staff/prices/preview.html", **shown), _UNPROCESSABLE
    except ConflictingList as conflict:
        shown = {**preview_shown(staff_shelf(), new, note), **since_then(engine, conflict)}
        return render_template("staff/prices/preview.html", **shown), _CONFLICT
    return redirect(f"/staff/prices/{chosen}", _SEE_OTHER)


@prices.post("/<kind>/roll-back")
@allowed("rules")
def roll_back(kind: str) -> Page:
    """Let an older list price again."""
    chosen, engine, note = _kind(kind), staff_shelf().engine, request.form.get("note", "")
    try:
        roll_back_to(engine, _number("number") or 0, _seen(), _signed(note))
    except EditRefused as refused:
        errors = {problem.path: problem.message for problem in refused.problems}
        return _one(chosen, errors=errors, note=note), _UNPROCESSABLE
    except ConflictingList as conflict:
        return _one(chosen, note=note, **since_then(engine, conflict)), _CONFLICT
    return redirect(f"/staff/prices/{chosen}", _SEE_OTHER)


def _one(kind: Kind, **more: Any) -> str:
    asked = request.args
    number = asked.get("page", 1, type=int)
    shown = one_page(staff_shelf().engine, kind, asked.get("words", ""), asked.get("party", ""), number)
    return render_template("staff/prices/one.html", **{"errors": {}, "note": "", "theirs": None, **shown, **more})


def _kind(written: str) -> Kind:
    try:
        return Kind(written)
    except ValueError as unknown:
        raise NotFound from unknown


def _text() -> bytes:
    return request.form.get("text", "").encode()


def _shown(content: bytes) -> str:
    """Return what was sent as text that can be corrected in place, nothing where it was no text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""


def _signed(note: str) -> Signed:
    return Signed(person().name, note, person().id)


def _seen() -> int | None:
    return _number("based_on")


def _number(name: str) -> int | None:
    written = request.form.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


# ----------------------------------------------------------------------------
# The page of codes that a plan pays and no price of the clinic names, with what an estimate counts instead.
# ----------------------------------------------------------------------------

gaps = Blueprint("price_gaps", __name__, url_prefix="/prices/gaps")


@gaps.get("/")
@allowed("viewer")
def look() -> str | tuple[str, int]:
    """Ask for a plan, or show the gaps of the one that is asked for."""
    shelf, day = staff_shelf(), _day(request.args.get("day", ""))
    prices = active_prices(shelf.engine)
    typed = {"plan": request.args.get("plan", "").strip(), "zip": request.args.get("zip", own_zip()).strip()}
    shown: dict[str, Any] = {"typed": typed, "day": day, "problems": (), "found": None, "source": source}
    shown["parties"] = plans_with_contracts(shelf, prices, day)
    if typed["plan"]:
        try:
            shown["found"] = gaps_of(shelf, prices, typed["plan"], day, typed["zip"])
        except Stopped as refused:
            return _page({**shown, "problems": problems_of(refused)}), _UNPROCESSABLE
    return _page(shown)


def _page(shown: Mapping[str, Any]) -> str:
    return render_template("staff/prices/gaps.html", self_pay=SELF_PAY, **shown)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return today()
