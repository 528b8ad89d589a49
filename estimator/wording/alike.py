"""Visits that go alike, told once, and the sentence that opens each of their lines.

The answer in a terminal and the paper of the estimate say these the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from estimator.engine.answer import Status
from estimator.engine.values import Money
from estimator.language import N_, _, ngettext
from estimator.wording.figures import usd
from estimator.wording.lines import is_by_contract
from estimator.wording.telling import BILLER, PATIENT, Reader

Part = Mapping[str, Any]
# Nobody pays these lines, so that where their price comes from explains nothing.
_UNPRICED = (Status.BUNDLED, Status.PROVIDER_ABSORBS)
_ASKED = (Status.PATIENT_BILLED, Status.UNKNOWN)
_ESTIMATED = ("price-regional", "price-cash")
_FREE = "0.00"


class _Terms(NamedTuple):
    """How one reader is told what is owed, and of which price; each price as it is, and as an estimate."""

    unpriced: str
    price: tuple[str, str]
    contract: tuple[str, str]
    charge: tuple[str, str]


_TERMS = {
    PATIENT: _Terms(
        N_("You owe {owes}."),
        (N_("Price {price}, you owe {owes}."), N_("Price about {price}, you owe {owes}.")),
        (N_("Contract price {price}, you owe {owes}."), N_("Contract price about {price}, you owe {owes}.")),
        (N_("The clinic asks {price}, you owe {owes}."), N_("The clinic asks about {price}, you owe {owes}.")),
    ),
    BILLER: _Terms(
        N_("Patient owes {owes}."),
        (N_("Allowed {price}, patient owes {owes}."), N_("Allowed about {price}, patient owes {owes}.")),
        (N_("Contract rate {price}, patient owes {owes}."), N_("Contract rate about {price}, patient owes {owes}.")),
        (N_("Charge {price}, patient owes {owes}."), N_("Charge about {price}, patient owes {owes}.")),
    ),
}


def alike(visits: Iterable[Part]) -> list[list[Part]]:
    """Put visits together whose lines go the same way; the first of each stands for all."""
    groups: dict[tuple[Any, ...], list[Part]] = {}
    for visit in visits:
        groups.setdefault(_way(visit), []).append(visit)
    return list(groups.values())


def heading_of(group: Sequence[Part]) -> str:
    """Name the visits of a group, and say whose amounts are told where they differ."""
    numbers = [visit["number"] for visit in group]
    first, more, differ = numbers[0], len(numbers) - 1, _differ(group)
    if not more:
        return _("Visit {number}").format(number=first)
    if numbers == list(range(first, numbers[-1] + 1)):
        words = _("Visits {first} to {last} (amounts of visit {first})") if differ else _("Visits {first} to {last}")
        return words.format(first=first, last=numbers[-1])
    words = (
        ngettext(
            "Visit {first}, and {number} visit like it (amounts of visit {first})",
            "Visit {first}, and {number} visits like it (amounts of visit {first})",
            more,
        )
        if differ
        else ngettext("Visit {first}, and {number} visit like it", "Visit {first}, and {number} visits like it", more)
    )
    return words.format(first=first, number=more)


def line_says(line: Part, reader: Reader) -> str:
    """Return what a line is, how it stands, its price and what is owed of it."""
    words = _owed(line, _TERMS[reader])
    owes = _(words).format(owes=_usd(line["patient_owes"]), price=_price(line))
    return f"{line['name']} ({line['code']}): {line['status_says']} {owes}"


def reasons_of(line: Part) -> list[Part]:
    """Return the sentences on a line, and on its price where somebody pays one."""
    return [*line["steps"], *([] if line["status"] in _UNPRICED else [line["price"]])]


def _way(visit: Part) -> tuple[Any, ...]:
    return tuple(
        (line["code"], line["units"], line["status"], line["patient_owes"] == _FREE, *_findings(line))
        for line in visit["lines"]
    )


def _findings(line: Part) -> list[str]:
    return [step["finding"] for step in line["steps"]]


def _differ(group: Sequence[Part]) -> bool:
    first, *others = ([step["says"] for line in visit["lines"] for step in line["steps"]] for visit in group)
    return any(sentences != first for sentences in others)


def _owed(line: Mapping[str, Any], terms: _Terms) -> str:
    """Say which price the patient's part is of."""
    if line["status"] in _UNPRICED:
        return terms.unpriced
    is_estimated = line["price"]["finding"] in _ESTIMATED
    if line["status"] not in _ASKED:
        return terms.price[is_estimated]
    return terms.contract[is_estimated] if is_by_contract(line) else terms.charge[is_estimated]


def _price(line: Mapping[str, Any]) -> str:
    is_allowed = line["status"] not in _ASKED or is_by_contract(line)
    return _usd(line["allowed"] if is_allowed else line["charge"])


def _usd(amount: str) -> str:
    return usd(Money.parse(amount))
