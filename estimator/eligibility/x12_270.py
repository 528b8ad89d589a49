"""The question to a payer: a 270 (005010X279A1) for one patient or for tomorrow's schedule, and how it is sent.

The bytes are written for a file drop or a clearinghouse. A clearinghouse is any function from bytes to bytes;
`Recorded` stands in for one in tests. Nothing that identifies a person is kept: it lives in the rows that are passed
in and in the bytes that go out.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from estimator.eligibility.statements import read_day
from estimator.eligibility.x12_text import answers, read_segments, refusals, trace_of
from estimator.engine.coding import is_service_code
from estimator.errors import EligibilityRefused, Problem

Send = Callable[[bytes], bytes]
"""Takes a 270 and returns what the payer answered, a 271; a line that fails raises OSError, as a time-out is."""

SERVICE_TYPES = ("30", "PT", "AF")
VERSION = "005010X279A1"
MOST_PEOPLE = 500
MOST_ANSWERED_BYTES = 50_000_000
MOST_ASKED = 99
_NPI = re.compile(r"[0-9]{10}")
_TYPE = re.compile(r"[A-Z0-9]{1,2}")
_PARTNER = re.compile(r"[A-Za-z0-9]{2,15}")
_UNSENDABLE = re.compile(r"[*~:^\r\n\x00-\x1f]")
_BASIC = re.compile(r"[\x20-\x7e]*")
_SHORTENED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_LENGTHS = {
    "last_name": (1, 60),
    "first_name": (1, 35),
    "member_id": (2, 80),
    "payer_id": (2, 80),
    "payer": (1, 60),
    "clinic": (1, 60),
    "subscriber_last_name": (1, 60),
    "subscriber_first_name": (1, 35),
}
RELATIONS = {"spouse": "01", "child": "19", "other": "34"}
_OLDEST = 130
_ACCENTLESS = str.maketrans(
    dict(zip("’‘`´–—‐øØłŁđĐðÐı", "''''---oOlLdDdDi", strict=True))
    | {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH"}
)


def basic(text: str) -> str:
    """Return a text in the basic letters that a 270 holds, as payers write names; what has none stays.

    >>> basic("José Núñez-O’Brien"), basic("Łukasz"), basic("王")
    ("Jose Nunez-O'Brien", 'Lukasz', '王')
    """
    apart = unicodedata.normalize("NFKD", text.translate(_ACCENTLESS))
    return " ".join("".join(each for each in apart if unicodedata.category(each) not in ("Mn", "Cf")).split())


# The number of a Medicare card as CMS prints it: 1EG4-TE5-MK73. The dashes are for reading and are never sent (CMS,
# "Understanding the Medicare Beneficiary Identifier (MBI) format").
_MEDICARE_NUMBER = re.compile(r"([1-9][A-Z][A-Z0-9][0-9])-([A-Z][A-Z0-9][0-9])-([A-Z]{2}[0-9]{2})", re.IGNORECASE)
_SUFFIX = re.compile(r"(.*\S)[ ,]+(JR|SR|II|III|IV)\.?", re.IGNORECASE)


def _number(written: str) -> str:
    """Return a number as a 270 has it: without the spaces of the card, Medicare's without dashes and in capitals.

    >>> _number("1eg4-TE5-MK73"), _number("W1234 56789"), _number("XJ-99-01")
    ('1EG4TE5MK73', 'W123456789', 'XJ-99-01')
    """
    number = basic(written).replace(" ", "")
    return "".join(match.groups()).upper() if (match := _MEDICARE_NUMBER.fullmatch(number)) else number


def _person_name(last: str, first: str) -> tuple[str, ...]:
    """Return last name, first name, nothing for two elements, and the suffix, which may be empty (NM103 to NM107).

    >>> _person_name("Smith, Jr.", "Ann"), _person_name("Tran", "Van")
    (('SMITH', 'ANN', '', '', 'JR'), ('TRAN', 'VAN', '', '', ''))
    """
    match = _SUFFIX.fullmatch(basic(last))
    return _upper(match[1].rstrip(" ,") if match else last), _upper(first), "", "", _upper(match[2]) if match else ""


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks whom: the clinic with its NPI, and the payer with its id at the clearinghouse."""

    payer: str
    payer_id: str
    clinic: str
    npi: str


