"""The advance notices: the worksheet for Medicare's form CMS-R-131, and the consent that names service and price.

Which one fits depends on the plan's market. Where none fits, a sentence says what to do instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from estimator.engine.answer import Status
from estimator.language import _
from estimator.papers import notice_words as words
from estimator.papers.blocks import (
    Block,
    Column,
    Entry,
    Paper,
    bullets,
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
from estimator.wording.figures import listed, long_day, sentence, usd

_COMMERCIAL = frozenset({"employer", "marketplace", "fehb"})
_RANGES = ("price-cash", "price-regional")
_BLANK_LINES = 2


def notice_paper(case: Case) -> Paper:
    """Return the notice that fits the plan; raise PaperRefused where none does."""
    match case.plan.market:
        case "medicare":
            return _worksheet(case, _rows(case))
        case "self-pay":
            raise refused(_(words.NO_PLAN))
        case "medicare-advantage":
            raise refused(_(words.ADVANTAGE))
        case market if market in _COMMERCIAL:
            return _consent(case, _rows(case))
        case _:
            raise refused(sentence(_(words.OTHER_MARKET).format(payer=case.payer)))


def _rows(case: Case) -> list[Row]:
    may_be_signed = any(condition["needs"] == "consent" for condition in case.answer["conditions"])
    rows = rows_of(one for one in case.lines if _is_the_patients(one, may_be_signed))
    if not rows:
        raise refused(_(words.NO_LINE).format(plan=_(case.plan.title)))
    return rows


def _is_the_patients(one: Line, may_be_signed: bool) -> bool:
    """Tell whether the patient pays for a line that the plan may not pay: as it stands, or once a consent is signed."""
    status = one.line["status"]
    if status == Status.PROVIDER_ABSORBS:
        return may_be_signed and any(step["finding"] == "not-covered" for step in one.line["steps"])
    return status in (Status.PATIENT_BILLED, Status.UNKNOWN)


def _worksheet(case: Case, rows: Sequence[Row]) -> Paper:
    clinic = case.clinic
    notifier = "\n".join(filter(None, (clinic.name, clinic.street, clinic.place, clinic.phone)))
    columns = (
        Column(_(words.ABN_SERVICE), 4),
        Column(_(words.ABN_REASON), 5),
        Column(_(words.ABN_COST), 2, is_amount=True),
    )
    services = [(_service(row), _reason(row, case.payer), usd(row.total)) for row in rows]
    sign = [Entry(_(words.SIGNATURE), span=2), Entry(_(words.SIGNED_ON))]
    return Paper(
        title=_(words.ABN_TITLE),
        subtitle=_(words.ABN_SUBTITLE).format(day=long_day(case.as_of)),
        footer=_(words.ABN_FOOTER),
        page_words=_(words.PAGE),
        blocks=[
            note(map(_, words.ABN_WHAT), _(words.ABN_WHAT_TITLE)),
            fields([Entry(_(words.NOTIFIER), notifier, 2), Entry(_(words.PATIENT)), Entry(_(words.NUMBER))]),
            heading(_(words.ABN_SERVICES)),
            table(columns, services, (_(words.TOTAL), "", total_of(rows))),
            *_estimated(rows),
            together([heading(_(words.OPTIONS)), choices(map(_, words.ABN_OPTIONS))]),
            together([heading(_(words.MORE)), fields([Entry("")] * _BLANK_LINES, across=1)]),
            together([heading(_(words.SIGN)), fields(sign, across=3)]),
            *_modifier(clinic.modifier),
        ],
    )


def _modifier(chosen: str) -> Iterator[Block]:
    """Yield the clinic's choice, or all four to choose among: sources disagree, so we do not choose."""
    blocks = [heading(_(words.MODIFIER)), text(_(words.MODIFIER_DISPUTED))]
    if chosen:
        blocks.append(text(_(words.MODIFIER_CHOSEN).format(modifier=chosen, meaning=_(words.MODIFIERS[chosen]))))
    else:
        blocks += [
            text(_(words.MODIFIER_OPEN)),
            choices(f"{code}: {_(says)}" for code, says in words.MODIFIERS.items()),
        ]
    yield together(blocks)


def _consent(case: Case, rows: Sequence[Row]) -> Paper:
    clinic, payer = case.clinic, case.payer_or(_(words.MY_INSURER))
    first = long_day(date.fromisoformat(min(one.visit["day"] for row in rows for one in row.lines)))
    return Paper(
        title=_(words.CONSENT_TITLE),
        subtitle=_(words.CONSENT_SUBTITLE).format(plan=_(case.plan.title), day=long_day(case.as_of)),
        footer=_(words.CONSENT_FOOTER),
        page_words=_(words.PAGE),
        blocks=[
            note(map(_, words.CONSENT_WHAT), _(words.CONSENT_WHAT_TITLE).format(day=first)),
            fields(
                [
                    Entry(_(words.CLINIC_NAME), clinic.name),
                    Entry(_(words.PHONE), clinic.phone),
                    Entry(_(words.PATIENT_NAME)),
                    Entry(_(words.BIRTH)),
                ]
            ),
            heading(_(words.SERVICES)),
            _priced(rows, payer),
            *_estimated(rows),
            heading(_(words.AGREE)),
            bullets(sentence(_(each).format(payer=payer, total=total_of(rows))) for each in words.AGREEMENT),
            together([heading(_(words.DECISION)), choices(map(_, words.DECISIONS)), *_signatures()]),
            text(_(words.CHECK_CONTRACT).format(payer=case.payer_or(_(words.THE_INSURER))), "small"),
        ],
    )


def _priced(rows: Sequence[Row], payer: str) -> Block:
    columns = (
        Column(_(words.SERVICE), 4),
        Column(_(words.REASON), 4),
        Column(_(words.VISITS), is_amount=True),
        Column(_(words.EACH), 2, is_amount=True),
        Column(_(words.COST), 2, is_amount=True),
    )
    listing = [(_service(row), _reason(row, payer), str(len(row.lines)), usd(row.each), usd(row.total)) for row in rows]
    return table(columns, listing, (_(words.TOTAL), "", "", "", total_of(rows)))


def _signatures() -> Iterator[Block]:
    signed = [
        Entry(_(words.SIGNATURE), span=2),
        Entry(_(words.DATE)),
        Entry(_(words.STAFF), span=2),
        Entry(_(words.STAFF_DATE)),
    ]
    yield fields(signed, across=3)


def _estimated(rows: Sequence[Row]) -> Iterator[Block]:
    estimated = dict.fromkeys(row.name for row in rows if row.first["price"]["finding"] in _RANGES)
    if estimated:
        yield note([_(words.ESTIMATED).format(services=listed(list(estimated)))])


def _service(row: Row) -> str:
    return f"{row.name} ({row.code})"


def _reason(row: Row, payer: str) -> str:
    step = row.first["steps"][0]
    reason = words.REASONS.get(step["numbers"].get("position", step["finding"]), words.OTHER_REASON)
    return sentence(_(reason).format(payer=payer))
