"""Parts of a resource, looked up without trust: what is not of the shape that it should have counts as missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Part = Mapping[str, Any]


def part(whole: Part, key: str) -> Part:
    """Return the object at a key; an empty one where there is none."""
    found = whole.get(key)
    return found if isinstance(found, Mapping) else {}


def parts(whole: Part, key: str) -> list[Part]:
    """Return the objects of the list at a key, in the place of others an empty one."""
    found = whole.get(key)
    return [each if isinstance(each, Mapping) else {} for each in found] if isinstance(found, list) else []


def text(whole: Part, key: str) -> str:
    """Return the text, number or code at a key, as it was written."""
    found = whole.get(key)
    return found.strip() if isinstance(found, str) else ""


def codes(concept: Part) -> list[str]:
    """Return the codes of a concept, and its text last."""
    coded = [code for coding in parts(concept, "coding") if (code := text(coding, "code"))]
    return [*coded, *filter(None, (text(concept, "text"),))]


def strings(value: Any) -> Iterator[str]:
    """Yield every text within a value, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
