"""Statements other than accumulators that cannot both be right: shown in pairs, never averaged, never chosen from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from estimator.eligibility import messages
from estimator.eligibility.benefit import Authorization, Benefit, Kind, Network
from estimator.eligibility.result import Contradiction

_SHARES = (Kind.COPAY, Kind.COINSURANCE)
_PAID = (*_SHARES, Kind.LIMIT)
# A subject, what is said of it, and where.
Told = Iterable[tuple[object, str, Benefit]]
_YES_OR_NO = (Authorization.NEEDED, Authorization.NOT_NEEDED)


def contradictions_of(benefits: Sequence[Benefit]) -> Iterator[Contradiction]:
    """Find each pair of statements that disagree, the first of them against every other."""
    yield from _networks(benefits)
    yield from _pairs(_active(benefits), "The coverage is active and not active for the same service.")
    yield from _pairs(_by(benefits, _share), "Two different shares for the same service, network and period.")
    yield from _pairs(_by(benefits, _authorization), "Authorization is needed and is not needed for the same service.")
    yield from _pairs(
        _covered(benefits), "Not covered, and yet with a share or a limit, for the same service and network."
    )


def _pairs(told: Told, says: str) -> Iterator[Contradiction]:
    """Yield the statements about one subject that say something else than the first about it."""
    first: dict[object, tuple[str, Benefit]] = {}
    seen: set[tuple[int, int]] = set()
    for subject, answer, benefit in told:
        said, earlier = first.setdefault(subject, (answer, benefit))
        pair = earlier.origin.number, benefit.origin.number
        if said != answer and pair not in seen:
            seen.add(pair)
            yield Contradiction(earlier.origin, benefit.origin, says)


def _networks(benefits: Iterable[Benefit]) -> Iterator[Contradiction]:
    """Find an EB whose own message speaks of the other network."""
    for benefit in benefits:
        for message in benefit.messages:
            said = messages.network([message.text])
            if {said, benefit.network} == {Network.IN, Network.OUT}:
                words = f"The benefit is {benefit.network}; its message says {said}."
                yield Contradiction(benefit.origin, message, words)


def _active(benefits: Iterable[Benefit]) -> Told:
    for benefit in benefits:
        if benefit.kind in (Kind.ACTIVE, Kind.INACTIVE):
            for service in benefit.services or ("",):
                yield (service, benefit.plan), benefit.kind, benefit


def _by(benefits: Iterable[Benefit], answer: Callable[[Benefit], Told]) -> Told:
    for benefit in benefits:
        yield from answer(benefit)


def _share(benefit: Benefit) -> Told:
    figure = benefit.figure if benefit.kind is Kind.COPAY else benefit.rate
    if benefit.kind not in _SHARES or figure is None:
        return []
    words = tuple(message.text.upper() for message in benefit.messages)
    circumstances = benefit.kind, benefit.network, benefit.level, benefit.period, benefit.places, words
    return [((service, *circumstances, benefit.procedures), str(figure), benefit) for service in benefit.services]


def _authorization(benefit: Benefit) -> Told:
    if benefit.authorization not in _YES_OR_NO:
        return []
    words = tuple(message.text.upper() for message in benefit.messages)
    services = benefit.procedures or benefit.services
    return [
        (
            (service, benefit.network, benefit.places, words if benefit.kind is Kind.AUTHORIZATION else ()),
            benefit.authorization,
            benefit,
        )
        for service in services
    ]


def _covered(benefits: Iterable[Benefit]) -> Told:
    for benefit in benefits:
        if benefit.kind is Kind.NOT_COVERED or benefit.kind in _PAID:
            answer = "no" if benefit.kind is Kind.NOT_COVERED else "yes"
            for service in benefit.services:
                if not (benefit.kind is Kind.NOT_COVERED and benefit.messages):
                    yield (service, benefit.network, benefit.procedures), answer, benefit
