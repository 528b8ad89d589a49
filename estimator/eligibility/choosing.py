"""Which statement of a payer's answer holds for therapy in one network, and why; several that differ are left open.

What doesn't count was dropped before (`filters`). Among the rest the most specific wins: a procedure or range, then the
service type in the order of `statements.ORDER`; a stated place before none; a stated network before both and none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from estimator.eligibility.filters import OFFICES
from estimator.eligibility.messages import (
    asks_for_authorization,
    is_conditional,
    names_therapy,
    referral_in,
    speaks_of_authorization,
)
from estimator.eligibility.messages import network as network_in
from estimator.eligibility.statements import (
    EVERY,
    OF_THE_PLAN,
    OF_THERAPY,
    SHARES,
    WHOLE_PLAN,
    Authorization,
    Benefit,
    Bucket,
    Eligibility,
    Kind,
    Level,
    Network,
    Origin,
    holds_codes,
    named,
    reason,
)

# What therapy without needling is billed with: a statement about a range must hold all of these to speak for it.
THERAPY_CODES = ("97110", "97112", "97140", "97530")
_MOST_PLACES = 6
NEEDLING_CODES = ("20560", "20561")
# A visit holds several services, so that a count of services is none of visits.
COUNTS = ("visits", "days")
DOLLARS = ("dollars",)
_PROCEDURE = "procedure"
_THERAPIES = frozenset({"AD", "AE", "AF", "A9", "AC"})
_OF_A_PROCEDURE = "It speaks of the procedures of therapy by their codes."
_OF_NOBODY = "It does not say for whom; one person is assumed."
_OF_NO_NETWORK = "It does not name a network; the one asked for is assumed."
_REPAIRED = "Its elements are out of place ({places}); what was read is shown, not used. Confirm it with the payer."
_SAME = "It is stated more than once with the same figures ({places}): it may be one, and is counted once."
_MAYBE_ONE = "{other} has the same figures ({places}): the two may be one, which nobody says. Ask."
_TOTAL_OF_ALL = "The total is stated without a network, or for both ({place}), and what is left by itself."
_TOTAL_OF_THE_PLAN = "As much is left of the plan’s own ({place}): its total is taken for this one’s."
_NETWORKS = {
    Network.IN: (Network.IN, Network.BOTH, Network.UNSAID),
    Network.OUT: (Network.OUT, Network.BOTH),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The one bucket that holds, and why it was chosen; None, and why it was left open."""

    bucket: Bucket | None
    why: tuple[str, ...] = ()
    general: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What a patient pays a visit by a payer's answer; empty, and why it was left open."""

    copay: Benefit | None = None
    coinsurance: Benefit | None = None
    why: tuple[str, ...] = ()
    service: str = ""
    general: tuple[Origin, ...] = ()
    repeated: tuple[Origin, ...] = ()

    @property
    def stated(self) -> tuple[Benefit, ...]:
        """Return the statements that it rests on."""
        return tuple(benefit for benefit in (self.copay, self.coinsurance) if benefit)

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Return where it stands."""
        return tuple(benefit.origin for benefit in self.stated)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of an authorization or a referral; `needed` is None where it's left open, and why."""

    needed: bool | None = None
    origin: Origin | None = None
    why: str = ""


def service_of(stated: Bucket | Benefit, among: Sequence[str] = EVERY) -> str:
    """Return by what a statement speaks for therapy: its procedures, or the nearest service type; "" if by nothing."""
    if stated.procedures:
        return _PROCEDURE if holds_codes(stated.procedures, stated.procedure_last, THERAPY_CODES) else ""
    return next((code for code in EVERY if code in stated.services and code in among), "")


# How long an amount or a count holds. What a year's is counted in, and what an estimate can count beside it.
YEARLY = ("", "calendar year", "plan year", "service year", "contract year", "year to date", "year", "years")
LONGER = ("week", "month", "episode", "lifetime")
_OF_A_VISIT = (*YEARLY, "visit", "day", "24 hours")


def is_of_the_year(stated: Bucket | Benefit) -> bool:
    """Tell whether it holds for the year, as far as is said."""
    return stated.period in YEARLY


