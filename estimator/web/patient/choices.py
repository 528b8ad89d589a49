"""The lists that the pages offer, in the order and the words in which a patient reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from estimator.engine.plan import Plan
from estimator.language import N_, _
from estimator.plans.read import DESCRIBED
from estimator.plans.shelf import PlanRow

Option = tuple[str, str]

UNKNOWN = "unknown"
ORDERS: Sequence[Option] = (
    ("applies", N_("Yes: I pay the full price until the deductible is met")),
    ("waived", N_("No: from the first visit I pay only the copay or percentage")),
    (UNKNOWN, N_("I don’t know")),
)
LIMITS: Sequence[Option] = (
    ("number", N_("Yes, a number of visits (enter it below)")),
    ("none", N_("No")),
    (UNKNOWN, N_("I don’t know")),
)
SHARED: Sequence[Option] = (
    ("nothing", N_("None: it is for physical therapy only")),
    ("occupational", N_("Occupational therapy")),
    ("all", N_("Occupational and speech therapy")),
    ("chiropractic", N_("Chiropractic care")),
    (UNKNOWN, N_("I don’t know")),
)
AUTHORIZATIONS: Sequence[Option] = (
    ("no", N_("No")),
    ("first", N_("Yes, from the first visit")),
    ("later", N_("Yes, but only after some visits (enter the number below)")),
    (UNKNOWN, N_("I don’t know")),
)
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
    ("new", N_("New to dry needling")),
    ("senior", N_("Many years, or a specialist")),
)
NEEDLING: Sequence[Option] = (
    ("20561", N_("3 or more muscles in a visit")),
    ("20560", N_("1 or 2 muscles in a visit")),
    ("none", N_("No dry needling")),
)
YES_OR_NO: Sequence[Option] = (("yes", N_("Yes")), ("no", N_("No")))
YES_NO_UNKNOWN: Sequence[Option] = (("yes", N_("Yes")), ("no", N_("No")), ("unknown", N_("I don’t know")))
# A Medigap letter says what its insurer pays; the names are those of the law.
SECONDS: Sequence[Option] = (
    ("", N_("No, or I don’t know")),
    *((f"medigap-{letter.lower()}", f"Medigap Plan {letter}") for letter in "ABCDFGKLMN"),
    ("qmb", N_("Medicaid for people with Medicare (QMB)")),
    ("tricare-for-life", N_("TRICARE For Life")),
    ("template-employer-ppo", N_("A plan from a job (a typical PPO)")),
)
# Those that only ever pay second.
SUPPLEMENTS = frozenset(value for value, _words in SECONDS if value and not value.startswith("template-"))
PURPOSES: Sequence[Option] = (
    ("", N_("I don’t know")),
    ("rehabilitative", N_("To get better after an injury, an illness or a time of pain")),
    ("habilitative", N_("To learn a skill for the first time")),
    ("maintenance", N_("To keep what I have")),
)


class Pay(NamedTuple):
    """A way to pay: its tile, the kinds of plan that go with it, and the plan taken where a person knows no more.

    `usual` is a plan of the list, empty where one has to be chosen; `{year}` is that of the first visit. `usual_says`
    names it in the list.
    """

    name: str
    label: str
    icon: str
    markets: tuple[str, ...]
    usual: str = ""
    usual_says: str = ""
    asks_insurer: bool = False


# In the order of the form.
PAYS: Sequence[Pay] = (
    Pay(
        "job", N_("Insurance from a job"), "case", ("employer", "fehb"),
        "template-employer-ppo", N_("I don’t know (a typical PPO)"), asks_insurer=True,
    ),
    Pay(
        "marketplace", N_("Marketplace plan"), "shop", ("marketplace",),
        "template-marketplace-silver", N_("I don’t know (a typical silver plan)"), asks_insurer=True,
    ),
    Pay(
        "medicare", N_("Medicare"), "heart", ("medicare", "medicare-advantage"),
        "original-medicare-{year}", N_("Original Medicare"),
    ),
    Pay("medicaid", N_("Medicaid"), "shield", ("medicaid",), "template-medicaid"),
    Pay("military", N_("TRICARE or VA"), "star", ("tricare", "va")),
    Pay("injury", N_("Work or car injury"), "car", ("workers-comp", "auto")),
    Pay("cash", N_("Paying cash"), "cash", ("self-pay",), "self-pay"),
    Pay("other", N_("I’m not sure"), "ask", (), asks_insurer=True),
)  # fmt: skip


class Typical(NamedTuple):
    """How many visits are typical for a condition: in words, with the study or clinic that says so."""

    condition: str
    visits: str
    source: str
    url: str


# From the course facts of November 2026; for neck pain and headache nobody has published a number.
TYPICAL_VISITS: Sequence[Typical] = (
    Typical(
        N_("Low back pain"), N_("6 or 7"),
        "Childs 2015, Fritz 2012", "https://pmc.ncbi.nlm.nih.gov/articles/PMC9164354/table/Tab3",
    ),
    Typical(
        N_("Shoulder or knee pain"), N_("4 to 6"),
        "EverythingPT (FL)", "https://github.com/Djmalevsky/GablesPhysicalTherapy",
    ),
    Typical(
        N_("After shoulder surgery"), N_("12 or more"),
        "PT Progress", "https://www.ptprogress.com/how-much-does-physical-therapy-cost/",
    ),
    Typical(
        N_("Any pain"), N_("about 10"),
        "PT Progress", "https://www.ptprogress.com/how-much-does-physical-therapy-cost/",
    ),
    Typical(
        N_("Visits with dry needling"), N_("3 to 6, usually 4"),
        "Gattie, Cleland, Snodgrass 2020", "https://pubmed.ncbi.nlm.nih.gov/32932050/",
    ),
)  # fmt: skip
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
    "self-pay": N_("Paying cash / no insurance"),
}
# Those with thousands of plans, which are looked for by name on a page of their own.
BIG_MARKETS = ("medicare-advantage", "marketplace")
FIND_PREFIX = "find-"
DESCRIBE = "describe-my-plan"
MY_PLAN = DESCRIBED
SELF_PAY_MARKET = "self-pay"
MY_PLAN_TITLES: Mapping[str, str] = {
    "patient": N_("Your plan, as you described it"),
    "biller": N_("The plan, as the patient described it"),
}
NOT_LISTED_LABEL = N_("My plan isn’t listed")
_KINDS: Mapping[str, str] = {
    "published": N_("a real plan"),
    "template": N_("a usual plan of its kind"),
    "example": N_("fictional"),
}
CONFIDENCE: Mapping[str, str] = {
    "high": N_("high confidence: read in the document itself or an official file"),
    "medium": N_("medium confidence: one good source"),
    "low": N_("low confidence: an inference or an old text"),
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
    "layers": N_("Layers"),
}


def kind_of(plan: Plan | PlanRow) -> str:
    """Say whether a plan is real, usual or fictional."""
    return _("no plan") if plan.market == "self-pay" else _(_KINDS[plan.kind])
