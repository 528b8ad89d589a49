"""What matters most: the three answers worth most, each with the field of the form that takes it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from estimator.usecases.mattering import ASKED_FIRST, what_matters
from estimator.web import choices, shelf
from estimator.web.fields import field_of
from estimator.web.figures import cents_of
from estimator.web.questions import Answers, needles, request_of
from estimator.web.reply import reader_of, request_asked
from estimator.wording.matters import matters_of

Matter = Mapping[str, Any]

# What an answer would tell, within "Knowing … could change this by $40.00".
_KNOWN = {
    "needling-policy": "whether the plan pays for dry needling",
    "benefit-lists-service": "whether the plan pays for dry needling",
    "network-cover": "what the plan pays in this network",
    "cost-share": "the copay or percentage",
    "deductible": "the deductible",
    "out-of-pocket-max": "the yearly maximum",
    "family-rule": "how the deductible works for a family",
    "family-cover": "whether the plan covers a family",
    "limit": "whether there is a limit on visits",
    "limit-used": "how many covered visits are used",
    "deductible-paid": "how much of the deductible is paid",
    "deductible-visits-count": "whether visits under the deductible count",
    "price-level": "the clinic’s prices",
    "experience-factor": "what this provider’s experience costs",
    "benefit-year": "when the plan’s year starts",
    "authorization": "whether the visits are approved",
    "referral": "whether there is a referral",
    "improvement": "whether the record shows progress",
    "justification": "whether more visits are explained in writing",
    "consent": "whether a consent is signed",
    "told": "whether the plan stands by what it told you",
    "told-otherwise": "which of the plan’s two answers holds",
    "visits-left": "how many visits are left",
    "age": "the age",
    "symptom-weeks": "how long it has hurt",
    "diagnosis": "the diagnosis",
    "zip-straddles": "the exact place of the clinic",
}
# Of a plan that the person described, these are asked on its own page.
_OF_MY_PLAN = {
    "needling-policy": "my_needling",
    "benefit-lists-service": "my_needling",
    "cost-share": "my_copay",
    "deductible": "my_deductible",
    "out-of-pocket-max": "my_maximum",
    "limit": "my_limit",
    "authorization": "my_authorization",
    "referral": "my_referral",
}


def matters_page(answers: Answers, today: date) -> dict[str, Any]:
    """Return what the page on what matters most shows."""
    found = what_matters(request_asked(answers, today), today, shelf.shelf(), prices=shelf.prices())
    told = matters_of(found, shelf.names(), reader_of(answers))
    first = [matter for matter in told["matters"] if cents_of(matter["worth"])][:ASKED_FIRST]
    return {
        "answers": answers,
        "told": told,
        "first": [{**matter, "known": _known(matter), "page": _page_of(matter, answers)} for matter in first],
        "others": told["matters"][len(first) :],
        "has_plan": found.plan.market != choices.SELF_PAY_MARKET,
    }


def _known(matter: Matter) -> str:
    return _KNOWN.get(matter["kind"], "the answer")


def _page_of(matter: Matter, answers: Answers) -> tuple[str, str] | None:
    """Return the page that asks for this and the field there; None where only the insurer or the clinic can tell."""
    if answers["plan"] == choices.MY_PLAN and matter["kind"] in _OF_MY_PLAN:
        return "/my-plan", _OF_MY_PLAN[matter["kind"]]
    if matter["kind"] == "price-level":
        return ("/", "needling_price") if needles(answers) else None
    field = field_of(matter["path"], request_of(answers)) if matter["path"] else None
    return ("/", field) if field else None
