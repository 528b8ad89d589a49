"""The one sentence of a comparison, and what its sides are called within a sentence."""

from __future__ import annotations

from estimator.domain.estimate import Estimate
from estimator.domain.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.usecases.comparing_changes import Kind
from estimator.usecases.comparing_sides import Comparison, Side, is_about_the_same, is_never_dearer, ranges_overlap
from estimator.wording.figures import long_day, sentence, usd
from estimator.wording.telling import PATIENT, Reader, plain

NETWORKS = {IN_NETWORK: "in network", OUT_OF_NETWORK: "out of network"}


def sentence_of(comparison: Comparison, reader: Reader = PATIENT) -> str:
    """Return the one sentence: which side costs least, by how much, and whether that is certain."""
    known = [(side, side.estimate) for side in comparison.sides if side.estimate is not None]
    known.sort(key=lambda pair: pair[1].typical.owes)
    if not known:
        return "None of these can be estimated."
    titles = [title_of(side, comparison) for side, _ in known]
    amounts = [usd(estimate.typical.owes) for _, estimate in known]
    if len(known) == 1:
        return f"Only one of these can be estimated: {titles[0]}, about {amounts[0]}."
    first, second = known[0][1], known[1][1]
    least = "" if len(known) == 2 else " the least,"
    if first.typical.owes == second.typical.owes:
        words = f"{titles[0]} and {titles[1]} cost{least} the same: about {amounts[0]}"
    elif is_about_the_same(first.typical.owes, second.typical.owes):
        words = f"{titles[0]} and {titles[1]} cost{least} about the same: {amounts[0]} and {amounts[1]}"
    else:
        who = "you would owe" if reader == PATIENT else "the patient owes"
        less = usd(second.typical.owes - first.typical.owes)
        words = f"{titles[0]} {who}{least} about {amounts[0]}: {less} less than {titles[1]} ({amounts[1]})"
        words += _doubt(first, second)
    return sentence(f"{words}.")


def title_of(side: Side, comparison: Comparison) -> str:
    """Return what a side is called within a sentence, such as `out of network` or `with Evergreen PPO`."""
    match side.change.kind:
        case Kind.AS_ASKED:
            return _asked(side, comparison)
        case Kind.SELF_PAY:
            return "without insurance"
        case Kind.WITHOUT_NEEDLING:
            return "without needling"
        case Kind.NEXT_YEAR:
            return _starting(side)
        case Kind.PLAN:
            return f"with {_plan_title(side)}"
        case _:
            return NETWORKS[side.change.kind.value]


def _asked(side: Side, comparison: Comparison) -> str:
    kinds = {other.change.kind for other in comparison.others}
    if len(kinds) > 1:
        return "as you asked"
    kind = next(iter(kinds), Kind.AS_ASKED)
    match kind:
        case Kind.IN_NETWORK | Kind.OUT_OF_NETWORK:
            name = (side.request.get("provider") or {}).get("network") or IN_NETWORK
            own = NETWORKS.get(name, f"in the network “{plain(name)}”")
            return own if own != NETWORKS[kind.value] else "as you asked"
        case Kind.SELF_PAY | Kind.PLAN:
            return f"with {_plan_title(side)}"
        case Kind.WITHOUT_NEEDLING:
            return "with needling"
        case Kind.NEXT_YEAR:
            return _starting(side)
        case Kind.AS_ASKED:
            return "as you asked"


def _starting(side: Side) -> str:
    if side.estimate is None:
        return "starting next year" if side.change.kind is Kind.NEXT_YEAR else "starting as you asked"
    return f"starting on {long_day(side.estimate.typical.visits[0].day)}"


def _plan_title(side: Side) -> str:
    if side.plan is not None:
        return side.plan.title or side.plan.id
    named = side.change.plan if side.change.kind is Kind.PLAN else side.request["plan"]
    return named if isinstance(named, str) else "the plan described"


def _doubt(cheap: Estimate, dear: Estimate) -> str:
    if not ranges_overlap(cheap, dear):
        return ""
    if is_never_dearer(cheap, dear):
        return "; their ranges overlap, but it costs no more at low, typical and high prices alike"
    return "; their ranges overlap, so it could come out the other way"
