"""The one sentence of a comparison, and what its sides are called within a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from estimator.engine.answer import Estimate
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.estimates.compare import Comparison, Kind, Side, is_about_the_same, is_never_dearer, ranges_overlap
from estimator.language import N_, _
from estimator.wording.figures import long_day, roughly, sentence, usd
from estimator.wording.telling import PATIENT, Reader, plain

NETWORKS = {IN_NETWORK: N_("in network"), OUT_OF_NETWORK: N_("out of network")}
# Which side costs least of two, and of more; for patients, then for billers.
_CHEAPER = (
    N_("{one} you would owe {owes}: {less} less than {other} ({more})"),
    N_("{one} the patient owes {owes}: {less} less than {other} ({more})"),
)
_CHEAPEST = (
    N_("{one} you would owe the least, {owes}: {less} less than {other} ({more})"),
    N_("{one} the patient owes the least, {owes}: {less} less than {other} ({more})"),
)


def sentence_of(comparison: Comparison, reader: Reader = PATIENT) -> str:
    """Return the one sentence: which side costs least, by how much, and whether that is certain."""
    known = [(side, side.estimate) for side in comparison.sides if side.estimate is not None]
    known.sort(key=lambda pair: pair[1].typical.owes)
    if not known:
        return _("None of these can be estimated.")
    one, owes = title_of(known[0][0], comparison), _owes([estimate for _side, estimate in known])
    if len(known) == 1:
        return _("Only one of these can be estimated: {one}, {owes}.").format(one=one, owes=owes)
    first, second = known[0][1], known[1][1]
    words = _least(first, second, is_of_two=len(known) == 2, reader=reader).format(
        one=one,
        other=title_of(known[1][0], comparison),
        owes=owes,
        amount=usd(first.typical.owes),
        more=usd(second.typical.owes),
        less=usd(second.typical.owes - first.typical.owes),
    )
    return sentence(f"{words}.")


def _owes(dearer: Sequence[Estimate]) -> str:
    """Write what the cheapest cost, of estimates from the cheapest on: as certain as all that cost the same."""
    typical = dearer[0].typical.owes
    alike = [estimate for estimate in dearer if estimate.typical.owes == typical]
    low, high = min(estimate.low.owes for estimate in alike), max(estimate.high.owes for estimate in alike)
    return roughly(low, typical, high)


def _least(first: Estimate, second: Estimate, *, is_of_two: bool, reader: Reader) -> str:
    if first.typical.owes == second.typical.owes:
        return (
            _("{one} and {other} cost the same: {owes}")
            if is_of_two
            else _("{one} and {other} cost the least, the same: {owes}")
        )
    if is_about_the_same(first.typical.owes, second.typical.owes):
        return (
            _("{one} and {other} cost about the same: {amount} and {more}")
            if is_of_two
            else _("{one} and {other} cost the least, about the same: {amount} and {more}")
        )
    for_patient, for_biller = _CHEAPER if is_of_two else _CHEAPEST
    return _(for_patient if reader == PATIENT else for_biller) + _doubt(first, second)


def title_of(side: Side, comparison: Comparison) -> str:
    """Return what a side is called within a sentence, such as `out of network` or `with Evergreen PPO`."""
    match side.change.kind:
        case Kind.AS_ASKED:
            return _asked(side, comparison)
        case Kind.SELF_PAY:
            return _("without insurance")
        case Kind.WITHOUT_NEEDLING:
            return _("without needling")
        case Kind.NEXT_YEAR:
            return _starting(side)
        case Kind.PLAN:
            return _with_plan(side)
        case _:
            return _(NETWORKS[side.change.kind.value])


def _asked(side: Side, comparison: Comparison) -> str:
    kinds = {other.change.kind for other in comparison.others}
    if len(kinds) > 1:
        return _("as you asked")
    kind = next(iter(kinds), Kind.AS_ASKED)
    match kind:
        case Kind.IN_NETWORK | Kind.OUT_OF_NETWORK:
            name = (side.request.get("provider") or {}).get("network") or IN_NETWORK
            if name == kind.value:
                return _("as you asked")
            named = _("in the network “{name}”").format(name=plain(name))
            return _(NETWORKS[name]) if name in NETWORKS else named
        case Kind.SELF_PAY | Kind.PLAN:
            return _with_plan(side)
        case Kind.WITHOUT_NEEDLING:
            return _("with needling")
        case Kind.NEXT_YEAR:
            return _starting(side)
        case Kind.AS_ASKED:
            return _("as you asked")


def _starting(side: Side) -> str:
    if side.estimate is not None:
        return _("starting on {day}").format(day=long_day(side.estimate.typical.visits[0].day))
    return _("starting next year") if side.change.kind is Kind.NEXT_YEAR else _("starting as you asked")


def _with_plan(side: Side) -> str:
    if side.plan is not None:
        return _("with {plan}").format(plan=_(side.plan.title or side.plan.id))
    named = side.change.plan if side.change.kind is Kind.PLAN else side.request["plan"]
    return _("with {plan}").format(plan=named) if isinstance(named, str) else _("with the plan described")


def _doubt(cheap: Estimate, dear: Estimate) -> str:
    if not ranges_overlap(cheap, dear):
        return ""
    if is_never_dearer(cheap, dear):
        return _("; their ranges overlap, but it costs no more at low, typical and high prices alike")
    return _("; their ranges overlap, so it could come out the other way")
