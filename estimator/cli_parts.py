"""What the commands have in common: they end with problems in words and exit status 2 where something stops them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import NoReturn, ParamSpec

import click

from estimator.errors import EstimatorError, Problem

P = ParamSpec("P")

_REFUSED = 2


def told(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command end with problems where something stops it: as JSON where it is told `as_text` False."""

    @wraps(command)
    def telling(*args: P.args, **options: P.kwargs) -> None:
        try:
            command(*args, **options)
        except EstimatorError as error:
            from estimator.wording.errors import problems_of

            stop(problems_of(error), as_text=bool(options.get("as_text", True)))

    return telling


def stop(problems: Iterable[Problem], as_text: bool = True) -> NoReturn:
    """Write problems to standard error and end with exit status 2."""
    if as_text:
        words = "\n".join(map(str, problems))
    else:
        listed = [{"path": _place(problem), "message": problem.message} for problem in problems]
        words = json.dumps({"problems": listed}, indent=2, ensure_ascii=False)
    click.echo(words, err=True)
    sys.exit(_REFUSED)


def _place(problem: Problem) -> str:
    """Return the path within the request or, of a problem in another file, its file, line and path there."""
    return str(replace(problem, message="")) if problem.file else problem.path
