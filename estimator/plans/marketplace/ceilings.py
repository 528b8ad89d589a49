"""Deductibles and out-of-pocket maximums of a variant: the tiers of its definition.

The files give up to four amounts for each: first tier, second tier, out of network, and in and out together. How the
fourth stands to the others differs; `_together` says how each case is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from estimator.plans.marketplace.grammar import Definition, Unreadable, amount
from estimator.plans.marketplace.rows import WHOM, Row, ceiling_column

IN, SECOND, OUT = "in-network", "tier-2", "out-of-network"
_COLUMNS = {IN: "InnTier1", SECOND: "InnTier2", OUT: "OutOfNet"}
_TOGETHER = "CombInnOon"
_KEYS = {"Ded": "deductible", "MOOP": "out_of_pocket_max"}
_INTEGRATED = {"Ded": "MedicalDrugDeductiblesIntegrated", "MOOP": "MedicalDrugMaximumOutofPocketIntegrated"}


@dataclass(frozen=True, slots=True)
class Stated:
    """The amounts that the file gives for one tier, for a person, a person of a family, and a family."""

    person: str | None
    member: str | None
    group: str | None
    column: str
    words: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Tell whether no amount is given at all."""
        return self.person is None and self.member is None and self.group is None

    @property
    def is_zero(self) -> bool:
        """Tell whether every amount that is given is nothing."""
        return not self.is_blank and all(not Decimal(one) for one in (self.person, self.member, self.group) if one)


def tiers_of(plan: Row) -> tuple[str, ...]:
    """Return the names of a variant's tiers."""
    second = (SECOND,) if plan["MultipleInNetworkTiers"].lower() == "yes" else ()
    return (IN, *second, OUT)


def networks(plan: Row) -> dict[str, Definition]:
    """Return the tiers with their ceilings; raise Unreadable."""
    tiers = tiers_of(plan)
    blocks: dict[str, Definition] = {tier: {} for tier in tiers}
    for kind, key in _KEYS.items():
        family = _family(plan, kind)
        stated = {tier: _stated(plan, family, kind, _COLUMNS[tier]) for tier in tiers}
        for tier, ceiling in _together(stated, _stated(plan, family, kind, _TOGETHER)):
            if isinstance(ceiling, dict) and family == "TEHB":
                ceiling["includes_drugs"] = "yes"
            blocks[tier][key] = ceiling
    _without_partner(blocks)
    return blocks


def _family(plan: Row, kind: str) -> str:
    """Return the columns that hold the values: medical alone, or medical and drugs together."""
    return "MEHB" if plan[_INTEGRATED[kind]].lower() == "no" else "TEHB"


def _stated(plan: Row, family: str, kind: str, tier: str) -> Stated:
    words = tuple(_words(plan, family, kind, tier))
    column = f"{family} {kind} {tier}"
    try:
        person, member, group = (amount(word) for word in words)
    except Unreadable as error:
        raise Unreadable(error.text, error.wanted, column) from None
    return Stated(person, member, group, column, words)


def _words(plan: Row, family: str, kind: str, tier: str) -> Iterator[str]:
    """Yield the three cells; the state exchanges write both amounts of a family into one, with a bar between."""
    joint = plan[ceiling_column(family, kind, tier, "Family")]
    parts = [part.strip() for part in joint.split("|")]
    for whom in WHOM:
        wanted = {"FamilyPerPerson": "per person", "FamilyPerGroup": "per group"}.get(whom, "")
        split = next((part for part in parts if wanted and wanted in part.lower()), "")
        yield plan[ceiling_column(family, kind, tier, whom)] or split


def _together(stated: dict[str, Stated], both: Stated) -> Iterator[tuple[str, Definition | str]]:
    """Yield the ceiling of each tier, with what the amount for in and out of network together means for it.

    Equal to the in-network amount: one ceiling. The sum of both: two ceilings, nothing more. Above it and equal to the
    out-of-network amount: in-network dollars fill the outer one too. Below it: the in-network amount lies between.
    """
    inner, outer = stated[IN], stated[OUT]
    first: Definition | str = _ceiling(both if inner.is_blank else inner)
    last: Definition | str = _ceiling(outer)
    if not both.is_blank:
        known, whole, apart = (_number(one) for one in (inner, both, outer))
        if inner.is_blank or known == whole:
            last = _joined(both) if apart in (None, whole) else last
        elif whole is not None and known is not None and whole < known:
            first = {**_block(inner), "person": {"from": both.person, "to": inner.person}}
        elif outer.is_blank or (whole == apart and known):
            last = _block(both)
            first = {**_block(inner), "also_credits": [OUT]} if known else first
    yield IN, first
    if SECOND in stated:
        yield SECOND, _second(stated[SECOND], inner)
    yield OUT, last


def _second(own: Stated, first: Stated) -> Definition | str:
    """Return the ceiling of the second tier: the first tier's where the amounts are equal."""
    # Unsure: that equal amounts are one ceiling. The law's maximum holds for all in-network tiers together.
    is_same = (own.person, own.member, own.group) == (first.person, first.member, first.group)
    return _joined(own) if is_same else _ceiling(own)


def _joined(stated: Stated) -> Definition | str:
    """Return the ceiling as one with the first tier's."""
    ceiling = _ceiling(stated)
    return {**ceiling, "combined_with": IN} if isinstance(ceiling, dict) else ceiling


def _without_partner(blocks: dict[str, Definition]) -> None:
    """Take back what names a tier that has no such ceiling."""
    for key in _KEYS.values():
        for block in blocks.values():
            ceiling = block[key]
            if not isinstance(ceiling, dict):
                continue
            if not isinstance(blocks.get(ceiling.get("combined_with", ""), block)[key], dict):
                del ceiling["combined_with"]
            if "also_credits" in ceiling and not isinstance(blocks[OUT][key], dict):
                del ceiling["also_credits"]


def _number(stated: Stated) -> Decimal | None:
    return None if stated.person is None else Decimal(stated.person)


def _ceiling(stated: Stated) -> Definition | str:
    if stated.is_blank or (stated.is_zero and " Ded " in stated.column):
        return "none"
    return _block(stated)


def _block(stated: Stated) -> Definition:
    block: Definition = {"person": stated.person or "unknown"}
    if stated.group is not None:
        block["family"] = stated.group
        if stated.member is None:
            block["family_rule"] = "aggregate"
    elif stated.member is not None:
        block["family_rule"] = "per-person"
    if stated.member is not None and stated.member != stated.person:
        block["family_member"] = stated.member
    block["cite"] = f"attributes {stated.column}: {' | '.join(word or 'blank' for word in stated.words)}"
    return block
