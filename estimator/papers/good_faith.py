"""The Good Faith Estimate of 45 CFR 149.610, in the order of the model form CMS-10791.

Its elements are those of (c)(1)(i) to (x): patient; primary service and date; itemised list by provider; diagnosis and
service codes with charges; the provider's numbers and place; what is scheduled separately; the disclaimers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from estimator.billing.authorization_dates import business_days_later, due_when_asked, due_when_scheduled
from estimator.engine.answer import Status
from estimator.engine.codes import NEEDLING
from estimator.engine.values import months_later
from estimator.language import _
from estimator.papers import good_faith_words as words
from estimator.papers.blocks import (
    Block,
    Column,
    Entry,
    Paper,
    choices,
    fields,
    heading,
    note,
    table,
    text,
    together,
)
from estimator.papers.case import Case, Line, refused
from estimator.papers.rows import Row, rows_of, total_of
from estimator.prices.books import diagnoses
from estimator.wording.figures import counted, listed, long_day, usd
from estimator.wording.telling import plain

_FEDERAL = frozenset({"medicare", "medicare-advantage", "medicaid", "tricare", "va", "fehb"})
# 45 CFR 149.610(b)(1)(x)(B): one estimate for care that comes back holds for at most so many months.
_MOST_MONTHS = 12
_WEEK = timedelta(days=7)
_SEPARATE_LINES = 2


def good_faith_paper(case: Case) -> Paper:
    """Return the Good Faith Estimate; raise PaperRefused where no line is left to the patient."""
    lines = [one for one in case.lines if one.line["status"] == Status.PATIENT_BILLED]
    if not lines:
        raise refused(_(words.NOTHING_DUE).format(plan=_(case.plan.title)))
    end = months_later(_day(lines[0]), _MOST_MONTHS)
    within = [one for one in lines if _day(one) < end]
    rows = rows_of(within)
    days = sorted({_day(one) for one in within})
    today = long_day(case.as_of)
    return Paper(
        title=_(words.TITLE),
        subtitle=_(words.SUBTITLE).format(day=today),
        footer=_(words.FOOTER).format(day=today),
        page_words=_(words.PAGE),
        blocks=[
            *_draft(case, rows),
            *_scope_of_plan(case),
            *_patient(),
            *_service(case, rows, days, _beyond(lines, end)),
            *_summary(case, rows),
            *_due(case.as_of, days[0]),
            *_detail(case, rows),
            *_separate(),
            *_disclaimers(),
        ],
    )


def _draft(case: Case, rows: Sequence[Row]) -> Iterator[Block]:
    """Warn where a charge is not the clinic's own: a range that somebody published is not what it asks."""
    from_range = {each["assumes"] for each in case.answer["assumptions"]} & {"cash-price"}
    estimated = [
        row.name for row in rows if from_range or row.first["price"]["finding"] in ("price-cash", "price-regional")
    ]
    if estimated:
        services = listed(list(dict.fromkeys(estimated)))
        yield note([_(words.DRAFT).format(services=services)], _(words.DRAFT_TITLE))


def _scope_of_plan(case: Case) -> Iterator[Block]:
    if case.is_self_pay:
        return
    told = [_(words.ONLY_UNCOVERED).format(plan=_(case.plan.title))]
    if case.plan.market in _FEDERAL:
        told.append(_(words.FEDERAL))
    unknown = {one.line["name"] for one in case.lines if one.line["status"] == Status.UNKNOWN}
    if unknown:
        told.append(_(words.UNKNOWN).format(services=listed(sorted(unknown))))
    yield note(told, _(words.ONLY_UNCOVERED_TITLE))


def _patient() -> Iterator[Block]:
    """Yield the patient's block, all blank: no estimate of ours holds a name. (c)(1)(i)."""
    names = [Entry(label) for label in (_(words.FIRST_NAME), _(words.MIDDLE_NAME), _(words.LAST_NAME))]
    ids = [Entry(_(words.BIRTH)), Entry(_(words.NUMBER), span=2)]
    address = [
        Entry(_(words.ADDRESS), span=3),
        Entry(_(words.CITY_LINE), span=3),
        Entry(_(words.PHONE)),
        Entry(_(words.EMAIL), span=2),
    ]
    yield together([heading(_(words.PATIENT)), fields([*names, *ids, *address], across=3)])
    yield together([text(_(words.CONTACT)), choices(map(_, words.CONTACTS), across=2)])


def _service(case: Case, rows: Sequence[Row], days: Sequence[date], beyond: Sequence[date]) -> Iterator[Block]:
    """Yield the primary service, its diagnosis and its dates, with the scope of care that comes back. (c)(1)(ii)."""
    primary, *others = [*(case.asked.request.diagnoses or ()), ""]
    dates = _(words.ONE_DATE).format(day=long_day(days[0])) if len(days) == 1 else "; ".join(map(long_day, days))
    entries = [
        Entry(_(words.PRIMARY), _primary_service(rows), 2),
        Entry(_(words.PRIMARY_DIAGNOSIS), _diagnosis(primary)),
        Entry(_(words.OTHER_DIAGNOSES), "; ".join(_diagnosis(code) for code in others if code)),
        Entry(_(words.DATES), dates, 2),
    ]
    yield together([heading(_(words.SERVICE)), fields(entries), choices([_(words.NOT_SCHEDULED)])])
    if len(days) > 1:
        told = _(words.SCOPE_SAYS).format(
            visits=counted(len(days), "visit"), first=long_day(days[0]), last=long_day(days[-1]), often=_often(days)
        )
        more = [_(words.BEYOND).format(visits=counted(len(beyond), "visit"), day=long_day(beyond[0]))] if beyond else []
        yield note([told, *more], _(words.SCOPE))


