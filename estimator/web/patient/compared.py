"""The same course under other choices: which of them are compared, and a card for each, with one bar on one scale.

What differs is told in dollars and direction; what is open on both sides is compared as well, never as a lone average.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from estimator.engine.values import ZERO, Money
from estimator.estimates.compare import Change, Kind, compare, is_about_the_same
from estimator.language import N_, _
from estimator.web import common
from estimator.web.patient.choices import MARKETS, SELF_PAY_MARKET, Option
from estimator.web.patient.form import Answers, needles, prices_there
from estimator.web.patient.pictures import RangeBar, range_bar, scale_of
from estimator.web.patient.plans import OTHER_PLANS, YOURS, chosen_elsewhere, chosen_words, found_by_name, listed_plans
from estimator.web.patient.reply import reader_of, request_asked
from estimator.wording.answer import Amounts
from estimator.wording.brief import SAME
from estimator.wording.comparisons import ComparedSide, comparison_of, follows_of
from estimator.wording.words import BILLER, Reader, counted, dollars, short_day, together, whole_usd

Groups = Sequence[tuple[str, Sequence[Option]]]

_NOT_LISTED = N_("Choose a plan from the list.")
_FEW_NEEDLINGS, _FEWER_VISITS = 4, 6
_MOST_REMARKS = 2
_IN, _OUT = Kind.IN_NETWORK, Kind.OUT_OF_NETWORK


class Card(NamedTuple):
    """One choice: what it costs, what may be added, its bar, and how it differs from what was asked for.

    `tone` is `less`, `more` or empty: the color of the difference, which is in words as well.
    """

    title: str
    amount: str
    more: str
    bar: RangeBar | None
    differs: str
    tone: str
    is_best: bool
    remarks: tuple[str, ...]


def compare_page(answers: Answers, form: Mapping[str, str], today: date) -> dict[str, Any]:
    """Return what the comparison shows: this plan beside one or two others where they were chosen, else other ways."""
    chosen = {name: form.get(name, "") for name in OTHER_PLANS}
    groups = _other_plans(answers, chosen.values())
    listed = {plan_id for _, options in groups for plan_id, _ in options}
    wanted = dict.fromkeys(plan for plan in chosen.values() if plan in listed)
    changes = [Change(Kind.PLAN, plan) for plan in wanted] or list(_changes(answers))
    written = request_asked(answers, today)
    found = compare(written, changes, today, common.shelf(), prices_there(answers), common.prices())
    if found.asked.refused is not None:
        raise found.asked.refused
    told = comparison_of(found, common.names(), reader_of(answers))
    cards, told_to_staff = cards_of(told.sides, answers), reader_of(answers) == BILLER
    least = lead_of(cards, counted(len(told.visits), "visit"))
    return {
        "answers": answers,
        "told": told,
        "plan_title": found.asked.plan.title if found.asked.plan else "",
        "cards": cards,
        "is_cut": len(found.others) < len(changes),
        "scale": dollars(_top(told.sides)),
        # Of plans that were chosen, and for billers, the sentence with both amounts says most.
        "lead": told.sentence if wanted or told_to_staff else together(least, *follows_of(found)),
        "remarks": [(side.title, remarks) for side in told.sides if (remarks := list(_remarks(side)))],
        "chosen": chosen,
        # Which of the two a plan that is found by name would be; empty where there is none to find.
        "beside": (_free(chosen) if found_by_name() else ""),
        "groups": groups,
        "wrong": {name: _(_NOT_LISTED) if plan and plan not in listed else "" for name, plan in chosen.items()},
    }


def _changes(answers: Answers) -> Iterator[Change]:
    """Yield what this course can be set beside."""
    is_insured = answers["plan"] != SELF_PAY_MARKET
    if needles(answers):
        yield Change(Kind.WITHOUT_NEEDLING)
        yield from _other_needling(answers)
    if common.number_in(answers, "visits") > _FEWER_VISITS:
        yield Change(Kind.STOP_AFTER_6)
    if is_insured:
        yield Change(_IN if answers["network"] == _OUT else _OUT)
        yield Change(Kind.SELF_PAY)
    yield Change(Kind.IN_A_HOSPITAL if answers["setting"] == "office" else Kind.IN_AN_OFFICE)
    if is_insured:
        yield Change(Kind.NEXT_YEAR)


def _other_needling(answers: Answers) -> Iterator[Change]:
    """Yield needling at four visits or at every one, and of the other number of muscles."""
    some = answers["needling_visits"]
    if common.number_in(answers, "visits") > _FEW_NEEDLINGS and answers["exercise"] not in ("", "0"):
        is_at_four = some == str(_FEW_NEEDLINGS)
        yield Change(Kind.NEEDLING_AT_ALL if is_at_four else Kind.NEEDLING_AT_4)
    yield Change(Kind.FEW_MUSCLES if answers["needling"] == "20561" else Kind.MANY_MUSCLES)


def _free(chosen: Mapping[str, str]) -> str:
    return next((name for name in OTHER_PLANS if not chosen[name]), OTHER_PLANS[-1])


def _other_plans(answers: Answers, chosen: Iterable[str]) -> Groups:
    """Return the plans that were found by name, then the listed ones: real or usual, in force on the first day."""
    first_day = answers["first_day"]
    found = [plan for plan_id in chosen if (plan := chosen_elsewhere(plan_id, first_day))]
    groups = [
        (
            label,
            [
                (row.plan_id, row.title)
                for row in rows
                if row.first_day.isoformat() <= first_day
                and (row.last_day is None or first_day <= row.last_day.isoformat())
                and row.plan_id != answers["plan"]
            ],
        )
        for label, rows in listed_plans()
        if label != MARKETS[SELF_PAY_MARKET]
    ]
    yours = [(plan.id, chosen_words(plan)) for plan in found if plan.id != answers["plan"]]
    return [(label, options) for label, options in [(YOURS, yours), *groups] if options]


# ----------------------------------------------------------------------------
# The cards.
# ----------------------------------------------------------------------------

_TITLES: Mapping[Kind, str] = {
    Kind.AS_ASKED: N_("Your current plan"),
    Kind.IN_NETWORK: N_("A clinic in your network"),
    Kind.OUT_OF_NETWORK: N_("A clinic outside your network"),
    Kind.SELF_PAY: N_("Paying cash"),
    Kind.WITHOUT_NEEDLING: N_("No dry needling"),
    Kind.IN_AN_OFFICE: N_("A private clinic"),
    Kind.IN_A_HOSPITAL: N_("A hospital department"),
    Kind.NEEDLING_AT_4: N_("Dry needling at 4 visits"),
    Kind.NEEDLING_AT_ALL: N_("Dry needling at every visit"),
    Kind.FEW_MUSCLES: N_("Needling of 1 or 2 muscles"),
    Kind.MANY_MUSCLES: N_("Needling of 3 or more muscles"),
    Kind.STOP_AFTER_6: N_("6 visits, then stop"),
}
_HINTS: Mapping[Kind, str] = {
    Kind.WITHOUT_NEEDLING: N_("The rest of each visit stays the same."),
    Kind.STOP_AFTER_6: N_("Ask your therapist first. You can learn exercises to do at home."),
    Kind.FEW_MUSCLES: N_("Your therapist decides how many muscles need it."),
    Kind.MANY_MUSCLES: N_("Your therapist decides how many muscles need it."),
    Kind.NEEDLING_AT_4: N_("Most people have it at 3 to 6 visits."),
    Kind.NEEDLING_AT_ALL: N_("Most people have it at 3 to 6 visits."),
    Kind.IN_A_HOSPITAL: N_("Hospitals often charge more for the same visit."),
}
# What billing staff read in their place.
_STAFF_TITLES: Mapping[Kind, str] = {
    Kind.AS_ASKED: N_("As entered"),
    Kind.IN_NETWORK: N_("An in-network clinic"),
    Kind.OUT_OF_NETWORK: N_("An out-of-network clinic"),
}
_STAFF_HINTS: Mapping[Kind, str] = {
    Kind.STOP_AFTER_6: N_("Fewer visits are for the therapist and the patient to decide."),
    Kind.FEW_MUSCLES: N_("Billed with 20560."),
    Kind.MANY_MUSCLES: N_("Billed with 20561."),
    Kind.NEEDLING_AT_4: N_("Most courses have it at 3 to 6 visits."),
    Kind.NEEDLING_AT_ALL: N_("Most courses have it at 3 to 6 visits."),
}
# Less care is no cheaper way to the same care.
_LESS_CARE = (Kind.STOP_AFTER_6,)


def cards_of(sides: Sequence[ComparedSide], answers: Answers) -> list[Card]:
    """Return a card for each choice, in order; the best of those that cost clearly less is marked."""
    top = _top(sides)
    asked = sides[0]
    best, reader = _best(sides), reader_of(answers)
    return [
        Card(
            title=_title(side, answers),
            amount=likely_amount(side.patient_owes),
            more=more_at_most(_open(side)),
            bar=_bar(side, top),
            differs=_differs(side, asked),
            tone=_tone(side, asked),
            is_best=side is best,
            remarks=tuple(_short_remarks(side, _tone(side, asked), reader)),
        )
        for side in sides
    ]


def lead_of(cards: Sequence[Card], visits: str) -> str:
    """Say which choice costs least, and by how much."""
    best = next((card for card in cards if card.is_best), None)
    if best is None:
        return _("For {visits}, no other choice costs clearly less than your current one.").format(visits=visits)
    title = f"{best.title[:1].lower()}{best.title[1:]}"
    words = _("For {visits}, this costs least: {title}. {differs}.")
    return words.format(visits=visits, title=title, differs=best.differs)


def _title(side: ComparedSide, answers: Answers) -> str:
    if side.kind is Kind.PLAN:
        return side.plan.title if side.plan else side.title
    if side.kind is Kind.NEXT_YEAR:
        start = next((note.subject for note in side.notes if note.note == "year-starts-again"), "")
        return _("Start on {day}").format(day=short_day(start)) if start else side.title
    if reader_of(answers) == BILLER:
        return _({**_TITLES, **_STAFF_TITLES}[side.kind])
    if side.kind is Kind.AS_ASKED and answers["plan"] == SELF_PAY_MARKET:
        return _("What you asked about")
    return _(_TITLES[side.kind])


def likely_amount(owes: Amounts | None) -> str:
    """Write the most likely amount: to the cent only where nothing else is possible."""
    if owes is None:
        return _("Not known")
    return dollars(owes.typical) if owes.low == owes.high else whole_usd(owes.typical)


def more_at_most(opened: Money) -> str:
    """Write what may come on top by what nobody knows yet; nothing where it is too little to tell."""
    return f"+ $0–{whole_usd(opened)}" if opened >= SAME else ""


def _open(side: ComparedSide) -> Money:
    return side.open_total.most if side.open_total else ZERO


def _top(sides: Sequence[ComparedSide]) -> Money:
    most = [side.patient_owes.high + _open(side) for side in sides if side.patient_owes]
    return Money(scale_of(max(most, default=0), start=0, end=1).top_cents)


def _bar(side: ComparedSide, top: Money) -> RangeBar | None:
    owes = side.patient_owes
    return range_bar(owes, Money(owes.high + _open(side)), top) if owes else None


def _apart(side: ComparedSide, asked: ComparedSide) -> tuple[int, int] | None:
    """Return by how much a side costs more, at least and at most: with nothing open, and with all that is.

    What is about the same, by the margin that the table has, is no difference.
    """
    if side is asked or side.patient_owes is None or asked.patient_owes is None:
        return None
    mine, theirs = side.patient_owes.typical, asked.patient_owes.typical
    pairs = ((mine, theirs), (Money(mine + _open(side)), Money(theirs + _open(asked))))
    least, most = sorted(0 if is_about_the_same(*pair) else pair[0] - pair[1] for pair in pairs)
    return least, most


def _differs(side: ComparedSide, asked: ComparedSide) -> str:
    apart = _apart(side, asked)
    if apart is None:
        return _("Your starting point") if side is asked else ""
    least, most = apart
    low, high = whole_usd(Money(min(abs(least), abs(most)))), whole_usd(Money(max(abs(least), abs(most))))
    is_one = most - least < SAME
    if least > -SAME and most < SAME:
        return _("About the same")
    if most < SAME:
        words = _("Save about {high}") if is_one else _("Save up to {high}")
        return (words if is_one or most > -SAME else _("Save {low} to {high}")).format(low=low, high=high)
    if least > -SAME:
        words = _("About {high} more") if is_one else _("Up to {high} more")
        return (words if is_one or least < SAME else _("{low} to {high} more")).format(low=low, high=high)
    less, more = whole_usd(Money(-least)), whole_usd(Money(most))
    return _("{less} less to {more} more").format(less=less, more=more)


def _tone(side: ComparedSide, asked: ComparedSide) -> str:
    apart = _apart(side, asked)
    if apart is None or (apart[0] > -SAME and apart[1] < SAME):
        return ""
    if apart[1] < SAME:
        return "less"
    return "more" if apart[0] > -SAME else ""


def _best(sides: Sequence[ComparedSide]) -> ComparedSide | None:
    """Return the choice that saves most, open parts included; None where nothing costs less for the same course."""
    apart = [(_apart(side, sides[0]), side) for side in sides if side.kind not in _LESS_CARE]
    less = [(sum(each), side) for each, side in apart if each and each[1] < SAME and each[0] <= -SAME]
    return min(less, key=lambda pair: pair[0])[1] if less else None


def _short_remarks(side: ComparedSide, tone: str, reader: Reader) -> Iterator[str]:
    hints = {**_HINTS, **_STAFF_HINTS} if reader == BILLER else _HINTS
    hint = "" if side.kind is Kind.IN_A_HOSPITAL and tone != "more" else hints.get(side.kind, "")
    if hint:
        yield _(hint)
    says = [problem.message for problem in side.problems] or [note.says for note in side.notes]
    yield from says[: _MOST_REMARKS - bool(hint)]


def _remarks(side: ComparedSide) -> Iterator[str]:
    """Say what stops a side, when a plan pays for itself, what was left out, and what only this side assumes."""
    yield from (problem.message for problem in side.problems)
    if side.break_even:
        yield side.break_even.says
    yield from (note.says for note in side.notes)
    yield from (each.says for each in side.assumed_only_here)
