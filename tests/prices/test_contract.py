"""Clinics' own CSV files: contracts and price lists, well and badly made."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.engine.values import Citation, Money, Source, Span
from estimator.prices.store import read_contract, read_price_list

HEADER = "plan,code,amount,basis,first_day,last_day\n"
DAY = date(2026, 3, 2)


def problems_of(text: str) -> list[str]:
    """Read a contract and write its problems as a person sees them."""
    return [str(problem) for problem in read_contract(text.encode(), "rates.csv", DAY)[1]]


# The first workbook loads the library that reads them, which takes its time.
@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_break(content):
    """A photograph, half a file, another program's export."""
    prices, problems = read_contract(content, "rates.csv", DAY)

    assert not prices or not content.startswith(b"\0")
    assert all(problem.file == "rates.csv" and problem.message for problem in problems)


@given(st.text(alphabet='*971,;"\n-2026peruni t$.', max_size=120))
def test_any_rows_under_a_good_header_are_read_or_refused(rows):
    """Every price that is read is above zero, and every problem has its line."""
    prices, problems = read_contract((HEADER + rows).encode(), "rates.csv", DAY)

    assert all(price.amount > 0 for price in prices)
    assert all(problem.line and problem.line > 1 for problem in problems)


def test_contract_has_the_price_of_each_plan_and_span():
    """A new price begins on the day after the old one ends, and each remembers its line."""
    text = HEADER + "acme,97110,30.00,per-unit,2026-01-01,2026-06-30\nacme,97110,31.00,per-unit,2026-07-01,\n"
    (old, new), problems = read_contract(text.encode(), "rates.csv", DAY)

    assert () == problems
    assert ("acme", "97110", Money(3000)) == (old.party, old.code, old.amount)
    assert Span(date(2026, 1, 1), date(2026, 6, 30)) == old.span
    assert Span(date(2026, 7, 1)) == new.span
    assert Citation(Source("rates.csv", "", DAY), "", "rates.csv", 3) == new.citation


def test_prices_of_a_code_come_before_the_price_of_any_service():
    """A flat rate a visit, and an evaluation that costs more."""
    text = HEADER + "acme,*,95.00,per-visit,,\nacme,97161,120.00,per-visit,,\n"
    prices, _ = read_contract(text.encode(), "rates.csv", DAY)

    assert ["97161", "*"] == [price.code for price in prices]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffPlan;Code;Amount;Basis;First day\r\n\r\nacme;97110; $1,250.00 ;Per unit;\r\n;;;;\r\n",
        'payer\tcode\tprice\tunits basis\nacme\t97110\t"1,250"\tPER-UNIT\n',
        'code,plan,basis,amount\n97110,acme,per-unit,"$1,250.0"',
    ],
)
def test_what_a_spreadsheet_adds_is_taken_as_meant(text):
    """Byte order mark, semicolons or tabs, blank rows, dollar signs, thousands, another order of columns."""
    (price,), problems = read_contract(text.encode(), "rates.csv", DAY)

    assert () == problems
    assert ("acme", "97110", Money(125000), "per-unit") == (
        price.party,
        price.code,
        price.amount,
        price.basis,
    )


def test_all_mistakes_of_a_file_are_shown_at_once_in_the_order_of_lines():
    """Each says what to write instead, and the good row is still read."""
    text = HEADER + (
        ",97110,30.00,per-unit,,\n"
        "acme,2.056E+04,30.00,per-unit,,\n"
        "acme,97140,thirty,per-hour,,\n"
        "acme,97112,-5.00,per-unit,31/3/2026,\n"
        "acme,97530,0.00,per-unit,2026-02-01,2026-01-01\n"
        "acme,97116,1,250.00,per-unit,,,\n"
        "acme,*,40.00,per-unit,,\n"
        "acme,97035,12.00,per-unit,,\n"
    )

    assert [
        "rates.csv:2: plan: Enter the plan's id or the payer's name.",
        "rates.csv:3: code: Enter a code such as 97110 or G0283, or * for any, not '2.056E+04'.",
        "rates.csv:4: amount: Enter an amount such as 38.08, not 'thirty'.",
        "rates.csv:4: basis: Enter per-unit, per-line or per-visit, not 'per-hour'.",
        "rates.csv:5: amount: Enter an amount above 0.00, or leave the row out, not '-5.00'.",
        "rates.csv:5: first_day: Enter a day such as 2026-01-31 or 1/31/2026, not '31/3/2026'.",
        "rates.csv:6: amount: Enter an amount above 0.00, or leave the row out, not '0.00'.",
        "rates.csv:6: last_day: Enter a day that is not before the first day, 2026-02-01.",
        "rates.csv:7: basis: Enter per-unit, per-line or per-visit, not '250.00'.",
        "rates.csv:7: first_day: Enter a day such as 2026-01-31 or 1/31/2026, not 'per-unit'.",
        "rates.csv:8: basis: Enter per-visit beside the code *, or name the code.",
    ] == problems_of(text)
    assert ["97035"] == [price.code for price in read_contract(text.encode(), "rates.csv", DAY)[0]]


