"""Benefits, deductibles and maximums of a variant, and the rules its free text proposes.

The files give up to four amounts for each: first tier, second tier, out of network, and in and out together. How the
fourth stands to the others differs; `_together` says how each case is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

from estimator.plans.marketplace.files import BENEFITS, PT, REHABILITATION, WHOM, Row, ceiling_column
from estimator.plans.marketplace.text import (
    LIMITS,
    NOT_COVERED,
    Definition,
    Sentence,
    Unreadable,
    amount,
    limit,
    sentences,
    share,
)

IN, SECOND, OUT = "in-network", "tier-2", "out-of-network"
_COLUMNS = {IN: "InnTier1", SECOND: "InnTier2", OUT: "OutOfNet"}
_TOGETHER = "CombInnOon"
_KEYS = {"Ded": "deductible", "MOOP": "out_of_pocket_max"}
_INTEGRATED = {"Ded": "MedicalDrugDeductiblesIntegrated", "MOOP": "MedicalDrugMaximumOutofPocketIntegrated"}


@dataclass(frozen=True, slots=True)
class Stated:
    """The amounts that the file gives for one tier, for a person, a person of a family, and a family."""

    person: str | None
    member: str | None
    group: str | None
    column: str
    words: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Tell whether no amount is given at all."""
        return self.person is None and self.member is None and self.group is None

    @property
    def is_zero(self) -> bool:
        """Tell whether every amount that is given is nothing."""
        return not self.is_blank and all(not Decimal(one) for one in (self.person, self.member, self.group) if one)


def tiers_of(plan: Row) -> tuple[str, ...]:
    """Return the names of a variant's tiers."""
    second = (SECOND,) if plan["MultipleInNetworkTiers"].lower() == "yes" else ()
    return (IN, *second, OUT)


def networks(plan: Row) -> dict[str, Definition]:
    """Return the tiers with their ceilings; raise Unreadable."""
    tiers = tiers_of(plan)
    blocks: dict[str, Definition] = {tier: {} for tier in tiers}
    for kind, key in _KEYS.items():
        family = _family(plan, kind)
        stated = {tier: _stated(plan, family, kind, _COLUMNS[tier]) for tier in tiers}
        for tier, ceiling in _together(stated, _stated(plan, family, kind, _TOGETHER)):
            if isinstance(ceiling, dict) and family == "TEHB":
                ceiling["includes_drugs"] = "yes"
            blocks[tier][key] = ceiling
    _without_partner(blocks)
    return blocks


def _family(plan: Row, kind: str) -> str:
    """Return the columns that hold the values: medical alone, or medical and drugs together."""
    return "MEHB" if plan[_INTEGRATED[kind]].lower() == "no" else "TEHB"


def _stated(plan: Row, family: str, kind: str, tier: str) -> Stated:
    words = tuple(_words(plan, family, kind, tier))
    column = f"{family} {kind} {tier}"
    try:
        person, member, group = (amount(word) for word in words)
    except Unreadable as error:
        raise Unreadable(error.text, error.wanted, column) from None
    return Stated(person, member, group, column, words)


def _words(plan: Row, family: str, kind: str, tier: str) -> Iterator[str]:
    """Yield the three cells; the state exchanges write both amounts of a family into one, with a bar between."""
    joint = plan[ceiling_column(family, kind, tier, "Family")]
    parts = [part.strip() for part in joint.split("|")]
    for whom in WHOM:
        wanted = {"FamilyPerPerson": "per person", "FamilyPerGroup": "per group"}.get(whom, "")
        split = next((part for part in parts if wanted and wanted in part.lower()), "")
        yield plan[ceiling_column(family, kind, tier, whom)] or split


