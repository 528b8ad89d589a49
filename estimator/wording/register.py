"""What to look at before somebody of the clinic's register needles, in sentences for staff."""

from __future__ import annotations

from typing import assert_never

from estimator.billing.register import ASSISTANT, Concern, Flag
from estimator.wording.words import short_day

_KINDS = {ASSISTANT: "physical therapist assistants"}


def flag_says(flag: Flag) -> str:
    """Return the sentence of a flag, which names the therapist by the clinic's own code."""
    who, state = flag.therapist.code, flag.rule.name
    match flag.concern:
        case Concern.FORBIDDEN:
            kind = _KINDS.get(flag.therapist.provider, "physical therapists")
            return f"{who} may not needle: {state} does not let {kind} do dry needling now. Schedule somebody else."
        case Concern.ASSISTANT_UNREAD:
            return (
                f"{who} is a physical therapist assistant. We have read no rule of {state} that lets assistants "
                "needle: ask the state board first, or schedule a physical therapist."
            )
        case Concern.UNTRAINED:
            return f"{who} has no training in needling, and {state} asks for it: {flag.rule.training}"
        case Concern.TRAINING_UNKNOWN:
            asks = f"{state} asks for it: {flag.rule.training}" if flag.rule.training else f"ask the board of {state}."
            return f"The register does not show {who} as trained in needling; {asks}"
        case Concern.TRAINING_OVER:
            day = short_day(flag.on) if flag.on else "an earlier day"
            return f"The training of {who} in needling ends on {day}, before the last visit. Renew it first."
        case Concern.OTHER_STATE:
            return f"The license of {who} is of {flag.therapist.state}, and the care takes place in {state}."
        case Concern.CONSENT_OLD:
            has = f"version {flag.therapist.consent_version}" if flag.therapist.consent_version else "no version"
            return f"The consent form of {who} is {has} in the register; this location uses version {flag.version}."
        case _:
            assert_never(flag.concern)
