"""The plan definition that a person's answers about an unlisted plan make, and those answers in words.

Each answer may be "I don't know"; an amount that was typed counts, whatever else was left ticked beside it. What is
not known is written `unknown`: it widens the estimate and becomes a question. Amounts are read where every plan is
read, so that the same things are refused with the same words.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from estimator.engine.plan import Plan
from estimator.engine.values import WHOLE, ZERO, Money, Rate
from estimator.errors import PlanFileRefused, Problem
from estimator.language import N_, _
from estimator.web.common import number_in, shelf
from estimator.web.patient.choices import MY_PLAN, MY_PLAN_TITLES, SUPPLEMENTS, UNKNOWN
from estimator.web.patient.fields import BOXES, MY_PLAN_STARTS, field_at
from estimator.web.patient.form import Answers
from estimator.wording.words import counted, listed, short_day

_SERVICES = ["pt-evaluation", "pt-timed", "pt-untimed"]
_ORDERS = ("applies", "waived")
_NEEDLING = {"yes": "covered", "no": "excluded"}
_WRITE_OR_TICK = {
    1: N_("Enter an amount, like 1500, or check “I don’t know”."),
    2: N_("Enter a copay, like 40, or a percentage, like 20%, or check “I don’t know”."),
}
_SHARED_WORDS: Mapping[str, str] = {
    "occupational": N_("Visits of occupational therapy use up the same limit."),
    "all": N_("Visits of occupational and speech therapy use up the same limit."),
    "chiropractic": N_("Visits of chiropractic care use up the same limit."),
}
_SOURCE = "told"
_PAYER = N_("Your insurer")
_NOBODY_KNOWS = "commercial-needling-unknown"


def definition_of(answers: Answers, today: date) -> dict[str, Any]:
    """Turn the answers into a plan definition."""
    source = {
        "title": _("What you told us, {day}").format(day=short_day(today)),
        "url": "none",
        "read_on": today.isoformat(),
        "confidence": "medium",
    }
    limit = _limit(answers)
    definition = {
        "plan": MY_PLAN,
        "title": _(MY_PLAN_TITLES.get(answers["reader"], MY_PLAN_TITLES["patient"])),
        "payer": _(_PAYER),
        "kind": "published",
        "market": "employer",
        "in_force": _year_of(answers),
        "sources": {_SOURCE: source},
        "networks": {"in-network": _network(answers), "out-of-network": "unknown"},
        "limits": {"therapy-visits": limit} if limit else {},
        "benefits": {"physical-therapy": _therapy(answers, list(("therapy-visits",) if limit else ()))},
        "policies": [_policy(answers["my_needling"])],
        "notes": list(_notes(answers)),
    }
    return {key: part for key, part in definition.items() if part}


def _year_of(answers: Answers) -> dict[str, str]:
    """Return the days that the answers hold for: the year of the first visit. Nobody asked about the next one."""
    try:
        year = date.fromisoformat(answers.get("first_day", "")).year
    except ValueError:
        return {}
    return {"first_day": f"{year}-01-01", "last_day": f"{year}-12-31"}


def problems_of(answers: Answers, today: date) -> list[Problem]:
    """Return what is wrong with the answers; each problem's path is the name of a field."""
    problems = {problem.path: problem for problem in _unreadable(answers, today)}
    for problem in _unsaid(answers):
        problems.setdefault(problem.path, problem)
    return list(problems.values())


def _unreadable(answers: Answers, today: date) -> Iterator[Problem]:
    try:
        shelf().plan_from(definition_of(answers, today), today)
    except PlanFileRefused as refused:
        for problem in refused.problems:
            field = field_at(f"plan.{problem.path}")
            name = field.name if field and field.name in MY_PLAN_STARTS else "my_deductible"
            yield Problem(name, problem.message)


