"""Contracts as clinics send them: other headers, US days, names in other words, a percentage of Medicare's fee."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from estimator.engine.plan import Allowed, Basis
from estimator.engine.prices import OF_MEDICARE, ClinicPrices, PriceEntry
from estimator.engine.request import Provider
from estimator.engine.values import UNKNOWN, Money, Rate, Span
from estimator.errors import ClinicPricesRefused, NoPrice
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.parties import settled
from estimator.plans.shelf import Shelf, folder_shelf
from estimator.prices.books import books, find_zip
from estimator.prices.store import Kind, entries_of, kept_rows, read_contract
from estimator.settings import plans_folder
from estimator.wording.answer import answer_of
from estimator.wording.text import text_of
from tests.build import CITED, benefit, course, estimate_of, line, network, owes, percent, plan, prices, share, usd

DAY = date(2026, 11, 23)
MESSY = (
    "plan,code,amount,basis,first_day,last_day\n"
    "UHC,97110-GP,$28.50,per unit,1/1/2026,12/31/2026\n"
    'UnitedHealthcare ,97140,"1,026.00",per-unit,2026-01-01,\n'
    "unitedhealthcare,97112,30.00,PER-UNIT,2026-01-01,\n"
    "Cigna,97110,28.5,per-unit,,\n"
    "Cigna,97110,29.5,per-unit,2026-06-01,\n"
    "Nobody Insurance,20561,0,per-line,,\n"
    "UnitedHealthcare,20561,110%,per-line,,\n"
    "UnitedHealthcare,97161,95,per-unit,,\n"
    "UnitedHealthcare,99999,95,per-line,,\n"
)
NAMES = (
    "plan,code,amount,basis,first_day,last_day\n"
    "UHC,97110,28.50,per-unit,2026-01-01,\n"
    "unitedhealthcare,97112,30.00,per-unit,2026-01-01,\n"
    "BCBS of IL,97110,33.00,per-unit,2026-01-01,\n"
    "Humana,97110,27.00,per-unit,2026-01-01,\n"
    "EVERGREEN-PPO-Silver,97140,25.00,per-unit,2026-01-01,"
)
OTHER_HEADER = "\ufeffPayer;CPT;Allowed Amount;Effective\nUHC;97110;28,50;01/01/2026\n"
ALL = share(coinsurance="100%")


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    """Return the plans of the folder."""
    return folder_shelf(plans_folder())


def read(text: str, shelf: Shelf) -> tuple[tuple[PriceEntry, ...], list[str], Mapping[str, str]]:
    """Return the rows of a contract by our names, everything that is asked about, and what names were read as."""
    entries, problems = read_contract(text.encode(), "c.csv", DAY)
    named = settled(entries, shelf)
    return named.entries, sorted(str(problem) for problem in (*problems, *named.problems)), named.read_as


def test_a_messy_contract_is_read_as_meant_or_asked_about_by_row_and_name(shelf: Shelf) -> None:
    """Three names of one insurer, a modifier, dollar signs; what may mean two things is asked."""
    entries, asked, read_as = read(MESSY, shelf)
    year = Span(date(2026, 1, 1), date(2026, 12, 31))
    rows = {(one.party, one.code): (one.amount, one.basis, one.span) for one in entries}

    assert [
        "c.csv:6: first_day: End the price of Cigna 97110 in line 5 before this one begins.",
        "c.csv:7: amount: Enter an amount above 0.00, or leave the row out, not '0'.",
        "c.csv:8: amount: Enter the basis percent-of-medicare if 110% is of Medicare's fee, or else an amount in"
        " dollars, not '110%'.",
    ] == asked
    assert {
        ("UnitedHealthcare", "97110"): (Money(2850), "per-unit", year),
        ("UnitedHealthcare", "97140"): (Money(102600), "per-unit", Span(date(2026, 1, 1))),
        ("UnitedHealthcare", "97112"): (Money(3000), "per-unit", Span(date(2026, 1, 1))),
        ("Cigna Healthcare", "97110"): (Money(2850), "per-unit", Span()),
        ("UnitedHealthcare", "97161"): (Money(9500), "per-unit", Span()),
        ("UnitedHealthcare", "99999"): (Money(9500), "per-line", Span()),
    } == rows
    assert {"UHC": "UnitedHealthcare", "unitedhealthcare": "UnitedHealthcare", "Cigna": "Cigna Healthcare"} == read_as


def test_names_in_other_words_become_ours(shelf: Shelf) -> None:
    """An abbreviation, small letters, a Blue plan's state, and the id of a plan in capitals."""
    entries, asked, _ = read(NAMES, shelf)

    assert [] == asked
    expected = ["UnitedHealthcare", "UnitedHealthcare", "Blue Cross and Blue Shield of Illinois", "Humana"]
    assert [*expected, "evergreen-ppo-silver"] == [one.party for one in entries]


