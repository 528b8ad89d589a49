"""JSON text becomes values, with the traps of JSON refused: repeated keys, NaN, endless depth and length.

Numbers with a decimal point become `Decimal`, so that no amount passes through binary floating point.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from estimator.errors import Problem, RequestRefused
from estimator.language import N_, _

MOST_CHARACTERS = 1_000_000
MOST_LEVELS = 32
_MOST_DIGITS = 20
_BYTE_ORDER_MARK = "\ufeff"

_TOO_LONG = N_("Write a request of at most 1 MB.")
_NOT_AN_OBJECT = N_('Write one object: {"plan": …, "visits": […]}.')
_TOO_DEEP = N_("Write a request that is nested at most {most} levels deep.")
_NOT_A_NUMBER = N_("Write a number; NaN and Infinity are none.")
_NOT_TEXT = N_("Write whole characters; half of a surrogate pair is none.")
_HUGE = N_("Write a number that people use; this one has too large an exponent.")


class _Repeating(dict[str, Any]):
    """An object in which these keys stand more than once."""

    repeated: tuple[str, ...] = ()


def read_json(text: str) -> Mapping[str, Any]:
    """Return the object that the text holds; raise RequestRefused where it holds none."""
    if len(text) > MOST_CHARACTERS:
        raise RequestRefused((Problem("", _(_TOO_LONG)),))
    parsed = _parsed(text.removeprefix(_BYTE_ORDER_MARK))
    if problems := tuple(_problems(parsed)):
        raise RequestRefused(problems)
    if not isinstance(parsed, Mapping):
        raise RequestRefused((Problem("", _(_NOT_AN_OBJECT)),))
    return parsed


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_int=lambda digits: int(digits) if len(digits) <= _MOST_DIGITS else Decimal(digits),
            parse_constant=lambda name: Decimal(name),
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        words = _("Line {line}, column {column} is not JSON: {reason}.")
        said = words.format(line=error.lineno, column=error.colno, reason=error.msg)
        raise RequestRefused((Problem("", said),)) from error
    except InvalidOperation as error:
        raise RequestRefused((Problem("", _(_HUGE)),)) from error
    except RecursionError as error:
        raise RequestRefused((Problem("", _(_TOO_DEEP).format(most=MOST_LEVELS)),)) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    times = Counter(key for key, _ in pairs)
    repeating = _Repeating(made)
    repeating.repeated = tuple(key for key in made if times[key] > 1)
    return repeating


def _problems(parsed: Any) -> Iterator[Problem]:
    # A list of what is still to be looked at, in place of recursion, so that depth cannot hurt.
    waiting: list[tuple[str, int, Any]] = [("", 1, parsed)]
    while waiting:
        path, level, value = waiting.pop()
        if isinstance(value, Decimal) and not value.is_finite():
            yield Problem(path, _(_NOT_A_NUMBER))
        elif isinstance(value, str) and not _is_whole_text(value):
            yield Problem(path, _(_NOT_TEXT))
        elif isinstance(value, dict | list) and level > MOST_LEVELS:
            yield Problem(path[:200], _(_TOO_DEEP).format(most=MOST_LEVELS))
        elif isinstance(value, dict):
            yield from _problems_of_keys(path, value)
            waiting += [(_below(path, key), level + 1, value[key]) for key in reversed(value)]
        elif isinstance(value, list):
            waiting += [(_below(path, at), level + 1, value[at]) for at in reversed(range(len(value)))]


def _problems_of_keys(path: str, keys: dict[str, Any]) -> Iterator[Problem]:
    if isinstance(keys, _Repeating):
        for key in keys.repeated:
            yield Problem(_below(path, key), _("Write this key once; it stands here more than once."))
    if not all(map(_is_whole_text, keys)):
        yield Problem(path, _(_NOT_TEXT))


def _is_whole_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _below(path: str, key: str | int) -> str:
    return f"{path}.{key}" if path else str(key)