def _unsaid(answers: Answers) -> Iterator[Problem]:
    """Find questions with no answer at all, and answers that contradict each other."""
    for box, fields in BOXES.items():
        if not answers[box] and not any(answers[field] for field in fields):
            yield Problem(fields[0], _(_WRITE_OR_TICK[len(fields)]))
    if _is_beyond_the_whole(_percentage(answers["my_coinsurance"])):
        yield Problem("my_coinsurance", _("Enter a percentage from 0% to 100%, like 20%."))
    if answers["my_limit"] == "number" and not answers["my_visits"]:
        yield Problem("my_visits", _("Enter how many visits, like 30."))
    if answers["my_limit"] == "none" and answers["my_visits"]:
        yield Problem("my_visits", _("You chose “No” above. Leave this empty, or choose “Yes”."))
    if answers["my_authorization"] == "later" and not answers["my_authorization_from"]:
        yield Problem("my_authorization_from", _("Enter the visit number, like 13."))
    if answers["my_authorization"] in ("no", "first") and answers["my_authorization_from"]:
        yield Problem("my_authorization_from", _("Leave this empty, or choose “after some visits” above."))


def _network(answers: Answers) -> dict[str, Any]:
    deductible, maximum = answers["my_deductible"], answers["my_maximum"]
    # Nobody asked for a family's amounts: where more people share the plan, they are not known.
    family = {"family": UNKNOWN} if answers["family"] == "yes" else {}
    account = (
        {"high_deductible": {"cite": _told(_("health savings account"))}} if answers["my_account"] == "yes" else {}
    )
    return {
        **account,
        "deductible": "none" if _is_zero(deductible) else _ceiling(deductible, _("deductible"), family),
        "out_of_pocket_max": _ceiling(maximum, _("out-of-pocket maximum"), family),
    }


def _ceiling(amount: str, name: str, family: Mapping[str, str]) -> Any:
    return {"person": amount, **family, "cite": _told(name)} if amount else UNKNOWN


def _therapy(answers: Answers, limits: list[str]) -> dict[str, Any]:
    therapy = {
        "services": _SERVICES,
        "limits": limits,
        "authorization": _authorization(answers),
        "referral": {"no": "none", "yes": {"from_visit": "1", "cite": _told(_("referral"))}}.get(
            answers["my_referral"], UNKNOWN
        ),
        "cost_share": {"in-network": _share(answers), "out-of-network": UNKNOWN},
        "cite": _told(_("physical therapy")),
    }
    return {key: part for key, part in therapy.items() if part}


def _share(answers: Answers) -> dict[str, str]:
    said = {"copay": answers["my_copay"], "coinsurance": _percentage(answers["my_coinsurance"])}
    written = {key: amount for key, amount in said.items() if amount} or dict.fromkeys(said, UNKNOWN)
    order = answers["my_order"] if answers["my_order"] in _ORDERS else UNKNOWN
    is_free = _is_zero(answers["my_deductible"])
    return {**written, "deductible": "waived" if is_free else order, "cite": _told(_("physical therapy"))}


# Whether visits of occupational therapy use up the limit, by what the person says does; not said of chiropractic care.
_OTHER_THERAPY_COUNTS = {"nothing": "no", "occupational": "yes", "all": "yes"}


def _limit(answers: Answers) -> dict[str, str]:
    if answers["my_limit"] == "none" and not answers["my_visits"]:
        return {}
    limit = {"visits": answers["my_visits"] or UNKNOWN, "per": "benefit-year", "cite": _told(_("limit on visits"))}
    counts = _OTHER_THERAPY_COUNTS.get(answers["my_shared"]) if answers["my_visits"] else None
    return limit | ({"other_therapy_counts": counts} if counts else {})


def _authorization(answers: Answers) -> Any:
    if answers["my_authorization_from"]:
        return {"from_visit": answers["my_authorization_from"], "cite": _told(_("approval"))}
    first = {"from_visit": "1", "cite": _told(_("approval"))}
    return {"no": "none", "first": first}.get(answers["my_authorization"], UNKNOWN)


def _policy(answer: str) -> Any:
    if answer not in _NEEDLING:
        return _NOBODY_KNOWS
    return {
        "policy": "my-plan-needling",
        "payer": _(_PAYER),
        "services": ["dry-needling"],
        "position": _NEEDLING[answer],
        "under": "physical-therapy",
        "cite": _told(_("dry needling")),
    }


def _notes(answers: Answers) -> Iterator[dict[str, str]]:
    if answers["my_visits"] and (words := _SHARED_WORDS.get(answers["my_shared"])):
        counted = _("Count them among the visits used so far.")
        yield {"text": f"{_(words)} {counted}", "cite": _told(_("limit on visits"))}


def _told(place: str) -> str:
    return f"{_SOURCE} {place}"


