"""Every question that patients are asked, in one table: what it says, what it offers, and where its answer goes.

The pages draw their fields from this table, and so do the reading of a form, the field that a problem belongs to,
"What you told us", and the hidden fields that carry answers from page to page. To add a question, add a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from enum import Enum

from estimator.language import N_
from estimator.web.patient.choices import (
    AUTHORIZATIONS,
    EXPERIENCES,
    LIMITS,
    NEEDLING,
    NETWORKS,
    ORDERS,
    PROVIDERS,
    PURPOSES,
    SECONDS,
    SETTINGS,
    SHARED,
    UNKNOWN,
    YES_NO_UNKNOWN,
    YES_OR_NO,
    Option,
)

EVALUATION, EXERCISE, MANUAL = "97161", "97110", "97140"


class Kind(Enum):
    """How a question is asked, and how its answer is written in a request."""

    TEXT = "text"
    DAY = "day"
    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"
    SELECT = "select"
    RADIOS = "radios"
    YES_NO_UNKNOWN = "yes-no-unknown"
    NOT_KNOWN_BOX = "not-known-box"
    CARRIED = "carried"


class AskedOn(Enum):
    """The page that asks a group of questions. What no page asks is only carried along."""

    FORM = "form"
    MY_PLAN = "my-plan"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Field:
    """One question.

    `path` is the place in the request that the answer goes to, and `more_paths` are others whose problems it can
    mend; answers about a plan that is not listed go below `plan`. `code` is the service that the answer is about.
    `told` is its name in "What you told us", empty where the sentence of its group tells it.
    """

    name: str
    kind: Kind
    group: str
    label: str = ""
    _: KW_ONLY
    start: str = ""
    path: str = ""
    more_paths: tuple[str, ...] = ()
    code: str = ""
    choices: Sequence[Option] = ()
    empty_choice: str | None = None
    hint: str = ""
    unit: str = ""
    told: str = ""
    if_missing: str = ""
    is_optional: bool = False
    # Sent to the contract even when it is empty, so that the contract can say what is wrong with that.
    is_sent_empty: bool = False
    # Asked only of a plan whose rules turn on it, or where it was answered.
    is_of_some_plans: bool = False
    # In one row with the field before it.
    is_beside: bool = False
    # The fields that a box for "I don't know" answers.
    stands_for: tuple[str, ...] = ()
    width: str | None = None
    attrs: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Questions under one heading of a page."""

    name: str
    page: AskedOn
    heading: str = ""
    hint: str = ""


GROUPS: Sequence[Group] = (
    Group("first", AskedOn.FORM),
    Group(
        "used",
        AskedOn.FORM,
        N_("What you’ve already paid this year"),
        N_("Your insurer’s website or phone line can tell you. Leave a field blank if nothing was used."),
    ),
    Group("care", AskedOn.FORM, N_("Your care")),
    Group("provider", AskedOn.FORM, N_("Therapist and clinic")),
    Group("papers", AskedOn.FORM, N_("Approval and referral")),
    Group("course", AskedOn.FORM, N_("Start date")),
    Group("second", AskedOn.FORM, N_("Other coverage")),
    Group("health", AskedOn.FORM, N_("About your pain")),
    Group("prices", AskedOn.FORM, N_("Prices you’ve been quoted")),
    Group(
        "my_share",
        AskedOn.MY_PLAN,
        N_("What you pay"),
        N_("For care in the plan’s network. What you have already paid this year is asked later."),
    ),
    Group("my_limit", AskedOn.MY_PLAN, N_("Limit on visits")),
    Group("my_authorization", AskedOn.MY_PLAN, N_("Approval and referral")),
    Group("my_needling", AskedOn.MY_PLAN, N_("Dry needling")),
    Group("carried", AskedOn.NONE),
)

_THERAPY = "plan.benefits.physical-therapy"
_SHARE = f"{_THERAPY}.cost_share.in-network"
_I_DO_NOT_KNOW = N_("I don’t know")

