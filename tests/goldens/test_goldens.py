"""A saved answer changes only where somebody says so in the changelog."""

from pathlib import Path

import pytest

from tests.goldens.answers import REQUESTS, answered, golden


@pytest.mark.parametrize("request_file", REQUESTS, ids=lambda path: path.stem)
def test_a_saved_request_is_answered_as_before(request_file: Path) -> None:
    """`make goldens` writes the answers anew; a changed one needs a line in the changelog that says why."""
    assert golden(request_file).read_text("utf-8") == answered(request_file)


def test_no_answer_is_kept_without_its_request() -> None:
    """A request that is taken out takes its answer along."""
    assert [golden(path) for path in REQUESTS] == sorted(Path(__file__).parent.glob("*.txt"))
