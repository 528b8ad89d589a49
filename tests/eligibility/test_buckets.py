"""A bucket that a payer repeats is counted once, and statements that disagree are shown together, never averaged."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.eligibility.statements import Bucket, Eligibility, Kind
from tests.eligibility.test_x12 import read

COMBINED = "MSG*PT/OT/ST COMBINED 60 VISITS"


def shared(service: str, total: str = "60", left: str = "41", words: str = COMBINED) -> list[str]:
    """Write a limit and its rest under one service type."""
    return [
        f"EB*F*IND*{service}***23***VS*{total}*N*Y",
        words,
        f"EB*F*IND*{service}***29***VS*{left}*N*Y",
        words,
    ]


def figures(bucket: Bucket) -> tuple[int | None, int | None, int | None]:
    """Return what there is, what is left and what is used."""
    return bucket.total, bucket.remaining, bucket.used


def says(answer: Eligibility) -> list[tuple[int, int, str]]:
    """Return contradictions by the numbers of their segments."""
    return [(each.first.number, each.second.number, each.says) for each in answer.contradictions]


def test_a_shared_limit_is_one_bucket() -> None:
    """Three service types, one count of sixty, and the reasoning."""
    (bucket,) = read(*shared("PT"), *shared("AD"), *shared("AF")).buckets

    assert (60, 41, 19) == figures(bucket)
    assert {"PT", "AD", "AF"} == set(bucket.services)
    assert 6 == len(bucket.origins)
    assert "one bucket, counted once" in bucket.why[-1]


@pytest.mark.parametrize(
    "other", [shared("AD", left="40"), shared("AD", words="MSG*OT ONLY"), shared("AD", total="61")]
)
def test_a_limit_that_differs_in_anything_is_another_bucket(other: list[str]) -> None:
    """The same amount, the same rest and the same message, or two buckets."""
    assert 2 == len(read(*shared("PT"), *other).buckets)


def test_totals_alone_do_not_make_one_bucket() -> None:
    """Twenty of physical and twenty of occupational therapy may well be two limits."""
    assert 2 == len(read("EB*F*IND*PT***23***VS*20*N*Y", "EB*F*IND*AD***23***VS*20*N*Y").buckets)


def test_a_limit_inside_another_is_told_apart_by_its_message() -> None:
    """Twenty of physical therapy within sixty of all therapies."""
    answer = read(*shared("PT"), *shared("PT", "20", "12", "MSG*PHYSICAL THERAPY ONLY"))

    assert [(60, 41, 19), (20, 12, 8)] == [figures(bucket) for bucket in answer.buckets]
    assert () == answer.contradictions


def test_person_and_family_are_two_buckets() -> None:
    """As are two networks."""
    answer = read("EB*C*IND*30***23*1500*****Y", "EB*C*FAM*30***23*3000*****Y", "EB*C*IND*30***23*4000*****N")

    assert [150_000, 300_000, 400_000] == [bucket.total for bucket in answer.buckets]


def test_a_repeated_segment_adds_nothing() -> None:
    """Some payers send each line twice."""
    (bucket,) = read(*["EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*500*****Y"] * 2).buckets

    assert (150_000, 50_000, 100_000) == figures(bucket)


@pytest.mark.parametrize(
    ("segments", "words"),
    [
        (
            ["EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***23*2000*****Y"],
            "$1500.00 against $2000.00, for the same thing.",
        ),
        (
            ["EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*1600*****Y"],
            "$1600.00 of $1500.00: more is left than there is in all.",
        ),
        (
            ["EB*C*IND*30***24*700*****Y", "EB*C*IND*30***29*900*****Y", "EB*C*IND*30***23*1500*****Y"],
            "$700.00 used and $900.00 left do not make $1500.00.",
        ),
        (
            ["EB*B*IND*PT***27*40*****Y", "EB*B*IND*PT***27*50*****Y"],
            "Two different shares for the same service, network and period.",
        ),
        (["EB*1*IND*PT", "EB*6*IND*PT"], "The coverage is active and not active for the same service."),
        (
            ["EB*CB*IND*PT********Y*Y", "EB*F*IND*PT***23***VS*20*N*Y"],
            "Authorization is needed and is not needed for the same service.",
        ),
        (
            ["EB*I*IND*PT*********Y", "EB*B*IND*PT***27*40*****Y"],
            "Not covered, and yet with a share or a limit, for the same service and network.",
        ),
        (
            ["EB*B*IND*PT***27*40*****N", "MSG*IN NETWORK"],
            "The benefit is out of network; its message says in network.",
        ),
    ],
)
def test_two_statements_that_disagree_are_shown_together(segments: list[str], words: str) -> None:
    """With both segments; the figure itself is left open."""
    answer = read(*segments)

    assert [(16, 17, words)] == says(answer)
    assert [] == [bucket for bucket in answer.buckets if bucket.kind is Kind.DEDUCTIBLE and bucket.used is not None]


def test_two_years_are_two_facts() -> None:
    """A calendar year and a service year may both have an amount; statements contradict only where all else agrees."""
    answer = read("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***22*2000*****Y")

    assert ([], [150_000, 200_000]) == (says(answer), sorted(bucket.total or 0 for bucket in answer.buckets))


def test_a_contradicted_total_is_neither_of_the_two() -> None:
    """Not the first, not the last, and nothing between."""
    (bucket,) = read("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***23*2000*****Y", "EB*C*IND*30***29*500*****Y").buckets

    assert (None, 50_000, None) == figures(bucket)


def test_two_places_with_two_copays_do_not_contradict() -> None:
    """An office and a hospital may cost different amounts."""
    answer = read("EB*B*IND*PT***27*40*****Y", "III*ZZ*11", "EB*B*IND*PT***27*90*****Y", "III*ZZ*22")

    assert [] == says(answer)


@given(total=st.integers(0, 99_998), used=st.integers(0, 99_998))
def test_what_is_used_and_what_is_left_make_the_total(total: int, used: int) -> None:
    """For any amounts; more left than there is in all is a contradiction, and fills nothing."""
    left = total - used
    (bucket,) = read(f"EB*C*IND*30***23*{total}*****Y", f"EB*C*IND*30***29*{abs(left)}*****Y").buckets

    if bucket.used is None:
        assert abs(left) > total
    else:
        assert bucket.remaining is not None
        assert bucket.total == bucket.used + bucket.remaining == total * 100


def test_an_answer_that_repeats_one_deductible_thousands_of_times_is_read_in_time_in_proportion() -> None:
    """Each with an amount and a message of its own: what somebody made to keep us busy takes no minutes."""
    hostile = [line for number in range(1_900) for line in (f"EB*C*IND*30***23*{number}", f"MSG*W{number}")]
    began = process_time()
    answer = read(*hostile)

    assert 1_900 == len(answer.buckets)
    assert process_time() - began < 5


@pytest.mark.parametrize("order", [(500, 500, 700), (500, 700, 500), (700, 500, 500)])
def test_what_is_contradicted_is_so_in_any_order(order: tuple[int, ...]) -> None:
    """Said twice and contradicted once is contradicted; which comes first does not decide."""
    lines = [f"EB*C*IND*30***23*{amount}*****Y" for amount in order]
    told = read(*lines)

    assert [None] == [bucket.total for bucket in told.buckets]
    assert all(told.is_contradicted(benefit.origin) for benefit in told.benefits)


def test_an_amount_and_a_bare_count_in_one_line_are_told_apart() -> None:
    """Neither is compared with itself."""
    (contradiction,) = read("EB*F*IND*PT***23*500***30**Y").contradictions

    assert "$500.00 against 30, for the same thing." == contradiction.says
