"""The question to a payer: a 270 (005010X279A1) for one patient or for tomorrow's schedule, and how it is sent.

The bytes are written for a file drop or a clearinghouse. A clearinghouse is any function from bytes to bytes;
`Recorded` stands in for one in tests. Nothing that identifies a person is kept: it lives in the rows that are passed
in and in the bytes that go out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from estimator.eligibility.statements import read_day
from estimator.engine.coding import is_service_code
from estimator.errors import EligibilityRefused, Problem

Send = Callable[[bytes], bytes]
"""Takes a 270 and returns what the payer answered, a 271."""

SERVICE_TYPES = ("30", "PT", "AF")
VERSION = "005010X279A1"
MOST_PEOPLE = 500
_NPI = re.compile(r"[0-9]{10}")
_TYPE = re.compile(r"[A-Z0-9]{1,3}")
_UNSENDABLE = re.compile(r"[*~:^\r\n\x00-\x1f]")
_BASIC = re.compile(r"[\x20-\x7e]*")
_LONGEST = {"last_name": 60, "first_name": 35, "member_id": 80, "payer_id": 80, "payer": 60, "clinic": 60}


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks whom: the clinic with its NPI, and the payer with its id at the clearinghouse."""

    payer: str
    payer_id: str
    clinic: str
    npi: str


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom the question is about. It is written into the file and kept nowhere; its text shows nothing."""

    member_id: str = field(repr=False)
    last_name: str = field(repr=False)
    first_name: str = field(repr=False)
    born: date = field(repr=False)
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question: who, about which day, for which service types and codes (where a payer takes codes)."""

    party: Party
    patient: Patient
    day: date
    service_types: tuple[str, ...] = SERVICE_TYPES
    procedures: tuple[str, ...] = ()


def problems_of(inquiry: Inquiry, path: str = "") -> Iterator[Problem]:
    """Find what keeps an inquiry from being written; no problem quotes what was entered."""
    patient, party = inquiry.patient, inquiry.party
    texts = {
        "member_id": patient.member_id,
        "last_name": patient.last_name,
        "first_name": patient.first_name,
        "payer_id": party.payer_id,
        "payer": party.payer,
        "clinic": party.clinic,
    }
    for name, text in texts.items():
        if not text.strip():
            yield Problem(f"{path}{name}", "Enter this; the payer needs it to answer.")
        elif _UNSENDABLE.search(text):
            yield Problem(f"{path}{name}", "Leave out * ~ : ^ and line breaks: they separate the parts of a 270.")
        elif not _BASIC.fullmatch(text):
            yield Problem(f"{path}{name}", "Enter letters without accents: a 270 holds basic letters only.")
        elif len(text) > _LONGEST[name]:
            yield Problem(f"{path}{name}", f"Enter at most {_LONGEST[name]} characters.")
    if not _is_npi(party.npi):
        yield Problem(f"{path}npi", "Enter the clinic’s NPI: ten digits, of which the last one checks the others.")
    if patient.born > inquiry.day:
        yield Problem(f"{path}born", "Enter a date of birth before the day of service.")
    if not inquiry.service_types and not inquiry.procedures:
        yield Problem(f"{path}service_types", "Enter a service type such as PT, or a code.")
    if any(not _TYPE.fullmatch(each) for each in inquiry.service_types):
        yield Problem(f"{path}service_types", "Enter service types of X12 such as 30, PT or AF.")
    if any(not is_service_code(each) for each in inquiry.procedures):
        yield Problem(f"{path}procedures", "Enter codes of five characters such as 97110.")