def _primary_service(rows: Sequence[Row]) -> str:
    codes = {row.code for row in rows}
    if codes <= NEEDLING:
        return _(words.ONLY_NEEDLING)
    return _(words.MIXED) if codes & NEEDLING else _(words.NO_NEEDLING)


def _diagnosis(code: str) -> str:
    known = diagnoses().by_code.get(code)
    return f"{_(known.words)}, {code}" if known else code


def _often(days: Sequence[date]) -> int:
    return max(sum(day <= other < day + _WEEK for other in days) for day in days)


def _summary(case: Case, rows: Sequence[Row]) -> Iterator[Block]:
    total = total_of(rows)
    columns = (Column(_(words.PROVIDER), 3), Column(_(words.EXPECTED), 1, is_amount=True))
    provider = case.clinic.name or _(words.THIS_CLINIC)
    yield together([heading(_(words.SUMMARY)), table(columns, [(provider, total)], (_(words.TOTAL), total))])


def _detail(case: Case, rows: Sequence[Row]) -> Iterator[Block]:
    """Yield the provider with its numbers and place, and the itemised list. (c)(1)(iii) to (v)."""
    clinic, provider = case.clinic, case.asked.request.provider
    entries = [
        Entry(_(words.NAME), clinic.name),
        Entry(_(words.TYPE), plain(provider.type).capitalize()),
        Entry(_(words.NPI), clinic.npi),
        Entry(_(words.TIN), clinic.tin),
        Entry(_(words.ADDRESS), clinic.street),
        Entry(_(words.CITY_LINE), clinic.place),
        Entry(_(words.CONTACT_PERSON), clinic.contact),
        Entry(_(words.PHONE), clinic.phone),
        Entry(_(words.EMAIL), clinic.email),
        Entry(_(words.STATE), _state(case)),
    ]
    if provider.setting in words.PLACES:
        entries.append(Entry(_(words.WHERE), _(words.PLACES[provider.setting]), 2))
    title = _(words.DETAIL).format(provider=clinic.name or _(words.THIS_CLINIC)[:1].lower() + _(words.THIS_CLINIC)[1:])
    yield together([heading(title), fields(entries)])
    columns = (
        Column(_(words.SERVICE_NAME), 4), Column(_(words.DIAGNOSIS), 2),
        Column(_(words.CODE)), Column(_(words.QUANTITY), 3),
        Column(_(words.EACH), 2, is_amount=True), Column(_(words.CHARGE), 2, is_amount=True),
    )  # fmt: skip
    codes = ", ".join(case.asked.request.diagnoses or ()) or None
    yield table(columns, [_listed(row, codes) for row in rows], (_(words.TOTAL), "", "", "", "", total_of(rows)))
    yield text(_(words.SELF_PAY_CHARGE), "small")


def _state(case: Case) -> str:
    """Return the state of the care: as asked, as the ZIP code has it, or as the clinic's address does."""
    by_zip = (each["numbers"].get("state", "") for each in case.answer["notices"])
    return case.asked.request.state or next(filter(None, by_zip), case.clinic.state)


def _listed(row: Row, diagnosis: str | None) -> tuple[str | None, ...]:
    quantity = _(words.QUANTITY_SAYS).format(
        units=counted(row.units, "unit"), visits=counted(len({one.visit["number"] for one in row.lines}), "visit")
    )
    return row.name, diagnosis, row.code, quantity, usd(row.each), usd(row.total)


def _separate() -> Iterator[Block]:
    """Yield room for what is scheduled on its own. (c)(1)(vi)."""
    blanks = fields([Entry(_(words.SEPARATE_SERVICE))] * _SEPARATE_LINES, across=1)
    yield together([heading(_(words.SEPARATE)), text(_(words.SEPARATE_SAYS)), blanks])


def _disclaimers() -> Iterator[Block]:
    """Yield the disclaimers of (c)(1)(vii), (viii) and (x), and the right to dispute of (ix) and 45 CFR 149.620."""
    yield together([heading(_(words.DISCLAIMERS)), *map(text, map(_, words.DISCLAIMER))])
    yield note(map(_, words.DISPUTE), _(words.DISPUTE_TITLE))


def _due(as_of: date, first: date) -> Iterator[Block]:
    """Yield the last day for this estimate, counted from the day of the question."""
    asked, visit = long_day(as_of), long_day(first)
    due = due_when_scheduled(as_of, first)
    if due is None:
        scheduled = _(words.DUE_TOO_NEAR).format(visit=visit, day=asked)
    else:
        number = 1 if due == business_days_later(as_of, 1) else 3
        scheduled = _(words.DUE_SCHEDULED).format(
            visit=visit, day=asked, due=long_day(due), number=counted(number, "business day")
        )
    told = [scheduled] if first > as_of else []
    told.append(_(words.DUE_ASKED).format(day=asked, due=long_day(due_when_asked(as_of))))
    yield note([*told, _(words.DUE_RULE)], _(words.DUE))


def _beyond(lines: Sequence[Line], end: date) -> list[date]:
    return sorted({_day(one) for one in lines if _day(one) >= end})


def _day(one: Line) -> date:
    return date.fromisoformat(one.visit["day"])
