"""Hostile forms and bodies: whatever is sent to a page or the API is read or refused in words, soon and small.

`tests/hostile.py` holds the hostile files. Here is what stands around them: forms, multipart bodies, and JSON.
"""

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from http import HTTPStatus
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from estimator.accounts.roles import Role
from estimator.engine.answer import Estimate
from estimator.engine.estimate import estimate
from estimator.estimates import run, totals
from estimator.web.patient.form import fresh_answers
from estimator.wording.plans import lines_between
from tests import hostile
from tests.hostile import MOST_MEMORY, MOST_SECONDS
from tests.web.api.conftest import token_of
from tests.web.conftest import TODAY, address_of
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient
from tests.web.staff.conftest import app as app
from tests.web.staff.conftest import engine as engine
from tests.web.staff.conftest import made_once as made_once
from tests.web.staff.conftest import staff as staff
from tests.web.staff.conftest import staffed as staffed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is counted as only Linux does")

LONGEST_ANSWER = 1_000_000
# What a page that takes no file reads, and somewhat less than the API and the pages with files do.
SHORT, LONG = 64 * 1024 - 500, 990_000
FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data; boundary=xXx", "application/json"
ENOUGH = "zip=98101&plan=template-employer-ppo&visits=6"
FIELDS = (*fresh_answers(date.fromisoformat(TODAY)), "text", "note", "label", "request", "name", "answer", "csrf_token")


class Sent(NamedTuple):
    """A kind of content and the bytes that are sent as it."""

    kind: str
    body: bytes


def each(value: str, most: int) -> bytes:
    """Fill every field with as much of a value as there is room."""
    room = most // len(FIELDS) - 20
    return "&".join(f"{name}={value * max(1, room // len(value))}" for name in FIELDS).encode()


def part(name: str, value: str = "1", file: str = "") -> bytes:
    named = f'; filename="{file}"' if file else ""
    return f'--xXx\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{value}\r\n'.encode()


def parts(*each_part: bytes) -> bytes:
    return b"".join(each_part) + b"--xXx--\r\n"


def in_json(value: object) -> Sent:
    return Sent(JSON, hostile.as_json(value))


def course(**more: object) -> Sent:
    return in_json({**_COURSE, "visits": [_VISIT], **more})