@dataclass(frozen=True, slots=True)
class Line:
    """Who sends to whom, by the ids that a clearinghouse gave both, and whether it is a test.

    Without them the clinic is its NPI, and the receiver the payer where there is one alone.
    """

    sender: str = ""
    receiver: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom the question is about. It is written into the file and kept nowhere; its text shows nothing.

    A dependent names the `relation` to the subscriber, whose number the member id is. `reference` comes back with the
    answer: the row of a schedule.
    """

    member_id: str = field(repr=False)
    last_name: str = field(repr=False)
    first_name: str = field(repr=False)
    born: date = field(repr=False)
    reference: str = ""
    relation: str = field(default="", repr=False)
    subscriber_last_name: str = field(default="", repr=False)
    subscriber_first_name: str = field(default="", repr=False)


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
    if patient.relation:
        texts["subscriber_last_name"] = patient.subscriber_last_name
        texts["subscriber_first_name"] = patient.subscriber_first_name
    for name, text in texts.items():
        yield from (Problem(f"{path}{name}", words) for words in _unfit(text, *_LENGTHS[name]))
    if any(_SHORTENED.fullmatch(text.strip()) for text in (patient.member_id, party.payer_id)):
        words = "The spreadsheet has shortened this number: format the column as text and enter all its digits."
        yield Problem(f"{path}member_id", words)
    if patient.relation and patient.relation not in RELATIONS:
        yield Problem(f"{path}relation", "Enter self, spouse, child or other.")
    if not _is_npi(party.npi):
        yield Problem(f"{path}npi", "Enter the clinic’s NPI: ten digits, of which the last one checks the others.")
    if patient.born > inquiry.day or inquiry.day.year - patient.born.year > _OLDEST:
        yield Problem(f"{path}born", "Enter a date of birth before the day of service.")
    if not inquiry.service_types and not inquiry.procedures:
        yield Problem(f"{path}service_types", "Enter a service type such as PT, or a code.")
    if any(not _TYPE.fullmatch(each) for each in inquiry.service_types):
        yield Problem(f"{path}service_types", "Enter service types of X12 such as 30, PT or AF.")
    if any(not is_service_code(each) for each in inquiry.procedures):
        yield Problem(f"{path}procedures", "Enter codes of five characters such as 97110.")
    if len(inquiry.service_types) + len(inquiry.procedures) > MOST_ASKED:
        yield Problem(f"{path}service_types", f"Ask about at most {MOST_ASKED} service types and codes.")


def _unfit(text: str, least: int, most: int) -> Iterator[str]:
    """Find what keeps a text out of an element of this length."""
    text = text if _UNSENDABLE.search(text.strip()) else basic(text)
    if not text.strip():
        yield "Enter this; the payer needs it to answer."
    elif _UNSENDABLE.search(text):
        yield "Leave out * ~ : ^ and line breaks: they separate the parts of a 270."
    elif not _BASIC.fullmatch(text):
        yield "Enter this in the letters A to Z: a 270 holds no others."
    elif not least <= len(text) <= most:
        yield f"Enter {least} to {most} characters."


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


def number_at(moment: datetime) -> int:
    """Return a control number of at most nine digits, another one for each second of 30 years: nothing is remembered.

    >>> number_at(datetime(2026, 3, 1, 9, 30)) + 1 == number_at(datetime(2026, 3, 1, 9, 30, 1))
    True
    """
    second = (moment.timetuple().tm_yday * 24 + moment.hour) * 3600 + moment.minute * 60 + moment.second
    return moment.year % 30 * 367 * 86_400 + second


def write_270(inquiries: Sequence[Inquiry], written_at: datetime, number: int = 1, line: Line | None = None) -> bytes:
    """Return one interchange that asks everything, a transaction for each patient.

    Raises EligibilityRefused with every problem. `number` is the control number of the interchange.
    """
    line = line or Line()
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
    if not 1 <= number <= _MOST_NUMBER:
        problems.append(Problem("number", "Enter a control number of one to nine digits."))
    if inquiries and not _receiver(inquiries, line):
        is_one = len({_number(each.party.payer_id) for each in inquiries}) == 1
        why = "the payer’s can’t stand for it" if is_one else "the questions are for several payers"
        problems.append(Problem("receiver", f"Enter the clearinghouse’s own id: {why}."))
    for name, partner in (("sender", line.sender), ("receiver", line.receiver)):
        if partner and not _PARTNER.fullmatch(partner):
            problems.append(Problem(name, "Enter the id that the clearinghouse gave: 2 to 15 letters and digits."))
    if problems:
        raise EligibilityRefused(tuple(problems))
    segments = list(_interchange(inquiries, written_at, number, line))
    return "".join(f"{'*'.join(elements)}~\n" for elements in segments).encode("ascii")


_MOST_NUMBER = 999_999_999


def traces_of(inquiries: Sequence[Inquiry], number: int) -> list[str]:
    """Return what each question is known by: the payer repeats it in its answer. It tells nothing of the patient."""
    references = [inquiry.patient.reference for inquiry in inquiries]
    is_told = len(set(references)) == len(references) and all(each.isascii() and each.isdigit() for each in references)
    return [f"{number}-{each}" for each in (references if is_told else range(1, len(inquiries) + 1))]


def _interchange(inquiries: Sequence[Inquiry], at: datetime, number: int, line: Line) -> Iterator[tuple[str, ...]]:
    sender, receiver = line.sender or inquiries[0].party.npi, _receiver(inquiries, line)
    day, time, control = f"{at:%Y%m%d}", f"{at:%H%M}", f"{number:09d}"
    yield (
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{sender:<15}", "ZZ", f"{receiver:<15}",
        day[2:], time, "^", "00501", control, "0", "T" if line.is_test else "P", ":",
    )  # fmt: skip
    yield "GS", "HS", sender, receiver, day, time, str(number), "X", VERSION
    for at_number, (inquiry, trace) in enumerate(zip(inquiries, traces_of(inquiries, number), strict=True), start=1):
        yield from _transaction(inquiry, day, time, at_number, trace)
    yield "GE", str(len(inquiries)), str(number)
    yield "IEA", "1", control


def _receiver(inquiries: Sequence[Inquiry], line: Line) -> str:
    """Return whom a file goes to: the one that is named, else the payer where there is one alone; "" where neither."""
    payers = {_number(each.party.payer_id) for each in inquiries}
    only = payers.pop() if len(payers) == 1 else ""
    return line.receiver or (only if _PARTNER.fullmatch(only) else "")


def _transaction(inquiry: Inquiry, day: str, time: str, at: int, trace: str) -> Iterator[tuple[str, ...]]:
    """Yield one question, as for a dependent: its trace, birth date and questions stand in the dependent's own loop."""
    party, patient = inquiry.party, inquiry.patient
    control, member_id = f"{at:04d}", _number(patient.member_id)
    traced = ("TRN", "1", trace, f"9{party.npi[:9]}")
    named = _person_name(patient.last_name, patient.first_name)
    person: list[tuple[str, ...]]
    if patient.relation:
        subscriber = _person_name(patient.subscriber_last_name, patient.subscriber_first_name)
        person = [
            ("HL", "3", "2", "22", "1"),
            ("NM1", "IL", "1", *subscriber, "MI", member_id),
            ("HL", "4", "3", "23", "0"),
            traced,
            ("NM1", "03", "1", *(named if named[-1] else named[:2])),
        ]
    else:
        person = [("HL", "3", "2", "22", "0"), traced, ("NM1", "IL", "1", *named, "MI", member_id)]
    relation = [("INS", "N", RELATIONS[patient.relation])] if patient.relation else []
    body = [
        ("ST", "270", control, VERSION),
        ("BHT", "0022", "13", trace, day, time),
        ("HL", "1", "", "20", "1"),
        ("NM1", "PR", "2", _upper(party.payer), "", "", "", "", "PI", _number(party.payer_id)),
        ("HL", "2", "1", "21", "1"),
        ("NM1", "1P", "2", _upper(party.clinic), "", "", "", "", "XX", party.npi),
        *person,
        ("DMG", "D8", f"{patient.born:%Y%m%d}"),
        *relation,
        ("DTP", "291", "D8", f"{inquiry.day:%Y%m%d}"),
        *(("EQ", each) for each in dict.fromkeys(inquiry.service_types)),
        *(("EQ", "", f"HC:{each}") for each in dict.fromkeys(inquiry.procedures)),
    ]
    yield from body
    yield "SE", str(len(body) + 1), control


