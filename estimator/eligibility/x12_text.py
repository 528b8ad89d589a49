"""The text of an X12 271: numbered segments, its envelopes, its codes, and which element is which.

A file without an envelope, with line ends as separators, or with text between its segments is read as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from estimator.eligibility.statements import (
    FIGURED,
    NO_FIGURE,
    Aspect,
    Authorization,
    Kind,
    Level,
    Network,
    Note,
    read_count,
    read_money,
    read_share,
)
from estimator.errors import Problem

# Python counts the old separators (hexadecimal 1C to 1F) among spaces and ends of lines; here they are none.
_BLANKS = " \t\r\n"
_LINE_ENDS = re.compile(r"[\r\n]+")
_START = re.compile(r"[A-Z][A-Z0-9]{1,2}(?=[^A-Za-z0-9 \t\r\n])")
_STRAY = re.compile(r"(?:^|[^A-Za-z0-9])(?:ST([^A-Za-z0-9 \t\r\n])\d{3}\1|EB([^A-Za-z0-9 \t\r\n])[A-Z0-9]{0,2}\2)")
_ISA_ELEMENTS = 16
_NOT_A_SEPARATOR = re.compile(r"[A-Za-z0-9]")


class Segment(NamedTuple):
    """One segment; `number` counts from 1, the ISA where there is one."""

    number: int
    id: str
    elements: tuple[str, ...]
    text: str

    def element(self, place: int) -> str:
        """Return what stands at a place, counted from 1 as X12 does; "" where nothing does."""
        return self.elements[place - 1].strip() if place <= len(self.elements) else ""

    @property
    def place(self) -> str:
        """Return where this is, for a reader."""
        return f"segment {self.number} ({self.id})"


@dataclass(frozen=True, slots=True)
class Interchange:
    """All segments of a file, and what is odd about how it is written."""

    segments: tuple[Segment, ...]
    notes: tuple[Note, ...]
    component: str = ":"


@dataclass(frozen=True, slots=True)
class _Separators:
    element: str
    component: str
    terminator: str


def read_segments(text: str) -> Interchange:
    """Return the segments of a text; none where it holds nothing of the kind."""
    notes: list[Note] = []
    if re.match(r"\s*(isa|st|eb)[^a-z0-9 \t\r\n]", text):
        notes.append(Note("file", "It is written in small letters; X12 uses capitals. Read as capitals."))
        text = text.upper()
    separators = _declared(text, notes)
    pieces = _pieces(text, separators) if separators else []
    if not any(id in ("ST", "EB") for id, _ in pieces) and (found := _found(text)):
        separators, pieces = found, _pieces(text, found)
        if text.lstrip().startswith("ISA"):
            words = f"The ISA declares other separators than the file uses. Read with {separators.element!r}."
            notes.append(Note("segment 1 (ISA)", words))
    if separators is None or not any(id for id, _ in pieces):
        return Interchange((), tuple(notes))
    if any(not id for id, _ in pieces):
        notes.append(Note("file", "There is text between the segments that belongs to none. It was not read."))
    held = [piece for id, piece in pieces if id]
    return Interchange(tuple(_numbered(held, separators.element)), tuple(notes), separators.component)


def _declared(text: str, notes: list[Note]) -> _Separators | None:
    """Return the separators that the ISA declares, by its length or, where it is not padded, by its elements."""
    text = text.lstrip()
    if not text.startswith("ISA") or len(text) < 4:
        return None
    element = text[3]
    head = re.split(rf"GS{re.escape(element)}", text, maxsplit=1)[0]
    parts = head.split(element)
    if len(parts) - 1 != _ISA_ELEMENTS:
        words = f"It has {len(parts) - 1} elements; {_ISA_ELEMENTS} were expected."
        notes.append(Note("segment 1 (ISA)", words))
    last = parts[-1]
    component, terminator = last[:1], last[1:].strip(_BLANKS) or last[1:].strip("\r")
    if not terminator or any(map(_NOT_A_SEPARATOR.match, (element, component, terminator[0]))):
        return None
    return _Separators(element, component, terminator[0])


def _found(text: str) -> _Separators | None:
    """Return the separators that an ST or EB shows, where no ISA can be believed."""
    match = _STRAY.search(text)
    if match is None:
        return None
    terminator = next((mark for mark in "~'\n" if mark in text), "\n")
    return _Separators(match[1] or match[2], ":", terminator)


def _pieces(text: str, separators: _Separators) -> list[tuple[str, str]]:
    """Return each segment with its id; a piece without an id is text that belongs to no segment."""
    element = separators.element
    pieces: list[tuple[str, str]] = []
    for chunk in text.split(separators.terminator):
        stripped = chunk.strip(_BLANKS)
        is_one = "\n" not in stripped and "\r" not in stripped
        for piece in (stripped,) if is_one else _lines(stripped, element):
            if piece:
                match = _START.match(piece)
                pieces.append((match[0] if match and piece[len(match[0])] == element else "", piece))
    return pieces


def _lines(chunk: str, element: str) -> Iterator[str]:
    """Part a chunk where a new segment starts on a new line, and join what goes on in the next line."""
    # A segment is joined once: to add to a text line by line takes time by the square of its lines.
    started: list[str] = []
    for line in filter(None, (line.strip(_BLANKS) for line in _LINE_ENDS.split(chunk))):
        match = _START.match(line)
        is_start = match is not None and line[len(match[0]) : len(match[0]) + 1] == element
        if is_start or line.startswith("#"):
            if started:
                yield " ".join(started)
            started = [line]
        elif started and not started[0].startswith("#"):
            started.append(line)
        else:
            started = [line]
    if started:
        yield " ".join(started)


def _numbered(pieces: list[str], element: str) -> Iterator[Segment]:
    for number, piece in enumerate(pieces, start=1):
        id, *elements = piece.split(element)
        yield Segment(number, id, tuple(elements), piece)


# ----------------------------------------------------------------------------
# What the codes of an EB and of an HSD mean, as far as they matter for therapy.
# ----------------------------------------------------------------------------

KINDS = {
    **dict.fromkeys(("1", "2", "3", "4", "5"), Kind.ACTIVE),
    **dict.fromkeys(("6", "7", "8"), Kind.INACTIVE),
    "A": Kind.COINSURANCE,
    "B": Kind.COPAY,
    "C": Kind.DEDUCTIBLE,
    "F": Kind.LIMIT,
    "G": Kind.OUT_OF_POCKET_MAX,
    "H": Kind.LIMIT,
    "I": Kind.NOT_COVERED,
    "CB": Kind.AUTHORIZATION,
}
UNLIMITED = "H"
# Said of a plan, but of no figure that an estimate uses.
OTHERS = frozenset({"D", "E", "J", "K", "L", "M", "MC", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y"})
TELLING = {
    "5": "Active, but the payer is still looking into it. Ask again before the visit.",
    "7": "The payer has not updated eligibility yet. Ask again before the visit.",
    "8": "The payer is still looking into it. Ask again before the visit.",
    "MC": "The payer names a managed-care organization for this benefit. Contact that organization.",
    "U": "Another organization answers for this benefit. Contact it.",
    "E": "The payer states an exclusion. Read it and ask whether it touches therapy.",
    "M": "The payer speaks of a condition from before the plan. Ask.",
    "N": "Services are restricted to a provider that the payer names. Check that it is yours.",
    "O": "The payer calls something not medically necessary. Read it and ask.",
    "R": "The payer names another insurer. Find out which one pays first.",
    "V": "The payer cannot process the question. Call.",
    "W": "The payer leads to another source. Ask there.",
    "Y": "The payer speaks of a spend-down: the patient pays some of their own money first. Ask how much.",
}
LEVELS = {
    "IND": Level.PERSON,
    "FAM": Level.FAMILY,
    **dict.fromkeys(("CHD", "DEP", "ECH", "EMP", "ESP", "SPC", "SPO"), Level.OTHER),
}
# Whom else than "each person" a level means: the subscriber alone, a spouse alone, a child, any dependent.
OF_SUBSCRIBER, OF_SPOUSE = ("EMP",), ("SPO",)
OF_CHILD, OF_DEPENDENT = ("CHD", "DEP"), ("DEP",)
# Employee and children, employee and spouse, spouse and children.
OF_SEVERAL = ("ECH", "ESP", "SPC")
_SPOUSE, _CHILD = "01", "19"
# The words of a period, and which part of an amount the code speaks of.
PERIODS = {
    "6": ("hour", Aspect.TOTAL),
    "7": ("day", Aspect.TOTAL),
    "13": ("24 hours", Aspect.TOTAL),
    "21": ("years", Aspect.TOTAL),
    "22": ("service year", Aspect.TOTAL),
    "23": ("calendar year", Aspect.TOTAL),
    "24": ("year to date", Aspect.USED),
    "25": ("contract year", Aspect.TOTAL),
    "26": ("episode", Aspect.TOTAL),
    "27": ("visit", Aspect.TOTAL),
    "28": ("outlier", Aspect.TOTAL),
    "29": ("", Aspect.REMAINING),
    "30": ("exceeded", Aspect.TOTAL),
    "31": ("not exceeded", Aspect.TOTAL),
    "32": ("lifetime", Aspect.TOTAL),
    "33": ("lifetime", Aspect.REMAINING),
    "34": ("month", Aspect.TOTAL),
    "35": ("week", Aspect.TOTAL),
    "36": ("admission", Aspect.TOTAL),
}
UNITS = {
    "VS": "visits",
    "DY": "days",
    "P6": "services",
    "HS": "hours",
    "MN": "months",
    "YY": "years",
    "FL": "units",
    "99": "used",
    "QA": "approved",
    "M2": "at most",
    "8H": "at least",
    "CA": "covered days",
    "CE": "covered days, estimated",
    "D3": "coinsurance days",
    "DB": "units of blood",
    "LA": "lifetime reserve days",
    "LE": "lifetime reserve days, estimated",
    "S7": "years of age at most",
    "S8": "years of age at least",
}
QUANTITY_USED = "99"
# Quantities that say whom a statement is for.
OLDEST, YOUNGEST = "S7", "S8"
UNITS_OF_HSD = {"DA": "day", "MO": "month", "VS": "visit", "WK": "week", "YR": "year"}
AUTHORIZATIONS = {"Y": Authorization.NEEDED, "N": Authorization.NOT_NEEDED, "U": Authorization.UNKNOWN}
NETWORKS = {"Y": Network.IN, "N": Network.OUT, "W": Network.BOTH, "U": Network.UNSAID}


# ----------------------------------------------------------------------------
# Whose answer a file is: its envelopes, its one transaction, and the one person that it speaks of.
#
# A file that answers for several people is refused, since nobody could tell whose benefits an estimate would use.
# ----------------------------------------------------------------------------

_KINDS = {
    "270": "This is a question to a payer (270). Give the payer’s answer, the 271.",
    "276": "This asks how a claim stands (276). Give a 271.",
    "277": "This tells how a claim stands (277). Give a 271.",
    "278": "This is about an authorization (278). Give a 271.",
    "834": "This is an enrollment (834). Give a 271.",
    "835": "This is a payment (835). Give a 271.",
    "837": "This is a claim (837). Give a 271.",
    "997": "The payer only confirms, or refuses, a file (997). Give a 271.",
    "999": "The payer only confirms, or refuses, a file (999). Give a 271.",
}
_MOST_TRANSACTIONS = 200
_TRAILERS = {"ST": "SE", "GS": "GE", "ISA": "IEA"}
# Where the control number stands in the first and in the last segment of an envelope.
_CONTROL = {"ST": (2, 2), "GS": (6, 2), "ISA": (13, 2)}
_VERSION = "005010X279"


@dataclass(frozen=True, slots=True)
class Person:
    """The segments about one person, from the HL or NM1 on that names them."""

    is_dependent: bool
    segments: tuple[Segment, ...]

    @property
    def is_answered(self) -> bool:
        """Tell whether anything is said of this person's benefits."""
        return any(segment.id in _ANSWERS for segment in self.segments)

    @property
    def levels(self) -> tuple[str, ...]:
        """Return the levels that mean this person: by INS02, what a dependent is to the subscriber."""
        if not self.is_dependent:
            return OF_SUBSCRIBER
        relation = next((each.element(2) for each in self.segments if each.id == "INS"), "")
        return {_SPOUSE: (*OF_SPOUSE, *OF_DEPENDENT), _CHILD: OF_CHILD}.get(relation, OF_DEPENDENT)


