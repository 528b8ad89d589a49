"""What is not known, in words: open points with their price and what to do, and figures that were assumed.

The headline says what is settled and the largest open point; the points say what each answer would cost.
"""

from __future__ import annotations

from estimator.engine.answer import FAVORABLE, CarriedFigure, Estimate, OpenPoint, QuestionKind
from estimator.engine.coverage import NEEDLING
from estimator.engine.plan import Limit
from estimator.engine.usual import Bearer, Leaf
from estimator.engine.values import Money, Rate
from estimator.language import N_, _
from estimator.wording.words import (
    Telling,
    amount_of,
    counted,
    dollars,
    listed,
    period_of,
    plain,
    sentence,
    whole_usd,
)

# What a fork is about: its name, why it is open, and what to do about it.
_ABOUT: dict[str, tuple[str, str, str]] = {
    "needling-cover": (
        N_("Dry needling"),
        N_("your plan's rule isn't known"),
        N_("Ask your plan before your first visit."),
    ),
    "service-cover": (
        N_("{subject}"),
        N_("it isn't known whether your plan pays for it"),
        N_("Ask your plan before your first visit."),
    ),
    "consent": (
        N_("{subject}"),
        N_("your plan doesn't pay; the clinic may charge you only if you agree first"),
        N_("Ask the clinic for its price before you sign anything."),
    ),
    "liability": (
        N_("{subject}"),
        N_("your plan doesn't pay for it, and it isn't known whether the clinic may charge you"),
        N_("Ask your plan whether the clinic may bill you."),
    ),
    "limit": (
        N_("Visit limit"),
        N_("how your plan counts these visits isn't known"),
        N_("Ask your plan how many visits it covers and how many you have left."),
    ),
    "network": (
        N_("Your clinic's network"),
        N_("it isn't known whether your plan pays at this clinic"),
        N_("Ask your plan whether it covers this clinic."),
    ),
    "cost-share": (
        N_("Your share"),
        N_("your plan's papers leave your share open"),
        N_("Ask your plan what you pay for a physical therapy visit."),
    ),
    "supplement": (
        N_("Your second plan"),
        N_("it isn't known whether it pays this part"),
        N_("Ask your second plan what you pay for a physical therapy visit."),
    ),
    "balance-bill": (
        N_("Charges above your plan's rate"),
        N_("it isn't known whether the clinic may charge you the rest"),
        N_("Ask the clinic whether it bills the rest to you."),
    ),
    "authorization": (
        N_("Prior authorization"),
        N_("it isn't known whether your plan wants to approve these visits first"),
        N_("Ask your plan whether it needs prior authorization."),
    ),
    "referral": (
        N_("Referral"),
        N_("it isn't known whether your plan wants a referral"),
        N_("Ask your plan whether you need a referral from your doctor."),
    ),
    "next-year": (
        N_("{subject} rules"),
        N_("your plan's rules for that year aren't known yet, so we used the ones before"),
        N_("Ask for your copay, deductible and visit limit in the new year."),
    ),
    "second-next-year": (
        N_("{subject} rules of your second plan"),
        N_("they aren't known yet, so we used the ones before"),
        N_("Ask your second plan for its copay, deductible and visit limit in the new year."),
    ),
    "told-otherwise": (
        N_("What your plan told you"),
        N_("your plan's papers, or a later call, say something else"),
        N_("Ask your plan to put its answer in writing."),
    ),
    "diagnosis": (N_("Your diagnosis"), N_("it wasn't entered"), N_("Enter your diagnosis code, if you know it.")),
    "symptom-weeks": (N_("How long it has hurt"), N_("it wasn't entered"), N_("Enter the number of weeks.")),
    "age": (N_("Your age"), N_("it wasn't entered"), N_("Enter your age.")),
    "purpose": (N_("Why you need therapy"), N_("it wasn't entered"), N_("Enter the reason for your visits.")),
    "indian-health": (
        N_("A referral from an Indian health care provider"),
        N_("with one, covered care is free for you, and it isn't known whether you have one"),
        N_("Ask your tribe's clinic or the Indian Health Service for a referral before your first visit."),
    ),
    "state": (N_("Your state"), N_("it wasn't entered"), N_("Enter the clinic's ZIP code.")),
}
_UNNAMED = (N_("{subject}"), N_("it isn't known"), N_("Ask your plan."))
_DECIDES = N_("it decides whether your plan pays for {service}")
# The paper of a market without which the clinic can't charge for a service that isn't paid.
_ONLY_IF = {
    "medicare-advantage": N_("only if your plan refuses in writing beforehand and you agree"),
    "tricare": N_("only if you sign a waiver beforehand that names it and its price"),
    "medicaid": N_("only if you agree in writing beforehand and your state allows that"),
}
_MAYBE_WITHOUT = N_("your plan doesn't pay for it; the clinic may charge you if you agree first, and perhaps if not")
_NOTICE = N_("Medicare doesn't pay for it; the clinic may charge you if you sign its notice (ABN), and perhaps if not")

