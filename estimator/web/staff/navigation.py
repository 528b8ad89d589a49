"""What the navigation of the staff pages leads to, and whom it is shown to."""

from __future__ import annotations

from dataclasses import dataclass

from estimator.accounts.accounts import may


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: its words, where it leads, what a role must allow, and what is done there."""

    label: str
    path: str
    role: str
    does: str


# In the order of a day: first the desk, then the rule book, then what an administrator opens now and then.
NAVIGATION: tuple[Place, ...] = (
    Place("Schedule", "/staff/schedule/", "billing", "estimates and flags for a whole day, from a file"),
    Place(
        "Authorization",
        "/staff/authorization",
        "billing",
        "check a planned course: valid, authorized, payable, and what to send by when",
    ),
    Place(
        "Eligibility",
        "/staff/eligibility",
        "billing",
        "read a payer’s answer (271, FHIR) and take it to an estimate",
    ),
    Place("Calls", "/staff/calls/", "billing", "what payers said, when and under which reference, kept as evidence"),
    Place("Estimates", "/staff/estimates/", "billing", "what patients were given, kept with its receipt"),
    Place("Plans", "/staff/plans/", "viewer", "read plans and their history; correct one and publish it"),
    Place("Proposals", "/staff/proposals/", "viewer", "confirm or reject what insurers’ free text proposes"),
    Place("Prices", "/staff/prices/", "viewer", "the clinic’s contracts, self-pay list and factors; what has no price"),
    Place("Watch", "/staff/watch/", "viewer", "what has grown old, ended, failed or would change"),
    Place("Accounts", "/staff/accounts/", "admin", "who may sign in, and with which role"),
    Place("API tokens", "/staff/tokens/", "admin", "by which other programs call"),
    Place("Log", "/staff/log/", "admin", "who did what, and when"),
)


def entries_for(role: str) -> tuple[Place, ...]:
    """Return the entries that a role may open."""
    return tuple(place for place in NAVIGATION if may(role, place.role))
