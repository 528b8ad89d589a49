"""The question to a payer: as the standard writes it, for one patient or a schedule, and nothing of it kept."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from pyx12.x12file import X12Reader

from estimator.cli import main
from estimator.eligibility.read import read_eligibility
from estimator.eligibility.x12_270 import Inquiry, Party, Patient, Recorded, answers_in, ask, write_270
from estimator.errors import EligibilityRefused
from tests.eligibility.answers import PLAIN

PARTY = Party("Evergreen Mutual", "99999", "Riverside Therapy", "1234567893")
PATIENT = Patient("ZQ4455667788", "Quillfeather", "Rosalind", date(1984, 2, 29))
INQUIRY = Inquiry(PARTY, PATIENT, date(2026, 3, 2))
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SCHEDULE = (
    "payer,payer_id,member_id,last_name,first_name,born\n"
    "Evergreen Mutual,99999,ZQ4455667788,Quillfeather,Rosalind,1984-02-29\n"
    "Evergreen Mutual,99999,ZQ4455667788,Quillfeather,Rosalind,02/29/1984\n"
    "Other Health,88888,AB1,Sample,Pat,1990-01-01\n"
)


def run(written: str = SCHEDULE, *more: str) -> Result:
    """Write the question about a schedule."""
    options = ["--clinic", "Riverside Therapy", "--npi", "1234567893", "--day", "2026-03-02", *more]
    return CliRunner().invoke(main, ["eligibility", "ask", "-", *options], input=written, catch_exceptions=False)


def problems(*inquiries: Inquiry) -> dict[str, str]:
    """Return what keeps questions from being written."""
    with pytest.raises(EligibilityRefused) as caught:
        write_270(inquiries, NOW)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_a_question_is_written_as_the_standard_has_it() -> None:
    """Who asks whom about whom, for which day and which service types."""
    written = write_270([INQUIRY], NOW).decode().split("~\n")

    assert [
        "ST*270*0001*005010X279A1",
        "BHT*0022*13*1-1*20260301*0930",
        "HL*1**20*1",
        "NM1*PR*2*EVERGREEN MUTUAL*****PI*99999",
        "HL*2*1*21*1",
        "NM1*1P*2*RIVERSIDE THERAPY*****XX*1234567893",
        "HL*3*2*22*0",
        "TRN*1*1-1*9123456789",
        "NM1*IL*1*QUILLFEATHER*ROSALIND****MI*ZQ4455667788",
        "DMG*D8*19840229",
        "DTP*291*D8*20260302",
        "EQ*30",
        "EQ*PT",
        "EQ*AF",
        "SE*15*0001",
    ] == written[2:17]
    assert 106 == len(written[0]) + 1


def test_another_reader_finds_nothing_wrong_with_it() -> None:
    """Envelopes, counts and control numbers."""
    reader = X12Reader(StringIO(write_270([INQUIRY, INQUIRY], NOW, 7).decode(), newline=""))

    assert 32 == len([each for each in reader if each.get_seg_id() not in ("ISA", "GS", "GE", "IEA")]) + 2
    assert [] == reader.pop_errors()


def test_codes_are_asked_about_where_a_payer_takes_them() -> None:
    """After the service types."""
    asked = write_270([Inquiry(PARTY, PATIENT, date(2026, 3, 2), ("PT",), ("20560", "97110"))], NOW).decode()

    assert "EQ*PT~\nEQ**HC:20560~\nEQ**HC:97110~\n" in asked


def test_what_is_missing_or_cannot_be_sent_is_told_without_quoting_it() -> None:
    """All of it at once."""
    party = Party("", "99999", "Riverside * Therapy", "1234567890")
    found = problems(Inquiry(party, Patient("", "Müller", "R" * 40, date(2030, 1, 1)), date(2026, 3, 2), ()))

    assert ["born", "clinic", "first_name", "last_name", "member_id", "npi", "payer", "service_types"] == sorted(found)
    assert "Müller" not in " ".join(found.values())


def test_nothing_to_ask_is_refused() -> None:
    """As are more patients than a file may hold."""
    assert ["file"] == list(problems())
    assert "at most 500 patients" in problems(*[INQUIRY] * 501)["file"]


def test_a_recorded_answer_comes_back_through_the_adapter() -> None:
    """Any function from bytes to bytes sends it."""
    recorded = Recorded([PLAIN.encode()])
    (answered,) = ask([INQUIRY], recorded, NOW)

    assert (1, "EVERGREEN MUTUAL") == (recorded.asked, read_eligibility(answered).payer)
    with pytest.raises(EligibilityRefused):
        ask([INQUIRY], recorded, NOW)


def test_two_answers_in_one_file_are_parted() -> None:
    """Each is then read by itself."""
    start, end = PLAIN.index("ST*271"), PLAIN.index("GE*1")
    both = f"{PLAIN[:end]}{PLAIN[start:end].replace('*40*', '*55*')}{PLAIN[end:]}"
    copays = [read_eligibility(each).benefits[7].amount for each in answers_in(both.encode())]

    assert ["40.00", "55.00"] == [str(copay) for copay in copays]


def test_nobody_is_shown_by_what_holds_a_patient() -> None:
    """Neither in a log nor in a trace of an error."""
    assert [] == [word for word in ("ZQ4455667788", "Quillfeather", "Rosalind", "1984") if word in repr(INQUIRY)]


def test_a_schedule_is_asked_about_each_patient_once() -> None:
    """By payer and member number."""
    result = run()

    assert (0, 2) == (result.exit_code, result.stdout.count("ST*270*"))
    assert "GE*2*1~" in result.stdout
    assert "DTP*291*D8*20260302~" in result.stdout


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("payer,born\nX,1984-01-01\n", "1: Give a header with the columns payer, payer_id"),
        (SCHEDULE.replace("1990-01-01", "January"), "4.born: Enter a date of birth such as"),
        (SCHEDULE.replace("AB1", ""), "4.member_id: Enter this"),
        (SCHEDULE.partition("\n")[0], "file: Give at least one patient to ask about."),
    ],
)
def test_a_schedule_with_mistakes_is_refused_by_row(written: str, said: str) -> None:
    """Nothing is written, and nobody is quoted."""
    result = run(written)

    assert (2, "") == (result.exit_code, result.stdout)
    assert said in result.stderr


def test_of_a_schedule_of_several_days_only_tomorrows_patients_are_asked_about(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the column of days, with the clinic of the settings; a day that can't be read is told, another is passed."""
    (tmp_path / "clinic.json").write_text('{"name": "Riverside Therapy", "npi": "1234567893"}', "utf-8")
    monkeypatch.setenv("ESTIMATOR_CLINIC", str(tmp_path / "clinic.json"))
    header, _, again, other = SCHEDULE.splitlines()
    rows = [f"{header},Date of Service", f"{again},3/2/2026 9:30 AM", f"{other},2026-03-03"]
    command = ["eligibility", "ask", "-"]
    with time_machine.travel("2026-03-01T12:00:00Z"):
        asked = CliRunner().invoke(main, command, input="\n".join(rows), catch_exceptions=False)
        nobody = CliRunner().invoke(main, [*command, "--day", "2026-04-01"], input="\n".join(rows))
        unread = CliRunner().invoke(main, command, input="\n".join([*rows, f"{other},soon"]))

    assert 1 == asked.output.count("ST*270")
    assert "NM1*IL*1*QUILLFEATHER*ROSALIND" in asked.output
    assert "NM1*1P*2*RIVERSIDE THERAPY*****XX*1234567893" in asked.output
    assert "No row is of 2026-04-01." in nobody.output
    assert "Enter a day such as 2026-12-01" in unread.output
