"""What plans share, kept as text beside their revisions, so that an old revision still says what it said.

The law of the states is no part of it: that is asked as it is today; nor are the sample courses, which say nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from estimator.plans.samples import FILE as SAMPLES
from estimator.plans.shared import Shared, is_shared, read_shared, shown
from estimator.plans.states import FILE as STATES


def shared_content(folder: Path) -> str:
    """Return the files that the plans of a folder share, as JSON of each one's text by its path."""
    shared = (path for path in sorted(folder.rglob("*.yaml")) if is_shared(path, folder))
    paths = [path for path in shared if path.name not in (STATES, SAMPLES)]
    return json.dumps({shown(folder, path): path.read_text("utf-8") for path in paths}, ensure_ascii=False)


def shared_of(content: str) -> Shared:
    """Return what such content says to plans."""
    texts: dict[str, str] = json.loads(content)
    with TemporaryDirectory(prefix="estimator-") as scratch:
        folder = Path(scratch) / next((Path(name).parts[0] for name in texts), "plans")
        for name, text in texts.items():
            path = Path(scratch) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return read_shared(folder)
