"""What a payer's answer fills in a request: what was used so far, and the plan itself where it is not listed.

Nothing is kept. Each figure that is filled in says where it stood and why it was chosen; what could not be
filled says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from estimator.eligibility.statements import (
    EVERY,
    OF_THE_PLAN,
    OF_THERAPY,
    WHOLE_PLAN,
    Authorization,
    Benefit,
    Bucket,
    Eligibility,
    Kind,
    Level,
    Network,
    Origin,
    named,
    reason,
    speaking,
)
from estimator.engine.plan import Limit, Measure, Plan
from estimator.engine.request import IN_NETWORK, NEEDLING_CODES, OUT_OF_NETWORK
from estimator.engine.values import Money, Unknown

OWN_LIMIT = "therapy-visits"
_EXERCISE = "97110"
_MEASURES = {"visits": (Measure.VISITS, Measure.DAYS, Measure.SESSIONS), "days": (Measure.DAYS, Measure.VISITS)}
_SUMS = (
    ("deductible_paid", Kind.DEDUCTIBLE, Level.PERSON),
    ("out_of_pocket_paid", Kind.OUT_OF_POCKET_MAX, Level.PERSON),
    ("family_deductible_paid", Kind.DEDUCTIBLE, Level.FAMILY),
    ("family_out_of_pocket_paid", Kind.OUT_OF_POCKET_MAX, Level.FAMILY),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """One field of a request with its value, why it was chosen, and where it stood."""

    field: str
    words: str
    value: str
    why: tuple[str, ...]
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Fill:
    """Everything that an answer fills in; `left_open` says what it does not, and why."""

    filled: tuple[Filled, ...]
    left_open: tuple[str, ...] = ()
    used: Mapping[str, Any] = field(default_factory=dict)


def fill_from(answer: Eligibility, plan: Plan | None = None) -> Fill:
    """Return what was used so far by an answer, by the names of this plan's limits where there is one."""
    filled: list[Filled] = []
    left_open: list[str] = []
    for network, words, prefix in ((Network.IN, IN_NETWORK, "used"), (Network.OUT, OUT_OF_NETWORK, None)):
        for name, kind, level in _SUMS:
            chosen = bucket_for(answer, kind, level, network)
            if network is Network.OUT and (chosen.bucket is None or chosen.bucket.network is not Network.OUT):
                continue
            path = f"{prefix or f'used.networks.{words}'}.{name}"
            _add_sum(path, chosen, f"{level} {kind}, {words}", filled, left_open)
    _add_limit(bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN), plan, filled, left_open)
    if plan is not None and OUT_OF_NETWORK not in plan.networks:
        filled = [each for each in filled if not each.field.startswith("used.networks")]
    return Fill(tuple(filled), tuple(left_open), _used(filled))


def _add_sum(path: str, chosen: Chosen, words: str, filled: list[Filled], left_open: list[str]) -> None:
    bucket = chosen.bucket
    if bucket is None or bucket.is_unlimited:
        left_open += [f"{words.capitalize()}: {each}" for each in chosen.why if bucket is None]
    elif bucket.used is None:
        left_open.append(f"{words.capitalize()}: how much of it is used is not said ({_places(bucket)}).")
    else:
        why = (_arithmetic(bucket), *chosen.why)
        filled.append(Filled(path, f"{words.capitalize()}: paid so far", str(Money(bucket.used)), why, bucket.origins))


def _add_limit(chosen: Chosen, plan: Plan | None, filled: list[Filled], left_open: list[str]) -> None:
    bucket = chosen.bucket
    if bucket is None or bucket.is_unlimited:
        left_open += [f"Limit: {each}" for each in chosen.why if bucket is None]
        return
    if bucket.used is None:
        left_open.append(f"Limit: how much of it is used is not said ({_places(bucket)}).")
        return
    name, how = _matched(bucket, plan)
    if not name:
        left_open.append(f"Limit: {bucket.used} {bucket.unit} are used. {how}")
        return
    why = (_arithmetic(bucket), how, *chosen.why)
    filled.append(
        Filled(f"used.limits.{name}", f"{bucket.unit.capitalize()} used so far", str(bucket.used), why, bucket.origins)
    )


def limit_of(bucket: Bucket, plan: Plan) -> str:
    """Return the name of the plan's limit that a bucket is, "" where none fits."""
    return _matched(bucket, plan)[0]


