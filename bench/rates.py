"""Measure reading a payer's file: make one of any size, read it by both ways and by ijson, and print speed and memory.

`python bench/rates.py [MEGABYTES]` makes an in-network file of 1,200 codes (300 MB unless told), canonical and with
keys and blanks in any order, each gzipped; beyond 400 MB, one canonical file in which the rates of every item are
written again and again. What the machine can do at most stands beside each figure, measured in the same minute.
Nothing here is a test and nothing fails on time; results that differ do.
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

CODES = 1_200
GROUPS = 3_000
SEED = 20260914
# Beyond so many megabytes a file is written by repetition.
LARGE = 400


def codes() -> list[str]:
    """Return ours among strangers, in an order that is always the same."""
    from estimator.prices.rates import therapy_codes

    ours = sorted(therapy_codes())
    strangers = [f"{number:05d}" for number in range(10_000, 10_000 + CODES - len(ours))]
    listed = ours + strangers
    random.Random(SEED).shuffle(listed)
    return listed


def group(number: int) -> dict[str, Any]:
    """Return a group of one clinic."""
    npis = [1_000_000_000 + number * 7 + one for one in range(3)]
    tin = {"type": "ein", "value": f"{100_000_000 + number // 2}", "business_name": f"Clinic {number}"}
    networks = ["EVERGREEN PPO" if number % 3 else "EVERGREEN HMO"]
    return {"provider_group_id": number, "network_name": networks, "provider_groups": [{"npi": npis, "tin": tin}]}


def service(code: str, rates: int) -> dict[str, Any]:
    """Return a code with so many rates."""
    chance = random.Random(code)
    return {
        "negotiation_arrangement": "ffs",
        "name": f"Service {code}",
        "billing_code_type": "CPT",
        "billing_code_type_version": "2026",
        "billing_code": code,
        "description": f"What {code} is",
        "negotiated_rates": [rate(chance) for _ in range(rates)],
    }


def rate(chance: random.Random) -> dict[str, Any]:
    """Return one rate of some groups."""
    price = {
        "negotiated_type": "negotiated",
        "negotiated_rate": chance.randrange(1500, 9000) / 100,
        "expiration_date": "9999-12-31",
        "service_code": ["11"],
        "billing_class": chance.choice(("professional", "professional", "institutional")),
        "setting": "outpatient",
        "billing_code_modifier": chance.choice(([], [], ["GP"], ["CQ"])),
        "additional_information": "",
    }
    return {"provider_references": chance.sample(range(GROUPS), 4), "negotiated_prices": [price]}


def shuffled(written: Any, chance: random.Random) -> Any:
    """Return the same with the keys of every object in another order."""
    if isinstance(written, dict):
        keys = list(written)
        chance.shuffle(keys)
        return {key: shuffled(written[key], chance) for key in keys}
    return [shuffled(one, chance) for one in written] if isinstance(written, list) else written


def pieces(megabytes: int, *, any_layout: bool) -> Iterator[str]:
    """Yield a file of about this size."""
    each = max(1, megabytes * 1_000_000 // CODES // 310)
    head = {"reporting_entity_name": "EVERGREEN", "last_updated_on": "2026-10-01", "version": "2.1.0"}
    chance = random.Random(SEED)

    def written(one: Any) -> str:
        if not any_layout:
            return json.dumps(one)
        return json.dumps(shuffled(one, chance), indent=chance.choice((None, 1)))

    def listed(name: str, members: Iterator[Any]) -> Iterator[str]:
        yield f'"{name}": ['
        for number, member in enumerate(members):
            yield f"{', ' if number else ''}{written(member)}"
        yield "]"

    references = listed("provider_references", map(group, range(GROUPS)))
    items = listed("in_network", (service(code, each) for code in codes()))
    yield json.dumps(head)[:-1] + ", "
    for part in (items, references) if any_layout else (references, items):
        yield from part
        yield "}" if part is (references if any_layout else items) else ", "


def make(path: Path, megabytes: int, *, any_layout: bool = False) -> int:
    """Write a gzipped file and return the size of what is in it."""
    size = 0
    with gzip.open(path, "wb", compresslevel=4) as opened:
        for piece in pieces(megabytes, any_layout=any_layout):
            size += opened.write(piece.encode())
    return size


def make_large(path: Path, megabytes: int) -> int:
    """Write a canonical file of any size in little time: an item's rates are packed once and repeated as members."""
    rates = 60
    size, ending = 0, "]}"
    with path.open("wb") as opened:

        def write(text: str, times: int = 1) -> None:
            nonlocal size
            opened.write(gzip.compress(text.encode(), 4) * times)
            size += len(text.encode()) * times

        head = {"reporting_entity_name": "EVERGREEN", "last_updated_on": "2026-10-01", "version": "2.1.0"}
        references = ", ".join(json.dumps(group(number)) for number in range(GROUPS))
        write(f'{json.dumps(head)[:-1]}, "provider_references": [{references}], "in_network": [')
        for number, code in enumerate(codes()):
            text = json.dumps(service(code, rates))
            start = text.index('"negotiated_rates": [') + len('"negotiated_rates": [')
            block = text[start : -len(ending)]
            times = max(1, megabytes * 1_000_000 // CODES // len(block))
            write(("" if not number else ", ") + text[:start])
            write(block + ", ", times - 1)
            write(block + ending)
        write("]}")
    return size


def by_ijson(path: Path) -> dict[str, set[tuple[str, str]]]:
    """Return the kept amounts and clinics by code, read the slow way by another library."""
    import ijson

    from estimator.prices.rates import therapy_codes

    wanted, found, tins = therapy_codes(), {}, {}
    with gzip.open(path, "rb") as opened:
        for one in ijson.items(opened, "provider_references.item", use_float=True):
            tins[one["provider_group_id"]] = {inner["tin"]["value"] for inner in one["provider_groups"]}
    with gzip.open(path, "rb") as opened:
        for one in ijson.items(opened, "in_network.item", use_float=True):
            if one["billing_code"] in wanted:
                found[one["billing_code"]] = {
                    (f"{price['negotiated_rate']:.2f}", price["billing_class"], tin)
                    for rate in one["negotiated_rates"]
                    for price in rate["negotiated_prices"]
                    if price["billing_code_modifier"] in ([], ["GP"])
                    for number in rate["provider_references"]
                    for tin in tins[number]
                }
    return found


def ours(path: Path) -> dict[str, set[tuple[str, str]]]:
    """Return the same as we read it."""
    from estimator.engine.values import Money
    from estimator.prices.rates import kept_rows, read_rates

    found: dict[str, set[Any]] = {}
    for row in kept_rows([read_rates(path)]):
        found.setdefault(row.price.code, set()).add((str(Money(row.price.cents)), row.price.billing_class, row.tin))
    return found


# Of the thread that reads: NumPy starts others, which do nothing here but start.
_MEASURED = """
import resource, sys, time
from pathlib import Path
import estimator.prices.rates as rates
from estimator.prices.rate_stream import unpacked_chunks
path, code = Path(sys.argv[1]), b'"billing_code"'
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, worked = time.perf_counter(), time.thread_time()
rates.read_rates(path)
took, worked = time.perf_counter() - start, time.thread_time() - worked
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = time.thread_time()
size = sum(map(len, unpacked_chunks(path)))
unpacked = time.thread_time() - before
looked = 0.0
for chunk in unpacked_chunks(path):
    before = time.thread_time()
    chunk.count(code)
    looked += time.thread_time() - before
print(took, worked, (peak - idle) / 1024, unpacked, looked)
"""


def measured(path: Path) -> tuple[float, ...]:
    """Return seconds, seconds of processor, megabytes above the idle process, and what the machine needs at least.

    That is unpacking alone and one search alone, in seconds of processor; the quickest round of three counts.
    """
    command = [sys.executable, "-c", _MEASURED, str(path)]
    rounds = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(3)]
    return min((tuple(map(float, one)) for one in rounds), key=lambda one: one[1])


