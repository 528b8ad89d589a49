"""What a plan file says beside its rules, in the language that is spoken.

A note on an imported plan quotes the official file. The quote stays as it is, and our words around it are translated.
"""

from __future__ import annotations

from estimator.language import _

_OPEN, _CLOSE = "“", "”"


def note_says(note: str) -> str:
    """Return a note in the language that is spoken."""
    before, quote, after = parts_of(note)
    return f"{_(before)} {quote}{_(after)}" if quote else _(note)


def parts_of(note: str) -> tuple[str, str, str]:
    """Return our words before a quote, the quote up to our next words, and those; no quote where none is.

    >>> parts_of("The file says: “20 visits”. Ask the plan.")
    ('The file says:', '“20 visits”. ', 'Ask the plan.')
    >>> parts_of("Ask the plan.")
    ('Ask the plan.', '', '')
    """
    before, _opened, rest = note.partition(f" {_OPEN}")
    _inner, closed, tail = rest.rpartition(_CLOSE)
    if not before.endswith(":") or not closed:
        return note, "", ""
    after = tail.lstrip(". ")
    return before, f"{_OPEN}{rest.removesuffix(after)}", after
