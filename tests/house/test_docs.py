"""What the README and the docs name exists, and the commands that they show run."""

import ast
import re
import shlex
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import URL
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter, RequestRedirect

from estimator.cli import main
from estimator.db.connection import engine_at
from estimator.plans.shelf import Shelf
from estimator.web import create_app
from tests.house.sources import ROOT, Source, guides, python_files
from tests.web.kept_plans import shelf_like

GUIDES = guides()
# Rooms whose first lines give a reading order.
ROOMS = [
    source
    for source in python_files("estimator")
    if source.module == "__init__" and ("Reading order" in source.text or source.path == "estimator/__init__.py")
]
FOLDERS = ("estimator", "tests", "plans", "prices", "templates", "assets", "styles", "bench", "docs", "deploy")
# These wait for a person, never end, or need a file that is not ours to ship.
NOT_RUN = {"serve", "work", "import", "accounts", "restore", "publish", "roll-back", "make"}
SERVED = "http://127.0.0.1:8000"

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def spans(source: Source) -> Iterator[str]:
    """Yield what stands in code marks outside of blocks."""
    yield from _SPAN.findall(_BLOCK.sub("", source.text))


def shown_commands(source: Source) -> Iterator[str]:
    """Yield the lines of the blocks that a person would type."""
    for language, block in _BLOCK.findall(source.text):
        if language == "sh":
            yield from filter(None, (line.partition("  #")[0].strip() for line in block.splitlines()))


def words_of(command: str) -> list[str]:
    """Return the words after `estimator`; none where a line is another program's."""
    words = shlex.split(command.partition(" > ")[0])
    while words and "=" in words[0]:
        words = words[1:]
    return words[1:] if words and words[0] in ("estimator", ".venv/bin/estimator") else []


def command_of(words: list[str]) -> tuple[click.Command | None, list[str]]:
    """Return the command that some words name, and the words after its name."""
    found: click.Command | None = main
    while words and isinstance(found, click.Group):
        context = click.Context(found)
        named = found.get_command(context, words[0])
        # A group may read the file that is named where a command would be.
        by_default = None if named else found.get_command(context, "read")
        found, words = named or by_default, words if by_default else words[1:]
    return found, words


def wrong_with(words: list[str]) -> str:
    """Say what is wrong with a command: its name, or one of its options."""
    command, rest = command_of([word.strip("…[],") for word in words])
    if command is None:
        return "no such command"
    known = {option for each in command.params for option in [*each.opts, *each.secondary_opts]}
    known |= {"--help", "--version"}
    return ", ".join(word for word in rest if word.startswith("--") and word not in known)


every_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.path)


@every_guide
def test_every_link_leads_to_a_file(guide: Source) -> None:
    """From the folder in which the page lies."""
    folder = (ROOT / guide.path).parent
    links = [link for link in _LINK.findall(guide.text) if "://" not in link]

    assert [] == [link for link in links if not (folder / link).exists()]


@every_guide
def test_every_file_and_function_that_is_named_exists(guide: Source) -> None:
    """A file by its path from the root of the checkout, a function or a class as `path.py::name`."""
    named = [span for span in spans(guide) if span.split("/")[0] in FOLDERS and "/" in span]

    assert [] == [span for span in named if not is_there(span)]


def is_there(span: str) -> bool:
    """Tell whether a path exists, and holds the name after `::`."""
    path, _, name = span.partition("::")
    if any(sign in path for sign in "<*…{"):
        return any(ROOT.glob(re.sub(r"<[^>]*>|\{[^}]*\}|…", "*", path)))
    if not (ROOT / path).exists():
        return False
    return not name or name.removesuffix("()") in names_in(ROOT / path)


def names_in(path: Path) -> set[str]:
    """Return what a module defines, and the methods of its classes."""
    body = ast.parse(path.read_text("utf-8")).body
    own = {node.name: node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    values = {ast.unparse(each) for node in body if isinstance(node, ast.Assign) for each in node.targets}
    values |= {ast.unparse(node.target) for node in body if isinstance(node, ast.AnnAssign)}
    within = {
        f"{name}.{each.name}" for name, node in own.items() for each in node.body if isinstance(each, ast.FunctionDef)
    }
    return {*own, *values, *within}


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.path)
def test_every_module_that_a_room_names_is_in_it(room: Source) -> None:
    """A reading order leads to files that are there."""
    folder = (ROOT / room.path).parent
    named = set(re.findall(r"`([a-z0-9_]+)`", ast.get_docstring(room.tree) or ""))
    there = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}

    assert set() == named - there - {"estimator"}


@every_guide
def test_every_command_that_is_named_exists_with_its_options(guide: Source) -> None:
    """In the text and in the blocks; `make` has its target."""
    lines = [*spans(guide), *shown_commands(guide)]
    wrong = {line: wrong_with(words) for line in lines if (words := words_of(line))}
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    made = {line.split()[1] for line in lines if line.startswith("make ")}

    assert {} == {line: says for line, says in wrong.items() if says}
    assert set() == made - targets


