"""What every call has in common: who calls, what was sent, and problems in one form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

from flask import Response, g, jsonify, request
from flask_smorest import Blueprint
from marshmallow import fields
from werkzeug.exceptions import Forbidden, HTTPException, Unauthorized

from estimator.accounts.audit import note_read
from estimator.accounts.roles import Role, may
from estimator.accounts.sign_in import Person
from estimator.clock import now_utc
from estimator.errors import (
    DatabaseUnavailable,
    EstimatorError,
    Problem,
    RequestRefused,
    UnknownCase,
    UnknownPlan,
    UnknownSchedule,
)
from estimator.estimates.contract_values import read_json
from estimator.web.common import shelf
from estimator.web.health import busy, kept_headers
from estimator.web.staff.common import token_person
from estimator.wording.answer_schema import AnswerPart
from estimator.wording.errors import problems_of
from estimator.wording.words import BILLER, PATIENT, Reader

P = ParamSpec("P")
R = TypeVar("R")

PREFIX = "/api/v1"
MOST_BYTES = 1_000_000
LONGEST_WORD = 200
WORD = {"type": "string", "minLength": 1, "maxLength": LONGEST_WORD}
_UNPROCESSABLE = 422
_READERS: Mapping[str, Reader] = {PATIENT: PATIENT, BILLER: BILLER}


class ProblemSchema(AnswerPart):
    """One mistake, and what to write instead."""

    path = fields.String()
    message = fields.String()


class ProblemsSchema(AnswerPart):
    """Every refusal."""

    problems = fields.Nested(ProblemSchema, many=True)


_PROBLEMS = ProblemsSchema()
PROBLEM = {"content": {"application/json": {"schema": ProblemsSchema}}}
REFUSED = {"description": "What was sent cannot be used; every problem with its path.", **PROBLEM}
TOO_LARGE = {"description": "More was sent than an answer needs.", **PROBLEM}
TOO_MANY = {"description": "One network asked for too many; `Retry-After` says in how many seconds to ask.", **PROBLEM}
NOT_HERE = {"description": "There is no such thing here.", **PROBLEM}
NO_TOKEN = {
    401: {"description": "A token is needed: `Authorization: Bearer …`.", **PROBLEM},
    403: {"description": "The role of the token may not do this.", **PROBLEM},
}


def told(status: int, path: str, message: str) -> tuple[Response, int]:
    """Return one problem."""
    return problems_response([Problem(path, message)]), status


def problems_response(problems: Iterable[Problem]) -> Response:
    """Return problems in the form that every refusal has."""
    return jsonify(_PROBLEMS.dump({"problems": list(problems)}))


def sent_json() -> Mapping[str, Any]:
    """Return the object that was sent; raise RequestRefused where it is none."""
    return read_json(sent_text())


def sent_text() -> str:
    """Return what was sent, as text in UTF-8; raise RequestRefused where it is none."""
    try:
        return request.get_data().decode("utf-8")
    except UnicodeDecodeError as error:
        words = f"Send text in UTF-8; byte {error.start + 1} is none."
        raise _refused("", words) from error


def asked(name: str, known: Collection[str] = (), otherwise: str = "") -> str:
    """Return what `?name=` says, one of the `known` words where there are some, or `otherwise` where it is left out.

    Raises RequestRefused for another word, for text that is empty or too long, and where it is said twice.
    """
    said = request.args.getlist(name)
    if not said:
        return otherwise
    if len(said) > 1:
        raise _refused(name, "Say this once.")
    if known and said[0] not in known:
        raise _refused(name, f"Enter one of {', '.join(known)}.")
    if not 0 < len(said[0]) <= LONGEST_WORD:
        raise _refused(name, f"Enter 1 to {LONGEST_WORD} characters, or leave this out.")
    return said[0]


def words_in_query(says: Mapping[str, str]) -> list[dict[str, Any]]:
    """Describe words that a query may say, each by its name and what is said of it."""
    return [{"in": "query", "name": name, "description": words, "schema": WORD} for name, words in says.items()]


def asked_reader() -> Reader:
    """Return the reader of `?reader=`, the patient where none is named."""
    return _READERS[asked("reader", _READERS, PATIENT)]


def by_token(role: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only those call whose token has a role that may do this."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **options: P.kwargs) -> R:
            require_token(role)
            return view(*args, **options)

        return guarded

    return decorate


def require_token(role: Role) -> None:
    """Raise Unauthorized without a token, Forbidden where its role may not do this."""
    who = token_person()
    if who is None:
        raise Unauthorized
    if not may(who.role, role):
        raise Forbidden
    g.caller = who


def caller() -> Person:
    """Return in whose name a guarded call is made."""
    who: Person = g.caller
    return who


def note_seen(did: str, what: str) -> None:
    """Note in the audit log that the caller read something."""
    note_read(shelf().engine, by=caller().id, did=did, subject=what, now=now_utc())


def subject(name: str, path: str, words: str) -> Blueprint:
    """Return a blueprint for one subject, which answers whatever stops a call in the one form that problems have."""
    made = Blueprint(name, __name__, url_prefix=path, description=words)
    made.before_request(_allow_a_whole_request)
    made.register_error_handler(EstimatorError, _stopped)
    made.register_error_handler(HTTPException, failed)
    return made


def _allow_a_whole_request() -> None:
    request.max_content_length = MOST_BYTES


def _stopped(error: EstimatorError) -> Response | tuple[Response, int]:
    if isinstance(error, DatabaseUnavailable):
        return failed(busy(error))
    is_address = isinstance(error, UnknownSchedule | UnknownCase) or (
        isinstance(error, UnknownPlan) and request.method == "GET"
    )
    return problems_response(problems_of(error)), HTTPStatus.NOT_FOUND if is_address else _UNPROCESSABLE


def failed(failure: HTTPException) -> Response:
    """Return what a failure of the web is to a program: one problem, under its status."""
    status = HTTPStatus(failure.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    number = f" Error number: {g.request_id}" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""
    answer, _ = told(status, "", _WORDS.get(status, f"{status.phrase}.") + number)
    answer.status_code = status
    answer.headers.extend(kept_headers(failure))
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


_WORDS = {
    HTTPStatus.UNAUTHORIZED: "Send a token that is in force: Authorization: Bearer …",
    HTTPStatus.FORBIDDEN: "The role of this token may not do this.",
    HTTPStatus.NOT_FOUND: "There is no such thing here.",
    HTTPStatus.TOO_MANY_REQUESTS: "Your network asked for very many estimates. Send this again after the seconds in "
    "Retry-After, or with a token, whose calls aren’t counted.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is busy. Send this again after the seconds in Retry-After.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side. Send this again later.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"Send at most {MOST_BYTES // 1_000_000} MB.",
}


def _refused(path: str, words: str) -> RequestRefused:
    return RequestRefused((Problem(path, words),))