def refusals(segments: Sequence[Segment]) -> Iterator[Problem]:
    """Find why a file is no answer."""
    transactions = [segment for segment in segments if segment.id == "ST"]
    if len(transactions) > _MOST_TRANSACTIONS:
        words = f"It has more than {_MOST_TRANSACTIONS} transactions. Split the file."
        yield Problem(transactions[_MOST_TRANSACTIONS].place, words)
        return
    for start in transactions:
        kind = start.element(1)
        if kind != "271":
            known = f"ST01 is {kind or 'empty'}; 271 was expected."
            yield Problem(start.place, _KINDS.get(kind, known))


def oddities(segments: Sequence[Segment]) -> Iterator[Note]:
    """Find what is wrong with the envelopes, none of which hinders the reading."""
    first = {id: next((segment for segment in segments if segment.id == id), None) for id in _TRAILERS}
    if first["ISA"] is None:
        yield Note("file", "It has no envelope (ISA). Read as a part of an answer.")
    for id, segment in first.items():
        if segment is not None:
            yield from _trailer(id, segment, segments)
    for segment in segments[: people(segments)[0].segments[0].number - 1]:
        if segment.id == "EB":
            yield Note(segment.place, "It stands before any person is named. It was not read.")
    if (start := first["ST"]) is not None:
        yield from _version(start, first["GS"])
        yield from _count(start, segments)


