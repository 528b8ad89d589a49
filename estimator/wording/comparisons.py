"""A comparison in words: one sentence that says which side costs less, one table, one chart's worth of visits.

`comparison_json` writes it as docs/comparing.md has it; nothing is calculated here but differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import NamedTuple

from marshmallow import fields

from estimator.engine.answer import Adds, Estimate
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.engine.values import Money, Rate
from estimator.errors import Problem
from estimator.estimates.compare import (
    SAME_AMOUNT,
    SAME_SHARE,
    Comparison,
    Kind,
    Note,
    Row,
    Side,
    assumed_only_by,
    break_even,
    is_about_the_same,
    is_never_dearer,
    ranges_overlap,
)
from estimator.language import N_, _
from estimator.wording.answer import Amounts, owes_of, what_follows
from estimator.wording.answer_schema import AmountField, AmountsSchema, AnswerPart, Json, OpenTotalSchema
from estimator.wording.errors import problems_of
from estimator.wording.open_points import assumption_says
from estimator.wording.text import DISCLAIMER, WIDTH
from estimator.wording.words import (
    PATIENT,
    Reader,
    Telling,
    counted,
    listed,
    long_day,
    plain,
    plan_called,
    roughly,
    sentence,
    together,
    usd,
)

# For patients; billers read the names of the plan language.
_SUMS = {"deductible": N_("your deductible"), "out-of-pocket-max": N_("your yearly maximum")}
# For patients and for billers; {subject} is what the note is about, in words.
_NOTES = {
    "amounts-left-out": (
        N_("The prices that you gave belong to the plan and network you asked about, so we don't use them here."),
        N_("Allowed amounts and contract of the request left out: they belong to the plan and network asked about."),
    ),
    "balances-left-out": (
        N_("What you paid this year under your plan doesn't count in another plan."),
        N_("Balances of the plan asked about left out."),
    ),
    "authorization-left-out": (
        N_("An approval (authorization) from your plan doesn't hold in another plan."),
        N_("Authorization on file left out."),
    ),
    "told-left-out": (
        N_("What your plan told you holds for that plan alone, so we don't use it here."),
        N_("What the payer told left out."),
    ),
    "second-plan-left-out": (
        N_("Your second plan is left out here: this one pays in its place."),
        N_("Second plan of the request left out: this one stands in its place."),
    ),
    "network-changed": (
        N_("This plan has no network called “{subject}”, so we count the clinic as in its network."),
        N_("No tier “{subject}” in this plan: in-network taken."),
    ),
    "network-balances-not-told": (
        N_(
            "You haven't said what you paid {subject} this year, "
            "so we count nothing but what the plan adds up for both."
        ),
        N_("No balances given {subject}: opened at zero, but for shared ceilings."),
    ),
    "visits-dropped": (
        N_("{subject} would be for needling alone. Without needling there is no such visit."),
        N_("{subject} of needling alone removed."),
    ),
    "no-longer-bundled": (
        N_(
            "Needling swallows another service of the same visit ({subject}). "
            "Without needling that one has its own price."
        ),
        N_("No longer bundled into needling: {subject}."),
    ),
    "year-starts-again": (
        N_(
            "Your plan's year starts again on {subject}: "
            "what you paid before no longer counts, and your visits are new."
        ),
        N_("Benefit year restarts on {subject}: balances lapse."),
    ),
    "rules-not-known": (
        N_("The rules of this plan for that year aren't known yet. We take the last ones that are."),
        N_("No revision in force: the last known rules taken."),
    ),
    "by-agreement-only": (
        N_("You and the clinic must agree on it in writing before the visit: that is the rule of Medicaid here."),
        N_("Medicaid: only by an agreement in writing before the visit."),
    ),
    "does-not-fill": (
        N_("What you pay yourself doesn't count toward {subject}."),
        N_("Self-pay credits no accumulator ({subject})."),
    ),
}
# From which visit on the plan costs less in all; for patients and for billers.
_NEVER_CHEAPER = (
    N_("Within this course your plan never becomes cheaper to stay so than paying without insurance."),
    N_("Within this course the plan never becomes cheaper to stay so than paying without insurance."),
)
_CHEAPER_AT_ONCE = (
    N_("From the first visit on, your plan costs less in all than paying without insurance."),
    N_("From the first visit on, the plan costs less in all than paying without insurance."),
)
_CHEAPER_LATER = (
    N_("From visit {visit} on, your plan costs less in all than paying without insurance."),
    N_("From visit {visit} on, the plan costs less in all than paying without insurance."),
)


class Margin(NamedTuple):
    """Totals that differ by no more than the greater of these count as about the same."""

    amount: Money
    percent: Rate


class ComparedPlan(NamedTuple):
    """The plan of a side."""

    id: str
    title: str


class BreakEven(NamedTuple):
    """From which visit on a plan costs less in all than paying without it, None where it never does."""

    visit: int | None
    says: str


class SideNote(NamedTuple):
    """What a reader has to know of a side, such as what was left out."""

    note: str
    subject: str
    says: str


class SideAssumption(NamedTuple):
    """What one side takes for granted and another does not."""

    assumes: str
    subject: str
    says: str


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One choice with what the course comes to; its amounts are None where it cannot be estimated.

    `difference` is what it costs more than what was asked for, below zero less; None of that itself. Where
    `ranges_overlap`, it could come out the other way.
    """

    kind: Kind
    title: str
    plan: ComparedPlan | None
    patient_owes: Amounts | None
    open_total: Adds | None
    plan_pays: Money | None
    provider_absorbs: Money | None
    visits: int | None
    difference: Money | None
    is_about_the_same: bool | None
    ranges_overlap: bool | None
    break_even: BreakEven | None
    notes: tuple[SideNote, ...]
    assumed_only_here: tuple[SideAssumption, ...]
    assumed_only_as_asked: tuple[SideAssumption, ...]
    problems: tuple[Problem, ...]
    request: Mapping[str, object]


