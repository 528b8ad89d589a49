"""Reads a table of Medicare Advantage plans and their cost share for physical therapy into plan definitions."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from estimator.engine.values import Money
from estimator.errors import PlanFileRefused, Problem
from estimator.plans.catalogue_file import Listed

COLUMNS = (
    "state", "plan", "name", "plan_type", "org", "pt_in_network", "pt_out_of_network", "pt_other",
    "advance_plan_approval", "referral_required", "limits_apply", "health_deductible", "moop", "specialist_visit",
)  # fmt: skip
IN, OUT = "in-network", "out-of-network"
_PLAN = re.compile(r"[HR][0-9]{4}_[0-9]{3}_[0-9]{1,3}")
_TYPE = re.compile(r"\(([^()]*)\)\s*$")
_YES = ("Y", "")
_OPEN = "The plan's page says: “{}”. Which of these holds for a visit of physical therapy is not stated. Ask the plan."


@dataclass
class Report:
    """What was read: plans, refused rows, and how many of each kind of cell left something open."""

    rows: int = 0
    read: int = 0
    refused: list[Problem] = field(default_factory=list)
    left_open: Counter[str] = field(default_factory=Counter)


@dataclass
class MedicareAdvantage:
    """A table that was read; `definitions` fills the report while it yields."""

    file: str
    year: int
    read_on: date
    rows: list[Mapping[str, str]]
    report: Report

    def definitions(self) -> Iterator[Listed]:
        """Yield the definition of every plan in the order of the table; refused rows go into the report."""
        report = self.report = Report(rows=len(self.rows))
        organizations = Organizations(self.rows)
        seen: dict[str, int] = {}
        for number, row in enumerate(self.rows, start=2):
            message = _mistake(row) or self._twice(row, seen)
            if message:
                report.refused.append(Problem("", message, self.file, number))
                continue
            seen[_plan_id(row)] = number
            report.read += 1
            yield self._listed(row, organizations.of(row))

    def _twice(self, row: Mapping[str, str], seen: dict[str, int]) -> str:
        first = seen.get(_plan_id(row))
        return f"{row['plan']} of {row['state']} stands in row {first} already." if first else ""

    def _listed(self, row: Mapping[str, str], organization: str) -> Listed:
        made = _Making(row, self.report.left_open)
        whole = {
            "plan": _plan_id(row),
            "title": f"{row['name'].strip()}, {row['state'].replace('_', ' ')}",
            "payer": organization,
            "kind": "published",
            "market": "medicare-advantage",
            "states": [STATES[row["state"]]],
            "in_force": {"first_day": f"{self.year}-01-01", "last_day": f"{self.year}-12-31"},
            "benefit_year": "calendar",
            "sources": {"plans": self._source()},
            "networks": made.networks,
            "limits": made.limits,
            "benefits": made.benefits(),
            "policies": [policy_of(organization)],
            "notes": made.notes,
        }
        contract, plan, segment = row["plan"].split("_")
        also = f"{contract}-{plan} {contract}-{plan}-{segment} {row['plan']}"
        return Listed({key: value for key, value in whole.items() if value}, None, also)

    def _source(self) -> Definition:
        # Unsure: the table says nothing of where it was taken from; its words are those of Medicare's plan finder.
        title = f"Medicare Advantage plans {self.year}, cost of physical therapy, in the words of the plan finder"
        url = "https://www.medicare.gov/plan-compare/"
        return {"title": f"{title} ({self.file})", "url": url, "read_on": str(self.read_on), "confidence": "medium"}


def read_medicare_advantage(path: Path, year: int, read_on: date) -> MedicareAdvantage:
    """Read a table of plans; raise PlanFileRefused where it is damaged or another table."""
    rows: list[Mapping[str, str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened, restkey="beyond", restval=None)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise _refused(path, f"These columns are missing: {', '.join(missing)}. Is this the right file?", 1)
            for row in reader:
                if "beyond" in row or None in row.values():
                    raise _refused(path, "This row has more or fewer cells than the header.", len(rows) + 2)
                rows.append({name: str(row[name]) for name in COLUMNS})
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refused(path, f"This row cannot be read ({error}).", len(rows) + 2) from error
    if not rows:
        raise _refused(path, "This table has a header and no rows.", 2)
    return MedicareAdvantage(path.name, year, read_on, rows, Report())


class _Making:
    """The blocks of one plan; what leaves something open is counted and becomes a note."""

    def __init__(self, row: Mapping[str, str], left_open: Counter[str]) -> None:
        self.row = row
        self.left_open = left_open
        self.notes: list[Definition] = []
        kind = row["plan_type"] or (found[1] if (found := _TYPE.search(row["name"])) else "")
        self.has_outside = not kind.startswith("HMO") or kind.startswith("HMO-POS") or bool(row["pt_out_of_network"])
        self.limits = self._limits()
        self.networks = self._networks(deductible(row["health_deductible"].strip()), kind)

    def benefits(self) -> Definition:
        """Return physical therapy and the specialist's visit."""
        inside = self.row["pt_in_network"] or self.row["pt_other"]
        specialist = by_tier(self.row["specialist_visit"])
        therapy: Definition = {"services": ["pt-evaluation", "pt-timed", "pt-untimed"]}
        if self.limits:
            therapy["limits"] = list(self.limits)
        therapy |= self._permissions()
        therapy["cost_share"] = self._shares(
            "pt_in_network", inside, "pt_out_of_network", self.row["pt_out_of_network"]
        )
        therapy["cite"] = "plans physical therapy"
        visit = {
            "services": ["office-visit"],
            "cost_share": self._shares("specialist_visit", specialist[0], "specialist_visit", specialist[1]),
            "cite": "plans specialist visit",
        }
        return {"physical-therapy": therapy, "specialist-visit": visit}

    def _shares(self, column: str, inside: str, other: str, outside: str) -> Definition:
        shares = {IN: self._share(column, inside.strip(), IN)}
        shares[OUT] = self._share(other, outside.strip(), OUT) if self.has_outside else "not-covered"
        return shares

    def _share(self, column: str, text: str, tier: str) -> Definition | str:
        read: Cost = cost(text)
        if read.is_open:
            self._leave_open(column, text)
        if not isinstance(read.share, dict):
            return UNKNOWN
        has_deductible = isinstance(self.networks[tier], dict) and self.networks[tier]["deductible"] != "none"
        order = UNKNOWN if has_deductible else "waived"
        return {**read.share, "deductible": order, "cite": f"plans {column}: {text}"}

    def _permissions(self) -> Definition:
        needed: Definition = {}
        for key, column, missing in (
            ("authorization", "advance_plan_approval", "provider-absorbs"),
            ("referral", "referral_required", UNKNOWN),
        ):
            if self.row[column] == "Y":
                bears = {"if_missing": missing, "if_missing_out_of_network": UNKNOWN}
                needed[key] = {"from_visit": "1", "counts": "course", **bears, "cite": f"plans {column}: Y"}
        return needed

    def _limits(self) -> Definition:
        if self.row["limits_apply"] != "Y":
            return {}
        return {"therapy-visits": {"visits": UNKNOWN, "per": "benefit-year", "cite": "plans limits_apply: Y"}}

    def _networks(self, found: Deductible, kind: str) -> Definition:
        text, most = self.row["health_deductible"], maximum(self.row["moop"])
        if found.is_open:
            self._leave_open("health_deductible", text)
        cited = {"cite": f"plans health_deductible: {text}"}
        own = "none" if found.amount is None else {"person": found.amount, **cited}
        ceiling: Any = UNKNOWN if most == UNKNOWN else {"person": most, "cite": f"plans moop: {self.row['moop']}"}
        first = {"deductible": own if found.inside else "none", "out_of_pocket_max": ceiling}
        if not self.has_outside:
            return {IN: first, OUT: "not-covered"}
        # Unsure: a local or regional PPO's maximum is the one for both networks, and the one inside may be lower.
        is_joint = "PPO" in kind and isinstance(ceiling, dict)
        second = {
            "deductible": _outside(own, found),
            "out_of_pocket_max": {**ceiling, "combined_with": IN} if is_joint else UNKNOWN,
        }
        return {IN: first, OUT: second}

    def _leave_open(self, column: str, text: str) -> None:
        self.left_open[column] += 1
        self.notes.append({"text": _OPEN.format(text), "cite": f"plans {column}"})


