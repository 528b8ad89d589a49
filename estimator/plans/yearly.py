"""The figures that the law or a federal program sets each year, and how sure each of them is.

Read from `_yearly-figures.yaml` of the plans folder. Lint tells a plan whose maximum is
above the legal one of its year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.values import UNKNOWN, Between, Citation, Money, Unknown
from estimator.errors import PlanFileRefused, Problem
from estimator.plans.schema_values import (
    Amount,
    BlockSchema,
    Cite,
    Count,
    Names,
    Text,
    Word,
    enum_words,
    load,
)
from estimator.plans.shared import Shared, shown
from estimator.plans.text import Listing, documents, problem

FILE = "_yearly-figures.yaml"
OUT_OF_POCKET_MAX = "out-of-pocket-max"
FIGURES = (
    OUT_OF_POCKET_MAX, "hdhp-deductible-min", "hdhp-out-of-pocket-max", "part-b-deductible", "kx-threshold",
    "tricare-costs", "fep-blue-benefits",
)  # fmt: skip
Key = tuple[int, str]


class Standing(StrEnum):
    """How sure a figure of a year is."""

    FINAL = "final"
    PROPOSED = "proposed"
    PROJECTED = "projected"
    NOT_PUBLISHED = "not-published"


@dataclass(frozen=True, slots=True)
class YearlyFigure:
    """One figure of one year, for a person and, where it differs, a family; unknown where it is not published.

    `method` says how a projected figure is worked out, or will be; `ask` is the question for one that is not published.
    """

    year: int
    figure: str
    person: Money | Between | Unknown
    family: Money | Between | Unknown | None
    status: Standing
    method: str
    ask: str
    citation: Citation | None


class _FigureSchema(BlockSchema):
    cited = True
    year = Count(least=2000, required=True)
    figure = Word(FIGURES, required=True)
    person = Amount(required=True)
    family = Amount(load_default=None)
    status = Word(enum_words(Standing), required=True)
    method = Text(load_default="")
    ask = Text(load_default="")
    cite = Cite()

    @validates_schema
    def agree(self, loaded: Any, **kwargs: Any) -> None:
        """Refuse a figure that is not published and has an amount or no question, and a projection without a method."""
        mistakes = {}
        is_open = loaded.get("status") is Standing.NOT_PUBLISHED
        if is_open and loaded.get("person") is not UNKNOWN:
            mistakes["person"] = ["Enter unknown: a figure that is not published has no amount."]
        if is_open and not loaded.get("ask"):
            mistakes["ask"] = ["Enter the question to ask until this figure is published."]
        if not is_open and loaded.get("person") is UNKNOWN:
            mistakes["person"] = ["Enter the amount, or the status not-published."]
        if loaded.get("status") is Standing.PROJECTED and not loaded.get("method"):
            mistakes["method"] = ["Enter how the projection was worked out."]
        if mistakes:
            raise ValidationError(mistakes)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> YearlyFigure:
        """Return the figure."""
        return YearlyFigure(citation=loaded.pop("cite", None), **loaded)


def read_yearly_figures(content: str | bytes, file: str, shared: Shared) -> Mapping[Key, YearlyFigure]:
    """Return the figures by year and name; raise PlanFileRefused with every mistake in the file."""
    found, mistakes = documents(content, file)
    if not found or not isinstance(found[0], Listing):
        raise PlanFileRefused(
            tuple(mistakes) or (Problem("", "Enter a list of figures, each with `- year: 2027`.", file, 1),)
        )
    figures: dict[Key, YearlyFigure] = {}
    for written in found[0]:
        one, wrong = load(_FigureSchema, written, Names(file, shared.sources), [])
        mistakes += wrong
        if isinstance(one, YearlyFigure):
            if (one.year, one.figure) in figures:
                mistakes.append(problem(written, ("figure",), "This figure of this year is here already.", file))
            figures[one.year, one.figure] = one
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    return figures


def yearly_figures(folder: Path, shared: Shared) -> Mapping[Key, YearlyFigure]:
    """Return the figures of a plans folder by year and name, none where it has no such file; raise PlanFileRefused."""
    path = folder / FILE
    return read_yearly_figures(path.read_bytes(), shown(folder, path), shared) if path.is_file() else {}
