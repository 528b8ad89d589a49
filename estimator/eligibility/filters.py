"""What of a payer's answer counts: the medical plan asked about, in force that day, for this age, in an office.

Everything else is dropped with its reason before any two statements are compared (`buckets`) or chosen (`choosing`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from estimator.eligibility.messages import (
    other_service_in,
    other_year_in,
    own_words,
    shares_of_the_plan,
    warns_of_cover,
)
from estimator.eligibility.statements import (
    COVERING,
    FIGURED,
    OF_THERAPY,
    SHARES,
    WHOLE_PLAN,
    Benefit,
    Block,
    Coverage,
    Dropped,
    Eligibility,
    Kind,
    Level,
    Network,
    named,
)
from estimator.engine.values import ALWAYS, Span

OFFICES = frozenset({"11", "49", "62"})
_PLACES = {
    "02": "telehealth",
    "10": "telehealth",
    "12": "home",
    "19": "outpatient hospital",
    "21": "inpatient hospital",
    "22": "outpatient hospital",
    "23": "emergency room",
    "24": "surgery center",
    "31": "skilled nursing",
    "32": "nursing home",
    "61": "inpatient rehabilitation",
}
_PART_A, _PART_B = "MA", "MB"
_ORIGINAL = (_PART_A, _PART_B)
_MEDICAID = "MC"
_MA = "medicare-advantage"
# As Medicare's own answers name the plans that replace Part B.
_ADVANTAGE = frozenset({"HN", "HM", "PR", "PS", "IN"})
_QMB = "QM"
_SUPPLEMENTS = {
    "SP": "a supplemental policy",
    "MH": "Medigap",
    "MI": "Medigap",
    _QMB: "the Qualified Medicare Beneficiary program",
}
# Care that Medicare's answers name with its days, and that may hold a patient's therapy.
_CARE = {"45": "hospice care", "42": "home health care", "AG": "skilled nursing"}
_OTHER_THERAPISTS = {"GO": "occupational therapy (GO)", "GN": "speech therapy (GN)"}
_DRUGS = re.compile(
    r"\bPHARMACY\b|\bDRUGS?\b|\bRX\b|\bPRESCRIPTIONS?\b|\bDENTAL\b|\bVISION\b"
    r"|\bMAIL[- ]ORDER\b|\bGENERICS?\b|\bFORMULARY\b|\b(?:NON-?)?PREFERRED BRAND\b|\bDAYS? SUPPLY\b",
    re.IGNORECASE,
)
_WITH_MEDICAL = re.compile(r"\b(?:MEDICAL|COMBINED|INTEGRATED|INCLUD\w+|EXCLUD\w+|AND)\b|[/&]", re.IGNORECASE)
# What a share of visits in general may be for instead; what names a specialist too, or asks for a referral, is not.
_PRIMARY = re.compile(
    r"\bPRIMARY (?:CARE|OFFICE|PHYSICIAN)\b|(?:^|/ )PRIMARY(?: /|$)|\bPCP\b"
    r"|\b(?:FAMILY|GENERAL) (?:PRACTICE|PRACTITIONER|PHYSICIAN)\b",
    re.IGNORECASE,
)
_OTHER_VISITS = (
    ("a primary care visit", _PRIMARY),
    ("a preventive visit", re.compile(r"\bPREVENTIVE\b|\bWELLNESS\b|\bWELL[- ]VISIT\b|\bPHYSICAL EXAM", re.IGNORECASE)),
    ("urgent care", re.compile(r"\bURGENT CARE\b|\bWALK[- ]IN CLINIC\b|\bRETAIL CLINIC\b", re.IGNORECASE)),
    ("mental health", re.compile(r"\bBEHAVIORAL\b|\bMENTAL HEALTH\b|\bSUBSTANCE\b", re.IGNORECASE)),
    ("maternity", re.compile(r"\bMATERNITY\b|\bPRENATAL\b|\bNEWBORN\b", re.IGNORECASE)),
)
_OF_ANY_VISIT = re.compile(r"\bSPECIALISTS?\b|\bREFERRALS?\b|\bTHERAP", re.IGNORECASE)
_WORDED = (*FIGURED, Kind.AUTHORIZATION, Kind.NOT_COVERED)

# ----------------------------------------------------------------------------
# What a plan is for where it isn't medical care: by its name, else by the only services that it is active for.
# ----------------------------------------------------------------------------

_CARVED = (
    ("vision", re.compile(r"\bVISION\b|\bEYE(?:CARE|WEAR|MED)?\b|\bOPTICAL\b|\bVSP\b", re.IGNORECASE)),
    ("dental", re.compile(r"\bDENTAL\b|\bDENTIST\b|\bORTHODONTI", re.IGNORECASE)),
    ("drug", re.compile(r"\bPHARMACY\b|\bRX\b|\bPRESCRIPTION|\bDRUGS?\b|\bPART D\b|\bPDP\b|\bPBM\b", re.IGNORECASE)),
    ("hearing", re.compile(r"\bHEARING\b|\bAUDIO(?:LOGY)?\b", re.IGNORECASE)),
    ("mental health", re.compile(r"\bBEHAVIORAL\b|\bMENTAL HEALTH\b|\bSUBSTANCE\b", re.IGNORECASE)),
    ("life or disability", re.compile(r"\bLIFE INS|\bDISABILITY\b|\bLONG[- ]TERM CARE\b", re.IGNORECASE)),
)
_MEDICAL_NAME = re.compile(r"\bMED(?:ICAL)?\b", re.IGNORECASE)
_SERVICES = {
    "vision": frozenset({"AL", "AM", "AN", "AO", "CP"}),
    "dental": frozenset({"23", "24", "25", "26", "27", "28", "35", "36", "37", "38", "39", "40", "41"}),
    "drug": frozenset({"88", "89", "90", "91", "92", "B1", "B2", "B3"}),
    "hearing": frozenset({"71"}),
    "mental health": frozenset({"MH", "A4", "A5", "A6", "A7", "A8", "AI", "AJ", "AK", "CC", "CD", "CE", "CF", "CG"}),
}


def carved_out(name: str, services: Iterable[str]) -> str:
    """Return what a plan of this name is for where that isn't medical care.

    >>> carved_out("VISION PLAN", ["30"]), carved_out("MEDICAL PPO", ["30"]), carved_out("GUARDIAN", ["35"])
    ('vision', '', 'dental')
    """
    if not _MEDICAL_NAME.search(name):
        for what, pattern in _CARVED:
            if pattern.search(name):
                return what
    listed = set(services)
    return next((what for what, codes in _SERVICES.items() if listed and listed <= codes), "") if name else ""


def belongs_to(carved: str, services: Iterable[str]) -> bool:
    """Tell whether services are ones that such a plan is for, so that it still speaks.

    >>> belongs_to("vision", ["AL"]), belongs_to("vision", ["PT"])
    (True, False)
    """
    listed = set(services)
    return not listed or listed <= (_SERVICES.get(carved, frozenset()) | {WHOLE_PLAN})


# ----------------------------------------------------------------------------
# What counts, what doesn't and why, and whether the patient is covered.
# ----------------------------------------------------------------------------


def filtered(answer: Eligibility) -> Eligibility:
    """Return the answer with what counts for therapy on its day, what was dropped, and whether cover is in force."""
    day = answer.day or answer.answered_on
    plans = _plans(answer.benefits, day)
    replaced = _replacing(answer, day)
    kept: list[Benefit] = []
    dropped: list[Dropped] = []
    for benefit in answer.benefits:
        why = _why_not(benefit, answer, plans, day, is_replaced=replaced is not None)
        if why:
            dropped.append(Dropped(benefit.origin, why))
        else:
            kept.append(benefit)
    coverage = _coverage(answer, plans, day, replaced)
    return replace(answer, kept=tuple(kept), dropped=tuple(dropped), coverage=coverage, dates=coverage.dates)


def _plans(benefits: Sequence[Benefit], day: date | None) -> dict[int, Block]:
    """Return the blocks of the one medical plan asked about: the first that is active, else has its year, else any."""
    blocks = {each.block.number: each.block for each in reversed(benefits) if each.block.number}
    medical = [blocks[number] for number in sorted(blocks) if not blocks[number].carved]
    if not medical:
        return {}
    said = {each.block.number for each in benefits if each.kind in COVERING}
    active = {each.block.number for each in benefits if each.kind is Kind.ACTIVE and _holds(each.dates, day)}
    dated = {each.block.number for each in benefits if each.dates != ALWAYS and _holds(each.dates, day)}
    in_force = [block for block in medical if block.number in active]
    apart = _of_therapy_alone(benefits, day)
    in_force.sort(key=lambda block: block.number in apart)
    of_the_year = [block for block in medical if block.number in dated - said]
    first = next(iter((*filter(_is_advantage, in_force), *in_force, *of_the_year, *medical)))
    if first.insurance in _ORIGINAL:
        return {block.number: block for block in medical if block.insurance in _ORIGINAL}
    therapy = _administrator(benefits, first, [block for block in medical if block.number in apart])
    return {block.number: block for block in (first, therapy) if block is not None}


_THERAPIES = frozenset({*OF_THERAPY, "AD", "AF", "33"})


def _administrator(benefits: Sequence[Benefit], first: Block, apart: Sequence[Block]) -> Block | None:
    """Return the one block that is active for therapy alone, where the plan itself says nothing of therapy.

    Plans leave therapy to an administrator, who stands in the answer with a name of its own.
    """
    own = (each for each in benefits if each.block.number == first.number)
    if any(not _THERAPIES.isdisjoint(each.services) for each in own):
        return None
    found = [block for block in apart if block.number != first.number and block.insurance in ("", first.insurance)]
    return found[0] if len(found) == 1 else None


def _of_therapy_alone(benefits: Sequence[Benefit], day: date | None) -> set[int]:
    """Return the numbers of the plans that are active for therapy, and for nothing else."""
    covered: dict[int, set[str]] = {}
    for each in benefits:
        if each.kind is Kind.ACTIVE and _holds(each.dates, day):
            covered.setdefault(each.block.number, set()).update(each.services or (WHOLE_PLAN,))
    return {
        number for number, services in covered.items() if services <= _THERAPIES and not services.isdisjoint(OF_THERAPY)
    }


def _is_advantage(block: Block) -> bool:
    return block.insurance == "HN" or block.market == _MA or _names_advantage(block.plan)


# The name of a Medicare Advantage plan ends in its type, as in the CMS file of 2026: "AETNA MEDICARE ELITE (PPO)".
_ADVANTAGES = re.compile(
    r"\bMEDICARE ADV(?:ANTAGE)?\b|\bMEDICARE[- ]?(?:HMO|PPO)\b"
    r"|\bMEDICARE\b[^()]*\((?:HMO|PPO|LPPO|RPPO|PFFS|HMO-?POS)\b",
    re.IGNORECASE,
)


_LONGEST_NAME = 300


def _names_advantage(words: str) -> bool:
    return _ADVANTAGES.search(words[:_LONGEST_NAME]) is not None


def _replacing(answer: Eligibility, day: date | None) -> Benefit | None:
    """Return the statement of a Medicare Advantage plan that pays in place of Original Medicare."""
    if not any(benefit.insurance in _ORIGINAL and not benefit.is_other_payer for benefit in answer.benefits):
        return None
    for benefit in answer.benefits:
        if not _holds(benefit.dates, day) or benefit.block.carved:
            continue
        is_named = benefit.kind is Kind.ACTIVE and (benefit.insurance == "HN" or _names_advantage(benefit.plan))
        is_other = benefit.is_other_payer and benefit.insurance in _ADVANTAGE
        if (is_named or is_other) and (not benefit.services or {WHOLE_PLAN, *OF_THERAPY} & set(benefit.services)):
            return benefit
    return None


def _holds(dates: Span, day: date | None) -> bool:
    return day is None or day in dates


def _why_not(
    benefit: Benefit, answer: Eligibility, plans: dict[int, Block], day: date | None, is_replaced: bool
) -> str:
    """Return why a statement doesn't count for this patient's therapy; "" where it does."""
    reasons = (
        _of_plan(benefit, plans),
        _of_insurance(benefit, plans, is_replaced),
        _of_period(benefit, day),
        _of_age(benefit, answer.age),
        _of_place(benefit),
        f"only for diagnosis {', '.join(benefit.diagnoses)}" if benefit.diagnoses else "",
        f"{benefit.unclear}, which isn’t understood" if benefit.unclear else "",
        _of_person(benefit, answer.is_dependent),
        next((_OTHER_THERAPISTS[mark] for mark in benefit.modifiers if mark in _OTHER_THERAPISTS), ""),
        _of_service(benefit),
        _of_money(benefit),
        _of_visit(benefit),
        _of_payer(benefit),
    )
    return next(filter(None, reasons), "")


def _of_plan(benefit: Benefit, plans: dict[int, Block]) -> str:
    if benefit.block.carved and benefit.block.number not in plans:
        return f"{benefit.block.carved} plan"
    if benefit.is_other_payer and benefit.kind is not Kind.OTHER:
        return f"another payer’s plan ({benefit.plan})"
    if not benefit.block.number or not plans or benefit.block.number in plans:
        return ""
    return f"another plan ({benefit.block.plan or benefit.block.insurance or 'not named'})"


def _of_insurance(benefit: Benefit, plans: dict[int, Block], is_replaced: bool) -> str:
    if benefit.insurance in _ORIGINAL and is_replaced:
        return "Original Medicare: a Medicare Advantage plan pays instead"
    if benefit.insurance == _PART_A:
        return "Part A (hospital care); therapy is Part B"
    own = {block.insurance for block in plans.values()}
    return _SUPPLEMENTS.get(benefit.insurance, "") if benefit.insurance not in own else ""


def _of_period(benefit: Benefit, day: date | None) -> str:
    if day is None:
        return ""
    if not _holds(benefit.dates, day):
        return period_named(benefit.dates)
    return other_year_in(_own(benefit), day.year) if benefit.kind in _WORDED else ""


def period_named(dates: Span) -> str:
    """Return a period in words: a calendar year by its number.

    >>> period_named(Span(date(2025, 1, 1), date(2025, 12, 31))), period_named(Span(None, date(2025, 6, 30)))
    ('benefit year 2025', 'until 2025-06-30')
    """
    first, last = dates.first_day, dates.last_day
    if first and last:
        is_year = (first.month, first.day, last) == (1, 1, date(first.year, 12, 31))
        return f"benefit year {first.year}" if is_year else f"period {first} to {last}"
    return f"from {first}" if first else f"until {last}" if last else "always"


def _of_age(benefit: Benefit, age: int | None) -> str:
    if benefit.ages is None or (age is not None and benefit.ages.holds(age)):
        return ""
    is_child = benefit.ages.oldest is not None and benefit.ages.oldest < 26
    words = f"children {benefit.ages}" if is_child and benefit.ages.youngest is None else f"only {benefit.ages}"
    return words if age is not None else f"{words}; the patient’s age isn’t known"


def _of_place(benefit: Benefit) -> str:
    if benefit.places and not OFFICES.intersection(benefit.places):
        return ", ".join(f"{_PLACES.get(place, 'another place')} ({place})" for place in benefit.places)
    return benefit.setting if not benefit.places and benefit.kind is not Kind.OTHER else ""


def _of_person(benefit: Benefit, is_dependent: bool) -> str:
    if benefit.level is not Level.OTHER:
        return ""
    return "other members of the family" if not is_dependent else "other members of the family than the patient"


def _of_service(benefit: Benefit) -> str:
    return other_service_in(message.text for message in benefit.messages) if benefit.kind in _WORDED else ""


def _of_money(benefit: Benefit) -> str:
    """Find an amount or share that a message gives to drugs, teeth or eyes alone; one of therapy is never theirs."""
    if benefit.kind not in FIGURED or set(OF_THERAPY) & set(benefit.services):
        return ""
    said = " / ".join(_own(benefit))
    return "drugs, dental or vision" if _DRUGS.search(said) and not _WITH_MEDICAL.search(benefit.words) else ""


def _own(benefit: Benefit) -> list[str]:
    """Return its messages without what they except."""
    return own_words((message.text for message in benefit.messages), benefit.is_nothing)


_HALF = 50


def _of_payer(benefit: Benefit) -> str:
    """Find a percentage that its own message calls the plan's part: what the patient pays must be asked."""
    if benefit.rate is None:
        return ""
    percent = benefit.rate.per_million // 10_000
    told = shares_of_the_plan(message.text for message in benefit.messages)
    return f"the plan’s own part ({percent}%), by its message" if percent in told - {_HALF} else ""


