"""Reads a schedule as practice systems export it: the columns, what clinics call them, and each row's cells.

A file is refused only where no row names a column and none shows by what it holds. Everything else that is wrong is a
question about one row.
Columns that can hold a name, a member number or a birth date are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from estimator.billing.schedule_guess import guessed_columns, is_no_visit
from estimator.clock import today
from estimator.engine.request import IN_NETWORK, PHYSICAL_THERAPIST
from estimator.errors import Problem, Refused
from estimator.prices.spreadsheet import MOST_ACROSS, sheet_rows

Cells = Mapping[str, str]
Numbered = Sequence[tuple[int, Sequence[str]]]
Picked = Mapping[frozenset[str], str]

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
# Of the command, which nobody else waits for.
MOST_BYTES_OF_COMMAND = 50_000_000
MOST_ROWS_OF_COMMAND = 200_000
LONGEST_CELL = 500
_BESIDE_ROWS = 1_000


class Column(NamedTuple):
    """A column: its name, where its problems come from in the request, what it says, an example, and other names."""

    name: str
    paths: tuple[str, ...]
    says: str
    example: str = ""
    also: str = ""


COLUMNS = (
    Column(
        "label",
        (),
        "A label of your own for the row. Never a name, a member number or a birth date.",
        "A-17",
        "case, case label, case id, case number, chart, chart number, chart no, visit label, appointment label",
    ),
    Column(
        "plan",
        ("plan",),
        "Needed. The id or the title of a plan; an insurer's name is asked about where it has several plans.",
        "template-employer-ppo",
        "plan id, plan name, payer plan, benefit plan, insurance, insurance plan, insurance name, primary insurance, "
        "primary insurance name, "
        "primary insurance plan, primary plan, coverage",
    ),
    Column(
        "insurer",
        ("insurer",),
        "Who insures, where the plan doesn't say it; it stands for the plan where that is left empty.",
        "Aetna",
        "payer, payor, payer name, primary payer, primary payor, insurance company, insurance carrier, carrier",
    ),
    Column(
        "second_plan",
        ("secondary",),
        "What pays after the plan: an id or a title, the letter of a Medigap plan, QMB, TRICARE For Life.",
        "",
        "secondary insurance, secondary insurance name, secondary plan, secondary payer, secondary insurance plan, "
        "secondary coverage, second insurance, supplement, medigap, supplemental insurance",
    ),
    Column(
        "zip",
        ("zip", "locality", "state"),
        "The ZIP code of the clinic. Needed where the clinic's own isn't in its settings.",
        "98101",
        "zip code, zipcode, clinic zip, clinic zip code, facility zip, location zip, postal code",
    ),
    Column(
        "first_day",
        ("course.first_day", "visits"),
        "Needed. The day of the visit, or of the first.",
        "2026-12-01",
        "date, date of service, dos, service date, visit date, appointment date, appt date, appointment, appt, day, "
        "appointment time and date, date time, datetime, start, start date, scheduled date, encounter date, "
        "day of visit",
    ),
    Column(
        "status",
        (),
        "Whether the visit stands: canceled, missed and rescheduled ones are set apart.",
        "",
        "appointment status, visit status, booking status, encounter status",
    ),
    Column("time", (), "When the visit starts.", "9:30 AM", "appointment time, appt time, start time, visit time"),
    Column(
        "visits",
        ("course.visits",),
        "How many visits; 1 where it is left empty.",
        "12",
        "planned visits, visit count",
    ),
    Column(
        "per_week",
        ("course.per_week",),
        "Visits a week; 1 where it is left empty.",
        "2",
        "visits per week, visits a week, frequency",
    ),
    Column(
        "services",
        ("course.each_visit",),
        "Needed. Codes of each visit, with minutes after a colon or units after an x.",
        "97110:30 97140:15 20561",
        "cpt, cpt code, cpt codes, cpts, procedure, procedures, procedure code, procedure codes, codes, service, "
        "service codes, billing codes, charges, hcpcs, planned codes, procedure codes and modifiers",
    ),
    Column(
        "units",
        (),
        "Units of the codes in their order, where they stand in a column of their own.",
        "",
        "qty, quantity, cpt units, billed units, charge units, number of units, unit count",
    ),
    Column(
        "minutes",
        (),
        "Minutes of the codes in their order, where they stand in a column of their own.",
        "",
        "mins, cpt minutes, timed minutes, treatment minutes",
    ),
    Column(
        "first_visit",
        ("course.first_visit",),
        "Codes of the first visit, where it differs.",
        "97161 20561",
        "first visit codes, evaluation codes",
    ),
    Column(
        "provider",
        ("provider.type",),
        "Who treats: physical-therapist where it is left empty; PT, PTA, and a name with one of them behind it are "
        "understood.",
        PHYSICAL_THERAPIST,
        "provider type, credential, credentials, discipline",
    ),
    Column(
        "therapist",
        (),
        "Who is scheduled, as the clinic calls them.",
        "Therapist 2",
        "clinician, treating therapist, treating clinician, treating provider, rendering provider, scheduled provider, "
        "scheduled with, seen by, resource, staff",
    ),
    Column(
        "location",
        (),
        "Where, as the clinic calls it.",
        "Riverside",
        "clinic, facility, clinic location, site, department, service department, clinic name",
    ),
    Column(
        "network",
        ("provider.network",),
        "in-network where it is left empty; INN and OON are understood.",
        IN_NETWORK,
        "network status, in network, network tier",
    ),
    Column(
        "setting",
        ("provider.setting",),
        "office or hospital-outpatient; a place-of-service code is understood.",
        "office",
        "place of service, pos",
    ),
    Column(
        "diagnoses",
        ("diagnoses",),
        "ICD-10 codes, the first one primary.",
        "M54.50",
        "dx, dx code, dx codes, diagnosis, diagnosis code, diagnosis codes, icd, icd10, icd 10, icd 10 codes, primary "
        "diagnosis",
    ),
    Column("age", ("person.age",), "In years.", "41", "patient age, age in years"),
    Column(
        "deductible_paid",
        ("used.deductible_paid",),
        "In dollars, this benefit year.",
        "600.00",
        "deductible met, ded met, deductible met to date",
    ),
    Column(
        "out_of_pocket_paid",
        ("used.out_of_pocket_paid",),
        "In dollars, this benefit year.",
        "600.00",
        "oop paid, oop met, out of pocket met",
    ),
    Column(
        "visits_used",
        ("used.limits",),
        "Therapy visits used this benefit year.",
        "4",
        "visits used this year, visits to date, visits ytd, visits so far, therapy visits used",
    ),
    Column(
        "kx_dollars_used",
        ("used.limits",),
        "Medicare therapy dollars used this calendar year, physical and speech therapy together.",
        "",
        "kx used, kx dollars, kx amount used, therapy dollars used, therapy cap used, medicare therapy spending",
    ),
    Column(
        "needling_90_days",
        ("used.limits",),
        "Needling sessions in the 90 days before the visit.",
        "",
        "needling sessions in 90 days, needling last 90 days",
    ),
    Column(
        "needling_12_months",
        ("used.limits",),
        "Needling sessions in the 12 months before the visit.",
        "",
        "needling sessions in 12 months, needling last 12 months, needling sessions this year",
    ),
    Column(
        "authorization",
        ("authorization.on_file", "authorization"),
        "yes, no or unknown.",
        "yes",
        "auth, auth on file, authorization on file, authorized, prior auth on file",
    ),
    Column(
        "authorization_number",
        (),
        "The payer's number of the authorization.",
        "A-77120",
        "auth number, auth no, auth id, prior auth number, authorization no, authorization id, reference number",
    ),
    Column(
        "authorization_visits",
        ("authorization.visits",),
        "Visits that it grants.",
        "8",
        "auth visits, authorized visits, visits authorized, approved visits, visits approved, visits granted",
    ),
    Column(
        "authorization_used",
        ("authorization.used_visits",),
        "Visits of it that are used.",
        "3",
        "auth visits used, authorized visits used, auth used, authorization visits used",
    ),
    Column(
        "authorization_left",
        (),
        "Visits of it that are left, where nobody wrote down those used.",
        "",
        "visits left, visits remaining, auth visits left, auth visits remaining, authorized visits remaining, "
        "auth left, auth remaining",
    ),
    Column(
        "authorization_units",
        ("authorization.units",),
        "Units that it grants, where it counts units.",
        "",
        "auth units, authorized units, units authorized, approved units",
    ),
    Column(
        "authorization_units_used",
        ("authorization.used_units",),
        "Units of it that are used.",
        "",
        "auth units used, authorized units used",
    ),
    Column(
        "authorization_codes",
        ("authorization.codes",),
        "The codes that it names, where it names any.",
        "",
        "auth codes, authorized codes, auth cpt, auth cpt codes, authorized cpt codes, codes authorized",
    ),
    Column(
        "authorization_first_day",
        ("authorization.first_day",),
        "The first day it holds.",
        "2026-12-01",
        "auth start, auth start date, auth from, authorization start, authorization start date, auth effective date",
    ),
    Column(
        "authorization_last_day",
        ("authorization.last_day",),
        "The last day it holds.",
        "2027-01-31",
        "auth end, auth end date, auth exp, auth exp date, auth expires, auth expiration, auth expiration date, "
        "auth through, authorization end, authorization end date, authorization expires, authorization expiration date",
    ),
    Column("referral", ("referral",), "yes, no or unknown.", "unknown", "referral on file"),
    Column(
        "consent",
        ("signed_consent",),
        "Whether a service-specific consent is signed: yes, no or unknown.",
        "no",
        "consent signed, signed consent, abn, abn signed",
    ),
)
NAMES = tuple(column.name for column in COLUMNS)
NEEDED = ("plan", "zip", "first_day", "services")


def column_of(path: str) -> str:
    """Return the column that a problem of the request belongs to; empty where it is about the row as a whole.

    >>> column_of("course.first_visit.1.minutes"), column_of("visits.0.services.1"), column_of("person")
    ('first_visit', 'services', '')
    """
    if ".services" in path:
        return "services"
    fitting = [
        (len(start), column.name)
        for column in COLUMNS
        for start in column.paths
        if path == start or path.startswith(f"{start}.")
    ]
    return max(fitting, key=lambda found: found[0], default=(0, ""))[1]


# ----------------------------------------------------------------------------
# Which column of the file is which of ours.
# ----------------------------------------------------------------------------

_WORD = re.compile(r"[a-z]+|[0-9]+")
# What practice systems shorten.
_WHOLE_WORDS = {
    "acct": "account",
    "appt": "appointment",
    "appts": "appointment",
    "auth": "authorization",
    "auths": "authorization",
    "authorized": "authorization",
    "diagnoses": "diagnosis",
    "dept": "department",
    "dt": "date",
    "dx": "diagnosis",
    "exp": "expiration",
    "expires": "expiration",
    "ins": "insurance",
    "loc": "location",
    "mbr": "member",
    "no": "number",
    "num": "number",
    "payor": "payer",
    "pri": "primary",
    "prim": "primary",
    "prmry": "primary",
    "proc": "procedure",
    "prvdr": "provider",
    "rem": "remaining",
    "rndrng": "rendering",
    "svc": "service",
    "thru": "through",
}
_SAY_NOTHING = frozenset(("a", "and", "of", "the"))
# Who the patient is, and what tells it. A column named by both, or by one of those below, can hold it. Nobody can have
# it read, not even by choosing a column for it.
_PEOPLE = frozenset(("client", "guarantor", "insured", "member", "patient", "policyholder", "pt", "subscriber"))
_TELLS_WHO = frozenset(
    (
        *("account", "address", "birth", "birthdate", "birthday", "cell", "chart", "city", "code", "date", "dob"),
        *(
            "email",
            "first",
            "full",
            "home",
            "id",
            "last",
            "legal",
            "mail",
            "medical",
            "middle",
            "mobile",
            "mrn",
            "name",
        ),
        *("number", "phone", "preferred", "record", "social", "ssn", "street", "telephone", "zip"),
    )
)
_IDENTITY = (
    *("name", "first name", "last name", "full name", "policy number", "policy id", "insurance id", "mrn"),
    *(
        "insurance number",
        "medical record number",
        "dob",
        "date of birth",
        "birth date",
        "birthdate",
        "birthday",
        "ssn",
    ),
    *("social security number", "phone", "phone number", "mobile", "cell", "email", "e mail", "address", "street"),
    *("account", "account number", "account id", "emergency contact"),
)
_FEWEST_KNOWN = 2
_HEADER_WITHIN = 25
_DELIMITERS = ",;\t|"


def plain_header(name: str) -> str:
    """Return the words of a header as a clinic's choice for it is kept.

    >>> plain_header(" Auth. Exp_Date "), plain_header("Insured's Plan #")
    ('auth exp date', 'insured plan number')
    """
    return " ".join(_WORD.findall(name.casefold().replace("#", " number ").replace("'s", "").replace("’s", "")))


def header_words(name: str) -> frozenset[str]:
    """Return the words of a header as they are compared: apart, whole, of one number, in any order.

    What is longer than a header is not looked at word by word: before the header a file may hold anything.

    >>> sorted(header_words(" Auth. Exp_Date ")), header_words("Insurance (Primary)") == header_words("prmryins")
    (['authorization', 'date', 'expiration'], True)
    """
    words = plain_header(name).split()
    if len(name) > _LONGEST_HEADER:
        return frozenset(words)
    apart = (part for word in words for part in _apart(word))
    whole = (_WHOLE_WORDS.get(word, word) for word in apart)
    return frozenset(word.removesuffix("s") if len(word) > _SHORT else word for word in whole) - _SAY_NOTHING


def _apart(word: str) -> Sequence[str]:
    """Return the words that were written as one, such as "apptdate"; the word itself where they aren't all known."""
    if word in _KNOWN_WORDS or len(word) < _FEWEST_OF_TWO:
        return (word,)
    # At each place the known words by which it is reached; each letter is looked at once a length.
    reached: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(2, len(word) + 1):
        starts = (end - size for size in range(_LONGEST_KNOWN, 1, -1) if word[end - size : end] in _KNOWN_WORDS)
        if (start := next((start for start in starts if start in reached), None)) is not None:
            reached[end] = (*reached[start], word[start:end])
    return reached.get(len(word), (word,))


