"""The headers of both dialects under one name each.

CMS writes `CopayInnTier1`, the state exchanges `COPAY INN TIER 1`, with slips of their own: case, spaces and marks
do not count, and what they call otherwise stands in a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from estimator.errors import PlanFileRefused, Problem

# What the state exchanges write, by what CMS writes; both without spaces and in capitals.
_OTHERWISE = {
    "MULTIPLENETWORKTIERS": "MULTIPLEINNTIERS",
    "QUANTITYLIMITONSVC": "QUANTLIMITONSVC",
    "LIMITQUANTITY": "LIMITQTY",
    "ISEXCLUDEDFROMINNMOOP": "ISEXCLFROMINNMOOP",
    "ISEXCLUDEDFROMOONMOOP": "ISEXCLFROMOONMOOP",
    "ISSUERNAME": "ISSUERMARKETPLACEMARKETINGNAME",
    "COPAYOUTOFNETWORK": "COPAYOUTOFNET",
    "COINSURANCEOUTOFNETWORK": "COINSOUTOFNET",
}
_SLIPS = {"COINSURNACE": "COINSURANCE", "DEDOUTCOMBINNOON": "DEDCOMBINNOON", "INNETWORKTIER": "INNTIER"}


def loosened(header: str) -> str:
    """Return a header without case, spaces, marks and known slips.

    >>> loosened("MEHB DED INN TIER1 COINSURNACE")
    'MEHBDEDINNTIER1COINSURANCE'
    >>> loosened("QUANTITY LIMIT ON SVC") == loosened("QuantLimitOnSvc")
    True
    """
    name = "".join(letter for letter in header.upper() if letter.isalnum())
    for slip, right in _SLIPS.items():
        name = name.replace(slip, right)
    if name.startswith(("COINSURANCEINN", "COINSURANCEOUT")):
        name = name.replace("COINSURANCE", "COINS", 1)
    return _OTHERWISE.get(name, name)


def positions(header: Sequence[str], needed: Iterable[str], optional: Iterable[str], file: str) -> Mapping[str, int]:
    """Return where each column stands; raise PlanFileRefused where one is missing or stands twice."""
    names = [loosened(name) for name in header]
    wanted = {loosened(name): name for name in needed}
    also = {loosened(name): name for name in optional}
    missing = sorted(name for key, name in wanted.items() if key not in names)
    twice = sorted(name for key, name in (wanted | also).items() if names.count(key) > 1)
    mistakes = []
    if missing:
        message = f"These columns are missing: {', '.join(missing)}. Is this the right file, of a year that we read?"
        mistakes.append(Problem("", message, file, 1))
    if twice:
        mistakes.append(Problem("", f"These columns stand twice: {', '.join(twice)}. Remove one.", file, 1))
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    return {name: names.index(key) for key, name in (wanted | also).items() if key in names}