def off_rhythm(stated: Bucket | Benefit) -> str:
    """Return for what else a statement holds than the year of an amount, or the visit of a share; "" where it counts.

    A dollar amount for each visit is no yearly one, and a copay for each admission is none of a visit.
    """
    counted: tuple[str, ...]
    match stated.kind:
        case Kind.LIMIT:
            counted = (*YEARLY, *LONGER)
        case Kind.DEDUCTIBLE | Kind.OUT_OF_POCKET_MAX:
            counted = YEARLY
        case Kind.COPAY:
            counted = _OF_A_VISIT
        case _:
            return "per admission" if stated.period == "admission" else ""
    return "" if stated.period in counted else f"per {stated.period}"


def _service_rank(service: str) -> int:
    return 0 if service == _PROCEDURE else 1 + EVERY.index(service)


def _nearness(stated: Bucket | Benefit, network: Network) -> tuple[int, int, int]:
    place = 0 if OFFICES.intersection(stated.places) else 1
    return place, 0 if stated.ages else 1, _NETWORKS[network].index(stated.network)


def bucket_for(
    answer: Eligibility, kind: Kind, level: Level, network: Network, units: Sequence[str] = COUNTS
) -> Chosen:
    """Choose the deductible, maximum or limit of therapy."""
    among = OF_THERAPY if kind is Kind.LIMIT else EVERY
    levels = (level, Level.UNSAID) if level is Level.PERSON else (level,)
    stated = [
        bucket
        for bucket in (answer.of(kind) if answer.coverage.fills else ())
        if (kind is not Kind.LIMIT or bucket.unit in units)
        and bucket.level in levels
        and bucket.network in _NETWORKS[network]
        and service_of(bucket, among)
        and not off_rhythm(bucket)
    ]
    # No limit of days says nothing of visits.
    counted = {bucket.unit for bucket in stated if not bucket.is_unlimited}
    stated = [bucket for bucket in stated if not (bucket.is_unlimited and counted - {bucket.unit})] or stated
    if not stated:
        return Chosen(None)
    ranked = [(_rank(bucket, level, network, among), bucket) for bucket in stated]
    nearest = min(rank for rank, _ in ranked)
    fitting = [bucket for rank, bucket in ranked if rank == nearest]
    general = tuple(origin for rank, bucket in ranked if rank != nearest for origin in bucket.origins)
    if len({bucket.figures for bucket in fitting}) != 1:
        return Chosen(None, (_left_open(kind, fitting),), general)
    bucket = _completed(fitting[0], [each for _, each in ranked])
    origins = tuple(sorted({origin for each in (*fitting, bucket) for origin in each.origins}))
    general = tuple(origin for origin in general if origin not in origins)
    if answer.is_contradicted(*origins):
        return Chosen(None, (f"The {kind} is contradicted: see the contradictions.",), general)
    # A total out of place is nobody's yet, and no other total may stand for it.
    moved = [each for _, each in ranked if each.is_repaired and each.total is not None and bucket.total is None]
    if bucket.is_repaired or moved:
        places = _places(bucket.origins if bucket.is_repaired else moved[0].origins)
        return Chosen(None, (_REPAIRED.format(places=places),), general)
    why = _why(bucket, service_of(bucket, among), kind)
    if len(fitting) > 1:
        why += (_SAME.format(places=_places(origins)),)
    return Chosen(replace(bucket, origins=origins), (*why, *_alike(answer, bucket, kind)), general)


def _completed(bucket: Bucket, stated: Sequence[Bucket]) -> Bucket:
    """Return what is left of an amount with its total, where that is stated once, without a network or for both.

    A rest in network beside a total for both is less specific about the total alone: nothing else tells it.
    """
    if bucket.total is not None or bucket.is_unlimited or bucket.remaining is None:
        return bucket
    totals = [
        each
        for each in stated
        if each.total is not None
        and each.network in (Network.BOTH, Network.UNSAID)
        and each.total >= bucket.remaining
        and not each.is_repaired
        and all(getattr(each, name) == getattr(bucket, name) for name in _OF_ONE_AMOUNT)
    ]
    reason = _TOTAL_OF_ALL
    if not totals and bucket.kind is not Kind.LIMIT:
        # A deductible or a maximum belongs to the plan, and payers repeat under a service what is left of it.
        totals = [
            each
            for each in stated
            if each.total is not None
            and each.remaining == bucket.remaining
            and not each.is_repaired
            and (each.level, each.network) == (bucket.level, bucket.network)
        ]
        reason = _TOTAL_OF_THE_PLAN
    if len({each.total for each in totals}) != 1 or not totals[0].total:
        return bucket
    total = totals[0]
    used = (total.total or 0) - bucket.remaining
    return replace(
        bucket,
        total=total.total,
        used=used,
        period=total.period or bucket.period,
        messages=tuple(sorted({*bucket.messages, *total.messages})),
        origins=tuple(sorted({*bucket.origins, *total.origins})),
        why=(*bucket.why, reason.format(place=_places(total.origins))),
    )


