"""Changes single values of a plan file in place, so that its comments, order and layout stay as a person wrote them.

The text is cut at the marks of the YAML reader: nothing is written anew but the value that changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from estimator.errors import PlanFileRefused, Problem
from estimator.plans.to_yaml import flow

Keys = tuple[str, ...]


def changed(text: str, changes: Mapping[Keys, Any]) -> str:
    r"""Return a plan file in which each key path has this value; None takes the key away.

    A block that the key was alone in goes with it. Raise PlanFileRefused where the text is no YAML to begin with.

    >>> changed("title: A # ours\nlimit: {visits: 30, per: month}\n", {("title",): "B", ("limit", "per"): None})
    'title: B # ours\nlimit: {visits: 30}\n'
    """
    for path, value in changes.items():
        text = _removed(text, path) if value is None else _written(text, path, value)
    return text


def _written(text: str, path: Keys, value: Any) -> str:
    node = _root(text)
    for depth, key in enumerate(path):
        pair = _pair(node, key)
        if pair is None:
            if isinstance(node, MappingNode):
                return _added(text, node, path[depth:], value)
            return _cut(text, node, flow(_nested(path[depth:], value)))
        node = pair[1]
    return _cut(text, node, flow(value))


def _added(text: str, parent: MappingNode, path: Keys, value: Any) -> str:
    """Add a key at the end of a block, the way that the block is written."""
    words = f"{path[0]}: {flow(_nested(path[1:], value))}"
    if parent.flow_style:
        at = _end(text, parent.value[-1][1]) if parent.value else parent.start_mark.index + 1
        return f"{text[:at]}{', ' if parent.value else ''}{words}{text[at:]}"
    last = _end(text, parent.value[-1][1])
    at = text.find("\n", last)
    indent = " " * parent.value[0][0].start_mark.column
    before = text[:at] if at >= 0 else text
    return f"{before}\n{indent}{words}{text[at:] if at >= 0 else chr(10)}"


def _removed(text: str, path: Keys) -> str:
    parent: Node = _root(text)
    for key in path[:-1]:
        pair = _pair(parent, key)
        if pair is None:
            return text
        parent = pair[1]
    pair = _pair(parent, path[-1])
    if pair is None or not isinstance(parent, MappingNode):
        return text
    if len(parent.value) == 1 and len(path) > 1:
        return _removed(text, path[:-1])
    start, end = pair[0].start_mark.index, _end(text, pair[1])
    if not parent.flow_style:
        line = text.rfind("\n", 0, start) + 1
        after = text.find("\n", end)
        return text[:line] + (text[after + 1 :] if after >= 0 else "")
    place = next(number for number, each in enumerate(parent.value) if each[0] is pair[0])
    if place + 1 < len(parent.value):
        return text[:start] + text[parent.value[place + 1][0].start_mark.index :]
    if place:
        start = _end(text, parent.value[place - 1][1])
    return text[:start] + text[end:]


def _cut(text: str, node: Node, words: str) -> str:
    start, end = node.start_mark.index, _end(text, node)
    if start == end:  # An empty value, which starts right after its key.
        words = f" {words}"
    elif _is_block(node) and text[:start].rstrip(" ").endswith("\n"):
        start = len(text[:start].rstrip())
        words = f" {words}"
    return text[:start] + words + text[end:]


def _is_block(node: Node) -> bool:
    return isinstance(node, CollectionNode) and not node.flow_style


def _end(text: str, node: Node) -> int:
    """Return where a value ends: the mark of a block lies behind the comments that follow it."""
    if _is_block(node) and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(node, MappingNode) else last)
    end = int(node.end_mark.index)
    return len(text[:end].rstrip()) if isinstance(node, ScalarNode) and node.style in ("|", ">") else end


def _pair(node: Node, key: str) -> tuple[Node, Node] | None:
    if not isinstance(node, MappingNode):
        return None
    return next(((name, value) for name, value in node.value if name.value == key), None)


def _nested(path: Sequence[str], value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _root(text: str) -> Node:
    try:
        node = YAML(typ="base", pure=True).compose(text)
    except YAMLError as error:
        raise _no_yaml() from error
    if not isinstance(node, MappingNode) or not node.value:
        raise _no_yaml()
    return node


def _no_yaml() -> PlanFileRefused:
    words = "The form can change only what can be read: correct the text first."
    return PlanFileRefused((Problem("", words),))