def _together(stated: dict[str, Stated], both: Stated) -> Iterator[tuple[str, Definition | str]]:
    """Yield the ceiling of each tier, with what the amount for in and out of network together means for it.

    Equal to the in-network amount: one ceiling. The sum of both: two ceilings, nothing more. Above it and equal to the
    out-of-network amount: in-network dollars fill the outer one too. Below it: the in-network amount lies between.
    """
    inner, outer = stated[IN], stated[OUT]
    first: Definition | str = _ceiling(both if inner.is_blank else inner)
    last: Definition | str = _ceiling(outer)
    if not both.is_blank:
        known, whole, apart = (_number(one) for one in (inner, both, outer))
        if inner.is_blank or known == whole:
            last = _joined(both) if apart in (None, whole) else last
        elif whole is not None and known is not None and whole < known:
            first = {**_block(inner), "person": {"from": both.person, "to": inner.person}}
        elif outer.is_blank or (whole == apart and known):
            last = _block(both)
            first = {**_block(inner), "also_credits": [OUT]} if known else first
    yield IN, first
    if SECOND in stated:
        yield SECOND, _second(stated[SECOND], inner)
    yield OUT, last


def _second(own: Stated, first: Stated) -> Definition | str:
    """Return the ceiling of the second tier: the first tier's where the amounts are equal."""
    # Unsure: that equal amounts are one ceiling. The law's maximum holds for all in-network tiers together.
    is_same = (own.person, own.member, own.group) == (first.person, first.member, first.group)
    return _joined(own) if is_same else _ceiling(own)


def _joined(stated: Stated) -> Definition | str:
    """Return the ceiling as one with the first tier's."""
    ceiling = _ceiling(stated)
    return {**ceiling, "combined_with": IN} if isinstance(ceiling, dict) else ceiling


def _without_partner(blocks: dict[str, Definition]) -> None:
    """Take back what names a tier that has no such ceiling."""
    for key in _KEYS.values():
        for block in blocks.values():
            ceiling = block[key]
            if not isinstance(ceiling, dict):
                continue
            if not isinstance(blocks.get(ceiling.get("combined_with", ""), block)[key], dict):
                del ceiling["combined_with"]
            if "also_credits" in ceiling and not isinstance(blocks[OUT][key], dict):
                del ceiling["also_credits"]


def _number(stated: Stated) -> Decimal | None:
    return None if stated.person is None else Decimal(stated.person)


def _ceiling(stated: Stated) -> Definition | str:
    if stated.is_blank or (stated.is_zero and " Ded " in stated.column):
        return "none"
    return _block(stated)


def _block(stated: Stated) -> Definition:
    block: Definition = {"person": stated.person or "unknown"}
    if stated.group is not None:
        block["family"] = stated.group
        if stated.member is None:
            block["family_rule"] = "aggregate"
    elif stated.member is not None:
        block["family_rule"] = "per-person"
    if stated.member is not None and stated.member != stated.person:
        block["family_member"] = stated.member
    block["cite"] = f"attributes {stated.column}: {' | '.join(word or 'blank' for word in stated.words)}"
    return block


# ----------------------------------------------------------------------------
# Benefits of a variant: what its rows say of therapy, chiropractic, acupuncture and office visits, tier by tier.
# ----------------------------------------------------------------------------

THERAPY_VISITS = "therapy-visits"
_SERVICES = {
    PT: ["pt-evaluation", "pt-timed", "pt-untimed"],
    "chiropractic": ["chiropractic"],
    "acupuncture": ["acupuncture"],
    # Unsure: which office visits are primary care. A visit for pain is read as a specialist's, the dearer of both.
    "specialist-visit": ["office-visit"],
    "primary-care-visit": [],
}
_CELLS = {
    IN: ("CopayInnTier1", "CoinsInnTier1"),
    SECOND: ("CopayInnTier2", "CoinsInnTier2"),
    OUT: ("CopayOutofNet", "CoinsOutofNet"),
}
CALLED = {key: name for name, key in BENEFITS.items()}
_COVERED = ("covered", "yes")


def benefits(rows: dict[str, Row], tiers: tuple[str, ...]) -> tuple[dict[str, Definition], dict[str, Definition]]:
    """Return the benefits, and the limits that their numeric columns state; raise Unreadable."""
    blocks: dict[str, Definition] = {}
    limits: dict[str, Definition] = {}
    for key, services in _SERVICES.items():
        row = rows.get(key)
        if row is None:
            continue
        block: Definition = {"services": services}
        found = _limit(key, row)
        if found:
            name = THERAPY_VISITS if key == PT else f"{key}-visits"
            limits[name] = found
            block["limits"] = [name]
        block["cost_share"] = {tier: _share(key, row, tier) for tier in tiers}
        block["cite"] = f"benefits {CALLED[key]}"
        blocks[key] = block
    return blocks, limits


