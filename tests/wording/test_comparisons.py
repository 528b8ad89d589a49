"""Comparisons and what matters, as people read them and as programs do."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner, Result

from estimator import clock
from estimator.cli.estimates import compare as compare_command
from estimator.cli.estimates import matters as matters_command
from estimator.engine.answer import ConditionKind, Estimate, Level, QuestionKind
from estimator.engine.values import Money
from estimator.estimates.compare import Change, Comparison, Kind, Note, Side, change_named, compare
from estimator.estimates.contract import read_request
from estimator.estimates.open_ends import InputKind
from estimator.estimates.run import estimate_asked
from estimator.estimates.sensitivity import End, Matter, what_matters
from estimator.language import SPANISH, speaking
from estimator.wording.comparisons import comparison_json, comparison_of, sentence_of
from estimator.wording.sensitivity import matters_of, matters_text
from estimator.wording.text import WIDTH
from estimator.wording.words import BILLER, whole_usd
from tests.wording.estimates import ESTIMATE, NAMES, PLAN, run

TODAY = date(2026, 11, 23)
EXERCISE = {"code": "97110", "minutes": 30}
COURSE = {"first_day": "2026-03-02", "visits": 3, "each_visit": [EXERCISE, {"code": "20561"}]}
REQUEST = {"plan": "template-employer-ppo", "zip": "98101", "course": COURSE}
WORDS = ("out-of-network", "self-pay", "without-needling", "next-year", "original-medicare-2026", "no-such-plan")


def owing(low: int, typical: int, high: int) -> Estimate:
    """Build an estimate of these totals, in cents, half of each a visit."""
    levels = {"low": (Level.LOW, low), "typical": (Level.TYPICAL, typical), "high": (Level.HIGH, high)}
    return replace(ESTIMATE, **{name: run(level, total // 2) for name, (level, total) in levels.items()})


def side(kind: Kind, *totals: int, notes: tuple[Note, ...] = ()) -> Side:
    """Build a side with these three totals, or one that cannot be estimated."""
    estimate = owing(*totals) if totals else None
    return Side(Change(kind), {"plan": PLAN.id}, (0,), notes, estimate, PLAN if totals else None)


def said(*sides: Side, reader: Any = "patient") -> str:
    """Return the sentence of a comparison of these sides."""
    return sentence_of(Comparison(sides[0], sides[1:], ()), reader)


def test_the_sentence_says_which_side_costs_less_and_by_how_much() -> None:
    """Dear or cheap, the cheaper side comes first."""
    asked, outside = side(Kind.AS_ASKED, 40000, 40000, 40000), side(Kind.OUT_OF_NETWORK, 70000, 70000, 70000)

    words = "In network you'd pay $400.00: $300.00 less than out of network ($700.00)."
    assert words == said(asked, outside)
    assert "In network the patient owes $400.00: $300.00 less than out of network ($700.00)." == (
        said(asked, outside, reader=BILLER)
    )


def test_a_figure_is_said_to_be_about_right_only_where_it_could_be_another() -> None:
    """What costs the same is as certain as the less certain of the two."""
    sure, other = side(Kind.AS_ASKED, 40000, 40000, 40000), side(Kind.OUT_OF_NETWORK, 70000, 70000, 70000)
    unsure = side(Kind.OUT_OF_NETWORK, 30000, 40000, 50000)

    assert said(unsure, other).startswith("Out of network you'd pay about $400.00: $300.00 less")
    assert "In network and out of network cost the same: about $400.00." == said(sure, unsure)


def test_what_lies_within_the_margin_is_about_the_same() -> None:
    """Two percent of 400 dollars are eight."""
    asked = side(Kind.AS_ASKED, 40000, 40000, 40000)

    near = side(Kind.WITHOUT_NEEDLING, 39200, 39200, 39200)
    words = "Without needling and with needling cost about the same: $392.00 and $400.00."
    assert words == said(asked, near)
    assert "With needling and without needling cost the same: $400.00." == (
        said(asked, side(Kind.WITHOUT_NEEDLING, 40000, 40000, 40000))
    )
    assert "$8.02 less" in said(asked, side(Kind.WITHOUT_NEEDLING, 39198, 39198, 39198))


def test_ranges_that_overlap_are_said_to_and_whether_that_leaves_a_doubt() -> None:
    """The same prices on both sides may overlap without a doubt."""
    asked = side(Kind.AS_ASKED, 10000, 40000, 90000)

    assert said(asked, side(Kind.SELF_PAY, 5000, 60000, 80000)).endswith("so it could come out the other way.")
    assert said(asked, side(Kind.SELF_PAY, 20000, 60000, 95000)).endswith("at low, typical and high prices alike.")
    assert "overlap" not in said(asked, side(Kind.SELF_PAY, 95000, 96000, 97000))


def test_of_several_sides_the_least_is_set_against_the_next() -> None:
    """The request is then called what it is: as you asked."""
    sides = (
        side(Kind.AS_ASKED, 50000, 50000, 50000),
        side(Kind.SELF_PAY, 70000, 70000, 70000),
        side(Kind.OUT_OF_NETWORK, 90000, 90000, 90000),
    )

    assert "As you asked you'd pay the least, $500.00: $200.00 less than without insurance ($700.00)." == (said(*sides))


def test_sides_without_an_estimate_are_left_out_of_the_sentence() -> None:
    """One side is not a comparison, and none is nothing."""
    asked = side(Kind.AS_ASKED, 40000, 40000, 40000)

    assert "Only one of these can be estimated: in network, $400.00." == said(asked, side(Kind.OUT_OF_NETWORK))
    assert "None of these can be estimated." == said(side(Kind.AS_ASKED), side(Kind.OUT_OF_NETWORK))


@pytest.mark.parametrize(
    ("word", "titles"),
    [
        ("out-of-network", ["In network", "Out of network"]),
        ("in-network", ["As you asked", "In network"]),
        ("self-pay", ["With Employer PPO (typical example)", "Without insurance"]),
        ("without-needling", ["With needling", "Without needling"]),
        ("next-year", ["Starting on March 2, 2026", "Starting on January 1, 2027"]),
        ("no-such-plan", ["With Employer PPO (typical example)", "With no-such-plan"]),
    ],
)
def test_each_side_is_called_what_tells_it_from_the_other(word: str, titles: list[str]) -> None:
    """The request itself is called by what is changed in the other side."""
    told = comparison_of(compare(REQUEST, [change_named(word)], TODAY), NAMES)

    assert titles == [one.title for one in told.sides]


@pytest.mark.parametrize("reader", ["patient", "biller"])
def test_every_number_of_the_json_is_that_of_an_estimate(reader: Any) -> None:
    """Totals, differences, visits and sums to date; the request of a side gives the same again."""
    found = compare(REQUEST, [change_named(word) for word in WORDS], TODAY)
    told = json.loads(json.dumps(comparison_json(comparison_of(found, NAMES, reader))))

    assert ["sentence", "about_the_same_within", "sides", "visits"] == list(told)
    first = Money.parse(told["sides"][0]["patient_owes"]["typical"])
    for at, one in enumerate(told["sides"][:-1]):
        estimate, _ = estimate_asked(read_request({**one["request"]}, TODAY)) if one["kind"] != "next-year" else (
            found.sides[at].estimate, None
        )  # fmt: skip
        assert estimate is not None
        assert (
            str(estimate.settled[1].owes)
            == one["patient_owes"]["typical"]
            == told["visits"][-1]["sides"][at]["cumulative"]
        )
        assert one["difference"] == (str(estimate.settled[1].owes - first) if at else None)
    assert [] == told["sides"][-2]["problems"]
    assert ["plan"] == [problem["path"] for problem in told["sides"][-1]["problems"]]
    assert {"patient_owes": None, "cumulative": None} == told["visits"][0]["sides"][-1]


def test_the_break_even_visit_is_told_beside_self_pay_alone() -> None:
    """With what self-pay does not do."""
    told = comparison_of(compare(REQUEST, [Change(Kind.SELF_PAY), Change(Kind.NEXT_YEAR)], TODAY), NAMES)

    assert [None, 1, None] == [one.break_even and one.break_even.visit for one in told.sides]
    assert ["What you pay yourself doesn't count toward your deductible and your yearly maximum."] == (
        [note.says for note in told.sides[1].notes]
    )


def test_every_note_has_words_for_both_readers() -> None:
    """No placeholder is left in any of them."""
    subjects = {
        "visits-dropped": "2", "no-longer-bundled": "97810", "year-starts-again": "2027-01-01",
        "does-not-fill": "deductible",
        "network-balances-not-told": "out-of-network", "network-changed": "enhanced", "rules-not-known": "2026-12-31",
    }  # fmt: skip
    kinds = [*subjects, "amounts-left-out", "balances-left-out", "authorization-left-out", "told-left-out"]
    noted = tuple(Note(kind, subjects.get(kind, "")) for kind in kinds)
    comparison = Comparison(side(Kind.AS_ASKED, 1, 1, 1), (side(Kind.SELF_PAY, 1, 1, 1, notes=noted),), ())

    for reader in ("patient", "biller"):
        says = [note.says for note in comparison_of(comparison, NAMES, reader).sides[1].notes]  # type: ignore[arg-type]
        assert len(kinds) == len(set(says))
        assert not any("{" in words for words in says)


def test_every_note_is_told_in_spanish() -> None:
    """What is left out of another plan is said to patients in their language."""
    told = Comparison(side(Kind.AS_ASKED, 1, 1, 1), (side(Kind.SELF_PAY, 1, 1, 1, notes=(Note("told-left-out"),)),), ())
    with speaking(SPANISH):
        (note,) = comparison_of(told, NAMES).sides[1].notes

    assert "Lo que su plan le dijo vale solo para ese plan, así que no lo usamos aquí." == note.says


def test_what_matters_tells_each_end_and_the_first_three() -> None:
    """The dearest first, each with what the course would cost."""
    found = what_matters(REQUEST, TODAY)
    told = json.loads(json.dumps(matters_of(found, NAMES)))

    assert 3 == len(told["first"])
    assert told["first"] == [one["asks"] for one in told["matters"][:3]]
    assert [str(one.worth) for one in found.matters] == [one["worth"] for one in told["matters"]]
    assert told["matters"][0]["says"].startswith("You'd pay $")
    assert "used.limits.therapy-visits" in [one["path"] for one in told["matters"]]
    total, most = (whole_usd(Money.parse(each)) for each in (told["patient_owes"], told["matters"][0]["worth"]))
    assert f"3 answers could change your {total}. The biggest: by up to {most}." == told["sentence"]
    assert ".00" not in str([told["sentence"], *(one["says"] for one in told["matters"])])


def test_billers_read_of_the_patient_and_nobody_reads_a_placeholder() -> None:
    """Every kind and end has words, in the plan that leaves most open."""
    found = what_matters({**REQUEST, "plan": "example-unknowns"}, TODAY)

    for reader in ("patient", "biller"):
        text = matters_text(matters_of(found, NAMES, reader))  # type: ignore[arg-type]
        assert "{" not in text
        assert all(len(line) <= WIDTH for line in text.splitlines())
    assert "The patient owes" in matters_text(matters_of(found, NAMES, BILLER))


@pytest.mark.parametrize(
    ("kind", "end", "words"),
    [
        (QuestionKind.AGE, "40", "if the age is 40"),
        (QuestionKind.SYMPTOM_WEEKS, "26", "if it has lasted 26 weeks"),
        (QuestionKind.DIAGNOSIS, "M54.5", "if the diagnosis is M54.5"),
        (QuestionKind.ZIP_STRADDLES, "05302-01", "if the clinic is in price area 05302-01"),
        (InputKind.EXPERIENCE_FACTOR, "90%", "if the price is 90% of the usual one"),
        (InputKind.DEDUCTIBLE_PAID, "all", "if all of it is paid"),
    ],
)
def test_an_end_is_said_as_a_condition(kind: QuestionKind | InputKind | ConditionKind, end: str, words: str) -> None:
    """Numbers and codes are named for what they are."""
    ends = tuple(
        End(name, owes, Money(0), settled=owes, most=owes) for name, owes in ((end, Money(100)), ("none", Money(200)))
    )
    found = replace(what_matters(REQUEST, TODAY), matters=(Matter(kind, "", "", ends),))

    assert f"$1 {words} and" in matters_of(found, NAMES)["matters"][0]["says"]


def test_nothing_open_is_said_in_a_sentence() -> None:
    """No answer is asked for that changes nothing."""
    told = {
        "provider": {"network": "in-network"},
        "used": {"deductible_paid": "600.00", "limits": {"therapy-visits": 2}},
        "course": {**COURSE, "each_visit": [{**EXERCISE, "allowed": "100.00"}]},
        "told": {"on": "2026-11-20", "answers": [{"asks": "cost-share", "subject": "copay", "answer": "40.00"}]},
    }
    found = what_matters({**REQUEST, **told}, TODAY)

    assert "Nothing that is still open changes the $120 by itself." == matters_of(found, NAMES)["sentence"]


@pytest.fixture
def ran(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on the request, kept in a file."""
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    path = tmp_path / "request.json"
    path.write_text(json.dumps(REQUEST))
    return lambda command, *words: CliRunner().invoke(command, [str(path), *words])


