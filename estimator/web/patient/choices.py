"""The lists that the form offers, and what it asks of a plan that is not listed.

Each answer may be "I don't know". An amount that was written counts, whatever else was left ticked beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from estimator.engine.plan import Plan
from estimator.language import N_, _
from estimator.plans.search import PlanRow
from estimator.wording.words import counted, listed

Answers = Mapping[str, str]
Option = tuple[str, str]

UNKNOWN = "unknown"
AMOUNTS = ("my_deductible", "my_maximum")
SHARES = ("my_copay", "my_coinsurance")
# The boxes for "I don't know", and the fields that each of them stands for.
BOXES: Mapping[str, Sequence[str]] = {
    "my_deductible_unknown": ("my_deductible",),
    "my_maximum_unknown": ("my_maximum",),
    "my_share_unknown": SHARES,
}
START: Mapping[str, str] = {
    "my_deductible": "",
    "my_deductible_unknown": "",
    "my_maximum": "",
    "my_maximum_unknown": "",
    "my_copay": "",
    "my_coinsurance": "",
    "my_share_unknown": "",
    "my_order": UNKNOWN,
    "my_limit": UNKNOWN,
    "my_visits": "",
    "my_shared": UNKNOWN,
    "my_authorization": UNKNOWN,
    "my_authorization_from": "",
    "my_referral": UNKNOWN,
    "my_needling": UNKNOWN,
}
MY_PLAN_LABELS: Mapping[str, str] = {
    "my_deductible": N_("Deductible for one person, for a year"),
    "my_maximum": N_("Out-of-pocket maximum for one person, for a year"),
    "my_copay": N_("Copay for a visit of physical therapy"),
    "my_coinsurance": N_("Or your percentage (coinsurance)"),
    "my_order": N_("Must you pay the deductible first, before that copay or percentage counts?"),
    "my_limit": N_("Is there a limit on visits of physical therapy in a year?"),
    "my_visits": N_("How many visits a year"),
    "my_shared": N_("What else uses up that limit?"),
    "my_authorization": N_("Must the plan approve physical therapy in advance?"),
    "my_authorization_from": N_("Approval is needed from visit number"),
    "my_referral": N_("Does the plan ask for a doctor’s referral?"),
    "my_needling": N_("Does the plan pay for dry needling?"),
}
ORDERS: Sequence[Option] = (
    ("applies", N_("Yes: I pay the full price until the deductible is met")),
    ("waived", N_("No: from the first visit I pay only the copay or percentage")),
    (UNKNOWN, N_("I don’t know")),
)
LIMITS: Sequence[Option] = (
    ("number", N_("Yes, a number of visits (write it below)")),
    ("none", N_("No")),
    (UNKNOWN, N_("I don’t know")),
)
SHARED: Sequence[Option] = (
    ("nothing", N_("Nothing else: it is for physical therapy only")),
    ("occupational", N_("Occupational therapy")),
    ("all", N_("Occupational and speech therapy")),
    ("chiropractic", N_("Chiropractic care")),
    (UNKNOWN, N_("I don’t know")),
)
AUTHORIZATIONS: Sequence[Option] = (
    ("no", N_("No")),
    ("first", N_("Yes, from the first visit")),
    ("later", N_("Yes, but only after some visits (write below from which)")),
    (UNKNOWN, N_("I don’t know")),
)
SHARED_WORDS: Mapping[str, str] = {
    "occupational": N_("Visits of occupational therapy use up the same limit."),
    "all": N_("Visits of occupational and speech therapy use up the same limit."),
    "chiropractic": N_("Visits of chiropractic care use up the same limit."),
}
_SHARED_WITH: Mapping[str, str] = {
    "nothing": N_("for physical therapy only"),
    "occupational": N_("together with occupational therapy"),
    "all": N_("together with occupational and speech therapy"),
    "chiropractic": N_("together with chiropractic care"),
}
_DEDUCTIBLE_FIRST: Mapping[str, str] = {"applies": N_("yes"), "waived": N_("no")}
_APPROVAL: Mapping[str, str] = {"no": N_("not needed"), "first": N_("needed from the first visit")}
_REFERRAL: Mapping[str, str] = {"yes": N_("needed"), "no": N_("not needed")}
_NEEDLING: Mapping[str, str] = {"yes": N_("paid by the plan"), "no": N_("not paid by the plan")}
_NOT_KNOWN = N_("you don’t know")
_NOT_KNOWN_WHAT_ELSE = N_("you don’t know what else uses them up")


def facts(answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield what was said of the plan, in words."""
    yield _("Deductible for one person"), _amount(answers["my_deductible"])
    yield _("Out-of-pocket maximum for one person"), _amount(answers["my_maximum"])
    yield _("For a visit you pay"), _share(answers)
    yield _("Deductible first?"), _chosen(_DEDUCTIBLE_FIRST, answers["my_order"])
    yield _("Limit on visits"), _limit(answers)
    yield _("Approval in advance"), _approval(answers)
    yield _("Referral"), _chosen(_REFERRAL, answers["my_referral"])
    yield _("Dry needling"), _chosen(_NEEDLING, answers["my_needling"])


