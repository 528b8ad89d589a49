"""Hospitals' standard charges: tall, wide and JSON give the same; what is no price of a unit is kept apart."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from estimator.cli import main
from estimator.cli.rates import market
from estimator.engine.plan import Allowed, Basis
from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE
from estimator.engine.request import Provider
from estimator.engine.values import Money
from estimator.errors import RatesRefused
from estimator.prices.books import find_zip
from estimator.prices.hospital import Charge, market_of_plan, read_hospital
from estimator.prices.sheet import gather_prices
from estimator.prices.store import open_prices
from estimator.wording.findings import price_for_patient
from estimator.wording.words import Telling
from tests.build import CITED, benefit, course, estimate_of, line, lines_of, network, plan, ranged, share

PLANS = ("Aetna", "Broad PPO"), ("Evergreen", "HMO_Inpatient")
FACTS = ("hospital_name", "last_updated_on", "version", "location_name", "hospital_address", "license_number|IL")
SAYS = ("Fictional Hospital", "07/01/2026", "3.0.0", "Main", "1 Main St, Chicago, IL 60612", "1917")
CODES = ("description", "code|1", "code|1|type", "code|2", "code|2|type")
ROW = {
    "code": "97110",
    "system": "HCPCS",
    "modifiers": "",
    "setting": "Both",
    "billing_class": "Facility",
    "gross": "120.00",
    "cash": "60",
    "dollar": "52.10",
    "percentage": "",
    "algorithm": "",
    "methodology": "Fee Schedule",
}


def written(rows: list[list[str]]) -> bytes:
    """Return rows as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def tall(row: dict[str, str], mark: str = "|") -> bytes:
    """Return a file with a row for each payer."""
    columns = (
        *CODES, "setting", "billing_class", "standard_charge|gross", "standard_charge|discounted_cash", "payer_name",
        "plan_name", "modifiers", "standard_charge|negotiated_dollar", "standard_charge|negotiated_percentage",
        "standard_charge|negotiated_algorithm", "standard_charge|methodology",
    )  # fmt: skip
    first = [
        "x",
        "0420",
        "RC",
        row["code"],
        row["system"],
        row["setting"],
        row["billing_class"],
        row["gross"],
        row["cash"],
    ]
    last = [row[name] for name in ("modifiers", "dollar", "percentage", "algorithm", "methodology")]
    rows = [[*first, *plan, *last] for plan in PLANS]
    named = [[name.replace("|", mark) for name in line] for line in (FACTS, columns)]
    return written([named[0], [*SAYS], named[1], *rows])


def wide(row: dict[str, str], mark: str = "|") -> bytes:
    """Return a file with columns for each payer."""
    columns = [
        *CODES,
        "modifiers",
        "setting",
        "billing_class",
        "standard_charge|gross",
        "standard_charge|discounted_cash",
    ]
    cells = ["x", "0420", "RC", row["code"], row["system"], row["modifiers"], row["setting"], row["billing_class"]]
    cells += [row["gross"], row["cash"]]
    for payer, plan_name in PLANS:
        for name, kind in (("dollar", "negotiated_dollar"), ("percentage", "negotiated_percentage"),
                           ("algorithm", "negotiated_algorithm"), ("methodology", "methodology")):  # fmt: skip
            columns.append(f"standard_charge|{payer}|{plan_name}|{kind}")
            cells.append(row[name])
    named = [[name.replace("|", mark) for name in line] for line in (FACTS, columns)]
    return written([named[0], [*SAYS], named[1], cells])


def as_json(row: dict[str, str], mark: str = "|") -> bytes:
    """Return a file in JSON."""
    payers = [
        {
            "payer_name": payer,
            "plan_name": plan,
            "methodology": row["methodology"],
            **({"standard_charge_dollar": float(row["dollar"])} if row["dollar"] else {}),
            **({"standard_charge_percentage": float(row["percentage"])} if row["percentage"] else {}),
            **({"standard_charge_algorithm": row["algorithm"]} if row["algorithm"] else {}),
        }
        for payer, plan in PLANS
    ]
    charge: dict[str, Any] = {"setting": row["setting"], "billing_class": row["billing_class"]}
    charge |= {"gross_charge": float(row["gross"]), "discounted_cash": float(row["cash"]), "payers_information": payers}
    if row["modifiers"]:
        charge["modifier_code"] = [row["modifiers"]]
    codes = [{"code": "0420", "type": "RC"}, {"code": row["code"], "type": row["system"]}]
    whole = {
        "hospital_name": SAYS[0],
        "last_updated_on": "2026-07-01",
        "version": "3.0.0",
        "license_information": {"license_number": "1917", "state": "IL"},
        "standard_charge_information": [
            {"description": 'a "]} b', "code_information": codes, "standard_charges": [charge]}
        ],
    }
    return json.dumps(whole, indent=None if mark == "|" else 1).encode()


LAYOUTS = {"tall": tall, "wide": wide, "json": as_json}
every_layout = pytest.mark.parametrize("layout", LAYOUTS)