# What a total and a rest must have in common to be of one amount.
_OF_ONE_AMOUNT = ("kind", "unit", "level", "services", "procedures", "procedure_last", "places", "ages")


def _rank(bucket: Bucket, level: Level, network: Network, among: Sequence[str]) -> tuple[int, ...]:
    service = _service_rank(service_of(bucket, among))
    rhythm = 0 if is_of_the_year(bucket) else 1
    return rhythm, service, *_nearness(bucket, network), 0 if bucket.level is level else 1


def _alike(answer: Eligibility, bucket: Bucket, kind: Kind) -> Iterable[str]:
    """Tell of a limit of another service with the same figures, which may or may not be the same bucket."""
    if kind is not Kind.LIMIT or bucket.remaining is None:
        return
    for other in answer.of(kind):
        is_equal = other.figures == bucket.figures and other.level is bucket.level and other.network is bucket.network
        is_therapy = not _THERAPIES.isdisjoint(other.services) and set(other.services).isdisjoint(bucket.services)
        if is_equal and is_therapy:
            yield _MAYBE_ONE.format(other=named(other.services).capitalize(), places=_places(other.origins))


def share_for(answer: Eligibility, network: Network) -> Share:
    """Choose the copay and the coinsurance of a therapy visit in an office."""
    stated = [
        benefit
        for benefit in answer.usable
        if benefit.kind in SHARES
        and benefit.network in _NETWORKS[network]
        and (benefit.amount is not None if benefit.kind is Kind.COPAY else benefit.rate is not None)
        and service_of(benefit)
        and not off_rhythm(benefit)
    ]
    if not stated:
        return Share()
    nearest = min(_service_rank(service_of(benefit)) for benefit in stated)
    speaking = [benefit for benefit in stated if _service_rank(service_of(benefit)) == nearest]
    copays = _nearest([benefit for benefit in speaking if benefit.kind is Kind.COPAY], network)
    rates = _nearest([benefit for benefit in speaking if benefit.kind is Kind.COINSURANCE], network)
    chosen = [*copays, *rates]
    places = {benefit.origin for benefit in chosen}
    general = tuple(benefit.origin for benefit in stated if benefit.origin not in places)
    if answer.is_contradicted(*(benefit.origin for benefit in chosen)):
        return Share(why=("What a visit costs is contradicted: see the contradictions.",), general=general)
    if repaired := [benefit.origin for benefit in chosen if benefit.is_repaired]:
        return Share(why=(_REPAIRED.format(places=_places(repaired)),), general=general)
    service = service_of(chosen[0])
    if len({benefit.amount for benefit in copays}) > 1 or len({benefit.rate for benefit in rates}) > 1:
        return Share(why=(_several(chosen, service),), general=general)
    share = _one_of_both(next(iter(copays), None), next(iter(rates), None), network)
    kinds = {benefit.kind for benefit in share.stated}
    repeated = tuple(each.origin for each in chosen if each.kind in kinds and each.origin not in share.origins)
    general += tuple(each.origin for each in chosen if each.kind not in kinds and not each.is_nothing)
    why = _reasons(share.stated[0].network, service)
    return replace(share, why=why, service=service, general=general, repeated=repeated)


def _nearest(stated: Sequence[Benefit], network: Network) -> list[Benefit]:
    if not stated:
        return []

    def rank(benefit: Benefit) -> tuple[int, ...]:
        # A copay "for the year" beside one for each visit is the most that copays come to.
        is_yearly = benefit.kind is Kind.COPAY and benefit.period != "" and is_of_the_year(benefit)
        # Under a visit in general a message may name therapy, which is nearer than one that names specialists.
        is_general = not benefit.procedures and not set(OF_THERAPY) & set(benefit.services)
        is_named = is_general and names_therapy(message.text for message in benefit.messages)
        return 1 if is_yearly else 0, 0 if is_named else 1, *_nearness(benefit, network)

    nearest = min(map(rank, stated))
    return [benefit for benefit in stated if rank(benefit) == nearest]