def _of_visit(benefit: Benefit) -> str:
    """Find a share that a message gives to another kind of visit than a therapist's; one of therapy is never theirs."""
    if benefit.kind not in SHARES or set(OF_THERAPY) & set(benefit.services):
        return ""
    said = "" if _OF_ANY_VISIT.search(benefit.words) else " / ".join(_own(benefit))
    return next((what for what, pattern in _OTHER_VISITS if pattern.search(said)), "")


# ----------------------------------------------------------------------------
# Whether the patient is covered on the day asked about, and what a reader must know first.
# ----------------------------------------------------------------------------


def _coverage(answer: Eligibility, plans: dict[int, Block], day: date | None, replaced: Benefit | None) -> Coverage:
    speaking = [benefit for benefit in answer.benefits if _speaks_of_cover(benefit, answer, plans)]
    over = _over(speaking, day)
    current = [each for each in speaking if _holds(each.dates, day) and not _is_over(each, over)]
    dates = _dates(answer, current or speaking)
    is_active, says = _active(current, speaking, dates, day)
    if replaced is not None:
        who = replaced.entity or replaced.plan
        is_active, says = True, f"A Medicare Advantage plan{_in_brackets(who)} pays in place of Original Medicare."
        if replaced.is_other_payer:
            says += " This answer doesn’t hold its benefits: ask that plan."
    elif _holds(dates, day) and any(block.insurance in _ORIGINAL for block in plans.values()):
        is_active, says = _part_b(answer, day, is_active, says)
    more = (
        *answer.alerts,
        *_warnings(current),
        *_with_administrator(plans),
        *_managed(answer, plans, day),
        *_of_medicare(answer, plans, day),
        *_beside(answer, plans, day),
    )
    own = next((block.plan for block in plans.values() if block.plan), "") or answer.plan
    plan = own if replaced is None else replaced.plan or own
    payer = replaced.entity or replaced.plan if replaced is not None and replaced.is_other_payer else ""
    return Coverage(is_active, (says, *more), _market(answer, plans, replaced), dates, plan, payer)


