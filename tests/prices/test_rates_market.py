"""What a payer's own file says that clinics are paid prices a line where payer, place and setting fit."""

import csv
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from estimator.cli import main
from estimator.engine.findings import PriceMarket, PriceRegional
from estimator.engine.plan import Allowed, Basis
from estimator.engine.prices import HOSPITAL_OUTPATIENT, MarketPrice, PriceEntry
from estimator.engine.request import Provider
from estimator.engine.values import Money, Rate, Span
from estimator.insurers import matching
from estimator.insurers.matching import find_insurer
from estimator.prices.books import find_zip, read_carried, service_codes
from estimator.prices.market import (
    LearnedAmount,
    PublishedRates,
    against_market,
    market_prices,
    market_rows,
    rows_near,
)
from estimator.prices.sheet import gather_prices
from estimator.prices.store import open_prices
from estimator.wording.findings import price_for_patient
from estimator.wording.words import Telling
from tests.billing.test_remittance import remittance
from tests.build import CITED, benefit, course, estimate_of, line, lines_of, network, owes, plan, prices, ranged, share

MINNEAPOLIS, DULUTH, SEATTLE = (find_zip(zip_code) for zip_code in ("55414", "55802", "98101"))
BLUE = "Blue Cross and Blue Shield of Minnesota"
MARKET = {
    "97110": MarketPrice(Money(2000), Money(3000), Money(6000), "A payer", "Net", "Here", date(2026, 1, 5), 9, CITED)
}
UNITS = line("97110", None, units=2)


def resting_on_contract(**more):
    """Build a plan of which the patient pays the whole allowed amount, so that it can be read off."""
    allowed = Allowed(Basis.CONTRACT, citation=CITED, **more)
    return plan(benefit(share(coinsurance="100%")), networks=[network(allowed=allowed)], market="employer")


def sheet(**more):
    """Build a sheet whose payer has published its prices."""
    return replace(prices(), market={"97110": replace(MARKET["97110"], **more)})


def test_what_ships_is_made_again_from_the_figures_it_was_made_from(tmp_path):
    """Written as the project that read the payers' files writes them; one figure of another day is seen."""
    told = []
    for amount in ("40.94", "41.94"):
        with (tmp_path / f"{amount}.csv").open("w", encoding="utf-8", newline="") as opened:
            alike = ("payer", "network", "code", "clinics", "min", "p25", "median", "p75", "max")
            table = csv.DictWriter(opened, ("file_dated", "area", *alike))
            table.writeheader()
            for row in read_carried("market-rates.csv").rows:
                area = f"{row['area']} {row['state']} (ZIP3 {row['zips']})"
                kept = {name: row[name].replace("40.94", amount) for name in alike}
                table.writerow({"file_dated": row["dated"], "area": area, **kept})
        command = [sys.executable, "bench/market.py", opened.name]
        root = Path(__file__).parents[2]
        ran = subprocess.run(
            command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True
        )
        told.append(ran.stdout)

    assert ["40.94.csv: 78 rows, the same as what ships\n", "41.94.csv: 78 rows, not what ships\n"] == told


def test_every_row_that_ships_is_in_order_with_its_source():
    """Two payers of Minnesota; quantiles rise, and each row names its file, day and clinics."""
    rows = market_rows()

    assert {("bcbs-mn", 195), ("healthpartners", 128)} <= {(row.insurer, row.clinics) for row in rows}
    assert all(list(row.quantiles) == sorted(row.quantiles) for row in rows)
    assert {"20560", "20561", "97110", "97140", "97161"} <= {row.code for row in rows} & {*service_codes()}
    assert all(str(row.dated) in row.citation.place for row in rows)


@pytest.mark.parametrize("payer", [BLUE, "BCBS Minnesota"])
def test_the_payer_and_the_place_choose_the_rows(payer):
    """The middle is the median, low and high the least and the most."""
    found = market_prices(payer, "employer", MINNEAPOLIS)["20561"]

    assert (3470, 5669, 9016, 195) == (found.low, found.typical, found.high, found.clinics)


@pytest.mark.parametrize(
    ("payer", "market", "place"),
    [
        ("Your insurer", "employer", MINNEAPOLIS),
        (BLUE, "medicare-advantage", MINNEAPOLIS),
        (BLUE, "medicaid", MINNEAPOLIS),
        (BLUE, "employer", SEATTLE),
        (BLUE, "employer", DULUTH),
    ],
)
def test_another_payer_market_or_place_has_none(payer, market, place):
    """A price of somebody else is no price."""
    assert {} == dict(market_prices(payer, market, place))


