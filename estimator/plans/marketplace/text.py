"""The grammar of single cells, and what sentences of the free text may mean for physical therapy.

Every form that the official files use is read; what is not one of them raises Unreadable, and the plan is refused with
its row. An amount that is not stated is None, never zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from estimator.errors import EstimatorError

WAIVED, APPLIES, WITH_COPAY, AFTER_COPAY = "waived", "applies", "with-copay", "after-copay"
NOT_COVERED, UNKNOWN = "not-covered", "unknown"
Definition = dict[str, Any]

_MONEY = r"\$([0-9][0-9,]*(?:\.[0-9]{1,2})?)"
_COPAY = re.compile(rf"{_MONEY}(?: copay(?: per (day|stay))?)?(?: (after|with|before) deductible)?", re.IGNORECASE)
_COINSURANCE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)%(?: coinsurance)?( after deductible)?", re.IGNORECASE)
_NO_CHARGE = re.compile(r"no charge( after deductible)?", re.IGNORECASE)
_NOTHING = ("", "not applicable")
_AMOUNT = re.compile(rf"{_MONEY}\s*(?:per (?:person|group))?", re.IGNORECASE)
_NO_AMOUNT = re.compile(r"(?:per (?:person|group) )?not applicable|", re.IGNORECASE)
_ORDERS = {None: WAIVED, "after": APPLIES, "with": WITH_COPAY, "before": AFTER_COPAY}
_QUANTITY = re.compile(r"([0-9]{1,6})(?:\.0+)?")

_THINGS = {
    "visit(s)": "visits", "days": "days", "hours": "hours", "months": "months", "dollars": "dollars",
    "item(s)": "units", "exam(s)": "sessions", "procedure(s)": "sessions", "treatment(s)": "sessions",
}  # fmt: skip
_PERIODS: dict[str, Any] = {
    "year": "benefit-year", "benefit period": "benefit-year", "month": "month", "week": "week", "day": "day",
    "6 months": {"rolling_months": "6"}, "2 years": {"rolling_months": "24"}, "3 years": {"rolling_months": "36"},
    "episode": "episode", "stay": "episode", "admission": "episode", "procedure": "episode",
    "transplant": "episode", "lifetime": "lifetime",
}  # fmt: skip


@dataclass(eq=False)
class Unreadable(EstimatorError):
    """A cell that is none of the forms that we know."""

    text: str
    wanted: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one column says: an amount or a percentage, and its place beside the deductible."""

    figure: str
    order: str
    per: str = ""

    @property
    def is_zero(self) -> bool:
        """Tell whether nothing is owed."""
        return not self.figure.strip("0.,")


def copay(text: str) -> Charge | None:
    """Read a copay cell.

    >>> copay("$1,250.00 Copay per Day after deductible")
    Charge(figure='1250.00', order='applies', per='day')
    >>> copay("Not Applicable") is None
    True
    """
    free = _NO_CHARGE.fullmatch(text)
    if free:
        return Charge("0.00", APPLIES if free[1] else WAIVED)
    if text.lower() in _NOTHING:
        return None
    found = _COPAY.fullmatch(text)
    if not found:
        raise Unreadable(text, "a copay such as '$40.00 Copay after deductible'")
    return Charge(_plain(found[1]), _ORDERS[found[3] and found[3].lower()], (found[2] or "").lower())


def coinsurance(text: str) -> Charge | None:
    """Read a coinsurance cell.

    >>> coinsurance("50.00% Coinsurance after deductible")
    Charge(figure='50', order='applies', per='')
    """
    free = _NO_CHARGE.fullmatch(text)
    if free:
        return Charge("0", APPLIES if free[1] else WAIVED)
    if text.lower() in _NOTHING:
        return None
    found = _COINSURANCE.fullmatch(text)
    if not found:
        raise Unreadable(text, "a coinsurance such as '50.00% Coinsurance after deductible'")
    figure = found[1].rstrip("0").rstrip(".") if "." in found[1] else found[1]
    return Charge(figure or "0", APPLIES if found[2] else WAIVED)


@lru_cache(maxsize=10_000)
def amount(text: str) -> str | None:
    """Read money of the attributes; None where none is stated.

    >>> amount("$12000 per group"), amount("$6,000"), amount("per person not applicable")
    ('12000.00', '6000.00', None)
    """
    if _NO_AMOUNT.fullmatch(text):
        return None
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise Unreadable(text, "an amount such as '$6,000' or '$12000 per group'")
    return _plain(found[1])


def limit(quantity: str, unit: str) -> Definition:
    """Read a limit.

    >>> limit("35.0", "Visit(s) per Benefit Period")
    {'visits': '35', 'per': 'benefit-year'}
    """
    thing, _, period = unit.lower().partition(" per ")
    number = _QUANTITY.fullmatch(quantity)
    if number is None or thing not in _THINGS or period not in _PERIODS:
        raise Unreadable(f"{quantity} {unit}".strip(), "a limit such as '35.0' and 'Visit(s) per Year'")
    measure = _THINGS[thing]
    return {measure: f"{number[1]}.00" if measure == "dollars" else number[1], "per": _PERIODS[period]}


