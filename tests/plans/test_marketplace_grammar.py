"""Every form of a cell that the official files use is read, and nothing else."""

import json
from pathlib import Path

import pytest

from estimator.plans.marketplace.text import Unreadable, amount, coinsurance, copay, limit, share

# The 374 copays and 61 percentages (blank included) and the 53 units of the files of plan year 2026.
VOCABULARY = json.loads(Path(__file__).with_name("marketplace_vocabulary.json").read_text("utf-8"))


def test_every_copay_and_percentage_of_the_official_files_is_read() -> None:
    """Reading a form that we do not know raises, so that none slips through."""
    assert (374, 61) == (len(VOCABULARY["copays"]), len(VOCABULARY["coinsurance"]))
    for text in VOCABULARY["copays"]:
        assert (copay(text) is None) == (text in ("", "Not Applicable"))
    for text in VOCABULARY["coinsurance"]:
        assert (coinsurance(text) is None) == (text in ("", "Not Applicable"))


def test_every_amount_is_read_as_it_is_written() -> None:
    """The figure of a copay is the text between the dollar sign and the next word."""
    for text in VOCABULARY["copays"]:
        if text.startswith("$"):
            expected = text[1:].split(" ")[0].replace(",", "")

            assert expected == copay(text).figure  # type: ignore[union-attr]


def test_every_unit_of_a_limit_is_read() -> None:
    """A unit is a thing and a period."""
    assert 53 == len(VOCABULARY["units"])
    for unit in VOCABULARY["units"]:
        assert 2 == len(limit("12.0", unit))


@pytest.mark.parametrize("text", ["40", "$40 copay maybe", "$4O.00", "forty", "$40.00 Copay after", "40.00%", "$-5.00"])
def test_a_copay_of_another_form_is_not_guessed(text: str) -> None:
    """What is no copay is told, never read as nothing owed."""
    with pytest.raises(Unreadable):
        copay(text)


@pytest.mark.parametrize("text", ["50", "0.5", "fifty percent", "5000.00%", "50.00% before deductible", "$50.00"])
def test_a_percentage_of_another_form_is_not_guessed(text: str) -> None:
    """A bare number is no percentage."""
    with pytest.raises(Unreadable):
        coinsurance(text)


@pytest.mark.parametrize(
    ("copays", "rates", "expected"),
    [
        ("$40.00", "Not Applicable", {"copay": "40.00", "deductible": "waived"}),
        ("$40.00", "0.00%", {"copay": "40.00", "deductible": "waived"}),
        ("$40.00 Copay after deductible", "Not Applicable", {"copay": "40.00", "deductible": "applies"}),
        ("$40.00 Copay with deductible", "", {"copay": "40.00", "deductible": "with-copay"}),
        ("$40.00 Copay before deductible", "", {"copay": "40.00", "deductible": "after-copay"}),
        ("$40.00 Copay per Day", "", {"copay": "40.00", "per": "day", "deductible": "waived"}),
        ("$900.00 Copay per Stay", "", {"copay": {"from": "0.00", "to": "900.00"}, "deductible": "waived"}),
        ("Not Applicable", "20.00%", {"coinsurance": "20%", "deductible": "waived"}),
        ("Not Applicable", "12.50% Coinsurance after deductible", {"coinsurance": "12.5%", "deductible": "applies"}),
        ("$0.00", "20.00% Coinsurance after deductible", {"coinsurance": "20%", "deductible": "applies"}),
        ("No Charge after deductible", "20.00%", {"coinsurance": "20%", "deductible": "applies"}),
        ("$40.00", "20.00%", {"copay": "40.00", "coinsurance": "20%", "deductible": "waived"}),
        ("$40.00", "20.00% Coinsurance after deductible",
         {"copay": "40.00", "coinsurance": "20%", "deductible": "after-copay"}),
        ("$40.00", "No Charge after deductible", {"copay": "40.00", "deductible": "after-copay"}),
        ("$0.00", "0.00%", {"copay": "0.00", "deductible": "waived"}),
        ("No Charge", "Not Applicable", {"copay": "0.00", "deductible": "waived"}),
        ("Not Applicable", "No Charge after deductible", {"copay": "0.00", "deductible": "applies"}),
        ("$0.00", "No Charge after deductible", {"copay": "0.00", "deductible": "applies"}),
        ("Not Applicable", "100.00%", {"coinsurance": "100%", "deductible": "waived"}),
        ("Not Applicable", "Not Applicable", "unknown"),
        ("", "", "unknown"),
    ],
)  # fmt: skip
def test_two_cells_together_state_one_share(copays: str, rates: str, expected: object) -> None:
    """Both columns may speak at once, and an amount that is not stated is unknown."""
    assert expected == share(copays, rates)


@pytest.mark.parametrize(
    ("copays", "rates", "expected"),
    [
        ("Not Applicable", "100.00%", "not-covered"),
        ("$0.00", "100.00%", "not-covered"),
        ("Not Applicable", "99.00%", {"coinsurance": "99%", "deductible": "waived"}),
        ("$50.00", "100.00%", {"copay": "50.00", "coinsurance": "100%", "deductible": "waived"}),
    ],
)
def test_the_whole_price_out_of_network_means_not_covered(copays: str, rates: str, expected: object) -> None:
    """In network the same words are what they say."""
    assert expected == share(copays, rates, in_network=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$6,000", "6000.00"), ("$12000 per group", "12000.00"), ("$0 per person", "0.00"), ("Not Applicable", None),
        ("per group not applicable", None), ("", None),
    ],
)  # fmt: skip
def test_money_of_the_attributes_is_read(text: str, expected: str | None) -> None:
    """None is an amount that the file does not state; nothing owed is 0.00."""
    assert expected == amount(text)


@pytest.mark.parametrize(("quantity", "unit"), [("35.5", "Visit(s) per Year"), ("35.0", "Visits a Year"), ("", "")])
def test_a_limit_of_another_form_is_not_guessed(quantity: str, unit: str) -> None:
    """Half a visit is no number of visits."""
    with pytest.raises(Unreadable):
        limit(quantity, unit)
