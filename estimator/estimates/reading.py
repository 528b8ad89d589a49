"""The way in: a request, as JSON text or as values, becomes `Asked`, or all of its problems at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from marshmallow import ValidationError

from estimator.engine.request import Request
from estimator.errors import Problem, RequestRefused
from estimator.estimates.asked import Asked
from estimator.estimates.contract_told import problems_of_days
from estimator.estimates.schema import RequestPart, used
from estimator.language import _

_MOST_PROBLEMS = 100
_OF_THE_QUESTION = ("provider", "person", "authorization", "referral", "signed_consent", "state", "visits")


def read_request(mapping: Mapping[str, Any], today: date) -> Asked:
    """Read a request; raise RequestRefused with all problems, each with its path."""
    try:
        read = _schema().load(mapping)
    except ValidationError as error:
        raise RequestRefused(_at_most(tuple(_problems(error.messages, "")))) from error
    spent = dict(read.pop("used", {}))
    elsewhere = {name: used(sums) for name, sums in spent.pop("networks", {}).items()}
    question = {key: read.pop(key) for key in _OF_THE_QUESTION if key in read}
    diagnoses = read.pop("diagnoses", None)
    request = Request(
        as_of=read.pop("as_of", today),
        used=used(spent),
        used_elsewhere=elsewhere,
        diagnoses=None if diagnoses is None else tuple(diagnoses),
        **question,
    )
    told = tuple(read.pop("told", ()))
    if problems := tuple(problems_of_days(told, max(request.as_of, today))):
        raise RequestRefused(problems)
    contract, self_pay = tuple(read.pop("contract", ())), tuple(read.pop("self_pay_prices", ()))
    return Asked(request=request, contract=contract, self_pay_prices=self_pay, told=told, **read)


@cache
def _schema() -> RequestPart:
    return RequestPart()


def _problems(messages: Any, path: str) -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            # `_schema` is marshmallow's name for the object itself.
            within = path if key == "_schema" else f"{path}.{key}".removeprefix(".")
            yield from _problems(below, within)
    elif isinstance(messages, list):
        for message in messages:
            yield from _problems(message, path)
    else:
        # What marshmallow itself says was marked, and is translated here.
        yield Problem(path, _(str(messages)))


def _at_most(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    rest = len(problems) - _MOST_PROBLEMS
    if rest <= 0:
        return problems
    return (
        *problems[:_MOST_PROBLEMS],
        Problem("", _("There are {number} more problems like these.").format(number=rest)),
    )
