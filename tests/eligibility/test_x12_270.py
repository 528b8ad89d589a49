"""The question to a payer: as the standard writes it, for one patient or a schedule, and nothing of it kept."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from pyx12.x12file import X12Reader

from estimator.cli import main
from estimator.eligibility.read import read_eligibility
from estimator.eligibility.x12_270 import (
    Inquiry,
    Party,
    Patient,
    Recorded,
    Reply,
    answers_in,
    ask,
    number_at,
    write_270,
)
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
    line = ["--clinic", "Riverside Therapy", "--npi", "1234567893", "--receiver", "HOUSE"]
    options = [*line, "--day", "2026-03-02", *more]
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
    found = problems(Inquiry(party, Patient("", "Мюллер", "R" * 40, date(2030, 1, 1)), date(2026, 3, 2), ()))

    assert ["born", "clinic", "first_name", "last_name", "member_id", "npi", "payer", "service_types"] == sorted(found)
    assert "Мюллер" not in " ".join(found.values())


def test_nothing_to_ask_is_refused() -> None:
    """As are more patients than a file may hold."""
    assert ["file"] == list(problems())
    assert "at most 500 patients" in problems(*[INQUIRY] * 501)["file"]


def answered(*traces: str) -> bytes:
    """Return a file with an answer for each of these traces, whose copays tell them apart; "" repeats no trace."""
    start, end = PLAIN.index("ST*271"), PLAIN.index("GE*1")
    bodies = [
        PLAIN[start:end]
        .replace("TRN*2*TRACE55*9877281234~", f"TRN*2*{trace}*9877281234~" if trace else "")
        .replace("*27*40*", f"*27*{40 + at}*")
        for at, trace in enumerate(traces)
    ]
    return f"{PLAIN[:start]}{''.join(bodies)}{PLAIN[end:]}".encode()


def copay_of(reply: Reply) -> str:
    """Return the copay of the answer that a question got."""
    read = read_eligibility(reply.content, reply.which)
    return next(str(each.amount) for each in read.benefits if each.kind == "copay")


def test_a_recorded_answer_comes_back_through_the_adapter() -> None:
    """Any function from bytes to bytes sends it; to a single question an answer needs no trace."""
    recorded = Recorded([answered("")])
    (reply,) = ask([INQUIRY], recorded, NOW)

    assert (1, "1-1", "40.00", "") == (recorded.asked, reply.trace, copay_of(reply), reply.why)
    with pytest.raises(EligibilityRefused):
        ask([INQUIRY], recorded, NOW)


def test_an_answer_goes_to_its_question_by_the_trace_whatever_the_order() -> None:
    """Partial answers, two for one question, and one that nobody asked for; none is given away by its place."""
    asked = [replace(INQUIRY, patient=replace(PATIENT, reference=str(at))) for at in (2, 3, 4, 5)]
    replies = ask(asked, Recorded([answered("7-4", "7-2", "OTHER", "7-5", "7-5", "")]), NOW, 7)
    told = [(each.trace, copay_of(each) if each.content else "", each.why.partition(".")[0]) for each in replies]

    assert [
        ("7-2", "41.00", ""),
        ("7-3", "", "Nothing came back for this question"),
        ("7-4", "40.00", ""),
        ("7-5", "", "More than one answer came back for this question"),
        ("OTHER", "42.00", "The payer doesn’t say which question this answers"),
        ("", "45.00", "The payer doesn’t say which question this answers"),
    ] == told


def test_two_people_in_one_answer_are_told_apart_by_their_traces() -> None:
    """Some payers put several patients into one transaction."""
    content = answered("7-1")
    person = content[content.index(b"HL*3*2*22") : content.index(b"SE*")]
    other = person.replace(b"HL*3*2*22", b"HL*4*2*22").replace(b"7-1", b"7-2").replace(b"*27*40*", b"*27*50*")
    replies = ask([INQUIRY, INQUIRY], Recorded([content.replace(b"SE*", other + b"SE*")]), NOW, 7)

    assert [("7-1", "40.00"), ("7-2", "50.00")] == [(each.trace, copay_of(each)) for each in replies]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Nothing came back for this question. Ask again later, or call the payer."),
        (b"<html>502 Bad Gateway</html>", "Nothing came back for this question. Ask again later, or call the payer."),
        (
            PLAIN.replace("ST*271", "ST*999").encode(),
            "The payer only confirms, or refuses, a file (999). Give a 271.",
        ),
        (
            PLAIN[:106].encode() + b"TA1*000000001*260301*0930*R*006~IEA*0*000000001~",
            "The clearinghouse refused the whole file (TA1). Check the ids of sender and receiver.",
        ),
    ],
)
def test_what_is_no_answer_leaves_each_question_open(content: bytes, why: str) -> None:
    """And says what came instead."""
    assert [("1-1", why), ("1-2", why)] == [
        (each.trace, each.why) for each in ask([INQUIRY] * 2, lambda _: content, NOW)
    ]


@pytest.mark.parametrize("failure", [TimeoutError("read"), ConnectionResetError("ZQ4455667788"), OSError("full")])
def test_a_line_that_fails_is_told_and_quotes_nothing(failure: OSError) -> None:
    """Whatever went wrong, nothing is known."""

    def send(_written: bytes) -> bytes:
        raise failure

    with pytest.raises(EligibilityRefused) as caught:
        ask([INQUIRY], send, NOW)
    assert ["file: The clearinghouse didn’t answer. Nothing is known of what was asked: ask again later."] == [
        f"{each.path}: {each.message}" for each in caught.value.problems
    ]


def test_two_answers_in_one_file_are_parted() -> None:
    """Each is then read by itself."""
    start, end = PLAIN.index("ST*271"), PLAIN.index("GE*1")
    both = f"{PLAIN[:end]}{PLAIN[start:end].replace('*40*', '*55*')}{PLAIN[end:]}"
    copays = [read_eligibility(each).benefits[7].amount for each in answers_in(both.encode())]

    assert ["40.00", "55.00"] == [str(copay) for copay in copays]


# The grammar of a 270 in TR3 005010X279A1, by segments: envelopes, payer, provider, subscriber, and maybe a dependent.
_ASKED = "(DTP )(EQ )+"
_TRANSACTION = re.compile(
    "ST BHT HL NM1 HL NM1 "
    rf"(?:HL TRN NM1 DMG {_ASKED}|HL NM1 HL TRN NM1 DMG INS {_ASKED})SE "
)
_SIZES = {
    "ISA": ((2, 2), (10, 10), (2, 2), (10, 10), (2, 2), (15, 15), (2, 2), (15, 15), (6, 6), (4, 4), (1, 1), (5, 5),
            (9, 9), (1, 1), (1, 1), (1, 1)),
    "GS": ((2, 2), (2, 15), (2, 15), (8, 8), (4, 8), (1, 9), (1, 2), (1, 12)),
    "ST": ((3, 3), (4, 9), (1, 35)),
    "BHT": ((4, 4), (2, 2), (1, 50), (8, 8), (4, 8)),
    "HL": ((1, 12), (0, 12), (1, 2), (1, 1)),
    "NM1": ((2, 3), (1, 1), (1, 60), (0, 35), (0, 25), (0, 0), (0, 10), (0, 2), (0, 80)),
    "TRN": ((1, 1), (1, 50), (10, 10)),
    "DMG": ((2, 2), (8, 8)),
    "INS": ((1, 1), (2, 2)),
    "DTP": ((3, 3), (2, 2), (8, 8)),
    "EQ": ((0, 2), (0, 8)),
    "SE": ((1, 10), (4, 9)),
    "GE": ((1, 6), (1, 9)),
    "IEA": ((1, 5), (9, 9)),
}  # fmt: skip


def check_structure(written: bytes) -> list[list[str]]:
    """Hold a file against the standard: sizes, order of segments, parents, counts and control numbers."""
    assert (b"ISA", b"*:~\n") == (written[:3], written[103:107])
    segments = [segment.split("*") for segment in written.decode("ascii").split("~\n")[:-1]]
    for id, *elements in segments:
        sizes = _SIZES[id]
        assert len(elements) <= len(sizes)
        assert all(least <= len(each) <= most for each, (least, most) in zip(elements, sizes, strict=False)), id
        # A segment neither ends in an empty element, nor an element in a blank outside of the ISA.
        assert elements[-1]
        assert id == "ISA" or all(each == each.strip() for each in elements)
    (isa, gs), (ge, iea) = segments[:2], segments[-2:]
    body = segments[2:-2]
    starts = [at for at, segment in enumerate(body) if segment[0] == "ST"]
    assert (ge[1], ge[2], iea[1], iea[2]) == (str(len(starts)), gs[6], "1", isa[13])
    assert len({body[at][2] for at in starts}) == len(starts)
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        one = body[start:end]
        assert _TRANSACTION.fullmatch("".join(f"{segment[0]} " for segment in one))
        assert (one[-1][1], one[-1][2]) == (str(len(one)), one[0][2])
        levels = [segment[1:] for segment in one if segment[0] == "HL"]
        assert [str(at) for at in range(1, len(levels) + 1)] == [level[0] for level in levels]
        assert ["", "1", "2", "3"][: len(levels)] == [level[1] for level in levels]
        assert ["1"] * (len(levels) - 1) + ["0"] == [level[3] for level in levels]
    return segments


_HOSTILE = st.text(st.sampled_from("aZ9 -'.,&éÜñß’王*~:^|\\\n\r\t\u200b\u00a0ﬁ²"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(_HOSTILE, _HOSTILE, _HOSTILE, _HOSTILE, st.sampled_from(("", "child", "spouse", "uncle"))),
        min_size=1, max_size=4,
    ),
    st.integers(1, 999_999_999),
)  # fmt: skip
def test_whatever_is_entered_is_refused_or_written_as_the_standard_has_it(
    people: list[tuple[str, str, str, str, str]], number: int
) -> None:
    """No name or number ends an element or a segment, whatever stands in it."""
    inquiries = [
        Inquiry(
            PARTY,
            Patient(
                member or "ZQ1", last or "Doe", first or "Pat", date(1984, 2, 29), "", relation, whole or "Doe", "Jo"
            ),
            date(2026, 3, 2),
            procedures=("20560",),
        )
        for member, last, first, whole, relation in people
    ]
    try:
        written = write_270(inquiries, NOW, number)
    except EligibilityRefused as stopped:
        refused = stopped.problems
    else:
        refused = ()
        segments = check_structure(written)
        assert len(people) == sum(segment[0] == "ST" for segment in segments)
    assert all(problem.path and problem.message for problem in refused)


def test_names_are_written_in_basic_letters() -> None:
    """As payers write them: accents, ligatures and curly apostrophes would stop a 270."""
    patient = Patient(" ab 12 ", "Núñez-O’Brien\u200b ", "Zoë  Łucja", date(1984, 2, 29))
    segments = check_structure(write_270([Inquiry(PARTY, patient, date(2026, 3, 2))], NOW))

    assert "NM1*IL*1*NUNEZ-O'BRIEN*ZOE LUCJA****MI*ab12" in ["*".join(segment) for segment in segments]


def test_a_dependent_is_asked_about_beneath_the_subscriber() -> None:
    """The number is the subscriber's; trace, birth date, relation and questions are the dependent's."""
    child = Patient("ZQ1", "Quillfeather", "Ada", date(2015, 5, 1), "", "child", "Quillfeather", "Rosalind")
    segments = ["*".join(each) for each in check_structure(write_270([Inquiry(PARTY, child, date(2026, 3, 2))], NOW))]

    assert [
        "HL*3*2*22*1",
        "NM1*IL*1*QUILLFEATHER*ROSALIND****MI*ZQ1",
        "HL*4*3*23*0",
        "TRN*1*1-1*9123456789",
        "NM1*03*1*QUILLFEATHER*ADA",
        "DMG*D8*20150501",
        "INS*N*19",
    ] == segments[8:15]


def test_each_file_has_a_control_number_of_its_own() -> None:
    """A clearinghouse refuses one that it has seen, and nothing is remembered: it follows from the second."""
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        first = run().stdout
    with time_machine.travel("2026-03-01T12:00:01Z", tick=False):
        second = run().stdout
    numbers = [each.split("*")[13] for each in (first, second)]

    assert int(numbers[0]) + 1 == int(numbers[1])
    last = [number_at(datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)) for year in range(2026, 2056)]
    assert (30, True) == (len(set(last)), max(last) <= 999_999_999)


def test_a_line_has_the_ids_of_the_clearinghouse() -> None:
    """Else the NPI, and the payer where there is one alone; a test is marked."""
    of_line = run(SCHEDULE, "--sender", "CLINIC01", "--receiver", "HOUSE", "--test").stdout.split("*")
    alone = write_270([INQUIRY], NOW).decode().split("*")
    wrong, several = run(SCHEDULE, "--sender", "a*b"), run(SCHEDULE, "--receiver", "")

    assert ["CLINIC01       ", "HOUSE          ", "T"] == [of_line[6], of_line[8], of_line[15]]
    assert ["1234567893     ", "99999          ", "P"] == [alone[6], alone[8], alone[15]]
    assert "sender: Enter the id that the clearinghouse gave" in wrong.stderr
    assert ("", True) == (several.stdout, "receiver: Enter the clearinghouse’s own id" in several.stderr)


@pytest.mark.parametrize("number", [0, -1, 1_000_000_000])
def test_a_control_number_that_does_not_fit_is_refused(number: int) -> None:
    """It's never cut to another one."""
    with pytest.raises(EligibilityRefused):
        write_270([INQUIRY], NOW, number)


