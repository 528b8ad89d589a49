"""Each service of each visit with its reasons and sources; visits that go alike are told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from estimator.papers.blocks import Block, bullets, heading, text
from estimator.wording.alike import alike, heading_of, line_says, reasons_of
from estimator.wording.sources import Sources
from estimator.wording.telling import PATIENT


def reasons(visits: Iterable[Mapping[str, Any]], sources: Sources) -> Iterator[Block]:
    """Yield the lines of each kind of visit, with the amounts of the first of them."""
    for group in alike(visits):
        yield heading(heading_of(group), 2)
        for line in group[0]["lines"]:
            yield text(line_says(line, PATIENT))
            yield bullets(sources.cited(part) for part in reasons_of(line))
