"""Modifiers of a line, on both sides of every edge, and the papers that put liability right."""

import pytest

from estimator.engine.answer import Status, Step
from estimator.engine.coding import (
    DenialPolicy,
    ServiceCode,
    Use,
    assistant,
    denial,
    discipline,
    past_markers,
    separation,
)
from estimator.engine.coverage import Paper, Who, papers_for, who_bears, who_bears_a_missing_authorization
from estimator.engine.findings import Bundled, LimitExtended, ModifierNeeded, NotCovered
from estimator.engine.plan import IfMissing, Position
from estimator.engine.values import ZERO
from tests.build import CITED
from tests.engine.test_coding import EDITS

EXERCISE = ServiceCode("97110", "", "therapy", timed=True)
NEEDLING = ServiceCode("20561", "", "needling", timed=False)
OFFICE_VISIT = ServiceCode("99213", "", "office-visit", timed=False)
PT, PTA = "physical-therapist", "physical-therapist-assistant"


def told(found):
    """Return modifiers as their codes and what to do about them."""
    return [("/".join(each.codes), str(each.use)) for each in found]


def step(finding):
    """Wrap a finding that costs nothing."""
    return Step(finding, ZERO, CITED)


def test_a_therapy_line_of_a_therapist_carries_gp_for_medicare_and_perhaps_for_others():
    """Needling by a therapist is therapy too; an office visit and a physician's needling are not."""
    assert [("GP", "required")] == told(discipline(EXERCISE, (), PT, "medicare"))
    assert [("GP", "required")] == told(discipline(NEEDLING, ("GP",), PTA, "medicare"))
    assert [("GP", "ask")] == told(discipline(EXERCISE, (), PT, "employer"))
    assert [] == told(discipline(OFFICE_VISIT, (), PT, "medicare"))
    assert [] == told(discipline(NEEDLING, (), "physician", "medicare"))


def test_a_line_of_another_discipline_gets_no_gp():
    """GO is occupational therapy: two disciplines do not stand on one line."""
    assert [] == told(discipline(EXERCISE, ("GO",), PT, "medicare"))
    assert [] == told(discipline(None, (), PT, "medicare"))


def test_an_assistant_puts_cq_on_and_a_therapist_does_not():
    """For other payers than Medicare it is a question."""
    assert [("CQ", "required")] == told(assistant(EXERCISE, PTA, "medicare"))
    assert [("CQ", "ask")] == told(assistant(EXERCISE, PTA, "medicare-advantage"))
    assert [] == told(assistant(EXERCISE, PT, "medicare"))
    assert [] == told(assistant(ServiceCode("97161", "", "evaluation", timed=False), PTA, "medicare"))


def test_a_marker_and_an_extension_name_their_modifier_and_others_none():
    """An extension that needs a justification alone has no modifier."""
    steps = [
        step(ModifierNeeded("kx-threshold", "KX")),
        step(LimitExtended("needling", "improvement", "KX")),
        step(LimitExtended("needling", "justification", "")),
        step(NotCovered(Position.EXCLUDED, "x")),
    ]

    assert [("KX", "required"), ("KX", "required")] == told(past_markers(steps))


def test_59_is_spoken_of_only_on_a_pair_whose_indicator_allows_it():
    """Indicator 1 yes, if the services were separate; indicator 0 never."""
    parted, never = step(Bundled("97150", "ncci", True)), step(Bundled("20561", "one-needling-code", False))

    assert [("59/XE/XP/XS/XU", "only-if-separate")] == told(separation("97110", (), ("97150",), [parted], EDITS))
    assert [] == told(separation("20560", (), ("20561",), [never], EDITS))


def test_a_repeated_untimed_code_is_no_pair_and_an_office_visit_carries_25():
    """59 is for pairs alone; the visit beside a procedure has a modifier of its own."""
    repeated, beside_visit = step(Bundled("97150", "one-unit-a-day", True)), step(Bundled("99213", "ncci", True))

    assert [] == told(separation("97150", (), ("97150",), [repeated], EDITS))
    assert [("25", "only-if-separate")] == told(separation("20560", (), ("99213",), [beside_visit], EDITS))


@pytest.mark.parametrize(
    ("code", "other", "use"),
    [
        ("97110", "97150", Use.IF_SEPARATE),
        ("20560", "97140", Use.NO_GROUND),  # Looked up, and no edit.
        ("20560", "20561", Use.NO_GROUND),  # Indicator 0.
        ("97110", "97140", Use.ASK),  # Never looked up.
    ],
)
def test_a_written_59_is_weighed_by_the_pairs_of_its_day(code, other, use):
    """It stays only where a pair gives it a reason; where nobody looked it is a question."""
    [found] = separation(code, ("59",), (code, other), [], EDITS)

    assert (("59",), use) == (found.codes, found.use)


def test_the_clinic_chooses_what_stands_on_a_medicare_line_that_will_not_be_paid():
    """Excluded and expected denials apart, and after a signed notice another; all four where nothing is set."""
    chosen = DenialPolicy("GX", "GY", "GZ")
    excluded, denied = [step(NotCovered(Position.EXCLUDED, "x"))], [step(NotCovered(Position.INVESTIGATIONAL, "x"))]

    assert [("GY", "clinic-setting")] == told(denial(excluded, "medicare", chosen, None))
    assert [("GZ", "clinic-setting")] == told(denial(denied, "medicare", chosen, False))
    assert [("GX", "clinic-setting")] == told(denial(excluded, "medicare", chosen, True))
    assert [("GA/GX/GY/GZ", "clinic-setting")] == told(denial(excluded, "medicare", DenialPolicy(), None))
    assert [] == told(denial(excluded, "medicare-advantage", chosen, None))
    assert [] == told(denial([], "medicare", chosen, None))


def test_the_paper_follows_the_market_and_who_bears_the_line():
    """An ABN is Medicare's alone; where the clinic bears a line that no consent turns, no paper helps."""
    assert (Paper.NOTICE,) == papers_for("medicare", Who.PATIENT, False)
    assert (Paper.DETERMINATION,) == papers_for("medicare-advantage", Who.UNKNOWN, False)
    assert (Paper.CONSENT, Paper.ESTIMATE) == papers_for("employer", Who.CLINIC, True)
    assert (Paper.NONE,) == papers_for("employer", Who.CLINIC, False)
    assert (Paper.ESTIMATE,) == papers_for("self-pay", Who.PATIENT, False)
    assert (Paper.ASK,) == papers_for("tricare", Who.PATIENT, False)
    assert (Paper.NONE,) == papers_for("employer", Who.NOBODY, True)


def test_every_status_and_every_consequence_names_who_bears_it():
    """Not known stays not known."""
    assert {Who.NOBODY, Who.PATIENT, Who.CLINIC, Who.UNKNOWN} == {who_bears(status) for status in Status}
    assert Who.UNKNOWN is who_bears(Status.UNKNOWN)
    assert Who.UNKNOWN is who_bears_a_missing_authorization(IfMissing.UNKNOWN)
    assert set(Who) - {Who.NOBODY} == {who_bears_a_missing_authorization(each) for each in IfMissing}
