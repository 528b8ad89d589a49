"""The pages of people who work here, below `/staff/`: nothing of them shows to anyone who isn't signed in.

Reading order: `common` (who may see a page, what leads where), `sign_in`, `start`, then one module a subject, each a
blueprint in SUBJECTS.
"""

from __future__ import annotations

from flask import Blueprint, Flask

from estimator.accounts.sign_in import signing_key
from estimator.settings import SECRET
from estimator.web.common import kept_plans
from estimator.web.outside import is_https
from estimator.web.staff.accounts import accounts
from estimator.web.staff.authorization import authorization
from estimator.web.staff.calls import calls
from estimator.web.staff.cases import cases
from estimator.web.staff.clinic import clinic
from estimator.web.staff.common import csrf, csrf_field, guard, keep_provider
from estimator.web.staff.eligibility import eligibility
from estimator.web.staff.estimates import estimates
from estimator.web.staff.log import log
from estimator.web.staff.many_plans import many_plans
from estimator.web.staff.plans import draft_form, plans_drafts_drafts, proposals, rule_book
from estimator.web.staff.prices import gaps, prices
from estimator.web.staff.reconcile import reconciling
from estimator.web.staff.remittances import remittances
from estimator.web.staff.reports import reports
from estimator.web.staff.rules import rule_drafts, rules
from estimator.web.staff.schedule import schedule
from estimator.web.staff.sign_in import own_account, signing_in, single_sign_on
from estimator.web.staff.start import start, watch
from estimator.web.staff.today import today
from estimator.web.staff.tokens import tokens

SUBJECTS: tuple[Blueprint, ...] = (
    start,
    signing_in,
    single_sign_on,
    own_account,
    authorization,
    eligibility,
    today,
    cases,
    schedule,
    calls,
    estimates,
    reconciling,
    reports,
    remittances,
    prices,
    gaps,
    watch,
    clinic,
    accounts,
    tokens,
    log,
    rule_book,
    many_plans,
    plans_drafts_drafts,
    draft_form,
    rules,
    rule_drafts,
    proposals,
)

staff = Blueprint("staff", __name__, url_prefix="/staff")
guard(staff)
for subject in SUBJECTS:
    staff.register_blueprint(subject)


def register_staff(app: Flask) -> None:
    """Add the staff pages to an app. Their cookie is theirs alone: browsers send it nowhere else."""
    app.config.update(
        SESSION_COOKIE_NAME="staff",
        SESSION_COOKIE_PATH="/staff",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https(),
        WTF_CSRF_CHECK_DEFAULT=False,
        # A form may be open for as long as its session.
        WTF_CSRF_TIME_LIMIT=None,
        # Our pages tell browsers to send no address of where they came from.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.secret_key = SECRET.value() or signing_key(kept_plans(app).engine)
    csrf.init_app(app)
    keep_provider(app)
    app.jinja_env.globals["csrf_field"] = csrf_field
    app.register_blueprint(staff)
