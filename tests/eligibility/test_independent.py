"""Another reader of X12 parts well-formed files into the same segments, and finds nothing wrong with ours."""

from io import StringIO

import pytest
from pyx12.x12file import X12Reader

from estimator.eligibility.x12_text import read_segments
from tests.eligibility.answers import PLAIN, answer


@pytest.mark.parametrize(
    "written",
    [
        PLAIN,
        PLAIN.replace("*", "|").replace("~", "\n"),
        PLAIN.replace("~", "~\r\n"),
        answer("EB*1*IND*30", "LS*2120", "LE*2120", level="23"),
    ],
)
def test_another_reader_finds_the_same_segments(written: str) -> None:
    """Each with its name and its elements."""
    reader = X12Reader(StringIO(written, newline=""))
    theirs = [
        [segment.get_seg_id(), *(segment.get_value(f"{at:02}") for at in range(1, len(segment) + 1))]
        for segment in reader
    ]

    ours = [[segment.id, *segment.elements] for segment in read_segments(written).segments]

    assert theirs == ours
    assert [] == reader.pop_errors()
