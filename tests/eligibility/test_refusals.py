"""What is damaged, or is something else, is told with its place and what was expected, or is read as far as it goes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.eligibility.read import MOST_BYTES, read_eligibility
from estimator.eligibility.statements import Eligibility
from estimator.errors import EligibilityRefused, Problem
from tests.eligibility.answers import ISA, PLAIN, answer, fhir

COPAY = "EB*B*IND*PT***27*40*****Y"
ONE = answer(COPAY)
XML = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:secret">]><Coverage>&b;</Coverage>'
QUESTION = ONE.replace("ST*271", "ST*270")
CLAIM = ONE.replace("ST*271", "ST*837")
NOTHING = "It holds no benefit (EB) and no rejection (AAA), so that there is nothing to read. Give the whole 271."
NO_SEGMENTS = "No segment of X12 was found. A 271 starts with ISA and holds lines such as EB*B*IND*PT*…~."
TOO_DEEP = "It is nested more than 60 levels deep. FHIR never is."
LOST = "which ends what {} starts: part of the answer may be lost."


def refused(content: str | bytes) -> list[tuple[str, str]]:
    """Read what must be refused, and return every problem."""
    with pytest.raises(EligibilityRefused) as caught:
        read_eligibility(content.encode() if isinstance(content, str) else content)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def told(content: str | bytes) -> tuple[Eligibility, list[tuple[str, str]]]:
    """Read what can be read in part, and return it with its notes."""
    read = read_eligibility(content.encode() if isinstance(content, str) else content)
    return read, [(note.place, note.says) for note in read.notes]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "Enter the payer’s answer: an X12 271, or FHIR as JSON."),
        (" \r\n\t", "Enter the payer’s answer: an X12 271, or FHIR as JSON."),
        (b"\x00\x01\xff\xfe", "This is no text. Give the payer’s answer as text: an X12 271, or FHIR as JSON."),
        (b"\xff\xfe\xfd\x80 junk", NO_SEGMENTS),
        (b"%PDF-1.7\n...", "This is a PDF. Give the payer’s answer itself: an X12 271, or FHIR as JSON."),
        (XML, "This is XML. Give FHIR as JSON, or an X12 271."),
        ("Deductible met, copay forty dollars", NO_SEGMENTS),
        (b"E" * (MOST_BYTES + 1), "Give a file of at most 1 MB."),
        (ISA, NOTHING),
        ("{", "Line 1, column 2 is not JSON: Expecting property name enclosed in double quotes."),
        ("[" * 100_000, TOO_DEEP),
        ('{"a":' * 100 + "1" + "}" * 100, TOO_DEEP),
    ],
)
def test_what_holds_no_answer_is_refused(content: str | bytes, words: str) -> None:
    """With what to give instead."""
    assert words in [message for _, message in refused(content)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (QUESTION, "This is a question to a payer (270). Give the payer’s answer, the 271."),
        (CLAIM, "This is a claim (837). Give a 271."),
        (ONE.replace("ST*271", "ST*999"), "The payer only confirms, or refuses, a file (999). Give a 271."),
        (ONE.replace("ST*271", "ST*"), "ST01 is empty; 271 was expected."),
    ],
)
def test_another_kind_of_file_is_named(content: str, words: str) -> None:
    """With the segment that says so."""
    assert ("segment 3 (ST)", words) in refused(content)


def test_a_file_without_benefits_lists_every_problem() -> None:
    """All at once, each with its place."""
    cut = PLAIN[: PLAIN.index("EB*")].replace("005010X279A1", "004010X092A1")

    assert [
        ("end of file", f"GE is missing, {LOST.format('GS')}"),
        ("end of file", f"IEA is missing, {LOST.format('ISA')}"),
        ("end of file", f"SE is missing, {LOST.format('ST')}"),
        ("file", NOTHING),
        ("segment 3 (ST)", "The version is not 005010X279A1, which this reads. Check each line."),
    ] == sorted(refused(cut))


def test_a_truncated_answer_is_read_and_told() -> None:
    """What came before the cut stands; what may be missing is said."""
    read, notes = told(PLAIN[: PLAIN.index("EB*A*")])

    assert 8 == len(read.benefits)
    assert ("end of file", f"SE is missing, {LOST.format('ST')}") in notes


def test_an_answer_cut_within_a_segment_gives_no_wrong_figure() -> None:
    """A copay without its amount is no copay of zero."""
    read, _ = told(PLAIN[: PLAIN.index("40*****Y")])

    assert [None] == [benefit.amount for benefit in read.benefits if benefit.kind == "copay"]


def test_a_statement_before_any_person_is_not_read_and_told() -> None:
    """Nobody knows whose it is."""
    read, notes = told(ONE.replace("HL*2*1*21*1~", f"HL*2*1*21*1~{COPAY}~"))

    assert 1 == len(read.benefits)
    assert ("segment 8 (EB)", "It stands before any person is named. It was not read.") in notes


def test_a_missing_trailer_is_told() -> None:
    """No IEA."""
    _, notes = told(ONE[: ONE.index("IEA")])

    assert [("end of file", f"IEA is missing, {LOST.format('ISA')}")] == notes


def test_a_wrong_count_of_segments_is_told() -> None:
    """SE01 promises more than is there."""
    _, notes = told(ONE.replace(f"{COPAY}~", f"{COPAY}~{COPAY}~"))

    words = "SE01 promises another number of segments than the 16 that are there: some may be lost."
    assert [("segment 18 (SE)", words)] == notes


def test_separators_that_the_envelope_does_not_declare_are_found() -> None:
    """The ISA says one thing and the file does another."""
    read, notes = told(ISA + ONE[len(ISA) :].replace("*", "|"))

    assert 1 == len(read.benefits)
    assert ("segment 1 (ISA)", "The ISA declares other separators than the file uses. Read with '|'.") in notes


def test_an_envelope_without_padding_is_read() -> None:
    """Some senders trim the fields of the ISA."""
    read, notes = told("*".join(part.strip() for part in ISA.split("*")) + ONE[len(ISA) :])

    assert (1, []) == (len(read.benefits), notes)


def test_an_envelope_that_lacks_an_element_is_told() -> None:
    """Counted, with what was expected."""
    _, notes = told(ONE.replace("ISA*00*          *", "ISA*00*", 1))

    assert ("segment 1 (ISA)", "It has 15 elements; 16 were expected.") in notes


def test_small_letters_are_read_as_capitals() -> None:
    """And this is told."""
    read, notes = told(ONE.lower())

    assert 1 == len(read.benefits)
    assert ("file", "It is written in small letters; X12 uses capitals. Read as capitals.") in notes


def test_a_part_of_an_answer_without_an_envelope_is_read() -> None:
    """Staff paste what they see, with remarks between the lines."""
    read, notes = told("# from the portal\nEB*B*IND*PT***27*40*****Y~   # copay\nEB*F*IND*PT***23***VS*20**Y~")

    assert ["copay", "limit"] == [benefit.kind for benefit in read.benefits]
    assert ("file", "It has no envelope (ISA). Read as a part of an answer.") in notes
    assert ("file", "There is text between the segments that belongs to none. It was not read.") in notes


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("EB**IND*PT***27*40*****Y", "EB01 is empty, so that nobody can tell what is said. Expected was 1 (active),"),
        ("EB*ZZ*IND*PT***27*40*****Y", "EB01 holds no code that we know. Expected was 1 (active),"),
        ("EB", "EB01 is empty"),
    ],
)
def test_a_statement_that_says_nothing_is_told(segment: str, words: str) -> None:
    """With what was expected; the others stand."""
    read, notes = told(answer(COPAY, segment) if segment != "EB" else answer(COPAY, "EB*"))

    assert 1 == len(read.benefits)
    assert any(place == "segment 17 (EB)" and says.startswith(words) for place, says in notes)


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("EB*C*IND*30***23*-50*****Y", "EB07 holds “-50” where an amount such as 25.00 was expected."),
        ("EB*C*IND*30***23*123456789012*****Y", "EB07 holds “123456789012” where an amount"),
        ("EB*C*IND*30***23*1E9*****Y", "EB07 holds “1E9” where an amount"),
        ("EB*C*IND*30***23*FIFTY*****Y", "EB07 holds other text where an amount"),
        ("EB*F*IND*PT***23***VS*-3**Y", "EB10 holds “-3” where a whole number such as 20 was expected."),
        ("EB*F*IND*PT***23***VS*2.5**Y", "EB10 holds “2.5” where a whole number"),
        ("EB*A*IND*PT*****250****Y", "EB08 holds “250” where a decimal such as .2 for 20% was expected."),
        ("EB*B*IND*PT***99*40*****Y", "EB06 holds “99” where a period such as 23 (calendar year) was expected."),
    ],
)
def test_a_figure_that_cannot_be_one_is_not_used(segment: str, words: str) -> None:
    """What stands there and what was expected; no figure comes of it."""
    (stated,) = told(answer(segment))[0].benefits

    assert stated.doubts[0].startswith(words)
    assert (None, None) == (stated.figure, stated.rate)


def test_more_words_or_rows_than_any_answer_has_are_refused() -> None:
    """Each is compared with much; and words that repeat take no longer than others."""
    message = f"MSG*{'BENEFIT ' * 32}"
    rows = [{"category": {"text": "PT"}}] * 501
    many = fhir(insurance=[{"coverage": {"reference": "Coverage/1"}, "item": rows}])

    assert refused(answer(*[COPAY, message] * 400))[0][1].startswith("Its messages (MSG) hold more than 100,000")
    assert refused(json.dumps(many))[0][1].startswith("It has more than 500 rows (insurance.item).")
    assert 300 == len(told(answer(*[COPAY, message] * 300))[0].benefits)


def test_letters_of_other_alphabets_are_read() -> None:
    """In UTF-8, and in the old Western code."""
    words = answer(COPAY, "MSG*CAFÉ — 40 €")

    for content in (words.encode(), words.encode("cp1252")):
        assert ["CAFÉ — 40 €"] == [message.text for message in told(content)[0].benefits[0].messages]


def test_a_resource_of_another_kind_is_refused() -> None:
    """With what is read."""
    words = (
        "Give a CoverageEligibilityResponse, a Coverage or an InsurancePlan of FHIR R4B, or a Bundle that holds one."
    )

    assert [("resourceType", words)] == refused(json.dumps({"resourceType": "Patient"}))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_end_in_anything_but_a_refusal(content: bytes) -> None:
    """Whatever is uploaded."""
    attempt(content)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_to_a_real_answer_ends_in_anything_but_a_refusal(drawn: st.DataObject) -> None:
    """Some characters of a whole answer are replaced."""
    written = list(PLAIN)
    for _ in range(drawn.draw(st.integers(1, 5))):
        at = drawn.draw(st.integers(0, len(written) - 1))
        written[at] = drawn.draw(st.sampled_from(["", "*", "~", "EB", ":", "9", "\n", "-", "*EB*", "~ST*271*2~"]))

    attempt("".join(written).encode())


# Text of any character needs a table of all of them, which takes two seconds where a checkout has none yet.
_TEXT = st.text(st.sampled_from('aZ9 .-%$/#:"\\é€\u2028\0'), max_size=5)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_damage_to_a_resource_ends_in_anything_but_a_refusal(drawn: st.DataObject) -> None:
    """Some part of it is replaced by something else."""
    anything = st.none() | st.booleans() | st.integers() | _TEXT | st.just([]) | st.just({}) | st.just([[1]])
    resource = json.loads(json.dumps(fhir()))
    within = resource
    while isinstance(within, dict | list) and within:
        key = drawn.draw(st.sampled_from(sorted(within) if isinstance(within, dict) else list(range(len(within)))))
        if drawn.draw(st.booleans()):
            within[key] = drawn.draw(anything)
            break
        within = within[key]

    attempt(json.dumps(resource).encode())


def attempt(content: bytes) -> None:
    """Read what may be refused; a refusal says what and where."""
    problems: tuple[Problem, ...] = ()
    try:
        read_eligibility(content)
    except EligibilityRefused as refusal:
        problems = refusal.problems
    assert all(problem.path and problem.message for problem in problems)