def stated_limit(row: Row) -> Definition | None:
    """Return the limit of a row's numeric columns without its source; None where it has none."""
    if row["QuantLimitOnSvc"].lower() == "no" or not row["LimitQty"]:
        return None
    return limit(row["LimitQty"], row["LimitUnit"])


def _limit(key: str, row: Row) -> Definition | None:
    try:
        found = stated_limit(row)
    except Unreadable as error:
        raise Unreadable(error.text, error.wanted, "LimitUnit") from None
    if found is None or not _is_covered(row):
        return None
    return {**found, "cite": f"benefits {CALLED[key]}: {row['LimitQty']} {row['LimitUnit']}"}


def _share(key: str, row: Row, tier: str) -> Definition | str:
    if not _is_covered(row):
        return NOT_COVERED
    copay, coinsurance = (row[column] for column in _CELLS[tier])
    excluded = row["IsExclFromOonMOOP" if tier == OUT else "IsExclFromInnMOOP"].lower() == "yes"
    try:
        return _cited(key, copay, coinsurance, tier == OUT, excluded)
    except Unreadable as error:
        raise Unreadable(error.text, error.wanted, " and ".join(_CELLS[tier])) from None


@lru_cache(maxsize=20_000)
def _cited(key: str, copay: str, coinsurance: str, is_out: bool, is_excluded: bool) -> Definition | str:
    found = share(copay, coinsurance, in_network=not is_out)
    if isinstance(found, str):
        return found
    counts = {"counts_toward_maximum": "no"} if is_excluded else {}
    words = f"copay {copay or 'blank'}, coinsurance {coinsurance or 'blank'}"
    return {**found, **counts, "cite": f"benefits {CALLED[key]}: {words}"}


def _is_covered(row: Row) -> bool:
    return row["IsCovered"].lower() in _COVERED


# ----------------------------------------------------------------------------
# Rules that the free text proposes, laid over what the numeric columns state.
#
# Each is marked unconfirmed: the quote and our reading become a note that goes with every estimate. Where a number of
# the text contradicts the column, both stand: the larger is the limit, and the smaller is not confirmed: only the
# high estimate counts on it. A number that the text gives physical therapy alone is no contradiction of a larger one
# in the column, which has the visits of occupational therapy in it ("20 each" beside 40): it holds in every estimate.
# ----------------------------------------------------------------------------

UNCONFIRMED_VISITS = "therapy-visits-unconfirmed"
IN_HOSPITAL = "physical-therapy-in-hospital"
BY_TELEHEALTH = "physical-therapy-by-telehealth"
_LONGEST_QUOTE = 700
_APART = {"each", "own"}
_OTHER_THERAPY = {"occupational therapy", "every therapy"}
# Kinds that change nothing for physical therapy, or only say what is read so anyway.
_SILENT = ("pointer", "other-benefit", "across", "separate-purpose", "total", "penalty")
READ_AS = {
    "shared": "We read: the visits are shared with {partners}. Visits there use up this limit too.",
    "own": "We read: physical therapy has a limit of its own.",
    "each": "We read: each kind of therapy has a limit of its own.",
    "exempt": "We read: with such a diagnosis the visit limit does not apply.",
    "authorization": "We read it as a rule on authorization. Ask the plan from which visit it is needed.",
    "telehealth": "We read it as the cost share of a visit by telehealth.",
    "not-above": "We read: no more is owed than for a primary care visit.",
    "setting": "We read: the cost share that the file states may not hold in a hospital's outpatient department.",
    "counting": "We read: each kind of therapy counts as a visit of its own.",
    "rehabilitation": "The row for physical therapy states no limit; we read this one as possibly its limit.",
}
_NO_RULE = "We made no rule of it. Ask the plan what it means for you."


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sentence of the insurer's and where it stands."""

    sentence: Sentence
    row: str
    column: str

    @property
    def place(self) -> str:
        """Return where it stands, for a citation."""
        return f"{CALLED[self.row]}, {self.column}"


