"""Read a hospital's machine-readable file of standard charges (CMS template 2.x and 3.x): tall CSV, wide CSV, JSON.

`read_hospital` keeps what each payer and plan agreed to for our codes in an outpatient department. A case rate or a
per diem is never a price of a unit; a share of charges is a percentage, never dollars. What cannot be a price of
therapy is kept apart, with its reason, so that a reader may look at it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from estimator.engine.prices import OFFICE, schedule_amount
from estimator.engine.values import Money
from estimator.prices.books import latest_book, service_codes
from estimator.prices.rate_stream import Allowance, read_elements, refuse, unpacked_chunks
from estimator.prices.rates import PROFESSIONAL, UNIT, VISIT, quantile, read_cents, read_day, therapy_codes

_CODE_SYSTEMS = frozenset(("CPT", "HCPCS"))
_PLAIN_MODIFIERS = frozenset(("GP", "GO", "GN"))
_BY_VISIT = frozenset(("case rate", "case rates", "per diem", "per visit"))
_CODE = re.compile(rb'"code"\s*:\s*"\s*([A-Za-z0-9]+)\s*"')
_INPATIENT_PLAN = re.compile(r"in-?patient|\bIP\b|_IP\b", re.IGNORECASE)
_OUTPATIENT_PLAN = re.compile(r"out-?patient|\bOP\b", re.IGNORECASE)
# Plans that pay by rules of their own, and those sold to people by themselves; hospitals name either in many ways.
_PROGRAM = re.compile(
    r"medicare|medicaid|mcaid|mcare|advantage|\bmcr\b|\bmcd\b|\bma\b|medi-?cal|tricare|champ|\bva\b|veteran|\bwc\b|"
    r"work(er|man)|\bauto\b|dual|snp\b|government|county|\bchip\b|senior|indigent|correction|pace\b",
    re.IGNORECASE,
)
_SOLD_TO_PEOPLE = re.compile(r"exch|marketplace|\bqhp\b|\baca\b|individual|ambetter|oscar", re.IGNORECASE)
_STATE = re.compile(r"license_number\|([A-Z]{2})")
_MOST_COLUMN = 200_000
_MOST_COLUMNS = 20_000
_MOST_CODES = 100
# Past so many lines, none has them shorter than this on average; a line may end in two characters.
_MANY_LINES, _LEAST_LINE = 50_000, 32
_MOST_CHARGES = 15_000  # The largest of nine real files states 1,800.
# Shares of Medicare's price beyond which a figure prices something else, such as a whole visit or a drug.
_LEAST_TIMES, _MOST_TIMES = (3, 10), (12, 1)


class _TooManyCharges(Exception):
    """A file states more prices of therapy than any hospital has."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one payer and plan pays a hospital for a code; `payer` is "" where only gross and cash are stated.

    `amount` is dollars, by the unit or by the visit as `arrangement` says; None where only a percentage, an algorithm
    or nothing is stated. `apart` says why this cannot be a price of a unit of therapy.
    """

    code: str
    family: str
    modifiers: tuple[str, ...]
    setting: str
    billing_class: str
    gross: Money | None
    cash: Money | None
    payer: str = ""
    plan: str = ""
    methodology: str = ""
    arrangement: str = UNIT
    amount: Money | None = None
    percent: str = ""
    algorithm: str = ""
    median: Money | None = None
    notes: str = ""
    apart: str = ""


@dataclass(frozen=True, slots=True)
class HospitalFile:
    """The charges of our codes in one file, and where they come from."""

    file: str
    sha256: str
    hospital: str
    state: str
    dated: date | None
    schema: str
    layout: str
    charges: tuple[Charge, ...]
    refused: Mapping[str, int]

    @property
    def kept(self) -> Iterator[Charge]:
        """Yield what may be used."""
        return (one for one in self.charges if not one.apart)

    @property
    def apart(self) -> Iterator[Charge]:
        """Yield what cannot be a price of a unit of therapy."""
        return (one for one in self.charges if one.apart)


def read_hospital(path: Path) -> HospitalFile:
    """Read a file; raise RatesRefused where it is cut off, damaged or of another kind."""
    start = next(unpacked_chunks(path)).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    try:
        read = _read_json(path) if start == b"{" else _read_csv(path)
    except _TooManyCharges:
        words = f"It states more than {_MOST_CHARGES:,} prices of therapy. Give a hospital’s file of charges."
        raise refuse(path, words) from None
    with path.open("rb") as opened:
        mark = hashlib.file_digest(opened, "sha256").hexdigest()
    return replace(read, file=path.name, sha256=mark)


# ----------------------------------------------------------------------------
# JSON.
# ----------------------------------------------------------------------------


class _Charges:
    """Takes the services of a JSON file as they come."""

    def __init__(self, allowance: Allowance) -> None:
        self.charges: list[Charge] = []
        self.refused: Counter[str] = Counter()
        self._allowance = allowance
        self._codes = therapy_codes()

    def around(self, text: bytes) -> None:
        """Nothing of it is needed before the end."""

    def large(self, array: str, begun: bytes) -> None:
        """Refuse a service larger than any hospital's."""
        if array == "standard_charge_information":
            raise ValueError("one service is larger than any hospital’s")

    def wants(self, array: str, text: bytes) -> bool:
        """Tell whether this is a service that may be ours."""
        return array == "standard_charge_information" and self._may_be_ours(text)

    def element(self, array: str, text: bytes) -> None:
        """Take one service."""
        written = self._allowance.parse(text)
        named = {
            (_text(one.get("code")).upper(), _text(one.get("type"))) for one in written.get("code_information") or ()
        }
        for code in _ours(named):
            for charge in written.get("standard_charges") or ():
                self._take(code, charge)

    def _may_be_ours(self, text: bytes) -> bool:
        self._allowance.take(text.count(b'"code"'))
        return any(match[1].decode().upper() in self._codes for match in _CODE.finditer(text))

    def _take(self, code: str, written: Mapping[str, Any]) -> None:
        modifiers = written.get("modifier_code") or written.get("modifiers")
        plain = _plain(
            code,
            modifiers,
            written.get("setting"),
            written.get("billing_class"),
            written.get("gross_charge"),
            written.get("discounted_cash"),
        )
        _add(self.charges, self.refused, plain, [])
        agreed = [
            _agreed(
                plain,
                {
                    "payer": one.get("payer_name"),
                    "plan": one.get("plan_name"),
                    "dollar": one.get("standard_charge_dollar"),
                    "percentage": one.get("standard_charge_percentage"),
                    "algorithm": one.get("standard_charge_algorithm"),
                    "methodology": one.get("methodology"),
                    "median": one.get("median_amount") or one.get("estimated_amount"),
                    "notes": one.get("additional_payer_notes"),
                },
            )
            for one in written.get("payers_information") or ()
        ]
        _add(self.charges, self.refused, None, agreed)


