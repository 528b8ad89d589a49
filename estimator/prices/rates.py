"""Read the prices that a payer agreed with clinics from its in-network file (schema 1.x and 2.x), and fold them.

`read_rates` keeps what a unit or a visit of our codes costs and counts what it refuses by reason. `kept_rows` gives
one row a clinic (TIN) and price; `market_of` folds them: first the median of each clinic, then quantiles over clinics,
so that a fee schedule repeated over networks and groups counts once.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from estimator.engine.values import Money
from estimator.prices.books import service_codes
from estimator.prices.rate_stream import Allowance, holds_code, read_elements, refuse
from estimator.prices.rate_text import Priced, priced_text

PROFESSIONAL = "professional"
INSTITUTIONAL = "institutional"
UNIT = "ffs"
VISIT = "per-visit"
_CODE_SYSTEMS = frozenset(("CPT", "HCPCS", "CPT4", "CPT-4", "HCPC", "HCPCS/CPT", "CPT/HCPCS"))
# Say who treated under which plan of care, and change no price.
_PLAIN_MODIFIERS = frozenset(("GP", "GO", "GN"))
_ANY_PLACE = "CSTM-00"
_OUTPATIENT_PLACES = frozenset(
    ("02", "10", "11", "12", "19", "22", "24", "32", "33", "49", "50", "52", "62", "71", "72", _ANY_PLACE)
)
_HOSPITAL_PLACES = frozenset(("19", "22"))
_LEAST, _MOST = 5, 500_000
_NO_PRICE_AT_ALL = (1, 900_000_000)
_BY_VISIT = re.compile(r"\bper[ -]?(visit|diem|day|case|encounter)\b|\bcase rate\b", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
# A code that stands before the first list of an item, and not in one.
_CODE_OF_ITEM = re.compile(rb'[^\[\]\\]*"billing_code"\s*:\s*"?\s*([A-Za-z0-9]+)\s*[",]')
_MOST_PACKED = 12_000_000
_NO_NPI = 0
_LEAST_NPI = 1_000_000_000
# So many items in another layout, and no further one is tried by its text.
_MOST_OTHER_WAYS = 5
_EXACT = 1e-6
# So many groups of amounts are held before each is held once.
_MANY_NUMBERS = 1_000_000


class Kind(NamedTuple):
    """What amounts in a file are for."""

    code: str
    billing_class: str
    setting: str
    arrangement: str
    in_hospital: bool


class Price(NamedTuple):
    """A price as it stands in a file; what differs in nothing of this is one price."""

    code: str
    cents: int
    billing_class: str
    setting: str
    arrangement: str
    in_hospital: bool


class Group(NamedTuple):
    """Clinics that share prices: the TIN and NPIs of each, and the networks they are in."""

    clinics: tuple[tuple[str, bytes], ...]
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where prices come from."""

    file: str
    sha256: str
    payer: str
    dated: date | None
    schema: str
    read: int
    kept: int
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FileRates:
    """The amounts of our codes in one file, in cents; `groups` are the clinics that the numbers of each amount mean."""

    provenance: Provenance
    amounts: Mapping[Kind, Mapping[int, Sequence[int]]]
    groups: Mapping[int, Group]
    plans: tuple[str, ...]

    @property
    def prices(self) -> Iterator[tuple[Price, Sequence[int]]]:
        """Yield each price with the numbers of its groups."""
        for (code, billing_class, setting, arrangement, in_hospital), by_cents in self.amounts.items():
            for cents, numbers in by_cents.items():
                yield Price(code, cents, billing_class, setting, arrangement, in_hospital), numbers


@dataclass(frozen=True, slots=True)
class Row:
    """One price of one clinic, which `tin` names; "" where the file does not say whose it is."""

    price: Price
    tin: str
    npis: tuple[int, ...]
    networks: tuple[str, ...]

    @property
    def counts_for_market(self) -> bool:
        """Tell whether this is what a unit costs in a clinic."""
        price = self.price
        return price.arrangement == UNIT and price.billing_class == PROFESSIONAL and not price.in_hospital


