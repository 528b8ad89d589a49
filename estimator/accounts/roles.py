"""The four roles of those who work here, and what each may do: capabilities, not a ladder.

A file of its own, so that commands can name roles without loading the database.
"""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    VIEWER = "viewer"
    BILLING = "billing"
    RULES = "rules"
    ADMIN = "admin"


MEANINGS: Mapping[Role, str] = {
    Role.VIEWER: "reads every staff page, changes nothing",
    Role.BILLING: "reads, and does the work of the billing desk",
    Role.RULES: "reads, and keeps plans and prices",
    Role.ADMIN: "does everything, and keeps accounts, tokens and the log",
}


def may(role: str, needed: str) -> bool:
    """Tell whether somebody of this role may do what another role is named for.

    >>> may("billing", "viewer"), may("billing", "rules"), may("admin", "rules")
    (True, False, True)
    """
    return role in (needed, Role.ADMIN) or needed == Role.VIEWER