class SoFar(NamedTuple):
    """What a side comes to at a visit and up to it; None where the visit is not part of it."""

    patient_owes: Money | None
    cumulative: Money | None


class ComparedVisit(NamedTuple):
    """One visit in every side, in the order of the sides."""

    number: int
    day: date
    sides: tuple[SoFar, ...]


@dataclass(frozen=True, slots=True)
class ComparisonAnswer:
    """A comparison in words for one reader."""

    sentence: str
    about_the_same_within: Margin
    sides: tuple[ComparedSide, ...]
    visits: tuple[ComparedVisit, ...]


def comparison_of(comparison: Comparison, names: Mapping[str, str], reader: Reader = PATIENT) -> ComparisonAnswer:
    """Return the comparison for one reader; `names` are plain words for the codes."""
    return ComparisonAnswer(
        sentence=together(sentence_of(comparison, reader), *follows_of(comparison, reader)),
        about_the_same_within=Margin(SAME_AMOUNT, SAME_SHARE),
        sides=tuple(_side(side, comparison, names, reader) for side in comparison.sides),
        visits=tuple(_row(row) for row in comparison.rows),
    )


def _side(side: Side, comparison: Comparison, names: Mapping[str, str], reader: Reader) -> ComparedSide:
    asked, estimate = comparison.asked, side.estimate
    against = _against(side, asked)
    return ComparedSide(
        kind=side.change.kind,
        title=sentence(title_of(side, comparison)),
        plan=None if side.plan is None else ComparedPlan(side.plan.id, _(side.plan.title)),
        patient_owes=None if estimate is None else owes_of(estimate),
        open_total=None if estimate is None else estimate.open_total,
        plan_pays=None if estimate is None else estimate.typical.plan_pays,
        provider_absorbs=None if estimate is None else estimate.typical.provider_absorbs,
        visits=None if estimate is None else len(estimate.typical.visits),
        difference=against.difference,
        is_about_the_same=against.is_about_the_same,
        ranges_overlap=against.ranges_overlap,
        break_even=_break_even(side, asked, reader),
        notes=tuple(_note(note, reader) for note in side.notes),
        assumed_only_here=_assumptions(side, asked, names, reader),
        assumed_only_as_asked=_assumptions(asked, side, names, reader),
        problems=tuple(problems_of(side.refused)) if side.refused is not None else (),
        request=dict(side.request),
    )


