"""No file of at most 1 MB, however it was made, costs its reader more than a second of processor time or 200 MB."""

import sys
from collections.abc import Iterator
from multiprocessing import get_context

import pytest

from tests import hostile
from tests.hostile import MOST_MEMORY, MOST_SECONDS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is counted as only Linux does")

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.hostile"])
# The first of these readers are those of the pages and the API. The others are for commands alone.
AT_A_DESK = ("schedule", "price list", "inquiries", "eligibility", "explanation", "request", "rule file")


def too_much(reader: str) -> Iterator[str]:
    """Yield the shapes that cost a reader too much, or that it does not answer in words."""
    here, there = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=hostile.measure_all, args=(reader, there))
    process.start()
    there.close()
    left = len(hostile.SHAPES[reader])
    try:
        while left:
            shape, size = here.recv()
            assert size <= hostile.LARGEST, shape
            ended, seconds, memory = here.recv()
            if ended.startswith("FAILED") or seconds > MOST_SECONDS or memory > MOST_MEMORY:
                yield f"{shape}: {seconds:.2f} s, {memory / 1_000_000:.0f} MB, {ended}"
            left -= 1
    except EOFError:
        yield f"{shape}: more than {hostile.LONGEST_SECONDS} s or {hostile.SPARE:,} bytes"
    process.join()


@pytest.mark.parametrize(
    "reader", [pytest.param(one, marks=[] if one in AT_A_DESK else [pytest.mark.slow]) for one in hostile.SHAPES]
)
def test_no_hostile_file_costs_its_reader_much(reader: str) -> None:
    """It is read or refused in words; every shape that is too much is named."""
    assert [] == list(too_much(reader))


def test_every_reader_has_its_shapes() -> None:
    """And every shape a reader: anyone who adds a reader of files adds it to both."""
    assert hostile.READERS.keys() == hostile.SHAPES.keys()