@dataclass(frozen=True, slots=True)
class Quantiles:
    """What clinics are paid for one unit of a code, one figure a clinic."""

    code: str
    least: Money
    p25: Money
    median: Money
    p75: Money
    most: Money
    clinics: int


# ----------------------------------------------------------------------------
# Reading one file.
# ----------------------------------------------------------------------------


def read_rates(path: Path, codes: frozenset[str] | None = None) -> FileRates:
    """Read the prices of our codes; raise RatesRefused where the file is cut off, damaged or of another kind."""
    wanted = codes or therapy_codes()
    received, beside = read_elements(path, lambda allowance: _Received(wanted, allowance), wanted)
    assert isinstance(received, _Received)
    _require_in_network(path, beside)
    if received.postponed:
        needed = received.named
        again, _ = read_elements(path, lambda allowance: _References(received.numbers, needed, allowance), frozenset())
        assert isinstance(again, _References)
        received.groups.update(again.groups)
    dated = read_day(str(beside.get("last_updated_on") or ""))
    amounts = received.unexpired(dated)
    provenance = Provenance(
        file=path.name,
        sha256=_sha256(path),
        payer=str(beside.get("reporting_entity_name") or ""),
        dated=dated,
        schema=str(beside.get("version") or ""),
        read=received.read,
        kept=received.read - sum(received.refused.values()),
        refused=dict(sorted(received.refused.items())),
    )
    return FileRates(provenance, amounts, received.groups, tuple(filter(None, (_text(beside.get("plan_name")),))))


@cache
def therapy_codes() -> frozenset[str]:
    """Return the codes whose prices are kept: ours but for office visits, which are a physician's."""
    return frozenset(code for code, service in service_codes().items() if service.kind != "office-visit")


def _require_in_network(path: Path, beside: Mapping[str, Any]) -> None:
    if "in_network" in beside:
        return
    if "out_of_network" in beside:
        raise refuse(path, "This is a file of allowed amounts out of network. Give the in-network file.")
    if "reporting_structure" in beside:
        raise refuse(path, "This is a table of contents; none of the in-network files that it names are beside it.")
    if "standard_charge_information" in beside:
        raise refuse(path, "This is a hospital’s file. Read it with `estimator import hospital`.")
    raise refuse(path, "There is no in_network in this file. Give a payer’s in-network file.")


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


