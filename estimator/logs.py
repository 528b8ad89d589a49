"""How the product logs: one line an event, with words of our own and nothing that a person typed.

One filter stands behind every logger, ours and those of libraries. Of an exception it keeps the kinds and the places in
our code, never its text: that may hold a path, a form, or the values of a statement. Of a library's line it keeps the
words as they stand in the library's code, without what is filled into them.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from estimator.settings import LOG

_OURS = "estimator"
# The last places are those where it happened.
_MOST_PLACES = 12
_LONGEST = 200
_JSON = "json"


def kinds_of(error: BaseException) -> str:
    """Say what kind of exception it is and what caused it, without any of their texts.

    >>> kinds_of(KeyError("the secret"))
    'KeyError'
    """
    return " from ".join(type(one).__name__ for one in _chain(error))


def places_of(error: BaseException) -> list[str]:
    """Return where in our code it happened, the innermost place last, such as `estimator.web.app:_page:12`."""
    places = [
        f"{frame.f_globals.get('__name__', '')}:{frame.f_code.co_name}:{line}"
        for one in reversed(list(_chain(error)))
        for frame, line in walk_tb(one.__traceback__)
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] == _OURS
    ]
    return places[-_MOST_PLACES:]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        seen.append(one)
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


# ----------------------------------------------------------------------------
# The filter, and where the lines go.
# ----------------------------------------------------------------------------


def without_secrets(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take the exception out of a line, and leave its kinds and places; keep values short and plain."""
    error = _error_in(line.pop("exc_info", None))
    if error is not None:
        line.update(kind=kinds_of(error), where=places_of(error))
    for name in ("stack_info", "exception", "exc_text"):
        line.pop(name, None)
    return {name: _plain(value) for name, value in line.items()}


def set_up_logs(stream: TextIO | None = None) -> None:
    """Let every line of ours and of libraries go through the filter to standard error, or to another stream."""
    shape: Processor = (
        structlog.processors.JSONRenderer() if LOG.value() == _JSON else structlog.dev.ConsoleRenderer(colors=False)
    )
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_secrets,
    ]
    target = stream or sys.stderr
    structlog.configure(processors=[*before, shape], logger_factory=structlog.PrintLoggerFactory(target))
    lines = logging.StreamHandler(target)
    lines.setFormatter(_OfLibraries([*before, shape]))
    logging.basicConfig(handlers=[lines], level=logging.WARNING, force=True)


@contextmanager
def logs_in(stream: TextIO) -> Iterator[None]:
    """Write the log to a stream for as long as this lasts."""
    kept, handlers = structlog.get_config(), logging.root.handlers[:]
    level = logging.root.level
    set_up_logs(stream)
    try:
        yield
    finally:
        structlog.configure(**kept)
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)


class _OfLibraries(logging.Formatter):
    """Writes a line of a library as one of ours, without what was filled into its words."""

    def __init__(self, processors: list[Processor]) -> None:
        super().__init__()
        self._processors = processors

    def format(self, record: logging.LogRecord) -> str:
        # What is formatted before it is logged is not known to be free of secrets: only where it comes from is said.
        words = record.msg if isinstance(record.msg, str) and record.args else f"a line of {record.module}"
        line: Any = {"event": words, "logger": record.name, "exc_info": record.exc_info}
        for process in self._processors:
            line = process(None, record.levelname.lower(), line)
        return str(line)


def _error_in(said: Any) -> BaseException | None:
    if said is True:
        return sys.exc_info()[1]
    if isinstance(said, BaseException):
        return said
    return said[1] if isinstance(said, tuple) else None


def _plain(value: Any) -> Any:
    """Return a value as it may be written; an exception as its kinds."""
    match value:
        case BaseException():
            return kinds_of(value)
        case str():
            return value[:_LONGEST]
        case bool() | int() | float() | None:
            return value
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return type(value).__name__
