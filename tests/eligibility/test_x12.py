"""A 271 is read as payers write it: each statement with its segment, buckets once, contradictions shown."""

from typing import Any

import pytest

from estimator.eligibility.read import read_eligibility
from estimator.eligibility.statements import Aspect, Authorization, Benefit, Eligibility, Kind, Level, Network
from estimator.engine.values import Money
from tests.eligibility.answers import PLAIN, answer


def read(*benefits: str, **parts: Any) -> Eligibility:
    """Read an answer with these segments."""
    return read_eligibility(answer(*benefits, **parts).encode())


def only(*benefits: str) -> Benefit:
    """Read an answer that states one thing."""
    (stated,) = read(*benefits).benefits
    return stated


def test_a_whole_answer_is_read() -> None:
    """Who pays, which plan, from when to when, and whether it is active."""
    whole = read_eligibility(PLAIN.encode())

    assert ("EVERGREEN MUTUAL", "EVERGREEN PPO 1500", True) == (whole.payer, whole.plan, whole.is_active)
    assert ("2026-03-01", "2026-01-01", "2026-12-31") == tuple(
        map(str, (whole.answered_on, whole.dates.first_day, whole.dates.last_day))
    )
    assert () == whole.notes
    assert () == whole.contradictions
    assert [] == [doubt for benefit in whole.benefits for doubt in benefit.doubts]


def test_a_statement_names_its_segment() -> None:
    """The number counts from the ISA, and the text is what stands there."""
    copay = read_eligibility(PLAIN.encode()).stated(Kind.COPAY)[0]

    assert (24, "EB*B*IND*PT***27*40*****Y") == (copay.origin.number, copay.origin.text)
    assert ["COPAY - DEDUCTIBLE WAIVED"] == [message.text for message in copay.messages]


@pytest.mark.parametrize(
    ("mark", "instead"), [("*", "|"), ("~", "'"), ("~", "\n"), ("~", "~\r\n"), (":", ">"), ("*", "\x1d"), ("^", "!")]
)
def test_any_separators_are_read(mark: str, instead: str) -> None:
    """The ISA declares them; line ends may stand for, or beside, the end of a segment."""
    usual = [(one.kind, one.figure, one.rate) for one in read_eligibility(PLAIN.encode()).benefits]

    other = read_eligibility(PLAIN.replace(mark, instead).encode())

    assert usual == [(one.kind, one.figure, one.rate) for one in other.benefits]


def test_what_is_left_and_the_total_give_what_was_used() -> None:
    """The rest is a segment of its own (29)."""
    deductible = read("EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*1189.45*****Y").buckets[0]

    assert (150_000, 118_945, 31_055) == (deductible.total, deductible.remaining, deductible.used)


@pytest.mark.parametrize(
    ("period", "aspect", "words"),
    [
        ("23", Aspect.TOTAL, "calendar year"),
        ("22", Aspect.TOTAL, "service year"),
        ("24", Aspect.USED, "year to date"),
        ("29", Aspect.REMAINING, ""),
        ("33", Aspect.REMAINING, "lifetime"),
    ],
)
def test_a_period_says_which_part_is_meant(period: str, aspect: Aspect, words: str) -> None:
    """What was used in the year to date is no total."""
    stated = only(f"EB*C*IND*30***{period}*500*****Y")

    assert (aspect, words) == (stated.aspect, stated.period)


@pytest.mark.parametrize(
    ("qualifier", "unit", "aspect"),
    [
        ("VS", "visits", Aspect.TOTAL),
        ("DY", "days", Aspect.TOTAL),
        ("P6", "services", Aspect.TOTAL),
        ("99", "visits", Aspect.USED),
    ],
)
def test_a_quantity_has_its_unit(qualifier: str, unit: str, aspect: Aspect) -> None:
    """Visits, days and services are told apart; 99 is what was used."""
    stated = only(f"EB*F*IND*PT***23***{qualifier}*20**Y")

    assert (20, unit, aspect) == (stated.quantity, stated.unit, stated.aspect)


@pytest.mark.parametrize("written", ["99999.99", "999999.99", "9999999", "99999"])
def test_a_row_of_nines_means_no_limit(written: str) -> None:
    """It is no amount that anybody pays."""
    stated = only(f"EB*C*FAM*30***23*{written}*****W")

    assert (True, None, Level.FAMILY, Network.BOTH) == (
        stated.is_unlimited,
        stated.amount,
        stated.level,
        stated.network,
    )


def test_an_amount_just_below_the_nines_is_one() -> None:
    """Only nines stand for nothing."""
    assert Money(9_999_899) == only("EB*C*FAM*30***23*99998.99*****W").amount


@pytest.mark.parametrize(
    ("written", "network"),
    [("Y", Network.IN), ("N", Network.OUT), ("W", Network.BOTH), ("U", Network.UNSAID), ("", Network.UNSAID)],
)
def test_a_network_that_is_not_said_is_not_known(written: str, network: Network) -> None:
    """A missing EB12 is neither yes nor no."""
    assert network is only(f"EB*B*IND*PT***27*40*****{written}").network


@pytest.mark.parametrize(
    ("written", "needed"),
    [
        ("Y", Authorization.NEEDED),
        ("N", Authorization.NOT_NEEDED),
        ("U", Authorization.UNKNOWN),
        ("", Authorization.UNSAID),
    ],
)
def test_authorization_has_four_answers(written: str, needed: Authorization) -> None:
    """Unknown to the payer is another thing than not said."""
    assert needed is only(f"EB*CB*IND*PT********{written}").authorization


