"""The product works from an installed wheel, far from any checkout, because its files travel inside."""

import json
import os
import site
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
REQUEST = {
    "plan": "original-medicare-2026",
    "as_of": "2026-11-23",
    "zip": "98101",
    "provider": {"type": "physical-therapist", "network": "in-network", "setting": "office"},
    "visits": [{"day": "2026-03-02", "services": [{"code": "97110", "minutes": 30}]}],
}
FOLDERS = """
import json
from estimator import settings
print(json.dumps([str(folder()) for folder in (
    settings.plans_folder, settings.prices_folder, settings.templates_folder, settings.assets_folder,
)]))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty environment, which borrows the libraries but not the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    [wheel] = folder.glob("*.whl")
    environment = folder / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-index",
        "--no-deps",
        wheel,
        cwd=folder,
    )
    [packages] = environment.glob("lib/python*/site-packages")
    packages.joinpath("borrowed.pth").write_text("\n".join(site.getsitepackages()), "utf-8")
    return environment


def test_an_installed_wheel_finds_its_own_files(environment: Path, tmp_path: Path) -> None:
    """Every folder of shipped files lies inside the installed package, and holds what the checkout holds."""
    answer = run(environment / "bin" / "python", "-c", FOLDERS, cwd=tmp_path)
    folders = [Path(folder) for folder in json.loads(answer)]

    assert all(folder.is_relative_to(environment) for folder in folders)
    for name, folder in zip(("plans", "prices", "templates", "assets"), folders, strict=True):
        assert set() < tracked(name) <= files(folder)


def test_an_installed_wheel_answers_an_estimate(environment: Path, tmp_path: Path) -> None:
    """One exercise visit under Original Medicare, asked from a folder that is not the checkout."""
    answer = run(environment / "bin" / "estimator", "estimate", "-", cwd=tmp_path, asked=json.dumps(REQUEST))
    owes: dict[str, Any] = json.loads(answer)["patient_owes"]

    assert {"low", "typical", "high"} == set(owes)


def run(*command: str | Path, cwd: Path, asked: str = "") -> str:
    """Run a command that knows nothing of the checkout, and return what it prints."""
    kept = {name: setting for name, setting in os.environ.items() if name not in ("PYTHONPATH", "ESTIMATOR_PLANS")}
    finished = subprocess.run(command, cwd=cwd, env=kept, input=asked, capture_output=True, encoding="utf-8")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def tracked(folder: str) -> set[str]:
    """Return the committed files below a folder of the checkout, as paths from that folder."""
    listed = run("git", "ls-files", "-z", "--", folder, cwd=ROOT).split("\0")
    present = [name for name in listed if name and (ROOT / name).is_file()]
    return {Path(name).relative_to(folder).as_posix() for name in present}


def files(folder: Path) -> set[str]:
    """Return the files below a folder, as paths from that folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
