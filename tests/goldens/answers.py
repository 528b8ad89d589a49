"""The saved requests beside this file and their answers as text; `make goldens` runs this file and writes them anew."""

import json
from datetime import date
from pathlib import Path

from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.language import speaking
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from estimator.wording.answer import answer_of
from estimator.wording.text import text_of

REQUESTS = sorted(Path(__file__).parent.glob("*.json"))


def answered(path: Path) -> str:
    """Answer a saved request for its reader and in its language, under its title."""
    saved = json.loads(path.read_text("utf-8"))
    plans = folder_shelf(plans_folder())
    asked = read_request(saved["request"], date.fromisoformat(saved["request"]["as_of"]))
    estimate, plan = estimate_asked(asked, plans)
    names = {code: service.name for code, service in plans.shared.services.codes.items()}
    with speaking(saved["language"]):
        return f"{saved['title']}\n\n{text_of(answer_of(estimate, plan, names, saved['reader']))}"


def golden(path: Path) -> Path:
    """Return where the answer to a saved request is kept."""
    return path.with_suffix(".txt")


if __name__ == "__main__":
    for request in REQUESTS:
        golden(request).write_text(answered(request), "utf-8")