@pytest.fixture(scope="module")
def addresses(migrated_file: Path) -> MapAdapter:
    """Every route of the product."""
    shelf = Shelf(engine_at(URL.create("sqlite", database=str(migrated_file))))
    return create_app(shelf).url_map.bind("localhost")


@every_guide
def test_every_address_that_is_named_is_a_page(guide: Source, addresses: MapAdapter) -> None:
    """With any method; `{…}` stands for a number or an id."""
    named = [re.sub(r"^(?:GET|POST|DELETE) ", "", span) for span in spans(guide)]
    paths = [path.partition("?")[0] for path in named if re.fullmatch(r"/(?!(?:etc|opt|var)/)[a-z][\w/{}.?=&-]*", path)]
    prefixes = {"/es", "/staff", "/api/v1"}

    assert [] == [path for path in paths if path not in prefixes and not leads(addresses, path, guide)]


def leads(rules: MapAdapter, path: str, guide: Source) -> bool:
    """Tell whether an address has a page; those of the API's guide lie below /api/v1."""
    begins = ("", "/api/v1") if "/api/v1" in guide.text else ("",)
    return any(
        has_page(rules, begin + re.sub(r"\{[^}]*\}", value, path)) for begin in begins for value in ("1", "x", "98101")
    )


def has_page(rules: MapAdapter, path: str) -> bool:
    """Tell whether some method is answered at an address."""
    try:
        rules.match(path)
    except (MethodNotAllowed, RequestRedirect):
        return True
    except NotFound:
        return False
    return True


@pytest.fixture
def somewhere(filled_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database and a copy of the docs, from which the commands are run."""
    shelf_like(filled_file, tmp_path)
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


# These go through every plan there is, most of a minute together: here they find the templates alone, and
# `make test-slow` gives them all that ships.
THROUGH_EVERY_PLAN = (["db", "upgrade"], ["plans", "check"], ["watch"])


@pytest.fixture
def small(migrated_file: Path, folder: Path, tmp_path: Path) -> dict[str, str]:
    """The settings of a database without plans, and of a folder with the templates."""
    kept = tmp_path / "small"
    kept.mkdir()
    shutil.copy(migrated_file, kept / "estimator.db")
    return {"ESTIMATOR_DATA": str(kept), "ESTIMATOR_PLANS": str(folder)}


@pytest.mark.slow_for("all")
@pytest.mark.parametrize("plans", ["templates", "all"])
@every_guide
def test_every_command_that_can_run_runs(guide: Source, plans: str, somewhere: Path, small: dict[str, str]) -> None:
    """Except those that wait for a person, never end, or ask for a file that we do not ship."""
    lines = {line: words for line in shown_commands(guide) if (words := words_of(line)) and can_run(words)}
    in_small = [line for line, words in lines.items() if words[:2] in THROUGH_EVERY_PLAN and plans == "templates"]
    ended = {
        line: CliRunner(env=small if line in in_small else {}).invoke(main, words) for line, words in lines.items()
    }

    assert {} == {line: result.output for line, result in ended.items() if result.exit_code}
    if guide.path == "README.md":
        assert 9 <= len(lines)


def can_run(words: list[str]) -> bool:
    """Tell whether a command needs nothing that is not here; what it writes need not be here."""
    files = [word for before, word in zip(["", *words], words, strict=False) if before not in ("--out", "backup")]
    missing = [word for word in files if Path(word).suffix in (".json", ".yaml", ".271", ".835", ".csv", ".gz", ".zip")]
    return not NOT_RUN & set(words) and all(Path(word).exists() for word in missing)


@every_guide
def test_every_request_that_is_shown_is_answered(guide: Source, somewhere: Path) -> None:
    """Sent to the app itself; one that needs a token is refused for want of it."""
    asked = [shlex.split(line) for line in shown_commands(guide) if line.startswith("curl ")]
    if not asked:
        return
    client = create_app(Shelf(engine_at(URL.create("sqlite", database=str(somewhere / "estimator.db"))))).test_client()

    assert [] == [words for words in asked if answered(client, words) not in (200, 401)]


def answered(client: FlaskClient, words: list[str]) -> int:
    """Send what curl would, and return the status."""
    [address] = [word for word in words if word.startswith(SERVED)]
    sent = [word.removeprefix("@") for before, word in pairwise(words) if before == "--data"]
    method = "POST" if sent else "GET"
    body = Path(sent[0]).read_bytes() if sent else None
    return client.open(address.removeprefix(SERVED), method=method, data=body).status_code


def test_there_are_guides_to_check() -> None:
    """The README, the map, and the words."""
    assert {"README.md", "docs/architecture.md", "docs/index.md", "docs/glossary.md"} <= {each.path for each in GUIDES}