def read(tmp_path: Path, content: bytes) -> dict[tuple[str, str], Charge]:
    """Read a file, and return its charges by payer and plan."""
    path = tmp_path / "charges"
    path.write_bytes(content)
    return {(charge.payer, charge.plan): charge for charge in read_hospital(path).charges}


@every_layout
@pytest.mark.parametrize("mark", ["|", " | "])
def test_a_charge_is_read_from_every_layout(tmp_path: Path, layout: str, mark: str) -> None:
    """Payer, plan, dollars, gross and cash; the hospital with its state and day."""
    path = tmp_path / "charges"
    path.write_bytes(LAYOUTS[layout](ROW, mark))

    found = read_hospital(path)

    assert ("Fictional Hospital", "IL", "2026-07-01", "3.0.0", layout) == (
        found.hospital,
        found.state,
        str(found.dated),
        found.schema,
        found.layout,
    )
    agreed = next(charge for charge in found.charges if charge.payer == "Aetna")
    assert ("97110", "therapy", "Broad PPO", "both", "facility", "fee schedule", "ffs", "") == (
        agreed.code,
        agreed.family,
        agreed.plan,
        agreed.setting,
        agreed.billing_class,
        agreed.methodology,
        agreed.arrangement,
        agreed.apart,
    )
    assert (Money(5210), Money(12000), Money(6000)) == (agreed.amount, agreed.gross, agreed.cash)
    posted = next(charge for charge in found.charges if not charge.payer)
    assert (None, Money(12000), Money(6000)) == (posted.amount, posted.gross, posted.cash)


@every_layout
@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("above the gross charge", {"dollar": "121.00"}),
        ("above 12 times Medicare’s price", {"dollar": "900", "gross": "1000"}),
        ("below 0.3 of Medicare’s price", {"dollar": "3.00"}),
        ("modifier that changes the price", {"modifiers": "CQ"}),
        ("", {"modifiers": "GP"}),
        ("", {"methodology": "case rate", "dollar": "900"}),
    ],
)
def test_what_is_no_price_of_therapy_is_kept_apart(
    tmp_path: Path, layout: str, why: str, changes: dict[str, str]
) -> None:
    """With its reason; a visit rate is judged as no unit."""
    found = read(tmp_path, LAYOUTS[layout]({**ROW, **changes}))

    assert why == found["Aetna", "Broad PPO"].apart


@every_layout
def test_an_inpatient_plan_under_an_outpatient_code_is_kept_apart(tmp_path: Path, layout: str) -> None:
    """Its name says so."""
    assert "inpatient plan" == read(tmp_path, LAYOUTS[layout](ROW))["Evergreen", "HMO_Inpatient"].apart


@every_layout
@pytest.mark.parametrize("methodology", ["case rate", "Case Rate", "per diem", "Per Diem"])
def test_case_and_day_rates_are_never_a_unit(tmp_path: Path, layout: str, methodology: str) -> None:
    """They stand for the visit."""
    found = read(tmp_path, LAYOUTS[layout]({**ROW, "methodology": methodology}))

    assert "per-visit" == found["Aetna", "Broad PPO"].arrangement


@every_layout
@pytest.mark.parametrize(
    "methodology",
    ["percent of total billed charges", "Percent of Total Billed Charge", "percent  of total billed charges"],
)
def test_a_share_of_charges_is_no_dollars(tmp_path: Path, layout: str, methodology: str) -> None:
    """However it is spelled."""
    found = read(tmp_path, LAYOUTS[layout]({**ROW, "dollar": "", "percentage": "65", "methodology": methodology}))

    agreed = found["Aetna", "Broad PPO"]
    assert (None, "percent of total billed charges") == (agreed.amount, agreed.methodology)
    assert agreed.percent in ("65", "65.0")


@every_layout
@pytest.mark.parametrize(
    "changes", [{"setting": "inpatient"}, {"code": "70551"}, {"system": "LOCAL"}], ids=["inpatient", "other", "local"]
)
def test_inpatient_and_other_codes_are_left_out(tmp_path: Path, layout: str, changes: dict[str, str]) -> None:
    """Nothing of them is kept."""
    assert {} == read(tmp_path, LAYOUTS[layout]({**ROW, **changes}))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "two rows about the hospital"),
        (b"a,b\n1,2\nx,y\n", "names no columns code|1"),
        (b'{"in_network": []}', "no standard_charge_information"),
        (as_json(ROW)[:-5], "no whole JSON"),
    ],
)
def test_another_file_is_refused_with_what_to_give(tmp_path: Path, content: bytes, says: str) -> None:
    """In words."""
    with pytest.raises(RatesRefused) as caught:
        read(tmp_path, content)

    assert says in caught.value.problems[0].message


def run(*words: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["import", "hospital", *map(str, words)], catch_exceptions=False)