def test_nobody_is_shown_by_what_holds_a_patient() -> None:
    """Neither in a log nor in a trace of an error."""
    assert [] == [word for word in ("ZQ4455667788", "Quillfeather", "Rosalind", "1984") if word in repr(INQUIRY)]


def test_a_schedule_is_asked_about_each_patient_once() -> None:
    """By payer and member number."""
    result = run()

    assert (0, 2) == (result.exit_code, result.stdout.count("ST*270*"))
    assert ["2", "4"] == re.findall(r"TRN\*1\*[0-9]+-([0-9]+)\*", result.stdout)
    check_structure(result.stdout.encode())
    assert "DTP*291*D8*20260302~" in result.stdout
    assert "asked once: row 3 is about the patient of row 2." in result.stderr


def test_codes_of_a_second_row_about_a_patient_are_asked_too() -> None:
    """Two visits in one day, each with its own; parted by tabs, as a spreadsheet copies cells."""
    lines = SCHEDULE.splitlines()
    rows = [f"{lines[0]},codes", f"{lines[1]},97110 20560", f"{lines[2]},97110 97140"]
    asked = run("\n".join(rows).replace(",", "\t")).stdout

    assert ["97110", "20560", "97140"] == re.findall(r"EQ\*\*HC:([0-9]+)~", asked)