# In the order in which the pages ask and problems are listed.
FIELDS: Sequence[Field] = (
    Field(
        "insurer", Kind.TEXT, "first", N_("Who is your insurer?"),
        path="insurer", is_optional=True, told=N_("Insurer"),
        hint=N_("Start typing. It’s on your card."),
        attrs={"maxlength": 200, "list": "insurers"},
    ),
    Field(
        "plan", Kind.SELECT, "first", N_("Your health plan"),
        path="plan",
        empty_choice=N_("Choose a plan"),
        hint=N_("Not sure? Pick “I don’t know”."),
        if_missing=N_("Choose how you’ll pay, or a plan that is most like yours."),
    ),
    Field(
        "location", Kind.SELECT, "first", N_("Which clinic?"),
        path="location", is_optional=True, empty_choice=N_("Another clinic"),
        hint=N_("Pick one to use its ZIP code and prices."),
    ),
    Field(
        "zip", Kind.TEXT, "first", N_("ZIP code of the clinic"),
        path="zip",
        hint=N_("Prices and state law depend on it."),
        if_missing=N_("Enter the clinic’s 5-digit ZIP code."),
        width="sm",
        attrs={"inputmode": "numeric", "maxlength": 10, "autocomplete": "postal-code"},
    ),
    Field(
        "locality", Kind.SELECT, "first", N_("Part of that ZIP code"),
        path="locality",
        hint=N_("This ZIP code may lie in more than one of Medicare’s price areas. Not sure? Keep the first."),
    ),
    Field(
        "visits", Kind.COUNT, "first", N_("Number of visits"),
        path="course.visits", is_sent_empty=True,
        hint=N_("Typical: 6 or 7 for low back pain. Not sure? Enter 8."),
        if_missing=N_("Enter how many visits, like 8."),
    ),
    Field(
        "first_day", Kind.DAY, "course", N_("First visit"),
        path="course.first_day", is_sent_empty=True,
        if_missing=N_("Enter the date of your first visit (mm/dd/yyyy)."),
        hint=N_("The year matters: most deductibles and visit limits start again on January 1."),
    ),
    Field("per_week", Kind.COUNT, "course", N_("Visits a week"), path="course.per_week", is_sent_empty=True, start="2"),
    Field(
        "needling", Kind.RADIOS, "care", N_("Dry needling"),
        path="course.each_visit", more_paths=("course.first_visit",),
        start="20561", choices=NEEDLING,
        hint=N_("It is billed by the number of muscles, not by minutes."),
    ),
    Field(
        "needling_visits", Kind.COUNT, "care", N_("At how many visits?"),
        path="course.needling_visits", start="4", is_optional=True,
        hint=N_("Most people have dry needling at 3 to 6 visits, not at every one. Leave it blank for every visit."),
    ),
    Field(
        "exercise", Kind.COUNT, "care", N_("Exercise"), code=EXERCISE, start="30", unit=N_("minutes"),
        hint=N_("The length of a session sets how many units the clinic bills."),
    ),
    Field(
        "manual", Kind.COUNT, "care", N_("Hands-on (manual) therapy"),
        code=MANUAL, start="15", unit=N_("minutes"), is_beside=True,
    ),
    Field(
        "evaluation", Kind.RADIOS, "care", N_("Does the first visit include an evaluation?"),
        code=EVALUATION, start="yes", choices=YES_OR_NO,
        hint=N_("A new course of therapy begins with one."),
    ),
    Field(
        "provider", Kind.SELECT, "provider", N_("Profession"),
        path="provider.type", start="physical-therapist", choices=PROVIDERS,
    ),
    Field(
        "network", Kind.SELECT, "provider", N_("Does the clinic have a contract with your plan?"),
        path="provider.network", start="in-network", choices=NETWORKS,
        hint=N_("Ask the clinic, or look in the plan’s list of providers."),
    ),
    Field(
        "setting", Kind.SELECT, "provider", N_("Place"),
        path="provider.setting", start="office", choices=SETTINGS,
        hint=N_("A hospital department often costs more than a clinic."),
    ),
    Field(
        "experience", Kind.SELECT, "provider", N_("How experienced is your therapist?"),
        path="provider.experience", start="standard", choices=EXPERIENCES,
        hint=N_(
            "Some clinics charge more for experience. No source says how much, so for “new” and “many years” we use a "
            "guess, and the estimate says so."
        ),
    ),
    Field(
        "experience_factor", Kind.PERCENT, "provider",
        N_("The clinic’s price for this therapist, compared with its usual price"),
        path="provider.experience_factor", unit=N_("percent"), is_optional=True,
        hint=N_("Only if the clinic told you. 110 means 10% more than usual."),
    ),
    Field(
        "deductible_paid", Kind.MONEY, "used", N_("Deductible paid so far"),
        path="used.deductible_paid", is_optional=True, told=N_("Deductible paid so far"),
    ),
    Field(
        "out_of_pocket_paid", Kind.MONEY, "used", N_("Out-of-pocket paid so far"),
        path="used.out_of_pocket_paid", is_optional=True, told=N_("Out-of-pocket paid so far"),
    ),
    Field(
        "visits_used", Kind.COUNT, "used", N_("Therapy visits used so far"),
        path="used.limits", is_optional=True, told=N_("Therapy visits used so far"),
        hint=N_("Many plans count physical, occupational and speech therapy together."),
    ),
    Field(
        "family", Kind.YES_NO_UNKNOWN, "used", N_("Does the plan cover more people than you?"),
        path="person.family", start=UNKNOWN, choices=YES_NO_UNKNOWN, told=N_("The plan covers other people too"),
    ),
    Field(
        "family_deductible_paid", Kind.MONEY, "used", N_("Deductible paid by all of you"),
        path="used.family_deductible_paid", is_optional=True, told=N_("Deductible paid by the family"),
    ),
    Field(
        "family_out_of_pocket_paid", Kind.MONEY, "used", N_("Out-of-pocket paid by all of you"),
        path="used.family_out_of_pocket_paid", is_optional=True, told=N_("Out-of-pocket paid by the family"),
    ),
    Field(
        "authorization", Kind.YES_NO_UNKNOWN, "papers", N_("Has your plan already approved these visits?"),
        path="authorization.on_file", start=UNKNOWN, choices=YES_NO_UNKNOWN, told=N_("Visits approved by the plan"),
        hint=N_("This is called prior authorization. The clinic usually asks for it."),
    ),
    Field(
        "authorization_visits", Kind.COUNT, "papers", N_("Visits approved"),
        path="authorization.visits", is_optional=True, told=N_("Visits approved"),
    ),
    Field(
        "authorization_first_day", Kind.DAY, "papers", N_("Approved from"),
        path="authorization.first_day", is_optional=True, told=N_("Approved from"),
    ),
    Field(
        "authorization_last_day", Kind.DAY, "papers", N_("Approved until"),
        path="authorization.last_day", is_optional=True, is_beside=True, told=N_("Approved until"),
    ),
    Field(
        "referral", Kind.YES_NO_UNKNOWN, "papers", N_("Has a doctor referred you?"),
        path="referral.on_file", more_paths=("referral",), start=UNKNOWN, choices=YES_NO_UNKNOWN, told=N_("Referral"),
    ),
    Field(
        "indian_health", Kind.YES_NO_UNKNOWN, "papers", N_("Does an Indian health care provider treat or refer you?"),
        path="person.indian_health", start=UNKNOWN, choices=YES_NO_UNKNOWN, is_of_some_plans=True,
        told=N_("Indian health care provider"),
        hint=N_(
            "The Indian Health Service, a tribe’s clinic or an urban Indian clinic. With its care or referral, what "
            "this plan covers is free."
        ),
    ),
    Field(
        "consent", Kind.YES_NO_UNKNOWN, "papers", N_("Have you signed a form that names dry needling and its price?"),
        path="signed_consent", start=UNKNOWN, choices=YES_NO_UNKNOWN,
        told=N_("Signed form that names dry needling and its price"),
        hint=N_(
            "Without one, signed before the visit, a clinic under contract often may not bill you for needling that "
            "the plan calls unproven."
        ),
    ),
    Field(
        "second", Kind.SELECT, "second", N_("Do you have a second plan?"),
        path="secondary", choices=SECONDS, told=N_("Second plan"),
        hint=N_("It pays part of what the first plan leaves. A Medigap letter is on its card."),
    ),
    Field(
        "diagnosis", Kind.TEXT, "health", N_("Diagnosis code"),
        path="diagnoses", is_optional=True, told=N_("Diagnosis"),
        hint=N_("An ICD-10 code such as M54.50. It is on the referral or on an earlier bill."),
        width="sm",
        attrs={"maxlength": 10},
    ),
    Field(
        "age", Kind.COUNT, "health", N_("Age"),
        path="person.age", unit=N_("years"), is_optional=True, told=N_("Age"),
    ),
    Field(
        "symptom_weeks", Kind.COUNT, "health", N_("How long has it hurt?"),
        path="person.symptom_weeks", unit=N_("weeks"), is_optional=True, told=N_("Weeks of symptoms"),
    ),
    Field(
        "improving", Kind.YES_NO_UNKNOWN, "health", N_("Does your medical record show that you’re getting better?"),
        path="person.improving", start=UNKNOWN, choices=YES_NO_UNKNOWN,
        told=N_("Getting better, according to the record"),
    ),
    Field(
        "purpose", Kind.SELECT, "health", N_("What is the therapy for?"),
        path="person.purpose", choices=PURPOSES, told=N_("What the therapy is for"),
    ),
    Field(
        "needling_price", Kind.MONEY, "prices", N_("The clinic’s price for dry needling, per visit"),
        more_paths=("self_pay_prices",), is_optional=True, told=N_("The clinic’s price for dry needling"),
        hint=N_("The price without insurance. If you enter it, we don’t have to guess."),
    ),
    Field(
        "my_deductible", Kind.MONEY, "my_share", N_("Deductible for one person, for a year"),
        path="plan.networks.in-network.deductible",
        hint=N_("What you pay in a year before the plan starts to pay. Enter 0 if there is none."),
    ),
    Field(
        "my_deductible_unknown", Kind.NOT_KNOWN_BOX, "my_share", _I_DO_NOT_KNOW,
        stands_for=("my_deductible",), hint=N_("Deductible for one person, for a year"),
    ),
    Field(
        "my_maximum", Kind.MONEY, "my_share", N_("Out-of-pocket maximum for one person, for a year"),
        path="plan.networks.in-network.out_of_pocket_max",
        hint=N_("The most that you pay in a year. The summary calls it the “out-of-pocket limit”."),
    ),
    Field(
        "my_maximum_unknown", Kind.NOT_KNOWN_BOX, "my_share", _I_DO_NOT_KNOW,
        stands_for=("my_maximum",), hint=N_("Out-of-pocket maximum for one person, for a year"),
    ),
    Field(
        "my_account", Kind.RADIOS, "my_share", N_("Does the plan come with a health savings account (HSA)?"),
        path="plan.networks.in-network.high_deductible", start=UNKNOWN, choices=YES_NO_UNKNOWN,
        hint=N_("Such a plan has a high deductible. Its name often says “HSA” or “HDHP”."),
    ),
    Field(
        "my_copay", Kind.MONEY, "my_share", N_("Copay for a visit of physical therapy"),
        path=f"{_SHARE}.copay",
        hint=N_("A fixed amount per visit. Look under “Rehabilitation services” in the summary."),
    ),
    Field(
        "my_coinsurance", Kind.PERCENT, "my_share", N_("Or your percentage (coinsurance)"),
        path=f"{_SHARE}.coinsurance", unit=N_("percent"), is_beside=True,
        hint=N_("A share of the price, like 20 percent."),
    ),
    Field(
        "my_share_unknown", Kind.NOT_KNOWN_BOX, "my_share", _I_DO_NOT_KNOW,
        stands_for=("my_copay", "my_coinsurance"), hint=N_("Copay or percentage"),
    ),
    Field(
        "my_order", Kind.RADIOS, "my_share",
        N_("Does the deductible apply to physical therapy?"),
        path=f"{_SHARE}.deductible", start=UNKNOWN, choices=ORDERS,
        hint=N_("The summary says “deductible does not apply”, or “after deductible”."),
    ),
    Field(
        "my_limit", Kind.RADIOS, "my_limit", N_("Is there a yearly limit on physical therapy visits?"),
        start=UNKNOWN, choices=LIMITS,
        hint=N_("Look next to “Rehabilitation services” in the summary, under limitations."),
    ),
    Field(
        "my_visits", Kind.COUNT, "my_limit", N_("How many visits a year"),
        path="plan.limits.therapy-visits", unit=N_("visits"), is_optional=True,
    ),
    Field(
        "my_shared", Kind.RADIOS, "my_limit", N_("Which other services count toward that limit?"),
        start=UNKNOWN, choices=SHARED,
    ),
    Field(
        "my_authorization", Kind.RADIOS, "my_authorization",
        N_("Does the plan have to approve physical therapy in advance?"),
        start=UNKNOWN, choices=AUTHORIZATIONS,
        hint=N_("This is called prior authorization or preauthorization."),
    ),
    Field(
        "my_authorization_from", Kind.COUNT, "my_authorization", N_("Approval is needed from which visit on?"),
        path=f"{_THERAPY}.authorization", is_optional=True,
    ),
    Field(
        "my_referral", Kind.RADIOS, "my_authorization", N_("Does the plan require a doctor’s referral?"),
        path=f"{_THERAPY}.referral", start=UNKNOWN, choices=YES_NO_UNKNOWN,
    ),
    Field(
        "my_needling", Kind.RADIOS, "my_needling", N_("Does the plan pay for dry needling?"),
        path="plan.policies", start=UNKNOWN, choices=YES_NO_UNKNOWN,
        hint=N_("Few plan documents mention it. If yours doesn’t, choose “I don’t know”."),
    ),
    # The plan's own answers, as the contract writes them, with the plan that gave them; and whose words are shown.
    Field("told", Kind.CARRIED, "carried", path="told"),
    Field("reader", Kind.CARRIED, "carried", start="patient"),
)  # fmt: skip