def main(megabytes: int) -> None:
    """Print what was measured."""
    is_large = megabytes > LARGE
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.json.gz" for name in ("canonical", "any-layout")[: 1 if is_large else 2]]
        sizes = [
            make_large(path, megabytes) if is_large else make(path, megabytes, any_layout=bool(number))
            for number, path in enumerate(paths)
        ]
        for path, size in zip(paths, sizes, strict=True):
            took, worked, memory, unpacked, looked = measured(path)
            print(
                f"{path.stem}: {size / 1e6:.0f} MB in {took:.2f} s, {size / worked / 1e6:,.0f} MB/s a core, "
                f"{memory:.0f} MB above idle; unpacking alone {size / unpacked / 1e6:,.0f} MB/s "
                f"({unpacked / worked:.0%} of the time), one search {size / looked / 1e6:,.0f} MB/s "
                f"({looked / worked:.0%})"
            )
        second = paths[0].with_name("second.json.gz")
        second.write_bytes(paths[0].read_bytes())
        start = time.perf_counter()
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(measured_once, (paths[0], second)))
        both = time.perf_counter() - start
        print(f"two files at once: {2 * sizes[0] / both / 1e6:,.0f} MB/s, the start of two processes included")
        if not is_large:
            start = time.perf_counter()
            expected = by_ijson(paths[0])
            print(f"ijson, both passes: {sizes[0] / (time.perf_counter() - start) / 1e6:,.0f} MB/s")
            for path in paths:
                print(f"{path.stem} gives what ijson gives: {ours(path) == expected}")


def measured_once(path: Path) -> None:
    """Read one file, in a process of its own."""
    from estimator.prices.rates import read_rates

    read_rates(path)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