def _read_json(path: Path) -> HospitalFile:
    received, beside = read_elements(path, _Charges, frozenset())
    assert isinstance(received, _Charges)
    if "standard_charge_information" not in beside:
        raise refuse(path, "There is no standard_charge_information in this file. Give a hospital’s file of charges.")
    license_ = beside.get("license_information")
    state = _text(license_.get("state")) if isinstance(license_, dict) else ""
    return HospitalFile(
        file=path.name,
        sha256="",
        hospital=_text(beside.get("hospital_name")),
        state=state.upper(),
        dated=read_day(_text(beside.get("last_updated_on"))),
        schema=_text(beside.get("version")),
        layout="json",
        charges=_once(received.charges),
        refused=dict(sorted(received.refused.items())),
    )


# ----------------------------------------------------------------------------
# CSV: a row a payer (tall), or columns for each payer (wide).
# ----------------------------------------------------------------------------


def _read_csv(path: Path) -> HospitalFile:
    # The library keeps one limit for the whole process: other readers get theirs back.
    limit = csv.field_size_limit(_MOST_COLUMN)
    try:
        return _read_rows(path)
    finally:
        csv.field_size_limit(limit)


def _read_rows(path: Path) -> HospitalFile:
    rows = csv.reader(_lines(path))
    try:
        facts = dict(zip(map(_column, next(rows)), next(rows), strict=False))
        columns = [_column(name) for name in next(rows)]
    except StopIteration:
        raise refuse(
            path, "A hospital’s CSV has two rows about the hospital, then names of columns. Give such a file."
        ) from None
    except csv.Error as error:
        raise refuse(path, f"The file is no CSV ({error}). Give a hospital’s file of charges.") from None
    place = {name: at for at, name in reversed(list(enumerate(columns)))}
    codes = [(at, place[f"{name}|type"]) for at, name in enumerate(columns) if _is_code(name, place)]
    if not codes or len(codes) > _MOST_CODES or len(columns) > _MOST_COLUMNS:
        raise refuse(path, "The third row names no columns code|1 and code|1|type. Give a hospital’s file of charges.")
    reader = _Rows(columns)
    try:
        for row in rows:
            named = {
                (row[at].strip().upper(), row[type_at].strip()) for at, type_at in codes if len(row) > max(at, type_at)
            }
            for code in _ours(named):
                reader.take(code, row)
    except csv.Error as error:
        raise refuse(
            path, f"Row {rows.line_num} cannot be read ({error}). Give the file as it was published."
        ) from None
    state = next((match[1] for name in facts if (match := _STATE.match(name))), "")
    return HospitalFile(
        file=path.name,
        sha256="",
        hospital=facts.get("hospital_name", "").strip(),
        state=state,
        dated=read_day(facts.get("last_updated_on", "")),
        schema=facts.get("version", "").strip(),
        layout=reader.layout,
        charges=_once(reader.charges),
        refused=dict(sorted(reader.refused.items())),
    )


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file as text: UTF-8, or the code page of Windows where it is not."""
    rest = b""
    ends = read = 0
    for number, chunk in enumerate(unpacked_chunks(path)):
        read += len(chunk)
        ends += chunk.count(b"\n") + chunk.count(b"\r")
        if ends > _MANY_LINES + read // _LEAST_LINE:
            raise refuse(path, "Its rows are shorter than in any hospital’s file. Give the file as it was published.")
        whole, mark, rest = (rest + (chunk if number else chunk.removeprefix(b"\xef\xbb\xbf"))).rpartition(b"\n")
        yield from io.StringIO(_decoded(whole + mark), newline="")
        if len(rest) > 16 * _MOST_COLUMN:
            raise refuse(path, "A line is longer than in any hospital’s file. Give the file as it was published.")
    if rest:
        yield _decoded(rest)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _column(written: str) -> str:
    """Return the name of a column without the blanks that some put around its marks.

    >>> _column("standard_charge | Aetna | PPO | negotiated_dollar")
    'standard_charge|Aetna|PPO|negotiated_dollar'
    """
    return re.sub(r"\s*\|\s*", "|", written.strip())


def _is_code(name: str, columns: Collection[str]) -> bool:
    return re.fullmatch(r"code\|\d+", name) is not None and f"{name}|type" in columns


class _Rows:
    """Takes rows of a CSV, whichever way its payers are laid out."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.charges: list[Charge] = []
        self.refused: Counter[str] = Counter()
        self._places = {name.lower(): at for at, name in enumerate(columns)}
        self._payers = _wide_payers(columns)
        self.layout = "tall" if "payer_name" in self._places else "wide"

    def take(self, code: str, row: Sequence[str]) -> None:
        """Take a row of one of our codes."""

        def cell(name: str) -> str:
            at = self._places.get(name)
            return row[at].strip() if at is not None and at < len(row) else ""

        names = ("modifiers", "setting", "billing_class", "standard_charge|gross", "standard_charge|discounted_cash")
        plain = _plain(code, *map(cell, names))
        agreed = (
            [self._tall(plain, cell)]
            if cell("payer_name")
            else [
                _agreed(
                    plain,
                    {"payer": payer, "plan": plan, **{name: row[at] for name, at in places.items() if at < len(row)}},
                )
                for (payer, plan), places in self._payers.items()
                if any(at < len(row) and row[at].strip() for name, at in places.items() if name != "methodology")
            ]
        )
        _add(self.charges, self.refused, plain, agreed)

    @staticmethod
    def _tall(plain: Charge, cell: Any) -> Charge:
        return _agreed(
            plain,
            {
                "payer": cell("payer_name"),
                "plan": cell("plan_name"),
                "dollar": cell("standard_charge|negotiated_dollar"),
                "percentage": cell("standard_charge|negotiated_percentage"),
                "algorithm": cell("standard_charge|negotiated_algorithm"),
                "methodology": cell("standard_charge|methodology"),
                "median": cell("median_amount") or cell("estimated_amount"),
                "notes": cell("additional_generic_notes"),
            },
        )


