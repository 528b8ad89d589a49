"""The carried codes: services, correct coding edits and diagnoses, as the checks use them."""

from datetime import date

import pytest

from estimator.engine.coding import check_diagnoses, check_lines
from estimator.prices.books import books, diagnoses, pair_edits, service_codes

DAY = date(2026, 3, 2)


def test_every_code_of_a_book_has_our_own_words():
    """47 codes, each priced in each book."""
    codes = service_codes()

    assert 47 == len(codes)
    assert all(codes.keys() == book.fees.keys() for book in books())
    assert all(service.words for service in codes.values())


def test_timed_codes_are_timed_whatever_web_pages_say():
    """Ultrasound and iontophoresis are timed; group therapy and evaluations are not."""
    codes = service_codes()

    assert all(codes[code].timed for code in ("97035", "97033", "97110", "97811"))
    assert not any(codes[code].timed for code in ("97150", "97161", "97010", "G0283", "20561", "97810"))


def test_edits_hold_137_pairs_and_84_that_are_none():
    """137 edits were found in the edition and 84 pairs were looked for in vain."""
    edits = pair_edits()

    assert (137, 84) == (len(edits.pairs), len(edits.none_found))
    assert "v30.2 (2024-07-01)" == edits.edition


@pytest.mark.parametrize("therapy", ["97110", "97112", "97140", "97530", "97161", "97150", "98941"])
@pytest.mark.parametrize("needling", ["20560", "20561"])
def test_needling_is_no_edit_with_therapy_in_this_edition(needling, therapy):
    """So that modifier 59 is not an edit's need."""
    lines = [(needling, 1, ()), (therapy, 1, ())]

    assert pair_edits().has_checked(needling, therapy)
    assert () == check_lines(lines, service_codes(), pair_edits())


@pytest.mark.parametrize(
    ("code", "into", "modifier_allowed"),
    [("20560", "20552", True), ("97810", "20561", False), ("97110", "97150", True), ("97140", "98940", True)],
)
def test_edits_of_the_edition_bundle_the_second_column(code, into, modifier_allowed):
    """Four pairs as they stand in CMS's file."""
    (finding,) = check_lines([(into, 1, ()), (code, 1, ())], service_codes(), pair_edits())

    assert (code, into, modifier_allowed) == (finding.code, finding.into, finding.modifier_allowed)


@pytest.mark.parametrize(
    ("code", "last_valid", "replacements"),
    [
        ("M54.5", date(2021, 9, 30), ("M54.50", "M54.51", "M54.59")),
        ("M79.1", date(2018, 9, 30), ("M79.10", "M79.11", "M79.12", "M79.18")),
        ("M51.36", date(2024, 9, 30), ("M51.360", "M51.361", "M51.362", "M51.369")),
        ("M51.37", date(2024, 9, 30), ("M51.370", "M51.371", "M51.372", "M51.379")),
    ],
)
def test_withdrawn_diagnoses_name_replacements_that_are_valid_now(code, last_valid, replacements):
    """Each replacement is carried, and valid from the next day on."""
    (finding,) = check_diagnoses([code], DAY, diagnoses())

    assert (last_valid, replacements) == (finding.last_day, finding.replacements)
    assert () == check_diagnoses([code], last_valid, diagnoses())
    assert () == check_diagnoses(replacements, DAY, diagnoses())


def test_no_carried_diagnosis_that_is_valid_today_is_called_wrong():
    """The table does not contradict itself."""
    carried = diagnoses().by_code.values()

    assert () == check_diagnoses([each.code for each in carried if DAY in each.valid], DAY, diagnoses())