def _percentage(typed: str) -> str:
    return f"{typed.rstrip('% ')}%" if typed else ""


def _is_zero(amount: str) -> bool:
    try:
        return Money.parse(amount) == ZERO
    except ValueError:
        return False


def _is_beyond_the_whole(percentage: str) -> bool:
    try:
        return Rate.parse(percentage) > WHOLE
    except ValueError:
        return False


# ----------------------------------------------------------------------------
# A second plan: one that pays after Medicare (Medigap, QMB, TRICARE For Life) goes with Original Medicare alone.
# ----------------------------------------------------------------------------


def second_plan_of(answers: Answers, first: Plan) -> dict[str, Any] | None:
    """Return the second plan of a request; None where there is none, or where it does not go with the first."""
    second = answers["second"]
    if not second or second == first.id or first.supplement is not None:
        return None
    return {"plan": second} if second not in SUPPLEMENTS or first.market == "medicare" else None


# ----------------------------------------------------------------------------
# What was said of the plan, in words.
# ----------------------------------------------------------------------------

_SHARED_WITH: Mapping[str, str] = {
    "nothing": N_("for physical therapy only"),
    "occupational": N_("together with occupational therapy"),
    "all": N_("together with occupational and speech therapy"),
    "chiropractic": N_("together with chiropractic care"),
}
_DEDUCTIBLE_FIRST: Mapping[str, str] = {"applies": N_("yes"), "waived": N_("no")}
_APPROVAL_WORDS: Mapping[str, str] = {"no": N_("not needed"), "first": N_("needed from the first visit")}
_ACCOUNT_WORDS: Mapping[str, str] = {"yes": N_("yes"), "no": N_("no")}
_REFERRAL_WORDS: Mapping[str, str] = {"yes": N_("needed"), "no": N_("not needed")}
_NEEDLING_WORDS: Mapping[str, str] = {"yes": N_("paid by the plan"), "no": N_("not paid by the plan")}
_NOT_KNOWN = N_("you don’t know")
_NOT_KNOWN_WHAT_ELSE = N_("you don’t know what else uses them up")


def facts(answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield what was said of the plan, in words."""
    yield _("Deductible for one person"), _amount_words(answers["my_deductible"])
    yield _("Out-of-pocket maximum for one person"), _amount_words(answers["my_maximum"])
    yield _("Health savings account (HSA)"), _chosen(_ACCOUNT_WORDS, answers["my_account"])
    yield _("For a visit you pay"), _share_words(answers)
    yield _("Deductible first?"), _chosen(_DEDUCTIBLE_FIRST, answers["my_order"])
    yield _("Limit on visits"), _limit_words(answers)
    yield _("Approval in advance"), _approval_words(answers)
    yield _("Referral"), _chosen(_REFERRAL_WORDS, answers["my_referral"])
    yield _("Dry needling"), _chosen(_NEEDLING_WORDS, answers["my_needling"])


def _amount_words(typed: str) -> str:
    return f"${typed.lstrip('$')}" if typed else _(_NOT_KNOWN)


def _share_words(answers: Answers) -> str:
    copay, percentage = answers["my_copay"], answers["my_coinsurance"]
    parts = []
    if copay:
        parts.append(_("a copay of {amount}").format(amount=_amount_words(copay)))
    if percentage:
        parts.append(_("{percentage} of the price").format(percentage=f"{percentage.rstrip('%')}%"))
    return listed(parts) or _(_NOT_KNOWN)


def _limit_words(answers: Answers) -> str:
    visits = answers["my_visits"]
    if not visits:
        return _("none") if answers["my_limit"] == "none" else _(_NOT_KNOWN)
    words = counted(number, "visit") if (number := number_in(answers, "my_visits", -1)) >= 0 else visits
    return _("{visits} a year, {shared}").format(
        visits=words, shared=_(_SHARED_WITH.get(answers["my_shared"], _NOT_KNOWN_WHAT_ELSE))
    )


def _approval_words(answers: Answers) -> str:
    if answers["my_authorization_from"]:
        return _("needed from visit {number} on").format(number=answers["my_authorization_from"])
    return _chosen(_APPROVAL_WORDS, answers["my_authorization"])


def _chosen(words: Mapping[str, str], answer: str) -> str:
    return _(words.get(answer, _NOT_KNOWN))
