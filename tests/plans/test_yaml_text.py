"""YAML is read as text with its lines, and what would make a file mean something else is refused."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import yaml

from estimator.errors import PlanFileRefused
from estimator.plans.text import DEEPEST, LARGEST, MOST_VALUES, document, documents, line_of, plain
from tests.plans.sample import SAMPLE, after, changed, mistakes


def told(text: str | bytes) -> list[str]:
    """Return the problems of a text before any schema looks at it."""
    return [str(problem) for problem in documents(text, "a.yaml")[1]]


def test_every_value_stays_the_text_that_was_written() -> None:
    """A ZIP keeps its zero, NO is a state, and a day is no number."""
    block, _ = document('zip: 02134\nstate: NO\nday: 2026-01-01\nquoted: "40.00"\nlist: [1, ~]\n')

    assert {
        "zip": "02134",
        "state": "NO",
        "day": "2026-01-01",
        "quoted": "40.00",
        "list": ["1", "~"],
    } == plain(block)


def test_every_key_and_value_knows_its_line() -> None:
    """A problem within a flow block has the line of its own key."""
    block, _ = document("first: 1\nouter:\n  inner: {one: 1,\n    two: 2}\n  list:\n    - a\n    - b\n")

    lines = [line_of(block, path) for path in (("first",), ("outer", "inner", "two"), ("outer", "list", 1))]

    assert [1, 4, 7] == lines


def test_a_tab_is_refused_on_its_line() -> None:
    """Every tab is told, within values too."""
    assert ["a.yaml:2: Use spaces instead of the tab.", "a.yaml:3: Use spaces instead of the tab."] == told(
        "a: 1\nb:\t2\nc: 'x\ty'\n"
    )


def test_a_key_written_twice_is_refused_with_the_line_of_the_first() -> None:
    """Neither of two amounts wins."""
    assert ["a.yaml:3: one.copay: This key stands on line 2 already: keep one of them."] == told(
        "one:\n  copay: 40.00\n  copay: 50.00\n"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x 1\n", "a.yaml:1: a: Remove the anchor '&x' and enter the value wherever it is needed."),
        ("a: !!int 1\n", "a.yaml:1: a: Remove the tag '!!int': values are read by their key."),
        ("a: !x {b: 1}\n", "a.yaml:1: a: Remove the tag '!x': values are read by their key."),
        ("<<: {b: 1}\n", "a.yaml:1: <<: Enter each key: blocks can't be merged with '<<'."),
        ("? [a, b]\n: 1\n", "a.yaml:1: Enter a word as the key, not a list, a block or an alias."),
        ("'': 1\n", "a.yaml:1: Enter a word as the key."),
        ("a:\n", "a.yaml:1: a: Enter a value here, or remove the key."),
        ("%YAML 1.2\n---\na: 1\n", "a.yaml:1: Remove the line that starts with '%'."),
        ("a: \x07\n", "a.yaml:1: Remove the character that cannot be printed."),
        (b"a: \xff\n", "a.yaml:1: Save the file as UTF-8 text."),
        (b"a: \0\n", "a.yaml: Save the file as text: this one is binary."),
        ("a: b: c\n", "a.yaml:1: This is not YAML: mapping values are not allowed in this context."),
    ],
)
def test_what_hides_the_meaning_is_refused(text: str | bytes, problem: str) -> None:
    """Anchors, tags, merged blocks, odd keys and odd bytes are each told in a sentence."""
    assert [problem] == told(text)


def test_an_alias_is_refused_and_never_unfolded() -> None:
    """A small file that would unfold into billions of values costs nothing."""
    bomb = "a: &a [x, x]\n" + "".join(f"{two}: &{two} [*{one}, *{one}]\n" for one, two in pairwise("abcdefghij"))

    problems = told(bomb)

    assert "a.yaml:1: a: Remove the anchor '&a' and enter the value wherever it is needed." == problems[0]
    assert "a.yaml:2: b.0: Enter the value itself: the alias '*a' is not read." in problems


def test_a_file_that_is_too_deep_is_refused_once() -> None:
    """A thousand brackets are one problem."""
    just_right, too_deep = (f"a: {'[' * depth}{']' * depth}\n" for depth in (DEEPEST, 1_000))

    assert [] == told(just_right)
    assert [f"a.yaml:1: Enter no more than {DEEPEST} blocks within each other."] == told(too_deep)


def nested_blocks(depth: int) -> str:
    """Enter a block within a block within a block."""
    return "".join(f"{' ' * level}a:\n" for level in range(depth))


@pytest.mark.parametrize(
    ("bomb", "problem"),
    [
        (f"plan: {'[' * 190_000}", f"1: Enter no more than {DEEPEST} blocks within each other."),
        (f"plan: {'{a: ' * 45_000}", f"1: plan.a.a: Enter no more than {DEEPEST} blocks within each other."),
        ("- " * 90_000, f"1: 0.0.0: Enter no more than {DEEPEST} blocks within each other."),
        (nested_blocks(600), f"{DEEPEST + 2}: a.a.a: Enter no more than {DEEPEST} blocks within each other."),
        (f"plan: [{'a, ' * 60_000}]", f"1: plan.5998: Enter no more than {MOST_VALUES:,} values in a file."),
        ("plan:\n" + "- a\n" * 45_000, f"6000: plan.5998: Enter no more than {MOST_VALUES:,} values in a file."),
        (f"? {'[' * 190_000}", f"1: Enter no more than {DEEPEST} blocks within each other."),
        (f"? [{'a, ' * 60_000}]\n: 1\n", f"1: Enter no more than {MOST_VALUES:,} values in a file."),
    ],
    ids=["brackets", "braces", "dashes", "blocks", "long list", "long block list", "deep key", "long key"],
)
def test_a_large_file_that_is_too_much_is_read_no_further_than_needed(
    bomb: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One problem with its line, after few enough events; time is not measured, for a slow machine may be right."""
    read = []
    parse = yaml.parse

    def counted(text: str, **options: Any) -> Iterator[Any]:
        for event in parse(text, **options):
            read.append(event)
            yield event

    monkeypatch.setattr(yaml, "parse", counted)

    assert [f"a.yaml:{problem}"] == told(bomb)
    assert MOST_VALUES + DEEPEST >= len(read)