def test_a_medicare_number_goes_out_without_its_dashes() -> None:
    """CMS prints them on the card to be read; a dash in another payer's number is a part of it."""
    header, first, *_ = SCHEDULE.splitlines()
    rows = [header, first.replace("ZQ4455667788", "1eg4-te5-mk73"), first.replace("ZQ4455667788", "ZQ-44 55-01")]

    assert ["1EG4TE5MK73", "ZQ-4455-01"] == re.findall(r"\*MI\*([^~]+)~", run("\n".join(rows)).stdout)


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


FAMILY = (
    "Payer,Payer ID,Member ID,Last Name,First Name,DOB,"
    "Relationship,Subscriber Last Name,Subscriber First Name,Codes\r\n"
    "Evergreen Mutual,99999,FAM1,Quillfeather,Rosalind,2/29/1984,self,,,\r\n"
    "Evergreen Mutual,99999,FAM1,Quillfeather,Ada,5/1/2015,Child,Quillfeather,Rosalind,20560 97110\r\n"
    "Evergreen Mutual,99999,FAM1,Quillfeather,Bea,5/1/2015,child,Quillfeather,Rosalind,\r\n"
    ",,,,,,,,,\r\n"
    'Other Health,88888,"=""00123""","O\u2019Brien, Jr.",Zoë,1990-01-01 00:00:00,,,,\r\n'
)