def _amount(typed: str) -> str:
    return f"${typed.lstrip('$')}" if typed else _(_NOT_KNOWN)


def _share(answers: Answers) -> str:
    copay, percentage = answers["my_copay"], answers["my_coinsurance"]
    parts = []
    if copay:
        parts.append(_("a copay of {amount}").format(amount=_amount(copay)))
    if percentage:
        parts.append(_("{percentage} of the price").format(percentage=f"{percentage.rstrip('%')}%"))
    return listed(parts) or _(_NOT_KNOWN)


def _limit(answers: Answers) -> str:
    visits = answers["my_visits"]
    if not visits:
        return _("none") if answers["my_limit"] == "none" else _(_NOT_KNOWN)
    words = counted(int(visits), "visit") if visits.isdecimal() else visits
    return _("{visits} a year, {shared}").format(
        visits=words, shared=_(_SHARED_WITH.get(answers["my_shared"], _NOT_KNOWN_WHAT_ELSE))
    )


def _approval(answers: Answers) -> str:
    if answers["my_authorization_from"]:
        return _("needed from visit {number} on").format(number=answers["my_authorization_from"])
    return _chosen(_APPROVAL, answers["my_authorization"])


def _chosen(words: Mapping[str, str], answer: str) -> str:
    return _(words.get(answer, _NOT_KNOWN))


# ----------------------------------------------------------------------------
# The lists that the form offers, in the order and the words in which a patient reads them.
# ----------------------------------------------------------------------------

