"""The Good Faith Estimate of 45 CFR 149.610, in the order of the model form CMS-10791.

Its elements are those of (c)(1)(i) to (x): patient; primary service and date; itemized list by provider; diagnosis and
service codes with charges; the provider's numbers and place; what is scheduled separately; the disclaimers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from estimator.billing.authorization_dates import business_days_later, due_when_asked, due_when_scheduled
from estimator.engine.answer import Status
from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.values import months_later
from estimator.language import N_, _
from estimator.papers.case import Case, Line
from estimator.papers.layout import (
    Block,
    Column,
    Document,
    Entry,
    Row,
    choices,
    fields,
    heading,
    note,
    rows_of,
    table,
    text,
    together,
    total_of,
)
from estimator.prices.books import diagnoses
from estimator.wording.words import counted, listed, long_day, plain, usd

_FEDERAL = frozenset({"va", "fehb"})
# 45 CFR 149.610(b)(1)(x)(B): one estimate for care that comes back holds for at most so many months.
_MOST_MONTHS = 12
_WEEK = timedelta(days=7)
_SEPARATE_LINES = 2


def good_faith_document(case: Case) -> Document:
    """Return the Good Faith Estimate of a case that leaves a line to the patient."""
    lines = case.billed_lines
    end = months_later(_day(lines[0]), _MOST_MONTHS)
    within = [one for one in lines if _day(one) < end]
    rows = rows_of(within)
    days = sorted({_day(one) for one in within})
    today = long_day(case.as_of)
    return Document(
        title=_(TITLE),
        subtitle=_(SUBTITLE).format(day=today),
        footer=_(FOOTER).format(day=today),
        page_words=_(PAGE),
        blocks=[
            *_draft(case, rows),
            *_scope_of_plan(case),
            *_patient(),
            *_service(case, rows, days, _beyond(lines, end)),
            *_summary(case, rows),
            *(_due(case.as_of, days[0]) if case.is_for_clinic else ()),
            *_detail(case, rows),
            *_separate(case),
            *_disclaimers(),
        ],
    )


def _draft(case: Case, rows: Sequence[Row]) -> Iterator[Block]:
    """Warn where a charge is not the clinic's own: a range that somebody published is not what it asks."""
    from_range = {each.assumes for each in case.answer.assumptions} & {"cash-price"}
    estimated = [row.name for row in rows if from_range or row.first.price.finding in ("price-cash", "price-regional")]
    if estimated:
        services = listed(list(dict.fromkeys(estimated)))
        words = DRAFT if case.is_for_clinic else DRAFT_FOR_PATIENTS
        yield note([_(words).format(services=services)], _(DRAFT_TITLE))


def _scope_of_plan(case: Case) -> Iterator[Block]:
    if case.is_self_pay:
        return
    told = [_(ONLY_UNCOVERED).format(plan=_(case.plan.title))]
    if case.plan.market in _FEDERAL:
        told.append(_(FEDERAL))
    unknown = {one.line.name for one in case.lines if one.line.status == Status.UNKNOWN}
    if unknown:
        told.append(_(UNKNOWN).format(services=listed(sorted(unknown))))
    yield note(told, _(ONLY_UNCOVERED_TITLE))


def _patient() -> Iterator[Block]:
    """Yield the patient's block, all blank: no estimate of ours holds a name. (c)(1)(i)."""
    names = [Entry(label) for label in (_(FIRST_NAME), _(MIDDLE_NAME), _(LAST_NAME))]
    ids = [Entry(_(BIRTH)), Entry(_(NUMBER), span=2)]
    address = [
        Entry(_(ADDRESS)),
        Entry(_(CITY_LINE), span=2),
        Entry(_(PHONE)),
        Entry(_(EMAIL), span=2),
    ]
    yield together([heading(_(PATIENT)), fields([*names, *ids, *address], across=3)])
    yield together([text(_(CONTACT)), choices(map(_, CONTACTS), across=2)])