class _Against(NamedTuple):
    """A side beside the one that was asked for; None where there is nothing to set beside it."""

    difference: Money | None = None
    is_about_the_same: bool | None = None
    ranges_overlap: bool | None = None


def _against(side: Side, asked: Side) -> _Against:
    if side is asked or side.estimate is None or asked.estimate is None:
        return _Against()
    mine, theirs = side.estimate.typical.owes, asked.estimate.typical.owes
    return _Against(mine - theirs, is_about_the_same(mine, theirs), ranges_overlap(side.estimate, asked.estimate))


def _break_even(side: Side, asked: Side, reader: Reader) -> BreakEven | None:
    if side.change.kind is not Kind.SELF_PAY or side.estimate is None or asked.estimate is None:
        return None
    visit = break_even(asked, side)
    never, first, later = _NEVER_CHEAPER, _CHEAPER_AT_ONCE, _CHEAPER_LATER
    words = (never if visit is None else first if visit == 1 else later)[0 if reader == PATIENT else 1]
    return BreakEven(visit, _(words).format(visit=visit))


def _note(note: Note, reader: Reader) -> SideNote:
    words = _(_NOTES[note.says][0 if reader == PATIENT else 1])
    return SideNote(note.says, note.subject, sentence(words.format(subject=_subject(note, reader))))


def _subject(note: Note, reader: Reader) -> str:
    match note.says:
        case "visits-dropped":
            return counted(int(note.subject), "visit")
        case "year-starts-again":
            return long_day(date.fromisoformat(note.subject))
        case "does-not-fill":
            names = note.subject.split(",")
            return listed([_(_SUMS[name]) if reader == PATIENT else plain(name) for name in names])
        case "no-longer-bundled":
            return listed(note.subject.split(","))
        case "network-balances-not-told":
            return _(NETWORKS[note.subject]) if note.subject in NETWORKS else plain(note.subject)
        case _:
            return plain(note.subject)


def _assumptions(one: Side, other: Side, names: Mapping[str, str], reader: Reader) -> tuple[SideAssumption, ...]:
    if one.plan is None or one is other:
        return ()
    telling = Telling(one.plan, names, reader)
    return tuple(
        SideAssumption(each.assumes, each.subject, assumption_says(each, telling))
        for each in assumed_only_by(one, other)
    )


def _row(row: Row) -> ComparedVisit:
    sides = zip(row.owes, row.to_date, strict=True)
    return ComparedVisit(row.number, row.day, tuple(SoFar(owes, to_date) for owes, to_date in sides))


# ----------------------------------------------------------------------------
# A comparison as JSON.
# ----------------------------------------------------------------------------


class MarginSchema(AnswerPart):
    """Totals within these count as about the same."""

    amount = AmountField()
    percent = fields.String()


class ComparedPlanSchema(AnswerPart):
    """The plan of a side."""

    id = fields.String()
    title = fields.String()


class BreakEvenSchema(AnswerPart):
    """From which visit on a plan costs less than paying without it."""

    visit = fields.Integer(allow_none=True)
    says = fields.String()


class SideNoteSchema(AnswerPart):
    """What a reader has to know of a side."""

    note = fields.String()
    subject = fields.String()
    says = fields.String()


class SideAssumptionSchema(AnswerPart):
    """What one side takes for granted and another does not."""

    assumes = fields.String()
    subject = fields.String()
    says = fields.String()


class SideProblemSchema(AnswerPart):
    """What stops a side."""

    path = fields.String()
    message = fields.String()