_MOST_WARNINGS = 3


def _warnings(current: Sequence[Benefit]) -> list[str]:
    """Quote what a payer says beside active cover that may not last, such as a grace period."""
    said = {
        message.text: message
        for each in current
        if each.kind is Kind.ACTIVE
        for message in each.messages
        if warns_of_cover(message.text)
    }
    return [f"The payer says: “{each.text}” ({each.place})." for each in list(said.values())[:_MOST_WARNINGS]]


def _over(speaking: Sequence[Benefit], day: date | None) -> set[int]:
    """Return the numbers of the plans whose own dates don't hold."""
    whole = [each for each in speaking if not each.services or WHOLE_PLAN in each.services]
    return {each.block.number for each in whole} - {each.block.number for each in whole if _holds(each.dates, day)}


def _is_over(benefit: Benefit, over: set[int]) -> bool:
    """Tell whether a statement of therapy without dates belongs to a plan that is over: it has no others."""
    return benefit.block.number in over and benefit.dates == ALWAYS and bool({*OF_THERAPY} & {*benefit.services})


def _in_brackets(words: str) -> str:
    return f" ({words})" if words else ""


def _speaks_of_cover(benefit: Benefit, answer: Eligibility, plans: dict[int, Block]) -> bool:
    """Tell whether a statement says that therapy, or the plan, is covered or isn't."""
    if benefit.kind not in COVERING or benefit.network is Network.OUT or _of_plan(benefit, plans):
        return False
    if _of_age(benefit, answer.age) or _of_place(benefit) or benefit.insurance == _PART_A:
        return False
    return not benefit.services or bool({WHOLE_PLAN, *OF_THERAPY} & set(benefit.services))