# How a fork usually turns out.
_OUTCOMES = {
    Leaf.BUNDLED: N_("it's included in the visit"),
    Leaf.CLINIC: N_("your plan doesn't pay, and the clinic can't charge you"),
    Leaf.COVERED: N_("your plan pays as for the rest of the visit"),
    Leaf.PATIENT: N_("your plan doesn't pay, and you pay the clinic's fee"),
    Bearer.CLINIC: N_("the clinic can't charge you"),
    Bearer.PATIENT: N_("you pay the clinic's fee"),
    "favorable": N_("as it costs you less"),
    "unfavorable": N_("as it costs you more"),
    "holds": N_("the rule applies to you"),
    "does-not-hold": N_("the rule doesn't apply to you"),
    "not-needed": N_("it isn't needed"),
    "needed-and-obtained": N_("it's needed, and you get it"),
    "needed-and-missing": N_("it's needed, and you don't have it"),
    "document": N_("your plan's papers"),
    "answer": N_("what your plan told you"),
    "unchanged": N_("the rules stay as they are"),
    "changed": N_("the rules change"),
}

_NO_END = Money(10**11)


def point_name(point: OpenPoint, telling: Telling) -> str:
    """Return what a point is about, as a heading."""
    name = _(_entry(point)[0])
    return sentence(name.format(subject=_subject(point, telling))).rstrip(".")


def point_do(point: OpenPoint) -> str:
    """Return what to do about a point."""
    return _(_entry(point)[2])


def point_says(point: OpenPoint, telling: Telling) -> str:
    """Say what an open point adds and why it is open: the sentence beside the settled amount."""
    name, most, why = point_name(point, telling), whole_usd(point.adds.most), point_why(point, telling)
    if point.carried:
        figures = listed([carried_says(each) for each in point.carried])
        return _("{name}: {why}: {figures}.").format(name=name, why=why, figures=figures)
    if not point.adds.most:
        return _("{name}: {why}.").format(name=name, why=why)
    if _is_by_refusal(point, telling):
        return _("{name}: $0; up to {most} {only_if}.").format(name=name, most=most, only_if=why)
    return _("{name}: $0 to {most} more – {why}.").format(name=name, most=most, why=why)


def carried_says(carried: CarriedFigure) -> str:
    """Name a figure of this year that the next one is counted by.

    >>> from estimator.engine.values import Rate
    >>> carried_says(CarriedFigure("copay", "physical-therapy", Money(4000), None))
    'a copay of $40'
    >>> carried_says(CarriedFigure("coinsurance", "physical-therapy", Rate(200_000), None))
    'coinsurance of 20%'
    """
    match carried.figure:
        case Limit():
            amount = amount_of(carried.figure.measure, int(str(carried.figure.amount)))
            return _("a limit of {amount} {period}").format(amount=amount, period=period_of(carried.figure))
        case Rate():
            return _("coinsurance of {rate}").format(rate=carried.figure)
        case Money():
            return _(_CARRIED[carried.what]).format(amount=dollars(carried.figure))


_CARRIED = {
    "copay": N_("a copay of {amount}"),
    "deductible": N_("a deductible of {amount}"),
    "out-of-pocket-max": N_("a yearly maximum of {amount}"),
}


def point_why(point: OpenPoint, telling: Telling) -> str:
    """Say in a few words why a point is open, or what alone lets the clinic charge for it."""
    market = telling.plan.market
    if _is_by_refusal(point, telling):
        return _(_ONLY_IF[market])
    if point.about == "consent" and point.may_bill_unsigned:
        return _(_NOTICE if market == "medicare" else _MAYBE_WITHOUT)
    if point.decides:
        return _(_DECIDES).format(service=_service(point.decides, telling))
    return _(_entry(point)[1])


