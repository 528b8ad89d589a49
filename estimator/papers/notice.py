"""The advance notices: the worksheet for Medicare's form CMS-R-131, and the consent that names service and price.

Which one fits depends on the plan's market; `kinds` says where none does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from estimator.language import N_, _
from estimator.papers.case import Case
from estimator.papers.layout import (
    Block,
    Column,
    Document,
    Entry,
    Row,
    bullets,
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
from estimator.wording.words import listed, long_day, sentence, usd

_RANGES = ("price-cash", "price-regional")
_BLANK_LINES = 2


def notice_document(case: Case) -> Document:
    """Return the notice that fits the plan's market, for a case that one fits."""
    rows = rows_of(case.lines_to_sign_for)
    return _worksheet(case, rows) if case.plan.market == "medicare" else _consent(case, rows)


def _worksheet(case: Case, rows: Sequence[Row]) -> Document:
    clinic = case.clinic
    notifier = "\n".join(filter(None, (clinic.name, clinic.street, clinic.place, clinic.phone)))
    columns = (
        Column(_(ABN_SERVICE), 4),
        Column(_(ABN_REASON), 5),
        Column(_(ABN_COST), 2, is_amount=True),
    )
    services = [(_service(row), _reason(row, case.payer), usd(row.total)) for row in rows]
    sign = [Entry(_(SIGNATURE), span=2), Entry(_(SIGNED_ON))]
    return Document(
        title=_(ABN_TITLE),
        subtitle=_(ABN_SUBTITLE).format(day=long_day(case.as_of)),
        footer=_(ABN_FOOTER),
        page_words=_(PAGE),
        blocks=[
            note(map(_, ABN_WHAT if case.is_for_clinic else ABN_FOR_PATIENTS), _(ABN_WHAT_TITLE)),
            fields([Entry(_(NOTIFIER), notifier, 2), Entry(_(PATIENT)), Entry(_(NUMBER))]),
            heading(_(ABN_SERVICES)),
            table(columns, services, (_(TOTAL), "", total_of(rows))),
            *_estimated(case, rows),
            together([heading(_(OPTIONS)), choices(map(_, ABN_OPTIONS))]),
            together([heading(_(MORE)), fields([Entry("")] * _BLANK_LINES, across=1)]),
            together([heading(_(SIGN)), fields(sign, across=3)]),
            *(_modifier(clinic.modifier) if case.is_for_clinic else ()),
        ],
    )


def _modifier(chosen: str) -> Iterator[Block]:
    """Yield the clinic's choice, or all four to choose among: sources disagree, so we do not choose."""
    blocks = [heading(_(MODIFIER)), text(_(MODIFIER_DISPUTED))]
    if chosen:
        blocks.append(text(_(MODIFIER_CHOSEN).format(modifier=chosen, meaning=_(MODIFIERS[chosen]))))
    else:
        blocks += [
            text(_(MODIFIER_OPEN)),
            choices(f"{code}: {_(says)}" for code, says in MODIFIERS.items()),
        ]
    yield together(blocks)


def _consent(case: Case, rows: Sequence[Row]) -> Document:
    clinic, payer = case.clinic, case.payer_or(_(MY_INSURER))
    first = long_day(min(one.visit.day for row in rows for one in row.lines))
    return Document(
        title=_(CONSENT_TITLE),
        subtitle=_(CONSENT_SUBTITLE).format(plan=_(case.plan.title), day=long_day(case.as_of)),
        footer=_(CONSENT_FOOTER),
        page_words=_(PAGE),
        blocks=[
            note(map(_, CONSENT_WHAT), _(CONSENT_WHAT_TITLE).format(day=first)),
            fields(
                [
                    Entry(_(CLINIC_NAME), clinic.name),
                    Entry(_(PHONE), clinic.phone),
                    Entry(_(PATIENT_NAME)),
                    Entry(_(BIRTH)),
                ]
            ),
            heading(_(SERVICES)),
            _priced(rows, payer),
            *_estimated(case, rows),
            heading(_(AGREE)),
            bullets(sentence(_(each).format(payer=payer, total=total_of(rows))) for each in AGREEMENT),
            together([heading(_(DECISION)), choices(map(_, DECISIONS)), *_signatures()]),
            *_contract(case),
        ],
    )