_BY_NAME: Mapping[str, Field] = {each.name: each for each in FIELDS}
_PAGES: Mapping[str, AskedOn] = {group.name: group.page for group in GROUPS}
# The boxes for "I don't know", each with the fields that it stands for.
BOXES: Mapping[str, Sequence[str]] = {each.name: each.stands_for for each in FIELDS if each.stands_for}
_BY_PATH: Mapping[str, Field] = {
    path: each for each in FIELDS for path in (each.path, *each.more_paths) if path and each.kind is not Kind.CARRIED
}


def field_named(name: str) -> Field:
    """Return a field by its name; raise KeyError where there is none."""
    return _BY_NAME[name]


def fields_of(page: AskedOn) -> list[Field]:
    """Return what a page asks."""
    return [each for each in FIELDS if _PAGES[each.group] is page]


# What the page of a plan that is not listed holds before anything is typed.
MY_PLAN_STARTS: Mapping[str, str] = {each.name: each.start for each in fields_of(AskedOn.MY_PLAN)}


def fields_elsewhere(page: AskedOn) -> list[Field]:
    """Return what a page does not ask, and carries along in hidden fields."""
    return [each for each in FIELDS if _PAGES[each.group] is not page]


def groups_of(page: AskedOn) -> Iterator[tuple[Group, list[list[Field]]]]:
    """Yield the groups of a page, each with the rows of its fields."""
    for group in GROUPS:
        if group.page is page:
            yield group, _rows(each for each in FIELDS if each.group == group.name)


def field_at(path: str) -> Field | None:
    """Return the field for a place in the request, or for the nearest place around it that a field asks for.

    >>> field_at("authorization.visits").name, field_at("diagnoses.0").name, field_at("contract.0.code")
    ('authorization_visits', 'diagnosis', None)
    """
    while path and path not in _BY_PATH:
        path = path.rpartition(".")[0]
    return _BY_PATH.get(path)


def _rows(fields: Iterator[Field]) -> list[list[Field]]:
    rows: list[list[Field]] = []
    for each in fields:
        if each.is_beside:
            rows[-1].append(each)
        else:
            rows.append([each])
    return rows
