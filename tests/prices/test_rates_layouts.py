"""Random files of payers, legal in any layout, give the same prices as read whole: none lost, none invented."""

import gzip
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from estimator.prices import rate_stream
from estimator.prices.rates import FileRates, read_rates
from tests.prices.test_rates import GROUPS, HEAD, STRANGER, price, service

OURS = ("97110", "97140", "20561")
STRANGERS = ("70551", "99999", "A0001", "97")
# Text that looks like what the reader looks for, or ends in the middle of it.
TEXTS = (
    "x",
    "97110",
    'a "quoted" ]}[{ \\',
    '{"negotiation_arrangement": "ffs"',
    '"billing_code": "97110"',
    "}]}, {",
    "negotiated_rate: {5}",
    "é\u2028\\",
    "y" * 700,
)
AMOUNTS = (30, 30.5, 40.94, "41.10", 0.01, 1e2, 99999999.99, 30.505, "12")


def rate(chance: random.Random, oddness: float) -> dict[str, Any]:
    """Return a rate of one price or several."""
    prices = [
        {
            "negotiated_type": chance.choice(("negotiated", "negotiated", "percentage")),
            "negotiated_rate": chance.choice(AMOUNTS),
            "expiration_date": "9999-12-31",
            "service_code": chance.choice((["11"], ["11", "22"])),
            "billing_class": "professional",
            "billing_code_modifier": chance.choice(([], [], ["GP"], ["CQ"])),
            "additional_information": chance.choice(TEXTS) if chance.random() < oddness else "",
        }
        for _ in range(chance.choice((1, 1, 1, 2, 5)))
    ]
    references: list[Any] = chance.sample((1, 2, 3), chance.randrange(1, 3))
    if chance.random() < oddness:
        references = chance.choice(([], ["1"]))
    return {"provider_references": references, "negotiated_prices": prices}


def item(chance: random.Random, oddness: float) -> dict[str, Any]:
    """Return an item of ours or of others, sometimes with a code in what it bundles."""
    code = chance.choice((*OURS, *STRANGERS, *STRANGERS))
    written = {
        "negotiation_arrangement": chance.choice(("ffs", "ffs", "ffs", "bundle")),
        "name": chance.choice(TEXTS),
        "billing_code_type": "CPT",
        "billing_code": code,
        "description": chance.choice(TEXTS),
        "negotiated_rates": [rate(chance, oddness) for _ in range(chance.choice((0, 1, 3, 12)))],
    }
    if chance.random() < 0.15:
        bundled = {"billing_code": chance.choice((*OURS, *STRANGERS)), "billing_code_type": "CPT"}
        written["bundled_codes"] = [bundled]
    return written


def shuffled(written: Any, chance: random.Random) -> Any:
    """Return the same with the keys of every object in another order."""
    if isinstance(written, dict):
        keys = chance.sample(list(written), len(written))
        return {key: shuffled(written[key], chance) for key in keys}
    return [shuffled(one, chance) for one in written] if isinstance(written, list) else written


def written_in_some_way(items: list[dict[str, Any]], chance: random.Random) -> bytes:
    """Return a file; all items alike, some turned, or everything in any order."""
    share = chance.choice((0, 0, 0, 0.2, 1))
    turned = [shuffled(one, chance) if chance.random() < share else one for one in items]
    if chance.random() < 0.2:
        turned = [
            {"negotiation_arrangement": one["negotiation_arrangement"], **dict(reversed(one.items()))} for one in turned
        ]
    parts = [*HEAD.items(), ("provider_references", list(GROUPS)), ("in_network", turned)]
    if chance.random() < 0.5:
        chance.shuffle(parts)
    indent, separators = chance.choice(((None, None), (None, (",", ":")), (1, None), (4, (" , ", " :"))))
    text = json.dumps(dict(parts), indent=indent, separators=separators, ensure_ascii=chance.random() < 0.7)
    if chance.random() < 0.1:
        text = text.replace('"billing_code"', '"billing\\u005fcode"', 1)
    return text.encode()


