"""Rules that the free text proposes, laid over what the numeric columns state.

Each is marked unconfirmed: the quote and our reading become a note that goes with every estimate. Where a number of the
text contradicts the column, both stand: the larger is the limit, and the smaller is not confirmed: only the high
estimate counts on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from estimator.plans.marketplace.benefits import CALLED, THERAPY_VISITS, stated_limit
from estimator.plans.marketplace.ceilings import IN, OUT
from estimator.plans.marketplace.grammar import NOT_COVERED, Definition
from estimator.plans.marketplace.rows import PT, REHABILITATION, Row
from estimator.plans.marketplace.sentences import LIMITS, Sentence, sentences

UNCONFIRMED_VISITS = "therapy-visits-unconfirmed"
IN_HOSPITAL = "physical-therapy-in-hospital"
BY_TELEHEALTH = "physical-therapy-by-telehealth"
_LONGEST_QUOTE = 700
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
    if named is not None:
        yield from _contradiction(stated, named)
        text = {"visits": str(named.sentence.visits), "per": "benefit-year"}
        limits.update(_both(stated, {**text, "confirmed": "no", "cite": f"benefits {named.place}"}))
    elif stated is None and (other := _of_rehabilitation(rows)):
        limits[THERAPY_VISITS] = other
        yield _note(other["cite"].partition(": ")[2], CALLED[REHABILITATION], "LimitQty", READ_AS["rehabilitation"])
    own = [name for name in (THERAPY_VISITS, UNCONFIRMED_VISITS) if name in limits]
    if own:
        therapy["limits"] = own
    exempt = _exempt_when(found)
    for name in own:
        if exempt:
            limits[name] = {**limits[name], "exempt_when": exempt}
        if _of(found, "counting"):
            limits[name] = {**limits[name], "counts": "one-per-discipline-per-date"}


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
