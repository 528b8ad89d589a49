"""The calendar file: an event a visit, lines that any program reads, and no person in it."""

import re
from dataclasses import replace

from estimator.language import speaking
from estimator.papers.calendar import calendar_of, escaped, folded
from tests.papers.papers import case_of


def unfolded(written: bytes) -> list[str]:
    """Return the lines of a file as a calendar program puts them together again."""
    return written.decode().replace("\r\n ", "").split("\r\n")


def test_every_visit_is_a_day_of_the_calendar() -> None:
    """With what is to be paid, and no hour that nobody has said."""
    answer = case_of().answer
    lines = unfolded(calendar_of(answer))
    starts = [line.removeprefix("DTSTART;VALUE=DATE:") for line in lines if line.startswith("DTSTART")]

    assert [f"{visit.day:%Y%m%d}" for visit in answer.visits] == starts
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(answer.visits)
    assert "visit 1 of 3" in next(line for line in lines if line.startswith("SUMMARY"))
    assert ("BEGIN:VCALENDAR", "END:VCALENDAR", "") == (lines[0], *lines[-2:])


def test_every_event_has_a_name_of_its_own_that_stays() -> None:
    """A calendar that takes the file in twice shows a visit once."""
    answer = case_of().answer
    names = re.findall("UID:(.+)", "\n".join(unfolded(calendar_of(answer))))
    again = re.findall("UID:(.+)", "\n".join(unfolded(calendar_of(replace(answer, reader="biller")))))

    assert len(set(names)) == len(answer.visits)
    assert names == again


def test_no_line_is_longer_than_programs_read() -> None:
    """75 octets, also where a letter is two of them."""
    with speaking("es"):
        written = calendar_of(case_of().answer)
    lines = written.split(b"\r\n")

    assert [] == [line for line in lines if len(line) > 75]
    assert "Fisioterapia" in written.decode() or "Terapia física" in written.decode()


def test_text_keeps_its_signs_and_its_letters() -> None:
    """A comma would end a value, and half a letter is none."""
    line = f"SUMMARY:{escaped('ñ' * 60 + ', $1; ' + chr(92))}"

    assert "\\, $1\\; \\\\" in line
    assert line == folded(line).replace("\r\n ", "")
    assert all(part.encode().decode() == part for part in folded(line).split("\r\n"))
