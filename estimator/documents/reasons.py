"""Each service of each visit with its reasons and sources; visits that go alike are told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from estimator.documents.blocks import Block, bullets, heading, text
from estimator.documents.words import estimate as words
from estimator.domain.estimate import Status
from estimator.domain.money import Money
from estimator.language import _
from estimator.wording.figures import counted, usd
from estimator.wording.sources import Sources

Part = Mapping[str, Any]
# Nobody pays these lines, so that where their price comes from explains nothing.
_UNPRICED = (Status.BUNDLED, Status.PROVIDER_ABSORBS)


def reasons(visits: Iterable[Part], sources: Sources) -> Iterator[Block]:
    """Yield the lines of each kind of visit, with the amounts of the first of them."""
    alike: dict[tuple[Any, ...], list[Part]] = {}
    for visit in visits:
        alike.setdefault(_way(visit), []).append(visit)
    for group in alike.values():
        yield heading(_head(group), 2)
        for line in group[0]["lines"]:
            yield text(_line(line))
            prices = [] if line["status"] in _UNPRICED else [line["price"]]
            yield bullets(sources.cited(part) for part in (*line["steps"], *prices))


def _way(visit: Part) -> tuple[Any, ...]:
    return tuple(
        (line["code"], line["units"], line["status"], *(step["finding"] for step in line["steps"]))
        for line in visit["lines"]
    )


def _head(group: list[Part]) -> str:
    numbers = [visit["number"] for visit in group]
    first, last = numbers[0], numbers[-1]
    if len(numbers) == 1:
        return _(words.ONE_VISIT).format(first=first)
    if numbers == list(range(first, last + 1)):
        told = _(words.RUN_OF_VISITS).format(first=first, last=last)
    else:
        told = _(words.MANY_VISITS).format(first=first, more=counted(len(numbers) - 1, "visit"))
    return told + (_(words.AMOUNTS_OF).format(first=first) if _differ(group) else "")


def _differ(group: list[Part]) -> bool:
    first, *others = ([step["says"] for line in visit["lines"] for step in line["steps"]] for visit in group)
    return any(sentences != first for sentences in others)


def _line(line: Part) -> str:
    price = ""
    if line["status"] in (Status.PATIENT_BILLED, Status.UNKNOWN):
        price = _(words.ASKS).format(amount=_usd(line["charge"]))
    elif line["status"] not in _UNPRICED:
        price = _(words.PRICE).format(amount=_usd(line["allowed"]))
    owes = _usd(line["patient_owes"])
    return _(words.YOU_OWE).format(
        name=line["name"], code=line["code"], status=line["status_says"], price=price, owes=owes
    )


def _usd(amount: str) -> str:
    return usd(Money.parse(amount))