def expected(items: list[dict[str, Any]]) -> tuple[Counter[Any], int]:
    """Return how often each clinic has each price, and how many prices of our codes there are, read the simple way."""
    found, read = Counter(), 0
    for one in items:
        if one["billing_code"] not in OURS:
            continue
        prices = [
            (rate["provider_references"], price)
            for rate in one["negotiated_rates"]
            for price in rate["negotiated_prices"]
        ]
        read += len(prices)
        if one["negotiation_arrangement"] == "bundle" or one.get("bundled_codes"):
            continue
        for references, one_price in prices:
            cents = round(float(one_price["negotiated_rate"]) * 100 + 1e-6)
            is_price = one_price["negotiated_type"] == "negotiated" and "CQ" not in one_price["billing_code_modifier"]
            if is_price and 5 <= cents <= 500_000:
                found.update((one["billing_code"], cents, str(reference)) for reference in references or [""])
    return found, read


def names_of(read: FileRates) -> dict[int, str]:
    """Return what stands for each number of a group: its TIN's last digit, or nothing where the file has none."""
    return {number: group.clinics[0][0][-1] if group.clinics else "" for number, group in read.groups.items()}


@pytest.mark.parametrize(("first", "many"), [(0, 40), pytest.param(1_000, 1_000, marks=pytest.mark.slow)])
def test_no_layout_loses_or_invents_a_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int, many: int
) -> None:
    """Wherever a chunk ends, however much is held, and whatever stands in text."""
    path = tmp_path / "rates.json"
    ways = Counter[str]()
    ended = rate_stream._Leap._end_item

    def counted(leap: Any, start: int) -> None:
        ways["items left or handed over quickly"] += 1
        ended(leap, start)

    monkeypatch.setattr(rate_stream._Leap, "_end_item", counted)
    for seed in range(first, first + many):
        chance = random.Random(seed)
        oddness = chance.choice((0, 0, 0.02, 0.3))
        items = [item(chance, oddness) for _ in range(chance.choice((1, 4, 15)))]
        content = written_in_some_way(items, chance)
        path.write_bytes(gzip.compress(content, 1) if chance.random() < 0.2 else content)
        monkeypatch.setattr(rate_stream, "_CHUNK", chance.choice((40, 300, 3_000, 1 << 18)))
        monkeypatch.setattr(rate_stream, "_BITE", chance.choice((17, 1 << 17)))
        ahead, back = chance.choice(((60, 200), (60, 3_000), (512, 4_096)))
        monkeypatch.setattr(rate_stream, "_LOOK_AHEAD", ahead)
        monkeypatch.setattr(rate_stream, "_LOOK_BACK", back)
        monkeypatch.setattr(rate_stream, "_MOST_HELD", chance.choice((500, 5_000, 1 << 22)))

        read = read_rates(path, frozenset(OURS))

        found, count = expected(items)
        names = names_of(read)
        assert count == read.provenance.read, seed
        assert {(code, cents, name if name in "12" else "") for code, cents, name in found} == {
            (price.code, price.cents, names.get(number, "")) for price, numbers in read.prices for number in numbers
        }, seed
    assert ways["items left or handed over quickly"] > many // 3