def test_the_command_tells_what_is_kept_and_apart(tmp_path: Path) -> None:
    """In words and as JSON."""
    path = tmp_path / "charges.csv"
    path.write_bytes(tall(ROW))

    told = run(path).stdout
    answer = json.loads(run(path, "--json").stdout)

    assert "Fictional Hospital, IL, 2026-07-01, template 3.0.0 (tall)" in told
    assert "1  kept apart: inpatient plan" in told
    assert [("Aetna", "52.10"), (None, None)] == [(one["payer"], one["amount"]) for one in answer["kept"]]
    assert ["inpatient plan"] == [one["apart"] for one in answer["apart"]]


@pytest.fixture
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a test publishes to itself."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))


def priced(market: str = "employer", zip_code: str = "60612", setting: str = HOSPITAL_OUTPATIENT) -> str | None:
    """Return what Aetna's plans are priced at for a unit of exercise, None where no file says it."""
    prices = open_prices()
    assert prices is not None
    sheet = gather_prices(find_zip(zip_code), setting, plan=("Aetna", market), published=prices.market)
    found = sheet.market.get("97110")
    return f"{found.low} {found.typical} {found.high} {found.clinics}" if found else None


@pytest.mark.usefixtures("own_database")
def test_what_hospitals_are_paid_prices_their_departments_until_it_is_taken_back(tmp_path: Path) -> None:
    """Over hospitals, each once; by payer, market and state; never a clinic, and never a rate of a visit."""
    files = [tmp_path / f"{number}.csv" for number in range(3)]
    for number, file in enumerate(files):
        row = {**ROW, "dollar": f"{50 + 10 * number}", "gross": "400"}
        file.write_bytes(tall(row).replace(b"Fictional Hospital", f"Hospital {number}".encode()))
    by_visit = tmp_path / "visit.csv"
    by_visit.write_bytes(tall({**ROW, "methodology": "case rate"}).replace(b"Fictional", b"Visit"))

    assert "this was a dry run" in run(*files).stdout
    assert "These figures price from now on." in run(*files, "--activate", "--by", "Ana").stdout
    assert "They price already." in run(files[0], "--activate").stdout
    assert "no dollar price of a unit" in run(by_visit, "--activate").stderr

    assert "50.00 60.00 70.00 3" == priced()
    others = ({"setting": OFFICE}, {"market": "marketplace"}, {"market": "medicaid"}, {"zip_code": "98101"})
    assert [None] * 4 == [priced(**one) for one in others]

    back = CliRunner().invoke(market, ["rollback", "--hospital", "Hospital 2, IL"], catch_exceptions=False).stdout
    told = CliRunner().invoke(market, ["history"], catch_exceptions=False).stdout
    assert "Taken back." in back
    assert "50.00 55.00 60.00 2" == priced()
    assert ["  4", "  3", "* 2", "* 1"] == [line[:3] for line in told.splitlines()]


@pytest.mark.usefixtures("own_database")
def test_a_hospital_estimate_names_the_hospitals_and_a_wider_range_of_few(tmp_path: Path) -> None:
    """The price step says whose lists they are, and that they are few."""
    file = tmp_path / "charges.csv"
    file.write_bytes(tall(ROW))
    run(file, "--activate")
    published = open_prices().market  # type: ignore[union-attr]
    sheet = gather_prices(find_zip("60612"), HOSPITAL_OUTPATIENT, plan=("Aetna", "employer"), published=published)
    allowed = Allowed(Basis.CONTRACT, citation=CITED, reduces_multiple_procedures=False)
    own = plan(benefit(share(coinsurance="100%")), networks=[network(allowed=allowed)], market="employer")

    found = estimate_of(
        own, course(1, line("97110", None, units=2)), sheet=sheet, provider=Provider(setting=HOSPITAL_OUTPATIENT)
    )

    price = lines_of(found.typical)[0].price
    assert ("93.78", "104.20", "114.62") == ranged(found)
    assert ("Aetna", "Fictional Hospital", "Illinois", 1, True, True) == (
        price.payer, price.network, price.area, price.clinics, price.is_wide, price.in_hospitals
    )  # fmt: skip
    assert "hospitals in Illinois publish what Aetna pays them" in price_for_patient(price, Telling(own, {}))


def test_programs_are_told_from_plans_of_employers_and_people() -> None:
    """By what hospitals call them."""
    named = [("UHC", "Medicare Advantage PPO"), ("BCBS MCAID", ""), ("Aetna", "MA_HMO"), ("Tricare", "Prime"),
             ("Aetna", "BROAD NETWORK PPO"), ("Cigna", "EXCH IFP"), ("Ambetter Health", "All")]  # fmt: skip
    assert ["", "", "", "", "employer", "marketplace", "marketplace"] == [market_of_plan(*one) for one in named]


def test_other_readers_of_csv_keep_their_own_limit(tmp_path: Path) -> None:
    """The library has one for the process; a hospital's wider columns leave it as it was."""
    before = csv.field_size_limit()
    path = tmp_path / "charges.csv"
    path.write_bytes(tall(ROW))

    read_hospital(path)
    path.write_text("a\nb\nc\n", "utf-8")
    with pytest.raises(RatesRefused):
        read_hospital(path)

    assert before == csv.field_size_limit()