def test_headers_in_other_words_are_read_and_what_is_missing_or_may_mean_two_things_is_asked(shelf: Shelf) -> None:
    """The header and the row are told at once; with a basis and a point the row is read."""
    _, asked, _ = read(OTHER_HEADER, shelf)
    mended = (
        OTHER_HEADER.replace("28,50", "28.50").replace("Effective", "Effective;Per").replace("2026\n", "2026;unit\n")
    )
    [entry], none_asked, _ = read(mended.replace(";unit", ";per unit"), shelf)

    assert [
        "c.csv:1: basis: Add a column basis.",
        "c.csv:2: amount: Enter an amount such as 28.50, with a point, not '28,50'.",
    ] == asked
    assert [] == none_asked
    assert ("UnitedHealthcare", "97110", Money(2850), Span(date(2026, 1, 1))) == (
        entry.party, entry.code, entry.amount, entry.span,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "Evergren Health Plan,,,",
            "plan: Enter Evergreen Health Plan if that is who you mean by “Evergren Health Plan”",
        ),
        ("Nobody Insurance,,,", "plan: Correct the name “Nobody Insurance”, or leave the row out"),
        ("evergreen-ppo-silver,gold-tier,,", "network: Enter "),
        ("UHC,,Uptown,", "location: Add the location “Uptown” on the page Clinic first"),
        ("UHC,,,dentist", "therapist: Enter one of physical-therapist, physical-therapist-assistant, "),
    ],
)
def test_a_name_that_matches_nothing_is_never_accepted(shelf: Shelf, row: str, words: str) -> None:
    """It is refused with what it may have meant."""
    party, network_, location, therapist = row.split(",")
    text = (
        f"payer,cpt,rate,per,tier,site,therapist type\n{party},97110,30.00,per-unit,{network_},{location},{therapist}\n"
    )
    entries, [asked], _ = read(text, shelf)

    assert () == entries
    assert asked.startswith(f"c.csv:2: {words}")


def test_two_names_of_one_insurer_may_not_price_one_code_twice(shelf: Shelf) -> None:
    """Nobody chooses between two contract prices in silence."""
    text = "payer,cpt,rate,per\nUHC,97110,30.00,per-unit\nUnited Healthcare,97110,31.00,per-unit\n"

    assert ["c.csv:3: first_day: End the price of UnitedHealthcare 97110 in line 2 first."] == read(text, shelf)[1]


@pytest.mark.parametrize(
    ("amount", "basis", "expected"),
    [
        ("110%", "percent-of-medicare", "110%"),
        ("110 %", "% of Medicare", "110%"),
        ("112.5% of Medicare", "", "112.5%"),
        ("95% of MPFS", "per line", "95%"),
        ("110", "% of Medicare", "amount: Enter the percentage of Medicare's fee, such as 110%, not '110'."),
        (
            "110% of charges",
            "% of medicare",
            "amount: Enter the basis percent-of-medicare if 110% is of Medicare's fee",
        ),
        ("5%", "percent of medicare", "amount: Enter a percentage of Medicare's fee from 10% to 1000%, not '5%'."),
    ],
)
def test_a_percentage_says_of_what_it_is(amount: str, basis: str, expected: str) -> None:
    """By its basis or in its own words; a bare percentage may be one of charges."""
    entries, problems = read_contract(f"payer,cpt,rate,per\nUHC,*,{amount},{basis}\n".encode(), "c.csv", DAY)

    if problems:
        assert str(problems[0]).startswith(f"c.csv:2: {expected}")
    else:
        assert [(expected, OF_MEDICARE)] == [(str(one.percent), one.basis) for one in entries]