def _matched(bucket: Bucket, plan: Plan | None) -> tuple[str, str]:
    """Return the plan's limit that a bucket is, and how the two were matched."""
    if plan is None:
        return OWN_LIMIT, "It is the limit of the plan that the answer describes."
    limits = list(_therapy_limits(plan, bucket.unit))
    same = [limit for limit in limits if limit.amount == bucket.total]
    if len(same) == 1:
        return same[0].name, f"Matched with the plan’s “{same[0].name}”: both are {bucket.total} {bucket.unit}."
    if len(limits) == 1 and bucket.total is None:
        return limits[0].name, f"Matched with the plan’s “{limits[0].name}”: it is the only one of therapy."
    if len(limits) == 1:
        stated = "does not say" if isinstance(limits[0].amount, Unknown) else f"{limits[0].amount}: ask the payer"
        says = f"The answer says {bucket.total} {bucket.unit}, the plan {stated}."
        return limits[0].name, f"Matched with the plan’s “{limits[0].name}”, the only one of therapy. {says}"
    known = ", ".join(limit.name for limit in limits) or "none"
    return "", f"The plan has no one limit of therapy that fits (it has: {known}). Write it in by hand."


def _therapy_limits(plan: Plan, unit: str) -> Iterator[Limit]:
    names = {name for benefit in plan.benefits if _EXERCISE in benefit.services for name in benefit.limits}
    measures = _MEASURES.get(unit, (Measure.VISITS,))
    return (limit for name, limit in plan.limits.items() if name in names and limit.measure in measures)


def _arithmetic(bucket: Bucket) -> str:
    shown = [_shown(bucket, figure) for figure in (bucket.used, bucket.total, bucket.remaining)]
    if None in (bucket.total, bucket.remaining):
        return f"{shown[0]} is stated as used."
    return f"{shown[1]} in all, {shown[2]} left: {shown[0]} used."


def _shown(bucket: Bucket, figure: int | None) -> str:
    return f"${Money(figure or 0)}" if bucket.unit == "dollars" else f"{figure} {bucket.unit}"


def _places(bucket: Bucket) -> str:
    return ", ".join(origin.place for origin in bucket.origins)


def _used(filled: list[Filled]) -> dict[str, Any]:
    """Return the `used` of a request from the paths of its fields."""
    used: dict[str, Any] = {}
    for each in filled:
        *above, last = each.field.split(".")[1:]
        inner = used
        for step in above:
            inner = inner.setdefault(step, {})
        inner[last] = each.value
    return used


# ----------------------------------------------------------------------------
# Which statement of a payer's answer holds for therapy in one network, and why; several that differ are left open.
#
# The order of service types is a table (`eligibility/service_types.py`); the statement about the network asked for
# goes before one about both networks, and that before one that names none.
# ----------------------------------------------------------------------------

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


# ----------------------------------------------------------------------------
# The plan that a payer's answer describes, in the plan language, so that a plan that is not listed can be estimated.
#
# What the answer does not say is written `unknown`. Every rule cites the place of the answer that it rests on.
# ----------------------------------------------------------------------------

_UNKNOWN = "unknown"
_SERVICES = ["pt-evaluation", "pt-timed", "pt-untimed"]
_NOBODY_KNOWS = "commercial-needling-unknown"
_WAIVED = ("DEDUCTIBLE WAIVED", "DEDUCTIBLE DOES NOT APPLY", "NOT SUBJECT TO DEDUCTIBLE", "NO DEDUCTIBLE")
_APPLIES = ("AFTER DEDUCTIBLE", "SUBJECT TO DEDUCTIBLE", "DEDUCTIBLE APPLIES")
_PERIODS = {
    "calendar year": "calendar-year",
    "month": "month",
    "week": "week",
    "episode": "episode",
    "lifetime": "lifetime",
}


def plan_of(answer: Eligibility, today: date) -> dict[str, Any]:
    """Return the definition of the plan that an answer describes, with the keys of a plan file."""
    limit = _limit(answer)
    day = (answer.answered_on or today).isoformat()
    therapy = {
        "services": _SERVICES,
        "limits": [OWN_LIMIT] if limit else [],
        "authorization": _authorization(answer),
        "referral": _UNKNOWN,
        "cost_share": {
            "in-network": _share(answer, Network.IN),
            "out-of-network": _share(answer, Network.OUT),
        },
        "cite": "answer physical therapy",
    }
    return {
        "plan": "answered-plan",
        "title": f"{answer.plan or 'The plan'}, as the payer answered on {day}",
        "payer": answer.payer or "Your insurer",
        "kind": "published",
        "market": "employer",
        "sources": {
            "answer": {"title": f"{answer.form} of {day}", "url": "none", "read_on": day, "confidence": "medium"}
        },
        "networks": {"in-network": _network(answer, Network.IN), "out-of-network": _network(answer, Network.OUT)},
        "limits": {OWN_LIMIT: limit} if limit else {},
        "benefits": {"physical-therapy": therapy},
        "policies": [_policy(answer)],
    }


