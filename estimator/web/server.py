"""The pages on a port, with waitress: no worker processes, nothing to set up.

The first start makes the database and fills it with every plan that ships; the next ones only look whether
there is something new. Whoever names a folder of plans and no database gets that folder.
"""

import os
import re
import socket
from contextlib import nullcontext
from typing import Any

import structlog
import waitress

from estimator.accounts.accounts import list_accounts
from estimator.billing.jobs import worker_beside
from estimator.db.connection import is_meant, open_engine
from estimator.errors import Problem, SettingsRefused
from estimator.publishing.database import make_ready
from estimator.web.app import create_app

_PROXIES = "ESTIMATOR_PROXIES"
_log = structlog.get_logger("estimator.web")


def serve(host: str, port: int) -> None:
    """Serve the pages until the process is stopped.

    Raises OSError where the port cannot be had, and DatabaseUnavailable where no database can be made.
    """
    behind = proxy_settings()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The port first: who calls while plans are being read waits a moment, and a port that is taken is told at once.
    with socket.create_server((host, port), family=family) as listening:
        prepare_plans()
        with worker_beside() if is_meant() else nullcontext():
            waitress.serve(create_app(), sockets=[listening], ident="", threads=8, **behind)


def proxy_settings() -> dict[str, Any]:
    """Return by what waitress finds a visitor's address behind as many proxies as ESTIMATOR_PROXIES says."""
    count = os.environ.get(_PROXIES, "")
    if not count:
        return {}
    if not re.fullmatch("[1-9]", count):
        raise SettingsRefused((Problem(_PROXIES, "Set it to the number of proxies in front, such as 1."),))
    return {"trusted_proxy": "*", "trusted_proxy_count": int(count), "trusted_proxy_headers": {"x-forwarded-for"}}


def prepare_plans() -> None:
    """Bring the database up to date with the plans that ship, where a database is meant."""
    if os.environ.get("ESTIMATOR_PLANS") and not is_meant():
        return
    published = make_ready(open_engine(), lambda words: _log.info("reading plans for the first time", plans=words))
    for problem in published.problems:
        _log.warning("plan file left out", file=problem.file, line=problem.line, message=problem.message)
    if not list_accounts(open_engine()):
        _log.info("nobody can sign in to the staff pages yet", first="estimator accounts add NAME --role admin")
