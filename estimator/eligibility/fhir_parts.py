"""What every reading of FHIR needs: parts of a resource, codes, figures, whom to hide, the standard's own check."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from typing import Any, TypeVar

from estimator.eligibility.filters import carved_out, market_by_type
from estimator.eligibility.messages import network
from estimator.eligibility.statements import (
    FIGURED,
    SHARES,
    Aspect,
    Benefit,
    Block,
    Hidden,
    Kind,
    Level,
    Network,
    Note,
    Origin,
    dates_of_birth,
    money_of,
    read_count,
    read_money,
    read_share,
    read_span,
)
from estimator.eligibility.x12_text import PERIODS
from estimator.engine.values import Span
from estimator.errors import EligibilityRefused, Problem

# ----------------------------------------------------------------------------
# Parts of a resource, looked up without trust: what is not of the shape that it should have counts as missing.
# ----------------------------------------------------------------------------

Part = Mapping[str, Any]


def part(whole: Part, key: str) -> Part:
    """Return the object at a key; an empty one where there is none."""
    found = whole.get(key)
    return found if isinstance(found, Mapping) else {}


def parts(whole: Part, key: str) -> list[Part]:
    """Return the objects of the list at a key, in the place of others an empty one."""
    found = whole.get(key)
    return [each if isinstance(each, Mapping) else {} for each in found] if isinstance(found, list) else []


def text(whole: Part, key: str) -> str:
    """Return the text, number or code at a key, as it was written."""
    found = whole.get(key)
    return found.strip() if isinstance(found, str) else ""


def codes(concept: Part) -> list[str]:
    """Return the codes of a concept, a display where there is no code, and its text last."""
    coded = [code for coding in parts(concept, "coding") if (code := text(coding, "code") or text(coding, "display"))]
    return [*coded, *filter(None, (text(concept, "text"),))]


def span_of(whole: Part, key: str) -> Span:
    """Return the days of the period at a key; always where there is none."""
    period = part(whole, key)
    return read_span(text(period, "start"), text(period, "end"))


def strings(value: Any) -> Iterator[str]:
    """Yield every text within a value, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


@dataclass(slots=True)
class Reader:
    """What the reading of a resource gathers on its way."""

    hidden: Hidden
    notes: list[Note] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    coverages: dict[str, Part] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)

    def block_of(self, insurance: Part) -> Block:
        """Return the plan that an insurance of a response, or a coverage, stands for."""
        reference = text(part(insurance, "coverage"), "reference").lstrip("#").rpartition("/")[2]
        coverage = self.coverages.get(reference, {}) if reference else insurance
        display = text(part(insurance, "coverage"), "display")
        key = reference or text(insurance, "id") or display or "?"
        if key not in self.blocks:
            kinds = codes(part(coverage, "type"))
            shown = [text(coding, "display") for coding in parts(part(coverage, "type"), "coding")]
            told = " ".join((*kinds, *shown))[:_LONGEST_TYPE]
            insured = next((code for code in _INSURANCES if code in told.upper().split()), "")
            named = plan_of(coverage) or _named_by_extension(insurance) or display
            name = self.hidden.without(named)
            carved = carved_out(name, ()) or carved_out(told, ())
            market = market_by_type(_sources_of_payment(coverage), told)
            self.blocks[key] = Block(len(self.blocks) + 1, name, insured, carved, market)
        return self.blocks[key]

    def origin(self, place: str, words: str) -> Origin:
        """Return a place, numbered in the order of reading."""
        return Origin(next(self.numbers), place, self.hidden.without(words))

    def shortly(self, words: str) -> str:
        """Return the beginning of a text without what tells who somebody is, which half a name at its end would."""
        return self.hidden.without(words)[:_LONGEST_NAME]


_LONGEST_TYPE, _LONGEST_NAME = 300, 60
# Insurance types of X12, where a coverage names its type by them.
_INSURANCES = ("MA", "MB", "MC", "HN", "WC", "AP", "GP", "CO")