def authorization_of(answer: Eligibility) -> Benefit | None:
    """Return the statement that says whether therapy needs authorization; None where nobody says, or both are said."""
    stated = [
        benefit
        for benefit in answer.benefits
        if benefit.authorization in (Authorization.NEEDED, Authorization.NOT_NEEDED)
        and benefit.network is not Network.OUT
        and not benefit.procedures
    ]
    service = speaking((benefit.services for benefit in stated), OF_THERAPY)
    fitting = [benefit for benefit in stated if service in benefit.services]
    answers = {benefit.authorization for benefit in fitting}
    return fitting[0] if len(answers) == 1 else None


def needling_refused(answer: Eligibility) -> Benefit | None:
    """Return the statement that dry needling is not covered, where there is one that nothing contradicts."""
    for benefit in answer.stated(Kind.NOT_COVERED):
        if NEEDLING_CODES.intersection(benefit.procedures) and not answer.is_contradicted(benefit.origin):
            return benefit
    return None


def order_of(share: Share) -> str:
    """Return whether the deductible comes first, which only a message tells."""
    said = " ".join(message.text.upper() for benefit in share.stated for message in benefit.messages)
    if any(words in said for words in _WAIVED):
        return "waived"
    return "applies" if any(words in said for words in _APPLIES) else _UNKNOWN


def _network(answer: Eligibility, network: Network) -> Any:
    ceilings = {
        "deductible": _ceiling(answer, Kind.DEDUCTIBLE, network),
        "out_of_pocket_max": _ceiling(answer, Kind.OUT_OF_POCKET_MAX, network),
    }
    is_silent = all(ceiling == _UNKNOWN for ceiling in ceilings.values())
    return _UNKNOWN if network is Network.OUT and is_silent else ceilings


def _ceiling(answer: Eligibility, kind: Kind, network: Network) -> Any:
    person = bucket_for(answer, kind, Level.PERSON, network).bucket
    if person is None or (person.total is None and not person.is_unlimited):
        return _UNKNOWN
    if person.is_unlimited or (person.total == 0 and kind is Kind.DEDUCTIBLE):
        return "none"
    family = bucket_for(answer, kind, Level.FAMILY, network).bucket
    amounts = {"person": str(Money(person.total or 0))}
    if family is not None and family.total is not None:
        amounts["family"] = str(Money(family.total))
    return {**amounts, "cite": _cite(person.origins)}


def _share(answer: Eligibility, network: Network) -> Any:
    share = share_for(answer, network)
    written: dict[str, Any] = {}
    if share.copay is not None and share.copay.amount is not None:
        written |= {"copay": str(share.copay.amount), "per": "day" if share.copay.period == "day" else "visit"}
    if share.coinsurance is not None and share.coinsurance.rate is not None:
        written["coinsurance"] = str(share.coinsurance.rate)
    if not written:
        return _UNKNOWN
    ceiling = _ceiling(answer, Kind.DEDUCTIBLE, network)
    return {**written, "deductible": "waived" if ceiling == "none" else order_of(share), "cite": _cite(share.origins)}


def _limit(answer: Eligibility) -> dict[str, Any]:
    """Return the limit on visits; one that nobody names is not known, and there is none where the payer says so."""
    limit = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN).bucket
    if limit is not None and limit.is_unlimited:
        return {}
    if limit is None or limit.total is None:
        return {"visits": _UNKNOWN, "per": "benefit-year", "cite": "answer limit of therapy"}
    measure = "days" if limit.unit == "days" else "visits"
    return {measure: str(limit.total), "per": _PERIODS.get(limit.period, "benefit-year"), "cite": _cite(limit.origins)}


def _authorization(answer: Eligibility) -> Any:
    stated = authorization_of(answer)
    if stated is None:
        return _UNKNOWN
    if stated.authorization is Authorization.NOT_NEEDED:
        return "none"
    return {"from_visit": "1", "cite": _cite((stated.origin,))}


def _policy(answer: Eligibility) -> Any:
    refused = needling_refused(answer)
    if refused is None:
        return _NOBODY_KNOWS
    return {
        "policy": "answered-needling",
        "payer": answer.payer or "Your insurer",
        "services": ["dry-needling"],
        "position": "excluded",
        "under": "physical-therapy",
        "cite": _cite((refused.origin,)),
    }


