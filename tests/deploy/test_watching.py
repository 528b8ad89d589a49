"""What is watched exists: figures of the alarms, and every line of the log is explained where those who run it read."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from flask import abort
from ruamel.yaml import YAML

from estimator.billing.worker import note_alive
from estimator.clock import now_utc
from estimator.errors import Cause
from estimator.web import create_app
from estimator.web.health import _OURS as REGISTRY
from tests.house.sources import ROOT, python_files
from tests.web.kept_plans import shelf_like

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
RULES: list[dict[str, Any]] = YAML(typ="safe").load((ROOT / "deploy" / "alerts.yaml").read_text("utf-8"))["groups"][0][
    "rules"
]
LEVELS = ("info", "warning", "error")
TOKEN = "a token of this test"


def lines_logged() -> dict[str, str]:
    """Return the words of every line that the program itself logs, with its level."""
    calls = [node for source in python_files("estimator") for node in source.nodes if isinstance(node, ast.Call)]
    return {
        call.args[0].value: call.func.attr
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func.value) == "_log"
        and call.func.attr in LEVELS
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_every_line_of_the_log_is_explained() -> None:
    """With its level, and none that is no longer written."""
    explained = re.findall(r"^\| `([^`]+)` \| (info|warning|error) \|", PAGE, re.MULTILINE)

    assert lines_logged() == dict(explained)


def test_every_cause_of_a_page_that_is_unavailable_is_explained() -> None:
    """In the words of the log."""
    assert [] == [cause for cause in Cause if f"`{cause}`" not in PAGE]


def test_every_alarm_has_a_row_that_says_what_to_do() -> None:
    """And no row has an alarm that nobody raises."""
    told = re.findall(r"^\| (Estimator\w+) \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)

    assert [rule["alert"] for rule in RULES] == told


@pytest.fixture
def figures(filled_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the figures that a service gives once it was used, and each with its labels."""
    monkeypatch.setenv("ESTIMATOR_METRICS_TOKEN", TOKEN)
    kept = shelf_like(filled_file, tmp_path)
    client = create_app(kept).test_client()
    note_alive(kept.engine, "one:1", now_utc())
    client.post("/estimate")
    said = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    lines = re.findall(r"^(estimator_\w+)(\{[^}]*\})?", said, re.MULTILINE)
    return {name for name, _ in lines} | {name + labels for name, labels in lines}


def test_every_figure_of_an_alarm_is_given(figures: set[str]) -> None:
    """Under the name by which Prometheus reads it, with those labels and values; what is summed up is a count."""
    used = {name for rule in RULES for name in re.findall(r"estimator_\w+(?:\{[^}]*\})?", rule["expr"])}
    given = {said for said in figures if "{" not in said}
    labeled = [part for part in used if "{" in part]
    summed = [name for rule in RULES for name in re.findall(r"(?:rate|increase)\((\w+)", rule["expr"])]

    assert set() == {part.partition("{")[0] for part in used} - given
    assert [] == [part for part in labeled if not any(_has_all(part, said) for said in figures)]
    assert [] == [name for name in summed if not name.endswith(("_total", "_bucket", "_count"))]
    assert 6 <= len(used)
    assert 4 <= len(labeled)


def _has_all(asked: str, said: str) -> bool:
    name, _, labels = said.partition("{")
    wanted, _, pairs = asked.partition("{")
    return name == wanted and all(pair in labels for pair in re.findall(r'\w+="[^"]*"', pairs))


def test_the_first_trouble_of_each_kind_counts(filled_file: Path, tmp_path: Path) -> None:
    """Whatever page it is on; that something isn't ready is no trouble of a page."""
    kept = shelf_like(filled_file, tmp_path)
    app = create_app(kept)
    app.view_functions["pages.how_it_works"] = lambda: 1 // 0
    app.view_functions["pages.plan"] = lambda plan_id: abort(503)
    app.view_functions[app.url_map.bind("").match("/staff/sign-in")[0]] = lambda: abort(429)
    client, before = app.test_client(), _troubles()
    said = [client.get(path).status_code for path in ("/how-it-works", "/plans/x", "/readyz", "/staff/sign-in", "/")]
    after = _troubles()

    assert [500, 503, 503, 429, 200] == said
    assert {"failed": 1, "unavailable": 1, "sign-in-refused": 1} == {kind: after[kind] - before[kind] for kind in after}


def _troubles() -> dict[str, float]:
    [family] = [one for one in REGISTRY.collect() if one.name == "estimator_troubles"]
    return {one.labels["kind"]: one.value for one in family.samples if one.name.endswith("_total")}
