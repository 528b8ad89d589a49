"""The example request with its days moved to 2027: the same answer, with what is open named, wherever it is asked."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from estimator.cli import main
from tests.web.conftest import Pages

ROOT = Path(__file__).parents[2]
FORM = {"zip": "98101", "visits": "12", "first_day": "2027-03-02"}
# One has rules of 2027, the other goes on by those of 2026.
KNOWN, PROVISIONAL = "template-employer-ppo", "evergreen-ppo-silver"
SAYS = "by the rules of 2026"
DOCUMENTS = ("estimate", "call-script")


def request(plan: str) -> dict[str, Any]:
    """Return the example with its days moved."""
    written = json.loads((ROOT / "docs" / "request.json").read_text("utf-8"))
    course = {**written["course"], "first_day": "2027-03-02"}
    return {**written, "plan": plan, "as_of": "2026-11-30", "course": course}


@pytest.mark.parametrize("plan", [KNOWN, PROVISIONAL])
def test_the_example_of_2027_is_answered_everywhere(pages: Pages, tmp_path: Path, plan: str) -> None:
    """By the API, by command, on the page, in a schedule, by the check, and in documents."""
    file, rows = tmp_path / "request.json", tmp_path / "rows.csv"
    file.write_text(json.dumps(request(plan)), "utf-8")
    rows.write_text(
        f"label,plan,zip,first_day,visits,per_week,services\nA-1,{plan},98101,2027-03-02,12,2,97110:30 20561\n", "utf-8"
    )
    answer = pages.client.post("/api/v1/estimates", json=request(plan)).get_json()
    shown = pages.send(**FORM, plan=plan)
    page, headline = shown.text, shown.one("section", class_="answer").text
    estimate, check, schedule = (
        CliRunner().invoke(main, words)
        for words in (
            ["estimate", str(file)],
            ["check", str(file), "--text"],
            ["schedule", str(rows)],
        )
    )
    papers = [pages.client.post(f"/paper/{kind}", data={**FORM, "plan": plan}) for kind in DOCUMENTS]

    assert answer == json.loads(estimate.output)
    assert {2027} == {int(visit["day"][:4]) for visit in answer["visits"]}
    is_provisional = plan == PROVISIONAL
    assert is_provisional == ("next-year" in [point["about"] for point in answer["open_points"]])
    assert is_provisional == (SAYS in answer["summary"]) == (SAYS in headline)
    assert "isn't expected to change" not in page
    assert "year ended" not in page
    assert (0, 0) == (check.exit_code, schedule.exit_code)
    assert '"refused"' not in schedule.output
    assert [b"%PDF"] * len(DOCUMENTS) == [paper.data[:4] for paper in papers]
