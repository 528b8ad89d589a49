"""Nothing that tells who somebody is leaves the reading: not in the result, not in print, not in a refusal."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from click.testing import CliRunner

from estimator.cli import main
from estimator.eligibility.read import read_eligibility
from estimator.errors import EligibilityRefused
from tests.eligibility.answers import PLAIN, WHO, answer, as_bytes, fhir

# What payers write about people where only benefits belong.
TALKATIVE = answer(
    "EB*B*IND*PT***27*40*****Y",
    "MSG*ROSALIND QUILLFEATHER (ID ZQ4455667788, BORN 02/29/1984) OWES A COPAY",
    "EB*C*IND*30**QUILLFEATHER FAMILY PLAN*23*QUILLFEATHER*****Y",
    "REF*1L*GRP777333",
    "LS*2120",
    "NM1*P3*1*QUILLFEATHER*ROSALIND~N3*17 LARKSPUR CRESCENT",
    "LE*2120",
    "EB*ROSALIND*IND*PT",
)
RESOURCE = fhir(
    patient={"reference": "Patient/1", "display": "Rosalind Quillfeather", "identifier": {"value": "ZQ4455667788"}},
    disposition="Rosalind Quillfeather is covered",
    contained=[
        {
            "resourceType": "Patient",
            "id": "1",
            "name": [{"family": "Quillfeather", "given": ["Rosalind"]}],
            "birthDate": "1984-02-29",
            "address": [{"line": ["17 Larkspur Crescent"], "city": "Winterbourne", "postalCode": "97999"}],
        }
    ],
)
RESOURCE["insurance"][0]["item"][0]["description"] = "Copay of Rosalind Quillfeather, born 02/29/1984"
FILES = (TALKATIVE.encode(), as_bytes(RESOURCE))


def shown(words: str) -> list[str]:
    """Return what of a person stands in words."""
    upper = words.upper()
    return [each for each in (*WHO, "1984-02-29", "02/29/1984") if each in upper]


def fields(written: bytes) -> str:
    """Return every field of what was read."""
    return json.dumps(asdict(read_eligibility(written)), default=str)


def test_the_file_itself_tells_who_it_is_about() -> None:
    """Otherwise the other tests would find nothing to hide."""
    assert len(shown(TALKATIVE)) > 6
    assert len(shown(json.dumps(RESOURCE))) > 4


@pytest.mark.parametrize("written", [PLAIN.encode(), *FILES, answer("EB*1*IND*30", level="23").encode()])
def test_no_field_of_the_result_tells_who(written: bytes) -> None:
    """Names, numbers, addresses, birth dates."""
    assert [] == shown(fields(written))


@pytest.mark.parametrize("written", FILES)
@pytest.mark.parametrize("option", ["--text", "--json", "--request"])
def test_nothing_that_is_printed_tells_who(written: bytes, option: str) -> None:
    """In none of the three forms."""
    result = CliRunner().invoke(main, ["eligibility", "-", option], input=written, catch_exceptions=False)

    assert 0 == result.exit_code
    assert [] == shown(result.output)


@pytest.mark.parametrize(
    "written",
    [
        TALKATIVE.replace("EB*", "XX*").encode(),
        TALKATIVE.replace("ST*271", "ST*270").encode(),
        TALKATIVE.replace("EB*C*", "HL*4*3*23*0~EB*C*").encode(),
        TALKATIVE.replace("~", "").encode(),
        as_bytes({**RESOURCE, "insurance": [], "Quillfeather": 1}),
    ],
)
def test_a_refusal_does_not_tell_who(written: bytes) -> None:
    """Problems name places and what was expected; they quote nobody."""
    with pytest.raises(EligibilityRefused) as caught:
        read_eligibility(written)

    assert [] == shown(" ".join(map(str, caught.value.problems)))


@pytest.mark.parametrize("before", range(40, 64))
def test_half_a_name_at_the_end_of_a_shortened_text_does_not_tell_who(before: int) -> None:
    """What isn't understood is quoted by its beginning, wherever that ends."""
    words = f"{'x' * before} Rosalind Quillfeather"
    row = {**RESOURCE["insurance"][0]["item"][0], "network": {"text": words}}
    unknown = {"type": {"text": f"therapy {words}"}, "allowedString": words}
    resource = {**RESOURCE, "insurance": [{**RESOURCE["insurance"][0], "item": [row, {**row, "benefit": [unknown]}]}]}

    told = repr(read_eligibility(as_bytes(resource)))

    assert [] == [part for part in ("Rosa", "Quill") if part in told]


def test_an_amount_in_a_message_stays() -> None:
    """Only what tells who somebody is goes."""
    copay: Any = read_eligibility(TALKATIVE.encode()).benefits[0]

    assert "… … (ID …, BORN …) OWES A COPAY" == copay.messages[0].text
