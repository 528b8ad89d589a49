"""Whose policy on dry needling holds for an issuer, where the issuer's name leaves no doubt.

The names are those of `plans/_policies`. Any other issuer gets the Marketplace's own entry, which is unknown.
"""

from __future__ import annotations

import re

UNKNOWN_ISSUER = "marketplace-dry-needling"

# By the beginning of the marketing name, and the state where one name stands for several companies.
_ISSUERS: tuple[tuple[str, str, str], ...] = (
    (r"Blue Cross and Blue Shield of NC\b|Blue Cross NC\b", "NC", "bcbs-north-carolina-dry-needling"),
    (r"Anthem Blue Cross", "", "anthem-carelon-dry-needling"),
    (r"Cigna\b", "", "cigna-ash-dry-needling"),
    (r"UnitedHealthcare\b", "", "uhc-commercial-dry-needling"),
    (r"Ambetter\b", "", "centene-dry-needling"),
    (r"Blue Cross and Blue Shield of Alabama\b", "AL", "bcbs-alabama-dry-needling"),
    (r"Wellmark\b", "", "wellmark-dry-needling"),
    (r"BlueCross BlueShield of South Carolina\b", "SC", "bcbs-south-carolina-dry-needling"),
    (r"Blue Cross Blue Shield of Michigan\b", "MI", "bcbs-michigan-dry-needling"),
    (r"Blue Cross and Blue Shield of Kansas, Inc", "KS", "bcbs-kansas-dry-needling"),
    (r"Premera\b", "", "premera-dry-needling"),
    (r"LifeWise\b", "", "lifewise-dry-needling"),
    (r"Regence\b", "", "regence-dry-needling"),
    (r"Highmark\b", "", "highmark-dry-needling"),
    (r"Horizon\b", "NJ", "horizon-dry-needling"),
    # Divisions of one company, Health Care Service Corporation.
    (r"Blue Cross and Blue Shield of (?:Texas|Oklahoma|Montana|Illinois|New Mexico)\b", "", "hcsc-dry-needling"),
    (r"Florida Blue\b", "FL", "florida-blue-dry-needling"),
    (r"Kaiser\b", "", "kaiser-dry-needling"),
    (r"Paramount\b", "OH", "paramount-dry-needling"),
)


def policy_of(issuer: str, state: str) -> str:
    """Return the name of the policy that holds for an issuer's plans.

    >>> policy_of("Cigna HealthCare of Arizona, Inc", "AZ"), policy_of("Oscar Insurance Company", "TX")
    ('cigna-ash-dry-needling', 'marketplace-dry-needling')
    """
    for pattern, only, policy in _ISSUERS:
        if re.match(pattern, issuer) and only in ("", state):
            return policy
    return UNKNOWN_ISSUER
