"""What the commands have in common: requests in, the database that is meant, problems out with exit status 2."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec

import click

from estimator.errors import DatabaseNotReady, EstimatorError, Problem, RequestRefused
from estimator.language import ENGLISH, LANGUAGES, speaking

if TYPE_CHECKING:
    from sqlalchemy import Engine

P = ParamSpec("P")

_REFUSED = 2
MOST_BYTES = 1_000_000
_STANDARD_INPUT = "-"


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


def in_language(command: Callable[P, None]) -> Callable[..., None]:
    """Give a command the option --language, and let it speak that language, problems included."""

    @click.option("--language", type=click.Choice([*LANGUAGES]), default=ENGLISH, show_default=True, help="The words.")
    @wraps(command)
    def speaks(*args: P.args, **options: P.kwargs) -> None:
        with speaking(str(options.pop("language"))):
            command(*args, **options)

    return speaks


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


def request_text(file: str) -> str:
    """Return the text of a file or of standard input, or refuse what is no text of at most 1 MB."""
    if file == _STANDARD_INPUT:
        content = sys.stdin.buffer.read(MOST_BYTES + 1)
    else:
        with readable(file).open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise refused(f"Keep the request under 1 MB; {_called(file)} is larger.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        words = f"Save the request as text in UTF-8; byte {error.start + 1} of {_called(file)} is none."
        raise refused(words) from error


def readable(file: str) -> Path:
    """Return the path of a file that can be opened."""
    path = Path(file)
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise refused(f"{file} cannot be read: {error.strerror}. Name a file.") from error
    except ValueError as error:  # A zero byte within the name.
        raise refused("This is no name of a file.") from error


def _called(file: str) -> str:
    return "standard input" if file == _STANDARD_INPUT else file


def refused(words: str) -> RequestRefused:
    """Return the one problem of a file as the exception that ends a command."""
    return RequestRefused((Problem("", words),))


def as_json(answer: Any) -> str:
    """Return an answer as it is printed."""
    return json.dumps(answer, indent=2, ensure_ascii=False)


# ----------------------------------------------------------------------------
# The database that an import compares with, or publishes to.
# ----------------------------------------------------------------------------


def engine_to_compare() -> Engine | None:
    """Return the database to compare with; one without any tables has nothing to compare."""
    from estimator.db.connection import is_meant, open_engine, require_ready

    if not is_meant():
        return None
    engine = open_engine()
    try:
        require_ready(engine)
    except DatabaseNotReady as error:
        if not error.found:
            return None
        raise
    return engine


def upgraded_engine() -> Engine:
    """Return the database that is meant, with its tables brought up to date."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import upgrade

    engine = open_engine()
    upgrade(engine)
    return engine


def state_code(context: click.Context, option: click.Parameter, written: str | None) -> str | None:
    """Return the two letters of a state that an option names, in capitals."""
    from estimator.engine.coding import STATES

    if written is None or written.upper() in STATES:
        return written and written.upper()
    raise click.BadParameter(f"Enter the two letters of a state, such as WA, not {written!r}.")
