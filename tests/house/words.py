"""Checks of words: names that say nothing, and names that nobody explained."""

import ast
import re
from collections.abc import Iterator, Mapping

from tests.house.sources import Source

# A name is as empty when it only ends in one of these.
EMPTY_AT_THE_END = {"handler", "helper", "helpers", "manager", "misc", "processor", "util", "utils"}
EMPTY_ALONE = {"data", "info", "item", "obj", "val"} | EMPTY_AT_THE_END
# The signatures of these are a framework's, parameters and all.
NOT_OUR_SIGNATURE = {"_serialize", "_deserialize", "_validate", "handle_error", "get_attribute"}

# What we write instead stands to the right: how an American clinic and its engineers put it, or spell it.
BANNED = {
    r"\bwhoever\b": "write anyone who, or who it is",
    r"\bno promise\b": "write isn't a guarantee",
    r"\btook for granted\b": "write assumed",
    r"\bspares? (?:us|you|it)\b": "say what it replaces",
    r"\bof now\b": "write current",
    r"\b(?:whilst|amongst|lest|hence|thereof|wherein)\b": "write while, among, so, why",
    r"\b(?:colour|behaviour|honour|neighbour|favour|labour|flavour|harbour|rumour)\w*": "spell it with -or",
    r"\b(?:organi|recogni|summari|authori|minimi|maximi|itemi|categori|normali|capitali|apologi|utili|standardi|prioriti)"
    r"s(?:e[ds]?|ing|ation)\b": "spell it with -z-",
    r"\b(?:analys|paralys)(?:e[ds]?|ing)\b": "spell it with -z-",
    r"\b(?:centre|metre|litre|fibre|theatre)[sd]?\b": "spell it with -er",
    r"\b(?:defence|offence|pretence)s?\b": "spell it with -se",
    r"\b(?:travell|labell|modell|signall|fuell)(?:ed|ing)\b": "spell it with one l",
    r"\b(?:licence|cheque|programme|learnt|towards|judgement|fulfil|enrol|practise|grey)s?\b": "spell it as in the US",
}
OLD_FASHIONED = {
    r"\bthat there is not\b": "write that doesn't exist",
    r"\bare none\b": "write aren't",
    r"\banew\b": "write again",
    r"\b(?:dearer|dearest)\b": "write higher, or costs more",
    r"\b(?:stands?|stood|set) beside\b": "write next to, or is listed with",
    r"\bunder way\b": "write in progress",
    r"\bmend(?:s|ed|ing)?\b": "write fix or correct",
    r"\btelephone\b": "write phone",
    r"\bin the place of\b": "write instead of",
    r"\bbut for\b": "write except",
}

Found = Iterator[tuple[int, str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def empty_names(source: Source) -> Found:
    """Find modules, classes, functions, parameters and variables with a banned name."""
    if _is_empty(source.module):
        yield 1, f"the module's name {source.module} says nothing"
    not_ours = set(_parameters_that_are_not_ours(source.tree))
    for node in source.nodes:
        for name in _names_given(node):
            if _is_empty(name) and node not in not_ours:
                yield getattr(node, "lineno", 1), f"{name} says nothing"


def banned_phrases(source: Source) -> Found:
    """Find words that an American clinic and its engineers wouldn't use, in code, pages and docs alike."""
    yield from _phrases(source, BANNED)


def old_fashioned_phrases(source: Source) -> Found:
    """Find old-fashioned turns of phrase."""
    yield from _phrases(source, OLD_FASHIONED)


def modules_without_docstring(source: Source) -> Found:
    """Find modules that do not say what they hold."""
    if not ast.get_docstring(source.tree):
        yield 1, "the module has no docstring"


def public_names_without_docstring(source: Source) -> Found:
    """Find public functions and classes that do not say what they are for."""
    for node in source.tree.body:
        is_public = isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
        if is_public and not ast.get_docstring(node):
            yield node.lineno, f"{node.name} has no docstring"


def tests_that_say_nothing(source: Source) -> Found:
    """Find tests whose name is no sentence, or that have no docstring."""
    for node in source.nodes:
        if isinstance(node, Function) and node.name.startswith("test_"):
            if node.name.count("_") < 3:
                yield node.lineno, f"{node.name} is not a sentence"
            if not ast.get_docstring(node):
                yield node.lineno, f"{node.name} has no docstring"


def _phrases(source: Source, banned: Mapping[str, str]) -> Found:
    # What stands in code marks or quotes is somebody's key or sentence.
    said = re.sub(r"`[^`\n]*`|\"[^\"\n]*\"", "", source.text) if source.path.endswith(".md") else source.text
    lower = said.lower()
    for pattern, instead in banned.items():
        for found in re.finditer(pattern, lower):
            yield said.count("\n", 0, found.start()) + 1, f"{found.group()!r}: {instead}"


def _is_empty(name: str) -> bool:
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]
    if len(words) == 1:
        return words[0] in EMPTY_ALONE
    return bool(words) and words[-1] in EMPTY_AT_THE_END


def _names_given(node: ast.AST) -> list[str]:
    if isinstance(node, Function | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return [node.attr]
    if isinstance(node, ast.alias):
        return [node.asname or ""]
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return [node.name or ""]
    return []


def _parameters_that_are_not_ours(tree: ast.Module) -> Iterator[ast.arg]:
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name in NOT_OUR_SIGNATURE:
            yield from [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
