"""The command line: an answer and exit status 0, or problems in sentences and exit status 2."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from estimator.cli import main
from estimator.cli.common import MOST_BYTES
from estimator.wording.text import DISCLAIMER, WIDTH

EXERCISE: dict[str, Any] = {"code": "97110", "minutes": 30, "allowed": "100.00"}
VISIT: dict[str, Any] = {"day": "2026-03-02", "services": [EXERCISE]}
MEDICARE: dict[str, Any] = {"plan": "original-medicare-2026", "as_of": "2026-03-01", "visits": [VISIT]}
SOURCE = {"url": "https://example.org/", "read_on": "2026-01-01", "confidence": "low"}
COPAY = {"copay": "40.00", "deductible": "waived", "cite": "card"}
# ZIP codes: Seattle; one that straddles price areas; one that does not exist.
SEATTLE, STRADDLING, NOWHERE = "98101", "94550", "00000"


def run(*words: str, asked: Any = None) -> Result:
    """Run a command with a request, or with any text, on standard input."""
    text = asked if isinstance(asked, str | bytes) or asked is None else json.dumps(asked)
    return CliRunner().invoke(main, words, input=text, catch_exceptions=False)


def answer(**parts: Any) -> dict[str, Any]:
    """Answer a question about Medicare with other parts."""
    result = run("estimate", "-", asked={**MEDICARE, **parts})
    assert 0 == result.exit_code, result.stderr
    written: dict[str, Any] = json.loads(result.stdout)
    return written


def refusal(*words: str, asked: Any = None) -> list[tuple[str, str]]:
    """Run a command that must end with problems, and return them."""
    result = run(*words, asked=asked)
    assert 2 == result.exit_code
    assert "" == result.stdout
    return [(problem["path"], problem["message"]) for problem in json.loads(result.stderr)["problems"]]


def test_a_request_is_answered_with_json() -> None:
    """The deductible of Medicare takes the whole of a first visit."""
    written = answer()

    assert {"low": "100.00", "typical": "100.00", "high": "100.00"} == written["patient_owes"]
    assert "2026-03-01" == written["inputs"]["as_of"]


def test_a_request_in_a_file_is_answered(tmp_path: Path) -> None:
    """With the byte order mark that some editors write."""
    file = tmp_path / "request.json"
    file.write_text(f"\ufeff{json.dumps(MEDICARE)}", "utf-8")

    assert answer() == json.loads(run("estimate", str(file)).stdout)


@pytest.mark.parametrize("reader", [(), ("--biller",)])
def test_a_request_is_answered_in_words(reader: tuple[str, ...]) -> None:
    """For either reader, and no wider than a page."""
    result = run("estimate", "-", "--text", *reader, asked={**MEDICARE, "zip": SEATTLE})

    assert 0 == result.exit_code
    assert "$100" in result.stdout.splitlines()[0]
    assert WIDTH >= max(map(len, result.stdout.splitlines()))
    assert 1 == result.stdout.count(DISCLAIMER)


def test_a_plan_may_be_defined_in_the_request() -> None:
    """Its benefits may be over any codes, as long as the request brings the amounts."""
    definition = {
        "plan": "mine",
        "title": "Mine",
        "payer": "Nobody",
        "kind": "example",
        "market": "employer",
        "in_force": {"first_day": "2026-01-01"},
        "benefit_year": "calendar",
        "sources": {"card": {**SOURCE, "title": "Card"}},
        "networks": {"in-network": {"cite": "card"}},
        "benefits": {"other": {"services": ["99999"], "cost_share": {"in-network": COPAY}, "cite": "card"}},
        "examples": [],
    }
    visit = {"day": "2026-03-02", "services": [{"code": "99999", "allowed": "90.00"}]}

    result = run("estimate", "-", asked={"plan": definition, "visits": [visit]})

    assert "" == result.stderr
    assert "40.00" == json.loads(result.stdout)["patient_owes"]["typical"]


def test_the_clinics_own_prices_come_from_its_files(tmp_path: Path) -> None:
    """A self-pay list prices what no plan pays, and a mistake in it is told with its line."""
    prices = tmp_path / "prices.csv"
    prices.write_text("code,amount,basis\n20561,65.00,per-line\n", "utf-8")
    asked = {"plan": "self-pay", "visits": [{"day": "2026-03-02", "services": [{"code": "20561"}]}]}

    result = run("estimate", "-", "--price-list", str(prices), asked=asked)
    prices.write_text("code,amount,basis\n20561,cheap,per-line\n", "utf-8")
    [(place, _)] = refusal("estimate", "-", "--price-list", str(prices), asked=asked)

    assert "65.00" == json.loads(result.stdout)["patient_owes"]["typical"]
    assert "prices.csv:2: amount" == place


def test_a_zip_that_straddles_price_areas_asks_which_one() -> None:
    """The answer stands, with a question."""
    assert "zip-straddles" in {question["asks"] for question in answer(zip=STRADDLING)["questions"]}
    assert "zip-straddles" not in {question["asks"] for question in answer(zip=SEATTLE)["questions"]}


def test_of_both_needling_codes_one_is_bundled() -> None:
    """One needling code a day: three or more muscles over one or two."""
    codes = [{"code": "20560", "allowed": "27.00"}, {"code": "20561", "allowed": "43.00"}]
    [visit] = answer(visits=[{**VISIT, "services": codes}])["visits"]
    statuses = {line["code"]: line["status"] for line in visit["lines"]}

    assert "bundled" == statuses["20560"]
    assert "bundled" != statuses["20561"]


STOPPED: list[tuple[dict[str, Any], str, str]] = [
    ({"plan": "evergreen"}, "plan", "There is no plan “evergreen”."),
    ({"visits": [{**VISIT, "day": "2028-03-02"}]}, "plan", "not on March 2, 2028"),
    ({"zip": NOWHERE}, "zip", "We have no prices for the ZIP code 00000."),
    (
        {"visits": [{**VISIT, "services": [{"code": "99999"}]}]},
        "visits.0.services.0",
        "We don’t know a price for 99999",
    ),
    ({"visits": [{**VISIT, "services": []}]}, "visits.0.services", "This list is empty"),
    (
        {"visits": [{**VISIT, "services": [{**EXERCISE, "allowed": "-1.00"}]}]},
        "visits.0.services.0.allowed",
        "Enter an amount of 0.00 or more",
    ),
    (
        {"visits": [{**VISIT, "services": [{**EXERCISE, "minutes": 1500}]}]},
        "visits.0.services.0.minutes",
        "A service lasts 480 minutes",
    ),
    ({"visits": [VISIT, {**VISIT, "day": "2026-03-01"}]}, "visits.1.day", "List the visits in date order"),
    ({"provider": {"network": "x" * 1_000}}, "provider.network", "Enter at most 200 characters; there are 1000."),
]


@pytest.mark.parametrize(("parts", "path", "words"), STOPPED, ids=[path for _, path, _ in STOPPED])
def test_what_stops_an_estimate_is_said_in_a_sentence(parts: dict[str, Any], path: str, words: str) -> None:
    """With the path of what to correct, and exit status 2."""
    [(where, said)] = refusal("estimate", "-", asked={**MEDICARE, **parts})

    assert path == where
    assert words in said
    assert said.endswith(".")


def test_problems_are_lines_where_text_was_asked_for() -> None:
    """A person reads them, one a line."""
    result = run("estimate", "-", "--text", asked={"plan": "", "zip": "x"})

    assert 2 == result.exit_code
    assert ["plan", "zip", "visits"] == [line.partition(": ")[0] for line in result.stderr.splitlines()]


FILES: list[tuple[str | bytes, str]] = [
    (b"\x7fELF\x02\xff\xfe", "Save the request as text in UTF-8; byte 6 of standard input is none."),
    (b"{}" + b" " * MOST_BYTES, "Keep the request under 1 MB; standard input is larger."),
    ("", "Line 1, column 1 is not JSON: Expecting value."),
    ('{"zip": NaN}', "Enter a number; NaN and Infinity aren’t numbers."),
    ('{"zip": 1, "zip": 2}', "Use this key only once; it appears more than once."),
    ("[" * 100_000, "Send a request nested at most 32 levels deep."),
    ("[]", 'Send one object: {"plan": …, "visits": […]}.'),
]


@pytest.mark.parametrize(("content", "said"), FILES, ids=["binary", "large", "empty", "nan", "twice", "deep", "list"])
def test_a_request_that_is_none_is_refused(content: str | bytes, said: str) -> None:
    """Whatever comes in on standard input."""
    assert [said] == [message for _, message in refusal("estimate", "-", asked=content)]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a folder, and a name that is none."""
    missing = tmp_path / "missing.json"

    assert [("", f"{missing} cannot be read: No such file or directory. Name a file.")] == refusal(
        "estimate", str(missing)
    )
    assert [("", f"{tmp_path} cannot be read: Is a directory. Name a file.")] == refusal("estimate", str(tmp_path))
    assert [("", "This is no name of a file.")] == refusal("estimate", "a\0b")