def people(segments: Sequence[Segment]) -> list[Person]:
    """Return the people of a file; segments before the first of them belong to none, unless nobody is named at all."""
    starts = [at for at, segment in enumerate(segments) if _is_person(segment)]
    if not starts:
        return [Person(is_dependent=False, segments=tuple(segments))]
    ends = [*starts[1:], len(segments)]
    return [
        Person(_is_dependent(segments[start]), tuple(segments[start:end]))
        for start, end in zip(starts, ends, strict=True)
    ]


def answers(segments: Sequence[Segment]) -> Iterator[tuple[Segment, ...]]:
    """Yield the segments of each answer: the envelope, its transaction, payer and clinic, and one person.

    A dependent's has what is said of the subscriber before any benefit. A transaction that names nobody, or refuses
    before it does, is one answer.
    """
    starts = [at for at, segment in enumerate(segments) if segment.id == "ST"]
    envelope = tuple(segments[: starts[0]]) if starts else ()
    ends = [*starts[1:], len(segments)]
    for start, end in zip(starts or [0], ends, strict=True):
        for answer in _of_transaction(segments[start:end]):
            yield (*envelope, *answer)


def trace_of(answer: Sequence[Segment]) -> str:
    """Return the trace of its question that an answer repeats, the last of several; "" where it repeats none."""
    told = [each.element(2) for each in answer if each.id == "TRN" and each.element(1) == _OF_THE_QUESTION]
    return told[-1] if told else ""