_FEWEST_OF_TWO, _LONGEST_HEADER = 5, 100
_KNOWN_WORDS = frozenset(
    (
        *(word for column in COLUMNS for word in _WORD.findall(f"{column.name} {column.also}")),
        *_WHOLE_WORDS,
        *_PEOPLE - {"pt"},
        *_TELLS_WHO,
        *_SAY_NOTHING - {"a"},
    )
)
_LONGEST_KNOWN = max(map(len, _KNOWN_WORDS))
_SHORT = 3
_MEANS = {header_words(each): column.name for column in COLUMNS for each in (column.name, *column.also.split(","))}
# Its words in another order, "visit number", are another thing.
_IN_THIS_ORDER = {"number of visits": "visits", "no of visits": "visits", "num visits": "visits"}
# Of these a file may have several, numbered: CPT 1, CPT 2.
_JOINED = frozenset(("services", "diagnoses", "units", "minutes"))
_PLACES = {"1": "primary", "2": "secondary"}
_NUMBERS = frozenset(map(str, range(1, 13)))
_IDENTIFIES = frozenset(header_words(each) for each in _IDENTITY)
_TELLING = header_words(" ".join(_TELLS_WHO))


def can_identify(header: str) -> bool:
    """Tell whether a column of this name can hold who the patient is.

    >>> [can_identify(each) for each in ("Pt Account #", "Patient Name", "Subscriber DOB", "Patient Age", "PT")]
    [True, True, True, False, False]
    """
    return _tell_who(header_words(header))


