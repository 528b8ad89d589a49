"""Which statement of a payer's answer holds for therapy in one network, and why; several that differ are left open.

The order of service types is a table (`eligibility/service_types.py`); the statement about the network asked for goes
before one about both networks, and that before one that names none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from estimator.eligibility.benefit import Benefit, Kind, Level, Network, Origin
from estimator.eligibility.result import Bucket, Eligibility
from estimator.eligibility.service_types import EVERY, OF_THE_PLAN, OF_THERAPY, WHOLE_PLAN, named, reason, speaking

T = TypeVar("T", Bucket, Benefit)

_OTHER_MONEY = ("PHARMACY", "DRUG", " RX", "DENTAL", "VISION")
_OFFICE = "11"
_SHARES = (Kind.COPAY, Kind.COINSURANCE)
_OF_NOBODY = "It does not say for whom; one person is assumed."
_OF_NO_NETWORK = "It does not name a network; the one asked for is assumed."


@dataclass(frozen=True, slots=True)
class Chosen:
    """The one bucket that holds, and why it was chosen; None, and why it was left open."""

    bucket: Bucket | None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What a patient pays a visit by a payer's answer; empty, and why it was left open."""

    copay: Benefit | None = None
    coinsurance: Benefit | None = None
    why: tuple[str, ...] = ()
    service: str = ""

    @property
    def stated(self) -> tuple[Benefit, ...]:
        """Return the statements that it rests on."""
        return tuple(benefit for benefit in (self.copay, self.coinsurance) if benefit)

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Return where it stands."""
        return tuple(benefit.origin for benefit in self.stated)


def bucket_for(answer: Eligibility, kind: Kind, level: Level, network: Network) -> Chosen:
    """Choose the deductible, maximum or limit of therapy."""
    stated = [bucket for bucket in answer.of(kind) if not bucket.procedures and not _is_other_money(bucket)]
    if kind is Kind.LIMIT:
        stated = [bucket for bucket in stated if bucket.unit in ("visits", "days", "services")]
    levels = (level, Level.UNSAID) if level is Level.PERSON else (level,)
    fitting = _nearest([bucket for bucket in stated if bucket.level in levels], network)
    service = speaking((bucket.services for bucket in fitting), OF_THERAPY if kind is Kind.LIMIT else EVERY)
    fitting = [bucket for bucket in fitting if service in bucket.services]
    exact = [bucket for bucket in fitting if bucket.level is level] or fitting
    if len(exact) != 1:
        return Chosen(None, (_left_open(kind, exact),) if exact else ())
    bucket = exact[0]
    if answer.is_contradicted(*bucket.origins):
        return Chosen(None, (f"The {kind} is contradicted: see the contradictions.",))
    return Chosen(bucket, _why(bucket, service, kind))


def share_for(answer: Eligibility, network: Network) -> Share:
    """Choose the copay and the coinsurance of a therapy visit in an office."""
    stated = [
        benefit
        for benefit in answer.benefits
        if benefit.kind in _SHARES
        and not benefit.procedures
        and (not benefit.places or _OFFICE in benefit.places)
        and (benefit.amount is not None or benefit.rate is not None)
    ]
    fitting = _nearest(stated, network)
    service = speaking(benefit.services for benefit in fitting)
    chosen = [benefit for benefit in fitting if service in benefit.services]
    if not chosen:
        return Share()
    if answer.is_contradicted(*(benefit.origin for benefit in chosen)):
        return Share(why=("What a visit costs is contradicted: see the contradictions.",))
    copays = {benefit.amount: benefit for benefit in chosen if benefit.kind is Kind.COPAY}
    rates = {benefit.rate: benefit for benefit in chosen if benefit.kind is Kind.COINSURANCE}
    if len(copays) > 1 or len(rates) > 1:
        return Share(why=(_several(chosen, service),))
    copay, coinsurance = next(iter(copays.values()), None), next(iter(rates.values()), None)
    return replace(_without_zero(copay, coinsurance), why=_reasons(chosen[0].network, service), service=service)


def _without_zero(copay: Benefit | None, coinsurance: Benefit | None) -> Share:
    """Leave out the zero that some payers write beside the share that holds."""
    if copay and coinsurance and not copay.amount and coinsurance.rate and coinsurance.rate.per_million:
        return Share(None, coinsurance)
    if copay and coinsurance and copay.amount and coinsurance.rate and not coinsurance.rate.per_million:
        return Share(copay, None)
    return Share(copay, coinsurance)


def _nearest(stated: Sequence[T], network: Network) -> list[T]:
    for wanted in (network, Network.BOTH, Network.UNSAID):
        if fitting := [one for one in stated if one.network is wanted]:
            return fitting
    return []


def _is_other_money(bucket: Bucket) -> bool:
    return any(word in f" {message.upper()}" for message in bucket.messages for word in _OTHER_MONEY)


def _why(bucket: Bucket, service: str, kind: Kind) -> tuple[str, ...]:
    is_of_the_plan = service == WHOLE_PLAN and kind is not Kind.LIMIT
    reasons = (OF_THE_PLAN,) if is_of_the_plan else _reasons(bucket.network, service)[:1]
    open_points = [_OF_NO_NETWORK] if bucket.network is Network.UNSAID else []
    open_points += [_OF_NOBODY] if bucket.level is Level.UNSAID else []
    return (*reasons, *open_points, *bucket.why)


def _reasons(network: Network, service: str) -> tuple[str, ...]:
    return (reason(service), *((_OF_NO_NETWORK,) if network is Network.UNSAID else ()))


def _left_open(kind: Kind, buckets: Sequence[Bucket]) -> str:
    places = ", ".join(bucket.origins[0].place for bucket in buckets)
    return f"More than one {kind} is stated ({places}). Decide which one holds for therapy."


def _several(chosen: Sequence[Benefit], service: str) -> str:
    places = ", ".join(benefit.origin.place for benefit in chosen)
    return f"More than one share is stated for {named([service])} ({places}). Decide which one holds for therapy."