def _contract(case: Case) -> Iterator[Block]:
    """Yield what the clinic looks up before it has this signed; a patient's copy leaves that to the clinic."""
    if case.is_for_clinic:
        yield text(_(CHECK_CONTRACT).format(payer=case.payer_or(_(THE_INSURER))), "small")


def _priced(rows: Sequence[Row], payer: str) -> Block:
    columns = (
        Column(_(SERVICE), 4),
        Column(_(REASON), 4),
        Column(_(VISITS), is_amount=True),
        Column(_(EACH), 2, is_amount=True),
        Column(_(COST), 2, is_amount=True),
    )
    listing = [(_service(row), _reason(row, payer), str(len(row.lines)), usd(row.each), usd(row.total)) for row in rows]
    return table(columns, listing, (_(TOTAL), "", "", "", total_of(rows)))


def _signatures() -> Iterator[Block]:
    signed = [
        Entry(_(SIGNATURE), span=2),
        Entry(_(DATE)),
        Entry(_(STAFF), span=2),
        Entry(_(STAFF_DATE)),
    ]
    yield fields(signed, across=3)


def _estimated(case: Case, rows: Sequence[Row]) -> Iterator[Block]:
    estimated = dict.fromkeys(row.name for row in rows if row.first.price.finding in _RANGES)
    if estimated:
        words = ESTIMATED if case.is_for_clinic else ESTIMATED_FOR_PATIENTS
        yield note([_(words).format(services=listed(list(estimated)))])


def _service(row: Row) -> str:
    return f"{row.name} ({row.code})"


def _reason(row: Row, payer: str) -> str:
    step = row.first.steps[0]
    reason = REASONS.get(step.numbers.get("position", step.finding), OTHER_REASON)
    return sentence(_(reason).format(payer=payer))


# ----------------------------------------------------------------------------
# The sentences of the advance notices: the worksheet for Medicare's form, and the consent for other plans.
# ----------------------------------------------------------------------------

PAGE = N_("Page {page} of {pages}")

# The worksheet for CMS-R-131 (42 CFR 411.404 and 411.408), in the order of the edition that is mandatory since
# 2026-05-12: its blocks have no letters.
ABN_TITLE = N_("Worksheet for an Advance Beneficiary Notice")
ABN_SUBTITLE = N_("For Original Medicare only. Prepared on {day}.")
ABN_FOOTER = N_("A worksheet, not the official form. The clinic copies it into the current CMS-R-131.")
ABN_WHAT_TITLE = N_("This is the clinic's worksheet, not the notice itself")
ABN_WHAT = (
    N_(
        "Medicare accepts only its own form CMS-R-131, unchanged, in the edition that is mandatory since May 12, "
        "2026 and expires on March 31, 2029. Copy what is below into it, go through it with the patient before the "
        "visit, and give the patient a copy."
    ),
)
ABN_FOR_PATIENTS = (
    N_(
        "Before the visit, the clinic goes through Medicare's own form CMS-R-131 with you and gives you a copy. This "
        "paper shows what that form would say. Signing here doesn't count."
    ),
)
NOTIFIER, PATIENT, NUMBER = (
    N_("Notifier"),
    N_("Patient's name"),
    N_("Identification number, if any (never the Medicare number)"),
)
ABN_SERVICES = N_("What Medicare may not pay, why, and what it costs")
ABN_SERVICE, ABN_REASON, ABN_COST = N_("Service"), N_("Reason Medicare may not pay"), N_("Estimated cost")
OPTIONS = N_("The patient chooses one")
ABN_OPTIONS = (
    N_(
        "Option 1. I want the services above. I may be asked to pay now, and I want Medicare billed for an "
        "official decision, which is sent to me on a Medicare Summary Notice. If Medicare does not pay, I am "
        "responsible, and I can appeal. If it pays, what I paid comes back to me, less my copays and "
        "deductibles."
    ),
    N_(
        "Option 2. I want the services above, but Medicare is not to be billed. I may be asked to pay now, "
        "and I am responsible. I cannot appeal."
    ),
    N_("Option 3. I do not want the services above. I owe nothing for them, and I cannot appeal."),
)
MORE = N_("Additional information")
SIGN = N_("Signature")
SIGNATURE, SIGNED_ON = N_("Signature of the patient or representative"), N_("Date")
MODIFIER = N_("For the clinic: the modifier on the claim")
MODIFIER_CHOSEN = N_("This clinic has chosen {modifier}: {meaning}")
MODIFIER_OPEN = N_("This clinic has chosen none yet. Tick the one that its Medicare contractor asks for:")
MODIFIER_DISPUTED = N_(
    "Which modifier belongs to needling by a physical therapist is disputed. The American Physical "
    "Therapy Association (2020) and WebPT (2025) say GX. Follow the contractor."
)
MODIFIERS = {
    "GA": N_(
        "a notice that is required was given and is on file (denial as not reasonable and necessary is expected)."
    ),
    "GX": N_("a voluntary notice was given."),
    "GY": N_("the service is excluded by law or is no Medicare benefit; no notice is required."),
    "GZ": N_(
        "denial as not reasonable and necessary is expected, and no notice was given: the patient can't be billed."
    ),
}