def _tell_who(words: frozenset[str]) -> bool:
    about, rest = words & _PEOPLE, words - _PEOPLE
    return words in _IDENTIFIES or (bool(about) and (rest <= _TELLING if rest else about != {"pt"}))


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One visit or course of a schedule, with every column, and the line that it stood in."""

    line: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """What was read: the rows, the columns they came from by the file's own names, and the columns and rows unread.

    `is_guessed` tells of a file without a header that its columns are known by what stands in them.
    """

    rows: tuple[ScheduleRow, ...]
    mapping: Mapping[str, str]
    not_read: tuple[str, ...]
    is_guessed: bool = False


def read_schedule(
    content: bytes,
    file: str,
    chosen: Mapping[str, str] | None = None,
    clinic_zip: str = "",
    zips: Mapping[str, str] | None = None,
    *,
    most_bytes: int = MOST_BYTES,
    most_rows: int = MOST_ROWS,
) -> ScheduleFile:
    """Return a schedule; `chosen` names columns of the file by hand, and goes before what a header usually means.

    `clinic_zip` stands in rows that name no ZIP code; `zips` are those of the clinic's locations by name, casefolded.

    A file without a header is read by what stands in its columns; they are then named by their places.

    Raises Refused where no row can be told from another: no text, no columns that tell day and codes, or more than we
    take.
    """
    if len(content) > most_bytes:
        raise Refused((Problem("", f"Send at most {most_bytes // 1_000_000} MB; this file is larger.", file),))
    # Above the rows there may be lines that are none.
    rows, problems = sheet_rows(_without_preamble(_as_utf8(content)), file, most_rows + _BESIDE_ROWS)
    if problems:
        raise Refused(tuple(problems))
    picked = {header_words(name): column for name, column in (chosen or {}).items() if not can_identify(name)}
    at = _header_at(rows, picked)
    guessed = guessed_columns([cells for _, cells in rows], today().year) if at is None else ()
    header = rows[at][1] if at is not None else [f"column {place}" for place in range(1, len(guessed) + 1)]
    below = rows if at is None else rows[at + 1 :]
    if not header or not below:
        raise Refused((Problem("", _NO_ROWS if header else f"{_NO_ROWS} {_NOTHING_SHOWS}", file, 1),))
    if len(below) > most_rows:
        words = f"Send at most {most_rows:,} rows at once; this file has {len(below):,}."
        raise Refused((Problem("", words, file),))
    columns = guessed or tuple(_columns(header, picked))
    mapping = {name: column for name, column in zip(header, columns, strict=True) if column}
    not_read = [name for name, column in zip(header, columns, strict=True) if name and not column]
    printed = {
        line
        for line, cells in below
        if _is_a_line_of_the_print(cells, header) or (guessed and is_no_visit(cells, guessed, today().year))
    }
    not_read += [f"row {line}" for line in sorted(printed)]
    read = tuple(
        ScheduleRow(line, _cells(columns, cells, clinic_zip, zips or {}))
        for line, cells in below
        if line not in printed
    )
    return ScheduleFile(read, mapping, tuple(not_read), is_guessed=bool(guessed))


_NO_ROWS = f"Enter a header that names {', '.join(NEEDED)}, then one row a visit or a course."
_NOTHING_SHOWS = (
    "Without one we read columns by what stands in them, and found none with the days of visits beside one with "
    "billing codes, such as 97110."
)


def _columns(header: Sequence[str], picked: Picked) -> Iterator[str]:
    """Yield our column for each of the file's, empty where there is none; the first one of a kind is read.

    Of two that name the plan, the one that doesn't say "plan" is taken for the insurer.
    """
    means = [_meaning(name, picked) for name in header]
    if means.count("plan") > 1 and "insurer" not in means:
        of_plans = [place for place, column in enumerate(means) if column == "plan"]
        means[next((place for place in of_plans if "plan" not in header_words(header[place])), of_plans[1])] = "insurer"
    seen: set[str] = set()
    for name, column in zip(header, means, strict=True):
        is_one_of_several = column in _JOINED and bool(header_words(name) & _NUMBERS)
        yield "" if column in seen and not is_one_of_several else column
        seen.add(column)


def _meaning(name: str, picked: Picked) -> str:
    """Return our column for a header, empty where there is none or where it can hold who the patient is."""
    words = header_words(name)
    if _tell_who(words):
        return ""
    found = picked.get(words) or _MEANS.get(words) or _IN_THIS_ORDER.get(plain_header(name), "")
    if found or not (numbered := words & _NUMBERS):
        return found
    counted = _MEANS.get(words - numbered, "")
    if counted in _JOINED:
        return counted
    place = next((place for number, place in _PLACES.items() if number in numbered), "")
    return (_MEANS.get((words - numbered) | {place}, "") if place else "") or (counted if place == "primary" else "")


def _header_at(rows: Numbered, picked: Picked) -> int | None:
    """Return the place of the header: of the first rows, the one that names most columns."""
    known = [len({_meaning(name, picked) for name in cells} - {""}) for _, cells in rows[:_HEADER_WITHIN]]
    best = max(known, default=0)
    return known.index(best) if best >= _FEWEST_KNOWN else None


def _is_a_line_of_the_print(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Tell whether a row is no visit: the header once more, or a single cell such as a total or a page number."""
    return list(cells) == list(header) or sum(map(bool, cells)) == 1 < sum(map(bool, header)) - 1


