"""What must hold of any answer: order changes nothing, and neither does what is of another plan, year, age or place."""

import json
import random
import sys
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estimator.eligibility.read import read_eligibility
from estimator.eligibility.statements import Eligibility
from estimator.errors import EligibilityRefused
from estimator.estimates.eligibility import reading_of
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from tests.eligibility.answers import PLAIN, answer, concept, fhir
from tests.eligibility.test_nobody_is_shown import RESOURCE, TALKATIVE
from tests.estimates.test_filling_from_eligibility import TODAY

Group = tuple[str, ...]
EVERGREEN = folder_shelf(plans_folder()).find("evergreen-ppo-silver", TODAY)

_SERVICES = ("PT", "30", "98", "AE", "A9", "33", "PT^AD", "")
_NETWORKS = ("Y", "N", "W", "")
_BELOW = (
    *("MSG*REHABILITATIVE", "MSG*TIER 1", "MSG*PT/OT/ST COMBINED", "MSG*REFERRAL REQUIRED", "MSG*AGES 19 TO 64"),
    *("MSG*AFTER DEDUCTIBLE", "MSG*IN NETWORK", "MSG*PHYSICAL THERAPY", "HSD*VS*30***23*1", "HSD*VS*12***29*1"),
    *("DTP*292*RD8*20260101-20261231", "DTP*346*D8*20260101", "III*ZZ*11", "III*ZZ*62"),
)
_CODES = ("", "*HC:97110", "*HC:97010::::::97799", "*HC:20560")


@st.composite
def statements(draw: st.DrawFn) -> list[Group]:
    """Draw EBs of the medical plan, each with what stands beneath."""
    groups: list[Group] = [("EB*1**30**PPO",)]
    for _ in range(draw(st.integers(0, 8))):
        service, network = draw(st.sampled_from(_SERVICES)), draw(st.sampled_from(_NETWORKS))
        level, mark = draw(st.sampled_from(("IND", "FAM", "EMP", ""))), draw(st.sampled_from(("Y", "N", "U", "")))
        insurance, codes = draw(st.sampled_from(("", "C1"))), draw(st.sampled_from(_CODES))
        amount, period = draw(st.sampled_from((0, 20, 500, 1500, 999999.99))), draw(st.sampled_from(("23", "29", "24")))
        count = draw(st.sampled_from((0, 12, 30)))
        line = draw(
            st.sampled_from(
                (
                    f"EB*B*{level}*{service}*{insurance}**27*{amount}****{mark}*{network}{codes}",
                    f"EB*A*{level}*{service}*{insurance}**27**.2***{mark}*{network}{codes}",
                    f"EB*C*{level}*{service}*{insurance}**{period}*{amount}****{mark}*{network}",
                    f"EB*G*{level}*{service}*{insurance}**{period}*{amount}****{mark}*{network}",
                    f"EB*F*{level}*{service}*{insurance}**{period}***VS*{count}*{mark}*{network}{codes}",
                    f"EB*F*{level}*{service}*{insurance}*******{mark}*{network}",
                    f"EB*CB*{level}*{service}*{insurance}*******{mark}*{network}{codes}",
                    f"EB*I*{level}*{service}*********{network}{codes}",
                    f"EB*1*{level}*{service}",
                )
            )
        )
        groups.append((line, *draw(st.lists(st.sampled_from(_BELOW), max_size=3, unique=True))))
    return groups


def conclusions(groups: list[Group]) -> dict[str, Any]:
    """Return what is chosen of an answer, without the numbers of segments."""
    return concluded(read_eligibility(answer(*(line for group in groups for line in group)).encode()))


def concluded(told: Eligibility) -> dict[str, Any]:
    """Return what is chosen of what was read, without places."""
    reading, named = (reading_of(told, plan, TODAY) for plan in (None, EVERGREEN))
    requests = json.loads(json.dumps([reading.request, named.request], default=str))
    return {"request": _without_places(requests), "active": told.is_active, "left": len(reading.fill.left_open)}


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_places(each) for key, each in value.items() if key not in ("cite", "reference")}
    return [_without_places(each) for each in value] if isinstance(value, list) else value


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statements(), st.randoms(use_true_random=False))
def test_the_order_of_segments_changes_nothing(groups: list[Group], shuffled: random.Random) -> None:
    """Neither beneath an EB nor among the EBs of one plan."""
    below = [(group[0], *shuffled.sample(group[1:], len(group) - 1)) for group in groups]
    among = [below[0], *shuffled.sample(below[1:], len(below) - 1)]

    assert conclusions(groups) == conclusions(below) == conclusions(among)