def _sources_of_payment(coverage: Part) -> list[str]:
    """Return the types of a coverage by HL7's letters or the Source of Payment Typology, whose numbers X12 has too."""
    kinds = parts(part(coverage, "type"), "coding")
    is_typology = re.compile(r"sopt|nahdo|221\.5\b", re.IGNORECASE)
    coded = [(text(each, "code"), is_typology.search(text(each, "system"))) for each in kinds]
    return [code for code, is_sopt in coded if is_sopt or code.endswith("POL")]


def _named_by_extension(insurance: Part) -> str:
    """Return a plan's name from an extension of a payer's or a vendor's own that says so."""
    return next(
        (text(each, "valueString") for each in parts(insurance, "extension") if "plan" in text(each, "url")), ""
    )


def plan_of(coverage: Part) -> str:
    """Return the name of the plan."""
    named = {code: text(each, "name") for each in parts(coverage, "class") for code in codes(part(each, "type"))}
    return named.get("plan") or named.get("group") or ""


_MOST_LEVELS = 60
_MOST_BYTES = 1_000_000
# What a payer answers about one patient has some hundred.
_MOST_PARTS = 20_000
_TOO_MUCH = f"It holds more than {_MOST_PARTS:,} lists and objects. Give the answer about one patient and one visit."
_TOO_DEEP = f"It is nested more than {_MOST_LEVELS} levels deep. FHIR never is."


def written_in(content: bytes | str) -> Any:
    """Return what a file of JSON holds, with every number as it was written; refuse what isn't JSON."""
    if isinstance(content, str):
        return _parsed(content)
    if len(content) > _MOST_BYTES:
        raise EligibilityRefused((Problem("file", "Give a file of at most 1 MB."),))
    return _parsed(content.decode("utf-8-sig", errors="replace"))


