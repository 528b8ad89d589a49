"""Checks of shape: what a file may import, and what belongs in which room."""

import ast
import sys
from collections.abc import Iterator

from tests.house.sources import Source

ARGUMENTS_WITHOUT_A_NAME = 6
# They take columns or clauses, as many as there are.
TAKE_ANY_NUMBER = ("Table", "create_table", "select")

Found = Iterator[tuple[int, str]]


def floats(source: Source) -> Found:
    """Find the name `float` and numbers with a decimal point."""
    for node in source.nodes:
        if isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "float: use Money, Rate or int"
        elif isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"{node.value}: use Money, Rate or int"


def long_calls(source: Source) -> Found:
    """Find calls whose arguments a reader would have to count."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and len(node.args) > ARGUMENTS_WITHOUT_A_NAME:
            name = ast.unparse(node.func).rpartition(".")[2]
            if name not in TAKE_ANY_NUMBER:
                yield node.lineno, f"{name} is called with {len(node.args)} arguments: name them"


def unformatted_code(source: Source) -> Found:
    """Find `# fmt: skip` anywhere but at the end of a table: a tuple, a list, a set or a mapping."""
    tables = {node.end_lineno for node in source.nodes if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict)}
    for number, line in enumerate(source.text.splitlines(), 1):
        if line.endswith("# fmt: skip") and number not in tables:
            yield number, "# fmt: skip is for tables"


def imports_beyond_the_standard_library(source: Source) -> Found:
    """Find imports that a pure layer may not make."""
    for node in source.nodes:
        for name in _imported(node):
            is_ours = name.startswith("estimator.engine") or name == "estimator.errors"
            if not is_ours and name.partition(".")[0] not in sys.stdlib_module_names:
                yield node.lineno, f"imports {name}"


def clock_readings(source: Source) -> Found:
    """Find places that read today's date or the present moment."""
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr in ("today", "now", "utcnow"):
            owner = ast.unparse(node.value).rpartition(".")[2]
            if owner in ("date", "datetime"):
                yield node.lineno, f"{owner}.{node.attr}: ask the clock at the edge"


def measured_too_soon(source: Source) -> Found:
    """Find places that measure a page in a browser which may not be there yet."""
    for node in source.nodes:
        if isinstance(node, ast.alias) and node.name == "Axe":
            yield node.lineno, "Axe: ask tests/web/seen.py, which waits for the page"
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("page.evaluate"):
            yield node.lineno, "page.evaluate: ask tests/web/seen.py, which waits for the page"


def environment_readings(source: Source) -> Found:
    """Find places that read the environment."""
    for node in source.nodes:
        is_meant = isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
        if is_meant and ast.unparse(node) in ("os.environ", "os.getenv"):
            yield node.lineno, f"{ast.unparse(node)}: read it through estimator/settings.py"
        elif isinstance(node, ast.keyword) and node.arg == "envvar":
            yield node.value.lineno, "envvar: read it through estimator/settings.py"


def commits(source: Source) -> Found:
    """Find the ends of transactions."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield node.lineno, "commit(): only a use case commits"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "estimator":
        return [f"estimator.{alias.name}" for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    return []
