"""What matters most: the three answers worth most, each with the field of the form that takes it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from estimator.estimates.sensitivity import ASKED_FIRST, what_matters
from estimator.language import N_, _
from estimator.web import shelf
from estimator.web.patient import choices
from estimator.web.patient.fields import field_of
from estimator.web.patient.questions import Answers, needles, request_of
from estimator.web.patient.reply import reader_of, request_asked
from estimator.wording.sensitivity import matters_of
from estimator.wording.words import cents_of

Matter = Mapping[str, Any]

# What an answer would tell, within "Knowing … could change this by $40.00".
_KNOWN = {
    "needling-policy": N_("whether the plan pays for dry needling"),
    "benefit-lists-service": N_("whether the plan pays for dry needling"),
    "network-cover": N_("what the plan pays in this network"),
    "cost-share": N_("the copay or percentage"),
    "deductible": N_("the deductible"),
    "out-of-pocket-max": N_("the yearly maximum"),
    "family-rule": N_("how the deductible works for a family"),
    "family-cover": N_("whether the plan covers a family"),
    "limit": N_("whether there is a limit on visits"),
    "limit-used": N_("how many covered visits are used"),
    "deductible-paid": N_("how much of the deductible is paid"),
    "deductible-visits-count": N_("whether visits under the deductible count"),
    "price-level": N_("the clinic’s prices"),
    "experience-factor": N_("what this provider’s experience costs"),
    "benefit-year": N_("when the plan’s year starts"),
    "authorization": N_("whether the visits are approved"),
    "referral": N_("whether there is a referral"),
    "improvement": N_("whether the record shows progress"),
    "justification": N_("whether more visits are explained in writing"),
    "consent": N_("whether a consent is signed"),
    "told": N_("whether the plan stands by what it told you"),
    "told-otherwise": N_("which of the plan’s two answers holds"),
    "visits-left": N_("how many visits are left"),
    "age": N_("the age"),
    "symptom-weeks": N_("how long it has hurt"),
    "diagnosis": N_("the diagnosis"),
    "zip-straddles": N_("the exact place of the clinic"),
}
_OTHERWISE = N_("the answer")
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
    return _(_KNOWN.get(matter["kind"], _OTHERWISE))


def _page_of(matter: Matter, answers: Answers) -> tuple[str, str] | None:
    """Return the page that asks for this and the field there; None where only the insurer or the clinic can tell."""
    if answers["plan"] == choices.MY_PLAN and matter["kind"] in _OF_MY_PLAN:
        return "/my-plan", _OF_MY_PLAN[matter["kind"]]
    if matter["kind"] == "price-level":
        return ("/", "needling_price") if needles(answers) else None
    field = field_of(matter["path"], request_of(answers)) if matter["path"] else None
    return ("/", field) if field else None