def test_a_row_is_kept_and_read_again_as_it_was() -> None:
    """With its percentage and everything that narrows it."""
    header = "payer,cpt,rate,per,lob,tier,therapist,mppr\n"
    text = f"{header}UHC,*,110%,% of medicare,employer,preferred,PTA,no\nUHC,97110,9,per-unit\n"
    entries, problems = read_contract(text.encode(), "c.csv", DAY)

    assert () == problems
    assert entries == entries_of(kept_rows(Kind.CONTRACT, entries), "c.csv", DAY)
    assert ("employer", "preferred", "physical-therapist-assistant", False) == (
        entries[1].market, entries[1].network, entries[1].therapist, entries[1].mppr,
    )  # fmt: skip


# ----------------------------------------------------------------------------
# What an estimate makes of such rows.
# ----------------------------------------------------------------------------


def test_110_percent_of_medicare_is_priced_to_the_cent_by_place_and_day(shelf: Shelf) -> None:
    """The fee of the place in the year of the day, once a unit; the percentage rounded half up once a line."""
    contract = read("payer,cpt,rate,per,mppr\nEvergreen Health Plan,*,110%,% of medicare,no\n", shelf)[0]
    own = ClinicPrices(contract)

    def allowed(zip_code: str, day: str) -> tuple[str, str]:
        services = [{"code": "97110", "units": 2}]
        request = {"plan": "evergreen-ppo-silver", "zip": zip_code, "visits": [{"day": day, "services": services}]}
        estimate, found = estimate_asked(read_request(request, DAY), shelf, own)
        told = " ".join(text_of(answer_of(estimate, found, {}, "biller")).split())
        assert "110% of the Medicare fee schedule" in told
        assert "rounded half up to the cent once a line" in told
        return str(estimate.low.visits[0].lines[0].allowed), str(estimate.high.visits[0].lines[0].allowed)

    def by_hand(zip_code: str, year: int) -> str:
        book = next(one for one in books() if one.year == year)
        locality, fee = book.localities[find_zip(zip_code).locality], book.fees["97110"]
        other = fee.work * locality.work + fee.mp * locality.mp
        ten_trillionths = (other + fee.pe_nonfacility * locality.pe) * 1_000_000 * book.factor
        cents = (2 * ten_trillionths + 10**13) // (2 * 10**13)
        return str(Money((2 * 2 * cents * 110 + 100) // 200))

    places = [("98101", "2026-03-02", 2026), ("60601", "2026-03-02", 2026), ("98101", "2025-03-03", 2025)]
    for zip_code, day, year in places[:2]:
        assert (by_hand(zip_code, year),) * 2 == allowed(zip_code, day)
    assert by_hand("98101", 2026) != by_hand("60601", 2026) != by_hand("98101", 2025)


def entry(amount: str, code: str = "97110", **more: object) -> PriceEntry:
    """Build a row with the payer of the test's plan."""
    if amount.endswith("%"):
        return PriceEntry(code, basis=OF_MEDICARE, percent=percent(amount), party="A payer", citation=CITED, **more)  # type: ignore[arg-type]
    return PriceEntry(code, usd(amount), "per-unit", "A payer", **more)  # type: ignore[arg-type]


def test_a_percentage_needs_a_place_and_never_gives_way_to_a_guess() -> None:
    """Without one the estimate asks, though the plan itself would have a rate."""
    rate = network(allowed=Allowed(Basis.CHARGES, percent=Rate.parse("50%"), citation=CITED))
    visit = course(1, line("97110", None, units=1, billed="80.00"))
    nowhere = prices(regions=(), contract=(entry("110%", "*"),))

    with pytest.raises(NoPrice):
        estimate_of(plan(benefit(ALL), networks=[rate]), visit, sheet=nowhere)


def test_the_narrowest_row_prices_and_each_only_where_it_holds() -> None:
    """A network before a place, a place before a therapist, any of them before a row for all; by their order here."""
    rows = (
        entry("10.00"),
        entry("20.00", market="medicaid"),
        entry("30.00", therapist="physical-therapist-assistant"),
        entry("40.00", location="Uptown"),
        entry("50.00", network="preferred"),
    )
    tiers = [network(), network(name="preferred")]

    def owed(provider: Provider, kept: tuple[PriceEntry, ...] = rows, location: str = "") -> list[str]:
        sheet = prices(contract=ClinicPrices(kept).at(location).contract)
        visit = course(1, line("97110", None, units=1))
        return owes(plan(benefit(ALL), networks=tiers), visit, provider=provider, sheet=sheet)

    assistant = Provider(type="physical-therapist-assistant")
    assert ["10.00"] == owed(Provider())
    assert ["30.00"] == owed(assistant)
    assert ["40.00"] == owed(assistant, location="Uptown")
    assert ["10.00"] == owed(Provider(), location="Downtown")
    assert "Uptown" == ClinicPrices(rows).at("Uptown").location


def test_whether_medicares_reduction_is_taken_is_said_or_asked() -> None:
    """Of two units, said no: no range and no question; not said: the low end is reduced, and the reader is asked."""
    asked = network(allowed=Allowed(reduces_multiple_procedures=UNKNOWN))
    visit, of_plan = course(1, line("97110", None, units=2)), plan(benefit(ALL), networks=[asked])
    seen = {}
    for mppr in (None, True, False):
        estimate = estimate_of(of_plan, visit, sheet=prices(contract=(entry("110%", mppr=mppr),)))
        asks = [one.asks for one in estimate.questions if one.asks == "multiple-procedure-reduction"]
        seen[mppr] = estimate.low.owes < estimate.high.owes, len(asks)

    assert {None: (True, 1), True: (False, 0), False: (False, 0)} == seen


def test_each_service_of_a_visit_has_its_own_percentage() -> None:
    """Several lines of one visit, by rows that say the same of the reduction and by rows that don't."""
    rows = entry("110%", mppr=False), entry("120%", "97140", mppr=False), entry("130%", "20561")
    codes = [row.code for row in rows]
    of_plan = plan(benefit(ALL), networks=[network(allowed=Allowed(reduces_multiple_procedures=False))])

    def allowed(*asked: str) -> list[Money | None]:
        visit = course(1, *(line(code, None, units=1) for code in asked))
        estimate = estimate_of(of_plan, visit, sheet=prices(contract=rows))
        return [each.allowed for each in estimate.typical.visits[0].lines]

    alone = [amount for code in codes for amount in allowed(code)]
    assert len(codes) == len(set(alone))
    assert alone == allowed(*codes)


def test_names_of_a_file_are_settled_before_it_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a name with a mistake in it stops the estimate instead of pricing by region in silence."""
    path = tmp_path / "contract.csv"
    path.write_text("payer,cpt,rate,per\nEvergren Helth,97110,44.40,per-unit\n")
    monkeypatch.setenv("ESTIMATOR_CONTRACT", str(path))
    request = {"plan": "evergreen-ppo-silver", "zip": "98101"}
    asked = read_request({**request, "visits": [{"day": "2026-03-02", "services": [{"code": "97110"}]}]}, DAY)

    with pytest.raises(ClinicPricesRefused):
        estimate_asked(asked)
    path.write_text("payer,cpt,rate,per\nevergreen health plan,97110,44.40,per-unit\n")
    assert Money(4440) == estimate_asked(asked)[0].typical.visits[0].lines[0].allowed
