"""What a person wrote, said back to them beside what to write instead.

It is shortened, so that a page of it does not hide the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estimator.language import _

MOST_ECHOED = 40


def not_that(instead: str, written: Any) -> str:
    """Say what to write in place of what stands there; `instead` is translated already."""
    return _("{instead}, not {written}.").format(instead=instead, written=echo(written))


def echo(value: Any) -> str:
    """Write what a person wrote, shortened, so that they find it again.

    >>> echo("forty"), echo(True), echo([1, 2])
    ("'forty'", 'true', 'a list')
    """
    match value:
        case bool():
            return str(value).lower()
        case None:
            return "null"
        case str():
            return f"'{value}'" if len(value) <= MOST_ECHOED else f"'{value[:MOST_ECHOED]}…'"
        case Mapping():
            return _("an object")
        case list() | tuple():
            return _("a list")
        case int() if abs(value) >= 10**MOST_ECHOED:
            return _("a number of many digits")
        case _:
            return str(value)[:MOST_ECHOED]
