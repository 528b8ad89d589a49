"""Every command that takes a file is given one that is none of its kind: it ends with a sentence, and no traceback."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from estimator.cli import main

# The command lines of every command with a file, by the file that is bad; the rest is as a person would enter it.
COMMANDS: dict[str, str] = {
    "estimate file": "estimate {bad}",
    "estimate contract": "estimate {request} --contract {bad}",
    "estimate price_list": "estimate {request} --price-list {bad}",
    "plans check files": "plans check {bad}",
    "plans diff file": "plans diff evergreen-ppo-silver {bad}",
    "plans impact file": "plans impact {bad}",
    "plans publish file": "plans publish {bad} --based-on none --by Ana --note why",
    "batch file": "batch {bad} --out {new}",
    "batch contract": "batch {lines} --out {new} --contract {bad}",
    "batch price_list": "batch {lines} --out {new} --price-list {bad}",
    "check file": "check {bad}",
    "check clinic": "check {request} --clinic {bad}",
    "check contract": "check {request} --contract {bad}",
    "check price_list": "check {request} --price-list {bad}",
    "db restore file": "db restore {bad}",
    "import fees rvu": "import fees --rvu {bad} --gpci {bad} --localities {bad} --zips {bad}",
    "import ncci files": "import ncci {bad}",
    "import contract file": "import contract {bad}",
    "import self-pay file": "import self-pay {bad}",
    "import factors file": "import factors {bad}",
    "import marketplace benefits": "import marketplace {bad} {bad} --read-on 2026-11-02",
    "import medicare-advantage file": "import medicare-advantage {bad} --year 2026 --read-on 2026-11-02",
    "import medicare-advantage-pbp file": "import medicare-advantage-pbp {bad}",
    "import plan-crosswalk file": "import plan-crosswalk {bad} --year 2027",
    "import rates files": "import rates {bad} --insurer bcbs-mn",
    "import hospital files": "import hospital {bad}",
    "compare file": "compare {bad} --with without-needling",
    "layers publish file": "layers publish {bad}",
    "rules import file": "rules import {bad} --reason why",
    "matters file": "matters {bad}",
    "rank file": "rank {bad} --state WY",
    "paper file": "paper estimate {bad} --out {new}",
    "paper clinic": "paper good-faith {request} --out {new} --clinic {bad}",
    "paper contract": "paper estimate {request} --out {new} --contract {bad}",
    "paper price_list": "paper estimate {request} --out {new} --price-list {bad}",
    "eligibility read file": "eligibility read {bad}",
    "eligibility ask file": "eligibility ask {bad} --clinic Clinic --npi 1234567893",
    "eligibility explained file": "eligibility explained {bad}",
    "remittance files": "remittance {bad}",
    "schedule file": "schedule {bad}",
}
# Given in the same command line as another, or written and not read.
_WITH_ANOTHER = {"gpci", "localities", "zips", "attributes"}
_NOT_FILES = {"plan", "words", "name", "text", "layer", "insurer", "plan_id", "kind", "revision"}
_WRITTEN = {"plans roll out", "batch out", "db backup file", "paper out"}
VISITS = '[{"day": "2026-03-02", "services": [{"code": "97110"}]}]'
REQUEST = f'{{"plan": "evergreen-ppo-silver", "zip": "98101", "visits": {VISITS}}}'


def a_folder(path: Path) -> None:
    path.mkdir()


def unreadable(path: Path) -> None:
    # A link to itself: nobody can read it, an administrator neither.
    path.symlink_to(path)


def rubbish(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(5_000))


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def another_text(path: Path) -> None:
    path.write_text("Dear clinic,\n\nplease find attached: [the file], {soon}.\n", "utf-8")


def another_json(path: Path) -> None:
    path.write_text('[{"a": [1, null]}, 7]', "utf-8")


BAD = (a_folder, unreadable, rubbish, nothing, another_text, another_json)


def with_files(command: click.Command, name: str = "") -> Iterator[str]:
    """Yield each parameter of a command and those below it that may be a file, after the command's name."""
    if isinstance(command, click.Group):
        for below, one in command.commands.items():
            yield from with_files(one, f"{name} {below}".strip())
        return
    for one in command.params:
        may_be = isinstance(one.type, click.Path) or isinstance(one, click.Argument)
        if may_be and one.name not in {*_NOT_FILES, *_WITH_ANOTHER, "folder"}:
            yield f"{name} {one.name}"


def test_every_command_with_a_file_is_tried() -> None:
    """A new one needs a line in the table above."""
    assert {*COMMANDS, *_WRITTEN} == set(with_files(main))


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_ends_a_command_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: Callable[[Path], None]
) -> None:
    """The exit status is 2, or 1 where a check found mistakes; nothing is written."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))
    monkeypatch.chdir(tmp_path)
    for name in ("request", "lines"):
        (tmp_path / name).write_text(f"{REQUEST}\n", "utf-8")
    bad(tmp_path / "bad")
    names = {"bad": "bad", "new": "new", "request": "request", "lines": "lines"}
    wrong = []
    for line in COMMANDS.values():
        told = CliRunner().invoke(main, line.format(**names).split())
        words = f"{told.stdout}{told.stderr}"
        ends = (1, 2) if line.startswith("plans check") else (2,)
        is_answered = isinstance(told.exception, SystemExit) and told.exit_code in ends and words.strip()
        if not is_answered or "Traceback" in words or (tmp_path / "new").exists():
            wrong.append(f"{line}: {told.exit_code} {told.exception!r} {words[-200:]}")

    assert [] == wrong
