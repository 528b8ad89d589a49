"""What the templates of the call log are given, and its entries as CSV."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from estimator.billing.calls import MOST_LABEL, MOST_NOTE, CallEntry, SoughtCalls, call_written, is_old, payers_called
from estimator.engine.codes import is_service_code
from estimator.errors import RequestRefused
from estimator.web import shelf
from estimator.web.patient.call_answers_asking import ask_about, service_named
from estimator.web.patient.call_answers_carried import FIELD, with_call
from estimator.web.patient.call_answers_words import FROM_VISIT, page_words
from estimator.web.staff.access import staff_shelf
from estimator.web.staff.calls_typing import FIELDS, Asked, call_typed, field_of

SOURCE_WORDS = {
    "telephone": "on the telephone",
    "letter": "in a letter",
    "member-site": "on the payer’s site",
    "eligibility": "in an eligibility answer",
}
FILTERS = ("plan", "payer", "case", "since", "until")
HEADER = (
    "number", "day", "plan", "payer", "case label", "how", "reference", "representative", "question", "answer", "note",
    "entered by", "entered at (UTC)", "corrects", "corrected by",
)  # fmt: skip
_NO_DAY = "Write a day such as 2026-03-02."


def sought_in(asked: Mapping[str, str]) -> tuple[SoughtCalls, dict[str, str]]:
    """Return which entries are meant, and what is wrong beside its field; a day that is none restricts nothing."""
    errors: dict[str, str] = {}
    plan, payer, case = (asked.get(name, "").strip() for name in ("plan", "payer", "case"))
    return SoughtCalls(plan, payer, case, _day(asked, "since", errors), _day(asked, "until", errors)), errors


def list_page(entries: Sequence[CallEntry], asked: Mapping[str, str], errors: dict[str, str], today: date) -> Any:
    """Return what the page with every entry shows."""
    typed = {name: asked.get(name, "") for name in FILTERS}
    return {
        "shown": [shown(entry, today) for entry in entries],
        "typed": typed,
        "errors": errors,
        "payers": [(payer, payer) for payer in payers_called(staff_shelf().engine)],
        "asked": urlencode({name: words for name, words in typed.items() if words}),
    }


def shown(entry: CallEntry, today: date) -> dict[str, Any]:
    """Return an entry with its questions and answers in words."""
    return {
        "entry": entry,
        "how": SOURCE_WORDS[entry.source],
        "old": is_old(entry, today),
        "said": [said(told) for told in entry.answers],
    }


def estimate_fields(entry: CallEntry) -> dict[str, str]:
    """Return the fields of the estimate's form by which it counts with an entry."""
    told = with_call({"plan": entry.plan_id, FIELD: ""}, call_written(entry))
    return {**told, "reader": "biller"}


def form_page(
    asked: Asked, typed: Mapping[str, str], today: date, refused: RequestRefused | None = None
) -> dict[str, Any]:
    """Return what the form of a new entry shows, with what is wrong beside each field."""
    errors: dict[str, str] = defaultdict(str)
    summary: list[tuple[str | None, str]] = []
    legends = {ask.name: f"{ask.legend} " for ask in asked.asks}
    of_call = call_typed(typed, asked)
    for problem in refused.problems if refused else ():
        field = field_of(problem.path, of_call)
        if not field or not errors[field]:
            summary.append((field, f"{legends.get(field or '', '')}{problem.message}"))
        if field:
            errors[field] = errors[field] or problem.message
    return {
        "plan": asked.plan,
        "asks": asked.asks,
        "typed": defaultdict(str, {name: words for name, words in typed.items() if name in _names(asked)}),
        "errors": errors,
        "summary": summary,
        "words": page_words(),
        "from_words": FROM_VISIT,
        "sources": [(name, f"{words[:1].upper()}{words[1:]}") for name, words in SOURCE_WORDS.items()],
        "most_note": MOST_NOTE,
        "most_label": MOST_LABEL,
        "today": today.isoformat(),
    }


def csv_rows(entries: Sequence[CallEntry]) -> Iterator[Sequence[object]]:
    """Yield one row for each answer of each entry."""
    for entry in entries:
        head = (entry.id, entry.told_on, entry.plan_id, entry.payer, entry.case_label, SOURCE_WORDS[entry.source])
        end = (
            entry.note,
            entry.by,
            f"{entry.entered_at:%Y-%m-%d %H:%M}",
            entry.corrects or "",
            entry.corrected_by or "",
        )
        for told in entry.answers:
            yield (*head, entry.reference, entry.representative, *said(told), *end)


def said(told: Mapping[str, Any]) -> tuple[str, str]:
    """Return a question and its answer in words.

    >>> said({"asks": "cost-share", "subject": "copay", "answer": "40.00"})
    ('Your copay for a visit of physical therapy', '$40.00')
    """
    subject = told.get("subject", "")
    service = service_named(subject, shelf.names().get(subject, subject)) if is_service_code(subject) else ""
    ask = ask_about(told["asks"], subject, service)
    answer = dict(ask.options).get(told["answer"], told["answer"])
    if ask.kind == "money" and answer[:1].isdecimal():
        answer = f"${answer}"
    return ask.legend, f"{answer}, from visit {told['from_visit']} on" if "from_visit" in told else answer


def _day(asked: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(asked[name]) if asked.get(name) else None
    except ValueError:
        errors[name] = _NO_DAY
        return None


def _names(asked: Asked) -> set[str]:
    return {*FIELDS, *(ask.name for ask in asked.asks), *(ask.from_name for ask in asked.asks if ask.from_name)}


def json_text(written: Mapping[str, Any]) -> str:
    """Write a call as a request tells it."""
    return json.dumps(written, ensure_ascii=False, indent=1)