def _of_transaction(segments: Sequence[Segment]) -> Iterator[tuple[Segment, ...]]:
    starts = [0, *(at for at, segment in enumerate(segments) if segment.id == "HL" and at)]
    above: list[tuple[str, Sequence[Segment]]] = []
    is_any = False
    for start, end in zip(starts, [*starts[1:], len(segments)], strict=True):
        loop, level = segments[start:end], segments[start].element(3) if segments[start].id == "HL" else ""
        while above and above[-1][0] >= level:
            above.pop()
        if level in _PERSONS and any(segment.id in _ANSWERS for segment in loop):
            is_any = True
            yield (*(segment for _, kept in above for segment in kept), *loop)
        above.append((level, tuple(takewhile(lambda segment: segment.id not in _ANSWERS, loop))))
    if not is_any and any(segment.id in _ANSWERS for segment in segments):
        yield tuple(segments)


_PERSONS, _ANSWERS = ("22", "23"), ("EB", "AAA")
_OF_THE_QUESTION = "2"


def _is_person(segment: Segment) -> bool:
    return segment.id == "HL" and segment.element(3) in _PERSONS


def _is_dependent(segment: Segment) -> bool:
    return segment.element(3) == "23"


def _trailer(id: str, start: Segment, segments: Sequence[Segment]) -> Iterator[Note]:
    trailer = _TRAILERS[id]
    last = next((segment for segment in segments if segment.id == trailer), None)
    if last is None:
        yield Note("end of file", f"{trailer} is missing, which ends what {id} starts: part of the answer may be lost.")
        return
    in_first, in_last = _CONTROL[id]
    if start.element(in_first) != last.element(in_last):
        yield Note(last.place, f"{trailer}02 is not the control number that {id} gave.")


