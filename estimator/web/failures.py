"""Pages for what went wrong, in plain words; the words never hold what was typed or where we failed."""

from http import HTTPStatus

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from estimator.language import N_, _
from estimator.web.api.opening import PREFIX, failed

_WORDS = {
    HTTPStatus.NOT_FOUND: (
        N_("There is no such page"),
        N_("The address may be old or mistyped. The estimate starts on the first page."),
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        N_("This page cannot be used in that way"),
        N_("An estimate is made by sending the form. Start on the first page."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        N_("That was too long to read"),
        N_(
            "A field holds far more text than an answer needs. Go back: what you wrote is still in the form. "
            "Shorten the long answer and send it again."
        ),
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        N_("Many estimates were saved from here"),
        N_(
            "To keep room for everybody, no more can be saved from your address for now. Go back and print this one, "
            "or save it in an hour."
        ),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        N_("Something went wrong on our side"),
        N_(
            "Your answers were not kept, and there is nothing that you did wrong. Go back and send the form again; "
            "if this page comes back, tell whoever runs this service which plan you chose."
        ),
    ),
}
_OTHERWISE = (
    N_("The form could not be read"),
    N_("What arrived was not the form of this page. Start again on the first page."),
)


def explain_failures(app: Flask) -> None:
    """Answer every failure with a page in plain words."""
    app.register_error_handler(HTTPException, _page)


def _page(failure: HTTPException) -> Response | tuple[str, int, list[tuple[str, str]]]:
    if request.path.startswith(f"{PREFIX}/"):
        return failed(failure)
    code = failure.code or HTTPStatus.INTERNAL_SERVER_ERROR
    heading, words = _WORDS.get(HTTPStatus(code), _OTHERWISE)
    kept = [(name, value) for name, value in failure.get_headers() if name.lower() == "allow"]
    return render_template("failure.html", heading=_(heading), words=_(words)), code, kept
