"""`estimator batch`: every request of a file once, in order, whatever ends the run in between."""

import csv
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from estimator.cli import cluster, main
from estimator.cli.batch import COLUMNS, Batch
from estimator.errors import RequestRefused

REQUEST = json.loads(Path("docs/request.json").read_text("utf-8"))
WRONG = ("{bad", json.dumps({**REQUEST, "plan": "no-such-plan"}), "x" * 1_000_001)


def requests(folder: Path, *lines: str) -> Path:
    """Write lines to a file."""
    file = folder / "requests.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


def in_places(*zips: str) -> tuple[str, ...]:
    """Return the request of the docs in these places."""
    return tuple(json.dumps({**REQUEST, "zip": zip_code}) for zip_code in zips)


def rows_of(file: Path) -> list[dict[str, str]]:
    """Read a CSV."""
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_every_request_gets_the_totals_that_an_estimate_of_its_own_has(tmp_path: Path) -> None:
    """Two processes, rows in the order of the file, an empty line no request."""
    asked = requests(tmp_path, *in_places("98101", "10001"), "", *in_places("55401"))
    out = tmp_path / "answers.csv"

    ran = CliRunner().invoke(main, ["batch", str(asked), "--out", str(out), "--workers", "2"])
    one = CliRunner().invoke(main, ["estimate", "-"], input=in_places("55401")[0])

    assert 0 == ran.exit_code, ran.output
    assert "3 requests: 3 answered, 0 to correct. Fallback share 100%" in ran.output
    rows = rows_of(out)
    assert ["1", "2", "4"] == [row["row"] for row in rows]
    settled = json.loads(one.stdout)["settled"]
    assert settled == {level: rows[2][f"settled_{level}"] for level in ("low", "typical", "high")}


def with_used(*used: object, **more: object) -> tuple[str, ...]:
    """Return the request of the docs with each of these in what was used so far."""
    return tuple(json.dumps({**REQUEST, "used": each, **more}) for each in used)


USED = (
    {},
    {"deductible_paid": "1499.99"},
    {"out_of_pocket_paid": 3999, "deductible_paid": "1,500.00"},
    {"deductible_paid": "600.00", "limits": {"therapy-visits": 12}},
    {"limits": {"therapy-visits": 12}, "deductible_paid": "10.00"},
    {"family_deductible_paid": "2000", "family_out_of_pocket_paid": "8000"},
    {"family_deductible_paid": "10"},
)


def test_rows_that_are_answered_together_are_those_of_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was paid and used, told on a call, misspelled or alone: byte by byte, with why each is the engine's."""
    second = {"plan": "original-medicare-2026", "used": {"deductible_paid": "283.00"}}
    wrong = ({"deductible_paid": "-1"}, {"deductible_paid": "x"}, {"deductible": "1.00"})
    lines = (
        *with_used(*USED, *USED, *wrong),
        *with_used(*USED[:3], plan="evergreen-ppo-silver"),
        *with_used(*USED[:2], secondary=second),
        *with_used(USED[1], plan="original-medicare-2026"),
    )
    asked = requests(tmp_path, *lines)
    ran = [CliRunner().invoke(main, ["batch", str(asked), "--out", str(tmp_path / "a.csv"), "--workers", "1"])]
    monkeypatch.setattr("estimator.estimates.alike.Alike.totals", lambda *_: ({}, {}))
    ran += [CliRunner().invoke(main, ["batch", str(asked), "--out", str(tmp_path / "b.csv"), "--workers", "1"])]

    assert [0, 0] == [each.exit_code for each in ran], ran[0].output
    assert (tmp_path / "a.csv").read_text("utf-8") == (tmp_path / "b.csv").read_text("utf-8")
    assert "Fallback share 15%: the engine answered 3 one by one." in ran[0].output
    assert "2: a second plan, answers of a call or other networks" in ran[0].output
    assert "1: no other request of its plan and course" in ran[0].output


def test_a_number_and_the_same_as_text_are_not_alike(tmp_path: Path) -> None:
    """A count of 2.0 is read; text that says so is refused, whatever stands beside it."""
    asked = requests(tmp_path, *with_used({"other_therapy": 2.0}, {"other_therapy": 2.0}, {"other_therapy": "2.0"}))
    out = tmp_path / "answers.csv"

    ran = CliRunner().invoke(main, ["batch", str(asked), "--out", str(out), "--workers", "1"])

    assert 0 == ran.exit_code, ran.output
    assert [False, False, True] == [bool(row["problem"]) for row in rows_of(out)]


def test_a_process_that_goes_on_answers_by_the_prices_of_each_batch(tmp_path: Path) -> None:
    """A worker of a cluster lives longer than a batch: a file that was changed since then is read again."""
    contract, asked = tmp_path / "contract.csv", requests(tmp_path, *in_places("98101", "98101"))
    paid = []
    for amount in ("40.00", "10.00"):
        contract.write_text(f"plan,code,amount,basis\n{REQUEST['plan']},*,{amount},per-visit\n", "utf-8")
        out = tmp_path / f"{amount}.csv"
        words = ["batch", str(asked), "--out", str(out), "--workers", "1", "--contract", str(contract)]
        assert 0 == CliRunner().invoke(main, words).exit_code
        paid.append([row["typical"] for row in rows_of(out)])

    assert paid[0] != paid[1]


