"""What payers paid, at `/staff/remittances/`: files read and posted to cases, what was learned, what falls short.

Between reading and posting the payments travel in the form, signed, and are kept nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, redirect, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from estimator.billing.case_payments import (
    MOST_PAYMENTS,
    Payment,
    add_payments,
    labels_for,
    packed,
    payments_in,
    unpacked,
)
from estimator.billing.register import zips_of
from estimator.billing.remittance import (
    MOST_BYTES,
    Remittance,
    joined,
    learn,
    read_remittance,
    seen_lines,
    standing,
)
from estimator.billing.schedule import books_now
from estimator.billing.underpaid import Found, SettledVisit, Short, below_contract, settled_visits, visits_in
from estimator.engine.values import Money
from estimator.errors import Problem, RatesRefused, Stopped
from estimator.prices.market import FEWEST_LINES
from estimator.publishing.drafts import Signed
from estimator.publishing.learned import (
    SeenFile,
    forget_amount,
    forget_file,
    learn_from,
    learned_now,
    remember_amount,
)
from estimator.web import common
from estimator.web.common import csv_file
from estimator.web.staff.cases import move_rows, taken_off
from estimator.web.staff.common import allowed, days_asked, person, staff_shelf
from estimator.web.staff.prices import own_zip
from estimator.wording.errors import problems_of
from estimator.wording.words import usd

remittances = Blueprint("remittances", __name__, url_prefix="/remittances")

Page = str | tuple[str, int] | AnyResponse
_UNPROCESSABLE = 422
_SEE_OTHER = 303
# Beside the files a form has its mark, and the labels of the cases that payments are for.
_AROUND = 1_000_000
_LONGEST_NAME = 80
_MOST_FILES = 50


@remittances.get("/")
@allowed("billing")
def ask() -> str:
    """Ask for the files of remittances."""
    return _page()


@remittances.post("/")
@allowed("billing", most_bytes=MOST_BYTES + _AROUND)
def read() -> Page:
    """Show what files pay, claim by claim, and learn from them; once it is said which case each is for, post it."""
    if "keep" in request.form:
        return _post()
    given = _read([file for file in request.files.getlist("file") if file.filename][:_MOST_FILES])
    if not given.seen:
        return _page(problems=[str(problem) for problem in given.read.problems] or [_NO_FILE]), _UNPROCESSABLE
    problems = [str(problem) for problem in given.read.problems]
    learned = _learned_from(given.seen) if "learn" in request.form else ""
    engine, every = staff_shelf().engine, payments_in(given.read)
    labels_by_number = labels_for(engine, every)
    # Those of our cases first; the others, which wait for a label by hand, as many as a page can hold.
    shown = sorted(every, key=lambda payment: payment.number not in labels_by_number)[:MOST_PAYMENTS]
    try:
        below = _below(visits_in(given.read.claims, own_zip()))
    except Stopped as refused:
        below, problems = Found(), [*problems, *map(str, problems_of(refused))]
    return _page(
        problems=problems,
        read=given.read,
        line_count=len(standing(given.read.claims)),
        learned=learned,
        amounts=learn(given.read.claims),
        below=below,
        left_out=len(every) - len(shown),
        payments=[_payment_shown(payment, labels_by_number.get(payment.number, "")) for payment in shown],
        packed=_signer().dumps(packed(shown)),
    )


_NO_FILE = "Choose the payer’s file (835)."


class _Given(NamedTuple):
    """What was read of all files, with what was refused of them, and each as it is learned from."""

    read: Remittance
    seen: Sequence[SeenFile]


def _read(files: Iterable[FileStorage]) -> _Given:
    found: list[Remittance] = []
    seen: list[SeenFile] = []
    refused: list[Problem] = []
    for file in files:
        name = (file.filename or "")[-_LONGEST_NAME:]
        try:
            one = read_remittance(file.read(), name)
        except Stopped as error:
            refused += problems_of(error)
        else:
            found.append(one)
            seen.append(SeenFile(name, one.mark, seen_lines(one.claims)))
    return _Given(joined(found, refused), seen)


def _learned_from(seen: Sequence[SeenFile]) -> str:
    """Learn from files, and say what came of it."""
    try:
        new, learned = learn_from(staff_shelf().engine, seen, _signed())
    except RatesRefused:
        return "Nothing to learn: no allowed amount of an employer’s or Marketplace plan."
    enough = sum(one.lines >= FEWEST_LINES for one in learned.amounts)
    known = "Known already." if not new else f"Learned from {new} new {'file' if new == 1 else 'files'}."
    return f"{known} {len(learned.amounts)} amounts count, {enough} of {FEWEST_LINES} lines or more, which set a range."


def _post() -> Page:
    form = request.form
    try:
        payments = unpacked(_signer().loads(form.get("payments", "")))
    except BadSignature:
        raise BadRequest from None
    labels = [form.get(f"label_{place}", "").strip() for place in range(len(payments))]
    landed = add_payments(staff_shelf().engine, zip(payments, labels, strict=True), person())
    move_rows({each.case_id for each in landed if each.case_id is not None and each.is_new})
    return _page(landed=landed)


def _page(**shown: Any) -> str:
    nothing = {"problems": (), "read": None, "payments": None, "landed": None, "packed": "", "left_out": 0}
    return render_template("staff/remittances/read.html", most=_MOST_SHOWN, **{**nothing, **shown})


def _payment_shown(payment: Payment, label: str) -> dict[str, Any]:
    sums = {name: usd(Money(getattr(payment, name))) for name in ("paid", "patient")}
    return {"payment": payment, "label": label, "taken": taken_off(payment.adjustments), **sums}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="remittance")


def _signed() -> Signed:
    return Signed(person().name, "", person().id)


# ----------------------------------------------------------------------------
# What was learned: by payer, plan and code, and from which files; either can be forgotten.
# ----------------------------------------------------------------------------


@remittances.get("/learned")
@allowed("billing")
def learned() -> str:
    """Show the amounts that count, and the files that they were learned from."""
    return _learned_page()


@remittances.post("/learned")
@allowed("billing")
def change_learned() -> Page:
    """Let a file or an amount count no longer, or an amount again."""
    form, engine = request.form, staff_shelf().engine
    key = form.get("payer", ""), form.get("plan", ""), form.get("code", "")
    try:
        match form.get("do", ""):
            case "forget-file":
                forget_file(engine, form.get("mark", ""), _signed())
            case "forget":
                forget_amount(engine, *key, _signed())
            case "remember":
                remember_amount(engine, *key, _signed())
            case _:
                raise BadRequest
    except RatesRefused as refused:
        return _learned_page([problem.message for problem in refused.problems]), _UNPROCESSABLE
    return redirect("/staff/remittances/learned", _SEE_OTHER)


@remittances.get("/learned.csv")
@allowed("billing", notes="learned-downloaded")
def learned_as_file() -> Response:
    """Send the amounts that count as CSV."""
    rows = [
        (*one.key, one.lines, one.last_seen, one.low, one.median, one.high)
        for one in learned_now(staff_shelf().engine).amounts
    ]
    header = ("payer", "plan", "code", "lines", "last seen", "low ($)", "median ($)", "high ($)")
    return csv_file("learned.csv", [header, *rows])


def _learned_page(problems: Sequence[str] = ()) -> str:
    found = learned_now(staff_shelf().engine)
    return render_template("staff/remittances/learned.html", found=found, fewest=FEWEST_LINES, problems=problems)


# ----------------------------------------------------------------------------
# What falls short of the contract, from the ledgers of cases.
# ----------------------------------------------------------------------------

# As long as most payers let a clinic dispute a payment.
_USUAL = timedelta(days=180)
_MOST_SHOWN = 200
HEADER = (
    *("case", "day", "payer", "code", "modifiers", "units"),
    *("contract ($)", "allowed ($)", "short ($)", "therapy reduction ($)", "assistant ($)"),
)


@remittances.get("/below-contract")
@allowed("billing")
def below() -> str:
    """Show what payers allowed below the contract between two days."""
    first, last = days_asked(_USUAL)
    found = _found(first, last)
    by_payer: dict[str, list[Money]] = defaultdict(list)
    for each in found.below:
        by_payer[each.visit.payer].append(each.short)
    sums = [(payer, len(short), Money(sum(short))) for payer, short in by_payer.items()]
    return render_template(
        "staff/remittances/below.html",
        first=first,
        last=last,
        found=found,
        sums=sorted(sums, key=lambda one: (-one[2], one[0])),
        most=_MOST_SHOWN,
    )


@remittances.get("/below-contract.csv")
@allowed("billing", notes="below-contract-downloaded")
def below_as_file() -> Response:
    """Send the same as CSV, with the lines that only a reduction explains."""
    found = _found(*days_asked(_USUAL))
    return csv_file("below-contract.csv", [HEADER, *map(csv_row, (*found.below, *found.explained))])


def csv_row(one: Short) -> Sequence[Any]:
    """Return a line as the file has it."""
    what = one.code, " ".join(one.modifiers), one.units or ""
    amounts = one.contract, one.allowed, one.short, one.reduced, one.assistant
    return one.visit.number, one.visit.day, one.visit.payer, *what, *amounts


def _found(first: date, last: date) -> Found:
    shelf = staff_shelf()
    books = books_now(shelf, common.prices())
    zips: Mapping[str, str] = {"": own_zip(), **zips_of(shelf.engine)}
    return below_contract(settled_visits(shelf.engine, books, (first, last), zips), books)


def _below(visits: Iterable[SettledVisit]) -> Found:
    return below_contract(visits, books_now(staff_shelf(), common.prices()))