PROVIDERS: Sequence[Option] = (
    ("physical-therapist", N_("Physical therapist")),
    ("physical-therapist-assistant", N_("Physical therapist assistant")),
    ("occupational-therapist", N_("Occupational therapist")),
    ("chiropractor", N_("Chiropractor")),
    ("acupuncturist", N_("Acupuncturist")),
    ("physician", N_("Physician")),
    ("nurse-practitioner", N_("Nurse practitioner")),
    ("physician-assistant", N_("Physician assistant")),
    ("clinical-nurse-specialist", N_("Clinical nurse specialist")),
)
NETWORKS: Sequence[Option] = (
    ("in-network", N_("In network")),
    ("out-of-network", N_("Out of network")),
)
SETTINGS: Sequence[Option] = (
    ("office", N_("A clinic or private practice")),
    ("hospital-outpatient", N_("An outpatient department of a hospital")),
)
EXPERIENCES: Sequence[Option] = (
    ("standard", N_("Usual, or I don’t know")),
    ("new", N_("New to needling")),
    ("senior", N_("Many years, or a specialist")),
)
NEEDLING: Sequence[Option] = (
    ("20561", N_("3 or more muscles in a visit")),
    ("20560", N_("1 or 2 muscles in a visit")),
    ("none", N_("No dry needling")),
)
YES_OR_NO: Sequence[Option] = (("yes", N_("Yes")), ("no", N_("No")))
YES_NO_UNKNOWN: Sequence[Option] = (("yes", N_("Yes")), ("no", N_("No")), ("unknown", N_("I don’t know")))
PURPOSES: Sequence[Option] = (
    ("", N_("I don’t know")),
    ("rehabilitative", N_("To get better after an injury, an illness or a time of pain")),
    ("habilitative", N_("To learn a skill for the first time")),
    ("maintenance", N_("To keep what I have")),
)
# The kinds of plan, in the order in which the form offers them.
MARKETS: Mapping[str, str] = {
    "medicare": N_("Original Medicare"),
    "medicare-advantage": N_("Medicare Advantage"),
    "marketplace": N_("Marketplace (HealthCare.gov)"),
    "employer": N_("Employer plans (typical ones)"),
    "tricare": N_("TRICARE"),
    "fehb": N_("Federal employees (FEHB)"),
    "workers-comp": N_("Workers’ compensation"),
    "va": N_("Veterans Affairs (VA)"),
    "medicaid": N_("Medicaid"),
    "auto": N_("Auto insurance"),
    "self-pay": N_("I pay myself"),
}
# Those with thousands of plans, which are looked for by name on a page of their own.
BIG_MARKETS = ("medicare-advantage", "marketplace")
FIND_PREFIX = "find-"
DESCRIBE = "describe-my-plan"
MY_PLAN = "my-plan"
SELF_PAY_MARKET = "self-pay"
MY_PLAN_TITLES: Mapping[str, str] = {
    "patient": N_("Your plan, as you described it"),
    "biller": N_("The plan, as the patient described it"),
}
NOT_LISTED_LABEL = N_("My plan is not listed")
EXAMPLES_LABEL = N_("Fictional examples, to try things out")
_KINDS: Mapping[str, str] = {
    "published": N_("a real plan"),
    "template": N_("a usual plan of its kind"),
    "example": N_("fictional"),
}
LABELS: Mapping[str, str] = {
    "zip": N_("ZIP code of the clinic"),
    "locality": N_("Part of that ZIP code"),
    "plan": N_("Your health plan"),
    "visits": N_("Number of visits"),
    "first_day": N_("First visit"),
    "per_week": N_("Visits a week"),
    "needling": N_("Dry needling"),
    "exercise": N_("Exercise"),
    "manual": N_("Hands-on (manual) therapy"),
    "evaluation": N_("Does the first visit include an evaluation?"),
    "provider": N_("Profession"),
    "network": N_("Does the clinic have a contract with your plan?"),
    "setting": N_("Place"),
    "experience": N_("Experience with needling"),
    "experience_factor": N_("Your own figure in place of our guess"),
    "deductible_paid": N_("Deductible paid so far"),
    "out_of_pocket_paid": N_("Out-of-pocket paid so far"),
    "visits_used": N_("Therapy visits used so far"),
    "family": N_("Does the plan cover more people than you?"),
    "family_deductible_paid": N_("Deductible paid by all of you"),
    "family_out_of_pocket_paid": N_("Out-of-pocket paid by all of you"),
    "authorization": N_("Has your plan already approved these visits?"),
    "authorization_visits": N_("Visits approved"),
    "authorization_first_day": N_("Approved from"),
    "authorization_last_day": N_("Approved until"),
    "referral": N_("Has a doctor referred you?"),
    "consent": N_("Have you signed a paper that names dry needling and its price?"),
    "diagnosis": N_("Diagnosis code"),
    "age": N_("Age"),
    "symptom_weeks": N_("How long has it hurt?"),
    "improving": N_("Does your record say that you are getting better?"),
    "purpose": N_("What is the therapy for?"),
    "needling_price": N_("What the clinic asks for dry needling, at one visit"),
    **MY_PLAN_LABELS,
}
CONFIDENCE: Mapping[str, str] = {
    "high": N_("sure: read in the document itself or an official file"),
    "medium": N_("fairly sure: one good source"),
    "low": N_("unsure: an inference or an old text"),
}
# What stands beside a citation, before and after the document is known.
TRUST: Mapping[str, str] = {
    "high": N_("confidence high"),
    "medium": N_("confidence medium"),
    "low": N_("confidence low"),
}
TRUST_SHORTLY: Mapping[str, str] = {
    "high": N_("high confidence"),
    "medium": N_("medium confidence"),
    "low": N_("low confidence"),
}
# From what an estimate can be made again.
INPUTS: Mapping[str, str] = {
    "plan": N_("Plan"),
    "price_books": N_("Price books"),
    "locality": N_("Locality"),
    "as_of": N_("As of"),
    "engine": N_("Engine"),
    "told": N_("Told"),
}


def kind_of(plan: Plan | PlanRow) -> str:
    """Say whether a plan is real, usual or fictional."""
    return _("no plan") if plan.market == "self-pay" else _(_KINDS[plan.kind])
