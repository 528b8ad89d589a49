"""The sentences that stand in plan files and price lists rather than in code."""

from collections.abc import Iterator


def content_sentences() -> Iterator[str]:
    """Yield every sentence of the shipped content that a reader may see."""
    yield from ()
