"""Modifiers of a claim line: which ones a rule asks for, which one the clinic chooses, and which one has no ground.

A modifier is never advised to get a line paid: each one says something that must be true of the record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from estimator.engine.citation import Citation, Source
from estimator.engine.codes import PairEdits, ServiceCode
from estimator.engine.coding import DISCIPLINES, OFFICE_VISIT, SEPARATE, SEPARATE_OFFICE_VISIT
from estimator.engine.decisions import Bundled, LimitExtended, ModifierNeeded, NotCovered
from estimator.engine.estimate import Step
from estimator.engine.money import Money, Rate

ORIGINAL_MEDICARE = "medicare"
THERAPISTS = frozenset({"physical-therapist", "physical-therapist-assistant"})
ASSISTANT = "physical-therapist-assistant"
CONTRACTORS_CHOICE = ("GA", "GX", "GY", "GZ")

_THERAPY = frozenset({"therapy", "evaluation"})
_SOMETIMES_THERAPY = frozenset({"needling"})
_OF_ASSISTANTS = Rate(850_000)
_DISCIPLINE = Citation(
    Source(
        "CMS: Billing examples using CQ/CO modifiers for services furnished in whole or in part by PTAs and OTAs",
        "https://www.cms.gov/medicare/coding-billing/therapy-services/billing-examples-using-cq/"
        "co-modifiers-services-furnished-whole-or-part-ptas-and-otas",
        date(2026, 11, 25),
        "high",
    ),
    "background, from the Medicare Claims Processing Manual, chapter 5, section 20.1",
)


class Use(StrEnum):
    """What there is to do about a modifier."""

    REQUIRED = "required"
    IF_SEPARATE = "only-if-separate"  # only where the services were separate and the record says so
    CLINIC = "clinic-setting"
    ASK = "ask"
    NO_GROUND = "no-ground"  # it is written, and no pair of the day gives it a reason


@dataclass(frozen=True, slots=True)
class Modifier:
    """A modifier of a line, or several of which one is chosen; `why` names the rule, `about` the code or limit."""

    codes: tuple[str, ...]
    use: Use
    why: str
    about: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class DenialPolicy:
    """What the clinic writes on a Medicare line that will not be paid; "" where it has not decided.

    `after_notice` is for a signed notice, `excluded` for what the law leaves out, `expected_denial` for a denial
    as not necessary; the last two without a notice.
    """

    after_notice: str = ""
    excluded: str = ""
    expected_denial: str = ""


def paid_with_assistant(payment: Money) -> Money:
    """Return what Medicare pays for a line that an assistant gave: 85 percent of its own payment.

    The patient's part is not lowered (section 1834(v) of the Social Security Act speaks of the payment).

    >>> paid_with_assistant(Money(8000))
    Money(6800)
    """
    return payment.share(_OF_ASSISTANTS)


def discipline(known: ServiceCode | None, written: Collection[str], provider: str, market: str) -> Iterator[Modifier]:
    """Yield GP where the line is physical therapy under a plan of care and no discipline is written on it yet."""
    if known is None or provider not in THERAPISTS or not DISCIPLINES.isdisjoint(set(written) - {"GP"}):
        return
    if known.kind in _THERAPY or known.kind in _SOMETIMES_THERAPY:
        use = Use.REQUIRED if market == ORIGINAL_MEDICARE else Use.ASK
        yield Modifier(("GP",), use, "plan-of-care", known.code, _DISCIPLINE)


def assistant(known: ServiceCode | None, provider: str, market: str) -> Iterator[Modifier]:
    """Yield CQ where an assistant treats: Medicare then pays 85 percent."""
    if known is None or provider != ASSISTANT or known.kind not in _THERAPY | _SOMETIMES_THERAPY:
        return
    use = Use.REQUIRED if market == ORIGINAL_MEDICARE else Use.ASK
    yield Modifier(("CQ",), use, "assistant-treats", known.code, _DISCIPLINE)


def past_markers(steps: Iterable[Step]) -> Iterator[Modifier]:
    """Yield what lines past a marker or inside an extension must carry, such as KX past the therapy threshold."""
    for step in steps:
        found = step.finding
        if isinstance(found, ModifierNeeded) and found.modifier:
            yield Modifier((found.modifier,), Use.REQUIRED, "past-marker", found.limit, step.citation)
        elif isinstance(found, LimitExtended) and found.modifier:
            yield Modifier((found.modifier,), Use.REQUIRED, "extension", found.limit, step.citation)


def separation(
    code: str, written: Collection[str], others: Collection[str], steps: Iterable[Step], edits: PairEdits
) -> Iterator[Modifier]:
    """Yield 59 or X{EPSU} where a pair of the day allows it, and tell of one that is written without such a pair.

    `others` are the other codes of the day. A pair that was never looked up is asked about, not refused.
    """
    for step in steps:
        found = step.finding
        if isinstance(found, Bundled) and found.rule == "ncci" and found.modifier_allowed:
            yield _parting(code, found.into, step.citation)
            return
    carried = tuple(sorted(SEPARATE.intersection(written)))
    if not carried:
        return
    cited = Citation(edits.source, f"edition {edits.edition}")
    pairs = [pair for pair in edits.among({code, *others}) if code in (pair.column_one, pair.column_two)]
    if any(pair.modifier_allowed for pair in pairs):
        yield Modifier(carried, Use.IF_SEPARATE, "pair", code, cited)
    elif all(edits.has_checked(code, other) for other in others if other != code):
        yield Modifier(carried, Use.NO_GROUND, "no-pair", code, cited)
    else:
        yield Modifier(carried, Use.ASK, "pair-not-looked-up", code, cited)


def _parting(code: str, into: str, citation: Citation | None) -> Modifier:
    """Return what would part a pair: an office visit carries 25 itself, any other pair one of five on either line."""
    if code.startswith(OFFICE_VISIT) or into.startswith(OFFICE_VISIT):
        visit = code if code.startswith(OFFICE_VISIT) else into
        return Modifier((SEPARATE_OFFICE_VISIT,), Use.IF_SEPARATE, "pair-with-visit", visit, citation)
    return Modifier(tuple(sorted(SEPARATE)), Use.IF_SEPARATE, "pair", into, citation)


def denial(steps: Iterable[Step], market: str, policy: DenialPolicy, is_signed: bool | None) -> Iterator[Modifier]:
    """Yield the clinic's own modifier for a Medicare line that will not be paid, or all four where it chose none."""
    if market != ORIGINAL_MEDICARE:
        return
    for step in steps:
        if isinstance(step.finding, NotCovered):
            is_excluded = step.finding.position == "excluded"
            without = policy.excluded if is_excluded else policy.expected_denial
            chosen = policy.after_notice if is_signed else without
            why = "after-notice" if is_signed else "excluded" if is_excluded else "expected-denial"
            yield Modifier((chosen,) if chosen else CONTRACTORS_CHOICE, Use.CLINIC, why, "", step.citation)
            return
