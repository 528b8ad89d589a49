"""What a payer says in words: the network, ages, a place, a year, a referral, whether a bucket is shared.

Words are quoted and compared; no amount is taken from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from estimator.eligibility.statements import Ages, Network

_OUT = re.compile(r"\bOUT[- ]?(?:OF[- ])?NET(?:WORK)?\b|\bOON\b|\bNON[- ]?PAR(?:TICIPATING)?\b", re.IGNORECASE)
_IN = re.compile(r"\bIN[- ]?NET(?:WORK)?\b|\bINN\b|(?<!NON)(?<!NON[- ])\bPARTICIPATING\b", re.IGNORECASE)
_SHARED = re.compile(
    r"\b(?:COMBINED|SHARED|AGGREGATE|COMB|INCLUDES|TOGETHER)\b|\bPT\s*[/,&]\s*OT\b|\bPT,? AND OT\b|\bCOMBINES\b",
    re.IGNORECASE,
)
_USED = re.compile(r"\bUSED\b", re.IGNORECASE)
_REST = re.compile(r"\bREMAIN(?:S|ING|DER)?\b|\bLEFT\b", re.IGNORECASE)


def network(texts: Iterable[str]) -> Network:
    """Return the network that messages speak of.

    >>> network(["CALENDAR YEAR DEDUCTIBLE - OUT OF NETWORK"]), network(["IN AND OUT OF NETWORK"]), network(["COPAY"])
    (<Network.OUT: 'out of network'>, <Network.UNSAID: 'network not said'>, <Network.UNSAID: 'network not said'>)
    """
    said = " ".join(texts)
    is_out = _OUT.search(said) is not None
    is_in = (
        _IN.search(_OUT.sub("", said)) is not None
        or re.search(r"\bIN (?:AND|OR|&) OUT\b", said, re.IGNORECASE) is not None
    )
    if is_in == is_out:
        return Network.UNSAID
    return Network.IN if is_in else Network.OUT


def is_shared(texts: Iterable[str]) -> bool:
    """Tell whether messages say that several services fill one bucket.

    >>> is_shared(["PT/OT/ST COMBINED 60 VISITS"]), is_shared(["PHYSICAL THERAPY VISITS PER YEAR"])
    (True, False)
    """
    return any(_SHARED.search(text) for text in texts)


def speaks_of_rest(texts: Iterable[str]) -> bool:
    """Tell whether messages speak of what is left.

    >>> speaks_of_rest(["DEDUCTIBLE REMAINING"])
    True
    """
    return any(_REST.search(text) for text in texts)


def speaks_of_use(texts: Iterable[str]) -> bool:
    """Tell whether messages speak of what is used.

    >>> speaks_of_use(["12 VISITS USED"])
    True
    """
    return any(_USED.search(text) for text in texts)


# What a message says of the other network in passing, which doesn't name the network of its own statement.
_IN_PASSING = re.compile(
    r"\b(?:MAY|MUST|CONTACT|CALL|REFERRALS?|AUTH\w*|PRE-?(?:CERT|AUTH)\w*|CLAIMS?|BILL\w*|IF|USE|USING)\b",
    re.IGNORECASE,
)


def network_labelled(text: str) -> Network:
    """Return the network that a message names as that of its own statement.

    >>> network_labelled("DEDUCTIBLE - OUT OF NETWORK").name, network_labelled("OUT OF NETWORK CLINICS MAY BILL").name
    ('OUT', 'UNSAID')
    """
    return Network.UNSAID if _IN_PASSING.search(text) else network([text])


_EXCEPTED = re.compile(
    r"\b(?:EXCEPT(?:ING|IONS?)?|OTHER THAN|NOT APPL(?:Y|IED|ICABLE) (?:TO|FOR)|NOT INCLUDING|NOT INCLUDE"
    r"|EXCLUD(?:ES?|ED|ING))\b[^.;]*",
    re.IGNORECASE,
)
_WAIVED_FOR = re.compile(r"\bWAIVED (?:FOR|IF|WHEN)\b[^.;]*", re.IGNORECASE)
_CARRIED = re.compile(
    r"\b(?:INCLUD\w{1,5}|WITH|PLUS|AFTER)\b[^.;]{0,40}\bCARR(?:Y|IED)[- ]?(?:OVER|FORWARD)\b[^.;]*", re.IGNORECASE
)


def own_words(texts: Iterable[str], is_nothing: bool = False) -> list[str]:
    """Return messages without what they except, which says nothing of the statement itself.

    What is waived for others says nothing of an amount either; a share of nothing is the one that is waived.

    >>> own_words(["NOT APPLICABLE TO EMERGENCY", "INPATIENT ONLY", "WAIVED FOR TELEHEALTH"])
    ['', 'INPATIENT ONLY', '']
    >>> own_words(["WAIVED FOR TELEHEALTH"], is_nothing=True)
    ['WAIVED FOR TELEHEALTH']
    """
    cut = (_EXCEPTED, _CARRIED) if is_nothing else (_EXCEPTED, _CARRIED, _WAIVED_FOR)
    return [_without(text, cut) for text in texts]


def _without(text: str, patterns: Iterable[re.Pattern[str]]) -> str:
    for pattern in patterns:
        text = pattern.sub("", text)
    return text


_AGE = r"(?:AGES?|AGED)"
_UP_TO = re.compile(
    rf"\b(?:UP TO|THROUGH|THRU|TO) (?:{_AGE} )?(\d{{1,2}})\b(?! ?(?:VISIT|DAY|%|\$|PER))"
    rf"|\b{_AGE}:? ?(?:<=|0 ?(?:-|TO)) ?(\d{{1,2}})\b"
    rf"|\b{_AGE} (\d{{1,2}}) (?:AND|OR|&) (?:UNDER|YOUNGER|BELOW)\b",
    re.IGNORECASE,
)
_UNDER = re.compile(
    rf"\b(?:UNDER|YOUNGER THAN|BELOW) (?:{_AGE} )?(\d{{1,2}})\b(?! ?(?:VISIT|DAY|%))|\b{_AGE}:? ?< ?(\d{{1,2}})\b",
    re.IGNORECASE,
)
_FROM_AGE = re.compile(
    rf"\b{_AGE} (\d{{1,2}}) ?(?:\+|(?:AND|OR|&) (?:OVER|OLDER|ABOVE|UP)\b)"
    r"|\b(\d{1,2}) (?:YEARS? )?(?:AND|OR|&) (?:OVER|OLDER)\b"
    rf"|\b{_AGE}:? ?>= ?(\d{{1,2}})\b",
    re.IGNORECASE,
)
_AGES = re.compile(rf"\b{_AGE}:? (\d{{1,2}}) ?(?:-|TO|THROUGH|THRU) ?(\d{{1,2}})\b", re.IGNORECASE)
_CHILDREN = re.compile(r"\bPEDIATRIC\b|\bCHILD(?:REN)?(?:'S)? (?:ONLY|BENEFIT|COPAY)\b|\bFOR CHILDREN\b", re.IGNORECASE)
_ADULT_FROM = 19
_SETTINGS = (
    ("inpatient", re.compile(r"\bIN-?PATIENT\b|\bIP\b(?! ?/ ?OP)", re.IGNORECASE)),
    ("skilled nursing", re.compile(r"\bSKILLED NURSING\b|\bSNF\b", re.IGNORECASE)),
    (
        "outpatient hospital",
        re.compile(r"\b(?:OUT-?PATIENT|OP) (?:HOSPITAL|FACILITY)\b|\bHOSPITAL[- ]BASED\b", re.IGNORECASE),
    ),
    ("home", re.compile(r"\bHOME (?:HEALTH|CARE|VISITS?)\b", re.IGNORECASE)),
    ("telehealth", re.compile(r"\bTELE-?(?:HEALTH|MEDICINE)\b|\bVIRTUAL\b", re.IGNORECASE)),
    ("emergency", re.compile(r"\bEMERGENCY\b", re.IGNORECASE)),
)
_OUTPATIENT = re.compile(
    r"\bOUT-?PATIENT\b(?! (?:HOSPITAL|FACILITY|SURG))|\bOFFICE\b|\bCLINIC\b|\bFREE-?STANDING\b", re.IGNORECASE
)
_NO_REFERRAL = re.compile(
    r"\b(?:NO|WITHOUT|W/O)(?: A| PCP| SPECIALIST)* REFERRAL\b"
    r"|\bREFERRALS?(?: IS| ARE)? NOT (?:REQUIRED|NEEDED|NECESSARY)\b|\bDOES NOT (?:REQUIRE|NEED) (?:A )?REFERRAL",
    re.IGNORECASE,
)
_REFERRAL = re.compile(r"\bREFERRALS?\b", re.IGNORECASE)
_ASKED = r"(?:PRE-?(?:CERT(?:IFICATION)?|AUTH(?:ORIZATION)?|DETERMINATION)|AUTH(?:ORIZATION)?)S?"
_AUTHORIZATION = re.compile(rf"\b{_ASKED}\b", re.IGNORECASE)
_NO_AUTHORIZATION = re.compile(
    rf"\bNO (?:PRIOR |ADVANCE )?{_ASKED}\b|\b{_ASKED}(?: IS| ARE|:)? (?:NOT|NONE|NO|WAIVED)\b"
    rf"|\b(?:DOES|DO) NOT (?:REQUIRE|NEED) (?:A |AN )?(?:PRIOR |ADVANCE )?{_ASKED}\b",
    re.IGNORECASE,
)
_OTHER_YEAR = re.compile(r"\b(?:PRIOR|PREVIOUS|LAST)(?: (?:BENEFIT|CALENDAR|PLAN|CONTRACT))? YEAR\b", re.IGNORECASE)
_NAMED_YEAR = re.compile(
    r"\b(?:(?:BENEFIT|CALENDAR|PLAN|CONTRACT|POLICY) YEAR|CY|PY)[: ]*(20\d\d)\b"
    r"|\b(20\d\d) (?:(?:BENEFIT|CALENDAR|PLAN|CONTRACT|POLICY) YEAR|DEDUCTIBLE|MAXIMUM|ACCUMULATORS?)\b",
    re.IGNORECASE,
)


def ages_in(texts: Iterable[str]) -> Ages | None:
    """Return the ages that messages limit a statement to.

    >>> ages_in(["COPAY UP TO AGE 18"]), ages_in(["AGES 19 TO 64"]), ages_in(["20 VISITS UP TO 30 VISITS"])
    (Ages(youngest=None, oldest=18), Ages(youngest=19, oldest=64), None)
    >>> ages_in(["UNDER 21"]), ages_in(["AGE 65 AND OVER"]), ages_in(["PEDIATRIC BENEFIT"])
    (Ages(youngest=None, oldest=20), Ages(youngest=65, oldest=None), Ages(youngest=None, oldest=18))
    """
    said = " ".join(texts)
    if match := _AGES.search(said):
        return Ages(int(match[1]), int(match[2])) if int(match[1]) <= int(match[2]) else None
    if match := _UNDER.search(said):
        return Ages(None, max(int(match[1] or match[2]) - 1, 0))
    if re.search(rf"\b{_AGE}\b|\b(?:AND|OR|&) (?:OVER|OLDER|UNDER|YOUNGER)\b", said, re.IGNORECASE):
        if match := _FROM_AGE.search(said):
            return Ages(int(match[1] or match[2] or match[3]), None)
        if match := _UP_TO.search(said):
            return Ages(None, int(match[1] or match[2] or match[3]))
    return Ages(None, _ADULT_FROM - 1) if _CHILDREN.search(said) else None


def setting_in(texts: Iterable[str]) -> str:
    """Return the place that messages name where it's another than a therapist's office; "" where none is, or both.

    >>> setting_in(["INPATIENT ONLY"]), setting_in(["INPATIENT AND OUTPATIENT"]), setting_in(["OFFICE VISIT"])
    ('inpatient', '', '')
    """
    said = " ".join(texts)
    if _OUTPATIENT.search(said):
        return ""
    return next((name for name, pattern in _SETTINGS if pattern.search(said)), "")


def referral_in(texts: Iterable[str]) -> bool | None:
    """Tell whether messages ask for a referral; None where they don't speak of one.

    >>> referral_in(["PCP TO SUBMIT A SPECIALIST REFERRAL"]), referral_in(["NO REFERRAL REQUIRED"]), referral_in(["X"])
    (True, False, None)
    """
    said = " ".join(texts)
    if _NO_REFERRAL.search(said):
        return False
    return True if _REFERRAL.search(said) else None


def speaks_of_authorization(text: str) -> bool:
    """Tell whether a message speaks of an authorization at all.

    >>> speaks_of_authorization("PRECERTIFICATION AFTER 12 VISITS"), speaks_of_authorization("AUTHORIZED USER")
    (True, False)
    """
    return _AUTHORIZATION.search(text) is not None


def asks_for_authorization(text: str) -> bool:
    """Tell whether a message asks for one, be it only from some visit on.

    >>> asks_for_authorization("PRIOR AUTH REQUIRED"), asks_for_authorization("PRE-CERT NOT REQUIRED")
    (True, False)
    >>> asks_for_authorization("NOT PAID WITHOUT AUTHORIZATION"), asks_for_authorization("NO PRIOR AUTH NEEDED")
    (True, False)
    >>> asks_for_authorization("NO AUTH REQUIRED FOR FIRST 12 VISITS")
    True
    """
    return speaks_of_authorization(text) and (_NO_AUTHORIZATION.search(text) is None or is_conditional(text))


_CONDITION = re.compile(
    r"\b(?:FIRST|INITIAL|UNTIL|UNLESS|EXCEPT|AFTER|BEYOND|UP TO|OTHER THAN|MORE THAN|EXCEED\w*)\b", re.IGNORECASE
)


def is_conditional(text: str) -> bool:
    """Tell whether a message holds for some visits alone.

    >>> is_conditional("NO REFERRAL REQUIRED FOR FIRST 6 VISITS"), is_conditional("NO REFERRAL REQUIRED")
    (True, False)
    """
    return _CONDITION.search(text) is not None


# A message that is the name of another service and nothing more; "combined with speech therapy" is none.
_OTHER_SERVICES = (
    ("habilitative services", r"HABILITATI(?:VE|ON)"),
    ("speech therapy", r"SPEECH(?: AND LANGUAGE)?"),
    ("occupational therapy", r"OCCUPATIONAL"),
    ("cardiac rehabilitation", r"CARDIAC"),
    ("pulmonary rehabilitation", r"PULMONARY"),
    ("cognitive therapy", r"COGNITIVE"),
    ("chiropractic care", r"CHIRO(?:PRACTIC|PRACTOR)?|SPINAL"),
    ("acupuncture", r"ACUPUNCTURE"),
    ("massage", r"MASSAGE"),
)
_AROUND = (
    r"(?:THERAP(?:Y|IES|IST)|REHAB(?:ILITATION|ILITATIVE)?|SERVICES?|VISITS?|CARE|MANIPULATIONS?|TREATMENTS?|BENEFITS?"
    r"|ONLY|LIMIT|MAXIMUM|COPAY|COINSURANCE|OUT-?PATIENT|OFFICE|PER|CALENDAR|PLAN|YEAR|\d{1,3})"
)
_WHOLE = {name: re.compile(rf"(?:{_AROUND} )*(?:{pattern})(?: {_AROUND})*") for name, pattern in _OTHER_SERVICES}
_THERAPY = re.compile(r"\bPHYSICAL THERAP(?:Y|IES|IST)\b|\bPT ?[/,&] ?(?:OT|ST)\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b\d{1,3}(?: [A-Z]+){0,2} (?:VISITS?|DAYS?|SESSIONS?|TREATMENTS?|MODALITIES|UNITS?)\b"
    r"|\b(?:VISIT|DAY)S? (?:LIMIT|MAX(?:IMUM)?)\W{1,3}\d",
    re.IGNORECASE,
)


def other_service_in(texts: Iterable[str]) -> str:
    """Return the service that a message names by itself, where that is another than physical therapy.

    >>> other_service_in(["SPEECH THERAPY VISITS"]), other_service_in(["COMBINED WITH SPEECH THERAPY"])
    ('speech therapy', '')
    >>> other_service_in(["HABILITATIVE SERVICES"]), other_service_in(["REHABILITATIVE SERVICES"])
    ('habilitative services', '')
    """
    said = [re.sub(r"[^A-Z0-9-]+", " ", text.upper()).strip() for text in texts]
    named = (name for name, whole in _WHOLE.items() if any(map(whole.fullmatch, said)))
    return next(named, "") if said and not any(map(_THERAPY.search, said)) else ""


def names_therapy(texts: Iterable[str]) -> bool:
    """Tell whether messages name physical therapy.

    >>> names_therapy(["PHYSICAL THERAPY"]), names_therapy(["SPECIALIST"])
    (True, False)
    """
    return any(_THERAPY.search(text) for text in texts)


_DEDUCTIBLE = r"(?:THE )?(?:[A-Z]+ )?DEDUCTIBLE"
_WAIVED = re.compile(
    r"\bDEDUCTIBLE (?:IS |HAS BEEN )?(?:WAIVED|NOT APPLICABLE|N/A\b|EXEMPT)"
    r"|\bDEDUCTIBLE (?:IS )?(?:DOES NOT|DOESN.?T|NOT) APPL(?:Y|IED)\b|\bDEDUCTIBLE APPLIES ?[:=-] ?NO?\b"
    rf"|\bNOT SUBJECT TO {_DEDUCTIBLE}\b|\b(?:NO|WITHOUT) DEDUCTIBLE\b",
    re.IGNORECASE,
)
_APPLIES = re.compile(
    rf"\bAFTER {_DEDUCTIBLE}\b|(?<!\bNOT )\bSUBJECT TO {_DEDUCTIBLE}\b|\bDEDUCTIBLE (?:MUST BE MET|FIRST\b)"
    r"|\bDEDUCTIBLE APPLIES\b(?! ?[:=-] ?NO?\b)",
    re.IGNORECASE,
)


def deductible_in(texts: Iterable[str]) -> bool | None:
    """Tell whether messages say that the deductible comes first; None where they don't, or say both.

    >>> deductible_in(["COINSURANCE AFTER DEDUCTIBLE"]), deductible_in(["NOT SUBJECT TO THE DEDUCTIBLE"])
    (True, False)
    >>> deductible_in(["DEDUCTIBLE DOESN'T APPLY"]), deductible_in(["DEDUCTIBLE"])
    (False, None)
    """
    said = " / ".join(texts)
    is_waived, applies = _WAIVED.search(said) is not None, _APPLIES.search(said) is not None
    return None if is_waived == applies else applies


_PLANS_SHARE = re.compile(
    r"\b(?:PLAN|PAYER|INSURER|INSURANCE|BENEFIT) (?:WILL )?(?:PAYS?|COVERS?)(?: AT)? (\d{1,3}) ?(?:%|PERCENT)"
    r"|\b(?:PAID|PAYABLE|COVERED|PAYS|COVERS|REIMBURSED) AT (\d{1,3}) ?(?:%|PERCENT)",
    re.IGNORECASE,
)


def shares_of_the_plan(texts: Iterable[str]) -> set[int]:
    """Return the percentages that messages call the plan's own part, so that none of them is the patient's.

    >>> shares_of_the_plan(["PLAN PAYS 80% AFTER DEDUCTIBLE"]), shares_of_the_plan(["MEMBER PAYS 20%"])
    ({80}, set())
    """
    return {int(first or second) for text in texts for first, second in _PLANS_SHARE.findall(text)}


_EMBEDDED_NOT = re.compile(r"\bNON-? ?EMBEDDED\b|\bNOT EMBEDDED\b", re.IGNORECASE)
_WARNING = re.compile(
    r"\bGRACE PERIOD\b|\bSUSPEN(?:D|SION)\w{0,3}\b|\bDELINQUENT\b|\bLAPSED?\b"
    r"|\bPREMIUMS? (?:DUE|UNPAID|NOT PAID|OWED)\b"
    r"|\bPAST DUE\b|\bPENDED\b|\bPENDING (?:TERM|CANCEL)\w{0,10}\b|\bRETRO(?:ACTIVE)?[- ]?TERM\w{0,10}\b",
    re.IGNORECASE,
)


def is_not_embedded(texts: Iterable[str]) -> bool:
    """Tell whether messages say that a person's own amount doesn't count within a family's.

    >>> is_not_embedded(["NON-EMBEDDED"]), is_not_embedded(["EMBEDDED"])
    (True, False)
    """
    return any(map(_EMBEDDED_NOT.search, texts))


def warns_of_cover(text: str) -> bool:
    """Tell whether a message beside active cover says that it may not last, or that nothing is paid meanwhile.

    >>> warns_of_cover("MEMBER IN GRACE PERIOD - CLAIMS PENDED"), warns_of_cover("PPO")
    (True, False)
    """
    return _WARNING.search(text) is not None


_NEEDLING = re.compile(r"\bNEEDLING\b|\b2056[01]\b", re.IGNORECASE)


def speaks_of_needling(text: str) -> bool:
    """Tell whether a message speaks of dry needling, by its name or its codes.

    >>> speaks_of_needling("DRY NEEDLING IS EXCLUDED"), speaks_of_needling("NEEDLES")
    (True, False)
    """
    return _NEEDLING.search(text) is not None


def without_network(name: str) -> str:
    """Return the name of a plan without its network, by which some payers part one plan into two.

    >>> without_network("BLUE PPO OUT OF NETWORK"), without_network("BLUE PPO - IN-NETWORK"), without_network("PPO")
    ('BLUE PPO', 'BLUE PPO', 'PPO')
    >>> without_network("MEDICARE ELITE (PPO)"), without_network("ELITE (PPO) (OUT-OF-NETWORK)")
    ('MEDICARE ELITE (PPO)', 'ELITE (PPO)')
    """
    network_words = r"\b(?:IN|OUT(?:[- ]OF)?)[- ]NETWORK\b"
    plain = re.sub(rf"\({network_words}\)|{network_words}", "", name, flags=re.IGNORECASE)
    return plain.strip(" -:/") or name


def counts_in_words(text: str) -> bool:
    """Tell whether a message states how many visits are covered, which no number is taken from.

    >>> counts_in_words("LIMITED TO 30 VISITS PER YEAR"), counts_in_words("AUTH AFTER VISIT 12")
    (True, False)
    """
    return _COUNTED.search(text) is not None


def tells_of_use(text: str) -> bool:
    """Tell whether a message speaks of what is used or left.

    >>> tells_of_use("12 VISITS USED"), tells_of_use("LIMITED TO 30 VISITS")
    (True, False)
    """
    return speaks_of_use([text]) or speaks_of_rest([text])


def other_year_in(texts: Iterable[str], year: int) -> str:
    """Return the benefit year that messages name where it's another than this one.

    >>> other_year_in(["BENEFIT YEAR 2025"], 2026), other_year_in(["2026 DEDUCTIBLE"], 2026)
    ('benefit year 2025', '')
    """
    said = " ".join(texts)
    if _OTHER_YEAR.search(said):
        return "the year before"
    years = {int(first or second) for first, second in _NAMED_YEAR.findall(said)}
    return f"benefit year {min(years)}" if years and year not in years else ""