_PAYER_COLUMNS = {
    "negotiated_dollar": "dollar",
    "negotiated_percentage": "percentage",
    "negotiated_algorithm": "algorithm",
    "methodology": "methodology",
}
_PAYER_HEADS = {"median_amount": "median", "estimated_amount": "median", "additional_payer_notes": "notes"}


def _wide_payers(columns: Sequence[str]) -> dict[tuple[str, str], dict[str, int]]:
    """Return the columns of each payer and plan by what they hold."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for at, name in enumerate(columns):
        head, *parts = name.split("|")
        if head == "standard_charge" and len(parts) == 3 and parts[2] in _PAYER_COLUMNS:
            found.setdefault((parts[0], parts[1]), {})[_PAYER_COLUMNS[parts[2]]] = at
        elif head in _PAYER_HEADS and len(parts) == 2:
            found.setdefault((parts[0], parts[1]), {})[_PAYER_HEADS[head]] = at
    return {payer: places for payer, places in found.items() if {"dollar", "percentage", "algorithm"} & places.keys()}


# ----------------------------------------------------------------------------
# One charge.
# ----------------------------------------------------------------------------


def _ours(named: set[tuple[str, str]]) -> list[str]:
    known = therapy_codes()
    return sorted({code for code, system in named if system.upper() in _CODE_SYSTEMS and code in known})


def _plain(code: str, modifiers: Any, setting: Any, billing_class: Any, gross: Any, cash: Any) -> Charge:
    listed = modifiers if isinstance(modifiers, list) else re.split(r"[|,;\s]+", _text(modifiers))
    return Charge(
        code=code,
        family=service_codes()[code].kind,
        modifiers=tuple(word for one in listed if (word := _text(one).upper())),
        setting=_text(setting).lower(),
        billing_class=_text(billing_class).lower() or "facility",
        gross=_money(gross),
        cash=_money(cash),
    )


def _agreed(plain: Charge, written: Mapping[str, Any]) -> Charge:
    # Written as “Percent of Total Billed Charges”, “percent of total billed charge” and “percentage of …”.
    methodology = re.sub(r"[\s_-]+", " ", _text(written.get("methodology")).lower())
    is_share = methodology.startswith("percent")
    return replace(
        plain,
        payer=_text(written.get("payer")),
        plan=_text(written.get("plan")),
        methodology="percent of total billed charges" if is_share else methodology,
        arrangement=VISIT if methodology in _BY_VISIT else UNIT,
        amount=_money(written.get("dollar")),
        percent=_text(written.get("percentage")).rstrip("%"),
        algorithm=_text(written.get("algorithm")),
        median=_money(written.get("median")),
        notes=_text(written.get("notes")),
    )


def _add(charges: list[Charge], refused: Counter[str], plain: Charge | None, agreed: Sequence[Charge]) -> None:
    """Keep charges, those that cannot be a price of therapy apart; count those that are none."""
    every = [*agreed, *([plain] if plain and (plain.gross or plain.cash) else [])]
    for charge in every:
        if charge.setting == "inpatient":
            refused["inpatient"] += 1
        elif charge.payer and charge.amount is None and not (charge.percent or charge.algorithm or charge.median):
            refused["no amount"] += 1
        else:
            charges.append(replace(charge, apart=_why_apart(charge)))
    if len(charges) + refused.total() > _MOST_CHARGES:
        raise _TooManyCharges


def _why_apart(charge: Charge) -> str:
    if {*charge.modifiers} - _PLAIN_MODIFIERS:
        return "modifier that changes the price"
    if _INPATIENT_PLAN.search(charge.plan) and not _OUTPATIENT_PLAN.search(charge.plan):
        return "inpatient plan"
    if charge.amount is None or charge.arrangement == VISIT:
        return ""
    usual = _medicare().get(charge.code)
    if usual and not _LEAST_TIMES[0] * usual <= _LEAST_TIMES[1] * charge.amount:
        return "below 0.3 of Medicare’s price"
    if usual and charge.amount > _MOST_TIMES[0] * usual:
        return "above 12 times Medicare’s price"
    if charge.gross and charge.amount > charge.gross:
        return "above the gross charge"
    return ""


@cache
def _medicare() -> Mapping[str, Money]:
    """Return Medicare's price in the middle of its localities, in the newest final book."""
    book = latest_book()
    middle = {}
    for code, fee in book.fees.items():
        amounts = sorted(
            amount
            for locality in book.localities.values()
            if (amount := schedule_amount(fee, locality, book, setting=OFFICE)) is not None
        )
        if amounts:
            middle[code] = amounts[len(amounts) // 2]
    return middle


def _once(charges: Sequence[Charge]) -> tuple[Charge, ...]:
    """Return charges without those that repeat another in everything, as rows of several cost centers do."""
    return tuple(dict.fromkeys(charges))


def _money(written: Any) -> Money | None:
    cents = read_cents(written)
    return Money(cents) if cents is not None and 1 < cents < 900_000_000 else None


def _text(written: Any) -> str:
    return "" if written is None else str(written).strip()


def market_of_plan(payer: str, plan: str) -> str:
    """Return the market that a hospital means by a plan's name: employer, marketplace, or "" for a program.

    >>> market_of_plan("Aetna", "All Commercial Plans"), market_of_plan("BCBS", "EXCH_BCE")
    ('employer', 'marketplace')
    >>> market_of_plan("Aetna", "Medicare Advantage HMO")
    ''
    """
    named = f"{payer} {plan}".replace("_", " ")
    if _PROGRAM.search(named):
        return ""
    return "marketplace" if _SOLD_TO_PEOPLE.search(named) else "employer"


def folded(file: HospitalFile, arrangement: str = UNIT) -> dict[tuple[str, str, str], Money]:
    """Return what each payer pays for each code by its market: the median of the distinct prices of its plans.

    Keyed by payer, market and code; payer and market are "" for what the hospital asks of people without insurance. A
    professional's fee is not the hospital's. Visit and case rates are folded by themselves, never with units.
    """
    found: dict[tuple[str, str, str], set[int]] = {}
    for charge in file.kept:
        market = market_of_plan(charge.payer, charge.plan) if charge.payer else ""
        amount = charge.amount if charge.payer else charge.cash
        if amount is None or charge.arrangement != arrangement or charge.billing_class == PROFESSIONAL:
            continue
        if market or not charge.payer:
            found.setdefault((charge.payer, market, charge.code), set()).add(int(amount))
    return {key: quantile(sorted(amounts), 1, 2) for key, amounts in sorted(found.items())}


def charge_json(charge: Charge) -> dict[str, Any]:
    """Return a charge as it is printed."""

    def amount(money: Money | None) -> str | None:
        return None if money is None else str(money)

    return {
        "code": charge.code,
        "family": charge.family,
        "amount": amount(charge.amount),
        "percent": charge.percent or None,
        "algorithm": charge.algorithm or None,
        "median": amount(charge.median),
        "modifiers": list(charge.modifiers),
        "setting": charge.setting,
        "class": charge.billing_class,
        "arrangement": charge.arrangement,
        "methodology": charge.methodology,
        "payer": charge.payer or None,
        "plan": charge.plan or None,
        "gross": amount(charge.gross),
        "cash": amount(charge.cash),
        **({"apart": charge.apart} if charge.apart else {}),
    }