def test_the_command_compares_in_json_and_in_text(ran: Callable[..., Result]) -> None:
    """One option a side; text keeps to 100 columns."""
    options = [part for word in WORDS for part in ("--with", word)]
    in_json, in_text = ran(compare_command, *options), ran(compare_command, *options, "--text", "--biller")

    assert ["as-asked", *WORDS[:4], "plan", "plan"] == [one["kind"] for one in json.loads(in_json.stdout)["sides"]]
    assert (0, 0) == (in_json.exit_code, in_text.exit_code)
    assert all(len(line) <= WIDTH for line in in_text.stdout.splitlines())
    assert "There is no plan “no-such-plan”" in in_text.stdout


def test_the_command_tells_what_matters_in_json_and_in_text(ran: Callable[..., Result]) -> None:
    """The same first three in both."""
    in_json, in_text = ran(matters_command), ran(matters_command, "--text")

    assert json.loads(in_json.stdout)["sentence"] in " ".join(in_text.stdout.split())


@pytest.mark.parametrize("content", [b"{", b"\xff", b" " * 1_000_001, b'{"plan": "self-pay"}'])
def test_a_file_that_is_no_request_is_refused_with_problems(content: bytes) -> None:
    """The same shape and exit status as of an estimate."""
    result = CliRunner().invoke(matters_command, ["-"], input=content)

    assert 2 == result.exit_code
    assert json.loads(result.stderr)["problems"]
