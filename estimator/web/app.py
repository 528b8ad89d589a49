"""The pages put together: templates, limits on what may be sent, headers, log, failures and assets.

A patient's page has no session and no cookie, and nothing that it does outlasts it: so there is nothing that a forged
request could change, and the form carries no token against one. Staff pages have all three, below `/staff/` alone.
"""

from datetime import date

from flask import Flask
from jinja2 import StrictUndefined

from estimator.engine.values import Span
from estimator.language import _, ngettext, pgettext
from estimator.plans.search import PlanRow
from estimator.resources import templates_folder
from estimator.web.api import register_api
from estimator.web.assets import serve_assets
from estimator.web.failures import explain_failures
from estimator.web.headers import add_headers
from estimator.web.limiting import limiter
from estimator.web.patient import choices, pages
from estimator.web.patient.call_answers_views import call_answers
from estimator.web.patient.choosing_found import number_of, short_title
from estimator.web.patient.course import price_of
from estimator.web.patient.onward import onward
from estimator.web.patient.plans import chosen_words
from estimator.web.patient.saving_views import saving
from estimator.web.patient.views import views
from estimator.web.request_log import log_requests
from estimator.web.shelf import Plans, keep_plans
from estimator.web.staff import register_staff
from estimator.web.stale import ended_words, read_words
from estimator.web.tongues import speak_languages
from estimator.web.whole_numbers import bound_numbers
from estimator.wording.words import cents_of, page_count, page_day, page_usd, short_day

# The whole form, with every field at its longest, is under 6 kB.
_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 200


def create_app(plans: Plans | None = None) -> Flask:
    """Make the web application; without plans it takes those of the database or the folder that is meant."""
    app = Flask(__name__, template_folder=str(templates_folder()), static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=_MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=_MOST_BYTES,
        MAX_FORM_PARTS=_MOST_FIELDS,
        TEMPLATES_AUTO_RELOAD=False,
    )
    keep_plans(app, plans)
    limiter.init_app(app)
    bound_numbers(app)
    _prepare_templates(app)
    app.register_blueprint(views)
    app.register_blueprint(onward)
    app.register_blueprint(call_answers)
    app.register_blueprint(saving)
    register_staff(app)
    register_api(app)
    log_requests(app)
    add_headers(app)
    explain_failures(app)
    speak_languages(app)
    serve_assets(app)
    return app


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    # What the extension adds to an environment is not in its type.
    app.jinja_env.install_gettext_callables(_, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(pages.lists())
    app.jinja_env.filters.update(
        usd=page_usd,
        cents=cents_of,
        long_day=page_day,
        short_day=short_day,
        counted=page_count,
        translated=_,
        price=price_of,
        span=_span,
        in_force=_in_force,
        kind=choices.kind_of,
        read_words=read_words,
        ended_words=ended_words,
        plan_words=chosen_words,
        number=number_of,
        short_title=short_title,
    )


def _in_force(row: PlanRow) -> str:
    return _span(Span(row.first_day if row.first_day > date.min else None, row.last_day))


def _span(span: Span) -> str:
    first, last = (_end(day) for day in (span.first_day, span.last_day))
    if span.last_day is None:
        return _("from {day}").format(day=first) if span.first_day else _("always")
    if span.first_day is None:
        return _("until {day}").format(day=last)
    return _("{first} to {last}").format(first=first, last=last)


def _end(day: date | None) -> str:
    return short_day(day) if day else ""
