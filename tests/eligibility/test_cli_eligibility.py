"""The command that reads a payer's answer: what was read with its segments, the parts of a request, or problems."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from estimator.cli import main
from tests.eligibility.answers import PLAIN, answer


def run(*options: str, written: str = PLAIN) -> Result:
    """Read an answer from standard input."""
    return CliRunner().invoke(main, ["eligibility", "-", *options], input=written, catch_exceptions=False)


def test_an_answer_is_printed_with_its_segments(tmp_path: Path) -> None:
    """From a file, as text."""
    file = tmp_path / "answer.271"
    file.write_text(PLAIN, "utf-8")

    result = CliRunner().invoke(main, ["eligibility", str(file)], catch_exceptions=False)

    assert 0 == result.exit_code
    assert "  - Copay: $40.00, in network, one person, per visit. physical therapy (PT)" in result.stdout
    assert "      segment 24 (EB): EB*B*IND*PT***27*40*****Y" in result.stdout
    assert "used.deductible_paid = 310.55. $1500.00 in all, $1189.45 left: $310.55 used." in result.stdout


def test_contradictions_are_printed_first_with_both_segments() -> None:
    """Before any figure."""
    printed = run(written=answer("EB*B*IND*PT***27*40*****Y", "EB*B*IND*PT***27*50*****Y")).stdout

    assert printed.index("Contradictions") < printed.index("What the payer said")
    assert "      segment 17 (EB): EB*B*IND*PT***27*50*****Y" in printed


def test_what_it_says_of_a_named_plans_rules_is_printed() -> None:
    """As the page lists it; without a plan there are no rules that it could speak of."""
    heading = "What it says of the plan’s rules"
    printed = run("--plan", "evergreen-ppo-silver").stdout

    assert "  - Is 20560 paid: excluded (segment 35 (EB))" in printed.partition(heading)[2]
    assert heading not in run().stdout


def test_json_has_every_field_with_its_place() -> None:
    """For a program."""
    read = json.loads(run("--json").stdout)

    copay = next(each for each in read["statements"] if each["kind"] == "copay")
    assert ("segment 24 (EB)", "EB*B*IND*PT***27*40*****Y") == (copay["source"]["place"], copay["source"]["text"])
    assert ("1500.00", "1189.45", "310.55") == tuple(
        read["buckets"][0][part] for part in ("total", "remaining", "used")
    )
    assert "EB*C*IND*30***23*1500.00*****Y" == read["filled"][0]["from"][0]["text"]


def test_the_parts_of_a_request_are_printed() -> None:
    """With the plan that the answer describes, or the one that is named."""
    assert "answered-plan" == json.loads(run("--request").stdout)["plan"]["plan"]
    named = json.loads(run("--request", "--plan", "evergreen-ppo-silver").stdout)

    assert "evergreen-ppo-silver" == named["plan"]
    assert {"therapy-visits": "8"} == named["used"]["limits"]


def test_a_refusal_ends_with_problems() -> None:
    """Exit status 2, each problem on a line of its own."""
    result = run(written="no answer")

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("file: No segment of X12 was found.")