def forms(most: int) -> Mapping[str, Callable[[], Sent]]:
    """Return hostile forms by what they are, each as long as a page reads."""

    def filled(start: str, again: str, end: str = "") -> Callable[[], Sent]:
        return lambda: Sent(FORM, hostile.full(start, again, end, most))

    return {
        "many fields": lambda: Sent(FORM, "&".join([ENOUGH, *(f"k{at}=1" for at in range(most // 9))]).encode()),
        "many empty fields": filled(ENOUGH, "&="),
        "many marks between fields": filled(ENOUGH, "&"),
        "one field again and again": filled(ENOUGH, "&zip=98101"),
        "a plan again and again": filled(ENOUGH, "&plan=x"),
        "long numbers": lambda: Sent(FORM, each("9", most)),
        "long fractions": lambda: Sent(FORM, each("0.", most)),
        "long exponents": lambda: Sent(FORM, each("1e9999999", most)),
        "markup": lambda: Sent(FORM, each("%3C", most)),
        "no characters": lambda: Sent(FORM, each("%FF", most)),
        "halves of characters": lambda: Sent(FORM, each("%ED%A0%80", most)),
        "NUL": lambda: Sent(FORM, each("%00", most)),
        "ends of lines": lambda: Sent(FORM, each("%0D%0A", most)),
        "control characters": lambda: Sent(FORM, each("%1B%07%08%7F", most)),
        "marks of direction": lambda: Sent(FORM, each("%E2%80%AE", most)),
        "open brackets": lambda: Sent(FORM, each("%5B", most)),
        "deep JSON": lambda: Sent(FORM, each("%7B%22a%22%3A", most)),
        "blanks": lambda: Sent(FORM, each("+", most)),
        "commas": lambda: Sent(FORM, each("%2C", most)),
        "other digits": lambda: Sent(FORM, each("%D9%A3", most)),
        "broken escapes": filled(f"{ENOUGH}&diagnosis=", "%zz"),
        "a long name": filled(f"{ENOUGH}&", "x", "=1"),
        "bytes that are no text": lambda: Sent(FORM, ENOUGH.encode() + b"&diagnosis=" + b"\xff" * (most - 100)),
        "UTF-16": lambda: Sent(FORM, ENOUGH.encode("utf-16")),
        "another charset": lambda: Sent(f"{FORM}; charset=utf-7", ENOUGH.encode()),
        "many parts": lambda: Sent(PARTS, parts(*(part(f"k{at}") for at in range(most // 70)))),
        "as many parts as are read": lambda: Sent(PARTS, parts(*(part(f"k{at}", "x" * 200) for at in range(190)))),
        "files for fields": lambda: Sent(PARTS, parts(*(part(name, "x", f"../../{name}") for name in FIELDS))),
        "a part that never ends": lambda: Sent(PARTS, part("zip", "x" * (most - 200))),
        "a part with many headers": lambda: Sent(PARTS, b"--xXx\r\n" + b"X: y\r\n" * (most // 7)),
        "a part with a long header": lambda: Sent(PARTS, b"--xXx\r\nX: " + b"y" * (most - 50) + b"\r\n\r\n--xXx--"),
        "a part of ends of lines": lambda: Sent(PARTS, parts(part("a", "\r\n" * (most // 2 - 100)))),
        "a part of half ends of lines": lambda: Sent(PARTS, parts(part("a", "\r" * (most - 200)))),
        "a part of almost boundaries": lambda: Sent(PARTS, parts(part("a", "\r\n--xX" * (most // 6 - 50)))),
        "no boundary": lambda: Sent("multipart/form-data", b"x" * most),
        "a boundary that is no text": lambda: Sent("multipart/form-data; boundary=\xe9\u20ac", b"x" * 100),
        "a long boundary": lambda: Sent(f"multipart/form-data; boundary={'x' * 4_000}", b"--" + b"x" * 4_000),
        "many parameters": lambda: Sent(f"{PARTS}; {'; '.join(f'a{at}=1' for at in range(2_000))}", parts(part("a"))),
        "JSON for a form": lambda: Sent(JSON, b'{"zip":"98101"}'),
        "text for a form": lambda: Sent("text/plain", b"x" * most),
        "no kind of content": lambda: Sent("", b"x" * most),
    }


_VISIT = {"day": "2026-12-01", "services": [{"code": "97110", "minutes": 15}, {"code": "20561"}]}
_COURSE = {"plan": "template-employer-ppo", "zip": "98101"}
_ROW = {"plan": "x", "zip": "9", "first_day": "2", "services": "9"}


def daily(service: Mapping[str, object]) -> list[dict[str, object]]:
    """Return visits of a year, each with as many services as one may have."""
    days = (f"2026-{1 + at // 28:02}-{1 + at % 28:02}" for at in range(336))
    return [{"day": day, "services": [service] * 20} for day in days]


BODIES: Mapping[str, Callable[[], Sent]] = {
    **{name: lambda build=build: Sent(JSON, build()) for name, build in hostile.json_shapes().items()},
    "halves of characters": lambda: Sent(JSON, b'{"plan":"\\ud800","rows":[{"plan":"\\ud800"}],"label":"\\ud800"}'),
    "NUL": lambda: Sent(JSON, b'{"plan":"a\\u0000","label":"\\u0000","kind":"\\u0000","content":{"says":"\\u0000"}}'),
    "UTF-16": lambda: Sent(JSON, '{"plan":"x"}'.encode("utf-16")),
    "no characters": lambda: Sent(JSON, b'{"plan":"' + b"\xff" * LONG + b'"}'),
    "nothing": lambda: Sent(JSON, b""),
    "null": lambda: Sent(JSON, b"null"),
    "a list": lambda: Sent(JSON, b"[" + b"1," * 50_000 + b"1]"),
    "a form": lambda: Sent(FORM, ENOUGH.encode()),
    "packed": lambda: Sent(JSON, hostile.gzipped(b'{"plan":"x"}')),
    "many visits": lambda: course(visits=[_VISIT] * 9_000),
    "many visits on one day": lambda: course(visits=[_VISIT] * 366),
    "many services a day": lambda: course(visits=daily({"code": "97110"})),
    "many mistakes": lambda: course(visits=daily({"x": 1})),
    "many calls": lambda: course(told=[{"on": "x"}] * 60_000),
    "many prices": lambda: course(contract=[{"code": "97110", "amount": "1.00"}] * 25_000),
    "many limits": lambda: course(used={"limits": {f"l{at}": 1 for at in range(60_000)}}),
    "keys like ours": lambda: in_json({f"{'provide' * (at % 5)}{at}": 1 for at in range(30_000)}),
    "a plan of its own": lambda: course(plan={f"k{at}": {} for at in range(70_000)}),
    "a long name": lambda: course(plan="x" * 900_000),
    "many rows that are none": lambda: in_json({"rows": [{}] * 90_000}),
    "many strange cells": lambda: in_json({"rows": [{f"k{at}": "" for at in range(60_000)}]}),
    "many days that are none": lambda: in_json({"rows": [{**_ROW, "first_day": f"day {at}"} for at in range(8_000)]}),
}  # fmt: skip


def costs(ask: Callable[[], TestResponse]) -> tuple[TestResponse, float, int]:
    """Return an answer, the processor time it took in seconds, and the most memory beside what was used."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before, begun = hostile.most_memory(), process_time()
    answer = ask()
    return answer, process_time() - begun, hostile.most_memory() - before


def too_much(ask: Callable[[], TestResponse]) -> str:
    """Say what is wrong with an answer; an empty word where it is read or refused, soon and in words."""
    answer, seconds, memory = hostile.fairly(partial(costs, ask))
    length = len(answer.get_data())
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or seconds > MOST_SECONDS or memory > MOST_MEMORY:
        return f"{answer.status_code}, {seconds:.2f} s, {memory // 1_000_000} MB"
    if length > LONGEST_ANSWER:
        return f"{answer.status_code} with {length:,} bytes"
    if answer.status_code >= HTTPStatus.BAD_REQUEST and not _words_of(answer):
        return f"{answer.status_code} without a word"
    return ""


def _words_of(answer: TestResponse) -> str:
    if answer.is_json:
        return " ".join(problem["message"] for problem in answer.json["problems"])
    return " ".join(heading.text for heading in page_of(answer.text).all("h1"))


def refused(
    sent: Mapping[str, Callable[[], Sent]], post: Callable[..., TestResponse], *paths: str
) -> Iterator[tuple[str, str, str]]:
    """Yield each path and shape that costs too much, or fails."""
    for shape, build in sent.items():
        kind, body = build()
        for path in paths:
            if wrong := too_much(partial(post, path, data=body, content_type=kind)):
                yield path, shape, wrong


PAGES = (
    "/", "/estimate", "/choose-plan", "/my-plan", "/compare", "/open-enrollment", "/what-matters", "/call-answers",
    "/calendar", "/save", "/paper/estimate", "/paper/good-faith-estimate", "/prices-near-you", "/es/estimate",
)  # fmt: skip


@pytest.mark.slow_for(PAGES)
@pytest.mark.parametrize("paths", [("/choose-plan",), PAGES])
def test_no_hostile_form_of_a_patient_costs_a_page_much(client: FlaskClient, paths: tuple[str, ...]) -> None:
    """It is answered as far as it makes sense, or refused; every shape that is too much is named."""
    client.post("/estimate", data={"zip": "98101", "plan": "template-employer-ppo", "visits": "6"})

    assert [] == list(refused(forms(SHORT), client.post, *paths))


# Every optional answer is an estimate of its own to see whether it matters.
LONG_COURSE = {
    "zip": "98101", "plan": "template-employer-ppo", "visits": "12", "per_week": "7", "needling_visits": "",
    "age": "40", "deductible_paid": "1", "out_of_pocket_paid": "1", "visits_used": "1", "referral": "yes",
    "authorization": "yes", "improving": "yes", "consent": "yes", "diagnosis": "M54.50", "symptom_weeks": "9",
}  # fmt: skip


def test_a_page_of_a_long_course_estimates_only_so_much(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of visits took 17 seconds: each choice, open question and optional answer is an estimate of its own."""
    made: list[int] = []

    def counting(engine: run.Calculation) -> run.Calculation:
        def counted(*given: Any) -> Estimate:
            made.append(0)
            found = engine(*given)
            made[-1] = found.work
            return found

        return counted

    counted = counting(estimate)
    monkeypatch.setattr(totals.unexplained, "__defaults__", (counting(totals.totals_alone),))
    monkeypatch.setattr("estimator.estimates.sensitivity.totals_alone", counting(totals.totals_alone))
    for each in (run.estimate_asked, run.estimate_with):
        assert each.__defaults__
        assert each.__defaults__[-1] is estimate
        monkeypatch.setattr(each, "__defaults__", (*each.__defaults__[:-1], counted))
    found = {}
    for most in (12_000, 3_000):
        monkeypatch.setattr(run, "MOST_AT_ONCE", most)
        for path in ("/estimate", "/compare", "/what-matters"):
            made.clear()
            answer = client.post(path, data=LONG_COURSE)
            found[path, most] = sum(made), "some options at once" in answer.text or "more open questions" in answer.text

    assert all(1_000 < total and not is_cut for (_, most), (total, is_cut) in found.items() if most == 12_000), found
    assert all(0 < total <= 3_000 for (_, most), (total, _) in found.items() if most == 3_000), found
    assert (True, True) == (found["/compare", 3_000][1], found["/what-matters", 3_000][1])


def test_a_course_that_is_too_long_for_a_page_is_refused_in_words(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer and the page beside it say what to enter instead; the next page has all of its room again."""
    monkeypatch.setattr(run, "MOST_AT_ONCE", 200)
    for path in ("/estimate", "/compare", "/what-matters", "/open-enrollment", "/call-answers", "/calendar"):
        answer = client.post(path, data=LONG_COURSE)
        assert (path, 422) == (path, answer.status_code)
        assert "Enter fewer visits: under this plan 37 services take too long to estimate." in answer.text, path

    assert 200 == client.post("/estimate", data={**LONG_COURSE, "visits": "1"}).status_code


def test_a_form_of_more_fields_than_ours_have_is_refused_in_words(client: FlaskClient) -> None:
    """A page that shows them again would be twenty times as long as what was sent."""
    many = client.post("/estimate", data=forms(SHORT)["many fields"]().body, content_type=FORM)

    assert (413, True) == (many.status_code, "That was too long to read" in many.text)


_HEADERS = (
    "Accept-Language", "Authorization", "Content-Type", "Cookie", "If-None-Match", "Origin", "Range", "Referer",
    "User-Agent", "X-CSRFToken", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID",
)  # fmt: skip
_IN_HEADERS = (
    "", "\xe9", "Basic \xff\xfe", "Basic /w==", "Basic Og==", "Bearer", "Bearer \u0663", "\t;=,", ";" * 3_000,
    '"' * 3_000, "es;q=nan, en;q=1e999", "bytes=" + "0-0," * 3_000, "x" * 60_000,
)  # fmt: skip


def test_no_header_and_no_query_makes_a_page_fail(app: Flask) -> None:
    """What HTTP doesn't allow in one is as if it weren't there; a query that no page of ours has isn't read."""
    client = app.test_client()
    failed = [
        (path, header, said[:20])
        for path in ("/livez", "/staff/sign-in", "/api/v1/cases")
        for header in _HEADERS
        for said in _IN_HEADERS
        if client.get(path, headers={header: said}).status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    ]
    assert [] == failed

    for path in ("/plans", "/api/v1/plans", "/staff/sign-in"):
        long = client.get(f"{path}?{'&'.join(f'a{at}=1' for at in range(50_000))}")
        assert (path, 413) == (path, long.status_code)
        assert len(long.get_data()) < 10_000
    assert "That was too long to read" in client.get(f"/plans?words={'x' * 9_000}").text


def test_two_texts_of_lines_that_repeat_themselves_are_compared_soon() -> None:
    """A draft beside what somebody else saved, or the file of a rule beside the one in force: these took minutes."""
    chance = random.Random(1)
    old, new = ("\n".join(str(chance.randrange(300)) for _ in range(50_000)) for _ in range(2))
    begun = process_time()
    lines = lines_between(old, new, "theirs", "yours")
    seconds = (process_time() - begun) / max(1.0, hostile.slowness())

    assert seconds < MOST_SECONDS
    assert "go on after line 3,000, and differ there, too" in lines[-1]
    assert ("--- theirs", "+++ yours", "@@ -1 +1 @@", "-a", "+b") == lines_between("a", "b", "theirs", "yours")


def staff_paths(app: Flask) -> list[str]:
    """Return an address of every page of staff that takes a form, but those that end the session."""
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    return [
        address_of(one, word="contract")
        for one in rules
        if one.rule.startswith("/staff/") and one.rule != "/staff/sign-out"
    ]


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_no_hostile_form_of_staff_costs_a_page_much(
    app: Flask, staff: Callable[[str], StaffClient], whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To pages with files and without, by somebody who may do everything; those with files read as much as a file."""
    monkeypatch.setitem(app.config, "WTF_CSRF_METHODS", set())
    post = staff(Role.ADMIN).post_without_mark
    paths = staff_paths(app) if whole else ["/staff/cases/new"]

    assert [] == list(refused(forms(SHORT), post, *paths))
    assert not whole or [] == list(refused(forms(LONG), post, *paths))


OPERATIONS: Mapping[str, Role | None] = {
    "/estimates": None,
    "/estimates/advanced-eob": None,
    "/estimates/ranking": Role.VIEWER,
    "/authorization-checks": Role.BILLING,
    "/batches": Role.BILLING,
    "/cases": Role.BILLING,
    "/cases/search": Role.BILLING,
    "/cases/1/entries": Role.BILLING,
    "/eligibility": Role.BILLING,
    "/rules?note=test": Role.RULES,
}


@pytest.mark.slow_for(*OPERATIONS)
@pytest.mark.parametrize("operation", ["few", *OPERATIONS])
def test_no_hostile_body_costs_the_api_much(app: Flask, engine: Engine, operation: str) -> None:
    """It is refused with the path and the words of a problem."""
    asked = ["/estimates", "/batches"] if operation == "few" else [operation]
    few = (
        "many visits on one day", "many services a day", "many days that are none", "NUL", "null", "keys like ours",
        "a plan of its own",
    )  # fmt: skip
    sent = {shape: BODIES[shape] for shape in (few if operation == "few" else BODIES)}
    client = app.test_client()
    for path in asked:
        role = OPERATIONS[path]
        headers = {"Authorization": f"Bearer {token_of(engine, role)}"} if role else {}

        def post(to: str, headers: Mapping[str, str] = headers, **options: object) -> TestResponse:
            return client.open(f"/api/v1{to}", method="POST", headers=headers, **options)  # type: ignore[arg-type]

        assert [] == list(refused(sent, post, path))


def test_every_operation_that_takes_a_body_stands_in_the_table(app: Flask) -> None:
    """Anyone who adds one adds it there."""
    api = [
        rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1") and "POST" in (rule.methods or ())
    ]

    assert {path.partition("?")[0] for path in OPERATIONS} == {
        rule.rule.removeprefix("/api/v1").replace("<int:number>", "1") for rule in api
    }