def _version(start: Segment, group: Segment | None) -> Iterator[Note]:
    version = start.element(3) or (group.element(8) if group else "")
    if not version.startswith(_VERSION):
        yield Note(start.place, f"The version is not {_VERSION}A1, which this reads. Check each line.")


def _count(start: Segment, segments: Sequence[Segment]) -> Iterator[Note]:
    end = next((segment for segment in segments if segment.id == "SE"), None)
    if end is not None:
        counted = end.number - start.number + 1
        if end.element(1) != str(counted):
            words = f"SE01 promises another number of segments than the {counted} that are there: some may be lost."
            yield Note(end.place, words)


# ----------------------------------------------------------------------------
# Which element of an EB is which, also where a payer left one out or put one too many.
#
# Each element from EB05 on is held against what may stand there. Where that fails, one element is put in or taken
# out; the reading counts only if exactly one such change makes sense, and it is told.
# ----------------------------------------------------------------------------

_FIRST, _LAST = 5, 13
_READ = 6
_NAMES = ("plan", "period", "amount", "share", "unit", "quantity", "authorization", "network", "procedure")
_MONEY_KINDS = (Kind.COPAY, Kind.DEDUCTIBLE, Kind.OUT_OF_POCKET_MAX)

Elements = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """The elements of an EB by their names in the standard; `doubt` says how they were found where that took more."""

    plan: str = ""
    period: str = ""
    amount: str = ""
    share: str = ""
    unit: str = ""
    quantity: str = ""
    authorization: str = ""
    network: str = ""
    procedure: str = ""
    doubt: str = ""
    is_repaired: bool = False


def layout_of(segment: Segment, kind: Kind) -> Layout:
    """Return the elements of an EB of this kind."""
    written = {place: segment.element(place) for place in range(_FIRST, _LAST + 1)}
    if not (wrong := _wrong(written, kind)) and not _is_early(written, kind):
        return _named(written)
    # A last Y or N does not tell two readings apart: it is not used.
    shifted = {tuple(moved.values())[:_READ]: moved for moved in _moved(written) if _makes_sense(moved, kind)}
    if len(shifted) == 1:
        return _from_shifted(next(iter(shifted.values())))
    if (found := _by_content(written, kind)) is not None:
        return found
    return Layout(plan=written[5] if written[5] not in PERIODS else "", doubt=_cannot(written, wrong, kind))


def _named(elements: Elements, doubt: str = "") -> Layout:
    by_name = {name: elements[place] for place, name in enumerate(_NAMES, start=_FIRST)}
    return Layout(**by_name, doubt=doubt, is_repaired=bool(doubt))


def _wrong(elements: Elements, kind: Kind) -> list[int]:
    """Return the places that hold what cannot stand there."""
    return [place for place, fits in _FITS.items() if elements[place] and not fits(elements[place], kind)]


def _is_early(elements: Elements, kind: Kind) -> bool:
    """Tell whether a period stands where the name of the plan should, and the figure in the place of the period."""
    has_figure = any(elements[place] for place in (7, 8, 10))
    return elements[5] in PERIODS and not has_figure and bool(elements[6]) and kind in (*_MONEY_KINDS, Kind.LIMIT)


def _makes_sense(elements: Elements, kind: Kind) -> bool:
    """Tell whether everything fits, and the figure that this kind lives on is there."""
    if _wrong(elements, kind) or _is_early(elements, kind) or (elements[5] in PERIODS and not elements[6]):
        return False
    if kind is Kind.COINSURANCE:
        return bool(elements[8])
    if kind in _MONEY_KINDS:
        return bool(elements[7])
    return kind is not Kind.LIMIT or bool(elements[7] or elements[10])


