"""What the plan told travels between pages as the contract writes it, with the plan that told it."""

import json
from collections.abc import Mapping
from typing import Any

from estimator.errors import RequestRefused
from estimator.estimates.contract_values import read_json

FIELD = "told"
_UNREADABLE = "unreadable"
_OF_PERSONS = ("reference", "representative")


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
    return _with_calls(answers, [*_calls(answers), call])


def without_persons(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers without what may lead from a call to a person: its reference, and a name."""
    kept = [_without_persons(call) for call in _calls(answers)]
    return _with_calls(answers, kept) if kept else {**answers, FIELD: ""}


def _without_persons(call: Any) -> Any:
    """Return a call without them; what is no call stays as it is, for the contract to refuse."""
    return {key: said for key, said in call.items() if key not in _OF_PERSONS} if isinstance(call, Mapping) else call


def _calls(answers: Mapping[str, str]) -> list[Any]:
    calls = calls_in(answers)
    return calls if isinstance(calls, list) else []


def _with_calls(answers: Mapping[str, str], calls: list[Any]) -> dict[str, str]:
    written = {"plan": answers["plan"], "calls": calls}
    return {**answers, FIELD: json.dumps(written, ensure_ascii=False, separators=(",", ":"), default=str)}
