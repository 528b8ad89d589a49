"""One EB with the segments under it becomes a statement: HSD (how often), DTP (when), III (where) and MSG (in words).

What a message says of the network counts only where the EB is silent; where both speak and disagree, that is a
contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from estimator.eligibility import messages
from estimator.eligibility import x12_codes as codes
from estimator.eligibility.benefit import (
    Aspect,
    Authorization,
    Benefit,
    Kind,
    Level,
    Network,
    Origin,
)
from estimator.eligibility.figures import Figure, money_of, read_count, read_money, read_share, read_span
from estimator.eligibility.hidden import Hidden
from estimator.eligibility.service_types import WHOLE_PLAN
from estimator.eligibility.x12_layout import Layout, layout_of
from estimator.eligibility.x12_segments import Segment
from estimator.engine.values import ALWAYS, Rate, Span

_NOTHING = Figure(None)
_UNUSUAL = Rate(600_000)
_BOUNDED = (Kind.COPAY, Kind.DEDUCTIBLE, Kind.OUT_OF_POCKET_MAX, Kind.COINSURANCE, Kind.LIMIT)


@dataclass(slots=True)
class Group:
    """An EB and what stands under it; what stands within LS and LE names other people and is left out."""

    eb: Segment
    below: list[Segment] = field(default_factory=list)

    def all(self, id: str) -> list[Segment]:
        """Return the segments of this kind under the EB."""
        return [segment for segment in self.below if segment.id == id]


def grouped(segments: Iterable[Segment]) -> list[Group]:
    """Return the groups of an answer in their order."""
    groups: list[Group] = []
    is_inside_loop = False
    for segment in segments:
        if segment.id == "EB":
            groups.append(Group(segment))
        is_inside_loop = segment.id == "LS" or (is_inside_loop and segment.id not in ("LE", "EB"))
        if groups and segment.id in ("HSD", "DTP", "III", "MSG") and not is_inside_loop:
            groups[-1].below.append(segment)
    return groups


def statement_of(group: Group, kind: Kind, hidden: Hidden) -> Benefit:
    """Return what an EB of this kind says."""
    layout = layout_of(group.eb, kind)
    words = [Origin(said.number, said.place, hidden.without(said.element(1))) for said in group.all("MSG")]
    period, aspect = codes.PERIODS.get(layout.period, ("", Aspect.TOTAL))
    stated = Benefit(
        kind=kind,
        origin=Origin(group.eb.number, group.eb.place, hidden.without(group.eb.text)),
        network=codes.NETWORKS.get(layout.network, Network.UNSAID),
        level=codes.LEVELS.get(group.eb.element(2).upper(), Level.UNSAID),
        aspect=aspect,
        services=tuple(dict.fromkeys(re.findall(r"[A-Z0-9]{1,3}", group.eb.element(3).upper()))),
        period=period,
        authorization=codes.AUTHORIZATIONS.get(layout.authorization, Authorization.UNSAID),
        procedures=tuple(re.findall(r"(?<=[^A-Za-z0-9])[A-Z0-9]{5}(?![A-Z0-9])", layout.procedure)[:1]),
        places=tuple(said.element(2) for said in group.all("III") if said.element(1) == "ZZ"),
        plan=hidden.without(layout.plan),
        dates=_dates(group.all("DTP")),
        messages=tuple(words),
        doubts=(layout.doubt,) if layout.doubt else (),
    )
    stated = _with_figures(stated, layout, group.eb.element(1))
    return _doubted(_with_network(_with_delivery(stated, group.all("HSD"))))


def _with_figures(stated: Benefit, layout: Layout, code: str) -> Benefit:
    amount = read_money(layout.amount) if layout.amount else _NOTHING
    count = read_count(layout.quantity) if layout.quantity else _NOTHING
    unit = codes.UNITS.get(layout.unit, "")
    is_used = layout.unit == codes.QUANTITY_USED
    return replace(
        stated,
        amount=money_of(amount),
        quantity=count.value,
        rate=read_share(layout.share) if layout.share else None,
        unit="visits" if is_used else unit,
        aspect=Aspect.USED if is_used else stated.aspect,
        is_unlimited=amount.is_unlimited or count.is_unlimited or code == codes.UNLIMITED,
        doubts=(*stated.doubts, *_doubts_of_share(layout.share)),
    )


def _doubts_of_share(share: str) -> Iterable[str]:
    if share and not share.startswith("0") and re.match(r"[1-9]", share):
        yield f"EB08 holds “{share}” where the standard has a decimal such as .2. Read as a percentage."
    if share and read_share(share) >= _UNUSUAL:
        yield "So large a share for the patient is unusual. The payer may mean its own share: ask."


def _with_delivery(stated: Benefit, patterns: Sequence[Segment]) -> Benefit:
    """Add how often a service is covered; it is the limit itself where the EB names no count."""
    for pattern in patterns:
        try:
            count = read_count(pattern.element(2)) if pattern.element(2) else _NOTHING
        except ValueError as error:
            return replace(stated, doubts=(*stated.doubts, f"HSD02 {error}."))
        unit = codes.UNITS.get(pattern.element(1), "")
        per = _per(pattern)
        words = " ".join(part for part in (str(count.value or ""), unit, f"per {per}" if per else "") if part)
        stated = replace(stated, delivery="; ".join(filter(None, (stated.delivery, words))))
        is_alone = stated.quantity is None and stated.amount is None and not stated.is_unlimited
        if stated.kind is Kind.LIMIT and is_alone and count.value is not None and not stated.doubts:
            stated = replace(stated, quantity=count.value, unit=unit, period=stated.period or per)
    return stated


def _per(pattern: Segment) -> str:
    period = codes.PERIODS.get(pattern.element(5), ("", Aspect.TOTAL))[0].removesuffix("s")
    number = pattern.element(6)
    if period:
        return f"{number} {period}s" if number.isdigit() and number not in ("", "1") else period
    return codes.UNITS_OF_HSD.get(pattern.element(3), "")


def _with_network(stated: Benefit) -> Benefit:
    said = messages.network(message.text for message in stated.messages)
    if stated.network is not Network.UNSAID or said is Network.UNSAID:
        return stated
    return replace(stated, network=said, doubts=(*stated.doubts, "Its network is read from its message."))


def _doubted(stated: Benefit) -> Benefit:
    doubts = list(stated.doubts)
    services = stated.services
    if not services and not stated.procedures and stated.kind in _BOUNDED:
        services = (WHOLE_PLAN,)
        doubts.append("It names no service type (EB03). Read as said of the plan as a whole.")
    if stated.aspect is Aspect.TOTAL and messages.speaks_of_rest(message.text for message in stated.messages):
        doubts.append("Its message may speak of what is left; its period does not. Compare both.")
    return replace(stated, services=services, doubts=tuple(doubts))


def _dates(segments: Iterable[Segment]) -> Span:
    for segment in segments:
        first, _, last = segment.element(3).partition("-")
        if (span := read_span(first, last)) != ALWAYS:
            return span if segment.element(2) == "RD8" else Span(span.first_day)
    return ALWAYS