def _upper(text: str) -> str:
    return basic(text).upper()


# ----------------------------------------------------------------------------
# Sending: one file out, one file back. Each answer goes to its question by the trace that the payer repeats.
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


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one question: a file with the number of the answer in it, or why there is none."""

    trace: str
    content: bytes = field(default=b"", repr=False)
    which: int = 1
    why: str = ""


_SILENT = "Nothing came back for this question. Ask again later, or call the payer."
_TWICE = "More than one answer came back for this question. Read each of them before using one."
_NOBODYS = "The payer doesn’t say which question this answers. Read it by hand."
_FAILED = "The clearinghouse didn’t answer. Nothing is known of what was asked: ask again later."
_TOO_MUCH_BACK = "What came back is larger than 50 MB. Ask about fewer patients at a time."


def ask(
    inquiries: Sequence[Inquiry], send: Send, written_at: datetime, number: int = 1, line: Line | None = None
) -> list[Reply]:
    """Send the questions and return a reply for each, in their order, then answers that belong to none of them.

    Raises EligibilityRefused where the line fails. An answer is never given to a question by its place in the file; one
    that names no trace is taken only where a single question was asked.
    """
    written = write_270(inquiries, written_at, number, line)
    try:
        content = send(written)
    except OSError as error:
        raise EligibilityRefused((Problem("file", _FAILED),)) from error
    if len(content) > MOST_ANSWERED_BYTES:
        raise EligibilityRefused((Problem("file", _TOO_MUCH_BACK),))
    traces = traces_of(inquiries, number)
    came: dict[str, list[Reply]] = {}
    for reply in _replies(content):
        came.setdefault(reply.trace, []).append(reply)
    if len(traces) == 1 and list(came) == [""]:
        came = {traces[0]: came[""]}
    silent = _refused_whole(content) or _SILENT
    replies = [replace(_only(came.pop(trace, []), silent), trace=trace) for trace in traces]
    return [*replies, *(replace(each, why=_NOBODYS) for others in came.values() for each in others)]


def _only(replies: Sequence[Reply], silent: str) -> Reply:
    if len(replies) == 1:
        return replies[0]
    return Reply("", why=_TWICE if replies else silent)


def _refused_whole(content: bytes) -> str:
    """Return what a file that holds no answer is instead: often a 999 or a TA1, by which a file is refused."""
    if re.search(rb"(?:^|[^A-Za-z0-9])TA1[^A-Za-z0-9 ]", content[:_HEAD]):
        return "The clearinghouse refused the whole file (TA1). Check the ids of sender and receiver."
    segments = read_segments(content[:_HEAD].decode("utf-8", errors="replace")).segments
    return next((problem.message for problem in refusals(segments)), "")


_HEAD = 2_000


def _replies(content: bytes) -> Iterator[Reply]:
    """Yield each answer of a file by the trace that it repeats: of the person, where one file answers for several."""
    for part in answers_in(content):
        segments = read_segments(part.decode("utf-8", errors="replace")).segments
        if any(segment.id == "ST" and segment.element(1) == "271" for segment in segments):
            for which, answer in enumerate(answers(segments), start=1):
                yield Reply(trace_of(answer), part, which)


def answers_in(content: bytes) -> Iterator[bytes]:
    """Part a file that holds several answers into files of one transaction each, within the same envelope.

    >>> parted = list(answers_in(b"ISA*1~GS*2~ST*271*1~EB*1~SE*3*1~ST*271*2~EB*6~SE*3*2~GE*2*2~IEA*1*1~"))
    >>> parted[1]
    b'ISA*1~GS*2~ST*271*2~EB*6~SE*3*2~GE*2*2~IEA*1*1~'
    """
    parts = re.split(rb"(?<=[~\n\r'|\x1c-\x1f])(?=ST([^A-Za-z0-9 ])27[01]\1)", content)[::2]
    if len(parts) <= 2:
        yield content
        return
    head, *transactions = parts
    end = re.search(rb"(?<=[~\n\r'|\x1c-\x1f])GE[^A-Za-z0-9 ]", transactions[-1])
    tail = transactions[-1][end.start() :] if end else b""
    for transaction in transactions:
        body = transaction[: end.start()] if end and transaction is transactions[-1] else transaction
        yield head + body + tail


# ----------------------------------------------------------------------------
# Tomorrow's schedule as a CSV file: a row for each patient. It is read for the questions and kept nowhere.
# ----------------------------------------------------------------------------

COLUMNS = ("payer", "payer_id", "member_id", "last_name", "first_name", "born")
# Of a dependent, and the codes to ask a payer about that takes codes.
_MORE = ("relation", "subscriber_last_name", "subscriber_first_name", "codes")
_OTHER_NAMES = {"born": ("dob", "date_of_birth", "birth_date", "birthdate"), "relation": ("relationship",)}
# A schedule of several days names the day of each visit in one of these columns.
_DAYS = ("day", "date", "dos", "date_of_service", "service_date", "visit_date", "appointment_date", "first_day")
# What every question of a file shares.
_OF_ALL = ("clinic", "npi", "service_types")
_SELF = ("", "self", "subscriber", "18")
MOST_BYTES = 1_000_000


_MOST_PROBLEMS = 100
_ISO = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_AMERICAN = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})")


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a schedule, what is wrong with its other rows, and rows about a patient of an earlier row."""

    inquiries: tuple[Inquiry, ...]
    problems: tuple[Problem, ...] = ()
    repeated: tuple[tuple[int, int], ...] = ()