def test_a_code_is_found_where_bytes_find_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two places, by the search of the C library and without one."""
    key = b'"billing_code"'
    texts = (b"", key, key[:-1], key[1:], b"a" + key * 2 + b"\0" + key + key[:5])
    for text in texts:
        for start in range(len(text) + 2):
            for end in range(len(text) + 20):
                expected = text.find(key, start, end)

                assert expected == rate_stream._find_code(text, start, end)
                with monkeypatch.context() as without:
                    without.setattr(rate_stream, "_memmem", None)
                    assert expected == rate_stream._find_code(text, start, end)


LONG = "y" * 900
IN_PARTS = (300, 1 << 22)


@pytest.mark.parametrize(
    ("items", "chunk", "held"),
    [
        # The beginning of an item is looked for in all that is held, and else the file is read again.
        ([service("70551", price(9)), service("97110", price(30.5), name=LONG)], *IN_PARTS),
        ([service("70551", *[price(9)] * 9), service("97110", price(30.5), name=LONG)], 100, 300),
        ([service("70551", *[price(9)] * 9), shuffled(service("97110", price(30.5)), random.Random(3))], 100, 300),
        # The last item is not held, and groups stand behind it.
        ([service("97110", price(30.5)), service("70551", *[price(9)] * 20)], 100, 300),
        # Two items of ours, the second with much before its code.
        ([service("97110", price(30.5)), service("97140", price(31), name=LONG), service("70551")], *IN_PARTS),
        ([service("97110", price(30.5)), shuffled(service("97140", price(31)), random.Random(3))], *IN_PARTS),
        # Something within the last item begins like an item.
        ([service("97110", price(30.5)), service("70551", price(9), parts=[service("70551")])], 100, 300),
    ],
    ids=["long", "long, not held", "turned, not held", "last not held", "two", "two, one turned", "one in the last"],
)
def test_an_item_is_found_by_its_code_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, items: list[dict[str, Any]], chunk: int, held: int
) -> None:
    """Where its beginning stands far before, or begins in another way."""
    behind = [STRANGER] if held == IN_PARTS[1] else []
    for name, value in (("_LOOK_AHEAD", 60), ("_LOOK_BACK", 100), ("_CHUNK", chunk), ("_MOST_HELD", held)):
        monkeypatch.setattr(rate_stream, name, value)
    path = tmp_path / "rates.json"
    path.write_text(json.dumps({"in_network": [STRANGER, *items, *behind], "provider_references": [*GROUPS], **HEAD}))

    read = read_rates(path)

    ours = {one["billing_code"] for one in items} - {"70551"}
    assert ours == {price.code for price, _ in read.prices}
    assert "111111111" == read.groups[1].clinics[0][0]


@pytest.mark.parametrize(
    "written",
    [
        service("97110", price(30.5), bundled_codes=[{"billing_code": "70551"}]),
        service("97110", price(30.5), negotiation_arrangement="capitation"),
        service("97110", price(30.5, billing_code_modifier=["CQ"])),
        service("97110", price(30.5, again=0)),
        service("97110", price(30.5, escaped=0)),
        service("97110", {('an "again' if key == "negotiated_rate" else key): of for key, of in price(30.5).items()}),
        service("97110", price(0.01, expiration_date="2020-01-01")),
    ],
    ids=[
        "bundle named behind the rates",
        "capitation",
        "modifier behind the amount",
        "another amount behind it",
        "another amount behind it, its key escaped",
        "a key that ends like that of the amount",
        "refused for one reason alone",
    ],
)
def test_what_stands_behind_an_amount_counts(tmp_path: Path, written: dict[str, Any]) -> None:
    """Also where only the text around amounts is compared."""
    path = tmp_path / "rates.json"
    text = json.dumps({**HEAD, "in_network": [written]})
    path.write_text(text.replace("again", "negotiated_rate").replace("escaped", "negotiated\\u005frate"))

    read = read_rates(path)

    assert (1, 0) == (read.provenance.read, read.provenance.kept)
    assert [1] == list(read.provenance.refused.values())


def test_what_is_not_shaped_like_a_price_is_counted_and_costs_no_other_price(tmp_path: Path) -> None:
    """Whatever stands in place of a rate, a price, a list or a word."""
    parts = ("negotiated_rates", "provider_references", "negotiated_prices", "service_code", "expiration_date")
    path = tmp_path / "rates.json"
    for odd in (None, 5, True, "x", {}, {"a": 1}, [None], [[]], [{}], [{"a": 1}]):
        for part in parts:
            item = service("97110", price(30.5))
            [one] = item["negotiated_rates"]
            for holder in (item, one, one["negotiated_prices"][0]):
                if part in holder:
                    holder[part] = odd
            items = [item, service("97140", price(40))]
            path.write_text(json.dumps({**HEAD, "provider_references": GROUPS, "in_network": items}))

            read = read_rates(path)

            assert 40_00 in {each.cents for each, _ in read.prices}, (part, odd)
            assert read.provenance.read == read.provenance.kept + sum(read.provenance.refused.values()), (part, odd)
