"""Whole numbers that come in an address or a form, and the pages that they count.

None is larger than the database could hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

MOST = 2**31 - 1
_MOST_DIGITS = 10


def number_in(typed: Mapping[str, str], name: str, otherwise: int = 0) -> int:
    """Return the whole number that a field holds, `otherwise` where it holds none.

    >>> number_in({"page": "7"}, "page"), number_in({"page": "²"}, "page", 1), number_in({"page": "9" * 30}, "page", 1)
    (7, 1, 1)
    """
    written = typed.get(name, "")
    is_number = written.isascii() and written.isdecimal() and len(written) <= _MOST_DIGITS and int(written) <= MOST
    return int(written) if is_number else otherwise


def page_within(asked: int, count: int, on_a_page: int) -> tuple[int, int]:
    """Return the page that is meant of a list that has this many rows, and how many pages there are.

    >>> page_within(9, 101, 50), page_within(0, 0, 50)
    ((3, 3), (1, 1))
    """
    pages = max(1, -(-count // on_a_page))
    return min(max(1, asked), pages), pages


class _Number(IntegerConverter):
    """A number in an address; a larger one leads to no page."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": MOST, **options})


def bound_numbers(app: Flask) -> None:
    """Take no number in an address that the database could not hold."""
    app.url_map.converters["int"] = _Number