class ComparedSideSchema(AnswerPart):
    """One choice with what the course comes to."""

    kind = fields.Enum(Kind, by_value=fields.String)
    title = fields.String()
    plan = fields.Nested(ComparedPlanSchema, allow_none=True)
    patient_owes = fields.Nested(AmountsSchema, allow_none=True)
    open_total = fields.Nested(OpenTotalSchema, allow_none=True)
    plan_pays = AmountField(allow_none=True)
    provider_absorbs = AmountField(allow_none=True)
    visits = fields.Integer(allow_none=True)
    difference = AmountField(allow_none=True)
    is_about_the_same = fields.Boolean(allow_none=True)
    ranges_overlap = fields.Boolean(allow_none=True)
    break_even = fields.Nested(BreakEvenSchema, allow_none=True)
    notes = fields.Nested(SideNoteSchema, many=True)
    assumed_only_here = fields.Nested(SideAssumptionSchema, many=True)
    assumed_only_as_asked = fields.Nested(SideAssumptionSchema, many=True)
    problems = fields.Nested(SideProblemSchema, many=True)
    request = fields.Dict()


class SoFarSchema(AnswerPart):
    """What a side comes to at a visit and up to it."""

    patient_owes = AmountField(allow_none=True)
    cumulative = AmountField(allow_none=True)


class ComparedVisitSchema(AnswerPart):
    """One visit in every side."""

    number = fields.Integer()
    day = fields.Date()
    sides = fields.Nested(SoFarSchema, many=True)


class ComparisonSchema(AnswerPart):
    """A comparison in words for one reader."""

    sentence = fields.String()
    about_the_same_within = fields.Nested(MarginSchema)
    sides = fields.Nested(ComparedSideSchema, many=True)
    visits = fields.Nested(ComparedVisitSchema, many=True)


_COMPARISON = ComparisonSchema()


def comparison_json(told: ComparisonAnswer) -> Json:
    """Return a comparison as JSON values, in the order of docs/comparing.md."""
    return dict(_COMPARISON.dump(told))


# ----------------------------------------------------------------------------
# The one sentence of a comparison, and what its sides are called within a sentence.
# ----------------------------------------------------------------------------

