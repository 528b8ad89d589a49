"""The names that a block may use: sources, classes of services, tiers, limits, benefits and policies.

They are gathered before a file is checked, so that every name that does not exist is found at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from difflib import get_close_matches

from estimator.engine.values import Citation, Source


@dataclass(frozen=True)
class Names:
    """What can be named while one file is checked.

    A source with mistakes of its own is None: it exists all the same. `benefits` None: of whatever plan
    names this policy. `given` is the citation of rules
    in a request, which need not say where they come from.
    """

    file: str = ""
    sources: Mapping[str, Source | None] = field(default_factory=dict)
    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tiers: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    benefits: tuple[str, ...] | None = ()
    policies: tuple[str, ...] = ()
    given: Citation | None = None


_NAMES: ContextVar[Names] = ContextVar("names")


def names() -> Names:
    """Return the names of the file at hand."""
    return _NAMES.get()


@contextmanager
def knowing(known: Names) -> Iterator[None]:
    """Check a file with these names."""
    token = _NAMES.set(known)
    try:
        yield
    finally:
        _NAMES.reset(token)


def listed(words: Iterable[str]) -> str:
    """Write words as a choice.

    >>> listed(["yes", "no", "unknown"])
    'yes, no or unknown'
    """
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def suggestion(word: str, words: Iterable[str]) -> str:
    """Return a question that names the nearest word, with a space before it, or nothing.

    >>> suggestion("wavied", ["waived", "applies"])
    " Did you mean 'waived'?"
    """
    near = get_close_matches(word.lower()[:80], list(words), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


def shown(text: str) -> str:
    """Return what was written on one line, cut where it is long, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"
