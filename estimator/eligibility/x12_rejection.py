"""Why a payer answered no benefits (AAA), in plain words, and what to do about it."""

from __future__ import annotations

from estimator.eligibility.benefit import Origin
from estimator.eligibility.result import Rejection
from estimator.eligibility.x12_segments import Segment

_REASONS = {
    "04": "More was asked for than the payer allows at once.",
    "15": "Something that the payer needs is missing from the question.",
    "33": "The question is wrong in a way that the payer does not name.",
    "35": "The provider has no contract for this network or group.",
    "41": "Whoever asked may not ask this payer.",
    "42": "The payer cannot answer now.",
    "43": "The provider’s identification is missing or wrong.",
    "44": "The provider’s name is missing or wrong.",
    "45": "The provider’s specialty is missing or wrong.",
    "46": "The provider’s telephone number is missing or wrong.",
    "47": "The provider’s state is missing or wrong.",
    "48": "The referring provider’s identification is missing or wrong.",
    "49": "The provider is not the patient’s primary care provider.",
    "50": "The provider may not ask: the payer does not let this provider see eligibility.",
    "51": "The payer does not know the provider.",
    "52": "The service dates do not fit the provider’s contract.",
    "53": "The payer does not answer for this kind of service over this line.",
    "54": "The payer does not answer for this kind of product over this line.",
    "55": "The product or service code does not fit.",
    "56": "The date of service is not a date that the payer knows.",
    "57": "The date of service is missing or wrong.",
    "58": "The date of birth is missing or wrong.",
    "60": "The date of birth is after the date of service.",
    "61": "The date of death is before the date of service.",
    "62": "The date of service is not within the time that the payer answers for.",
    "63": "The date of service lies in the future.",
    "64": "The patient’s number is missing or wrong.",
    "65": "The patient’s name is missing or wrong.",
    "66": "The patient’s sex is missing or wrong.",
    "67": "The payer does not find the patient.",
    "68": "The patient’s number stands twice in the payer’s list.",
    "69": "The patient’s sex does not fit the service.",
    "70": "The patient’s age does not fit the service.",
    "71": "The patient’s date of birth is not the one that the payer has.",
    "72": "The subscriber’s number is missing or wrong.",
    "73": "The subscriber’s name is missing or wrong.",
    "74": "The subscriber’s sex is missing or wrong.",
    "75": "The payer does not find the subscriber.",
    "76": "The subscriber’s number stands twice in the payer’s list.",
    "77": "The payer finds the subscriber, but not the patient.",
    "78": "The subscriber is not in the group or plan that was named.",
    "79": "The participant is not known to the payer.",
    "80": "The payer answered nothing: nothing is on file for what was asked.",
    "97": "The address is missing or wrong.",
    "98": "The payer does not answer for what was asked without an experimental agreement.",
    "AA": "An authorization number is not found.",
    "AE": "The payer needs a medical record to answer.",
    "AF": "The diagnosis is missing or wrong.",
    "AG": "The procedure is missing or wrong.",
    "AO": "More than one patient fits.",
    "CI": "The certification does not fit what is on file.",
    "IA": "The authorization number is wrong.",
    "MA": "The authorization number is missing.",
}
_THEN = {
    "C": "Correct it and ask again.",
    "N": "Do not ask again: call the payer.",
    "P": "Ask again as it is.",
    "R": "Ask again later.",
    "S": "Do not ask again: the payer has forwarded the question.",
    "W": "Wait 30 days and ask again.",
    "X": "Wait 10 days and ask again.",
    "Y": "Wait: the payer will answer by itself.",
}


def rejection_of(segment: Segment) -> Rejection:
    """Return what an AAA says; a reason that we do not know is told by its code."""
    reason, then = segment.element(3), segment.element(4)
    unknown = (
        f"The payer refused with the code {reason}, which we do not know." if len(reason) == 2 else "The payer refused."
    )
    origin = Origin(segment.number, segment.place, segment.text if segment.text.isascii() else "AAA")
    return Rejection(origin, _REASONS.get(reason, unknown), _THEN.get(then, "Call the payer."))