def _is_npi(text: str) -> bool:
    """Tell whether the check digit of an NPI is right (Luhn, with 80840 before it).

    >>> _is_npi("1234567893"), _is_npi("1234567890")
    (True, False)
    """
    if not _NPI.fullmatch(text):
        return False
    total = 24
    for place, digit in enumerate(map(int, reversed(text))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def write_270(inquiries: Sequence[Inquiry], written_at: datetime, number: int = 1) -> bytes:
    """Return one interchange that asks everything, a transaction for each patient.

    Raises EligibilityRefused with every problem. `number` is the control number of the interchange.
    """
    problems = [] if inquiries else [Problem("file", "Give at least one patient to ask about.")]
    if len(inquiries) > MOST_PEOPLE:
        problems.append(Problem("file", f"Ask about at most {MOST_PEOPLE} patients at a time."))
    problems += [
        problem
        for at, inquiry in enumerate(inquiries[:MOST_PEOPLE])
        for problem in problems_of(inquiry, f"{at}." if len(inquiries) > 1 else "")
    ]
    parties = {(inquiry.party.clinic, inquiry.party.npi) for inquiry in inquiries}
    if len(parties) > 1:
        problems.append(Problem("npi", "Ask for one clinic at a time."))
    if problems:
        raise EligibilityRefused(tuple(problems))
    segments = list(_interchange(inquiries, written_at, number % 1_000_000_000))
    return "".join(f"{'*'.join(elements)}~\n" for elements in segments).encode("ascii")


def _interchange(inquiries: Sequence[Inquiry], at: datetime, number: int) -> Iterator[tuple[str, ...]]:
    npi = inquiries[0].party.npi
    receiver = inquiries[0].party.payer_id if len({each.party.payer_id for each in inquiries}) == 1 else "CLEARINGHOUSE"
    day, time, control = f"{at:%Y%m%d}", f"{at:%H%M}", f"{number:09d}"
    yield (
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{npi:<15}", "ZZ", f"{receiver[:15]:<15}",
        day[2:], time, "^", "00501", control, "0", "P", ":",
    )  # fmt: skip
    yield "GS", "HS", npi, receiver[:15].strip(), day, time, str(number), "X", VERSION
    for at_number, inquiry in enumerate(inquiries, start=1):
        yield from _transaction(inquiry, day, time, at_number, number)
    yield "GE", str(len(inquiries)), str(number)
    yield "IEA", "1", control


def _transaction(inquiry: Inquiry, day: str, time: str, at: int, number: int) -> Iterator[tuple[str, ...]]:
    party, patient = inquiry.party, inquiry.patient
    control, trace = f"{at:04d}", f"{number}-{at}"
    body = [
        ("ST", "270", control, VERSION),
        ("BHT", "0022", "13", trace, day, time),
        ("HL", "1", "", "20", "1"),
        ("NM1", "PR", "2", party.payer.upper(), "", "", "", "", "PI", party.payer_id),
        ("HL", "2", "1", "21", "1"),
        ("NM1", "1P", "2", party.clinic.upper(), "", "", "", "", "XX", party.npi),
        ("HL", "3", "2", "22", "0"),
        ("TRN", "1", trace, f"9{party.npi[:9]}"),
        ("NM1", "IL", "1", patient.last_name.upper(), patient.first_name.upper(), "", "", "", "MI", patient.member_id),
        ("DMG", "D8", f"{patient.born:%Y%m%d}"),
        ("DTP", "291", "D8", f"{inquiry.day:%Y%m%d}"),
        *(("EQ", each) for each in inquiry.service_types),
        *(("EQ", "", f"HC:{each}") for each in inquiry.procedures),
    ]
    yield from body
    yield "SE", str(len(body) + 1), control


# ----------------------------------------------------------------------------
# Sending: one file out, one file back; several answers in one file are parted, a file for each patient.
# ----------------------------------------------------------------------------


@dataclass(slots=True)
class Recorded:
    """A clearinghouse that only plays back what was recorded, in order, and remembers how often it was asked."""

    answers: Sequence[bytes]
    asked: int = 0

    def __call__(self, written: bytes) -> bytes:
        """Return the next recorded answer."""
        if self.asked >= len(self.answers):
            raise EligibilityRefused((Problem("file", "There is no recorded answer to this question."),))
        self.asked += 1
        return self.answers[self.asked - 1]


def ask(inquiries: Sequence[Inquiry], send: Send, written_at: datetime, number: int = 1) -> list[bytes]:
    """Send a question and return the answers, one for each transaction that came back."""
    return list(answers_in(send(write_270(inquiries, written_at, number))))


def answers_in(content: bytes) -> Iterator[bytes]:
    """Part a file that holds several answers into files of one answer each, within the same envelope.

    >>> parted = list(answers_in(b"ISA*1~GS*2~ST*271*1~EB*1~SE*3*1~ST*271*2~EB*6~SE*3*2~GE*2*2~IEA*1*1~"))
    >>> parted[1]
    b'ISA*1~GS*2~ST*271*2~EB*6~SE*3*2~GE*2*2~IEA*1*1~'
    """
    parts = re.split(rb"(?<=[~\n\r])(?=ST[^A-Za-z0-9 ]27[01][^A-Za-z0-9 ])", content)
    if len(parts) <= 2:
        yield content
        return
    head, *transactions = parts
    end = re.search(rb"(?<=[~\n\r])GE[^A-Za-z0-9 ]", transactions[-1])
    tail = transactions[-1][end.start() :] if end else b""
    for transaction in transactions:
        body = transaction[: end.start()] if end and transaction is transactions[-1] else transaction
        yield head + body + tail


# ----------------------------------------------------------------------------
# Tomorrow's schedule as a CSV file: a row for each patient. It is read for the questions and kept nowhere.
# ----------------------------------------------------------------------------

COLUMNS = ("payer", "payer_id", "member_id", "last_name", "first_name", "born")
# A schedule of several days names the day of each visit in one of these columns.
_DAYS = ("day", "date", "dos", "date_of_service", "service_date", "visit_date", "appointment_date", "first_day")
MOST_BYTES = 1_000_000


_MOST_PROBLEMS = 100


def inquiries_from(
    content: bytes, clinic: str, npi: str, day: date, types: Sequence[str], codes: Sequence[str]
) -> list[Inquiry]:
    """Return a question for each patient and payer of a file, each once; of a schedule those of the day asked about.

    Raises EligibilityRefused for mistakes in the rows of that day, and where none is of it.
    """
    rows = csv.DictReader(io.StringIO(_text(content)), restval="")
    try:
        fields = rows.fieldnames or ()
    except csv.Error:
        fields = ()
    names = {(name or "").strip().lower().replace(" ", "_"): name for name in fields}
    if missing := [name for name in COLUMNS if name not in names]:
        words = f"Give a header with the columns {', '.join(COLUMNS)}. Missing: {', '.join(missing)}."
        raise EligibilityRefused((Problem("1", words),))
    of_day = next((names[name] for name in _DAYS if name in names), None)
    problems: list[Problem] = []
    found: dict[tuple[str, str], Inquiry] = {}
    try:
        for line, row in enumerate(rows, start=2):
            if len(problems) >= _MOST_PROBLEMS:
                break
            visited = _day(_without_time(row.get(of_day) or "")) if of_day else day
            if visited is None:
                problems.append(Problem(f"{line}.{of_day}", "Enter a day such as 2026-12-01 or 12/01/2026."))
                continue
            if visited != day:
                continue
            if len(found) == MOST_PEOPLE:
                problems.append(Problem(str(line), f"Ask about at most {MOST_PEOPLE} patients at a time."))
                break
            told = {name: (row.get(names[name]) or "").strip() for name in COLUMNS}
            if (told["payer_id"], told["member_id"]) in found:
                continue
            born = _day(told["born"])
            if born is None:
                problems.append(Problem(f"{line}.born", "Enter a date of birth such as 1984-02-29 or 02/29/1984."))
                continue
            party = Party(told["payer"], told["payer_id"], clinic, npi)
            patient = Patient(told["member_id"], told["last_name"], told["first_name"], born)
            inquiry = Inquiry(party, patient, day, tuple(types), tuple(codes))
            problems += problems_of(inquiry, f"{line}.")
            found[party.payer_id, patient.member_id] = inquiry
    except csv.Error:
        problems.append(Problem(str(rows.line_num), "This line is no CSV: check its quotation marks."))
    if of_day and not found and not problems:
        problems.append(Problem(of_day, f"No row is of {day}. Give that day's schedule, or another day."))
    if problems:
        raise EligibilityRefused(tuple(problems))
    return list(found.values())


def _without_time(written: str) -> str:
    return written.strip().partition(" ")[0].partition("T")[0]


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise EligibilityRefused((Problem("file", "Give a file of at most 1 MB."),))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EligibilityRefused((Problem("file", "Save the file as CSV in UTF-8."),)) from error


def _day(written: str) -> date | None:
    """Read 1984-02-29, 19840229 or 02/29/1984."""
    american = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", written)
    return read_day(f"{american[3]}{american[1]:0>2}{american[2]:0>2}" if american else written)
