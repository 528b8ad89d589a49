"""How a name is read: letters folded, states and Blue names in one spelling, and misspelled words mended.

Two names are the same where their words are. Nothing is decided here; `matching` does that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from estimator.engine.coding import STATES

Words = tuple[str, ...]

_STATES = """
Alabama AL, Ala AL, Alaska AK, Arizona AZ, Ariz AZ, Arkansas AR, Ark AR, California CA, Calif CA, Cal CA, Colorado
CO, Colo CO, Connecticut CT, Conn CT, Delaware DE, District of Columbia DC, Washington DC DC, Florida FL, Fla FL,
Georgia GA, Hawaii HI, Idaho ID, Illinois IL, Ill IL, Indiana IN, Ind IN, Iowa IA, Kansas KS, Kans KS, Kentucky
KY, Louisiana LA, Maine ME, Maryland MD, Massachusetts MA, Mass MA, Michigan MI, Mich MI, Minnesota MN, Minn MN,
Mississippi MS, Miss MS, Missouri MO, Montana MT, Mont MT, Nebraska NE, Nebr NE, Neb NE, Nevada NV, Nev NV, New
Hampshire NH, N Hampshire NH, New Jersey NJ, N Jersey NJ, Jersey NJ, New Mexico NM, N Mexico NM, New York NY, N
York NY, North Carolina NC, N Carolina NC, No Carolina NC, North Dakota ND, N Dakota ND, No Dakota ND, Ohio OH,
Oklahoma OK, Okla OK, Oregon OR, Oreg OR, Ore OR, Pennsylvania PA, Penna PA, Penn PA, Puerto Rico PR, Rhode Island
RI, South Carolina SC, S Carolina SC, So Carolina SC, South Dakota SD, S Dakota SD, So Dakota SD, Tennessee TN,
Tenn TN, Texas TX, Tex TX, Utah UT, Vermont VT, Virginia VA, Virgin Islands VI, Washington State WA, Washington
WA, Wash WA, West Virginia WV, W Virginia WV, W Va WV, Wisconsin WI, Wisc WI, Wis WI, Wyoming WY, Wyo WY, Guam GU, Nueva
York NY, Nuevo Mexico NM, Nueva Jersey NJ, Carolina del Norte NC, Carolina del Sur SC
"""
_PHRASES = {
    "blue cross and blue shield": "bcbs",
    "blue cross blue shield": "bcbs",
    "blue shield blue cross": "bcbs",
    "bluecross and blueshield": "bcbs",
    "bluecross blueshield": "bcbs",
    "bluecross blue shield": "bcbs",
    "blue cross blueshield": "bcbs",
    "b c b s": "bcbs",
    "bc and bs": "bcbs",
    "bc bs": "bcbs",
    "blue cross": "bluecross",
    "blue shield": "blueshield",
    "kansas city": "kc",
    "cal optima": "caloptima",
    "cal viva": "calviva",
    "health care": "healthcare",
    "healthplan": "health plan",
    "healthplans": "health plans",
    "blu": "blue",
    "fed": "federal",
    "std": "standard",
    "medicade": "medicaid",
    "mcr": "medicare",
    "mcare": "medicare",
    "mcd": "medicaid",
    "hlthcare": "healthcare",
    "hlth": "health",
    "w c": "wc",
    "blue x": "bluecross",
    "part c": "advantage",
    "empire plan": "empireplan",
    "in network": "network",
    "out of network": "network",
    "cruz azul": "bluecross",
    "escudo azul": "blueshield",
    "cruz azul y escudo azul": "bcbs",
    "cruz azul escudo azul": "bcbs",
    "blue cross y blue shield": "bcbs",
    "mi seguro": "",
    "mi plan": "",
    "compensacion laboral": "workers compensation",
    "sin seguro": "uninsured",
    "no tengo seguro": "uninsured",
    "seguro de": "",
    "seguro medico de": "",
    "aseguranza de": "",
    "plan de": "",
    "united healthcare": "unitedhealthcare",
    "united health": "unitedhealthcare",
    "workers comp": "workers compensation",
    "work comp": "workers compensation",
    "fehb": "federal",
    "por mi esposo": "",
    "por mi esposa": "",
    "por mi trabajo": "",
    "workmans comp": "workers compensation",
    "workmans compensation": "workers compensation",
    "department": "dept",
    "advtg": "advantage",
    "adv": "advantage",
    "svcs": "services",
    "assn": "association",
    "natl": "national",
    "intl": "international",
}
_SPACES = re.compile(r"[^a-z0-9]+")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")
# Said of any company, in English or Spanish: a name is the same without them. "CO" is Colorado, never "company".
_SAID_OF_ALL = """
of the and a an by for from inc incorporated llc ltd corp corporation company companies insurance ins assurance
plan plans seguro seguros aseguranza medico es en tengo con
del trabajo
"""
FILLERS = frozenset(_SAID_OF_ALL.split())
STATE_WORDS = frozenset(state.lower() for state in STATES)
# Kinds of network that any insurer sells.
_NETWORK_WORDS = "hmo ppo epo pos hdhp hsa hra ffs pffs snp dsnp csnp isnp cdhp pcp"
NETWORKS = frozenset(_NETWORK_WORDS.split())
# What else a card or a person adds to a name: a product, a metal, a program, a group, a letter.
_PRODUCTS = """
access account accountable aco active administration adult adults advantage affordable am aso assist auto aware b
balanced basic benefit benefits bronze buyer c called card care catastrophic chc child children choice choices
classic cobra coinsurance commercial complete comprehensive connect connected consumer copay core coverage covered d
deductible dental dept direct dividend division dual elect elite employed employee employees employer employers
enhanced enrollee essential essentials exchange expanded extra f family federal flex freedom from full fund funded g
gap giveback gold group grp has have health healthcare heritage high honor i id ii iii individual insured is job
kids legacy level limited local low ma managed mapd marketplace max med medicaid medical medicare medigap medsupp
member members membership minimum my n named narrow national navigate network networks new no number oap oapin off
office on one open optimum option options original our part pathway patient payer payor pdp platinum plus pmap point
policy preferred premier premium primary prime pro program prudent remote retiree retirees rx saver savings
secondary select self senior service services shared signature silver simple simplicity small smart special standard
star statewide student students subscriber supp supplement supplemental tandem through tier tiered traditional trio
true us usa user value vantage virtual vision wc wellness with without work young
"""
PRODUCT_WORDS = NETWORKS | frozenset(_PRODUCTS.split())
_LONGEST_PHRASE = 5
_MENDED_LENGTH = 5
_LONG = 9
_COMMON = 10


def read_words(text: str, known: Mapping[str, int] | None = None) -> Words:
    """Return the words that tell a name from others, in one spelling; misspelled ones as `known` spells them.

    >>> read_words("Blue Cross/Blue Shield of Illinois, Inc.")
    ('bcbs', 'il')
    """
    raw = _raw(text)
    if known is not None:
        raw = [word if word in known else _mended(word, known) for word in raw]
    # What a phrase becomes may belong to another: "united health care".
    phrased = list(_phrased(list(_phrased(raw))))
    telling = tuple(word for word in phrased if word not in FILLERS and word not in NETWORKS)
    return telling if set(telling) - PRODUCT_WORDS - {"blue"} else tuple(phrased)


def spelled_words(texts: Iterable[str]) -> dict[str, int]:
    """Return every word of these texts as it is written, with how often: what a misspelled word may have meant."""
    counted: dict[str, int] = dict.fromkeys([word for key in _phrases() for word in key], 1_000)
    counted |= dict.fromkeys(FILLERS | PRODUCT_WORDS | STATE_WORDS, 1_000)
    for text in texts:
        for word in _raw(text):
            counted[word] = counted.get(word, 0) + 1
    return counted


def _raw(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    plain = _INITIALS.sub(lambda found: found.group().replace(".", "") + " ", plain.replace("'", ""))
    return [word for word in _SPACES.split(plain.replace("&", " and ")) if word]


def _phrased(words: Sequence[str]) -> Iterator[str]:
    phrases, place = _phrases(), 0
    while place < len(words):
        for length in range(_LONGEST_PHRASE, 0, -1):
            instead = phrases.get(tuple(words[place : place + length]))
            if instead is not None:
                yield from instead
                place += length
                break
        else:
            yield words[place]
            place += 1


@lru_cache(maxsize=1)
def _phrases() -> Mapping[Words, list[str]]:
    phrases = {tuple(words.split()): instead.split() for words, instead in _PHRASES.items()}
    for entry in _STATES.replace("\n", " ").split(","):
        *name, code = entry.lower().split()
        # "In" and Spanish "de" before a state are no states: "Blue Cross in Ohio", "Medicaid de Texas".
        before = [tuple(name), ("in", *name), ("de", *name), ("en", *name), ("in", code)]
        phrases |= {words: [code] for words in before}
    return phrases


def _mended(word: str, known: Mapping[str, int]) -> str:
    """Return the one known word that lies a slip away, else the word itself."""
    if len(word) < _MENDED_LENGTH - 1 or word.isdigit():
        return word
    most = 2 if len(word) >= _LONG else 1
    found = extract(word, known.keys(), scorer=OSA.distance, score_cutoff=most, limit=12)
    near = [(other, distance) for other, distance, _ in found if _is_a_slip(word, other)]
    if not near:
        return word
    least = min(distance for _, distance in near)
    best = sorted((other for other, distance in near if distance == least), key=lambda other: -known[other])
    meanings = {tuple(_phrases().get((other,), [other])) for other in best if 3 * known[other] > known[best[0]]}
    return best[0] if len(meanings) == 1 and not _is_itself_one(best[0], known) else word


def _is_itself_one(word: str, known: Mapping[str, int]) -> bool:
    """Say whether a known word is a misspelling of a far commoner one: "Signal" is no slip of "Signa" for Cigna."""
    if known[word] >= _COMMON:
        return False
    alike = extract(word, known.keys(), scorer=OSA.distance, score_cutoff=1, limit=12)
    return any(other != word and known[other] >= _COMMON * known[word] for other, _, _ in alike)


def _is_a_slip(word: str, other: str) -> bool:
    """Say whether a word may be a misspelling: short words keep their letters or their first one."""
    if len(other) < _MENDED_LENGTH - 1:
        return False
    if len(word) < _MENDED_LENGTH or len(other) < _MENDED_LENGTH:
        return sorted(word) == sorted(other) or abs(len(word) - len(other)) == 1
    return word[0] == other[0] or sorted(word) == sorted(other) or len(word) > _MENDED_LENGTH + 1
