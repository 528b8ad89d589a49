"""Sentences that a reader is told before any price, and on codes that had to be put right."""

from __future__ import annotations

from typing import assert_never

from estimator.engine.findings import DiagnosisInvalid, PolicyOverPlan, StateNotice, UnitsCorrected
from estimator.language import N_, _
from estimator.wording.figures import counted, listed, together
from estimator.wording.places import place
from estimator.wording.telling import Telling, plain

Notices = StateNotice | DiagnosisInvalid | UnitsCorrected | PolicyOverPlan


# What a state's law says of dry needling, for patients and for billers.
_STATES = {
    "permitted": (
        N_(
            "{state} lets physical therapists with the right training do dry needling. "
            "Ask about that training, and check the license with the state's board of physical therapy."
        ),
        N_("{state} permits dry needling by physical therapists with the required training: keep proof of it."),
    ),
    "prohibited": (
        N_("{state} does not let physical therapists do dry needling."),
        N_("{state} does not permit dry needling by physical therapists: do not perform, do not bill."),
    ),
    "awaiting-rules": (
        N_("{state} has passed a law on dry needling by physical therapists, but its rules are not in force yet."),
        N_(
            "{state} has a law on dry needling by physical therapists, but its rules are not in force: "
            "do not perform, do not bill."
        ),
    ),
    "silent": (
        N_("No law or ruling in {state} speaks of dry needling by physical therapists. Ask the state board."),
        N_("No law or ruling in {state} on dry needling by physical therapists: ask the state board."),
    ),
}
_UNREAD = (
    N_("We have not read what {state} says of dry needling by physical therapists ({status})."),
    N_("Law of {state} on dry needling by physical therapists not read ({status}): verify."),
)


def notice_for_patient(finding: Notices, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case StateNotice(_, name, status):
            return _(_STATES.get(status, _UNREAD)[0]).format(state=place(name), status=plain(status))
        case DiagnosisInvalid(code, replacements):
            words = _("The diagnosis code {code} is not accepted on claims.").format(code=code)
            return together(words, _instead(replacements))
        case UnitsCorrected(code, units):
            words = _("We count {service} once a day, not {number} times.")
            return words.format(service=telling.service(code), number=units)
        case PolicyOverPlan():
            return _(
                "Your plan lists this service, but {payer} has a rule of its own on it. "
                "We follow that rule, and you should ask which of the two holds."
            ).format(payer=telling.payer)
        case _:
            assert_never(finding)


def notice_for_biller(finding: Notices, telling: Telling) -> str:
    """Return the sentence for billing staff."""
    match finding:
        case StateNotice(_, name, status):
            return _(_STATES.get(status, _UNREAD)[1]).format(state=place(name), status=plain(status))
        case DiagnosisInvalid(code, replacements):
            words = _("{code} is not valid on the date of service (CO-146).").format(code=code)
            return together(words, _instead(replacements))
        case UnitsCorrected(code, units):
            words = _("{code} is untimed: 1 unit a day, not {units} (MUE).")
            return words.format(code=code, units=counted(units, "unit"))
        case PolicyOverPlan(policy, position, benefit):
            words = _("Policy {policy} ({position}) conflicts with benefit {benefit}; the policy was followed.")
            return words.format(policy=policy, position=plain(position), benefit=benefit)
        case _:
            assert_never(finding)


def _instead(replacements: tuple[str, ...]) -> str:
    words = _("Use {codes} in its place, whichever fits.").format(codes=listed(replacements))
    return words if replacements else ""
