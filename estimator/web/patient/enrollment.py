"""Open enrollment: the same course under every plan that a person could choose, this year or next, the cheapest first.

Totals are for the course. Premiums stand in no file that we carry: a person who types two of them sees a whole year.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from estimator.engine.answer import Estimate
from estimator.engine.values import Money
from estimator.errors import RequestRefused
from estimator.estimates.compare import in_next_year
from estimator.estimates.contract import read_request
from estimator.estimates.rank import MOST_AT_ONCE, SOLD, SPECIAL, Ranked, Ranking, rank
from estimator.estimates.run import estimate_asked, state_asked
from estimator.insurers.registry import county_within
from estimator.language import N_, _
from estimator.plans.shelf import Wanted
from estimator.web import common
from estimator.web.patient.choices import Option
from estimator.web.patient.compared import likely_amount, more_at_most
from estimator.web.patient.form import Answers, prices_there
from estimator.web.patient.plans import not_sold, own_marketplace_of, plan_named, short_title
from estimator.web.patient.reply import request_asked
from estimator.wording.answer import owes_of, settled_of, what_follows
from estimator.wording.brief import SAME
from estimator.wording.words import Telling, together, whole_usd

SHOWN = 20
"""So many groups of plans stand on the page."""

SAVINGS: Sequence[Option] = (
    ("", N_("None, or I don’t know")),
    *((level, f"CSR {level}") for level in ("94", "87", "73")),
)
FOR_SOME: Sequence[Option] = (
    ("", N_("None of these")),
    ("medicaid", N_("I have Medicaid, too (D-SNP)")),
    ("facility", N_("I need a nursing home’s level of care (I-SNP)")),
    ("condition", N_("I have a serious long-term illness (C-SNP)")),
)
_SOLD_AS: Mapping[str, str] = {
    "marketplace": N_("Marketplace plans (HealthCare.gov)"),
    "medicare-advantage": N_("Medicare Advantage plans"),
}
_PREMIUMS = ("premium", "other_premium")
_MOST_PREMIUM = Money(1_000_000)
_MONTHS = 12
_MOST_NAMES = 12
_LONGEST = 200


class Row(NamedTuple):
    """Plans that cost the same: the first by name, further names, and what the course costs under each."""

    place: int
    plan_id: str
    title: str
    payer: str
    others: tuple[str, ...]
    more_others: int
    amount: str
    between: str
    differs: str
    is_provisional: bool
    elsewhere: str


class OfAYear(NamedTuple):
    """A year of two plans, premiums included, in words."""

    yours: str
    other: str
    says: str


def enrollment_page(answers: Answers, form: Mapping[str, str], today: date) -> dict[str, Any]:
    """Return the plans to choose from by what the course would cost, beside one's own plan in the same year."""
    written = request_asked(answers, today)
    asked, clinic = read_request(written, today), prices_there(answers)
    years = _years(asked.request.visits[0].day, today)
    typed = _typed(form, answers, years)
    if typed["year"] != years[0][0]:
        written = in_next_year(written, asked, common.shelf())
    wanted = Wanted(state=state_asked(asked, common.prices()), market=typed["sold"], kind="published")
    insurers = [row.payer for row in common.payers(wanted)]
    if typed["issuer"] in insurers:
        wanted = replace(wanted, payer=typed["issuer"])
    wrong = dict.fromkeys(("issuer", *_PREMIUMS), "")
    ranking = Ranking((), ())
    try:
        ranking = rank(
            written,
            wanted,
            today,
            common.shelf(),
            common.prices(),
            csr=typed["savings"] or None,
            special=typed["special"] or None,
            most=MOST_AT_ONCE,
            clinic=clinic,
        )
    except RequestRefused as refused:
        if any(problem.path != "insurer" for problem in refused.problems):
            raise
        wrong["issuer"] = refused.problems[0].message
    own, plan = estimate_asked(read_request(written, today), common.shelf(), clinic, common.prices())
    rows = tuple(_rows(ranking.ranked, own, county_within(wanted.state or "", answers["zip"])))
    premiums = _premiums(typed, wrong)
    return {
        "answers": answers,
        "typed": typed,
        "wrong": wrong,
        "years": years,
        "sold": [(market, _SOLD_AS[market]) for market in SOLD],
        "savings": SAVINGS,
        "for_some": FOR_SOME,
        "not_for_all": ranking.for_some,
        "issuers": [(name, name) for name in insurers],
        "visits": len(own.typical.visits),
        "first_day": own.typical.visits[0].day.isoformat(),
        "own_title": plan.title,
        # As the answer has it, with what the table counts where something is open.
        "own_amount": likely_amount(settled_of(own)),
        "own_more": more_at_most(own.open_total.most),
        "own_counted": whole_usd(own.typical.owes),
        "own_provisional": own.is_provisional,
        "own_follows": list(what_follows(own, Telling(plan, common.names()))),
        "rows": rows[:SHOWN],
        "elsewhere": any(row.elsewhere for row in rows),
        "plans": len(ranking.ranked),
        "not_shown": sum(1 + len(row.others) + row.more_others for row in rows[SHOWN:]),
        "left_out": len(ranking.left_out),
        "provisional": any(each.estimate.is_provisional for each in ranking.ranked),
        "choices": [(each.row.plan_id, short_title(each.row.title)) for each in ranking.ranked],
        "whole_year": _whole_year(typed, premiums, own, ranking.ranked),
        "lead": _lead(rows),
        "own_marketplace": own_marketplace_of(wanted.state) if typed["sold"] == "marketplace" else "",
    }