def test_a_missing_service_type_is_read_as_the_plan_and_told() -> None:
    """Some payers leave EB03 out where they speak of the plan."""
    stated = only("EB*C*IND****23*500*****Y")

    assert ("30",) == stated.services
    assert ("It names no service type (EB03). Read as said of the plan as a whole.",) == stated.doubts


def test_a_delivery_pattern_is_the_limit_where_no_count_stands() -> None:
    """HSD says how often: 30 visits a calendar year."""
    stated = only("EB*F*IND*PT********N*Y", "HSD*VS*30***23*1")

    assert (30, "visits", "calendar year", "30 visits per calendar year") == (
        stated.quantity,
        stated.unit,
        stated.period,
        stated.delivery,
    )


def test_a_delivery_pattern_beside_a_count_is_shown_only() -> None:
    """Three a week within thirty a year is two facts."""
    stated = only("EB*F*IND*PT***23***VS*30*N*Y", "HSD*VS*3***35*1")

    assert (30, "3 visits per week") == (stated.quantity, stated.delivery)


def test_procedures_and_places_are_read() -> None:
    """EB13 names a code, III a place of service."""
    stated = only("EB*CB*IND*********Y*Y*HC:20560:GP", "III*ZZ*11")

    assert (("20560",), ("11",), Authorization.NEEDED) == (stated.procedures, stated.places, stated.authorization)


def test_a_copay_a_day_is_told_from_one_a_visit() -> None:
    """Medicare Advantage plans write day (7)."""
    assert ["day", "visit"] == [only(f"EB*B*IND*PT***{period}*0*****W").period for period in ("7", "27")]


@pytest.mark.parametrize(
    ("written", "rate"), [(".2", "20%"), ("0.2", "20%"), ("20", "20%"), ("0", "0%"), ("1", "100%")]
)
def test_a_share_is_a_decimal_or_a_percentage(written: str, rate: str) -> None:
    """The standard writes .2; nobody means twenty times the price by 20."""
    assert rate == str(only(f"EB*A*IND*PT*****{written}****Y").rate)


def test_a_very_large_share_is_doubted() -> None:
    """Some payers write their own share where the patient's belongs."""
    doubts = only("EB*A*IND*PT*****.8****Y").doubts

    assert ("So large a share for the patient is unusual. The payer may mean its own share: ask.",) == doubts


@pytest.mark.parametrize(
    ("segment", "figure", "aspect"),
    [
        ("EB*F*IND*PT*PO*23*20****VS", 20, Aspect.TOTAL),
        ("EB*F*IND*AE*MB***29*1840", 184_000, Aspect.REMAINING),
        ("EB*C*IND*30*PO*23*1000*****N", 100_000, Aspect.TOTAL),
        ("EB*B*IND*98*PO*27*25****Y", 2_500, Aspect.TOTAL),
        ("EB*B*IND*UC*PO*27*75", 7_500, Aspect.TOTAL),
    ],
)
def test_shifted_elements_are_read_by_what_they_hold(segment: str, figure: int, aspect: Aspect) -> None:
    """The reading is told, and a last Y or N, which may mean either of two things, is not used."""
    stated = only(segment)

    assert (figure, aspect) == (stated.figure, stated.aspect)
    assert (Network.UNSAID, Authorization.UNSAID) == (stated.network, stated.authorization)
    assert stated.doubts[0].startswith(("Its elements are shifted", "Its elements stand in other places"))


def test_elements_that_fit_nowhere_give_no_figure() -> None:
    """24 may be the visits or a year to date, so that nobody guesses."""
    stated = only("EB*F*IND*PT*HM*WC PLAN*27***24*23")

    words = "EB09 holds “24” where a kind of quantity such as VS (visits) was expected."
    assert (None, (f"{words} No figure of it is used: ask the payer.",)) == (stated.figure, stated.doubts)


def test_a_message_names_the_network_where_the_benefit_does_not() -> None:
    """And this is told."""
    stated = only("EB*C*IND*30***23*1000", "MSG*CALENDAR YEAR DEDUCTIBLE - OUT OF NETWORK")

    assert (Network.OUT, ("Its network is read from its message.",)) == (stated.network, stated.doubts)


def test_a_dependent_is_read_beside_the_subscriber() -> None:
    """Benefits stand under the person that they are for."""
    read_answer = read("EB*B*IND*PT***27*40*****Y", level="23")

    assert (True, 1) == (read_answer.is_dependent, len(read_answer.benefits))


def test_a_primary_care_provider_within_a_loop_is_left_out() -> None:
    """What stands between LS and LE speaks of other people."""
    read_answer = read("EB*L", "LS*2120", "NM1*P3*1*OTHERDOC*MARCUS****SV*0202034", "MSG*CALL OTHERDOC", "LE*2120")

    assert [()] == [benefit.messages for benefit in read_answer.benefits]


def test_a_refusal_is_told_in_words() -> None:
    """A payer that knows nobody says so with a number."""
    (rejection,) = read("AAA*N**75*C").rejections

    assert ("The payer does not find the subscriber.", "Correct it and ask again.") == (rejection.says, rejection.then)


def test_another_insurer_is_told() -> None:
    """Somebody must find out who pays first."""
    notes = [note.says for note in read("EB*1*IND*30", "EB*R*IND*30").notes]

    assert ["The payer names another insurer. Find out which one pays first."] == notes