def _dates(answer: Eligibility, speaking: Sequence[Benefit]) -> Span:
    """Return when cover holds: by the dates of the person, else by those of the active coverage."""
    by_statement = [benefit.dates for benefit in speaking if benefit.dates != ALWAYS]
    if answer.dates.last_day is not None or not by_statement:
        return answer.dates
    first = min((span.first_day for span in by_statement if span.first_day), default=None)
    ends = [span.last_day for span in by_statement]
    last = None if None in ends else max(filter(None, ends))
    return Span(first or answer.dates.first_day, last)


def _active(
    current: Sequence[Benefit], speaking: Sequence[Benefit], dates: Span, day: date | None
) -> tuple[bool | None, str]:
    """Decide by the most specific of what is said; what is said both ways, or not at all, stays open."""
    if day is not None and dates.last_day is not None and dates.last_day < day:
        return False, f"Coverage ended on {dates.last_day}."
    if day is not None and dates.first_day is not None and dates.first_day > day:
        return False, f"Coverage starts on {dates.first_day}."
    by_therapy = [benefit for benefit in current if set(OF_THERAPY) & set(benefit.services)]
    inactive = next((benefit for benefit in speaking if benefit.kind is Kind.INACTIVE), None)
    for told in (by_therapy, current):
        kinds = {benefit.kind for benefit in told}
        if kinds == {Kind.ACTIVE}:
            return True, "Coverage is active."
        if kinds == {Kind.INACTIVE}:
            where = f" for {named(told[0].services)}" if told is by_therapy else ""
            return False, f"Coverage isn’t active{where} ({told[0].origin.place})."
        if kinds:
            return None, "The payer says that coverage is active and that it isn’t: ask."
    words = "Whether coverage is active isn’t said: ask the payer."
    return None, words if inactive is None else "Whether coverage is active now isn’t clear: ask the payer."


