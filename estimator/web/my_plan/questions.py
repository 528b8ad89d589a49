"""What we ask of a plan that is not listed: what stands on the card and in the Summary of Benefits.

Each answer may be "I don't know". An amount that was written counts, whatever else was left ticked beside it.
"""

from collections.abc import Iterator, Mapping, Sequence

from estimator.web.figures import counted

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
    "my_deductible": "Deductible for one person, for a year",
    "my_maximum": "Out-of-pocket maximum for one person, for a year",
    "my_copay": "Copay for a visit of physical therapy",
    "my_coinsurance": "Or your percentage (coinsurance)",
    "my_order": "Must you pay the deductible first, before that copay or percentage counts?",
    "my_limit": "Is there a limit on visits of physical therapy in a year?",
    "my_visits": "How many visits a year",
    "my_shared": "What else uses up that limit?",
    "my_authorization": "Must the plan approve physical therapy in advance?",
    "my_authorization_from": "Approval is needed from visit number",
    "my_referral": "Does the plan ask for a doctor’s referral?",
    "my_needling": "Does the plan pay for dry needling?",
}
ORDERS: Sequence[Option] = (
    ("applies", "Yes: I pay the full price until the deductible is met"),
    ("waived", "No: from the first visit I pay only the copay or percentage"),
    (UNKNOWN, "I don’t know"),
)
LIMITS: Sequence[Option] = (
    ("number", "Yes, a number of visits (write it below)"),
    ("none", "No"),
    (UNKNOWN, "I don’t know"),
)
SHARED: Sequence[Option] = (
    ("nothing", "Nothing else: it is for physical therapy only"),
    ("occupational", "Occupational therapy"),
    ("all", "Occupational and speech therapy"),
    ("chiropractic", "Chiropractic care"),
    (UNKNOWN, "I don’t know"),
)
AUTHORIZATIONS: Sequence[Option] = (
    ("no", "No"),
    ("first", "Yes, from the first visit"),
    ("later", "Yes, but only after some visits (write below from which)"),
    (UNKNOWN, "I don’t know"),
)
SHARED_WORDS: Mapping[str, str] = {
    "occupational": "Visits of occupational therapy use up the same limit.",
    "all": "Visits of occupational and speech therapy use up the same limit.",
    "chiropractic": "Visits of chiropractic care use up the same limit.",
}
_SHARED_WITH: Mapping[str, str] = {
    "nothing": "for physical therapy only",
    "occupational": "together with occupational therapy",
    "all": "together with occupational and speech therapy",
    "chiropractic": "together with chiropractic care",
}
_NOT_KNOWN = "you don’t know"


def facts(answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield what was said of the plan, in words."""
    yield "Deductible for one person", _amount(answers["my_deductible"])
    yield "Out-of-pocket maximum for one person", _amount(answers["my_maximum"])
    yield "For a visit you pay", _share(answers)
    yield "Deductible first?", _chosen({"applies": "yes", "waived": "no"}, answers["my_order"])
    yield "Limit on visits", _limit(answers)
    yield "Approval in advance", _approval(answers)
    yield "Referral", _chosen({"yes": "needed", "no": "not needed"}, answers["my_referral"])
    yield "Dry needling", _chosen({"yes": "paid by the plan", "no": "not paid by the plan"}, answers["my_needling"])


def _amount(typed: str) -> str:
    return f"${typed.lstrip('$')}" if typed else _NOT_KNOWN


def _share(answers: Answers) -> str:
    copay, percentage = answers["my_copay"], answers["my_coinsurance"]
    parts = []
    if copay:
        parts.append(f"a copay of {_amount(copay)}")
    if percentage:
        parts.append(f"{percentage.rstrip('%')}% of the price")
    return " and ".join(parts) or _NOT_KNOWN


def _limit(answers: Answers) -> str:
    visits = answers["my_visits"]
    if not visits:
        return "none" if answers["my_limit"] == "none" else _NOT_KNOWN
    words = counted(int(visits), "visit") if visits.isdecimal() else visits
    return f"{words} a year, {_SHARED_WITH.get(answers['my_shared'], 'you don’t know what else uses them up')}"


def _approval(answers: Answers) -> str:
    if answers["my_authorization_from"]:
        return f"needed from visit {answers['my_authorization_from']} on"
    return _chosen({"no": "not needed", "first": "needed from the first visit"}, answers["my_authorization"])


def _chosen(words: Mapping[str, str], answer: str) -> str:
    return words.get(answer, _NOT_KNOWN)
