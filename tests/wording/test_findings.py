"""Every finding of the engine has a sentence for either reader, found by looking at the domain itself."""

import re
import typing
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from estimator.engine import findings
from estimator.engine.accumulators import NO_END
from estimator.engine.findings import Finding
from estimator.engine.plan import Every, Extension, Limit, Measure
from estimator.engine.values import UNKNOWN, Money, Rate
from estimator.language import SPANISH, speaking
from estimator.wording.findings import name_of, numbers, says
from estimator.wording.words import BILLER, PATIENT, Telling
from tests.wording.estimates import NAMES, PLAN

SAMPLES: dict[Any, Any] = {
    str: "97110",
    int: 30,
    bool: True,
    Money: Money(123450),
    Rate: Rate.parse("20%"),
    tuple[str, ...]: ("M54.50", "M54.59"),
    date: date(2026, 7, 27),
    date | None: None,
    int | None: None,
}
# The words that a field may hold, where the sentence depends on them.
WORDS = {
    "status": ("permitted", "prohibited", "silent", "awaiting-rules", "unread"),
    "position": ("investigational", "not-medically-necessary", "excluded", "bundled", "not-valid-for-medicare"),
    "consequence": ("provider-absorbs", "patient-pays", "reduced", "penalty", "other-cost-share", "unknown"),
    "kind": ("authorization", "referral"),
    "needs": ("improvement", "justification", "authorization", "diagnosis"),
    "measure": ("visits", "dollars", "hours", "units"),
    "per": ("visit", "day", "provider-day", "line", "unit"),
    "basis": ("per-visit", "case-rate", "fee-schedule", "charges"),
    "method": ("standard", "non-duplication", "maintenance-of-benefits"),
    "rule": ("ncci", "one-needling-code", "too-few-minutes", "medicare-status"),
    "into": ("97140", ""),
    "limit": ("therapy-visits", "another-limit"),
    "network": ("in-network", "out-of-network", "tier-2"),
    "set_on": (None, date(2026, 7, 1)),
}
KINDS = sorted(
    (
        kind
        for module in (findings, findings, findings)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Finding) and kind is not Finding
    ),
    key=lambda kind: kind.__name__,
)


def samples(kind: type[Finding]) -> Iterator[Finding]:
    """Build a finding for each word that one of its fields may hold."""
    hints = typing.get_type_hints(kind)
    plain = {each.name: SAMPLES[hints[each.name]] for each in fields(kind)}
    plain = {name: WORDS.get(name, (value,))[0] for name, value in plain.items()}
    yield kind(**plain)
    for name in plain:
        for word in WORDS.get(name, ())[1:]:
            yield kind(**{**plain, name: word})


def figures_in(words: str) -> list[str]:
    """Return every number in a sentence, as it stands there."""
    return re.findall(r"-?\$?\d+(?:,\d{3})*(?:\.\d+)?%?", words)


def test_there_are_findings_to_word() -> None:
    """An empty list would let every test below pass."""
    assert 20 < len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("reader", [PATIENT, BILLER])