def _entry(point: OpenPoint) -> tuple[str, str, str]:
    if point.of_second:
        return _ABOUT.get(f"second-{point.about}", _ABOUT["supplement"])
    return _ABOUT.get(point.about, _UNNAMED)


def headline(estimate: Estimate, telling: Telling) -> str:
    """Say the settled amount, its range and the largest open point, in the order in which a person needs them."""
    low, middle, high = (run.owes for run in estimate.settled)
    visits = counted(len(estimate.typical.visits), "visit")
    is_exact = low == middle == high
    amount = dollars(middle) if is_exact else whole_usd(middle)
    words = _headline(bool(middle), is_exact, telling)
    parts = [words.format(amount=amount, visits=visits, plan=telling.plan_named)]
    open_points = [point for point in estimate.open_points if point.adds.most]
    if open_points and not is_exact:
        # The whole range goes on to what is open; that of the settled part stands with its number, without the name.
        parts = [f"{parts[0].removesuffix('.')} ({whole_usd(low)}–{whole_usd(high)})."]
    elif not is_exact:
        parts.append(_("Range: {low}–{high}.").format(low=whole_usd(low), high=whole_usd(high)))
    if open_points:
        first = open_points[0]
        parts += [point_says(first, telling), point_do(first)]
    years = (each for each in estimate.open_points if each.about == QuestionKind.NEXT_YEAR)
    parts += [next_year_says(each.subject, each.of_second) for each in years]
    if len(open_points) > 1:
        most = whole_usd(estimate.open_total.most)
        parts.append(_("Together, what isn't known could add up to {most}.").format(most=most))
    return " ".join(parts)


def next_year_says(year: str, of_second: bool) -> str:
    """Say that visits in a year rest on the rules of the one before."""
    before = str(int(year) - 1)
    words = (
        _("What your second plan pays in {year} is estimated by its rules of {before}.")
        if of_second
        else _("Visits in {year} are estimated by the rules of {before}.")
    )
    return words.format(year=year, before=before)


def _headline(owes: bool, is_exact: bool, telling: Telling) -> str:
    if telling.is_self_pay:
        if not owes:
            return _("You'd pay nothing for {visits} without insurance.")
        return (
            _("You'd pay {amount} for {visits} without insurance.")
            if is_exact
            else _("You'd pay about {amount} for {visits} without insurance.")
        )
    if not owes:
        return _("You'd pay nothing for {visits} with {plan}.")
    return (
        _("You'd pay {amount} for {visits} with {plan}.")
        if is_exact
        else _("You'd pay about {amount} for {visits} with {plan}.")
    )


def kind_of_point(about: str) -> str:
    """Return what a kind of point is about, where what it is about is not named."""
    return _(_ABOUT.get(about, _UNNAMED)[0]).format(subject=_("This care"))


def figure_words(figure: Money | Rate) -> str:
    """Write an assumed figure: a percentage, an amount in whole dollars, or one that nothing bounds."""
    if isinstance(figure, Rate):
        return str(figure)
    return _("the whole price") if figure >= _NO_END else whole_usd(figure)


def _is_by_refusal(point: OpenPoint, telling: Telling) -> bool:
    is_about_pay = point.about in ("needling-cover", "consent") and not point.of_second
    costs_if_refused = bool(point.adds.most) and not point.adds.usual and point.usual in (Leaf.CLINIC, Bearer.CLINIC)
    return is_about_pay and costs_if_refused and telling.plan.market in _ONLY_IF


def usual_says(point: OpenPoint) -> str:
    """Say how a point usually turns out; where nobody can tell, that it is read as it costs less."""
    outcome = point.usual if point.has_evidence else FAVORABLE
    words = _OUTCOMES.get(outcome)
    return _(words) if words else plain(outcome)


def _service(subject: str, telling: Telling) -> str:
    """Name a service within a sentence."""
    return _("dry needling") if subject == NEEDLING else telling.service(subject)


def _subject(point: OpenPoint, telling: Telling) -> str:
    if point.subject == NEEDLING:
        return _("Dry needling")
    if point.subject in telling.names:
        return telling.service(point.subject)
    return plain(point.subject) or _("This care")
