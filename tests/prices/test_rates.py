"""Prices that a payer agreed with clinics: what is kept, what is refused and why, and how clinics are counted."""

import gzip
import json
import random
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from estimator.cli.prices import import_
from estimator.cli.rates import market
from estimator.db.connection import open_engine
from estimator.engine.findings import PriceMarket
from estimator.engine.values import Money
from estimator.errors import RatesRefused
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.shelf import folder_shelf
from estimator.prices import rate_stream, rates
from estimator.prices.books import find_zip
from estimator.prices.rates import FileRates, kept_rows, local_files, market_of, quantile, read_rates
from estimator.prices.sheet import gather_prices
from estimator.prices.store import open_prices, prices_of
from estimator.publishing.market import published_markets
from estimator.settings import plans_folder
from estimator.wording.findings import price_for_biller, price_for_patient
from estimator.wording.words import Telling
from tests.build import lines_of
from tests.db.sample import definition


def price(amount: Any, **others: Any) -> dict[str, Any]:
    """Return a price of a clinic, as payers write it."""
    return {
        "negotiated_type": "negotiated",
        "negotiated_rate": amount,
        "expiration_date": "9999-12-31",
        "service_code": ["11"],
        "billing_class": "professional",
        "setting": "outpatient",
        "billing_code_modifier": [],
        **others,
    }


def service(code: str, *prices: Mapping[str, Any], references: Any = (1,), **others: Any) -> dict[str, Any]:
    """Return a code with prices of these groups."""
    return {
        "negotiation_arrangement": "ffs",
        "name": "x",
        "billing_code_type": "CPT",
        "billing_code": code,
        "negotiated_rates": [{"provider_references": list(references), "negotiated_prices": list(prices)}],
        **others,
    }


def group(number: Any, tin: str, *npis: Any, network: str = "EVERGREEN PPO") -> dict[str, Any]:
    """Return a group of one clinic."""
    clinic = {"npi": list(npis), "tin": {"type": "ein", "value": tin}}
    return {"provider_group_id": number, "network_name": [network], "provider_groups": [clinic]}


GROUPS = (group(1, "11-1111111", 1999999984), group(2, "222222222", 1999999992, 1999999976))
HEAD = {"reporting_entity_name": "EVERGREEN", "last_updated_on": "2026-10-01", "version": "2.1.0"}


def file_of(tmp_path: Path, *items: Mapping[str, Any], groups: Any = GROUPS, **others: Any) -> Path:
    """Write a file of these items."""
    path = tmp_path / "rates.json"
    whole = {**HEAD, "provider_references": list(groups), "in_network": list(items), **others}
    path.write_text(json.dumps(whole), "utf-8")
    return path


def amounts(*files: FileRates) -> list[tuple[str, str, str]]:
    """Return code, amount and clinic of every row that is kept."""
    return [(row.price.code, str(Money(row.price.cents)), row.tin) for row in kept_rows(files)]


STRANGER = service("70551", price(400))
PLAIN = (
    STRANGER,
    service("97110", price(40.94)),
    STRANGER,
    service("20561", price(56.69), references=(1, 2)),
    STRANGER,
)
KEPT = [("20561", "56.69", "111111111"), ("20561", "56.69", "222222222"), ("97110", "40.94", "111111111")]


def test_our_codes_are_kept_with_their_clinics(tmp_path: Path) -> None:
    """Codes of others are skipped; a TIN is read with and without its dash."""
    read = read_rates(file_of(tmp_path, *PLAIN))

    assert KEPT == amounts(read)
    source = read.provenance
    assert ("EVERGREEN", "2026-10-01", "2.1.0") == (source.payer, str(source.dated), source.schema)
    assert (2, 2, {}) == (source.read, source.kept, source.refused)
    assert 64 == len(source.sha256)


