"""Benefits of a variant: what its rows say of therapy, chiropractic, acupuncture and office visits, tier by tier."""

from __future__ import annotations

from functools import lru_cache

from estimator.plans.marketplace.ceilings import IN, OUT, SECOND
from estimator.plans.marketplace.grammar import NOT_COVERED, Definition, Unreadable, limit, share
from estimator.plans.marketplace.rows import BENEFITS, PT, Row

THERAPY_VISITS = "therapy-visits"
_SERVICES = {
    PT: ["pt-evaluation", "pt-timed", "pt-untimed"],
    "chiropractic": ["chiropractic"],
    "acupuncture": ["acupuncture"],
    # Unsure: which office visits are primary care. A visit for pain is read as a specialist's, the dearer of both.
    "specialist-visit": ["office-visit"],
    "primary-care-visit": [],
}
_CELLS = {
    IN: ("CopayInnTier1", "CoinsInnTier1"),
    SECOND: ("CopayInnTier2", "CoinsInnTier2"),
    OUT: ("CopayOutofNet", "CoinsOutofNet"),
}
CALLED = {key: name for name, key in BENEFITS.items()}
_COVERED = ("covered", "yes")


def benefits(rows: dict[str, Row], tiers: tuple[str, ...]) -> tuple[dict[str, Definition], dict[str, Definition]]:
    """Return the benefits, and the limits that their numeric columns state; raise Unreadable."""
    blocks: dict[str, Definition] = {}
    limits: dict[str, Definition] = {}
    for key, services in _SERVICES.items():
        row = rows.get(key)
        if row is None:
            continue
        block: Definition = {"services": services}
        found = _limit(key, row)
        if found:
            name = THERAPY_VISITS if key == PT else f"{key}-visits"
            limits[name] = found
            block["limits"] = [name]
        block["cost_share"] = {tier: _share(key, row, tier) for tier in tiers}
        block["cite"] = f"benefits {CALLED[key]}"
        blocks[key] = block
    return blocks, limits


def stated_limit(row: Row) -> Definition | None:
    """Return the limit of a row's numeric columns without its source; None where it has none."""
    if row["QuantLimitOnSvc"].lower() == "no" or not row["LimitQty"]:
        return None
    return limit(row["LimitQty"], row["LimitUnit"])


def _limit(key: str, row: Row) -> Definition | None:
    try:
        found = stated_limit(row)
    except Unreadable as error:
        raise Unreadable(error.text, error.wanted, "LimitUnit") from None
    if found is None or not _is_covered(row):
        return None
    return {**found, "cite": f"benefits {CALLED[key]}: {row['LimitQty']} {row['LimitUnit']}"}


def _share(key: str, row: Row, tier: str) -> Definition | str:
    if not _is_covered(row):
        return NOT_COVERED
    copay, coinsurance = (row[column] for column in _CELLS[tier])
    excluded = row["IsExclFromOonMOOP" if tier == OUT else "IsExclFromInnMOOP"].lower() == "yes"
    try:
        return _cited(key, copay, coinsurance, tier == OUT, excluded)
    except Unreadable as error:
        raise Unreadable(error.text, error.wanted, " and ".join(_CELLS[tier])) from None


@lru_cache(maxsize=20_000)
def _cited(key: str, copay: str, coinsurance: str, is_out: bool, is_excluded: bool) -> Definition | str:
    found = share(copay, coinsurance, in_network=not is_out)
    if isinstance(found, str):
        return found
    counts = {"counts_toward_maximum": "no"} if is_excluded else {}
    words = f"copay {copay or 'blank'}, coinsurance {coinsurance or 'blank'}"
    return {**found, **counts, "cite": f"benefits {CALLED[key]}: {words}"}


def _is_covered(row: Row) -> bool:
    return row["IsCovered"].lower() in _COVERED