def test_what_is_wrong_with_a_request_is_its_row_and_the_others_go_on(tmp_path: Path) -> None:
    """No JSON, an unknown plan, and a line over 1 MB."""
    asked = requests(tmp_path, *WRONG, *in_places("98101"))
    out = tmp_path / "answers.csv"

    ran = CliRunner().invoke(main, ["batch", str(asked), "--out", str(out), "--workers", "1"])

    assert 0 == ran.exit_code, ran.output
    rows = rows_of(out)
    assert list(COLUMNS) == list(rows[0])
    starts = ("Line 1, column 2 is not JSON", "plan: There is no plan", "Keep a request under 1 MB.", "")
    assert [True] * 4 == [row["problem"].startswith(start) for row, start in zip(rows, starts, strict=True)]
    assert ["", "", "", "12"] == [row["visits"] for row in rows]


def test_an_answer_in_json_lines_is_the_one_that_estimate_prints(tmp_path: Path) -> None:
    """With its row; a problem has its path."""
    asked = requests(tmp_path, *in_places("98101"), WRONG[1])
    out = tmp_path / "answers.jsonl"

    CliRunner().invoke(main, ["batch", str(asked), "--out", str(out), "--workers", "1"], catch_exceptions=False)
    one = CliRunner().invoke(main, ["estimate", "-"], input=in_places("98101")[0])

    first, second = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert {"row": 1, "answer": json.loads(one.stdout)} == first
    assert (2, ["plan"]) == (second["row"], [problem["path"] for problem in second["problems"]])


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the answers of four rows at once, so that five take more than one part."""
    monkeypatch.setattr(sys.modules[Batch.__module__], "_ROWS_A_PART", 4)


@pytest.mark.usefixtures("small_parts")
def test_a_run_that_was_ended_goes_on_with_every_row_once(tmp_path: Path) -> None:
    """Ended after its first part, with half a row written after the place that was noted."""
    asked = requests(tmp_path, *in_places(*["98101", "10001"] * 3))
    whole, ended = (Batch(asked, tmp_path / name, workers=1) for name in ("whole.csv", "ended.csv"))
    list(whole.answer(whole.begun()))

    first = ended.answer(ended.begun())
    assert 4 == next(first).row
    first.close()
    with ended.part.open("ab") as half:
        half.write(b"5,template-emp")
    again = Batch(asked, tmp_path / "ended.csv", workers=1)
    assert [6] == [place.row for place in again.answer(again.begun())]

    assert whole.out.read_bytes() == ended.out.read_bytes()
    assert ["ended.csv", "requests.jsonl", "whole.csv"] == sorted(file.name for file in tmp_path.iterdir())


@pytest.mark.usefixtures("small_parts")
def test_answers_of_two_files_are_never_mixed(tmp_path: Path) -> None:
    """A file of requests that changed meanwhile, and answers that are there already."""
    asked = requests(tmp_path, *in_places(*["98101"] * 5))
    begun = Batch(asked, tmp_path / "answers.csv", workers=1)
    first = begun.answer(begun.begun())
    next(first)
    first.close()

    requests(tmp_path, *in_places("10001"))
    with pytest.raises(RequestRefused) as changed:
        begun.begun()
    (tmp_path / "there.csv").touch()
    with pytest.raises(RequestRefused) as there:
        Batch(asked, tmp_path / "there.csv", workers=1).begun()

    assert "Delete it and answers.csv.part.json to begin anew." in changed.value.problems[0].message
    assert "there.csv is there already. Name another file, or move it away." == there.value.problems[0].message


@pytest.mark.parametrize(
    ("out", "says"),
    [("answers.txt", "Name a file for the answers that ends in .csv or .jsonl"), ("no/a.csv", "There is no folder")],
)
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, out: str, says: str) -> None:
    """Before anything is answered."""
    asked = requests(tmp_path, *in_places("98101"))

    ran = CliRunner().invoke(main, ["batch", str(asked), "--out", str(tmp_path / out)])

    assert 2 == ran.exit_code
    assert says in ran.output


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("small_parts")
def test_a_cluster_answers_every_row_once_though_a_worker_is_killed(tmp_path: Path) -> None:
    """Two worker processes on this machine, one ended in the middle: the file is the one of a single process."""
    from distributed import LocalCluster

    asked = requests(tmp_path, *in_places(*["98101", "10001", "55401"] * 20))
    alone = Batch(asked, tmp_path / "alone.csv", workers=1)
    list(alone.answer(alone.begun()))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        work = Batch(asked, tmp_path / "together.csv", 1, cluster=cluster.scheduler_address)
        answered = work.answer(work.begun())
        first = next(answered)
        assert 60 > first.row
        os.kill(cluster.workers[0].pid, signal.SIGKILL)
        rows = [place.row for place in answered]

    assert 60 == rows[-1]
    assert rows_of(alone.out) == rows_of(work.out)
    assert [str(row) for row in range(1, 61)] == [row["row"] for row in rows_of(work.out)]


def test_a_cluster_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to enter instead."""
    monkeypatch.setattr(cluster, "_PATIENCE", "1s")
    asked = requests(tmp_path, *in_places("98101"))

    words = ["batch", str(asked), "--out", str(tmp_path / "a.csv"), "--dask", "tcp://127.0.0.1:9"]
    ran = CliRunner().invoke(main, words)

    assert 2 == ran.exit_code
    assert "No Dask cluster answers at tcp://127.0.0.1:9. Enter the address of its scheduler." in ran.output
