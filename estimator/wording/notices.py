"""Sentences that a reader is told before any price, and on codes that had to be put right."""

from __future__ import annotations

from typing import assert_never

from estimator.domain.decisions import DiagnosisInvalid, PolicyOverPlan, StateNotice, UnitsCorrected
from estimator.wording.figures import counted, listed
from estimator.wording.telling import Telling, plain

Notices = StateNotice | DiagnosisInvalid | UnitsCorrected | PolicyOverPlan


def notice_for_patient(finding: Notices, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case StateNotice(_, name, status):
            return _state(name, status)
        case DiagnosisInvalid(code, replacements):
            return f"The diagnosis code {code} is not accepted on claims.{_instead(replacements)}"
        case UnitsCorrected(code, units):
            return f"We count {telling.service(code)} once a day, not {units} times."
        case PolicyOverPlan():
            return (
                f"Your plan lists this service, but {telling.payer} has a rule of its own on it. "
                "We follow that rule, and you should ask which of the two holds."
            )
        case _:
            assert_never(finding)


def notice_for_biller(finding: Notices, telling: Telling) -> str:
    """Return the sentence for billing staff."""
    match finding:
        case StateNotice(_, name, status):
            return _law(name, status)
        case DiagnosisInvalid(code, replacements):
            return f"{code} is not valid on the date of service (CO-146).{_instead(replacements)}"
        case UnitsCorrected(code, units):
            return f"{code} is untimed: 1 unit a day, not {counted(units, 'unit')} (MUE)."
        case PolicyOverPlan(policy, position, benefit):
            return f"Policy {policy} ({plain(position)}) conflicts with benefit {benefit}; the policy was followed."
        case _:
            assert_never(finding)


def _state(name: str, status: str) -> str:
    match status:
        case "permitted":
            return (
                f"{name} lets physical therapists with the right training do dry needling. "
                f"Ask about that training, and check the license with the state's board of physical therapy."
            )
        case "prohibited":
            return f"{name} does not let physical therapists do dry needling."
        case "awaiting-rules":
            return (
                f"{name} has passed a law on dry needling by physical therapists, but its rules are not in force yet."
            )
        case "silent":
            return f"No law or ruling in {name} speaks of dry needling by physical therapists. Ask the state board."
        case _:
            return f"We have not read what {name} says of dry needling by physical therapists ({plain(status)})."


def _law(name: str, status: str) -> str:
    match status:
        case "permitted":
            return f"{name} permits dry needling by physical therapists with the required training: keep proof of it."
        case "prohibited":
            return f"{name} does not permit dry needling by physical therapists: do not perform, do not bill."
        case "awaiting-rules":
            return (
                f"{name} has a law on dry needling by physical therapists, but its rules are not in force: "
                "do not perform, do not bill."
            )
        case "silent":
            return f"No law or ruling in {name} on dry needling by physical therapists: ask the state board."
        case _:
            return f"Law of {name} on dry needling by physical therapists not read ({plain(status)}): verify."


def _instead(replacements: tuple[str, ...]) -> str:
    return f" Use {listed(replacements)} in its place, whichever fits." if replacements else ""
