"""Settings of gunicorn, for several processes on one machine behind a proxy.

`gunicorn -c python:estimator.web.gunicorn_settings 'estimator.web.app:create_app()'` starts them. Each can be given on
the command line too, such as `--workers 4` or `--bind 0.0.0.0:8000`. The database is brought up to date before, by
`estimator db upgrade`, and `estimator work` runs beside.
"""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger
from prometheus_client.multiprocess import mark_process_dead

from estimator.logs import set_up_logs
from estimator.settings import METRICS_FOLDER


class QuietLogger(Logger):
    """Sends what gunicorn says through the filter of our log: its own words hold the path of a request that failed."""

    def setup(self, cfg: Any) -> None:
        """Take away the lines that gunicorn would write by itself."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True
        set_up_logs()


def post_worker_init(_worker: Any) -> None:
    """Get a process ready to answer, once it has loaded the pages; the one that starts them never does."""
    from estimator.web.app import answer_steadily

    answer_steadily()


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the figures that only a process that lives can have."""
    if METRICS_FOLDER.written:
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # of the library


bind = "127.0.0.1:8000"
workers = 2
# Each process answers so many requests at once; most of a page is arithmetic, which threads of one process share.
worker_class = "gthread"
threads = 4
# In seconds: a process that answers nothing for this long is started again.
timeout = 60
graceful_timeout = 30
logger_class = QuietLogger