def _cells(columns: Sequence[str], cells: Sequence[str], clinic_zip: str, zips: Mapping[str, str]) -> Cells:
    said: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        if name and cell.strip():
            said[name] = f"{said[name]} {cell.strip()}" if name in said else cell.strip()
    whole = {name: said.get(name, "")[:LONGEST_CELL] for name in NAMES}
    return {**whole, "zip": whole["zip"] or zips.get(whole["location"].casefold(), clinic_zip)}


def _as_utf8(content: bytes) -> bytes:
    """Return text in UTF-8, whichever of the encodings of spreadsheets it is in; a workbook stays as it is."""
    if content.startswith(b"PK\x03\x04"):
        return content
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _decoded(content, "utf-16")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, "cp1252")
    return content


def _decoded(content: bytes, encoding: str) -> bytes:
    try:
        return content.decode(encoding).encode()
    except UnicodeDecodeError:
        return content


def _without_preamble(content: bytes) -> bytes:
    """Blank the lines above the header, so that the sign between cells is found in it; lines keep their numbers."""
    if content.startswith(b"PK\x03\x04"):
        return content
    lines = content.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    best, at = 0, 0
    for place, line in enumerate(lines[:_HEADER_WITHIN]):
        for sign in _DELIMITERS:
            cells = line.split(sign, MOST_ACROSS)
            known = len({_MEANS[words] for cell in cells if (words := header_words(cell)) in _MEANS})
            if known > best:
                best, at = known, place
    if at == 0 or best < _FEWEST_KNOWN:
        return content
    return "\n".join([*[""] * at, *lines[at:]]).encode()