def test_a_spreadsheets_own_ways_are_read() -> None:
    """Line ends, a mark of order, empty rows, other names of columns, kept zeros; a family on one number, and twins."""
    asked = [each.split("*") for each in run("\ufeff" + FAMILY).stdout.split("~\n")]

    assert [["QUILLFEATHER", "ADA"], ["QUILLFEATHER", "BEA"]] == [
        each[3:5] for each in asked if each[:2] == ["NM1", "03"]
    ]
    assert ["FAM1", "FAM1", "FAM1", "00123"] == [each[9] for each in asked if each[:2] == ["NM1", "IL"]]
    assert ["O'BRIEN", "ZOE", "", "", "JR"] in [each[3:8] for each in asked if each[:2] == ["NM1", "IL"]]
    assert [["", "HC:20560"], ["", "HC:97110"]] == [each[1:] for each in asked if each[0] == "EQ" and len(each) > 2]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("X,99999,1.23457E+11,Doe,Pat,1984-01-01", "2.member_id: The spreadsheet has shortened this number"),
        ("X,9*9,ZQ1,Doe,Pat,1984-01-01", "2.payer_id: Leave out * ~ : ^"),
        ("X,99999,ZQ1,D~oe,Pat,1984-01-01", "2.last_name: Leave out * ~ : ^"),
        ('X,99999,ZQ1,"D\noe",Pat,1984-01-01', "2.last_name: Leave out * ~ : ^ and line breaks"),
        ("X,99999,ZQ1,王,Pat,1984-01-01", "2.last_name: Enter this in the letters A to Z"),
        ("X,99999,Z,Doe,Pat,1984-01-01", "2.member_id: Enter 2 to 80 characters."),
        ("X,99999,ZQ1,Doe,Pat,19840101999", "2.born: Enter a date of birth such as"),
        ("X,99999,ZQ1,Doe,Pat,2/29/84", "2.born: Enter a date of birth such as"),
        ("X,99999,ZQ1,Doe,Pat,1800-01-01", "2.born: Enter a date of birth before"),
        ("X,99999,ZQ1,Doe,Pat,2026-03-03", "2.born: Enter a date of birth before"),
        ('X,99999,"ZQ1,Doe,Pat,1984-01-01', "2.born: Enter a date of birth such as"),
    ],
)
def test_a_row_that_cannot_be_asked_about_is_told(row: str, said: str) -> None:
    """What to enter instead, with the row and the column."""
    result = run(f"payer,payer_id,member_id,last_name,first_name,born\n{row}\n")

    assert (2, "") == (result.exit_code, result.stdout)
    assert said in result.stderr