@pytest.mark.parametrize(
    ("reason", "written"),
    [
        ("modifier that changes the price", price(34.8, billing_code_modifier=["CQ"])),
        ("modifier that changes the price", price(34.8, billing_code_modifier=["GP", "52"])),
        ("percentage of charges", price(65, negotiated_type="percentage")),
        ("not a price (0, 0.01 or 9999999.99)", price(0)),
        ("not a price (0, 0.01 or 9999999.99)", price(0.01)),
        ("not a price (0, 0.01 or 9999999.99)", price(9999999.99)),
        ("implausible for therapy (under $0.05 or over $5,000)", price(5000.01)),
        ("no amount", price(None)),
        ("no amount", price("ask")),
        ("inpatient or another place", price(40, setting="inpatient")),
        ("inpatient or another place", price(40, service_code=["21"])),
        ("expired", price(40, expiration_date="2026-09-30")),
        ("expired", price(40, expiration_date="09/30/2026")),
    ],
)
def test_what_is_no_price_of_a_unit_is_refused_by_reason(tmp_path: Path, reason: str, written: dict[str, Any]) -> None:
    """The price beside it is kept."""
    read = read_rates(file_of(tmp_path, service("97110", written, price(40.94))))

    assert [("97110", "40.94", "111111111")] == amounts(read)
    assert {reason: 1} == read.provenance.refused


@pytest.mark.parametrize(
    ("reason", "others"),
    [
        ("bundle", {"negotiation_arrangement": "bundle", "bundled_codes": [{"billing_code": "97140"}]}),
        ("capitation", {"negotiation_arrangement": "capitation"}),
        ("code of another system", {"billing_code_type": "LOCAL"}),
    ],
)
def test_an_item_that_prices_no_unit_is_refused(tmp_path: Path, reason: str, others: dict[str, Any]) -> None:
    """Bundles, capitation and local codes."""
    read = read_rates(file_of(tmp_path, service("97110", price(900), **others)))

    assert ([], {reason: 1}) == (amounts(read), read.provenance.refused)


@pytest.mark.parametrize(
    "written",
    [
        price(40.94, billing_code_modifier=["GP"]),
        price(40.94, service_code=["CSTM-00"]),
        price(40.94, service_code=[]),
        price(40.94, setting="both"),
        price("40.94"),
        price("$40.940"),
        price(40.94, expiration_date="2026-10-01"),
        price(40.94, billing_code_modifier=None, service_code=None),
    ],
    ids=["GP", "any place", "no place", "both", "text", "dollars", "last day", "null"],
)
def test_other_ways_to_write_a_price_are_read(tmp_path: Path, written: dict[str, Any]) -> None:
    """Each is the plain price."""
    assert [("97110", "40.94", "111111111")] == amounts(read_rates(file_of(tmp_path, service("97110", written))))


@pytest.mark.parametrize(
    ("kept", "written"),
    [
        (("professional", "per-visit", False), price(95, negotiated_type="per diem")),
        (("professional", "per-visit", False), price(95, additional_information="per visit, all lines")),
        (("institutional", "ffs", False), price(95, billing_class="institutional", service_code=[])),
        (("professional", "ffs", True), price(95, service_code=["19", "22"])),
    ],
)
def test_visit_rates_and_hospitals_are_kept_apart_from_the_market(
    tmp_path: Path, kept: tuple[str, str, bool], written: dict[str, Any]
) -> None:
    """They are told as what they are and count in no quantile of a clinic's unit."""
    (row,) = kept_rows([read_rates(file_of(tmp_path, service("97110", written)))])

    assert kept == (row.price.billing_class, row.price.arrangement, row.price.in_hospital)
    assert () == market_of([row])


def test_npis_are_read_as_text_and_zero_is_none(tmp_path: Path) -> None:
    """Repeated ones count once."""
    groups = (group("1", "111111111", "1999999984", 1999999984, 0, "none"),)

    (row,) = kept_rows([read_rates(file_of(tmp_path, service("97110", price(40)), groups=groups))])

    assert (1999999984,) == row.npis


def test_groups_that_cannot_be_had_leave_the_clinic_unknown(tmp_path: Path) -> None:
    """The price stays."""
    groups = ({"provider_group_id": 1, "location": "https://example.invalid/1.json"},)

    assert [("97110", "40.00", "")] == amounts(
        read_rates(file_of(tmp_path, service("97110", price(40)), groups=groups))
    )


def test_groups_within_a_rate_are_read(tmp_path: Path) -> None:
    """As in version 1."""
    inline = {"provider_groups": GROUPS[1]["provider_groups"], "negotiated_prices": [price(38.5)]}

    read = read_rates(file_of(tmp_path, service("97110", negotiated_rates=[inline]), groups=()))

    assert [("97110", "38.50", "222222222")] == amounts(read)