def test_mistakes_are_told_up_to_a_hundred() -> None:
    """A file of tabs is one mistake, not three hundred thousand."""
    assert 100 == len(told("a: b\n" + "\t\n" * 90_000))
    assert 100 == len(told("a: 1\n" * 40_000))


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    """The limit itself is allowed."""
    full = "a: 1 #" + "x" * (LARGEST - 6)

    assert [] == told(full)
    assert ["a.yaml: Keep the file below 200,000 bytes."] == told(full + "x")


def test_a_plan_file_is_one_document() -> None:
    """Several documents stand in files of policies only."""
    line = SAMPLE.count("\n") + 2

    assert [f"plan.yaml:{line}: Keep one document in this file, without '---'."] == mistakes(f"{SAMPLE}---\na: 1\n")


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "word\n"])
def test_a_file_without_keys_is_refused(text: str) -> None:
    """Empty files, lists and bare words are no plan."""
    with pytest.raises(PlanFileRefused) as refusal:
        document(text, "a.yaml")

    assert ["a.yaml:1: Enter keys and values, such as `title: …`."] == [str(one) for one in refusal.value.problems]


def test_mistakes_of_writing_and_of_meaning_are_told_together_by_line() -> None:
    """One run shows everything, and no place is told twice."""
    problems = after(("per: visit, ", "per: visitt, "), ("past: patient-pays", "past: &p patient-pays"))

    assert [
        "plan.yaml:25: limits.therapy-visits.past: Remove the anchor '&p' and enter the value wherever it is needed.",
        "plan.yaml:33: benefits.physical-therapy.cost_share.in-network.per: "
        "Enter visit, day, provider-day, line or unit, not 'visitt'. Did you mean 'visit'?",
    ] == problems


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    """Files from Windows editors are as good as others."""
    text = "\ufeff" + changed().replace("\n", "\r\n")

    assert [] == mistakes(text.encode("utf-8"))


def test_the_hundredth_mistake_may_be_a_sign_that_cannot_be_printed() -> None:
    """It stops the reading as any other would."""
    assert 100 == len(told("a: 1\t\n" * 99 + "b: \x01\n"))


def test_a_line_is_counted_in_characters_of_any_width() -> None:
    """A curly quote is three bytes and one character."""
    assert ["a.yaml:31: Remove the character that cannot be printed."] == told("a: ’’’’’\n" * 30 + "b: \x01\n")[-1:]