def _outside(own: Definition | str, found: Deductible) -> Definition | str:
    if not found.outside:
        return UNKNOWN
    return {**own, "combined_with": IN} if isinstance(own, dict) and found.inside else own


def _plan_id(row: Mapping[str, str]) -> str:
    return f"{row['plan'].lower().replace('_', '-')}-{STATES[row['state']].lower()}"


def _mistake(row: Mapping[str, str]) -> str:
    if row["state"] not in STATES:
        return f"'{row['state'][:40]}' is no state such as New_York."
    if not _PLAN.fullmatch(row["plan"]):
        return f"'{row['plan'][:40]}' is no plan such as H0104_012_0."
    wrong = [name for name in ("advance_plan_approval", "referral_required", "limits_apply") if row[name] not in _YES]
    return f"Enter Y or nothing under {wrong[0]}, not '{row[wrong[0]][:40]}'." if wrong else ""


def _refused(path: Path, message: str, row: int) -> PlanFileRefused:
    return PlanFileRefused((Problem("", message, path.name, row),))


# ----------------------------------------------------------------------------
# What one cell of the table says: a copay, a range of copays, a percentage, a deductible.
#
# A range stays a range. A percentage that the table gives as a range, and a copay beside a percentage, leave open
# what holds for a visit: they are unknown, and the quote is kept.
# ----------------------------------------------------------------------------

