"""Writes a definition as the text of a plan file, so that what a program made can be read and corrected by a person.

Reading the text gives the same definition again: only the lines and the layout are new.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_WIDEST = 118
_PLAIN = re.compile(r"[A-Za-z0-9$][A-Za-z0-9$%&+./()_ -]*[A-Za-z0-9$%.)]|[A-Za-z0-9]")


def yaml_of(definition: Mapping[str, Any]) -> str:
    """Return the text of a plan file.

    >>> print(yaml_of({"plan": "acme", "in_force": {"first_day": "2026-01-01"}, "title": "A: #1"}), end="")
    plan: acme
    in_force: {first_day: 2026-01-01}
    title: "A: #1"
    """
    return "".join(f"{line}\n" for key, value in definition.items() for line in _lines(key, value, ""))


def _lines(key: str, value: Any, indent: str) -> Iterator[str]:
    """Yield a key and its value: on one line where that is short, else as a block."""
    start = f"{indent}{_word(key)}:"
    short = flow(value)
    if not isinstance(value, Mapping | list) or not value or len(start) + len(short) < _WIDEST:
        yield f"{start} {short}"
    elif isinstance(value, Mapping):
        yield start
        for name, inner in value.items():
            yield from _lines(str(name), inner, f"{indent}  ")
    else:
        yield start
        for member in value:
            yield f"{indent}  - {flow(member)}"


def flow(value: Any) -> str:
    """Return a value as it is written on one line.

    >>> flow({"visits": "30", "cite": "eoc p. 4"})
    '{visits: 30, cite: eoc p. 4}'
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_word(str(key))}: {flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
