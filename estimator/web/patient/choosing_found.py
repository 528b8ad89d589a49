"""Plans as a list shows them: the variants of one plan together, the standard one first, each named for whom it is.

The Marketplace gives a plan an id such as 38344AK1060002 and each of its variants two digits more.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from estimator.language import N_, _
from estimator.plans.search import PlanRow
from estimator.web.stale import ended_words

_MARKETPLACE = re.compile(r"(?P<plan>\d{5}[a-z]{2}\d{7})-(?P<variant>\d\d)")
_MEDICARE_ADVANTAGE = re.compile(r"(?P<plan>[hr]\d{4}-\d{3}-\d{1,3})-[a-z]{2}")
_METAL = "Catastrophic|Expanded Bronze|Bronze|Silver|Gold|Platinum"
_TITLE = re.compile(rf"(?P<name>.+) \((?P<level>(?:{_METAL}) [^();]+); [^()]+\)")
_STANDARD = "01"
# In the order in which a list names them.
VARIANTS = {
    _STANDARD: N_("Standard, bought on HealthCare.gov"),
    "00": N_("Standard, bought from the insurer and not on HealthCare.gov"),
    "04": N_("Extra savings for a lower income (the plan pays about 73% of costs)"),
    "05": N_("Extra savings for a lower income (the plan pays about 87% of costs)"),
    "06": N_("Extra savings for a lower income (the plan pays about 94% of costs)"),
    "03": N_("For members of tribes, at any income (nothing to pay at tribal clinics)"),
    "02": N_("For members of tribes with a lower income (nothing to pay for covered care)"),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant of a plan that can be chosen; `words` is empty where a plan has but one."""

    plan_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Found:
    """A plan with its variants: the first is the standard one, or the nearest to it that there is."""

    name: str
    issuer: str
    level: str
    number: str
    ended: str
    first: Variant
    others: tuple[Variant, ...]


def grouped(rows: Iterable[PlanRow]) -> list[list[PlanRow]]:
    """Return the rows in their order, those that are variants of one plan together."""
    plans: dict[tuple[str, date], list[PlanRow]] = {}
    for row in rows:
        # Done for thousands of rows at each search: no pattern here.
        plan = row.plan_id.rpartition("-")[0] if row.market == "marketplace" else row.plan_id
        plans.setdefault((plan, row.first_day), []).append(row)
    return list(plans.values())


def found_of(rows: Iterable[PlanRow]) -> Found:
    """Return a plan as a list shows it, from the rows of its variants."""
    variants = sorted(rows, key=_order)
    first = variants[0]
    parts = _TITLE.fullmatch(first.title)
    choices = [Variant(row.plan_id, variant_words(row.plan_id)) for row in variants]
    return Found(
        name=short_title(first.title),
        issuer=first.payer,
        level=parts["level"] if parts else first.metal_level or "",
        number=number_of(first.plan_id),
        ended=ended_words(first.last_day),
        first=choices[0],
        others=tuple(choices[1:]),
    )


def short_title(title: str) -> str:
    """Return the name of a plan without what the list of variants says.

    >>> short_title("Premera Silver 4500 (3 visits free) (Silver PPO; standard, sold on the exchange)")
    'Premera Silver 4500 (3 visits free)'
    >>> short_title("FEP Blue Focus 2026 (by the brochure of 2024)")
    'FEP Blue Focus 2026 (by the brochure of 2024)'
    """
    parts = _TITLE.fullmatch(title)
    return parts["name"] if parts else title


def variant_words(plan_id: str) -> str:
    """Say for whom a variant is; nothing where a plan has none, or one that we know no words for."""
    parts = _MARKETPLACE.fullmatch(plan_id)
    words = VARIANTS.get(parts["variant"]) if parts else None
    return _(words) if words else ""


def number_of(plan_id: str) -> str:
    """Return the number of a plan as its papers write it.

    >>> number_of("38344ak1060002-03"), number_of("h0154-011-0-al"), number_of("tricare-prime-2026")
    ('38344AK1060002', 'H0154-011-0', 'tricare-prime-2026')
    """
    for pattern in (_MARKETPLACE, _MEDICARE_ADVANTAGE):
        if parts := pattern.fullmatch(plan_id):
            return parts["plan"].upper()
    return plan_id


def _order(row: PlanRow) -> int:
    parts = _MARKETPLACE.fullmatch(row.plan_id)
    known = list(VARIANTS)
    return known.index(parts["variant"]) if parts and parts["variant"] in known else len(known)