def test_both_payers_are_near_a_place_of_the_area():
    """For a page that shows them side by side."""
    assert {"bcbs-mn", "healthpartners"} == {row.insurer for row in rows_near(MINNEAPOLIS)}
    assert () == rows_near(SEATTLE)


def test_the_sheet_of_a_plan_holds_its_market():
    """And none without a plan or a place."""
    assert "97110" in gather_prices(MINNEAPOLIS, plan=(BLUE, "employer")).market
    assert {} == gather_prices(MINNEAPOLIS).market
    assert {} == gather_prices(None, plan=(BLUE, "employer")).market


def test_a_line_costs_the_middle_between_the_least_and_the_most():
    """Each unit; the step names payer, network, place, day and clinics."""
    found = estimate_of(resting_on_contract(reduces_multiple_procedures=False), course(1, UNITS), sheet=sheet())

    assert ("40.00", "60.00", "120.00") == ranged(found)
    assert PriceMarket("A payer", "Net", "Here", date(2026, 1, 5), 9, False) == lines_of(found.typical)[0].price


@pytest.mark.parametrize("more", [{"dated": date(2025, 1, 1)}, {"clinics": 2}], ids=["old", "few"])
def test_an_old_file_or_few_clinics_widen_the_range_by_a_tenth(more):
    """The middle stays, and the step says so."""
    found = estimate_of(resting_on_contract(reduces_multiple_procedures=False), course(1, UNITS), sheet=sheet(**more))

    assert ("36.00", "60.00", "132.00") == ranged(found)
    assert lines_of(found.typical)[0].price.is_wide