def test_a_clinic_counts_once_in_the_market(tmp_path: Path) -> None:
    """With the median of its distinct prices, however many networks and groups repeat them."""
    groups = (*GROUPS, group(3, "333333333"), group(4, "111111111", network="EVERGREEN HMO"))
    items = (
        service("97110", price(30), price(50), references=(1, 4)),
        service("97110", price(30), references=(1,)),
        service("97110", price(60), references=(2,)),
        service("97110", price(80.01), references=(3,)),
    )

    (found,) = market_of(kept_rows([read_rates(file_of(tmp_path, *items, groups=groups))]))

    assert (4000, 5000, 6000, 7001, 8001, 3) == (
        found.least,
        found.p25,
        found.median,
        found.p75,
        found.most,
        found.clinics,
    )


@pytest.mark.parametrize(("cents", "part"), [(100, 0), (150, 1), (200, 2), (250, 3), (300, 4)])
def test_a_quantile_lies_between_neighbors(cents: int, part: int) -> None:
    """In proportion."""
    assert cents == quantile([100, 200, 300], part, 4)


# ----------------------------------------------------------------------------
# Layouts: whatever the order, the blanks and the packing, the same is read.
# ----------------------------------------------------------------------------


def turned(written: Any) -> Any:
    """Return the same with the keys of every object from last to first."""
    if isinstance(written, dict):
        return {key: turned(written[key]) for key in reversed(written)}
    return [turned(one) for one in written] if isinstance(written, list) else written


