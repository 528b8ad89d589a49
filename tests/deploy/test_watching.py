"""What is watched exists: figures of the alarms, and every line of the log is explained where those who run it read."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from estimator.billing.worker import note_alive
from estimator.clock import now_utc
from estimator.errors import Cause
from estimator.web import create_app
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
    """The names of the figures that a service gives once it was used."""
    monkeypatch.setenv("ESTIMATOR_METRICS_TOKEN", TOKEN)
    kept = shelf_like(filled_file, tmp_path)
    client = create_app(kept).test_client()
    note_alive(kept.engine, "one:1", now_utc())
    client.get("/")
    said = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    return set(re.findall(r"^(estimator_\w+)", said, re.MULTILINE))


def test_every_figure_of_an_alarm_is_given(figures: set[str]) -> None:
    """Under the name by which Prometheus reads it; routes and statuses are those of the program."""
    used = {name for rule in RULES for name in re.findall(r"estimator_\w+", rule["expr"])}

    assert set() == used - figures
    assert 6 <= len(used)