def test_one_bad_row_among_many_is_left_out_where_that_is_asked() -> None:
    """The others are asked about; without the option nothing is."""
    rows = "".join(f"Evergreen Mutual,99999,M{at},Doe,Pat,1984-01-01\n" for at in range(400))
    written = f"{SCHEDULE.partition(chr(10))[0]}\n{rows}X,99999,ZQ1,Doe,Pat,soon\n"
    refused, skipped = run(written), run(written, "--skip")

    assert (2, "") == (refused.exit_code, refused.stdout)
    assert "left out: 402.born: Enter a date of birth" in skipped.stderr
    assert 400 == len([each for each in check_structure(skipped.stdout.encode()) if each[0] == "ST"])


def test_what_is_the_clinics_is_told_once() -> None:
    """Not for each of the patients."""
    assert 1 == run(SCHEDULE, "--npi", "1234567890").stderr.count("npi: Enter the clinic’s NPI")


def test_a_run_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file, nor a word of a patient on standard error, also where it's refused."""
    monkeypatch.chdir(tmp_path)
    for written, more in ((SCHEDULE, ()), (SCHEDULE.replace("1990-01-01", "ZQ-1"), ("--skip",)), (SCHEDULE[:-5], ())):
        result = run(written, *more)
        assert [] == [
            word
            for word in ("ZQ", "Quillfeather", "Rosalind", "1984")
            if word in result.stderr.replace("1984-02-29 or 02/29/1984", "")
        ]
    assert [] == list(tmp_path.iterdir())


def test_one_patient_in_two_spellings_is_asked_about_once() -> None:
    """Numbers are compared in capitals and without spaces, and a header is read with the marks that exports write."""
    header = "Payer,Payer-ID,Member.ID,Last Name,First Name,DOB\n"
    rows = "A,00 431,M12 ,Doe,Jo,1984-02-29\na,00431,m 12,doe,JO,1984-02-29\n"
    written = run(header + rows)

    assert (0, 1) == (written.exit_code, written.stdout.count("*MI*M12~"))
    assert "*PI*00431~" in written.stdout