def _one_of_both(copay: Benefit | None, coinsurance: Benefit | None, network: Network) -> Share:
    """Leave out the zero that some payers write beside the share that holds, else the one stated less specifically."""
    if copay is None or coinsurance is None:
        return Share(copay, coinsurance)
    has_copay, has_rate = bool(copay.amount), bool(coinsurance.rate and coinsurance.rate.per_million)
    if has_copay != has_rate:
        return Share(copay, None) if has_copay else Share(None, coinsurance)
    nearness = _nearness(copay, network), _nearness(coinsurance, network)
    if not has_copay or nearness[0] == nearness[1]:
        return Share(copay, coinsurance)
    return Share(copay, None) if nearness[0] < nearness[1] else Share(None, coinsurance)


def _why(bucket: Bucket, service: str, kind: Kind) -> tuple[str, ...]:
    is_of_the_plan = service == WHOLE_PLAN and kind is not Kind.LIMIT
    reasons = (OF_THE_PLAN,) if is_of_the_plan else _reasons(bucket.network, service)[:1]
    open_points = [_OF_NO_NETWORK] if bucket.network is Network.UNSAID else []
    open_points += [_OF_NOBODY] if bucket.level is Level.UNSAID else []
    return (*reasons, *open_points, *bucket.why)


def _reasons(network: Network, service: str) -> tuple[str, ...]:
    first = _OF_A_PROCEDURE if service == _PROCEDURE else reason(service)
    return (first, *((_OF_NO_NETWORK,) if network is Network.UNSAID else ()))


def _left_open(kind: Kind, buckets: Sequence[Bucket]) -> str:
    places = _places([bucket.origins[0] for bucket in buckets])
    return f"More than one {kind} is stated ({places}). Decide which one holds for therapy."


def _several(chosen: Sequence[Benefit], service: str) -> str:
    told = "; ".join(f"{benefit.origin.place}: {benefit.origin.text}{_said(benefit)}" for benefit in chosen)
    what = "the procedures of therapy" if service == _PROCEDURE else named([service])
    return f"More than one share is stated for {what} ({told}). Decide which one holds for therapy."


def _said(benefit: Benefit) -> str:
    return f" “{benefit.words}”" if benefit.messages else ""


def _places(origins: Iterable[Origin]) -> str:
    return ", ".join(origin.place for origin in origins)


# ----------------------------------------------------------------------------
# Yes or no: authorization, referral, and what isn't covered at all.
# ----------------------------------------------------------------------------

_YES_OR_NO = (Authorization.NEEDED, Authorization.NOT_NEEDED)


def authorization_for(answer: Eligibility) -> Mark:
    """Choose the mark for therapy in network. It holds for the services of its own EB, not for others of the answer."""
    inside = [each for each in answer.usable if each.network is not Network.OUT and not each.is_repaired]
    speaking = [benefit for benefit in inside if service_of(benefit, OF_THERAPY)]
    marked = [benefit for benefit in speaking if benefit.authorization in _YES_OR_NO]
    said = list(_said_of_authorization(speaking))
    words = f"The payer says: “{said[0].text}” ({said[0].place})." if said else ""
    if not marked:
        unknown = next((each for each in speaking if each.authorization is Authorization.UNKNOWN), None)
        if words:
            return Mark(
                None, said[0], f"{words} Nothing else marks it. Ask whether it is needed, and from which visit."
            )
        if unknown is not None:
            return Mark(None, unknown.origin, "The payer marks authorization as not known. Ask.")
        return _authorization_beside(inside)
    nearest = min(_service_rank(service_of(benefit, OF_THERAPY)) for benefit in marked)
    fitting = [benefit for benefit in marked if _service_rank(service_of(benefit, OF_THERAPY)) == nearest]
    service = service_of(fitting[0], OF_THERAPY)
    is_named = any("PT" in benefit.services for benefit in answer.usable if benefit.kind is not Kind.OTHER)
    if service not in (_PROCEDURE, "PT") and is_named:
        words = f"Authorization is marked for {named([service])}, and physical therapy stands by itself without a mark."
        return Mark(None, fitting[0].origin, f"{words} Ask.")
    answers = {benefit.authorization for benefit in fitting}
    if len(answers) != 1 or answer.is_contradicted(*(benefit.origin for benefit in fitting), marks=True):
        return Mark(None, fitting[0].origin, "Authorization is marked as needed and as not needed. Ask.")
    is_needed = fitting[0].authorization is Authorization.NEEDED
    asked = next((message for message in said if asks_for_authorization(message.text)), None)
    if asked is not None and not is_needed:
        return Mark(None, asked, f"Authorization is marked as not needed, and a message says: “{asked.text}”. Ask.")
    # From which visit on stands in words alone, which nobody takes a number from.
    return Mark(is_needed, fitting[0].origin, f"{words} Ask from which visit." if asked else "")