def asked_in(content: bytes, clinic: str, npi: str, day: date, types: Sequence[str], codes: Sequence[str]) -> Asked:
    """Return a question for each patient and payer of a file, each once; of a schedule those of the day asked about.

    Problems are the mistakes in the other rows of that day, each with its row, or that none is of it.
    """
    text = _text(content)
    first, _, _ = text.lstrip().partition("\n")
    # Spreadsheets part cells by tabs too, or by semicolons.
    mark = max(",\t;|", key=first.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), restval="", delimiter=mark)
    names = _columns(rows)
    of_day = next((names[name] for name in _DAYS if name in names), None)
    problems: list[Problem] = []
    found: dict[tuple[str, ...], Inquiry] = {}
    repeated: list[tuple[int, int]] = []
    try:
        for at, row in enumerate(rows, start=2):
            told = {name: _cell(row.get(names[name])) for name in (*COLUMNS, *_MORE) if name in names}
            visited = _day(_without_time(_cell(row.get(of_day)))) if of_day else day
            if not any(told.values()) or (visited is not None and visited != day):
                continue
            if len(problems) >= _MOST_PROBLEMS:
                break
            if visited is None:
                problems.append(Problem(f"{at}.{of_day}", "Enter a day such as 2026-12-01 or 12/01/2026."))
                continue
            born = _day(_without_time(told["born"]))
            if born is None:
                problems.append(Problem(f"{at}.born", "Enter a date of birth such as 1984-02-29 or 02/29/1984."))
                continue
            party = Party(told["payer"], told["payer_id"], clinic, npi)
            own = re.findall(r"[^\s,;]+", told.get("codes", "").upper())
            inquiry = Inquiry(party, _patient(told, born, at), day, tuple(types), (*codes, *own))
            if wrong := [_placed(problem, at) for problem in problems_of(inquiry)]:
                problems += [problem for problem in wrong if problem not in problems]
                continue
            key = _person(inquiry)
            if key not in found and len(found) == MOST_PEOPLE:
                problems.append(Problem(str(at), f"Ask about at most {MOST_PEOPLE} patients at a time."))
                break
            if (earlier := found.get(key)) is not None:
                repeated.append((at, int(earlier.patient.reference)))
                more = dict.fromkeys((*earlier.procedures, *inquiry.procedures))
                inquiry = replace(earlier, procedures=tuple(more))
                if wrong := [_placed(problem, at) for problem in problems_of(inquiry)]:
                    problems += wrong
                    continue
            found[key] = inquiry
    except csv.Error:
        problems.append(Problem(str(rows.line_num), "This line is no CSV: check its quotation marks."))
    if of_day and not found and not problems:
        problems.append(Problem(of_day, f"No row is of {day}. Give that day's schedule, or another day."))
    return Asked(tuple(found.values()), tuple(problems), tuple(repeated))