_INERT: tuple[tuple[Group, ...], ...] = (
    (("EB*B*IND*PT***27*7*****Y", "DTP*292*RD8*20250101-20251231"),),
    (("EB*C*IND*30***23*77*****W", "DTP*292*RD8*20250101-20251231"),),
    (("EB*F*IND*PT***23***VS*7*Y*Y", "DTP*292*RD8*20270101-20271231"),),
    (("EB*B*IND*PT***27*7**S7*18*Y*Y",),),
    (("EB*A*IND*PT***27**.9***Y*W", "MSG*AGES 65 TO 99"),),
    (("EB*B*IND*PT***27*7****Y*Y", "III*ZZ*21"),),
    (("EB*F*IND*PT***23***DY*7*Y*W", "MSG*INPATIENT"),),
    (("EB*1**30**VISION PLAN",), ("EB*C*IND*30***23*0*****W",), ("EB*B*IND*PT***27*7****Y*W",)),
    (("EB*1**30**SOME DENTAL PPO",), ("EB*G*IND*30***23*0*****Y",), ("EB*I*IND*PT*********W",)),
    (("EB*1**30**OLD PPO", "DTP*291*RD8*20240101-20241231"), ("EB*A*IND*PT***27**.5****W",)),
    (("EB*B*IND****27*7****Y*Y*HC:97110:GO",),),
    (("EB*F*IND*AC***27*7*****W",),),
    (("EB*F*IND*AC***7***VS*7**W",),),
    (("EB*F*IND*AC*********W", "HSD*VS*1*DA"),),
    (("EB*B*IND*AC***36*7*****Y",),),
    (("EB*A*IND*AC***36**.9****Y",),),
    (("EB*C*IND*30***36*77*****W",),),
    (("EB*G*IND*30***32*77*****Y",),),
    (("EB*B*IND*30***27*7*****W", "MSG*MAIL ORDER GENERIC"),),
    (("EB*B*DEP*PT***27*7****Y*Y",),),
    (("EB*B*IND*98***27*7*****Y", "MSG*PRIMARY CARE VISIT"),),
    (("EB*C*IND*30*MA**26*77*****Y",),),
    (("EB*R**30*SP*MEDIGAP PLAN G",), ("EB*B*IND*88***27*7*****Y",)),
    (("EB*I*IND*AC*********W", "MSG*MAINTENANCE THERAPY"),),
    (("EB*F*IND*PT***23***VS*7*Y*Y", "III*ABK*F840"),),
    (("EB*B*XXX*PT***27*7****Y*Y",),),
    (("EB*F*IND*PT***23***VS*7*Y*Y", "MSG*HABILITATIVE SERVICES"),),
    (("EB*B*IND*PT***27*7*****Y", "MSG*CHIROPRACTIC CARE"),),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statements(), st.sampled_from(_INERT), st.data())
