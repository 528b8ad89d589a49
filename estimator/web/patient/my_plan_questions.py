"""What we ask of a plan that is not listed: what stands on the card and in the Summary of Benefits.

Each answer may be "I don't know". An amount that was written counts, whatever else was left ticked beside it.
"""

from collections.abc import Iterator, Mapping, Sequence

from estimator.language import N_, _
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
LABELS: Mapping[str, str] = {
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
