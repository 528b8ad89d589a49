"""One figure of FHIR: money with its currency, a whole number, or text that holds one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from estimator.eligibility.benefit import Benefit, Kind
from estimator.eligibility.fhir_parts import Part, part, text
from estimator.eligibility.figures import money_of, read_count, read_money, read_share
from estimator.eligibility.result import Note

if TYPE_CHECKING:
    from estimator.eligibility.fhir_response import Reader

_DOLLARS = ("", "USD")


def add_figure(said: Benefit, whole: Part, key: str, place: str, reader: Reader) -> Iterator[Benefit]:
    """Yield the statement with the figure at a key; what is no figure becomes a note."""
    is_money = key.endswith(("Money", "Quantity"))
    written = text(part(whole, key), "value") if is_money else text(whole, key)
    currency = text(part(whole, key), "currency")
    if currency not in _DOLLARS:
        reader.notes.append(Note(f"{place}.{key}", "The currency is not USD. Not read."))
        return
    try:
        read = _with_figure(said, written, is_money)
    except ValueError as error:
        reader.notes.append(Note(f"{place}.{key}", f"What stands here {error}."))
        return
    yield replace(read, origin=reader.origin(f"{place}.{key}", f"{said.kind}: {key} {written} {currency}".strip()))


def _with_figure(said: Benefit, written: str, is_money: bool) -> Benefit:
    if said.kind is Kind.COINSURANCE:
        return replace(said, rate=read_share(written if written.endswith("%") else f"{written}%"))
    if said.kind is Kind.LIMIT and not is_money:
        count = read_count(written)
        return replace(said, quantity=count.value, is_unlimited=count.is_unlimited, unit="visits")
    amount = read_money(written)
    return replace(said, amount=money_of(amount), is_unlimited=amount.is_unlimited)
