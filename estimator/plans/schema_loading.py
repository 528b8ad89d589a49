"""Runs a schema over what was written, and turns what it says into problems with lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError

from estimator.errors import Problem
from estimator.plans.schema_names import Names, knowing
from estimator.plans.schema_shapes import BlockSchema, schema_of
from estimator.plans.tree import Block, Path, Tree, dotted, problem

_OF_THE_BLOCK = "_schema"


def load(kind: type[BlockSchema], written: Tree, known: Names, already: list[Problem]) -> tuple[Any, list[Problem]]:
    """Return what a schema makes of a block ({} where it has mistakes), and all mistakes, old and new.

    A place that was refused already is not refused twice.
    """
    if not isinstance(written, Block):
        return {}, [*already, problem(written, (), "Write a block of keys here.", known.file)]
    try:
        with knowing(known):
            return schema_of(kind).load(written), list(already)
    except ValidationError as error:
        refused = {mistake.path for mistake in already}
        found = [
            problem(written, path, message, known.file)
            for path, message in _messages(error.messages, ())
            if dotted(path) not in refused
        ]
        return {}, [*already, *found]


def _messages(messages: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(messages, dict):
        for step, inner in messages.items():
            yield from _messages(inner, path if step == _OF_THE_BLOCK else (*path, step))
    elif isinstance(messages, list):
        for message in messages:
            yield from _messages(message, path)
    else:
        yield path, str(messages)
