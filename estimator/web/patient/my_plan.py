"""The plan definition that a person's answers about an unlisted plan make, and the field each part came from.

What is not known is written `unknown`: it widens the estimate and becomes a question. Amounts are read where
every plan is read, so that the same things are refused with the same words.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from estimator.engine.values import WHOLE, ZERO, Money, Rate
from estimator.errors import PlanFileRefused, Problem
from estimator.language import N_, _
from estimator.web.common import shelf
from estimator.web.patient.choices import AMOUNTS, BOXES, MY_PLAN, MY_PLAN_TITLES, SHARED_WORDS, UNKNOWN, Answers
from estimator.wording.words import short_day

_THERAPY = "benefits.physical-therapy"
_SHARE = f"{_THERAPY}.cost_share.in-network"
# Part of the definition and the field that it came from.
FIELDS: Mapping[str, str] = {
    "networks.in-network.deductible": "my_deductible",
    "networks.in-network.out_of_pocket_max": "my_maximum",
    f"{_SHARE}.copay": "my_copay",
    f"{_SHARE}.coinsurance": "my_coinsurance",
    f"{_SHARE}.deductible": "my_order",
    "limits.therapy-visits": "my_visits",
    f"{_THERAPY}.authorization": "my_authorization_from",
    f"{_THERAPY}.referral": "my_referral",
    "policies": "my_needling",
}
_SERVICES = ["pt-evaluation", "pt-timed", "pt-untimed"]
_ORDERS = ("applies", "waived")
_NEEDLING = {"yes": "covered", "no": "excluded"}
_WRITE_OR_TICK = {
    1: N_("Write an amount such as 1500, or tick “I don’t know”."),
    2: N_("Write a copay such as 40 or a percentage such as 20%, or tick “I don’t know”."),
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
        "sources": {_SOURCE: source},
        "networks": {"in-network": _network(answers), "out-of-network": "unknown"},
        "limits": {"therapy-visits": limit} if limit else {},
        "benefits": {"physical-therapy": _therapy(answers, list(("therapy-visits",) if limit else ()))},
        "policies": [_policy(answers["my_needling"])],
        "notes": list(_notes(answers)),
    }
    return {key: part for key, part in definition.items() if part}


def problems_of(answers: Answers, today: date) -> list[Problem]:
    """Return what is wrong with the answers; each problem's path is the name of a field."""
    problems = {problem.path: problem for problem in _unreadable(answers, today)}
    for problem in _unsaid(answers):
        problems.setdefault(problem.path, problem)
    return list(problems.values())


def field_of(path: str) -> str | None:
    """Return the field that a part of the definition came from."""
    while path:
        if path in FIELDS:
            return FIELDS[path]
        path = path.rpartition(".")[0]
    return None


def _unreadable(answers: Answers, today: date) -> Iterator[Problem]:
    try:
        shelf().plan_from(definition_of(answers, today), today)
    except PlanFileRefused as refused:
        for problem in refused.problems:
            yield Problem(field_of(problem.path) or "my_deductible", problem.message)


def _unsaid(answers: Answers) -> Iterator[Problem]:
    """Find questions with no answer at all, and answers that contradict each other."""
    for box, fields in BOXES.items():
        if not answers[box] and not any(answers[field] for field in fields):
            yield Problem(fields[0], _(_WRITE_OR_TICK[len(fields)]))
    if _is_beyond_the_whole(_percentage(answers["my_coinsurance"])):
        yield Problem("my_coinsurance", _("Write a percentage from 0% to 100%, such as 20%."))
    if answers["my_limit"] == "number" and not answers["my_visits"]:
        yield Problem("my_visits", _("Write how many visits, such as 30."))
    if answers["my_limit"] == "none" and answers["my_visits"]:
        yield Problem("my_visits", _("You chose “No” above. Leave this empty, or choose “Yes”."))
    if answers["my_authorization"] == "later" and not answers["my_authorization_from"]:
        yield Problem("my_authorization_from", _("Write from which visit, such as 13."))
    if answers["my_authorization"] in ("no", "first") and answers["my_authorization_from"]:
        yield Problem("my_authorization_from", _("Leave this empty, or choose “after some visits” above."))


def _network(answers: Answers) -> dict[str, Any]:
    deductible, maximum = (answers[field] for field in AMOUNTS)
    # Nobody asked for a family's amounts: where more people share the plan, they are not known.
    family = {"family": UNKNOWN} if answers["family"] == "yes" else {}
    return {
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


def _limit(answers: Answers) -> dict[str, str]:
    if answers["my_limit"] == "none" and not answers["my_visits"]:
        return {}
    return {"visits": answers["my_visits"] or UNKNOWN, "per": "benefit-year", "cite": _told(_("limit on visits"))}


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
    if answers["my_visits"] and (words := SHARED_WORDS.get(answers["my_shared"])):
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
