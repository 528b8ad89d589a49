"""The examples of a plan file as requests: what `given` leaves out, and how `expect` is compared.

The arithmetic of an example is done by hand in its plan file; here it is only held against the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from estimator.engine.answer import AssumptionKind, Estimate
from estimator.engine.plan import Plan

_FIRST_DAY = date(2026, 3, 2)
_WEEK = 7
_TEXT = frozenset({"code", "codes", "zip", "locality", "diagnoses", "modifiers", "plan", "day"})
_THREE = ("patient_owes", "settled")
_WHOLE = re.compile(r"-?\d{1,9}")
_WORDS: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False}


def request_of(given: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Return the request of an example, as JSON would hold it; its plan is left out."""
    request = {key: _value(key, value) for key, value in given.items() if key != "visits"}
    visits = given.get("visits", {})
    first_day = _first_day(plan)
    if isinstance(visits, Mapping):
        request["visits"] = _spread(visits, first_day)
    else:
        request["visits"] = [
            {"day": (first_day + timedelta(days=_WEEK * index)).isoformat(), **_value("", visit)}
            for index, visit in enumerate(visits)
        ]
        for visit in request["visits"]:
            visit["services"] = [
                service if isinstance(service, Mapping) else {"code": str(service)} for service in visit["services"]
            ]
    request.setdefault("as_of", request["visits"][0]["day"] if request["visits"] else first_day.isoformat())
    return request


def differences(expect: Mapping[str, Any], estimate: Estimate) -> Iterator[tuple[str, str]]:
    """Yield the path within `expect` and a sentence for everything that the engine answers otherwise."""
    actual = _actual(estimate)
    for key, wanted in expect.items():
        if key not in actual:
            yield key, f"Write one of {', '.join(actual)}."
            continue
        found = actual[key]
        if key in _THREE and not isinstance(wanted, Mapping):
            wanted = dict.fromkeys(("typical",) if _rests_on_figures(estimate) else ("low", "typical", "high"), wanted)
        if not _fits(wanted, found):
            yield key, f"The estimate is {_shown(found)}, and the example says {_shown(wanted)}."


def expected_now(expect: Mapping[str, Any], estimate: Estimate) -> dict[str, Any]:
    """Return what an example would have to expect of the same things for the engine to agree.

    Of lists of records those stay that the engine still has, told apart by their first key.
    """
    actual = _actual(estimate)
    return {key: _as_wanted(wanted, actual[key], key) for key, wanted in expect.items() if key in actual}


def _as_wanted(wanted: Any, found: Any, key: str = "") -> Any:
    if key in _THREE and not isinstance(wanted, Mapping):
        return found["typical"]
    if isinstance(wanted, Mapping):
        return {name: _as_wanted(each, found[name]) for name, each in wanted.items() if name in found}
    if isinstance(found, list) and found and isinstance(found[0], Mapping):
        records = [_record(each, found[0]) for each in wanted]
        return [_as_wanted(each, one) for each in records for one in found if _same_thing(each, one)]
    return str(found) if isinstance(found, str) else found


def _same_thing(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    key = next(iter(found))
    return key not in wanted or str(wanted[key]) == str(found[key])


def _rests_on_figures(estimate: Estimate) -> bool:
    """Tell whether an amount moves with assumed figures, such as a template's: one sum is then the typical one."""
    return any(each.figures or each.assumes is AssumptionKind.LINE_ORDER for each in estimate.assumptions)


def _first_day(plan: Plan) -> date:
    if _FIRST_DAY in plan.in_force or plan.in_force.first_day is None:
        return _FIRST_DAY
    return plan.in_force.first_day


def _spread(visits: Mapping[str, Any], first_day: date) -> list[dict[str, Any]]:
    start = date.fromisoformat(str(visits.get("first_day", first_day.isoformat())))
    between = int(visits.get("days_between", _WEEK))
    amounts = {key: str(visits[key]) for key in ("allowed", "billed") if key in visits}
    services: list[dict[str, Any]] = []
    for index, service in enumerate(visits.get("services", ["97110"])):
        line = _value("", service) if isinstance(service, Mapping) else {"code": str(service)}
        services.append({**line, **(amounts if index == 0 else dict.fromkeys(amounts, "0.00"))})
    days = (start + timedelta(days=between * index) for index in range(int(visits.get("count", 1))))
    return [{"day": day.isoformat(), "services": services} for day in days]


def _value(key: str, value: Any) -> Any:
    """Return what JSON would hold: yes and no as true and false, whole numbers as numbers, the rest as text."""
    if isinstance(value, Mapping):
        return {name: _value(name, each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_value(key, each) for each in value]
    if isinstance(value, str) and key not in _TEXT:
        if value in _WORDS:
            return _WORDS[value]
        if _WHOLE.fullmatch(value):
            return int(value)
    return value


def _actual(estimate: Estimate) -> dict[str, Any]:
    typical = estimate.typical
    return {
        "patient_owes": {
            "low": str(estimate.low.owes),
            "typical": str(typical.owes),
            "high": str(estimate.high.owes),
        },
        "settled": dict(zip(("low", "typical", "high"), (str(each.owes) for each in estimate.settled), strict=True)),
        "open_points": [
            {"about": each.about, "subject": each.subject, "usual": str(each.adds.usual), "most": str(each.adds.most)}
            for each in estimate.open_points
        ],
        "plan_pays": str(typical.plan_pays),
        "provider_absorbs": str(typical.provider_absorbs),
        "conditions": [
            {
                "needs": each.needs,
                "from_visit": str(each.from_visit),
                "visits": str(each.visits),
                "if_not": str(each.difference),
                "clinic_if_not": str(each.clinic_difference),
                "administrator": each.administrator,
            }
            for each in estimate.conditions
        ],
        "questions": [{"asks": each.asks, "subject": each.subject} for each in estimate.questions],
        "assumptions": [{"assumes": each.assumes, "subject": each.subject} for each in estimate.assumptions],
        "crossing_points": [
            {"kind": each.kind, "visit": str(each.visit), "day": each.day.isoformat(), "subject": each.subject}
            for each in estimate.crossing_points
        ],
        "statuses": [str(line.status) for line in typical.visits[0].lines],
        "visits": [str(visit.owes) for visit in typical.visits],
    }


def _fits(wanted: Any, found: Any) -> bool:
    """Tell whether everything that the example names is there; lists of records may hold more."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_fits(each, found.get(key)) for key, each in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        if not wanted or not found or not isinstance(found[0], Mapping):
            return len(wanted) == len(found) and all(map(_fits, wanted, found))
        return all(any(_fits(_record(each, one), one) for one in found) for each in wanted)
    return str(wanted) == str(found)


def _record(wanted: Any, found: Mapping[str, Any]) -> Any:
    return wanted if isinstance(wanted, Mapping) else {next(iter(found)): wanted}


def _shown(value: Any) -> str:
    return str(value) if not isinstance(value, list) or len(str(value)) < 400 else f"{str(value)[:400]}…"
