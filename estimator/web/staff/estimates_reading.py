"""A request that was pasted or sent as a file becomes an estimate, in the words that the patient reads.

The first name of somebody at the payer's is left out of what is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import read_json
from estimator.estimates.run import estimate_asked
from estimator.web import shelf
from estimator.wording.answer import answer_of
from estimator.wording.words import PATIENT

_NOTHING = "Paste the JSON of a request, or choose a file that holds it."
_NO_TEXT = "Send the request as text in UTF-8."


class Estimated(NamedTuple):
    """A request as it is kept, with its answer."""

    request: Mapping[str, Any]
    answer: Mapping[str, Any]


def text_sent(pasted: str, file: bytes) -> str:
    """Return the request as text, of the file where one was sent; raise RequestRefused where it is none."""
    try:
        text = file.decode("utf-8-sig") if file else pasted
    except UnicodeDecodeError as error:
        raise RequestRefused((Problem("", _NO_TEXT),)) from error
    if not text.strip():
        raise RequestRefused((Problem("", _NOTHING),))
    return text


def estimated(text: str, today: date) -> Estimated:
    """Return the request with its answer; raise an EstimatorError where there is none."""
    request = _without_persons(json.loads(json.dumps(read_json(text), default=str)))
    estimate, plan = estimate_asked(read_request(request, today), shelf.shelf(), prices=shelf.prices())
    return Estimated(request, answer_of(estimate, plan, shelf.names(), PATIENT))


def _without_persons(request: dict[str, Any]) -> dict[str, Any]:
    told = request.get("told")
    calls = [told] if isinstance(told, Mapping) else told
    if not isinstance(calls, list):
        return request
    kept = [
        {key: said for key, said in call.items() if key != "representative"} if isinstance(call, Mapping) else call
        for call in calls
    ]
    return {**request, "told": kept}
