"""The product's own files, as text and as syntax trees, and what a check says about them."""

import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root of the checkout, and what stands in it."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        return _nodes(self.text)

    @property
    def module(self) -> str:
        return Path(self.path).stem

    def is_under(self, *folders: str) -> bool:
        return any(f"{self.path}/".startswith(f"{folder}/") for folder in folders)


Check = Callable[[Source], Iterable[tuple[int, str]]]


def breaches(check: Check, sources: Iterable[Source]) -> list[str]:
    """Return what the check finds, as `file:line: words`."""
    return [f"{source.path}:{line}: {words}" for source in sources for line, words in check(source)]


@cache
def python_files(folder: str) -> tuple[Source, ...]:
    """Return every Python file below a folder, whether it is committed yet or not."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return tuple(Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths)


@cache
def tracked_texts() -> tuple[Source, ...]:
    """Return every tracked file that is text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return tuple(_texts(path for path in paths if path.is_file()))


def guides() -> list[Source]:
    """Return what a newcomer reads: the README, how to contribute, why it is as it is, and the docs."""
    first = ("README.md", "CONTRIBUTING.md", "DECISIONS.md")
    return [
        source
        for source in tracked_texts()
        if source.path in first or (source.is_under("docs", "deploy") and source.path.endswith(".md"))
    ]


def _texts(paths: Iterable[Path]) -> Iterator[Source]:
    for path in paths:
        content = path.read_bytes()
        if b"\0" not in content:
            yield Source(path.relative_to(ROOT).as_posix(), content.decode("utf-8", errors="replace"))


@cache
def _nodes(text: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_parsed(text)))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)