def found_in(rows: dict[str, Row]) -> list[Proposal]:
    """Return what the text of the therapy row says, and of the row for all rehabilitation where it adds to that."""
    therapy = rows[PT]
    found = [
        Proposal(sentence, PT, column)
        for column in ("Explanation", "Exclusions")
        for sentence in sentences(therapy[column])
    ]
    kinds = {one.sentence.kind for one in found}
    if kinds & set(LIMITS):
        kinds |= set(LIMITS)
    other = rows.get(REHABILITATION)
    for sentence in sentences(other["Explanation"]) if other else ():
        if sentence.kind in READ_AS and sentence.kind not in kinds:
            found.append(Proposal(sentence, REHABILITATION, "Explanation"))
    return found


def propose(
    rows: dict[str, Row], blocks: dict[str, Definition], limits: dict[str, Definition]
) -> tuple[list[Definition], list[Proposal]]:
    """Lay what the text proposes over the benefits and limits; return the notes, and every sentence."""
    found = found_in(rows)
    therapy = blocks[PT] = {**blocks[PT]}
    notes = list(_limits(rows, found, therapy, limits))
    _shared(found, blocks)
    _authorization(found, therapy)
    _not_above(found, blocks)
    _places(found, blocks)
    return [*_notes(found), *notes], found


def _of(found: list[Proposal], *kinds: str) -> list[Proposal]:
    return [one for one in found if one.sentence.kind in kinds]


def _limits(
    rows: dict[str, Row], found: list[Proposal], therapy: Definition, limits: dict[str, Definition]
) -> Iterator[Definition]:
    stated = limits.get(THERAPY_VISITS)
    named = next((one for one in _of(found, *LIMITS) if one.sentence.visits), None)
    if named is not None and stated is not None and _is_part_of(stated, named.sentence):
        cite = f"{stated['cite']}; {named.place}"
        limits[THERAPY_VISITS] = {"visits": str(named.sentence.visits), "per": stated["per"], "cite": cite}
    elif named is not None:
        yield from _contradiction(stated, named)
        text = {"visits": str(named.sentence.visits), "per": "benefit-year"}
        limits.update(_both(stated, {**text, "confirmed": "no", "cite": f"benefits {named.place}"}))
    elif stated is None and (other := _of_rehabilitation(rows)):
        limits[THERAPY_VISITS] = other
        yield _note(other["cite"].partition(": ")[2], CALLED[REHABILITATION], "LimitQty", READ_AS["rehabilitation"])
    own = [name for name in (THERAPY_VISITS, UNCONFIRMED_VISITS) if name in limits]
    if own:
        therapy["limits"] = own
    exempt, others = _exempt_when(found), _counts_others(found)
    for name in own:
        if others:
            limits[name] = {**limits[name], "other_therapy_counts": others}
        if exempt:
            limits[name] = {**limits[name], "exempt_when": exempt}
        if _of(found, "counting"):
            limits[name] = {**limits[name], "counts": "one-per-discipline-per-date"}


def _is_part_of(stated: Definition, named: Sentence) -> bool:
    """Tell whether the text gives physical therapy visits of its own, and the column those of all therapies."""
    number = stated.get("visits")
    return named.kind in _APART and number is not None and named.visits is not None and named.visits < int(number)


def _counts_others(found: list[Proposal]) -> str:
    """Return whether visits of occupational therapy use up the limit, as the text has it; empty where it is silent."""
    kinds = {one.sentence.kind for one in found}
    if kinds & _APART:
        return "no"
    partners = {partner for one in _of(found, "shared") for partner in one.sentence.partners}
    return "yes" if partners & _OTHER_THERAPY else ""


def _contradiction(stated: Definition | None, named: Proposal) -> Iterator[Definition]:
    number = stated and stated.get("visits", stated.get("days"))
    if number and number != str(named.sentence.visits):
        words = stated["cite"].partition(": ")[2] if stated else ""
        read_as = f"Its text says {named.sentence.visits}. Past the smaller number the plan may pay or not."
        yield _note(words, CALLED[PT], "LimitQty", read_as)