def _parsed(written: str) -> Any:
    """Return a JSON text with every number as it was written."""
    _check_depth(written)
    try:
        return json.loads(written, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        words = f"Line {error.lineno}, column {error.colno} is not JSON: {error.msg}."
        raise EligibilityRefused((Problem("file", words),)) from error
    except RecursionError as error:
        raise EligibilityRefused((Problem("file", _TOO_DEEP),)) from error


def _check_depth(written: str) -> None:
    """Refuse a text that is nested too deeply, or holds too much, before anything follows it down.

    It's read once from start to end. Escapes go first, so that every quotation mark begins or ends a text.
    """
    level = deepest = opened = 0
    for mark in re.findall(r'"[^"]*"?|[\[\]{}]', re.sub(r"(?s)\\.", "", written)):
        if mark in ("[", "{"):
            level += 1
            opened += 1
            deepest = max(deepest, level)
        elif mark in ("]", "}"):
            level -= 1
    if deepest > _MOST_LEVELS:
        raise EligibilityRefused((Problem("file", _TOO_DEEP),))
    if opened > _MOST_PARTS:
        raise EligibilityRefused((Problem("file", _TOO_MUCH),))


# ----------------------------------------------------------------------------
# Codes of FHIR in our words: kinds of benefits, networks, units, terms and the categories of services.
# ----------------------------------------------------------------------------

V = TypeVar("V")

KINDS = {
    "deductible": Kind.DEDUCTIBLE,
    "copay": Kind.COPAY,
    "copay-percent": Kind.COINSURANCE,
    "coinsurance": Kind.COINSURANCE,
    "copaypct": Kind.COINSURANCE,
    "visit": Kind.LIMIT,
    "visits": Kind.LIMIT,
    "benefit": Kind.LIMIT,
    "out-of-pocket": Kind.OUT_OF_POCKET_MAX,
    "out-of-pocket-maximum": Kind.OUT_OF_POCKET_MAX,
    "outofpocketmax": Kind.OUT_OF_POCKET_MAX,
    "max-out-of-pocket": Kind.OUT_OF_POCKET_MAX,
    "maxoutofpocket": Kind.OUT_OF_POCKET_MAX,
    "moop": Kind.OUT_OF_POCKET_MAX,
    "oop": Kind.OUT_OF_POCKET_MAX,
    "stop-loss": Kind.OUT_OF_POCKET_MAX,
    # X12's own names and codes of EB01.
    "out-of-pocket-stop-loss": Kind.OUT_OF_POCKET_MAX,
    "co-payment": Kind.COPAY,
    "copayment": Kind.COPAY,
    "co-insurance": Kind.COINSURANCE,
    "limitations": Kind.LIMIT,
    "limitation": Kind.LIMIT,
    "non-covered": Kind.NOT_COVERED,
    "not-covered": Kind.NOT_COVERED,
    "active-coverage": Kind.ACTIVE,
    "active": Kind.ACTIVE,
    "inactive": Kind.INACTIVE,
    "inactive-coverage": Kind.INACTIVE,
    "benefit-description": Kind.OTHER,
    "coverage-basis": Kind.OTHER,
    "exclusions": Kind.OTHER,
    "primary-care-provider": Kind.OTHER,
    "contact-following-entity-for-eligibility-or-benefit-information": Kind.OTHER,
    "a": Kind.COINSURANCE,
    "b": Kind.COPAY,
    "c": Kind.DEDUCTIBLE,
    "f": Kind.LIMIT,
    "g": Kind.OUT_OF_POCKET_MAX,
    "i": Kind.NOT_COVERED,
    "1": Kind.ACTIVE,
    "6": Kind.INACTIVE,
}
_ACTIVE_WITH = ("active - ", "inactive - ")
NETWORKS = {
    "in": Network.IN,
    "in-network": Network.IN,
    "innetwork": Network.IN,
    "out": Network.OUT,
    "out-of-network": Network.OUT,
    "outofnetwork": Network.OUT,
    "non-participating": Network.OUT,
    "participating": Network.IN,
    "both": Network.BOTH,
    "in-out": Network.BOTH,
    # X12's own codes and words of EB12.
    "y": Network.IN,
    "n": Network.OUT,
    "w": Network.BOTH,
    "u": Network.UNSAID,
    "yes": Network.IN,
    "no": Network.OUT,
    "not-applicable": Network.BOTH,
    "unknown": Network.UNSAID,
}
LEVELS = {"individual": Level.PERSON, "ind": Level.PERSON, "family": Level.FAMILY, "fam": Level.FAMILY}
# What a term means, and which part of an amount it speaks of: in words, or by X12's own codes of EB06.
TERMS = {
    "annual": ("year", Aspect.TOTAL),
    "annually": ("year", Aspect.TOTAL),
    "year": ("year", Aspect.TOTAL),
    "calendar-year": ("calendar year", Aspect.TOTAL),
    "plan-year": ("plan year", Aspect.TOTAL),
    "service-year": ("service year", Aspect.TOTAL),
    "contract-year": ("contract year", Aspect.TOTAL),
    "contract": ("contract year", Aspect.TOTAL),
    "years": ("years", Aspect.TOTAL),
    "24-hours": ("24 hours", Aspect.TOTAL),
    "hour": ("hour", Aspect.TOTAL),
    "benefit-year": ("year", Aspect.TOTAL),
    "year-to-date": ("year to date", Aspect.USED),
    "remaining": ("", Aspect.REMAINING),
    "day": ("day", Aspect.TOTAL),
    "visit": ("visit", Aspect.TOTAL),
    "month": ("month", Aspect.TOTAL),
    "week": ("week", Aspect.TOTAL),
    "episode": ("episode", Aspect.TOTAL),
    "admission": ("admission", Aspect.TOTAL),
    "lifetime": ("lifetime", Aspect.TOTAL),
    "lifetime-remaining": ("lifetime", Aspect.REMAINING),
    **PERIODS,
}
# By the names of X12's service types; of several that fit, the longest.
_SERVICES_BY_WORD = {
    "physical therapy": "PT",
    "physical medicine": "AE",
    "rehabilitation": "A9",
    "rehabilitation - inpatient": "AB",
    "rehabilitation - outpatient": "AC",
    "cardiac rehabilitation": "BG",
    "pulmonary rehabilitation": "BF",
    "occupational therapy": "AD",
    "speech therapy": "AF",
    "office visit": "98",
    "professional (physician) visit - office": "98",
    "professional (physician)": "96",
    "professional (physician) visit - inpatient": "99",
    "professional (physician) visit - outpatient": "A0",
    "professional (physician) visit - home": "A1",
    "physician visit - well": "BZ",
    "physician visit - sick": "BY",
    "health benefit plan coverage": "30",
    "dental": "35",
    "vision": "AL",
    "pharmacy": "88",
    "chiropractic": "33",
    "acupuncture": "64",
    "emergency": "86",
    "urgent care": "UC",
    "mental health": "MH",
    "hospital": "47",
    "hospital - inpatient": "48",
    "hospital - outpatient": "50",
}
# HL7's own example has "medical" for what a plan says of all its care.
_PLAIN_CARE = ("medical", "medical care", "health plan coverage")
_CARD = re.compile(
    r"(?P<level>Fam|Ind|Pers)(?P<kind>Rx|Den|Vis|Med)?(?P<network>In|Out)(?P<what>Ded|Max)", re.IGNORECASE
)
# A specialist’s office visit stands for therapy where nothing nearer does; a general practitioner’s never does.
_COPAYS = {"gpvisit": "BY", "spvisit": "98", "emergency": "86", "inpthosp": "48", "urgentcare": "UC", "copay": "30"}


def first_of(table: Mapping[str, V], words: Iterable[str]) -> V | None:
    """Return what the first code that is known means."""
    told = [key for word in words for key in (word.lower(), _plain(word))]
    return next((table[key] for key in told if key in table), None)


def network_of(words: Sequence[str]) -> Network | None:
    """Return the network that codes or words name; None where they name none that is understood.

    >>> network_of(["In and Out of Network"]).name, network_of(["OON"]).name, network_of(["Tier 2"])
    ('BOTH', 'OUT', None)
    """
    if (known := first_of(NETWORKS, words)) is not None:
        return known
    said = " ".join(words)
    if _OF_BOTH.search(said):
        return Network.BOTH
    found = network(words)
    return found if found is not Network.UNSAID else None


def level_of(words: Sequence[str]) -> Level | None:
    """Return for whom a row holds; None where that isn't understood.

    >>> level_of(["Individual (Embedded)"]).name, level_of(["Family"]).name, level_of(["Employee and spouse"])
    ('PERSON', 'FAMILY', None)
    """
    if (known := first_of(LEVELS, words)) is not None:
        return known
    said = " ".join(words)
    is_one, is_all = _OF_ONE.search(said) is not None, _OF_ALL.search(said) is not None
    return None if is_one == is_all else Level.PERSON if is_one else Level.FAMILY


def term_of(words: Sequence[str]) -> tuple[str, Aspect] | None:
    """Return over what time a row holds, and which part of an amount it speaks of; None where that isn't understood.

    >>> term_of(["Per Calendar Year"]), term_of(["per quarter"])
    (('calendar year', <Aspect.TOTAL: 'total'>), None)
    >>> term_of(["Calendar Year Remaining"])
    ('calendar year', <Aspect.REMAINING: 'remaining'>)
    """
    if (known := first_of(TERMS, words)) is not None:
        return known
    told = part_of(words)
    plain = (_plain(_PART.sub("", word)).removeprefix("per-").removeprefix("each-") for word in words)
    known = first_of(TERMS, plain)
    return known if known is None or told is Aspect.TOTAL else (known[0], told)


def _plain(word: str) -> str:
    """Return a word as the tables have it: small letters, hyphens, no remark in brackets.

    >>> _plain("Out of Pocket (Stop Loss)"), _plain("Deductible (Incomplete information)"), _plain("In Network")
    ('out-of-pocket-stop-loss', 'deductible', 'in-network')
    """
    told = _REMARK.sub("", word.lower())
    return re.sub(r"[^a-z0-9]+", "-", told).strip("-")


_OF_BOTH = re.compile(r"\bin(?:[- ]network)? ?(?:and|or|&|/|\+) ?out\b|\b(?:both|all|any) networks?\b", re.IGNORECASE)
_OF_ONE = re.compile(r"\b(?:individual|person|member|self|subscriber)\b", re.IGNORECASE)
_OF_ALL = re.compile(r"\bfamily\b", re.IGNORECASE)
_REMARK = re.compile(r"\([^()]*(?:incomplete|see|note)[^()]*\)", re.IGNORECASE)


_PART = re.compile(r"\b(?P<rest>remaining|left)\b|\b(?:used|met|paid|year[- ]to[- ]date|ytd)\b", re.IGNORECASE)


def part_of(words: Iterable[str]) -> Aspect:
    """Return which part of an amount the name of a benefit speaks of.

    >>> str(part_of(["Deductible Remaining"])), str(part_of(["Deductible Met"])), str(part_of(["deductible"]))
    ('remaining', 'used', 'total')
    """
    found = next(filter(None, map(_PART.search, words)), None)
    if found is None:
        return Aspect.TOTAL
    return Aspect.REMAINING if found["rest"] else Aspect.USED


_OF_A_VISIT = re.compile(r"\b(?:per|each) visit\b|\bphysical therapy\b|\bamount\b", re.IGNORECASE)


def kind_of(words: Iterable[str]) -> tuple[Kind | None, bool]:
    """Return what a benefit says, by its code or its name, and whether the payer calls it incomplete."""
    words = [_PART.sub("", word).strip(" -") or word for word in words]
    is_incomplete = any("incomplete" in word.lower() for word in words)
    for word in words:
        if word.lower().startswith(_ACTIVE_WITH):
            return Kind.ACTIVE if word.lower().startswith("a") else Kind.INACTIVE, is_incomplete
    if (known := first_of(KINDS, words)) is not None:
        return known, is_incomplete
    # What a visit costs may be named with the visit, or with therapy: "Physical Therapy Copay", "Copay per visit".
    plain = first_of(KINDS, (_OF_A_VISIT.sub("", word).strip(" -:") for word in words))
    return plain if plain in SHARES else None, is_incomplete


def services_of(words: Iterable[str]) -> tuple[str, ...]:
    """Return X12 service types, by their codes or by their names.

    >>> services_of(["PT"]), services_of(["Physical Therapy services"])
    (('PT',), ('PT',))
    """
    found = []
    for word in words:
        if re.fullmatch(r"[A-Z0-9]{1,3}", word):
            found.append(word)
        elif word.lower() in _PLAIN_CARE:
            found.append("30")
        else:
            fitting = [name for name in _SERVICES_BY_WORD if name in word.lower()]
            found += [_SERVICES_BY_WORD[max(fitting, key=len)]] if fitting else []
    return tuple(dict.fromkeys(found))


def on_a_card(words: Iterable[str]) -> tuple[Kind, Level, Network, tuple[str, ...]] | None:
    """Return what a code of a member's card means, such as FamInDed; one for drugs or teeth is of no matter here.

    >>> on_a_card(["FamOutDed"])[:2], on_a_card(["FamRxInDed"])
    ((<Kind.DEDUCTIBLE: 'deductible'>, <Level.FAMILY: 'family'>), None)
    """
    for word in words:
        if (match := _CARD.fullmatch(word)) and (match["kind"] or "med").lower() == "med":
            kind = Kind.DEDUCTIBLE if match["what"].lower() == "ded" else Kind.OUT_OF_POCKET_MAX
            level = Level.FAMILY if match["level"].lower() == "fam" else Level.PERSON
            return kind, level, Network.IN if match["network"].lower() == "in" else Network.OUT, ("30",)
        if word.lower() in _COPAYS:
            return Kind.COPAY, Level.UNSAID, Network.UNSAID, (_COPAYS[word.lower()],)
        if (plain := KINDS.get(word.lower())) is not None and plain is not Kind.LIMIT:
            return plain, Level.UNSAID, Network.UNSAID, ("30",)
    return None


# ----------------------------------------------------------------------------
# One figure of FHIR: money with its currency, a whole number, or text that holds one of them.
# ----------------------------------------------------------------------------

_DOLLARS = ("", "USD")


def add_figure(said: Benefit, whole: Part, key: str, place: str, reader: Reader) -> Iterator[Benefit]:
    """Yield the statement with the figure at a key; what is no figure becomes a note."""
    is_money = key.endswith(("Money", "Quantity"))
    written = text(part(whole, key), "value") if is_money else text(whole, key)
    currency = text(part(whole, key), "currency")
    if currency not in _DOLLARS:
        reader.notes.append(Note(f"{place}.{key}", "The currency is not USD. Not read."))
        return
    is_worded = key.endswith("String") and said.kind in FIGURED
    meant, figure = _in_words(said, written) if is_worded else (said, written)
    try:
        read = _with_figure(meant, figure, is_money, is_dollars=key.endswith("Money") and currency == "USD")
    except ValueError as error:
        reader.notes.append(Note(f"{place}.{key}", f"What stands here {error}."))
        return
    yield replace(read, origin=reader.origin(f"{place}.{key}", f"{said.kind}: {key} {written} {currency}".strip()))


def _with_figure(said: Benefit, written: str, is_money: bool, is_dollars: bool) -> Benefit:
    if said.kind is Kind.COPAY and written.endswith("%"):
        said = replace(said, kind=Kind.COINSURANCE, doubts=(*said.doubts, _SHARE_AS_COPAY))
    if said.kind is Kind.COINSURANCE and is_dollars:
        return replace(said, amount=money_of(read_money(written)), doubts=(*said.doubts, _DOLLARS_AS_SHARE))
    if said.kind is Kind.COINSURANCE:
        is_share = written.endswith("%") or _DECIMAL_SHARE.fullmatch(written)
        return replace(said, rate=read_share(written if is_share else f"{written}%"))
    if said.is_unlimited:
        return said
    if said.kind is Kind.LIMIT and not is_money:
        match = _COUNTED.match(written)
        count = read_count(match[1] if match else written)
        unit = "days" if match and match[2].lower().startswith("day") else "visits"
        return replace(said, quantity=count.value, is_unlimited=count.is_unlimited, unit=unit)
    amount = read_money(written)
    return replace(said, amount=money_of(amount), is_unlimited=amount.is_unlimited)


_COUNTED = re.compile(r"(\d{1,5}) (visit|day)s?\b", re.IGNORECASE)
# A percentage of less than one isn't meant: .2 is 20%, as in X12.
_DECIMAL_SHARE = re.compile(r"0*\.\d*[1-9]\d*")
_FIGURE_WITH_WORDS = re.compile(
    r"(?P<figure>\$?[0-9][0-9,]*(?:\.[0-9]+)?%?)(?P<percent> ?percent)?"
    r"(?: ?(?:copay(?:ment)?|co-?insurance|deductible))?(?: ?(?:/|per|each|a) ?(?P<each>visit|day|admission))?",
    re.IGNORECASE,
)
_NO_LIMIT = ("unlimited", "no limit", "no maximum", "no visit limit", "none")
_NOTHING = ("none", "no charge", "no copay", "no deductible", "no coinsurance")


def _in_words(said: Benefit, written: str) -> tuple[Benefit, str]:
    """Return a figure without the words around it: "$40 per visit", "20 percent", "Unlimited", "None"."""
    plain = written.lower().strip(" .")
    is_bound = said.kind in (Kind.LIMIT, Kind.OUT_OF_POCKET_MAX)
    if is_bound and plain in _NO_LIMIT:
        return replace(said, is_unlimited=True, unit="visits" if said.kind is Kind.LIMIT else ""), ""
    if plain in _NOTHING:
        return said, "0"
    match = _FIGURE_WITH_WORDS.fullmatch(written)
    if match is None or said.kind is Kind.LIMIT:
        return said, written
    said = replace(said, period=match["each"].lower()) if match["each"] else said
    return said, match["figure"] + ("%" if match["percent"] else "")


_SHARE_AS_COPAY = "It says copay and holds a percentage, which is unusual. Read as coinsurance."
_DOLLARS_AS_SHARE = "It says coinsurance and holds dollars. It is shown and not used: ask the payer."


# ----------------------------------------------------------------------------
# What identifies a person in FHIR, so that it can be taken out of what is shown.
# ----------------------------------------------------------------------------

_NAMES = ("patient", "beneficiary", "subscriber", "policyHolder", "requestor", "enterer", "provider")
_OTHERS = ("subscriberId", "identifier", "address", "telecom", "dependent", "preAuthRef")
_PEOPLE = ("Patient", "RelatedPerson", "Practitioner", "Person")


def hidden_of(whole: Any) -> Hidden:
    """Gather names and numbers of people, wherever in a text they stand."""
    names, others = [], []
    for key, value, kind in elements(whole):
        if key in _NAMES or (kind in _PEOPLE and key == "name"):
            names += [text for text in strings(value) if "/" not in text]
        elif key in _OTHERS:
            others += [text for text in strings(value) if not text.startswith("http")]
        elif key == "birthDate":
            others += [day for text in strings(value) for day in dates_of_birth(text)]
    return Hidden.of(names, others)


def elements(whole: Any) -> Iterator[tuple[str, Any, str]]:
    """Yield every element with its key and the kind of resource that it stands in."""
    waiting = [(whole, "")]
    while waiting:
        one, kind = waiting.pop()
        if isinstance(one, Mapping):
            kind = one["resourceType"] if isinstance(one.get("resourceType"), str) else kind
            for key, value in one.items():
                yield key, value, kind
                waiting.append((value, kind))
        elif isinstance(one, list):
            waiting += [(value, kind) for value in one]


# ----------------------------------------------------------------------------
# What the standard (R4B) says of a resource: each place that it would write otherwise, as notes that hinder nothing.
#
# Payers add elements and leave out others; what an estimate needs is read all the same.
# ----------------------------------------------------------------------------

_MOST_NOTES = 20
MOST_NOTES_IN_ALL = 200
_MOST_DIGITS = 15
_SAYS = {
    "missing": "The standard needs an element here; it is missing.",
    "extra_forbidden": "The standard has no such element here. It was not read.",
}
_OTHERWISE = "It is written in another way than the standard has."


def notes_of(whole: Any, path: tuple[str | int, ...]) -> Iterator[Note]:
    """Find what the standard would write otherwise in the resource at a path of what was read."""
    from fhir.resources.R4B.coverage import Coverage
    from fhir.resources.R4B.coverageeligibilityresponse import CoverageEligibilityResponse
    from fhir.resources.R4B.insuranceplan import InsurancePlan
    from pydantic import ValidationError

    resource = _at(whole, path)
    classes = {each.__name__: each for each in (Coverage, CoverageEligibilityResponse, InsurancePlan)}
    try:
        _adapter(classes[resource["resourceType"]]).validate_python(resource)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        for each in wrong[:_MOST_NOTES]:
            place = ".".join(map(str, (*path, *each["loc"])))
            yield Note(_named(place), _SAYS.get(each["type"], _OTHERWISE))
        if len(wrong) > _MOST_NOTES:
            yield Note(
                "file", f"{len(wrong) - _MOST_NOTES} more places are written in another way than the standard has."
            )
    except (LookupError, TypeError, AttributeError, ValueError):
        # The library looks classes up by names of the file itself, and fails where there are none of that name.
        yield Note(
            ".".join(map(str, path)) or "file", "The standard’s own check could not read it. It was read all the same."
        )


@cache
def _adapter(kind: type[Any]) -> Any:
    """Return what checks resources of a kind: making it takes much longer than using it."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _at(whole: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        whole = whole[step]
    return whole


def whole_number(digits: str) -> int:
    """Return a whole number of JSON, or one that is too large for any plan where it has too many digits."""
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _named(place: str) -> str:
    """Return a path as it stands; one with an element of a strange name only as far as that element."""
    known = [
        step if step.isascii() and step.replace("_", "").isalnum() and len(step) <= 30 else "…"
        for step in place.split(".")
    ]
    return ".".join(known)