def _said_of_authorization(benefits: Iterable[Benefit]) -> Iterator[Origin]:
    """Yield what messages say of an authorization, but for one out of network."""
    for benefit in benefits:
        for message in benefit.messages:
            if speaks_of_authorization(message.text) and network_in([message.text]) is not Network.OUT:
                yield message


def _authorization_beside(inside: Sequence[Benefit]) -> Mark:
    """Tell of an authorization for single codes or for the plan as a whole, where nothing is said of it for therapy."""
    asked = [each for each in inside if each.authorization is Authorization.NEEDED]
    coded = [each for each in asked if any(code in THERAPY_CODES for code in each.procedures)]
    if coded:
        codes = ", ".join(dict.fromkeys(code for each in coded[:_MOST_PLACES] for code in each.procedures))
        words = f"It is marked as needed for {codes} alone ({_places(each.origin for each in coded[:_MOST_PLACES])})."
        return Mark(None, coded[0].origin, f"{words} Ask for which codes of the visit.")
    of_plan = [each for each in inside if each.services == (WHOLE_PLAN,) or not (each.services or each.procedures)]
    for message in _said_of_authorization(of_plan):
        if asks_for_authorization(message.text):
            words = f"The payer says of the whole plan: “{message.text}” ({message.place})."
            return Mark(None, message, f"{words} Ask whether therapy needs it.")
    marked = next((each for each in of_plan if each.authorization is Authorization.NEEDED), None)
    if marked is None:
        return Mark()
    words = f"It is marked as needed for the plan as a whole ({marked.origin.place})."
    return Mark(None, marked.origin, f"{words} Ask whether therapy needs it.")


def referral_for(answer: Eligibility) -> Mark:
    """Return what messages say of a referral for therapy or for the plan."""
    found: dict[bool, Origin] = {}
    for benefit in answer.usable:
        if benefit.network is Network.OUT or (benefit.services and not set(EVERY) & set(benefit.services)):
            continue
        for message in benefit.messages:
            said = referral_in([message.text])
            if said is None or network_in([message.text]) is Network.OUT:
                continue
            if is_conditional(message.text):
                return Mark(None, message, f"The payer says: “{message.text}” ({message.place}). Ask for which visits.")
            found.setdefault(said, message)
    if len(found) != 1:
        origin = next(iter(found.values()), None)
        return Mark(None, origin, "A referral is asked for and isn’t. Ask." if found else "")
    needed, origin = next(iter(found.items()))
    return Mark(needed, origin)


def not_covered(answer: Eligibility, network: Network) -> Benefit | None:
    """Return the statement that therapy isn't covered in a network, where nothing nearer says what it costs."""
    contradicted = answer.contradicted()
    stated = [
        benefit
        for benefit in answer.usable
        if (benefit.kind is Kind.NOT_COVERED or (benefit.kind is Kind.INACTIVE and benefit.network is Network.OUT))
        and benefit.network in ((network, Network.BOTH) if network is Network.OUT else _NETWORKS[network])
        and service_of(benefit, (*OF_THERAPY, WHOLE_PLAN))
        and _is_plain(benefit)
        and benefit.origin not in contradicted
    ]
    if not stated:
        return None
    nearest = min(stated, key=lambda benefit: _service_rank(service_of(benefit)))
    share = share_for(answer, network)
    is_nearer = share.service and _service_rank(share.service) <= _service_rank(service_of(nearest))
    return None if is_nearer else nearest


def _is_plain(benefit: Benefit) -> bool:
    """Tell whether it says so without a message that may limit it."""
    return not benefit.messages or network_in(message.text for message in benefit.messages) is not Network.UNSAID


def needling_refused(answer: Eligibility) -> tuple[Benefit, ...]:
    """Return the statements that dry needling isn't covered, maybe one for each code, that nothing contradicts."""
    contradicted = answer.contradicted()
    return tuple(
        benefit
        for benefit in answer.usable
        if benefit.kind is Kind.NOT_COVERED
        and benefit.network is not Network.OUT
        and any(benefit.names((code,)) for code in NEEDLING_CODES)
        and benefit.origin not in contradicted
    )