def _part_b(answer: Eligibility, day: date | None, is_active: bool | None, says: str) -> tuple[bool | None, str]:
    """Tell whether Part B, which pays for outpatient therapy, is in force."""
    told = {
        benefit.kind
        for benefit in answer.benefits
        if benefit.kind in COVERING and benefit.insurance == _PART_B and _holds(benefit.dates, day)
    }
    if told == {Kind.ACTIVE}:
        return True, "Coverage is active: Medicare Part B."
    if told == {Kind.INACTIVE}:
        return False, "Part B isn’t active, and outpatient therapy is a Part B benefit: Medicare doesn’t pay for it."
    if not told:
        return None, "Part B, which pays for outpatient therapy, isn’t mentioned: ask."
    return is_active, says


def _with_administrator(plans: dict[int, Block]) -> Iterator[str]:
    """Name who administers therapy for the plan, where that is another."""
    for block in list(plans.values())[1:]:
        if block.insurance not in _ORIGINAL:
            yield f"Therapy is administered apart ({block.plan}): ask there about authorization."


def _managed(answer: Eligibility, plans: dict[int, Block], day: date | None) -> Iterator[str]:
    """Tell of a managed-care plan that has the benefits of Medicaid."""
    own = [block.insurance for block in plans.values()]
    own = own or [each.insurance for each in answer.benefits if each.kind is Kind.ACTIVE and _holds(each.dates, day)]
    if _MEDICAID not in own:
        return
    managers = [
        benefit
        for benefit in answer.benefits
        if benefit.is_managed and not benefit.block.carved and _holds(benefit.dates, day)
    ]
    if managers:
        who = next((benefit.entity or benefit.plan for benefit in managers if benefit.entity or benefit.plan), "")
        yield f"A managed-care plan{_in_brackets(who)} runs this Medicaid cover: contact that plan for its benefits."