def _placed(problem: Problem, at: int) -> Problem:
    """Return a problem with its row; what is the clinic's own is told once, and of no row."""
    return problem if problem.path in _OF_ALL else replace(problem, path=f"{at}.{problem.path}")


def _columns(rows: csv.DictReader[str]) -> dict[str, str]:
    """Return the columns of a file by our names."""
    try:
        fields = rows.fieldnames or ()
    except csv.Error:
        fields = ()
    names = {re.sub(r"[\W_]+", "_", (name or "").lower()).strip("_"): name for name in fields}
    for name, others in _OTHER_NAMES.items():
        told = next((other for other in others if other in names), None)
        if told is not None:
            names.setdefault(name, names[told])
    if missing := [name for name in COLUMNS if name not in names]:
        words = f"Give a header with the columns {', '.join(COLUMNS)}. Missing: {', '.join(missing)}."
        raise EligibilityRefused((Problem("1", words),))
    return names


def _patient(told: Mapping[str, str], born: date, at: int) -> Patient:
    """Return the patient of a row, and the subscriber where the patient is a dependent."""
    relation = told.get("relation", "").lower()
    return Patient(
        told["member_id"],
        told["last_name"],
        told["first_name"],
        born,
        reference=str(at),
        relation="" if relation in _SELF else relation,
        subscriber_last_name=told.get("subscriber_last_name", ""),
        subscriber_first_name=told.get("subscriber_first_name", ""),
    )


def _person(inquiry: Inquiry) -> tuple[str, ...]:
    """Return what tells people apart: a family may share one number, and twins a birth date."""
    patient = inquiry.patient
    names = _upper(patient.last_name), _upper(patient.first_name)
    numbers = _number(inquiry.party.payer_id).upper(), _number(patient.member_id).upper()
    return *numbers, *names, patient.born.isoformat()


def _cell(written: str | None) -> str:
    """Return what a cell holds; a spreadsheet that keeps the zeros of a number writes it as ="00123"."""
    text = (written or "").strip()
    return text[2:-1].strip() if text.startswith('="') and text.endswith('"') and len(text) > 2 else text


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
    """Read 1984-02-29, 19840229 or 02/29/1984, and nothing that only starts like one of them."""
    if american := _AMERICAN.fullmatch(written):
        return read_day(f"{american[3]}{american[1]:0>2}{american[2]:0>2}")
    return read_day(written) if _ISO.fullmatch(written) else None
