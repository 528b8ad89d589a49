"""The HTTP API below `/api/v1`: the JSON contract for other programs, described by OpenAPI 3.1.

Reading order: `common` (tokens, bodies, problems), `shapes` (what requests look like), then one module a subject,
with the schemas that write its answers and describe them. Estimates, plans and prices are open to all; what staff do
needs a token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import cleandoc
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest import Api

from estimator import __version__
from estimator.web.api.cases import alerts, cases
from estimator.web.api.common import PREFIX
from estimator.web.api.documentation import documentation
from estimator.web.api.estimates import checks, eligibility, estimates
from estimator.web.api.plans import insurers, plans, prices
from estimator.web.api.rules import rules
from estimator.web.api.schedule import batches
from estimator.web.api.shapes import described
from estimator.web.common import bound_numbers
from estimator.wording.answer_schema import AnswerPart

_ASKED = "Asked"
_WORDS = (
    "What dry needling inside outpatient physical therapy will cost, and why. Estimates are information, not advice or "
    "a promise. Money is text with two decimals, days are written 2026-03-02, percentages 20%. Every refusal is "
    '`{"problems": [{"path", "message"}]}` and says what to enter instead.'
)


class _Described(Api):
    """The description of the API; problems are answered by our own pages and blueprints, each in its own form."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave the errors of the whole app alone: this library would answer pages with JSON."""


def _name_of(schema: Any) -> str:
    """Return what a part is called: of an answer as it is, of a request with a word before it.

    A part of a request that leaves keys out has a name of its own.
    """
    kind = schema if isinstance(schema, type) else type(schema)
    if issubclass(kind, AnswerPart):
        return str(kind.__name__).removesuffix("Schema")
    left_out = "" if isinstance(schema, type) else "".join(sorted(f"Without{name.title()}" for name in schema.exclude))
    return f"{_ASKED}{kind.__name__.removesuffix('Part')}{left_out}"


def _close(components: dict[str, dict[str, Any]]) -> None:
    """Say of every part of a request that it takes no unknown key: a check of ours, which the library cannot see."""
    for name, shape in components.items():
        if name.startswith(_ASKED):
            shape["additionalProperties"] = False


def _say(components: dict[str, dict[str, Any]], refs: Mapping[Any, str]) -> None:
    """Say of every part of an answer what it is, in the first words of its schema."""
    for key, name in refs.items():
        kind = key[0]
        if issubclass(kind, AnswerPart):
            components[name]["description"] = cleandoc(kind.__doc__ or "").partition("\n\n")[0]


_SUBJECTS = (estimates, plans, insurers, prices, checks, eligibility, batches, cases, alerts, rules)


def register_api(app: Flask) -> None:
    """Add the API and its description to an app."""
    _register_subjects(app.register_blueprint)
    app.extensions["api"] = _description
    app.register_blueprint(documentation, url_prefix=PREFIX)


def _register_subjects(register: Callable[..., None]) -> None:
    for subject in _SUBJECTS:
        register(subject, url_prefix=f"{PREFIX}{subject.url_prefix or ''}")


@cache
def _description() -> Mapping[str, Any]:
    """Return the API in OpenAPI, written when somebody first asks: it takes as long as all the rest of an app."""
    app = Flask(__name__)
    bound_numbers(app)
    app.config.update(API_TITLE="Therapy cost estimator", API_VERSION=__version__, OPENAPI_VERSION="3.1.0")
    about = {"description": _WORDS, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}
    named = MarshmallowPlugin(schema_name_resolver=_name_of)
    api = _Described(app, spec_kwargs={"info": about, "servers": [{"url": "/"}], "marshmallow_plugin": named})
    api.ma_plugin.converter.add_attribute_function(described)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    _register_subjects(api.register_blueprint)
    _close(api.spec.components.schemas)
    _say(api.spec.components.schemas, api.ma_plugin.converter.refs)
    written: Mapping[str, Any] = api.spec.to_dict()
    return written
