"""Who sells a plan, in which state, and whose policy on dry needling holds for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

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