def _both(stated: Definition | None, text: Definition) -> Iterator[tuple[str, Definition]]:
    """Yield the limit of the column and of the text: one where they agree, nested where they do not."""
    if stated is None:
        yield THERAPY_VISITS, text
        return
    measure = next(iter(stated))
    number = stated[measure]
    if measure not in ("visits", "days") or number == text["visits"]:
        return
    smaller, larger = sorted((int(number), int(text["visits"])))
    cite = f"{stated['cite']}; {text['cite'].removeprefix('benefits ')}"
    period = stated["per"]
    yield THERAPY_VISITS, {measure: str(larger), "per": period, "cite": cite}
    yield UNCONFIRMED_VISITS, {measure: str(smaller), "per": period, "confirmed": "no", "cite": cite}


def _of_rehabilitation(rows: dict[str, Row]) -> Definition | None:
    row = rows.get(REHABILITATION)
    found = stated_limit(row) if row else None
    if row is None or found is None:
        return None
    return {
        **found,
        "confirmed": "no",
        "cite": f"benefits {CALLED[REHABILITATION]}: {row['LimitQty']} {row['LimitUnit']}",
    }


def _exempt_when(found: list[Proposal]) -> Definition | None:
    exempt = _of(found, "exempt")
    codes = list(dict.fromkeys(code for one in exempt for code in one.sentence.diagnoses))
    if not codes:
        return None
    return {
        "diagnoses": codes,
        **({"primary": "yes"} if any("primary" in one.sentence.words for one in exempt) else {}),
    }


def _shared(found: list[Proposal], blocks: dict[str, Definition]) -> None:
    limits, chiropractic = blocks[PT].get("limits"), blocks.get("chiropractic")
    is_shared = any("chiropractic care" in one.sentence.partners for one in _of(found, "shared"))
    if limits and is_shared and chiropractic:
        blocks["chiropractic"] = {**chiropractic, "limits": [*chiropractic.get("limits", ()), *limits]}


def _authorization(found: list[Proposal], therapy: Definition) -> None:
    """Write the strictest rule that the text names: for every visit, for visits at home, or perhaps."""
    rules: dict[str, Definition | str] = {}
    for one in _of(found, "authorization"):
        words, cite = one.sentence.words, f"benefits {one.place}"
        if "not require" in words:
            continue
        if "home" in words:
            rules.setdefault("home", {"from_visit": "1", "when": {"settings": ["home"]}, "cite": cite})
        elif "may" in words or "certain" in words:
            rules.setdefault("perhaps", "unknown")
        else:
            rules.setdefault("always", {"from_visit": "1", **_if_missing(found), "cite": cite})
    strictest = next((rules[key] for key in ("always", "home", "perhaps") if key in rules), None)
    if strictest is not None:
        therapy["authorization"] = strictest


def _if_missing(found: list[Proposal]) -> Definition:
    # A denial in network is the clinic's loss, as where plans are silent; "reduced benefits" may be anyone's.
    is_reduced = any("reduced" in one.sentence.words for one in _of(found, "penalty", "authorization"))
    return {"if_missing": "unknown"} if is_reduced else {}


def _not_above(found: list[Proposal], blocks: dict[str, Definition]) -> None:
    own, other = (blocks.get(key, {}).get("cost_share", {}).get(IN) for key in (PT, "primary-care-visit"))
    named = any("higher than" in one.sentence.words and "physical" in one.sentence.words for one in found)
    if named and isinstance(own, dict) and isinstance(other, dict):
        therapy = blocks[PT]
        therapy["cost_share"] = {**therapy["cost_share"], IN: {**own, "not_above": "primary-care-visit"}}


def _places(found: list[Proposal], blocks: dict[str, Definition]) -> None:
    """Put benefits for other places before the one for therapy, where the text sets them apart."""
    therapy = blocks[PT]
    apart: dict[str, Definition] = {}
    settings = [one for one in _of(found, "setting") if _names_a_place(one.sentence.words)]
    if settings:
        shares = {tier: each if each == NOT_COVERED else "unknown" for tier, each in therapy["cost_share"].items()}
        apart[IN_HOSPITAL] = _at("hospital-outpatient", therapy, shares, settings[0])
    for one in _of(found, "telehealth"):
        if "$0 copay" in one.sentence.words:
            order = "applies" if "after deductible" in one.sentence.words else "waived"
            free = {"copay": "0.00", "deductible": order, "cite": f"benefits {one.place}"}
            shares = {tier: each if tier == OUT else free for tier, each in therapy["cost_share"].items()}
            apart[BY_TELEHEALTH] = _at("telehealth", therapy, shares, one)
    if apart:
        rest = dict(blocks)
        blocks.clear()
        blocks.update(apart | rest)