def test_plan_files_are_checked_with_their_lines(tmp_path: Path) -> None:
    """Problems are printed, and the exit status is 1."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("plan: bad\nplan: twice\n", "utf-8")

    result = run("plans", "check", str(bad))

    assert 1 == result.exit_code
    assert "bad.yaml:2: " in result.stdout
    assert result.stderr.endswith(" to correct.\n")


def test_a_good_plan_file_has_nothing_to_correct() -> None:
    """The exit status is 0."""
    file = Path("plans/medicare/original-medicare-2026.yaml")

    result = run("plans", "check", str(file))

    assert (0, f"{file}: nothing to correct.\n") == (result.exit_code, result.stdout)


def test_a_missing_plan_file_is_named() -> None:
    """As of a request."""
    result = run("plans", "check", "missing.yaml")

    assert 2 == result.exit_code
    assert "missing.yaml cannot be read: No such file or directory. Name a file.\n" == result.stderr


def test_plans_are_listed_by_the_ids_that_a_request_may_name() -> None:
    """One revision a line: the id first, then the kind and the first day."""
    rows = [tuple(line.split()[:3]) for line in run("plans", "list").stdout.splitlines()]

    assert ("original-medicare-2026", "published", "2026-01-01") in rows
    assert len(rows) == len(set(rows))


def test_the_schema_of_plan_files_is_printed() -> None:
    """For an editor."""
    assert "plan" in json.loads(run("plans", "schema").stdout)["properties"]


def test_prices_of_a_place_are_printed() -> None:
    """Medicare's amount and what other plans may pay."""
    result = run("prices", "--zip", SEATTLE, "--code", "20561")
    place, _, row = result.stdout.splitlines()

    assert place.startswith("98101, WA: Seattle (King County).")
    assert ["20561", "43.53"] == row.split()[:2]
    assert 20 < len(run("prices", "--zip", SEATTLE).stdout.splitlines())
    assert "several price areas" in run("prices", "--zip", STRADDLING).stdout


def test_prices_of_nowhere_or_of_nothing_are_refused() -> None:
    """With a line on standard error."""
    nowhere, nothing = run("prices", "--zip", NOWHERE), run("prices", "--zip", SEATTLE, "--code", "99999")

    assert (2, "zip: We have no prices for the ZIP code 00000. Enter the clinic’s ZIP code.\n") == (
        nowhere.exit_code,
        nowhere.stderr,
    )
    assert (2, "code: We carry no price for 99999.\n") == (nothing.exit_code, nothing.stderr)


def test_a_port_in_use_is_said() -> None:
    """The other program keeps it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "estimator", "serve", "--port", str(taken.getsockname()[1])]
        result = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)

    assert 2 == result.returncode
    assert result.stderr.endswith("Choose another with --port.\n")


def test_help_loads_nothing_that_it_does_not_need() -> None:
    """So that it comes at once; the engine, too, needs no framework."""
    heavy = "{'flask', 'marshmallow', 'ruamel', 'sqlalchemy'} & {name.partition('.')[0] for name in sys.modules}"
    for module in ("estimator.cli", "estimator.engine.estimate"):
        asked = f"import sys, {module}; print({heavy})"
        printed = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout
        assert "set()\n" == printed