class _Groups:
    """Numbers the provider groups of a file, and packs them."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self.numbers: dict[str, int] = {}
        self.references: dict[int, str] = {}
        self.groups: dict[int, Group] = {}
        self.packed = 0
        self._tins: dict[str, str] = {}
        self._known: dict[int, int] = {}

    def number(self, written: Any) -> int:
        """Return the number of a reference as it is written, which may be text here and a number there."""
        reference = _text(written)
        number = self.numbers.setdefault(reference, len(self.numbers) + 1)
        self.references[number] = reference
        if isinstance(written, int):
            self._known[written] = number
        return number

    def add(self, reference: Any, groups: Any, networks: Any) -> int:
        """Keep the clinics of a reference."""
        number = self.number(reference)
        clinics = tuple(self._clinic(one) for one in _listed(groups) if isinstance(one, dict))
        names = networks if isinstance(networks, list) else [networks]
        group = Group(clinics, tuple(self._same(_text(name)) for name in names if name))
        self.groups[number] = group
        self.packed += 200 + sum(120 + len(npis) for _, npis in clinics)
        return number

    def _clinic(self, written: Mapping[str, Any]) -> tuple[str, bytes]:
        npis = written.get("npi")
        packed = array("q", sorted({*map(_npi, npis if isinstance(npis, list) else [npis])} - {_NO_NPI}))
        tin = written.get("tin")
        value = _text(tin.get("value")) if isinstance(tin, dict) else _text(tin)
        digits = value if value.isdecimal() else re.sub(r"\D", "", value)
        digits = digits if digits.strip("0") else ""
        return self._same(digits or (f"npi {packed[0]}" if packed else "")), packed.tobytes()

    def _same(self, text: str) -> str:
        return self._tins.setdefault(text, text)


class _Received(_Groups):
    """Takes items and provider groups as they come."""

    def __init__(self, codes: frozenset[str], allowance: Allowance) -> None:
        super().__init__(allowance)
        self._codes = codes
        self.refused: Counter[str] = Counter()
        self.read = 0
        self.postponed = False
        self._terms: dict[tuple[Any, ...], _Terms | str] = {}
        self._held: dict[tuple[str, _Terms], dict[int, list[int]]] = defaultdict(dict)
        self._counted: Counter[tuple[str, _Terms]] = Counter()
        self._numbers = 0
        self._full = _MANY_NUMBERS
        self._other_ways = 0

    @property
    def named(self) -> set[str]:
        """Return the references that kept prices name."""
        return {
            self.references[number]
            for by_cents in self._held.values()
            for numbers in by_cents.values()
            for number in numbers
        }

    def around(self, text: bytes) -> None:
        """Nothing of it is needed before the end."""

    def wants(self, array: str, text: bytes) -> bool:
        """Tell whether this is an item of ours or a provider group."""
        if array == "in_network":
            return holds_code(text, self._codes, self.allowance)
        return array == "provider_references" and not self.postponed

    def element(self, array: str, text: bytes) -> None:
        """Take an item or a provider group."""
        if array == "in_network":
            self._take_item(text)
        else:
            written = self.allowance.parse(text)
            if "provider_groups" in written:
                self.add(written.get("provider_group_id"), written["provider_groups"], written.get("network_name"))
            if self.packed > _MOST_PACKED:
                # More than can be held: only those that a kept price names are read, in a second look.
                self.postponed = True
                self.groups.clear()

    def _take_item(self, text: bytes) -> None:
        priced = priced_text(text, self.allowance) if self._other_ways < _MOST_OTHER_WAYS else None
        if priced is not None:
            self._take_priced(priced)
            return
        self._other_ways += 1
        service = self.allowance.parse(text)
        self.take(service, _listed(service.get("negotiated_rates")))

    def large(self, array: str, begun: bytes) -> _LargeItem | None:
        """Return what takes the rates of an item too large to hold; None where its code is known as another's."""
        start = _CODE_OF_ITEM.match(begun)
        if array != "in_network" or (start and start[1].decode().upper() not in self._codes):
            return None
        return _LargeItem(self, self._codes)

    def take(self, service: Mapping[str, Any], rates: Iterable[Any], counted: int = 0) -> None:
        """Take one item with its rates, so many prices of each counted by now."""
        code = _text(service.get("billing_code")).upper()
        if code not in self._codes:
            return
        if why := _no_item(service):
            written_rates = (rate for rate in rates if isinstance(rate, dict))
            number = sum(len(_listed(rate.get("negotiated_prices"))) for rate in written_rates)
            self.read += number
            self.refused[why] += number
            return
        # A file writes the same few terms on millions of prices: each is understood once, and only amounts differ.
        for rate in rates:
            if not isinstance(rate, dict):
                self._refuse_misshaped()
                continue
            numbers = self._whose(rate)
            prices = _listed(rate.get("negotiated_prices"))
            self.allowance.take(max(len(prices) - counted, 0))
            self.allowance.pair(len(prices), len(numbers))
            for written in prices:
                if not isinstance(written, dict):
                    self._refuse_misshaped()
                    continue
                self._keep(code, self._terms_of(written), (written.get("negotiated_rate"),), (numbers,))

    def _refuse_misshaped(self) -> None:
        self.read += 1
        self.refused["not written as a price"] += 1

    def _terms_of(self, written: Mapping[str, Any]) -> _Terms | str:
        mark = _mark(written)
        try:
            return self._terms.get(mark) or self._terms.setdefault(mark, _read_terms(written))
        except TypeError:  # A list or an object stands where a word belongs: no two such are told apart.
            return _read_terms(written)

    def _take_priced(self, priced: Priced) -> None:
        """Take one item whose prices of the same terms, amount and code are put together."""
        code = _text(priced.service.get("billing_code")).upper()
        if code not in self._codes:
            return
        no_item = _no_item(priced.service)
        for written, amounts, groups in priced.prices:
            terms = no_item or _read_terms(written)
            numbers = () if isinstance(terms, str) else self._numbers_of_all(groups)
            self._keep(code, terms, amounts, numbers)

    def _keep(self, code: str, terms: _Terms | str, amounts: Sequence[Any], whose: Sequence[list[int]]) -> None:
        """Keep amounts of a code on the same terms, each with the numbers of its groups, or count why they are none."""
        self.read += len(amounts)
        if isinstance(terms, str):
            self.refused[terms] += len(amounts)
            return
        by_cents = self._held[code, terms]
        refused = 0
        for cents, numbers in zip(map(read_cents, amounts), whose, strict=True):
            if cents is None or not _LEAST <= cents <= _MOST:
                self.refused[_no_amount(cents)] += 1
                refused += 1
            elif (held := by_cents.get(cents)) is None:
                by_cents[cents] = numbers.copy()
            else:
                held.extend(numbers)
        self._counted[code, terms] += len(amounts) - refused
        self._numbers += sum(map(len, whose))
        if self._numbers > self._full:
            self._fold()

    def _fold(self) -> None:
        """Hold each group of an amount once, however often a file repeats it."""
        self._numbers = 0
        for by_cents in self._held.values():
            for cents, numbers in by_cents.items():
                by_cents[cents] = sorted(set(numbers))
                self._numbers += len(by_cents[cents])
        self._full = max(_MANY_NUMBERS, 2 * self._numbers)

    def _whose(self, rate: Mapping[str, Any]) -> list[int]:
        numbers = self._numbers_of(rate.get("provider_references"))
        if inline := rate.get("provider_groups"):
            mark = hashlib.blake2b(orjson.dumps(inline), digest_size=12).hexdigest()
            numbers.append(self.numbers.get(f"inline {mark}") or self.add(f"inline {mark}", inline, ()))
        return numbers or [self.number("")]

    def _numbers_of_all(self, written: Sequence[list[Any]]) -> list[list[int]]:
        find = self._known.__getitem__
        try:
            return [list(map(find, references)) or [self.number("")] for references in written]
        except (KeyError, TypeError):
            return [self._numbers_of(references) or [self.number("")] for references in written]

    def _numbers_of(self, written: Any) -> list[int]:
        known, references = self._known, _listed(written)
        try:
            return [known[one] for one in references]
        except (KeyError, TypeError):
            return [self.number(one) for one in references]

    def unexpired(self, dated: date | None) -> dict[Kind, dict[int, list[int]]]:
        """Return the amounts in force on the day of the file; the day may stand at its end."""
        amounts: dict[Kind, dict[int, list[int]]] = {}
        for (code, terms), by_cents in self._held.items():
            if not by_cents:
                continue
            if dated is not None and terms.last_day is not None and terms.last_day < dated:
                self.refused["expired"] += self._counted[code, terms]
                continue
            kind = Kind(code, terms.billing_class, terms.setting, terms.arrangement, terms.in_hospital)
            same = amounts.setdefault(kind, by_cents)
            if same is not by_cents:
                for cents, numbers in by_cents.items():
                    same.setdefault(cents, []).extend(numbers)
        self._held.clear()
        return amounts


