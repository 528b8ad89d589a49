"""Count the files that a reader opens to follow one thing from start to end, and print the counts beside their goals.

A file counts if one of its functions is called; a file that is only imported doesn't. Each thing is done once before it
is counted, as in a server that has been up for a while, so that reading the price book and the plan files – another
story – isn't part of it; `--cold` counts the first time instead. Run `python bench/hops.py`, with `--names` to see the
files too. The exit code is 1 if a count is over its goal.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "estimator"
PLAN = "template-employer-ppo"
FIRST_DAY = date(2026, 1, 1)
RULE_KIND = "plan_pays_at_most"
FORM = {"zip": "98101", "plan": PLAN, "visits": "12"}
ROW = {"plan": PLAN, "zip": "98101", "first_day": "2026-12-01", "visits": "8", "services": "97110:30 20561"}

Work = Callable[[], object]


class Counted(NamedTuple):
    """What was counted, the files, and the most there should be."""

    what: str
    files: list[str]
    goal: int

    @property
    def is_met(self) -> bool:
        return len(self.files) <= self.goal


def main() -> None:
    """Print every count; exit with 1 if one is over its goal."""
    counts = [*_followed("--cold" in sys.argv), Counted(f"name the rule kind {RULE_KIND}", _naming(RULE_KIND), 6)]
    for each in counts:
        print(f"{each.what:<42} {len(each.files):>3} files, goal ≤ {each.goal:<3} {'' if each.is_met else 'OVER'}")
        if "--names" in sys.argv:
            print("".join(f"    {file}\n" for file in each.files), end="")
    lengths = {file: len((ROOT / file).read_text("utf-8").splitlines()) for file in _production()}
    largest = max(lengths, key=lambda file: lengths[file])
    median = statistics.median(lengths.values())
    print(f"{len(lengths)} files in estimator/, median {median:.0f} lines, largest {lengths[largest]} ({largest})")
    sys.exit(not all(each.is_met for each in counts))


def _followed(is_cold: bool) -> list[Counted]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ESTIMATOR_DATA"] = folder
        for name in ("DATABASE_URL", "ESTIMATOR_PLANS"):
            os.environ.pop(name, None)
        from estimator.db.connection import open_engine
        from estimator.publishing.database import prepare

        prepare(open_engine())
        works = (("run from form to answer", _answer(), 55), ("publish a plan", _publish(), 45))
        works += (("answer a row of the schedule", _schedule_row(), 30),)
        return [Counted(what, _files_run(work, is_cold), goal) for what, work, goal in works]


def _files_run(work: Work, is_cold: bool) -> list[str]:
    """Return the files of the package whose functions are called in the work."""
    if not is_cold:
        work()
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    # A module that is imported meanwhile runs its own body, which is no function.
    paths = {Path(code.co_filename) for code in called if code.co_name != "<module>"}
    return sorted(path.relative_to(ROOT).as_posix() for path in paths if path.is_relative_to(PACKAGE))


def _answer() -> Work:
    """Send the patient's form, and get the page with the answer."""
    import logging

    import structlog

    from estimator.db.connection import open_engine
    from estimator.plans.shelf import Shelf
    from estimator.web.app import create_app

    client = create_app(Shelf(open_engine())).test_client()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    def sent() -> None:
        response = client.post("/estimate", data=FORM)
        assert response.status_code == 200, response.status

    return sent


def _publish() -> Work:
    """Publish a plan file with another note, as the staff page and the command do."""
    from estimator.db.connection import open_engine
    from estimator.plans.folder import library
    from estimator.publishing.drafts import Signed, plan_history, publish_text
    from estimator.settings import plans_folder

    engine = open_engine()
    # One of its files a year.
    files = [path for path in plans_folder().rglob("*.yaml") if f"plan: {PLAN}\n" in path.read_text("utf-8")]
    texts = {path: path.read_text("utf-8") for path in files}
    file, text = next((path, text) for path, text in texts.items() if f"first_day: {FIRST_DAY}" in text)
    titles = iter(("A first title", "A second title"))

    def published() -> None:
        _, _, active = plan_history(engine, PLAN)
        changed = "".join(
            f"title: {next(titles)}\n" if line.startswith("title:") else line for line in text.splitlines(True)
        )
        publish_text(engine, changed, file.name, active[FIRST_DAY], Signed("Ana", "Test"), library(plans_folder()))

    return published


def _schedule_row() -> Work:
    """Answer one row of a clinic's schedule."""
    from estimator.billing.schedule import Books, Looked, answer_row
    from estimator.billing.schedule_file import NAMES
    from estimator.db.connection import open_engine
    from estimator.engine.prices import ClinicPrices
    from estimator.plans.shelf import Shelf

    cells = dict.fromkeys(NAMES, "") | ROW
    shelf = Shelf(open_engine())

    def answered() -> None:
        outcome = answer_row(cells, Books(date(2026, 11, 23), Looked(shelf), ClinicPrices(), None))
        assert "typical" in outcome, outcome

    return answered


def _naming(word: str) -> list[str]:
    return [file for file in _production() if word in (ROOT / file).read_text("utf-8")]


def _production() -> list[str]:
    """Return the files of the package without the migrations, which nobody edits."""
    paths = (path.relative_to(ROOT) for path in sorted(PACKAGE.rglob("*.py")))
    return [path.as_posix() for path in paths if "migrations" not in path.parts]


if __name__ == "__main__":
    main()