def test_every_finding_has_a_sentence(kind: type[Finding], reader: Any) -> None:
    """For either reader, no matter who owes, whatever its fields hold."""
    for finding in samples(kind):
        for owes in (Money(-4000), Money(0), Money(4000)):
            words = says(finding, owes, Telling(PLAN, NAMES, reader))
            assert re.fullmatch(r"[A-Z0-9$-].*[.”]", words), words
            assert "  " not in words
            assert "None" not in words


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("reader", [PATIENT, BILLER])
def test_every_finding_is_said_in_spanish_with_the_same_numbers(kind: type[Finding], reader: Any) -> None:
    """No sentence is left in English, and none loses an amount, a code or a visit on the way."""
    for finding in samples(kind):
        for owes in (Money(-4000), Money(0), Money(4000)):
            english = says(finding, owes, Telling(PLAN, NAMES, reader))
            with speaking(SPANISH):
                spanish = says(finding, owes, Telling(PLAN, NAMES, reader))
            assert english != spanish
            assert sorted(figures_in(english)) == sorted(figures_in(spanish)), spanish
            assert re.fullmatch(r"[A-Z0-9$-].*[.”]", spanish), spanish


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_patients_read_no_ids_and_no_reason_codes(kind: type[Finding]) -> None:
    """Names of plan files, reason codes and modifiers are for billing staff."""
    for finding in samples(kind):
        words = says(finding, Money(4000), Telling(PLAN, NAMES))
        assert not re.search(r"\b(?:CO|PR|OA)-\d|evergreen-|therapy-visits|in-network|\bNCCI\b|\bMPPR\b", words), words


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_finding_has_a_name_and_numbers(kind: type[Finding]) -> None:
    """The name is the class's own, and the numbers are its fields as text."""
    for finding in samples(kind):
        assert re.fullmatch("[a-z]+(-[a-z]+)*", name_of(finding))
        said = {each.name for each in fields(kind) if getattr(finding, each.name) is not None}
        assert said == set(numbers(finding))
        assert all(isinstance(text, str) for text in numbers(finding).values())


def test_names_and_numbers_are_those_of_the_contract() -> None:
    """As docs/json-contract.md shows them."""
    finding = findings.CopayCharged(Money(4000), "visit")

    assert "copay-charged" == name_of(finding)
    assert {"copay": "40.00", "per": "visit"} == numbers(finding)


def test_what_has_no_end_is_no_number() -> None:
    """Inside, no maximum is a very large amount, which nobody should read."""
    assert {} == numbers(findings.MaximumReached(NO_END))


def test_sentences_can_be_read_aloud() -> None:
    """A few of those that matter most, as a patient and as a biller read them."""
    patient, biller = Telling(PLAN, NAMES), Telling(PLAN, NAMES, BILLER)
    passed = findings.LimitPassed("therapy-visits", "visits", 30)
    denied = findings.NotCovered("investigational", "evergreen-needling")
    taken = findings.DeductibleTaken(Money(50000))

    assert (
        "Your plan covers 30 visits a benefit year. This is beyond that. "
        "You pay $100.00, and it doesn't count toward your yearly maximum."
    ) == says(passed, Money(10000), patient)
    assert "PR-119: limit therapy-visits of 30 visits is used up; patient liable for $100.00." == says(
        passed, Money(10000), biller
    )
    assert (
        "Evergreen counts this as investigational: it doesn't think that enough research supports it. "
        "The clinic may not bill you for it."
    ) == says(denied, Money(0), patient)
    assert (
        "CO-55 (or 50): investigational (evergreen-needling). "
        "Write off unless a signed, service-specific consent is held."
    ) == says(denied, Money(0), biller)
    assert (
        "$60.00 goes to your deductible, which you pay before your plan does. $500.00 of it was left before."
    ) == says(taken, Money(6000), patient)
    assert "PR-1 deductible $60.00; $500.00 was left before this line." == says(taken, Money(6000), biller)


def test_an_authorization_that_nobody_read_is_not_said_to_be_needed() -> None:
    """It is to be asked for."""
    unread = findings.AuthorizationUnread("authorization", 3)

    assert [
        "Your plan may have to approve this visit in advance. Ask your plan.",
        "Authorization requirement not read: verify.",
    ] == [says(unread, Money(0), Telling(PLAN, NAMES, reader)) for reader in (PATIENT, BILLER)]


def test_only_a_line_that_was_reduced_is_said_to_be() -> None:
    """The first service of the day keeps its whole price."""
    prices = [findings.PriceMedicare(Rate.parse("100%"), "Seattle", "CY2026", reduced) for reduced in (True, False)]

    assert [
        "Your plan goes by Medicare's price in Seattle. It counts one service a day in full, and the rest at a lower "
        "price, as here.",
        "Your plan goes by Medicare's price in Seattle.",
    ] == [says(price, Money(0), Telling(PLAN, NAMES)) for price in prices]


