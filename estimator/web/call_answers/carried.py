"""What the plan told travels between pages as the contract writes it, with the plan that told it."""

import json
from collections.abc import Mapping
from typing import Any

from estimator.contract.text import read_json
from estimator.errors import RequestRefused

FIELD = "told"
_UNREADABLE = "unreadable"


def calls_in(answers: Mapping[str, str]) -> Any:
    """Return the calls of the chosen plan, None where there are none; the contract refuses what holds none."""
    if not answers[FIELD]:
        return None
    try:
        written = read_json(answers[FIELD])
    except RequestRefused:
        return _UNREADABLE
    if written.get("plan") != answers["plan"]:
        return None
    return written.get("calls", _UNREADABLE)


def with_call(answers: Mapping[str, str], call: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers with one more call."""
    calls = calls_in(answers)
    kept = calls if isinstance(calls, list) else []
    written = {"plan": answers["plan"], "calls": [*kept, call]}
    return {**answers, FIELD: json.dumps(written, ensure_ascii=False, separators=(",", ":"), default=str)}