@pytest.mark.parametrize("number", ["1.234,50", "NaN", "1e9", "38.085", "Infinity"])
def test_an_amount_that_could_mean_two_things_is_never_guessed(number):
    """A decimal comma behind thousands is one of them."""
    (problem,) = problems_of(f"plan;code;amount;basis\nacme;97110;{number};per-unit\n")

    assert f"rates.csv:2: amount: Enter an amount such as 38.08, not '{number}'." == problem


@pytest.mark.parametrize("day", ["2026-W01-1", "20260301", "2026-02-30", "March 1", "2026-3-1", "31/1/2026", "1/31/26"])
def test_a_day_that_is_written_in_another_way_is_asked_about(day):
    """Ours, or an American front desk's with the month first and four digits of a year."""
    (problem,) = problems_of(f"{HEADER}acme,97110,30.00,per-unit,,{day}\n")

    assert f"rates.csv:2: last_day: Enter a day such as 2026-01-31 or 1/31/2026, not '{day}'." == problem


@pytest.mark.parametrize(
    ("first", "second"),
    [(",", ","), ("2026-01-01,2026-06-30", "2026-06-30,"), ("2026-05-01,", "2026-01-01,2026-12-31")],
)
def test_two_prices_for_one_day_are_a_problem_that_names_both_lines(first, second):
    """Nobody chooses between two contract prices in silence."""
    text = f"{HEADER}acme,97110,30.00,per-unit,{first}\nacme,97110,31.00,per-line,{second}\n"

    (problem,) = problems_of(text)

    assert "End the price of acme 97110 in line" in problem
    assert 1 == len(read_contract(text.encode(), "rates.csv", DAY)[0])


def test_the_same_code_under_two_plans_is_no_overlap():
    """Each plan has its own price."""
    assert [] == problems_of(HEADER + "acme,97110,30.00,per-unit,,\nbeta,97110,31.00,per-unit,,\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "rates.csv:1: Enter a header with plan, code, amount, basis, then one row a price."),
        (b"\x89PNG\r\n\x1a\n\0", "rates.csv:1: Save the file as CSV in UTF-8; this is not text."),
        ("plan".encode("utf-16"), "rates.csv:1: Save the file as CSV in UTF-8; this is not text."),
        (b"plan,code,amount\n", "rates.csv:1: basis: Add a column basis."),
        (b"plan,payer,code,amount,basis\n", "rates.csv:1: plan: Keep one column plan."),
        (
            b"plan,code,amount,basis,discount\n",
            "rates.csv:1: discount: Name the columns "
            "plan, code, amount, basis, first_day, last_day, market, network, location, therapist, mppr;"
            " 'discount' is none.",
        ),
        (
            b"plan,code,amount,basis\nacme,97110,1,250.00,per-unit\n",
            "rates.csv:2: Enter 4 cells; 'per-unit' has no column. Quote 1,250.00.",
        ),
    ],
)
def test_a_file_that_is_no_contract_says_what_to_write(content, words):
    """Empty, binary, in another encoding, without a column, with one too many."""
    assert words in [str(problem) for problem in read_contract(content, "rates.csv", DAY)[1]]


def test_a_quote_that_is_never_closed_keeps_the_rows_before_it():
    """The problem has the line where the file stops being CSV."""
    prices, (problem,) = read_contract(
        (HEADER + 'acme,97110,30.00,per-unit,,\n"acme,97140\n').encode(), "rates.csv", DAY
    )

    assert ["97110"] == [price.code for price in prices]
    assert (3, True) == (problem.line, problem.message.startswith("Close every quote"))


def test_price_list_of_the_clinic_has_no_plan():
    """What a person without insurance is asked for."""
    content = b"code,amount,basis\n20561,$60,per-line\n*,120,per-visit\n"
    prices, problems = read_price_list(content, "cash.csv", DAY)

    assert () == problems
    assert [("20561", Money(6000)), ("*", Money(12000))] == [(price.code, price.amount) for price in prices]
    assert {""} == {price.party for price in prices}


def test_price_list_with_mistakes_shows_them_with_the_overlaps():
    """Three rows, one of them good."""
    content = b"code,amount,basis,first_day\n20561,60,per-line,\n20561,65,per-line,2026-07-01\n97110,?,per-unit,\n"
    prices, problems = read_price_list(content, "cash.csv", DAY)

    assert 1 == len(prices)
    assert [
        "cash.csv:3: first_day: End the price of 20561 in line 2 before this one begins.",
        "cash.csv:4: amount: Enter an amount such as 38.08, not '?'.",
    ] == [str(problem) for problem in problems]