def share(copays: str, rates: str, *, in_network: bool = True) -> Definition | str:
    """Return the cost share that two cells state together, or `not-covered` or `unknown`.

    >>> share("$40.00", "20.00% Coinsurance after deductible")
    {'copay': '40.00', 'coinsurance': '20%', 'deductible': 'after-copay'}
    >>> share("Not Applicable", "100.00%", in_network=False)
    'not-covered'
    """
    fixed, part = copay(copays), coinsurance(rates)
    if fixed is None and part is None:
        return UNKNOWN
    if not in_network and part == Charge("100", WAIVED) and (fixed is None or fixed.is_zero):
        return NOT_COVERED
    if fixed is None or part is None:
        return _alone(fixed, part)
    return _together(fixed, part)


def _alone(fixed: Charge | None, part: Charge | None) -> Definition:
    if part is not None and not part.is_zero:
        return {"coinsurance": f"{part.figure}%", "deductible": part.order}
    said = fixed or part
    assert said is not None
    if said.is_zero:
        return {"copay": "0.00", "deductible": WAIVED if said.order == WAIVED else APPLIES}
    return {"copay": _over_a_stay(said), **_per(said), "deductible": said.order}


def _together(fixed: Charge, part: Charge) -> Definition:
    if fixed.is_zero:
        later = APPLIES if APPLIES in (fixed.order, part.order) or fixed.order != WAIVED else WAIVED
        return _alone(None, Charge(part.figure, later))
    # A copay at once beside a coinsurance after the deductible: the copay, then the deductible, then the rest.
    order = AFTER_COPAY if fixed.order == WAIVED and part.order == APPLIES else fixed.order
    if part.is_zero:
        return {"copay": _over_a_stay(fixed), **_per(fixed), "deductible": order}
    return {"copay": _over_a_stay(fixed), **_per(fixed), "coinsurance": f"{part.figure}%", "deductible": order}


def _per(charge: Charge) -> Definition:
    return {"per": "day"} if charge.per == "day" else {}


def _over_a_stay(charge: Charge) -> Any:
    # A copay for a whole stay says nothing of one visit: at most the whole of it.
    return {"from": "0.00", "to": charge.figure} if charge.per == "stay" else charge.figure


def _plain(figure: str) -> str:
    whole, _, cents = figure.replace(",", "").partition(".")
    return f"{int(whole)}.{(cents + '00')[:2]}"


# ----------------------------------------------------------------------------
# What single sentences of the free text may mean for physical therapy.
#
# Issuers write the same thing in many wordings and misspellings, so that a reading is only ever proposed. What is not
# recognized is kept as a quote and counted.
# ----------------------------------------------------------------------------

_SLIPS = {
    r"thearp": "therap", r"authori(?:zt|z)?ion|authoriztion": "authorization", r"diagnnosis": "diagnosis",
    r"limts": "limits", r"pre-?\s?auth": "preauth", r"prior auth(?:orization)?\b": "preauthorization",
    r"\bthirty \(30\)": "30", r"rehabilition": "rehabilitation",
}  # fmt: skip
_BETWEEN = re.compile(r"(?<=[.;!])\s+|(?<=[a-z)])\.(?=[A-Z])|\\n|\n+|(?<=[a-z]);(?=\S)")

LIMITS = ("each", "own", "shared", "total")

# Other benefits that may fill the same limit, by the words that issuers use for them.
_PARTNERS = {
    "occupational therapy": r"occupational|\bot\b",
    "speech therapy": r"speech|\bst\b",
    "chiropractic care": r"chiro|manipulat|osteopathic",
    "cardiac rehabilitation": r"cardiac",
    "pulmonary rehabilitation": r"pulmonary",
    "massage": r"massage",
    "habilitation": r"rehabilitat\w* and habilitat|combined for rehabilitative and habilitative|rehab\w* and hab",
    "every therapy": r"all (?:outpatient )?therap|therapy types combined|multiple therapy types",
}
_DIAGNOSES = {
    "autism": (r"autis", ("F84*",)),
    "mental health": (r"mental|psychiatric", tuple(f"F{digit}*" for digit in range(10))),
    "substance use": (r"substance|\bsud\b", ("F1*",)),
    "acquired brain injury": (r"brain injury", ("S06*",)),
}
_OWN_BESIDE_OTHERS = r"visits?[^.;\d]{0,40}physical therapy and combined|\(\d+ visits each"
_NAMES_OTHER = (
    r"visits for occupational|speech|cardiac|pulmonary|inpatient|cognitive|cochlear|applied behavio|"
    r"occupational therapy (?:is|does)"
)