def _service(case: Case, rows: Sequence[Row], days: Sequence[date], beyond: Sequence[date]) -> Iterator[Block]:
    """Yield the primary service, its diagnosis and its dates, with the scope of care that comes back. (c)(1)(ii)."""
    primary, *others = [*(case.asked.request.diagnoses or ()), ""]
    dates = _(ONE_DATE).format(day=long_day(days[0])) if len(days) == 1 else "; ".join(map(long_day, days))
    entries = [
        Entry(_(PRIMARY), _primary_service(rows), 2),
        Entry(_(PRIMARY_DIAGNOSIS), _diagnosis(primary)),
        Entry(_(OTHER_DIAGNOSES), "; ".join(_diagnosis(code) for code in others if code)),
        Entry(_(DATES), dates, 2),
    ]
    yield together([heading(_(SERVICE)), fields(entries), choices([_(NOT_SCHEDULED)])])
    if len(days) > 1:
        told = _(SCOPE_SAYS).format(
            visits=counted(len(days), "visit"), first=long_day(days[0]), last=long_day(days[-1]), often=_often(days)
        )
        more = [_(BEYOND).format(visits=counted(len(beyond), "visit"), day=long_day(beyond[0]))] if beyond else []
        yield note([told, *more], _(SCOPE))


def _primary_service(rows: Sequence[Row]) -> str:
    codes = {row.code for row in rows}
    if codes <= NEEDLING_CODES:
        return _(ONLY_NEEDLING)
    return _(MIXED) if codes & NEEDLING_CODES else _(NO_NEEDLING)


def _diagnosis(code: str) -> str:
    known = diagnoses().by_code.get(code)
    return f"{_(known.words)}, {code}" if known else code


def _often(days: Sequence[date]) -> int:
    return max(sum(day <= other < day + _WEEK for other in days) for day in days)


def _summary(case: Case, rows: Sequence[Row]) -> Iterator[Block]:
    total = total_of(rows)
    columns = (Column(_(PROVIDER), 3), Column(_(EXPECTED), 1, is_amount=True))
    provider = case.clinic.name or _(THIS_CLINIC)
    yield together([heading(_(SUMMARY)), table(columns, [(provider, total)], (_(TOTAL), total))])


def _detail(case: Case, rows: Sequence[Row]) -> Iterator[Block]:
    """Yield the provider with its numbers and place, and the itemized list. (c)(1)(iii) to (v)."""
    clinic, provider = case.clinic, case.asked.request.provider
    entries = [
        Entry(_(NAME), clinic.name),
        Entry(_(TYPE), plain(provider.type).capitalize()),
        Entry(_(NPI), clinic.npi),
        Entry(_(TIN), clinic.tin),
        Entry(_(ADDRESS), clinic.street),
        Entry(_(CITY_LINE), clinic.place),
        Entry(_(CONTACT_PERSON), clinic.contact),
        Entry(_(PHONE), clinic.phone),
        Entry(_(EMAIL), clinic.email),
        Entry(_(STATE), _state(case)),
    ]
    if provider.setting in PLACES:
        entries.append(Entry(_(WHERE), _(PLACES[provider.setting]), 2))
    title = _(DETAIL).format(provider=clinic.name or _(THIS_CLINIC)[:1].lower() + _(THIS_CLINIC)[1:])
    yield together([heading(title), fields(entries)])
    columns = (
        Column(_(SERVICE_NAME), 4),
        Column(_(DIAGNOSIS), 2),
        Column(_(CODE)),
        Column(_(QUANTITY), 3),
        Column(_(EACH), 2, is_amount=True),
        Column(_(CHARGE), 2, is_amount=True),
    )
    codes = ", ".join(case.asked.request.diagnoses or ()) or None
    yield table(columns, [_listed(row, codes) for row in rows], (_(TOTAL), "", "", "", "", total_of(rows)))
    yield text(_(SELF_PAY_CHARGE), "small")


def _state(case: Case) -> str:
    """Return the state of the care: as asked, as the ZIP code has it, or as the clinic's address does."""
    by_zip = (each.numbers.get("state", "") for each in case.answer.notices)
    return case.asked.request.state or next(filter(None, by_zip), case.clinic.state)


def _listed(row: Row, diagnosis: str | None) -> tuple[str | None, ...]:
    quantity = _(QUANTITY_SAYS).format(
        units=counted(row.units, "unit"), visits=counted(len({one.visit.number for one in row.lines}), "visit")
    )
    return row.name, diagnosis, row.code, quantity, usd(row.each), usd(row.total)


def _separate(case: Case) -> Iterator[Block]:
    """Yield room for what is scheduled on its own. (c)(1)(vi)."""
    if not case.is_for_clinic:
        yield together([heading(_(SEPARATE)), text(_(SEPARATE_FOR_PATIENTS))])
        return
    blanks = fields([Entry(_(SEPARATE_SERVICE))] * _SEPARATE_LINES, across=1)
    yield together([heading(_(SEPARATE)), text(_(SEPARATE_SAYS)), blanks])


