"""Which element of an EB is which, also where a payer left one out or put one too many.

Each element from EB05 on is held against what may stand there. Where that fails, one element is put in or taken
out; the reading counts only if exactly one such change makes sense, and it is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from estimator.eligibility.benefit import Kind
from estimator.eligibility.figures import read_count, read_money, read_share
from estimator.eligibility.x12_codes import AUTHORIZATIONS, NETWORKS, PERIODS, UNITS
from estimator.eligibility.x12_segments import Segment

_FIRST, _LAST = 5, 13
_READ = 6
_NAMES = ("plan", "period", "amount", "share", "unit", "quantity", "authorization", "network", "procedure")
_MONEY_KINDS = (Kind.COPAY, Kind.DEDUCTIBLE, Kind.OUT_OF_POCKET_MAX)

_WITH_FIGURES = (*_MONEY_KINDS, Kind.COINSURANCE, Kind.LIMIT)

Elements = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """The elements of an EB by their names in the standard; `doubt` says how they were found where that took more."""

    plan: str = ""
    period: str = ""
    amount: str = ""
    share: str = ""
    unit: str = ""
    quantity: str = ""
    authorization: str = ""
    network: str = ""
    procedure: str = ""
    doubt: str = ""


def layout_of(segment: Segment, kind: Kind) -> Layout:
    """Return the elements of an EB of this kind."""
    written = {place: segment.element(place) for place in range(_FIRST, _LAST + 1)}
    if not (wrong := _wrong(written, kind)) and not _is_early(written, kind):
        return _named(written)
    # A last Y or N does not tell two readings apart: it is not used.
    shifted = {tuple(moved.values())[:_READ]: moved for moved in _moved(written) if _makes_sense(moved, kind)}
    if len(shifted) == 1:
        return _from_shifted(next(iter(shifted.values())))
    if (found := _by_content(written, kind)) is not None:
        return found
    return Layout(plan=written[5] if written[5] not in PERIODS else "", doubt=_cannot(written, wrong, kind))


def _named(elements: Elements, doubt: str = "") -> Layout:
    return Layout(**{name: elements[place] for place, name in enumerate(_NAMES, start=_FIRST)}, doubt=doubt)


def _wrong(elements: Elements, kind: Kind) -> list[int]:
    """Return the places that hold what cannot stand there."""
    return [place for place, fits in _FITS.items() if elements[place] and not fits(elements[place], kind)]


def _is_early(elements: Elements, kind: Kind) -> bool:
    """Tell whether a period stands where the name of the plan should, and the figure in the place of the period."""
    has_figure = any(elements[place] for place in (7, 8, 10))
    return elements[5] in PERIODS and not has_figure and bool(elements[6]) and kind in (*_MONEY_KINDS, Kind.LIMIT)


def _makes_sense(elements: Elements, kind: Kind) -> bool:
    """Tell whether everything fits, and the figure that this kind lives on is there."""
    if _wrong(elements, kind) or _is_early(elements, kind) or (elements[5] in PERIODS and not elements[6]):
        return False
    if kind is Kind.COINSURANCE:
        return bool(elements[8])
    if kind in _MONEY_KINDS:
        return bool(elements[7])
    return kind is not Kind.LIMIT or bool(elements[7] or elements[10])


def _moved(elements: Elements) -> Iterator[Elements]:
    """Yield the elements with an empty one put in, or taken out, at each place."""
    row = [elements[place] for place in range(_FIRST, _LAST + 1)]
    for at in range(len(row)):
        if not row[-1]:
            yield _as_elements([*row[:at], "", *row[at:-1]])
        if not row[at]:
            yield _as_elements([*row[:at], *row[at + 1 :], ""])


def _as_elements(row: list[str]) -> Elements:
    return dict(enumerate(row, start=_FIRST))


def _from_shifted(elements: Elements) -> Layout:
    """Read shifted elements; what their yes and no at the end speak of cannot be told any more."""
    doubt = "Its elements are shifted by one. Read by what they hold"
    if elements[11] or elements[12]:
        doubt += "; whether its last Y or N speaks of authorization or of network is not known"
    return _named({**elements, 11: "", 12: ""}, f"{doubt}.")


def _by_content(elements: Elements, kind: Kind) -> Layout | None:
    """Find the one count, its unit and its period of a limit wherever they stand."""
    held = [element for element in elements.values() if element]
    units = [element for element in held if element in UNITS and not element.isdigit()]
    periods = [element for element in held if element in PERIODS]
    counts = [element for element in held if element.isdigit() and element not in PERIODS]
    if kind is not Kind.LIMIT or (len(units), len(counts)) != (1, 1) or len(periods) > 1:
        return None
    doubt = "Its elements stand in other places than the standard has. Read by what they hold."
    return Layout(period="".join(periods), unit=units[0], quantity=counts[0], doubt=doubt)


def _cannot(elements: Elements, wrong: list[int], kind: Kind) -> str:
    if not wrong:
        return "It holds no figure where the standard has one. No figure of it is used: ask the payer."
    told = "; ".join(
        f"EB{place:02d} holds {_short(elements[place])} where {_EXPECTED[place]} was expected" for place in wrong
    )
    return f"{told}." + (" No figure of it is used: ask the payer." if kind in _WITH_FIGURES else "")


def _short(text: str) -> str:
    """Return a code or number as it stands; anything longer may be anything, a name included."""
    return (
        f"“{text}”"
        if re.fullmatch(r"[\w.$,%:+-]{1,14}", text, re.ASCII) and re.search(r"\d|^..?$", text)
        else "other text"
    )


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


_FITS: Mapping[int, Callable[[str, Kind], bool]] = {
    6: lambda text, _: text in PERIODS,
    7: lambda text, kind: kind is not Kind.COINSURANCE and _reads(read_money, text),
    8: lambda text, kind: kind not in (*_MONEY_KINDS, Kind.LIMIT) and _reads(read_share, text),
    9: lambda text, _: text in UNITS,
    10: lambda text, _: _reads(read_count, text),
    11: lambda text, _: text in AUTHORIZATIONS,
    12: lambda text, _: text in NETWORKS,
    13: lambda text, _: re.match(r"[A-Z0-9]{2}[^A-Za-z0-9]", text) is not None,
}
_EXPECTED = {
    6: "a period such as 23 (calendar year)",
    7: "an amount such as 25.00",
    8: "a decimal such as .2 for 20%",
    9: "a kind of quantity such as VS (visits)",
    10: "a whole number such as 20",
    11: "Y, N or U (authorization)",
    12: "Y, N, U or W (network)",
    13: "a procedure such as HC:97110",
}
