"""Checks of what happens when things go wrong, and of what must not leave the machine it was written on."""

import ast
import re
from collections.abc import Iterator

from tests.house.sources import Source

_TOO_WIDE = frozenset({"Exception", "BaseException"})
# A path is a machine's only where it starts a word: an address on the web may hold the same folder.
# What a clinic installs lies in one folder everywhere, /opt/estimator: see deploy/README.md.
_MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?!opt/estimator\b)(?:work|root|tmp|opt|Users|home)/[\w.-]*")
_REGISTRY = re.compile(r"(?:pypi\.org/simple|pythonhosted\.org|registry\.(?:npmjs|yarnpkg)\.\w+)|file:/{2}")

Found = Iterator[tuple[int, str]]


def wide_catches(source: Source) -> Found:
    """Find clauses that catch everything."""
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or ast.unparse(kind) in _TOO_WIDE for kind in caught):
                yield node.lineno, "catches everything: catch the narrowest class"


def wide_exceptions(source: Source) -> Found:
    """Find classes that no `except Exception` would stop."""
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and "BaseException" in map(ast.unparse, node.bases):
            yield node.lineno, f"{node.name} inherits from BaseException"


def traces_of_a_machine(source: Source) -> Found:
    """Find machine paths and registry addresses."""
    for line, words in enumerate(source.text.splitlines(), start=1):
        for pattern in (_MACHINE_PATH, _REGISTRY):
            if trace := pattern.search(words):
                yield line, f"{trace.group()} is true on one machine only"