def _disclaimers() -> Iterator[Block]:
    """Yield the disclaimers of (c)(1)(vii), (viii) and (x), and the right to dispute of (ix) and 45 CFR 149.620."""
    yield together([heading(_(DISCLAIMERS)), *map(text, map(_, DISCLAIMER))])
    yield note(map(_, DISPUTE), _(DISPUTE_TITLE))


def _due(as_of: date, first: date) -> Iterator[Block]:
    """Yield the last day for this estimate, counted from the day of the question."""
    asked, visit = long_day(as_of), long_day(first)
    due = due_when_scheduled(as_of, first)
    if due is None:
        scheduled = _(DUE_TOO_NEAR).format(visit=visit, day=asked)
    else:
        number = 1 if due == business_days_later(as_of, 1) else 3
        scheduled = _(DUE_SCHEDULED).format(
            visit=visit, day=asked, due=long_day(due), number=counted(number, "business day")
        )
    told = [scheduled] if first > as_of else []
    told.append(_(DUE_ASKED).format(day=asked, due=long_day(due_when_asked(as_of))))
    yield note([*told, _(DUE_RULE)], _(DUE))


def _beyond(lines: Sequence[Line], end: date) -> list[date]:
    return sorted({_day(one) for one in lines if _day(one) >= end})


def _day(one: Line) -> date:
    return one.visit.day


# ----------------------------------------------------------------------------
# The sentences of the Good Faith Estimate, in the order of the model form CMS-10791 (45 CFR 149.610(c)(1)).
# ----------------------------------------------------------------------------

TITLE = N_("Good Faith Estimate")
SUBTITLE = N_("Expected charges for health care that you pay yourself. Prepared on {day}.")
FOOTER = N_("Good Faith Estimate of {day} (45 CFR 149.610). Keep this paper: you may need it to dispute a bill.")
PAGE = N_("Page {page} of {pages}")

DRAFT_TITLE = N_("A draft: not every charge is the clinic's own")
DRAFT = N_(
    "These charges come from a published range, not from the clinic's price list: {services}. The clinic "
    "puts its own prices in their place before it gives this estimate to a patient."
)
DRAFT_FOR_PATIENTS = N_(
    "These charges come from a published range, not from the clinic's price list: {services}. Ask the clinic for an "
    "estimate with its own prices. You have a right to it in writing."
)
ONLY_UNCOVERED_TITLE = N_("Only what your plan doesn't pay")
ONLY_UNCOVERED = N_(
    "This estimate is for the services of your visits that {plan} doesn't pay. For those you count as "
    "self-pay: the rule speaks of a person without benefits “for an item or service” (45 CFR "
    "149.610(a)(2)). That reading is ours, with medium confidence. The rest of each visit goes to your "
    "plan and isn't in here."
)
FEDERAL = N_(
    "You have a federal health program. Whether this rule reaches a single service that such a program "
    "doesn't pay is less clear still; ask the clinic which other notice it owes you."
)
UNKNOWN = N_(
    "Also left out, because nobody has read whether your plan pays for it: {services}. Ask your plan "
    "first. If it doesn't pay, ask for a new estimate with it."
)

PATIENT = N_("Patient")
FIRST_NAME, MIDDLE_NAME, LAST_NAME = N_("First name"), N_("Middle name"), N_("Last name")
BIRTH, NUMBER = N_("Date of birth"), N_("Patient identification number, if any")
ADDRESS, CITY_LINE = N_("Address"), N_("City, state, ZIP code")
PHONE, EMAIL = N_("Phone"), N_("E-mail")
CONTACT = N_("How the patient wants to be reached")
CONTACTS = (N_("By mail"), N_("By e-mail"))

SERVICE = N_("Care and diagnosis")
PRIMARY = N_("Primary service")
MIXED, ONLY_NEEDLING, NO_NEEDLING = N_("Physical therapy with dry needling"), N_("Dry needling"), N_("Physical therapy")
PRIMARY_DIAGNOSIS, OTHER_DIAGNOSES = N_("Primary diagnosis and code"), N_("Other diagnoses and codes")
DATES = N_("Dates of the care")
ONE_DATE = N_("{day} (1 visit)")
NOT_SCHEDULED = N_("Not scheduled yet: the dates are a plan")