def _years(first_day: date, today: date) -> Sequence[Option]:
    """Return the year of the course and, where that is the one of today, the next one, with what each means."""
    year = first_day.year
    this = (str(year), _("{year}, on the days you gave").format(year=year))
    if year > today.year:
        return (this,)
    return (this, (str(year + 1), _("{year}, from the first day of the plan’s new year").format(year=year + 1)))


def _typed(form: Mapping[str, str], answers: Answers, years: Sequence[Option]) -> dict[str, str]:
    """Return what was chosen; what was not is the next year, and the kind of plan that the person has now."""
    names = ("sold", "year", "savings", "special", "issuer", "premium", "other_plan", "other_premium")
    said = {name: form.get(name, "").strip()[:_LONGEST] for name in names}
    if said["sold"] not in SOLD:
        plan = plan_named(answers["plan"], answers["first_day"])
        is_medicare = plan is not None and plan.market in ("medicare", "medicare-advantage")
        said["sold"] = "medicare-advantage" if is_medicare else "marketplace"
    if said["year"] not in dict(years):
        said["year"] = years[-1][0]
    if said["savings"] not in dict(SAVINGS) or said["sold"] != "marketplace":
        said["savings"] = ""
    if said["special"] not in SPECIAL or said["sold"] != "medicare-advantage":
        said["special"] = ""
    return said


def _rows(ranked: Iterable[Ranked], own: Estimate, county: str) -> Iterator[Row]:
    """Yield a row for each group of plans with the same rules that are sold in the county, in order."""
    groups: dict[tuple[int, bool], list[Ranked]] = {}
    for each in ranked:
        groups.setdefault((id(each.estimate), each.is_elsewhere), []).append(each)
    for place, group in enumerate(groups.values(), 1):
        first, others = group[0], [short_title(each.row.title) for each in group[1:]]
        yield Row(
            place=place,
            plan_id=first.row.plan_id,
            title=short_title(first.row.title),
            payer=first.row.payer,
            others=tuple(others[:_MOST_NAMES]),
            more_others=max(0, len(others) - _MOST_NAMES),
            amount=likely_amount(owes_of(first.estimate)),
            between=_between(first.estimate),
            differs=_differs(first.typical, own.typical.owes),
            is_provisional=first.estimate.is_provisional,
            elsewhere=not_sold(first.row.market, county) if first.is_elsewhere else "",
        )


def _between(estimate: Estimate) -> str:
    low, high = estimate.low.owes, estimate.high.owes
    return "" if low == high else _("{low} to {high}").format(low=whole_usd(low), high=whole_usd(high))


def _differs(there: Money, here: Money) -> str:
    apart = there - here
    if abs(apart) < SAME:
        return _("About the same")
    words = _("{amount} less") if apart < 0 else _("{amount} more")
    return words.format(amount=whole_usd(Money(abs(apart))))


def _lead(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    best = rows[0]
    is_provisional = best.is_provisional
    least = [row for row in rows if row.amount == best.amount and bool(row.elsewhere) == bool(best.elsewhere)]
    if len(least) > 1:
        number = sum(1 + len(row.others) + row.more_others for row in least)
        words = (
            _("By this year’s rules, {number} plans would cost least for this course: about {amount}.")
            if is_provisional
            else _("{number} plans would cost least for this course: about {amount}.")
        )
        return together(words.format(number=number, amount=best.amount), _("Look at premiums and networks next."))
    words = (
        _("By this year’s rules, {title} from {insurer} would cost least for this course: about {amount}.")
        if is_provisional
        else _("{title} from {insurer} would cost least for this course: about {amount}.")
    )
    return words.format(title=best.title, insurer=best.payer, amount=best.amount)


def _premiums(typed: Mapping[str, str], wrong: dict[str, str]) -> tuple[Money, Money] | None:
    """Return both monthly premiums; None where one is left out, and what is wrong with one in `wrong`."""
    found = [money for name in _PREMIUMS if (money := _premium(typed[name], name, wrong)) is not None]
    return (found[0], found[1]) if len(found) == len(_PREMIUMS) else None


def _premium(said: str, name: str, wrong: dict[str, str]) -> Money | None:
    if not said:
        return None
    try:
        premium = Money.parse(said)
    except ValueError:
        premium = Money(-1)
    if not 0 <= premium <= _MOST_PREMIUM:
        wrong[name] = _("Enter dollars and cents, like 250.00.")
        return None
    return premium


def _whole_year(
    typed: Mapping[str, str], premiums: tuple[Money, Money] | None, own: Estimate, ranked: Sequence[Ranked]
) -> OfAYear | None:
    """Return twelve months of both premiums with the course; None where a premium or the other plan is not said."""
    other = next((each for each in ranked if each.row.plan_id == typed["other_plan"]), None)
    if premiums is None or other is None:
        return None
    yours = Money(_MONTHS * premiums[0] + own.typical.owes)
    theirs = Money(_MONTHS * premiums[1] + other.typical)
    apart = theirs - yours
    title = short_title(other.row.title)
    if abs(apart) < SAME:
        says = _("Over a year, both cost about the same.")
    elif apart < 0:
        says = _("Over a year, {title} costs about {amount} less.").format(title=title, amount=whole_usd(Money(-apart)))
    else:
        says = _("Over a year, your plan costs about {amount} less.").format(amount=whole_usd(Money(apart)))
    return OfAYear(whole_usd(yours), whole_usd(theirs), says)