WHOLE = {**HEAD, "provider_references": list(GROUPS), "in_network": list(PLAIN)}
LAYOUTS = {
    "plain": json.dumps(WHOLE).encode(),
    "tight": json.dumps(WHOLE, separators=(",", ":")).encode(),
    "indented": json.dumps(WHOLE, indent=4).encode(),
    "turned": json.dumps(turned(WHOLE)).encode(),
    "turned and indented": json.dumps(turned(WHOLE), indent=1).encode(),
    "byte order mark": b"\xef\xbb\xbf" + json.dumps(WHOLE).encode(),
    "escaped key": json.dumps(WHOLE).replace('"billing_code"', '"billing\\u005fcode"').encode(),
    "brackets in text": json.dumps(
        {**WHOLE, "note": 'a "quoted" ]}[{ \\', "in_network": [{**one, "name": 'x\\"]}, {"'} for one in PLAIN]}
    ).encode(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("chunk", [1 << 20, 700, 61])
@pytest.mark.parametrize("packing", ["json", "gz", "members"])
def test_every_legal_layout_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str, chunk: int, packing: str
) -> None:
    """Also where a chunk ends within a key, a string or an escape."""
    monkeypatch.setattr(rate_stream, "_CHUNK", chunk)
    monkeypatch.setattr(rate_stream, "_BITE", max(7, chunk // 5))
    content = LAYOUTS[layout]
    path = tmp_path / "file"
    half = len(content) // 2
    packed = {
        "json": content,
        "gz": gzip.compress(content),
        "members": gzip.compress(content[:half]) + gzip.compress(content[half:]),
    }
    path.write_bytes(packed[packing])

    assert KEPT == amounts(read_rates(path))


@pytest.mark.parametrize("layout", ["plain", "turned", "indented"])
def test_an_item_too_large_to_hold_is_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    """Also where its code stands after its rates."""
    monkeypatch.setattr(rate_stream, "_CHUNK", 200)
    monkeypatch.setattr(rate_stream, "_BITE", 50)
    monkeypatch.setattr(rate_stream.Scanner.__init__, "__defaults__", (120,))
    path = tmp_path / "file.json"
    path.write_bytes(LAYOUTS[layout])

    read = read_rates(path)

    assert ["20561", "97110"] == sorted({code for code, *_ in amounts(read)})
    assert (2, 2) == (read.provenance.read, read.provenance.kept)


def test_more_groups_than_can_be_held_are_read_in_a_second_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only those that a kept price names."""
    monkeypatch.setattr(rates, "_MOST_PACKED", 1)

    read = read_rates(file_of(tmp_path, *PLAIN, groups=(*GROUPS, group(3, "333333333"))))

    assert KEPT == amounts(read)
    assert 2 == len(read.groups)


# ----------------------------------------------------------------------------
# What a small file may make its reader do: bytes, parts and values are counted, not seconds.
# ----------------------------------------------------------------------------

OUR_RATE = json.dumps({"provider_references": [1], "negotiated_prices": [price(30.5)]})


def of_rates(number: int, *more: str) -> bytes:
    """Return a file with one item of so many rates, and other rates."""
    rates = ",".join((*more, *[OUR_RATE] * number))
    head = json.dumps({**service("97110"), "negotiated_rates": []})[:-2]
    return (
        f'{{"in_network":[{head}{rates}]}}],"provider_references":[{json.dumps(group(1, "111111111", 1))}]}}'.encode()
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (of_rates(2_600), "parts"),
        (b'{"in_network":[' + b"{}," * 2_600 + b"{}]}", "parts"),
        (b'{"provider_references":[' + b'{"provider_group_id":1},' * 2_600 + b"{}]}", "parts"),
        (b'{"in_network":[{' + b'"billing_code":"9",' * 2_600 + b'"a":1}]}', "parts"),
        (of_rates(1, OUR_RATE.replace("[1]", f"[{'1,' * 30_000}1]")), "values"),
        (of_rates(1, f'{{"negotiated_prices":[{"{}," * 30_000}{{}}]}}'), "values"),
        (of_rates(1, OUR_RATE.replace("[1]", f"[{'1,' * 7_000}1]").replace("[{", f"[{'{},' * 99}{{")), "rates"),
    ],
    ids=["rates", "items", "references", "codes", "groups", "prices", "pairs"],
)
def test_a_few_bytes_do_not_make_many_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, says: str
) -> None:
    """They are counted while they are read, by what the file measures as it comes; a small file may have some."""
    for name, many in (("_MANY_PARTS", 2_000), ("_MANY_VALUES", 20_000), ("_MANY_PAIRS", 400_000)):
        monkeypatch.setattr(rate_stream, name, many)
    path = tmp_path / "file.json.gz"
    path.write_bytes(gzip.compress(content))

    with pytest.raises(RatesRefused) as caught:
        read_rates(path)

    assert f"more and smaller {says}" in caught.value.problems[0].message


def test_a_gzip_is_unpacked_to_a_hundred_times_its_size_at_most(tmp_path: Path) -> None:
    """Beyond 8 MB, which a small file of a small payer may reach by any ratio."""
    path = tmp_path / "file.json.gz"
    path.write_bytes(gzip.compress(b" " * 10_000_000, 1))
    given: list[int] = []

    with pytest.raises(RatesRefused, match="more than 100 times"):
        given.extend(map(len, rate_stream.unpacked_chunks(path)))

    assert sum(given) <= 1 << 23


def test_a_file_that_shrinks_to_a_fortieth_is_read_whole(tmp_path: Path) -> None:
    """As payers' files do at most: one text again and again, with another amount and other clinics each time."""
    chance = random.Random(7)
    places = json.dumps([f"{place:02}" for place in range(11, 81)])
    rates = [
        OUR_RATE.replace("30.5", str(chance.randrange(900, 9_000) / 100))
        .replace('"11"', places[1:-1])
        .replace("[1]", f"[{chance.randrange(1, 999)}]")
        for _ in range(2_000)
    ]
    path = tmp_path / "file.json.gz"
    content = of_rates(0, *rates)
    path.write_bytes(gzip.compress(content, 9))

    assert len(content) > 40 * path.stat().st_size
    assert 2_000 == read_rates(path).provenance.kept


# ----------------------------------------------------------------------------
# Files that are refused whole.
# ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (LAYOUTS["plain"][:-40], "no whole JSON"),
        (gzip.compress(LAYOUTS["plain"])[:-30], "cut off after"),
        (gzip.compress(LAYOUTS["plain"])[:-8] + b"XXXXXXXX", "damaged after"),
        (LAYOUTS["plain"] + b"{}", "no whole JSON"),
        (b"", "is empty"),
        (b"hello", "Give a JSON file"),
        (b"PK\x03\x04rest", "Unzip the file"),
        (b'{"out_of_network": []}', "allowed amounts"),
        (b'{"standard_charge_information": []}', "estimator import hospital"),
        (b'{"anything": 1}', "no in_network"),
        (b'{"in_network": [[{"billing_code": "97110"}}]}', "no whole JSON"),
        (b'{"in_network": [{"billing_code": "97110" oops}]}', "no whole JSON"),
    ],
    ids=["cut", "gz cut", "damaged", "more", "empty", "text", "zip", "allowed", "hospital", "other", "odd", "oops"],
)
def test_a_file_that_is_not_whole_is_refused_whole(tmp_path: Path, content: bytes, says: str) -> None:
    """With the place where it ends."""
    path = tmp_path / "file.json"
    path.write_bytes(content)

    with pytest.raises(RatesRefused) as caught:
        read_rates(path)

    assert says in caught.value.problems[0].message


def test_a_table_of_contents_stands_for_the_files_beside_it(tmp_path: Path) -> None:
    """Nothing is downloaded; what is not there is told."""
    file = file_of(tmp_path, *PLAIN)
    listed = [{"location": f"https://example.invalid/a/{name}?key=1"} for name in ("rates.json", "gone.json")]
    contents = tmp_path / "index.json"
    contents.write_text(json.dumps({"reporting_structure": [{"in_network_files": listed}] * 2}), "utf-8")

    assert ([file], ["gone.json"]) == local_files(contents)
    assert ([file], []) == local_files(file)


def run(*words: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(import_, [str(word) for word in words], catch_exceptions=False)


def test_the_command_prints_what_is_kept_refused_and_the_market(tmp_path: Path) -> None:
    """As JSON, row by row."""
    file = file_of(tmp_path, service("97110", price(40.94), price(0)))

    told = json.loads(run("rates", file, "--insurer", "evergreen", "--json").stdout)

    (row,) = told["kept"]
    assert ("97110", "40.94", "outpatient", "ffs", ["1999999984"], "111111111") == (
        row["code"],
        row["amount"],
        row["setting"],
        row["arrangement"],
        row["npi"],
        row["tin"],
    )
    assert {"not a price (0, 0.01 or 9999999.99)": 1} == told["refused"]
    market = {"min": "40.94", "p25": "40.94", "median": "40.94", "p75": "40.94", "max": "40.94"}
    assert [{"code": "97110", **market, "clinics": 1}] == told["market"]


def test_the_command_tells_a_reader(tmp_path: Path) -> None:
    """Each file with its date, and each reason with its number."""
    file = file_of(tmp_path, service("97110", price(40.94), price(0)))

    told = run("rates", file, "--insurer", "evergreen").stdout

    assert "rates.json: EVERGREEN, 2026-10-01, schema 2.1.0" in told
    assert "1  refused: not a price" in told


def test_the_command_ends_with_2_where_a_file_is_cut_off(tmp_path: Path) -> None:
    """Nothing is kept of it."""
    file = tmp_path / "cut.json"
    file.write_bytes(LAYOUTS["plain"][:-3])

    told = run("rates", file, "--insurer", "evergreen")

    assert (2, "") == (told.exit_code, told.stdout)
    assert "cut.json" in told.stderr


# ----------------------------------------------------------------------------
# Publishing what files say.
# ----------------------------------------------------------------------------

BLUE = ("--insurer", "bcbs-mn", "--state", "WA")
PAYER = "Blue Cross and Blue Shield of Minnesota"


@pytest.fixture
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a test publishes to itself."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))


def typical(zip_code: str = "98101", market: str = "employer") -> str | None:
    """Return what the payer's plans are priced at for a unit of exercise, None where no file says it."""
    prices = open_prices()
    assert prices is not None
    found = gather_prices(find_zip(zip_code), plan=(PAYER, market), published=prices.market).market.get("97110")
    return str(found.typical) if found else None


@pytest.mark.usefixtures("own_database")
def test_published_figures_price_until_they_are_taken_back(tmp_path: Path) -> None:
    """A dry run changes nothing; the same again changes nothing; what priced before prices again."""
    first = file_of(tmp_path, service("97110", price(40.94)))
    assert "this was a dry run" in run("rates", first, *BLUE).stdout
    assert "These figures price from now on." in run("rates", first, *BLUE, "--activate", "--by", "Ana").stdout
    assert "They price already." in run("rates", first, *BLUE, "--activate").stdout
    assert "40.94" == typical()

    second = file_of(tmp_path, service("97110", price(41.00)))
    assert "97110: median $40.94, then $41.00" in run("rates", second, *BLUE).stdout
    run("rates", second, *BLUE, "--activate")
    assert "41.00" == typical()

    told = [run_market("rollback", "bcbs-mn", "--state", "WA", "--by", "Ana") for _ in range(3)]
    assert "Table 1 prices again: rates.json." in told[0].stdout
    assert "Nothing was published before" in told[1].stdout
    assert (2, True) == (told[2].exit_code, "Nothing of bcbs-mn WA is published." in told[2].stderr)
    assert typical() is None


def run_market(*words: str) -> Result:
    """Run a command about what was published."""
    return CliRunner().invoke(market, words, catch_exceptions=False)


@pytest.mark.usefixtures("own_database")
def test_history_tells_every_table_and_which_prices(tmp_path: Path) -> None:
    """The newest first, with its files and who published it."""
    assert "Nothing was published." in run_market("history").stdout
    for amount in (40.94, 41):
        run("rates", file_of(tmp_path, service("97110", price(amount))), *BLUE, "--activate", "--by", "Ana")
    run_market("rollback", "bcbs-mn", "--state", "WA", "--by", "Bo")

    lines = run_market("history", "bcbs-mn").stdout.splitlines()

    assert ["* 3", "  2", "  1"] == [line[:3] for line in lines]
    assert "1 codes from rates.json again" in lines[0]
    assert ["Bo", "Ana", "Ana"] == [line.split()[-1] for line in lines]


@pytest.mark.usefixtures("own_database")
def test_figures_of_a_region_go_before_those_of_its_state(tmp_path: Path) -> None:
    """Each where it holds; other states and Medicare's plans have none."""
    for amount, zips in ((41.00, ("--zips", "980-981")), (42.00, ())):
        run("rates", file_of(tmp_path, service("97110", price(amount))), *BLUE, *zips, "--activate")

    assert ["41.00", "42.00", None] == [typical(one) for one in ("98101", "99201", "97201")]
    assert typical(market="medicare-advantage") is None


@pytest.mark.usefixtures("own_database")
def test_a_first_import_is_compared_with_what_ships(tmp_path: Path) -> None:
    """For its payer and area; it goes before what ships, which prices the codes that it does not have."""
    twin_cities = ("--insurer", "bcbs-mn", "--state", "MN", "--zips", "550-556")
    path = file_of(tmp_path, service("97110", price(45)))

    told = run("rates", path, *twin_cities, "--activate").stdout

    assert "0 codes new, 0 gone, 1 medians change.\n  97110: median $40.94, then $45.00\n" in told
    assert "45.00" == typical("55414")
    assert "Nothing of this payer and area prices by now" in run("rates", path, *twin_cities[:-2]).stdout
    assert "They price already." in run("rates", path, *twin_cities, "--activate").stdout
    run_market("rollback", "bcbs-mn", *twin_cities[2:])
    assert "97110: median $40.94, then $45.00" in run("rates", path, *twin_cities).stdout
    assert "40.94" == typical("55414")


@pytest.mark.usefixtures("own_database")
def test_an_estimate_is_priced_by_what_was_published(tmp_path: Path) -> None:
    """Of a plan of that payer, whose contract isn't known."""
    run("rates", file_of(tmp_path, service("97110", price(40.94))), *BLUE, "--activate")
    share = {"coinsurance": "100%", "deductible": "waived", "cite": "eoc p. 12"}
    benefits = {"physical-therapy": {"services": ["pt-timed"], "cost_share": {"in-network": share}}}
    blue = definition("blue", payer=PAYER, market="employer", benefits=benefits)
    visits = [{"day": "2026-11-02", "services": [{"code": "97110", "units": 2}]}]
    asked = read_request({"plan": blue, "zip": "98101", "visits": visits}, date(2026, 11, 2))

    answer, _ = estimate_asked(asked, folder_shelf(plans_folder()), prices=open_prices())

    assert "81.88" == str(answer.typical.owes)


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize(
    ("clinic", "expected"),
    [
        ({"npi": "1999999984"}, ("30.00", "30.00", "30.00", True)),
        ({"npi": "1999999984", "tin": "22-2222222"}, ("30.00", "30.00", "30.00", True)),
        ({"tin": "22-2222222"}, ("50.00", "55.00", "60.00", True)),
        ({"npi": "1234567893", "tin": "22-2222222"}, ("50.00", "55.00", "60.00", True)),
        ({"npi": "1234567893", "tin": "33-3333333"}, ("27.00", "42.50", "60.50", False)),
        ({}, ("27.00", "42.50", "60.50", False)),
    ],
    ids=["NPI", "NPI first", "TIN", "TIN where the NPI has no price", "neither", "no settings"],
)
def test_a_file_that_names_this_clinic_prices_it_by_its_own_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clinic: dict[str, str], expected: tuple[object, ...]
) -> None:
    """Not by the median of all, nor in a wider range, however few clinics are in the file; others keep the market."""
    settings = tmp_path / "clinic.json"
    settings.write_text(json.dumps(clinic), "utf-8")
    monkeypatch.setenv("ESTIMATOR_CLINIC", str(settings))
    prices = {1: (30,), 2: (50, 60)}
    rates = [
        {"provider_references": [group], "negotiated_prices": [price(one) for one in amounts]}
        for group, amounts in prices.items()
    ]
    path = file_of(tmp_path, {**service("97110"), "negotiated_rates": rates}, service("97140", price(20)))
    assert "These figures price from now on." in run("rates", path, *BLUE, "--activate").stdout
    benefits = {
        "physical-therapy": {
            "services": ["pt-timed"],
            "cost_share": {"in-network": {"coinsurance": "100%", "deductible": "waived", "cite": "eoc p. 12"}},
        }
    }
    blue = definition("blue", payer=PAYER, market="employer", benefits=benefits)
    visits = [{"day": "2026-11-02", "services": [{"code": "97110", "units": 1}]}]
    asked = read_request({"plan": blue, "zip": "98101", "visits": visits}, date(2026, 11, 2))

    answer, plan = estimate_asked(asked, folder_shelf(plans_folder()), prices=open_prices())

    [finding] = [line.price for line in lines_of(answer.typical)]
    assert isinstance(finding, PriceMarket)
    owed = (str(one.owes) for one in (answer.low, answer.typical, answer.high))
    assert expected == (*owed, finding.is_own)
    words = [tell(finding, Telling(plan, {})) for tell in (price_for_patient, price_for_biller)]
    assert [finding.is_own] * 2 == ["pays this clinic" in words[0], words[1].startswith("This clinic’s own rate")]


@pytest.mark.usefixtures("own_database")
def test_a_saved_estimate_is_made_again_by_the_figures_of_its_moment(tmp_path: Path) -> None:
    """What is published later doesn't move it."""
    run("rates", file_of(tmp_path, service("97110", price(40.94))), *BLUE, "--activate")
    engine = open_engine()
    [(first, _)] = published_markets(engine)
    run("rates", file_of(tmp_path, service("97110", price(41.00))), *BLUE, "--activate")

    then, now = (prices_of(engine, (), (), until).market for until in (first.published_at, None))
    engine.dispose()

    assert ["40.94", "41.00"] == [str(one.rows[0].quantiles[2]) for one in (then, now) if one]


@pytest.mark.usefixtures("own_database")
def test_a_published_figure_tells_its_file_day_and_clinics(tmp_path: Path) -> None:
    """As the rows that ship do."""
    run("rates", file_of(tmp_path, service("97110", price(40.94))), *BLUE, "--activate")
    prices = open_prices()
    assert prices is not None
    assert prices.market is not None
    [row] = prices.market.rows

    assert "Washington" == row.area
    assert "EVERGREEN: in-network files rates.json" == row.citation.source.title
    assert "EVERGREEN, EVERGREEN PPO, file of 2026-10-01, 1 clinics, quarters $40.94 and $40.94" == row.citation.place


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--insurer", "nobody", "--state", "WA"), "No insurer has the id nobody"),
        (("--insurer", "bcbs-mn"), "Enter the state whose clinics these are"),
        (("--insurer", "bcbs-mn", "--state", "ZZ"), "two letters of a state"),
        ((*BLUE, "--zips", "98101"), "such as 550-556"),
        ((*BLUE, "--zips", "556-550"), "such as 550-556"),
    ],
)
def test_what_cannot_be_published_is_refused(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    """An insurer, a state and ZIP codes that there are."""
    told = run("rates", file_of(tmp_path, service("97110", price(40.94))), *words, "--activate")

    assert (2, True) == (told.exit_code, says in told.stderr)


@pytest.mark.usefixtures("own_database")
def test_files_without_a_price_of_a_unit_are_not_published(tmp_path: Path) -> None:
    """Visit rates and hospitals' price no unit."""
    told = run("rates", file_of(tmp_path, service("97110", price(0))), *BLUE, "--activate")

    assert (2, True) == (told.exit_code, "no price of a unit in a clinic" in told.stderr)