def test_what_is_not_the_patients_changes_nothing(
    groups: list[Group], inert: tuple[Group, ...], drawn: st.DataObject
) -> None:
    """A statement of another period, plan, age or place, wherever it stands."""
    opens = inert[0][0].startswith("EB*1")
    at = len(groups) if opens else drawn.draw(st.integers(1, len(groups)))
    added = [*groups[:at], *inert, *groups[at:]]
    plain, more = conclusions(groups), conclusions(added)

    assert (plain["request"], plain["active"]) == (more["request"], more["active"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statements())
def test_a_repeated_statement_changes_nothing(groups: list[Group]) -> None:
    """Some payers send each line twice."""
    twice = [each for group in groups for each in (group, group)]

    assert conclusions(groups)["request"] == conclusions(twice)["request"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statements())
def test_every_statement_is_used_or_has_a_reason(groups: list[Group]) -> None:
    """What is in neither list only says that the plan is active."""
    told = read_eligibility(answer(*(line for group in groups for line in group)).encode())
    reading = reading_of(told, None, TODAY)

    assert all(each.why for each in reading.unused)
    assert len(reading.unused) <= len(told.benefits)


# ----------------------------------------------------------------------------
# The same of FHIR: rows and benefits in any order, and those of another plan, year, age, place or service.
# ----------------------------------------------------------------------------

Row = dict[str, Any]
_FIGURES: tuple[Row, ...] = (
    {"type": "copay", "allowedMoney": {"value": 30, "currency": "USD"}},
    {"type": "copay", "allowedString": "$45 per visit"},
    {"type": "copay-percent", "allowedUnsignedInt": 20},
    {"type": "coinsurance", "allowedString": ".3"},
    {"type": "deductible", "allowedMoney": {"value": 1500}, "usedMoney": {"value": 310.55}},
    {"type": "deductible", "allowedMoney": {"value": 500}},
    {"type": "moop", "allowedMoney": {"value": 6000}, "usedMoney": {"value": 499.45}},
    {"type": "visit", "allowedUnsignedInt": 30, "usedUnsignedInt": 8},
    {"type": "visit", "allowedString": "Unlimited"},
    {"type": "benefit", "allowedMoney": {"value": 2000}, "usedMoney": {"value": 150}},
)


@st.composite
def items(draw: st.DrawFn) -> list[Row]:
    """Draw the rows of one insurance with random qualifiers."""
    found: list[Row] = []
    for _ in range(draw(st.integers(1, 6))):
        row: Row = {}
        for key, codes in (
            ("category", ("PT", "30", "98", "AE", "AD", "")),
            ("network", ("in", "out", "W", "")),
            ("unit", ("individual", "family", "")),
            ("term", ("annual", "calendar-year", "29", "")),
        ):
            if code := draw(st.sampled_from(codes)):
                row[key] = concept(code)
        if told := draw(st.sampled_from(("", "", "Tier 1", "Referral required", "PT/OT/ST combined"))):
            row["description"] = told
        if (needed := draw(st.sampled_from((True, False, None)))) is not None:
            row["authorizationRequired"] = needed
        if draw(st.integers(0, 5)) == 0:
            row["excluded"] = True
        figures = draw(st.lists(st.sampled_from(_FIGURES), max_size=3, unique_by=str))
        row["benefit"] = [{**each, "type": concept(each["type"])} for each in figures]
        found.append(row)
    return found


def concluded_of(rows: list[Row], *others: Row) -> dict[str, Any]:
    """Return what is chosen of a response with these rows, and with other insurances after its first."""
    known = [
        {"resourceType": "Coverage", "id": name, "status": "active", "beneficiary": {"reference": "Patient/1"},
         "payor": [{"display": "Evergreen Mutual"}], "class": [{"type": concept("plan"), "value": "1", "name": plan}]}
        for name, plan in (("1", "Evergreen PPO"), ("2", "Vision Plan"))
    ]  # fmt: skip
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1984-02-29"}
    own = {"coverage": {"reference": "#1"}, "inforce": True, "item": rows}
    written = fhir(insurance=[own, *others], contained=[*known, patient])
    return concluded(read_eligibility(json.dumps(written).encode()))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(items(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_benefits_changes_nothing(rows: list[Row], shuffled: random.Random) -> None:
    """In a response of FHIR no more than in a 271."""
    within = [{**row, "benefit": shuffled.sample(row["benefit"], len(row["benefit"]))} for row in rows]

    assert concluded_of(rows) == concluded_of(within) == concluded_of(shuffled.sample(within, len(within)))


_PT = {"category": concept("PT"), "network": concept("in"), "authorizationRequired": True}
_SEVEN = [
    {"type": concept("copay"), "allowedMoney": {"value": 7}},
    {"type": concept("visit"), "allowedUnsignedInt": 7, "usedUnsignedInt": 7},
]
_INERT_ROWS: tuple[Row, ...] = (
    {**_PT, "benefit": _SEVEN, "description": "Children under 19"},
    {**_PT, "benefit": _SEVEN, "name": "Inpatient only"},
    {**_PT, "benefit": _SEVEN, "description": "Benefit year 2025"},
    {**_PT, "benefit": _SEVEN, "description": "Speech therapy"},
    {**_PT, "benefit": _SEVEN, "network": {"text": "Tier 2"}},
    {**_PT, "benefit": _SEVEN, "term": {"text": "per quarter"}},
    {"productOrService": concept("97110"), "modifier": [concept("GO")], "benefit": _SEVEN},
    {"category": concept("35"), "benefit": _SEVEN},
)
_INERT_INSURANCES: tuple[Row, ...] = (
    {"coverage": {"reference": "#2"}, "inforce": True, "item": [{**_PT, "benefit": _SEVEN}]},
    {"coverage": {"display": "VSP Vision"}, "inforce": True, "item": [{**_PT, "benefit": _SEVEN}]},
    {
        "coverage": {"reference": "#1"},
        "benefitPeriod": {"start": "2025-01-01", "end": "2025-12-31"},
        "item": [{**_PT, "benefit": _SEVEN}],
    },
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(items(), st.sampled_from((*_INERT_ROWS, *_INERT_INSURANCES)), st.integers(0, 6))
def test_what_is_not_the_patients_changes_nothing_in_fhir(rows: list[Row], inert: Row, at: int) -> None:
    """A row, or another insurance, of another period, plan, age, place or service."""
    plain = concluded_of(rows)
    more = concluded_of(rows, inert) if "item" in inert else concluded_of([*rows[:at], inert, *rows[at:]])

    assert (plain["request"], plain["active"]) == (more["request"], more["active"])


# ----------------------------------------------------------------------------
# Damage: whatever happens to a file, it is read or refused within a second.
# ----------------------------------------------------------------------------

_PIECES = ("", "*", "~", "^", ":", "EB", "9", "\n", "-", "EB*1**30**X~", "~ST*271*2~", "*" * 40, "²", "\x00", "'", "ZZ")
_WHOLES = (PLAIN, TALKATIVE, json.dumps(fhir()), json.dumps(RESOURCE))


def damaged(whole: str, chance: random.Random) -> bytes:
    """Return a file in which a few characters or segments were replaced, repeated, moved or cut off."""
    text = whole
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        match chance.randrange(5):
            case 0:
                text = text[:at] + chance.choice(_PIECES) + text[at + 1 :]
            case 1:
                text = text[:at] + text[at : at + 60] * chance.randint(2, 9) + text[at + 60 :]
            case 2:
                text = text[:at]
            case 3:
                text = text[to:] + text[:at]
            case _:
                mark = "~" if "~" in text else ","
                segments = text.split(mark)
                chance.shuffle(segments)
                text = mark.join(segments)
        text = text[:20_000] or "E"
    return text.encode("utf-8", errors="replace")


def many(form: str, count: int) -> bytes:
    """Return an answer with so many statements about therapy, of which no two agree."""
    if form == "271":
        lines = (f"EB*{kind}*IND*PT***23*{place}*****Y" for place in range(count) for kind in "BCFG")
        return answer("EB*1**30**PPO", *lines).encode()
    written = fhir()
    row = written["insurance"][0]["item"][0]
    rows = [json.loads(json.dumps(row).replace("40", str(place)).replace("1500", str(place))) for place in range(count)]
    written["insurance"][0]["item"] = rows
    return json.dumps(written).encode()


def calls_for(content: bytes) -> int:
    """Count the functions that are called to read a file, generated comparisons included."""
    called = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal called
        called += event == "call"

    sys.setprofile(count)
    try:
        reading_of(read_eligibility(content), None, TODAY)
    finally:
        sys.setprofile(None)
    return called


@pytest.mark.parametrize("form", ["271", "fhir"])
def test_twice_as_much_takes_at_most_about_twice_as_long(form: str) -> None:
    """By the functions that are called, which no other work on the machine changes; 200 contradictions are compared."""
    calls_for(many(form, 1))
    small, large = (calls_for(many(form, count)) for count in (25, 50))

    assert small < large < 2.5 * small


_SLOW = 0.5


def survive(count: int, seed: int) -> float:
    """Read so many damaged files, and return the longest time that one took."""
    chance, longest = random.Random(seed), 0.0
    for _ in range(count):
        content = damaged(chance.choice(_WHOLES), chance)
        spent = seconds_for(content)
        # A second look: what was slow by its content is slow again.
        longest = max(longest, spent if spent < _SLOW else seconds_for(content))
    return longest


def seconds_for(content: bytes) -> float:
    """Read a file, and return the time of the processor that it took."""
    began = process_time()
    try:
        told = read_eligibility(content)
        reading_of(told, None, TODAY)
    except EligibilityRefused:
        pass
    return process_time() - began


def test_hundreds_of_damaged_files_are_read_or_refused() -> None:
    """None raises anything else, and none takes a second."""
    assert survive(300, seed=1) < 1


@pytest.mark.slow
def test_twenty_thousand_damaged_files_are_read_or_refused() -> None:
    """The same, for as long as it takes."""
    assert survive(20_000, seed=2) < 1
