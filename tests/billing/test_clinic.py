"""The clinic's settings: read whole, or refused with every problem at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from estimator.billing.clinic import Clinic, ClinicRefused, read_clinic


def written(folder: Path, content: Any) -> Path:
    """Write settings, or any text, to a file."""
    file = folder / "clinic.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def refusal(path: Path) -> list[tuple[str, str]]:
    """Read settings that must be refused, and return what is wrong with them."""
    with pytest.raises(ClinicRefused) as raised:
        read_clinic(path)
    return [(problem.path, problem.message) for problem in raised.value.problems]


def test_settings_are_read_and_each_may_be_absent(tmp_path: Path) -> None:
    """Without a file the clinic has no name."""
    assert Clinic(name="A", npi="1234567893") == read_clinic(written(tmp_path, {"name": "A", "npi": "1234567893"}))
    assert Clinic() == read_clinic(None)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """A wrong number, a wrong choice and a key that is none."""
    found = refusal(written(tmp_path, {"npi": "12", "tin": "x", "state": "Ohio", "modifier": "ga", "nmae": "A"}))

    assert {"npi", "tin", "state", "modifier", "nmae"} == {path for path, _ in found}
    assert "There’s no such key. Use name." in dict(found)["nmae"]


def test_an_npi_with_a_wrong_check_digit_is_refused(tmp_path: Path) -> None:
    """One digit off."""
    [(path, message)] = refusal(written(tmp_path, {"npi": "1234567894"}))

    assert "npi" == path
    assert "the last one does not fit" in message


@pytest.mark.parametrize("content", ["[]", "", "{", '{"name": 1}', '{"name": "A", "name": "B"}', "{" + " " * 100_001])
def test_what_is_no_settings_file_is_refused(tmp_path: Path, content: str) -> None:
    """With the name of the file and words."""
    found = refusal(written(tmp_path, content))

    assert all(message for _, message in found)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    """With its name and the reason."""
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe{")

    assert "Name a file that can be read" in refusal(tmp_path / "none.json")[0][1]
    assert "UTF-8" in refusal(binary)[0][1]


def test_what_the_clinic_decided_for_billing_is_read_with_stated_defaults(tmp_path: Path) -> None:
    """Modifiers without a notice, and the days to count; nothing is chosen where nothing is written."""
    habits = read_clinic(
        written(tmp_path, {"modifier": "GX", "modifier_excluded": "GY", "turnaround_days": 5, "safety_days": 0})
    ).habits

    assert ("GX", "GY", "") == (habits.denial.after_notice, habits.denial.excluded, habits.denial.expected_denial)
    assert (5, 0) == (habits.turnaround_days, habits.safety_days)
    assert (10, 2) == (Clinic().habits.turnaround_days, Clinic().habits.safety_days)
    assert ["turnaround_days"] == [path for path, _ in refusal(written(tmp_path, {"turnaround_days": 61}))]