def test_a_therapy_reduction_lowers_the_market_as_it_lowers_medicare():
    """By the same part of the line."""
    reducing = resting_on_contract(reduces_multiple_procedures=True)
    usual = replace(prices(), market={})
    full = owes(resting_on_contract(reduces_multiple_procedures=False), course(1, UNITS), sheet=usual)
    less = owes(reducing, course(1, UNITS), sheet=usual)
    part = Rate(int(Money.parse(less[0])) * 1_000_000 // int(Money.parse(full[0])))

    assert Money(6000).share(part) == Money.parse(owes(reducing, course(1, UNITS), sheet=sheet())[0])


def test_a_code_without_a_market_and_a_hospital_keep_the_regional_estimate():
    """The file is of offices."""
    manual = estimate_of(resting_on_contract(), course(1, line("97140", None, units=1)), sheet=sheet())
    hospital = estimate_of(
        resting_on_contract(), course(1, UNITS), sheet=sheet(), provider=Provider(setting=HOSPITAL_OUTPATIENT)
    )

    assert isinstance(lines_of(manual.typical)[0].price, PriceRegional)
    assert isinstance(lines_of(hospital.typical)[0].price, PriceRegional)


# ----------------------------------------------------------------------------
# Every figure that ships, and what this clinic itself was paid.
# ----------------------------------------------------------------------------


def test_every_row_that_ships_prices_its_payers_plans_in_its_area():
    """Asked for payer and area, typical is the median, low and high the least and the most, as documented."""
    asked = {row.insurer: market_prices(row.payer, "employer", MINNEAPOLIS) for row in market_rows()}

    for row in market_rows():
        least, p25, median, p75, most = row.quantiles
        found = asked[row.insurer][row.code]
        assert (median, least, most) == (found.typical, found.low, found.high)
        assert found.low <= p25 <= found.typical <= p75 <= found.high
        assert (row.dated, row.clinics) == (found.dated, found.clinics)


def learned(lines, plan="PPO", median="44.00"):
    """Build what was learned of so many lines."""
    amounts = (Money.parse(amount) for amount in ("40.00", median, "52.00"))
    return LearnedAmount("Aetna", plan, "97110", lines, date(2026, 9, 2), *amounts, CITED)


def observed(*amounts, place=SEATTLE, payer="Aetna", market="employer"):
    """Return what was learned prices a unit of exercise at, None where it prices nothing."""
    found = market_prices(payer, market, place, PublishedRates((), (), amounts)).get("97110")
    return found and (str(found.low), str(found.typical), str(found.high), found.clinics, found.network)


def test_twenty_paid_lines_are_the_range_and_fewer_are_none():
    """Of this payer alone, and of its plan with the most lines."""
    assert ("40.00", "44.00", "52.00", 20, "PPO") == observed(learned(20))
    assert observed(learned(19)) is None
    assert ("40.00", "41.00", "52.00", 30, "HMO") == observed(learned(30, "HMO", "41.00"), learned(20))
    assert [None, None] == [observed(learned(20), payer="Cigna"), observed(learned(20), market="medicare-advantage")]


def test_what_the_clinic_was_paid_goes_before_the_payers_file():
    """The step says how many lines, and of which day."""
    own = replace(learned(25), payer=BLUE)
    found = market_prices(BLUE, "employer", MINNEAPOLIS, PublishedRates((), (), (own,)))
    sheet = replace(prices(), market=found)
    plan_of = resting_on_contract(reduces_multiple_procedures=False)

    estimate = estimate_of(plan_of, course(1, UNITS), sheet=sheet)
    says = price_for_patient(lines_of(estimate.typical)[0].price, Telling(plan_of, {}))

    assert ("80.00", "88.00", "104.00") == ranged(estimate)
    assert "has paid this clinic for 25 services like this, the last on September 2, 2026" in says
    assert not found["20561"].is_observed


def test_remittances_teach_what_is_allowed_and_keep_no_claim(tmp_path, monkeypatch):
    """Reversed lines do not count; a file that is given again counts once."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))
    claims = [
        part
        for number in range(22)
        for part in (
            f"CLP*C{number}*1*100*{40 + number}*0*12",
            f"SVC*HC:97110*100*{40 + number}**1",
            "DTM*472*20260902",
            f"CAS*CO*45*{60 - number}",
        )
    ]
    back = ["CLP*C21*22*-100*-61*0*12", "SVC*HC:97110*-100*-61**1", "DTM*472*20260902", "CAS*CO*45*-39"]
    path = tmp_path / "paid.835"
    path.write_text(remittance(f"{sum(range(40, 62)) - 61}", *claims, *back, payer="AETNA"), "ascii")

    told = CliRunner().invoke(main, ["remittance", str(path), "--learn", "--by", "Ana"], catch_exceptions=False)
    again = CliRunner().invoke(main, ["remittance", str(path), "--learn"], catch_exceptions=False)
    kept = open_prices().market

    assert "Learned from 1 new file: 1 amounts, 1 of 20 lines or more, which set a range." in told.stderr
    assert "Learned from 0 new files, 1 file known already: 1 amounts" in again.stderr
    assert [("40.00", "60.00", 21)] == [(str(one.low), str(one.high), one.lines) for one in kept.learned]
    assert "C20" not in repr(kept)


def test_a_contract_is_compared_with_what_the_payer_pays_other_clinics():
    """Prices of a unit in force, by payer; rates of a visit, of another day or of anybody are left out."""
    day = date(2026, 11, 30)
    old = Span(date(2025, 1, 1), date(2025, 12, 31))
    contract = [
        PriceEntry("20561", Money(5668), party=BLUE),
        PriceEntry("97110", Money(100_00), party="BCBS Minnesota"),
        PriceEntry("97140", Money(1), basis="per-visit", party=BLUE),
        PriceEntry("97112", Money(1), party=BLUE, span=old),
        PriceEntry("20560", Money(1)),
        PriceEntry("97110", Money(1), party="Nobody's plan"),
    ]

    [found] = against_market(contract, MINNEAPOLIS, day)

    assert (("20561",), 2, "BCBS Minnesota", 195) == (found.below, found.compared, found.payer, found.clinics)
    assert () == against_market(contract, SEATTLE, day)


def test_each_name_of_a_long_contract_is_looked_up_once(monkeypatch):
    """A name that means nobody takes a search through all that are alike: a clinic's rows have few names."""
    asked = []
    monkeypatch.setattr(matching, "find_insurer", lambda text, state: asked.append(text) or find_insurer(text, state))
    party = "Sunrise Mutual of our street"
    contract = [PriceEntry(f"{97000 + place}", Money(1), party=party) for place in range(100)]

    assert () == against_market(contract, MINNEAPOLIS, date(2026, 11, 30))
    assert [party] == asked
