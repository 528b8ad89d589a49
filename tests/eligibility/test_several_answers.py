"""A file with answers about several people: each is listed without identity, and read by itself by its number."""

import json

import pytest
from click.testing import CliRunner

from estimator.cli import main
from estimator.eligibility.read import read_eligibility
from estimator.eligibility.statements import Kind
from estimator.errors import EligibilityRefused, SeveralAnswers
from tests.eligibility.answers import WHO, answer

ONE, OTHER = (answer("EB*1*IND*30**EVERGREEN PPO", f"EB*B*IND*PT***27*{copay}*****Y") for copay in (40, 55))
OTHER = OTHER.replace("TRACE55", "TRACE56").replace("QUILLFEATHER", "BRACKENFIELD")


def of(file: str) -> str:
    """Return the transaction of a file of one answer."""
    return file[file.index("ST*") : file.index("GE*")]


BATCH = ONE.replace(of(ONE), f"{of(ONE)}{of(OTHER)}")
# Another subscriber under the same payer, whose child has an answer too.
CHILD = "TRN*2*TRACE58*9877281234~NM1*03*1*BRACKENFIELD*IVY~DMG*D8*20180228*F~EB*1*IND*30~EB*B*IND*PT***27*15*****Y~"
FAMILY = ONE.replace(
    "SE*",
    f"HL*4*2*22*1~TRN*2*TRACE57*9877281234~NM1*IL*1*BRACKENFIELD*SORREL****MI*ZQ9988776655~EB*1*IND*30~"
    f"EB*B*IND*PT***27*25*****Y~HL*5*4*23*0~{CHILD}SE*",
)


def listed(content: str, which: int | None = None) -> tuple[str, ...]:
    """Return what the answers of a file are called."""
    with pytest.raises(SeveralAnswers) as refusal:
        read_eligibility(content.encode(), which)
    assert not [who for who in (*WHO, "BRACKENFIELD", "SORREL", "IVY", "20180228") if who in str(refusal.value)]
    return refusal.value.answers


def copays(content: str, count: int) -> list[str]:
    """Return the copay of each answer."""
    every = [read_eligibility(content.encode(), number) for number in range(1, count + 1)]
    return [str(each.stated(Kind.COPAY)[0].amount) for each in every]


def test_the_transactions_of_a_batch_are_answers_of_their_own() -> None:
    """Each is called by the trace of its question."""
    assert (
        "trace TRACE55, EVERGREEN MUTUAL, subscriber, 2 benefits",
        "trace TRACE56, EVERGREEN MUTUAL, subscriber, 2 benefits",
    ) == listed(BATCH)
    assert ["40.00", "55.00"] == copays(BATCH, 2)


def test_subscribers_and_dependents_of_one_transaction_are_answers_of_their_own() -> None:
    """A dependent isn't read as the subscriber, and has an age of its own."""
    child = read_eligibility(FAMILY.encode(), 3)

    assert [
        "trace TRACE55, EVERGREEN MUTUAL, subscriber, 2 benefits",
        "trace TRACE57, EVERGREEN MUTUAL, subscriber, 2 benefits",
        "trace TRACE58, EVERGREEN MUTUAL, dependent, 2 benefits",
    ] == list(listed(FAMILY))
    assert ["40.00", "25.00", "15.00"] == copays(FAMILY, 3)
    assert (True, 8, "EVERGREEN MUTUAL") == (child.is_dependent, child.age, child.payer)


def test_places_are_those_of_the_whole_file_and_a_number_that_is_none_lists_them() -> None:
    """A biller finds the segment in the file as it came; a trace that is a member number isn't shown."""
    second = read_eligibility(BATCH.encode(), 2).stated(Kind.COPAY)[0].origin.place
    own = BATCH.replace("TRN*2*TRACE56", "TRN*2*ZQ4455667788")

    assert int(second.split()[1]) > of(ONE).count("~") + 2
    assert 2 == len(listed(BATCH, 3))
    assert "no trace, EVERGREEN MUTUAL, subscriber, 2 benefits" == listed(own)[1]
    assert "40.00" == copays(ONE, 1)[0]


def test_a_bundle_of_several_patients_is_read_for_one() -> None:
    """By the place of each in the bundle."""

    def entry(patient: str, copay: int) -> dict[str, object]:
        cost = {"type": {"coding": [{"code": "copay"}]}, "valueMoney": {"value": copay, "currency": "USD"}}
        return {
            "resource": {
                "resourceType": "Coverage",
                "status": "active",
                "beneficiary": {"reference": f"Patient/{patient}"},
                "payor": [{"display": "Evergreen Mutual"}],
                "costToBeneficiary": [cost],
            }
        }

    bundle = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [entry("a", 40), entry("b", 55)]})

    assert ["Evergreen Mutual, at entry.0.resource", "Evergreen Mutual, at entry.1.resource"] == list(listed(bundle))
    assert ["40.00", "55.00"] == copays(bundle, 2)


def test_the_command_asks_which_one() -> None:
    """And reads the one that is chosen."""
    runner = CliRunner()
    several = runner.invoke(main, ["eligibility", "-"], input=BATCH)
    second = runner.invoke(main, ["eligibility", "-", "--answer", "2"], input=BATCH)

    assert (True, True) == ("Choose one by its number" in several.output, several.exit_code != 0)
    assert (0, True, False) == (second.exit_code, "55.00" in second.output, "40.00" in second.output)


def test_answers_that_share_too_much_are_refused_in_words() -> None:
    """Thousands of dependents under one long subscriber would repeat what is said of the subscriber each time."""
    start, end = ONE[: ONE.index("EB*")], ONE[ONE.index("SE*") :]
    with pytest.raises(EligibilityRefused, match="Its answers share too much"):
        read_eligibility(f"{start}{'N3*A~' * 9_000}{'HL*9*4*23*0~AAA*N**72~' * 1_000}{end}".encode())