def _moved(elements: Elements) -> Iterator[Elements]:
    """Yield the elements with an empty one put in, or taken out, at each place."""
    row = [elements[place] for place in range(_FIRST, _LAST + 1)]
    for at in range(len(row)):
        if not row[-1]:
            yield _as_elements([*row[:at], "", *row[at:-1]])
        if not row[at]:
            yield _as_elements([*row[:at], *row[at + 1 :], ""])


def _as_elements(row: list[str]) -> Elements:
    return dict(enumerate(row, start=_FIRST))


def _from_shifted(elements: Elements) -> Layout:
    """Read shifted elements; what their yes and no at the end speak of cannot be told any more."""
    doubt = "Its elements are shifted by one. Read by what they hold"
    if elements[11] or elements[12]:
        doubt += "; whether its last Y or N speaks of authorization or of network is not known"
    return _named({**elements, 11: "", 12: ""}, f"{doubt}.")


def _by_content(elements: Elements, kind: Kind) -> Layout | None:
    """Find the one count, its unit and its period of a limit wherever they stand."""
    held = [element for element in elements.values() if element]
    units = [element for element in held if element in UNITS and not element.isdigit()]
    periods = [element for element in held if element in PERIODS]
    counts = [element for element in held if re.fullmatch(r"[0-9]{1,5}", element) and element not in PERIODS]
    stands_validly = elements[9] in UNITS and _reads(read_count, elements[10]) and bool(elements[10])
    if kind is not Kind.LIMIT or (len(units), len(counts)) != (1, 1) or len(periods) > 1 or stands_validly:
        return None
    doubt = "Its elements stand in other places than the standard has. Read by what they hold."
    return Layout(period="".join(periods), unit=units[0], quantity=counts[0], doubt=doubt, is_repaired=True)


def _cannot(elements: Elements, wrong: list[int], kind: Kind) -> str:
    if not wrong:
        return f"It holds no figure where the standard has one. {NO_FIGURE}"
    told = "; ".join(
        f"EB{place:02d} holds {_short(elements[place])} where {_EXPECTED[place]} was expected" for place in wrong
    )
    return f"{told}." + (f" {NO_FIGURE}" if kind in FIGURED else "")


def _short(text: str) -> str:
    """Return a code or number as it stands; anything longer may be anything, a name included."""
    return (
        f"“{text}”"
        if re.fullmatch(r"[\w.$,%:+-]{1,14}", text, re.ASCII) and re.search(r"\d|^..?$", text)
        else "other text"
    )


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _is_below_one(text: str) -> bool:
    """Tell whether an amount is cents alone, which a payer means as a share where the kind is a share."""
    return re.match(r"0*\.\d*[1-9]", text) is not None


def _is_decimal(text: str) -> bool:
    """Tell whether a share stands as the standard writes it: a decimal of at most one."""
    return re.fullmatch(r"0*\.\d+|0+|0*1(?:\.0*)?", text) is not None


_FITS: Mapping[int, Callable[[str, Kind], bool]] = {
    6: lambda text, _: text in PERIODS,
    7: lambda text, kind: _reads(read_money, text) and (kind is not Kind.COINSURANCE or not _is_below_one(text)),
    8: lambda text, kind: _reads(read_share, text) and (kind not in (*_MONEY_KINDS, Kind.LIMIT) or _is_decimal(text)),
    9: lambda text, _: text in UNITS,
    10: lambda text, _: _reads(read_count, text),
    11: lambda text, _: text in AUTHORIZATIONS,
    12: lambda text, _: text in NETWORKS,
    13: lambda text, _: re.match(r"[A-Z0-9]{2}[^A-Za-z0-9]", text) is not None,
}
_EXPECTED = {
    6: "a period such as 23 (calendar year)",
    7: "an amount such as 25.00",
    8: "a decimal such as .2 for 20%",
    9: "a kind of quantity such as VS (visits)",
    10: "a whole number such as 20",
    11: "Y, N or U (authorization)",
    12: "Y, N, U or W (network)",
    13: "a procedure such as HC:97110",
}