def _of_medicare(answer: Eligibility, plans: dict[int, Block], day: date | None) -> Iterator[str]:
    """Tell of a plan or program that pays what Medicare leaves, and of care in force that may hold the therapy."""
    supplement = next((block.insurance for block in plans.values() if block.insurance in _SUPPLEMENTS), "")
    if supplement and supplement != _QMB:
        yield f"This is {_SUPPLEMENTS[supplement]}, which pays after the first plan: choose it as the second plan."
    if any(each.insurance == _QMB and _holds(each.dates, day) for each in answer.benefits):
        yield (
            "The patient is in the Qualified Medicare Beneficiary program, which pays what Medicare leaves:"
            " choose it as the second plan."
        )
    stays = {
        (_CARE[each.services[0]], each.dates.first_day)
        for each in answer.benefits
        if len(each.services) == 1
        and each.services[0] in _CARE
        and each.kind is Kind.OTHER
        and each.insurance in _ORIGINAL
        and each.dates != ALWAYS
        and _holds(each.dates, day)
    }
    for care, first in sorted(stays, key=str):
        since = f" from {first}" if first else ""
        yield f"The answer names {care}{since}: ask whether the therapy belongs to it."


def _beside(answer: Eligibility, plans: dict[int, Block], day: date | None) -> Iterator[str]:
    """Tell of another medical plan in the same answer that is active as well."""
    seen: set[int] = set(plans)
    for benefit in answer.benefits:
        block = benefit.block
        if block.number and block.number not in seen and not block.carved and block.insurance not in _ORIGINAL:
            seen.add(block.number)
            if plans and benefit.kind is Kind.ACTIVE and _holds(benefit.dates, day):
                yield f"The answer names another medical plan too{_in_brackets(block.plan)}: find out which pays first."


