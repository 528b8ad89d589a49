"""What single sentences of the free text may mean for physical therapy.

Issuers write the same thing in many wordings and misspellings, so that a reading is only ever proposed. What is not
recognized is kept as a quote and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

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