def _names_a_place(words: str) -> bool:
    return any(place in words for place in ("hospital", "facility", "office", "place of service", "setting"))


def _at(setting: str, therapy: Definition, shares: Definition, named: Proposal) -> Definition:
    kept: Definition = {key: therapy[key] for key in ("limits", "authorization") if key in therapy}
    where: Definition = {"services": therapy["services"], "when": {"settings": [setting]}}
    return {**where, **kept, "cost_share": shares, "cite": f"benefits {named.place}"}


def _notes(found: list[Proposal]) -> Iterator[Definition]:
    """Yield one note for sentences of a kind and a column that follow each other."""
    told = [one for one in found if one.sentence.kind not in _SILENT]
    for (row, column, kind), alike in groupby(told, key=_grouped):
        group = list(alike)
        partners = dict.fromkeys(partner for one in group for partner in one.sentence.partners)
        read_as = READ_AS.get(kind, _NO_RULE).format(partners=" and ".join(partners) or "other therapies")
        yield _note(" ".join(one.sentence.quote for one in group), CALLED[row], column, read_as)


def _grouped(one: Proposal) -> tuple[str, str, str]:
    # What is excluded comes as a long list of fragments: it is told together.
    is_listed = one.column == "Exclusions" and one.sentence.kind not in READ_AS
    return one.row, one.column, "" if is_listed else one.sentence.kind


def _note(quote: str, row: str, column: str, read_as: str) -> Definition:
    cut = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[: _LONGEST_QUOTE - 1]}…"
    return {"text": f"Unconfirmed. The insurer's file says: “{cut}” {read_as}", "cite": f"benefits {row}, {column}"}


# ----------------------------------------------------------------------------
# What a person's answer makes of a proposal: a rule that was read out of free text is made firm, or taken away.
#
# The quote stays with the plan as a note either way, with who answered and when.
# ----------------------------------------------------------------------------

OPEN = "Unconfirmed. The insurer's file says: “"
_NOTE = re.compile(rf"{re.escape(OPEN)}(?P<quote>.*)”(?P<read_as>[^”]*)", re.DOTALL)
_CONTRADICTION = "Its text says"
_LIMITS = ("shared", "own", "each", "rehabilitation", "contradiction")
_LIMIT_KEYS = {"exempt": "exempt_when", "counting": "counts"}
_PLACES = {"telehealth": BY_TELEHEALTH, "setting": IN_HOSPITAL}
_NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence of an insurer's that no person has confirmed, how we read it, and the rule that rests on it."""

    text: str
    quote: str
    read_as: str
    kind: str
    place: str
    rules: tuple[str, ...]


def quotes_in(definition: Mapping[str, Any]) -> Iterator[Quoted]:
    """Yield every proposal of a plan, in the order of its notes."""
    for note in definition.get("notes", ()):
        found = _NOTE.fullmatch(note["text"])
        if found:
            read_as = found["read_as"].strip()
            kind = _kind(read_as)
            place = note["cite"].removeprefix("benefits ")
            rules = tuple(_rules(definition, kind, place))
            yield Quoted(note["text"], found["quote"], read_as, kind, place, rules)


def settled(definition: Mapping[str, Any], text: str, *, confirmed: bool, by: str, day: date) -> Definition:
    """Return a definition in which the proposal with this text is firm, or gone."""
    quoted = next(one for one in quotes_in(definition) if one.text == text)
    whole: Definition = {**definition}
    whole["limits"] = {name: {**limit} for name, limit in definition.get("limits", {}).items()}
    whole["benefits"] = {name: {**benefit} for name, benefit in definition["benefits"].items()}
    if confirmed:
        _confirm(whole, quoted, f"; confirmed by {by} on {day}")
        said = f"Confirmed by {by} on {day}. {text.removeprefix('Unconfirmed. ')}"
    else:
        _reject(whole, quoted)
        said = f"Rejected by {by} on {day}: no rule rests on it. The insurer's file says: “{quoted.quote}”"
    whole["notes"] = [{**note, "text": said} if note["text"] == text else note for note in definition["notes"]]
    if not whole["limits"]:
        del whole["limits"]
    return whole