_BY_INSURANCE = {
    _PART_A: "medicare",
    _PART_B: "medicare",
    "HN": _MA,
    _MEDICAID: "medicaid",
    "WC": "workers-comp",
    "AP": "auto",
    "GP": "employer",
    "CO": "employer",
}
_BY_NAME = (
    ("tricare", re.compile(r"\bTRICARE\b|\bHUMANA MILITARY\b", re.IGNORECASE)),
    ("va", re.compile(r"\bVETERANS? AFFAIRS\b|\bVA COMMUNITY CARE\b|\bVA ?CCN\b", re.IGNORECASE)),
    ("fehb", re.compile(r"\bFEDERAL EMPLOYEE|\bFEP\b|\bFEHB", re.IGNORECASE)),
    ("medicaid", re.compile(r"\bMEDICAID\b|\bMEDI-CAL\b", re.IGNORECASE)),
    ("marketplace", re.compile(r"\bMARKETPLACE\b|\bHEALTH EXCHANGE\b|\bON[- ]EXCHANGE\b", re.IGNORECASE)),
)


def _market(answer: Eligibility, plans: dict[int, Block], replaced: Benefit | None) -> str:
    """Return the market by insurance type and names; "" where nothing tells, never one by default."""
    if replaced is not None or any(map(_is_advantage, plans.values())) or _names_advantage(answer.payer):
        return _MA
    own = [benefit.insurance for benefit in answer.benefits if not benefit.is_other_payer and not benefit.is_managed]
    insured = [block.insurance for block in plans.values()] or own
    by_type = next((_BY_INSURANCE[code] for code in insured if code in _BY_INSURANCE), "")
    by_type = by_type or next((block.market for block in plans.values() if block.market), "")
    return by_type or _named_market(" ".join((answer.payer, *(block.plan for block in plans.values()))))


def _named_market(words: str) -> str:
    return next((market for market, pattern in _BY_NAME if pattern.search(words)), "")


# Types of a coverage: the Source of Payment Typology by its beginnings, the longest first, and HL7's own (ActCode).
_BY_TYPE = (
    *(("11", _MA), ("1", "medicare"), ("2", "medicaid"), ("311", "tricare"), ("32", "va")),
    *(("95", "workers-comp"), ("96", "auto"), ("WCBPOL", "workers-comp"), ("AUTOPOL", "auto"), ("VAPOL", "va")),
)


def market_by_type(codes: Iterable[str], words: str) -> str:
    """Return the market that the type of a coverage means, by its codes or its words; "" where it tells none.

    >>> market_by_type(["211"], ""), market_by_type([], "Medicare Advantage HMO"), market_by_type(["512"], "PPO")
    ('medicaid', 'medicare-advantage', '')
    """
    told = [market for code in codes for begins, market in _BY_TYPE if code.startswith(begins)]
    return next(iter(told), "") or (_MA if _names_advantage(words) else _named_market(words))


def year_from(first: date) -> Span:
    """Return the benefit year that starts on a day."""
    try:
        return Span(first, first.replace(year=first.year + 1) - timedelta(days=1))
    except ValueError:
        return Span(first, first + timedelta(days=365))