# The first pattern that a sentence matches decides; each kind is explained by `proposals`.
_KINDS: tuple[tuple[str, str], ...] = (
    ("pointer", r"^(?:please )?(?:see|refer to)\b.*(?:policy|plan doc|sbc|eoc|certificate)|^see .*details"),
    ("other-benefit", r"^inpatient|applied behavio|non-rehabil"),
    ("out-of-network", r"out-of-network"),
    ("exempt", r"(?:limits?|maximum|allowance).*(?:do(?:es)? not apply|excluded from)|unlimited|"
               r"do not count toward|^psychiatric .*excluded|limits do not"),
    ("authorization", r"preauthorization|preauthorized|precertif"),
    ("penalty", r"^penalt|benefits will be denied|denial of payment"),
    ("telehealth", r"^telehealth"),
    ("first-visits", r"\bfirst (?:\d+|three|five) office visits"),
    ("not-above", r"(?:copayment|coinsurance|copay).*higher than.*primary care|^pcp copay"),
    ("setting", r"cost.?shar\w* (?:is |may |shown|determined|that displays)|hospital or facility outpatient|"
                r"other outpatient services may be subject|all other services are subject|driven\s+by provider"),
    ("counting", r"considered a separate therapy visit|counted as 1 visit"),
    ("per-condition", r"per (?:condition|disability|event|injury)|/event"),
    ("across", r"combined (?:in|across)\b|in and out of network|across professional|applies to all visits"),
    ("more-visits", r"additional (?:\d+ )?visits"),
    ("separate-purpose", r"maximums? for habilitative|separate from habilitative|same visits and coverage apply"),
    ("referral", r"referral"),
    ("necessity", r"short.?term|maintenance|medical(?:ly)? necess|improve|expected|licensed|medical necessity"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a row, what kind of rule it may be (`none` where not recognized), and what it names."""

    quote: str
    kind: str
    visits: int | None = None
    partners: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    words: str = ""


@lru_cache(maxsize=5_000)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a cell.

    >>> [one.kind for one in sentences("Combined with chiro. Prior authoriztion required.")]
    ['shared', 'authorization']
    """
    parts = (" ".join(part.split()) for part in _BETWEEN.split(text))
    return tuple(_sentence(part) for part in parts if part.strip(" .;"))


def _sentence(quote: str) -> Sentence:
    words = quote.lower()
    for slip, right in _SLIPS.items():
        words = re.sub(slip, right, words)
    kind = next((name for name, pattern in _KINDS if re.search(pattern, words)), "") or _limit_kind(words)
    return Sentence(
        quote,
        kind,
        _visits(words) if kind in LIMITS else None,
        tuple(_partners(words)) if kind == "shared" else (),
        tuple(_diagnoses(words)) if kind == "exempt" else (),
        words,
    )


def _limit_kind(words: str) -> str:
    """Tell a shared limit, a limit of physical therapy's own, one for each discipline, and those of other benefits."""
    names_pt = re.search(r"physical|\bpt\b|pt/ot", words)
    is_shared = re.search(
        r"combin|shared|all therap|multiple therapy|including chiro|includes muscle|explicitly", words
    )
    if re.search(_OWN_BESIDE_OTHERS, words):
        return "own"
    if is_shared and (names_pt or not re.match(r".*\b(?:inpatient|speech|cardiac|pulmonary)\b", words)):
        return "shared"
    if is_shared and re.search(r"therap|rehab", words):
        return "shared" if re.search(r"types|all", words) else "other-benefit"
    if re.search(r"\beach\b|per therapy|per type|per discipline|each of pt|separate limits", words) and (
        names_pt or not re.search(_NAMES_OTHER, words)
    ):
        return "each"
    if names_pt and re.search(r"\d+ (?:pt )?visits?|\d+-visit|limit of 20 occupational", words):
        return "own"
    if re.search(_NAMES_OTHER, words):
        return "other-benefit"
    return "total" if re.search(r"\d+[ -](?:combined )?visits?|limits? apply", words) else "none"


def _visits(words: str) -> int | None:
    """Return the number of visits that physical therapy has by this sentence; None where none is named."""
    near = (
        r"(?:physical therapy|\bpt\b)(?:(?! and )[^.;\d]){0,60}?(\d+)[ -](?:combined )?visit",
        r"(\d+) pt visits",
        r"\((\d+) visits each",
        r"(\d+)[ -](?:combined )?visits?[^.;\d]{0,90}?(?:physical|\bpt\b)",
        r"(\d+) physical",
        r"(\d+)[ -](?:combined |treatment )?(?:outpatient )?(?:visit|session|day)",
        r"(?:limit|maximum|total) (?:of|to) (\d+)",
    )
    for pattern in near:
        found = re.search(pattern, words)
        if found:
            return int(found[1])
    return None


def _partners(words: str) -> Iterator[str]:
    for partner, pattern in _PARTNERS.items():
        if re.search(pattern, words):
            yield partner


def _diagnoses(words: str) -> Iterator[str]:
    seen = set()
    for pattern, codes in _DIAGNOSES.values():
        if re.search(pattern, words):
            for code in codes:
                if code not in seen:
                    seen.add(code)
                    yield code