Definition = dict[str, Any]
UNKNOWN = "unknown"

_DOLLARS = r"\$([0-9][0-9,]*(?:\.[0-9]{2})?)"
_COPAY = re.compile(rf"{_DOLLARS}(?:(?: or |-){_DOLLARS})?(?:-{_DOLLARS})? copay")
_RATE = re.compile(r"([0-9]{1,3})%(?:(?: or |-)([0-9]{1,3})%)?(?:-([0-9]{1,3})%)? coinsurance")
_DEDUCTIBLE = re.compile(rf"(\$0 or )?{_DOLLARS}(.*)")
_BOTH = ("", "Annual deductible", "In and out-of-network", "per year from in-network and out-of-network providers")
_INSIDE = ("In-network", "per year for in-network services")
_OUTSIDE = ("Out-of-network",)


@dataclass(frozen=True, slots=True)
class Cost:
    """The share that a cell states, and whether it leaves anything open; `share` is None where nothing is stated."""

    share: Definition | str | None
    is_open: bool = False


def cost(text: str) -> Cost:
    """Read a cost share.

    >>> cost("$0 or $25-$50 copay").share, cost("20% coinsurance").share
    ({'copay': {'from': '0.00', 'to': '50.00'}}, {'coinsurance': '20%'})
    >>> cost("0%-20% coinsurance")
    Cost(share={'coinsurance': 'unknown'}, is_open=True)
    """
    if not text:
        return Cost(None)
    if text == "$0 copay, 0% coinsurance":
        return Cost({"copay": "0.00"})
    if found := _COPAY.fullmatch(text):
        amounts = sorted((_cents(one) for one in found.groups() if one), key=Money.parse)
        low, high = amounts[0], amounts[-1]
        return Cost({"copay": low}) if low == high else Cost({"copay": {"from": low, "to": high}}, is_open=True)
    if found := _RATE.fullmatch(text):
        rates = {int(one) for one in found.groups() if one}
        return Cost({"coinsurance": f"{rates.pop()}%"}) if len(rates) == 1 else Cost({"coinsurance": UNKNOWN}, True)
    return Cost(UNKNOWN, is_open=True)


def by_tier(text: str) -> tuple[str, str]:
    """Split a cell that names both tiers.

    >>> by_tier("In-network: $30 copayOut-of-network: 50% coinsurance")
    ('$30 copay', '50% coinsurance')
    """
    inside, _, outside = text.partition("Out-of-network:")
    return inside.removeprefix("In-network:").strip(), outside.strip()


@dataclass(frozen=True, slots=True)
class Deductible:
    """The amount of a deductible (None: none), and whether it holds inside, outside, or for both together."""

    amount: Any
    inside: bool
    outside: bool
    is_open: bool = False