class _LargeItem:
    """Takes the rates of one large item one by one; what kind of item it is may stand before or after them."""

    def __init__(self, received: _Received, codes: frozenset[str]) -> None:
        self._received = received
        self._codes = codes
        self._waiting: list[bytes] = []
        self._service: Mapping[str, Any] = {}

    def around(self, text: bytes) -> None:
        """Learn what the item is, as far as it was read, and take what waited for that."""
        self._service = orjson.loads(text if text.rstrip().endswith(b"}") else text + b"]}")
        if self._is_known:
            waiting, self._waiting = self._waiting, []
            for packed in waiting:
                self._received.take(self._service, (self._received.allowance.parse(zlib.decompress(packed)),), 1)

    @property
    def _is_known(self) -> bool:
        return {"billing_code", "billing_code_type", "negotiation_arrangement"} <= self._service.keys()

    def wants(self, array: str, text: bytes) -> bool:
        """Tell whether this is a rate of one of our codes, as far as is known."""
        code = _text(self._service.get("billing_code")).upper()
        return array == "negotiated_rates" and (not code or code in self._codes)

    def element(self, array: str, text: bytes) -> None:
        """Take one rate."""
        if self._is_known:
            self._received.take(self._service, (self._received.allowance.parse(text),), 1)
        else:
            self._waiting.append(zlib.compress(text, 1))

    def large(self, array: str, begun: bytes) -> None:
        """Refuse a single rate that is larger than any payer's."""
        raise ValueError("one rate of an item is larger than any payer’s")


