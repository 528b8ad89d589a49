"""Names of states and of Medicare's price areas, as they stand within a sentence.

The official file calls what is left of a state “Rest of Florida”; nobody says that aloud.
"""

from __future__ import annotations

from estimator.language import _

REST = "Rest of "


def place(name: str) -> str:
    """Return a state or a price area in the language that is spoken.

    >>> place("Rest of Florida"), place("Seattle (King County)")
    ('the rest of Florida', 'Seattle (King County)')
    """
    if name.startswith(REST):
        return _("the rest of {state}").format(state=_(name.removeprefix(REST)))
    return _(name)