def test_a_penalty_is_said_to_be_taken_once() -> None:
    """The missing approval stands at every visit, the penalty only where it is taken."""
    telling = Telling(PLAN, NAMES)
    missing, penalty = findings.AuthorizationMissing("authorization", "penalty"), findings.PenaltyCharged(Money(25000))

    assert (
        "Your plan hasn't approved this visit in advance. For that it takes a penalty off its payments, "
        "once in a course of care."
    ) == says(missing, Money(0), telling)
    assert "$60.00 of the penalty of $250.00 for missing approval falls on this service." == says(
        penalty, Money(6000), telling
    )
    assert "The penalty of $250.00 for missing approval falls on this service." == says(penalty, Money(25000), telling)


def test_state_law_is_told_to_patients_without_a_code() -> None:
    """The notice beside it has the name of the state."""
    finding = findings.NotInScope("CA", "prohibited")

    assert "State law doesn't let this kind of provider do dry needling." == says(
        finding, Money(0), Telling(PLAN, NAMES)
    )


def test_an_extension_says_when_it_is_given() -> None:
    """As a limit of three visits for a condition, and three more."""
    more = Extension(3, "justification")
    limit = Limit("needling", Measure.VISITS, 3, every=Every.CONDITION, extension=more)
    telling = Telling(replace(PLAN, limits={"needling": limit}), NAMES)

    assert (
        "Your plan covers 3 visits for each condition, and up to 3 more if your provider explains in writing why you "
        "need more. This is beyond that. The clinic may not bill you for it."
    ) == says(findings.LimitPassed("needling", "visits", 3), Money(0), telling)


def test_a_missing_referral_has_a_reason_code_of_its_own() -> None:
    """It is not denied as a missing authorization."""
    biller = Telling(PLAN, NAMES, BILLER)
    missing = [findings.AuthorizationMissing(kind, "patient-pays") for kind in ("authorization", "referral")]
    needed = [findings.AuthorizationNeeded("authorization", 14, 13), findings.AuthorizationNeeded("referral", 2, 1)]

    assert [
        "No authorization on file. PR-197: patient liable, $40.00.",
        "No referral on file. PR-288: patient liable, $40.00.",
    ] == [says(finding, Money(4000), biller) for finding in missing]
    assert [
        "Authorization needed (counts as visit 14; the rule starts at 13); CARC 197 without it.",
        "Referral needed; CARC 288 without it.",
    ] == [says(finding, Money(0), biller) for finding in needed]


def test_a_visit_is_numbered_as_the_plan_counts_only_where_that_is_said() -> None:
    """An exempt evaluation is not counted, so that the second visit may be the first of the rule."""
    first, fourteenth = (findings.AuthorizationNeeded("authorization", *counted) for counted in ((1, 1), (14, 13)))
    asked = findings.RequestNeeded(1, 6)

    assert [
        "Your plan must approve this visit in advance (prior authorization). We assumed it will.",
        "Your plan must approve this visit in advance (prior authorization). That holds from visit 13 on, and by your "
        "plan's count this is visit 14. We assumed it will.",
        "The clinic must ask your plan for this visit; the first 6 such visits are approved without review.",
    ] == [says(finding, Money(0), Telling(PLAN, NAMES)) for finding in (first, fourteenth, asked)]
    assert "Authorization needed; CARC 197 without it." == says(first, Money(0), Telling(PLAN, NAMES, BILLER))


def test_a_limit_of_which_nobody_read_the_amount_is_never_one_of_nothing() -> None:
    """Billers read that it is not known, and no “0 visits”."""
    unread = replace(PLAN.limits["therapy-visits"], amount=UNKNOWN)
    telling = Telling(replace(PLAN, limits={"therapy-visits": unread}), NAMES, BILLER)

    words = says(findings.LimitPassed("therapy-visits", "visits", 0), Money(0), telling)

    assert "a number of therapy visits that we don't know" in words