class _References(_Groups):
    """Takes only the provider groups that kept prices name."""

    def __init__(self, numbers: dict[str, int], needed: set[str], allowance: Allowance) -> None:
        super().__init__(allowance)
        self.numbers = dict(numbers)
        self._needed = needed

    def around(self, text: bytes) -> None:
        """Nothing of it is needed."""

    def wants(self, array: str, text: bytes) -> bool:
        """Tell whether this may be a provider group that is needed."""
        if array != "provider_references":
            return False
        match = re.search(rb'"provider_group_id"\s*:\s*"?([^",}\s]+)', text)
        return match is None or match[1].decode("utf-8", "replace") in self._needed

    def element(self, array: str, text: bytes) -> None:
        """Take a provider group where it is needed."""
        written = self.allowance.parse(text)
        if _text(written.get("provider_group_id")) in self._needed and "provider_groups" in written:
            self.add(written.get("provider_group_id"), written["provider_groups"], written.get("network_name"))

    def large(self, array: str, begun: bytes) -> None:
        """Skip what is too large to hold."""
        return


# ----------------------------------------------------------------------------
# What one price says, or why it is none.
# ----------------------------------------------------------------------------


def _no_item(service: Mapping[str, Any]) -> str:
    system = _text(service.get("billing_code_type")).upper()
    if system not in _CODE_SYSTEMS:
        return "code of another system"
    arrangement = _text(service.get("negotiation_arrangement")).lower()
    if arrangement == "capitation":
        return "capitation"
    if arrangement == "bundle" or service.get("bundled_codes"):
        return "bundle"
    return ""


class _Terms(NamedTuple):
    """What a price says beside its amount."""

    billing_class: str
    setting: str
    arrangement: str
    in_hospital: bool
    last_day: date | None