def _cite(origins: Iterable[Origin]) -> str:
    """Return a citation of places in the answer."""
    return f"answer {', '.join(origin.place for origin in origins)}"


# ----------------------------------------------------------------------------
# What a payer's answer says of the rules of a listed plan, as answers of the plan itself (`told` in a request).
#
# An answer is no promise: it fills what nobody has read, and what contradicts the plan widens the range. Each fact is
# a call of its own, whose reference is the place where it stood. What was only assumed (from 98 or 30) is not told.
# ----------------------------------------------------------------------------

_CEILINGS = (("deductible", Kind.DEDUCTIBLE), ("out-of-pocket-max", Kind.OUT_OF_POCKET_MAX))
_FIRST = {"applies": "yes", "waived": "no"}
_LONGEST_REFERENCE = 120
NONE = "none"


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer to a question about the plan, and where it stood."""

    asks: str
    subject: str
    answer: str
    origins: tuple[Origin, ...]
    family: str = ""


def request_from(answer: Eligibility, plan: Plan | None, today: date) -> dict[str, Any]:
    """Return the parts of a request that an answer fills: what was used, and the plan or what it says of the plan."""
    used = fill_from(answer, plan).used
    if plan is None:
        return {"plan": plan_of(answer, today), "used": used}
    return {"plan": plan.id, "used": used, "told": calls_from(answer, plan, today)}


def calls_from(answer: Eligibility, plan: Plan, today: date) -> list[dict[str, Any]]:
    """Return the facts of an answer as calls of a request."""
    day = min(answer.answered_on or today, today).isoformat()
    return [_call(fact, answer.form, day) for fact in facts_from(answer, plan)]


def facts_from(answer: Eligibility, plan: Plan) -> Iterator[Fact]:
    """Yield what an answer says of a plan's rules in network, as far as nothing in it disagrees."""
    for asks, kind in _CEILINGS:
        yield from _told_ceiling(answer, asks, kind)
    yield from _told_share(answer)
    bucket = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN).bucket
    name = limit_of(bucket, plan) if bucket is not None else ""
    if bucket is not None and name and (bucket.is_unlimited or bucket.total is not None):
        yield Fact("limit", name, NONE if bucket.is_unlimited else str(bucket.total), bucket.origins)
    if (stated := authorization_of(answer)) is not None:
        needed = "yes" if stated.authorization is Authorization.NEEDED else "no"
        yield Fact("authorization-needed", "", needed, (stated.origin,))
    if (refused := needling_refused(answer)) is not None:
        for code in sorted(NEEDLING_CODES.intersection(refused.procedures)):
            yield Fact("payable", code, "excluded", (refused.origin,))


def _told_ceiling(answer: Eligibility, asks: str, kind: Kind) -> Iterator[Fact]:
    person = bucket_for(answer, kind, Level.PERSON, Network.IN).bucket
    family = bucket_for(answer, kind, Level.FAMILY, Network.IN).bucket
    if person is None or (person.total is None and not person.is_unlimited):
        return
    if person.is_unlimited or (person.total == 0 and kind is Kind.DEDUCTIBLE):
        yield Fact(asks, "", NONE, person.origins)
    else:
        whole = str(Money(family.total)) if family is not None and family.total else ""
        yield Fact(asks, "", str(Money(person.total or 0)), person.origins, whole)


def _told_share(answer: Eligibility) -> Iterator[Fact]:
    share = share_for(answer, Network.IN)
    if share.service not in OF_THERAPY:
        return
    if share.copay is not None:
        yield Fact("cost-share", "copay", str(share.copay.amount), (share.copay.origin,))
    if share.coinsurance is not None:
        yield Fact("cost-share", "coinsurance", str(share.coinsurance.rate), (share.coinsurance.origin,))
    if (first := _FIRST.get(order_of(share))) is not None:
        messages = [message for benefit in share.stated for message in benefit.messages]
        yield Fact("cost-share", "deductible", first, tuple(messages))


def _call(fact: Fact, form: str, day: str) -> dict[str, Any]:
    written = {"asks": fact.asks, "subject": fact.subject, "answer": fact.answer, "family": fact.family}
    answers = [{key: value for key, value in written.items() if value}]
    return {"on": day, "source": "eligibility", "reference": _reference(form, day, fact.origins), "answers": answers}


def _reference(form: str, day: str, origins: Iterable[Origin]) -> str:
    """Return the place of a fact: the first segment with its text, which holds nothing that tells who somebody is."""
    first, *others = origins
    more = "".join(f", {origin.place}" for origin in others[:1])
    return f"{form} of {day}, {first.place}: {first.text}{more}"[:_LONGEST_REFERENCE]
