"""The numbers that a person changes on the answer page, without going back to the form.

A copay, what is left of the deductible, and whether the plan pays for needling are told as the plan's own words where
the plan is only a stand-in or its papers are silent; visits are an answer of the form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from marshmallow import ValidationError

from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.values import Money, total
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract_values import MoneyField
from estimator.language import N_, _
from estimator.web.patient.choices import MY_PLAN, UNKNOWN
from estimator.web.patient.form import Answers, calls_in, with_call, without_calls_of
from estimator.web.patient.front import steps_of
from estimator.wording.answer import Answer

# A person reads these off the card or the plan's site.
_SOURCE = "member-site"
_TOLD_COVER = {"yes": "covered", "no": "not-paid"}
_BAD_COPAY = N_("Enter your copay in dollars, like 40.")
_BAD_LEFT = N_("Enter what is left of your deductible in dollars, like 250.")
_TOO_MUCH = N_("Your plan's deductible is {amount}. Enter what is left of it.")


class Numbers(NamedTuple):
    """What the boxes hold at first: amounts in dollars, empty where none is known, and the deductible of the year."""

    copay: str
    left: str
    whole: str
    covered: str


def numbers_shown(answer: Answer, answers: Answers) -> Numbers:
    """Return what an answer counted with."""
    first = answer.settled_visits[0]
    sums = first.accumulators.deductible
    taken = total(step.amount for step in steps_of([first], "deductible-taken"))
    copay = next((step.numbers["copay"] for step in steps_of(answer.settled_visits, "copay-charged")), "")
    return Numbers(
        copay=copay.removesuffix(".00"),
        left="" if sums is None or sums.left is None else _typed(Money(sums.left + taken)),
        whole="" if sums is None or sums.of is None else _typed(sums.of),
        covered=_covered(answers),
    )


def with_changes(answers: Answers, sent: Mapping[str, str], today: date) -> Answers:
    """Return the answers with the numbers that were changed; raise RequestRefused where one is no amount."""
    changed = {
        name: sent[f"now_{name}"].strip()
        for name in ("copay", "left", "covered")
        if f"now_{name}" in sent and sent[f"now_{name}"].strip() != sent.get(f"was_{name}", "").strip()
    }
    if not changed:
        return answers
    copay = _amount(changed.get("copay", ""), _BAD_COPAY)
    left = _amount(changed.get("left", ""), _BAD_LEFT)
    if answers["plan"] == MY_PLAN:
        return _of_described(answers, changed)
    if left is not None and sent.get("is_exact") == "yes":
        answers = {**answers, "deductible_paid": _paid(left, sent.get("whole", ""))}
        left = None
    told: list[dict[str, Any]] = []
    if copay is not None:
        told.append({"asks": "cost-share", "subject": "copay", "answer": f"{copay}"})
    if left is not None:
        told.append({"asks": "deductible", "answer": f"{left}"})
        answers = {**answers, "deductible_paid": ""}
    if changed.get("covered") in _TOLD_COVER and answers["needling"] in NEEDLING_CODES:
        answer = _TOLD_COVER[changed["covered"]]
        told.append({"asks": "payable", "subject": answers["needling"], "answer": answer})
    kept = [each for each in _told_here(answers) if all(_subject(each) != _subject(new) for new in told)]
    if changed.get("covered") == UNKNOWN:
        kept = [each for each in kept if each["asks"] != "payable"]
    bare = without_calls_of(answers, _SOURCE)
    return with_call(bare, _call([*kept, *told], today)) if kept or told else bare


def _call(told: Sequence[Mapping[str, Any]], today: date) -> dict[str, Any]:
    return {"on": today.isoformat(), "source": _SOURCE, "answers": list(told)}


def _told_here(answers: Answers) -> list[Any]:
    calls = calls_in(answers)
    known = [call for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []
    found = [call.get("answers") for call in known if call.get("source") == _SOURCE]
    return [each for told in found if isinstance(told, list) for each in told if isinstance(each, Mapping)]


def _subject(told: Mapping[str, Any]) -> tuple[Any, Any]:
    return told.get("asks"), told.get("subject")


def _covered(answers: Answers) -> str:
    if answers["plan"] == MY_PLAN:
        return answers["my_needling"] or UNKNOWN
    said = [each.get("answer") for each in _told_here(answers) if each.get("asks") == "payable"]
    return next((name for name, answer in _TOLD_COVER.items() if answer in said), UNKNOWN)


def _of_described(answers: Answers, changed: Mapping[str, str]) -> Answers:
    """Return the answers of a plan that the person described, each in its own field."""
    fields = {"copay": "my_copay", "left": "my_deductible", "covered": "my_needling"}
    put = {fields[name]: value for name, value in changed.items()}
    also = {"my_coinsurance": "", "my_share_unknown": ""} if changed.get("copay") else {}
    if "left" in changed:
        also |= {"my_deductible_unknown": "", "deductible_paid": ""}
    return {**answers, **put, **also}


def _paid(left: Money, written: str) -> str:
    whole = _amount(written, _BAD_LEFT) or Money(0)
    if left > whole:
        raise RequestRefused((Problem("used.deductible_paid", _(_TOO_MUCH).format(amount=f"${_typed(whole)}")),))
    return _typed(Money(whole - left))


def _amount(written: str, otherwise: str) -> Money | None:
    if not written:
        return None
    try:
        amount: Money = MoneyField().deserialize(written.removeprefix("$"))
    except ValidationError as error:
        raise RequestRefused((Problem("told", _(otherwise)),)) from error
    return amount


def _typed(amount: Money) -> str:
    whole, cents = divmod(int(amount), 100)
    return f"{whole}.{cents:02}" if cents else f"{whole}"