def _mark(written: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what tells the terms of prices apart."""
    modifiers, places = written.get("billing_code_modifier"), written.get("service_code")
    return (
        written.get("negotiated_type"),
        written.get("expiration_date"),
        written.get("billing_class"),
        written.get("setting"),
        written.get("additional_information"),
        tuple(modifiers) if isinstance(modifiers, list) else modifiers,
        tuple(places) if isinstance(places, list) else places,
    )


def _read_terms(written: Mapping[str, Any]) -> _Terms | str:
    """Return the terms of a price, or the reason why it is none of a unit or a visit."""
    kind = _text(written.get("negotiated_type")).lower()
    if kind.startswith("percent"):
        return "percentage of charges"
    if {*_words(written.get("billing_code_modifier"))} - _PLAIN_MODIFIERS:
        return "modifier that changes the price"
    setting = _text(written.get("setting")).lower()
    places = {*_words(written.get("service_code"))}
    if setting == "inpatient" or (places and not places & _OUTPATIENT_PLACES):
        return "inpatient or another place"
    by_visit = kind == "per diem" or _BY_VISIT.search(_text(written.get("additional_information")))
    billing_class = INSTITUTIONAL if _text(written.get("billing_class")).lower() == INSTITUTIONAL else PROFESSIONAL
    in_hospital = bool(places) and places & _OUTPATIENT_PLACES <= _HOSPITAL_PLACES
    last_day = read_day(_text(written.get("expiration_date")))
    return _Terms(billing_class, setting, VISIT if by_visit else UNIT, in_hospital, last_day)


def _no_amount(cents: int | None) -> str:
    if cents is None:
        return "no amount"
    if cents <= _NO_PRICE_AT_ALL[0] or cents >= _NO_PRICE_AT_ALL[1]:
        return "not a price (0, 0.01 or 9999999.99)"
    return "" if _LEAST <= cents <= _MOST else "implausible for therapy (under $0.05 or over $5,000)"


def _words(written: Any) -> list[str]:
    """Return codes that a file writes as a list or as text with marks between them."""
    listed = written if isinstance(written, list) else re.split(r"[|,;\s]+", _text(written))
    return [word for one in listed if (word := _text(one).upper())]


def _listed(written: Any) -> list[Any]:
    """Return what a file writes as a list; one thing alone stands for a list of it, and nothing for none."""
    if isinstance(written, list):
        return written
    return [] if written is None else [written]


def _text(written: Any) -> str:
    if type(written) is str:
        return written.strip()
    return "" if written is None else str(written).strip()


def read_cents(written: Any) -> int | None:
    """Return a number or text as whole cents, None where it is no amount."""
    if type(written) is float:
        # A number with two decimals is read exactly; anything finer is rounded as it is written.
        nearest = written * 100
        whole = round(nearest) if -_MOST < nearest < _MOST else _MOST
        if -_EXACT < nearest - whole < _EXACT:
            return whole
    if type(written) is int:
        return written * 100
    try:
        amount = Decimal(_text(written).lstrip("$").replace(",", ""))
        return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP)) if amount.is_finite() else None
    except (InvalidOperation, OverflowError):
        return None


def _npi(written: Any) -> int:
    if type(written) is int:
        return written if _LEAST_NPI <= written < 10 * _LEAST_NPI else _NO_NPI
    text = _text(written)
    return int(text) if len(text) == 10 and text.isascii() and text.isdigit() else _NO_NPI


def read_day(text: str) -> date | None:
    """Return a day written as 2026-07-01 or 07/01/2026, whatever follows it; None for anything else."""
    match = _DAY.match(text)
    if match is None:
        return None
    year, month, day, us_month, us_day, us_year = match.groups()
    try:
        return date(int(year or us_year), int(month or us_month), int(day or us_day))
    except ValueError:
        return None


# ----------------------------------------------------------------------------
# Rows, and quantiles over clinics.
# ----------------------------------------------------------------------------


def kept_rows(files: Sequence[FileRates]) -> Iterator[Row]:
    """Yield every price of every clinic, code by code; the same price in several networks or files is one row."""
    by_code: dict[str, list[tuple[FileRates, Price, Sequence[int]]]] = defaultdict(list)
    for file in files:
        for price, numbers in file.prices:
            by_code[price.code].append((file, price, numbers))
    for _, priced in sorted(by_code.items()):
        rows: dict[tuple[Price, str], tuple[set[int], set[str]]] = {}
        for file, price, numbers in priced:
            for number in numbers:
                group = file.groups.get(number)
                for tin, packed in group.clinics if group and group.clinics else (("", b""),):
                    npis, networks = rows.setdefault((price, tin), (set(), set()))
                    npis.update(array("q", packed))
                    networks.update(group.networks if group else ())
        for (price, tin), (npis, networks) in sorted(rows.items(), key=lambda row: row[0]):
            yield Row(price, tin, tuple(sorted(npis)), tuple(sorted(networks)))


def market_of(rows: Iterable[Row]) -> tuple[Quantiles, ...]:
    """Return quantiles over clinics by code: each clinic counts once, with the median of its distinct prices.

    Prices of a unit in a clinic count; visit rates, hospitals' and assistants' do not. Prices whose clinic the file
    does not say count as one clinic together.
    """
    amounts: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        if row.counts_for_market:
            amounts[row.price.code][row.tin].add(row.price.cents)
    return tuple(_quantiles(code, clinics) for code, clinics in sorted(amounts.items()))


def own_prices(rows: Sequence[Row], tin: str, npi: str) -> dict[str, tuple[Money, Money, Money]]:
    """Return what one clinic is paid for a unit by code: the least, the median and the most of its distinct prices.

    It is known by its NPI, and where that has no price by its TIN, which several practices may share.
    """
    digits, number = re.sub(r"\D", "", tin), _npi(npi)
    counted = [row for row in rows if row.counts_for_market]
    mine = [row for row in counted if number in row.npis] or [row for row in counted if digits and row.tin == digits]
    amounts: dict[str, set[int]] = defaultdict(set)
    for row in mine:
        amounts[row.price.code].add(row.price.cents)
    ordered = {code: sorted(cents) for code, cents in sorted(amounts.items())}
    return {code: (quantile(some, 0, 2), quantile(some, 1, 2), quantile(some, 2, 2)) for code, some in ordered.items()}


def _quantiles(code: str, clinics: Mapping[str, set[int]]) -> Quantiles:
    ordered = sorted(int(quantile(sorted(prices), 1, 2)) for prices in clinics.values())
    least, p25, median, p75, most = (quantile(ordered, part, 4) for part in range(5))
    return Quantiles(code=code, least=least, p25=p25, median=median, p75=p75, most=most, clinics=len(ordered))


def quantile(ordered: Sequence[int], part: int, parts: int) -> Money:
    """Return a quantile of sorted cents, between two neighbors in proportion, rounded half up.

    >>> quantile([100, 200, 300, 400], 1, 4), quantile([100, 201], 1, 2)
    (Money(175), Money(151))
    """
    whole, rest = divmod((len(ordered) - 1) * part, parts)
    lower = ordered[whole]
    upper = ordered[whole + 1] if rest else lower
    return Money(lower + (2 * (upper - lower) * rest + parts) // (2 * parts))


def row_json(row: Row) -> dict[str, Any]:
    """Return a row as it is printed."""
    price = row.price
    return {
        "code": price.code,
        "amount": str(Money(price.cents)),
        "modifiers": [],
        "setting": INSTITUTIONAL if price.billing_class == INSTITUTIONAL else price.setting or "any",
        "class": price.billing_class,
        "arrangement": price.arrangement,
        "in_hospital": price.in_hospital,
        "npi": [str(npi) for npi in row.npis],
        "tin": row.tin or None,
        "networks": list(row.networks),
    }


def market_json(one: Quantiles) -> dict[str, Any]:
    """Return quantiles as they are printed and kept."""
    return {
        "code": one.code,
        "min": str(one.least),
        "p25": str(one.p25),
        "median": str(one.median),
        "p75": str(one.p75),
        "max": str(one.most),
        "clinics": one.clinics,
    }


def refused_of(files: Sequence[FileRates]) -> dict[str, int]:
    """Return how many prices of several files were refused, by reason."""
    counted: Counter[str] = Counter()
    for file in files:
        counted.update(file.provenance.refused)
    return dict(sorted(counted.items()))


# ----------------------------------------------------------------------------
# Tables of contents, and several files on several processors.
# ----------------------------------------------------------------------------

_MOST_CONTENTS = 20_000_000
_WORTH_A_PROCESS = 8_000_000


def local_files(path: Path) -> tuple[list[Path], list[str]]:
    """Return the in-network files that a path means, and the names in a table of contents that are not beside it.

    A table of contents stands for the files of the same name in its folder; nothing is downloaded.
    """
    if path.stat().st_size > _MOST_CONTENTS:
        return [path], []
    content = path.read_bytes()
    if b'"reporting_structure"' not in content:
        return [path], []
    try:
        structure = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))["reporting_structure"]
        locations = [_text(one.get("location")) for entry in structure for one in entry.get("in_network_files") or ()]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise refuse(
            path, "This table of contents cannot be read. Give a whole one, or the files themselves."
        ) from None
    found, missing = [], []
    for name in dict.fromkeys(re.split(r"[/\\]", location.split("?")[0])[-1] for location in locations):
        beside = path.parent / name
        if name and beside.is_file():
            found.append(beside)
        else:
            missing.append(name)
    return found, missing


def read_all(paths: Sequence[Path]) -> list[FileRates]:
    """Read files, each on a processor of its own where there are several large ones."""
    processes = min(len(paths), os.cpu_count() or 1)
    if processes < 2 or sum(path.stat().st_size for path in paths) < _WORTH_A_PROCESS:
        return [read_rates(path) for path in paths]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(read_rates, paths))