NETWORKS = {IN_NETWORK: N_("in network"), OUT_OF_NETWORK: N_("out of network")}
# Which side costs least of two, and of more; for patients, then for billers.
_CHEAPER = (
    N_("{one} you'd pay {owes}: {less} less than {other} ({more})"),
    N_("{one} the patient owes {owes}: {less} less than {other} ({more})"),
)
_CHEAPEST = (
    N_("{one} you'd pay the least, {owes}: {less} less than {other} ({more})"),
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


def follows_of(comparison: Comparison, reader: Reader = PATIENT) -> Sequence[str]:
    """Return what becomes of the plan that was asked about in its next year: of a plan that ends, too."""
    asked = comparison.asked
    if asked.estimate is None or asked.plan is None:
        return ()
    return tuple(what_follows(asked.estimate, Telling(asked.plan, {}, reader)))


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
        case Kind.IN_NETWORK | Kind.OUT_OF_NETWORK:
            return _(NETWORKS[side.change.kind.value])
        case _:
            return _(_WAYS[side.change.kind])


_WAYS: Mapping[Kind, str] = {
    Kind.IN_AN_OFFICE: N_("in a private clinic"),
    Kind.IN_A_HOSPITAL: N_("in a hospital department"),
    Kind.NEEDLING_AT_4: N_("with dry needling at 4 visits"),
    Kind.NEEDLING_AT_ALL: N_("with dry needling at every visit"),
    Kind.FEW_MUSCLES: N_("with needling of 1 or 2 muscles"),
    Kind.MANY_MUSCLES: N_("with needling of 3 or more muscles"),
    Kind.STOP_AFTER_6: N_("stopping after 6 visits"),
}


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
        case _:
            return _("as you asked")


def _starting(side: Side) -> str:
    if side.estimate is not None:
        return _("starting on {day}").format(day=long_day(side.estimate.typical.visits[0].day))
    return _("starting next year") if side.change.kind is Kind.NEXT_YEAR else _("starting as you asked")


def _with_plan(side: Side) -> str:
    if side.plan is not None:
        return _("with {plan}").format(plan=plan_called(side.plan))
    named = side.change.plan if side.change.kind is Kind.PLAN else side.request["plan"]
    return _("with {plan}").format(plan=named) if isinstance(named, str) else _("with the plan described")


def _doubt(cheap: Estimate, dear: Estimate) -> str:
    if not ranges_overlap(cheap, dear):
        return ""
    if is_never_dearer(cheap, dear):
        return _("; their ranges overlap, but it costs no more at low, typical and high prices alike")
    return _("; their ranges overlap, so it could come out the other way")


# ----------------------------------------------------------------------------
# A comparison as a person reads it in a terminal, at most 100 columns wide: the sentence, the table, the visits.
# ----------------------------------------------------------------------------

_TITLE = 44
_MOST_COLUMNS = 4
_BEFORE, _DAY, _WIDEST = 7, 18, 32


def comparison_text(told: ComparisonAnswer) -> str:
    """Return a comparison as text."""
    parts = [
        "\n".join(wrap(told.sentence, WIDTH)),
        "\n".join(_table(told.sides)),
        "\n".join(_visits(told)),
        *(text for side in told.sides if (text := "\n".join(_about(side)))),
        _margin(told.about_the_same_within),
        _(DISCLAIMER),
    ]
    return "\n\n".join(parts) + "\n"


def _table(sides: Sequence[ComparedSide]) -> Iterator[str]:
    columns = (_("You pay"), _("Low"), _("High"), _("Difference"))
    yield " " * _TITLE + "".join(f"  {column:>12}" for column in columns)
    cannot = _("cannot be estimated")
    for side in sides:
        owes = side.patient_owes
        if owes is None:
            yield f"{side.title[:_TITLE]:<{_TITLE}}  {cannot}"
            continue
        amounts = [usd(owes.typical), usd(owes.low), usd(owes.high)]
        difference = "" if side.difference is None else _signed(side.difference)
        yield (
            f"{side.title[:_TITLE]:<{_TITLE}}" + "".join(f"  {each:>12}" for each in [*amounts, difference]).rstrip()
        )


def _visits(told: ComparisonAnswer) -> Iterator[str]:
    shown = told.sides[:_MOST_COLUMNS]
    yield _("What you have paid so far, visit by visit")
    days = [long_day(visit.day) for visit in told.visits]
    of_day = max(_DAY, *map(len, days))
    width = min(_WIDEST, (WIDTH - _BEFORE - of_day) // len(shown) - 2)
    number, when = _("Visit"), _("Day")
    yield f"{number:>5}  {when:<{of_day}}" + "".join(f"  {side.title[:width]:>{width}}" for side in shown)
    for visit, day in zip(told.visits, days, strict=True):
        cells = (_cell(side.cumulative) for side in visit.sides[:_MOST_COLUMNS])
        yield f"{visit.number:>5}  {day:<{of_day}}" + "".join(f"  {cell:>{width}}" for cell in cells)


def _about(side: ComparedSide) -> Iterator[str]:
    only_here = _("Assumed here only: {assumption}")
    says = [problem.message for problem in side.problems]
    says += [side.break_even.says] if side.break_even else []
    says += [note.says for note in side.notes]
    says += [only_here.format(assumption=each.says) for each in side.assumed_only_here]
    if says:
        yield side.title
    for each in says:
        yield "\n".join(wrap(each, WIDTH, initial_indent="- ", subsequent_indent="  "))


def _margin(within: Margin) -> str:
    words = _("Totals within {amount} or {percent} of each other, whichever is more, count as about the same.")
    return words.format(amount=usd(within.amount), percent=within.percent)


def _cell(amount: Money | None) -> str:
    return "–" if amount is None else usd(amount)


def _signed(difference: Money) -> str:
    return f"{'+' if difference > 0 else ''}{usd(difference)}"
