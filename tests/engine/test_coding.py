"""Coding checks on one visit: needling twice, edits and their modifiers, untimed units, diagnoses."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.engine.coding import (
    BundledLine,
    Diagnoses,
    Diagnosis,
    DiagnosisMalformed,
    DiagnosisNotValid,
    Pair,
    PairEdits,
    SecondNeedlingLine,
    ServiceCode,
    UnitsCut,
    UnknownCode,
    check_diagnoses,
    check_lines,
    diagnosis_code,
)
from estimator.engine.values import Source, Span

TIMED = ("97110", "97112", "97140")
UNTIMED = ("20560", "20561", "20552", "97150", "97161", "97164", "97750", "99213")
CODES = {code: ServiceCode(code, "", "", timed=code in TIMED) for code in (*TIMED, *UNTIMED)}
PAIRS = (
    Pair("20561", "20560", False, ""),
    Pair("20552", "20560", True, ""),
    Pair("99213", "20560", True, ""),
    Pair("97150", "97110", True, ""),
    Pair("97112", "97110", True, ""),
    Pair("97161", "97164", False, ""),
    Pair("97140", "97750", True, ""),
    Pair("97161", "97750", False, ""),
)
EDITS = PairEdits(
    "v30.2 (2024-07-01)",
    Source("NCCI", "", date(2026, 11, 23)),
    {(pair.column_one, pair.column_two): pair for pair in PAIRS},
    frozenset({("20560", "97140"), ("20561", "97140")}),
)


def check(*lines):
    """Check lines given as code, units, modifiers, of which the last two may be left out."""
    full = [(code, *(rest or (1, ())))[:3] for code, *rest in lines]
    return check_lines([(code, units, set(modifiers)) for code, units, modifiers in full], CODES, EDITS)


coded_lines = st.lists(
    st.tuples(
        st.sampled_from((*CODES, "99999")),
        st.integers(1, 4),
        st.frozensets(st.sampled_from(("59", "XS", "25", "GP")), max_size=2),
    ),
    max_size=6,
)


@given(coded_lines)
def test_findings_come_in_the_order_of_lines_and_name_real_ones(lines):
    """Every finding is about a line of the visit and its code."""
    findings = check_lines(lines, CODES, EDITS)

    assert [finding.line for finding in findings] == sorted(finding.line for finding in findings)
    assert [lines[finding.line][0] for finding in findings] == [finding.code for finding in findings]


@given(coded_lines)
def test_at_most_one_needling_line_is_left_whatever_is_billed(lines):
    """One needling code a day, and the one for more muscles where both stand."""
    out = {found.line for found in check_lines(lines, CODES, EDITS) if isinstance(found, SecondNeedlingLine)}
    left = [line[0] for place, line in enumerate(lines) if line[0] in ("20560", "20561") and place not in out]
    needled = {line[0] for line in lines} & {"20560", "20561"}

    assert ([max(needled)] if needled else []) == left


@given(coded_lines)
def test_an_edit_without_a_way_out_bundles_whatever_the_modifiers(lines):
    """Indicator 0: an evaluation takes a re-evaluation of the same day with it."""
    codes = [line[0] for line in lines]
    bundled = {found.line for found in check_lines(lines, CODES, EDITS) if isinstance(found, BundledLine)}

    if "97161" in codes:
        assert {place for place, code in enumerate(codes) if code == "97164"} <= bundled


def test_more_muscles_win_over_fewer_wherever_they_stand():
    """20561 stays and 20560 goes, once, with the edition that says so."""
    (finding,) = check(("20560",), ("97140",), ("20561",))

    assert SecondNeedlingLine(0, "20560", "20561", finding.citation) == finding
    assert "20561/20560 indicator 0, edition v30.2 (2024-07-01)" == finding.citation.place


def test_the_same_needling_code_twice_is_one_too_many():
    """The first line stays."""
    (finding,) = check(("20560",), ("20560",))

    assert (1, "20560") == (finding.line, finding.kept)


def test_needling_beside_manual_therapy_is_no_edit():
    """The pair was looked for in the edition and is not there."""
    assert () == check(("20561",), ("97140",))
    assert EDITS.has_checked("97140", "20561")
    assert not EDITS.has_checked("97110", "20561")


def test_column_two_is_bundled_and_may_be_parted_by_a_modifier():
    """Group therapy takes exercise with it, unless it was separate."""
    (finding,) = check(("97110",), ("97150",))

    assert BundledLine(0, "97110", "97150", True, finding.citation) == finding


@pytest.mark.parametrize("modifier", ["59", "XE", "XS", "XP", "XU"])
@pytest.mark.parametrize("on", [0, 1])
def test_a_modifier_on_either_line_parts_the_two(modifier, on):
    """Medicare takes it on either line since July 2019."""
    codes = ("97110", "97150")
    lines = [(code, 1, (modifier,) if place == on else ("GP",)) for place, code in enumerate(codes)]

    assert () == check(*lines)


def test_modifier_25_parts_an_office_visit_from_needling_and_nothing_else():
    """25 belongs on an office visit."""
    assert () == check(("99213", 1, ("25",)), ("20560",))
    assert [BundledLine] == [type(found) for found in check(("99213",), ("20560", 1, ("25",)))]
    assert [BundledLine] == [type(found) for found in check(("20552", 1, ("25",)), ("20560",))]


def test_a_line_in_two_edits_is_bundled_by_the_one_without_a_way_out():
    """97750 goes into the evaluation, since a modifier would not save it."""
    (finding,) = check(("97140",), ("97750",), ("97161",))

    assert (1, "97161", False) == (finding.line, finding.into, finding.modifier_allowed)


def test_untimed_code_with_several_units_is_cut_to_one():
    """Two units of needling are one; two of exercise are two."""
    (finding,) = check(("20560", 2, ()), ("97110", 2, ()))

    assert UnitsCut(0, "20560", 2, 1, finding.citation) == finding


def test_code_that_nobody_carries_is_named_unknown():
    """The engine then needs a price from the request."""
    assert (UnknownCode(1, "99999"),) == check(("97110",), ("99999",))


DIAGNOSES = Diagnoses(
    Source("ICD-10-CM", "", date(2026, 11, 23)),
    {
        diagnosis.code: diagnosis
        for diagnosis in (
            Diagnosis("M54.5", "", Span(None, date(2021, 9, 30)), ("M54.50", "M54.59"), "", "high"),
            Diagnosis("M54.50", "", Span(date(2021, 10, 1)), (), "", "high"),
            Diagnosis("M54.59", "", Span(date(2021, 10, 1)), (), "", "high"),
            Diagnosis("M25.511", "", Span(date(2015, 10, 1)), (), "", "high"),
        )
    },
)
DAY = date(2026, 3, 2)


@given(st.text(max_size=12))
def test_any_text_is_a_code_or_malformed_and_never_an_error(text):
    """People write anything."""
    findings = check_diagnoses([text], DAY, DIAGNOSES)

    assert any(isinstance(found, DiagnosisMalformed) for found in findings) == (diagnosis_code(text) is None)


@pytest.mark.parametrize(("day", "is_valid"), [(date(2021, 9, 30), True), (date(2021, 10, 1), False)])
def test_withdrawn_diagnosis_is_valid_to_its_last_day(day, is_valid):
    """M54.5 ended on 30 September 2021, and its replacements are named."""
    findings = check_diagnoses(["M54.5"], day, DIAGNOSES)

    if is_valid:
        assert () == findings
    else:
        last_day = date(2021, 9, 30)
        expected = DiagnosisNotValid("M54.5", None, last_day, ("M54.50", "M54.59"), findings[0].citation)
        assert (expected,) == findings


def test_diagnosis_before_its_first_day_is_not_valid_yet():
    """M54.50 began on 1 October 2021."""
    (finding,) = check_diagnoses(["M54.50"], date(2021, 9, 30), DIAGNOSES)

    assert date(2021, 10, 1) == finding.first_day


def test_diagnosis_cut_short_names_the_longer_ones():
    """M25.51 is only the beginning of a code."""
    (finding,) = check_diagnoses(["M25.51"], DAY, DIAGNOSES)

    assert DiagnosisNotValid("M25.51", None, None, ("M25.511",), finding.citation) == finding


def test_good_diagnosis_that_nobody_carries_is_left_alone():
    """We carry a few of seventy thousand."""
    assert () == check_diagnoses(["S93.401A", " m25511 ", "M54.50"], DAY, DIAGNOSES)


@pytest.mark.parametrize("text", ["", "724.2", "back pain", "M54.50.1", "M5", "M54.12345"])
def test_text_that_is_no_icd_10_code_is_called_malformed(text):
    """Codes of the old ICD-9 too."""
    (finding,) = check_diagnoses([text], DAY, DIAGNOSES)

    assert DiagnosisMalformed(text, finding.citation) == finding