# The consent for commercial plans: service-specific, signed before the visit, naming service and price.
CONSENT_TITLE = N_("Consent to pay what my plan may not")
MY_INSURER, THE_INSURER = N_("my insurer"), N_("the insurer")
CONSENT_SUBTITLE = N_("{plan}. Prepared on {day}.")
CONSENT_FOOTER = N_("This consent is for the services named here and no others. The patient keeps a copy.")
CONSENT_WHAT_TITLE = N_("Read this before the first visit with these services: {day}")
CONSENT_WHAT = (
    N_("You can say no. The clinic then leaves these services out and you still get the rest of your care."),
    N_("This form is only valid if signed before the visit, and only if it names the service and its price."),
)
SERVICES = N_("The services, why your plan may not pay, and their price")
SERVICE, REASON, VISITS, EACH, COST = N_("Service"), N_("Why"), N_("Visits"), N_("Price a visit"), N_("Price of all")
TOTAL = N_("Total")
ESTIMATED = N_(
    "These prices come from a published range, not the clinic's list; the clinic writes in its own before"
    " anybody signs: {services}."
)
ESTIMATED_FOR_PATIENTS = N_(
    "These prices come from a published range, not the clinic's list: {services}. Ask the clinic for its own prices "
    "before you sign."
)
AGREE = N_("What I sign")
AGREEMENT = (
    N_("Before the visit I was told that {payer} may not pay for the services above, and why."),
    N_("I was told the price of each visit and of all visits together: {total}."),
    N_("I want these services. If {payer} does not pay for them, I will pay the prices above and no more."),
    N_("I can take this back for the visits to come at any time, in writing or in person."),
    N_("I may ask the clinic to send the claim to {payer} first, and I may appeal its decision."),
)
DECISION = N_("My decision")
DECISIONS = (
    N_("Yes, I want these services, and I agree to pay for them if my plan does not."),
    N_("No, I do not want these services."),
)
CLINIC = N_("The clinic")
CLINIC_NAME, PHONE = N_("Name of the clinic"), N_("Phone")
PATIENT_NAME, BIRTH = N_("Patient's name"), N_("Date of birth")
STAFF, STAFF_DATE = N_("Name and signature for the clinic"), N_("Date and time, before the visit")
DATE = N_("Date and time, before the visit")
CHECK_CONTRACT = N_(
    "For the clinic: some contracts and states want the plan's own form, or forbid billing in spite of a "
    "consent. Check yours with {payer} first."
)

REASONS = {
    "investigational": N_("{payer} counts it as investigational: not enough research, in its view."),
    "not-medically-necessary": N_("{payer} doesn't count it as medically necessary."),
    "excluded": N_("{payer} doesn't cover it."),
    "not-in-benefits": N_("The plan doesn't list it among the services that it pays for."),
    "network-not-covered": N_("The plan pays nothing for it with this clinic's network."),
    "cover-unknown": N_("It isn't known whether the plan pays for it."),
    "limit-passed": N_("It lies past the plan's limit."),
}
OTHER_REASON = N_("The plan doesn't pay for it.")
