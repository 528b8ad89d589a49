"""The lists that the form offers, in the order and the words in which a patient reads them."""

from collections.abc import Mapping, Sequence

from estimator.domain.plan import Plan
from estimator.store.searching import PlanRow
from estimator.web.my_plan.questions import LABELS as MY_PLAN_LABELS

Option = tuple[str, str]

PROVIDERS: Sequence[Option] = (
    ("physical-therapist", "Physical therapist"),
    ("physical-therapist-assistant", "Physical therapist assistant"),
    ("occupational-therapist", "Occupational therapist"),
    ("chiropractor", "Chiropractor"),
    ("acupuncturist", "Acupuncturist"),
    ("physician", "Physician"),
    ("nurse-practitioner", "Nurse practitioner"),
    ("physician-assistant", "Physician assistant"),
    ("clinical-nurse-specialist", "Clinical nurse specialist"),
)
NETWORKS: Sequence[Option] = (
    ("in-network", "In network"),
    ("out-of-network", "Out of network"),
)
SETTINGS: Sequence[Option] = (
    ("office", "A clinic or private practice"),
    ("hospital-outpatient", "An outpatient department of a hospital"),
)
EXPERIENCES: Sequence[Option] = (
    ("standard", "Usual, or I don’t know"),
    ("new", "New to needling"),
    ("senior", "Many years, or a specialist"),
)
NEEDLING: Sequence[Option] = (
    ("20561", "3 or more muscles in a visit"),
    ("20560", "1 or 2 muscles in a visit"),
    ("none", "No dry needling"),
)
YES_OR_NO: Sequence[Option] = (("yes", "Yes"), ("no", "No"))
YES_NO_UNKNOWN: Sequence[Option] = (("yes", "Yes"), ("no", "No"), ("unknown", "I don’t know"))
PURPOSES: Sequence[Option] = (
    ("", "I don’t know"),
    ("rehabilitative", "To get better after an injury, an illness or a time of pain"),
    ("habilitative", "To learn a skill for the first time"),
    ("maintenance", "To keep what I have"),
)
READERS: Mapping[str, str] = {"patient": "patients", "biller": "billing staff"}
# The kinds of plan, in the order in which the form offers them.
MARKETS: Mapping[str, str] = {
    "medicare": "Original Medicare",
    "medicare-advantage": "Medicare Advantage",
    "marketplace": "Marketplace (HealthCare.gov)",
    "employer": "Employer plans (typical ones)",
    "tricare": "TRICARE",
    "fehb": "Federal employees (FEHB)",
    "workers-comp": "Workers’ compensation",
    "va": "Veterans Affairs (VA)",
    "medicaid": "Medicaid",
    "auto": "Auto insurance",
    "self-pay": "I pay myself",
}
# Those with thousands of plans, which are looked for by name on a page of their own.
BIG_MARKETS = ("medicare-advantage", "marketplace")
FIND_PREFIX = "find-"
DESCRIBE = "describe-my-plan"
MY_PLAN = "my-plan"
SELF_PAY_MARKET = "self-pay"
MY_PLAN_TITLES: Mapping[str, str] = {
    "patient": "Your plan, as you described it",
    "biller": "The plan, as the patient described it",
}
NOT_LISTED_LABEL = "My plan is not listed"
EXAMPLES_LABEL = "Fictional examples, to try things out"
_KINDS: Mapping[str, str] = {
    "published": "a real plan",
    "template": "a usual plan of its kind",
    "example": "fictional",
}
LABELS: Mapping[str, str] = {
    "zip": "ZIP code of the clinic",
    "locality": "Part of that ZIP code",
    "plan": "Your health plan",
    "visits": "Number of visits",
    "first_day": "First visit",
    "per_week": "Visits a week",
    "needling": "Dry needling",
    "exercise": "Exercise",
    "manual": "Hands-on (manual) therapy",
    "evaluation": "Does the first visit include an evaluation?",
    "provider": "Profession",
    "network": "Does the clinic have a contract with your plan?",
    "setting": "Place",
    "experience": "Experience with needling",
    "experience_factor": "Your own figure in place of our guess",
    "deductible_paid": "Deductible paid so far",
    "out_of_pocket_paid": "Out-of-pocket paid so far",
    "visits_used": "Therapy visits used so far",
    "family": "Does the plan cover more people than you?",
    "family_deductible_paid": "Deductible paid by all of you",
    "family_out_of_pocket_paid": "Out-of-pocket paid by all of you",
    "authorization": "Has your plan already approved these visits?",
    "authorization_visits": "Visits approved",
    "authorization_first_day": "Approved from",
    "authorization_last_day": "Approved until",
    "referral": "Has a doctor referred you?",
    "consent": "Have you signed a paper that names dry needling and its price?",
    "diagnosis": "Diagnosis code",
    "age": "Age",
    "symptom_weeks": "How long has it hurt?",
    "improving": "Does your record say that you are getting better?",
    "purpose": "What is the therapy for?",
    "needling_price": "What the clinic asks for dry needling, at one visit",
    **MY_PLAN_LABELS,
}
CONFIDENCE: Mapping[str, str] = {
    "high": "sure: read in the document itself or an official file",
    "medium": "fairly sure: one good source",
    "low": "unsure: an inference or an old text",
}


def kind_of(plan: Plan | PlanRow) -> str:
    """Say whether a plan is real, usual or fictional."""
    return "no plan" if plan.market == "self-pay" else _KINDS[plan.kind]
