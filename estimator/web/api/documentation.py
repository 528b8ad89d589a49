"""The description of the API: as OpenAPI 3.1 for programs, and as a page for people that needs no script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template

from estimator.web.api.common import PREFIX

documentation = Blueprint("api_documentation", __name__)

_METHODS = ("get", "post", "put", "delete")


@documentation.get("/openapi.json")
def openapi() -> Response:
    """Send the description as OpenAPI 3.1."""
    return jsonify(_described())


@documentation.get("/docs")
def page() -> str:
    """Show the description to a person."""
    described = _described()
    return render_template("api.html", api=described, groups=_groups(described), prefix=PREFIX)


def _described() -> Mapping[str, Any]:
    described: Mapping[str, Any] = current_app.extensions["api"]()
    return described


def _groups(described: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], list[dict[str, Any]]]]:
    """Return the calls under the subject that they belong to, in the order of the description."""
    calls = list(_calls(described))
    return [(tag, [call for call in calls if tag["name"] in call["tags"]]) for tag in described["tags"]]


def _calls(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in described["paths"].items():
        for method in _METHODS:
            if method in methods:
                call = methods[method]
                shown = {"path": path, "method": method.upper(), "needs_token": "security" in call}
                yield {**call, **shown, "body": _body(call), "answers": _answers(call)}


def _body(call: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(kind, _named(sent)) for kind, sent in call.get("requestBody", {}).get("content", {}).items()]


def _answers(call: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    return [
        (str(status), answer["description"], [_named(sent) for sent in answer.get("content", {}).values()])
        for status, answer in sorted(call["responses"].items())
    ]


def _named(sent: Mapping[str, Any]) -> str:
    return str(sent["schema"].get("$ref", "")).rpartition("/")[2]