def _kind(read_as: str) -> str:
    if read_as.startswith(_CONTRADICTION):
        return "contradiction"
    return next((kind for kind, words in READ_AS.items() if read_as.startswith(words.partition("{")[0])), _NOTHING)


def _rules(definition: Mapping[str, Any], kind: str, place: str) -> Iterator[str]:
    """Say which rules of the plan rest on a proposal, in the words of a plan file."""
    limits, therapy = definition.get("limits", {}), definition["benefits"].get(PT, {})
    for name in _open_limits(limits, kind, place):
        measure = next(iter(limits[name]))
        yield f"{limits[name][measure]} {measure} per {limits[name]['per']} ({name}, not confirmed)"
    if kind == "shared" and set(limits) & set(definition["benefits"].get("chiropractic", {}).get("limits", ())):
        yield "chiropractic care uses up the same limit"
    exempt = next((limit["exempt_when"] for limit in limits.values() if "exempt_when" in limit), None)
    if kind == "exempt" and exempt:
        yield f"no limit of visits with {', '.join(exempt['diagnoses'])}"
    if kind == "counting" and any("counts" in limit for limit in limits.values()):
        yield "each kind of therapy on a date counts as a visit"
    if kind == "authorization" and "authorization" in therapy:
        rule = therapy["authorization"]
        yield "authorization: " + (rule if isinstance(rule, str) else f"needed from visit {rule['from_visit']}")
    if kind in _PLACES and _PLACES[kind] in definition["benefits"]:
        yield f"a benefit of its own: {_PLACES[kind].replace('-', ' ')}"
    if kind == "not-above" and _shares_with(therapy, "not_above"):
        yield "no more than a primary care visit"


def _open_limits(limits: Mapping[str, Definition], kind: str, place: str) -> list[str]:
    if kind not in _LIMITS:
        return []
    where = place.removesuffix(", LimitQty")
    return [name for name, limit in limits.items() if limit.get("confirmed") == "no" and where in limit["cite"]]


def _confirm(whole: Definition, quoted: Quoted, said: str) -> None:
    limits, benefits = whole["limits"], whole["benefits"]
    for name in _open_limits(limits, quoted.kind, quoted.place):
        limits[name] = {key: value for key, value in limits[name].items() if key != "confirmed"}
        limits[name]["cite"] += said
    therapy = benefits.get(PT, {})
    if quoted.kind == "authorization" and isinstance(therapy.get("authorization"), dict):
        therapy["authorization"] = {**therapy["authorization"], "cite": therapy["authorization"]["cite"] + said}
    if quoted.kind in _PLACES and _PLACES[quoted.kind] in benefits:
        benefits[_PLACES[quoted.kind]]["cite"] += said


def _reject(whole: Definition, quoted: Quoted) -> None:
    limits, benefits, kind = whole["limits"], whole["benefits"], quoted.kind
    gone = _open_limits(limits, kind, quoted.place)
    for name in gone:
        del limits[name]
    if kind == "shared" and "chiropractic" in benefits:
        _leave(benefits["chiropractic"], (THERAPY_VISITS, UNCONFIRMED_VISITS))
    for benefit in benefits.values():
        _leave(benefit, gone)
        if kind == "authorization":
            benefit.pop("authorization", None)
    for stated in limits.values():
        stated.pop(_LIMIT_KEYS.get(kind, ""), None)
    benefits.pop(_PLACES.get(kind, ""), None)
    if kind == "not-above" and PT in benefits:
        shares = benefits[PT]["cost_share"]
        benefits[PT]["cost_share"] = {tier: _without(share, "not_above") for tier, share in shares.items()}


def _leave(benefit: Definition, names: tuple[str, ...] | list[str]) -> None:
    kept = [name for name in benefit.get("limits", ()) if name not in names]
    if "limits" in benefit:
        benefit["limits"] = kept
    if not kept:
        benefit.pop("limits", None)


def _shares_with(benefit: Mapping[str, Any], key: str) -> bool:
    return any(isinstance(share, dict) and key in share for share in benefit.get("cost_share", {}).values())


def _without(share: Any, key: str) -> Any:
    return {name: value for name, value in share.items() if name != key} if isinstance(share, dict) else share
