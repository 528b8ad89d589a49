"""What a payer says in words: the network, whether something else fills the same bucket, whether a figure is a rest.

Words are quoted and compared; no figure is taken from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from estimator.eligibility.benefit import Network

_OUT = re.compile(r"\bOUT[- ]?(?:OF[- ])?NET(?:WORK)?\b|\bOON\b|\bNON[- ]?PAR(?:TICIPATING)?\b", re.IGNORECASE)
_IN = re.compile(r"\bIN[- ]?NET(?:WORK)?\b|\bINN\b|(?<!NON)(?<!NON[- ])\bPARTICIPATING\b", re.IGNORECASE)
_SHARED = re.compile(
    r"\b(?:COMBINED|SHARED|AGGREGATE|COMB|INCLUDES|TOGETHER)\b|\bPT\s*[/,&]\s*OT\b|\bPT,? AND OT\b|\bCOMBINES\b",
    re.IGNORECASE,
)
_REST = re.compile(r"\bREMAIN(?:S|ING|DER)?\b|\bLEFT\b", re.IGNORECASE)


def network(texts: Iterable[str]) -> Network:
    """Return the network that messages speak of.

    >>> network(["CALENDAR YEAR DEDUCTIBLE - OUT OF NETWORK"]), network(["IN AND OUT OF NETWORK"]), network(["COPAY"])
    (<Network.OUT: 'out of network'>, <Network.UNSAID: 'network not said'>, <Network.UNSAID: 'network not said'>)
    """
    said = " ".join(texts)
    is_out = _OUT.search(said) is not None
    is_in = (
        _IN.search(_OUT.sub("", said)) is not None
        or re.search(r"\bIN (?:AND|OR|&) OUT\b", said, re.IGNORECASE) is not None
    )
    if is_in == is_out:
        return Network.UNSAID
    return Network.IN if is_in else Network.OUT


def is_shared(texts: Iterable[str]) -> bool:
    """Tell whether messages say that several services fill one bucket.

    >>> is_shared(["PT/OT/ST COMBINED 60 VISITS"]), is_shared(["PHYSICAL THERAPY VISITS PER YEAR"])
    (True, False)
    """
    return any(_SHARED.search(text) for text in texts)


def speaks_of_rest(texts: Iterable[str]) -> bool:
    """Tell whether messages speak of what is left.

    >>> speaks_of_rest(["DEDUCTIBLE REMAINING"])
    True
    """
    return any(_REST.search(text) for text in texts)