SCOPE = N_("Recurring services")
SCOPE_SAYS = N_(
    "This one estimate covers {visits} from {first} to {last}, at most {often} in any 7 days. It holds "
    "for no more than 12 months from the first visit (45 CFR 149.610(b)(1)(x))."
)
BEYOND = N_(
    "Not in here: {visits} on or after {day}, more than 12 months after the first. The clinic makes a new"
    " estimate before them."
)

SUMMARY = N_("Summary of expected charges")
PROVIDER, EXPECTED = N_("Provider or facility"), N_("Expected charges")
THIS_CLINIC = N_("The provider named below")
TOTAL = N_("Total expected charges")

DETAIL = N_("Expected charges of {provider}")
NAME, TYPE = N_("Name of the provider or facility"), N_("Type of provider")
NPI, TIN = N_("National Provider Identifier (NPI)"), N_("Taxpayer Identification Number (TIN)")
CONTACT_PERSON = N_("Contact person")
STATE = N_("State where the care is given")
WHERE = N_("Where the care is given")
PLACES = {"home": N_("At the patient's home"), "telehealth": N_("By telehealth")}
SERVICE_NAME, DIAGNOSIS, CODE, QUANTITY, EACH, CHARGE = (
    N_("Service"), N_("Diagnosis code"), N_("Service code"), N_("Quantity"), N_("Each visit"), N_("Expected charge")
)  # fmt: skip
QUANTITY_SAYS = N_("{units} in {visits}")
SELF_PAY_CHARGE = N_(
    "An expected charge is what the clinic asks of a person who pays without insurance, with every discount taken off."
)

SEPARATE = N_("Services that must be scheduled separately")
SEPARATE_SAYS = N_(
    "The clinic writes here what it expects to be needed before or after this care and has to be "
    "scheduled on its own. A separate Good Faith Estimate for each comes when it is scheduled, or "
    "whenever you ask for it: call or write to the clinic. Diagnosis codes, service codes, charges and "
    "provider numbers need not be listed here."
)
SEPARATE_FOR_PATIENTS = N_(
    "What you need before or after this care and has to be scheduled on its own isn't in this estimate. A separate "
    "Good Faith Estimate for each comes when it is scheduled, or whenever you ask the clinic for it."
)
SEPARATE_SERVICE = N_("Service")

DISCLAIMERS = N_("What this estimate is, and is not")
DISCLAIMER = (
    N_(
        "There may be other services. The clinic may recommend more as part of your care that must be "
        "scheduled or asked for separately and aren't in this estimate."
    ),
    N_(
        "This is only an estimate of what is reasonably expected today. The services you get, and what you "
        "are charged, may differ."
    ),
    N_("This estimate is not a contract. You need not get any of these services from any provider named here."),
)
DISPUTE_TITLE = N_("You may dispute a bill that is much higher")
DISPUTE = (
    N_(
        "If a provider or facility bills you $400 or more above its expected charges in this estimate, you "
        "have the right to dispute the bill."
    ),
    N_(
        "You can ask the provider to change the bill to the estimate, to negotiate, or to say whether "
        "financial help is available. Or you can start a dispute with the U.S. Department of Health and Human"
        " Services within 120 calendar days (about 4 months) of the date on the first bill. It costs $25. If "
        "the reviewer agrees with you, you pay the price of this estimate; if not, the higher one."
    ),
    N_("Starting a dispute won't harm the quality of the care that you are given."),
    N_("To learn more, or for the form: www.cms.gov/nosurprises, or call 1-800-985-3059."),
)

DUE = N_("For the clinic: when this estimate is due")
DUE_SCHEDULED = N_("If the first visit, on {visit}, was scheduled on {day}: by {due}, {number} after it was scheduled.")
DUE_TOO_NEAR = N_(
    "If the first visit, on {visit}, was scheduled on {day}: scheduling it made no estimate due, as that "
    "was less than 3 business days ahead."
)
DUE_ASKED = N_("If the patient asked for it on {day}: by {due}, 3 business days after.")
DUE_RULE = N_(
    "Business days are Monday to Friday without federal holidays; 45 CFR 149.610(b)(1)(vi). If anything "
    "changes, a new estimate is due at least 1 business day before the visit. It is given on paper or "
    "electronically, as the patient chooses, in a form that they can read."
)