def deductible(text: str) -> Deductible:
    """Read the plan's deductible.

    >>> deductible("$500In-network")
    Deductible(amount='500.00', inside=True, outside=False, is_open=False)
    >>> deductible("$0 or $283per year for in-network services").amount
    {'from': '0.00', 'to': '283.00'}
    """
    found = _DEDUCTIBLE.fullmatch(text)
    where = found[3].strip() if found else None
    if found is None or where not in (*_BOTH, *_INSIDE, *_OUTSIDE):
        return Deductible(UNKNOWN, True, True, is_open=True)
    high = _cents(found[2])
    amount = {"from": "0.00", "to": high} if found[1] else high
    if amount == "0.00":
        return Deductible(None, True, True)
    return Deductible(amount, where not in _OUTSIDE, where not in _INSIDE, is_open=bool(found[1]))


def maximum(text: str) -> str:
    """Read the out-of-pocket maximum; none is of nothing.

    >>> maximum("9,250"), maximum("0")
    ('9250.00', 'unknown')
    """
    return _cents(text) if re.fullmatch(r"[0-9][0-9,]*", text) and text.strip("0,") else UNKNOWN


def _cents(figure: str) -> str:
    whole, _, cents = figure.replace(",", "").partition(".")
    return f"{int(whole)}.{cents or '00'}"


# ----------------------------------------------------------------------------
# Who sells a plan, in which state, and whose policy on dry needling holds for it.
# ----------------------------------------------------------------------------

UNKNOWN_PAYER = "medicare-advantage-dry-needling"
_POLICIES = {"UnitedHealthcare": "uhc-medicare-advantage-dry-needling", "Humana": "humana-dry-needling"}
# Names under which an organization sells, where they do not begin with its own.
_BRANDS = {"uhc": "UnitedHealthcare", "aarp": "UnitedHealthcare", "humanachoice": "Humana"}
STATES = dict(
    re.findall(
        r"(\w+)=(\w\w)",
        "Alabama=AL Alaska=AK Arizona=AZ Arkansas=AR California=CA Colorado=CO Connecticut=CT Delaware=DE "
        "Florida=FL Georgia=GA Hawaii=HI Idaho=ID Illinois=IL Indiana=IN Iowa=IA Kansas=KS Kentucky=KY "
        "Louisiana=LA Maine=ME Maryland=MD Massachusetts=MA Michigan=MI Minnesota=MN Mississippi=MS Missouri=MO "
        "Montana=MT Nebraska=NE Nevada=NV New_Hampshire=NH New_Jersey=NJ New_Mexico=NM New_York=NY "
        "North_Carolina=NC North_Dakota=ND Ohio=OH Oklahoma=OK Oregon=OR Pennsylvania=PA Rhode_Island=RI "
        "South_Carolina=SC South_Dakota=SD Tennessee=TN Texas=TX Utah=UT Vermont=VT Virginia=VA Washington=WA "
        "West_Virginia=WV Wisconsin=WI Wyoming=WY District_of_Columbia=DC Puerto_Rico=PR Guam=GU Virgin_Islands=VI",
    )
)


class Organizations:
    """The organization behind each contract: the table leaves most blank, and a contract has only one."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        named = [(contract_of(row), row["org"].strip()) for row in rows if row["org"].strip()]
        self._by_contract: dict[str, str] = dict(named)
        self._names = sorted(set(self._by_contract.values()), key=len, reverse=True)

    def of(self, row: Mapping[str, str]) -> str:
        """Return the organization, by its contract or by the beginning of the plan's name; else say which contract."""
        contract, name = contract_of(row), row["name"].casefold()
        if contract in self._by_contract:
            return self._by_contract[contract]
        brand = _BRANDS.get(name.partition(" ")[0])
        by_name = next((known for known in self._names if name.startswith(f"{known.casefold()} ")), None)
        return brand or by_name or f"Not named (contract {contract})"


def contract_of(row: Mapping[str, str]) -> str:
    """Return the number of the contract.

    >>> contract_of({"plan": "H0104_012_0"})
    'H0104'
    """
    return row["plan"].partition("_")[0]


def policy_of(organization: str) -> str:
    """Return the name of the policy that holds for an organization's plans."""
    return _POLICIES.get(organization, UNKNOWN_PAYER)
